# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""Signing in where a realm has organizations: the name first, then the password or the organization's identity provider; and who becomes a member by that."""
import pathlib
import sys

import requests

from engine import case, decode_jwt

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from upstream import Upstream  # noqa: E402


def enable(c, **settings):
    c.quiet("PUT", "", json={"organizationsEnabled": True, **settings})


def organization(c, name, *domains, members=(), **more):
    c.quiet("POST", "/organizations", json={"name": name, "domains": [{"name": one} for one in domains], **more})
    made = next(one["id"] for one in c.admin("GET", "/organizations?max=100", record=False).json() if one["name"] == name)
    for user in members:
        c.quiet("POST", f"/organizations/{made}/members", json=c.user_id(user))
    return made


def provider(c, owner, alias="corp", **config):
    """A provider that nobody answers for: where the browser is sent is all that is seen of it."""
    hide = config.pop("hide", False)
    c.quiet("POST", "/identity-provider/instances", json={"alias": alias, "displayName": alias.title(), "providerId": "oidc", "enabled": config.pop("enabled", True), "hideOnLogin": hide, "config": {
        "clientId": "x", "clientSecret": "y", "authorizationUrl": f"https://{alias}.test/a", "tokenUrl": f"https://{alias}.test/t", **{name.replace("_", "."): value for name, value in config.items()}}})
    if owner:
        c.quiet("POST", f"/organizations/{owner}/identity-providers", json=alias)


DOMAIN, MATCHES = "kc_org_domain", "kc_org_broker_redirect_mode_email-matches"


def where(c, label, answer, **fields):
    """Where the browser is sent, by how many redirects ever; or the page that it is shown."""
    for _ in range(6):
        if answer.status_code not in (302, 303) or not answer.headers["location"].startswith(c.base):
            break
        answer = c.get(answer.headers["location"], browser=True, record=False)
    if answer.status_code in (302, 303):
        address, _, query = answer.headers["location"].partition("?")
        c.note(label, {"status": answer.status_code, "address": address, **{name: value for name, value in c.params(answer).items() if name in ("login_hint", "error", "error_description")}})
    else:
        step = {**c.transcript(label, answer), "headers": {}, "cookies": []}
        if "kc.org" in answer.text:  # Keycloak's page has no heading
            step["page"]["messages"] = [one for one in step["page"]["messages"] if one[0] != "kc-page-title"]
        c.steps.append(step)
    return answer


def redeem(c, answer):
    """What the tokens say of it. Keycloak's refresh token has it too, which is its own matter."""
    got = c.redeem(c.params(answer)["code"], record=False).json()
    c.note("tokens", [got["scope"].split()] + [{name: decode_jwt(got[kind])[1].get(name) for name in ("organization", "acr")} for kind in ("access_token", "id_token")])


def asked(c, label, username, **params):
    """The first page, with that name posted."""
    return where(c, label, c.submit(c.authorize(record=False, **params), record=False, username=username))


@case("org-login/first-page")
def _(c):
    enable(c)
    c.authorize()
    c.browser.cookies.clear()
    organization(c, "acme", "acme.test")
    page = c.authorize()
    page = c.submit(page, username="alice")
    redeem(c, c.submit(page, password="wonderland"))
    c.authorize()
    c.authorize(prompt="login")


@case("org-login/names")
def _(c):
    enable(c)
    organization(c, "acme", "acme.test", members=["bob"])
    organization(c, "gone", "gone.test", enabled=False)
    for name in ("alice", "ALICE@Example.test", "carol", "nobody", "", "nobody@example.test", "nobody@acme.test", "bob", "bob@gone.test", "nobody@gone.test", "service-account-echo", "a" * 300, "nobody@sub.acme.test"):
        asked(c, name[:30], name)
    where(c, "no name at all", c.submit(c.authorize(record=False), record=False))


@case("org-login/wrong-password")
def _(c):
    enable(c, rememberMe=True, registrationAllowed=True, resetPasswordAllowed=True)
    organization(c, "acme", "acme.test", members=["bob"])
    page = asked(c, "bob", "bob")
    page = where(c, "wrong", c.submit(page, record=False, password="no"))
    where(c, "right", c.submit(page, record=False, password="canwefixit"))
    c.browser.cookies.clear()
    page = asked(c, "nobody", "nobody")
    page = where(c, "another one", c.submit(page, record=False, username="alice", password="wonderland"))
    c.browser.cookies.clear()
    where(c, "options", c.authorize(record=False))


