# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""Linking that a signed-in user starts, flows after a brokered login and for first ones, and which provider is chosen. Another realm is the provider."""
import base64
import hashlib
import pathlib
import sys
from urllib.parse import parse_qsl, urlencode, urlsplit

import requests

from engine import case

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from upstream import Upstream  # noqa: E402


def links(c, user="alice"):
    c.admin("GET", f"/users/{c.user_id(user)}/federated-identity")


def begin(c, up, **params):
    """Alice, who is signed in, asks for the page about linking. The way to it is the server's own matter."""
    return page_of(c, c.authorize(record=False, **{"kc_action": "idp_link:up", **params}))


def page_of(c, answer):
    return c.get(answer.headers["location"], browser=True, label="required action") if answer.status_code == 302 and answer.headers["location"].startswith(c.base) else answer


def erin_up_there(c, up):
    return requests.get(f"{c.base}/admin/realms/{up.realm}/users?username=erin&exact=true", headers=c._admin.header(), timeout=30).json()[0]["id"]


@case("broker-links/action")
def _(c):
    with Upstream(c) as up:
        c.login()
        page = begin(c, up)
        c.redeem(c.params(up.walk(c.submit(page, **{"continue": "x"})))["code"])
        links(c)
        # once more: the same account, then another one there
        up.walk(c.submit(begin(c, up), **{"continue": "x"}))
        links(c)


@case("broker-links/action-cancelled")
def _(c):
    with Upstream(c) as up:
        c.login()
        up.walk(c.submit(begin(c, up), **{"cancel-aia": "true"}))
        links(c)


@case("broker-links/action-refused")
def _(c):
    with Upstream(c) as up:
        c.login()
        for action in ("idp_link:nothing", "idp_link"):
            begin(c, up, kc_action=action)
        c.authorize(kc_action="nothing")
        links(c)


@case("broker-links/action-denied-there")
def _(c):
    with Upstream(c) as up:
        c.login()
        there = c.submit(begin(c, up), record=False, **{"continue": "x"}).headers["location"]
        state = dict(parse_qsl(urlsplit(there).query))["state"]
        up.walk(c.get(f"/realms/{c.realm}/broker/up/endpoint?" + urlencode({"error": "access_denied", "state": state}), browser=True, label="denied"))
        links(c)


@case("broker-links/action-first-signs-in")
def _(c):
    with Upstream(c) as up:
        page = c.authorize(kc_action="idp_link:up")
        page = page_of(c, c.submit(page, record=False, username="alice", password="wonderland"))
        up.walk(c.submit(page, **{"continue": "x"}))
        links(c)


@case("broker-links/action-somebody-elses")
def _(c):
    with Upstream(c) as up:
        c.quiet("POST", f"/users/{c.user_id('bob')}/federated-identity/up", json={"userId": erin_up_there(c, up), "userName": "erin"})
        c.login()
        up.walk(c.submit(begin(c, up), **{"continue": "x"}))
        links(c)


@case("broker-links/action-without-the-role")
def _(c):
    with Upstream(c) as up:
        alice = c.user_id("alice")
        default = c.admin("GET", f"/users/{alice}/role-mappings/realm", record=False).json()
        c.quiet("DELETE", f"/users/{alice}/role-mappings/realm", json=[role for role in default if role["name"].startswith("default-roles")])
        c.login()
        begin(c, up)


@case("broker-links/other-action")
def _(c):
    """Actions that a client asks for, in general."""
    with Upstream(c) as up:
        c.login()
        page = begin(c, up, kc_action="UPDATE_PASSWORD")
        c.note("page", c.norm.page(page.text))
        up.walk(c.submit(page, **{"cancel-aia": "true"}))
        page = begin(c, up, kc_action="UPDATE_PASSWORD")
        up.walk(c.submit(page, **{"password-new": "looking-glass", "password-confirm": "looking-glass"}))
        begin(c, up, kc_action="UPDATE_PROFILE")
        c.authorize(kc_action="UPDATE_PASSWORD", prompt="none")


def legacy(c, tokens, alias="up", nonce="n-1", client="app", redirect="http://app.test/linked", state=None):
    session = state or tokens["session_state"]
    digest = hashlib.sha256(f"{nonce}{session}{client}{alias}".encode()).digest()
    return c.get(f"/realms/{c.realm}/broker/{alias}/link?" + urlencode({"nonce": nonce, "hash": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(), "client_id": client, "redirect_uri": redirect}),
                 browser=True, label=f"link {alias} {client} {redirect}")


