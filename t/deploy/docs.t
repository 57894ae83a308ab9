#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""Each command of docs/istio.md and docs/migration.md is run as far as a machine without a cluster can: what a cluster would take is rendered or read
instead; what belongs to other systems is named below, and nothing else may be there."""
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1] / folder) for folder in ("interop", "api")]
import yaml  # noqa: E402
from istio import KUBERNETES  # noqa: E402
from latchkey import TOP, Server, Tap  # noqa: E402

# Where these begin a command, the documentation says that it was not run, or t/keycloak/compare.t runs it.
ELSEWHERE = ("istioctl install", "kubectl create namespace", "kubectl -n sso create configmap", "kubectl -n sso exec", "kubectl scale", "kubectl patch", "kubectl get", "kubectl delete -k", "helm get", "bin/kc.sh", "latchkey compare", "kubeseal")
tap, work = Tap(), tempfile.mkdtemp(prefix="lk-docs-")
PROGRAM = os.environ.get("LATCHKEY", f"{TOP}/build/latchkey")
ENVIRONMENT = {**os.environ, "HOME": work, "SECRET": "a-secret-of-the-client"}


def commands(page):
    """Blocks that are indented by four; a backslash at the end of a line goes on."""
    text = re.sub(r"\\\n\s*", "", (pathlib.Path(TOP) / "docs" / page).read_text())
    for line in re.findall(r"^    (?! )(.*)$", text, re.M):
        line = re.sub(r"\s{2,}#.*", "", line).strip()
        if re.match(r"(kubectl|helm|kustomize|lkadm|latchkey|istioctl|kubeseal|openssl|bin/)", line):
            yield line


def run(command, shell=False, **more):
    done = subprocess.run(command, capture_output=True, text=True, cwd=TOP, env=ENVIRONMENT, shell=shell, **more)
    return done.returncode, done.stdout + done.stderr


def applied(words):
    """kubectl apply: -k is built, -f is read."""
    said = []
    for flag, path in zip(words, words[1:]):
        if flag == "-k":
            code, text = run(["kustomize", "build", path])
            said.append((code == 0 and len(list(yaml.safe_load_all(text))) > 2, text))
        elif flag == "-f":
            documents = [each for each in yaml.safe_load_all((pathlib.Path(TOP) / path).read_text()) if each]
            said.append((all({"apiVersion", "kind", "metadata"} <= each.keys() for each in documents), path))
    return bool(said) and all(good for good, _ in said), said


def check(page, line):
    words = shlex.split(line)
    if line.startswith(ELSEWHERE):
        return None
    if words[0] == "helm" and words[1] == "upgrade":
        code, said = run(["helm", "template", *(word for word in words[2:] if word != "--install"), "--kube-version", KUBERNETES])
        return code == 0 and "kind: Deployment" in said, said[-800:]
    if words[:2] == ["kubectl", "apply"]:
        return applied(words)
    if words[0] == "kubectl" and "secret" in words:
        made = [run(inner, shell=True) for inner in re.findall(r"\$\((.*?)\)", line)]
        return all(code == 0 and len(text) > 20 for code, text in made), made
    if words[0] == "lkadm":
        code, said = run(["sh", "-c", f"{TOP}/build/{line}"])
        return code == 0, said
    if words[:2] == ["latchkey", "import"] or words[:2] == ["latchkey", "export"]:
        return run([PROGRAM, words[1], "--help"])[0] == 0 and all(re.search(re.escape(word.split("=")[0]) + r"\b", run([PROGRAM, words[1], "--help"])[1]) for word in words[2:] if word.startswith("--")), line
    return False, f"{page}: what is this?"


server = Server()
signed_in = run([f"{TOP}/build/lkadm", "config", "credentials", "--server", server.base, "--realm", "master", "--user", "admin", "--password", "admin"])
tap.is_(signed_in[0], 0, "lkadm is signed in")
for page in ("istio.md", "migration.md"):
    ran = []
    for line in commands(page):
        result = check(page, line)
        if result is not None:
            ran.append(line)
            tap.ok(result[0], f"{page}: {line[:100]}", result[1])
    tap.ok(len(ran) > (8 if page == "istio.md" else 1), f"{page}: {len(ran)} commands were run")
server.stop()
tap.done()
