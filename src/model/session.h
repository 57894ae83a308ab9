/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_MODEL_SESSION_H
#define LK_MODEL_SESSION_H

#include "core/user_agent.h"
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

#define LK_NOTE_DEVICE "device"       /* of a session: what the browser said of itself, as far as it is told */
#define LK_NOTE_CLAIMS "claims"       /* of a client's part: the claims parameter */
#define LK_NOTE_ORGANIZATION "kc.org" /* likewise: the alias of the organization that was chosen */
#define LK_MAX_CLAIMS 4096            /* bytes of it that are kept */

typedef struct st_lk_client_session_t {
    const char *client_id; /* client.id */
    int64_t started, last_refresh;
    const char *redirect_uri, *scope;
    json_t *notes;
} lk_client_session_t;

/* Notes whose browser it is that signs in (the text of its User-Agent; NULL: nothing), and tells it: a browser of NULL where
 * nothing was noted. */
void lk_session_note_device(lk_arena_t *arena, json_t *notes, const char *user_agent);
lk_user_agent_t lk_session_device(const json_t *notes);

/* Ends (seconds since 1970) by the realm's and the client's settings; 0: never. */
int64_t lk_session_expires(const lk_realm_t *realm, const lk_session_t *session);
/* By the maximum alone, however idle it is. */
int64_t lk_client_session_max_end(const lk_realm_t *realm, const lk_client_t *client, const lk_session_t *session,
                                  const lk_client_session_t *cs);
int64_t lk_client_session_expires(const lk_realm_t *realm, const lk_client_t *client, const lk_session_t *session,
                                  const lk_client_session_t *cs);

/* Creates the session and the client's part in one statement. Ids are made by the caller (lk_random_token(arena, 18)). */
lk_status_t lk_session_create(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const lk_session_t *session,
                              const lk_client_session_t *client_session, lk_error_t *err);
/* Adds or replaces a client's part; touches last_access. */
lk_status_t lk_session_attach(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const lk_session_t *session,
                              const lk_client_session_t *client_session, lk_error_t *err);
typedef struct st_lk_session_query_t {
    const char *sid;
    int offline;
    const char *client_id; /* client.id, or NULL: its part is not wanted */
    const char *jti;       /* of a token of this session, or NULL */
} lk_session_query_t;

/* All NULL where the session is gone or has expired; client_session NULL where it alone is. */
typedef struct st_lk_session_found_t {
    const lk_session_t *session;
    const lk_client_session_t *client_session;
    const lk_user_t *user;
    int revoked; /* the token with that jti was */
} lk_session_found_t;

/* In one round trip. */
lk_status_t lk_session_load(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const lk_session_query_t *query,
                            lk_session_found_t *ret_found, lk_error_t *err);
/* The same, for what may be redeemed once (see lk_use_once): used up and loaded together, or neither. */
lk_status_t lk_session_redeem(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const lk_session_query_t *query,
                              const char *kind, const char *id, int64_t expires, int *ret_first, lk_session_found_t *ret_found,
                              lk_error_t *err);
/* Ends it with all clients' parts. *ret_existed may be NULL. */
lk_status_t lk_session_remove(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *sid, int offline,
                              int *ret_existed, lk_error_t *err);
/* Takes one client out: a code used twice, a refresh token revoked. */
lk_status_t lk_session_detach(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *sid, int offline,
                              const char *client_uuid, lk_error_t *err);

/* The refresh token that was redeemed, where the realm revokes refresh tokens. Each login of a client in the session begins a chain
 * of its own, named in the tokens' claim reuse_id, which a new token takes over from the one it replaces. */
typedef struct st_lk_rotation_t {
    const char *chain, *jti; /* chain: reuse_id, "" where the token has none */
    int64_t iat;
} lk_rotation_t;
/* After a refresh: last_refresh and last_access, and the rotation's bookkeeping (NULL: the realm does not revoke), in one
 * statement. The newest token of a chain may be redeemed refreshTokenMaxReuse times more, so that two concurrent refreshes both
 * succeed and either's answer goes on; older ones are stale. LK_CONFLICT invalid_grant "Stale token" or "Maximum allowed refresh
 * token reuse exceeded": the client's part of the session has ended then. Without rotation last_access is written at most once a
 * minute (a tenth of the idle timeout where that is less). `now` (seconds) must be the iat of the tokens that are issued for it:
 * were it later, they would be stale from the start. */
lk_status_t lk_session_refresh(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const lk_session_t *session,
                               const lk_client_session_t *client_session, const lk_rotation_t *rotation, int64_t now,
                               lk_error_t *err);

/* Names an attempt to use something up, or to redeem it. Who does not know whether an attempt was carried out makes it again by the
 * same name, and finds itself. */
const char *lk_attempt_new(lk_arena_t *arena);
/* Marks a sealed value's id as used until `expires`; *ret_first is 1 for the first caller anywhere, and for each of its attempt,
 * else 0. `session_id`, which may be NULL, is noted for others. */
typedef struct st_lk_use_t {
    const char *kind, *id, *session_id, *attempt;
    int64_t expires;
} lk_use_t;
lk_status_t lk_use_by(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const lk_use_t *use, int *ret_first,
                      lk_error_t *err);
/* The same by an attempt of its own; *ret_session_id (may be NULL) is what the first one noted. */
lk_status_t lk_use_once(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *kind, const char *id,
                        int64_t expires, const char *session_id, int *ret_first, const char **ret_session_id, lk_error_t *err);
/* *ret_session_id (may be NULL): what was noted. */
lk_status_t lk_is_used(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *kind, const char *id, int *ret_used,
                       const char **ret_session_id, lk_error_t *err);

#endif
