#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""Lists that are longer than one part of an answer: whole, in order, each thing once; pages of them are what stands in the whole list."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from latchkey import Server, Tap  # noqa: E402

NUMBER = 450
NAMES = [f"many-{i:04}" for i in range(NUMBER)]
tap, server = Tap(), Server(realms=())


def get(path):
    return server.admin("GET", "/realms/long/" + path)


def names(answer, member):
    return [thing[member] for thing in answer.json()]


try:
    made = server.admin("POST", "/realms", {
        "realm": "long", "enabled": True, "groups": [{"name": "staff"}], "roles": {"realm": [{"name": "reader"}]},
        "clients": [{"clientId": name, "enabled": True} for name in NAMES],
        "users": [{"username": name, "enabled": True, "groups": ["/staff"], "realmRoles": ["reader"]} for name in NAMES]})
    tap.is_(made.status, 201, "a realm with many clients, users and members")
    group = get("groups").json()[0]["id"]
    for path, member in (("clients", "clientId"), ("users?max=1000", "username"), ("users?max=-1", "username"), (f"groups/{group}/members", "username"), ("roles/reader/users", "username")):
        answer = get(path)
        mine = [name for name in names(answer, member) if name.startswith("many-")]
        tap.ok(answer.status == 200 and answer.headers.get("transfer-encoding") == "chunked", f"{path}: in parts", answer.headers)
        tap.ok(mine == NAMES, f"{path}: everything, in order, once", f"{len(mine)} of {NUMBER}")
        whole, mark = names(answer, member), "&" if "?" in path else "?"
        plain = path.split("?")[0]
        for first, most in ((0, 200), (150, 201), (199, 2), (400, 400), (NUMBER + 50, 10), (10, 0)):
            page = names(get(f"{plain}?first={first}&max={most}"), member)
            tap.ok(page == whole[first:first + most], f"{plain}: {most} from {first}", f"{len(page)}: {page[:1]} to {page[-1:]}")
    tap.ok("content-length" in get("clients?max=20").headers, "a short list has a length")
    tap.is_(names(get("clients?search=true&clientId=many-01"), "clientId"), [name for name in NAMES if "many-01" in name], "a search among clients")
    tap.is_(len(get("users").json()), 100, "users come by the hundred where nothing is asked")
finally:
    server.stop()
tap.done()
