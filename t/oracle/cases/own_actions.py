# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""What users do with their own account by a client's kc_action: a credential or the account deleted, the language kept."""
import html
import pathlib
import re
import sys
import time
from urllib.parse import urljoin

from engine import case

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from logins import bind, log_in, look, send, totp  # noqa: E402
from mails import arrive, follow, submit  # noqa: E402
from told import begin as begin_events, seen as events  # noqa: E402

VARYING = ("code_id", "credential_id")
TYPES = ("CUSTOM_REQUIRED_ACTION", "REMOVE_CREDENTIAL", "REMOVE_TOTP", "DELETE_ACCOUNT")


def begin(c):
    """LOGIN, which follows, carries along in Keycloak what its forerunner met: not looked at here."""
    begin_events(c, enabledEventTypes=[name + error for name in TYPES for error in ("", "_ERROR")])


def ask(c, action, label=None):
    return follow(c, c.authorize(record=False, kc_action=action), label or action)


def ended(c, answer, label):
    answer = follow(c, answer, label)
    c.note(label, {k: v for k, v in c.params(answer).items() if k.startswith(("kc_action", "error"))})
    return answer


def credentials(c, who, label):
    found = c.admin("GET", f"/users/{c.user_id(who)}/credentials", record=False).json()
    c.note(label, sorted(credential["type"] for credential in found))
    return {credential["type"]: credential["id"] for credential in found}


def allow(c, who, action="delete_account"):
    rep = c.admin("GET", f"/authentication/required-actions/{action}", record=False).json()
    c.quiet("PUT", f"/authentication/required-actions/{action}", json={**rep, "enabled": True})
    account = c.client_id("account")
    role = c.admin("GET", f"/clients/{account}/roles/delete-account", record=False).json()
    c.quiet("POST", f"/users/{c.user_id(who)}/role-mappings/clients/{account}", json=[role])


@case("own-actions/delete-credential", realm="flows")
def _(c):
    log_in(c, "alice", "wonderland", code=True)
    begin(c)
    has = credentials(c, "alice", "before")
    page = ask(c, "delete_credential:" + has["otp"], "otp")
    ended(c, submit(c, page, "no", **{"cancel-aia": "x"}), "no, at last")
    credentials(c, "alice", "cancelled")
    events(c, "cancelled", VARYING)
    page = ask(c, "delete_credential:" + has["otp"], "again")
    ended(c, submit(c, page, "yes", accept="x"), "yes, at last")
    credentials(c, "alice", "deleted")
    events(c, "deleted", VARYING)


@case("own-actions/delete-credential-refused", realm="flows")
def _(c):
    log_in(c, "alice", "wonderland", code=True)
    begin(c)
    for action in ("delete_credential", "delete_credential:nothing"):
        ended(c, c.authorize(record=False, kc_action=action), action)
        events(c, action, VARYING)
    has = credentials(c, "bob", "another's")
    ended(c, c.authorize(record=False, kc_action="delete_credential:" + has["password"]), "another's")
    has = credentials(c, "alice", "own")
    page = ask(c, "delete_credential:" + has["password"], "password")
    ended(c, submit(c, page, "yes", accept="x"), "password, at last")
    events(c, "password", VARYING)
    page = ask(c, "delete_credential:otp-id", "by type")
    ended(c, submit(c, page, "yes", accept="x"), "by type, at last")
    events(c, "by type", VARYING)
    page = ask(c, "delete_credential:" + has["otp"], "gone meanwhile")
    c.quiet("DELETE", f"/users/{c.user_id('alice')}/credentials/{has['otp']}")
    ended(c, submit(c, page, "yes", accept="x"), "gone meanwhile, at last")
    events(c, "gone meanwhile", VARYING)
    credentials(c, "alice", "after")


@case("own-actions/delete-credential-owed", realm="flows")
def _(c):
    c.quiet("PUT", f"/users/{c.user_id('bob')}", json={"requiredActions": ["delete_credential"]})
    log_in(c, "bob", "canwefixit")
    c.note("left", c.admin("GET", f"/users/{c.user_id('bob')}", record=False).json()["requiredActions"])


FACTORS = ("CONFIGURE_TOTP", "CONFIGURE_RECOVERY_AUTHN_CODES", "UPDATE_PASSWORD", "delete_credential:otp-id", "delete_credential:webauthn-id")


def reach(c, action, label=None):
    return look(c, arrive(c, c.authorize(record=False, kc_action=action)), label or action)


@case("own-actions/level-of-credential", realm="flows")
def _(c):
    bind(c, browser="stepup")
    log_in(c, "alice", "wonderland")
    has = credentials(c, "alice", "before")
    for action in FACTORS:
        reach(c, action)
    reach(c, "delete_credential:" + has["password"], "password")
    page = reach(c, "delete_credential:" + has["otp"], "otp")
    page = look(c, arrive(c, send(c, page, "code", otp=totp())), "proved")
    ended(c, submit(c, page, "no", **{"cancel-aia": "x"}), "no, at last")
    reach(c, "CONFIGURE_TOTP", "at the level")


@case("own-actions/level-without-credential", realm="flows")
def _(c):
    bind(c, browser="stepup")
    log_in(c, "erin", "justerin")
    credentials(c, "erin", "before")
    for action in FACTORS:
        reach(c, action)


