/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_COMMAND_COMPARE_H
#define LK_COMMAND_COMPARE_H

#include <jansson.h>
#include "core/arena.h"

/* Two answers to one question, looked at member by member: addresses are relative to each server's own, tokens are taken apart,
 * what is random or a time is compared by its presence, and lists without regard to order. */
typedef struct st_lk_comparison_t {
    lk_arena_t *arena;
    const char *keycloak, *latchkey; /* base addresses, without a slash at the end */
    int may_have_more;               /* what Latchkey has beyond Keycloak's is no difference: metadata */
    size_t differing, further;       /* members that differ; and those */
} lk_comparison_t;

/* Prints each difference below `path` on a line of its own. Either may be NULL: not there. */
void lk_compare_values(lk_comparison_t *comparison, const char *path, const json_t *keycloak, const json_t *latchkey);
/* Prints one difference, and counts it. */
void lk_compare_differ(lk_comparison_t *comparison, const char *path, const char *keycloak, const char *latchkey);

#endif
