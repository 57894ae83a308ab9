/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "admin/fine_grained.h"
#include "admin/groups.h"

/* The tree of groups, read from the snapshot. What is found out for each group of a realm lies in arrays by its index there. */

/* --- answers --- */

static json_t *role_names(const lk_group_t *group, const char *client_id)
{
    json_t *names = json_array();
    for (size_t i = 0; i != group->num_roles; ++i) {
        const char *of = group->roles[i]->client_id;
        if (of == client_id || (of != NULL && client_id != NULL && strcmp(of, client_id) == 0))
            json_array_append_new(names, json_string(group->roles[i]->name));
    }
    return names;
}

static json_t *client_role_names(const lk_group_t *group)
{
    json_t *clients = json_object();
    for (size_t i = 0; i != group->num_roles; ++i) {
        const char *client_id = group->roles[i]->client_id;
        if (client_id != NULL && json_object_get(clients, client_id) == NULL)
            json_object_set_new(clients, client_id, role_names(group, client_id));
    }
    return clients;
}

json_t *lk_group_show(const lk_admin_t *admin, const lk_group_t *group, unsigned flags, long count, json_t *children)
{
    json_t *attributes = json_object_get(group->rep, "attributes");
    const char *description = lk_json_str(group->rep, "description", NULL);
    json_t *shown =
        json_pack("{s:s, s:s, s:s*, s:s}", "id", group->id, "name", group->name, "description", description, "path", group->path);
    if (group->parent != NULL)
        json_object_set_new(shown, "parentId", json_string(group->parent->id));
    if (flags & LK_GROUP_COUNT)
        json_object_set_new(shown, "subGroupCount", json_integer(count));
    json_object_set_new(shown, "subGroups", children != NULL ? children : json_array());
    if (flags & LK_GROUP_FULL) {
        json_object_set_new(shown, "attributes", attributes != NULL ? json_incref(attributes) : json_object());
        json_object_set_new(shown, "realmRoles", role_names(group, NULL));
        json_object_set_new(shown, "clientRoles", client_role_names(group));
    }
    if (flags & LK_GROUP_ACCESS)
        json_object_set_new(shown, "access", lk_admin_access(admin, &lk_access_to_group, group->id, NULL));
    return shown;
}

/* --- lists --- */

int lk_group_is_seen(const lk_admin_t *admin, const lk_group_t *group)
{
    return lk_admin_can(admin, "view-users") || lk_fine_allows(admin, LK_FINE(LK_GUARDED_GROUPS, "view"), group->id, NULL);
}

enum { IS_FOUND = 1, HAS_FOUND = 2 /* below it */ };

static size_t index_of(const lk_group_listing_t *listing, const lk_group_t *group)
{
    return (size_t)(group - listing->tree.entries);
}

static int compare_names(const void *a, const void *b)
{
    return strcmp((*(const lk_group_t *const *)a)->name, (*(const lk_group_t *const *)b)->name);
}

void lk_group_listing_init(lk_admin_t *admin, const lk_group_tree_t *tree, unsigned flags, lk_group_listing_t *ret_listing)
{
    lk_arena_t *arena = admin->req->arena;
    *ret_listing = (lk_group_listing_t){.admin = admin,
                                        .tree = *tree,
                                        .flags = flags,
                                        .by_name = LK_NEW_ARRAY(arena, const lk_group_t *, tree->count),
                                        .num_children = LK_NEW_ARRAY(arena, long, tree->count),
                                        .is_shown = lk_alloc(arena, tree->count + 1)};
    for (size_t i = 0; i != tree->count; ++i) {
        ret_listing->by_name[i] = &tree->entries[i];
        if (tree->entries[i].parent != NULL)
            ++ret_listing->num_children[index_of(ret_listing, tree->entries[i].parent)];
    }
    qsort(ret_listing->by_name, tree->count, sizeof(*ret_listing->by_name), compare_names);
}

/* Who sees an organization sees all of its groups. */
static int is_seen(const lk_group_listing_t *listing, const lk_group_t *group)
{
    return listing->tree.top != NULL || lk_group_is_seen(listing->admin, group);
}

json_t *lk_group_listing_show(const lk_group_listing_t *listing, const lk_group_t *group, json_t *children)
{
    /* One that is only on the way to what was found, and not the caller's to see, has no more than its name. */
    unsigned flags = is_seen(listing, group) ? listing->flags : listing->flags & LK_GROUP_COUNT;
    return lk_group_show(listing->admin, group, flags, listing->num_children[index_of(listing, group)], children);
}

static int has_value(const json_t *attributes, const lk_pair_t *wanted)
{
    size_t i;
    json_t *value;
    json_array_foreach(json_object_get(attributes, wanted->name), i, value)
    {
        if (json_is_string(value) && strcmp(json_string_value(value), wanted->value) == 0)
            return 1;
    }
    return 0;
}

