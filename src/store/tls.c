/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "store/tls.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include "crypto/keystore.h"

/* libpq makes its SSL_CTX inside PQconnectdb, and gives it to nobody. OpenSSL, however, tells of each new one, on the thread that
 * makes it: where that thread is connecting, the verification of the server's chain is ours. So SHA-1 signatures can be let through
 * for the database alone, and a failure can name the certificate. */

static _Thread_local lk_tls_watch_t *current;
static int (*default_security)(const SSL *, const SSL_CTX *, int, int, int, void *, void *);

/* --- what went wrong --- */

/* What an operator can do about it. */
static const char *advice_for(int error, int is_sha1)
{
    switch (error) {
    case X509_V_ERR_CA_MD_TOO_WEAK:
        return is_sha1 ? "renew it with SHA-256; or, to accept SHA-1 from this database alone, set db-tls-allow-sha1=true"
                       : "renew it with SHA-256";
    case X509_V_ERR_EE_KEY_TOO_SMALL:
    case X509_V_ERR_CA_KEY_TOO_SMALL:
        return "its key must be made anew, RSA of 2048 bits at least";
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
        return "name a file that holds its root in db-tls-trust-store-file";
    case X509_V_ERR_CERT_HAS_EXPIRED:
        return "the server needs a new one";
    case X509_V_ERR_CERT_NOT_YET_VALID:
        return "check the clocks of server and client";
    default:
        return "see the server's certificates";
    }
}

static void name_of(const X509_NAME *name, char *text, size_t size)
{
    BIO *bio = BIO_new(BIO_s_mem());
    *text = '\0';
    if (bio != NULL && X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253) > 0) {
        int len = BIO_read(bio, text, (int)size - 1);
        text[len > 0 ? len : 0] = '\0';
    }
    BIO_free(bio);
}

static void describe(X509_STORE_CTX *store, lk_tls_watch_t *watch)
{
    X509 *certificate = X509_STORE_CTX_get_current_cert(store);
    int error = X509_STORE_CTX_get_error(store), algorithm = NID_undef;
    char subject[100] = "", issuer[100] = "";
    if (certificate != NULL) {
        name_of(X509_get_subject_name(certificate), subject, sizeof(subject));
        name_of(X509_get_issuer_name(certificate), issuer, sizeof(issuer));
        algorithm = X509_get_signature_nid(certificate);
    }
    snprintf(watch->failure, sizeof(watch->failure), "certificate %d of the server's chain (%s, signed by %s with %s): %s; %s",
             X509_STORE_CTX_get_error_depth(store), subject, issuer, OBJ_nid2sn(algorithm), X509_verify_cert_error_string(error),
             advice_for(error, algorithm == NID_sha1WithRSAEncryption || algorithm == NID_ecdsa_with_SHA1));
}

/* --- verification --- */

static int min_bits(int level)
{
    static const int bits[] = {0, 80, 112, 128, 192, 256};
    return bits[level < 0 ? 0 : level > 5 ? 5 : level];
}

/* What is wrong with one certificate at this level, SHA-1 signatures aside; X509_V_OK where nothing is. */
static int judge(X509 *certificate, int is_anchor, int is_leaf, int level)
{
    int digest = NID_undef, bits = 0;
    if (EVP_PKEY_get_security_bits(X509_get0_pubkey(certificate)) < min_bits(level))
        return is_leaf ? X509_V_ERR_EE_KEY_TOO_SMALL : X509_V_ERR_CA_KEY_TOO_SMALL;
    if (is_anchor)
        return X509_V_OK;
    if (!X509_get_signature_info(certificate, &digest, NULL, &bits, NULL))
        return X509_V_ERR_CA_MD_TOO_WEAK;
    return digest == NID_sha1 || bits >= min_bits(level) ? X509_V_OK : X509_V_ERR_CA_MD_TOO_WEAK;
}

static int is_strong_but_for_sha1(X509_STORE_CTX *store, int level)
{
    STACK_OF(X509) *chain = X509_STORE_CTX_get0_chain(store);
    int count = sk_X509_num(chain);
    for (int i = 0; i < count; ++i) {
        int error = judge(sk_X509_value(chain, i), i == count - 1, i == 0, level);
        if (error != X509_V_OK) {
            X509_STORE_CTX_set_error(store, error);
            X509_STORE_CTX_set_error_depth(store, i);
            X509_STORE_CTX_set_current_cert(store, sk_X509_value(chain, i));
            return 0;
        }
    }
    return 1;
}

static int verify(X509_STORE_CTX *store, void *context)
{
    lk_tls_watch_t *watch = current;
    X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(store);
    int level = X509_VERIFY_PARAM_get_auth_level(param), relaxed = watch != NULL && watch->allow_sha1;
    if (relaxed)
        X509_VERIFY_PARAM_set_auth_level(param, 0);
    int good = X509_verify_cert(store) > 0 && (!relaxed || is_strong_but_for_sha1(store, level));
    if (!good && watch != NULL)
        describe(store, watch);
    return good;
}

