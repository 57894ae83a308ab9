/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "model/import_internal.h"

#include <string.h>
#include "core/buffer.h"
#include "crypto/crypto.h"
#include "model/realms.h"

/* The master realm, where administrators live: it has a client "<realm>-realm" for each realm, whose roles say what they may do
 * there. */

static const char *client_of(lk_arena_t *arena, const char *realm_name)
{
    return lk_printf(arena, "%s-realm", realm_name);
}

static void add_roles(lk_rowset_t *rows, const json_t *defaults, const char *client_uuid, const char *client_id,
                      const char *admin_role)
{
    lk_arena_t *arena = rows->arena;
    const json_t *roles = json_object_get(defaults, "realmClientRoles");
    json_t *ids = lk_json_own(arena, json_object()), *role, *child;
    size_t i, j;
    json_array_foreach((json_t *)roles, i, role)
    {
        const char *id = lk_random_uuid(arena), *name = lk_json_str(role, "name", "");
        json_t *rep = lk_json_own(arena, lk_rep_stored(&lk_role_fields, role));
        json_object_set_new(ids, name, json_string(id));
        lk_row(rows, LK_TABLE_ROLE, id, client_uuid, name, lk_json_text(arena, rep));
        if (admin_role != NULL)
            lk_row(rows, LK_TABLE_COMPOSITE, admin_role, id);
    }
    json_array_foreach((json_t *)roles, i, role)
    {
        const json_t *children = json_object_get(json_object_get(json_object_get(role, "composites"), "client"), client_id);
        json_array_foreach((json_t *)children, j, child)
        {
            lk_row(rows, LK_TABLE_COMPOSITE, json_string_value(json_object_get(ids, lk_json_str(role, "name", ""))),
                   json_string_value(json_object_get(ids, json_string_value(child))));
        }
    }
}

lk_status_t lk_master_add_realm(lk_sql_t *tx, lk_arena_t *arena, const char *realm_name, lk_error_t *err)
{
    lk_rows_t found;
    const char *client_id = client_of(arena, realm_name);
    lk_status_t status = lk_query(tx, arena, LK_Q_MASTER_FIND, &found, err, client_id);
    if (status != LK_OK || found.count == 0 || lk_row_str(&found, 0, "client") != NULL)
        return status;
    const char *master_id = lk_row_str(&found, 0, "id"), *client_uuid = lk_random_uuid(arena);
    const json_t *defaults;
    if ((status = lk_defaults_load(arena, "master-defaults.json", realm_name, &defaults, err)) != LK_OK)
        return status;
    json_t *client = lk_json_own(arena, lk_rep_stored(&lk_client_fields, json_object_get(defaults, "realmClient")));
    json_object_set_new(client, "nodeReRegistrationTimeout", json_integer(0));
    lk_rep_fill(&lk_client_fields, client);
    lk_rowset_t rows;
    lk_rowset_init(&rows, arena);
    lk_row(&rows, LK_TABLE_CLIENT, client_uuid, client_id, lk_json_text(arena, client));
    add_roles(&rows, defaults, client_uuid, client_id, lk_row_str(&found, 0, "admin_role"));
    status = lk_rowset_write(&rows, tx, master_id, err);
    return status == LK_OK ? lk_realm_touch(tx, arena, master_id, err) : status;
}

/* --- deletion and renaming --- */

lk_status_t lk_realm_remove_rows(lk_sql_t *tx, lk_arena_t *arena, const char *realm_id, const char *realm_name, lk_error_t *err)
{
    lk_rows_t found, rows;
    /* Touching it first tells all replicas, at the commit. */
    lk_status_t status = lk_realm_touch(tx, arena, realm_id, err);
    if (status == LK_OK)
        status = lk_query(tx, arena, LK_Q_IMPORT_DELETE_REALM, &rows, err, realm_id);
    if (status == LK_OK)
        status = lk_query(tx, arena, LK_Q_MASTER_FIND, &found, err, client_of(arena, realm_name));
    if (status != LK_OK || found.count == 0 || lk_row_str(&found, 0, "client") == NULL)
        return status;
    const char *master_id = lk_row_str(&found, 0, "id");
    status = lk_query(tx, arena, LK_Q_MASTER_REMOVE_CLIENT, &rows, err, master_id, client_of(arena, realm_name));
    return status == LK_OK ? lk_realm_touch(tx, arena, master_id, err) : status;
}

lk_status_t lk_realm_delete(lk_app_t *app, lk_arena_t *arena, const lk_realm_t *realm, lk_error_t *err)
{
    if (strcmp(realm->name, "master") == 0)
        return lk_fail(err, LK_INVALID, "master", "Can't delete the master realm");
    lk_sql_t *tx = NULL;
    lk_status_t status = lk_tx_begin(app->store, LK_READ_COMMITTED, &tx, err);
    if (status == LK_OK)
        status = lk_realm_remove_rows(tx, arena, realm->id, realm->name, err);
    if (status == LK_OK)
        status = lk_tx_commit(&tx, err);
    lk_tx_rollback(&tx);
    if (status == LK_OK && app->realms != NULL)
        lk_realms_invalidate(app->realms, NULL);
    return status;
}

