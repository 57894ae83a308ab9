/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_CRYPTO_PASSWORD_H
#define LK_CRYPTO_PASSWORD_H

#include <jansson.h>
#include "core/arena.h"
#include "core/error.h"

/* Keycloak's password credential: two JSON texts. */
typedef struct st_lk_password_t {
    const char *credential_data; /* {"hashIterations":5,"algorithm":"argon2","additionalParameters":{...}} */
    const char *secret_data;     /* {"value":base64,"salt":base64,"additionalParameters":{}} */
} lk_password_t;

/* How new passwords are hashed: from the realm's policy (hashAlgorithm, hashIterations); NULL algorithm and 0 iterations:
 * Keycloak's default, Argon2id 7168 KiB, 5 passes, parallelism 1, 32 bytes, 16 bytes of salt. */
typedef struct st_lk_hashing_t {
    const char *algorithm; /* argon2, pbkdf2-sha512, pbkdf2-sha256, pbkdf2 */
    int iterations;
} lk_hashing_t;

lk_status_t lk_password_hash(lk_arena_t *arena, const char *password, const lk_hashing_t *hashing, lk_password_t *ret_password,
                             lk_error_t *err);
/* *ret_match: 1 or 0; *ret_stale: the stored hash is not what `hashing` would make, so hash anew after a good login. Costs what the
 * hash costs (hash lane). LK_INTERNAL where the stored data cannot be read or names an unknown algorithm. Parameters are bounded:
 * memory up to 1 GiB, iterations up to 10 million. */
lk_status_t lk_password_verify(lk_arena_t *arena, const char *password, const lk_password_t *stored, const lk_hashing_t *hashing,
                               int *ret_match, int *ret_stale, lk_error_t *err);
/* What a stored hash costs, as Keycloak's metrics say it: "Argon2id-1.3[m=7168,t=5,p=1]", or PBKDF2's iterations. NULL where it
 * cannot be read. *ret_algorithm as it is stored. */
const char *lk_password_strength(lk_arena_t *arena, const lk_password_t *stored, const char **ret_algorithm);
/* Spends the time of one hash: for unknown users, so that they answer no faster. */
void lk_password_waste(lk_arena_t *arena, const char *password, const lk_hashing_t *hashing);

/* Exports of old Keycloak versions have hashedSaltedValue, salt, hashIterations and algorithm at the credential's top level.
 * LK_INVALID where there is no hash. */
lk_status_t lk_password_from_legacy(lk_arena_t *arena, const json_t *credential, lk_password_t *ret_password, lk_error_t *err);

#endif
