/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "admin/authz.h"
#include "admin/fine_grained.h"
#include "crypto/crypto.h"

/* Policies and permissions, below /policy and /permission: the first shows all of them, the second only permissions, in the form of
 * their types. */

/* clang-format off */
static const struct {
    const char *type, *name, *group;
} types[] = {
    {"regex", "Regex", "Identity Based"}, {"role", "Role", "Identity Based"}, {"resource", "Resource-Based", "Permission"},
    {"scope", "Scope-Based", "Permission"}, {"client", "Client", "Identity Based"}, {"time", "Time", "Time Based"},
    {"user", "User", "Identity Based"}, {"client-scope", "Client Scope", "Identity Based"}, {"group", "Group", "Identity Based"},
    {"aggregate", "Aggregated", "Others"},
};
/* clang-format on */
#define NUM_TYPES (sizeof(types) / sizeof(types[0]))

int lk_authz_is_type(const char *text)
{
    for (size_t i = 0; i != NUM_TYPES; ++i)
        if (strcmp(types[i].type, text) == 0)
            return 1;
    return 0;
}

/* Whether a policy is a permission. */
static int is_permission(const json_t *policy)
{
    const char *type = lk_json_str(policy, "type", "");
    return strcmp(type, "resource") == 0 || strcmp(type, "scope") == 0;
}

/* Fine-grained permissions have one form, wherever they are written. */
static int is_admin_permission(const lk_admin_t *admin, const char *type)
{
    return strcmp(type, "scope") == 0 && lk_fine_is_client(admin, admin->client);
}

/* A list that a policy of the type cannot do without: in the form of its type, or as PolicyRepresentation. */
static lk_status_t check_lists(const json_t *policy, int typed, lk_error_t *err)
{
    static const struct {
        const char *type, *config;
        int typed;
    } needed[] = {{"user", "users", 0}, {"client-scope", "clientScopes", 0}, {"group", "groups", 1}, {"client", "clients", 1}};
    for (size_t i = 0; i != sizeof(needed) / sizeof(needed[0]); ++i)
        if (strcmp(needed[i].type, lk_json_str(policy, "type", "")) == 0 && needed[i].typed == typed &&
            json_object_get(json_object_get(policy, "config"), needed[i].config) == NULL)
            return lk_authz_unknown(err, needed[i].config, "");
    return LK_OK;
}

static int has_name_of_other(const lk_admin_t *admin, const json_t *policy)
{
    size_t i;
    json_t *other;
    json_array_foreach(json_object_get(admin->authz, "policies"), i, other)
    {
        if (other != policy && strcmp(lk_json_str(other, "name", ""), lk_json_str(policy, "name", "")) == 0)
            return 1;
    }
    return 0;
}

static lk_status_t write_policy(lk_admin_t *admin, json_t *policy, int typed, lk_error_t *err)
{
    lk_status_t status = check_lists(policy, typed, err);
    if (status == LK_OK)
        status = lk_authz_settle(admin, lk_json_own(admin->req->arena, json_pack("[O]", policy)), err);
    return status == LK_OK ? lk_authz_save(admin, err) : status;
}

static int has_all_scopes(const lk_admin_t *admin)
{
    size_t i;
    json_t *name;
    json_array_foreach(json_object_get(admin->body, "scopes"), i, name)
    {
        if (lk_authz_find(admin->authz, "scopes", json_is_string(name) ? json_string_value(name) : "") == NULL)
            return 0;
    }
    return 1;
}

static lk_status_t create(lk_admin_t *admin, const char *type, int typed, lk_error_t *err)
{
    lk_arena_t *arena = admin->req->arena;
    lk_status_t status = lk_authz_check_policy(admin, type, err);
    if (status == LK_OK)
        status = lk_authz_check_permission(admin, type, err);
    if (status != LK_OK)
        return status;
    typed |= is_admin_permission(admin, type);
    const char *id = lk_json_str(admin->body, "id", lk_random_uuid(arena));
    json_t *policy = lk_json_own(arena, json_pack("{s:s, s:s}", "id", id, "type", type));
    status = lk_authz_read_policy(admin, policy, typed, err);
    if (status != LK_OK) /* of what new permissions name, Keycloak looks for their scopes first */
        return typed && strcmp(type, "scope") == 0 && !has_all_scopes(admin) ? lk_fail(err, LK_INVALID, "unknown_error", NULL)
                                                                             : status;
    if (lk_json_str(policy, "name", NULL) == NULL)
        return lk_authz_duplicate(err);
    if (has_name_of_other(admin, policy))
        return lk_fail(err, LK_CONFLICT, lk_printf(arena, "Policy with name [%s] already exists", lk_json_str(policy, "name", "")),
                       "Conflicting policy");
    json_t *made = lk_json_own(arena, lk_authz_show_made(admin, policy, typed));
    if (is_admin_permission(admin, type))
        lk_authz_name_type(admin, policy);
    json_array_append(json_object_get(admin->authz, "policies"), policy);
    status = write_policy(admin, policy, typed, err);
    return status == LK_OK ? lk_authz_reply_made(admin, json_incref(made)) : status;
}

