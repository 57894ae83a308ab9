/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_MODEL_SNAPSHOT_H
#define LK_MODEL_SNAPSHOT_H

#include <pthread.h>
#include <stdatomic.h>
#include "model/key_file.h"
#include "model/realms.h"

/* What is behind an lk_realm_t; shared by the files of this room alone. */

#define LK_CLIENT_BUCKETS 64
/* Client ids and realm names that do not exist are remembered, so that guessing them does not reach the database each time. Longer
 * names are not remembered. */
#define LK_UNKNOWN_NAMES 32
#define LK_UNKNOWN_NAME_SIZE 64

/* A client, in an arena of its own that lives as long as the snapshot. */
typedef struct st_lk_cached_client_t {
    lk_client_t super;
    lk_arena_t *arena;
    struct st_lk_cached_client_t *next_by_name, *next_by_uuid;
} lk_cached_client_t;

typedef struct st_lk_client_cache_t {
    pthread_mutex_t lock; /* of everything below */
    lk_cached_client_t *by_name[LK_CLIENT_BUCKETS], *by_uuid[LK_CLIENT_BUCKETS];
    char unknown[LK_UNKNOWN_NAMES][LK_UNKNOWN_NAME_SIZE];
    unsigned next_unknown;
} lk_client_cache_t;

typedef struct st_lk_snapshot_t {
    lk_realm_t super;
    lk_arena_t *arena;
    atomic_int refs;
    /* sorted, for lookups */
    const lk_role_t **roles_by_name; /* client (realm roles first), then name */
    const lk_group_t **groups_by_path;
    const lk_scope_t **scopes_by_name;
    lk_notice_t notice;
    const char *keys_dir;     /* the operator's folder of key files, or NULL */
    lk_key_file_t *key_files; /* that the realm's keys were read from */
    void (*free_plans)(void *plans);
    lk_client_cache_t clients;
} lk_snapshot_t;

/* Reads the realm in one transaction. *ret_snapshot has one reference; NULL (and LK_OK) where there is no such realm. Keys that
 * cannot be read are left out, with a notice. */
lk_status_t lk_snapshot_load(lk_store_t *store, lk_notice_t notice, const char *keys_dir, const char *realm_id,
                             lk_snapshot_t **ret_snapshot, lk_error_t *err);
lk_snapshot_t *lk_snapshot_ref(lk_snapshot_t *snapshot);
void lk_snapshot_unref(void *snapshot);

/* Keys and the user profile out of the realm's components (model/realm_keys.c). */
lk_status_t lk_snapshot_read_components(lk_snapshot_t *snapshot, const lk_rows_t *rows, lk_error_t *err);
/* What is published besides, and with it the key set; after the components. */
lk_status_t lk_snapshot_read_retired_keys(lk_snapshot_t *snapshot, const lk_rows_t *rows, lk_error_t *err);

/* Mappers out of a representation's protocolMappers; what they point into is owned by `arena`. */
void lk_mappers_load(lk_arena_t *arena, json_t *rep, const lk_mapper_t **ret_mappers, size_t *ret_count);
/* Calls find for each of the lines and keeps what it finds. */
const void **lk_lines_resolve(lk_arena_t *arena, const lk_realm_t *realm, const char *lines,
                              const void *(*find)(const lk_realm_t *realm, const char *id), size_t *ret_count);
/* Pointers to what ids separated by newlines name; unknown ids are left out. */
const lk_role_t *const *lk_roles_resolve(lk_arena_t *arena, const lk_realm_t *realm, const char *ids, size_t *ret_count);
const lk_scope_t *const *lk_scopes_by_ids(lk_arena_t *arena, const lk_realm_t *realm, const char *ids, size_t *ret_count);

/* The client where it is loaded already, which it is once a request names it; else NULL. */
const lk_client_t *lk_client_cached(const lk_realm_t *realm, const char *id);
void lk_client_cache_init(lk_client_cache_t *cache);
void lk_client_cache_free(lk_client_cache_t *cache, void (*free_plans)(void *plans));

lk_store_t *lk_realms_store(lk_realms_t *realms);
lk_sql_t *lk_realms_sql(lk_realms_t *realms);
/* Adds a key's component unless the realm has one of that name, commits, and makes the snapshot read anew. */
lk_status_t lk_key_store(lk_realms_t *realms, lk_arena_t *arena, const char *realm_id, const json_t *rep, lk_error_t *err);

/* Seeded at random per process: visitors choose the keys. */
uint64_t lk_text_hash(const char *text);

#endif
