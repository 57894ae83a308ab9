/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "cli/origin.h"

#include <stdint.h>
#include <string.h>
#include "cli/lookup.h"

/* Claims that no mapper makes (OpenID Connect Core section 2, and Keycloak's own). */
static const struct {
    const char *claim, *made_by;
} fixed[] = {
    {"iss", "the realm's address"},
    {"exp", "the token's lifespan"},
    {"iat", "the time it was made"},
    {"jti", "the token's own id"},
    {"typ", "the kind of token"},
    {"azp", "the client that asked"},
    {"sid", "the user's session"},
    {"scope", "the scopes that were given"},
    {"nonce", "the client's request"},
    {"at_hash", "the access token"},
    {"session_state", "the user's session"},
    {"auth_time", "the time of the login"},
    {"cnf", "the key it is bound to"},
    {"nbf", "the realm's not-before"},
    {"c_hash", "the code"},
};
/* Claims of mappers that do not say them in their config. */
static const struct {
    const char *claim, *type;
} implied[] = {
    {"sub", "oidc-sub-mapper"},
    {"aud", "oidc-audience-mapper"},
    {"aud", "oidc-audience-resolve-mapper"},
    {"acr", "oidc-acr-mapper"},
    {"allowed-origins", "oidc-allowed-origins-mapper"},
    {"name", "oidc-full-name-mapper"},
    {"address", "oidc-address-mapper"},
    {"amr", "oidc-amr-mapper"},
    {"organization", "oidc-organization-membership-mapper"},
};
#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* The mappers in force, each with its config: [{name, protocolMapper, config, container}]. */
static json_t *mappers_in_force(lk_cli_t *cli, const lk_explained_t *token)
{
    json_t *used = lk_call_get(
               cli, lk_url_realm(cli, "/clients/%s/evaluate-scopes/protocol-mappers?scope=%s", token->client_id, token->scope)),
           *client = used != NULL ? lk_call_get(cli, lk_url_realm(cli, "/clients/%s", token->client_id)) : NULL,
           *scopes = client != NULL ? lk_call_get(cli, lk_url_realm(cli, "/client-scopes")) : NULL, *all, *entry, *scope;
    size_t i, k;
    if (scopes == NULL)
        return NULL;
    json_t *known = lk_json_own(cli->arena, json_object()); /* by the mapper's id */
    json_array_foreach(json_object_get(client, "protocolMappers"), i, entry)
        json_object_set(known, lk_json_str(entry, "id", ""), entry);
    json_array_foreach(scopes, k, scope) json_array_foreach(json_object_get(scope, "protocolMappers"), i, entry)
        json_object_set(known, lk_json_str(entry, "id", ""), entry);
    all = lk_json_own(cli->arena, json_array());
    json_array_foreach(used, i, entry)
    {
        const json_t *own = json_object_get(known, lk_json_str(entry, "mapperId", ""));
        const char *type = lk_json_str(entry, "containerType", ""), *where = lk_json_str(entry, "containerName", "");
        json_array_append_new(
            all, json_pack("{s:s, s:s, s:O?, s:s}", "name", lk_json_str(entry, "mapperName", ""), "type",
                           lk_json_str(entry, "protocolMapper", ""), "config", json_object_get(own, "config"), "container",
                           strcmp(type, "client") == 0 ? "the client" : lk_printf(cli->arena, "scope %s", where)));
    }
    return all;
}

/* 1 where the mapper makes that claim, or a part of it: "address.street" makes address. */
static int makes_claim(const json_t *mapper, const char *claim)
{
    const char *name = lk_json_str(json_object_get(mapper, "config"), "claim.name", ""), *type = lk_json_str(mapper, "type", "");
    size_t len = strlen(claim);
    if (strncmp(name, claim, len) == 0 && (name[len] == '\0' || name[len] == '.'))
        return 1;
    for (size_t i = 0; i != COUNT(implied); ++i)
        if (strcmp(implied[i].claim, claim) == 0 && strcmp(implied[i].type, type) == 0)
            return 1;
    return 0;
}

static const char *maker_of(lk_cli_t *cli, const json_t *mappers, const char *claim)
{
    lk_buffer_t text;
    size_t i;
    json_t *mapper;
    for (i = 0; i != COUNT(fixed); ++i)
        if (strcmp(fixed[i].claim, claim) == 0)
            return fixed[i].made_by;
    lk_buffer_init(&text, cli->arena, 64 * 1024);
    json_array_foreach((json_t *)(uintptr_t)mappers, i, mapper)
    {
        if (makes_claim(mapper, claim))
            lk_buffer_printf(&text, "%smapper \"%s\" of %s", text.len != 0 ? "; " : "", lk_json_str(mapper, "name", ""),
                             lk_json_str(mapper, "container", ""));
    }
    return text.len != 0 ? text.base : "no mapper that is in force now";
}

static void add_row(json_t *rows, const char *claim, json_t *value, const char *made_by)
{
    json_array_append_new(rows, json_pack("{s:s, s:o, s:s}", "claim", claim, "value", value, "madeBy", made_by));
}

