/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <libpq-fe.h>
#include "config/settings.h"
#include "fuzz.h"

/* JDBC URLs: what is taken becomes a connection string that libpq understands. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    lk_arena_t *arena = lk_arena_create("fuzz");
    char *text = lk_fuzz_text(data, size), *conninfo, *problem = NULL;
    lk_settings_t settings = {.db_url = text, .db_username = "user", .db_password = "it's \\ a 'secret'"};
    PQconninfoOption *options;
    lk_error_t err;

    if (lk_settings_conninfo(arena, &settings, &conninfo, &err) == LK_OK) {
        options = PQconninfoParse(conninfo, &problem);
        if (problem != NULL)
            fprintf(stderr, "%s: %s", conninfo, problem);
        LK_FUZZ_CHECK(options != NULL);
        PQconninfoFree(options);
        PQfreemem(problem);
    }
    lk_arena_destroy(&arena);
    free(text);
    return 0;
}
