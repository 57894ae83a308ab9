#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""What Terraform's provider for Keycloak asks of the admin REST API: the requests of its main resources (create, read, update, import, delete), with the paths,
queries and members that it sends, and what it depends on: a Location whose last segment is the id; an answer that holds what was written, or the next plan shows a
drift; 404 for what was deleted; what is left out of an update is gone where Keycloak takes it away. Each expectation holds on the real Keycloak too."""
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "api"))
from latchkey import Browser, Server, Tap  # noqa: E402

tap, server = Tap(), Server(realms=())
ZERO = (None, "", False, 0, [], {})


class Provider:
    """The provider's HTTP client: one token, JSON bodies, a body of "null" for none."""

    def __init__(self):
        form = {"grant_type": "password", "client_id": "admin-cli", "username": "admin", "password": "admin"}
        self.token = Browser().request("POST", server.base + "/realms/master/protocol/openid-connect/token", form).json()["access_token"]

    def call(self, method, path, body=None, expected=None):
        head = {"Authorization": "Bearer " + self.token, "Accept": "application/json", "Content-Type": "application/json"}
        answer = Browser().request(method, server.base + "/admin" + path, headers=head, body=json.dumps(body) if method in ("POST", "PUT") else None)
        if expected is not None and answer.status != expected:
            tap.ok(False, f"{method} {path}", f"{answer.status}, expected {expected}: {answer.text[:400]}")
        return answer

    def get(self, path):
        return self.call("GET", path, expected=200).json()

    def create(self, path, body):
        return self.call("POST", path, body, 201).headers["location"].rsplit("/", 1)[1]


def drift(wanted, got, path=""):
    """What the next plan would show: members that are not as written. Go's zero values stand for what is missing."""
    if isinstance(wanted, dict) and isinstance(got, dict):
        return [line for name, value in wanted.items() for line in drift(value, got.get(name), f"{path}.{name}")]
    if isinstance(wanted, list) and isinstance(got, list) and all(isinstance(one, str) for one in wanted + got):
        wanted, got = sorted(wanted), sorted(got)
    return [] if wanted == got or (wanted in ZERO and got in ZERO) else [f"{path}: wrote {wanted!r}, read {got!r}"]


def resource(provider, name, collection, body, change, gone=404, secret=(), item=None):
    """The life of one: created, read, changed, read, deleted, gone. `secret`: members that are not shown."""
    item = item or collection
    one = f"{item}/{provider.create(collection, body)}"
    shown = {key: value for key, value in body.items() if key not in secret}
    tap.is_(drift(shown, provider.get(one)), [], f"{name}: read as written")
    key = {key: value for key, value in provider.get(one).items() if key in ("id", "internalId")}
    provider.call("PUT", one, {**key, **body, **change}, 204)
    tap.is_(drift({**shown, **change}, provider.get(one)), [], f"{name}: read as changed")
    provider.call("DELETE", one, expected=204)
    tap.is_(provider.call("GET", one).status, gone, f"{name}: gone")


