#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""The main job: a realm exported from Keycloak signs people in. Code flow by the login page, tokens, userinfo, refresh, logout."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from latchkey import Browser, Server, Tap, claims  # noqa: E402

tap, server = Tap(), Server()
realm = server.base + "/realms/acme"
oidc = realm + "/protocol/openid-connect"
AUTH = "/auth?client_id=echo&response_type=code&scope=openid&redirect_uri=http%3A%2F%2Fapp.test%2Fcb&state=a%3A%2Fb%3Fc&nonce=n1"
secret = {"client_id": "echo", "client_secret": "echo-secret"}
try:
    browser = Browser()
    found = browser.get(realm + "/.well-known/openid-configuration").json()
    tap.is_(found["issuer"], realm, "discovery names the issuer")
    published = browser.get(found["jwks_uri"])
    tap.ok(any(key["alg"] == "RS256" for key in published.json()["keys"]), "the imported signing key is published")
    known = browser.get(found["jwks_uri"], headers={"If-None-Match": published.headers["etag"]})
    tap.is_((known.status, known.text), (304, ""), "and not sent again to who has it")

    page = browser.get(oidc + AUTH)
    tap.is_(page.status, 200, "the login page")
    wrong = browser.submit(page, username="alice", password="nonsense")
    tap.ok(wrong.status == 200 and "Invalid username or password." in wrong.text, "a wrong password is told")
    done = browser.submit(wrong, username="alice", password="wonderland1")
    tap.is_(done.status, 302, "the hashed password of the export is good")
    tap.is_(done.location().get("state"), "a:/b?c", "the state comes back as it was")
    tap.is_(done.location().get("iss"), realm, "with the issuer (RFC 9207)")

    code = {"grant_type": "authorization_code", "code": done.location()["code"], "redirect_uri": "http://app.test/cb", **secret}
    tokens = Browser().request("POST", oidc + "/token", code).json()
    access = claims(tokens["access_token"])
    tap.is_(access["sub"], "cc3d2665-1b70-4c12-aa35-4f78ad826e1a", "the subject survived the move")
    tap.ok("boss" in access["custom_roles"] and access["groups"] == ["/staff/leads"], "custom roles and groups", access)
    tap.is_(claims(tokens["id_token"])["nonce"], "n1", "the nonce")
    again = Browser().request("POST", oidc + "/token", code)
    tap.is_((again.status, again.json()["error"]), (400, "invalid_grant"), "a code is redeemed once")
    spent = Browser().request("POST", oidc + "/token", {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"], **secret})
    tap.is_(spent.status, 400, "and its second use takes back what the first gave")

    silent = browser.get(oidc + AUTH + "&prompt=none")
    tap.is_(silent.status, 302, "single sign-on needs no page")
    code["code"] = silent.location()["code"]
    tokens = Browser().request("POST", oidc + "/token", code).json()
    who = Browser().get(oidc + "/userinfo", headers={"Authorization": "Bearer " + tokens["access_token"]})
    tap.is_(who.json().get("preferred_username"), "alice", "userinfo")
    fresh = Browser().request("POST", oidc + "/token", {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"], **secret})
    tap.is_(fresh.status, 200, "refresh")

    out = browser.get(oidc + "/logout?id_token_hint=" + tokens["id_token"] + "&post_logout_redirect_uri=http%3A%2F%2Fapp.test%2Fbye&state=z")
    tap.is_((out.status, out.headers.get("location")), (302, "http://app.test/bye?state=z"), "logout goes where the client asked")
    tap.is_(browser.get(oidc + AUTH + "&prompt=none").location().get("error"), "login_required", "and the session is gone")
    gone = Browser().request("POST", oidc + "/token", {"grant_type": "refresh_token", "refresh_token": fresh.json()["refresh_token"], **secret})
    tap.is_(gone.json().get("error_description"), "Session not active", "with its refresh tokens")

    page = browser.get(oidc + "/logout")
    browser.submit(browser.get(oidc + AUTH), username="bob", password="canwefixit1")
    asked = browser.get(oidc + "/logout")
    tap.ok("Do you want to log out?" in asked.text, "without a hint it asks")
    tap.ok("You are logged out" in browser.submit(asked, confirmLogout="Logout").text, "and the answer ends the session")
    tap.is_(browser.get(oidc + AUTH + "&prompt=none").location().get("error"), "login_required", "here too")

    forged = browser.get(oidc + AUTH.replace("app.test", "evil.test"))
    tap.ok(forged.status == 400 and "location" not in forged.headers, "a foreign redirect URI gets a page, no redirect")
    token = Browser().request("POST", oidc + "/token", {"grant_type": "client_credentials", **secret}).json()["access_token"]
    tap.ok("writer" in claims(token)["custom_roles"], "the service account has its roles")
    revoked = Browser().request("POST", oidc + "/revoke", {"token": token, **secret})
    seen = Browser().request("POST", oidc + "/token/introspect", {"token": token, **secret}).json()
    tap.is_((revoked.status, seen), (200, {"active": False}), "a revoked token of a service account is dead")
    log = server.output()
    tap.ok(not any(s in log for s in ("wonderland1", "echo-secret", tokens["refresh_token"])), "no secret is in the log")
    tap.is_(server.stop(), 0, "a graceful end")
finally:
    if server.process.poll() is None:
        server.process.kill()
tap.done()
