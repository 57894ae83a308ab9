/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include "http/edge.h"
#include "model/app.h"
#include "theme/theme.h"

#define UNKNOWN_ERROR "unknown_error"
#define UNKNOWN_TEXT "For more on this error consult the server log."

static const struct {
    int status;
    const char *reason;
} reasons[] = {{200, "OK"},
               {201, "Created"},
               {202, "Accepted"},
               {204, "No Content"},
               {302, "Found"},
               {303, "See Other"},
               {304, "Not Modified"},
               {307, "Temporary Redirect"},
               {400, "Bad Request"},
               {401, "Unauthorized"},
               {403, "Forbidden"},
               {404, "Not Found"},
               {405, "Method Not Allowed"},
               {406, "Not Acceptable"},
               {408, "Request Timeout"},
               {409, "Conflict"},
               {413, "Request Entity Too Large"},
               {414, "Request-URI Too Long"},
               {415, "Unsupported Media Type"},
               {429, "Too Many Requests"},
               {431, "Request Header Fields Too Large"},
               {500, "Internal Server Error"},
               {501, "Not Implemented"},
               {502, "Bad Gateway"},
               {503, "Service Unavailable"},
               {504, "Gateway Timeout"}};

const char *lk_reply_reason(int status)
{
    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); ++i)
        if (reasons[i].status == status)
            return reasons[i].reason;
    return "Unknown";
}

static void default_header(lk_reply_t *reply, const char *name, const char *value)
{
    if (!lk_reply_has_header(reply, name))
        lk_reply_header(reply, name, value);
}

/* 1 where a media type is `type`, whatever its parameters. */
static int is_type(const char *media_type, const char *type)
{
    size_t len = strlen(type);
    return media_type != NULL && strncasecmp(media_type, type, len) == 0 &&
           (media_type[len] == '\0' || strchr("; \t", media_type[len]) != NULL);
}

/* Keycloak chooses by the answer's type, or the request's where the answer has none: JSON cannot be framed, pages carry a policy,
 * too. */
static void add_security_headers(const lk_request_t *req, lk_reply_t *reply)
{
    const char *type = reply->content_type != NULL ? reply->content_type : lk_request_header(req, "content-type");
    int is_page = is_type(type, "text/html") || is_type(type, "application/x-www-form-urlencoded");
    default_header(reply, "referrer-policy", "no-referrer");
    default_header(reply, "strict-transport-security", "max-age=31536000; includeSubDomains");
    default_header(reply, "x-content-type-options", "nosniff");
    default_header(reply, "x-robots-tag", "none");
    if (is_page)
        default_header(reply, "content-security-policy", "frame-src 'self'; frame-ancestors 'self'; object-src 'none';");
    if (is_page || is_type(type, "application/json"))
        default_header(reply, "x-frame-options", "SAMEORIGIN");
}

/* Empty values are a handler's way to say: not this one. */
static void drop_empty_headers(lk_reply_t *reply)
{
    size_t kept = 0;
    for (size_t i = 0; i < reply->num_headers; ++i)
        if (reply->headers[i].value != NULL && *reply->headers[i].value != '\0')
            reply->headers[kept++] = reply->headers[i];
    reply->num_headers = kept;
}

/* What a handler had written before it failed goes, but a script may still read the error, and a challenge is part of it. */
static void clear_reply(lk_reply_t *reply)
{
    static const char *const stays[] = {"access-control-", "www-authenticate", "dpop-nonce", "allow", "retry-after"};
    lk_pair_t kept[LK_MAX_REPLY_HEADERS];
    size_t num_kept = 0;
    for (size_t i = 0; i < reply->num_headers; ++i)
        for (size_t j = 0; j < sizeof(stays) / sizeof(stays[0]); ++j)
            if (strncmp(reply->headers[i].name, stays[j], strlen(stays[j])) == 0) {
                kept[num_kept++] = reply->headers[i];
                break;
            }
    lk_reply_init(reply, reply->arena);
    memcpy(reply->headers, kept, num_kept * sizeof(kept[0]));
    reply->num_headers = num_kept;
}

static void two_strings(lk_reply_t *reply, int status, const char *name, const char *value, const char *text)
{
    lk_reply_text(reply, status, "application/json", "");
    lk_buffer_printf(&reply->body, "{\"%s\":", name);
    lk_buffer_json_string(&reply->body, value);
    if (text != NULL) {
        lk_buffer_puts(&reply->body, ",\"error_description\":");
        lk_buffer_json_string(&reply->body, text);
    }
    lk_buffer_putc(&reply->body, '}');
}

/* "HTTP 404 Not Found" */
static const char *generic_text(lk_reply_t *reply, int status)
{
    return lk_printf(reply->arena, "HTTP %d %s", status, lk_reply_reason(status));
}