def again(c, label):
    """The login has to be of this very second."""
    time.sleep(1.5)
    page = ask(c, "delete_account", label)
    return follow(c, c.submit(page, record=False, username="bob", password="canwefixit"), label + ", signed in")


def gone(c, page):
    """Keycloak's page has an empty heading."""
    answer = c.submit(page, record=False)
    c.note("yes", [answer.status_code, "User deleted successfully" in answer.text, sorted(answer.cookies.keys())])


@case("own-actions/delete-account-off", realm="flows")
def _(c):
    log_in(c, "bob", "canwefixit")
    ended(c, c.authorize(record=False, kc_action="delete_account"), "off")
    rep = c.admin("GET", "/authentication/required-actions/delete_account", record=False).json()
    c.quiet("PUT", "/authentication/required-actions/delete_account", json={**rep, "enabled": True})
    begin(c)
    again(c, "without the role")
    events(c, "without the role", VARYING)


@case("own-actions/delete-account", realm="flows")
def _(c):
    allow(c, "bob")
    log_in(c, "bob", "canwefixit")
    begin(c)
    page = again(c, "delete_account")
    ended(c, submit(c, page, "no", **{"cancel-aia": "true"}), "no, at last")
    events(c, "cancelled", VARYING)
    page = again(c, "again")
    gone(c, page)
    events(c, "deleted", VARYING)
    c.note("left", c.admin("GET", "/users?username=bob", record=False).json())
    follow(c, c.authorize(record=False), "afterwards")
    follow(c, c.authorize(record=False, prompt="none"), "afterwards, quietly")


@case("own-actions/delete-account-owed", realm="flows")
def _(c):
    allow(c, "bob")
    c.quiet("PUT", f"/users/{c.user_id('bob')}", json={"requiredActions": ["delete_account"]})
    begin(c)
    gone(c, log_in(c, "bob", "canwefixit"))
    events(c, "deleted", VARYING)
    c.note("left", c.admin("GET", "/users?username=bob", record=False).json())


@case("own-actions/delete-account-role-gone", realm="flows")
def _(c):
    allow(c, "bob")
    c.quiet("PUT", f"/users/{c.user_id('bob')}", json={"requiredActions": ["delete_account"]})
    begin(c)
    page = log_in(c, "bob", "canwefixit")
    account = c.client_id("account")
    role = c.admin("GET", f"/clients/{account}/roles/delete-account", record=False).json()
    c.quiet("DELETE", f"/users/{c.user_id('bob')}/role-mappings/clients/{account}", json=[role])
    submit(c, page, "yes")
    events(c, "refused", VARYING)


@case("own-actions/max-auth-age", realm="flows")
def _(c):
    c.quiet("PUT", "/authentication/required-actions/UPDATE_PROFILE/config", json={"config": {"max_auth_age": "1"}})
    log_in(c, "bob", "canwefixit")
    time.sleep(2.2)
    for action in ("UPDATE_PASSWORD", "UPDATE_PROFILE", "nothing"):
        ask(c, action)
    follow(c, c.authorize(record=False, kc_action="UPDATE_PROFILE", prompt="none"), "quietly")
    c.quiet("PUT", "", json={"passwordPolicy": "maxAuthAge(1)"})
    ask(c, "UPDATE_PASSWORD", "by the policy")
    c.quiet("PUT", "/authentication/required-actions/UPDATE_PASSWORD/config", json={"config": {"max_auth_age": "1000"}})
    ask(c, "UPDATE_PASSWORD", "by both")


def locale(c, label, answer):
    cookies = [header for header in answer.raw.headers.getlist("Set-Cookie") if header.startswith("KEYCLOAK_LOCALE")]
    user = c.admin("GET", f"/users/{c.user_id('bob')}", record=False).json()
    c.note(label, [answer.status_code, [cookie.split(";")[0].replace('"', "") for cookie in cookies], user.get("attributes", {}).get("locale")])
    return answer


def in_language(c, label, chosen=None, **params):
    c.browser.cookies.clear()
    page = locale(c, label + ", page", c.authorize(record=False, **params))
    if chosen:
        link = next(html.unescape(found) for found in re.findall(r'[^"\s]*kc_locale=[^"\s]*', page.text) if found.endswith(chosen))
        page = locale(c, label + ", by the link", c.get(urljoin(c.base, link), browser=True, record=False))
    locale(c, label + ", login", c.submit(page, record=False, username="bob", password="canwefixit"))
    locale(c, label + ", single sign-on", c.authorize(record=False))


@case("own-actions/locale", realm="flows")
def _(c):
    c.quiet("PUT", "", json={"internationalizationEnabled": True, "supportedLocales": ["en", "de", "nl"], "defaultLocale": "en"})
    profile = c.admin("GET", "/users/profile", record=False).json()
    c.quiet("PUT", "/users/profile", json={**profile, "unmanagedAttributePolicy": "ENABLED"})
    in_language(c, "none")
    in_language(c, "by the client", ui_locales="de")
    in_language(c, "chosen", "nl")
    in_language(c, "another time")
    c.quiet("PUT", f"/users/{c.user_id('bob')}", json={"attributes": {}, "email": "bob@example.test", "firstName": "Bob", "lastName": "Builder"})
    locale(c, "taken from the user", c.authorize(record=False))
    rep = c.admin("GET", "/authentication/required-actions/update_user_locale", record=False).json()
    c.quiet("PUT", "/authentication/required-actions/update_user_locale", json={**rep, "enabled": False})
    in_language(c, "off", "de")
