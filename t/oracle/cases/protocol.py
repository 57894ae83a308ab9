# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""What goes along with every request: the issuer in answers (RFC 9207), metadata (RFC 8414), origins (CORS), frames; not-before and lifespans."""
import json
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from urllib.parse import urlsplit

from engine import Page, case, decode_jwt

SPA = "http://localhost:3000"
TYPE = "urn:ietf:params:oauth:token-type:"
MODES = ("query", "fragment", "form_post", "jwt", "query.jwt", "fragment.jwt", "form_post.jwt")


def change(c, name="app", **fields):
    rep = c.admin("GET", f"/clients/{c.client_id(name)}", record=False).json()
    rep["attributes"].update(fields.pop("attributes", {}))
    c.quiet("PUT", f"/clients/{rep['id']}", json={**rep, **fields})
    return rep["id"]


def realm(c, **fields):
    rep = c.admin("GET", "", record=False).json()
    rep["attributes"].update(fields.pop("attributes", {}))
    c.quiet("PUT", "", json={**rep, **fields})


def told(c, answer):
    """What an authorization answer says, in whatever mode."""
    if answer.status_code == 200:
        forms = Page(answer.text).forms
        return {"page": Page(answer.text).title if hasattr(Page(answer.text), "title") else "page", "form": sorted(forms[0].get("fields", [])) if forms else []}
    parts = urlsplit(answer.headers.get("location", ""))
    where = "query" if parts.query else "fragment" if parts.fragment else None
    params = c.params(answer)
    if "response" in params:
        params = {"response": {k: v for k, v in decode_jwt(params["response"])[1].items() if k != "exp"}}
    return {"status": answer.status_code, "where": where, "iss": params.get("iss"), "names": sorted(params), "response": params.get("response"), "error": params.get("error")}


def each_mode(c, label, **params):
    for mode in MODES:
        answer = c.authorize(record=False, response_mode=mode, **params)
        c.note(f"{label}, {mode}", told(c, answer) if answer.status_code != 200 else c.norm.page(answer.text))


@case("issuer/answers")
def _(c):
    change(c, implicitFlowEnabled=True)
    each_mode(c, "error", prompt="none")
    c.login()
    for kind in ("code", "id_token", "code id_token token", "none"):
        each_mode(c, kind, response_type=kind)


@case("issuer/errors")
def _(c):
    for label, params in (("type", {"response_type": "nothing"}), ("no type", {"response_type": None}), ("flow", {"response_type": "token"}), ("mode", {"response_mode": "nothing"}),
                          ("scope", {"scope": "openid nothing"}), ("max_age", {"max_age": "soon"}), ("pkce", {"code_challenge": "x", "code_challenge_method": "S256"}),
                          ("query for a token", {"response_type": "id_token", "response_mode": "query"}), ("no nonce", {"response_type": "id_token", "nonce": None})):
        answer = c.authorize(record=False, **params)
        c.note(label, told(c, answer) if answer.status_code != 200 else c.norm.page(answer.text))
    page = c.authorize(record=False, prompt="login", claims="junk")
    c.note("claims", page.status_code)


@case("issuer/left-out")
def _(c):
    change(c, implicitFlowEnabled=True, attributes={"exclude.issuer.from.auth.response": "true"})
    each_mode(c, "error", prompt="none")
    c.login()
    each_mode(c, "code", response_type="code")
    each_mode(c, "code id_token", response_type="code id_token")


@case("issuer/session-state-left-out")
def _(c):
    change(c, implicitFlowEnabled=True, attributes={"exclude.session.state.from.auth.response": "true"})
    c.login()
    each_mode(c, "code", response_type="code")
    each_mode(c, "id_token", response_type="id_token token")
    c.redeem(c.params(c.authorize(record=False))["code"])


