/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_CRYPTO_JWE_H
#define LK_CRYPTO_JWE_H

#include "crypto/keys.h"

/* Compact JWE (RFC 7516) with the algorithms of RFC 7518 that Keycloak has: the key by RSA or by ECDH-ES, the content by AES in GCM
 * or in CBC with HMAC. */

/* 1 where `alg` names a key management algorithm that goes with a key of this type. */
int lk_jwe_alg_fits(const char *alg, const lk_key_t *key);
int lk_jwe_alg_is_known(const char *alg);
int lk_jwe_enc_is_known(const char *enc);
/* The names, for what lists them; NULL after the last. */
const char *lk_jwe_alg_name(size_t index);
const char *lk_jwe_enc_name(size_t index);

/* Encrypts with the public key; cty is what the content is ("JWT"), or NULL. */
lk_status_t lk_jwe_encrypt(lk_arena_t *arena, const lk_key_t *key, const char *alg, const char *enc, const char *cty,
                           const void *plain, size_t len, char **ret_token, lk_error_t *err);

/* A token taken apart, nothing trusted yet. */
typedef struct st_lk_jwe_t {
    json_t *header;
    const char *alg, *enc, *kid, *cty; /* NULL where missing */
    const char *aad;                   /* the header as it came, which is authenticated */
    size_t aad_len;
    lk_bytes_t encrypted_key, iv, ciphertext, tag;
} lk_jwe_t;

/* 1 where the text has the five parts of a JWE: a JWS has three. */
int lk_jwe_is_one(const char *token);
/* LK_INVALID where it is none, has "crit" or "zip", or is longer than 128 KiB; the reason is in the detail. */
lk_status_t lk_jwe_parse(lk_arena_t *arena, const char *token, lk_jwe_t *ret_jwe, lk_error_t *err);
/* LK_INVALID where the key is another one, does not go with the algorithm, or the token was changed: without a word which. */
lk_status_t lk_jwe_decrypt(lk_arena_t *arena, const lk_jwe_t *jwe, const lk_key_t *key, lk_bytes_t *ret_plain, lk_error_t *err);

#endif
