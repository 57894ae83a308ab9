/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_MODEL_GROUPS_H
#define LK_MODEL_GROUPS_H

#include "model/realm.h"
#include "store/store.h"

#define LK_MAX_GROUP_DEPTH 64

/* Groups that stand below one another: the realm's own, which its snapshot has, and each organization's own, which are read when
 * they are asked for. */

typedef struct st_lk_group_tree_t {
    const lk_group_t *entries; /* by id, in bytes */
    size_t count;
    const lk_group_t *top; /* an entry without a name that the outermost ones stand below; NULL: they stand below nothing */
} lk_group_tree_t;

/* Of rows id, parent_id, name, is_default, rep, roles; whatever it points into is in the arena. */
lk_status_t lk_group_tree_read(lk_arena_t *arena, const lk_realm_t *realm, const lk_rows_t *rows, lk_group_tree_t *ret_tree,
                               lk_error_t *err);
lk_group_tree_t lk_group_tree_of_realm(const lk_realm_t *realm);
/* Either may be `top`, too. NULL where there is none. */
const lk_group_t *lk_group_tree_find(const lk_group_tree_t *tree, const char *id);
const lk_group_t *lk_group_tree_at(const lk_group_tree_t *tree, const char *path);
/* Whether the group is that one, or below it. */
int lk_group_is_within(const lk_group_t *group, const lk_group_t *above);
/* Whether a group, with all that is below it, would stand deeper than LK_MAX_GROUP_DEPTH below that parent. `group` NULL: a new
 * one; `parent` NULL: at the top. */
int lk_group_tree_is_too_deep(const lk_group_tree_t *tree, const lk_group_t *group, const lk_group_t *parent);

#endif
