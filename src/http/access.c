/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include "core/log.h"
#include "core/time.h"
#include "http/edge.h"

#define LOG_CATEGORY "latchkey.http.access"
#define MAX_LINE 8192

static const struct {
    const char *name, *pattern;
} named_patterns[] = {{"common", "%h %l %u %t \"%r\" %s %b"},
                      {"combined", "%h %l %u %t \"%r\" %s %b \"%{i,Referer}\" \"%{i,User-Agent}\""},
                      {"long", "%r %s %b %D ms, client %h, trace %{trace}"}};

/* Names of query parameters that carry, or may carry, what must not be in a log. */
static const char *const secret_parts[] = {"token", "code",  "secret", "password", "assertion", "hint", "state",   "data",
                                           "key",   "nonce", "saml",   "request",  "username",  "otp",  "session", "execution"};

static int is_secret_name(const char *name, size_t len)
{
    for (size_t i = 0; i < sizeof(secret_parts) / sizeof(secret_parts[0]); ++i)
        for (size_t at = 0, part = strlen(secret_parts[i]); at + part <= len; ++at)
            if (strncasecmp(name + at, secret_parts[i], part) == 0)
                return 1;
    return memchr(name, '%', len) != NULL; /* spelt to be overlooked */
}

const char *lk_access_mask_query(lk_arena_t *arena, const char *query)
{
    lk_buffer_t text;
    lk_buffer_init(&text, arena, MAX_LINE);
    lk_buffer_puts(&text, "");
    while (*query != '\0') {
        size_t len = strcspn(query, "&"), name = strcspn(query, "=&");
        if (name < len && is_secret_name(query, name)) {
            lk_buffer_append(&text, query, name);
            lk_buffer_puts(&text, "=...");
        } else {
            lk_buffer_append(&text, query, len);
        }
        query += len;
        if (*query == '&') {
            lk_buffer_putc(&text, '&');
            ++query;
        }
    }
    return text.base;
}

/* Nobody writes a line of his own into the log. */
static void put_safe(lk_buffer_t *line, const char *text)
{
    for (; text != NULL && *text != '\0'; ++text)
        if ((unsigned char)*text < 0x20 || *text == 0x7f || *text == '"' || *text == '\\')
            lk_buffer_printf(line, "\\x%02x", (unsigned char)*text);
        else
            lk_buffer_putc(line, *text);
}

static void put_request(lk_buffer_t *line, const lk_exchange_t *exchange)
{
    const lk_request_t *request = &exchange->request;
    put_safe(line, exchange->is_head ? "HEAD" : request->method);
    lk_buffer_putc(line, ' ');
    put_safe(line, exchange->raw_path);
    if (*request->raw_query != '\0') {
        lk_buffer_putc(line, '?');
        put_safe(line, lk_access_mask_query(request->arena, request->raw_query));
    }
    lk_buffer_puts(line, exchange->h2o->version >= 0x200 ? " HTTP/2" : exchange->h2o->version == 0x100 ? " HTTP/1.0" : " HTTP/1.1");
}

static void put_time(lk_buffer_t *line)
{
    char text[64];
    struct tm local;
    time_t now = (time_t)lk_now();
    localtime_r(&now, &local);
    strftime(text, sizeof(text), "[%d/%b/%Y:%H:%M:%S %z]", &local);
    lk_buffer_puts(line, text);
}

/* "%{i,Name}" is a header of the request, but for those that authenticate. */
static void put_header(lk_buffer_t *line, const lk_exchange_t *exchange, const char *name, size_t len)
{
    char *lower = lk_strndup(exchange->request.arena, name, len);
    for (char *at = lower; *at != '\0'; ++at)
        *at = (char)(*at >= 'A' && *at <= 'Z' ? *at + 32 : *at);
    int is_secret = strcmp(lower, "authorization") == 0 || strcmp(lower, "cookie") == 0 || strstr(lower, "token") != NULL;
    const char *value = is_secret ? "..." : lk_request_header(&exchange->request, lower);
    if (value != NULL && strcmp(lower, "referer") == 0 && strchr(value, '?') != NULL)
        value = lk_strndup(exchange->request.arena, value, strcspn(value, "?"));
    put_safe(line, value != NULL ? value : "-");
}

