#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""The second factor: set up when it is required, asked for ever after, good once, at both doors."""
import hashlib
import hmac
import os
import re
import struct
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from latchkey import Browser, Server, Tap  # noqa: E402


def code(secret, shift=0):
    mac = hmac.new(secret.encode(), struct.pack(">Q", int(time.time()) // 30 + shift), hashlib.sha1).digest()
    at = mac[-1] & 15
    return "%06d" % ((struct.unpack(">I", mac[at:at + 4])[0] & 0x7fffffff) % 1000000)


tap, server = Tap(), Server()
oidc = server.base + "/realms/acme/protocol/openid-connect"
AUTH = oidc + "/auth?client_id=echo&response_type=code&scope=openid&redirect_uri=http%3A%2F%2Fapp.test%2Fcb&state=s"
grant = {"grant_type": "password", "client_id": "echo", "client_secret": "echo-secret", "username": "bob", "password": "canwefixit1"}
try:
    master = server.base + "/realms/master/protocol/openid-connect/token"
    token = Browser().request("POST", master, {"grant_type": "password", "client_id": "admin-cli", "username": "admin", "password": "admin"}).json()["access_token"]
    admin = {"Authorization": "Bearer " + token, "Content-Type": "application/json"}
    bob = Browser().get(server.base + "/admin/realms/acme/users?username=bob&exact=true", headers=admin).json()[0]["id"]
    Browser().request("PUT", f"{server.base}/admin/realms/acme/users/{bob}", headers=admin, body='{"requiredActions":["CONFIGURE_TOTP"]}')

    browser = Browser()
    step = browser.submit(browser.get(AUTH), username="bob", password="canwefixit1")
    page = browser.get(step.headers["location"])
    secret = re.search(r'name="totpSecret" value="([^"]+)"', page.text)[1]
    wrong = browser.submit(page, totp="000000", userLabel="phone")
    tap.ok("Invalid authenticator code." in wrong.text, "a wrong first code sets up nothing")
    done = browser.submit(wrong, totp=code(secret), userLabel="phone")
    tap.ok("code" in done.location(), "the right one does, and the login goes on", done.text[:200])

    browser = Browser()
    asked = browser.submit(browser.get(AUTH), username="bob", password="canwefixit1")
    tap.ok(asked.status == 200 and 'name="otp"' in asked.text, "from now on the login asks for a code")
    tap.ok(not any(name == "KEYCLOAK_IDENTITY" for _, name in browser.cookies), "and the password alone signs nobody in")
    refused = browser.submit(asked, otp="123")
    tap.ok(refused.status == 200 and not any(name == "KEYCLOAK_IDENTITY" for _, name in browser.cookies), "nor does a wrong code")
    used = code(secret)
    done = browser.submit(refused, otp=used)
    tap.is_(done.status, 302, "the right code does")
    other = Browser()
    again = other.submit(other.submit(other.get(AUTH), username="bob", password="canwefixit1"), otp=used)
    tap.is_(again.status, 200, "the same code is not good twice")
    tap.is_(Browser().request("POST", oidc + "/token", grant).status, 400, "the password grant asks for it too")
    tap.is_(server.stop(), 0, "a graceful end")
finally:
    if server.process.poll() is None:
        server.process.kill()
tap.done()
