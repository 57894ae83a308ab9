/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_MODEL_IMPORT_H
#define LK_MODEL_IMPORT_H

#include "core/json.h"
#include "model/realms.h"

/* Makes a realm from a RealmRepresentation, as POST /admin/realms and Keycloak's import do: fills in the defaults (the whole realm
 * where only a name is given), keeps ids, keys, hashed credentials and links, all in one transaction. */
typedef struct st_lk_import_options_t {
    int override; /* replace a realm of that name; otherwise it is skipped (import) or LK_CONFLICT (fail_if_exists) */
    int fail_if_exists;
    int refuse_unknown; /* members that no representation knows are an error (the admin API), or are kept (files) */
} lk_import_options_t;

typedef struct st_lk_import_result_t {
    const char *realm; /* name */
    int skipped;       /* it existed */
} lk_import_result_t;

/* Failure names the JSON path and the reason; nothing is changed then. err->code says what the admin API makes of it:
 *   malformed  LK_INVALID   a wrong type or unknown member: Keycloak's 400 {"errorMessage":"unable to read contents from stream"}
 *   name       LK_INVALID   400 {"errorMessage":text}, the text being Keycloak's
 *   character  LK_INVALID   400 {"error":text}, likewise
 *   unknown    LK_INVALID   refers to what is not there, or lacks a name: Keycloak's 500 unknown_error
 *   policy     LK_INVALID   400 {"errorMessage":"Password policy not met. See logs for details"}
 *   limit      LK_INVALID   longer than Keycloak's columns: 400 {"errorMessage":"Database operation failed"}
 *   profile    LK_INVALID   a user profile that is no JSON: 500 invalid_request
 *   duplicate  LK_CONFLICT  409 {"errorMessage":"Duplicate resource error"}
 *   exists     LK_CONFLICT  409 {"errorMessage":text} */
/* What Keycloak refuses in names that stand in URLs. */
#define LK_RESERVED_IN_NAMES ":/?#@!$&()*+,;=[]\\"
/* The name in a RealmRepresentation that is to be a realm's. */
lk_status_t lk_realm_name_check(const json_t *given, const char **ret_name, lk_error_t *err);
lk_status_t lk_import_realm(lk_app_t *app, lk_arena_t *arena, const json_t *realm, const lk_import_options_t *options,
                            lk_import_result_t *ret_result, lk_error_t *err);
/* A file (one realm or an array of realms), or a folder: every *-realm.json, then its *-users-N.json (Keycloak's different_files).
 * Replaces
 * ${ENV} and ${ENV:default} placeholders as Keycloak does. Reports through app->notice. */
lk_status_t lk_import_path(lk_app_t *app, const char *path, const lk_import_options_t *options, lk_error_t *err);

/* At first start: the master realm with its admin roles and clients, and the bootstrap administrator (NULL user: none). Each realm
 * has its
 * "<realm>-realm" client in master; lk_import_realm makes it. Safe to run at every start and on several replicas at once. */
lk_status_t lk_bootstrap_master(lk_app_t *app, const char *admin_user, const char *admin_password, const char *admin_client_id,
                                const char *admin_client_secret, lk_error_t *err);

/* Deletes a realm with everything in it, and its client in master. */
lk_status_t lk_realm_delete(lk_app_t *app, lk_arena_t *arena, const lk_realm_t *realm, lk_error_t *err);
/* In a transaction: the realm's new name, the URLs of its built-in clients, its client in master. LK_CONFLICT where the name is
 * taken. */
lk_status_t lk_realm_rename(lk_sql_t *tx, lk_arena_t *arena, const char *realm_id, const char *old_name, const char *new_name,
                            lk_error_t *err);

#endif
