#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""OAuth2-Proxy as the gateway's authorizer: what was recorded of it (oauth2_proxy.py), and the real program. The calls that it makes are
seen of the recorded one alone; what people get is the same of both."""
import concurrent.futures
import json
import time
from urllib.parse import parse_qs, quote, urlsplit

from echo import Echo
from oauth2_proxy import Proxy, service
from person import Person
from stack import Stack, Tap, claims, free_port, program

REFRESH = 1  # seconds after which a session is stale
gateway = free_port()
origin = f"http://127.0.0.1:{gateway}"
issuer = f"{origin}/auth/realms/acme"
callback = f"{origin}/oauth2/callback"


def at_the_gateway(realm):
    """The acme realm with the gateway's addresses, and dave as a user who only has no groups."""
    realm = json.loads(realm.replace("http://localhost:4180/oauth2/callback", f"{origin}/*"))
    dave = next(user for user in realm["users"] if user["username"] == "dave")
    dave.update(requiredActions=[], emailVerified=True)
    return json.dumps(realm)


def recorded(stack, port):
    proxy = Proxy(issuer, "echo", "echo-secret", callback, REFRESH)
    stack.service(service(proxy), port)
    return proxy.calls


def real(stack, port):
    stack.run("oauth2-proxy", [
        program("oauth2-proxy"), "--provider=keycloak-oidc", f"--oidc-issuer-url={issuer}", "--client-id=echo", "--client-secret=echo-secret", f"--redirect-url={callback}",
        f"--http-address=127.0.0.1:{port}", "--reverse-proxy", "--upstream=static://200", "--email-domain=*", "--skip-provider-button", "--skip-jwt-bearer-tokens",
        "--set-xauthrequest", "--set-authorization-header", "--pass-access-token", "--code-challenge-method=S256", "--insecure-oidc-skip-nonce=false",
        "--cookie-secret=0123456789abcdef", "--cookie-secure=false", f"--cookie-refresh={REFRESH}s", "--session-store-type=redis",
        f"--redis-connection-url=redis://127.0.0.1:{stack.redis().port}", f"--whitelist-domain=127.0.0.1:{gateway}"], port)


def eventually(condition, seconds=5):
    """Whether it comes true in time: Latchkey looks for a lost database in growing steps."""
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.2)
    return condition()


