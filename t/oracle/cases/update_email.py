# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""UPDATE_EMAIL: a new e-mail address, by a page, and by a letter to it where addresses are to be verified."""
import pathlib
import re
import sys
from urllib.parse import parse_qs, urlsplit

from engine import case

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from mails import elsewhere, follow, get, mailing, note_mail, submit  # noqa: E402

ACTION = "/authentication/required-actions/UPDATE_EMAIL"


def enable(c, **config):
    action = c.admin("GET", ACTION, record=False).json()
    c.quiet("PUT", ACTION, json={**action, "enabled": True, "config": config})


def person(c, name="bob"):
    user = c.admin("GET", f"/users/{c.user_id(name)}", record=False).json()
    c.note("the user", {key: user.get(key) for key in ("email", "emailVerified", "requiredActions", "attributes")})


def begin(c, action="UPDATE_EMAIL", user="bob", password="canwefixit", **params):
    page = c.authorize(record=False, **({"kc_action": action} if action else {}), **params)
    return follow(c, submit(c, page, "log in", username=user, password=password), "log in")


def status_of(c, answer, label):
    c.note(label, parse_qs(urlsplit(answer.headers.get("location", "")).query).get("kc_action_status"))


@case("update-email/plain")
def _(c):
    enable(c)
    page = begin(c)
    for email in ("no address", "alice@example.test"):
        page = submit(c, page, f"with {email!r}", email=email)
    page = submit(c, page, "a new one", email="Builder@Example.test")
    status_of(c, page, "status")
    person(c)
    begin_again = c.authorize(record=False, kc_action="UPDATE_EMAIL")
    page = follow(c, begin_again, "again")
    page = submit(c, page, "cancel", **{"cancel-aia": "true"})
    status_of(c, page, "cancelled")


@case("update-email/disabled")
def _(c):
    page = begin(c)
    status_of(c, page, "status")
    c.quiet("PUT", f"/users/{c.user_id('bob')}", json={"requiredActions": ["UPDATE_EMAIL"]})
    elsewhere(c)
    begin(c, None)
    person(c)


@case("update-email/required")
def _(c):
    enable(c)
    c.quiet("PUT", f"/users/{c.user_id('bob')}", json={"requiredActions": ["UPDATE_EMAIL"]})
    page = begin(c, None)
    page = submit(c, page, "the same", email="bob@example.test")
    person(c)
    c.quiet("PUT", f"/users/{c.user_id('alice')}", json={"requiredActions": ["UPDATE_EMAIL"], "emailVerified": True})
    elsewhere(c)
    page = begin(c, None, "alice", "wonderland")
    page = submit(c, page, "another", email="alice2@example.test")
    person(c, "alice")


@case("update-email/verified")
def _(c):
    sink = mailing(c)
    enable(c, verifyEmail="true")
    page = begin(c)
    page = follow(c, submit(c, page, "a new one", email="builder@example.test"), "sent")
    link = note_mail(c, sink, 1)
    person(c)
    follow(c, get(c, link, "link"), "link")
    person(c)
    get(c, link, "link again")
    c.note("mails", len(sink.mails))


@case("update-email/verified-elsewhere")
def _(c):
    sink = mailing(c, verifyEmail=True)
    enable(c)
    c.quiet("PUT", f"/users/{c.user_id('bob')}", json={"requiredActions": ["UPDATE_EMAIL"], "emailVerified": True})
    page = begin(c, None)
    page = follow(c, submit(c, page, "a new one", email="builder@example.test"), "sent")
    link = note_mail(c, sink, 1)
    person(c)
    elsewhere(c)
    page = follow(c, get(c, link, "link"), "link")
    person(c)
    go_on = [link for link in re.findall(r'href="([^"]*)"', page.text) if "action-token" in link]
    if go_on:
        url = go_on[0].replace("&amp;", "&")
        follow(c, get(c, "{0.scheme}://{0.netloc}".format(urlsplit(c.base)) + url if url.startswith("/") else url, "proceed"), "proceed")
        person(c)
    get(c, link.replace("key=", "key=x"), "broken link")


