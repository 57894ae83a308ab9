/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "core/trace.h"

#include <stdio.h>
#include <string.h>

#define LENGTH 55 /* "00-" trace "-" parent "-" flags */
#define HEX "0123456789abcdef"

static _Thread_local const lk_trace_t *current;

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    return *state ^= *state << 17;
}

/* `digits` hexadecimal ones, not all of them 0, and then a dash or the end. */
static int is_id(const char *text, size_t digits)
{
    return strspn(text, HEX) == digits && strspn(text, "0") < digits && strchr("-", text[digits]) != NULL;
}

static int has_parent(const char *text)
{
    return text != NULL && strlen(text) >= LENGTH && strspn(text, HEX) == 2 && strncmp(text, "ff", 2) != 0 && text[2] == '-' &&
           is_id(text + 3, 32) && is_id(text + 36, 16) && strspn(text + 53, HEX) == 2;
}

void lk_trace_begin(lk_trace_t *trace, const char *traceparent, uint64_t random[2])
{
    uint64_t high = next_random(&random[0]), low = next_random(&random[1]);
    memset(trace, 0, sizeof(*trace));
    snprintf(trace->span_id, sizeof(trace->span_id), "%016llx", (unsigned long long)(high ^ (low << 1 | low >> 63)));
    if (has_parent(traceparent)) {
        memcpy(trace->trace_id, traceparent + 3, 32);
        memcpy(trace->parent_id, traceparent + 36, 16);
        trace->parent_sampled = trace->is_sampled = strchr("13579bdf", traceparent[54]) != NULL;
    } else {
        snprintf(trace->trace_id, sizeof(trace->trace_id), "%016llx%016llx", (unsigned long long)high, (unsigned long long)low);
    }
}

void lk_trace_enter(const lk_trace_t *trace)
{
    current = trace;
}

const char *lk_trace_parent(lk_arena_t *arena)
{
    return current != NULL ? lk_printf(arena, "00-%s-%s-%02x", current->trace_id, current->span_id, current->is_sampled) : NULL;
}
