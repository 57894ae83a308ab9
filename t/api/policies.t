#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""Executors of client policies that look at addresses, choose flows, ask another server, or keep a grant small; and one session a browser."""
import json
import os
import sys
import urllib.parse

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from latchkey import Browser, Server, Service, Tap, claims, serve  # noqa: E402

tap, server = Tap(), Server()
oidc = server.base + "/realms/acme/protocol/openid-connect"
INTENT = "openbanking_intent_id"


class Bank(Service):
    """Knows one intent."""

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        text = json.dumps({"is_bound": asked == {"intent_id": "i-1", "client_id": "echo"}})
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())


def admin(method, path, body=None):
    return server.admin(method, "/realms/acme" + path, body)


def use(executor, **settings):
    admin("PUT", "/client-policies/profiles", {"profiles": [{"name": "p", "executors": [{"executor": executor, "configuration": settings}]}]})
    admin("PUT", "/client-policies/policies", {"policies": [{"name": "q", "enabled": True, "profiles": ["p"], "conditions": [{"condition": "any-client", "configuration": {}}]}]})


def ask(browser=None, **more):
    query = {"response_type": "code", "client_id": "echo", "redirect_uri": "http://app.test/cb", "scope": "openid", "state": "s", **more}
    return (browser or Browser()).get(oidc + "/auth?" + urllib.parse.urlencode(query))


def sign_in(browser, **more):
    done = browser.submit(ask(browser, **more), username="alice", password="wonderland1")
    form = {"grant_type": "authorization_code", "code": done.location().get("code"), "redirect_uri": "http://app.test/cb", "client_id": "echo", "client_secret": "echo-secret"}
    return claims(Browser().request("POST", oidc + "/token", form).json()["id_token"])


bank = serve(Bank)
try:
    use("secure-redirect-uris-enforcer")
    for uri in ("http://app.test/cb", "https://127.0.0.1/cb", "https://[::1]:8/cb", "com.example:/cb", "x y", "https://%", "*"):
        tap.ok(admin("POST", "/clients", {"clientId": "c", "redirectUris": [uri]}).status == 400, f"no client may have {uri}")
    tap.is_(admin("POST", "/clients", {"clientId": "c", "redirectUris": ["https://app.test/cb"]}).status, 201, "but a secure one")
    tap.is_(ask().status, 400, "and none may be sent with a request")

    told = {one["id"]: [setting["name"] for setting in one["properties"]] for one in server.admin("GET", "/serverinfo").json()["componentTypes"]["org.keycloak.services.clientpolicy.executor.ClientPolicyExecutorProvider"]}
    tap.is_(told.get("intent-client-bind-checker"), ["intent-client-bind-check-endpoint"], "consoles are told which executors there are, and their settings")
    use("intent-client-bind-checker", **{"intent-client-bind-check-endpoint": f"http://127.0.0.1:{bank.server_port}/", "intent-name": INTENT})
    for intent, wanted in (("i-1", None), ("i-2", "invalid_request")):
        answer = ask(claims=json.dumps({"id_token": {INTENT: {"value": intent, "essential": True}}}))
        tap.is_(answer.location().get("error") if answer.status == 302 else None, wanted, f"the bank is asked of {intent}")

    admin("POST", "/authentication/flows", {"alias": "plain", "providerId": "basic-flow", "topLevel": True, "builtIn": False})
    admin("POST", "/authentication/flows/plain/executions/execution", {"provider": "auth-username-password-form"})
    for execution in admin("GET", "/authentication/flows/plain/executions").json():
        admin("PUT", "/authentication/flows/plain/executions", {**execution, "requirement": "REQUIRED"})
    use("auth-flow-enforcer", **{"auth-flow-alias": "plain", "auth-flow-loa": 3})
    browser = Browser()
    first, second = sign_in(browser), sign_in(browser)
    tap.is_(first["acr"], "gold", "the policy's flow is good for its level, 3, which the realm has a name for")
    tap.is_(second["sid"], first["sid"], "a browser that signs in again keeps its session")
    use("auth-flow-enforcer", **{"auth-flow-alias": "forms", "auth-flow-loa": 3})
    tap.is_(ask().status, 400, "a part of a flow lets nobody in")
    server.stop()
finally:
    bank.shutdown()
    if server.process.poll() is None:
        server.process.kill()
tap.done()
