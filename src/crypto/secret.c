/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include "crypto/crypto.h"
#include "crypto/internal.h"

int lk_secret_equal(const char *known, const char *given)
{
    size_t known_len, given_len;
    volatile unsigned char differs;

    if (known == NULL || given == NULL || *known == '\0')
        return 0;
    known_len = strlen(known);
    given_len = strlen(given);
    /* The time tells the length of what was given, which its sender knows, and nothing of the secret but its length. */
    differs = known_len != given_len;
    for (size_t i = 0; i != known_len; ++i)
        differs |= (unsigned char)(known[i] ^ given[i < given_len ? i : 0]);
    return differs == 0;
}

int lk_bytes_equal(const void *a, size_t a_len, const void *b, size_t b_len)
{
    return a_len == b_len && CRYPTO_memcmp(a, b, a_len) == 0;
}

void lk_wipe(void *bytes, size_t len)
{
    OPENSSL_cleanse(bytes, len);
}

void lk_sha256(const void *bytes, size_t len, unsigned char ret_digest[32])
{
    SHA256(bytes, len, ret_digest);
}

char *lk_sha256_base64url(lk_arena_t *arena, const void *bytes, size_t len)
{
    unsigned char digest[SHA256_DIGEST_LENGTH];

    lk_sha256(bytes, len, digest);
    return lk_base64url(arena, digest, sizeof(digest));
}

char *lk_half_hash(lk_arena_t *arena, const char *alg, const char *token)
{
    const lk_alg_t *found = lk_alg_find(alg);
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int len = 0;

    if (EVP_Digest(token, strlen(token), digest, &len, found != NULL ? found->digest() : EVP_sha256(), NULL) != 1)
        abort();
    return lk_base64url(arena, digest, len / 2);
}

void lk_hmac_sha256(const void *key, size_t key_len, const void *bytes, size_t len, unsigned char ret_mac[32])
{
    static const unsigned char no_key[1];

    if (HMAC(EVP_sha256(), key_len != 0 ? key : no_key, (int)key_len, bytes, len, ret_mac, NULL) == NULL)
        abort();
}
