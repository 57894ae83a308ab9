/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "admin/groups.h"
#include "admin/listing.h"
#include "admin/users.h"

/* Groups of an organization and who of its members is in them. They are read when they are asked for, and nothing of them is in the
 * realm's snapshot: rows that change them change no configuration. */

/* --- what paths name --- */

/* Of the organization of the mount's prefix. */
static const char *organization_id(const lk_admin_t *admin)
{
    return lk_json_str(admin->found, "id", "");
}

lk_status_t lk_resolve_organization_groups(lk_admin_t *admin, lk_error_t *err)
{
    lk_rows_t rows;
    lk_status_t status = lk_resolve_organization(admin, err);
    if (status == LK_OK)
        status = lk_admin_sql(admin, LK_Q_ORGANIZATION_GROUPS, &rows, err, admin->id);
    return status == LK_OK ? lk_group_tree_read(admin->req->arena, admin->realm, &rows, &admin->groups, err) : status;
}

/* Whose the group is, where it is no group of the realm's own; NULL: nobody's. */
static lk_status_t owner_of(lk_admin_t *admin, const char *id, const char **ret_owner, lk_error_t *err)
{
    lk_rows_t rows;
    lk_status_t status = lk_admin_sql(admin, LK_Q_ORGANIZATION_OF_GROUP, &rows, err, id);
    *ret_owner = status == LK_OK && rows.count != 0 ? lk_row_str(&rows, 0, "id") : NULL;
    return status;
}

lk_status_t lk_admin_refuse_organization_group(lk_admin_t *admin, const char *id, const char *refusal, const char *missing,
                                               lk_error_t *err)
{
    const char *owner;
    lk_status_t status = owner_of(admin, id, &owner, err);
    if (status != LK_OK)
        return status;
    return owner != NULL ? lk_admin_message(err, LK_INVALID, refusal) : lk_fail(err, LK_NOT_FOUND, NULL, "%s", missing);
}

static const lk_group_t *find(const lk_admin_t *admin, const char *id)
{
    const lk_group_t *group = lk_group_tree_find(&admin->groups, id);
    return group != admin->groups.top ? group : NULL;
}

lk_status_t lk_resolve_organization_group(lk_admin_t *admin, lk_error_t *err)
{
    const char *id = admin->req->params[2], *owner = NULL;
    lk_status_t status = lk_resolve_organization_groups(admin, err);
    if (status != LK_OK)
        return status;
    admin->id = id;
    admin->group = find(admin, id);
    if (admin->group != NULL)
        return LK_OK;
    if (lk_realm_group_by_id(admin->realm, id) == NULL && (status = owner_of(admin, id, &owner, err)) != LK_OK)
        return status;
    return owner != NULL || lk_realm_group_by_id(admin->realm, id) != NULL
               ? lk_admin_message(err, LK_INVALID, "Group does not belong to the organization")
               : lk_admin_message(err, LK_NOT_FOUND, "Group does not exist");
}

lk_status_t lk_resolve_organization_group_by_path(lk_admin_t *admin, lk_error_t *err)
{
    const char *path = admin->req->params[2];
    lk_status_t status = lk_resolve_organization_groups(admin, err);
    if (status != LK_OK)
        return status;
    admin->group = lk_group_tree_at(&admin->groups, *path == '/' ? path : lk_printf(admin->req->arena, "/%s", path));
    if (admin->group == NULL || admin->group == admin->groups.top)
        return lk_fail(err, LK_NOT_FOUND, NULL, "Group path does not exist");
    admin->id = admin->group->id;
    return LK_OK;
}

/* --- reading --- */

static unsigned flags_of(const lk_admin_t *admin)
{
    return (lk_admin_flag(admin, "briefRepresentation", 1) ? 0 : LK_GROUP_FULL) |
           (lk_admin_flag(admin, "subGroupsCount", 0) ? LK_GROUP_COUNT : 0);
}

/* A search is for how names begin, or with a star before it for what is in them. */
static lk_group_filter_t filter_of(const lk_admin_t *admin, const lk_group_t *parent)
{
    lk_group_filter_t filter = lk_group_filter_of(admin, parent);
    filter.from_start = filter.search != NULL && *filter.search != '*';
    if (filter.search != NULL && *filter.search == '*')
        ++filter.search;
    return filter;
}

