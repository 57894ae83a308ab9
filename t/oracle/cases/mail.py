# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""What users are sent by mail, and where its links lead."""
import pathlib
import re
import sys
from urllib.parse import urlsplit

from engine import case

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from mails import elsewhere, follow, get, mailing, note_mail, submit  # noqa: E402


def forgot(c, who, **params):
    page = c.authorize(record=False, **params)
    link = next(link for link in re.findall(r'href="([^"]*)"', page.text) if "reset-credentials" in link).replace("&amp;", "&")
    page = get(c, "{0.scheme}://{0.netloc}".format(urlsplit(c.base)) + link if link.startswith("/") else link, "forgot")
    return submit(c, page, "send", username=who)


@case("mail/reset-password")
def _(c):
    sink = mailing(c, resetPasswordAllowed=True)
    follow(c, forgot(c, "alice"), "sent")
    link = note_mail(c, sink, 1)
    page = follow(c, get(c, link, "link"), "link")
    page = submit(c, page, "not the same", **{"password-new": "one", "password-confirm": "two"})
    submit(c, page, "new password", **{"password-new": "fresh", "password-confirm": "fresh"})
    get(c, link, "link again")
    c.password("alice", "fresh", record=True)
    c.note("verified", c.admin("GET", f"/users/{c.user_id('bob')}", record=False).json()["emailVerified"])


@case("mail/reset-password-elsewhere")
def _(c):
    sink = mailing(c, resetPasswordAllowed=True)
    forgot(c, "bob@example.test")
    link = note_mail(c, sink, 1)
    elsewhere(c)
    page = follow(c, get(c, link, "link"), "link")
    page = submit(c, page, "new password", **{"password-new": "fresh", "password-confirm": "fresh"})
    page = follow(c, page, "after")
    get(c, link, "link again")
    c.note("bob", {k: v for k, v in c.admin("GET", f"/users/{c.user_id('bob')}", record=False).json().items() if k in ("emailVerified", "requiredActions")})
    c.note("broken", get(c, link.replace("key=", "key=x"), "broken link").status_code)


@case("mail/reset-password-nobody")
def _(c):
    sink = mailing(c, resetPasswordAllowed=True)
    follow(c, forgot(c, "nobody"), "sent")
    follow(c, forgot(c, "carol"), "sent")
    page = forgot(c, "")
    submit(c, page, "again", username="alice")
    note_mail(c, sink, 1)
    c.note("mails", len(sink.mails))
    sink.close()
    forgot(c, "alice")


@case("mail/verify-email")
def _(c):
    sink = mailing(c, verifyEmail=True)
    page = follow(c, submit(c, c.authorize(record=False), "log in", username="bob", password="canwefixit"), "log in")
    link = note_mail(c, sink, 1)
    again = next(link for link in re.findall(r'href="([^"]*)"', page.text) if "required-action" in link).replace("&amp;", "&")
    follow(c, get(c, "{0.scheme}://{0.netloc}".format(urlsplit(c.base)) + again if again.startswith("/") else again, "resend"), "resend")
    c.note("mails", len(sink.mails))
    follow(c, get(c, link, "link"), "link")
    get(c, link, "link again")
    c.note("bob", {k: v for k, v in c.admin("GET", f"/users/{c.user_id('bob')}", record=False).json().items() if k in ("emailVerified", "requiredActions")})


@case("mail/verify-email-elsewhere")
def _(c):
    sink = mailing(c, verifyEmail=True)
    follow(c, submit(c, c.authorize(record=False), "log in", username="bob", password="canwefixit"), "log in")
    link = note_mail(c, sink, 1)
    first = c.browser
    elsewhere(c)
    page = get(c, link, "link")
    go_on = next(link for link in re.findall(r'href="([^"]*)"', page.text) if "action-token" in link).replace("&amp;", "&")
    page = follow(c, get(c, "{0.scheme}://{0.netloc}".format(urlsplit(c.base)) + go_on if go_on.startswith("/") else go_on, "proceed"), "proceed")
    c.note("bob", {k: v for k, v in c.admin("GET", f"/users/{c.user_id('bob')}", record=False).json().items() if k in ("emailVerified", "requiredActions")})
    c.browser = first


@case("mail/execute-actions")
def _(c):
    sink = mailing(c)
    bob = c.user_id("bob")
    c.admin("PUT", f"/users/{bob}/execute-actions-email?client_id=app&redirect_uri=http://app.test/cb&lifespan=60", json=["UPDATE_PASSWORD", "UPDATE_PROFILE"])
    link = note_mail(c, sink, 1)
    page = get(c, link, "link")
    go_on = next(link for link in re.findall(r'href="([^"]*)"', page.text) if "action-token" in link).replace("&amp;", "&")
    page = follow(c, get(c, "{0.scheme}://{0.netloc}".format(urlsplit(c.base)) + go_on if go_on.startswith("/") else go_on, "proceed"), "proceed")
    page = follow(c, c.submit(page, record=False, username="bob", email="bob@example.test", firstName="Rob", lastName="Builder"), "next")
    page = follow(c, submit(c, page, "new password", **{"password-new": "fresh", "password-confirm": "fresh"}), "done")
    c.note("link back", re.findall(r'href="(http://app.test[^"]*)"', page.text))
    get(c, link, "link again")
    c.note("bob", {k: v for k, v in c.admin("GET", f"/users/{bob}", record=False).json().items() if k in ("firstName", "emailVerified", "requiredActions")})
    c.password("bob", "fresh", record=True)


@case("mail/execute-actions-without-client")
def _(c):
    sink = mailing(c)
    bob = c.user_id("bob")
    c.admin("PUT", f"/users/{bob}/send-verify-email")
    link = note_mail(c, sink, 1)
    page = get(c, link, "link")
    go_on = next(link for link in re.findall(r'href="([^"]*)"', page.text) if "action-token" in link).replace("&amp;", "&")
    page = follow(c, get(c, "{0.scheme}://{0.netloc}".format(urlsplit(c.base)) + go_on if go_on.startswith("/") else go_on, "proceed"), "proceed")
    c.note("bob", {k: v for k, v in c.admin("GET", f"/users/{bob}", record=False).json().items() if k in ("emailVerified", "requiredActions")})
    c.admin("PUT", f"/users/{bob}/reset-password-email")
    link = note_mail(c, sink, 2)
    c.quiet("DELETE", f"/users/{bob}")
    get(c, link, "link of nobody")


@case("mail/test")
def _(c):
    sink = mailing(c)
    c.admin("POST", "/testSMTPConnection", json={"host": "127.0.0.1", "port": str(sink.port), "from": "from@example.test"})

    c.note("mails", len(sink.mails))
