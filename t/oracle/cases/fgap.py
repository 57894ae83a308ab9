# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""Fine-grained admin permissions: what each scope lets an administrator do who has no role, and what outweighs what."""
import requests

from engine import case

SCOPES = {"Users": ("view", "manage", "impersonate", "map-roles", "manage-group-membership", "reset-password"),
          "Groups": ("view", "manage", "manage-membership", "manage-membership-of-members", "manage-members", "view-members", "impersonate-members"),
          "Clients": ("view", "manage", "map-roles", "map-roles-client-scope", "map-roles-composite"), "Roles": ("map-role", "map-role-client-scope", "map-role-composite")}
READS = ("/users", "/users/count", "/users/{alice}", "/users/{carol}", "/users/{alice}/credentials", "/users/{alice}/groups", "/users/{alice}/role-mappings/realm", "/users/{carol}/sessions", "/groups", "/groups/count", "/groups/{staff}",
         "/groups/{staff}/members", "/groups/{leads}", "/groups/{leads}/members", "/clients", "/clients/{app}", "/clients/{other}", "/clients/{app}/client-secret", "/clients/{app}/roles", "/clients/{app}/default-client-scopes", "/client-scopes", "/roles", "/roles/reader")
WRITES = (("PUT", "/users/{alice}", {"firstName": "Alice"}), ("PUT", "/users/{carol}", {"firstName": "Carol"}), ("PUT", "/users/{alice}/reset-password", {"type": "password", "value": "canwefixit"}),
          ("POST", "/users/{carol}/logout", None), ("PUT", "/users/{alice}/groups/{leads}", None), ("PUT", "/groups/{leads}", {"name": "leads"}), ("PUT", "/groups/{staff}", {"name": "staff"}),
          ("POST", "/users/{alice}/role-mappings/realm", "reader"), ("POST", "/groups/{staff}/role-mappings/realm", "reader"), ("PUT", "/clients/{app}", {"clientId": "app-to-guard"}), ("PUT", "/clients/{other}", {"clientId": "app"}),
          ("POST", "/clients/{app}/scope-mappings/realm", "reader"))


class Setting:
    def __init__(self, c, *roles):
        self.c = c
        c.quiet("PUT", "", json={"adminPermissionsEnabled": True})
        c.quiet("POST", "/clients", json={"clientId": "app-to-guard", "secret": "s", "fullScopeAllowed": False})
        get = lambda path: c.admin("GET", path, record=False).json()  # noqa: E731
        self.get, self.known = get, {name: c.user_id(name) for name in ("alice", "bob", "carol")}
        self.known.update(app=c.client_id("app-to-guard"), other=c.client_id("app"), staff=get("/groups?search=staff&exact=true")[0]["id"])
        self.known["leads"] = get(f"/groups/{self.known['staff']}/children")[0]["id"]
        self.reader = get("/roles/reader")
        self.root = f"/clients/{c.client_id('admin-permissions')}/authz/resource-server"
        for name, logic in (("is bob", "POSITIVE"), ("is not bob", "NEGATIVE")):
            c.quiet("POST", self.root + "/policy/user", json={"name": name, "users": [self.known["bob"]], "logic": logic})
        self.hold(roles)
        self.head = {"Authorization": "Bearer " + c.password("bob", "canwefixit")["access_token"]}

    def hold(self, roles):
        """What bob may do by roles."""
        management = self.c.client_id("realm-management")
        mappings = f"/users/{self.known['bob']}/role-mappings/clients/{management}"
        self.c.quiet("DELETE", mappings, json=self.get(mappings))
        if roles:
            self.c.quiet("POST", mappings, json=[self.get(f"/clients/{management}/roles/{role}") for role in roles])

    def only(self, *permissions):
        for old in self.get(self.root + "/permission?max=100"):
            self.c.quiet("DELETE", f"{self.root}/permission/scope/{old['id']}")
        for i, (kind, scopes, names, *policy) in enumerate(permissions):
            body = {"name": f"p{i}", "resourceType": kind, "scopes": scopes, "policies": policy or ["is bob"]}
            self.c.quiet("POST", self.root + "/permission/scope", json={**body, "resources": [self.known.get(name, name) for name in names]} if names else body)

    def ask(self, method, path, body=None, form=None):
        answer = requests.request(method, f"{self.c.base}/admin/realms/{self.c.realm}" + path.format(**self.known), headers=self.head, json=[self.reader] if body == "reader" else body, data=form, timeout=30)
        if answer.status_code != 200 or method != "GET":
            return answer.status_code
        shown = answer.json()
        if isinstance(shown, list):
            return sorted(thing.get("username") or thing.get("clientId") or thing.get("name") or "" for thing in shown)
        return sorted(name for name, may in shown["access"].items() if may) if isinstance(shown, dict) and "access" in shown else 200

    def matrix(self):
        return {**{path: seen for path in READS if (seen := self.ask("GET", path)) != 403}, **{f"{method} {path}": seen for method, path, body in WRITES if (seen := self.ask(method, path, body)) != 403}}


