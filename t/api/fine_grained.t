#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""Fine-grained permissions: who may do what by them, what nobody gets by them, and that they go with the realm's file."""
import glob
import json
import os
import subprocess
import sys
import threading

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from latchkey import Browser, Server, Tap  # noqa: E402

PEOPLE = (("bob", []), ("alice", ["/staff"]), ("carol", ["/staff/night"]), ("dave", []), ("boss", []))
REALM = {"realm": "fine", "enabled": True, "adminPermissionsEnabled": True, "organizationsEnabled": True, "accessTokenLifespan": 3000, "passwordPolicy": "hashIterations(1)",
         "groups": [{"name": "staff", "subGroups": [{"name": "night"}]}, {"name": "guests"}],
         "roles": {"realm": [{"name": "reader"}, {"name": "deputy", "composite": True, "composites": {"client": {"realm-management": ["realm-admin"]}}}], "client": {"app": [{"name": "approle"}]}},
         "clients": [{"clientId": "app", "secret": "s"}, {"clientId": "other", "secret": "s"}, {"clientId": "cli", "publicClient": True, "directAccessGrantsEnabled": True}],
         "users": [{"username": name, "enabled": True, "firstName": name, "lastName": "x", "email": name + "@example.test", "groups": groups, "credentials": [{"type": "password", "value": "pw"}],
                    **({"clientRoles": {"realm-management": ["realm-admin"]}} if name == "boss" else {})} for name, groups in PEOPLE]}


class Walk:
    """The realm, as its administrator `boss` and as bob, who has nothing but what permissions give him."""

    def __init__(self, server):
        self.base, self.root, self.count = server.base, server.base + "/admin/realms/fine", 0
        self.boss, self.bob = self.login("boss"), self.login("bob")
        self.users = {user["username"]: user["id"] for user in self.get("/users?max=50")}
        self.clients = {client["clientId"]: client["id"] for client in self.get("/clients")}
        self.groups = {group["name"]: group["id"] for group in self.get("/groups")}
        self.groups["night"] = self.get(f"/groups/{self.groups['staff']}/children")[0]["id"]
        self.roles = {role["name"]: role for role in self.get("/roles") + self.get(f"/clients/{self.clients['app']}/roles")}
        self.authz = f"/clients/{self.clients['admin-permissions']}/authz/resource-server"

    def login(self, name, realm="fine", client="cli", password="pw"):
        form = {"grant_type": "password", "client_id": client, "username": name, "password": password}
        return Browser().request("POST", f"{self.base}/realms/{realm}/protocol/openid-connect/token", form).json()["access_token"]

    def ask(self, token, method, path, body=None):
        head = {"Authorization": "Bearer " + token, "Content-Type": "application/json"}
        return Browser().request(method, self.root + path, headers=head, body=json.dumps(body) if body is not None else None)

    def get(self, path):
        return self.ask(self.boss, "GET", path).json()

    def may(self, method, path, body=None):
        return self.ask(self.bob, method, path, body).status

    def names(self, path):
        answer = self.ask(self.bob, "GET", path)
        return sorted(thing.get("username") or thing.get("clientId") or thing["name"] for thing in answer.json()) if answer.status == 200 else answer.status

    def policy(self, name, kind, **body):
        return self.ask(self.boss, "POST", f"{self.authz}/policy/{kind}", {"name": name, **body})

    def permit(self, kind, scopes, resources=None, policies=("bob",), **more):
        self.count += 1
        body = {"name": f"p{self.count}", "resourceType": kind, "scopes": scopes, "policies": list(policies), **more}
        return self.ask(self.boss, "POST", self.authz + "/permission/scope", {**body, "resources": resources} if resources else body)

    def only(self, *permissions):
        """These permissions and no others."""
        for old in self.get(self.authz + "/permission?max=100"):
            self.ask(self.boss, "DELETE", f"{self.authz}/permission/scope/{old['id']}")
        return [self.permit(*permission).json() for permission in permissions]

    def roles_of_bob(self, *names):
        management = self.clients["realm-management"]
        mappings = f"/users/{self.users['bob']}/role-mappings/clients/{management}"
        self.ask(self.boss, "DELETE", mappings, self.get(mappings))
        self.ask(self.boss, "POST", mappings, [self.get(f"/clients/{management}/roles/{name}") for name in names])


