# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""Groups of organizations: the tree, its members and roles, what the realm's own API says of it, and what tokens show."""
from engine import case, decode_jwt

MISSING = "00000000-0000-4000-8000-000000000000"
SWITCHES = {"id.token.claim": "true", "access.token.claim": "true", "userinfo.token.claim": "true", "introspection.token.claim": "true"}


class Firm:
    """An organization of the case's realm, with a second one beside it; alice belongs to both."""

    def __init__(self, c):
        c.quiet("PUT", "", json={"organizationsEnabled": True})
        self.c, self.alice, self.bob = c, c.user_id("alice"), c.user_id("bob")
        self.acme, self.beta = self.organization("acme"), self.organization("beta")
        self.groups = f"/organizations/{self.acme}/groups"

    def organization(self, name):
        self.c.quiet("POST", "/organizations", json={"name": name, "domains": [{"name": name + ".test"}]})
        made = next(one["id"] for one in self.c.admin("GET", "/organizations?max=100", record=False).json() if one["name"] == name)
        self.c.quiet("POST", f"/organizations/{made}/members", data=self.alice, headers={"Content-Type": "application/json"})
        return made

    def make(self, name, parent=None, groups=None, **more):
        groups = groups or self.groups
        return self.c.quiet("POST", f"{groups}/{parent}/children" if parent else groups, json={"name": name, **more}).json()["id"]

    def role(self, name, client=None):
        return self.c.admin("GET", f"/clients/{client}/roles/{name}" if client else f"/roles/{name}", record=False).json()


def answer(c, label, method, path, **kw):
    """Status and body alone."""
    got = c.admin(method, path, record=False, **kw)
    c.note(label, [got.status_code, got.json() if got.content else None])


@case("organization-groups/life")
def _(c):
    firm = Firm(c)
    c.admin("GET", firm.groups)
    c.admin("POST", firm.groups, json={"name": "eng", "description": "d", "attributes": {"floor": ["1", "2"]}, "realmRoles": ["reader"], "path": "/other"})
    eng = c.admin("GET", firm.groups, record=False).json()[0]["id"]
    c.admin("POST", f"{firm.groups}/{eng}/children", json={"name": "kid"})
    c.admin("GET", f"{firm.groups}/{eng}")
    c.admin("GET", f"{firm.groups}/{eng}/children")
    c.admin("PUT", f"{firm.groups}/{eng}", json={"name": "engineers", "realmRoles": ["reader"]})
    c.admin("GET", f"{firm.groups}/{eng}")
    c.admin("PUT", f"{firm.groups}/{eng}", json={"name": "eng", "description": "e", "attributes": {"floor": ["3"]}})
    c.admin("GET", f"{firm.groups}?briefRepresentation=false")
    c.admin("DELETE", f"{firm.groups}/{eng}")
    c.admin("DELETE", f"{firm.groups}/{eng}")
    c.admin("GET", firm.groups)


@case("organization-groups/lists")
def _(c):
    firm = Firm(c)
    eng = firm.make("eng", attributes={"floor": ["1"]}, description="d")
    night = firm.make("night", firm.make("kid", eng))
    for i in range(11):
        firm.make(f"n{i:02}")
    c.quiet("PUT", f"{firm.groups}/{night}", json={"name": "night", "attributes": {"floor": ["9"]}})
    for query in ("", "?first=1&max=2", "?max=0", "?search=KI", "?search=n", "?search=ight", "?search=*IGHT", "?search=kid&exact=true", "?search=KID&exact=true", "?q=floor:9", "?q=floor:1%20other:2", "?q=floor:1&search=kid", "?q=none&search=kid", "?q=&search=kid", "?search=nothing"):
        c.note(query, [group["name"] for group in c.admin("GET", firm.groups + query, record=False).json()])
    for query in ("?search=night&populateHierarchy=true", "?search=night&populateHierarchy=true&briefRepresentation=false&subGroupsCount=true", "?search=eng&briefRepresentation=false", "?search=kid&subGroupsCount=true"):
        answer(c, query, "GET", firm.groups + query)
    for path in ("/group-by-path/eng/kid", "/group-by-path/eng", "/group-by-path/none", "/group-by-path/eng/kid/none", f"/{eng}?subGroupsCount=true", f"/{eng}/children?subGroupsCount=true&briefRepresentation=false",
                 f"/{eng}/children?search=ki", f"/{eng}/children?search=ki&exact=true", f"/{night}/children"):
        answer(c, path.replace(eng, "ENG").replace(night, "NIGHT"), "GET", firm.groups + path)


