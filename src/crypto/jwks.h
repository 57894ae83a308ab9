/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_CRYPTO_JWKS_H
#define LK_CRYPTO_JWKS_H

#include "crypto/jws.h"

/* Key sets of others (RFC 7517). Those at an address are kept as core/remote.h keeps documents: a token that names a key that is
 * not in the set has it fetched again, at most once in a few seconds. */

/* Checks the signature of what another issuer signed with a key of the set at `url`: the one that the header's kid names, or, where
 * it names none, each that fits. LK_UNAVAILABLE where the set cannot be had at all, LK_NOT_FOUND where
 * it has no key that the token could mean, LK_INVALID where none verifies; the detail says which. Blocks where it fetches: the
 * outbound lane. */
lk_status_t lk_jwks_verify(lk_arena_t *arena, const char *url, const lk_jws_t *jws, lk_error_t *err);
/* Fetches the set anew, unless that was done a moment ago. LK_UNAVAILABLE where there is none. */
lk_status_t lk_jwks_reload(lk_arena_t *arena, const char *url, lk_error_t *err);
/* Like lk_jwks_verify, with a set that is at hand: {"keys": [...]}. */
lk_status_t lk_jwks_verify_with(lk_arena_t *arena, const json_t *set, const lk_jws_t *jws, lk_error_t *err);

/* The first key of the set that others encrypt for ("use": "enc") with `alg`, or that names no algorithm and whose type fits; lives
 * as long as the arena. LK_INVALID where there is none. */
lk_status_t lk_jwks_encryption_key(lk_arena_t *arena, const char *url, const char *alg, const lk_key_t **ret_key, lk_error_t *err);
lk_status_t lk_jwks_encryption_key_with(lk_arena_t *arena, const json_t *set, const char *alg, const lk_key_t **ret_key,
                                        lk_error_t *err);

/* 1 where the calls above would not fetch now; with `jws` NULL or one that a known key verifies. */
int lk_jwks_is_settled(lk_arena_t *arena, const char *url, const lk_jws_t *jws);

#endif
