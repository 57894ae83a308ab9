# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""Assertions of other issuers: a user's for the JWT authorization grant (RFC 7523 section 2.1), a client's for federated client authentication."""
import base64
import json
import pathlib
import sys
import time

from engine import case

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))
from signing import ASSERTION_TYPE, Key, assertion_claims, b64, sign_secret  # noqa: E402

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from policies import use  # noqa: E402

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
RSA, EC, OTHER = Key("RS256"), Key("ES256"), Key("RS256")
ISSUER = "https://issuer.test"


def issuer(c):
    return c.base + "/realms/" + c.realm


def provider(c, kind="oidc", **config):
    bare = "".join(line for line in RSA.pem().splitlines() if "-" not in line)
    c.quiet("POST", "/identity-provider/instances", json={"alias": "up", "providerId": kind, "enabled": True, "config": {
        "issuer": ISSUER, "clientId": "up-client", "clientSecret": "x", "authorizationUrl": ISSUER + "/auth", "tokenUrl": ISSUER + "/token", "useJwksUrl": "false",
        "validateSignature": "true", "publicKeySignatureVerifier": bare, **config}})


def client(c, name="grantee", method="client-secret", public=False, **attributes):
    c.quiet("POST", "/clients", json={"clientId": name, "secret": "secret", "publicClient": public, "serviceAccountsEnabled": not public, "clientAuthenticatorType": method,
                                      "attributes": attributes})


def change(c, path, **fields):
    rep = c.admin("GET", path, record=False).json()
    for name in ("config", "attributes"):
        if name in fields:
            fields[name] = {**rep.get(name, {}), **fields[name]}
    c.quiet("PUT", path, json={**rep, **fields})


def link(c):
    c.quiet("POST", f"/users/{c.user_id('alice')}/federated-identity/up", json={"identityProvider": "up", "userId": "alice-upstream", "userName": "alice"})


def claims(c, **changes):
    return assertion_claims("alice-upstream", issuer(c), **{"iss": ISSUER, **changes})


def payload(token):
    return json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "==="))


def ask(c, assertion, client="grantee", secret="secret", **form):
    data = {"grant_type": GRANT, "client_id": client, "client_secret": secret, "assertion": assertion, **form}
    answer = c.post("token", data={k: v for k, v in data.items() if v is not None}, record=False)
    body = answer.json()
    seen = {k: v for k, v in body.items() if k.startswith("error")} if answer.status_code != 200 else {"names": sorted(body), "scope": " ".join(sorted(body["scope"].split()))}
    c.note("token", {"status": answer.status_code, **seen})
    return body


def ready(c, **config):
    provider(c, **{"jwtAuthorizationGrantEnabled": "true", **config})
    client(c, **{"oauth2.jwt.authorization.grant.enabled": "true", "oauth2.jwt.authorization.grant.idp": "up"})
    link(c)


@case("jwt-grant/plain")
def _(c):
    ready(c)
    token = payload(ask(c, RSA.sign(claims(c))).get("access_token", "x.e30.x"))
    c.note("access token", {**{k: token.get(k) for k in ("typ", "azp", "acr", "preferred_username")}, "jti": token.get("jti", "").split(":")[0],
                            "sid": "sid" in token, "auth_time": "auth_time" in token})
    made = ask(c, RSA.sign(claims(c)), scope="openid profile")
    ask(c, RSA.sign(claims(c)), scope="nonsense")
    ask(c, RSA.sign(claims(c)), scope="offline_access")
    c.get("userinfo", headers={"authorization": "Bearer " + made.get("access_token", "x")})


