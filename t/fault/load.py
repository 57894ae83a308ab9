# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""A load of logins, refreshes, codes and admin writes, and the ledger of what was acknowledged."""
import contextlib
import http.client
import json
import os
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "api"))
from latchkey import Browser, claims  # noqa: E402

CLIENT = {"client_id": "echo", "client_secret": "echo-secret"}
PERSON = {"username": "alice", "password": "wonderland1", "scope": "openid"}
CONFUSED = (http.client.HTTPException, OSError)


class Ledger:
    """What was acknowledged, and what should not have been said."""

    def __init__(self):
        self.lock, self.answers, self.unavailable, self.broken_off, self.wrong = threading.Lock(), 0, 0, 0, []
        self.refresh_tokens, self.ended, self.users, self.number, self.longest = {}, set(), set(), 0, 0  # by session; sessions; names
        self.in_flight = 0

    @contextlib.contextmanager
    def asking(self):
        with self.lock:
            self.in_flight += 1
        try:
            yield
        finally:
            with self.lock:
                self.in_flight -= 1

    def count(self, answer, what, good, took):
        with self.lock:
            self.answers += 1
            self.longest = max(self.longest, took)
            if answer.status == 503:
                self.unavailable += 1
            elif answer.status not in good:
                self.wrong.append(f"{what}: {answer.status} {answer.text[:200]}")
        return answer.status in good


class Worker(threading.Thread):
    """Does one thing again and again until told to stop. A request that is answered with 503 is sent once more, unchanged, unless it is good for
    one time alone: then its step begins anew, as after a broken connection."""

    def __init__(self, server, ledger, pause=0):
        super().__init__(daemon=True)
        self.server, self.ledger, self.ended, self.done, self.pause = server, ledger, threading.Event(), 0, pause

    def run(self):
        while not self.ended.is_set():
            try:
                self.step()
                self.done += 1
                time.sleep(self.pause)
            except CONFUSED:
                with self.ledger.lock:
                    self.ledger.broken_off += 1
                time.sleep(0.02)
            except Exception as problem:  # a bug in an answer or here
                with self.ledger.lock:
                    self.ledger.wrong.append(f"{type(self).__name__}: {problem!r}")
                time.sleep(0.1)

    def ask(self, what, send, good=(200,), tries=20):
        for attempt in range(tries):
            begun = time.monotonic()
            with self.ledger.asking():
                answer = send()
            if self.ledger.count(answer, what, good, time.monotonic() - begun):
                return answer
            if answer.status != 503:
                break
            time.sleep(0.05)
        raise http.client.HTTPException(what)

    def token(self, what, tries=20, **form):
        return self.ask(what, lambda: Browser().request("POST", self.server.oidc + "/token", {**CLIENT, **form}), tries=tries).json()


class SignsIn(Worker):
    """In a browser; then the code is redeemed."""

    def step(self):
        browser = Browser()
        url = self.server.oidc + "/auth?client_id=echo&response_type=code&scope=openid&redirect_uri=http://app.test/cb"
        page = self.ask("login page", lambda: browser.get(url))
        done = self.ask("login", lambda: browser.submit(page, username=PERSON["username"], password=PERSON["password"]), good=(302,), tries=1)
        if "code" not in done.location():
            raise ValueError(f"no code in {done.headers['location']}")
        code = done.location()["code"]
        self.keep(code, self.ask("code", lambda: self.redeem(code), tries=1).json())

    def redeem(self, code):
        form = {**CLIENT, "grant_type": "authorization_code", "code": code, "redirect_uri": "http://app.test/cb"}
        return Browser().request("POST", self.server.oidc + "/token", form)

    def keep(self, code, tokens):
        with self.ledger.lock:
            self.ledger.refresh_tokens[claims(tokens["access_token"])["sid"]] = tokens["refresh_token"]


class Refreshes(Worker):
    sid = refresh_token = None

    def step(self):
        if self.refresh_token is None:
            tokens = self.token("password", grant_type="password", **PERSON)
        else:
            tokens = self.token("refresh", grant_type="refresh_token", refresh_token=self.refresh_token)
        self.refresh_token, self.sid = tokens["refresh_token"], claims(tokens["access_token"])["sid"]
        with self.ledger.lock:
            self.ledger.refresh_tokens[self.sid] = self.refresh_token


class Leaves(Worker):
    """Signs in and out: what was ended stays so, and its token is good for nothing."""

    def step(self):
        tokens = self.token("password", grant_type="password", **PERSON)
        form = {**CLIENT, "refresh_token": tokens["refresh_token"]}
        self.ask("logout", lambda: Browser().request("POST", self.server.oidc + "/logout", form), good=(204,), tries=1)
        with self.ledger.lock:
            self.ledger.ended.add(claims(tokens["access_token"])["sid"])
        self.ask("refresh after logout", lambda: Browser().request("POST", self.server.oidc + "/token", {**form, "grant_type": "refresh_token"}), good=(400,))


class RedeemsTwice(SignsIn):
    """A code is good once, whatever happens in between."""

    def keep(self, code, tokens):
        self.ask("code again", lambda: self.redeem(code), good=(400,))


class Asks(Worker):
    """What other services ask all the time."""
    access_token, expires = None, 0

    def step(self):
        if time.monotonic() > self.expires:
            self.expires = time.monotonic() + 60
            self.access_token = self.token("password", grant_type="password", **PERSON)["access_token"]
        self.ask("userinfo", lambda: Browser().get(self.server.oidc + "/userinfo", headers={"Authorization": "Bearer " + self.access_token}))
        told = self.ask("introspection", lambda: Browser().request("POST", self.server.oidc + "/token/introspect", {**CLIENT, "token": self.access_token}))
        if not told.json()["active"]:
            with self.ledger.lock:
                self.ledger.wrong.append("introspection: an active token is not")
        self.token("client credentials", grant_type="client_credentials")


class Administers(Worker):
    """Numbers a client's description: each change is seen by all, and the newest stays. Makes a user with each."""
    bearer, expires, client = None, 0, None

    def sign_in(self):
        form = {"client_id": "admin-cli", "grant_type": "password", "username": "admin", "password": "admin"}
        answer = self.ask("admin login", lambda: Browser().request("POST", self.server.base + "/realms/master/protocol/openid-connect/token", form))
        self.bearer, self.expires = {"Authorization": "Bearer " + answer.json()["access_token"], "Content-Type": "application/json"}, time.monotonic() + 30

    def step(self):
        clients = self.server.base + "/admin/realms/acme/clients"
        if time.monotonic() > self.expires:
            self.sign_in()
        if self.client is None:
            self.client = self.ask("client", lambda: Browser().get(clients + "?clientId=reports", headers=self.bearer)).json()[0]
        number = self.ledger.number + 1
        body = json.dumps({**self.client, "description": str(number)})
        self.ask("change", lambda: Browser().request("PUT", f"{clients}/{self.client['id']}", body=body, headers=self.bearer), good=(204,))
        with self.ledger.lock:
            self.ledger.number = number
        body = json.dumps({"username": f"user-{number}", "enabled": True})
        # 409: it was made by a request whose answer was 503.
        self.ask("user", lambda: Browser().request("POST", self.server.base + "/admin/realms/acme/users", body=body, headers=self.bearer), good=(201, 409))
        with self.ledger.lock:
            self.ledger.users.add(f"user-{number}")
