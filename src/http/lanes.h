/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_HTTP_LANES_H
#define LK_HTTP_LANES_H

#include <stddef.h>
#include <stdint.h>

/* A lane: a bounded queue served by a bounded pool of threads, first come first served. Threads are started when work finds none
 * idle, and then stay. Knows nothing of HTTP. */
typedef struct st_lk_lane_t lk_lane_t;

/* Embedded in what is to be done; the lane does not own it. `run` is called once, on a thread of the lane, and may free it. */
typedef struct st_lk_lane_job_t {
    struct st_lk_lane_job_t *next;
    void (*run)(struct st_lk_lane_job_t *job);
} lk_lane_job_t;

typedef struct st_lk_lane_stats_t {
    size_t threads, max_threads;
    size_t busy;   /* threads that run a job now */
    size_t queued; /* jobs that wait */
    size_t max_queued;
    uint64_t done;     /* jobs run since the start */
    uint64_t rejected; /* jobs refused because the queue was full */
} lk_lane_stats_t;

/* `name` (a literal of at most 10 characters) names the threads: "lk-quick". */
lk_lane_t *lk_lane_create(const char *name, size_t max_threads, size_t max_queued);
/* 0, or -1 where the queue is full, the lane is being closed, or no thread could be started at all. */
int lk_lane_push(lk_lane_t *lane, lk_lane_job_t *job);
/* Takes no more, runs what is queued, joins the threads, frees and sets *lane to NULL. */
void lk_lane_close(lk_lane_t **lane);
void lk_lane_stats(lk_lane_t *lane, lk_lane_stats_t *ret_stats);
const char *lk_lane_name(const lk_lane_t *lane);

#endif
