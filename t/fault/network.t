#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""The network between Latchkey and its database, by toxiproxy: slow, resetting, refusing, and silent, under load."""
import json
import shutil
import tempfile
import time
import urllib.request

from load import Administers, Asks, Ledger, Refreshes, SignsIn
from servers import Latchkey, Postgres, Program, Tap, acme, free_port, listens, until


class Toxiproxy(Program):
    def __init__(self, folder, upstream):
        self.control, self.port = free_port(), free_port()
        super().__init__(folder, "toxiproxy", [shutil.which("toxiproxy"), "-host", "127.0.0.1", "-port", str(self.control)])
        self.call("POST", "/proxies", {"name": "postgres", "listen": f"127.0.0.1:{self.port}", "upstream": f"127.0.0.1:{upstream}"})

    def is_ready(self):
        return listens(self.control)

    def call(self, method, path, body=None):
        request = urllib.request.Request(f"http://127.0.0.1:{self.control}{path}", json.dumps(body).encode() if body is not None else None, {"Content-Type": "application/json"}, method=method)
        with urllib.request.urlopen(request, timeout=10) as answer:
            answer.read()

    def poison(self, kind, seconds, stream="downstream", **attributes):
        self.call("POST", "/proxies/postgres/toxics", {"name": "it", "type": kind, "stream": stream, "attributes": attributes})
        time.sleep(seconds)
        self.call("DELETE", "/proxies/postgres/toxics/it")

    def refuse(self, seconds):
        self.call("POST", "/proxies/postgres", {"enabled": False})
        time.sleep(seconds)
        self.call("POST", "/proxies/postgres", {"enabled": True})


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
FAULTS = {"40 ms more for each answer": lambda: network.poison("latency", 2, latency=40, jitter=20), "a reset of every connection": lambda: network.poison("reset_peer", 0.5, timeout=0),
          "a line of 40 KB/s": lambda: network.poison("bandwidth", 2, rate=40), "answers that never come": lambda: network.poison("timeout", 1.5, timeout=0),
          "questions that never arrive": lambda: network.poison("timeout", 1.5, stream="upstream", timeout=0), "packets in pieces": lambda: network.poison("slicer", 1, average_size=64, size_variation=32, delay=100),
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
tap.is_(server.stop(), 0, "a graceful end")
network.stop()
postgres.stop()
shutil.rmtree(folder, ignore_errors=True)
tap.done()
