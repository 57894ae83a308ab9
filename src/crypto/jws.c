/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include "core/json.h"
#include "crypto/crypto.h"
#include "crypto/internal.h"
#include "crypto/jws.h"

#define MAX_TOKEN (64 * 1024)
#define MAX_SIGNED (1024 * 1024) /* what we write ourselves: header and payload */

/* --- signing --- */

/* A context that the caller frees: a copy of the key's ready one where that is for this algorithm, else made anew. */
static EVP_MD_CTX *context_for(const lk_key_t *key, const lk_alg_t *alg, const EVP_MD_CTX *ready,
                               int (*init)(const lk_alg_t *, EVP_PKEY *, EVP_MD_CTX *))
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();

    if (ctx == NULL)
        return NULL;
    if (ready != NULL && key->alg != NULL && strcmp(key->alg, alg->name) == 0 && EVP_MD_CTX_copy_ex(ctx, ready) == 1) {
        EVP_MD_CTX_set_flags(ctx, EVP_MD_CTX_FLAG_FINALISE); /* used once: no inner copy */
        return ctx;
    }
    EVP_MD_CTX_reset(ctx);
    if (init(alg, key->pkey, ctx))
        return ctx;
    EVP_MD_CTX_free(ctx);
    return NULL;
}

/* DER to R and S side by side (RFC 7518 section 3.4). */
static int ecdsa_to_raw(const unsigned char *der, size_t der_len, size_t field, unsigned char *ret_raw)
{
    ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &der, (long)der_len);
    int ok = sig != NULL && BN_bn2binpad(ECDSA_SIG_get0_r(sig), ret_raw, (int)field) >= 0 &&
             BN_bn2binpad(ECDSA_SIG_get0_s(sig), ret_raw + field, (int)field) >= 0;

    ECDSA_SIG_free(sig);
    return ok;
}

static int raw_to_ecdsa(lk_bytes_t raw, size_t field, unsigned char **ret_der, size_t *ret_len)
{
    ECDSA_SIG *sig = raw.len == 2 * field ? ECDSA_SIG_new() : NULL;
    BIGNUM *r, *s;
    int len = 0;

    if (sig == NULL)
        return 0;
    r = BN_bin2bn(raw.base, (int)field, NULL);
    s = BN_bin2bn(raw.base + field, (int)field, NULL);
    if (ECDSA_SIG_set0(sig, r, s) == 1) {
        len = i2d_ECDSA_SIG(sig, ret_der);
    } else {
        BN_free(r);
        BN_free(s);
    }
    ECDSA_SIG_free(sig);
    *ret_len = len > 0 ? (size_t)len : 0;
    return len > 0;
}

static int hmac(const lk_key_t *key, const lk_alg_t *alg, const char *input, size_t len, unsigned char *ret_mac,
                unsigned int *ret_len)
{
    return key->secret.len != 0 &&
           HMAC(alg->digest(), key->secret.base, (int)key->secret.len, (const unsigned char *)input, len, ret_mac, ret_len) != NULL;
}

/* *ret_len: size of ret_signature, then the signature's. */
static int sign(const lk_key_t *key, const lk_alg_t *alg, const char *input, size_t len, unsigned char *ret_signature,
                size_t *ret_len)
{
    EVP_MD_CTX *ctx;
    unsigned char der[256];
    unsigned int mac_len;
    size_t der_len = sizeof(der), field;
    int ok;

    if (alg->scheme == LK_SCHEME_HMAC) {
        if (!hmac(key, alg, input, len, ret_signature, &mac_len))
            return 0;
        *ret_len = mac_len;
        return 1;
    }
    if ((ctx = context_for(key, alg, key->_signer, lk_alg_init_sign)) == NULL)
        return 0;
    if (alg->scheme == LK_SCHEME_ECDSA) {
        field = lk_curve_find(alg->curve)->field;
        ok = EVP_DigestSign(ctx, der, &der_len, (const unsigned char *)input, len) == 1 &&
             ecdsa_to_raw(der, der_len, field, ret_signature);
        *ret_len = 2 * field;
    } else {
        ok = EVP_DigestSign(ctx, ret_signature, ret_len, (const unsigned char *)input, len) == 1;
    }
    EVP_MD_CTX_free(ctx);
    return ok;
}

