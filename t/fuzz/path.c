/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "fuzz.h"
#include "http/edge.h"

/* Request targets: what passes the check is matched to a route, and the log's copy of the query shows no secret. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static lk_router_t *router;
    lk_arena_t *arena = lk_arena_create("fuzz");
    char *path = lk_fuzz_text(data, size), *query = strchr(path, '?');
    const char *masked;
    lk_match_t match;

    if (router == NULL)
        router = lk_router_create(lk_routes, lk_num_routes);
    if (query != NULL)
        *query++ = '\0';
    if (lk_request_check_path(path, query != NULL ? query : "") == NULL) {
        LK_FUZZ_CHECK(path[0] == '/' && strstr(path, "/../") == NULL && strstr(path, "//") == NULL);
        lk_router_match(router, LK_GET, path, strlen(path), &match);
    }
    masked = lk_access_mask_query(arena, query != NULL ? query : "");
    LK_FUZZ_CHECK(strstr(masked, "&password=secret") == NULL && strstr(masked, "&code=secret") == NULL);
    lk_arena_destroy(&arena);
    free(path);
    return 0;
}
