/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_THEME_INTERNAL_H
#define LK_THEME_INTERNAL_H

#include <stdint.h>
#include "theme/theme.h"

/* Local variables (tal:repeat) that are in scope at once, with those of the elements around. */
#define LK_THEME_MAX_LOCALS 32
/* Parts of one string: expression, names of one path, arguments of one message. */
#define LK_THEME_MAX_PARTS 32
/* Bytes of one message, attribute or other text of a page. */
#define LK_THEME_MAX_TEXT (256 * 1024)

/* table.c: names and what they stand for, sorted once it is whole. Where a name comes twice, the one added last stays. */
typedef struct st_lk_theme_entry_t {
    const char *name;
    const void *value;
    size_t order; /* of their coming */
} lk_theme_entry_t;

typedef struct st_lk_theme_table_t {
    lk_theme_entry_t *entries;
    size_t count, capacity;
} lk_theme_table_t;

void lk_theme_table_add(lk_arena_t *arena, lk_theme_table_t *table, const char *name, const void *value);
void lk_theme_table_sort(lk_theme_table_t *table);
/* NULL where it is not there. */
const void *lk_theme_table_find(const lk_theme_table_t *table, const char *name);

/* A file of a theme; its name is its path within the theme: "login/login.xhtml". */
typedef struct st_lk_theme_file_t {
    const char *path;
    const char *origin; /* for messages: "/etc/latchkey/themes/acme/login/login.xhtml" */
    lk_theme_resource_t resource;
} lk_theme_file_t;

/* source.c: fills tables of files. */
void lk_theme_files_builtin(lk_arena_t *arena, lk_theme_table_t *files);
lk_status_t lk_theme_files_read(lk_arena_t *arena, const char *dir, lk_theme_table_t *files, lk_error_t *err);

/* messages.c: fills a table of texts from a properties file. */
lk_status_t lk_theme_texts_parse(lk_arena_t *arena, const lk_theme_file_t *file, lk_theme_table_t *texts, lk_error_t *err);
/* Keycloak's message format: {0} is an argument, '' an apostrophe, '...' literal. Missing arguments stay as they are written. */
char *lk_theme_format(lk_arena_t *arena, const char *pattern, const char *const *args, size_t num_args);

/* The messages of one type ("login") in one locale. */
typedef struct st_lk_theme_bundle_t {
    const char *type, *locale;
    lk_theme_table_t texts; /* the parent's too */
} lk_theme_bundle_t;

/* expr.c: an expression, parsed. */
typedef enum en_lk_expr_kind_t {
    LK_EXPR_PATH,    /* names: from the model's root */
    LK_EXPR_LOCAL,   /* names: from the local variable in `slot` */
    LK_EXPR_COUNTER, /* of the repeat in `slot`: names[0] says which */
    LK_EXPR_PAGE,    /* names[0]: what the engine knows of the page */
    LK_EXPR_NOT,     /* parts[0] */
    LK_EXPR_EXISTS,  /* parts[0] */
    LK_EXPR_STRING,  /* parts: literals and paths in turn */
    LK_EXPR_LITERAL, /* names[0] */
    LK_EXPR_MESSAGE, /* names[0] is the key, parts the arguments */
    LK_EXPR_FIRST    /* parts: the first one that is something */
} lk_expr_kind_t;

typedef struct st_lk_expr_t {
    lk_expr_kind_t kind;
    unsigned slot;
    const char **names;
    size_t num_names;
    const struct st_lk_expr_t **parts;
    size_t num_parts;
} lk_expr_t;

/* Names in scope while a template is compiled; a variable's slot is its index. */
typedef struct st_lk_scope_t {
    const char *names[LK_THEME_MAX_LOCALS];
    size_t count;
} lk_scope_t;

/* Failure: a text in *ret_problem (in the arena). */
const lk_expr_t *lk_expr_parse(lk_arena_t *arena, const lk_scope_t *scope, const char *text, const char **ret_problem);
/* "key(path, path)" of i18n:translate. */
const lk_expr_t *lk_expr_parse_message(lk_arena_t *arena, const lk_scope_t *scope, const char *text, const char **ret_problem);

/* What an expression gives: neither is nothing; both never. */
typedef struct st_lk_value_t {
    const json_t *json;
    const char *text;
} lk_value_t;

/* One page being written. */
typedef struct st_lk_page_t {
    const char *name, *locale;
    const json_t *model, *localization;
    const lk_theme_bundle_t *bundles[3]; /* "de-AT", "de", "en" */
    size_t num_bundles;
    lk_arena_t *arena; /* of the request */
    lk_buffer_t *out;
    struct {
        lk_value_t value;
        size_t index, length;
    } locals[LK_THEME_MAX_LOCALS];
} lk_page_t;

/* eval.c: how text comes out of a value. */
enum {
    LK_TEXT_TRANSLATE = 1, /* "${key}" is looked up */
    LK_TEXT_STRUCTURE = 2  /* the text is HTML: arguments put into it are escaped */
};

lk_value_t lk_expr_eval(const lk_page_t *page, const lk_expr_t *expr, unsigned flags);
int lk_value_true(lk_value_t value);
/* Never NULL; "" for nothing. */
const char *lk_value_text(const lk_page_t *page, lk_value_t value, unsigned flags);
/* The pattern of a message, or NULL. */
const char *lk_theme_page_message(const lk_page_t *page, const char *key);

/* compile.c: a template is a list of segments, walked from the first to the last. */
typedef enum en_lk_segment_kind_t {
    LK_SEGMENT_TEXT,      /* text, as it is */
    LK_SEGMENT_VALUE,     /* expr, escaped */
    LK_SEGMENT_STRUCTURE, /* expr, sanitised */
    LK_SEGMENT_ATTRIBUTE, /* text is the name; expr, escaped; left out where it is nothing or false */
    LK_SEGMENT_UNLESS,    /* where expr is false: go to jump */
    LK_SEGMENT_REPEAT,    /* slot = first of expr, or go to jump */
    LK_SEGMENT_NEXT       /* slot = next one and go to jump, or go on */
} lk_segment_kind_t;

enum {
    LK_ATTRIBUTE_URL = 1,     /* refuses the schemes that run code */
    LK_ATTRIBUTE_BOOLEAN = 2, /* checked, disabled, ... */
    LK_SEGMENT_TRANSLATE = 4  /* display text: "${key}" is looked up */
};

typedef struct st_lk_segment_t {
    lk_segment_kind_t kind;
    unsigned flags, slot;
    size_t jump;
    const char *text;
    size_t len;
    const lk_expr_t *expr;
} lk_segment_t;

typedef struct st_lk_template_t {
    const char *name; /* "login/login" */
    lk_segment_t *segments;
    size_t count, capacity;
} lk_template_t;

/* `files` are the theme's with its parents'. */
lk_status_t lk_template_compile(lk_arena_t *arena, const lk_theme_table_t *files, const lk_theme_file_t *file,
                                lk_template_t *ret_template, lk_error_t *err);
/* 0 where a browser would run code for this address, or show made-up content under our name. */
int lk_theme_url_safe(const char *url);

/* render.c */
void lk_template_render(const lk_template_t *tmpl, lk_page_t *page);

/* theme.c */
typedef struct st_lk_theme_t {
    const char *name;
    lk_theme_table_t files; /* of lk_theme_file_t, the parent's too */
    lk_template_t *templates;
    size_t num_templates;
    lk_theme_bundle_t *bundles;
    size_t num_bundles;
    const char **locales; /* of the login pages; ends with NULL */
} lk_theme_t;

#endif
