/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_CORE_JSON_H
#define LK_CORE_JSON_H

#include <jansson.h>
#include <stdint.h>
#include "core/arena.h"
#include "core/error.h"

/* jansson values whose lifetime is an arena's. A value made by json_*() is either put into another one (json_object_set_new) or
 * handed to lk_json_own(). */

/* Releases the reference when the arena ends; returns `value`. */
json_t *lk_json_own(lk_arena_t *arena, json_t *value);
/* Parses one JSON text of any type (RFC 8259; duplicate member names: the last wins; NUL characters and more than a thousand levels
 * refused). Failure: LK_INVALID whose text gives line, column and reason. */
lk_status_t lk_json_parse(lk_arena_t *arena, const char *text, size_t len, json_t **ret_value, lk_error_t *err);

#define LK_JSON_MAX_KEPT_DEPTH 500

/* The same of what may be stored: refuses what would be unreadable afterwards as a part of something larger, as it is too deep, or
 * as a number has more than 64 bits. */
lk_status_t lk_json_parse_kept(lk_arena_t *arena, const char *text, size_t len, json_t **ret_value, lk_error_t *err);

/* Compact text in the arena. */
char *lk_json_text(lk_arena_t *arena, const json_t *value);

/* 1 where the value is that text, or an array that has it (the claim "aud"). */
int lk_json_names(const json_t *value, const char *text);

/* Members of an object; the default where the member is missing, null or of another type. `object` may be NULL. */
const char *lk_json_str(const json_t *object, const char *name, const char *fallback);
int lk_json_bool(const json_t *object, const char *name, int fallback);
/* Whether an array has that string; NULL has none. */
int lk_json_lists(const json_t *array, const char *text);
/* The first object of an array whose member is that text; NULL where there is none. */
const json_t *lk_json_find(const json_t *array, const char *name, const char *value);
/* Without what stands behind the point: RFC 7519 lets times be any number. */
long long lk_json_int(const json_t *object, const char *name, long long fallback);
/* Seconds, of a number of any size: those beyond 10^15 count as that many, so that they can be added and compared. 0 of anything
 * else. */
int64_t lk_json_time(const json_t *value);
/* A Keycloak config map's value: a string, or the first string of an array; booleans written as "true"/"false" are understood. */
const char *lk_json_config(const json_t *config, const char *name, const char *fallback);
int lk_json_config_bool(const json_t *config, const char *name, int fallback);
long long lk_json_config_int(const json_t *config, const char *name, long long fallback);

#endif
