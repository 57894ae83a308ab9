# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""Authorization services as administrators and their tools set them up."""
import json

import requests

from engine import case


def admin_of(c, *roles):
    """Bob with those admin roles alone."""
    bob, management = c.user_id("bob"), c.client_id("realm-management")
    mappings = f"/users/{bob}/role-mappings/clients/{management}"
    c.quiet("DELETE", mappings, json=get(c, mappings))
    c.quiet("POST", mappings, json=[get(c, f"/clients/{management}/roles/{role}") for role in roles])
    return {"Authorization": "Bearer " + c.password("bob", "canwefixit")["access_token"]}


def server(c, name="guarded"):
    """A resource server: its id and the path of its settings."""
    c.quiet("POST", "/clients", json={"clientId": name, "secret": "guarded-secret", "serviceAccountsEnabled": True, "authorizationServicesEnabled": True})
    client = c.client_id(name)
    return client, f"/clients/{client}/authz/resource-server"


def get(c, path):
    return c.admin("GET", path, record=False).json()


def made(c, path, body):
    return c.admin("POST", path, json=body, record=False).json()


def furnish(c):
    """A resource server with a scope, a resource, policies of users and roles, and a permission of each type."""
    client, root = server(c)
    k = {"client": client, "root": root, "alice": c.user_id("alice"), "bob": c.user_id("bob"), "reader": get(c, "/roles/reader")["id"]}
    k["staff"] = get(c, "/groups?search=staff&exact=true")[0]["id"]
    k["read"] = made(c, root + "/scope", {"name": "read"})["id"]
    k["write"] = made(c, root + "/scope", {"name": "write"})["id"]
    k["doc"] = made(c, root + "/resource", {"name": "doc", "type": "urn:doc", "uris": ["/doc/*"], "scopes": [{"name": "read"}, {"name": "write"}]})["_id"]
    k["other"] = made(c, root + "/resource", {"name": "other", "type": "urn:other", "scopes": [{"name": "read"}]})["_id"]
    k["is-alice"] = made(c, root + "/policy/user", {"name": "is alice", "users": [k["alice"]]})["id"]
    k["is-reader"] = made(c, root + "/policy/role", {"name": "is reader", "roles": [{"id": k["reader"], "required": True}]})["id"]
    k["is-staff"] = made(c, root + "/policy/group", {"name": "is staff", "groups": [{"id": k["staff"], "extendChildren": True}]})["id"]
    k["not-bob"] = made(c, root + "/policy/user", {"name": "not bob", "users": [k["bob"]], "logic": "NEGATIVE"})["id"]
    k["either"] = made(c, root + "/policy/aggregate", {"name": "either", "policies": [k["is-alice"], k["is-reader"]], "decisionStrategy": "AFFIRMATIVE"})["id"]
    k["to-doc"] = made(c, root + "/permission/resource", {"name": "to doc", "resources": [k["doc"]], "policies": [k["either"], k["not-bob"]], "decisionStrategy": "CONSENSUS"})["id"]
    k["to-others"] = made(c, root + "/permission/resource", {"name": "to others", "resourceType": "urn:other", "policies": [k["is-alice"]]})["id"]
    k["to-write"] = made(c, root + "/permission/scope", {"name": "to write", "resources": [k["doc"]], "scopes": [k["write"]], "policies": [k["is-alice"]]})["id"]
    return k


def settings_of(c, root, label="settings"):
    """All of them; Keycloak lists what policies refer to in no order."""
    settings = get(c, root + "/settings")
    for policy in settings["policies"]:
        for name, text in policy["config"].items():
            if text.startswith("["):
                policy["config"][name] = sorted(json.loads(text), key=str)
    c.note(label, settings)


