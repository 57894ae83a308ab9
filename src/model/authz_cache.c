/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "model/authz_cache.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include "core/json.h"
#include "core/time.h"
#include "store/store.h"

typedef struct st_entry_t {
    struct st_entry_t *next;
    lk_arena_t *arena; /* holds the entry itself */
    const char *realm_id, *client_id, *stamp;
    size_t size;   /* bytes of its text */
    int64_t asked; /* when it last was, in seconds of the monotonic clock */
    int refs;      /* the cache's, and those of requests; atomic */
    lk_authz_server_t server;
} entry_t;

struct st_lk_authz_cache_t {
    pthread_mutex_t lock;
    entry_t *entries; /* the one that was last asked for is the first */
    size_t max_size;
    lk_authz_cache_stats_t stats;
};

lk_authz_cache_t *lk_authz_cache_create(size_t max_size)
{
    lk_authz_cache_t *cache = calloc(1, sizeof(*cache));
    if (cache == NULL)
        return NULL;
    cache->max_size = max_size;
    pthread_mutex_init(&cache->lock, NULL);
    return cache;
}

static void unref(void *object)
{
    entry_t *entry = object;
    if (__atomic_sub_fetch(&entry->refs, 1, __ATOMIC_ACQ_REL) != 0)
        return;
    lk_arena_t *arena = entry->arena;
    lk_arena_destroy(&arena);
}

/* --- under the lock --- */

/* Where the pointer to an entry is; to NULL where there is none. */
static entry_t **find(lk_authz_cache_t *cache, const char *realm_id, const char *client_id)
{
    entry_t **at = &cache->entries;
    while (*at != NULL && (strcmp((*at)->client_id, client_id) != 0 || strcmp((*at)->realm_id, realm_id) != 0))
        at = &(*at)->next;
    return at;
}

static entry_t *take_out(lk_authz_cache_t *cache, entry_t **at)
{
    entry_t *entry = *at;
    *at = entry->next;
    cache->stats.size -= entry->size;
    --cache->stats.count;
    return entry;
}

static void put_first(lk_authz_cache_t *cache, entry_t *entry)
{
    entry->asked = lk_ticks_us() / 1000000;
    entry->next = cache->entries;
    cache->entries = entry;
    cache->stats.size += entry->size;
    ++cache->stats.count;
}

/* Lets go of everything from there on. */
static void cut(lk_authz_cache_t *cache, entry_t **at)
{
    while (*at != NULL)
        unref(take_out(cache, at));
}

/* --- */

void lk_authz_cache_free(lk_authz_cache_t **cache)
{
    lk_authz_cache_t *self = *cache;
    *cache = NULL;
    if (self == NULL)
        return;
    cut(self, &self->entries);
    pthread_mutex_destroy(&self->lock);
    free(self);
}

void lk_authz_cache_trim(lk_authz_cache_t *cache, int64_t seconds)
{
    int64_t oldest = lk_ticks_us() / 1000000 - seconds;
    pthread_mutex_lock(&cache->lock);
    entry_t **at = &cache->entries;
    while (*at != NULL && (*at)->asked >= oldest)
        at = &(*at)->next;
    cut(cache, at);
    pthread_mutex_unlock(&cache->lock);
}

void lk_authz_cache_stats(lk_authz_cache_t *cache, lk_authz_cache_stats_t *ret_stats)
{
    pthread_mutex_lock(&cache->lock);
    *ret_stats = cache->stats;
    pthread_mutex_unlock(&cache->lock);
}

/* With a reference; NULL: it is not here. */
static entry_t *look_up(lk_authz_cache_t *cache, const char *realm_id, const char *client_id)
{
    pthread_mutex_lock(&cache->lock);
    entry_t **at = find(cache, realm_id, client_id), *entry = *at;
    if (entry != NULL) {
        put_first(cache, take_out(cache, at));
        __atomic_add_fetch(&entry->refs, 1, __ATOMIC_RELAXED);
    }
    pthread_mutex_unlock(&cache->lock);
    return entry;
}

/* In place of what was known of the client; what was not asked for the longest has to go where there is not room for all. */
static void keep(lk_authz_cache_t *cache, entry_t *entry)
{
    pthread_mutex_lock(&cache->lock);
    ++cache->stats.read;
    entry_t **at = find(cache, entry->realm_id, entry->client_id);
    if (*at != NULL)
        unref(take_out(cache, at));
    if (entry->size <= cache->max_size) {
        size_t size = 0;
        __atomic_add_fetch(&entry->refs, 1, __ATOMIC_RELAXED);
        put_first(cache, entry);
        for (at = &cache->entries; *at != NULL && (size += (*at)->size) <= cache->max_size;)
            at = &(*at)->next;
        cut(cache, at);
    }
    pthread_mutex_unlock(&cache->lock);
}

/* With a reference. */
static lk_status_t build(const char *realm_id, const char *client_id, const lk_rows_t *rows, entry_t **ret_entry, lk_error_t *err)
{
    lk_arena_t *arena = lk_arena_create("authz");
    entry_t *entry = LK_NEW(arena, entry_t);
    json_t *settings;
    entry->arena = arena;
    entry->realm_id = lk_strdup(arena, realm_id);
    entry->client_id = lk_strdup(arena, client_id);
    entry->stamp = lk_strdup(arena, lk_row_str(rows, 0, "stamp"));
    entry->size = strlen(lk_row_str(rows, 0, "settings"));
    entry->refs = 1;
    lk_status_t status = lk_authz_read(arena, rows, 0, &settings, err);
    if (status != LK_OK) {
        lk_arena_destroy(&arena);
        return status;
    }
    lk_authz_server_build(arena, settings, &entry->server);
    *ret_entry = entry;
    return LK_OK;
}

lk_status_t lk_authz_current(lk_authz_cache_t *cache, lk_sql_t *sql, lk_arena_t *arena, const char *realm_id, const char *client_id,
                             const lk_authz_server_t **ret_server, lk_error_t *err)
{
    entry_t *entry = look_up(cache, realm_id, client_id);
    lk_rows_t rows;
    if (entry != NULL)
        lk_defer(arena, unref, entry);
    *ret_server = NULL;
    lk_status_t status =
        lk_query(sql, arena, LK_Q_AUTHZ_CURRENT, &rows, err, realm_id, client_id, entry != NULL ? entry->stamp : NULL);
    if (status != LK_OK || rows.count == 0)
        return status;
    if (lk_row_str(&rows, 0, "settings") != NULL) {
        status = build(realm_id, client_id, &rows, &entry, err);
        if (status != LK_OK)
            return status;
        lk_defer(arena, unref, entry);
        keep(cache, entry);
    }
    *ret_server = &entry->server;
    return LK_OK;
}
