/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/sha.h>
#include "core/json.h"
#include "crypto/crypto.h"
#include "crypto/internal.h"

#define MAX_NUMBER 1024 /* bytes of a modulus: 8192 bits */

/* --- reading --- */

static int member_bytes(lk_arena_t *arena, const json_t *jwk, const char *name, lk_bytes_t *ret_bytes)
{
    const char *text = lk_json_str(jwk, name, NULL);

    if (text == NULL || lk_base64_decode(arena, text, strlen(text), ret_bytes) != 0)
        return 0;
    return ret_bytes->len != 0 && ret_bytes->len <= MAX_NUMBER;
}

static EVP_PKEY *from_params(const char *type, OSSL_PARAM_BLD *build)
{
    OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(build);
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    EVP_PKEY *pkey = NULL;

    if (params != NULL && ctx != NULL && EVP_PKEY_fromdata_init(ctx) == 1 &&
        EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_PUBLIC_KEY, params) != 1)
        pkey = NULL;
    EVP_PKEY_CTX_free(ctx);
    OSSL_PARAM_free(params);
    return pkey;
}

static EVP_PKEY *read_rsa(lk_arena_t *arena, const json_t *jwk)
{
    lk_bytes_t n, e;
    BIGNUM *n_number, *e_number;
    OSSL_PARAM_BLD *build;
    EVP_PKEY *pkey = NULL;

    if (!member_bytes(arena, jwk, "n", &n) || !member_bytes(arena, jwk, "e", &e) || e.len > 8)
        return NULL;
    n_number = BN_bin2bn(n.base, (int)n.len, NULL);
    e_number = BN_bin2bn(e.base, (int)e.len, NULL);
    build = OSSL_PARAM_BLD_new();
    if (build != NULL && OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n_number) == 1 &&
        OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, e_number) == 1)
        pkey = from_params("RSA", build);
    OSSL_PARAM_BLD_free(build);
    BN_free(n_number);
    BN_free(e_number);
    return pkey;
}

static EVP_PKEY *read_ec(lk_arena_t *arena, const json_t *jwk)
{
    const lk_curve_t *curve = lk_curve_find(lk_json_str(jwk, "crv", NULL));
    unsigned char point[1 + 2 * 66] = {4}; /* uncompressed */
    lk_bytes_t x, y;
    OSSL_PARAM_BLD *build;
    EVP_PKEY *pkey = NULL;

    if (curve == NULL || !member_bytes(arena, jwk, "x", &x) || !member_bytes(arena, jwk, "y", &y) || x.len > curve->field ||
        y.len > curve->field)
        return NULL;
    /* Some providers leave leading zeros out. */
    memcpy(point + 1 + curve->field - x.len, x.base, x.len);
    memcpy(point + 1 + 2 * curve->field - y.len, y.base, y.len);
    build = OSSL_PARAM_BLD_new();
    if (build != NULL && OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, curve->group, 0) == 1 &&
        OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, point, 1 + 2 * curve->field) == 1)
        pkey = from_params("EC", build);
    OSSL_PARAM_BLD_free(build);
    return pkey;
}

static EVP_PKEY *read_okp(lk_arena_t *arena, const json_t *jwk)
{
    const char *crv = lk_json_str(jwk, "crv", "");
    lk_bytes_t x;

    if ((strcmp(crv, "Ed25519") != 0 && strcmp(crv, "Ed448") != 0) || !member_bytes(arena, jwk, "x", &x))
        return NULL;
    return EVP_PKEY_new_raw_public_key_ex(NULL, crv, NULL, x.base, x.len);
}

lk_status_t lk_key_from_jwk(lk_arena_t *arena, const json_t *jwk, lk_key_t **ret_key, lk_error_t *err)
{
    static const struct {
        const char *kty;
        EVP_PKEY *(*read)(lk_arena_t *arena, const json_t *jwk);
    } types[] = {{"RSA", read_rsa}, {"EC", read_ec}, {"OKP", read_okp}};
    const char *kty = lk_json_str(jwk, "kty", "");
    lk_key_t *key = LK_NEW(arena, lk_key_t);
    EVP_PKEY *pkey = NULL;
    lk_status_t status;

    for (size_t i = 0; i != sizeof(types) / sizeof(types[0]); ++i)
        if (strcmp(types[i].kty, kty) == 0)
            pkey = types[i].read(arena, jwk);
    if (pkey == NULL)
        return lk_fail_openssl(err, LK_INVALID, "JWK cannot be read");
    key->kid = lk_strdup(arena, lk_json_str(jwk, "kid", NULL));
    key->alg = lk_strdup(arena, lk_json_str(jwk, "alg", NULL));
    key->use = lk_strdup(arena, lk_json_str(jwk, "use", NULL));
    if ((status = lk_key_adopt(arena, pkey, key, err)) != LK_OK)
        return status;
    *ret_key = key;
    return LK_OK;
}

