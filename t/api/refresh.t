#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""Refresh tokens that rotate, used twice: at once and soon after, on two replicas, and later by whoever stole one."""
import os
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from latchkey import Browser, Server, Tap  # noqa: E402
from postgres import Postgres  # noqa: E402

tap = Tap()
SECRET = {"client_id": "echo", "client_secret": "echo-secret"}


def token(server, **form):
    answer = Browser().request("POST", server.base + "/realms/acme/protocol/openid-connect/token", {**SECRET, **form})
    return (answer.status, answer.json().get("error_description"), answer.json().get("refresh_token"))


def login(server):
    return token(server, grant_type="password", username="alice", password="wonderland1", scope="openid")[2]


def refresh(server, text):
    return token(server, grant_type="refresh_token", refresh_token=text)


def at_once(servers, text):
    """The same token from as many threads as servers are named."""
    answers = []
    threads = [threading.Thread(target=lambda s=server: answers.append(refresh(s, text))) for server in servers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def rotate(server, **settings):
    attributes = {**server.admin("GET", "/realms/acme").json()["attributes"], **settings.pop("attributes", {})}
    answer = server.admin("PUT", "/realms/acme", {"revokeRefreshToken": True, "refreshTokenMaxReuse": 0, "attributes": attributes, **settings})
    assert answer.status == 204, answer.text


def within(one, two):
    first = login(one)
    answers = at_once([one, two, one, two], first)
    tap.is_([status for status, _, _ in answers], [200] * 4, "four refreshes at once on two replicas are answered")
    tap.is_(refresh(two, first)[0], 200, "and one more soon after, whose answer got lost")
    time.sleep(1.1)  # what is stale is told by seconds
    newest = refresh(one, answers[-1][2])
    tap.is_(newest[0], 200, "any of the answers goes on")
    tap.is_(refresh(two, first)[:2], (400, "Stale token"), "after which the old token is refused, in spite of the grace")
    tap.is_(refresh(one, newest[2])[:2], (400, "Session doesn't have required client"), "and has ended the client's session")


def afterwards(one, two):
    rotate(one, attributes={"latchkey.refreshTokenGraceSeconds": "1"})
    first = login(one)
    second = refresh(one, first)[2]
    time.sleep(2.1)  # by whole seconds
    tap.is_(refresh(two, first)[:2], (400, "Maximum allowed refresh token reuse exceeded"), "after the grace a second use is refused")
    tap.is_(refresh(one, second)[:2], (400, "Session doesn't have required client"), "and ends the client's session, whoever was the thief")


def without(one, two):
    for name, settings in (("a grace of 0", {"attributes": {"latchkey.refreshTokenGraceSeconds": "0"}}),
                           ("a realm that counts", {"refreshTokenMaxReuse": 1, "attributes": {"latchkey.refreshTokenGraceSeconds": ""}})):
        rotate(one, **settings)
        allowed = 1 + settings.get("refreshTokenMaxReuse", 0)
        answers = at_once([one, two, one], login(one))
        tap.is_(sorted(status for status, _, _ in answers), [200] * allowed + [400] * (3 - allowed), f"{name}: {allowed} of three at once")


with tempfile.TemporaryDirectory(prefix="lk-refresh-") as folder:
    os.chmod(folder, 0o711)
    postgres = Postgres(folder)
    options = [f"--db-url=jdbc:postgresql://127.0.0.1:{postgres.port}/postgres", "--db-username=test", "--db-password=test", "--hostname=http://sso.test/auth"]
    servers = []
    try:
        servers.append(Server("--db=postgres", *options))
        servers.append(Server("--db=postgres", *options))
        rotate(servers[0])
        within(*servers)
        afterwards(*servers)
        without(*servers)
    finally:
        for server in servers:
            server.stop()
        postgres.stop()
tap.done()
