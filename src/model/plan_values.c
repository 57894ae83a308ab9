/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "model/plan_internal.h"

#include <stdlib.h>
#include <string.h>

#define MASK "**********"

static int is_nothing(const json_t *value)
{
    return value == NULL || json_is_null(value) || (json_is_array(value) && json_array_size(value) == 0) ||
           (json_is_object(value) && json_object_size(value) == 0) || (json_is_string(value) && json_string_length(value) == 0);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The elements' texts, sorted; freed with free_texts. */
static char **sorted_texts(const json_t *array, size_t count)
{
    char **texts = calloc(count + 1, sizeof(*texts));
    for (size_t i = 0; texts != NULL && i != count; ++i)
        texts[i] = json_dumps(json_array_get(array, i), JSON_ENCODE_ANY | JSON_SORT_KEYS | JSON_COMPACT);
    if (texts != NULL)
        qsort(texts, count, sizeof(*texts), by_text);
    return texts;
}

static void free_texts(char **texts, size_t count)
{
    for (size_t i = 0; texts != NULL && i != count; ++i)
        free(texts[i]);
    free(texts);
}

static int same_set(const json_t *a, const json_t *b)
{
    size_t count = json_array_size(a);
    if (count != json_array_size(b))
        return 0;
    char **left = sorted_texts(a, count), **right = sorted_texts(b, count);
    int same = left != NULL && right != NULL;
    for (size_t i = 0; same && i != count; ++i)
        same = strcmp(left[i], right[i]) == 0;
    free_texts(left, count);
    free_texts(right, count);
    return same;
}

static int is_same(const json_t *a, const json_t *b);

static int has_all(const json_t *a, const json_t *b)
{
    const char *name;
    json_t *member;
    json_object_foreach((json_t *)a, name, member)
    {
        if (!is_same(member, json_object_get(b, name)))
            return 0;
    }
    return 1;
}

/* Lists are sets, and an empty list, object or text is the same as none. */
static int is_same(const json_t *a, const json_t *b)
{
    if (is_nothing(a) || is_nothing(b))
        return is_nothing(a) && is_nothing(b);
    if (json_is_array(a) && json_is_array(b))
        return same_set(a, b);
    if (json_is_object(a) && json_is_object(b))
        return has_all(a, b) && has_all(b, a);
    return json_equal(a, b);
}

/* --- one member --- */

/* Keys of maps, and members of objects, that hold secrets. */
static int is_secret_name(const char *name)
{
    static const char *const names[] = {"clientSecret", "password", "secret",           "privateKey",  "bindCredential",
                                        "secretData",   "value",    "keystorePassword", "keyPassword", "serverPrivateKey"};
    for (size_t i = 0; i != sizeof(names) / sizeof(names[0]); ++i)
        if (strcmp(names[i], name) == 0)
            return 1;
    return 0;
}

static void note(json_t *fields, const char *name, const json_t *from, const json_t *to, int is_secret)
{
    json_t *left = from == NULL ? json_null() : is_secret ? json_string(MASK) : json_incref((json_t *)from);
    json_t *right = to == NULL ? json_null() : is_secret ? json_string(MASK) : json_incref((json_t *)to);
    json_array_append_new(fields, json_pack("{s:s, s:o, s:o}", "field", name, "from", left, "to", right));
}

static int is_masked(const json_t *value)
{
    if (json_is_array(value) && json_array_size(value) == 1)
        value = json_array_get(value, 0);
    return json_is_string(value) && strcmp(json_string_value(value), MASK) == 0;
}

/* Key by key: null or "" takes one away, a masked one stays. */
static void patch_map(json_t *target, const char *name, const json_t *given, json_t *fields)
{
    json_t *map = json_copy(json_object_get(target, name)), *value;
    const char *key;
    char label[300];
    if (map == NULL)
        map = json_object();
    json_object_foreach((json_t *)given, key, value)
    {
        const json_t *old = json_object_get(map, key);
        if (is_masked(value) || is_same(old, value))
            continue;
        snprintf(label, sizeof(label), "%s.%s", name, key);
        note(fields, label, old, is_nothing(value) ? NULL : value, is_secret_name(key));
        if (is_nothing(value))
            json_object_del(map, key);
        else
            json_object_set_nocheck(map, key, value);
    }
    json_object_set_new_nocheck(target, name, map);
}

static int is_one_of(const char *const *names, const char *name)
{
    for (; names != NULL && *names != NULL; ++names)
        if (strcmp(*names, name) == 0)
            return 1;
    return 0;
}

void lk_plan_patch(const lk_representation_t *rep, const char *const *kept, json_t *target, const json_t *given, json_t *ret_fields)
{
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)given, name, value)
    {
        const lk_field_t *field = lk_field_find(rep, name);
        const json_t *old = json_object_get(target, name);
        if (is_one_of(kept, name) || json_is_null(value) || is_masked(value) || is_same(old, value) ||
            (field != NULL && (field->flags & (LK_FIELD_READ_ONLY | LK_FIELD_FIXED))))
            continue;
        if (field != NULL && (field->type == LK_FIELD_MAP || field->type == LK_FIELD_MULTIMAP)) {
            patch_map(target, name, value, ret_fields);
            continue;
        }
        note(ret_fields, name, old, value, field != NULL && (field->flags & LK_FIELD_SECRET));
        json_object_set_nocheck(target, name, value);
    }
}
