#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""No table grows without bound: what is dated (and is no one's to keep) goes by housekeeping, by itself or with what it belongs to, and is vacuumed in time."""
import re
from tree import check, done, files, text

DATED = re.compile(r"^\s+(expires|expiration|last_access|last_refresh|last_failure|redeemed|time|until) bigint", re.M)
BOUNDED = {"lease"}  # one row for each kind of work

schema = "\n".join(text(path) for path in files("*.sql", under="sql") if path.parent.name == "sql")
statements = "\n".join(text(path) for path in files("*.sql", under="sql/queries"))
tables = dict(re.findall(r"^CREATE TABLE (\w+) \((.*?)^\);", schema, re.M | re.S))
cleaned = {table for name, body in re.findall(r"^-- name: (housekeeping_\w+)[^\n]*\n(.*?)(?=^-- name:|\Z)", statements, re.M | re.S) for table in re.findall(r"DELETE FROM (\w+)", body)}
owners = {table: set(re.findall(r"REFERENCES (\w+)(?: \([^)]*\))?[^,\n]*? ON DELETE CASCADE", body)) for table, body in tables.items()}
dated = {table for table, body in tables.items() if DATED.search(body)} - BOUNDED
going = set(cleaned)
while more := {table for table in tables if table not in going and owners[table] & going}:
    going |= more

check("the schema is read", [] if len(tables) > 20 and {"user_session", "used_value", "event"} <= cleaned else [sorted(tables), sorted(cleaned)])
check("what is dated goes one day", sorted(dated - going))
check("housekeeping takes some hundred rows at a time", [body for body in re.findall(r"^DELETE FROM [^;]*?(?=^-- |\Z)", "".join(text(path) for path in files("housekeeping.sql", under="sql")), re.M) if "LIMIT" not in body])
vacuumed = set(re.findall(r"^ALTER TABLE (\w+) SET \([^)]*autovacuum", schema, re.M))
check("what comes and goes is vacuumed early", sorted(going - vacuumed - {"event", "admin_event", "client_initial_access"}))  # those go by their age, rarely
done()
