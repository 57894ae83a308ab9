/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include "admin/fine_grained.h"
#include "admin/user_filter.h"
#include "admin/users.h"
#include "core/encode.h"
#include "core/json.h"

/* Lists of users. What many have is found by walking along the names, what few have by an index: neither is quick for both, and how
 * many there are is only known afterwards. So short steps of either come first, and each ends where it would become a long one. */

#define PAGE_SIZE "100"
#define MAX_TEXT 255       /* bytes: longer texts are rare enough for any index */
#define MAX_ARRAY 131072   /* bytes: all beginnings of such a text */
#define SHARED_BEGINNING 5 /* characters that 0240 compares */
#define MAX_WALKED_PAGE 1000
#define FEW 8000 /* users that an index may find before another walk is tried; more than MAX_WALKED_PAGE */
/* Users that are looked at one by one, first and where an index has found too many: a millisecond each thousand. */
#define WALKED_FIRST 1000
#define WALKED_AGAIN 20000
#define WALKED_MOST 15000       /* where the first have shown how many there are */
#define WALKED_PERMITTED "4000" /* users of whom each is asked what permissions say */
#define MANY_PROVIDED "2000"
#define NO_LIMIT NULL

#define WORD(w) (w).beginning, (w).part, (w).fields
#define FILTER(f)                                                                                                                  \
    (f).ids, WORD((f).words[0]), WORD((f).words[1]), (f).patterns, (f).expressions, (f).username, (f).email, (f).first_name,       \
        (f).last_name, (f).created_from, (f).created_to, (f).attributes, (f).provider, (f).external_id, (f).enabled, (f).verified, \
        (f).with_service_accounts ? "true" : "false", (f).beginnings

/* A page: what comes before it, its size, and both. */
typedef struct st_page_t {
    const char *first, *max, *end;
    long long size, num_walked;
} page_t;

static long long number(const char *text)
{
    return strtoll(text, NULL, 10);
}

static page_t read_page(lk_admin_t *admin, const char *max)
{
    page_t page = {.first = lk_admin_first(admin->req), .max = max, .size = number(max)};
    page.num_walked = number(page.first) + page.size;
    if (page.num_walked > number(LK_ADMIN_ALL))
        page.num_walked = number(LK_ADMIN_ALL);
    page.end = lk_printf(admin->req->arena, "%lld", page.num_walked);
    return page;
}

/* All beginnings of a text that end with a whole character, as an array. */
static const char *shorter(lk_arena_t *arena, const char *text)
{
    lk_buffer_t out;
    lk_buffer_init(&out, arena, MAX_ARRAY);
    for (size_t len = 1; text[len] != '\0'; ++len)
        if ((text[len] & 0xc0) != 0x80)
            lk_user_array_add(&out, lk_strndup(arena, text, len));
    return out.len != 0 ? lk_user_array_end(&out) : "{}";
}

static int has_flags(const lk_user_filter_t *f)
{
    return f->enabled != NULL || f->verified != NULL;
}

static int has_times(const lk_user_filter_t *f)
{
    return f->created_from != NULL || f->created_to != NULL;
}

/* Besides words, flags and times. */
static int asks_more(const lk_user_filter_t *f)
{
    return f->ids != NULL || f->attributes != NULL || f->provider != NULL || f->external_id != NULL;
}

static int is_all(const lk_user_filter_t *f)
{
    return f->num_words == 0 && !has_flags(f) && !has_times(f) && !asks_more(f);
}

/* The only thing that is asked for, beside flags, or NULL. */
static const lk_user_word_t *only_word(const lk_user_filter_t *f)
{
    const lk_user_word_t *word = &f->words[0];
    return f->num_words == 1 && word->text != NULL && word->is_all && strlen(word->text) <= MAX_TEXT && !has_times(f) &&
                   !asks_more(f)
               ? word
               : NULL;
}

static int is_times(const lk_user_filter_t *f)
{
    return has_times(f) && f->num_words == 0 && !has_flags(f) && !asks_more(f);
}

