#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""latchkey compare: a real Keycloak and a Latchkey with the same realm give the same answers; and where one does not, it is found."""
import os
import pathlib
import subprocess
import sys
import tempfile

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent), str(pathlib.Path(__file__).resolve().parents[1] / "api")]
from keycloak import TOP, Keycloak  # noqa: E402
from latchkey import Server, Tap  # noqa: E402
from postgres import Postgres  # noqa: E402

tap = Tap()
folder = pathlib.Path(tempfile.mkdtemp(prefix="lk-compare-"))
folder.chmod(0o711)
postgres = Postgres(str(folder))
PERSON = ("--client=echo", "--client-secret=echo-secret", "--username=alice", "--password=wonderland1")


def compare(*arguments, keycloak=None):
    program = os.environ.get("LATCHKEY", f"{TOP}/build/latchkey")
    done = subprocess.run([program, "compare", f"--keycloak={keycloak or real.base}/", f"--latchkey={server.base}", *arguments], capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


real = Keycloak(str(folder), postgres, serve=False)
server = None
try:
    real.run("import", "--optimized", "--file", f"{TOP}/t/data/acme-export.json")
    real.start()
    server = Server()
    code, said = compare("--realm=acme", *PERSON)
    tap.ok(code == 0 and "20 questions, 0 left out: 0 members differ" in said and "Safe to switch" in said, "the same realm gives the same answers", said)
    code, said = compare("--realm=acme")
    tap.ok(code == 0 and "left out, needs --client and --client-secret" in said and "what was left out is not known" in said, "without a client some questions are left out, and said so", said)

    clients = server.admin("GET", "/realms/acme/clients?clientId=echo").json()
    mapper = {"name": "odd", "protocol": "openid-connect", "protocolMapper": "oidc-hardcoded-claim-mapper",
              "config": {"claim.name": "odd", "claim.value": "odd", "jsonType.label": "String", "access.token.claim": "true"}}
    server.admin("POST", f"/realms/acme/clients/{clients[0]['id']}/protocol-mappers/models", mapper)
    code, said = compare("--realm=acme", *PERSON)
    tap.ok(code == 1 and "$.access_token.claims.odd" in said and "Not safe to switch" in said, "a claim that differs is found in its token", said[-1500:])
    code, said = compare("--realm=none", *PERSON)
    tap.ok(code == 1 and "Keycloak has no realm there" in said and "Safe" not in said, "a realm that is not there is no answer", said)
    code, said = compare("--realm=acme", keycloak="http://127.0.0.1:1/auth")
    tap.ok(code == 1 and "Keycloak does not answer" in said, "who does not answer is named", said)
    code, said = compare()
    tap.ok(code == 2 and "--realm=NAME" in said, "what is missing is said", said)
finally:
    real.stop()
    if server:
        server.stop()
    postgres.stop()
subprocess.run(["rm", "-rf", str(folder)])
tap.done()
