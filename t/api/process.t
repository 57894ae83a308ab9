#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""The process: what its commands say and exit with, how it waits for the database, stops, is killed and starts again."""
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from latchkey import TOP, Browser, Server, Tap  # noqa: E402

tap = Tap()
PROGRAM = os.environ.get("LATCHKEY", f"{TOP}/build/latchkey")
CLEAN = {name: value for name, value in os.environ.items() if not name.startswith(("KC_", "KEYCLOAK_"))}


def run(*arguments, **variables):
    return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=60, cwd="/", env={**CLEAN, **variables})


def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def wait_for(what, seconds=20):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if what():
                return True
        except OSError:
            pass
        time.sleep(0.05)
    return False


def commands():
    for arguments in (["--help"], [], ["-h"]):
        said = run(*arguments)
        tap.ok(said.returncode == 0 and "start-dev" in said.stdout and "--http-port" in said.stdout, f"help: {arguments}", said)
        tap.ok(len(re.findall(r"^(\w+):$", said.stdout, re.M)) == len(set(re.findall(r"^(\w+):$", said.stdout, re.M)) | {"Commands"}) + 1, "each group once")
    for command, named, unnamed in (("start", "--http-port", "--detailed-exitcode"), ("plan", "--detailed-exitcode", "--override"), ("import", "--override", "--http-port")):
        said = run(command, "--help")
        tap.ok(said.returncode == 0 and named in said.stdout and unnamed not in said.stdout, f"{command} --help: what belongs to it", said)
    tap.ok(re.fullmatch(r"Latchkey \d+\.\d+\.\d+\n", run("--version").stdout), "--version")
    for arguments, said in ((["frob"], "unknown command 'frob'"), (["start", "--hostnam=x"], "'--hostname'"), (["start"], "no database"),
                            (["start", "--db=postgres"], "no hostname"), (["start", "--db=postgres", "--hostname=x"], "no listener"),
                            (["start-dev", "--https-certificate-file=x"], "go together"), (["import"], "--file"),
                            (["import", "--file=a", "--dir=b"], "either"), (["start-dev", "--http-port=x"], "'x'"), (["start-dev", "--tracing-protocol=grpc"], "Expected: http/protobuf"),
                            (["start-dev", "--tracing-sampler-ratio=2"], "from 0 to 1"), (["start", "--proxy=edge"], "'--proxy-headers'")):
        result = run(*arguments)
        tap.ok(result.returncode == 2 and said in result.stderr and not result.stdout, f"{' '.join(arguments)}: exit 2, and why", result)
    shown = run("show-config", "--db-password=hidden1", KC_HTTP_PORT="81", KC_BOOTSTRAP_ADMIN_PASSWORD="hidden2")
    tap.ok("kc.http-port = 81 (environment)" in shown.stdout and "kc.db-connect-timeout = 10s (default)" in shown.stdout and "hidden" not in shown.stdout, "show-config", shown)
    tap.ok(run("build", "--db=postgres").returncode == 0, "build is accepted")


def without_database():
    port, nobody = free_port(), free_port()
    begun = time.monotonic()
    process = subprocess.Popen([PROGRAM, "start", "--db=postgres", f"--db-url=jdbc:postgresql://127.0.0.1:{nobody}/x", "--db-password=hidden3",
                                "--hostname-strict=false", "--http-enabled=true", "--http-host=127.0.0.1", "--http-port=0", "--http-management-host=127.0.0.1",
                                f"--http-management-port={port}", "--health-enabled=true", "--db-connect-timeout=3s"],
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=CLEAN)
    health = f"http://127.0.0.1:{port}/health"
    tap.ok(wait_for(lambda: Browser().get(health + "/live").status == 200), "it lives while it waits for the database")
    ready = Browser().get(health + "/ready")
    tap.ok(ready.status == 503 and ready.json()["status"] == "DOWN", "but is not ready", ready.text)
    output = process.communicate(timeout=30)[0]
    tap.is_(process.returncode, 1, "it gives up")
    tap.ok(2 < time.monotonic() - begun < 15, "after the connect timeout")
    tap.ok("Waiting for the database" in output and "ERROR" in output and "hidden3" not in output, "and has said so", output)


def stopped_while_waiting():
    process = subprocess.Popen([PROGRAM, "start", "--db=postgres", f"--db-url-host=127.0.0.1", f"--db-url-port={free_port()}", "--hostname-strict=false",
                                "--http-enabled=true", "--http-host=127.0.0.1", "--http-port=0", "--db-connect-timeout=60s"], stdout=subprocess.PIPE, text=True, env=CLEAN)
    time.sleep(0.5)
    process.send_signal(signal.SIGTERM)
    tap.is_(process.wait(timeout=10), 0, "a stop is heard while it waits, too")
    process.stdout.close()


