# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""Client policies: what their executors forbid or set, and for which clients their conditions hold."""
import http.server
import json
import pathlib
import sys
import threading

from engine import case, decode_jwt

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from policies import ask, use  # noqa: E402


def make(c, label, **rep):
    answer = c.admin("POST", "/clients", json={"clientId": "c" + str(len(c.steps)), **rep}, record=False)
    value = answer.json() if answer.status_code != 201 else c.admin("GET", "/clients/" + answer.headers["location"].rsplit("/", 1)[1], record=False).json()
    kept = ("error", "error_description", "consentRequired", "fullScopeAllowed", "clientAuthenticatorType", "implicitFlowEnabled", "directAccessGrantsEnabled")
    c.note(label, [answer.status_code, {k: value.get(k) for k in kept}, {k: v for k, v in value.get("attributes", {}).items() if any(part in k for part in ("pkce", "tls", "dpop", "alg"))}])


@case("client-policies/stored-clients")
def _(c):
    for executor, on, off in (("consent-required", {}, {"consentRequired": True}), ("full-scope-disabled", {}, {"fullScopeAllowed": False}),
                              ("pkce-enforcer", {}, {"attributes": {"pkce.code.challenge.method": "S256"}}), ("holder-of-key-enforcer", {}, {"attributes": {"tls.client.certificate.bound.access.tokens": "true"}}),
                              ("reject-implicit-grant", {"implicitFlowEnabled": True}, {"implicitFlowEnabled": False}), ("reject-ropc-grant", {"directAccessGrantsEnabled": True}, {"directAccessGrantsEnabled": False})):
        use(c, executor, {"auto-configure": "true"})
        make(c, executor + " sets", **on)
        use(c, executor, {"auto-configure": "false"})
        make(c, executor + " forbids", **on)
        make(c, executor + " allows", **off)
    use(c, "secure-client-authenticator", {"allowed-client-authenticators": ["client-jwt"], "default-client-authenticator": "client-jwt"})
    make(c, "authenticator: default")
    make(c, "authenticator: forbidden", clientAuthenticatorType="client-secret")
    make(c, "authenticator: allowed", clientAuthenticatorType="client-jwt")
    use(c, "secure-client-uris")
    make(c, "plain URI", redirectUris=["http://x.test/cb"])
    make(c, "secure URI", redirectUris=["https://x.test/cb"])
    use(c, "reject-request")
    make(c, "nothing at all")


@case("client-policies/requests")
def _(c):
    app = c.client_id("app")
    c.quiet("PUT", f"/clients/{app}", json={"implicitFlowEnabled": True})
    use(c, "pkce-enforcer", {"auto-configure": "false"})
    ask(c, "no PKCE")
    ask(c, "plain PKCE", code_challenge="x" * 43, code_challenge_method="plain")
    ask(c, "PKCE", code_challenge="x" * 43, code_challenge_method="S256")
    use(c, "secure-session")
    ask(c, "no nonce", nonce=None)
    ask(c, "nonce")
    ask(c, "no state", scope="profile", state=None, nonce=None)
    use(c, "reject-implicit-grant", {"auto-configure": "false"})
    ask(c, "implicit", response_type="token")
    ask(c, "code")
    use(c, "secure-response-type", {"auto-configure": "false", "allow-token-response-type": "false"})
    ask(c, "code alone")
    ask(c, "hybrid", response_type="code id_token")
    use(c, "secure-client-uris")
    ask(c, "plain URI")
    use(c, "reject-ropc-grant", {"auto-configure": "false"})
    c.token(record=True, grant_type="password", username="alice", password="wonderland")
    c.token(grant_type="client_credentials")
    use(c, "secure-client-authenticator", {"allowed-client-authenticators": ["client-jwt"]})
    c.token(record=True, grant_type="client_credentials")
    use(c, "reject-request")
    c.token(record=True, grant_type="client_credentials")


