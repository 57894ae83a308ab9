/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "model/admin_permissions.h"
#include "model/export_internal.h"

#include <string.h>

#define CLIENT_BATCH "200"
#define USER_BATCH "1000"

json_t *lk_export_member(json_t *object, const char *name, json_type type)
{
    json_t *member = json_object_get(object, name);
    if (member == NULL) {
        member = type == JSON_ARRAY ? json_array() : json_object();
        json_object_set_new_nocheck(object, name, member);
    }
    return member;
}

lk_status_t lk_export_column(lk_arena_t *arena, const lk_rows_t *rows, int row, const char *column, json_t **ret_value,
                             lk_error_t *err)
{
    const char *text = lk_row_str(rows, row, column);
    if (lk_json_parse(arena, text, strlen(text), ret_value, err) == LK_OK)
        return LK_OK;
    return lk_fail(err, LK_INTERNAL, NULL, "a stored value is no JSON");
}

/* --- what is read whole --- */

/* What is read at once; the order of the statements. */
enum {
    REALM,
    CLIENT_NAMES,
    ROLES,
    GROUPS,
    SCOPES,
    SCOPE_MAPPINGS,
    COMPONENTS,
    PROVIDERS,
    PROVIDER_MAPPERS,
    FLOWS,
    AUTHENTICATOR_CONFIGS,
    REQUIRED_ACTIONS,
    ORGANIZATIONS,
    ORGANIZATION_GROUPS,
    NUM_PARTS
};
static const enum en_lk_query_t queries[NUM_PARTS] = {
    [REALM] = LK_Q_SNAPSHOT_REALM,
    [CLIENT_NAMES] = LK_Q_EXPORT_CLIENT_NAMES,
    [ROLES] = LK_Q_SNAPSHOT_ROLES,
    [GROUPS] = LK_Q_SNAPSHOT_GROUPS,
    [SCOPES] = LK_Q_SNAPSHOT_SCOPES,
    [SCOPE_MAPPINGS] = LK_Q_EXPORT_SCOPE_MAPPINGS,
    [COMPONENTS] = LK_Q_EXPORT_COMPONENTS,
    [PROVIDERS] = LK_Q_EXPORT_IDENTITY_PROVIDERS,
    [PROVIDER_MAPPERS] = LK_Q_EXPORT_PROVIDER_MAPPERS,
    [FLOWS] = LK_Q_EXPORT_FLOWS,
    [AUTHENTICATOR_CONFIGS] = LK_Q_EXPORT_AUTHENTICATOR_CONFIGS,
    [REQUIRED_ACTIONS] = LK_Q_EXPORT_REQUIRED_ACTIONS,
    [ORGANIZATIONS] = LK_Q_EXPORT_ORGANIZATIONS,
    [ORGANIZATION_GROUPS] = LK_Q_EXPORT_ORGANIZATION_GROUPS,
};

/* Parts that are arrays of what the rep column holds. */
static const struct {
    int part;
    const char *member;
    const lk_representation_t *fields;
    int if_any; /* left out where there is none */
} lists[] = {
    {PROVIDERS, "identityProviders", &lk_identity_provider_fields, 0},
    {PROVIDER_MAPPERS, "identityProviderMappers", &lk_identity_provider_mapper_fields, 0},
    {FLOWS, "authenticationFlows", &lk_flow_fields, 0},
    {AUTHENTICATOR_CONFIGS, "authenticatorConfig", &lk_authenticator_config_fields, 0},
    {REQUIRED_ACTIONS, "requiredActions", &lk_required_action_fields, 0},
    {ORGANIZATIONS, "organizations", &lk_organization_fields, 1},
};

/* Ids of executions are the admin API's alone. */
static void drop_execution_ids(json_t *flow)
{
    size_t i;
    json_t *execution;
    json_array_foreach(json_object_get(flow, "authenticationExecutions"), i, execution)
    {
        json_object_del(execution, "id");
    }
}

static lk_status_t put_list(lk_export_t *export, const lk_rows_t *rows, const char *member, const lk_representation_t *fields,
                            lk_error_t *err)
{
    json_t *list = lk_export_member(export->rep, member, JSON_ARRAY), *rep;
    for (int i = 0; i != rows->count; ++i) {
        lk_status_t status = lk_export_column(export->arena, rows, i, "rep", &rep, err);
        if (status != LK_OK)
            return status;
        if (!(export->flags & LK_EXPORT_EXECUTION_IDS))
            drop_execution_ids(rep);
        json_array_append_new(list, lk_rep_ordered(fields, rep));
    }
    return LK_OK;
}