def users(tap, walk):
    alice, dave = f"/users/{walk.users['alice']}", f"/users/{walk.users['dave']}"
    reset = {"type": "password", "value": "pw"}
    tap.is_([walk.may("GET", alice), walk.may("GET", "/users"), walk.may("GET", "/users/none")], [403, 403, 403], "without a permission nothing, not even what is not there")
    walk.only(("Users", ["view"], ["alice"]))
    tap.is_([walk.may("GET", alice), walk.may("GET", dave), walk.may("PUT", alice, {"firstName": "A"}), walk.may("GET", "/users")], [200, 403, 403, 403], "one user may be seen, and no list")
    walk.roles_of_bob("query-users", "query-groups", "query-clients", "query-organizations")
    tap.is_([walk.names("/users"), walk.ask(walk.bob, "GET", "/users/count").json(), walk.names("/users?search=dave"), walk.names("/ui-ext/brute-force-user")], [["alice"], 1, [], ["alice"]], "lists hold what may be seen")
    walk.only(("Users", ["view"]), ("Users", ["view"], [walk.users["alice"]], ("nobob",)))
    tap.is_([walk.may("GET", alice), walk.names("/users")], [403, ["bob", "boss", "carol", "dave"]], "what is said of one stands in place of what is said of all")
    walk.only(("Users", ["view"], [walk.users["alice"]]), ("Groups", ["view-members"], [walk.groups["staff"]], ("nobob",)))
    tap.is_([walk.may("GET", alice), walk.names("/users")], [403, []], "a group that refuses outweighs the user")
    walk.only(("Groups", ["view-members", "manage-members"], [walk.groups["staff"]]))
    tap.is_([walk.may("GET", alice), walk.may("PUT", alice, {"firstName": "A"}), walk.may("GET", f"/users/{walk.users['carol']}"), walk.names(f"/groups/{walk.groups['staff']}/members")], [200, 204, 200, ["alice"]],
            "members of a group, and of those below it")
    tap.is_([walk.names("/users"), walk.ask(walk.bob, "GET", "/users/count").json(), walk.names("/users?search=carol")], [["alice", "carol"], 2, ["carol"]], "as lists have them")
    walk.only(("Users", ["view"]), ("Groups", ["view-members"], [walk.groups["staff"]], ("nobob",)))
    tap.is_([walk.may("GET", alice), walk.may("GET", f"/users/{walk.users['carol']}"), walk.names("/users")], [403, 403, ["bob", "boss", "dave"]], "a group that refuses does so for those below it")
    walk.only(("Users", ["view", "manage"]), ("Users", ["reset-password"], None, ("nobob",)))
    tap.is_([walk.may("GET", alice), walk.names("/users"), walk.ask(walk.bob, "GET", "/users/count").json()], [403, [], 0], "what is refused of all takes all else along that is allowed of all")
    walk.only(("Users", ["manage"]), ("Users", ["reset-password"], [walk.users["alice"]], ("nobob",)))
    tap.is_([walk.may("PUT", alice + "/reset-password", reset), walk.may("PUT", dave + "/reset-password", reset), walk.may("PUT", alice, {"credentials": [reset]}), walk.may("PUT", alice, {"firstName": "B"})], [403, 204, 403, 204],
            "a password that may not be reset is not changed with the user either")
    tap.is_([walk.may("POST", "/users", {"username": "made"}), walk.may("POST", "/users", {"username": "grouped", "groups": ["/staff"]})], [201, 403], "a new user, but not in a group that is not theirs to fill")
    walk.only(("Users", ["manage-group-membership"]), ("Groups", ["manage-membership"], [walk.groups["guests"]]))
    tap.is_([walk.may("PUT", f"{dave}/groups/{walk.groups['guests']}"), walk.may("PUT", f"{dave}/groups/{walk.groups['staff']}"), walk.may("DELETE", f"{dave}/groups/{walk.groups['guests']}")], [204, 403, 204], "a group takes both permissions")
    walk.only(("Users", ["view", "impersonate", "map-roles"], [walk.users["alice"]]))
    tap.is_(sorted(name for name, may in walk.ask(walk.bob, "GET", alice).json()["access"].items() if may), ["impersonate", "mapRoles", "view"], "access tells")
    tap.is_([walk.may("POST", dave + "/impersonation"), walk.may("POST", alice + "/impersonation")], [403, 200], "impersonation")


