/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "crypto/webauthn.h"

#include <string.h>
#include <openssl/err.h>
#include "core/json.h"
#include "crypto/cbor.h"
#include "crypto/webauthn_internal.h"

#define HEAD 37 /* bytes of authenticator data that is always there: hash, flags, counter */

lk_status_t lk_webauthn_refuse(lk_error_t *err, const char *reason)
{
    lk_fail(err, LK_INVALID, NULL, NULL);
    return lk_error_detail(err, "%s", reason);
}

/* --- authenticator data --- */

/* AAGUID, length and id of the credential, its key; then comes the extensions' map, if any. */
static int read_attested(lk_bytes_t rest, lk_authenticator_data_t *data, size_t *ret_used)
{
    lk_cbor_t key;
    size_t key_len;
    if (rest.len < LK_WEBAUTHN_AAGUID + 2)
        return -1;
    size_t id_len = (size_t)rest.base[LK_WEBAUTHN_AAGUID] << 8 | rest.base[LK_WEBAUTHN_AAGUID + 1], at = LK_WEBAUTHN_AAGUID + 2;
    if (id_len == 0 || id_len > 1023 || rest.len - at < id_len)
        return -1;
    data->aaguid = (lk_bytes_t){rest.base, LK_WEBAUTHN_AAGUID};
    data->credential_id = (lk_bytes_t){rest.base + at, id_len};
    at += id_len;
    if (lk_cbor_read((lk_bytes_t){rest.base + at, rest.len - at}, &key, &key_len) != 0 || key.kind != LK_CBOR_MAP)
        return -1;
    data->cose_key = (lk_bytes_t){rest.base + at, key_len};
    *ret_used = at + key_len;
    return 0;
}

lk_status_t lk_authenticator_data_read(lk_bytes_t bytes, lk_authenticator_data_t *ret_data, lk_error_t *err)
{
    lk_authenticator_data_t data = {.raw = bytes, .rp_hash = bytes.base};
    lk_cbor_t extensions;
    size_t used = 0, at = HEAD;
    if (bytes.len < HEAD || bytes.len > LK_WEBAUTHN_MAX)
        return lk_webauthn_refuse(err, "authenticator data: too short or too long");
    data.flags = bytes.base[32];
    data.counter = (uint32_t)bytes.base[33] << 24 | (uint32_t)bytes.base[34] << 16 | (uint32_t)bytes.base[35] << 8 | bytes.base[36];
    if ((data.flags & LK_WEBAUTHN_ATTESTED) && read_attested((lk_bytes_t){bytes.base + at, bytes.len - at}, &data, &used) != 0)
        return lk_webauthn_refuse(err, "authenticator data: the attested credential is broken");
    at += used;
    used = 0;
    if ((data.flags & LK_WEBAUTHN_EXTENDED) &&
        (lk_cbor_read((lk_bytes_t){bytes.base + at, bytes.len - at}, &extensions, &used) != 0 || extensions.kind != LK_CBOR_MAP))
        return lk_webauthn_refuse(err, "authenticator data: the extensions are broken");
    if (at + used != bytes.len)
        return lk_webauthn_refuse(err, "authenticator data: there is more behind its end");
    *ret_data = data;
    return LK_OK;
}

/* --- keys --- */

static const struct {
    int64_t number;
    const char *name;
} algorithms[] = {{-7, "ES256"},   {-35, "ES384"}, {-36, "ES512"}, {-257, "RS256"}, {-258, "RS384"},
                  {-259, "RS512"}, {-37, "PS256"}, {-38, "PS384"}, {-39, "PS512"},  {-8, "EdDSA"}};
#define NUM_ALGORITHMS (sizeof(algorithms) / sizeof(algorithms[0]))

int64_t lk_cose_alg(const char *name)
{
    for (size_t i = 0; i != NUM_ALGORITHMS; ++i)
        if (strcmp(algorithms[i].name, name) == 0)
            return algorithms[i].number;
    return 0;
}

const char *lk_cose_alg_name(int64_t number)
{
    for (size_t i = 0; i != NUM_ALGORITHMS; ++i)
        if (algorithms[i].number == number)
            return algorithms[i].name;
    return NULL;
}

