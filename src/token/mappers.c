/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <openssl/evp.h>
#include "core/json.h"
#include "token/mapper.h"
#include "token/values.h"

/* --- roles
 * ---------------------------------------------------------------------------------------------------------------------------------
 */

static lk_role_names_t *client_roles(lk_build_t *build, const char *client, int make)
{
    lk_role_names_t *names = &build->roles;
    for (; names->next != NULL; names = names->next)
        if (strcmp(names->next->client, client) == 0)
            return names->next;
    if (!make)
        return NULL;
    names->next = LK_NEW(build->arena, lk_role_names_t);
    names->next->client = client;
    return names->next;
}

static void add_role(lk_build_t *build, lk_role_names_t *to, const char *name)
{
    const char **grown = LK_NEW_ARRAY(build->arena, const char *, to->count + 1);
    for (size_t i = 0; i != to->count; ++i)
        if (strcmp(grown[i] = to->names[i], name) == 0)
            return;
    grown[to->count++] = name;
    to->names = grown;
}

/* "role" or "client.role"; a client's id may have dots, so the longest known client wins. */
static lk_role_names_t *role_owner(lk_build_t *build, const char *role, const char **ret_name, int make)
{
    const lk_realm_t *realm = build->context->realm;
    for (size_t i = 0; i != realm->num_roles; ++i) {
        const char *client = realm->roles[i].client_id;
        size_t len = client != NULL ? strlen(client) : 0;
        if (len != 0 && strncmp(role, client, len) == 0 && role[len] == '.') {
            *ret_name = role + len + 1;
            return client_roles(build, client, make);
        }
    }
    const char *dot = strchr(role, '.');
    *ret_name = dot != NULL ? dot + 1 : role;
    return dot == NULL ? &build->roles : client_roles(build, lk_strndup(build->arena, role, (size_t)(dot - role)), make);
}

static void map_hardcoded_role(lk_build_t *build, const lk_mapper_t *mapper)
{
    const char *role = lk_json_config(mapper->config, "role", NULL), *name;
    if (role == NULL)
        return;
    lk_role_names_t *owner = role_owner(build, role, &name, 1);
    add_role(build, owner, name);
}

static void map_role_name(lk_build_t *build, const lk_mapper_t *mapper)
{
    const char *old_role = lk_json_config(mapper->config, "role", NULL),
               *new_role = lk_json_config(mapper->config, "new.role.name", NULL), *name;
    lk_role_names_t *from = old_role == NULL ? NULL : role_owner(build, old_role, &name, 0);
    if (from == NULL || new_role == NULL)
        return;
    for (size_t i = 0; i != from->count; ++i) {
        if (strcmp(from->names[i], name) != 0)
            continue;
        const char *client = from->client;
        from->names[i] = from->names[--from->count];
        /* a new name with a client moves there; one without stays where the old one was */
        const char *dot = strchr(new_role, '.');
        lk_role_names_t *to = dot != NULL ? client_roles(build, lk_strndup(build->arena, new_role, (size_t)(dot - new_role)), 1)
                              : client != NULL ? from
                                               : &build->roles;
        add_role(build, to, dot != NULL ? dot + 1 : new_role);
        return;
    }
}

static void set_roles(lk_build_t *build, const lk_mapper_t *mapper, const lk_role_names_t *roles, const char *prefix,
                      const char *fallback_name)
{
    const char **names = roles->names;
    if (roles->count == 0)
        return;
    if (prefix != NULL && *prefix != '\0') {
        names = LK_NEW_ARRAY(build->arena, const char *, roles->count);
        for (size_t i = 0; i != roles->count; ++i)
            names[i] = lk_printf(build->arena, "%s%s", prefix, roles->names[i]);
    }
    lk_value_set(build, mapper, names, roles->count, LK_VALUE_ALWAYS_LIST, fallback_name, roles->client);
}

static void map_realm_roles(lk_build_t *build, const lk_mapper_t *mapper)
{
    set_roles(build, mapper, &build->roles, lk_json_config(mapper->config, "usermodel.realmRoleMapping.rolePrefix", NULL),
              "realm_access.roles");
}

