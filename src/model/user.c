/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "model/user.h"

#include <string.h>
#include "core/json.h"
#include "model/snapshot.h"
#include "model/user_row.h"

static const void *find_group(const lk_realm_t *realm, const char *id)
{
    return lk_realm_group_by_id(realm, id);
}

static lk_status_t parse_column(lk_arena_t *arena, const lk_rows_t *rows, int row, const char *column, json_t **ret_value,
                                lk_error_t *err)
{
    const char *text = lk_row_str(rows, row, column);
    if (lk_json_parse(arena, text, strlen(text), ret_value, err) == LK_OK)
        return LK_OK;
    lk_fail(err, LK_INTERNAL, NULL, NULL);
    return lk_error_detail(err, "user %s: column %s", lk_row_str(rows, row, "user_id"), column);
}

lk_status_t lk_user_from_row(lk_arena_t *arena, const lk_realm_t *realm, const lk_rows_t *rows, int row, const lk_user_t **ret_user,
                             lk_error_t *err)
{
    lk_user_t *user = LK_NEW(arena, lk_user_t);
    json_t *rep, *actions;
    if (parse_column(arena, rows, row, "attributes", &user->attributes, err) != LK_OK ||
        parse_column(arena, rows, row, "required_actions", &actions, err) != LK_OK ||
        parse_column(arena, rows, row, "user_rep", &rep, err) != LK_OK)
        return LK_INTERNAL;
    user->rep = rep;
    user->id = lk_row_str(rows, row, "user_id");
    user->username = lk_row_str(rows, row, "username");
    user->email = lk_row_str(rows, row, "email");
    user->first_name = lk_row_str(rows, row, "first_name");
    user->last_name = lk_row_str(rows, row, "last_name");
    user->enabled = lk_row_bool(rows, row, "user_enabled");
    user->email_verified = lk_row_bool(rows, row, "email_verified");
    user->created_timestamp = lk_row_int(rows, row, "created_timestamp", 0);
    user->not_before = lk_row_int(rows, row, "user_not_before", 0);
    user->service_account_client_id = lk_row_str(rows, row, "service_account_client_id");
    user->required_actions = lk_strings_from_json(arena, actions);
    user->roles = lk_roles_resolve(arena, realm, lk_row_str(rows, row, "role_ids"), &user->num_roles);
    user->groups = (const lk_group_t *const *)lk_lines_resolve(arena, realm, lk_row_str(rows, row, "group_ids"), find_group,
                                                               &user->num_groups);
    if (lk_row_str(rows, row, "organizations") != NULL) {
        json_t *organizations;
        if (parse_column(arena, rows, row, "organizations", &organizations, err) != LK_OK)
            return LK_INTERNAL;
        user->organizations = organizations;
    }
    *ret_user = user;
    return LK_OK;
}

static lk_status_t first_user(lk_arena_t *arena, const lk_realm_t *realm, lk_status_t status, const lk_rows_t *rows,
                              const lk_user_t **ret_user, lk_error_t *err)
{
    if (status == LK_OK && rows->count != 0)
        return lk_user_from_row(arena, realm, rows, 0, ret_user, err);
    if (status == LK_OK)
        *ret_user = NULL;
    return status;
}

lk_status_t lk_user_by_id(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *id, const lk_user_t **ret_user,
                          lk_error_t *err)
{
    lk_rows_t rows;
    lk_status_t status = lk_query(sql, arena, LK_Q_USER_BY_ID, &rows, err, realm->id, id);
    return first_user(arena, realm, status, &rows, ret_user, err);
}

const char *lk_user_login_email(const lk_realm_t *realm, const char *lower_login)
{
    int allowed = realm->login_with_email_allowed && !realm->duplicate_emails_allowed;
    return allowed && strchr(lower_login, '@') != NULL ? lower_login : NULL;
}

/* Both in lower case; no user has the name "", and no address is NULL. */
static lk_status_t by_name_or_email(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *username,
                                    const char *email, const lk_user_t **ret_user, lk_error_t *err)
{
    lk_rows_t rows;
    lk_status_t status = lk_query(sql, arena, LK_Q_USER_BY_LOGIN, &rows, err, realm->id, username, email);
    return first_user(arena, realm, status, &rows, ret_user, err);
}

lk_status_t lk_user_by_login(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *login,
                             const lk_user_t **ret_user, lk_error_t *err)
{
    const char *lower = lk_utf8_lower(arena, login);
    return by_name_or_email(sql, arena, realm, lower, lk_user_login_email(realm, lower), ret_user, err);
}

lk_status_t lk_user_by_username(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *username,
                                const lk_user_t **ret_user, lk_error_t *err)
{
    return by_name_or_email(sql, arena, realm, lk_utf8_lower(arena, username), NULL, ret_user, err);
}

lk_status_t lk_user_by_email(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *email,
                             const lk_user_t **ret_user, lk_error_t *err)
{
    return by_name_or_email(sql, arena, realm, "", lk_utf8_lower(arena, email), ret_user, err);
}

void lk_user_roles(lk_arena_t *arena, const lk_realm_t *realm, const lk_user_t *user, lk_role_set_t *ret_roles)
{
    lk_role_set_init(ret_roles, arena, realm);
    for (size_t i = 0; i != user->num_roles; ++i)
        lk_role_set_add(ret_roles, user->roles[i]);
    for (size_t i = 0; i != user->num_groups; ++i)
        for (const lk_group_t *group = user->groups[i]; group != NULL; group = group->parent)
            for (size_t j = 0; j != group->num_roles; ++j)
                lk_role_set_add(ret_roles, group->roles[j]);
}

const char *lk_user_full_name(lk_arena_t *arena, const lk_user_t *user)
{
    const char *first = user->first_name != NULL ? user->first_name : "", *last = user->last_name != NULL ? user->last_name : "";
    return lk_printf(arena, "%s%s%s", first, *first != '\0' && *last != '\0' ? " " : "", last);
}

/* --- required actions --- */

lk_status_t lk_user_set_required_actions(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *user_id,
                                         const json_t *actions, lk_error_t *err)
{
    lk_rows_t rows;
    return lk_query(sql, arena, LK_Q_USER_REQUIRED_ACTIONS_SET, &rows, err, realm->id, user_id, lk_json_text(arena, actions));
}

lk_status_t lk_user_add_required_action(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *user_id,
                                        const char *action, lk_error_t *err)
{
    lk_rows_t rows;
    return lk_query(sql, arena, LK_Q_USER_REQUIRED_ACTION_ADD, &rows, err, realm->id, user_id, action);
}

lk_status_t lk_user_remove_required_action(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *user_id,
                                           const char *action, lk_error_t *err)
{
    lk_rows_t rows;
    return lk_query(sql, arena, LK_Q_USER_REQUIRED_ACTION_REMOVE, &rows, err, realm->id, user_id, action);
}
