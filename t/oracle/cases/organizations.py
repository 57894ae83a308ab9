# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""Organizations: their life in the admin API, members, identity providers, and what tokens say of them."""
from engine import case, decode_jwt

MISSING = "00000000-0000-4000-8000-000000000000"
PROVIDER = {"alias": "corp", "providerId": "oidc", "enabled": True, "config": {"clientId": "x", "clientSecret": "y", "authorizationUrl": "https://corp.test/a", "tokenUrl": "https://corp.test/t"}}


def enable(c):
    c.quiet("PUT", "", json={"organizationsEnabled": True})


def make(c, name, **more):
    c.quiet("POST", "/organizations", json={"name": name, **more})
    return next(o["id"] for o in c.admin("GET", "/organizations?max=100", record=False).json() if o["name"] == name)


def answer(c, label, method, path, **kw):
    """Without headers: Keycloak leaves some out where its transaction fails."""
    got = c.admin(method, path, record=False, **kw)
    c.note(label, [got.status_code, got.json() if got.content else None])


@case("organizations/life")
def _(c):
    c.admin("GET", "/organizations")
    enable(c)
    c.admin("GET", "/organizations")
    c.admin("POST", "/organizations", json={"name": "acme", "domains": [{"name": "acme.test", "verified": True}], "attributes": {"a": ["1", "2"]}, "redirectUrl": "https://acme.test/", "description": "d"})
    acme = c.admin("GET", "/organizations", record=False).json()[0]["id"]
    c.admin("GET", f"/organizations/{acme}")
    c.admin("PUT", f"/organizations/{acme}", json={"name": "acme", "domains": ["B.Test"], "enabled": False})
    c.admin("GET", f"/organizations/{acme}")
    c.admin("PUT", f"/organizations/{acme}", json={"name": "renamed"})
    c.admin("GET", f"/organizations/{acme}")
    c.admin("PUT", f"/organizations/{acme}", json={"name": "renamed", "alias": "other"})
    c.admin("GET", f"/organizations/{MISSING}")
    c.admin("PUT", f"/organizations/{MISSING}", json={"name": "x"})
    c.admin("DELETE", f"/organizations/{MISSING}")
    c.admin("DELETE", f"/organizations/{acme}")
    c.admin("GET", "/organizations/count")


@case("organizations/bad-writes")
def _(c):
    enable(c)
    other = make(c, "other", domains=["other.test"])
    for label, rep in {
        "no name": {}, "an empty name": {"name": ""}, "the same name": {"name": "other"}, "the same alias": {"name": "third", "alias": "other"},
        "a blank in the name": {"name": "a b"}, "a blank in the alias": {"name": "ab", "alias": "a b"}, "a slash": {"name": "ab", "alias": "a/b"},
        "a domain with a blank": {"name": "x", "domains": [{"name": "a b"}]}, "an address": {"name": "x", "redirectUrl": "nope"},
        "an unknown member": {"name": "x", "zip": 1},
    }.items():
        answer(c, label, "POST", "/organizations", json=rep)
    third = make(c, "third", domains=["third.test"])
    answer(c, "another's domain", "PUT", f"/organizations/{third}", json={"name": "third", "domains": ["other.test"]})
    answer(c, "another's name", "PUT", f"/organizations/{third}", json={"name": "other"})
    c.admin("GET", f"/organizations/{other}")
    c.admin("GET", "/organizations/count")


@case("organizations/search")
def _(c):
    enable(c)
    for name in ("alpha", "beta", "gamma"):
        make(c, name, domains=[f"{name}.example.test"], attributes={"tier": [name[0]], "kind": ["x"]})
    for i in range(9):
        make(c, f"n{i}")
    for query in ("", "?first=10", "?max=2&first=1", "?search=ALPH", "?search=et", "?search=beta.example.test", "?search=beta.example.test&exact=true", "?search=alpha&exact=true",
                  "?search=example.test", "?q=tier:a", "?q=kind:x%20tier:b", "?search=alpha&briefRepresentation=false", "?search=nothing"):
        got = c.admin("GET", f"/organizations{query}", record=False).json()
        c.note(query, [sorted(o) + [o["name"]] for o in got])
    for query in ("", "?search=et", "?q=tier:a"):
        c.note("count" + query, c.admin("GET", f"/organizations/count{query}", record=False).json())


