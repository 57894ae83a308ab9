/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_CRYPTO_JWE_INTERNAL_H
#define LK_CRYPTO_JWE_INTERNAL_H

#include "crypto/internal.h"
#include "crypto/jwe.h"

/* Shared by the files of JWE. Functions that answer an int give 1 on success. */

#define LK_JWE_MAX_CEK 64 /* bytes: A256CBC-HS512 */

/* The content encryption key of a token. */
typedef struct st_lk_cek_t {
    unsigned char bytes[LK_JWE_MAX_CEK];
    size_t len; /* known beforehand: what `enc` needs */
} lk_cek_t;

/* jwe_alg.c: how the key travels (RFC 7518 section 4). */
typedef struct st_lk_jwe_alg_t lk_jwe_alg_t;
const lk_jwe_alg_t *lk_jwe_alg_find(const char *name);
/* Makes the key, or wraps one made here; may add to the header ("epk"). */
int lk_jwe_alg_seal(lk_arena_t *arena, const lk_jwe_alg_t *alg, const lk_key_t *key, const char *enc, json_t *header, lk_cek_t *cek,
                    lk_bytes_t *ret_encrypted_key);
/* Never 0 for a reason that tells anything of an RSA private key: there a random key comes out, and the content's tag fails. */
int lk_jwe_alg_open(lk_arena_t *arena, const lk_jwe_t *jwe, const lk_jwe_alg_t *alg, const lk_key_t *key, lk_cek_t *cek);

/* jwe_enc.c: how the content is encrypted (RFC 7518 section 5). */
typedef struct st_lk_jwe_enc_t lk_jwe_enc_t;
const lk_jwe_enc_t *lk_jwe_enc_find(const char *name);
size_t lk_jwe_enc_key_len(const lk_jwe_enc_t *enc);
int lk_jwe_enc_seal(lk_arena_t *arena, const lk_jwe_enc_t *enc, const lk_cek_t *cek, lk_bytes_t aad, lk_bytes_t plain,
                    lk_bytes_t *ret_iv, lk_bytes_t *ret_ciphertext, lk_bytes_t *ret_tag);
int lk_jwe_enc_open(lk_arena_t *arena, const lk_jwe_enc_t *enc, const lk_cek_t *cek, const lk_jwe_t *jwe, lk_bytes_t *ret_plain);

#endif
