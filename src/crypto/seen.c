/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <pthread.h>
#include <string.h>
#include "crypto/internal.h"

/* Signatures that verified lately. An access token is presented again and again until it expires; to know that this key has
 * verified just this text costs a hash instead of modular arithmetic. Failures are not remembered. Lifetime: process. */

#define SLOTS 1024 /* of 32 bytes; a token's slot is where its hash says, and the newer one wins */

static unsigned char seen[SLOTS][LK_SEEN_SIZE];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* of all slots */

static unsigned char *slot_of(const unsigned char *mark)
{
    return seen[(mark[0] | mark[1] << 8) % SLOTS];
}

int lk_seen_mark(const lk_jws_t *jws, const lk_key_t *key, unsigned char *ret_mark)
{
    EVP_MD_CTX *ctx = key->public_key != NULL ? EVP_MD_CTX_new() : NULL;
    int ok = ctx != NULL && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) &&
             EVP_DigestUpdate(ctx, key->public_key, strlen(key->public_key) + 1) &&
             EVP_DigestUpdate(ctx, jws->signing_input, jws->signing_input_len) &&
             EVP_DigestUpdate(ctx, jws->signature.base, jws->signature.len) && EVP_DigestFinal_ex(ctx, ret_mark, NULL);
    EVP_MD_CTX_free(ctx);
    return ok;
}

int lk_seen_has(const unsigned char *mark)
{
    pthread_mutex_lock(&lock);
    int has = memcmp(slot_of(mark), mark, LK_SEEN_SIZE) == 0;
    pthread_mutex_unlock(&lock);
    return has;
}

void lk_seen_add(const unsigned char *mark)
{
    pthread_mutex_lock(&lock);
    memcpy(slot_of(mark), mark, LK_SEEN_SIZE);
    pthread_mutex_unlock(&lock);
}