@case("metadata/forms")
def _(c):
    known = "/.well-known/openid-configuration"
    first = c.get("/realms/{realm}" + known, record=False).json()
    for path in ("/realms/{realm}/.well-known/oauth-authorization-server", "/.well-known/oauth-authorization-server/realms/{realm}",
                 "/.well-known/oauth-authorization-server", "/.well-known/oauth-authorization-server/realms/nowhere",
                 "/realms/{realm}/.well-known/nothing", "/realms/{realm}/.well-known/webfinger",
                 "/.well-known/oauth-authorization-server/realms/{realm}/more"):
        answer = c.get(path, record=False, headers={"Origin": SPA})
        same = answer.status_code == 200 and answer.json() == first
        c.note(path, [answer.status_code, answer.headers.get("content-type"), answer.headers.get("cache-control"), answer.headers.get("access-control-allow-origin"), same,
                      None if same else answer.text[:200] if answer.status_code != 200 else sorted(answer.json())])
    for method in ("HEAD", "OPTIONS"):
        answer = c.send(method, "/realms/{realm}" + known, record=False, headers={"Origin": SPA})
        c.note(method, [answer.status_code, answer.headers.get("content-type"), answer.headers.get("allow")])


@case("metadata/scopes")
def _(c):
    c.quiet("POST", "/client-scopes", json={"name": "one", "protocol": "openid-connect", "attributes": {"include.in.token.scope": "false"}})
    c.quiet("POST", "/client-scopes", json={"name": "two", "protocol": "openid-connect", "attributes": {"include.in.openid.provider.metadata": "false"}})
    c.quiet("POST", "/client-scopes", json={"name": "three", "protocol": "saml"})
    realm(c, attributes={"acr.loa.map": json.dumps({"silver": "1", "gold": "2"})})
    rep = c.get("/realms/{realm}/.well-known/openid-configuration", record=False).json()
    c.note("scopes", sorted(rep["scopes_supported"]))
    c.note("acr", rep["acr_values_supported"])


# --- access tokens that say little ---------------------------------------------------------------------------------------------------
def claims(c, label, token):
    c.note(label, {k: v for k, v in decode_jwt(token)[1].items() if k not in ("exp", "iat", "jti")})


@case("lightweight/attribute")
def _(c):
    change(c, attributes={"client.use.lightweight.access.token.enabled": "true"})
    c.quiet("POST", f"/clients/{c.client_id('app')}/protocol-mappers/models", json={
        "name": "light", "protocol": "openid-connect", "protocolMapper": "oidc-usermodel-property-mapper",
        "config": {"user.attribute": "username", "claim.name": "light", "jsonType.label": "String", "lightweight.claim": "true", "access.token.claim": "false"}})
    got = c.password(scope="openid")
    claims(c, "access token", got["access_token"])
    claims(c, "id token", got["id_token"])
    bearer = {"Authorization": "Bearer " + got["access_token"]}
    c.get("userinfo", headers=bearer)
    c.post("token/introspect", {"client_id": "app", "client_secret": "app-secret", "token": got["access_token"]})
    claims(c, "refreshed", c.token(grant_type="refresh_token", refresh_token=got["refresh_token"]).json()["access_token"])
    claims(c, "service account", c.token(grant_type="client_credentials").json()["access_token"])
    c.get("/realms/{realm}/account/?userProfileMetadata=false", headers={**bearer, "Accept": "application/json"})
    c.get("/admin/realms/{realm}/users", headers=bearer)


@case("lightweight/policy")
def _(c):
    c.quiet("PUT", "/client-policies/profiles", json={"profiles": [{"name": "p", "executors": [{"executor": "use-lightweight-access-token", "configuration": {}}]}]})
    c.quiet("PUT", "/client-policies/policies", json={"policies": [{"name": "q", "enabled": True, "conditions": [{"condition": "any-client", "configuration": {}}], "profiles": ["p"]}]})
    got = c.password(scope="openid")
    claims(c, "password", got["access_token"])
    claims(c, "refreshed", c.token(grant_type="refresh_token", refresh_token=got["refresh_token"]).json()["access_token"])
    claims(c, "service account", c.token(grant_type="client_credentials").json()["access_token"])
    claims(c, "code", c.redeem(c.login()["code"], record=False).json()["access_token"])
    change(c, implicitFlowEnabled=True)
    claims(c, "implicit", c.params(c.authorize(record=False, response_type="id_token token"))["access_token"])


