/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_HTTP_EDGE_H
#define LK_HTTP_EDGE_H

#include <pthread.h>
#include <regex.h>
#include <stdatomic.h>
#ifndef H2O_USE_LIBUV
#define H2O_USE_LIBUV 0
#endif
#include <h2o.h>
#include "http/lanes.h"
#include "http/metrics.h"
#include "http/origin.h"
#include "http/routes.h"
#include "http/server.h"
#include "model/event.h"

/* What the files of this room share, and nobody else sees. */

#define LK_MAX_LOOPS 64
#define LK_MAX_LISTENERS 8 /* addresses, of all ports together */

/* What one kind of listener serves. Immutable once started. */
typedef struct st_lk_site_t {
    lk_server_t *server;
    lk_router_t *router;
    const lk_origin_rules_t *rules;
    const char *base_path;
    size_t base_path_len;
    int is_management;
} lk_site_t;

typedef struct st_lk_address_t {
    struct sockaddr_storage address;
    socklen_t len;
    int is_tls, is_management;
} lk_address_t;

typedef struct st_lk_loop_t lk_loop_t;

/* A listening socket on one loop. */
typedef struct st_lk_listener_t {
    lk_loop_t *loop;
    const lk_address_t *address;
    h2o_socket_t *sock;
    h2o_accept_ctx_t accept;
} lk_listener_t;

/* A connection, as long as its socket. Loop thread only. */
typedef struct st_lk_conn_t {
    h2o_linklist_t link; /* of lk_loop_t.conns */
    lk_loop_t *loop;
    h2o_socket_t *sock;
    const lk_site_t *site;
    int is_management;
    int requests;       /* taken and not yet disposed */
    int64_t reading_us; /* since when part of a request is there, 0: none is */
    int is_cut;
    int is_http2;
    size_t consumed;         /* bytes of finished requests, of sock->bytes_read (HTTP/2) */
    size_t unfinished_limit; /* what the unfinished requests may hold, 0: there are none (HTTP/2) */
} lk_conn_t;

typedef enum en_lk_loop_state_t { LK_LOOP_STARTING, LK_LOOP_RUNNING, LK_LOOP_ENDED } lk_loop_state_t;

/* h2o's buffers belong to the thread that made them: a loop is opened, run and closed by its own. */
struct st_lk_loop_t {
    lk_server_t *server;
    size_t index;
    pthread_t thread;
    int has_thread;
    h2o_context_t h2o;
    lk_listener_t listeners[LK_MAX_LISTENERS];
    size_t num_listeners;
    h2o_multithread_receiver_t answers, commands;
    h2o_linklist_t conns;
    size_t num_conns, num_running; /* num_running: requests on lanes */
    h2o_linklist_t waiting;        /* requests that wait until the server has started */
    size_t num_waiting;
    uint64_t random[2]; /* for trace ids */
    h2o_timeout_t watch_interval;
    h2o_timeout_entry_t watch;
    int stopping;
    int64_t deadline_us;
    lk_loop_state_t state; /* under the server's mutex; ENDED without having been RUNNING: `err` says why */
    lk_error_t err;
    lk_metrics_t metrics;
};

struct st_lk_server_t {
    lk_arena_t *arena;
    lk_server_options_t options;
    struct st_lk_app_t *app;
    lk_site_t main, management;
    h2o_globalconf_t config;
    h2o_hostconf_t *main_hosts[2], *management_hosts[2]; /* NULL-terminated */
    lk_lane_t *lanes[LK_NUM_LANES];
    lk_loop_t *loops; /* loop 0 serves the management port too */
    size_t num_loops;
    lk_address_t addresses[LK_MAX_LISTENERS];
    size_t num_addresses;
    int ports[3]; /* http, https, management */
    SSL_CTX *tls;
    pthread_mutex_t mutex;
    pthread_cond_t changed; /* a loop's state, or may_close */
    int may_close;          /* no worker will send to a loop any more */
    struct {
        SSL_CTX *ctx;
        int64_t retired_us;
    } old_tls[8];
    atomic_int is_ready, is_stopping;
    int64_t started_us;
    regex_t *access_exclude; /* NULL: none */
    const char *access_pattern;
    lk_spans_t *spans; /* NULL: none are sent */
    lk_buckets_t buckets;
};

/* One request and its answer. Lives in its own arena, which is the request's; the loop and one worker use it in turns. */
typedef struct st_lk_exchange_t {
    lk_lane_job_t job;
    h2o_multithread_message_t message;
    h2o_linklist_t wait; /* of lk_loop_t.waiting; loop thread only */
    lk_loop_t *loop;
    const lk_site_t *site;
    h2o_req_t *h2o;     /* loop thread only; NULL once the client has gone */
    lk_conn_t *conn;    /* the same */
    atomic_int is_gone; /* what the worker sees of it */
    int is_running;     /* a lane has it */
    const lk_route_t *route;
    lk_match_t match;
    lk_origin_seen_t seen;
    const char *raw_path;
    unsigned method;
    int is_tls, is_head, has_form;
    lk_request_t request;
    lk_events_t events;
    lk_reply_t reply;
    lk_error_t err;
    lk_status_t status;
    h2o_generator_t generator; /* asks for the parts of a long answer */
    int is_sending;            /* the first part has gone */
    size_t sent;               /* bytes of the body */
    int64_t started_us;
    lk_trace_t trace;
} lk_exchange_t;