@case("client-policies/conditions")
def _(c):
    def rejects(label, condition, **config):
        use(c, "reject-request", {}, condition, **config)
        c.note(label, [c.token(grant_type="client_credentials").json().get("error_description")])
    rejects("confidential", "client-access-type", type=["confidential"])
    rejects("public", "client-access-type", type=["public"])
    rejects("a role", "client-roles", roles=["view"])
    rejects("no role", "client-roles", roles=["nonsense"])
    rejects("a scope", "client-scopes", type="Default", scopes=["profile"])
    rejects("no scope", "client-scopes", type="Default", scopes=["phone"])
    rejects("not any", "any-client", **{"is-negative-logic": True})
    use(c, "reject-request", {}, "client-updater-context", **{"update-client-source": ["ByInitialAccessToken"]})
    make(c, "by an administrator")
    head = {"Authorization": "Bearer " + c.admin("POST", "/clients-initial-access", json={"count": 1}, record=False).json()["token"]}
    answer = c.send("POST", "/realms/{realm}/clients-registrations/default", headers=head, json={"clientId": "x"}, record=False)
    c.note("by an initial access token", answer.status_code >= 400)
    c.quiet("PUT", "/client-policies/policies", json={"policies": [{"name": "q", "enabled": True, "conditions": [{"condition": "any-client", "configuration": {}}], "profiles": ["fapi-1-baseline"]}]})
    ask(c, "a global profile", nonce=None)
    value = c.admin("GET", "/client-policies/profiles?include-global-profiles=true", record=False).json()
    c.note("profiles", [[p["name"], [e["executor"] for e in p["executors"]]] for p in value["globalProfiles"]])


@case("client-policies/more-stored-clients")
def _(c):
    use(c, "confidential-client")
    make(c, "public", publicClient=True)
    make(c, "bearer-only", bearerOnly=True)
    make(c, "confidential", publicClient=False)
    use(c, "secure-logout", {"allow-front-channel-logout": "false"})
    make(c, "front channel", frontchannelLogout=True)
    make(c, "front channel by address", attributes={"frontchannel.logout.url": "https://x.test/out"})
    make(c, "no front channel", frontchannelLogout=False)
    use(c, "secure-logout", {"allow-front-channel-logout": "true"})
    make(c, "front channel allowed", frontchannelLogout=True)
    use(c, "dpop-bind-enforcer", {"auto-configure": "false"})
    make(c, "no DPoP")
    make(c, "DPoP", attributes={"dpop.bound.access.tokens": "true"})
    use(c, "dpop-bind-enforcer", {"auto-configure": "true"})
    make(c, "DPoP is set")
    use(c, "secure-signature-algorithm", {"default-algorithm": "PS256"})
    make(c, "algorithm by default")
    make(c, "weak algorithm", attributes={"access.token.signed.response.alg": "RS256"})
    make(c, "strong algorithm", attributes={"access.token.signed.response.alg": "ES256"})
    make(c, "weak ID token", attributes={"id.token.signed.response.alg": "HS256"})
    make(c, "weak userinfo", attributes={"user.info.response.signature.alg": "RS256"})
    make(c, "weak request object", attributes={"request.object.signature.alg": "any"})
    make(c, "weak assertion", attributes={"token.endpoint.auth.signing.alg": "RS256"})
    use(c, "secure-client-uris-pattern", {"allowed-patterns": ["^https://[a-z]*\\.example\\.test/.*$"], "client-uri-fields": ["redirectUris", "rootUrl"]})
    make(c, "pattern fits", redirectUris=["https://a.example.test/cb"])
    make(c, "pattern does not fit", redirectUris=["https://a.example.test/cb", "https://evil.test/"])
    make(c, "pattern of another field", baseUrl="https://evil.test/")
    make(c, "pattern of root", rootUrl="https://evil.test/")
    use(c, "secure-client-uris-pattern", {"allowed-patterns": ["^https://a/.*$"]})
    make(c, "pattern of all fields", baseUrl="https://evil.test/")
    use(c, "secure-ciba-session")
    make(c, "ciba session")
    use(c, "secure-ciba-req-sig-algorithm", {"default-algorithm": "PS256"})
    make(c, "ciba algorithm")
    make(c, "weak ciba algorithm", attributes={"ciba.backchannel.auth.request.signing.alg": "RS256"})
    use(c, "secure-response-type", {"auto-configure": "true", "allow-token-response-type": "false"})
    make(c, "response type")


