# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""Two Postgres that Patroni keeps as primary and synchronous standby, with etcd, as production has them."""
import json
import os
import shutil
import signal
import urllib.error
import urllib.request

from servers import Program, free_port, listens, until

NODE = """scope: latchkey
name: {name}
restapi: {{listen: '127.0.0.1:{rest}', connect_address: '127.0.0.1:{rest}'}}
etcd3: {{host: '127.0.0.1:{etcd}'}}
bootstrap:
  dcs:
    ttl: 20
    loop_wait: 1
    retry_timeout: 3
    primary_start_timeout: 0
    synchronous_mode: true
    postgresql: {{use_pg_rewind: true, use_slots: true}}
  initdb: [{{encoding: UTF8}}, {{locale: C}}]
  pg_hba: ['local all all trust', 'host all all 127.0.0.1/32 trust', 'host replication all 127.0.0.1/32 trust']
postgresql:
  listen: 127.0.0.1:{port}
  connect_address: 127.0.0.1:{port}
  data_dir: {data}
  bin_dir: {bin}
  pgpass: {data}.pgpass
  authentication: {{superuser: {{username: test, password: x}}, replication: {{username: replicator, password: x}}}}
  parameters: {{unix_socket_directories: '{folder}', max_connections: 100, wal_log_hints: 'on', shared_buffers: 32MB}}
"""


class Etcd(Program):
    def __init__(self, folder):
        self.port, peers = free_port(), free_port()
        own, peer = f"http://127.0.0.1:{self.port}", f"http://127.0.0.1:{peers}"
        super().__init__(folder, "etcd", ["etcd", "--data-dir", f"{folder}/etcd", "--listen-client-urls", own, "--advertise-client-urls", own, "--listen-peer-urls", peer,
                                          "--initial-advertise-peer-urls", peer, "--initial-cluster", f"default={peer}", "--unsafe-no-fsync"])

    def is_ready(self):
        return listens(self.port)


class Node(Program):
    def __init__(self, folder, name, etcd):
        self.name, self.port, self.rest, self.data = name, free_port(), free_port(), f"{folder}/{name}"
        user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.getuid() == 0 else []
        binaries = sorted(os.listdir("/usr/lib/postgresql"), key=int)[-1]
        with open(f"{folder}/{name}.yml", "w") as file:
            file.write(NODE.format(name=name, rest=self.rest, etcd=etcd.port, port=self.port, data=self.data, folder=folder, bin=f"/usr/lib/postgresql/{binaries}/bin"))
        os.chmod(f"{folder}/{name}.yml", 0o644)
        super().__init__(folder, name, [*user, "/usr/bin/patroni", f"{folder}/{name}.yml"], {"PATH": "/usr/bin:/bin", "PYTHONPATH": ""})

    def call(self, path, body=None):
        request = urllib.request.Request(f"http://127.0.0.1:{self.rest}{path}", json.dumps(body).encode() if body else None, {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status
        except urllib.error.HTTPError as answer:
            return answer.code
        except OSError:
            return 0

    def is_ready(self):
        return self.call("/health") == 200

    def is_primary(self):
        return self.call("/primary") == 200

    def kill_postgres(self):
        with open(f"{self.data}/postmaster.pid") as file:
            os.kill(int(file.readline()), signal.SIGKILL)


class Patroni:
    """The pair; `primary` and `standby` are found anew each time."""

    def __init__(self, folder):
        os.chmod(folder, 0o777)  # the socket is Postgres's own
        for name in ("one", "two"):
            os.mkdir(f"{folder}/{name}", 0o700)
            if os.getuid() == 0:
                shutil.chown(f"{folder}/{name}", "postgres", "postgres")
        self.etcd = Etcd(folder)
        self.nodes = [Node(folder, "one", self.etcd)]
        until(self.nodes[0].is_primary, 60, 0.05)
        self.nodes.append(Node(folder, "two", self.etcd))
        self.wait_for_standby()

    @property
    def primary(self):
        return next((node for node in self.nodes if node.is_primary()), None)

    def wait_for_standby(self):
        until(lambda: any(node.call("/sync") == 200 for node in self.nodes), 90, 0.1)

    def stop(self):
        for program in [*reversed(self.nodes), self.etcd]:
            if program.process.poll() is None:
                program.stop()