@case("update-email/verified-late")
def _(c):
    sink = mailing(c)
    enable(c, verifyEmail="true")
    page = begin(c)
    page = follow(c, submit(c, page, "a new one", email="builder@example.test"), "sent")
    link = note_mail(c, sink, 1)
    c.quiet("PUT", f"/users/{c.user_id('alice')}", json={"email": "builder@example.test"})
    follow(c, get(c, link, "taken meanwhile"), "taken meanwhile")
    person(c)
    c.quiet("PUT", f"/users/{c.user_id('alice')}", json={"email": "alice@example.test"})
    c.quiet("PUT", f"/users/{c.user_id('bob')}", json={"email": "other@example.test"})
    follow(c, get(c, link, "changed meanwhile"), "changed meanwhile")
    person(c)


@case("update-email/verified-again")
def _(c):
    sink = mailing(c)
    enable(c, verifyEmail="true", emailResendCooldownSeconds="20")
    page = begin(c)
    follow(c, submit(c, page, "a new one", email="builder@example.test"), "sent")
    note_mail(c, sink, 1)
    elsewhere(c)
    page = begin(c)
    c.note("pending", re.findall(r'name="email"[^>]*value="([^"]*)"', page.text))
    page = submit(c, page, "too soon", email="builder@example.test")
    page = follow(c, submit(c, page, "another one", email="other@example.test"), "sent to another")
    c.note("mails", len(sink.mails))
    person(c)
    sink.close()


@case("update-email/verified-unchanged")
def _(c):
    sink = mailing(c)
    enable(c, verifyEmail="true")
    c.quiet("PUT", f"/users/{c.user_id('bob')}", json={"emailVerified": True})
    page = begin(c)
    follow(c, submit(c, page, "the same", email="bob@example.test"), "the same")
    c.note("mails", len(sink.mails))
    person(c)
    sink.close()


@case("update-email/mailless")
def _(c):
    enable(c, verifyEmail="true")
    page = begin(c)
    submit(c, page, "a new one", email="builder@example.test")
    person(c)


@case("update-email/other-sessions")
def _(c):
    enable(c)
    begin(c, None)
    elsewhere(c)
    page = begin(c)
    submit(c, page, "a new one", email="builder@example.test", **{"logout-sessions": "on"})
    c.note("sessions", len(c.admin("GET", f"/users/{c.user_id('bob')}/sessions", record=False).json()))


@case("update-email/profile")
def _(c):
    enable(c)
    head = {"Authorization": "Bearer " + c.password("alice", "wonderland", scope="openid")["access_token"], "Accept": "application/json"}
    c.send("GET", "/realms/{realm}/account/", headers=head, label="account")
    c.send("POST", "/realms/{realm}/account/", headers=head, json={"username": "alice", "email": "new@example.test", "firstName": "A", "lastName": "B"}, label="account, another address")
    c.send("POST", "/realms/{realm}/account/", headers=head, json={"username": "alice", "email": "alice@example.test", "firstName": "A", "lastName": "B"}, label="account, the same address")
    c.admin("GET", f"/users/{c.user_id('alice')}?userProfileMetadata=true", label="what administrators see")
    page = begin(c, "UPDATE_PROFILE")
    page = submit(c, page, "profile", username="bob", firstName="B", lastName="C", email="new@example.test")
    person(c)
    page = c.authorize(record=False, kc_action="UPDATE_PROFILE")
    page = submit(c, page, "profile", username="bob", firstName="B", lastName="C")
    person(c)
    c.admin("GET", ACTION, label="the action")
    settings = c.admin("GET", ACTION + "/config-description", record=False).json()["properties"]
    c.note("its settings", sorted([setting["name"], setting["type"], setting.get("defaultValue")] for setting in settings))


@case("update-email/empty")
def _(c):
    enable(c)
    page = begin(c)
    page = submit(c, page, "empty", email="")
    page = submit(c, page, "blank", email="  ")
    page = submit(c, page, "left out")
    submit(c, page, "too long", email="a" * 250 + "@example.test")
