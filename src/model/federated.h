/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_MODEL_FEDERATED_H
#define LK_MODEL_FEDERATED_H

#include "model/user.h"

/* Users and their accounts at identity providers. */

typedef struct st_lk_federated_t {
    const char *alias;    /* of the identity provider */
    const char *user_id;  /* there */
    const char *username; /* there, or NULL */
    const char *token;    /* what the provider gave, sealed, where the provider says storeToken; else NULL */
} lk_federated_t;

/* Who is linked to that account; *ret_user is NULL where nobody is. */
lk_status_t lk_federated_user(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *alias, const char *external_id,
                              const lk_user_t **ret_user, lk_federated_t *ret_link, lk_error_t *err);
/* A user's links: to one provider, or (alias NULL) all. */
lk_status_t lk_federated_links(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *user_id, const char *alias,
                               lk_federated_t **ret_links, size_t *ret_count, lk_error_t *err);
/* LK_CONFLICT where the user has a link to that provider, or the account there has another user. */
lk_status_t lk_federated_add(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *user_id,
                             const lk_federated_t *link, lk_error_t *err);
/* The link to `external_id` anew, which link->user_id may differ from; without a token the stored one stays. */
lk_status_t lk_federated_update(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *user_id,
                                const char *external_id, const lk_federated_t *link, lk_error_t *err);
lk_status_t lk_federated_remove(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *user_id, const char *alias,
                                lk_error_t *err);

/* What a login by an identity provider makes of a user. */
typedef struct st_lk_user_change_t {
    const char *username, *email, *first_name, *last_name; /* what they shall be; NULL: none */
    int email_verified;
    json_t *attributes;                                            /* {"name": [values]}: all of them */
    json_t *required_actions;                                      /* of a new user: an array */
    json_t *add_roles, *remove_roles, *join_groups, *leave_groups; /* arrays of ids */
} lk_user_change_t;
/* LK_CONFLICT where the user name is taken. */
lk_status_t lk_broker_user_update(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *user_id,
                                  const lk_user_change_t *change, lk_error_t *err);
/* A new user, enabled, without a password. */
lk_status_t lk_broker_user_insert(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *user_id,
                                  const lk_user_change_t *change, lk_error_t *err);

/* --- logins that come back from a provider --- */

/* Puts away, until `expires`, what is known of a login: who it is (NULL where the user is known already) and the provider's tokens
 * (NULL: as they were). Both sealed by the caller. */
lk_status_t lk_broker_login_put(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *tab, int64_t expires,
                                const char *content, const char *tokens, lk_error_t *err);
/* NULLs where there is none. */
lk_status_t lk_broker_login_get(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *tab,
                                const char **ret_content, const char **ret_tokens, lk_error_t *err);
/* The login has become a session, which keeps the tokens. In the transaction that makes it. */
lk_status_t lk_broker_login_done(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *tab, const char *sid,
                                 lk_error_t *err);
/* The session is about to end, and its provider is not told: lk_broker_session_load still knows it until `expires`. */
lk_status_t lk_broker_session_put_away(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *sid, int64_t expires,
                                       lk_error_t *err);
/* The provider that a session came from, and its sealed tokens; NULLs where there is none. */
lk_status_t lk_broker_session_load(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *sid,
                                   const char **ret_alias, const char **ret_tokens, lk_error_t *err);

/* --- what a provider gave --- */

/* What a provider gave, to be stored; and back (NULL where it cannot be read). */
char *lk_broker_token_seal(lk_arena_t *arena, const lk_realm_t *realm, const char *answer);
const json_t *lk_broker_token_open(lk_arena_t *arena, const lk_realm_t *realm, const char *sealed);
/* The token endpoint's answer in it; NULL where there is none. */
json_t *lk_broker_token_answer(lk_arena_t *arena, const json_t *opened);
/* A token of a session's provider by the name that Keycloak has for it among the session's notes ("FEDERATED_ACCESS_TOKEN", ...);
 * NULL where it has none, or the provider's storeTokenInSession says no. */
lk_status_t lk_broker_session_note(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *sid, const char *name,
                                   const char **ret_value, lk_error_t *err);

#endif
