/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "core/multipart.h"

#include <string.h>
#include <strings.h>
#include "core/buffer.h"

#define TYPE "multipart/form-data"
#define MAX_BOUNDARY 70 /* RFC 2046 section 5.1.1 */

/* The value of a parameter of a header, quoted or not; NULL where it is missing. */
static const char *parameter(lk_arena_t *arena, const char *header, size_t len, const char *name)
{
    size_t name_len = strlen(name);
    for (const char *at = header, *end = header + len; (at = memchr(at, ';', (size_t)(end - at))) != NULL;) {
        ++at;
        while (at != end && (*at == ' ' || *at == '\t'))
            ++at;
        if ((size_t)(end - at) <= name_len || strncasecmp(at, name, name_len) != 0 || at[name_len] != '=')
            continue;
        at += name_len + 1;
        int quoted = at != end && *at == '"';
        const char *from = at + quoted, *to = from;
        while (to != end && (quoted ? *to != '"' : *to != ';' && *to != ' '))
            ++to;
        return lk_strndup(arena, from, (size_t)(to - from));
    }
    return NULL;
}

/* The name in a part's headers, which end with an empty line. */
static const char *name_of(lk_arena_t *arena, const char *headers, size_t len)
{
    static const char wanted[] = "content-disposition:";
    for (const char *at = headers, *end = headers + len; at != NULL && at != end;) {
        const char *stop = memmem(at, (size_t)(end - at), "\r\n", 2);
        size_t line = stop != NULL ? (size_t)(stop - at) : (size_t)(end - at);
        if (line > sizeof(wanted) - 1 && strncasecmp(at, wanted, sizeof(wanted) - 1) == 0)
            return parameter(arena, at, line, "name");
        at = stop != NULL ? stop + 2 : NULL;
    }
    return NULL;
}

static int add_part(lk_arena_t *arena, const char *from, const char *to, lk_parts_t *parts)
{
    const char *blank = memmem(from, (size_t)(to - from), "\r\n\r\n", 4);
    const char *name = blank != NULL ? name_of(arena, from, (size_t)(blank - from)) : NULL;
    if (name == NULL || parts->count == LK_MAX_PARTS)
        return -1;
    const char *content = blank + 4;
    parts->parts[parts->count++] = (lk_part_t){name, {(const unsigned char *)content, (size_t)(to - content)}};
    return 0;
}

int lk_multipart_parse(lk_arena_t *arena, const char *content_type, lk_bytes_t body, lk_parts_t *ret_parts)
{
    lk_parts_t parts = {.count = 0};
    if (content_type == NULL || strncasecmp(content_type, TYPE, sizeof(TYPE) - 1) != 0 || body.base == NULL)
        return -1;
    const char *boundary = parameter(arena, content_type, strlen(content_type), "boundary");
    if (boundary == NULL || *boundary == '\0' || strlen(boundary) > MAX_BOUNDARY)
        return -1;
    const char *line = lk_printf(arena, "\r\n--%s", boundary), *at = (const char *)body.base, *end = at + body.len;
    size_t len = strlen(line);
    if (body.len < len - 2 || memcmp(at, line + 2, len - 2) != 0)
        return -1;
    for (at += len - 2; end - at >= 2 && memcmp(at, "--", 2) != 0;) {
        const char *next = memcmp(at, "\r\n", 2) == 0 ? memmem(at + 2, (size_t)(end - at - 2), line, len) : NULL;
        if (next == NULL || add_part(arena, at + 2, next, &parts) != 0)
            return -1;
        at = next + len;
    }
    if (end - at < 2)
        return -1;
    *ret_parts = parts;
    return 0;
}

const lk_part_t *lk_part_find(const lk_parts_t *parts, const char *name)
{
    for (size_t i = 0; i != parts->count; ++i)
        if (strcmp(parts->parts[i].name, name) == 0)
            return &parts->parts[i];
    return NULL;
}

const char *lk_part_text(lk_arena_t *arena, const lk_parts_t *parts, const char *name)
{
    const lk_part_t *part = lk_part_find(parts, name);
    if (part == NULL)
        return NULL;
    const char *text = lk_strndup(arena, (const char *)part->content.base, part->content.len);
    text += strspn(text, " \t\r\n");
    size_t len = strlen(text);
    while (len != 0 && strchr(" \t\r\n", text[len - 1]) != NULL)
        --len;
    return lk_strndup(arena, text, len);
}
