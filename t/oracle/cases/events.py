# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""Events of users, as they are stored: which there are, of whom, with which error and details."""
import json
import pathlib
import sys

from engine import case

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from told import VARYING, begin, seen  # noqa: E402

ALL = [name + error for name in ("LOGIN", "CODE_TO_TOKEN", "LOGOUT", "REFRESH_TOKEN", "USER_INFO_REQUEST", "INTROSPECT_TOKEN") for error in ("", "_ERROR")]


def step(c, page, **fields):
    """Submits, and follows to the next page of the login."""
    answer = c.submit(page, record=False, **fields)
    while answer.status_code in (302, 303) and answer.headers["location"].startswith(c.base):
        answer = c.get(answer.headers["location"], browser=True, record=False)
    return answer


@case("events/login")
def _(c):
    begin(c, enabledEventTypes=ALL)
    page = c.authorize(record=False)
    seen(c, "the page")
    page = c.submit(page, record=False, username="nobody", password="x")
    page = c.submit(page, record=False, username="alice", password="wrong")
    page = c.submit(page, record=False, username="", password="")
    code = c.params(c.submit(page, record=False, username="alice", password="wonderland", rememberMe="on"))["code"]
    seen(c, "login")
    c.redeem(code, record=False)
    tokens = c.redeem(code, record=False)
    seen(c, "code twice")
    code = c.params(c.authorize(record=False, prompt="none"))["code"]
    tokens = c.redeem(code, record=False, scope="openid profile").json()
    seen(c, "single sign-on")
    c.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    c.token(grant_type="refresh_token", refresh_token="x")
    c.token(grant_type="refresh_token")
    seen(c, "refresh")
    c.get("userinfo", headers={"Authorization": "Bearer " + tokens["access_token"]}, record=False)
    c.get("userinfo", headers={"Authorization": "Bearer x"}, record=False)
    c.get("userinfo", record=False)
    seen(c, "userinfo")
    introspect = {"client_id": "app", "client_secret": "app-secret", "token": tokens["access_token"]}
    c.post("token/introspect", introspect, record=False)
    c.post("token/introspect", {**introspect, "token": "x"}, record=False)
    c.post("token/introspect", {**introspect, "client_secret": "x"}, record=False)
    seen(c, "introspection")
    c.get("logout?client_id=app&post_logout_redirect_uri=http://evil.test/", browser=True, record=False)
    c.get("logout?id_token_hint=x", browser=True, record=False)
    seen(c, "bad logout")
    c.get(f"logout?id_token_hint={tokens['id_token']}&post_logout_redirect_uri=http://app.test/cb", browser=True, record=False)
    seen(c, "logout")
    c.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    c.get("userinfo", headers={"Authorization": "Bearer " + tokens["access_token"]}, record=False)
    seen(c, "after logout")


@case("events/authorize")
def _(c):
    begin(c)
    for params in ({"client_id": "nothing"}, {"client_id": None}, {"redirect_uri": "http://evil.test/"}, {"redirect_uri": None}, {"response_type": "nonsense"},
                   {"response_type": None}, {"prompt": "none"}, {"scope": "openid nonsense"}, {"request": "x"}, {"request_uri": "http://x.test/"},
                   {"response_mode": "nonsense"}, {"code_challenge": "x", "code_challenge_method": "x"}, {"max_age": "x"}, {"prompt": "create"}):
        c.authorize(record=False, **params)
        c.browser.cookies.clear()
        # of a request object and an age that cannot be read the reason is in the words of Java's parsers
        seen(c, str(params), (*VARYING, "reason") if params in ({"request": "x"}, {"max_age": "x"}) else VARYING)
    c.get("auth?client_id=spa&redirect_uri=http://localhost:3000/&response_type=code", record=False)
    seen(c, "no PKCE")
    c.get("/realms/{realm}/login-actions/authenticate?client_id=app&session_code=x&execution=x&tab_id=x", record=False)
    seen(c, "no cookie")


