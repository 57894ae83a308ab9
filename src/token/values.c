/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "core/json.h"
#include "token/values.h"

#define MAX_DEPTH 16

size_t lk_claim_path(lk_arena_t *arena, const char *name, const char ***ret_path)
{
    const char **path = LK_NEW_ARRAY(arena, const char *, MAX_DEPTH);
    char *part = lk_alloc(arena, strlen(name) + 1), *out = part;
    size_t depth = 0;
    *ret_path = path;
    if (*name == '\0')
        return 0;
    for (;; ++name) {
        if (*name == '\\' && name[1] == '.') {
            *out++ = *++name;
        } else if ((*name == '.' && depth != MAX_DEPTH - 1) || *name == '\0') {
            *out++ = '\0';
            path[depth++] = part;
            part = out;
            if (*name == '\0')
                return depth;
        } else {
            *out++ = *name;
        }
    }
}

static const char *to_integer(lk_arena_t *arena, const char *text)
{
    char *end;
    errno = 0;
    long long number = strtoll(text, &end, 10);
    return *text == '\0' || *end != '\0' || errno != 0 ? NULL : lk_printf(arena, "%lld", number);
}

static const char *to_json(lk_arena_t *arena, const char *text)
{
    json_t *value;
    return lk_json_parse(arena, text, strlen(text), &value, NULL) == LK_OK ? lk_json_text(arena, value) : NULL;
}

static const char *to_boolean(lk_arena_t *arena, const char *text)
{
    (void)arena;
    return strcasecmp(text, "true") == 0 ? "true" : "false";
}

static const struct {
    const char *label;
    const char *(*convert)(lk_arena_t *arena, const char *text);
} converters[] = {
    {"String", lk_claims_quote}, {"long", to_integer}, {"int", to_integer}, {"boolean", to_boolean}, {"JSON", to_json}};

static const char *convert(lk_arena_t *arena, const char *label, const char *text)
{
    for (size_t i = 0; label != NULL && i != sizeof(converters) / sizeof(converters[0]); ++i)
        if (strcmp(converters[i].label, label) == 0)
            return converters[i].convert(arena, text);
    return lk_claims_quote(arena, text);
}

static const char *convert_list(lk_arena_t *arena, const char *label, const char *const *values, size_t count)
{
    lk_buffer_t list;
    lk_buffer_init(&list, arena, 16 * 1024 * 1024);
    for (size_t i = 0; i != count; ++i) {
        const char *json = convert(arena, label, values[i]);
        if (json != NULL) {
            lk_buffer_putc(&list, list.len == 0 ? '[' : ',');
            lk_buffer_puts(&list, json);
        }
    }
    if (list.len == 0)
        return NULL;
    lk_buffer_putc(&list, ']');
    return list.base;
}

static const char *with_client(lk_arena_t *arena, const char *name, const char *client)
{
    static const char hole[] = "${client_id}";
    const char *at = strstr(name, hole);
    lk_buffer_t out;
    if (at == NULL)
        return name;
    lk_buffer_init(&out, arena, 4096);
    lk_buffer_append(&out, name, (size_t)(at - name));
    for (; client != NULL && *client != '\0'; ++client) { /* a dot in the client's id does not nest */
        if (*client == '.')
            lk_buffer_putc(&out, '\\');
        lk_buffer_putc(&out, *client);
    }
    lk_buffer_puts(&out, at + sizeof(hole) - 1);
    return out.base;
}

void lk_value_set(lk_build_t *build, const lk_mapper_t *mapper, const char *const *values, size_t count, lk_value_list_t list,
                  const char *fallback_name, const char *client)
{
    const char *name = lk_json_config(mapper->config, "claim.name", fallback_name),
               *label = lk_json_config(mapper->config, "jsonType.label", NULL);
    const char **path;
    if (name == NULL)
        return;
    int as_list = list == LK_VALUE_SINGLE ? 0 : lk_json_config_bool(mapper->config, "multivalued", list == LK_VALUE_ALWAYS_LIST);
    size_t depth = lk_claim_path(build->arena, with_client(build->arena, name, client), &path);
    const char *json = as_list ? convert_list(build->arena, label, values, count) : convert(build->arena, label, values[0]);
    lk_claims_set_path(build->arena, &build->claims, path, depth, json);
}