static void json_error(lk_reply_t *reply, const lk_error_t *err, int status, int is_admin)
{
    const char *text = err->text[0] != '\0' ? err->text : NULL;
    if (err->kind == LK_INTERNAL && err->code[0] == '\0' && text == NULL)
        two_strings(reply, status, "error", UNKNOWN_ERROR, UNKNOWN_TEXT);
    else if (is_admin && text != NULL &&
             (strcmp(err->code, "errorMessage") == 0 || (err->kind == LK_CONFLICT && err->code[0] == '\0')))
        two_strings(reply, status, "errorMessage", text, NULL);
    else if (is_admin && strcmp(err->code, "=") == 0) /* Keycloak's word for it is the whole text */
        two_strings(reply, status, "error", text, text);
    else if (err->code[0] != '\0')
        two_strings(reply, status, "error", err->code, text);
    else
        two_strings(reply, status, "error", text != NULL ? text : generic_text(reply, status), NULL);
}

/* The theme's page for errors; a text that is one word is a key of its messages. */
static void page_error(const lk_request_t *req, lk_reply_t *reply, const lk_error_t *err, int status)
{
    const char *text = err->kind == LK_INTERNAL || err->text[0] == '\0' ? "internalServerError" : err->text;
    json_t *shown = strchr(text, ' ') != NULL ? json_string(text) : json_pack("{s:s}", "key", text);
    const char *version = req->app != NULL ? req->app->theme_version : "0";
    const char *resources = lk_printf(reply->arena, "%s/resources/%s/login/base", req->base_path, version);
    lk_reply_page(reply, status, "error",
                  json_pack("{s:{s:s}, s:{s:s, s:o}, s:s*}", "url", "resourcesPath", resources, "message", "type", "error", "text",
                            shown, "traceId", req->trace_id));
}

static void write_error(const lk_route_t *route, const lk_request_t *req, const lk_error_t *err, lk_reply_t *reply)
{
    int status = lk_error_http_status(err);
    clear_reply(reply);
    if (status == 503)
        default_header(reply, "retry-after", "1");
    if (route->errors == LK_ERRORS_PAGE && err->kind != LK_NOT_FOUND && status != 405)
        page_error(req, reply, err, status);
    else if (route->errors == LK_ERRORS_PLAIN)
        lk_reply_text(reply, status, "text/plain; charset=utf-8", err->text);
    else
        json_error(reply, err, status, route->errors == LK_ERRORS_ADMIN);
}

/* Where there is no theme, or it fails: enough to read. */
static void bare_page(lk_reply_t *reply, const char *text)
{
    lk_buffer_init(&reply->body, reply->arena, LK_MAX_REPLY_BODY);
    lk_buffer_puts(&reply->body, "<!DOCTYPE html>\n<html lang=\"en\"><head><title>Latchkey</title></head><body><h1>");
    lk_buffer_html(&reply->body, text);
    lk_buffer_puts(&reply->body, "</h1></body></html>\n");
}

static void render_page(const lk_server_options_t *options, lk_reply_t *reply, lk_error_t *err)
{
    const char *locale = reply->page_locale != NULL ? reply->page_locale : "en";
    lk_status_t status = LK_OK;
    lk_buffer_init(&reply->body, reply->arena, LK_MAX_REPLY_BODY);
    if (options->themes != NULL)
        status = lk_theme_render(options->themes, reply->page_theme, reply->page, reply->page_model, locale, &reply->body, err);
    if (status != LK_OK)
        reply->status = 500;
    if (status != LK_OK || options->themes == NULL)
        bare_page(reply, reply->status < 400 ? reply->page : lk_reply_reason(reply->status));
    default_header(reply, "content-language", locale);
}

void lk_reply_finish(const lk_route_t *route, const lk_server_options_t *options, const lk_request_t *req, lk_status_t status,
                     lk_error_t *err, lk_reply_t *reply)
{
    if (status != LK_OK)
        write_error(route, req, err, reply);
    if (reply->page != NULL)
        render_page(options, reply, err);
    if (reply->body.overflow) {
        lk_fail(err, LK_INTERNAL, NULL, NULL);
        lk_error_detail(err, "the answer is too large");
        reply->page = NULL;
        write_error(route, req, err, reply);
    }
    if ((route->flags & LK_ROUTE_NO_STORE) != 0 && reply->status != 500 && reply->status != 404) {
        default_header(reply, "cache-control", "no-store");
        default_header(reply, "pragma", "no-cache");
    }
    if ((route->flags & LK_ROUTE_NOT_RESOURCE) == 0)
        add_security_headers(req, reply);
    drop_empty_headers(reply);
}