def roles(tap, walk):
    of_realm, admins = f"/users/{walk.users['dave']}/role-mappings/realm", walk.clients["realm-management"]
    reader, deputy = [walk.roles["reader"]], [walk.roles["deputy"]]
    of_admins = f"/users/{walk.users['bob']}/role-mappings/clients/{admins}"
    walk.only(("Users", ["map-roles", "view"]), ("Roles", ["map-role"]))
    tap.is_([walk.may("POST", of_realm, reader), walk.may("DELETE", of_realm, reader)], [204, 204], "a role")
    tap.is_([walk.may("POST", of_realm, deputy), walk.may("POST", f"/users/{walk.users['bob']}/role-mappings/realm", deputy)], [403, 403], "no role that is composed of an administrator's")
    tap.is_([walk.may("POST", of_admins, [walk.get(f"/clients/{admins}/roles/{name}")]) for name in ("realm-admin", "view-users", "manage-users")], [403] * 3, "nor one itself")
    tap.ok("deputy" not in walk.names(of_realm + "/available") and "reader" in walk.names(of_realm + "/available"), "what is available is what may be given")
    walk.only(("Users", ["map-roles"]), ("Clients", ["map-roles"], ["app"]))
    tap.is_([walk.may("POST", of_realm, reader), walk.may("POST", f"/users/{walk.users['dave']}/role-mappings/clients/{walk.clients['app']}", [walk.roles["approle"]])], [403, 204], "a client's roles")


def groups_and_clients(tap, walk):
    staff, app, other = f"/groups/{walk.groups['staff']}", f"/clients/{walk.clients['app']}", f"/clients/{walk.clients['other']}"
    walk.only(("Groups", ["view", "manage"], [walk.groups["staff"]]))
    tap.is_([walk.names("/groups"), walk.ask(walk.bob, "GET", "/groups/count").json()["count"], walk.names(staff + "/children"), walk.may("PUT", staff, {"name": "staff"}), walk.may("POST", staff + "/children", {"name": "day"}),
             walk.may("POST", staff + "/children", {"id": walk.groups["guests"], "name": "guests"}), walk.may("POST", "/groups", {"name": "x"}), walk.may("GET", staff + "/members")], [["staff"], 1, [], 204, 201, 403, 403, 403], "one group")
    walk.only(("Clients", ["view", "manage"], [walk.clients["app"]]))
    tap.is_([walk.names("/clients"), walk.names("/clients?first=1"), walk.may("GET", app), walk.may("GET", other), walk.may("PUT", app, {"clientId": "app", "description": "d"}), walk.may("POST", "/clients", {"clientId": "new"}), walk.may("GET", "/client-scopes")],
            [["app"], [], 200, 403, 204, 403, 200], "one client")
    tap.is_([walk.may("GET", f"{app}/evaluate-scopes/generate-example-access-token?userId={walk.users['dave']}"), walk.may("POST", app + "/roles/approle/composites", [walk.roles["reader"]])], [403, 403], "no token of a user who may not be seen, no role into its roles")
    walk.only(("Clients", ["view", "manage", "map-roles", "map-roles-composite"]), ("Roles", ["map-role", "map-role-composite"]))
    admins = f"/clients/{walk.clients['realm-management']}"
    tap.is_([walk.may("PUT", admins, {"clientId": "realm-management", "description": "x"}), walk.may("POST", admins + "/roles", {"name": "mine"}), walk.may("POST", admins + "/roles/view-users/composites", [walk.roles["reader"]]),
             walk.may("GET", walk.authz), walk.may("GET", walk.authz + "/policy"), walk.may("POST", walk.authz + "/policy/user", {"name": "mine", "users": [walk.users["bob"]]}), walk.may("DELETE", f"/clients/{walk.clients['admin-permissions']}"),
             walk.may("POST", "/clients", {"clientId": "new"})], [403] * 7 + [201], "all clients, but not those that administrators' rights are made of")


