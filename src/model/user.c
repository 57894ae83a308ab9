/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/json.h"
#include "model/snapshot.h"
#include "model/user_row.h"

static lk_status_t read_json(lk_arena_t *arena, const char *text, json_t **ret_value, lk_error_t *err)
{
    return lk_json_parse(arena, text, strlen(text), ret_value, err);
}

static lk_strings_t read_strings(lk_arena_t *arena, const json_t *array)
{
    const char **entries = LK_NEW_ARRAY(arena, const char *, json_array_size(array) + 1);
    size_t count = 0, i;
    json_t *value;
    json_array_foreach(array, i, value)
    {
        if (json_is_string(value))
            entries[count++] = json_string_value(value);
    }
    return (lk_strings_t){entries, count};
}

/* Group ids separated by newlines; ones that the snapshot does not know yet are left out. */
static void read_groups(lk_arena_t *arena, const lk_realm_t *realm, const char *ids, lk_user_t *user)
{
    size_t count = 1;
    for (const char *at = ids; at != NULL && *at != '\0'; ++at)
        count += *at == '\n';
    const lk_group_t **groups = LK_NEW_ARRAY(arena, const lk_group_t *, count);
    while (ids != NULL && *ids != '\0') {
        size_t len = strcspn(ids, "\n");
        const lk_group_t *group = lk_realm_group_by_id(realm, lk_strndup(arena, ids, len));
        if (group != NULL)
            groups[user->num_groups++] = group;
        ids += len + (ids[len] == '\n');
    }
    user->groups = groups;
}

lk_status_t lk_user_from_row(lk_arena_t *arena, const lk_realm_t *realm, const lk_rows_t *rows, int row, const lk_user_t **ret_user,
                             lk_error_t *err)
{
    lk_user_t *user = LK_NEW(arena, lk_user_t);
    json_t *actions, *rep;
    *ret_user = NULL;
    if ((user->id = lk_row_str(rows, row, "user_id")) == NULL)
        return LK_OK;
    user->username = lk_row_str(rows, row, "username");
    user->email = lk_row_str(rows, row, "email");
    user->first_name = lk_row_str(rows, row, "first_name");
    user->last_name = lk_row_str(rows, row, "last_name");
    user->enabled = lk_row_bool(rows, row, "enabled");
    user->email_verified = lk_row_bool(rows, row, "email_verified");
    user->created_timestamp = lk_row_int(rows, row, "created_timestamp", 0);
    user->not_before = lk_row_int(rows, row, "not_before", 0);
    user->service_account_client_id = lk_row_str(rows, row, "service_account_client_id");
    lk_status_t status = read_json(arena, lk_row_str(rows, row, "attributes"), &user->attributes, err);
    if (status == LK_OK)
        status = read_json(arena, lk_row_str(rows, row, "required_actions"), &actions, err);
    if (status == LK_OK)
        status = read_json(arena, lk_row_str(rows, row, "user_rep"), &rep, err);
    if (status != LK_OK)
        return status;
    user->required_actions = read_strings(arena, actions);
    user->rep = rep;
    user->roles = lk_roles_resolve(arena, realm, lk_row_str(rows, row, "role_ids"), &user->num_roles);
    read_groups(arena, realm, lk_row_str(rows, row, "group_ids"), user);
    *ret_user = user;
    return LK_OK;
}

static lk_status_t first_user(lk_arena_t *arena, const lk_realm_t *realm, const lk_rows_t *rows, const lk_user_t **ret_user,
                              lk_error_t *err)
{
    *ret_user = NULL;
    return rows->count == 0 ? LK_OK : lk_user_from_row(arena, realm, rows, 0, ret_user, err);
}

lk_status_t lk_user_by_id(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *id, const lk_user_t **ret_user,
                          lk_error_t *err)
{
    lk_rows_t rows;
    lk_status_t status = lk_query(sql, arena, LK_Q_USER_BY_ID, &rows, err, realm->id, id);
    return status != LK_OK ? status : first_user(arena, realm, &rows, ret_user, err);
}

lk_status_t lk_user_by_login(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *login,
                             const lk_user_t **ret_user, lk_error_t *err)
{
    lk_rows_t rows;
    int by_email = realm->login_with_email_allowed && !realm->duplicate_emails_allowed;
    lk_status_t status =
        lk_query(sql, arena, LK_Q_USER_BY_LOGIN, &rows, err, realm->id, lk_utf8_lower(arena, login), by_email ? "true" : "false");
    return status != LK_OK ? status : first_user(arena, realm, &rows, ret_user, err);
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

lk_status_t lk_user_set_required_actions(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *user_id,
                                         const json_t *actions, lk_error_t *err)
{
    lk_rows_t rows;
    return lk_query(sql, arena, LK_Q_USER_REQUIRED_ACTIONS_UPDATE, &rows, err, realm->id, user_id, lk_json_text(arena, actions));
}
