/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/encode.h"
#include "fuzz.h"

/* Bytes survive both alphabets; text that decodes gives bytes that survive too. */
static void check_bytes(lk_arena_t *arena, const void *bytes, size_t len)
{
    char *texts[2] = {lk_base64(arena, bytes, len), lk_base64url(arena, bytes, len)};
    lk_bytes_t again;

    for (int i = 0; i != 2; ++i) {
        LK_FUZZ_CHECK(lk_base64_decode(arena, texts[i], strlen(texts[i]), &again) == 0);
        LK_FUZZ_CHECK(again.len == len && (len == 0 || memcmp(again.base, bytes, len) == 0) && again.base[len] == '\0');
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    lk_arena_t *arena = lk_arena_create("fuzz");
    lk_bytes_t decoded;

    check_bytes(arena, data, size);
    if (lk_base64_decode(arena, (const char *)data, size, &decoded) == 0)
        check_bytes(arena, decoded.base, decoded.len);
    lk_arena_destroy(&arena);
    return 0;
}
