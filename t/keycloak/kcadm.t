#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""Keycloak's own kcadm and lkadm do the same work on Latchkey, each in a realm of its own: the same output, messages and exit codes at each step,
through the life of a realm. kcadm.sh itself signs in; the steps run in one Java, by its main method."""
import base64
import json
import os
import pathlib
import re
import select
import subprocess
import sys
import tempfile

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent), str(pathlib.Path(__file__).resolve().parents[1] / "api")]
from keycloak import JAVA, TOP, VERSION, install, run  # noqa: E402
from kcadm_steps import STEPS  # noqa: E402
from latchkey import Server, Tap  # noqa: E402

tap, home = Tap(), install()
server = Server(realms=())
folder = pathlib.Path(tempfile.mkdtemp(prefix="lk-kcadm-"))
lkadm = str(pathlib.Path(os.environ.get("LATCHKEY", f"{TOP}/build/latchkey")).with_name("lkadm"))
QUICK = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"


class Kcadm:
    """kcadm's main method in one Java."""

    def __init__(self):
        client = home / "bin/client"
        self.process = subprocess.Popen(
            ["java", *QUICK.split(), "-Djava.security.manager=allow", "-cp", f"{client}/keycloak-admin-cli-{VERSION}.jar",
             "--add-opens=java.base/java.security=ALL-UNNAMED", f"-Dkc.lib.dir={client}/lib", str(TOP / "t/keycloak/Commands.java")],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)

    def __call__(self, arguments, given):
        words = [base64.b64encode(word.encode()).decode() for word in (given, *arguments)]
        self.process.stdin.write(" ".join(words) + "\n")
        self.process.stdin.flush()
        if not select.select([self.process.stdout], [], [], 60)[0]:
            raise RuntimeError(f"kcadm does not end: {arguments}")
        code, said, complained = self.process.stdout.readline().rstrip("\n").split(" ")
        return int(code), base64.b64decode(said).decode(), base64.b64decode(complained).decode()

    def end(self):
        self.process.stdin.close()
        self.process.wait(timeout=30)


def run_lkadm(arguments, given):
    done = subprocess.run([lkadm, *arguments], input=given, capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout, done.stderr


class Side:
    """One of the two, in its realm; what -i printed is kept by name."""

    def __init__(self, name, call):
        self.name, self.call, self.names = name, call, {"realm": f"of-{name}", "server": server.base}
        self.config = str(folder / f"{name}.config")

    def step(self, keep, arguments, given, with_config):
        filled = [re.sub(r"\{(\w+)\}", lambda match: self.names.get(match[1], match[0]), word) for word in arguments]
        code, said, complained = self.call([*filled, *(["--config", self.config] if with_config else [])], given)
        if keep:
            self.names[keep] = said.strip()
        return code, self.plain(said), self.plain(complained)

    def plain(self, text):
        """Without what is new each time: ids, secrets, dates, key ids; and what is called by the program's name."""
        for pattern, instead in ((r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "ID"), (rf"\bof-{self.name}\b", "REALM"), (r"\b(kcadm\.sh|lkadm)\b", "CLI"),
                                 (r'("secret" : |"value" : )"[^"]{30,}"', r"\1SECRET"), (r"(?m)^(Did you mean|Possible solutions): .*\n", ""), (r"\b1[78]\d{11}\b", "MS"), (r'"1[78]\d{8}"', "SECONDS"), (r"\b\d+s from now", "LATER"),
                                 (r"(?m)^(content-length|date): .*", r"\1:"), (str(folder), "FOLDER")):
            text = re.sub(pattern, instead, text, flags=re.I if "content" in pattern else 0)
        return text


def same(theirs, ours):
    """The same but for the order of lists, which no one promises."""
    def ordered(value):
        if isinstance(value, list):
            return sorted((ordered(item) for item in value), key=json.dumps)
        return {name: ordered(item) for name, item in value.items()} if isinstance(value, dict) else value

    def settled(text):
        try:
            return ordered(json.loads(text))
        except ValueError:
            return sorted(text.splitlines())
    return theirs[::2] == ours[::2] and (theirs[1] == ours[1] or (settled(theirs[1]) == settled(ours[1]) and sorted(theirs[1]) == sorted(ours[1])))


kcadm = Kcadm()
try:
    for name, text in {"bad.json": '{"a": ', "list.json": '["a"]', "empty.json": "",
                       "client.json": '{"clientId":"from-file","redirectUris":["http://a/*","http://b/*"],"attributes":{"x.y":"1"}}'}.items():
        (folder / name).write_text(text)
    sign_in = ["config", "credentials", "--server", server.base, "--realm", "master", "--user", "admin", "--password", "admin"]
    run([home / "bin/kcadm.sh", *sign_in, "--config", folder / "theirs.config"], env={**os.environ, **JAVA, "KC_OPTS": QUICK})
    code, said, complained = run_lkadm([*sign_in, "--config", f"{folder}/ours.config"], "")
    tap.is_((code, said, complained), (0, "", f"Logging into {server.base} as user admin of realm master\n"), "lkadm signs in")
    tap.is_(oct((folder / "ours.config").stat().st_mode & 0o777), "0o600", "its config file is its owner's alone")
    shape = [sorted(json.loads((folder / f"{name}.config").read_text())["endpoints"][server.base]["master"]) for name in ("theirs", "ours")]
    tap.is_(shape[1], shape[0], "it has the members of kcadm's")
    sides = Side("theirs", kcadm), Side("ours", run_lkadm)
    for keep, arguments, *rest in STEPS:
        given, with_config = ([*rest, "", True] if rest else ["", True])[:2]
        arguments = [word.replace("{folder}", str(folder)) for word in arguments]
        theirs, ours = (side.step(keep, arguments, given, with_config) for side in sides)
        tap.ok(same(theirs, ours), " ".join(arguments).replace(str(folder), "FOLDER").replace("#", "")[:150].replace("\n", " "),
               f"kcadm {theirs}\nlkadm {ours}")
    (folder / "shared.config").write_text((folder / "theirs.config").read_text())
    code, said, complained = run_lkadm(["get", "realms/master", "--fields", "realm", "-c", "--config", f"{folder}/shared.config"], "")
    tap.is_(code, 0, "lkadm goes on with the config file of kcadm")
finally:
    kcadm.end()
    server.stop()
tap.done()