@case("authz/enabled")
def _(c):
    client, root = server(c)
    c.admin("GET", root)
    c.admin("GET", root + "/settings")
    c.admin("GET", f"/clients/{client}")
    c.admin("GET", f"/clients/{client}/roles")
    account = get(c, f"/clients/{client}/service-account-user")["id"]
    c.admin("GET", f"/users/{account}/role-mappings/clients/{client}")
    for part in ("/resource", "/scope", "/policy", "/permission", "/policy/providers", "/permission/providers"):
        c.admin("GET", root + part)
    c.admin("PUT", root, json={**get(c, root), "decisionStrategy": "AFFIRMATIVE", "policyEnforcementMode": "PERMISSIVE", "allowRemoteResourceManagement": False})
    c.admin("GET", root)
    c.admin("PUT", f"/clients/{client}", json={"authorizationServicesEnabled": False})
    c.admin("GET", root)
    c.admin("GET", f"/clients/{client}/roles")
    c.admin("GET", f"/clients/{client}")
    c.admin("PUT", f"/clients/{client}", json={"authorizationServicesEnabled": True})
    c.admin("GET", root + "/settings")
    c.admin("GET", f"/clients/{c.client_id('account')}/authz/resource-server")
    c.admin("POST", "/clients", json={"clientId": "no-account", "authorizationServicesEnabled": True})


@case("authz/resources")
def _(c):
    client, root = server(c)
    c.admin("POST", root + "/scope", json={"name": "read"})
    c.admin("POST", root + "/scope", json={"name": "read", "displayName": "Read"})
    c.admin("POST", root + "/scope", json={"name": "write", "displayName": "Write", "iconUri": "https://example.org/icon"})
    c.admin("POST", root + "/resource", json={"name": "doc", "type": "urn:doc", "uris": ["/doc/*"], "scopes": [{"name": "read"}, {"name": "fresh"}], "attributes": {"a": ["1", "2"]},
                                              "ownerManagedAccess": True, "displayName": "Doc", "icon_uri": "https://example.org/doc"})
    c.admin("POST", root + "/resource", json={"name": "doc"})
    c.admin("POST", root + "/resource", json={"name": "of alice", "owner": "alice", "ownerManagedAccess": True})
    resource, scope = get(c, root + "/resource?name=doc")[0]["_id"], get(c, root + "/scope/search?name=read")["id"]
    fresh = get(c, root + "/scope/search?name=fresh")["id"]
    for path in ("/scope", "/scope?deep=false", f"/scope/{scope}", f"/scope/{scope}/permissions", f"/scope/{scope}/resources", "/scope/search?name=read", "/scope/search?name=none",
                 f"/resource/{resource}", f"/resource/{resource}/scopes", f"/resource/{resource}/permissions", f"/resource/{resource}/attributes", "/resource/search?name=doc",
                 "/resource/search?name=none", "/resource", "/resource?deep=false", "/resource?name=do&type=urn:doc", "/resource?uri=/doc/*", "/resource?scope=read", "/resource?owner=guarded",
                 "/resource?owner=alice", "/resource?matchingUri=true&uri=/doc/7&deep=false", "/resource?first=1&max=1&deep=false", "/resource?type=none"):
        c.admin("GET", root + path)
    c.admin("PUT", f"{root}/scope/{scope}", json={"name": "read more", "displayName": "R"})
    c.admin("PUT", f"{root}/resource/{resource}", json={"name": "doc two", "scopes": [{"name": "read more"}]})
    c.admin("GET", f"{root}/resource/{resource}")
    c.admin("DELETE", f"{root}/scope/{scope}")
    c.admin("DELETE", f"{root}/scope/{fresh}")
    c.admin("DELETE", f"{root}/resource/{resource}")
    c.admin("GET", root + "/scope")
    for path in ("/scope/none", "/resource/none", "/resource/none/scopes"):
        c.admin("GET", root + path)
    c.admin("DELETE", root + "/resource/none")
    c.admin("DELETE", root + "/scope/none")


