#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""Tokens, assertions, proofs and request objects that are wrong in one way each: status, error code, and what the log says of it. The realm signs
with a key of the test's, so that what only the realm could sign can be wrong too."""
import os
import sys
import time

from cryptography.hazmat.primitives import serialization

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from latchkey import Browser, Server, Tap, claims  # noqa: E402
from signing import ASSERTION_TYPE, Key, assemble, assertion_claims, b64, proof, sign_secret  # noqa: E402

tap, server = Tap(), Server("--log-level=debug")
issuer = server.base + "/realms/acme"
oidc = issuer + "/protocol/openid-connect"
mine, other, own = Key("RS256"), Key("RS256"), Key("RS256", "own")
now = int(time.time())


def post(path, headers=None, **form):
    return Browser().request("POST", f"{oidc}/{path}", form, headers=headers or {})


def pem(key):
    return key.private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()


def setup():
    """The realm's signing key, a client with a key; returns its kid and tokens of alice's."""
    made = server.admin("POST", "/realms/acme/components", {"name": "mine", "providerId": "rsa", "providerType": "org.keycloak.keys.KeyProvider",
                                                             "config": {"priority": ["900"], "privateKey": [pem(mine)]}})
    assert made.status == 201, made.text
    made = server.admin("POST", "/realms/acme/clients", {
        "clientId": "keyed", "publicClient": False, "serviceAccountsEnabled": True, "clientAuthenticatorType": "client-jwt", "redirectUris": ["http://app.test/cb"],
        "attributes": {"use.jwks.string": "true", "jwks.string": __import__("json").dumps(own.jwks())}})
    assert made.status == 201, made.text
    kid = next(key["kid"] for key in Browser().get(oidc + "/certs").json()["keys"] if key.get("n") == mine.members()["n"])
    return kid, post("token", client_id="echo", client_secret="echo-secret", grant_type="password", username="alice", password="wonderland1", scope="openid").json()


def wrong_ways(key, kid, good, **header):
    """(what, token, log) of what is wrong with any JWS, whoever signs it. log None: the signature's own words differ by place."""
    head = {"alg": "RS256", "kid": kid, **header}
    return [("alg none", assemble({**head, "alg": "none"}, good, lambda text: b"")),
            ("alg None", assemble({**head, "alg": "None"}, good, lambda text: b"")),
            ("HS256 with the public key", sign_secret(key.pem(), good, "HS256", kid=kid, **header)),
            ("another key's signature", other.sign(good, kid=kid, **header)),
            ("an embedded jwk", other.sign(good, kid=None, **{"jwk": other.jwk(), **header})),
            ("an unknown crit", key.sign(good, kid=kid, crit=["x"], x=1, **header)),
            ("an unknown kid", key.sign(good, kid="unknown", **header)),
            ("a changed claim", (lambda parts: ".".join([parts[0], b64('{"sub":"x"}'), parts[2]]))(key.sign(good, kid=kid, **header).split("."))),
            ("two parts", key.sign(good, kid=kid, **header).rsplit(".", 1)[0]), ("nonsense", "nonsense"), ("an algorithm that there is not", assemble({**head, "alg": "RS999"}, good, lambda text: b"x"))]


def walk(label, cases, call, status, error, said):
    """Each is refused alike, and one new line of the log has the check's words."""
    for what, token, *words in cases:
        before = len(server.output())
        answer = call(token)
        expected = words[0] if words else said.get(what, said[None])
        deadline = time.monotonic() + 5
        while expected not in server.output()[before:] and time.monotonic() < deadline:
            time.sleep(0.02)
        log = server.output()[before:]
        code = answer.json().get("error") if answer.text.startswith("{") else (answer.headers.get("www-authenticate") or "").partition('error="')[2].partition('"')[0]
        tap.is_((answer.status, code), (status, error), f"{label}: {what}")
        tap.ok(expected in log, f"{label}: {what}: the log says '{expected}'", log[-600:])


kid, tokens = setup()
good = {**claims(tokens["access_token"])}
head = {"typ": "JWT"}


def changed(**changes):
    return mine.sign({name: value for name, value in {**good, **changes}.items() if value is not None}, kid=kid, **head)


def userinfo(token):
    return Browser().request("GET", oidc + "/userinfo", headers={"Authorization": "Bearer " + token})


def refresh(token):
    return post("token", client_id="echo", client_secret="echo-secret", grant_type="refresh_token", refresh_token=token)


def introspect(token):
    answer = post("token/introspect", client_id="echo", client_secret="echo-secret", token=token)
    assert answer.json() == {"active": False}, answer.text
    return answer


def authenticate(assertion):
    return post("token", grant_type="client_credentials", client_assertion_type=ASSERTION_TYPE, client_assertion=assertion)


def prove(text):
    return post("token", {"DPoP": text}, client_id="echo", client_secret="echo-secret", grant_type="client_credentials")


def push(text):
    return post("ext/par/request", client_assertion_type=ASSERTION_TYPE, client_assertion=own.sign(assertion_claims("keyed", issuer)), client_id="keyed", request=text)


def logout(token):
    return post("logout", client_id="echo", client_secret="echo-secret", refresh_token=token)


SIGNATURE, NO_TOKEN, KID = "the signature does not verify", "not a signed token", "kid is no key of this realm"
OURS = {None: SIGNATURE, "an embedded jwk": KID, "an unknown kid": KID, "an unknown crit": NO_TOKEN, "two parts": NO_TOKEN, "nonsense": NO_TOKEN}
assertion = assertion_claims("keyed", issuer)


def asserted(**changes):
    return own.sign(assertion_claims("keyed", issuer, **changes))


