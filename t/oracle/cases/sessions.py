# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""Refresh tokens, offline sessions, scopes, consent: what settings of realm and client make of them."""
import time
from engine import case, decode_jwt


def client(c, name="app", **fields):
    rep = c.admin("GET", f"/clients/{c.client_id(name)}", record=False).json()
    rep["attributes"].update(fields.pop("attributes", {}))
    rep.update(fields)
    c.quiet("PUT", f"/clients/{rep['id']}", json=rep)
    return rep["id"]


def realm(c, **fields):
    c.quiet("PUT", "", json={**c.admin("GET", "", record=False).json(), **fields})


def refresh(c, tokens, record=True, **form):
    return c.token(record=record, grant_type="refresh_token", refresh_token=tokens["refresh_token"], **form).json()


def scope(c, name, roles=(), attributes=None, optional=False, mappers=()):
    c.quiet("POST", "/client-scopes", json={"name": name, "protocol": "openid-connect", "attributes": attributes or {}, "protocolMappers": list(mappers)})
    identity = next(s["id"] for s in c.admin("GET", "/client-scopes", record=False).json() if s["name"] == name)
    c.quiet("PUT", f"/clients/{c.client_id('app')}/{'optional' if optional else 'default'}-client-scopes/{identity}")
    if roles:
        c.quiet("POST", f"/client-scopes/{identity}/scope-mappings/realm", json=[c.admin("GET", f"/roles/{role}", record=False).json() for role in roles])
    return identity


def short(c, label, tokens):
    """Which roles, scopes and audiences there are."""
    claims = decode_jwt(tokens["access_token"])[1] if "access_token" in tokens else {}
    c.note(label, {"error": tokens.get("error"), "scope": sorted(tokens.get("scope", "").split()), "aud": claims.get("aud"),
                   "roles": sorted(claims.get("realm_access", {}).get("roles", [])), "resources": claims.get("resource_access")})


@case("sessions/without-refresh-tokens")
def _(c):
    client(c, attributes={"use.refresh.tokens": "false"})
    c.password(record=True)
    c.password(record=True, scope="openid offline_access")
    c.redeem(c.login()["code"])


@case("sessions/service-account-with-refresh-token")
def _(c):
    client(c, attributes={"client_credentials.use_refresh_token": "true"})
    tokens = c.token(record=True, grant_type="client_credentials", scope="openid").json()
    again = refresh(c, tokens)
    c.post("token/introspect", {"client_id": "app", "client_secret": "app-secret", "token": again.get("access_token", "")})
    client(c, attributes={"client_credentials.use_refresh_token": "false"})
    refresh(c, tokens)


@case("sessions/rotation")
def _(c):
    realm(c, revokeRefreshToken=True, refreshTokenMaxReuse=0)
    first = c.password(scope="openid")
    second = refresh(c, first, record=False)
    c.note("second", second.get("error"))
    time.sleep(1.2)  # what is stale is told by seconds
    third = refresh(c, second, record=False)
    c.note("third", third.get("error"))
    time.sleep(1.2)
    refresh(c, first)
    refresh(c, third)


@case("sessions/rotation-with-reuse")
def _(c):
    realm(c, revokeRefreshToken=True, refreshTokenMaxReuse=1)
    first = c.password(scope="openid")
    c.note("one", refresh(c, first, record=False).get("error"))
    c.note("two", refresh(c, first, record=False).get("error"))
    refresh(c, first)


@case("sessions/offline-limits")
def _(c):
    ends = lambda tokens: [tokens.get("refresh_expires_in"), sorted(decode_jwt(tokens["refresh_token"])[1])]
    c.note("without a maximum", ends(c.password(scope="openid offline_access")))
    realm(c, offlineSessionMaxLifespanEnabled=True, offlineSessionMaxLifespan=5000, offlineSessionIdleTimeout=4000)
    c.note("with one", ends(c.password(scope="openid offline_access")))
    client(c, attributes={"client.offline.session.max.lifespan": "3000"})
    c.note("the client's own maximum", ends(c.password(scope="openid offline_access")))
    client(c, attributes={"client.offline.session.idle.timeout": "2000"})
    c.note("the client's own idle time", ends(c.password(scope="openid offline_access")))
    realm(c, clientOfflineSessionMaxLifespan=1500, clientOfflineSessionIdleTimeout=1000)
    c.note("the realm's for clients", ends(c.password(scope="openid offline_access")))
    client(c, attributes={"client.session.max.lifespan": "900", "client.session.idle.timeout": "800"})
    c.note("online", ends(c.password(scope="openid")))


@case("sessions/offline-revoked-by-consent")
def _(c):
    identity = client(c, consentRequired=True)
    page = c.submit(c.authorize(record=False, scope="openid offline_access"), record=False, username="alice", password="wonderland")
    while page.status_code in (302, 303):
        page = c.get(page.headers["location"], browser=True, record=False)
    answer = c.submit(page, record=False, accept="Yes")
    tokens = c.redeem(c.params(answer)["code"], record=False).json()
    c.note("typ", decode_jwt(tokens["refresh_token"])[1]["typ"])
    c.note("refresh", refresh(c, tokens, record=False).get("error"))
    user = c.user_id("alice")
    consents = c.admin("GET", f"/users/{user}/consents", record=False).json()
    c.note("consents", [[x["clientId"], sorted(x["grantedClientScopes"]), sorted(g["key"] for g in x.get("additionalGrants", []))] for x in consents])
    c.admin("DELETE", f"/users/{user}/consents/app", label="revoke")
    refresh(c, tokens)
    c.admin("DELETE", f"/users/{user}/consents/app", label="revoke again")
    c.note("client", bool(identity))


