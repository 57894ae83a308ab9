# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""POST /admin/realms with what is wrong: status, body, and that nothing was made."""
from engine import case

JSON = {"Content-Type": "application/json"}


def refuse(c, bad):
    """Each of `bad`: a label and the members that make a realm wrong."""
    name = f"{c.realm}-new"
    for label, members in bad:
        c.admin("POST", "//realms", json={"realm": name, **members}, label=label)
        c.admin("GET", f"//realms/{name}/clients?clientId=account", label=f"{label}: made")
        c.admin("DELETE", f"//realms/{name}", record=False)


def flow(alias, **execution):
    return {"alias": alias, "providerId": "basic-flow", "topLevel": True, "builtIn": False,
            "authenticationExecutions": [{"requirement": "REQUIRED", "priority": 10, **execution}]}


@case("realm-import/body")
def _(c):
    for label, body in (("cut", '{"realm": "x", '), ("array", "[]"), ("number", "1"), ("text", '"x"'), ("binary", "\\x00\\xff")):
        c.admin("POST", "//realms", data=body, headers=JSON, label=label)


@case("realm-import/names")
def _(c):
    for label, realm in (("none", {}), ("empty", {"realm": ""}), ("blank", {"realm": "  "}), ("slash", {"realm": "a/b"}), ("long", {"realm": "a" * 256}),
                         ("number", {"realm": []})):
        c.admin("POST", "//realms", json=realm, label=label)
    c.admin("POST", "//realms", json={"realm": c.realm}, label="taken")
    c.admin("POST", "//realms", json={"realm": "master"}, label="master")


@case("realm-import/types")
def _(c):
    refuse(c, [("bool", {"enabled": "maybe"}), ("int", {"accessTokenLifespan": "soon"}), ("big", {"accessTokenLifespan": 3000000000}), ("text", {"displayName": {}}),
               ("list", {"clients": {}}), ("element", {"clients": ["x"]}), ("client", {"clients": [{"clientId": "x", "redirectUris": "y"}]}),
               ("role", {"roles": {"realm": {}}}), ("roles", {"roles": []}), ("group", {"groups": [{"name": "g", "attributes": {"a": "b"}}]}),
               ("credential", {"users": [{"username": "u", "credentials": {}}]}),
               ("component", {"components": {"org.keycloak.keys.KeyProvider": {}}}), ("unknown", {"nonsense": 1}), ("inside", {"clients": [{"clientId": "x", "nonsense": 1}]})])


@case("realm-import/references")
def _(c):
    refuse(c, [("group of a user", {"users": [{"username": "u", "groups": ["/nowhere"]}]}), ("default group", {"defaultGroups": ["/nowhere"]}),
               ("composite", {"roles": {"realm": [{"name": "r", "composite": True, "composites": {"realm": ["none"]}}]}}),
               ("composite of a client", {"roles": {"realm": [{"name": "r", "composite": True, "composites": {"client": {"none": ["x"]}}}]}}),
               ("client of roles", {"roles": {"client": {"none": [{"name": "x"}]}}}),
               ("client of a user's roles", {"users": [{"username": "u", "clientRoles": {"none": ["x"]}}]}),
               ("client of a scope mapping", {"scopeMappings": [{"client": "none", "roles": ["x"]}]}),
               ("client of client scope mappings", {"clientScopeMappings": {"none": [{"client": "account", "roles": ["x"]}]}}),
               ("client scope of a client", {"clients": [{"clientId": "x", "defaultClientScopes": ["none"]}]}),
               ("consent", {"users": [{"username": "u", "clientConsents": [{"clientId": "none"}]}]}),
               ("service account", {"users": [{"username": "u", "serviceAccountClientId": "none"}]}),
               ("kind of identity provider", {"identityProviders": [{"alias": "x", "providerId": "none"}]}),
               ("provider of a mapper", {"identityProviderMappers": [{"name": "x", "identityProviderAlias": "none", "identityProviderMapper": "oidc-user-attribute-idp-mapper"}]}),
               ("key provider", {"components": {"org.keycloak.keys.KeyProvider": [{"name": "x", "providerId": "none"}]}}),
               ("browser flow", {"browserFlow": "none"}),
               ("flow in a flow", {"authenticationFlows": [flow("f", authenticatorFlow=True, flowAlias="none")]}),
               ("config of a step", {"authenticationFlows": [flow("f", authenticator="auth-cookie", authenticatorConfig="none")]})])


@case("realm-import/missing")
def _(c):
    refuse(c, [("clientId", {"clients": [{"name": "x"}]}), ("username", {"users": [{"email": "a@b.test"}]}),
                ("client scope", {"clientScopes": [{"protocol": "openid-connect"}]}), ("flow", {"authenticationFlows": [{"providerId": "basic-flow"}]})])


@case("realm-import/twice")
def _(c):
    refuse(c, [("clients", {"clients": [{"clientId": "x"}, {"clientId": "x"}]}), ("users", {"users": [{"username": "u"}, {"username": "U"}]}),
               ("emails", {"users": [{"username": "u", "email": "a@b.test"}, {"username": "v", "email": "A@b.test"}]}),
               ("groups", {"groups": [{"name": "g"}, {"name": "g"}]}),
               ("client scopes", {"clientScopes": [{"name": "s", "protocol": "openid-connect"}, {"name": "s", "protocol": "openid-connect"}]}),
               ("identity providers", {"identityProviders": [{"alias": "x", "providerId": "oidc"}, {"alias": "x", "providerId": "oidc"}]}),
               ("id of clients", {"clients": [{"id": "same", "clientId": "x"}, {"id": "same", "clientId": "y"}]})])


@case("realm-import/long")
def _(c):
    long = "x" * 256
    refuse(c, [("clientId", {"clients": [{"clientId": long}]}), ("username", {"users": [{"username": long}]}), ("role", {"roles": {"realm": [{"name": long}]}}),
               ("group", {"groups": [{"name": long}]}), ("displayName", {"displayName": long}), ("id", {"clients": [{"id": "i" * 40, "clientId": "x"}]}),
               ("id of the realm", {"id": "i" * 40}), ("description", {"clients": [{"clientId": "x", "description": long}]})])


@case("realm-import/policy")
def _(c):
    refuse(c, [("password", {"passwordPolicy": "length(9)", "users": [{"username": "u", "credentials": [{"type": "password", "value": "short"}]}]}),
               ("policy", {"passwordPolicy": "nonsense(1)"}), ("profile", {"components": {"org.keycloak.userprofile.UserProfileProvider": [
                   {"providerId": "declarative-user-profile", "config": {"kc.user.profile.config": ["{broken"]}}]}})])
