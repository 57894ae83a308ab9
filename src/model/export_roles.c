/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "model/export_internal.h"

#include <stdlib.h>
#include <string.h>

static int by_client_and_name(const void *a, const void *b)
{
    const lk_export_role_t *left = a, *right = b;
    const char *left_client = left->client_id != NULL ? left->client_id : "";
    const char *right_client = right->client_id != NULL ? right->client_id : "";
    int order = strcmp(left_client, right_client);
    return order != 0 ? order : strcmp(left->name, right->name);
}

lk_status_t lk_export_read_roles(lk_export_t *export, const lk_rows_t *rows, lk_error_t *err)
{
    export->num_roles = (size_t)rows->count;
    export->roles = LK_NEW_ARRAY(export->arena, lk_export_role_t, export->num_roles);
    for (int i = 0; i != rows->count; ++i) {
        lk_export_role_t *role = &export->roles[i];
        *role = (lk_export_role_t){lk_row_str(rows, i, "id"),          lk_row_str(rows, i, "name"),
                                   lk_row_str(rows, i, "client_name"), lk_row_str(rows, i, "client_id"),
                                   lk_row_str(rows, i, "children"),    NULL};
        lk_status_t status = lk_export_column(export->arena, rows, i, "rep", &role->rep, err);
        if (status != LK_OK)
            return status;
    }
    qsort(export->roles, export->num_roles, sizeof(*export->roles), by_client_and_name);
    export->role_index = lk_json_own(export->arena, json_object());
    for (size_t i = 0; i != export->num_roles; ++i)
        json_object_set_new_nocheck(export->role_index, export->roles[i].id, json_integer((json_int_t)i));
    return LK_OK;
}

/* --- roles by name --- */

static int by_number(const void *a, const void *b)
{
    size_t left = *(const size_t *)a, right = *(const size_t *)b;
    return (left > right) - (left < right);
}

/* The numbers of the roles in their order; *ret_count of them. */
static size_t *role_numbers(const lk_export_t *export, lk_arena_t *arena, const char *ids, size_t *ret_count)
{
    size_t count = 0, capacity = 1;
    for (const char *at = ids; *at != '\0'; ++at)
        capacity += *at == '\n';
    size_t *numbers = LK_NEW_ARRAY(arena, size_t, capacity);
    while (*ids != '\0') {
        size_t len = strcspn(ids, "\n");
        const json_t *number = json_object_get(export->role_index, lk_strndup(arena, ids, len));
        if (number != NULL)
            numbers[count++] = (size_t)json_integer_value(number);
        ids += len + (ids[len] == '\n');
    }
    qsort(numbers, count, sizeof(*numbers), by_number);
    *ret_count = count;
    return numbers;
}

void lk_export_put_roles(const lk_export_t *export, lk_arena_t *arena, json_t *target, const char *ids, const char *realm_member,
                         const char *client_member)
{
    size_t count;
    if (ids == NULL)
        return;
    const size_t *numbers = role_numbers(export, arena, ids, &count);
    for (size_t i = 0; i != count; ++i) {
        const lk_export_role_t *role = &export->roles[numbers[i]];
        json_t *names = role->client_id == NULL
                            ? lk_export_member(target, realm_member, JSON_ARRAY)
                            : lk_export_member(lk_export_member(target, client_member, JSON_OBJECT), role->client_id, JSON_ARRAY);
        json_array_append_new(names, json_string(role->name));
    }
}

static json_t *role_rep(lk_export_t *export, const lk_export_role_t *role)
{
    json_t *rep = json_copy(role->rep), *composites = json_object();
    lk_export_put_roles(export, export->arena, composites, role->children, "realm", "client");
    int is_composite = json_object_size(composites) != 0;
    json_object_set_new_nocheck(rep, "id", json_string(role->id));
    json_object_set_new_nocheck(rep, "name", json_string(role->name));
    json_object_set_new_nocheck(rep, "composite", json_boolean(is_composite));
    json_object_set_new_nocheck(rep, "clientRole", json_boolean(role->client_id != NULL));
    json_object_set_new_nocheck(rep, "containerId", json_string(role->client_id != NULL ? role->client_uuid : export->realm_id));
    lk_export_member(rep, "attributes", JSON_OBJECT);
    if (is_composite)
        json_object_set_nocheck(rep, "composites", composites);
    json_decref(composites);
    return lk_rep_ordered(&lk_role_fields, lk_json_own(export->arena, rep));
}

