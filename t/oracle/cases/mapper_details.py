# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""What protocol mappers do with settings that are missing, odd or contradictory."""
from engine import case, decode_jwt

EVERYWHERE = {"id.token.claim": "true", "access.token.claim": "true", "userinfo.token.claim": "true", "introspection.token.claim": "true"}
NOISE = {"exp", "iat", "iss", "jti", "typ", "azp", "sid", "allowed-origins", "scope", "email_verified", "preferred_username", "tier",
         "custom_roles", "org", "name", "given_name", "family_name", "email", "acr", "realm_access", "resource_access", "sub", "aud", "groups",
         "at_hash", "auth_time"}


def mapper(c, kind, name, config, everywhere=True):
    c.quiet("POST", f"/clients/{c.client_id('app')}/protocol-mappers/models",
            json={"name": name, "protocol": "openid-connect", "protocolMapper": kind, "config": {**(EVERYWHERE if everywhere else {}), **config}})


def change(c, **fields):
    client = c.admin("GET", f"/clients/{c.client_id('app')}", record=False).json()
    client["attributes"].update(fields.pop("attributes", {}))
    c.quiet("PUT", f"/clients/{client['id']}", json={**client, **fields})


def attribute(c, user="alice", **values):
    c.quiet("PUT", "/users/profile", json={**c.admin("GET", "/users/profile", record=False).json(), "unmanagedAttributePolicy": "ENABLED"})
    rep = c.admin("GET", f"/users/{c.user_id(user)}", record=False).json()
    rep["attributes"] = {**rep.get("attributes", {}), **values}
    c.quiet("PUT", f"/users/{rep['id']}", json=rep)


def show(c, *extra, user="alice", password="wonderland", scope="openid", doors=("access", "id")):
    """Only the claims that are not there in every token, and those that are asked for."""
    answer = c.password(user, password, scope=scope)
    pick = lambda claims: {k: v for k, v in claims.items() if k in extra or k not in NOISE}
    if "access_token" not in answer:
        return c.note("refused", answer)
    if "access" in doors:
        c.note("access token", pick(decode_jwt(answer["access_token"])[1]))
    if "id" in doors:
        c.note("id token", pick(decode_jwt(answer["id_token"])[1]))
    if "userinfo" in doors:
        shown = c.get("userinfo", headers={"Authorization": "Bearer " + answer["access_token"]}, record=False)
        c.note("userinfo", [shown.status_code, pick(shown.json()) if shown.content else None])
    if "introspection" in doors:
        shown = c.post("token/introspect", {"client_id": "app", "client_secret": "app-secret", "token": answer["access_token"]}, record=False)
        c.note("introspection", pick(shown.json()))
    return answer


ALL = ("access", "id", "userinfo", "introspection")


@case("mapper-details/realm-roles")
def _(c):
    kind = "oidc-usermodel-realm-role-mapper"
    mapper(c, kind, "a", {"claim.name": "no_multi"})
    mapper(c, kind, "b", {"claim.name": "multi_false", "multivalued": "false"})
    mapper(c, kind, "c", {"claim.name": "as_int", "multivalued": "true", "jsonType.label": "int"})
    mapper(c, kind, "d", {"multivalued": "true"})
    mapper(c, kind, "e", {"claim.name": "", "multivalued": "true"})
    mapper(c, kind, "g", {"claim.name": "no_prefix", "multivalued": "true", "usermodel.realmRoleMapping.rolePrefix": ""})
    claims = decode_jwt(c.password("bob", "canwefixit", scope="openid")["access_token"])[1]
    c.note("token", {k: v if isinstance(v, list) else type(v).__name__ for k, v in claims.items() if k not in NOISE})


@case("mapper-details/merging")
def _(c):
    attribute(c, v=["x", "y"])
    roles, groups, values = "oidc-usermodel-realm-role-mapper", "oidc-group-membership-mapper", "oidc-usermodel-attribute-mapper"
    for i in (1, 2):
        mapper(c, roles, f"a{i}", {"claim.name": "roles_groups", "multivalued": "true"})
        mapper(c, groups, f"b{i}", {"claim.name": "roles_groups"})
        mapper(c, values, f"c{i}", {"claim.name": "values_groups", "user.attribute": "v", "multivalued": "true"})
        mapper(c, groups, f"d{i}", {"claim.name": "values_groups"})
        mapper(c, roles, f"e{i}", {"claim.name": "roles_one", "multivalued": "true"})
        mapper(c, "oidc-hardcoded-claim-mapper", f"f{i}", {"claim.name": "roles_one", "claim.value": "s"})
    mapper(c, roles, "g", {"claim.name": "realm_access.roles", "multivalued": "true", "usermodel.realmRoleMapping.rolePrefix": "P_"})
    mapper(c, "oidc-usermodel-client-role-mapper", "h", {"claim.name": "both", "multivalued": "true"})
    mapper(c, roles, "i", {"claim.name": "both", "multivalued": "true"})
    show(c, "realm_access")


