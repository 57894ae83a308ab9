# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""The account REST API: what users see and change of themselves."""
import json
import time

from engine import case

MISSING = "00000000-0000-4000-8000-000000000000"


class Account:
    def __init__(self, c, user="alice", password="wonderland", **login):
        token = c.token(grant_type="password", username=user, password=password, **{"scope": "openid", **login}).json()["access_token"]
        self.c, self.head = c, {"Authorization": "Bearer " + token, "Accept": "application/json"}

    def __call__(self, method, path="", label=None, record=True, **kw):
        return self.c.send(method, "/realms/{realm}/account" + path, headers={**self.head, **kw.pop("headers", {})}, label=label or f"{method} {path}", record=record, **kw)


@case("account/profile")
def _(c):
    me = Account(c)
    me("GET", "/")
    me("GET", "")
    me("GET", "/?userProfileMetadata=false")
    rep = me("GET", "/", record=False).json()
    me("POST", "/", json={**rep, "firstName": "Alicia"})
    me("GET", "/?userProfileMetadata=false", label="changed")
    for body in ({"username": "alice", "email": "bob@example.test", "firstName": "A", "lastName": "B"}, {"username": "bob", "email": "alice@example.test", "firstName": "A", "lastName": "B"}, {"username": "alice", "email": "x"}, {"username": "alice"}, {},
                 {"unknown": 1}, []):
        me("POST", "/", json=body, label="post " + str(body))
    me("GET", "/?userProfileMetadata=false", label="in the end")
    c.send("GET", "/realms/{realm}/account/", headers={"Accept": "application/json"}, label="a stranger")
    c.send("GET", "/realms/{realm}/account/", headers={"Accept": "application/json", "Authorization": "Bearer x"}, label="no token")
    c.send("OPTIONS", "/realms/{realm}/account/", headers={"Origin": "http://app.test", "Access-Control-Request-Method": "POST"}, label="preflight")
    me("GET", "/?userProfileMetadata=false", label="from elsewhere", headers={"Origin": "http://app.test"})
    me("GET", "/nothing")


@case("account/blank-name")
def _(c):
    me = Account(c)
    rep = me("GET", "/?userProfileMetadata=false", record=False).json()
    me("POST", "/", json={**rep, "username": ""}, label="blank")
    me("POST", "/", json={name: value for name, value in rep.items() if name != "username"}, label="none")
    c.quiet("PUT", "", json={"editUsernameAllowed": True})
    me("POST", "/", json={**rep, "username": ""}, label="blank where it may be changed")


@case("account/credentials")
def _(c):
    me = Account(c)
    for path in ("/credentials", "/credentials?type=password", "/credentials?type=password&user-credentials=false", "/credentials?type=none", "/credentials?user-credentials=false"):
        me("GET", path, label=path)
    alice = c.user_id("alice")
    mine = c.admin("GET", f"/users/{alice}/credentials", record=False).json()[0]["id"]
    me("PUT", f"/credentials/{mine}/label", json="my label")
    me("PUT", f"/credentials/{mine}/label", json="")
    me("PUT", f"/credentials/{MISSING}/label", json="x")
    me("DELETE", f"/credentials/{mine}")
    me("DELETE", f"/credentials/{MISSING}")
    me("GET", "/credentials?type=password", label="in the end")


@case("account/sessions")
def _(c):
    c.login(scope="openid")
    me = Account(c)
    def plain(session):
        return {key: value for key, value in session.items() if key in ("current", "ipAddress", "clients")}
    c.note("sessions", [plain(session) for session in me("GET", "/sessions", record=False).json()])
    c.note("devices", [[device["current"], device["mobile"], [plain(session) for session in device["sessions"]]] for device in me("GET", "/sessions/devices", record=False).json()])
    mine = c.admin("GET", f"/users/{c.user_id('alice')}/sessions", record=False).json()
    me("DELETE", f"/sessions/{MISSING}")
    me("DELETE", "/sessions?current=false")
    c.note("left", len(c.admin("GET", f"/users/{c.user_id('alice')}/sessions", record=False).json()))
    other = Account(c)
    sid = [s["id"] for s in c.admin("GET", f"/users/{c.user_id('alice')}/sessions", record=False).json() if s["id"] not in [x["id"] for x in mine]][0]
    me("DELETE", f"/sessions/{sid}", label="DELETE another")
    other("GET", "/sessions", label="ended")
    me("DELETE", "/sessions?current=true")
    c.note("left in the end", len(c.admin("GET", f"/users/{c.user_id('alice')}/sessions", record=False).json()))