/* The exchange that a request belongs to, for this room's own handlers. */
static inline lk_exchange_t *lk_exchange_of(const lk_request_t *req)
{
    return (lk_exchange_t *)((char *)(uintptr_t)req - offsetof(lk_exchange_t, request));
}

/* exchange.c */
int lk_exchange_start(const lk_site_t *site, h2o_req_t *req);
void lk_exchange_on_answers(h2o_multithread_receiver_t *receiver, h2o_linklist_t *messages);
/* A tick of the loop: goes on with requests that waited for the server's start. */
void lk_exchange_on_tick(lk_loop_t *loop);

/* request.c: on the loop, then on the lane. */
void lk_request_copy(lk_exchange_t *exchange, h2o_req_t *req);
lk_status_t lk_request_decode(lk_exchange_t *exchange, lk_error_t *err);
/* What is wrong with a path as it came: the row that answers, or NULL. */
const lk_route_t *lk_request_check_path(const char *path, const char *query);
/* 1 where a form's first grant_type is one that hashes a password. */
int lk_request_grant_hashes(const char *form, size_t len);

/* reply.c: turns outcome, error and page into status, headers and body. */
void lk_reply_finish(const lk_route_t *route, const lk_server_options_t *options, const lk_request_t *req, lk_status_t status,
                     lk_error_t *err, lk_reply_t *reply);
const char *lk_reply_reason(int status);

/* builtin.c: what the edge answers itself. */
typedef enum en_lk_builtin_t {
    LK_BUILTIN_NO_PATH,        /* 404 below the base path */
    LK_BUILTIN_NO_RESOURCE,    /* and below /realms/ and /admin/ */
    LK_BUILTIN_NO_METHOD,      /* 405 */
    LK_BUILTIN_OPTIONS,        /* preflight, or Allow */
    LK_BUILTIN_TO_BASE,        /* "/" to "/auth" */
    LK_BUILTIN_TO_SLASH,       /* "/auth" to "/auth/" */
    LK_BUILTIN_OUTSIDE,        /* 404 outside of the base path */
    LK_BUILTIN_NOT_NORMALIZED, /* 400 */
    LK_BUILTIN_BAD_CHARACTER,  /* 400 */
    LK_BUILTIN_BAD_REQUEST,    /* 400 without a word */
    LK_BUILTIN_LARGE_HEADERS,  /* 431 */
    LK_BUILTIN_LARGE_BODY,     /* 413 */
    LK_NUM_BUILTINS
} lk_builtin_t;
const lk_route_t *lk_builtin_route(lk_builtin_t which);

/* resources.c */
lk_status_t lk_resource_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err);
lk_status_t lk_unknown_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err);
lk_status_t lk_unknown_protocol_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err);

/* manage.c: routes of the management port. */
extern const lk_route_t lk_manage_routes[];
extern const size_t lk_num_manage_routes;
extern const size_t lk_num_health_routes; /* the first of them are /health */

/* access.c */
lk_status_t lk_access_init(lk_server_t *server, lk_error_t *err);
void lk_access_dispose(lk_server_t *server);
void lk_access_log(const lk_exchange_t *exchange, size_t bytes_sent);
/* A query with the values of what may be secret put out. */
const char *lk_access_mask_query(lk_arena_t *arena, const char *query);

/* loop.c */
/* A loop's thread: opens, says so, runs until told to stop, waits for server->may_close, closes. */
void *lk_loop_run(void *loop);
/* From any thread. */
void lk_loop_send_tls(lk_loop_t *loop, SSL_CTX *tls);
void lk_loop_send_stop(lk_loop_t *loop, int64_t deadline_us);

/* watch.c: what h2o has no limit for. */
void lk_watch_start(lk_loop_t *loop);
void lk_watch_kick(lk_loop_t *loop);

/* listen.c: finds the addresses to listen on; ports of 0 are chosen here. */
lk_status_t lk_listen_resolve(lk_server_t *server, lk_error_t *err);
lk_status_t lk_listen_open(const lk_address_t *address, int *ret_fd, lk_error_t *err);

/* tls.c */
/* The verified certificate of the connection's client, as DER; base NULL where there is none. */
lk_bytes_t lk_tls_certificate(lk_arena_t *arena, h2o_conn_t *conn);
lk_status_t lk_tls_create(const lk_tls_options_t *options, SSL_CTX **ret_tls, lk_error_t *err);

#endif