@case("events/tokens")
def _(c):
    begin(c)
    c.password(scope="openid")
    tokens = c.password()
    c.password(password="wrong")
    c.password(user="nobody")
    c.token(grant_type="password", username="alice")
    c.token(grant_type="password")
    c.password(scope="openid nonsense")
    seen(c, "password")
    c.token(grant_type="client_credentials")
    c.token(grant_type="client_credentials", secret="wrong")
    c.token(grant_type="client_credentials", client="spa", secret=None)
    c.token(grant_type="client_credentials", client="nothing")
    c.post("token", {"grant_type": "client_credentials"}, record=False)
    c.token(grant_type="client_credentials", scope="nonsense")
    seen(c, "client credentials")
    c.token(grant_type="nonsense")
    c.token(grant_type="nonsense", secret="wrong")
    c.token()
    seen(c, "no grant")
    c.token(grant_type="authorization_code")
    c.token(grant_type="authorization_code", code="x", redirect_uri="http://app.test/cb")
    code = c.login()["code"]
    seen(c, "login")
    c.token(grant_type="authorization_code", code=code, redirect_uri="http://app.test/other")
    code = c.params(c.authorize(record=False))["code"]
    seen(c, "other redirect")
    c.token(grant_type="authorization_code", code=code, redirect_uri="http://app.test/cb", client="spa", secret=None)
    seen(c, "another's code")
    code = c.params(c.authorize(record=False, code_challenge=c.pkce(), code_challenge_method="S256"))["code"]
    c.redeem(code, record=False)
    code = c.params(c.authorize(record=False, code_challenge=c.pkce(), code_challenge_method="S256"))["code"]
    c.redeem(code, record=False, code_verifier="w" * 50)
    code = c.params(c.authorize(record=False, code_challenge=c.pkce(), code_challenge_method="S256"))["code"]
    c.redeem(code, record=False, code_verifier="v" * 50)
    seen(c, "PKCE")
    c.password(scope="openid offline_access")
    offline = c.password(scope="openid offline_access")
    c.token(grant_type="refresh_token", refresh_token=offline["refresh_token"])
    seen(c, "offline")
    revoke = {"client_id": "app", "client_secret": "app-secret", "token": tokens["refresh_token"]}
    c.post("revoke", {**revoke, "token": "x"}, record=False)
    c.post("revoke", {**revoke, "client_secret": "x"}, record=False)
    c.post("revoke", revoke, record=False)
    c.post("revoke", {**revoke, "token": offline["access_token"]}, record=False)
    c.post("revoke", {**revoke, "token": offline["refresh_token"]}, record=False)
    seen(c, "revocation")
    tokens = c.password()
    c.post("logout", {"client_id": "app", "client_secret": "app-secret", "refresh_token": tokens["refresh_token"]}, record=False)
    c.post("logout", {"client_id": "app", "client_secret": "app-secret", "refresh_token": tokens["refresh_token"]}, record=False)
    c.post("logout", {"client_id": "app", "client_secret": "app-secret", "refresh_token": "x"}, record=False)
    seen(c, "logout by refresh token")


@case("events/refused-users")
def _(c):
    begin(c)
    alice = c.user_id("alice")
    c.quiet("PUT", f"/users/{alice}", json={"enabled": False})
    c.submit(c.authorize(record=False), record=False, username="alice", password="wonderland")
    c.password()
    seen(c, "disabled")
    c.quiet("PUT", f"/users/{alice}", json={"enabled": True, "requiredActions": ["UPDATE_PASSWORD"]})
    c.password()
    seen(c, "not set up")
    page = step(c, c.authorize(record=False), username="alice", password="wonderland")
    page = step(c, page, **{"password-new": "a", "password-confirm": "b"})
    seen(c, "passwords differ")
    c.submit(page, record=False, **{"password-new": "wonder", "password-confirm": "wonder"})
    seen(c, "password updated")
    c.quiet("PUT", f"/users/{alice}", json={"requiredActions": ["UPDATE_PROFILE"]})
    c.browser.cookies.clear()
    page = step(c, c.authorize(record=False), username="alice", password="wonder")
    page = step(c, page, username="alice", email="alice", firstName="A", lastName="L")
    seen(c, "bad profile")
    c.submit(page, record=False, username="alice", email="al@example.test", firstName="A", lastName="L")
    seen(c, "profile updated")
    c.quiet("PUT", "", json={"bruteForceProtected": True, "failureFactor": 2, "waitIncrementSeconds": 60})
    c.browser.cookies.clear()
    for _ in range(3):
        c.password(password="wrong")
    c.submit(c.authorize(record=False), record=False, username="alice", password="wonder")
    seen(c, "brute force")