@case("authz/policies")
def _(c):
    client, root = server(c)
    scope = [entry for entry in get(c, "/client-scopes") if entry["name"] == "email"][0]["id"]
    bodies = {"role": {"roles": [{"id": get(c, "/roles/reader")["id"], "required": True}], "fetchRoles": True},
              "user": {"users": [c.user_id("alice")], "description": "she"}, "client": {"clients": [client], "logic": "NEGATIVE"},
              "group": {"groups": [{"id": get(c, "/groups?search=staff&exact=true")[0]["id"], "extendChildren": True}], "groupsClaim": "groups"},
              "client-scope": {"clientScopes": [{"id": scope, "required": True}]}, "time": {"notBefore": "2020-01-01 00:00:00", "hour": "1", "hourEnd": "22"},
              "regex": {"targetClaim": "sub", "pattern": ".*"}}
    for kind, body in bodies.items():
        policy = c.admin("POST", f"{root}/policy/{kind}", json={"name": "of " + kind, **body}).json()["id"]
        c.admin("GET", f"{root}/policy/{kind}/{policy}")
        c.admin("GET", f"{root}/policy/{policy}")
        c.admin("PUT", f"{root}/policy/{kind}/{policy}", json={"name": "now of " + kind, **body, "description": "changed"})
        c.admin("GET", f"{root}/policy/{kind}/{policy}")
    c.admin("GET", root + "/policy/role")
    c.admin("POST", root + "/policy", json={"name": "in general", "type": "user", "config": {"users": json.dumps(["alice"])}})
    c.admin("GET", root + "/policy/search?name=in general")
    c.admin("POST", root + "/policy", json={"name": "by name", "type": "role", "config": {"roles": json.dumps([{"id": "reader", "required": False}])}})
    c.admin("GET", root + "/policy/search?name=by name")
    c.admin("GET", root + "/policy/search?name=none")
    c.admin("GET", root + "/policy?type=user")
    c.admin("GET", root + "/policy?name=now&first=1&max=2")
    settings_of(c, root)


@case("authz/permissions")
def _(c):
    k = furnish(c)
    root = k["root"]
    for name in ("to-doc", "to-others", "to-write", "either", "is-alice"):
        for path in ("/policy/", "/permission/"):
            c.admin("GET", root + path + k[name])
        for part in ("dependentPolicies", "scopes", "resources", "associatedPolicies"):
            c.admin("GET", f"{root}/policy/{k[name]}/{part}")
    c.admin("GET", f"{root}/permission/resource/{k['to-doc']}")
    c.admin("GET", f"{root}/permission/scope/{k['to-write']}")
    for path in ("/permission", "/permission?resource=doc", "/permission?scope=write", "/policy?permission=false", "/policy?policyId=" + k["is-alice"], "/permission/search?name=to doc",
                 f"/resource/{k['doc']}/permissions", f"/resource/{k['other']}/permissions", f"/scope/{k['write']}/permissions"):
        c.admin("GET", root + path)
    settings_of(c, root, "all")
    c.admin("PUT", f"{root}/permission/resource/{k['to-doc']}", json={"name": "to doc", "type": "resource", "logic": "POSITIVE", "decisionStrategy": "UNANIMOUS", "resources": [k["doc"]], "policies": [k["is-reader"]]})
    c.admin("GET", f"{root}/policy/{k['to-doc']}/associatedPolicies")
    c.admin("PUT", f"{root}/scope/{k['write']}", json={"name": "change"})
    c.admin("GET", f"{root}/policy/{k['to-write']}/scopes")
    c.admin("DELETE", f"{root}/policy/{k['is-alice']}")
    c.admin("GET", root + "/policy")
    c.admin("DELETE", f"{root}/resource/{k['doc']}")
    c.admin("GET", root + "/policy")
    settings_of(c, root)


@case("authz/refused")
def _(c):
    k = furnish(c)
    root = k["root"]
    c.admin("POST", root + "/policy/user", json={"name": "is alice", "users": [k["alice"]]})
    c.admin("POST", root + "/policy/user", json={"name": "nobody", "users": ["none"]})
    c.admin("POST", root + "/policy/nosuch", json={"name": "bad"})
    c.admin("POST", root + "/policy", json={"name": "bad", "type": "nosuch"})
    c.admin("POST", root + "/permission/scope", json={"name": "of nothing"})
    for path in ("/policy/none", "/policy/user/none", "/permission/none", "/policy/none/scopes", "/policy/none/dependentPolicies"):
        c.admin("GET", root + path)
    c.admin("PUT", root + "/policy/user/none", json={"name": "x"})
    c.admin("DELETE", root + "/policy/none")


