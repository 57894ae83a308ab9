/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "cli/fields.h"

#include <string.h>

typedef struct st_parser_t {
    lk_arena_t *arena;
    const char *spec, *at;
    lk_error_t *err;
} parser_t;

static lk_status_t bad_spec(const parser_t *parser, size_t back)
{
    return lk_fail(parser->err, LK_INVALID, NULL, "Invalid fields specification at position %zu: %s",
                   (size_t)(parser->at - parser->spec) - back, parser->spec);
}

/* list = item *("," item); item = ["-"] name ["(" list ")"] */
static lk_status_t parse_list(parser_t *parser, lk_fields_t **ret_list, unsigned depth)
{
    lk_fields_t **tail = ret_list;
    for (;; ++parser->at) {
        size_t len = strcspn(parser->at, ",()");
        if (len == 0 || depth == LK_FIELDS_MAX_DEPTH)
            return bad_spec(parser, 0);
        lk_fields_t *item = LK_NEW(parser->arena, lk_fields_t);
        item->excluded = parser->at[0] == '-';
        item->name = lk_strndup(parser->arena, parser->at + item->excluded, len - (size_t)item->excluded);
        parser->at += len;
        *tail = item;
        tail = &item->next;
        if (*parser->at == '(') {
            ++parser->at;
            if (parse_list(parser, &item->children, depth + 1) != LK_OK)
                return LK_INVALID;
            if (*parser->at != ')')
                return bad_spec(parser, 0);
            ++parser->at;
        }
        if (*parser->at != ',')
            return LK_OK;
    }
}

lk_status_t lk_fields_parse(lk_arena_t *arena, const char *spec, lk_fields_t **ret_fields, lk_error_t *err)
{
    parser_t parser = {arena, spec, spec, err};
    lk_fields_t *fields = NULL;
    if (parse_list(&parser, &fields, 0) != LK_OK)
        return LK_INVALID;
    if (*parser.at != '\0')
        return bad_spec(&parser, 0);
    *ret_fields = fields;
    return LK_OK;
}

int lk_fields_all(const lk_fields_t *fields)
{
    for (; fields != NULL; fields = fields->next)
        if (strcmp(fields->name, "*") == 0 && !fields->excluded)
            return 1;
    return 0;
}

/* The item that speaks of a member: its own name goes before "*". */
static const lk_fields_t *item_for(const lk_fields_t *fields, const char *name)
{
    const lk_fields_t *all = NULL, *own = NULL;
    for (; fields != NULL; fields = fields->next) {
        if (strcmp(fields->name, name) == 0)
            own = fields;
        else if (strcmp(fields->name, "*") == 0 && !fields->excluded)
            all = fields;
    }
    return own != NULL ? own : all;
}

/* New reference. `fields` is NULL below a name without brackets: objects lose their members there. */
static json_t *filter(const lk_fields_t *fields, json_t *value)
{
    if (json_is_array(value)) {
        json_t *list = json_array();
        for (size_t i = 0; i != json_array_size(value); ++i)
            json_array_append_new(list, filter(fields, json_array_get(value, i)));
        return list;
    }
    if (!json_is_object(value))
        return json_incref(value);
    json_t *object = json_object(), *member;
    const char *name;
    json_object_foreach(value, name, member)
    {
        const lk_fields_t *item = item_for(fields, name);
        if (item != NULL && !item->excluded)
            json_object_set_new(object, name, filter(item->children, member));
    }
    return object;
}

json_t *lk_fields_filter(lk_arena_t *arena, const lk_fields_t *fields, json_t *value)
{
    return lk_json_own(arena, filter(fields, value));
}
