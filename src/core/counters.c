/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "core/counters.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

typedef struct st_lk_counter_slot_t {
    char *labels; /* NULL: free; those of the last slot are the rest's */
    double count;
} slot_t;

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static lk_counters_t *families;

static size_t hash(const char *text)
{
    size_t value = 5381;
    for (; *text != '\0'; ++text)
        value = value * 33 + (unsigned char)*text;
    return value;
}

/* Called with the mutex held. */
static slot_t *find(lk_counters_t *family, const char *labels)
{
    size_t at = hash(labels) % LK_COUNTERS_MAX;
    for (size_t i = 0; i != LK_COUNTERS_MAX; ++i, at = (at + 1) % LK_COUNTERS_MAX) {
        slot_t *slot = &family->slots[at];
        if (slot->labels == NULL)
            slot->labels = strdup(labels);
        if (slot->labels != NULL && strcmp(slot->labels, labels) == 0)
            return slot;
    }
    return &family->slots[LK_COUNTERS_MAX];
}

double lk_counters_add(lk_counters_t *family, const char *labels, double amount)
{
    double before = 0;
    pthread_mutex_lock(&mutex);
    if (family->slots == NULL && (family->slots = calloc(LK_COUNTERS_MAX + 1, sizeof(slot_t))) != NULL) {
        family->next = families;
        families = family;
    }
    if (family->slots != NULL) {
        slot_t *slot = find(family, labels);
        before = slot->count;
        slot->count += amount;
    }
    pthread_mutex_unlock(&mutex);
    return before;
}

static void write_family(lk_buffer_t *text, const lk_counters_t *family)
{
    lk_buffer_printf(text, "# HELP %s %s\n# TYPE %s counter\n", family->name, family->help, family->name);
    for (size_t i = 0; i != LK_COUNTERS_MAX; ++i)
        if (family->slots[i].labels != NULL)
            lk_buffer_printf(text, "%s{%s} %.15g\n", family->name, family->slots[i].labels, family->slots[i].count);
    if (family->slots[LK_COUNTERS_MAX].count != 0)
        lk_buffer_printf(text, "%s{labels=\"too many\"} %.15g\n", family->name, family->slots[LK_COUNTERS_MAX].count);
}

void lk_counters_write(lk_buffer_t *text)
{
    pthread_mutex_lock(&mutex);
    for (const lk_counters_t *family = families; family != NULL; family = family->next)
        write_family(text, family);
    pthread_mutex_unlock(&mutex);
}

void lk_labels_put(lk_buffer_t *labels, const char *name, const char *value)
{
    lk_buffer_printf(labels, "%s%s=\"", labels->len != 0 ? "," : "", name);
    for (const char *at = value != NULL ? value : ""; *at != '\0'; ++at) {
        if (*at == '"' || *at == '\\')
            lk_buffer_putc(labels, '\\');
        lk_buffer_putc(labels, *at == '\n' ? ' ' : *at);
    }
    lk_buffer_putc(labels, '"');
}
