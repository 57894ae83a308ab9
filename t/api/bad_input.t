#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""What the admin API is not made for: bodies of 100 MB, wrong types, over-long values, ids that are none, and edits of the same thing at the same time, for each kind of thing."""
import json
import os
import socket
import sys
import threading

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from latchkey import Browser, Server, Tap  # noqa: E402

# Where they live, the member that must be unique, one of them, what an update changes, whether a name addresses it.
KINDS = {
    "users": ("username", {"username": "x", "enabled": True}, "firstName", False),
    "groups": ("name", {"name": "x"}, "description", False),
    "roles": ("name", {"name": "x"}, "description", True),
    "clients": ("clientId", {"clientId": "x"}, "description", False),
    "client-scopes": ("name", {"name": "x", "protocol": "openid-connect"}, "description", False),
    "identity-provider/instances": ("alias", {"alias": "x", "providerId": "oidc", "enabled": True, "config": {"clientId": "a", "clientSecret": "b"}}, "displayName", True),
    "authentication/flows": ("alias", {"alias": "x", "providerId": "basic-flow", "topLevel": True, "builtIn": False}, "description", False),
    "organizations": ("name", {"name": "x"}, "description", False),
}
BAD_IDS = ["00000000-0000-4000-8000-000000000000", "nope", "a'b", "%27%3B--", "%C3%BC", "x" * 3000, "%2e%2e"]
tap, server = Tap(), Server()


def ask(method, path, body=None):
    return server.admin(method, "/realms/acme" + path, body)


def at_once(*requests):
    return concurrently([(ask, *request) for request in requests])


