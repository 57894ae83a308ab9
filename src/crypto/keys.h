/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_CRYPTO_KEYS_H
#define LK_CRYPTO_KEYS_H

#include <stdint.h>
#include <jansson.h>
#include <openssl/types.h>
#include "core/arena.h"
#include "core/encode.h"
#include "core/error.h"

/* JWA algorithms (RFC 7518, RFC 8037) as one table: name, key type, digest, ... */
typedef struct st_lk_alg_t lk_alg_t;
/* NULL for an unknown name and for "none". */
const lk_alg_t *lk_alg_find(const char *name);
const char *lk_alg_name(const lk_alg_t *alg);
int lk_alg_is_hmac(const lk_alg_t *alg);

typedef enum en_lk_key_type_t { LK_KEY_RSA, LK_KEY_EC, LK_KEY_OKP, LK_KEY_OCT } lk_key_type_t;
int lk_alg_is_for(const lk_alg_t *alg, lk_key_type_t type);

/* A key, parsed once; immutable; lives in the arena it was made in (lifetime: snapshot). Signing from several threads at once is
 * fine. */
typedef struct st_lk_key_t {
    lk_key_type_t type;
    const char *kid;   /* Keycloak's: base64url(SHA-256(public key DER)) unless the provider names one; a UUID for secrets */
    const char *alg;   /* "RS256", "RSA-OAEP", "HS512", "AES", ... or NULL where a foreign JWK does not say */
    const char *use;   /* "sig" or "enc" */
    EVP_PKEY *pkey;    /* NULL for LK_KEY_OCT */
    lk_bytes_t secret; /* LK_KEY_OCT */
    int has_private;
    const char *certificate; /* base64 DER without line ends, or NULL */
    const char *public_key;  /* base64 DER SubjectPublicKeyInfo, or NULL */
    const char *curve;       /* "P-256", "Ed25519", or NULL */
    const char *x5t;         /* goes into the header of what it signs; NULL most often */
    EVP_MD_CTX *_signer;     /* ready for a signature with `alg`, copied for each; NULL where the key cannot */
    EVP_MD_CTX *_verifier;
} lk_key_t;

/* From Keycloak's component configs: base64 DER or PEM, with or without armour and line ends. PKCS#8, PKCS#1 and SEC 1. certificate
 * may be NULL. `alg` NULL: RS256 or RSA-OAEP, as Keycloak; ES256, ES384, ES512, EdDSA by the curve (use "sig"). RSA: 1024 to 8192
 * bits. */
lk_status_t lk_key_from_private(lk_arena_t *arena, const char *private_key, const char *certificate, const char *alg,
                                const char *use, lk_key_t **ret_key, lk_error_t *err);
/* From a PEM or bare base64 certificate or public key. */
lk_status_t lk_key_from_public(lk_arena_t *arena, const char *public_key_or_certificate, const char *alg, const char *use,
                               lk_key_t **ret_key, lk_error_t *err);
lk_key_t *lk_key_from_secret(lk_arena_t *arena, const char *kid, lk_bytes_t secret, const char *alg, const char *use);
/* The public key of a JWK (RFC 7517), as found in other providers' and clients' key sets; kid as given, else as above; alg and use
 * NULL where not given. Symmetric keys are refused: no key set may hold one. */
lk_status_t lk_key_from_jwk(lk_arena_t *arena, const json_t *jwk, lk_key_t **ret_key, lk_error_t *err);
/* base64url(SHA-256) of the key's canonical JWK (RFC 7638). */
char *lk_key_thumbprint(lk_arena_t *arena, const lk_key_t *key);
/* The public JWK in Keycloak's shape: kid kty alg use x5c x5t x5t#S256 n e (or crv x y). New reference. */
json_t *lk_key_to_jwk(lk_arena_t *arena, const lk_key_t *key);

/* A key pair as Keycloak stores it in components: private key as base64 PKCS#1 DER, self-signed certificate with CN `subject` for
 * ten years. Takes a noticeable part of a second. */
lk_status_t lk_key_generate_rsa(lk_arena_t *arena, int bits, const char *subject, const char **ret_private,
                                const char **ret_certificate, lk_error_t *err);
/* Keycloak's ecdsa-, eddsa- and ecdh-generated store both halves in base64 DER, the private one as PKCS#8. `curve`: "P-256",
 * "P-384", "P-521", "Ed25519", "Ed448". */
lk_status_t lk_key_generate_curve(lk_arena_t *arena, const char *curve, const char **ret_private, const char **ret_public,
                                  lk_error_t *err);

/* When a certificate (base64 DER) ends, in seconds; 0 where it cannot be read. */
int64_t lk_certificate_end(lk_arena_t *arena, const char *certificate);

#endif
