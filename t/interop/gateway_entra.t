#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""Entra ID, Latchkey, the gateway's relying party and a service behind it, in one line: gateway_entra.mjs is the person, in a real browser."""
import json

from echo import Echo
from entra import Entra
from stack import Stack, Tap, free_port, run_node

gateway, authorizer = free_port(), free_port()
origin = f"http://127.0.0.1:{gateway}"
issuer = f"{origin}/auth/realms/acme"

tap = Tap()
with Stack() as stack:
    entra = Entra(stack, f"{issuer}/broker/entra/endpoint")

    def with_entra(realm):
        realm = json.loads(realm.replace("http://localhost:4180/oauth2/callback", f"{origin}/*")
                           .replace("http://127.0.0.1:9/backchannel", f"http://127.0.0.1:{authorizer}/oauth2/callback?logout=backchannel"))
        realm["identityProviders"] = [entra.provider()]
        realm["identityProviderMappers"] = [{"name": "boss", "identityProviderAlias": "entra", "identityProviderMapper": "oidc-role-idp-mapper",
                                             "config": {"syncMode": "INHERIT", "claim": "roles", "claim.value": "Orders.Admin", "role": "boss"}}]
        return json.dumps(realm)

    latchkey = stack.latchkey("--proxy-headers=xforwarded", f"--hostname={origin}/auth", edit=with_entra)
    stack.relying_party(authorizer, origin=origin, issuer=issuer, redis=stack.redis().port, refresh_before=598)
    stack.gateway(gateway, [latchkey.port], authorizer, [stack.service(Echo)])
    run_node(tap, "interop/gateway_entra.mjs", ORIGIN=origin, ENTRA=entra.base)
    stack.done(tap)
