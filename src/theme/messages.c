/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include "theme/internal.h"

/* Properties files as Java reads them, in UTF-8, and messages as java.text.MessageFormat formats them: custom bundles made for
 * Keycloak and the localizationTexts of its realms work unchanged. */

/* What is left of a file, and where its next logical line is written: never longer than what it was read from. */
typedef struct st_reader_t {
    const char *pos, *end;
    char *to;
    int line;
} reader_t;

static int is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\f' || c == '\r';
}

/* Copies one physical line without its leading blanks. Returns 1 where a backslash at its end continues it. */
static int copy_line(reader_t *reader)
{
    size_t backslashes = 0;

    while (reader->pos != reader->end && is_blank(*reader->pos))
        ++reader->pos;
    for (; reader->pos != reader->end && *reader->pos != '\n'; ++reader->pos) {
        if (*reader->pos == '\r')
            continue;
        backslashes = *reader->pos == '\\' ? backslashes + 1 : 0;
        *reader->to++ = *reader->pos;
    }
    if (reader->pos != reader->end)
        ++reader->pos;
    ++reader->line;
    return backslashes % 2 != 0;
}

/* Joins a line with those that continue it; escapes stay. NULL at the end. */
static char *next_line(reader_t *reader)
{
    char *line = reader->to;

    if (reader->pos == reader->end)
        return NULL;
    while (copy_line(reader) && line[0] != '#' && line[0] != '!')
        --reader->to;
    *reader->to++ = '\0';
    return line;
}

static int hex4(const char *text, unsigned *ret_value)
{
    unsigned value = 0;
    for (int i = 0; i < 4; ++i) {
        char c = text[i];
        if (c >= '0' && c <= '9')
            value = value << 4 | (unsigned)(c - '0');
        else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
            value = value << 4 | (unsigned)((c | 0x20) - 'a' + 10);
        else
            return 0;
    }
    *ret_value = value;
    return 1;
}

static char *put_utf8(char *to, unsigned c)
{
    if (c < 0x80) {
        *to++ = (char)c;
    } else if (c < 0x800) {
        *to++ = (char)(0xc0 | c >> 6);
        *to++ = (char)(0x80 | (c & 0x3f));
    } else if (c < 0x10000) {
        *to++ = (char)(0xe0 | c >> 12);
        *to++ = (char)(0x80 | (c >> 6 & 0x3f));
        *to++ = (char)(0x80 | (c & 0x3f));
    } else {
        *to++ = (char)(0xf0 | c >> 18);
        *to++ = (char)(0x80 | (c >> 12 & 0x3f));
        *to++ = (char)(0x80 | (c >> 6 & 0x3f));
        *to++ = (char)(0x80 | (c & 0x3f));
    }
    return to;
}

/* \uXXXX, or two of them as a surrogate pair; returns how much was read after "\u", 0 for nonsense. */
static size_t unescape_unicode(const char *from, char **to)
{
    unsigned c, low;
    size_t len = 4;

    if (!hex4(from, &c) || c == 0)
        return 0;
    if (c >= 0xd800 && c < 0xdc00 && from[4] == '\\' && from[5] == 'u' && hex4(from + 6, &low) && low >= 0xdc00 && low < 0xe000) {
        c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
        len = 10;
    } else if (c >= 0xd800 && c < 0xe000) {
        c = 0xfffd;
    }
    *to = put_utf8(*to, c);
    return len;
}

/* In place; an escape is never shorter than what it stands for. Returns 0 for a broken one. */
static int unescape(char *text)
{
    char *to = text;

    for (const char *from = text; *from != '\0'; ++from) {
        if (*from != '\\') {
            *to++ = *from;
            continue;
        }
        ++from;
        if (*from == 'u') {
            size_t len = unescape_unicode(from + 1, &to);
            if (len == 0)
                return 0;
            from += len;
        } else if (*from == '\0') {
            break;
        } else {
            *to++ = *from == 'n' ? '\n' : *from == 't' ? '\t' : *from == 'r' ? '\r' : *from == 'f' ? '\f' : *from;
        }
    }
    *to = '\0';
    return 1;
}

/* Cuts "key = text" in two; returns where the text begins. */
static char *split_line(char *line)
{
    char *pos = line, *end;

    for (; *pos != '\0' && *pos != '=' && *pos != ':' && !is_blank(*pos); ++pos)
        if (*pos == '\\' && pos[1] != '\0')
            ++pos;
    end = pos;
    while (is_blank(*pos))
        ++pos;
    if (*pos == '=' || *pos == ':')
        ++pos;
    while (is_blank(*pos))
        ++pos;
    *end = '\0';
    return pos;
}

lk_status_t lk_theme_texts_parse(lk_arena_t *arena, const lk_theme_file_t *file, lk_theme_table_t *texts, lk_error_t *err)
{
    const char *base = (const char *)file->resource.bytes.base;
    reader_t reader = {base, base + file->resource.bytes.len, lk_alloc(arena, file->resource.bytes.len + 2), 0};
    char *line;

    if (!lk_utf8_valid(base, file->resource.bytes.len) || memchr(base, '\0', file->resource.bytes.len) != NULL) {
        lk_fail(err, LK_INVALID, NULL, "A message bundle is not UTF-8");
        return lk_error_detail(err, "%s: not UTF-8", file->origin);
    }
    while ((line = next_line(&reader)) != NULL) {
        if (line[0] == '\0' || line[0] == '#' || line[0] == '!')
            continue;
        char *text = split_line(line);
        if (!unescape(line) || !unescape(text)) {
            lk_fail(err, LK_INVALID, NULL, "A message bundle is broken");
            return lk_error_detail(err, "%s:%d: broken \\u escape", file->origin, reader.line);
        }
        lk_theme_table_add(arena, texts, line, text);
    }
    return LK_OK;
}

/* Puts the argument of "{0}" or "{0,number}" and returns what follows it, or NULL where this is no such thing. */
static const char *put_argument(lk_buffer_t *out, const char *pattern, const char *const *args, size_t num_args)
{
    const char *end = strchr(pattern, '}');
    char *stop;

    if (end == NULL || pattern[1] < '0' || pattern[1] > '9')
        return NULL;
    unsigned long index = strtoul(pattern + 1, &stop, 10);
    if ((*stop != '}' && *stop != ',') || index >= num_args)
        return NULL;
    lk_buffer_puts(out, args[index]);
    return end + 1;
}

char *lk_theme_format(lk_arena_t *arena, const char *pattern, const char *const *args, size_t num_args)
{
    lk_buffer_t out;
    int quoted = 0;

    if (strpbrk(pattern, "'{") == NULL)
        return lk_strdup(arena, pattern);
    lk_buffer_init(&out, arena, LK_THEME_MAX_TEXT);
    while (*pattern != '\0') {
        const char *next = !quoted && *pattern == '{' ? put_argument(&out, pattern, args, num_args) : NULL;
        if (next != NULL) {
            pattern = next;
        } else if (*pattern != '\'') {
            lk_buffer_putc(&out, *pattern++);
        } else if (pattern[1] == '\'') {
            lk_buffer_putc(&out, '\'');
            pattern += 2;
        } else {
            quoted = !quoted;
            ++pattern;
        }
    }
    return out.base;
}
