/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "model/json_scan.h"

#include <stdlib.h>
#include <string.h>
#include "core/buffer.h"

#define MAX_EXPANDED ((size_t)1024 * 1024 * 1024)
#define MAX_NESTED 16

const char *lk_scan_space(const char *at, const char *end)
{
    while (at != end && (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r'))
        ++at;
    return at;
}

/* Behind the closing quote; `at` is the opening one. */
static const char *scan_string(const char *at, const char *end)
{
    for (++at; at < end; ++at) {
        if (*at == '"')
            return at + 1;
        if (*at == '\\')
            ++at;
    }
    return NULL;
}

const char *lk_scan_value(const char *at, const char *end)
{
    size_t depth = 0;
    if (at == end)
        return NULL;
    while (at != NULL && at != end) {
        char c = *at;
        if (c == '"') {
            at = scan_string(at, end);
            if (at == NULL || depth == 0)
                return at;
            continue;
        }
        ++at;
        if (c == '{' || c == '[')
            ++depth;
        else if ((c == '}' || c == ']') && (depth == 0 || --depth == 0))
            return depth == 0 ? at : NULL;
        /* A number or word ends before whatever cannot be part of it. */
        else if (depth == 0 && (at == end || strchr(",]} \t\r\n", *at) != NULL))
            return at;
    }
    return NULL;
}

int lk_scan_member(lk_span_t object, const char *name, lk_span_t *ret_value)
{
    size_t len = strlen(name);
    int found = 0;
    const char *at = lk_scan_space(object.base, object.end);
    if (at == object.end || *at++ != '{')
        return -1;
    for (;;) {
        at = lk_scan_space(at, object.end);
        if (at == object.end || *at != '"')
            return at != object.end && *at == '}' ? found : -1;
        const char *key = at + 1, *value;
        if ((at = scan_string(at, object.end)) == NULL)
            return -1;
        int is_it = (size_t)(at - 1 - key) == len && memcmp(key, name, len) == 0;
        at = lk_scan_space(at, object.end);
        if (at == object.end || *at != ':')
            return -1;
        value = lk_scan_space(at + 1, object.end);
        if ((at = lk_scan_value(value, object.end)) == NULL)
            return -1;
        if (is_it) {
            *ret_value = (lk_span_t){value, at};
            found = 1;
        }
        at = lk_scan_space(at, object.end);
        if (at != object.end && *at == ',')
            ++at;
    }
}

/* --- placeholders --- */

/* The bracket that closes the placeholder whose inside begins at `at`; NULL where the string, or the text, ends before. */
static const char *placeholder_end(const char *at, const char *end, int in_string)
{
    size_t depth = 1;
    for (; at != end; ++at) {
        if (*at == '}' && --depth == 0)
            return at;
        if (*at == '$' && at + 1 != end && at[1] == '{')
            ++depth;
        if (*at == '\n' || (in_string && *at == '"'))
            return NULL;
        if (*at == '\\' && at + 1 != end)
            ++at;
    }
    return NULL;
}

/* The environment's value of the first name in "A,B" that is set; NULL where none is. */
static const char *lookup(lk_arena_t *arena, const char *names, size_t len)
{
    for (const char *at = names, *end = names + len; at < end;) {
        const char *comma = memchr(at, ',', (size_t)(end - at));
        const char *stop = comma != NULL ? comma : end;
        const char *value = getenv(lk_strndup(arena, at, (size_t)(stop - at)));
        if (value != NULL)
            return value;
        at = stop + 1;
    }
    return NULL;
}

static void put_value(lk_buffer_t *out, lk_arena_t *arena, const char *value, int in_string)
{
    if (!in_string) {
        lk_buffer_puts(out, value);
        return;
    }
    lk_buffer_t quoted;
    lk_buffer_init(&quoted, arena, MAX_EXPANDED);
    lk_buffer_json_string(&quoted, value);
    lk_buffer_append(out, quoted.base + 1, quoted.len - 2);
}

static void expand(lk_buffer_t *out, lk_arena_t *arena, lk_span_t text, int in_string, int depth);

/* `inside` is what stands between the brackets. Returns 0 where it stays as it is. */
static int put_placeholder(lk_buffer_t *out, lk_arena_t *arena, lk_span_t inside, int in_string, int depth)
{
    const char *colon = memchr(inside.base, ':', (size_t)(inside.end - inside.base));
    size_t len = (size_t)((colon != NULL ? colon : inside.end) - inside.base);
    /* Java's separators of files and paths. */
    if (inside.end - inside.base == 1 && (*inside.base == '/' || *inside.base == ':')) {
        lk_buffer_putc(out, *inside.base);
        return 1;
    }
    const char *value = len != 0 ? lookup(arena, inside.base, len) : NULL;
    if (value != NULL)
        put_value(out, arena, value, in_string);
    else if (colon != NULL && len != 0)
        expand(out, arena, (lk_span_t){colon + 1, inside.end}, in_string, depth + 1);
    else
        return 0;
    return 1;
}

static void expand(lk_buffer_t *out, lk_arena_t *arena, lk_span_t text, int in_string, int depth)
{
    for (const char *at = text.base; at != text.end; ++at) {
        if (at[0] == '$' && at + 1 != text.end && at[1] == '{' && depth != MAX_NESTED) {
            const char *close = placeholder_end(at + 2, text.end, in_string);
            if (close != NULL && put_placeholder(out, arena, (lk_span_t){at + 2, close}, in_string, depth)) {
                at = close;
                continue;
            }
        }
        lk_buffer_putc(out, *at);
        if (at[0] == '$' && at + 1 != text.end && at[1] == '$') /* "$${NAME}" stays as it is */
            lk_buffer_putc(out, *++at);
        else if (in_string && *at == '\\' && at + 1 != text.end)
            lk_buffer_putc(out, *++at);
        else if (*at == '"')
            in_string = !in_string;
    }
}

lk_span_t lk_scan_expand(lk_arena_t *arena, lk_span_t text)
{
    if (memmem(text.base, (size_t)(text.end - text.base), "${", 2) == NULL)
        return text;
    lk_buffer_t out;
    lk_buffer_init(&out, arena, MAX_EXPANDED);
    expand(&out, arena, text, 0, 0);
    return (lk_span_t){out.base, out.base + out.len};
}
