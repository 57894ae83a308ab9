/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "fuzz.h"
#include "http/origin.h"

/* Host, Forwarded and X-Forwarded headers, from the connection's peer and from a trusted proxy: whatever they say, the URL that
 * answers are written with has nothing in it that ends a header or leaves an attribute. The input's lines are header values in this
 * order. */

static const char *const names[] = {
    "host", "forwarded", "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-forwarded-port", "x-forwarded-prefix"};
#define NUM_NAMES (sizeof(names) / sizeof(names[0]))

static void check_origin(lk_arena_t *arena, const lk_pairs_t *headers, lk_proxy_headers_t proxy, const char *hostname)
{
    lk_server_options_t options = {.relative_path = "/auth", .proxy_headers = proxy, .hostname = hostname};
    lk_origin_seen_t seen = {.authority = lk_pairs_get(headers, "host"), .peer_ip = "192.0.2.1", .headers = headers};
    lk_origin_rules_t *rules;
    lk_origin_t origin;
    lk_error_t err;

    LK_FUZZ_CHECK(lk_origin_rules_create(arena, &options, &rules, &err) == LK_OK);
    if (lk_origin_find(rules, arena, &seen, &origin, &err) != LK_OK)
        return;
    LK_FUZZ_CHECK(strncmp(origin.base_url, "http://", 7) == 0 || strncmp(origin.base_url, "https://", 8) == 0);
    for (const char *c = origin.base_url; *c != '\0'; ++c)
        LK_FUZZ_CHECK((unsigned char)*c > 0x20 && *c != 0x7f && strchr("\"'<>\\?#@", *c) == NULL);
    for (const char *c = origin.client_ip; *c != '\0'; ++c)
        LK_FUZZ_CHECK((unsigned char)*c > 0x20 && (unsigned char)*c < 0x7f && strchr("\"'<>", *c) == NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    lk_arena_t *arena = lk_arena_create("fuzz");
    char *text = lk_fuzz_text(data, size), *line = text, *end;
    lk_pair_t entries[NUM_NAMES];
    lk_pairs_t headers = {entries, 0};

    for (size_t i = 0; i != NUM_NAMES && line != NULL; ++i) {
        if ((end = strchr(line, '\n')) != NULL)
            *end++ = '\0';
        if (*line != '\0')
            entries[headers.count++] = (lk_pair_t){names[i], line};
        line = end;
    }
    check_origin(arena, &headers, LK_PROXY_NONE, NULL);
    check_origin(arena, &headers, LK_PROXY_FORWARDED, NULL);
    check_origin(arena, &headers, LK_PROXY_XFORWARDED, NULL);
    check_origin(arena, &headers, LK_PROXY_XFORWARDED, "sso.example");
    lk_arena_destroy(&arena);
    free(text);
    return 0;
}
