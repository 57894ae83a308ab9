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
/* Whether they may look for users at all. */
lk_status_t lk_members_require_looking(const lk_admin_t *admin, lk_error_t *err);

/* What a request that is about one user needs: a role, or that scope of the user. */
typedef struct st_lk_user_need_t {
    const char *role, *scope;
} lk_user_need_t;
extern const lk_user_need_t lk_user_seen, lk_user_managed, lk_user_grouped;
lk_status_t lk_user_allow(const lk_admin_t *admin, const lk_user_t *user, const lk_user_need_t *need, lk_error_t *err);
/* LK_NOT_FOUND for who may look for users, and LK_DENIED for others, where there is no such user. */
lk_status_t lk_user_require(lk_admin_t *admin, const char *id, const lk_user_need_t *need, lk_error_t *err);
/* The member of the organization whom the row names, as lk_user_require; a row of organization_members. */
lk_status_t lk_member_find(lk_admin_t *admin, const lk_user_need_t *need, lk_rows_t *ret_rows, lk_error_t *err);
/* A row of organization_members (rep, managed). New reference. */
json_t *lk_member_show(lk_admin_t *admin, const lk_rows_t *rows, int row, int brief);
/* A row of credential_list without what is secret. New reference. */
json_t *lk_credential_show(const lk_rows_t *rows, int row);
/* A row of sessions_select. */
lk_session_t lk_session_of_row(const lk_rows_t *rows, int row, int offline);

/* What brute-force detection has counted of a user. New reference. */
lk_status_t lk_login_failures_show(lk_admin_t *admin, const char *user_id, json_t **ret_shown, lk_error_t *err);

#endif