static int is_among(const lk_group_t *const *groups, const lk_group_t *group)
{
    while (*groups != NULL && *groups != group)
        ++groups;
    return *groups != NULL;
}

static int has_name(const lk_group_filter_t *filter, const lk_group_t *group)
{
    if (filter->exact)
        return strcmp(group->name, filter->search) == 0;
    return filter->from_start ? strncasecmp(group->name, filter->search, strlen(filter->search)) == 0
                              : strcasestr(group->name, filter->search) != NULL;
}

static int matches(const lk_group_filter_t *filter, const lk_group_t *group)
{
    if (filter->only != NULL && !is_among(filter->only, group))
        return 0;
    if (!filter->any_level && group->parent != filter->parent)
        return 0;
    if (filter->search != NULL && !has_name(filter, group))
        return 0;
    for (size_t i = 0; i != filter->attributes.count; ++i)
        if (!has_value(group->attributes, &filter->attributes.entries[i]))
            return 0;
    return 1;
}

lk_group_filter_t lk_group_filter_of(const lk_admin_t *admin, const lk_group_t *parent)
{
    const char *search = lk_pairs_get(&admin->req->query, "search");
    return (lk_group_filter_t){.search = search != NULL && *search != '\0' ? search : NULL,
                               .exact = lk_admin_flag(admin, "exact", 0),
                               .attributes = lk_admin_attributes_asked(admin),
                               .parent = parent};
}

static unsigned flags_of(lk_admin_t *admin, int brief)
{
    return LK_GROUP_ACCESS | (lk_admin_flag(admin, "briefRepresentation", brief) ? 0 : LK_GROUP_FULL) |
           (lk_admin_flag(admin, "subGroupsCount", 1) ? LK_GROUP_COUNT : 0);
}

/* Marks a page of what is found with its ancestors. `flat`: takes each of the page; or NULL. */
static void find(lk_group_listing_t *listing, const lk_group_filter_t *filter, json_t *flat)
{
    const lk_admin_t *admin = listing->admin;
    long first = lk_admin_number(admin, "first", 0), max = lk_admin_number(admin, "max", LONG_MAX);
    for (size_t i = 0; i != listing->tree.count && max > 0; ++i) {
        const lk_group_t *group = listing->by_name[i];
        if (group == listing->tree.top || !matches(filter, group) || !is_seen(listing, group) || first-- > 0)
            continue;
        --max;
        if (flat != NULL)
            json_array_append_new(flat, lk_group_listing_show(listing, group, NULL));
        listing->is_shown[index_of(listing, group)] |= IS_FOUND;
        for (const lk_group_t *up = group->parent; up != NULL; up = up->parent)
            listing->is_shown[index_of(listing, up)] |= HAS_FOUND;
    }
}

json_t *lk_group_listing_find(lk_group_listing_t *listing, const lk_group_filter_t *filter)
{
    json_t *flat = json_array();
    find(listing, filter, flat);
    return flat;
}

static json_t *tree_below(const lk_group_listing_t *listing, const lk_group_t *parent)
{
    json_t *list = json_array();
    for (size_t i = 0; i != listing->tree.count; ++i) {
        const lk_group_t *group = listing->by_name[i];
        char shown = listing->is_shown[index_of(listing, group)];
        if (group->parent == parent && shown != 0)
            json_array_append_new(
                list, lk_group_listing_show(listing, group, (shown & HAS_FOUND) != 0 ? tree_below(listing, group) : NULL));
    }
    return list;
}

json_t *lk_group_listing_tree(lk_group_listing_t *listing, const lk_group_filter_t *filter, const lk_group_t *top)
{
    find(listing, filter, NULL);
    return tree_below(listing, top);
}

static void realm_listing(lk_admin_t *admin, unsigned flags, lk_group_listing_t *ret_listing)
{
    lk_group_tree_t tree = lk_group_tree_of_realm(admin->realm);
    lk_group_listing_init(admin, &tree, flags, ret_listing);
}

lk_status_t lk_groups_list(lk_admin_t *admin, lk_error_t *err)
{
    lk_group_listing_t listing;
    lk_group_filter_t filter = lk_group_filter_of(admin, NULL);
    filter.any_level = filter.search != NULL || filter.attributes.count != 0;
    realm_listing(admin, flags_of(admin, 1), &listing);
    return lk_admin_reply(admin, lk_admin_flag(admin, "populateHierarchy", 1) ? lk_group_listing_tree(&listing, &filter, NULL)
                                                                              : lk_group_listing_find(&listing, &filter));
}

