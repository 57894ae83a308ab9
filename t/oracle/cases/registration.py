# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""Dynamic client registration (/realms/{realm}/clients-registrations/{provider}/{client}): OpenID Connect's and Keycloak's own, by each kind of token, and the realm's policies."""
from engine import case

BASE = "/realms/{realm}/clients-registrations/"


def initial(c, count=10):
    return {"Authorization": "Bearer " + c.admin("POST", "/clients-initial-access", json={"count": count}, record=False).json()["token"]}


def send(c, method, path, headers=None, label=None, **kw):
    return c.send(method, BASE + path, headers=headers, label=label or f"{method} {path}", **kw)


def own(answer):
    value = answer.json()
    return {"Authorization": "Bearer " + (value.get("registrationAccessToken") or value.get("registration_access_token"))}


def short(c, label, answer, *members):
    """What matters of an answer whose other members other cases hold."""
    value = answer.json() if answer.text else {}
    c.note(label, [answer.status_code, value.get("error"), value.get("error_description"), {m: value.get(m) for m in members}])
    return answer


@case("registration/default")
def _(c):
    head = initial(c)
    made = short(c, "made", send(c, "POST", "default", head, json={"clientId": "d1", "redirectUris": ["http://x.test/*"]}, record=False), "clientId", "redirectUris", "webOrigins", "publicClient", "fullScopeAllowed", "defaultClientScopes", "defaultRoles")
    token = own(made)
    short(c, "seen", send(c, "GET", "default/d1", token, record=False), "clientId", "redirectUris")
    changed = short(c, "changed", send(c, "PUT", "default/d1", token, json={"clientId": "d1", "redirectUris": ["http://y.test/*"], "name": "D"}, record=False), "clientId", "redirectUris", "name")
    send(c, "GET", "default/d1", token, label="the old token")
    token = own(changed)
    send(c, "PUT", "default/d1", token, json={"clientId": "other"})
    send(c, "GET", "install/d1", token, record=False)
    send(c, "GET", "default/app", token)
    send(c, "GET", "default/nothing", token)
    send(c, "GET", "default/d1", label="without a token")
    send(c, "GET", "default/d1", {"Authorization": "Bearer x"}, label="with a bad token")
    send(c, "POST", "default", head, json={"clientId": "d1"}, label="the same again")
    send(c, "POST", "default", head, json={"unknown": 1}, label="an unknown member")
    send(c, "DELETE", "default/d1", token)
    send(c, "DELETE", "default/d1", token)
    short(c, "no id", send(c, "POST", "default", head, json={}, record=False), "redirectUris")


@case("registration/openid-connect")
def _(c):
    head = initial(c, 30)
    made = send(c, "POST", "openid-connect", head, json={
        "client_name": "All", "client_uri": "http://x.test/", "redirect_uris": ["http://x.test/cb"], "token_endpoint_auth_method": "client_secret_post",
        "grant_types": ["authorization_code", "refresh_token", "client_credentials"], "post_logout_redirect_uris": ["http://p.test/", "http://q.test/"],
        "backchannel_logout_uri": "http://b.test/", "id_token_signed_response_alg": "ES256", "require_pushed_authorization_requests": True,
        "request_uris": ["http://x.test/r"]}, label="all")
    token = own(made)
    id = made.json()["client_id"]
    send(c, "GET", "openid-connect/" + id, token, label="seen")
    changed = short(c, "changed", send(c, "PUT", "openid-connect/" + id, token, json={"client_id": id, "client_name": "Less", "redirect_uris": ["http://z.test/cb"]}, record=False), "client_name", "redirect_uris", "grant_types", "token_endpoint_auth_method")
    send(c, "PUT", "openid-connect/" + id, token, json={"client_id": id}, label="the old token")
    token = own(changed)
    send(c, "PUT", "openid-connect/" + id, token, json={"client_id": "other"}, label="another's id")
    send(c, "PUT", "openid-connect/" + id, token, json={"client_name": "x"}, label="no id")
    short(c, "front", send(c, "POST", "openid-connect", head, json={"redirect_uris": ["http://x.test/cb"], "response_types": ["id_token", "id_token token"], "grant_types": ["implicit"], "token_endpoint_auth_method": "none"}, record=False), "response_types", "grant_types", "token_endpoint_auth_method", "client_secret")
    short(c, "hybrid", send(c, "POST", "openid-connect", head, json={"redirect_uris": ["http://x.test/cb"], "response_types": ["code id_token"]}, record=False), "response_types", "grant_types")
    short(c, "keys", send(c, "POST", "openid-connect", head, json={"redirect_uris": ["http://x.test/cb"], "token_endpoint_auth_method": "private_key_jwt", "jwks_uri": "http://x.test/jwks", "subject_type": "pairwise"}, record=False), "jwks_uri", "subject_type", "token_endpoint_auth_method", "client_secret")
    for label, body in {"its own id": {"client_id": "mine"}, "an unknown method": {"token_endpoint_auth_method": "x"}, "an unknown response type": {"response_types": ["x"]},
                        "an unknown grant": {"grant_types": ["x"]}, "an unknown member": {"unknown": 1}, "an unknown scope": {"scope": "openid nonsense"}}.items():
        short(c, label, send(c, "POST", "openid-connect", head, json=body, record=False), "grant_types")
    send(c, "POST", "openid-connect", head, data="{", label="no JSON")
    send(c, "POST", "nonsense", head, json={}, label="no provider")
    send(c, "DELETE", "openid-connect/" + id, token, label="gone")
    send(c, "GET", "openid-connect/" + id, token, label="gone already")
    send(c, "POST", "openid-connect", json={"redirect_uris": ["https://r.test/cb"]}, label="nobody")


