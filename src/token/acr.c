/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "token/acr.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "core/json.h"

#define MAX_VALUES 32
#define MAX_LEVEL 1000000

/* --- names --- */

static const json_t *names_of(lk_arena_t *arena, const lk_realm_t *realm, const lk_client_t *client)
{
    const char *text = client != NULL ? lk_client_attribute(client, "acr.loa.map", NULL) : NULL;
    json_t *names = NULL;
    if (text == NULL || *text == '\0')
        text = lk_json_str(realm->attributes, "acr.loa.map", "{}");
    if (lk_json_parse(arena, text, strlen(text), &names, NULL) != LK_OK || !json_is_object(names))
        return NULL;
    return names;
}

static int64_t number_of(const char *text)
{
    char *end;
    if (*text < '0' || *text > '9')
        return LK_LEVEL_NONE;
    long value = strtol(text, &end, 10);
    return *end == '\0' && value <= MAX_LEVEL ? value : LK_LEVEL_NONE;
}

/* Levels are numbers in the map, or text where an old realm file wrote them so. */
static int64_t level_of_value(const json_t *value)
{
    return json_is_string(value) ? number_of(json_string_value(value)) : json_is_integer(value) ? json_integer_value(value) : -1;
}

static int64_t level_of(const json_t *names, const char *name)
{
    const json_t *value = json_object_get(names, name);
    return value != NULL ? level_of_value(value) : number_of(name);
}

/* --- wishes --- */

static void add_value(lk_arena_t *arena, lk_strings_t *list, const char *value, size_t len)
{
    const char **entries = (const char **)list->entries;
    if (entries == NULL)
        list->entries = entries = LK_NEW_ARRAY(arena, const char *, MAX_VALUES);
    if (len != 0 && list->count != MAX_VALUES)
        entries[list->count++] = lk_strndup(arena, value, len);
}

static void add_words(lk_arena_t *arena, lk_strings_t *list, const char *text, const char *separators)
{
    for (const char *at = text; at != NULL && *at != '\0'; at += strspn(at, separators)) {
        size_t len = strcspn(at, separators);
        add_value(arena, list, at, len);
        at += len;
    }
}

static void add_claim(lk_arena_t *arena, lk_strings_t *list, const json_t *acr)
{
    const json_t *value = json_object_get(acr, "value"), *values = json_object_get(acr, "values");
    size_t i;
    if (json_is_string(value))
        add_value(arena, list, json_string_value(value), json_string_length(value));
    json_array_foreach((json_t *)values, i, value)
    {
        if (json_is_string(value))
            add_value(arena, list, json_string_value(value), json_string_length(value));
    }
}

lk_acr_wish_t lk_acr_wish(lk_arena_t *arena, const lk_client_t *client, const char *acr_values, const char *claims)
{
    lk_acr_wish_t wish = {{0}, {0}};
    json_t *parsed = NULL;
    if (claims != NULL && lk_json_parse(arena, claims, strlen(claims), &parsed, NULL) != LK_OK)
        parsed = NULL; /* text that is no JSON is ignored, as Keycloak does */
    const json_t *acr = json_object_get(json_object_get(parsed, "id_token"), "acr");
    add_claim(arena, json_is_true(json_object_get(acr, "essential")) ? &wish.required : &wish.wanted, acr);
    add_words(arena, &wish.wanted, acr_values, " ");
    if (wish.wanted.count == 0)
        add_words(arena, &wish.wanted, lk_client_attribute(client, "default.acr.values", NULL), "#");
    return wish;
}

static int64_t minimum_of(const json_t *names, const lk_client_t *client)
{
    const char *minimum = lk_client_attribute(client, "minimum.acr.value", NULL);
    return minimum != NULL && *minimum != '\0' ? level_of(names, minimum) : LK_LEVEL_NONE;
}

int lk_acr_requested(lk_arena_t *arena, const lk_realm_t *realm, const lk_client_t *client, const lk_acr_wish_t *wish,
                     int64_t *ret_level)
{
    const json_t *names = names_of(arena, realm, client);
    int essential = wish->required.count != 0;
    const lk_strings_t *values = essential ? &wish->required : &wish->wanted;
    int64_t lowest = LK_LEVEL_NONE, floor = minimum_of(names, client);
    for (size_t i = 0; i != values->count; ++i) {
        int64_t level = level_of(names, values->entries[i]);
        if (level == LK_LEVEL_NONE && essential)
            return -1;
        if (level == LK_LEVEL_NONE)
            level = 0; /* a name that nobody knows asks for somebody who signs in, no more */
        if (lowest == LK_LEVEL_NONE || level < lowest)
            lowest = level;
    }
    *ret_level = lowest > floor ? lowest : floor;
    return 0;
}

/* --- the claim --- */

static void take_best(const char *name, int64_t mapped, int64_t level, int64_t *best, const char **ret_name)
{
    if (mapped <= level && mapped > *best) {
        *best = mapped;
        *ret_name = name;
    }
}

/* Values below `floor` do not count: the client's minimum takes their place. */
static const char *best_of(const json_t *names, const lk_strings_t *values, int64_t floor, int64_t level)
{
    const char *name = NULL;
    int64_t best = LK_LEVEL_NONE;
    for (size_t i = 0; json_object_size(names) != 0 && i != values->count; ++i)
        if (level_of(names, values->entries[i]) >= floor)
            take_best(values->entries[i], level_of(names, values->entries[i]), level, &best, &name);
    return name;
}

const char *lk_acr_name(lk_arena_t *arena, const lk_realm_t *realm, const lk_client_t *client, const lk_acr_wish_t *wish,
                        int64_t level)
{
    const json_t *names = names_of(arena, realm, client), *value;
    int64_t best = LK_LEVEL_NONE, floor = minimum_of(names, client);
    const char *name = wish != NULL ? best_of(names, &wish->required, floor, level) : NULL, *key;
    if (name == NULL && wish != NULL)
        name = best_of(names, &wish->wanted, floor, level);
    if (name != NULL)
        return name;
    json_object_foreach((json_t *)names, key, value)
    {
        take_best(key, level_of_value(value), level, &best, &name);
    }
    return name != NULL ? name : lk_printf(arena, "%lld", (long long)level);
}
