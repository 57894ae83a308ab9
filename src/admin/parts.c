/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "admin/admin.h"
#include "core/json.h"
#include "crypto/crypto.h"

/* Roles, groups, client scopes and scope mappings. */

/* --- roles --- */

static json_t *role_answer(const lk_realm_t *realm, const lk_role_t *role)
{
    json_t *answer = json_pack("{s:s, s:s, s:b, s:b, s:s}", "id", role->id, "name", role->name, "composite",
                               role->num_children != 0, "clientRole", role->client_uuid != NULL, "containerId",
                               role->client_uuid != NULL ? role->client_uuid : realm->id);
    json_t *attributes = json_object_get(role->rep, "attributes"), *description = json_object_get(role->rep, "description");
    json_object_set_new(answer, "attributes", attributes != NULL ? json_deep_copy(attributes) : json_object());
    if (description != NULL)
        json_object_set(answer, "description", description);
    return answer;
}

lk_status_t lk_admin_role_get(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    lk_admin_t admin;
    lk_status_t status = lk_admin_begin(req, "view-realm", &admin, err);
    if (status != LK_OK)
        return status;
    const lk_role_t *role = lk_realm_role(admin.realm, NULL, req->params[1]);
    if (role == NULL)
        return lk_fail(err, LK_NOT_FOUND, NULL, "Could not find role");
    lk_admin_answer(&admin, role_answer(admin.realm, role), reply);
    return LK_OK;
}

/* --- groups --- */

static json_t *group_answer(const lk_realm_t *realm, const lk_group_t *group, const char *search)
{
    json_t *children = json_array();
    for (size_t i = 0; i != realm->num_groups; ++i)
        if (realm->groups[i].parent == group) {
            json_t *child = group_answer(realm, &realm->groups[i], search);
            if (child != NULL)
                json_array_append_new(children, child);
        }
    if (search != NULL && json_array_size(children) == 0 && strcasestr(group->name, search) == NULL) {
        json_decref(children);
        return NULL;
    }
    json_t *answer = json_pack("{s:s, s:s, s:s, s:i, s:o}", "id", group->id, "name", group->name, "path", group->path,
                               "subGroupCount", (int)json_array_size(children), "subGroups", children);
    if (group->parent != NULL)
        json_object_set_new(answer, "parentId", json_string(group->parent->id));
    return answer;
}

lk_status_t lk_admin_groups_get(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    lk_admin_t admin;
    lk_status_t status = lk_admin_begin(req, "view-users", &admin, err);
    if (status != LK_OK)
        return status;
    json_t *list = json_array();
    for (size_t i = 0; i != admin.realm->num_groups; ++i)
        if (admin.realm->groups[i].parent == NULL) {
            json_t *group = group_answer(admin.realm, &admin.realm->groups[i], lk_pairs_get(&req->query, "search"));
            if (group != NULL)
                json_array_append_new(list, group);
        }
    lk_admin_answer(&admin, list, reply);
    return LK_OK;
}

/* One statement in a transaction that changes the realm. */
static lk_status_t write_one(const lk_admin_t *admin, enum en_lk_query_t query, const char *const *params, int num_params,
                             lk_error_t *err)
{
    lk_rows_t rows;
    lk_sql_t *tx = NULL;
    lk_status_t status = lk_tx_begin(admin->req->app->store, LK_READ_COMMITTED, &tx, err);
    if (status == LK_OK)
        status = lk_sql_run(tx, admin->req->arena, query, params, num_params, &rows, err);
    if (status == LK_OK)
        status = lk_realm_commit(admin->req->app->realms, admin->req->arena, &tx, admin->realm->id, err);
    lk_tx_rollback(&tx);
    return status;
}

lk_status_t lk_admin_group_put(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    lk_admin_t admin;
    lk_status_t status = lk_admin_begin(req, "manage-users", &admin, err);
    if (status == LK_OK)
        status = lk_admin_check(&admin, &lk_group_fields, err);
    if (status != LK_OK)
        return status;
    const lk_group_t *group = lk_realm_group_by_id(admin.realm, req->params[1]);
    if (group == NULL)
        return lk_fail(err, LK_NOT_FOUND, NULL, "Could not find group by id");
    json_t *stored = lk_json_own(req->arena, lk_rep_stored(&lk_group_fields, admin.body));
    const char *params[] = {admin.realm->id, group->id, lk_json_str(admin.body, "name", group->name),
                            lk_json_text(req->arena, stored)};
    reply->status = 204;
    return write_one(&admin, LK_Q_ADMIN_GROUP_UPDATE, params, 4, err);
}

