/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include <strings.h>
#include "admin/protection.h"
#include "crypto/crypto.h"

/* What users say of the resources that they own: a permission of the type "uma", with roles, groups, clients and users that may. */

/* The members of UmaPermissionRepresentation that are kept in the policy's configuration, as model/authz.h has them there. */
static const struct {
    const char *member, *name; /* of an entry; NULL: entries are texts */
} lists[] = {{"roles", "id"}, {"groups", "path"}, {"clients", NULL}, {"users", NULL}};
#define NUM_LISTS (sizeof(lists) / sizeof(lists[0]))

static json_t *find_policy(const lk_admin_t *admin, const char *id)
{
    json_t *policy = lk_authz_find(admin->authz, "policies", id);
    int is_it =
        policy != NULL && strcmp(lk_authz_id(policy), id) == 0 && strcmp(lk_json_str(policy, "type", ""), LK_AUTHZ_OF_OWNER) == 0;
    return is_it ? policy : NULL;
}

static const char *resource_of(const json_t *policy)
{
    const char *id = json_string_value(json_array_get(json_object_get(policy, "resources"), 0));
    return id != NULL ? id : "";
}

static lk_status_t check_owner(const lk_admin_t *admin, const json_t *resource, const char *id, lk_error_t *err)
{
    if (resource == NULL)
        return lk_fail(err, LK_INVALID, "invalid_request", "Resource [%s] cannot be found", id);
    if (strcmp(lk_json_str(resource, "owner", ""), admin->user->id) != 0)
        return lk_fail(err, LK_INVALID, "invalid_request", "Only resource owner can access policies for resource [%s]", id);
    if (!lk_json_bool(resource, "ownerManagedAccess", 0))
        return lk_fail(err, LK_INVALID, "invalid_request", "Only resources with owner managed accessed can have policies");
    return LK_OK;
}

/* The policy that the address names, which is the caller's to touch. */
static lk_status_t find_own(const lk_admin_t *admin, json_t **ret_policy, lk_error_t *err)
{
    json_t *policy = find_policy(admin, admin->args[0]);
    if (policy == NULL)
        return lk_fail_http(err, LK_NOT_FOUND, 404, "invalid_request", "Policy with [%s] does not exist", admin->args[0]);
    *ret_policy = policy;
    return check_owner(admin, lk_authz_find(admin->authz, "resources", resource_of(policy)), resource_of(policy), err);
}

/* --- out --- */

/* Texts of one list of a configuration that names what it refers to. */
static void show_list(const lk_admin_t *admin, json_t *shown, const json_t *config, size_t row)
{
    json_t *names = json_array(), *entry;
    size_t i;
    json_array_foreach(lk_authz_list(admin->req->arena, config, lists[row].member), i, entry)
    {
        const char *text = lists[row].name == NULL ? json_string_value(entry) : lk_json_str(entry, lists[row].name, NULL);
        if (text != NULL)
            json_array_append_new(names, json_string(text));
    }
    if (json_array_size(names) != 0)
        json_object_set(shown, lists[row].member, names);
    json_decref(names);
}

static json_t *show_scopes(const lk_admin_t *admin, const json_t *policy)
{
    json_t *names = json_array(), *id;
    size_t i;
    json_array_foreach(json_object_get(policy, "scopes"), i, id)
    {
        const json_t *scope = lk_authz_find(admin->authz, "scopes", json_string_value(id));
        if (scope != NULL)
            json_array_append(names, json_object_get(scope, "name"));
    }
    return names;
}

/* Shows policies, with names for what they refer to: one look-up for all. */
static lk_status_t show_all(const lk_admin_t *admin, const json_t *policies, json_t **ret_list, lk_error_t *err)
{
    static const char *const copied[] = {"id", "name", "description", "type", "logic", "decisionStrategy", "owner"};
    lk_arena_t *arena = admin->req->arena;
    json_t *settings = lk_json_own(arena, json_pack("{s:[], s:[], s:[]}", "resources", "scopes", "policies")), *policy, *named;
    size_t i, j;
    *ret_list = lk_json_own(arena, json_array());
    json_array_foreach((json_t *)policies, i, policy)
    {
        json_array_append_new(json_object_get(settings, "policies"),
                              json_pack("{s:O, s:o}", "id", json_object_get(policy, "id"), "config",
                                        json_deep_copy(json_object_get(policy, "config"))));
    }
    lk_status_t status = lk_authz_extern(admin->sql, arena, admin->realm->id, settings, 1, &named, err);
    json_array_foreach(status == LK_OK ? (json_t *)policies : NULL, i, policy)
    {
        json_t *shown = json_object();
        for (j = 0; j != sizeof(copied) / sizeof(copied[0]); ++j)
            if (json_object_get(policy, copied[j]) != NULL)
                json_object_set(shown, copied[j], json_object_get(policy, copied[j]));
        json_object_set_new(shown, "scopes", show_scopes(admin, policy));
        for (j = 0; j != NUM_LISTS; ++j)
            show_list(admin, shown, json_object_get(json_array_get(json_object_get(named, "policies"), i), "config"), j);
        json_array_append_new(*ret_list, shown);
    }
    return status;
}

