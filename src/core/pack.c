/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "core/pack.h"

#include <stdint.h>

static json_t *pack_member(const void *at, lk_pack_kind_t kind)
{
    switch (kind) {
    case LK_PACK_TEXT:
        return *(const char *const *)at == NULL ? NULL : json_string(*(const char *const *)at);
    case LK_PACK_NUMBER:
        return json_integer(*(const int64_t *)at);
    case LK_PACK_FLAG:
        return *(const int *)at ? json_integer(1) : NULL;
    case LK_PACK_JSON:
        return json_incref(*(json_t *const *)at);
    }
    return NULL;
}

static void unpack_member(void *at, lk_pack_kind_t kind, json_t *value)
{
    switch (kind) {
    case LK_PACK_TEXT:
        *(const char **)at = json_string_value(value);
        break;
    case LK_PACK_NUMBER:
        *(int64_t *)at = json_integer_value(value);
        break;
    case LK_PACK_FLAG:
        *(int *)at = value != NULL;
        break;
    case LK_PACK_JSON:
        *(json_t **)at = value;
        break;
    }
}

json_t *lk_pack(const lk_pack_t *table, size_t count, unsigned groups, const void *object)
{
    json_t *packed = json_object();
    for (size_t i = 0; i != count; ++i) {
        json_t *value = table[i].groups & groups ? pack_member((const char *)object + table[i].offset, table[i].kind) : NULL;
        if (value != NULL)
            json_object_set_new(packed, table[i].key, value);
    }
    return packed;
}

void lk_unpack(const lk_pack_t *table, size_t count, unsigned groups, void *object, const json_t *value)
{
    for (size_t i = 0; i != count; ++i)
        if (table[i].groups & groups)
            unpack_member((char *)object + table[i].offset, table[i].kind, json_object_get(value, table[i].key));
}
