# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""The service behind the gateway: a page that shows which headers the gateway forwarded, and what the access token among them says."""
import html
import json

from stack import Service, claims

SHOWN = {"user": "x-auth-request-user", "name": "x-auth-request-preferred-username", "email": "x-auth-request-email", "groups": "x-auth-request-groups"}
PAGE = '<!doctype html><html lang="en"><meta charset="utf-8"><title>Echo</title><h1>Echo</h1><dl>{}</dl><a href="/oauth2/callback?logout={}">Sign out</a></html>'


class Echo(Service):
    def answer(self):
        token = self.headers.get("x-auth-request-access-token", "")
        shown = {name: self.headers.get(header, "") for name, header in SHOWN.items()}
        shown["roles"] = ",".join(claims(token).get("custom_roles", [])) if token else ""
        if "application/json" in self.headers.get("accept", ""):
            return 200, {"Content-Type": "application/json"}, json.dumps({**shown, "headers": dict(self.headers.items())})
        items = "".join(f'<dt>{name}<dd id="{name}">{html.escape(value)}' for name, value in shown.items())
        return 200, {"Content-Type": "text/html; charset=utf-8"}, PAGE.format(items, html.escape(f"http://{self.headers['host']}/"))
