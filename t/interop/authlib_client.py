# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""Authlib with requests as the client of the acme realm."""
import os

import requests
from agent import sign_in
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.jwk import KeySet

os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"  # on loopback there is no TLS
REDIRECT, NONCE = "http://app.test/cb", "n-0S6_WzA2Mj"


def id_token_claims(found, token):
    keys = KeySet.import_key_set({"keys": [key for key in requests.get(found["jwks_uri"], timeout=10).json()["keys"] if key["use"] == "sig"]})
    decoded = jwt.decode(token["id_token"], keys, algorithms=["RS256"])
    claims = CodeIDToken(decoded.claims, decoded.header, {"iss": {"value": found["issuer"]}, "aud": {"value": "echo"}},
                         {"nonce": NONCE, "client_id": "echo", "access_token": token["access_token"]})
    claims.validate()  # at_hash and azp too
    return claims


def run(tap, issuer):
    found = requests.get(issuer + "/.well-known/openid-configuration", timeout=10).json()
    for method in ("client_secret_basic", "client_secret_post"):
        with OAuth2Session("echo", "echo-secret", token_endpoint_auth_method=method, revocation_endpoint_auth_method=method, scope="openid profile",
                           redirect_uri=REDIRECT, code_challenge_method="S256") as client:
            verifier = "v" * 48
            url, state = client.create_authorization_url(found["authorization_endpoint"], nonce=NONCE, code_verifier=verifier)
            token = client.fetch_token(found["token_endpoint"], authorization_response=sign_in(url), state=state, code_verifier=verifier)
            tap.is_(id_token_claims(found, token)["preferred_username"], "alice", f"Authlib: code flow with {method}")
            tap.is_(client.get(found["userinfo_endpoint"]).json()["preferred_username"], "alice", "Authlib: userinfo")
            fresh = client.refresh_token(found["token_endpoint"], token["refresh_token"])
            tap.ok(fresh["access_token"] != token["access_token"], "Authlib: refresh")
            told = client.introspect_token(found["introspection_endpoint"], fresh["access_token"]).json()
            tap.is_((told["active"], told["client_id"]), (True, "echo"), "Authlib: introspection")
            tap.is_(client.revoke_token(found["revocation_endpoint"], fresh["refresh_token"]).status_code, 200, "Authlib: revocation")
            try:
                client.refresh_token(found["token_endpoint"], fresh["refresh_token"])
                tap.ok(False, "Authlib: a revoked token is no use")
            except OAuthError as error:
                tap.is_(error.error, "invalid_grant", "Authlib: a revoked token is no use")
        with OAuth2Session("echo", "echo-secret", token_endpoint_auth_method=method) as machine:
            token = machine.fetch_token(found["token_endpoint"], grant_type="client_credentials")
            tap.is_(token["token_type"], "Bearer", "Authlib: client credentials")
