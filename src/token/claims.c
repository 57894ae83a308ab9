/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/arena.h"
#include "token/claims.h"

#define MAX_CLAIMS_TEXT (16 * 1024 * 1024)

static lk_claim_t *child(lk_arena_t *arena, lk_claim_t *object, const char *name)
{
    for (lk_claim_t *claim = object->first; claim != NULL; claim = claim->next)
        if (strcmp(claim->name, name) == 0)
            return claim;
    lk_claim_t *claim = LK_NEW(arena, lk_claim_t);
    claim->name = name;
    if (object->last != NULL)
        object->last->next = claim;
    else
        object->first = claim;
    object->last = claim;
    return claim;
}

void lk_claims_set_path(lk_arena_t *arena, lk_claim_t *root, const char *const *path, size_t length, const char *json)
{
    if (json == NULL || length == 0)
        return;
    for (size_t i = 0; i != length; ++i) {
        root->json = NULL; /* a leaf on the way becomes an object */
        root = child(arena, root, path[i]);
    }
    root->json = json;
    root->first = root->last = NULL;
}

void lk_claims_set(lk_arena_t *arena, lk_claim_t *root, const char *name, const char *json)
{
    lk_claims_set_path(arena, root, &name, 1, json);
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

const lk_claim_t *lk_claims_get(const lk_claim_t *root, const char *name)
{
    for (const lk_claim_t *claim = root->first; claim != NULL; claim = claim->next)
        if (strcmp(claim->name, name) == 0)
            return claim;
    return NULL;
}

void lk_claims_write(const lk_claim_t *object, lk_buffer_t *out)
{
    char separator = '{';
    if (object->json != NULL) {
        lk_buffer_puts(out, object->json);
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

const char *lk_claims_quote(lk_arena_t *arena, const char *text)
{
    lk_buffer_t out;
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
