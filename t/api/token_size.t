#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""Tokens that are too large for headers on their way: the log warns, once for each client, and the metrics count."""
import re

from latchkey import Browser, Server, Tap

tap = Tap()
server = Server("--token-size-warning=900", "--metrics-enabled=true")


def token(client):
    form = {"grant_type": "password", "client_id": client, "client_secret": "echo-secret", "username": "alice", "password": "wonderland1", "scope": "openid"}
    return Browser().request("POST", f"{server.base}/realms/acme/protocol/openid-connect/token", form).json()


def warnings():
    return [line for line in server.output().splitlines() if "token-size-warning" in line]


sizes = [len(token("echo")["access_token"]) for _ in range(3)]
said = warnings()
tap.ok(min(sizes) > 900 and len(said) == 1, f"three tokens of {sizes[0]} bytes, one warning", said)
tap.ok(all(word in said[0] for word in ("client echo in realm acme", f"has {sizes[0]} bytes", "is 900", "fullScopeAllowed")), "which client, how large, what the limit is, what to do", said)
tap.ok("master" not in said[0] and server.admin("GET", "/realms/acme").status == 200 and not [line for line in warnings() if "admin-cli" in line], "small tokens are no matter")
port = re.search(r"management port (\d+)", server.output())[1]
counted = re.search(r'latchkey_large_tokens_total\{client_id="echo",realm="acme"} (\d+)', Browser().get(f"http://127.0.0.1:{port}/auth/metrics").text)
tap.ok(counted and int(counted[1]) >= 3, "all are counted", counted and counted[0])
server.stop()
tap.done()
