/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "model/import_internal.h"

#include <string.h>
#include "model/admin_permissions.h"
#include "model/groups.h"

/* Roles, what they are composed of, scope mappings and groups. */

/* Calls on_role for each entry of a "roles" member: {"realm": [...], "client": {"app": [...]}}; client_id is NULL for the realm. */
typedef lk_status_t (*on_role_t)(lk_import_t *im, const char *client_id, const json_t *role, const char *path, lk_error_t *err);

static lk_status_t each_of_list(lk_import_t *im, const char *client_id, const json_t *list, const char *path, on_role_t on_role,
                                lk_error_t *err)
{
    size_t i;
    json_t *role;
    if (list != NULL && !json_is_array(list) && !json_is_null(list))
        return lk_fail(err, LK_INVALID, "malformed", "%s: expected an array", path);
    json_array_foreach((json_t *)list, i, role)
    {
        lk_status_t status = on_role(im, client_id, role, lk_printf(im->arena, "%s[%zu]", path, i), err);
        if (status != LK_OK)
            return status;
    }
    return LK_OK;
}

static lk_status_t each_role(lk_import_t *im, const json_t *roles, on_role_t on_role, lk_error_t *err)
{
    lk_status_t status = each_of_list(im, NULL, json_object_get(roles, "realm"), "$.roles.realm", on_role, err);
    const char *client_id;
    json_t *list;
    json_object_foreach(json_object_get(roles, "client"), client_id, list)
    {
        if (status != LK_OK)
            break;
        status = each_of_list(im, client_id, list, lk_printf(im->arena, "$.roles.client.%s", client_id), on_role, err);
    }
    return status;
}

static lk_status_t add_given(lk_import_t *im, const char *client_id, const json_t *value, const char *path, lk_error_t *err)
{
    json_t *role;
    lk_status_t status = lk_import_object(im, &lk_role_fields, value, path, &role, err);
    if (status != LK_OK)
        return status;
    const char *name = lk_json_str(role, "name", NULL), *client_uuid = NULL;
    if (name == NULL)
        return lk_fail(err, LK_INVALID, "unknown", "%s.name: missing", path);
    if (client_id != NULL && (client_uuid = json_string_value(json_object_get(im->clients, client_id))) == NULL)
        return lk_import_unknown(path, "client", client_id, err);
    /* The default role comes with defaultRole, and once more here with what it is composed of. */
    if (client_id == NULL && im->default_role_id != NULL && strcmp(name, im->default_role_name) == 0)
        return LK_OK;
    if (lk_import_role_id(im, client_id, name) != NULL)
        return lk_import_twice(path, "role", name, err);
    lk_import_add_role(im, client_id, client_uuid, lk_import_id(im, role, "id"), name, lk_import_rep(im, &lk_role_fields, role));
    return LK_OK;
}

static int is_default_role(const char *client_id, const char *name)
{
    return client_id == NULL && strncmp(name, "default-roles-", 14) == 0;
}

/* Built-in roles that were not given: remembers them by id, as what they belong to comes with them. Clients that the file gives
 * have the roles that it lists and no more, except realm-management, whose roles guard the admin API. */
static lk_status_t add_built_in(lk_import_t *im, const char *client_id, const json_t *role, const char *path, lk_error_t *err)
{
    const char *name = lk_json_str(role, "name", ""), *client_uuid = NULL;
    if (client_id != NULL) {
        client_uuid = json_string_value(json_object_get(im->clients, client_id));
        int whole = json_object_get(im->built_in, client_id) != NULL || strcmp(client_id, "realm-management") == 0 ||
                    (strcmp(client_id, "account") == 0 && lk_import_is_younger_account_role(im, name));
        if (client_uuid == NULL || !whole)
            return LK_OK;
    }
    if (is_default_role(client_id, name)) {
        if (im->default_role_id != NULL)
            return LK_OK;
        name = im->default_role_name;
    }
    if (lk_import_role_id(im, client_id, name) != NULL)
        return LK_OK;
    const char *id = lk_import_add_role(im, client_id, client_uuid, NULL, name, lk_import_rep(im, &lk_role_fields, role));
    json_object_set_new_nocheck(im->built_in_roles, id, json_true());
    return LK_OK;
}

