/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <string.h>
#include "core/json.h"
#include "theme/internal.h"

/* Nesting of not: and | in one expression. */
#define MAX_DEPTH 16

typedef struct st_parser_t {
    lk_arena_t *arena;
    const lk_scope_t *scope;
    const char **ret_problem;
    int depth;
} parser_t;

static const lk_expr_t *parse(parser_t *parser, const char *text);

static const lk_expr_t *fail(parser_t *parser, const char *reason, const char *text)
{
    if (*parser->ret_problem == NULL)
        *parser->ret_problem = lk_printf(parser->arena, "%s: \"%s\"", reason, text);
    return NULL;
}

static char *trim(lk_arena_t *arena, const char *text, size_t len)
{
    while (len != 0 && isspace((unsigned char)*text))
        ++text, --len;
    while (len != 0 && isspace((unsigned char)text[len - 1]))
        --len;
    return lk_strndup(arena, text, len);
}

static lk_expr_t *make(parser_t *parser, lk_expr_kind_t kind)
{
    lk_expr_t *expr = LK_NEW(parser->arena, lk_expr_t);
    expr->kind = kind;
    return expr;
}

static lk_expr_t *make_named(parser_t *parser, lk_expr_kind_t kind, const char *name)
{
    lk_expr_t *expr = make(parser, kind);
    expr->names = LK_NEW(parser->arena, const char *);
    expr->names[0] = name;
    expr->num_names = 1;
    return expr;
}

/* Returns 0, having failed, where `part` is NULL or there are too many. */
static int add_part(parser_t *parser, lk_expr_t *expr, const lk_expr_t *part)
{
    if (part == NULL)
        return 0;
    if (expr->parts == NULL)
        expr->parts = LK_NEW_ARRAY(parser->arena, const lk_expr_t *, LK_THEME_MAX_PARTS);
    if (expr->num_parts == LK_THEME_MAX_PARTS)
        return fail(parser, "too many parts in an expression", "") != NULL;
    expr->parts[expr->num_parts++] = part;
    return 1;
}

static const lk_expr_t *make_unary(parser_t *parser, lk_expr_kind_t kind, const lk_expr_t *part)
{
    lk_expr_t *expr = make(parser, kind);
    return add_part(parser, expr, part) ? expr : NULL;
}

static int find_local(const lk_scope_t *scope, const char *name, unsigned *ret_slot)
{
    for (size_t i = scope->count; i != 0; --i)
        if (strcmp(scope->names[i - 1], name) == 0) {
            *ret_slot = (unsigned)(i - 1);
            return 1;
        }
    return 0;
}

static void drop_names(lk_expr_t *expr, size_t count)
{
    expr->names += count;
    expr->num_names -= count;
}

/* Finds out where a path begins: a local variable, a counter, the page, the theme's properties, else the model. */
static const lk_expr_t *resolve(parser_t *parser, lk_expr_t *expr, const char *text)
{
    const char *first = expr->names[0];

    if (find_local(parser->scope, first, &expr->slot)) {
        expr->kind = LK_EXPR_LOCAL;
        drop_names(expr, 1);
    } else if (strcmp(first, "repeat") == 0) {
        if (expr->num_names != 3 || !find_local(parser->scope, expr->names[1], &expr->slot))
            return fail(parser, "no such counter", text);
        expr->kind = LK_EXPR_COUNTER;
        drop_names(expr, 2);
    } else if (strcmp(first, "page") == 0 && expr->num_names == 2) {
        expr->kind = LK_EXPR_PAGE;
        drop_names(expr, 1);
    } else if (strcmp(first, "theme") == 0) {
        expr->kind = LK_EXPR_THEME;
        drop_names(expr, 1);
    }
    return expr;
}

static const lk_expr_t *parse_path(parser_t *parser, const char *text)
{
    lk_expr_t *expr = make(parser, LK_EXPR_PATH);

    expr->names = LK_NEW_ARRAY(parser->arena, const char *, LK_THEME_MAX_PARTS);
    for (const char *pos = text;; ++pos) {
        size_t len = 0;
        while (isalnum((unsigned char)pos[len]) || (pos[len] != '\0' && strchr("_-.", pos[len]) != NULL))
            ++len;
        if (len == 0 || (pos[len] != '/' && pos[len] != '\0'))
            return fail(parser, "not a path", text);
        if (expr->num_names == LK_THEME_MAX_PARTS)
            return fail(parser, "path too long", text);
        expr->names[expr->num_names++] = lk_strndup(parser->arena, pos, len);
        pos += len;
        if (*pos == '\0')
            break;
    }
    return resolve(parser, expr, text);
}

