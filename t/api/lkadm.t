#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""lkadm: the short forms of the daily work, tokens explained, the mesh's resources, and what goes wrong: servers, certificates, sessions, rights, input."""
import json
import os
import re
import subprocess
import tempfile
import time

from latchkey import TOP, Browser, Server, Tap

tap, server = Tap(), Server()
lkadm = os.path.join(os.path.dirname(os.environ.get("LATCHKEY", f"{TOP}/build/latchkey")), "lkadm")
folder = tempfile.mkdtemp(prefix="lk-lkadm-")
config = f"{folder}/deep/er/lkadm.config"
ONCE = ("--no-config", "--server", server.base, "--realm", "master")


def run(*arguments, given="", env=None, keep=True):
    words = arguments if not keep or "--config" in arguments or "--no-config" in arguments else (*arguments, "--config", config)
    done = subprocess.run([lkadm, *words], input=given, capture_output=True, text=True, timeout=60, env={**os.environ, **(env or {})})
    return done.returncode, done.stdout, done.stderr


def acme(*arguments, **kw):
    code, said, complained = run(*arguments, "-r", "acme", **kw)
    return json.loads(said) if code == 0 and said.strip().startswith(("{", "[")) else said if code == 0 else complained.strip()


def session():
    code, said, complained = run("config", "credentials", "--server", server.base + "/", "--realm", "master", "--user", "admin", env={"KC_CLI_PASSWORD": "admin"})
    tap.is_(code, 0, "the password comes from the environment")
    tap.is_(oct(os.stat(config).st_mode & 0o777), "0o600", "the config file is its owner's alone, in folders that were made")
    tap.ok("admin\"" not in open(config).read().split("endpoints")[1].replace("admin-cli", ""), "no password is kept")
    os.chmod(config, 0o644)
    tap.ok(run("get", "realms")[0] == 0 and os.stat(config).st_mode & 0o777 == 0o600, "a file that others can read is so no longer")
    kept = json.load(open(config))
    entry = kept["endpoints"][server.base]["master"]
    before, entry["expiresAt"] = entry["token"], 1000
    json.dump(kept, open(config, "w"))
    tap.is_(run("get", "realms/master", "--fields", "realm", "--format", "csv")[:2], (0, '"master"\n'), "an expired token is refreshed")
    tap.ok(json.load(open(config))["endpoints"][server.base]["master"]["token"] != before, "and the new one is kept")
    other = f"{folder}/ended.config"
    kept["endpoints"][server.base]["master"]["refreshToken"] = "x.y.z"
    json.dump(kept, open(other, "w"))
    code, said, complained = run("get", "realms", "--config", other)
    tap.ok(code == 1 and "Login again" in complained, "an ended session says so", complained)
    tap.is_(run("config", "credentials", "--server", server.base, "--realm", "master", "--user", "admin", given="admin\n")[0], 0, "a password that is piped in")
    code, said, complained = run("config", "credentials", "--server", server.base, "--realm", "master", "--user", "admin", given="")
    tap.ok(code == 1 and "password is required" in complained, "none at all")


def daily():
    made = acme("client", "add", "web", "--redirect", "https://app.example/*", "--logout", "https://app.example/", "--name", "Web", "-s", "alwaysDisplayInConsole=true")
    tap.ok(made["redirectUris"] == ["https://app.example/*"] and made["attributes"]["post.logout.redirect.uris"] == "https://app.example/" and
           made["alwaysDisplayInConsole"] and not made["directAccessGrantsEnabled"], "client add", made)
    tap.ok(acme("client", "add", "tool-spa", "--public")["publicClient"] and acme("client", "add", "tool-batch", "--service")["serviceAccountsEnabled"], "public, service")
    tap.is_(acme("client", "add", "web"), "Client web already exists", "a client that is there")
    secret = acme("client", "secret", "web", "-o", "json")["value"]
    tap.ok(len(secret) > 30 and acme("client", "secret", "web").strip() == secret, "client secret: alone on a line")
    tap.ok(acme("client", "secret", "web", "--regenerate").strip() not in ("", secret), "a new one")
    tap.ok("has no secret" in acme("client", "secret", "tool-spa"), "none of a public client")
    table = acme("client", "list", "-o", "table").splitlines()
    tap.ok(table[0].split()[:2] == ["CLIENT", "ID"] and any(row.startswith("web ") for row in table), "client list, as a table", table)
    tap.is_([row["clientId"] for row in acme("client", "list", "tool-spa")], ["tool-spa"], "client list, searched")
    tap.is_(acme("client", "show", "nosuch"), "Client not found for clientId: nosuch", "client show of none")
    for words in (("attribute", "team"), ("realm-roles", "--claim", "mesh_roles"), ("client-audience", "web"), ("hardcoded", "blue", "--claim", "colour"), ("groups",)):
        acme("mapper", "add", "web", *words)
    claims = {row["name"]: row["config"].get("claim.name") for row in acme("mapper", "list", "web")}
    tap.is_(claims, {"attribute team": "team", "realm-roles": "mesh_roles", "client-audience web": None, "hardcoded blue": "colour", "groups": "groups"}, "mapper add, list")
    tap.is_(acme("mapper", "remove", "web", "groups"), "", "mapper remove")
    tap.is_(acme("mapper", "remove", "web", "groups"), "Mapper not found for name: groups", "of none")
    tap.ok("Unknown mapper type: frob" in acme("mapper", "add", "web", "frob"), "an unknown type")
    tap.is_(acme("mapper", "add", "web", "client-roles", "nosuch"), "Client not found for clientId: nosuch", "roles of a client that is not there")
    tap.is_(acme("role", "add", "walker", "--description", "walks")["description"], "walks", "role add")
    tap.ok(acme("role", "add", "read files", "--of-client", "web")["clientRole"], "of a client, with a space")
    tap.is_([row["name"] for row in acme("role", "list", "--of-client", "web")], ["read files"], "role list")
    tap.ok(acme("group", "add", "/Walkers/Night shift")["path"] == "/Walkers/Night shift", "group add, with its parent")
    tap.is_(acme("group", "add", "/Walkers"), "Group /Walkers exists", "that is there")
    tap.is_(acme("group", "grant", "/Walkers", "read files", "--of-client", "web"), "", "group grant")
    tap.is_(acme("group", "grant", "/Walkers", "nosuch"), "Role not found for name: nosuch", "of none")