try:
    tap.is_(userinfo(changed()).status, 200, "what the realm's key signs is taken")
    master = {"grant_type": "password", "client_id": "admin-cli", "username": "admin", "password": "admin"}
    admin = Browser().request("POST", server.base + "/realms/master/protocol/openid-connect/token", master).json()
    ours = wrong_ways(mine, kid, good, **head)
    walk("userinfo", ours + [
        ("another realm's", admin["access_token"], KID), ("an ID token", tokens["id_token"], "not an access token"), ("a refresh token", tokens["refresh_token"], "not an access token"),
        ("expired", changed(exp=now - 1), "- expired"), ("not valid yet", changed(nbf=now + 600), "- not valid yet"), ("another issuer", changed(iss=issuer + "x"), "issued by another issuer"),
        ("no client", changed(azp=None), "not an access token"), ("an unknown client", changed(azp="nobody"), "its client is gone"), ("an unknown session", changed(sid="nothing"), "the session nothing has ended"),
        ("older than its session", changed(iat=now - 9999), "older than its session")], userinfo, 401, "invalid_token", OURS)
    walk("introspection", ours[:3] + [("expired", changed(exp=now - 1), "- expired"), ("another realm's", admin["access_token"], KID)], introspect, 200, None, OURS)
    old = {**claims(tokens["refresh_token"])}
    refreshing = wrong_ways(mine, kid, old, **head)
    walk("refresh", refreshing + [("an access token", tokens["access_token"], "not a refresh token"), ("another realm's", admin["refresh_token"], KID),
                                  ("expired", mine.sign({**old, "exp": now - 1}, kid=kid), "- expired")], refresh, 400, "invalid_grant", OURS)
    walk("logout", refreshing[:3] + [("an access token", tokens["access_token"], "not a refresh token")], logout, 400, "invalid_grant", OURS)
    tap.is_(authenticate(asserted()).status, 200, "a right assertion is taken")
    once = asserted()
    authenticate(once)
    about_a_client = {"alg none", "HS256 with the public key", "another key's signature", "an embedded jwk", "an unknown kid"}  # the others say nothing of one
    forms = wrong_ways(own, "own", assertion)
    algorithm, no_key = "Invalid signature algorithm", "no key of the set verifies"
    walk("assertion", [case for case in forms if case[0] in about_a_client] + [
        ("expired", asserted(exp=now - 600), "Token is not active"), ("not valid yet", asserted(nbf=now + 600), "Token is not active"), ("another audience", asserted(aud="https://other.test"), "Invalid token audience"),
        ("another realm", asserted(aud=server.base + "/realms/master"), "Invalid token audience"), ("no jti", asserted(jti=None), "Token jti claim is required"), ("no expiry", asserted(exp=None), "Token exp claim is required"),
        ("used before", once, "Token reuse detected")], authenticate, 400, "invalid_client", {None: no_key, "alg none": algorithm, "HS256 with the public key": algorithm})
    walk("assertion", [case for case in forms if case[0] not in about_a_client] + [("another subject", asserted(iss="echo"), "issuer is not its subject")], authenticate, 401, "invalid_client", {
        "alg None": "algorithm is unknown", "an algorithm that there is not": "algorithm is unknown", "an unknown crit": "critical extensions", "a changed claim": "issuer is not its subject", None: "not three parts"})
    url, dpop = oidc + "/token", {"typ": "dpop+jwt", "jwk": own.jwk()}
    fresh = claims(proof(own, "POST", url))
    tap.is_(prove(proof(own, "POST", url)).status, 200, "a right proof is taken")
    once = proof(own, "POST", url)
    prove(once)
    walk("proof", [case for case in wrong_ways(own, None, fresh, **dpop) if case[0] not in ("an embedded jwk", "an unknown kid")] + [
        ("another method", proof(own, "GET", url), "DPoP HTTP method mismatch"), ("another address", proof(own, "POST", oidc + "/x"), "DPoP HTTP URL mismatch"), ("old", proof(own, "POST", url, iat=now - 9999), "DPoP proof is not active"), ("of tomorrow", proof(own, "POST", url, iat=now + 9999), "DPoP proof is not active"),
        ("no jti", proof(own, "POST", url, jti=None), "DPoP mandatory claims are missing"), ("typ JWT", proof(own, "POST", url, header={"typ": "JWT"}), "Invalid or missing type in DPoP header"), ("used before", once, "DPoP proof has already been used")], prove, 400, "invalid_request", {
            "alg none": "Unsupported DPoP algorithm", "HS256 with the public key": "Unsupported DPoP algorithm", "alg None": "unknown algorithm", "an algorithm that there is not": "unknown algorithm", "an unknown crit": "critical extensions",
            "another key's signature": "the signature is wrong", "a changed claim": "the signature is wrong", None: "not three parts"})
    wanted = {"client_id": "keyed", "response_type": "code", "redirect_uri": "http://app.test/cb", "scope": "openid", "iss": "keyed", "aud": issuer}
    tap.is_(push(own.sign(wanted)).status, 201, "a right request object is taken")
    walk("request object", [case for case in wrong_ways(own, "own", wanted) if case[0] != "alg none"] + [
        ("expired", own.sign({**wanted, "exp": now - 600}), "it has expired"), ("not valid yet", own.sign({**wanted, "nbf": now + 600}), "not valid yet"), ("another audience", own.sign({**wanted, "aud": "https://other.test"}), "its audience is another"),
        ("another realm", own.sign({**wanted, "aud": server.base + "/realms/master"}), "its audience is another"), ("another issuer", own.sign({**wanted, "iss": "echo"}), "its issuer is not the client")], push, 400, "invalid_request_object", {None: "request object:"})
    server.stop()
finally:
    if server.process.poll() is None:
        server.process.kill()
tap.done()
