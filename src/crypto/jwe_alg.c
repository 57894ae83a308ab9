/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include "core/json.h"
#include "crypto/crypto.h"
#include "crypto/jwe_internal.h"

#define MAX_RSA 1024 /* bytes of a modulus: 8192 bits */
#define MAX_SHARED 66
#define MIN_PADDING 11 /* RFC 8017 section 7.2.1: 0, 2, at least eight, 0 */

struct st_lk_jwe_alg_t {
    const char *name;
    lk_key_type_t key_type;
    int (*seal)(lk_arena_t *arena, const lk_jwe_alg_t *alg, const lk_key_t *key, const char *enc, json_t *header, lk_cek_t *cek,
                lk_bytes_t *ret_encrypted_key);
    int (*open)(lk_arena_t *arena, const lk_jwe_t *jwe, const lk_jwe_alg_t *alg, const lk_key_t *key, lk_cek_t *cek);
    const EVP_MD *(*digest)(void);   /* of OAEP */
    const EVP_CIPHER *(*wrap)(void); /* around the content's key; NULL: the agreed key is the content's */
    size_t wrap_len;                 /* bytes of its key */
};

/* --- RSA --- */

static int set_padding(EVP_PKEY_CTX *ctx, const lk_jwe_alg_t *alg, int padding)
{
    return EVP_PKEY_CTX_set_rsa_padding(ctx, padding) > 0 &&
           (padding != RSA_PKCS1_OAEP_PADDING ||
            (EVP_PKEY_CTX_set_rsa_oaep_md(ctx, alg->digest()) > 0 && EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, alg->digest()) > 0));
}

static int seal_rsa(lk_arena_t *arena, const lk_jwe_alg_t *alg, const lk_key_t *key, const char *enc, json_t *header, lk_cek_t *cek,
                    lk_bytes_t *ret_encrypted_key)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key->pkey, NULL);
    unsigned char *out = lk_alloc(arena, MAX_RSA);
    size_t len = MAX_RSA;
    (void)enc;
    (void)header;
    lk_random(cek->bytes, cek->len);
    int ok = ctx != NULL && EVP_PKEY_encrypt_init(ctx) == 1 &&
             set_padding(ctx, alg, alg->digest != NULL ? RSA_PKCS1_OAEP_PADDING : RSA_PKCS1_PADDING) &&
             EVP_PKEY_encrypt(ctx, out, &len, cek->bytes, cek->len) == 1;
    EVP_PKEY_CTX_free(ctx);
    *ret_encrypted_key = (lk_bytes_t){out, len};
    return ok;
}

static int rsa_decrypt(const lk_jwe_alg_t *alg, const lk_key_t *key, int padding, lk_bytes_t from, unsigned char *ret_out,
                       size_t *ret_len)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key->pkey, NULL);
    int ok = ctx != NULL && EVP_PKEY_decrypt_init(ctx) == 1 && set_padding(ctx, alg, padding) &&
             EVP_PKEY_decrypt(ctx, ret_out, ret_len, from.base, from.len) == 1;
    EVP_PKEY_CTX_free(ctx);
    return ok;
}

static int open_oaep(lk_arena_t *arena, const lk_jwe_t *jwe, const lk_jwe_alg_t *alg, const lk_key_t *key, lk_cek_t *cek)
{
    unsigned char out[MAX_RSA];
    size_t len = sizeof(out);
    (void)arena;
    lk_random(cek->bytes, cek->len);
    if (rsa_decrypt(alg, key, RSA_PKCS1_OAEP_PADDING, jwe->encrypted_key, out, &len) && len == cek->len)
        memcpy(cek->bytes, out, len);
    lk_wipe(out, sizeof(out));
    return 1;
}

/* Without a branch on what came out (Bleichenbacher): the length of the key is known, so the padding is looked at byte by byte, and
 * a random key takes the place of a wrong one (RFC 7516 section 11.5). */
static int open_pkcs1(lk_arena_t *arena, const lk_jwe_t *jwe, const lk_jwe_alg_t *alg, const lk_key_t *key, lk_cek_t *cek)
{
    unsigned char out[MAX_RSA], wrong = 0;
    size_t len = sizeof(out), size = (size_t)EVP_PKEY_get_size(key->pkey);
    (void)arena;
    lk_random(cek->bytes, cek->len);
    if (jwe->encrypted_key.len != size || size < cek->len + MIN_PADDING ||
        !rsa_decrypt(alg, key, RSA_NO_PADDING, jwe->encrypted_key, out, &len) || len != size)
        return 1; /* not a number below the modulus: the sender knows that too */
    wrong |= out[0] | (out[1] ^ 2) | out[size - cek->len - 1];
    for (size_t i = 2; i != size - cek->len - 1; ++i)
        wrong |= (unsigned char)(((unsigned)out[i] - 1) >> 8);        /* 255 where the byte is 0 */
    unsigned char keep = (unsigned char)(((unsigned)wrong - 1) >> 8); /* 255 where all is right */
    for (size_t i = 0; i != cek->len; ++i)
        cek->bytes[i] = (unsigned char)((out[size - cek->len + i] & keep) | (cek->bytes[i] & ~keep));
    lk_wipe(out, sizeof(out));
    return 1;
}

