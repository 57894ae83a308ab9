/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_MODEL_IMPORT_H
#define LK_MODEL_IMPORT_H

#include "model/app.h"
#include "core/json.h"

/* Makes a realm from a RealmRepresentation, as POST /admin/realms and Keycloak's import do: fills in the defaults (the whole realm where only
 * a name is given), keeps ids, keys, hashed credentials and links, all in one transaction. */
typedef struct st_lk_import_options_t {
    int override;       /* replace a realm of that name; otherwise it is skipped (import) or LK_CONFLICT (fail_if_exists) */
    int fail_if_exists;
} lk_import_options_t;

typedef struct st_lk_import_result_t {
    const char *realm; /* name */
    int skipped;       /* it existed */
} lk_import_result_t;

/* Failure names the JSON path and the reason; nothing is changed then. */
lk_status_t lk_import_realm(lk_app_t *app, lk_arena_t *arena, const json_t *realm, const lk_import_options_t *options,
                            lk_import_result_t *ret_result, lk_error_t *err);
/* A file (one realm or an array of realms), or a folder: every *-realm.json, then its *-users-N.json (Keycloak's different_files). Replaces
 * ${ENV} and ${ENV:default} placeholders as Keycloak does. Reports through app->notice. */
lk_status_t lk_import_path(lk_app_t *app, const char *path, const lk_import_options_t *options, lk_error_t *err);

/* At first start: the master realm with its admin roles and clients, and the bootstrap administrator (NULL user: none). Each realm has its
 * "<realm>-realm" client in master; lk_import_realm makes it. Safe to run at every start and on several replicas at once. */
lk_status_t lk_bootstrap_master(lk_app_t *app, const char *admin_user, const char *admin_password, const char *admin_client_id,
                                const char *admin_client_secret, lk_error_t *err);

#endif
