/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "model/import_internal.h"

#include <string.h>
#include "core/time.h"
#include "crypto/crypto.h"
#include "model/admin_permissions.h"

/* Client scopes, clients, and which scopes belong to which client. */

/* Protocol mappers in strict types and with ids, as `owner` keeps them in its rep. Built-in ones (no path) are complete already. */
static lk_status_t complete_mappers(lk_import_t *im, json_t *owner, const char *path, lk_error_t *err)
{
    json_t *mappers = json_object_get(owner, "protocolMappers"), *mapper;
    size_t i;
    if (mappers == NULL)
        return LK_OK;
    json_t *complete = lk_json_own(im->arena, json_array());
    json_array_foreach(mappers, i, mapper)
    {
        json_t *strict;
        lk_status_t status =
            lk_import_object(im, &lk_mapper_fields, mapper, lk_printf(im->arena, "%s.protocolMappers[%zu]", path, i), &strict, err);
        if (status != LK_OK)
            return status;
        json_object_set_new_nocheck(strict, "id", json_string(lk_import_id(im, strict, "id")));
        json_object_del(strict, "consentText");
        json_object_del(strict, "consentRequired");
        lk_rep_fill(&lk_mapper_fields, strict);
        if (path[0] == '$')
            lk_mapper_rep_complete(strict);
        json_array_append(complete, strict);
    }
    json_object_set_nocheck(owner, "protocolMappers", complete);
    return LK_OK;
}

/* --- client scopes --- */

static int lists(const json_t *names, const char *name)
{
    size_t i;
    json_t *entry;
    json_array_foreach((json_t *)names, i, entry)
    {
        if (json_is_string(entry) && strcmp(json_string_value(entry), name) == 0)
            return 1;
    }
    return 0;
}

/* `lists_from` has defaultDefaultClientScopes and defaultOptionalClientScopes. */
static lk_status_t add_scope(lk_import_t *im, const json_t *value, const json_t *lists_from, const char *path, lk_error_t *err)
{
    json_t *scope;
    lk_status_t status = lk_import_object(im, &lk_scope_fields, value, path, &scope, err);
    if (status == LK_OK)
        status = complete_mappers(im, scope, path, err);
    if (status != LK_OK)
        return status;
    const char *name = lk_json_str(scope, "name", NULL), *id = lk_import_id(im, scope, "id"), *realm_default = NULL;
    if (name == NULL)
        return lk_fail(err, LK_INVALID, "unknown", "%s.name: missing", path);
    if (json_object_get(im->scopes, name) != NULL)
        return lk_import_twice(path, "client scope", name, err);
    if (lists(json_object_get(lists_from, "defaultDefaultClientScopes"), name))
        realm_default = "default";
    else if (lists(json_object_get(lists_from, "defaultOptionalClientScopes"), name))
        realm_default = "optional";
    const char *position = lk_printf(im->arena, "%zu", json_object_size(im->scopes));
    lk_rep_fill(&lk_scope_fields, scope);
    json_object_set_new_nocheck(
        im->scopes, name,
        json_pack("{s:s, s:s*, s:s*}", "id", id, "protocol", lk_json_str(scope, "protocol", NULL), "default", realm_default));
    lk_row(&im->rows, LK_TABLE_SCOPE, id, name, position, realm_default, lk_import_rep(im, &lk_scope_fields, scope));
    return LK_OK;
}

static lk_status_t add_scopes(lk_import_t *im, const json_t *list, const json_t *lists_from, const char *path, lk_error_t *err)
{
    size_t i;
    json_t *scope;
    lk_status_t status = LK_OK;
    json_array_foreach((json_t *)list, i, scope)
    {
        if (status == LK_OK)
            status = add_scope(im, scope, lists_from, lk_printf(im->arena, "%s[%zu]", path, i), err);
    }
    return status;
}

static lk_status_t add_built_in_scope(lk_import_t *im, const char *name, lk_error_t *err)
{
    size_t i;
    json_t *scope;
    if (json_object_get(im->scopes, name) != NULL)
        return LK_OK;
    json_array_foreach(json_object_get(im->defaults, "clientScopes"), i, scope)
    {
        if (strcmp(lk_json_str(scope, "name", ""), name) == 0)
            return add_scope(im, scope, im->defaults, "", err);
    }
    return LK_OK;
}

/* A realm that brings its own client scopes has those alone, and those that its version could not know. */
lk_status_t lk_import_scopes(lk_import_t *im, lk_error_t *err)
{
    const json_t *given = json_object_get(im->given, "clientScopes");
    if (given == NULL) {
        im->made_offline_scope = 1;
        return add_scopes(im, json_object_get(im->defaults, "clientScopes"), im->defaults, "", err);
    }
    lk_status_t status = add_scopes(im, given, im->given, "$.clientScopes", err);
    const char *name;
    int is_default;
    for (size_t i = 0; status == LK_OK && (name = lk_import_younger_scope(im, i, &is_default)) != NULL; ++i)
        status = add_built_in_scope(im, name, err);
    if (status != LK_OK || json_object_get(im->scopes, "offline_access") != NULL)
        return status;
    /* Tokens depend on this one. */
    im->made_offline_scope = 1;
    return add_built_in_scope(im, "offline_access", err);
}

