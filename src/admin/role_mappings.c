/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "admin/fine_grained.h"
#include "model/snapshot.h"

/* Which roles somebody holds: users and groups (role mappings), clients and client scopes (scope mappings). The mount's kind says
 * who; each row is for the roles of the realm, or of the client that it names. */

const lk_role_holder_t lk_roles_of_user = {LK_Q_USER_ROLES, LK_Q_USER_ROLES_ADD, LK_Q_USER_ROLES_REMOVE, 0};
const lk_role_holder_t lk_roles_of_group = {LK_Q_GROUP_ROLES, LK_Q_GROUP_ROLES_ADD, LK_Q_GROUP_ROLES_REMOVE, 0};
const lk_role_holder_t lk_roles_of_organization_group = {LK_Q_ORGANIZATION_GROUP_ROLES, LK_Q_ORGANIZATION_GROUP_ROLES_ADD,
                                                         LK_Q_ORGANIZATION_GROUP_ROLES_REMOVE, 0};
const lk_role_holder_t lk_roles_of_client = {LK_Q_CLIENT_SCOPE_ROLES, LK_Q_CLIENT_SCOPE_ROLES_ADD, LK_Q_CLIENT_SCOPE_ROLES_REMOVE,
                                             1};
const lk_role_holder_t lk_roles_of_scope = {LK_Q_SCOPE_ROLES, LK_Q_SCOPE_ROLES_ADD, LK_Q_SCOPE_ROLES_REMOVE, 1};

typedef struct st_holding_t {
    const char *client; /* client.id whose roles the row is about; NULL: the realm's */
    lk_role_set_t held; /* directly */
    const lk_role_t *const *roles;
    size_t num_roles;
} holding_t;

static lk_status_t load(lk_admin_t *admin, holding_t *ret_holding, lk_error_t *err)
{
    const lk_role_holder_t *holder = admin->mount->kind;
    const lk_client_t *client = NULL;
    lk_rows_t rows;
    holding_t holding = {0};
    lk_status_t status = LK_OK;
    if (strchr(admin->row->path, '{') != NULL)
        status = lk_admin_find_client(admin, admin->args[0], holder->is_scope ? "Could not find client" : "Client not found",
                                      &client, err);
    if (status == LK_OK)
        status = lk_admin_sql(admin, holder->roles, &rows, err, admin->id);
    if (status != LK_OK)
        return status;
    holding.client = client != NULL ? client->id : NULL;
    if (rows.count != 0)
        holding.roles = lk_roles_resolve(admin->req->arena, admin->realm, lk_row_str(&rows, 0, "role_ids"), &holding.num_roles);
    lk_role_set_init(&holding.held, admin->req->arena, admin->realm);
    lk_role_set_direct(&holding.held, holding.roles, holding.num_roles);
    *ret_holding = holding;
    return LK_OK;
}

/* To who sees the client whose roles they are. */
static lk_status_t load_shown(lk_admin_t *admin, holding_t *ret_holding, lk_error_t *err)
{
    lk_status_t status = load(admin, ret_holding, err);
    const char *client = status == LK_OK ? ret_holding->client : NULL;
    if (client != NULL && !lk_fine_allows(admin, LK_FINE(LK_GUARDED_CLIENTS, "view"), client, NULL))
        return lk_admin_require(admin, "view-clients", err);
    return status;
}

static void add_all(lk_role_set_t *set, const lk_role_t *const *roles, size_t count)
{
    for (size_t i = 0; i != count; ++i)
        lk_role_set_add(set, roles[i]);
}

/* A client's tokens may always show its own roles, and what they are composed of. */
static void add_own_roles(lk_admin_t *admin, lk_role_set_t *set, int with_parts)
{
    for (size_t i = 0; admin->client != NULL && i != admin->realm->num_roles; ++i) {
        const lk_role_t *role = &admin->realm->roles[i];
        if (lk_role_is_of(role, admin->client->id) && with_parts)
            lk_role_set_add(set, role);
        else if (lk_role_is_of(role, admin->client->id))
            lk_role_set_direct(set, &role, 1);
    }
}

/* All that the holder has in the end. */
static void effective(lk_admin_t *admin, const holding_t *holding, lk_role_set_t *ret_set)
{
    if (admin->user != NULL) {
        lk_user_roles(admin->req->arena, admin->realm, admin->user, ret_set);
        return;
    }
    lk_role_set_init(ret_set, admin->req->arena, admin->realm);
    add_all(ret_set, holding->roles, holding->num_roles);
    add_own_roles(admin, ret_set, 1);
    for (const lk_group_t *group = admin->group; group != NULL; group = group->parent)
        add_all(ret_set, group->roles, group->num_roles);
    for (size_t i = 0; admin->client != NULL && admin->client->full_scope_allowed && i != admin->realm->num_roles; ++i)
        lk_role_set_add(ret_set, &admin->realm->roles[i]);
}

/* --- reading --- */

/* What the row hands out, or takes away. */
static enum en_lk_role_use_t use_of(const lk_admin_t *admin)
{
    return ((const lk_role_holder_t *)admin->mount->kind)->is_scope ? LK_ROLE_FOR_SCOPE : LK_ROLE_FOR_HOLDER;
}

static int gives(const lk_admin_t *admin, const lk_role_t *role)
{
    return lk_admin_gives_role(admin, role, use_of(admin));
}

