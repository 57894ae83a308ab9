#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""Realm files of public repositories, Keycloak 1 to 26: each is imported, holds as many things as in the real Keycloak (INDEX.tsv), and is the same
after an export and another import. The files are others' data and lie beside the project, in ../shared; without them there is nothing to test."""
import csv
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "api"), str(HERE.parent / "keycloak")]
from latchkey import TOP, Browser, Server, Tap  # noqa: E402
from postgres import Postgres  # noqa: E402
from realm_file import differences  # noqa: E402

files = pathlib.Path(TOP).parent / "shared/realms/public"
if not files.is_dir():
    print("1..0 # SKIP the folder shared/realms/public is not beside the project")
    sys.exit(0)

tap = Tap()
folder = pathlib.Path(tempfile.mkdtemp(prefix="lk-public-"))
folder.chmod(0o711)
postgres = Postgres(str(folder))
postgres.create("latchkey")
database = [f"--db-url=jdbc:postgresql://127.0.0.1:{postgres.port}/latchkey", "--db-username=test", "--db-password=test"]
COUNTED = {"clients": "clients", "roles": "roles", "client_scopes": "client-scopes", "idps": "identity-provider/instances"}


def latchkey(*arguments):
    program = os.environ.get("LATCHKEY", f"{TOP}/build/latchkey")
    done = subprocess.run([program, *(str(part) for part in arguments), *database], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return done.returncode, done.stdout


class Admin:
    def __init__(self, server):
        self.server, self.bearer, self.until = server, None, 0

    def head(self):
        if time.monotonic() > self.until:
            form = {"grant_type": "password", "client_id": "admin-cli", "username": "admin", "password": "admin"}
            answer = Browser().request("POST", self.server.base + "/realms/master/protocol/openid-connect/token", form)
            self.bearer, self.until = answer.json()["access_token"], time.monotonic() + 30
        return {"Authorization": "Bearer " + self.bearer}

    def get(self, path):
        return Browser().get(self.server.base + "/admin/realms/" + path, headers=self.head()).json()

    def numbers(self, realm):
        found = {name: len(self.get(f"{realm}/{path}")) for name, path in COUNTED.items()}
        found["users"] = self.get(f"{realm}/users/count")
        found["groups"] = self.get(f"{realm}/groups/count")["count"]
        found["flows"] = len(self.get(f"{realm}/authentication/flows"))
        return found


def rename(number, row):
    """The file under a realm name of its own, so that all fit into one installation; master is the administrator's."""
    given = json.loads((files / row["file"]).read_text(encoding="utf-8-sig"))
    realm = f"wild-{number}"
    (folder / f"given/{realm}.json").write_text(json.dumps({**(given[0] if isinstance(given, list) else given), "realm": realm, "id": realm}))
    return realm


# Keycloak gives files that say their version, as exports do, what came with a later one, even the newest.
LATER = ("$.requiredActions: new ", "$.roles.client.account: new ", '$.clientScopeMappings.account[account-console].roles: new "view-groups"')

server = Server(*database, realms=())
try:
    (folder / "given").mkdir()
    with open(files / "INDEX.tsv") as index:
        rows = {rename(number, row): row for number, row in enumerate(csv.DictReader(index, delimiter="\t"))}
    code, text = latchkey("import", "--dir", folder / "given")
    tap.ok(code == 0, "all files are imported", text)
    admin = Admin(server)
    for realm, row in rows.items():
        wanted = {name: int(row[name]) for name in (*COUNTED, "users", "groups", "flows")}
        tap.is_(admin.numbers(realm), wanted, f"{row['file']} holds what Keycloak's holds")
    latchkey("export", "--dir", folder / "first", "--users", "realm_file")
    (folder / "first/master-realm.json").unlink()
    code, text = latchkey("import", "--dir", folder / "first")
    tap.ok(code == 0, "what is exported is imported", text)
    latchkey("export", "--dir", folder / "second", "--users", "realm_file")
    found = [f"{path.name}: {line}" for path in (folder / "first").iterdir()
             for line in differences(json.loads(path.read_text()), json.loads((folder / "second" / path.name).read_text())) if not line.startswith(LATER)]
    tap.ok(not found, "and the same again", "\n".join(found[:20]))
finally:
    server.stop()
    postgres.stop()
subprocess.run(["rm", "-rf", str(folder)])
tap.done()
