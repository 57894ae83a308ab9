#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""A service made with Spring Security (spring-client/Service.java): it discovers Latchkey, signs persons in by code with PKCE, refreshes, exchanges,
proves itself by a key of its own, and takes tokens, bearer and DPoP, by the published keys."""
import json
import pathlib
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(TOP / part) for part in ("t/keycloak", "t/api", "t")]
from keycloak import jars_of  # noqa: E402
from latchkey import Browser, Server, Tap, claims  # noqa: E402
from postgres import free_port  # noqa: E402
from signing import Key, proof  # noqa: E402

ALICE = "cc3d2665-1b70-4c12-aa35-4f78ad826e1a"
PORT = free_port()
APP = f"http://127.0.0.1:{PORT}"


def with_spring(realm):
    """Two clients of the service, and a role that alice has and bob has not."""
    realm = json.loads(realm)
    spring = {"clientId": "spring", "secret": "spring-secret", "redirectUris": [APP + "/*"], "publicClient": False, "directAccessGrantsEnabled": True,
              "attributes": {"post.logout.redirect.uris": "+", "standard.token.exchange.enabled": "true", "pkce.code.challenge.method": "S256",
                             "backchannel.logout.url": APP + "/logout/connect/back-channel/latchkey", "backchannel.logout.session.required": "true"}}
    machine = {"clientId": "spring-machine", "clientAuthenticatorType": "client-jwt", "publicClient": False, "serviceAccountsEnabled": True,
               "attributes": {"use.jwks.url": "true", "jwks.url": APP + "/jwks"}}
    next(user for user in realm["users"] if user["username"] == "alice")["realmRoles"].append("auditor")
    realm["roles"]["realm"].append({"name": "auditor"})
    realm["clients"] += [spring, machine]
    return json.dumps(realm)


def sign_in(browser, name="alice", password="wonderland1"):
    """Opens /me and goes where it leads; the answer in the end."""
    page = browser.get(APP + "/me")
    for _ in range(8):
        if "location" in page.headers:
            page = browser.get(page.headers["location"])
        elif 'id="kc-form-login"' in page.text:
            page = browser.submit(page, username=name, password=password)
        else:
            break
    return page


def person(tap):
    browser = Browser()
    me = sign_in(browser).json()
    scopes = me.pop("scopes", [])
    tap.is_(me, {"sub": ALICE, "email": "alice@example.test", "userinfo": "alice", "nonce": True}, "oauth2Login: code with PKCE and nonce, ID token, userinfo")
    tap.ok({"OIDC_USER", "SCOPE_openid", "SCOPE_email"} <= set(scopes), "the scopes are authorities", scopes)
    fresh = browser.get(APP + "/refresh").json()
    tap.ok(fresh["fresh"] and claims(fresh["token"])["sub"] == ALICE, "the manager refreshes")
    exchanged = browser.get(APP + "/exchange").json()
    tap.is_((claims(exchanged["token"])["sub"], claims(exchanged["token"])["azp"]), (ALICE, "spring"), "token exchange")
    out = browser.get(APP + "/logout")
    tap.ok("id_token_hint=" in out.headers["location"], "logout begins at Spring")
    bye = browser.get(out.headers["location"])
    tap.is_(bye.headers.get("location"), APP + "/bye", "and comes back from the end of the session")
    tap.is_(browser.get(APP + "/me").status, 302, "signed out there")


def ended_elsewhere(tap, server):
    """The session is ended at Latchkey, which tells Spring by the back channel."""
    browser = Browser()
    sign_in(browser)
    admin = Browser().request("POST", server.base + "/realms/master/protocol/openid-connect/token",
                              {"grant_type": "password", "client_id": "admin-cli", "username": "admin", "password": "admin"}).json()["access_token"]
    ended = Browser().request("POST", f"{server.base}/admin/realms/acme/users/{ALICE}/logout", headers={"Authorization": "Bearer " + admin})
    tap.is_((ended.status, browser.get(APP + "/me").status), (204, 302), "back-channel logout: the logout token is taken, and Spring's session has ended")


def takes_tokens(tap, server):
    endpoint = server.base + "/realms/acme/protocol/openid-connect/token"

    def token(name, password, key=None):
        form = {"grant_type": "password", "client_id": "spring", "client_secret": "spring-secret", "username": name, "password": password}
        return Browser().request("POST", endpoint, form, headers={"DPoP": proof(key, "POST", endpoint)} if key else {}).json()["access_token"]

    def at(path, token, scheme="Bearer", **headers):
        return Browser().get(APP + path, headers={"Authorization": f"{scheme} {token}", **headers}).status

    alice, bob, key = token("alice", "wonderland1"), token("bob", "canwefixit1"), Key("ES256")
    bound = token("alice", "wonderland1", key)
    tap.is_([at("/api/any", alice), at("/api/any", bob), at("/api/auditor", alice), at("/api/auditor", bob)], [200, 200, 200, 403], "resource server: tokens by the published keys, realm roles")
    tap.is_([at("/api/any", alice[:-4] + "AAAA"), Browser().get(APP + "/api/any").status], [401, 401], "nothing else is taken")
    url = APP + "/api/any"
    shown = [at("/api/any", bound, "DPoP", DPoP=proof(key, "GET", url, bound)), at("/api/any", bound, "DPoP", DPoP=proof(Key("ES256"), "GET", url, bound))]
    tap.is_(shown, [200, 401], "a DPoP token with its key's proof, and not with another's")


tap, server = Tap(), Server(edit=with_spring)
jars = jars_of("spring-client")
service = subprocess.Popen(["java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx256m", "-cp", f"{jars}/*", str(TOP / "t/keycloak/spring-client/Service.java"),
                            f"{server.base}/realms/acme", str(PORT)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
try:
    said = []
    for line in service.stdout:
        said.append(line)
        if line == "ready\n":
            break
    tap.ok(service.poll() is None and said[-1:] == ["ready\n"], "ClientRegistrations.fromIssuerLocation: Spring understands the discovery document", "".join(said)[-3000:])
    if not tap.failed:
        machine = Browser().get(APP + "/machine")
        tap.is_(claims(machine.json()["token"])["azp"], "spring-machine", "client credentials by private_key_jwt, the key by its JWKS address")
        person(tap)
        ended_elsewhere(tap, server)
        takes_tokens(tap, server)
finally:
    service.stdin.close()
    rest = service.stdout.read() if service.poll() is None else ""
    service.wait(timeout=30)
    server.stop()
if tap.failed:
    print("# " + ("".join(said) + rest)[-4000:].replace("\n", "\n# "))
tap.done()
