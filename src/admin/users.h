/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_ADMIN_USERS_H
#define LK_ADMIN_USERS_H

#include "admin/handlers.h"
#include "model/session.h"

/* What the files of users share. */

/* A text for LIKE that stands for itself. */
const char *lk_like_escaped(lk_arena_t *arena, const char *text);
/* Takes the attributes out of a shown user that the profile shows to no administrator. */
void lk_user_hide(lk_admin_t *admin, json_t *shown);
/* Who may only look for users sees none of them as members of organizations and their groups. */
int lk_members_are_seen(const lk_admin_t *admin);
/* A row of organization_members (rep, managed). New reference. */
json_t *lk_member_show(lk_admin_t *admin, const lk_rows_t *rows, int row, int brief);
/* A row of credential_list without what is secret. New reference. */
json_t *lk_credential_show(const lk_rows_t *rows, int row);
/* A row of sessions_select. */
lk_session_t lk_session_of_row(const lk_rows_t *rows, int row, int offline);

/* What brute-force detection has counted of a user. New reference. */
lk_status_t lk_login_failures_show(lk_admin_t *admin, const char *user_id, json_t **ret_shown, lk_error_t *err);

#endif