@case("events/registration")
def _(c):
    c.quiet("PUT", "", json={"registrationAllowed": True})
    begin(c)
    page = c.get("registrations?response_type=code&client_id=app&redirect_uri=http://app.test/cb&scope=openid", browser=True, record=False)
    person = {"username": "dave", "email": "dave@example.test", "firstName": "D", "lastName": "V", "password": "secret", "password-confirm": "secret"}
    page = c.submit(page, record=False, **{**person, "password-confirm": "other"})
    page = c.submit(page, record=False, **{**person, "username": "alice"})
    page = c.submit(page, record=False, **{**person, "email": "x"})
    seen(c, "refused")
    c.submit(page, record=False, **person)
    seen(c, "registered")


@case("events/consent")
def _(c):
    app = c.client_id("app")
    c.quiet("PUT", f"/clients/{app}", json={"consentRequired": True})
    begin(c)
    page = step(c, c.authorize(record=False), username="alice", password="wonderland")
    c.submit(page, record=False, cancel="No")
    seen(c, "refused")
    page = c.authorize(record=False)
    if page.status_code == 200 and "kc-form-login" in page.text:
        page = step(c, page, username="alice", password="wonderland")
    c.params(c.submit(page, record=False, accept="Yes"))
    seen(c, "granted")
    c.authorize(record=False)
    seen(c, "known")


@case("events/device")
def _(c):
    app = c.client_id("app")
    c.quiet("PUT", f"/clients/{app}", json={"attributes": {"oauth2.device.authorization.grant.enabled": "true"}})
    begin(c)
    device = c.post("auth/device", {"client_id": "app", "client_secret": "app-secret", "scope": "openid"}, record=False).json()
    seen(c, "asked")
    c.token(grant_type="urn:ietf:params:oauth:grant-type:device_code", device_code=device["device_code"])
    c.token(grant_type="urn:ietf:params:oauth:grant-type:device_code", device_code="x")
    c.token(grant_type="urn:ietf:params:oauth:grant-type:device_code")
    seen(c, "pending")
    c.token(grant_type="urn:ietf:params:oauth:grant-type:token-exchange", subject_token="x", subject_token_type="urn:ietf:params:oauth:token-type:access_token")
    seen(c, "exchange")


@case("events/filters")
def _(c):
    begin(c)
    c.password()
    c.password(user="nobody")
    c.password(user="bob", password="wrong")
    c.token(grant_type="client_credentials")

    def count(query):
        answer = c.admin("GET", "/events?" + query, record=False)
        c.note(query.replace(bob, "BOB"), [answer.status_code, [[e["type"], e.get("error", ""), e.get("userId", "")] for e in answer.json()] if answer.status_code == 200 else answer.text])

    bob = c.user_id("bob")
    for query in ("type=LOGIN", "type=LOGIN&type=CLIENT_LOGIN", "client=app", "client=nothing", "user=" + bob, "ipAddress=127.0.0.1", "ipAddress=127.*", "ipAddress=10.0.0.1",
                  "dateFrom=2020-01-01", "dateTo=2020-01-01", "dateFrom=1577836800000", "max=2&direction=asc", "first=1&max=1&direction=asc", "first=3&max=10&direction=desc", "direction=nonsense", "user=x"):
        count(query)
    for query in ("dateFrom=nonsense", "dateTo=2020-13-45", "first=x", "max=-1"):
        answer = c.admin("GET", "/events?" + query, record=False)
        c.note(query, [answer.status_code, answer.json() if answer.status_code != 200 and answer.text else None])


@case("events/config")
def _(c):
    c.admin("GET", "/events/config")
    c.admin("PUT", "/events/config", json={"eventsEnabled": True, "eventsExpiration": 3600, "enabledEventTypes": ["LOGIN", "LOGIN_ERROR"], "adminEventsEnabled": True})
    c.admin("GET", "/events/config")
    c.password()
    c.token(grant_type="client_credentials")
    c.note("kept", [e["type"] for e in c.admin("GET", "/events", record=False).json()])
    c.admin("PUT", "/events/config", json={"eventsListeners": ["nonsense"]})
    c.admin("PUT", "/events/config", json={"enabledEventTypes": ["NONSENSE"]})
    c.admin("PUT", "/events/config", json={"unknown": 1})
    c.admin("PUT", "/events/config", json={})
    c.admin("GET", "/events/config")
    realm = c.admin("GET", "", record=False).json()
    c.note("realm", {k: v for k, v in realm.items() if "vents" in k or k == "enabledEventTypes"})


