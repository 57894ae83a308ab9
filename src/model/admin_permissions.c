/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/json.h"
#include "crypto/crypto.h"
#include "model/admin_permissions.h"

#define MAX_SCOPES 8

/* clang-format off */
static const struct {
    const char *name;
    const char *scopes[MAX_SCOPES]; /* up to the first that is NULL */
} types[LK_NUM_GUARDED] = {
    [LK_GUARDED_USERS] = {"Users", {"view", "manage", "impersonate", "map-roles", "manage-group-membership", "reset-password"}},
    [LK_GUARDED_GROUPS] = {"Groups", {"view", "manage", "manage-membership", "manage-membership-of-members", "manage-members", "view-members", "impersonate-members"}},
    [LK_GUARDED_CLIENTS] = {"Clients", {"view", "manage", "map-roles", "map-roles-client-scope", "map-roles-composite"}},
    [LK_GUARDED_ROLES] = {"Roles", {"map-role", "map-role-client-scope", "map-role-composite"}},
    [LK_GUARDED_ORGANIZATIONS] = {"Organizations", {"view", "manage"}},
};
/* What a scope of users is called where it is given of the groups that they are in. */
static const char *const of_members[][2] = {
    {"impersonate", "impersonate-members"},
    {"manage-group-membership", "manage-membership-of-members"},
    {"view", "view-members"},
    {"manage", "manage-members"},
};
/* clang-format on */

const char *lk_guarded_name(lk_guarded_t type)
{
    return types[type].name;
}

int lk_guarded_by_name(const char *name)
{
    for (int i = 0; i != LK_NUM_GUARDED; ++i)
        if (strcmp(types[i].name, name) == 0)
            return i;
    return -1;
}

const char *lk_guarded_scope(lk_guarded_t type, size_t i)
{
    return i < MAX_SCOPES ? types[type].scopes[i] : NULL;
}

int lk_guarded_has_scope(lk_guarded_t type, const char *scope)
{
    const char *name;
    for (size_t i = 0; (name = lk_guarded_scope(type, i)) != NULL; ++i)
        if (strcmp(name, scope) == 0)
            return 1;
    return 0;
}

const char *lk_guarded_of_members(const char *scope)
{
    for (size_t i = 0; i != sizeof(of_members) / sizeof(of_members[0]); ++i)
        if (strcmp(of_members[i][0], scope) == 0)
            return of_members[i][1];
    return NULL;
}

static json_t *scope_names(lk_guarded_t type)
{
    json_t *names = json_array();
    for (size_t i = 0; i != MAX_SCOPES && types[type].scopes[i] != NULL; ++i)
        json_array_append_new(names, json_string(types[type].scopes[i]));
    return names;
}

json_t *lk_admin_permissions_schema(void)
{
    json_t *shown = json_object(), *aliases = json_object();
    for (size_t i = 0; i != sizeof(of_members) / sizeof(of_members[0]); ++i)
        json_object_set_new(aliases, of_members[i][0], json_pack("[s]", of_members[i][1]));
    for (int i = 0; i != LK_NUM_GUARDED; ++i) {
        json_t *row = json_pack("{s:s, s:o, s:{}}", "type", types[i].name, "scopes", scope_names(i), "scopeAliases");
        if (i == LK_GUARDED_USERS) {
            json_object_set(row, "scopeAliases", aliases);
            json_object_set_new(row, "groupType", json_string(types[LK_GUARDED_GROUPS].name));
        }
        json_object_set_new(shown, types[i].name, row);
    }
    json_decref(aliases);
    return json_pack("{s:o}", "resourceTypes", shown);
}

/* --- the resource server --- */

static const char *scope_id(lk_arena_t *arena, json_t *settings, const char *name)
{
    const json_t *known = lk_json_find(json_object_get(settings, "scopes"), "name", name);
    if (known != NULL)
        return lk_authz_id(known);
    const char *id = lk_random_uuid(arena);
    json_array_append_new(json_object_get(settings, "scopes"), json_pack("{s:s, s:s}", "id", id, "name", name));
    return id;
}

