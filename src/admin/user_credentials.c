/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include <strings.h>
#include "admin/users.h"
#include "core/json.h"
#include "model/credential.h"

/* A user's credentials. */

static lk_status_t missing(lk_error_t *err)
{
    return lk_fail(err, LK_NOT_FOUND, NULL, "Credential not found");
}

static lk_status_t load(lk_admin_t *admin, lk_rows_t *ret_rows, lk_error_t *err)
{
    return lk_admin_sql(admin, LK_Q_CREDENTIAL_LIST, ret_rows, err, admin->id);
}

json_t *lk_credential_show(const lk_rows_t *rows, int row)
{
    static const struct {
        const char *member, *column;
    } members[] = {{"id", "id"}, {"type", "type"}, {"userLabel", "user_label"}, {"credentialData", "credential_data"}};
    json_t *shown = json_object();
    for (size_t i = 0; i != sizeof(members) / sizeof(members[0]); ++i) {
        const char *text = lk_row_str(rows, row, members[i].column);
        if (text != NULL)
            json_object_set_new(shown, members[i].member, json_string(text));
    }
    json_object_set_new(shown, "createdDate", json_integer(lk_row_int(rows, row, "created_date", 0)));
    return shown;
}

lk_status_t lk_credentials_list(lk_admin_t *admin, lk_error_t *err)
{
    lk_rows_t rows;
    lk_status_t status = load(admin, &rows, err);
    if (status != LK_OK)
        return status;
    json_t *list = json_array();
    for (int i = 0; i != rows.count; ++i)
        json_array_append_new(list, lk_credential_show(&rows, i));
    return lk_admin_reply(admin, list);
}

lk_status_t lk_credential_remove(lk_admin_t *admin, lk_error_t *err)
{
    lk_rows_t rows;
    lk_status_t status = lk_admin_sql(admin, LK_Q_CREDENTIAL_DELETE, &rows, err, admin->id, admin->args[0]);
    return status == LK_OK && rows.affected == 0 ? missing(err) : status;
}

lk_status_t lk_credential_label(lk_admin_t *admin, lk_error_t *err)
{
    lk_arena_t *arena = admin->req->arena;
    lk_rows_t rows;
    const char *type = lk_request_header(admin->req, "content-type");
    if (type != NULL && strncasecmp(type, "text/plain", 10) != 0)
        return lk_fail_http(err, LK_INVALID, 415, NULL, "The content-type header value did not match the value in @Consumes");
    const char *label = lk_strndup(arena, (const char *)admin->req->body.base, admin->req->body.len);
    lk_status_t status = load(admin, &rows, err);
    int row = status == LK_OK ? lk_credential_row(&rows, admin->args[0]) : -1;
    if (status != LK_OK || row < 0)
        return status != LK_OK ? status : missing(err);
    if (label[strspn(label, " \t\r\n")] == '\0')
        return lk_fail(err, LK_INVALID, "missingCredentialLabel", "Credential label must not be empty");
    for (int i = 0; i != rows.count; ++i) {
        const char *other = lk_row_str(&rows, i, "user_label");
        if (i != row && other != NULL && strcmp(other, label) == 0)
            return lk_fail(err, LK_CONFLICT, "conflict", "Device already exists with the same name");
    }
    return lk_admin_sql(admin, LK_Q_CREDENTIAL_LABEL, &rows, err, admin->id, admin->args[0], label);
}

/* Puts one behind another, or (`after` NULL) first. Behind one that is not there nothing happens. */
static lk_status_t move(lk_admin_t *admin, const char *after, lk_error_t *err)
{
    lk_rows_t rows;
    const char *id = admin->args[0];
    lk_status_t status = load(admin, &rows, err);
    if (status == LK_OK && lk_credential_row(&rows, id) < 0)
        status = missing(err);
    if (status != LK_OK || (after != NULL && (lk_credential_row(&rows, after) < 0 || strcmp(after, id) == 0)))
        return status;
    json_t *order = lk_json_own(admin->req->arena, json_array());
    if (after == NULL)
        json_array_append_new(order, json_string(id));
    for (int i = 0; i != rows.count; ++i) {
        const char *other = lk_row_str(&rows, i, "id");
        if (strcmp(other, id) != 0)
            json_array_append_new(order, json_string(other));
        if (after != NULL && strcmp(other, after) == 0)
            json_array_append_new(order, json_string(id));
    }
    return lk_admin_sql(admin, LK_Q_CREDENTIAL_ORDER, &rows, err, admin->id, lk_json_text(admin->req->arena, order));
}

lk_status_t lk_credential_move_first(lk_admin_t *admin, lk_error_t *err)
{
    return move(admin, NULL, err);
}

lk_status_t lk_credential_move_after(lk_admin_t *admin, lk_error_t *err)
{
    return move(admin, admin->args[1], err);
}

lk_status_t lk_user_reset_password(lk_admin_t *admin, lk_error_t *err)
{
    lk_new_password_t prepared;
    lk_arena_t *arena = admin->req->arena;
    lk_status_t status = admin->body != NULL ? lk_admin_check(admin, &lk_credential_fields, err) : LK_OK;
    const char *value = lk_json_str(admin->body, "value", NULL);
    if (status == LK_OK && value == NULL)
        status = lk_fail(err, LK_INVALID, NULL, "No password provided");
    if (status == LK_OK && *value == '\0')
        status = lk_fail(err, LK_INVALID, NULL, "Empty password not allowed");
    if (status == LK_OK)
        status = lk_new_password_prepare(admin->sql, arena, admin->realm, admin->user, value, &prepared, err);
    if (status == LK_OK)
        status = lk_admin_begin_write(admin, err);
    return status == LK_OK ? lk_new_password_store(admin->sql, arena, admin->realm, admin->user, &prepared,
                                                   lk_json_bool(admin->body, "temporary", 0), err)
                           : status;
}

/* Only credentials that are kept elsewhere (user storage) can be disabled; there are none. */
lk_status_t lk_user_disable_credentials(lk_admin_t *admin, lk_error_t *err)
{
    if (admin->body != NULL && !json_is_array(admin->body))
        return lk_fail(err, LK_INVALID, "unknown_error", "Cannot parse the JSON");
    return LK_OK;
}

lk_status_t lk_user_storage_credentials(lk_admin_t *admin, lk_error_t *err)
{
    return lk_admin_reply(admin, json_array());
}

/* The required actions by which users get credentials. */
lk_status_t lk_credential_registrators(lk_admin_t *admin, lk_error_t *err)
{
    const lk_credential_type_t *type;
    json_t *list = json_array();
    for (size_t i = 0; (type = lk_credential_type_at(i)) != NULL; ++i)
        if (!type->is_fixed)
            json_array_append_new(list, json_string(type->action));
    return lk_admin_reply(admin, list);
}
