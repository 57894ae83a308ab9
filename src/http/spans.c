/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "http/spans.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "core/fetch.h"
#include "http/otlp.h"

#define MAX_QUEUED 2048
#define MAX_BATCH 512
#define INTERVAL_S 1
#define TIMEOUT_MS 3000
#define CATEGORY "latchkey.tracing"

struct st_lk_spans_t {
    lk_spans_options_t options;
    pthread_t sender;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    lk_span_t queue[MAX_QUEUED]; /* a ring */
    size_t first, count;
    uint64_t sent, dropped;
    int stopping, is_silent; /* the collector does not answer: said once */
};

int lk_spans_sample(const lk_spans_t *spans, const lk_trace_t *trace)
{
    if (spans == NULL)
        return trace->is_sampled;
    if (spans->options.follows_parent && *trace->parent_id != '\0')
        return trace->parent_sampled;
    if (spans->options.sampler != LK_SAMPLE_RATIO)
        return spans->options.sampler == LK_SAMPLE_ALL;
    /* By the trace's id, so that all of a trace's services decide alike. */
    double at = (double)(strtoull(trace->trace_id + 16, NULL, 16) >> 11) / (double)(UINT64_C(1) << 53);
    return at < spans->options.ratio;
}

void lk_spans_add(lk_spans_t *spans, const lk_span_t *span)
{
    pthread_mutex_lock(&spans->mutex);
    if (spans->count == MAX_QUEUED) {
        ++spans->dropped;
    } else {
        spans->queue[(spans->first + spans->count++) % MAX_QUEUED] = *span;
        if (spans->count == MAX_BATCH)
            pthread_cond_signal(&spans->changed);
    }
    pthread_mutex_unlock(&spans->mutex);
}

void lk_spans_stats(lk_spans_t *spans, uint64_t *ret_sent, uint64_t *ret_dropped)
{
    pthread_mutex_lock(&spans->mutex);
    *ret_sent = spans->sent;
    *ret_dropped = spans->dropped;
    pthread_mutex_unlock(&spans->mutex);
}

static void say(lk_spans_t *spans, int is_silent, const char *text)
{
    if (spans->is_silent != is_silent && spans->options.notice != NULL)
        spans->options.notice(is_silent ? LK_LOG_WARN : LK_LOG_INFO, CATEGORY, text);
    spans->is_silent = is_silent;
}

static int send_batch(lk_spans_t *spans, const lk_span_t *batch, size_t count)
{
    lk_arena_t *arena = lk_arena_create("spans");
    lk_buffer_t message;
    lk_fetched_t answer = {0};
    lk_error_t err = {0};
    lk_buffer_init(&message, arena, 4 * 1024 * 1024);
    lk_otlp_write(arena, &message, &spans->options, batch, count);
    lk_bytes_t bytes = {(const unsigned char *)message.base, message.len};
    lk_fetch_t fetch = {.url = lk_printf(arena, "%s/v1/traces", spans->options.endpoint),
                        .bytes = &bytes,
                        .content_type = "application/x-protobuf",
                        .timeout_ms = TIMEOUT_MS};
    lk_status_t status = lk_fetch(arena, &fetch, &answer, &err);
    int good = status == LK_OK && answer.status / 100 == 2;
    if (good)
        say(spans, 0, "The collector takes spans again");
    else
        say(spans, 1,
            lk_printf(arena, "The collector takes no spans, they are dropped: %s, status %ld", err.detail, answer.status));
    lk_arena_destroy(&arena);
    return good;
}

/* Called with the mutex held. */
static size_t take_batch(lk_spans_t *spans, lk_span_t *batch)
{
    size_t count = 0;
    for (; spans->count != 0 && count != MAX_BATCH; --spans->count, spans->first = (spans->first + 1) % MAX_QUEUED)
        batch[count++] = spans->queue[spans->first];
    return count;
}

static void *send_loop(void *context)
{
    lk_spans_t *spans = context;
    lk_span_t *batch = calloc(MAX_BATCH, sizeof(*batch));
    pthread_mutex_lock(&spans->mutex);
    while (batch != NULL && !(spans->stopping && spans->count == 0)) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec += INTERVAL_S;
        while (!spans->stopping && spans->count < MAX_BATCH && pthread_cond_timedwait(&spans->changed, &spans->mutex, &until) == 0)
            ;
        size_t count = take_batch(spans, batch);
        pthread_mutex_unlock(&spans->mutex);
        int good = count == 0 || send_batch(spans, batch, count);
        pthread_mutex_lock(&spans->mutex);
        *(good ? &spans->sent : &spans->dropped) += count;
        if (!good && spans->stopping) /* nobody waits for a collector that is away */
            spans->count = 0;
    }
    pthread_mutex_unlock(&spans->mutex);
    free(batch);
    return NULL;
}

lk_spans_t *lk_spans_start(const lk_spans_options_t *options)
{
    lk_spans_t *spans = options->endpoint != NULL ? calloc(1, sizeof(*spans)) : NULL;
    if (spans == NULL)
        return NULL;
    spans->options = *options;
    pthread_mutex_init(&spans->mutex, NULL);
    pthread_cond_init(&spans->changed, NULL);
    if (pthread_create(&spans->sender, NULL, send_loop, spans) != 0) {
        free(spans);
        return NULL;
    }
    return spans;
}

void lk_spans_stop(lk_spans_t **spans_at)
{
    lk_spans_t *spans = *spans_at;
    *spans_at = NULL;
    if (spans == NULL)
        return;
    pthread_mutex_lock(&spans->mutex);
    spans->stopping = 1;
    pthread_cond_signal(&spans->changed);
    pthread_mutex_unlock(&spans->mutex);
    pthread_join(spans->sender, NULL);
    pthread_cond_destroy(&spans->changed);
    pthread_mutex_destroy(&spans->mutex);
    free(spans);
}
