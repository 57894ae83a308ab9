/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_TOKEN_VALUES_H
#define LK_TOKEN_VALUES_H

#include "token/claims.h"

/* Text as JSON of one type, in the arena; NULL where it is none. */
typedef const char *(*lk_convert_t)(lk_arena_t *arena, const char *text);

/* By a mapper's jsonType.label ("String", "long", "int", "boolean", "JSON"); strings for NULL and for what is unknown. */
lk_convert_t lk_value_converter(const char *label);
/* An integer of 64 bits, as Java reads it: no blanks, a sign allowed. */
const char *lk_value_long(lk_arena_t *arena, const char *text);
/* Splits a claim's name at its dots. A backslash takes the next character as it is; an empty part, as in "a..b", takes the rest. */
lk_claim_path_t lk_claim_path(lk_arena_t *arena, const char *name);

#define LK_CLIENT_HOLE "${client_id}"
/* The text with each ${client_id} in it replaced; the text itself where there is none. */
const char *lk_value_of_client(lk_arena_t *arena, const char *text, const char *client_id);
/* The path with each ${client_id} in it replaced, whose dots do not nest. */
lk_claim_path_t lk_claim_path_of_client(lk_arena_t *arena, const lk_claim_path_t *path, const char *client_id);

#endif
