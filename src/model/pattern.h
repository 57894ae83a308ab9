/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_MODEL_PATTERN_H
#define LK_MODEL_PATTERN_H

#include "core/arena.h"

/* Regular expressions as administrators write them for Keycloak, in Java's syntax: literals, classes, \d \w \s, groups,
 * alternation, greedy and lazy quantifiers, anchors, lookahead. No lookbehind, back references, possessive quantifiers or Unicode
 * classes. Works on code points. */
typedef enum en_lk_pattern_result_t {
    LK_PATTERN_NO_MATCH,
    LK_PATTERN_MATCH,
    LK_PATTERN_BROKEN, /* not a pattern, or uses what is not supported */
    LK_PATTERN_COSTLY  /* given up after four million steps: a pattern that explodes */
} lk_pattern_result_t;

/* Whether the whole text matches. */
lk_pattern_result_t lk_pattern_match(lk_arena_t *arena, const char *pattern, const char *text);

#endif
