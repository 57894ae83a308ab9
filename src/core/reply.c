/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/json.h"
#include "core/reply.h"
#include "core/request.h"

void lk_reply_init(lk_reply_t *reply, lk_arena_t *arena)
{
    memset(reply, 0, sizeof(*reply));
    reply->arena = arena;
    reply->status = 200;
    lk_buffer_init(&reply->body, arena, LK_MAX_REPLY_BODY);
}

void lk_reply_header(lk_reply_t *reply, const char *lower_name, const char *value)
{
    if (reply->num_headers != LK_MAX_REPLY_HEADERS)
        reply->headers[reply->num_headers++] = (lk_pair_t){lower_name, value};
}

int lk_reply_has_header(const lk_reply_t *reply, const char *lower_name)
{
    size_t i = 0;
    while (i != reply->num_headers && strcmp(reply->headers[i].name, lower_name) != 0)
        ++i;
    return i != reply->num_headers;
}

void lk_reply_set_header(lk_reply_t *reply, const char *lower_name, const char *value)
{
    for (size_t i = 0; i != reply->num_headers; ++i)
        if (strcmp(reply->headers[i].name, lower_name) == 0) {
            reply->headers[i].value = value;
            return;
        }
    lk_reply_header(reply, lower_name, value);
}

void lk_reply_json(lk_reply_t *reply, int status, json_t *value)
{
    lk_json_own(reply->arena, value);
    lk_reply_text(reply, status, "application/json", lk_json_text(reply->arena, value));
}

void lk_reply_text(lk_reply_t *reply, int status, const char *content_type, const char *text)
{
    reply->status = status;
    reply->content_type = content_type;
    lk_buffer_init(&reply->body, reply->arena, LK_MAX_REPLY_BODY);
    lk_buffer_puts(&reply->body, text);
}

int lk_reply_unchanged(const lk_request_t *req, const char *etag, lk_reply_t *reply)
{
    const char *known = lk_request_header(req, "if-none-match");
    lk_reply_header(reply, "etag", etag);
    if (known == NULL || (strcmp(known, "*") != 0 && strstr(known, etag) == NULL))
        return 0;
    reply->status = 304;
    return 1;
}

void lk_reply_redirect(lk_reply_t *reply, int status, const char *location)
{
    reply->status = status;
    lk_reply_set_header(reply, "location", location);
}

void lk_reply_page(lk_reply_t *reply, int status, const char *template_name, json_t *model)
{
    reply->status = status;
    reply->content_type = "text/html; charset=utf-8";
    reply->page = template_name;
    reply->page_model = lk_json_own(reply->arena, model);
}

void lk_reply_cookie(lk_reply_t *reply, const lk_cookie_t *cookie)
{
    lk_buffer_t text;
    lk_buffer_init(&text, reply->arena, 65536);
    lk_buffer_printf(&text, "%s=%s;Version=1;Path=%s", cookie->name, cookie->value, cookie->path);
    if (cookie->max_age >= 0)
        lk_buffer_printf(&text, ";Max-Age=%ld", cookie->max_age);
    if (cookie->max_age != 0)
        lk_buffer_printf(&text, "%s%s", cookie->secure ? ";Secure" : "", cookie->http_only ? ";HttpOnly" : "");
    if (cookie->max_age != 0)
        lk_buffer_printf(&text, ";SameSite=%s", cookie->secure ? "None" : "Lax");
    lk_reply_header(reply, "set-cookie", text.base);
}
