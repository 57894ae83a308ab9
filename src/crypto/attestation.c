/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include "crypto/cbor.h"
#include "crypto/webauthn_internal.h"

/* Attestation statements (Web Authentication level 2, section 8): who vouches for a new credential. */

#define MAX_CHAIN 8

typedef struct st_statement_t {
    lk_arena_t *arena;
    lk_attestation_t *attestation;
    lk_cbor_t map;
    const unsigned char *client_hash;
    const char *roots;
} statement_t;

/* --- certificates --- */

static void free_chain(STACK_OF(X509) * chain)
{
    sk_X509_pop_free(chain, X509_free);
}

/* x5c, the authenticator's own first; NULL where it is broken. The caller frees it. */
static STACK_OF(X509) * chain_of(const lk_cbor_t *list)
{
    STACK_OF(X509) *chain = sk_X509_new_null();
    lk_cbor_t der;
    for (uint64_t i = 0; chain != NULL && i != list->number; ++i) {
        const unsigned char *at = NULL;
        X509 *certificate = NULL;
        if (i != MAX_CHAIN && lk_cbor_at(list, i, LK_CBOR_BYTES, &der)) {
            at = der.bytes.base;
            certificate = d2i_X509(NULL, &at, (long)der.bytes.len);
        }
        if (certificate == NULL || at != der.bytes.base + der.bytes.len || sk_X509_push(chain, certificate) == 0) {
            X509_free(certificate);
            free_chain(chain);
            return NULL;
        }
    }
    return chain;
}

static X509_STORE *store_of(const char *roots)
{
    X509_STORE *store = X509_STORE_new();
    BIO *pem = BIO_new_mem_buf(roots, -1);
    X509 *root;
    while (store != NULL && pem != NULL && (root = PEM_read_bio_X509(pem, NULL, NULL, NULL)) != NULL) {
        X509_STORE_add_cert(store, root);
        X509_free(root);
    }
    BIO_free(pem);
    return store;
}

/* Vendors' authorities sign authenticators' certificates directly or by intermediates; either may be what is trusted. */
static int leads_to(STACK_OF(X509) * chain, const char *roots)
{
    X509_STORE *store = store_of(roots);
    X509_STORE_CTX *ctx = X509_STORE_CTX_new();
    int good = store != NULL && ctx != NULL && X509_STORE_CTX_init(ctx, store, sk_X509_value(chain, 0), chain) == 1;
    if (good) {
        X509_STORE_CTX_set_flags(ctx, X509_V_FLAG_PARTIAL_CHAIN);
        good = X509_verify_cert(ctx) == 1;
    }
    X509_STORE_CTX_free(ctx);
    X509_STORE_free(store);
    ERR_clear_error();
    return good;
}

/* The AAGUID that the certificate is for, where it says one: extension 1.3.6.1.4.1.45724.1.1.4, an OCTET STRING in the extension's
 * own. */
static int is_for_model(const X509 *certificate, lk_bytes_t aaguid)
{
    ASN1_OBJECT *id = OBJ_txt2obj("1.3.6.1.4.1.45724.1.1.4", 1);
    int at = X509_get_ext_by_OBJ(certificate, id, -1);
    ASN1_OBJECT_free(id);
    if (at < 0)
        return 1;
    const ASN1_OCTET_STRING *value = X509_EXTENSION_get_data(X509_get_ext(certificate, at));
    const unsigned char *bytes = ASN1_STRING_get0_data(value);
    return ASN1_STRING_length(value) == 2 + LK_WEBAUTHN_AAGUID && bytes[0] == V_ASN1_OCTET_STRING &&
           bytes[1] == LK_WEBAUTHN_AAGUID && memcmp(bytes + 2, aaguid.base, LK_WEBAUTHN_AAGUID) == 0;
}

/* Section 8.2.1: version 3, no authority, and meant for this. */
static int is_attesting(X509 *certificate)
{
    char unit[64] = "";
    X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_organizationalUnitName, unit, sizeof(unit));
    return X509_get_version(certificate) == 2 && X509_check_ca(certificate) == 0 && strcmp(unit, "Authenticator Attestation") == 0;
}

static lk_status_t check_chain(const statement_t *statement, const lk_cbor_t *list, const char *alg, lk_bytes_t first,
                               lk_bytes_t second, lk_bytes_t signature, int is_packed, lk_error_t *err)
{
    STACK_OF(X509) *chain = chain_of(list);
    const char *why = NULL;
    if (chain == NULL || sk_X509_num(chain) == 0) {
        free_chain(chain);
        return lk_webauthn_refuse(err, "attestation: x5c is broken");
    }
    X509 *own = sk_X509_value(chain, 0);
    EVP_PKEY *pkey = X509_get0_pubkey(own);
    if (pkey == NULL || !lk_webauthn_verify_with(pkey, alg, first, second, signature))
        why = "attestation: the certificate's key did not sign it";
    else if (is_packed && (!is_attesting(own) || !is_for_model(own, statement->attestation->data.aaguid)))
        why = "attestation: the certificate is not one of this authenticator's";
    else if (statement->roots == NULL || !leads_to(chain, statement->roots))
        why = "attestation: the certificate leads to nobody in truststore-paths";
    free_chain(chain);
    return why != NULL ? lk_webauthn_refuse(err, why) : LK_OK;
}

