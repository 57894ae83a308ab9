# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""Black-box tests: a Latchkey of their own on free ports, a small browser, TAP."""
import base64
import html.parser
import http.client
import http.server
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


class Tap:
    count = failed = 0

    def ok(self, condition, name, detail=None):
        self.count += 1
        self.failed += not condition
        print(f"{'ok' if condition else 'not ok'} {self.count} - {name}", flush=True)
        if not condition and detail is not None:
            print("# " + str(detail).replace("\n", "\n# ")[:2000], flush=True)

    def is_(self, got, expected, name):
        self.ok(got == expected, name, f"got {got!r}, expected {expected!r}")

    def done(self):
        print(f"1..{self.count}")
        sys.exit(1 if self.failed else 0)


class Answer:
    def __init__(self, response, url):
        self.status, self.url = response.status, url
        self.headers = {name.lower(): value for name, value in response.getheaders()}
        self.cookies = [value for name, value in response.getheaders() if name.lower() == "set-cookie"]
        self.body = response.read()

    @property
    def text(self):
        return self.body.decode()

    def json(self):
        return json.loads(self.body)

    def location(self):
        parts = urlsplit(self.headers.get("location", ""))
        return dict(parse_qsl(parts.query or parts.fragment))


class Form(html.parser.HTMLParser):
    """A page's first form."""

    def __init__(self, text):
        super().__init__()
        self.action, self.fields, self.count = None, {}, 0
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        a = dict(attrs)
        if tag == "form":
            self.count += 1
            self.action = a["action"] if self.count == 1 else self.action
        elif tag == "input" and a.get("type") == "hidden" and self.count < 2:
            self.fields[a["name"]] = a.get("value", "")


class Browser:
    """Keeps cookies as browsers do for a loopback address, where Secure ones are sent over plain HTTP too."""

    def __init__(self):
        self.cookies = {}  # (path, name): value

    def request(self, method, url, form=None, headers=None, body=None):
        parts = urlsplit(url)
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=30)
        headers = dict(headers or {})
        sent = [f"{name}={value}" for (path, name), value in self.cookies.items() if parts.path.startswith(path)]
        if sent:
            headers["Cookie"] = "; ".join(sent)
        if form is not None:
            body = urlencode(form)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, parts.path + ("?" + parts.query if parts.query else ""), body=body, headers=headers)
        answer = Answer(connection.getresponse(), url)
        connection.close()
        for cookie in answer.cookies:
            name, value = cookie.split(";")[0].split("=", 1)
            path = re.search(r";\s*path=([^;]*)", cookie, re.I)
            key = (path[1] if path else "/", name)
            if re.search(r";\s*Max-Age=0\b|01 Jan 1970", cookie):
                self.cookies.pop(key, None)
            else:
                self.cookies[key] = value
        return answer

    def get(self, url, **kw):
        return self.request("GET", url, **kw)

    def submit(self, page, **fields):
        form = Form(page.text)
        return self.request("POST", urljoin(page.url, form.action), {**form.fields, **fields})


def claims(token):
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


class Service(http.server.BaseHTTPRequestHandler):
    """What a test's own web server answers: clients, providers, collectors."""

    def log_message(self, *_):
        pass


def serve(handler):
    """Such a server on a free port, until the test ends."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


class Server:
    """A Latchkey on an embedded Postgres in a folder of its own, with the acme realm; ends with the test."""

    def __init__(self, *options, realms=("acme",), edit=lambda text: text):
        self.folder = tempfile.mkdtemp(prefix="lk-api-")
        os.chmod(self.folder, 0o711)
        os.mkdir(f"{self.folder}/import")
        for realm in realms:
            with open(f"{TOP}/t/data/{realm}-export.json") as given, open(f"{self.folder}/import/{realm}-realm.json", "w") as used:
                used.write(edit(given.read()))
        self.log = open(f"{self.folder}/log", "w+")
        program = os.environ.get("LATCHKEY", f"{TOP}/build/latchkey")
        self.process = subprocess.Popen(
            [program, "start-dev", "--import-realm", "--http-host=127.0.0.1", "--http-port=0", "--http-management-port=0", "--health-enabled=true", "--http-relative-path=/auth",
             "--shutdown-delay=0s", f"--data-dir={self.folder}/data", f"--import-dir={self.folder}/import", *options],
            stdout=self.log, stderr=subprocess.STDOUT, env={**os.environ, "KC_BOOTSTRAP_ADMIN_USERNAME": "admin", "KC_BOOTSTRAP_ADMIN_PASSWORD": "admin"})
        self.port = self._port()
        self.base = f"http://127.0.0.1:{self.port}/auth"

    def output(self):
        self.log.flush()
        with open(self.log.name) as file:
            return file.read()

    def _port(self):
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and self.process.poll() is None:
            found = re.search(r"started in .*?http (?:port )?(\d+)", self.output())
            if found:
                return int(found[1])
            time.sleep(0.05)
        print("Bail out! Latchkey did not start:\n" + self.output())
        sys.exit(1)

    def admin(self, method, path, body=None):
        """A call of the admin REST API, as its administrator."""
        form = {"grant_type": "password", "client_id": "admin-cli", "username": "admin", "password": "admin"}
        token = Browser().request("POST", self.base + "/realms/master/protocol/openid-connect/token", form).json()["access_token"]
        head = {"Authorization": "Bearer " + token, "Content-Type": "application/json"}
        return Browser().request(method, self.base + "/admin" + path, headers=head, body=json.dumps(body) if body is not None else None)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(timeout=30)
        assert status in (0, -signal.SIGKILL), f"Latchkey ended with {status}:\n{self.output()[-4000:]}"  # a sanitizer's finding
        shutil.rmtree(self.folder, ignore_errors=True)
        return status
