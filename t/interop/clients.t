#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""Client libraries from other hands, each with its own flows and checks: openid-client, oauth4webapi and jose on Node (clients.mjs), Authlib
(authlib_client.py), go-oidc (go/)."""
import json

import authlib_client
from agent import Agent, Approver
from stack import TOP, Stack, Tap, run_node, run_program



def with_all_grants(realm):
    """The acme realm, in which the client echo may do everything."""
    realm = json.loads(realm)
    echo = next(client for client in realm["clients"] if client["clientId"] == "echo")
    echo["attributes"].update({"standard.token.exchange.enabled": "true", "oauth2.device.authorization.grant.enabled": "true",
                               "oidc.ciba.grant.enabled": "true"})
    realm["oauth2DevicePollingInterval"] = 1
    return json.dumps(realm)


tap = Tap()
with Stack() as stack:
    channel = f"http://127.0.0.1:{stack.service(Approver)}/"
    latchkey = stack.latchkey(f"--spi-ciba-auth-channel--ciba-http-auth-channel--http-authentication-channel-uri={channel}", edit=with_all_grants)
    places = {"ISSUER": f"{latchkey.base}/realms/acme", "AGENT": f"http://127.0.0.1:{stack.service(Agent)}/"}
    run_node(tap, "interop/clients.mjs", **places)
    authlib_client.run(tap, places["ISSUER"])
    run_program(tap, ["go", "run", "."], cwd=f"{TOP}/t/interop/go", GOFLAGS="-mod=readonly", GOTOOLCHAIN="local", **places)
    stack.done(tap)
