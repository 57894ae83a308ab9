#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""Authorization services at run time beyond the recorded cases: writers at the same time, what goes with what is removed, many resources, bad input."""
import concurrent.futures
import json
import os
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from latchkey import Browser, Server, Tap, claims  # noqa: E402

GRANT = "urn:ietf:params:oauth:grant-type:uma-ticket"
tap, server = Tap(), Server(realms=())
realm = server.base + "/realms/uma"
token_endpoint, protection = realm + "/protocol/openid-connect/token", realm + "/authz/protection"


def token(**form):
    return Browser().request("POST", token_endpoint, {"client_id": "guarded", "client_secret": "guarded", **form}).json()["access_token"]


def user(name):
    return token(grant_type="password", username=name, password=name)


def ask(bearer, **form):
    return Browser().request("POST", token_endpoint, {"grant_type": GRANT, "audience": "guarded", "response_mode": "permissions", **form}, headers={"Authorization": "Bearer " + bearer} if bearer else {})


def call(method, path, bearer, body=None):
    text = body if isinstance(body, (str, bytes)) or body is None else json.dumps(body)
    return Browser().request(method, protection + path, headers={"Authorization": "Bearer " + bearer, "Content-Type": "application/json"}, body=text)


def set_up():
    users = [{"username": name, "enabled": True, "email": name + "@example.org", "firstName": name, "lastName": "X", "credentials": [{"type": "password", "value": name}]} for name in ("alice", "bob", "carol")]
    server.admin("POST", "/realms", {"realm": "uma", "enabled": True, "users": users})
    server.admin("POST", "/realms/uma/clients", {"clientId": "guarded", "secret": "guarded", "serviceAccountsEnabled": True, "directAccessGrantsEnabled": True, "authorizationServicesEnabled": True})
    client = server.admin("GET", "/realms/uma/clients?clientId=guarded").json()[0]["id"]
    ids = {entry["username"]: entry["id"] for entry in server.admin("GET", "/realms/uma/users").json()}
    role = server.admin("GET", f"/realms/uma/clients/{client}/roles/uma_protection").json()
    server.admin("POST", f"/realms/uma/users/{ids['alice']}/role-mappings/clients/{client}", [role])
    return client, ids


def writers():
    """Resources registered by many at once, while an administrator changes the settings: nobody's write is lost."""
    root = f"/realms/uma/clients/{client}/authz/resource-server"
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        made = [pool.submit(call, "POST", "/resource_set", pat, {"name": f"made {i}", "resource_scopes": [f"scope {i % 3}"]}) for i in range(24)]
        scopes = [pool.submit(server.admin, "POST", root + "/scope", {"name": f"by hand {i}"}) for i in range(4)]
        puts = [pool.submit(server.admin, "PUT", f"/realms/uma/clients/{client}", {"description": f"D{i}"}) for i in range(4)]
        tap.is_(sorted({future.result().status for future in made + scopes + puts}), [201, 204], "writers at the same time")
    tap.is_(len(call("GET", "/resource_set?name=made", pat).json()), 24, "each has written its resource")
    tap.is_(len(server.admin("GET", root + "/scope").json()), 7, "and its scope, once")
    same = [pool.submit(call, "POST", "/resource_set", pat, {"name": "once"}) for pool in [concurrent.futures.ThreadPoolExecutor(4)] for _ in range(4)]
    tap.is_(sorted(future.result().status for future in same), [201, 409, 409, 409], "one name is taken once")


def gone():
    """What is about something goes with it."""
    mine = call("POST", "/resource_set", alice, {"name": "mine", "ownerManagedAccess": True, "resource_scopes": ["see", "touch"]}).json()["_id"]
    ticket = call("POST", "/permission", pat, [{"resource_id": mine}]).json()["ticket"]
    for name in ("bob", "carol"):
        tap.is_(ask(user(name), ticket=ticket).json().get("error_description"), "request_submitted", name + " asks")
    tap.is_(call("GET", "/permission/ticket/count", pat).json(), 4, "a request for each scope and user")
    for entry in call("GET", "/permission/ticket?requester=bob", alice).json():
        call("PUT", "/permission/ticket", alice, {"id": entry["id"], "granted": True})
    tap.is_(sorted(ask(bob, permission=mine).json()[0]["scopes"]), ["see", "touch"], "alice lets bob")
    call("POST", "/uma-policy/" + mine, alice, {"name": "carol", "scopes": ["see"], "users": ["carol"]})
    tap.is_(ask(user("carol"), permission=mine + "#see").status, 200, "and carol")
    exported = json.dumps(server.admin("POST", "/realms/uma/partial-export?exportClients=true").json())
    tap.ok('"mine"' in exported and '"type": "uma"' not in exported, "a realm file has the resource, and not what users share")
    scope = server.admin("GET", f"/realms/uma/clients/{client}/authz/resource-server/scope/search?name=touch").json()["id"]
    call("PUT", "/resource_set/" + mine, alice, {"name": "mine", "ownerManagedAccess": True, "resource_scopes": ["see"]})
    server.admin("DELETE", f"/realms/uma/clients/{client}/authz/resource-server/scope/{scope}")
    tap.is_(call("GET", "/permission/ticket/count", pat).json(), 2, "a scope takes its tickets with it")
    server.admin("DELETE", f"/realms/uma/users/{ids['bob']}")
    tap.is_([entry["requesterName"] for entry in call("GET", "/permission/ticket?returnNames=true", pat).json()], ["carol"], "a user as well")
    call("DELETE", "/resource_set/" + mine, alice)
    tap.is_([call("GET", "/permission/ticket/count", pat).json(), call("GET", "/uma-policy", alice).json()], [0, []], "a resource takes all")