# --- not before ----------------------------------------------------------------------------------------------------------------------
def used(c, label, got, cookie=True):
    """Whether what was issued still opens something."""
    told = {}
    bearer = {"Authorization": "Bearer " + got["access_token"]}
    answer = c.get("userinfo", headers=bearer, record=False)
    told["userinfo"] = [answer.status_code, answer.headers.get("www-authenticate")]
    answer = c.post("token/introspect", {"client_id": "app", "client_secret": "app-secret", "token": got["access_token"]}, record=False)
    told["introspection"] = answer.json().get("active")
    answer = c.post("token/introspect", {"client_id": "app", "client_secret": "app-secret", "token": got["refresh_token"]}, record=False)
    told["introspection of refresh"] = answer.json().get("active")
    answer = c.token(grant_type="refresh_token", refresh_token=got["refresh_token"])
    told["refresh"] = [answer.status_code, answer.json().get("error_description"), answer.json().get("not-before-policy") is not None and answer.json()["not-before-policy"] > 0]
    answer = c.token(grant_type="urn:ietf:params:oauth:grant-type:token-exchange", subject_token=got["access_token"], subject_token_type=TYPE + "access_token")
    told["exchange"] = [answer.status_code, answer.json().get("error_description")]
    if cookie:
        told["cookie"] = c.authorize(record=False, prompt="none", id_token_hint=got.get("id_token")).status_code
        told["cookie says"] = c.params(c.authorize(record=False, prompt="none")).get("error")
    c.note(label, told)


def ready(c):
    change(c, attributes={"standard.token.exchange.enabled": "true"})
    got = c.redeem(c.login()["code"], record=False).json()
    offline = c.password(scope="openid offline_access")
    time.sleep(1.1)
    return got, offline


@case("not-before/realm")
def _(c):
    got, offline = ready(c)
    realm(c, notBefore=int(time.time()))
    used(c, "online", got)
    used(c, "offline", offline, cookie=False)
    c.password(record=True)
    c.browser.cookies.clear()
    c.note("again", sorted(c.login()))


@case("not-before/client")
def _(c):
    got, offline = ready(c)
    change(c, notBefore=int(time.time()))
    used(c, "online", got)
    used(c, "offline", offline, cookie=False)
    answer = c.password()
    c.note("policy", answer["not-before-policy"] > 0)


@case("not-before/user")
def _(c):
    got, offline = ready(c)
    user = c.user_id("alice")
    c.quiet("PUT", f"/users/{user}", json={**c.admin("GET", f"/users/{user}", record=False).json(), "notBefore": int(time.time())})
    used(c, "online", got)
    used(c, "offline", offline, cookie=False)
    c.note("policy", c.password()["not-before-policy"] > 0)
    c.note("push", c.admin("POST", "/push-revocation", record=False).status_code)
    got = c.password(scope="openid")
    time.sleep(1.1)
    c.note("logout-all", c.admin("POST", "/logout-all", record=False).status_code)
    used(c, "after logout-all", got)


# --- lifespans -----------------------------------------------------------------------------------------------------------------------
def spans(c, label, got):
    access, refresh = decode_jwt(got["access_token"])[1], decode_jwt(got.get("refresh_token", "")) if got.get("refresh_token", "").count(".") == 2 else None
    value = {"expires_in": got.get("expires_in"), "access": access["exp"] - access["iat"], "refresh_expires_in": got.get("refresh_expires_in")}
    if refresh:
        value["refresh"] = refresh[1]["exp"] - refresh[1]["iat"] if "exp" in refresh[1] else None
    if "id_token" in got:
        token = decode_jwt(got["id_token"])[1]
        value["id"] = token["exp"] - token["iat"]
    c.note(label, value)


def all_spans(c, label, **login):
    c.browser.cookies.clear()
    spans(c, label + ": code", c.redeem(c.login(**login)["code"], record=False).json())
    spans(c, label + ": password", c.password(scope="openid"))
    spans(c, label + ": offline", c.password(scope="openid offline_access"))
    spans(c, label + ": service account", c.token(grant_type="client_credentials").json())
    hybrid = c.params(c.authorize(record=False, response_type="code id_token token", response_mode="fragment"))
    spans(c, label + ": implicit", {**hybrid, "expires_in": int(hybrid.get("expires_in", 0))})