@case("broker-links/legacy")
def _(c):
    with Upstream(c) as up:
        tokens = c.redeem(c.login()["code"], record=False).json()
        for fields in ({"state": "x"}, {"alias": "nothing"}, {"client": "nothing"}, {"redirect": "http://evil.test/"}, {"nonce": "n-2"}):
            up.walk(legacy(c, tokens, **fields))
        up.walk(legacy(c, tokens))
        links(c)
        up.walk(legacy(c, tokens))
        c.browser.cookies.clear()
        up.walk(legacy(c, tokens))


@case("broker-links/after-login-flow")
def _(c):
    with Upstream(c) as up:
        c.quiet("POST", "/authentication/flows", json={"alias": "after", "providerId": "basic-flow", "topLevel": True, "builtIn": False})
        c.quiet("POST", "/authentication/flows/after/executions/execution", json={"provider": "deny-access-authenticator"})
        provider = c.admin("GET", "/identity-provider/instances/up", record=False).json()
        c.quiet("PUT", "/identity-provider/instances/up", json={**provider, "postBrokerLoginFlowAlias": "after"})
        one = c.admin("GET", "/authentication/flows/after/executions", record=False).json()[0]
        c.quiet("PUT", "/authentication/flows/after/executions", json={**one, "requirement": "REQUIRED"})
        up.walk(c.authorize(kc_idp_hint="up"))
        c.note("users", c.admin("GET", "/users?username=erin&exact=true", record=False).json() != [])
        c.browser.cookies.clear()
        up.walk(c.authorize(kc_idp_hint="up"))


@case("broker-links/after-login-flow-passes")
def _(c):
    with Upstream(c) as up:
        c.quiet("POST", "/authentication/flows", json={"alias": "after", "providerId": "basic-flow", "topLevel": True, "builtIn": False})
        c.quiet("POST", "/authentication/flows/after/executions/execution", json={"provider": "allow-access-authenticator"})
        one = c.admin("GET", "/authentication/flows/after/executions", record=False).json()[0]
        c.quiet("PUT", "/authentication/flows/after/executions", json={**one, "requirement": "REQUIRED"})
        provider = c.admin("GET", "/identity-provider/instances/up", record=False).json()
        c.quiet("PUT", "/identity-provider/instances/up", json={**provider, "postBrokerLoginFlowAlias": "after"})
        up.walk(c.authorize(kc_idp_hint="up"))


@case("broker-links/chosen")
def _(c):
    with Upstream(c) as up:
        for hint in ("nothing", "", "up"):
            c.authorize(kc_idp_hint=hint)
        execution = next(e for e in c.admin("GET", "/authentication/flows/browser/executions", record=False).json() if e.get("providerId") == "identity-provider-redirector")
        c.quiet("POST", f"/authentication/executions/{execution['id']}/config", json={"alias": "r", "config": {"defaultProvider": "up"}})
        c.authorize()
        c.authorize(kc_idp_hint="")
        c.authorize(prompt="none")
        c.quiet("PUT", "/identity-provider/instances/up", json={**c.admin("GET", "/identity-provider/instances/up", record=False).json(), "enabled": False})
        c.authorize()
        c.authorize(kc_idp_hint="up")


VARYING = ("code_id", "identity_provider_broker_session_id")


def events(c, label):
    """What has happened since the last look, oldest first; at the upstream realm nobody listens."""
    for number, event in enumerate(c.admin("GET", "/events?direction=asc", record=False).json()):
        event.pop("id")
        event.pop("time")
        for name in ("sessionId", *VARYING):
            holder = event if name == "sessionId" else event.get("details", {})
            if holder.get(name):
                holder[name] = "*"
        c.note(f"{label}: {number + 1}. {event['type']}", event)
    c.quiet("DELETE", "/events")


