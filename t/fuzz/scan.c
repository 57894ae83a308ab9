/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/json.h"
#include "fuzz.h"
#include "model/json_scan.h"

/* The scanner of large realm files: what the parser takes has the end that the scanner sees, and members that it finds are values
 * too. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    lk_arena_t *arena = lk_arena_create("fuzz");
    const char *text = (const char *)data, *end = text + size, *at = lk_scan_space(text, end);
    const char *stop = at != end ? lk_scan_value(at, end) : NULL;
    lk_span_t member;
    json_t *value;

    if (lk_json_parse(arena, text, size, &value, NULL) == LK_OK) {
        LK_FUZZ_CHECK(stop != NULL && lk_scan_space(stop, end) == end);
        if (json_is_object(value))
            LK_FUZZ_CHECK(lk_scan_member((lk_span_t){at, stop}, "users", &member) == (json_object_get(value, "users") != NULL) ||
                          memchr(text, '\\', size) != NULL);
    }
    if (lk_scan_member((lk_span_t){text, end}, "users", &member) == 1)
        LK_FUZZ_CHECK(member.base < member.end && lk_scan_value(member.base, member.end) == member.end);
    lk_scan_expand(arena, (lk_span_t){text, end});
    lk_arena_destroy(&arena);
    return 0;
}
