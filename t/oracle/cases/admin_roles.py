# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""Roles by name, by id and of clients, what they are composed of, and who has them: groups, clients, client scopes."""
from engine import case

MISSING = "00000000-0000-4000-8000-000000000000"


def role(c, path):
    return c.admin("GET", path, record=False).json()


def conflict(c, method, path, body):
    """Keycloak leaves out its headers where the database noticed it; we do not."""
    answer = c.admin(method, path, json=body, record=False)
    c.note(f"{method} {path.split('/')[1]} twice", [answer.status_code, answer.json()])


def of_client(c, name):
    return f"/clients/{c.client_id('app')}/roles/{name}"


def scope(c):
    c.quiet("POST", "/client-scopes", json={"name": "mine", "protocol": "openid-connect"})
    return next(s["id"] for s in c.admin("GET", "/client-scopes", record=False).json() if s["name"] == "mine")


@case("admin-roles/life-by-id")
def _(c):
    view = role(c, of_client(c, "view"))["id"]
    c.admin("GET", f"/roles-by-id/{view}")
    c.admin("PUT", f"/roles-by-id/{view}", json={"name": "look", "description": "Look", "attributes": {"a": ["b"]}})
    c.admin("GET", f"/roles-by-id/{view}")
    conflict(c, "PUT", f"/roles-by-id/{view}", {"name": "edit"})
    c.admin("PUT", f"/roles-by-id/{view}", json={"description": "No name"})
    c.admin("GET", f"/roles-by-id/{view}")
    c.admin("PUT", f"/roles-by-id/{MISSING}", json={"name": "x"})
    c.admin("DELETE", f"/roles-by-id/{view}")
    c.admin("DELETE", f"/roles-by-id/{view}")


@case("admin-roles/odd-writes")
def _(c):
    c.admin("POST", "/roles", json={"id": "own-id", "name": "own"})
    c.admin("GET", "/roles/own")
    c.admin("POST", "/roles", json={"name": "with/slash"})
    c.admin("POST", "/roles", json={"name": ""})
    c.admin("POST", "/roles", json={"name": "unknown", "unknownField": 1})
    c.admin("POST", "/roles", json={"name": {"a": 1}})
    c.admin("POST", "/roles", json={"name": "wrong", "attributes": {"a": "b"}})
    c.admin("POST", "/roles", json=["a"])
    c.admin("POST", "/roles", data="{", headers={"Content-Type": "application/json"})
    c.admin("POST", "/roles", data="name=x", headers={"Content-Type": "application/x-www-form-urlencoded"})
    c.admin("POST", "/roles", json={"name": "made", "composite": True, "composites": {"realm": ["reader"], "client": {"app": ["view"]}}})
    c.admin("GET", "/roles/made/composites")
    conflict(c, "PUT", "/roles/made", {"name": "reader"})
    c.admin("PUT", "/roles/nothing", json={"name": "reader"})
    c.admin("PUT", "/roles/made", json={"description": "No name"})
    c.admin("GET", "/roles/made")
    c.admin("DELETE", f"/roles/default-roles-{c.realm}")
    c.admin("PUT", f"/roles/default-roles-{c.realm}", json={"name": "renamed"})
    c.admin("GET", "", record=False)
    c.admin("GET", f"/roles/default-roles-{c.realm}")


@case("admin-roles/of-clients")
def _(c):
    app = c.client_id("app")
    c.admin("GET", f"/clients/{MISSING}/roles")
    c.admin("GET", f"/clients/{app}/roles?search=vi&first=0&max=1&briefRepresentation=false")
    c.admin("GET", f"/clients/{app}/roles/nothing")
    c.admin("POST", f"/clients/{app}/roles", json={"name": "view"})
    c.admin("POST", f"/clients/{app}/roles", json={})
    c.admin("PUT", f"/clients/{app}/roles/view", json={"name": "look"})
    c.admin("GET", f"/clients/{app}/roles/look")
    c.admin("GET", f"/clients/{app}/roles/look/users")
    c.admin("GET", f"/clients/{app}/roles/edit/users")
    c.admin("GET", f"/clients/{app}/roles/edit/groups")
    c.admin("GET", f"/clients/{app}/roles/nothing/users")
    c.admin("DELETE", f"/clients/{app}/roles/look")
    c.admin("DELETE", f"/clients/{app}/roles/look")


