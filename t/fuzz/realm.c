/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/json.h"
#include "fuzz.h"
#include "model/fields.h"
#include "model/realm.h"

/* Representations as the admin API and realm files bring them: what passes the check is completed, loaded and answered, and what is
 * stored passes the check again. */
static void check(lk_arena_t *arena, const lk_representation_t *rep, json_t *given)
{
    json_t *value, *strict, *answer;
    lk_error_t err;

    if (lk_rep_check(rep, given, "$", 1, &err) != LK_OK && lk_rep_check(rep, given, "$", 0, &err) != LK_OK)
        return;
    value = lk_json_own(arena, json_deep_copy(given));
    lk_rep_fill(rep, value);
    strict = lk_json_own(arena, lk_rep_strict(rep, value));
    LK_FUZZ_CHECK(lk_rep_check(rep, strict, "$", 0, &err) == LK_OK);
    LK_FUZZ_CHECK(json_equal(strict, lk_json_own(arena, lk_rep_strict(rep, strict))));
    answer = lk_json_own(arena, lk_rep_answer(rep, strict, LK_ANSWER_MASK));
    LK_FUZZ_CHECK(json_is_object(answer));
    lk_rep_patch(rep, strict, given);
    LK_FUZZ_CHECK(lk_rep_check(rep, strict, "$", 0, &err) == LK_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    lk_arena_t *arena = lk_arena_create("fuzz");
    json_t *value = NULL;
    lk_error_t err;
    lk_client_t client;

    if (lk_json_parse(arena, (const char *)data, size, &value, &err) == LK_OK) {
        check(arena, &lk_realm_fields, value);
        check(arena, &lk_client_fields, value);
        check(arena, &lk_user_fields, value);
        check(arena, &lk_mapper_fields, value);
        if (lk_rep_check(&lk_client_fields, value, "$", 0, &err) == LK_OK)
            lk_rep_load(&lk_client_fields, arena, value, &client);
    }
    lk_arena_destroy(&arena);
    return 0;
}
