/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <pthread.h>
#include <string.h>
#include "core/json.h"
#include "crypto/crypto.h"
#include "model/snapshot.h"
#include "model/user.h"

/* The clients of a snapshot: loaded one by one, never dropped before it. */

static uint64_t hash_seed;
static pthread_once_t hash_once = PTHREAD_ONCE_INIT;

static void seed_hash(void)
{
    lk_random(&hash_seed, sizeof(hash_seed));
}

uint64_t lk_text_hash(const char *text)
{
    pthread_once(&hash_once, seed_hash);
    uint64_t hash = hash_seed ^ 0xcbf29ce484222325u;
    for (; *text != '\0'; ++text)
        hash = (hash ^ (unsigned char)*text) * 0x100000001b3u;
    return hash ^ hash >> 32;
}

void lk_client_cache_init(lk_client_cache_t *cache)
{
    pthread_mutex_init(&cache->lock, NULL);
}

static void free_client(lk_cached_client_t *client, void (*free_plans)(void *plans))
{
    if (client->super.plans != NULL && free_plans != NULL)
        free_plans(client->super.plans);
    lk_arena_t *arena = client->arena;
    lk_arena_destroy(&arena);
}

void lk_client_cache_free(lk_client_cache_t *cache, void (*free_plans)(void *plans))
{
    for (size_t i = 0; i != LK_CLIENT_BUCKETS; ++i) {
        for (lk_cached_client_t *client = cache->by_name[i], *next; client != NULL; client = next) {
            next = client->next_by_name;
            free_client(client, free_plans);
        }
    }
    pthread_mutex_destroy(&cache->lock);
}

static lk_cached_client_t *find_by_name(lk_client_cache_t *cache, const char *client_id)
{
    lk_cached_client_t *client = cache->by_name[lk_text_hash(client_id) % LK_CLIENT_BUCKETS];
    while (client != NULL && strcmp(client->super.client_id, client_id) != 0)
        client = client->next_by_name;
    return client;
}

static lk_cached_client_t *find_by_uuid(lk_client_cache_t *cache, const char *id)
{
    lk_cached_client_t *client = cache->by_uuid[lk_text_hash(id) % LK_CLIENT_BUCKETS];
    while (client != NULL && strcmp(client->super.id, id) != 0)
        client = client->next_by_uuid;
    return client;
}

static int is_unknown(const lk_client_cache_t *cache, const char *client_id)
{
    for (size_t i = 0; *client_id != '\0' && i != LK_UNKNOWN_NAMES; ++i)
        if (strcmp(cache->unknown[i], client_id) == 0)
            return 1;
    return 0;
}

static void remember_unknown(lk_client_cache_t *cache, const char *client_id)
{
    size_t len = strlen(client_id);
    if (len >= LK_UNKNOWN_NAME_SIZE)
        return;
    pthread_mutex_lock(&cache->lock);
    memcpy(cache->unknown[cache->next_unknown++ % LK_UNKNOWN_NAMES], client_id, len + 1);
    pthread_mutex_unlock(&cache->lock);
}

/* The one that stays: another thread may have loaded the same meanwhile. */
static lk_cached_client_t *insert(lk_client_cache_t *cache, lk_cached_client_t *client)
{
    pthread_mutex_lock(&cache->lock);
    lk_cached_client_t *there = find_by_name(cache, client->super.client_id);
    if (there == NULL) {
        lk_cached_client_t **by_name = &cache->by_name[lk_text_hash(client->super.client_id) % LK_CLIENT_BUCKETS];
        lk_cached_client_t **by_uuid = &cache->by_uuid[lk_text_hash(client->super.id) % LK_CLIENT_BUCKETS];
        client->next_by_name = *by_name;
        client->next_by_uuid = *by_uuid;
        *by_name = *by_uuid = client;
    }
    pthread_mutex_unlock(&cache->lock);
    if (there == NULL)
        return client;
    free_client(client, NULL);
    return there;
}