static void map_client_roles(lk_build_t *build, const lk_mapper_t *mapper)
{
    const char *client = lk_json_config(mapper->config, "usermodel.clientRoleMapping.clientId", NULL);
    const char *prefix = lk_json_config(mapper->config, "usermodel.clientRoleMapping.rolePrefix", NULL);
    for (const lk_role_names_t *roles = build->roles.next; roles != NULL; roles = roles->next)
        if (client == NULL || *client == '\0' || strcmp(client, roles->client) == 0)
            set_roles(build, mapper, roles, prefix, "resource_access.${client_id}.roles");
}

/* --- users
 * --------------------------------------------------------------------------------------------------------------------------------------
 */

static const char *bool_text(int value)
{
    return value ? "true" : "false";
}

static const char *property(lk_build_t *build, const char *name)
{
    const lk_user_t *user = build->context->user;
    const struct {
        const char *name, *value;
    } properties[] = {
        {"username", user->username},         {"email", user->email}, {"firstName", user->first_name},
        {"lastName", user->last_name},        {"id", user->id},       {"emailVerified", bool_text(user->email_verified)},
        {"enabled", bool_text(user->enabled)}};
    for (size_t i = 0; i != sizeof(properties) / sizeof(properties[0]); ++i)
        if (strcmp(properties[i].name, name) == 0)
            return properties[i].value;
    if (strcmp(name, "createdTimestamp") == 0)
        return lk_printf(build->arena, "%lld", (long long)user->created_timestamp);
    return NULL;
}

static void map_property(lk_build_t *build, const lk_mapper_t *mapper)
{
    const char *name = lk_json_config(mapper->config, "user.attribute", NULL), *value = name == NULL ? NULL : property(build, name);
    if (value != NULL)
        lk_value_set(build, mapper, &value, 1, LK_VALUE_BY_CONFIG, NULL, NULL);
}

/* Values of an attribute in {"name": [values]}, added without repeating. */
static size_t collect(const json_t *attributes, const char *name, const char **values, size_t count, size_t max)
{
    json_t *value;
    size_t i, j;
    json_array_foreach(json_object_get(attributes, name), i, value)
    {
        const char *text = json_string_value(value);
        for (j = 0; text != NULL && j != count && strcmp(values[j], text) != 0; ++j)
            ;
        if (text != NULL && j == count && count != max)
            values[count++] = text;
    }
    return count;
}

#define MAX_VALUES 1000

/* The user's own attribute, else the first group's (or its parent's) that has it; with `aggregate`, all of them. */
static size_t attribute_values(lk_build_t *build, const char *name, int aggregate, const char **values)
{
    const lk_user_t *user = build->context->user;
    size_t count = collect(user->attributes, name, values, 0, MAX_VALUES);
    for (size_t i = 0; i != user->num_groups && (count == 0 || aggregate); ++i)
        for (const lk_group_t *group = user->groups[i]; group != NULL && (count == 0 || aggregate); group = group->parent)
            count = collect(group->attributes, name, values, count, MAX_VALUES);
    if (count == 0 && (values[0] = property(build, name)) != NULL)
        count = 1;
    return count;
}

static void map_attribute(lk_build_t *build, const lk_mapper_t *mapper)
{
    const char *name = lk_json_config(mapper->config, "user.attribute", NULL);
    const char **values = LK_NEW_ARRAY(build->arena, const char *, MAX_VALUES);
    if (name == NULL)
        return;
    size_t count = attribute_values(build, name, lk_json_config_bool(mapper->config, "aggregate.attrs", 0), values);
    if (count != 0)
        lk_value_set(build, mapper, values, count, LK_VALUE_BY_CONFIG, NULL, NULL);
}

static void map_full_name(lk_build_t *build, const lk_mapper_t *mapper)
{
    const char *name = lk_user_full_name(build->arena, build->context->user);
    (void)mapper;
    if (name != NULL && *name != '\0')
        lk_claims_set_text(build->arena, &build->claims, "name", name);
}