/* Composites of a given role: what they name must be there. */
static lk_status_t compose_given(lk_import_t *im, const char *client_id, const json_t *role, const char *path, lk_error_t *err)
{
    const json_t *composites = json_object_get(role, "composites");
    const char *id = lk_import_role_id(im, client_id, lk_json_str(role, "name", "")), *child, *child_client;
    json_t *name, *names;
    size_t i;
    json_array_foreach(json_object_get(composites, "realm"), i, name)
    {
        if ((child = lk_import_role_id(im, NULL, json_is_string(name) ? json_string_value(name) : "")) == NULL)
            return lk_import_unknown(lk_printf(im->arena, "%s.composites.realm[%zu]", path, i), "role", json_string_value(name),
                                     err);
        lk_row_once(&im->rows, LK_TABLE_COMPOSITE, id, child);
    }
    const json_t *by_client = json_object_get(composites, "client");
    if (by_client == NULL)
        by_client = json_object_get(composites, "application");
    json_object_foreach((json_t *)by_client, child_client, names)
    {
        json_array_foreach(names, i, name)
        {
            if ((child = lk_import_role_id(im, child_client, json_is_string(name) ? json_string_value(name) : "")) == NULL)
                return lk_import_unknown(lk_printf(im->arena, "%s.composites.client.%s[%zu]", path, child_client, i), "role",
                                         json_string_value(name), err);
            lk_row_once(&im->rows, LK_TABLE_COMPOSITE, id, child);
        }
    }
    return LK_OK;
}

/* A built-in composition holds where it is part of what was made here: the child is new, or both are of one client and the parent
 * is; offline_access comes with its client scope. */
static void compose_if_new(lk_import_t *im, const char *parent_client, const char *parent_id, const char *child_client,
                           const char *child)
{
    const char *child_id = lk_import_role_id(im, child_client, child);
    if (parent_id == NULL || child_id == NULL)
        return;
    int same = parent_client != NULL && child_client != NULL && strcmp(parent_client, child_client) == 0;
    if (json_object_get(im->built_in_roles, child_id) != NULL || (same && json_object_get(im->built_in_roles, parent_id) != NULL) ||
        (im->made_offline_scope && child_client == NULL && strcmp(child, "offline_access") == 0))
        lk_row_once(&im->rows, LK_TABLE_COMPOSITE, parent_id, child_id);
}

static lk_status_t compose_built_in(lk_import_t *im, const char *client_id, const json_t *role, const char *path, lk_error_t *err)
{
    const json_t *composites = json_object_get(role, "composites");
    const char *name = lk_json_str(role, "name", ""), *child_client;
    const char *id = is_default_role(client_id, name) ? im->default_role_id : lk_import_role_id(im, client_id, name);
    json_t *child, *children;
    size_t i;
    json_array_foreach(json_object_get(composites, "realm"), i, child)
    {
        compose_if_new(im, client_id, id, NULL, json_string_value(child));
    }
    json_object_foreach(json_object_get(composites, "client"), child_client, children)
    {
        json_array_foreach(children, i, child) compose_if_new(im, client_id, id, child_client, json_string_value(child));
    }
    return LK_OK;
}

static int names_role(const json_t *list, const char *name)
{
    size_t i;
    json_t *role;
    json_array_foreach((json_t *)list, i, role)
    {
        if (strcmp(lk_json_str(role, "name", ""), name) == 0)
            return 1;
    }
    return 0;
}

/* The role that new users get: given as defaultRole, or made, under a name that no given role has. */
static lk_status_t add_default_role(lk_import_t *im, lk_error_t *err)
{
    const json_t *given = json_object_get(im->given, "defaultRole");
    if (given != NULL) {
        lk_status_t status = add_given(im, NULL, given, "$.defaultRole", err);
        if (status != LK_OK)
            return status;
        im->default_role_name = lk_json_str(given, "name", NULL);
        im->default_role_id = lk_import_role_id(im, NULL, im->default_role_name);
        return LK_OK;
    }
    const char *usual = lk_printf(im->arena, "default-roles-%s", lk_utf8_lower(im->arena, im->realm_name));
    const json_t *realm_roles = json_object_get(json_object_get(im->given, "roles"), "realm");
    im->default_role_name = usual;
    for (int i = 1; names_role(realm_roles, im->default_role_name); ++i)
        im->default_role_name = lk_printf(im->arena, "%s-%d", usual, i);
    return LK_OK;
}

/* Before 13 there was a list of names instead of a default role; clients may still have one. Roles that are not there are made. */
static lk_status_t add_deprecated_defaults(lk_import_t *im, lk_error_t *err)
{
    const char *id;
    json_t *name, *client;
    size_t i, j;
    json_array_foreach(json_object_get(im->given, "defaultRoles"), i, name)
    {
        lk_status_t status = lk_import_role(im, NULL, json_string_value(name), "$.defaultRoles", &id, err);
        if (status != LK_OK)
            return status;
        lk_row_once(&im->rows, LK_TABLE_COMPOSITE, im->default_role_id, id);
    }
    json_array_foreach(json_object_get(im->given, "clients"), i, client)
    {
        json_array_foreach(json_object_get(client, "defaultRoles"), j, name)
        {
            const char *path = lk_printf(im->arena, "$.clients[%zu].defaultRoles", i);
            if (!json_is_string(name))
                return lk_fail(err, LK_INVALID, "malformed", "%s: expected an array of strings", path);
            lk_status_t status = lk_import_role(im, lk_json_str(client, "clientId", ""), json_string_value(name), path, &id, err);
            if (status != LK_OK)
                return status;
            lk_row_once(&im->rows, LK_TABLE_COMPOSITE, im->default_role_id, id);
        }
    }
    return LK_OK;
}

