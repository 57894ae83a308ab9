/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_CORE_COUNTERS_H
#define LK_CORE_COUNTERS_H

#include "core/buffer.h"

/* Counters with labels, for the metrics: a family each, process-wide, from any thread. Labels come from outside, so a family keeps
 * LK_COUNTERS_MAX combinations one by one, and counts the rest together. */
#define LK_COUNTERS_MAX 4096

typedef struct st_lk_counters_t {
    const char *name, *help; /* name ends in _total */
    struct st_lk_counter_slot_t *slots;
    struct st_lk_counters_t *next;
} lk_counters_t;

/* Families are static; a family is shown once something was counted. `labels` as in the exposition: made by lk_labels_put.
 * Returns what was counted under them before. */
double lk_counters_add(lk_counters_t *family, const char *labels, double amount);
/* All families that count something, in Prometheus's text format. */
void lk_counters_write(lk_buffer_t *text);

/* Appends name="value" with the value escaped; NULL is "". */
void lk_labels_put(lk_buffer_t *labels, const char *name, const char *value);

#endif
