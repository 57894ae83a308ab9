/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "model/import_internal.h"
#include "model/plan_internal.h"

#include <string.h>

/* Roles, clients, client scopes and groups that go take what names them along: composites, role mappings of groups, scope mappings.
 * What the file itself still names is an error of the file: an import of it would make such things anew, or miss them. */

typedef struct st_names_t {
    json_t *clients, *scopes, *groups;
    json_t *roles;       /* "client\nrole", "\nrole" */
    const char *dropped; /* the last one that was named somewhere; or NULL */
} names_t;

static const char *role_key(lk_arena_t *arena, const char *client_id, const char *name)
{
    return lk_printf(arena, "%s\n%s", client_id, name);
}

static void collect(lk_arena_t *arena, json_t *set, const char *prefix, const json_t *list, const char *member)
{
    size_t i;
    json_t *thing;
    json_array_foreach((json_t *)list, i, thing)
    {
        json_object_set_new_nocheck(set, lk_printf(arena, "%s%s", prefix, lk_json_str(thing, member, "")), json_true());
    }
}

static void collect_groups(lk_arena_t *arena, json_t *set, const char *prefix, const json_t *list)
{
    size_t i;
    json_t *group;
    json_array_foreach((json_t *)list, i, group)
    {
        const char *path = lk_printf(arena, "%s/%s", prefix, lk_json_str(group, "name", ""));
        json_object_set_new_nocheck(set, path, json_true());
        collect_groups(arena, set, path, json_object_get(group, "subGroups"));
    }
}

static names_t names_of(lk_arena_t *arena, const json_t *realm)
{
    names_t names = {lk_json_own(arena, json_object()), lk_json_own(arena, json_object()), lk_json_own(arena, json_object()),
                     lk_json_own(arena, json_object()), NULL};
    const json_t *roles = json_object_get(realm, "roles");
    const char *client_id;
    json_t *list;
    collect(arena, names.clients, "", json_object_get(realm, "clients"), "clientId");
    collect(arena, names.scopes, "", json_object_get(realm, "clientScopes"), "name");
    collect(arena, names.roles, "\n", json_object_get(roles, "realm"), "name");
    json_object_foreach(json_object_get(roles, "client"), client_id, list)
    {
        if (json_object_get(names.clients, client_id) != NULL)
            collect(arena, names.roles, role_key(arena, client_id, ""), list, "name");
    }
    collect_groups(arena, names.groups, "", json_object_get(realm, "groups"));
    return names;
}

/* What was there and is no more. */
static void keep_gone(json_t *before, const json_t *after)
{
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)after, name, value)
    {
        json_object_del(before, name);
    }
}

static void drop_names(lk_arena_t *arena, names_t *names, json_t *list, const json_t *gone, const char *client_id)
{
    for (size_t i = json_array_size(list); i-- != 0;) {
        const char *name = json_string_value(json_array_get(list, i));
        if (name == NULL || json_object_get(gone, client_id != NULL ? role_key(arena, client_id, name) : name) == NULL)
            continue;
        names->dropped = lk_strdup(arena, name);
        json_array_remove(list, i);
    }
}

/* The members that are named after clients. */
static void drop_clients(names_t *gone, json_t *by_client)
{
    const char *client_id;
    json_t *ignored;
    json_object_foreach(gone->clients, client_id, ignored)
    {
        const json_t *list = json_object_get(by_client, client_id);
        if (json_array_size(list) != 0)
            gone->dropped = client_id;
        json_object_del(by_client, client_id);
    }
}

static void drop_roles(lk_arena_t *arena, names_t *gone, json_t *owner, const char *realm_member, const char *client_member)
{
    const char *client_id;
    json_t *list, *by_client = json_object_get(owner, client_member);
    drop_names(arena, gone, json_object_get(owner, realm_member), gone->roles, "");
    json_object_foreach(by_client, client_id, list)
    {
        drop_names(arena, gone, list, gone->roles, client_id);
    }
    drop_clients(gone, by_client);
}

