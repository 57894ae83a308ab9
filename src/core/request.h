/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_CORE_REQUEST_H
#define LK_CORE_REQUEST_H

#include "core/arena.h"
#include "core/encode.h"
#include "core/error.h"

struct st_lk_app_t;    /* model/app.h */
struct st_lk_reply_t;  /* core/reply.h */
struct st_lk_events_t; /* model/event.h */

#define LK_MAX_PATH_PARAMS 8

typedef struct st_lk_pair_t {
    const char *name, *value;
} lk_pair_t;

/* Decoded name-value pairs in the order of their coming: a query, a form, the headers. */
typedef struct st_lk_pairs_t {
    const lk_pair_t *entries;
    size_t count;
} lk_pairs_t;

/* What a handler knows of a request: a copy that belongs to the request's arena, made before the lane took it. No handler sees h2o.
 */
typedef struct st_lk_request_t {
    lk_arena_t *arena;       /* everything a handler allocates for its answer */
    struct st_lk_app_t *app; /* the process: database, realms, theme, outbound client */
    const char *method;      /* "GET"; HEAD requests come as "GET" */
    const char *path;        /* normalised and decoded, without the base path: "/realms/acme/account" */
    const char *base_url;    /* "https://sso.example/auth": public scheme, host, port and base path, no slash at the end */
    const char *own_url;     /* base_url; the address that the caller used where hostname-backchannel-dynamic says so */
    const char *base_path;   /* "/auth", or "" */
    const char *client_ip;   /* the peer's, or what a trusted proxy said */
    int is_https;            /* public scheme is https */
    int is_secure_context;   /* https, or a loopback host: where browsers take Secure cookies */
    const char *params[LK_MAX_PATH_PARAMS]; /* values of the route's {placeholders}, in order; {realm} first */
    lk_pairs_t query;                       /* of the URL */
    lk_pairs_t form;                        /* of an application/x-www-form-urlencoded body; empty otherwise */
    lk_pairs_t headers;                     /* names in lower case */
    const char *raw_query;                  /* as it came, or "" */
    lk_bytes_t body;                        /* bounded by the edge */
    const char *trace_id;                   /* for the log: W3C trace id taken from traceparent, or made */
    int malformed_form;                     /* the body's encoding was broken: `form` holds what could be read */
    struct st_lk_events_t *events;          /* what is to be told of this request; NULL: nobody listens */
    int may_wait;                           /* on a lane where calls to other servers may be made */
    lk_bytes_t certificate;                 /* DER of the client's, which TLS or a trusted proxy verified; base NULL: none */
    const struct st_lk_binding_t *binding;  /* what tokens that are issued for this request are bound to; NULL: nothing */
    const void *row;                        /* lk_route_t.row: the handler's own table row, where several routes share a handler */
} lk_request_t;

/* The one type of a handler: plain, blocking, straight-line. On failure the edge answers with *err in the route's error format. */
typedef lk_status_t (*lk_handler_t)(const lk_request_t *req, struct st_lk_reply_t *reply, lk_error_t *err);

/* First value of that name, or NULL. */
const char *lk_pairs_get(const lk_pairs_t *pairs, const char *name);
size_t lk_pairs_count(const lk_pairs_t *pairs, const char *name);
/* Form parameter, then query parameter, or NULL. */
const char *lk_request_param(const lk_request_t *req, const char *name);
/* The token of "Authorization: Bearer ..." or "DPoP ..." (RFC 6750 section 2.1, RFC 9449 section 7.1), or NULL. */
const char *lk_request_bearer(const lk_request_t *req);
const char *lk_request_header(const lk_request_t *req, const char *lower_name);
/* Value of a cookie (RFC 6265 section 5.4; surrounding quotes taken off), or NULL. */
const char *lk_request_cookie(const lk_request_t *req, const char *name);
/* Parses "a=1&b=2" (at most 1000 pairs). *ret_malformed is set, never cleared, where an escape is broken. */
lk_pairs_t lk_pairs_parse_form(lk_arena_t *arena, const char *text, size_t len, int *ret_malformed);

#endif