static lk_status_t build_client(lk_sql_t *sql, const lk_realm_t *realm, const lk_rows_t *rows, lk_cached_client_t **ret_client,
                                lk_error_t *err)
{
    const char *service_account = lk_row_str(rows, 0, "service_account");
    lk_arena_t *arena = lk_arena_create("client");
    lk_cached_client_t *cached = LK_NEW(arena, lk_cached_client_t);
    lk_client_t *client = &cached->super;
    const char *text = lk_row_str(rows, 0, "rep");
    json_t *rep;
    lk_status_t status = lk_json_parse(arena, text, strlen(text), &rep, err);
    if (status != LK_OK) {
        status = lk_fail(err, LK_INTERNAL, NULL, NULL);
        lk_error_detail(err, "client %s of realm %s", lk_row_str(rows, 0, "client_id"), realm->name);
    } else if (service_account != NULL) {
        status = lk_user_by_id(sql, arena, realm, service_account, &client->service_account, err);
    }
    if (status != LK_OK) {
        lk_arena_destroy(&arena);
        return status;
    }
    cached->arena = arena;
    lk_rep_load(&lk_client_fields, arena, rep, client);
    client->rep = rep;
    client->id = lk_strdup(arena, lk_row_str(rows, 0, "id"));
    client->client_id = lk_strdup(arena, lk_row_str(rows, 0, "client_id"));
    lk_mappers_load(arena, rep, &client->mappers, &client->num_mappers);
    client->default_scopes = lk_scopes_by_ids(arena, realm, lk_row_str(rows, 0, "default_scopes"), &client->num_default_scopes);
    client->optional_scopes = lk_scopes_by_ids(arena, realm, lk_row_str(rows, 0, "optional_scopes"), &client->num_optional_scopes);
    client->scope_roles = lk_roles_resolve(arena, realm, lk_row_str(rows, 0, "scope_roles"), &client->num_scope_roles);
    *ret_client = cached;
    return LK_OK;
}

lk_status_t lk_realm_client(lk_realms_t *realms, const lk_realm_t *realm, const char *client_id, const lk_client_t **ret_client,
                            lk_error_t *err)
{
    lk_client_cache_t *cache = realm->clients;
    pthread_mutex_lock(&cache->lock);
    lk_cached_client_t *client = find_by_name(cache, client_id);
    int unknown = client == NULL && is_unknown(cache, client_id);
    pthread_mutex_unlock(&cache->lock);
    if (client != NULL || unknown) {
        *ret_client = client != NULL ? &client->super : NULL;
        return LK_OK;
    }
    lk_arena_t *scratch = lk_arena_create("client row");
    lk_rows_t rows;
    lk_status_t status = lk_query(lk_realms_sql(realms), scratch, LK_Q_CLIENT_LOAD, &rows, err, realm->id, client_id);
    if (status == LK_OK && rows.count == 0)
        remember_unknown(cache, client_id);
    else if (status == LK_OK && (status = build_client(lk_realms_sql(realms), realm, &rows, &client, err)) == LK_OK)
        client = insert(cache, client);
    lk_arena_destroy(&scratch);
    if (status == LK_OK)
        *ret_client = client != NULL ? &client->super : NULL;
    return status;
}

const lk_client_t *lk_client_cached(const lk_realm_t *realm, const char *id)
{
    lk_client_cache_t *cache = realm->clients;
    pthread_mutex_lock(&cache->lock);
    const lk_cached_client_t *client = find_by_uuid(cache, id);
    pthread_mutex_unlock(&cache->lock);
    return client != NULL ? &client->super : NULL;
}

lk_status_t lk_realm_client_by_uuid(lk_realms_t *realms, const lk_realm_t *realm, const char *id, const lk_client_t **ret_client,
                                    lk_error_t *err)
{
    const lk_client_t *client = lk_client_cached(realm, id);
    if (client != NULL) {
        *ret_client = client;
        return LK_OK;
    }
    lk_arena_t *scratch = lk_arena_create("client row");
    lk_rows_t rows;
    lk_status_t status = lk_query(lk_realms_sql(realms), scratch, LK_Q_CLIENT_ID_BY_UUID, &rows, err, realm->id, id);
    if (status == LK_OK && rows.count == 0)
        *ret_client = NULL;
    else if (status == LK_OK)
        status = lk_realm_client(realms, realm, lk_row_str(&rows, 0, "client_id"), ret_client, err);
    lk_arena_destroy(&scratch);
    return status;
}