def walk(tap, postgres, calls, name):
    def is_call(count, expected, what):
        if calls is not None:
            tap.is_(sorted(calls[count:]), sorted(expected), f"{name}: {what}")

    def mark():
        return len(calls or ())

    asked = Person(origin).page("/orders?a=1&b=2")
    sent = {key: values[0] for key, values in parse_qs(urlsplit(asked.headers["location"]).query).items()}
    tap.ok(asked.status == 302 and sent["approval_prompt"] == "force" and sent["state"].endswith(":" + quote("/orders?a=1&b=2", safe="")), f"{name}: sends to the login with its parameters", sent)

    at = mark()
    alice = Person(origin)
    landed = alice.sign_in("alice", "wonderland1", "/orders?a=1&b=2")
    tap.is_((landed.status, landed.url), (200, f"{origin}/orders?a=1&b=2"), f"{name}: a login leads back to where it began")
    is_call(at, [("authorization_code", "basic", 200)], "the code is redeemed at once, by HTTP Basic")
    seen = alice.script("/a").json()
    groups = seen["groups"].split(",")
    tap.ok({"/staff/leads", "role:writer"} <= set(groups), f"{name}: groups of the ID token, roles of the access token", groups)
    tap.is_((seen["user"], seen["email"]), (claims(seen["headers"]["authorization"])["sub"], "alice@example.test"), f"{name}: the user, and the ID token as the bearer")

    at = mark()
    tap.is_(Person(origin, "dave", "changeme1").landed.status, 200, f"{name}: a user without groups")
    is_call(at, [("authorization_code", "basic", 200), ("userinfo", "bearer", 200)], "is asked about at userinfo")
    tap.is_(Person(origin, "bob", "canwefixit1").landed.status, 403, f"{name}: an address that is not verified is an empty page of the gateway")
    denied = Person(origin).page("/oauth2/callback?error=access_denied&state=x")
    tap.is_(denied.status, 403, f"{name}: an error of the provider is a page")

    time.sleep(REFRESH + 1.1)
    at = mark()
    with concurrent.futures.ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: alice.script("/a"), range(10)))
    tap.is_([answer.status for answer in answers], [200] * 10, f"{name}: ten requests at once on a stale session")
    is_call(at, [("refresh_token", "basic", 200)], "one of which refreshes")
    fresh = answers[0].json()["headers"]["x-auth-request-access-token"]
    tap.ok(fresh != seen["headers"]["x-auth-request-access-token"], f"{name}: a new access token")

    script = Person(origin)
    id_token = answers[0].json()["headers"]["authorization"]
    tap.is_(script.script("/a", Authorization=id_token).status, 200, f"{name}: a bearer token of the client passes")
    forged = id_token[:-9] + "forgeries"
    tap.is_((script.page("/a", Authorization=forged).status, script.script("/a", Authorization=forged).status), (302, 401), f"{name}: a forged one is sent to the login")
    machine = script.request("POST", f"{issuer}/protocol/openid-connect/token", {"grant_type": "client_credentials", "client_id": "echo", "client_secret": "echo-secret"}).json()
    tap.is_(script.page("/a", Authorization="Bearer " + machine["access_token"]).status, 302, f"{name}: and so is a service account, whose address is not verified")

    once = Person(origin, "alice", "wonderland1")  # a session whose ID token still has the nonce
    fresh = once.script("/a").json()["headers"]["x-auth-request-access-token"]
    time.sleep(REFRESH + 1.1)
    postgres.stop()
    at = mark()
    tap.is_(once.script("/a").status, 200, f"{name}: while the database is away a session stays")
    is_call(at, [("refresh_token", way, 503) for way in ("basic", "post")], "because its refresh is told 503")
    postgres.start()
    tap.ok(eventually(lambda: once.script("/a").json()["headers"]["x-auth-request-access-token"] != fresh), f"{name}: and is refreshed when it is back")

    other = Person(origin, "alice", "wonderland1")
    other.submit(other.page(f"{issuer}/protocol/openid-connect/logout"), confirmLogout="Logout")
    time.sleep(REFRESH + 1.1)
    at = mark()
    tap.is_(other.page("/a").status, 302, f"{name}: a session that was ended at Latchkey is sent to the login")
    is_call(at, [("refresh_token", way, 400) for way in ("basic", "post")], "when its refresh was refused, twice")
    tap.is_(other.sign_in("alice", "wonderland1").status, 200, f"{name}: and nobody is locked out by that")

    out = f"{issuer}/protocol/openid-connect/logout?id_token_hint={{id_token}}&post_logout_redirect_uri={quote(origin + '/', safe='')}"
    left = alice.open(f"/oauth2/sign_out?rd={quote(out, safe='')}")
    tap.ok(left.status == 200 and 'id="kc-form-login"' in left.text, f"{name}: the sign-out ends both sessions", (left.status, left.url))


tap = Tap()
with Stack() as stack:
    postgres = stack.postgres()
    latchkey = stack.latchkey("--proxy-headers=xforwarded", f"--hostname={origin}/auth", "--db=postgres", f"--db-url=jdbc:postgresql://127.0.0.1:{postgres.port}/postgres", "--db-username=latchkey", edit=at_the_gateway)
    echo = stack.service(Echo)
    for name, authorizer in {"recorded": recorded, "real": real}.items():
        port = free_port()
        envoy = stack.gateway(gateway, [latchkey.port], port, [echo])
        walk(tap, postgres, authorizer(stack, port), name)
        envoy.stop()
    stack.done(tap)