def realm(provider):
    body = {"id": "tf", "realm": "tf", "enabled": True, "displayName": "TF", "displayNameHtml": "<b>TF</b>", "registrationAllowed": True, "rememberMe": True, "loginWithEmailAllowed": False,
            "sslRequired": "none", "accessTokenLifespan": 600, "ssoSessionIdleTimeout": 3600, "passwordPolicy": "length(8)", "internationalizationEnabled": True, "supportedLocales": ["en", "de"],
            "defaultLocale": "de", "smtpServer": {"host": "mail.test", "port": "25", "from": "a@b.test", "ssl": "false", "starttls": "false"}, "attributes": {"a": "b"}, "webAuthnPolicySignatureAlgorithms": ["ES256"],
            "browserSecurityHeaders": {"xFrameOptions": "DENY", "contentSecurityPolicy": "frame-src 'self'"}, "otpPolicyType": "totp", "otpPolicyAlgorithm": "HmacSHA256", "otpPolicyDigits": 8, "otpPolicyPeriod": 30, "otpPolicyLookAheadWindow": 1, "otpPolicyInitialCounter": 0, "bruteForceProtected": True, "failureFactor": 5, "organizationsEnabled": True}
    answer = provider.call("POST", "/realms", body, 201)
    tap.ok(answer.headers["location"].endswith("/admin/realms/tf"), "realm: Location", answer.headers["location"])
    tap.is_(drift(body, provider.get("/realms/tf")), [], "realm: read as written")
    change = {"displayName": "TF 2", "accessTokenLifespan": 300, "supportedLocales": ["en"], "defaultLocale": "en", "passwordPolicy": "", "rememberMe": False, "smtpServer": {}}
    provider.call("PUT", "/realms/tf", {**body, **change}, 204)
    tap.is_(drift({**body, **change}, provider.get("/realms/tf")), [], "realm: read as changed")
    provider.call("PUT", "/realms/tf", {**provider.get("/realms/tf")}, 204)
    tap.is_(drift({**body, **change}, provider.get("/realms/tf")), [], "realm: its own answer written back changes nothing")
    for name, status in (("", 400), ("a/b", 400), ("master", 409)):
        tap.is_(provider.call("PUT", "/realms/tf", {"realm": name}).status, status, f"realm: not renamed to {name!r}")
    tap.is_(provider.get("/realms/tf")["realm"], "tf", "realm: keeps its name")
    events = {"eventsEnabled": True, "eventsExpiration": 3600, "eventsListeners": ["jboss-logging"], "enabledEventTypes": ["LOGIN", "LOGOUT"], "adminEventsEnabled": True, "adminEventsDetailsEnabled": True}
    provider.call("PUT", "/realms/tf/events/config", events, 204)
    tap.is_(drift(events, provider.get("/realms/tf/events/config")), [], "realm events: read as written")
    profile = {"attributes": [{"name": "username", "displayName": "Name"}, {"name": "email"}, {"name": "team", "group": "work", "permissions": {"view": ["admin", "user"], "edit": ["admin"]},
                                                                                               "validations": {"length": {"min": 2, "max": 9}}, "annotations": {"inputType": "text"}}],
               "groups": [{"name": "work", "displayHeader": "Work"}], "unmanagedAttributePolicy": "ENABLED"}
    provider.call("PUT", "/realms/tf/users/profile", profile, 200)
    got = provider.get("/realms/tf/users/profile")
    tap.is_([drift(wanted, read) for wanted, read in zip(profile["attributes"], got["attributes"])], [[], [], []], "user profile: read as written, in its order")
    provider.call("PUT", "/realms/tf/client-policies/profiles", {"profiles": [{"name": "strict", "description": "d", "executors": [{"executor": "pkce-enforcer", "configuration": {"auto-configure": True}}]}]}, 204)
    tap.is_(provider.get("/realms/tf/client-policies/profiles?include-global-profiles=false")["profiles"][0]["name"], "strict", "client profile: read as written")
    policy = {"name": "all", "description": "d", "enabled": True, "conditions": [{"condition": "any-client", "configuration": {}}], "profiles": ["strict"]}
    provider.call("PUT", "/realms/tf/client-policies/policies", {"policies": [policy]}, 204)
    tap.is_(drift(policy, provider.get("/realms/tf/client-policies/policies")["policies"][0]), [], "client policy: read as written")
    tap.is_(provider.call("PUT", "/realms/tf/client-policies/policies", {"policies": [{**policy, "profiles": ["none"]}]}).status, 400, "client policy: a profile that is not there")
    provider.call("PUT", "/realms/tf/client-policies/policies", {"policies": []}, 204)


