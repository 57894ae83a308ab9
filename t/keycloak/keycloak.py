# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""The real Keycloak, for tests that meet it. As a program: fetches it by Maven into build/keycloak and augments it, once."""
import fcntl
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import zipfile

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "t/api"))
from latchkey import Browser  # noqa: E402
from postgres import Postgres, free_port  # noqa: E402

VERSION = "26.7.4"
HOME = TOP / "build/keycloak"
BUILD_OPTIONS = ("--db=postgres", "--http-relative-path=/auth", "--health-enabled=true", "--cache=local")
# One core is often all there is: what starts soon is worth more than what runs fast later.
JAVA = {"JAVA_OPTS_KC_HEAP": "-Xms64m -Xmx768m", "JAVA_OPTS_APPEND": "-XX:TieredStopAtLevel=1 -Djava.net.preferIPv4Stack=true"}


def run(command, **kw):
    """Its output, where it ends well; raises with the output where it does not."""
    done = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **kw)
    if done.returncode:
        raise RuntimeError(f"{command[0]} ended with {done.returncode}:\n{done.stdout[-4000:]}")
    return done.stdout


def install():
    """The folder of a Keycloak that is ready to start; two that ask at once wait for each other."""
    HOME.parent.mkdir(exist_ok=True)
    with open(HOME.parent / "keycloak.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if (HOME / "initial.sql").exists() and VERSION in (HOME / "version.txt").read_text():
            return HOME
        work = HOME.with_suffix(".new")
        shutil.rmtree(work, ignore_errors=True)
        run(["mvn", "-q", "-B", "dependency:copy", f"-Dartifact=org.keycloak:keycloak-quarkus-dist:{VERSION}:zip", f"-DoutputDirectory={work}"], cwd=HOME.parent)
        archive = next(work.glob("*.zip"))
        with zipfile.ZipFile(archive) as packed:
            packed.extractall(work)
        home = work / f"keycloak-{VERSION}"
        for script in home.glob("bin/*.sh"):
            script.chmod(0o755)
        run([home / "bin/kc.sh", "build", *BUILD_OPTIONS], env={**os.environ, **JAVA})
        make_initial_database(home)
        shutil.rmtree(HOME, ignore_errors=True)
        home.rename(HOME)
        shutil.rmtree(work)
        return HOME


def make_initial_database(home):
    """`initial.sql`: what a first start puts into an empty database, which takes Keycloak half a minute."""
    with tempfile.TemporaryDirectory(prefix="lk-keycloak-") as folder:
        os.chmod(folder, 0o711)
        postgres = Postgres(folder)
        try:
            keycloak = Keycloak(folder, postgres, home=home)
            keycloak.stop()
            (home / "initial.sql").write_text(run([f"{postgres.bin}/pg_dump", "-h", "127.0.0.1", "-p", postgres.port, "-U", "test", "keycloak"]))
        finally:
            postgres.stop()


def jars_of(project):
    """The folder with the jars that a project beside this file asks for, fetched once."""
    jars, pom = HOME.with_name(f"jars-{project}"), TOP / f"t/keycloak/{project}/pom.xml"
    jars.mkdir(parents=True, exist_ok=True)
    with open(jars / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (jars / "pom.xml").exists() or (jars / "pom.xml").read_text() != pom.read_text():
            for jar in jars.glob("*.jar"):
                jar.unlink()
            run(["mvn", "-q", "-B", "-f", pom, "dependency:copy-dependencies", f"-DoutputDirectory={jars}"])
            shutil.copy(pom, jars)
    return jars


class Keycloak:
    """On free ports, at `base`, with the administrator admin/admin, its data in a database of a `Postgres` (t/api/postgres.py).

    `serve=False` makes the database and starts nothing: for `run("import", ...)` and `run("export", ...)`, which need no server beside them.
    """

    def __init__(self, folder, postgres, *options, database="keycloak", serve=True, home=None):
        self.home, self.options, self.process, self.bearer = home or install(), options, None, None
        self.log = open(f"{folder}/keycloak.log", "w+")
        self.port, self.management = free_port(), free_port()
        self.base = f"http://127.0.0.1:{self.port}/auth"
        self.environment = {
            **os.environ, **JAVA, "KC_DB_URL": f"jdbc:postgresql://127.0.0.1:{postgres.port}/{database}", "KC_DB_USERNAME": "test", "KC_DB_PASSWORD": "test",
            "KC_HTTP_MANAGEMENT_PORT": str(self.management),  # that import and export listen too, beside those of another test
            "KC_BOOTSTRAP_ADMIN_USERNAME": "admin", "KC_BOOTSTRAP_ADMIN_PASSWORD": "admin"}
        postgres.create(database)
        if (self.home / "initial.sql").exists():
            run([f"{postgres.bin}/psql", "-h", "127.0.0.1", "-p", postgres.port, "-U", "test", "-q", "-v", "ON_ERROR_STOP=1", "-f", self.home / "initial.sql", database])
        if serve:
            self.start()

    def start(self, seconds=120):
        self.process = subprocess.Popen(
            [f"{self.home}/bin/kc.sh", "start", "--optimized", "--http-enabled=true", "--http-host=127.0.0.1", f"--http-port={self.port}",
             f"--http-management-port={self.management}", "--hostname-strict=false", *self.options], stdout=self.log, stderr=subprocess.STDOUT, env=self.environment)
        deadline = time.monotonic() + seconds
        while not self._is_ready():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise RuntimeError("Keycloak did not start:\n" + self.output()[-4000:])
            time.sleep(0.2)

    def _is_ready(self):
        try:
            return Browser().get(f"http://127.0.0.1:{self.management}/auth/health/ready").status == 200
        except OSError:
            return False

    def output(self):
        self.log.flush()
        return pathlib.Path(self.log.name).read_text()

    def run(self, *arguments):
        """`kc.sh ARGUMENT...` on the same database; its output."""
        return run([f"{self.home}/bin/kc.sh", *arguments], env=self.environment)

    def kcadm(self, *arguments, config=None):
        """`kcadm.sh ARGUMENT...`, with the settings file `config`."""
        return run([f"{self.home}/bin/kcadm.sh", *arguments, *(("--config", config) if config else ())], env={**os.environ, **JAVA})

    def token(self):
        """An access token of the administrator; half a minute old at most (they live for one)."""
        if not self.bearer or time.monotonic() > self.bearer[1]:
            form = {"grant_type": "password", "client_id": "admin-cli", "username": "admin", "password": "admin"}
            answer = Browser().request("POST", self.base + "/realms/master/protocol/openid-connect/token", form)
            self.bearer = answer.json()["access_token"], time.monotonic() + 30
        return self.bearer[0]

    def admin(self, method, path, body=None):
        """A call of the admin REST API, as its administrator."""
        head = {"Authorization": "Bearer " + self.token(), "Content-Type": "application/json"}
        return Browser().request(method, self.base + "/admin" + path, headers=head, body=json.dumps(body) if body is not None else None)

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


if __name__ == "__main__":
    print(install(), *map(jars_of, ("admin-client", "spring-client")))
