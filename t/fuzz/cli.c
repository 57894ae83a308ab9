/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "fuzz.h"
#include "cli/attributes.h"
#include "cli/fields.h"
#include "cli/output.h"

/* lkadm's -s, -d and --fields: any text is an assignment, a path and a filter; the object stays an object, and a filter adds
 * nothing. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    lk_arena_t *arena = lk_arena_create("fuzz");
    char *text = lk_fuzz_text(data, size);
    json_t *object = lk_json_own(arena, json_pack("{s:[i,{s:i}], s:{s:s}, s:s}", "l", 1, "a", 2, "o", "p", "q", "s", "t"));
    lk_fields_t *fields = NULL;
    lk_error_t err = {0};
    lk_path_t path;
    lk_buffer_t out;

    if (lk_path_parse(arena, text, &path, &err) == LK_OK)
        LK_FUZZ_CHECK(path.count != 0 && path.count <= LK_PATH_MAX);
    lk_attribute_set(arena, object, text, &err);
    lk_attribute_delete(arena, object, text, &err);
    LK_FUZZ_CHECK(json_is_object(object));
    if (lk_fields_parse(arena, text, &fields, &err) == LK_OK) {
        json_t *left = lk_fields_filter(arena, fields, object);
        LK_FUZZ_CHECK(json_is_object(left) && json_object_size(left) <= json_object_size(object));
        lk_buffer_init(&out, arena, 1024 * 1024);
        lk_output_csv(&out, left, fields, 0);
    }
    lk_buffer_init(&out, arena, 1024 * 1024);
    lk_output_json(&out, object);
    lk_arena_destroy(&arena);
    free(text);
    return 0;
}
