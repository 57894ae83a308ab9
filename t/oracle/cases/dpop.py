# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""Tokens bound to a key (RFC 9449)."""
import base64
import json
import pathlib
import sys
import time

from engine import case

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))
from signing import Key, b64, proof, sign_secret  # noqa: E402

RSA, EC, EDWARDS, OTHER = Key("RS256"), Key("ES256"), Key("EdDSA"), Key("ES256")


def change(c, client, **attributes):
    rep = c.admin("GET", f"/clients/{c.client_id(client)}", record=False).json()
    rep["directAccessGrantsEnabled"] = True
    rep["attributes"].update(attributes)
    c.quiet("PUT", f"/clients/{rep['id']}", json=rep)


def token(c, *proofs, client="app", record=True, **form):
    data = {"grant_type": "password", "username": "alice", "password": "wonderland", "client_id": client, "scope": "openid", **form}
    if client == "app":
        data["client_secret"] = "app-secret"
    answer = c.post("token", data={k: v for k, v in data.items() if v is not None}, headers={"DPoP": proofs[0]} if proofs else {}, record=False)
    if record:
        body = answer.json()
        seen = {k: body[k] for k in ("error", "error_description", "token_type") if k in body}
        for name in ("access_token", "refresh_token"):
            if name in body:
                claims = json.loads(base64.urlsafe_b64decode(body[name].split(".")[1] + "==="))
                seen[name + " cnf"] = "bound" if claims.get("cnf") else None
        c.note("token", {"status": answer.status_code, **seen, "www-authenticate": answer.headers.get("www-authenticate")})
    return answer.json()


def url(c):
    return c.oidc("token")


@case("dpop/token")
def _(c):
    for key in (RSA, EC, EDWARDS):
        token(c, proof(key, "POST", url(c)))
    token(c)
    answer = c.post("token", data={"grant_type": "client_credentials", "client_id": "app", "client_secret": "app-secret"}, headers={"DPoP": proof(EC, "POST", url(c))}, record=False)
    c.note("client credentials", {"status": answer.status_code, "type": answer.json().get("token_type")})
    change(c, "app", **{"dpop.bound.access.tokens": "true"})
    token(c)
    token(c, proof(EC, "POST", url(c)))


@case("dpop/proofs")
def _(c):
    good = lambda **changes: proof(EC, "POST", url(c), **changes)  # noqa: E731
    now = int(time.time())
    for text in ("", "nonsense", "a.b.c"):
        token(c, text)
    for header in ({"typ": None}, {"typ": "JWT"}, {"typ": "DPOP+JWT"}, {"jwk": None}, {"jwk": RSA.jwk()}, {"jwk": {"kty": "oct", "k": "AAAA"}}, {"jwk": {}},
                   {"jwk": "x"}, {"alg": "none"}, {"alg": "HS256"}, {"alg": None}, {"alg": "nonsense"}, {"jwk": {**EC.jwk(), "d": "AAAA"}}, {"kid": "any"}):
        token(c, good(header=header))
    for changes in ({"htm": None}, {"htm": "GET"}, {"htm": "post"}, {"htu": None}, {"htu": url(c) + "?a=b"}, {"htu": url(c) + "#a"}, {"htu": url(c) + "/"}, {"htu": c.base},
                    {"htu": url(c).replace("http://", "HTTP://")}, {"htu": url(c).replace("127.0.0.1", "localhost")}, {"htu": "nonsense"},
                    {"iat": None}, {"iat": now - 60}, {"iat": now - 8}, {"iat": now - 22}, {"iat": now + 60}, {"iat": now + 8}, {"iat": now + 12}, {"iat": now + 22}, {"iat": "x"}, {"jti": None}, {"jti": ""},
                    {"exp": now - 60}, {"nbf": now + 60}, {"nonce": "x"}):
        token(c, good(**changes))
    token(c, sign_secret("x", {"htm": "POST", "htu": url(c), "jti": "1", "iat": now}, typ="dpop+jwt", jwk={"kty": "oct", "k": "eA"}))
    token(c, b64('{"alg":"none","typ":"dpop+jwt"}') + "." + b64("{}") + ".")


@case("dpop/replay")
def _(c):
    once = proof(EC, "POST", url(c))
    token(c, once)
    token(c, once)
    token(c, proof(EC, "POST", url(c), jti="same"))
    token(c, proof(EC, "POST", url(c), jti="same"))
    token(c, proof(OTHER, "POST", url(c), jti="same"))
    failed = proof(EC, "POST", url(c), jti="failed")
    token(c, failed, password="wrong")
    token(c, failed)


@case("dpop/refresh")
def _(c):
    change(c, "spa")
    for client in ("app", "spa"):
        bound = token(c, proof(EC, "POST", url(c)), client=client)
        again = {"client": client, "grant_type": "refresh_token", "username": None, "password": None, "scope": None, "refresh_token": bound["refresh_token"]}
        token(c, **again)
        token(c, proof(OTHER, "POST", url(c)), **again)
        token(c, proof(EC, "POST", url(c)), **again)
        free = token(c, client=client)
        token(c, proof(EC, "POST", url(c)), **{**again, "refresh_token": free["refresh_token"]})


