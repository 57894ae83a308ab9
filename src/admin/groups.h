/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_ADMIN_GROUPS_H
#define LK_ADMIN_GROUPS_H

#include "admin/handlers.h"
#include "model/groups.h"

/* Trees of groups, of the realm and of its organizations: what is listed of them, and how. */

typedef struct st_lk_group_listing_t {
    const lk_admin_t *admin;
    lk_group_tree_t tree;
    unsigned flags; /* LK_GROUP_... */
    /* what is found out for each group, by its index in the tree: */
    const lk_group_t **by_name; /* itself in the order of names */
    long *num_children;
    char *is_shown; /* found, or on the way to what was found */
} lk_group_listing_t;

/* What a list's query asks for. */
typedef struct st_lk_group_filter_t {
    const char *search;
    int exact, from_start; /* the whole name; or else how it begins */
    lk_pairs_t attributes;
    const lk_group_t *parent; /* of a list of children */
    int any_level;
    const lk_group_t **only; /* ends with NULL; or NULL: any */
} lk_group_filter_t;

void lk_group_listing_init(lk_admin_t *admin, const lk_group_tree_t *tree, unsigned flags, lk_group_listing_t *ret_listing);
lk_group_filter_t lk_group_filter_of(const lk_admin_t *admin, const lk_group_t *parent);
/* A page of what is found, by name. New reference, like those below. */
json_t *lk_group_listing_find(lk_group_listing_t *listing, const lk_group_filter_t *filter);
/* The same below `top`, each under its ancestors. */
json_t *lk_group_listing_tree(lk_group_listing_t *listing, const lk_group_filter_t *filter, const lk_group_t *top);
json_t *lk_group_listing_show(const lk_group_listing_t *listing, const lk_group_t *group, json_t *children);

/* The rule of names: lk_kind_t.prepare. */
lk_status_t lk_group_prepare(lk_admin_t *admin, const json_t *old, json_t *rep, lk_error_t *err);

#endif
