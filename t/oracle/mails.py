# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""A realm that sends mails to a sink, and what a person sees of pages, for cases."""
import os
import sys
from urllib.parse import parse_qsl, urlsplit

import requests

from engine import Page

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "api"))
from mail_sink import Sink  # noqa: E402


def mailing(c, **settings):
    sink = Sink()
    c.quiet("PUT", "", json={"smtpServer": {"host": "127.0.0.1", "port": str(sink.port), "from": "from@example.test", "fromDisplayName": "The Realm", "replyTo": "reply@example.test",
                                            "replyToDisplayName": "Replies", "envelopeFrom": "bounce@example.test"}, **settings})
    return sink


def note_mail(c, sink, count):
    mail = sink.wait(count)
    link = next((link for link in mail.links if "action-token" in link), None)
    c.note(f"mail {count}", {"envelope": [mail.envelope["from"], mail.envelope["to"]], "from": mail["from"], "to": mail["to"], "reply": mail["reply-to"], "type": mail.message.get_content_type(),
                             "parts": [part.get_content_type() for part in mail.message.iter_parts()], "path": urlsplit(link or "").path.replace(c.realm, "{realm}"),
                             "query": sorted({name for name, _ in parse_qsl(urlsplit(link or "").query)} - {"client_data"})})
    return link


def seen(c, label, answer):
    """What a person sees of an answer: how the browser's state is kept is each server's own."""
    page, where = Page(answer.text), urlsplit(answer.headers.get("location", ""))
    c.note(label, [answer.status_code, where.netloc + where.path.replace(c.realm, "{realm}") if where.netloc == "app.test" else where.path.replace(c.realm, "{realm}"), page.title.strip().replace(c.realm, "{realm}"),
                   [field[0] for form in page.forms for field in form["fields"]], [[kind, " ".join(text.replace("« Back to Application", "").split())] for kind, text in page.messages if text.strip()]])
    return answer


def get(c, url, label):
    return seen(c, label, c.get(url, browser=True, record=False))


def submit(c, page, label, **fields):
    return seen(c, label, c.submit(page, record=False, **fields))


def arrive(c, answer):
    """Goes where it is sent within the realm, up to the client."""
    for _ in range(4):
        where = answer.headers.get("location", "")
        if not where or where.startswith("http://app.test"):
            break
        answer = c.get(where, browser=True, record=False)
    return answer


def follow(c, answer, label):
    return seen(c, label + ", at last", arrive(c, answer))


def elsewhere(c):
    c.browser = requests.Session()