@case("org-login/login-hint")
def _(c):
    enable(c)
    acme = organization(c, "acme", "acme.test", members=["bob"])
    provider(c, acme, **{DOMAIN: "acme.test", MATCHES: "true"})
    for hint in ("alice", "bob@example.test", "nobody", "nobody@acme.test", "nobody@other.test", ""):
        c.browser.cookies.clear()
        where(c, hint, c.authorize(record=False, login_hint=hint))


@case("org-login/domain-leads-to-provider")
def _(c):
    enable(c)
    acme = organization(c, "acme", "acme.test", "second.test")
    provider(c, acme, **{DOMAIN: "acme.test", MATCHES: "true"})
    asked(c, "its domain", "nobody@acme.test")
    asked(c, "in other letters", "Nobody@ACME.Test")
    asked(c, "the organization's other domain", "nobody@second.test")
    asked(c, "below it", "nobody@sub.acme.test")
    asked(c, "none", "nobody@other.test")
    asked(c, "no address", "nobody")
    c.quiet("PUT", f"/users/{c.user_id('bob')}", json={"email": "bob@acme.test"})
    asked(c, "a user who is no member", "bob@acme.test")
    asked(c, "by name", "bob")
    c.quiet("POST", f"/organizations/{acme}/members", json=c.user_id("bob"))
    asked(c, "a member", "bob@acme.test")
    asked(c, "a member by name", "bob")
    c.quiet("POST", f"/users/{c.user_id('bob')}/federated-identity/corp", json={"userId": "1", "userName": "bob"})
    asked(c, "a member who is linked", "bob@acme.test")
    c.quiet("PUT", f"/users/{c.user_id('alice')}", json={"email": "alice@acme.test"})
    c.quiet("POST", f"/users/{c.user_id('alice')}/federated-identity/corp", json={"userId": "2", "userName": "alice"})
    asked(c, "no member, but linked", "alice@acme.test")


@case("org-login/users-without-password")
def _(c):
    """Whoever has something to sign in with here is not sent away."""
    enable(c)
    acme = organization(c, "acme", "acme.test", "second.test")
    provider(c, acme, loginHint="true", **{DOMAIN: "acme.test", MATCHES: "true"})
    for name, email in (("dora", "dora@acme.test"), ("emil", "emil@second.test"), ("finn", "finn@other.test")):
        c.quiet("POST", "/users", json={"username": name, "email": email, "enabled": True})
        asked(c, f"{name}, no member", email)
        c.quiet("POST", f"/organizations/{acme}/members", json=c.user_id(name))
        asked(c, f"{name}, a member", email)
        asked(c, f"{name}, by name", name)
        c.quiet("POST", f"/users/{c.user_id(name)}/federated-identity/corp", json={"userId": name, "userName": name})
        asked(c, f"{name}, linked", name)
        asked(c, f"{name}, for the organization", name, scope="openid organization:acme")
    c.quiet("PUT", f"/users/{c.user_id('dora')}", json={"enabled": False})
    asked(c, "disabled", "dora@acme.test")


@case("org-login/provider-does-not-redirect")
def _(c):
    enable(c)
    acme = organization(c, "acme", "acme.test", members=["bob"])
    provider(c, acme, **{DOMAIN: "acme.test", MATCHES: "false"})
    provider(c, acme, alias="plain")
    provider(c, acme, alias="secret", hide=True)
    provider(c, acme, alias="off", enabled=False)
    provider(c, None, alias="public")
    where(c, "first page", c.authorize(record=False))
    asked(c, "its domain", "nobody@acme.test")
    asked(c, "another", "nobody@other.test")
    asked(c, "a member", "bob")
    asked(c, "no member", "alice")


@case("org-login/any-domain")
def _(c):
    enable(c)
    acme = organization(c, "acme", "acme.test", "second.test", members=["bob"])
    provider(c, acme, **{DOMAIN: "ANY", MATCHES: "true"})
    for name in ("nobody@acme.test", "nobody@second.test", "nobody@other.test", "bob", "alice"):
        asked(c, name, name)


