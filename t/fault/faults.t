#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""Logins, refreshes, codes and admin writes go on while Postgres and Latchkey are broken in turn; what was acknowledged must be there.

FAULTS in the environment is how many faults strike (default 21). Each kind has its turn; the order is always the same."""
import os
import random
import shutil
import signal
import socket
import struct
import tempfile
import time

from load import CLIENT, PERSON, Administers, Asks, Browser, Ledger, Refreshes, SignsIn
from servers import Latchkey, Postgres, Tap, acme, until

FAULTS = int(os.environ.get("FAULTS", "21"))

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


def crowd(postgres, server):
    """Others take every connection that the server has, and keep them for a second."""
    words = b"user\0test\0database\0latchkey\0application_name\0guest\0\0"
    theirs = [int(pid) for pid in postgres.query("latchkey", "SELECT pid FROM pg_stat_activity WHERE application_name = 'latchkey'")]
    guests, ends = [], time.monotonic() + 1.5
    while time.monotonic() < ends:
        guest = socket.create_connection(("127.0.0.1", postgres.port), timeout=5)
        guest.sendall(struct.pack("!ii", len(words) + 8, 196608) + words)  # a start-up message of protocol 3.0
        if guest.recv(1) == b"R":
            guests.append(guest)
            continue
        guest.close()
        for pid in theirs:
            os.kill(pid, signal.SIGTERM)  # Latchkey's connections end, and it must find others
        theirs = []
        time.sleep(0.01)
    for guest in guests:
        guest.close()


def kill_latchkey(postgres, server):
    server.stop(signal.SIGKILL)
    server.start()


KINDS = [cut_connections, restart_fast, restart_at_once, crash_one_process, hang, crowd, kill_latchkey]


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
    acme(folder)
    postgres = Postgres(folder)
    server = None
    random.seed(1)
    try:
        postgres.create("latchkey")
        server = Latchkey(folder, postgres.port)
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