/* The built-in clients that live under their realm's name. */
static const struct {
    const char *client_id, *path;
} named_clients[] = {
    {"security-admin-console", "/admin/%s/"},
    {"account", "/realms/%s/"},
    {"account-console", "/realms/%s/"},
};

/* A path with the name in it, as it stands inside JSON text. */
static const char *json_path_of(lk_arena_t *arena, const char *format, const char *name)
{
    lk_buffer_t buffer;
    lk_buffer_init(&buffer, arena, 4096);
    const char *at = strstr(format, "%s");
    lk_buffer_json_string(&buffer, lk_printf(arena, "%.*s%s%s", (int)(at - format), format, name, at + 2));
    return lk_strndup(arena, buffer.base + 1, buffer.len - 2);
}

lk_status_t lk_realm_rename(lk_sql_t *tx, lk_arena_t *arena, const char *realm_id, const char *old_name, const char *new_name,
                            lk_error_t *err)
{
    lk_rows_t rows, found;
    lk_status_t status = lk_query(tx, arena, LK_Q_IMPORT_RENAME_REALM, &rows, err, realm_id, new_name);
    if (status == LK_CONFLICT)
        return lk_fail(err, LK_CONFLICT, "exists", "Realm with same name exists");
    for (size_t i = 0; status == LK_OK && i != sizeof(named_clients) / sizeof(named_clients[0]); ++i)
        status =
            lk_query(tx, arena, LK_Q_IMPORT_RENAME_URLS, &rows, err, realm_id, named_clients[i].client_id,
                     json_path_of(arena, named_clients[i].path, old_name), json_path_of(arena, named_clients[i].path, new_name));
    if (status == LK_OK)
        status = lk_query(tx, arena, LK_Q_MASTER_FIND, &found, err, client_of(arena, old_name));
    if (status == LK_OK && found.count != 0) {
        const char *master_id = lk_row_str(&found, 0, "id");
        status = lk_query(tx, arena, LK_Q_MASTER_RENAME_CLIENT, &rows, err, master_id, client_of(arena, old_name),
                          client_of(arena, new_name), lk_printf(arena, "%s Realm", new_name));
        if (status == LK_OK)
            status = lk_realm_touch(tx, arena, master_id, err);
    }
    return status == LK_OK ? lk_realm_touch(tx, arena, realm_id, err) : status;
}

/* --- first start --- */

static json_t *temporary_admin(const char *username)
{
    return json_pack("{s:s, s:b, s:{s:[s]}, s:[s, s]}", "username", username, "enabled", 1, "attributes", "is_temporary_admin",
                     "true", "realmRoles", "admin", "default-roles-master");
}

static void add_admin_user(json_t *realm, const char *name, const char *password)
{
    json_t *user = temporary_admin(name);
    json_object_set_new(user, "credentials", json_pack("[{s:s, s:s}]", "type", "password", "value", password));
    json_array_append_new(json_object_get(realm, "users"), user);
}

/* A client that administers: its service account has the role admin. */
static void add_admin_client(lk_arena_t *arena, json_t *realm, const char *client_id, const char *secret)
{
    json_t *client =
        json_pack("{s:s, s:s, s:b, s:b, s:b, s:{s:s}, s:[s, s, s, s, s, s, s]}", "clientId", client_id, "secret", secret, "enabled",
                  1, "serviceAccountsEnabled", 1, "standardFlowEnabled", 0, "attributes", "is_temporary_admin", "true",
                  "defaultClientScopes", "service_account", "web-origins", "acr", "profile", "roles", "basic", "email");
    json_object_set_new(realm, "clients", json_pack("[o]", client));
    json_t *user = temporary_admin(lk_printf(arena, "service-account-%s", client_id));
    json_object_set_new(user, "serviceAccountClientId", json_string(client_id));
    json_array_append_new(json_object_get(realm, "users"), user);
}

lk_status_t lk_bootstrap_master(lk_app_t *app, const char *admin_user, const char *admin_password, const char *admin_client_id,
                                const char *admin_client_secret, lk_error_t *err)
{
    lk_arena_t *arena = lk_arena_create("bootstrap");
    const json_t *defaults;
    lk_status_t status = lk_defaults_load(arena, "master-defaults.json", "master", &defaults, err);
    if (status == LK_OK) {
        json_t *realm = lk_json_own(arena, json_pack("{s:s, s:b, s:[]}", "realm", "master", "enabled", 1, "users"));
        json_object_update(realm, json_object_get(defaults, "realm"));
        if (admin_user != NULL && admin_password != NULL)
            add_admin_user(realm, admin_user, admin_password);
        if (admin_client_id != NULL && admin_client_secret != NULL)
            add_admin_client(arena, realm, admin_client_id, admin_client_secret);
        lk_import_result_t result;
        status = lk_import_realm(app, arena, realm, &(lk_import_options_t){0}, &result, err);
    }
    lk_arena_destroy(&arena);
    return status;
}