def first_lines(server):
    text = server.output()
    tap.ok("Options of Keycloak that have no meaning here were accepted: cache" in text, "what has no meaning is named", text)
    tap.ok("Realm 'acme' imported" in text, "a realm was imported", text)
    process = server.process
    process.send_signal(signal.SIGHUP)
    tap.ok(wait_for(lambda: "Read certificate and log level again" in server.output()), "SIGHUP")
    tap.is_(Browser().get(server.base + "/realms/acme").status, 200, "it still answers")


def without_key_files(server):
    """Keys in files are for servers whose operator opened a folder for them (option keys-dir); this one has none."""
    refusal = "Key files are not allowed here: the server has no option keys-dir"
    component = {"name": "filed", "providerId": "rsa", "providerType": "org.keycloak.keys.KeyProvider", "config": {"priority": ["500"], "privateKeyFile": ["signing.pem"]}}
    answer = server.admin("POST", "/realms/acme/components", component)
    tap.is_((answer.status, answer.json()), (400, {"errorMessage": refusal}), "privateKeyFile without keys-dir is refused")
    names = [made["name"] for made in server.admin("GET", "/realms/acme/components?type=org.keycloak.keys.KeyProvider").json()]
    tap.ok("filed" not in names and names, "and no provider is made", names)
    given = {"realm": "filed", "enabled": True, "components": {"org.keycloak.keys.KeyProvider": [
        component, {"name": "made", "providerId": "rsa-generated", "config": {"priority": ["100"]}}]}}
    answer = server.admin("POST", "/realms", given)
    keys = Browser().get(server.base + "/realms/filed/protocol/openid-connect/certs").json().get("keys", [])
    tap.is_((answer.status, len(keys)), (201, 1), "a realm file with one makes the realm, without that key")
    told = [line for line in server.output().splitlines() if "Realm filed: the key of component" in line]
    tap.ok(told and all("(rsa) is left out: " + refusal in line for line in told), "the log names the realm, the provider and the reason", server.output())


def importing_beside(server):
    """The data folder's owner keeps its Postgres; the realm is seen without a restart."""
    realm = server.base + "/realms/plain"
    tap.is_(Browser().get(realm).status, 404, "a realm that is not there")
    done = run("import", f"--file={TOP}/t/data/plain-export.json", f"--data-dir={server.folder}/data")
    tap.ok(done.returncode == 0 and "imported" in done.stdout and "Using the private Postgres" in done.stdout, "import beside a running server", done)
    tap.ok(wait_for(lambda: Browser().get(realm).status == 200), "which serves the realm then", server.output())
    tap.ok(server.process.poll() is None and "lost" not in server.output(), "and has kept its Postgres", server.output())


def killed(server):
    """Postgres survives, or is started again, and nothing that was committed is lost."""
    server.process.kill()
    server.process.wait()
    begun = time.monotonic()
    again = subprocess.Popen([*server.process.args, "--http-relative-path=/sso"], stdout=server.log, stderr=subprocess.STDOUT, env=CLEAN)
    ports = lambda: re.findall(r"started in .*?http port (\d+).*path /sso", server.output())
    tap.ok(wait_for(ports), "it starts after a kill -9", server.output())
    tap.ok(time.monotonic() - begun < 10, "soon")
    tap.is_(Browser().get(f"http://127.0.0.1:{ports()[-1]}/sso/realms/acme").status, 200, "with its realms")
    tap.ok("'acme'" in server.output().split("path /auth")[-1], "the realm that is there is skipped", server.output())
    again.send_signal(signal.SIGTERM)
    tap.is_(again.wait(timeout=20), 0, "a graceful end exits 0")
    folder = server.folder + "/data/postgres"
    tap.ok(not os.path.exists(folder + "/db/postmaster.pid"), "and Postgres ended with it")


def importing(server):
    data = f"--data-dir={server.folder}/data"
    done = run("import", f"--file={TOP}/t/data/plain-export.json", data)
    tap.ok(done.returncode == 0 and "imported" in done.stdout, "import --file without a database uses the private one", done)
    again = run("import", f"--file={TOP}/t/data/plain-export.json", "--override=false", data)
    tap.ok(again.returncode == 0 and "imported" not in again.stdout.replace("was not imported", ""), "--override=false leaves what is there", again)
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        file.write('{"realm": "broken", "users": [{"username": "u", "groups": "staff"}]}')
        file.flush()
        broken = run("import", f"--file={file.name}", data)
    tap.ok(broken.returncode == 1 and "users[0].groups" in broken.stdout, "a broken file is named with the place in it", broken)
    missing = run("import", "--file=/nowhere/realm.json", data)
    tap.ok(missing.returncode == 1 and "/nowhere/realm.json" in missing.stdout, "as is one that is not there", missing)


commands()
without_database()
stopped_while_waiting()
server = Server("--cache=local")
try:
    first_lines(server)
    without_key_files(server)
    importing_beside(server)
    killed(server)
    importing(server)
finally:
    server.process.kill()
    server.stop()
tap.done()
