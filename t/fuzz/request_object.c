/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "../../src/oidc/request_object.c"
#include "crypto/jwe.h"
#include "fuzz.h"

/* Request objects as anybody may send them: the text itself; the text as claims, unsigned; and the text encrypted to the realm, so
 * that what is nested is reached too. The client has a secret and no keys: nothing but alg none may come through, and never a
 * parameter that is about the object. */

static const lk_realm_t *realm(void)
{
    static lk_arena_t *process;
    static lk_realm_key_t key = {.status = LK_KEY_ACTIVE};
    static lk_realm_t own = {.name = "acme", .keys = &key, .num_keys = 1};
    const char *private_key, *other;
    lk_key_t *made;
    if (process != NULL)
        return &own;
    process = lk_arena_create("fuzz keys");
    LK_FUZZ_CHECK(lk_key_generate_curve(process, "P-256", &private_key, &other, NULL) == LK_OK &&
                  lk_key_from_private(process, private_key, NULL, "ECDH-ES", "enc", &made, NULL) == LK_OK);
    key.key = made;
    return &own;
}

static void try_object(const lk_request_t *req, const lk_client_t *client, const char *text)
{
    static const lk_pair_t beside[] = {{"client_id", "echo"}, {"state", "beside"}, {"request", "object"}};
    lk_error_t err = {0};
    lk_auth_check_t check = {.req = req, .realm = realm(), .client = client, .parameters = {beside, 3}};
    object_t object = {.check = &check, .text = text};
    if (read_object(&object, &err) != LK_OK)
        return;
    LK_FUZZ_CHECK(strcmp(object.jws.alg, "none") == 0 && object.jws.signature.len == 0);
    for (size_t i = 0; i != check.parameters.count; ++i) {
        const lk_pair_t *pair = &check.parameters.entries[i];
        LK_FUZZ_CHECK(pair->value != NULL && !is_about_the_object(pair->name) && strcmp(pair->name, "request_uri") != 0);
        LK_FUZZ_CHECK(strcmp(pair->name, "client_id") != 0 || strcmp(pair->value, "echo") == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char none[] = "{\"alg\":\"none\"}";
    lk_arena_t *arena = lk_arena_create("fuzz");
    char *text = lk_fuzz_text(data, size), *sealed;
    json_t *json;
    lk_request_t req = {.arena = arena, .base_url = "https://sso.example", .own_url = "https://sso.example", .base_path = ""};
    lk_client_t client = {.client_id = "echo", .secret = "echo-secret", .attributes = lk_json_own(arena, json_object())};
    try_object(&req, &client, text);
    try_object(&req, &client,
               lk_printf(arena, "%s.%s.", lk_base64url(arena, none, sizeof(none) - 1), lk_base64url(arena, text, strlen(text))));
    /* Encryption is slow: only what is something inside of it. */
    int is_jws = strncmp(text, "eyJ", 3) == 0 && strchr(text, '.') != strrchr(text, '.');
    if ((is_jws || lk_json_parse(arena, text, strlen(text), &json, NULL) == LK_OK) &&
        lk_jwe_encrypt(arena, realm()->keys[0].key, "ECDH-ES", "A128GCM", NULL, text, strlen(text), &sealed, NULL) == LK_OK)
        try_object(&req, &client, sealed);
    lk_arena_destroy(&arena);
    free(text);
    return 0;
}
