#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""Nonces of DPoP proofs (RFC 9449 sections 8 and 9): asked for where the realm says so, made by one replica and good at the other, for as long as it says."""
import os
import sys
import tempfile
import time

sys.path[:0] = [os.path.join(os.path.dirname(os.path.abspath(__file__)), folder) for folder in (".", "..")]
from latchkey import Browser, Server, Tap  # noqa: E402
from postgres import Postgres  # noqa: E402
from signing import Key, proof  # noqa: E402

tap, own = Tap(), Key("ES256")
CLIENT = {"client_id": "echo", "client_secret": "echo-secret"}


def ask(server, path, key=own, token=None, form=None, **claims):
    method, place = "POST" if form else "GET", f"/realms/acme/protocol/openid-connect/{path}"
    url, public = server.base + place, "http://sso.test/auth" + place
    headers = {"DPoP": proof(key, method, public, token, **claims), "Origin": "http://app.test"}
    if token:
        headers["Authorization"] = "DPoP " + token
    return Browser().request(method, url, form, headers=headers)


def token(server, **claims):
    return ask(server, "token", form={**CLIENT, "grant_type": "password", "username": "alice", "password": "wonderland1", "scope": "openid"}, **claims)


def nonce(answer):
    return answer.headers.get("dpop-nonce")


def set_span(server, seconds):
    realm = server.admin("GET", "/realms/acme").json()
    realm["attributes"]["latchkey.dpopNonceSeconds"] = str(seconds)
    assert server.admin("PUT", "/realms/acme", realm).status == 204


def walk(one, other):
    answer = token(one)
    tap.is_((answer.status, nonce(answer)), (200, None), "as in Keycloak, no nonce is asked for")
    set_span(one, 60)
    bare = token(one)
    tap.is_((bare.status, bare.json()["error"]), (400, "use_dpop_nonce"), "a proof without a nonce is refused")
    tap.ok(nonce(bare), "and told one")
    tap.ok(any("DPoP-Nonce" in value for name, value in bare.headers.items() if name.lower() == "access-control-expose-headers"), "which a script may read", list(bare.headers.items()))
    good = token(other, nonce=nonce(bare))
    tap.is_((good.status, good.json().get("token_type")), (200, "DPoP"), "it is good at another replica")
    tap.ok(nonce(good), "which gives the next one")
    tap.is_(token(other, nonce=nonce(bare)[:-4] + "AAAA").json()["error"], "use_dpop_nonce", "one that was changed is none")
    tap.is_(token(other, nonce="x" * 4000).json()["error"], "use_dpop_nonce", "nor is any text")
    tap.is_(token(other, nonce=5).status, 400, "nor a number")
    access = good.json()["access_token"]
    answer = ask(one, "userinfo", token=access)
    tap.is_(answer.status, 401, "userinfo asks for one too")
    tap.ok('error="use_dpop_nonce"' in answer.headers.get("www-authenticate", "") and answer.headers["www-authenticate"].startswith("DPoP"), "in the words of the standard", dict(answer.headers))
    tap.is_(ask(one, "userinfo", token=access, nonce=nonce(answer)).status, 200, "and takes it")
    pushed = {**CLIENT, "response_type": "code", "redirect_uri": "http://app.test/cb", "scope": "openid"}
    answer = ask(one, "ext/par/request", form=pushed)
    tap.is_((answer.status, answer.json()["error"]), (400, "use_dpop_nonce"), "so do pushed requests")
    tap.is_(ask(one, "ext/par/request", form=pushed, nonce=nonce(answer)).status, 201, "and take it")
    set_span(one, 1)
    until = time.monotonic() + 10
    while (answer := token(one, nonce=nonce(good))).status == 200 and time.monotonic() < until:
        time.sleep(0.1)
    tap.is_(answer.json().get("error"), "use_dpop_nonce", "an old one is good no more")


with tempfile.TemporaryDirectory(prefix="lk-dpop-") as folder:
    os.chmod(folder, 0o711)
    postgres, servers = Postgres(folder), []
    try:
        for _ in range(2):
            servers.append(Server("--db=postgres", f"--db-url=jdbc:postgresql://127.0.0.1:{postgres.port}/postgres", "--db-username=test", "--db-password=test",
                                  "--hostname=http://sso.test/auth"))
        walk(*servers)
    finally:
        for server in servers:
            server.stop()
        postgres.stop()
tap.done()
