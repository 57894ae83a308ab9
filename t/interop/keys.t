#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""openid-client (keys.mjs) as a client with keys: private_key_jwt, client_secret_jwt, DPoP."""
import base64
import json
import os
import sys

from cryptography.hazmat.primitives import serialization

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from signing import Key  # noqa: E402
from stack import Stack, Tap, run_node  # noqa: E402

SIGNER, HMAC_SECRET = Key("ES256", "signer-1"), "a secret that is long enough for HS256"


def with_clients(realm):
    realm = json.loads(realm)
    machine = {"publicClient": False, "serviceAccountsEnabled": True, "protocol": "openid-connect"}
    realm["clients"] += [{"clientId": "signer", "clientAuthenticatorType": "client-jwt",
                          "attributes": {"use.jwks.string": "true", "jwks.string": json.dumps({"keys": [SIGNER.jwk(use="sig", alg="ES256")]})}, **machine},
                         {"clientId": "hmac", "clientAuthenticatorType": "client-secret-jwt", "secret": HMAC_SECRET, **machine}]
    return json.dumps(realm)


tap = Tap()
with Stack() as stack:
    latchkey = stack.latchkey(edit=with_clients)
    key = SIGNER.private.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    run_node(tap, "interop/keys.mjs", ISSUER=f"{latchkey.base}/realms/acme", SIGNER_KEY=base64.b64encode(key).decode(), HMAC_SECRET=HMAC_SECRET)
    stack.done(tap)