@case("broker-links/events")
def _(c):
    with Upstream(c) as up:
        c.quiet("PUT", "/events/config", json={"eventsEnabled": True, "eventsListeners": ["jboss-logging"], "enabledEventTypes": []})
        up.walk(c.authorize(record=False, kc_idp_hint="up"), record=False)
        events(c, "first login")
        c.browser.cookies.clear()
        up.walk(c.authorize(record=False, kc_idp_hint="up"), record=False)
        events(c, "again")
        c.browser.cookies.clear()
        answer = c.get(c.authorize(record=False, kc_idp_hint="up").headers["location"], browser=True, record=False)
        state = dict(parse_qsl(urlsplit(answer.headers["location"]).query))["state"]
        back = f"/realms/{c.realm}/broker/up/endpoint?"
        c.get(back + urlencode({"error": "access_denied", "state": state}), browser=True, record=False)
        events(c, "denied")
        answer = c.get(c.authorize(record=False, kc_idp_hint="up").headers["location"], browser=True, record=False)
        state = dict(parse_qsl(urlsplit(answer.headers["location"]).query))["state"]
        c.get(back + urlencode({"code": "nonsense", "state": state}), browser=True, record=False)
        events(c, "bad code")
        answer = c.get(c.authorize(record=False, kc_idp_hint="up").headers["location"], browser=True, record=False)
        state = dict(parse_qsl(urlsplit(answer.headers["location"]).query))["state"]
        c.get(back + urlencode({"error": "server_error", "error_description": "AADSTS1", "state": state}), browser=True, record=False)
        events(c, "error")
        c.get(back + "code=x", browser=True, record=False)
        events(c, "no state")
        c.browser.cookies.clear()
        c.login()
        c.quiet("DELETE", "/events")
        up.walk(c.submit(page_of(c, c.authorize(record=False, kc_action="idp_link:up")), record=False, **{"continue": "x"}), record=False, user="frank")
        events(c, "linked")


@case("broker-links/events-existing")
def _(c):
    with Upstream(c) as up:
        c.quiet("PUT", f"/users/{c.user_id('alice')}", json={"email": "erin@up.test", "firstName": "Alice", "lastName": "L"})
        c.quiet("PUT", "/events/config", json={"eventsEnabled": True, "eventsListeners": ["jboss-logging"], "enabledEventTypes": []})
        page = up.walk(c.authorize(record=False, kc_idp_hint="up"), record=False)
        events(c, "exists")
        page = up.walk(c.submit(page, record=False, submitAction="linkAccount"), record=False)
        events(c, "wrong password")


class Flow:
    """A flow for first logins. A step: (authenticator, requirement[, config]), or ([steps], requirement) for a flow in it."""

    def __init__(self, c, steps):
        self.c, self.count = c, 0
        c.quiet("POST", "/authentication/flows", json={"alias": "first", "providerId": "basic-flow", "topLevel": True, "builtIn": False})
        self.add("first", steps)
        provider = c.admin("GET", "/identity-provider/instances/up", record=False).json()
        c.quiet("PUT", "/identity-provider/instances/up", json={**provider, "firstBrokerLoginFlowAlias": "first"})

    def add(self, alias, steps):
        for what, requirement, *config in steps:
            if isinstance(what, list):
                self.count += 1
                name = f"part {self.count}"
                self.c.quiet("POST", f"/authentication/flows/{alias}/executions/flow", json={"alias": name, "type": "basic-flow", "provider": "registration-page-form", "description": ""})
                self.require(alias, requirement, lambda one: one.get("displayName") == name)
                self.add(name, what)
                continue
            self.c.quiet("POST", f"/authentication/flows/{alias}/executions/execution", json={"provider": what})
            execution = self.require(alias, requirement, lambda one: one.get("providerId") == what)
            for values in config:
                self.c.quiet("POST", f"/authentication/executions/{execution['id']}/config", json={"alias": f"{alias} {what}", "config": values})

    def require(self, alias, requirement, is_it):
        execution = [one for one in self.c.admin("GET", f"/authentication/flows/{alias}/executions", record=False).json() if is_it(one)][-1]
        self.c.quiet("PUT", f"/authentication/flows/{alias}/executions", json={**execution, "requirement": requirement})
        return execution


def users(c):
    c.note("users", sorted(user["username"] for user in c.admin("GET", "/users", record=False).json()))


@case("broker-flows/second-factor-for-new-users")
def _(c):
    """Who is new is asked to set one up, where the flow requires it of them."""
    with Upstream(c) as up:
        Flow(c, [("idp-create-user-if-unique", "REQUIRED"),
                 ([("conditional-user-role", "REQUIRED", {"condUserRole": "offline_access"}), ("auth-otp-form", "REQUIRED")], "CONDITIONAL")])
        answer = up.walk(c.authorize(kc_idp_hint="up", record=False), record=False)
        c.note("asks to set it up", "totpSecret" in answer.text)
        users(c)


