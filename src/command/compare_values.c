/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include "command/compare.h"
#include "core/buffer.h"
#include "core/encode.h"
#include "core/json.h"

#define MAX_SHOWN 100
#define MAX_DEPTH 16

/* Members whose values say nothing: random, or the moment. */
static const char *const random_members[] = {
    "exp",           "iat",       "auth_time",         "jti",           "sid",
    "session_state", "nbf",       "at_hash",           "nonce",         "code",
    "updated_at",    "reuse_id",  "not-before-policy", "expires_in",    "refresh_expires_in",
    "device_code",   "user_code", "clientHost",        "clientAddress", "signature"};

static int is_random(const char *path)
{
    const char *name = strrchr(path, '.');
    name = name != NULL ? name + 1 : path;
    for (size_t i = 0; i != sizeof(random_members) / sizeof(random_members[0]); ++i)
        if (strcmp(random_members[i], name) == 0)
            return 1;
    return 0;
}

/* --- what both sides are turned into --- */

static json_t *token_part(lk_arena_t *arena, const char *text, size_t len)
{
    lk_bytes_t bytes;
    json_t *value;
    if (lk_base64_decode(arena, text, len, &bytes) != 0 ||
        lk_json_parse(arena, (const char *)bytes.base, bytes.len, &value, NULL) != LK_OK)
        return NULL;
    return json_is_object(value) ? value : NULL;
}

/* A signed token as {"header": ..., "claims": ...}; NULL where the text is none. */
static json_t *token_of(lk_arena_t *arena, const char *text)
{
    const char *dot = strchr(text, '.'), *second = dot != NULL ? strchr(dot + 1, '.') : NULL;
    if (second == NULL || strncmp(text, "eyJ", 3) != 0 || strchr(second + 1, '.') != NULL)
        return NULL;
    json_t *header = token_part(arena, text, (size_t)(dot - text)),
           *claims = token_part(arena, dot + 1, (size_t)(second - dot - 1));
    if (header == NULL || claims == NULL)
        return NULL;
    return lk_json_own(arena, json_pack("{s:O, s:O}", "header", header, "claims", claims));
}

static const char *without_base(lk_arena_t *arena, const char *text, const char *base)
{
    size_t len = strlen(base);
    lk_buffer_t result;
    lk_buffer_init(&result, arena, 1024 * 1024);
    for (const char *found; (found = strstr(text, base)) != NULL; text = found + len)
        lk_buffer_printf(&result, "%.*s{base}", (int)(found - text), text);
    lk_buffer_puts(&result, text);
    return result.base;
}

/* A scope's order says nothing. */
static json_t *words_of(lk_arena_t *arena, const char *text)
{
    json_t *words = lk_json_own(arena, json_array());
    for (size_t len = 0; lk_word_next(&text, &len);)
        json_array_append_new(words, json_stringn(text, len));
    return words;
}

/* One value of a side, as it is compared: a text without its server's address, a token taken apart. */
static json_t *plain(lk_arena_t *arena, const char *name, const json_t *value, const char *base)
{
    const char *text = json_string_value(value);
    json_t *token = text != NULL ? token_of(arena, text) : NULL;
    if (token != NULL)
        return token;
    if (text != NULL && name != NULL && strcmp(name, "scope") == 0)
        return words_of(arena, text);
    return text != NULL ? lk_json_own(arena, json_string(without_base(arena, text, base))) : (json_t *)(uintptr_t)value;
}

static json_t *plain_deep(lk_arena_t *arena, const char *name, const json_t *value, const char *base, int depth)
{
    json_t *member, *copy = plain(arena, name, value, base);
    size_t i;
    if (depth == MAX_DEPTH || !(json_is_object(copy) || json_is_array(copy)))
        return copy;
    json_t *result = lk_json_own(arena, json_is_object(copy) ? json_object() : json_array());
    json_object_foreach(copy, name, member) json_object_set(result, name, plain_deep(arena, name, member, base, depth + 1));
    json_array_foreach(copy, i, member) json_array_append(result, plain_deep(arena, NULL, member, base, depth + 1));
    return result;
}

