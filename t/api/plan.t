#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""latchkey plan and apply: what a realm file changes, what it leaves, that twice is once, and that a running server sees it."""
import copy
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from latchkey import TOP, Browser, Server, Tap  # noqa: E402
from postgres import Postgres  # noqa: E402

tap = Tap()
folder = pathlib.Path(tempfile.mkdtemp(prefix="lk-plan-"))
folder.chmod(0o711)
postgres = Postgres(str(folder))
postgres.create("latchkey")
database = [f"--db-url=jdbc:postgresql://127.0.0.1:{postgres.port}/latchkey", "--db-username=test", "--db-password=test"]


def latchkey(*arguments):
    """Exit code and standard output; the log goes to standard output too, before it."""
    program = os.environ.get("LATCHKEY", f"{TOP}/build/latchkey")
    done = subprocess.run([program, *(str(part) for part in arguments), *database], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return done.returncode, done.stdout


def write(realm, name="file.json"):
    (folder / name).write_text(json.dumps(realm))
    return folder / name


def changes(realm, *arguments):
    """[(action, kind, name)] of a plan, and what it says of their fields."""
    code, text = latchkey("plan", write(realm), "-o", "json", *arguments)
    planned = json.loads(text[text.index("[\n") if "[\n" in text else text.index("[]"):])
    listed = [change for one in planned for change in one["changes"]]
    return [(change["action"], change["kind"], change["name"]) for change in listed], {change["name"]: change.get("fields") for change in listed}, code


def named(things, key, name):
    return next(thing for thing in things if thing[key] == name)


harbour = json.loads(pathlib.Path(f"{TOP}/t/data/harbour-export.json").read_text())
server = Server(*database, realms=("harbour",))
try:
    tap.is_(changes(harbour)[0], [], "what Keycloak exported is what was imported: nothing to do")
    tap.is_(latchkey("plan", write(harbour), "--detailed-exitcode")[0], 0, "which ends with 0")
    new = {"realm": "fresh", "enabled": True, "clients": [{"clientId": "first"}]}
    tap.is_(changes(new)[0], [("create", "realm", "fresh")], "a realm that is not there is made")
    tap.is_([latchkey("apply", write(new))[0], changes(new)[0]], [0, []], "once")

    # A little of everything.
    wanted = copy.deepcopy(harbour)
    wanted.update(displayName="Harbour 2", notBefore=1650000000)
    wanted["smtpServer"]["password"] = "secret-of-mail"
    wanted["clients"] = [client for client in wanted["clients"] if client["clientId"] != "web"]
    crane = named(wanted["clients"], "clientId", "crane")
    crane.update(redirectUris=["https://new.test/*"], secret="**********", protocolMappers=[crane["protocolMappers"][0]])
    crane["attributes"] = {"access.token.lifespan": None, "x": "y"}
    wanted["clients"].append({"clientId": "shop", "serviceAccountsEnabled": True, "redirectUris": ["https://shop.test/*"], "directAccessGrantsEnabled": True, "secret": "s"})
    wanted["clientScopeMappings"]["crane"] = [mapping for mapping in wanted["clientScopeMappings"]["crane"] if mapping.get("client") != "web"]
    wanted["roles"]["realm"].append({"name": "cook", "description": "cooks", "composites": {"client": {"crane": ["look"]}}})
    named(wanted["roles"]["client"]["crane"], "name", "lift")["description"] = "lifts more"
    wanted["groups"][0]["attributes"]["zone"] = ["c"]
    wanted["groups"][0]["subGroups"][0]["subGroups"].append({"name": "pier 2"})
    wanted["groups"].append({"name": "yard", "realmRoles": ["cook"]})
    wanted["clientScopes"].append({"name": "crew", "protocol": "openid-connect"})
    wanted["identityProviderMappers"] = wanted["identityProviderMappers"][:1]
    named(wanted["requiredActions"], "alias", "TERMS_AND_CONDITIONS")["enabled"] = False
    named(wanted["authenticationFlows"], "alias", "harbour forms")["authenticationExecutions"][0]["requirement"] = "ALTERNATIVE"
    wanted["components"]["org.keycloak.keys.KeyProvider"] = []
    wanted["users"] = [{"username": "Ishmael", "enabled": True, "realmRoles": ["sailor", "cook"], "credentials": [{"type": "password", "value": "not-used"}]},
                       {"username": "pip", "enabled": True, "credentials": [{"type": "password", "value": "pip-password-1"}], "groups": ["/yard"]}]
    listed, fields, code = changes(wanted, "--detailed-exitcode")
    expected = [("update", "realm", "harbour"), ("create", "role", "cook"), ("update", "client role", "crane/lift"), ("create", "client scope", "crew"),
                ("update", "client", "crane"), ("delete", "protocol mapper", "crane/aud"), ("create", "client", "shop"), ("delete", "client", "web"),
                ("delete", "identity provider mapper", wanted["identityProviderMappers"] and "up/" + ({"dept", "boss"} - {wanted["identityProviderMappers"][0]["name"]}).pop()),
                ("update", "authentication flow", "harbour forms"), ("update", "required action", "TERMS_AND_CONDITIONS"), ("update", "group", "/docks"),
                ("create", "group", "/docks/north/east/pier 2"), ("create", "group", "/yard"), ("update", "user", "ishmael"), ("create", "user", "pip")]
    tap.is_(listed, expected, "all that differs is planned; keys and users that the file leaves out stay")
    tap.is_(code, 2, "--detailed-exitcode says so")
    tap.is_({field["field"]: (field["from"], field["to"]) for field in fields["harbour"]},
            {"displayName": ("Harbour & Sons", "Harbour 2"), "smtpServer.password": ("**********", "**********")}, "old and new values, secrets masked")
    tap.is_(sorted(field["field"] for field in fields["crane"]), ["attributes.access.token.lifespan", "attributes.x", "redirectUris"], "maps by their keys; a masked secret is none")
    keys = "SELECT md5(string_agg(t::text, '' ORDER BY id)) FROM component t WHERE id LIKE 'k-%'"
    before = postgres.query("latchkey", keys)
    code, text = latchkey("apply", write(wanted))
    tap.ok(code == 0 and "~ client crane: " in text and "+ client shop" in text and "- client web" in text and "secret-of-mail" not in text and "Done: 6 to add" in text, "applied", text)
    deadline = time.monotonic() + 1.5
    form = {"grant_type": "client_credentials", "client_id": "shop", "client_secret": "s"}
    while (answer := Browser().request("POST", f"{server.base}/realms/harbour/protocol/openid-connect/token", form)).status != 200 and time.monotonic() < deadline:
        time.sleep(0.05)
    tap.is_(answer.status, 200, "the running server knows the new client and its service account within a second")
    form.update(grant_type="password", username="pip", password="pip-password-1")
    answer = Browser().request("POST", f"{server.base}/realms/harbour/protocol/openid-connect/token", form)
    tap.is_(answer.status, 200, "the new user signs in with the file's password")
    version = "SELECT version || (rep->>'displayName') FROM realm WHERE name = 'harbour'"
    before_version = postgres.query("latchkey", version)
    code, text = latchkey("apply", write(wanted))
    tap.ok(code == 0 and "Realm harbour: nothing to do" in text, "a second time there is nothing to do", text)
    tap.is_(postgres.query("latchkey", version), before_version, "and nothing is written")
    tap.is_(postgres.query("latchkey", "SELECT count(*) FROM user_entity WHERE realm_id = 'harbour-id'"), ["9"], "the other users are there")
    tap.is_(postgres.query("latchkey", keys), before, "keys are as they were")
    tap.is_(changes({"realm": "harbour", "clients": [{"clientId": "crane"}], "users": []})[0],
            [("delete", "client", name) for name in ("shop", "jwt", "https://saml.test/sp", "bearer", "admin-permissions")], "a file owns the lists that it has; built-in clients stay")
    tap.is_(changes({"realm": "harbour", "enabled": True})[0], [], "and nothing else")
    named(wanted["clients"], "clientId", "crane")["authenticationFlowBindingOverrides"] = {"browser": "elsewhere"}
    named(wanted["authenticationFlows"], "alias", "harbour")["id"] = "elsewhere"
    tap.is_(changes(wanted)[0], [], "a flow's id of another place is understood by its name")

    # Organizations, their members and their identity providers.
    base = {"realm": "harbour", "organizationsEnabled": True}
    pilots = {"name": "pilots", "domains": ["Pilots.Test", {"name": "b.test", "verified": True}], "attributes": {"k": ["v"]}, "identityProviders": [{"alias": "up"}, {"alias": "nothing"}],
              "members": [{"username": "Ishmael"}, {"username": "pip", "membershipType": "MANAGED"}, {"username": "nobody"}]}
    first = {**base, "organizations": [pilots, {"name": "cooks", "alias": "galley"}]}
    tap.is_(changes(first)[0], [("update", "realm", "harbour"), ("create", "organization", "pilots"), ("create", "organization", "cooks")], "organizations are planned")
    tap.is_([latchkey("apply", write(first))[0], changes(first)[0]], [0, []], "made, once")
    owned = "SELECT o.name, p.alias FROM identity_provider p JOIN organization o ON o.realm_id = p.realm_id AND o.id = p.rep->>'organizationId'"
    membership = "SELECT o.name || ' ' || u.username || CASE WHEN m.managed THEN ' managed' ELSE '' END FROM organization_member m JOIN organization o USING (realm_id) JOIN user_entity u USING (realm_id) WHERE o.id = m.organization_id AND u.id = m.user_id ORDER BY 1"
    tap.is_([postgres.query("latchkey", owned), postgres.query("latchkey", membership)], [["pilots|up"], ["pilots ishmael", "pilots pip managed"]], "with their provider and those members that there are")
    second = {**base, "organizations": [{**pilots, "description": "d", "domains": ["b.test"], "identityProviders": [], "members": [{"username": "pip"}]}]}
    listed, fields, _ = changes(second)
    tap.is_(listed, [("update", "organization", "pilots"), ("delete", "organization", "cooks")], "changes, and what the list leaves out")
    tap.is_(sorted(field["field"] for field in fields["pilots"]), ["description", "domains", "identityProviders", "members"], "by their members")
    tap.is_([latchkey("apply", write(second))[0], changes(second)[0]], [0, []], "done, once")
    tap.is_([postgres.query("latchkey", owned), postgres.query("latchkey", membership)], [[], ["pilots ishmael", "pilots pip"]], "who is a member stays one")
    crews = [{"id": "c-1", "name": "bow", "realmRoles": ["cook"], "subGroups": [{"id": "c-2", "name": "oars", "attributes": {"k": ["v"]}}]}]
    third = {**base, "organizations": [{"name": "pilots", "groups": crews, "members": [{"username": "pip", "groups": ["c-2"]}]}]}
    tap.is_(changes(third)[0], [("update", "organization", "pilots"), ("create", "organization group", "pilots/bow")], "groups of organizations are planned")
    in_crews = "SELECT g.name || ' ' || u.username FROM organization_group_member m JOIN organization_group g ON g.realm_id = m.realm_id AND g.id = m.group_id JOIN user_entity u ON u.realm_id = m.realm_id AND u.id = m.user_id"
    tap.is_([latchkey("apply", write(third))[0], changes(third)[0], postgres.query("latchkey", in_crews)], [0, [], ["oars pip"]], "made, once")
    def applied(*groups, **of_pip):
        wanted = {**base, "organizations": [{"name": "pilots", "groups": list(groups), "members": [{"username": "pip", **of_pip}]}]}
        return [latchkey("apply", write(wanted))[0], changes(wanted)[0], postgres.query("latchkey", in_crews)]
    applied({"id": "c-1", "name": "bow", "subGroups": [{"id": "c-2", "name": "oars"}, {"id": "c-3", "name": "sails"}]})
    tap.is_(applied({"id": "c-1", "name": "bow", "subGroups": [{"id": "c-2", "name": "sails"}, {"id": "c-3", "name": "oars"}]}), [0, [], ["sails pip"]], "two that swap their names")
    tap.is_(applied({"id": "c-2", "name": "sails"}), [0, [], ["sails pip"]], "one that is moved out of what goes keeps its members")
    code, text = latchkey("apply", write({**base, "organizations": [{"name": "pilots", "groups": [{"name": "sails"}, {"id": "c-2", "name": "rudder"}]}]}))
    tap.ok(code == 1 and '"pilots/rudder" occurs twice' in text, "not one for two", text)
    tap.is_(applied(*crews, groups=["c-2"]), [0, [], ["oars pip"]], "and back")
    fourth = {**base, "organizations": [{"name": "pilots", "groups": [{"name": "bow", "realmRoles": [], "subGroups": [{"name": "sails"}]}]}]}
    tap.is_(sorted(changes(fourth)[0]), [("create", "organization group", "pilots/bow/sails"), ("delete", "organization group", "pilots/bow/oars"), ("update", "organization group", "pilots/bow")], "changed")
    tap.is_([latchkey("apply", write(fourth))[0], changes(fourth)[0], postgres.query("latchkey", in_crews)], [0, [], []], "once, and nobody is in one that is gone")
    tap.is_([latchkey("apply", write({**base, "organizations": []}))[0], changes({**base, "organizations": []})[0]], [0, []], "none are left")
    tap.is_(postgres.query("latchkey", "SELECT count(*) FROM user_entity WHERE realm_id = 'harbour-id'"), ["9"], "and all users are")
    before_version = postgres.query("latchkey", version)

    # What goes wrong changes nothing.
    def refused(realm, reason, name):
        code, text = latchkey("apply", write(realm))
        tap.ok(code == 1 and reason in text, name, text)
    refused({**wanted, "displayName": "no", "roles": {"realm": []}}, 'still names "', "what the file takes away and names elsewhere")
    refused({"realm": "harbour", "displayName": "no", "users": [{"username": "x", "groups": ["/nowhere"]}]}, 'no group "/nowhere"', "an unknown group")
    refused({"realm": "harbour", "displayName": "no", "clients": [{"clientId": "crane", "enabled": []}]}, "$.clients[0].enabled: expected true or false", "a wrong type")
    refused({"realm": "harbour", "displayName": "no", "clients": [{"clientId": "a"}, {"clientId": "a"}]}, "occurs twice", "a name twice")
    refused({"realm": "harbour", "displayName": "no", "clients": [{"enabled": True}]}, "$.clients[0].clientId: missing", "a client without its name, which would be one client more and all others gone")
    refused({"realm": "harbour", "displayName": "no", "users": [{"username": "x", "email": "ahab@harbour.test"}]}, "have the same email", "an email twice")
    tap.is_(postgres.query("latchkey", version), before_version, "and the realm is as it was")
    tap.is_(latchkey("plan", folder / "none.json", "--detailed-exitcode")[0], 1, "an error is no change")
    tap.is_(latchkey("plan")[0], 2, "neither is a wrong command")
    (folder / "several").mkdir()
    write({"realm": "harbour", "displayName": "3"}, "several/a.json")
    write({"realm": "fresh", "displayName": "4"}, "several/b.json")
    code, text = latchkey("apply", folder / "several")
    tap.ok(code == 0 and '"Harbour 2" -> "3"' in text and 'nothing -> "4"' in text, "a folder", text)
finally:
    server.stop()
    postgres.stop()
subprocess.run(["rm", "-rf", str(folder)])
tap.done()
