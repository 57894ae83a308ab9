# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""The executors that the profiles of FAPI are made of: request objects, pushed requests, assertions of clients, backchannel requests."""
import base64
import hashlib
import hmac
import json
import pathlib
import sys
import time

from engine import case

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from policies import use  # noqa: E402

SECRET = {"client_id": "app", "client_secret": "app-secret"}
REQUEST = {"response_type": "code", "client_id": "app", "redirect_uri": "http://app.test/cb", "scope": "openid", "state": "st-1", "nonce": "no-1"}


def b64(raw):
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def jwt(claims, alg="none", secret=b""):
    text = b64(json.dumps({"alg": alg}).encode()) + "." + b64(json.dumps(claims).encode())
    return text + "." + (b64(hmac.new(secret, text.encode(), hashlib.sha256).digest()) if alg == "HS256" else "")


def issuer(c):
    return f"{c.base}/realms/{c.realm}"


def good(c, **claims):
    now = int(time.time())
    whole = {**REQUEST, "aud": issuer(c), "iss": "app", "nbf": now, "exp": now + 300, **claims}
    return jwt({name: value for name, value in whole.items() if value is not None})


def ask(c, label, **params):
    """As far as the login page, an error page, or the client."""
    answer = c.authorize(record=False, **params)
    while answer.status_code in (302, 303) and not answer.headers["location"].startswith("http://app.test"):
        answer = c.get(answer.headers["location"], browser=True, record=False)
    told = c.params(answer)
    c.note(label, [answer.status_code, told.get("error"), told.get("error_description"), c.norm.page(answer.text)["messages"] if answer.status_code == 400 else None])
    c.browser.cookies.clear()


def push(c, label, **form):
    sent = {**SECRET, **REQUEST, **form}
    answer = c.post("ext/par/request", data={k: v for k, v in sent.items() if v is not None}, record=False)
    told = answer.json()
    c.note(label, [answer.status_code, told.get("error"), told.get("error_description")])
    return told.get("request_uri")


def change(c, **attributes):
    rep = c.admin("GET", f"/clients/{c.client_id('app')}", record=False).json()
    rep["attributes"].update(attributes)
    c.quiet("PUT", f"/clients/{rep['id']}", json=rep)