@case("organization-groups/bad-writes")
def _(c):
    firm = Firm(c)
    eng, ops = firm.make("eng"), firm.make("ops")
    kid, other = firm.make("kid", eng), firm.make("other", groups=f"/organizations/{firm.beta}/groups")
    own = c.admin("GET", "/groups", record=False).json()[0]["id"]
    one = f"{firm.groups}/{eng}"
    for label, rep in {"no name": {}, "an empty name": {"name": ""}, "a blank name": {"name": "  "}, "the same name": {"name": "eng"}, "an unknown member": {"name": "x", "zip": 1}, "a list": [], "a wrong type": {"name": ["x"]}}.items():
        answer(c, label, "POST", firm.groups, json=rep)
        answer(c, "child: " + label, "POST", f"{one}/children", json={**rep, "name": "kid"} if label == "the same name" else rep)
    for label, rep in {"no name": {"description": "d"}, "an empty name": {"name": ""}, "a sibling's name": {"name": "ops"}, "another id": {"name": "eng", "id": ops}, "an unknown member": {"name": "x", "zip": 1}}.items():
        answer(c, "change: " + label, "PUT", one, json=rep)
    for label, group in {"none": MISSING, "no id": "none", "another's": other, "the realm's": own}.items():
        for method, path in (("GET", ""), ("PUT", ""), ("DELETE", ""), ("GET", "/children"), ("POST", "/children"), ("GET", "/members"), ("PUT", f"/members/{firm.alice}"), ("GET", "/role-mappings"), ("GET", "/role-mappings/realm/available")):
            answer(c, f"{method} {label}{path.replace(firm.alice, 'alice')}", method, f"{firm.groups}/{group}{path}", **({"json": {"name": "x"}} if method in ("POST", "PUT") and "members" not in path else {}))
    for label, group in {"none": MISSING, "another's": other, "the realm's": own}.items():
        if label != "another's":
            answer(c, "move: " + label, "POST", firm.groups, json={"id": group, "name": "x"})
        answer(c, "move below: " + label, "POST", f"{one}/children", json={"id": group, "name": "x"})
    answer(c, "no organization", "GET", f"/organizations/{MISSING}/groups")
    answer(c, "nor to write to", "POST", f"/organizations/{MISSING}/groups", json={"name": "x"})
    answer(c, "move", "POST", firm.groups, json={"id": kid, "name": "x"})
    c.note("moved", [group["name"] for group in c.admin("GET", firm.groups, record=False).json()])
    answer(c, "move back", "POST", f"{one}/children", json={"id": kid, "name": "x"})
    answer(c, "moved back", "GET", f"{firm.groups}/{kid}")


