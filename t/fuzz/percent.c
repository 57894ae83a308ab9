/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/buffer.h"
#include "core/encode.h"
#include "fuzz.h"

/* Percent-encoding and UTF-8: what is decoded is valid, and survives being written in each of the encodings. */
static void check_decoded(lk_arena_t *arena, const char *decoded)
{
    lk_buffer_t written;
    char *again, *lower;

    LK_FUZZ_CHECK(lk_utf8_valid(decoded, strlen(decoded)));
    lk_buffer_init(&written, arena, 16 * 1024 * 1024);
    lk_buffer_percent(&written, decoded);
    again = lk_percent_decode(arena, written.base, written.len, 0);
    LK_FUZZ_CHECK(again != NULL && strcmp(again, decoded) == 0);
    lower = lk_utf8_lower(arena, decoded);
    LK_FUZZ_CHECK(lk_utf8_valid(lower, strlen(lower)) && strcmp(lower, lk_utf8_lower(arena, lower)) == 0);
    lk_buffer_init(&written, arena, 16 * 1024 * 1024);
    lk_buffer_html(&written, decoded);
    LK_FUZZ_CHECK(strpbrk(written.base, "<>\"") == NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    lk_arena_t *arena = lk_arena_create("fuzz");

    for (int form = 0; form != 2; ++form) {
        char *decoded = lk_percent_decode(arena, (const char *)data, size, form);
        if (decoded != NULL)
            check_decoded(arena, decoded);
    }
    lk_arena_destroy(&arena);
    return 0;
}