def organizations(tap, walk):
    for name in ("one", "two"):
        walk.ask(walk.boss, "POST", "/organizations", {"name": name, "domains": [{"name": name + ".example"}]})
    one, two = ("/organizations/" + thing["id"] for thing in walk.get("/organizations"))
    body = {"name": "one", "domains": [{"name": "one.example"}]}
    walk.only(("Organizations", ["view"], [one[15:]]))
    tap.is_([walk.names("/organizations"), walk.ask(walk.bob, "GET", "/organizations/count").json(), walk.may("GET", one), walk.may("GET", two), walk.may("PUT", one, body), walk.names(one + "/members")], [["one"], 1, 200, 403, 403, []], "one organization, and none of its members")
    walk.only(("Organizations", ["view", "manage"], [one[15:]]), ("Users", ["manage"], ["dave"]))
    tap.is_([walk.may("POST", at + "/members", walk.users[name]) for at, name in ((one, "dave"), (one, "alice"), (two, "dave"))], [201, 403, 403], "who becomes a member takes the organization and the user")
    tap.is_([walk.may("DELETE", f"{one}/members/{walk.users[name]}") for name in ("alice", "dave")] + [walk.names(one + "/invitations"), walk.may("GET", one + "/identity-providers")], [404, 204, [], 403], "and who goes; invitations are the organization's, providers are for roles")
    group = one + "/groups/" + walk.ask(walk.bob, "POST", one + "/groups", {"name": "eng"}).json()["id"]
    mappings = group + "/role-mappings/realm"
    tap.is_([walk.may("POST", mappings, [walk.roles["reader"]]), walk.names(mappings + "/available")], [403, []], "no role to its groups")
    walk.only(("Organizations", ["view", "manage"]), ("Roles", ["map-role"]))
    tap.is_([walk.may("POST", mappings, [walk.roles[name]]) for name in ("reader", "deputy")], [204, 403], "but those that may be given, and no administrator's")
    tap.is_([walk.may("DELETE", group), walk.may("PUT", one, body), walk.may("DELETE", two)], [204, 204, 204], "all of them")


def written(tap, walk):
    """What a permission may be, and who may write it."""
    tap.is_([walk.permit(*given).status for given in (("Users", ["map-role"]), ("Nothing", ["view"]), ("Users", []), ("Users", ["view"], ["nobody"]), ("Users", ["view"], [walk.groups["staff"]]), ("Users", ["view"], ["alice"], ("none",)))],
            [400, 400, 400, 400, 400, 500], "refused")
    tap.is_([walk.permit("Users", ["view"], decisionStrategy="AFFIRMATIVE").status, walk.ask(walk.boss, "POST", walk.authz + "/permission/resource", {"name": "r", "resources": ["Users"]}).status], [400, 400], "one strategy, one type")
    [made] = walk.only(("Users", ["view"], ["alice", walk.users["dave"]]))
    at = f"{walk.authz}/permission/scope/{made['id']}"
    tap.is_(sorted(thing["displayName"] for thing in walk.get(at + "/resources")), ["alice", "dave"], "its resources by their names")
    tap.is_([walk.get(f"{walk.authz}/{where}/scope/{made['id']}/{what}")[0]["name"] for where in ("policy", "permission") for what in ("scopes", "associatedPolicies")], ["view", "bob"] * 2, "its scopes and policies")
    tap.is_(len(walk.get(f"{walk.authz}/policy/scope/{made['id']}/resources")), 2, "the same below policies")
    tap.is_(walk.ask(walk.boss, "PUT", at, {"name": made["name"], "resourceType": "Users", "scopes": ["manage"], "resources": [walk.users["dave"]], "policies": ["bob"]}).status, 201, "changed")
    tap.is_([walk.may("GET", f"/users/{walk.users['dave']}"), walk.may("PUT", f"/users/{walk.users['dave']}", {"firstName": "D"}), walk.may("PUT", f"/users/{walk.users['alice']}", {"firstName": "D"})], [403, 204, 403], "at once")
    tap.is_(sorted(thing["name"] for thing in walk.get(walk.authz + "/resource")), sorted(["Users", "Groups", "Clients", "Roles", "Organizations", walk.users["dave"]]), "a resource is there for as long as a permission is about it")
    client = "/clients/" + walk.clients["admin-permissions"]
    tap.is_([walk.ask(walk.boss, method, path, body).status for method, path, body in (
        ("PUT", client, {"clientId": "admin-permissions", "authorizationServicesEnabled": False}), ("DELETE", client, None), ("POST", walk.authz + "/resource", {"name": "x"}), ("PUT", walk.authz, {"policyEnforcementMode": "DISABLED"}),
        ("POST", walk.authz + "/import", {"policyEnforcementMode": "DISABLED"}), ("DELETE", f"{walk.authz}/resource/{walk.get(walk.authz + '/resource')[0]['_id']}", None),
        ("POST", "/clients", {"clientId": "admin-permissions"}), ("PUT", f"/clients/{walk.clients['other']}", {"clientId": "admin-permissions"}))], [400] * 8, "the client is what it is")
    for roles_of_bob, expected in ((["manage-clients", "manage-authorization", "manage-users"], [403, 403]), (["view-realm"], [200, 403]), (["manage-realm"], [200, 201])):
        walk.roles_of_bob(*roles_of_bob)
        tap.is_([walk.may("GET", walk.authz + "/permission"), walk.may("POST", walk.authz + "/policy/user", {"name": roles_of_bob[0], "users": [walk.users["alice"]]})], expected, "permissions are the realm's: " + roles_of_bob[0])
    walk.roles_of_bob()