def admin_seen(c, label, by=None):
    events = c.admin("GET", "/admin-events?direction=asc&max=1000", record=False).json()
    events.sort(key=by or (lambda event: 0))
    for number, event in enumerate(events):
        event.pop("id")
        event["time"] = "{now}" if event["time"] > 1.6e12 else event["time"]
        event["authDetails"] = sorted(event["authDetails"])
        event.pop("details", None)
        if "representation" in event:
            event["representation"] = "*"
        c.note(f"{label}: {number + 1}. {event['operationType']} {event['resourceType']}", event)
    c.quiet("DELETE", "/admin-events")


def admin_begin(c, **config):
    c.quiet("PUT", "/events/config", json={"adminEventsEnabled": True, "eventsListeners": ["jboss-logging"], **config})
    c.quiet("DELETE", "/admin-events")


@case("events/admin-clients")
def _(c):
    admin_begin(c, adminEventsDetailsEnabled=True)
    c.quiet("POST", "/clients", json={"clientId": "mine", "redirectUris": ["http://x.test/*"]})
    mine = c.client_id("mine")
    c.quiet("PUT", f"/clients/{mine}", json={"clientId": "mine", "name": "Mine"})
    c.quiet("POST", f"/clients/{mine}/client-secret")
    c.quiet("POST", f"/clients/{mine}/roles", json={"name": "r"})
    c.quiet("PUT", f"/clients/{mine}/roles/r", json={"name": "r", "description": "d"})
    c.quiet("POST", f"/clients/{mine}/protocol-mappers/models", json={"name": "m", "protocol": "openid-connect", "protocolMapper": "oidc-hardcoded-claim-mapper", "config": {}})
    mapper = c.admin("GET", f"/clients/{mine}/protocol-mappers/models", record=False).json()[0]["id"]
    c.quiet("PUT", f"/clients/{mine}/protocol-mappers/models/{mapper}", json={"id": mapper, "name": "m", "protocol": "openid-connect", "protocolMapper": "oidc-hardcoded-claim-mapper", "config": {"claim.name": "x"}})
    c.quiet("DELETE", f"/clients/{mine}/protocol-mappers/models/{mapper}")
    c.quiet("POST", "/client-scopes", json={"name": "s", "protocol": "openid-connect"})
    scope = next(s["id"] for s in c.admin("GET", "/client-scopes", record=False).json() if s["name"] == "s")
    c.quiet("PUT", f"/clients/{mine}/default-client-scopes/{scope}")
    c.quiet("DELETE", f"/clients/{mine}/default-client-scopes/{scope}")
    c.quiet("PUT", f"/clients/{mine}/optional-client-scopes/{scope}")
    c.quiet("PUT", f"/default-default-client-scopes/{scope}")
    c.quiet("DELETE", f"/default-default-client-scopes/{scope}")
    c.quiet("PUT", f"/client-scopes/{scope}", json={"name": "s", "protocol": "openid-connect", "description": "x"})
    reader = c.admin("GET", "/roles/reader", record=False).json()
    c.quiet("POST", f"/clients/{mine}/scope-mappings/realm", json=[reader])
    c.quiet("DELETE", f"/clients/{mine}/scope-mappings/realm", json=[reader])
    c.quiet("POST", f"/client-scopes/{scope}/scope-mappings/realm", json=[reader])
    c.quiet("POST", f"/clients/{mine}/nodes", json={"node": "n1"})
    c.quiet("DELETE", f"/clients/{mine}/nodes/n1")
    c.quiet("DELETE", f"/clients/{mine}/roles/r")
    c.quiet("DELETE", f"/client-scopes/{scope}")
    c.quiet("DELETE", f"/clients/{mine}")
    c.admin("POST", "/clients", json={"clientId": "app"}, record=False)
    c.admin("DELETE", f"/clients/{mine}", record=False)
    admin_seen(c, "clients")


