#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""Logins, refreshes, codes, logouts and admin writes go on at two replicas, one behind a bad network and one behind PgBouncer, while Postgres, both of these
and the replicas themselves are broken again and again. Afterwards, and after each 50 faults, what was acknowledged is compared with what is there.

FAULTS in the environment is how many faults strike (default 208; 2000 for the long run). Each kind has its turns; the order is always the same."""
import os
import random
import shutil
import signal
import statistics
import tempfile
import time

from load import CLIENT, PERSON, Administers, Asks, Browser, Leaves, Ledger, RedeemsTwice, Refreshes, SignsIn
from servers import Latchkey, PgBouncer, Postgres, Session, Tap, Toxiproxy, acme, until

FAULTS = int(os.environ.get("FAULTS", "208"))
GRACE = 8  # seconds: db-outage-grace
OURS = "FROM pg_stat_activity WHERE application_name = 'latchkey'"


class House:
    """All that is broken."""

    def __init__(self, folder):
        self.postgres = Postgres(folder, connections=40)
        self.postgres.create("latchkey")
        self.query("ALTER DATABASE latchkey SET lock_timeout = '100ms'")
        self.network, self.bouncer = Toxiproxy(folder, self.postgres.port), PgBouncer(folder, self.postgres)
        self.replicas = [Latchkey(folder, port, f"--db-outage-grace={GRACE}s", name=f"latchkey-{port}") for port in (self.network.port, self.bouncer.port)]

    def query(self, *texts):
        session = Session(self.postgres.port)
        try:
            return [session.query(text) for text in texts][-1]
        finally:
            session.close()

    def configure(self, name, value):
        self.query("SET default_transaction_read_only = off", f"ALTER SYSTEM SET {name} = {value}", "SELECT pg_reload_conf()")

    def is_back(self):
        try:
            return self.query("SHOW transaction_read_only") == [["off"]]
        except OSError:
            return False

    def stop(self):
        for program in (*self.replicas, self.bouncer, self.network):
            if program.process.poll() is None:
                program.stop(signal.SIGKILL)
        self.postgres.stop(signal.SIGQUIT)


def send(pid, which):
    try:
        os.kill(pid, which)
    except ProcessLookupError:  # it has just ended by itself
        pass


def until_some(find):
    found = []
    until(lambda: found.extend(find()) or found, 20)
    return found


# --- faults: each breaks something, and mends it ------------------------------------------------------------------------------------------


def end_one_connection(house):
    house.query(f"SELECT pg_terminate_backend(pid) {OURS} ORDER BY state = 'idle', random() LIMIT 1")


def end_all_connections(house):
    house.query(f"SELECT pg_terminate_backend(pid) {OURS}")


def cancel_statements(house):
    for _ in range(10):
        house.query(f"SELECT pg_cancel_backend(pid) {OURS} AND state <> 'idle'")
        time.sleep(0.005)


def lock_tables(house):
    """Statements fail with lock_not_available."""
    holder = Session(house.postgres.port)
    for text in ("SET lock_timeout = 0", "BEGIN", "LOCK TABLE user_session, client IN ACCESS EXCLUSIVE MODE"):
        holder.query(text)
    time.sleep(0.2)
    holder.close()


def read_only(house):
    """As a primary that has become a standby."""
    house.configure("default_transaction_read_only", "on")
    time.sleep(0.1)
    house.configure("default_transaction_read_only", "off")


def late_commits(house):
    """Commits wait for a standby that is not there; then their connections end without a word, and they are committed after all."""
    house.configure("synchronous_standby_names", "'nobody'")
    time.sleep(0.15)
    house.network.refuse(0.05)
    house.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
    house.configure("synchronous_standby_names", "''")


def reset_connections(house):
    house.network.poison("reset_peer", 0.05, timeout=0)


def cut_answers(house):
    """Somewhere in the middle of one."""
    house.network.poison("limit_data", 0.1, bytes=random.randint(1, 400))


def refuse_connections(house):
    house.network.refuse(0.1)


def slow_network(house):
    house.network.poison("latency", 0.2, latency=30, jitter=20)


def small_packets(house):
    house.network.poison("slicer", 0.2, average_size=64, size_variation=32, delay=100)


def restart_pooler(house):
    house.bouncer.stop()
    house.bouncer.start()


def kill_pooler(house):
    house.bouncer.stop(signal.SIGKILL)
    house.bouncer.start()


def hang(house):
    house.postgres.signal_all(signal.SIGSTOP)
    time.sleep(0.3)
    house.postgres.signal_all(signal.SIGCONT)


def crowd(house):
    """Others take every connection that the server has, and Latchkey's end: it must find others."""
    guests, ends = [], time.monotonic() + 0.4
    theirs = [int(pid) for pid, in house.query(f"SELECT pid {OURS}")]
    while time.monotonic() < ends:
        try:
            guests.append(Session(house.postgres.port))
        except ConnectionError:
            for pid in theirs:
                send(pid, signal.SIGTERM)
            theirs = []
            time.sleep(0.01)
    for guest in guests:
        guest.close()