def scopes_of(c, kind, one, *roles):
    setting = Setting(c, *roles)
    for scope in SCOPES[kind]:
        for names in (None, [one]):
            setting.only((kind, [scope], names))
            c.note(f"{scope} of {'one' if names else 'all'}", setting.matrix())


@case("fgap/users")
def users(c):
    scopes_of(c, "Users", "alice", "query-users")


@case("fgap/groups")
def groups(c):
    scopes_of(c, "Groups", "leads", "query-users", "query-groups")


@case("fgap/clients")
def clients(c):
    scopes_of(c, "Clients", "app", "query-clients")


@case("fgap/together")
def together(c):
    """What takes two permissions, and what of two that disagree counts."""
    setting = Setting(c, "query-users", "query-groups")
    reader = [setting.reader["id"]]
    for title, *permissions in (
            ("roles", ("Users", ["map-roles"], ["alice"]), ("Roles", ["map-role"], reader)), ("roles of a group", ("Groups", ["manage"], ["staff"]), ("Roles", ["map-role"], None)),
            ("scope mappings", ("Clients", ["manage"], ["app"]), ("Roles", ["map-role-client-scope"], reader)), ("membership", ("Users", ["manage-group-membership"], ["alice"]), ("Groups", ["manage-membership"], ["leads"])),
            ("all allow, one refuses", ("Users", ["view"], None), ("Users", ["view"], ["alice"], "is not bob")), ("all refuse, one allows", ("Users", ["view"], None, "is not bob"), ("Users", ["view"], ["alice"])),
            ("one allows, group refuses", ("Users", ["view"], ["alice"]), ("Groups", ["view-members"], ["leads"], "is not bob")), ("one refuses, group allows", ("Users", ["view"], ["alice"], "is not bob"), ("Groups", ["view-members"], ["leads"])),
            ("all refuse, group allows", ("Users", ["view"], None, "is not bob"), ("Groups", ["view-members"], ["leads"])), ("one is allowed and refused", ("Users", ["view"], ["alice"]), ("Users", ["view"], ["alice"], "is not bob")),
            ("all may be managed, a password not reset", ("Users", ["manage"], None), ("Users", ["reset-password"], ["alice"], "is not bob")), ("members managed, no password reset", ("Groups", ["manage-members"], ["leads"]), ("Users", ["reset-password"], None, "is not bob"))):
        setting.only(*permissions)
        c.note(title, setting.matrix())


def status_of(setting, *paths):
    return {f"{method} {path}": setting.ask(method, path, body) for method, path, body in paths}


@case("fgap/refused")
def refused(c):
    """What is refused of all things of a type takes with it what else is allowed of all of them; groups are for those below them, too."""
    setting = Setting(c)
    get = lambda *names: [("GET", path, None) for path in names]  # noqa: E731
    users, clients = get("/users/{alice}", "/users/{carol}") + [WRITES[0]], get("/clients/{app}", "/clients/{other}") + [WRITES[9]]
    for title, asked, *permissions in (
            ("users", users, ("Users", ["view", "manage"], None), ("Users", ["reset-password"], None, "is not bob")), ("clients", clients, ("Clients", ["view"], None), ("Clients", ["manage"], None, "is not bob")),
            ("groups", get("/groups/{staff}"), ("Groups", ["view"], None), ("Groups", ["manage"], None, "is not bob")),
            ("one beside all", users, ("Users", ["view"], ["alice"]), ("Users", ["manage"], None, "is not bob")), ("all beside one", clients, ("Clients", ["view"], None), ("Clients", ["manage"], ["app"], "is not bob")),
            ("members", users, ("Groups", ["view-members"], None), ("Groups", ["manage-members"], None, "is not bob")), ("groups seen by none", users, ("Users", ["view"], None), ("Groups", ["view"], None, "is not bob")),
            ("a group seen by none", users, ("Users", ["view"], None), ("Groups", ["view"], ["leads"], "is not bob")), ("below a group", users, ("Groups", ["view-members"], ["staff"])),
            ("refused below", users, ("Groups", ["view-members"], ["staff"]), ("Groups", ["view-members"], ["leads"], "is not bob")), ("refused above", users, ("Groups", ["view-members"], ["leads"]), ("Groups", ["view-members"], ["staff"], "is not bob"))):
        setting.only(*permissions)
        c.note(title, status_of(setting, *asked))


