/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* sched_getaffinity */
#endif
#include <errno.h>
#include <malloc.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <openssl/ssl.h>
#include "core/log.h"
#include "core/time.h"
#include "http/edge.h"

#define LOG_CATEGORY "latchkey.http"
/* A context that was replaced is still used by handshakes that had begun. Microseconds. */
#define OLD_TLS_US (60 * 1000000LL)
/* An uncommonly large machine needs no loop per core for this. */
#define MAX_DEFAULT_LOOPS 8

typedef struct st_edge_handler_t {
    h2o_handler_t super;
    const lk_site_t *site;
} edge_handler_t;

static int on_req(h2o_handler_t *handler, h2o_req_t *req)
{
    return lk_exchange_start(((edge_handler_t *)handler)->site, req);
}

/* --- how many --- */

/* Whole cores that the container's quota allows, rounded up; 0: no quota. */
static int quota_cores(void)
{
    long long quota = 0, period = 0;
    FILE *file = fopen("/sys/fs/cgroup/cpu.max", "re");
    if (file == NULL)
        return 0;
    int found = fscanf(file, "%lld %lld", &quota, &period);
    fclose(file);
    return found == 2 && quota > 0 && period > 0 ? (int)((quota + period - 1) / period) : 0;
}

static int num_cores(void)
{
    cpu_set_t set;
    int cores = sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : 1, quota = quota_cores();
    return quota != 0 && quota < cores ? quota : cores;
}

static int at_least(int value, int least)
{
    return value > least ? value : least;
}

static void choose_numbers(lk_server_options_t *options)
{
    int cores = num_cores();
    if (options->loops <= 0)
        options->loops = cores < MAX_DEFAULT_LOOPS ? cores : MAX_DEFAULT_LOOPS;
    if (options->loops > LK_MAX_LOOPS)
        options->loops = LK_MAX_LOOPS;
    if (options->quick_threads <= 0)
        options->quick_threads = at_least(2 * cores, 8);
    if (options->hash_threads <= 0)
        options->hash_threads = cores;
    if (options->outbound_threads <= 0)
        options->outbound_threads = 16;
    if (options->broker_threads <= 0)
        options->broker_threads = 256;
    if (options->relative_path == NULL)
        options->relative_path = "/";
    if (options->management_relative_path == NULL)
        options->management_relative_path = options->relative_path;
}

/* --- starting --- */

static h2o_hostconf_t *add_site(lk_server_t *server, const lk_site_t *site, const char *name)
{
    h2o_hostconf_t *host = h2o_config_register_host(&server->config, h2o_iovec_init(name, strlen(name)), 65535);
    h2o_pathconf_t *path = h2o_config_register_path(host, "/", 0);
    edge_handler_t *handler = (edge_handler_t *)h2o_create_handler(path, sizeof(*handler));
    handler->super.on_req = on_req;
    handler->site = site;
    return host;
}

static void configure_h2o(lk_server_t *server)
{
    const lk_server_options_t *options = &server->options;
    h2o_globalconf_t *config = &server->config;
    h2o_config_init(config);
    config->server_name = h2o_iovec_init(H2O_STRLIT(""));
    config->max_request_entity_size = at_least((int)options->max_body, (int)options->max_large_body);
    config->http1.req_timeout = (uint64_t)at_least(options->idle_timeout, options->body_timeout);
    config->http2.idle_timeout = (uint64_t)options->idle_timeout;
    config->http2.graceful_shutdown_timeout = (uint64_t)options->shutdown_timeout;
    config->handshake_timeout = (uint64_t)options->header_timeout;
    /* h2o puts these names where a request has no Host, so they are none. */
    server->main_hosts[0] = add_site(server, &server->main, "?main");
    server->management_hosts[0] = add_site(server, &server->management, "?management");
}

static lk_status_t make_site(lk_server_t *server, lk_site_t *site, const char *relative_path, int is_management, lk_error_t *err)
{
    lk_server_options_t options = server->options;
    lk_origin_rules_t *rules;
    options.relative_path = relative_path;
    if (is_management) {
        options.hostname = NULL;
        options.hostname_backchannel_dynamic = 0;
    }
    if (lk_origin_rules_create(server->arena, &options, &rules, err) != LK_OK)
        return err->kind;
    site->server = server;
    site->rules = rules;
    site->base_path = lk_origin_base_path(rules);
    site->base_path_len = strlen(site->base_path);
    site->is_management = is_management;
    return LK_OK;
}

