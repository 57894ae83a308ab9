/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_MODEL_USER_H
#define LK_MODEL_USER_H

#include "model/realms.h"
#include "crypto/password.h"

/* A user as read from the database; lives in the request's arena. */
typedef struct st_lk_user_t {
    const char *id, *username, *email, *first_name, *last_name; /* NULL where absent */
    int enabled, email_verified;
    int64_t created_timestamp;             /* milliseconds */
    int64_t not_before;                    /* seconds */
    const char *service_account_client_id; /* client.id */
    json_t *attributes;                    /* {"name": [values]} */
    lk_strings_t required_actions;
    const json_t *rep;
    const lk_role_t *const *roles; /* direct role mappings */
    size_t num_roles;
    const lk_group_t *const *groups; /* direct memberships */
    size_t num_groups;
    const json_t *organizations; /* enabled ones, by alias: [{"id", "alias", "attributes"}]; NULL: none */
} lk_user_t;

/* With roles and groups, one round trip. *ret_user is NULL where there is none. */
lk_status_t lk_user_by_id(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *id, const lk_user_t **ret_user,
                          lk_error_t *err);
/* By user name, or e-mail where the realm allows it (loginWithEmailAllowed, not duplicateEmailsAllowed); any case. */
lk_status_t lk_user_by_login(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *login,
                             const lk_user_t **ret_user, lk_error_t *err);
/* By the one or the other alone; any case. */
lk_status_t lk_user_by_username(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *username,
                                const lk_user_t **ret_user, lk_error_t *err);
lk_status_t lk_user_by_email(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *email,
                             const lk_user_t **ret_user, lk_error_t *err);
/* The e-mail address that a login name (in lower case) may stand for, or NULL. */
const char *lk_user_login_email(const lk_realm_t *realm, const char *lower_login);
/* All roles: direct, of groups and their parents, composites expanded. */
void lk_user_roles(lk_arena_t *arena, const lk_realm_t *realm, const lk_user_t *user, lk_role_set_t *ret_roles);
const char *lk_user_full_name(lk_arena_t *arena, const lk_user_t *user);

/* --- passwords and brute force --- */
typedef enum en_lk_login_result_t {
    LK_LOGIN_OK,
    LK_LOGIN_UNKNOWN_USER,
    LK_LOGIN_WRONG_PASSWORD,
    LK_LOGIN_DISABLED,
    LK_LOGIN_LOCKED
} lk_login_result_t;
/* What a check found. The lockout is what this very failure led to. */
typedef struct st_lk_login_check_t {
    lk_login_result_t result;
    const struct st_lk_user_t *user; /* set where somebody has that name */
    enum { LK_LOCKOUT_NONE, LK_LOCKOUT_FOR_A_WHILE, LK_LOCKOUT_FOR_GOOD } lockout;
    int64_t failures, locked_until; /* of a lockout; the latter in seconds */
} lk_login_check_t;
/* The whole check of a user name and password: finds the user, verifies (an unknown user costs the same time), counts failures,
 * locks (brute-force settings of the realm), rehashes where the policy changed. A
 * disabled user is told so only with the right password. */
lk_status_t lk_user_authenticate(lk_app_t *app, lk_arena_t *arena, const lk_realm_t *realm, const char *login, const char *password,
                                 const char *ip, lk_login_check_t *ret_check, lk_error_t *err);
/* Checks against the realm's password policy, then hashes and replaces; `temporary` adds the required action UPDATE_PASSWORD, else
 * it is taken away. LK_INVALID with Keycloak's message key as the code and its English text. Several statements, with hashing
 * between them: where they must be one transaction, call the two halves below, the first one outside of it. */
lk_status_t lk_user_set_password(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const lk_user_t *user,
                                 const char *password, int temporary, lk_error_t *err);
typedef struct st_lk_new_password_t {
    lk_password_t hash;
    const char *replaces; /* id of the credential, or NULL */
    int64_t history;      /* passwordHistory, or -1 */
} lk_new_password_t;
lk_status_t lk_new_password_prepare(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const lk_user_t *user,
                                    const char *password, lk_new_password_t *ret_prepared, lk_error_t *err);
lk_status_t lk_new_password_store(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const lk_user_t *user,
                                  const lk_new_password_t *prepared, int temporary, lk_error_t *err);

/* Replaces the required actions. */
lk_status_t lk_user_set_required_actions(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *user_id,
                                         const json_t *actions, lk_error_t *err);
/* Adds or takes away one; nothing happens where it is there already, or not. */
lk_status_t lk_user_add_required_action(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *user_id,
                                        const char *action, lk_error_t *err);
lk_status_t lk_user_remove_required_action(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *user_id,
                                           const char *action, lk_error_t *err);

#endif
