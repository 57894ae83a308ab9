#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""Signing in with Entra ID: app roles and groups, users with too many of them, tenants, missing addresses, workload identity, and all that
may go wrong on the way. The provider is a stand-in that is a real OpenID provider (entra.mjs)."""
import http.server
import os
import socket
import ssl
import subprocess
import threading
import time
from urllib.parse import urlencode

from entra import CLIENT, MAPPERS, OTHER_TENANT, PODS_CLIENT, TENANT, Entra, sign_in
from postgres import until
from stack import TOP, Browser, Stack, Tap, claims, free_port

tap = Tap()


class Home:
    """The realm that people sign in to."""

    def __init__(self, server):
        self.server, self.issuer = server, server.base + "/realms/home"

    def make(self, provider, mappers=MAPPERS):
        self.server.admin("DELETE", "/realms/home")
        profile = {"name": "p", "providerId": "declarative-user-profile", "config": {"kc.user.profile.config": ['{"attributes": [%s]}' % ", ".join(
            '{"name": "%s", "permissions": {"view": ["admin", "user"], "edit": ["admin", "user"]}%s}' % (name, ', "required": {}' if name == "email" else "")
            for name in ("username", "email", "firstName", "lastName"))]}}
        made = self.server.admin("POST", "/realms", {
            "realm": "home", "enabled": True, "eventsEnabled": True, "eventsListeners": ["jboss-logging"], "sslRequired": "none", "identityProviders": [provider], "identityProviderMappers": mappers,
            "roles": {"realm": [{"name": "orders-admin"}, {"name": "orders-user"}]}, "groups": [{"name": "staff"}, {"name": "many"}],
            "components": {"org.keycloak.userprofile.UserProfileProvider": [profile]},
            "users": [{"username": "boss", "enabled": True, "email": "boss@home.test", "credentials": [{"type": "password", "value": "boss"}]}],
            "clients": [{"clientId": name, "secret": "s", "redirectUris": ["http://app.test/*"], "defaultClientScopes": ["basic", "profile", "email", "roles"]} for name in ("app", "patient")]})
        assert made.status == 201, made.text

    def set_provider(self, provider):
        answer = self.server.admin("PUT", "/realms/home/identity-provider/instances/entra", provider)
        assert answer.status == 204, answer.text

    def sign_in(self, user="alice", browser=None, **more):
        browser = browser or Browser()
        answer = browser.get(self.issuer + "/protocol/openid-connect/auth?" + urlencode(
            {"client_id": "app", "response_type": "code", "scope": "openid", "redirect_uri": "http://app.test/cb", "kc_idp_hint": "entra", **more}))
        return sign_in(browser, answer, user, "http://app.test")

    def claims_of(self, answer):
        form = {"grant_type": "authorization_code", "code": answer.location().get("code", ""), "redirect_uri": "http://app.test/cb", "client_id": "app", "client_secret": "s"}
        answer = Browser().request("POST", self.issuer + "/protocol/openid-connect/token", form)
        return claims(answer.json()["access_token"]) if answer.status == 200 else answer.json()

    def users(self):
        return sorted(user["username"] for user in self.server.admin("GET", "/realms/home/users").json())

    def user(self, name):
        return self.server.admin("GET", f"/realms/home/users?username={name}&exact=true").json()[0]

    def groups(self, name):
        members = {path: [user["username"] for user in self.server.admin("GET", f"/realms/home/groups/{group['id']}/members").json()]
                   for group in self.server.admin("GET", "/realms/home/groups").json() for path in [group["path"]]}
        return [path for path, names in members.items() if name in names]

    def failures(self):
        events = self.server.admin("GET", "/realms/home/events?type=IDENTITY_PROVIDER_LOGIN_ERROR&max=1000").json()
        return len([event for event in events if event.get("clientId") != "patient"])

    def way_back(self, browser, user="alice"):
        """The address with code and state that the browser is sent back to, which it has not followed yet."""
        answer = browser.get(self.issuer + "/protocol/openid-connect/auth?" + urlencode(
            {"client_id": "app", "response_type": "code", "scope": "openid", "redirect_uri": "http://app.test/cb", "kc_idp_hint": "entra"}))
        return sign_in(browser, answer, user, self.issuer + "/broker/entra/endpoint").headers["location"]

    def arrive(self, browser, back):
        answer = browser.get(back)
        while answer.status in (302, 303) and not answer.headers["location"].startswith("http://app.test"):
            answer = browser.get(answer.headers["location"])
        return answer

    def refused(self, name, reason, user="alice", page="Unexpected error when authenticating with identity provider", told=True, by=None, **more):
        """A login that fails shows a page, says why in the log, leaves an event and nobody behind. What the provider refused by itself is no event, as in Keycloak."""
        before, logged, told_before = self.users(), len(self.server.output()), self.failures()
        answer = by() if by else self.sign_in(user, **more)
        log = [line for line in self.server.output()[logged:].splitlines() if "latchkey.broker" in line]
        tap.ok(answer.status in (200, 400, 502) and page in answer.text, f"{name}: a page says so", (answer.status, answer.text[-600:]))
        tap.ok(any(reason in line for line in log), f"{name}: the log says why", log)
        tap.is_(self.users(), before, f"{name}: nobody was made")
        until(lambda: not told or self.failures() > told_before, 2)
        tap.is_(self.failures(), told_before + told, f"{name}: {'an' if told else 'no'} event")


class Hanging(threading.Thread):
    """A login by a provider that takes connections and never answers, while others go on."""

    def __init__(self, stack, home, provider):
        super().__init__(daemon=True)
        self.home, listener = home, socket.create_server(("127.0.0.1", 0))
        stack.callback(listener.close)
        made = home.server.admin("POST", "/realms/home/identity-provider/instances", {**provider, "alias": "hangs", "config": {
            **provider["config"], "tokenUrl": f"http://127.0.0.1:{listener.getsockname()[1]}/token"}})
        assert made.status == 201, made.text
        self.start()

    def run(self):
        self.answer = self.home.sign_in("bob", kc_idp_hint="hangs", client_id="patient")

    def check(self):
        self.join()
        page, log = self.answer.text, [line for line in self.home.server.output().splitlines() if "latchkey.broker" in line and "Login by hangs" in line]
        tap.ok(self.answer.status == 502 and "Unexpected error when authenticating with identity provider" in page, "a provider that never answers: a page says so", page)
        tap.ok(len(log) == 1 and "imed out" in log[0], "a provider that never answers: the log says why", log)
        tap.is_(len(self.home.server.admin("GET", "/realms/home/events?type=IDENTITY_PROVIDER_LOGIN_ERROR&client=patient").json()), 1, "a provider that never answers: an event")


def untrusted(stack):
    """A server whose certificate nobody signed."""
    port, folder = free_port(), stack.folder
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=127.0.0.1", "-keyout", folder / "key.pem", "-out", folder / "cert.pem"],
                   check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), http.server.BaseHTTPRequestHandler)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.handle_error = lambda *_: None  # the other side hangs up
    threading.Thread(target=server.serve_forever, daemon=True).start()
    stack.callback(server.shutdown)
    return f"https://127.0.0.1:{port}"


with Stack() as stack:
    port = free_port()
    entra = Entra(stack, *(f"http://127.0.0.1:{port}/auth/realms/home/broker/{alias}/endpoint" for alias in ("entra", "hangs")))
    pod_token = stack.folder / "token"
    os.environ.update(AZURE_FEDERATED_TOKEN_FILE=str(pod_token), AZURE_CLIENT_ID=PODS_CLIENT, AZURE_TENANT_ID=TENANT, AZURE_AUTHORITY_HOST=entra.base + "/")
    home = Home(stack.latchkey(f"--http-port={port}", realms=()))

    home.make(entra.provider())
    hanging = Hanging(stack, home, entra.provider())
    alice = home.claims_of(home.sign_in())
    tap.is_((alice["preferred_username"], alice["name"], alice["email"], alice["email_verified"]),
            ("entra.alice.andersson", "Alice Andersson", "alice.andersson@contoso.test", True), "a person signs in with the company's account")
    tap.is_(sorted(role for role in alice["realm_access"]["roles"] if role.startswith("orders")), ["orders-admin", "orders-user"], "her app role is a role here")
    tap.is_(home.groups("entra.alice.andersson"), ["/staff"], "her group is a group here")
    link = home.server.admin("GET", f"/realms/home/users/{alice['sub']}/federated-identity").json()
    tap.is_([(one["userId"], one["userName"]) for one in link], [("aaaaaaaa-0000-4000-8000-000000000001", "alice.andersson@contoso.test")], "she is known by her object id")
    entra.control(users={"alice": {"roles": ["Orders.Read"], "groups": [], "family_name": "Berg"}})
    again = home.claims_of(home.sign_in())
    tap.is_((again["sub"], again["family_name"], [role for role in again["realm_access"]["roles"] if role.startswith("orders")], home.groups("entra.alice.andersson")),
            (alice["sub"], "Berg", ["orders-user"], []), "what is taken away there is gone here at the next login")
    browser = Browser()
    back = home.way_back(browser)
    entra.control(reset=True, rotate=True)
    tap.is_(home.claims_of(home.arrive(browser, back)).get("sub"), alice["sub"], "its keys may change at any time, while somebody is there too")

    entra.control()
    many = home.claims_of(home.sign_in("many"))
    asked = [one["graph"] for one in entra.control()["seen"] if "graph" in one]
    tap.is_((home.groups(many["preferred_username"]), len(asked)), (["/many"], 3), "who is in too many groups for the token has them from Graph, page by page")
    home.server.admin("DELETE", f"/realms/home/users/{many['sub']}")
    entra.control(graph=403)
    home.refused("Graph refuses", "Insufficient privileges", "many")
    entra.control(reset=True)
    entra.control(graphForUsers=403)
    many = home.claims_of(home.sign_in("many"))
    asked = [one["graph"] for one in entra.control()["seen"] if "graph" in one]
    tap.is_((home.groups(many["preferred_username"]), [url.split("/")[2] for url in asked]), (["/many"], ["me", "users", "users", "users"]), "where Graph refuses the user's token, the application asks")
    home.server.admin("DELETE", f"/realms/home/users/{many['sub']}")
    home.set_provider(entra.provider(groupsFrom="me"))
    home.refused("Graph may be asked by the user alone", "Insufficient privileges", "many")
    entra.control(reset=True)
    home.set_provider(entra.provider(groupsFrom="application"))
    many = home.claims_of(home.sign_in("many"))
    asked = [one["graph"] for one in entra.control()["seen"] if "graph" in one]
    tap.ok(home.groups(many["preferred_username"]) == ["/many"] and "/users/aaaaaaaa-0000-4000-8000-000000000003/" in asked[0], "the application may ask in its own name", asked)
    home.set_provider(entra.provider())

    page = home.sign_in("bob")
    tap.ok("kc-idp-review-profile-form" in page.text and "did not give your e-mail address" in page.text, "who has no address there is asked for it", page.text)
    home.set_provider(entra.provider(missingEmail="username"))
    bob = home.claims_of(home.sign_in("bob"))
    tap.is_((bob.get("email"), bob.get("email_verified")), ("bob@contoso.test", False), "or has the principal name, unverified")
    page = home.sign_in("guest")
    tap.ok("User with email boss@home.test already exists" in page.text, "an address that a tenant made up links nobody", page.text)

    home.set_provider(entra.provider(tenant="common"))
    home.refused("an open door", "may not sign in")
    home.set_provider(entra.provider(tenant="common", allowedTenants=TENANT))
    tap.is_(home.claims_of(home.sign_in()).get("sub"), alice["sub"], "by /common, a tenant of the list")
    entra.control(tenant=OTHER_TENANT)
    home.refused("another tenant", f"tenant {OTHER_TENANT} may not sign in", "bob")
    entra.control(reset=True, claims={"tid": TENANT.replace("1", "9")})
    home.refused("a tenant that the issuer is not of", "may not sign in", "bob")
    entra.control(reset=True, claims={"iss": f"{entra.base}/{OTHER_TENANT}/v2.0"})
    home.refused("an issuer that the tenant is not of", "issuer is")
    entra.control(reset=True)
    home.set_provider(entra.provider())

    now = int(time.time())
    for name, forged, reason in (("another issuer", {"iss": "https://login.test"}, "issuer is https://login.test"), ("another audience", {"aud": "other"}, f"audience is not {CLIENT}"),
                                 ("expired", {"exp": now - 100}, "expired 10"), ("not yet valid", {"nbf": now + 1000}, "valid only in"), ("another nonce", {"nonce": "x"}, "nonce is not"),
                                 ("no nonce", {"nonce": None}, "nonce is missing"), ("no tenant", {"tid": None}, "no tenant"), ("another access token", {"at_hash": "x"}, "at_hash")):
        entra.control(reset=True, claims=forged)
        home.refused(f"an ID token with {name}", reason)
    for name, answer, reason in (("HTML", "html", "no JSON"), ("5 MB", "big", "too large"), ("nothing", "down", "/oauth2/v2.0/token: "),
                                 ("an error", {"status": 401, "error": "invalid_client", "description": "AADSTS7000215: Invalid client secret provided."}, "AADSTS7000215")):
        entra.control(reset=True, token=answer)
        home.refused(f"{name} in place of tokens", reason)
    entra.control(reset=True)
    browser, other = Browser(), Browser()
    first, second = home.way_back(browser, "bob"), home.way_back(other, "bob")
    invalid, stale = {"page": "Invalid Request"}, {"page": "no longer valid"}
    home.refused("the state of another browser", "of another browser", by=lambda: other.get(first), **invalid)
    home.refused("a state that was changed", "none of ours", by=lambda: other.get(second.replace("state=", "state=x")), **invalid)
    browser.get(first)
    home.refused("a state that was there before", "the state has come back before", by=lambda: browser.get(first), **stale)
    code = first.split("code=")[1].split("&")[0]
    home.refused("a code that was there before", "invalid_grant", by=lambda: other.get(second.split("code=")[0] + "code=" + code + "&state=" + second.split("state=")[1].split("&")[0]))
    entra.control(reset=True, deny=["access_denied", "AADSTS65004: User declined to consent"])
    home.refused("consent declined", "AADSTS65004", page="Access denied when authenticating with Company account", told=False)
    entra.control(reset=True, deny=["server_error", "AADSTS90033: A transient error has occurred"])
    home.refused("an error at sign-in", "AADSTS90033", told=False)
    entra.control(reset=True, deny=["interaction_required", "AADSTS50058"])
    home.set_provider(entra.provider(acceptsPromptNoneForwardFromClient="true"))
    tap.is_(home.sign_in(prompt="none").location().get("error"), "interaction_required", "prompt=none is handed on, and so is the answer")
    entra.control(reset=True)
    for name, config, reason in (("a certificate that nobody signed", {"tokenUrl": untrusted(stack) + "/token"}, "certificate"), ("keys elsewhere", {"jwksUrl": entra.base + "/control"}, "not what was expected"),
                                 ("a filter on guests", {"filteredByClaim": "true", "claimFilterName": "acct", "claimFilterValue": "0"}, "claim acct")):
        home.set_provider(entra.provider(**config))
        home.refused(name, reason)
    entra.control(delay=1500)
    home.set_provider(entra.provider())
    started = time.monotonic()
    tap.ok(home.claims_of(home.sign_in()).get("sub") == alice["sub"] and time.monotonic() - started > 1.4, "a slow provider is waited for")
    entra.control(reset=True)

    hanging.check()

    pod_token.write_text(entra.control()["federated"] + "\n")
    home.set_provider(entra.provider(clientId=PODS_CLIENT, clientSecret=""))
    tap.is_(home.claims_of(home.sign_in()).get("preferred_username"), "entra.alice.andersson", "the pod's token in place of a secret")
    sent = [one["token"] for one in entra.control()["seen"] if "token" in one][-1]
    tap.ok("client_secret" not in sent and sent["client_assertion"].startswith("ey"), "without any secret", sent)
    pod_token.unlink()
    home.refused("a pod without its token", "AZURE_FEDERATED_TOKEN_FILE")

    addresses = entra.provider()["config"]
    plain = entra.provider({"providerId": "oidc"}, issuer=f"{entra.base}/{TENANT}/v2.0", defaultScope="openid profile email", validateSignature="true", useJwksUrl="true")
    home.make(plain)
    by_sub = home.claims_of(home.sign_in())["sub"]
    plain["config"]["linkClaim"] = "oid"
    home.set_provider(plain)
    tap.is_(home.claims_of(home.sign_in())["sub"], by_sub, "who was linked by sub is the same person by oid")
    link = home.server.admin("GET", f"/realms/home/users/{by_sub}/federated-identity").json()
    tap.is_([one["userId"] for one in link], ["aaaaaaaa-0000-4000-8000-000000000001"], "and linked by that from now on")
    old = {"iss": f"{entra.base}/{TENANT}/", "ver": "1.0", "upn": "alice.andersson@contoso.test", "unique_name": "alice.andersson@contoso.test", "preferred_username": None}
    entra.control(claims=old)
    home.set_provider({**plain, "config": {**plain["config"], "issuer": entra.base + "/{tenantid}/", "tenantId": TENANT, "userNameClaim": "preferred_username|upn"}})
    tap.is_(home.claims_of(home.sign_in())["sub"], by_sub, "tokens of the old version, whose issuer has another form")
    entra.control(reset=True, claims={**old, "iss": f"{entra.base}/{OTHER_TENANT}/", "tid": OTHER_TENANT})
    home.refused("the old version's of another tenant", "may not sign in")
    entra.control(reset=True)
    found = {"alias": "entra", "providerId": "oidc", "enabled": True, "config": {"issuer": f"{entra.base}/{TENANT}/v2.0", "clientId": CLIENT, "clientSecret": "entra-secret",
                                                                                 "validateSignature": "true", "defaultScope": "openid profile email"}}
    home.make(found, [])
    tap.ok("sub" in home.claims_of(home.sign_in()), "an issuer alone is enough: the rest is discovered")
    home.server.process.terminate()
    home.server.process.wait()
    doctor = subprocess.run([os.environ.get("LATCHKEY", f"{TOP}/build/latchkey"), "doctor", f"--data-dir={home.server.folder}/data", "--http-relative-path=/auth", "--hostname=sso.example.com"], capture_output=True, text=True)
    tap.ok("register this redirect URI there: https://sso.example.com/auth/realms/home/broker/entra/endpoint" in doctor.stdout and "0 troubles" in doctor.stdout, "doctor finds nothing wrong", doctor)
    log = home.server.output()
    tap.ok("entra-secret" not in log and "ey" + "J" not in log, "no secret and no token is in the log")
    stack.done(tap)