@case("lifespans/realm")
def _(c):
    change(c, implicitFlowEnabled=True)
    all_spans(c, "as it is")
    realm(c, accessTokenLifespan=111, accessTokenLifespanForImplicitFlow=222, ssoSessionIdleTimeout=3333, ssoSessionMaxLifespan=4444, offlineSessionIdleTimeout=5555)
    all_spans(c, "of the realm")
    realm(c, clientSessionIdleTimeout=2222, clientSessionMaxLifespan=2555, clientOfflineSessionIdleTimeout=2666)
    all_spans(c, "of client sessions")
    c.admin("PUT", "", label="longer than the session's", json={"clientSessionIdleTimeout": 9999})
    c.admin("PUT", "", label="longer than the session's", json={"clientSessionMaxLifespan": 9999})
    c.admin("PUT", "", label="longer than the offline session's", json={"clientOfflineSessionIdleTimeout": 9999})
    realm(c, clientSessionIdleTimeout=0, clientSessionMaxLifespan=60)
    all_spans(c, "shorter than the access token's")
    realm(c, clientSessionMaxLifespan=0, offlineSessionMaxLifespanEnabled=True, offlineSessionMaxLifespan=80, clientOfflineSessionMaxLifespan=70, clientOfflineSessionIdleTimeout=0)
    all_spans(c, "offline with a maximum")


@case("lifespans/client")
def _(c):
    change(c, implicitFlowEnabled=True, attributes={"access.token.lifespan": "99"})
    all_spans(c, "access token")
    change(c, attributes={"access.token.lifespan": "-1"})
    all_spans(c, "for ever")
    change(c, attributes={"access.token.lifespan": "", "client.session.idle.timeout": "500", "client.session.max.lifespan": "600",
                          "client.offline.session.idle.timeout": "700", "client.offline.session.max.lifespan": "800"})
    all_spans(c, "sessions")
    realm(c, clientSessionIdleTimeout=400, clientSessionMaxLifespan=450)
    all_spans(c, "sessions beside the realm's")
    rep = c.admin("GET", f"/clients/{c.client_id('app')}", record=False).json()
    for name in ("client.session.idle.timeout", "client.session.max.lifespan", "client.offline.session.idle.timeout"):
        c.admin("PUT", f"/clients/{rep['id']}", label=name + " beyond the realm's", json={**rep, "attributes": {**rep["attributes"], name: "99999999"}})
    c.admin("PUT", f"/clients/{rep['id']}", label="no number", json={**rep, "attributes": {**rep["attributes"], "access.token.lifespan": "soon"}})


@case("lifespans/remembered")
def _(c):
    change(c, implicitFlowEnabled=True)
    realm(c, rememberMe=True, ssoSessionIdleTimeoutRememberMe=7000, ssoSessionMaxLifespanRememberMe=8000)

    def login(label, **fields):
        c.browser.cookies.clear()
        answer = c.submit(c.authorize(record=False), record=False, username="alice", password="wonderland", **fields)
        spans(c, label, c.redeem(c.params(answer)["code"], record=False).json())

    login("remembered", rememberMe="on")
    login("not remembered")
    realm(c, clientSessionIdleTimeout=1000, clientSessionMaxLifespan=1100)
    login("client sessions", rememberMe="on")
    c.admin("PUT", "", label="longer client sessions", json={"clientSessionIdleTimeout": 7500})
    c.admin("PUT", "", label="longer client sessions", json={"clientSessionMaxLifespan": 9000})
    realm(c, clientSessionIdleTimeout=0, clientSessionMaxLifespan=0, ssoSessionIdleTimeoutRememberMe=0, ssoSessionMaxLifespanRememberMe=0)
    login("without times of its own", rememberMe="on")
    realm(c, rememberMe=False)
    login("not offered", rememberMe="on")


@case("lifespans/actions")
def _(c):
    realm(c, accessCodeLifespan=1)
    code = c.login()["code"]
    time.sleep(2.2)
    c.redeem(code)


# --- origins -------------------------------------------------------------------------------------------------------------------------
def crossed(c, label, answer):
    names = ("allow-origin", "allow-credentials", "allow-methods", "allow-headers", "expose-headers", "max-age")
    c.note(label, [answer.status_code, {n: sorted(answer.headers["access-control-" + n].split(", ")) for n in names if "access-control-" + n in answer.headers},
                   answer.text if answer.status_code == 403 else None])


