# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""What stands beside the resources of a realm: partial import and export, initial access, descriptions of clients, server information."""
from engine import case

XML = """<?xml version="1.0"?><EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="urn:sp"><SPSSODescriptor
protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><AssertionConsumerService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
Location="http://sp.test/acs" index="0"/></SPSSODescriptor></EntityDescriptor>"""


@case("realm-rest/small")
def _(c):
    c.admin("GET", "/client-types")
    c.admin("PUT", "/client-types", json={})
    c.admin("GET", "/client-registration-policy/providers", record=False)
    c.note("registration policies", [p["id"] for p in c.admin("GET", "/client-registration-policy/providers", record=False).json()])
    c.admin("GET", "/users-management-permissions")
    c.admin("PUT", "/users-management-permissions", json={"enabled": True})
    c.admin("POST", "/push-revocation")


@case("realm-rest/initial-access")
def _(c):
    def known(label):
        tokens = c.admin("GET", "/clients-initial-access", record=False).json()
        c.note(label, [{k: v for k, v in t.items() if k not in ("id", "timestamp")} for t in tokens])
        return tokens
    known("none")
    c.admin("POST", "/clients-initial-access", json={"count": 2, "expiration": 3600})
    c.admin("POST", "/clients-initial-access", json={})
    c.admin("POST", "/clients-initial-access", json={"count": 1, "expiration": -5})
    c.admin("POST", "/clients-initial-access", json={"count": 1, "webOrigins": ["http://x.test"]})
    c.admin("POST", "/clients-initial-access", json={"unknown": 1})
    tokens = known("some")
    first = next(t["id"] for t in tokens if t["count"] == 2)
    c.admin("DELETE", f"/clients-initial-access/{first}")
    c.admin("DELETE", f"/clients-initial-access/{first}")
    c.admin("DELETE", "/clients-initial-access/00000000-0000-4000-8000-000000000000")
    known("one less")


@case("realm-rest/describe-client")
def _(c):
    headers = {"Content-Type": "text/plain"}
    c.admin("POST", "/client-description-converter", data='{"clientId": "x", "redirectUris": ["http://x.test/*"]}', headers=headers)
    answer = c.admin("POST", "/client-description-converter", data='{"client_name": "X", "redirect_uris": ["http://x.test/cb"], "grant_types": ["authorization_code"]}', headers=headers, record=False)
    c.note("by OpenID Connect", [answer.status_code, {k: answer.json().get(k) for k in ("name", "redirectUris", "standardFlowEnabled", "directAccessGrantsEnabled", "publicClient", "clientAuthenticatorType")}])
    c.admin("POST", "/client-description-converter", data=XML, headers={"Content-Type": "application/xml"}, record=False)
    c.admin("POST", "/client-description-converter", data="nonsense", headers=headers)
    c.admin("POST", "/client-description-converter", data="{}", headers=headers)


def results(c, label, answer):
    value = answer.json()
    for entry in value.get("results", []):
        entry.pop("id", None)
    c.note(label, [answer.status_code, value])


@case("realm-rest/partial-import")
def _(c):
    part = {"roles": {"realm": [{"name": "reader"}, {"name": "fresh"}], "client": {"app": [{"name": "view"}, {"name": "new"}]}},
            "clients": [{"clientId": "app"}, {"clientId": "fresh", "redirectUris": ["http://f.test/*"]}],
            "users": [{"username": "alice"}, {"username": "frank", "enabled": True, "email": "frank@example.test", "firstName": "F", "lastName": "K", "realmRoles": ["fresh"], "groups": ["/staff"],
                       "credentials": [{"type": "password", "value": "secret"}]}],
            "identityProviders": [{"alias": "idp", "providerId": "oidc", "config": {"authorizationUrl": "http://i.test/a", "tokenUrl": "http://i.test/t", "clientId": "c", "clientSecret": "s"}}]}
    results(c, "fail", c.admin("POST", "/partialImport", json={"ifResourceExists": "FAIL", **part}, record=False))
    c.note("nothing made", [len(c.admin("GET", "/clients?clientId=fresh", record=False).json()), len(c.admin("GET", "/users?username=frank", record=False).json())])
    results(c, "skip", c.admin("POST", "/partialImport", json={"ifResourceExists": "SKIP", **part}, record=False))
    c.token(grant_type="password", username="frank", password="secret", secret="app-secret")
    frank = c.user_id("frank")
    c.note("frank", [sorted(r["name"] for r in c.admin("GET", f"/users/{frank}/role-mappings/realm", record=False).json()), [g["path"] for g in c.admin("GET", f"/users/{frank}/groups", record=False).json()]])
    results(c, "skip again", c.admin("POST", "/partialImport", json={"ifResourceExists": "SKIP", **part}, record=False))
    results(c, "overwrite", c.admin("POST", "/partialImport", json={"ifResourceExists": "OVERWRITE", "users": part["users"], "roles": part["roles"]}, record=False))
    for label, body in {"role": {"roles": {"realm": [{"name": "reader"}]}}, "client role": {"roles": {"client": {"app": [{"name": "view"}]}}}, "user": {"users": [{"username": "alice"}]},
                        "provider": {"identityProviders": part["identityProviders"]}, "client of none": {"roles": {"client": {"none": [{"name": "x"}]}}}, "nothing": {},
                        "new": {"clients": [{"clientId": "newer"}]}}.items():
        results(c, label, c.admin("POST", "/partialImport", json=body, record=False))
    c.note("unknown member", c.admin("POST", "/partialImport", json={"unknown": 1}, record=False).status_code)