/* --- writing --- */

static void put_text(json_t *jwk, const char *name, const char *value)
{
    if (value != NULL)
        json_object_set_new(jwk, name, json_string(value));
}

/* `field` 0: as many bytes as the number has (RSA); otherwise padded to the curve's field (RFC 7518 section 6.2.1.2). */
static void put_number(lk_arena_t *arena, json_t *jwk, const char *name, const lk_key_t *key, const char *param, size_t field)
{
    unsigned char bytes[MAX_NUMBER];
    BIGNUM *number = NULL;
    size_t len;

    if (EVP_PKEY_get_bn_param(key->pkey, param, &number) != 1)
        return;
    len = field != 0 ? field : (size_t)BN_num_bytes(number);
    if (len <= sizeof(bytes) && BN_bn2binpad(number, bytes, (int)len) >= 0)
        put_text(jwk, name, lk_base64url(arena, bytes, len));
    BN_free(number);
}

static void put_certificate(lk_arena_t *arena, json_t *jwk, const char *certificate)
{
    unsigned char digest[SHA256_DIGEST_LENGTH];
    lk_bytes_t der;

    if (certificate == NULL || lk_base64_decode(arena, certificate, strlen(certificate), &der) != 0)
        return;
    json_object_set_new(jwk, "x5c", json_pack("[s]", certificate));
    SHA1(der.base, der.len, digest);
    put_text(jwk, "x5t", lk_base64url(arena, digest, SHA_DIGEST_LENGTH));
    put_text(jwk, "x5t#S256", lk_sha256_base64url(arena, der.base, der.len));
}

static void put_curve(lk_arena_t *arena, json_t *jwk, const lk_key_t *key)
{
    const lk_curve_t *curve = lk_curve_find(key->curve);
    unsigned char raw[64];
    size_t len = sizeof(raw);

    put_text(jwk, "crv", key->curve);
    if (curve != NULL) {
        put_number(arena, jwk, "x", key, OSSL_PKEY_PARAM_EC_PUB_X, curve->field);
        put_number(arena, jwk, "y", key, OSSL_PKEY_PARAM_EC_PUB_Y, curve->field);
    } else if (EVP_PKEY_get_raw_public_key(key->pkey, raw, &len) == 1) {
        put_text(jwk, "x", lk_base64url(arena, raw, len));
    }
}

static const char *const types[] = {[LK_KEY_RSA] = "RSA", [LK_KEY_EC] = "EC", [LK_KEY_OKP] = "OKP", [LK_KEY_OCT] = "oct"};

static void put_numbers(lk_arena_t *arena, json_t *jwk, const lk_key_t *key)
{
    if (key->type == LK_KEY_RSA) {
        put_number(arena, jwk, "n", key, OSSL_PKEY_PARAM_RSA_N, 0);
        put_number(arena, jwk, "e", key, OSSL_PKEY_PARAM_RSA_E, 0);
    } else if (key->type != LK_KEY_OCT) {
        put_curve(arena, jwk, key);
    }
}

json_t *lk_jwk_public(lk_arena_t *arena, const lk_key_t *key)
{
    json_t *jwk = json_object();

    put_text(jwk, "kty", types[key->type]);
    put_numbers(arena, jwk, key);
    return jwk;
}

json_t *lk_key_to_jwk(lk_arena_t *arena, const lk_key_t *key)
{
    json_t *jwk = json_object();

    put_text(jwk, "kid", key->kid);
    put_text(jwk, "kty", types[key->type]);
    put_text(jwk, "alg", key->alg);
    put_text(jwk, "use", key->use);
    put_certificate(arena, jwk, key->certificate);
    put_numbers(arena, jwk, key);
    return jwk;
}

char *lk_key_thumbprint(lk_arena_t *arena, const lk_key_t *key)
{
    static const char *const members[] = {"crv", "e", "kty", "n", "x", "y"}; /* what the types need, in lexicographic order */
    json_t *jwk = lk_json_own(arena, lk_key_to_jwk(arena, key)), *canonical = lk_json_own(arena, json_object());
    for (size_t i = 0; i != sizeof(members) / sizeof(members[0]); ++i)
        if (json_object_get(jwk, members[i]) != NULL)
            json_object_set(canonical, members[i], json_object_get(jwk, members[i]));
    const char *text = lk_json_text(arena, canonical); /* compact, in the order of coming */
    return lk_sha256_base64url(arena, text, strlen(text));
}
