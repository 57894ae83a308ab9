/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <string.h>
#include "core/json.h"
#include "theme/internal.h"

static lk_value_t of_bool(int truth)
{
    return (lk_value_t){truth ? json_true() : json_false(), NULL};
}

static lk_value_t of_json(const json_t *json)
{
    return (lk_value_t){json == NULL || json_is_null(json) ? NULL : json, NULL};
}

static int is_nothing(lk_value_t value)
{
    return value.json == NULL && value.text == NULL;
}

static lk_value_t walk(lk_value_t value, const lk_expr_t *expr)
{
    const json_t *json = value.json;

    if (expr->num_names == 0)
        return value;
    for (size_t i = 0; i < expr->num_names; ++i)
        json = json_object_get(json, expr->names[i]);
    return of_json(json);
}

static lk_value_t eval_counter(const lk_page_t *page, const lk_expr_t *expr)
{
    size_t index = page->locals[expr->slot].index, length = page->locals[expr->slot].length;
    const char *name = expr->names[0];

    if (strcmp(name, "start") == 0)
        return of_bool(index == 0);
    if (strcmp(name, "end") == 0)
        return of_bool(index + 1 == length);
    if (strcmp(name, "index") == 0)
        return (lk_value_t){NULL, lk_printf(page->arena, "%zu", index)};
    if (strcmp(name, "number") == 0)
        return (lk_value_t){NULL, lk_printf(page->arena, "%zu", index + 1)};
    return (lk_value_t){NULL, NULL};
}

static int is_right_to_left(const char *locale)
{
    static const char *const languages[] = {"ar", "fa", "he", "ur"};

    for (size_t i = 0; i < sizeof(languages) / sizeof(languages[0]); ++i)
        if (strncmp(locale, languages[i], 2) == 0 && !isalpha((unsigned char)locale[2]))
            return 1;
    return 0;
}

static lk_value_t eval_page(const lk_page_t *page, const char *name)
{
    if (strcmp(name, "lang") == 0)
        return (lk_value_t){NULL, page->locale};
    if (strcmp(name, "dir") == 0)
        return (lk_value_t){NULL, is_right_to_left(page->locale) ? "rtl" : "ltr"};
    if (strcmp(name, "name") == 0)
        return (lk_value_t){NULL, page->name};
    return (lk_value_t){NULL, NULL};
}

static const char *escaped(const lk_page_t *page, const char *text)
{
    lk_buffer_t out;

    lk_buffer_init(&out, page->arena, LK_THEME_MAX_TEXT);
    lk_buffer_html(&out, text);
    return out.base;
}

static const char *argument(const lk_page_t *page, lk_value_t value, unsigned flags)
{
    const char *text = lk_value_text(page, value, LK_TEXT_TRANSLATE);
    return flags & LK_TEXT_STRUCTURE ? escaped(page, text) : text;
}

static const char *format(const lk_page_t *page, const char *key, const char *const *args, size_t num_args)
{
    const char *pattern = lk_theme_page_message(page, key);
    return pattern != NULL ? lk_theme_format(page->arena, pattern, args, num_args) : key;
}

static lk_value_t eval_message(const lk_page_t *page, const lk_expr_t *expr, unsigned flags)
{
    const char *args[LK_THEME_MAX_PARTS];

    for (size_t i = 0; i < expr->num_parts; ++i)
        args[i] = argument(page, lk_expr_eval(page, expr->parts[i], 0), flags);
    return (lk_value_t){NULL, format(page, expr->names[0], args, expr->num_parts)};
}

static lk_value_t eval_string(const lk_page_t *page, const lk_expr_t *expr)
{
    lk_buffer_t out;

    lk_buffer_init(&out, page->arena, LK_THEME_MAX_TEXT);
    for (size_t i = 0; i < expr->num_parts; ++i)
        lk_buffer_puts(&out, lk_value_text(page, lk_expr_eval(page, expr->parts[i], 0), 0));
    return (lk_value_t){NULL, out.len != 0 ? out.base : ""};
}

static lk_value_t eval_first(const lk_page_t *page, const lk_expr_t *expr, unsigned flags)
{
    lk_value_t value = {NULL, NULL};

    for (size_t i = 0; i < expr->num_parts && is_nothing(value); ++i)
        value = lk_expr_eval(page, expr->parts[i], flags);
    return value;
}

