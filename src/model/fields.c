/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "model/fields.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static const char *const type_names[] = {
    [LK_FIELD_STRING] = "a string",
    [LK_FIELD_BOOL] = "true or false",
    [LK_FIELD_INT] = "a number of 32 bits",
    [LK_FIELD_LONG] = "a number",
    [LK_FIELD_STRINGS] = "an array of strings",
    [LK_FIELD_MAP] = "an object of strings",
    [LK_FIELD_MULTIMAP] = "an object of arrays of strings",
    [LK_FIELD_OBJECT] = "an object",
    [LK_FIELD_ARRAY] = "an array",
};

const lk_field_t *lk_field_find(const lk_representation_t *rep, const char *name)
{
    for (size_t i = 0; i != rep->num_fields; ++i)
        if (strcmp(rep->fields[i].name, name) == 0)
            return &rep->fields[i];
    return NULL;
}

/* Strict types out of what Jackson would take: each returns a new reference (of the value itself where it is strict), or NULL. */

static json_t *to_string(const json_t *value)
{
    char text[64];
    if (json_is_integer(value))
        snprintf(text, sizeof(text), "%lld", (long long)json_integer_value(value));
    else if (json_is_boolean(value))
        snprintf(text, sizeof(text), "%s", json_is_true(value) ? "true" : "false");
    else if (json_is_real(value)) {
        char *dumped = json_dumps(value, JSON_ENCODE_ANY);
        json_t *result = json_string(dumped);
        free(dumped);
        return result;
    } else
        return json_is_string(value) ? json_incref((json_t *)value) : NULL;
    return json_string(text);
}

/* Jackson's null, where text stands for a number or boolean. */
static int is_empty_text(const json_t *value)
{
    return json_is_string(value) && json_string_length(value) == 0;
}

static json_t *to_bool(const json_t *value)
{
    if (is_empty_text(value))
        return json_null();
    if (json_is_boolean(value))
        return json_incref((json_t *)value);
    if (json_is_integer(value))
        return json_boolean(json_integer_value(value) != 0);
    const char *text = json_string_value(value);
    if (text == NULL)
        return NULL;
    if (strcmp(text, "true") == 0 || strcmp(text, "True") == 0 || strcmp(text, "TRUE") == 0)
        return json_true();
    if (strcmp(text, "false") == 0 || strcmp(text, "False") == 0 || strcmp(text, "FALSE") == 0)
        return json_false();
    return NULL;
}

static json_t *to_integer(const json_t *value, int64_t min, int64_t max)
{
    int64_t number;
    if (is_empty_text(value))
        return json_null();
    if (json_is_integer(value)) {
        number = json_integer_value(value);
    } else if (json_is_real(value)) {
        double real = json_real_value(value);
        if (!(real > -9.0e18 && real < 9.0e18))
            return NULL;
        number = (int64_t)real;
    } else if (json_is_string(value)) {
        const char *text = json_string_value(value);
        char *end;
        errno = 0;
        number = strtoll(text, &end, 10);
        if (errno != 0 || end == text || *end != '\0')
            return NULL;
    } else {
        return NULL;
    }
    return number < min || number > max ? NULL : json_integer(number);
}

static json_t *to_strings(const json_t *value)
{
    if (!json_is_array(value))
        return NULL;
    json_t *result = json_array();
    size_t i;
    json_t *entry;
    int strict = 1;
    json_array_foreach((json_t *)value, i, entry)
    {
        json_t *text = json_is_null(entry) ? NULL : to_string(entry);
        if (text == NULL) {
            json_decref(result);
            return NULL;
        }
        strict &= text == entry;
        json_array_append_new(result, text);
    }
    if (!strict)
        return result;
    json_decref(result);
    return json_incref((json_t *)value);
}

/* A single text stands for an array of it. */
static json_t *to_strings_or_one(const json_t *value)
{
    if (json_is_array(value))
        return to_strings(value);
    json_t *single = to_string(value);
    return single != NULL ? json_pack("[o]", single) : NULL;
}

