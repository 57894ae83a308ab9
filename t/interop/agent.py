# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""The person at the browser, for clients in other languages: GET /?url=URL opens it, signs alice in, says yes to what is asked, and answers
with the URL to which the browser was sent in the end."""
import base64
import http.server
import json
import urllib.request
from urllib.parse import parse_qs, urlsplit

from stack import Browser, Service


def sign_in(url):
    browser, here = Browser(), urlsplit(url).netloc
    page = browser.get(url)
    for _ in range(10):
        to = page.headers.get("location")
        if to is not None and urlsplit(to).netloc != here:
            return to
        if to is not None:
            page = browser.get(to)
        elif 'id="kc-form-login"' in page.text:
            page = browser.submit(page, username="alice", password="wonderland1")
        elif 'name="accept"' in page.text:
            page = browser.submit(page, accept="yes")
        else:
            break
    return page.url


class Agent(Service):
    def answer(self):
        return 200, {}, sign_in(parse_qs(urlsplit(self.path).query)["url"][0])


class Approver(http.server.BaseHTTPRequestHandler):
    """The authentication channel of somebody who agrees to everything (CIBA)."""

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        token = self.headers["Authorization"]
        issuer = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))["iss"]
        self.send_response(201)
        self.send_header("Content-Length", "0")
        self.end_headers()
        answer = urllib.request.Request(issuer + "/protocol/openid-connect/ext/ciba/auth/callback", b'{"status":"SUCCEED"}',
                                        {"Authorization": token, "Content-Type": "application/json"})
        urllib.request.urlopen(answer, timeout=10).close()

    def log_message(self, *_):
        pass
