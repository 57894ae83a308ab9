/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_HTTP_ROUTES_H
#define LK_HTTP_ROUTES_H

#include "core/reply.h"
#include "core/request.h"

/* Methods of a route, a bit each. HEAD is answered wherever GET is. */
enum { LK_GET = 1, LK_POST = 2, LK_PUT = 4, LK_DELETE = 8, LK_PATCH = 16, LK_OPTIONS = 32, LK_OTHER_METHOD = 64 };

/* Who runs the handler. */
typedef enum en_lk_lane_id_t {
    LK_LANE_QUICK,    /* database and signatures */
    LK_LANE_HASH,     /* password hashing */
    LK_LANE_OUTBOUND, /* calls to clients: logout */
    LK_LANE_BROKER,   /* calls to identity providers, which may be slow: many threads, nearly all of which wait */
    LK_LANE_MANAGE,   /* health and metrics */
    LK_NUM_LANES,
    LK_LANE_LOOP, /* the event loop itself: for what neither blocks nor computes */
    LK_LANE_GRANT /* by grant_type of the form: password and what else hashes to LK_LANE_HASH, else LK_LANE_QUICK */
} lk_lane_id_t;

/* How a handler's error is written. */
typedef enum en_lk_error_format_t {
    /* {"error":text}; {"errorMessage":text} where the kind is LK_CONFLICT or err->code is "errorMessage"; with any other code as
       OAuth */
    LK_ERRORS_ADMIN,
    LK_ERRORS_OAUTH, /* {"error":code,"error_description":text}; {"error":text} without a code */
    LK_ERRORS_PAGE,  /* the theme's error page; but JSON for LK_NOT_FOUND, as an unknown realm answers */
    LK_ERRORS_PLAIN  /* text/plain */
} lk_error_format_t;

enum {
    LK_ROUTE_LARGE_BODY = 1,   /* body up to lk_server_options_t.max_large_body */
    LK_ROUTE_NO_STORE = 2,     /* Cache-Control: no-store and Pragma: no-cache on each answer that does not say otherwise */
    LK_ROUTE_NOT_RESOURCE = 4, /* none of the security headers that Keycloak's resources carry */
    LK_ROUTE_AWAITED = 8       /* waits a while for a server that is starting, instead of 503: what others fetch once and keep */
};

/* One row of the table in routes.c. */
typedef struct st_lk_route_t {
    unsigned methods;
    /* Below the base path. "{name}" matches one segment and becomes the next of req->params; "{name*}", last, the whole rest (which
     * may be empty). A literal goes before a placeholder. A slash at the end of the request's path does not matter. */
    const char *path;
    lk_handler_t handle;
    lk_lane_id_t lane;
    lk_error_format_t errors;
    unsigned flags;
    /* Access-Control-Allow-Methods of the answer to a preflight request, which the edge gives itself; NULL: it answers OPTIONS with
     * Allow. The first row of a path that has it counts for all methods of that path. */
    const char *cors;
    const void *row; /* becomes req->row: what the handler is told of its route */
} lk_route_t;

extern const lk_route_t lk_routes[];
extern const size_t lk_num_routes;
/* The routes of the admin REST API, made from the tables of admin/routes.c. In the arena. */
lk_route_t *lk_routes_of_admin(lk_arena_t *arena, size_t *ret_count);

/* The table made fit for matching: a tree of segments. Immutable, any thread. */
typedef struct st_lk_router_t lk_router_t;

typedef struct st_lk_match_t {
    const lk_route_t *route; /* NULL: no such path, or not with this method */
    const char *cors;        /* of the path */
    unsigned allowed;        /* methods that the path knows; 0: no such path */
    struct {
        const char *base; /* into the path that was matched: not decoded */
        size_t len;
    } params[LK_MAX_PATH_PARAMS];
    size_t num_params;
} lk_match_t;

/* Aborts on a broken table (two rows for one method and path, too many placeholders): a bug. */
lk_router_t *lk_router_create(const lk_route_t *routes, size_t num_routes);
void lk_router_free(lk_router_t **router);
/* `path` begins with a slash, without query; escapes are left alone, so that an encoded slash stays inside its segment. */
void lk_router_match(const lk_router_t *router, unsigned method, const char *path, size_t len, lk_match_t *ret_match);

unsigned lk_method_parse(const char *name, size_t len);
/* "GET, HEAD, OPTIONS" in the arena. */
/* The name of one method; HEAD counts as GET. */
const char *lk_method_name(unsigned method);
const char *lk_methods_text(lk_arena_t *arena, unsigned methods);

#endif