def browser_calls(c, origin, name="spa", secret=None):
    """Each endpoint that a page may call, good and bad, from this origin."""
    heads = {"Origin": origin}
    me = {"client_id": name, **({"client_secret": secret} if secret else {})}
    ask = lambda label, path, form=None, **kw: crossed(c, label, c.send(kw.pop("method", "POST"), path, data=form, record=False, headers={**heads, **kw.pop("headers", {})}, **kw))
    code = c.params(c.authorize(record=False, client_id=name, redirect_uri="http://localhost:3000/cb" if name == "spa" else "http://app.test/cb", code_challenge=c.pkce(), code_challenge_method="S256"))["code"]
    answer = c.post("token", {"grant_type": "authorization_code", "code": code, "redirect_uri": "http://localhost:3000/cb" if name == "spa" else "http://app.test/cb", "code_verifier": "v" * 50, **me}, record=False, headers=heads)
    crossed(c, "code", answer)
    got = answer.json() if answer.status_code == 200 else c.redeem(c.params(c.authorize(record=False))["code"], record=False).json()
    bearer = {"Authorization": "Bearer " + got["access_token"]}
    ask("wrong code", "token", {"grant_type": "authorization_code", "code": "x", **me})
    ask("no grant", "token", me)
    ask("unknown grant", "token", {"grant_type": "x", **me})
    for path in ("token", "revoke", "logout", "auth/device", "ext/par/request", "ext/ciba/auth", "token/introspect"):
        ask(f"unknown client at {path}", path, {"grant_type": "password", "client_id": "nobody", "refresh_token": "x"})
    ask("refresh", "token", {"grant_type": "refresh_token", "refresh_token": got["refresh_token"], **me})
    ask("wrong refresh", "token", {"grant_type": "refresh_token", "refresh_token": "x", **me})
    ask("userinfo", "userinfo", method="GET", headers=bearer)
    ask("userinfo POST", "userinfo", headers=bearer)
    ask("userinfo without", "userinfo", method="GET")
    ask("userinfo nonsense", "userinfo", method="GET", headers={"Authorization": "Bearer x"})
    ask("introspection", "token/introspect", {"token": got["access_token"], **me})
    ask("certs", "certs", method="GET")
    ask("discovery", "/realms/{realm}/.well-known/openid-configuration", method="GET")
    ask("discovery of OAuth", "/realms/{realm}/.well-known/oauth-authorization-server", method="GET")
    ask("realm", "/realms/{realm}", method="GET")
    ask("device", "auth/device", {"scope": "openid", "code_challenge": c.pkce(), "code_challenge_method": "S256", **me})
    ask("par", "ext/par/request", {"response_type": "code", "redirect_uri": "http://localhost:3000/cb" if name == "spa" else "http://app.test/cb", "code_challenge": c.pkce(), "code_challenge_method": "S256", **me})
    ask("par refused", "ext/par/request", {"response_type": "code", "redirect_uri": "http://evil.test/", **me})
    ask("ciba", "ext/ciba/auth", {"scope": "openid", "login_hint": "alice", **me})
    ask("logout wrong", "logout", {"refresh_token": "x", **me})
    ask("revoke nothing", "revoke", me)
    ask("revoke", "revoke", {"token": got["refresh_token"], **me})
    ask("logout", "logout", {"refresh_token": got["refresh_token"], **me})
    ask("logout page", "logout", method="GET")
    ask("authorization", "auth?client_id=" + name, method="GET")


@case("cors/right-origin")
def _(c):
    change(c, "spa", attributes={"oauth2.device.authorization.grant.enabled": "true", "pkce.code.challenge.method": "S256"})
    c.login()
    browser_calls(c, SPA)


@case("cors/wrong-origin")
def _(c):
    change(c, "spa", attributes={"oauth2.device.authorization.grant.enabled": "true", "pkce.code.challenge.method": "S256"})
    c.login()
    browser_calls(c, "http://evil.test")


@case("cors/confidential-client")
def _(c):
    change(c, attributes={"oauth2.device.authorization.grant.enabled": "true", "oidc.ciba.grant.enabled": "true"})
    c.login()
    browser_calls(c, "http://app.test", "app", "app-secret")


