# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""Authorization services as resource servers and their clients use them: the grant, the protection API."""
import json

from engine import case

GRANT = "urn:ietf:params:oauth:grant-type:uma-ticket"
SETTINGS = {
    "allowRemoteResourceManagement": True, "policyEnforcementMode": "ENFORCING", "decisionStrategy": "UNANIMOUS",
    "scopes": [{"name": name} for name in ("read", "write", "share", "lone")],
    "resources": [
        {"name": "doc", "type": "urn:doc", "uris": ["/doc/*", "/doc"], "scopes": [{"name": "read"}, {"name": "write"}], "attributes": {"a": ["1"]}},
        {"name": "other", "type": "urn:other", "uris": ["/other/{id}"], "scopes": [{"name": "read"}]},
        {"name": "plain", "uris": ["/plain"]},
        {"name": "bare", "type": "urn:bare", "scopes": [{"name": "share"}]}],
    "policies": [
        {"name": "is alice", "type": "user", "config": {"users": json.dumps(["alice"])}},
        {"name": "is bob", "type": "user", "config": {"users": json.dumps(["bob"])}},
        {"name": "is pushed", "type": "regex", "config": {"targetClaim": "pushed", "pattern": "^yes$", "targetContextAttributes": "true"}},
        {"name": "is app", "type": "client", "config": {"clients": json.dumps(["app"])}},
        {"name": "to read", "type": "scope", "config": {"resources": json.dumps(["doc"]), "scopes": json.dumps(["read"]), "applyPolicies": json.dumps(["is alice"])}},
        {"name": "to write", "type": "scope", "config": {"resources": json.dumps(["doc"]), "scopes": json.dumps(["write"]), "applyPolicies": json.dumps(["is bob"])}},
        {"name": "to others", "type": "resource", "config": {"defaultResourceType": "urn:other", "applyPolicies": json.dumps(["is alice"])}},
        {"name": "to lone", "type": "scope", "config": {"scopes": json.dumps(["lone"]), "applyPolicies": json.dumps(["is alice"])}},
        {"name": "to share", "type": "resource", "config": {"resources": json.dumps(["bare"]), "applyPolicies": json.dumps(["is pushed"])}},
        {"name": "to plain", "type": "resource", "config": {"resources": json.dumps(["plain"]), "applyPolicies": json.dumps(["is app"])}}]}


def server(c, name="guarded", settings=None, **fields):
    c.quiet("POST", "/clients", json={"clientId": name, "secret": name, "serviceAccountsEnabled": True, "directAccessGrantsEnabled": True, "authorizationServicesEnabled": True, **fields})
    root = f"/clients/{c.client_id(name)}/authz/resource-server"
    if settings is not None:
        c.quiet("POST", root + "/import", json=settings)
    return root


def get(c, path):
    return c.admin("GET", path, record=False).json()


def furnish(c):
    """A resource server with its things: the ids of resources and scopes by name, and a token of alice for `app`."""
    root = server(c, settings=SETTINGS)
    k = {entry["name"]: entry["_id"] for entry in get(c, root + "/resource?deep=false")}
    k.update({"#" + entry["name"]: entry["id"] for entry in get(c, root + "/scope")})
    return root, k, c.password()["access_token"]


def ask(c, token=None, label="ask", record=True, audience="guarded", auth=None, **form):
    head = {"Authorization": "Bearer " + token} if token else {}
    data = {"grant_type": GRANT, **({"audience": audience} if audience else {}), **form}
    return c.send("POST", "token", label=label, data=data, headers=head, auth=auth, record=record)


def claims_of(token):
    from engine import decode_jwt
    return decode_jwt(token)[1]


def granted(answer):
    """What was granted, in few words."""
    body = answer.json()
    if "access_token" not in body:
        return [answer.status_code, body.get("error"), body.get("error_description")]
    return sorted([entry.get("rsname"), sorted(entry.get("scopes", []))] for entry in claims_of(body["access_token"])["authorization"]["permissions"])


def note(c, label, token=None, **form):
    c.note(label, granted(ask(c, token, record=False, **form)))


@case("uma/rpt")
def _(c):
    root, k, token = furnish(c)
    ask(c, token, "all")
    ask(c, token, "doc", permission="doc")
    ask(c, token, "doc#read", permission="doc#read")
    ask(c, token, "openid", permission="doc#read", scope="openid")
    ask(c, c.password(scope="openid")["access_token"], "of an openid token", permission="other")


@case("uma/permissions")
def _(c):
    root, k, alice = furnish(c)
    bob = c.password("bob", "canwefixit")["access_token"]
    for name, token in (("alice", alice), ("bob", bob)):
        note(c, name + " all", token)
        for text in ("doc", "doc#read", "doc#write", "doc#read,write", "doc#read, write", "doc#share", "doc#read,none", "doc#", "other", "other#write", "plain", "bare", "bare#share", "#read", "#write", "#lone", "#read,lone",
                     "#none", "none", "none#read", k["doc"], k["doc"] + "#read", "00000000-0000-4000-8000-000000000000", "resource-type:urn:other", "resource-type:none", "resource-type-any:urn:doc",
                     "resource-type-owner:urn:doc", "resource-type-instance:urn:doc", "", "a#b#c"):
            note(c, f"{name} {text.replace(k['doc'], 'ID')}", token, permission=text)
        note(c, name + " two", token, permission=["doc#read", "other"])
        note(c, name + " one of two", token, permission=["doc#write", "other"])
        note(c, name + " one twice", token, permission=["doc#read", "doc#write"])
        note(c, name + " one unknown", token, permission=["other", "none"])
        note(c, name + " scope", token, permission="doc", scope="write")
        note(c, name + " scope unknown", token, permission="doc", scope="nosuch")
        note(c, name + " scope openid", token, permission="doc", scope="openid")
        note(c, name + " scope and all", token, scope="read")


