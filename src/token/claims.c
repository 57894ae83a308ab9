/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/arena.h"
#include "token/claims.h"

#define MAX_CLAIMS_TEXT (16 * 1024 * 1024)

static lk_claim_t *find(const lk_claim_t *object, const char *name)
{
    lk_claim_t *claim = object->first;
    while (claim != NULL && claim->name != name && strcmp(claim->name, name) != 0)
        claim = claim->next;
    return claim;
}

static lk_claim_t *child(lk_arena_t *arena, lk_claim_t *object, const char *name)
{
    lk_claim_t *claim = find(object, name);
    if (claim != NULL)
        return claim;
    claim = LK_NEW(arena, lk_claim_t);
    claim->name = name;
    if (object->last != NULL)
        object->last->next = claim;
    else
        object->first = claim;
    object->last = claim;
    return claim;
}

/* A leaf or list on the way becomes an object. */
static lk_claim_t *at(lk_arena_t *arena, lk_claim_t *root, const lk_claim_path_t *path)
{
    for (size_t i = 0; i != path->depth; ++i) {
        root->json = NULL;
        root->items = NULL;
        root = child(arena, root, path->names[i]);
    }
    root->first = root->last = NULL;
    return root;
}

void lk_claims_set_path(lk_arena_t *arena, lk_claim_t *root, const lk_claim_path_t *path, const char *json)
{
    if (json == NULL || path->depth == 0)
        return;
    lk_claim_t *claim = at(arena, root, path);
    claim->items = NULL;
    claim->json = json;
}

static int has(const char *const *items, size_t count, const char *item)
{
    for (size_t i = 0; i != count; ++i)
        if (strcmp(items[i], item) == 0)
            return 1;
    return 0;
}

void lk_claims_add_path(lk_arena_t *arena, lk_claim_t *root, const lk_claim_path_t *path, const char *const *items,
                        size_t num_items, lk_claim_join_t join)
{
    if (num_items == 0 || path->depth == 0)
        return;
    lk_claim_t *claim = at(arena, root, path);
    const char *single = join == LK_CLAIM_DISTINCT ? claim->json : NULL;
    const char *const *old = claim->items != NULL ? claim->items : &single;
    size_t num_old = claim->items != NULL ? claim->num_items : single != NULL;
    claim->json = NULL;
    claim->items = items;
    claim->num_items = num_items;
    if (num_old == 0)
        return;
    const char **joined = LK_NEW_ARRAY(arena, const char *, num_old + num_items);
    memcpy(joined, old, num_old * sizeof(*old));
    claim->items = joined;
    claim->num_items = num_old;
    for (size_t i = 0; i != num_items; ++i)
        if (join == LK_CLAIM_APPEND || !has(joined, num_old, items[i]))
            joined[claim->num_items++] = items[i];
}

void lk_claims_set(lk_arena_t *arena, lk_claim_t *root, const char *name, const char *json)
{
    lk_claims_set_path(arena, root, &(lk_claim_path_t){&name, 1}, json);
}

void lk_claims_set_text(lk_arena_t *arena, lk_claim_t *root, const char *name, const char *text)
{
    if (text != NULL)
        lk_claims_set(arena, root, name, lk_claims_quote(arena, text));
}

void lk_claims_set_number(lk_arena_t *arena, lk_claim_t *root, const char *name, long long number)
{
    lk_claims_set(arena, root, name, lk_printf(arena, "%lld", number));
}

void lk_claims_keep(lk_claim_t *root, const char *name, const char *const *names, size_t count)
{
    lk_claim_t *object = find(root, name);
    if (object == NULL)
        return;
    lk_claim_t **link = &object->first;
    object->last = NULL;
    for (lk_claim_t *claim = object->first; claim != NULL; claim = claim->next)
        if (has(names, count, claim->name)) {
            *link = object->last = claim;
            link = &claim->next;
        }
    *link = NULL;
}

const lk_claim_t *lk_claims_get(const lk_claim_t *root, const char *name)
{
    return find(root, name);
}

static void write_items(const char *const *items, size_t count, lk_buffer_t *out)
{
    for (size_t i = 0; i != count; ++i) {
        lk_buffer_putc(out, i == 0 ? '[' : ',');
        lk_buffer_puts(out, items[i]);
    }
    lk_buffer_putc(out, ']');
}

void lk_claims_write(const lk_claim_t *object, lk_buffer_t *out)
{
    char separator = '{';
    if (object->json != NULL) {
        lk_buffer_puts(out, object->json);
        return;
    }
    if (object->items != NULL) {
        write_items(object->items, object->num_items, out);
        return;
    }
    for (const lk_claim_t *claim = object->first; claim != NULL; claim = claim->next) {
        lk_buffer_putc(out, separator);
        lk_buffer_json_string(out, claim->name);
        lk_buffer_putc(out, ':');
        lk_claims_write(claim, out);
        separator = ',';
    }
    lk_buffer_puts(out, separator == '{' ? "{}" : "}");
}

/* Most texts need no escape: one allocation of their size. */
const char *lk_claims_quote(lk_arena_t *arena, const char *text)
{
    lk_buffer_t out;
    size_t len = 0;
    while ((unsigned char)text[len] >= 0x20 && text[len] != '"' && text[len] != '\\')
        ++len;
    if (text[len] == '\0') {
        char *quoted = lk_alloc(arena, len + 3);
        quoted[0] = quoted[len + 1] = '"';
        memcpy(quoted + 1, text, len);
        return quoted;
    }
    lk_buffer_init(&out, arena, MAX_CLAIMS_TEXT);
    lk_buffer_json_string(&out, text);
    return out.base;
}

const char *lk_claims_list(lk_arena_t *arena, const char *const *texts, size_t count, int single)
{
    lk_buffer_t out;
    if (count == 0)
        return NULL;
    if (count == 1 && single)
        return lk_claims_quote(arena, texts[0]);
    lk_buffer_init(&out, arena, MAX_CLAIMS_TEXT);
    for (size_t i = 0; i != count; ++i) {
        lk_buffer_putc(&out, i == 0 ? '[' : ',');
        lk_buffer_json_string(&out, texts[i]);
    }
    lk_buffer_putc(&out, ']');
    return out.base;
}
