# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""The servers that tests of faults break: Latchkeys that keep their ports, and what production puts before and behind them."""
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "api"))
from latchkey import TOP, Browser, Tap  # noqa: E402,F401
from load import CONFUSED  # noqa: E402
from postgres import Postgres, Session, free_port, until  # noqa: E402,F401


class Program:
    """Something that listens on a port of its own, which it keeps when it is started again."""

    def __init__(self, folder, name, command, environment=None):
        self.log, self.command, self.environment = open(f"{folder}/{name}.log", "a+"), command, environment
        self.start()

    def start(self):
        self.process = subprocess.Popen(self.command, stdout=self.log, stderr=subprocess.STDOUT, env={**os.environ, **(self.environment or {})}, cwd="/")
        until(self.is_ready, 60, 0.01)

    def is_ready(self):
        raise NotImplementedError

    def stop(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        return self.process.wait(timeout=30)

    def output(self):
        with open(self.log.name) as file:
            return file.read()


class Latchkey(Program):
    """A replica. `database` is the port of a Postgres, or of what stands before it, or a list of them; `outside` the port that browsers know."""

    def __init__(self, folder, database, *options, outside=None, name="latchkey"):
        self.port, self.management = free_port(), free_port()
        self.health = f"http://127.0.0.1:{self.management}/auth/health"
        self.base = f"http://127.0.0.1:{outside or self.port}/auth"
        self.own = f"http://127.0.0.1:{self.port}/auth"
        self.oidc = self.base + "/realms/acme/protocol/openid-connect"
        hosts = ",".join(f"127.0.0.1:{port}" for port in ([database] if isinstance(database, int) else database))
        super().__init__(folder, name, [
            os.environ.get("LATCHKEY", f"{TOP}/build/latchkey"), "start", "--db=postgres", f"--db-url=jdbc:postgresql://{hosts}/latchkey?targetServerType=primary",
            "--db-username=test", "--db-password=x", "--http-enabled=true", "--http-host=127.0.0.1", f"--http-port={self.port}", f"--http-management-port={self.management}",
            "--health-enabled=true", "--http-relative-path=/auth", f"--hostname={self.base}" if outside else "--hostname-strict=false", "--import-realm",
            f"--import-dir={folder}/import", "--shutdown-delay=0s", *options], {"KC_BOOTSTRAP_ADMIN_USERNAME": "admin", "KC_BOOTSTRAP_ADMIN_PASSWORD": "admin"})

    def is_ready(self):
        assert self.process.poll() is None, self.output()[-3000:]
        try:
            return Browser().get(self.own + "/realms/acme").status == 200
        except CONFUSED:
            return False


def acme(folder, **settings):
    """Puts realm acme where replicas import it from, with other settings where they are given."""
    os.chmod(folder, 0o711)
    os.mkdir(f"{folder}/import")
    with open(f"{TOP}/t/data/acme-export.json") as given, open(f"{folder}/import/acme-realm.json", "w") as used:
        json.dump({**json.load(given), **settings}, used)


class HAProxy(Program):
    """Hands each connection to the next of its servers: (port,) or (port, path of its health check, port of that)."""

    def __init__(self, folder, servers, port=None, mode="http"):
        self.port = port or free_port()
        path = f"{folder}/haproxy-{self.port}.cfg"
        rows = [f"    server s{i} 127.0.0.1:{server[0]}" + (f" check port {server[2]} inter 100 fall 2 rise 1 on-marked-down shutdown-sessions" if len(server) > 1 else "")
                for i, server in enumerate(servers)]
        check = next((f"    option httpchk GET {server[1]}\n" for server in servers if len(server) > 1), "")
        with open(path, "w") as file:
            file.write(f"defaults\n    mode {mode}\n    timeout connect 2s\n    timeout client 60s\n    timeout server 60s\n"
                       f"{'    option redispatch' if mode == 'http' else '    retries 0'}\nlisten all\n    bind 127.0.0.1:{self.port}\n    balance roundrobin\n{check}" + "\n".join(rows) + "\n")
        super().__init__(folder, f"haproxy-{self.port}", ["haproxy", "-db", "-f", path])

    def is_ready(self):
        return listens(self.port)


class PgBouncer(Program):
    """In transaction mode, with few connections for many."""

    def __init__(self, folder, postgres):
        self.port = free_port()
        path = f"{folder}/pgbouncer.ini"
        with open(path, "w") as file:
            file.write(f"[databases]\nlatchkey = host=127.0.0.1 port={postgres.port} dbname=latchkey user=test\n[pgbouncer]\nlisten_addr = 127.0.0.1\n"
                       f"listen_port = {self.port}\nauth_type = any\npool_mode = transaction\ndefault_pool_size = 3\nunix_socket_dir =\n"
                       "ignore_startup_parameters = extra_float_digits\nserver_login_retry = 0.1\n")
        os.chmod(path, 0o644)
        user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.getuid() == 0 else []
        super().__init__(folder, "pgbouncer", [*user, shutil.which("pgbouncer", path=os.environ["PATH"] + ":/usr/sbin"), path])

    def is_ready(self):
        return listens(self.port)


class Toxiproxy(Program):
    """A network that can be made bad, before `upstream`."""

    def __init__(self, folder, upstream):
        self.control, self.port = free_port(), free_port()
        super().__init__(folder, "toxiproxy", [shutil.which("toxiproxy"), "-host", "127.0.0.1", "-port", str(self.control)])
        self.call("POST", "/proxies", {"name": "postgres", "listen": f"127.0.0.1:{self.port}", "upstream": f"127.0.0.1:{upstream}"})

    def is_ready(self):
        return listens(self.control)

    def call(self, method, path, body=None):
        request = urllib.request.Request(f"http://127.0.0.1:{self.control}{path}", json.dumps(body).encode() if body is not None else None, {"Content-Type": "application/json"}, method=method)
        with urllib.request.urlopen(request, timeout=10) as answer:
            answer.read()

    def poison(self, kind, seconds, stream="downstream", **attributes):
        self.call("POST", "/proxies/postgres/toxics", {"name": "it", "type": kind, "stream": stream, "attributes": attributes})
        time.sleep(seconds)
        self.call("DELETE", "/proxies/postgres/toxics/it")

    def refuse(self, seconds):
        self.call("POST", "/proxies/postgres", {"enabled": False})
        time.sleep(seconds)
        self.call("POST", "/proxies/postgres", {"enabled": True})


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
