/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_CRYPTO_WEBAUTHN_INTERNAL_H
#define LK_CRYPTO_WEBAUTHN_INTERNAL_H

#include "crypto/internal.h"
#include "crypto/webauthn.h"

/* Shared by webauthn.c and attestation.c alone. */

/* NULL where nothing here signs with it. */
const char *lk_cose_alg_name(int64_t number);
/* 1 where the signature over both, one after the other, is that key's. */
int lk_webauthn_verify_with(EVP_PKEY *pkey, const char *alg, lk_bytes_t first, lk_bytes_t second, lk_bytes_t signature);

#endif
