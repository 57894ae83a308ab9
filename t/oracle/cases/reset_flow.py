# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""The flow for forgotten passwords as realms configure it: its steps, other steps in it, what is set up at its end."""
import pathlib
import re
import sys
from urllib.parse import urlsplit

from engine import case

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from logins import totp  # noqa: E402
from mails import elsewhere, follow, get, mailing, submit  # noqa: E402

CHOOSE, MAIL, PASSWORD, OTP = "reset-credentials-choose-user", "reset-credential-email", "reset-password", "reset-otp"


def flow(c, *steps):
    """A realm that mails, with a flow of these steps: an authenticator, or (authenticator, requirement, config)."""
    sink = mailing(c, resetPasswordAllowed=True)
    c.quiet("POST", "/authentication/flows", json={"alias": "forgotten", "providerId": "basic-flow", "topLevel": True, "builtIn": False})
    for step in steps:
        provider, requirement, config = (step, "REQUIRED", None) if isinstance(step, str) else step
        c.quiet("POST", "/authentication/flows/forgotten/executions/execution", json={"provider": provider})
        made = c.admin("GET", "/authentication/flows/forgotten/executions", record=False).json()[-1]
        c.quiet("PUT", "/authentication/flows/forgotten/executions", json={**made, "requirement": requirement})
        if config:
            c.quiet("POST", f"/authentication/executions/{made['id']}/config", json={"alias": provider, "config": config})
    realm = c.admin("GET", "", record=False).json()
    c.quiet("PUT", "", json={**realm, "resetCredentialsFlow": "forgotten"})
    return sink


def forgot(c, who, **params):
    page = c.authorize(record=False, **params)
    link = next(link for link in re.findall(r'href="([^"]*)"', page.text) if "reset-credentials" in link).replace("&amp;", "&")
    page = follow(c, c.get("{0.scheme}://{0.netloc}".format(urlsplit(c.base)) + link if link.startswith("/") else link, browser=True, record=False), "forgot")
    return follow(c, submit(c, page, "user", username=who), "user")


def open_link(c, sink, count=1):
    link = next(link for link in sink.wait(count).links if "action-token" in link)
    return follow(c, get(c, link, "link"), "link")


def new_password(c, page, label="new password"):
    return follow(c, submit(c, page, label, **{"password-new": "fresh", "password-confirm": "fresh"}), label)


def have(c, who):
    user = c.admin("GET", f"/users/{c.user_id(who)}", record=False).json()
    credentials = c.admin("GET", f"/users/{user['id']}/credentials", record=False).json()
    c.note(who, [sorted(user["requiredActions"]), sorted(credential["type"] for credential in credentials)])


@case("reset-flow/default-otp", realm="flows")
def _(c):
    sink = mailing(c, resetPasswordAllowed=True)
    forgot(c, "alice")
    new_password(c, open_link(c, sink))
    have(c, "alice")


@case("reset-flow/default-no-otp", realm="flows")
def _(c):
    sink = mailing(c, resetPasswordAllowed=True)
    forgot(c, "bob")
    new_password(c, open_link(c, sink))
    have(c, "bob")


@case("reset-flow/otp-remove-all", realm="flows")
def _(c):
    sink = flow(c, CHOOSE, MAIL, (OTP, "REQUIRED", {"action_on_otp_reset_flag": "Remove all"}))
    forgot(c, "alice")
    open_link(c, sink)
    have(c, "alice")


@case("reset-flow/otp-remove-one", realm="flows")
def _(c):
    sink = flow(c, CHOOSE, MAIL, PASSWORD, (OTP, "REQUIRED", {"action_on_otp_reset_flag": "Remove one"}))
    forgot(c, "alice")
    page = open_link(c, sink)
    c.note("choices", len(re.findall(r'name="selectedCredentialId"', page.text)))
    chosen = re.findall(r'name="selectedCredentialId"[^>]*value="([^"]+)"|value="([^"]+)"[^>]*name="selectedCredentialId"', page.text)
    page = follow(c, submit(c, page, "chosen", **({"selectedCredentialId": "".join(chosen[0])} if chosen else {})), "chosen")
    have(c, "alice")


@case("reset-flow/otp-remove-one-of-none", realm="flows")
def _(c):
    sink = flow(c, CHOOSE, MAIL, (OTP, "REQUIRED", {"action_on_otp_reset_flag": "Remove one"}))
    forgot(c, "bob")
    open_link(c, sink)
    have(c, "bob")


@case("reset-flow/password-disabled", realm="flows")
def _(c):
    sink = flow(c, CHOOSE, MAIL, (PASSWORD, "DISABLED", None))
    forgot(c, "bob")
    open_link(c, sink)
    have(c, "bob")


@case("reset-flow/password-disabled-elsewhere", realm="flows")
def _(c):
    sink = flow(c, CHOOSE, MAIL, (PASSWORD, "DISABLED", None))
    forgot(c, "bob")
    elsewhere(c)
    open_link(c, sink)


