# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""Admin resources that no other case asks for."""
from engine import case

MISSING = "00000000-0000-4000-8000-000000000000"


@case("admin-rest/templates")
def _(c):
    made = c.quiet("POST", "/client-templates", json={"name": "t", "protocol": "openid-connect"}).headers["location"].rsplit("/", 1)[1]
    at = f"/client-templates/{made}"
    mapper = {"name": "m", "protocol": "openid-connect", "protocolMapper": "oidc-hardcoded-claim-mapper", "config": {"claim.name": "a", "claim.value": "b"}}
    c.admin("POST", at + "/protocol-mappers/models", json=mapper)
    c.admin("POST", at + "/protocol-mappers/models", json=mapper, label="again")
    one = c.admin("GET", at + "/protocol-mappers/models").json()[0]
    c.admin("PUT", at + f"/protocol-mappers/models/{one['id']}", json={**one, "config": {"claim.name": "x", "claim.value": "y"}})
    c.admin("GET", at + f"/protocol-mappers/models/{one['id']}")
    c.admin("POST", at + "/protocol-mappers/add-models", json=[{**mapper, "name": "n"}])
    c.note("of a protocol", sorted(m["name"] for m in c.admin("GET", at + "/protocol-mappers/protocol/openid-connect", record=False).json()))
    c.admin("GET", at + "/protocol-mappers/protocol/saml")
    c.admin("DELETE", at + f"/protocol-mappers/models/{one['id']}")
    c.admin("DELETE", at + f"/protocol-mappers/models/{one['id']}", label="gone")
    c.admin("GET", at + f"/protocol-mappers/models/{MISSING}")
    role, app = c.admin("GET", "/roles/writer", record=False).json(), c.client_id("app")
    c.quiet("POST", f"/clients/{app}/roles", json={"name": "left"})
    own = c.admin("GET", f"/clients/{app}/roles/left", record=False).json()
    for base in (at, "/client-scopes/" + next(s["id"] for s in c.admin("GET", "/client-scopes", record=False).json() if s["name"] == "phone")):
        short = "template " if base == at else "scope "
        c.admin("POST", base + "/scope-mappings/realm", json=[role], label=short + "POST realm")
        c.admin("GET", base + "/scope-mappings/realm", label=short + "realm")
        c.note(short + "available", [r["name"] for r in c.admin("GET", base + "/scope-mappings/realm/available", record=False).json() if r["name"] == "writer"])
        c.note(short + "composite", sorted(r["name"] for r in c.admin("GET", base + "/scope-mappings/realm/composite", record=False).json()))
        c.admin("POST", base + f"/scope-mappings/clients/{app}", json=[own], label=short + "POST client")
        c.admin("GET", base + f"/scope-mappings/clients/{app}", label=short + "client")
        c.note(short + "client available", [r["name"] for r in c.admin("GET", base + f"/scope-mappings/clients/{app}/available", record=False).json() if r["name"] == "left"])
        c.note(short + "client composite", sorted(r["name"] for r in c.admin("GET", base + f"/scope-mappings/clients/{app}/composite", record=False).json()))
        c.admin("GET", base + "/scope-mappings", label=short + "all")
        c.admin("DELETE", base + f"/scope-mappings/clients/{app}", json=[own], label=short + "DELETE client")
        c.admin("DELETE", base + "/scope-mappings/realm", json=[role], label=short + "DELETE realm")
        c.admin("GET", base + "/scope-mappings", label=short + "none")
    c.admin("DELETE", at, label="DELETE the template")


@case("admin-rest/providers")
def _(c):
    for kind in ("authenticator", "client-authenticator", "form-action", "form"):
        listed = c.admin("GET", f"/authentication/{kind}-providers", record=False)
        c.note(kind, [listed.status_code, sorted({key for one in listed.json() for key in one})])
    for name in ("auth-cookie", "conditional-user-role", "auth-otp-form", "registration-recaptcha-action", "nothing"):
        answer = c.admin("GET", f"/authentication/config-description/{name}", record=False)
        told = answer.json()
        c.note(name, [answer.status_code, told.get("name"), told.get("providerId"), [[p["name"], p["type"], p.get("defaultValue")] for p in told.get("properties", [])], told.get("error"), told.get("errorMessage")])
    for alias in ("UPDATE_PASSWORD", "CONFIGURE_TOTP", "nothing"):
        answer = c.admin("GET", f"/authentication/required-actions/{alias}/config-description", record=False)
        c.note(alias, [answer.status_code, sorted(p["name"] for p in answer.json().get("properties", [])), answer.json().get("error")])
    c.admin("POST", "/authentication/config", json={"alias": "x", "config": {"a": "b"}}, label="a config of nothing")


