/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/json.h"
#include "crypto/jws.h"
#include "fuzz.h"

/* Tokens as anybody may send them: taken apart and verified with one key of each type. None of the keys signed anything here, so
 * none may ever verify; libjwt must agree. */

/* The numbers are those of keys that sign nothing any more. */
#define MODULUS                                                                                                                    \
    "7j8_4dm-E3oBtaXL3bk2jNGomHtvTeyTaruM3XMQszme_d1P7iH4smBZH-nlQOBSLCcabPZTFSsvDzFd9tSc9iVJfCfmBKhPLlPZzmOLSwChwITkJ-TpONXCzavh" \
    "_gmG2zy-MZMm6NniG5wt6UU88moJPpp81Y09qxoLt4xQpGZcCgDIvbILJCs0J9-DudSrImY_jcJlijHdeWqmO0l_WZ-Kwwb0g5USMTSfT4QiYSq2IeeegInK5edF" \
    "HC0r7hM1QyaeavStUxMrqaq0b__5O24ajplcCFSxGAW9sDpcgszB6Vt0ssao9TXElsDjvYSFHxsaAXL4G_7MFt2UaOvzHQ"
#define POINT_X "J1G5MvfEdeKGydUSPgYg6VrZaXh8_gyRdHFlZdOV8bc"
#define POINT_Y "X20isc_6T-dEWuJ9Z_fLSD_1KNHwayREQkoVc0tzx34"
#define EDWARDS_X "k8de1XAxlailcS4p0XgW8j5ebA8eKOYsc1UN_k_ZCIc"

static const char *const jwks[] = {
    ("{\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"" MODULUS "\"}"),
    ("{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" POINT_X "\",\"y\":\"" POINT_Y "\"}"),
    ("{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" EDWARDS_X "\"}"),
};
#define NUM_KEYS (sizeof(jwks) / sizeof(jwks[0]) + 1)

static lk_arena_t *process;

static lk_key_t *const *keys(void)
{
    static lk_key_t *all[NUM_KEYS];
    json_t *jwk = NULL;

    if (process != NULL)
        return all;
    process = lk_arena_create("fuzz keys");
    for (size_t i = 0; i + 1 != NUM_KEYS; ++i) {
        lk_json_parse(process, jwks[i], strlen(jwks[i]), &jwk, NULL);
        LK_FUZZ_CHECK(lk_key_from_jwk(process, jwk, &all[i], NULL) == LK_OK);
    }
    all[NUM_KEYS - 1] = lk_key_from_secret(process, "kid", (lk_bytes_t){(const unsigned char *)"unknown secret", 14}, NULL, "sig");
    return all;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    lk_arena_t *arena = lk_arena_create("fuzz");
    char *text = lk_fuzz_text(data, size);
    lk_key_t *const *all = keys();
    lk_jws_t jws;
    lk_error_t err;

    if (lk_jws_parse(arena, text, &jws, &err) == LK_OK) {
        LK_FUZZ_CHECK(json_is_object(jws.header) && json_is_object(jws.claims));
        for (size_t i = 0; i != NUM_KEYS; ++i) {
            LK_FUZZ_CHECK(lk_jws_verify(&jws, all[i], &err) == LK_INVALID);
            LK_FUZZ_CHECK(lk_jws_verify_foreign(arena, &jws, all[i], &err) == LK_INVALID);
        }
    }
    lk_arena_destroy(&arena);
    free(text);
    return 0;
}
