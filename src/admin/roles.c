/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "admin/fine_grained.h"

/* Roles of the realm (no client resolved) and of a client, and what they are composed of. They are read from the snapshot. */

/* --- answers --- */

static void set_if_text(json_t *object, const char *name, const char *text)
{
    if (text != NULL)
        json_object_set_new(object, name, json_string(text));
}

json_t *lk_role_show(const lk_realm_t *realm, const lk_role_t *role, int brief)
{
    json_t *shown = json_pack("{s:s, s:s}", "id", role->id, "name", role->name), *attributes;
    set_if_text(shown, "description", lk_json_str(role->rep, "description", NULL));
    json_object_set_new(shown, "composite", json_boolean(role->num_children != 0));
    json_object_set_new(shown, "clientRole", json_boolean(role->client_uuid != NULL));
    json_object_set_new(shown, "containerId", json_string(role->client_uuid != NULL ? role->client_uuid : realm->id));
    if (!brief) {
        attributes = json_object_get(role->rep, "attributes");
        json_object_set_new(shown, "attributes", attributes != NULL ? json_incref(attributes) : json_object());
    }
    return shown;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp((*(const lk_role_t *const *)a)->name, (*(const lk_role_t *const *)b)->name);
}

int lk_role_is_of(const lk_role_t *role, const char *client_uuid)
{
    if (client_uuid == NULL || role->client_uuid == NULL)
        return client_uuid == role->client_uuid || (client_uuid != NULL && *client_uuid == '\0');
    return *client_uuid == '\0' || strcmp(role->client_uuid, client_uuid) == 0;
}

json_t *lk_roles_select(lk_admin_t *admin, const lk_role_set_t *in, const lk_role_set_t *not_in, const char *client_uuid, int brief)
{
    const lk_realm_t *realm = admin->realm;
    const lk_role_t **found = LK_NEW_ARRAY(admin->req->arena, const lk_role_t *, realm->num_roles);
    size_t count = 0;
    for (size_t i = 0; i != realm->num_roles; ++i) {
        const lk_role_t *role = &realm->roles[i];
        if (lk_role_is_of(role, client_uuid) && (in == NULL || lk_role_set_has(in, role)) &&
            (not_in == NULL || !lk_role_set_has(not_in, role)))
            found[count++] = role;
    }
    qsort(found, count, sizeof(*found), compare_names);
    json_t *list = json_array();
    for (size_t i = 0; i != count; ++i)
        json_array_append_new(list, lk_role_show(realm, found[i], brief));
    return list;
}

/* Those whose name or description holds the text. Takes over the reference. */
static json_t *search(json_t *roles, const char *text)
{
    json_t *found = json_array(), *role;
    size_t i;
    json_array_foreach(roles, i, role)
    {
        if (strcasestr(lk_json_str(role, "name", ""), text) != NULL ||
            strcasestr(lk_json_str(role, "description", ""), text) != NULL)
            json_array_append(found, role);
    }
    json_decref(roles);
    return found;
}

/* --- life --- */

static lk_status_t prepare(lk_admin_t *admin, const json_t *old, json_t *rep, lk_error_t *err)
{
    return lk_json_str(rep, "name", NULL) != NULL ? LK_OK : lk_fail(err, LK_INVALID, NULL, "role has no name");
}

static const lk_role_t *composite_named(lk_admin_t *admin, const char *client_id, const json_t *name)
{
    const char *text = json_string_value(name);
    return text != NULL ? lk_realm_role(admin->realm, client_id, text) : NULL;
}

/* The ids of the roles that "composites" names: {"realm": [names], "client": {clientId: [names]}}. In the arena. */
static json_t *composite_ids(lk_admin_t *admin, const json_t *composites)
{
    json_t *ids = lk_json_own(admin->req->arena, json_array()), *clients = json_object_get(composites, "client"), *names, *name;
    const char *client_id;
    const lk_role_t *role;
    size_t i;
    json_array_foreach(json_object_get(composites, "realm"), i, name)
    {
        if ((role = composite_named(admin, NULL, name)) != NULL)
            json_array_append_new(ids, json_string(role->id));
    }
    json_object_foreach(clients, client_id, names)
    {
        json_array_foreach(names, i, name)
        {
            if ((role = composite_named(admin, client_id, name)) != NULL)
                json_array_append_new(ids, json_string(role->id));
        }
    }
    return ids;
}