@case("registration/policies")
def _(c):
    policies = {(p["subType"], p["providerId"]): p for p in c.admin("GET", "/components?type=org.keycloak.services.clientregistration.policy.ClientRegistrationPolicy", record=False).json()}

    def configure(provider, kind="anonymous", **config):
        policy = policies[kind, provider]
        policy["config"] = {k.replace("_", "-"): v for k, v in config.items()}
        c.quiet("PUT", "/components/" + policy["id"], json=policy)
    configure("trusted-hosts", trusted_hosts=["127.0.0.1", "x.test"], host_sending_registration_request_must_match=["true"], client_uris_must_match=["true"])
    made = short(c, "anonymous", send(c, "POST", "default", json={"clientId": "a1", "redirectUris": ["http://x.test/cb"]}, record=False), "consentRequired", "fullScopeAllowed", "enabled")
    token = own(made)
    send(c, "POST", "default", json={"clientId": "a2", "redirectUris": ["http://evil.test/cb"]}, label="an evil host")
    send(c, "PUT", "default/a1", token, json={"clientId": "a1", "consentRequired": False}, label="no consent")
    send(c, "PUT", "default/a1", token, json={"clientId": "a1", "fullScopeAllowed": True}, label="full scope")
    send(c, "POST", "default", json={"clientId": "a3", "redirectUris": ["http://x.test/cb"], "protocolMappers": [{"name": "r", "protocol": "openid-connect", "protocolMapper": "oidc-hardcoded-role-mapper", "config": {"role": "admin"}}]}, label="a bad mapper")
    send(c, "POST", "default", json={"clientId": "a4", "redirectUris": ["http://x.test/cb"], "defaultClientScopes": ["nonsense"]}, label="a bad scope")
    configure("max-clients", max_clients=["1"])
    send(c, "POST", "default", json={"clientId": "a5", "redirectUris": ["http://x.test/cb"]}, label="too many")
    configure("trusted-hosts", trusted_hosts=["10.0.0.1"], host_sending_registration_request_must_match=["true"], client_uris_must_match=["false"])
    send(c, "GET", "default/a1", token, label="from another host")


@case("registration/web-origins")
def _(c):
    policies = c.admin("GET", "/components?type=org.keycloak.services.clientregistration.policy.ClientRegistrationPolicy", record=False).json()
    for policy in policies:
        if policy["providerId"] == "trusted-hosts":
            c.quiet("DELETE", "/components/" + policy["id"])

    def ask(label, method, path="openid-connect", origin=None, headers=None, **kw):
        answer = send(c, method, path, {**(headers or {}), **({"Origin": origin} if origin else {})}, record=False, **kw)
        c.note(label, [answer.status_code, answer.json().get("error") if answer.text else None, *(answer.headers.get("Access-Control-Allow-" + name) for name in ("Origin", "Credentials"))])
        return answer

    new, here, there = {"redirect_uris": ["https://app.test/cb"], "client_name": "x"}, "https://a.test", "https://b.test"
    for name, origins in (("none", None), ("one", [here]), ("plus", ["+"]), ("all", ["*"])):
        for policy in policies:
            if policy["providerId"] == "registration-web-origins":
                c.quiet("PUT", "/components/" + policy["id"], json={**policy, "config": {"web-origins": origins} if origins else {}})
        ask(f"{name}: no script", "POST", json=new)
        for label, origin in (("here", here), ("there", there), ("nowhere", "null")):
            ask(f"{name}: {label}", "POST", origin=origin, json=new)
            ask(f"{name}: {label}, with a token", "POST", origin=origin, headers=initial(c), json=new)
            ask(f"{name}: {label}, with a bad token", "POST", origin=origin, headers={"Authorization": "Bearer x"}, json=new)
        ask(f"{name}: Keycloak's own", "POST", "default", origin=here, json={"clientId": "own-" + name})