/* --- ECDH-ES --- */

static void hash_number(EVP_MD_CTX *ctx, size_t number)
{
    const unsigned char bytes[4] = {(unsigned char)(number >> 24), (unsigned char)(number >> 16), (unsigned char)(number >> 8),
                                    (unsigned char)number};
    EVP_DigestUpdate(ctx, bytes, sizeof(bytes));
}

static void hash_field(EVP_MD_CTX *ctx, const void *bytes, size_t len)
{
    hash_number(ctx, len);
    EVP_DigestUpdate(ctx, bytes, len);
}

/* Concat KDF with SHA-256 (RFC 7518 section 4.6.2). */
static int derive_key(lk_bytes_t shared, const char *algorithm, lk_bytes_t apu, lk_bytes_t apv, unsigned char *ret_key, size_t len)
{
    unsigned char block[EVP_MAX_MD_SIZE];
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    int ok = ctx != NULL;
    for (size_t done = 0, round = 1; ok && done < len; done += 32, ++round) {
        ok = EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1;
        hash_number(ctx, round);
        EVP_DigestUpdate(ctx, shared.base, shared.len);
        hash_field(ctx, algorithm, strlen(algorithm));
        hash_field(ctx, apu.base, apu.len);
        hash_field(ctx, apv.base, apv.len);
        hash_number(ctx, len * 8);
        ok = ok && EVP_DigestFinal_ex(ctx, block, NULL) == 1;
        memcpy(ret_key + done, block, len - done < 32 ? len - done : 32);
    }
    EVP_MD_CTX_free(ctx);
    lk_wipe(block, sizeof(block));
    return ok;
}

static int agree(EVP_PKEY *own, EVP_PKEY *other, unsigned char *ret_shared, size_t *ret_len)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(own, NULL);
    int ok = ctx != NULL && EVP_PKEY_derive_init(ctx) == 1 && EVP_PKEY_derive_set_peer(ctx, other) == 1 &&
             EVP_PKEY_derive(ctx, ret_shared, ret_len) == 1;
    EVP_PKEY_CTX_free(ctx);
    return ok;
}

/* The agreed key: that of the wrapping cipher, or the content's own. */
static int agreed_key(const lk_jwe_alg_t *alg, const char *enc, EVP_PKEY *own, EVP_PKEY *other, lk_bytes_t apu, lk_bytes_t apv,
                      unsigned char *ret_key, size_t len)
{
    unsigned char shared[MAX_SHARED];
    size_t shared_len = sizeof(shared);
    int ok = agree(own, other, shared, &shared_len) &&
             derive_key((lk_bytes_t){shared, shared_len}, alg->wrap != NULL ? alg->name : enc, apu, apv, ret_key, len);
    lk_wipe(shared, sizeof(shared));
    return ok;
}