@case("organization-groups/members")
def _(c):
    firm = Firm(c)
    eng = firm.make("eng", attributes={"floor": ["1"]})
    kid = firm.make("kid", eng)
    members = f"{firm.groups}/{eng}/members"
    c.admin("GET", members)
    c.admin("PUT", f"{members}/{firm.alice}")
    c.admin("PUT", f"{members}/{firm.alice}")
    answer(c, "no member of the organization", "PUT", f"{members}/{firm.bob}")
    answer(c, "nobody", "PUT", f"{members}/{MISSING}")
    answer(c, "all", "GET", members)
    answer(c, "brief", "GET", members + "?briefRepresentation=true")
    answer(c, "not of the children", "GET", f"{firm.groups}/{kid}/members")
    c.quiet("PUT", f"{firm.groups}/{kid}/members/{firm.alice}")
    path = f"/organizations/{firm.acme}/members"
    for query in ("", "?briefRepresentation=false", "?search=ki", "?max=1", "?first=1"):
        answer(c, "her groups" + query, "GET", f"{path}/{firm.alice}/groups{query}")
    answer(c, "her groups elsewhere", "GET", f"/organizations/{firm.beta}/members/{firm.alice}/groups")
    answer(c, "groups of no member", "GET", f"{path}/{firm.bob}/groups")
    answer(c, "groups of nobody", "GET", f"{path}/{MISSING}/groups")
    c.admin("DELETE", f"{members}/{firm.alice}")
    c.admin("DELETE", f"{members}/{firm.alice}")
    answer(c, "take nobody away", "DELETE", f"{members}/{MISSING}")
    c.quiet("DELETE", f"{path}/{firm.alice}")
    c.quiet("POST", path, data=firm.alice, headers={"Content-Type": "application/json"})
    answer(c, "who leaves the organization", "GET", f"{firm.groups}/{kid}/members")


@case("organization-groups/roles")
def _(c):
    firm, app = Firm(c), c.client_id("app")
    eng = firm.make("eng")
    kid = firm.make("kid", eng)
    path = f"{firm.groups}/{eng}/role-mappings"
    boss, some = firm.role("boss"), firm.role("view", app)
    c.admin("GET", path)
    c.admin("POST", f"{path}/realm", json=[boss])
    c.admin("POST", f"{path}/clients/{app}", json=[some])
    for below in ("", "/realm", "/realm/composite", "/realm/available", f"/clients/{app}", f"/clients/{app}/available", f"/clients/{app}/composite"):
        answer(c, below.replace(app, "APP"), "GET", path + below)
    answer(c, "below it", "GET", f"{firm.groups}/{kid}/role-mappings/realm/composite")
    answer(c, "no role", "POST", f"{path}/realm", json=[{"id": MISSING, "name": "none"}])
    answer(c, "no client", "GET", f"{path}/clients/{MISSING}")
    c.admin("GET", f"{firm.groups}/{eng}")
    c.quiet("PUT", f"{firm.groups}/{eng}/members/{firm.alice}")
    for label, what in {"of a member": f"/users/{firm.alice}/role-mappings/realm/composite", "groups with the role": "/roles/boss/groups", "users with the role": "/roles/boss/users"}.items():
        c.note(label, [one.get("name") or one.get("username") for one in c.admin("GET", what, record=False).json()])
    c.admin("DELETE", f"{path}/realm", json=[boss])
    c.admin("DELETE", f"{path}/clients/{app}")
    c.admin("GET", path)


@case("organization-groups/apart")
def _(c):
    firm = Firm(c)
    eng = firm.make("eng", attributes={"floor": ["1"]})
    kid = firm.make("kid", eng)
    c.quiet("PUT", f"{firm.groups}/{eng}/members/{firm.alice}")
    for path in ("/groups", "/groups?search=eng", "/groups?q=floor:1", "/groups/count", "/group-by-path/eng", f"/groups/{eng}", f"/groups/{kid}/children", f"/groups/{eng}/members", f"/groups/{eng}/role-mappings", f"/users/{firm.alice}/groups"):
        answer(c, path.replace(eng, "ENG").replace(kid, "KID").replace(firm.alice, "alice"), "GET", path)
    for method, path, body in (("PUT", f"/groups/{eng}", {"name": "x"}), ("DELETE", f"/groups/{eng}", None), ("POST", f"/groups/{eng}/children", {"name": "x"}), ("PUT", f"/users/{firm.alice}/groups/{eng}", None),
                               ("DELETE", f"/users/{firm.alice}/groups/{eng}", None), ("POST", f"/groups/{eng}/role-mappings/realm", [])):
        answer(c, f"{method} {path}".replace(eng, "ENG").replace(firm.alice, "alice"), method, path, **({"json": body} if body is not None else {}))
    c.admin("POST", "/groups", json={"name": "eng"})
    c.quiet("PUT", "", json={"organizationsEnabled": False})
    answer(c, "without organizations", "GET", firm.groups)
    answer(c, "and still", "GET", f"/groups/{eng}")
    c.quiet("PUT", "", json={"organizationsEnabled": True})
    c.quiet("DELETE", f"/organizations/{firm.acme}")
    answer(c, "with the organization gone", "GET", f"/groups/{eng}")


