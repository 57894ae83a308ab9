/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include "http/lanes.h"

/* Enough for libpq, OpenSSL, jansson at its depth limit and libxml2; only touched pages count. The sanitizers' frames are larger.
 */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define LK_LANE_STACK (4 * 1024 * 1024)
#else
#define LK_LANE_STACK (768 * 1024)
#endif

struct st_lk_lane_t {
    const char *name;
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    lk_lane_job_t *head, **tail;
    size_t queued, idle, busy, max_queued;
    pthread_t *threads;
    size_t num_threads, max_threads;
    uint64_t done, rejected;
    int closing;
};

/* Called with the mutex held. */
static lk_lane_job_t *take_job(lk_lane_t *lane)
{
    lk_lane_job_t *job = lane->head;
    if (job == NULL)
        return NULL;
    lane->head = job->next;
    if (lane->head == NULL)
        lane->tail = &lane->head;
    --lane->queued;
    return job;
}

static void *serve(void *_lane)
{
    lk_lane_t *lane = _lane;
    char name[16];
    snprintf(name, sizeof(name), "lk-%s", lane->name);
    prctl(PR_SET_NAME, name);
    pthread_mutex_lock(&lane->mutex);
    for (;;) {
        lk_lane_job_t *job = take_job(lane);
        if (job == NULL) {
            if (lane->closing)
                break;
            ++lane->idle;
            pthread_cond_wait(&lane->wake, &lane->mutex);
            --lane->idle;
            continue;
        }
        ++lane->busy;
        pthread_mutex_unlock(&lane->mutex);
        job->run(job);
        pthread_mutex_lock(&lane->mutex);
        --lane->busy;
        ++lane->done;
    }
    pthread_mutex_unlock(&lane->mutex);
    return NULL;
}

/* Called with the mutex held. */
static int start_thread(lk_lane_t *lane)
{
    pthread_attr_t attr;
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, LK_LANE_STACK);
    pthread_t *thread = lane->threads + lane->num_threads;
    int failed = pthread_create(thread, &attr, serve, lane) != 0;
    pthread_attr_destroy(&attr);
    if (failed)
        return -1;
    ++lane->num_threads;
    return 0;
}

lk_lane_t *lk_lane_create(const char *name, size_t max_threads, size_t max_queued)
{
    lk_lane_t *lane = calloc(1, sizeof(*lane));
    pthread_t *threads = calloc(max_threads, sizeof(*threads));
    if (lane == NULL || threads == NULL)
        abort();
    lane->name = name;
    lane->threads = threads;
    lane->max_threads = max_threads;
    lane->max_queued = max_queued;
    lane->tail = &lane->head;
    pthread_mutex_init(&lane->mutex, NULL);
    pthread_cond_init(&lane->wake, NULL);
    return lane;
}

int lk_lane_push(lk_lane_t *lane, lk_lane_job_t *job)
{
    int result = -1;
    pthread_mutex_lock(&lane->mutex);
    if (lane->closing || lane->queued >= lane->max_queued + lane->idle) {
        ++lane->rejected;
        goto Exit;
    }
    if (lane->queued >= lane->idle && lane->num_threads < lane->max_threads)
        start_thread(lane); /* a failure only matters where it was the first */
    if (lane->num_threads == 0) {
        ++lane->rejected;
        goto Exit;
    }
    job->next = NULL;
    *lane->tail = job;
    lane->tail = &job->next;
    ++lane->queued;
    if (lane->idle != 0)
        pthread_cond_signal(&lane->wake);
    result = 0;
Exit:
    pthread_mutex_unlock(&lane->mutex);
    return result;
}

void lk_lane_close(lk_lane_t **_lane)
{
    lk_lane_t *lane = *_lane;
    if (lane == NULL)
        return;
    pthread_mutex_lock(&lane->mutex);
    lane->closing = 1;
    pthread_cond_broadcast(&lane->wake);
    pthread_mutex_unlock(&lane->mutex);
    for (size_t i = 0; i < lane->num_threads; ++i)
        pthread_join(lane->threads[i], NULL);
    assert(lane->head == NULL);
    pthread_cond_destroy(&lane->wake);
    pthread_mutex_destroy(&lane->mutex);
    free(lane->threads);
    free(lane);
    *_lane = NULL;
}

void lk_lane_stats(lk_lane_t *lane, lk_lane_stats_t *ret_stats)
{
    pthread_mutex_lock(&lane->mutex);
    *ret_stats = (lk_lane_stats_t){.threads = lane->num_threads,
                                   .max_threads = lane->max_threads,
                                   .busy = lane->busy,
                                   .queued = lane->queued,
                                   .max_queued = lane->max_queued,
                                   .done = lane->done,
                                   .rejected = lane->rejected};
    pthread_mutex_unlock(&lane->mutex);
}

const char *lk_lane_name(const lk_lane_t *lane)
{
    return lane->name;
}