/* Our own certificate may be signed with SHA-1 too. */
static int security(const SSL *ssl, const SSL_CTX *ctx, int op, int bits, int nid, void *other, void *ex)
{
    int what = op & ~SSL_SECOP_PEER;
    return (what == SSL_SECOP_CA_MD && nid == NID_sha1) || default_security(ssl, ctx, op, bits, nid, other, ex);
}

static void on_new_context(void *parent, void *ptr, CRYPTO_EX_DATA *data, int index, long argl, void *argp)
{
    SSL_CTX *ctx = parent;
    if (current == NULL)
        return;
    SSL_CTX_set_cert_verify_callback(ctx, verify, NULL);
    if (current->allow_sha1)
        SSL_CTX_set_security_callback(ctx, security);
}

static void begin_once(void)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    default_security = SSL_CTX_get_security_callback(ctx);
    SSL_CTX_free(ctx);
    SSL_CTX_get_ex_new_index(0, NULL, on_new_context, NULL, NULL);
}

void lk_tls_watch_begin(lk_tls_watch_t *watch)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, begin_once);
    watch->failure[0] = '\0';
    current = watch;
}

void lk_tls_watch_end(void)
{
    current = NULL;
}

/* --- files --- */

/* A file that only this process can open, by the name that libpq is given. */
static int put_away(const char *text, int *ret_fd, char *name, size_t size)
{
    size_t len = strlen(text);
    *ret_fd = memfd_create("latchkey-tls", MFD_CLOEXEC);
    if (*ret_fd < 0 || fchmod(*ret_fd, 0600) != 0 || write(*ret_fd, text, len) != (ssize_t)len)
        return -1;
    snprintf(name, size, "/proc/self/fd/%d", *ret_fd);
    return 0;
}

static lk_status_t name_option(const char *option, lk_status_t status, lk_error_t *err)
{
    lk_error_t why = {0};
    if (err == NULL)
        return status;
    why = *err;
    return lk_fail(err, status, NULL, "%s: %s", option, why.text);
}

static lk_status_t open_trust(lk_arena_t *arena, const lk_store_tls_t *tls, lk_tls_files_t *files, lk_error_t *err)
{
    lk_keystore_t store;
    if (tls->trust_store == NULL)
        return LK_OK;
    lk_status_t status = lk_keystore_read(arena, tls->trust_store, tls->trust_store_password, &store, err);
    if (status != LK_OK)
        return name_option("db-tls-trust-store-file", status, err);
    files->trust_path = store.is_pem ? tls->trust_store : files->trust;
    if (!store.is_pem && put_away(store.certificates, &files->trust_fd, files->trust, sizeof(files->trust)) != 0)
        return lk_fail(err, LK_INTERNAL, NULL, "No memory for %s", tls->trust_store);
    return LK_OK;
}

/* libpq wants the key in a file that others cannot read, which a mounted one often is not. */
static lk_status_t open_key(lk_arena_t *arena, const lk_store_tls_t *tls, lk_tls_files_t *files, lk_error_t *err)
{
    lk_keystore_t store;
    if (tls->key_store == NULL)
        return LK_OK;
    lk_status_t status = lk_keystore_read(arena, tls->key_store, tls->key_store_password, &store, err);
    if (status != LK_OK)
        return name_option("db-mtls-key-store-file", status, err);
    if (store.key == NULL)
        return lk_fail(err, LK_INVALID, NULL, "%s holds no private key", tls->key_store);
    if (put_away(store.certificates, &files->certificate_fd, files->certificate, sizeof(files->certificate)) != 0 ||
        put_away(store.key, &files->key_fd, files->key, sizeof(files->key)) != 0)
        return lk_fail(err, LK_INTERNAL, NULL, "No memory for %s", tls->key_store);
    return LK_OK;
}

lk_status_t lk_tls_files_open(lk_arena_t *arena, const lk_store_tls_t *tls, lk_tls_files_t *ret_files, lk_error_t *err)
{
    *ret_files = (lk_tls_files_t){.trust_fd = -1, .certificate_fd = -1, .key_fd = -1};
    lk_status_t status = open_trust(arena, tls, ret_files, err);
    if (status == LK_OK)
        status = open_key(arena, tls, ret_files, err);
    if (status != LK_OK)
        lk_tls_files_close(ret_files);
    return status;
}

void lk_tls_files_close(lk_tls_files_t *files)
{
    int *fds[] = {&files->trust_fd, &files->certificate_fd, &files->key_fd};
    for (size_t i = 0; i != sizeof(fds) / sizeof(fds[0]); ++i)
        if (*fds[i] >= 0) {
            close(*fds[i]);
            *fds[i] = -1;
        }
}