CLIENT = {"clientId": "web", "name": "Web", "protocol": "openid-connect", "clientAuthenticatorType": "client-secret", "enabled": True, "description": "", "publicClient": False, "bearerOnly": False,
          "standardFlowEnabled": True, "implicitFlowEnabled": False, "directAccessGrantsEnabled": False, "serviceAccountsEnabled": True, "frontchannelLogout": False, "authorizationServicesEnabled": False,
          "redirectUris": ["https://app.test/*"], "webOrigins": ["+"], "adminUrl": "", "baseUrl": "/home", "rootUrl": "https://app.test", "fullScopeAllowed": False, "consentRequired": False,
          "attributes": {"pkce.code.challenge.method": "S256", "access.token.lifespan": "", "login_theme": "", "use.refresh.tokens": "true", "client_credentials.use_refresh_token": "false",
                         "backchannel.logout.url": "", "backchannel.logout.session.required": "true", "backchannel.logout.revoke.offline.tokens": "false",
                         "post.logout.redirect.uris": "https://app.test/bye##+", "oauth2.device.authorization.grant.enabled": "false", "display.on.consent.screen": "false"},
          "authenticationFlowBindingOverrides": {"browser": "", "direct_grant": ""}, "alwaysDisplayInConsole": False}


def clients(provider):
    path = "/realms/tf/clients"
    resource(provider, "client", path, CLIENT, {"name": "Web 2", "redirectUris": ["https://two.test/*"], "consentRequired": True, "baseUrl": "", "attributes": {**CLIENT["attributes"], "pkce.code.challenge.method": ""}})
    resource(provider, "public client", path, {**CLIENT, "publicClient": True, "serviceAccountsEnabled": False}, {"standardFlowEnabled": False, "directAccessGrantsEnabled": True})
    made = provider.get(f"{path}/{provider.create(path, {'clientId': 'short', 'protocol': 'openid-connect', 'rootUrl': 'https://short.test'})}")
    tap.is_(drift({"publicClient": True, "directAccessGrantsEnabled": True, "redirectUris": ["https://short.test/*"], "webOrigins": ["https://short.test"], "adminUrl": "https://short.test",
                   "attributes": {"backchannel.logout.session.required": "true", "backchannel.logout.revoke.offline.tokens": "false"}}, made), [], "client: defaults where it says its protocol alone")
    one = provider.create(path, CLIENT)
    tap.is_(provider.call("POST", path, CLIENT).json(), {"errorMessage": "Client web already exists"}, "client: a taken name")
    tap.is_([client["id"] for client in provider.get(f"{path}?clientId=web")], [one], "client: imported by its name")
    tap.is_(provider.get(f"{path}/{one}/client-secret")["type"], "secret", "client: its secret")
    tap.is_(provider.call("GET", f"{path}/{made['id']}/client-secret").status, 200, "client: a public one is asked for its secret too")
    user = provider.get(f"{path}/{one}/service-account-user")
    tap.is_(user["username"], "service-account-web", "client: its service account")
    role = provider.get(f"/realms/tf/clients/{one}/roles/{provider.create(f'{path}/{one}/roles', {'name': 'reader', 'description': 'd', 'clientRole': True, 'containerId': one, 'attributes': {'a': ['b']}})}")
    tap.is_(drift({"name": "reader", "description": "d", "clientRole": True, "containerId": one, "attributes": {"a": ["b"]}}, role), [], "client role: read as written")
    provider.call("POST", f"/realms/tf/users/{user['id']}/role-mappings/clients/{one}", [role], 204)
    tap.is_([held["name"] for held in provider.get(f"/realms/tf/users/{user['id']}/role-mappings/clients/{one}")], ["reader"], "service account role")
    provider.call("PUT", f"/realms/tf/roles-by-id/{role['id']}", {**role, "description": "e", "attributes": {}}, 204)
    tap.is_(provider.get(f"/realms/tf/roles-by-id/{role['id']}")["description"], "e", "client role: changed by its id")

    scopes = "/realms/tf/client-scopes"
    resource(provider, "client scope", scopes, {"name": "extra", "description": "", "protocol": "openid-connect", "attributes": {"display.on.consent.screen": "false", "consent.screen.text": "", "include.in.token.scope": "true", "gui.order": ""}},
             {"description": "d", "attributes": {"display.on.consent.screen": "true", "consent.screen.text": "Text", "include.in.token.scope": "false", "gui.order": "1"}})
    scope = provider.create(scopes, {"name": "kept", "protocol": "openid-connect"})
    tap.is_(provider.get(f"{scopes}/{scope}").get("attributes"), {}, "client scope: attributes are there where there are none")
    provider.call("PUT", f"{path}/{one}/default-client-scopes/{scope}", expected=204)
    tap.ok("kept" in [found["name"] for found in provider.get(f"{path}/{one}/default-client-scopes")], "client's default scopes")
    provider.call("DELETE", f"{path}/{one}/default-client-scopes/{scope}", expected=204)
    provider.call("PUT", f"/realms/tf/default-default-client-scopes/{scope}", expected=204)
    tap.ok("kept" in [found["name"] for found in provider.get("/realms/tf/default-default-client-scopes")], "realm's default scopes")
    for holder in (f"{path}/{one}", f"{scopes}/{scope}"):
        mapper = {"name": "team", "protocol": "openid-connect", "protocolMapper": "oidc-usermodel-attribute-mapper",
                  "config": {"user.attribute": "team", "claim.name": "team", "jsonType.label": "String", "id.token.claim": "true", "access.token.claim": "true", "userinfo.token.claim": "false", "multivalued": "false"}}
        resource(provider, "protocol mapper", f"{holder}/protocol-mappers/models", mapper, {"config": {**mapper["config"], "claim.name": "crew"}})
    provider.call("DELETE", f"{scopes}/{scope}", expected=204)


