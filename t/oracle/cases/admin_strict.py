# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""What strict clients of the admin REST API stumble over: defaults that the server fills in, what an update takes away, values of other types, names that are taken."""
from engine import case

CONFIG = {"clientId": "c", "clientSecret": "s", "authorizationUrl": "https://up.test/a", "tokenUrl": "https://up.test/t"}
MAPPER = {"name": "m", "protocol": "openid-connect", "protocolMapper": "oidc-full-name-mapper", "config": {"id.token.claim": "true"}}


def refused(c, path, body):
    """Of answers whose headers differ: status and body."""
    answer = c.admin("POST", path, json=body, record=False)
    c.note(f"POST {path} {body}"[:110], [answer.status_code, answer.json()])


def refused_or_not(c, method, path, body, label):
    answer = c.admin(method, path, json=body, record=False)
    c.note(f"{method} {label} {body}", [answer.status_code, answer.text])


def made(c, path, body, record=True, show=None):
    """POST, then what a GET says of it; of all members or those of `show`."""
    answer = c.admin("POST", path, json=body, label=f"POST {path} {body}"[:110])
    if answer.status_code == 201 and record:
        got = c.admin("GET", answer.headers["Location"].split(f"/admin/realms/{c.realm}")[1], record=show is None)
        if show is not None:
            c.note("it is", {name: got.json().get(name) for name in show})
    return answer


@case("admin-strict/defaults")
def _(c):
    show = ("publicClient", "directAccessGrantsEnabled", "redirectUris", "webOrigins", "adminUrl", "attributes")
    for i, extra in enumerate(({}, {"rootUrl": "https://r.test/x"}, {"rootUrl": "https://r.test/", "redirectUris": ["/x"], "adminUrl": "https://a.test"}, {"attributes": {"backchannel.logout.url": "https://a.test/b"}},
                               {"publicClient": True, "protocolMappers": [MAPPER]})):
        made(c, "/clients", {"clientId": f"c{i}", "protocol": "openid-connect", **extra}, show=show)
    for mappers in ([{"name": "m"}], [MAPPER, MAPPER], "text", [7], [{**MAPPER, "x": 1}], [{**MAPPER, "config": "text"}]):
        for path, body in (("/clients", {"clientId": "m", "publicClient": True}), ("/client-scopes", {"name": "m", "protocol": "openid-connect"})):
            if path == "/client-scopes" or mappers != [{"name": "m"}]:
                refused(c, path, {**body, "protocolMappers": mappers})
    made(c, "/client-scopes", {"name": "s", "protocol": "openid-connect", "unknown": 1})
    made(c, "/clients", {"clientId": "long", "id": "i" * 37}, record=False)
    for path, body in (("/groups", {"name": 7}), ("/roles", {"name": 7, "composite": ""}), ("/identity-provider/instances", {"alias": 7, "providerId": "oidc", "trustEmail": "", "config": {**CONFIG, "empty": "", "null": None}}),
                       ("/authentication/flows", {"alias": 7, "providerId": "basic-flow", "topLevel": True}), ("/authentication/flows", {"alias": "a/b", "providerId": "basic-flow", "topLevel": True}),
                       ("/roles", {"name": "x", "composites": {"x": []}})):
        made(c, path, body)


@case("admin-strict/updates")
def _(c):
    path = "/identity-provider/instances/up"
    c.quiet("POST", "/identity-provider/instances", json={"alias": "up", "providerId": "oidc", "displayName": "Up", "enabled": False, "trustEmail": True, "storeToken": True, "linkOnly": True, "hideOnLogin": True,
                                                          "firstBrokerLoginFlowAlias": "first broker login", "postBrokerLoginFlowAlias": "browser", "config": CONFIG})
    for body in ({"providerId": "github", "config": {"clientSecret": "**********"}}, {"providerId": "oidc", "firstBrokerLoginFlowAlias": "", "postBrokerLoginFlowAlias": ""}):
        c.admin("PUT", path, json={"alias": "up", **body}, label=f"PUT {body}")
        c.admin("GET", path)
    for body in ({}, {"name": "m"}, {"name": "m", "identityProviderAlias": "up"}):
        refused(c, path + "/mappers", body)
    group = c.quiet("POST", "/groups", json={"name": "g", "description": "d", "attributes": {"a": ["b"]}}).headers["Location"].rsplit("/", 1)[1]
    for body in ({"name": "g", "id": "another"}, {"name": "g"}):
        c.admin("PUT", "/groups/" + group, json=body, label=f"PUT group {body}")
    c.admin("GET", "/groups/" + group)
    for name in ("s", "t"):
        scope = c.quiet("POST", "/client-scopes", json={"name": name, "protocol": "openid-connect", "attributes": {"a": "", "b": "c", "d": None}}).headers["Location"].rsplit("/", 1)[1]
    for body in ({"name": "s"}, {"name": "t", "protocol": "nothing"}, {"name": "t", "attributes": {"b": None, "e": ""}}):
        c.admin("PUT", "/client-scopes/" + scope, json=body, label=f"PUT scope {body}")
    c.admin("GET", "/client-scopes/" + scope)
    c.quiet("POST", "/roles", json={"name": "r"})
    c.admin("PUT", "/roles/r", json={"name": ""})
    c.admin("POST", "/localization/de", json={"a": 7, "b": True, "c": None})
    c.admin("POST", "/localization/de", json={"b": None})
    c.admin("GET", "/localization/de")


