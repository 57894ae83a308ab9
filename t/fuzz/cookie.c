/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/request.h"
#include "fuzz.h"

/* Cookie headers: a value found is a piece of the header. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"KEYCLOAK_IDENTITY", "AUTH_SESSION_ID", "KC_RESTART", "a", ""};
    lk_arena_t *arena = lk_arena_create("fuzz");
    char *text = lk_fuzz_text(data, size);
    lk_pair_t header = {"cookie", text};
    lk_request_t req = {.arena = arena, .headers = {&header, 1}};

    for (size_t i = 0; i != sizeof(names) / sizeof(names[0]); ++i) {
        const char *value = lk_request_cookie(&req, names[i]);
        LK_FUZZ_CHECK(value == NULL || (strstr(text, value) != NULL && strchr(value, ';') == NULL));
    }
    lk_arena_destroy(&arena);
    free(text);
    return 0;
}
