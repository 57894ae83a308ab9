#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""The whole system of mesh.py, from nothing to its end: what persons, services, administrators, attackers and a night's restarts do to it."""
import base64
import concurrent.futures
import json
import re
import threading
import time
from urllib.parse import quote, urljoin

import jwt
from mesh import CACHE, CLIENT_SECRET, MANY_ROLES, REFRESH, TOP, Browser, Mesh, claims

import entra
from person import Person
from stack import Tap

ALICE, BOB = ("alice", "wonderland1"), ("bob", "canwefixit1")
tap, begun = Tap(), time.monotonic()


def note(text):
    print(f"# {time.monotonic() - begun:.1f} s: {text}", flush=True)


def eventually(condition, seconds=8):
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.1)
    return condition()


def stale():
    time.sleep(REFRESH + 1.1)


class Signer:
    """Signs as the realm does, by the key that its file has."""

    def __init__(self):
        with open(f"{TOP}/t/data/acme-export.json") as file:
            keys = json.load(file)["components"]["org.keycloak.keys.KeyProvider"]
        (key,) = [key["config"]["privateKey"][0] for key in keys if key["providerId"] == "rsa-generated"]
        self.key = "-----BEGIN RSA PRIVATE KEY-----\n" + key + "\n-----END RSA PRIVATE KEY-----\n"

    def token(self, kid=None, **more):
        now = int(time.time())
        payload = {"iss": mesh.issuer, "sub": "somebody", "aud": "account", "iat": now, "exp": now + 600, "realm_access": {"roles": ["orders-read"]}, **more}
        return jwt.encode(payload, self.key, algorithm="RS256", headers={"kid": kid} if kid else None)


def at_sidecar(token, **headers):
    """What the service's sidecar answers to a caller inside the mesh."""
    answer = Browser().get(f"http://127.0.0.1:{mesh.sidecar_port}/", headers={**({"Authorization": "Bearer " + token} if token else {}), "Accept": "application/json", **headers})
    return answer.status, answer.text


def login_url(answer):
    return answer.status == 302 and answer.headers["location"].startswith(mesh.oidc + "/auth")


def by_entra(person, path="/orders?id=7"):
    """Signs in by the button on Latchkey's page; returns where it ends."""
    page = person.open(path)
    link = re.search(r'id="social-entra"[^>]*href="([^"]+)"|href="([^"]+)"[^>]*id="social-entra"', page.text)
    answer = person.get(urljoin(page.url, (link[1] or link[2]).replace("&amp;", "&")))
    return person.follow(entra.sign_in(person, answer, "alice", person.origin + "/oauth2/callback"))


def person_behind(origin, who=ALICE):
    person = Person(origin)
    person.landed = person.sign_in(*who)
    return person


# --- from nothing ----------------------------------------------------------------------------------------------------------------------


def ask_for_keys(signer, seen):
    """A service that calls another while everything starts, and a cache that fetches keys from each replica."""
    token, deadline = signer.token(), time.monotonic() + 30
    while time.monotonic() < deadline and not ([200, 200] == [seen[-1:] and seen[-1][1], seen[-1:] and seen[-1][2]] and seen[-1][0] == 200):
        row = []
        for port, path in ((mesh.sidecar_port, "/"), *((port, "/auth/realms/acme/protocol/openid-connect/certs") for port in mesh.latchkey_ports)):
            try:
                answer = Browser().get(f"http://127.0.0.1:{port}{path}", headers={"Authorization": "Bearer " + token})
                row.append(answer.status)
                if "certs" in path and answer.status == 200 and not answer.json()["keys"]:
                    row[-1] = "empty"
            except OSError:
                row.append(None)
        seen.append(row)
        time.sleep(0.05)