@case("events/admin-roles")
def _(c):
    admin_begin(c)
    alice, app = c.user_id("alice"), c.client_id("app")
    c.quiet("POST", "/roles", json={"name": "r"})
    role = c.admin("GET", "/roles/r", record=False).json()
    view = c.admin("GET", f"/clients/{app}/roles/view", record=False).json()
    c.quiet("PUT", "/roles/r", json={"name": "r", "description": "x"})
    c.quiet("PUT", f"/roles-by-id/{role['id']}", json={"name": "r", "description": "y"})
    c.quiet("POST", "/roles/r/composites", json=[view])
    c.quiet("DELETE", "/roles/r/composites", json=[view])
    c.quiet("POST", f"/roles-by-id/{role['id']}/composites", json=[view])
    c.quiet("POST", f"/users/{alice}/role-mappings/realm", json=[role])
    c.quiet("DELETE", f"/users/{alice}/role-mappings/realm", json=[role])
    c.quiet("POST", f"/users/{alice}/role-mappings/clients/{app}", json=[view])
    c.quiet("DELETE", f"/users/{alice}/role-mappings/clients/{app}", json=[view])
    c.quiet("POST", "/groups", json={"name": "g"})
    group = next(g["id"] for g in c.admin("GET", "/groups", record=False).json() if g["name"] == "g")
    c.quiet("POST", f"/groups/{group}/role-mappings/realm", json=[role])
    c.quiet("DELETE", f"/groups/{group}/role-mappings/realm", json=[role])
    c.quiet("POST", f"/groups/{group}/children", json={"name": "child"})
    c.quiet("PUT", f"/groups/{group}", json={"name": "g2"})
    c.quiet("PUT", f"/default-groups/{group}")
    c.quiet("DELETE", f"/default-groups/{group}")
    c.quiet("DELETE", f"/groups/{group}")
    c.quiet("DELETE", "/roles/r")
    c.quiet("PUT", "", json={"displayName": "x"})
    c.quiet("POST", "/components", json={"name": "k", "providerId": "rsa-generated", "providerType": "org.keycloak.keys.KeyProvider", "config": {}})
    component = next(k["id"] for k in c.admin("GET", "/components?type=org.keycloak.keys.KeyProvider", record=False).json() if k["name"] == "k")
    c.quiet("PUT", f"/components/{component}", json={"id": component, "name": "k2", "providerId": "rsa-generated", "providerType": "org.keycloak.keys.KeyProvider", "config": {}})
    c.quiet("DELETE", f"/components/{component}")
    c.quiet("PUT", "/localization/de/key", data="text", headers={"Content-Type": "text/plain"})
    c.quiet("POST", "/localization/de", json={"a": "b"})
    c.quiet("DELETE", "/localization/de/key")
    c.quiet("DELETE", "/localization/de")
    c.quiet("PUT", "/client-policies/profiles", json={"profiles": []})
    c.quiet("PUT", "/client-policies/policies", json={"policies": []})
    admin_seen(c, "roles")


@case("events/admin-flows")
def _(c):
    admin_begin(c)
    c.quiet("POST", "/authentication/flows", json={"alias": "f", "providerId": "basic-flow", "topLevel": True, "builtIn": False})
    flow = next(f for f in c.admin("GET", "/authentication/flows", record=False).json() if f["alias"] == "f")
    c.quiet("PUT", f"/authentication/flows/{flow['id']}", json={**flow, "description": "x"})
    c.quiet("POST", "/authentication/flows/f/executions/execution", json={"provider": "auth-otp-form"})
    c.quiet("POST", "/authentication/flows/f/executions/flow", json={"alias": "sub", "type": "basic-flow", "provider": "registration-page-form"})
    executions = c.admin("GET", "/authentication/flows/f/executions", record=False).json()
    first, second = executions[0], executions[1]
    c.quiet("PUT", "/authentication/flows/f/executions", json={**first, "requirement": "REQUIRED"})
    c.quiet("POST", f"/authentication/executions/{second['id']}/raise-priority")
    c.quiet("POST", f"/authentication/executions/{second['id']}/lower-priority")
    c.quiet("POST", f"/authentication/executions/{first['id']}/config", json={"alias": "c", "config": {"a": "b"}})
    config = c.admin("GET", "/authentication/flows/f/executions", record=False).json()[0].get("authenticationConfig")
    c.quiet("PUT", f"/authentication/config/{config}", json={"id": config, "alias": "c", "config": {"a": "c"}})
    c.quiet("DELETE", f"/authentication/config/{config}")
    c.quiet("DELETE", f"/authentication/executions/{first['id']}")
    c.quiet("POST", "/authentication/flows/f/copy", json={"newName": "g"})
    c.quiet("DELETE", f"/authentication/flows/{flow['id']}")
    action = c.admin("GET", "/authentication/required-actions/UPDATE_PASSWORD", record=False).json()
    c.quiet("PUT", "/authentication/required-actions/UPDATE_PASSWORD", json=action)
    c.quiet("POST", "/authentication/required-actions/UPDATE_PASSWORD/raise-priority")
    c.quiet("PUT", "/authentication/required-actions/UPDATE_PASSWORD/config", json={"config": {"max_auth_age": "100"}})
    c.quiet("DELETE", "/authentication/required-actions/UPDATE_PASSWORD/config")
    c.quiet("DELETE", "/authentication/required-actions/UPDATE_PASSWORD")
    c.quiet("POST", "/authentication/register-required-action", json={"providerId": "UPDATE_PASSWORD", "name": "U"})
    c.quiet("POST", "/identity-provider/instances", json={"alias": "i", "providerId": "oidc", "config": {"authorizationUrl": "http://x.test/a", "tokenUrl": "http://x.test/t", "clientId": "c", "clientSecret": "s"}})
    c.quiet("PUT", "/identity-provider/instances/i", json={"alias": "i", "providerId": "oidc", "config": {"authorizationUrl": "http://x.test/a", "tokenUrl": "http://x.test/t", "clientId": "c"}})
    c.quiet("POST", "/identity-provider/instances/i/mappers", json={"name": "m", "identityProviderAlias": "i", "identityProviderMapper": "hardcoded-user-session-attribute-idp-mapper", "config": {"attribute": "a", "attribute.value": "b", "syncMode": "INHERIT"}})
    mapper = c.admin("GET", "/identity-provider/instances/i/mappers", record=False).json()[0]
    c.quiet("PUT", f"/identity-provider/instances/i/mappers/{mapper['id']}", json=mapper)
    c.quiet("DELETE", f"/identity-provider/instances/i/mappers/{mapper['id']}")
    c.quiet("DELETE", "/identity-provider/instances/i")
    admin_seen(c, "flows")


