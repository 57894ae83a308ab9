/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "crypto/crypto.h"
#include "fuzz.h"

static const lk_bytes_t secret = {(const unsigned char *)"sixteen bytes of", 16};

/* Sealed values in cookies and URLs: bytes survive, and nothing that was not sealed here opens. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    lk_arena_t *arena = lk_arena_create("fuzz");
    char *text = lk_fuzz_text(data, size), *sealed;
    lk_bytes_t opened;

    LK_FUZZ_CHECK(lk_unseal(arena, secret, "fuzz", text, &opened, NULL) == LK_INVALID);
    sealed = lk_seal(arena, secret, "fuzz", data, size);
    LK_FUZZ_CHECK(size > 500000 || (lk_unseal(arena, secret, "fuzz", sealed, &opened, NULL) == LK_OK && opened.len == size &&
                                    (size == 0 || memcmp(opened.base, data, size) == 0)));
    lk_arena_destroy(&arena);
    free(text);
    return 0;
}