static lk_status_t written(lk_admin_t *admin, const json_t *old, const json_t *rep, lk_error_t *err)
{
    lk_rows_t rows;
    if (old != NULL || !lk_json_bool(rep, "composite", 0))
        return LK_OK;
    json_t *ids = composite_ids(admin, json_object_get(rep, "composites"));
    lk_status_t status = lk_admin_require_roles(admin, ids, LK_ROLE_FOR_ROLE, err);
    if (status != LK_OK)
        return status;
    return lk_admin_sql(admin, LK_Q_ROLE_COMPOSITES_ADD, &rows, err, lk_json_str(rep, "id", ""),
                        lk_json_text(admin->req->arena, ids));
}

const lk_kind_t lk_kind_role = {.fields = &lk_role_fields,
                                .id = "id",
                                .name = "name",
                                .missing = "Could not find role",
                                .exists = "Role with name %s already exists",
                                .insert = LK_Q_ROLE_INSERT,
                                .update = LK_Q_ROLE_UPDATE,
                                .remove = LK_Q_ROLE_DELETE,
                                .prepare = prepare,
                                .written = written};

lk_status_t lk_roles_list(lk_admin_t *admin, lk_error_t *err)
{
    const lk_pairs_t *query = &admin->req->query;
    const char *text = lk_pairs_get(query, "search");
    json_t *list = lk_roles_select(admin, NULL, NULL, admin->client != NULL ? admin->client->id : NULL,
                                   lk_admin_flag(admin, "briefRepresentation", 1));
    int is_search = text != NULL && *text != '\0';
    if (is_search)
        list = search(list, text);
    /* Without a search Keycloak wants both to give a page. */
    if (is_search || (lk_pairs_get(query, "first") != NULL && lk_pairs_get(query, "max") != NULL))
        list = lk_admin_page(admin, list, LK_ADMIN_ALL);
    return lk_admin_reply(admin, list);
}

lk_status_t lk_roles_create(lk_admin_t *admin, lk_error_t *err)
{
    const char *id;
    lk_status_t status = lk_admin_check(admin, &lk_role_fields, err);
    if (status != LK_OK)
        return status;
    json_object_del(admin->body, "id"); /* a new role's id is never the caller's */
    json_t *container =
        lk_json_own(admin->req->arena, json_pack("{s:s?}", "containerId", admin->client != NULL ? admin->client->id : NULL));
    status = lk_kind_create(admin, &lk_kind_role, admin->body, container, &id, err);
    return status == LK_OK ? lk_admin_reply_created(admin, lk_json_str(admin->body, "name", "")) : status;
}

lk_status_t lk_role_get(lk_admin_t *admin, lk_error_t *err)
{
    return lk_admin_reply(admin, lk_role_show(admin->realm, admin->role, 0));
}

lk_status_t lk_role_update(lk_admin_t *admin, lk_error_t *err)
{
    json_t *old = lk_json_own(admin->req->arena, lk_role_show(admin->realm, admin->role, 0));
    lk_status_t status = lk_admin_check(admin, &lk_role_fields, err);
    if (status == LK_OK && *lk_json_str(admin->body, "name", "") == '\0')
        status = lk_fail(err, LK_INVALID, NULL, "role has no name");
    json_object_del(old, "description"); /* one that is not given is taken away */
    return status == LK_OK ? lk_kind_update(admin, &lk_kind_role, old, admin->body, err) : status;
}