static json_t *to_map(const json_t *value, json_t *(*to_member)(const json_t *))
{
    if (!json_is_object(value))
        return NULL;
    json_t *result = json_object(), *member;
    const char *name;
    int strict = 1;
    json_object_foreach((json_t *)value, name, member)
    {
        json_t *converted = json_is_null(member) ? json_null() : to_member(member);
        if (converted == NULL) {
            json_decref(result);
            return NULL;
        }
        strict &= converted == member;
        json_object_set_new_nocheck(result, name, converted);
    }
    if (!strict)
        return result;
    json_decref(result);
    return json_incref((json_t *)value);
}

/* Jackson has no null for a Java boolean or int. */
static json_t *zero_of(const lk_field_t *field)
{
    return field->type == LK_FIELD_BOOL ? json_false() : json_integer(0);
}

/* Whether a member says nothing about its field. */
static int is_absent(const lk_field_t *field, const json_t *member)
{
    return member == NULL || (json_is_null(member) && (field == NULL || !(field->flags & LK_FIELD_PRIMITIVE)));
}

static json_t *convert(const lk_field_t *field, const json_t *value)
{
    if ((field->flags & LK_FIELD_PRIMITIVE) && (json_is_null(value) || is_empty_text(value)))
        return zero_of(field);
    switch (field->type) {
    case LK_FIELD_STRING:
        return to_string(value);
    case LK_FIELD_BOOL:
        return to_bool(value);
    case LK_FIELD_INT:
        return to_integer(value, INT32_MIN, INT32_MAX);
    case LK_FIELD_LONG:
        return to_integer(value, INT64_MIN, INT64_MAX);
    case LK_FIELD_STRINGS:
        return to_strings(value);
    case LK_FIELD_MAP:
        return to_map(value, to_string);
    case LK_FIELD_MULTIMAP:
        return to_map(value, field->flags & LK_FIELD_LENIENT ? to_strings_or_one : to_strings);
    case LK_FIELD_OBJECT:
        return json_is_object(value) ? json_incref((json_t *)value) : NULL;
    case LK_FIELD_ARRAY:
        return json_is_array(value) ? json_incref((json_t *)value) : NULL;
    }
    return NULL;
}

static json_t *parse_fallback(const lk_field_t *field)
{
    return field->fallback != NULL ? json_loads(field->fallback, JSON_DECODE_ANY, NULL) : NULL;
}

/* --- what walks the tables --- */

lk_status_t lk_rep_check(const lk_representation_t *rep, const json_t *value, const char *path, int refuse_unknown, lk_error_t *err)
{
    if (!json_is_object(value))
        return lk_fail(err, LK_INVALID, NULL, "%s: expected an object (%s)", path, rep->name);
    const char *name;
    json_t *member;
    json_object_foreach((json_t *)value, name, member)
    {
        const lk_field_t *field = lk_field_find(rep, name);
        if (field == NULL && refuse_unknown)
            return lk_fail(err, LK_INVALID, NULL, "Unrecognized field \"%.100s\"", name);
        if (field == NULL || json_is_null(member))
            continue;
        json_t *strict = convert(field, member);
        if (strict == NULL)
            return lk_fail(err, LK_INVALID, NULL, "%s.%s: expected %s", path, name, type_names[field->type]);
        json_decref(strict);
    }
    return LK_OK;
}

lk_status_t lk_rep_check_deep(const lk_representation_t *rep, const json_t *value, lk_error_t *err)
{
    lk_status_t status = lk_rep_check(rep, value, "$", 0, err);
    for (size_t i = 0; i != rep->num_fields && status == LK_OK; ++i) {
        const lk_representation_t *of = rep->fields[i].of;
        const json_t *member = json_object_get(value, rep->fields[i].name);
        if (of != NULL && json_is_object(member))
            status = lk_rep_check_deep(of, member, err);
        for (size_t j = 0; of != NULL && j != json_array_size(member) && status == LK_OK; ++j)
            status = lk_rep_check_deep(of, json_array_get(member, j), err);
    }
    return status;
}

void lk_rep_convert(const lk_representation_t *rep, json_t *value)
{
    const char *name;
    json_t *member, *entry;
    size_t i;
    json_object_foreach(value, name, member)
    {
        const lk_field_t *field = lk_field_find(rep, name);
        json_t *strict = field != NULL && !is_absent(field, member) ? convert(field, member) : NULL;
        if (strict == NULL)
            continue;
        /* The name is the key of the member that is replaced: its place in the object stays. */
        json_object_set_new_nocheck(value, name, strict);
        if (field->of == NULL)
            continue;
        if (field->type == LK_FIELD_OBJECT)
            lk_rep_convert(field->of, strict);
        json_array_foreach(strict, i, entry) lk_rep_convert(field->of, entry);
    }
}

