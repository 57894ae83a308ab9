/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_CORE_REMOTE_H
#define LK_CORE_REMOTE_H

#include <pthread.h>
#include <stdint.h>
#include "core/fetch.h"
#include "core/json.h"

/* JSON documents of other servers (key sets, discovery), by their address: fetched when first needed, kept for the process in the
 * form that `read` makes of them, and fetched again when they are old, or when the caller misses something in them; either at most
 * once in LK_REMOTE_PAUSE_S. While an address does not answer, what was known still counts. Blocks where it fetches: the outbound
 * lane. */
#define LK_REMOTE_PAUSE_S 5
#define LK_REMOTE_MAX_AGE_S 3600
#define LK_REMOTE_MAX_BYTES (512 * 1024)
#define LK_REMOTE_ENTRIES 64 /* the one that was used longest ago makes room */

/* Immutable, counted; in an arena of its own. */
typedef struct st_lk_remote_value_t lk_remote_value_t;
typedef struct st_lk_remote_entry_t {
    char *url;
    lk_remote_value_t *value; /* NULL: never had */
    /* seconds of the monotonic clock; 0: never. fetched: the last attempt, good or bad; missed: the last one for the sake of what a
     * caller had missed */
    int64_t fetched, missed, used;
    int fetching; /* somebody does it now */
} lk_remote_entry_t;

/* A static of its user: lk_remote_t cache = LK_REMOTE(read_set); */
typedef struct st_lk_remote_t {
    /* What is kept of a document, in the arena; NULL where it is not what was expected. */
    void *(*read)(lk_arena_t *arena, const json_t *document);
    pthread_mutex_t lock;
    pthread_cond_t arrived;
    lk_remote_entry_t entries[LK_REMOTE_ENTRIES];
} lk_remote_t;
#define LK_REMOTE(read)                                                                                                            \
    {                                                                                                                              \
        (read), PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER,                                                               \
        {                                                                                                                          \
            {                                                                                                                      \
                0                                                                                                                  \
            }                                                                                                                      \
        }                                                                                                                          \
    }

/* What `read` made of the document; lives as long as the arena. `anew`: fetch again unless that was done a moment ago.
 * LK_UNAVAILABLE where there is none and none can be had. Any thread. */
lk_status_t lk_remote_get(lk_remote_t *remote, lk_arena_t *arena, const char *url, int anew, const void **ret_value,
                          lk_error_t *err);
/* The same; where it has to be fetched, with that Authorization header (NULL: none). */
lk_status_t lk_remote_get_as(lk_remote_t *remote, lk_arena_t *arena, const char *url, const char *authorization, int anew,
                             const void **ret_value, lk_error_t *err);
/* 1 where lk_remote_get would not fetch: what is known is not old, or there was no answer a moment ago. */
int lk_remote_is_settled(lk_remote_t *remote, const char *url, int anew);

#endif