def restart_fast(house):
    house.postgres.stop()
    house.postgres.start()


def restart_at_once(house):
    house.postgres.stop(signal.SIGQUIT)
    house.postgres.start()


def crash_one_process(house):
    witness, pids = Session(house.postgres.port), until_some(lambda: house.query(f"SELECT pid {OURS}"))
    send(int(random.choice(pids)[0]), signal.SIGKILL)
    try:
        witness.rows()  # the server ends all its processes
    except OSError:
        witness.close()


def kill_latchkey(house):
    replica = random.choice(house.replicas)
    replica.stop(signal.SIGKILL)
    replica.start()


def restart_latchkey(house):
    replica = random.choice(house.replicas)
    assert replica.stop() == 0
    replica.start()


KINDS = [end_one_connection, reset_connections, cancel_statements, restart_fast, late_commits, cut_answers, end_all_connections, kill_latchkey, lock_tables,
         slow_network, end_one_connection, read_only, restart_pooler, cut_answers, crash_one_process, late_commits, refuse_connections, end_all_connections,
         crowd, small_packets, reset_connections, hang, restart_at_once, cut_answers, kill_pooler, restart_latchkey]


# --- the load ------------------------------------------------------------------------------------------------------------------------------


class Load:
    def __init__(self, replicas, ledger):
        one, two = replicas
        self.ledger = ledger
        self.workers = [kind(server, ledger, 0.02) for kind, server in ((SignsIn, one), (SignsIn, two), (Refreshes, one), (Refreshes, two), (Asks, one),
                                                                   (Administers, two), (Leaves, one), (RedeemsTwice, two))]
        for worker in self.workers:
            worker.start()
        until(lambda: all(worker.done for worker in self.workers), 30)

    def strike(self, kind, house):
        """Breaks and mends while requests are in flight. Returns how many were, how many were refused or cut, and how long until every worker got on."""
        until(lambda: self.ledger.in_flight > 0, 20, 0.0005)
        in_flight, harmed = self.ledger.in_flight, self.ledger.unavailable + self.ledger.broken_off
        kind(house)
        until(house.is_back, 60, 0.005)
        mended, before = time.monotonic(), {worker: worker.done for worker in self.workers}
        try:
            until(lambda: all(worker.done > count for worker, count in before.items()), 20, 0.005)
        except TimeoutError:
            pass
        return in_flight, self.ledger.unavailable + self.ledger.broken_off - harmed, time.monotonic() - mended

    def end(self):
        for worker in self.workers:
            worker.ended.set()
        for worker in self.workers:
            worker.join(timeout=60)


def break_all(tap, house, load):
    strikes = {}
    for number in range(1, FAULTS + 1):
        kind = KINDS[(number - 1) % len(KINDS)]
        strikes.setdefault(kind.__name__, []).append(load.strike(kind, house))
        if number % 50 == 0:
            tap.is_(lost(house, load.ledger), [], f"{number} faults later no session, user or logout that was acknowledged is lost")
    for name, each in strikes.items():
        times = [took for _, _, took in each]
        usual = 1 if len(times) > 4 else 5  # where it came often enough to say what is usual
        tap.ok(statistics.median(times) < usual and max(times) < 5, f"{name}: {len(each)} times, {sum(in_flight for in_flight, _, _ in each)} requests in flight, {sum(harmed for _, harmed, _ in each)} "
               f"answered 503 or cut; all get on {statistics.median(times):.2f} s later, {max(times):.2f} s at most", [f"{took:.2f}" for took in times])


# --- what must be there --------------------------------------------------------------------------------------------------------------------


def lost(house, ledger):
    with ledger.lock:
        sessions, ended, users = set(ledger.refresh_tokens), set(ledger.ended), set(ledger.users)
    there = {sid for sid, in house.query("SELECT id FROM user_session")}
    names = {name for name, in house.query("SELECT username FROM user_entity")}
    return [*(sessions - there), *(ended & there), *(users - names)]


