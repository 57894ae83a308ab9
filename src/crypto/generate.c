/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include <time.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include "core/time.h"
#include "crypto/internal.h"

#define CLOCK_SKEW 100 /* seconds that a certificate is valid before it was made, as Keycloak does */
#define VALID_YEARS 10

const char *lk_der_base64(lk_arena_t *arena, unsigned char **der, int len)
{
    const char *text = len > 0 ? lk_base64(arena, *der, (size_t)len) : NULL;

    OPENSSL_clear_free(*der, len > 0 ? (size_t)len : 0);
    return text;
}

static int set_times(X509 *cert, int64_t now)
{
    time_t begin = (time_t)(now - CLOCK_SKEW), end = (time_t)now;
    struct tm calendar;

    if (gmtime_r(&end, &calendar) == NULL)
        return 0;
    calendar.tm_year += VALID_YEARS;
    end = timegm(&calendar);
    return ASN1_TIME_set(X509_getm_notBefore(cert), begin) != NULL && ASN1_TIME_set(X509_getm_notAfter(cert), end) != NULL;
}

/* Keycloak's: X.509 version 1, the time in milliseconds as serial number, subject and issuer CN, SHA-256 with RSA. */
static X509 *self_sign(EVP_PKEY *pkey, const char *subject)
{
    X509 *cert = X509_new();
    X509_NAME *name;

    if (cert == NULL)
        return NULL;
    name = X509_get_subject_name(cert);
    /* V_ASN1_UTF8STRING takes names longer than the 64 characters of RFC 5280, which realm names may be. */
    if (ASN1_INTEGER_set_int64(X509_get_serialNumber(cert), lk_now_ms()) == 1 && set_times(cert, lk_now()) &&
        X509_NAME_add_entry_by_NID(name, NID_commonName, V_ASN1_UTF8STRING, (const unsigned char *)subject, -1, -1, 0) == 1 &&
        X509_set_issuer_name(cert, name) == 1 && X509_set_pubkey(cert, pkey) == 1 && X509_sign(cert, pkey, EVP_sha256()) > 0)
        return cert;
    X509_free(cert);
    return NULL;
}

lk_status_t lk_key_generate_rsa(lk_arena_t *arena, int bits, const char *subject, const char **ret_private,
                                const char **ret_certificate, lk_error_t *err)
{
    EVP_PKEY *pkey;
    X509 *cert = NULL;
    unsigned char *key_der = NULL, *cert_der = NULL;
    const char *private_key, *certificate;

    if (bits < 1024 || bits > 8192)
        return lk_fail(err, LK_INVALID, NULL, "Unsupported key size");
    if ((pkey = EVP_RSA_gen((unsigned)bits)) != NULL)
        cert = self_sign(pkey, subject);
    private_key = pkey != NULL ? lk_der_base64(arena, &key_der, i2d_PrivateKey(pkey, &key_der)) : NULL;
    certificate = cert != NULL ? lk_der_base64(arena, &cert_der, i2d_X509(cert, &cert_der)) : NULL;
    X509_free(cert);
    EVP_PKEY_free(pkey);
    if (private_key == NULL || certificate == NULL)
        return lk_fail_openssl(err, LK_INTERNAL, "Key cannot be generated");
    *ret_private = private_key;
    *ret_certificate = certificate;
    return LK_OK;
}

static EVP_PKEY *generate_curve(const char *curve)
{
    if (strcmp(curve, "Ed25519") == 0 || strcmp(curve, "Ed448") == 0)
        return EVP_PKEY_Q_keygen(NULL, NULL, curve);
    return lk_curve_find(curve) != NULL ? EVP_EC_gen(curve) : NULL;
}

lk_status_t lk_key_generate_curve(lk_arena_t *arena, const char *curve, const char **ret_private, const char **ret_public,
                                  lk_error_t *err)
{
    EVP_PKEY *pkey = generate_curve(curve);
    PKCS8_PRIV_KEY_INFO *pkcs8;
    unsigned char *private_der = NULL, *public_der = NULL;
    const char *private_key = NULL, *public_key;

    if (pkey == NULL)
        return lk_fail_openssl(err, LK_INVALID, "Unsupported elliptic curve");
    if ((pkcs8 = EVP_PKEY2PKCS8(pkey)) != NULL)
        private_key = lk_der_base64(arena, &private_der, i2d_PKCS8_PRIV_KEY_INFO(pkcs8, &private_der));
    public_key = lk_der_base64(arena, &public_der, i2d_PUBKEY(pkey, &public_der));
    PKCS8_PRIV_KEY_INFO_free(pkcs8);
    EVP_PKEY_free(pkey);
    if (private_key == NULL || public_key == NULL)
        return lk_fail_openssl(err, LK_INTERNAL, "Key cannot be generated");
    *ret_private = private_key;
    *ret_public = public_key;
    return LK_OK;
}

int64_t lk_certificate_end(lk_arena_t *arena, const char *certificate)
{
    lk_bytes_t der;
    struct tm end;
    int64_t seconds = 0;
    if (lk_base64_decode(arena, certificate, strlen(certificate), &der) != 0)
        return 0;
    const unsigned char *at = der.base;
    X509 *cert = d2i_X509(NULL, &at, (long)der.len);
    if (cert != NULL && ASN1_TIME_to_tm(X509_get0_notAfter(cert), &end) == 1)
        seconds = (int64_t)timegm(&end);
    X509_free(cert);
    ERR_clear_error();
    return seconds;
}