@case("org-login/provider-hidden-or-off")
def _(c):
    enable(c)
    acme = organization(c, "acme", "acme.test")
    provider(c, acme, hide=True, **{DOMAIN: "acme.test", MATCHES: "true"})
    asked(c, "hidden", "nobody@acme.test")
    rep = c.admin("GET", "/identity-provider/instances/corp", record=False).json()
    c.quiet("PUT", "/identity-provider/instances/corp", json={**rep, "enabled": False})
    asked(c, "off", "nobody@acme.test")
    c.quiet("PUT", "/identity-provider/instances/corp", json={**rep, "enabled": True, "linkOnly": True})
    asked(c, "link only", "nobody@acme.test")
    c.quiet("PUT", "/identity-provider/instances/corp", json=rep)
    c.quiet("PUT", f"/organizations/{acme}", json={"name": "acme", "domains": [{"name": "acme.test"}], "enabled": False})
    asked(c, "the organization is off", "nobody@acme.test")
    where(c, "a hint", c.authorize(record=False, kc_idp_hint="corp"))
    enable(c, organizationsEnabled=False)
    where(c, "no organizations any more", c.authorize(record=False))


@case("org-login/provider-off")
def _(c):
    enable(c)
    acme = organization(c, "acme", "acme.test", members=["bob"])
    provider(c, acme, enabled=False, **{DOMAIN: "acme.test", MATCHES: "true"})
    for name in ("nobody@acme.test", "bob", "alice", "nobody", "nobody@other.test"):
        c.browser.cookies.clear()
        asked(c, name, name)
    provider(c, acme, alias="on", **{DOMAIN: "acme.test", MATCHES: "false"})
    c.browser.cookies.clear()
    asked(c, "beside one that is on", "nobody@acme.test")


@case("org-login/scope-names-one")
def _(c):
    enable(c)
    acme = organization(c, "acme", "acme.test", members=["bob"])
    other = organization(c, "other", "other.test", members=["bob"])
    provider(c, acme, alias="acmes", **{DOMAIN: "acme.test", MATCHES: "true"})
    provider(c, acme, alias="public")
    provider(c, other, alias="others", **{DOMAIN: "other.test", MATCHES: "true"})
    for scope in ("openid organization:acme", "openid organization:other", "openid organization", "openid organization:*"):
        c.browser.cookies.clear()
        where(c, scope, c.authorize(record=False, scope=scope))
        for name in ("nobody@acme.test", "nobody@other.test", "nobody", "alice", "bob"):
            c.browser.cookies.clear()
            asked(c, f"{name} for {scope}", name, scope=scope)


@case("org-login/one-of-several")
def _(c):
    """Whoever belongs to several chooses, and the token names the one."""
    enable(c)
    for name in ("acme", "beta"):
        organization(c, name, f"{name}.test", members=["bob"])
    page = asked(c, "bob", "bob", scope="openid organization")
    page = where(c, "one that he is not in", c.submit(page, record=False, **{"kc.org": "nothing"}))
    c.browser.cookies.clear()
    page = asked(c, "again", "bob", scope="openid organization")
    page = where(c, "chosen", c.submit(page, record=False, **{"kc.org": "beta"}))
    page = where(c, "another one then", c.submit(page, record=False, index=1, switchOrganization="true"))
    page = where(c, "the same after all", c.submit(page, record=False, **{"kc.org": "beta"}))
    redeem(c, c.submit(page, record=False, password="canwefixit"))
    again = c.authorize(record=False, scope="openid organization", prompt="login")
    where(c, "signed in, to do so again", again)
    page = where(c, "signed in", c.authorize(record=False, scope="openid organization"))
    answer = where(c, "chosen, signed in", c.submit(page, record=False, **{"kc.org": "acme"}))
    redeem(c, answer)
    redeem(c, where(c, "one by name", c.authorize(record=False, scope="openid organization:beta")))
    redeem(c, where(c, "all", c.authorize(record=False, scope="openid organization:*")))
    where(c, "not signed in", c.authorize(record=False, scope="openid organization", prompt="none"))


@case("org-login/one-alone")
def _(c):
    enable(c)
    organization(c, "acme", "acme.test", members=["bob"])
    page = asked(c, "bob", "bob", scope="openid organization")
    redeem(c, where(c, "right", c.submit(page, record=False, password="canwefixit")))
    redeem(c, where(c, "signed in", c.authorize(record=False, scope="openid organization")))
    where(c, "silently", c.authorize(record=False, scope="openid organization", prompt="none"))
    where(c, "again", c.authorize(record=False, scope="openid organization", prompt="login"))