/* --- scopes of clients --- */

/* Assigns a client scope by name; unknown names are ignored. */
static void assign_scope(lk_import_t *im, const char *client_uuid, const char *scope_name, int is_default)
{
    const char *scope_id = lk_json_str(json_object_get(im->scopes, scope_name), "id", NULL);
    const char *key = lk_printf(im->arena, "scope %s %s", client_uuid, scope_name);
    if (scope_id == NULL || json_object_get(im->rows.seen, key) != NULL)
        return;
    json_object_set_new_nocheck(im->rows.seen, key, json_true());
    lk_row(&im->rows, LK_TABLE_CLIENT_SCOPE, client_uuid, scope_id, is_default ? "t" : "f");
}

static const char *scope_protocol(const lk_import_t *im, const char *name)
{
    return lk_json_str(json_object_get(im->scopes, name), "protocol", "");
}

/* Scopes of another protocol are left out: old files list role_list, which is SAML's, with every client. */
static void assign_listed(lk_import_t *im, const char *client_uuid, const char *protocol, const json_t *names, int is_default)
{
    size_t i;
    json_t *entry;
    json_array_foreach((json_t *)names, i, entry)
    {
        const char *name = json_string_value(entry), *of = scope_protocol(im, name);
        if (of[0] == '\0' || strcmp(of, protocol) == 0)
            assign_scope(im, client_uuid, name, is_default);
    }
}

/* The realm's default and optional scopes of the client's protocol. */
static void assign_defaults(lk_import_t *im, const char *client_uuid, const char *protocol)
{
    const char *name;
    json_t *scope;
    json_object_foreach(im->scopes, name, scope)
    {
        const char *kind = lk_json_str(scope, "default", NULL);
        if (kind != NULL && strcmp(lk_json_str(scope, "protocol", ""), protocol) == 0)
            assign_scope(im, client_uuid, name, strcmp(kind, "default") == 0);
    }
}

static void assign_scopes(lk_import_t *im, const json_t *client, const char *client_uuid)
{
    const json_t *defaults = json_object_get(client, "defaultClientScopes"),
                 *optional = json_object_get(client, "optionalClientScopes");
    const char *protocol = lk_json_str(client, "protocol", "openid-connect");
    if (defaults == NULL && optional == NULL) {
        assign_defaults(im, client_uuid, protocol);
        return;
    }
    assign_listed(im, client_uuid, protocol, defaults, 1);
    assign_listed(im, client_uuid, protocol, optional, 0);
    const char *name;
    int is_default;
    if (strcmp(protocol, "openid-connect") != 0 || lk_json_bool(client, "bearerOnly", 0))
        return;
    for (size_t i = 0; (name = lk_import_younger_scope(im, i, &is_default)) != NULL; ++i)
        if (is_default && strcmp(protocol, scope_protocol(im, name)) == 0)
            assign_scope(im, client_uuid, name, 1);
}

/* --- clients --- */

static void add_client_row(lk_import_t *im, const char *client_id, const char *client_uuid, const json_t *client)
{
    json_object_set_new_nocheck(im->clients, client_id, json_string(client_uuid));
    lk_row(&im->rows, LK_TABLE_CLIENT, client_uuid, client_id, lk_import_rep(im, &lk_client_fields, client));
    if (lk_json_bool(client, "authorizationServicesEnabled", 0))
        json_object_set_new_nocheck(im->protecting, client_id, json_string(client_uuid));
    if (lk_json_bool(client, "serviceAccountsEnabled", 0))
        json_object_set_new_nocheck(im->service_accounts, client_id, json_string(client_uuid));
}

/* Keycloak's import lets every client go back to its redirect URIs after a logout; new clients of the admin API may not. */
static void keep_logout_uris(json_t *client)
{
    json_t *attributes = json_object_get(client, "attributes");
    if (json_object_get(attributes, "post.logout.redirect.uris") == NULL)
        json_object_set_new(attributes, "post.logout.redirect.uris", json_string("+"));
}

