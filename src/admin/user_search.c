/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "admin/fine_grained.h"
#include "admin/users.h"
#include "core/encode.h"
#include "core/json.h"

/* Lists of users by what their query asks for: patterns for LIKE, made here, that the statements users_search and users_count fit
 * to columns. The column "search" holds user name, e-mail address and names, each between line feeds.
 *
 * What many have is found by walking along the names, what few have by an index: neither is quick for both, and how many there are
 * is only known afterwards. So a short walk comes first, and where it does not fill the page, an index. */

#define PAGE_SIZE "100"
#define MAX_TERMS 16
#define MAX_PATTERN 8192
#define MAX_BEGINNING 255  /* bytes: longer texts are rare enough for any index */
#define SHARED_BEGINNING 5 /* characters that 0082 compares */
#define WALKED "4000"      /* users looked at one by one before an index is asked: some milliseconds */
#define MAX_WALKED_PAGE 1000

typedef struct st_filter_t {
    const char *ids;
    const char *first, *second, *more; /* patterns of "search"; more of them as an array */
    const char *expressions;           /* of terms with a star inside: regular expressions that stay in one field */
    const char *beginning;             /* the only term, if it is just the beginning of a field */
    const char *username, *email, *first_name, *last_name;
    const char *created_from, *created_to; /* milliseconds */
    const char *attributes;                /* JSON */
    const char *provider, *external_id, *enabled, *verified;
    int with_service_accounts;
} filter_t;

/* --- patterns --- */

static void put_escaped(lk_buffer_t *out, const char *text, size_t len, const char *special)
{
    for (size_t i = 0; i != len; ++i) {
        if (strchr(special, text[i]) != NULL)
            lk_buffer_putc(out, '\\');
        lk_buffer_putc(out, text[i]);
    }
}

const char *lk_like_escaped(lk_arena_t *arena, const char *text)
{
    lk_buffer_t out;
    lk_buffer_init(&out, arena, MAX_PATTERN);
    put_escaped(&out, text, strlen(text), "%_\\");
    return out.len != 0 ? out.base : "";
}

/* The text with stars as any text; `any` stands for them. */
static void put_with_stars(lk_buffer_t *out, const char *text, size_t len, const char *special, const char *any)
{
    for (size_t i = 0; i != len; ++i) {
        if (text[i] == '*')
            lk_buffer_puts(out, any);
        else
            put_escaped(out, text + i, 1, special);
    }
}

/* A term of "search": "quoted" is a whole field, others its beginning, with stars for any text. */
static const char *term_pattern(lk_arena_t *arena, const char *term, size_t len)
{
    lk_buffer_t out;
    lk_buffer_init(&out, arena, MAX_PATTERN);
    lk_buffer_puts(&out, *term == '*' ? "%" : "%\n");
    if (len > 1 && *term == '"' && term[len - 1] == '"') {
        put_escaped(&out, term + 1, len - 2, "%_\\");
        lk_buffer_puts(&out, "\n%");
        return out.base;
    }
    put_with_stars(&out, term, len, "%_\\", "%");
    lk_buffer_putc(&out, '%');
    return out.base;
}

static int has_inner_star(const char *term, size_t len)
{
    const char *star = len > 2 ? memchr(term + 1, '*', len - 2) : NULL;
    return star != NULL;
}

/* The same as a regular expression whose stars do not reach over line feeds. */
static const char *term_expression(lk_arena_t *arena, const char *term, size_t len)
{
    lk_buffer_t out;
    lk_buffer_init(&out, arena, MAX_PATTERN);
    lk_buffer_putc(&out, '\n');
    put_with_stars(&out, term, len, "\\^$.[]|()?+{}", "[^\n]*");
    return out.base;
}

/* A Postgres array of texts. */
static void array_add(lk_buffer_t *out, const char *text)
{
    lk_buffer_puts(out, out->len == 0 ? "{\"" : ",\"");
    put_escaped(out, text, strlen(text), "\"\\");
    lk_buffer_putc(out, '"');
}

