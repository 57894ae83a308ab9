/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_CORE_REPLY_H
#define LK_CORE_REPLY_H

#include <jansson.h>
#include "core/buffer.h"
#include "core/request.h"

#define LK_MAX_REPLY_HEADERS 48
#define LK_MAX_REPLY_BODY (64 * 1024 * 1024)

struct st_lk_reply_t;
/* Makes the next part of an answer in place of the one before it, which has been sent, and sets reply->more to NULL with the last.
 */
typedef lk_status_t (*lk_reply_more_t)(struct st_lk_reply_t *reply, lk_error_t *err);

/* What a handler answers. Lives in the request's arena. A page is named, with its model; the edge renders it through the theme.
 *
 * A long answer is sent while it is made: the handler puts its first part into the body, and `more` makes the others, each when the
 * client has taken the one before. No thread and no connection to the database waits for the client meanwhile. */
typedef struct st_lk_reply_t {
    lk_arena_t *arena;
    int status;
    lk_pair_t headers[LK_MAX_REPLY_HEADERS];
    size_t num_headers;
    lk_buffer_t body;
    const char *content_type; /* NULL where there is no body */
    lk_reply_more_t more;     /* NULL: the body is whole */
    void *rest;               /* for `more`, in the arena */
    const char *page;         /* template's name ("login"), or NULL */
    json_t *page_model;       /* owned by the arena */
    const char *page_theme;   /* theme's name, or NULL for the default */
    const char *page_locale;  /* "en" */
} lk_reply_t;

void lk_reply_init(lk_reply_t *reply, lk_arena_t *arena);
/* Adds a header; `value` must live as long as the arena. Set-Cookie may come several times. */
void lk_reply_header(lk_reply_t *reply, const char *lower_name, const char *value);
int lk_reply_has_header(const lk_reply_t *reply, const char *lower_name);
/* Replaces a header of that name, or adds it. */
void lk_reply_set_header(lk_reply_t *reply, const char *lower_name, const char *value);
/* Adds the header ETag (quoted); 1 where the caller has that already and the reply is 304 (RFC 9110 section 13.1.2). */
int lk_reply_unchanged(const struct st_lk_request_t *req, const char *etag, lk_reply_t *reply);
/* Status and JSON body; takes over the reference to `value`. */
void lk_reply_json(lk_reply_t *reply, int status, json_t *value);
/* Status and text of any type. */
void lk_reply_text(lk_reply_t *reply, int status, const char *content_type, const char *text);
void lk_reply_redirect(lk_reply_t *reply, int status, const char *location);
/* A themed page; takes over the reference to `model`. */
void lk_reply_page(lk_reply_t *reply, int status, const char *template_name, json_t *model);

/* A cookie as Keycloak writes it: NAME=VALUE;Version=1;Path=...;Max-Age=...;Secure;HttpOnly;SameSite=None */
typedef struct st_lk_cookie_t {
    const char *name, *value, *path;
    long max_age; /* seconds; -1: a session cookie; 0: delete */
    int http_only;
    int secure; /* Secure;SameSite=None where set, SameSite=Lax otherwise; deletions carry neither */
} lk_cookie_t;
void lk_reply_cookie(lk_reply_t *reply, const lk_cookie_t *cookie);

#endif
