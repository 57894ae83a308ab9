/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "crypto/key_pair.h"

#include <string.h>
#include <strings.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include "core/encode.h"
#include "crypto/internal.h"

static const char *key_text(lk_arena_t *arena, EVP_PKEY *key)
{
    unsigned char *der = NULL;
    int len = i2d_PrivateKey(key, &der);
    return lk_der_base64(arena, &der, len);
}

static const char *certificate_text(lk_arena_t *arena, X509 *certificate)
{
    unsigned char *der = NULL;
    int len = i2d_X509(certificate, &der);
    return lk_der_base64(arena, &der, len);
}

static int is_named(X509 *certificate, const char *alias)
{
    int len = 0;
    const unsigned char *name = X509_alias_get0(certificate, &len);
    return name != NULL && (size_t)len == strlen(alias) && strncasecmp((const char *)name, alias, (size_t)len) == 0;
}

lk_status_t lk_key_pair_open(lk_arena_t *arena, lk_bytes_t pkcs12, const char *password, const char *alias, lk_key_pair_t *ret_pair,
                             lk_error_t *err)
{
    const unsigned char *at = pkcs12.base;
    PKCS12 *store = d2i_PKCS12(NULL, &at, (long)pkcs12.len);
    EVP_PKEY *key = NULL;
    X509 *own = NULL;
    lk_status_t status = LK_OK;
    if (store == NULL)
        status = lk_fail(err, LK_INVALID, NULL, "error loading keystore");
    else if (!PKCS12_verify_mac(store, password, -1))
        status = lk_fail(err, LK_INVALID, NULL, "PKCS12 key store mac invalid");
    else if (!PKCS12_parse(store, password, &key, &own, NULL))
        status = lk_fail(err, LK_INVALID, NULL, "The key store is encrypted in a way that is no longer supported");
    else if (own == NULL || !is_named(own, alias))
        status = lk_fail(err, LK_NOT_FOUND, NULL, "No entry has that alias");
    else
        *ret_pair = (lk_key_pair_t){key != NULL ? key_text(arena, key) : NULL, certificate_text(arena, own)};
    ERR_clear_error();
    EVP_PKEY_free(key);
    X509_free(own);
    PKCS12_free(store);
    return status;
}

/* base NULL where there is no text, or it is not base64. */
static lk_bytes_t der_of(lk_arena_t *arena, const char *text)
{
    lk_bytes_t der;
    return text != NULL && lk_base64_decode(arena, text, strlen(text), &der) == 0 ? der : (lk_bytes_t){NULL, 0};
}

static X509 *read_certificate(lk_arena_t *arena, const char *text)
{
    lk_bytes_t der = der_of(arena, text);
    const unsigned char *at = der.base;
    return at != NULL ? d2i_X509(NULL, &at, (long)der.len) : NULL;
}

static EVP_PKEY *read_key(lk_arena_t *arena, const char *text)
{
    lk_bytes_t der = der_of(arena, text);
    const unsigned char *at = der.base;
    return at != NULL ? d2i_AutoPrivateKey(NULL, &at, (long)der.len) : NULL;
}

lk_status_t lk_key_pair_pack(lk_arena_t *arena, const lk_key_pair_t *pair, const char *password, const char *alias,
                             const lk_authority_t *authority, lk_bytes_t *ret_pkcs12, lk_error_t *err)
{
    EVP_PKEY *key = read_key(arena, pair->private_key);
    X509 *own = read_certificate(arena, pair->certificate),
         *other = authority != NULL ? read_certificate(arena, authority->certificate) : NULL;
    STACK_OF(X509) *others = sk_X509_new_null();
    PKCS12 *store = NULL;
    unsigned char *der = NULL;
    int len = -1;
    if (other != NULL)
        X509_alias_set1(other, (const unsigned char *)authority->alias, -1);
    if (other != NULL && others != NULL && sk_X509_push(others, other) > 0)
        other = NULL;
    if (own != NULL && others != NULL)
        store = PKCS12_create(password, alias, key, own, others, 0, 0, 0, 0, 0);
    if (store != NULL)
        len = i2d_PKCS12(store, &der);
    if (len > 0)
        *ret_pkcs12 = (lk_bytes_t){memcpy(lk_alloc(arena, (size_t)len), der, (size_t)len), (size_t)len};
    OPENSSL_free(der);
    PKCS12_free(store);
    sk_X509_pop_free(others, X509_free);
    X509_free(other);
    X509_free(own);
    EVP_PKEY_free(key);
    return len > 0 ? LK_OK : lk_fail_openssl(err, LK_INTERNAL, "The key store cannot be made");
}

const char *lk_certificate_of_pem(lk_arena_t *arena, const char *pem)
{
    BIO *bio = BIO_new_mem_buf(pem, -1);
    X509 *certificate = bio != NULL ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;
    if (certificate == NULL)
        certificate = read_certificate(arena, pem);
    const char *text = certificate != NULL ? certificate_text(arena, certificate) : NULL;
    X509_free(certificate);
    BIO_free(bio);
    ERR_clear_error();
    return text;
}

int lk_public_key_is_pem(const char *pem)
{
    BIO *bio = BIO_new_mem_buf(pem, -1);
    EVP_PKEY *key = bio != NULL ? PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL) : NULL;
    int good = key != NULL;
    EVP_PKEY_free(key);
    BIO_free(bio);
    ERR_clear_error();
    return good;
}
