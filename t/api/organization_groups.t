#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""Groups of organizations: a tree that the realm's own groups know nothing of, its members and roles, who may change it, and what ends it."""
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from latchkey import Browser, Server, Tap, claims  # noqa: E402

ADMINISTRATORS = {"viewer": ["view-organizations"], "manager": ["manage-organizations"], "both": ["manage-organizations", "manage-users"], "users": ["manage-users"]}
REALM = {"realm": "firm", "enabled": True, "organizationsEnabled": True, "accessTokenLifespan": 3000, "passwordPolicy": "hashIterations(1)",
         "adminEventsEnabled": True, "adminEventsDetailsEnabled": True, "groups": [{"name": "eng"}],
         "roles": {"realm": [{"name": "reader"}, {"name": "writer", "composite": True, "composites": {"realm": ["reader"]}}], "client": {"app": [{"name": "approle"}]}},
         "clients": [{"clientId": "app", "secret": "s", "directAccessGrantsEnabled": True}, {"clientId": "cli", "publicClient": True, "directAccessGrantsEnabled": True}],
         "users": [{"username": name, "enabled": True, "firstName": name, "lastName": "x", "email": name + "@acme.test", "credentials": [{"type": "password", "value": "pw"}],
                    "clientRoles": {"realm-management": ADMINISTRATORS.get(name, [])}} for name in ("mia", "out", *ADMINISTRATORS)]}


class Walk:
    """The realm, as the server's administrator or as one of those above."""

    def __init__(self, server):
        self.server, self.base, self.tokens = server, server.base, {}
        self.users = {user["username"]: user["id"] for user in self.get("/users")}
        self.app = self.get("/clients?clientId=app")[0]["id"]
        self.acme, self.beta = (self.organization(name) for name in ("acme", "beta"))
        self.groups = f"/organizations/{self.acme}/groups"

    def organization(self, name):
        self.ask("POST", "/organizations", {"name": name, "domains": [{"name": name + ".test"}]})
        made = self.get("/organizations?search=" + name)[0]["id"]
        self.ask("POST", f"/organizations/{made}/members", self.users["mia"])
        return made

    def login(self, name, client="cli", **more):
        form = {"grant_type": "password", "client_id": client, "username": name, "password": "pw", **more}
        return Browser().request("POST", f"{self.base}/realms/firm/protocol/openid-connect/token", form).json()

    def ask(self, method, path, body=None, by=None):
        if by is None:
            return self.server.admin(method, "/realms/firm" + path, body)
        self.tokens[by] = self.tokens.get(by) or self.login(by)["access_token"]
        head = {"Authorization": "Bearer " + self.tokens[by], "Content-Type": "application/json"}
        return Browser().request(method, self.base + "/admin/realms/firm" + path, headers=head, body=json.dumps(body) if body is not None else None)

    def get(self, path):
        return self.ask("GET", path).json()

    def names(self, path):
        return [group["name"] for group in self.get(path)]

    def make(self, name, parent=None, **more):
        path = f"{self.groups}/{parent}/children" if parent else self.groups
        return self.ask("POST", path, {"name": name, **more}).json()["id"]

    def said(self, answer):
        return answer.status, json.loads(answer.text or "{}").get("errorMessage")

    def statuses(self, method, path, body=None):
        return [self.ask(method, path, body, by).status for by in ADMINISTRATORS]


def a_tree(tap, walk):
    eng = walk.make("eng", attributes={"floor": ["2"]}, description="builds")
    kid = walk.make("kid", eng, attributes={"floor": ["3"]})
    one = f"{walk.groups}/{eng}"
    tap.is_(walk.names(walk.groups), ["eng"], "outermost groups are listed")
    tap.is_(walk.names(f"{one}/children"), ["kid"], "children are listed")
    tap.is_(walk.names(walk.groups + "?q=floor:3"), ["kid"], "a group keeps the attributes that it is made with, and is found by them")
    tap.is_([group["name"] for group in walk.get(walk.groups + "?search=kid&populateHierarchy=true")[0]["subGroups"]], ["kid"], "a search shows the way to what it finds")
    tap.is_(walk.get(f"{walk.groups}/group-by-path/eng/kid")["id"], kid, "a group is found by its path")
    walk.ask("PUT", one, {"name": "engineers"})
    shown = walk.get(one)
    tap.is_((shown["name"], shown.get("description"), shown["attributes"]), ("engineers", None, {"floor": ["2"]}), "an update takes the description away, and leaves the attributes")
    tap.is_(walk.get(f"{walk.groups}/{kid}")["path"], "/engineers/kid", "paths follow")
    tap.is_(walk.said(walk.ask("POST", f"{walk.groups}/{kid}/children", {"id": eng, "name": "x"})), (400, "A group cannot be moved below itself"), "no group is moved below itself")
    tap.is_(walk.ask("POST", walk.groups, {"id": kid, "name": "x"}).status, 204, "a group is moved")
    tap.is_(walk.names(walk.groups), ["engineers", "kid"], "to the outermost ones")
    walk.ask("POST", f"{one}/children", {"id": kid, "name": "x"})
    tap.is_((walk.names(walk.groups), walk.names(f"{one}/children")), (["engineers"], ["kid"]), "and back")
    return eng, kid


