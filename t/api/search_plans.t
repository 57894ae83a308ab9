#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""Search of users by any filter looks at few of them, however many there are: Postgres tells how many rows of user_entity and its indexes each statement visits."""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from latchkey import Browser, Server, Tap  # noqa: E402
from postgres import Postgres  # noqa: E402

NUMBER = 20000
# Numbered users, so that those who have something in common stand together in the order of names, where a walk does not come soon.
MAKE = """
INSERT INTO user_entity (realm_id, id, username, email, email_verified, enabled, first_name, last_name, created_timestamp, attributes)
SELECT r.id, 'id' || i, 'user' || lpad(i::text, 5, '0'), CASE WHEN i %% 2 = 0 THEN 'user' || lpad(i::text, 5, '0') || '@example.test' ELSE md5(i::text) || '@company' || i %% 300 || '.test' END,
    i > 15000, i %% 1000 <> 0, CASE WHEN i BETWEEN 12001 AND 14000 THEN 'Zoe' ELSE 'First' || i END, CASE WHEN i BETWEEN 14001 AND 16000 THEN 'Rossi' ELSE 'Last' || i / 100 END, 1700000000000 + i * 100000, jsonb_build_object('number', jsonb_build_array('n' || i))
FROM realm r, generate_series(1, %d) i WHERE r.name = 'acme'"""
LINK = """INSERT INTO identity_provider (realm_id, id, alias, rep) SELECT id, 'idp', 'google', '{}' FROM realm WHERE name = 'acme'"""
LINKS = """INSERT INTO federated_identity SELECT realm_id, id, 'google', 'ext-' || username FROM user_entity WHERE id LIKE 'id%9'"""
STEP = 1000  # users that are looked at first
PAGE = 100
TENTH = NUMBER // 10  # of the users have either name: entries of two indexes, of which no user is left
# What each may visit, and how many users it answers with.
QUERIES = (
    ("search=user1", STEP + 3 * PAGE, PAGE),
    ("search=user12345", STEP + PAGE, 1),
    ("search=nobody", STEP + PAGE, 0),
    ("search=%22zoe%22", 3 * PAGE, PAGE),
    ("search=%22user12345%22", 10, 1),
    ("search=*user1*", STEP + 3 * PAGE, PAGE),
    ("search=*12345*", STEP + PAGE, 2),
    ("search=*nobody-of-that-name*", STEP + PAGE, 0),
    ("search=zoe%20rossi", STEP + PAGE, 0),
    ("search=user%20first123", STEP + 8 * PAGE, 11),
    ("search=id:id17", 10, 1),
    ("username=user1", STEP + 3 * PAGE, PAGE),
    ("username=12345", STEP + PAGE, 1),
    ("username=user12345&exact=true", 10, 1),
    ("email=user1", STEP + 4 * PAGE, PAGE),
    ("email=12346@", STEP + PAGE, 1),
    ("email=user12346@example.test&exact=true", 10, 1),
    ("firstName=zoe&exact=true", 3 * PAGE, PAGE),
    ("firstName=first12000", STEP + PAGE, 1),
    ("firstName=zoe&lastName=rossi", STEP + 4 * TENTH, 0),
    ("firstName=zoe&lastName=rossi&exact=true", STEP + 2 * TENTH, 0),
    ("lastName=rossi&exact=true", 3 * PAGE, PAGE),
    ("enabled=false", 10 * PAGE, NUMBER // 1000 + 1),
    ("enabled=true", 4 * PAGE, PAGE),
    ("emailVerified=true", 4 * PAGE, PAGE),
    ("emailVerified=true&enabled=false", 4 * PAGE, 5),
    ("emailVerified=true&search=user1", 2 * STEP, PAGE),
    ("enabled=false&search=user1", STEP, 10),
    ("createdAfter=1701000000000", STEP + 30 * PAGE, PAGE),
    ("createdBefore=1700001000000", STEP + 3 * PAGE, 10),
    ("createdAfter=2023-11-20&createdBefore=2023-11-21", STEP + 4 * PAGE, PAGE),
    ("q=number:n15000", STEP + PAGE, 1),
    ("q=number:none", STEP + PAGE, 0),
    ("q=number:n15000%20email:user15", STEP + PAGE, 1),
    ("idpAlias=google&idpUserId=ext-user00019", 10, 1),
    ("idpUserId=ext-user00019", 10, 1),
    ("idpAlias=none", STEP + PAGE, 0),
)


def visited(plan):
    """Rows that its scans of users have looked at, those among them that they have thrown away."""
    rows = sum(visited(part) for part in plan.get("Plans", ()))
    if "Scan" in plan["Node Type"] and (plan.get("Relation Name") == "user_entity" or plan.get("Index Name", "").startswith("user_")):
        rows += plan["Actual Loops"] * (plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0) + plan.get("Rows Removed by Index Recheck", 0))
    return rows


def plans(text):
    """Those that auto_explain has written."""
    return [json.loads(found[1]) for found in re.finditer(r"plan:\n((?:\t.*\n)+)", text)]


tap, folder = Tap(), tempfile.mkdtemp(prefix="lk-api-")
os.chmod(folder, 0o711)
postgres = Postgres(folder, log=f"{folder}/log")
server = None
try:
    postgres.create("latchkey")
    server = Server("--db=postgres", f"--db-url=jdbc:postgresql://127.0.0.1:{postgres.port}/latchkey", "--db-username=test", "--db-password=test")
    for statement in (MAKE % NUMBER, LINK, LINKS, "VACUUM ANALYZE user_entity"):
        subprocess.run([f"{postgres.bin}/psql", "-h", "127.0.0.1", "-p", str(postgres.port), "-U", "test", "-d", "latchkey", "-qAtc", statement], check=True)
    form = {"grant_type": "password", "client_id": "admin-cli", "username": "admin", "password": "admin"}
    postgres.configure(session_preload_libraries="auto_explain", **{"auto_explain.log_min_duration": "0", "auto_explain.log_analyze": "on", "auto_explain.log_timing": "off",
                       "auto_explain.log_format": "json", "max_parallel_workers_per_gather": "0"})
    with open(postgres.log) as log:
        for query, most, count in QUERIES:
            token = Browser().request("POST", server.base + "/realms/master/protocol/openid-connect/token", form).json()["access_token"]
            log.seek(0, os.SEEK_END)
            answer = Browser().get(f"{server.base}/admin/realms/acme/users?max={PAGE}&{query}", headers={"Authorization": "Bearer " + token}).json()
            told = [plan for plan in plans(log.read()) if "user_entity" in plan["Query Text"] or "user_rep" in plan["Query Text"]]
            # A page of users, the administrator's own row, and what shows them.
            rows = sum(visited(plan["Plan"]) for plan in told) - len(answer)
            tap.ok(told and rows <= most, f"{query}: {rows} rows of {NUMBER}", json.dumps([plan["Plan"] for plan in told]))
            tap.is_(len(answer), count, f"{query}: {count} users")
finally:
    if server is not None:
        server.process.kill()
    postgres.stop()
    shutil.rmtree(folder, ignore_errors=True)
tap.done()
