/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include "crypto/crypto.h"
#include "crypto/internal.h"

#define MAX_KEY_TEXT (64 * 1024)
#define MIN_RSA_BITS 1024 /* old realm exports have such keys */
#define MAX_RSA_BITS 8192

/* The DER inside a PEM block's armour (the first block), or inside bare base64 with or without line ends. */
static int decode_der(lk_arena_t *arena, const char *text, lk_bytes_t *ret_der)
{
    size_t len = strnlen(text, MAX_KEY_TEXT), n = 0;
    const char *end = text + len, *begin = strstr(text, "-----BEGIN ");
    char *bare;

    if (len == MAX_KEY_TEXT)
        return 0;
    if (begin != NULL) {
        if ((begin = strstr(begin + 11, "-----")) == NULL || (end = strstr(begin + 5, "-----END ")) == NULL)
            return 0;
        text = begin + 5;
    }
    bare = lk_alloc(arena, len + 1);
    for (; text != end; ++text)
        if (strchr(" \t\r\n", *text) == NULL)
            bare[n++] = *text;
    return n != 0 && lk_base64_decode(arena, bare, n, ret_der) == 0;
}

static void free_pkey(void *pkey)
{
    EVP_PKEY_free(pkey);
}

static void free_md_ctx(void *ctx)
{
    EVP_MD_CTX_free(ctx);
}

/* A public exponent that is even or 1, or an even modulus, encrypts nothing. */
static int rsa_sane(EVP_PKEY *pkey)
{
    BIGNUM *n = NULL, *e = NULL;
    int bits = EVP_PKEY_get_bits(pkey);
    int ok = bits >= MIN_RSA_BITS && bits <= MAX_RSA_BITS && EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_RSA_N, &n) == 1 &&
             EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_RSA_E, &e) == 1 && BN_is_odd(n) && BN_is_odd(e) && !BN_is_one(e);

    BN_free(n);
    BN_free(e);
    return ok;
}

/* Which of our types and curves an OpenSSL key is; 0 where it is none of them. */
static int classify(EVP_PKEY *pkey, lk_key_type_t *ret_type, const char **ret_curve)
{
    char group[64];
    size_t len;

    switch (EVP_PKEY_get_base_id(pkey)) {
    case EVP_PKEY_RSA:
        *ret_type = LK_KEY_RSA;
        return rsa_sane(pkey);
    case EVP_PKEY_ED25519:
    case EVP_PKEY_ED448:
        *ret_type = LK_KEY_OKP;
        *ret_curve = EVP_PKEY_get_base_id(pkey) == EVP_PKEY_ED25519 ? "Ed25519" : "Ed448";
        return 1;
    case EVP_PKEY_EC:
        *ret_type = LK_KEY_EC;
        if (EVP_PKEY_get_group_name(pkey, group, sizeof(group), &len) != 1)
            return 0;
        for (const lk_curve_t *curve = lk_curves; curve->name != NULL; ++curve)
            if (strcmp(curve->group, group) == 0)
                *ret_curve = curve->name;
        return *ret_curve != NULL;
    default:
        return 0;
    }
}

/* Readies the contexts that lk_jws_sign and lk_jws_verify copy. An algorithm that is none of JWS's (RSA-OAEP) needs none. */
static int ready_contexts(lk_arena_t *arena, lk_key_t *key)
{
    const lk_alg_t *alg = lk_alg_find(key->alg);

    if (alg == NULL)
        return 1;
    lk_defer(arena, free_md_ctx, key->_verifier = EVP_MD_CTX_new());
    if (key->_verifier == NULL || !lk_alg_init_verify(alg, key->pkey, key->_verifier))
        return 0;
    if (!key->has_private)
        return 1;
    lk_defer(arena, free_md_ctx, key->_signer = EVP_MD_CTX_new());
    return key->_signer != NULL && lk_alg_init_sign(alg, key->pkey, key->_signer);
}

lk_status_t lk_key_adopt(lk_arena_t *arena, EVP_PKEY *pkey, lk_key_t *key, lk_error_t *err)
{
    const lk_alg_t *alg;
    unsigned char *der = NULL;
    int der_len;

    lk_defer(arena, free_pkey, key->pkey = pkey);
    if (!classify(pkey, &key->type, &key->curve))
        return lk_fail(err, LK_INVALID, NULL, "Key of an unsupported type or size");
    if (key->type == LK_KEY_EC)
        EVP_PKEY_set_utf8_string_param(pkey, OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT,
                                       OSSL_PKEY_EC_POINT_CONVERSION_FORMAT_UNCOMPRESSED);
    if (key->alg == NULL && key->type != LK_KEY_RSA && key->use != NULL && strcmp(key->use, "sig") == 0)
        key->alg = lk_alg_default(key->type, key->curve);
    if ((alg = lk_alg_find(key->alg)) != NULL && !lk_alg_fits(alg, key))
        return lk_fail(err, LK_INVALID, NULL, "Key does not fit the algorithm %s", alg->name);
    if ((der_len = i2d_PUBKEY(pkey, &der)) <= 0)
        return lk_fail_openssl(err, LK_INVALID, "Key has no public part");
    key->public_key = lk_base64(arena, der, (size_t)der_len);
    if (key->kid == NULL)
        key->kid = lk_sha256_base64url(arena, der, (size_t)der_len);
    OPENSSL_free(der);
    return ready_contexts(arena, key) ? LK_OK : lk_fail_openssl(err, LK_INVALID, "Key cannot be used with its algorithm");
}