@case("registration/users")
def _(c):
    management = c.client_id("realm-management")
    create = c.admin("GET", f"/clients/{management}/roles/create-client", record=False).json()
    c.quiet("POST", f"/users/{c.user_id('alice')}/role-mappings/clients/{management}", json=[create])
    alice = {"Authorization": "Bearer " + c.password()["access_token"]}
    bob = {"Authorization": "Bearer " + c.password("bob", "canwefixit")["access_token"]}
    short(c, "may create", send(c, "POST", "default", alice, json={"clientId": "b1"}, record=False), "clientId")
    send(c, "GET", "default/b1", alice, label="may not view")
    send(c, "PUT", "default/b1", alice, json={"clientId": "b1"}, label="may not change")
    send(c, "DELETE", "default/b1", alice, label="may not remove")
    send(c, "POST", "default", bob, json={"clientId": "b2"}, label="may nothing")
    view = c.admin("GET", f"/clients/{management}/roles/manage-clients", record=False).json()
    c.quiet("POST", f"/users/{c.user_id('bob')}/role-mappings/clients/{management}", json=[view])
    bob = {"Authorization": "Bearer " + c.password("bob", "canwefixit")["access_token"]}
    short(c, "may view", send(c, "GET", "default/b1", bob, record=False), "clientId")
    short(c, "may change", send(c, "PUT", "default/b1", bob, json={"clientId": "b1", "name": "B"}, record=False), "name")
    send(c, "GET", "default/nothing", bob, label="not there")
    send(c, "DELETE", "default/b1", bob, label="may remove")
    app = c.client_id("app")
    token = c.admin("POST", f"/clients/{app}/registration-access-token", record=False).json()["registrationAccessToken"]
    short(c, "by an administrator's token", send(c, "GET", "default/app", {"Authorization": "Bearer " + token}, record=False), "clientId")


@case("registration/by-everybody")
def _(c):
    """Clients that every realm has, and others, by each kind of token."""
    management = c.client_id("realm-management")

    def bearer(role):
        name = "u-" + (role or "none")
        c.quiet("POST", "/users", json={"username": name, "enabled": True, "email": name + "@x.test", "firstName": "A", "lastName": "B", "credentials": [{"type": "password", "value": "p"}]})
        if role:
            c.quiet("POST", f"/users/{c.user_id(name)}/role-mappings/clients/{management}", json=[c.admin("GET", f"/clients/{management}/roles/{role}", record=False).json()])
        return c.password(user=name, password="p")["access_token"]

    def token_of(client):
        return c.admin("POST", f"/clients/{c.client_id(client)}/registration-access-token", json={}, record=False).json()["registrationAccessToken"]

    def tries(label, token, *calls):
        for method, path, body in calls:
            answer = send(c, method, path, headers={"Authorization": "Bearer " + token}, record=False, **({"json": body} if body else {}))
            value = answer.json() if answer.text else {}
            c.note(f"{label}: {method} {path}", [answer.status_code, value.get("error"), value.get("error_description"), value.get("client_secret_expires_at"), value.get("token_endpoint_auth_method")])

    views = [("GET", f"{kind}/{client}", None) for kind, client in (("default", "realm-management"), ("openid-connect", "account"), ("default", "nonesuch"))]
    changes = [("PUT", "default/realm-management", {"clientId": "realm-management", "name": "x"}), ("DELETE", "default/broker", None), ("DELETE", "default/nonesuch", None)]
    for role in ("create-client", "manage-clients", "view-clients", "query-clients", None):
        tries(role, bearer(role), *views, *changes)
    made = c.admin("POST", "/clients-initial-access", json={"count": 10}, record=False).json()["token"]
    tries("an initial token", made, *views, *changes)
    tries("another's token", token_of("app"), *views, *changes, ("POST", "default", {"clientId": "new"}))
    tries("its own token", token_of("account"), views[1], ("DELETE", "default/account", None))
    keys = {"keys": [{"kty": "EC", "crv": "P-256", "use": "sig", "kid": "k", "alg": "ES256", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}
    for method, more in (("self_signed_tls_client_auth", {}), ("private_key_jwt", {}), ("private_key_jwt", {"jwks": {"keys": []}}), ("private_key_jwt", {"jwks": keys, "jwks_uri": "https://x.test/j"}),
                         ("private_key_jwt", {"jwks": keys}), ("none", {}), ("client_secret_jwt", {}), ("tls_client_auth", {"tls_client_auth_subject_dn": "CN=a"})):
        answer = send(c, "POST", "openid-connect", headers={"Authorization": "Bearer " + made}, record=False, json={"redirect_uris": ["https://x.test/"], "token_endpoint_auth_method": method, **more})
        value = answer.json()
        rep = c.admin("GET", f"/clients?clientId={value['client_id']}", record=False).json()[0] if answer.status_code == 201 else {}
        c.note(f"{method} {sorted(more)}", [answer.status_code, value.get("error_description"), value.get("client_secret_expires_at"), rep.get("clientAuthenticatorType"), rep.get("publicClient"),
                                             {k: v for k, v in rep.get("attributes", {}).items() if "x509" in k or "client.secret.auth" in k}])
