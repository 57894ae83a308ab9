#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""How many sessions a user may have (authenticator user-session-limits), as measured on Keycloak: one more is refused, or ends those that were used longest ago."""
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from latchkey import Browser, Server, Tap  # noqa: E402

ME, SECRET = {"username": "alice", "password": "wonderland1"}, {"client_id": "echo", "client_secret": "echo-secret"}
FLOWS = {"deny": ("auth-username-password-form", {"userRealmLimit": "1", "userClientLimit": "0", "behavior": "Deny new session"}),
         "words": ("auth-username-password-form", {"userRealmLimit": "1", "userClientLimit": "0", "behavior": "Deny new session", "errorMessage": "No <b>more</b>"}),
         "client": ("auth-username-password-form", {"userRealmLimit": "0", "userClientLimit": "1", "behavior": "Deny new session"}),
         "oldest": ("auth-username-password-form", {"userRealmLimit": "2", "userClientLimit": "1", "behavior": "Terminate oldest session"}),
         "bare": ("auth-username-password-form", None),
         "direct": ("direct-grant-validate-username", {"userRealmLimit": "2", "userClientLimit": "0", "behavior": "Deny new session"})}


def step(authenticator, priority, config=None):
    return {"authenticator": authenticator, "requirement": "REQUIRED", "priority": priority, "authenticatorFlow": False, **({"authenticatorConfig": config} if config else {})}


def with_limits(text):
    realm = json.loads(text)
    for alias, (first, config) in FLOWS.items():
        password = [step("direct-grant-validate-password", 20)] if alias == "direct" else []
        realm["authenticationFlows"].append({"alias": alias, "providerId": "basic-flow", "topLevel": True, "builtIn": False, "authenticationExecutions": [
            step(first, 10), *password, step("user-session-limits", 30, config and alias)]})
        if config:
            realm["authenticatorConfig"].append({"alias": alias, "config": config})
    realm["authenticationFlows"].append({"alias": "cookie or deny", "providerId": "basic-flow", "topLevel": True, "builtIn": False, "authenticationExecutions": [
        {**step("auth-cookie", 10), "requirement": "ALTERNATIVE"}, {"flowAlias": "deny", "authenticatorFlow": True, "requirement": "ALTERNATIVE", "priority": 20}]})
    next(flow for flow in realm["authenticationFlows"] if flow["alias"] == "deny")["topLevel"] = False
    realm["clients"].append({"clientId": "other", "publicClient": True, "redirectUris": ["http://app.test/*"]})
    return json.dumps(realm)


tap, server = Tap(), Server(edit=with_limits)
realm = server.base + "/realms/acme"


def admin(method, path="", body=None):
    return server.admin(method, "/realms/acme" + path, body)


def log_in(client="echo", browser=None, more=""):
    browser = browser or Browser()
    page = browser.get(f"{realm}/protocol/openid-connect/auth?client_id={client}&response_type=code&scope=openid&redirect_uri=http%3A%2F%2Fapp.test%2Fcb{more}")
    return browser.submit(page, **{name: value for name, value in ME.items() if f'name="{name}"' in page.text})


def sessions():
    [user] = admin("GET", "/users?username=alice&exact=true").json()
    return sorted(name for one in admin("GET", f"/users/{user['id']}/sessions").json() for name in one["clients"].values())


def begin(flow):
    admin("PUT", body={"browserFlow": flow})
    [user] = admin("GET", "/users?username=alice&exact=true").json()
    admin("POST", f"/users/{user['id']}/logout")


try:
    begin("cookie or deny")
    first = Browser()
    tap.is_(log_in(browser=first).status, 302, "one session is allowed")
    again = log_in()
    tap.ok(again.status == 403 and "There are too many sessions" in again.text, "another is refused", again.text)
    tap.is_(log_in(browser=first, more="&prompt=login").status, 302, "whoever signs in again in the same session has one still")
    tap.is_(sessions(), ["echo"], "and only that one")
    begin("words")
    log_in()
    tap.ok("No &lt;b&gt;more&lt;/b&gt;" in log_in().text, "the realm's own words are text")
    begin("client")
    tap.is_([log_in(name).status for name in ("echo", "echo", "other", "other")], [302, 403, 302, 403], "one for each client")
    begin("oldest")
    tap.is_([log_in(name).status for name in ("echo", "echo", "other")], [302, 302, 302], "the oldest makes room")
    tap.is_(sessions(), ["echo", "other"], "within the client, and within the realm")
    log_in()
    tap.is_(sessions(), ["echo", "other"], "each time")
    begin("bare")
    tap.is_(log_in().status, 400, "without settings it lets nobody in")
    begin("browser")
    admin("PUT", body={"directGrantFlow": "direct"})
    grant = {"grant_type": "password", "scope": "openid", **ME, **SECRET}
    answers = [Browser().request("POST", realm + "/protocol/openid-connect/token", grant) for _ in range(3)]
    tap.is_([(one.status, one.json().get("error_description")) for one in answers], [(200, None), (200, None), (400, "There are too many sessions")], "direct grants are limited alike")
finally:
    server.stop()
tap.done()