@case("fgap/evaluate")
def evaluate(c):
    """What the console's "Evaluate" says of administrators' permissions."""
    setting = Setting(c, "view-realm")
    named = {value: name for name, value in setting.known.items()} | {setting.reader["id"]: "reader"}

    def names(things):
        return sorted(named.get(thing, thing) if isinstance(thing, str) else thing["name"] + ("" if thing.get("id") else " (none)") for thing in things)

    def shown(part):
        policy = part["policy"]
        return [policy["name"], policy["type"], part["status"], part.get("resourceType"), names(policy["resources"]), names(policy["scopes"]), names(part["scopes"]), policy["decisionStrategy"], policy["config"],
                [shown(inner) for inner in part["associatedPolicies"]]]

    def ask(title, kind, thing, *scopes):
        body = {"roleIds": [], "userId": setting.known["bob"], "resourceType": kind, "resources": [{"name": setting.known.get(thing, thing), "scopes": [{"name": scope} for scope in scopes]}], "entitlements": False, "context": {"attributes": {}}}
        answer = requests.post(f"{c.base}/admin/realms/{c.realm}{setting.root}/policy/evaluate", headers=setting.head, json=body, timeout=30).json()
        c.note(title, {**answer, "results": [{**one, "resource": {**one["resource"], "_id": "_id" in one["resource"]}, **{key: names(one[key]) for key in ("scopes", "allowedScopes", "deniedScopes")},
                                              "policies": sorted(map(shown, one["policies"]))} for one in answer["results"]]})

    setting.only(("Users", ["view"], None), ("Users", ["view", "manage"], ["alice"], "is not bob"), ("Groups", ["view-members"], ["staff"]), ("Clients", ["view", "map-roles"], ["app"]), ("Roles", ["map-role"], None))
    ask("one who is refused", "Users", "alice", "view")
    ask("another, all scopes", "Users", "carol")
    ask("all users", "Users", "Users", "view")
    ask("a client", "Clients", "app", "view", "manage")
    ask("a client that no permission names", "Clients", "other", "view")
    ask("a role", "Roles", setting.reader["id"])
    ask("a group, of whose members is said something", "Groups", "staff", "view")


@case("fgap/console")
def console(c):
    """Lists of roles that the console asks for, by roles and by permissions."""
    setting = Setting(c)
    known = setting.known
    for client in ("app", "other"):
        c.quiet("POST", f"/clients/{known[client]}/roles", json={"name": client + "-role"})
    c.quiet("POST", f"/users/{known['alice']}/role-mappings/clients/{known['app']}", json=[setting.get(f"/clients/{known['app']}/roles/app-role")])
    c.quiet("POST", f"/users/{known['alice']}/role-mappings/realm", json=[setting.reader])
    holders = {"users": "alice", "groups": "staff", "clients": "app", "roles": setting.reader["id"]}

    def ask(title, roles, *permissions):
        setting.hold(roles)
        setting.only(*permissions)
        seen = {}
        for path in [f"/ui-ext/{what}/{kind}/{known.get(name, name)}" for what in ("available-roles", "effective-roles", "effective-roles-all") for kind, name in holders.items()] + ["/client-templates", "/ui-ext/authentication-management/flows", "/ui-ext/sessions"]:
            answer = requests.get(f"{c.base}/admin/realms/{c.realm}{path}", headers=setting.head, timeout=30)
            shown = [role.get("role") or role.get("name") for role in answer.json()] if answer.status_code == 200 and "-roles" in path else answer.status_code
            if shown != 403:
                seen[path.rsplit("/", 1)[0]] = sorted(name for name in shown if name in ("app-role", "other-role", "reader")) if isinstance(shown, list) else shown
        c.note(title, seen)

    ask("sees users", ["view-users"])
    ask("sees users and clients", ["view-users", "view-clients"])
    ask("sees the realm", ["view-realm"])
    ask("looks for clients", ["query-clients"])
    ask("a user", [], ("Users", ["view"], ["alice"]))
    ask("a user and a client", [], ("Users", ["view"], ["alice"]), ("Clients", ["view"], ["app"]))
    ask("a client's roles to give", [], ("Users", ["view"], ["alice"]), ("Groups", ["view"], ["staff"]), ("Clients", ["map-roles"], ["other"]))
    ask("a client's roles to compose", [], ("Clients", ["view", "map-roles-composite"], ["other"]))
    ask("a client's roles to show", [], ("Clients", ["view"], ["app"]), ("Clients", ["map-roles-client-scope"], ["other"]))


