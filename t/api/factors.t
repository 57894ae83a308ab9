#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""Second factors beside the one-time password: recovery codes, those too that Keycloak has made; and the form that asks for a one-time password on
conditions."""
import json
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from latchkey import Browser, Server, Tap  # noqa: E402

# Keycloak's own, of which "159PP1JPTXFC" is the last that is left.
LEFT = {"codes": [{"number": 12, "encodedHashedValue": "VnTSnI1NhbO7yLCKnsS8YW4NKXJhEo6jniWYn0/I0/hehDzIYPtNqtPzrwj2WhjiiFEO6n3ar5ePr9jwUraHNQ=="}]}
PASSWORD = {"type": "password", "value": "wonderland1"}
OTP = {"type": "otp", "secretData": json.dumps({"value": "secretsecret"}),
       "credentialData": json.dumps({"subType": "totp", "digits": 6, "counter": 0, "period": 30, "algorithm": "HmacSHA1"})}
CONDITIONS = {"otpControlAttribute": "otp", "skipOtpRole": "reader", "forceOtpRole": "writer", "noOtpRequiredForHeaderPattern": "X-Place: (inside|near).*",
              "defaultOtpOutcome": "force"}


def person(name, *credentials, **fields):
    return {"username": name, "email": f"{name}@example.test", "firstName": "A", "lastName": "B", "enabled": True, "emailVerified": True,
            "credentials": [PASSWORD, *credentials], **fields}


def with_factors(realm):
    realm = json.loads(realm)
    flow = next(flow for flow in realm["authenticationFlows"] if flow["alias"] == "Browser - Conditional 2FA")
    for execution in flow["authenticationExecutions"]:
        if execution["authenticator"] == "auth-recovery-authn-code-form":
            execution["requirement"] = "ALTERNATIVE"
        if execution["authenticator"] == "auth-otp-form":
            execution.update(authenticator="auth-conditional-otp-form", authenticatorConfig="when")
    realm["authenticatorConfig"].append({"id": "0b0b0b0b-0000-4000-8000-000000000001", "alias": "when", "config": CONDITIONS})
    codes = {"type": "recovery-authn-codes", "secretData": json.dumps(LEFT), "credentialData": json.dumps({"algorithm": "SHA-512", "totalCodes": 12, "remainingCodes": 1})}
    realm["users"] += [person("ruth", requiredActions=["CONFIGURE_RECOVERY_AUTHN_CODES"]), person("mover", codes), person("free", OTP, attributes={"otp": ["skip"]}),
                       person("bound", OTP, attributes={"otp": ["force"]}, realmRoles=["reader"]), person("reader", OTP, realmRoles=["reader"]),
                       person("writer", OTP, realmRoles=["writer"]), person("plain", OTP)]
    return json.dumps(realm)


tap, server = Tap(), Server(edit=with_factors)
AUTH = server.base + "/realms/acme/protocol/openid-connect/auth?client_id=echo&response_type=code&scope=openid&redirect_uri=http%3A%2F%2Fapp.test%2Fcb&state=s"


def login(name, **headers):
    """What comes after the password."""
    browser = Browser()
    page = browser.get(AUTH, headers=headers)
    action = re.search(r'action="([^"]+)"', page.text)[1].replace("&amp;", "&")
    page = browser.request("POST", action, {"username": name, "password": PASSWORD["value"]}, headers=headers)
    return browser, browser.get(page.headers["location"]) if "/login-actions/" in page.headers.get("location", "") else page


def is_in(page):
    return "code" in page.location()


try:
    browser, page = login("ruth")
    shown = re.findall(r"<code>([A-Z2-9-]{14})</code>", page.text)
    tap.ok(len(set(shown)) == 12 and "kcRecoveryCodesConfirmationCheck" in page.text, "twelve codes are shown once", page.text)
    weak = browser.submit(page, generatedRecoveryAuthnCodes=",".join(f"AAAAAAAAAA{n}" for n in range(10, 22)))
    tap.ok(weak.status == 200 and set(re.findall(r"<code>([A-Z2-9-]{14})</code>", weak.text)).isdisjoint(shown), "a page that was tampered with sets up nothing, and shows new ones")
    shown = re.findall(r"<code>([A-Z2-9-]{14})</code>", weak.text)
    tap.ok(is_in(browser.submit(weak)), "saved, and the login goes on")
    browser, page = login("ruth")
    tap.ok("Recovery code #1" in page.text, "the next login asks for the first", page.text)
    wrong = browser.submit(page, recoveryCodeInput=shown[1])
    tap.ok(wrong.status == 200 and "Invalid recovery authentication code" in wrong.text, "the second is not good yet")
    tap.ok(is_in(browser.submit(wrong, recoveryCodeInput=shown[0].lower())), "the first is, as it was written down")
    browser, page = login("ruth")
    again = browser.submit(page, recoveryCodeInput=shown[0])
    tap.ok("Recovery code #2" in again.text and again.status == 200, "once")
    tap.ok(not is_in(browser.submit(again, recoveryCodeInput=shown[1])), "and nobody may try for ever: three a minute")

    browser, page = login("mover")
    done = browser.submit(page, recoveryCodeInput="159PP1JPTXFC")
    page = browser.get(done.headers["location"]) if "location" in done.headers else done
    tap.ok("Recovery code #12" not in page.text and "kc-recovery-codes-list" in page.text, "one that Keycloak has made; it was the last, so new ones are due", page.text)
    tap.ok(is_in(browser.submit(page)), "and made")

    asked = {name: "name=\"otp\"" in login(name)[1].text for name in ("free", "bound", "reader", "writer", "plain")}
    tap.is_(asked, {"free": False, "bound": True, "reader": False, "writer": True, "plain": True}, "a one-time password on conditions: attribute, roles, default")
    tap.is_([is_in(login("plain", **{"X-Place": place})[1]) for place in ("inside the house", "outside")], [True, False], "and headers")
    tap.is_(server.stop(), 0, "a graceful end")
finally:
    if tap.failed:
        print("# " + server.output()[-3000:].replace("\n", "\n# "))
    if server.process.poll() is None:
        server.process.kill()
tap.done()
