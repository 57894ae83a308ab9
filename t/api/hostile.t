#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""What may be stored by somebody who administers a realm, and would end the process, its stack, or the realm's being readable."""
import json
import os
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from latchkey import Browser, Server, Tap  # noqa: E402

tap, server = Tap(), Server()
bearer = {"text": None, "until": 0}


def token():
    if time.monotonic() > bearer["until"]:
        form = {"grant_type": "password", "client_id": "admin-cli", "username": "admin", "password": "admin"}
        bearer["text"] = Browser().request("POST", server.base + "/realms/master/protocol/openid-connect/token", form).json()["access_token"]
        bearer["until"] = time.monotonic() + 20
    return bearer["text"]


def send(method, path, text):
    return Browser().request(method, server.base + "/admin/realms/acme" + path, headers={"Authorization": "Bearer " + token(), "Content-Type": "application/json"}, body=text)


def ask(method, path, body=None):
    return send(method, path, json.dumps(body) if body is not None else None)


def nested(levels):
    value = 1
    for _ in range(levels):
        value = {"a": value}
    return value


def make_group(name, path="/groups"):
    answer = ask("POST", path, {"name": name})
    return answer.headers["location"].rsplit("/", 1)[1] if answer.status == 201 else answer


def goes_on(name):
    tap.ok(ask("GET", "").status == 200 and ask("GET", "/groups?search=x&max=3").status == 200, name)


try:
    # --- what Postgres gives back differently, and what is too deep once it is a part of the realm ---
    for what, value in (("a number of 301 digits", 1.5e300), ("one of 65 bits", -1.9e19), ("500 levels", nested(500)), ("980 levels", nested(980))):
        tap.is_(ask("PUT", "", {"clientProfiles": {"profiles": value}}).status, 400, f"{what} in a realm's own JSON: refused")
    tap.is_(send("PUT", "", '{"clientProfiles":' + '{"a":' * 10000 + "1" + "}" * 10001).status, 400, "10,000 levels too")
    goes_on("and the realm is read")
    tap.ok(ask("PUT", "", {"attributes": {"far": nested(400)}}).status in (204, 400), "400 levels: kept or refused")
    goes_on("and the realm is read")

    # --- groups below groups ---
    top = below = make_group("chain-1")
    for level in range(2, 65):
        below = make_group(f"chain-{level}", f"/groups/{below}/children")
    refused = make_group("chain-65", f"/groups/{below}/children")
    tap.ok(getattr(refused, "status", 0) == 400 and b"64 levels" in refused.body, "groups are nested in 64 levels at most")
    other = make_group("other")
    tap.is_(ask("POST", f"/groups/{other}/children", {"id": top, "name": "chain-1"}).status, 400, "also those that are moved with what is below them")
    tap.is_(ask("POST", f"/groups/{below}/children", {"id": top, "name": "chain-1"}).status, 400, "none below itself")
    found = ask("GET", "/groups?search=chain-64").json()
    depth = 0
    while found:
        found, depth = found[0]["subGroups"], depth + 1
    tap.is_(depth, 64, "the way to the deepest is shown")
    for i in range(3):
        pair, answers = [make_group(f"{side}-{i}") for side in ("left", "right")], []
        moves = [threading.Thread(target=lambda a, b: answers.append(ask("POST", f"/groups/{a}/children", {"id": b, "name": "x"}).status), args=way) for way in (pair, pair[::-1])]
        for move in moves:
            move.start()
        for move in moves:
            move.join()
        tap.is_(sorted(answers), [204, 400], "two that are moved below one another at once make no ring")
    goes_on("and the realm is read")

    # --- patterns ---
    profile = ask("GET", "/users/profile").json()
    patterns = {"plain": "(?:a|b)*", "lazy": "((a|b)+?)+", "explodes": "((a|aa)+)+c", "counted": ".*.*a{99999}"}
    profile["attributes"] += [{"name": name, "permissions": {"view": ["admin"], "edit": ["admin"]}, "validations": {"pattern": {"pattern": pattern}}} for name, pattern in patterns.items()]
    tap.is_(ask("PUT", "/users/profile", profile).status, 200, "patterns of a profile")
    for name, status in (("plain", 201), ("lazy", 400), ("explodes", 400), ("counted", 400)):
        tap.is_(ask("POST", "/users", {"username": name, "attributes": {name: ["a" * 60000]}}).status, status, f"60,000 letters against {patterns[name]}")
    goes_on("and the server goes on")
    tap.is_(server.stop(), 0, "a graceful end")
finally:
    if server.process.poll() is None:
        server.process.kill()
tap.done()
