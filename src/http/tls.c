/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include "http/edge.h"

static lk_status_t tls_fail(lk_error_t *err, const char *what, const char *file)
{
    unsigned long code = ERR_get_error();
    const char *reason = ERR_SYSTEM_ERROR(code) ? strerror(ERR_GET_REASON(code)) : code != 0 ? ERR_reason_error_string(code) : NULL;
    if (ERR_GET_LIB(code) == ERR_LIB_PEM && ERR_GET_REASON(code) == PEM_R_NO_START_LINE)
        reason = "there is nothing of the kind in it; it must be PEM";
    ERR_clear_error();
    return lk_fail(err, LK_INVALID, NULL, "%s %s: %s", what, file, reason != NULL ? reason : "cannot be used");
}

/* "TLSv1.3,TLSv1.2": the lowest and the highest that are named. */
static lk_status_t set_protocols(SSL_CTX *tls, const char *protocols, lk_error_t *err)
{
    int has_1_2 = protocols == NULL || strstr(protocols, "TLSv1.2") != NULL;
    int has_1_3 = protocols == NULL || strstr(protocols, "TLSv1.3") != NULL;
    if (!has_1_2 && !has_1_3)
        return lk_fail(err, LK_INVALID, NULL, "https-protocols: \"%s\" names neither TLSv1.2 nor TLSv1.3", protocols);
    SSL_CTX_set_min_proto_version(tls, has_1_2 ? TLS1_2_VERSION : TLS1_3_VERSION);
    SSL_CTX_set_max_proto_version(tls, has_1_3 ? TLS1_3_VERSION : TLS1_2_VERSION);
    return LK_OK;
}

/* One list for both: OpenSSL has two, and ignores in each the names of the other where at least one fits. */
static lk_status_t set_ciphers(SSL_CTX *tls, const char *ciphers, lk_error_t *err)
{
    char list[2048], tls13[1024] = "", tls12[1024] = "", *save = NULL;
    if (ciphers == NULL || *ciphers == '\0')
        return LK_OK;
    snprintf(list, sizeof(list), "%s", ciphers);
    for (char *name = strtok_r(list, ",: ", &save); name != NULL; name = strtok_r(NULL, ",: ", &save)) {
        char *target = strncmp(name, "TLS_", 4) == 0 && strstr(name, "_WITH_") == NULL ? tls13 : tls12;
        size_t used = strlen(target);
        snprintf(target + used, sizeof(tls13) - used, "%s%s", used != 0 ? ":" : "", name);
    }
    if ((*tls13 != '\0' && SSL_CTX_set_ciphersuites(tls, tls13) != 1) ||
        (*tls12 != '\0' && SSL_CTX_set_cipher_list(tls, tls12) != 1))
        return tls_fail(err, "https-cipher-suites", ciphers);
    return LK_OK;
}

static lk_status_t set_client_auth(SSL_CTX *tls, const lk_tls_options_t *options, lk_error_t *err)
{
    if (options->client_auth == LK_CLIENT_AUTH_NONE)
        return LK_OK;
    int mode = SSL_VERIFY_PEER | (options->client_auth == LK_CLIENT_AUTH_REQUIRED ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0);
    SSL_CTX_set_verify(tls, mode, NULL);
    if (options->trust_file == NULL) {
        SSL_CTX_set_default_verify_paths(tls);
        return LK_OK;
    }
    STACK_OF(X509_NAME) *names = SSL_load_client_CA_file(options->trust_file);
    if (names == NULL || SSL_CTX_load_verify_locations(tls, options->trust_file, NULL) != 1) {
        sk_X509_NAME_pop_free(names, X509_NAME_free);
        return tls_fail(err, "https-trust-store-file", options->trust_file);
    }
    SSL_CTX_set_client_CA_list(tls, names);
    return LK_OK;
}

static lk_status_t set_files(SSL_CTX *tls, const lk_tls_options_t *options, lk_error_t *err)
{
    if (SSL_CTX_use_certificate_chain_file(tls, options->certificate_file) != 1)
        return tls_fail(err, "https-certificate-file", options->certificate_file);
    if (SSL_CTX_use_PrivateKey_file(tls, options->key_file, SSL_FILETYPE_PEM) != 1)
        return tls_fail(err, "https-certificate-key-file", options->key_file);
    return SSL_CTX_check_private_key(tls) == 1 ? LK_OK : tls_fail(err, "https-certificate-key-file", options->key_file);
}

lk_status_t lk_tls_create(const lk_tls_options_t *options, SSL_CTX **ret_tls, lk_error_t *err)
{
    static const unsigned char session_context[] = "latchkey";
    lk_status_t status;
    if (options->certificate_file == NULL || options->key_file == NULL)
        return lk_fail(err, LK_INVALID, NULL, "HTTPS needs both https-certificate-file and https-certificate-key-file");
    SSL_CTX *tls = SSL_CTX_new(TLS_server_method());
    if (tls == NULL)
        return lk_fail(err, LK_INTERNAL, NULL, "OpenSSL gives no context");
    SSL_CTX_set_options(tls, SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_mode(tls, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_session_id_context(tls, session_context, sizeof(session_context) - 1);
    SSL_CTX_set_session_cache_mode(tls, SSL_SESS_CACHE_OFF); /* tickets serve as well, and need no memory */
    h2o_ssl_register_alpn_protocols(tls, h2o_alpn_protocols);
    if ((status = set_protocols(tls, options->protocols, err)) != LK_OK ||
        (status = set_ciphers(tls, options->ciphers, err)) != LK_OK || (status = set_client_auth(tls, options, err)) != LK_OK ||
        (status = set_files(tls, options, err)) != LK_OK) {
        SSL_CTX_free(tls);
        return status;
    }
    *ret_tls = tls;
    return LK_OK;
}

/* --- the client's certificate --- */

#if H2O_LIBRARY_VERSION_MAJOR != 0 || H2O_LIBRARY_VERSION_MINOR != 13
#error "st_h2o_socket_ssl_t has to be looked at again"
#endif
/* How h2o begins what it keeps of a TLS socket; it has no accessor. t/api/client_auth.t sees that it is so. */
typedef struct st_socket_ssl_t {
    SSL_CTX *ssl_ctx;
    SSL *ssl;
} socket_ssl_t;

lk_bytes_t lk_tls_certificate(lk_arena_t *arena, h2o_conn_t *conn)
{
    const h2o_socket_t *sock = conn->callbacks->get_socket(conn);
    const socket_ssl_t *tls = sock != NULL ? (const socket_ssl_t *)(const void *)sock->ssl : NULL;
    X509 *certificate = tls != NULL && tls->ssl != NULL ? SSL_get1_peer_certificate(tls->ssl) : NULL;
    unsigned char *der = NULL, *copy = NULL;
    int len = certificate != NULL ? i2d_X509(certificate, &der) : 0;
    if (len > 0 && SSL_get_verify_result(tls->ssl) == X509_V_OK) {
        copy = lk_alloc(arena, (size_t)len);
        memcpy(copy, der, (size_t)len);
    }
    OPENSSL_free(der);
    X509_free(certificate);
    return (lk_bytes_t){copy, copy != NULL ? (size_t)len : 0};
}
