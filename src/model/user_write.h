/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_MODEL_USER_WRITE_H
#define LK_MODEL_USER_WRITE_H

#include "model/user.h"

/* Users that are made and changed: as representations (lk_user_fields), or as values of their profile (model/profile.h). */

/* The profile's values of a representation, names and e-mail address among them in lower case where they are stored so; owned by
 * the arena. */
json_t *lk_user_values(lk_arena_t *arena, const json_t *rep);
/* Puts them back: into username, email, firstName, lastName and attributes. */
void lk_user_set_values(json_t *rep, const json_t *values);

/* User names and e-mail addresses are stored in lower case. */
void lk_user_lower_values(lk_arena_t *arena, json_t *values);

enum { LK_TAKEN_USERNAME = 1, LK_TAKEN_EMAIL = 2 };
/* Which of them somebody else has already, who is not `own_id`; e-mail addresses only where the realm says that they are unique. */
lk_status_t lk_user_taken(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const json_t *values, const char *own_id,
                          unsigned *ret_taken, lk_error_t *err);
/* A new user of that representation (id and username are there), with the realm's default role and groups. LK_CONFLICT where the
 * user name is taken. */
lk_status_t lk_user_create(lk_sql_t *tx, lk_arena_t *arena, const lk_realm_t *realm, const json_t *rep, lk_error_t *err);
/* Replaces the profile's values. Another e-mail address is not verified. */
lk_status_t lk_user_store_values(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *user_id,
                                 const json_t *values, lk_error_t *err);

#endif
