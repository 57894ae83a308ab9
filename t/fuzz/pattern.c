/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "fuzz.h"
#include "model/pattern.h"

/* Regular expressions of administrators: a line with the pattern, then a text. A group around it, or the same once more as another
 * branch, changes nothing, unless a bound is met. */

static int is_answer(lk_pattern_result_t result)
{
    return result == LK_PATTERN_MATCH || result == LK_PATTERN_NO_MATCH;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    lk_arena_t *arena = lk_arena_create("fuzz");
    char *pattern = lk_fuzz_text(data, size), *text = strchr(pattern, '\n');
    lk_pattern_result_t result, grouped, twice;
    if (text != NULL)
        *text++ = '\0';
    else
        text = pattern;
    result = lk_pattern_match(arena, pattern, text);
    if (is_answer(result)) {
        grouped = lk_pattern_match(arena, lk_printf(arena, "(?:%s)", pattern), text);
        twice = lk_pattern_match(arena, lk_printf(arena, "%s|%s", pattern, pattern), text);
        LK_FUZZ_CHECK(grouped == result || !is_answer(grouped));
        LK_FUZZ_CHECK(twice == result || twice == LK_PATTERN_COSTLY);
    }
    lk_arena_destroy(&arena);
    free(pattern);
    return 0;
}
