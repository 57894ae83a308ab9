#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""What each address says to a stranger: without a login, without an administrator's token."""
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from latchkey import Browser, Server, Tap  # noqa: E402

REALM, OIDC, ACTIONS, ADMIN = "/realms/{realm}", "/realms/{realm}/protocol/openid-connect", "/realms/{realm}/login-actions", "/admin/realms/{realm}"
TABLE = [
    ("GET", "/", 302), ("GET", "/admin", 302), ("GET", "/resources/{version}/{type}/{theme}/{path*}", 200),
    ("GET", REALM, 200), ("GET", REALM + "/.well-known/openid-configuration", 200), ("GET", REALM + "/.well-known/oauth-authorization-server", 200),
    ("GET", REALM + "/nothing", 404), ("GET", REALM + "/protocol/nothing/auth", 404),
    ("GET", OIDC + "/certs", 200), ("POST", OIDC + "/token", 400), ("GET", OIDC + "/token", 405), ("GET", OIDC + "/userinfo", 401),
    ("POST", OIDC + "/token/introspect", 401), ("POST", OIDC + "/revoke", 401), ("GET", OIDC + "/logout", 200), ("POST", OIDC + "/logout/logout-confirm", 400),
    ("GET", OIDC + "/auth", 400), ("GET", OIDC + "/registrations", 400), ("GET", OIDC + "/login-status-iframe.html", 200),
    ("GET", OIDC + "/login-status-iframe.html/init", 403), ("GET", OIDC + "/3p-cookies/{page}", 200),
    ("GET", ACTIONS + "/authenticate", 400), ("POST", ACTIONS + "/authenticate", 400), ("GET", ACTIONS + "/required-action", 400),
    ("POST", ACTIONS + "/required-action", 400), ("POST", ACTIONS + "/consent", 400), ("GET", ACTIONS + "/registration", 400),
    ("GET", ACTIONS + "/reset-credentials", 400), ("GET", ACTIONS + "/restart", 400), ("GET", ACTIONS + "/action-token", 400),
    ("GET", "/admin/realms", 401), ("POST", "/admin/realms", 401), ("GET", ADMIN, 401), ("PUT", ADMIN, 401), ("DELETE", ADMIN, 401),
    ("GET", ADMIN + "/clients", 401), ("POST", ADMIN + "/clients", 401), ("GET", ADMIN + "/clients/{id}", 401), ("PUT", ADMIN + "/clients/{id}", 401),
    ("DELETE", ADMIN + "/clients/{id}", 401), ("POST", ADMIN + "/clients/{id}/protocol-mappers/models", 401),
    ("PUT", ADMIN + "/clients/{id}/default-client-scopes/{scope}", 401), ("DELETE", ADMIN + "/clients/{id}/optional-client-scopes/{scope}", 401),
    ("POST", ADMIN + "/clients/{id}/scope-mappings/realm", 401), ("GET", ADMIN + "/client-scopes", 401), ("POST", ADMIN + "/client-scopes", 401),
    ("POST", ADMIN + "/client-scopes/{scope}/scope-mappings/realm", 401), ("GET", ADMIN + "/roles/{role}", 401), ("GET", ADMIN + "/groups", 401),
    ("PUT", ADMIN + "/groups/{id}", 401), ("GET", ADMIN + "/users", 401), ("GET", ADMIN + "/users/count", 401), ("GET", ADMIN + "/users/profile", 401),
    ("PUT", ADMIN + "/users/profile", 401), ("GET", ADMIN + "/users/{id}", 401), ("PUT", ADMIN + "/users/{id}", 401), ("POST", ADMIN + "/users/{id}/logout", 401),
]
VALUES = {"realm": "acme", "version": "any", "type": "login", "theme": "base", "path*": "css/login.css", "page": "step1.html"}

tap, server = Tap(), Server()
try:
    for method, path, expected in TABLE:
        url = server.base + re.sub(r"\{([^}]*)\}", lambda m: VALUES.get(m[1], "00000000-0000-4000-8000-000000000000"), path)
        answer = Browser().request(method, url, form={} if method == "POST" and "/admin/" not in path else None, body=None)
        tap.is_(answer.status, expected, f"{method} {path}")
        if answer.status >= 400 and b"<html" not in answer.body and answer.body:
            tap.ok("error" in answer.json() or "errorMessage" in answer.json(), "  with a JSON error")
    answer = Browser().request("GET", server.base + "/admin/realms/acme", headers={"Authorization": "Bearer eyJhbGciOiJub25lIn0.e30."})
    tap.is_(answer.status, 401, "an unsigned token is none")
    tap.is_(server.stop(), 0, "a graceful end")
finally:
    if server.process.poll() is None:
        server.process.kill()
tap.done()