def claims(c, scope):
    got = c.password(scope=scope)
    access, ident = decode_jwt(got["access_token"])[1], decode_jwt(got["id_token"])[1]
    shown = c.get("userinfo", headers={"Authorization": "Bearer " + got["access_token"]}, record=False).json()
    c.note(scope, [token.get("organization") or token.get("orgs") for token in (access, ident, shown)] + [sorted(access["realm_access"]["roles"]), access.get("groups")])


@case("organization-groups/tokens")
def _(c):
    firm, app = Firm(c), c.client_id("app")
    c.quiet("PUT", f"/users/{firm.alice}", json={"email": "alice@acme.test"})
    eng = firm.make("eng")
    kid, sales = firm.make("kid", eng), firm.make("sales")
    c.quiet("POST", f"{firm.groups}/{eng}/role-mappings/realm", json=[firm.role("boss")])
    c.quiet("POST", f"{firm.groups}/{kid}/role-mappings/realm", json=[firm.role("writer")])
    some = firm.role("view", app)
    c.quiet("POST", f"{firm.groups}/{sales}/role-mappings/clients/{app}", json=[some])
    scope = next((one for one in c.admin("GET", "/client-scopes", record=False).json() if one["name"] == "organization"), None)
    if scope is None:
        c.quiet("POST", "/client-scopes", json={"name": "organization", "protocol": "openid-connect", "attributes": {"include.in.token.scope": "true"}, "protocolMappers": [
            {"name": "organization", "protocol": "openid-connect", "protocolMapper": "oidc-organization-membership-mapper", "config": {**SWITCHES, "claim.name": "organization", "jsonType.label": "String", "multivalued": "true"}}]})
        scope = next(one for one in c.admin("GET", "/client-scopes", record=False).json() if one["name"] == "organization")
    c.quiet("PUT", f"/clients/{app}/optional-client-scopes/{scope['id']}")
    mappers, of = f"/client-scopes/{scope['id']}/protocol-mappers/models", scope["protocolMappers"][0]
    mine = {"name": "groups", "protocol": "openid-connect", "protocolMapper": "oidc-organization-group-membership-mapper", "config": SWITCHES}
    c.quiet("POST", mappers, json=mine)
    mine = next(one for one in c.admin("GET", mappers, record=False).json() if one["name"] == "groups")
    claims(c, "openid organization:*")
    for group in (kid, sales):
        c.quiet("PUT", f"{firm.groups}/{group}/members/{firm.alice}")
    for asked in ("openid", "openid organization", "openid organization:acme", "openid organization:*"):
        claims(c, asked)
    for config in ({"addGroupRoleMappings": "true"}, {"id.token.claim": "false"}, {"access.token.claim": "false"}, {"userinfo.token.claim": "false"}):
        c.quiet("PUT", f"{mappers}/{mine['id']}", json={**mine, "config": {**SWITCHES, **config}})
        c.note("config", config)
        claims(c, "openid organization:*")
    c.quiet("PUT", f"{mappers}/{mine['id']}", json=mine)
    for config in ({"addOrganizationId": "true"}, {"addOrganizationDomain": "true"}, {"jsonType.label": "JSON", "addOrganizationDomain": "true"}, {"claim.name": "orgs"}, {"id.token.claim": "false"}):
        c.quiet("PUT", f"{mappers}/{of['id']}", json={**of, "config": {**of["config"], **config}})
        c.note("the other mapper's config", config)
        claims(c, "openid organization:*")
    c.quiet("PUT", f"{mappers}/{of['id']}", json=of)
    c.quiet("PUT", f"{firm.groups}/{eng}/members/{firm.alice}")
    c.quiet("PUT", f"{mappers}/{mine['id']}", json={**mine, "config": {**SWITCHES, "addGroupRoleMappings": "true"}})
    claims(c, "openid organization:acme")
    c.quiet("PUT", f"/organizations/{firm.acme}", json={"name": "acme", "enabled": False})
    claims(c, "openid organization:*")


