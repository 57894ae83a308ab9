/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_HTTP_METRICS_H
#define LK_HTTP_METRICS_H

#include <stdatomic.h>
#include <stdint.h>
#include "core/buffer.h"
#include "http/routes.h"

/* Counters of one loop: written by its thread alone, read by any. */

#define LK_METRICS_SLOTS 512
#define LK_METRICS_BUCKETS 24

/* Upper bounds of a histogram's buckets, rising; none: no histograms. */
typedef struct st_lk_buckets_t {
    int64_t us[LK_METRICS_BUCKETS];
    size_t count;
} lk_buckets_t;
/* "5,50,250": milliseconds (http-metrics-slos); NULL or "": a list of our own. Returns -1 where it cannot be read or is too long.
 */
int lk_buckets_parse(const char *list, lk_buckets_t *ret_buckets);

/* Requests of one route, method and status. */
typedef struct st_lk_metrics_slot_t {
    _Atomic(const lk_route_t *) route; /* set last: the slot is in use */
    unsigned method;
    int status;
    _Atomic uint64_t count, sum_us, max_us;
} lk_metrics_slot_t;

typedef struct st_lk_metrics_t {
    const lk_buckets_t *buckets;
    _Atomic uint64_t
        *filled; /* buckets->count for each slot: requests that took no longer than the bucket, and longer than the one before */
    lk_metrics_slot_t *slots; /* open addressing, LK_METRICS_SLOTS of them */
    _Atomic uint64_t lost;    /* requests that found no slot */
    _Atomic uint64_t accepted, refused, cut;
    _Atomic int64_t connections, running;
} lk_metrics_t;

/* `buckets` must outlive the metrics. */
void lk_metrics_init(lk_metrics_t *metrics, const lk_buckets_t *buckets);
void lk_metrics_dispose(lk_metrics_t *metrics);
void lk_metrics_count(lk_metrics_t *metrics, const lk_route_t *route, unsigned method, int status, int64_t duration_us);
/* The http_server_requests_seconds family of all loops, named as in Keycloak; the maximum is that since the last call. */
void lk_metrics_write_requests(lk_buffer_t *text, lk_metrics_t *const *all, size_t count, lk_arena_t *arena);
/* A sample's lines: # HELP, # TYPE and the value. */
void lk_metrics_write(lk_buffer_t *text, const char *name, const char *type, const char *help, double value);

#endif