# What programs say of themselves.
USER_AGENTS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 Edg/131.0.2903.86",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:133.0) Gecko/20100101 Firefox/133.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1.1 Safari/605.1.15",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
    "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0",
    "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1.1 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (iPad; CPU OS 17_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.7 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/131.0.6778.73 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) FxiOS/133.0 Mobile/15E148 Safari/605.1.15",
    "Mozilla/5.0 (Linux; Android 14; SM-S921B) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.6778.81 Mobile Safari/537.36",
    "Mozilla/5.0 (Linux; Android 13; Pixel 7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.6778.81 Mobile Safari/537.36",
    "Mozilla/5.0 (Android 14; Mobile; rv:133.0) Gecko/133.0 Firefox/133.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36 OPR/115.0.0.0",
    "Mozilla/5.0 (Linux; Android 14; SM-S921B) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36 EdgA/131.0.2903.87",
    "curl/8.5.0",
    "python-requests/2.32.3",
)


@case("account/devices")
def _(c):
    me = Account(c)
    for agent in USER_AGENTS:
        me("DELETE", "/sessions", record=False)
        answer = c.send("POST", "token", data={"client_id": "app", "client_secret": "app-secret", "grant_type": "password", "username": "alice", "password": "wonderland"}, headers={"User-Agent": agent}, record=False)
        assert answer.status_code == 200, answer.text
        devices = me("GET", "/sessions/devices", record=False).json()
        c.note(agent, sorted([device[key] for key in ("os", "osVersion", "device", "mobile")] + [session.get("browser") for session in device["sessions"]] for device in devices if not device.get("current")))
    for agent in (USER_AGENTS[0], USER_AGENTS[1], USER_AGENTS[7]):
        c.send("POST", "token", data={"client_id": "app", "client_secret": "app-secret", "grant_type": "password", "username": "alice", "password": "wonderland"}, headers={"User-Agent": agent}, record=False)
    c.note("by operating system", sorted([device["os"], device["osVersion"], sorted(session["browser"] for session in device["sessions"])] for device in me("GET", "/sessions/devices", record=False).json() if not device.get("current")))


@case("account/applications")
def _(c):
    app = c.client_id("app")
    c.quiet("PUT", f"/clients/{app}", json={**c.admin("GET", f"/clients/{app}", record=False).json(), "name": "App", "description": "about"})
    scopes = {s["name"]: s["id"] for s in c.admin("GET", "/client-scopes", record=False).json()}
    me = Account(c)
    me("GET", "/applications")
    me("GET", "/applications?name=app")
    me("GET", "/applications/app/consent")

    def consent(method, **kw):
        answer = me(method, "/applications/app/consent", record=False, **kw)
        c.note(method, [answer.status_code, [[scope["id"] == scopes["email"], scope["name"]] for scope in answer.json().get("grantedScopes", [])]])
    consent("PUT", json={"grantedScopes": [{"id": scopes["email"]}]})
    consent("GET")
    consent("POST", json={"grantedScopes": [{"id": scopes["profile"], "name": "profile"}]})
    c.note("unknown scope", me("PUT", "/applications/app/consent", json={"grantedScopes": [{"id": MISSING}]}, record=False).status_code)
    me("PUT", "/applications/none/consent", json={"grantedScopes": []})
    c.admin("GET", f"/users/{c.user_id('alice')}/consents")
    me("DELETE", "/applications/app/consent")
    me("GET", "/applications/none/consent")