@case("dpop/userinfo")
def _(c):
    bound = token(c, proof(EC, "POST", url(c)), record=False)["access_token"]
    free = token(c, record=False)["access_token"]
    where = c.oidc("userinfo")

    def ask(scheme, access, *proofs, method="GET"):
        headers = {"Authorization": scheme + " " + access, **({"DPoP": proofs[0]} if proofs else {}), "Origin": "http://app.test"}
        c.send(method, "userinfo", headers=headers, label=scheme)

    ask("DPoP", bound, proof(EC, "GET", where, bound))
    ask("DPoP", bound, proof(EC, "POST", where, bound), method="POST")
    ask("DPoP", bound, proof(EC, "POST", where, bound))
    ask("dpop", bound, proof(EC, "GET", where, bound))
    ask("Bearer", bound, proof(EC, "GET", where, bound))
    ask("Bearer", bound)
    ask("DPoP", bound)
    ask("DPoP", bound, "nonsense")
    ask("DPoP", bound, proof(EC, "GET", where))
    ask("DPoP", bound, proof(EC, "GET", where, free))
    ask("DPoP", bound, proof(OTHER, "GET", where, bound))
    ask("DPoP", bound, proof(EC, "GET", c.oidc("token"), bound))
    ask("DPoP", bound, proof(EC, "GET", where, bound, iat=int(time.time()) - 60))
    ask("DPoP", free, proof(EC, "GET", where, free))
    ask("DPoP", free)
    once = proof(EC, "GET", where, bound)
    ask("DPoP", bound, once)
    ask("DPoP", bound, once)
    ask("DPoP", "nonsense", once)
    change(c, "app", **{"dpop.bound.access.tokens": "true"})
    ask("Bearer", free)


@case("dpop/code")
def _(c):
    code = c.login(dpop_jkt=EC.thumbprint())["code"]
    form = {"grant_type": "authorization_code", "redirect_uri": "http://app.test/cb", "username": None, "password": None, "scope": None}
    token(c, **form, code=code)
    code = c.login(dpop_jkt=EC.thumbprint())["code"]
    token(c, proof(OTHER, "POST", url(c)), **form, code=code)
    code = c.login(dpop_jkt=EC.thumbprint())["code"]
    token(c, proof(EC, "POST", url(c)), **form, code=code)
    token(c, proof(EC, "POST", url(c)), **form, code=c.login(dpop_jkt="x")["code"])
    token(c, proof(EC, "POST", url(c)), **form, code=c.login()["code"])


def pushed(c, *proofs, **form):
    data = {"client_id": "app", "client_secret": "app-secret", "response_type": "code", "redirect_uri": "http://app.test/cb", "scope": "openid", **form}
    answer = c.post("ext/par/request", data=data, headers={"DPoP": proofs[0]} if proofs else {}, record=False)
    c.note("push", {"status": answer.status_code, **{k: v for k, v in answer.json().items() if k.startswith("error")}})
    return answer.json().get("request_uri")


@case("dpop/pushed")
def _(c):
    where, form = c.oidc("ext/par/request"), {"grant_type": "authorization_code", "redirect_uri": "http://app.test/cb", "username": None, "password": None, "scope": None}
    pushed(c, "nonsense")
    pushed(c, proof(EC, "POST", url(c)))
    pushed(c, proof(EC, "POST", where), dpop_jkt=OTHER.thumbprint())
    pushed(c, proof(EC, "POST", where), dpop_jkt=EC.thumbprint())
    c.login()

    def follow(uri):
        answer = c.get(f"auth?client_id=app&request_uri={uri}", browser=True, record=False)
        while answer.status_code in (302, 303) and not answer.headers["location"].startswith("http://app.test"):
            answer = c.get(answer.headers["location"], browser=True, record=False)
        return c.params(answer)["code"]

    token(c, proof(OTHER, "POST", url(c)), **form, code=follow(pushed(c, proof(EC, "POST", where))))
    token(c, proof(EC, "POST", url(c)), **form, code=follow(pushed(c, proof(EC, "POST", where))))
    token(c, proof(OTHER, "POST", url(c)), **form, code=follow(pushed(c, dpop_jkt=EC.thumbprint())))
    token(c, **form, code=follow(pushed(c, proof(EC, "POST", where))))
    change(c, "app", **{"dpop.bound.access.tokens": "true"})
    pushed(c)


@case("dpop/elsewhere")
def _(c):
    bound = token(c, proof(EC, "POST", url(c)), record=False)
    seen = c.post("token/introspect", data={"client_id": "app", "client_secret": "app-secret", "token": bound["access_token"]}, record=False).json()
    c.note("introspect", {"active": seen["active"], "type": seen["token_type"], "own key": seen["cnf"]["jkt"] == EC.thumbprint(), "cnf": sorted(seen["cnf"])})
    c.post("revoke", data={"client_id": "app", "client_secret": "app-secret", "token": bound["refresh_token"]})
    bound = token(c, proof(EC, "POST", url(c)), record=False)
    c.post("logout", data={"client_id": "app", "client_secret": "app-secret", "refresh_token": bound["refresh_token"]})
    c.quiet("POST", "/clients", json={"clientId": "trader", "secret": "trader", "publicClient": False, "attributes": {"standard.token.exchange.enabled": "true"}})
    exchange = {"grant_type": "urn:ietf:params:oauth:grant-type:token-exchange", "client_id": "trader", "client_secret": "trader",
                "subject_token_type": "urn:ietf:params:oauth:token-type:access_token"}
    rep = c.client_id("app")
    c.quiet("POST", f"/clients/{rep}/protocol-mappers/models", json={
        "name": "to trader", "protocol": "openid-connect", "protocolMapper": "oidc-audience-mapper",
        "config": {"included.client.audience": "trader", "access.token.claim": "true"}})
    for proofs in ((), (proof(EC, "POST", url(c)),)):
        bound = token(c, *proofs, record=False)["access_token"]
        for second in ({}, {"DPoP": proof(EC, "POST", url(c))}, {"DPoP": proof(OTHER, "POST", url(c))}):
            answer = c.post("token", data={**exchange, "subject_token": bound}, headers=second, record=False)
            c.note("exchange", {"status": answer.status_code, **{k: v for k, v in answer.json().items() if k in ("error", "error_description", "token_type")}})
