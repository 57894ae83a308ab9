# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""How clients prove who they are: assertions (RFC 7523), certificates (RFC 8705), federated assertions."""
import json
import pathlib
import sys
import time

from engine import case

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))
from signing import ASSERTION_TYPE, Key, assertion_claims, b64, sign_secret  # noqa: E402

SECRET = "a-secret-that-is-long-enough-for-hs512-0123456789-0123456789-0123456789"
RSA, EC, EDWARDS, OTHER = Key("RS256", "rsa-1"), Key("ES256", "ec-1"), Key("EdDSA", "ed-1"), Key("RS256", "rsa-1")


def client(c, name, method, secret=None, **attributes):
    c.quiet("POST", "/clients", json={"clientId": name, "protocol": "openid-connect", "publicClient": False, "serviceAccountsEnabled": True, "secret": secret,
                                      "clientAuthenticatorType": method, "redirectUris": ["http://app.test/*"], "attributes": attributes})


def signed(c, name="signer", **attributes):
    """A client with keys of its own."""
    keys = {"keys": [key.jwk(use="sig", alg=key.alg) for key in (RSA, EC, EDWARDS)]}
    client(c, name, "client-jwt", **{"use.jwks.string": "true", "jwks.string": json.dumps(keys), **attributes})


def issuer(c):
    return c.base + "/realms/" + c.realm


