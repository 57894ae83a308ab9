/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include "crypto/crypto.h"
#include "crypto/jwe_internal.h"

#define GCM_IV 12
#define GCM_TAG 16
#define CBC_IV 16
#define MAX_CONTENT (16 * 1024 * 1024)

/* mac NULL: GCM, which has a tag of its own. With a MAC the key's first half is for it (RFC 7518 section 5.2.2.1). */
struct st_lk_jwe_enc_t {
    const char *name;
    const EVP_CIPHER *(*cipher)(void);
    const EVP_MD *(*mac)(void);
    size_t key_len; /* bytes, both halves */
};
static const lk_jwe_enc_t encs[] = {
    {"A128CBC-HS256", EVP_aes_128_cbc, EVP_sha256, 32},
    {"A192CBC-HS384", EVP_aes_192_cbc, EVP_sha384, 48},
    {"A256CBC-HS512", EVP_aes_256_cbc, EVP_sha512, 64},
    {"A128GCM", EVP_aes_128_gcm, NULL, 16},
    {"A192GCM", EVP_aes_192_gcm, NULL, 24},
    {"A256GCM", EVP_aes_256_gcm, NULL, 32},
};
#define NUM_ENCS (sizeof(encs) / sizeof(encs[0]))

const lk_jwe_enc_t *lk_jwe_enc_find(const char *name)
{
    for (size_t i = 0; name != NULL && i != NUM_ENCS; ++i)
        if (strcmp(encs[i].name, name) == 0)
            return &encs[i];
    return NULL;
}

int lk_jwe_enc_is_known(const char *enc)
{
    return lk_jwe_enc_find(enc) != NULL;
}

const char *lk_jwe_enc_name(size_t index)
{
    return index < NUM_ENCS ? encs[index].name : NULL;
}

size_t lk_jwe_enc_key_len(const lk_jwe_enc_t *enc)
{
    return enc->key_len;
}

/* The first half of HMAC(MAC key, AAD || IV || ciphertext || bits of the AAD). */
static int make_tag(const lk_jwe_enc_t *enc, const lk_cek_t *cek, lk_bytes_t aad, lk_bytes_t iv, lk_bytes_t ciphertext,
                    lk_arena_t *arena, unsigned char *ret_tag)
{
    size_t len = aad.len + iv.len + ciphertext.len + 8;
    unsigned char *text = lk_alloc(arena, len), *at = text, mac[EVP_MAX_MD_SIZE];
    unsigned mac_len = 0;
    const lk_bytes_t parts[] = {aad, iv, ciphertext};
    for (size_t i = 0; i != 3; at += parts[i++].len)
        if (parts[i].len != 0)
            memcpy(at, parts[i].base, parts[i].len);
    uint64_t bits = (uint64_t)aad.len * 8;
    for (int i = 7; i >= 0; --i, bits >>= 8)
        at[i] = (unsigned char)bits;
    int ok = HMAC(enc->mac(), cek->bytes, (int)(enc->key_len / 2), text, len, mac, &mac_len) != NULL;
    memcpy(ret_tag, mac, enc->key_len / 2);
    lk_wipe(mac, sizeof(mac));
    return ok;
}

static const unsigned char *cipher_key(const lk_jwe_enc_t *enc, const lk_cek_t *cek)
{
    return enc->mac != NULL ? cek->bytes + enc->key_len / 2 : cek->bytes;
}

int lk_jwe_enc_seal(lk_arena_t *arena, const lk_jwe_enc_t *enc, const lk_cek_t *cek, lk_bytes_t aad, lk_bytes_t plain,
                    lk_bytes_t *ret_iv, lk_bytes_t *ret_ciphertext, lk_bytes_t *ret_tag)
{
    int is_gcm = enc->mac == NULL, len = 0, last = 0, aad_len;
    size_t iv_len = is_gcm ? GCM_IV : CBC_IV, tag_len = is_gcm ? GCM_TAG : enc->key_len / 2;
    unsigned char *iv = lk_alloc(arena, iv_len), *tag = lk_alloc(arena, tag_len), *out;
    if (plain.len > MAX_CONTENT || aad.len > MAX_CONTENT)
        return 0;
    out = lk_alloc(arena, plain.len + CBC_IV);
    lk_random(iv, iv_len);
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    int ok = ctx != NULL && EVP_EncryptInit_ex(ctx, enc->cipher(), NULL, cipher_key(enc, cek), iv) == 1 &&
             (!is_gcm || EVP_EncryptUpdate(ctx, NULL, &aad_len, aad.base, (int)aad.len) == 1) &&
             EVP_EncryptUpdate(ctx, out, &len, plain.base, (int)plain.len) == 1 &&
             EVP_EncryptFinal_ex(ctx, out + len, &last) == 1 &&
             (!is_gcm || EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, GCM_TAG, tag) == 1);
    EVP_CIPHER_CTX_free(ctx);
    *ret_iv = (lk_bytes_t){iv, iv_len};
    *ret_ciphertext = (lk_bytes_t){out, (size_t)(len + last)};
    *ret_tag = (lk_bytes_t){tag, tag_len};
    return ok && (is_gcm || make_tag(enc, cek, aad, *ret_iv, *ret_ciphertext, arena, tag));
}

/* The tag of CBC is compared before anything is decrypted: no padding oracle. */
static int tag_is_right(lk_arena_t *arena, const lk_jwe_enc_t *enc, const lk_cek_t *cek, const lk_jwe_t *jwe)
{
    unsigned char tag[EVP_MAX_MD_SIZE];
    if (enc->mac == NULL)
        return jwe->tag.len == GCM_TAG && jwe->iv.len == GCM_IV;
    lk_bytes_t aad = {(const unsigned char *)jwe->aad, jwe->aad_len};
    return jwe->tag.len == enc->key_len / 2 && jwe->iv.len == CBC_IV &&
           make_tag(enc, cek, aad, jwe->iv, jwe->ciphertext, arena, tag) &&
           lk_bytes_equal(tag, enc->key_len / 2, jwe->tag.base, jwe->tag.len);
}

int lk_jwe_enc_open(lk_arena_t *arena, const lk_jwe_enc_t *enc, const lk_cek_t *cek, const lk_jwe_t *jwe, lk_bytes_t *ret_plain)
{
    int is_gcm = enc->mac == NULL, len = 0, last = 0, aad_len;
    unsigned char *out = lk_alloc(arena, jwe->ciphertext.len + CBC_IV + 1), tag[GCM_TAG];
    if (!tag_is_right(arena, enc, cek, jwe))
        return 0;
    if (is_gcm)
        memcpy(tag, jwe->tag.base, sizeof(tag)); /* OpenSSL takes one that is not const */
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    int ok = ctx != NULL && EVP_DecryptInit_ex(ctx, enc->cipher(), NULL, cipher_key(enc, cek), jwe->iv.base) == 1 &&
             (!is_gcm || (EVP_DecryptUpdate(ctx, NULL, &aad_len, (const unsigned char *)jwe->aad, (int)jwe->aad_len) == 1 &&
                          EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, GCM_TAG, tag) == 1)) &&
             EVP_DecryptUpdate(ctx, out, &len, jwe->ciphertext.base, (int)jwe->ciphertext.len) == 1 &&
             EVP_DecryptFinal_ex(ctx, out + len, &last) == 1;
    EVP_CIPHER_CTX_free(ctx);
    if (!ok)
        return 0;
    out[len + last] = '\0';
    *ret_plain = (lk_bytes_t){out, (size_t)(len + last)};
    return 1;
}