def check_while_away(tap, postgres, server):
    """What needs nothing that is stored goes on for db-outage-grace; the rest says 503 at once, and never that somebody is not signed in."""
    token = Browser().request("POST", server.oidc + "/token", {**CLIENT, "grant_type": "password", **PERSON}).json()
    bearer = {"Authorization": "Bearer " + token["access_token"]}

    def client_credentials(client):
        return Browser().request("POST", server.oidc + "/token", {"client_id": client, "client_secret": client + "-secret", "grant_type": "client_credentials"})

    calls = {"keys": (200, lambda: Browser().get(server.oidc + "/certs")),
             "discovery": (200, lambda: Browser().get(server.base + "/realms/acme/.well-known/openid-configuration")),
             "client credentials": (200, lambda: client_credentials("echo")), "a login page": (200, lambda: Browser().get(server.oidc + "/auth?client_id=echo&response_type=code&redirect_uri=http://app.test/cb")),
             "a client that nobody asked for before": (503, lambda: client_credentials("reports")), "userinfo": (503, lambda: Browser().get(server.oidc + "/userinfo", headers=bearer)),
             "refresh": (503, lambda: Browser().request("POST", server.oidc + "/token", {**CLIENT, "grant_type": "refresh_token", "refresh_token": token["refresh_token"]})),
             "readiness": (503, lambda: Browser().get(server.health + "/ready")), "liveness": (200, lambda: Browser().get(server.health + "/live"))}
    for name in ("client credentials", "a login page"):
        calls[name][1]()
    postgres.stop()
    begun, statuses = time.monotonic(), []
    while time.monotonic() - begun < 1:
        asked = time.monotonic()
        statuses.append(calls["client credentials"][1]().status if time.monotonic() - asked < 0.5 else "late")
    tap.is_(set(statuses), {200}, "client credentials do not wait for a restart")
    calls["userinfo"][1]()  # this one does
    for name, (status, call) in calls.items():
        asked, answer = time.monotonic(), call()
        tap.ok(answer.status == status and time.monotonic() - asked < 1, f"{name}: {status} while the database is away", f"{answer.status} after {time.monotonic() - asked:.1f} s {answer.text}")
    until(lambda: calls["client credentials"][1]().status == 503, GRACE + 2, 0.1)
    took = time.monotonic() - begun
    tap.ok(GRACE - 2 < took < GRACE + 2, f"for {took:.1f} s of {GRACE}: then nobody knows whether the client is still there")
    postgres.start()
    begun = time.monotonic()
    until(lambda: calls["userinfo"][1]().status == 200 and calls["readiness"][1]().status == 200, 20)
    tap.ok(time.monotonic() - begun < 1, f"all is back {time.monotonic() - begun:.2f} s after it")
    tap.is_([calls[name][1]().status for name in ("refresh", "client credentials", "a client that nobody asked for before")], [200] * 3, "and the tokens are good")


def check_afterwards(tap, house, ledger):
    tap.is_(lost(house, ledger), [], f"{len(ledger.refresh_tokens)} sessions and {len(ledger.users)} users were acknowledged, and are there; {len(ledger.ended)} ended sessions are not")
    refused = []
    for sid, token in ledger.refresh_tokens.items():
        for server in house.replicas:  # each has its own issuer
            answer = Browser().request("POST", server.oidc + "/token", {**CLIENT, "grant_type": "refresh_token", "refresh_token": token})
            if answer.status == 200:
                break
        else:
            refused.append(f"{sid}: {answer.text}")
    tap.ok(not refused, "and their newest tokens are good", "\n".join(refused[:5]))
    number = int(house.query("SELECT rep->>'description' FROM client WHERE client_id = 'reports'")[0][0])
    tap.ok(number in (ledger.number, ledger.number + 1), f"{ledger.number} changes of a client were acknowledged, and {number} is there")
    tap.is_(house.query("SELECT kind, id FROM used_value WHERE attempt IS NULL"), [], "every mark of use names its attempt")


def main():
    tap, ledger, folder = Tap(), Ledger(), tempfile.mkdtemp(prefix="lk-fault-")
    acme(folder, ssoSessionIdleTimeout=86400, ssoSessionMaxLifespan=86400)  # however long it takes
    house = None
    random.seed(1)
    try:
        house = House(folder)
        load = Load(house.replicas, ledger)
        begun = time.monotonic()
        break_all(tap, house, load)
        load.end()
        print(f"# {FAULTS} faults in {time.monotonic() - begun:.1f} s")
        tap.ok(not ledger.wrong, f"{ledger.answers} answers, none of them wrong; {ledger.unavailable} were 503, {ledger.broken_off} steps cut, the longest took {ledger.longest:.1f} s",
               "\n".join(ledger.wrong[:10]))
        check_while_away(tap, house.postgres, house.replicas[0])
        check_afterwards(tap, house, ledger)
        tap.is_([server.stop() for server in house.replicas], [0, 0], "a graceful end exits 0")
    finally:
        if tap.failed and house:
            for server in house.replicas:
                print("# " + "\n# ".join([line for line in server.output().splitlines() if " ERROR " in line or "latchkey.store" in line][-20:]))
        if house:
            house.stop()
        shutil.rmtree(folder, ignore_errors=True)
    tap.done()


main()