@case("admin-roles/lists")
def _(c):
    c.admin("GET", "/roles?first=1&max=2", record=False)
    c.note("a page", len(c.admin("GET", "/roles?first=1&max=2", record=False).json()))
    c.note("no max", len(c.admin("GET", "/roles?first=4", record=False).json()))
    c.note("max alone", len(c.admin("GET", "/roles?max=2", record=False).json()))
    c.admin("GET", "/roles?search=READ")
    c.admin("GET", "/roles?search=e&first=0&max=100")
    c.admin("GET", "/roles?briefRepresentation=false")
    c.admin("GET", "/roles?first=x")
    c.admin("GET", "/roles/reader/users?first=0&max=1")
    c.admin("GET", "/roles/nothing/groups")
    c.admin("GET", "/roles/reader/groups?briefRepresentation=false")


@case("admin-roles/composites")
def _(c):
    app, boss = c.client_id("app"), role(c, "/roles/boss")
    edit, view = role(c, of_client(c, "edit")), role(c, of_client(c, "view"))
    c.admin("POST", f"/clients/{app}/roles/edit/composites", json=[view, {"id": boss["id"]}])
    c.admin("GET", f"/clients/{app}/roles/edit/composites")
    c.admin("GET", f"/clients/{app}/roles/edit/composites/realm")
    c.admin("GET", f"/clients/{app}/roles/edit/composites/clients/{app}")
    c.admin("GET", f"/clients/{app}/roles/edit/composites/clients/{MISSING}")
    c.admin("GET", f"/roles-by-id/{edit['id']}/composites")
    c.admin("GET", f"/roles-by-id/{edit['id']}/composites?search=bo&first=0&max=5")
    c.admin("GET", f"/roles-by-id/{edit['id']}/composites/realm")
    c.admin("GET", f"/roles-by-id/{edit['id']}/composites/clients/{app}")
    c.admin("DELETE", f"/roles-by-id/{edit['id']}/composites", json=[{"id": boss["id"]}])
    c.admin("DELETE", f"/roles-by-id/{edit['id']}/composites", json=[{"id": boss["id"]}])
    c.admin("DELETE", f"/roles-by-id/{edit['id']}/composites", json=[{"id": MISSING}])
    c.admin("POST", f"/roles-by-id/{edit['id']}/composites", json=[{"id": edit["id"]}])
    c.admin("POST", f"/roles-by-id/{edit['id']}/composites", json=[{"name": "boss"}])
    c.admin("POST", f"/roles-by-id/{edit['id']}/composites", json=[])
    c.admin("POST", f"/roles-by-id/{edit['id']}/composites", json={"id": boss["id"]})
    c.admin("POST", f"/roles-by-id/{MISSING}/composites", json=[view])
    c.admin("GET", f"/roles-by-id/{edit['id']}/composites")
    c.admin("GET", f"/clients/{app}/roles/edit")
    c.admin("GET", "/roles/nothing/composites")


@case("admin-roles/ring-of-composites")
def _(c):
    reader, boss = role(c, "/roles/reader"), role(c, "/roles/boss")
    c.admin("POST", "/roles/reader/composites", json=[boss])
    c.admin("GET", "/roles/reader/composites")
    c.password(record=True)


