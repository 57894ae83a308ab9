#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""Two replicas behind a HAProxy that gives each connection to the next, one of them behind PgBouncer in transaction mode: any request to any of them."""
import concurrent.futures
import json
import shutil
import tempfile
import time

from load import CLIENT, PERSON, Browser, claims
from servers import HAProxy, Latchkey, PgBouncer, Postgres, Tap, acme, free_port, until

tap, folder = Tap(), tempfile.mkdtemp(prefix="lk-replicas-")
acme(folder)
postgres = Postgres(folder)
postgres.create("latchkey")
bouncer = PgBouncer(folder, postgres)
outside = free_port()
with concurrent.futures.ThreadPoolExecutor() as pool:  # both at once on an empty database
    begun = [pool.submit(Latchkey, folder, port, outside=outside, name=f"replica-{port}") for port in (postgres.port, bouncer.port)]
    one, two = replicas = [each.result() for each in begun]
proxy = HAProxy(folder, [(replica.port, "/auth/health/ready", replica.management) for replica in replicas], outside)
oidc = one.oidc
tap.is_(postgres.query("latchkey", "SELECT count(*) = count(DISTINCT number) AND min(number) = 1 FROM schema_migration"), ["t"], "both began at once on an empty database")


def token(base=oidc, **form):
    return Browser().request("POST", base + "/token", {**CLIENT, **form})


def at(replica):
    """Its own address instead of the proxy's."""
    return replica.own + "/realms/acme/protocol/openid-connect"


def log_in(browser, person=PERSON):
    page = browser.get(oidc + "/auth?client_id=echo&response_type=code&scope=openid&redirect_uri=http://app.test/cb")
    answer = browser.submit(page, username=person["username"], password=person["password"])
    assert "code" in answer.location(), f"{page.status}, {answer.status} {answer.headers} {answer.text[:3000]}"
    return answer


def redeem(code, base=oidc):
    return token(base, grant_type="authorization_code", code=code, redirect_uri="http://app.test/cb")


# --- each request elsewhere ---
good = 0
for _ in range(10):
    browser = Browser()
    answer = log_in(browser)
    redeemed = redeem(answer.location()["code"])
    assert redeemed.status == 200, f"{redeemed.status} {redeemed.headers} {redeemed.text[:500]}\n" + "\n".join(replica.output()[-1500:] for replica in replicas)
    tokens = redeemed.json()
    again = browser.get(oidc + "/auth?client_id=echo&response_type=code&scope=openid&redirect_uri=http://app.test/cb")
    refreshed = token(grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    out = browser.get(f"{oidc}/logout?id_token_hint={tokens['id_token']}")
    after = token(grant_type="refresh_token", refresh_token=refreshed.json()["refresh_token"])
    good += (again.status, refreshed.status, out.status, after.status) == (302, 200, 200, 400)
tap.is_(good, 10, "logins half done on one and finished on the other, single sign-on, refresh, logout")

# --- once only ---
codes = [log_in(Browser()).location()["code"] for _ in range(6)]
with concurrent.futures.ThreadPoolExecutor() as pool:
    won = [sorted(answer.status for answer in pool.map(lambda replica: redeem(code, at(replica)), replicas * 2)) for code in codes]
tap.is_(won, [[200, 400, 400, 400]] * 6, "a code sent to both at once is redeemed once")

# --- revoked everywhere at once ---
admin = {"client_id": "admin-cli", "grant_type": "password", "username": "admin", "password": "admin"}
bearer = {"Authorization": "Bearer " + Browser().request("POST", one.own + "/realms/master/protocol/openid-connect/token", admin).json()["access_token"],
          "Content-Type": "application/json"}


def ask(method, path, body=None, replica=one):
    return Browser().request(method, f"{replica.own}/admin/realms/acme{path}", headers=bearer, body=json.dumps(body) if body is not None else None)


tokens = token(grant_type="password", **PERSON).json()
access = {"Authorization": "Bearer " + tokens["access_token"]}
before = Browser().get(at(two) + "/userinfo", headers=access).status
ended = ask("POST", f"/users/{claims(tokens['access_token'])['sub']}/logout").status
tap.is_((before, ended, Browser().get(at(two) + "/userinfo", headers=access).status, token(at(two), grant_type="refresh_token", refresh_token=tokens["refresh_token"]).status),
        (200, 204, 401, 400), "a session that one ends is gone at the other at once")

# --- configuration within a second, by LISTEN and without ---
longest = 0.0
for writer, reader in ((one, two), (two, one)):
    client = ask("GET", "/clients?clientId=reports", replica=writer).json()[0]
    for name in ("first", "second"):
        ask("PUT", f"/clients/{client['id']}", {**client, "name": name}, replica=writer)
        begun = time.monotonic()
        until(lambda: ask("GET", f"/clients/{client['id']}", replica=reader).json()["name"] == name, 5, 0.01)
        longest = max(longest, time.monotonic() - begun)
tap.ok(longest < 1, f"a change at one is seen at the other after {longest:.2f} s at most")

# --- brute force ---
realm = json.loads(ask("GET", "").text)
ask("PUT", "", {**realm, "bruteForceProtected": True, "failureFactor": 4, "waitIncrementSeconds": 600, "quickLoginCheckMilliSeconds": 0, "permanentLockout": False})
time.sleep(1.2)
right = [token(at(replica), grant_type="password", username="bob", password="canwefixit1").status for replica in replicas]
for i in range(4):
    token(at(replicas[i % 2]), grant_type="password", username="bob", password="wrong")
locked = [token(at(replica), grant_type="password", username="bob", password="canwefixit1").status for replica in replicas]
tap.is_((right, locked), ([200, 200], [400, 400]), "wrong passwords at both count together")

# --- a replica of the next version has migrated the schema ---
postgres.query("latchkey", "ALTER TABLE client ADD COLUMN later text; ALTER TABLE user_session ADD COLUMN later text; INSERT INTO schema_migration (number, name) VALUES (9998, 'later')")
statuses = [redeem(log_in(Browser()).location()["code"], at(replica)).status for replica in replicas * 2]
two.stop()
two.start()
tap.is_((statuses, token(at(two), grant_type="password", **PERSON).status), ([200] * 4, 200), "those of this version serve on, and start on it")

# --- the pooler restarts, a replica leaves ---
bouncer.stop()
bouncer.start()
until(lambda: token(at(two), grant_type="password", **PERSON).status == 200, 10)
tap.ok(True, "a restarted pooler is no trouble")
tap.is_(two.stop(), 0, "one replica leaves")
answers = [Browser().get(at(one) + "/certs").status for _ in range(4)]
tap.ok(answers == [200] * 4 and redeem(log_in(Browser()).location()["code"]).status == 200, "the other goes on")

one.stop()
proxy.stop()
bouncer.stop()
postgres.stop()
for replica in replicas:
    tap.ok(" ERROR " not in replica.output(), f"{replica.port} has no error in its log", [line for line in replica.output().splitlines() if " ERROR " in line][:5])
shutil.rmtree(folder, ignore_errors=True)
tap.done()