lk_status_t lk_groups_count(lk_admin_t *admin, lk_error_t *err)
{
    lk_group_filter_t filter = lk_group_filter_of(admin, NULL);
    long count = 0;
    filter.any_level = filter.search != NULL || !lk_admin_flag(admin, "top", 0);
    for (size_t i = 0; i != admin->realm->num_groups; ++i)
        count += matches(&filter, &admin->realm->groups[i]) &&
                 (admin->fine == NULL || lk_group_is_seen(admin, &admin->realm->groups[i]));
    return lk_admin_reply(admin, json_pack("{s:I}", "count", (json_int_t)count));
}

lk_status_t lk_group_children(lk_admin_t *admin, lk_error_t *err)
{
    lk_group_listing_t listing;
    lk_group_filter_t filter = lk_group_filter_of(admin, admin->group);
    realm_listing(admin, flags_of(admin, 0), &listing);
    return lk_admin_reply(admin, lk_group_listing_find(&listing, &filter));
}

/* --- one group --- */

static lk_status_t reply_group(lk_admin_t *admin, const lk_group_t *group, unsigned flags)
{
    lk_group_listing_t listing;
    realm_listing(admin, flags | LK_GROUP_FULL | LK_GROUP_COUNT, &listing);
    return lk_admin_reply(admin, lk_group_listing_show(&listing, group, NULL));
}

lk_status_t lk_group_get(lk_admin_t *admin, lk_error_t *err)
{
    return reply_group(admin, admin->group, LK_GROUP_ACCESS);
}

lk_status_t lk_group_by_path(lk_admin_t *admin, lk_error_t *err)
{
    return reply_group(admin, admin->group, 0);
}

lk_status_t lk_group_prepare(lk_admin_t *admin, const json_t *old, json_t *rep, lk_error_t *err)
{
    const char *name = lk_json_str(rep, "name", "");
    if (name[strspn(name, " \t\r\n")] == '\0')
        return lk_admin_message(err, LK_INVALID, "Group name is missing");
    return LK_OK;
}

const lk_kind_t lk_kind_group = {.fields = &lk_group_fields,
                                 .id = "id",
                                 .name = "name",
                                 .missing = "Could not find group by id",
                                 .exists = "Sibling group named '%s' already exists.",
                                 .taken = "Sibling group named '%s' already exists.",
                                 .insert = LK_Q_GROUP_INSERT,
                                 .update = LK_Q_GROUP_UPDATE,
                                 .remove = LK_Q_GROUP_DELETE,
                                 .prepare = lk_group_prepare};

static lk_status_t name_taken(lk_admin_t *admin, const lk_group_t *parent, const char *name, lk_error_t *err)
{
    const char *where = parent != NULL ? "Sibling" : "Top level";
    return lk_admin_message(err, LK_CONFLICT, lk_printf(admin->req->arena, "%s group named '%s' already exists.", where, name));
}

static int is_too_deep(lk_admin_t *admin, const lk_group_t *group, const lk_group_t *parent, lk_error_t *err)
{
    lk_group_tree_t tree = lk_group_tree_of_realm(admin->realm);
    if (!lk_group_tree_is_too_deep(&tree, group, parent))
        return 0;
    lk_fail(err, LK_INVALID, NULL, "Groups cannot be nested deeper than %d levels", LK_MAX_GROUP_DEPTH);
    return 1;
}

/* Puts a group that exists below another one, or at the top. */
static lk_status_t move(lk_admin_t *admin, const char *id, const lk_group_t *parent, lk_error_t *err)
{
    lk_rows_t rows;
    const lk_group_t *group = lk_realm_group_by_id(admin->realm, id);
    if (group == NULL)
        return lk_fail(err, LK_NOT_FOUND, NULL, "Could not find child by id");
    if (is_too_deep(admin, group, parent, err))
        return LK_INVALID;
    /* Two that are moved below one another at once would make a ring: so the tree is asked anew, under the realm's lock. */
    lk_status_t status = lk_admin_sql(admin, LK_Q_GROUP_TREE_LOCK, &rows, err);
    if (status == LK_OK)
        status = lk_admin_sql(admin, LK_Q_GROUP_MOVE, &rows, err, group->id, parent != NULL ? parent->id : NULL);
    if (status == LK_OK && rows.affected == 0)
        return lk_fail(err, LK_INVALID, NULL, "A group cannot be moved below itself");
    return status == LK_CONFLICT ? name_taken(admin, parent, group->name, err) : status;
}

