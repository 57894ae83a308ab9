/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_MODEL_AUTHZ_CACHE_H
#define LK_MODEL_AUTHZ_CACHE_H

#include "model/authz.h"

/* Settings of resource servers that are in memory, with their index, for all requests at once. What is here is good as long as the
 * database's stamp of it is the same (client.authz_stamp, a digest of the text), which each request asks for: one row by its key.
 * So nothing has to be told to other replicas, and what a transaction rolled back does no harm. Lifetime: process; every function
 * may be called from any lane. */
typedef struct st_lk_authz_cache_t lk_authz_cache_t;

/* Bytes of text that are kept at most, all resource servers together; in memory each takes some ten. Larger ones are read each
 * time. */
#define LK_AUTHZ_CACHE_SIZE (8 << 20)

lk_authz_cache_t *lk_authz_cache_create(size_t max_size);
void lk_authz_cache_free(lk_authz_cache_t **cache);
/* As they are now; valid until the arena ends. *ret_server is NULL where the client is no resource server. */
lk_status_t lk_authz_current(lk_authz_cache_t *cache, lk_sql_t *sql, lk_arena_t *arena, const char *realm_id, const char *client_id,
                             const lk_authz_server_t **ret_server, lk_error_t *err);
/* Lets go of those that nobody has asked for in so many seconds. */
void lk_authz_cache_trim(lk_authz_cache_t *cache, int64_t seconds);
/* Those that are kept, and how often one was read: for tests. */
typedef struct st_lk_authz_cache_stats_t {
    size_t count, size;
    int64_t read;
} lk_authz_cache_stats_t;
void lk_authz_cache_stats(lk_authz_cache_t *cache, lk_authz_cache_stats_t *ret_stats);

#endif
