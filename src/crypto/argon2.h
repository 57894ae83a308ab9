/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_CRYPTO_ARGON2_H
#define LK_CRYPTO_ARGON2_H

#include "core/encode.h"

typedef struct st_lk_argon2_t {
    const char *type;    /* "id", "i", "d" */
    const char *version; /* "1.0", "1.3" */
    unsigned memory;     /* KiB */
    unsigned iterations;
    unsigned parallelism;
} lk_argon2_t;

/* Argon2 (RFC 9106), on this thread alone whatever the parallelism; its memory is mapped for the call and given back at once.
 * Returns 0 where the parameters are none of Argon2's, or memory is short. */
int lk_argon2(const lk_argon2_t *params, const char *password, lk_bytes_t salt, unsigned char *ret_hash, size_t hash_len);
/* The same by libargon2 whatever libsodium could: the measure of the other. */
int lk_argon2_raw(const lk_argon2_t *params, const char *password, lk_bytes_t salt, unsigned char *ret_hash, size_t hash_len);
/* Which implementation that would use, for doctor and the bench: "libsodium" or "libargon2". */
const char *lk_argon2_backend(const lk_argon2_t *params, size_t salt_len, size_t hash_len);

#endif