def people():
    made = acme("user", "add", "walter", "--email", "walter@acme.example", "--first", "Walter", "--last", "W", "--new-password", "a-Long-1-pass")
    tap.ok(made["username"] == "walter" and made["emailVerified"], "user add", made)
    tap.is_([row["email"] for row in acme("user", "list", "walter")], ["walter@acme.example"], "user list")
    tap.is_(acme("user", "grant", "walter", "walker"), "", "user grant")
    tap.is_(acme("group", "join", "/Walkers/Night shift", "walter"), "", "group join")
    for word in ("walter", "nosuch"):
        tap.is_(acme("user", "revoke", word, "nosuch"), "Role not found for name: nosuch" if word == "walter" else "User not found for username: nosuch", f"revoke of {word}")
    explained = acme("token", "explain", "--for-user", "walter", "--for-client", "web", "--scope", "openid")
    by = {(row["claim"].strip(), str(row["value"])): row["madeBy"] for row in explained["claims"]}
    tap.is_(by.get(("realm role", "walker")), "granted to the user", "explain: a role of the user's own")
    tap.is_(by.get(("role of web", "read files")), "group /Walkers", "a role by the group above")
    tap.ok('mapper "hardcoded blue" of the client' == by.get(("colour", "blue")), "a mapper of the client", by)
    tap.ok("of scope email" in by.get(("email", "walter@acme.example"), ""), "a mapper of a scope", by)
    tap.ok(any("composite role default-roles-acme" in way for way in by.values()), "a composite role", by)
    tap.is_([row["takes"] for row in explained["verdicts"]], ["yes", "yes"], "OAuth2-Proxy and Istio would take it")
    form = {"grant_type": "client_credentials", "client_id": "tool-batch", "client_secret": acme("client", "secret", "tool-batch").strip()}
    token = Browser().request("POST", f"{server.base}/realms/acme/protocol/openid-connect/token", form).json()["access_token"]
    explained = acme("token", "explain", "-", "--audience", "web", given=f"Bearer {token}\n")
    why = {row["who"].split()[0]: row["takes"] + " " + row["why"] for row in explained["verdicts"]}
    tap.ok(why["OAuth2-Proxy"].startswith("no aud does not name tool-batch") and "Audiences in Jwt are not allowed" in why["Istio"], "a token that neither takes", why)
    master = json.load(open(config))["endpoints"][server.base]["master"]["token"]
    tap.ok("no published key" in str(acme("token", "explain", master, "--for-client", "web")["verdicts"]), "a token of another realm")
    for bad in ("rubbish", "a.b", "a.b.c", "..", "e30.e30."):
        tap.ok(re.search("no JWT|Whose token", acme("token", "explain", bad)) is not None, f"token explain {bad}")
    tap.is_(acme("user", "remove", "walter"), "", "user remove")


def mesh():
    code, said, complained = run("istio", *ONCE[:-1], "acme", "--audience", "web", "--role", "walker", "--workload", "echo")
    issuer = f"{server.base}/realms/acme"
    tap.ok(code == 0 and f'issuer: "{issuer}"' in said and f'jwksUri: "{issuer}/protocol/openid-connect/certs"' in said and '- "web"' in said and
           f'requestPrincipals: ["{issuer}/*"]' in said and 'values: ["walker"]' in said, "istio, without signing in", said + complained)
    inline = re.search(r"jwks: \|\n +(\{.*)", acme("istio", "--inline"))
    tap.ok(len(json.loads(inline[1])["keys"]) >= 2, "with the keys themselves")


