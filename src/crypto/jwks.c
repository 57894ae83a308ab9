/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "crypto/jwks.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include "core/fetch.h"
#include "core/json.h"
#include "core/time.h"

#define MAX_SETS 64 /* addresses; the one that was used longest ago makes room */
#define MAX_KEYS 64
#define MAX_SET_BYTES (512 * 1024)

/* Immutable, counted; lives in an arena of its own. */
typedef struct st_key_set_t {
    lk_arena_t *arena;
    atomic_int refs;
    const lk_key_t *keys[MAX_KEYS];
    size_t count;
} key_set_t;

typedef struct st_entry_t {
    char *url;
    key_set_t *set;        /* NULL: never had */
    int64_t fetched, used; /* seconds of the monotonic clock; fetched: the last attempt, good or bad; 0: none yet */
    int fetching;          /* somebody does it now */
} entry_t;

static struct {
    pthread_mutex_t lock;
    pthread_cond_t arrived;
    entry_t entries[MAX_SETS];
} cache = {.lock = PTHREAD_MUTEX_INITIALIZER, .arrived = PTHREAD_COND_INITIALIZER};

static void unref(void *object)
{
    key_set_t *set = object;
    if (set == NULL || atomic_fetch_sub_explicit(&set->refs, 1, memory_order_acq_rel) != 1)
        return;
    lk_arena_t *arena = set->arena;
    lk_arena_destroy(&arena);
}

/* --- a set out of its text --- */

/* Keys that cannot be read (of types that nobody here knows) are left out, as RFC 7517 section 5 asks for. */
static key_set_t *read_set(const json_t *object)
{
    lk_arena_t *arena = lk_arena_create("key set");
    key_set_t *set = LK_NEW(arena, key_set_t);
    size_t i;
    json_t *jwk;
    set->arena = arena;
    atomic_init(&set->refs, 1);
    json_array_foreach(json_object_get(object, "keys"), i, jwk)
    {
        lk_key_t *key;
        if (set->count != MAX_KEYS && lk_key_from_jwk(arena, jwk, &key, NULL) == LK_OK &&
            (key->use == NULL || strcmp(key->use, "sig") == 0))
            set->keys[set->count++] = key;
    }
    return set;
}

static lk_status_t fetch_set(lk_arena_t *scratch, const char *url, key_set_t **ret_set, lk_error_t *err)
{
    lk_fetched_t answer;
    json_t *object;
    lk_status_t status = lk_fetch(scratch, &(lk_fetch_t){.url = url, .max_bytes = MAX_SET_BYTES}, &answer, err);
    if (status != LK_OK)
        return status;
    if (answer.status != 200 || lk_json_parse(scratch, (const char *)answer.body.base, answer.body.len, &object, NULL) != LK_OK ||
        !json_is_array(json_object_get(object, "keys"))) {
        lk_fail(err, LK_UNAVAILABLE, NULL, NULL);
        return lk_error_detail(err, "%s: status %ld, %s, no key set", url, answer.status, answer.content_type);
    }
    *ret_set = read_set(object);
    return LK_OK;
}

/* --- the cache --- */

static int64_t seconds(void)
{
    return lk_ticks_us() / 1000000;
}

/* With the lock. */
static entry_t *entry_of(const char *url)
{
    entry_t *oldest = NULL;
    for (size_t i = 0; i != MAX_SETS; ++i) {
        entry_t *entry = &cache.entries[i];
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
    unref(oldest->set);
    *oldest = (entry_t){.url = copy};
    return oldest;
}

/* With the lock, which is let go meanwhile. */
static lk_status_t refresh(entry_t *entry, lk_arena_t *scratch, lk_error_t *err)
{
    key_set_t *set = NULL;
    const char *url = lk_strdup(scratch, entry->url);
    entry->fetching = 1;
    pthread_mutex_unlock(&cache.lock);
    lk_status_t status = fetch_set(scratch, url, &set, err);
    pthread_mutex_lock(&cache.lock);
    entry->fetching = 0;
    entry->fetched = seconds();
    if (status == LK_OK) {
        unref(entry->set);
        entry->set = set;
    }
    pthread_cond_broadcast(&cache.arrived);
    return status;
}

static int is_due(const entry_t *entry, int anew)
{
    int64_t age = seconds() - entry->fetched;
    if (entry->fetched == 0)
        return 1;
    return age >= LK_JWKS_PAUSE_S && (entry->set == NULL || anew || age > LK_JWKS_MAX_AGE_S);
}

/* The set, with a reference that hangs on the arena. `anew`: the caller did not find its key in what is cached. *ret_set is what
 * was known where a refresh fails. */
static lk_status_t get_set(lk_arena_t *arena, const char *url, int anew, const key_set_t **ret_set, lk_error_t *err)
{
    lk_status_t status = LK_OK;
    pthread_mutex_lock(&cache.lock);
    entry_t *entry = entry_of(url);
    while (entry != NULL && entry->set == NULL && entry->fetching) { /* the first fetch: others wait for it */
        pthread_cond_wait(&cache.arrived, &cache.lock);
        entry = entry_of(url);
    }
    if (entry == NULL) {
        pthread_mutex_unlock(&cache.lock);
        return lk_fail(err, LK_UNAVAILABLE, NULL, "Too many key sets are being fetched");
    }
    if (!entry->fetching && is_due(entry, anew))
        status = refresh(entry, arena, err);
    else if (entry->set == NULL)
        status = lk_fail(err, LK_UNAVAILABLE, NULL, "The key set could not be had a moment ago");
    entry->used = seconds();
    if (entry->set != NULL) {
        atomic_fetch_add_explicit(&entry->set->refs, 1, memory_order_relaxed);
        lk_defer(arena, unref, entry->set);
        *ret_set = entry->set;
        status = LK_OK;
    }
    pthread_mutex_unlock(&cache.lock);
    return status;
}

/* --- verification --- */

static int verifies(lk_arena_t *arena, const key_set_t *set, const lk_jws_t *jws)
{
    for (size_t i = 0; i != set->count; ++i) {
        const lk_key_t *key = set->keys[i];
        if ((jws->kid == NULL || (key->kid != NULL && strcmp(key->kid, jws->kid) == 0)) &&
            lk_jws_verify_foreign(arena, jws, key, NULL) == LK_OK)
            return 1;
    }
    return 0;
}

static lk_status_t refuse(const lk_jws_t *jws, const char *where, size_t count, lk_error_t *err)
{
    lk_fail(err, LK_INVALID, NULL, "Invalid token signature");
    return lk_error_detail(err, "no key of %s verifies (alg %s, kid %s, %zu keys)", where, jws->alg != NULL ? jws->alg : "none",
                           jws->kid != NULL ? jws->kid : "none", count);
}

lk_status_t lk_jwks_verify(lk_arena_t *arena, const char *url, const lk_jws_t *jws, lk_error_t *err)
{
    const key_set_t *set = NULL;
    for (int anew = 0; anew != 2; ++anew) {
        lk_status_t status = get_set(arena, url, anew, &set, err);
        if (status != LK_OK)
            return status;
        if (verifies(arena, set, jws))
            return LK_OK;
    }
    return refuse(jws, url, set->count, err);
}

lk_status_t lk_jwks_verify_with(lk_arena_t *arena, const json_t *object, const lk_jws_t *jws, lk_error_t *err)
{
    key_set_t *set = read_set(object);
    int good = verifies(arena, set, jws);
    size_t count = set->count;
    unref(set);
    return good ? LK_OK : refuse(jws, "the set", count, err);
}
