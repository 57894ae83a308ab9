/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "model/import_internal.h"

#include <string.h>
#include <time.h>
#include "crypto/crypto.h"
#include "model/admin_permissions.h"
#include "model/password_policy.h"

/* First everything is checked and turned into rows, which takes no connection; then one transaction writes them. */

lk_status_t lk_realm_name_check(const json_t *given, const char **ret_name, lk_error_t *err)
{
    const char *name = lk_json_str(given, "realm", "");
    if (name[strspn(name, " \t\r\n")] == '\0')
        return lk_fail(err, LK_INVALID, "name", "Realm name cannot be empty");
    size_t at = strcspn(name, LK_RESERVED_IN_NAMES);
    if (name[at] != '\0')
        return lk_fail(err, LK_INVALID, "character", "Character '%c' not allowed.", name[at]);
    if (strlen(name) > 255)
        return lk_fail(err, LK_INVALID, "limit", "$.realm: longer than 255 characters");
    *ret_name = name;
    return LK_OK;
}

/* The realm's own settings as stored: browser headers that are not given keep their defaults one by one. */
static json_t *complete_rep(lk_import_t *im)
{
    json_t *rep = lk_json_own(im->arena, lk_rep_stored(&lk_realm_fields, im->given)),
           *headers = json_object_get(rep, "browserSecurityHeaders");
    if (headers != NULL) {
        json_t *defaults = json_object();
        lk_rep_fill(&lk_realm_fields, defaults);
        headers = json_copy(headers);
        json_object_update_missing(headers, json_object_get(defaults, "browserSecurityHeaders"));
        json_object_set_new(rep, "browserSecurityHeaders", headers);
        json_decref(defaults);
    }
    lk_import_modernise_rep(rep);
    lk_realm_rep_complete(rep, im->given);
    return rep;
}

static void set_default_role(lk_import_t *im, json_t *rep)
{
    const json_t *given = json_object_get(im->given, "defaultRole");
    json_object_set_new(rep, "defaultRole",
                        json_pack("{s:s, s:s, s:s, s:b, s:b, s:s}", "id", im->default_role_id, "name", im->default_role_name,
                                  "description", lk_json_str(given, "description", "${role_default-roles}"), "composite", 1,
                                  "clientRole", 0, "containerId", im->realm_id));
}

static void set_admin_permissions(lk_import_t *im, json_t *rep)
{
    const char *id = json_string_value(json_object_get(im->clients, LK_ADMIN_PERMISSIONS_CLIENT));
    if (id != NULL)
        json_object_set_new(rep, "adminPermissionsClient", lk_admin_permissions_reference(id));
    else
        json_object_del(rep, "adminPermissionsClient");
}

static void init_maps(lk_import_t *im)
{
    json_t **maps[] = {&im->protecting,
                       &im->clients,
                       &im->scopes,
                       &im->roles,
                       &im->groups,
                       &im->providers,
                       &im->flows,
                       &im->built_in,
                       &im->built_in_roles,
                       &im->service_accounts,
                       &im->authenticator_configs};
    for (size_t i = 0; i != sizeof(maps) / sizeof(maps[0]); ++i)
        *maps[i] = lk_json_own(im->arena, json_object());
}

/* All rows but those of users. */
static lk_status_t prepare(lk_import_t *im, lk_error_t *err)
{
    static lk_status_t (*const parts[])(lk_import_t *, lk_error_t *) = {
        lk_import_scopes,         lk_import_clients,   lk_import_roles,
        lk_import_scope_mappings, lk_import_groups,    lk_import_organization_groups,
        lk_import_flows,          lk_import_providers, lk_import_components,
    };
    lk_status_t status;
    json_t *rep = complete_rep(im);
    im->rep = rep;
    im->policy = lk_json_str(rep, "passwordPolicy", NULL);
    im->hashing = lk_password_policy_hashing(im->arena, im->policy);
    lk_error_t reason = {0};
    if (im->strict && im->policy != NULL && lk_password_policy_validate(im->arena, im->policy, &reason) != LK_OK)
        return lk_fail(err, LK_INVALID, "name", "%s", reason.text);
    if ((status = lk_import_check_limits(im, &lk_realm_fields, im->given, "$", err)) != LK_OK)
        return status;
    for (size_t i = 0; i != sizeof(parts) / sizeof(parts[0]); ++i)
        if ((status = parts[i](im, err)) != LK_OK)
            return status;
    set_default_role(im, rep);
    set_admin_permissions(im, rep);
    return lk_import_start_keys(im, err);
}