@case("organizations/members")
def _(c):
    enable(c)
    acme, alice, bob = make(c, "acme"), c.user_id("alice"), c.user_id("bob")
    members = f"/organizations/{acme}/members"
    c.admin("POST", members, data=f'"{alice}"', headers={"Content-Type": "application/json"})
    c.admin("POST", members, data=bob, headers={"Content-Type": "application/json"})
    answer(c, "again", "POST", members, data=bob, headers={"Content-Type": "application/json"})
    answer(c, "nobody", "POST", members, data=MISSING, headers={"Content-Type": "application/json"})
    names = lambda query: [[u["username"], u["membershipType"]] for u in c.admin("GET", members + query, record=False).json()]
    for query in ("", "?max=1", "?first=1", "?search=ali", "?search=alice&exact=true", "?search=ali&exact=true", "?search=lice", "?membershipType=MANAGED", "?membershipType=UNMANAGED"):
        c.note(query, names(query))
    c.admin("GET", members + "/count")
    c.admin("GET", f"{members}/{bob}")
    c.admin("GET", f"{members}/{MISSING}")
    c.admin("GET", f"{members}/{bob}/organizations")
    c.admin("GET", f"/organizations/members/{bob}/organizations")
    c.admin("GET", f"/organizations/members/{bob}/organizations?briefRepresentation=false")
    c.admin("DELETE", f"{members}/{bob}")
    c.admin("DELETE", f"{members}/{bob}")
    c.admin("DELETE", f"/organizations/{acme}")
    c.note("the user stays", c.admin("GET", f"/users/{alice}", record=False).status_code)


@case("organizations/identity-providers")
def _(c):
    enable(c)
    acme, other = make(c, "acme"), make(c, "other")
    c.quiet("POST", "/identity-provider/instances", json=PROVIDER)
    path = f"/organizations/{acme}/identity-providers"
    kind = {"headers": {"Content-Type": "application/json"}}
    c.admin("GET", path)
    c.admin("GET", f"{path}/corp")
    c.admin("POST", path, data="corp", **kind)
    answer(c, "again", "POST", path, data='"corp"', **kind)
    answer(c, "another's", "POST", f"/organizations/{other}/identity-providers", data="corp", **kind)
    answer(c, "none", "POST", path, data="nope", **kind)
    c.note("listed", [[p["alias"], p["organizationId"] == acme] for p in c.admin("GET", path, record=False).json()])
    c.admin("GET", f"{path}/corp")
    c.admin("GET", f"{path}/nope")
    c.admin("DELETE", f"{path}/nope")
    c.admin("DELETE", f"{path}/corp")
    c.admin("DELETE", f"{path}/corp")
    c.admin("GET", path)


def claim(c, scope):
    got = c.password(scope=scope)
    if "access_token" not in got:
        return c.note(scope, got)
    access, ident = decode_jwt(got["access_token"])[1], decode_jwt(got["id_token"])[1]
    shown = c.get("userinfo", headers={"Authorization": "Bearer " + got["access_token"]}, record=False).json()
    c.note(scope, [access.get("organization"), ident.get("organization"), shown.get("organization"), sorted(access["scope"].split())])


