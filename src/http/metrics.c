/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include "http/metrics.h"

int lk_buckets_parse(const char *list, lk_buckets_t *ret_buckets)
{
    ret_buckets->count = 0;
    for (const char *at = list != NULL && *list != '\0' ? list : "5,10,25,50,100,250,500,1000,2500,5000,10000"; *at != '\0';) {
        char *end;
        double ms = strtod(at, &end);
        size_t count = ret_buckets->count;
        if (end == at || (*end != '\0' && *end != ',') || count == LK_METRICS_BUCKETS ||
            ms * 1000 <= (count != 0 ? (double)ret_buckets->us[count - 1] : 0) || ms > 1e9)
            return -1;
        ret_buckets->us[ret_buckets->count++] = (int64_t)(ms * 1000);
        at = end + (*end == ',');
    }
    return 0;
}

void lk_metrics_init(lk_metrics_t *metrics, const lk_buckets_t *buckets)
{
    memset(metrics, 0, sizeof(*metrics));
    metrics->buckets = buckets;
    if ((metrics->slots = calloc(LK_METRICS_SLOTS, sizeof(*metrics->slots))) == NULL ||
        (buckets->count != 0 && (metrics->filled = calloc(LK_METRICS_SLOTS * buckets->count, sizeof(*metrics->filled))) == NULL))
        abort();
}

void lk_metrics_dispose(lk_metrics_t *metrics)
{
    free(metrics->slots);
    free((void *)metrics->filled);
    metrics->slots = NULL;
    metrics->filled = NULL;
}

static void add(_Atomic uint64_t *counter, uint64_t amount)
{
    atomic_fetch_add_explicit(counter, amount, memory_order_relaxed);
}

static uint64_t get(const _Atomic uint64_t *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}

static lk_metrics_slot_t *find_slot(lk_metrics_t *metrics, const lk_route_t *route, unsigned method, int status)
{
    size_t at = ((uintptr_t)route / sizeof(*route) * 31 + method * 7 + (size_t)status) % LK_METRICS_SLOTS;
    for (size_t i = 0; i < LK_METRICS_SLOTS; ++i, at = (at + 1) % LK_METRICS_SLOTS) {
        lk_metrics_slot_t *slot = metrics->slots + at;
        const lk_route_t *there = atomic_load_explicit(&slot->route, memory_order_relaxed);
        if (there == NULL) {
            slot->method = method;
            slot->status = status;
            atomic_store_explicit(&slot->route, route, memory_order_release);
            return slot;
        }
        if (there == route && slot->method == method && slot->status == status)
            return slot;
    }
    return NULL;
}

static void count_in_bucket(lk_metrics_t *metrics, const lk_metrics_slot_t *slot, int64_t duration_us)
{
    for (size_t i = 0; i != metrics->buckets->count; ++i)
        if (duration_us <= metrics->buckets->us[i]) {
            add(&metrics->filled[(size_t)(slot - metrics->slots) * metrics->buckets->count + i], 1);
            return;
        }
}

void lk_metrics_count(lk_metrics_t *metrics, const lk_route_t *route, unsigned method, int status, int64_t duration_us)
{
    lk_metrics_slot_t *slot = find_slot(metrics, route, method, status);
    uint64_t duration = duration_us > 0 ? (uint64_t)duration_us : 0;
    if (slot == NULL) {
        add(&metrics->lost, 1);
        return;
    }
    add(&slot->count, 1);
    count_in_bucket(metrics, slot, duration_us);
    add(&slot->sum_us, duration);
    if (get(&slot->max_us) < duration)
        atomic_store_explicit(&slot->max_us, duration, memory_order_relaxed);
}

static const char *outcome_of(int status)
{
    static const char *const names[] = {"INFORMATIONAL", "SUCCESS", "REDIRECTION", "CLIENT_ERROR", "SERVER_ERROR"};
    return status >= 100 && status < 600 ? names[status / 100 - 1] : "UNKNOWN";
}

