/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "cli/attributes.h"

#include <stdlib.h>
#include <string.h>
#include "core/encode.h"

static lk_status_t bad_key(lk_error_t *err, const char *key, size_t position)
{
    return lk_fail(err, LK_INVALID, NULL, "Invalid attribute key: %s (at position %zu)", key, position);
}

/* "name[3]" becomes name and index; brackets that do not end the name are a part of it. */
static lk_status_t split_index(lk_arena_t *arena, const char *key, const char *part, size_t len, lk_path_t *path, lk_error_t *err)
{
    const char *open = memrchr(part, '[', len);
    char *end = NULL;
    path->steps[path->count].index = -1;
    path->steps[path->count++].name = lk_strndup(arena, part, len);
    if (len == 0 || part[len - 1] != ']')
        return LK_OK;
    if (open == NULL || open == part)
        return lk_fail(err, LK_INVALID, NULL, "Invalid attribute key: %s (']' not allowed here)", key);
    long index = open[1] >= '0' && open[1] <= '9' ? strtol(open + 1, &end, 10) : -1;
    if (end != part + len - 1 || index < 0 || index > LK_PATH_MAX_INDEX)
        return lk_fail(err, LK_INVALID, NULL, "Invalid attribute key: %s (Invalid array index: '%.*s')", key,
                       (int)(part + len - open), open);
    path->steps[path->count - 1].name = lk_strndup(arena, part, (size_t)(open - part));
    path->steps[path->count - 1].index = (int)index;
    return LK_OK;
}

lk_status_t lk_path_parse(lk_arena_t *arena, const char *key, lk_path_t *ret_path, lk_error_t *err)
{
    lk_path_t path = {0};
    const char *at = key;
    if (!lk_utf8_valid(key, strlen(key)))
        return lk_fail(err, LK_INVALID, NULL, "Invalid attribute key: it is not UTF-8");
    for (;; ++at) {
        int quoted = *at == '"';
        size_t len = strcspn(at + quoted, quoted ? "\"" : ".");
        const char *after = at + quoted + len + quoted;
        if (quoted && at[1 + len] == '\0')
            return bad_key(err, key, strlen(key));
        if (path.count == LK_PATH_MAX)
            return bad_key(err, key, (size_t)(at - key));
        if (len == 0 || (*after != '\0' && *after != '.'))
            return bad_key(err, key, (size_t)(after - key) + (*after != '\0'));
        if (quoted)
            path.steps[path.count].index = -1, path.steps[path.count++].name = lk_strndup(arena, at + 1, len);
        else if (split_index(arena, key, at, len, &path, err) != LK_OK)
            return err != NULL ? err->kind : LK_INVALID;
        at = after;
        if (*at == '\0')
            break;
    }
    *ret_path = path;
    return LK_OK;
}

/* JSON where it is valid, null where it is empty, the text itself otherwise. New reference, or NULL with *err. */
static json_t *value_of(lk_arena_t *arena, const char *text, lk_error_t *err)
{
    size_t len = strlen(text);
    json_t *value;
    (void)arena;
    if (len == 0)
        return json_null();
    if (text[0] == '"') {
        if (len < 2 || text[len - 1] != '"') {
            lk_fail(err, LK_INVALID, NULL, "Invalid string value: %s", text);
            return NULL;
        }
        text += 1, len -= 2;
    } else if (strchr("{[-0123456789tfn", text[0]) != NULL) {
        value = json_loadb(text, len, JSON_DECODE_ANY, NULL);
        if (value != NULL)
            return value;
    }
    value = json_stringn(text, len);
    if (value == NULL)
        lk_fail(err, LK_INVALID, NULL, "Not UTF-8");
    return value;
}

/* The array's item, with nulls before it where the array is shorter. */
static void put_item(json_t *array, size_t index, json_t *value)
{
    while (json_array_size(array) < index)
        json_array_append_new(array, json_null());
    if (index == json_array_size(array))
        json_array_append_new(array, value);
    else
        json_array_set_new(array, index, value);
}

static json_t *array_member(json_t *object, const char *name)
{
    json_t *array = json_object_get(object, name);
    if (!json_is_array(array))
        json_object_set_new(object, name, array = json_array());
    return array;
}

/* The object that a step leads to, made where it is missing; NULL where something else is in its place. */
static json_t *enter(json_t *object, const char *name, int index)
{
    json_t *next = json_object_get(object, name);
    if (index >= 0) {
        json_t *array = array_member(object, name);
        next = json_array_get(array, (size_t)index);
        if (next == NULL || json_is_null(next)) {
            put_item(array, (size_t)index, json_object());
            next = json_array_get(array, (size_t)index);
        }
    } else if (next == NULL || json_is_null(next)) {
        json_object_set_new(object, name, next = json_object());
    }
    return json_is_object(next) ? next : NULL;
}

lk_status_t lk_attribute_set(lk_arena_t *arena, json_t *object, const char *assignment, lk_error_t *err)
{
    size_t len = strcspn(assignment, "=");
    int append = len != 0 && assignment[len - 1] == '+';
    const char *key = lk_strndup(arena, assignment, len - (size_t)append);
    lk_path_t path;
    json_t *value;
    if (lk_path_parse(arena, key, &path, err) != LK_OK)
        return err->kind;
    for (size_t i = 0; i + 1 != path.count; ++i)
        if ((object = enter(object, path.steps[i].name, path.steps[i].index)) == NULL)
            return lk_fail(err, LK_INVALID, NULL, "Failed to set attribute \"%s\": '%s' is no object", key, path.steps[i].name);
    if ((value = value_of(arena, assignment + len + (assignment[len] == '='), err)) == NULL)
        return err->kind;
    const char *name = path.steps[path.count - 1].name;
    int index = path.steps[path.count - 1].index;
    if (append)
        json_array_append_new(array_member(object, name), value);
    else if (index >= 0)
        put_item(array_member(object, name), (size_t)index, value);
    else
        json_object_set_new(object, name, value);
    return LK_OK;
}

lk_status_t lk_attribute_delete(lk_arena_t *arena, json_t *object, const char *key, lk_error_t *err)
{
    lk_path_t path;
    if (lk_path_parse(arena, key, &path, err) != LK_OK)
        return err->kind;
    for (size_t i = 0; i + 1 != path.count; ++i) {
        object = json_object_get(object, path.steps[i].name);
        if (path.steps[i].index >= 0)
            object = json_array_get(object, (size_t)path.steps[i].index);
    }
    if (path.steps[path.count - 1].index >= 0)
        json_array_remove(json_object_get(object, path.steps[path.count - 1].name), (size_t)path.steps[path.count - 1].index);
    else
        json_object_del(object, path.steps[path.count - 1].name);
    return LK_OK;
}
