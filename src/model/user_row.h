/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_MODEL_USER_ROW_H
#define LK_MODEL_USER_ROW_H

#include "model/user.h"

/* The user of a row that has the columns of user_with_grants. */
lk_status_t lk_user_from_row(lk_arena_t *arena, const lk_realm_t *realm, const lk_rows_t *rows, int row, const lk_user_t **ret_user,
                             lk_error_t *err);

/* What a failed login leads to; model/brute_force.c. */
typedef struct st_lk_failures_t {
    int64_t failures, temporary_lockouts;
    int64_t not_before;   /* seconds */
    int64_t last_failure; /* milliseconds */
} lk_failures_t;
/* Counts one more; returns 1 where the user is to be locked for good. */
int lk_failures_count(const lk_realm_t *realm, lk_failures_t *failures, int64_t now_ms);

#endif