typedef struct st_sum_t {
    const lk_route_t *route;
    unsigned method;
    int status;
    uint64_t count, sum_us, max_us, filled[LK_METRICS_BUCKETS];
} sum_t;

/* The maximum is that since the last look. */
static void merge_slot(sum_t *sums, size_t *count, lk_metrics_t *metrics, lk_metrics_slot_t *slot)
{
    const lk_route_t *route = atomic_load_explicit(&slot->route, memory_order_acquire);
    size_t i = 0;
    if (route == NULL)
        return;
    while (i < *count && !(sums[i].route == route && sums[i].method == slot->method && sums[i].status == slot->status))
        ++i;
    if (i == *count)
        sums[(*count)++] = (sum_t){.route = route, .method = slot->method, .status = slot->status};
    sums[i].count += get(&slot->count);
    sums[i].sum_us += get(&slot->sum_us);
    for (size_t b = 0; b != metrics->buckets->count; ++b)
        sums[i].filled[b] += get(&metrics->filled[(size_t)(slot - metrics->slots) * metrics->buckets->count + b]);
    uint64_t most = atomic_exchange_explicit(&slot->max_us, 0, memory_order_relaxed);
    if (most > sums[i].max_us)
        sums[i].max_us = most;
}

static void write_sample(lk_buffer_t *text, const char *suffix, const sum_t *sum, const char *bound, double value)
{
    lk_buffer_printf(text, "http_server_requests_seconds%s{method=\"%s\",outcome=\"%s\",status=\"%d\",uri=\"%s\"%s} %.15g\n",
                     suffix, lk_method_name(sum->method), outcome_of(sum->status), sum->status, sum->route->path, bound, value);
}

static void write_buckets(lk_buffer_t *text, lk_arena_t *arena, const lk_buckets_t *buckets, const sum_t *sum)
{
    uint64_t below = 0;
    for (size_t i = 0; i != buckets->count; ++i) {
        below += sum->filled[i];
        write_sample(text, "_bucket", sum, lk_printf(arena, ",le=\"%.15g\"", (double)buckets->us[i] / 1e6), (double)below);
    }
    if (buckets->count != 0)
        write_sample(text, "_bucket", sum, ",le=\"+Inf\"", (double)sum->count);
}

void lk_metrics_write_requests(lk_buffer_t *text, lk_metrics_t *const *all, size_t count, lk_arena_t *arena)
{
    const lk_buckets_t *buckets = all[0]->buckets;
    sum_t *sums = LK_NEW_ARRAY(arena, sum_t, count * LK_METRICS_SLOTS);
    size_t num_sums = 0;
    for (size_t i = 0; i < count; ++i)
        for (size_t j = 0; j < LK_METRICS_SLOTS; ++j)
            merge_slot(sums, &num_sums, all[i], all[i]->slots + j);
    lk_buffer_printf(text,
                     "# HELP http_server_requests_seconds HTTP server request processing time\n"
                     "# TYPE http_server_requests_seconds %s\n",
                     buckets->count != 0 ? "histogram" : "summary");
    for (size_t i = 0; i < num_sums; ++i) {
        write_buckets(text, arena, buckets, sums + i);
        write_sample(text, "_count", sums + i, "", (double)sums[i].count);
        write_sample(text, "_sum", sums + i, "", (double)sums[i].sum_us / 1e6);
    }
    lk_buffer_puts(text, "# HELP http_server_requests_seconds_max HTTP server request processing time\n"
                         "# TYPE http_server_requests_seconds_max gauge\n");
    for (size_t i = 0; i < num_sums; ++i)
        write_sample(text, "_max", sums + i, "", (double)sums[i].max_us / 1e6);
}

void lk_metrics_write(lk_buffer_t *text, const char *name, const char *type, const char *help, double value)
{
    lk_buffer_printf(text, "# HELP %s %s\n# TYPE %s %s\n%s %.15g\n", name, help, name, type, name, value);
}