@case("account/others")
def _(c):
    me = Account(c)
    me("GET", "/groups")
    me("GET", "/groups?briefRepresentation=false")
    me("GET", "/supportedLocales")
    me("GET", "/linked-accounts")
    c.quiet("POST", "/identity-provider/instances", json={"alias": "up", "displayName": "Up There", "providerId": "oidc", "enabled": True, "config": {"clientId": "x", "authorizationUrl": "http://up.test/a", "tokenUrl": "http://up.test/t"}})
    me("GET", "/linked-accounts", label="one to link")
    c.quiet("POST", f"/users/{c.user_id('alice')}/federated-identity/up", json={"identityProvider": "up", "userId": "u", "userName": "n"})
    me("GET", "/linked-accounts", label="linked")
    me("GET", "/linked-accounts?linked=true")
    me("GET", "/linked-accounts?linked=false")
    me("GET", "/linked-accounts/up?redirectUri=http://app.test/cb")
    me("DELETE", "/linked-accounts/up")
    me("DELETE", "/linked-accounts/up", label="again")
    me("DELETE", "/linked-accounts/none")
    c.quiet("PUT", "", json={"internationalizationEnabled": True, "supportedLocales": ["en", "de"], "defaultLocale": "de"})
    me("GET", "/supportedLocales", label="locales")


@case("account/roles")
def _(c):
    alice, account = c.user_id("alice"), c.client_id("account")
    roles = {r["name"]: r for r in c.admin("GET", f"/clients/{account}/roles", record=False).json()}
    realm_roles = c.admin("GET", f"/users/{alice}/role-mappings/realm", record=False).json()
    c.quiet("DELETE", f"/users/{alice}/role-mappings/realm", json=[r for r in realm_roles if r["name"].startswith("default-roles")])
    c.quiet("POST", f"/users/{alice}/role-mappings/clients/{account}", json=[roles["view-profile"]])
    me = Account(c)
    for method, path, body in (("GET", "/", None), ("POST", "/", {"username": "alice"}), ("GET", "/credentials", None), ("GET", "/sessions", None), ("GET", "/sessions/devices", None), ("DELETE", "/sessions", None), ("GET", "/applications", None),
                               ("GET", "/applications/app/consent", None), ("PUT", "/applications/app/consent", {"grantedScopes": []}), ("DELETE", "/applications/app/consent", None), ("GET", "/groups", None), ("GET", "/linked-accounts", None), ("GET", "/supportedLocales", None)):
        answer = me(method, path, json=body, record=False)
        c.note(f"{method} {path}", [answer.status_code, answer.text[:80] if answer.status_code >= 400 else ""])


def shared_server(c):
    """A resource server with things that alice and bob own: ids by name."""
    c.quiet("PUT", "", json={"userManagedAccessAllowed": True})
    c.quiet("POST", "/clients", json={"clientId": "guarded", "name": "Guarded", "baseUrl": "/g", "rootUrl": "http://g.test", "secret": "guarded", "serviceAccountsEnabled": True, "authorizationServicesEnabled": True})
    root = f"/clients/{c.client_id('guarded')}/authz/resource-server"
    for name, extra in (("read", {"displayName": "Reading"}), ("write", {"iconUri": "http://i.test/w"}), ("lone", {})):
        c.quiet("POST", root + "/scope", json={"name": name, **extra})
    owners = {name: {"id": c.user_id(name)} for name in ("alice", "bob")}
    for name, owner, extra in (("Photo A", "alice", {"displayName": "My Photo", "uris": ["/a", "/a2"], "type": "urn:photo", "icon_uri": "http://i.test/a", "attributes": {"x": ["1"]}}), ("Photo B", "alice", {}), ("Zebra", "alice", {"scopes": []}),
                               ("Unmanaged", "alice", {"ownerManagedAccess": False}), ("Bobs", "bob", {}), ("Servers", None, {})):
        c.quiet("POST", root + "/resource", json={"name": name, "ownerManagedAccess": True, "scopes": [{"name": "read"}, {"name": "write"}], **({"owner": owners[owner]} if owner else {}), **extra})
    return {r["name"]: r["_id"] for r in c.admin("GET", root + "/resource?deep=false", record=False).json()}