@case("cors/wildcards")
def _(c):
    c.login()
    for label, origins in (("any", ["*"]), ("of the redirects", ["+"]), ("none", []), ("null", ["null"]), ("with a slash", ["http://localhost:3000/"]), ("in capitals", ["HTTP://LOCALHOST:3000"])):
        change(c, "spa", webOrigins=origins)
        for origin in (SPA, "http://elsewhere.test", "null", "HTTP://LOCALHOST:3000"):
            answer = c.post("token", {"grant_type": "authorization_code", "code": "x", "client_id": "spa"}, record=False, headers={"Origin": origin})
            crossed(c, f"{label}, {origin}", answer)
        got = c.post("token", {"grant_type": "authorization_code", "client_id": "spa", "redirect_uri": "http://localhost:3000/cb", "code_verifier": "v" * 50,
                               "code": c.params(c.authorize(record=False, client_id="spa", redirect_uri="http://localhost:3000/cb", code_challenge=c.pkce(), code_challenge_method="S256"))["code"]}, record=False).json()
        c.note(label + ", claim", decode_jwt(got["access_token"])[1].get("allowed-origins"))
        crossed(c, label + ", userinfo", c.get("userinfo", record=False, headers={"Authorization": "Bearer " + got["access_token"], "Origin": SPA}))


@case("cors/own-origin")
def _(c):
    own = "{0.scheme}://{0.netloc}".format(urlsplit(c.base))
    for label, origin in (("own", own), ("a part of it", own[:-1]), ("with a path", own + "/auth"), ("another port", own + "0")):
        for name, secret in (("account-console", None), ("app", "app-secret")):
            answer = c.token(grant_type="authorization_code", code="x")  # without an origin
            form = {"grant_type": "authorization_code", "code": "x", "client_id": name, **({"client_secret": secret} if secret else {})}
            crossed(c, f"{label}, {name}", c.post("token", form, record=False, headers={"Origin": origin}))
    c.note("without", answer.status_code)


@case("cors/preflights")
def _(c):
    for path in ("token", "userinfo", "token/introspect", "certs", "revoke", "logout", "auth", "auth/device", "ext/ciba/auth", "login-status-iframe.html",
                 "/realms/{realm}", "/realms/{realm}/.well-known/openid-configuration", "/realms/{realm}/.well-known/oauth-authorization-server", "/realms/{realm}/account",
                 "/realms/{realm}/broker/x/token", "/realms/{realm}/clients-registrations/openid-connect", "/admin/realms/{realm}"):
        for wanted in ("POST", "DELETE"):
            answer = c.send("OPTIONS", path, record=False, headers={"Origin": SPA, "Access-Control-Request-Method": wanted, "Access-Control-Request-Headers": "authorization,dpop,x-own"})
            crossed(c, f"{path} {wanted}", answer)
        crossed(c, path + " without an origin", c.send("OPTIONS", path, record=False))


# --- frames --------------------------------------------------------------------------------------------------------------------------
@case("frames/init")
def _(c):
    change(c, "spa", webOrigins=["+", "http://other.test"])
    own = urlsplit(c.base)
    for query in ("", "client_id=spa", "origin=" + SPA, "client_id=nobody&origin=" + SPA, "client_id=spa&origin=" + SPA, "client_id=spa&origin=http://other.test",
                  "client_id=spa&origin=http://evil.test", "client_id=spa&origin=http://localhost:3000/", "client_id=spa&origin=HTTP://LOCALHOST:3000", "client_id=spa&origin=null",
                  "client_id=spa&origin=", f"client_id=spa&origin={own.scheme}://{own.netloc}", "client_id=spa&origin=http://127.0.0.1", f"client_id=spa&origin={SPA}&session_state=x"):
        answer = c.get("login-status-iframe.html/init?" + query, record=False)
        c.note("init " + query, [answer.status_code, answer.text[:100], answer.headers.get("cache-control")])
    change(c, "spa", webOrigins=["*"])
    c.note("any", c.get("login-status-iframe.html/init?client_id=spa&origin=http://evil.test", record=False).status_code)
    change(c, "spa", enabled=False)
    c.note("disabled", c.get("login-status-iframe.html/init?client_id=spa&origin=" + SPA, record=False).status_code)


@case("frames/pages")
def _(c):
    for path in ("login-status-iframe.html", "login-status-iframe.html?version=1", "3p-cookies/step1.html", "3p-cookies/step2.html", "3p-cookies/step3.html", "3p-cookies"):
        answer = c.get(path, record=False)
        names = ("cache-control", "x-frame-options", "content-security-policy", "p3p", "x-robots-tag", "referrer-policy")
        c.note(path, [answer.status_code, {n: answer.headers.get(n) for n in names if answer.status_code == 200}, [k.split("=")[0] for k in answer.headers.get("set-cookie", "").split(", ") if "=" in k][:4]])


