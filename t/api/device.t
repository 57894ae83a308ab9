#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""The device authorization grant: /realms/{realm}/protocol/openid-connect/auth/device, /realms/{realm}/device and its status page."""
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from latchkey import Browser, Server, Tap, claims  # noqa: E402


def with_device_grant(text):
    realm = json.loads(text)
    realm["oauth2DevicePollingInterval"] = 0
    for client in realm["clients"]:
        client.setdefault("attributes", {})["oauth2.device.authorization.grant.enabled"] = str(client["clientId"] == "echo").lower()
    return json.dumps(realm)


tap, server = Tap(), Server(edit=with_device_grant)
realm = server.base + "/realms/acme"
token = realm + "/protocol/openid-connect/token"
secret = {"client_id": "echo", "client_secret": "echo-secret"}


def begin(**form):
    return Browser().request("POST", realm + "/protocol/openid-connect/auth/device", {**secret, "scope": "openid", **form})


def poll(device):
    form = {"grant_type": "urn:ietf:params:oauth:grant-type:device_code", "device_code": device["device_code"], **secret}
    return Browser().request("POST", token, form).json()


def follow(browser, answer):
    while answer.status == 302:
        answer = browser.get(answer.headers["location"])
    return answer


def consent_page(browser, page, **fields):
    return follow(browser, browser.submit(page, username="alice", password="wonderland1"))


try:
    device = begin().json()
    tap.is_(poll(device)["error"], "authorization_pending", "a device waits")
    browser = Browser()
    page = browser.get(realm + "/device")
    page = browser.submit(page, device_user_code="NONE-SUCH")
    tap.ok("Invalid code, please try again." in page.text, "a wrong code is told")
    page = follow(browser, browser.submit(page, device_user_code=device["user_code"].lower()))
    page = consent_page(browser, page)
    tap.ok("Grant Access to" in page.text, "whoever signs in is asked")
    page = follow(browser, browser.submit(page, accept="Yes"))
    tap.ok("Device Login Successful" in page.text, "and told that it is done")
    tokens = poll(device)
    tap.is_(claims(tokens.get("id_token", "e30.e30."))["preferred_username"], "alice", "the device has its tokens")
    tap.is_(poll(device)["error"], "invalid_grant", "once")

    device = begin().json()
    page = follow(browser, browser.get(device["verification_uri_complete"]))
    tap.ok("Grant Access to" in page.text, "with a session nobody signs in again, but is asked again")
    page = follow(browser, browser.submit(page, cancel="No"))
    tap.ok("Device Login Failed" in page.text, "a refusal")
    tap.is_(poll(device)["error"], "access_denied", "reaches the device")
    tap.ok("Device Login Failed" in browser.get(realm + "/device/status?error=expired_token").text, "an expired code is told")

    tap.is_(begin(client_id="spa").json()["error"], "unauthorized_client", "a client without the grant")
    tap.is_(poll({"device_code": "x" * 5000})["error"], "invalid_grant", "a device code that is none")
    server.stop()
finally:
    if server.process.poll() is None:
        server.process.kill()
tap.done()
