/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_MODEL_SESSION_H
#define LK_MODEL_SESSION_H

#include "model/user.h"

/* A user's login and a client's part in it. Read from the database each time: revoked is gone on all replicas at once. */
typedef struct st_lk_session_t {
    const char *id; /* sid */
    int offline;
    const char *user_id;
    int64_t started, last_access; /* seconds */
    int remember_me;
    const char *ip_address, *auth_method, *broker_alias, *broker_session_id;
    json_t *notes; /* {"AUTH_TIME": "...", "acr": ...} */
} lk_session_t;

typedef struct st_lk_client_session_t {
    const char *client_id; /* client.id */
    int64_t started, last_refresh;
    const char *redirect_uri, *scope;
    const char *refresh_id;
    int64_t refresh_count, refresh_issued;
    json_t *notes;
} lk_client_session_t;

/* Ends (seconds since 1970) by the realm's and the client's settings; 0: never. */
int64_t lk_session_expires(const lk_realm_t *realm, const lk_session_t *session);
int64_t lk_client_session_expires(const lk_realm_t *realm, const lk_client_t *client, const lk_session_t *session, const lk_client_session_t *cs);

/* Creates the session and the client's part in one statement. Ids are made by the caller (lk_random_token(arena, 18)). */
lk_status_t lk_session_create(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const lk_session_t *session,
                              const lk_client_session_t *client_session, lk_error_t *err);
/* Adds or replaces a client's part; touches last_access. */
lk_status_t lk_session_attach(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const lk_session_t *session,
                              const lk_client_session_t *client_session, lk_error_t *err);
/* Session, client's part (either may come back NULL) and user in one round trip; expired ones count as absent. client_uuid and the last two
 * outputs may be NULL. */
lk_status_t lk_session_load(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *sid, int offline, const char *client_uuid,
                            const lk_session_t **ret_session, const lk_client_session_t **ret_client_session, const lk_user_t **ret_user,
                            lk_error_t *err);
/* Ends it with all clients' parts. *ret_existed may be NULL. */
lk_status_t lk_session_remove(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *sid, int offline, int *ret_existed, lk_error_t *err);
/* Takes one client out: a code used twice, a refresh token revoked. */
lk_status_t lk_session_detach(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *sid, int offline, const char *client_uuid, lk_error_t *err);
/* After a refresh: last_refresh and last_access, and the rotation's bookkeeping. Returns LK_CONFLICT where another request redeemed the same
 * token meanwhile beyond refreshTokenMaxReuse. */
lk_status_t lk_session_refresh(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const lk_session_t *session, const char *client_uuid,
                               const char *refresh_id, int64_t refresh_issued, int64_t max_reuse, lk_error_t *err);

/* Marks a sealed value's id as used until `expires`; *ret_first is 1 for the first caller anywhere, else 0 and *ret_session_id (may be NULL)
 * is what the first one noted. */
lk_status_t lk_use_once(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *kind, const char *id, int64_t expires,
                        const char *session_id, int *ret_first, const char **ret_session_id, lk_error_t *err);
lk_status_t lk_is_used(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *kind, const char *id, int *ret_used, lk_error_t *err);

#endif