ACME, MISSING = "/organizations/{acme}", "00000000-0000-4000-8000-000000000000"
ENG = ACME + "/groups/{eng}"


@case("fgap/organizations")
def organizations(c):
    """Who becomes a member of an organization, its invitations and identity providers, and roles of its groups. Of writes first what does it, then what undoes it."""
    setting = Setting(c)
    known = setting.known
    c.quiet("PUT", "", json={"organizationsEnabled": True})
    c.quiet("POST", "/organizations", json={"name": "acme", "domains": [{"name": "acme.test"}]})
    known["management"] = c.client_id("realm-management")
    known["acme"] = acme = setting.get("/organizations")[0]["id"]
    c.quiet("POST", f"/organizations/{acme}/members", data=known["alice"], headers={"Content-Type": "application/json"})
    known["eng"] = c.quiet("POST", f"/organizations/{acme}/groups", json={"name": "eng"}).json()["id"]
    c.quiet("POST", "/identity-provider/instances", json={"alias": "up", "providerId": "oidc", "config": {"clientId": "x", "authorizationUrl": "http://127.0.0.1:1/a", "tokenUrl": "http://127.0.0.1:1/t"}})
    c.quiet("POST", f"/clients/{known['app']}/roles", json={"name": "own"})
    own, at = setting.get(f"/clients/{known['app']}/roles/own"), f"{ENG}/role-mappings/clients/{{app}}"
    asked = [("GET", ACME + path) for path in ("/invitations", f"/invitations/{MISSING}", "/identity-providers", "/identity-providers/up", "/members/{alice}", "/members/{carol}", f"/members/{MISSING}", "/members/{carol}/organizations")]
    asked += [("POST", ACME + "/members/invite-user", None, {"email": ""}), ("POST", ACME + "/members/invite-existing-user", None, {"id": MISSING}), ("POST", f"{ACME}/invitations/{MISSING}/resend"), ("DELETE", f"{ACME}/invitations/{MISSING}"),
              ("POST", ACME + "/members", MISSING), ("POST", ACME + "/members", known["carol"]), ("DELETE", ACME + "/members/{carol}"), ("PUT", f"{ENG}/members/{MISSING}"),
              ("POST", ACME + "/identity-providers", "up"), ("DELETE", ACME + "/identity-providers/up"),
              ("POST", ENG + "/role-mappings/realm", "reader"), ("GET", ENG + "/role-mappings/realm"), ("GET", ENG + "/role-mappings/realm/available"), ("DELETE", ENG + "/role-mappings/realm", "reader"),
              ("POST", at, [own]), ("GET", at), ("GET", at + "/available"), ("GET", at + "/composite"), ("DELETE", at, [own]), ("GET", f"{ENG}/role-mappings/clients/{MISSING}"), ("GET", "/users/{carol}/role-mappings/clients/{management}/available")]
    both = ("Organizations", ["view", "manage"], ["acme"])
    for title, roles, *permissions in (
            ("view", (), ("Organizations", ["view"], ["acme"])), ("manage", (), ("Organizations", ["manage"], ["acme"])), ("both", (), both), ("users seen", (), both, ("Users", ["view"], None)), ("one user managed", (), both, ("Users", ["manage"], ["carol"])),
            ("roles given", (), both, ("Roles", ["map-role"], None)), ("a client's roles seen and given", (), both, ("Clients", ["view", "map-roles"], ["app"])), ("view, providers by role", ("manage-identity-providers",), ("Organizations", ["view"], ["acme"])),
            ("both, providers by role", ("manage-identity-providers",), both), ("both, users looked for by role", ("query-users",), both), ("users managed by role", ("manage-users",), both), ("by role", ("manage-organizations",), ("Users", ["manage"], ["carol"]), ("Roles", ["map-role"], [setting.reader["id"]]))):
        setting.hold(roles)
        setting.only(*permissions)
        c.note(title, [[method, path, seen] for method, path, *more in asked if (seen := setting.ask(method, path, *more)) != 403])