@case("events/admin-users")
def _(c):
    admin_begin(c)
    c.quiet("POST", "/users", json={"username": "dave", "enabled": True})
    dave = c.user_id("dave")
    c.quiet("PUT", f"/users/{dave}", json={"firstName": "D"})
    c.quiet("PUT", f"/users/{dave}/reset-password", json={"type": "password", "value": "secret"})
    group = c.admin("GET", "/groups", record=False).json()[0]["id"]
    c.quiet("PUT", f"/users/{dave}/groups/{group}")
    c.quiet("DELETE", f"/users/{dave}/groups/{group}")
    c.quiet("POST", f"/users/{dave}/logout")
    credential = c.admin("GET", f"/users/{dave}/credentials", record=False).json()[0]["id"]
    c.quiet("PUT", f"/users/{dave}/credentials/{credential}/userLabel", data="label", headers={"Content-Type": "text/plain"})
    c.quiet("DELETE", f"/users/{dave}/credentials/{credential}")
    c.quiet("DELETE", f"/attack-detection/brute-force/users/{dave}")
    c.quiet("DELETE", "/attack-detection/brute-force/users")
    c.quiet("DELETE", f"/users/{dave}")
    c.quiet("POST", "/logout-all")
    c.quiet("POST", "/push-revocation")
    c.quiet("POST", "/clients-initial-access", json={"count": 1, "expiration": 100})
    access = c.admin("GET", "/clients-initial-access", record=False).json()[0]["id"]
    c.quiet("DELETE", f"/clients-initial-access/{access}")
    c.quiet("POST", "/partialImport", json={"ifResourceExists": "SKIP", "users": [{"username": "erin"}]})
    c.quiet("POST", "/partial-export")
    profile = c.admin("GET", "/users/profile", record=False).json()
    c.quiet("PUT", "/users/profile", json=profile)
    admin_seen(c, "users")