/* The table, and /health and /metrics where they belong. */
static void make_routers(lk_server_t *server)
{
    const lk_server_options_t *options = &server->options;
    const lk_route_t *own = options->routes != NULL ? options->routes : lk_routes;
    size_t num_own = options->routes != NULL ? options->num_routes : lk_num_routes, num_admin, num_main, num_managed = 0;
    const lk_route_t *admin = lk_routes_of_admin(server->arena, &num_admin);
    if (options->routes != NULL)
        num_admin = 0;
    num_main = num_own + num_admin;
    lk_route_t *main = LK_NEW_ARRAY(server->arena, lk_route_t, num_main + lk_num_manage_routes);
    lk_route_t *managed = LK_NEW_ARRAY(server->arena, lk_route_t, lk_num_manage_routes);
    memcpy(main, own, num_own * sizeof(*own));
    memcpy(main + num_own, admin, num_admin * sizeof(*admin));
    for (size_t i = 0; i < lk_num_manage_routes; ++i) {
        int is_health = i < lk_num_health_routes;
        if (is_health ? !options->health_enabled : !options->metrics_enabled)
            continue;
        if (is_health && options->health_on_main)
            main[num_main++] = lk_manage_routes[i];
        else
            managed[num_managed++] = lk_manage_routes[i];
    }
    server->main.router = lk_router_create(main, num_main);
    server->management.router = lk_router_create(managed, num_managed);
}

static void make_lanes(lk_server_t *server)
{
    const lk_server_options_t *options = &server->options;
    size_t queued = (size_t)options->max_queued;
    server->lanes[LK_LANE_QUICK] = lk_lane_create("quick", (size_t)options->quick_threads, queued);
    server->lanes[LK_LANE_HASH] = lk_lane_create("hash", (size_t)options->hash_threads, queued);
    server->lanes[LK_LANE_OUTBOUND] = lk_lane_create("outbound", (size_t)options->outbound_threads, queued);
    server->lanes[LK_LANE_BROKER] = lk_lane_create("broker", (size_t)options->broker_threads, queued);
    server->lanes[LK_LANE_MANAGE] = lk_lane_create("manage", 1, 64);
}

static int any_in_state(lk_server_t *server, lk_loop_state_t state)
{
    for (size_t i = 0; i < server->num_loops; ++i)
        if (server->loops[i].state == state)
            return 1;
    return 0;
}

static void wait_while_any(lk_server_t *server, lk_loop_state_t state)
{
    pthread_mutex_lock(&server->mutex);
    while (any_in_state(server, state))
        pthread_cond_wait(&server->changed, &server->mutex);
    pthread_mutex_unlock(&server->mutex);
}

static void prepare_loops(lk_server_t *server)
{
    server->num_loops = (size_t)server->options.loops;
    server->loops = LK_NEW_ARRAY(server->arena, lk_loop_t, server->num_loops);
    for (size_t i = 0; i < server->num_loops; ++i) {
        server->loops[i].server = server;
        server->loops[i].index = i;
        lk_metrics_init(&server->loops[i].metrics, &server->buckets);
    }
}

/* Returns once all loops listen, or have failed to. */
static lk_status_t start_loops(lk_server_t *server, lk_error_t *err)
{
    prepare_loops(server);
    for (size_t i = 0; i < server->num_loops; ++i) {
        lk_loop_t *loop = server->loops + i;
        loop->has_thread = pthread_create(&loop->thread, NULL, lk_loop_run, loop) == 0;
        if (loop->has_thread)
            continue;
        lk_fail(&loop->err, LK_INTERNAL, NULL, "cannot start a thread");
        loop->state = LK_LOOP_ENDED;
    }
    wait_while_any(server, LK_LOOP_STARTING);
    for (size_t i = 0; i < server->num_loops; ++i)
        if (server->loops[i].state == LK_LOOP_ENDED) {
            *err = server->loops[i].err;
            return err->kind;
        }
    return LK_OK;
}

/* The lanes first: a worker may be just about to leave a loop's queue. */
static void free_server(lk_server_t *server)
{
    lk_arena_t *arena = server->arena;
    for (size_t i = 0; i < LK_NUM_LANES; ++i)
        lk_lane_close(server->lanes + i);
    pthread_mutex_lock(&server->mutex);
    server->may_close = 1;
    pthread_cond_broadcast(&server->changed);
    pthread_mutex_unlock(&server->mutex);
    for (size_t i = 0; i < server->num_loops; ++i) {
        if (server->loops[i].has_thread)
            pthread_join(server->loops[i].thread, NULL);
        lk_metrics_dispose(&server->loops[i].metrics);
    }
    lk_router_free(&server->main.router);
    lk_router_free(&server->management.router);
    lk_access_dispose(server);
    lk_spans_stop(&server->spans);
    h2o_config_dispose(&server->config);
    SSL_CTX_free(server->tls);
    for (size_t i = 0; i < sizeof(server->old_tls) / sizeof(server->old_tls[0]); ++i)
        SSL_CTX_free(server->old_tls[i].ctx);
    pthread_cond_destroy(&server->changed);
    pthread_mutex_destroy(&server->mutex);
    lk_arena_destroy(&arena);
}

static void stop_loops(lk_server_t *server, int64_t deadline_us)
{
    for (size_t i = 0; i < server->num_loops; ++i)
        if (server->loops[i].state == LK_LOOP_RUNNING) /* only it changes that */
            lk_loop_send_stop(server->loops + i, deadline_us);
    wait_while_any(server, LK_LOOP_RUNNING);
}

