/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "core/json.h"

#define MAX_DEPTH 1000 /* of whatever is read; with it jansson takes half of a lane's stack */

static void release_json(void *value)
{
    json_decref(value);
}

static void release_text(void *text)
{
    explicit_bzero(text, strlen(text));
    free(text);
}

json_t *lk_json_own(lk_arena_t *arena, json_t *value)
{
    if (value != NULL)
        lk_defer(arena, release_json, value);
    return value;
}

/* Whether arrays and objects stand in each other too deeply: what walks them uses the stack. What is no JSON may be told so here
 * too. */
static int is_deeper(const char *text, size_t len, size_t max_depth)
{
    size_t depth = 0;
    int in_string = 0;
    for (const char *end = text + len; text != end; ++text) {
        if (*text == '"')
            in_string = !in_string;
        else if (in_string)
            text += *text == '\\' && text + 1 != end;
        else if (*text == '[' || *text == '{')
            ++depth;
        else if (*text == ']' || *text == '}')
            depth -= depth != 0;
        if (depth > max_depth)
            return 1;
    }
    return 0;
}

static lk_status_t parse(lk_arena_t *arena, const char *text, size_t len, size_t max_depth, json_t **ret_value, lk_error_t *err)
{
    json_error_t problem;
    if (len != 0 && memchr(text, '\0', len) != NULL) /* jansson takes it for the end */
        return lk_fail(err, LK_INVALID, "invalid_request", "Not JSON: a NUL character");
    if (is_deeper(text, len, max_depth))
        return lk_fail(err, LK_INVALID, "invalid_request", "Not JSON: more than %zu levels", max_depth);
    json_t *value = json_loadb(text, len, JSON_DECODE_ANY, &problem);
    if (value == NULL)
        return lk_fail(err, LK_INVALID, "invalid_request", "Not JSON: line %d, column %d: %s", problem.line, problem.column,
                       problem.text);
    *ret_value = lk_json_own(arena, value);
    return LK_OK;
}

lk_status_t lk_json_parse(lk_arena_t *arena, const char *text, size_t len, json_t **ret_value, lk_error_t *err)
{
    return parse(arena, text, len, MAX_DEPTH, ret_value, err);
}

/* jsonb writes numbers out, however large: 1e300 comes back as 301 digits, which no integer here holds. */
static int has_large_number(const json_t *value)
{
    const char *name;
    json_t *member;
    size_t i;
    if (json_is_real(value))
        return fabs(json_real_value(value)) >= 0x1p63;
    json_object_foreach((json_t *)value, name, member)
    {
        if (has_large_number(member))
            return 1;
    }
    json_array_foreach(value, i, member)
    {
        if (has_large_number(member))
            return 1;
    }
    return 0;
}

lk_status_t lk_json_parse_kept(lk_arena_t *arena, const char *text, size_t len, json_t **ret_value, lk_error_t *err)
{
    json_t *value;
    lk_status_t status = parse(arena, text, len, LK_JSON_MAX_KEPT_DEPTH, &value, err);
    if (status == LK_OK && has_large_number(value))
        status = lk_fail(err, LK_INVALID, "invalid_request", "A number has more than 64 bits");
    if (status == LK_OK)
        *ret_value = value;
    return status;
}

char *lk_json_text(lk_arena_t *arena, const json_t *value)
{
    char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
    if (text != NULL)
        lk_defer(arena, release_text, text);
    return text;
}

int lk_json_names(const json_t *value, const char *text)
{
    return json_is_string(value) ? strcmp(json_string_value(value), text) == 0 : lk_json_lists(value, text);
}

const char *lk_json_str(const json_t *object, const char *name, const char *fallback)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text != NULL ? text : fallback;
}

int lk_json_bool(const json_t *object, const char *name, int fallback)
{
    const json_t *value = json_object_get(object, name);
    return json_is_boolean(value) ? json_is_true(value) : fallback;
}

#define MAX_WHOLE 9e15 /* beyond it a double has no whole seconds any more */

long long lk_json_int(const json_t *object, const char *name, long long fallback)
{
    const json_t *value = json_object_get(object, name);
    if (json_is_real(value) && fabs(json_real_value(value)) < MAX_WHOLE)
        return (long long)json_real_value(value);
    return json_is_integer(value) ? json_integer_value(value) : fallback;
}

#define MAX_TIME 1e15

int64_t lk_json_time(const json_t *value)
{
    double seconds = json_number_value(value);
    return (int64_t)(seconds > MAX_TIME ? MAX_TIME : seconds < -MAX_TIME ? -MAX_TIME : seconds);
}

const char *lk_json_config(const json_t *config, const char *name, const char *fallback)
{
    const json_t *value = json_object_get(config, name);
    if (json_is_array(value))
        value = json_array_get(value, 0);
    if (json_is_boolean(value))
        return json_is_true(value) ? "true" : "false";
    return json_is_string(value) ? json_string_value(value) : fallback;
}

int lk_json_config_bool(const json_t *config, const char *name, int fallback)
{
    const char *text = lk_json_config(config, name, NULL);
    return text == NULL || *text == '\0' ? fallback : strcasecmp(text, "true") == 0;
}

long long lk_json_config_int(const json_t *config, const char *name, long long fallback)
{
    const json_t *value = json_object_get(config, name);
    if (json_is_array(value))
        value = json_array_get(value, 0);
    if (json_is_integer(value))
        return json_integer_value(value);
    const char *text = json_string_value(value);
    char *end;
    if (text == NULL || *text == '\0')
        return fallback;
    errno = 0;
    long long number = strtoll(text, &end, 10);
    return *end != '\0' || errno != 0 ? fallback : number;
}

int lk_json_lists(const json_t *array, const char *text)
{
    size_t i;
    json_t *value;
    json_array_foreach((json_t *)array, i, value)
    {
        if (json_is_string(value) && strcmp(json_string_value(value), text) == 0)
            return 1;
    }
    return 0;
}

const json_t *lk_json_find(const json_t *array, const char *name, const char *value)
{
    size_t i;
    json_t *entry;
    json_array_foreach((json_t *)array, i, entry)
    {
        if (strcmp(lk_json_str(entry, name, ""), value) == 0)
            return entry;
    }
    return NULL;
}
