#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""Signing in by an identity provider, which is another realm of the same server: first login, linking, coming again, what goes wrong."""
import json
import os
import re
import sys
from html import unescape
from urllib.parse import urlencode

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from latchkey import Browser, Server, Tap, claims  # noqa: E402
from mail_sink import Sink  # noqa: E402

tap, server = Tap(), Server(realms=())
HOME, UP = server.base + "/realms/home", server.base + "/realms/up"
PEOPLE = [("erin", {"email": "erin@up.test", "emailVerified": True, "firstName": "Erin", "lastName": "Up"}),
          ("alice", {"email": "alice@example.test", "emailVerified": True, "firstName": "Alice", "lastName": "Up"}),
          ("nomail", {"firstName": "No", "lastName": "Mail"})]


def person(name, more, password):
    return {"username": name, "enabled": True, "credentials": [{"type": "password", "value": password}], **more}


def make_realms(more={}, names=("up", "home"), **config):
    for realm in names:
        server.admin("DELETE", "/realms/" + realm)
    optional_email = {"defaultClientScopes": ["basic", "profile"], "optionalClientScopes": ["email"]}
    # of the provider nobody is asked for what is missing there
    profile = {"attributes": [{"name": name, "permissions": {"view": ["admin", "user"], "edit": ["admin", "user"]}}
                              for name in ("username", "email", "firstName", "lastName")]}
    component = {"org.keycloak.userprofile.UserProfileProvider": [
        {"name": "p", "providerId": "declarative-user-profile", "config": {"kc.user.profile.config": [json.dumps(profile)]}}]}
    up = {"realm": "up", "enabled": True, "sslRequired": "none", "users": [person(name, more, "upstream") for name, more in PEOPLE], "components": component,
          "clients": [{"clientId": "broker", "secret": "s", "redirectUris": [HOME + "/broker/up/endpoint*"], **optional_email,
                       "attributes": {"backchannel.logout.url": HOME + "/protocol/openid-connect/logout/backchannel-logout"}}]}
    oidc = UP + "/protocol/openid-connect"
    provider = {"alias": "up", "displayName": "Upstream", "providerId": "oidc", "enabled": True, "trustEmail": True, "config": {
        "clientId": "broker", "clientSecret": "s", "issuer": UP, "authorizationUrl": oidc + "/auth", "tokenUrl": oidc + "/token", "jwksUrl": oidc + "/certs",
        "userInfoUrl": oidc + "/userinfo", "logoutUrl": oidc + "/logout", "validateSignature": "true", "useJwksUrl": "true", "pkceEnabled": "true", "pkceMethod": "S256", "defaultScope": "openid email", "syncMode": "IMPORT", **config}, **more}
    alice = person("alice", {"email": "alice@example.test", "firstName": "Alice", "lastName": "A"}, "wonderland1")
    home = {"realm": "home", "enabled": True, "sslRequired": "none", "users": [alice], "identityProviders": [provider],
            "clients": [{"clientId": "app", "secret": "s", "redirectUris": ["http://app.test/*"], "defaultClientScopes": ["basic", "profile", "email", "roles"],
                         "attributes": {"post.logout.redirect.uris": "+"}}]}
    for realm in (up, home):
        if realm["realm"] not in names:
            continue
        made = server.admin("POST", "/realms", realm)
        assert made.status == 201, made.text


def authorize(browser, **more):
    return browser.get(HOME + "/protocol/openid-connect/auth?" + urlencode(
        {"client_id": "app", "response_type": "code", "scope": "openid", "redirect_uri": "http://app.test/cb", "state": "s", **more}))


def walk(browser, answer, user="erin", until="http://app.test"):
    """Follows redirects, signs in at the provider where it asks, and stops at a page or at the client."""
    seen = []
    for _ in range(15):
        if answer.status in (302, 303):
            seen.append(answer.headers["location"])
            if seen[-1].startswith(until):
                break
            answer = browser.get(seen[-1])
        elif answer.url.startswith(UP) and 'id="kc-form-login"' in answer.text:
            answer = browser.submit(answer, username=user, password="upstream")
        else:
            break
    return answer, seen


def sign_in(user="erin", browser=None, **more):
    browser = browser or Browser()
    answer, _ = walk(browser, authorize(browser, kc_idp_hint="up", **more), user)
    return answer