@case("client-policies/more-requests")
def _(c):
    app = c.client_id("app")
    use(c, "dpop-bind-enforcer", {"auto-configure": "false"})
    c.token(record=True, grant_type="client_credentials")
    ask(c, "DPoP, code")
    use(c, "dpop-bind-enforcer", {"auto-configure": "false", "enforce-authorization-code-binding-to-dpop": "true"})
    ask(c, "no dpop_jkt")
    ask(c, "dpop_jkt", dpop_jkt="x" * 43)
    use(c, "confidential-client")
    ask(c, "confidential")
    c.token(record=True, grant_type="client_credentials")
    c.quiet("PUT", f"/clients/{app}", json={"publicClient": True})
    ask(c, "public")
    c.note("public, token", c.token(grant_type="password", username="alice", password="wonderland", secret=None).json().get("error_description"))
    c.quiet("PUT", f"/clients/{app}", json={"publicClient": False, "secret": "app-secret"})
    use(c, "secure-signature-algorithm", {"default-algorithm": "PS256"})
    ask(c, "algorithm")
    c.token(record=True, grant_type="client_credentials")
    use(c, "holder-of-key-enforcer", {"auto-configure": "false"})
    c.token(record=True, grant_type="client_credentials")
    use(c, "secure-signature-algorithm-signed-jwt", {"require-client-assertion": "true"})
    c.token(record=True, grant_type="client_credentials")
    use(c, "secure-signature-algorithm-signed-jwt", {"require-client-assertion": "false"})
    c.token(grant_type="client_credentials")


@case("client-policies/more-conditions")
def _(c):
    def rejects(label, condition, **config):
        use(c, "reject-request", {}, condition, **config)
        make(c, label)
        c.note(label + ", token", [c.token(grant_type="client_credentials").json().get("error_description")])
    rejects("host", "client-updater-source-host", **{"trusted-hosts": ["127.0.0.1"]})
    rejects("another host", "client-updater-source-host", **{"trusted-hosts": ["10.9.8.7"]})
    rejects("role", "client-updater-source-roles", roles=["admin"])
    rejects("no role", "client-updater-source-roles", roles=["nonsense"])
    rejects("group", "client-updater-source-groups", groups=["topGroup"])
    rejects("protocol", "client-type", protocol="openid-connect")
    rejects("other protocol", "client-type", protocol="saml")
    rejects("provider", "identity-provider-alias", identity_provider_aliases=["up"])
    rejects("acr", "acr-condition", **{"acr-property": "gold"})
    use(c, "reject-request", {}, "acr-condition", **{"acr-property": "gold"})
    ask(c, "acr gold", acr_values="gold")
    ask(c, "acr silver", acr_values="silver")
    use(c, "reject-request", {}, "client-type", protocol="openid-connect")
    ask(c, "client type")


