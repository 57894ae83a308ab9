/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "core/json.h"
#include "token/values.h"

#define MAX_DEPTH 32
#define MAX_NAME 65536

/* --- types --- */

static int read_integer(const char *text, long long *ret_number)
{
    char *end;
    if (strspn(text, "+-0123456789") != strlen(text))
        return 0;
    errno = 0;
    *ret_number = strtoll(text, &end, 10);
    return end != text && *end == '\0' && errno == 0;
}

const char *lk_value_long(lk_arena_t *arena, const char *text)
{
    long long number;
    return read_integer(text, &number) ? lk_printf(arena, "%lld", number) : NULL;
}

static const char *to_int(lk_arena_t *arena, const char *text)
{
    long long number;
    return read_integer(text, &number) && number >= INT_MIN && number <= INT_MAX ? lk_printf(arena, "%lld", number) : NULL;
}

static const char *to_json(lk_arena_t *arena, const char *text)
{
    json_t *value;
    return lk_json_parse(arena, text, strlen(text), &value, NULL) == LK_OK ? lk_json_text(arena, value) : NULL;
}

static const char *to_boolean(lk_arena_t *arena, const char *text)
{
    (void)arena;
    return strcasecmp(text, "true") == 0 ? "true" : "false";
}

static const struct {
    const char *label;
    lk_convert_t convert;
} types[] = {{"long", lk_value_long}, {"int", to_int}, {"boolean", to_boolean}, {"JSON", to_json}};

lk_convert_t lk_value_converter(const char *label)
{
    for (size_t i = 0; label != NULL && i != sizeof(types) / sizeof(types[0]); ++i)
        if (strcmp(types[i].label, label) == 0)
            return types[i].convert;
    return lk_claims_quote;
}

/* --- names --- */

/* Copies up to `stop` or the end, without backslashes; returns where it stopped. */
static const char *copy_part(const char *name, char stop, char *part)
{
    for (; *name != '\0' && *name != stop; ++name) {
        name += name[0] == '\\' && name[1] != '\0';
        *part++ = *name;
    }
    *part = '\0';
    return name;
}

lk_claim_path_t lk_claim_path(lk_arena_t *arena, const char *name)
{
    const char *names[MAX_DEPTH];
    size_t depth = 0;
    for (; *name != '\0' && depth != MAX_DEPTH; ++depth) {
        char *part = lk_alloc(arena, strlen(name) + 1);
        name = copy_part(name, *name == '.' ? '\0' : '.', part);
        name += *name == '.';
        names[depth] = part;
    }
    const char **path = LK_NEW_ARRAY(arena, const char *, depth);
    memcpy(path, names, depth * sizeof(*names));
    return (lk_claim_path_t){path, depth};
}

const char *lk_value_of_client(lk_arena_t *arena, const char *text, const char *client_id)
{
    const char *hole = strstr(text, LK_CLIENT_HOLE);
    lk_buffer_t out;
    if (hole == NULL || strcmp(text, LK_CLIENT_HOLE) == 0)
        return hole == NULL ? text : client_id;
    lk_buffer_init(&out, arena, MAX_NAME);
    for (; hole != NULL; hole = strstr(text, LK_CLIENT_HOLE)) {
        lk_buffer_append(&out, text, (size_t)(hole - text));
        lk_buffer_puts(&out, client_id);
        text = hole + strlen(LK_CLIENT_HOLE);
    }
    lk_buffer_puts(&out, text);
    return out.base;
}

lk_claim_path_t lk_claim_path_of_client(lk_arena_t *arena, const lk_claim_path_t *path, const char *client_id)
{
    const char **names = LK_NEW_ARRAY(arena, const char *, path->depth);
    for (size_t i = 0; i != path->depth; ++i)
        names[i] = lk_value_of_client(arena, path->names[i], client_id);
    return (lk_claim_path_t){names, path->depth};
}