@case("jwt-grant/who-may")
def _(c):
    provider(c)
    client(c)
    ask(c, RSA.sign(claims(c)))
    path = f"/clients/{c.client_id('grantee')}"
    change(c, path, attributes={"oauth2.jwt.authorization.grant.enabled": "true"})
    ask(c, RSA.sign(claims(c)))
    change(c, "/identity-provider/instances/up", config={"jwtAuthorizationGrantEnabled": "true"})
    ask(c, RSA.sign(claims(c)))
    for allowed in ("other", "other##up"):
        change(c, path, attributes={"oauth2.jwt.authorization.grant.idp": allowed})
        ask(c, RSA.sign(claims(c)))
    link(c)
    ask(c, RSA.sign(claims(c)))
    ask(c, RSA.sign(claims(c)), secret="wrong")
    client(c, "open", public=True, **{"oauth2.jwt.authorization.grant.enabled": "true", "oauth2.jwt.authorization.grant.idp": "up"})
    ask(c, RSA.sign(claims(c)), client="open", secret=None)
    alice = f"/users/{c.user_id('alice')}"
    change(c, alice, enabled=False)
    ask(c, RSA.sign(claims(c)))
    change(c, alice, enabled=True, requiredActions=["UPDATE_PASSWORD"])
    ask(c, RSA.sign(claims(c)))
    change(c, alice, requiredActions=[])
    change(c, "/identity-provider/instances/up", enabled=False)
    ask(c, RSA.sign(claims(c)))


def variations(c):
    """Claims that are allowed, and such as are not."""
    now = int(time.time())
    return ({"aud": None}, {"aud": "other"}, {"aud": c.oidc("token")}, {"aud": [issuer(c)]}, {"aud": [issuer(c), "other"]}, {"aud": "up-client"}, {"exp": None}, {"exp": now - 60},
            {"exp": now - 5}, {"exp": now + 310}, {"exp": now + 7200}, {"exp": now + 7200, "iat": None}, {"exp": now + 100, "iat": None}, {"iat": now + 60}, {"iat": now + 10},
            {"iat": now - 280}, {"iat": now - 310}, {"iat": now - 7200}, {"nbf": now + 60}, {"nbf": now + 10}, {"jti": None})


@case("jwt-grant/assertions")
def _(c):
    ready(c)
    for text in (None, "", "nonsense", "a.b.c"):
        ask(c, text)
    for changes in ({"iss": None}, {"iss": "other"}, {"sub": None}, {"sub": "nobody"}, *variations(c)):
        ask(c, RSA.sign(claims(c, **changes)))
    for header in ({"typ": "JWT"}, {"typ": "at+jwt"}, {"kid": "any"}, {"alg": "RS384"}, {"alg": "nonsense"}):
        ask(c, RSA.sign(claims(c), **header))
    for key in (OTHER, EC):
        ask(c, key.sign(claims(c)))
    ask(c, b64('{"alg":"none"}') + "." + b64(json.dumps(claims(c))) + ".")
    ask(c, sign_secret(RSA.pem(), claims(c)))
    once = RSA.sign(claims(c))
    for _ in range(2):
        ask(c, once)
    past = int(time.time()) - 60
    ask(c, OTHER.sign(claims(c, iss=None)))
    ask(c, OTHER.sign(claims(c, aud="other", exp=past)))
    ask(c, RSA.sign(claims(c, aud="other", exp=past)))


@case("jwt-grant/settings")
def _(c):
    ready(c, jwtAuthorizationGrantAssertionReuseAllowed="true", jwtAuthorizationGrantMaxAllowedAssertionExpiration="3600", jwtAuthorizationGrantLimitAccessTokenExp="true")
    now = int(time.time())
    once = RSA.sign(claims(c, exp=now + 100))
    for _ in range(2):
        token = payload(ask(c, once)["access_token"])
        c.note("limited", token["exp"] <= now + 101)
    ask(c, RSA.sign(claims(c, iat=now - 3000)))
    ask(c, RSA.sign(claims(c, iat=now - 3700)))
    for alg in ("ES256", "RS256"):
        change(c, "/identity-provider/instances/up", config={"jwtAuthorizationGrantAssertionSignatureAlg": alg})
        ask(c, RSA.sign(claims(c)))


def consent_given(c, scope):
    """By alice, on the consent page."""
    answer = c.authorize(record=False, client_id="grantee", scope=scope)
    if answer.status_code == 200:
        answer = c.submit(answer, record=False, username="alice", password="wonderland")
    while not answer.headers.get("location", "").startswith("http://app.test/"):
        if answer.status_code == 200:
            answer = c.submit(answer, record=False, accept="Yes")
        else:
            answer = c.get(answer.headers["location"], browser=True, record=False)
    c.note("consent", {"scope": scope, "code": "code" in c.params(answer)})