def people(provider):
    resource(provider, "role", "/realms/tf/roles", {"name": "admin", "description": "d", "attributes": {"a": ["b"]}}, {"description": "e"})
    made = {name: provider.get("/realms/tf/roles/" + provider.create("/realms/tf/roles", {"name": name})) for name in ("all", "part")}
    provider.call("POST", f"/realms/tf/roles-by-id/{made['all']['id']}/composites", [made["part"]], 204)
    tap.is_([role["name"] for role in provider.get(f"/realms/tf/roles-by-id/{made['all']['id']}/composites")], ["part"], "composite role")
    resource(provider, "group", "/realms/tf/groups", {"name": "crew", "description": "d", "attributes": {"a": ["b"]}}, {"name": "crew two", "description": "", "attributes": {"a": ["b", "c"]}})
    group = provider.create("/realms/tf/groups", {"name": "top"})
    tap.is_(provider.call("PUT", f"/realms/tf/groups/{group}", {"id": "another", "name": "top"}).status, 400, "group: the id of another one")
    child = provider.create(f"/realms/tf/groups/{group}/children", {"name": "sub"})
    tap.is_(drift({"name": "sub", "path": "/top/sub", "parentId": group}, provider.get(f"/realms/tf/groups/{child}")), [], "group: below another one")
    tap.is_(provider.get("/realms/tf/group-by-path/top/sub")["id"], child, "group: imported by its path")
    provider.call("POST", f"/realms/tf/groups/{group}/role-mappings/realm", [made["all"]], 204)
    tap.is_([role["name"] for role in provider.get(f"/realms/tf/groups/{group}/role-mappings")["realmMappings"]], ["all"], "group roles")
    provider.call("PUT", f"/realms/tf/default-groups/{group}", expected=204)
    tap.is_([one["path"] for one in provider.get("/realms/tf/default-groups")], ["/top"], "default groups")
    body = {"username": "ann", "email": "ann@a.test", "firstName": "", "lastName": "", "enabled": True, "emailVerified": True, "attributes": {"team": ["red"], "free": ["x"]}, "federatedIdentities": []}
    resource(provider, "user", "/realms/tf/users", body, {"email": "ann2@a.test", "enabled": False, "attributes": {"team": ["blue"]}})
    user = provider.create("/realms/tf/users", body)
    tap.ok("free" not in provider.get(f"/realms/tf/users/{user}")["attributes"] or provider.get(f"/realms/tf/users/{user}")["attributes"]["free"] == ["x"], "user: attributes")
    provider.call("PUT", f"/realms/tf/users/{user}/reset-password", {"type": "password", "value": "long enough", "temporary": False}, 204)
    tap.is_([one["id"] for one in provider.get("/realms/tf/users?username=ann&exact=true")], [user], "user: found by name")
    provider.call("PUT", f"/realms/tf/users/{user}/groups/{child}", expected=204)
    tap.is_(sorted(one["path"] for one in provider.get(f"/realms/tf/users/{user}/groups")), ["/top", "/top/sub"], "user's groups")
    tap.is_([one["username"] for one in provider.get(f"/realms/tf/groups/{child}/members?max=-1")], ["ann"], "group's members")