lk_status_t lk_organization_groups_list(lk_admin_t *admin, lk_error_t *err)
{
    lk_group_listing_t listing;
    const char *asked = lk_pairs_get(&admin->req->query, "q");
    lk_group_filter_t filter = filter_of(admin, admin->groups.top);
    int by_attributes = asked != NULL && *asked != '\0';
    filter.any_level = filter.search != NULL || by_attributes;
    filter.search = by_attributes ? NULL : filter.search;
    lk_group_listing_init(admin, &admin->groups, flags_of(admin), &listing);
    return lk_admin_reply(admin, lk_admin_flag(admin, "populateHierarchy", 0)
                                     ? lk_group_listing_tree(&listing, &filter, admin->groups.top)
                                     : lk_group_listing_find(&listing, &filter));
}

/* As in Keycloak without what a group has, whatever the query says, and not by attributes. */
lk_status_t lk_organization_group_children(lk_admin_t *admin, lk_error_t *err)
{
    lk_group_listing_t listing;
    lk_group_filter_t filter = filter_of(admin, admin->group);
    filter.attributes.count = 0;
    lk_group_listing_init(admin, &admin->groups, flags_of(admin) & LK_GROUP_COUNT, &listing);
    return lk_admin_reply(admin, lk_group_listing_find(&listing, &filter));
}

static json_t *show(lk_admin_t *admin, unsigned flags)
{
    lk_group_listing_t listing;
    lk_group_listing_init(admin, &admin->groups, (flags_of(admin) & LK_GROUP_COUNT) | flags, &listing);
    return lk_group_listing_show(&listing, admin->group, NULL);
}

lk_status_t lk_organization_group_get(lk_admin_t *admin, lk_error_t *err)
{
    (void)err;
    return lk_admin_reply(admin, show(admin, LK_GROUP_FULL));
}

lk_status_t lk_organization_group_by_path(lk_admin_t *admin, lk_error_t *err)
{
    (void)err;
    return lk_admin_reply(admin, show(admin, 0));
}

/* --- writing --- */

const lk_kind_t lk_kind_organization_group = {.fields = &lk_group_fields,
                                              .id = "id",
                                              .name = "name",
                                              .missing = "Group does not exist",
                                              .insert = LK_Q_ORGANIZATION_GROUP_INSERT,
                                              .update = LK_Q_ORGANIZATION_GROUP_UPDATE,
                                              .remove = LK_Q_ORGANIZATION_GROUP_DELETE,
                                              .prepare = lk_group_prepare};

/* NULL: it is an outermost one. */
static const char *parent_id(const lk_admin_t *admin, const lk_group_t *parent)
{
    return parent != admin->groups.top ? parent->id : NULL;
}

static lk_status_t name_taken(const lk_admin_t *admin, const lk_group_t *parent, lk_error_t *err)
{
    return lk_admin_message(err, LK_CONFLICT,
                            parent == admin->groups.top ? "Group with the given name already exists."
                                                        : "Sibling group with the given name already exists");
}

/* Why the group that is to be moved cannot be. */
static lk_status_t not_movable(lk_admin_t *admin, const char *id, const lk_group_t *parent, lk_error_t *err)
{
    const char *missing = parent == admin->groups.top ? "Could not find group by id" : "Could not find child by id";
    return lk_realm_group_by_id(admin->realm, id) != NULL
               ? lk_admin_message(err, LK_INVALID, "Can only move organization groups")
               : lk_admin_refuse_organization_group(admin, id, "Group does not belong to this organization", missing, err);
}

static lk_status_t too_deep(lk_admin_t *admin, lk_error_t *err)
{
    const char *text = lk_printf(admin->req->arena, "Groups cannot be nested deeper than %d levels", LK_MAX_GROUP_DEPTH);
    return lk_admin_message(err, LK_INVALID, text);
}