/* The role that lets a client with authorization services manage its resources. */
static void add_protection_roles(lk_import_t *im)
{
    const char *client_id;
    json_t *client_uuid;
    json_object_foreach(im->protecting, client_id, client_uuid)
    {
        if (strcmp(client_id, LK_ADMIN_PERMISSIONS_CLIENT) != 0 && lk_import_role_id(im, client_id, "uma_protection") == NULL)
            lk_import_add_role(im, client_id, json_string_value(client_uuid), NULL, "uma_protection", "{}");
    }
}

static const json_t *default_roles_of_realm(const lk_import_t *im)
{
    return json_object_get(im->defaults, "roles");
}

lk_status_t lk_import_roles(lk_import_t *im, lk_error_t *err)
{
    const json_t *given = json_object_get(im->given, "roles");
    lk_status_t status = add_default_role(im, err);
    if (status == LK_OK)
        status = each_role(im, given, add_given, err);
    if (status == LK_OK)
        status = each_role(im, default_roles_of_realm(im), add_built_in, err);
    if (status == LK_OK && im->is_master)
        status = each_role(im, json_object_get(im->master, "roles"), add_built_in, err);
    if (status != LK_OK)
        return status;
    im->default_role_id = lk_import_role_id(im, NULL, im->default_role_name);
    add_protection_roles(im);
    if ((status = each_role(im, given, compose_given, err)) != LK_OK)
        return status;
    each_role(im, default_roles_of_realm(im), compose_built_in, err);
    if (im->is_master)
        each_role(im, json_object_get(im->master, "roles"), compose_built_in, err);
    return add_deprecated_defaults(im, err);
}

/* --- scope mappings --- */

/* One ScopeMappingRepresentation: {"client" or "clientScope": name, "roles": [names]}; the roles are those of `role_client`. */
static lk_status_t map_scope(lk_import_t *im, const char *role_client, const json_t *mapping, const char *path, lk_error_t *err)
{
    const char *client = lk_json_str(mapping, "client", NULL), *role_id;
    const char *scope = lk_json_str(mapping, "clientScope", lk_json_str(mapping, "clientTemplate", NULL));
    const char *client_uuid = client != NULL ? json_string_value(json_object_get(im->clients, client)) : NULL;
    const char *scope_id = client == NULL && scope != NULL ? lk_json_str(json_object_get(im->scopes, scope), "id", NULL) : NULL;
    if (client_uuid == NULL && scope_id == NULL)
        return client != NULL ? lk_import_unknown(path, "client", client, err)
                              : lk_import_unknown(path, "client scope", scope != NULL ? scope : "", err);
    size_t i;
    json_t *name;
    json_array_foreach(json_object_get(mapping, "roles"), i, name)
    {
        if (!json_is_string(name))
            return lk_fail(err, LK_INVALID, "malformed", "%s.roles[%zu]: expected a string", path, i);
        lk_status_t status = lk_import_role(im, role_client, json_string_value(name), path, &role_id, err);
        if (status != LK_OK)
            return status;
        lk_row_once(&im->rows, LK_TABLE_SCOPE_MAPPING, client_uuid, scope_id, role_id);
    }
    return LK_OK;
}

static lk_status_t map_scopes(lk_import_t *im, const char *role_client, const json_t *list, const char *path, lk_error_t *err)
{
    size_t i;
    json_t *mapping;
    lk_status_t status = LK_OK;
    json_array_foreach((json_t *)list, i, mapping)
    {
        if (status == LK_OK)
            status = map_scope(im, role_client, mapping, lk_printf(im->arena, "%s[%zu]", path, i), err);
    }
    return status;
}

/* Of what was made here. */
static void map_built_in(lk_import_t *im)
{
    const char *view_groups = lk_import_role_id(im, "account", "view-groups");
    int is_new = view_groups != NULL && json_object_get(im->built_in_roles, view_groups) != NULL;
    if (json_object_get(im->built_in, "account-console") != NULL ||
        (is_new && json_object_get(im->clients, "account-console") != NULL))
        map_scopes(im, "account", json_object_get(json_object_get(im->defaults, "clientScopeMappings"), "account"), "", NULL);
    if (im->made_offline_scope)
        map_scopes(im, NULL, json_object_get(im->defaults, "scopeMappings"), "", NULL);
}

