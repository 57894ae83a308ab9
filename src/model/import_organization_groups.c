/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "model/import_internal.h"

#include <string.h>
#include "model/groups.h"

/* Groups of the organizations of a realm file. What roles they name is found, or made, with the realm's other roles; they are
 * written behind the organizations and their members. */

typedef struct st_owner_t {
    lk_import_t *im;
    json_t *flat; /* groups without those below them: id, parent, name, rep (as text), roles (ids) */
    json_t *ids;  /* of all that the file has */
} owner_t;

static void add_role(void *context, const char *role_id)
{
    json_array_append_new(context, json_string(role_id));
}

static lk_status_t add_groups(const owner_t *owner, const json_t *list, const char *parent_id, const char *at, int depth,
                              lk_error_t *err);

static lk_status_t add_group(const owner_t *owner, const json_t *value, const char *parent_id, const char *at, int depth,
                             lk_error_t *err)
{
    lk_import_t *im = owner->im;
    json_t *group, *roles = lk_json_own(im->arena, json_array());
    lk_status_t status = lk_import_object(im, &lk_group_fields, value, at, &group, err);
    const char *name = status == LK_OK ? lk_json_str(group, "name", "") : "";
    if (status == LK_OK && *name == '\0')
        return lk_fail(err, LK_INVALID, "malformed", "%s.name: missing", at);
    if (status == LK_OK)
        status = lk_import_each_role(im, group, at, add_role, roles, err);
    if (status != LK_OK)
        return status;
    const char *id = lk_import_id(im, group, "id");
    if (json_object_get(owner->ids, id) != NULL)
        return lk_import_twice(at, "organization group", id, err);
    json_object_set_new_nocheck(owner->ids, id, json_true());
    json_array_append_new(owner->flat, json_pack("{s:s, s:s?, s:s, s:s, s:O}", "id", id, "parent", parent_id, "name", name, "rep",
                                                 lk_import_rep(im, &lk_group_fields, group), "roles", roles));
    return add_groups(owner, json_object_get(group, "subGroups"), id, lk_printf(im->arena, "%s.subGroups", at), depth + 1, err);
}

static lk_status_t add_groups(const owner_t *owner, const json_t *list, const char *parent_id, const char *at, int depth,
                              lk_error_t *err)
{
    size_t i;
    json_t *group;
    lk_status_t status = LK_OK;
    if (depth > LK_MAX_GROUP_DEPTH)
        return lk_fail(err, LK_INVALID, "malformed", "%.200s: nested too deep", at);
    json_array_foreach((json_t *)list, i, group)
    {
        if (status == LK_OK)
            status = add_group(owner, group, parent_id, lk_printf(owner->im->arena, "%s[%zu]", at, i), depth, err);
    }
    return status;
}

lk_status_t lk_import_organization_groups(lk_import_t *im, lk_error_t *err)
{
    size_t i;
    json_t *organization, *ids = lk_json_own(im->arena, json_object());
    lk_status_t status = LK_OK;
    im->organization_groups = lk_json_own(im->arena, json_object());
    json_array_foreach(json_object_get(im->given, "organizations"), i, organization)
    {
        const owner_t owner = {im, lk_json_own(im->arena, json_array()), ids};
        const json_t *groups = json_object_get(organization, "groups");
        if (status == LK_OK && json_is_array(groups))
            status = add_groups(&owner, groups, NULL, lk_printf(im->arena, "$.organizations[%zu].groups", i), 0, err);
        json_object_set_nocheck(im->organization_groups, lk_json_str(organization, "name", ""), owner.flat);
    }
    return status;
}

lk_status_t lk_write_organization_groups(lk_sql_t *tx, lk_arena_t *arena, const char *realm_id, const json_t *organization,
                                         const json_t *flat, lk_error_t *err)
{
    static const enum en_lk_query_t steps[] = {LK_Q_APPLY_ORGANIZATION_GROUPS_ASIDE, LK_Q_APPLY_ORGANIZATION_GROUPS,
                                               LK_Q_APPLY_ORGANIZATION_GROUPS_GONE, LK_Q_APPLY_ORGANIZATION_GROUP_ROLES_GONE,
                                               LK_Q_APPLY_ORGANIZATION_GROUP_ROLES};
    const char *id = lk_json_str(organization, "id", ""), *name = lk_json_str(organization, "name", ""),
               *groups = flat != NULL ? lk_json_text(arena, flat) : "[]";
    const json_t *members = json_object_get(organization, "members");
    const char *list = json_is_array(members) ? lk_json_text(arena, members) : "[]";
    lk_status_t status = LK_OK;
    lk_rows_t rows = {0};
    for (size_t i = 0; status == LK_OK && i != sizeof(steps) / sizeof(steps[0]); ++i) {
        status = lk_query(tx, arena, steps[i], &rows, err, realm_id, id, groups);
        if (status == LK_CONFLICT || (status == LK_OK && i == 1 && (size_t)rows.affected != json_array_size(flat)))
            return lk_fail(err, LK_CONFLICT, "duplicate", "organization \"%.200s\": an id or a name of its groups occurs twice",
                           name);
    }
    if (status == LK_OK)
        status = lk_query(tx, arena, LK_Q_UNKNOWN_ORGANIZATION_GROUP, &rows, err, realm_id, id, list);
    if (status == LK_OK && rows.count != 0)
        return lk_fail(err, LK_INVALID, "unknown", "organization \"%.200s\": a member is in a group \"%.100s\" that it has not",
                       name, lk_row_str(&rows, 0, "id"));
    if (status == LK_OK)
        status = lk_query(tx, arena, LK_Q_APPLY_ORGANIZATION_GROUP_MEMBERS_GONE, &rows, err, realm_id, id, list);
    return status == LK_OK ? lk_query(tx, arena, LK_Q_APPLY_ORGANIZATION_GROUP_MEMBERS, &rows, err, realm_id, id, list) : status;
}