/* Two that are moved below one another at once would make a ring: so the tree is read anew, under the organization's lock. */
static lk_status_t move(lk_admin_t *admin, const char *id, const char *below, lk_error_t *err)
{
    lk_rows_t rows;
    lk_status_t status = lk_admin_sql(admin, LK_Q_ORGANIZATION_GROUPS_LOCK, &rows, err, organization_id(admin));
    if (status == LK_OK)
        status = lk_resolve_organization_groups(admin, err);
    if (status != LK_OK)
        return status;
    const lk_group_t *group = find(admin, id), *parent = lk_group_tree_find(&admin->groups, below);
    if (parent == NULL)
        return lk_admin_message(err, LK_NOT_FOUND, lk_kind_organization_group.missing);
    if (group == NULL)
        return not_movable(admin, id, parent, err);
    if (lk_group_is_within(parent, group))
        return lk_admin_message(err, LK_INVALID, "A group cannot be moved below itself");
    if (lk_group_tree_is_too_deep(&admin->groups, group, parent))
        return too_deep(admin, err);
    status = lk_admin_sql(admin, LK_Q_ORGANIZATION_GROUP_MOVE, &rows, err, id, parent_id(admin, parent));
    return status == LK_CONFLICT ? name_taken(admin, parent, err) : status;
}

/* Makes a group below `parent`, which admin->group is then, or moves there the one that the body names by its id. */
static lk_status_t add(lk_admin_t *admin, const lk_group_t *parent, unsigned flags, lk_error_t *err)
{
    const char *id = lk_json_str(admin->body, "id", NULL);
    lk_arena_t *arena = admin->req->arena;
    lk_status_t status = lk_admin_check(admin, &lk_group_fields, err);
    if (status == LK_OK)
        status = lk_group_prepare(admin, NULL, admin->body, err);
    if (status != LK_OK || id != NULL)
        return status == LK_OK ? move(admin, id, parent->id, err) : status;
    if (lk_group_tree_is_too_deep(&admin->groups, NULL, parent))
        return too_deep(admin, err);
    json_t *columns = lk_json_own(
        arena, json_pack("{s:s, s:s?}", "organizationId", organization_id(admin), "parentId", parent_id(admin, parent)));
    status = lk_kind_create(admin, &lk_kind_organization_group, admin->body, columns, &id, err);
    if (status != LK_OK)
        return status == LK_CONFLICT ? name_taken(admin, parent, err) : status;
    const char *name = lk_json_str(admin->body, "name", "");
    const lk_group_t made = {
        .id = id, .name = name, .path = lk_printf(arena, "%s/%s", parent->path, name), .parent = parent, .rep = admin->body};
    lk_reply_json(admin->reply, 201, lk_group_show(admin, &made, flags, 0, NULL));
    return lk_admin_reply_created(admin, id);
}

lk_status_t lk_organization_groups_create(lk_admin_t *admin, lk_error_t *err)
{
    return add(admin, admin->groups.top, 0, err);
}

lk_status_t lk_organization_group_add_child(lk_admin_t *admin, lk_error_t *err)
{
    return add(admin, admin->group, LK_GROUP_FULL, err);
}

/* The description goes where it is not given, the attributes stay. */
lk_status_t lk_organization_group_update(lk_admin_t *admin, lk_error_t *err)
{
    lk_arena_t *arena = admin->req->arena;
    json_t *old = lk_json_own(arena, lk_group_show(admin, admin->group, LK_GROUP_FULL, 0, NULL));
    lk_status_t status = lk_admin_check(admin, &lk_group_fields, err);
    if (status == LK_OK)
        status = lk_group_prepare(admin, NULL, admin->body, err);
    if (status != LK_OK)
        return status;
    if (strcmp(lk_json_str(admin->body, "id", admin->id), admin->id) != 0)
        return lk_admin_message(err, LK_INVALID, "Invalid group id");
    json_t *changed = lk_json_own(arena, json_deep_copy(old));
    json_object_del(changed, "description");
    lk_rep_patch(&lk_group_fields, changed, admin->body);
    return lk_kind_replace(admin, &lk_kind_organization_group, old, changed, err);
}

lk_status_t lk_organization_group_remove(lk_admin_t *admin, lk_error_t *err)
{
    return lk_kind_remove(admin, &lk_kind_organization_group, admin->id, err);
}

/* --- members --- */

static lk_status_t read_members(lk_admin_t *part, const lk_listing_t *listing, const lk_page_t *page, lk_rows_t *ret_rows,
                                lk_error_t *err)
{
    return lk_admin_sql(part, LK_Q_ORGANIZATION_GROUP_MEMBERS, ret_rows, err, part->id, page->after, page->first, page->max);
}

