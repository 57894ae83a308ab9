/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_CLI_ATTRIBUTES_H
#define LK_CLI_ATTRIBUTES_H

#include "core/error.h"
#include "core/json.h"

/* kcadm's paths into a JSON object: a.b, "a.b".c, a[0], a+=VALUE. */
#define LK_PATH_MAX 64          /* names in one path */
#define LK_PATH_MAX_INDEX 10000 /* an array grows up to here */

typedef struct st_lk_path_t {
    size_t count;
    struct {
        const char *name;
        int index; /* -1: none */
    } steps[LK_PATH_MAX];
} lk_path_t;

lk_status_t lk_path_parse(lk_arena_t *arena, const char *key, lk_path_t *ret_path, lk_error_t *err);
/* `assignment` is NAME=VALUE or NAME+=VALUE; missing objects and arrays on the way are made. */
lk_status_t lk_attribute_set(lk_arena_t *arena, json_t *object, const char *assignment, lk_error_t *err);
/* What is not there needs no deleting. */
lk_status_t lk_attribute_delete(lk_arena_t *arena, json_t *object, const char *key, lk_error_t *err);

#endif
