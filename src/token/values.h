/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_TOKEN_VALUES_H
#define LK_TOKEN_VALUES_H

#include "token/mapper.h"

typedef enum en_lk_value_list_t {
    LK_VALUE_BY_CONFIG,  /* a list where the mapper says multivalued, else the first value */
    LK_VALUE_SINGLE,     /* the first value */
    LK_VALUE_ALWAYS_LIST /* a list unless the mapper says multivalued=false */
} lk_value_list_t;

/* Sets the mapper's claim ("claim.name": dots nest, \. does not; ${client_id} is `client`) to values converted to its
 * "jsonType.label". Values that do not convert are left out. `fallback_name` is the claim where none is named, or NULL. */
void lk_value_set(lk_build_t *build, const lk_mapper_t *mapper, const char *const *values, size_t count, lk_value_list_t list,
                  const char *fallback_name, const char *client);
/* Splits a claim's name at its dots; *ret_path is in the arena. Returns the number of parts; 0 where the name is empty. */
size_t lk_claim_path(lk_arena_t *arena, const char *name, const char ***ret_path);

#endif