@case("client-policies/who-updates")
def _(c):
    alice = c.user_id("alice")
    management = c.client_id("realm-management")
    manage = c.admin("GET", f"/clients/{management}/roles/manage-clients", record=False).json()
    c.quiet("POST", "/roles", json={"name": "updater"})
    c.quiet("POST", "/roles", json={"name": "whole", "composite": True})
    c.quiet("POST", "/roles/whole/composites", json=[c.admin("GET", "/roles/updater", record=False).json()])
    c.quiet("POST", f"/users/{alice}/role-mappings/clients/{management}", json=[manage])
    top = c.quiet("POST", "/groups", json={"name": "updaters"}).headers["location"].rsplit("/", 1)[1]
    below = c.quiet("POST", f"/groups/{top}/children", json={"name": "below"}).json()["id"]

    def tries(label, condition, **config):
        use(c, "reject-request", {}, condition, **config)
        head = {"Authorization": "Bearer " + c.password()["access_token"]}
        made = c.admin("POST", "/clients", json={"clientId": "c" + str(len(c.steps))}, headers=head, record=False)
        registered = c.send("POST", "/realms/{realm}/clients-registrations/default", headers=head, json={"clientId": "r" + str(len(c.steps))}, record=False)
        c.note(label, [made.status_code, registered.status_code, *([registered.json().get("error"), registered.json().get("error_description")] if registered.status_code >= 400 else [])])

    def roles(label, *names):
        tries("role, " + label, "client-updater-source-roles", roles=list(names))

    def groups(label, *names):
        tries("group, " + label, "client-updater-source-groups", groups=list(names))

    roles("of another", "updater")
    roles("a client's", "realm-management.manage-clients")
    roles("a client's, bare", "manage-clients")
    roles("by default", "default-roles-" + c.realm)
    roles("inside of the default", "offline_access")
    groups("of another", "updaters")
    c.quiet("POST", f"/users/{alice}/role-mappings/realm", json=[c.admin("GET", "/roles/whole", record=False).json()])
    c.quiet("PUT", f"/users/{alice}/groups/{below}")
    roles("direct", "whole")
    roles("inside of a composite", "updater")
    groups("above", "updaters")
    groups("by name", "below")
    groups("by path", "/updaters/below")
    c.quiet("POST", f"/groups/{below}/role-mappings/realm", json=[c.admin("GET", "/roles/updater", record=False).json()])
    roles("of a group", "updater")
    groups("several", "x", "below")
    tries("group, not", "client-updater-source-groups", groups=["below"], **{"is-negative-logic": True})
    tries("role, not", "client-updater-source-roles", roles=["updater"], **{"is-negative-logic": True})
    for label, second in (("any", {"condition": "any-client", "configuration": {}}), ("none", {"condition": "any-client", "configuration": {"is-negative-logic": True}}),
                          ("mute", {"condition": "acr-condition", "configuration": {"acr-property": "x"}}), ("grant", {"condition": "grant-type", "configuration": {"grant_types": ["client_credentials"]}})):
        first = {"condition": "client-updater-source-groups", "configuration": {"groups": ["below"]}}
        c.quiet("PUT", "/client-policies/policies", json={"policies": [{"name": "q", "enabled": True, "conditions": [first, second], "profiles": ["p"]}]})
        c.note("a condition that says nothing, and " + label, [c.token(grant_type="client_credentials").status_code])


@case("client-policies/registration-token")
def _(c):
    use(c, "registration-access-token-rotation-disabled")
    start = {"Authorization": "Bearer " + c.admin("POST", "/clients-initial-access", json={"count": 1}, record=False).json()["token"]}
    made = c.send("POST", "/realms/{realm}/clients-registrations/default", headers=start, json={"clientId": "d1"}, record=False)
    token = made.json().get("registrationAccessToken")
    head = {"Authorization": f"Bearer {token}"}
    c.note("made", [made.status_code, token is not None])
    changed = c.send("PUT", "/realms/{realm}/clients-registrations/default/d1", headers=head, json={"clientId": "d1", "name": "D"}, record=False)
    c.note("changed", [changed.status_code, changed.json().get("registrationAccessToken") is not None, changed.json().get("registrationAccessToken") == token])
    again = c.send("PUT", "/realms/{realm}/clients-registrations/default/d1", headers=head, json={"clientId": "d1", "name": "E"}, record=False)
    c.note("again", [again.status_code, again.json().get("registrationAccessToken") is not None])
    seen = c.send("GET", "/realms/{realm}/clients-registrations/default/d1", headers=head, record=False)
    c.note("seen", [seen.status_code, seen.json().get("name"), seen.json().get("registrationAccessToken") is not None])
    seen = c.send("GET", "/realms/{realm}/clients-registrations/openid-connect/d1", headers=head, record=False)
    c.note("seen in the other form", [seen.status_code, seen.json().get("registration_access_token") is not None])
    use(c, "consent-required", {"auto-configure": "true"})
    seen = c.send("GET", "/realms/{realm}/clients-registrations/default/d1", headers=head, record=False)
    c.note("seen without the policy", [seen.status_code, seen.json().get("registrationAccessToken") is not None])
    changed = c.send("PUT", "/realms/{realm}/clients-registrations/default/d1", headers=head, json={"clientId": "d1", "name": "F"}, record=False)
    c.note("changed without the policy", [changed.status_code, changed.json().get("registrationAccessToken") not in (None, token)])


@case("client-policies/unknown-parts")
def _(c):
    for executor in ("nonsense", "confidential-client", "secure-request-object", "secret-rotation"):
        c.admin("PUT", "/client-policies/profiles", json={"profiles": [{"name": "p", "executors": [{"executor": executor, "configuration": {}}]}]})
    for condition in ("nonsense", "any-client", "identity-provider-alias"):
        c.admin("PUT", "/client-policies/policies", json={"policies": [{"name": "q", "enabled": True, "conditions": [{"condition": condition, "configuration": {}}], "profiles": ["p"]}]})


