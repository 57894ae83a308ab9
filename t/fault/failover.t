#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""Patroni changes the primary under load: one replica knows both Postgres by name, the other goes through HAProxy. Nothing acknowledged is lost, and
service is back a moment after the database. ROUNDS in the environment is how often (default 1: a switchover and a crash)."""
import os
import shutil
import subprocess
import tempfile
import time

from load import CLIENT, Administers, Asks, Browser, Ledger, Refreshes, SignsIn, claims
from patroni import Patroni
from servers import HAProxy, Latchkey, Session, Tap, acme, until

tap, ledger, folder = Tap(), Ledger(), tempfile.mkdtemp(prefix="lk-failover-")
acme(folder)
patroni = Patroni(folder)


def query(text):
    port = patroni.primary.port
    return subprocess.run(["psql", "-h", "127.0.0.1", "-p", str(port), "-U", "test", "-XAtq", "-c", text, "latchkey"], capture_output=True, text=True, check=True).stdout.splitlines()


subprocess.run(["createdb", "-h", "127.0.0.1", "-p", str(patroni.primary.port), "-U", "test", "latchkey"], check=True)
proxy = HAProxy(folder, [(node.port, "/primary", node.rest) for node in patroni.nodes], mode="tcp")
until(lambda: subprocess.run(["psql", "-h", "127.0.0.1", "-p", str(proxy.port), "-U", "test", "-c", "SELECT 1", "latchkey"], capture_output=True).returncode == 0, 20, 0.1)
by_name = Latchkey(folder, [node.port for node in patroni.nodes], name="by-name")
by_proxy = Latchkey(folder, proxy.port, name="by-proxy")
workers = [kind(server, ledger) for server in (by_name, by_proxy) for kind in (SignsIn, Refreshes)] + [Asks(by_proxy, ledger), Administers(by_name, ledger)]


def switch_over():
    """Asked for, not waited for."""
    now = patroni.primary
    other = next(node for node in patroni.nodes if node is not now)
    assert now.call("/switchover", {"leader": now.name, "candidate": other.name}) == 200
    until(lambda: not accepts_writes(now.port), 60, 0.005)


def crash():
    patroni.primary.kill_postgres()


def accepts_writes(port):
    """Whether it commits: a standby for which commits wait may have to be found first."""
    try:
        session = Session(port)
        session.query("UPDATE probe SET n = n + 1")
        session.close()
        return True
    except OSError:
        return False


class Watch:
    """When the database takes writes again on a way to it, and when each worker that goes this way has got on afterwards."""

    def __init__(self, port, server):
        self.port, self.workers, self.back, self.took = port, [worker for worker in workers if worker.server is server], None, None

    def is_over(self):
        now = time.monotonic()
        if self.back is None and accepts_writes(self.port):
            self.back, self.before = time.monotonic(), {worker: worker.done for worker in self.workers}
        elif self.back and self.took is None and all(worker.done > count for worker, count in self.before.items()):
            self.took = now - self.back
        return self.took is not None


query("CREATE TABLE probe AS SELECT 1 AS n")
for worker in workers:
    worker.start()
until(lambda: all(worker.done for worker in workers), 60)
for number in range(int(os.environ.get("ROUNDS", "1"))):
    for kind in (switch_over, crash):
        time.sleep(1)
        was = patroni.primary
        begun, other = time.monotonic(), next(node for node in patroni.nodes if node is not was)
        kind()
        direct, proxied = Watch(other.port, by_name), Watch(proxy.port, by_proxy)
        until(lambda: all([direct.is_over(), proxied.is_over()]), 60, 0.005)
        for way, name in ((direct, "the database"), (proxied, "HAProxy")):
            tap.ok(way.took < 1, f"{kind.__name__}: {name} takes no writes for {way.back - begun:.2f} s, every worker there gets on {way.took:.2f} s later")
        until(lambda: patroni.primary not in (None, was), 60, 0.02)
        patroni.wait_for_standby()
for worker in workers:
    worker.ended.set()
for worker in workers:
    worker.join(timeout=60)
tap.ok(not ledger.wrong, f"{ledger.answers} answers, none of them wrong; {ledger.unavailable} were 503", "\n".join(ledger.wrong[:10]))
there = set(query("SELECT id FROM user_session"))
lost = [sid for sid in ledger.refresh_tokens if sid not in there]
tap.ok(not lost, f"{len(ledger.refresh_tokens)} sessions were acknowledged, and are there", lost)
refused = [sid for sid, refresh_token in ledger.refresh_tokens.items() if Browser().request(
    "POST", claims(refresh_token)["iss"] + "/protocol/openid-connect/token", {**CLIENT, "grant_type": "refresh_token", "refresh_token": refresh_token}).status != 200]
tap.ok(not refused, "their newest tokens are good", refused)
number = int(query("SELECT rep->>'description' FROM client WHERE client_id = 'reports'")[0])
tap.ok(number in (ledger.number, ledger.number + 1), f"{ledger.number} changes of a client were acknowledged, and {number} is there")
for server in (by_name, by_proxy):
    tap.is_(server.stop(), 0, "a graceful end")
proxy.stop()
patroni.stop()
shutil.rmtree(folder, ignore_errors=True)
tap.done()