@case("authz/import")
def _(c):
    k = furnish(c)
    settings = get(c, k["root"] + "/settings")
    client, root = server(c, "second")
    c.admin("POST", root + "/import", json=settings)
    settings_of(c, root)
    c.admin("GET", root + "/resource?deep=false")
    settings["policyEnforcementMode"] = "PERMISSIVE"
    settings["scopes"].append({"name": "one more"})
    c.admin("POST", root + "/import", json=settings)
    settings_of(c, root)
    c.quiet("POST", "/clients", json={"clientId": "third", "secret": "third", "serviceAccountsEnabled": True, "authorizationServicesEnabled": True, "authorizationSettings": settings})
    settings_of(c, f"/clients/{c.client_id('third')}/authz/resource-server", "third")
    exported = c.admin("POST", "/partial-export?exportClients=true", record=False).json()
    c.note("exported", {entry["clientId"]: sorted(policy["name"] + " " + " ".join(sorted(policy.get("config", {}))) for policy in entry["authorizationSettings"]["policies"])
                        for entry in exported["clients"] if entry.get("authorizationSettings")})


@case("authz/administrators")
def _(c):
    k = furnish(c)
    root = f"{c.base}/admin/realms/{c.realm}"
    for role in ("view-authorization", "manage-authorization", "view-clients", "manage-clients", "view-realm", "realm-admin"):
        head = admin_of(c, role)
        for path in ("", "/settings", "/resource", "/scope", "/policy", "/permission", "/resource/none", f"/policy/{k['is-alice']}"):
            c.note(f"{role} {path.replace(k['is-alice'], 'id')}", requests.get(root + k["root"] + path, headers=head, timeout=30).status_code)
        for path in ("/scope", "/resource", "/policy/user"):
            c.note(f"{role} POST {path}", requests.post(root + k["root"] + path, headers=head, json={"name": role}, timeout=30).status_code)
        c.note(f"{role} none", requests.get(root + "/clients/00000000-0000-4000-8000-000000000000/authz/resource-server", headers=head, timeout=30).status_code)


@case("authz/evaluate")
def _(c):
    k = furnish(c)

    def ask(label, **body):
        answer = c.admin("POST", k["root"] + "/policy/evaluate", json={"context": {"attributes": {}}, **body}, record=False).json()
        c.note(label, [answer.get("status"), sorted([result["resource"]["name"], result["status"], sorted(scope["name"] for scope in result.get("allowedScopes", [])),
                                                     sorted([asked["policy"]["name"], asked["status"], sorted([part["policy"]["name"], part["status"]] for part in asked["associatedPolicies"])]
                                                            for asked in result["policies"])] for result in answer.get("results", []))])
        c.note(label + " permissions", sorted([entry.get("rsname"), sorted(entry.get("scopes", []))] for entry in answer.get("rpt", {}).get("authorization", {}).get("permissions", [])))
        return answer

    for user in ("alice", "bob"):
        ask(user + " all", userId=k[user])
        ask(user + " doc", userId=k[user], resources=[{"name": "doc", "_id": k["doc"]}])
        ask(user + " doc write", userId=k[user], resources=[{"name": "doc", "_id": k["doc"], "scopes": [{"name": "write"}]}])
        ask(user + " other read", userId=k[user], resources=[{"name": "other", "_id": k["other"], "scopes": [{"name": "read"}]}])
    ask("bob as reader", userId=k["bob"], roleIds=["reader"], resources=[{"name": "doc", "_id": k["doc"]}])
    ask("by type", userId=k["alice"], resources=[{"type": "urn:other"}])
    for strategy in ("AFFIRMATIVE", "UNANIMOUS"):
        for mode in ("ENFORCING", "PERMISSIVE", "DISABLED"):
            c.admin("PUT", k["root"], json={**get(c, k["root"]), "decisionStrategy": strategy, "policyEnforcementMode": mode}, record=False)
            for user in ("alice", "bob"):
                ask(f"{strategy} {mode} {user}", userId=k[user], resources=[{"name": "doc", "_id": k["doc"]}])
    made(c, k["root"] + "/resource", {"name": "bare"})
    ask("nothing about it", userId=k["alice"], resources=[{"name": "bare"}])