@case("mapper-details/client-roles")
def _(c):
    kind = "oidc-usermodel-client-role-mapper"
    mapper(c, kind, "a", {"claim.name": "no_multi", "usermodel.clientRoleMapping.clientId": "app"})
    mapper(c, kind, "b", {"claim.name": "multi_false", "multivalued": "false", "usermodel.clientRoleMapping.clientId": "app"})
    mapper(c, kind, "c", {"multivalued": "true", "usermodel.clientRoleMapping.clientId": "app"})
    mapper(c, kind, "d", {"claim.name": "part-${client_id}-x.roles", "multivalued": "true"})
    mapper(c, kind, "e", {"claim.name": "p.${client_id}", "multivalued": "true", "usermodel.clientRoleMapping.rolePrefix": "${client_id}:"})
    mapper(c, kind, "f", {"claim.name": "flat", "multivalued": "true"})
    show(c, "resource_access")


@case("mapper-details/client-id-with-dots")
def _(c):
    made = c.quiet("POST", "/clients", json={"clientId": "my.dotted.api", "enabled": True})
    api = made.headers["location"].rsplit("/", 1)[1]
    c.quiet("POST", f"/clients/{api}/roles", json={"name": "use.it"})
    role = c.admin("GET", f"/clients/{api}/roles/use.it", record=False).json()
    c.quiet("POST", f"/users/{c.user_id('alice')}/role-mappings/clients/{api}", json=[role])
    mapper(c, "oidc-usermodel-client-role-mapper", "a", {"claim.name": "x.${client_id}.y", "multivalued": "true"})
    mapper(c, "oidc-usermodel-client-role-mapper", "b", {"claim.name": "own", "multivalued": "true", "usermodel.clientRoleMapping.clientId": "my.dotted.api"})
    mapper(c, "oidc-role-name-mapper", "c", {"role": "my.dotted.api.use.it", "new.role.name": "renamed"})
    show(c, "resource_access", "realm_access", "aud")


@case("mapper-details/groups")
def _(c):
    kind = "oidc-group-membership-mapper"
    mapper(c, kind, "a", {"claim.name": "no_full"})
    mapper(c, kind, "b", {"claim.name": "multi_false", "full.path": "true", "multivalued": "false"})
    mapper(c, kind, "c", {"full.path": "true"})
    mapper(c, kind, "d", {"claim.name": "as_int", "jsonType.label": "int"})
    show(c, "groups")


@case("mapper-details/attributes")
def _(c):
    attribute(c, many=["b", "a", "b"], empty=[""], big=["99999999999"], huge=["99999999999999999999"], spaced=[" 7 "], plus=["+7"], real=["1e3"], yes=["TRUE"], null=["null"], quoted=['"q"'], html=["<a> & \"b\" \\ \u00e9 \u2028"])
    kind = "oidc-usermodel-attribute-mapper"
    mapper(c, kind, "n1", {"claim.name": "no_attribute"})
    mapper(c, kind, "n2", {"user.attribute": "many"})
    mapper(c, kind, "n3", {"user.attribute": "many", "claim.name": "no_type"})
    mapper(c, kind, "n4", {"user.attribute": "many", "claim.name": "odd_type", "jsonType.label": "nonsense"})
    mapper(c, kind, "n5", {"user.attribute": "many", "claim.name": "dup", "multivalued": "true"})
    for name, label in (("empty", "String"), ("empty", "int"), ("empty", "boolean"), ("empty", "JSON"), ("big", "int"), ("big", "long"), ("huge", "long"), ("spaced", "int"), ("plus", "int"), ("real", "long"), ("yes", "boolean"), ("null", "JSON"), ("null", "String"), ("quoted", "JSON"), ("html", "String")):
        mapper(c, kind, f"{name}-{label}", {"user.attribute": name, "claim.name": f"{name}_{label}", "jsonType.label": label})
    for name in ("username", "email", "firstName", "lastName", "id", "emailVerified", "enabled", "createdTimestamp"):
        mapper(c, kind, f"own-{name}", {"user.attribute": name, "claim.name": f"own_{name}", "jsonType.label": "String"})
    show(c)


