/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_CRYPTO_CRYPTO_H
#define LK_CRYPTO_CRYPTO_H

#include <stddef.h>
#include <jansson.h>
#include "core/arena.h"
#include "core/encode.h"
#include "core/error.h"

/* Cryptographically random bytes; ends the process where the generator fails. */
void lk_random(void *bytes, size_t len);
/* Version 4 UUID in lower case (RFC 9562). */
char *lk_random_uuid(lk_arena_t *arena);
/* Version 7 UUID: those of one process are in the order of their making. */
char *lk_ordered_uuid(lk_arena_t *arena);
/* `bytes` random bytes as base64url: 18 give Keycloak's session ids of 24 characters. */
char *lk_random_token(lk_arena_t *arena, size_t bytes);

/* Constant-time over the length of the known secret; 0 where either is NULL. */
int lk_secret_equal(const char *known, const char *given);
int lk_bytes_equal(const void *a, size_t a_len, const void *b, size_t b_len);
void lk_wipe(void *bytes, size_t len);

void lk_sha256(const void *bytes, size_t len, unsigned char ret_digest[32]);
/* base64url(SHA-256(text)): PKCE S256 (RFC 7636 section 4.2), kids. */
char *lk_sha256_base64url(lk_arena_t *arena, const void *bytes, size_t len);
/* Left half of the hash that belongs to `alg`, base64url: at_hash, c_hash (OpenID Connect Core 3.1.3.6). */
char *lk_half_hash(lk_arena_t *arena, const char *alg, const char *token);
void lk_hmac_sha256(const void *key, size_t key_len, const void *bytes, size_t len, unsigned char ret_mac[32]);

/* --- sealed values ---
 * AES-256-GCM under a key derived (HKDF-SHA256) from a realm's secret and a purpose, as base64url text: login state in cookies and
 * form actions, codes, action tokens. What was sealed for one purpose does not open for another. The nonce is random; the expiry is
 * inside. */
char *lk_seal(lk_arena_t *arena, lk_bytes_t secret, const char *purpose, const void *bytes, size_t len);
/* LK_INVALID where the text is not base64url, was changed, or was sealed for another purpose or with another secret. */
lk_status_t lk_unseal(lk_arena_t *arena, lk_bytes_t secret, const char *purpose, const char *text, lk_bytes_t *ret_bytes,
                      lk_error_t *err);

/* The same for a JSON value: takes over the reference; NULL where the text is NULL or does not open. */
char *lk_seal_json(lk_arena_t *arena, lk_bytes_t secret, const char *purpose, json_t *value);
json_t *lk_unseal_json(lk_arena_t *arena, lk_bytes_t secret, const char *purpose, const char *text);

#endif