@case("admin-rest/permissions")
def _(c):
    role = c.admin("GET", "/roles/writer", record=False).json()["id"]
    group = c.admin("GET", "/groups", record=False).json()[0]["id"]
    for path in ("/roles/writer", f"/roles-by-id/{role}", f"/groups/{group}", f"/clients/{c.client_id('app')}"):
        c.admin("GET", path + "/management/permissions")
        c.admin("PUT", path + "/management/permissions", json={"enabled": True})


@case("admin-rest/mappings")
def _(c):
    group, app = c.admin("GET", "/groups", record=False).json()[0]["id"], c.client_id("app")
    c.quiet("POST", f"/clients/{app}/roles", json={"name": "left"})
    role = c.admin("GET", "/roles/writer", record=False).json()
    c.admin("POST", f"/groups/{group}/role-mappings/realm", json=[role])
    c.note("of the group", [r["name"] for r in c.admin("GET", f"/groups/{group}/role-mappings/realm", record=False).json() if r["name"] == "writer"])
    c.note("available", [r["name"] for r in c.admin("GET", f"/groups/{group}/role-mappings/clients/{app}/available", record=False).json() if r["name"] == "left"])
    c.admin("DELETE", f"/groups/{group}/role-mappings/realm", json=[role])
    own = c.admin("GET", f"/clients/{app}/roles/left", record=False).json()
    c.quiet("POST", f"/clients/{app}/roles/left/composites", json=[role])
    c.admin("DELETE", f"/clients/{app}/roles/left/composites", json=[role])
    c.admin("GET", f"/clients/{app}/roles/left/composites")
    c.admin("DELETE", f"/clients/{app}/roles/left/composites", json=[own], label="one that it does not have")
    c.admin("DELETE", f"/users/{c.user_id('alice')}/federated-identity/nothing")
    c.admin("GET", f"/components/{MISSING}/sub-component-types?type=org.keycloak.storage.ldap.mappers.LDAPStorageMapper")
    c.admin("POST", "/identity-provider/import-config", json={}, label="import-config of nothing")
    c.admin("DELETE", "", label="DELETE the realm")
    c.admin("GET", "", label="gone")


PAGES = ("first=1&max=1", "first=-1", "max=-1", "max=0", "first=x", "max=x", "first=", "first=2147483648", "first=2147483647&max=2147483647", "first=1.5", "max=%201", "first=-2147483649")


@case("admin-rest/pages")
def _(c):
    """What lists make of the part that is asked for: some know none."""
    for i in range(3):
        c.quiet("POST", "/groups", json={"name": f"g{i}"})
        c.quiet("POST", "/roles", json={"name": f"r{i}"})
        c.quiet("PUT", f"/users/{c.user_id('alice')}/groups/{c.admin('GET', f'/groups?search=g{i}', record=False).json()[0]['id']}")
        c.password()
    alice = c.user_id("alice")
    for path in ("/users", "/users?search=a&", "/clients", "/roles", "/groups", f"/users/{alice}/groups", "/roles/r0/users", "/identity-provider/instances", "/client-scopes", "/components", "/authentication/flows", f"/users/{alice}/sessions", "/users/count", "/groups/count", "/default-groups"):
        found = {}
        for page in PAGES:
            answer = c.admin("GET", path + ("" if "?" in path else "?") + page, record=False)
            body = answer.json()
            found[page] = f"{answer.status_code} {body if isinstance(body, int) else len(body)}"
        c.note(path.replace(alice, "alice"), found)
    for client in ("realm-management", "account"):
        c.admin("POST", f"/clients/{c.client_id(client)}/push-revocation", label="push-revocation " + client)
