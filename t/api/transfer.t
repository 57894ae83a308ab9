#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""latchkey export and import: the files, their names and layout, what Keycloak's own exports become here, messages and exit codes."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "keycloak")]
from latchkey import TOP, Tap  # noqa: E402
from postgres import Postgres  # noqa: E402
from realm_file import differences  # noqa: E402

tap = Tap()
folder = pathlib.Path(tempfile.mkdtemp(prefix="lk-transfer-"))
folder.chmod(0o711)
postgres = Postgres(str(folder))
postgres.create("latchkey")


def latchkey(*arguments, **environment):
    """Exit code and output."""
    program = os.environ.get("LATCHKEY", f"{TOP}/build/latchkey")
    done = subprocess.run([program, *(str(part) for part in arguments), f"--db-url=jdbc:postgresql://127.0.0.1:{postgres.port}/latchkey", "--db-username=test",
                           "--db-password=test"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env={**os.environ, **environment})
    return done.returncode, done.stdout


def read(name):
    return json.loads((folder / name).read_text())


def names(part):
    return sorted(path.name for path in (folder / part).iterdir())


def check(code, text, expected, wanted, name):
    tap.ok(code == expected and wanted in text, name, f"exit code {code}: {text}")


def write(name, value):
    (folder / name).write_text(value if isinstance(value, str) else json.dumps(value))
    return folder / name


try:
    # What Keycloak exported comes back as it was, and a second time too.
    for realm in ("acme", "harbour"):
        check(*latchkey("import", "--optimized", "--file", f"{TOP}/t/data/{realm}-export.json"), 0, f"Realm '{realm}' imported", f"{realm} is imported")
        check(*latchkey("export", "--optimized", "--realm", realm, "--file", folder / f"{realm}.json"), 0, "Export finished successfully", f"{realm} is exported")
        found = differences(json.loads(pathlib.Path(f"{TOP}/t/data/{realm}-export.json").read_text()), read(f"{realm}.json"))
        tap.ok(not found, f"{realm}: nothing is lost or changed", "\n".join(found))
    first = (folder / "harbour.json").read_text()
    tap.is_(oct((folder / "harbour.json").stat().st_mode & 0o777), "0o600", "only its owner can read the file")
    latchkey("import", "--file", folder / "harbour.json")
    latchkey("export", "--realm", "harbour", "--file", folder / "harbour.json")
    tap.ok(first == (folder / "harbour.json").read_text(), "a second time the file is the same to the letter")
    given = pathlib.Path(f"{TOP}/t/data/harbour-export.json").read_text()
    tap.is_(list(read("harbour.json"))[:20], list(json.loads(given))[:20], "members in Keycloak's order")
    tap.is_(first.splitlines()[:6], given.splitlines()[:6], "and in its layout")

    # Layouts.
    latchkey("export", "--realm", "acme", "--dir", folder / "different", "--users", "different_files", "--users-per-file", "3")
    tap.is_(names("different"), ["acme-realm.json", "acme-users-0.json", "acme-users-1.json", "acme-users-2.json"], "different_files")
    tap.is_([len(read(f"different/acme-users-{i}.json")["users"]) for i in range(3)], [3, 3, 1], "with so many users in each")
    tap.ok("users" not in read("different/acme-realm.json") and read("different/acme-users-0.json")["realm"] == "acme", "and none in the realm's file")
    latchkey("export", "--realm", "acme", "--dir", folder / "same", "--users", "same_file")
    tap.is_(names("same"), ["acme-realm.json", "acme-users-0.json"], "same_file")
    latchkey("export", "--dir", folder / "inside", "--users", "realm_file")
    tap.is_(names("inside"), ["acme-realm.json", "harbour-realm.json", "master-realm.json"], "realm_file, of all realms")
    latchkey("export", "--realm", "acme", "--dir", folder / "skip", "--users", "skip")
    tap.ok(names("skip") == ["acme-realm.json"] and "users" not in read("skip/acme-realm.json"), "skip")
    latchkey("export", "--file", folder / "all.json")
    tap.is_([realm["realm"] for realm in read("all.json")], ["master", "acme", "harbour"], "all realms in one file are an array")
    code, text = latchkey("export", "--realm", "acme", "--file", "/dev/stdout")
    tap.ok('"realm" : "acme"' in text, "what is no regular file is written as it is")

    # And back.
    check(*latchkey("import", "--dir", folder / "different"), 0, "Realm 'acme' imported", "a folder of different_files is imported")
    latchkey("export", "--realm", "acme", "--file", folder / "again.json")
    tap.is_(differences(read("acme.json"), read("again.json")), [], "with all of it")
    check(*latchkey("import", "--file", folder / "all.json", "--override", "false"), 0, "Realm 'acme' already exists. Import skipped", "what exists is left with --override false")
    check(*latchkey("import", "--file", write("two.json", [{"realm": "x1"}, {"realm": "x2"}])), 0, "Realm 'x2' imported", "an array of realms")
    values = {"a": "${env.FOO}", "b": "$${FOO}", "c": "${NOPE}", "d": "${FOO:}x${BAR:y}"}
    latchkey("import", "--file", write("placed.json", {"realm": "placed", "displayName": "${FOO}", "displayNameHtml": "${BAR:dflt}", "attributes": values}), FOO="foo")
    latchkey("export", "--realm", "placed", "--file", folder / "placed.json")
    tap.is_([read("placed.json")[name] for name in ("displayName", "displayNameHtml")], ["foo", "dflt"], "placeholders")
    tap.is_({name: read("placed.json")["attributes"][name] for name in values}, {**values, "d": "fooxy"}, "and what is none")

    # Organizations, with who belongs to them.
    firm = {"id": "11111111-aaaa-4bbb-8ccc-222222222222", "name": "Firm", "alias": "firm", "enabled": True, "description": "d", "redirectUrl": "https://firm.test/", "attributes": {"tier": ["gold"]},
            "domains": [{"name": "firm.test", "verified": True}], "members": [{"username": "mia", "membershipType": "MANAGED"}, {"username": "tom", "membershipType": "UNMANAGED"}],
            "identityProviders": [{"alias": "corp"}], "groups": [
                {"id": "g-1", "name": "eng", "description": "d", "path": "/eng", "parentId": "g-0", "attributes": {"floor": ["2"]}, "realmRoles": ["builder"], "clientRoles": {"account": ["view-profile"]}, "subGroups": [
                    {"id": "g-2", "name": "night", "path": "/eng/night", "parentId": "g-1", "subGroups": [], "attributes": {}, "realmRoles": [], "clientRoles": {}}]}]}
    firm["members"][0]["groups"] = ["g-1", "g-2"]
    given = {"realm": "firms", "organizationsEnabled": True, "organizations": [firm, {"name": "bare"}], "users": [{"username": "mia"}, {"username": "tom"}],
             "identityProviders": [{"alias": "corp", "providerId": "oidc", "config": {}}]}
    check(*latchkey("import", "--file", write("firms.json", given)), 0, "Realm 'firms' imported", "a realm with organizations")
    latchkey("export", "--realm", "firms", "--file", folder / "firms-1.json")
    exported = read("firms-1.json")
    tap.is_(exported["organizations"][0], firm, "they come back as they were")
    tap.is_([exported["organizations"][1][name] for name in ("name", "alias", "enabled")], ["bare", "bare", True], "with an alias and enabled where nothing was said")
    tap.is_(exported["identityProviders"][0]["organizationId"], firm["id"], "and their identity providers")
    latchkey("import", "--override", "true", "--file", folder / "firms-1.json")
    latchkey("export", "--realm", "firms", "--file", folder / "firms-2.json")
    tap.is_(read("firms-2.json")["organizations"], exported["organizations"], "a second time too")
    for bad, what in (({**firm, "groups": []}, 'in a group "g-1"'), ({**firm, "groups": firm["groups"] * 2}, "occurs twice"), ({**firm, "groups": [{"description": "d"}]}, "$.organizations[0].groups[0].name")):
        code, text = latchkey("import", "--file", write("bad.json", {**given, "realm": "bad", "organizations": [bad]}))
        tap.ok(code == 1 and what in text, "groups are refused: " + what, text)
    code, text = latchkey("import", "--file", write("twice.json", {"realm": "twice", "organizations": [{"name": "a", "domains": ["X.test"]}, {"name": "b", "domains": ["x.test"]}]}))
    tap.ok(code == 1 and "$.organizations[1]" in text, "a domain is one organization's", text)

    # What goes wrong.
    needed = "Must specify either --dir or --file options."
    check(*latchkey("export"), 2, needed, "export: neither file nor folder")
    check(*latchkey("export", "--file", "a", "--dir", "b"), 2, needed, "both")
    check(*latchkey("import"), 2, needed, "import: neither")
    check(*latchkey("export", "--users", "skip", "--file", folder / "no.json"), 2, "Property '--users' can be used only when exporting to a directory", "--users with --file")
    check(*latchkey("export", "--users", "all", "--dir", folder / "no"), 2, "different_files", "an unknown word")
    check(*latchkey("export", "--users-per-file", "0", "--dir", folder / "no"), 2, "users-per-file", "no users in a file")
    check(*latchkey("export", "--realm", "nope", "--file", folder / "no.json"), 1, "realm not found by realm name 'nope'", "an unknown realm")
    check(*latchkey("export", "--realm", "acme", "--file", folder / "none/no.json"), 1, "No such file or directory", "an unknown folder")
    check(*latchkey("export", "--realm", "acme", "--file", "/dev/full"), 1, "No space left on device", "a full disk")
    tap.ok(not (folder / "no.json").exists() and not (folder / "no").exists(), "leave nothing behind")
    check(*latchkey("import", "--file", folder / "none.json"), 1, "No such file or directory", "import: an unknown file")
    check(*latchkey("import", "--file", write("broken.json", '{"realm":"x", ')), 1, "broken.json", "a broken file")
    (folder / "empty").mkdir()
    check(*latchkey("import", "--dir", folder / "empty"), 0, "", "an empty folder")
finally:
    postgres.stop()
subprocess.run(["rm", "-rf", str(folder)])
tap.done()