def ask(c, assertion, record=True, path="token", **form):
    """client_credentials with an assertion; parameters that are None are left out."""
    form = {"grant_type": "client_credentials", "client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion, **form}
    answer = c.post(path, data={name: value for name, value in form.items() if value is not None}, record=False)
    if record:
        c.note("answer", {"status": answer.status_code, "json": answer.json() if answer.status_code != 200 else sorted(answer.json())})
    return answer


@case("client-auth/jwt-plain")
def _(c):
    signed(c)
    c.post("token", data={"grant_type": "client_credentials", "client_assertion_type": ASSERTION_TYPE,
                          "client_assertion": RSA.sign(assertion_claims("signer", issuer(c)))})
    for key in (EC, EDWARDS):
        ask(c, key.sign(assertion_claims("signer", issuer(c))))
    ask(c, RSA.sign(assertion_claims("signer", issuer(c))), client_id="signer")
    ask(c, RSA.sign(assertion_claims("signer", issuer(c))), client_id="app")
    ask(c, RSA.sign(assertion_claims("signer", issuer(c))), client_id="nobody")
    ask(c, RSA.sign(assertion_claims("signer", issuer(c))), client_secret="x")
    ask(c, RSA.sign(assertion_claims("nobody", issuer(c))))
    ask(c, RSA.sign(assertion_claims("app", issuer(c))))


@case("client-auth/jwt-audience")
def _(c):
    signed(c)
    base = issuer(c)
    for audience in (base, c.oidc("token"), c.oidc("token/introspect"), c.oidc("ext/par/request"), c.oidc("ext/ciba/auth"), c.oidc("revoke"), base + "/", "other",
                     [base], [c.oidc("token")], [base, "other"], [base, c.oidc("token")], [], None):
        ask(c, RSA.sign(assertion_claims("signer", audience)))


@case("client-auth/jwt-times")
def _(c):
    signed(c)
    now = int(time.time())
    for changes in ({"exp": now - 60}, {"exp": now - 5}, {"exp": None}, {"exp": now + 3600}, {"exp": now + 290}, {"exp": now + 320, "iat": None},
                    {"iat": now - 3600}, {"iat": now - 3600, "exp": None}, {"iat": now + 60}, {"iat": now + 5}, {"iat": None}, {"nbf": now + 60}, {"nbf": now + 5},
                    {"iat": None, "exp": None}, {"exp": 0}, {"exp": "soon"}):
        ask(c, RSA.sign(assertion_claims("signer", issuer(c), **changes)))


@case("client-auth/jwt-max-expiration")
def _(c):
    signed(c, **{"token.endpoint.auth.signing.max.exp": "10"})
    now = int(time.time())
    for changes in ({"exp": now + 9}, {"exp": now + 60}, {"exp": now + 60, "iat": None}, {"exp": now + 5, "iat": now - 20}, {"exp": None}):
        ask(c, RSA.sign(assertion_claims("signer", issuer(c), **changes)))


@case("client-auth/jwt-replay")
def _(c):
    signed(c)
    assertion = RSA.sign(assertion_claims("signer", issuer(c)))
    ask(c, assertion)
    ask(c, assertion)
    claims = assertion_claims("signer", issuer(c), jti="the-same")
    ask(c, RSA.sign(claims))
    ask(c, EC.sign(claims))
    ask(c, RSA.sign(assertion_claims("signer", issuer(c), jti=None)))
    ask(c, RSA.sign(assertion_claims("signer", issuer(c), jti="")))
    wrong = RSA.sign(assertion_claims("signer", issuer(c), jti="tried-in-vain"), alg="RS384")
    ask(c, wrong)
    ask(c, RSA.sign(assertion_claims("signer", issuer(c), jti="tried-in-vain")))


@case("client-auth/jwt-signature")
def _(c):
    signed(c)
    claims = lambda: assertion_claims("signer", issuer(c))  # noqa: E731
    good = RSA.sign(claims())
    ask(c, OTHER.sign(claims()))
    ask(c, RSA.sign(claims(), kid="unknown"))
    ask(c, RSA.sign(claims(), kid=None))
    ask(c, OTHER.sign(claims(), kid=None))
    ask(c, RSA.sign(claims(), kid="ec-1"))
    ask(c, good[:-8] + "AAAAAAAA")
    ask(c, good.rsplit(".", 1)[0] + ".")
    ask(c, b64('{"alg":"none"}') + "." + b64(json.dumps(claims())) + ".")
    ask(c, sign_secret(RSA.pem(), claims(), kid="rsa-1"))
    ask(c, RSA.sign(claims(), alg="PS256"))
    ask(c, RSA.sign(claims(), alg="RS384"))
    ask(c, RSA.sign(claims(), alg="nonsense"))
    ask(c, RSA.sign(claims(), alg=None))
    ask(c, OTHER.sign(claims(), jwk=OTHER.jwk()))
    ask(c, RSA.sign(claims(), typ="JWT"))
    ask(c, RSA.sign(claims(), typ="client-authentication+jwt"))
    ask(c, RSA.sign(claims(), typ="at+jwt"))
    ask(c, RSA.sign(claims(), typ="dpop+jwt"))


@case("client-auth/jwt-claims")
def _(c):
    signed(c)
    for changes in ({"iss": "other"}, {"sub": "other"}, {"sub": None}, {"iss": None}, {"iss": "app"}, {"sub": "app"}, {"iss": None, "sub": None}):
        ask(c, RSA.sign(assertion_claims("signer", issuer(c), **changes)))
    ask(c, RSA.sign(assertion_claims("signer", issuer(c), sub="other")), client_id="signer")


@case("client-auth/jwt-parameters")
def _(c):
    signed(c)
    ask(c, RSA.sign(assertion_claims("signer", issuer(c))), client_assertion_type=None)
    ask(c, RSA.sign(assertion_claims("signer", issuer(c))), client_assertion_type="urn:ietf:params:oauth:client-assertion-type:saml2-bearer")
    ask(c, None)
    ask(c, None, client_id="signer")
    ask(c, None, client_id="signer", client_secret="x")
    ask(c, None, client_id="signer", client_assertion_type=None)
    ask(c, "")
    ask(c, "nonsense")
    ask(c, "a.b.c")
    ask(c, RSA.sign(assertion_claims("signer", issuer(c))), client_id="signer", client_assertion_type="urn:ietf:params:oauth:client-assertion-type:saml2-bearer")
    c.post("token", data=[("grant_type", "client_credentials"), ("client_assertion_type", ASSERTION_TYPE), ("client_assertion", "x"), ("client_assertion", "y")])
    c.post("token", data={"grant_type": "client_credentials", "client_assertion_type": ASSERTION_TYPE}, auth=("signer", "x"))


@case("client-auth/jwt-algorithm")
def _(c):
    signed(c, "es", **{"token.endpoint.auth.signing.alg": "ES256"})
    ask(c, RSA.sign(assertion_claims("es", issuer(c))))
    ask(c, EC.sign(assertion_claims("es", issuer(c))))
    client(c, "hs", "client-secret-jwt", SECRET, **{"token.endpoint.auth.signing.alg": "HS512"})
    ask(c, sign_secret(SECRET, assertion_claims("hs", issuer(c))))
    ask(c, sign_secret(SECRET, assertion_claims("hs", issuer(c)), "HS512"))


@case("client-auth/jwt-order")
def _(c):
    signed(c)
    past, base = int(time.time()) - 600, issuer(c)
    ask(c, OTHER.sign(assertion_claims("signer", "other")))
    ask(c, OTHER.sign(assertion_claims("signer", base, exp=past)))
    ask(c, OTHER.sign(assertion_claims("signer", base, jti=None)))
    ask(c, RSA.sign(assertion_claims("signer", "other", exp=past)))
    ask(c, RSA.sign(assertion_claims("signer", "other", jti=None)))
    ask(c, RSA.sign(assertion_claims("signer", base, jti=None, exp=past)))
    ask(c, RSA.sign(assertion_claims("signer", base, jti=None, iat=past, exp=past + 1200)))
    ask(c, RSA.sign(assertion_claims("signer", base, exp=None, jti=None)))
    ask(c, sign_secret("x", assertion_claims("signer", "other")))
    ask(c, RSA.sign(assertion_claims("signer", "other"), kid="unknown"))
    signed(c, "disabled")
    rep = c.admin("GET", f"/clients/{c.client_id('disabled')}", record=False).json()
    c.quiet("PUT", f"/clients/{rep['id']}", json={**rep, "enabled": False})
    ask(c, RSA.sign(assertion_claims("disabled", base)))
    ask(c, RSA.sign(assertion_claims("disabled", base)), client_id="disabled")
    c.token(record=True, client="disabled", secret="x", grant_type="client_credentials")
    signed(c, "public")
    rep = c.admin("GET", f"/clients/{c.client_id('public')}", record=False).json()
    c.quiet("PUT", f"/clients/{rep['id']}", json={**rep, "publicClient": True, "directAccessGrantsEnabled": True})
    c.token(record=True, client="public", secret=None, grant_type="client_credentials")
    ask(c, RSA.sign(assertion_claims("public", base)))
    hs = "hs"
    client(c, hs, "client-secret-jwt", SECRET)
    ask(c, sign_secret("wrong", assertion_claims(hs, "other")))
    ask(c, sign_secret(SECRET, assertion_claims(hs, "other", exp=past)))
    ask(c, None, client_id=hs)


@case("client-auth/jwt-skew")
def _(c):
    signed(c)
    now = int(time.time())
    for changes in ({"exp": now - 2}, {"exp": now + 2}, {"iat": now + 8}, {"iat": now + 12}, {"iat": now + 17}, {"nbf": now + 8}, {"nbf": now + 12}, {"nbf": now + 17},
                    {"exp": now + 57, "iat": None}, {"exp": now + 65, "iat": None}, {"exp": now + 72, "iat": None}, {"exp": now + 82, "iat": None},
                    {"exp": now + 300, "iat": now - 55}, {"exp": now + 300, "iat": now - 65}, {"exp": now + 300, "iat": now - 72}, {"exp": now + 300, "iat": now - 82}):
        ask(c, RSA.sign(assertion_claims("signer", issuer(c), **changes)))


@case("client-auth/jwt-public-key")
def _(c):
    bare = "".join(line for line in RSA.pem().splitlines() if "-" not in line)
    signed(c, "key", **{"use.jwks.string": "false", "jwt.credential.public.key": bare})
    ask(c, RSA.sign(assertion_claims("key", issuer(c)), kid=None))
    ask(c, RSA.sign(assertion_claims("key", issuer(c)), kid="anything"))
    ask(c, OTHER.sign(assertion_claims("key", issuer(c)), kid=None))
    ask(c, EC.sign(assertion_claims("key", issuer(c)), kid=None))
    signed(c, "kid", **{"use.jwks.string": "false", "jwt.credential.public.key": bare, "jwt.credential.kid": "named"})
    ask(c, RSA.sign(assertion_claims("kid", issuer(c)), kid="named"))
    ask(c, RSA.sign(assertion_claims("kid", issuer(c)), kid="other"))
    ask(c, RSA.sign(assertion_claims("kid", issuer(c)), kid=None))
    signed(c, "keyless", **{"use.jwks.string": "false", "jwks.string": ""})
    ask(c, RSA.sign(assertion_claims("keyless", issuer(c))))


@case("client-auth/secret-jwt")
def _(c):
    client(c, "hs", "client-secret-jwt", SECRET)
    claims = lambda **changes: assertion_claims("hs", issuer(c), **changes)  # noqa: E731
    for alg in ("HS256", "HS384", "HS512"):
        ask(c, sign_secret(SECRET, claims(), alg))
    ask(c, sign_secret("wrong", claims()))
    ask(c, RSA.sign(claims()))
    ask(c, b64('{"alg":"none"}') + "." + b64(json.dumps(claims())) + ".")
    once = sign_secret(SECRET, claims())
    ask(c, once)
    ask(c, once)
    ask(c, sign_secret(SECRET, claims(aud="other")))
    ask(c, sign_secret(SECRET, claims(exp=int(time.time()) - 60)))
    ask(c, sign_secret(SECRET, claims(jti=None)))
    ask(c, sign_secret(SECRET, claims(aud=[issuer(c), c.oidc("token")])))
    ask(c, sign_secret(SECRET, claims()), client_id="hs")
    ask(c, sign_secret(SECRET, claims()), client_id="app")
    ask(c, sign_secret(SECRET, claims(iss="app")))
    ask(c, sign_secret(SECRET, claims(sub="app")))
    ask(c, None, client_id="hs", client_secret=SECRET, client_assertion_type=None)
    c.post("token", data={"grant_type": "client_credentials"}, auth=("hs", SECRET))


@case("client-auth/secret-methods")
def _(c):
    for name, method in (("any", None), ("basic", "client_secret_basic"), ("post", "client_secret_post")):
        client(c, name, "client-secret", SECRET, **({"token.endpoint.auth.method": method} if method else {}))
        c.post("token", data={"grant_type": "client_credentials"}, auth=(name, SECRET), label=name + " basic")
        c.post("token", data={"grant_type": "client_credentials", "client_id": name, "client_secret": SECRET}, label=name + " post")
    ask(c, sign_secret(SECRET, assertion_claims("any", issuer(c))))
    ask(c, RSA.sign(assertion_claims("any", issuer(c))))


@case("client-auth/jwt-endpoints")
def _(c):
    signed(c)
    signed(c, "device", **{"oauth2.device.authorization.grant.enabled": "true"})
    access = ask(c, RSA.sign(assertion_claims("signer", issuer(c))), record=False).json()["access_token"]
    answer = ask(c, RSA.sign(assertion_claims("signer", issuer(c))), record=False, path="token/introspect", grant_type=None, token=access)
    c.note("introspect", {"status": answer.status_code, "active": answer.json().get("active")})
    ask(c, RSA.sign(assertion_claims("signer", "other")), path="token/introspect", grant_type=None, token=access)
    ask(c, RSA.sign(assertion_claims("device", issuer(c))), path="auth/device", grant_type=None)
    ask(c, RSA.sign(assertion_claims("device", "other")), path="auth/device", grant_type=None)
    push = {"grant_type": None, "response_type": "code", "redirect_uri": "http://app.test/cb", "client_id": "signer"}
    answer = ask(c, RSA.sign(assertion_claims("signer", issuer(c))), record=False, path="ext/par/request", **push)
    c.note("push", {"status": answer.status_code, "names": sorted(answer.json())})
    ask(c, RSA.sign(assertion_claims("signer", "other")), path="ext/par/request", **push)
    for audience in (issuer(c), "other"):
        answer = ask(c, RSA.sign(assertion_claims("signer", audience)), record=False, path="revoke", grant_type=None, token=access)
        c.note("revoke", {"status": answer.status_code, "text": answer.text})


@case("client-auth/x509")
def _(c):
    client(c, "mtls", "client-x509", **{"x509.subjectdn": "CN=client"})
    client(c, "mtls-empty", "client-x509")
    for name in ("mtls", "mtls-empty"):
        c.post("token", data={"grant_type": "client_credentials", "client_id": name})
        c.post("token", data={"grant_type": "client_credentials", "client_id": name, "client_secret": "x"})
    c.post("token", data={"grant_type": "client_credentials"}, auth=("mtls", "x"))
    ask(c, RSA.sign(assertion_claims("mtls", issuer(c))))


@case("client-auth/unknown-method")
def _(c):
    client(c, "odd", "nonsense", SECRET)
    c.post("token", data={"grant_type": "client_credentials", "client_id": "odd", "client_secret": SECRET})