def request_access(c, resource, user, password, *scopes):
    """A user is turned away, and asks the owner."""
    server = c.token(client="guarded", secret="guarded", grant_type="client_credentials").json()["access_token"]
    ticket = c.send("POST", "/realms/{realm}/authz/protection/permission", json=[{"resource_id": resource, "resource_scopes": list(scopes)}], headers={"Authorization": "Bearer " + server}, record=False).json()["ticket"]
    token = c.password(user, password)["access_token"]
    form = {"grant_type": "urn:ietf:params:oauth:grant-type:uma-ticket", "ticket": ticket, "submit_request": "true"}
    c.note("asked", c.send("POST", "token", data=form, headers={"Authorization": "Bearer " + token}, record=False).status_code)


@case("account/resources")
def _(c):
    ids = shared_server(c)
    me = Account(c)
    for query in ("?first=0&max=1", "?first=1&max=2", "?first=2&max=9", "?first=9&max=1", "?max=1", "?name=photo", "?name=%25", "?first=x", "?first=0&max=2147483648", "?name=photo&first=0&max=1"):
        answer = me("GET", "/resources" + query, record=False)
        names = [resource["name"] for resource in answer.json()] if answer.status_code == 200 else answer.json()
        c.note(query, [answer.status_code, "/".join(names) if isinstance(names, list) else names, answer.headers.get("link")])
    me("GET", "/resources")
    me("GET", "/v1alpha1/resources/shared-with-me")
    for name in ("Photo A", "Bobs", "Servers"):
        me("GET", f"/resources/{ids[name]}", label=name)
    me("GET", f"/resources/{MISSING}")
    me("GET", f"/resources/{ids['Bobs']}/permissions", label="permissions of another's")
    me("GET", f"/resources/{MISSING}/permissions")
    me("PUT", f"/resources/{ids['Bobs']}/permissions", json=[{"username": "bob", "scopes": ["read"]}], label="share another's")
    me("GET", "/resources", label="from elsewhere", headers={"Origin": "http://app.test"})
    me("GET", "/resources", label="from another origin", headers={"Origin": "http://evil.test"})
    c.send("GET", "/realms/{realm}/account/resources", headers={"Accept": "application/json"}, label="a stranger")
    c.quiet("PUT", "", json={"userManagedAccessAllowed": False})
    me("GET", "/resources", label="off")
    me("PUT", f"/resources/{ids['Photo A']}/permissions", json=[], label="off: share")


@case("account/sharing")
def _(c):
    ids = shared_server(c)
    me, bob = Account(c), Account(c, "bob", "canwefixit")
    first = f"/resources/{ids['Photo A']}/permissions"
    request_access(c, ids["Photo A"], "bob", "canwefixit", "read")
    request_access(c, ids["Photo A"], "bob", "canwefixit", "write")
    me("GET", first + "/requests", label="requests")
    bob("GET", "/resources/pending-requests")
    for name, user in (("Photo A", "bob"), ("Photo A", "BOB@example.test"), ("Photo A", "alice"), ("Photo A", "none"), ("Photo A", ""), ("Photo A", "carol"), ("Photo B", "bob"), ("Bobs", "bob")):
        me("GET", f"/resources/{ids[name]}/user?value={user}", label=f"whether {user} is there, of {name}")
    for body in ([{"username": "bob", "scopes": ["read"]}], [{"username": "bob@example.test", "scopes": ["lone", "write"]}, {"username": "carol", "email": "x", "scopes": ["write"]}], [{"username": "bob", "scopes": ["read"]}, {"username": "none", "scopes": ["read"]}],
                 [{"scopes": ["read"]}], [{"username": "bob", "scopes": ["read"], "extra": 1}], [{"username": "bob", "scopes": "read"}], [], {}, None, [1]):
        me("PUT", first, json=body, label="share " + str(body))
    me("PUT", first, data="{", headers={"Content-Type": "application/json"}, label="share no JSON")
    me("PUT", first, data="[]", headers={"Content-Type": "text/plain"}, label="share a text")
    me("GET", first, label="shared")
    me("GET", first + "/requests", label="requests left")
    c.send("POST", "token", data={"grant_type": "urn:ietf:params:oauth:grant-type:uma-ticket", "audience": "guarded", "response_mode": "permissions"}, headers={"Authorization": bob.head["Authorization"]}, label="what bob may")
    me("PUT", f"/resources/{ids['Zebra']}/permissions", json=[{"username": "bob", "scopes": ["read"]}], label="share what has no scopes")
    me("GET", "/resources/shared-with-others")
    me("GET", "/resources/shared-with-others?first=0&max=1", label="a page", record=False)
    bob("GET", "/resources/shared-with-me")
    bob("GET", "/resources/shared-with-me?name=zeb")
    bob("GET", "/resources/pending-requests", label="pending no more")
    bob("GET", f"/resources/{ids['Photo A']}", label="what is shared is not theirs")
    me("PUT", first, json=[{"username": "bob", "scopes": []}], label="share nothing")
    bob("GET", "/resources/shared-with-me", label="taken back")
    c.quiet("DELETE", f"/users/{c.user_id('carol')}")
    me("GET", "/resources/shared-with-others", label="carol has gone")