void lk_rep_fill(const lk_representation_t *rep, json_t *value)
{
    for (size_t i = 0; i != rep->num_fields; ++i) {
        const lk_field_t *field = &rep->fields[i];
        const json_t *member = json_object_get(value, field->name);
        if (field->fallback != NULL && is_absent(field, member))
            json_object_set_new_nocheck(value, field->name, parse_fallback(field));
    }
}

lk_strings_t lk_strings_from_json(lk_arena_t *arena, const json_t *array)
{
    size_t count = json_array_size(array);
    const char **entries = LK_NEW_ARRAY(arena, const char *, count);
    for (size_t i = 0; i != count; ++i) {
        const char *text = json_string_value(json_array_get(array, i));
        entries[i] = text != NULL ? text : "";
    }
    return (lk_strings_t){entries, count};
}

static void load_field(const lk_field_t *field, lk_arena_t *arena, const json_t *value, char *at)
{
    switch (field->type) {
    case LK_FIELD_STRING:
        *(const char **)at = json_string_value(value);
        break;
    case LK_FIELD_BOOL:
        *(int *)at = json_is_true(value);
        break;
    case LK_FIELD_INT:
    case LK_FIELD_LONG:
        *(int64_t *)at = json_integer_value(value);
        break;
    case LK_FIELD_STRINGS:
        *(lk_strings_t *)at = lk_strings_from_json(arena, value);
        break;
    case LK_FIELD_MAP:
    case LK_FIELD_MULTIMAP:
    case LK_FIELD_OBJECT:
    case LK_FIELD_ARRAY:
        *(const json_t **)at = value;
        break;
    }
}

void lk_rep_load(const lk_representation_t *rep, lk_arena_t *arena, const json_t *value, void *ret_struct)
{
    for (size_t i = 0; i != rep->num_fields; ++i) {
        const lk_field_t *field = &rep->fields[i];
        if (field->offset < 0)
            continue;
        const json_t *member = json_object_get(value, field->name);
        json_t *strict = member != NULL ? convert(field, member) : NULL;
        if (strict == NULL || json_is_null(strict))
            strict = parse_fallback(field);
        if (strict == NULL)
            continue;
        /* A value that was strict already is the caller's own and outlives the struct anyway. */
        if (strict == member)
            json_decref(strict);
        else
            lk_json_own(arena, strict);
        load_field(field, arena, strict, (char *)ret_struct + field->offset);
    }
}

/* Keycloak keeps no null in a map. Takes the reference. */
static json_t *without_nulls(const lk_field_t *field, json_t *map)
{
    const char *name;
    json_t *value, *kept;
    if (field->type != LK_FIELD_MAP && field->type != LK_FIELD_MULTIMAP)
        return map;
    kept = json_object();
    json_object_foreach(map, name, value)
    {
        if (!json_is_null(value))
            json_object_set_nocheck(kept, name, value);
    }
    if (json_object_size(kept) != json_object_size(map)) {
        json_decref(map);
        return kept;
    }
    json_decref(kept);
    return map;
}

static void merge_map(json_t *target, const lk_field_t *field, json_t *patch)
{
    const char *name;
    json_t *value, *map = json_copy(json_object_get(target, field->name));
    if (map == NULL)
        map = json_object();
    json_object_foreach(patch, name, value)
    {
        if (json_is_null(value) || ((field->flags & LK_FIELD_KEEPS_EMPTY) == 0 && is_empty_text(value)))
            json_object_del(map, name);
        else
            json_object_set_nocheck(map, name, value);
    }
    json_object_set_new_nocheck(target, field->name, map);
}

void lk_rep_patch(const lk_representation_t *rep, json_t *target, const json_t *patch)
{
    for (size_t i = 0; i != rep->num_fields; ++i) {
        const lk_field_t *field = &rep->fields[i];
        json_t *given = json_object_get(patch, field->name);
        if (is_absent(field, given) || (field->flags & (LK_FIELD_READ_ONLY | LK_FIELD_FIXED | LK_FIELD_CHILD)))
            continue;
        json_t *strict = convert(field, given);
        if (strict == NULL || json_is_null(strict))
            continue;
        if (field->flags & LK_FIELD_MERGE) {
            merge_map(target, field, strict);
            json_decref(strict);
        } else {
            json_object_set_new_nocheck(target, field->name, without_nulls(field, strict));
        }
    }
}