static void drop_of_composites(lk_arena_t *arena, names_t *gone, json_t *roles)
{
    size_t i;
    json_t *role;
    json_array_foreach(roles, i, role)
    {
        drop_roles(arena, gone, json_object_get(role, "composites"), "realm", "client");
    }
}

static void drop_of_groups(lk_arena_t *arena, names_t *gone, json_t *groups)
{
    size_t i;
    json_t *group;
    json_array_foreach(groups, i, group)
    {
        drop_roles(arena, gone, group, "realmRoles", "clientRoles");
        drop_of_groups(arena, gone, json_object_get(group, "subGroups"));
    }
}

static void drop_of_mappings(lk_arena_t *arena, names_t *gone, json_t *mappings, const char *role_client)
{
    for (size_t i = json_array_size(mappings); i-- != 0;) {
        json_t *mapping = json_array_get(mappings, i);
        const char *client = lk_json_str(mapping, "client", ""), *scope = lk_json_str(mapping, "clientScope", "");
        if (json_object_get(gone->clients, client) != NULL || json_object_get(gone->scopes, scope) != NULL) {
            gone->dropped = lk_strdup(arena, client[0] != '\0' ? client : scope);
            json_array_remove(mappings, i);
        } else {
            drop_names(arena, gone, json_object_get(mapping, "roles"), gone->roles, role_client);
        }
    }
}

static void drop_of_users(lk_arena_t *arena, names_t *gone, json_t *users)
{
    size_t i;
    json_t *user;
    json_array_foreach(users, i, user)
    {
        drop_roles(arena, gone, user, "realmRoles", "clientRoles");
        drop_names(arena, gone, json_object_get(user, "groups"), gone->groups, NULL);
    }
}

static void drop_all(lk_arena_t *arena, names_t *gone, json_t *realm)
{
    json_t *roles = json_object_get(realm, "roles"), *mappings = json_object_get(realm, "clientScopeMappings"), *list,
           *organization;
    const char *name;
    size_t i;
    drop_of_composites(arena, gone, json_object_get(roles, "realm"));
    json_object_foreach(json_object_get(roles, "client"), name, list)
    {
        drop_of_composites(arena, gone, list);
    }
    drop_clients(gone, json_object_get(roles, "client"));
    drop_of_groups(arena, gone, json_object_get(realm, "groups"));
    json_array_foreach(json_object_get(realm, "organizations"), i, organization)
    {
        drop_of_groups(arena, gone, json_object_get(organization, "groups"));
    }
    drop_of_mappings(arena, gone, json_object_get(realm, "scopeMappings"), "");
    json_object_foreach(mappings, name, list)
    {
        drop_of_mappings(arena, gone, list, name);
    }
    drop_clients(gone, mappings);
    drop_names(arena, gone, json_object_get(realm, "defaultGroups"), gone->groups, NULL);
    drop_names(arena, gone, json_object_get(realm, "defaultDefaultClientScopes"), gone->scopes, NULL);
    drop_names(arena, gone, json_object_get(realm, "defaultOptionalClientScopes"), gone->scopes, NULL);
    drop_of_users(arena, gone, json_object_get(realm, "users"));
}

static names_t names_gone(lk_plan_t *plan)
{
    names_t gone = names_of(plan->arena, plan->current), left = names_of(plan->arena, plan->wanted);
    keep_gone(gone.clients, left.clients);
    keep_gone(gone.scopes, left.scopes);
    keep_gone(gone.groups, left.groups);
    keep_gone(gone.roles, left.roles);
    return gone;
}

int lk_plan_drop_references(lk_plan_t *plan)
{
    names_t gone = names_gone(plan);
    if (json_object_size(gone.clients) + json_object_size(gone.scopes) + json_object_size(gone.groups) +
            json_object_size(gone.roles) ==
        0)
        return 0;
    plan->wanted = lk_json_own(plan->arena, json_deep_copy(plan->current));
    drop_all(plan->arena, &gone, plan->wanted);
    return 1;
}

const char *lk_plan_dangling(lk_plan_t *plan)
{
    names_t gone = names_gone(plan);
    drop_all(plan->arena, &gone, plan->wanted);
    return gone.dropped;
}
