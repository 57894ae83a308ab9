#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""openid-client and jose (keys.mjs) as clients with keys: proven by a signature or a certificate, with tokens bound to either, encrypted answers,
signed requests. A client is one row of CLIENTS."""
import base64
import json
import os
import re
import sys

from cryptography.hazmat.primitives import serialization

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from agent import Agent, Approver  # noqa: E402
from signing import Key  # noqa: E402
from stack import Stack, Tap, run_node  # noqa: E402

from certificates import Authority  # noqa: E402

SIGNER, RSA, EC, HMAC_SECRET = Key("ES256", "signer-1"), Key("RS256", "seal-rsa"), Key("ES256", "seal-ec"), "a secret that is long enough for HS256"
KEYS = {"signer": SIGNER, "rsa": RSA, "ec": EC}
SEALED = [("RSA-OAEP", "A128CBC-HS256", "rsa"), ("RSA-OAEP-256", "A256GCM", "rsa"), ("ECDH-ES", "A128GCM", "ec"), ("ECDH-ES+A128KW", "A256CBC-HS512", "ec"),
          ("ECDH-ES+A256KW", "A192CBC-HS384", "ec")]
SIGNED = ["PS256", "ES256", "ES384", "RS512", "EdDSA"]


def with_keys(seal=None):
    """The attributes of a client whose keys the realm holds: one to sign with, and one to be written to by that algorithm."""
    seals = [KEYS[key].jwk(use="enc", alg=alg) for alg, _, key in SEALED if alg == seal]
    return {"use.jwks.string": "true", "jwks.string": json.dumps({"keys": [SIGNER.jwk(use="sig", alg="ES256"), *seals]})}


def sealed(alg, enc, sign):
    """Signed by one algorithm and encrypted by the other, whatever can be."""
    kinds = ("id.token", "user.info", "authorization")
    signing = {"id.token.signed.response.alg": sign, "user.info.response.signature.alg": sign, "authorization.signed.response.alg": sign}
    return {**with_keys(alg), **signing, **{f"{kind}.encrypted.{side}": value for kind in kinds for side, value in (("response.alg", alg), ("response.enc", enc))}}


def client(name, authenticator, **attributes):
    """Its tokens are for itself, too: a client may introspect those alone."""
    own = {"name": "own", "protocol": "openid-connect", "protocolMapper": "oidc-audience-mapper", "config": {"included.client.audience": name, "access.token.claim": "true"}}
    grants = ("oauth2.device.authorization.grant.enabled", "oidc.ciba.grant.enabled", "standard.token.exchange.enabled")
    attributes = {**dict.fromkeys(grants, "true"), **{key.replace("__", "."): value for key, value in attributes.items()}}
    return {"clientId": name, "clientAuthenticatorType": authenticator, "secret": HMAC_SECRET, "attributes": attributes, "publicClient": False, "directAccessGrantsEnabled": True,
            "serviceAccountsEnabled": True, "protocol": "openid-connect", "redirectUris": ["http://app.test/cb"], "protocolMappers": [own]}


CLIENTS = [
    client("signer", "client-jwt", **with_keys()),
    client("hmac", "client-secret-jwt"),
    client("bound", "client-jwt", **with_keys(), dpop__bound__access__tokens="true"),
    client("machine", "client-x509", x509__subjectdn="CN=machine", tls__client__certificate__bound__access__tokens="true"),
    client("asker", "client-jwt", **with_keys(), request__object__required="request only", request__object__signature__alg="ES256"),
    client("pusher", "client-jwt", **with_keys(), require__pushed__authorization__requests="true", request__object__required="request or request_uri"),
    client("inspector", "client-secret-jwt", client__introspection__response__allow__jwt__claim__enabled="true"),
    *(client(alg, "client-jwt", **sealed(alg, enc, sign)) for (alg, enc, _), sign in zip(SEALED, SIGNED)),
]


def with_clients(realm):
    realm = json.loads(realm)
    return json.dumps({**realm, "clients": realm["clients"] + CLIENTS, "oauth2DevicePollingInterval": 1, "attributes": {**realm.get("attributes", {}), "cibaInterval": "1"}})


def pkcs8(key):
    der = key.private.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return base64.b64encode(der).decode()


tap = Tap()
with Stack() as stack:
    authority = Authority(stack.folder, "authority")
    server, machine = authority.server("server"), authority.sign("machine", "basicConstraints=CA:FALSE")
    channel = f"http://127.0.0.1:{stack.service(Approver)}/"
    latchkey = stack.latchkey("--https-port=0", f"--https-certificate-file={server}.pem", f"--https-certificate-key-file={server}.key", "--https-client-auth=request",
                              f"--https-trust-store-file={authority.root}.pem", f"--spi-ciba-auth-channel--ciba-http-auth-channel--http-authentication-channel-uri={channel}", edit=with_clients)
    tls = re.search(r"https (?:port )?([0-9]+)", latchkey.output())[1]
    run_node(tap, "interop/keys.mjs", ISSUER=f"{latchkey.base}/realms/acme", TLS_ISSUER=f"https://127.0.0.1:{tls}/auth/realms/acme", CERTIFICATE=machine,
             AUTHORITY=authority.root, AGENT=f"http://127.0.0.1:{stack.service(Agent)}/", HMAC_SECRET=HMAC_SECRET, SEALED=json.dumps(SEALED),
             KEYS=json.dumps({name: pkcs8(key) for name, key in KEYS.items()}))
    stack.done(tap)