static lk_status_t put_scopes(lk_export_t *export, const lk_rows_t *rows, lk_error_t *err)
{
    json_t *list = lk_export_member(export->rep, "clientScopes", JSON_ARRAY), *rep;
    export->scope_names = lk_json_own(export->arena, json_object());
    json_t *defaults = lk_export_member(export->rep, "defaultDefaultClientScopes", JSON_ARRAY);
    json_t *optionals = lk_export_member(export->rep, "defaultOptionalClientScopes", JSON_ARRAY);
    for (int i = 0; i != rows->count; ++i) {
        lk_status_t status = lk_export_column(export->arena, rows, i, "rep", &rep, err);
        if (status != LK_OK)
            return status;
        const char *id = lk_row_str(rows, i, "id"), *realm_default = lk_row_str(rows, i, "realm_default");
        json_t *name = json_string(lk_row_str(rows, i, "name"));
        json_object_set_new_nocheck(export->scope_names, id, name);
        json_object_set_new_nocheck(rep, "id", json_string(id));
        json_object_set_nocheck(rep, "name", name);
        json_array_append_new(list, lk_rep_ordered(&lk_scope_fields, rep));
        if (realm_default != NULL)
            json_array_append(strcmp(realm_default, "default") == 0 ? defaults : optionals, name);
    }
    return LK_OK;
}

/* --- components --- */

static json_t *components_of(lk_export_t *export, const json_t *by_parent, const char *parent_id)
{
    json_t *result = lk_json_own(export->arena, json_object()), *component;
    size_t i;
    json_array_foreach(json_object_get(by_parent, parent_id), i, component)
    {
        /* By what is taken out of it, a component is met once at most: no ring is endless. */
        json_t *type = json_incref(json_object_get(component, "providerType"));
        if (type == NULL)
            continue;
        json_object_del(component, "providerType");
        json_object_set_nocheck(component, "subComponents", components_of(export, by_parent, lk_json_str(component, "id", "")));
        json_array_append_new(lk_export_member(result, json_string_value(type), JSON_ARRAY),
                              lk_rep_ordered(&lk_component_fields, component));
        json_decref(type);
    }
    return result;
}

static lk_status_t put_components(lk_export_t *export, const lk_rows_t *rows, lk_error_t *err)
{
    json_t *by_parent = lk_json_own(export->arena, json_object()), *rep;
    for (int i = 0; i != rows->count; ++i) {
        lk_status_t status = lk_export_column(export->arena, rows, i, "rep", &rep, err);
        if (status != LK_OK)
            return status;
        json_object_set_new_nocheck(rep, "providerType", json_string(lk_row_str(rows, i, "provider_type")));
        json_array_append(lk_export_member(by_parent, lk_row_str(rows, i, "parent_id"), JSON_ARRAY), rep);
    }
    json_object_set_nocheck(export->rep, "components", components_of(export, by_parent, export->realm_id));
    return LK_OK;
}

/* --- the realm --- */

static lk_status_t put_realm(lk_export_t *export, const lk_rows_t *rows, lk_error_t *err)
{
    if (rows->count == 0)
        return lk_fail(err, LK_NOT_FOUND, NULL, "the realm is gone");
    lk_status_t status = lk_export_column(export->arena, rows, 0, "rep", &export->rep, err);
    if (status != LK_OK)
        return status;
    export->realm_name = lk_row_str(rows, 0, "name");
    json_object_set_new_nocheck(export->rep, "id", json_string(export->realm_id));
    json_object_set_new_nocheck(export->rep, "realm", json_string(export->realm_name));
    json_object_set_new_nocheck(export->rep, "keycloakVersion", json_string(LK_KEYCLOAK_VERSION));
    return LK_OK;
}

/* In the order in which one part needs the names of another. */
static lk_status_t assemble(lk_export_t *export, const lk_rows_t *rows, lk_error_t *err)
{
    lk_status_t status = put_realm(export, &rows[REALM], err);
    export->client_ids = lk_json_own(export->arena, json_object());
    for (int i = 0; i != rows[CLIENT_NAMES].count; ++i)
        json_object_set_new_nocheck(export->client_ids, lk_row_str(&rows[CLIENT_NAMES], i, "id"),
                                    json_string(lk_row_str(&rows[CLIENT_NAMES], i, "client_id")));
    if (status == LK_OK)
        status = lk_export_read_roles(export, &rows[ROLES], err);
    if (status != LK_OK)
        return status;
    json_object_set_nocheck(export->rep, "roles", lk_export_roles(export));
    status = lk_export_put_groups(export, &rows[GROUPS], err);
    if (status == LK_OK)
        status = put_scopes(export, &rows[SCOPES], err);
    if (status == LK_OK)
        status = put_components(export, &rows[COMPONENTS], err);
    for (size_t i = 0; i != sizeof(lists) / sizeof(lists[0]) && status == LK_OK; ++i)
        if (!lists[i].if_any || rows[lists[i].part].count != 0)
            status = put_list(export, &rows[lists[i].part], lists[i].member, lists[i].fields, err);
    if (status == LK_OK)
        status = lk_export_put_organization_groups(export, &rows[ORGANIZATION_GROUPS], err);
    if (status == LK_OK)
        lk_export_put_scope_mappings(export, &rows[SCOPE_MAPPINGS]);
    return status;
}

