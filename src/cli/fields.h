/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_CLI_FIELDS_H
#define LK_CLI_FIELDS_H

#include "core/error.h"
#include "core/json.h"

/* --fields: which members of a JSON answer are printed. A member that is an object and has no brackets behind its name prints {}.
 */
#define LK_FIELDS_MAX_DEPTH 64

typedef struct st_lk_fields_t {
    const char *name; /* "*" stands for all */
    int excluded;
    struct st_lk_fields_t *children; /* NULL: no brackets */
    struct st_lk_fields_t *next;
} lk_fields_t;

lk_status_t lk_fields_parse(lk_arena_t *arena, const char *spec, lk_fields_t **ret_fields, lk_error_t *err);
/* What the filter leaves, as a new value of the arena; arrays are filtered item by item. */
json_t *lk_fields_filter(lk_arena_t *arena, const lk_fields_t *fields, json_t *value);
/* 1 where it says "*": then the value's own order holds. */
int lk_fields_all(const lk_fields_t *fields);

#endif
