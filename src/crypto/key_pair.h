/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_CRYPTO_KEY_PAIR_H
#define LK_CRYPTO_KEY_PAIR_H

#include "core/arena.h"
#include "core/buffer.h"
#include "core/encode.h"
#include "core/error.h"

/* A private key and its certificate, as Keycloak stores them with a client: base64 DER (PKCS#1 for RSA) without line ends. Either
 * may be NULL. */
typedef struct st_lk_key_pair_t {
    const char *private_key, *certificate;
} lk_key_pair_t;

/* The entry of that alias in a PKCS12 file; LK_INVALID with Keycloak's text, LK_NOT_FOUND where none has the alias. */
lk_status_t lk_key_pair_open(lk_arena_t *arena, lk_bytes_t pkcs12, const char *password, const char *alias, lk_key_pair_t *ret_pair,
                             lk_error_t *err);
/* Another certificate that goes along, and what it is called. */
typedef struct st_lk_authority_t {
    const char *certificate, *alias;
} lk_authority_t;
/* A PKCS12 file of it. `authority`: NULL, or with a certificate that may be NULL. */
lk_status_t lk_key_pair_pack(lk_arena_t *arena, const lk_key_pair_t *pair, const char *password, const char *alias,
                             const lk_authority_t *authority, lk_bytes_t *ret_pkcs12, lk_error_t *err);
/* The base64 DER of a certificate, which is PEM or base64 DER; NULL where it is none. */
const char *lk_certificate_of_pem(lk_arena_t *arena, const char *pem);
/* Whether a PEM text holds a public key that can be read. */
int lk_public_key_is_pem(const char *pem);

#endif
