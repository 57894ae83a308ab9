#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""The circle: realms that Keycloak exported, imported here, exported here, imported into a real Keycloak and exported there once more are the same
realms. And a realm that was made here is taken by Keycloak as it is. The fine-grained permissions in one of them act the same at both ends."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent), str(pathlib.Path(__file__).resolve().parents[1] / "api")]
from keycloak import TOP, Keycloak  # noqa: E402
from latchkey import Browser, Server, Tap  # noqa: E402
from postgres import Postgres  # noqa: E402
from realm_file import differences  # noqa: E402

# Keycloak's import dates consents anew, and gives the client of fine-grained permissions a new secret.
RENEWED = r"\.clientConsents|\.clients\[admin-permissions\]\.(secret|attributes\.client\.secret\.creation\.time)$"
tap = Tap()
folder = pathlib.Path(tempfile.mkdtemp(prefix="lk-circle-"))
folder.chmod(0o711)
postgres = Postgres(str(folder))
postgres.create("latchkey")
database = [f"--db-url=jdbc:postgresql://127.0.0.1:{postgres.port}/latchkey", "--db-username=test", "--db-password=test"]
server = keycloak = None


def latchkey(*arguments):
    program = os.environ.get("LATCHKEY", f"{TOP}/build/latchkey")
    done = subprocess.run([program, *arguments, *database], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        print("Bail out! " + done.stdout.replace("\n", " "))
        sys.exit(1)


ASKED = (("GET", "/users"), ("GET", "/users/u-ish"), ("GET", "/users/u-ahab"), ("GET", "/users/u-queq"), ("GET", "/groups"), ("GET", "/groups/g-docks/members"), ("GET", "/groups/g-office"),
         ("GET", "/clients"), ("GET", "/clients/c-web"), ("PUT", "/users/u-ish", {"firstName": "I"}), ("PUT", "/users/u-ahab", {"firstName": "A"}), ("PUT", "/users/u-ish/reset-password", {"type": "password", "value": "white-whale"}),
         ("POST", "/users/u-ish/role-mappings/realm", ["sailor"]), ("POST", "/users/u-ish/role-mappings/realm", ["captain"]), ("POST", "/users/u-ish/role-mappings/clients/c-crane", ["lift"]))


def allowed(base, roles):
    """What starbuck may, who has nothing but what permissions give: statuses, and the names in lists."""
    form = {"grant_type": "password", "client_id": "admin-cli", "username": "starbuck", "password": "coffee-first"}
    token = Browser().request("POST", base + "/realms/harbour/protocol/openid-connect/token", form).json()["access_token"]
    head, seen = {"Authorization": "Bearer " + token, "Content-Type": "application/json"}, {}
    for method, path, *body in ASKED:
        given = json.dumps([roles[name] for name in body[0]] if body and isinstance(body[0], list) else body[0]) if body else None
        answer = Browser().request(method, base + "/admin/realms/harbour" + path, headers=head, body=given)
        listed = answer.json() if answer.status == 200 else None
        seen[f"{method} {path} {given or ''}"] = sorted(thing.get("username") or thing.get("clientId") or thing["name"] for thing in listed) if isinstance(listed, list) else answer.status
    return seen


try:
    given = {name: json.loads((TOP / f"t/data/{name}-export.json").read_text()) for name in ("acme", "harbour")}
    (folder / "made.json").write_text(json.dumps({"realm": "made", "enabled": True, "users": [{"username": "mia", "credentials": [
        {"type": "password", "value": "secret-of-mia"}]}], "clients": [{"clientId": "shop", "serviceAccountsEnabled": True}]}))
    for name in given:
        latchkey("import", "--file", f"{TOP}/t/data/{name}-export.json")
    latchkey("import", "--file", str(folder / "made.json"))
    latchkey("export", "--dir", str(folder / "here"), "--users", "realm_file")
    (folder / "here/master-realm.json").unlink()
    given["made"] = json.loads((folder / "here/made-realm.json").read_text())

    keycloak = Keycloak(str(folder), postgres, serve=False)
    keycloak.run("import", "--optimized", "--dir", folder / "here")
    keycloak.run("export", "--optimized", "--dir", folder / "there", "--users", "realm_file")
    for name, realm in given.items():
        got = json.loads((folder / f"there/{name}-realm.json").read_text())
        found = differences(realm, got, ignored=RENEWED)
        tap.ok(not found, f"{name}: the same after the circle", "\n".join(found))
        tap.is_([len(user.get("clientConsents", [])) for user in got["users"]], [len(user.get("clientConsents", [])) for user in realm["users"]],
                f"{name}: consents are kept")

    roles = {role["name"]: {"id": role["id"], "name": role["name"]} for role in given["harbour"]["roles"]["realm"] + given["harbour"]["roles"]["client"]["crane"]}
    keycloak.start()
    server = Server(*database, realms=())
    there, here = allowed(keycloak.base, roles), allowed(server.base, roles)
    tap.is_(here, there, "permissions act the same")
    tap.is_([there["GET /users "], there["GET /users/u-queq "], there["GET /users/u-ahab "]], [["ahab", "ishmael"], 403, 200], "and they say something")
finally:
    for part in (server, keycloak):
        if part:
            part.stop()
    postgres.stop()
subprocess.run(["rm", "-rf", str(folder)])
tap.done()