/* Those that the caller sees, or gives, of the roles that are in `set`, or are not. */
static void roles_that(const lk_admin_t *admin, int (*is_one)(const lk_admin_t *, const lk_role_t *), const lk_role_set_t *set,
                       int is_in, lk_role_set_t *ret_set)
{
    lk_role_set_init(ret_set, admin->req->arena, admin->realm);
    for (size_t i = 0; i != admin->realm->num_roles; ++i) {
        const lk_role_t *role = &admin->realm->roles[i];
        if ((lk_role_set_has(set, role) != 0) == is_in && is_one(admin, role))
            lk_role_set_direct(ret_set, &role, 1);
    }
}

lk_status_t lk_role_mappings_all(lk_admin_t *admin, lk_error_t *err)
{
    holding_t holding;
    lk_status_t status = load(admin, &holding, err);
    if (status != LK_OK)
        return status;
    lk_role_set_t visible;
    roles_that(admin, lk_admin_sees_role, &holding.held, 1, &visible);
    json_t *answer = json_object(), *clients = json_object();
    json_t *of_realm = lk_roles_select(admin, &visible, NULL, NULL, 1);
    for (size_t i = 0; i != holding.num_roles; ++i) {
        const lk_role_t *role = holding.roles[i];
        if (role->client_id != NULL && lk_role_set_has(&visible, role) && json_object_get(clients, role->client_id) == NULL)
            json_object_set_new(clients, role->client_id,
                                json_pack("{s:s, s:s, s:o}", "id", role->client_uuid, "client", role->client_id, "mappings",
                                          lk_roles_select(admin, &visible, NULL, role->client_uuid, 1)));
    }
    if (json_array_size(of_realm) != 0)
        json_object_set(answer, "realmMappings", of_realm);
    if (json_object_size(clients) != 0)
        json_object_set(answer, "clientMappings", clients);
    json_decref(of_realm);
    json_decref(clients);
    return lk_admin_reply(admin, answer);
}

lk_status_t lk_role_mappings_held(lk_admin_t *admin, lk_error_t *err)
{
    holding_t holding;
    lk_status_t status = load_shown(admin, &holding, err);
    return status == LK_OK ? lk_admin_reply(admin, lk_roles_select(admin, &holding.held, NULL, holding.client, 1)) : status;
}

lk_status_t lk_role_mappings_available(lk_admin_t *admin, lk_error_t *err)
{
    holding_t holding;
    lk_status_t status = load(admin, &holding, err);
    if (status != LK_OK)
        return status;
    if (((const lk_role_holder_t *)admin->mount->kind)->is_scope)
        add_own_roles(admin, &holding.held, 0);
    lk_role_set_t given;
    roles_that(admin, gives, &holding.held, 0, &given);
    return lk_admin_reply(admin, lk_roles_select(admin, &given, NULL, holding.client, 1));
}

lk_status_t lk_role_mappings_effective(lk_admin_t *admin, lk_error_t *err)
{
    holding_t holding;
    lk_role_set_t set;
    lk_status_t status = load_shown(admin, &holding, err);
    if (status != LK_OK)
        return status;
    effective(admin, &holding, &set);
    return lk_admin_reply(admin,
                          lk_roles_select(admin, &set, NULL, holding.client, lk_admin_flag(admin, "briefRepresentation", 1)));
}

/* --- writing --- */

/* The body's roles. Scope mappings are named by their id alone, below a client by its own; of the others all must fit. */
static lk_status_t ids_of_body(lk_admin_t *admin, const holding_t *holding, json_t *ids, lk_error_t *err)
{
    int is_scope = ((const lk_role_holder_t *)admin->mount->kind)->is_scope;
    size_t i;
    json_t *given;
    lk_status_t status = lk_admin_check_all(admin, &lk_role_fields, err);
    json_array_foreach(admin->body, i, given)
    {
        const char *id = lk_json_str(given, "id", ""), *name = lk_json_str(given, "name", "");
        const lk_role_t *role = lk_realm_role_by_id(admin->realm, id);
        if (status == LK_OK && (role == NULL || ((!is_scope || holding->client != NULL) && !lk_role_is_of(role, holding->client)) ||
                                (!is_scope && strcmp(role->name, name) != 0)))
            status = lk_fail(err, LK_NOT_FOUND, NULL, "Role not found");
        json_array_append_new(ids, json_string(id));
    }
    return status;
}

/* All that are held of the row's container: what a DELETE without a body takes away. */
static void ids_of_held(const holding_t *holding, json_t *ids)
{
    for (size_t i = 0; i != holding->num_roles; ++i)
        if (lk_role_is_of(holding->roles[i], holding->client))
            json_array_append_new(ids, json_string(holding->roles[i]->id));
}

static lk_status_t change(lk_admin_t *admin, enum en_lk_query_t query, lk_error_t *err)
{
    holding_t holding;
    lk_rows_t rows;
    json_t *ids = lk_json_own(admin->req->arena, json_array());
    lk_status_t status = load(admin, &holding, err);
    if (status == LK_OK && admin->body == NULL && strcmp(admin->row->method, "DELETE") == 0)
        ids_of_held(&holding, ids);
    else if (status == LK_OK)
        status = ids_of_body(admin, &holding, ids, err);
    if (status == LK_OK)
        status = lk_admin_require_roles(admin, ids, use_of(admin), err);
    return status == LK_OK ? lk_admin_sql(admin, query, &rows, err, admin->id, lk_json_text(admin->req->arena, ids)) : status;
}

lk_status_t lk_role_mappings_add(lk_admin_t *admin, lk_error_t *err)
{
    return change(admin, ((const lk_role_holder_t *)admin->mount->kind)->add, err);
}

lk_status_t lk_role_mappings_remove(lk_admin_t *admin, lk_error_t *err)
{
    return change(admin, ((const lk_role_holder_t *)admin->mount->kind)->remove, err);
}