/* The roles with that name among a list; NULL where there is none. */
static const json_t *role_among(const json_t *roles, const char *name)
{
    size_t i;
    json_t *role;
    json_array_foreach((json_t *)(uintptr_t)roles, i, role) if (strcmp(lk_json_str(role, "name", ""), name) == 0) return role;
    return NULL;
}

/* The roles of a group and of those above it, whose members its members are too. */
static void add_group_sources(lk_cli_t *cli, const char *path, json_t *sources)
{
    for (const char *end = path + 1; end[-1] != '\0'; ++end) {
        if (*end != '/' && *end != '\0')
            continue;
        const char *own = lk_strndup(cli->arena, path, (size_t)(end - path)), *id = lk_find_group_path(cli, own);
        json_t *mappings = id != NULL ? lk_call_get(cli, lk_url_realm(cli, "/groups/%s/role-mappings", id)) : NULL;
        if (mappings != NULL)
            json_array_append_new(sources,
                                  json_pack("{s:s, s:O}", "from", lk_printf(cli->arena, "group %s", own), "mappings", mappings));
    }
}

/* Where a user may have roles from: the user, then each group: [{from, mappings}]. */
static json_t *sources_of(lk_cli_t *cli, const char *user_id)
{
    json_t *sources = lk_json_own(cli->arena, json_array()), *group,
           *own = user_id != NULL ? lk_call_get(cli, lk_url_realm(cli, "/users/%s/role-mappings", user_id)) : NULL,
           *groups = own != NULL ? lk_call_get(cli, lk_url_realm(cli, "/users/%s/groups", user_id)) : NULL;
    size_t i;
    if (own != NULL)
        json_array_append_new(sources, json_pack("{s:s, s:O}", "from", "granted to the user", "mappings", own));
    json_array_foreach(groups, i, group)
    {
        const char *path = lk_json_str(group, "path", "");
        if (path[0] == '/')
            add_group_sources(cli, path, sources);
    }
    return sources;
}

/* The composite among these roles that brings `name`, at any depth that composites have in practice. */
static const char *composite_with(lk_cli_t *cli, const json_t *roles, const char *name, const char *client_id, unsigned depth)
{
    size_t i;
    json_t *role;
    json_array_foreach((json_t *)(uintptr_t)roles, i, role)
    {
        if (!lk_json_bool(role, "composite", 0) || depth == 4)
            continue;
        const json_t *parts = lk_call_get(cli, lk_url_realm(cli, "/roles-by-id/%s/composites", lk_json_str(role, "id", ""))),
                     *part = role_among(parts, name);
        if (part != NULL && lk_json_bool(part, "clientRole", 0) == (client_id != NULL))
            return lk_json_str(role, "name", "");
        if (composite_with(cli, parts, name, client_id, depth + 1) != NULL)
            return lk_json_str(role, "name", "");
    }
    return NULL;
}

static const char *role_origin(lk_cli_t *cli, const json_t *sources, const char *client, const char *name)
{
    const json_t *roles;
    const char *composite;
    size_t i;
    json_t *source;
    json_array_foreach((json_t *)(uintptr_t)sources, i, source)
    {
        const json_t *mappings = json_object_get(source, "mappings"), *realm = json_object_get(mappings, "realmMappings"),
                     *of_client = json_object_get(
                         json_object_get(json_object_get(mappings, "clientMappings"), client != NULL ? client : ""), "mappings");
        roles = client == NULL ? realm : of_client;
        if (role_among(roles, name) != NULL)
            return lk_json_str(source, "from", "");
        if ((composite = composite_with(cli, realm, name, client, 0)) != NULL ||
            (composite = composite_with(cli, of_client, name, client, 0)) != NULL)
            return lk_printf(cli->arena, "%s, by the composite role %s", lk_json_str(source, "from", ""), composite);
    }
    return "no way that can be seen now";
}

static void add_roles(lk_cli_t *cli, json_t *rows, const json_t *sources, const json_t *access, const char *client)
{
    size_t i;
    json_t *role;
    json_array_foreach(json_object_get(access, "roles"), i, role)
    {
        const char *name = json_string_value(role);
        if (name != NULL)
            add_row(rows, client == NULL ? "  realm role" : lk_printf(cli->arena, "  role of %s", client), json_incref(role),
                    role_origin(cli, sources, client, name));
    }
}

json_t *lk_origins(lk_cli_t *cli, const lk_explained_t *token)
{
    json_t *mappers = mappers_in_force(cli, token), *rows = lk_json_own(cli->arena, json_array()), *value, *access;
    const char *claim, *client;
    if (mappers == NULL)
        return NULL;
    const json_t *sources = sources_of(cli, token->user_id);
    json_object_foreach(token->claims, claim, value)
    {
        int realm_roles = strcmp(claim, "realm_access") == 0, client_roles = strcmp(claim, "resource_access") == 0;
        add_row(rows, claim, realm_roles || client_roles ? json_null() : json_incref(value), maker_of(cli, mappers, claim));
        if (realm_roles)
            add_roles(cli, rows, sources, value, NULL);
        if (client_roles)
            json_object_foreach(value, client, access) add_roles(cli, rows, sources, access, client);
    }
    return rows;
}