static void map_address(lk_build_t *build, const lk_mapper_t *mapper)
{
    static const struct {
        const char *config, *attribute, *claim;
    } parts[] = {
        {"user.attribute.street", "street", "street_address"}, {"user.attribute.locality", "locality", "locality"},
        {"user.attribute.region", "region", "region"},         {"user.attribute.postal_code", "postal_code", "postal_code"},
        {"user.attribute.country", "country", "country"},      {"user.attribute.formatted", "formatted", "formatted"}};
    const char **values = LK_NEW_ARRAY(build->arena, const char *, MAX_VALUES);
    lk_claim_t *address = LK_NEW(build->arena, lk_claim_t);
    lk_buffer_t text;
    for (size_t i = 0; i != sizeof(parts) / sizeof(parts[0]); ++i)
        if (attribute_values(build, lk_json_config(mapper->config, parts[i].config, parts[i].attribute), 0, values) != 0)
            lk_claims_set_text(build->arena, address, parts[i].claim, values[0]);
    if (address->first == NULL)
        return;
    lk_buffer_init(&text, build->arena, 65536);
    lk_claims_write(address, &text);
    lk_claims_set(build->arena, &build->claims, "address", text.base);
}

static void map_groups(lk_build_t *build, const lk_mapper_t *mapper)
{
    const lk_user_t *user = build->context->user;
    int full_path = lk_json_config_bool(mapper->config, "full.path", 1);
    const char **names = LK_NEW_ARRAY(build->arena, const char *, user->num_groups + 1);
    for (size_t i = 0; i != user->num_groups; ++i)
        names[i] = full_path ? user->groups[i]->path : user->groups[i]->name;
    if (user->num_groups != 0)
        lk_value_set(build, mapper, names, user->num_groups, LK_VALUE_ALWAYS_LIST, "groups", NULL);
}

static void map_subject(lk_build_t *build, const lk_mapper_t *mapper)
{
    (void)mapper;
    lk_claims_set_text(build->arena, &build->claims, "sub", build->context->user->id);
}

/* Host of the sector identifier, else of the redirect URI (OpenID Connect Core 8.1). */
static const char *sector(lk_build_t *build, const lk_mapper_t *mapper)
{
    const lk_client_t *client = build->context->client;
    const char *uri = lk_json_config(mapper->config, "sectorIdentifierUri", NULL);
    if (uri == NULL || *uri == '\0')
        uri = client->redirect_uris.count != 0 ? client->redirect_uris.entries[0] : "";
    const char *host = strstr(uri, "://");
    return host == NULL ? uri : lk_strndup(build->arena, host + 3, strcspn(host + 3, ":/?#"));
}

/* A UUID of SHA-256(sector + user id + salt), made by MD5 as version 3 UUIDs are. */
static void map_pairwise_subject(lk_build_t *build, const lk_mapper_t *mapper)
{
    const char *text = lk_printf(build->arena, "%s%s%s", sector(build, mapper), build->context->user->id,
                                 lk_json_config(mapper->config, "pairwiseSubAlgorithmSalt", ""));
    unsigned char hash[EVP_MAX_MD_SIZE], d[EVP_MAX_MD_SIZE];
    unsigned len;
    if (!EVP_Digest(text, strlen(text), hash, &len, EVP_sha256(), NULL) || !EVP_Digest(hash, len, d, &len, EVP_md5(), NULL))
        return;
    d[6] = (unsigned char)((d[6] & 0x0f) | 0x30);
    d[8] = (unsigned char)((d[8] & 0x3f) | 0x80);
    lk_claims_set_text(build->arena, &build->claims, "sub",
                       lk_printf(build->arena, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", d[0], d[1],
                                 d[2], d[3], d[4], d[5], d[6], d[7], d[8], d[9], d[10], d[11], d[12], d[13], d[14], d[15]));
}

/* --- clients, sessions, settings
 * --------------------------------------------------------------------------------------------------------------- */

static void map_hardcoded_claim(lk_build_t *build, const lk_mapper_t *mapper)
{
    const char *value = lk_json_config(mapper->config, "claim.value", NULL);
    if (value != NULL)
        lk_value_set(build, mapper, &value, 1, LK_VALUE_SINGLE, NULL, NULL);
}

