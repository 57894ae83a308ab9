#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""Logins, refreshes, codes and admin writes go on while Postgres and Latchkey are broken in turn; what was acknowledged must be there.

FAULTS in the environment is how many faults strike (default 18). Each kind has its turn; the order is always the same."""
import http.client
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "api"))
from latchkey import TOP, Browser, Tap, claims  # noqa: E402
from postgres import Postgres, free_port, until  # noqa: E402

FAULTS = int(os.environ.get("FAULTS", "18"))
CLIENT = {"client_id": "echo", "client_secret": "echo-secret"}
PERSON = {"username": "alice", "password": "wonderland1", "scope": "openid"}
CONFUSED = (http.client.HTTPException, OSError)


class Latchkey:
    """On a port of its own that it keeps, so that it can be killed and started again."""

    def __init__(self, folder, postgres):
        self.port, management, self.log = free_port(), free_port(), open(f"{folder}/latchkey.log", "a+")
        self.health = f"http://127.0.0.1:{management}/auth/health"
        self.base = f"http://127.0.0.1:{self.port}/auth"
        self.oidc = self.base + "/realms/acme/protocol/openid-connect"
        program = os.environ.get("LATCHKEY", f"{TOP}/build/latchkey")
        self.command = [program, "start", "--db=postgres", f"--db-url=jdbc:postgresql://127.0.0.1:{postgres.port}/latchkey", "--db-username=test",
                        "--db-password=x", "--http-enabled=true", "--http-host=127.0.0.1", f"--http-port={self.port}", f"--http-management-port={management}",
                        "--health-enabled=true", "--http-relative-path=/auth", "--hostname-strict=false", "--import-realm", f"--import-dir={folder}/import", "--shutdown-delay=0s"]
        self.start()

    def start(self):
        environment = {**os.environ, "KC_BOOTSTRAP_ADMIN_USERNAME": "admin", "KC_BOOTSTRAP_ADMIN_PASSWORD": "admin"}
        self.process = subprocess.Popen(self.command, stdout=self.log, stderr=subprocess.STDOUT, env=environment)
        until(self.is_ready, 60, 0.01)

    def is_ready(self):
        try:
            return Browser().get(self.base + "/realms/acme").status == 200
        except CONFUSED:
            return False

    def stop(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        return self.process.wait(timeout=30)

    def output(self):
        with open(self.log.name) as file:
            return file.read()


class Ledger:
    """What was acknowledged, and what should not have been said."""

    def __init__(self):
        self.lock, self.answers, self.unavailable, self.broken_off, self.wrong = threading.Lock(), 0, 0, 0, []
        self.refresh_tokens, self.number, self.longest = {}, 0, 0

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

    def __init__(self, server, ledger):
        super().__init__(daemon=True)
        self.server, self.ledger, self.ended, self.done = server, ledger, threading.Event(), 0

    def run(self):
        while not self.ended.is_set():
            try:
                self.step()
                self.done += 1
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
        tokens = self.token("code", tries=1, grant_type="authorization_code", code=done.location()["code"], redirect_uri="http://app.test/cb")
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


class Asks(Worker):
    """What other services ask all the time."""
    access_token = None

    def step(self):
        if self.access_token is None:
            self.access_token = self.token("password", grant_type="password", **PERSON)["access_token"]
        self.ask("userinfo", lambda: Browser().get(self.server.oidc + "/userinfo", headers={"Authorization": "Bearer " + self.access_token}))
        told = self.ask("introspection", lambda: Browser().request("POST", self.server.oidc + "/token/introspect", {**CLIENT, "token": self.access_token}))
        if not told.json()["active"]:
            with self.ledger.lock:
                self.ledger.wrong.append("introspection: an active token is not")
        self.token("client credentials", grant_type="client_credentials")


class Administers(Worker):
    """Numbers a client's description: each change is seen by all, and the newest stays."""
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


# --- faults: each breaks something, and mends it ------------------------------------------------------------------------------------------