@case("org-login/signed-in")
def _(c):
    """Whoever is signed in and belongs to none, or not to the one that is asked for."""
    enable(c)
    acme = organization(c, "acme", "acme.test", members=["bob"])
    provider(c, acme, **{DOMAIN: "acme.test", MATCHES: "true"})
    c.submit(c.submit(c.authorize(record=False), record=False, username="alice"), record=False, password="wonderland")
    for scope in ("openid organization", "openid organization:acme", "openid organization:*"):
        where(c, scope, c.authorize(record=False, scope=scope))
        where(c, scope + ", silently", c.authorize(record=False, scope=scope, prompt="none"))
    enable(c, organizationsEnabled=False)
    c.browser.cookies.clear()
    where(c, "no organizations any more", c.authorize(record=False))
    where(c, "and a hint", c.authorize(record=False, kc_idp_hint="corp"))


def requires_membership(c):
    rows = c.admin("GET", "/authentication/flows/browser/executions", record=False).json()
    step = next(row for row in rows if row.get("providerId") == "organization")
    c.quiet("POST", f"/authentication/executions/{step['id']}/config", json={"alias": "members", "config": {"requiresUserMembership": "true"}})


@case("org-login/membership-required")
def _(c):
    enable(c)
    requires_membership(c)
    acme = organization(c, "acme", "acme.test", members=["bob"])
    for name in ("bob", "alice", "nobody", "nobody@acme.test"):
        for scope in ("openid", "openid organization:acme", "openid organization"):
            c.browser.cookies.clear()
            asked(c, f"{name} for {scope}", name, scope=scope)
    c.browser.cookies.clear()
    page = asked(c, "bob", "bob")
    where(c, "right", c.submit(page, record=False, password="canwefixit"))
    where(c, "signed in, for one", c.authorize(record=False, scope="openid organization:acme"))
    c.quiet("DELETE", f"/organizations/{acme}/members/{c.user_id('bob')}")
    where(c, "no member any more", c.authorize(record=False, scope="openid organization:acme"))


def members(c, made, label):
    c.note(label, sorted([one["username"], one["membershipType"], one.get("email")] for one in c.admin("GET", f"/organizations/{made}/members", record=False).json()))


def users(c, label):
    c.note(label, sorted(one["username"] for one in c.admin("GET", "/users", record=False).json()))


def owned(c, made):
    c.quiet("POST", f"/organizations/{made}/identity-providers", json="up")


@case("org-login/becomes-member")
def _(c):
    with Upstream(c, {"kc.org.domain": "up.test", "kc.org.broker.redirect.mode.email-matches": "true"}) as up:
        enable(c)
        acme = organization(c, "acme", "up.test")
        owned(c, acme)
        answer = up.walk(c.submit(c.authorize(record=False, scope="openid organization"), record=False, username="erin@up.test"), record=False)
        redeem(c, answer)
        members(c, acme, "members")
        c.browser.cookies.clear()
        answer = up.walk(c.submit(c.authorize(record=False), record=False, username="erin"), record=False)
        where(c, "by name", answer)
        c.quiet("DELETE", f"/organizations/{acme}")
        users(c, "without the organization")


@case("org-login/becomes-member-by-hint")
def _(c):
    """Not by way of the domain: by a link to the provider."""
    with Upstream(c, {"kc.org.domain": "up.test"}) as up:
        enable(c)
        acme = organization(c, "acme", "up.test")
        owned(c, acme)
        where(c, "hint", up.walk(c.authorize(record=False, kc_idp_hint="up"), record=False))
        members(c, acme, "members")
        erin = c.user_id("erin")
        c.admin("DELETE", f"/organizations/{acme}/members/{erin}")
        users(c, "without the member")


@case("org-login/existing-user-is-linked")
def _(c):
    with Upstream(c, {"kc.org.domain": "up.test", "kc.org.broker.redirect.mode.email-matches": "true"}) as up:
        enable(c)
        acme = organization(c, "acme", "up.test")
        owned(c, acme)
        c.quiet("PUT", f"/users/{c.user_id('alice')}", json={"email": "erin@up.test", "firstName": "A", "lastName": "L"})
        asked(c, "by the address", "erin@up.test")
        page = where(c, "exists", up.walk(c.authorize(record=False, kc_idp_hint="up"), record=False))
        page = where(c, "link", c.submit(page, record=False, submitAction="linkAccount"))
        where(c, "password", c.submit(page, record=False, username="alice", password="wonderland"))
        members(c, acme, "members")
        c.quiet("DELETE", f"/organizations/{acme}")
        users(c, "without the organization")


