/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_CRYPTO_JWE_H
#define LK_CRYPTO_JWE_H

#include "crypto/keys.h"

/* Compact JWE (RFC 7516, RFC 7518). */

/* 1 where `alg` names a key management algorithm that goes with a key of this type and curve. */
int lk_jwe_alg_fits(const char *alg, const lk_key_t *key);

#endif
