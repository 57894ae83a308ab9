/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/multipart.h"
#include "fuzz.h"

/* Bodies of forms with files: every part lies inside of the body, and is found by its name. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    lk_arena_t *arena = lk_arena_create("fuzz");
    lk_parts_t parts;
    if (lk_multipart_parse(arena, "multipart/form-data; boundary=b", (lk_bytes_t){data, size}, &parts) == 0) {
        LK_FUZZ_CHECK(parts.count <= LK_MAX_PARTS);
        for (size_t i = 0; i != parts.count; ++i) {
            const lk_bytes_t *content = &parts.parts[i].content;
            LK_FUZZ_CHECK(content->base >= data && content->base + content->len <= data + size);
            LK_FUZZ_CHECK(lk_part_find(&parts, parts.parts[i].name) != NULL);
            LK_FUZZ_CHECK(lk_part_text(arena, &parts, parts.parts[i].name) != NULL);
        }
    }
    lk_arena_destroy(&arena);
    return 0;
}