static lk_status_t reply_one(lk_admin_t *admin, const json_t *policy, lk_error_t *err)
{
    json_t *one = lk_json_own(admin->req->arena, json_pack("[O]", policy)), *list;
    lk_status_t status = show_all(admin, one, &list, err);
    if (status == LK_OK) {
        lk_admin_reply(admin, json_incref(json_array_get(list, 0)));
        admin->reply->status = 200;
    }
    return status;
}

static int has_scope_named(const lk_admin_t *admin, const json_t *policy, const char *text)
{
    const json_t *scope = lk_authz_find(admin->authz, "scopes", text);
    return scope != NULL && lk_json_lists(json_object_get(policy, "scopes"), lk_authz_id(scope));
}

lk_status_t lk_protection_policies_list(lk_admin_t *admin, lk_error_t *err)
{
    const lk_pairs_t *query = &admin->req->query;
    const char *name = lk_pairs_get(query, "name"), *resource = lk_pairs_get(query, "resource"),
               *scope = lk_pairs_get(query, "scope");
    json_t *policy, *found = json_array(), *list;
    size_t i;
    if (resource != NULL && lk_protection_find(admin, resource) == NULL) {
        json_decref(found);
        return lk_authz_reply_empty(admin, 204);
    }
    if (resource != NULL)
        resource = lk_authz_id(lk_protection_find(admin, resource));
    json_array_foreach(json_object_get(admin->authz, "policies"), i, policy)
    {
        if (strcmp(lk_json_str(policy, "owner", ""), admin->user->id) == 0 &&
            (name == NULL || strcasestr(lk_json_str(policy, "name", ""), name) != NULL) &&
            (resource == NULL || strcmp(resource_of(policy), resource) == 0) &&
            (scope == NULL || has_scope_named(admin, policy, scope)))
            json_array_append(found, policy);
    }
    found = lk_json_own(admin->req->arena, lk_admin_page(admin, found, LK_AUTHZ_PAGE));
    lk_status_t status = show_all(admin, found, &list, err);
    return status == LK_OK ? lk_admin_reply(admin, json_incref(list)) : status;
}

lk_status_t lk_protection_policy_get(lk_admin_t *admin, lk_error_t *err)
{
    json_t *policy;
    lk_status_t status = find_own(admin, &policy, err);
    return status == LK_OK ? reply_one(admin, policy, err) : status;
}

/* --- in --- */

/* A list of names as model/authz.h wants it: the text of an array. */
static void set_list(const lk_admin_t *admin, json_t *config, size_t row)
{
    json_t *entries = lk_json_own(admin->req->arena, json_array()), *name;
    size_t i;
    json_array_foreach(json_object_get(admin->body, lists[row].member), i, name)
    {
        if (lists[row].name == NULL)
            json_array_append(entries, name);
        else
            json_array_append_new(entries, json_pack("{s:O}", lists[row].name, name));
    }
    if (json_array_size(entries) != 0)
        json_object_set_new(config, lists[row].member, json_string(lk_json_text(admin->req->arena, entries)));
}

static lk_status_t read_config(const lk_admin_t *admin, json_t **ret_config, lk_error_t *err)
{
    lk_arena_t *arena = admin->req->arena;
    json_t *config = json_object(),
           *settings =
               lk_json_own(arena, json_pack("{s:[], s:[], s:[{s:o}]}", "resources", "scopes", "policies", "config", config));
    for (size_t row = 0; row != NUM_LISTS; ++row)
        set_list(admin, config, row);
    lk_status_t status = lk_authz_intern(admin->sql, arena, admin->realm->id, settings, err);
    *ret_config = config;
    return status == LK_OK ? lk_authz_check_references(admin->sql, arena, admin->realm->id, settings, err) : status;
}