@case("events/admin-representations")
def _(c):
    """What is kept of each write's body: as it was sent, or as it has become."""
    admin_begin(c, adminEventsDetailsEnabled=True)
    c.quiet("POST", "/roles", json={"name": "r"})
    role = c.admin("GET", "/roles/r", record=False).json()
    c.quiet("PUT", "/roles/r", json={"name": "r", "description": "x"})
    c.quiet("POST", "/roles/r/composites", json=[c.admin("GET", "/roles/reader", record=False).json()])
    c.quiet("POST", "/groups", json={"name": "g"})
    group = next(g["id"] for g in c.admin("GET", "/groups", record=False).json() if g["name"] == "g")
    c.quiet("POST", f"/groups/{group}/children", json={"name": "child"})
    c.quiet("PUT", f"/groups/{group}", json={"name": "g2"})
    c.quiet("DELETE", f"/groups/{group}")
    c.quiet("POST", "/clients", json={"clientId": "mine", "secret": "hidden", "redirectUris": ["http://x.test/*"]})
    mine = c.client_id("mine")
    c.quiet("PUT", f"/clients/{mine}", json={"clientId": "mine", "name": "Mine"})
    c.quiet("POST", f"/clients/{mine}/client-secret")
    c.quiet("POST", f"/clients/{mine}/registration-access-token")
    c.quiet("POST", f"/clients/{mine}/protocol-mappers/models", json={"name": "m", "protocol": "openid-connect", "protocolMapper": "oidc-hardcoded-claim-mapper", "config": {}})
    c.quiet("POST", "/client-scopes", json={"name": "s", "protocol": "openid-connect"})
    c.quiet("POST", f"/clients/{mine}/roles", json={"name": "r"})
    c.quiet("DELETE", f"/clients/{mine}/roles/r")
    c.quiet("DELETE", f"/clients/{mine}")
    c.quiet("POST", "/users", json={"username": "dave", "enabled": True, "credentials": [{"type": "password", "value": "x"}]})
    dave = c.user_id("dave")
    c.quiet("PUT", f"/users/{dave}", json={"firstName": "D"})
    c.quiet("POST", f"/users/{dave}/role-mappings/realm", json=[role])
    c.quiet("PUT", f"/users/{dave}/reset-password", json={"type": "password", "value": "secret"})
    c.quiet("DELETE", f"/users/{dave}")
    c.quiet("POST", "/identity-provider/instances", json={"alias": "i", "providerId": "oidc", "config": {"authorizationUrl": "http://x.test/a", "tokenUrl": "http://x.test/t", "clientId": "c", "clientSecret": "s"}})
    c.quiet("POST", "/components", json={"name": "k", "providerId": "rsa-generated", "providerType": "org.keycloak.keys.KeyProvider", "config": {}})
    c.quiet("POST", "/authentication/flows", json={"alias": "f", "providerId": "basic-flow", "topLevel": True, "builtIn": False})
    c.quiet("POST", "/authentication/flows/f/executions/execution", json={"provider": "auth-otp-form"})
    c.quiet("POST", "/authentication/flows/f/copy", json={"newName": "f2"})
    c.quiet("POST", "/localization/de", json={"a": "b"})
    profile = c.admin("GET", "/users/profile", record=False).json()
    profile["attributes"].append({"name": "extra"})
    c.quiet("PUT", "/users/profile", json=profile)
    c.quiet("PUT", "/client-policies/profiles", json={"profiles": []})
    c.quiet("PUT", "", json={"displayName": "x"})
    for event in c.admin("GET", "/admin-events?direction=asc&max=1000", record=False).json():
        text = event.get("representation")
        try:
            value = json.loads(text) if text is not None else "none"
        except ValueError:
            value = text
        if event["resourceType"] == "REALM":
            value = value.get("displayName")
        if event["operationType"] == "ACTION" and isinstance(value, dict):
            value.pop("registrationAccessToken", None)
        c.note(f"{event['operationType']} {event['resourceType']}", value)


@case("events/admin-partial-import")
def _(c):
    admin_begin(c)
    c.quiet("POST", "/partialImport", json={
        "ifResourceExists": "OVERWRITE",
        "users": [{"username": "erin"}], "groups": [{"name": "ig", "path": "/ig"}], "clients": [{"clientId": "ic"}],
        "roles": {"realm": [{"name": "pr"}], "client": {"app": [{"name": "cr"}]}},
        "identityProviders": [{"alias": "ii", "providerId": "oidc", "config": {"authorizationUrl": "http://x.test/a", "tokenUrl": "http://x.test/t", "clientId": "c"}}],
        "identityProviderMappers": [{"name": "im", "identityProviderAlias": "ii", "identityProviderMapper": "hardcoded-user-session-attribute-idp-mapper", "config": {"attribute": "a", "attribute.value": "b", "syncMode": "INHERIT"}}]})
    c.admin("GET", "/identity-provider/instances/ii/mappers")
    def kind(event):
        return event["operationType"], event["resourcePath"].split("/")[0]

    admin_seen(c, "import", kind)
    again = {"users": [{"username": "erin"}], "groups": [{"name": "ig", "path": "/ig"}], "clients": [{"clientId": "ic"}], "roles": {"realm": [{"name": "pr"}]}}
    c.quiet("POST", "/partialImport", json={"ifResourceExists": "SKIP", **again})
    admin_seen(c, "again", kind)
    c.quiet("POST", "/partialImport", json={"ifResourceExists": "OVERWRITE", **again})
    admin_seen(c, "over it", kind)


