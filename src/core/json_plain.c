/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "core/json_plain.h"

#include <string.h>

/* jansson takes text character by character, through a function for each and a buffer that grows. */

#define MAX_DEPTH 64
#define MAX_DIGITS 18 /* of a whole number that cannot overflow */

typedef struct st_reader_t {
    const char *at, *end;
} reader_t;

static json_t *read_value(reader_t *reader, int depth);

/* The next character that is no white space; '\0' at the end. */
static char peek(reader_t *reader)
{
    while (reader->at != reader->end && (*reader->at == ' ' || *reader->at == '\n' || *reader->at == '\r' || *reader->at == '\t'))
        ++reader->at;
    return reader->at != reader->end ? *reader->at : '\0';
}

static int take(reader_t *reader, char wanted)
{
    if (peek(reader) != wanted)
        return 0;
    ++reader->at;
    return 1;
}

/* Between quotes, without escapes; whether it is UTF-8 is seen by whoever makes a value of it. */
static int read_text(reader_t *reader, const char **ret_text, size_t *ret_len)
{
    if (!take(reader, '"'))
        return 0;
    const char *text = reader->at, *at = text;
    while (at != reader->end && *at != '"' && *at != '\\' && (unsigned char)*at >= ' ')
        ++at;
    if (at == reader->end || *at != '"')
        return 0;
    *ret_text = text;
    *ret_len = (size_t)(at - text);
    reader->at = at + 1;
    return 1;
}

static json_t *read_string(reader_t *reader)
{
    const char *text;
    size_t len;
    return read_text(reader, &text, &len) ? json_stringn(text, len) : NULL;
}

static json_t *read_number(reader_t *reader)
{
    json_int_t value = 0;
    int negative = take(reader, '-');
    const char *begin = reader->at;
    for (; reader->at != reader->end && *reader->at >= '0' && *reader->at <= '9'; ++reader->at) {
        if (reader->at - begin == MAX_DIGITS)
            return NULL;
        value = 10 * value + (*reader->at - '0');
    }
    if (reader->at == begin || (*begin == '0' && reader->at - begin != 1) ||
        (reader->at != reader->end && (*reader->at == '.' || *reader->at == 'e' || *reader->at == 'E')))
        return NULL;
    return json_integer(negative ? -value : value);
}

static json_t *read_word(reader_t *reader)
{
    static const struct {
        const char *word;
        size_t len;
        json_t *(*make)(void);
    } words[] = {{"true", 4, json_true}, {"false", 5, json_false}, {"null", 4, json_null}};
    for (size_t i = 0; i != sizeof(words) / sizeof(words[0]); ++i) {
        if ((size_t)(reader->end - reader->at) < words[i].len || memcmp(reader->at, words[i].word, words[i].len) != 0)
            continue;
        reader->at += words[i].len;
        return words[i].make();
    }
    return NULL;
}

static int read_member(reader_t *reader, json_t *object, int depth)
{
    const char *name;
    size_t len;
    json_t *value;
    return read_text(reader, &name, &len) && take(reader, ':') && (value = read_value(reader, depth)) != NULL &&
           json_object_setn_new(object, name, len, value) == 0;
}

static int read_element(reader_t *reader, json_t *array, int depth)
{
    json_t *value = read_value(reader, depth);
    return value != NULL && json_array_append_new(array, value) == 0;
}

/* Takes `list` over. */
static json_t *read_list(reader_t *reader, json_t *list, char close, int (*read_next)(reader_t *, json_t *, int), int depth)
{
    ++reader->at;
    if (take(reader, close))
        return list;
    do {
        if (depth == MAX_DEPTH || !read_next(reader, list, depth + 1)) {
            json_decref(list);
            return NULL;
        }
    } while (take(reader, ','));
    if (take(reader, close))
        return list;
    json_decref(list);
    return NULL;
}

static json_t *read_value(reader_t *reader, int depth)
{
    switch (peek(reader)) {
    case '{':
        return read_list(reader, json_object(), '}', read_member, depth);
    case '[':
        return read_list(reader, json_array(), ']', read_element, depth);
    case '"':
        return read_string(reader);
    case 't':
    case 'f':
    case 'n':
        return read_word(reader);
    default:
        return read_number(reader);
    }
}

json_t *lk_json_plain(const char *text, size_t len)
{
    reader_t reader = {text, text + len};
    json_t *value = read_value(&reader, 0);
    peek(&reader);
    if (value == NULL || reader.at == reader.end)
        return value;
    json_decref(value);
    return NULL;
}