/* Makes a group below `parent`, or moves there the one that the body names by its id: then *ret_id is NULL. */
static lk_status_t add_group(lk_admin_t *admin, const lk_group_t *parent, const char **ret_id, lk_error_t *err)
{
    lk_status_t status = lk_admin_check(admin, &lk_group_fields, err);
    const char *id = lk_json_str(admin->body, "id", NULL), *name = lk_json_str(admin->body, "name", "");
    if (status == LK_OK)
        status = lk_group_prepare(admin, NULL, admin->body, err);
    if (status != LK_OK)
        return status;
    *ret_id = NULL;
    if (id != NULL)
        return move(admin, id, parent, err);
    if (is_too_deep(admin, NULL, parent, err))
        return LK_INVALID;
    json_t *below = lk_json_own(admin->req->arena, json_pack("{s:s?}", "parentId", parent != NULL ? parent->id : NULL));
    status = lk_kind_create(admin, &lk_kind_group, admin->body, below, ret_id, err);
    return status == LK_CONFLICT ? name_taken(admin, parent, name, err) : status;
}

static lk_status_t created(lk_admin_t *admin, const char *id)
{
    admin->reply->status = id != NULL ? 201 : 204;
    if (id != NULL)
        lk_reply_set_header(
            admin->reply, "location",
            lk_printf(admin->req->arena, "%s/admin/realms/%s/groups/%s", admin->req->base_url, admin->realm->name, id));
    return LK_OK;
}

lk_status_t lk_groups_create(lk_admin_t *admin, lk_error_t *err)
{
    const char *id;
    lk_status_t status = add_group(admin, NULL, &id, err);
    return status == LK_OK ? created(admin, id) : status;
}

lk_status_t lk_group_add_child(lk_admin_t *admin, lk_error_t *err)
{
    const char *id;
    lk_status_t status = add_group(admin, admin->group, &id, err);
    if (status != LK_OK || id == NULL)
        return status;
    const char *name = lk_json_str(admin->body, "name", "");
    lk_group_t child = {.id = id,
                        .name = name,
                        .path = lk_printf(admin->req->arena, "%s/%s", admin->group->path, name),
                        .parent = admin->group,
                        .rep = admin->body};
    lk_reply_json(admin->reply, 201, lk_group_show(admin, &child, LK_GROUP_FULL | LK_GROUP_ACCESS, 0, NULL));
    return created(admin, id);
}

lk_status_t lk_group_update(lk_admin_t *admin, lk_error_t *err)
{
    json_t *old = lk_json_own(admin->req->arena, lk_group_show(admin, admin->group, LK_GROUP_FULL, 0, NULL));
    lk_status_t status = lk_admin_check(admin, &lk_group_fields, err);
    if (status == LK_OK && strcmp(lk_json_str(admin->body, "id", admin->group->id), admin->group->id) != 0)
        return lk_admin_message(err, LK_INVALID, "Invalid group id");
    json_object_del(old, "description"); /* one that is not given is taken away */
    if (status == LK_OK)
        status = lk_group_prepare(admin, NULL, admin->body, err);
    return status == LK_OK ? lk_kind_update(admin, &lk_kind_group, old, admin->body, err) : status;
}

lk_status_t lk_group_remove(lk_admin_t *admin, lk_error_t *err)
{
    lk_admin_tell(admin, admin->group->id, "name", admin->group->name);
    lk_status_t status = LK_OK;
    for (size_t i = 0; status == LK_OK && i != admin->realm->num_groups; ++i)
        if (lk_group_is_within(&admin->realm->groups[i], admin->group))
            status = lk_fine_forget(admin, admin->realm->groups[i].id, err);
    return status == LK_OK ? lk_kind_remove(admin, &lk_kind_group, admin->group->id, err) : status;
}

lk_status_t lk_group_members(lk_admin_t *admin, lk_error_t *err)
{
    return lk_admin_reply_holders(admin, LK_Q_GROUP_MEMBERS, LK_Q_GROUP_MEMBERS_PERMITTED, admin->group->id, 0, err);
}

/* --- groups that new users join --- */

lk_status_t lk_default_groups_list(lk_admin_t *admin, lk_error_t *err)
{
    json_t *list = json_array();
    for (size_t i = 0; i != admin->realm->num_groups; ++i)
        if (admin->realm->groups[i].is_default)
            json_array_append_new(list, lk_group_show(admin, &admin->realm->groups[i], 0, 0, NULL));
    return lk_admin_reply(admin, list);
}

static lk_status_t set_default(lk_admin_t *admin, const char *is_default, lk_error_t *err)
{
    lk_rows_t rows;
    if (lk_realm_group_by_id(admin->realm, admin->args[0]) == NULL)
        return lk_admin_refuse_organization_group(
            admin, admin->args[0], "Cannot manage organization related group via non Organization API.", "Group not found", err);
    return lk_admin_sql(admin, LK_Q_GROUP_SET_DEFAULT, &rows, err, admin->args[0], is_default);
}

lk_status_t lk_default_group_add(lk_admin_t *admin, lk_error_t *err)
{
    return set_default(admin, "true", err);
}

lk_status_t lk_default_group_remove(lk_admin_t *admin, lk_error_t *err)
{
    return set_default(admin, "false", err);
}