/* --- formats --- */

static lk_status_t check_none(const statement_t *statement, lk_error_t *err)
{
    return statement->map.number == 0 ? LK_OK : lk_webauthn_refuse(err, "attestation: \"none\" with a statement");
}

static lk_status_t check_packed(const statement_t *statement, lk_error_t *err)
{
    const lk_attestation_t *attestation = statement->attestation;
    lk_bytes_t hash = {statement->client_hash, 32}, data = attestation->data.raw;
    lk_cbor_t signature, list;
    int64_t number;
    if (!lk_cbor_get_integer(&statement->map, "alg", 0, &number) || lk_cose_alg_name(number) == NULL ||
        !lk_cbor_get(&statement->map, "sig", LK_CBOR_BYTES, &signature))
        return lk_webauthn_refuse(err, "attestation: alg or sig is missing or unknown");
    const char *alg = lk_cose_alg_name(number);
    if (lk_cbor_get(&statement->map, "x5c", LK_CBOR_ARRAY, &list))
        return check_chain(statement, &list, alg, data, hash, signature.bytes, 1, err);
    if (statement->map.number != 2 || strcmp(alg, attestation->alg) != 0)
        return lk_webauthn_refuse(err, "attestation: by itself, with another algorithm or more than a signature");
    return lk_webauthn_verify(attestation->key, alg, data, statement->client_hash, signature.bytes, err);
}

/* What the old keys sign (section 8.6): 0, both hashes, the credential and the point. */
static lk_status_t check_u2f(const statement_t *statement, lk_error_t *err)
{
    const lk_authenticator_data_t *data = &statement->attestation->data;
    lk_cbor_t signature, list, key, x, y;
    size_t used;
    if (!lk_cbor_get(&statement->map, "sig", LK_CBOR_BYTES, &signature) ||
        !lk_cbor_get(&statement->map, "x5c", LK_CBOR_ARRAY, &list) || list.number != 1 ||
        strcmp(statement->attestation->alg, "ES256") != 0 || lk_cbor_read(data->cose_key, &key, &used) != 0 ||
        !lk_cbor_get_number(&key, -2, LK_CBOR_BYTES, &x) || !lk_cbor_get_number(&key, -3, LK_CBOR_BYTES, &y) || x.bytes.len != 32 ||
        y.bytes.len != 32)
        return lk_webauthn_refuse(err, "attestation: not what a U2F key says");
    size_t len = 1 + 32 + 32 + data->credential_id.len;
    unsigned char *first = lk_alloc(statement->arena, len), second[65] = {4};
    first[0] = 0;
    memcpy(first + 1, data->rp_hash, 32);
    memcpy(first + 33, statement->client_hash, 32);
    memcpy(first + 65, data->credential_id.base, data->credential_id.len);
    memcpy(second + 1, x.bytes.base, 32);
    memcpy(second + 33, y.bytes.base, 32);
    return check_chain(statement, &list, "ES256", (lk_bytes_t){first, len}, (lk_bytes_t){second, sizeof(second)}, signature.bytes,
                       0, err);
}

static const struct {
    const char *name;
    lk_status_t (*check)(const statement_t *statement, lk_error_t *err);
} formats[] = {{"none", check_none}, {"packed", check_packed}, {"fido-u2f", check_u2f}};

lk_status_t lk_attestation_read(lk_arena_t *arena, lk_bytes_t object, const unsigned char client_hash[32], const char *roots,
                                lk_attestation_t *ret_attestation, lk_error_t *err)
{
    lk_attestation_t attestation = {0};
    statement_t statement = {arena, &attestation, .client_hash = client_hash, .roots = roots};
    lk_cbor_t root, format, data;
    size_t used;
    if (object.len > LK_WEBAUTHN_MAX || lk_cbor_read(object, &root, &used) != 0 || used != object.len ||
        !lk_cbor_get(&root, "fmt", LK_CBOR_TEXT, &format) || !lk_cbor_get(&root, "authData", LK_CBOR_BYTES, &data) ||
        !lk_cbor_get(&root, "attStmt", LK_CBOR_MAP, &statement.map))
        return lk_webauthn_refuse(err, "attestation: no object with fmt, authData and attStmt");
    lk_status_t status = lk_authenticator_data_read(data.bytes, &attestation.data, err);
    if (status == LK_OK && !(attestation.data.flags & LK_WEBAUTHN_ATTESTED))
        return lk_webauthn_refuse(err, "attestation: without a credential");
    if (status == LK_OK)
        status = lk_cose_key_read(arena, attestation.data.cose_key, &attestation.key, &attestation.alg, err);
    for (size_t i = 0; status == LK_OK && i != sizeof(formats) / sizeof(formats[0]); ++i) {
        if (strlen(formats[i].name) != format.bytes.len || memcmp(formats[i].name, format.bytes.base, format.bytes.len) != 0)
            continue;
        attestation.format = formats[i].name;
        status = formats[i].check(&statement, err);
    }
    if (status == LK_OK && attestation.format == NULL)
        return lk_webauthn_refuse(err, "attestation: of a format that is not there");
    if (status == LK_OK)
        *ret_attestation = attestation;
    return status;
}
