/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_MODEL_PASSWORD_POLICY_H
#define LK_MODEL_PASSWORD_POLICY_H

#include "crypto/password.h"
#include "model/realm.h"

/* A realm's password policy: "length(8) and digits(1) and notUsername(undefined)". */

/* What a new password is compared with; members may be NULL. */
typedef struct st_lk_password_subject_t {
    const char *username, *email;
} lk_password_subject_t;

/* LK_INVALID with Keycloak's message key as the code and its English text; the policies are asked in the order in which Keycloak
 * asks them. passwordHistory is not checked here: it needs the user's hashes. */
lk_status_t lk_password_policy_check(lk_arena_t *arena, const char *policy, const lk_password_subject_t *subject,
                                     const char *password, lk_error_t *err);
/* The number that belongs into the message of that key: "8" for invalidPasswordMinLengthMessage; NULL where it has none. */
const char *lk_password_policy_argument(lk_arena_t *arena, const char *policy, const char *message_key);
/* The value of a policy: what is in its parentheses, or its default where that is no number; `fallback` where the policy is absent.
 */
int64_t lk_password_policy_number(const char *policy, const char *id, int64_t fallback);
/* Checks a policy that an administrator sets: "Password policy not found", "Invalid config for length: Not a valid number". */
lk_status_t lk_password_policy_validate(lk_arena_t *arena, const char *policy, lk_error_t *err);
/* How new passwords are hashed: hashAlgorithm and hashIterations. */
lk_hashing_t lk_password_policy_hashing(lk_arena_t *arena, const char *policy);

#endif
