# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""How people of the realm "flows" sign in, and what is looked at on the way."""
import hashlib
import hmac
import struct
import time

from mails import follow

SECRET = b"hello-latchkey-totp!"


def totp(secret=SECRET):
    mac = hmac.new(secret, struct.pack(">Q", int(time.time() // 30)), hashlib.sha1).digest()
    at = mac[-1] & 15
    return "%06d" % ((struct.unpack(">I", mac[at:at + 4])[0] & 0x7fffffff) % 1000000)


def bind(c, **flows):
    realm = c.admin("GET", "", record=False).json()
    c.quiet("PUT", "", json={**realm, **{f"{kind}Flow": alias for kind, alias in flows.items()}})


def look(c, answer, label):
    """What a page asks for. Where the link to another way is shown is Latchkey's own matter (docs/differences.md)."""
    page = c.norm.page(answer.text) if answer.status_code != 302 else {"title": None, "forms": [], "messages": []}
    forms = [[field[0] for field in form["fields"]] for form in page["forms"] if form["id"] != "kc-select-try-another-way-form"]
    c.note(label, {"status": answer.status_code, "title": page["title"], "messages": page["messages"], "fields": forms,
                   "to": answer.headers.get("location", "").split("?")[0]})
    return answer


def send(c, page, label, **fields):
    return look(c, c.submit(page, record=False, **fields), label)


def log_in(c, user, password, code=False):
    answer = c.submit(c.authorize(record=False), record=False, username=user, password=password)
    if code and answer.status_code == 200:
        answer = c.submit(answer, record=False, otp=totp())
    return follow(c, answer, "log in")
