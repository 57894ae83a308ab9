# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""Which administrator may do what: each admin role alone against each kind of resource."""
import requests

from engine import case

MISSING = "00000000-0000-4000-8000-000000000000"
ROLES = ("view-users", "query-users", "manage-users", "impersonation", "query-groups", "view-clients", "query-clients", "manage-clients", "create-client",
         "view-realm", "query-realms", "manage-realm", "view-events", "manage-events", "view-identity-providers", "manage-identity-providers",
         "view-authorization", "manage-authorization", "realm-admin")
READS = ("", "/users", "/users/count", "/users/profile", "/users/profile/metadata", "/users/{bob}", "/users/{bob}/credentials", "/users/{bob}/groups", "/users/{bob}/role-mappings",
         "/users/{bob}/role-mappings/realm/available", "/users/{bob}/sessions", "/users/{bob}/consents", "/users/{bob}/federated-identity", "/users/{bob}/configured-user-storage-credential-types",
         "/users/{bob}/unmanagedAttributes", "/groups", "/groups/count", "/groups/{staff}", "/groups/{staff}/children", "/groups/{staff}/members", "/groups/{staff}/role-mappings", "/group-by-path/staff",
         "/default-groups", "/roles", "/roles/reader", "/roles/reader/users", "/roles/reader/groups", "/roles/reader/composites", "/roles-by-id/{reader}", "/clients", "/clients?clientId=app", "/clients/{app}", "/clients/{app}/client-secret", "/clients/{app}/roles",
         "/clients/{app}/user-sessions", "/clients/{app}/service-account-user", "/clients/{app}/default-client-scopes", "/clients/{app}/protocol-mappers/models", "/clients/{app}/scope-mappings",
         "/client-scopes", "/default-default-client-scopes", "/client-session-stats", "/clients-initial-access", "/client-policies/policies", "/client-policies/profiles", "/client-types",
         "/identity-provider/instances", "/components", "/keys", "/events", "/events/config", "/admin-events", "/authentication/flows", "/authentication/required-actions",
         "/authentication/flows/browser/executions", "/attack-detection/brute-force/users/{bob}", "/localization", "/localization/en", "/credential-registrators", "/client-registration-policy/providers", "/organizations", "/group-by-path/none", "/users/{missing}",
         "/clients/{missing}", "/groups/{missing}", "/roles/missing", "/components/{missing}", "/identity-provider/instances/missing")
WRITES = (("POST", "/users"), ("PUT", "/users/{bob}"), ("DELETE", "/users/{missing}"), ("PUT", "/users/{bob}/reset-password"), ("POST", "/users/{alice}/logout"), 
          ("PUT", "/users/{bob}/groups/{staff}"), ("DELETE", "/users/{bob}/groups/{staff}"), ("POST", "/users/{bob}/role-mappings/realm"), ("PUT", "/users/{bob}/disable-credential-types"),
          ("PUT", "/users/profile"), ("POST", "/groups"), ("PUT", "/groups/{staff}"), ("DELETE", "/groups/{missing}"), ("POST", "/groups/{staff}/children"), ("POST", "/groups/{staff}/role-mappings/realm"),
          ("POST", "/roles"), ("PUT", "/roles/reader"), ("DELETE", "/roles/missing"), ("POST", "/roles/reader/composites"), ("POST", "/clients"), ("PUT", "/clients/{app}"), ("DELETE", "/clients/{missing}"),
          ("POST", "/clients/{app}/roles"), ("POST", "/clients/{app}/client-secret"), ("POST", "/client-scopes"), ("PUT", ""), ("POST", "/identity-provider/instances"), ("POST", "/components"),
          ("DELETE", "/events"), ("DELETE", "/admin-events"), ("PUT", "/events/config"), ("POST", "/authentication/flows"), ("POST", "/logout-all"), ("POST", "/push-revocation"),
          ("DELETE", "/attack-detection/brute-force/users"), ("DELETE", "/sessions/missing"), ("POST", "/partialImport"), ("POST", "/partial-export"), ("POST", "/testSMTPConnection"),
          ("PUT", "/default-groups/{staff}"), ("PUT", "/default-default-client-scopes/{missing}"), ("POST", "/clients-initial-access"), ("POST", "/localization/en"), ("PUT", "/client-policies/policies"), ("POST", "/users/{alice}/impersonation"))