def from_nothing():
    seen, started = [], time.monotonic()
    mesh.start_all(lambda: ask_for_keys(Signer(), seen))
    took = time.monotonic() - started
    tap.is_(Person(mesh.origin, *ALICE).landed.status, 200, f"all parts started at once on an empty database; a login {took:.1f} s later")
    statistics = mesh.statistics(mesh.sidecar_admin, "jwks_fetch")
    tap.ok(statistics["jwks_fetch_failed"] == 0 and statistics["jwks_fetch_success"] > 0, "without one failed fetch of keys, though tokens came from the first second on", (statistics, seen))
    tap.ok(seen[-1] == [200, 200, 200] and not any(status not in (None, 200, 503) for row in seen for status in row[1:]),
           "replicas are asked for keys from the first moment on: the whole set, or 503 where starting takes very long", seen)
    for number in (0, 1):
        replica = mesh.parts[f"latchkey-{number}"]
        tap.is_([replica.probe(name) for name in ("startupProbe", "readinessProbe", "livenessProbe")], [200] * 3, f"replica {number} is what the chart says: its arguments, variables and probes")
    tap.is_(mesh.database.query("latchkey", "SELECT count(*) > 0 AND bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE usename = 'latchkey'"), ["t"], "they speak TLS with the database")


# --- persons ---------------------------------------------------------------------------------------------------------------------------


def strangers():
    stranger, port = Person(mesh.origin), mesh.ingress
    for path in ("/", "/private", "/authx", "/AUTH/x", "/auth/../private", "/auth/%2e%2e/private"):
        answer = stranger.get(mesh.origin + path, headers={"Accept": "text/html"})
        tap.ok(login_url(answer), f"{path} needs a login", (answer.status, answer.headers))
    tap.is_(stranger.get(mesh.origin + "//private").headers["location"], "/private", "//private is sent to /private")
    for host in (f"127.0.0.1:{port}", "127.0.0.1", "127.0.0.1:443"):
        tap.is_(stranger.page("/private", Host=host).status, 302, f"also where the Host header is {host}")
    tap.is_((stranger.page("/auth/realms/acme").status, stranger.script("/private").status), (200, 401), "/auth does not, and a script is told 401")
    tap.is_(at_sidecar(None), (403, "RBAC: access denied"), "nor does the service's sidecar let anybody in who goes round the gateway")


def brokered():
    carla = Person(mesh.origin)
    landed = by_entra(carla)
    tap.is_((landed.status, landed.url), (200, mesh.origin + "/orders?id=7"), "a login by Entra ID leads back to the page that was asked for")
    seen = carla.script("/a", **{"X-Auth-Request-User": "root", "X-Auth-Request-Groups": "/admins", "X-Auth-Request-Access-Token": "forged", "Authorization": "Basic Zm9yZ2Vk"}).json()
    headers = {name.lower(): value for name, value in seen["headers"].items()}
    access, identity = claims(headers["x-auth-request-access-token"]), claims(headers["authorization"])
    tap.is_((seen["email"], seen["name"], seen["user"]), ("alice.andersson@contoso.test", "entra.alice.andersson", access["sub"]), "the service is told who she is, and not what she claims to be")
    tap.ok(access["iss"] == identity["iss"] == mesh.issuer and identity["aud"] == "oauth2-proxy" and "role:orders-read" in seen["groups"].split(","),
           "by tokens of the public issuer, with the role that the app role became", (access, identity, seen["groups"]))
    mesh.entra.control(users={"alice": {"roles": []}})
    by_entra(carlas_other := Person(mesh.origin))
    tap.is_(carlas_other.script("/a").status, 403, "without the app role the next login is one that the service's policy refuses")
    mesh.entra.control(reset=True)


def policies():
    tap.is_([person_behind(mesh.other, who).landed.status for who in (ALICE, BOB)], [200, 403], "the policy on a role of the token: alice has it, bob has not")