/* The ids of the scopes that are shared; all of the resource's where none is named. */
static lk_status_t read_scopes(const lk_admin_t *admin, const json_t *resource, json_t *ids, lk_error_t *err)
{
    const json_t *given = json_object_get(admin->body, "scopes"), *own = json_object_get(resource, "scopes");
    lk_buffer_t bad;
    size_t i;
    json_t *name;
    lk_buffer_init(&bad, admin->req->arena, 1 << 16);
    if (json_array_size(given) == 0)
        json_array_extend(ids, (json_t *)own);
    json_array_foreach((json_t *)given, i, name)
    {
        const json_t *scope = lk_authz_find(admin->authz, "scopes", json_string_value(name));
        if (scope != NULL && lk_json_lists(own, lk_authz_id(scope)))
            json_array_append_new(ids, json_string(lk_authz_id(scope)));
        else
            lk_buffer_printf(&bad, "%s%s", bad.len != 0 ? ", " : "", json_string_value(name));
    }
    return bad.len == 0 ? LK_OK
                        : lk_fail(err, LK_INVALID, "invalid_request", "Some of the scopes [[%s]] are not valid for resource [%s]",
                                  bad.base, lk_authz_id(resource));
}

static int is_taken(const lk_admin_t *admin, const char *name, const json_t *besides)
{
    size_t i;
    json_t *policy;
    json_array_foreach(json_object_get(admin->authz, "policies"), i, policy)
    {
        if (policy != besides && strcmp(lk_json_str(policy, "name", ""), name) == 0)
            return 1;
    }
    return 0;
}

/* Writes the body over a policy, which is new or the caller's own. */
static lk_status_t put_policy(lk_admin_t *admin, const json_t *resource, json_t *policy, lk_error_t *err)
{
    static const char *const texts[] = {"name", "description", "logic", "decisionStrategy"};
    lk_arena_t *arena = admin->req->arena;
    json_t *ids = lk_json_own(arena, json_array()), *config;
    lk_status_t status = read_scopes(admin, resource, ids, err);
    if (status == LK_OK && is_taken(admin, lk_json_str(admin->body, "name", ""), policy)) {
        const char *text = lk_printf(arena, "Policy with name [%s] already exists", lk_json_str(admin->body, "name", ""));
        admin->refusal = lk_json_own(arena, json_pack("{s:s, s:s}", "error", text, "error_description", "Conflicting policy"));
        return lk_fail(err, LK_CONFLICT, NULL, "%s", text);
    }
    if (status == LK_OK)
        status = read_config(admin, &config, err);
    if (status != LK_OK)
        return status;
    for (size_t i = 0; i != sizeof(texts) / sizeof(texts[0]); ++i)
        if (json_is_string(json_object_get(admin->body, texts[i])))
            json_object_set(policy, texts[i], json_object_get(admin->body, texts[i]));
    json_object_set(policy, "config", config);
    json_object_set(policy, "scopes", ids);
    return lk_authz_save(admin, err);
}

lk_status_t lk_protection_policy_create(lk_admin_t *admin, lk_error_t *err)
{
    lk_arena_t *arena = admin->req->arena;
    json_t *resource = lk_authz_find(admin->authz, "resources", admin->args[0]);
    lk_status_t status = check_owner(admin, resource, admin->args[0], err);
    if (status == LK_OK)
        status = lk_admin_check(admin, &lk_authz_owner_policy_fields, err);
    if (status != LK_OK)
        return status;
    if (lk_json_str(admin->body, "id", NULL) != NULL)
        return lk_fail(err, LK_INVALID, "invalid_request", "Newly created uma policies should not have an id");
    if (lk_json_str(admin->body, "name", NULL) == NULL)
        return lk_fail(err, LK_INVALID, "invalid_request", "Name is required");
    json_t *policy = lk_json_own(arena, json_pack("{s:s, s:s, s:s, s:s, s:s, s:[s], s:[]}", "id", lk_random_uuid(arena), "type",
                                                  LK_AUTHZ_OF_OWNER, "logic", "POSITIVE", "decisionStrategy", "UNANIMOUS", "owner",
                                                  admin->user->id, "resources", lk_authz_id(resource), "policies"));
    json_array_append(json_object_get(admin->authz, "policies"), policy);
    status = put_policy(admin, resource, policy, err);
    return status == LK_OK ? reply_one(admin, policy, err) : status;
}

lk_status_t lk_protection_policy_update(lk_admin_t *admin, lk_error_t *err)
{
    json_t *policy;
    lk_status_t status = find_own(admin, &policy, err);
    if (status == LK_OK)
        status = lk_admin_check(admin, &lk_authz_owner_policy_fields, err);
    if (status == LK_OK)
        status = put_policy(admin, lk_authz_find(admin->authz, "resources", resource_of(policy)), policy, err);
    if (status == LK_OK)
        admin->reply->status = 201; /* as Keycloak */
    return status;
}

lk_status_t lk_protection_policy_remove(lk_admin_t *admin, lk_error_t *err)
{
    json_t *policy;
    lk_status_t status = find_own(admin, &policy, err);
    return status == LK_OK ? lk_authz_drop(admin, "policies", admin->args[0], err) : status;
}