/* COSE's labels and numbers in JWK's words: kty 1 OKP, 2 EC, 3 RSA; crv by its number. */
static json_t *jwk_of(lk_arena_t *arena, const lk_cbor_t *map)
{
    static const char *const curves[] = {[1] = "P-256", [2] = "P-384", [3] = "P-521", [6] = "Ed25519", [7] = "Ed448"};
    int64_t kty = 0, crv = 0;
    lk_cbor_t first, second = {0};
    if (!lk_cbor_get_integer(map, NULL, 1, &kty))
        return NULL;
    if (kty == 3)
        return lk_cbor_get_number(map, -1, LK_CBOR_BYTES, &first) && lk_cbor_get_number(map, -2, LK_CBOR_BYTES, &second)
                   ? json_pack("{s:s, s:s, s:s}", "kty", "RSA", "n", lk_base64url(arena, first.bytes.base, first.bytes.len), "e",
                               lk_base64url(arena, second.bytes.base, second.bytes.len))
                   : NULL;
    if ((kty != 1 && kty != 2) || !lk_cbor_get_integer(map, NULL, -1, &crv) || crv < 1 || crv > 7 || curves[crv] == NULL ||
        !lk_cbor_get_number(map, -2, LK_CBOR_BYTES, &first) ||
        (kty == 2 && !lk_cbor_get_number(map, -3, LK_CBOR_BYTES, &second))) /* no compressed points, section 5.8.5 */
        return NULL;
    return json_pack("{s:s, s:s, s:s, s:s*}", "kty", kty == 2 ? "EC" : "OKP", "crv", curves[crv], "x",
                     lk_base64url(arena, first.bytes.base, first.bytes.len), "y",
                     kty == 2 ? lk_base64url(arena, second.bytes.base, second.bytes.len) : NULL);
}

lk_status_t lk_cose_key_read(lk_arena_t *arena, lk_bytes_t cose, lk_key_t **ret_key, const char **ret_alg, lk_error_t *err)
{
    lk_cbor_t map;
    size_t used;
    int64_t number;
    if (lk_cbor_read(cose, &map, &used) != 0 || used != cose.len || map.kind != LK_CBOR_MAP)
        return lk_webauthn_refuse(err, "the credential's key is no CBOR map");
    if (!lk_cbor_get_integer(&map, NULL, 3, &number) || lk_cose_alg_name(number) == NULL)
        return lk_webauthn_refuse(err, "the credential's algorithm is unknown");
    json_t *jwk = lk_json_own(arena, jwk_of(arena, &map));
    if (jwk == NULL || lk_key_from_jwk(arena, jwk, ret_key, NULL) != LK_OK ||
        !lk_alg_fits(lk_alg_find(lk_cose_alg_name(number)), *ret_key))
        return lk_webauthn_refuse(err, "the credential's key is none, or not one for its algorithm");
    *ret_alg = lk_cose_alg_name(number);
    return LK_OK;
}

/* --- signatures --- */

/* ECDSA signatures are DER here, unlike JWS's. */
int lk_webauthn_verify_with(EVP_PKEY *pkey, const char *alg, lk_bytes_t first, lk_bytes_t second, lk_bytes_t signature)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    unsigned char *signed_bytes = OPENSSL_malloc(first.len + second.len);
    int good = 0;
    if (ctx != NULL && signed_bytes != NULL && lk_alg_init_verify(lk_alg_find(alg), pkey, ctx)) {
        memcpy(signed_bytes, first.base, first.len);
        memcpy(signed_bytes + first.len, second.base, second.len);
        good = EVP_DigestVerify(ctx, signature.base, signature.len, signed_bytes, first.len + second.len) == 1;
    }
    OPENSSL_free(signed_bytes);
    EVP_MD_CTX_free(ctx);
    ERR_clear_error();
    return good;
}

lk_status_t lk_webauthn_verify(const lk_key_t *key, const char *alg, lk_bytes_t data, const unsigned char client_hash[32],
                               lk_bytes_t signature, lk_error_t *err)
{
    return lk_webauthn_verify_with(key->pkey, alg, data, (lk_bytes_t){client_hash, 32}, signature)
               ? LK_OK
               : lk_webauthn_refuse(err, "the signature is not the credential's");
}