json_t *lk_export_roles(lk_export_t *export)
{
    json_t *result = lk_json_own(export->arena, json_object()), *client_id;
    const char *client_uuid;
    lk_export_member(result, "realm", JSON_ARRAY);
    json_t *clients = lk_export_member(result, "client", JSON_OBJECT);
    json_object_foreach(export->client_ids, client_uuid, client_id)
    {
        lk_export_member(clients, json_string_value(client_id), JSON_ARRAY);
    }
    for (size_t i = 0; i != export->num_roles; ++i) {
        const lk_export_role_t *role = &export->roles[i];
        json_t *list = role->client_id == NULL ? json_object_get(result, "realm") : json_object_get(clients, role->client_id);
        json_array_append_new(list, role_rep(export, role));
    }
    return result;
}

/* --- groups --- */

static int by_name(const void *a, const void *b)
{
    return strcmp(lk_json_str(*(json_t *const *)a, "name", ""), lk_json_str(*(json_t *const *)b, "name", ""));
}

static lk_status_t group_rep(lk_export_t *export, const lk_rows_t *rows, int row, json_t **ret_rep, lk_error_t *err)
{
    json_t *rep;
    lk_status_t status = lk_export_column(export->arena, rows, row, "rep", &rep, err);
    if (status != LK_OK)
        return status;
    const char *parent_id = lk_row_str(rows, row, "parent_id");
    json_object_set_new_nocheck(rep, "id", json_string(lk_row_str(rows, row, "id")));
    json_object_set_new_nocheck(rep, "name", json_string(lk_row_str(rows, row, "name")));
    if (parent_id != NULL)
        json_object_set_new_nocheck(rep, "parentId", json_string(parent_id));
    lk_export_member(rep, "attributes", JSON_OBJECT);
    lk_export_member(rep, "realmRoles", JSON_ARRAY);
    lk_export_member(rep, "clientRoles", JSON_OBJECT);
    lk_export_put_roles(export, export->arena, rep, lk_row_str(rows, row, "roles"), "realmRoles", "clientRoles");
    *ret_rep = rep;
    return LK_OK;
}

/* The groups below `parent_id` ("": at the top) with all below them. Groups in a ring, which no parent reaches, do not come up. */
static json_t *subtree(lk_export_t *export, const json_t *by_parent, const char *parent_id, const char *parent_path)
{
    size_t i;
    json_t *group, *result = lk_json_own(export->arena, json_array());
    json_array_foreach(json_object_get(by_parent, parent_id), i, group)
    {
        const char *path = lk_printf(export->arena, "%s/%s", parent_path, lk_json_str(group, "name", ""));
        const char *id = lk_json_str(group, "id", "");
        json_object_set_new_nocheck(export->group_paths, id, json_string(path));
        json_object_set_new_nocheck(group, "path", json_string(path));
        json_object_set_nocheck(group, "subGroups", subtree(export, by_parent, id, path));
        json_array_append_new(result, lk_rep_ordered(&lk_group_fields, group));
    }
    return result;
}

/* The groups that each id is the parent of, by name; "": of none. */
static lk_status_t by_parent_of(lk_export_t *export, const lk_rows_t *rows, json_t **ret_by_parent, lk_error_t *err)
{
    json_t **groups = LK_NEW_ARRAY(export->arena, json_t *, (size_t)rows->count),
           *by_parent = lk_json_own(export->arena, json_object());
    for (int i = 0; i != rows->count; ++i) {
        lk_status_t status = group_rep(export, rows, i, &groups[i], err);
        if (status != LK_OK)
            return status;
    }
    qsort(groups, (size_t)rows->count, sizeof(*groups), by_name);
    for (int i = 0; i != rows->count; ++i)
        json_array_append(lk_export_member(by_parent, lk_json_str(groups[i], "parentId", ""), JSON_ARRAY), groups[i]);
    *ret_by_parent = by_parent;
    return LK_OK;
}