@case("mapper-details/attributes-of-groups")
def _(c):
    staff = c.admin("GET", "/groups?search=leads", record=False).json()[0]
    leads = staff["subGroups"][0]
    c.quiet("PUT", f"/groups/{staff['id']}", json={"name": "staff", "attributes": {"color": ["red", "blue"], "floor": ["1"], "both": ["s"]}})
    c.quiet("PUT", f"/groups/{leads['id']}", json={"name": "leads", "attributes": {"color": ["green", "red"], "both": ["l"]}})
    attribute(c, both=["u"])
    kind = "oidc-usermodel-attribute-mapper"
    for name in ("color", "floor", "both"):
        mapper(c, kind, f"{name}-plain", {"user.attribute": name, "claim.name": f"{name}_plain", "multivalued": "true"})
        if name != "color":  # no order is promised
            mapper(c, kind, f"{name}-single", {"user.attribute": name, "claim.name": f"{name}_single"})
        mapper(c, kind, f"{name}-all", {"user.attribute": name, "claim.name": f"{name}_all", "multivalued": "true", "aggregate.attrs": "true"})
    show(c)


@case("mapper-details/hardcoded")
def _(c):
    kind = "oidc-hardcoded-claim-mapper"
    for i, (label, value) in enumerate((("String", ""), ("int", "7"), ("int", "-7"), ("int", "3.5"), ("int", "99999999999"), ("long", "99999999999"), ("boolean", "maybe"), ("boolean", "TRUE"), ("JSON", "[1,2]"), ("JSON", "null"), ("JSON", "broken{"), ("JSON", "3"), (None, "plain"), ("String", "a##b"))):
        mapper(c, kind, f"h{i}", {"claim.name": f"h{i}", "claim.value": value, **({"jsonType.label": label} if label else {})})
    mapper(c, kind, "none", {"claim.name": "none", "jsonType.label": "String"})
    mapper(c, kind, "multi", {"claim.name": "multi", "claim.value": "v", "multivalued": "true"})
    show(c)


@case("mapper-details/claim-names")
def _(c):
    kind = "oidc-hardcoded-claim-mapper"
    for i, name in enumerate(("end.", ".start", "two..dots", r"esc\.aped.more", r"back\\slash", r"lone\x", "space in name", "slash/name", "${client_id}", "\u00e9")):
        mapper(c, kind, f"n{i}", {"claim.name": name, "claim.value": str(i), "jsonType.label": "String"})
    show(c)


@case("mapper-details/protected-claims")
def _(c):
    for name in ("exp", "iat", "iss", "jti", "typ", "scope", "nonce", "session_state", "auth_time", "azp", "aud", "nbf", "at_hash", "realm_access", "resource_access", "allowed-origins", "cnf"):
        mapper(c, "oidc-hardcoded-claim-mapper", f"k-{name}", {"claim.name": name, "claim.value": "7", "jsonType.label": "String"})
    answer = c.password(scope="openid")
    for token in ("access_token", "id_token"):
        claims = decode_jwt(answer[token])[1]
        c.note(token, {k: claims.get(k) == "7" for k in ("exp", "iat", "iss", "jti", "typ", "scope", "nonce", "session_state", "azp", "cnf")})
        c.note("aud", claims["aud"])


@case("mapper-details/full-name")
def _(c):
    mapper(c, "oidc-full-name-mapper", "fn", {})
    user = c.user_id("alice")
    for first, last in (("Only", ""), ("", "Last"), ("", "")):
        everyone = {"view": ["admin", "user"], "edit": ["admin", "user"]}
        c.quiet("PUT", "/users/profile", json={"attributes": [{"name": name, "permissions": everyone} for name in ("username", "email", "firstName", "lastName", "department")]})
        rep = c.admin("GET", f"/users/{user}", record=False).json()
        c.quiet("PUT", f"/users/{user}", json={**rep, "firstName": first, "lastName": last})
        show(c, "name", "given_name", "family_name", doors=("access",))


@case("mapper-details/address")
def _(c):
    attribute(c, street=["Main 1"], town=["T"])
    mapper(c, "oidc-address-mapper", "ad", {"user.attribute.locality": "town", "user.attribute.region": "nothing", "user.attribute.street": "street"})
    show(c, doors=ALL)


@case("mapper-details/role-order")
def _(c):
    mapper(c, "oidc-hardcoded-role-mapper", "h1", {"role": "reader"})
    mapper(c, "oidc-hardcoded-role-mapper", "h2", {"role": "no-such-role"})
    mapper(c, "oidc-hardcoded-role-mapper", "h3", {"role": "nobody.nothing"})
    mapper(c, "oidc-role-name-mapper", "r1", {"role": "reader", "new.role.name": "lecteur"})
    mapper(c, "oidc-role-name-mapper", "r2", {"role": "app.view", "new.role.name": "seen"})
    mapper(c, "oidc-role-name-mapper", "r3", {"role": "writer", "new.role.name": "app.scribe"})
    mapper(c, "oidc-role-name-mapper", "r4", {"role": "absent", "new.role.name": "present"})
    show(c, "realm_access", "resource_access", "aud")


