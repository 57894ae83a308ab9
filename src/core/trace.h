/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_CORE_TRACE_H
#define LK_CORE_TRACE_H

#include <stdint.h>
#include "core/arena.h"

/* Where a request stands in a trace (W3C Trace Context): taken from the caller's traceparent, passed on to whom we call. */
typedef struct st_lk_trace_t {
    char trace_id[33], span_id[17];
    char parent_id[17]; /* "" where the trace begins here */
    int parent_sampled;
    int is_sampled; /* decided by the sampler; what is passed on */
} lk_trace_t;

/* `traceparent` may be NULL or rubbish: then a trace begins here. `random` is the thread's own state of a generator, not zero; ids
 * are no secrets. The parent's word on sampling is taken over. */
void lk_trace_begin(lk_trace_t *trace, const char *traceparent, uint64_t random[2]);
/* What this thread works at from now on; NULL: nothing. The trace must outlive it. */
void lk_trace_enter(const lk_trace_t *trace);
/* The value of the header traceparent for a call made by this thread; NULL where it works at nothing. */
const char *lk_trace_parent(lk_arena_t *arena);

#endif