lk_status_t lk_export_put_organization_groups(lk_export_t *export, const lk_rows_t *rows, lk_error_t *err)
{
    json_t *by_parent, *roots = lk_json_own(export->arena, json_object()), *organization;
    size_t i;
    lk_status_t status = by_parent_of(export, rows, &by_parent, err);
    if (status != LK_OK)
        return status;
    for (int row = 0; row != rows->count; ++row)
        json_object_set_new_nocheck(roots, lk_row_str(rows, row, "organization_id"),
                                    json_string(lk_row_str(rows, row, "group_root")));
    json_array_foreach(json_object_get(export->rep, "organizations"), i, organization)
    {
        const char *root = lk_json_str(roots, lk_json_str(organization, "id", ""), NULL);
        if (root != NULL)
            json_object_set_nocheck(organization, "groups", subtree(export, by_parent, root, ""));
    }
    return LK_OK;
}

lk_status_t lk_export_put_groups(lk_export_t *export, const lk_rows_t *rows, lk_error_t *err)
{
    json_t *by_parent;
    lk_status_t status = by_parent_of(export, rows, &by_parent, err);
    if (status != LK_OK)
        return status;
    export->group_paths = lk_json_own(export->arena, json_object());
    json_object_set_nocheck(export->rep, "groups", subtree(export, by_parent, "", ""));
    for (int i = 0; i != rows->count; ++i) {
        const json_t *path = json_object_get(export->group_paths, lk_row_str(rows, i, "id"));
        if (lk_row_bool(rows, i, "is_default") && path != NULL)
            json_array_append(lk_export_member(export->rep, "defaultGroups", JSON_ARRAY), (json_t *)path);
    }
    return LK_OK;
}

/* --- scope mappings --- */

/* The mapping of a client ("client") or client scope ("clientScope") in a list of them. */
static json_t *mapping_of(json_t *list, const char *kind, const char *name)
{
    size_t i;
    json_t *mapping;
    json_array_foreach(list, i, mapping)
    {
        if (strcmp(lk_json_str(mapping, kind, ""), name) == 0)
            return mapping;
    }
    mapping = json_pack("{s:s, s:[]}", kind, name, "roles");
    json_array_append_new(list, mapping);
    return mapping;
}

typedef struct st_mapping_t {
    size_t role; /* its number */
    const char *kind, *name;
} mapping_t;

static int by_role_of_mapping(const void *a, const void *b)
{
    const mapping_t *left = a, *right = b;
    int order = strcmp(left->kind, right->kind);
    if (order == 0)
        order = strcmp(left->name, right->name);
    return order != 0 ? order : by_number(&left->role, &right->role);
}

void lk_export_put_scope_mappings(lk_export_t *export, const lk_rows_t *rows)
{
    mapping_t *mappings = LK_NEW_ARRAY(export->arena, mapping_t, (size_t)rows->count);
    for (int i = 0; i != rows->count; ++i) {
        const char *client = lk_row_str(rows, i, "client_id"), *scope = lk_row_str(rows, i, "scope_id");
        const json_t *name =
            client != NULL ? json_object_get(export->client_ids, client) : json_object_get(export->scope_names, scope);
        mappings[i] = (mapping_t){(size_t)json_integer_value(json_object_get(export->role_index, lk_row_str(rows, i, "role_id"))),
                                  client != NULL ? "client" : "clientScope", json_string_value(name)};
    }
    qsort(mappings, (size_t)rows->count, sizeof(*mappings), by_role_of_mapping);
    for (int i = 0; i != rows->count; ++i) {
        const lk_export_role_t *role = &export->roles[mappings[i].role];
        json_t *list = role->client_id == NULL ? lk_export_member(export->rep, "scopeMappings", JSON_ARRAY)
                                               : lk_export_member(lk_export_member(export->rep, "clientScopeMappings", JSON_OBJECT),
                                                                  role->client_id, JSON_ARRAY);
        json_array_append_new(json_object_get(mapping_of(list, mappings[i].kind, mappings[i].name), "roles"),
                              json_string(role->name));
    }
}