static char *header_text(lk_arena_t *arena, const lk_key_t *key, const char *alg, const char *typ)
{
    lk_buffer_t header;

    lk_buffer_init(&header, arena, 4096);
    lk_buffer_puts(&header, "{\"alg\":");
    lk_buffer_json_string(&header, alg);
    if (typ != NULL) {
        lk_buffer_puts(&header, ",\"typ\":");
        lk_buffer_json_string(&header, typ);
    }
    if (key->kid != NULL) {
        lk_buffer_puts(&header, ",\"kid\":");
        lk_buffer_json_string(&header, key->kid);
    }
    if (key->x5t != NULL) {
        lk_buffer_puts(&header, ",\"x5t\":");
        lk_buffer_json_string(&header, key->x5t);
    }
    lk_buffer_putc(&header, '}');
    return header.overflow ? NULL : lk_base64url(arena, header.base, header.len);
}

lk_status_t lk_jws_sign(lk_arena_t *arena, const lk_key_t *key, const char *alg, const char *typ, const char *payload, size_t len,
                        char **ret_token, lk_error_t *err)
{
    const lk_alg_t *found = lk_alg_find(alg);
    unsigned char signature[1024]; /* RSA of 8192 bits */
    size_t signature_len = sizeof(signature);
    lk_buffer_t token;
    char *header;

    if (found == NULL || !key->has_private || !lk_alg_fits(found, key))
        return lk_fail(err, LK_INTERNAL, NULL, "Key cannot sign with %s", alg != NULL ? alg : "no algorithm");
    if ((header = header_text(arena, key, alg, typ)) == NULL || len > MAX_SIGNED)
        return lk_fail(err, LK_INTERNAL, NULL, "Token too long");
    lk_buffer_init(&token, arena, 2 * MAX_SIGNED);
    lk_buffer_puts(&token, header);
    lk_buffer_putc(&token, '.');
    lk_buffer_puts(&token, lk_base64url(arena, payload, len));
    if (!sign(key, found, token.base, token.len, signature, &signature_len))
        return lk_fail_openssl(err, LK_INTERNAL, "Signing failed");
    lk_buffer_putc(&token, '.');
    lk_buffer_puts(&token, lk_base64url(arena, signature, signature_len));
    *ret_token = token.base;
    return LK_OK;
}

/* --- parsing --- */

#define refuse(err, why) (lk_fail((err), LK_INVALID, NULL, "Invalid token"), lk_error_detail((err), "%s", (why)), LK_INVALID)

int lk_jose_part(lk_arena_t *arena, const char *part, size_t len, lk_bytes_t *ret_bytes)
{
    for (size_t i = 0; i != len; ++i)
        if (part[i] == '+' || part[i] == '/' || part[i] == '=')
            return 0;
    return lk_base64_decode(arena, part, len, ret_bytes) == 0;
}

lk_status_t lk_jose_object(lk_arena_t *arena, const char *part, size_t len, json_t **ret_object, lk_error_t *err)
{
    lk_bytes_t text;
    json_t *value;

    if (!lk_jose_part(arena, part, len, &text))
        return refuse(err, "a part of the token is not base64url");
    if (lk_json_parse(arena, (const char *)text.base, text.len, &value, NULL) != LK_OK || !json_is_object(value))
        return refuse(err, "a part of the token is not a JSON object");
    *ret_object = value;
    return LK_OK;
}