/* --- handlers --- */

lk_status_t lk_authz_providers(lk_admin_t *admin, lk_error_t *err)
{
    json_t *list = json_array();
    for (size_t i = 0; i != NUM_TYPES; ++i)
        json_array_append_new(list,
                              json_pack("{s:s, s:s, s:s}", "type", types[i].type, "name", types[i].name, "group", types[i].group));
    return lk_admin_reply(admin, list);
}

/* Whether a policy is tied to an object that a parameter names, by id or a part of its name. */
static int is_tied(lk_admin_t *admin, const json_t *policy, const char *parameter, const char *member)
{
    const char *wanted = lk_pairs_get(&admin->req->query, parameter);
    if (wanted == NULL || *wanted == '\0')
        return 1;
    const json_t *object = lk_authz_find(admin->authz, member, wanted);
    return object != NULL && lk_json_lists(json_object_get(policy, member), lk_authz_id(object));
}

static int is_wanted(lk_admin_t *admin, const json_t *policy)
{
    const lk_pairs_t *query = &admin->req->query;
    const char *type = lk_pairs_get(query, "type"), *id = lk_pairs_get(query, "policyId"),
               *permission = lk_pairs_get(query, "permission");
    const char *about = lk_pairs_get(query, "resourceType"), *owner = lk_pairs_get(query, "owner");
    if (admin->mount->kind != NULL)
        permission = "true";
    if (permission != NULL && is_permission(policy) != (strcmp(permission, "true") == 0))
        return 0;
    if (type != NULL && *type != '\0' && strcmp(type, lk_json_str(policy, "type", "")) != 0)
        return 0;
    if (id != NULL && *id != '\0' && strcmp(id, lk_authz_id(policy)) != 0)
        return 0;
    if (owner != NULL && strcmp(owner, lk_json_str(policy, "owner", "")) != 0)
        return 0;
    if (about != NULL && *about != '\0' &&
        strcmp(about, lk_json_config(json_object_get(policy, "config"), "defaultResourceType", "")) != 0)
        return 0;
    return lk_authz_matches_name(admin, policy) && is_tied(admin, policy, "resource", "resources") &&
           is_tied(admin, policy, "scope", "scopes");
}

/* Whether a parameter names something that is not there: then there is no list either. */
static int names_nothing(lk_admin_t *admin, const char *parameter, const char *list)
{
    const char *wanted = lk_pairs_get(&admin->req->query, parameter);
    return wanted != NULL && *wanted != '\0' && lk_authz_find(admin->authz, list, wanted) == NULL;
}

lk_status_t lk_authz_policies_list(lk_admin_t *admin, lk_error_t *err)
{
    if (names_nothing(admin, "resource", "resources") || names_nothing(admin, "scope", "scopes"))
        return lk_authz_reply_empty(admin, 204);
    return lk_authz_reply_list(admin, "policies", is_wanted,
                               admin->mount->kind != NULL ? lk_authz_show_typed : lk_authz_show_policy, LK_AUTHZ_PAGE);
}

static int is_of_type(lk_admin_t *admin, const json_t *policy)
{
    return strcmp(lk_json_str(policy, "type", ""), admin->args[0]) == 0 && is_wanted(admin, policy);
}

/* One by its id, or all of a type. */
lk_status_t lk_authz_policy_get(lk_admin_t *admin, lk_error_t *err)
{
    json_t *policy;
    if (lk_authz_is_type(admin->args[0]) || strcmp(admin->args[0], LK_AUTHZ_OF_OWNER) == 0)
        return lk_authz_reply_list(admin, "policies", is_of_type, lk_authz_show_typed, LK_AUTHZ_PAGE);
    lk_status_t status = lk_authz_find_one(admin, "policies", &policy, err);
    if (status != LK_OK)
        return status;
    return lk_admin_reply(admin,
                          admin->mount->kind != NULL ? lk_authz_show_typed(admin, policy) : lk_authz_show_policy(admin, policy));
}

lk_status_t lk_authz_policy_create(lk_admin_t *admin, lk_error_t *err)
{
    const char *type = lk_json_str(admin->body, "type", NULL);
    lk_status_t status = type != NULL && lk_authz_is_type(type) ? LK_OK : lk_authz_check_policy(admin, "", err);
    if (status == LK_OK && type == NULL)
        return lk_authz_duplicate(err);
    if (status == LK_OK && !lk_authz_is_type(type))
        return lk_authz_unknown(err, "types", type);
    return status == LK_OK ? create(admin, type, 0, err) : status;
}

lk_status_t lk_authz_policy_create_typed(lk_admin_t *admin, lk_error_t *err)
{
    return lk_authz_is_type(admin->args[0]) ? create(admin, admin->args[0], 1, err) : lk_authz_missing(err);
}

