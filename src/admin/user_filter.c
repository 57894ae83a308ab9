/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "admin/user_filter.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "admin/users.h"
#include "core/encode.h"
#include "core/json.h"

/* Texts for LIKE and for ranges of B-trees. The column "search" holds user name, e-mail address and names, each between line feeds.
 */

#define MAX_TERMS 16
#define MAX_PATTERN 8192
#define ALL_FIELDS "{u,e,f,l}"
#define BEHIND_ALL "\xf4\x8f\xbf\xbf" /* U+10FFFF stands behind whatever goes on */

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

static int is_quoted(const char *term, size_t len)
{
    return len > 1 && *term == '"' && term[len - 1] == '"';
}

/* A term of "search": "quoted" is a whole field, others its beginning, with stars for any text. */
static const char *term_pattern(lk_arena_t *arena, const char *term, size_t len)
{
    lk_buffer_t out;
    lk_buffer_init(&out, arena, MAX_PATTERN);
    lk_buffer_puts(&out, *term == '*' ? "%" : "%\n");
    if (is_quoted(term, len)) {
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

void lk_user_array_add(lk_buffer_t *array, const char *text)
{
    lk_buffer_puts(array, array->len == 0 ? "{\"" : ",\"");
    put_escaped(array, text, strlen(text), "\"\\");
    lk_buffer_putc(array, '"');
}

const char *lk_user_array_end(lk_buffer_t *array)
{
    if (array->len == 0)
        return NULL;
    lk_buffer_putc(array, '}');
    return array->base;
}

/* --- words --- */

#define MAX_PIECES 8
#define WINDOW 6 /* characters: four trigrams. Each more costs a look into a list of up to as many entries as there are users */

/* How little a character says: texts in European languages are mostly made of a few letters. */
static int rarity(unsigned char c)
{
    if (c >= 0x80)
        return 3;
    if (c >= '0' && c <= '9')
        return 2;
    if (c < 'a' || c > 'z')
        return 0;
    return strchr("eaionrstl", c) != NULL ? 1 : 2;
}

static int worth(const char *text, size_t len)
{
    int sum = 0;
    for (size_t i = 0; i + 2 < len; ++i) {
        int a = rarity((unsigned char)text[i]), b = rarity((unsigned char)text[i + 1]), c = rarity((unsigned char)text[i + 2]);
        sum += a != 0 && b != 0 && c != 0 ? a + b + c : 0;
    }
    return sum;
}

static int begins_character(char c)
{
    return (c & 0xc0) != 0x80;
}

static const char *part_pattern(lk_arena_t *arena, const char *text)
{
    return lk_printf(arena, "%%%s%%", lk_like_escaped(arena, text));
}

/* Pieces of a text by which it may be looked up, as patterns, the one that promises most first; NULL: the text is short enough. */
static const char *pieces(lk_arena_t *arena, const char *text)
{
    lk_buffer_t out;
    size_t len = strlen(text);
    unsigned char *is_taken = lk_alloc(arena, len + 1);
    if (len <= WINDOW)
        return NULL;
    lk_buffer_init(&out, arena, MAX_PATTERN);
    for (int n = 0; n != MAX_PIECES; ++n) {
        size_t best = len;
        int most = 0;
        for (size_t i = 0; i + WINDOW <= len; ++i) {
            int value = worth(text + i, WINDOW);
            if (value > most && !is_taken[i] && begins_character(text[i]) && begins_character(text[i + WINDOW])) {
                most = value;
                best = i;
            }
        }
        if (best == len)
            break;
        is_taken[best] = 1;
        lk_user_array_add(&out, part_pattern(arena, lk_strndup(arena, text + best, WINDOW)));
    }
    return lk_user_array_end(&out);
}

static lk_user_word_t make_word(lk_arena_t *arena, const char *text, int is_whole, int is_anywhere, const char *fields)
{
    lk_user_word_t word = {.text = text, .to = text, .is_whole = is_whole, .fields = fields, .is_all = 1};
    word.beginning = lk_printf(arena, "%s%%", lk_like_escaped(arena, text));
    if (!is_whole)
        word.to = lk_printf(arena, "%s" BEHIND_ALL, text);
    if (is_anywhere) {
        word.part = word.pattern = part_pattern(arena, text);
        word.pieces = pieces(arena, text);
    }
    return word;
}

/* What a term says without a star: up to the first that is inside it. */
static lk_user_word_t term_word(lk_arena_t *arena, const char *term, size_t len)
{
    if (is_quoted(term, len))
        return make_word(arena, lk_strndup(arena, term + 1, len - 2), 1, 0, ALL_FIELDS);
    size_t stars = 0, end;
    while (stars != len && term[stars] == '*')
        ++stars;
    for (end = stars; end != len && term[end] != '*'; ++end)
        ;
    lk_user_word_t word = make_word(arena, lk_strndup(arena, term + stars, end - stars), 0, stars != 0, ALL_FIELDS);
    while (end != len && term[end] == '*')
        ++end;
    word.is_all = end == len;
    return word;
}

#define BEGINNING 3 /* characters, of the index user_beginnings */

static const char *first_characters(lk_arena_t *arena, const char *text)
{
    size_t len = 0, count = 0;
    for (; text[len] != '\0' && (count += (size_t)begins_character(text[len])) <= BEGINNING; ++len)
        ;
    return lk_strndup(arena, text, len);
}

int lk_user_word_is_unique(const lk_user_word_t *word)
{
    return word->is_whole && strpbrk(word->fields, "fl") == NULL;
}

static int says_more(const lk_user_word_t *word, const lk_user_word_t *than)
{
    int is_unique = lk_user_word_is_unique(word), other_is = lk_user_word_is_unique(than);
    return is_unique != other_is ? is_unique : strlen(word->text) > strlen(than->text);
}

/* Keeps the two that say most: what only one user has, or the longest. */
static void add_word(lk_user_filter_t *filter, lk_user_word_t word)
{
    ++filter->num_words;
    if (*word.text == '\0')
        return;
    for (int i = 0; i != 2; ++i) {
        if (filter->words[i].text == NULL || says_more(&word, &filter->words[i])) {
            lk_user_word_t shorter = filter->words[i];
            filter->words[i] = word;
            word = shorter;
        }
        if (word.text == NULL)
            return;
    }
}

/* What two words have in common is found by their first characters too, each of which many may have. */
static void read_beginnings(lk_arena_t *arena, lk_user_filter_t *filter)
{
    lk_buffer_t beginnings;
    lk_buffer_init(&beginnings, arena, MAX_PATTERN);
    for (int i = 0; i != 2 && filter->words[1].text != NULL; ++i) {
        lk_user_word_t *word = &filter->words[i];
        const char *first = first_characters(arena, word->text);
        if (lk_utf8_length(first) != BEGINNING || strpbrk(first, "%_\\") != NULL)
            continue;
        if (word->part != NULL)
            word->fields = "{}";
        else
            lk_user_array_add(&beginnings, first);
    }
    filter->beginnings = lk_user_array_end(&beginnings);
}

static void read_terms(lk_arena_t *arena, const char *search, lk_user_filter_t *filter)
{
    lk_buffer_t patterns, expressions;
    const char *at = lk_utf8_lower(arena, search);
    lk_buffer_init(&patterns, arena, MAX_TERMS * MAX_PATTERN);
    lk_buffer_init(&expressions, arena, MAX_TERMS * MAX_PATTERN);
    for (int i = 0; i != MAX_TERMS && *(at += strspn(at, " \t\r\n")) != '\0'; ++i) {
        size_t len = strcspn(at, " \t\r\n");
        add_word(filter, term_word(arena, at, len));
        lk_user_array_add(&patterns, term_pattern(arena, at, len));
        if (has_inner_star(at, len))
            lk_user_array_add(&expressions, term_expression(arena, at, len));
        at += len;
    }
    filter->patterns = lk_user_array_end(&patterns);
    filter->expressions = lk_user_array_end(&expressions);
    read_beginnings(arena, filter);
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

static const char *const letters[NUM_FIELDS] = {"{u}", "{e}", "{f}", "{l}"};

/* Of one field: anywhere in it, or the whole. */
static const char *field_pattern(lk_arena_t *arena, const char *text, int exact)
{
    const char *escaped = lk_like_escaped(arena, text);
    return exact ? escaped : lk_printf(arena, "%%%s%%", escaped);
}

static void read_fields(lk_admin_t *admin, lk_user_filter_t *filter)
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
        if (given != NULL) {
            const char *lower = lk_utf8_lower(arena, given);
            *into[i] = field_pattern(arena, lower, exact);
            add_word(filter, make_word(arena, lower, exact, !exact, letters[i]));
            filter->with_service_accounts = 1;
        }
        json_object_del(attributes, fields[i]);
    }
    read_beginnings(arena, filter);
    if (json_object_size(attributes) != 0)
        filter->attributes = lk_json_text(arena, attributes);
    filter->provider = lk_pairs_get(&admin->req->query, "idpAlias");
    filter->external_id = lk_pairs_get(&admin->req->query, "idpUserId");
    filter->with_service_accounts |= filter->attributes != NULL || filter->provider != NULL || filter->external_id != NULL ||
                                     filter->enabled != NULL || filter->verified != NULL || filter->created_from != NULL ||
                                     filter->created_to != NULL || lk_pairs_get(&admin->req->query, "exact") != NULL;
}

lk_status_t lk_user_filter_read(lk_admin_t *admin, lk_user_filter_t *ret_filter, lk_error_t *err)
{
    const char *search = lk_pairs_get(&admin->req->query, "search");
    *ret_filter = (lk_user_filter_t){.enabled = flag(admin, "enabled"), .verified = flag(admin, "emailVerified")};
    lk_status_t status = read_time(admin, "createdAfter", 0, &ret_filter->created_from, err);
    if (status == LK_OK)
        status = read_time(admin, "createdBefore", 1, &ret_filter->created_to, err);
    if (search != NULL && strncmp(search, "id:", 3) == 0)
        *ret_filter = (lk_user_filter_t){.ids = search + 3, .with_service_accounts = 1};
    else if (search != NULL)
        read_terms(admin->req->arena, search, ret_filter);
    else
        read_fields(admin, ret_filter);
    return status;
}
