# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""A container of the shipped manifests, run on loopback as a kubelet would run it: its arguments, its environment out of ConfigMaps and
Secrets, its volumes as folders, its probes."""
import contextlib
import os
import pathlib
import re
import urllib.error
import urllib.request

from istio import pick
from stack import TOP, Part, free_port

PROBES = ("startupProbe", "readinessProbe", "livenessProbe")


class Pod(Part):
    """The first container of the Deployment among `documents`. `volumes` maps mount paths to folders, `secrets` (name, key) to values, and
    `settings` says what is elsewhere here: it goes before the manifest's own environment."""

    def __init__(self, name, documents, folder, volumes, secrets=None, settings=None, ports=None):
        (deployment,) = pick(documents, "Deployment")
        self.container = deployment["spec"]["template"]["spec"]["containers"][0]
        self.ports = {**{port["name"]: free_port() for port in self.container["ports"]}, **(ports or {})}
        self.volumes, self.documents, self.secrets = volumes, documents, secrets or {}
        mounts = {mount["mountPath"] for mount in self.container.get("volumeMounts", ())}
        assert volumes.keys() <= mounts, f"{name} mounts {sorted(mounts)}"
        here = {"KC_HTTP_HOST": "127.0.0.1", "KC_HTTP_PORT": self.ports["http"], "KC_HTTP_MANAGEMENT_PORT": self.ports["management"], **(settings or {})}
        environment = {**self.environment(), **{key: str(value) for key, value in here.items()}}
        program = os.environ.get("LATCHKEY", f"{TOP}/build/latchkey")
        super().__init__(name, ["env", "-i", *(f"{key}={value}" for key, value in environment.items()), program, *self.container["args"]], self.ports["http"], folder)

    def environment(self):
        """As the manifest has it, with paths in this machine's folders."""
        given = {}
        for source in self.container.get("envFrom", ()):
            (config,) = pick(self.documents, "ConfigMap", name=source["configMapRef"]["name"])
            given.update(config["data"])
        for variable in self.container.get("env", ()):
            secret = variable.get("valueFrom", {}).get("secretKeyRef")
            value = self.secrets.get((secret["name"], secret["key"])) if secret else variable["value"]
            if value is not None:
                given[variable["name"]] = value
        return {key: self.here(value) for key, value in given.items()}

    def here(self, path):
        mount = max((mount for mount in self.volumes if re.match(re.escape(mount) + "(/|$)", path)), key=len, default=None)
        return str(self.volumes[mount]) + path[len(mount):] if mount else path

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