@case("client-policies/request-object")
def _(c):
    now = int(time.time())
    ask(c, "no policy, no response_type outside", request=good(c), response_type=None)
    ask(c, "no policy, another response_type inside", request=good(c, response_type="none"))
    ask(c, "no policy, not OpenID, no response_type outside", request=good(c, scope="profile"), scope=None, response_type=None)
    use(c, "secure-request-object", {"verify-nbf": "true"})
    ask(c, "no object")
    ask(c, "good", request=good(c))
    for name in ("exp", "nbf", "aud", "iss", "scope", "state", "nonce", "redirect_uri", "response_type", "client_id"):
        ask(c, f"no {name} inside", request=good(c, **{name: None}))
    for name in ("scope", "state", "nonce", "redirect_uri", "response_type"):
        ask(c, f"no {name} outside", request=good(c), **{name: None})
        ask(c, f"another {name} inside", request=good(c, **{name: {"scope": "openid email", "redirect_uri": "http://app.test/cb2", "response_type": "none"}.get(name, "x")}))
    ask(c, "an own parameter outside", request=good(c), foo="1")
    ask(c, "a challenge outside", request=good(c), code_challenge="x" * 43, code_challenge_method="S256")
    ask(c, "a number", request=good(c, max_age=300), max_age="300")
    ask(c, "outside alone", request=good(c), login_hint="alice")
    ask(c, "inside alone", request=good(c, login_hint="alice"))
    ask(c, "a little expired", request=good(c, exp=now - 3))
    ask(c, "a little early", request=good(c, nbf=now + 5))
    ask(c, "long lived", request=good(c, exp=now + 3700))
    ask(c, "long past", request=good(c, nbf=now - 3700))
    ask(c, "an hour", request=good(c, nbf=now, exp=now + 3600))
    ask(c, "aud list", request=good(c, aud=["x", issuer(c)]))
    ask(c, "aud of the endpoint", request=good(c, aud=issuer(c) + "/protocol/openid-connect/auth"))
    ask(c, "no scope at all", request=good(c, scope=None), scope=None)
    use(c, "secure-request-object", {"verify-nbf": "false"})
    ask(c, "nbf not asked", request=good(c, nbf=None))
    ask(c, "long past, nbf not asked", request=good(c, nbf=now - 3700))
    ask(c, "long lived, nbf not asked", request=good(c, exp=now + 9000))
    use(c, "secure-request-object", {"available-period": 60})
    ask(c, "longer than its period", request=good(c))
    ask(c, "no nbf by default", request=good(c, nbf=None, exp=now + 20))
    use(c, "secure-request-object", {"available-period": "60"})
    ask(c, "period as text", request=good(c))
    use(c, "secure-request-object")
    ask(c, "default: long lived", request=good(c, exp=now + 3700))
    use(c, "secure-request-object", {"verify-nbf": "true"})
    push(c, "pushed, no object")
    uri = push(c, "pushed, good", request=good(c))
    ask(c, "what was pushed", request_uri=uri, **{name: None for name in REQUEST if name != "client_id"})
    none = {name: None for name in REQUEST if name != "client_id"}
    ask(c, "what was pushed, no object", request_uri=push(c, "pushed", **REQUEST), **none)
    for label, changes in (("no exp", {"exp": None}), ("no nbf", {"nbf": None}), ("another state", {"state": "x"}), ("no state", {"state": None}), ("more", {"login_hint": "alice"})):
        ask(c, "what was pushed, " + label, request_uri=push(c, "pushed, " + label, request=good(c, **changes)), **none)
    ask(c, "what was pushed, with nothing beside", request_uri=push(c, "pushed, nothing beside", request=good(c), **none), **none)
    ask(c, "what was pushed, again", request_uri=push(c, "pushed, good", request=good(c)))
    use(c, "secure-request-object", {"verify-nbf": "true", "encryption-required": "true"})
    ask(c, "not encrypted", request=good(c))
    ask(c, "what was pushed, not encrypted", request_uri=push(c, "pushed, not encrypted", request=good(c)), **none)


@case("client-policies/par-content")
def _(c):
    none = {name: None for name in REQUEST if name != "client_id"}
    use(c, "secure-par-content")
    ask(c, "no request_uri")
    ask(c, "an object", request=good(c))
    ask(c, "nothing beside", request_uri=push(c, "push", **REQUEST), **none)
    ask(c, "the same beside", request_uri=push(c, "push", **REQUEST))
    ask(c, "more beside", request_uri=push(c, "push", **REQUEST), login_hint="alice")
    ask(c, "another state", request_uri=push(c, "push", **REQUEST), state="x")
    ask(c, "less beside", request_uri=push(c, "push", **REQUEST), state=None)
    ask(c, "scope more", request_uri=push(c, "push", **REQUEST), scope="openid email")
    ask(c, "an own one", request_uri=push(c, "push", foo="1"), foo="1")
    ask(c, "an own one differs", request_uri=push(c, "push", foo="1"), foo="2")
    uri = push(c, "push an object", request=good(c, login_hint="bob"))
    ask(c, "of an object", request_uri=uri)
    ask(c, "of an object alone", request_uri=push(c, "push an object alone", request=good(c), **none))
    ask(c, "another request_uri", request_uri="http://127.0.0.1:9/x")
    ask(c, "a forged one", request_uri="urn:ietf:params:oauth:request_uri:x")
    ask(c, "without a redirect", redirect_uri="http://evil.test/")
    answer = c.post("ext/par/request", data={k: v for k, v in REQUEST.items() if k != "client_id"}, auth=("app", "app-secret"), record=False)
    ask(c, "the client in a header", request_uri=answer.json().get("request_uri"), **none)
    ask(c, "of an object, more beside", request_uri=push(c, "push an object", request=good(c)), login_hint="alice")