lk_status_t lk_export_open(lk_sql_t *tx, lk_arena_t *arena, const char *realm_id, unsigned flags, lk_export_t **ret_export,
                           lk_error_t *err)
{
    lk_export_t *export = LK_NEW(arena, lk_export_t);
    lk_statement_t statements[NUM_PARTS];
    lk_rows_t rows[NUM_PARTS];
    export->tx = tx;
    export->flags = flags;
    export->arena = arena;
    export->realm_id = lk_strdup(arena, realm_id);
    const char *params[] = {export->realm_id};
    for (int i = 0; i != NUM_PARTS; ++i)
        statements[i] = (lk_statement_t){queries[i], params, 1};
    lk_status_t status = lk_sql_run_all(tx, arena, statements, NUM_PARTS, rows, err);
    if (status == LK_OK)
        status = assemble(export, rows, err);
    if (status == LK_OK)
        *ret_export = export;
    return status;
}

const char *lk_export_realm_name(const lk_export_t *export)
{
    return export->realm_name;
}

json_t *lk_export_rep(lk_export_t *export)
{
    return lk_json_own(export->arena, lk_rep_ordered(&lk_realm_fields, export->rep));
}

/* --- what comes in batches --- */

/* The resource server of fine-grained permissions says what there is to permit, while they are switched on. */
static void put_schema(const lk_export_t *export, json_t *client)
{
    const char *id = lk_json_str(json_object_get(export->rep, "adminPermissionsClient"), "id", "");
    json_t *settings = json_object_get(client, "authorizationSettings");
    if (settings != NULL && strcmp(lk_json_str(client, "id", ""), id) == 0 &&
        lk_json_bool(export->rep, "adminPermissionsEnabled", 0))
        json_object_set_new(settings, "authorizationSchema", lk_admin_permissions_schema());
}

lk_status_t lk_export_clients(lk_export_t *export, lk_arena_t *arena, const char **position, json_t **ret_batch, lk_error_t *err)
{
    lk_rows_t rows;
    json_t *batch = lk_json_own(arena, json_array()), *rep;
    lk_status_t status = lk_query(export->tx, arena, LK_Q_EXPORT_CLIENTS, &rows, err, export->realm_id, *position, CLIENT_BATCH);
    for (int i = 0; status == LK_OK && i != rows.count; ++i) {
        status = lk_export_column(arena, &rows, i, "rep", &rep, err);
        if (status == LK_OK)
            status = lk_authz_export_client(export->tx, arena, export->realm_id, rep, err);
        if (status != LK_OK)
            break;
        put_schema(export, rep);
        json_array_append_new(batch, lk_rep_ordered(&lk_client_fields, rep));
    }
    if (status != LK_OK)
        return status;
    if (rows.count != 0)
        *position = lk_strdup(export->arena, lk_row_str(&rows, rows.count - 1, "client_id"));
    *ret_batch = batch;
    return LK_OK;
}

/* What the user has beside its own row; arrays that are empty are left out. */
static lk_status_t put_parts_of_user(lk_arena_t *arena, const lk_rows_t *rows, int row, json_t *user, lk_error_t *err)
{
    static const struct {
        const char *column, *member;
    } parts[] = {{"credentials", "credentials"}, {"identities", "federatedIdentities"}, {"consents", "clientConsents"}};
    lk_status_t status = LK_OK;
    json_t *list;
    for (size_t i = 0; i != sizeof(parts) / sizeof(parts[0]) && status == LK_OK; ++i) {
        if (lk_row_str(rows, row, parts[i].column) == NULL)
            continue;
        status = lk_export_column(arena, rows, row, parts[i].column, &list, err);
        if (status == LK_OK)
            json_object_set_nocheck(user, parts[i].member, list);
    }
    return status;
}