def evaluated(tap, walk):
    """What the console shows of a decision is what is decided."""
    def ask(kind, thing, *scopes, user="bob", token=None):
        body = {"userId": walk.users.get(user), "resourceType": kind, "resources": [{"name": thing, "scopes": [{"name": scope} for scope in scopes]}] if thing else [], "entitlements": True}
        answer = walk.ask(token or walk.boss, "POST", walk.authz + "/policy/evaluate", body)
        return [[one["resource"]["name"], [scope["name"] for scope in one["allowedScopes"]], [scope["name"] for scope in one["deniedScopes"]]] for one in answer.json()["results"]] if answer.status == 200 else answer.status
    walk.only(("Users", ["view", "manage"]), ("Users", ["view"], ["alice"], ("nobob",)), ("Clients", ["view"], ["app"]))
    tap.is_([ask("Users", walk.users["alice"], "view", "manage"), ask("Users", "alice", "view"), ask("Users", walk.users["dave"], "view", "impersonate"), ask("Clients", "app", "view"), ask("Clients", "other", "view"), ask("Users", "alice", "view", user="dave")],
            [[["alice with scopes [manage]", ["manage"], ["view"]]], [["alice with scopes [view]", [], ["view"]]], [["dave with scopes [view]", ["view"], ["impersonate"]]], [["app with scopes [view]", ["view"], []]], [], [["alice with scopes [view]", ["view"], []]]],
            "evaluated: of one, by id or name, of another, of a client, of one that nothing is said of, for somebody else")
    tap.is_([ask("Users", None), ask("Nothing", "alice", "view"), ask(None, "alice"), ask("Users", "alice", user="nobody"), ask("Users", "alice", "view", token=walk.bob)], [400, 400, 400, 500, 403], "and what cannot be evaluated")


def console(tap, walk):
    """Roles as the console lists them, and takes them away."""
    alice, staff = f"users/{walk.users['alice']}", f"groups/{walk.groups['staff']}"
    roles = lambda path: sorted(role.get("role") or role["name"] for role in answer.json()) if (answer := walk.ask(walk.bob, "GET", "/ui-ext/" + path)).status == 200 else answer.status  # noqa: E731
    at = f"/users/{walk.users['alice']}/role-mappings"
    walk.ask(walk.boss, "POST", f"{at}/clients/{walk.clients['app']}", [walk.roles["approle"]])
    walk.ask(walk.boss, "POST", f"{at}/clients/{walk.clients['realm-management']}", [view := walk.get(f"/clients/{walk.clients['realm-management']}/roles/view-users")])
    walk.only(("Users", ["view", "map-roles"], ["alice"]), ("Clients", ["view", "map-roles"], ["app"]))
    tap.is_([roles("effective-roles/" + alice), roles("available-roles/" + alice), roles("available-roles/" + staff), roles("available-roles/users/" + walk.users["carol"])], [["approle"], [], 403, 403], "roles that are seen, of a user who may be")
    take = lambda role: walk.may("POST", "/ui-ext/role-mapping-delete/" + alice, [{"roleId": role["id"], "roleName": role["name"]}])  # noqa: E731
    tap.is_([take(view), take(walk.roles["approle"]), roles("available-roles/" + alice)], [403, 204, ["approle"]], "taken away is what could be given")
    walk.ask(walk.boss, "DELETE", f"{at}/clients/{walk.clients['realm-management']}", [view])