static const char *array_end(lk_buffer_t *out)
{
    if (out->len == 0)
        return NULL;
    lk_buffer_putc(out, '}');
    return out->base;
}

/* The text that a term begins a field with, or NULL where it asks for more than that. */
static const char *term_beginning(lk_arena_t *arena, const char *term, size_t len)
{
    if (len > 1 && *term == '"' && term[len - 1] == '"')
        return NULL;
    while (len != 0 && term[len - 1] == '*')
        --len;
    return len == 0 || len > MAX_BEGINNING || memchr(term, '*', len) != NULL ? NULL : lk_strndup(arena, term, len);
}

static void read_terms(lk_arena_t *arena, const char *search, filter_t *filter)
{
    lk_buffer_t more, expressions;
    const char *at = lk_utf8_lower(arena, search);
    lk_buffer_init(&more, arena, MAX_TERMS * MAX_PATTERN);
    lk_buffer_init(&expressions, arena, MAX_TERMS * MAX_PATTERN);
    for (int i = 0; i != MAX_TERMS && *(at += strspn(at, " \t\r\n")) != '\0'; ++i) {
        size_t len = strcspn(at, " \t\r\n");
        const char *pattern = term_pattern(arena, at, len);
        filter->beginning = i == 0 ? term_beginning(arena, at, len) : NULL;
        if (i == 0)
            filter->first = pattern;
        else if (i == 1)
            filter->second = pattern;
        else
            array_add(&more, pattern);
        if (has_inner_star(at, len))
            array_add(&expressions, term_expression(arena, at, len));
        at += len;
    }
    filter->more = array_end(&more);
    filter->expressions = array_end(&expressions);
}

/* Of one field: anywhere in it, or the whole. */
static const char *field_pattern(lk_arena_t *arena, const char *text, int exact)
{
    lk_buffer_t out;
    if (text == NULL)
        return NULL;
    const char *lower = lk_utf8_lower(arena, text);
    lk_buffer_init(&out, arena, MAX_PATTERN);
    lk_buffer_puts(&out, exact ? "" : "%");
    lk_buffer_puts(&out, lk_like_escaped(arena, lower));
    lk_buffer_puts(&out, exact ? "" : "%");
    return out.base;
}

/* --- the query --- */

/* yyyy-MM-dd or milliseconds; a day is meant as a whole. */
static lk_status_t read_time(lk_admin_t *admin, const char *name, int is_end, const char **ret_ms, lk_error_t *err)
{
    const char *text = lk_pairs_get(&admin->req->query, name);
    struct tm day = {0};
    if (text == NULL)
        return LK_OK;
    const char *end = strptime(text, "%Y-%m-%d", &day);
    if (*text != '\0' && text[strspn(text, "0123456789")] == '\0' && strlen(text) < 19)
        *ret_ms = text;
    else if (end != NULL && *end == '\0')
        *ret_ms = lk_printf(admin->req->arena, "%lld", (long long)timegm(&day) * 1000 + (is_end ? 86400000 - 1 : 0));
    else
        return lk_fail(err, LK_INVALID, NULL, "Invalid value for '%s', expected format is yyyy-MM-dd or an Epoch timestamp", name);
    return LK_OK;
}

static const char *flag(const lk_admin_t *admin, const char *name)
{
    const char *text = lk_pairs_get(&admin->req->query, name);
    return text == NULL ? NULL : strcasecmp(text, "true") == 0 ? "true" : "false";
}

/* Fields of the profile that are columns, as parameters of their own or in q. */
static const char *const fields[] = {"username", "email", "firstName", "lastName"};
enum { NUM_FIELDS = sizeof(fields) / sizeof(fields[0]) };

#define INDEXED_LENGTH 5 /* of a pattern with three letters, which the trigrams need */

/* What a field must hold, "search" holds too: the index is asked for the two that say most, since each may be what many users have.
 */
