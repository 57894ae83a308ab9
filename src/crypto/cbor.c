/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "crypto/cbor.h"

#include <string.h>

typedef struct st_reader_t {
    const unsigned char *at, *end;
} reader_t;

static size_t left(const reader_t *reader)
{
    return (size_t)(reader->end - reader->at);
}

/* The number behind the first byte: in it, or in the 1, 2, 4 or 8 that follow, where it would not have fitted into fewer. */
static int read_number(reader_t *reader, unsigned info, uint64_t *ret_number)
{
    static const uint64_t least[] = {24, 0x100, 0x10000, 0x100000000};
    uint64_t number = 0;
    *ret_number = info;
    if (info < 24)
        return 0;
    size_t size = info <= 27 ? (size_t)1 << (info - 24) : SIZE_MAX;
    if (left(reader) < size)
        return -1;
    for (size_t i = 0; i != size; ++i)
        number = number << 8 | *reader->at++;
    *ret_number = number;
    return number >= least[info - 24] ? 0 : -1;
}

static int same(const lk_cbor_t *a, const lk_cbor_t *b)
{
    return a->kind == b->kind && a->number == b->number && a->bytes.len == b->bytes.len &&
           (a->bytes.len == 0 || memcmp(a->bytes.base, b->bytes.base, a->bytes.len) == 0);
}

static int read_item(reader_t *reader, int depth, lk_cbor_t *ret_item);

/* A key that this map has not had yet. */
static int read_key(reader_t *reader, int depth, lk_cbor_t *seen, uint64_t count)
{
    lk_cbor_t *key = &seen[count];
    if (read_item(reader, depth, key) != 0 || (key->kind > LK_CBOR_NEGATIVE && key->kind != LK_CBOR_TEXT))
        return -1;
    for (uint64_t i = 0; i != count; ++i)
        if (same(&seen[i], key))
            return -1;
    return 0;
}

static int read_items(reader_t *reader, int depth, lk_cbor_t *item)
{
    lk_cbor_t seen[LK_CBOR_MAX_ITEMS], value;
    item->bytes.base = reader->at;
    if (item->number > LK_CBOR_MAX_ITEMS || depth == LK_CBOR_MAX_DEPTH)
        return -1;
    for (uint64_t i = 0; i != item->number; ++i)
        if ((item->kind == LK_CBOR_MAP && read_key(reader, depth + 1, seen, i) != 0) || read_item(reader, depth + 1, &value) != 0)
            return -1;
    item->bytes.len = (size_t)(reader->at - item->bytes.base);
    return 0;
}

static int read_item(reader_t *reader, int depth, lk_cbor_t *ret_item)
{
    if (left(reader) == 0)
        return -1;
    unsigned first = *reader->at++;
    lk_cbor_t item = {.kind = (lk_cbor_kind_t)(first >> 5)};
    if (first >> 5 == 6 || read_number(reader, first & 31, &item.number) != 0)
        return -1;
    if (item.kind == LK_CBOR_SIMPLE && ((first & 31) < 20 || (first & 31) > 22))
        return -1;
    if (item.kind == LK_CBOR_BYTES || item.kind == LK_CBOR_TEXT) {
        if (item.number > left(reader))
            return -1;
        item.bytes = (lk_bytes_t){reader->at, (size_t)item.number};
        reader->at += item.bytes.len;
    }
    if (item.kind == LK_CBOR_TEXT && !lk_utf8_valid((const char *)item.bytes.base, item.bytes.len))
        return -1;
    if ((item.kind == LK_CBOR_ARRAY || item.kind == LK_CBOR_MAP) && read_items(reader, depth, &item) != 0)
        return -1;
    *ret_item = item;
    return 0;
}

static reader_t reader_of(lk_bytes_t bytes)
{
    return (reader_t){bytes.base, bytes.base != NULL ? bytes.base + bytes.len : NULL};
}

int lk_cbor_read(lk_bytes_t input, lk_cbor_t *ret_item, size_t *ret_used)
{
    reader_t reader = reader_of(input);
    if (input.len == 0 || read_item(&reader, 0, ret_item) != 0)
        return -1;
    *ret_used = (size_t)(reader.at - input.base);
    return 0;
}

/* The value whose key is `wanted`; what lk_cbor_read has read can be read again. */
static int get(const lk_cbor_t *map, const lk_cbor_t *wanted, lk_cbor_t *ret_value)
{
    reader_t reader = reader_of(map->bytes);
    lk_cbor_t key;
    for (uint64_t i = 0; map->kind == LK_CBOR_MAP && i != map->number; ++i)
        if (read_item(&reader, 1, &key) == 0 && read_item(&reader, 1, ret_value) == 0 && same(&key, wanted))
            return 1;
    return 0;
}

int lk_cbor_get(const lk_cbor_t *map, const char *key, lk_cbor_kind_t kind, lk_cbor_t *ret_value)
{
    size_t len = strlen(key);
    lk_cbor_t wanted = {.kind = LK_CBOR_TEXT, .number = len, .bytes = {(const unsigned char *)key, len}};
    return get(map, &wanted, ret_value) && ret_value->kind == kind;
}

static lk_cbor_t integer(int64_t value)
{
    return value < 0 ? (lk_cbor_t){.kind = LK_CBOR_NEGATIVE, .number = (uint64_t)(-1 - value)}
                     : (lk_cbor_t){.kind = LK_CBOR_UNSIGNED, .number = (uint64_t)value};
}

int lk_cbor_get_number(const lk_cbor_t *map, int64_t key, lk_cbor_kind_t kind, lk_cbor_t *ret_value)
{
    lk_cbor_t wanted = integer(key);
    return get(map, &wanted, ret_value) && ret_value->kind == kind;
}

int lk_cbor_get_integer(const lk_cbor_t *map, const char *key, int64_t number_key, int64_t *ret_value)
{
    lk_cbor_t wanted = integer(number_key), value;
    if (key != NULL)
        wanted = (lk_cbor_t){.kind = LK_CBOR_TEXT, .number = strlen(key), .bytes = {(const unsigned char *)key, strlen(key)}};
    if (!get(map, &wanted, &value) || value.kind > LK_CBOR_NEGATIVE || value.number > INT32_MAX)
        return 0;
    *ret_value = value.kind == LK_CBOR_NEGATIVE ? -1 - (int64_t)value.number : (int64_t)value.number;
    return 1;
}

int lk_cbor_at(const lk_cbor_t *array, uint64_t index, lk_cbor_kind_t kind, lk_cbor_t *ret_value)
{
    reader_t reader = reader_of(array->bytes);
    if (array->kind != LK_CBOR_ARRAY || index >= array->number)
        return 0;
    for (uint64_t i = 0; i <= index; ++i)
        if (read_item(&reader, 1, ret_value) != 0)
            return 0;
    return ret_value->kind == kind;
}