@case("uma/strategies")
def _(c):
    root, k, alice = furnish(c)
    bob = c.password("bob", "canwefixit")["access_token"]
    to_doc = c.admin("POST", root + "/permission/resource", json={"name": "to doc", "resources": [k["doc"]], "policies": [get(c, root + "/policy/search?name=is bob")["id"]]}, record=False)
    assert to_doc.status_code == 201
    for strategy in ("AFFIRMATIVE", "UNANIMOUS"):
        for mode in ("ENFORCING", "PERMISSIVE", "DISABLED"):
            c.admin("PUT", root, json={**get(c, root), "decisionStrategy": strategy, "policyEnforcementMode": mode}, record=False)
            for name, token in (("alice", alice), ("bob", bob)):
                note(c, f"{strategy} {mode} {name} all", token)
                for text in ("doc", "doc#read", "doc#write", "bare", "plain", "#lone", "#share", "none", "#none"):
                    note(c, f"{strategy} {mode} {name} {text}", token, permission=text)


@case("uma/decision")
def _(c):
    root, k, token = furnish(c)
    for mode in ("decision", "permissions", "nonsense", ""):
        ask(c, token, "granted " + mode, permission=["doc", "other"], response_mode=mode)
        ask(c, token, "denied " + mode, permission="bare", response_mode=mode)
        ask(c, token, "unknown " + mode, permission="none", response_mode=mode)
    ask(c, token, "all", response_mode="permissions")
    c.note("without names", [sorted(entry) for entry in ask(c, token, record=False, response_mode="permissions", response_include_resource_name="false").json()])
    ask(c, token, "with names", response_mode="permissions", response_include_resource_name="true")
    ask(c, token, "lone", response_mode="permissions", permission="#lone")
    ask(c, token, "names in the token", permission="doc#read", response_include_resource_name="false")
    for limit in ("0", "1", "2", "-1"):
        answer = ask(c, token, record=False, response_mode="permissions", response_permissions_limit=limit, permission=["doc", "other"])
        c.note("limit " + limit, [answer.status_code, len(answer.json()) if answer.status_code == 200 else answer.json()])
        answer = ask(c, token, record=False, response_mode="permissions", response_permissions_limit=limit)
        if limit in ("0", "-1"):
            c.note("limit of all " + limit, [answer.status_code, answer.json()])


@case("uma/uris")
def _(c):
    root, k, token = furnish(c)
    for matching in (None, "true"):
        for text in ("/doc/*", "/doc", "/doc/7", "/doc/7#read", "/other/{id}", "/other/5", "/other/5#read", "/none", "doc"):
            note(c, f"{matching} {text}", token, permission=text, permission_resource_format="uri", **({"permission_resource_matching_uri": matching} if matching else {}))
    note(c, "two", token, permission=["/doc#read", "/other/{id}"], permission_resource_format="uri")
    note(c, "id", token, permission="doc", permission_resource_format="id")
    note(c, "format", token, permission="doc", permission_resource_format="nonsense")


@case("uma/refused")
def _(c):
    root, k, token = furnish(c)
    c.quiet("POST", "/clients", json={"clientId": "open", "publicClient": True, "directAccessGrantsEnabled": True})
    ask(c, token, "no audience", audience=None)
    ask(c, token, "no audience, permission", audience=None, permission="doc")
    ask(c, token, "unknown audience", audience="nobody")
    ask(c, token, "no resource server", audience="app")
    ask(c, token, "by its id", audience=c.client_id("guarded"))
    ask(c, token, "denied", permission="doc#write")
    ask(c, token, "denied, no request", permission="doc#write", submit_request="false")
    ask(c, token, "invalid resource", permission="none")
    ask(c, token, "invalid scope", permission="doc#none")
    ask(c, "nonsense", "bad token", permission="doc")
    ask(c, c.password()["refresh_token"], "refresh token", permission="doc")
    ask(c, None, "nobody", permission="doc")
    ask(c, None, "bad secret", auth=("guarded", "wrong"), permission="doc")
    ask(c, token, "bad ticket", ticket="nonsense")
    ask(c, token, "bad rpt", rpt="nonsense", permission="doc")
    ask(c, token, "claims without format", claim_token="e30", permission="doc")
    ask(c, token, "claims of a bad format", claim_token="e30", claim_token_format="nonsense", permission="doc")
    ask(c, token, "bad claims", claim_token="%%%", claim_token_format="urn:ietf:params:oauth:token-type:jwt", permission="doc")
    open_token = c.token(client="open", secret=None, grant_type="password", username="alice", password="wonderland").json()["access_token"]
    ask(c, open_token, "public", permission="doc#read")
    ask(c, open_token, "public with claims", permission="doc#read", claim_token="e30", claim_token_format="urn:ietf:params:oauth:token-type:jwt")
    ask(c, None, "public without token", client_id="open", permission="doc#read")
    c.send("POST", "/realms/{realm}/protocol/openid-connect/logout", record=False, data={"client_id": "open", "refresh_token": "x"})
    c.quiet("PUT", f"/users/{c.user_id('alice')}", json={"enabled": False})
    ask(c, token, "disabled user", permission="doc#read")