static void choose_for_index(lk_arena_t *arena, filter_t *filter)
{
    const char *const patterns[NUM_FIELDS] = {filter->username, filter->email, filter->first_name, filter->last_name};
    for (size_t i = 0; i != NUM_FIELDS; ++i) {
        if (patterns[i] == NULL)
            continue;
        const char *pattern = *patterns[i] == '%' ? patterns[i] : lk_printf(arena, "%%\n%s\n%%", patterns[i]);
        if (filter->first == NULL || strlen(pattern) > strlen(filter->first)) {
            const char *shorter = filter->first;
            filter->first = pattern;
            pattern = shorter;
        }
        if (pattern != NULL && strlen(pattern) >= INDEXED_LENGTH &&
            (filter->second == NULL || strlen(pattern) > strlen(filter->second)))
            filter->second = pattern;
    }
}

static void read_fields(lk_admin_t *admin, filter_t *filter)
{
    lk_arena_t *arena = admin->req->arena;
    const char **into[NUM_FIELDS] = {&filter->username, &filter->email, &filter->first_name, &filter->last_name};
    int exact = lk_admin_flag(admin, "exact", 0);
    lk_pairs_t asked = lk_admin_attributes_asked(admin);
    json_t *attributes = lk_json_own(arena, json_object());
    for (size_t i = 0; i != asked.count; ++i)
        json_object_set_new(attributes, asked.entries[i].name, json_pack("[s]", asked.entries[i].value));
    for (size_t i = 0; i != NUM_FIELDS; ++i) {
        const char *given = lk_pairs_get(&admin->req->query, fields[i]);
        if (given == NULL)
            given = json_string_value(json_array_get(json_object_get(attributes, fields[i]), 0));
        *into[i] = field_pattern(arena, given, exact);
        filter->with_service_accounts |= given != NULL;
        json_object_del(attributes, fields[i]);
    }
    choose_for_index(arena, filter);
    if (json_object_size(attributes) != 0)
        filter->attributes = lk_json_text(arena, attributes);
    filter->provider = lk_pairs_get(&admin->req->query, "idpAlias");
    filter->external_id = lk_pairs_get(&admin->req->query, "idpUserId");
    filter->with_service_accounts |= filter->attributes != NULL || filter->provider != NULL || filter->external_id != NULL ||
                                     filter->enabled != NULL || filter->verified != NULL || filter->created_from != NULL ||
                                     filter->created_to != NULL || lk_pairs_get(&admin->req->query, "exact") != NULL;
}

static lk_status_t read_filter(lk_admin_t *admin, filter_t *ret_filter, lk_error_t *err)
{
    const char *search = lk_pairs_get(&admin->req->query, "search");
    *ret_filter = (filter_t){.enabled = flag(admin, "enabled"), .verified = flag(admin, "emailVerified")};
    lk_status_t status = read_time(admin, "createdAfter", 0, &ret_filter->created_from, err);
    if (status == LK_OK)
        status = read_time(admin, "createdBefore", 1, &ret_filter->created_to, err);
    if (search != NULL && strncmp(search, "id:", 3) == 0)
        *ret_filter = (filter_t){.ids = search + 3, .with_service_accounts = 1};
    else if (search != NULL)
        read_terms(admin->req->arena, search, ret_filter);
    else
        read_fields(admin, ret_filter);
    return status;
}

#define FILTER(f)                                                                                                                  \
    (f).ids, (f).first, (f).more, (f).username, (f).email, (f).first_name, (f).last_name, (f).created_from, (f).created_to,        \
        (f).attributes, (f).provider, (f).external_id, (f).enabled, (f).verified, (f).with_service_accounts ? "true" : "false",    \
        (f).expressions, (f).second

/* All beginnings of a text that end with a whole character, as an array. */
static const char *shorter(lk_arena_t *arena, const char *text)
{
    lk_buffer_t out;
    lk_buffer_init(&out, arena, MAX_TERMS * MAX_PATTERN);
    for (size_t len = 1; text[len] != '\0'; ++len)
        if ((text[len] & 0xc0) != 0x80)
            array_add(&out, lk_strndup(arena, text, len));
    return out.len != 0 ? array_end(&out) : "{}";
}

