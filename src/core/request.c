/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include <strings.h>
#include "core/request.h"

#define MAX_PAIRS 1000

const char *lk_pairs_get(const lk_pairs_t *pairs, const char *name)
{
    for (size_t i = 0; i != pairs->count; ++i)
        if (strcmp(pairs->entries[i].name, name) == 0)
            return pairs->entries[i].value;
    return NULL;
}

size_t lk_pairs_count(const lk_pairs_t *pairs, const char *name)
{
    size_t count = 0;
    for (size_t i = 0; i != pairs->count; ++i)
        count += strcmp(pairs->entries[i].name, name) == 0;
    return count;
}

const char *lk_request_param(const lk_request_t *req, const char *name)
{
    const char *value = lk_pairs_get(&req->form, name);
    return value != NULL ? value : lk_pairs_get(&req->query, name);
}

const char *lk_request_header(const lk_request_t *req, const char *lower_name)
{
    return lk_pairs_get(&req->headers, lower_name);
}

/* The cookie in one Cookie header; an HTTP/2 client may send several. */
static const char *find_cookie(lk_arena_t *arena, const char *header, const char *name)
{
    size_t name_len = strlen(name);
    for (const char *at = header; *at != '\0';) {
        at += strspn(at, "; ");
        size_t len = strcspn(at, ";");
        if (len > name_len && at[name_len] == '=' && memcmp(at, name, name_len) == 0) {
            const char *value = at + name_len + 1;
            size_t value_len = len - name_len - 1;
            while (value_len != 0 && value[value_len - 1] == ' ')
                --value_len;
            if (value_len >= 2 && value[0] == '"' && value[value_len - 1] == '"')
                return lk_strndup(arena, value + 1, value_len - 2);
            return lk_strndup(arena, value, value_len);
        }
        at += len;
    }
    return NULL;
}

const char *lk_request_cookie(const lk_request_t *req, const char *name)
{
    for (size_t i = 0; i != req->headers.count; ++i) {
        if (strcmp(req->headers.entries[i].name, "cookie") != 0)
            continue;
        const char *value = find_cookie(req->arena, req->headers.entries[i].value, name);
        if (value != NULL)
            return value;
    }
    return NULL;
}

static const char *decode(lk_arena_t *arena, const char *text, size_t len, int *malformed)
{
    const char *decoded = lk_percent_decode(arena, text, len, 1);
    if (decoded != NULL)
        return decoded;
    *malformed = 1;
    return lk_strndup(arena, text, strnlen(text, len));
}

lk_pairs_t lk_pairs_parse_form(lk_arena_t *arena, const char *text, size_t len, int *ret_malformed)
{
    lk_pairs_t pairs = {NULL, 0};
    const char *end = text + len;
    size_t count = len != 0;
    for (size_t i = 0; i != len; ++i)
        count += text[i] == '&';
    lk_pair_t *entries = LK_NEW_ARRAY(arena, lk_pair_t, count < MAX_PAIRS ? count : MAX_PAIRS);
    while (text < end && pairs.count != MAX_PAIRS) {
        const char *stop = memchr(text, '&', (size_t)(end - text)), *equals;
        if (stop == NULL)
            stop = end;
        if (stop != text) {
            if ((equals = memchr(text, '=', (size_t)(stop - text))) == NULL)
                equals = stop;
            lk_pair_t *pair = &entries[pairs.count++];
            pair->name = decode(arena, text, (size_t)(equals - text), ret_malformed);
            pair->value = equals == stop ? "" : decode(arena, equals + 1, (size_t)(stop - equals - 1), ret_malformed);
        }
        text = stop + 1;
    }
    pairs.entries = entries;
    return pairs;
}

const char *lk_request_bearer(const lk_request_t *req)
{
    const char *header = lk_request_header(req, "authorization");
    if (header != NULL && strncasecmp(header, "Bearer ", 7) == 0)
        return header + 7;
    return header != NULL && strncasecmp(header, "DPoP ", 5) == 0 ? header + 5 : NULL;
}
