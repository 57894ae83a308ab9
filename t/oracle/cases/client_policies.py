# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""Client policies: what their executors forbid or set, and for which clients their conditions hold."""
from engine import case


def use(c, executor, configuration=None, condition="any-client", **conditions):
    c.quiet("PUT", "/client-policies/profiles", json={"profiles": [{"name": "p", "executors": [{"executor": executor, "configuration": configuration or {}}]}]})
    c.quiet("PUT", "/client-policies/policies", json={"policies": [{"name": "q", "enabled": True, "conditions": [{"condition": condition, "configuration": conditions}], "profiles": ["p"]}]})


def make(c, label, **rep):
    answer = c.admin("POST", "/clients", json={"clientId": "c" + str(len(c.steps)), **rep}, record=False)
    value = answer.json() if answer.status_code != 201 else c.admin("GET", "/clients/" + answer.headers["location"].rsplit("/", 1)[1], record=False).json()
    kept = ("error", "error_description", "consentRequired", "fullScopeAllowed", "clientAuthenticatorType", "implicitFlowEnabled", "directAccessGrantsEnabled")
    c.note(label, [answer.status_code, {k: value.get(k) for k in kept}, {k: v for k, v in value.get("attributes", {}).items() if "pkce" in k or "tls" in k}])


def ask(c, label, **params):
    answer = c.authorize(record=False, **params)
    told = c.params(answer)
    c.note(label, [answer.status_code, told.get("error"), told.get("error_description")])
    c.browser.cookies.clear()


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


@case("client-policies/unknown-parts")
def _(c):
    for executor in ("nonsense", "confidential-client", "secure-request-object"):
        c.admin("PUT", "/client-policies/profiles", json={"profiles": [{"name": "p", "executors": [{"executor": executor, "configuration": {}}]}]})
    for condition in ("nonsense", "any-client", "identity-provider-alias"):
        c.admin("PUT", "/client-policies/policies", json={"policies": [{"name": "q", "enabled": True, "conditions": [{"condition": condition, "configuration": {}}], "profiles": ["p"]}]})


@case("admin-realm/text-has-a-type")
def _(c):
    c.admin("PUT", "/localization/de/k", json="text")
    c.admin("PUT", "/localization/de/k", data="text", headers={"Content-Type": "text/plain"})
    c.admin("GET", "/localization/de")
