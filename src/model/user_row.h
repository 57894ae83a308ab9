/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_MODEL_USER_ROW_H
#define LK_MODEL_USER_ROW_H

#include "model/user.h"

/* A user out of a row with the columns of user_by_id; NULL where user_id is SQL NULL. */
lk_status_t lk_user_from_row(lk_arena_t *arena, const lk_realm_t *realm, const lk_rows_t *rows, int row, const lk_user_t **ret_user,
                             lk_error_t *err);

#endif
