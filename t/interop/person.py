# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""Somebody behind the gateway, without a browser's window."""
from urllib.parse import urljoin

from stack import Browser


class Person(Browser):
    def __init__(self, origin, username=None, password=None):
        super().__init__()
        self.origin = origin
        if username:
            self.landed = self.sign_in(username, password)

    def page(self, path, **headers):
        """What a browser's first answer is."""
        return self.get(urljoin(self.origin, path), headers={"Accept": "text/html", **headers})

    def script(self, path, method="GET", **headers):
        """What a script on a page is told."""
        return self.request(method, urljoin(self.origin, path), headers={"Accept": "application/json", **headers})

    def open(self, path):
        return self.follow(self.page(path))

    def follow(self, answer):
        while answer.status in (302, 303):
            answer = self.page(urljoin(answer.url, answer.headers["location"]))
        return answer

    def sign_in(self, username, password, path="/start"):
        return self.follow(self.submit(self.open(path), username=username, password=password))