@case("uma/subjects")
def _(c):
    """Whose roles, groups and claims count."""
    root = server(c)
    c.quiet("POST", "/clients", json={"clientId": "narrow", "secret": "narrow", "directAccessGrantsEnabled": True, "fullScopeAllowed": False})
    c.quiet("POST", "/clients", json={"clientId": "light", "secret": "light", "directAccessGrantsEnabled": True, "attributes": {"client.use.lightweight.access.token.enabled": "true"}})
    config = {"reads": ["role", {"roles": json.dumps([{"id": "reader"}])}], "fetches": ["role", {"roles": json.dumps([{"id": "reader"}]), "fetchRoles": "true"}],
              "views": ["role", {"roles": json.dumps([{"id": "app/view"}])}], "staff": ["group", {"groups": json.dumps([{"path": "/staff", "extendChildren": True}])}],
              "staff alone": ["group", {"groups": json.dumps([{"path": "/staff"}])}], "mail": ["regex", {"targetClaim": "email", "pattern": "^alice@.*"}],
              "of app": ["client", {"clients": json.dumps(["app"])}], "of itself": ["client", {"clients": json.dumps(["guarded"])}],
              "profiled": ["client-scope", {"clientScopes": json.dumps([{"id": "profile"}])}], "offline": ["client-scope", {"clientScopes": json.dumps([{"id": "offline_access"}])}],
              "long ago": ["time", {"noa": "2001-01-01 00:00:00"}], "not alice": ["user", {"users": json.dumps(["alice"])}]}
    policies = [{"name": name, "type": kind, "config": body, "logic": "NEGATIVE" if name.startswith("not") else "POSITIVE"} for name, (kind, body) in config.items()]
    settings = {**SETTINGS, "scopes": [], "resources": [{"name": name} for name in config],
                "policies": policies + [{"name": "to " + name, "type": "resource", "config": {"resources": json.dumps([name]), "applyPolicies": json.dumps([name])}} for name in config]}
    c.quiet("POST", root + "/import", json=settings)
    for client in ("app", "narrow", "light"):
        for user, password in (("alice", "wonderland"), ("bob", "canwefixit")):
            for scope in ("", "offline_access"):
                asked = {"scope": scope} if scope else {}
                token = c.token(client=client, secret="app-secret" if client == "app" else client, grant_type="password", username=user, password=password, **asked).json()["access_token"]
                note(c, f"{client} {user} {scope}", token)
    note(c, "a service account", None, auth=("app", "app-secret"))
    note(c, "the resource server", None, auth=("guarded", "guarded"))


@case("uma/owned")
def _(c):
    """Resources of users; what they inherit from the resource server's own of the same type."""
    root, k, alice = furnish(c)
    bob = c.password("bob", "canwefixit")["access_token"]
    for name, body in {"alices": {"owner": "alice", "type": "urn:doc", "scopes": [{"name": "share"}]}, "bobs": {"owner": "bob", "ownerManagedAccess": True, "scopes": [{"name": "read"}]},
                       "alices own": {"owner": "alice", "ownerManagedAccess": True, "type": "urn:none", "scopes": [{"name": "read"}, {"name": "lone"}]}, "doc": {"owner": "bob", "type": "urn:doc", "scopes": []},
                       "other": {"owner": "alice", "type": "urn:other", "scopes": [{"name": "write"}]}}.items():
        k["of " + body["owner"] + " " + name] = c.admin("POST", root + "/resource", json={"name": name, **body}, record=False).json()["_id"]
    for user, token in (("alice", alice), ("bob", bob)):
        note(c, user + " all", token)
        for name in [entry for entry in k if not entry.startswith("#")]:
            note(c, f"{user} {name}", token, permission=k[name])
            note(c, f"{user} {name} read", token, permission=k[name] + "#read")
        for text in ("alices", "bobs", "doc", "doc#read", "doc#write", "other", "alices own", "alices#read", "alices#share", "bobs#read", "#read", "#lone", "#share", "resource-type:urn:doc", "resource-type-any:urn:doc",
                     "resource-type-owner:urn:doc", "resource-type-instance:urn:doc", "resource-type-owner:urn:other", "resource-type-any:urn:none"):
            note(c, f"{user} {text}", token, permission=text)

@case("uma/clients")
def _(c):
    """Without a bearer token."""
    import base64
    root, k, token = furnish(c)
    guarded = ("guarded", "guarded")
    ask(c, None, "itself", auth=guarded)
    ask(c, None, "itself, one", auth=guarded, permission="plain")
    ask(c, None, "app", auth=("app", "app-secret"), permission="plain")
    ask(c, None, "app without service account right", auth=("app", "app-secret"), permission="doc")
    ask(c, None, "subject token", auth=guarded, subject_token=token, permission="doc#read")
    ask(c, None, "bad subject token", auth=guarded, subject_token="nonsense", permission="doc#read")
    id_token = c.password(scope="openid")["id_token"]
    ask(c, None, "id token", auth=guarded, claim_token=id_token, permission="doc#read")
    ask(c, None, "id token with format", auth=guarded, claim_token=id_token, claim_token_format="http://openid.net/specs/openid-connect-core-1_0.html#IDToken", permission="doc#read")
    own = c.token(client="guarded", secret="guarded", grant_type="password", username="alice", password="wonderland", scope="openid").json()
    ask(c, None, "own id token", auth=guarded, claim_token=own["id_token"], permission="doc#read")
    ask(c, None, "own access token as claims", auth=guarded, claim_token=own["access_token"], permission="doc#read")
    ask(c, own["access_token"], "own access token", permission="doc#read")
    ask(c, None, "scope", auth=("app", "app-secret"), scope="read")
    ask(c, None, "access token as claims", auth=guarded, claim_token=token, permission="doc#read")
    ask(c, None, "bad id token", auth=guarded, claim_token="nonsense", permission="doc#read")
    for pushed in ({"pushed": ["yes"]}, {"pushed": ["no"]}, {}):
        text = base64.urlsafe_b64encode(json.dumps(pushed).encode()).decode()
        ask(c, None, "claims " + json.dumps(pushed), auth=guarded, claim_token=text, claim_token_format="urn:ietf:params:oauth:token-type:jwt", permission="bare")
    text = base64.urlsafe_b64encode(json.dumps({"pushed": ["yes"]}).encode()).decode()
    ask(c, token, "claims with a token", claim_token=text, claim_token_format="urn:ietf:params:oauth:token-type:jwt", permission="bare")
    ask(c, None, "claims and subject", auth=guarded, subject_token=token, claim_token=text, claim_token_format="urn:ietf:params:oauth:token-type:jwt", permission="bare")


@case("uma/upgrade")
def _(c):
    root, k, token = furnish(c)
    rpt = ask(c, token, record=False, permission="doc#read").json()["access_token"]
    ask(c, token, "more", rpt=rpt, permission="other")
    ask(c, token, "more, with its scope", rpt=rpt, permission="other#read")
    ask(c, token, "nothing new", rpt=rpt)
    ask(c, token, "the same", rpt=rpt, permission="doc#read")
    ask(c, token, "what is denied", rpt=rpt, permission="doc#write")
    ask(c, token, "one is denied", rpt=rpt, permission=["other", "bare"])
    ask(c, token, "access token as rpt", rpt=token, permission="other")
    ask(c, rpt, "the rpt is the bearer", permission="other")