static lk_status_t load_defaults(lk_import_t *im, lk_error_t *err)
{
    lk_status_t status = lk_defaults_load(im->arena, "realm-defaults.json", im->realm_name, &im->defaults, err);
    return status == LK_OK ? lk_defaults_load(im->arena, "master-defaults.json", im->realm_name, &im->master, err) : status;
}

lk_status_t lk_import_check_emails(lk_import_t *im, lk_sql_t *tx, lk_error_t *err)
{
    lk_rows_t rows;
    if (lk_json_bool(im->rep, "duplicateEmailsAllowed", 0))
        return LK_OK;
    lk_status_t status = lk_query(tx, im->arena, LK_Q_IMPORT_SHARED_EMAIL, &rows, err, im->realm_id);
    if (status != LK_OK || rows.count == 0)
        return status;
    return lk_fail(err, LK_CONFLICT, "duplicate", "$.users: \"%.100s\" and \"%.100s\" have the same email",
                   lk_row_str(&rows, 0, "first"), lk_row_str(&rows, 0, "second"));
}

/* Master's part of the new realm, or of all realms where the new one is master. */
static lk_status_t add_to_master(lk_import_t *im, lk_sql_t *tx, lk_error_t *err)
{
    lk_rows_t realms;
    lk_status_t status = lk_master_add_realm(tx, im->arena, im->realm_name, err);
    if (status != LK_OK || !im->is_master)
        return status;
    status = lk_query(tx, im->arena, LK_Q_IMPORT_OTHER_REALMS, &realms, err, im->realm_name);
    for (int i = 0; status == LK_OK && i != realms.count; ++i)
        status = lk_master_add_realm(tx, im->arena, lk_row_str(&realms, i, "name"), err);
    return status;
}

static lk_status_t write_all(lk_import_t *im, lk_sql_t *tx, lk_error_t *err)
{
    lk_rows_t rows;
    lk_error_t reason = {0};
    lk_status_t status = lk_query(tx, im->arena, LK_Q_IMPORT_INSERT_REALM, &rows, &reason, im->realm_id, im->realm_name,
                                  lk_json_text(im->arena, im->rep));
    if (status == LK_CONFLICT && strstr(reason.detail, "realm_pkey") != NULL)
        return lk_fail(err, LK_CONFLICT, "duplicate", "$.id: another realm has it");
    if (status == LK_CONFLICT)
        return lk_fail(err, LK_CONFLICT, "exists", "Realm %s already exists", im->realm_name);
    if (status != LK_OK && err != NULL)
        *err = reason;
    if (status == LK_OK)
        status = lk_import_write_users(im, tx, err);
    if (status == LK_OK)
        status = lk_import_finish_keys(im, err);
    if (status == LK_OK)
        lk_import_service_accounts(im);
    if (status == LK_OK)
        status = lk_rowset_write(&im->rows, tx, im->realm_id, err);
    if (status == LK_OK)
        status = lk_import_write_organizations(im, tx, err);
    if (status == LK_OK)
        status = lk_import_check_emails(im, tx, err);
    if (status == LK_OK && json_object_size(im->protecting) != 0)
        status = lk_authz_intern_all(tx, im->arena, im->realm_id, err);
    if (status == LK_OK)
        status = lk_realm_touch(tx, im->arena, im->realm_id, err);
    /* Last, as it locks master's row until the commit. */
    return status == LK_OK ? add_to_master(im, tx, err) : status;
}

static lk_status_t find_realm(lk_sql_t *sql, lk_arena_t *arena, const char *name, const char **ret_id, lk_error_t *err)
{
    lk_rows_t rows;
    lk_status_t status = lk_query(sql, arena, LK_Q_IMPORT_REALM_ID, &rows, err, name);
    if (status == LK_OK)
        *ret_id = rows.count != 0 ? lk_row_str(&rows, 0, "id") : NULL;
    return status;
}

#define TURN_TRIES 9000 /* 200 ms each: half an hour */

/* Replicas that start together import the same file: the others wait here, where no statement's time limit ends it, and find the
 * realm there afterwards. */
static lk_status_t take_turn(lk_import_t *im, lk_sql_t *tx, lk_error_t *err)
{
    lk_rows_t rows;
    for (int i = 0; i != TURN_TRIES; ++i) {
        lk_status_t status = lk_query(tx, im->arena, LK_Q_IMPORT_TAKE_TURN, &rows, err, im->realm_name);
        if (status != LK_OK || lk_row_bool(&rows, 0, "mine"))
            return status;
        nanosleep(&(struct timespec){0, 200000000}, NULL);
    }
    return lk_fail(err, LK_UNAVAILABLE, NULL, "Another process has been importing the realm for half an hour: see its log");
}

