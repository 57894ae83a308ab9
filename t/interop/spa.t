#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""Applications that run in the browser: keycloak-js, Keycloak's own adapter, and oidc-client-ts. The walk is in spa.mjs."""
from stack import TOP, Service, Stack, Tap, run_node

LIBRARIES = {"/keycloak.js": "keycloak-js/lib/keycloak.js", "/oidc-client-ts.js": "oidc-client-ts/dist/esm/oidc-client-ts.js",
             "/jwt-decode": "jwt-decode/build/esm/index.js"}
PAGE = """<!doctype html><html lang="en"><title>App</title><script type="importmap">{"imports": {"jwt-decode": "/jwt-decode"}}</script>
<script type="module">
import Keycloak from "/keycloak.js";
import { UserManager } from "/oidc-client-ts.js";
Object.assign(window, { Keycloak, UserManager });
</script><h1>App</h1>"""
TELL = "<!doctype html><title>Silent</title><script>parent.postMessage({}, location.origin)</script>"
PAGES = {"/silent": TELL.format("location.href"), "/silent-renew": TELL.format('{source: "oidc-client", url: location.href}')}  # as each library wants it


class App(Service):
    def answer(self):
        path = self.path.split("?")[0]
        if path in LIBRARIES:
            with open(f"{TOP}/t/node_modules/{LIBRARIES[path]}") as file:
                return 200, {"Content-Type": "text/javascript"}, file.read()
        return 200, {"Content-Type": "text/html"}, PAGES.get(path, PAGE)


tap = Tap()
with Stack() as stack:
    app = f"http://127.0.0.1:{stack.service(App)}"
    latchkey = stack.latchkey(edit=lambda realm: realm.replace("http://localhost:3000", app))
    run_node(tap, "interop/spa.mjs", APP=app, AUTH=latchkey.base)
    stack.done(tap)
