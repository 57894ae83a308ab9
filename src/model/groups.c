/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "model/groups.h"

#include <stdlib.h>
#include <string.h>
#include "core/json.h"
#include "model/snapshot.h"

static int compare_by_id(const void *a, const void *b)
{
    return strcmp(((const lk_group_t *)a)->id, ((const lk_group_t *)b)->id);
}

const lk_group_t *lk_group_tree_find(const lk_group_tree_t *tree, const char *id)
{
    lk_group_t wanted = {.id = id};
    return tree->count != 0 ? bsearch(&wanted, tree->entries, tree->count, sizeof(wanted), compare_by_id) : NULL;
}

const lk_group_t *lk_group_tree_at(const lk_group_tree_t *tree, const char *path)
{
    size_t i = 0;
    while (i != tree->count && strcmp(tree->entries[i].path, path) != 0)
        ++i;
    return i != tree->count ? &tree->entries[i] : NULL;
}

lk_group_tree_t lk_group_tree_of_realm(const lk_realm_t *realm)
{
    return (lk_group_tree_t){realm->groups, realm->num_groups, NULL};
}

int lk_group_is_within(const lk_group_t *group, const lk_group_t *above)
{
    while (group != NULL && group != above)
        group = group->parent;
    return group != NULL;
}

static size_t level_of(const lk_group_t *group, const lk_group_t *above)
{
    size_t level = 0;
    for (; group != NULL && group != above; group = group->parent)
        ++level;
    return level;
}

int lk_group_tree_is_too_deep(const lk_group_tree_t *tree, const lk_group_t *group, const lk_group_t *parent)
{
    size_t below = 0, above = level_of(parent, tree->top);
    for (size_t i = 0; group != NULL && i != tree->count; ++i)
        if (lk_group_is_within(&tree->entries[i], group) && level_of(&tree->entries[i], group) > below)
            below = level_of(&tree->entries[i], group);
    return above + 1 + below > LK_MAX_GROUP_DEPTH;
}

/* Where the parents form a ring, which nothing here makes, it is cut, lest whoever walks up never arrive. */
static void cut_ring(lk_group_t *group, size_t count)
{
    size_t level = 0;
    for (const lk_group_t *up = group; up != NULL; up = up->parent)
        if (++level > count) {
            group->parent = NULL;
            return;
        }
}

/* A group's path needs its parent's; `depth` ends the walk should the parents ever form a ring. */
static const char *find_path(lk_arena_t *arena, lk_group_t *group, int depth)
{
    if (group->path == NULL) {
        const char *parent = group->parent != NULL && depth < 100 ? find_path(arena, (lk_group_t *)group->parent, depth + 1) : "";
        group->path = *group->name != '\0' ? lk_printf(arena, "%s/%s", parent, group->name) : "";
    }
    return group->path;
}

static lk_status_t read_one(lk_arena_t *arena, const lk_realm_t *realm, const lk_rows_t *rows, int row, lk_group_t *ret_group,
                            lk_error_t *err)
{
    const char *text = lk_row_str(rows, row, "rep"), *id = lk_row_str(rows, row, "id");
    json_t *rep;
    if (lk_json_parse(arena, text, strlen(text), &rep, err) != LK_OK || !json_is_object(rep)) {
        lk_fail(err, LK_INTERNAL, NULL, NULL);
        return lk_error_detail(err, "group %s of realm %s", id, realm->name);
    }
    *ret_group = (lk_group_t){.id = lk_strdup(arena, id),
                              .name = lk_strdup(arena, lk_row_str(rows, row, "name")),
                              .is_default = lk_row_bool(rows, row, "is_default"),
                              .rep = rep,
                              .attributes = json_object_get(rep, "attributes")};
    ret_group->roles = lk_roles_resolve(arena, realm, lk_row_str(rows, row, "roles"), &ret_group->num_roles);
    return LK_OK;
}

lk_status_t lk_group_tree_read(lk_arena_t *arena, const lk_realm_t *realm, const lk_rows_t *rows, lk_group_tree_t *ret_tree,
                               lk_error_t *err)
{
    lk_group_t *groups = LK_NEW_ARRAY(arena, lk_group_t, (size_t)rows->count);
    lk_group_tree_t tree = {groups, (size_t)rows->count, NULL};
    lk_status_t status = LK_OK;
    for (int i = 0; status == LK_OK && i != rows->count; ++i)
        status = read_one(arena, realm, rows, i, &groups[i], err);
    if (status != LK_OK)
        return status;
    qsort(groups, tree.count, sizeof(*groups), compare_by_id);
    for (int i = 0; i != rows->count; ++i) {
        const char *parent = lk_row_str(rows, i, "parent_id");
        lk_group_t *group = (lk_group_t *)lk_group_tree_find(&tree, lk_row_str(rows, i, "id"));
        group->parent = parent != NULL ? lk_group_tree_find(&tree, parent) : NULL;
        if (*group->name == '\0')
            tree.top = group;
    }
    for (size_t i = 0; i != tree.count; ++i)
        cut_ring(&groups[i], tree.count);
    for (size_t i = 0; i != tree.count; ++i)
        find_path(arena, &groups[i], 0);
    *ret_tree = tree;
    return LK_OK;
}