static lk_status_t prepare(lk_server_t *server, lk_error_t *err)
{
    const lk_server_options_t *options = &server->options;
    int wants_tls = options->https.port != -1 || (options->management.port != -1 && options->management_tls);
    make_routers(server);
    make_lanes(server);
    if (server->options.metrics_histograms && lk_buckets_parse(server->options.metrics_slos, &server->buckets) != 0)
        return lk_fail(err, LK_INVALID, NULL, "http-metrics-slos: \"%s\" is no rising list of milliseconds, %d at most",
                       server->options.metrics_slos, LK_METRICS_BUCKETS);
    if (lk_access_init(server, err) != LK_OK || (wants_tls && lk_tls_create(&options->tls, &server->tls, err) != LK_OK))
        return err->kind;
    return lk_listen_resolve(server, err);
}

lk_status_t lk_server_start(const lk_server_options_t *options, struct st_lk_app_t *app, lk_server_t **ret_server, lk_error_t *err)
{
    lk_arena_t *arena = lk_arena_create("server");
    lk_server_t *server = LK_NEW(arena, lk_server_t);
    mallopt(M_ARENA_MAX, 2); /* one heap per thread would cost more memory than the locks cost time */
    server->arena = arena;
    server->app = app;
    server->options = *options;
    server->started_us = lk_ticks_us();
    pthread_mutex_init(&server->mutex, NULL);
    pthread_cond_init(&server->changed, NULL);
    choose_numbers(&server->options);
    server->spans = lk_spans_start(&options->spans);
    configure_h2o(server);
    if (make_site(server, &server->main, server->options.relative_path, 0, err) != LK_OK ||
        make_site(server, &server->management, server->options.management_relative_path, 1, err) != LK_OK ||
        prepare(server, err) != LK_OK || start_loops(server, err) != LK_OK) {
        stop_loops(server, 0);
        free_server(server);
        return err->kind;
    }
    *ret_server = server;
    return LK_OK;
}

/* --- stopping --- */

static void sleep_ms(int milliseconds)
{
    struct timespec pause = {milliseconds / 1000, milliseconds % 1000 * 1000000L};
    nanosleep(&pause, NULL);
}

static size_t count_busy(lk_server_t *server)
{
    size_t busy = 0;
    for (size_t i = 0; i < LK_NUM_LANES; ++i) {
        lk_lane_stats_t stats;
        lk_lane_stats(server->lanes[i], &stats);
        busy += stats.busy + stats.queued;
    }
    return busy;
}

/* A worker has still a few steps to go when its answer has been sent. */
static int lanes_busy(lk_server_t *server)
{
    for (int tries = 0; tries < 20 && count_busy(server) != 0; ++tries)
        sleep_ms(10);
    return count_busy(server) != 0;
}

int lk_server_stop(lk_server_t **_server)
{
    lk_server_t *server = *_server;
    const lk_server_options_t *options = &server->options;
    atomic_store(&server->is_stopping, 1);
    for (int waited = 0; waited < options->shutdown_delay; waited += 20)
        sleep_ms(20);
    int64_t deadline = lk_ticks_us() + options->shutdown_timeout * (int64_t)1000;
    stop_loops(server, deadline);
    if (lanes_busy(server)) {
        lk_log(LK_LOG_WARN, LOG_CATEGORY, NULL, "Requests in flight were given up after %d ms", options->shutdown_timeout);
        return -1;
    }
    free_server(server);
    *_server = NULL;
    return 0;
}

/* --- while it runs --- */

static void retire_tls(lk_server_t *server, SSL_CTX *old)
{
    int64_t now = lk_ticks_us();
    size_t oldest = 0;
    for (size_t i = 0; i < sizeof(server->old_tls) / sizeof(server->old_tls[0]); ++i) {
        if (server->old_tls[i].ctx != NULL && now - server->old_tls[i].retired_us > OLD_TLS_US) {
            SSL_CTX_free(server->old_tls[i].ctx);
            server->old_tls[i].ctx = NULL;
        }
        if (server->old_tls[i].ctx == NULL || server->old_tls[i].retired_us < server->old_tls[oldest].retired_us)
            oldest = i;
        if (server->old_tls[i].ctx == NULL)
            break;
    }
    /* Where all places are taken by recent ones, the oldest is left to the end of the process. */
    server->old_tls[oldest].ctx = old;
    server->old_tls[oldest].retired_us = now;
}

lk_status_t lk_server_reload(lk_server_t *server, lk_error_t *err)
{
    SSL_CTX *fresh;
    if (server->tls == NULL)
        return LK_OK;
    if (lk_tls_create(&server->options.tls, &fresh, err) != LK_OK)
        return err->kind;
    pthread_mutex_lock(&server->mutex);
    retire_tls(server, server->tls);
    server->tls = fresh;
    for (size_t i = 0; i < server->num_loops; ++i)
        lk_loop_send_tls(server->loops + i, fresh);
    pthread_mutex_unlock(&server->mutex);
    return LK_OK;
}

void lk_server_set_ready(lk_server_t *server, int ready)
{
    atomic_store(&server->is_ready, ready);
}

int lk_server_http_port(const lk_server_t *server)
{
    return server->ports[0];
}

int lk_server_https_port(const lk_server_t *server)
{
    return server->ports[1];
}

int lk_server_management_port(const lk_server_t *server)
{
    return server->ports[2];
}
