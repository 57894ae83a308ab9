/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "model/consent.h"

#include <string.h>
#include "core/json.h"
#include "core/time.h"

static lk_status_t read_scope_ids(lk_arena_t *arena, const lk_rows_t *rows, int row, json_t **ret_scope_ids, lk_error_t *err)
{
    const char *text = lk_row_str(rows, row, "scope_ids");
    lk_status_t status = lk_json_parse(arena, text, strlen(text), ret_scope_ids, err);
    return status == LK_OK ? LK_OK : lk_fail(err, LK_INTERNAL, NULL, NULL);
}

lk_status_t lk_consent_load(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *user_id, const char *client_uuid,
                            json_t **ret_scope_ids, lk_error_t *err)
{
    lk_rows_t rows;
    lk_status_t status = lk_query(sql, arena, LK_Q_CONSENT_GET, &rows, err, realm->id, user_id, client_uuid);
    if (status == LK_OK && rows.count != 0)
        return read_scope_ids(arena, &rows, 0, ret_scope_ids, err);
    if (status == LK_OK)
        *ret_scope_ids = NULL;
    return status;
}

lk_status_t lk_consent_store(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *user_id,
                             const char *client_uuid, const json_t *scope_ids, lk_error_t *err)
{
    lk_rows_t rows;
    return lk_query(sql, arena, LK_Q_CONSENT_PUT, &rows, err, realm->id, user_id, client_uuid, lk_json_text(arena, scope_ids),
                    lk_printf(arena, "%lld", (long long)lk_now_ms()));
}

lk_status_t lk_consent_remove(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *user_id,
                              const char *client_uuid, int *ret_existed, lk_error_t *err)
{
    lk_rows_t rows;
    lk_status_t status = lk_query(sql, arena, LK_Q_CONSENT_REMOVE, &rows, err, realm->id, user_id, client_uuid);
    if (status == LK_OK && ret_existed != NULL)
        *ret_existed = rows.affected != 0;
    return status;
}

const lk_scope_t *lk_consent_scope(lk_arena_t *arena, const lk_realm_t *realm, const json_t *granted, const char **ret_name)
{
    const char *text = json_string_value(granted);
    size_t len = text != NULL ? strcspn(text, ":") : 0;
    const lk_scope_t *scope = text != NULL ? lk_realm_scope_by_id(realm, lk_strndup(arena, text, len)) : NULL;
    if (scope != NULL)
        *ret_name = lk_printf(arena, "%s%s", scope->name, text + len);
    return scope;
}

lk_status_t lk_consent_list(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *user_id,
                            const lk_consent_t **ret_consents, size_t *ret_count, lk_error_t *err)
{
    lk_rows_t rows;
    lk_status_t status = lk_query(sql, arena, LK_Q_CONSENT_LIST, &rows, err, realm->id, user_id);
    if (status != LK_OK)
        return status;
    lk_consent_t *consents = LK_NEW_ARRAY(arena, lk_consent_t, (size_t)rows.count);
    for (int row = 0; row != rows.count; ++row) {
        consents[row] = (lk_consent_t){.client_uuid = lk_row_str(&rows, row, "client_uuid"),
                                       .client_id = lk_row_str(&rows, row, "client_id"),
                                       .created_date = lk_row_int(&rows, row, "created_date", 0),
                                       .last_updated_date = lk_row_int(&rows, row, "last_updated_date", 0)};
        if ((status = read_scope_ids(arena, &rows, row, &consents[row].scope_ids, err)) != LK_OK)
            return status;
    }
    *ret_consents = consents;
    *ret_count = (size_t)rows.count;
    return LK_OK;
}