def ask(c, k, method, path, body=None):
    """In short: the status and what the answer says; of lists, the names."""
    answer = c.admin(method, path, json=body, record=False) if body is not None else c.admin(method, path, record=False)
    said = answer.json() if answer.text.startswith(("{", "[")) else answer.text
    if isinstance(said, list):
        said = sorted(entry["name"] for entry in said)
    label = f"{method} {path.split('/authz/resource-server')[1]} {'' if body is None else json.dumps(body)}"
    for name, known in k.items():
        label = label.replace(known, name.upper())
    c.note(label, [answer.status_code, said])


KINDS = {"role": {"roles": [{"id": "none"}]}, "user": {"users": ["none"]}, "group": {"groups": [{"id": "none"}]}, "client": {"clients": ["none"]}, "client-scope": {"clientScopes": [{"id": "none"}]},
         "time": {"notBefore": "soon"}, "regex": {"targetClaim": "sub", "pattern": "["}, "aggregate": {"policies": ["none"]}, "js": {"code": "1"}, "resource": {"resources": ["none"]}, "scope": {"scopes": ["none"]}}


@case("authz/wrong-references")
def _(c):
    """Each type's own path: what refers to nothing, what lacks everything, what is of the wrong kind."""
    client, root = server(c)
    k = {"client": client}
    for kind, body in KINDS.items():
        part = "permission" if kind in ("resource", "scope") else "policy"
        ask(c, k, "POST", f"{root}/{part}/{kind}", {"name": f"wrong {kind}", **body})
        if kind != "client-scope":
            ask(c, k, "POST", f"{root}/{part}/{kind}", {"name": f"empty {kind}"})
        ask(c, k, "POST", f"{root}/policy/{kind}", {})
        ask(c, k, "POST", f"{root}/policy/{kind}", {"name": "of nowhere", "nonsense": 1})
        ask(c, k, "POST", f"{root}/policy/{kind}", {"name": "illogical", "logic": "NONSENSE"})
        ask(c, k, "POST", f"{root}/policy/{kind}", {"name": f"odd {kind}", **{member: 7 for member in body}})
        ask(c, k, "POST", f"{root}/policy", {"name": f"plain {kind}", "type": kind})
        ask(c, k, "POST", f"{root}/policy", {"name": f"plain wrong {kind}", "type": kind, "config": {member: json.dumps(value) if isinstance(value, list) else value for member, value in body.items()}})
        c.note(kind, sorted(({**policy, "id": "*"} for policy in get(c, f"{root}/policy/{kind}")), key=lambda policy: policy["name"]) if kind != "js" else [])
        ask(c, k, "GET", f"{root}/permission/{kind}")
    for body in ([], {"name": "of nowhere", "type": "user", "nonsense": 1}, {"name": "of no type"}, {"type": "time"}, {"name": "illogical", "type": "time", "logic": "NONSENSE"},
                 {"name": "plain links", "type": "resource", "resources": ["none"]}, {"name": "plain configured", "type": "aggregate", "config": {"applyPolicies": "[\"none\"]"}},
                 {"name": "empty time", "type": "time"}):
        ask(c, k, "POST", root + "/policy", body)
    ask(c, k, "POST", root + "/policy/time", [])
    c.note("left", sorted(policy["name"] for policy in get(c, root + "/policy?max=100")))