static lk_status_t write_realm(lk_import_t *im, lk_app_t *app, const char *old_id, const lk_import_options_t *options,
                               lk_error_t *err)
{
    lk_sql_t *tx = NULL;
    lk_status_t status = lk_tx_begin(app->store, LK_READ_COMMITTED, &tx, err);
    if (status == LK_OK && !options->fail_if_exists)
        status = take_turn(im, tx, err);
    if (status == LK_OK && old_id != NULL)
        status = lk_realm_remove_rows(tx, im->arena, old_id, im->realm_name, err);
    if (status == LK_OK)
        status = write_all(im, tx, err);
    if (status == LK_OK)
        status = lk_tx_commit(&tx, err);
    lk_tx_rollback(&tx);
    if (status == LK_WRITE_UNCERTAIN && old_id == NULL) {
        /* The id is new or was not there before: where it is now, the commit went through. */
        const char *id = NULL;
        lk_status_t found = find_realm(app->sql, im->arena, im->realm_name, &id, NULL);
        if (found == LK_OK && id != NULL && strcmp(id, im->realm_id) == 0)
            status = LK_OK;
    }
    return status;
}

/* Takes the realm in, in today's members. */
static void take(lk_import_t *im, const json_t *realm)
{
    im->given = lk_json_own(im->arena, lk_rep_strict(&lk_realm_fields, realm));
    json_object_del(im->given, "users");
    im->file_version = lk_json_str(realm, "keycloakVersion", NULL);
    lk_rowset_init(&im->rows, im->arena);
    init_maps(im);
    lk_import_modernise(im);
}

lk_status_t lk_import_collect(lk_import_t *im, const json_t *realm, lk_error_t *err)
{
    take(im, realm);
    /* Nothing is added to what is whole. */
    im->defaults = im->master = lk_json_own(im->arena, json_object());
    lk_status_t status = lk_realm_name_check(im->given, &im->realm_name, err);
    im->realm_id = lk_import_id(im, im->given, "id");
    if (status == LK_OK)
        status = prepare(im, err);
    if (status == LK_OK)
        status = lk_import_collect_users(im, err);
    return status == LK_OK ? lk_import_finish_keys(im, err) : status;
}

lk_status_t lk_import_run(lk_app_t *app, lk_arena_t *arena, const json_t *realm, lk_user_source_t *users,
                          const lk_import_options_t *options, lk_import_result_t *ret_result, lk_error_t *err)
{
    lk_error_t reason = {0};
    const char *old_id;
    if (lk_rep_check(&lk_realm_fields, realm, "$", options->refuse_unknown, &reason) != LK_OK)
        return lk_fail(err, LK_INVALID, "malformed", "%s", reason.text);
    lk_import_t im = {.arena = arena, .strict = options->refuse_unknown, .users = users};
    take(&im, realm);
    lk_status_t status = lk_realm_name_check(im.given, &im.realm_name, err);
    if (status == LK_OK)
        status = find_realm(app->sql, arena, im.realm_name, &old_id, err);
    if (status != LK_OK)
        return status;
    if (old_id != NULL && options->fail_if_exists && !options->override)
        return lk_fail(err, LK_CONFLICT, "exists", "Realm %s already exists", im.realm_name);
    *ret_result = (lk_import_result_t){im.realm_name, old_id != NULL && !options->override};
    if (ret_result->skipped)
        return LK_OK;
    im.realm_id = lk_import_id(&im, im.given, "id");
    im.is_master = strcmp(im.realm_name, "master") == 0;
    if ((status = load_defaults(&im, err)) != LK_OK || (status = prepare(&im, err)) != LK_OK)
        return status;
    status = write_realm(&im, app, old_id, options, err);
    if (status == LK_CONFLICT && !options->fail_if_exists && !options->override) {
        /* Another replica was quicker. */
        const char *now = NULL;
        if (find_realm(app->sql, arena, im.realm_name, &now, NULL) == LK_OK && now != NULL) {
            ret_result->skipped = 1;
            return LK_OK;
        }
    }
    if (status == LK_OK && app->realms != NULL)
        lk_realms_invalidate(app->realms, NULL);
    return status;
}

lk_status_t lk_import_realm(lk_app_t *app, lk_arena_t *arena, const json_t *realm, const lk_import_options_t *options,
                            lk_import_result_t *ret_result, lk_error_t *err)
{
    lk_array_source_t users;
    lk_array_source_init(&users, json_object_get(realm, "users"));
    return lk_import_run(app, arena, realm, &users.super, options, ret_result, err);
}
