/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/json.h"
#include "crypto/jwe.h"
#include "fuzz.h"

/* Encrypted tokens as anybody may send them, and the same header once more over parts of the right lengths: taken apart and
 * decrypted with a key of each type. What comes out is never longer than what went in. */

static lk_arena_t *process;

static lk_key_t *const *keys(void)
{
    static lk_key_t *all[2];
    const char *private_key, *other;
    if (process != NULL)
        return all;
    process = lk_arena_create("fuzz keys");
    LK_FUZZ_CHECK(lk_key_generate_rsa(process, 1024, "fuzz", &private_key, &other, NULL) == LK_OK &&
                  lk_key_from_private(process, private_key, NULL, "RSA-OAEP", "enc", &all[0], NULL) == LK_OK);
    LK_FUZZ_CHECK(lk_key_generate_curve(process, "P-256", &private_key, &other, NULL) == LK_OK &&
                  lk_key_from_private(process, private_key, NULL, "ECDH-ES", "enc", &all[1], NULL) == LK_OK);
    return all;
}

static void try_token(lk_arena_t *arena, const char *token)
{
    lk_jwe_t jwe;
    lk_bytes_t plain;
    if (lk_jwe_parse(arena, token, &jwe, NULL) != LK_OK)
        return;
    LK_FUZZ_CHECK(json_is_object(jwe.header));
    for (size_t i = 0; i != 2; ++i)
        if (lk_jwe_decrypt(arena, &jwe, keys()[i], &plain, NULL) == LK_OK)
            LK_FUZZ_CHECK(plain.len <= jwe.ciphertext.len && plain.base[plain.len] == '\0');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char parts[] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAA";
    lk_arena_t *arena = lk_arena_create("fuzz");
    char *text = lk_fuzz_text(data, size);
    try_token(arena, text);
    try_token(arena, lk_printf(arena, "%s.%s", lk_base64url(arena, text, strlen(text)), parts));
    lk_arena_destroy(&arena);
    free(text);
    return 0;
}
