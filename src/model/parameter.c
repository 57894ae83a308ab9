/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "model/parameter.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "core/json.h"
#include "model/pattern.h"

static const char *const types[] = {NULL, "string", "integer", "boolean", "custom", "username", "delegation"};
#define NUM_TYPES (sizeof(types) / sizeof(types[0]))

static lk_parameter_t type_of(const char *name)
{
    for (size_t i = 1; name != NULL && i != NUM_TYPES; ++i)
        if (strcmp(types[i], name) == 0)
            return (lk_parameter_t)i;
    return LK_PARAMETER_NONE;
}

static int is_parameterized(const json_t *attributes)
{
    return lk_json_config_bool(attributes, "is.parameterized.scope", 0);
}

void lk_parameter_load(lk_scope_t *scope)
{
    const json_t *attributes = scope->attributes;
    if (!is_parameterized(attributes))
        return;
    scope->parameter = type_of(lk_json_config(attributes, "parameterized.scope.type", NULL));
    scope->parameter_pattern = lk_json_config(attributes, "parameterized.scope.regexp", "");
    scope->parameter_repeats =
        lk_json_config_bool(attributes, "parameterized.scope.repeatable", scope->parameter != LK_PARAMETER_BOOLEAN);
}

const char *lk_parameter_complaint(lk_arena_t *arena, const json_t *attributes)
{
    const char *name = lk_json_config(attributes, "parameterized.scope.type", ""),
               *pattern = lk_json_config(attributes, "parameterized.scope.regexp", "");
    if (!is_parameterized(attributes))
        return NULL;
    if (*name == '\0')
        return "Parameterized scope must have a parameter type";
    lk_parameter_t type = type_of(name);
    if (type == LK_PARAMETER_NONE)
        return lk_printf(arena, "Invalid parameter type '%s'", name);
    if (type != LK_PARAMETER_CUSTOM)
        return NULL;
    if (*pattern == '\0')
        return "Custom parameterized scope type requires a regex pattern";
    return lk_pattern_match(arena, pattern, "") == LK_PATTERN_BROKEN
               ? lk_printf(arena, "Invalid regex for the Parameterized Scope regexp %s", pattern)
               : NULL;
}

/* Of 64 bits, in decimal digits with or without a sign. */
static int is_integer(const char *text)
{
    char *end;
    errno = 0;
    (void)strtoll(text, &end, 10);
    return *end == '\0' && end != text && errno == 0 && strchr(" \t\n\v\f\r", *text) == NULL;
}

int lk_parameter_fits(lk_arena_t *arena, const lk_scope_t *scope, const char *text)
{
    if (*text == '\0')
        return 0;
    switch (scope->parameter) {
    case LK_PARAMETER_NONE:
        return 0;
    case LK_PARAMETER_INTEGER:
        return is_integer(text);
    case LK_PARAMETER_BOOLEAN:
        return strcasecmp(text, "true") == 0 || strcasecmp(text, "false") == 0;
    case LK_PARAMETER_CUSTOM:
        return lk_pattern_match(arena, scope->parameter_pattern, text) == LK_PATTERN_MATCH;
    case LK_PARAMETER_STRING:
    case LK_PARAMETER_USERNAME:
    case LK_PARAMETER_DELEGATION:
        return 1;
    }
    return 0;
}