@case("mapper-details/audience-switches")
def _(c):
    kind = "oidc-audience-mapper"
    mapper(c, kind, "both", {"included.client.audience": "spa", "included.custom.audience": "urn:lost"})
    mapper(c, kind, "none", {})
    mapper(c, kind, "id", {"included.custom.audience": "urn:id", "id.token.claim": "true"}, everywhere=False)
    mapper(c, kind, "access", {"included.custom.audience": "urn:access", "access.token.claim": "true"}, everywhere=False)
    mapper(c, kind, "introspection", {"included.custom.audience": "urn:introspection", "introspection.token.claim": "true"}, everywhere=False)
    show(c, "aud", doors=ALL)


@case("mapper-details/origins")
def _(c):
    for origins, redirects in ((["*"], ["http://app.test/*"]), (["+", "https://x.test", "https://x.test/"], ["http://a.test:8080/*", "https://b.test/cb", "myapp://cb", "*"]), ([], ["http://app.test/*"])):
        change(c, webOrigins=origins, redirectUris=redirects)
        show(c, "allowed-origins", doors=("access",))


@case("mapper-details/session-notes")
def _(c):
    kind = "oidc-usersessionmodel-note-mapper"
    for name in ("AUTH_TIME", "auth_time", "clientId", "client_id", "clientHost", "clientAddress", "identity_provider", "acr", "nothing"):
        mapper(c, kind, name, {"user.session.note": name, "claim.name": "n_" + name, "jsonType.label": "String"})
    show(c)
    answer = c.token(grant_type="client_credentials", scope="openid").json()
    claims = decode_jwt(answer["access_token"])[1]
    c.note("service account", {k: v for k, v in claims.items() if k not in NOISE})


@case("mapper-details/no-switches")
def _(c):
    attribute(c, v=["x"])
    bare = {"oidc-usermodel-attribute-mapper": {"user.attribute": "v"}, "oidc-usermodel-property-mapper": {"user.attribute": "username"}, "oidc-usermodel-realm-role-mapper": {"multivalued": "true"},
            "oidc-usermodel-client-role-mapper": {"multivalued": "true"}, "oidc-hardcoded-claim-mapper": {"claim.value": "x"}, "oidc-group-membership-mapper": {}, "oidc-full-name-mapper": {}, "oidc-address-mapper": {},
            "oidc-usersessionmodel-note-mapper": {"user.session.note": "AUTH_TIME"}, "oidc-amr-mapper": {}, "oidc-acr-mapper": {}, "oidc-allowed-origins-mapper": {}, "oidc-audience-resolve-mapper": {}, "oidc-sub-mapper": {}}
    for i, (kind, config) in enumerate(bare.items()):
        mapper(c, kind, f"b{i}", {"claim.name": f"b{i}", **config}, everywhere=False)
    show(c, doors=ALL)


@case("mapper-details/one-switch")
def _(c):
    for i, switch in enumerate(("access.token.claim", "id.token.claim", "userinfo.token.claim", "introspection.token.claim", "lightweight.claim", "access.tokenResponse.claim")):
        mapper(c, "oidc-hardcoded-claim-mapper", f"o{i}", {"claim.name": f"o{i}", "claim.value": "x", "jsonType.label": "String", switch: "true"}, everywhere=False)
    answer = show(c, doors=ALL)
    c.note("answer", sorted(answer))


@case("mapper-details/each-type-in-userinfo")
def _(c):
    attribute(c, v=["x"])
    mapper(c, "oidc-usersessionmodel-note-mapper", "n", {"user.session.note": "AUTH_TIME", "claim.name": "note", "jsonType.label": "String"})
    mapper(c, "oidc-acr-mapper", "acr", {})
    mapper(c, "oidc-amr-mapper", "amr", {})
    mapper(c, "oidc-allowed-origins-mapper", "o", {})
    mapper(c, "oidc-audience-mapper", "a", {"included.custom.audience": "urn:a"})
    mapper(c, "oidc-audience-resolve-mapper", "ar", {})
    mapper(c, "oidc-sub-mapper", "s", {})
    mapper(c, "oidc-usermodel-client-role-mapper", "cr", {"claim.name": "cr", "multivalued": "true"})
    mapper(c, "oidc-usermodel-realm-role-mapper", "rr", {"claim.name": "rr", "multivalued": "true"})
    show(c, "acr", "aud", "sub", "allowed-origins", "groups", "realm_access", "resource_access", doors=ALL)