def at_once():
    names = {"OAuth2-Proxy": mesh.origin, "OAuth2-Proxy as recorded": mesh.replayed, "mod_auth_openidc": mesh.other}
    people = [(name, alice, alice.script("/a").json()["headers"]["x-auth-request-access-token"]) for name, alice in ((name, person_behind(origin)) for name, origin in names.items())]
    stale()
    at = len(mesh.recorded.calls)
    for name, alice, before in people:
        with concurrent.futures.ThreadPoolExecutor(10) as pool:
            answers = list(pool.map(lambda _: alice.script("/a"), range(10)))
        tap.is_([answer.status for answer in answers], [200] * 10, f"{name}: ten requests at once on a stale session")
        fresh = answers[0].json()["headers"]["x-auth-request-access-token"]
        tap.ok(fresh != before and claims(fresh)["sid"] == claims(before)["sid"], f"{name}: which is refreshed")
        if name.endswith("recorded"):
            tap.is_(mesh.recorded.calls[at:], [("refresh_token", "basic", 200)], "by one call")
    stale()
    for name, alice, before in people:
        tap.is_(alice.script("/a").status, 200, f"{name}: and again, with a refresh token that is good once")


def twice():
    """OAuth2-Proxy tells each call again after an error: neither may count."""
    alice = person_behind(mesh.replayed)
    subject = alice.script("/a").json()["user"]
    mesh.admin("POST", f"/users/{subject}/logout")
    stale()
    at = len(mesh.recorded.calls)
    tap.ok(login_url(alice.page("/a")), "a session that has ended is sent to the login")
    tap.is_(mesh.recorded.calls[at:], [("refresh_token", "basic", 400), ("refresh_token", "post", 400)], "after a refresh that was refused, twice")
    wrong = base64.b64encode(f"oauth2-proxy:{quote('wrong secret', safe='')}".encode()).decode()
    for _ in range(4):
        tokens = mesh.token(grant_type="password", username="alice", password="wonderland1", scope="openid").json()
        first = Browser().request("POST", mesh.oidc + "/token", {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}, headers={"Authorization": "Basic " + wrong})
        second = mesh.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"])
        if (first.status, second.status) != (401, 200):
            break
    tap.is_((first.status, second.status), (401, 200), "a refresh by Basic with a wrong secret does not use its token up, nor locks anybody out, four times")
    status = mesh.admin("GET", f"/attack-detection/brute-force/users/{subject}").json()
    tap.is_((status["numFailures"], status["disabled"]), (0, False), "none of that counts as an attack")


def single_sign_on():
    alice = person_behind(mesh.origin)
    alice.origin = mesh.other
    landed = alice.open("/reports")
    tap.is_((landed.status, landed.url), (200, mesh.other + "/reports"), "the second application needs no login")
    mine, other = (alice.request("GET", origin + "/a", headers={"Accept": "application/json"}).json()["headers"] for origin in (mesh.origin, mesh.other))
    tap.is_(*(claims(headers["x-auth-request-access-token"])["sid"] for headers in (mine, other)), "it is the same session")
    return alice


def logout():
    carla = Person(mesh.origin)
    by_entra(carla)
    carla.origin = mesh.other
    carla.open("/reports")
    out = f"{mesh.oidc}/logout?id_token_hint={{id_token}}&post_logout_redirect_uri={quote(mesh.origin + '/', safe='')}"
    answer = carla.get(f"{mesh.origin}/oauth2/sign_out?rd={quote(out, safe='')}", headers={"Accept": "text/html"})
    for _ in range(12):  # by Latchkey to Entra ID, and back
        if answer.status in (302, 303):
            answer = carla.page(urljoin(answer.url, answer.headers["location"]))
        elif 'name="logout"' in answer.text:
            answer = carla.submit(answer, logout="yes")
        else:
            break
    tap.ok(answer.status == 200 and 'id="kc-form-login"' in answer.text, "the sign-out of OAuth2-Proxy goes by Entra ID to the login page", (answer.status, answer.url, answer.text[:500]))
    tap.is_(carla.script("/reports").status, 401, "the second application's session has ended by the back channel")
    answer = carla.get(mesh.origin + "/orders", headers={"Accept": "text/html"})
    page = carla.follow(answer)
    link = re.search(r'href="([^"]*/broker/entra/login[^"]*)"', page.text)[1].replace("&amp;", "&")
    tap.ok('id="i0116"' in carla.follow(carla.get(urljoin(page.url, link))).text, "and the session at Entra ID")