@case("authz/typed-paths")
def _(c):
    """What is asked by another type's path, and what types' paths have besides."""
    k = furnish(c)
    root = k["root"]
    for name, kind in (("is-alice", "user"), ("either", "aggregate"), ("to-doc", "resource"), ("to-write", "scope")):
        for way in (f"policy/{kind}", "permission/time"):
            for part in ("", "/scopes", "/resources", "/associatedPolicies", "/dependentPolicies"):
                ask(c, k, "GET", f"{root}/{way}/{k[name]}{part}")
        ask(c, k, "GET", f"{root}/policy/js/{k[name]}")
        ask(c, k, "GET", f"{root}/policy/{kind}/search?name={name.replace('-', ' ')}")
        ask(c, k, "GET", f"{root}/permission/{kind}/search?name=none")
        ask(c, k, "GET", f"{root}/policy/{kind}/search")
    ask(c, k, "GET", root + "/policy/user/providers")
    for way in ("policy/search", "permission/search", "resource/search", "scope/search", "policy/time/search?name=is alice", "permission/search?name=is alice", "policy/search?name=to doc",
                "permission/user", "policy/js", "policy/uma", "permission/uma"):
        ask(c, k, "GET", f"{root}/{way}")
    ask(c, k, "PUT", f"{root}/policy/time/{k['is-alice']}", {"name": "now timed", "hour": "1"})
    ask(c, k, "PUT", f"{root}/permission/user/{k['is-alice']}", {"name": "is still alice", "type": "user", "users": [k["bob"]]})
    ask(c, k, "PUT", f"{root}/policy/user/{k['is-alice']}", {"name": "is reader", "users": [k["bob"]]})
    ask(c, k, "PUT", f"{root}/policy/user/{k['is-alice']}", {"name": "is alice", "users": ["none"]})
    ask(c, k, "PUT", f"{root}/policy/user/{k['is-alice']}", {"users": [k["bob"]]})
    ask(c, k, "PUT", f"{root}/policy/user/{k['is-alice']}", {"name": "is alice", "type": "role", "users": [k["bob"]]})
    ask(c, k, "PUT", f"{root}/policy/{k['is-alice']}", {"name": "plainly", "type": "user", "config": {"users": json.dumps([k["alice"]])}})
    ask(c, k, "PUT", f"{root}/policy/{k['is-alice']}", {"id": k["is-reader"], "name": "plainly again", "type": "role"})
    ask(c, k, "GET", f"{root}/policy/{k['is-alice']}")
    ask(c, k, "PUT", f"{root}/permission/{k['to-doc']}", {"name": "to doc", "type": "resource", "resources": ["none"], "policies": [k["either"]]})
    ask(c, k, "PUT", f"{root}/permission/resource/{k['to-doc']}", {"name": "to doc", "resources": [k["doc"]], "policies": ["none"]})
    ask(c, k, "PUT", f"{root}/permission/scope/{k['to-write']}", {"name": "to write", "scopes": ["none"]})
    ask(c, k, "PUT", f"{root}/permission/scope/{k['to-write']}", {"name": "to write", "scopes": [k["read"]], "policies": []})
    ask(c, k, "GET", f"{root}/policy/{k['to-write']}/scopes")
    ask(c, k, "DELETE", f"{root}/policy/time/{k['is-staff']}")
    ask(c, k, "DELETE", f"{root}/permission/{k['not-bob']}")
    ask(c, k, "DELETE", f"{root}/permission/user/none")
    ask(c, k, "DELETE", f"{root}/policy/none/none")
    c.note("left", sorted(policy["name"] for policy in get(c, root + "/policy?max=100")))