@case("organizations/tokens")
def _(c):
    enable(c)
    acme, beta, gamma = make(c, "acme", attributes={"tier": ["gold", "old"]}), make(c, "beta"), make(c, "gamma")
    scope = next(s for s in c.admin("GET", "/client-scopes", record=False).json() if s["name"] == "organization") if any(
        s["name"] == "organization" for s in c.admin("GET", "/client-scopes", record=False).json()) else None
    if scope is None:
        c.quiet("POST", "/client-scopes", json={"name": "organization", "protocol": "openid-connect", "attributes": {"include.in.token.scope": "true"}, "protocolMappers": [
            {"name": "organization", "protocol": "openid-connect", "protocolMapper": "oidc-organization-membership-mapper", "config": {
                "id.token.claim": "true", "access.token.claim": "true", "userinfo.token.claim": "true", "introspection.token.claim": "true", "claim.name": "organization", "jsonType.label": "String", "multivalued": "true"}}]})
        scope = next(s for s in c.admin("GET", "/client-scopes", record=False).json() if s["name"] == "organization")
    c.quiet("PUT", f"/clients/{c.client_id('app')}/optional-client-scopes/{scope['id']}")
    for organization in (acme, beta):
        claim(c, "openid organization")
        c.quiet("POST", f"/organizations/{organization}/members", json=c.user_id("alice"))
    for asked in ("openid", "openid organization", "openid organization:acme", "openid organization:*", "openid organization:acme organization:beta", "openid organization:gamma",
                  "openid organization:nobody", "openid organization organization:acme", "openid organization:"):
        claim(c, asked)
    mapper = scope["protocolMappers"][0]
    for config in ({"addOrganizationId": "true"}, {"addOrganizationAttributes": "true"}, {"addOrganizationId": "true", "addOrganizationAttributes": "true"}, {"multivalued": "false"}, {"jsonType.label": "JSON"}):
        c.quiet("PUT", f"/client-scopes/{scope['id']}/protocol-mappers/models/{mapper['id']}", json={**mapper, "config": {**mapper["config"], **config}})
        c.note("config", config)
        claim(c, "openid organization:acme")
        if "multivalued" not in config:  # which of two comes first is chance
            claim(c, "openid organization:*")
    c.quiet("PUT", f"/client-scopes/{scope['id']}/protocol-mappers/models/{mapper['id']}", json=mapper)
    c.quiet("PUT", f"/organizations/{acme}", json={"name": "acme", "enabled": False})
    claim(c, "openid organization:*")
    claim(c, "openid organization:acme")
    c.quiet("PUT", "", json={"organizationsEnabled": False})
    claim(c, "openid organization:*")
    claim(c, "openid organization")


ROLES = ("view-organizations", "manage-organizations", "view-users", "manage-realm", "view-organizations query-users", "view-organizations view-users", "manage-organizations view-users", "manage-organizations manage-users",
         "manage-realm manage-users", "view-organizations view-identity-providers", "manage-organizations view-identity-providers", "manage-organizations manage-identity-providers", "manage-realm manage-identity-providers")


@case("organizations/permissions")
def _(c):
    enable(c)
    acme, alice, bob, management = make(c, "acme"), c.user_id("alice"), c.user_id("bob"), c.client_id("realm-management")
    one = f"/organizations/{acme}"
    c.quiet("POST", "/identity-provider/instances", json=PROVIDER)
    mappings = f"/users/{bob}/role-mappings/clients/{management}"
    for roles in ROLES:
        for path, body in (("members", alice), ("identity-providers", "corp")):
            c.admin("POST", f"{one}/{path}", data=body, headers={"Content-Type": "application/json"}, record=False)
        c.quiet("DELETE", mappings, json=c.admin("GET", mappings, record=False).json())
        c.quiet("POST", mappings, json=[c.admin("GET", f"/clients/{management}/roles/{role}", record=False).json() for role in roles.split()])
        head = {"Authorization": "Bearer " + c.password("bob", "canwefixit")["access_token"], "Content-Type": "application/json"}
        ask = lambda method, path, **kw: c.admin(method, path, record=False, headers=head, **kw)
        c.note(roles, {f"{method} {path}": ask(method, path.replace("ALICE", alice).replace("ORG", one), **({"data": body} if body else {})).status_code for method, path, body in (
            ("GET", "ORG", None), ("GET", "ORG/members", None), ("GET", "ORG/members/count", None), ("GET", "ORG/members/ALICE", None), ("GET", "ORG/members/ALICE/organizations", None), ("GET", "/organizations/members/ALICE/organizations", None),
            ("DELETE", "ORG/members/ALICE", None), ("POST", "ORG/members", alice), ("GET", "ORG/invitations", None), ("GET", "ORG/invitations/none", None), ("DELETE", "ORG/invitations/none", None), ("POST", "ORG/invitations/none/resend", None),
            ("GET", "ORG/identity-providers", None), ("GET", "ORG/identity-providers/corp", None), ("DELETE", "ORG/identity-providers/corp", None), ("POST", "ORG/identity-providers", "corp"))})
        shown = ask("GET", f"{one}/members")
        c.note("who is shown", [user["username"] for user in shown.json()] if shown.status_code == 200 else None)