def redirects(c, label, settings, *uris, **rep):
    """Clients with each of these redirect URIs, and whether they may be."""
    use(c, "secure-redirect-uris-enforcer", {name: "true" if value is True else value for name, value in settings.items()})
    for uri in uris:
        answer = c.admin("POST", "/clients", json={"clientId": "c" + str(len(c.steps)), "redirectUris": [uri] if uri is not None else [], **rep}, record=False)
        c.note(f"{label}: {uri}", [answer.status_code, answer.json().get("error_description") if answer.status_code != 201 else None])


EVERYTHING = {"allow-ipv4-loopback-address": True, "allow-ipv6-loopback-address": True, "allow-private-use-uri-scheme": True, "allow-http-scheme": True, "allow-wildcard-context-path": True}


@case("client-policies/redirect-uris")
def _(c):
    good = "https://app.test/cb"
    redirects(c, "nothing", {}, good, "https://u:p@app.test/a?x=1", "https://app.test/*", "*", "http://app.test/cb", "/cb", "https://127.0.0.1/cb", "http://[::1]/cb",
              "https://localhost/cb", "com.example:/cb", "urn:ietf:wg:oauth:2.0:oob", "HTTPS://app.test/cb", "example.test", "https://app.test/c b", "https://app.test/#f", None)
    redirects(c, "http", {"allow-http-scheme": True}, "http://app.test/cb", "http://127.0.0.1/cb", "http://app.test/*")
    redirects(c, "IPv4", {"allow-ipv4-loopback-address": True}, "https://127.0.0.1:8/cb", "https://localhost/cb", "http://127.0.0.1/cb", "https://[::1]/cb", "https://2130706433/")
    redirects(c, "IPv6", {"allow-ipv6-loopback-address": True}, "https://[::1]:8/cb", "https://127.0.0.1/cb", "https://[0:0:0:0:0:0:0:1]/cb", "https://[::2]/cb", "https://[::ffff:127.0.0.1]/")
    redirects(c, "private use", {"allow-private-use-uri-scheme": True}, "com.example:/cb", "example://x", "mailto:x@y.test", "com.example:/*")
    redirects(c, "wildcard", {"allow-wildcard-context-path": True}, "https://app.test/*", "https://*.test/a", "https://app.test:*/", "*", "http://app.test/*")
    redirects(c, "domains", {"allow-permitted-domains": ["(.*)\\.example\\.org", "app.test"]}, "https://a.b.example.org/", "https://example.org/", good, "https://APP.test/", "https:///cb")
    redirects(c, "everything", EVERYTHING, "http://127.0.0.1/*", "http://[::1]:8/cb", "com.example:/*", "http://*/", "/cb", "javascript:x")
    redirects(c, "OAuth 2.0", {**EVERYTHING, "oauth-2-0-compliant": True}, "http://app.test/cb", "http://127.0.0.1:8/", "http://localhost/", "example:/cb", "http://127.0.0.1/*", "com.example:/*", good + "#f")
    redirects(c, "OAuth 2.1", {**EVERYTHING, "oauth-2-1-compliant": True}, good, "http://app.test/cb", "http://127.0.0.1/", "http://127.0.0.1:8/", "http://[::1]/", "http://[0:0:0:0:0:0:0:1]/",
              "https://localhost/", "com.example:/cb", "example:/cb", "https://app.test/*", good + "#f")
    redirects(c, "anything", {"allow-open-redirect": True}, "http://app.test/*", "com.example:/cb", None)
    redirects(c, "no flow", {}, "http://app.test/*", None, standardFlowEnabled=False)
    redirects(c, "implicit flow", {}, "http://app.test/*", None, standardFlowEnabled=False, implicitFlowEnabled=True)
    redirects(c, "a root", {}, "/cb", "/*", rootUrl="https://root.test")
    for uris in ("http://app.test/out", "/out", "+", "-", "-##http://app.test/out", "https://app.test/##+", "+##a.b:/x"):
        redirects(c, f"after logout {uris}", {}, good, attributes={"post.logout.redirect.uris": uris})
    redirects(c, "after logout anything", {"allow-open-redirect": True}, good, attributes={"post.logout.redirect.uris": "http://app.test/*"})


