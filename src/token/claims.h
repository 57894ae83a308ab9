/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_TOKEN_CLAIMS_H
#define LK_TOKEN_CLAIMS_H

#include "core/arena.h"
#include "core/buffer.h"

/* A tree of claims in an arena: objects of names, leaves of ready JSON text, lists of such texts. Built by mappers, written once.
 */
typedef struct st_lk_claim_t {
    const char *name;
    const char *json;         /* a leaf; NULL: a list or an object */
    const char *const *items; /* a list; NULL: an object */
    size_t num_items;
    struct st_lk_claim_t *first, *last, *next;
} lk_claim_t;

/* Where a claim stands: names from the outermost object inward. */
typedef struct st_lk_claim_path_t {
    const char *const *names;
    size_t depth;
} lk_claim_path_t;

typedef enum en_lk_claim_join_t {
    LK_CLAIM_APPEND,  /* to a list that stands there; anything else is replaced */
    LK_CLAIM_DISTINCT /* what the list, or the one value, that stands there does not have yet */
} lk_claim_join_t;

/* Sets the claim at a path, making objects on the way; what stood there is replaced, its place kept. json NULL removes nothing and
 * sets nothing. */
void lk_claims_set_path(lk_arena_t *arena, lk_claim_t *root, const lk_claim_path_t *path, const char *json);
/* Adds JSON texts to the list at a path. No items, no list. */
void lk_claims_add_path(lk_arena_t *arena, lk_claim_t *root, const lk_claim_path_t *path, const char *const *items,
                        size_t num_items, lk_claim_join_t join);
void lk_claims_set(lk_arena_t *arena, lk_claim_t *root, const char *name, const char *json);
void lk_claims_set_text(lk_arena_t *arena, lk_claim_t *root, const char *name, const char *text);
void lk_claims_set_number(lk_arena_t *arena, lk_claim_t *root, const char *name, long long number);
/* Of a claim that is an object, leaves only the members of these names. */
void lk_claims_keep(lk_claim_t *root, const char *name, const char *const *names, size_t count);
/* NULL where there is none. */
const lk_claim_t *lk_claims_get(const lk_claim_t *root, const char *name);
void lk_claims_write(const lk_claim_t *object, lk_buffer_t *out);
/* Text as JSON in the arena. */
const char *lk_claims_quote(lk_arena_t *arena, const char *text);
/* ["a","b"]; with `single`, one alone is plain text. NULL where there is none. */
const char *lk_claims_list(lk_arena_t *arena, const char *const *texts, size_t count, int single);

#endif
