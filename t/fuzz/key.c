/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "crypto/jws.h"
#include "fuzz.h"

/* Keys and certificates as an administrator pastes them, in PEM or base64: a private key that is read signs what its public half
 * verifies. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    lk_arena_t *arena = lk_arena_create("fuzz");
    char *text = lk_fuzz_text(data, size), *token;
    lk_key_t *key, *public_key;
    lk_jws_t jws;
    lk_error_t err;

    if (lk_key_from_private(arena, text, NULL, NULL, "sig", &key, &err) == LK_OK && key->alg != NULL) {
        LK_FUZZ_CHECK(lk_key_from_public(arena, key->public_key, key->alg, "sig", &public_key, &err) == LK_OK);
        LK_FUZZ_CHECK(strcmp(key->kid, public_key->kid) == 0);
        /* A damaged RSA key may be read and then fail to sign; it must not sign wrongly. */
        if (lk_jws_sign(arena, key, key->alg, "JWT", "{}", 2, &token, &err) == LK_OK) {
            LK_FUZZ_CHECK(lk_jws_parse(arena, token, &jws, &err) == LK_OK);
            (void)lk_jws_verify(&jws, public_key, &err);
        }
    }
    if (lk_key_from_public(arena, text, NULL, NULL, &key, &err) == LK_OK)
        LK_FUZZ_CHECK(!key->has_private && key->kid != NULL);
    lk_arena_destroy(&arena);
    free(text);
    return 0;
}
