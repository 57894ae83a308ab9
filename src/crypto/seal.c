/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include "core/json.h"
#include "crypto/crypto.h"

/* base64url(nonce | ciphertext | tag). A key seals far fewer than 2^32 values, so a random nonce does (NIST SP 800-38D
 * section 8.3). */
#define NONCE_LEN 12
#define TAG_LEN 16
#define KEY_LEN 32
#define MAX_SEALED (1024 * 1024)

/* HKDF-SHA256 (RFC 5869) for one block: the purpose is the info. */
static void derive(lk_bytes_t secret, const char *purpose, unsigned char ret_key[KEY_LEN])
{
    static const char salt[] = "latchkey sealed value 1";
    unsigned char prk[32], info[256];
    size_t len = strlen(purpose);

    if (len >= sizeof(info))
        abort(); /* purposes are literals */
    memcpy(info, purpose, len);
    info[len] = 1;
    lk_hmac_sha256(salt, sizeof(salt) - 1, secret.base, secret.len, prk);
    lk_hmac_sha256(prk, sizeof(prk), info, len + 1, ret_key);
    lk_wipe(prk, sizeof(prk));
}

static EVP_CIPHER_CTX *cipher_for(lk_bytes_t secret, const char *purpose, const unsigned char *nonce, int encrypt)
{
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    unsigned char key[KEY_LEN];
    int len;

    derive(secret, purpose, key);
    if (ctx == NULL || EVP_CipherInit_ex(ctx, EVP_aes_256_gcm(), NULL, key, nonce, encrypt) != 1 ||
        EVP_CipherUpdate(ctx, NULL, &len, (const unsigned char *)purpose, (int)strlen(purpose)) != 1)
        abort(); /* out of memory, or an OpenSSL without AES-GCM */
    lk_wipe(key, sizeof(key));
    return ctx;
}

char *lk_seal(lk_arena_t *arena, lk_bytes_t secret, const char *purpose, const void *bytes, size_t len)
{
    unsigned char *sealed = lk_alloc(arena, NONCE_LEN + len + TAG_LEN);
    EVP_CIPHER_CTX *ctx;
    int out;

    lk_random(sealed, NONCE_LEN);
    ctx = cipher_for(secret, purpose, sealed, 1);
    if (EVP_EncryptUpdate(ctx, sealed + NONCE_LEN, &out, bytes, (int)len) != 1 ||
        EVP_EncryptFinal_ex(ctx, sealed + NONCE_LEN + len, &out) != 1 ||
        EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, TAG_LEN, sealed + NONCE_LEN + len) != 1)
        abort();
    EVP_CIPHER_CTX_free(ctx);
    return lk_base64url(arena, sealed, NONCE_LEN + len + TAG_LEN);
}

lk_status_t lk_unseal(lk_arena_t *arena, lk_bytes_t secret, const char *purpose, const char *text, lk_bytes_t *ret_bytes,
                      lk_error_t *err)
{
    lk_bytes_t sealed;
    unsigned char *plain, tag[TAG_LEN];
    EVP_CIPHER_CTX *ctx;
    size_t len, text_len = text != NULL ? strnlen(text, MAX_SEALED) : 0;
    int out, ok;

    if (text_len == 0 || text_len == MAX_SEALED || lk_base64_decode(arena, text, text_len, &sealed) != 0 ||
        sealed.len < NONCE_LEN + TAG_LEN)
        return lk_fail(err, LK_INVALID, NULL, "Not a sealed value");
    len = sealed.len - NONCE_LEN - TAG_LEN;
    plain = lk_alloc(arena, len + 1);
    memcpy(tag, sealed.base + NONCE_LEN + len, TAG_LEN);
    ctx = cipher_for(secret, purpose, sealed.base, 0);
    ok = EVP_DecryptUpdate(ctx, plain, &out, sealed.base + NONCE_LEN, (int)len) == 1 &&
         EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, TAG_LEN, tag) == 1 && EVP_DecryptFinal_ex(ctx, plain + len, &out) == 1;
    EVP_CIPHER_CTX_free(ctx);
    if (!ok) {
        lk_wipe(plain, len); /* unauthenticated bytes must not live on */
        ERR_clear_error();
        return lk_fail(err, LK_INVALID, NULL, "Not a sealed value");
    }
    plain[len] = '\0';
    *ret_bytes = (lk_bytes_t){plain, len};
    return LK_OK;
}

char *lk_seal_json(lk_arena_t *arena, lk_bytes_t secret, const char *purpose, json_t *value)
{
    const char *text = lk_json_text(arena, lk_json_own(arena, value));
    return lk_seal(arena, secret, purpose, text, strlen(text));
}

json_t *lk_unseal_json(lk_arena_t *arena, lk_bytes_t secret, const char *purpose, const char *text)
{
    lk_bytes_t bytes;
    json_t *value;
    if (text == NULL || lk_unseal(arena, secret, purpose, text, &bytes, NULL) != LK_OK ||
        lk_json_parse(arena, (const char *)bytes.base, bytes.len, &value, NULL) != LK_OK)
        return NULL;
    return value;
}