@case("uma/refresh")
def _(c):
    root, k, token = furnish(c)
    rpt = ask(c, token, record=False, permission="doc#read").json()
    fresh = c.token(record=True, grant_type="refresh_token", refresh_token=rpt["refresh_token"]).json()
    c.token(record=True, grant_type="refresh_token", refresh_token=fresh["refresh_token"])
    c.quiet("DELETE", f"{root}/resource/{k['doc']}")
    c.token(record=True, grant_type="refresh_token", refresh_token=rpt["refresh_token"])
    c.token(record=True, client="guarded", secret="guarded", grant_type="refresh_token", refresh_token=rpt["refresh_token"])


@case("uma/introspection")
def _(c):
    root, k, token = furnish(c)
    rpt = ask(c, token, record=False, permission=["doc#read", "other"]).json()["access_token"]
    plain = ask(c, token, record=False, permission="#lone").json()["access_token"]
    for label, value in (("rpt", rpt), ("without resource", plain), ("access token", token), ("nonsense", "nonsense"), ("none", None)):
        for hint in ("requesting_party_token", None, "access_token"):
            for client in ("guarded", "app"):
                c.send("POST", "token/introspect", label=f"{label} {hint} {client}", auth=(client, client if client == "guarded" else "app-secret"),
                       data={k: v for k, v in (("token", value), ("token_type_hint", hint)) if v})
    c.send("GET", "userinfo", headers={"Authorization": "Bearer " + c.password(scope="openid")["access_token"]}, record=False)


@case("uma/discovery")
def _(c):
    c.send("GET", "/realms/{realm}/.well-known/uma2-configuration")
    c.send("GET", "/realms/nosuch/.well-known/uma2-configuration")
    c.send("GET", "/realms/{realm}/.well-known/openid-configuration", record=False)


@case("uma/cors")
def _(c):
    root, k, token = furnish(c)
    for origin in ("http://app.test", "http://other.test"):
        head = {"Authorization": "Bearer " + token, "Origin": origin}
        c.send("POST", "token", label="granted " + origin, headers=head, data={"grant_type": GRANT, "audience": "guarded", "permission": "doc#read"})
        c.send("POST", "token", label="denied " + origin, headers=head, data={"grant_type": GRANT, "audience": "guarded", "permission": "bare"})
        c.send("POST", "token", label="unknown " + origin, headers=head, data={"grant_type": GRANT, "audience": "guarded", "permission": "none"})
        c.send("POST", "token", label="bad token " + origin, headers={**head, "Authorization": "Bearer nonsense"}, data={"grant_type": GRANT, "audience": "guarded"})


PROTECTION = "/realms/{realm}/authz/protection"


def pat(c, name="guarded"):
    return c.token(client=name, secret=name, grant_type="client_credentials").json()["access_token"]


def protect(c, method, path, token, label=None, record=True, **kw):
    head = {"Authorization": "Bearer " + token} if token else {}
    return c.send(method, PROTECTION + path, label=label or f"{method} {path}", headers={**head, **kw.pop("headers", {})}, record=record, **kw)


@case("uma/resource-set")
def _(c):
    root, k, alice = furnish(c)
    token = pat(c)
    made = protect(c, "POST", "/resource_set", token, "full", json={"name": "new", "type": "urn:new", "uris": ["/new", "/new/*"], "resource_scopes": ["read", "fresh"], "icon_uri": "https://example.org/icon",
                                                                    "displayName": "New", "attributes": {"a": ["1", "2"]}}).json()["_id"]
    protect(c, "GET", f"/resource_set/{made}", token, "read")
    protect(c, "POST", "/resource_set", token, "scopes", json={"name": "with scopes", "scopes": ["read", {"name": "write"}]})
    protect(c, "POST", "/resource_set", token, "both", json={"name": "with both", "scopes": ["read"], "resource_scopes": ["write"]})
    protect(c, "POST", "/resource_set", token, "uri", json={"name": "with uri", "uri": "/one"})
    protect(c, "POST", "/resource_set", token, "its id", json={"name": "with id", "_id": "11111111-1111-4111-8111-111111111111"})
    owned = protect(c, "POST", "/resource_set", token, "owned", json={"name": "owned", "owner": "alice", "ownerManagedAccess": True, "resource_scopes": ["read"]}).json()["_id"]
    protect(c, "POST", "/resource_set", token, "owned by id", json={"name": "owned by id", "owner": {"id": c.user_id("bob")}, "ownerManagedAccess": True})
    protect(c, "POST", "/resource_set", token, "the same name of another", json={"name": "new", "owner": "alice"})
    protect(c, "POST", "/resource_set", token, "the same name", json={"name": "new"})
    protect(c, "POST", "/resource_set", token, "no such owner", json={"name": "x", "owner": "nobody"})
    protect(c, "POST", "/resource_set", token, "no object", json=["x"])
    protect(c, "POST", "/resource_set", token, "no JSON", data="{", headers={"Content-Type": "application/json"})
    protect(c, "POST", "/resource_set", alice, "not the server", json={"name": "users"})
    protect(c, "POST", "/resource_set", None, "nobody", json={"name": "users"})
    protect(c, "POST", "/resource_set", "nonsense", "bad token", json={"name": "users"})
    protect(c, "GET", "/resource_set", None)
    protect(c, "GET", "/resource_set", alice, "list of a user")
    protect(c, "GET", f"/resource_set/{made}", alice, "of a user")
    protect(c, "PUT", f"/resource_set/{made}", token, "change", json={"name": "newer", "resource_scopes": ["read"], "uris": ["/newer"]})
    protect(c, "GET", f"/resource_set/{made}", token, "changed")
    taken = protect(c, "PUT", f"/resource_set/{made}", token, record=False, json={"name": "doc"})
    c.note("taken", [taken.status_code, taken.json()])
    protect(c, "PUT", f"/resource_set/{owned}", token, "its owner", json={"name": "owned", "owner": "bob", "ownerManagedAccess": False})
    protect(c, "GET", f"/resource_set/{owned}", token, "owned")
    protect(c, "PUT", "/resource_set/none", token, "none", json={"name": "x"})
    protect(c, "DELETE", f"/resource_set/{made}", alice, "not theirs")
    protect(c, "DELETE", f"/resource_set/{made}", token, "gone")
    protect(c, "GET", f"/resource_set/{made}", token, "no more")
    protect(c, "DELETE", f"/resource_set/{made}", token, "gone already")
    c.admin("GET", root + "/scope?deep=false")


