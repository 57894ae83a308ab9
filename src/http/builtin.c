/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "http/edge.h"

/* Answers that belong to no room: the words are those of Keycloak and of the HTTP server below it. */

/* A row, and the answer where it is always the same. */
typedef struct st_fixed_t {
    lk_route_t route;
    int status;
    const char *content_type, *body;
} fixed_t;

static lk_status_t handle_fixed(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    const fixed_t *fixed = (const fixed_t *)lk_exchange_of(req)->route;
    (void)err;
    reply->status = fixed->status;
    if (fixed->body != NULL)
        lk_reply_text(reply, fixed->status, fixed->content_type, fixed->body);
    return LK_OK;
}

static lk_status_t handle_no_method(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    lk_reply_set_header(reply, "allow", lk_methods_text(req->arena, lk_exchange_of(req)->match.allowed | LK_OPTIONS));
    return lk_fail_http(err, LK_INVALID, 405, NULL, NULL);
}

static lk_status_t handle_options(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    const lk_match_t *match = &lk_exchange_of(req)->match;
    const char *origin = lk_request_header(req, "origin");
    (void)err;
    reply->status = 200;
    if (match->cors == NULL) {
        lk_reply_header(reply, "allow", lk_methods_text(req->arena, match->allowed | LK_OPTIONS));
    } else if (origin != NULL) {
        lk_reply_header(reply, "access-control-allow-origin", origin);
        lk_reply_header(reply, "access-control-allow-methods", match->cors);
        lk_reply_header(reply, "access-control-allow-credentials", "true");
        lk_reply_header(reply, "access-control-allow-headers",
                        "Origin, Access-Control-Request-Method, X-Requested-With, Accept, Access-Control-Request-Headers, DPoP, "
                        "Content-Type, Authorization");
        lk_reply_header(reply, "access-control-max-age", "3600");
    }
    return LK_OK;
}

static lk_status_t handle_to_base(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    const char *base = lk_exchange_of(req)->site->base_path;
    (void)err;
    lk_reply_text(reply, 302, "text/plain; charset=utf-8", lk_printf(req->arena, "Redirecting to %s.", base));
    lk_reply_header(reply, "location", base);
    return LK_OK;
}

static lk_status_t handle_to_slash(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    (void)err;
    lk_reply_redirect(reply, 303, lk_printf(req->arena, "%s/", req->base_url));
    return LK_OK;
}

static lk_status_t handle_large_body(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    (void)req;
    (void)reply;
    return lk_fail_http(err, LK_INVALID, 413, NULL, NULL);
}

/* `label` stands for the path in metrics. */
#define ROW(label, handle, errors, flags)                                                                                          \
    {                                                                                                                              \
        LK_OTHER_METHOD * 2 - 1, label, handle, LK_LANE_LOOP, errors, flags, NULL                                                  \
    }
#define JSON_UTF8 "application/json; charset=UTF-8"

static const fixed_t builtins[LK_NUM_BUILTINS] = {
    [LK_BUILTIN_NO_PATH] = {ROW("NOT_FOUND", handle_fixed, LK_ERRORS_ADMIN, LK_ROUTE_NOT_RESOURCE), 404, "application/json",
                            "{\"error\":\"Unable to find matching target resource method\"}"},
    [LK_BUILTIN_NO_RESOURCE] = {ROW("NOT_FOUND", handle_fixed, LK_ERRORS_ADMIN, 0), 404, "application/json",
                                "{\"error\":\"HTTP 404 Not Found\"}"},
    [LK_BUILTIN_NO_METHOD] = {.route = ROW("METHOD_NOT_ALLOWED", handle_no_method, LK_ERRORS_ADMIN, 0)},
    [LK_BUILTIN_OPTIONS] = {.route = ROW("OPTIONS", handle_options, LK_ERRORS_ADMIN, 0)},
    [LK_BUILTIN_TO_BASE] = {.route = ROW("REDIRECTION", handle_to_base, LK_ERRORS_PLAIN, LK_ROUTE_NOT_RESOURCE)},
    [LK_BUILTIN_TO_SLASH] = {.route = ROW("REDIRECTION", handle_to_slash, LK_ERRORS_PLAIN, 0)},
    [LK_BUILTIN_OUTSIDE] = {ROW("NOT_FOUND", handle_fixed, LK_ERRORS_PLAIN, LK_ROUTE_NOT_RESOURCE), 404, "text/html; charset=utf-8",
                            "<html><body><h1>Resource not found</h1></body></html>"},
    [LK_BUILTIN_NOT_NORMALIZED] = {ROW("BAD_REQUEST", handle_fixed, LK_ERRORS_ADMIN, LK_ROUTE_NOT_RESOURCE), 400, JSON_UTF8,
                                   "{\"error\":\"missingNormalization\",\"error_description\":\"Request path not normalized\"}"},
    [LK_BUILTIN_BAD_CHARACTER] =
        {ROW("BAD_REQUEST", handle_fixed, LK_ERRORS_ADMIN, LK_ROUTE_NOT_RESOURCE), 400, JSON_UTF8,
         "{\"error\":\"invalidCharacter\",\"error_description\":\"Request path contains invalid character ';'\"}"},
    [LK_BUILTIN_BAD_REQUEST] = {ROW("BAD_REQUEST", handle_fixed, LK_ERRORS_PLAIN, LK_ROUTE_NOT_RESOURCE), 400, NULL, NULL},
    [LK_BUILTIN_LARGE_HEADERS] = {ROW("BAD_REQUEST", handle_fixed, LK_ERRORS_PLAIN, LK_ROUTE_NOT_RESOURCE), 431, NULL, NULL},
    [LK_BUILTIN_LARGE_BODY] = {.route = ROW("BAD_REQUEST", handle_large_body, LK_ERRORS_ADMIN, 0)},
};

const lk_route_t *lk_builtin_route(lk_builtin_t which)
{
    return &builtins[which].route;
}