lk_status_t lk_import_scope_mappings(lk_import_t *im, lk_error_t *err)
{
    lk_status_t status = map_scopes(im, NULL, json_object_get(im->given, "scopeMappings"), "$.scopeMappings", err);
    const char *client_id;
    json_t *list;
    json_object_foreach(json_object_get(im->given, "clientScopeMappings"), client_id, list)
    {
        if (status == LK_OK)
            status = map_scopes(im, client_id, list, lk_printf(im->arena, "$.clientScopeMappings.%s", client_id), err);
    }
    map_built_in(im);
    return status;
}

/* --- groups --- */

typedef struct st_group_t {
    lk_import_t *im;
    const char *id;
} group_t;

static void add_group_role(void *context, const char *role_id)
{
    group_t *group = context;
    lk_row_once(&group->im->rows, LK_TABLE_GROUP_ROLE, group->id, role_id);
}

/* A path as it is kept: with the first slash and without a last one. A slash in a group's name stays as it is, unless Keycloak was
 * told to write it ~/ (escape-slashes-in-group-path). */
static const char *plain_path(lk_arena_t *arena, const char *path)
{
    char *plain = lk_printf(arena, "/%s", path + (path[0] == '/')), *to = plain;
    for (const char *from = plain; *from != '\0'; ++from)
        if (from[0] != '~' || from[1] != '/')
            *to++ = *from;
    if (to - plain > 1 && to[-1] == '/')
        --to;
    *to = '\0';
    return plain;
}

static int is_default_group(const lk_import_t *im, const char *path)
{
    size_t i;
    json_t *entry;
    json_array_foreach(json_object_get(im->given, "defaultGroups"), i, entry)
    {
        if (strcmp(plain_path(im->arena, json_string_value(entry)), path) == 0)
            return 1;
    }
    return 0;
}

static lk_status_t add_groups(lk_import_t *im, const json_t *list, const char *parent_id, const char *parent_path, const char *at,
                              int depth, lk_error_t *err);

static lk_status_t add_group(lk_import_t *im, const json_t *value, const char *parent_id, const char *parent_path, const char *at,
                             int depth, lk_error_t *err)
{
    json_t *group;
    lk_status_t status = lk_import_object(im, &lk_group_fields, value, at, &group, err);
    if (status != LK_OK)
        return status;
    const char *name = lk_json_str(group, "name", "");
    if (name[0] == '\0')
        return lk_fail(err, LK_INVALID, "unknown", "%s.name: missing", at);
    const char *path = plain_path(im->arena, lk_printf(im->arena, "%s/%s", parent_path, name)), *id = lk_import_id(im, group, "id");
    /* Slashes in names can make one path of two groups: the first has it. The database sees to it that names differ. */
    if (json_object_get(im->groups, path) == NULL)
        json_object_set_new_nocheck(im->groups, path, json_string(id));
    lk_row(&im->rows, LK_TABLE_GROUP, id, parent_id, name, is_default_group(im, path) ? "t" : "f",
           lk_import_rep(im, &lk_group_fields, group));
    status = lk_import_each_role(im, group, at, add_group_role, &(group_t){im, id}, err);
    if (status != LK_OK)
        return status;
    return add_groups(im, json_object_get(group, "subGroups"), id, path, lk_printf(im->arena, "%s.subGroups", at), depth + 1, err);
}

static lk_status_t add_groups(lk_import_t *im, const json_t *list, const char *parent_id, const char *parent_path, const char *at,
                              int depth, lk_error_t *err)
{
    size_t i;
    json_t *group;
    lk_status_t status = LK_OK;
    if (depth > LK_MAX_GROUP_DEPTH)
        return lk_fail(err, LK_INVALID, "malformed", "%.200s: nested too deep", at);
    json_array_foreach((json_t *)list, i, group)
    {
        if (status == LK_OK)
            status = add_group(im, group, parent_id, parent_path, lk_printf(im->arena, "%s[%zu]", at, i), depth, err);
    }
    return status;
}

const char *lk_import_group_id(const lk_import_t *im, lk_arena_t *arena, const char *path)
{
    return json_string_value(json_object_get(im->groups, plain_path(arena, path)));
}

/* A default group that is not there is none, as in Keycloak. */
lk_status_t lk_import_groups(lk_import_t *im, lk_error_t *err)
{
    return add_groups(im, json_object_get(im->given, "groups"), NULL, "", "$.groups", 0, err);
}