@case("uma/resource-queries")
def _(c):
    root, k, alice = furnish(c)
    token = pat(c)
    for name, body in {"alices": {"owner": "alice", "type": "urn:doc"}, "alices own": {"owner": "alice", "ownerManagedAccess": True}}.items():
        c.admin("POST", root + "/resource", record=False, json={"name": name, "scopes": [{"name": "read"}], **body})
    names = {v: k for k, v in {**k, **{entry["name"]: entry["_id"] for entry in get(c, root + "/resource?deep=false")}}.items()}
    protect(c, "GET", "/resource_set?name=doc&deep=true", token, "deep")
    for query in ("", "name=doc", "name=o", "name=alices", "exactName=true&name=alices", "exactName=true&name=alice", "name=DOC", "exactName=true&name=DOC", "uri=/doc", "uri=/doc/*", "uri=/doc/7", "matchingUri=true&uri=/doc/7",
                  "matchingUri=true&uri=/other/5", "matchingUri=true&uri=/none", "owner=alice", "owner=guarded", "owner=nobody", "owner=" + c.user_id("alice"), "type=urn:doc", "type=doc", "type=none", "scope=read", "scope=rea",
                  "scope=none", "scope=read&type=urn:other", "first=0&max=2", "first=1&max=1", "max=0", "first=100", "_id=" + k["doc"], "name=", "max=-1", "owner=alice&name=alices", "deep=false&name=doc"):
        answer = protect(c, "GET", "/resource_set?" + query, token, record=False)
        body = answer.json() if answer.content else None
        label = query.replace(k["doc"], "ID").replace(c.user_id("alice"), "ALICE")
        if "first" in query or "max" in query:
            body = len(body) if isinstance(body, list) else body
        c.note(label, [answer.status_code, sorted(names.get(entry, entry) for entry in body) if isinstance(body, list) and all(isinstance(entry, str) for entry in body) else body])


@case("uma/protection")
def _(c):
    """Who may use the API."""
    root, k, alice = furnish(c)
    token = pat(c)
    for path in ("/permission/ticket", "/uma-policy"):
        protect(c, "GET", path, token)
    user = c.token(client="guarded", secret="guarded", grant_type="password", username="alice", password="wonderland").json()["access_token"]
    protect(c, "GET", "/resource_set", user, "a user of the server's own")
    role = get(c, f"/clients/{c.client_id('guarded')}/roles/uma_protection")
    c.quiet("POST", f"/users/{c.user_id('alice')}/role-mappings/clients/{c.client_id('guarded')}", json=[role])
    user = c.token(client="guarded", secret="guarded", grant_type="password", username="alice", password="wonderland").json()["access_token"]
    protect(c, "GET", "/resource_set", user, "one with the role", record=False)
    c.note("with the role", protect(c, "GET", "/resource_set", user, record=False).status_code)
    c.note("with the role, another client", protect(c, "GET", "/resource_set", c.password()["access_token"], record=False).status_code)
    protect(c, "POST", "/resource_set", user, "one with the role makes", json={"name": "by alice"})
    protect(c, "POST", "/resource_set", user, "for themselves", json={"name": "of alice", "owner": "alice"})
    protect(c, "POST", "/resource_set", user, "for another", json={"name": "of bob", "owner": "bob"})
    other = c.token(grant_type="client_credentials").json()["access_token"]
    protect(c, "GET", "/resource_set", other, "no resource server")
    c.admin("PUT", root, json={**get(c, root), "allowRemoteResourceManagement": False}, record=False)
    for method, path, body in (("GET", "/resource_set", None), ("POST", "/resource_set", {"name": "x"}), ("GET", "/resource_set/" + k["doc"], None), ("DELETE", "/resource_set/" + k["doc"], None),
                               ("POST", "/permission", [{"resource_id": k["doc"]}]), ("GET", "/permission/ticket", None)):
        c.note(f"remote off {method} {path.replace(k['doc'], 'ID')}", [(lambda answer: [answer.status_code, answer.json() if answer.status_code >= 400 and answer.content else ""])(protect(c, method, path, token, record=False, **({"json": body} if body else {})))])
    c.admin("PUT", root, json={**get(c, root), "allowRemoteResourceManagement": True}, record=False)
    account = get(c, f"/clients/{c.client_id('guarded')}/service-account-user")["id"]
    c.quiet("DELETE", f"/users/{account}/role-mappings/clients/{c.client_id('guarded')}", json=[role])
    protect(c, "GET", "/resource_set", pat(c), "without the role")
    protect(c, "POST", "/permission", pat(c), "tickets without the role", json=[{"resource_id": k["doc"]}])
    protect(c, "GET", "/uma-policy", pat(c), "policies without the role")


def give_role(c, user="alice", name="guarded"):
    """Makes the user one who may share: a token of theirs for the resource server, with its role."""
    role = get(c, f"/clients/{c.client_id(name)}/roles/uma_protection")
    c.quiet("POST", f"/users/{c.user_id(user)}/role-mappings/clients/{c.client_id(name)}", json=[role])
    return own_token(c, user, name)


def own_token(c, user="alice", name="guarded"):
    password = {"alice": "wonderland", "bob": "canwefixit"}[user]
    return c.token(client=name, secret=name, grant_type="password", username=user, password=password).json()["access_token"]


def album(c, root, name="album", owner="alice", managed=True, scopes=("read", "write"), **body):
    return c.admin("POST", root + "/resource", record=False, json={"name": name, "owner": owner, "ownerManagedAccess": managed, "scopes": [{"name": scope} for scope in scopes], **body}).json()["_id"]