@case("broker-flows/condition-denies")
def _(c):
    """Who is new and lacks a role is refused."""
    with Upstream(c) as up:
        Flow(c, [("idp-create-user-if-unique", "REQUIRED"),
                 ([("conditional-user-role", "REQUIRED", {"condUserRole": "boss", "negate": "true"}),
                   ("deny-access-authenticator", "REQUIRED", {"denyErrorMessage": "Not you"})], "CONDITIONAL")])
        up.walk(c.authorize(kc_idp_hint="up"))


@case("broker-flows/condition-does-not-hold")
def _(c):
    with Upstream(c) as up:
        Flow(c, [("idp-create-user-if-unique", "REQUIRED"),
                 ([("conditional-user-role", "REQUIRED", {"condUserRole": "boss"}), ("deny-access-authenticator", "REQUIRED")], "CONDITIONAL")])
        up.walk(c.authorize(kc_idp_hint="up"))
        users(c)


@case("broker-flows/links-alone")
def _(c):
    """A flow that links and makes nobody."""
    with Upstream(c) as up:
        Flow(c, [("idp-detect-existing-broker-user", "REQUIRED"), ("idp-auto-link", "REQUIRED")])
        up.walk(c.authorize(kc_idp_hint="up"))
        users(c)
        c.browser.cookies.clear()
        alice = c.user_id("alice")
        user = c.admin("GET", f"/users/{alice}", record=False).json()
        c.quiet("PUT", f"/users/{alice}", json={**user, "email": "frank@up.test"})
        up.walk(c.authorize(kc_idp_hint="up"), user="frank")
        links(c)


@case("broker-flows/password-without-question")
def _(c):
    """Who is here already proves it at once, in a flow within the flow."""
    with Upstream(c) as up:
        Flow(c, [([("idp-create-user-if-unique", "ALTERNATIVE"), ([("idp-username-password-form", "REQUIRED")], "ALTERNATIVE")], "REQUIRED")])
        alice = c.user_id("alice")
        user = c.admin("GET", f"/users/{alice}", record=False).json()
        c.quiet("PUT", f"/users/{alice}", json={**user, "email": "erin@up.test"})
        page = up.walk(c.authorize(kc_idp_hint="up"))
        page = c.submit(page, username="alice", password="nonsense")
        up.walk(c.submit(page, username="alice", password="wonderland"))
        links(c)


@case("broker-flows/nothing-applies")
def _(c):
    with Upstream(c) as up:
        Flow(c, [("idp-auto-link", "ALTERNATIVE"), ("idp-confirm-link", "ALTERNATIVE")])
        up.walk(c.authorize(kc_idp_hint="up"))
        users(c)


@case("broker-flows/review-again")
def _(c):
    """Whose address is taken looks over the profile again, and is somebody new with another one."""
    with Upstream(c) as up:
        alice = c.user_id("alice")
        user = c.admin("GET", f"/users/{alice}", record=False).json()
        c.quiet("PUT", f"/users/{alice}", json={**user, "email": "erin@up.test"})
        page = up.walk(c.authorize(kc_idp_hint="up"))
        page = c.submit(page, submitAction="updateProfile")
        up.walk(c.submit(page, username="erin", email="erin@other.test", firstName="Erin", lastName="Up"))
        users(c)


@case("logout-front/with-upstream")
def _(c):
    with Upstream(c) as up:
        c.quiet("POST", "/clients", json={"clientId": "one", "publicClient": True, "redirectUris": ["http://app.test/*"], "frontchannelLogout": True,
                                          "attributes": {"post.logout.redirect.uris": "+", "frontchannel.logout.url": "http://one.test/out"}})
        answer = up.walk(c.authorize(client_id="one", kc_idp_hint="up", record=False), record=False)
        tokens = c.token(client="one", secret=None, grant_type="authorization_code", redirect_uri="http://app.test/cb", code=c.params(answer)["code"]).json()
        answer = up.walk(c.get("logout?" + urlencode({"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": "http://app.test/bye", "state": "s"}), browser=True, label="logout"))
        c.note("told", "http://one.test/out?sid=" in answer.text and "http://app.test/bye?state=s" in answer.text)
