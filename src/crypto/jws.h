/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_CRYPTO_JWS_H
#define LK_CRYPTO_JWS_H

#include <jansson.h>
#include "core/buffer.h"
#include "crypto/keys.h"

/* Compact JWS (RFC 7515): {"alg":alg,"typ":typ,"kid":kid} in Keycloak's order, over a payload already written as JSON text. Signs
 * with the parsed key; nothing is allocated outside the arena. */
lk_status_t lk_jws_sign(lk_arena_t *arena, const lk_key_t *key, const char *alg, const char *typ, const char *payload, size_t len,
                        char **ret_token, lk_error_t *err);

/* A token taken apart, nothing trusted yet. */
typedef struct st_lk_jws_t {
    json_t *header, *claims;
    const char *alg, *kid, *typ; /* from the header; NULL where missing */
    const char *signing_input;   /* the whole token, of which the first signing_input_len bytes are signed */
    size_t signing_input_len;
    lk_bytes_t signature;
} lk_jws_t;

/* Three base64url parts, JSON objects in the first two, no "crit"; at most 64 KiB. LK_INVALID otherwise, with the reason in the
 * detail. */
lk_status_t lk_jws_parse(lk_arena_t *arena, const char *token, lk_jws_t *ret_jws, lk_error_t *err);
/* 1 where the key is of the kind that the header's alg needs, and for nothing else. */
int lk_jws_fits(const lk_jws_t *jws, const lk_key_t *key);
/* Checks the signature with one key. The key's type must fit the header's alg (an HMAC alg never verifies with a public key). */
lk_status_t lk_jws_verify(const lk_jws_t *jws, const lk_key_t *key, lk_error_t *err);
/* The same for what another issuer signed (ID and logout tokens of identity providers): by libjwt, which knows nothing of our keys
 * and contexts, where it has the algorithm. Slower: it parses the token and the key again. */
lk_status_t lk_jws_verify_foreign(lk_arena_t *arena, const lk_jws_t *jws, const lk_key_t *key, lk_error_t *err);

#endif