@case("client-policies/redirect-uri-of-request")
def _(c):
    app = c.client_id("app")
    c.quiet("PUT", f"/clients/{app}", json={"redirectUris": ["*", "http://127.0.0.1/cb"]})

    def asks(label, settings, *uris):
        use(c, "secure-redirect-uris-enforcer", {name: "true" for name in settings})
        for uri in uris:
            answer = c.authorize(record=False, redirect_uri=uri)
            page = c.norm.page(answer.text)
            c.note(f"{label}: {uri}", [answer.status_code, page["messages"]])
            c.browser.cookies.clear()

    asks("nothing", {}, "http://app.test/cb", "https://app.test/cb", "https://app.test/*", "https://127.0.0.1:8/cb", "com.example:/cb", "/cb", "x y", "")
    asks("OAuth 2.1", {**EVERYTHING, "oauth-2-1-compliant": True}, "http://127.0.0.1/cb", "http://127.0.0.1:8/cb", "http://localhost:8/cb", "https://app.test/cb#f")
    asks("anything", {"allow-open-redirect": True}, "http://app.test/cb", "https://app.test/cb")
    use(c, "secure-redirect-uris-enforcer")
    for uri in ("http://app.test/cb", "https://app.test/cb"):
        pushed = c.post("ext/par/request", data={"response_type": "code", "client_id": "app", "client_secret": "app-secret", "redirect_uri": uri, "scope": "openid"}, record=False)
        ask(c, f"pushed {uri}", request_uri=pushed.json()["request_uri"], redirect_uri="https://app.test/cb", response_type=None)


@case("client-policies/certificate-authority")
def _(c):
    def makes(label, settings, **rep):
        use(c, "tls-client-auth-ca-subject-dn", settings)
        answer = c.admin("POST", "/clients", json={"clientId": "c" + str(len(c.steps)), **rep}, record=False)
        told = answer.json() if answer.status_code != 201 else c.admin("GET", "/clients/" + answer.headers["location"].rsplit("/", 1)[1], record=False).json()
        c.note(label, [answer.status_code, told.get("error"), told.get("error_description"), told.get("attributes", {}).get("x509.casubjectdn")])

    x509, root = {"clientAuthenticatorType": "client-x509"}, {"ca-subject-dn": "CN=Root, O=Test"}
    forced = {**root, "enforced": "true"}
    makes("another way", root)
    makes("set", root, **x509)
    makes("said", root, attributes={"x509.casubjectdn": "CN=Other"}, **x509)
    makes("forced", forced, **x509)
    makes("forced, another", forced, attributes={"x509.casubjectdn": "CN=Other"}, **x509)
    makes("forced, the same", forced, attributes={"x509.casubjectdn": "cn=root,o=Test"}, **x509)
    makes("forced, another way", forced, attributes={"x509.casubjectdn": "CN=Other"})
    makes("nothing is set", {}, **x509)


def steps(c, alias, *providers):
    c.quiet("POST", "/authentication/flows", json={"alias": alias, "providerId": "basic-flow", "topLevel": True, "builtIn": False})
    for provider in providers:
        c.quiet("POST", f"/authentication/flows/{alias}/executions/execution", json={"provider": provider})
    for execution in c.admin("GET", f"/authentication/flows/{alias}/executions", record=False).json():
        c.quiet("PUT", f"/authentication/flows/{alias}/executions", json={**execution, "requirement": "REQUIRED"})