def policies(tap, walk):
    """All types that decide by who asks."""
    kinds = (("role", {"roles": [{"id": walk.roles["reader"]["id"]}]}), ("group", {"groups": [{"id": walk.groups["guests"], "extendChildren": False}]}), ("client", {"clients": [walk.clients["cli"]]}), ("time", {"notOnOrAfter": "2020-01-01 00:00:00"}),
             ("regex", {"targetClaim": "preferred_username", "pattern": "bo."}), ("aggregate", {"policies": ["bob", "by role"]}))
    seen = {}
    for kind, body in kinds:
        walk.policy("by " + kind, kind, **body)
        walk.only(("Users", ["view"], ["alice"], ("by " + kind,)))
        before = walk.may("GET", f"/users/{walk.users['alice']}")
        bob = f"/users/{walk.users['bob']}"
        walk.ask(walk.boss, "POST", bob + "/role-mappings/realm", [walk.roles["reader"]])
        walk.ask(walk.boss, "PUT", f"{bob}/groups/{walk.groups['guests']}")
        seen[kind] = [before, walk.may("GET", f"/users/{walk.users['alice']}")]
        walk.ask(walk.boss, "DELETE", bob + "/role-mappings/realm", [walk.roles["reader"]])
        walk.ask(walk.boss, "DELETE", f"{bob}/groups/{walk.groups['guests']}")
    tap.is_(seen, {"role": [403, 200], "group": [403, 200], "client": [200, 200], "time": [403, 403], "regex": [200, 200], "aggregate": [403, 200]}, "policies")
    walk.only(("Users", ["view"], ["alice"], ()), ("Users", ["view"]))
    tap.is_(walk.may("GET", f"/users/{walk.users['alice']}"), 200, "a permission without policies says nothing")


