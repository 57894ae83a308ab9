/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_HTTP_SPANS_H
#define LK_HTTP_SPANS_H

#include "core/log.h"
#include "core/trace.h"

/* One span for each request that is sampled, sent to a collector by OTLP over HTTP (protobuf), in batches by a thread of its own.
 * What finds the queue full is dropped and counted; nothing waits for the collector. */
typedef struct st_lk_spans_t lk_spans_t;

typedef enum en_lk_sampler_t { LK_SAMPLE_ALL, LK_SAMPLE_NONE, LK_SAMPLE_RATIO } lk_sampler_t;

/* Texts must live as long as the spans. */
typedef struct st_lk_spans_options_t {
    const char *endpoint; /* "http://collector:4318"; NULL: no spans */
    const char *service_name;
    const char *resource_attributes; /* "key=value,..." or NULL */
    lk_sampler_t sampler;
    int follows_parent; /* the caller's word goes before the sampler's */
    double ratio;       /* of LK_SAMPLE_RATIO: 0 to 1 */
    lk_notice_t notice; /* the collector does not answer, or does again */
} lk_spans_options_t;

typedef struct st_lk_span_t {
    lk_trace_t trace;
    const char *method, *route; /* live for ever */
    int status;
    int64_t begun_us, ended_us; /* wall clock */
    char client_ip[48];
} lk_span_t;

lk_spans_t *lk_spans_start(const lk_spans_options_t *options);
/* Sends what is left, three seconds at most. NULL inside is fine. */
void lk_spans_stop(lk_spans_t **spans);
/* Decides whether this request's span is sent. `spans` may be NULL: no. */
int lk_spans_sample(const lk_spans_t *spans, const lk_trace_t *trace);
void lk_spans_add(lk_spans_t *spans, const lk_span_t *span);
/* Spans sent, and dropped because the queue was full or the collector refused them. */
void lk_spans_stats(lk_spans_t *spans, uint64_t *ret_sent, uint64_t *ret_dropped);

#endif
