/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "core/remote.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include "core/time.h"

struct st_lk_remote_value_t {
    lk_arena_t *arena;
    atomic_int refs;
    void *content;
};

static void unref(void *object)
{
    lk_remote_value_t *value = object;
    if (value == NULL || atomic_fetch_sub_explicit(&value->refs, 1, memory_order_acq_rel) != 1)
        return;
    lk_arena_t *arena = value->arena;
    lk_arena_destroy(&arena);
}

static lk_remote_value_t *read_value(const lk_remote_t *remote, const json_t *document)
{
    lk_arena_t *arena = lk_arena_create("remote");
    lk_remote_value_t *value = LK_NEW(arena, lk_remote_value_t);
    value->arena = arena;
    atomic_init(&value->refs, 1);
    value->content = remote->read(arena, document);
    if (value->content != NULL)
        return value;
    unref(value);
    return NULL;
}

static lk_status_t refuse(const char *url, const char *why, lk_error_t *err)
{
    lk_fail(err, LK_UNAVAILABLE, NULL, NULL);
    return lk_error_detail(err, "%s: %s", url, why);
}

static lk_status_t fetch_value(const lk_remote_t *remote, lk_arena_t *scratch, const char *url, const char *authorization,
                               lk_remote_value_t **ret_value, lk_error_t *err)
{
    lk_fetched_t answer;
    json_t *document;
    lk_remote_value_t *value = NULL;
    lk_status_t status = lk_fetch(
        scratch, &(lk_fetch_t){.url = url, .authorization = authorization, .max_bytes = LK_REMOTE_MAX_BYTES}, &answer, err);
    if (status != LK_OK)
        return status;
    if (answer.status == 200 && lk_json_parse(scratch, (const char *)answer.body.base, answer.body.len, &document, NULL) == LK_OK)
        value = read_value(remote, document);
    if (value == NULL)
        return refuse(
            url, lk_printf(scratch, "status %ld, type %s, not what was expected there", answer.status, answer.content_type), err);
    *ret_value = value;
    return LK_OK;
}

static int64_t seconds(void)
{
    return lk_ticks_us() / 1000000;
}

/* With the lock. NULL where everything is being fetched. */
static lk_remote_entry_t *entry_of(lk_remote_t *remote, const char *url)
{
    lk_remote_entry_t *oldest = NULL;
    for (size_t i = 0; i != LK_REMOTE_ENTRIES; ++i) {
        lk_remote_entry_t *entry = &remote->entries[i];
        if (entry->url != NULL && strcmp(entry->url, url) == 0)
            return entry;
        if (!entry->fetching && (oldest == NULL || entry->used < oldest->used))
            oldest = entry;
    }
    if (oldest == NULL)
        return NULL;
    char *copy = strdup(url);
    if (copy == NULL)
        abort();
    free(oldest->url);
    unref(oldest->value);
    *oldest = (lk_remote_entry_t){.url = copy};
    return oldest;
}

static int is_due(const lk_remote_entry_t *entry, int anew)
{
    int64_t now = seconds(), age = now - entry->fetched;
    if (entry->fetched == 0 || (anew && entry->value != NULL && (entry->missed == 0 || now - entry->missed >= LK_REMOTE_PAUSE_S)))
        return 1;
    return age >= LK_REMOTE_PAUSE_S && (entry->value == NULL || age > LK_REMOTE_MAX_AGE_S);
}

/* With the lock, which is let go meanwhile. */
static lk_status_t refresh(lk_remote_t *remote, lk_remote_entry_t *entry, lk_arena_t *scratch, const char *authorization,
                           lk_error_t *err)
{
    lk_remote_value_t *value = NULL;
    const char *url = lk_strdup(scratch, entry->url);
    entry->fetching = 1;
    pthread_mutex_unlock(&remote->lock);
    lk_status_t status = fetch_value(remote, scratch, url, authorization, &value, err);
    pthread_mutex_lock(&remote->lock);
    entry->fetching = 0;
    entry->fetched = seconds();
    if (status == LK_OK) {
        unref(entry->value);
        entry->value = value;
    }
    pthread_cond_broadcast(&remote->arrived);
    return status;
}

lk_status_t lk_remote_get(lk_remote_t *remote, lk_arena_t *arena, const char *url, int anew, const void **ret_value,
                          lk_error_t *err)
{
    return lk_remote_get_as(remote, arena, url, NULL, anew, ret_value, err);
}

lk_status_t lk_remote_get_as(lk_remote_t *remote, lk_arena_t *arena, const char *url, const char *authorization, int anew,
                             const void **ret_value, lk_error_t *err)
{
    lk_status_t status = LK_OK;
    pthread_mutex_lock(&remote->lock);
    lk_remote_entry_t *entry = entry_of(remote, url);
    while (entry != NULL && entry->value == NULL && entry->fetching) { /* the first fetch: others wait for it */
        pthread_cond_wait(&remote->arrived, &remote->lock);
        entry = entry_of(remote, url);
    }
    if (entry == NULL)
        status = refuse(url, "too many addresses at once", err);
    else if (!entry->fetching && is_due(entry, anew)) {
        if (anew)
            entry->missed = seconds();
        status = refresh(remote, entry, arena, authorization, err);
    } else if (entry->value == NULL)
        status = refuse(url, "no answer a moment ago", err);
    if (entry != NULL && entry->value != NULL) {
        entry->used = seconds();
        atomic_fetch_add_explicit(&entry->value->refs, 1, memory_order_relaxed);
        lk_defer(arena, unref, entry->value);
        *ret_value = entry->value->content;
        status = LK_OK;
    }
    pthread_mutex_unlock(&remote->lock);
    return status;
}

int lk_remote_is_settled(lk_remote_t *remote, const char *url, int anew)
{
    int settled = 0;
    pthread_mutex_lock(&remote->lock);
    for (size_t i = 0; i != LK_REMOTE_ENTRIES; ++i) {
        const lk_remote_entry_t *entry = &remote->entries[i];
        if (entry->url != NULL && strcmp(entry->url, url) == 0)
            settled = entry->fetching ? entry->value != NULL : !is_due(entry, anew);
    }
    pthread_mutex_unlock(&remote->lock);
    return settled;
}
