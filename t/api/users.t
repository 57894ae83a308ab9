#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""Users from their making to their end: searched, mailed, signed in by the links of mails, and by themselves over the account REST API."""
import json
import os
import re
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from latchkey import Browser, Server, Tap  # noqa: E402
from mail_sink import Sink  # noqa: E402


class Tokens(BaseHTTPRequestHandler):
    """A token endpoint for the mail server's XOAUTH2."""

    def do_POST(self):
        asked = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps({"access_token": "mail-token", "asked": asked}).encode())

    def log_message(self, *args):
        pass


tap, server, sink = Tap(), Server(), Sink()
try:
    realm = "/realms/acme"
    mails = {"host": "127.0.0.1", "port": str(sink.port), "from": "latchkey@example.test", "fromDisplayName": "Würfel \"AG\"\r\nBcc: all@example.test"}
    ask = lambda method, path, body=None: server.admin(method, realm + path, body)  # noqa: E731
    tap.is_(ask("PUT", "", {"resetPasswordAllowed": True, "passwordPolicy": "", "smtpServer": mails, "internationalizationEnabled": True, "supportedLocales": ["en", "de"], "defaultLocale": "en"}).status, 204, "a mail server")

    # --- made, found, changed ---
    made = ask("POST", "/users", {"username": "Mia", "email": "Mia@Example.test", "firstName": "Mia", "lastName": "Müller", "enabled": True, "credentials": [{"type": "password", "value": "one"}]})
    tap.is_(made.status, 201, "made")
    mia = made.headers["location"].rsplit("/", 1)[1]
    tap.is_(ask("POST", "/users", {"username": "mia"}).status, 409, "a name is taken once")
    for query, found in (("search=MÜLL".encode().decode(), 1), ("search=*ia", 1), ("search=%22mia%22", 1), ("search=ia", 0), ("search=m*r", 1), ("search=m*q", 0), ("search=i*m", 0), ("lastName=ller", 1), ("email=mia@", 1), ("username=i", None)):
        listed = ask("GET", "/users?" + query.replace("Ü", "%C3%9C")).json()
        names = [user["username"] for user in listed]
        tap.ok("mia" in names if found is None or found else "mia" not in names, "found by " + query if found != 0 else "not found by " + query, names)
    tap.is_(ask("GET", "/users/count?search=mia").json(), 1, "counted")
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(ask("POST", "/users", {"username": "twin", "enabled": True}).status)) for _ in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    tap.is_(sorted(answers), [201, 409, 409, 409], "four at once: one is made")
    refused = ask("POST", "/users", {"username": "half", "groups": ["/nowhere"], "enabled": True})
    tap.is_([refused.status, ask("GET", "/users?username=half&exact=true").json()], [400, []], "what is refused leaves nothing behind")

    # --- a forgotten password ---
    app = f"{server.base}{realm}/protocol/openid-connect/auth?client_id=web&response_type=code&scope=openid&redirect_uri="
    client = {"clientId": "web", "publicClient": True, "redirectUris": ["http://app.test/*"], "enabled": True}
    ask("POST", "/clients", client)
    person = Browser()
    page = person.get(app + "http://app.test/cb")
    link = re.search(r'href="([^"]*reset-credentials[^"]*)"', page.text)[1].replace("&amp;", "&")
    page = person.submit(person.get(f"http://127.0.0.1:{server.port}{link}" if link.startswith("/") else link), username="mia@example.test")
    tap.ok("You should receive an email" in page.text, "a mail is promised")
    mail = sink.wait(1)
    tap.is_([mail.envelope["to"], mail["to"], mail["bcc"]], [["mia@example.test"], "mia@example.test", None], "to her alone")
    tap.ok("Würfel" in mail["from"] and mail["from"].endswith("<latchkey@example.test>"), "from the realm, its name encoded", mail["from"])
    tap.ok(mail.links[0] in mail.body("html").replace("&amp;", "&"), "the HTML part has the same link")
    stranger = Browser()
    changed = re.sub("(key=.{20}).", lambda match: match[1] + ("A" if match[0][-1] != "A" else "B"), mail.links[0])
    tap.is_(stranger.get(changed).status, 400, "a link that was changed is none")
    page = person.get(mail.links[0])
    page = person.get(page.headers.get("location", "")) if page.status == 302 else page
    page = person.submit(page, **{"password-new": "two", "password-confirm": "two"})
    tap.ok(page.status == 302 and page.headers.get("location", "").startswith("http://app.test/cb") and "code=" in page.headers.get("location", ""), "the new password signs in", page.headers.get("location", ""))
    tap.is_(person.get(mail.links[0]).status, 400, "the link is good once")
    password = lambda word: Browser().request("POST", f"{server.base}{realm}/protocol/openid-connect/token", {"grant_type": "password", "client_id": "admin-cli", "username": "mia", "password": word, "scope": "openid"})  # noqa: E731
    tap.is_([password("one").status, password("two").status], [400, 200], "the old one is no more")

    # --- in her language, asked by an administrator, by a mail server with a token ---
    tokens = HTTPServer(("127.0.0.1", 0), Tokens)
    threading.Thread(target=tokens.serve_forever, daemon=True).start()
    strict = Sink(auth="AUTH")
    ask("PUT", "", {"smtpServer": {**mails, "port": str(strict.port), "auth": "true", "authType": "token", "user": "mailer", "authTokenUrl": f"http://127.0.0.1:{tokens.server_port}/", "authTokenClientId": "c", "authTokenClientSecret": "s"}})
    profile = ask("GET", "/users/profile").json()
    ask("PUT", "/users/profile", {**profile, "unmanagedAttributePolicy": "ENABLED"})
    ask("PUT", f"/users/{mia}", {**ask("GET", f"/users/{mia}").json(), "attributes": {"locale": ["de"]}})
    tap.is_(ask("PUT", f"/users/{mia}/execute-actions-email?lifespan=2", ["UPDATE_PROFILE"]).status, 204, "actions by mail")
    mail = strict.wait(1)
    tap.ok("Verwaltung" in mail.body("plain") and "Ihre Daten" in mail.body("plain") and "2 Sekunden" in mail.body("plain"), "in German", mail.body("plain"))
    tap.ok("mail-token" in __import__("base64").b64decode(mail.envelope["auth"].split()[-1]).decode(), "the mail server is shown the token")
    time.sleep(2.1)
    tap.is_(Browser().get(mail.links[0]).status, 400, "a link that has expired")
    strict.close()
    tap.is_(ask("PUT", f"/users/{mia}/send-verify-email").status, 500, "a mail server that is away is said")
    tap.is_(ask("POST", "/testSMTPConnection", {"host": "127.0.0.1", "port": str(sink.port), "from": "a@b.test"}).status, 500, "an administrator without an address gets no test mail")

    # --- her own account ---
    token = password("two").json()["access_token"]
    head = {"Authorization": "Bearer " + token, "Content-Type": "application/json", "Accept": "application/json"}
    mine = lambda method, path, body=None: Browser().request(method, f"{server.base}{realm}/account{path}", headers=head, body=json.dumps(body) if body is not None else None)  # noqa: E731
    me = mine("GET", "/")
    if me.status == 200:
        tap.is_(me.json()["username"], "mia", "her profile")
    else:
        tap.is_(me.status, 401, "a token that is not for the account is refused")
    tap.is_(Browser().get(f"{server.base}{realm}/account/", headers={"Accept": "application/json"}).status, 401, "nobody else's")
    tap.ok("Account Management" in Browser().get(f"{server.base}{realm}/account").text, "the page")

    # --- the end ---
    tap.ok(len(ask("GET", f"/users/{mia}/sessions").json()) >= 1, "sessions")
    tap.is_(ask("POST", f"/users/{mia}/logout").status, 204, "signed out")
    tap.is_(ask("GET", f"/users/{mia}/sessions").json(), [], "everywhere")
    tap.is_(ask("DELETE", f"/users/{mia}").status, 204, "and gone")
    tap.is_(ask("GET", f"/users/{mia}").status, 404, "for good")
    tap.is_(server.stop(), 0, "a graceful end")
finally:
    if server.process.poll() is None:
        server.process.kill()
tap.done()
