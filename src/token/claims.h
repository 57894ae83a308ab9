/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_TOKEN_CLAIMS_H
#define LK_TOKEN_CLAIMS_H

#include "core/buffer.h"

/* A tree of claims in an arena: objects of names, leaves of ready JSON text. Built by mappers, written once. */
typedef struct st_lk_claim_t {
    const char *name, *json; /* json NULL: an object */
    struct st_lk_claim_t *first, *last, *next;
} lk_claim_t;

/* Sets the claim at a path, making objects on the way; what stood there is replaced, its place kept. json NULL removes nothing and
 * sets nothing. */
void lk_claims_set_path(lk_arena_t *arena, lk_claim_t *root, const char *const *path, size_t length, const char *json);
void lk_claims_set(lk_arena_t *arena, lk_claim_t *root, const char *name, const char *json);
void lk_claims_set_text(lk_arena_t *arena, lk_claim_t *root, const char *name, const char *text);
void lk_claims_set_number(lk_arena_t *arena, lk_claim_t *root, const char *name, long long number);
/* NULL where there is none. */
const lk_claim_t *lk_claims_get(const lk_claim_t *root, const char *name);
void lk_claims_write(const lk_claim_t *object, lk_buffer_t *out);
/* Text as JSON in the arena. */
const char *lk_claims_quote(lk_arena_t *arena, const char *text);
/* ["a","b"]; with `single`, one alone is plain text. NULL where there is none. */
const char *lk_claims_list(lk_arena_t *arena, const char *const *texts, size_t count, int single);

#endif