@case("jwt-grant/consent")
def _(c):
    """Nobody is there to be asked: what was given before counts, and what was never given is missing."""
    ready(c)
    path = f"/clients/{c.client_id('grantee')}"
    change(c, path, consentRequired=True, standardFlowEnabled=True, redirectUris=["http://app.test/*"])
    ask(c, RSA.sign(claims(c)))
    ask(c, RSA.sign(claims(c)), scope="openid phone")
    consent_given(c, "openid")
    ask(c, RSA.sign(claims(c)))
    ask(c, RSA.sign(claims(c)), scope="openid phone")
    consent_given(c, "openid phone")
    ask(c, RSA.sign(claims(c)), scope="openid phone")
    c.quiet("DELETE", f"/users/{c.user_id('alice')}/consents/grantee")
    ask(c, RSA.sign(claims(c)))


@case("jwt-grant/own-provider-type")
def _(c):
    ready(c, kind="jwt-authorization-grant")
    ask(c, RSA.sign(claims(c)))
    ask(c, OTHER.sign(claims(c)))


def prove(c, assertion, **form):
    data = {"grant_type": "client_credentials", "client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion, **form}
    answer = c.post("token", data={k: v for k, v in data.items() if v is not None}, record=False)
    c.note("client", {"status": answer.status_code, **{k: v for k, v in answer.json().items() if k.startswith("error")}})


def federated(c, **config):
    provider(c, **{"supportsClientAssertions": "true", **config})
    client(c, "workload", "federated-jwt", **{"jwt.credential.issuer": "up", "jwt.credential.sub": "system:workload"})


def workload(c, **changes):
    return assertion_claims("system:workload", issuer(c), **{"iss": ISSUER, **changes})


@case("client-federated/plain")
def _(c):
    federated(c)
    for client_id in (None, "workload", "app", "nobody"):
        prove(c, RSA.sign(workload(c)), client_id=client_id)
    for changes in ({"sub": "other"}, {"sub": None}, {"iss": "other"}, {"iss": None}):
        prove(c, RSA.sign(workload(c, **changes)))
        prove(c, RSA.sign(workload(c, **changes)), client_id="workload")
    prove(c, OTHER.sign(workload(c)))
    prove(c, OTHER.sign(workload(c)), client_id="workload")
    prove(c, EC.sign(workload(c)))
    prove(c, sign_secret("x", workload(c)))
    prove(c, b64('{"alg":"none"}') + "." + b64(json.dumps(workload(c))) + ".")
    prove(c, "nonsense", client_id="workload")
    prove(c, None, client_id="workload")
    prove(c, None, client_id="workload", client_secret="secret", client_assertion_type=None)
    prove(c, RSA.sign(workload(c)), client_assertion_type="other", client_id="workload")


@case("client-federated/claims")
def _(c):
    federated(c)
    for changes in variations(c):
        prove(c, RSA.sign(workload(c, **changes)))
    once = RSA.sign(workload(c))
    for _ in range(2):
        prove(c, once)


@case("client-federated/settings")
def _(c):
    federated(c, supportsClientAssertionReuse="true", allowedClockSkew="60")
    now = int(time.time())
    once = RSA.sign(workload(c))
    for _ in range(2):
        prove(c, once)
    for changes in ({"jti": None}, {"exp": now - 30}, {"iat": now + 50}, {"iat": now + 70}, {"nbf": now + 50}, {"iat": now - 350}):
        prove(c, RSA.sign(workload(c, **changes)))
    up, own = "/identity-provider/instances/up", f"/clients/{c.client_id('workload')}"
    change(c, up, config={"allowClientIdAsAudience": "true"})
    for audience in (issuer(c), "up-client", "workload"):
        prove(c, RSA.sign(workload(c, aud=audience)))
    change(c, up, config={"allowClientIdAsAudience": "false", "supportsClientAssertions": "false"})
    prove(c, RSA.sign(workload(c)))
    change(c, up, config={"supportsClientAssertions": "true"}, enabled=False)
    prove(c, RSA.sign(workload(c)))
    change(c, up, enabled=True)
    change(c, own, attributes={"jwt.credential.issuer": "other"})
    prove(c, RSA.sign(workload(c)))
    prove(c, RSA.sign(workload(c)), client_id="workload")
    change(c, own, attributes={"jwt.credential.issuer": "up"}, enabled=False)
    prove(c, RSA.sign(workload(c)))


@case("jwt-grant/client-policies")
def _(c):
    ready(c)

    def tries(label, executor, configuration=None, condition="any-client", claim=None, **conditions):
        use(c, executor, configuration, condition, **conditions)
        c.note(label, [c.token(client="grantee", secret="secret", grant_type="client_credentials").status_code])
        ask(c, RSA.sign(claims(c, **(claim or {}))))

    tries("this provider", "reject-request", None, "identity-provider-alias", identity_provider_aliases=["up"])
    tries("another provider", "reject-request", None, "identity-provider-alias", identity_provider_aliases=["x"])
    tries("not this provider", "reject-request", None, "identity-provider-alias", identity_provider_aliases=["up"], **{"is-negative-logic": True})
    tries("no claim", "jwt-claim-enforcer", {"claim-name": "plan"})
    tries("a claim", "jwt-claim-enforcer", {"claim-name": "plan"}, claim={"plan": "gold"})
    tries("an empty claim", "jwt-claim-enforcer", {"claim-name": "plan"}, claim={"plan": ""})
    tries("a value", "jwt-claim-enforcer", {"claim-name": "plan", "allowed-value": "go.*"}, claim={"plan": "gold"})
    tries("another value", "jwt-claim-enforcer", {"claim-name": "plan", "allowed-value": "go.*"}, claim={"plan": "silver"})
    tries("a part of a value", "jwt-claim-enforcer", {"claim-name": "plan", "allowed-value": "go"}, claim={"plan": "gold"})
    tries("values", "jwt-claim-enforcer", {"claim-name": "plan", "allowed-value": "gold"}, claim={"plan": ["silver", "gold"]})
    tries("other values", "jwt-claim-enforcer", {"claim-name": "plan", "allowed-value": "gold"}, claim={"plan": ["silver"]})
    tries("a number", "jwt-claim-enforcer", {"claim-name": "plan", "allowed-value": "[0-9]+"}, claim={"plan": 42})
    tries("a boolean", "jwt-claim-enforcer", {"claim-name": "plan", "allowed-value": "true"}, claim={"plan": True})
    tries("a deep one", "jwt-claim-enforcer", {"claim-name": "plan.name", "allowed-value": "gold"}, claim={"plan": {"name": "gold"}})
    tries("a flat one with a dot", "jwt-claim-enforcer", {"claim-name": "plan.name", "allowed-value": "gold"}, claim={"plan.name": "gold"})
    tries("a known one", "jwt-claim-enforcer", {"claim-name": "sub", "allowed-value": "alice-upstream"})
    tries("an empty pattern", "jwt-claim-enforcer", {"claim-name": "plan", "allowed-value": ""}, claim={"plan": "x"})
    tries("no name", "jwt-claim-enforcer", {})
    use(c, "jwt-claim-enforcer", {"claim-name": "plan"})
    ask(c, RSA.sign(claims(c, exp=1)))
    ask(c, RSA.sign(claims(c)), scope="nonsense")
    ask(c, RSA.sign(claims(c, sub="nobody")))


@case("jwt-grant/no-more-scopes")
def _(c):
    ready(c)
    use(c, "downscope-assertion-grant-enforcer")
    for scope in (None, "", "email", "openid email phone"):
        for asked in (None, "email", "openid", "phone email", "nonsense"):
            c.note(f"{scope}, {asked}", True)
            ask(c, RSA.sign(claims(c, **({"scope": scope} if scope is not None else {}))), scope=asked)
    c.note("scopes in an array", True)
    ask(c, RSA.sign(claims(c, scope=["email"])), scope="email")
    c.note("who is nobody", True)
    ask(c, RSA.sign(claims(c, sub="nobody", scope="email")), scope="phone")
