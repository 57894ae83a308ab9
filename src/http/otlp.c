/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "config.h"
#include "http/otlp.h"

#include <string.h>

/* The little of protobuf's encoding that spans need: varints, 64 bits, bytes, and messages within messages. */

enum { VARINT = 0, FIXED64 = 1, BYTES = 2 };
#define MAX_SPAN 4096

static void put_varint(lk_buffer_t *to, uint64_t value)
{
    for (; value > 0x7f; value >>= 7)
        lk_buffer_putc(to, (char)(0x80 | (value & 0x7f)));
    lk_buffer_putc(to, (char)value);
}

static void put_number(lk_buffer_t *to, unsigned field, uint64_t value)
{
    put_varint(to, field << 3 | VARINT);
    put_varint(to, value);
}

static void put_time(lk_buffer_t *to, unsigned field, int64_t us)
{
    uint64_t ns = (uint64_t)us * 1000;
    put_varint(to, field << 3 | FIXED64);
    for (int i = 0; i != 8; ++i, ns >>= 8)
        lk_buffer_putc(to, (char)(ns & 0xff));
}

static void put_bytes(lk_buffer_t *to, unsigned field, const void *bytes, size_t len)
{
    put_varint(to, field << 3 | BYTES);
    put_varint(to, len);
    lk_buffer_append(to, bytes, len);
}

static void put_text(lk_buffer_t *to, unsigned field, const char *text)
{
    put_bytes(to, field, text, strlen(text));
}

static void put_message(lk_buffer_t *to, unsigned field, const lk_buffer_t *message)
{
    put_bytes(to, field, message->base, message->len);
}

static void put_id(lk_buffer_t *to, unsigned field, const char *hex)
{
    unsigned char bytes[16];
    size_t len = strlen(hex) / 2;
    for (size_t i = 0; i != len; ++i) {
        const char *digits = "0123456789abcdef";
        bytes[i] = (unsigned char)((strchr(digits, hex[2 * i]) - digits) << 4 | (strchr(digits, hex[2 * i + 1]) - digits));
    }
    put_bytes(to, field, bytes, len);
}

/* KeyValue: key 1, value 2; AnyValue: string_value 1, int_value 3. */
static void put_attribute(lk_arena_t *arena, lk_buffer_t *to, unsigned field, const char *key, const char *text, int64_t number)
{
    lk_buffer_t value, pair;
    lk_buffer_init(&value, arena, MAX_SPAN);
    lk_buffer_init(&pair, arena, MAX_SPAN);
    if (text != NULL)
        put_text(&value, 1, text);
    else
        put_number(&value, 3, (uint64_t)number);
    put_text(&pair, 1, key);
    put_message(&pair, 2, &value);
    put_message(to, field, &pair);
}

static void put_resource(lk_arena_t *arena, lk_buffer_t *to, const lk_spans_options_t *options)
{
    lk_buffer_t resource;
    lk_buffer_init(&resource, arena, 2 * MAX_SPAN);
    put_attribute(arena, &resource, 1, "service.name", options->service_name, 0);
    put_attribute(arena, &resource, 1, "service.version", PACKAGE_VERSION, 0);
    for (const char *at = options->resource_attributes; at != NULL && *(at += strspn(at, ", ")) != '\0';) {
        size_t len = strcspn(at, ","), key = strcspn(at, "=");
        if (key < len)
            put_attribute(arena, &resource, 1, lk_strndup(arena, at, key), lk_strndup(arena, at + key + 1, len - key - 1), 0);
        at += len;
    }
    put_message(to, 1, &resource);
}

/* Span: trace_id 1, span_id 2, parent_span_id 4, name 5, kind 6 (server 2), start 7, end 8, attributes 9, status 15. */
static void put_span(lk_arena_t *arena, lk_buffer_t *to, const lk_span_t *span)
{
    lk_buffer_t message, status;
    lk_buffer_init(&message, arena, MAX_SPAN);
    lk_buffer_init(&status, arena, 16);
    put_id(&message, 1, span->trace.trace_id);
    put_id(&message, 2, span->trace.span_id);
    if (*span->trace.parent_id != '\0')
        put_id(&message, 4, span->trace.parent_id);
    put_text(&message, 5, lk_printf(arena, "%s %s", span->method, span->route));
    put_number(&message, 6, 2);
    put_time(&message, 7, span->begun_us);
    put_time(&message, 8, span->ended_us);
    put_attribute(arena, &message, 9, "http.request.method", span->method, 0);
    put_attribute(arena, &message, 9, "http.route", span->route, 0);
    put_attribute(arena, &message, 9, "http.response.status_code", NULL, span->status);
    put_attribute(arena, &message, 9, "client.address", span->client_ip, 0);
    if (span->status >= 500) {
        put_number(&status, 3, 2);
        put_message(&message, 15, &status);
    }
    put_message(to, 2, &message);
}

void lk_otlp_write(lk_arena_t *arena, lk_buffer_t *message, const lk_spans_options_t *options, const lk_span_t *spans, size_t count)
{
    lk_buffer_t of_resource, of_scope, scope;
    lk_buffer_init(&of_resource, arena, (count + 4) * MAX_SPAN);
    lk_buffer_init(&of_scope, arena, (count + 4) * MAX_SPAN);
    lk_buffer_init(&scope, arena, 64);
    put_resource(arena, &of_resource, options);
    put_text(&scope, 1, "latchkey");
    put_message(&of_scope, 1, &scope);
    for (size_t i = 0; i != count; ++i)
        put_span(arena, &of_scope, &spans[i]);
    put_message(&of_resource, 2, &of_scope);
    put_message(message, 1, &of_resource);
}
