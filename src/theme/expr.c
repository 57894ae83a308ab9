/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <string.h>
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

/* Finds out where a path begins: a local variable, a counter, the page, else the model. */
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