/* One "%x"; returns what follows it. */
static const char *put_field(lk_buffer_t *line, const lk_exchange_t *exchange, const char *at, size_t bytes_sent)
{
    int64_t duration_us = lk_ticks_us() - exchange->started_us;
    switch (*at) {
    case 'h':
    case 'a':
        put_safe(line, exchange->request.client_ip);
        break;
    case 't':
        put_time(line);
        break;
    case 'r':
        put_request(line, exchange);
        break;
    case 'm':
        put_safe(line, exchange->is_head ? "HEAD" : exchange->request.method);
        break;
    case 'U':
        put_safe(line, exchange->raw_path);
        break;
    case 's':
        lk_buffer_printf(line, "%d", exchange->reply.status);
        break;
    case 'b':
        if (bytes_sent == 0)
            lk_buffer_putc(line, '-');
        else
            lk_buffer_printf(line, "%zu", bytes_sent);
        break;
    case 'B':
        lk_buffer_printf(line, "%zu", bytes_sent);
        break;
    case 'D':
        lk_buffer_printf(line, "%lld", (long long)(duration_us / 1000));
        break;
    case 'T':
        lk_buffer_printf(line, "%.3f", (double)duration_us / 1e6);
        break;
    case '%':
        lk_buffer_putc(line, '%');
        break;
    case '{': {
        size_t len = strcspn(at, "}");
        if (strncmp(at, "{i,", 3) == 0)
            put_header(line, exchange, at + 3, len - 3);
        else if (strncmp(at, "{trace}", 7) == 0)
            lk_buffer_puts(line, exchange->request.trace_id);
        return at + len + (at[len] == '}');
    }
    default: /* %l, %u and what we do not know */
        lk_buffer_putc(line, '-');
        break;
    }
    return at + (*at != '\0');
}

void lk_access_log(const lk_exchange_t *exchange, size_t bytes_sent)
{
    const lk_server_t *server = exchange->loop->server;
    lk_buffer_t line;
    if (!server->options.access_log || exchange->site->is_management || !lk_log_enabled(LK_LOG_INFO))
        return;
    if (server->access_exclude != NULL && regexec(server->access_exclude, exchange->raw_path, 0, NULL, 0) == 0)
        return;
    lk_buffer_init(&line, exchange->request.arena, MAX_LINE);
    for (const char *at = server->access_pattern; *at != '\0';) {
        size_t plain = strcspn(at, "%");
        lk_buffer_append(&line, at, plain);
        at += plain;
        if (*at == '%')
            at = put_field(&line, exchange, at + 1, bytes_sent);
    }
    lk_log(LK_LOG_INFO, LOG_CATEGORY, exchange->request.trace_id, "%s", line.len != 0 ? line.base : "");
}

lk_status_t lk_access_init(lk_server_t *server, lk_error_t *err)
{
    const char *pattern = server->options.access_log_pattern, *exclude = server->options.access_log_exclude;
    server->access_pattern = pattern != NULL ? pattern : "common";
    for (size_t i = 0; i < sizeof(named_patterns) / sizeof(named_patterns[0]); ++i)
        if (strcmp(server->access_pattern, named_patterns[i].name) == 0)
            server->access_pattern = named_patterns[i].pattern;
    if (exclude == NULL || *exclude == '\0')
        return LK_OK;
    regex_t *compiled = LK_NEW(server->arena, regex_t);
    if (regcomp(compiled, exclude, REG_EXTENDED | REG_NOSUB) != 0)
        return lk_fail(err, LK_INVALID, NULL, "http-access-log-exclude: \"%s\" is not a regular expression", exclude);
    server->access_exclude = compiled;
    return LK_OK;
}

void lk_access_dispose(lk_server_t *server)
{
    if (server->access_exclude != NULL)
        regfree(server->access_exclude);
}