/* "text ${path} text $$" */
static const lk_expr_t *parse_string(parser_t *parser, const char *text)
{
    lk_expr_t *expr = make(parser, LK_EXPR_STRING);

    while (*text != '\0') {
        size_t len = strcspn(text, "$");
        const lk_expr_t *part;
        if (len != 0) {
            part = make_named(parser, LK_EXPR_LITERAL, lk_strndup(parser->arena, text, len));
            text += len;
        } else if (text[1] == '$') {
            part = make_named(parser, LK_EXPR_LITERAL, "$");
            text += 2;
        } else {
            const char *end = strchr(text, '}');
            if (text[1] != '{' || end == NULL)
                return fail(parser, "a $ that is neither ${path} nor $$", text);
            part = parse_path(parser, trim(parser->arena, text + 2, (size_t)(end - text) - 2));
            text = end + 1;
        }
        if (!add_part(parser, expr, part))
            return NULL;
    }
    return expr;
}

/* Length up to `separator` outside of parentheses, or up to the end. */
static size_t span_to(const char *text, char separator)
{
    size_t len = 0;
    int depth = 0;

    for (; text[len] != '\0' && (depth != 0 || text[len] != separator); ++len)
        depth += text[len] == '(' ? 1 : text[len] == ')' ? -1 : 0;
    return len;
}

/* "key" or "key(expression, expression)" */
static const lk_expr_t *parse_message(parser_t *parser, const char *text)
{
    size_t key_len = strcspn(text, "("), len = strlen(text);
    lk_expr_t *expr = make_named(parser, LK_EXPR_MESSAGE, trim(parser->arena, text, key_len));

    if (expr->names[0][0] == '\0' || strpbrk(expr->names[0], " ${}/|") != NULL)
        return fail(parser, "not a message's key", text);
    if (text[key_len] == '\0')
        return expr;
    if (text[len - 1] != ')')
        return fail(parser, "no ) at the end", text);
    char *args = lk_strndup(parser->arena, text + key_len + 1, len - key_len - 2);
    for (;;) {
        size_t span = span_to(args, ',');
        if (!add_part(parser, expr, parse(parser, trim(parser->arena, args, span))))
            return NULL;
        if (args[span] == '\0')
            return expr;
        args += span + 1;
    }
}

static const lk_expr_t *parse_alternatives(parser_t *parser, const char *text, size_t first_len)
{
    lk_expr_t *expr = make(parser, LK_EXPR_FIRST);

    if (!add_part(parser, expr, parse_path(parser, trim(parser->arena, text, first_len))) ||
        !add_part(parser, expr, parse(parser, trim(parser->arena, text + first_len + 1, strlen(text + first_len + 1)))))
        return NULL;
    return expr;
}

static const lk_expr_t *parse_prefixed(parser_t *parser, const char *text)
{
    size_t bar = strcspn(text, "|");

    if (strncmp(text, "string:", 7) == 0)
        return parse_string(parser, text + 7);
    if (strncmp(text, "msg:", 4) == 0)
        return parse_message(parser, text + 4);
    if (strncmp(text, "not:", 4) == 0)
        return make_unary(parser, LK_EXPR_NOT, parse(parser, trim(parser->arena, text + 4, strlen(text + 4))));
    if (strncmp(text, "exists:", 7) == 0)
        return make_unary(parser, LK_EXPR_EXISTS, parse_path(parser, trim(parser->arena, text + 7, strlen(text + 7))));
    if (strncmp(text, "path:", 5) == 0)
        return parse(parser, text + 5);
    if (strcmp(text, "nothing") == 0)
        return make(parser, LK_EXPR_FIRST);
    return text[bar] == '|' ? parse_alternatives(parser, text, bar) : parse_path(parser, text);
}

static const lk_expr_t *parse(parser_t *parser, const char *text)
{
    const lk_expr_t *expr;

    if (++parser->depth > MAX_DEPTH)
        return fail(parser, "too deeply nested", text);
    expr = parse_prefixed(parser, text);
    --parser->depth;
    return expr;
}

const lk_expr_t *lk_expr_parse(lk_arena_t *arena, const lk_scope_t *scope, const char *text, const char **ret_problem)
{
    parser_t parser = {arena, scope, ret_problem, 0};
    return parse(&parser, trim(arena, text, strlen(text)));
}

const lk_expr_t *lk_expr_parse_message(lk_arena_t *arena, const lk_scope_t *scope, const char *text, const char **ret_problem)
{
    parser_t parser = {arena, scope, ret_problem, 0};
    return parse_message(&parser, trim(arena, text, strlen(text)));
}

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
    case LK_EXPR_THEME:
        return walk((lk_value_t){page->properties, NULL}, expr);
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
    return json_is_object(value.json) ? message_object(page, value.json, flags) : "";
}

const char *lk_theme_page_message(const lk_page_t *page, const char *key)
{
    const char *text = lk_json_str(page->localization, key, NULL);

    for (size_t i = 0; i < page->num_bundles && text == NULL; ++i)
        text = lk_theme_texts_find(&page->bundles[i]->texts, key);
    return text;
}
