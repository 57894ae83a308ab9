/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "http/routes.h"

#define NUM_METHODS 7
#define MAX_SEGMENTS 32

static const struct {
    const char *name;
    unsigned bit;
} method_names[] = {{"DELETE", LK_DELETE}, {"GET", LK_GET},   {"HEAD", LK_GET}, {"OPTIONS", LK_OPTIONS},
                    {"PATCH", LK_PATCH},   {"POST", LK_POST}, {"PUT", LK_PUT}};

/* One segment of the paths that share it. */
typedef struct st_node_t {
    const char *segment;
    size_t len;
    struct st_node_t **literals; /* sorted */
    size_t num_literals;
    struct st_node_t *placeholder, *rest;
    const lk_route_t *routes[NUM_METHODS]; /* by number of the method's bit */
    unsigned allowed;
    const char *cors;
} node_t;

struct st_lk_router_t {
    lk_arena_t *arena;
    node_t *root;
};

/* A path cut at its slashes. */
typedef struct st_cut_path_t {
    const char *end;
    size_t count;
    const char *base[MAX_SEGMENTS];
    size_t len[MAX_SEGMENTS];
} cut_path_t;

static int compare_segments(const char *x, size_t x_len, const char *y, size_t y_len)
{
    int order = memcmp(x, y, x_len < y_len ? x_len : y_len);
    return order != 0 ? order : (x_len > y_len) - (x_len < y_len);
}

/* Returns -1 where there are too many segments. A slash at the end opens no segment. */
static int cut_path(cut_path_t *cut, const char *path, size_t len)
{
    const char *end = path + len, *at = path;
    cut->count = 0;
    cut->end = end;
    while (at != end && *at == '/' && at + 1 != end) {
        const char *from = at + 1, *slash = memchr(from, '/', (size_t)(end - from));
        if (cut->count == MAX_SEGMENTS)
            return -1;
        at = slash != NULL ? slash : end;
        cut->base[cut->count] = from;
        cut->len[cut->count++] = (size_t)(at - from);
    }
    return 0;
}