class Session:
    """A connection to the server's database, which holds what it has locked until it is told to go on."""

    def __init__(self, server):
        folder = os.path.dirname(glob.glob(f"{server.folder}/data/**/.s.PGSQL.*", recursive=True)[0])
        self.psql = subprocess.Popen(["psql", "-h", folder, "-U", "latchkey", "-d", "postgres", "-qAt", "-v", "ON_ERROR_STOP=1"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def run(self, sql):
        self.psql.stdin.write(sql + ";\n\\echo done\n")
        self.psql.stdin.flush()
        lines = list(iter(lambda: self.psql.stdout.readline().rstrip("\n") or "done", "done"))
        assert self.psql.poll() is None, "psql has ended"
        return lines

    def waits_for(self, number, *threads):
        """Until so many connections wait for a lock; or, where that comes to nothing, until one of the requests is answered."""
        waiting = "SELECT 1 FROM pg_stat_activity WHERE cardinality(pg_blocking_pids(pid)) > 0"
        while len(found := self.run(waiting)) < number and all(thread.is_alive() for thread in threads):
            pass
        return len(found)


def interleaved(tap, walk, server):
    """Whoever deletes a user, and whoever writes the permissions meanwhile, go one after the other."""
    for name in ("eve", "mallory"):
        walk.ask(walk.boss, "POST", "/users", {"username": name, "enabled": True})
        walk.users[name] = walk.get("/users?exact=true&username=" + name)[0]["id"]
    walk.only()
    answers, client = {}, f"WHERE id = '{walk.clients['admin-permissions']}'"

    def begin(label, ask, *args):
        thread = threading.Thread(target=lambda: answers.update({label: ask(*args).status}))
        thread.start()
        return thread

    def named():
        return sorted(thing["name"] for thing in walk.get(walk.authz + "/resource") if "type" not in thing)

    other, watch = Session(server), Session(server)
    # a writer of permissions has added eve, and has yet to commit, when she is deleted
    resource = json.dumps([{"_id": "of-eve", "name": walk.users["eve"], "scopes": [], "uris": [], "attributes": {}, "ownerManagedAccess": False}])
    other.run("BEGIN; SELECT version FROM realm WHERE name = 'fine' FOR UPDATE")
    other.run(f"UPDATE client SET rep = jsonb_set(rep, '{{authorizationSettings,resources}}', rep->'authorizationSettings'->'resources' || '{resource}') {client}")
    thread = begin("delete", walk.ask, walk.boss, "DELETE", f"/users/{walk.users['eve']}")
    waited = watch.waits_for(1, thread)
    other.run("COMMIT")
    thread.join()
    tap.is_([waited, answers["delete"], named()], [1, 204, []], "a deletion waits for who writes permissions, and takes with it what they said")

    # mallory's deletion is under way when a permission about somebody else is written
    walk.permit("Users", ["view"], ["mallory"])
    other.run(f"BEGIN; SELECT id FROM user_entity WHERE id = '{walk.users['mallory']}' FOR UPDATE")
    threads = [begin("delete", walk.ask, walk.boss, "DELETE", f"/users/{walk.users['mallory']}")]
    waited = [watch.waits_for(1, *threads)]
    threads.append(begin("permit", walk.permit, "Users", ["view"], ["carol"]))
    waited.append(watch.waits_for(2, *threads))
    other.run("COMMIT")
    for thread in threads:
        thread.join()
    tap.is_([waited, answers["delete"], answers["permit"], named()], [[1, 2], 204, 201, [walk.users["carol"]]], "and who writes permissions waits for a deletion, and brings nothing back")
    for session in (other, watch):
        session.psql.stdin.close()
        session.psql.wait()


def life(tap, walk, server):
    """What goes is forgotten; what is off is not asked; what is exported comes back; master has roles alone."""
    walk.only(("Users", ["view"], ["alice", "dave"]), ("Users", ["view"], ["dave"]), ("Groups", ["view"], [walk.groups["night"]]), ("Clients", ["view"], ["other"]))
    walk.ask(walk.boss, "DELETE", f"/users/{walk.users['dave']}")
    walk.ask(walk.boss, "DELETE", f"/groups/{walk.groups['staff']}")
    walk.ask(walk.boss, "DELETE", f"/clients/{walk.clients['other']}")
    left = walk.get(walk.authz + "/permission")
    tap.is_([len(left), sorted(thing["name"] for thing in walk.get(walk.authz + "/resource") if "type" not in thing)], [1, [walk.users["alice"]]], "with the thing goes what was said of it alone")
    walk.ask(walk.boss, "PUT", "", {"adminPermissionsEnabled": False})
    off = walk.may("GET", f"/users/{walk.users['alice']}")
    walk.ask(walk.boss, "PUT", "", {"adminPermissionsEnabled": True})
    tap.is_([off, walk.may("GET", f"/users/{walk.users['alice']}"), walk.get("")["adminPermissionsClient"]], [403, 200, {"id": walk.clients["admin-permissions"], "clientId": "admin-permissions"}], "off and on again")

    server.admin("POST", "/realms/master/users", {"username": "guest", "enabled": True, "credentials": [{"type": "password", "value": "pw"}]})
    walk.policy("anybody but alice", "user", users=[walk.users["alice"]], logic="NEGATIVE")
    walk.only(("Users", ["view"], None, ("anybody but alice",)))
    guest = walk.login("guest", "master", "admin-cli")
    tap.is_([walk.may("GET", f"/users/{walk.users['alice']}"), walk.ask(guest, "GET", f"/users/{walk.users['alice']}").status], [200, 403], "a user of master has no permission, whatever a policy denies")

    walk.only(("Users", ["view"], ["alice"]), ("Groups", ["view"]))
    exported = walk.ask(walk.boss, "POST", "/partial-export?exportClients=true&exportGroupsAndRoles=true").json()
    exported["users"] = [{"id": walk.users[name], "username": name, "enabled": True, "firstName": name, "lastName": "x", "email": name + "@example.test", "credentials": [{"type": "password", "value": "pw"}]} for name in ("alice", "bob")]
    server.admin("DELETE", "/realms/fine")
    tap.is_(server.admin("POST", "/realms", exported).status, 201, "the realm's file")
    walk.bob = walk.login("bob")
    tap.is_([walk.may("GET", f"/users/{walk.users['alice']}"), walk.may("GET", f"/users/{walk.users['bob']}"), walk.names("/groups"), server.admin("GET", "/realms/fine").json()["adminPermissionsClient"]["clientId"]],
            [200, 403, ["guests"], "admin-permissions"], "has them")


tap, server = Tap(), Server(realms=())
try:
    tap.is_(server.admin("POST", "/realms", REALM).status, 201, "a realm with permissions")
    tap.is_(server.admin("PUT", "/realms/master", {"adminPermissionsEnabled": False}).status, 204, "and one without")
    walk = Walk(server)
    walk.policy("bob", "user", users=[walk.users["bob"]])
    walk.policy("nobob", "user", users=[walk.users["bob"]], logic="NEGATIVE")
    users(tap, walk)
    walk.bob = walk.login("bob")
    for part in (roles, groups_and_clients, organizations, written, evaluated, console, policies):
        part(tap, walk)
    interleaved(tap, walk, server)
    life(tap, walk, server)
    tap.is_(server.stop(), 0, "a graceful end")
finally:
    if server.process.poll() is None:
        server.process.kill()
tap.done()
