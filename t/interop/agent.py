# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""The person at the browser, for clients in other languages: GET /?url=AUTHORIZATION-URL signs alice in there and answers with the URL to
which the browser was sent back."""
from urllib.parse import parse_qs, urlsplit

from stack import Browser, Service


def sign_in(url):
    browser = Browser()
    page = browser.get(url)
    if page.status == 302:  # a pushed request's way to the form
        page = browser.get(page.headers["location"])
    return browser.submit(page, username="alice", password="wonderland1").headers.get("location", "nowhere")


class Agent(Service):
    def answer(self):
        return 200, {}, sign_in(parse_qs(urlsplit(self.path).query)["url"][0])
