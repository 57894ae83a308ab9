#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""What somebody tries who has less than they want: each row is one attempt and what must come of it."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from latchkey import Browser, Server, Tap  # noqa: E402

tap, server = Tap(), Server("--log-level=trace")
issuer = server.base + "/realms/acme"


def token(client, user, **form):
    form = {"grant_type": "password", "client_id": client, "client_secret": "x", "username": user, "password": "password-1", "scope": "openid", **form}
    return Browser().request("POST", issuer + "/protocol/openid-connect/token", form).json()


def call(bearer, method, path, body=None):
    head = {"Authorization": "Bearer " + bearer, "Content-Type": "application/json", "Accept": "application/json"}
    return Browser().request(method, server.base + path, headers=head, body=body)


def admin(method, path, body=None):
    answer = server.admin(method, "/realms/acme" + path, body)
    assert answer.status < 300, (method, path, answer.status, answer.text)
    return answer


def found(path):
    return admin("GET", path).json()[0]["id"]


def roles_of(client, *names):
    return [admin("GET", f"/clients/{client}/roles/{name}").json() for name in names]


def make_user(name, *roles):
    admin("POST", "/users", {"username": name, "email": f"{name}@acme.test", "firstName": name, "lastName": name, "enabled": True,
                             "credentials": [{"type": "password", "value": "password-1"}]})
    if roles:
        admin("POST", f"/users/{found('/users?exact=true&username=' + name)}/role-mappings/clients/{management}", roles_of(management, *roles))


def make_client(name, **more):
    admin("POST", "/clients", {"clientId": name, "secret": "x", "directAccessGrantsEnabled": True, "redirectUris": ["http://app.test/*"], **more})
    return found("/clients?clientId=" + name)


def narrow_clients():
    """An application gets of an administrator's rights what its scope lets through, however much the person has."""
    scoped = make_client("scoped", fullScopeAllowed=False)
    admin("POST", f"/clients/{scoped}/scope-mappings/clients/{management}", roles_of(management, "view-users"))
    seer = make_client("seer", fullScopeAllowed=False)
    account = found("/clients?clientId=account")
    admin("POST", f"/clients/{seer}/scope-mappings/clients/{account}", roles_of(account, "view-profile"))
    make_client("narrow", fullScopeAllowed=False)
    make_client("wide", webOrigins=["http://app.test"])
    attempts = [("narrow", "GET", "/admin/realms/acme/users", 403), ("narrow", "GET", "/admin/realms", 403), ("narrow", "GET", "/admin/serverinfo", 403),
                ("narrow", "POST", "/realms/acme/clients-registrations/default", 403), ("narrow", "GET", "/realms/acme/account", 401),
                ("scoped", "GET", "/admin/realms/acme/users", 200), ("scoped", "GET", "/admin/realms/acme/clients", 403), ("scoped", "POST", "/admin/realms/acme/users", 403),
                ("seer", "GET", "/realms/acme/account", 200), ("seer", "POST", "/realms/acme/account", 403), ("seer", "GET", "/realms/acme/account/applications", 403),
                ("wide", "GET", "/admin/realms/acme/users", 200), ("wide", "GET", "/admin/realms/acme/clients", 200), ("wide", "GET", "/realms/acme/account/applications", 200)]
    for client, method, path, status in attempts:
        answer = call(token(client, "boss")["access_token"], method, path, '{"clientId":"made"}' if method == "POST" else None)
        tap.is_(answer.status, status, f"an administrator's token for the client {client}: {method} {path}")


def fixed_clients():
    """Nobody changes the clients that hold administrators' roles, not even by a file: the realm's administrators would be none any more."""
    role = roles_of(management, "view-users")[0]
    own = f"/realms/acme/clients/{management}"
    by_master = "/realms/master/clients/" + server.admin("GET", "/realms/master/clients?clientId=acme-realm").json()[0]["id"]
    for where, body in ((own, {"clientId": "realm-management", "enabled": False}), (own + "/roles/view-users", {**role, "description": "x"}),
                        ("/realms/acme/roles-by-id/" + role["id"], {**role, "name": "x"}), (by_master, {"clientId": "x"})):
        tap.is_(server.admin("PUT", where, body).status, 403, "PUT " + where)
    for where in (own, own + "/roles/view-users", "/realms/acme/roles-by-id/" + role["id"], by_master):
        tap.is_(server.admin("DELETE", where).status, 403, "DELETE " + where)
    for where, body in ((own + "/client-secret", None), (own + "/roles", {"name": "x"}), (own + "/scope-mappings/realm", []), (own + "/roles/view-users/composites", [role])):
        tap.is_(server.admin("POST", where, body).status, 403, "POST " + where)
    names = ("realm-management", "account", "broker", "admin-cli")
    answer = admin("POST", "/partialImport", {"ifResourceExists": "OVERWRITE", "clients": [{"clientId": name} for name in names]}).json()
    tap.is_((answer["overwritten"], answer["results"]), (0, []), "an import passes over the clients that the server lives by")
    tap.is_(found("/clients?clientId=realm-management"), management, "whose roles are there still")


def foreign_pages():
    """A script of another page, though it had a token, is not answered; nor does the log at any level tell what would let somebody in."""
    given = token("wide", "boss")
    for path in ("/admin/realms/acme/users", "/realms/acme/account"):
        for origin, status in (("http://app.test", 200), ("null", 403), ("http://evil.test", 403), ("http://app.test.evil", 403), (server.base[:-len("/auth")], 200)):
            head = {"Authorization": "Bearer " + given["access_token"], "Accept": "application/json", "Origin": origin}
            answer = Browser().request("GET", server.base + path, headers=head)
            tap.is_((answer.status, answer.headers.get("access-control-allow-origin")), (status, origin if origin == "http://app.test" else None), f"{path} for {origin}")
    told = [name for name in ("access_token", "refresh_token", "id_token") if given[name].split(".")[2] in server.output()]
    tap.is_((told, "password-1" in server.output()), ([], False), "no token's signature, and no password, in the log at trace level")


management = found("/clients?clientId=realm-management")
make_user("boss", "realm-admin")
narrow_clients()
fixed_clients()
foreign_pages()
server.stop()
tap.done()