# --- consent, sectors, exchange ------------------------------------------------------------------------------------------------------
def consent(c, answer, **fields):
    while answer.status_code in (302, 303) and "app.test" not in answer.headers["location"]:
        answer = c.get(answer.headers["location"], browser=True, record=False)
    return answer if not fields else c.submit(answer, record=False, **fields)


def consents(c, label):
    listed = c.admin("GET", f"/users/{c.user_id('alice')}/consents", record=False).json()
    c.note(label, [[x["clientId"], sorted(x["grantedClientScopes"])] for x in listed])


@case("consent/stored")
def _(c):
    change(c, consentRequired=True)
    c.note("password", c.password().get("error_description"))
    page = consent(c, c.submit(c.authorize(record=False), record=False, username="alice", password="wonderland"))
    c.note("page", c.norm.page(page.text))
    c.note("silent", told(c, c.authorize(record=False, prompt="none")))
    c.note("yes", sorted(c.params(c.submit(page, record=False, accept="Yes"))))
    consents(c, "given")
    c.note("not asked again", told(c, c.authorize(record=False)))
    c.note("password now", c.password().get("error_description"))
    page = consent(c, c.authorize(record=False, scope="openid phone"))
    c.note("more scope", c.norm.page(page.text))
    c.note("no", c.params(c.submit(page, record=False, cancel="No")))
    consents(c, "as before")
    c.note("asked for", c.norm.page(consent(c, c.authorize(record=False, prompt="consent")).text))
    c.admin("DELETE", f"/users/{c.user_id('alice')}/consents/app", label="revoke")
    c.note("gone", told(c, c.authorize(record=False, prompt="none")))
    c.note("password after", c.password().get("error_description"))


@case("consent/scopes-without-a-screen")
def _(c):
    change(c, consentRequired=True)
    for name, attributes in (("shown", {"display.on.consent.screen": "true", "consent.screen.text": "Shown text"}), ("plain", {"display.on.consent.screen": "true"}), ("hidden", {"display.on.consent.screen": "false"})):
        c.quiet("POST", "/client-scopes", json={"name": name, "protocol": "openid-connect", "attributes": attributes})
        identity = next(s["id"] for s in c.admin("GET", "/client-scopes", record=False).json() if s["name"] == name)
        c.quiet("PUT", f"/clients/{c.client_id('app')}/optional-client-scopes/{identity}")
    page = consent(c, c.submit(c.authorize(record=False, scope="openid shown plain hidden"), record=False, username="alice", password="wonderland"))
    c.note("page", c.norm.page(page.text))
    got = c.redeem(c.params(c.submit(page, record=False, accept="Yes"))["code"], record=False).json()
    c.note("scope", sorted(got["scope"].split()))
    consents(c, "given")
    c.note("hidden alone", told(c, c.authorize(record=False, scope="openid hidden")))


class Sector(BaseHTTPRequestHandler):
    documents = {}

    def do_GET(self):
        status, body = self.documents.get(self.path, (404, ""))
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_):
        pass


@case("pairwise/sector-document")
def _(c):
    server = HTTPServer(("127.0.0.1", 18193), Sector)
    Thread(target=server.serve_forever, daemon=True).start()
    base = "http://127.0.0.1:18193"
    try:
        for n, (label, document) in enumerate((("all", ["http://app.test/*", "http://other.test/cb"]), ("more", ["http://app.test/*", "http://other.test/cb", "http://third.test/"]),
                                               ("one is missing", ["http://app.test/*"]), ("no list", {"uris": []}), ("empty", []), ("of numbers", [1]))):
            Sector.documents[f"/{n}"] = (200, json.dumps(document))
            answer = c.admin("POST", "/clients", record=False, json={
                "clientId": f"pair{n}", "secret": "s", "directAccessGrantsEnabled": True, "redirectUris": ["http://app.test/*", "http://other.test/cb"], "protocolMappers": [
                    {"name": "p", "protocol": "openid-connect", "protocolMapper": "oidc-sha256-pairwise-sub-mapper", "config": {"sectorIdentifierUri": f"{base}/{n}", "pairwiseSubAlgorithmSalt": "salt"}}]})
            c.note(label, [answer.status_code, answer.json() if answer.status_code != 201 else None])
            if answer.status_code == 201:
                got = c.token(client=f"pair{n}", secret="s", grant_type="password", username="alice", password="wonderland", scope="openid").json()
                c.note("subjects", [decode_jwt(got[k])[1]["sub"] for k in ("access_token", "id_token")])
                c.get("userinfo", headers={"Authorization": "Bearer " + got["access_token"]})
        for label, status, body in (("not JSON", 200, "<html>"), ("gone", 500, "x"), ("absent", 404, "")):
            Sector.documents["/bad"] = (status, body)
            c.admin("POST", "/clients", label=label, json={"clientId": "bad", "redirectUris": ["http://app.test/*"], "protocolMappers": [
                {"name": "p", "protocol": "openid-connect", "protocolMapper": "oidc-sha256-pairwise-sub-mapper", "config": {"sectorIdentifierUri": base + "/bad"}}]})
    finally:
        server.shutdown()
        server.server_close()