def admin_of(c, role, client="realm-management"):
    """Bob with that role alone: what counts is what he has now, not what his token says."""
    bob, management = c.user_id("bob"), c.client_id(client)
    mappings = f"/users/{bob}/role-mappings/clients/{management}"
    c.quiet("DELETE", mappings, json=c.admin("GET", mappings, record=False).json())
    c.quiet("POST", mappings, json=[c.admin("GET", f"/clients/{management}/roles/{role}", record=False).json()])
    return {"Authorization": "Bearer " + c.password("bob", "canwefixit")["access_token"]}


def names(c):
    return {"bob": c.user_id("bob"), "alice": c.user_id("alice"), "app": c.client_id("app"), "missing": MISSING, "staff": c.admin("GET", "/groups?search=staff&exact=true", record=False).json()[0]["id"],
            "reader": c.admin("GET", "/roles/reader", record=False).json()["id"]}


def seen(answer):
    """What there is to see: the status, and how much of it."""
    if answer.status_code != 200 or "json" not in answer.headers.get("content-type", ""):
        return answer.status_code
    body = answer.json()
    return [200, len(body) if isinstance(body, (list, dict)) else body]


def matrix(c, role):
    known, head = names(c), admin_of(c, role)
    root = f"{c.base}/admin/realms/{c.realm}"
    c.note("reads", {path: seen(requests.get(root + path.format(**known), headers=head, timeout=30)) for path in READS})
    c.note("list of realms", seen(requests.get(f"{c.base}/admin/realms", headers=head, timeout=30)))
    for method, path in WRITES:
        if role not in ("realm-admin", "manage-realm") or path:
            body = '{"username": "made"}' if path == "/users" else ""
            answer = requests.request(method, root + path.format(**known), headers={**head, "Content-Type": "application/json"}, data=body, timeout=30)
            c.note(f"{method} {path}", answer.status_code if answer.status_code in (403, 401) else "allowed")


for _role in ROLES:
    case("permissions/" + _role)(lambda c, role=_role: matrix(c, role))


@case("permissions/access-members")
def _(c):
    known = names(c)
    for role in ("view-users", "query-users", "manage-users", "view-clients", "query-clients", "manage-clients", "view-realm"):
        head = admin_of(c, role)
        for path in ("", "/users?username=alice", f"/users/{known['bob']}", "/clients?clientId=app", f"/clients/{known['app']}", f"/groups/{known['staff']}"):
            answer = requests.get(f"{c.base}/admin/realms/{c.realm}{path}", headers=head, timeout=30)
            body = answer.json()
            body = body[0] if isinstance(body, list) and body else body
            c.note(f"{role} {path}".replace(known["bob"], "bob").replace(known["app"], "app").replace(known["staff"], "staff"),
                   [answer.status_code, sorted(body), body.get("access")] if isinstance(body, dict) else [answer.status_code, body])


