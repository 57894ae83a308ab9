#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""Security keys and passkeys in a real browser, whose authenticator is a virtual one (passkeys.mjs): registered, signed in with, refused; and those that
a user has registered with the real Keycloak."""
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from scene import App, Stack, Tap, person, run_node  # noqa: E402

# As Keycloak stored them for eve; their private halves are those that a browser's virtual authenticator made for it.
EVE = "f335b884-a103-41dc-b67f-4f578557bb69"
KEYCLOAK = [
    ("webauthn", "dv8VrBrehB1qPmf6tg10Pq8PVEoLw8T5sxfhK4tJ/Fw=", "pQECAyYgASFYIAAxSM1gGlyz2-485LpouMAs_NGDVUuebMz42FvnqeEhIlgg58m3x3IUSLRAi8-OzzrxEmfY3TLNrZSPgdpbvkIU2i8",
     "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgF36leN8N8MxRZaX4OyDPW2pGG4PStFOfBuVrZf1MC0qhRANCAAQAMUjNYBpcs9vuPOS6aLjALPzRg1VLnmzM+Nhb56nhIefJt8dyFEi0QIvPjs868RJn2N0yza2Uj4HaW75CFNov"),
    ("webauthn-passwordless", "zzQyJAehTBW+opaL8llQqS2oqXo5cQ0xkBQoBPhHQe8=", "pQECAyYgASFYIHzfgtS66iUqlrSVHkoVNBkH5awYtUpHwBIJ2ZUiXkoYIlggffOyvw1C7XKVUUS5Ar08tOGizaeCj13gw4plRDBZm8M",
     "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgKje/bx6ulhdyD/V7eMZIJPebsa/5GSy2kIiUROcldJ+hRANCAAR834LUuuolKpa0lR5KFTQZB+WsGLVKR8ASCdmVIl5KGH3zsr8NQu1ylVFEuQK9PLThos2ngo9d4MOKZUQwWZvD"),
]


def stored(kind, id, key, _):
    data = {"aaguid": "01020304-0506-0708-0102-030405060708", "credentialId": id, "counter": 1, "credentialPublicKey": key, "attestationStatementFormat": "none",
            "transports": ["internal"]}
    return {"type": kind, "userLabel": "my key", "createdDate": 1795882970808, "secretData": "{}", "credentialData": json.dumps(data)}


def with_keys(realm):
    """Security keys as a second factor; the client "alone" takes passkeys and nothing else."""
    realm, eve = json.loads(realm), person("eve", id=EVE)
    flow = next(flow for flow in realm["authenticationFlows"] if flow["alias"] == "Browser - Conditional 2FA")
    next(one for one in flow["authenticationExecutions"] if one["authenticator"] == "webauthn-authenticator")["requirement"] = "ALTERNATIVE"
    realm["authenticationFlows"].append({
        "id": "0b0b0b0b-0000-4000-8000-00000000000f", "alias": "passkey", "providerId": "basic-flow", "topLevel": True, "builtIn": False,
        "authenticationExecutions": [{"authenticator": "webauthn-authenticator-passwordless", "requirement": "REQUIRED", "priority": 10}]})
    realm["authenticationFlows"].append({
        "id": "0b0b0b0b-0000-4000-8000-000000000010", "alias": "names", "providerId": "basic-flow", "topLevel": True, "builtIn": False,
        "authenticationExecutions": [{"authenticator": "auth-username-form", "requirement": "REQUIRED", "priority": 10},
                                     {"authenticator": "auth-password-form", "requirement": "REQUIRED", "priority": 20}]})
    realm["authenticationFlows"].append({
        "id": "0b0b0b0b-0000-4000-8000-000000000011", "alias": "organized", "providerId": "basic-flow", "topLevel": True, "builtIn": False,
        "authenticationExecutions": [{"authenticator": "organization", "requirement": "ALTERNATIVE", "priority": 10},
                                     {"authenticator": "auth-username-password-form", "requirement": "ALTERNATIVE", "priority": 20}]})
    client = {"publicClient": True, "redirectUris": [APP + "/*"], "protocol": "openid-connect"}
    realm["clients"] += [{"clientId": "both", **client}, {"clientId": "names", "authenticationFlowBindingOverrides": {"browser": "0b0b0b0b-0000-4000-8000-000000000010"}, **client},
                         {"clientId": "alone", "authenticationFlowBindingOverrides": {"browser": "0b0b0b0b-0000-4000-8000-00000000000f"}, **client}]
    eve["credentials"] += [stored(*key) for key in KEYCLOAK]
    realm["users"] += [person("pat", "webauthn-register"), eve]
    return json.dumps(realm)


tap = Tap()
with Stack() as stack:
    APP = f"http://localhost:{stack.service(App)}"
    latchkey = stack.latchkey(edit=with_keys)
    base = latchkey.base.replace("127.0.0.1", "localhost")  # an address is no relying party
    run_node(tap, "browser/passkeys.mjs", BASE=base, APP=APP, EVE=EVE, KEYS=json.dumps([(id, key) for _, id, _, key in KEYCLOAK]))
    stack.done(tap)