lk_status_t lk_jws_parse(lk_arena_t *arena, const char *token, lk_jws_t *ret_jws, lk_error_t *err)
{
    size_t len = token != NULL ? strnlen(token, MAX_TOKEN + 1) : 0;
    const char *first, *second;
    lk_jws_t jws = {0};
    lk_status_t status;

    if (len == 0 || len > MAX_TOKEN)
        return refuse(err, "the token is empty or too long");
    token = lk_strndup(arena, token, len);
    if ((first = strchr(token, '.')) == NULL || (second = strchr(first + 1, '.')) == NULL || strchr(second + 1, '.') != NULL)
        return refuse(err, "the token has not three parts");
    if ((status = lk_jose_object(arena, token, (size_t)(first - token), &jws.header, err)) != LK_OK ||
        (status = lk_jose_object(arena, first + 1, (size_t)(second - first - 1), &jws.claims, err)) != LK_OK)
        return status;
    if (!lk_jose_part(arena, second + 1, strlen(second + 1), &jws.signature))
        return refuse(err, "the signature is not base64url");
    if (json_object_get(jws.header, "crit") != NULL)
        return refuse(err, "the header has critical extensions"); /* none is understood (RFC 7515 section 4.1.11) */
    jws.alg = lk_json_str(jws.header, "alg", NULL);
    jws.kid = lk_json_str(jws.header, "kid", NULL);
    jws.typ = lk_json_str(jws.header, "typ", NULL);
    jws.signing_input = token;
    jws.signing_input_len = (size_t)(second - token);
    *ret_jws = jws;
    return LK_OK;
}

/* --- verifying --- */

static int verify_with_pkey(const lk_jws_t *jws, const lk_alg_t *alg, const lk_key_t *key)
{
    const unsigned char *input = (const unsigned char *)jws->signing_input, *signature = jws->signature.base;
    size_t len = jws->signature.len;
    unsigned char *der = NULL;
    EVP_MD_CTX *ctx;
    int ok = 0;

    if (alg->scheme == LK_SCHEME_ECDSA) {
        if (!raw_to_ecdsa(jws->signature, lk_curve_find(alg->curve)->field, &der, &len))
            return 0;
        signature = der;
    }
    if ((ctx = context_for(key, alg, key->_verifier, lk_alg_init_verify)) != NULL)
        ok = EVP_DigestVerify(ctx, signature, len, input, jws->signing_input_len) == 1;
    EVP_MD_CTX_free(ctx);
    OPENSSL_free(der);
    ERR_clear_error();
    return ok;
}

static int verify_or_remember(const lk_jws_t *jws, const lk_alg_t *alg, const lk_key_t *key)
{
    unsigned char mark[LK_SEEN_SIZE];
    if (!lk_seen_mark(jws, key, mark))
        return verify_with_pkey(jws, alg, key);
    if (lk_seen_has(mark))
        return 1;
    int ok = verify_with_pkey(jws, alg, key);
    if (ok)
        lk_seen_add(mark);
    return ok;
}

static int verify_with_secret(const lk_jws_t *jws, const lk_alg_t *alg, const lk_key_t *key)
{
    unsigned char mac[EVP_MAX_MD_SIZE];
    unsigned int len;

    return hmac(key, alg, jws->signing_input, jws->signing_input_len, mac, &len) &&
           lk_bytes_equal(mac, len, jws->signature.base, jws->signature.len);
}

const lk_alg_t *lk_jws_accepted_alg(const lk_jws_t *jws, const lk_key_t *key)
{
    const lk_alg_t *alg = lk_alg_find(jws->alg);

    if (alg == NULL || !lk_alg_fits(alg, key))
        return NULL;
    if ((key->alg != NULL && strcmp(key->alg, alg->name) != 0) || (key->use != NULL && strcmp(key->use, "sig") != 0))
        return NULL;
    return alg;
}

int lk_jws_fits(const lk_jws_t *jws, const lk_key_t *key)
{
    return lk_jws_accepted_alg(jws, key) != NULL;
}

lk_status_t lk_jws_verify(const lk_jws_t *jws, const lk_key_t *key, lk_error_t *err)
{
    const lk_alg_t *alg = lk_jws_accepted_alg(jws, key);

    if (alg == NULL)
        return refuse(err, "the key does not fit the token's algorithm");
    if (!(alg->scheme == LK_SCHEME_HMAC ? verify_with_secret : verify_or_remember)(jws, alg, key))
        return refuse(err, "the signature is wrong");
    return LK_OK;
}
