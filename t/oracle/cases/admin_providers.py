# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""Identity providers and their mappers in the admin REST API."""
from engine import case

IDP = "/identity-provider"
INSTANCES = IDP + "/instances"
TYPES = ("oidc", "keycloak-oidc", "oauth2", "microsoft", "google", "github", "gitlab", "facebook", "bitbucket", "paypal", "stackoverflow", "twitter", "saml")
CONFIG = {"clientId": "c", "clientSecret": "s"}


def make(c, alias, kind, **config):
    if kind == "oauth2":
        config["userInfoUrl"] = "https://up.test/me"
    c.quiet("POST", INSTANCES, json={"alias": alias, "providerId": kind, "config": {**CONFIG, **config}})


@case("admin-providers/life")
def _(c):
    for fields in ({"alias": "up", "providerId": "oidc", "config": CONFIG}, {"alias": "up", "providerId": "github"}, {"providerId": "oidc"}, {"alias": "none"}, {"alias": "none", "providerId": "nothing"},
                   {"alias": "a b", "providerId": "oidc"}, {"alias": "a/b", "providerId": "oidc"}, {"alias": "hidden", "providerId": "oidc", "config": {"hideOnLoginPage": "true"}},
                   {"alias": "full", "providerId": "keycloak-oidc", "displayName": "Full", "enabled": False, "trustEmail": True, "storeToken": False, "addReadTokenRoleOnCreate": True, "linkOnly": True,
                    "hideOnLogin": False, "firstBrokerLoginFlowAlias": "first broker login", "postBrokerLoginFlowAlias": "browser", "config": {**CONFIG, "syncMode": "FORCE"}}):
        c.admin("POST", INSTANCES, json=fields, label=f"POST {fields}"[:80])
    for alias in ("up", "hidden", "full", "nothing"):
        c.admin("GET", f"{INSTANCES}/{alias}")
    for fields in ({"alias": "up", "providerId": "oidc", "config": {**CONFIG, "clientSecret": "**********", "prompt": "login"}}, {"alias": "other", "providerId": "oidc"}, {"alias": "up"},
                   {"alias": "up", "providerId": "oidc", "linkOnly": True, "config": {"clientSecret": "${vault.x}"}}):
        c.admin("PUT", f"{INSTANCES}/up", json=fields, label=f"PUT {fields}"[:80])
        c.admin("GET", f"{INSTANCES}/up")
    for path in ("export", "reload-keys", "management/permissions"):
        c.admin("GET", f"{INSTANCES}/up/{path}")
        c.admin("GET", f"{INSTANCES}/nothing/{path}")
    c.admin("DELETE", f"{INSTANCES}/up")
    c.admin("DELETE", f"{INSTANCES}/up")


@case("admin-providers/checks")
def _(c):
    for key in ("authorizationUrl", "tokenUrl", "userInfoUrl", "jwksUrl", "logoutUrl", "tokenIntrospectionUrl"):
        for i, url in enumerate(("http://up.test/x", "ftp://up.test/x", "nothing", "https://up.test/x", "http://127.0.0.1/x", "http://localhost/x", "")):
            c.admin("POST", INSTANCES, json={"alias": f"{key}{i}", "providerId": "oidc", "config": {key: url}}, label=f"{key} {url}")
    for i, config in enumerate(({"pkceEnabled": "true", "pkceMethod": "S512"}, {"pkceEnabled": "false", "pkceMethod": "S512"}, {"validateSignature": "true"}, {"validateSignature": "true", "useJwksUrl": "true"})):
        c.admin("POST", INSTANCES, json={"alias": f"up{i}", "providerId": "oidc", "config": config}, label=str(config))
    c.admin("POST", INSTANCES, json={"alias": "up", "providerId": "oauth2", "config": CONFIG})