lk_value_t lk_expr_eval(const lk_page_t *page, const lk_expr_t *expr, unsigned flags)
{
    switch (expr->kind) {
    case LK_EXPR_PATH:
        return walk((lk_value_t){page->model, NULL}, expr);
    case LK_EXPR_LOCAL:
        return walk(page->locals[expr->slot].value, expr);
    case LK_EXPR_COUNTER:
        return eval_counter(page, expr);
    case LK_EXPR_PAGE:
        return eval_page(page, expr->names[0]);
    case LK_EXPR_NOT:
        return of_bool(!lk_value_true(lk_expr_eval(page, expr->parts[0], 0)));
    case LK_EXPR_EXISTS:
        return of_bool(!is_nothing(lk_expr_eval(page, expr->parts[0], 0)));
    case LK_EXPR_STRING:
        return eval_string(page, expr);
    case LK_EXPR_LITERAL:
        return (lk_value_t){NULL, expr->names[0]};
    case LK_EXPR_MESSAGE:
        return eval_message(page, expr, flags);
    case LK_EXPR_FIRST:
        return eval_first(page, expr, flags);
    }
    return (lk_value_t){NULL, NULL};
}

int lk_value_true(lk_value_t value)
{
    if (value.json == NULL)
        return value.text != NULL && value.text[0] != '\0';
    switch (json_typeof(value.json)) {
    case JSON_TRUE:
        return 1;
    case JSON_STRING:
        return json_string_length(value.json) != 0;
    case JSON_INTEGER:
        return json_integer_value(value.json) != 0;
    case JSON_REAL:
        return json_real_value(value.json) != 0;
    case JSON_ARRAY:
        return json_array_size(value.json) != 0;
    case JSON_OBJECT:
        return json_object_size(value.json) != 0;
    default:
        return 0;
    }
}

/* {"key": "...", "args": [...]} */
static const char *message_object(const lk_page_t *page, const json_t *object, unsigned flags)
{
    const char *key = lk_json_str(object, "key", NULL), *args[LK_THEME_MAX_PARTS];
    const json_t *values = json_object_get(object, "args");
    size_t count = json_array_size(values);

    if (key == NULL)
        return "";
    if (count > LK_THEME_MAX_PARTS)
        count = LK_THEME_MAX_PARTS;
    for (size_t i = 0; i < count; ++i)
        args[i] = argument(page, of_json(json_array_get(values, i)), flags);
    return format(page, key, args, count);
}

/* Keycloak's display texts: "${key}", whole, stands for a message. */
static const char *translated(const lk_page_t *page, const char *text)
{
    size_t len = strlen(text);

    if (len < 4 || text[0] != '$' || text[1] != '{' || text[len - 1] != '}')
        return text;
    return format(page, lk_strndup(page->arena, text + 2, len - 3), NULL, 0);
}

/* Several messages about one thing, one after the other. */
static const char *all_of(const lk_page_t *page, const json_t *array, unsigned flags)
{
    const char *text = "";
    size_t i;
    json_t *entry;
    json_array_foreach((json_t *)array, i, entry)
    {
        text = lk_printf(page->arena, "%s%s%s", text, i != 0 ? " " : "", lk_value_text(page, of_json(entry), flags));
    }
    return text;
}

const char *lk_value_text(const lk_page_t *page, lk_value_t value, unsigned flags)
{
    const char *text = value.json != NULL ? json_string_value(value.json) : value.text;

    if (text != NULL)
        return flags & LK_TEXT_TRANSLATE ? translated(page, text) : text;
    if (json_is_integer(value.json))
        return lk_printf(page->arena, "%" JSON_INTEGER_FORMAT, json_integer_value(value.json));
    if (json_is_real(value.json))
        return lk_printf(page->arena, "%.15g", json_real_value(value.json));
    if (json_is_boolean(value.json))
        return json_is_true(value.json) ? "true" : "false";
    if (json_is_array(value.json))
        return all_of(page, value.json, flags);
    return json_is_object(value.json) ? message_object(page, value.json, flags) : "";
}

const char *lk_theme_page_message(const lk_page_t *page, const char *key)
{
    const char *text = lk_json_str(page->localization, key, NULL);

    for (size_t i = 0; i < page->num_bundles && text == NULL; ++i)
        text = lk_theme_table_find(&page->bundles[i]->texts, key);
    return text;
}
