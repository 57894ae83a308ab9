# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""Pairwise subjects, the claims parameter, and keys of the realm."""
import json

from engine import case, decode_jwt


def add_mapper(c, mapper, client="app", record=False, **config):
    return c.admin("POST", f"/clients/{c.client_id(client)}/protocol-mappers/models", record=record, json={
        "name": mapper, "protocol": "openid-connect", "protocolMapper": mapper, "config": config})


PAIRWISE = "oidc-sha256-pairwise-sub-mapper"


def subjects(c, label, **form):
    got = c.password(scope="openid", **form)
    said = {name: decode_jwt(got[name])[1].get("sub") for name in ("access_token", "id_token", "refresh_token") if name in got}
    info = c.get("userinfo", headers={"Authorization": "Bearer " + got["access_token"]}, record=False)
    said["userinfo"] = info.json().get("sub") if info.status_code == 200 else info.status_code
    shown = c.post("token/introspect", data={"client_id": "app", "client_secret": "app-secret", "token": got["access_token"]}, record=False).json()
    said["introspection"] = shown.get("sub")
    c.note(label, said)
    return got


@case("pairwise/tokens")
def _(c):
    c.note("user", c.user_id("alice"))
    c.quiet("PUT", f"/clients/{c.client_id('app')}", json={"clientId": "app", "redirectUris": ["http://app.test/*"]})
    add_mapper(c, PAIRWISE, pairwiseSubAlgorithmSalt="salt")
    got = subjects(c, "with a salt")
    again = c.token(grant_type="refresh_token", refresh_token=got["refresh_token"])
    c.note("refresh", {"status": again.status_code, "sub": decode_jwt(again.json()["access_token"])[1].get("sub")})
    subjects(c, "the same once more")
    code = c.redeem(c.login()["code"], record=False).json()
    c.note("code", {n: decode_jwt(code[n])[1].get("sub") for n in ("access_token", "id_token")})
    hint = code["id_token"]
    c.get("logout?id_token_hint=" + hint + "&post_logout_redirect_uri=http://app.test/out", browser=True)


@case("pairwise/admin")
def _(c):
    add_mapper(c, PAIRWISE, record=True, sectorIdentifierUri="not a uri")
    add_mapper(c, PAIRWISE, record=True, sectorIdentifierUri="http://127.0.0.1:9/sector")
    c.quiet("PUT", f"/clients/{c.client_id('app')}", json={"clientId": "app", "redirectUris": ["http://app.test/*", "http://other.test/*"]})
    add_mapper(c, PAIRWISE, record=True)
    c.quiet("PUT", f"/clients/{c.client_id('app')}", json={"clientId": "app", "redirectUris": ["http://app.test/*", "http://app.test/two"]})
    add_mapper(c, PAIRWISE, record=True)
    mappers = c.admin("GET", f"/clients/{c.client_id('app')}/protocol-mappers/models", record=False).json()
    mine = [m for m in mappers if m["protocolMapper"] == PAIRWISE]
    c.note("stored", [{**m, "id": "", "config": sorted(m["config"])} for m in mine])


@case("pairwise/scope")
def _(c):
    c.admin("POST", "/client-scopes", json={"name": "pair", "protocol": "openid-connect", "protocolMappers": [
        {"name": "p", "protocol": "openid-connect", "protocolMapper": PAIRWISE, "config": {"pairwiseSubAlgorithmSalt": "x"}}]})


CLAIMS = {"id_token": {"auth_time": {"essential": True}, "given_name": None, "email": {"essential": True}, "phone_number": None,
                       "custom": {"value": "asked"}, "number": {"value": 7}, "list": {"values": ["a", "b"]}},
          "userinfo": {"family_name": None, "email": {"value": "other@example.test"}, "custom": {"value": "of-userinfo"}}}


def with_claims(c, label, wanted, **params):
    done = c.params(c.authorize(record=False, claims=wanted if isinstance(wanted, str) else json.dumps(wanted), **params))
    if "code" not in done:
        return c.note(label, done)
    got = c.redeem(done["code"], record=False).json()
    shown = {name: sorted(decode_jwt(got[name])[1]) for name in ("access_token", "id_token") if name in got}
    values = {k: decode_jwt(got["id_token"])[1].get(k) for k in ("custom", "number", "list", "email", "email_verified", "name", "given_name", "family_name", "preferred_username", "nested")} if "id_token" in got else {}
    info = c.get("userinfo", headers={"Authorization": "Bearer " + got["access_token"]}, record=False).json()
    return c.note(label, {"names": shown, "values": values, "userinfo": info})