@case("sessions/scopes")
def _(c):
    scope(c, "hidden", attributes={"include.in.token.scope": "false"})
    scope(c, "shown", attributes={"include.in.token.scope": "true"}, optional=True)
    scope(c, "silent")
    short(c, "default", c.password())
    short(c, "asked for", c.password(scope="openid shown"))
    short(c, "a default one by name", c.password(scope="hidden"))
    short(c, "unknown", c.password(scope="openid nowhere"))
    short(c, "twice", c.password(scope="openid openid shown shown"))
    short(c, "odd spaces", c.password(scope="  openid   shown "))
    short(c, "dynamic", c.password(scope="openid shown:1"))
    short(c, "empty", c.password(scope=""))
    c.authorize(scope="openid nowhere")
    short(c, "narrowed", refresh(c, c.password(scope="openid shown"), record=False, scope="openid"))
    short(c, "not widened", refresh(c, c.password(scope="openid"), record=False, scope="openid shown"))


@case("sessions/full-scope-off")
def _(c):
    identity = client(c, fullScopeAllowed=False)
    short(c, "nothing", c.password())
    scope(c, "bosses", roles=["boss"], optional=True)
    short(c, "a scope with a composite role", c.password(scope="openid bosses"))
    c.quiet("POST", f"/clients/{identity}/scope-mappings/realm", json=[c.admin("GET", "/roles/reader", record=False).json()])
    short(c, "a role of the client's scope", c.password())
    account = c.client_id("account")
    c.quiet("POST", f"/clients/{identity}/scope-mappings/clients/{account}", json=[c.admin("GET", f"/clients/{account}/roles/manage-account", record=False).json()])
    short(c, "a composite role of another client", c.password())
    short(c, "and of a service account", c.token(grant_type="client_credentials").json())


@case("sessions/response-type-none")
def _(c):
    c.submit(c.authorize(record=False, response_type="none"), username="alice", password="wonderland")
    c.authorize(response_type="none")
    c.authorize(response_type="none code")
    c.authorize(response_type="none", response_mode="fragment")


@case("sessions/prompts")
def _(c):
    for prompt in ("none login", "none consent", "login consent", "unknown", "create", "select_account"):
        c.note(prompt, [(a := c.authorize(record=False, prompt=prompt)).status_code, c.params(a).get("error"), c.params(a).get("error_description")])
    c.login()
    for prompt in ("none", "none login", "none consent", "login", "consent", "select_account"):
        c.note("signed in: " + prompt, [(a := c.authorize(record=False, prompt=prompt)).status_code, c.params(a).get("error")])
    client(c, consentRequired=True)
    c.note("consent needed", [(a := c.authorize(record=False, prompt="none")).status_code, c.params(a).get("error")])


def told(c, label, answer):
    """Whose session the login ends in, or the page that it ends with; and the sessions that there are."""
    code = c.params(answer).get("code")
    if code is None:
        page = c.norm.page(answer.text)
        c.note(label, [answer.status_code, page["messages"]])
    else:
        claims = decode_jwt(c.redeem(code, record=False).json()["id_token"])[1]
        c.note(label, {"sid": claims["sid"], "who": claims["preferred_username"]})
    c.note("sessions", " ".join(str(len(c.admin("GET", f"/users/{c.user_id(who)}/sessions", record=False).json())) for who in ("alice", "bob")))


@case("one-session/tabs")
def _(c):
    tabs = [c.authorize(record=False, state=state) for state in ("1", "2", "3")]
    told(c, "the first tab", c.submit(tabs[0], record=False, username="alice", password="wonderland"))
    told(c, "the second tab", c.submit(tabs[1], record=False, username="alice", password="wonderland"))
    told(c, "the third tab, as another", c.submit(tabs[2], record=False, username="bob", password="canwefixit"))
    told(c, "again", c.submit(c.authorize(record=False, prompt="login"), record=False, username="alice", password="wonderland"))


@case("one-session/no-step-for-cookies")
def _(c):
    c.quiet("POST", "/authentication/flows", json={"alias": "plain", "providerId": "basic-flow", "topLevel": True, "builtIn": False})
    c.quiet("POST", "/authentication/flows/plain/executions/execution", json={"provider": "auth-username-password-form"})
    for execution in c.admin("GET", "/authentication/flows/plain/executions", record=False).json():
        c.quiet("PUT", "/authentication/flows/plain/executions", json={**execution, "requirement": "REQUIRED"})
    c.quiet("PUT", "", json={**c.admin("GET", "", record=False).json(), "browserFlow": "plain"})

    def goes(label, who="alice", password="wonderland", **params):
        told(c, label, c.submit(c.authorize(record=False, **params), record=False, username=who, password=password))

    goes("first")
    goes("second")
    goes("as another", "bob", "canwefixit")
    goes("again", prompt="login")
    for session in c.admin("GET", f"/users/{c.user_id('alice')}/sessions", record=False).json():
        c.quiet("DELETE", f"/sessions/{session['id']}")
    goes("after the session")
    goes("as another after that", "bob", "canwefixit")
