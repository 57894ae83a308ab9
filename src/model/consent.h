/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_MODEL_CONSENT_H
#define LK_MODEL_CONSENT_H

#include "model/user.h"

/* Which client scopes a user has granted to a client; asked once and kept until revoked. */

/* Ids of the granted client scopes, with a parameter where the scope has one ("id:parameter"); NULL where the user has never
 * consented. Owned by the arena. */
lk_status_t lk_consent_load(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *user_id, const char *client_uuid,
                            json_t **ret_scope_ids, lk_error_t *err);
/* Replaces the granted ones. */
lk_status_t lk_consent_store(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *user_id,
                             const char *client_uuid, const json_t *scope_ids, lk_error_t *err);
/* *ret_existed may be NULL. */
lk_status_t lk_consent_remove(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *user_id,
                              const char *client_uuid, int *ret_existed, lk_error_t *err);

typedef struct st_lk_consent_t {
    const char *client_uuid, *client_id;
    json_t *scope_ids;
    int64_t created_date, last_updated_date; /* milliseconds */
} lk_consent_t;
/* The client scope of a granted one, and its name with the parameter; NULL where the scope is gone. */
const lk_scope_t *lk_consent_scope(lk_arena_t *arena, const lk_realm_t *realm, const json_t *granted, const char **ret_name);
lk_status_t lk_consent_list(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *user_id,
                            const lk_consent_t **ret_consents, size_t *ret_count, lk_error_t *err);

#endif