lk_status_t lk_role_remove(lk_admin_t *admin, lk_error_t *err)
{
    if (admin->role == admin->realm->default_role)
        return lk_admin_message(
            err, LK_INVALID,
            lk_printf(admin->req->arena, "%s is default role of the realm and cannot be removed.", admin->role->name));
    lk_admin_tell(admin, admin->role->id, "name", admin->role->name);
    lk_status_t status = lk_fine_forget(admin, admin->role->id, err);
    return status == LK_OK ? lk_kind_remove(admin, &lk_kind_role, admin->role->id, err) : status;
}

/* --- what a role is composed of --- */

static json_t *composites(lk_admin_t *admin, const char *client_uuid)
{
    lk_role_set_t children;
    const char *text = lk_pairs_get(&admin->req->query, "search");
    lk_role_set_init(&children, admin->req->arena, admin->realm);
    lk_role_set_direct(&children, admin->role->children, admin->role->num_children);
    json_t *list = lk_roles_select(admin, &children, NULL, client_uuid, 1);
    return lk_admin_page(admin, text != NULL ? search(list, text) : list, LK_ADMIN_ALL);
}

lk_status_t lk_role_composites(lk_admin_t *admin, lk_error_t *err)
{
    return lk_admin_reply(admin, composites(admin, LK_ANY_CONTAINER));
}

lk_status_t lk_role_composites_of_realm(lk_admin_t *admin, lk_error_t *err)
{
    return lk_admin_reply(admin, composites(admin, NULL));
}

lk_status_t lk_role_composites_of_client(lk_admin_t *admin, lk_error_t *err)
{
    const lk_client_t *client;
    lk_status_t status = lk_admin_find_client(admin, admin->args[0], "Could not find client", &client, err);
    return status == LK_OK ? lk_admin_reply(admin, composites(admin, client->id)) : status;
}

static lk_status_t change_composites(lk_admin_t *admin, enum en_lk_query_t query, lk_error_t *err)
{
    size_t i;
    json_t *given, *ids = lk_json_own(admin->req->arena, json_array());
    lk_rows_t rows;
    lk_status_t status = lk_admin_check_all(admin, &lk_role_fields, err);
    json_array_foreach(admin->body, i, given)
    {
        const char *id = lk_json_str(given, "id", "");
        if (status == LK_OK && lk_realm_role_by_id(admin->realm, id) == NULL)
            status = lk_fail(err, LK_NOT_FOUND, NULL, "Could not find composite role");
        json_array_append_new(ids, json_string(id));
    }
    if (status == LK_OK)
        status = lk_admin_require_roles(admin, ids, LK_ROLE_FOR_ROLE, err);
    return status == LK_OK ? lk_admin_sql(admin, query, &rows, err, admin->role->id, lk_json_text(admin->req->arena, ids)) : status;
}

lk_status_t lk_role_composites_add(lk_admin_t *admin, lk_error_t *err)
{
    return change_composites(admin, LK_Q_ROLE_COMPOSITES_ADD, err);
}

lk_status_t lk_role_composites_remove(lk_admin_t *admin, lk_error_t *err)
{
    return change_composites(admin, LK_Q_ROLE_COMPOSITES_REMOVE, err);
}

/* --- who has it --- */

lk_status_t lk_role_groups(lk_admin_t *admin, lk_error_t *err)
{
    json_t *list = json_array();
    for (size_t i = 0; i != admin->realm->num_groups; ++i) {
        const lk_group_t *group = &admin->realm->groups[i];
        for (size_t j = 0; j != group->num_roles; ++j)
            if (group->roles[j] == admin->role)
                json_array_append_new(
                    list, lk_group_show(admin, group, lk_admin_flag(admin, "briefRepresentation", 1) ? 0 : LK_GROUP_FULL, 0, NULL));
    }
    return lk_admin_reply(admin, lk_admin_page(admin, list, LK_ADMIN_ALL));
}

lk_status_t lk_role_users(lk_admin_t *admin, lk_error_t *err)
{
    return lk_admin_reply_holders(admin, LK_Q_ROLE_USERS, LK_Q_ROLE_USERS_PERMITTED, admin->role->id, LK_USERS_ACCESS, err);
}