def concurrently(calls):
    answers = [None] * len(calls)
    gate = threading.Barrier(len(calls))

    def run(i, call):
        gate.wait()
        answers[i] = call[0](*call[1:])

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def resident_kb():
    with open(f"/proc/{server.process.pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("RssAnon:"))


def make(kind, name):
    unique, rep, _, by_name = KINDS[kind]
    made = ask("POST", "/" + kind, {**rep, unique: name})
    assert made.status == 201, (kind, made.status, made.body)
    return name if by_name else made.headers["location"].rsplit("/", 1)[1]


def upload(path, token, chunked):
    """The status that a body of 100 MB gets, and how much of it was sent by then."""
    sent, link = 0, socket.create_connection(("127.0.0.1", server.port), timeout=20)
    length = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {100 << 20}"
    link.sendall(f"POST /auth/admin/realms/acme{path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n{length}\r\n\r\n".encode())
    block = b" " * 65536
    try:
        while sent < 100 << 20:
            link.settimeout(0.0005)
            try:
                if link.recv(1, socket.MSG_PEEK) is not None:
                    break
            except (TimeoutError, BlockingIOError):
                pass
            link.settimeout(20)
            link.sendall(b"10000\r\n" + block + b"\r\n" if chunked else block)
            sent += len(block)
    except (BrokenPipeError, ConnectionResetError):
        pass
    try:
        link.settimeout(20)
        head = link.recv(4096).decode()
    except ConnectionResetError:
        head = ""
    link.close()
    return (int(head.split(" ")[1]) if head else 0), sent


try:
    ask("PUT", "", {"organizationsEnabled": True})

    # --- bodies that are too large ---
    form = {"grant_type": "password", "client_id": "admin-cli", "username": "admin", "password": "admin"}
    token = Browser().request("POST", server.base + "/realms/master/protocol/openid-connect/token", form).json()["access_token"]
    before = resident_kb()
    for path in ["/" + kind for kind in KINDS] + ["/partialImport"]:
        for chunked in (False, True):
            status, sent = upload(path, token, chunked)
            tap.ok(status in (0, 400, 413) and sent <= 80 << 20, f"100 MB to {path}, {'in chunks' if chunked else 'of a length'}", f"{status} after {sent} bytes")
    kept_by_sanitizer = 300 << 10 if "ASAN_OPTIONS" in os.environ else 0  # what was freed, so that its use is seen
    tap.ok(resident_kb() - before < (90 << 10) + kept_by_sanitizer, "memory stays bounded", f"{resident_kb() - before} kB more")
    tap.is_(ask("GET", "/users/count").status, 200, "and the server goes on")

    for kind, (unique, rep, changed, by_name) in KINDS.items():
        path, number = "/" + kind, len(ask("GET", f"/{kind}?max=1000").json())

        # --- wrong types and values ---
        refused = {
            "an object as its name": {**rep, unique: {"a": 1}}, "a list": [rep], "a text": "x", "a number": 7,
            "a list as " + changed: {**rep, unique: "typed", changed: ["a"]},
        }
        for what, body in refused.items():
            got = ask("POST", path, body)
            tap.ok(400 <= got.status < 500 and isinstance(got.json(), dict), f"{kind}: {what}", f"{got.status} {got.body[:200]}")
        for text in ("{", "", "nul", '{"a":1}}', "[" * 100000, '"\\ud800"', '{"' + unique + '":"a\\u0000b"}'):
            got = Browser().request("POST", f"{server.base}/admin/realms/acme{path}", headers={"Authorization": "Bearer " + token, "Content-Type": "application/json"}, body=text)
            tap.ok(400 <= got.status < 500, f"{kind}: {text[:20]!r}", f"{got.status} {got.body[:200]}")
        got = ask("POST", path, {**rep, unique: "y" * 70000})
        tap.ok(400 <= got.status < 500, f"{kind}: a name of 70,000 letters", f"{got.status} {got.body[:200]}")
        tap.is_(len(ask("GET", f"/{kind}?max=1000").json()), number, f"{kind}: nothing was written")

        # --- ids that are none ---
        for wrong in BAD_IDS:
            for method in ("GET", "PUT", "DELETE"):
                got = ask(method, f"{path}/{wrong}", {**rep, unique: "other"} if method == "PUT" else None)
                tap.ok(got.status in (400, 404, 405), f"{kind}: {method} {wrong[:12]}", f"{got.status} {got.body[:200]}")
        tap.ok(ask("GET", f"{path}/a%00b").status in (400, 404), f"{kind}: an id with a NUL")

        # --- the same thing at the same time ---
        statuses = sorted(answer.status for answer in at_once(*[("POST", path, {**rep, unique: "twice"})] * 4))
        tap.is_(statuses, [201, 409, 409, 409], f"{kind}: made once of four")
        tap.is_(len(ask("GET", f"/{kind}?max=1000").json()), number + 1, f"{kind}: and there once")
        mine = make(kind, "mine")
        before = ask("GET", f"{path}/{mine}").json()
        answers = at_once(*[("PUT", f"{path}/{mine}", {**before, changed: text}) for text in ("left", "right")])
        tap.ok(all(answer.status in (200, 202, 204) for answer in answers), f"{kind}: two edits", [answer.status for answer in answers])
        after = ask("GET", f"{path}/{mine}").json()
        tap.ok(after.get(changed) in ("left", "right") and {**after, changed: 0} == {**before, changed: 0}, f"{kind}: one of them holds, whole", json.dumps(after))
        edit, removal = at_once(("PUT", f"{path}/{mine}", {**before, changed: "late"}), ("DELETE", f"{path}/{mine}"))
        tap.ok(edit.status in (200, 202, 204, 404) and removal.status == 204, f"{kind}: an edit and a removal", [edit.status, removal.status])
        tap.is_(ask("GET", f"{path}/{mine}").status, 404, f"{kind}: gone for good")

    # --- realms, and what users belong to, at the same time ---
    realm = {"realm": "twice", "enabled": True, "users": [{"username": f"u{i}"} for i in range(50)]}
    answers = concurrently([(server.admin, "POST", "/realms", realm)] * 3)
    tap.is_(sorted(answer.status for answer in answers), [201, 409, 409], "a realm is made once of three")
    tap.is_(server.admin("GET", "/realms/twice/users/count").json(), 50, "and is whole")
    answers = concurrently([(server.admin, "PUT", "/realms/twice", {"displayName": name, "displayNameHtml": name}) for name in ("left", "right")] * 2)
    after = server.admin("GET", "/realms/twice").json()
    tap.ok({answer.status for answer in answers} == {204} and after["displayName"] == after["displayNameHtml"] in ("left", "right"), "edits of a realm: one of them holds, whole", after.get("displayName"))
    user, groups = make("users", "joiner"), [make("groups", f"joined-{i}") for i in range(3)]
    roles = [ask("GET", "/roles/" + make("roles", f"held-{i}")).json() for i in range(3)]
    answers = at_once(*[("PUT", f"/users/{user}/groups/{group}") for group in groups * 2], *[("POST", f"/users/{user}/role-mappings/realm", roles)] * 3)
    tap.is_({answer.status for answer in answers}, {204}, "groups and roles are given at once, some twice")
    tap.is_(sorted(group["name"] for group in ask("GET", f"/users/{user}/groups").json()), [f"joined-{i}" for i in range(3)], "each group once")
    tap.is_(len([role for role in ask("GET", f"/users/{user}/role-mappings/realm").json() if role["name"].startswith("held-")]), 3, "each role once")
    answers = at_once(("DELETE", f"/users/{user}/role-mappings/realm", roles), ("DELETE", f"/groups/{groups[0]}"), ("DELETE", f"/users/{user}"), ("PUT", f"/users/{user}/groups/{groups[0]}"))
    tap.ok(all(answer.status in (204, 404) for answer in answers), "all of it taken away at once", [answer.status for answer in answers])

    # --- what is refused is told ---
    for body, why in ((realm, "Realm twice already exists"), ({"realm": "torn", "users": [{"username": "a"}, {"username": "a"}]}, "duplicate key value")):
        tap.ok(server.admin("POST", "/realms", body).status in (400, 409), f"a realm is refused: {why}")
        told = [line for line in server.output().splitlines() if 'operationType="CREATE"' in line and f'resourceType="REALM", resourcePath="{body["realm"]}"' in line]
        tap.ok(len(told) >= 1 and 'error="' in told[-1] and why in told[-1] and 'ipAddress="127.0.0.1"' in told[-1], "and the log says who asked, and why", told[-1:])
    tap.is_(server.admin("GET", "/realms/torn").status, 404, "nothing of it is there")
    tap.is_(server.stop(), 0, "a graceful end")
finally:
    if server.process.poll() is None:
        server.process.kill()
tap.done()