json_t *lk_admin_permissions_add(lk_arena_t *arena, json_t *settings, lk_guarded_t type, const char *name)
{
    json_t *ids = json_array(), *resource = (json_t *)lk_json_find(json_object_get(settings, "resources"), "name", name);
    for (size_t i = 0; i != MAX_SCOPES && types[type].scopes[i] != NULL; ++i)
        json_array_append_new(ids, json_string(scope_id(arena, settings, types[type].scopes[i])));
    if (resource == NULL) {
        resource = json_pack("{s:s, s:s, s:b, s:{}, s:[]}", "_id", lk_random_uuid(arena), "name", name, "ownerManagedAccess", 0,
                             "attributes", "uris");
        json_array_append_new(json_object_get(settings, "resources"), resource);
    }
    json_object_set_new(resource, "scopes", ids);
    return resource;
}

void lk_admin_permissions_complete(lk_arena_t *arena, json_t *settings)
{
    json_t *fresh = lk_authz_new();
    json_object_update_missing(settings, fresh);
    json_decref(fresh);
    for (int i = 0; i != LK_NUM_GUARDED; ++i)
        json_object_set_new(lk_admin_permissions_add(arena, settings, i, types[i].name), "type", json_string(types[i].name));
    json_object_del(settings, "authorizationSchema");
}

void lk_admin_permissions_tidy(json_t *settings)
{
    json_t *used = json_object(), *resources = json_object_get(settings, "resources"), *policy, *id;
    size_t i, j;
    json_array_foreach(json_object_get(settings, "policies"), i, policy)
    {
        json_array_foreach(json_object_get(policy, "resources"), j, id)
        {
            json_object_set_new(used, json_string_value(id), json_true());
        }
    }
    for (i = json_array_size(resources); i-- != 0;) {
        const json_t *resource = json_array_get(resources, i);
        if (json_object_get(used, lk_authz_id(resource)) == NULL && lk_guarded_by_name(lk_json_str(resource, "name", "")) < 0)
            json_array_remove(resources, i);
    }
    json_decref(used);
}

json_t *lk_admin_permissions_client(const char *id)
{
    return json_pack("{s:s, s:s, s:b, s:b, s:b, s:b, s:s, s:b, s:{s:s}, s:b, s:b}", "id", id, "clientId",
                     LK_ADMIN_PERMISSIONS_CLIENT, "enabled", 1, "standardFlowEnabled", 1, "serviceAccountsEnabled", 1,
                     "authorizationServicesEnabled", 1, "protocol", "openid-connect", "fullScopeAllowed", 0, "attributes",
                     "realm_client", "false", "publicClient", 0, "directAccessGrantsEnabled", 0);
}

const char *lk_admin_permissions_client_id(const lk_realm_t *realm)
{
    return lk_json_str(json_object_get(realm->rep, "adminPermissionsClient"), "id", NULL);
}

json_t *lk_admin_permissions_reference(const char *id)
{
    return json_pack("{s:s, s:s}", "id", id, "clientId", LK_ADMIN_PERMISSIONS_CLIENT);
}

lk_status_t lk_admin_permissions_forget(lk_sql_t *tx, lk_arena_t *arena, const lk_realm_t *realm, const char *id, lk_error_t *err)
{
    const char *client_id, *text;
    lk_rows_t rows, done;
    json_t *settings;
    lk_status_t status = lk_query(tx, arena, LK_Q_AUTHZ_LOCK_PERMISSIONS, &rows, err, realm->id);
    if (status != LK_OK || rows.count == 0)
        return status;
    client_id = lk_row_str(&rows, 0, "client_id");
    status = lk_query(tx, arena, LK_Q_AUTHZ_LOCK_RESOURCE, &rows, err, realm->id, client_id, id);
    if (status != LK_OK || rows.count == 0)
        return status;
    text = lk_row_str(&rows, 0, "settings");
    if (lk_json_parse(arena, text, strlen(text), &settings, err) != LK_OK)
        return lk_fail(err, LK_INTERNAL, NULL, "a stored value is no JSON");
    lk_authz_remove(settings, "resources", lk_row_str(&rows, 0, "resource"));
    lk_admin_permissions_tidy(settings);
    return lk_query(tx, arena, LK_Q_AUTHZ_UPDATE, &done, err, realm->id, client_id, lk_json_text(arena, settings));
}

