/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "../../src/admin/user_filter.c"
#include "fuzz.h"

/* Searches of users: the input is a query string. What comes of it is valid UTF-8, each star and quote of it has its place in a
 * pattern that Postgres takes, and arrays are closed. */

static void check_array(const char *text)
{
    int in_quotes = 0;
    if (text == NULL)
        return;
    LK_FUZZ_CHECK(*text == '{');
    for (; text[1] != '\0'; ++text) {
        LK_FUZZ_CHECK(in_quotes || *text == '{' || *text == ',' || *text == '"');
        if (in_quotes && *text == '\\')
            ++text;
        else
            in_quotes ^= *text == '"';
    }
    LK_FUZZ_CHECK(!in_quotes && *text == '}');
}

/* Nothing is escaped by a backslash behind the end, which Postgres refuses. */
static void check_pattern(const char *text)
{
    for (; text != NULL && *text != '\0'; ++text)
        if (*text == '\\')
            LK_FUZZ_CHECK(*++text != '\0');
}

static void check_word(const lk_user_word_t *word)
{
    if (word->text == NULL)
        return;
    LK_FUZZ_CHECK(lk_utf8_valid(word->text, strlen(word->text)) && lk_utf8_valid(word->to, strlen(word->to)));
    check_pattern(word->beginning);
    check_pattern(word->part);
    check_array(word->pieces);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    lk_arena_t *arena = lk_arena_create("fuzz");
    lk_request_t req = {.arena = arena, .method = "GET", .path = "/users"};
    lk_admin_t admin = {.req = &req};
    lk_user_filter_t filter;
    lk_error_t err = {0};
    char *text = lk_fuzz_text(data, size);
    int malformed = 0;
    req.query = lk_pairs_parse_form(arena, text, strlen(text), &malformed);
    /* The edge refuses what is malformed. */
    if (!malformed && lk_user_filter_read(&admin, &filter, &err) == LK_OK) {
        check_array(filter.patterns);
        check_array(filter.expressions);
        check_array(filter.beginnings);
        check_pattern(filter.username);
        check_pattern(filter.email);
        check_word(&filter.words[0]);
        check_word(&filter.words[1]);
    }
    lk_arena_destroy(&arena);
    free(text);
    return 0;
}