@case("org-login/managed-address")
def _(c):
    """A managed member's address is of the organization's domains, whoever changes it; an unmanaged one's is not its matter."""
    with Upstream(c, {"kc.org.domain": "up.test"}) as up:
        enable(c, editUsernameAllowed=True)
        acme = organization(c, "acme", "up.test", "second.test", members=("alice",))
        owned(c, acme)
        up.walk(c.authorize(record=False, kc_idp_hint="up"), record=False)
        erin = c.user_id("erin")
        c.quiet("PUT", f"/users/{erin}/reset-password", json={"type": "password", "value": "erin-knows", "temporary": False})
        token = c.password("erin", "erin-knows")["access_token"]

        def changed(**fields):
            answer = c.admin("PUT", f"/users/{erin}", record=False, json=fields)
            c.note(f"administrator {fields}", [answer.status_code, answer.text and answer.json(), c.admin("GET", f"/users/{erin}", record=False).json().get("email")])
            own = requests.get(f"{c.base}/realms/{c.realm}/account", headers={"Authorization": "Bearer " + token, "Accept": "application/json"}, timeout=30).json()
            answer = requests.post(f"{c.base}/realms/{c.realm}/account", headers={"Authorization": "Bearer " + token, "Accept": "application/json"}, json={**own, **fields}, timeout=30)
            c.note(f"themselves {fields}", [answer.status_code, answer.text and answer.json()])

        for address in ("erin@evil.test", "erin@sub.up.test", "erin@SECOND.test", "erin@up.test", ""):
            changed(email=address)
        changed(firstName="Erin")
        changed(email="erin@second.test", username="erin@evil.test")
        answer = c.admin("PUT", f"/users/{c.user_id('alice')}", record=False, json={"email": "alice@evil.test"})
        c.note("unmanaged", answer.status_code)
        c.quiet("PUT", f"/organizations/{acme}", json={"name": "acme", "domains": [{"name": "third.test"}]})
        changed(lastName="Managed")
        members(c, acme, "members")


def wrong_domain(c, config):
    """The provider sends somebody whose address is of another domain."""
    with Upstream(c, config) as up:
        enable(c)
        acme = organization(c, "acme", "acme.test")
        owned(c, acme)
        page = where(c, "first login", up.walk(c.authorize(record=False, kc_idp_hint="up"), record=False))
        if page.status_code == 200:
            page = where(c, "as it is", c.submit(page, record=False, username="erin", email="erin@up.test", firstName="E", lastName="U"))
            where(c, "as it must be", c.submit(page, record=False, username="erin", email="erin@acme.test", firstName="E", lastName="U"))
        members(c, acme, "members")
        users(c, "users")


@case("org-login/wrong-domain")
def _(c):
    wrong_domain(c, {"kc.org.domain": "acme.test"})


@case("org-login/wrong-domain-of-any")
def _(c):
    wrong_domain(c, {"kc.org.domain": "ANY"})


@case("org-login/no-domain")
def _(c):
    wrong_domain(c, {})


@case("org-login/organization-off")
def _(c):
    with Upstream(c, {"kc.org.domain": "up.test"}) as up:
        enable(c)
        acme = organization(c, "acme", "up.test")
        owned(c, acme)
        where(c, "on", up.walk(c.authorize(record=False, kc_idp_hint="up"), record=False))
        c.quiet("PUT", f"/organizations/{acme}", json={"name": "acme", "domains": [{"name": "up.test"}], "enabled": False})
        c.browser.cookies.clear()
        where(c, "off, known", up.walk(c.authorize(record=False, kc_idp_hint="up"), record=False))
        asked(c, "off, by address", "erin@up.test")
        c.browser.cookies.clear()
        where(c, "off, new", up.walk(c.authorize(record=False, kc_idp_hint="up"), user="frank", record=False))
        members(c, acme, "members")
        c.note("erin gets tokens", c.password("erin", "no").get("error_description"))
