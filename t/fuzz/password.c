/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/json.h"
#include "crypto/password.h"
#include "fuzz.h"

/* Old credentials of realm files, converted; then read as a login would, unless the hash itself would take long. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    lk_arena_t *arena = lk_arena_create("fuzz");
    json_t *credential = NULL;
    lk_password_t password;
    lk_error_t err;
    int match = -1, stale = -1;

    if (lk_json_parse(arena, (const char *)data, size, &credential, &err) == LK_OK &&
        lk_password_from_legacy(arena, credential, &password, &err) == LK_OK) {
        LK_FUZZ_CHECK(lk_json_parse(arena, password.credential_data, strlen(password.credential_data), &credential, &err) == LK_OK);
        if (lk_json_int(credential, "hashIterations", 0) < 10)
            LK_FUZZ_CHECK(lk_password_verify(arena, "not this one", &password, NULL, &match, &stale, &err) != LK_OK || match == 0);
    }
    lk_arena_destroy(&arena);
    return 0;
}
