/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include "core/arena.h"
#include "core/buffer.h"

void lk_buffer_init(lk_buffer_t *buffer, lk_arena_t *arena, size_t max)
{
    static char empty[1]; /* never written: a reserve comes first */
    *buffer = (lk_buffer_t){.arena = arena, .base = empty, .max = max};
}

char *lk_buffer_reserve(lk_buffer_t *buffer, size_t len)
{
    if (buffer->overflow || len > buffer->max - buffer->len) {
        buffer->overflow = 1;
        return NULL;
    }
    if (buffer->len + len >= buffer->capacity) {
        size_t capacity = buffer->capacity < 128 ? 256 : buffer->capacity * 2;
        while (capacity <= buffer->len + len)
            capacity *= 2;
        char *grown = lk_alloc(buffer->arena, capacity);
        memcpy(grown, buffer->base, buffer->len);
        buffer->base = grown;
        buffer->capacity = capacity;
    }
    return buffer->base + buffer->len;
}

void lk_buffer_append(lk_buffer_t *buffer, const void *bytes, size_t len)
{
    char *to = lk_buffer_reserve(buffer, len);
    if (to == NULL)
        return;
    memcpy(to, bytes, len);
    buffer->len += len;
    buffer->base[buffer->len] = '\0';
}

void lk_buffer_puts(lk_buffer_t *buffer, const char *text)
{
    lk_buffer_append(buffer, text, strlen(text));
}

void lk_buffer_putc(lk_buffer_t *buffer, char c)
{
    lk_buffer_append(buffer, &c, 1);
}

void lk_buffer_printf(lk_buffer_t *buffer, const char *format, ...)
{
    char small[256];
    va_list args;
    va_start(args, format);
    int len = vsnprintf(small, sizeof(small), format, args);
    va_end(args);
    if ((size_t)len < sizeof(small)) {
        lk_buffer_append(buffer, small, (size_t)len);
        return;
    }
    char *to = lk_buffer_reserve(buffer, (size_t)len + 1);
    if (to == NULL)
        return;
    va_start(args, format);
    vsnprintf(to, (size_t)len + 1, format, args);
    va_end(args);
    buffer->len += (size_t)len;
}

/* Copies runs of harmless bytes and replaces the others by what `escape` writes into its 8 bytes; it returns 0 for harmless ones.
 */
static void put_escaped(lk_buffer_t *buffer, const char *text, size_t len, size_t (*escape)(unsigned char c, char *out))
{
    size_t start = 0;
    char out[8];
    for (size_t i = 0; i != len; ++i) {
        size_t n = escape((unsigned char)text[i], out);
        if (n == 0)
            continue;
        lk_buffer_append(buffer, text + start, i - start);
        lk_buffer_append(buffer, out, n);
        start = i + 1;
    }
    lk_buffer_append(buffer, text + start, len - start);
}

static size_t escape_json(unsigned char c, char *out)
{
    static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
    const char *found;
    if (c >= 0x20 && c != '"' && c != '\\')
        return 0;
    if (c != 0 && (found = strchr(from, c)) != NULL) {
        out[0] = '\\';
        out[1] = to[found - from];
        return 2;
    }
    return (size_t)snprintf(out, 8, "\\u%04x", c);
}

static size_t put(char *out, const char *text)
{
    size_t len = strlen(text);
    memcpy(out, text, len);
    return len;
}

static size_t escape_html(unsigned char c, char *out)
{
    switch (c) {
    case '&':
        return put(out, "&amp;");
    case '<':
        return put(out, "&lt;");
    case '>':
        return put(out, "&gt;");
    case '"':
        return put(out, "&quot;");
    case '\'':
        return put(out, "&#39;");
    default:
        return 0;
    }
}

static size_t percent(unsigned char c, char *out)
{
    static const char digits[] = "0123456789ABCDEF";
    out[0] = '%';
    out[1] = digits[c >> 4];
    out[2] = digits[c & 15];
    return 3;
}

static int is_ascii_alnum(unsigned char c)
{
    return c < 0x80 && isalnum(c);
}

static size_t escape_form(unsigned char c, char *out)
{
    if (is_ascii_alnum(c) || c == '.' || c == '-' || c == '*' || c == '_')
        return 0;
    if (c == ' ')
        return put(out, "+");
    return percent(c, out);
}

static size_t escape_percent(unsigned char c, char *out)
{
    return is_ascii_alnum(c) || c == '.' || c == '-' || c == '~' || c == '_' ? 0 : percent(c, out);
}

void lk_buffer_json_stringn(lk_buffer_t *buffer, const char *text, size_t len)
{
    lk_buffer_putc(buffer, '"');
    put_escaped(buffer, text, len, escape_json);
    lk_buffer_putc(buffer, '"');
}

void lk_buffer_json_string(lk_buffer_t *buffer, const char *text)
{
    if (text == NULL)
        lk_buffer_puts(buffer, "null");
    else
        lk_buffer_json_stringn(buffer, text, strlen(text));
}

void lk_buffer_html(lk_buffer_t *buffer, const char *text)
{
    put_escaped(buffer, text, strlen(text), escape_html);
}

void lk_buffer_form(lk_buffer_t *buffer, const char *text)
{
    put_escaped(buffer, text, strlen(text), escape_form);
}

void lk_buffer_percent(lk_buffer_t *buffer, const char *text)
{
    put_escaped(buffer, text, strlen(text), escape_percent);
}