static lk_status_t add_client(lk_import_t *im, const json_t *value, const char *path, lk_error_t *err)
{
    json_t *client;
    lk_status_t status = lk_import_object(im, &lk_client_fields, value, path, &client, err);
    if (status == LK_OK)
        status = complete_mappers(im, client, path, err);
    if (status != LK_OK)
        return status;
    const char *client_uuid = lk_import_id(im, client, "id"), *client_id = lk_json_str(client, "clientId", client_uuid);
    if (im->strict && strlen(client_uuid) > 36)
        return lk_fail(err, LK_INVALID, "name", "Client ID must not exceed 36 characters");
    if (json_object_get(im->clients, client_id) != NULL)
        return lk_import_twice(path, "clientId", client_id, err);
    lk_import_modernise_client(im, client_id, client);
    lk_client_rep_complete(im->arena, client);
    keep_logout_uris(client);
    add_client_row(im, client_id, client_uuid, client);
    assign_scopes(im, client, client_uuid);
    return LK_OK;
}

/* Whether a given client stands for a built-in one: Keycloak makes the account console together with the account client, or for a
 * file that is older than the console. */
static int stands_for(const lk_import_t *im, const char *client_id)
{
    if (im->is_master && strcmp(client_id, "realm-management") == 0)
        return 1;
    if (strcmp(client_id, "account-console") == 0 && json_object_get(im->clients, "account") != NULL &&
        json_object_get(im->built_in, "account") == NULL && !lk_import_is_older(im, 900))
        return 1;
    return json_object_get(im->clients, client_id) != NULL;
}

static lk_status_t add_built_in(lk_import_t *im, const json_t *value, lk_error_t *err)
{
    const char *client_id = lk_json_str(value, "clientId", ""), *client_uuid = lk_random_uuid(im->arena);
    if (stands_for(im, client_id))
        return LK_OK;
    json_t *client = lk_json_own(im->arena, json_deep_copy(value));
    lk_status_t status = complete_mappers(im, client, "", err);
    if (status != LK_OK)
        return status;
    json_object_set_new_nocheck(client, "nodeReRegistrationTimeout", json_integer(0));
    lk_rep_fill(&lk_client_fields, client);
    json_object_set_new_nocheck(im->built_in, client_id, json_true());
    add_client_row(im, client_id, client_uuid, client);
    /* They are older than client scopes that the file brings. */
    if (json_object_get(im->given, "clientScopes") == NULL)
        assign_defaults(im, client_uuid, "openid-connect");
    return LK_OK;
}

/* The client that a realm with fine-grained permissions has; one that the file brings keeps what is in it. */
static void add_admin_permissions(lk_import_t *im)
{
    json_t *settings = lk_json_own(im->arena, lk_authz_new());
    if (!lk_json_bool(im->given, "adminPermissionsEnabled", 0) || json_object_get(im->clients, LK_ADMIN_PERMISSIONS_CLIENT) != NULL)
        return;
    lk_admin_permissions_complete(im->arena, settings);
    json_t *client = lk_json_own(im->arena, lk_admin_permissions_client(lk_random_uuid(im->arena)));
    json_object_set(client, "authorizationSettings", settings);
    lk_rep_fill(&lk_client_fields, client);
    add_client_row(im, LK_ADMIN_PERMISSIONS_CLIENT, lk_json_str(client, "id", ""), client);
    assign_scopes(im, client, lk_json_str(client, "id", ""));
}

lk_status_t lk_import_clients(lk_import_t *im, lk_error_t *err)
{
    size_t i;
    json_t *client;
    lk_status_t status = LK_OK;
    json_array_foreach(json_object_get(im->given, "clients"), i, client)
    {
        if (status == LK_OK)
            status = add_client(im, client, lk_printf(im->arena, "$.clients[%zu]", i), err);
    }
    json_array_foreach(json_object_get(im->defaults, "clients"), i, client)
    {
        if (status == LK_OK)
            status = add_built_in(im, client, err);
    }
    if (status == LK_OK)
        add_admin_permissions(im);
    return status;
}

void lk_import_service_accounts(lk_import_t *im)
{
    const char *client_id;
    json_t *client_uuid;
    json_object_foreach(im->service_accounts, client_id, client_uuid)
    {
        const char *id = lk_random_uuid(im->arena), *now = lk_printf(im->arena, "%lld", (long long)lk_now_ms());
        const char *name = lk_printf(im->arena, "service-account-%s", lk_utf8_lower(im->arena, client_id));
        lk_row(&im->rows, LK_TABLE_USER, id, name, NULL, "f", "t", NULL, NULL, now, json_string_value(client_uuid), "0", "{}", "[]",
               "{}");
        const char *protection = lk_import_role_id(im, client_id, "uma_protection");
        if (im->default_role_id != NULL)
            lk_row(&im->rows, LK_TABLE_USER_ROLE, id, im->default_role_id);
        if (protection != NULL && json_object_get(im->protecting, client_id) != NULL)
            lk_row(&im->rows, LK_TABLE_USER_ROLE, id, protection);
        /* Files of older versions get the scope only after Keycloak has made the users. */
        if (!lk_import_is_older(im, 2600))
            assign_scope(im, json_string_value(client_uuid), "service_account", 1);
    }
}
