/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_CORE_BUFFER_H
#define LK_CORE_BUFFER_H

#include <stdarg.h>
#include <stddef.h>

/* A growing byte string in an arena, always NUL-terminated, with a maximum declared at creation. Past the maximum it takes nothing
 * more and remembers that it overflowed; check lk_buffer_t.overflow once, at the end. */
typedef struct st_lk_buffer_t {
    struct st_lk_arena_t *arena;
    char *base;
    size_t len, capacity, max;
    int overflow;
} lk_buffer_t;

void lk_buffer_init(lk_buffer_t *buffer, struct st_lk_arena_t *arena, size_t max);
void lk_buffer_append(lk_buffer_t *buffer, const void *bytes, size_t len);
void lk_buffer_puts(lk_buffer_t *buffer, const char *text);
void lk_buffer_putc(lk_buffer_t *buffer, char c);
void lk_buffer_printf(lk_buffer_t *buffer, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Makes room for `len` more bytes and returns where to write them, or NULL past the maximum; then add to buffer->len. */
char *lk_buffer_reserve(lk_buffer_t *buffer, size_t len);

/* JSON text, escaped (RFC 8259). lk_buffer_json_string writes the quotes too; NULL becomes null. */
void lk_buffer_json_string(lk_buffer_t *buffer, const char *text);
void lk_buffer_json_stringn(lk_buffer_t *buffer, const char *text, size_t len);
/* Text for HTML content and quoted attributes. */
void lk_buffer_html(lk_buffer_t *buffer, const char *text);
/* application/x-www-form-urlencoded, as java.net.URLEncoder writes it: space is +, unreserved are A-Z a-z 0-9 . - * _ */
void lk_buffer_form(lk_buffer_t *buffer, const char *text);
/* RFC 3986 percent-encoding of all but unreserved characters. */
void lk_buffer_percent(lk_buffer_t *buffer, const char *text);

#endif
