#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""The schema laid out for more than one Postgres: every table of a realm's things is partitioned by the realm, and every statement works as it is.
A key or an index without the realm, or a reference across realms, would be refused by Postgres here."""
import glob
import re
import shutil
import subprocess
import tempfile

from load import CLIENT, PERSON, Browser
from servers import Latchkey, Postgres, Tap, acme
from latchkey import TOP

PARTITIONS = 4
tap, folder = Tap(), tempfile.mkdtemp(prefix="lk-partitioned-")
acme(folder)
postgres = Postgres(folder)
postgres.create("latchkey")


def partition(text):
    """The migration with its realms' tables partitioned by hash of the realm; storage settings go to each partition."""
    out = []
    for statement in re.sub(r"--[^\n]*", "", text).split(";"):
        table = re.match(r"\s*CREATE TABLE (\w+) \(", statement)
        settings = re.match(r"\s*ALTER TABLE (\w+) SET \(", statement)
        if table and re.search(r"\brealm_id\b", statement):
            tables.append(table[1])
            out.append(statement.rstrip() + " PARTITION BY HASH (realm_id)")
            out += [f"CREATE TABLE {table[1]}_{i} PARTITION OF {table[1]} FOR VALUES WITH (MODULUS {PARTITIONS}, REMAINDER {i})" for i in range(PARTITIONS)]
        elif settings and settings[1] in tables:
            out += [statement.replace(f"TABLE {settings[1]} ", f"TABLE {settings[1]}_{i} ", 1) for i in range(PARTITIONS)]
        else:
            out.append(statement)
    return ";".join(out) + ";"


tables, refused = [], []
postgres.query("latchkey", "CREATE TABLE schema_migration (number int PRIMARY KEY, name text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now(), works_with int NOT NULL DEFAULT 0)")
for path in sorted(glob.glob(f"{TOP}/sql/[0-9]*.sql")):
    number, name = re.match(r".*/(\d+)_(\w+)\.sql", path).groups()
    with open(path) as file:
        text = file.read()
    with open(f"{folder}/migration.sql", "w") as file:
        file.write((text if "$$" in text else partition(text)) + f"INSERT INTO schema_migration (number, name) VALUES ({int(number)}, '{name}');")
    done = subprocess.run(["psql", "-h", "127.0.0.1", "-p", str(postgres.port), "-U", "test", "-Xq", "-v", "ON_ERROR_STOP=1", "-f", f"{folder}/migration.sql", "latchkey"], capture_output=True, text=True)
    if done.returncode:
        refused.append(f"{name}: {done.stderr}")
tap.is_(refused, [], f"{len(tables)} tables can be partitioned by the realm: each key begins with it")

server = Latchkey(folder, postgres.port)
browser = Browser()
page = browser.get(server.oidc + "/auth?client_id=echo&response_type=code&scope=openid&redirect_uri=http://app.test/cb")
code = browser.submit(page, username=PERSON["username"], password=PERSON["password"]).location().get("code")
tokens = Browser().request("POST", server.oidc + "/token", {**CLIENT, "grant_type": "authorization_code", "code": code, "redirect_uri": "http://app.test/cb"})
again = Browser().request("POST", server.oidc + "/token", {**CLIENT, "grant_type": "authorization_code", "code": code, "redirect_uri": "http://app.test/cb"})
tap.is_((tokens.status, again.status), (200, 400), "a realm is imported, somebody signs in, a code is redeemed once")
tokens = Browser().request("POST", server.oidc + "/token", {**CLIENT, "grant_type": "password", **PERSON}).json()
refreshed = Browser().request("POST", server.oidc + "/token", {**CLIENT, "grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]})
told = Browser().get(server.oidc + "/userinfo", headers={"Authorization": "Bearer " + tokens["access_token"]})
tap.is_((refreshed.status, told.status), (200, 200), "sessions are refreshed and read")
planned = "\n".join(postgres.query("latchkey", "EXPLAIN SELECT * FROM user_session WHERE realm_id = 'x' AND id = 'y' AND NOT offline"))
tap.is_(len(set(re.findall(r"user_session_\d", planned))) <= 2, True, "what names its realm looks into its partition alone")
tap.is_(server.stop(), 0, "it ends well")
tap.ok(" ERROR " not in server.output(), "and has no error in its log", [line for line in server.output().splitlines() if " ERROR " in line][:5])
postgres.stop()
shutil.rmtree(folder, ignore_errors=True)
tap.done()