/* Credentials in their order, and whether one of them makes one-time passwords. */
static void complete_credentials(json_t *user)
{
    json_t *list = lk_export_member(user, "credentials", JSON_ARRAY), *ordered = json_array(), *credential;
    size_t i;
    int has_otp = 0;
    json_array_foreach(list, i, credential)
    {
        has_otp |= strcmp(lk_json_str(credential, "type", ""), "otp") == 0;
        json_array_append_new(ordered, lk_rep_ordered(&lk_credential_fields, credential));
    }
    json_object_set_new_nocheck(user, "credentials", ordered);
    json_object_set_new_nocheck(user, "totp", json_boolean(has_otp));
    lk_export_member(user, "disableableCredentialTypes", JSON_ARRAY);
}

static void name_consented_scopes(const lk_export_t *export, json_t *user)
{
    size_t i, j;
    json_t *consent, *id;
    json_array_foreach(json_object_get(user, "clientConsents"), i, consent)
    {
        json_t *names = json_array();
        json_array_foreach(json_object_get(consent, "grantedClientScopes"), j, id)
        {
            json_t *name = json_object_get(export->scope_names, json_string_value(id));
            if (name != NULL)
                json_array_append(names, name);
        }
        json_object_set_new_nocheck(consent, "grantedClientScopes", names);
    }
}

static void put_memberships(const lk_export_t *export, lk_arena_t *arena, json_t *user, const char *ids)
{
    json_t *groups = lk_export_member(user, "groups", JSON_ARRAY);
    while (ids != NULL && *ids != '\0') {
        size_t len = strcspn(ids, "\n");
        json_t *path = json_object_get(export->group_paths, lk_strndup(arena, ids, len));
        if (path != NULL)
            json_array_append(groups, path);
        ids += len + (ids[len] == '\n');
    }
}

static lk_status_t users_of_rows(const lk_export_t *export, lk_arena_t *arena, const lk_rows_t *rows, json_t **ret_users,
                                 lk_error_t *err)
{
    json_t *users = lk_json_own(arena, json_array()), *user;
    for (int i = 0; i != rows->count; ++i) {
        lk_status_t status = lk_export_column(arena, rows, i, "rep", &user, err);
        if (status == LK_OK)
            status = put_parts_of_user(arena, rows, i, user, err);
        if (status != LK_OK)
            return status;
        complete_credentials(user);
        name_consented_scopes(export, user);
        lk_export_put_roles(export, arena, user, lk_row_str(rows, i, "role_ids"), "realmRoles", "clientRoles");
        put_memberships(export, arena, user, lk_row_str(rows, i, "group_ids"));
        json_array_append_new(users, lk_rep_ordered(&lk_user_fields, user));
    }
    *ret_users = users;
    return LK_OK;
}

lk_status_t lk_export_users(lk_export_t *export, lk_arena_t *arena, const char **position, json_t **ret_batch, lk_error_t *err)
{
    lk_rows_t rows;
    lk_status_t status = lk_query(export->tx, arena, LK_Q_EXPORT_USERS, &rows, err, export->realm_id, *position, USER_BATCH);
    if (status == LK_OK)
        status = users_of_rows(export, arena, &rows, ret_batch, err);
    if (status == LK_OK && rows.count != 0)
        *position = lk_strdup(export->arena, lk_row_str(&rows, rows.count - 1, "username"));
    return status;
}

lk_status_t lk_export_users_named(lk_export_t *export, lk_arena_t *arena, const json_t *names, json_t **ret_users, lk_error_t *err)
{
    lk_rows_t rows;
    lk_status_t status =
        lk_query(export->tx, arena, LK_Q_EXPORT_USERS_NAMED, &rows, err, export->realm_id, lk_json_text(arena, names));
    return status == LK_OK ? users_of_rows(export, arena, &rows, ret_users, err) : status;
}

lk_status_t lk_export_whole(lk_export_t *export, json_t **ret_realm, lk_error_t *err)
{
    const char *position = "";
    json_t *batch, *clients = lk_export_member(export->rep, "clients", JSON_ARRAY);
    do {
        lk_status_t status = lk_export_clients(export, export->arena, &position, &batch, err);
        if (status != LK_OK)
            return status;
        json_array_extend(clients, batch);
    } while (json_array_size(batch) != 0);
    *ret_realm = lk_export_rep(export);
    return LK_OK;
}

lk_status_t lk_export_realm(lk_sql_t *tx, lk_arena_t *arena, const char *realm_id, json_t **ret_realm, lk_error_t *err)
{
    lk_export_t *export;
    lk_status_t status = lk_export_open(tx, arena, realm_id, 0, &export, err);
    return status == LK_OK ? lk_export_whole(export, ret_realm, err) : status;
}