@case("account/credential-types")
def _(c):
    """Of every kind, in a realm whose flows ask for it."""
    me, alice = Account(c), c.user_id("alice")
    def one(type, data, secret, **more):
        return {"type": type, "createdDate": int(time.time() * 1000), "credentialData": json.dumps(data), "secretData": json.dumps(secret), **more}
    key = {"aaguid": MISSING, "credentialId": "AAAA", "counter": 0, "attestationStatementFormat": "none", "transports": ["usb", "nfc"], "credentialPublicKey": "AAAA"}
    codes = {"hashIterations": 1, "algorithm": "RS512", "totalCodes": 12}
    rep = c.admin("GET", f"/users/{alice}", record=False).json()
    c.quiet("PUT", f"/users/{alice}", json={**rep, "credentials": [
        one("otp", {"subType": "totp", "digits": 6, "period": 30, "algorithm": "HmacSHA1"}, {"value": "S" * 20}, userLabel="phone"), one("webauthn", key, {}, userLabel="key"), one("webauthn-passwordless", {**key, "transports": []}, {}, userLabel="passkey"),
        one("recovery-authn-codes", {**codes, "remainingCodes": 3}, {"codes": []}, userLabel="few")]})
    me("GET", "/credentials", label="in the usual flows")
    c.quiet("POST", "/authentication/flows/browser/copy", json={"newName": "mine"})
    for provider in ("webauthn-authenticator", "auth-recovery-authn-code-form", "webauthn-authenticator-passwordless"):
        c.quiet("POST", "/authentication/flows/mine%20forms/executions/execution", json={"provider": provider})
    def require(requirement, *ids):
        for execution in c.admin("GET", "/authentication/flows/mine/executions", record=False).json():
            if execution.get("providerId", execution["displayName"]) in ids:
                c.quiet("PUT", "/authentication/flows/mine/executions", json={**execution, "requirement": requirement})
    def types():
        return "/".join(container["type"] for container in me("GET", "/credentials?user-credentials=false", record=False).json())
    require("ALTERNATIVE", "webauthn-authenticator", "auth-recovery-authn-code-form", "webauthn-authenticator-passwordless")
    me("GET", "/credentials", label="in a flow of all")
    require("DISABLED", "mine forms")
    c.note("the flow that has them is off", types())
    c.quiet("PUT", "", json={**c.admin("GET", "", record=False).json(), "webAuthnPolicyPasswordlessPasskeysEnabled": True})
    c.note("passkeys on the login page", types())
    actions = {action["alias"]: action for action in c.admin("GET", "/authentication/required-actions", record=False).json()}
    for alias in ("CONFIGURE_TOTP", "UPDATE_PASSWORD"):
        c.quiet("PUT", f"/authentication/required-actions/{alias}", json={**actions[alias], "enabled": False})
    me("GET", "/credentials?user-credentials=false", label="no actions")
    mine = [credential["id"] for credential in c.admin("GET", f"/users/{alice}/credentials", record=False).json() if credential["type"] == "otp"][0]
    for body, kind in (('"new"', "application/json"), ("new", "text/plain"), ("new", "application/json"), ("", "application/json"), ("1", "application/json"), ('{"a":1}', "application/json"), ("null", "application/json")):
        me("PUT", f"/credentials/{mine}/label", data=body, headers={"Content-Type": kind}, label=f"label {body} {kind}")
        c.note("is", [credential.get("userLabel") for credential in c.admin("GET", f"/users/{alice}/credentials", record=False).json() if credential["id"] == mine])