def many():
    """Thousands of resources and permissions."""
    settings = {"scopes": [{"name": "read"}], "resources": [{"name": f"r{i}", "type": "urn:r", "uris": [f"/r/{i}/*"], "scopes": [{"name": "read"}]} for i in range(2000)],
                "policies": [{"name": "whoever", "type": "client", "config": {"clients": '["guarded"]'}}] +
                            [{"name": f"p{i}", "type": "resource", "config": {"resources": json.dumps([f"r{i}"]), "applyPolicies": '["whoever"]'}} for i in range(2000)]}
    tap.is_(server.admin("POST", f"/realms/uma/clients/{client}/authz/resource-server/import", settings).status, 204, "2000 resources and permissions")
    start = time.monotonic()
    granted = ask(pat).json()
    tap.ok(len(granted) == 2000, "all of them are decided")
    tap.ok(time.monotonic() - start < 5, "in a while", time.monotonic() - start)
    tap.is_([entry["rsname"] for entry in ask(pat, permission="/r/77/x", permission_resource_format="uri", permission_resource_matching_uri="true").json()], ["r77"], "one by its URI")
    tap.is_(len(ask(pat, permission="resource-type:urn:r", response_permissions_limit="5").json()), 5, "as many as are wanted")
    body = "&".join(["grant_type=" + GRANT, "audience=guarded"] + ["permission=r1"] * 501)
    head = {"Authorization": "Bearer " + pat, "Content-Type": "application/x-www-form-urlencoded"}
    tap.is_(Browser().request("POST", token_endpoint, headers=head, body=body).status, 400, "too many are refused")


def bad_input():
    odd = [None, 7, [], {"x": 1}, [None]]
    worst = 0
    for value in odd:
        for member in ("name", "owner", "scopes", "resource_scopes", "uris", "uri", "attributes", "type", "ownerManagedAccess", "_id"):
            worst = max(worst, call("POST", "/resource_set", pat, {"name": f"odd {member}", member: value}).status)
        for member in ("resource_id", "resource_scopes", "claims"):
            worst = max(worst, call("POST", "/permission", pat, [{"resource_id": "r1", member: value}]).status)
        for member in ("id", "resource", "requester", "scope", "scopeName", "granted"):
            worst = max(worst, call("POST", "/permission/ticket", pat, {"resource": "r1", "requester": "carol", "scopeName": "read", member: value}).status)
            worst = max(worst, call("PUT", "/permission/ticket", pat, {member: value}).status)
        for member in ("name", "scopes", "users", "roles", "groups", "clients", "logic", "decisionStrategy"):
            worst = max(worst, call("POST", "/uma-policy/" + shared, alice, {"name": f"odd {member}", "users": ["carol"], member: value}).status)
        for path in ("/resource_set", "/permission", "/permission/ticket", "/uma-policy/" + shared):
            worst = max(worst, call("POST", path, alice, value).status)
    for form in ({"permission": "#"}, {"permission": "##,,#"}, {"permission": ",#,"}, {"permission": "r1#" + ",".join("x" * 9 for _ in range(500))}, {"response_permissions_limit": "9" * 40}, {"response_permissions_limit": "x"}, {"rpt": "a.b.c"},
                 {"ticket": "a.b.c"}, {"ticket": pat}, {"claim_token": "%", "claim_token_format": "urn:ietf:params:oauth:token-type:jwt"}, {"claim_token": "W10", "claim_token_format": "urn:ietf:params:oauth:token-type:jwt"},
                 {"claim_token": "eyJhIjoxfQ", "claim_token_format": "urn:ietf:params:oauth:token-type:jwt"}, {"scope": " "}, {"scope": "read " * 200}, {"permission_resource_format": "uri", "permission": ""},
                 {"permission": "resource-type:"}, {"audience": ""}, {"permission": "\x01"}):
        worst = max(worst, ask(pat, **form).status)
    tap.ok(worst < 500, "no input is the server's fault", worst)
    refresh = Browser().request("POST", token_endpoint, {"client_id": "guarded", "client_secret": "guarded", "grant_type": "password", "username": "carol", "password": "carol"}).json()["refresh_token"]
    tap.is_(ask(pat, ticket=refresh).json().get("error"), "invalid_ticket", "a refresh token is no ticket")
    good = call("POST", "/permission", pat, [{"resource_id": "r1"}]).json()["ticket"]
    form = {"client_id": "guarded", "client_secret": "guarded", "grant_type": "refresh_token", "refresh_token": good}
    tap.is_(Browser().request("POST", token_endpoint, form).json().get("error"), "invalid_grant", "nor a ticket a refresh token")
    tap.is_(ask(good).json().get("error"), "invalid_grant", "nor an access token")


try:
    client, ids = set_up()
    pat, alice, bob = token(grant_type="client_credentials"), user("alice"), user("bob")
    writers()
    gone()
    shared = call("POST", "/resource_set", alice, {"name": "shared", "ownerManagedAccess": True, "resource_scopes": ["read"]}).json()["_id"]
    call("POST", "/resource_set", pat, {"name": "r1"})
    bad_input()
    many()
    answer = Browser().request("POST", token_endpoint, {"grant_type": GRANT, "audience": "guarded", "permission": "r1"}, headers={"Authorization": "Bearer " + pat}).json()
    tap.is_(claims(answer["access_token"])["authorization"]["permissions"][0]["rsname"], "r1", "it still answers")
finally:
    server.stop()
tap.done()
