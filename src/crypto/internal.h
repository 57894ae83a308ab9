/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_CRYPTO_INTERNAL_H
#define LK_CRYPTO_INTERNAL_H

#include <openssl/evp.h>
#include "crypto/jws.h"

/* Shared by the files of this room alone. */

typedef enum en_lk_scheme_t { LK_SCHEME_HMAC, LK_SCHEME_PKCS1, LK_SCHEME_PSS, LK_SCHEME_ECDSA, LK_SCHEME_EDDSA } lk_scheme_t;

struct st_lk_alg_t {
    const char *name;
    lk_key_type_t key_type;
    lk_scheme_t scheme;
    const EVP_MD *(*digest)(void); /* what is signed; for EdDSA what at_hash uses: the scheme has its own digest */
    const char *curve;             /* ECDSA: the only curve it goes with (RFC 7518 section 3.4); NULL otherwise */
};

/* The curves of RFC 7518 section 6.2.1.1: name, OpenSSL's name, bytes of a coordinate. Ends with a NULL name. */
typedef struct st_lk_curve_t {
    const char *name, *group;
    size_t field;
} lk_curve_t;
extern const lk_curve_t lk_curves[];
/* NULL for an unknown name; Edwards curves are none of these. */
const lk_curve_t *lk_curve_find(const char *name);

/* 1 where `key` is of the type, and on the curve, that `alg` needs. */
int lk_alg_fits(const lk_alg_t *alg, const lk_key_t *key);
/* The algorithm that a key of this type and curve signs with where nobody said; NULL where there is none. */
const char *lk_alg_default(lk_key_type_t type, const char *curve);

/* Prepares a context that signs (or verifies) with `alg`. It is copied for each signature, which saves the set-up. */
int lk_alg_init_sign(const lk_alg_t *alg, EVP_PKEY *pkey, EVP_MD_CTX *ctx);
int lk_alg_init_verify(const lk_alg_t *alg, EVP_PKEY *pkey, EVP_MD_CTX *ctx);

/* The algorithm where this key may verify this token: the key decides, never the header alone (RFC 8725 section 3.1). NULL where
 * not. */
const lk_alg_t *lk_jws_accepted_alg(const lk_jws_t *jws, const lk_key_t *key);

/* Signatures that verified lately (seen.c), each as a hash of key and token. Returns 0 where the key has no public text. */
#define LK_SEEN_SIZE 32
int lk_seen_mark(const lk_jws_t *jws, const lk_key_t *key, unsigned char *ret_mark);
int lk_seen_has(const unsigned char *mark);
void lk_seen_add(const unsigned char *mark);

/* One part of a compact token, strictly base64url: other alphabets and padding would give one token several texts. 1 on success. */
int lk_jose_part(lk_arena_t *arena, const char *part, size_t len, lk_bytes_t *ret_bytes);
/* The same for a part that is a JSON object. */
lk_status_t lk_jose_object(lk_arena_t *arena, const char *part, size_t len, json_t **ret_object, lk_error_t *err);

/* The public JWK with nothing but the key in it: kty, and n e or crv x y. New reference. */
json_t *lk_jwk_public(lk_arena_t *arena, const lk_key_t *key);

/* Takes over `pkey`, also on failure; fills type, curve, public_key, kid (unless given) and what signing needs. */
lk_status_t lk_key_adopt(lk_arena_t *arena, EVP_PKEY *pkey, lk_key_t *key, lk_error_t *err);

/* Base64 of what an i2d function allocated in *der and gave the length of; takes it over and wipes it, for it may be a private key.
 * NULL where there is nothing. */
const char *lk_der_base64(lk_arena_t *arena, unsigned char **der, int len);

/* Fails with OpenSSL's own reason as the detail, and empties the thread's error queue. */
#define lk_fail_openssl(err, kind, text) lk_openssl_error((err), __FILE__, __LINE__, __func__, (kind), (text))
lk_status_t lk_openssl_error(lk_error_t *err, const char *file, int line, const char *function, lk_status_t kind, const char *text);

#endif
