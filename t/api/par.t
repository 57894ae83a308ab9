#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""Pushed authorization requests: /realms/{realm}/protocol/openid-connect/ext/par/request, then the login that they lead to."""
import os
import sys
import urllib.parse

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from latchkey import Browser, Server, Tap, claims  # noqa: E402

tap, server = Tap(), Server()
oidc = server.base + "/realms/acme/protocol/openid-connect"
secret = {"client_id": "echo", "client_secret": "echo-secret"}
request = {"response_type": "code", "redirect_uri": "http://app.test/cb", "scope": "openid", "state": "pushed", "nonce": "n1"}


def push(**form):
    return Browser().request("POST", oidc + "/ext/par/request", {**secret, **request, **form})


def address(uri, **beside):
    return oidc + "/auth?" + urllib.parse.urlencode({"client_id": "echo", "request_uri": uri, **beside})


try:
    pushed = push()
    tap.is_((pushed.status, pushed.json()["expires_in"]), (201, 60), "a request is pushed")
    uri = pushed.json()["request_uri"]
    tap.ok("echo-secret" not in uri and "app.test" not in uri, "and says nothing of what is in it")

    browser = Browser()
    moved = browser.get(address(uri, state="forged", redirect_uri="http://evil.test/"))
    tap.ok(moved.status == 302 and "request_uri" not in moved.headers["location"], "the browser's address does not keep it")
    done = browser.submit(browser.get(moved.headers["location"]), username="alice", password="wonderland1")
    tap.is_(done.location().get("state"), "pushed", "what was pushed counts, not what stands beside it")
    code = {"grant_type": "authorization_code", "code": done.location()["code"], "redirect_uri": "http://app.test/cb", **secret}
    tokens = Browser().request("POST", oidc + "/token", code).json()
    tap.is_(claims(tokens["id_token"])["nonce"], "n1", "its code gives tokens")
    tap.is_(Browser().get(address(uri)).status, 400, "it is good for one code")

    silent = browser.get(browser.get(address(push().json()["request_uri"])).headers["location"])
    tap.ok("code" in silent.location(), "single sign-on needs no page")
    tap.is_(Browser().get(address(uri[:-4] + "AAAA")).status, 400, "a changed one is refused")
    foreign = Browser().get(oidc + "/auth?" + urllib.parse.urlencode({"client_id": "spa", "request_uri": push().json()["request_uri"]}))
    tap.is_(foreign.status, 400, "and another client's")

    for what, form, status, error in (
            ("a wrong secret", {"client_secret": "wrong"}, 401, "invalid_request"),
            ("a foreign redirect URI", {"redirect_uri": "http://evil.test/"}, 400, "invalid_request"),
            ("a request_uri in a request", {"request_uri": uri}, 400, "invalid_request"),
            ("a flow that is off", {"response_type": "token"}, 401, "unauthorized_client"),
            ("one that no address can hold", {"claims": "x" * 20000}, 413, "invalid_request")):
        answer = push(**form)
        tap.is_((answer.status, answer.json().get("error")), (status, error), what)
    server.stop()
finally:
    if server.process.poll() is None:
        server.process.kill()
tap.done()
