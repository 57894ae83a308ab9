#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""What users do with their own account when a client asks (kc_action): another's credential stays out of reach, and nothing is done by halves."""
import os
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from latchkey import Browser, Server, Tap  # noqa: E402

tap, server = Tap(), Server(realms=())
AUTH = server.base + "/realms/own/protocol/openid-connect/auth?client_id=app&response_type=code&scope=openid&redirect_uri=http%3A%2F%2Fapp.test%2Fcb"
RECOVERY = {"type": "recovery-authn-codes", "userLabel": "<b>codes</b>", "secretData": "{}", "credentialData": "{}"}


def person(name):
    return {"username": name, "enabled": True, "email": name + "@example.test", "firstName": "A", "lastName": "B", "credentials": [{"type": "password", "value": "own-password"}, RECOVERY]}


def user_id(name):
    found = server.admin("GET", f"/realms/own/users?exact=true&username={name}").json()
    return found[0]["id"] if found else None


def credentials(name):
    return {found["type"]: found["id"] for found in server.admin("GET", f"/realms/own/users/{user_id(name)}/credentials").json()}


def sign_in(name):
    browser = Browser()
    tap.ok("code" in browser.submit(browser.get(AUTH), username=name, password="own-password").location(), name + " signs in")
    return browser


def ask(browser, action):
    """To the action's page, or where that has led."""
    answer = browser.get(AUTH + "&kc_action=" + action)
    while answer.headers.get("location", "").startswith(server.base):
        answer = browser.get(answer.headers["location"])
    return answer


def delete_credential():
    alice = sign_in("alice")
    before, bobs = credentials("alice"), credentials("bob")
    for other in (bobs["recovery-authn-codes"], bobs["password"], "x" * 5000, "%27%20OR%201%3D1", ""):
        ended = ask(alice, "delete_credential:" + other)
        tap.is_(ended.location().get("kc_action_status"), "error", f"not her own: {other[:20]}")
    page = ask(alice, "delete_credential:" + before["recovery-authn-codes"])
    tap.ok("Delete &lt;b&gt;codes&lt;/b&gt;" in page.text, "the page names it, as text", page.text[-900:])
    tap.is_(alice.submit(page, **{"cancel-aia": "x"}).location().get("kc_action_status"), "cancelled", "she may say no")
    tap.is_(alice.submit(ask(alice, "delete_credential:" + before["password"]), accept="x").status, 400, "the password is not deleted")
    tap.is_((credentials("alice"), credentials("bob")), (before, bobs), "nothing has gone so far")
    first, second = (ask(alice, "delete_credential:" + before["recovery-authn-codes"]) for _ in range(2))
    tap.is_(alice.submit(first, accept="x").location().get("kc_action_status"), "success", "she says yes")
    tap.is_(alice.submit(second, accept="x").status, 400, "in another tab it has gone meanwhile")
    tap.is_((set(credentials("alice")), credentials("bob")), ({"password"}, bobs), "hers is deleted, and nobody else's")


def to_page(browser):
    page = browser.submit(ask(browser, "delete_account"), password="own-password")
    return browser.get(page.headers["location"])


def delete_account():
    action = server.admin("GET", "/realms/own/authentication/required-actions/delete_account").json()
    bob = sign_in("bob")
    tap.is_(ask(bob, "delete_account").location().get("kc_action_status"), "error", "the realm has to allow it")
    server.admin("PUT", "/realms/own/authentication/required-actions/delete_account", {**action, "enabled": True})
    time.sleep(1.1)
    tap.ok("re-authenticate" in ask(bob, "delete_account").text, "whoever has not just signed in does so again")
    tap.ok("You do not have enough permissions" in to_page(bob).text, "and needs the role")
    account = server.admin("GET", "/realms/own/clients?clientId=account").json()[0]["id"]
    role = server.admin("GET", f"/realms/own/clients/{account}/roles/delete-account").json()
    server.admin("POST", f"/realms/own/users/{user_id('bob')}/role-mappings/clients/{account}", [role])
    server.admin("PUT", "/realms/own", {"adminPermissionsEnabled": True})
    permissions = "/realms/own/clients/" + server.admin("GET", "/realms/own/clients?clientId=admin-permissions").json()[0]["id"] + "/authz/resource-server"
    server.admin("POST", permissions + "/policy/user", {"name": "alice", "users": [user_id("alice")]})
    for name, users in (("both", ["alice", "bob"]), ("one", ["bob"])):
        server.admin("POST", permissions + "/permission/scope", {"name": name, "resourceType": "Users", "scopes": ["view"], "resources": [user_id(user) for user in users], "policies": ["alice"]})
    other = sign_in("bob")
    time.sleep(1.1)
    page = to_page(bob)
    tap.ok(user_id("bob") and "Delete account confirmation" in page.text, "the page asks first", page.text[-900:])
    done = bob.submit(page)
    tap.ok(done.status == 200 and "User deleted successfully" in done.text and user_id("bob") is None, "then the account has gone")
    tap.is_([[thing["name"] for thing in server.admin("GET", permissions + "/permission").json()], [thing["name"] for thing in server.admin("GET", permissions + "/resource").json() if not thing.get("type")]], [["both"], [user_id("alice")]],
            "and no administrator's permission is about it")
    tap.is_(bob.submit(page).status // 100 in (3, 4), True, "the same form again is no failure of the server")
    tap.ok('name="username"' in other.get(AUTH).text, "signed out in the other browser too")
    tap.ok(user_id("alice"), "and nobody else's account")


try:
    server.admin("POST", "/realms", {"realm": "own", "enabled": True, "sslRequired": "none", "users": [person("alice"), person("bob")],
                                     "clients": [{"clientId": "app", "publicClient": True, "redirectUris": ["http://app.test/*"]}]})
    delete_credential()
    delete_account()
    tap.is_(server.stop(), 0, "a graceful end")
finally:
    if server.process.poll() is None:
        server.process.kill()
tap.done()