@case("events/admin-partial-import-told")
def _(c):
    """The events' representations: what was given as Keycloak's classes hold it. Again over it: roles that are composed of each other are replaced."""
    parts = ({"clients": [{"clientId": "ic", "secret": "s"}]}, {"roles": {"realm": [{"name": "pr", "description": "d"}, {"name": "all", "composite": True, "composites": {"realm": ["pr"]}}], "client": {"app": [{"name": "cr"}]}}},
             {"identityProviders": [{"alias": "ii", "providerId": "github", "config": {"clientId": "c", "clientSecret": "s"}}]}, {"groups": [{"name": "ig", "path": "/ig", "subGroups": [{"name": "is", "path": "/ig/is"}]}]},
             {"users": [{"username": "erin", "realmRoles": ["offline_access"], "credentials": [{"type": "password", "value": "s"}]}]})
    admin_begin(c, adminEventsDetailsEnabled=True)
    for part in parts:
        for _ in range(2):
            c.quiet("POST", "/partialImport", json={"ifResourceExists": "OVERWRITE", **part})
        told = []
        for event in c.admin("GET", "/admin-events", record=False).json():
            rep = json.loads(event["representation"])
            own = [rep.pop(name) for name in ("id", "internalId") if name in rep]
            told.append([event["operationType"], event["resourcePath"].split("/")[0], [event["resourcePath"].endswith(id) for id in own], rep])
        c.note(list(part)[0], sorted(told, key=lambda entry: json.dumps(entry, sort_keys=True)))
        c.quiet("DELETE", "/admin-events")
    parents = c.admin("GET", "/roles/all/composites", record=False).json()
    c.note("composed of", [role["name"] for role in parents])


@case("events/admin-others")
def _(c):
    """Writes that are rare: which of them are told at all."""
    alice, app = c.user_id("alice"), c.client_id("app")
    c.password("bob")
    admin_begin(c)
    c.quiet("PUT", f"/users/{alice}/reset-password", json={"type": "password", "value": "wonderland"})
    credential = c.admin("GET", f"/users/{alice}/credentials", record=False).json()[0]["id"]
    for method, path, *body in (
            ("POST", f"/users/{alice}/credentials/{credential}/moveToFirst"), ("PUT", f"/users/{alice}/disable-credential-types", []),
            ("PUT", f"/users/{alice}/send-verify-email"),
            ("PUT", f"/users/{alice}/execute-actions-email", ["UPDATE_PASSWORD"]), ("DELETE", f"/users/{alice}/consents/app"), ("POST", f"/users/{alice}/logout"),
            ("PUT", "/localization/de", {"a": "b"}), ("POST", "/localization/de", {"a": "b"}), ("DELETE", "/localization/de"),
            ("PUT", "/client-policies/profiles", {"profiles": []}), ("PUT", "/client-policies/policies", {"policies": []}),
            ("DELETE", f"/clients/{app}/client-secret/rotated"), ("POST", f"/clients/{app}/push-revocation"), ("GET", f"/clients/{app}/test-nodes-available"),
            ("POST", f"/clients/{app}/registration-access-token"), ("POST", "/client-description-converter", {"clientId": "x"}),
            ("PUT", "/events/config", {"adminEventsEnabled": True, "eventsListeners": ["jboss-logging"]}), ("DELETE", "/events"),
            ("POST", "/testSMTPConnection", {"host": "localhost", "port": "1"}), ("POST", "/identity-provider/import-config", {"providerId": "oidc", "fromUrl": "http://127.0.0.1:1/"}),
            ("POST", f"/clients/{app}/certificates/jwt.credential/generate"), ("POST", "/authentication/register-required-action", {"providerId": "nothing", "name": "x"}),
            ("DELETE", "/sessions/nothing"), ("POST", f"/users/{alice}/impersonation")):
        if method == "GET":
            c.admin(method, path, record=False)
        else:
            c.admin(method, path, record=False, **({"json": body[0]} if body else {}))
        admin_seen(c, f"{method} {path.replace(alice, 'ALICE').replace(app, 'APP').replace(credential, 'CREDENTIAL')}")
