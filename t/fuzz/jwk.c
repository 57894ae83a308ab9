/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/json.h"
#include "crypto/keys.h"
#include "fuzz.h"

/* Key sets of other providers and of clients: what is read is written, and read again as the same key. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    lk_arena_t *arena = lk_arena_create("fuzz");
    json_t *jwk = NULL, *written;
    lk_key_t *key, *again;
    lk_error_t err;

    if (lk_json_parse(arena, (const char *)data, size, &jwk, &err) == LK_OK && lk_key_from_jwk(arena, jwk, &key, &err) == LK_OK) {
        LK_FUZZ_CHECK(key->pkey != NULL && key->kid != NULL && key->public_key != NULL && !key->has_private);
        written = lk_json_own(arena, lk_key_to_jwk(arena, key));
        LK_FUZZ_CHECK(lk_key_from_jwk(arena, written, &again, &err) == LK_OK);
        LK_FUZZ_CHECK(strcmp(key->public_key, again->public_key) == 0 && strcmp(key->kid, again->kid) == 0);
    }
    lk_arena_destroy(&arena);
    return 0;
}