def ticket(c, token, body, **kw):
    return protect(c, "POST", "/permission", token, record=False, json=body, **kw).json().get("ticket")


def show_tickets(c, label, k, answer):
    """Scopes by their names: their ids differ from run to run."""
    body, names = answer.json() if answer.content else None, {v: k for k, v in k.items()}
    for entry in body if isinstance(body, list) else [body]:
        if isinstance(entry, dict) and "scope" in entry:
            entry["scope"] = names.get(entry["scope"], "?")
    c.note(label, [answer.status_code, body])


@case("uma/tickets")
def _(c):
    """A resource server asks for a permission ticket; a client trades it."""
    root, k, alice = furnish(c)
    token, bob = pat(c), c.password("bob", "canwefixit")["access_token"]
    mine = album(c, root)
    bodies = {"one": [{"resource_id": k["doc"], "resource_scopes": ["read"]}], "an object": {"resource_id": k["doc"]}, "two": [{"resource_id": k["doc"], "resource_scopes": ["read"]}, {"resource_id": k["other"]}],
              "by name": [{"resource_id": "doc", "resource_scopes": ["read"]}],
              "of alice": [{"resource_id": mine, "resource_scopes": ["read"]}], "claims": [{"resource_id": k["doc"], "resource_scopes": ["read"], "claims": {"pushed": ["yes"]}}],
              "scope alone": [{"resource_scopes": ["read"]}], "claims for bare": [{"resource_id": k["bare"], "claims": {"pushed": ["yes"]}}]}
    for name, body in bodies.items():
        answer = protect(c, "POST", "/permission", token, name, json=body).json().get("ticket")
        for user, asks in (("alice", alice), ("bob", bob)):
            note(c, f"{name} {user}", asks, audience=None, ticket=answer, submit_request="false")
    for name, body in {"no such scope": [{"resource_id": k["doc"], "resource_scopes": ["none"]}], "no such resource": [{"resource_id": "none"}], "another scope": [{"resource_id": k["doc"], "resource_scopes": ["share"]}], "nothing": [],
                       "empty": [{}], "text": ["x"], "empty object": {}}.items():
        answer = protect(c, "POST", "/permission", token, name, json=body)
    one = ticket(c, token, [{"resource_id": k["doc"], "resource_scopes": ["read"]}])
    ask(c, alice, "granted", audience=None, ticket=one)
    ask(c, bob, "denied", audience=None, ticket=one)
    ask(c, alice, "again, with an audience", audience="app", ticket=one, response_mode="permissions")
    ask(c, alice, "and a permission", audience=None, ticket=one, permission="other", response_mode="permissions")
    ask(c, None, "by the resource server", auth=("guarded", "guarded"), audience=None, ticket=one, subject_token=alice, response_mode="decision")
    protect(c, "POST", "/permission", alice, "not a resource server", json=[{"resource_id": k["doc"]}])
    protect(c, "POST", "/permission", own_token(c), "a user at the resource server", json=[{"resource_id": k["doc"]}])
    protect(c, "POST", "/permission", None, "nobody", json=[{"resource_id": k["doc"]}])


@case("uma/requests")
def _(c):
    """A user asks another for access."""
    root, k, alice = furnish(c)
    token, bob = pat(c), c.password("bob", "canwefixit")["access_token"]
    mine, bare = album(c, root), album(c, root, "bare album", scopes=())
    unmanaged = album(c, root, "unmanaged", managed=False)

    def tickets(label):
        show_tickets(c, label, k, protect(c, "GET", "/permission/ticket?returnNames=true", token, record=False))

    ask(c, bob, "no request", audience=None, ticket=ticket(c, token, [{"resource_id": mine, "resource_scopes": ["read"]}]), submit_request="false")
    tickets("none yet")
    ask(c, bob, "request", audience=None, ticket=ticket(c, token, [{"resource_id": mine, "resource_scopes": ["read"]}]))
    tickets("one")
    ask(c, bob, "request again", audience=None, ticket=ticket(c, token, [{"resource_id": mine, "resource_scopes": ["read"]}]), submit_request="true")
    ask(c, bob, "request all", audience=None, ticket=ticket(c, token, [{"resource_id": mine}]), submit_request="true")
    ask(c, bob, "without scopes", audience=None, ticket=ticket(c, token, [{"resource_id": bare}]), submit_request="true")
    ask(c, bob, "not managed", audience=None, ticket=ticket(c, token, [{"resource_id": unmanaged}]), submit_request="true")
    ask(c, bob, "the server's own", audience=None, ticket=ticket(c, token, [{"resource_id": k["other"]}]), submit_request="true")
    ask(c, alice, "their own", audience=None, ticket=ticket(c, token, [{"resource_id": mine}]), submit_request="true")
    ask(c, bob, "without ticket", permission=mine, submit_request="true")
    tickets("all")
    found = {entry["resourceName"] + " " + entry.get("scopeName", ""): entry for entry in protect(c, "GET", "/permission/ticket?returnNames=true", token, record=False).json()}
    read, whole = found["album read"], found["bare album "]
    protect(c, "PUT", "/permission/ticket", token, "the server grants", json={**read, "granted": True})
    note(c, "after the server", bob, permission=mine)
    for text in (mine + "#read", mine + "#write", "album", "album#read", "#read"):
        note(c, "granted " + text.replace(mine, "ID"), bob, permission=text)
    note(c, "granted all", bob)
    note(c, "by a ticket", bob, audience=None, ticket=ticket(c, token, [{"resource_id": mine, "resource_scopes": ["read"]}]))
    note(c, "by a ticket for all", bob, audience=None, ticket=ticket(c, token, [{"resource_id": mine}]))
    protect(c, "PUT", "/permission/ticket", token, "the server takes it back", json={**read, "granted": False})
    note(c, "taken back by the server", bob, permission=mine)
    protect(c, "PUT", "/permission/ticket", own_token(c), "the owner without the role", json={**read, "granted": True})
    owner = give_role(c)
    protect(c, "PUT", "/permission/ticket", give_role(c, "bob"), "the requester grants", json={**read, "granted": True})
    note(c, "after the requester", bob, permission=mine)
    protect(c, "PUT", "/permission/ticket", owner, "the owner grants the other", json={**found["album write"], "granted": True})
    note(c, "after the owner", bob, permission=mine)
    protect(c, "PUT", "/permission/ticket", owner, "all of one without scopes", json={**whole, "granted": True})
    note(c, "without scopes", bob, permission=bare)
    tickets("granted")
    for part in ("/resource", "/policy", "/permission"):
        c.note("administrators see " + part, sorted(entry["name"] for entry in get(c, root + part)))
    protect(c, "PUT", "/permission/ticket", owner, "refused again", json={**found["album write"], "granted": False})
    protect(c, "PUT", "/permission/ticket", owner, "and again", json={**found["album write"], "granted": False})
    note(c, "after it was taken back", bob, permission=mine)
    protect(c, "DELETE", f"/permission/ticket/{whole['id']}", owner, "removed")
    note(c, "after it was removed", bob, permission=bare)
    tickets("left")