@case("admin-strict/realm")
def _(c):
    for body in ({"realm": "master"}, {"realm": ""}, {"realm": "a/b"}, {"failureFactor": -1}, {"bruteForceStrategy": "other"}, {"sslRequired": "NONE"}, {"duplicateEmailsAllowed": True}, {"loginWithEmailAllowed": "true"},
                 {"registrationEmailAsUsername": True, "duplicateEmailsAllowed": True}):
        c.admin("PUT", "", json=body, label=f"PUT {body}")
        c.note("it is", {name: c.admin("GET", "", record=False).json()[name] for name in ("sslRequired", "duplicateEmailsAllowed", "loginWithEmailAllowed", "registrationEmailAsUsername", "failureFactor")})
    for path in ("clear-realm-cache", "clear-user-cache", "clear-keys-cache", "clear-crl-cache"):
        c.admin("POST", "/" + path)
    path, policy = "/client-policies/", {"name": "p", "enabled": True}
    for what, body in (("profiles", [{"name": "q"}]), ("profiles", [{}]), ("profiles", [{"name": "q"}, {"name": "q"}]), ("profiles", [{"name": "fapi-1-baseline"}]), ("profiles", "text"), ("profiles", [{"name": "q", "x": 1}]),
                       ("policies", [{**policy, "profiles": ["q"]}]), ("policies", [policy, policy]), ("policies", [{}]), ("policies", [{**policy, "profiles": ["none"]}]), ("policies", [7])):
        c.admin("PUT", path + what, json={what: body}, label=f"PUT {what} {body}")
    for what in ("profiles", "policies"):
        c.admin("GET", path + what)
    c.quiet("PUT", "/users/profile", json={"attributes": [{"name": "username"}, {"name": "email"}, {"name": "firstName"}]})
    answer = c.admin("POST", "/users", json={"username": "somebody", "email": "a@b.test", "firstName": "F"})
    user = "/users/" + answer.headers["Location"].rsplit("/", 1)[1]
    c.admin("PUT", user, json={"firstName": "G"})
    c.quiet("POST", "/identity-provider/instances", json={"alias": "up", "providerId": "github", "enabled": False})
    c.admin("GET", user)


@case("admin-strict/nulls")
def _(c):
    """What is null is absent, but for what is a Java boolean or int without a default of its own: that is false and 0."""
    c.quiet("PUT", "", json={"organizationsEnabled": True})
    switches = ("enabled", "publicClient", "fullScopeAllowed", "standardFlowEnabled", "notBefore")
    for i, value in enumerate((None, "")):
        made(c, "/clients", {"clientId": f"c{i}", **{name: value for name in switches}}, show=switches)
        made(c, "/users", {"username": f"u{i}", "enabled": value, "emailVerified": value}, show=("enabled", "emailVerified"))
        made(c, "/identity-provider/instances", {"alias": f"i{i}", "providerId": "oidc", "enabled": value, "trustEmail": value, "config": CONFIG}, show=("enabled", "trustEmail"))
        made(c, "/authentication/flows", {"alias": f"f{i}", "providerId": "basic-flow", "topLevel": True, "builtIn": value}, show=("topLevel", "builtIn"))
        made(c, "/organizations", {"name": f"o{i}", "enabled": value, "domains": [{"name": f"o{i}.test", "verified": value}]}, show=("enabled",))
    c.admin("PUT", "/identity-provider/instances/i0", json={"alias": "i0", "providerId": "oidc", "enabled": True, "config": CONFIG})
    c.admin("PUT", "/identity-provider/instances/i0", json={"alias": "i0", "providerId": "oidc", "enabled": None, "config": CONFIG}, label="PUT enabled null")
    c.note("it is", c.admin("GET", "/identity-provider/instances/i0", record=False).json()["enabled"])
    path = "/authentication/required-actions/CONFIGURE_TOTP"
    for body in ({"name": "n", "enabled": True, "defaultAction": True, "priority": 7, "config": {"a": "b"}}, {"name": "n", "enabled": None, "defaultAction": "", "priority": None}, {"config": {"a": "b"}}):
        c.admin("PUT", path, json={"alias": "CONFIGURE_TOTP", "providerId": "VERIFY_EMAIL", **body}, label=f"PUT {body}")
        c.admin("GET", path)
    for body in ({"alias": "f", "topLevel": True}, {"alias": "f", "providerId": None}):
        refused(c, "/authentication/flows", body)
    for member in ("userCacheEnabled", "realmCacheEnabled"):
        c.admin("PUT", "", json={member: True})