@case("organization-groups/events")
def _(c):
    firm = Firm(c)
    c.quiet("PUT", "/events/config", json={"adminEventsEnabled": True, "adminEventsDetailsEnabled": True})
    c.quiet("DELETE", "/admin-events")
    eng = firm.make("eng", attributes={"floor": ["1"]})
    kid = firm.make("kid", eng)
    role = firm.role("boss")
    for method, path, body in (("PUT", f"/{eng}", {"name": "engineers"}), ("POST", "", {"id": kid, "name": "kid"}), ("POST", f"/{eng}/children", {"id": kid, "name": "kid"}), ("PUT", f"/{eng}/members/{firm.alice}", None),
                               ("DELETE", f"/{eng}/members/{firm.alice}", None), ("DELETE", f"/{eng}/members/{firm.alice}", None), ("POST", f"/{eng}/role-mappings/realm", [role]), ("DELETE", f"/{eng}/role-mappings/realm", [role]), ("DELETE", f"/{eng}", None)):
        c.quiet(method, firm.groups + path, **({"json": body} if body is not None else {}))
    names = {firm.acme: "ACME", eng: "ENG", kid: "KID", firm.alice: "alice"}
    for event in reversed(c.admin("GET", "/admin-events", record=False).json()):
        path = event["resourcePath"]
        for known, name in names.items():
            path = path.replace(known, name)
        if event["resourceType"] not in ("REALM", "REALM_EVENTS_CONFIG"):
            c.note("event", [event["operationType"], event["resourceType"], path, event.get("representation")])


ROLES = ("view-organizations", "manage-organizations", "view-users", "manage-users", "view-realm", "manage-realm", "query-groups", "view-organizations query-users", "view-organizations view-users", "manage-organizations view-users", "manage-organizations manage-users", "manage-realm manage-users")


@case("organization-groups/permissions")
def _(c):
    firm, app, management = Firm(c), c.client_id("app"), c.client_id("realm-management")
    eng = firm.make("eng")
    one = f"{firm.groups}/{eng}"
    requests = (("GET", firm.groups, None), ("GET", one, None), ("GET", f"{firm.groups}/{MISSING}", None), ("GET", f"{firm.groups}/group-by-path/eng", None), ("GET", f"{one}/children", None), ("GET", f"{one}/members", None),
                ("GET", f"/organizations/{firm.acme}/members/{firm.alice}/groups", None), ("GET", f"/organizations/{firm.acme}/members", None), ("GET", f"/organizations/{firm.acme}/members/{firm.alice}", None),
                ("GET", f"{one}/role-mappings", None), ("GET", f"{one}/role-mappings/realm", None),
                ("GET", f"{one}/role-mappings/realm/composite", None), ("GET", f"{one}/role-mappings/clients/{app}", None), ("GET", f"{one}/role-mappings/clients/{app}/available", None),
                ("PUT", one, {"name": "eng"}), ("POST", f"{one}/children", {}), ("PUT", f"{one}/members/{firm.bob}", None), ("DELETE", f"{one}/members/{firm.alice}", None),
                ("POST", f"{one}/role-mappings/realm", [firm.role("reader")]), ("DELETE", f"{one}/role-mappings/realm", [firm.role("reader")]))
    mappings = f"/users/{firm.bob}/role-mappings/clients/{management}"
    for roles in ROLES:
        c.quiet("DELETE", mappings, json=c.admin("GET", mappings, record=False).json())
        c.quiet("POST", mappings, json=[firm.role(role, management) for role in roles.split()])
        head = {"Authorization": "Bearer " + c.password("bob", "canwefixit")["access_token"]}
        c.note(roles, [c.admin(method, path, record=False, headers=head, **({"json": body} if body is not None else {})).status_code for method, path, body in requests])


