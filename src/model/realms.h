/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_MODEL_REALMS_H
#define LK_MODEL_REALMS_H

#include "model/app.h"
#include "model/realm.h"

/* All snapshots of the process, by realm name and id. Lifetime: process; every function may be called from any lane. */
typedef struct st_lk_realms_t lk_realms_t;

lk_status_t lk_realms_create(lk_store_t *store, lk_notice_t notice, lk_realms_t **ret_realms, lk_error_t *err);
/* After the store was closed, whose listener calls into it. NULL inside is fine. */
void lk_realms_free(lk_realms_t **realms);
/* Of the realms that are known here. */
typedef struct st_lk_realms_stats_t {
    int64_t realms; /* held now */
    int64_t asked, compared, read,
        served_undated; /* times: by a request; with the database's version; anew; without either, it being away */
} lk_realms_stats_t;
void lk_realms_stats(lk_realms_t *realms, lk_realms_stats_t *ret_stats);
/* How long a realm that cannot be compared with the database is served as it was; before the first one is read. */
void lk_realms_set_grace(lk_realms_t *realms, int64_t milliseconds);
/* What frees lk_client_t.plans; before the first realm is read. */
void lk_realms_set_plans_free(lk_realms_t *realms, void (*free_plans)(void *plans));
/* Where key files may lie (model/key_file.h); before the first realm is read. It must outlive the realms. */
void lk_realms_set_keys_dir(lk_realms_t *realms, const char *keys_dir);
/* Looks whether a file has changed that a key was read from: that realm is read anew. Every few seconds. */
void lk_realms_check_key_files(lk_realms_t *realms);
/* The current snapshot; it stays valid until the arena ends. Reads the database only where the realm is unknown here or has
 * changed. LK_NOT_FOUND (404, "Realm does not exist") where there is none. */
lk_status_t lk_realms_get(lk_realms_t *realms, lk_arena_t *arena, const char *name, const lk_realm_t **ret_realm, lk_error_t *err);
lk_status_t lk_realms_get_by_id(lk_realms_t *realms, lk_arena_t *arena, const char *id, const lk_realm_t **ret_realm,
                                lk_error_t *err);
/* Settings of resource servers (model/authz_cache.h): they live as long as the realms. */
struct st_lk_authz_cache_t *lk_realms_authz(lk_realms_t *realms);
/* Lets go of the snapshots, and settings of resource servers, that nobody has asked for in so many seconds; their memory goes once
 * no request holds them. */
void lk_realms_trim(lk_realms_t *realms, int64_t seconds);
/* The realm changed (own commit, or a notification); NULL: all. The next get reads anew. */
void lk_realms_invalidate(lk_realms_t *realms, const char *realm_id);

/* Clients live as long as their realm's snapshot. *ret_client is NULL (and the status LK_OK) where there is none. */
lk_status_t lk_realm_client(lk_realms_t *realms, const lk_realm_t *realm, const char *client_id, const lk_client_t **ret_client,
                            lk_error_t *err);
lk_status_t lk_realm_client_by_uuid(lk_realms_t *realms, const lk_realm_t *realm, const char *id, const lk_client_t **ret_client,
                                    lk_error_t *err);

/* For handlers: the realm of the route's first placeholder. Refuses what sslRequired forbids (403 invalid_request "HTTPS
 * required"); a disabled realm is returned, its answer being the endpoint's own. */
lk_status_t lk_request_realm(const lk_request_t *req, const lk_realm_t **ret_realm, lk_error_t *err);
/* sslRequired "external": loopback, private and link-local addresses may do without TLS. */
int lk_address_is_local(const char *ip);
/* "https://sso.example/auth/realms/acme" */
const char *lk_realm_issuer(const lk_request_t *req, const lk_realm_t *realm);

/* In a transaction that changes configuration: bumps the version and notifies all replicas at commit. Whoever must see the change
 * at once calls lk_realms_invalidate after the commit, or lk_realm_commit instead of all three. */
lk_status_t lk_realm_touch(lk_sql_t *tx, lk_arena_t *arena, const char *realm_id, lk_error_t *err);
/* Touches, commits, invalidates. Ends the transaction, whatever happens. */
lk_status_t lk_realm_commit(lk_realms_t *realms, lk_arena_t *arena, lk_sql_t **tx, const char *realm_id, lk_error_t *err);

#endif
