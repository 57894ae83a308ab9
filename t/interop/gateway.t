#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""The seam that matters: everything but /auth needs a login, which Latchkey gives behind the same gateway. A person's way through it is
in gateway.mjs, in a real browser; here is what she does not see."""
import json
import time

import yaml
from echo import Echo
from person import Person
from stack import TEMPLATES, Browser, Stack, Tap, claims, free_port, run_node

gateway, authorizer = free_port(), free_port()
origin = f"http://127.0.0.1:{gateway}"
issuer = f"{origin}/auth/realms/acme"
oidc = f"{issuer}/protocol/openid-connect"


def at_the_gateway(realm):
    """The acme realm with the gateway's addresses, and a client that has nothing to do with the service."""
    realm = json.loads(realm.replace("http://localhost:4180/oauth2/callback", f"{origin}/*")
                       .replace("http://127.0.0.1:9/backchannel", f"http://127.0.0.1:{authorizer}/oauth2/callback?logout=backchannel"))
    realm["clients"].append({"clientId": "other", "secret": "other-secret", "serviceAccountsEnabled": True, "fullScopeAllowed": False})
    return json.dumps(realm)


def mint(realm, **form):
    return Browser().request("POST", f"{realm}/protocol/openid-connect/token", form).json()["access_token"]


tap = Tap()
with Stack() as stack:
    latchkey = stack.latchkey("--proxy-headers=xforwarded", f"--hostname={origin}/auth", edit=at_the_gateway)
    stack.relying_party(authorizer, origin=origin, issuer=issuer, redis=stack.redis().port, refresh_before=598)
    service = stack.service(Echo)
    policies = list(yaml.safe_load_all((TEMPLATES / "policies.yaml").read_text()))
    sidecar = stack.sidecar(origin, [gateway], service, documents=policies).port
    stack.gateway(gateway, [latchkey.port], authorizer, [sidecar])

    run_node(tap, "interop/gateway.mjs", ORIGIN=origin)

    stranger = Person(origin)
    for path in ("/", "/private", "//private", "/authx", "/AUTH/x", "/auth/../private", "/auth/%2e%2e/private"):
        answer = stranger.get(origin + path, headers={"Accept": "text/html"})
        tap.ok(answer.status == 302 and answer.headers["location"].startswith(oidc), f"{path} needs a login", (answer.status, answer.headers))
    tap.is_(stranger.page(issuer).status, 200, "/auth does not")
    tap.is_(stranger.script("/private").status, 401, "a script without a session is refused, not sent to a page")

    bob = Person(origin, "bob", "canwefixit1")
    seen = bob.script("/a", **{"X-Auth-Request-User": "root", "X-Auth-Request-Groups": "/admins", "X-Auth-Request-Access-Token": "forged"}).json()
    token = claims(seen["headers"]["x-auth-request-access-token"])
    tap.is_((seen["name"], seen["groups"]), ("bob", "/staff"), "what a client claims about itself is overwritten")
    tap.is_((token["iss"], token["sub"]), (issuer, seen["user"]), "tokens name the gateway as their issuer")
    tap.is_(bob.script("/a", "PUT").status, 200, "each method passes")
    time.sleep(2.1)  # of the 600 seconds that the token lives, the relying party trusts 2
    fresh = claims(bob.script("/a").json()["headers"]["x-auth-request-access-token"])
    tap.ok(fresh["iat"] > token["iat"] and fresh["sid"] == token["sid"], "a stale token is refreshed", fresh)

    alice = Person(origin, "alice", "wonderland1")
    tap.is_([person.script("/reports").status for person in (alice, bob)], [200, 403], "the sidecar's policy on a role of the token")
    token = alice.script("/a").json()["headers"]["authorization"].removeprefix("Bearer ")
    for what, bearer, status, reason in (
            ("a good token", token, 200, "Echo"),
            ("no token", None, 403, "RBAC: access denied"),
            ("a token with another signature", token[:-8] + "AAAAAAAA", 401, "Jwt verification fails"),
            ("a token of another realm", mint(f"{latchkey.base}/realms/master", client_id="admin-cli", grant_type="password", username="admin", password="admin"), 401, "Jwt issuer is not configured"),
            ("the token of another client", mint(issuer, client_id="other", client_secret="other-secret", grant_type="client_credentials"), 403, "Audiences in Jwt are not allowed")):
        answer = stranger.get(f"http://127.0.0.1:{sidecar}/", headers={"Authorization": f"Bearer {bearer}"} if bearer else {})
        tap.ok(answer.status == status and reason in answer.text, f"the sidecar and {what}: {status}", (answer.status, answer.text))

    bob.submit(bob.page(f"{oidc}/logout"), confirmLogout="Logout")
    tap.is_(bob.script("/a").status, 401, "a logout at Latchkey ends the relying party's session by the back channel")
    stack.done(tap)