def providers(provider):
    path = "/realms/tf/identity-provider/instances"
    body = {"alias": "up", "displayName": "Up", "providerId": "oidc", "enabled": True, "storeToken": True, "addReadTokenRoleOnCreate": False, "trustEmail": True, "linkOnly": False, "hideOnLogin": True,
            "authenticateByDefault": False, "firstBrokerLoginFlowAlias": "first broker login", "postBrokerLoginFlowAlias": "",
            "config": {"clientId": "c", "clientSecret": "s", "authorizationUrl": "https://up.test/a", "tokenUrl": "https://up.test/t", "syncMode": "FORCE", "defaultScope": "openid", "guiOrder": ""}}
    shown = {**body, "config": {**body["config"], "clientSecret": "**********"}}
    answer = provider.call("POST", path, body, 201)
    tap.ok(answer.headers["location"].endswith("/instances/up"), "identity provider: Location", answer.headers["location"])
    got = provider.get(f"{path}/up")
    tap.is_(drift(shown, got), [], "identity provider: read as written")
    tap.ok("postBrokerLoginFlowAlias" not in got and "guiOrder" not in got["config"], "identity provider: what is empty is not there", got)
    less = {key: body[key] for key in ("alias", "providerId")}
    provider.call("PUT", f"{path}/up", {**less, "internalId": got["internalId"], "config": {"clientId": "d", "clientSecret": "**********"}}, 204)
    got = provider.get(f"{path}/up")
    tap.is_(drift({"enabled": True, "storeToken": False, "trustEmail": False, "hideOnLogin": False, "displayName": "", "firstBrokerLoginFlowAlias": "", "config": {"clientId": "d", "tokenUrl": "", "syncMode": "", "clientSecret": "**********"}}, got),
            [], "identity provider: what an update leaves out is gone")
    mapper = {"name": "m", "identityProviderAlias": "up", "identityProviderMapper": "hardcoded-attribute-idp-mapper", "config": {"attribute": "a", "attribute.value": "b", "syncMode": "INHERIT"}}
    resource(provider, "identity provider mapper", f"{path}/up/mappers", mapper, {"config": {"attribute": "a", "attribute.value": "c"}})
    tap.is_(provider.call("POST", f"{path}/up/mappers", {"name": "n"}).status, 409, "identity provider mapper: without a type")
    provider.call("DELETE", f"{path}/up", expected=204)
    tap.is_(provider.call("GET", f"{path}/up").status, 404, "identity provider: gone")
    realm_id = provider.get("/realms/tf")["id"]
    resource(provider, "key", "/realms/tf/components", {"name": "k", "parentId": realm_id, "providerId": "aes-generated", "providerType": "org.keycloak.keys.KeyProvider",
                                                        "config": {"active": ["true"], "enabled": ["true"], "priority": ["-5"], "secretSize": ["16"]}}, {"name": "k2"})
    resource(provider, "organization", "/realms/tf/organizations", {"name": "org", "alias": "org", "enabled": True, "description": "d", "redirectUrl": "https://org.test", "domains": [{"name": "org.test", "verified": True}], "attributes": {"a": ["b"]}},
             {"description": "e", "redirectUrl": ""})