def wrong():
    cases = (
        (("get", "users", "--no-config", "--server", "http://127.0.0.1:9/auth", "--realm", "master", "--token", "x"), 1, "Failed to send request - .*refused|Failed to connect"),
        (("get", "users", "--no-config", "--server", server.base[:-5], "--realm", "master", "--user", "a", "--password", "geheim"), 1, "is the server's path"),
        (("get", "users", "--no-config", "--server", server.base.replace("http", "https"), "--realm", "master", "--token", "x"), 1, "(?i)ssl|tls"),
        (("get", "users", *ONCE, "--token", "geheim"), 1, "HTTP 401 Unauthorized"),
        (("get", "users", *ONCE, "--user", "admin", "--password", "geheim"), 1, "Invalid user credentials"),
        (("get", "users", "--pasword=geheim"), 2, "Unknown option: '--pasword'"),
        (("get", "users", "--keystore", "k.jks"), 1, "Java keystores have no meaning here"),
        (("config", "truststore", lkadm), 1, "no certificate in PEM"),
        (("create", "users", "-f", f"{folder}/bad.json"), 1, "Not a valid JSON document"),
        (("create", "users", "-f", folder), 1, "Failed to read"),
        (("get", "users", "--config", f"{folder}/bad.json"), 1, "Failed to load config file|Not JSON"),
        (("update", "realms", "-s", "a=b"), 1, "Not a JSON object"),
        (("create", "realms", "-s", "a[99999999]=1"), 1, "Invalid array index"),
        (("client", "list", "-o", "xml"), 2, "Unsupported output format"),
        (("client", "add"), 2, "Usage: lkadm client add CLIENT_ID"),
        (("token", "explain"), 2, "Give a token"),
        (("completion", "fish"), 2, "Unsupported shell"),
        ((b"get", b"\xff"), 2, "not UTF-8"),
    )
    with open(f"{folder}/bad.json", "w") as file:
        file.write('{"secret": "geheim", ')
    for words, expected, text in cases:
        code, said, complained = run(*words)
        tap.ok(code == expected and re.search(text, complained) and "geheim" not in complained + said, " ".join(map(str, words))[:80].replace(folder, ""), (code, complained))
    run("create", "clients", "-r", "acme", "-s", "clientId=powerless", "-s", "serviceAccountsEnabled=true", "-s", "secret=its-secret")
    code, said, complained = run("get", "users", "--no-config", "--server", server.base, "--realm", "acme", "--client", "powerless", "--secret", "its-secret")
    tap.ok(code == 1 and "HTTP 403 Forbidden" in complained, "without rights", complained)


def texts():
    tap.is_(run(keep=False)[0], 1, "no command prints the overview")
    for words, code in ((("client",), 2), (("client", "frob"), 2), (("client", "--help"), 0), (("help", "client"), 0)):
        ended, said, complained = run(*words, keep=False)
        tap.ok(ended == code and "client secret" in said + complained and "mapper add" not in said + complained, f"{words}: the commands of clients", (ended, said, complained))
    tap.ok("lkadm client add CLIENT_ID" in run("client", "add", "--help", keep=False)[1], "--help of a command")
    for shell in ("bash", "zsh"):
        script = run("completion", shell, keep=False)[1]
        tap.is_(subprocess.run(["bash", "-n"], input=script, text=True).returncode, 0, f"the completion of {shell} is a script")
    asked = script.replace("#compdef lkadm", "").replace("autoload -U +X bashcompinit && bashcompinit", "") + \
        "\nCOMP_WORDS=(lkadm client add --re) COMP_CWORD=3; _lkadm; echo ${COMPREPLY[@]}; COMP_WORDS=(lkadm cl) COMP_CWORD=1; _lkadm; echo ${COMPREPLY[@]}\n" \
        "COMP_WORDS=(lkadm client se) COMP_CWORD=2; _lkadm; echo ${COMPREPLY[@]}; COMP_WORDS=(lkadm get users --fi) COMP_CWORD=3; _lkadm; echo ${COMPREPLY[@]}\n"
    tap.is_(subprocess.run(["bash"], input=asked, capture_output=True, text=True).stdout.split("\n")[:4], ["--realm --redirect", "client", "secret", "--fields"], "it completes")
    start = time.monotonic()
    for _ in range(20):
        run("help", keep=False)
    tap.ok(time.monotonic() - start < 4, "it starts at once")


try:
    for part in (session, daily, people, mesh, wrong, texts):
        part()
finally:
    server.stop()
tap.done()