@case("realm-rest/partial-export")
def _(c):
    def shape(label, query):
        answer = c.admin("POST", "/partial-export" + query, record=False)
        value = answer.json()
        c.note(label, [answer.status_code, sorted(k for k in value), [x["clientId"] for x in value.get("clients", [])], sorted(value.get("roles", {})), [g["path"] for g in value.get("groups", [])]])
        return value
    shape("plain", "")
    value = shape("all", "?exportClients=true&exportGroupsAndRoles=true")
    c.note("a client's secret", next(x for x in value["clients"] if x["clientId"] == "app").get("secret"))
    shape("clients", "?exportClients=true")
    shape("groups", "?exportGroupsAndRoles=true")


@case("realm-rest/serverinfo")
def _(c):
    answer = c.admin("GET", "//serverinfo", record=False).json()
    c.note("members", sorted(answer))
    c.note("enums", {k: sorted(v) for k, v in answer["enums"].items()})
    c.note("mappers", {k: sorted(m["id"] for m in v if not k.startswith("docker") and "oid4vc" not in m["id"]) for k, v in answer["protocolMapperTypes"].items() if k == "openid-connect"})
    c.note("policies", [[p["id"], p.get("configType"), p.get("defaultValue"), p.get("multipleSupported")] for p in answer["passwordPolicies"]])
    c.note("system", sorted(k for k in answer["systemInfo"] if not k.startswith("java")))
    c.note("crypto", sorted(answer["cryptoInfo"]))
    c.note("themes", sorted(answer["themes"]))


@case("realm-rest/whoami")
def _(c):
    management = c.client_id("realm-management")
    admin = c.admin("GET", f"/clients/{management}/roles/realm-admin", record=False).json()
    c.quiet("POST", f"/users/{c.user_id('alice')}/role-mappings/clients/{management}", json=[admin])
    console = c.client_id("security-admin-console")
    c.quiet("PUT", f"/clients/{console}", json={"directAccessGrantsEnabled": True})
    token = c.token(client="security-admin-console", secret=None, grant_type="password", username="alice", password="wonderland").json()["access_token"]
    who = lambda query, token: c.get("/admin/{realm}/console/whoami" + query, headers={"Authorization": "Bearer " + token}, record=False)
    value = who("?currentRealm=" + c.realm, token).json()
    c.note("whoami", {**value, "realm_access": {"REALM": sorted(value["realm_access"][c.realm])}})
    c.note("of another client", [who("", c.password()["access_token"]).status_code])
    c.note("nobody", c.get("/admin/{realm}/console/whoami", record=False).status_code)
    names = c.admin("GET", "/ui-ext/realms/names", record=False)
    c.note("names", [names.status_code, [n for n in names.json() if n["name"] == c.realm]])
    c.admin("GET", "/ui-ext/info")
    c.admin("GET", "/ui-ext/available-event-listeners", record=False)
    c.note("serverinfo", [c.get("/admin/serverinfo", headers={"Authorization": "Bearer " + t}, record=False).status_code for t in (token, c.password("bob", "canwefixit")["access_token"], "x")])
