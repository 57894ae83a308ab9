#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""The seam that matters: everything but /auth needs a login, which Latchkey gives behind the same gateway. A person's way through it is
in gateway.mjs, in a real browser; here is what she does not see."""
import time
from urllib.parse import urljoin

from echo import Echo
from stack import Browser, Stack, Tap, claims, free_port, run_node

JSON, PAGE = {"Accept": "application/json"}, {"Accept": "text/html"}
gateway, authorizer = free_port(), free_port()
origin = f"http://127.0.0.1:{gateway}"
oidc = f"{origin}/auth/realms/acme/protocol/openid-connect"


def at_the_gateway(realm):
    return (realm.replace("http://localhost:4180/oauth2/callback", f"{origin}/*")
            .replace("http://127.0.0.1:9/backchannel", f"http://127.0.0.1:{authorizer}/oauth2/callback?logout=backchannel"))


def follow(browser, answer):
    while answer.status in (302, 303):
        answer = browser.get(urljoin(answer.url, answer.headers["location"]), headers=PAGE)
    return answer


def sign_in(username, password):
    browser = Browser()
    page = follow(browser, browser.get(f"{origin}/start", headers=PAGE))
    follow(browser, browser.submit(page, username=username, password=password))
    return browser


tap = Tap()
with Stack() as stack:
    latchkey = stack.latchkey("--proxy-headers=xforwarded", edit=at_the_gateway)
    redis = stack.redis()
    stack.relying_party(authorizer, origin=origin, issuer=f"{origin}/auth/realms/acme", redis=redis.port, refresh_before=598)
    stack.gateway(gateway, latchkey=latchkey.port, authorizer=authorizer, echo=stack.service(Echo))

    run_node(tap, "interop/gateway.mjs", ORIGIN=origin)

    for path in ("/", "/private", "//private", "/authx", "/AUTH/x", "/auth/../private", "/auth/%2e%2e/private"):
        answer = Browser().get(origin + path, headers=PAGE)
        tap.ok(answer.status == 302 and answer.headers["location"].startswith(oidc), f"{path} needs a login", (answer.status, answer.headers))
    tap.is_(Browser().get(f"{origin}/auth/realms/acme").status, 200, "/auth does not")
    tap.is_(Browser().get(f"{origin}/private", headers=JSON).status, 401, "a script without a session is refused, not sent to a page")

    bob = sign_in("bob", "canwefixit1")
    seen = bob.get(f"{origin}/a", headers={**JSON, "X-Auth-Request-User": "root", "X-Auth-Request-Groups": "/admins", "X-Auth-Request-Access-Token": "forged"}).json()
    token = seen["headers"]["x-auth-request-access-token"]
    tap.is_((seen["name"], seen["groups"]), ("bob", "/staff"), "what a client claims about itself is overwritten")
    tap.is_((claims(token)["iss"], claims(token)["sub"]), (f"{origin}/auth/realms/acme", seen["user"]), "tokens name the gateway as their issuer")
    tap.is_(bob.request("PUT", f"{origin}/a", headers=JSON).status, 200, "each method passes")
    time.sleep(2.1)  # of the 600 seconds that the token lives, the relying party trusts 2
    fresh = bob.get(f"{origin}/a", headers=JSON).json()["headers"]["x-auth-request-access-token"]
    tap.ok(claims(fresh)["iat"] > claims(token)["iat"] and claims(fresh)["sid"] == claims(token)["sid"], "a stale token is refreshed", claims(fresh))

    follow(bob, bob.submit(bob.get(f"{oidc}/logout"), confirmLogout="Logout"))
    tap.is_(bob.get(f"{origin}/a", headers=JSON).status, 401, "a logout at Latchkey ends the relying party's session by the back channel")
    stack.done(tap)