@case("admin-strict/bodies")
def _(c):
    """Bodies of another shape than what they are for, and what is not known."""
    c.quiet("POST", "/authentication/flows", json={"alias": "f", "providerId": "basic-flow", "topLevel": True})
    flow = next(flow["id"] for flow in c.admin("GET", "/authentication/flows", record=False).json() if flow["alias"] == "f")
    action, parent = "/authentication/required-actions/UPDATE_PASSWORD/config", {"parentFlow": flow, "requirement": "REQUIRED"}
    for body in ([], "x", 7):
        for method, path in (("POST", "/authentication/flows/f/executions/execution"), ("POST", "/authentication/flows/f/executions/flow"), ("POST", "/authentication/flows/f/copy"),
                             ("POST", "/authentication/register-required-action"), ("PUT", action)):
            c.admin(method, path, json=body, label=f"{method} {path} {body}")
    for method, path, body in (("POST", "/authentication/register-required-action", {"providerId": "VERIFY_EMAIL", "name": "x"}), ("PUT", action, {"foo": 1}), ("PUT", action, {"config": None}), ("PUT", action, {"config": {"max_auth_age": "30"}}),
                               ("POST", "/identity-provider/instances", {}), ("POST", "/identity-provider/instances", {"providerId": "github"})):
        c.admin(method, path, json=body, label=f"{method} {path} {body}")
    answer = c.admin("POST", "/authentication/executions", json={**parent, "authenticator": "none"}, record=False)
    c.note("an execution of nothing", [answer.status_code, answer.json()])
    for age in ("x", "-1"):
        answer = c.admin("PUT", action, json={"config": {"max_auth_age": age}}, record=False)
        c.note(f"an age of {age}", [answer.status_code, answer.json()["errorMessage"]])
    c.admin("GET", action)
    key = {"name": "k", "providerType": "org.keycloak.keys.KeyProvider"}
    for provider, config in (("aes-generated", {"secretSize": ["17"]}), ("hmac-generated", {"enabled": ["maybe"]}), ("hmac-generated", {"active": ["7"]})):
        refused(c, "/components", {**key, "providerId": provider, "config": config})
    made = c.quiet("POST", "/components", json={**key, "providerId": "hmac-generated"}).headers["Location"].rsplit("/", 1)[1]
    c.admin("GET", f"/components/{made}/sub-component-types")
    app, alice = c.client_id("app"), c.user_id("alice")
    c.quiet("POST", "/roles", json={"name": "of-realm"})
    role = c.admin("GET", "/roles/of-realm", record=False).json()
    for method in ("POST", "DELETE"):
        answer = c.admin(method, f"/clients/{app}/scope-mappings/clients/{app}", json=[role], record=False)
        c.note(f"{method} a realm's role as a client's", [answer.status_code, answer.json()])
    c.quiet("POST", "/identity-provider/instances", json={"alias": "up", "providerId": "oidc", "config": CONFIG})
    for body in ([], "x", {"foo": 1}, {"userId": 7, "userName": True}, {"userId": "8"}):
        refused_or_not(c, "POST", f"/users/{alice}/federated-identity/up", body, "federated-identity")
    c.admin("GET", f"/users/{alice}/federated-identity")
    for body in ([], 7, {"foo": "n"}, {"node": 7}):
        refused_or_not(c, "POST", f"/clients/{app}/nodes", body, "nodes")
    for part, content in (("file", b'{"a": "b"}'), ("file", b"nonsense"), ("other", b"{}")):
        answer = c.admin("POST", "/localization/de", record=False, files={part: ("texts.json", content)})
        c.note(f"texts as a file: {part} {content}", [answer.status_code, answer.text])
    c.admin("GET", "/localization/de")