/* Answers 201, as Keycloak does. */
static lk_status_t update(lk_admin_t *admin, json_t *policy, int typed, lk_error_t *err)
{
    const char *type = lk_json_str(policy, "type", "");
    lk_status_t status = lk_authz_check_policy(admin, type, err);
    if (status == LK_OK)
        status = lk_authz_check_permission(admin, type, err);
    typed |= is_admin_permission(admin, type);
    if (status == LK_OK)
        status = lk_authz_read_policy(admin, policy, typed, err);
    if (status == LK_OK && lk_json_str(policy, "name", NULL) == NULL)
        return lk_authz_unknown(err, "names", "");
    if (status == LK_OK && has_name_of_other(admin, policy))
        return lk_authz_duplicate(err);
    if (status == LK_OK)
        status = write_policy(admin, policy, typed, err);
    if (status == LK_OK)
        admin->reply->status = 201;
    return status;
}

lk_status_t lk_authz_policy_update(lk_admin_t *admin, lk_error_t *err)
{
    json_t *policy;
    lk_status_t status = lk_authz_find_one(admin, "policies", &policy, err);
    return status == LK_OK ? update(admin, policy, admin->mount->kind != NULL, err) : status;
}

lk_status_t lk_authz_policy_remove(lk_admin_t *admin, lk_error_t *err)
{
    json_t *policy;
    lk_status_t status = lk_authz_find_one(admin, "policies", &policy, err);
    return status == LK_OK ? lk_authz_drop(admin, "policies", admin->args[0], err) : status;
}

/* The row's second placeholder; of whatever type it is, where the first one is a type. */
static lk_status_t find_typed(lk_admin_t *admin, json_t **ret_policy, lk_error_t *err)
{
    *ret_policy = lk_authz_is_type(admin->args[0]) ? lk_authz_by_id(admin, "policies", admin->args[1]) : NULL;
    return *ret_policy != NULL ? LK_OK : lk_authz_missing(err);
}

lk_status_t lk_authz_typed_get(lk_admin_t *admin, lk_error_t *err)
{
    json_t *policy;
    lk_status_t status = find_typed(admin, &policy, err);
    return status == LK_OK ? lk_admin_reply(admin, lk_authz_show_typed(admin, policy)) : status;
}

lk_status_t lk_authz_typed_search(lk_admin_t *admin, lk_error_t *err)
{
    return lk_authz_is_type(admin->args[0]) ? lk_authz_search(admin, "policies", lk_authz_show_typed, err) : lk_authz_missing(err);
}

lk_status_t lk_authz_typed_providers(lk_admin_t *admin, lk_error_t *err)
{
    return lk_authz_is_type(admin->args[0]) ? lk_authz_providers(admin, err) : lk_authz_missing(err);
}

lk_status_t lk_authz_typed_update(lk_admin_t *admin, lk_error_t *err)
{
    json_t *policy;
    lk_status_t status = find_typed(admin, &policy, err);
    return status == LK_OK ? update(admin, policy, 1, err) : status;
}

lk_status_t lk_authz_typed_remove(lk_admin_t *admin, lk_error_t *err)
{
    json_t *policy;
    lk_status_t status = find_typed(admin, &policy, err);
    return status == LK_OK ? lk_authz_drop(admin, "policies", admin->args[1], err) : status;
}

/* --- what a policy is tied to --- */

/* 1 where the row has a type before the id. */
static int is_typed(const lk_admin_t *admin)
{
    return strncmp(admin->row->path, "/{type}", 7) == 0;
}

/* What the row is about. */
static lk_status_t find_policy(lk_admin_t *admin, json_t **ret_policy, lk_error_t *err)
{
    return is_typed(admin) ? find_typed(admin, ret_policy, err) : lk_authz_find_one(admin, "policies", ret_policy, err);
}

static lk_status_t reply_linked(lk_admin_t *admin, const char *member, lk_authz_show_t show, lk_error_t *err)
{
    json_t *policy, *id, *list = json_array();
    size_t i;
    lk_status_t status = find_policy(admin, &policy, err);
    json_array_foreach(status == LK_OK ? json_object_get(policy, member) : NULL, i, id)
    {
        const json_t *object = lk_authz_find(admin->authz, member, json_string_value(id));
        if (object != NULL)
            json_array_append_new(list, show(admin, object));
    }
    if (status == LK_OK)
        return lk_admin_reply(admin, list);
    json_decref(list);
    return status;
}

lk_status_t lk_authz_policy_scopes(lk_admin_t *admin, lk_error_t *err)
{
    return reply_linked(admin, "scopes", lk_authz_show_scope, err);
}

lk_status_t lk_authz_policy_resources(lk_admin_t *admin, lk_error_t *err)
{
    return reply_linked(admin, "resources", lk_authz_show_brief_resource, err);
}

lk_status_t lk_authz_policy_associated(lk_admin_t *admin, lk_error_t *err)
{
    return reply_linked(admin, "policies", lk_authz_show_brief_policy, err);
}

static int depends(lk_admin_t *admin, const json_t *policy)
{
    return lk_json_lists(json_object_get(policy, "policies"), admin->args[is_typed(admin)]);
}

lk_status_t lk_authz_policy_dependents(lk_admin_t *admin, lk_error_t *err)
{
    json_t *policy;
    lk_status_t status = find_policy(admin, &policy, err);
    return status == LK_OK ? lk_authz_reply_list(admin, "policies", depends, lk_authz_show_brief_policy, LK_ADMIN_ALL) : status;
}
