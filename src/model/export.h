/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_MODEL_EXPORT_H
#define LK_MODEL_EXPORT_H

#include "core/json.h"
#include "model/app.h"

/* A realm as the RealmRepresentation that Keycloak's `export` writes: ids, keys with their private parts, hashes, secrets; members
 * that no representation knows come back as they were imported. */

/* One realm within one read-only transaction. Lifetime: the arena's. */
typedef struct st_lk_export_t lk_export_t;

/* Executions of flows with the ids by which the admin API addresses them, which Keycloak's files do not have. */
#define LK_EXPORT_EXECUTION_IDS 1
/* Reads all but clients and users, which may be many. */
lk_status_t lk_export_open(lk_sql_t *tx, lk_arena_t *arena, const char *realm_id, unsigned flags, lk_export_t **ret_export,
                           lk_error_t *err);
const char *lk_export_realm_name(const lk_export_t *export);
/* The realm without clients and users, members in Keycloak's order; lives as long as the export. */
json_t *lk_export_rep(lk_export_t *export);

/* Clients (by clientId) and users (by name) come in batches that live in `arena`; *ret_batch is an array, empty after the last.
 * *position starts as "". */
typedef lk_status_t (*lk_export_next_t)(lk_export_t *export, lk_arena_t *arena, const char **position, json_t **ret_batch,
                                        lk_error_t *err);
lk_status_t lk_export_clients(lk_export_t *export, lk_arena_t *arena, const char **position, json_t **ret_batch, lk_error_t *err);
lk_status_t lk_export_users(lk_export_t *export, lk_arena_t *arena, const char **position, json_t **ret_batch, lk_error_t *err);

/* The users of these names (an array of texts in lower case): for a few. */
lk_status_t lk_export_users_named(lk_export_t *export, lk_arena_t *arena, const json_t *names, json_t **ret_users, lk_error_t *err);

/* The whole realm in memory, with its clients, without users. */
lk_status_t lk_export_whole(lk_export_t *export, json_t **ret_realm, lk_error_t *err);
lk_status_t lk_export_realm(lk_sql_t *tx, lk_arena_t *arena, const char *realm_id, json_t **ret_realm, lk_error_t *err);

/* --- files --- */

typedef enum en_lk_export_layout_t {
    LK_EXPORT_DIFFERENT_FILES, /* REALM-users-N.json, users_per_file in each */
    LK_EXPORT_SAME_FILE,       /* REALM-users-0.json */
    LK_EXPORT_REALM_FILE,      /* REALM-realm.json */
    LK_EXPORT_SKIP
} lk_export_layout_t;

typedef struct st_lk_export_options_t {
    const char *realm;      /* name; NULL: all */
    const char *file, *dir; /* one of them; a file holds everything */
    lk_export_layout_t users;
    int users_per_file;
} lk_export_options_t;

/* Writes files that only their owner can read, each under its name once it is whole. Memory does not grow with clients and users.
 * Reports through app->notice. LK_NOT_FOUND: "realm not found by realm name 'x'". */
lk_status_t lk_export_files(lk_app_t *app, const lk_export_options_t *options, lk_error_t *err);

#endif