/* --- comparing --- */

static const char *shown(lk_arena_t *arena, const json_t *value)
{
    if (value == NULL)
        return "(nothing)";
    char *text = lk_json_text(arena, value);
    return strlen(text) > MAX_SHOWN ? lk_printf(arena, "%.*s...", MAX_SHOWN, text) : text;
}

void lk_compare_differ(lk_comparison_t *comparison, const char *path, const char *keycloak, const char *latchkey)
{
    printf("    %s\n        Keycloak  %s\n        Latchkey  %s\n", path, keycloak, latchkey);
    ++comparison->differing;
}

static void differ(lk_comparison_t *comparison, const char *path, const json_t *keycloak, const json_t *latchkey)
{
    if (keycloak == NULL && comparison->may_have_more) {
        printf("    %s: only here, %s\n", path, shown(comparison->arena, latchkey));
        ++comparison->further;
    } else {
        lk_compare_differ(comparison, path, shown(comparison->arena, keycloak), shown(comparison->arena, latchkey));
    }
}

/* The first element of `list` from `from` on that `other` has not as often; lists are small. */
static const json_t *missing_from(const json_t *list, const json_t *other, size_t *from)
{
    for (; *from != json_array_size(list); ++*from) {
        const json_t *value = json_array_get(list, *from);
        size_t here = 0, there = 0, i;
        json_t *each;
        json_array_foreach(list, i, each) here += i <= *from && json_equal(each, value);
        json_array_foreach(other, i, each) there += (size_t)json_equal(each, value);
        if (here > there)
            return json_array_get(list, (*from)++);
    }
    return NULL;
}

static void compare_lists(lk_comparison_t *comparison, const char *path, const json_t *keycloak, const json_t *latchkey)
{
    const json_t *value;
    const char *each = lk_printf(comparison->arena, "%s[]", path);
    for (size_t from = 0; (value = missing_from(keycloak, latchkey, &from)) != NULL;)
        differ(comparison, each, value, NULL);
    for (size_t from = 0; (value = missing_from(latchkey, keycloak, &from)) != NULL;)
        differ(comparison, each, NULL, value);
}

static void compare_plain(lk_comparison_t *comparison, const char *path, const json_t *keycloak, const json_t *latchkey, int depth)
{
    const char *name;
    json_t *member;
    if (keycloak == NULL || latchkey == NULL || json_typeof(keycloak) != json_typeof(latchkey)) {
        if (keycloak != latchkey && !(json_is_boolean(keycloak) && json_is_boolean(latchkey) && json_equal(keycloak, latchkey)))
            differ(comparison, path, keycloak, latchkey);
    } else if (json_is_object(keycloak) && depth != MAX_DEPTH) {
        json_object_foreach((json_t *)(uintptr_t)keycloak, name, member) compare_plain(
            comparison, lk_printf(comparison->arena, "%s.%s", path, name), member, json_object_get(latchkey, name), depth + 1);
        json_object_foreach((json_t *)(uintptr_t)latchkey, name, member) if (json_object_get(keycloak, name) == NULL)
            differ(comparison, lk_printf(comparison->arena, "%s.%s", path, name), NULL, member);
    } else if (json_is_array(keycloak)) {
        compare_lists(comparison, path, keycloak, latchkey);
    } else if (!json_equal(keycloak, latchkey) && !is_random(path)) {
        differ(comparison, path, keycloak, latchkey);
    }
}

void lk_compare_values(lk_comparison_t *comparison, const char *path, const json_t *keycloak, const json_t *latchkey)
{
    lk_arena_t *arena = comparison->arena;
    compare_plain(comparison, path, keycloak != NULL ? plain_deep(arena, NULL, keycloak, comparison->keycloak, 0) : NULL,
                  latchkey != NULL ? plain_deep(arena, NULL, latchkey, comparison->latchkey, 0) : NULL, 0);
}
