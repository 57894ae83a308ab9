/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/buffer.h"
#include "core/encode.h"
#include "core/request.h"
#include "fuzz.h"

static char *write_form(lk_arena_t *arena, const lk_pairs_t *pairs)
{
    lk_buffer_t form;

    lk_buffer_init(&form, arena, 16 * 1024 * 1024);
    for (size_t i = 0; i != pairs->count; ++i) {
        if (i != 0)
            lk_buffer_putc(&form, '&');
        lk_buffer_form(&form, pairs->entries[i].name);
        lk_buffer_putc(&form, '=');
        lk_buffer_form(&form, pairs->entries[i].value);
    }
    LK_FUZZ_CHECK(!form.overflow);
    return form.base;
}

/* Queries and form bodies: what was understood, written again, is understood the same. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    lk_arena_t *arena = lk_arena_create("fuzz");
    int malformed = 0, again_malformed = 0;
    lk_pairs_t pairs = lk_pairs_parse_form(arena, (const char *)data, size, &malformed), again;
    char *written;

    for (size_t i = 0; i < pairs.count && i != 16; ++i) {
        const char *value = lk_pairs_get(&pairs, pairs.entries[i].name);
        LK_FUZZ_CHECK(value != NULL && lk_pairs_count(&pairs, pairs.entries[i].name) != 0);
    }
    if (!malformed) {
        written = write_form(arena, &pairs);
        again = lk_pairs_parse_form(arena, written, strlen(written), &again_malformed);
        LK_FUZZ_CHECK(!again_malformed && again.count == pairs.count);
        for (size_t i = 0; i != pairs.count; ++i)
            LK_FUZZ_CHECK(strcmp(pairs.entries[i].name, again.entries[i].name) == 0 &&
                          strcmp(pairs.entries[i].value, again.entries[i].value) == 0);
    }
    lk_arena_destroy(&arena);
    return 0;
}
