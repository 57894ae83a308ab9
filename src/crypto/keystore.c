/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "crypto/keystore.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include "core/buffer.h"
#include "core/encode.h"

static const unsigned char jks_magic[] = {0xfe, 0xed, 0xfe, 0xed};

static lk_status_t read_file(lk_arena_t *arena, const char *path, lk_bytes_t *ret_bytes, lk_error_t *err)
{
    char *bytes = lk_alloc(arena, LK_KEYSTORE_MAX_BYTES);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return lk_fail(err, LK_INVALID, NULL, "%s cannot be read: %s", path, strerror(errno));
    size_t len = fread(bytes, 1, LK_KEYSTORE_MAX_BYTES - 1, file);
    int whole = feof(file);
    fclose(file);
    if (!whole)
        return lk_fail(err, LK_INVALID, NULL, "%s is larger than %d bytes", path, LK_KEYSTORE_MAX_BYTES);
    bytes[len] = '\0';
    *ret_bytes = (lk_bytes_t){(const unsigned char *)bytes, len};
    return LK_OK;
}

/* --- PKCS12 --- */

static const char *text_of(lk_arena_t *arena, BIO *bio)
{
    char *bytes;
    long len = BIO_get_mem_data(bio, &bytes);
    return lk_strndup(arena, bytes, (size_t)len);
}

static lk_status_t write_pem(lk_arena_t *arena, EVP_PKEY *key, X509 *own, STACK_OF(X509) * others, lk_keystore_t *ret_keystore)
{
    BIO *certificates = BIO_new(BIO_s_mem()), *private_key = BIO_new(BIO_s_secmem());
    int good = certificates != NULL && private_key != NULL && (own == NULL || PEM_write_bio_X509(certificates, own));
    for (int i = 0; good && i < sk_X509_num(others); ++i)
        good = PEM_write_bio_X509(certificates, sk_X509_value(others, i));
    good = good && (key == NULL || PEM_write_bio_PrivateKey(private_key, key, NULL, NULL, 0, NULL, NULL));
    if (good)
        *ret_keystore = (lk_keystore_t){0, text_of(arena, certificates), key != NULL ? text_of(arena, private_key) : NULL};
    BIO_free(certificates);
    BIO_free(private_key);
    return good ? LK_OK : LK_INTERNAL;
}

static lk_status_t read_pkcs12(lk_arena_t *arena, const char *path, lk_bytes_t bytes, const char *password,
                               lk_keystore_t *ret_keystore, lk_error_t *err)
{
    const unsigned char *at = bytes.base;
    PKCS12 *pkcs12 = d2i_PKCS12(NULL, &at, (long)bytes.len);
    EVP_PKEY *key = NULL;
    X509 *own = NULL;
    STACK_OF(X509) *others = NULL;
    lk_status_t status;
    if (pkcs12 == NULL)
        status = lk_fail(err, LK_INVALID, NULL, "%s is neither PEM nor PKCS12", path);
    else if (!PKCS12_verify_mac(pkcs12, password != NULL ? password : "", -1))
        status = lk_fail(err, LK_INVALID, NULL, "%s does not open with the password given for it", path);
    else if (!PKCS12_parse(pkcs12, password != NULL ? password : "", &key, &own, &others))
        status =
            lk_fail(err, LK_INVALID, NULL, "%s is encrypted in a way that is no longer supported: make it anew, as PEM best", path);
    else if (write_pem(arena, key, own, others, ret_keystore) != LK_OK)
        status = lk_fail(err, LK_INTERNAL, NULL, "%s cannot be turned into PEM", path);
    else
        status = LK_OK;
    ERR_clear_error();
    EVP_PKEY_free(key);
    X509_free(own);
    sk_X509_pop_free(others, X509_free);
    PKCS12_free(pkcs12);
    return status;
}

lk_status_t lk_keystore_read(lk_arena_t *arena, const char *path, const char *password, lk_keystore_t *ret_keystore,
                             lk_error_t *err)
{
    lk_bytes_t bytes = {NULL, 0};
    lk_status_t status = read_file(arena, path, &bytes, err);
    if (status != LK_OK)
        return status;
    if (bytes.len >= sizeof(jks_magic) && memcmp(bytes.base, jks_magic, sizeof(jks_magic)) == 0)
        return lk_fail(err, LK_INVALID, NULL,
                       "%s is a Java key store (JKS): keytool -importkeystore -deststoretype pkcs12 makes PKCS12 of it", path);
    const char *text = (const char *)bytes.base;
    if (strstr(text, "-----BEGIN ") == NULL)
        return read_pkcs12(arena, path, bytes, password, ret_keystore, err);
    *ret_keystore = (lk_keystore_t){1, text, strstr(text, "PRIVATE KEY-----") != NULL ? text : NULL};
    return LK_OK;
}

const char *lk_keystore_system_roots(void)
{
    const char *files[] = {getenv(X509_get_default_cert_file_env()), "/etc/ssl/certs/ca-certificates.crt",
                           "/etc/pki/tls/certs/ca-bundle.crt", X509_get_default_cert_file()};
    for (size_t i = 0; i != sizeof(files) / sizeof(files[0]); ++i)
        if (files[i] != NULL && access(files[i], R_OK) == 0)
            return files[i];
    return NULL;
}
