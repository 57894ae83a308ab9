/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/json.h"
#include "fuzz.h"
#include "model/password_policy.h"
#include "model/profile_validators.h"
#include "token/acr.h"
#include "token/values.h"

/* A line of JSON with an administrator's rules, then a text as a user or client sends it: as value of a profile's attribute, as
 * password, as acr_values and claims, and as the name of a claim. */

static void check_values(lk_arena_t *arena, const json_t *rules, const char *text)
{
    json_t *errors = lk_json_own(arena, json_array()), *values = lk_json_own(arena, json_pack("[s]", text)), *error;
    size_t i;
    if (values == NULL || *text == '\0') /* no UTF-8 */
        return;
    lk_profile_run_validators(rules, "a", values, errors);
    json_array_foreach(errors, i, error)
    {
        LK_FUZZ_CHECK(json_is_string(json_object_get(error, "errorMessage")) && json_is_array(json_object_get(error, "params")));
    }
}

static void check_policy(lk_arena_t *arena, const char *policy, const char *text)
{
    static const lk_password_subject_t subject = {.username = "bob", .email = "bob@example.test"};
    lk_error_t err = {0};
    if (lk_password_policy_check(arena, policy, &subject, text, &err) != LK_OK)
        LK_FUZZ_CHECK(err.text[0] != '\0');
}

static void check_levels(lk_arena_t *arena, json_t *rules, const char *text)
{
    lk_realm_t realm = {.attributes = rules};
    lk_client_t client = {.attributes = rules};
    lk_acr_wish_t wish = lk_acr_wish(arena, &client, text, text);
    int64_t level;
    if (lk_acr_requested(arena, &realm, &client, &wish, &level) == 0)
        LK_FUZZ_CHECK(lk_acr_name(arena, &realm, &client, &wish, level) != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    lk_arena_t *arena = lk_arena_create("fuzz");
    char *text = lk_fuzz_text(data, size), *second = strchr(text, '\n');
    json_t *rules;
    if (second != NULL && lk_json_parse(arena, text, (size_t)(second - text), &rules, NULL) == LK_OK && json_is_object(rules)) {
        lk_claim_path_t path = lk_claim_path(arena, ++second);
        for (size_t i = 0; i != path.depth; ++i)
            LK_FUZZ_CHECK(path.names[i] != NULL);
        check_values(arena, rules, second);
        check_levels(arena, rules, second);
        check_policy(arena, lk_json_str(rules, "policy", ""), second);
    }
    lk_arena_destroy(&arena);
    free(text);
    return 0;
}