def back_channel():
    alice = single_sign_on()
    alice.submit(alice.page(mesh.oidc + "/logout"), confirmLogout="Logout")
    tap.is_(alice.script("/reports").status, 401, "a logout at Latchkey ends the second application's session at once")
    stale()
    tap.ok(login_url(alice.page(mesh.origin + "/a")), "and OAuth2-Proxy's with its next refresh")


def revoked():
    alice, other = person_behind(mesh.origin), person_behind(mesh.other)
    here, there = (person.script("/a").json()["headers"]["x-auth-request-access-token"] for person in (alice, other))
    tap.is_(mesh.admin("DELETE", f"/sessions/{claims(there)['sid']}").status, 204, "an administrator ends one session")
    tap.ok(eventually(lambda: other.script("/a").status == 401), "the application behind mod_auth_openidc is told")
    stale()
    tap.is_(alice.script("/a").status, 200, "another one goes on")
    user = mesh.admin("GET", f"/users/{claims(here)['sub']}").json()
    mesh.admin("PUT", f"/users/{user['id']}", {**user, "enabled": False})
    stale()
    tap.is_(alice.script("/a").status, 401, "until the user is disabled")
    mesh.admin("PUT", f"/users/{user['id']}", {**user, "enabled": True})
    tap.is_(alice.sign_in(*ALICE).status, 200, "who is let in again afterwards")


# --- keys ------------------------------------------------------------------------------------------------------------------------------


class Traffic(threading.Thread):
    """People with new and with older tokens, all the time; `refused` lists what they were told but 200."""

    def __init__(self):
        super().__init__(daemon=True)
        self.ending, self.refused, self.sent, self.longest = threading.Event(), [], 0, 0.0
        self.alice, self.other = person_behind(mesh.origin), person_behind(mesh.other)
        self.kept = mesh.token(grant_type="password", username="alice", password="wonderland1", scope="openid").json()["access_token"]
        self.start()

    def run(self):
        while not self.ending.is_set():
            for name, ask in {"OAuth2-Proxy": lambda: self.alice.script("/a"), "mod_auth_openidc": lambda: self.other.script("/a"), "kept": lambda: self.direct(self.kept),
                              "new": lambda: self.direct(mesh.token(grant_type="password", username="alice", password="wonderland1", scope="openid").json()["access_token"])}.items():
                started = time.monotonic()
                try:
                    answer = ask()
                    status, text = answer.status, answer.text
                except (OSError, KeyError, ValueError) as error:
                    status, text = type(error).__name__, str(error)
                self.sent += 1
                self.longest = max(self.longest, time.monotonic() - started)
                if status != 200:
                    self.refused.append((name, round(time.monotonic() - begun, 1), status, text[:200]))
            time.sleep(0.05)

    @staticmethod
    def direct(token):
        return Browser().get(f"http://127.0.0.1:{mesh.sidecar_port}/", headers={"Authorization": "Bearer " + token})

    def stop(self):
        self.ending.set()
        self.join()
        return self.refused


