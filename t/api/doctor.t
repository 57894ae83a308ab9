#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""latchkey doctor: what it says of a database, of providers and of mail, good and bad, and its exit code."""
import json
import os
import socket
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from latchkey import Server, Service, Tap, serve  # noqa: E402

tap, server = Tap(), Server(realms=())
PROGRAM = os.environ["LATCHKEY"]


class Provider(Service):
    """One that calls itself something else, and has no keys where they should be."""

    def do_GET(self):
        here = f"http://127.0.0.1:{self.server.server_port}"
        issuer = here + ("/good/realms/master" if self.path.startswith("/good/") else "/other")
        body = json.dumps({"issuer": issuer, "authorization_endpoint": here + "/a", "token_endpoint": here + "/t", "jwks_uri": here + "/k"}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Date", "Sat, 01 Jan 2022 00:00:00 GMT")
        self.end_headers()
        self.wfile.write(body)

    def date_time_string(self, timestamp=None):
        return "Sat, 01 Jan 2022 00:00:00 GMT"


def end():
    """The folder stays."""
    server.process.terminate()
    server.process.wait()


def doctor(*more):
    run = subprocess.run([PROGRAM, "doctor", f"--data-dir={server.folder}/data", *more], capture_output=True, text=True, timeout=60)
    return run.returncode, run.stdout


provider = serve(Provider)
mail = socket.create_server(("127.0.0.1", 0))
try:
    base = f"http://127.0.0.1:{provider.server_port}"
    up = {"alias": "up", "providerId": "oidc", "enabled": True, "config": {"issuer": base, "clientId": "c", "validateSignature": "true", "useJwksUrl": "true"}}
    made = server.admin("POST", "/realms", {"realm": "good", "enabled": True, "smtpServer": {"host": "127.0.0.1", "port": str(mail.getsockname()[1]), "from": "sso@home.test"}})
    assert made.status == 201, made.text
    end()
    code, said = doctor("--hostname=https://sso.example.test/auth")
    tap.is_((code, [line for line in said.splitlines() if line.startswith("TROUBLE")]), (0, []), "nothing to say against it")
    for words in ("issuer: https://sso.example.test/auth/realms/<realm>", "database: it answers", "database: it takes writes", "database: its account may write the tables", "can be reached", "0 troubles",
                  "https://sso.example.test/auth does not answer from here"):
        tap.ok(words in said, words, said)
finally:
    server.stop()

server = Server(realms=())
try:
    made = server.admin("POST", "/realms", {"realm": "bad", "enabled": True, "identityProviders": [up], "smtpServer": {"host": "127.0.0.1", "port": "9"}})
    assert made.status == 201, made.text
    end()
    code, said = doctor()
    tap.ok(code != 0, "troubles are in the exit code", code)
    for words in ("set hostname", "/realms/bad/broker/up/endpoint", "the provider calls itself " + base + "/other", "0 keys at " + base + "/k", "seconds ahead of this one", "set clientSecret",
                  "127.0.0.1 port 9 can be reached", 'set "from" in smtpServer'):
        tap.ok(words in said, "it says: " + words, said)
    for path, said_issuer, trouble in (("/bad", "/other", True), ("/good", "/good/realms/master", False)):
        line = next(line for line in doctor(f"--hostname={base}{path}")[1].splitlines() if "public address" in line)
        tap.ok(f"{base}{path} says that its issuer is {base}{said_issuer}" in line and line.startswith("TROUBLE") == trouble, f"the public address {path}", line)
    tap.ok("TROUBLE    127.0.0.1 port 9" in said and "TROUBLE    issuer: the provider" in said, "as troubles", said)
finally:
    server.stop()
tap.done()
