/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_MODEL_JSON_SCAN_H
#define LK_MODEL_JSON_SCAN_H

#include <stddef.h>
#include "core/arena.h"

/* Finding one's way in JSON text that is too large to be parsed at once. A piece of text; not NUL-terminated. */
typedef struct st_lk_span_t {
    const char *base, *end;
} lk_span_t;

/* Skips white space. */
const char *lk_scan_space(const char *at, const char *end);
/* The end of the value that begins at `at`; NULL where the text ends before it or its brackets do not match. Otherwise the value is
 * not checked: its parser does that. */
const char *lk_scan_value(const char *at, const char *end);
/* The value of a member of the object that `object` is; its last one, as parsers see it. 0 where there is none; -1 where the text
 * is no object. */
int lk_scan_member(lk_span_t object, const char *name, lk_span_t *ret_value);

/* Replaces Keycloak's placeholders: ${NAME} by the environment's NAME, ${A,B:default} by the first that is set, else by the
 * default, which may hold placeholders itself; what is not set and has no default stays. In strings, what is put in is escaped.
 * Returns the same text where it has none. */
lk_span_t lk_scan_expand(lk_arena_t *arena, lk_span_t text);

#endif
