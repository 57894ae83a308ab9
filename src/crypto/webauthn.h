/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_CRYPTO_WEBAUTHN_H
#define LK_CRYPTO_WEBAUTHN_H

#include "crypto/keys.h"

/* What authenticators write and sign (Web Authentication level 2, sections 6 and 8). Nothing here knows of realms or policies. All
 * failures are LK_INVALID with the reason as the detail. */

enum { LK_WEBAUTHN_PRESENT = 1, LK_WEBAUTHN_VERIFIED = 4, LK_WEBAUTHN_ATTESTED = 64, LK_WEBAUTHN_EXTENDED = 128 }; /* flags */
#define LK_WEBAUTHN_AAGUID 16
#define LK_WEBAUTHN_MAX 16384 /* bytes of what is taken apart */

/* Authenticator data, section 6.1; it points into what it was read from. */
typedef struct st_lk_authenticator_data_t {
    lk_bytes_t raw;
    const unsigned char *rp_hash; /* SHA-256 of the relying party's id */
    unsigned flags;
    uint32_t counter;
    lk_bytes_t aaguid, credential_id, cose_key; /* where LK_WEBAUTHN_ATTESTED; else empty */
} lk_authenticator_data_t;
lk_status_t lk_authenticator_data_read(lk_bytes_t bytes, lk_authenticator_data_t *ret_data, lk_error_t *err);

/* A credential's public key (COSE, RFC 9053); alg: "ES256", "RS256", "EdDSA", ... */
lk_status_t lk_cose_key_read(lk_arena_t *arena, lk_bytes_t cose, lk_key_t **ret_key, const char **ret_alg, lk_error_t *err);
/* COSE's number for such a name; 0 where nothing here signs with it. */
int64_t lk_cose_alg(const char *name);

/* The signature over authenticator data and the hash of the client data (section 6.3.3). */
lk_status_t lk_webauthn_verify(const lk_key_t *key, const char *alg, lk_bytes_t data, const unsigned char client_hash[32],
                               lk_bytes_t signature, lk_error_t *err);

/* A new credential as the authenticator attests it, section 6.5: format "none", "packed" (by the credential itself or by a
 * certificate) or "fido-u2f". */
typedef struct st_lk_attestation_t {
    const char *format;
    lk_authenticator_data_t data;
    lk_key_t *key;
    const char *alg;
} lk_attestation_t;
/* `roots` (PEM, may be NULL): whom certificates must lead to. */
lk_status_t lk_attestation_read(lk_arena_t *arena, lk_bytes_t object, const unsigned char client_hash[32], const char *roots,
                                lk_attestation_t *ret_attestation, lk_error_t *err);

/* LK_INVALID with the reason as the detail, for the log: how everything about Web Authentication is refused. */
lk_status_t lk_webauthn_refuse(lk_error_t *err, const char *reason);

#endif