def rotation():
    parent = mesh.admin("GET", "").json()["id"]
    old = next(key for key in mesh.admin("GET", "/components?type=org.keycloak.keys.KeyProvider").json() if key["providerId"] == "rsa-generated")
    fetched, traffic = mesh.statistics(mesh.sidecar_admin, "jwks_fetch")["jwks_fetch_success"], Traffic()
    made = mesh.admin("POST", "/components", {"name": "next", "providerId": "rsa-generated", "providerType": "org.keycloak.keys.KeyProvider", "parentId": parent,
                                              "config": {"priority": ["200"], "active": ["false"], "enabled": ["true"], "algorithm": ["RS256"]}})
    time.sleep(CACHE + 1)
    new = mesh.admin("GET", "/components/" + made.headers["location"].rsplit("/", 1)[1]).json()
    mesh.admin("PUT", f"/components/{new['id']}", {**new, "config": {**new["config"], "active": ["true"]}})
    mesh.admin("PUT", f"/components/{old['id']}", {**old, "config": {**old["config"], "active": ["false"]}})
    stale()
    kept, fresh = jwt.get_unverified_header(traffic.kept)["kid"], jwt.get_unverified_header(traffic.alice.script("/a").json()["headers"]["x-auth-request-access-token"])["kid"]
    tap.ok(kept != fresh, "a new key signs")
    tap.ok(not traffic.stop() and traffic.sent > 40, f"published first and used later, it costs none of {traffic.sent} requests with tokens of the old one and the new", traffic.refused[:5])
    statistics = mesh.statistics(mesh.sidecar_admin, "jwks_fetch")
    tap.ok(statistics["jwks_fetch_success"] > fetched and statistics["jwks_fetch_failed"] == 0, "the sidecar fetched the set anew, and each time it got it", statistics)
    certs = Browser().get(mesh.oidc + "/certs")
    again = Browser().get(mesh.oidc + "/certs", headers={"If-None-Match": certs.headers["etag"]})
    tap.ok((again.status, certs.headers["cache-control"]) == (304, "no-cache") and {kept, fresh} <= {key["kid"] for key in certs.json()["keys"]}, "both are published, with an ETag that saves the next fetch", certs.headers)


# --- the night ---------------------------------------------------------------------------------------------------------------------------


def restarts():
    traffic = Traffic()
    for name in ("latchkey-0", "latchkey-1"):
        mesh.parts[name].stop()
        time.sleep(0.5)
        mesh.parts[name].start()
        time.sleep(0.5)
    tap.ok(not traffic.stop() and traffic.sent > 40, f"each replica restarts, and none of {traffic.sent} requests is refused", traffic.refused[:5])
    alice, other = person_behind(mesh.origin), person_behind(mesh.other)
    for name in ("postgres", "redis", "ingress", "second", "sidecar", "oauth2-proxy", "mod_auth_openidc"):
        part = mesh.parts[name]
        part.stop()
        if name == "postgres":
            tap.is_([person.script("/a").status for person in (alice, other)], [200, 200], "while Postgres is away sessions go on")
            answers = [mesh.token(grant_type="password", username="alice", password="wonderland1").status for _ in range(2)]
            tap.is_(answers, [503, 503], "and nobody is told that a password was wrong")
        part.start()
        tap.ok(eventually(lambda: (alice.script("/a").status, other.script("/a").status) == (200, 200)), f"{name} restarts, and both sessions go on",
               [(person.script("/a").status, person.script("/a").text[:300]) for person in (alice, other)])
    tap.ok(eventually(lambda: person_behind(mesh.origin).landed.status == 200), "people sign in as before")


# --- attackers and what is too much ------------------------------------------------------------------------------------------------------