@case("uma/permission-tickets")
def _(c):
    """Tickets by hand."""
    root, k, alice = furnish(c)
    token, owner, other = pat(c), give_role(c), give_role(c, "bob")
    mine, bobs = album(c, root), album(c, root, "bobs", owner="bob")

    def call(method, path, who, label, **kw):
        answer = protect(c, method, path, who, record=False, **kw)
        show_tickets(c, label, k, answer)
        return answer

    scope = k["#read"]
    base = {"resource": mine, "requester": c.user_id("bob")}
    made = call("POST", "/permission/ticket", owner, "made", json={**base, "scopeName": "read", "granted": True})
    made_id = made.json().get("id", "none")
    call("POST", "/permission/ticket", owner, "made again", json={**base, "scopeName": "read", "granted": True})
    call("POST", "/permission/ticket", owner, "by scope id", json={**base, "scope": k["#write"], "granted": False})
    for label, who, body in (("by the server", token, {**base, "scopeName": "read"}), ("by another", other, {**base, "scopeName": "read"}), ("by name", owner, {"resource": mine, "requesterName": "carol", "scopeName": "read"}),
                             ("without scope", owner, base), ("without resource", owner, {"requester": c.user_id("bob"), "scopeName": "read"}), ("without requester", owner, {"resource": mine, "scopeName": "read"}),
                             ("no such resource", owner, {**base, "resource": "none", "scopeName": "read"}), ("no such scope", owner, {**base, "scopeName": "none"}), ("no such user", owner, {**base, "requester": "none", "scopeName": "read"}),
                             ("another scope", owner, {**base, "scopeName": "share"}), ("another's", owner, {**base, "resource": bobs, "scopeName": "read"}), ("resource name", owner, {"resourceName": "album", "requesterName": "bob", "scopeName": "read"}),
                             ("nobody", None, base)):
        call("POST", "/permission/ticket", who, label, json=body)
    def names(body):
        return [sorted([entry.get("resourceName") or ("album" if entry["resource"] == mine else entry["resource"]), entry.get("scopeName") or {v: k for k, v in k.items()}.get(entry.get("scope")), entry.get("granted"),
                        entry.get("requesterName"), entry.get("ownerName")] for entry in body)] if isinstance(body, list) else body
    for who, label in ((token, "server"), (owner, "owner"), (other, "requester")):
        for query in ("", "returnNames=true", "granted=true", "granted=false", "resourceId=" + mine, "resourceId=none", "scopeId=read", "scopeId=" + scope, "scopeId=none", "owner=" + c.user_id("alice"), "owner=alice", "owner=bob",
                      "requester=" + c.user_id("bob"), "requester=bob", "requester=nobody", "first=0&max=1", "max=0", "first=50", "returnNames=true&granted=true", "resource=" + mine, "resourceName=album"):
            answer = protect(c, "GET", "/permission/ticket?" + query, who, record=False)
            body = answer.json() if answer.content else None
            c.note(f"{label} {query}".replace(mine, "MINE").replace(scope, "READ").replace(c.user_id("alice"), "ALICE").replace(c.user_id("bob"), "BOB"),
                   [answer.status_code, len(body) if isinstance(body, list) and "max" in query else names(body)])
        answer = call("GET", "/permission/ticket/count", who, label + " count")
    call("GET", f"/permission/ticket/{made_id}", token, "one")
    call("GET", f"/permission/ticket/{made_id}", other, "one for another")
    call("PUT", "/permission/ticket", owner, "no id", json={**base, "granted": True})
    call("PUT", "/permission/ticket", owner, "no such", json={"id": "none", "granted": True})
    call("PUT", "/permission/ticket", owner, "change", json={"id": made_id, "granted": False})
    call("PUT", "/permission/ticket", owner, "change with all", json={"id": made_id, **base, "scopeName": "read", "granted": True})
    call("DELETE", f"/permission/ticket/{made_id}", None, "by nobody")
    call("DELETE", f"/permission/ticket/{made_id}", token, "by the server")
    call("DELETE", "/permission/ticket/none", owner, "no such")
    call("DELETE", f"/permission/ticket/{made_id}", other, "by the requester")
    call("DELETE", f"/permission/ticket/{made_id}", owner, "gone")
    rest = {entry["requesterName"]: entry["id"] for entry in protect(c, "GET", "/permission/ticket?returnNames=true", token, record=False).json()}
    c.note("the requester grants", protect(c, "PUT", "/permission/ticket", other, record=False, json={"id": rest["bob"], "granted": True}).status_code)
    c.note("another removes", protect(c, "DELETE", f"/permission/ticket/{rest['carol']}", other, record=False).status_code)
    call("DELETE", f"/permission/ticket/{rest['bob']}", other, "the requester removes")
    call("PUT", "/permission/ticket", owner, "the owner refuses", json={"id": rest["carol"], "granted": False})
    call("GET", "/permission/ticket?returnNames=true", token, "left")
    call("POST", "/permission/ticket", token, "not managed", json={"resource": album(c, root, "unmanaged", managed=False), "requester": c.user_id("bob"), "scopeName": "read"})
    call("POST", "/permission/ticket", token, "the server's own", json={"resource": k["doc"], "requester": c.user_id("bob"), "scopeName": "read"})
    call("POST", "/permission/ticket", owner, "with an id", json={"id": rest["bob"], **base, "scopeName": "read"})
    c.quiet("DELETE", f"{root}/resource/{mine}")
    call("GET", "/permission/ticket", token, "without the resource")