@case("permissions/handing-out-roles")
def _(c):
    """Roles that somebody holds, could be given, and is given: none gives away an admin role that they could not act by."""
    known, management = names(c), c.client_id("realm-management")
    ids = {"alice": known["alice"], "app": known["app"], "staff": known["staff"], "management": management}
    c.admin("POST", f"/clients/{known['app']}/roles", json={"name": "given"}, record=False)
    given = c.admin("GET", f"/clients/{known['app']}/roles/given", record=False).json()
    reader, seer = (c.admin("GET", path, record=False).json() for path in ("/roles/reader", f"/clients/{management}/roles/view-clients"))
    everything = c.admin("GET", f"/clients/{management}/roles/realm-admin", record=False).json()
    c.quiet("POST", f"/users/{known['alice']}/role-mappings/clients/{management}", json=[seer])
    root, paths = f"{c.base}/admin/realms/{c.realm}", []
    for holder in ("/users/{alice}/role-mappings", "/groups/{staff}/role-mappings", "/clients/{app}/scope-mappings"):
        for part in ("", "/realm", "/realm/available", "/realm/composite", "/clients/{management}", "/clients/{management}/available", "/clients/{app}/composite"):
            paths.append(holder + part)
    writes = [("/users/{alice}/role-mappings/realm", reader), ("/users/{alice}/role-mappings/clients/{management}", seer), ("/users/{alice}/role-mappings/clients/{management}", everything),
              ("/groups/{staff}/role-mappings/clients/{management}", everything), ("/clients/{app}/scope-mappings/realm", reader), ("/clients/{app}/scope-mappings/clients/{management}", everything),
              ("/roles/reader/composites", given), ("/roles/reader/composites", everything), ("/clients/{app}/roles/given/composites", seer), (f"/roles-by-id/{given['id']}/composites", reader)]
    for role in ("view-users", "manage-users", "view-clients", "manage-clients", "manage-realm", "realm-admin"):
        head = admin_of(c, role)
        for path in paths:
            answer = requests.get(root + path.format(**ids), headers=head, timeout=30)
            body = answer.json() if answer.status_code == 200 else answer.status_code
            c.note(f"{role} {path}", sorted(entry["name"] for entry in body) if isinstance(body, list) else sorted(body) if isinstance(body, dict) else body)
        for path, body in writes:
            for method in ("DELETE", "POST") if body is reader else ("POST",):
                answer = requests.request(method, root + path.format(**ids), headers=head, json=[body], timeout=30)
                c.note(f"{role} {method} {path.replace(given['id'], 'given')} {body['name']}", answer.status_code)


@case("permissions/from-master")
def _(c):
    """The same roles as those of master's users have them: of the client that is called after the realm."""
    known = names(c)
    master, root = f"{c.base}/admin/realms/master", f"{c.base}/admin/realms/{c.realm}"
    head, name = c._admin.header(), f"helper-of-{c.realm}"
    requests.post(f"{master}/users", headers=head, timeout=30, json={"username": name, "enabled": True, "email": f"{name}@example.org", "firstName": "A", "lastName": "B",
                                                                     "credentials": [{"type": "password", "value": "helping"}]})
    user = requests.get(f"{master}/users", params={"username": name, "exact": "true"}, headers=head, timeout=30).json()[0]["id"]
    client = requests.get(f"{master}/clients", params={"clientId": c.realm + "-realm"}, headers=head, timeout=30).json()[0]["id"]
    mappings = f"{master}/users/{user}/role-mappings/clients/{client}"
    try:
        for role in ("view-users", "query-groups", "manage-clients", "view-realm"):
            requests.delete(mappings, headers=head, json=requests.get(mappings, headers=head, timeout=30).json(), timeout=30)
            requests.post(mappings, headers=head, json=[requests.get(f"{master}/clients/{client}/roles/{role}", headers=head, timeout=30).json()], timeout=30)
            answer = requests.post(f"{c.base}/realms/master/protocol/openid-connect/token", timeout=30, data={"grant_type": "password", "client_id": "admin-cli", "username": name, "password": "helping"})
            own = {"Authorization": "Bearer " + answer.json()["access_token"]}
            c.note(role, {path: seen(requests.get(root + path.format(**known), headers=own, timeout=30)) for path in READS if path != "/organizations"})
            c.note(role + " elsewhere", seen(requests.get(f"{master}/users", headers=own, timeout=30)))
            c.note(role + " list of realms", seen(requests.get(f"{c.base}/admin/realms", headers=own, timeout=30)))
    finally:
        requests.delete(f"{master}/users/{user}", headers=head, timeout=30)
