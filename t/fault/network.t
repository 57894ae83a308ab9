#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""The network between Latchkey and its database, by toxiproxy: slow, resetting, refusing, and silent, under load."""
import concurrent.futures
import shutil
import tempfile
import time

from load import PERSON, Administers, Asks, Browser, Ledger, Refreshes, SignsIn
from servers import Latchkey, Postgres, Tap, Toxiproxy, acme, until

tap, ledger, folder = Tap(), Ledger(), tempfile.mkdtemp(prefix="lk-network-")
acme(folder)
postgres = Postgres(folder)
postgres.create("latchkey")
network = Toxiproxy(folder, postgres.port)
server = Latchkey(folder, network.port, "--db-statement-timeout=1s")
workers = [kind(server, ledger) for kind in (SignsIn, Refreshes, Asks, Administers)]
for worker in workers:
    worker.start()
until(lambda: all(worker.done for worker in workers), 60)
FAULTS = {"40 ms more for each answer": lambda: network.poison("latency", 1, latency=40, jitter=20), "a reset of every connection": lambda: network.poison("reset_peer", 0.5, timeout=0),
          "a line of 40 KB/s": lambda: network.poison("bandwidth", 1, rate=40), "answers that never come": lambda: network.poison("timeout", 1.2, timeout=0),
          "questions that never arrive": lambda: network.poison("timeout", 1.2, stream="upstream", timeout=0), "packets in pieces": lambda: network.poison("slicer", 1, average_size=64, size_variation=32, delay=100),
          "a closed port": lambda: network.refuse(1)}
for name, strike in FAULTS.items():
    time.sleep(0.3)
    strike()
    mended, before = time.monotonic(), {worker: worker.done for worker in workers}
    until(lambda: all(worker.done > count for worker, count in before.items()), 30, 0.005)
    took = time.monotonic() - mended
    # A request that hangs is given up after the statement's time and two seconds.
    tap.ok(took < 6, f"{name}: all get on {took:.2f} s after it")
for worker in workers:
    worker.ended.set()
for worker in workers:
    worker.join(timeout=60)
tap.ok(not ledger.wrong, f"{ledger.answers} answers, none of them wrong; {ledger.unavailable} were 503, the longest took {ledger.longest:.1f} s", "\n".join(ledger.wrong[:10]))
there = set(postgres.query("latchkey", "SELECT id FROM user_session"))
lost = [sid for sid in ledger.refresh_tokens if sid not in there]
tap.ok(not lost, f"{len(ledger.refresh_tokens)} sessions were acknowledged, and are there", lost)
number = int(postgres.query("latchkey", "SELECT rep->>'description' FROM client WHERE client_id = 'reports'")[0])
tap.ok(number in (ledger.number, ledger.number + 1), f"{ledger.number} changes of a client were acknowledged, and {number} is there")


def waits(what):
    return lambda: postgres.query("latchkey", f"SELECT count(*) FROM pg_stat_activity WHERE application_name = 'latchkey' AND {what}") != ["0"]


def wait_for_standby(name):
    postgres.query("latchkey", f"ALTER SYSTEM SET synchronous_standby_names = '{name}'")
    postgres.query("latchkey", "SELECT pg_reload_conf()")


# --- a login whose connection breaks in the middle of its commit, which succeeds much later ---
browser = Browser()
page = browser.get(server.oidc + "/auth?client_id=echo&response_type=code&scope=openid&redirect_uri=http://app.test/cb")
wait_for_standby("nobody")
with concurrent.futures.ThreadPoolExecutor() as pool:
    sent = pool.submit(browser.submit, page, username=PERSON["username"], password=PERSON["password"])
    until(waits("wait_event = 'SyncRep'"), 20)
    network.refuse(0.05)
    until(waits("wait_event_type = 'Lock'"), 20)  # the same login by the same attempt, on another connection
    wait_for_standby("")
answer = sent.result()
tap.ok(answer.status == 302 and "code" in answer.location(), "a commit that comes late is found to be one's own", f"{answer.status} {answer.headers}")
tap.is_(server.stop(), 0, "a graceful end")
network.stop()
postgres.stop()
shutil.rmtree(folder, ignore_errors=True)
tap.done()
