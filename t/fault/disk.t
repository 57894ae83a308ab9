#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""The database's disks run full under load, that of the data (SQLSTATE 53100) and that of the log (Postgres panics, and does not come up before there is
space): what reads goes on where it can, nothing acknowledged is lost, and service is back with the space. Mounts two small tmpfs, which needs root. ROUNDS in the environment is how often (default 1)."""
import os
import shutil
import signal
import subprocess
import tempfile
import time

from load import CLIENT, PERSON, Administers, Asks, Browser, Leaves, Ledger, Refreshes, SignsIn
from servers import Latchkey, Postgres, Tap, acme, until


class Disk:
    def __init__(self, path, size):
        self.path, self.ballast = path, f"{path}/ballast"
        os.mkdir(path)
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=0755", "none", path], check=True)
        shutil.chown(path, "postgres", "postgres")

    def fill(self):
        with open(self.ballast, "wb", buffering=0) as file:
            size = 1 << 20
            while size >= 512:
                try:
                    file.write(b"x" * size)
                except OSError:
                    size //= 2

    def empty(self):
        os.unlink(self.ballast)

    def close(self):
        subprocess.run(["umount", "-l", self.path], check=False)


def says(path, text):
    with open(path) as file:
        return file.read().count(text)


tap, ledger, folder = Tap(), Ledger(), tempfile.mkdtemp(prefix="lk-disk-")
acme(folder)
data, wal, log = Disk(f"{folder}/data", "160m"), Disk(f"{folder}/wal", "32m"), f"{folder}/postgres.log"
postgres = server = None
try:
    postgres = Postgres(data.path, initdb=("--wal-segsize=1", f"--waldir={wal.path}/pg"), log=log)
    postgres.configure(max_wal_size="8MB", min_wal_size="2MB", wal_recycle="off", autovacuum="off")
    postgres.create("latchkey")
    server = Latchkey(folder, postgres.port)
    workers = [kind(server, ledger, 0.005) for kind in (SignsIn, SignsIn, Refreshes, Asks, Administers, Leaves)]
    for worker in workers:
        worker.start()
    until(lambda: all(worker.done for worker in workers), 30)
    bearer = {"Authorization": "Bearer " + Browser().request("POST", server.oidc + "/token", {**CLIENT, "grant_type": "password", **PERSON}).json()["access_token"]}
    for disk, name, words in ((data, "data", "could not extend file"), (wal, "log", "PANIC")) * int(os.environ.get("ROUNDS", "1")):
        struck, refused = says(log, words), ledger.unavailable
        disk.fill()
        postgres.query("latchkey", "SELECT pg_switch_wal()", check=False)  # a new segment is needed soon
        until(lambda: says(log, words) > struck and ledger.unavailable > refused + 5, 30, 0.02)
        answers = [Browser().get(server.oidc + path, headers=bearer).status for path in ("/certs", "/userinfo")]
        tap.ok(answers[:1 if disk is wal else 2] in ([200], [200, 200]), f"the disk of the {name} is full: what needs no write is served", answers)
        time.sleep(0.5)
        disk.empty()
        if postgres.process.poll() is not None:  # as whoever looks after it does
            postgres.start()
        until(lambda: postgres.query("latchkey", "SELECT 1", check=False) == ["1"], 30, 0.01)
        mended, before = time.monotonic(), {worker: worker.done for worker in workers}
        until(lambda: all(worker.done > count for worker, count in before.items()), 30, 0.005)
        tap.ok(time.monotonic() - mended < 2, f"{ledger.unavailable - refused} requests were refused; all get on {time.monotonic() - mended:.2f} s after there is space")
    for worker in workers:
        worker.ended.set()
    for worker in workers:
        worker.join(timeout=60)
    tap.ok(not ledger.wrong, f"{ledger.answers} answers, none of them wrong; {ledger.unavailable} were 503, the longest took {ledger.longest:.1f} s", "\n".join(ledger.wrong[:10]))
    there, names = (set(postgres.query("latchkey", f"SELECT {column} FROM {table}")) for column, table in (("id", "user_session"), ("username", "user_entity")))
    lost = [*(set(ledger.refresh_tokens) - there), *(ledger.ended & there), *(ledger.users - names)]
    tap.ok(not lost, f"{len(ledger.refresh_tokens)} sessions and {len(ledger.users)} users were acknowledged, and are there; {len(ledger.ended)} ended sessions are not", lost)
    refused = [sid for sid, token in ledger.refresh_tokens.items()
               if Browser().request("POST", server.oidc + "/token", {**CLIENT, "grant_type": "refresh_token", "refresh_token": token}).status != 200]
    tap.ok(not refused, "and their newest tokens are good", refused[:5])
    number = int(postgres.query("latchkey", "SELECT rep->>'description' FROM client WHERE client_id = 'reports'")[0])
    tap.ok(number in (ledger.number, ledger.number + 1), f"{ledger.number} changes of a client were acknowledged, and {number} is there")
    tap.is_(server.stop(), 0, "a graceful end")
finally:
    if server and server.process.poll() is None:
        server.stop(signal.SIGKILL)
    if postgres and postgres.process.poll() is None:
        postgres.stop(signal.SIGQUIT)
    for disk in (data, wal):
        disk.close()
    shutil.rmtree(folder, ignore_errors=True)
tap.done()
