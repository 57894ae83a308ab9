#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""A backup taken while Latchkey serves, and restored: what was there then is there, what came later is unknown, and the realm's not-before refuses all of it."""
import json
import shutil
import tempfile
import time

from load import CLIENT, PERSON, Browser
from servers import Latchkey, Postgres, Tap, acme

tap, folder = Tap(), tempfile.mkdtemp(prefix="lk-restore-")
acme(folder)
postgres = Postgres(folder)
postgres.create("latchkey")
server = Latchkey(folder, postgres.port)
ADDRESS = ["-h", "127.0.0.1", "-p", str(postgres.port), "-U", "test"]


def token(**form):
    return Browser().request("POST", server.oidc + "/token", {**CLIENT, **form})


def refresh(tokens):
    return token(grant_type="refresh_token", refresh_token=tokens["refresh_token"])


def ask(method, path, body=None):
    form = {"client_id": "admin-cli", "grant_type": "password", "username": "admin", "password": "admin"}
    bearer = Browser().request("POST", server.base + "/realms/master/protocol/openid-connect/token", form).json()["access_token"]
    return Browser().request(method, server.base + "/admin/realms" + path, headers={"Authorization": "Bearer " + bearer, "Content-Type": "application/json"}, body=json.dumps(body) if body is not None else None)


before = token(grant_type="password", **PERSON).json()
postgres._run("pg_dump", *ADDRESS, "--format=custom", f"--file={postgres.data}/backup", "latchkey")
after = token(grant_type="password", **PERSON).json()
ask("POST", "/acme/users", {"username": "late", "enabled": True})
tap.is_((refresh(before).status, refresh(after).status, len(ask("GET", "/acme/users?username=late").json())), (200, 200, 1), "before the loss")
server.stop()
postgres._run("dropdb", *ADDRESS, "latchkey")
postgres.create("latchkey")
postgres._run("pg_restore", *ADDRESS, "--no-owner", "--exit-on-error", "-d", "latchkey", f"{postgres.data}/backup")
server.start()
tap.is_((refresh(before).status, refresh(after).status, len(ask("GET", "/acme/users?username=late").json())), (200, 400, 0), "restored: what was there then, and nothing later")
tap.is_(token(grant_type="password", **PERSON).status, 200, "people sign in")
time.sleep(1)
ask("PUT", "/acme", {**ask("GET", "/acme").json(), "notBefore": int(time.time())})
tap.is_(refresh(before).status, 400, "the realm's not-before refuses tokens from before")
tap.is_(token(grant_type="password", **PERSON).status, 200, "and nobody who signs in anew")
tap.is_(server.stop(), 0, "a graceful end")
postgres.stop()
shutil.rmtree(folder, ignore_errors=True)
tap.done()