@case("client-policies/assertion-content")
def _(c):
    rep = c.admin("GET", f"/clients/{c.client_id('app')}", record=False).json()
    rep["clientAuthenticatorType"] = "client-secret-jwt"
    secret = "app-secret-0123456789-0123456789-01234567"
    rep["secret"] = secret
    c.quiet("PUT", f"/clients/{rep['id']}", json=rep)
    count = [0]

    def claims(**more):
        count[0] += 1
        now = int(time.time())
        return {"iss": "app", "sub": "app", "jti": f"{c.realm}-{count[0]}", "aud": issuer(c), "exp": now + 50, "iat": now, **more}

    def come(label, **more):
        form = {"client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer", "client_assertion": jwt(claims(**more), "HS256", secret.encode())}
        told = c.post("token", data={**form, "grant_type": "client_credentials", "scope": "openid"}, record=False)
        c.note(label, [told.status_code, told.json().get("error"), told.json().get("error_description")])
        told = c.post("ext/par/request", data={**form, **REQUEST}, record=False)
        c.note(label + ", used twice", [told.status_code])
        form["client_assertion"] = jwt(claims(**more), "HS256", secret.encode())
        told = c.post("ext/par/request", data={**form, **REQUEST}, record=False)
        c.note(label + ", pushed", [told.status_code, told.json().get("error"), told.json().get("error_description")])
        form["client_assertion"] = jwt(claims(**more), "HS256", secret.encode())
        told = c.post("token/introspect", data={**form, "token": "x"}, record=False)
        c.note(label + ", introspection", [told.status_code, told.json().get("error"), told.json().get("error_description")])

    use(c, "secure-client-authentication-assertion")
    come("the issuer")
    come("a list of it", aud=[issuer(c)])
    come("the token endpoint", aud=c.oidc("token"))
    come("the token endpoint in a list", aud=[c.oidc("token")])
    come("the endpoint for pushing", aud=c.oidc("ext/par/request"))
    come("two", aud=[issuer(c), c.oidc("token")])
    come("another", aud="x")

    def at(label, path, **form):
        for name, audience in (("token endpoint", c.oidc("token")), ("issuer", issuer(c))):
            proof = {"client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer", "client_assertion": jwt(claims(aud=audience), "HS256", secret.encode())}
            told = c.post(path, data={**proof, **{k: v() if callable(v) else v for k, v in form.items()}}, record=False)
            c.note(label + ", " + name, [told.status_code, *([] if told.status_code >= 500 else [told.json().get("error"), told.json().get("error_description")] if told.status_code >= 400 else [])])

    rep["attributes"].update({"oidc.ciba.grant.enabled": "true", "oauth2.device.authorization.grant.enabled": "true"})
    c.quiet("PUT", f"/clients/{rep['id']}", json=rep)
    at("code", "token", grant_type="authorization_code", code=lambda: c.login()["code"], redirect_uri="http://app.test/cb")
    at("password", "token", grant_type="password", username="alice", password="wonderland", scope="openid")
    at("refresh", "token", grant_type="refresh_token", refresh_token="x")
    at("device", "token", grant_type="urn:ietf:params:oauth:grant-type:device_code", device_code="x")
    at("revocation", "revoke", token="x")
    at("backchannel request", "ext/ciba/auth", scope="openid", login_hint="alice")
    at("device request", "auth/device", scope="openid")
    rep["clientAuthenticatorType"] = "client-secret"
    c.quiet("PUT", f"/clients/{rep['id']}", json=rep)
    c.token(record=True, secret=secret, grant_type="client_credentials")