static node_t *find_literal(const node_t *node, const char *segment, size_t len)
{
    size_t low = 0, high = node->num_literals;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = compare_segments(segment, len, node->literals[middle]->segment, node->literals[middle]->len);
        if (order == 0)
            return node->literals[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

static void broken_table(const char *path, const char *why)
{
    fprintf(stderr, "route %s: %s\n", path, why);
    abort();
}

static node_t *add_literal(lk_arena_t *arena, node_t *node, const char *segment, size_t len)
{
    node_t **literals = LK_NEW_ARRAY(arena, node_t *, node->num_literals + 1), *made = LK_NEW(arena, node_t);
    size_t at = 0;
    made->segment = segment;
    made->len = len;
    while (at < node->num_literals && compare_segments(node->literals[at]->segment, node->literals[at]->len, segment, len) < 0)
        ++at;
    if (at != 0)
        memcpy(literals, node->literals, at * sizeof(*literals));
    literals[at] = made;
    if (at != node->num_literals)
        memcpy(literals + at + 1, node->literals + at, (node->num_literals - at) * sizeof(*literals));
    node->literals = literals;
    ++node->num_literals;
    return made;
}

static node_t *descend(lk_arena_t *arena, node_t *node, const char *segment, size_t len)
{
    if (len > 2 && segment[0] == '{' && segment[len - 1] == '}') {
        node_t **slot = segment[len - 2] == '*' ? &node->rest : &node->placeholder;
        if (*slot == NULL)
            *slot = LK_NEW(arena, node_t);
        return *slot;
    }
    node_t *found = find_literal(node, segment, len);
    return found != NULL ? found : add_literal(arena, node, segment, len);
}

static void add_route(lk_router_t *router, const lk_route_t *route)
{
    cut_path_t cut;
    node_t *node = router->root;
    size_t params = 0;
    if (cut_path(&cut, route->path, strlen(route->path)) != 0)
        broken_table(route->path, "too many segments");
    for (size_t i = 0; i < cut.count; ++i) {
        params += cut.base[i][0] == '{';
        node = descend(router->arena, node, cut.base[i], cut.len[i]);
    }
    if (params > LK_MAX_PATH_PARAMS)
        broken_table(route->path, "too many placeholders");
    for (unsigned i = 0; i < NUM_METHODS; ++i) {
        if ((route->methods & (1u << i)) == 0)
            continue;
        if (node->routes[i] != NULL)
            broken_table(route->path, "is there twice");
        node->routes[i] = route;
    }
    node->allowed |= route->methods;
    if (node->cors == NULL)
        node->cors = route->cors;
}

lk_router_t *lk_router_create(const lk_route_t *routes, size_t num_routes)
{
    lk_arena_t *arena = lk_arena_create("router");
    lk_router_t *router = LK_NEW(arena, lk_router_t);
    router->arena = arena;
    router->root = LK_NEW(arena, node_t);
    for (size_t i = 0; i < num_routes; ++i)
        add_route(router, routes + i);
    return router;
}

void lk_router_free(lk_router_t **router)
{
    if (*router == NULL)
        return;
    lk_arena_t *arena = (*router)->arena;
    lk_arena_destroy(&arena);
    *router = NULL;
}

static void push_param(lk_match_t *match, const char *base, size_t len)
{
    match->params[match->num_params].base = base;
    match->params[match->num_params++].len = len;
}

/* The first node with any route that fits, the most literal first: a path that knows the method not is 405, whatever a wider row
 * says. */
static const node_t *search(const node_t *node, const cut_path_t *cut, size_t at, lk_match_t *match)
{
    size_t params = match->num_params;
    const node_t *found;
    if (at == cut->count && node->allowed != 0)
        return node;
    if (at < cut->count) {
        const node_t *literal = find_literal(node, cut->base[at], cut->len[at]);
        if (literal != NULL && (found = search(literal, cut, at + 1, match)) != NULL)
            return found;
        if (node->placeholder != NULL && cut->len[at] != 0) {
            push_param(match, cut->base[at], cut->len[at]);
            if ((found = search(node->placeholder, cut, at + 1, match)) != NULL)
                return found;
            match->num_params = params;
        }
    }
    if (node->rest != NULL) {
        const char *from = at < cut->count ? cut->base[at] : cut->end;
        push_param(match, from, (size_t)(cut->end - from));
        return node->rest;
    }
    return NULL;
}

void lk_router_match(const lk_router_t *router, unsigned method, const char *path, size_t len, lk_match_t *ret_match)
{
    cut_path_t cut;
    *ret_match = (lk_match_t){0};
    if (cut_path(&cut, path, len) != 0)
        return;
    const node_t *node = search(router->root, &cut, 0, ret_match);
    if (node == NULL)
        return;
    ret_match->allowed = node->allowed;
    ret_match->cors = node->cors;
    for (unsigned i = 0; i < NUM_METHODS; ++i)
        if (method == 1u << i)
            ret_match->route = node->routes[i];
}

unsigned lk_method_parse(const char *name, size_t len)
{
    for (size_t i = 0; i < sizeof(method_names) / sizeof(method_names[0]); ++i)
        if (strlen(method_names[i].name) == len && memcmp(method_names[i].name, name, len) == 0)
            return method_names[i].bit;
    return LK_OTHER_METHOD;
}

const char *lk_method_name(unsigned method)
{
    for (size_t i = 0; i < sizeof(method_names) / sizeof(method_names[0]); ++i)
        if (method_names[i].bit == method)
            return method_names[i].name;
    return "OTHER";
}

const char *lk_methods_text(lk_arena_t *arena, unsigned methods)
{
    const char *text = "";
    for (size_t i = 0; i < sizeof(method_names) / sizeof(method_names[0]); ++i)
        if ((methods & method_names[i].bit) != 0)
            text = lk_printf(arena, "%s%s%s", text, *text != '\0' ? ", " : "", method_names[i].name);
    return text;
}