/* What at most a few users have. */
static int is_of_few(const lk_user_filter_t *f)
{
    return f->ids != NULL || f->external_id != NULL || lk_user_word_is_unique(&f->words[0]);
}

static lk_status_t walk(lk_admin_t *admin, const lk_user_filter_t *filter, const page_t *page, const char *limit,
                        lk_rows_t *ret_rows, lk_error_t *err)
{
    return lk_admin_sql(admin, has_flags(filter) ? LK_Q_USERS_WALK_FLAGGED : LK_Q_USERS_WALK, ret_rows, err, FILTER(*filter),
                        page->first, page->max, limit);
}

static lk_status_t walk_some(lk_admin_t *admin, const lk_user_filter_t *filter, const page_t *page, long long num_users,
                             lk_rows_t *ret_rows, lk_error_t *err)
{
    return walk(admin, filter, page, lk_printf(admin->req->arena, "%lld", num_users), ret_rows, err);
}

/* Among how many users the page is likely to be full, with half as many for good measure, if it goes on as among the first; 0: that
 * is too many, not known, or there is an index in the order of names. */
static long long users_for_page(const lk_user_filter_t *filter, const page_t *page, int num_found)
{
    if (num_found == 0 || is_times(filter))
        return 0;
    long long likely = WALKED_FIRST * page->num_walked * 3 / 2 / (number(page->first) + num_found);
    return likely <= WALKED_MOST ? likely : 0;
}

/* Which addresses that begin with the word to look at, see 0240: where names are searched too, those whose user's name does not
 * begin with it. */
static const char *addresses_of(lk_arena_t *arena, const lk_user_word_t *word)
{
    int by_name = strchr(word->fields, 'u') != NULL;
    size_t length = lk_utf8_length(word->text);
    int num = by_name && length <= SHARED_BEGINNING ? (int)length : SHARED_BEGINNING + 1;
    return lk_printf(arena, "%.*s}", 2 * num, "{0,1,2,3,4,5");
}

static lk_status_t find_word(lk_admin_t *admin, const lk_user_filter_t *filter, const lk_user_word_t *word, const page_t *page,
                             const char *limit, lk_rows_t *ret_rows, lk_error_t *err)
{
    lk_arena_t *arena = admin->req->arena;
    return lk_admin_sql(admin, LK_Q_USERS_WORD, ret_rows, err, word->text, word->to, shorter(arena, word->text), page->end,
                        page->first, page->max, addresses_of(arena, word), word->part, word->fields, word->pattern,
                        filter->with_service_accounts ? "true" : "false", limit, filter->enabled, filter->verified);
}

/* By which piece of long words they are looked up. */
static lk_status_t choose_parts(lk_admin_t *admin, lk_user_filter_t *filter, lk_error_t *err)
{
    lk_status_t status = LK_OK;
    lk_rows_t rows;
    for (int i = 0; i != 2 && status == LK_OK; ++i) {
        lk_user_word_t *word = &filter->words[i];
        if (word->pieces == NULL)
            continue;
        status = lk_admin_sql(admin, LK_Q_USERS_RAREST, &rows, err, word->pieces);
        if (status == LK_OK && rows.count != 0)
            word->part = lk_row_str(&rows, 0, "part");
        word->pieces = NULL;
    }
    return status;
}

static lk_status_t find_by_index(lk_admin_t *admin, lk_user_filter_t *filter, const page_t *page, const char *limit,
                                 lk_rows_t *ret_rows, lk_error_t *err)
{
    const lk_user_word_t *word = only_word(filter);
    lk_status_t status = choose_parts(admin, filter, err);
    if (status != LK_OK)
        return status;
    if (word != NULL)
        return find_word(admin, filter, word, page, limit, ret_rows, err);
    if (is_times(filter))
        return lk_admin_sql(admin, LK_Q_USERS_CREATED, ret_rows, err, filter->created_from, filter->created_to, page->end,
                            page->first, page->max);
    return lk_admin_sql(admin, LK_Q_USERS_SEARCH, ret_rows, err, FILTER(*filter), page->first, page->max, limit);
}