@case("client-policies/no-rotation")
def _(c):
    c.quiet("PUT", "", json={"revokeRefreshToken": True, "refreshTokenMaxReuse": 0, "attributes": {"latchkey.refreshTokenGraceSeconds": "0"}})
    use(c, "suppress-refresh-token-rotation")
    first = c.password(scope="openid")
    again = c.token(record=True, grant_type="refresh_token", refresh_token=first["refresh_token"]).json()
    c.note("a refresh token of its own", again.get("refresh_token") != first["refresh_token"])
    c.token(record=True, grant_type="refresh_token", refresh_token=first["refresh_token"])
    c.quiet("PUT", "", json={"revokeRefreshToken": False})
    c.token(record=True, grant_type="refresh_token", refresh_token=first["refresh_token"])
    offline = c.password(scope="openid offline_access")
    c.token(record=True, grant_type="refresh_token", refresh_token=offline["refresh_token"])


def backchannel(c, label, **form):
    sent = {**SECRET, "scope": "openid", "login_hint": "alice", **form}
    answer = c.post("ext/ciba/auth", data={k: v for k, v in sent.items() if v is not None}, record=False)
    told = answer.json()
    c.note(label, "reaches the channel" if answer.status_code == 503 else [answer.status_code, told.get("error"), told.get("error_description")])


@case("client-policies/other-requests")
def _(c):
    def at(label, path, **form):
        answer = c.post(path, data={**SECRET, **form}, record=False)
        c.note(label, [answer.status_code, *([answer.json().get("error"), answer.json().get("error_description")] if answer.status_code >= 400 else [])])
    use(c, "pkce-enforcer", {"auto-configure": "false"})
    push(c, "PKCE")
    use(c, "secure-session")
    push(c, "session", nonce=None)
    use(c, "secure-response-type", {"auto-configure": "false", "allow-token-response-type": "false"})
    push(c, "response type")
    use(c, "secure-client-uris")
    push(c, "addresses")
    use(c, "dpop-bind-enforcer", {"auto-configure": "false", "enforce-authorization-code-binding-to-dpop": "true"})
    push(c, "DPoP")
    use(c, "secure-client-authenticator", {"allowed-client-authenticators": ["client-jwt"]})
    push(c, "authenticator")
    at("authenticator, introspection", "token/introspect", token="x")
    at("authenticator, revocation", "revoke", token="x")
    use(c, "secure-signature-algorithm-signed-jwt", {"require-client-assertion": "true"})
    push(c, "assertion")
    at("assertion, introspection", "token/introspect", token="x")
    at("assertion, revocation", "revoke", token="x")
    use(c, "reject-request")
    push(c, "rejected")
    at("rejected, introspection", "token/introspect", token="x")
    at("rejected, revocation", "revoke", token="x")


@case("client-policies/backchannel")
def _(c):
    change(c, **{"oidc.ciba.grant.enabled": "true"})
    use(c, "secure-ciba-session")
    backchannel(c, "no message")
    backchannel(c, "a message", binding_message="xyz", login_hint="nobody")
    backchannel(c, "no message, nobody", login_hint="nobody")
    backchannel(c, "no message, no scope", scope=None)
    backchannel(c, "no message, wrong scope", scope="openid nonsense")
    backchannel(c, "no message, user code", user_code="1")
    use(c, "secure-ciba-signed-authn-req", {"available-period": "3600"})
    backchannel(c, "unsigned")
    backchannel(c, "unsigned, nobody", login_hint="nobody")
    use(c, "reject-request")
    backchannel(c, "rejected")
    use(c, "secure-client-authenticator", {"allowed-client-authenticators": ["client-jwt"]})
    backchannel(c, "authenticator")
    use(c, "confidential-client")
    backchannel(c, "confidential", login_hint="nobody")
    change(c, **{"oidc.ciba.grant.enabled": "false"})
    use(c, "reject-request")
    backchannel(c, "off")
