/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "model/retired_key.h"

#include <string.h>
#include "core/json.h"
#include "model/key_rotation.h"

const lk_realm_key_t *lk_realm_key_of(const lk_realm_t *realm, const char *component_id)
{
    for (size_t i = 0; i != realm->num_keys; ++i)
        if (strcmp(realm->keys[i].component_id, component_id) == 0)
            return &realm->keys[i];
    return NULL;
}

/* As rotation keeps keys, and no less than any client's own access tokens live. */
static lk_status_t longest_life(lk_sql_t *tx, lk_arena_t *arena, const char *realm_id, int64_t *ret_span, lk_error_t *err)
{
    lk_rows_t rows;
    json_t *realm;
    lk_status_t status = lk_query(tx, arena, LK_Q_RETIRED_KEY_LIFESPANS, &rows, err, realm_id);
    if (status != LK_OK || rows.count == 0)
        return status != LK_OK ? status : lk_fail(err, LK_NOT_FOUND, NULL, "Realm not found.");
    const char *text = lk_row_str(&rows, 0, "rep");
    if ((status = lk_json_parse(arena, text, strlen(text), &realm, err)) != LK_OK)
        return status;
    int64_t client = lk_row_int(&rows, 0, "client_lifespan", 0), keep = lk_key_rotation_keep(realm);
    *ret_span = client > keep ? client : keep;
    return LK_OK;
}

lk_status_t lk_retired_key_keep(lk_sql_t *tx, lk_arena_t *arena, const char *realm_id, const lk_realm_key_t *entry, int64_t now,
                                lk_error_t *err)
{
    const lk_key_t *key = entry->key;
    lk_rows_t rows;
    int64_t span = 0;
    if (entry->status == LK_KEY_DISABLED || key->type == LK_KEY_OCT || (key->use != NULL && strcmp(key->use, "sig") != 0))
        return LK_OK;
    lk_status_t status = longest_life(tx, arena, realm_id, &span, err);
    if (status != LK_OK)
        return status;
    const char *jwk = lk_json_text(arena, lk_json_own(arena, lk_key_to_jwk(arena, key)));
    return lk_query(tx, arena, LK_Q_RETIRED_KEY_KEEP, &rows, err, realm_id, key->kid, entry->component_id, jwk,
                    lk_printf(arena, "%lld", (long long)(now + span)));
}

lk_status_t lk_retired_key_forget(lk_sql_t *tx, lk_arena_t *arena, const char *realm_id, const char *component_id, const char *kid,
                                  int *ret_count, lk_error_t *err)
{
    lk_rows_t rows;
    lk_status_t status = lk_query(tx, arena, LK_Q_RETIRED_KEY_FORGET, &rows, err, realm_id, component_id, kid);
    *ret_count = status == LK_OK ? rows.affected : 0;
    return status;
}