/* Whether the identity provider has so many users that looking each of them up takes longer than a walk. */
static lk_status_t count_provided(lk_admin_t *admin, const lk_user_filter_t *filter, int *ret_many, lk_error_t *err)
{
    lk_rows_t rows;
    *ret_many = 0;
    if (filter->provider == NULL)
        return LK_OK;
    lk_status_t status = lk_admin_sql(admin, LK_Q_USERS_OF_PROVIDER, &rows, err, filter->provider, MANY_PROVIDED);
    if (status == LK_OK)
        *ret_many = lk_row_int(&rows, 0, "count", 0) == number(MANY_PROVIDED);
    return status;
}

/* In steps. */
static lk_status_t find_page(lk_admin_t *admin, lk_user_filter_t *filter, const page_t *page, lk_rows_t *ret_rows, lk_error_t *err)
{
    int many;
    lk_status_t status = walk_some(admin, filter, page, WALKED_FIRST, ret_rows, err);
    long long likely = status == LK_OK ? users_for_page(filter, page, ret_rows->count) : 0;
    if (status == LK_OK && ret_rows->count != page->size && likely != 0)
        status = walk_some(admin, filter, page, likely, ret_rows, err);
    if (status == LK_OK && ret_rows->count != page->size)
        status = count_provided(admin, filter, &many, err);
    if (status != LK_OK || ret_rows->count == page->size)
        return status;
    if (!many) {
        status = find_by_index(admin, filter, page, lk_printf(admin->req->arena, "%d", FEW), ret_rows, err);
        if (status != LK_OK || ret_rows->count == 0 || lk_row_int(ret_rows, 0, "found", 0) <= FEW)
            return status;
    }
    status = walk_some(admin, filter, page, WALKED_AGAIN, ret_rows, err);
    if (status != LK_OK || ret_rows->count == page->size)
        return status;
    return find_by_index(admin, filter, page, NO_LIMIT, ret_rows, err);
}

static lk_status_t find(lk_admin_t *admin, lk_user_filter_t *filter, const char *max, lk_rows_t *ret_rows, lk_error_t *err)
{
    page_t page = read_page(admin, max);
    const lk_user_word_t *word = only_word(filter);
    if (is_all(filter))
        return walk(admin, filter, &page, NO_LIMIT, ret_rows, err);
    if (filter->num_words == 0 && !has_times(filter) && !asks_more(filter))
        return lk_admin_sql(admin, LK_Q_USERS_FLAGGED, ret_rows, err, filter->enabled, filter->verified, page.end, page.first,
                            page.max);
    if (word != NULL && word->is_whole && !has_flags(filter))
        return lk_admin_sql(admin, LK_Q_USERS_EXACT, ret_rows, err, word->text, word->fields,
                            filter->with_service_accounts ? "true" : "false", page.end, page.first, page.max);
    if (is_of_few(filter) || page.num_walked > MAX_WALKED_PAGE)
        return find_by_index(admin, filter, &page, NO_LIMIT, ret_rows, err);
    return find_page(admin, filter, &page, ret_rows, err);
}

/* Of those that the caller may see: a walk first, as above; then, where everybody is listed, those whom
 * permissions name, unless these are for all. */
static lk_status_t find_permitted(lk_admin_t *admin, lk_user_filter_t *filter, const char *seen, const char *max,
                                  lk_rows_t *ret_rows, lk_error_t *err)
{
    const char *managed = lk_fine_users(admin, "manage");
    page_t page = read_page(admin, max);
    int of_any = lk_fine_is_of_any_user(admin, "view"), to_the_end = of_any && is_all(filter);
    if (to_the_end || page.num_walked <= MAX_WALKED_PAGE) {
        lk_status_t status = lk_admin_sql(admin, LK_Q_USERS_PERMITTED_WALK, ret_rows, err, FILTER(*filter), seen, page.first,
                                          page.max, managed, to_the_end ? NULL : WALKED_PERMITTED);
        if (status != LK_OK || to_the_end || ret_rows->count == page.size)
            return status;
    }
    enum en_lk_query_t query = of_any || !is_all(filter) ? LK_Q_USERS_PERMITTED : LK_Q_USERS_PERMITTED_NAMED;
    return lk_admin_sql(admin, query, ret_rows, err, FILTER(*filter), seen, page.first, page.max, managed);
}