json_t *lk_rep_replace(const lk_representation_t *rep, const json_t *old, const json_t *patch)
{
    json_t *result = json_object();
    for (size_t i = 0; i != rep->num_fields; ++i) {
        const lk_field_t *field = &rep->fields[i];
        json_t *kept = json_object_get(old, field->name);
        if (kept != NULL && (field->flags & (LK_FIELD_FIXED | LK_FIELD_CHILD)))
            json_object_set_nocheck(result, field->name, kept);
    }
    lk_rep_patch(rep, result, patch);
    return result;
}

/* The members of `value` without null and without fields of any of these flags, in their strict types; unknown members stay. */
static json_t *strict_members(const lk_representation_t *rep, const json_t *value, unsigned without)
{
    json_t *result = json_object(), *member;
    const char *name;
    json_object_foreach((json_t *)value, name, member)
    {
        const lk_field_t *field = lk_field_find(rep, name);
        if (is_absent(field, member) || (field != NULL && (field->flags & without)))
            continue;
        json_t *strict = field != NULL ? convert(field, member) : NULL;
        if (strict != NULL && json_is_null(strict))
            continue;
        json_object_set_new_nocheck(result, name, strict != NULL ? strict : json_incref(member));
    }
    return result;
}

json_t *lk_rep_strict(const lk_representation_t *rep, const json_t *value)
{
    return strict_members(rep, value, LK_FIELD_READ_ONLY);
}

json_t *lk_rep_stored(const lk_representation_t *rep, const json_t *value)
{
    json_t *stored = strict_members(rep, value, LK_FIELD_READ_ONLY | LK_FIELD_CHILD | LK_FIELD_COLUMN);
    for (size_t i = 0; i != rep->num_fields; ++i) {
        json_t *member = json_object_get(stored, rep->fields[i].name);
        if (member != NULL)
            json_object_set_new_nocheck(stored, rep->fields[i].name, without_nulls(&rep->fields[i], json_incref(member)));
    }
    return stored;
}

static void add_unknown(const lk_representation_t *rep, json_t *target, const json_t *value)
{
    const char *name;
    json_t *member;
    json_object_foreach((json_t *)value, name, member)
    {
        if (lk_field_find(rep, name) == NULL && !json_is_null(member))
            json_object_set_nocheck(target, name, member);
    }
}

json_t *lk_rep_answer(const lk_representation_t *rep, const json_t *value, unsigned flags)
{
    json_t *result = json_object();
    for (size_t i = 0; i != rep->num_fields; ++i) {
        const lk_field_t *field = &rep->fields[i];
        json_t *member = json_object_get(value, field->name);
        if (member == NULL || json_is_null(member) || (field->flags & LK_FIELD_CHILD))
            continue;
        if ((flags & LK_ANSWER_BRIEF) && !(field->flags & LK_FIELD_BRIEF))
            continue;
        if (!(flags & LK_ANSWER_EXPORT) && (field->flags & LK_FIELD_EXPORT))
            continue;
        if ((flags & LK_ANSWER_MASK) && (field->flags & LK_FIELD_SECRET))
            json_object_set_new_nocheck(result, field->name, json_string("**********"));
        else
            json_object_set_nocheck(result, field->name, member);
    }
    if (flags & LK_ANSWER_EXPORT)
        add_unknown(rep, result, value);
    return result;
}

json_t *lk_rep_ordered(const lk_representation_t *rep, const json_t *value)
{
    json_t *result = json_object();
    for (size_t i = 0; i != rep->num_fields; ++i) {
        json_t *member = json_object_get(value, rep->fields[i].name);
        if (member != NULL && !json_is_null(member))
            json_object_set_nocheck(result, rep->fields[i].name, member);
    }
    add_unknown(rep, result, value);
    return result;
}

int lk_strings_contain(const lk_strings_t *strings, const char *text)
{
    for (size_t i = 0; i != strings->count; ++i)
        if (strcmp(strings->entries[i], text) == 0)
            return 1;
    return 0;
}
