# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""The person at the browser, for clients in other languages: GET /?url=AUTHORIZATION-URL signs alice in there and answers with the URL to
which the browser was sent back."""
import http.server
from urllib.parse import parse_qs, urlsplit

from stack import Browser


def sign_in(url):
    browser = Browser()
    return browser.submit(browser.get(url), username="alice", password="wonderland1").headers.get("location", "nowhere")


class Agent(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = sign_in(parse_qs(urlsplit(self.path).query)["url"][0]).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass
