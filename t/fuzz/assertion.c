/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/json.h"
#include "core/time.h"
#include "fuzz.h"
#include "oidc/assertion.h"

/* Assertions of clients: compact ones as they come, and bare claims under a header of ours (times: seconds from now). What passes
 * the checks was for us alone and is good now, by this file's own reading of the claims. */

static const char *const audiences[] = {"https://sso.example/realms/acme",
                                        "https://sso.example/realms/acme/protocol/openid-connect/token"};
static const lk_assertion_rules_t rules = {.span = 60, .skew = 15};

static int is_one_of_ours(const json_t *aud)
{
    const char *text = json_string_value(json_is_array(aud) ? json_array_get(aud, 0) : aud);
    return json_array_size(aud) <= 1 && text != NULL && (strcmp(text, audiences[0]) == 0 || strcmp(text, audiences[1]) == 0);
}

static void try_assertion(lk_arena_t *arena, const char *text)
{
    lk_assertion_t assertion;
    lk_error_t err = {0};
    if (lk_assertion_read(arena, text, &assertion, &err) != LK_OK)
        return;
    const json_t *claims = assertion.jws.claims;
    int64_t now = lk_now();
    LK_FUZZ_CHECK((assertion.subject == NULL) == !json_is_string(json_object_get(claims, "sub")));
    LK_FUZZ_CHECK((assertion.jti == NULL) == !json_is_string(json_object_get(claims, "jti")));
    if (lk_assertion_check_audience(&assertion, audiences, 2, &err) == LK_OK)
        LK_FUZZ_CHECK(is_one_of_ours(json_object_get(claims, "aud")));
    if (lk_assertion_check_times(&assertion, &rules, &err) == LK_OK) {
        double exp = json_number_value(json_object_get(claims, "exp")), iat = json_number_value(json_object_get(claims, "iat"));
        LK_FUZZ_CHECK(exp >= (double)now && iat < (double)now + 17 &&
                      (iat >= 1 ? iat + 61 >= (double)now : exp < (double)now + 62));
        LK_FUZZ_CHECK(json_number_value(json_object_get(claims, "nbf")) < (double)now + 17);
    }
}

static void make_absolute(json_t *claims)
{
    static const char *const names[] = {"exp", "iat", "nbf"};
    for (size_t i = 0; i != sizeof(names) / sizeof(names[0]); ++i) {
        const json_t *value = json_object_get(claims, names[i]);
        if (json_is_integer(value) && json_integer_value(value) < 1000000 && json_integer_value(value) > -1000000)
            json_object_set_new(claims, names[i], json_integer(lk_now() + json_integer_value(value)));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char header[] = "{\"alg\":\"ES256\",\"kid\":\"k\"}";
    lk_arena_t *arena = lk_arena_create("fuzz");
    char *text = lk_fuzz_text(data, size);
    json_t *claims;
    try_assertion(arena, text);
    if (lk_json_parse(arena, text, strlen(text), &claims, NULL) == LK_OK && json_is_object(claims)) {
        make_absolute(claims);
        const char *body = lk_json_text(arena, claims);
        try_assertion(arena, lk_printf(arena, "%s.%s.AAAA", lk_base64url(arena, header, sizeof(header) - 1),
                                       lk_base64url(arena, body, strlen(body))));
    }
    lk_arena_destroy(&arena);
    free(text);
    return 0;
}
