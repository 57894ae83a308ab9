/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "admin/authz.h"
#include "admin/fine_grained.h"

/* Fine-grained permissions as they are written: what they may be about. */

static lk_status_t refused(lk_error_t *err, const char *why)
{
    lk_fail(err, LK_INVALID, "unknown_error", NULL);
    return lk_error_detail(err, "%s", why);
}

lk_status_t lk_authz_find_thing(lk_admin_t *admin, int type, const char *text, const char **ret_id, lk_error_t *err)
{
    lk_arena_t *arena = admin->req->arena;
    const lk_client_t *client = NULL;
    const lk_user_t *user = NULL;
    const lk_role_t *role;
    const lk_group_t *group;
    json_t *organization;
    lk_status_t status = LK_OK;
    *ret_id = NULL;
    switch ((lk_guarded_t)type) {
    case LK_GUARDED_USERS:
        status = lk_user_by_id(admin->sql, arena, admin->realm, text, &user, err);
        if (status == LK_OK && user == NULL)
            status = lk_user_by_username(admin->sql, arena, admin->realm, text, &user, err);
        *ret_id = user != NULL ? user->id : NULL;
        break;
    case LK_GUARDED_GROUPS:
        group = lk_realm_group_by_id(admin->realm, text);
        *ret_id = group != NULL ? group->id : NULL;
        break;
    case LK_GUARDED_CLIENTS:
        status = lk_realm_client_by_uuid(admin->req->app->realms, admin->realm, text, &client, err);
        if (status == LK_OK && client == NULL)
            status = lk_realm_client(admin->req->app->realms, admin->realm, text, &client, err);
        *ret_id = client != NULL ? client->id : NULL;
        break;
    case LK_GUARDED_ROLES:
        role = lk_realm_role_by_id(admin->realm, text);
        *ret_id = role != NULL ? role->id : NULL;
        break;
    case LK_GUARDED_ORGANIZATIONS:
        if (lk_kind_find(admin, &lk_kind_organization, text, &organization, NULL) == LK_OK)
            *ret_id = lk_json_str(organization, "id", NULL);
        break;
    }
    return status;
}

/* Puts each thing into the settings and its resource's name in the text's place. Names of types, and ids of resources, stay. */
static lk_status_t take_resources(lk_admin_t *admin, lk_guarded_t type, lk_error_t *err)
{
    json_t *given = json_object_get(admin->body, "resources"), *entry, *names = lk_json_own(admin->req->arena, json_array());
    lk_status_t status = LK_OK;
    size_t i;
    json_array_foreach(given, i, entry)
    {
        const char *text = json_is_string(entry) ? json_string_value(entry) : "", *id = text;
        const json_t *known = lk_authz_find(admin->authz, "resources", text);
        if (known != NULL)
            id = lk_json_str(known, "name", "");
        if (strcmp(id, lk_guarded_name(type)) != 0)
            status = lk_authz_find_thing(admin, type, id, &id, err);
        if (status == LK_OK && id == NULL)
            status = refused(err, "A permission about something that is not there, or of another type");
        if (status != LK_OK)
            return status;
        if (strcmp(id, lk_guarded_name(type)) != 0)
            lk_admin_permissions_add(admin->req->arena, admin->authz, type, id);
        json_array_append_new(names, json_string(id));
    }
    if (given != NULL)
        json_object_set(admin->body, "resources", names);
    return LK_OK;
}

static lk_status_t check_scopes(lk_admin_t *admin, lk_guarded_t type, lk_error_t *err)
{
    const json_t *given = json_object_get(admin->body, "scopes");
    size_t i;
    json_t *entry;
    if (json_array_size(given) == 0)
        return refused(err, "A permission without scopes");
    json_array_foreach((json_t *)given, i, entry)
    {
        const json_t *scope = json_is_string(entry) ? lk_authz_find(admin->authz, "scopes", json_string_value(entry)) : NULL;
        if (scope == NULL || !lk_guarded_has_scope(type, lk_json_str(scope, "name", "")))
            return refused(err, "A permission with a scope that its type does not have");
    }
    return LK_OK;
}

lk_status_t lk_authz_check_permission(lk_admin_t *admin, const char *type, lk_error_t *err)
{
    if (!lk_fine_is_client(admin, admin->client))
        return LK_OK;
    if (strcmp(type, "resource") == 0)
        return lk_fail(err, LK_INVALID, NULL, "Policy type not supported by feature admin-fine-grained-authz:v2");
    if (strcmp(type, "scope") != 0)
        return LK_OK;
    int guarded = lk_guarded_by_name(lk_json_str(admin->body, "resourceType", ""));
    if (guarded < 0)
        return refused(err, "A permission without a known resourceType");
    if (strcmp(lk_json_str(admin->body, "decisionStrategy", "UNANIMOUS"), "UNANIMOUS") != 0)
        return refused(err, "A permission whose decisionStrategy is not UNANIMOUS");
    lk_status_t status = check_scopes(admin, guarded, err);
    return status == LK_OK ? take_resources(admin, guarded, err) : status;
}

void lk_authz_name_type(lk_admin_t *admin, json_t *policy)
{
    const char *type = lk_json_config(json_object_get(policy, "config"), "defaultResourceType", "");
    const json_t *resource = lk_json_find(json_object_get(admin->authz, "resources"), "name", type);
    if (json_array_size(json_object_get(policy, "resources")) == 0 && resource != NULL)
        json_object_set_new(policy, "resources", json_pack("[s]", lk_authz_id(resource)));
}

const char *lk_authz_display_name(lk_admin_t *admin, const char *id)
{
    const lk_client_t *client = NULL;
    const lk_user_t *user = NULL;
    const lk_group_t *group = lk_realm_group_by_id(admin->realm, id);
    const lk_role_t *role = lk_realm_role_by_id(admin->realm, id);
    json_t *organization;
    if (!lk_fine_is_client(admin, admin->client))
        return NULL;
    if (group != NULL || role != NULL)
        return group != NULL ? group->name : role->name;
    if (lk_realm_client_by_uuid(admin->req->app->realms, admin->realm, id, &client, NULL) == LK_OK && client != NULL)
        return client->client_id;
    if (lk_user_by_id(admin->sql, admin->req->arena, admin->realm, id, &user, NULL) == LK_OK && user != NULL)
        return user->username;
    return lk_kind_find(admin, &lk_kind_organization, id, &organization, NULL) == LK_OK ? lk_json_str(organization, "name", id)
                                                                                        : id;
}
