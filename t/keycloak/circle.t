#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""The circle: realms that Keycloak exported, imported here, exported here, imported into a real Keycloak and exported there once more are the same
realms. And a realm that was made here is taken by Keycloak as it is."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent), str(pathlib.Path(__file__).resolve().parents[1] / "api")]
from keycloak import TOP, Keycloak  # noqa: E402
from latchkey import Tap  # noqa: E402
from postgres import Postgres  # noqa: E402
from realm_file import differences  # noqa: E402

# Keycloak's import dates consents anew, and the list of mapper types comes in any order.
DATES = r"\.clientConsents"
tap = Tap()
folder = pathlib.Path(tempfile.mkdtemp(prefix="lk-circle-"))
folder.chmod(0o711)
postgres = Postgres(str(folder))
postgres.create("latchkey")


def latchkey(*arguments):
    program = os.environ.get("LATCHKEY", f"{TOP}/build/latchkey")
    done = subprocess.run([program, *arguments, f"--db-url=jdbc:postgresql://127.0.0.1:{postgres.port}/latchkey", "--db-username=test", "--db-password=test"],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        print("Bail out! " + done.stdout.replace("\n", " "))
        sys.exit(1)


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
        found = differences(realm, got, ignored=DATES)
        tap.ok(not found, f"{name}: the same after the circle", "\n".join(found))
        tap.is_([len(user.get("clientConsents", [])) for user in got["users"]], [len(user.get("clientConsents", [])) for user in realm["users"]],
                f"{name}: consents are kept")
finally:
    postgres.stop()
subprocess.run(["rm", "-rf", str(folder)])
tap.done()
