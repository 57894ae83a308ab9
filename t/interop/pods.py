# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""A container of the shipped manifests, run on loopback as a kubelet would run it: its arguments, its environment out of ConfigMaps and
Secrets, its volumes as folders, its probes."""
import contextlib
import os
import pathlib
import re
import shutil
import urllib.error
import urllib.request

from istio import pick
from stack import TOP, Part, free_port  # which knows t/api
from certificates import Authority
from postgres import Postgres

PROBES = ("startupProbe", "readinessProbe", "livenessProbe")


class Pod(Part):
    """The first container of the Deployment among `documents`. `volumes` maps mount paths, or what is above them, to folders, `secrets` (name, key) to values, and
    `settings` says what is elsewhere here: it goes before the manifest's own environment."""

    def __init__(self, name, documents, folder, volumes, secrets=None, settings=None, ports=None):
        (deployment,) = pick(documents, "Deployment")
        self.container = deployment["spec"]["template"]["spec"]["containers"][0]
        self.ports = {**{port["name"]: free_port() for port in self.container["ports"]}, **(ports or {})}
        self.volumes = volumes
        mounts = {str(path) for mount in self.container.get("volumeMounts", ()) for path in (pathlib.Path(mount["mountPath"]), pathlib.Path(mount["mountPath"]).parent)}
        assert volumes.keys() <= mounts, f"{name} mounts {sorted(mounts)}"
        here = {"KC_HTTP_HOST": "127.0.0.1", "KC_HTTP_PORT": self.ports["http"], "KC_HTTP_MANAGEMENT_PORT": self.ports["management"], **(settings or {})}
        environment = {**self.environment_of(self.container, documents, secrets or {}, volumes), **{key: str(value) for key, value in here.items()}}
        program = os.environ.get("LATCHKEY", f"{TOP}/build/latchkey")
        super().__init__(name, ["env", "-i", *(f"{key}={value}" for key, value in environment.items()), program, *self.container["args"]], self.ports["http"], folder)

    @staticmethod
    def environment_of(container, documents, secrets, volumes):
        """As the manifest has it, with paths in the folders that the volumes are here."""
        given = {}
        for source in container.get("envFrom", ()):
            (config,) = pick(documents, "ConfigMap", name=source["configMapRef"]["name"])
            given.update(config["data"])
        for variable in container.get("env", ()):
            secret = variable.get("valueFrom", {}).get("secretKeyRef")
            value = secrets.get((secret["name"], secret["key"])) if secret else variable["value"]
            if value is not None:
                given[variable["name"]] = value

        def here(path):
            mount = max((mount for mount in volumes if re.match(re.escape(mount) + "(/|$)", path)), key=len, default=None)
            return str(volumes[mount]) + path[len(mount):] if mount else path

        return {key: here(value) for key, value in given.items()}

    def probe(self, name):
        """The status that a probe gets; 0 where nobody answers."""
        probe = self.container[name]["httpGet"]
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.ports[probe['port']]}{probe['path']}", timeout=self.container[name].get("timeoutSeconds", 1)) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0

    def answers(self):
        return self.process.poll() is None and all(self.probe(name) == 200 for name in PROBES)

    def peak(self):
        """MiB of memory that it has had at most."""
        return int(re.search(r"VmHWM:\s*(\d+)", pathlib.Path(f"/proc/{self.process.pid}/status").read_text())[1]) / 1024

    def limit(self):
        return int(self.container["resources"]["limits"]["memory"].removesuffix("Mi"))

    def said(self):
        with contextlib.suppress(FileNotFoundError):
            return self.log.read_text()
        return ""


def tls_database(folder, roles):
    """A server as `az postgres flexible-server create` leaves one: TLS or nothing, roles with passwords, an empty database latchkey; its authority's
    certificate is in `folder`/database-ca, as a ConfigMap would be."""
    authority = Authority(str(folder), "database-root")
    certificate = authority.server("database", host="DNS:localhost")
    (folder / "database-ca").mkdir()
    shutil.copy(authority.root + ".pem", folder / "database-ca/ca.crt")
    database = Postgres(str(folder))
    database.create("latchkey")
    for role, password in roles.items():
        database.query("latchkey", f"""SET password_encryption='scram-sha-256'; CREATE ROLE "{role}" LOGIN SUPERUSER PASSWORD '{password.replace("'", "''")}'""")
    data = pathlib.Path(database.data)

    def place():
        (data / "rules").write_text("local all test trust\nhost all test 127.0.0.1/32 trust\nhostssl all all 127.0.0.1/32 scram-sha-256\n")
        shutil.copy(certificate + ".pem", data / "server.crt")
        shutil.copy(certificate + ".key", data / "server.key")
        for name in ("rules", "server.crt", "server.key"):
            (data / name).chmod(0o600)
            if database.user:
                shutil.chown(data / name, "postgres", "postgres")

    database.configure(files=place, ssl="on", hba_file=str(data / "rules"), fsync="off")
    return database
