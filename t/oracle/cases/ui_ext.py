# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""What the administration console asks beside the admin REST API: /admin/realms/{realm}/ui-ext."""
from engine import case


def things(c):
    scope = next(s["id"] for s in c.admin("GET", "/client-scopes", record=False).json() if s["name"] == "email")
    group = c.admin("GET", "/groups", record=False).json()[0]["id"]
    role = c.admin("GET", "/roles/reader", record=False).json()["id"]
    return {"users": c.user_id("alice"), "groups": group, "clients": c.client_id("app"), "clientScopes": scope, "roles": role}


@case("ui-ext/available-roles")
def _(c):
    for kind, holder in things(c).items():
        roles = c.admin("GET", f"/ui-ext/available-roles/{kind}/{holder}?max=1000", record=False).json()
        c.note(kind, [[r.get("client"), r.get("role"), sorted(r)] for r in roles])
        roles = c.admin("GET", f"/ui-ext/available-roles/{kind}/{holder}?first=1&max=3&search=view", record=False)
        c.note(kind + " page", [roles.status_code, [[r.get("client"), r.get("role")] for r in roles.json()]])
        c.note(kind + " unasked", len(c.admin("GET", f"/ui-ext/available-roles/{kind}/{holder}", record=False).json()))
        if kind != "roles":
            c.admin("GET", f"/ui-ext/available-roles/{kind}/nothing")
    c.admin("GET", "/ui-ext/available-roles/nonsense/x")


@case("ui-ext/effective-roles")
def _(c):
    holders = things(c)
    app = holders["clients"]
    view = c.admin("GET", f"/clients/{app}/roles/view", record=False).json()
    reader = c.admin("GET", "/roles/reader", record=False).json()
    c.quiet("POST", "/roles/reader/composites", json=[view])
    c.quiet("POST", f"/groups/{holders['groups']}/role-mappings/realm", json=[reader])
    c.quiet("POST", f"/clients/{app}/scope-mappings/realm", json=[reader])
    c.quiet("POST", f"/client-scopes/{holders['clientScopes']}/scope-mappings/realm", json=[reader])
    for kind, holder in holders.items():
        for view in ("effective-roles", "effective-roles-all"):
            roles = c.admin("GET", f"/ui-ext/{view}/{kind}/{holder}", record=False).json()
            c.note(f"{view} of {kind}", sorted(" ".join([str(r.get(m)) for m in ("client", "role", "name", "clientRole", "description")]) for r in roles))
    c.admin("GET", f"/ui-ext/role-mappings/roles/{holders['roles']}")


@case("ui-ext/role-mapping-delete")
def _(c):
    holders = things(c)
    app = holders["clients"]
    view = c.admin("GET", f"/clients/{app}/roles/view", record=False).json()
    reader = c.admin("GET", "/roles/reader", record=False).json()
    c.quiet("POST", f"/users/{holders['users']}/role-mappings/clients/{app}", json=[view])
    c.quiet("POST", "/roles/reader/composites", json=[view])
    c.quiet("POST", f"/groups/{holders['groups']}/role-mappings/realm", json=[reader])
    c.quiet("POST", f"/clients/{app}/scope-mappings/realm", json=[reader])
    both = [{"roleId": reader["id"], "roleName": "reader"}, {"roleId": view["id"], "roleName": "view", "clientId": app}]
    for kind in ("users", "groups", "roles", "clients", "clientScopes"):
        c.admin("POST", f"/ui-ext/role-mapping-delete/{kind}/{holders[kind]}", json=both)
    c.note("left", [c.admin("GET", f"/users/{holders['users']}/role-mappings", record=False).json(), c.admin("GET", "/roles/reader/composites", record=False).json(),
                    c.admin("GET", f"/groups/{holders['groups']}/role-mappings", record=False).json(), c.admin("GET", f"/clients/{app}/scope-mappings", record=False).json()])
    c.admin("POST", f"/ui-ext/role-mapping-delete/users/{holders['users']}", json=[{"roleId": "nothing", "roleName": "nothing"}])
    c.admin("POST", f"/ui-ext/role-mapping-delete/users/{holders['users']}", json=[{"id": "nothing"}])


@case("ui-ext/flows")
def _(c):
    flows = {f["alias"]: f["id"] for f in c.admin("GET", "/authentication/flows", record=False).json()}
    app = c.client_id("app")
    c.quiet("PUT", f"/clients/{app}", json={"authenticationFlowBindingOverrides": {"browser": flows["browser"]}})
    answer = c.admin("GET", "/ui-ext/authentication-management/flows", record=False)
    c.note("flows", sorted(({**f, "id": "*"} for f in answer.json()), key=lambda f: f["alias"]))
    c.admin("GET", f"/ui-ext/authentication-management/clients/{flows['browser']}")
    c.admin("GET", f"/ui-ext/authentication-management/idp/{flows['browser']}")


@case("ui-ext/brute-force-user")
def _(c):
    c.quiet("PUT", "", json={"bruteForceProtected": True, "failureFactor": 1, "waitIncrementSeconds": 60, "quickLoginCheckMilliSeconds": 0})
    c.password("alice", "wrong")
    for query in ("search=alice", "username=alice&exact=true", "max=1", "search=nobody", "email=bob", "q=a:b", "briefRepresentation=true&search=bob"):
        users = c.admin("GET", "/ui-ext/brute-force-user?" + query, record=False).json()
        for user in users:
            user["bruteForceStatus"] = {k: v for k, v in user["bruteForceStatus"].items() if k in ("numFailures", "disabled")}
            user["createdTimestamp"] = "*"
        c.note(query, users)


@case("ui-ext/sessions")
def _(c):
    c.admin("GET", "/ui-ext/sessions")
    c.password("alice")
    c.password("bob", scope="openid offline_access")
    app = c.client_id("app")

    def shown(query):
        answer = c.admin("GET", "/ui-ext/" + query, record=False)
        if answer.status_code != 200:
            c.note(query, [answer.status_code, answer.text])
            return
        rows = sorted(({**s, "id": "*", "start": "*", "lastAccess": "*"} for s in answer.json()), key=lambda s: s["username"])
        c.note(query.replace(app, "APP"), rows)

    for query in ("sessions", "sessions?type=ALL", "sessions?type=REGULAR", "sessions?type=OFFLINE", "sessions?search=ali", "sessions?type=nonsense", "sessions?max=0",
                  f"sessions/client?clientId={app}", f"sessions/client?clientId={app}&type=OFFLINE"):
        shown(query)


@case("ui-ext/others")
def _(c):
    c.admin("GET", "/ui-ext/info")
    c.admin("GET", "/ui-ext/nothing")
    realm = c.admin("GET", "", record=False).json()
    profile = c.admin("GET", "/users/profile", record=False).json()
    profile["attributes"].append({"name": "extra", "multivalued": False})
    c.admin("PUT", "/ui-ext", json={**realm, "displayName": "shown", "upConfig": profile})
    c.note("written", [c.admin("GET", "", record=False).json().get("displayName"), [a["name"] for a in c.admin("GET", "/users/profile", record=False).json()["attributes"]]])
    c.admin("PUT", "/ui-ext", json={"displayName": "again"})
    c.note("again", c.admin("GET", "", record=False).json().get("displayName"))