def flows(provider):
    path = "/realms/tf/authentication/flows"
    resource(provider, "flow", path, {"alias": "mine", "description": "", "providerId": "basic-flow", "topLevel": True, "builtIn": False}, {"alias": "mine two", "description": "d"})
    one = provider.create(path, {"alias": "mine", "description": "", "providerId": "basic-flow", "topLevel": True, "builtIn": False})
    execution = provider.create(f"{path}/mine/executions/execution", {"provider": "auth-cookie", "priority": 7})
    provider.call("PUT", f"{path}/mine/executions", {"id": execution, "requirement": "ALTERNATIVE", "priority": 7}, 204)
    got = provider.get(f"/realms/tf/authentication/executions/{execution}")
    tap.is_(drift({"authenticator": "auth-cookie", "requirement": "ALTERNATIVE", "parentFlow": one, "priority": 7, "authenticationFlow": False}, got), [], "execution: read as written")
    second = provider.create(f"{path}/mine/executions/execution", {"provider": "identity-provider-redirector"})
    config = provider.create(f"/realms/tf/authentication/executions/{second}/config", {"alias": "cfg", "config": {"defaultProvider": "up"}})
    read = f"/realms/tf/authentication/config/{config}"
    tap.is_(drift({"alias": "cfg", "config": {"defaultProvider": "up"}}, provider.get(read)), [], "execution config: read as written")
    provider.call("PUT", read, {"id": config, "alias": "cfg", "config": {"defaultProvider": "down"}}, 204)
    tap.is_(provider.get(read)["config"], {"defaultProvider": "down"}, "execution config: read as changed")
    sub = provider.create(f"{path}/mine/executions/flow", {"alias": "sub", "type": "basic-flow", "provider": "basic-flow", "description": ""})
    listed = provider.get(f"{path}/mine/executions")
    tap.ok(any(row.get("flowId") == sub and row["displayName"] == "sub" for row in listed), "subflow: among the executions", listed)
    tap.is_(drift({"alias": "sub", "topLevel": False}, provider.get(f"{path}/{sub}")), [], "subflow: read as written")
    provider.call("PUT", "/realms/tf", {"browserFlow": "mine"}, 204)
    tap.is_(provider.get("/realms/tf")["browserFlow"], "mine", "flow bindings")
    provider.call("PUT", "/realms/tf", {"browserFlow": "browser"}, 204)
    for gone in (f"/realms/tf/authentication/executions/{execution}", f"{path}/{one}"):
        provider.call("DELETE", gone, expected=204)
        tap.is_(provider.call("GET", gone).status, 404, "flow: gone")
    action = provider.get("/realms/tf/authentication/required-actions/UPDATE_PASSWORD")
    changed = {**action, "enabled": False, "defaultAction": True, "priority": 77}
    provider.call("PUT", "/realms/tf/authentication/required-actions/UPDATE_PASSWORD", changed, 204)
    tap.is_(drift(changed, provider.get("/realms/tf/authentication/required-actions/UPDATE_PASSWORD")), [], "required action: read as changed")


def run():
    provider = Provider()
    try:
        for part in (realm, clients, people, providers, flows):
            part(provider)
    finally:
        provider.call("DELETE", "/realms/tf", expected=204)
    tap.is_(provider.call("GET", "/realms/tf").status, 404, "realm: gone")


try:
    run()
finally:
    server.stop()
tap.done()
