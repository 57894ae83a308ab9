/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include "broker/mappers.h"
#include "core/json.h"
#include "model/pattern.h"
#include "token/values.h"

/* "name", or "name[2]": an element of a list. */
static json_t *member(lk_arena_t *arena, const json_t *object, const char *name)
{
    json_t *value = json_object_get(object, name);
    const char *bracket = value == NULL ? strrchr(name, '[') : NULL;
    if (bracket == NULL || strspn(bracket + 1, "0123456789") + 2 != strlen(bracket) || bracket[strlen(bracket) - 1] != ']')
        return value;
    const json_t *list = json_object_get(object, lk_strndup(arena, name, (size_t)(bracket - name)));
    return json_array_get(list, strtoul(bracket + 1, NULL, 10));
}

/* The same in one object. */
static json_t *claim_at(lk_arena_t *arena, const json_t *object, const char *path)
{
    lk_claim_path_t names = lk_claim_path(arena, path);
    json_t *value = (json_t *)object;
    for (size_t i = 0; value != NULL && i != names.depth; ++i)
        value = member(arena, value, names.names[i]);
    return names.depth == 0 || json_is_null(value) ? NULL : value;
}

json_t *lk_brokered_claim(lk_arena_t *arena, const lk_brokered_t *brokered, const char *path)
{
    static const char *const places[] = {"access_token", "id_token", "userinfo"};
    json_t *value = NULL;
    for (size_t i = 0; path != NULL && value == NULL && i != sizeof(places) / sizeof(places[0]); ++i)
        value = claim_at(arena, json_object_get(brokered->claims, places[i]), path);
    return value;
}

const char *lk_json_as_text(lk_arena_t *arena, const json_t *value)
{
    if (value == NULL || json_is_null(value))
        return NULL;
    if (json_is_string(value))
        return json_string_value(value);
    if (json_is_boolean(value))
        return json_is_true(value) ? "true" : "false";
    char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
    const char *copy = lk_strdup(arena, text);
    free(text);
    return copy;
}

const char *lk_claim_text(lk_arena_t *arena, const json_t *object, const char *paths)
{
    for (const char *at = paths; at != NULL && *at != '\0';) {
        size_t len = strcspn(at, "|");
        const json_t *value = claim_at(arena, object, lk_strndup(arena, at, len));
        const char *text = json_is_object(value) || json_is_array(value) ? NULL : lk_json_as_text(arena, value);
        if (text != NULL && *text != '\0')
            return text;
        at += len + (at[len] == '|');
    }
    return NULL;
}

static int value_is(lk_arena_t *arena, const json_t *value, const char *wanted, int is_pattern)
{
    const char *text = lk_json_as_text(arena, value);
    if (text == NULL)
        return 0;
    return is_pattern ? lk_pattern_match(arena, wanted, text) == LK_PATTERN_MATCH : strcmp(text, wanted) == 0;
}

int lk_claim_is(lk_arena_t *arena, const json_t *value, const char *wanted, int is_pattern)
{
    size_t i;
    json_t *element;
    json_array_foreach(value, i, element)
    {
        if (value_is(arena, element, wanted, is_pattern))
            return 1;
    }
    return !json_is_array(value) && value_is(arena, value, wanted, is_pattern);
}