static void map_audience(lk_build_t *build, const lk_mapper_t *mapper)
{
    const char *audience = lk_json_config(mapper->config, "included.client.audience", NULL);
    if (audience == NULL || *audience == '\0')
        audience = lk_json_config(mapper->config, "included.custom.audience", NULL);
    if (audience != NULL && *audience != '\0')
        lk_build_add_audience(build, audience);
}

/* Every client, but the asking one, of which the token shows roles. */
static void map_audience_resolve(lk_build_t *build, const lk_mapper_t *mapper)
{
    (void)mapper;
    for (const lk_role_names_t *roles = build->roles.next; roles != NULL; roles = roles->next)
        if (roles->count != 0 && strcmp(roles->client, build->context->client->client_id) != 0)
            lk_build_add_audience(build, roles->client);
}

static void map_allowed_origins(lk_build_t *build, const lk_mapper_t *mapper)
{
    lk_strings_t origins = lk_client_web_origins(build->arena, build->context->req, build->context->client);
    (void)mapper;
    if (origins.count != 0)
        lk_claims_set(build->arena, &build->claims, "allowed-origins",
                      lk_claims_list(build->arena, origins.entries, origins.count, 0));
}

static const char *session_note(lk_build_t *build, const char *name)
{
    const lk_token_context_t *context = build->context;
    if (strcmp(name, "AUTH_TIME") == 0 && context->auth_time != 0)
        return lk_printf(build->arena, "%lld", (long long)context->auth_time);
    if (context->grant == LK_GRANT_CLIENT_CREDENTIALS && context->session == NULL) {
        if (strcmp(name, "client_id") == 0 || strcmp(name, "clientId") == 0)
            return context->client->client_id;
        if (strcmp(name, "clientHost") == 0 || strcmp(name, "clientAddress") == 0)
            return context->req->client_ip;
    }
    return context->session == NULL ? NULL : lk_json_config(context->session->notes, name, NULL);
}

static void map_session_note(lk_build_t *build, const lk_mapper_t *mapper)
{
    const char *name = lk_json_config(mapper->config, "user.session.note", NULL),
               *value = name == NULL ? NULL : session_note(build, name);
    if (value != NULL)
        lk_value_set(build, mapper, &value, 1, LK_VALUE_SINGLE, NULL, NULL);
}

static void map_acr(lk_build_t *build, const lk_mapper_t *mapper)
{
    (void)mapper;
    lk_claims_set_text(build->arena, &build->claims, "acr", build->context->acr != NULL ? build->context->acr : "1");
}

/* Authentication method references: the executions here carry none. */
static void map_amr(lk_build_t *build, const lk_mapper_t *mapper)
{
    (void)mapper;
    lk_claims_set(build->arena, &build->claims, "amr", "[]");
}

static void map_nonce(lk_build_t *build, const lk_mapper_t *mapper)
{
    (void)mapper;
    lk_claims_set_text(build->arena, &build->claims, "nonce", build->context->nonce);
}

/* --- the table
 * -------------------------------------------------------------------------------------------------------------------------------------
 */

enum {
    ACCESS = 1 << LK_TOKEN_ACCESS,
    ID = 1 << LK_TOKEN_ID,
    USERINFO = 1 << LK_TOKEN_USERINFO,
    INTROSPECTION = 1 << LK_TOKEN_INTROSPECTION,
    RESPONSE = 1 << LK_TOKEN_RESPONSE
};
#define TOKENS (ACCESS | INTROSPECTION)
#define CLAIMS (ACCESS | ID | USERINFO | INTROSPECTION)

