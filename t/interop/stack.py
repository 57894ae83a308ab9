# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""The parts of a gateway on loopback: each is a real program on a free port with a configuration made from templates/, waited for
until it answers, and ended with the stack that started it. A test takes the parts that it needs:

    with Stack() as stack:
        redis = stack.redis()
"""
import contextlib
import http.server
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import string
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "api"))
import istio  # noqa: E402
from latchkey import Browser, Server, TOP, Tap, claims  # noqa: E402,F401

TEMPLATES = pathlib.Path(__file__).resolve().parent / "templates"
READY_WITHIN = 30  # seconds


def free_port(given=set()):
    """One that was not given before: what will listen there may not have begun to."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        if port not in given:
            given.add(port)
            return port


def program(name, *places):
    """The path of a program, which Debian may keep where only root looks."""
    return shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin", *places])) or sys.exit(f"Bail out! {name} is missing")


class Part:
    """One program of the stack."""

    def __init__(self, name, command, port, folder, env=None, ends_by=signal.SIGTERM):
        self.name, self.command, self.port, self.env, self.ends_by = name, command, port, env, ends_by
        self.log = folder / f"{name}.log"
        self.start()

    def start(self):
        with self.log.open("a") as log:
            self.process = subprocess.Popen(self.command, stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, env={**os.environ, **(self.env or {})})
        deadline = time.monotonic() + READY_WITHIN
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                sys.exit(f"Bail out! {self.name} did not start\n# " + self.log.read_text().replace("\n", "\n# "))
            time.sleep(0.05)

    def answers(self):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
            return self.process.poll() is None
        return False

    def stop(self):
        self.process.send_signal(self.ends_by)
        try:
            self.process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Service(http.server.BaseHTTPRequestHandler):
    """What a small HTTP server of a test answers: `answer` returns status, headers and body, whatever the method."""

    protocol_version = "HTTP/1.1"
    wbufsize, disable_nagle_algorithm = -1, True  # head and body in one segment: else the body may wait 40 ms for the acknowledgement of the head

    def do_GET(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        status, headers, body = self.answer()
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body.encode()))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body.encode())

    do_POST = do_PUT = do_GET

    def handle(self):
        with contextlib.suppress(ConnectionError):  # the client may leave
            super().handle()

    def log_message(self, *_):
        pass


class Stack(contextlib.ExitStack):
    def __init__(self):
        super().__init__()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="lk-interop-"))
        self.folder.chmod(0o755)  # Apache's workers are another user
        self.callback(shutil.rmtree, self.folder, ignore_errors=True)
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that what was started ends too

    def configure(self, name, **values):
        """Fills in a template; the result lies in the stack's folder."""
        path = self.folder / name
        path.write_text(string.Template((TEMPLATES / name).read_text()).substitute(folder=self.folder, **values))
        return str(path)

    def run(self, name, command, port, **arguments):
        part = Part(name, command, port, self.folder, **arguments)
        self.callback(part.stop)
        return part

    def latchkey(self, *options, **arguments):
        self.server = Server(*options, **arguments)
        self.callback(self.server.stop)
        return self.server

    def postgres(self):
        """A database server that a test can stop; its superuser is latchkey, without a password."""
        data, port = self.folder / "postgres", free_port()
        bin_folder = max(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), default="/usr/bin", key=lambda path: int(path.parent.name))
        as_postgres = []
        data.mkdir()
        if os.geteuid() == 0:
            as_postgres = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
            shutil.chown(data, "postgres", "postgres")
        subprocess.run([*as_postgres, f"{bin_folder}/initdb", "-D", data, "-U", "latchkey", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"],
                       check=True, stdout=subprocess.DEVNULL, cwd="/")
        return self.run("postgres", [*as_postgres, f"{bin_folder}/postgres", "-D", str(data), "-p", str(port), "-c", "listen_addresses=127.0.0.1",
                                     "-c", "unix_socket_directories=", "-c", "fsync=off"], port, ends_by=signal.SIGINT)

    def redis(self):
        """Where the relying party keeps its sessions."""
        port = free_port()
        return self.run("redis", [program("redis-server"), "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--dir", str(self.folder)], port)

    def relying_party(self, port, **values):
        """Apache with mod_auth_openidc, which answers the gateway's checks."""
        config = self.configure("apache.conf", port=port, **values)
        return self.run("apache", [program("apache2"), "-D", "FOREGROUND", "-f", config], port)

    def envoy(self, name, port, config):
        """Envoy with that configuration (istio.py)."""
        path = self.folder / f"{name}-{port}.json"
        path.write_text(json.dumps(config))
        return self.run(f"{name}-{port}", [program("envoy"), "-c", str(path), "--use-dynamic-base-id", "--concurrency", "1", "--log-level", "warn"], port)

    def gateway(self, port, latchkey, authorizer, echo, origin=None):
        """The ingress, which asks an authorizer about everything but /auth. `latchkey` and `echo` are lists of ports."""
        admin = free_port()
        gateway = self.envoy("gateway", port, istio.gateway(port, admin, origin or f"http://127.0.0.1:{port}", latchkey, authorizer, echo))
        gateway.admin = admin
        return gateway

    def sidecar(self, origin, latchkey, service, **more):
        """What stands before a service, and verifies tokens."""
        port, admin = free_port(), free_port()
        sidecar = self.envoy("sidecar", port, istio.sidecar(port, admin, origin, latchkey, service, **more))
        sidecar.admin = admin
        return sidecar

    def service(self, service, port=0):
        """An HTTP server in this process; returns its port."""
        server = http.server.ThreadingHTTPServer(("127.0.0.1", port), service)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.callback(server.shutdown)
        return server.server_port

    def done(self, tap):
        """Ends the test and the stack; where it failed, with the end of what each part said."""
        tap.is_(self.server.stop(), 0, "Latchkey ends gracefully")
        self.end(tap)

    def end(self, tap):
        for log in sorted(self.folder.glob("*.log") if tap.failed else []):
            print(f"# --- {log.name}\n# " + "\n# ".join(log.read_text(errors="replace").splitlines()[-25:]))
        self.close()
        tap.done()


def run_program(tap, command, cwd=None, **env):
    """A part of a test that is another program: its results become results of this test."""
    env = {**os.environ, **{name: str(value) for name, value in env.items()}}
    before = tap.failed
    with subprocess.Popen(command, env=env, cwd=cwd, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            result = re.match(r"(not )?ok \d+ - (.*)", line)
            if result:
                tap.ok(not result[1], result[2])
            elif not line.startswith("1.."):
                print(line, end="", flush=True)
    if process.returncode and tap.failed == before:
        tap.ok(False, f"{' '.join(command)} ends well")


def run_node(tap, script, **env):
    run_program(tap, ["node", os.path.join(TOP, "t", script)], **env)
