/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "cli/request.h"

#include <stdarg.h>
#include <string.h>
#include <strings.h>

#define CALL_TIMEOUT_MS (10 * 60 * 1000) /* an import of a large realm takes its time */

static int is_below(const char *uri, const char *what)
{
    size_t len = strlen(what);
    return strncmp(uri, what, len) == 0 && (uri[len] == '\0' || uri[len] == '/' || uri[len] == '?');
}

const char *lk_url_of(lk_cli_t *cli, const char *uri)
{
    const lk_session_t *session = cli->session;
    if (strncmp(uri, "http://", 7) == 0 || strncmp(uri, "https://", 8) == 0)
        return uri;
    if (is_below(uri, "realms") || is_below(uri, "serverinfo"))
        return lk_printf(cli->arena, "%s/%s", session->root, uri);
    return lk_printf(cli->arena, "%s/realms/%s/%s", session->root, session->target, uri);
}

const char *lk_url_realm(lk_cli_t *cli, const char *format, ...)
{
    lk_buffer_t url;
    va_list args;
    lk_buffer_init(&url, cli->arena, 64 * 1024);
    lk_buffer_puts(&url, cli->session->root);
    lk_buffer_puts(&url, "/realms/");
    lk_buffer_percent(&url, cli->session->target);
    va_start(args, format);
    for (; *format != '\0'; ++format) {
        if (format[0] == '%' && format[1] == 's')
            lk_buffer_percent(&url, va_arg(args, const char *)), ++format;
        else
            lk_buffer_putc(&url, *format);
    }
    va_end(args);
    return url.base;
}

const char *lk_head_value(lk_arena_t *arena, const char *head, const char *name)
{
    size_t len = strlen(name);
    for (const char *line = head; line != NULL && *line != '\0'; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncasecmp(line, name, len) == 0 && line[len] == ':') {
            line += len + 1 + strspn(line + len + 1, " \t");
            return lk_strndup(arena, line, strcspn(line, "\r\n"));
        }
    }
    return NULL;
}

/* "HTTP/1.1 404 Not Found" without the protocol. */
static const char *status_words(lk_cli_t *cli, const lk_fetched_t *fetched)
{
    const char *head = fetched->head + strcspn(fetched->head, " \r\n");
    return lk_strndup(cli->arena, head + (*head == ' '), strcspn(head + (*head == ' '), "\r\n"));
}

lk_status_t lk_answer_refused(lk_cli_t *cli, const char *url, const lk_fetched_t *fetched)
{
    json_t *body = NULL;
    lk_status_t kind = fetched->status == 404 ? LK_NOT_FOUND : fetched->status == 409 ? LK_CONFLICT : LK_DENIED;
    if (fetched->status == 404 && url != NULL)
        return lk_fail(&cli->err, kind, NULL, "Resource not found for url: %s", url);
    if (strcmp(fetched->content_type, "application/json") == 0)
        lk_json_parse(cli->arena, (const char *)fetched->body.base, fetched->body.len, &body, NULL);
    const char *message = lk_json_str(body, "errorMessage", NULL), *error = lk_json_str(body, "error", NULL),
               *description = lk_json_str(body, "error_description", NULL);
    if (message != NULL)
        return lk_fail(&cli->err, kind, NULL, "%s", message);
    if (description != NULL && error != NULL)
        return lk_fail(&cli->err, kind, NULL, "%s [%s]", description, error);
    if (error != NULL)
        return lk_fail(&cli->err, kind, NULL, "%s", error);
    return lk_fail(&cli->err, kind, NULL, "HTTP error - %s", status_words(cli, fetched));
}

/* Without the empty parts of its path, which servers refuse. */
static const char *normal_url(lk_arena_t *arena, const char *url)
{
    char *copy = lk_strdup(arena, url), *from = strstr(copy, "://"), *to;
    if (from == NULL)
        return url;
    for (from += 3, to = from; *from != '\0'; ++from)
        if (*from == '?')
            break;
        else if (from[0] != '/' || from[1] != '/')
            *to++ = *from;
    memmove(to, from, strlen(from) + 1);
    return copy;
}

lk_status_t lk_call(lk_cli_t *cli, const lk_call_t *call, lk_fetched_t *ret_fetched)
{
    const lk_session_t *session = cli->session;
    lk_fetch_t fetch = {.url = normal_url(cli->arena, call->url),
                        .method = call->method,
                        .bytes = call->body,
                        .lines = call->lines,
                        .unchecked = session->unchecked,
                        .timeout_ms = CALL_TIMEOUT_MS,
                        .max_bytes = LK_CLI_MAX_BODY};
    if (session->token != NULL)
        fetch.authorization = lk_printf(cli->arena, "Bearer %s", session->token);
    if (lk_fetch(cli->arena, &fetch, ret_fetched, &cli->err) != LK_OK)
        return lk_fail(&cli->err, LK_UNAVAILABLE, NULL, "Failed to send request - %s", lk_strdup(cli->arena, cli->err.detail));
    if (!call->accepts_all && ret_fetched->status >= 300)
        return lk_answer_refused(cli, call->plain ? NULL : call->url, ret_fetched);
    return LK_OK;
}

json_t *lk_call_get(lk_cli_t *cli, const char *url)
{
    lk_fetched_t fetched;
    json_t *value = NULL;
    if (lk_call(cli, &(lk_call_t){.method = "GET", .url = url}, &fetched) != LK_OK ||
        lk_json_parse(cli->arena, (const char *)fetched.body.base, fetched.body.len, &value, &cli->err) != LK_OK)
        return NULL;
    return value;
}

lk_status_t lk_call_send(lk_cli_t *cli, const char *method, const char *url, const json_t *body, const char **ret_location)
{
    static const char *const lines[] = {"Content-Type: application/json", NULL};
    lk_fetched_t fetched;
    const char *text = body != NULL ? lk_json_text(cli->arena, body) : NULL;
    lk_bytes_t bytes = {(const unsigned char *)text, text != NULL ? strlen(text) : 0};
    lk_call_t call = {.method = method, .url = url, .body = body != NULL ? &bytes : NULL, .lines = body != NULL ? lines : NULL};
    if (lk_call(cli, &call, &fetched) != LK_OK)
        return cli->err.kind;
    if (ret_location != NULL) {
        const char *location = lk_head_value(cli->arena, fetched.head, "Location");
        *ret_location = location != NULL ? strrchr(location, '/') + 1 : NULL;
    }
    return LK_OK;
}