def cut_connections(postgres, server):
    postgres.query("latchkey", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'latchkey'")


def restart_fast(postgres, server):
    postgres.stop()
    postgres.start()


def restart_at_once(postgres, server):
    postgres.stop(signal.SIGQUIT)
    postgres.start()


def crash_one_process(postgres, server):
    pids = postgres.query("latchkey", "SELECT pid FROM pg_stat_activity WHERE application_name = 'latchkey'")
    os.kill(int(random.choice(pids)), signal.SIGKILL)


def hang(postgres, server):
    postgres.signal_all(signal.SIGSTOP)
    time.sleep(2)
    postgres.signal_all(signal.SIGCONT)


def kill_latchkey(postgres, server):
    server.stop(signal.SIGKILL)
    server.start()


KINDS = [cut_connections, restart_fast, restart_at_once, crash_one_process, hang, kill_latchkey]


def strike(kind, postgres, server, workers, ledger):
    """Breaks and mends. Returns how many requests were refused, how long the database was away, and how long until every worker got on."""
    unavailable, begun = ledger.unavailable, time.monotonic()
    kind(postgres, server)
    until(lambda: postgres.query("latchkey", "SELECT 1", check=False) == ["1"], 60, 0.01)
    mended, before = time.monotonic(), {worker: worker.done for worker in workers}
    try:
        until(lambda: all(worker.done > count for worker, count in before.items()), 20, 0.005)
    except TimeoutError:
        pass
    return ledger.unavailable - unavailable, mended - begun, time.monotonic() - mended


def check_while_away(tap, postgres, server):
    """What needs nothing that is stored goes on; the rest says 503 at once, and never that somebody is not signed in."""
    token = Browser().request("POST", server.oidc + "/token", {**CLIENT, "grant_type": "password", **PERSON}).json()
    bearer = {"Authorization": "Bearer " + token["access_token"]}
    calls = {"keys": (200, lambda: Browser().get(server.oidc + "/certs")),
             "discovery": (200, lambda: Browser().get(server.base + "/realms/acme/.well-known/openid-configuration")),
             "client credentials": (200, lambda: Browser().request("POST", server.oidc + "/token", {**CLIENT, "grant_type": "client_credentials"})),
             "userinfo": (503, lambda: Browser().get(server.oidc + "/userinfo", headers=bearer)),
             "refresh": (503, lambda: Browser().request("POST", server.oidc + "/token", {**CLIENT, "grant_type": "refresh_token", "refresh_token": token["refresh_token"]})),
             "readiness": (503, lambda: Browser().get(server.health + "/ready")), "liveness": (200, lambda: Browser().get(server.health + "/live"))}
    postgres.stop()
    for call in calls.values():  # the first ones wait for a restart
        call[1]()
    for name, (status, call) in calls.items():
        begun, answer = time.monotonic(), call()
        tap.ok(answer.status == status and time.monotonic() - begun < 1, f"{name}: {status} while the database is away", answer.text)
    postgres.start()
    begun = time.monotonic()
    until(lambda: calls["userinfo"][1]().status == 200 and calls["readiness"][1]().status == 200, 20)
    tap.ok(time.monotonic() - begun < 3, f"all is back {time.monotonic() - begun:.2f} s after it")
    tap.is_(calls["refresh"][1]().status, 200, "and the token is good")


def check_afterwards(tap, postgres, server, ledger):
    there = set(postgres.query("latchkey", "SELECT id FROM user_session"))
    lost = [sid for sid in ledger.refresh_tokens if sid not in there]
    tap.ok(not lost, f"{len(ledger.refresh_tokens)} sessions were acknowledged, and are there", lost)
    refused = []
    for sid, token in ledger.refresh_tokens.items():
        answer = Browser().request("POST", server.oidc + "/token", {**CLIENT, "grant_type": "refresh_token", "refresh_token": token})
        if answer.status != 200:
            refused.append(f"{sid}: {answer.text}")
    tap.ok(not refused, "and their newest tokens are good", "\n".join(refused[:5]))
    number = int(postgres.query("latchkey", "SELECT rep->>'description' FROM client WHERE client_id = 'reports'")[0])
    tap.ok(number in (ledger.number, ledger.number + 1), f"{ledger.number} changes of a client were acknowledged, and {number} is there")
    twice = postgres.query("latchkey", "SELECT kind, id FROM used_value WHERE attempt IS NULL")
    tap.is_(twice, [], "every mark of use names its attempt")


def main():
    tap, ledger, folder = Tap(), Ledger(), tempfile.mkdtemp(prefix="lk-fault-")
    os.chmod(folder, 0o711)
    os.mkdir(f"{folder}/import")
    shutil.copy(f"{TOP}/t/data/acme-export.json", f"{folder}/import/acme-realm.json")
    postgres = Postgres(folder)
    server = None
    random.seed(1)
    try:
        postgres.create("latchkey")
        server = Latchkey(folder, postgres)
        workers = [kind(server, ledger) for kind in (SignsIn, SignsIn, Refreshes, Refreshes, Asks, Administers)]
        for worker in workers:
            worker.start()
        try:
            until(lambda: all(worker.done for worker in workers), 30)
        except TimeoutError:
            tap.ok(False, "every worker works", ledger.wrong[:10])
        for number in range(FAULTS):
            kind = KINDS[number % len(KINDS)]
            time.sleep(0.3)
            refused, away, took = strike(kind, postgres, server, workers, ledger)
            # Latchkey says 503 while it starts, and where the database is away for longer than it waits.
            few = refused <= len(workers) or kind is kill_latchkey or away > 4
            tap.ok(few and took < 5, f"{kind.__name__}: away for {away:.1f} s, {refused} refused, all get on {took:.2f} s later")
        for worker in workers:
            worker.ended.set()
        for worker in workers:
            worker.join(timeout=60)
        tap.ok(not ledger.wrong, f"{ledger.answers} answers, none of them wrong; {ledger.unavailable} were 503, the longest took {ledger.longest:.1f} s",
               "\n".join(ledger.wrong[:10]))
        check_while_away(tap, postgres, server)
        check_afterwards(tap, postgres, server, ledger)
        tap.is_(server.stop(), 0, "a graceful end exits 0")
    finally:
        if server and server.process.poll() is None:
            server.stop(signal.SIGKILL)
        if tap.failed and server:
            print("# " + "\n# ".join(line for line in server.output().splitlines() if "login-actions" in line or " ERROR " in line))
        postgres.stop()
        shutil.rmtree(folder, ignore_errors=True)
    tap.done()


main()