@case("account/applications-shown")
def _(c):
    def change(client, **fields):
        c.quiet("PUT", f"/clients/{c.client_id(client)}", json={**c.admin("GET", f"/clients/{c.client_id(client)}", record=False).json(), **fields})
    change("app", name="${client_account}", consentRequired=True, rootUrl="http://r.test", baseUrl="/b")
    change("spa", alwaysDisplayInConsole=True, baseUrl="http://spa.test/x", rootUrl="${authBaseUrl}")
    for name, fields in (("shown", {}), ("disabled", {"enabled": False}), ("bearer", {"bearerOnly": True}), ("relative", {"baseUrl": "/r", "name": "Shown App"}), ("cli", {"directAccessGrantsEnabled": True, "alwaysDisplayInConsole": False, "secret": "s"})):
        c.quiet("POST", "/clients", json={"clientId": name, "alwaysDisplayInConsole": True, **fields})
    scopes = {scope["name"]: scope["id"] for scope in c.admin("GET", "/client-scopes", record=False).json()}
    me = Account(c, client="cli", secret="s")
    me("GET", "/applications")
    for name in ("app", "CLIENT_account", "shown", "none", ""):
        c.note("?name=" + name, sorted(client["clientId"] for client in me("GET", "/applications?name=" + name, record=False).json()))
    granted = [{"id": scopes["email"], "name": "x", "displayText": "y"}, {"id": scopes["microprofile-jwt"]}]
    for body in ({"grantedScopes": granted, "createdDate": 1}, {"grantedScopes": [], "x": 1}, {"grantedScopes": [{"id": scopes["email"], "z": 1}]}, [], None):
        me("PUT", "/applications/app/consent", json=body, label="consent " + str(body and list(body)))
    me("GET", "/applications/app/consent")
    me("DELETE", "/applications/cli/consent", label="nothing to take back: the session stays")
    c.token(client="cli", secret="s", grant_type="password", username="alice", password="wonderland", scope="openid offline_access")
    me("DELETE", "/applications/cli/consent", label="offline access taken back: the session stays")
    me("GET", "/applications", label="in the end")
    me("PUT", "/applications/cli/consent", json={"grantedScopes": []}, label="consent to this one")
    me("DELETE", "/applications/cli/consent", label="taken back: so is the session")
    me("GET", "/applications", label="none any more")


@case("account/links")
def _(c):
    me, alice = Account(c), c.user_id("alice")
    for alias, provider, fields, config in (("zz", "oidc", {"displayName": "Beta"}, {}), ("mm", "google", {}, {"guiOrder": "5"}), ("bb", "oidc", {"displayName": "Alpha"}, {"guiOrder": "1"}), ("cc", "github", {"displayName": ""}, {"guiOrder": "10"}), ("off", "oidc", {"enabled": False}, {}),
                                            ("never", "oidc", {}, {"showInAccountConsole": "NEVER"}), ("when", "oidc", {}, {"showInAccountConsole": "WHEN_LINKED"}), ("only", "oidc", {"linkOnly": True}, {})):
        c.quiet("POST", "/identity-provider/instances", json={"alias": alias, "providerId": provider, "enabled": True, **fields, "config": {"clientId": "x", "clientSecret": "y", "authorizationUrl": "http://up.test/a", "tokenUrl": "http://up.test/t", **config}})
    def asked(*queries):
        for query in queries:
            answer = me("GET", "/linked-accounts" + query, record=False)
            c.note(query, [answer.status_code, "/".join(link["providerAlias"] for link in answer.json()) if answer.status_code == 200 else answer.json()])
    asked("?linked=false", "?linked=x", "?linked=", "?search=al", "?first=0&max=1", "?linked=false&first=1&max=2", "?linked=false&max=0", "?linked=false&first=9", "?linked=false&first=-1&max=-1", "?linked=false&search=al", "?linked=false&search=*l*", "?linked=false&search=\"zz\"", "?first=x", "?max=2147483648")
    me("GET", "/linked-accounts")
    for alias in ("bb", "cc", "when", "never"):
        c.quiet("POST", f"/users/{alice}/federated-identity/{alias}", json={"identityProvider": alias, "userId": "u-" + alias, "userName": "n-" + alias})
    asked("?linked=true", "?linked=TRUE", "?linked=false", "?linked=true&search=b", "?linked=true&search=al", "?linked=true&first=0&max=1", "?linked=true&first=1&max=1")
    c.quiet("PUT", "", json={"internationalizationEnabled": True, "supportedLocales": ["en", "de"], "defaultLocale": "en"})
    me("DELETE", "/linked-accounts/mm")
    c.note("in German", me("DELETE", "/linked-accounts/mm", headers={"Accept-Language": "de"}, record=False).json()["errorMessage"] != "This identity is not active anymore.")


