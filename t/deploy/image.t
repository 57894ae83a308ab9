#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""The container image, made without an engine, and run from its own layers as an ordinary user on a read-only root."""
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "api"))
from latchkey import TOP, Browser, Tap  # noqa: E402
from postgres import Postgres, free_port, until  # noqa: E402

tap, folder = Tap(), tempfile.mkdtemp(prefix="lk-image-")
os.chmod(folder, 0o755)
PROGRAM = os.environ.get("LATCHKEY", f"{TOP}/build/latchkey")
made = subprocess.run([f"{TOP}/conf/image/build", PROGRAM, folder, "oci"], capture_output=True, text=True)
tap.ok(made.returncode == 0, "the image is made", made.stderr)


def blob(digest):
    return f"{folder}/oci/blobs/" + digest.replace(":", "/")


def load(digest):
    with open(blob(digest)) as file:
        return json.load(file)


with open(f"{folder}/oci/index.json") as file:
    manifest = load(json.load(file)["manifests"][0]["digest"])
config = load(manifest["config"]["digest"])
size = sum(layer["size"] for layer in manifest["layers"])
tap.ok(size < 40e6, f"it has {size / 1e6:.1f} MB, compressed")
tap.is_({key: config["config"].get(key) for key in ("User", "Entrypoint", "Cmd")}, {"User": "10001:10001", "Entrypoint": ["/usr/bin/latchkey"], "Cmd": ["start"]},
        "it starts Latchkey as a user without rights")
with open(f"{folder}/sbom.spdx.json") as file:
    sbom = json.load(file)
names = {package["name"] for package in sbom["packages"]}
tap.ok({"latchkey", "libc6", "libssl3", "libpq5", "libh2o-evloop0.13"} <= names and all(package["versionInfo"] for package in sbom["packages"]),
       f"its SBOM lists {len(names)} packages with their versions", names)

root = f"{folder}/image"
os.mkdir(root)
for layer in manifest["layers"]:
    subprocess.run(["tar", "-xzf", blob(layer["digest"]), "-C", root], check=True)
tap.ok(not any(os.path.exists(f"{root}/{path}") for path in ("bin/sh", "usr/bin/sh", "usr/bin/apt", "usr/bin/python3")), "no shell and no package manager in it")


def inside(*arguments, environment=None):
    variables = [word for name, value in (environment or {}).items() for word in ("--setenv", name, value)]
    return ["bwrap", "--ro-bind", root, "/", "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--ro-bind", "/etc/hosts", "/etc/hosts", "--unshare-user", "--uid", "10001",
            "--gid", "10001", "--unshare-pid", "--die-with-parent", "--cap-drop", "ALL", "--clearenv", *variables, "/usr/bin/latchkey", *arguments]


# A path that the mount needs and the image lacks.
open(f"{root}/etc/hosts", "w").close()
version = subprocess.run(inside("--version"), capture_output=True, text=True)
tap.ok(version.returncode == 0 and "latchkey" in version.stdout.lower(), "it runs from its own files alone", version.stdout + version.stderr)

postgres = Postgres(folder)
postgres.create("latchkey")
port, management = free_port(), free_port()
settings = {"KC_DB_URL": f"jdbc:postgresql://127.0.0.1:{postgres.port}/latchkey", "KC_DB_USERNAME": "test", "KC_DB_PASSWORD": "x", "KC_HTTP_ENABLED": "true", "KC_HTTP_HOST": "127.0.0.1",
            "KC_HTTP_PORT": str(port), "KC_HTTP_MANAGEMENT_HOST": "127.0.0.1", "KC_HTTP_MANAGEMENT_PORT": str(management), "KC_HEALTH_ENABLED": "true", "KC_HTTP_RELATIVE_PATH": "/auth",
            "KC_HOSTNAME_STRICT": "false", "KC_SHUTDOWN_DELAY": "0s", "KC_BOOTSTRAP_ADMIN_USERNAME": "admin", "KC_BOOTSTRAP_ADMIN_PASSWORD": "admin"}
with open(f"{folder}/log", "w") as log:
    process = subprocess.Popen(inside("start", environment=settings), stdout=log, stderr=subprocess.STDOUT)


def said():
    with open(f"{folder}/log") as file:
        return file.read()


def ready():
    assert process.poll() is None, said()
    try:
        return Browser().get(f"http://127.0.0.1:{management}/auth/health/ready").status == 200
    except OSError:
        return False


until(ready, 30, 0.05)
form = {"grant_type": "password", "client_id": "admin-cli", "username": "admin", "password": "admin"}
token = Browser().request("POST", f"http://127.0.0.1:{port}/auth/realms/master/protocol/openid-connect/token", form)
tap.is_(token.status, 200, "it starts on a database, migrates it, and signs in its administrator")
page = Browser().get(f"http://127.0.0.1:{port}/auth/realms/master/protocol/openid-connect/auth?client_id=security-admin-console&response_type=code&redirect_uri=http%3A%2F%2F127.0.0.1%3A{port}%2Fauth%2Fadmin%2Fmaster%2Fconsole%2F")
style = re.search(r'href="(/auth/resources/[^"]+\.css)"', page.text)
tap.ok(style and Browser().get(f"http://127.0.0.1:{port}{style[1]}").status == 200, "pages and themes come with it", page.text[:300])
children = subprocess.run(["ps", "-o", "pid=", "--ppid", str(process.pid)], capture_output=True, text=True).stdout.split()
inner = next((pid for pid in [*children, *subprocess.run(["ps", "-o", "pid=", "--ppid", ",".join(children)], capture_output=True, text=True).stdout.split()]
              if os.readlink(f"/proc/{pid}/exe").endswith("latchkey")), None)
status = open(f"/proc/{inner}/status").read()
mounts = open(f"/proc/{inner}/mounts").read()
tap.ok(re.search(r"CapEff:\s*0+\n", status) and re.search(r"^\S+ / \S+ ro[, ]", mounts, re.M), "without capabilities, on a read-only root", status + mounts[:500])
os.kill(int(inner), signal.SIGTERM)
tap.is_(process.wait(timeout=30), 0, "it ends when it is asked to")
postgres.stop()
shutil.rmtree(folder, ignore_errors=True)
tap.done()
