#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""The application of the quick start: signs people in at Latchkey and shows what it was told about them.

demo-app.py PORT ISSUER CLIENT_ID: authorization code with PKCE, nothing beyond Python's own library. A demonstration: it keeps its
sessions in memory and trusts the tokens because they come from Latchkey's own token endpoint.
"""
import base64
import hashlib
import html
import http.cookies
import http.server
import json
import secrets
import sys
import urllib.error
import urllib.parse
import urllib.request

PORT, ISSUER, CLIENT = int(sys.argv[1]), sys.argv[2], sys.argv[3]
ENDPOINT = ISSUER + "/protocol/openid-connect/"
HOME = f"http://localhost:{PORT}/"
sessions = {}  # by cookie: {"state", "verifier"} during a login, then {"claims", "id_token"}

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Harbour Coffee</title>
<style>body{{font:17px/1.5 system-ui,sans-serif;max-width:46em;margin:4em auto;padding:0 1em;color:#222}}
td{{padding:.25em 1em .25em 0;vertical-align:top;border-top:1px solid #ddd}}code{{word-break:break-all}}
a.button{{background:#16425b;color:#fff;padding:.5em 1.2em;border-radius:.4em;text-decoration:none}}</style>
<h1>Harbour Coffee</h1>{}</html>"""


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def claims_of(token):
    body = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))


def table(claims):
    text = lambda value: value if isinstance(value, str) else json.dumps(value)
    rows = "".join(f"<tr><td>{html.escape(k)}<td><code>{html.escape(text(v))}</code>" for k, v in sorted(claims.items()))
    return f"<table>{rows}</table>"


class Handler(http.server.BaseHTTPRequestHandler):
    def session(self):
        cookie = http.cookies.SimpleCookie(self.headers.get("Cookie", "")).get("demo")
        return sessions.get(cookie.value if cookie else None)

    def redirect(self, location, cookie=None):
        self.send_response(302)
        self.send_header("Location", location)
        if cookie:
            self.send_header("Set-Cookie", f"demo={cookie}; Path=/; HttpOnly; SameSite=Lax")
        self.end_headers()

    def page(self, body, status=200):
        data = PAGE.format(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        path, _, query = self.path.partition("?")
        actions = {"/": self.home, "/login": self.login, "/callback": self.callback, "/logout": self.logout}
        actions.get(path, lambda _: self.page("<p>There is no such page.</p>", 404))(dict(urllib.parse.parse_qsl(query)))

    def home(self, _):
        session = self.session()
        if not session or "claims" not in session:
            return self.page('<p>Nobody is signed in.</p><p><a class="button" href="/login">Sign in</a></p>')
        name = html.escape(session["claims"].get("name", "you"))
        self.page(f'<p>Good to see you, <b>{name}</b>. The access token says:</p>{table(session["claims"])}'
                  '<p><a class="button" href="/logout">Sign out</a></p>')

    def login(self, _):
        key, session = secrets.token_urlsafe(24), {"state": secrets.token_urlsafe(16), "verifier": secrets.token_urlsafe(48)}
        sessions[key] = session
        challenge = b64(hashlib.sha256(session["verifier"].encode()).digest())
        self.redirect(ENDPOINT + "auth?" + urllib.parse.urlencode({
            "client_id": CLIENT, "response_type": "code", "scope": "openid profile email", "redirect_uri": HOME + "callback",
            "state": session["state"], "code_challenge": challenge, "code_challenge_method": "S256"}), key)

    def callback(self, query):
        session = self.session()
        if not session or query.get("state") != session.get("state") or "code" not in query:
            return self.page(f'<p>The sign-in did not succeed: {html.escape(query.get("error_description", query.get("error", "unknown state")))}</p>', 400)
        form = {"grant_type": "authorization_code", "client_id": CLIENT, "code": query["code"], "redirect_uri": HOME + "callback",
                "code_verifier": session["verifier"]}
        try:
            with urllib.request.urlopen(ENDPOINT + "token", urllib.parse.urlencode(form).encode(), timeout=10) as answer:
                tokens = json.load(answer)
        except urllib.error.URLError as error:
            return self.page(f"<p>The code was not accepted: {html.escape(str(error))}</p>", 502)
        session.clear()
        session.update(claims=claims_of(tokens["access_token"]), id_token=tokens["id_token"])
        self.redirect("/")

    def logout(self, _):
        session = self.session() or {}
        token, hint = session.pop("id_token", None), {"post_logout_redirect_uri": HOME, "client_id": CLIENT}
        session.clear()
        self.redirect(ENDPOINT + "logout?" + urllib.parse.urlencode({**hint, **({"id_token_hint": token} if token else {})}))

    def log_message(self, *_):
        pass


http.server.ThreadingHTTPServer(("127.0.0.1", PORT), Handler).serve_forever()