/* --- what they say --- */

lk_verdict_t lk_verdict_of(lk_verdict_t a, lk_verdict_t b)
{
    return a == LK_REFUSED || b == LK_REFUSED ? LK_REFUSED : a != LK_UNDECIDED ? a : b;
}

int lk_admin_permissions_is_one(const json_t *policy)
{
    return strcmp(lk_json_str(policy, "type", ""), "scope") == 0 && json_array_size(json_object_get(policy, "policies")) != 0;
}

/* One that names single things is about those alone. */
static void add_verdict(const lk_authz_t *authz, const json_t *policy, lk_guarded_t type, lk_verdict_t said,
                        lk_verdicts_t *verdicts)
{
    const json_t *resources = json_object_get(policy, "resources");
    size_t i, count = 0;
    json_t *id;
    json_array_foreach((json_t *)resources, i, id)
    {
        const char *name = lk_json_str(json_object_get(authz->index.resources, json_string_value(id)), "name", "");
        if (strcmp(name, types[type].name) == 0)
            continue;
        lk_verdict_t known = lk_verdicts_single(&(lk_verdicts_t){LK_UNDECIDED, verdicts->single}, name);
        json_object_set_new(verdicts->single, name, json_integer(lk_verdict_of(known, said)));
        ++count;
    }
    if (count == 0)
        verdicts->all = lk_verdict_of(verdicts->all, said);
}

void lk_admin_permissions_ask(lk_authz_t *authz, lk_guarded_t type, const char *scope, lk_verdicts_t *ret_verdicts)
{
    lk_verdicts_t verdicts = {.single = lk_json_own(authz->arena, json_object())};
    const char *id = lk_authz_id(json_object_get(authz->index.scope_names, scope));
    size_t i;
    json_t *policy;
    json_array_foreach(json_object_get(authz->settings, "policies"), i, policy)
    {
        if (lk_admin_permissions_is_one(policy) && lk_json_lists(json_object_get(policy, "scopes"), id) &&
            strcmp(lk_json_config(json_object_get(policy, "config"), "defaultResourceType", ""), types[type].name) == 0)
            add_verdict(authz, policy, type, lk_authz_permits(authz, policy) ? LK_ALLOWED : LK_REFUSED, &verdicts);
    }
    *ret_verdicts = verdicts;
}

int lk_admin_permissions_any(lk_authz_t *authz)
{
    size_t i;
    json_t *policy;
    json_array_foreach(json_object_get(authz->settings, "policies"), i, policy)
    {
        if (lk_admin_permissions_is_one(policy) && lk_authz_permits(authz, policy))
            return 1;
    }
    return 0;
}

lk_verdict_t lk_verdicts_single(const lk_verdicts_t *verdicts, const char *id)
{
    const json_t *said = id != NULL ? json_object_get(verdicts->single, id) : NULL;
    return said != NULL ? (lk_verdict_t)json_integer_value(said) : verdicts->all;
}

lk_verdict_t lk_verdicts_groups(const lk_verdicts_t *verdicts, const lk_group_t *const *groups, size_t num_groups)
{
    const lk_verdicts_t single = {LK_UNDECIDED, verdicts->single};
    lk_verdict_t said = LK_UNDECIDED;
    for (size_t i = 0; i != num_groups; ++i)
        for (const lk_group_t *group = groups[i]; group != NULL; group = group->parent)
            said = lk_verdict_of(said, lk_verdicts_single(&single, group->id));
    return said == LK_UNDECIDED && num_groups != 0 ? verdicts->all : said;
}