@case("account/languages")
def _(c):
    """The realm has several: users have theirs."""
    me, alice = Account(c), c.user_id("alice")
    rep = {**{name: value for name, value in me("GET", "/", record=False).json().items() if name in ("username", "email", "firstName", "lastName")}}
    me("POST", "/", json={**rep, "attributes": {"locale": ["de"]}}, label="one language")
    me("GET", "/?userProfileMetadata=false", label="is none")
    c.quiet("PUT", "", json={"internationalizationEnabled": True, "supportedLocales": ["en", "de"], "defaultLocale": "en", "editUsernameAllowed": True, "registrationAllowed": True})
    me("POST", "/", json={**rep, "attributes": {"locale": ["de"], "other": ["x"]}}, label="two")
    me("GET", "/", label="is German")
    c.admin("GET", f"/users/{alice}?userProfileMetadata=true")
    c.admin("GET", "/users/profile", label="the profile does not name it")
    for body in ({**rep, "username": ""}, {**rep, "firstName": "x" * 300}, {**rep, "requiredActions": []}, {**rep, "userProfileMetadata": None, "id": MISSING, "attributes": {}}):
        me("POST", "/", json=body, label="post " + str(sorted(body)))
    me("GET", "/?userProfileMetadata=", label="is none any more")
    me("POST", "/", data="{}", headers={"Content-Type": "text/plain"}, label="a text")


@case("account/addresses")
def _(c):
    me = Account(c)
    c.quiet("PUT", "", json={"organizationsEnabled": True})
    for path in ("/v1", "/v1/sessions", "/v1alpha1/groups", "/v1alpha1/nothing", "/nothing", "/verifiable-credentials", "/organizations"):
        me("GET", path)
    for name, fields in (("acme", {"attributes": {"a": ["1"]}, "description": "d", "redirectUrl": "http://x.test/"}), ("zoo", {"enabled": False})):
        c.quiet("POST", "/organizations", json={"name": name, "alias": name + "-a", "enabled": True, "domains": [{"name": name + ".test", "verified": True}], **fields})
    for organization in c.admin("GET", "/organizations", record=False).json():
        c.quiet("POST", f"/organizations/{organization['id']}/members", json=c.user_id("alice"))
    me("GET", "/organizations?first=0&max=1", label="member of two")
    c.quiet("PUT", "", json={"organizationsEnabled": False})
    me("GET", "/organizations", label="no organizations")
    c.send("GET", "/realms/{realm}/account/nothing", headers={"Accept": "application/json"}, label="a stranger")
    for path in ("/applications", "/account-security/signing-in"):
        answer = c.send("GET", "/realms/{realm}/account" + path, headers={"Accept": "text/html"}, record=False)
        c.note("page " + path, [answer.status_code, "<title>Account Management" in answer.text])
    c.send("OPTIONS", "/realms/{realm}/account/nothing", headers={"Origin": "http://app.test", "Access-Control-Request-Method": "PUT"}, label="preflight")
    account = c.client_id("account")
    c.quiet("PUT", f"/clients/{account}", json={**c.admin("GET", f"/clients/{account}", record=False).json(), "enabled": False})
    me("GET", "/sessions", label="the client account is off")