static X509 *parse_certificate(lk_bytes_t der)
{
    const unsigned char *at = der.base;
    X509 *cert = d2i_X509(NULL, &at, (long)der.len);

    ERR_clear_error();
    return cert;
}

/* Key->certificate without armour and line ends; it must be that of the key. */
static lk_status_t attach_certificate(lk_arena_t *arena, lk_key_t *key, const char *text, lk_error_t *err)
{
    lk_bytes_t der;
    X509 *cert;
    int same;

    if (!decode_der(arena, text, &der) || (cert = parse_certificate(der)) == NULL)
        return lk_fail(err, LK_INVALID, NULL, "Certificate cannot be read");
    same = EVP_PKEY_eq(X509_get0_pubkey(cert), key->pkey) == 1;
    X509_free(cert);
    if (!same)
        return lk_fail_openssl(err, LK_INVALID, "Certificate does not belong to the key");
    key->certificate = lk_base64(arena, der.base, der.len);
    return LK_OK;
}

static lk_key_t *new_key(lk_arena_t *arena, const char *alg, const char *use)
{
    lk_key_t *key = LK_NEW(arena, lk_key_t);

    key->alg = lk_strdup(arena, alg);
    key->use = lk_strdup(arena, use);
    return key;
}

lk_status_t lk_key_from_private(lk_arena_t *arena, const char *private_key, const char *certificate, const char *alg,
                                const char *use, lk_key_t **ret_key, lk_error_t *err)
{
    lk_key_t *key = new_key(arena, alg, use);
    lk_bytes_t der;
    const unsigned char *at;
    EVP_PKEY *pkey;
    lk_status_t status;

    if (private_key == NULL || !decode_der(arena, private_key, &der))
        return lk_fail(err, LK_INVALID, NULL, "Private key is neither PEM nor base64");
    at = der.base;
    if ((pkey = d2i_AutoPrivateKey(NULL, &at, (long)der.len)) == NULL)
        return lk_fail_openssl(err, LK_INVALID, "Private key cannot be read");
    ERR_clear_error(); /* what the decoders tried first */
    key->has_private = 1;
    if (alg == NULL && EVP_PKEY_get_base_id(pkey) == EVP_PKEY_RSA)
        key->alg = use != NULL && strcmp(use, "enc") == 0 ? "RSA-OAEP" : "RS256"; /* Keycloak's defaults */
    if ((status = lk_key_adopt(arena, pkey, key, err)) != LK_OK)
        return status;
    if (certificate != NULL && *certificate != '\0' && (status = attach_certificate(arena, key, certificate, err)) != LK_OK)
        return status;
    *ret_key = key;
    return LK_OK;
}

/* SubjectPublicKeyInfo, or PKCS#1's RSAPublicKey. */
static EVP_PKEY *parse_public(lk_bytes_t der)
{
    const unsigned char *at = der.base;
    EVP_PKEY *pkey = d2i_PUBKEY(NULL, &at, (long)der.len);

    if (pkey == NULL) {
        at = der.base;
        pkey = d2i_PublicKey(EVP_PKEY_RSA, NULL, &at, (long)der.len);
    }
    ERR_clear_error();
    return pkey;
}

lk_status_t lk_key_from_public(lk_arena_t *arena, const char *public_key_or_certificate, const char *alg, const char *use,
                               lk_key_t **ret_key, lk_error_t *err)
{
    lk_key_t *key = new_key(arena, alg, use);
    lk_bytes_t der;
    EVP_PKEY *pkey = NULL;
    X509 *cert;
    lk_status_t status;

    if (public_key_or_certificate == NULL || !decode_der(arena, public_key_or_certificate, &der))
        return lk_fail(err, LK_INVALID, NULL, "Public key is neither PEM nor base64");
    if ((cert = parse_certificate(der)) != NULL) {
        pkey = X509_get_pubkey(cert);
        key->certificate = lk_base64(arena, der.base, der.len);
        X509_free(cert);
    } else {
        pkey = parse_public(der);
    }
    if (pkey == NULL)
        return lk_fail_openssl(err, LK_INVALID, "Public key cannot be read");
    if ((status = lk_key_adopt(arena, pkey, key, err)) != LK_OK)
        return status;
    *ret_key = key;
    return LK_OK;
}

lk_key_t *lk_key_from_secret(lk_arena_t *arena, const char *kid, lk_bytes_t secret, const char *alg, const char *use)
{
    lk_key_t *key = new_key(arena, alg, use);
    unsigned char *copy = lk_alloc(arena, secret.len + 1);

    if (secret.len != 0)
        memcpy(copy, secret.base, secret.len);
    key->type = LK_KEY_OCT;
    key->kid = lk_strdup(arena, kid);
    key->secret = (lk_bytes_t){copy, secret.len};
    key->has_private = 1;
    return key;
}