def apart(tap, walk, eng):
    tap.is_(walk.names("/groups?search=eng"), ["eng"], "the realm's groups are others, of the same name or not")
    refusal = (400, "Cannot manage organization related group via non Organization API.")
    tap.is_(walk.said(walk.ask("GET", f"/groups/{eng}")), refusal, "the realm's API has none of an organization's")
    tap.is_(walk.said(walk.ask("PUT", f"/default-groups/{eng}")), refusal, "nobody joins one by default")
    tap.is_(walk.said(walk.ask("PUT", f"/users/{walk.users['mia']}/groups/{eng}"))[0], 400, "nor by the users' API")
    own = walk.get("/groups")[0]["id"]
    tap.is_(walk.said(walk.ask("GET", f"{walk.groups}/{own}")), (400, "Group does not belong to the organization"), "the organization has none of the realm's")
    tap.is_(walk.said(walk.ask("GET", f"/organizations/{walk.beta}/groups/{eng}")), (400, "Group does not belong to the organization"), "nor of another organization")
    tap.is_(walk.said(walk.ask("GET", f"{walk.groups}/{walk.get(walk.groups)[0]['parentId']}")), (404, "Group does not exist"), "what they stand below is no group")


def members(tap, walk, eng, kid):
    mia, path = walk.users["mia"], f"{walk.groups}/{eng}/members"
    tap.is_(walk.said(walk.ask("PUT", f"{path}/{walk.users['out']}")), (400, "User is not member of the organization"), "only members of the organization come in")
    tap.is_((walk.ask("PUT", f"{path}/{mia}").status, walk.ask("PUT", f"{path}/{mia}").status), (204, 409), "once")
    tap.is_([(one["username"], one["membershipType"]) for one in walk.get(path)], [("mia", "UNMANAGED")], "and are listed")
    walk.ask("PUT", f"{walk.groups}/{kid}/members/{mia}")
    tap.is_(walk.names(f"/organizations/{walk.acme}/members/{mia}/groups"), ["engineers", "kid"], "as are the groups of a member")
    tap.is_(walk.get(f"/users/{mia}/groups"), [], "which are none of the user's")


def roles(tap, walk, eng):
    path, mia = f"{walk.groups}/{eng}/role-mappings", walk.users["mia"]
    writer, approle = walk.get("/roles/writer"), walk.get(f"/clients/{walk.app}/roles/approle")
    walk.ask("POST", path + "/realm", [writer])
    walk.ask("POST", f"{path}/clients/{walk.app}", [approle])
    tap.is_((walk.names(path + "/realm"), walk.names(path + "/realm/composite"), walk.names(f"{path}/clients/{walk.app}")), (["writer"], ["reader", "writer"], ["approle"]), "roles are given")
    tap.ok("writer" not in walk.names(path + "/realm/available") and walk.names(f"{path}/clients/{walk.app}/available") == [], "and are not available then")
    tap.is_(sorted(walk.get(path)), ["clientMappings", "realmMappings"], "all of them at once")
    tap.ok("writer" not in walk.names(f"/users/{mia}/role-mappings/realm/composite"), "a member's own roles are not more for it")
    walk.ask("POST", path + "/realm", [walk.get("/roles/reader")])
    walk.ask("DELETE", path + "/realm", [walk.get("/roles/reader")])
    tap.is_(walk.names(path + "/realm"), ["writer"], "roles are taken away")


def tokens(tap, walk):
    scope = next(one for one in walk.get("/client-scopes") if one["name"] == "organization")
    mappers = f"/client-scopes/{scope['id']}/protocol-mappers/models"
    walk.ask("PUT", f"/clients/{walk.app}/optional-client-scopes/{scope['id']}")
    config = {"access.token.claim": "true", "addGroupRoleMappings": "true"}
    walk.ask("POST", mappers, {"name": "groups", "protocol": "openid-connect", "protocolMapper": "oidc-organization-group-membership-mapper", "config": config})
    answer = walk.login("mia", "app", client_secret="s", scope="openid organization:*")
    shown, own = claims(answer["access_token"])["organization"], claims(answer["access_token"]).get("realm_access", {}).get("roles", [])
    tap.is_((sorted(shown), shown["acme"]["groups"], shown["beta"]), (["acme", "beta"], ["/engineers", "/engineers/kid"], {"groups": []}), "tokens show the groups by organization")
    tap.is_((sorted(shown["acme"]["realm_access"]["roles"]), shown["acme"]["resource_access"]), (["reader", "writer"], {"app": {"roles": ["approle"]}}), "and their roles")
    tap.ok("writer" not in own and claims(answer["id_token"])["organization"] == ["acme", "beta"], "which are not the user's own, where the mapper says so")