@case("mapper-details/response-claims")
def _(c):
    on = {"access.tokenResponse.claim": "true"}
    for i, name in enumerate(("extra", "access_token", "expires_in", "scope", "token_type", "id_token", "a.b", "not-before-policy", "session_state", "refresh_token")):
        mapper(c, "oidc-hardcoded-claim-mapper", f"r{i}", {"claim.name": name, "claim.value": "7", "jsonType.label": "String", **on}, everywhere=False)
    mapper(c, "oidc-usermodel-attribute-mapper", "at", {"user.attribute": "department", "claim.name": "dept", "jsonType.label": "String", **on}, everywhere=False)
    mapper(c, "oidc-group-membership-mapper", "gr", {"claim.name": "grp", **on}, everywhere=False)
    mapper(c, "oidc-usersessionmodel-note-mapper", "no", {"user.session.note": "AUTH_TIME", "claim.name": "note", "jsonType.label": "String", **on}, everywhere=False)
    answer = c.password(scope="openid")
    c.note("answer", {k: v if k in ("extra", "a", "dept", "grp") else v == "7" for k, v in answer.items()})


@case("mapper-details/nonce")
def _(c):
    mapper(c, "oidc-nonce-backwards-compatible-mapper", "n", {})
    first = c.redeem(c.login()["code"], record=False).json()
    second = c.token(grant_type="refresh_token", refresh_token=first["refresh_token"]).json()
    for name, answer in (("code", first), ("refresh", second)):
        c.note(name, {k: decode_jwt(answer[k])[1].get("nonce") for k in ("access_token", "id_token", "refresh_token")})


@case("mapper-details/claims-parameter")
def _(c):
    import json
    mapper(c, "oidc-claims-param-token-mapper", "cp", {})
    mapper(c, "oidc-claims-param-value-idtoken-mapper", "cv", {"claim.name": "from_param"})
    claims = json.dumps({"userinfo": {"given_name": None}, "id_token": {"acr": {"values": ["1"]}, "from_param": {"value": "v"}, "other": {"value": "w"}}, "access_token": {"from_param": {"value": "y"}}})
    answer = c.redeem(c.login(claims=claims)["code"], record=False).json()
    for token in ("access_token", "id_token"):
        c.note(token, {k: v for k, v in decode_jwt(answer[token])[1].items() if k not in NOISE and k != "nonce"})


@case("mapper-details/other-protocols")
def _(c):
    c.quiet("POST", "/client-scopes", json={"name": "samlish", "protocol": "saml"})
    scope = next(s for s in c.admin("GET", "/client-scopes", record=False).json() if s["name"] == "samlish")
    c.quiet("PUT", f"/clients/{c.client_id('app')}/default-client-scopes/{scope['id']}")
    c.password(record=True, scope="openid samlish")
    c.password(record=True, scope="openid")


@case("mapper-details/fields-in-userinfo")
def _(c):
    """Claims that tokens have a place of their own for: which of them userinfo tells, and who may set them."""
    kinds = {"long": "exp nbf iat auth_time updated_at", "boolean": "email_verified phone_number_verified",
             "String": "iss sub jti typ azp acr nonce sid at_hash c_hash s_hash session_state scope claims_locales birthdate zoneinfo website profile picture phone_number client_id other"}
    values = {"long": "7", "boolean": "true", "String": "mine"}
    for kind, names in kinds.items():
        for name in names.split():
            mapper(c, "oidc-hardcoded-claim-mapper", "u-" + name, {"claim.name": name, "claim.value": values[kind], "jsonType.label": kind, "userinfo.token.claim": "true"}, everywhere=False)
    told = c.get("userinfo", headers={"Authorization": "Bearer " + c.password(scope="openid")["access_token"]}, record=False).json()
    c.note("userinfo", {name: repr(value) for name, value in told.items() if value in (*values.values(), 7, True)})


@case("mapper-details/notes-of-code-logins")
def _(c):
    for on in ("true", "false", None):
        switch = {"userinfo.token.claim": on} if on else {}
        mapper(c, "oidc-usersessionmodel-note-mapper", str(on), {
            "user.session.note": "AUTH_TIME", "claim.name": f"n_{on}", "jsonType.label": "boolean", "id.token.claim": "true",
            "access.token.claim": "true", "access.tokenResponse.claim": "true", **switch}, everywhere=False)
    got = c.redeem(c.login()["code"]).json()
    c.get("userinfo", headers={"Authorization": "Bearer " + got["access_token"]})