@case("client-policies/flow")
def _(c):
    steps(c, "name", "auth-username-form")

    def goes(label, alias=None, loa=None, **params):
        """Through one page, or without; the level."""
        use(c, "auth-flow-enforcer", {k: v for k, v in (("auth-flow-alias", alias), ("auth-flow-loa", loa)) if v is not None})
        answer = page = c.authorize(record=False, **params)
        fields = sorted(f[0] for form in c.norm.page(page.text)["forms"] for f in form["fields"]) if page.status_code == 200 else []
        if fields:
            answer = c.submit(page, record=False, username="alice", password="wonderland")
        told = c.params(answer)
        level = decode_jwt(c.redeem(told["code"], record=False).json()["id_token"])[1]["acr"] if "code" in told else None
        c.note(label, [page.status_code, fields, level, told.get("error"), c.norm.page(page.text)["messages"] if page.status_code == 400 else None])

    goes("another flow", "name", 3)
    goes("without a cookie's step", "name", "2")
    goes("nobody is asked", "name", "2", prompt="none")
    c.browser.cookies.clear()
    goes("no level", "name")
    c.browser.cookies.clear()
    goes("less than a level", "name", 0)
    c.browser.cookies.clear()
    goes("no flow")
    goes("the realm's flow, by cookie", "browser", 2)
    c.browser.cookies.clear()
    goes("the realm's flow", "browser", 2)
    c.browser.cookies.clear()
    goes("a part of a flow", "forms", 2)
    c.browser.cookies.clear()
    c.quiet("PUT", f"/clients/{c.client_id('app')}", json={"attributes": {"acr.loa.map": '{"gold": "3", "silver": "1"}'}})
    goes("a name for the level", "name", 3)
    c.browser.cookies.clear()
    goes("less is asked for", "name", 3, claims='{"id_token": {"acr": {"essential": true, "values": ["silver"]}}}')
    c.browser.cookies.clear()
    browser = next(f["id"] for f in c.admin("GET", "/authentication/flows", record=False).json() if f["alias"] == "browser")
    c.quiet("PUT", f"/clients/{c.client_id('app')}", json={"authenticationFlowBindingOverrides": {"browser": browser}, "attributes": {"acr.loa.map": ""}})
    goes("more than the client's own flow", "name", 1)


class Intents(http.server.BaseHTTPRequestHandler):
    """Says of an intent what it was told to say, and keeps what it was asked."""
    answer, asked = (200, '{"is_bound": true}'), []

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        Intents.asked.append([self.path, self.headers["content-type"], json.loads(body)])
        status, text = Intents.answer
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_):
        pass


@case("client-policies/intent")
def _(c):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Intents)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    Intents.answer, Intents.asked = (200, '{"is_bound": true}'), []
    intent = {"value": "i-1", "essential": True}

    def settings(address=f"http://127.0.0.1:{server.server_port}/intents", name="openbanking_intent_id"):
        use(c, "intent-client-bind-checker", {k: v for k, v in (("intent-client-bind-check-endpoint", address), ("intent-name", name)) if v})

    def asks(label, value, place="id_token", name="openbanking_intent_id"):
        ask(c, label, claims=json.dumps({place: {name: value}}))

    settings()
    ask(c, "no claims")
    ask(c, "no object", claims="x")
    asks("another place", intent, "userinfo")
    asks("another name", intent, name="other")
    asks("nothing", None)
    asks("not essential", {"value": "i-1"})
    asks("no value", {"essential": True, "values": ["i-1"]})
    c.note("asked", len(Intents.asked))
    asks("good", intent)
    c.note("asked", Intents.asked)
    for answer in ('{"is_bound": false}', '{"bound": true}', "nonsense", ""):
        Intents.answer = (200, answer)
        asks(f"answer {answer}", intent)
    Intents.answer = (500, "x")
    asks("no answer", intent)
    Intents.answer = (200, '{"is_bound": true}')
    settings("http://127.0.0.1:1/")
    asks("nobody there", intent)
    settings("nonsense")
    asks("no address", intent)
    settings(None)
    ask(c, "no setting")
    settings(name="plan")
    asks("a name", intent, name="plan")
    settings(name=None)
    asks("no name", intent)
    settings()
    for label, params in (("none", {}), ("one", {"claims": json.dumps({"id_token": {"openbanking_intent_id": intent}})})):
        pushed = c.post("ext/par/request", data={"response_type": "code", "client_id": "app", "client_secret": "app-secret", "redirect_uri": "http://app.test/cb", "scope": "openid", **params}, record=False)
        ask(c, "pushed " + label, request_uri=pushed.json()["request_uri"])
    server.shutdown()


@case("admin-realm/text-has-a-type")
def _(c):
    c.admin("PUT", "/localization/de/k", json="text")
    c.admin("PUT", "/localization/de/k", data="text", headers={"Content-Type": "text/plain"})
    c.admin("GET", "/localization/de")