@case("claims-parameter/mappers")
def _(c):
    c.login()
    scopes = {x["name"]: x["id"] for x in c.admin("GET", "/client-scopes", record=False).json()}
    for name in ("profile", "email"):
        c.quiet("DELETE", f"/clients/{c.client_id('app')}/default-client-scopes/{scopes[name]}")
    with_claims(c, "no mapper", CLAIMS)
    add_mapper(c, "oidc-claims-param-token-mapper", **{"id.token.claim": "true", "access.token.claim": "true", "userinfo.token.claim": "true"})
    with_claims(c, "token mapper", CLAIMS)
    with_claims(c, "without", {})
    with_claims(c, "junk", "junk")
    for name in ("custom", "number", "list", "nested.one"):
        c.admin("POST", f"/clients/{c.client_id('app')}/protocol-mappers/models", record=False, json={
            "name": name, "protocol": "openid-connect", "protocolMapper": "oidc-claims-param-value-idtoken-mapper",
            "config": {"id.token.claim": "true", "claim.name": name}})
    with_claims(c, "value mapper", CLAIMS)
    with_claims(c, "wanted otherwise", {"id_token": {"name": {"essential": True}, "given_name": {"essential": False}, "family_name": None, "email": None,
                                                     "preferred_username": {"essential": True}, "custom": {"value": "v", "essential": True}},
                                        "userinfo": {"name": None, "given_name": {"essential": True}}})
    with_claims(c, "sub that is another's", {"id_token": {"sub": {"value": "nobody"}}})


@case("keys/providers")
def _(c):
    realm = c.admin("GET", "", record=False).json()["id"]

    def add(provider, **config):
        return c.admin("POST", "/components", json={"name": provider, "providerId": provider, "providerType": "org.keycloak.keys.KeyProvider", "parentId": realm,
                                                    "config": {k: [v] for k, v in config.items()}}, label="add " + provider)

    def keys(label):
        got = c.admin("GET", "/keys", record=False).json()
        c.note(label, sorted([k["algorithm"], k["use"], k["type"], k["status"], k["providerPriority"]] for k in got["keys"]))
        c.note(label + " published", sorted([k["alg"], k["use"], k["kty"], k.get("crv", "")] for k in c.jwks(fresh=True)["keys"]))
    keys("at first")
    add("rsa-generated", priority="200", keySize="2048", algorithm="PS256")
    add("rsa-enc-generated", priority="200", algorithm="RSA-OAEP-256")
    add("ecdsa-generated", priority="90", ecdsaEllipticCurveKey="P-384")
    add("eddsa-generated", priority="90", eddsaEllipticCurveKey="Ed448")
    add("ecdh-generated", priority="90", ecdhEllipticCurveKey="P-256", ecdhAlgorithm="ECDH-ES+A128KW")
    add("hmac-generated", priority="90", algorithm="HS384", secretSize="64")
    add("aes-generated", priority="90", secretSize="24")
    keys("all")
    add("rsa-generated", priority="x")
    add("rsa-generated", keySize="1000")
    add("rsa-generated", algorithm="ES256")
    add("ecdsa-generated", ecdsaEllipticCurveKey="P-128")
    add("eddsa-generated", eddsaEllipticCurveKey="X25519")
    add("ecdh-generated", ecdhAlgorithm="none")
    add("hmac-generated", secretSize="7")
    add("aes-generated", secretSize="7")
    add("rsa")
    add("rsa", privateKey="junk")
    add("rsa-enc", privateKey="junk", certificate="junk")
    add("nonsense")


@case("keys/states")
def _(c):
    realm = c.admin("GET", "", record=False).json()["id"]

    def signer(label):
        c.note(label, decode_jwt(c.password()["access_token"])[0])
        c.note(label + " published", len([k for k in c.jwks(fresh=True)["keys"] if k["use"] == "sig"]))
    signer("at first")
    old = c.password()
    c.quiet("POST", "/components", json={"name": "new", "providerId": "rsa-generated", "providerType": "org.keycloak.keys.KeyProvider", "parentId": realm,
                                         "config": {"priority": ["500"]}})
    made = c.admin("GET", "/components?name=new&type=org.keycloak.keys.KeyProvider", record=False).json()[0]
    signer("higher priority")
    c.note("old token", c.get("userinfo", headers={"Authorization": "Bearer " + old["access_token"]}, record=False).status_code)

    def change(label, **config):
        made["config"].update({k: [v] for k, v in config.items()})
        c.quiet("PUT", f"/components/{made['id']}", json=made)
        signer(label)
    newer = c.password(scope="openid")
    change("passive", active="false")
    c.note("passive key's token", c.get("userinfo", headers={"Authorization": "Bearer " + newer["access_token"]}, record=False).status_code)
    change("disabled", enabled="false")
    c.note("disabled key's token", c.get("userinfo", headers={"Authorization": "Bearer " + newer["access_token"]}, record=False).status_code)
    c.note("its refresh token", c.token(grant_type="refresh_token", refresh_token=newer["refresh_token"]).status_code)