/* AES key wrap (RFC 3394). */
static int wrap(const lk_jwe_alg_t *alg, int encrypt, const unsigned char *key, lk_bytes_t from, unsigned char *ret_out,
                size_t *ret_len)
{
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    int len = 0, last = 0, ok = ctx != NULL;
    if (ok)
        EVP_CIPHER_CTX_set_flags(ctx, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
    ok = ok && EVP_CipherInit_ex(ctx, alg->wrap(), NULL, key, NULL, encrypt) == 1 &&
         EVP_CipherUpdate(ctx, ret_out, &len, from.base, (int)from.len) == 1 && EVP_CipherFinal_ex(ctx, ret_out + len, &last) == 1;
    EVP_CIPHER_CTX_free(ctx);
    *ret_len = (size_t)(len + last);
    return ok;
}

static int seal_ecdh(lk_arena_t *arena, const lk_jwe_alg_t *alg, const lk_key_t *key, const char *enc, json_t *header,
                     lk_cek_t *cek, lk_bytes_t *ret_encrypted_key)
{
    unsigned char derived[LK_JWE_MAX_CEK], *out = lk_alloc(arena, LK_JWE_MAX_CEK + 8);
    const lk_bytes_t none = {NULL, 0};
    lk_key_t ephemeral = {.type = LK_KEY_EC, .curve = key->curve, .pkey = EVP_EC_gen(key->curve)};
    size_t len = alg->wrap != NULL ? alg->wrap_len : cek->len;
    int ok = ephemeral.pkey != NULL && agreed_key(alg, enc, ephemeral.pkey, key->pkey, none, none, derived, len);
    if (ok)
        json_object_set_new(header, "epk", lk_jwk_public(arena, &ephemeral));
    EVP_PKEY_free(ephemeral.pkey);
    *ret_encrypted_key = none;
    if (ok && alg->wrap == NULL)
        memcpy(cek->bytes, derived, len);
    if (ok && alg->wrap != NULL) {
        lk_random(cek->bytes, cek->len);
        ok = wrap(alg, 1, derived, (lk_bytes_t){cek->bytes, cek->len}, out, &len);
        *ret_encrypted_key = (lk_bytes_t){out, len};
    }
    lk_wipe(derived, sizeof(derived));
    return ok;
}

static int party(lk_arena_t *arena, const lk_jwe_t *jwe, const char *name, lk_bytes_t *ret_bytes)
{
    const char *text = lk_json_str(jwe->header, name, "");
    return lk_base64_decode(arena, text, strlen(text), ret_bytes) == 0;
}

static int open_ecdh(lk_arena_t *arena, const lk_jwe_t *jwe, const lk_jwe_alg_t *alg, const lk_key_t *key, lk_cek_t *cek)
{
    unsigned char derived[LK_JWE_MAX_CEK], out[LK_JWE_MAX_CEK + 16];
    size_t len = alg->wrap != NULL ? alg->wrap_len : cek->len;
    lk_bytes_t apu, apv;
    lk_key_t *other;
    /* A point that is not on the curve is refused with the key (RFC 7518 section 8.6 and SEC 1). */
    if (lk_key_from_jwk(arena, json_object_get(jwe->header, "epk"), &other, NULL) != LK_OK || other->type != LK_KEY_EC ||
        key->curve == NULL || other->curve == NULL || strcmp(other->curve, key->curve) != 0 || !party(arena, jwe, "apu", &apu) ||
        !party(arena, jwe, "apv", &apv))
        return 0;
    int ok = agreed_key(alg, jwe->enc, key->pkey, other->pkey, apu, apv, derived, len);
    if (ok && alg->wrap == NULL) {
        ok = jwe->encrypted_key.len == 0;
        memcpy(cek->bytes, derived, len);
    } else if (ok) {
        ok = jwe->encrypted_key.len == cek->len + 8 && wrap(alg, 0, derived, jwe->encrypted_key, out, &len) && len == cek->len;
        if (ok)
            memcpy(cek->bytes, out, len);
    }
    lk_wipe(derived, sizeof(derived));
    lk_wipe(out, sizeof(out));
    return ok;
}

/* --- the table --- */

/* clang-format off */
static const lk_jwe_alg_t algs[] = {
    {"RSA-OAEP", LK_KEY_RSA, seal_rsa, open_oaep, EVP_sha1, NULL, 0},
    {"RSA-OAEP-256", LK_KEY_RSA, seal_rsa, open_oaep, EVP_sha256, NULL, 0},
    {"RSA1_5", LK_KEY_RSA, seal_rsa, open_pkcs1, NULL, NULL, 0},
    {"ECDH-ES", LK_KEY_EC, seal_ecdh, open_ecdh, NULL, NULL, 0},
    {"ECDH-ES+A128KW", LK_KEY_EC, seal_ecdh, open_ecdh, NULL, EVP_aes_128_wrap, 16},
    {"ECDH-ES+A192KW", LK_KEY_EC, seal_ecdh, open_ecdh, NULL, EVP_aes_192_wrap, 24},
    {"ECDH-ES+A256KW", LK_KEY_EC, seal_ecdh, open_ecdh, NULL, EVP_aes_256_wrap, 32},
};
/* clang-format on */
#define NUM_ALGS (sizeof(algs) / sizeof(algs[0]))

const lk_jwe_alg_t *lk_jwe_alg_find(const char *name)
{
    for (size_t i = 0; name != NULL && i != NUM_ALGS; ++i)
        if (strcmp(algs[i].name, name) == 0)
            return &algs[i];
    return NULL;
}

int lk_jwe_alg_is_known(const char *alg)
{
    return lk_jwe_alg_find(alg) != NULL;
}

const char *lk_jwe_alg_name(size_t index)
{
    return index < NUM_ALGS ? algs[index].name : NULL;
}

int lk_jwe_alg_fits(const char *name, const lk_key_t *key)
{
    const lk_jwe_alg_t *alg = lk_jwe_alg_find(name);
    return alg != NULL && alg->key_type == key->type;
}

int lk_jwe_alg_seal(lk_arena_t *arena, const lk_jwe_alg_t *alg, const lk_key_t *key, const char *enc, json_t *header, lk_cek_t *cek,
                    lk_bytes_t *ret_encrypted_key)
{
    return alg->seal(arena, alg, key, enc, header, cek, ret_encrypted_key);
}

int lk_jwe_alg_open(lk_arena_t *arena, const lk_jwe_t *jwe, const lk_jwe_alg_t *alg, const lk_key_t *key, lk_cek_t *cek)
{
    return alg->open(arena, jwe, alg, key, cek);
}