@case("authz/wrong-things")
def _(c):
    """Resources, scopes, settings and imports that are wrong."""
    k = furnish(c)
    root = k["root"]
    for body in ({}, {"name": ""}, {"name": "read"}, {"name": "x", "nonsense": 1}, {"name": 7}, {"id": k["read"], "name": "with id"}, []):
        ask(c, k, "POST", root + "/scope", body)
    for body in ({}, {"name": ""}, {"name": "x", "nonsense": 1}, {"name": "x", "owner": "none"}, {"name": "x", "owner": {"id": k["alice"]}}, {"name": "x", "owner": {"name": "none"}},
                 {"name": "x", "scopes": [{"id": "none"}]}, {"name": "y", "scopes": [{"id": k["read"]}]}, {"name": "z", "scopes": ["read"]}, {"name": "u", "uri": "/u"}, {"_id": k["doc"], "name": "v"},
                 {"name": "w", "attributes": {"a": "b"}}, {"name": "doc", "owner": {"id": k["alice"]}}, []):
        ask(c, k, "POST", root + "/resource", body)
    for body in ({}, {"name": "read"}, {"name": "write"}, {"id": k["write"], "name": "again"}):
        ask(c, k, "PUT", f"{root}/scope/{k['read']}", body)
    for body in ({}, {"name": "other"}, {"name": "doc", "owner": {"id": k["bob"]}}, {"name": "doc", "owner": "none"}, {"name": "doc", "scopes": [{"name": "brand new"}], "uris": ["/a", "/b"]}):
        ask(c, k, "PUT", f"{root}/resource/{k['doc']}", body)
        c.note("now", [get(c, f"{root}/resource/{k['doc']}").get(member) for member in ("name", "uris", "owner")])
    ask(c, k, "PUT", root + "/scope/none", {"name": "x"})
    ask(c, k, "PUT", root + "/resource/none", {"name": "x"})
    for path in ("/scope/none/permissions", "/scope/none/resources", "/resource/none/permissions", "/resource/none/attributes", f"/resource/{k['doc']}/permissions", f"/scope/{k['read']}/resources",
                 f"/scope/{k['write']}/permissions", "/scope?scopeId=" + k["read"], "/scope?name=re&first=0&max=1", "/scope?name=nothing", "/resource?_id=" + k["doc"], "/resource?exactName=true&name=do",
                 "/resource?owner=" + k["client"] + "&deep=false", "/resource?uri=/nothing", "/resource?scope=none", "/permission?resource=none", "/permission?scope=none", "/policy?type=none",
                 "/policy?owner=" + k["alice"], "/permission?resourceType=urn:other", "/policy?fields=id", "/policy?first=x", "/resource?max=x", "/nothing", "/policy/evaluate"):
        ask(c, k, "GET", root + path)
    for body in ([], {"nonsense": 1}, {}, {"userId": "none"}, {"userId": k["alice"], "clientId": "none"}, {"clientId": k["client"]}):
        ask(c, k, "POST", root + "/policy/evaluate", body)
    for body in ({}, {"policyEnforcementMode": "NONSENSE"}, {"nonsense": 1}, {"decisionStrategy": "AFFIRMATIVE", "resources": [{"name": "by put"}]}, []):
        ask(c, k, "PUT", root, body)
    ask(c, k, "GET", root)
    for body in ({}, [], {"nonsense": 1}, {"decisionStrategy": "NONSENSE"}, {"scopes": [{}]}, {"resources": [{}]}, {"policies": [{"name": "p"}]}, {"policies": [{"name": "p", "type": "nosuch"}]},
                 {"policies": [{"name": "p", "type": "user", "config": {"users": "[\"nobody\"]"}}]}, {"policies": [{"name": "p2", "type": "role", "config": {"roles": "[{\"id\":\"nothing\"}]"}}]},
                 {"policies": [{"name": "p3", "type": "resource", "config": {"resources": "[\"nothing\"]"}}]}, {"policies": [{"name": "p4", "type": "scope", "config": {"scopes": "[\"nothing\"]"}}]},
                 {"policies": [{"name": "p5", "type": "aggregate", "config": {"applyPolicies": "[\"nothing\"]"}}]}, {"policies": [{"name": "p6", "type": "user", "config": {"users": "no list"}}]},
                 {"policies": [{"name": "p7", "type": "client", "config": {"clients": "[\"nothing\"]"}}]}, {"policies": [{"name": "p8", "type": "group", "config": {"groups": "[{\"path\":\"/nothing\"}]"}}]},
                 {"resources": [{"name": "r", "owner": "nobody"}]}, {"resources": [{"name": "r", "owner": {"name": "alice"}, "scopes": [{"name": "made by import"}]}]}):
        ask(c, k, "POST", root + "/import", body)
    settings_of(c, root)