/* rank: lower ones run first; those that change roles come before those that show them. always: the mapper has no switches. */
static const struct st_mapper_type_t {
    const char *type;
    unsigned kinds;
    int rank, always;
    void (*map)(lk_build_t *build, const lk_mapper_t *mapper);
} types[] = {
    {"oidc-hardcoded-role-mapper", CLAIMS | RESPONSE, 0, 1, map_hardcoded_role},
    {"oidc-role-name-mapper", CLAIMS | RESPONSE, 1, 1, map_role_name},
    {"oidc-usermodel-realm-role-mapper", CLAIMS, 2, 0, map_realm_roles},
    {"oidc-usermodel-client-role-mapper", CLAIMS, 2, 0, map_client_roles},
    {"oidc-audience-resolve-mapper", TOKENS, 3, 0, map_audience_resolve},
    {"oidc-audience-mapper", TOKENS | ID, 4, 0, map_audience},
    {"oidc-usermodel-attribute-mapper", CLAIMS, 4, 0, map_attribute},
    {"oidc-usermodel-property-mapper", CLAIMS, 4, 0, map_property},
    {"oidc-group-membership-mapper", CLAIMS, 4, 0, map_groups},
    {"oidc-full-name-mapper", CLAIMS, 4, 0, map_full_name},
    {"oidc-address-mapper", CLAIMS, 4, 0, map_address},
    {"oidc-hardcoded-claim-mapper", CLAIMS | RESPONSE, 4, 0, map_hardcoded_claim},
    {"oidc-allowed-origins-mapper", TOKENS, 4, 0, map_allowed_origins},
    {"oidc-usersessionmodel-note-mapper", CLAIMS, 4, 0, map_session_note},
    {"oidc-claims-param-token-mapper", 0, 4, 0, NULL},
    {"oidc-claims-param-value-idtoken-mapper", 0, 4, 0, NULL},
    {"oidc-organization-membership-mapper", 0, 4, 0, NULL},
    {"oidc-organization-group-membership-mapper", 0, 4, 0, NULL},
    {"oidc-acr-mapper", ACCESS | ID | INTROSPECTION, 4, 0, map_acr},
    {"oidc-amr-mapper", ACCESS | ID, 4, 0, map_amr},
    {"oidc-nonce-backwards-compatible-mapper", ACCESS | INTROSPECTION, 4, 1, map_nonce},
    {"oidc-sub-mapper", TOKENS, 2, 0, map_subject},
    {"oidc-sha256-pairwise-sub-mapper", CLAIMS, 5, 1, map_pairwise_subject},
};
typedef struct st_mapper_type_t mapper_type_t;
#define NUM_TYPES (sizeof(types) / sizeof(types[0]))
#define NUM_RANKS 6

static const mapper_type_t *find_type(const char *name)
{
    for (size_t i = 0; i != NUM_TYPES; ++i)
        if (strcmp(types[i].type, name) == 0)
            return &types[i];
    return NULL;
}

int lk_mapper_type_is_known(const char *type)
{
    return find_type(type) != NULL;
}

/* The switches: id.token.claim and its like; one that is missing follows an older one. */
static int is_switched_on(const lk_build_t *build, const lk_mapper_t *mapper)
{
    const json_t *config = mapper->config;
    int access = lk_json_config_bool(config, "access.token.claim", 0), id = lk_json_config_bool(config, "id.token.claim", 0);
    switch (build->kind) {
    case LK_TOKEN_ACCESS:
        if (lk_client_attribute_bool(build->context->client, "client.use.lightweight.access.token.enabled", 0))
            return lk_json_config_bool(config, "lightweight.claim", 0);
        return access;
    case LK_TOKEN_ID:
        return id;
    case LK_TOKEN_USERINFO:
        return lk_json_config_bool(config, "userinfo.token.claim", id);
    case LK_TOKEN_INTROSPECTION:
        return lk_json_config_bool(config, "introspection.token.claim", access);
    case LK_TOKEN_RESPONSE:
        return lk_json_config_bool(config, "access.tokenResponse.claim", 0);
    }
    return 0;
}

static void run_rank(lk_build_t *build, const lk_mapper_t *mappers, size_t count, int rank)
{
    for (size_t i = 0; i != count; ++i) {
        const mapper_type_t *type = find_type(mappers[i].type);
        if (type == NULL || type->rank != rank || !(type->kinds & 1u << build->kind))
            continue;
        if (type->always || is_switched_on(build, &mappers[i]))
            type->map(build, &mappers[i]);
    }
}

void lk_mappers_run(lk_build_t *build)
{
    const lk_token_context_t *context = build->context;
    for (int rank = 0; rank != NUM_RANKS; ++rank) {
        run_rank(build, context->client->mappers, context->client->num_mappers, rank);
        for (size_t i = 0; i != context->scopes.count; ++i)
            run_rank(build, context->scopes.entries[i]->mappers, context->scopes.entries[i]->num_mappers, rank);
    }
}