def administrators(tap, walk, eng):
    one, mia = f"{walk.groups}/{eng}", walk.users["mia"]
    tap.is_(walk.statuses("GET", walk.groups), [200, 200, 200, 403], "who views organizations sees their groups")
    tap.is_(walk.statuses("GET", f"{one}/members"), [403, 403, 200, 403], "and their members with view-users besides")
    tap.is_(walk.statuses("GET", f"/organizations/{walk.acme}/members"), [403, 403, 200, 403], "as those of the organization")
    tap.is_(walk.statuses("PUT", one, {"name": "engineers"}), [403, 204, 204, 403], "who manages organizations changes groups")
    tap.is_(walk.statuses("DELETE", f"{one}/members/{mia}"), [403, 403, 204, 403], "and their members with manage-users besides")
    tap.is_(walk.statuses("POST", f"{one}/role-mappings/realm", [walk.get("/roles/reader")]), [403, 403, 204, 403], "and what roles they give")
    admin = walk.get("/clients?clientId=realm-management")[0]["id"]
    power = walk.get(f"/clients/{admin}/roles/realm-admin")
    tap.is_(walk.ask("POST", f"{one}/role-mappings/clients/{admin}", [power], "both").status, 403, "but no roles of administrators that they have not")
    walk.ask("PUT", f"{one}/members/{mia}")


def events(tap, walk, eng):
    seen = {(event["operationType"], event["resourceType"], event["resourcePath"].replace(walk.acme, "O").replace(eng, "G").replace(walk.users["mia"], "U"))
            for event in walk.get("/admin-events?max=500")}
    wanted = {("CREATE", "ORGANIZATION_GROUP", "organizations/O/groups"), ("UPDATE", "ORGANIZATION_GROUP", "organizations/O/groups/G"), ("CREATE", "ORGANIZATION_GROUP", "organizations/O/groups/G/children"),
              ("UPDATE", "ORGANIZATION_GROUP", "organizations/O/groups/G/children"), ("CREATE", "ORGANIZATION_GROUP_MEMBERSHIP", "organizations/O/groups/G/members/U"),
              ("DELETE", "ORGANIZATION_GROUP_MEMBERSHIP", "organizations/O/groups/G/members/U"), ("CREATE", "REALM_ROLE_MAPPING", "organizations/O/groups/G/role-mappings/realm")}
    tap.is_(sorted(wanted - seen), [], "each change is told")


def ends(tap, walk, eng, kid):
    mia, path = walk.users["mia"], f"{walk.groups}/{eng}/members"
    walk.ask("DELETE", f"/organizations/{walk.acme}/members/{mia}")
    walk.ask("POST", f"/organizations/{walk.acme}/members", mia)
    tap.is_(walk.get(path), [], "who leaves the organization leaves its groups")
    tap.is_(walk.ask("DELETE", f"{walk.groups}/{eng}").status, 204, "a group is removed")
    tap.is_(walk.said(walk.ask("GET", f"{walk.groups}/{kid}")), (404, "Group does not exist"), "with what is below it")
    last = walk.make("last")
    walk.ask("PUT", "", {"realm": "firm", "organizationsEnabled": False})
    tap.is_(walk.ask("GET", walk.groups).status, 404, "a realm without organizations has none of their groups")
    walk.ask("PUT", "", {"realm": "firm", "organizationsEnabled": True})
    walk.ask("DELETE", f"/organizations/{walk.acme}")
    tap.is_(walk.ask("GET", f"/groups/{last}").status, 404, "an organization takes its groups with it")


tap, server = Tap(), Server(realms=())
try:
    tap.is_(server.admin("POST", "/realms", REALM).status, 201, "the realm is made")
    walk = Walk(server)
    eng, kid = a_tree(tap, walk)
    apart(tap, walk, eng)
    members(tap, walk, eng, kid)
    roles(tap, walk, eng)
    tokens(tap, walk)
    administrators(tap, walk, eng)
    events(tap, walk, eng)
    ends(tap, walk, eng, kid)
finally:
    server.stop()
tap.done()
