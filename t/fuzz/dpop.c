/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "../../src/token/dpop.c"
#include "../../src/crypto/internal.h"
#include "fuzz.h"

/* DPoP proofs: as they come, where none may verify but by the key it brings itself; and a line with a header and a line with
 * claims, signed here by a key that the header brings, so that the search gets behind the signature. Times are seconds from now. */

static const lk_key_t *own_key(void)
{
    static lk_arena_t *process;
    static lk_key_t *key;
    const char *private_key, *other;
    if (process != NULL)
        return key;
    process = lk_arena_create("fuzz keys");
    LK_FUZZ_CHECK(lk_key_generate_curve(process, "Ed25519", &private_key, &other, NULL) == LK_OK &&
                  lk_key_from_private(process, private_key, NULL, "EdDSA", "sig", &key, NULL) == LK_OK);
    return key;
}

static char *sign(lk_arena_t *arena, json_t *header, const json_t *claims)
{
    const char *head = lk_json_text(arena, header), *body = lk_json_text(arena, claims);
    char *text = lk_printf(arena, "%s.%s", lk_base64url(arena, head, strlen(head)), lk_base64url(arena, body, strlen(body)));
    unsigned char signature[64];
    size_t len = sizeof(signature);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    LK_FUZZ_CHECK(ctx != NULL && lk_alg_init_sign(lk_alg_find("EdDSA"), own_key()->pkey, ctx) == 1 &&
                  EVP_DigestSign(ctx, signature, &len, (const unsigned char *)text, strlen(text)) == 1);
    EVP_MD_CTX_free(ctx);
    return lk_printf(arena, "%s.%s", text, lk_base64url(arena, signature, len));
}

/* Whoever is let in has proven that key, for this request, now. */
static void try_proof(const lk_request_t *req, const char *text)
{
    const lk_key_t *key = NULL;
    lk_error_t err = {0};
    proof_t proof;
    if (read(req, text, &proof, &err) != LK_OK || check_header(&proof, &err) != LK_OK ||
        check_signature(req, &proof, &key, &err) != LK_OK)
        return;
    LK_FUZZ_CHECK(!key->has_private && json_object_get(proof.jws.header, "crit") == NULL);
    if (check_claims(req, &proof, NULL, &err) == LK_OK) {
        int64_t age = lk_now() - proof.issued;
        LK_FUZZ_CHECK(strcmp(proof.method, "POST") == 0 && age <= AGE + 1 && age >= -AHEAD && *proof.jti != '\0');
        LK_FUZZ_CHECK(strncasecmp(proof.url, "https://sso.example", 19) == 0 && strstr(proof.url, "/token") != NULL);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    lk_arena_t *arena = lk_arena_create("fuzz");
    char *text = lk_fuzz_text(data, size), *second = strchr(text, '\n');
    lk_request_t req = {
        .arena = arena, .method = "POST", .path = "/token", .base_url = "https://sso.example", .own_url = "https://sso.example"};
    json_t *header, *claims;
    try_proof(&req, text);
    if (second != NULL && lk_json_parse(arena, text, (size_t)(second - text), &header, NULL) == LK_OK && json_is_object(header) &&
        lk_json_parse(arena, second + 1, strlen(second + 1), &claims, NULL) == LK_OK && json_is_object(claims)) {
        json_t *iat = json_object_get(claims, "iat");
        if (json_is_true(json_object_get(header, "jwk")))
            json_object_set_new(header, "jwk", lk_jwk_public(arena, own_key()));
        if (json_is_integer(iat) && json_integer_value(iat) < 1000000 && json_integer_value(iat) > -1000000)
            json_object_set_new(claims, "iat", json_integer(lk_now() + json_integer_value(iat)));
        try_proof(&req, sign(arena, header, claims));
    }
    lk_arena_destroy(&arena);
    free(text);
    return 0;
}
