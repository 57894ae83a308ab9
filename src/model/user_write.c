/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "model/user_write.h"

#include <string.h>
#include "core/json.h"

/* Profile values that are members of their own in the representation, and columns. */
static const struct {
    const char *name;
    int is_lower;
} members[] = {{"username", 1}, {"email", 1}, {"firstName", 0}, {"lastName", 0}};
#define NUM_MEMBERS (sizeof(members) / sizeof(members[0]))

static const char *value_of(const json_t *values, const char *name)
{
    return json_string_value(json_array_get(json_object_get(values, name), 0));
}

json_t *lk_user_values(lk_arena_t *arena, const json_t *rep)
{
    json_t *attributes = json_object_get(rep, "attributes");
    json_t *values = lk_json_own(arena, json_is_object(attributes) ? json_copy(attributes) : json_object());
    for (size_t i = 0; i != NUM_MEMBERS; ++i) {
        const char *text = lk_json_str(rep, members[i].name, NULL);
        json_object_del(values, members[i].name);
        if (text != NULL && *text != '\0')
            json_object_set_new(values, members[i].name, json_pack("[s]", text));
    }
    lk_user_lower_values(arena, values);
    return values;
}

void lk_user_lower_values(lk_arena_t *arena, json_t *values)
{
    for (size_t i = 0; i != NUM_MEMBERS; ++i) {
        const char *text = value_of(values, members[i].name);
        if (members[i].is_lower && text != NULL)
            json_object_set_new(values, members[i].name, json_pack("[s]", lk_utf8_lower(arena, text)));
    }
}

void lk_user_set_values(json_t *rep, const json_t *values)
{
    json_t *attributes = json_copy((json_t *)values);
    for (size_t i = 0; i != NUM_MEMBERS; ++i) {
        const char *text = value_of(values, members[i].name);
        json_object_del(attributes, members[i].name);
        if (text != NULL)
            json_object_set_new(rep, members[i].name, json_string(text));
        else
            json_object_del(rep, members[i].name);
    }
    json_object_set_new(rep, "attributes", attributes);
}

lk_status_t lk_user_taken(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const json_t *values, const char *own_id,
                          unsigned *ret_taken, lk_error_t *err)
{
    lk_rows_t rows;
    const char *email = realm->duplicate_emails_allowed ? NULL : value_of(values, "email");
    lk_status_t status =
        lk_query(sql, arena, LK_Q_PROFILE_TAKEN, &rows, err, realm->id, value_of(values, "username"), email, own_id);
    if (status != LK_OK)
        return status;
    *ret_taken = 0;
    for (int i = 0; i != rows.count; ++i)
        *ret_taken |=
            (lk_row_bool(&rows, i, "username") ? LK_TAKEN_USERNAME : 0u) | (lk_row_bool(&rows, i, "email") ? LK_TAKEN_EMAIL : 0u);
    return LK_OK;
}

lk_status_t lk_user_create(lk_sql_t *tx, lk_arena_t *arena, const lk_realm_t *realm, const json_t *rep, lk_error_t *err)
{
    lk_rows_t rows;
    json_t *stored = lk_json_own(arena, lk_rep_stored(&lk_user_fields, rep));
    lk_status_t status =
        lk_query(tx, arena, LK_Q_USER_INSERT, &rows, err, realm->id, lk_json_text(arena, rep), lk_json_text(arena, stored));
    if (status == LK_OK)
        status = lk_query(tx, arena, LK_Q_USER_INSERT_DEFAULTS, &rows, err, realm->id, lk_json_str(rep, "id", NULL),
                          realm->default_role != NULL ? realm->default_role->id : NULL);
    return status;
}

lk_status_t lk_user_store_values(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *user_id,
                                 const json_t *values, lk_error_t *err)
{
    lk_rows_t rows;
    json_t *rep = lk_json_own(arena, json_object());
    lk_user_set_values(rep, values);
    return lk_query(sql, arena, LK_Q_PROFILE_STORE, &rows, err, realm->id, user_id, lk_json_str(rep, "username", NULL),
                    lk_json_str(rep, "email", NULL), lk_json_str(rep, "firstName", NULL), lk_json_str(rep, "lastName", NULL),
                    lk_json_text(arena, json_object_get(rep, "attributes")));
}
