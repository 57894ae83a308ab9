#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""Search among more users than are looked at one by one: each way of finding gives what a look at every user gives, in order, page by page."""
import glob
import os
import re
import subprocess
import sys
import urllib.parse

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from latchkey import Server, Tap  # noqa: E402

NUMBER = 9000
FIRST = ["Anna", "Bruno", "Zoe", "Müge", "Paul"]
MAKE = """
INSERT INTO user_entity (realm_id, id, username, email, email_verified, enabled, first_name, last_name, created_timestamp, attributes)
SELECT r.id, 'id' || i, CASE i %% 3 WHEN 0 THEN 'user-' || lpad(i::text, 5, '0') WHEN 1 THEN lower(n.first) || '.' || i ELSE 'z' || md5(i::text) END,
    CASE i %% 4 WHEN 0 THEN NULL WHEN 1 THEN 'user-' || lpad(i::text, 5, '0') || '@example.test' WHEN 2 THEN lower(n.first) || '.' || i || '@company' || i %% 300 || '.test' ELSE 'zoe' || i || '@x.test' END,
    i %% 2 = 0, i %% 1000 <> 0, n.first, CASE WHEN i %% 7 <> 0 THEN 'Last_' || i %% 900 END, i, '{}'
FROM realm r, generate_series(1, %d) i, LATERAL (SELECT ('{%s}'::text[])[1 + i %% 5] AS first) n WHERE r.name = 'acme'"""
WORDS = ["user-08", "user-0", "user-00001", "zoe", "z", "zo", "müg", "paul", "paul.89", "last_8", "last_", "last_899", "user-00001@ex", "paul*", "nobody", "company", "*company299*", "*y29*",
         '"zoe"', '"last_7"', "zoe last_1", "a*a"]


def fits(user, word):
    """What Keycloak's search is: the beginning of a field, stars for any text, quotes for the whole field."""
    if " " in word:
        return all(fits(user, part) for part in word.split(" "))
    if len(word) > 1 and word[0] == word[-1] == '"':
        pattern = re.escape(word[1:-1])
    else:
        pattern = ".*".join(re.escape(part) for part in word.split("*")) + ".*"
    return any(re.fullmatch(pattern, value.lower(), re.DOTALL) for value in (user["username"], user.get("email"), user.get("firstName"), user.get("lastName")) if value)


tap, server = Tap(), Server()
try:
    socket = os.path.dirname(glob.glob(f"{server.folder}/data/**/.s.PGSQL.*", recursive=True)[0])
    text = MAKE % (NUMBER, ",".join(FIRST))
    subprocess.run(["psql", "-h", socket, "-U", "latchkey", "-d", "postgres", "-qAtc", text, "-c", "ANALYZE user_entity"], check=True)
    ask = lambda query: server.admin("GET", "/realms/acme/users?" + query).json()  # noqa: E731
    names = lambda users: [user["username"] for user in users]  # noqa: E731
    everyone = ask("max=-1")
    tap.ok(len(everyone) > NUMBER, "all of them")
    tap.is_(names(everyone), sorted(names(everyone), key=str.encode), "in the order of their names")
    for word in WORDS:
        expected, query = names(user for user in everyone if fits(user, word)), "search=" + urllib.parse.quote(word)
        pages = [names(ask(f"{query}&first={first}&max=100")) for first in (0, 100, 1300)]
        tap.is_(pages, [expected[first : first + 100] for first in (0, 100, 1300)], f"search: {word}, {len(expected)} users")
        tap.is_(names(ask(query + "&max=-1")), expected, "and all at once")
    for query, is_meant in (
        ("username=er-08", lambda user: "er-08" in user["username"]),
        ("firstName=Zoe&exact=true", lambda user: user.get("firstName") == "Zoe"),
        ("lastName=ast_7", lambda user: "ast_7" in user.get("lastName", "").lower()),
        ("lastName=last_7&exact=true", lambda user: user.get("lastName", "").lower() == "last_7"),
        ("email=8@company", lambda user: "8@company" in user.get("email", "")),
        ("enabled=false", lambda user: not user["enabled"]),
        ("emailVerified=true&search=zoe", lambda user: user["emailVerified"] and fits(user, "zoe")),
    ):
        tap.is_(names(ask(query)), names(user for user in everyone if is_meant(user))[:100], query)
finally:
    server.process.kill()
tap.done()