def forgeries():
    good = mesh.token(grant_type="password", username="alice", password="wonderland1", scope="openid").json()["access_token"]
    head, body, signature = good.split(".")
    kid, signer = jwt.get_unverified_header(good)["kid"], Signer()
    other_realm = mesh.administrator()
    raised = base64.urlsafe_b64encode(json.dumps({**claims(good), "realm_access": {"roles": ["orders-read", "root"]}}).encode()).rstrip(b"=").decode()
    none = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').rstrip(b"=").decode()
    certificate = next(key for key in Browser().get(mesh.oidc + "/certs").json()["keys"] if key["kid"] == kid)["x5c"][0]
    by_public_key = jwt.encode(claims(good), certificate.encode(), algorithm="HS256", headers={"kid": kid})
    cases = (("a good one", good, 200, "Echo"), ("claims that were changed", f"{head}.{raised}.{signature}", 401, "Jwt verification fails"), ("no signature", f"{none}.{body}.", 401, "Jwt"),
             ("HS256 by the public key", by_public_key, 401, "Jwt"), ("one that has expired", signer.token(iat=int(time.time()) - 900, exp=int(time.time()) - 300), 401, "Jwt is expired"),
             ("another realm's", other_realm, 401, "Jwt issuer is not configured"), ("another key's", signer.token(kid="unknown"), 401, "Jwks doesn't have key"))
    for name, token, status, reason in cases:
        answer = Browser().get(f"http://127.0.0.1:{mesh.sidecar_port}/", headers={"Authorization": "Bearer " + token})
        tap.ok(answer.status == status and reason in answer.text, f"the sidecar and {name}: {status}", (answer.status, answer.text[:200]))
        if status != 200:
            tap.ok(login_url(Person(mesh.origin).page("/a", Authorization="Bearer " + token)), f"the gateway and {name}: to the login")
            userinfo = Browser().get(mesh.oidc + "/userinfo", headers={"Authorization": "Bearer " + token})
            tap.is_(userinfo.status, 401, f"Latchkey and {name}: 401")
    tap.is_(at_sidecar(good, **{"X-Auth-Request-Access-Token": f"{head}.{raised}.{signature}"})[0], 401, "a good bearer beside a forged access token is refused")


def too_large():
    crowd = Person(mesh.origin)
    landed = crowd.sign_in("crowd", "everything1")
    warned = [line for number in (0, 1) for line in mesh.parts[f"latchkey-{number}"].said().splitlines() if "token-size-warning" in line]
    token = mesh.token(grant_type="password", username="crowd", password="everything1", scope="openid").json()["access_token"]
    note(f"a token with {len(MANY_ROLES)} roles has {len(token)} bytes; behind the gateway it gets {landed.status} {landed.text[:80]!r}")
    tap.is_((landed.status, landed.text), (403, ""), "500 roles, in two tokens and a list of groups, are more than the 60 KiB of headers that Envoy takes: an empty page")
    tap.ok(warned and all(word in warned[0] for word in ("client oauth2-proxy", "realm acme", "8000", "fullScopeAllowed")) and re.search(r"has \d{5} bytes", warned[0]),
           "Latchkey's log warned: which client, how large, what the limit is, what to do", warned[:3])
    for _ in range(10):
        mesh.token(grant_type="password", username="crowd", password="everything1", scope="openid")
    again = [line for number in (0, 1) for line in mesh.parts[f"latchkey-{number}"].said().splitlines() if "token-size-warning" in line and "client oauth2-proxy" in line]
    tap.ok(len(again) <= 2, "once for the client, by each replica", again)
    client = mesh.admin("GET", "/clients?clientId=oauth2-proxy").json()[0]
    mesh.admin("PUT", f"/clients/{client['id']}", {**client, "fullScopeAllowed": False})
    role = mesh.admin("GET", "/roles/orders-read").json()
    mesh.admin("POST", f"/clients/{client['id']}/scope-mappings/realm", [role])
    small = eventually(lambda: len(mesh.token(grant_type="password", username="crowd", password="everything1", scope="openid").json()["access_token"]) < 3000)
    tap.ok(small and Person(mesh.origin, "crowd", "everything1").landed.status == 200, "with what it advises the token is small, and its owner is let in")


def logs():
    for number in (0, 1):
        replica = mesh.parts[f"latchkey-{number}"]
        said = replica.said()
        tap.ok(replica.peak() < replica.limit(), f"replica {number} stayed below the chart's memory limit: {replica.peak():.0f} of {replica.limit()} MiB")
        tap.ok('"ERROR"' not in said and not any(secret in said for secret in (CLIENT_SECRET, "wonderland1", "entra-secret")), f"replica {number} logged neither an error nor a secret",
               [line for line in said.splitlines() if '"ERROR"' in line][:5])


with Mesh() as mesh:
    for step in (from_nothing, strangers, brokered, policies, at_once, twice, logout, back_channel, revoked, rotation, restarts, forgeries, too_large, logs):
        note(step.__name__)
        step()
    mesh.finish(tap)