static lk_status_t find_seen(lk_admin_t *admin, lk_user_filter_t *filter, const char *max, lk_rows_t *ret_rows, lk_error_t *err)
{
    if (lk_admin_can(admin, "view-users"))
        return find(admin, filter, max, ret_rows, err);
    const char *seen = lk_fine_users(admin, "view");
    *ret_rows = (lk_rows_t){0};
    return seen != NULL ? find_permitted(admin, filter, seen, max, ret_rows, err) : LK_OK;
}

/* With what brute-force detection has counted. */
static lk_status_t add_failures(lk_admin_t *admin, json_t *user, lk_error_t *err)
{
    json_t *status_of;
    lk_status_t status = lk_login_failures_show(admin, lk_json_str(user, "id", ""), &status_of, err);
    if (status == LK_OK)
        json_object_set_new(user, "bruteForceStatus", status_of);
    return status;
}

static lk_status_t list(lk_admin_t *admin, int with_failures, lk_error_t *err)
{
    const char *max = lk_admin_max(admin->req, PAGE_SIZE);
    unsigned by_row = lk_admin_can(admin, "view-users") ? 0 : LK_USERS_BY_ROW;
    lk_user_filter_t filter;
    lk_rows_t rows;
    lk_status_t status = lk_user_filter_read(admin, &filter, err);
    if (status == LK_OK && is_all(&filter) && !by_row && !with_failures)
        return lk_admin_reply_users(admin, LK_Q_USERS_ALL, filter.with_service_accounts ? "true" : "false", max,
                                    LK_USERS_ACCESS | LK_USERS_HIDE, err);
    if (status == LK_OK)
        status = find_seen(admin, &filter, max, &rows, err);
    if (status != LK_OK)
        return status;
    json_t *users = lk_json_own(admin->req->arena, json_array());
    for (int i = 0; i != rows.count; ++i) {
        json_t *user = lk_admin_show_user(admin, &rows, i, LK_USERS_ACCESS | LK_USERS_HIDE | by_row);
        json_array_append_new(users, user);
        if (with_failures && status == LK_OK)
            status = add_failures(admin, user, err);
    }
    return status == LK_OK ? lk_admin_reply(admin, json_incref(users)) : status;
}

lk_status_t lk_users_list(lk_admin_t *admin, lk_error_t *err)
{
    return list(admin, 0, err);
}

lk_status_t lk_console_users(lk_admin_t *admin, lk_error_t *err)
{
    return list(admin, 1, err);
}

lk_status_t lk_users_count(lk_admin_t *admin, lk_error_t *err)
{
    lk_user_filter_t filter;
    lk_rows_t rows;
    lk_status_t status = lk_user_filter_read(admin, &filter, err);
    if (status == LK_OK)
        status = choose_parts(admin, &filter, err);
    int by_permission = admin->fine != NULL && !lk_admin_can(admin, "view-users");
    if (status == LK_OK && by_permission)
        status = lk_admin_sql(admin,
                              lk_fine_is_of_any_user(admin, "view") || !is_all(&filter) ? LK_Q_USERS_PERMITTED_COUNT
                                                                                        : LK_Q_USERS_PERMITTED_NAMED_COUNT,
                              &rows, err, FILTER(filter), lk_fine_users(admin, "view"));
    else if (status == LK_OK)
        status = lk_admin_sql(admin, LK_Q_USERS_COUNT, &rows, err, FILTER(filter));
    return status == LK_OK ? lk_admin_reply(admin, json_integer(lk_row_int(&rows, 0, "count", 0))) : status;
}
