/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include "core/time.h"
#include "crypto/crypto.h"

void lk_random(void *bytes, size_t len)
{
    /* Nothing is safe without randomness: no caller could go on. */
    if (RAND_bytes(bytes, (int)len) != 1)
        abort();
}

static char *print_uuid(lk_arena_t *arena, const unsigned char b[16])
{
    return lk_printf(arena, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1], b[2], b[3], b[4],
                     b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]);
}

char *lk_random_uuid(lk_arena_t *arena)
{
    unsigned char b[16];

    lk_random(b, sizeof(b));
    b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
    b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
    return print_uuid(arena, b);
}

char *lk_ordered_uuid(lk_arena_t *arena)
{
    static atomic_uint_fast64_t last; /* milliseconds, and 12 bits that count within one */
    unsigned char b[16];
    uint_fast64_t before = atomic_load(&last), now = (uint_fast64_t)lk_now_ms() << 12, next;

    do {
        next = now > before ? now : before + 1;
    } while (!atomic_compare_exchange_weak(&last, &before, next));
    lk_random(b, sizeof(b));
    for (int i = 0; i != 6; ++i)
        b[i] = (unsigned char)(next >> (52 - 8 * i));
    b[6] = (unsigned char)((next >> 8 & 0x0f) | 0x70);
    b[7] = (unsigned char)next;
    b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
    return print_uuid(arena, b);
}

char *lk_random_token(lk_arena_t *arena, size_t bytes)
{
    unsigned char *raw = lk_alloc(arena, bytes);

    lk_random(raw, bytes);
    return lk_base64url(arena, raw, bytes);
}