static int is_all(const filter_t *f)
{
    return f->ids == NULL && f->first == NULL && f->username == NULL && f->email == NULL && f->first_name == NULL &&
           f->last_name == NULL && f->attributes == NULL && f->provider == NULL && f->external_id == NULL && f->enabled == NULL &&
           f->verified == NULL && f->created_from == NULL && f->created_to == NULL;
}

static int is_beginning(const filter_t *f)
{
    return f->beginning != NULL && f->enabled == NULL && f->verified == NULL && f->created_from == NULL && f->created_to == NULL;
}

static long long number(const char *text)
{
    return strtoll(text, NULL, 10);
}

/* U+10FFFF stands behind whatever goes on. */
static lk_status_t find_beginning(lk_admin_t *admin, const char *beginning, const char *first, const char *max, lk_rows_t *ret_rows,
                                  lk_error_t *err)
{
    lk_arena_t *arena = admin->req->arena;
    return lk_admin_sql(admin, LK_Q_USERS_BEGINNING, ret_rows, err, beginning, lk_printf(arena, "%s\xf4\x8f\xbf\xbf", beginning),
                        shorter(arena, beginning), lk_printf(arena, "%lld", number(first) + number(max)), first, max,
                        lk_utf8_length(beginning) <= SHARED_BEGINNING ? "{0}" : "{0,1}");
}

static lk_status_t find(lk_admin_t *admin, const filter_t *filter, const char *max, lk_rows_t *ret_rows, lk_error_t *err)
{
    const char *first = lk_admin_first(admin->req);
    int everyone = is_all(filter), walked = everyone || number(first) + number(max) <= MAX_WALKED_PAGE;
    if (walked) {
        lk_status_t status =
            lk_admin_sql(admin, LK_Q_USERS_WALK, ret_rows, err, FILTER(*filter), first, max, everyone ? NULL : WALKED);
        if (status != LK_OK || everyone || ret_rows->count == number(max))
            return status;
    }
    if (is_beginning(filter))
        return find_beginning(admin, filter->beginning, first, max, ret_rows, err);
    return lk_admin_sql(admin, LK_Q_USERS_SEARCH, ret_rows, err, FILTER(*filter), first, max);
}

/* Of those that the caller may see. */
static lk_status_t find_seen(lk_admin_t *admin, const filter_t *filter, const char *max, lk_rows_t *ret_rows, lk_error_t *err)
{
    const char *seen;
    if (lk_admin_can(admin, "view-users"))
        return find(admin, filter, max, ret_rows, err);
    *ret_rows = (lk_rows_t){0};
    if ((seen = lk_fine_users(admin, "view")) == NULL)
        return LK_OK;
    return lk_admin_sql(admin, LK_Q_USERS_PERMITTED, ret_rows, err, FILTER(*filter), seen, lk_admin_first(admin->req), max,
                        lk_fine_users(admin, "manage"));
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
    const char *max = lk_pairs_get(&admin->req->query, "max");
    unsigned by_row = lk_admin_can(admin, "view-users") ? 0 : LK_USERS_BY_ROW;
    filter_t filter;
    lk_rows_t rows;
    lk_status_t status = read_filter(admin, &filter, err);
    max = lk_admin_max(admin->req, max != NULL && *max == '-' ? LK_ADMIN_ALL : PAGE_SIZE);
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
    filter_t filter;
    lk_rows_t rows;
    lk_status_t status = read_filter(admin, &filter, err);
    int by_permission = admin->fine != NULL && !lk_admin_can(admin, "view-users");
    if (status == LK_OK && by_permission)
        status = lk_admin_sql(admin, LK_Q_USERS_PERMITTED_COUNT, &rows, err, FILTER(filter), lk_fine_users(admin, "view"));
    else if (status == LK_OK)
        status = lk_admin_sql(admin, LK_Q_USERS_COUNT, &rows, err, FILTER(filter));
    return status == LK_OK ? lk_admin_reply(admin, json_integer(lk_row_int(&rows, 0, "count", 0))) : status;
}
