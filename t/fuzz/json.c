/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/buffer.h"
#include "core/json.h"
#include "fuzz.h"

/* JSON bodies: what is read is written and read again as the same; our own string writer agrees with the reader. */
static void check_string(lk_arena_t *arena, const char *text, size_t len)
{
    lk_buffer_t written;
    json_t *again = NULL;

    lk_buffer_init(&written, arena, 16 * 1024 * 1024);
    lk_buffer_json_stringn(&written, text, len);
    LK_FUZZ_CHECK(lk_json_parse(arena, written.base, written.len, &again, NULL) == LK_OK && strlen(text) == len &&
                  strcmp(json_string_value(again), text) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    lk_arena_t *arena = lk_arena_create("fuzz");
    json_t *value = NULL, *again = NULL;
    lk_error_t err;
    char *text;

    if (lk_json_parse(arena, (const char *)data, size, &value, &err) == LK_OK) {
        text = lk_json_text(arena, value);
        LK_FUZZ_CHECK(text != NULL && lk_json_parse(arena, text, strlen(text), &again, &err) == LK_OK);
        LK_FUZZ_CHECK(json_equal(value, again));
        if (json_is_string(value))
            check_string(arena, json_string_value(value), json_string_length(value));
    }
    lk_arena_destroy(&arena);
    return 0;
}