@case("reset-flow/otp-asked-before", realm="flows")
def _(c):
    sink = flow(c, CHOOSE, "auth-otp-form", MAIL, PASSWORD)
    page = forgot(c, "alice")
    page = submit(c, page, "wrong code", otp="000000")
    follow(c, submit(c, page, "code", otp=totp()), "code")
    new_password(c, open_link(c, sink))
    c.note("mails", len(sink.mails))


@case("reset-flow/otp-asked-after", realm="flows")
def _(c):
    sink = flow(c, CHOOSE, MAIL, "auth-otp-form", PASSWORD)
    forgot(c, "alice")
    page = open_link(c, sink)
    page = follow(c, submit(c, page, "code", otp=totp()), "code")
    new_password(c, page)


@case("reset-flow/otp-asked-of-nobody", realm="flows")
def _(c):
    flow(c, CHOOSE, "auth-otp-form", MAIL, PASSWORD)
    forgot(c, "nobody")


@case("reset-flow/otp-asked-of-who-has-none", realm="flows")
def _(c):
    flow(c, CHOOSE, "auth-otp-form", MAIL, PASSWORD)
    forgot(c, "bob")


@case("reset-flow/no-mail", realm="flows")
def _(c):
    flow(c, CHOOSE, PASSWORD)
    new_password(c, forgot(c, "bob"))
    have(c, "bob")


@case("reset-flow/no-mail-nobody", realm="flows")
def _(c):
    flow(c, CHOOSE, PASSWORD)
    forgot(c, "nobody")


@case("reset-flow/login-forced", realm="flows")
def _(c):
    sink = flow(c, CHOOSE, (MAIL, "REQUIRED", {"force-login": "true"}), PASSWORD)
    forgot(c, "bob")
    new_password(c, open_link(c, sink))
    have(c, "bob")
    c.note("session", c.params(c.authorize(record=False, prompt="none")).get("error"))


@case("reset-flow/denied", realm="flows")
def _(c):
    flow(c, CHOOSE, "deny-access-authenticator", MAIL, PASSWORD)
    forgot(c, "bob")


@case("reset-flow/password-conditional", realm="flows")
def _(c):
    sink = flow(c, CHOOSE, MAIL, (PASSWORD, "ALTERNATIVE", None))
    forgot(c, "bob")
    open_link(c, sink)


@case("reset-flow/of-a-disabled-user", realm="flows")
def _(c):
    flow(c, CHOOSE, PASSWORD)
    c.quiet("PUT", f"/users/{c.user_id('bob')}", json={"enabled": False})
    forgot(c, "bob")


def sessions(c, label, tokens):
    for name, refresh_token in tokens.items():
        c.note(f"{label}: {name}", c.token(grant_type="refresh_token", refresh_token=refresh_token).status_code)


@case("reset-flow/other-sessions", realm="flows")
def _(c):
    tokens = {"elsewhere": c.redeem(c.login(user="bob", password="canwefixit")["code"], record=False).json()["refresh_token"]}
    elsewhere(c)
    tokens["here"] = c.redeem(c.login(user="bob", password="canwefixit")["code"], record=False).json()["refresh_token"]
    page = follow(c, c.authorize(record=False, kc_action="CONFIGURE_TOTP"), "action")
    c.note("checked", re.findall(r"<input[^>]*logout-sessions[^>]*>", page.text)[0].count("checked"))
    secret = re.search(r'name="totpSecret"[^>]*value="([^"]+)"|value="([^"]+)"[^>]*name="totpSecret"', page.text)
    secret = secret[1] or secret[2]
    page = submit(c, page, "no code", totpSecret=secret, totp="", userLabel="one")
    page = submit(c, page, "wrong code", totpSecret=secret, totp="000000", userLabel="one")
    answer = submit(c, page, "the code", totpSecret=secret, totp=totp(secret.encode()), userLabel="one", **{"logout-sessions": "on"})
    code = c.params(follow(c, answer, "the code")).get("code")
    sessions(c, "after", tokens)
    c.note("redeemed", c.redeem(code, record=False).status_code)
    c.note("signed in", sorted(c.params(c.authorize(record=False, prompt="none")).keys() & {"code", "error"}))


@case("reset-flow/other-sessions-password", realm="flows")
def _(c):
    tokens = {"elsewhere": c.redeem(c.login(user="bob", password="canwefixit")["code"], record=False).json()["refresh_token"]}
    elsewhere(c)
    tokens["here"] = c.redeem(c.login(user="bob", password="canwefixit")["code"], record=False).json()["refresh_token"]
    page = follow(c, c.authorize(record=False, kc_action="UPDATE_PASSWORD"), "action")
    answer = submit(c, page, "new", **{"password-new": "fresh", "password-confirm": "fresh", "logout-sessions": "on"})
    code = c.params(follow(c, answer, "new")).get("code")
    sessions(c, "after", tokens)
    c.note("redeemed", c.redeem(code, record=False).status_code)


@case("reset-flow/beside-another-session", realm="flows")
def _(c):
    sink = mailing(c, resetPasswordAllowed=True)
    other = c.authorize(record=False, state="other")
    forgot(c, "alice")
    c.submit(other, record=False, username="bob", password="canwefixit")
    open_link(c, sink)
    elsewhere(c)
    open_link(c, sink)