@case("admin-providers/lists")
def _(c):
    for kind in TYPES:
        make(c, "x-" + kind, kind)
    for query in ("", "search=git", "search=*git*", "search=X-GIT", "search=%22x-github%22", "search=x-*hub", "first=2&max=2", "briefRepresentation=true", "realmOnly=true", "type=ANY",
                  "type=USER_AUTHENTICATION", "type=CLIENT_ASSERTION", "type=TRUST_MATERIAL", "type=EXCHANGE_EXTERNAL_TOKEN", "type=JWT_AUTHORIZATION_GRANT", "capability=USER_LINKING"):
        answer = c.admin("GET", f"{INSTANCES}?{query}", record=query in ("", "briefRepresentation=true"))
        c.note(query, [one["alias"] for one in answer.json()])


def outline(kind):
    return {**{k: kind.get(k) for k in ("id", "name", "category")}, "properties": [{k: v for k, v in p.items() if k != "helpText"} for p in kind["properties"]]}


@case("admin-providers/types")
def _(c):
    for kind in TYPES[:-1]:
        make(c, "x-" + kind, kind)
        types = c.admin("GET", f"{INSTANCES}/x-{kind}/mapper-types", record=False).json()
        c.note(kind, [outline(types[name]) for name in sorted(types)] if kind in ("keycloak-oidc", "github") else sorted(types))
        about = c.admin("GET", f"{IDP}/providers/{kind}", record=False).json()
        c.note("about " + kind, {**about, "configProperties": [{k: v for k, v in p.items() if k != "helpText"} for p in about["configProperties"]]})
    c.admin("GET", f"{IDP}/providers/nothing")
    c.admin("GET", f"{INSTANCES}/nothing/mapper-types")


@case("admin-providers/import-config")
def _(c):
    here = f"{c.base}/realms/{c.realm}"
    for kind in ("oidc", "keycloak-oidc", "github"):
        c.admin("POST", IDP + "/import-config", json={"providerId": kind, "fromUrl": here + "/.well-known/openid-configuration"}, label=kind)
    c.admin("POST", IDP + "/import-config", json={"providerId": "oidc", "fromUrl": here + "/protocol/openid-connect/certs"}, label="something else")
    c.admin("POST", IDP + "/import-config", json={"providerId": "oidc"}, label="no address")
    c.admin("POST", IDP + "/import-config", json={"fromUrl": here}, label="no type")
    make(c, "up", "oidc", useJwksUrl="true", jwksUrl=here + "/protocol/openid-connect/certs")
    c.admin("GET", f"{INSTANCES}/up/reload-keys")


@case("admin-providers/mappers")
def _(c):
    make(c, "up", "oidc")
    make(c, "other", "oidc")
    for fields in ({"name": "m", "identityProviderMapper": "oidc-role-idp-mapper", "identityProviderAlias": "up", "config": {"role": "boss", "syncMode": "FORCE"}},
                   {"name": "m", "identityProviderMapper": "oidc-role-idp-mapper", "identityProviderAlias": "up"}, {"name": "n", "identityProviderMapper": "nothing", "identityProviderAlias": "up"}):
        c.admin("POST", f"{INSTANCES}/up/mappers", json=fields, label=f"POST {fields}"[:80])
    listed = c.admin("GET", f"{INSTANCES}/up/mappers").json()
    mine = next(one["id"] for one in listed if one["name"] == "m")
    c.admin("GET", f"{INSTANCES}/up/mappers/{mine}")
    c.admin("PUT", f"{INSTANCES}/up/mappers/{mine}", json={"id": mine, "name": "renamed", "identityProviderMapper": "oidc-role-idp-mapper", "identityProviderAlias": "up", "config": {"role": "other"}})
    c.admin("GET", f"{INSTANCES}/up/mappers/{mine}")
    c.admin("DELETE", f"{INSTANCES}/up/mappers/{mine}")
    c.admin("DELETE", f"{INSTANCES}/up/mappers/{mine}")
    c.admin("GET", f"{INSTANCES}/other/mappers")