@case("uma/policies")
def _(c):
    """Users say who may use what they own."""
    root, k, alice = furnish(c)
    token, owner, other = pat(c), own_token(c), own_token(c, "bob")
    bob = c.password("bob", "canwefixit")["access_token"]
    mine = album(c, root)
    unmanaged, bobs = album(c, root, "unmanaged", managed=False), album(c, root, "bobs", owner="bob")
    made = protect(c, "POST", "/uma-policy/" + mine, owner, "made", json={"name": "for bob", "description": "friends", "scopes": ["read"], "users": ["bob"]}).json()
    pid = made.get("id", "none")
    note(c, "read", bob, permission=mine)
    note(c, "write", bob, permission=mine + "#write")
    note(c, "all", bob)
    note(c, "by name", bob, permission="album#read")
    for label, where, who, body in (("again", mine, owner, {"name": "for bob", "scopes": ["read"], "users": ["bob"]}), ("the server", mine, token, {"name": "by server", "scopes": ["read"], "users": ["bob"]}), ("another", mine, other, {"name": "by bob", "scopes": ["read"], "users": ["bob"]}),
                                    ("unmanaged", unmanaged, owner, {"name": "u", "scopes": ["read"], "users": ["bob"]}), ("another's", bobs, owner, {"name": "b", "scopes": ["read"], "users": ["bob"]}), ("the server's own", k["doc"], owner, {"name": "d", "scopes": ["read"], "users": ["bob"]}),
                                    ("no such resource", "none", owner, {"name": "n"}), ("no such scope", mine, owner, {"name": "s", "scopes": ["none"], "users": ["bob"]}), ("with an id", mine, owner, {"id": "x", "name": "i", "scopes": ["read"]}),
                                    ("nobody", mine, None, {"name": "n"})):
        protect(c, "POST", "/uma-policy/" + where, who, label, json=body)
    other_id = protect(c, "POST", "/uma-policy/" + mine, owner, "roles and clients", json={"name": "others", "scopes": ["write"], "roles": ["reader", "app/view"], "clients": ["app"], "groups": ["/staff"]}).json().get("id", "none")
    protect(c, "GET", "/uma-policy/" + pid, owner, "one")
    protect(c, "GET", "/uma-policy/" + other_id, owner, "the other")
    note(c, "bob is no reader", bob, permission=mine + "#write")
    note(c, "alice", alice, permission=mine)
    for text in ("#read", "#write"):
        note(c, "alice " + text, alice, permission=mine + text)
    carol = protect(c, "POST", "/uma-policy/" + mine, owner, "both scopes", json={"name": "both", "scopes": ["read", "write"], "users": ["bob"], "decisionStrategy": "AFFIRMATIVE", "logic": "NEGATIVE"}).json().get("id", "none")
    note(c, "negative", bob, permission=mine)
    protect(c, "DELETE", "/uma-policy/" + carol, owner, "both gone")
    carol = protect(c, "POST", "/uma-policy/" + mine, owner, "both scopes again", json={"name": "both", "scopes": ["read", "write"], "users": ["bob"]}).json().get("id", "none")
    note(c, "one of both", bob, permission=mine + "#write")
    protect(c, "DELETE", "/uma-policy/" + carol, owner, "both gone again")
    everybody = protect(c, "POST", "/uma-policy/" + mine, owner, "for nobody", json={"name": "nobody", "scopes": ["read", "write"]}).json().get("id", "none")
    note(c, "for nobody", bob, permission=mine)
    protect(c, "DELETE", "/uma-policy/" + everybody, owner, "nobody gone")
    whole = protect(c, "POST", "/uma-policy/" + mine, owner, "without scopes", json={"name": "whole", "users": ["bob"]}).json().get("id", "none")
    protect(c, "DELETE", "/uma-policy/" + whole, owner, "whole gone")
    protect(c, "PUT", "/uma-policy/" + other_id, owner, "change", json={**protect(c, "GET", "/uma-policy/" + other_id, owner, record=False).json(), "roles": [], "groups": ["/staff"], "clients": ["app"]})
    protect(c, "GET", "/uma-policy/" + other_id, owner, "changed")
    note(c, "bob is staff", bob, permission=mine + "#write")
    for query in ("", "name=for", "name=none", "resource=" + mine, "resource=none", "scope=read", "first=0&max=1", "max=0"):
        for who, label in ((owner, "owner"), (token, "server"), (other, "other")):
            answer = protect(c, "GET", "/uma-policy?" + query, who, record=False)
            body = answer.json() if answer.content else None
            c.note(f"{label} {query.replace(mine, 'MINE')}", [answer.status_code, (len(body) if "max" in query else sorted(entry["name"] for entry in body)) if isinstance(body, list) else body])
    for part in ("/policy", "/permission"):
        c.note("administrators see " + part, sorted(entry["name"] for entry in get(c, root + part)))
    for label, who, where in (("nobody", None, pid), ("another", other, pid), ("none", owner, "none")):
        protect(c, "GET", "/uma-policy/" + where, who, "read " + label)
        protect(c, "PUT", "/uma-policy/" + where, who, "change " + label, json={"id": pid, "name": "x", "scopes": ["read"]})
        protect(c, "DELETE", "/uma-policy/" + where, who, "remove " + label)
    protect(c, "DELETE", "/uma-policy/" + pid, owner, "gone")
    note(c, "after it is gone", bob, permission=mine)
    protect(c, "GET", "/uma-policy/" + pid, owner, "no more")
    c.quiet("DELETE", f"{root}/resource/{mine}")
    c.note("without the resource", len(protect(c, "GET", "/uma-policy", owner, record=False).json()))