@case("organization-groups/fine-grained")
def _(c):
    firm = Firm(c)
    c.quiet("PUT", "", json={"organizationsEnabled": True, "adminPermissionsEnabled": True})
    eng, other = firm.make("eng"), f"/organizations/{firm.beta}/groups"
    one = f"{firm.groups}/{eng}"
    authz = f"/clients/{c.client_id('admin-permissions')}/authz/resource-server"
    c.quiet("POST", f"{authz}/policy/user", json={"name": "bob", "users": [firm.bob]})
    requests = (("GET", firm.groups, None), ("GET", one, None), ("GET", f"{firm.groups}/group-by-path/eng", None), ("GET", f"{one}/children", None), ("GET", f"{one}/role-mappings/realm", None), ("GET", other, None),
                ("GET", f"{one}/members", None), ("PUT", one, {"name": "eng"}), ("POST", firm.groups, {}), ("POST", f"{one}/children", {}), ("POST", other, {}), ("PUT", f"{one}/members/{firm.alice}", None),
                ("POST", f"{one}/role-mappings/realm", [firm.role("reader")]))
    for label, scope in (("nothing", None), ("view", "view"), ("manage", "manage")):
        if scope:
            c.quiet("POST", f"{authz}/permission/scope", json={"name": scope, "resourceType": "Organizations", "scopes": [scope], "policies": ["bob"], "resources": [firm.acme]})
        head = {"Authorization": "Bearer " + c.password("bob", "canwefixit")["access_token"]}
        c.note(label, [c.admin(method, path, record=False, headers=head, **({"json": body} if body is not None else {})).status_code for method, path, body in requests])


@case("organization-groups/fine-grained-members")
def _(c):
    firm = Firm(c)
    c.quiet("PUT", "", json={"organizationsEnabled": True, "adminPermissionsEnabled": True})
    eng, members = firm.make("eng"), f"/organizations/{firm.acme}/members"
    of_group, her = f"{firm.groups}/{eng}/members", f"{members}/{firm.alice}"
    authz = f"/clients/{c.client_id('admin-permissions')}/authz/resource-server"
    c.quiet("POST", f"{authz}/policy/user", json={"name": "bob", "users": [firm.bob]})
    requests = (("GET", members), ("GET", members + "/count"), ("GET", her), ("GET", her + "/groups"), ("GET", her + "/organizations"), ("GET", of_group), ("DELETE", f"{of_group}/{firm.alice}"), ("PUT", f"{of_group}/{firm.alice}"), ("DELETE", her))
    its = {"resourceType": "Organizations", "scopes": ["view", "manage"], "resources": [firm.acme]}
    users = lambda scopes, *ids: {"resourceType": "Users", "scopes": scopes, **({"resources": list(ids)} if ids else {})}
    for label, permissions in {"of the organization alone": [its], "all users": [its, users(["view"])], "her": [its, users(["view"], firm.alice)], "managing her": [its, users(["view", "manage"], firm.alice)],
                               "her groups": [its, users(["view", "manage-group-membership"], firm.alice)], "without the organization": [users(["view", "manage", "manage-group-membership"])]}.items():
        made = [c.quiet("POST", f"{authz}/permission/scope", json={"name": f"{label} {i}", "policies": ["bob"], **permission}).json()["id"] for i, permission in enumerate(permissions)]
        head = {"Authorization": "Bearer " + c.password("bob", "canwefixit")["access_token"]}
        for method, path in requests:
            got = c.admin(method, path, record=False, headers=head)
            listed = got.status_code == 200 and isinstance(got.json(), list)
            c.note(f"{label}: {method} {path}".replace(firm.acme, "ACME").replace(eng, "ENG").replace(firm.alice, "alice"), sorted(one.get("username") or one["name"] for one in got.json()) if listed else got.status_code)
        for one in made:
            c.quiet("DELETE", f"{authz}/permission/scope/{one}")
        c.admin("POST", members, data=firm.alice, headers={"Content-Type": "application/json"}, record=False)
        c.admin("PUT", f"{of_group}/{firm.alice}", record=False)