@case("admin-roles/mappings-of-groups")
def _(c):
    app = c.client_id("app")
    staff = c.admin("GET", "/groups", record=False).json()[0]
    leads = c.admin("GET", f"/groups/{staff['id']}/children", record=False).json()[0]
    path, kid = f"/groups/{staff['id']}/role-mappings", f"/groups/{leads['id']}/role-mappings"
    for sub in ("", "/realm", "/realm/available", "/realm/composite", f"/clients/{app}", f"/clients/{app}/available", f"/clients/{app}/composite"):
        c.admin("GET", kid + sub, label="leads" + sub)
    view = role(c, of_client(c, "view"))
    c.admin("POST", f"{path}/clients/{app}", json=[view])
    c.admin("GET", path)
    c.admin("GET", f"{path}/clients/{app}")
    c.admin("GET", f"{path}/clients/{app}?briefRepresentation=false")
    c.admin("GET", f"{kid}/clients/{app}/composite", label="leads after")
    c.admin("GET", f"{path}/clients/{app}/composite?briefRepresentation=false")
    c.admin("GET", f"{path}/clients/{MISSING}")
    c.admin("POST", f"{path}/clients/{MISSING}", json=[view])
    c.admin("POST", f"{path}/clients/{app}", json=[{"name": "view", "id": MISSING}])
    c.admin("POST", f"{path}/clients/{app}", json=[{"name": "view"}])
    c.admin("POST", f"{path}/clients/{app}", json=[{"id": view["id"]}])
    c.admin("POST", f"{path}/realm", json=[view])
    c.admin("POST", f"{path}/realm", json=[])
    c.admin("POST", f"{path}/realm", json={})
    c.admin("DELETE", f"{path}/clients/{app}", json=[view])
    c.admin("DELETE", f"{path}/clients/{app}", json=[view])
    c.admin("DELETE", f"{path}/realm", json=[{"id": MISSING, "name": "x"}])
    c.admin("DELETE", f"{path}/realm")
    c.admin("GET", path)
    c.admin("GET", f"/groups/{MISSING}/role-mappings")


@case("admin-roles/scope-mappings-of-clients")
def _(c):
    app, spa = c.client_id("app"), c.client_id("spa")
    path = f"/clients/{spa}/scope-mappings"
    reader, view = role(c, "/roles/reader"), role(c, of_client(c, "view"))
    subs = ("", "/realm", "/realm/available", "/realm/composite", f"/clients/{app}", f"/clients/{app}/available", f"/clients/{app}/composite")
    for sub in subs:
        c.admin("GET", path + sub)
    c.admin("POST", path + "/realm", json=[reader])
    c.admin("POST", path + "/realm", json=[role(c, "/roles/boss")])
    c.admin("POST", path + f"/clients/{app}", json=[view])
    c.admin("POST", path + f"/clients/{app}", json=[view])
    for sub in subs:
        c.admin("GET", path + sub)
    c.quiet("PUT", f"/clients/{spa}", json={"clientId": "spa", "fullScopeAllowed": False})
    for sub in subs:
        c.admin("GET", path + sub)
    c.admin("GET", path + "/realm/composite?briefRepresentation=false")
    c.admin("POST", path + "/realm", json=[{"id": MISSING, "name": "reader"}])
    c.admin("POST", path + f"/clients/{MISSING}", json=[view])
    c.admin("GET", path + f"/clients/{MISSING}")
    c.admin("DELETE", path + "/realm", json=[{"id": MISSING}])
    c.admin("DELETE", path + "/realm", json=[reader])
    c.admin("DELETE", path + f"/clients/{app}")
    c.admin("GET", path)
    c.admin("GET", f"/clients/{MISSING}/scope-mappings")
    c.admin("GET", f"/clients/{app}/scope-mappings/clients/{app}/available")
    c.admin("GET", f"/clients/{app}/scope-mappings/clients/{app}/composite")


@case("admin-roles/scope-mappings-of-scopes")
def _(c):
    app = c.client_id("app")
    path = f"/client-scopes/{scope(c)}/scope-mappings"
    c.admin("POST", path + "/realm", json=[role(c, "/roles/boss")])
    c.admin("POST", path + f"/clients/{app}", json=[role(c, of_client(c, "edit"))])
    for sub in ("", "/realm", "/realm/available", "/realm/composite", f"/clients/{app}", f"/clients/{app}/available", f"/clients/{app}/composite"):
        c.admin("GET", path + sub)
    c.admin("DELETE", path + "/realm")
    c.admin("GET", path)
    c.admin("GET", f"/client-scopes/{MISSING}/scope-mappings")
    c.admin("GET", f"/client-scopes/{MISSING}/scope-mappings/realm")
