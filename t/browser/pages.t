#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""Each page that a person meets, in a real browser (pages.mjs), with and without JavaScript. SHOTS=FOLDER keeps pictures of them."""
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "interop"))
from stack import Service, Stack, Tap, run_node  # noqa: E402


class App(Service):
    """Where logins lead: a page, whatever comes back."""

    def answer(self):
        return 200, {"Content-Type": "text/html"}, "<!doctype html><title>App</title><h1>App</h1>"


def user(name, *actions, **fields):
    return {"username": name, "email": f"{name}@example.test", "firstName": "Test", "lastName": "Person", "enabled": True, "emailVerified": True,
            "requiredActions": actions, "credentials": [{"type": "password", "value": "wonderland1"}], **fields}


def for_browsers(realm):
    """The acme realm with everything that has a page switched on, and users of their own for each of the two walks."""
    realm = json.loads(realm)
    realm.update(registrationAllowed=True, resetPasswordAllowed=True, displayName="Acme Corporation")
    app = {"enabled": True, "publicClient": True, "redirectUris": [f"http://127.0.0.1:{port}/*"], "attributes": {"post.logout.redirect.uris": "+"}}
    realm["clients"] += [{"clientId": "app", "name": "Order desk", **app}, {"clientId": "careful", "name": "Travel planner", "consentRequired": True, **app}]
    for walk in ("js", "plain"):
        realm["users"] += [user(f"{walk}-password", "UPDATE_PASSWORD"), user(f"{walk}-otp", "CONFIGURE_TOTP"), user(f"{walk}-person"),
                           user(f"{walk}-profile", "UPDATE_PROFILE"), user(f"{walk}-terms", "TERMS_AND_CONDITIONS")]
    next(action for action in realm["requiredActions"] if action["alias"] == "TERMS_AND_CONDITIONS")["enabled"] = True
    return json.dumps(realm)


tap = Tap()
with Stack() as stack:
    port = stack.service(App)
    latchkey = stack.latchkey(edit=for_browsers)
    run_node(tap, "browser/pages.mjs", REALM=f"{latchkey.base}/realms/acme", APP=f"http://127.0.0.1:{port}")
    stack.done(tap)