/* --- client scopes --- */

static json_t *scope_answer(const lk_scope_t *scope)
{
    json_t *answer = json_pack("{s:s, s:s, s:s}", "id", scope->id, "name", scope->name, "protocol",
                               scope->protocol != NULL ? scope->protocol : "openid-connect");
    if (scope->description != NULL)
        json_object_set_new(answer, "description", json_string(scope->description));
    json_object_set_new(answer, "attributes", scope->attributes != NULL ? json_deep_copy(scope->attributes) : json_object());
    json_t *mappers = json_array();
    for (size_t i = 0; i != scope->num_mappers; ++i)
        json_array_append_new(
            mappers,
            json_pack("{s:s, s:s, s:s, s:s, s:b, s:o}", "id", scope->mappers[i].id, "name", scope->mappers[i].name, "protocol",
                      scope->mappers[i].protocol, "protocolMapper", scope->mappers[i].type, "consentRequired", 0, "config",
                      scope->mappers[i].config != NULL ? json_deep_copy(scope->mappers[i].config) : json_object()));
    if (scope->num_mappers != 0)
        json_object_set(answer, "protocolMappers", mappers);
    json_decref(mappers);
    return answer;
}

lk_status_t lk_admin_scopes_get(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    lk_admin_t admin;
    lk_status_t status = lk_admin_begin(req, "view-clients", &admin, err);
    if (status != LK_OK)
        return status;
    json_t *list = json_array();
    for (size_t i = 0; i != admin.realm->num_scopes; ++i)
        json_array_append_new(list, scope_answer(&admin.realm->scopes[i]));
    lk_admin_answer(&admin, list, reply);
    return LK_OK;
}

lk_status_t lk_admin_scopes_post(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    lk_admin_t admin;
    const char *id = lk_random_uuid(req->arena);
    lk_status_t status = lk_admin_begin(req, "manage-clients", &admin, err);
    if (status == LK_OK)
        status = lk_admin_check(&admin, &lk_scope_fields, err);
    if (status != LK_OK)
        return status;
    const char *name = lk_json_str(admin.body, "name", "");
    json_t *rep = lk_json_own(req->arena, lk_rep_strict(&lk_scope_fields, admin.body)), *mapper;
    size_t i;
    json_array_foreach(json_object_get(rep, "protocolMappers"), i, mapper)
    {
        lk_rep_fill(&lk_mapper_fields, mapper);
        if (json_object_get(mapper, "id") == NULL)
            json_object_set_new(mapper, "id", json_string(lk_random_uuid(req->arena)));
    }
    lk_rep_fill(&lk_scope_fields, rep);
    const char *params[] = {admin.realm->id, id, name,
                            lk_json_text(req->arena, lk_json_own(req->arena, lk_rep_stored(&lk_scope_fields, rep)))};
    status = write_one(&admin, LK_Q_ADMIN_SCOPE_INSERT, params, 4, err);
    if (status == LK_CONFLICT)
        return lk_admin_message(err, LK_CONFLICT, lk_printf(req->arena, "Client Scope %s already exists", name));
    if (status == LK_OK)
        lk_admin_created(&admin, id, reply);
    return status;
}

/* --- scope mappings: roles that a client's or scope's tokens may show --- */

static lk_status_t add_scope_mappings(const lk_request_t *req, enum en_lk_query_t query, lk_reply_t *reply, lk_error_t *err)
{
    lk_admin_t admin;
    size_t i;
    json_t *role;
    lk_status_t status = lk_admin_begin(req, "manage-clients", &admin, err);
    if (status != LK_OK)
        return status;
    json_array_foreach(admin.body, i, role)
    {
        const char *params[] = {admin.realm->id, req->params[1], lk_json_str(role, "id", "")};
        if (lk_realm_role_by_id(admin.realm, params[2]) == NULL)
            return lk_fail(err, LK_NOT_FOUND, NULL, "Role not found");
        if ((status = write_one(&admin, query, params, 3, err)) != LK_OK)
            return status;
    }
    reply->status = 204;
    return LK_OK;
}

lk_status_t lk_admin_client_scope_mappings_post(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    return add_scope_mappings(req, LK_Q_ADMIN_SCOPE_MAPPING_CLIENT, reply, err);
}

lk_status_t lk_admin_scope_scope_mappings_post(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    return add_scope_mappings(req, LK_Q_ADMIN_SCOPE_MAPPING_SCOPE, reply, err);
}