static json_t *show_member(lk_admin_t *part, const lk_listing_t *listing, const lk_rows_t *rows, int row)
{
    return lk_member_show(part, rows, row, lk_admin_flag(part, "briefRepresentation", 0));
}

lk_status_t lk_organization_group_members(lk_admin_t *admin, lk_error_t *err)
{
    long max = strtol(lk_admin_max(admin->req, LK_ADMIN_ALL), NULL, 10);
    lk_status_t status = lk_members_require_looking(admin, err);
    if (status != LK_OK)
        return status;
    if (!lk_members_are_seen(admin))
        return lk_admin_reply(admin, json_array());
    return lk_admin_reply_listing(admin, &(lk_listing_t){.read = read_members, .show = show_member, .max = max}, err);
}

/* Finds who the row names, and whether they belong to the organization. Whoever may change its groups is told who is not there. */
static lk_status_t find_user(lk_admin_t *admin, int *ret_belongs, lk_error_t *err)
{
    lk_rows_t rows;
    lk_status_t status = lk_user_by_id(admin->sql, admin->req->arena, admin->realm, admin->args[0], &admin->user, err);
    if (status == LK_OK && admin->user == NULL)
        return lk_admin_message(err, LK_NOT_FOUND, "User does not exist");
    if (status == LK_OK)
        status = lk_user_allow(admin, admin->user, &lk_user_grouped, err);
    if (status == LK_OK)
        status =
            lk_admin_sql(admin, LK_Q_ORGANIZATION_MEMBERS_COUNT, &rows, err, organization_id(admin), admin->args[0], NULL, NULL);
    if (status == LK_OK)
        *ret_belongs = lk_row_int(&rows, 0, "count", 0) != 0;
    return status;
}

static lk_status_t change_member(lk_admin_t *admin, enum en_lk_query_t query, lk_rows_t *ret_rows, lk_error_t *err)
{
    admin->told = lk_json_own(admin->req->arena, lk_group_show(admin, admin->group, 0, 0, NULL));
    return lk_admin_sql(admin, query, ret_rows, err, organization_id(admin), admin->args[0], admin->id);
}

lk_status_t lk_organization_group_member_add(lk_admin_t *admin, lk_error_t *err)
{
    int belongs;
    lk_rows_t rows;
    lk_status_t status = find_user(admin, &belongs, err);
    if (status == LK_OK && !belongs)
        return lk_admin_message(err, LK_INVALID, "User is not member of the organization");
    if (status == LK_OK)
        status = change_member(admin, LK_Q_ORGANIZATION_GROUP_MEMBER_ADD, &rows, err);
    return status == LK_OK && rows.affected == 0 ? lk_admin_message(err, LK_CONFLICT, "User is already a member of the group")
                                                 : status;
}

lk_status_t lk_organization_group_member_remove(lk_admin_t *admin, lk_error_t *err)
{
    int belongs;
    lk_rows_t rows;
    lk_status_t status = find_user(admin, &belongs, err);
    if (status == LK_OK)
        status = change_member(admin, LK_Q_ORGANIZATION_GROUP_MEMBER_REMOVE, &rows, err);
    admin->untold = status == LK_OK && rows.affected == 0;
    return status;
}

/* Those of the organization that a member is in. */
lk_status_t lk_member_groups(lk_admin_t *admin, lk_error_t *err)
{
    lk_rows_t rows;
    lk_group_listing_t listing;
    lk_status_t status = lk_member_find(admin, &lk_user_seen, &rows, err);
    if (status == LK_OK)
        status = lk_admin_sql(admin, LK_Q_ORGANIZATION_GROUPS_OF_MEMBER, &rows, err, admin->id, admin->args[0]);
    if (status == LK_OK)
        status = lk_resolve_organization_groups(admin, err);
    if (status != LK_OK)
        return status;
    lk_group_filter_t filter = filter_of(admin, NULL);
    filter.any_level = 1;
    filter.only = LK_NEW_ARRAY(admin->req->arena, const lk_group_t *, rows.count + 1);
    for (int i = 0; i != rows.count; ++i)
        filter.only[i] = lk_group_tree_find(&admin->groups, lk_row_str(&rows, i, "id"));
    lk_group_listing_init(admin, &admin->groups, flags_of(admin), &listing);
    return lk_admin_reply(admin, lk_group_listing_find(&listing, &filter));
}
