# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""Actions that a client asks for, with a parameter; terms and conditions."""
import json
import pathlib
import sys

from engine import case

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from logins import log_in  # noqa: E402
from mails import follow, submit  # noqa: E402


def ask(c, action):
    answer = follow(c, c.authorize(record=False, kc_action=action), action)
    c.note(action, {k: v for k, v in c.params(answer).items() if k.startswith("kc_action")})
    return answer


ACTIONS = ("CONFIGURE_TOTP", "webauthn-register", "webauthn-register-passwordless", "CONFIGURE_RECOVERY_AUTHN_CODES", "UPDATE_PASSWORD", "UPDATE_PROFILE")


@case("action-parameters/skip-if-exists", realm="flows")
def _(c):
    log_in(c, "alice", "wonderland", code=True)
    for action in ACTIONS:
        ask(c, action + ":skip_if_exists")
    ask(c, "CONFIGURE_TOTP:other")


@case("action-parameters/skip-if-not-there", realm="flows")
def _(c):
    log_in(c, "bob", "canwefixit")
    for action in ACTIONS:
        ask(c, action + ":skip_if_exists")


def terms(c, **more):
    action = next(a for a in c.admin("GET", "/authentication/required-actions", record=False).json() if a["alias"] == "TERMS_AND_CONDITIONS")
    c.quiet("PUT", "/authentication/required-actions/TERMS_AND_CONDITIONS", json={**action, "enabled": True, **more})


def accepted(c, who):
    user = c.admin("GET", f"/users/{c.user_id(who)}", record=False).json()
    c.note(who, [user["requiredActions"], {k: [v.isdigit() for v in values] for k, values in user.get("attributes", {}).items() if "terms" in k}])


@case("action-parameters/terms", realm="flows")
def _(c):
    terms(c)
    c.quiet("PUT", f"/users/{c.user_id('bob')}", json={"requiredActions": ["TERMS_AND_CONDITIONS"]})
    page = log_in(c, "bob", "canwefixit")
    answer = submit(c, page, "no", cancel="x")
    c.note("no", {k: v for k, v in c.params(answer).items() if k.startswith("error")})
    accepted(c, "bob")
    c.browser.cookies.clear()
    page = log_in(c, "bob", "canwefixit")
    follow(c, submit(c, page, "yes", accept="x"), "yes")
    accepted(c, "bob")


@case("action-parameters/skip-webauthn", realm="flows")
def _(c):
    for kind in ("webauthn", "webauthn-passwordless"):
        data = {"aaguid": "00000000-0000-0000-0000-000000000000", "credentialId": "AAAA", "counter": 0, "credentialPublicKey": "AAAA", "attestationStatementFormat": "none", "transports": []}
        c.quiet("POST", "/users", json={"username": kind, "email": f"{kind}@example.test", "firstName": "A", "lastName": "B", "enabled": True,
                                        "credentials": [{"type": "password", "value": "pass"}, {"type": kind, "userLabel": "key", "secretData": "{}", "credentialData": json.dumps(data)}]})
    for kind in ("webauthn", "webauthn-passwordless"):
        c.browser.cookies.clear()
        log_in(c, kind, "pass")
        for action in ("webauthn-register", "webauthn-register-passwordless"):
            ask(c, action + ":skip_if_exists")
