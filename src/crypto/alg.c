/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include <openssl/err.h>
#include <openssl/rsa.h>
#include "crypto/internal.h"

static const lk_alg_t algs[] = {
    {"RS256", LK_KEY_RSA, LK_SCHEME_PKCS1, EVP_sha256, NULL},   {"RS384", LK_KEY_RSA, LK_SCHEME_PKCS1, EVP_sha384, NULL},
    {"RS512", LK_KEY_RSA, LK_SCHEME_PKCS1, EVP_sha512, NULL},   {"PS256", LK_KEY_RSA, LK_SCHEME_PSS, EVP_sha256, NULL},
    {"PS384", LK_KEY_RSA, LK_SCHEME_PSS, EVP_sha384, NULL},     {"PS512", LK_KEY_RSA, LK_SCHEME_PSS, EVP_sha512, NULL},
    {"ES256", LK_KEY_EC, LK_SCHEME_ECDSA, EVP_sha256, "P-256"}, {"ES384", LK_KEY_EC, LK_SCHEME_ECDSA, EVP_sha384, "P-384"},
    {"ES512", LK_KEY_EC, LK_SCHEME_ECDSA, EVP_sha512, "P-521"}, {"EdDSA", LK_KEY_OKP, LK_SCHEME_EDDSA, EVP_sha512, NULL},
    {"HS256", LK_KEY_OCT, LK_SCHEME_HMAC, EVP_sha256, NULL},    {"HS384", LK_KEY_OCT, LK_SCHEME_HMAC, EVP_sha384, NULL},
    {"HS512", LK_KEY_OCT, LK_SCHEME_HMAC, EVP_sha512, NULL},
};

const lk_curve_t lk_curves[] = {
    {"P-256", "prime256v1", 32}, {"P-384", "secp384r1", 48}, {"P-521", "secp521r1", 66}, {NULL, NULL, 0}};

const lk_curve_t *lk_curve_find(const char *name)
{
    for (const lk_curve_t *curve = lk_curves; curve->name != NULL; ++curve)
        if (name != NULL && strcmp(curve->name, name) == 0)
            return curve;
    return NULL;
}

const lk_alg_t *lk_alg_find(const char *name)
{
    for (size_t i = 0; name != NULL && i != sizeof(algs) / sizeof(algs[0]); ++i)
        if (strcmp(algs[i].name, name) == 0)
            return algs + i;
    return NULL;
}

const char *lk_alg_name(const lk_alg_t *alg)
{
    return alg->name;
}

int lk_alg_is_hmac(const lk_alg_t *alg)
{
    return alg->scheme == LK_SCHEME_HMAC;
}

int lk_alg_is_for(const lk_alg_t *alg, lk_key_type_t type)
{
    return alg->key_type == type;
}

int lk_alg_fits(const lk_alg_t *alg, const lk_key_t *key)
{
    if (alg->key_type != key->type)
        return 0;
    return alg->curve == NULL || (key->curve != NULL && strcmp(alg->curve, key->curve) == 0);
}

const char *lk_alg_default(lk_key_type_t type, const char *curve)
{
    for (size_t i = 0; i != sizeof(algs) / sizeof(algs[0]); ++i)
        if (algs[i].key_type == type && (algs[i].curve == NULL || (curve != NULL && strcmp(algs[i].curve, curve) == 0)))
            return algs[i].name;
    return NULL;
}

/* RFC 7518 section 3.5: the salt is as long as the digest; OpenSSL derives MGF1's digest from the signature's. */
static int set_padding(const lk_alg_t *alg, EVP_PKEY_CTX *ctx)
{
    if (alg->scheme != LK_SCHEME_PSS)
        return 1;
    return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) > 0 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, RSA_PSS_SALTLEN_DIGEST) > 0;
}

int lk_alg_init_sign(const lk_alg_t *alg, EVP_PKEY *pkey, EVP_MD_CTX *ctx)
{
    EVP_PKEY_CTX *pkey_ctx; /* the digest context's */
    const EVP_MD *digest = alg->scheme == LK_SCHEME_EDDSA ? NULL : alg->digest();

    return EVP_DigestSignInit(ctx, &pkey_ctx, digest, NULL, pkey) == 1 && set_padding(alg, pkey_ctx);
}

int lk_alg_init_verify(const lk_alg_t *alg, EVP_PKEY *pkey, EVP_MD_CTX *ctx)
{
    EVP_PKEY_CTX *pkey_ctx;
    const EVP_MD *digest = alg->scheme == LK_SCHEME_EDDSA ? NULL : alg->digest();

    return EVP_DigestVerifyInit(ctx, &pkey_ctx, digest, NULL, pkey) == 1 && set_padding(alg, pkey_ctx);
}

lk_status_t lk_openssl_error(lk_error_t *err, const char *file, int line, const char *function, lk_status_t kind, const char *text)
{
    char reason[256];
    unsigned long code = ERR_peek_last_error();

    lk_error_set(err, file, line, function, kind, 0, NULL, "%s", text);
    if (code != 0 && err != NULL) {
        ERR_error_string_n(code, reason, sizeof(reason));
        lk_error_detail(err, "%s", reason);
    }
    ERR_clear_error();
    return kind;
}