def tokens_of(answer):
    form = {"grant_type": "authorization_code", "code": answer.location().get("code", ""), "redirect_uri": "http://app.test/cb", "client_id": "app", "client_secret": "s"}
    return Browser().request("POST", HOME + "/protocol/openid-connect/token", form).json()


def refresh(token):
    form = {"grant_type": "refresh_token", "refresh_token": token, "client_id": "app", "client_secret": "s"}
    return Browser().request("POST", HOME + "/protocol/openid-connect/token", form)


def who(answer):
    return claims(tokens_of(answer)["access_token"])


try:
    make_realms()
    browser = Browser()
    page = authorize(browser)
    tap.ok('id="social-up"' in page.text and "/realms/home/broker/up/login?" in page.text, "the login page has the provider's button")
    answer, seen = walk(browser, authorize(browser, kc_idp_hint="up"))
    tap.ok(any("/realms/home/login-actions/first-broker-login" in url for url in seen) and any("/realms/home/broker/after-first-broker-login" in url for url in seen),
           "the first login goes by Keycloak's addresses", seen)
    erin = who(answer)
    tap.is_((erin["preferred_username"], erin["email"], erin["email_verified"], erin["name"]), ("erin", "erin@up.test", True, "Erin Up"), "who it is comes from there")
    tap.is_(who(sign_in())["sub"], erin["sub"], "the second time it is the same user")

    page = sign_in("alice", browser := Browser())
    tap.ok("User with email alice@example.test already exists" in page.text, "an address that somebody has here is not taken over")
    page = browser.submit(page, submitAction="linkAccount")
    wrong = browser.submit(page, username="alice", password="nonsense")
    tap.ok("Invalid username or password." in wrong.text, "linking asks for the password here")
    jump = browser.get(HOME + "/broker/after-first-broker-login?" + wrong.text.split("first-broker-login?")[1].split('"')[0].replace("&amp;", "&"))
    tap.ok(jump.status == 200 and 'id="kc-form-login"' in jump.text, "which cannot be jumped over")
    linked, _ = walk(browser, browser.submit(wrong, username="alice", password="wonderland1"))
    alice = who(linked)
    tap.is_((alice["preferred_username"], alice["name"]), ("alice", "Alice A"), "the right one links")
    tap.is_(who(sign_in("alice"))["sub"], alice["sub"], "and nobody asks again")

    # a browser has one session: what another tab has signed in with meanwhile is gone on with, and is in nobody else's way
    server.admin("PUT", "/realms/home", {"eventsEnabled": True})
    server.admin("POST", "/realms/home/users", person("bob", {"email": "bob@example.test", "firstName": "Bob", "lastName": "B"}, "builder"))

    def beside(user, password, upstream):
        """In one tab signs in at the provider, in another here, and then goes on in the first."""
        browser = Browser()
        page = authorize(browser)
        _, seen = walk(browser, authorize(browser, kc_idp_hint="up"), upstream, until=HOME + "/broker/up/endpoint")
        own = tokens_of(browser.submit(page, username=user, password=password))
        return browser, claims(own["id_token"]), walk(browser, browser.get(seen[-1]))[0]

    def sessions(user):
        return [session["id"] for session in server.admin("GET", f"/realms/home/users/{user}/sessions").json()]

    browser, own, answer = beside("alice", "wonderland1", "alice")
    joined = tokens_of(answer)
    tap.is_((claims(joined["id_token"])["sid"], sessions(alice["sub"]).count(own["sid"])), (own["sid"], 1), "a login by the provider joins the session of another tab")
    out, seen = walk(browser, browser.get(HOME + "/protocol/openid-connect/logout?" + urlencode({"id_token_hint": joined["id_token"], "post_logout_redirect_uri": "http://app.test/bye"})))
    tap.ok(seen[-1].startswith("http://app.test/bye") and any(url.startswith(UP) for url in seen) and own["sid"] not in sessions(alice["sub"]), "and signing out of that goes by the provider", seen)
    _, bob, answer = beside("bob", "builder", "alice")
    tap.ok(answer.status == 400 and "You are already authenticated as different user &#39;bob&#39; in this session. Please sign out first." in answer.text, "where the session is another user's, it ends with a page", answer.text)
    event = server.admin("GET", "/realms/home/events?max=1").json()[0]
    tap.is_([event["type"], event["error"], event["userId"], event["details"]["previous_user"]], ["IDENTITY_PROVIDER_LOGIN_ERROR", "different_user_authenticated", alice["sub"], bob["sub"]], "which is told")
    browser, _, page = beside("bob", "builder", "nomail")
    answer, _ = walk(browser, browser.submit(page, username="nomail", email="no@mail.test", firstName="No", lastName="Mail"))
    tap.is_((answer.status, server.admin("GET", "/realms/home/users?username=nomail").json()), (400, []), "and nobody is made who could not go on")

    page = sign_in("nomail", browser := Browser())
    tap.ok('id="kc-idp-review-profile-form"' in page.text and "did not give your e-mail address" in page.text, "a missing address is asked for, and said why")
    page = browser.submit(page, username="nomail", email="nonsense", firstName="No", lastName="Mail")
    tap.ok("Invalid email address." in page.text, "it has to be one")
    answer, _ = walk(browser, browser.submit(page, username="nomail", email="no@mail.test", firstName="No", lastName="Mail"))
    tap.is_(who(answer)["email_verified"], False, "what somebody types in is not verified")

    browser = Browser()
    _, seen = walk(browser, authorize(browser, kc_idp_hint="up"), until=HOME + "/broker/up/endpoint")
    back = seen[-1]
    stranger = Browser().get(back)
    tap.ok(stranger.status == 400 and "Invalid Request" in stranger.text, "another browser cannot come back with this one's code")
    tap.is_(browser.get(back).status, 302, "this one can")
    again = browser.get(back)
    tap.ok(again.status == 400 and "no longer valid" in again.text, "once")
    denied = browser.get(seen[-1].split("?")[0] + "?error=access_denied&state=" + seen[-1].split("state=")[1].split("&")[0])
    tap.ok(denied.status == 200 and "Access denied when authenticating with Upstream" in denied.text, "a refusal shows the login page", denied.text)
    tap.is_(browser.get(HOME + "/broker/nothing/endpoint?state=x&code=y").status, 404, "an unknown provider")
    tap.is_(browser.get(HOME + "/broker/up/endpoint?code=y").status, 400, "no state")

    make_realms({"storeToken": True, "addReadTokenRoleOnCreate": True})
    tokens = tokens_of(sign_in(browser=(browser := Browser())))
    stored = Browser().get(HOME + "/broker/up/token", headers={"Authorization": "Bearer " + tokens["access_token"]})
    tap.ok(stored.status == 200 and claims(stored.json()["access_token"])["iss"] == UP and stored.json()["accessTokenExpiration"] > 0, "what the provider gave can be read", stored.text)
    tap.is_(Browser().get(HOME + "/broker/up/token").status, 400, "with a token")
    answer = browser.get(HOME + "/protocol/openid-connect/logout?" + urlencode(
        {"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": "http://app.test/bye", "state": "z"}))
    tap.ok(answer.headers["location"].startswith(UP + "/protocol/openid-connect/logout?"), "signing out goes to the provider", answer.headers)
    tap.is_(refresh(tokens["refresh_token"]).status, 400, "when the session here is gone already")
    answer, seen = walk(browser, answer)
    tap.ok("/realms/home/broker/up/endpoint/logout_response" in seen[-2] and seen[-1] == "http://app.test/bye?state=z", "and comes back to the client", seen)
    tap.ok(not browser.cookies or not any(name == "KEYCLOAK_IDENTITY" for _, name in browser.cookies), "nobody is signed in at either", browser.cookies)
    tap.is_(browser.get(HOME + "/broker/up/endpoint/logout_response?state=x").status, 400, "a forged return is refused")

    tokens = tokens_of(sign_in())
    there = server.admin("GET", "/realms/up/users?username=erin&exact=true").json()[0]["id"]
    tap.is_(refresh(tokens["refresh_token"]).status, 200, "a session")
    server.admin("POST", f"/realms/up/users/{there}/logout")
    tap.is_(refresh(tokens["refresh_token"]).json().get("error_description"), "Session not active", "ends when the provider says that it has ended there")
    back = Browser().request("POST", HOME + "/protocol/openid-connect/logout/backchannel-logout", {"logout_token": tokens["id_token"]})
    tap.is_((back.status, back.json()["error_description"]), (400, "No Identity Provider has been found"), "a token of somebody else ends nothing")

    broker = server.admin("GET", "/realms/up/clients?clientId=broker").json()[0]
    leaving = HOME + "/broker/up/endpoint/frontchannel_logout"
    server.admin("PUT", "/realms/up/clients/" + broker["id"], {**broker, "frontchannelLogout": True, "attributes": {"frontchannel.logout.url": leaving}})
    for front in (None, "http://app.test/out"):
        if front:
            app = server.admin("GET", "/realms/home/clients?clientId=app").json()[0]
            server.admin("PUT", "/realms/home/clients/" + app["id"], {**app, "frontchannelLogout": True, "attributes": {**app["attributes"], "frontchannel.logout.url": front}})
        tokens = tokens_of(sign_in(browser=(browser := Browser())))
        asked = browser.get(UP + "/protocol/openid-connect/logout")
        frame = unescape(re.search(r'<iframe[^>]* src="([^"]*)"', browser.submit(asked, confirmLogout="Logout").text)[1])
        tap.ok(frame.startswith(leaving + "?sid="), "the provider's page of a logout has a frame from here", frame)
        for forged in (frame.replace("sid=", "sid=x"), frame.split("&iss=")[0], frame.replace("realms%2Fup", "realms%2Fhome"), leaving + "?" + frame.split("?")[1].split("&")[1]):
            Browser().get(forged)
        tap.is_(refresh(tokens["refresh_token"]).status, 200, "which ends nothing for a session or an issuer that is not the one")
        answer = Browser().get(frame)
        tap.is_((answer.status, answer.headers.get("x-frame-options"), "frame-ancestors" in answer.headers.get("content-security-policy", "")), (200, None, False), "may be framed")
        tap.is_(refresh(tokens["refresh_token"]).json().get("error_description"), "Session not active", "and ends the session here, without a cookie")
        tap.is_("http://app.test/out?sid=" + claims(tokens["id_token"])["sid"] in answer.text, front is not None, "clients that the browser tells are told by it")
        tap.is_(Browser().get(frame).status, 200, "once more: nothing to do")
    tap.is_([Browser().get(address).status for address in (leaving, leaving + "?sid=x&iss=" + HOME, HOME + "/broker/none/endpoint/frontchannel_logout?sid=x&iss=x")], [400, 400, 404], "what is no logout of the provider")

    make_realms(names=("home",), requiresShortStateParameter="true")
    _, seen = walk(browser := Browser(), authorize(browser, kc_idp_hint="up"), until="http://app.test")
    states = [url.split("state=")[1].split("&")[0] for url in seen if "/broker/up/endpoint?" in url or url.startswith(UP)]
    tap.ok(seen[-1].startswith("http://app.test/cb?") and {len(state) for state in states} == {16}, "a provider that takes no long states", seen)
    back = next(url for url in seen if "/broker/up/endpoint?" in url)
    tap.is_([Browser().get(back).status, browser.get(back).status, browser.get(back.replace("state=", "state=A")).status], [400, 400, 400], "theirs are of one browser too, and good once")

    user = server.admin("GET", "/realms/home/users?username=alice&exact=true").json()[0]["id"]
    server.admin("POST", f"/realms/home/users/{user}/federated-identity/up", {"userId": "somebody", "userName": "somebody"})
    manage = server.admin("GET", "/realms/home/roles/default-roles-home").json()
    server.admin("POST", f"/realms/home/users/{user}/role-mappings/realm", [manage])
    browser = Browser()
    browser.submit(authorize(browser), username="alice", password="wonderland1")
    page, _ = walk(browser, authorize(browser, kc_action="idp_link:up"))
    tap.ok("Linking Upstream" in page.text and 'id="kc-continue"' in page.text, "who is signed in may link an account", page.text)
    page, _ = walk(browser, browser.submit(page, **{"continue": "x"}), "alice")
    tap.ok(page.status == 400 and "Your account is already linked to the identity provider Upstream." in page.text, "one at each provider", page.text)
    server.admin("DELETE", f"/realms/home/users/{user}/federated-identity/up")
    page, _ = walk(browser, authorize(browser, kc_action="idp_link:up"))
    provider = server.admin("GET", "/realms/home/identity-provider/instances/up").json()
    server.admin("PUT", "/realms/home/identity-provider/instances/up", {**provider, "enabled": False})
    answer, _ = walk(browser, browser.submit(page, **{"continue": "x"}))
    tap.is_((answer.location().get("kc_action_status"), "code" in answer.location()), ("error", True), "a provider that is disabled meanwhile ends it")
    server.admin("PUT", "/realms/home/identity-provider/instances/up", {**provider, "linkOnly": True})
    page, _ = walk(browser, authorize(browser, kc_action="idp_link:up"))
    answer, _ = walk(browser, browser.submit(page, **{"continue": "x"}), "alice")
    tap.is_((answer.location().get("kc_action"), answer.location().get("kc_action_status")), ("idp_link", "success"), "one that is for linking alone does")

    make_realms(names=("home",))
    made = who(sign_in())["sub"]
    server.admin("PUT", f"/realms/home/users/{made}/reset-password", {"type": "password", "value": "second", "temporary": False})
    server.admin("POST", "/realms/home/authentication/flows", {"alias": "after", "providerId": "basic-flow", "topLevel": True, "builtIn": False})
    server.admin("POST", "/realms/home/authentication/flows/after/executions/execution", {"provider": "auth-password-form"})
    one = server.admin("GET", "/realms/home/authentication/flows/after/executions").json()[0]
    server.admin("PUT", "/realms/home/authentication/flows/after/executions", {**one, "requirement": "REQUIRED"})
    provider = server.admin("GET", "/realms/home/identity-provider/instances/up").json()
    server.admin("PUT", "/realms/home/identity-provider/instances/up", {**provider, "postBrokerLoginFlowAlias": "after"})
    page = sign_in(browser=(browser := Browser()))
    tap.ok("/login-actions/post-broker-login?" in page.text and 'name="password"' in page.text, "a flow after the provider's login", page.text)
    wrong = browser.submit(page, password="nonsense")
    jump = browser.get(HOME + "/broker/after-post-broker-login?" + page.text.split("post-broker-login?")[1].split('"')[0].replace("&amp;", "&"))
    tap.ok(all("/login-actions/post-broker-login?" in answer.text for answer in (wrong, jump)), "which cannot be jumped over", jump.text)
    answer, _ = walk(browser, browser.submit(wrong, password="second"))
    tap.is_(who(answer)["sub"], made, "and then one is in")
    make_realms(names=("home",))
    sink = Sink()
    server.admin("PUT", "/realms/home", {"smtpServer": {"host": "127.0.0.1", "port": str(sink.port), "from": "sso@home.test"}})
    page = sign_in("alice", browser := Browser())
    page = browser.submit(page, submitAction="linkAccount")
    tap.ok("Link Upstream" in page.text and "An email with instructions to link Upstream account alice" in page.text, "with mail, the link is confirmed by a letter", page.text)
    letter = sink.wait()
    link = next(url for url in letter.links if "action-token" in url)
    tap.is_((letter["To"], "Upstream" in letter["Subject"]), ("alice@example.test", True), "to the user who is here already")
    tap.ok("code=" not in Browser().get(link).headers.get("location", ""), "which opens nothing elsewhere")
    linked, seen = walk(browser, browser.get(link))
    tap.is_((linked.location().get("code") is not None, who(linked)["preferred_username"]), (True, "alice"), "in the login's browser it goes on")
    again, _ = walk(browser, browser.get(link))
    tap.ok("code" not in again.location(), "once", again.text)
    sink.close()

    for name, config, what in (("clientSecret", {"clientSecret": "wrong"}, "status 401"), ("issuer", {"issuer": "https://other.test"}, "issuer is "),
                               ("jwksUrl", {"jwksUrl": server.base + "/realms/master/protocol/openid-connect/certs"}, "no key of"),
                               ("tokenUrl", {"tokenUrl": "http://127.0.0.1:9/token"}, "127.0.0.1:9"), ("HTML", {"tokenUrl": server.base + "/realms/up/login-actions/authenticate"}, "status 4")):
        make_realms(names=("home",), **config)  # the provider's keys stay
        page = sign_in()
        tap.ok(page.status == 502 and "Unexpected error when authenticating with identity provider" in page.text, f"wrong {name}: a page", page.text)
        tap.ok(what in server.output().split("latchkey.broker")[-1], f"wrong {name}: the log says what", server.output()[-500:])
    tap.is_(len([user for user in server.admin("GET", "/realms/home/users").json() if user["username"] != "alice"]), 0, "nobody was made of that")
    tap.is_(server.stop(), 0, "a graceful end")
finally:
    if server.process.poll() is None:
        server.process.kill()
tap.done()