def exchanger(c, name, **attributes):
    c.quiet("POST", "/clients", json={"clientId": name, "secret": name, "protocol": "openid-connect", "publicClient": False, "directAccessGrantsEnabled": True, "serviceAccountsEnabled": True, "consentRequired": False,
                                      "attributes": {"standard.token.exchange.enabled": "true", **attributes}})


def exchange(c, label, name, token, **form):
    answer = c.token(client=name, secret=name, grant_type="urn:ietf:params:oauth:grant-type:token-exchange", **{"subject_token": token, "subject_token_type": TYPE + "access_token", **form})
    got = answer.json()
    seen = {k: got.get(k) for k in ("error", "error_description", "issued_token_type", "token_type")}
    if got.get("access_token"):
        access = decode_jwt(got["access_token"])[1]
        seen.update({k: access.get(k) for k in ("aud", "azp", "scope", "acr", "typ")}, sid="sid" in access, sub=access.get("sub"), jti=access.get("jti", ":")[:7], names=sorted(got))
    c.note(label, [answer.status_code, seen])
    return got


@case("exchange/kinds-of-subjects")
def _(c):
    exchanger(c, "one")
    good = c.token(client="one", secret="one", grant_type="password", username="alice", password="wonderland", scope="openid offline_access").json()
    exchange(c, "of an offline session", "one", good["access_token"])
    exchange(c, "an id token as access token", "one", good["id_token"])
    exchange(c, "a refresh token as access token", "one", good["refresh_token"])
    exchange(c, "offline asked", "one", good["access_token"], scope="offline_access")
    exchange(c, "refresh asked", "one", good["access_token"], requested_token_type=TYPE + "refresh_token")
    exchange(c, "nonsense", "one", "x.y.z")
    exchange(c, "of another realm", "one", c._admin.header()["Authorization"].split()[1])
    exchange(c, "of an account that is gone", "one", good["access_token"], audience="one one")
    exchange(c, "twice the same audience", "one", good["access_token"], audience="one")
    c.quiet("PUT", f"/users/{c.user_id('alice')}", json={"enabled": False})
    exchange(c, "a disabled user", "one", good["access_token"])


@case("exchange/consent-and-lightweight")
def _(c):
    exchanger(c, "one", **{"client.use.lightweight.access.token.enabled": "true"})
    exchanger(c, "two", **{"standard.token.exchange.enableRefreshRequestedTokenType": "SAME_SESSION"})
    change(c, "two", consentRequired=True)
    c.quiet("POST", f"/clients/{c.client_id('one')}/protocol-mappers/models", json={
        "name": "two", "protocol": "openid-connect", "protocolMapper": "oidc-audience-mapper", "config": {"included.client.audience": "two", "access.token.claim": "true", "lightweight.claim": "true"}})
    light = c.token(client="one", secret="one", grant_type="password", username="alice", password="wonderland", scope="openid").json()["access_token"]
    exchange(c, "a token that says little", "one", light)
    exchange(c, "a client that needs consent", "two", light)
    change(c, "two", consentRequired=False)
    got = exchange(c, "with a refresh token", "two", light, requested_token_type=TYPE + "refresh_token")
    if got.get("refresh_token"):
        answer = c.token(client="two", secret="two", grant_type="refresh_token", refresh_token=got["refresh_token"])
        c.note("refreshed", [answer.status_code, sorted(answer.json())])
    c.quiet("PUT", f"/clients/{c.client_id('two')}", json={**c.admin("GET", f"/clients/{c.client_id('two')}", record=False).json(), "enabled": False})
    exchange(c, "a disabled client", "two", light)
