/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/json.h"
#include "fuzz.h"
#include "model/fields.h"
#include "model/import_internal.h"
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

/* Everything that an import does to a file before it meets the database, with what older versions wrote. */
static void import(const json_t *realm)
{
    lk_arena_t *arena = lk_arena_create("fuzz import");
    lk_array_source_t users;
    lk_error_t err = {0};
    lk_array_source_init(&users, json_object_get(realm, "users"));
    lk_import_t im = {.arena = arena, .users = &users.super};
    if (lk_rep_check(&lk_realm_fields, realm, "$", 0, &err) == LK_OK && lk_import_collect(&im, realm, &err) != LK_OK)
        LK_FUZZ_CHECK(err.text[0] != '\0');
    lk_arena_destroy(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    lk_arena_t *arena = lk_arena_create("fuzz");
    json_t *value = NULL;
    lk_error_t err;
    lk_client_t client;

    if (lk_json_parse(arena, (const char *)data, size, &value, &err) == LK_OK) {
        check(arena, &lk_realm_fields, value);
        import(value);
        check(arena, &lk_client_fields, value);
        check(arena, &lk_user_fields, value);
        check(arena, &lk_mapper_fields, value);
        if (lk_rep_check(&lk_client_fields, value, "$", 0, &err) == LK_OK)
            lk_rep_load(&lk_client_fields, arena, value, &client);
    }
    lk_arena_destroy(&arena);
    return 0;
}
