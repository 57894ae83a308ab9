# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""A private Postgres on loopback, which tests may stop, break and start again."""
import glob
import os
import shutil
import signal
import socket
import struct
import subprocess
import time


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def until(condition, seconds, pause=0.002):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("a server is not ready")
        time.sleep(pause)


class Session:
    """A connection that speaks the protocol itself (3.0, simple queries): quick, and it may hold locks. ConnectionError where the server refuses or ends it."""

    def __init__(self, port, database="latchkey"):
        words = f"user\0test\0database\0{database}\0application_name\0guest\0\0".encode()
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self.socket.sendall(struct.pack("!ii", len(words) + 8, 196608) + words)
        self.rows()

    def message(self):
        head = self.exactly(5)
        return head[:1], self.exactly(struct.unpack("!i", head[1:])[0] - 4)

    def exactly(self, size):
        data = b""
        while len(data) != size:
            more = self.socket.recv(size - len(data))
            if not more:
                raise ConnectionError("the server has ended the connection")
            data += more
        return data

    def rows(self):
        """What is answered until the server waits again: lists of texts."""
        rows, failure = [], None
        while True:
            kind, body = self.message()
            if kind == b"E":
                failure = body.replace(b"\0", b" ").decode()
                if b"FATAL" in body:
                    break
            elif kind == b"D":
                row, at = [], 2
                for _ in range(struct.unpack("!h", body[:2])[0]):
                    size = struct.unpack("!i", body[at:at + 4])[0]
                    row.append(None if size < 0 else body[at + 4:at + 4 + size].decode())
                    at += 4 + max(size, 0)
                rows.append(row)
            elif kind == b"Z":
                break
        if failure:
            raise ConnectionError(failure)
        return rows

    def query(self, text):
        words = text.encode() + b"\0"
        self.socket.sendall(b"Q" + struct.pack("!i", len(words) + 4) + words)
        return self.rows()

    def close(self):
        self.socket.close()


class Postgres:
    """In `folder`, which its user must be able to enter; superuser test, any password. `wrapper` stands before the command; `initdb` are options of
    that; what the server says goes to `log`."""

    def __init__(self, folder, wrapper=(), connections=200, initdb=(), log=os.devnull):
        self.connections, self.log = connections, log
        self.bin = sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda path: int(path.split("/")[4]))[-1]
        self.data, self.port, self.wrapper = f"{folder}/pg", free_port(), wrapper
        self.user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.getuid() == 0 else []
        if os.path.exists(self.data):  # one that was kept
            return self.start()
        os.mkdir(self.data)
        if self.user:
            shutil.chown(self.data, "postgres", "postgres")
        self._run("initdb", "-D", self.data, "-U", "test", "-A", "trust", "-E", "UTF8", "--locale=C", *initdb)
        self.start()

    def _run(self, program, *arguments, check=True):
        return subprocess.run([*self.user, f"{self.bin}/{program}", *arguments], check=check, stdout=subprocess.PIPE,
                              stderr=None if check else subprocess.DEVNULL, text=True, cwd="/").stdout

    def start(self):
        with open(self.log, "a") as log:
            self.process = subprocess.Popen(
                [*self.wrapper, *self.user, f"{self.bin}/postgres", "-D", self.data, "-p", str(self.port), "-h", "127.0.0.1", "-k", self.data,
                 "-c", f"max_connections={self.connections}"], stdout=log, stderr=log)
        until(lambda: subprocess.run([f"{self.bin}/pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)]).returncode == 0, 60)

    def configure(self, files=None, **settings):
        """Settings for the next start, which comes at once; `files` puts what they name in place."""
        with open(f"{self.data}/postgresql.conf", "a") as file:
            file.writelines(f"{name} = '{value}'\n" for name, value in settings.items())
        if files:
            files()
        self.stop()
        self.start()

    def reload(self):
        self.process.send_signal(signal.SIGHUP)
        time.sleep(0.1)  # nothing tells when it has read its files

    def stop(self, how=signal.SIGINT):
        """SIGINT: fast; SIGQUIT: immediate, as in a crash."""
        self.process.send_signal(how)
        self.process.wait()

    def create(self, database):
        self._run("createdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", "test", database)

    def query(self, database, text, check=True):
        """Lines of values separated by |."""
        return self._run("psql", "-h", "127.0.0.1", "-p", str(self.port), "-U", "test", "-XAtq", "-c", text, database, check=check).splitlines()

    def processes(self):
        """The server's own and those of its connections."""
        pids = [self.process.pid]
        for path in glob.glob("/proc/[0-9]*/stat"):
            try:
                with open(path) as stat:
                    fields = stat.read().rsplit(")", 1)[1].split()
            except OSError:  # it has ended meanwhile
                continue
            if int(fields[1]) == self.process.pid:
                pids.append(int(path.split("/")[2]))
        return pids

    def signal_all(self, which):
        for pid in self.processes():
            try:
                os.kill(pid, which)
            except ProcessLookupError:
                pass
