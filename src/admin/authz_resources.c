/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include <strings.h>
#include "admin/authz.h"
#include "crypto/crypto.h"

/* What a resource server protects. */

json_t *lk_authz_show_brief_resource(lk_admin_t *admin, const json_t *resource)
{
    return json_pack("{s:O, s:s*, s:O}", "name", json_object_get(resource, "name"), "displayName",
                     lk_authz_display_name(admin, lk_json_str(resource, "name", "")), "_id", json_object_get(resource, "_id"));
}

static json_t *show_scopes(const lk_admin_t *admin, const json_t *resource)
{
    json_t *list = json_array(), *id;
    size_t i;
    json_array_foreach(json_object_get(resource, "scopes"), i, id)
    {
        const json_t *scope = lk_authz_find(admin->authz, "scopes", json_string_value(id));
        if (scope != NULL)
            json_array_append_new(list, json_pack("{s:O, s:O}", "id", id, "name", json_object_get(scope, "name")));
    }
    return list;
}

static json_t *show_owner(lk_admin_t *admin, const json_t *resource)
{
    const char *id = lk_json_str(resource, "owner", NULL);
    const lk_user_t *user = NULL;
    if (id == NULL)
        return json_pack("{s:s, s:s}", "id", admin->client->id, "name", admin->client->client_id);
    lk_user_by_id(admin->sql, admin->req->arena, admin->realm, id, &user, NULL);
    return json_pack("{s:s, s:s?}", "id", id, "name", user != NULL ? user->username : NULL);
}

static json_t *show_with(lk_admin_t *admin, const json_t *resource, int deep)
{
    json_t *shown = lk_rep_answer(&lk_authz_resource_fields, resource, deep ? 0 : LK_ANSWER_BRIEF);
    json_object_set_new(shown, "owner", show_owner(admin, resource));
    if (deep && json_array_size(json_object_get(resource, "scopes")) != 0)
        json_object_set_new(shown, "scopes", show_scopes(admin, resource));
    return shown;
}

json_t *lk_authz_show_resource(lk_admin_t *admin, const json_t *resource)
{
    return show_with(admin, resource, 1);
}

static json_t *show_listed(lk_admin_t *admin, const json_t *resource)
{
    return show_with(admin, resource, lk_admin_flag(admin, "deep", 1));
}

static int has_uri(lk_admin_t *admin, const json_t *resource, const char *wanted)
{
    int by_pattern = lk_admin_flag(admin, "matchingUri", 0);
    size_t i;
    json_t *uri;
    json_array_foreach(json_object_get(resource, "uris"), i, uri)
    {
        const char *text = json_string_value(uri);
        if (strcmp(text, wanted) == 0 || (by_pattern && lk_authz_uri_matches(text, wanted)))
            return 1;
    }
    return 0;
}

static int has_owner(lk_admin_t *admin, const json_t *resource, const char *wanted)
{
    const char *owner = lk_json_str(resource, "owner", NULL);
    const lk_user_t *user = NULL;
    if (owner == NULL)
        return strcmp(wanted, admin->client->id) == 0 || strcmp(wanted, admin->client->client_id) == 0;
    if (strcmp(owner, wanted) == 0)
        return 1;
    lk_user_by_id(admin->sql, admin->req->arena, admin->realm, owner, &user, NULL);
    return user != NULL && strcmp(user->username, wanted) == 0;
}

static int has_scope_named(lk_admin_t *admin, const json_t *resource, const char *wanted)
{
    size_t i;
    json_t *scope;
    json_array_foreach(json_object_get(admin->authz, "scopes"), i, scope)
    {
        if (strcasestr(lk_json_str(scope, "name", ""), wanted) != NULL &&
            lk_json_lists(json_object_get(resource, "scopes"), lk_authz_id(scope)))
            return 1;
    }
    return 0;
}

static int has_type(lk_admin_t *admin, const json_t *resource, const char *wanted)
{
    (void)admin;
    return strcasestr(lk_json_str(resource, "type", ""), wanted) != NULL;
}

static int has_name(lk_admin_t *admin, const json_t *resource, const char *wanted)
{
    const char *name = lk_json_str(resource, "name", "");
    return lk_admin_flag(admin, "exactName", 0) ? strcasecmp(name, wanted) == 0 : strcasestr(name, wanted) != NULL;
}

static int has_id(lk_admin_t *admin, const json_t *resource, const char *wanted)
{
    (void)admin;
    return strcmp(lk_authz_id(resource), wanted) == 0;
}

int lk_authz_resource_is_wanted(lk_admin_t *admin, const json_t *resource)
{
    static const struct {
        const char *parameter;
        int (*has)(lk_admin_t *admin, const json_t *resource, const char *wanted);
    } filters[] = {{"_id", has_id},      {"name", has_name}, {"uri", has_uri},
                   {"owner", has_owner}, {"type", has_type}, {"scope", has_scope_named}};
    for (size_t i = 0; i != sizeof(filters) / sizeof(filters[0]); ++i) {
        const char *wanted = lk_pairs_get(&admin->req->query, filters[i].parameter);
        if (wanted != NULL && *wanted != '\0' && !filters[i].has(admin, resource, wanted))
            return 0;
    }
    return 1;
}

lk_status_t lk_authz_resources_list(lk_admin_t *admin, lk_error_t *err)
{
    return lk_authz_reply_list(admin, "resources", lk_authz_resource_is_wanted, show_listed, LK_AUTHZ_PAGE);
}

/* By id or name; an object without an id names nobody. */
lk_status_t lk_authz_read_owner(lk_admin_t *admin, const json_t *given, const char **ret_owner, lk_error_t *err)
{
    const json_t *owner = json_object_get(given, "owner");
    int is_import = given != admin->body;
    const char *text = json_is_string(owner) ? json_string_value(owner)
                                             : lk_json_str(owner, "id", is_import ? lk_json_str(owner, "name", NULL) : NULL);
    const lk_user_t *user = NULL;
    *ret_owner = NULL;
    if (json_is_object(owner) && text == NULL)
        return lk_fail(err, LK_INVALID, "invalid_request", "You must specify the resource owner.");
    if (text == NULL || strcmp(text, admin->client->id) == 0 || strcmp(text, admin->client->client_id) == 0)
        return LK_OK;
    lk_status_t status = lk_user_by_id(admin->sql, admin->req->arena, admin->realm, text, &user, err);
    if (status == LK_OK && user == NULL)
        status = lk_user_by_username(admin->sql, admin->req->arena, admin->realm, text, &user, err);
    if (status == LK_OK && user == NULL)
        return lk_authz_unknown(err, "users", text);
    *ret_owner = status == LK_OK ? user->id : NULL;
    return status;
}

static int is_taken(const lk_admin_t *admin, const json_t *resource)
{
    size_t i;
    json_t *other;
    json_array_foreach(json_object_get(admin->authz, "resources"), i, other)
    {
        if (other != resource && strcmp(lk_json_str(other, "name", ""), lk_json_str(resource, "name", "")) == 0 &&
            strcmp(lk_json_str(other, "owner", ""), lk_json_str(resource, "owner", "")) == 0)
            return 1;
    }
    return 0;
}

/* Scopes that are not there are made of their names, but not of ids. */
static int is_scope(const lk_admin_t *admin, const json_t *given)
{
    const char *id = lk_json_str(given, "id", NULL);
    return id == NULL || lk_json_str(given, "name", NULL) != NULL || lk_authz_by_id(admin, "scopes", id) != NULL;
}

static lk_status_t set_owner_and_scopes(lk_admin_t *admin, json_t *resource, lk_error_t *err)
{
    const char *owner;
    json_t *scopes = json_object_get(admin->body, "scopes"), *scope;
    size_t i;
    if (scopes == NULL)
        scopes = json_object_get(admin->body, "resource_scopes");
    json_array_foreach(scopes, i, scope)
    {
        if (!is_scope(admin, scope))
            return lk_authz_duplicate(err);
    }
    lk_status_t status = lk_authz_read_owner(admin, admin->body, &owner, err);
    if (status != LK_OK)
        return status;
    if (owner != NULL)
        json_object_set_new(resource, "owner", json_string(owner));
    json_object_set_new(resource, "scopes", scopes != NULL ? json_deep_copy(scopes) : json_array());
    if (lk_json_str(resource, "name", NULL) == NULL)
        return lk_fail(err, LK_INVALID, "invalid_request", "Name is required");
    return LK_OK;
}

static lk_status_t put_resource(lk_admin_t *admin, lk_error_t *err)
{
    lk_status_t status = lk_authz_intern(NULL, admin->req->arena, NULL, admin->authz, err);
    return status == LK_OK ? lk_authz_save(admin, err) : status;
}

/* How old clients name the only one. */
void lk_authz_take_uri(json_t *body)
{
    json_t *uri = json_object_get(body, "uri");
    if (json_is_string(uri) && json_object_get(body, "uris") == NULL)
        json_object_set_new(body, "uris", json_pack("[O]", uri));
}

static lk_status_t check_body(lk_admin_t *admin, lk_error_t *err)
{
    lk_authz_take_uri(admin->body);
    json_t *owner = json_object_get(admin->body, "owner");
    if (json_is_string(owner))
        json_object_set_new(admin->body, "owner", json_pack("{s:O}", "id", owner));
    return lk_admin_check(admin, &lk_authz_resource_fields, err);
}

lk_status_t lk_authz_make_resource(lk_admin_t *admin, json_t **ret_resource, lk_error_t *err)
{
    json_t *resource = lk_json_own(admin->req->arena, lk_rep_strict(&lk_authz_resource_fields, admin->body));
    const char *id = lk_json_str(resource, "_id", NULL);
    if (id == NULL)
        json_object_set_new(resource, "_id", json_string(lk_random_uuid(admin->req->arena)));
    else if (lk_authz_by_id(admin, "resources", id) != NULL)
        return lk_authz_duplicate(err);
    json_array_append(json_object_get(admin->authz, "resources"), resource);
    *ret_resource = resource;
    lk_status_t status = set_owner_and_scopes(admin, resource, err);
    if (status == LK_OK && is_taken(admin, resource))
        return lk_fail(err, LK_CONFLICT, "invalid_request", "Resource with name [%s] already exists.",
                       lk_json_str(resource, "name", ""));
    return status == LK_OK ? put_resource(admin, err) : status;
}

/* Permissions about a resource are no longer about scopes that it lost. */
static void forget_lost_scopes(const lk_admin_t *admin, const json_t *resource, const json_t *before)
{
    const json_t *after = json_object_get(resource, "scopes");
    size_t i, j;
    json_t *policy, *id;
    json_array_foreach(json_object_get(admin->authz, "policies"), i, policy)
    {
        if (!lk_json_lists(json_object_get(policy, "resources"), lk_authz_id(resource)))
            continue;
        json_array_foreach((json_t *)before, j, id)
        {
            if (!lk_json_lists(after, json_string_value(id)))
                lk_authz_remove_text(json_object_get(policy, "scopes"), json_string_value(id));
        }
    }
}

/* The body is all of it: what it leaves out is gone, but the owner and attributes. */
static lk_status_t replace(lk_admin_t *admin, json_t *resource, lk_error_t *err)
{
    json_t *before = lk_json_own(admin->req->arena, json_incref(json_object_get(resource, "scopes")));
    json_t *next = lk_json_own(admin->req->arena, lk_rep_strict(&lk_authz_resource_fields, admin->body));
    json_object_set(next, "_id", json_object_get(resource, "_id"));
    static const char *const kept[] = {"owner", "attributes"};
    for (size_t i = 0; i != 2; ++i)
        if (json_object_get(resource, kept[i]) != NULL && (i == 0 || json_object_get(next, kept[i]) == NULL))
            json_object_set(next, kept[i], json_object_get(resource, kept[i]));
    json_object_clear(resource);
    json_object_update(resource, next);
    lk_status_t status = set_owner_and_scopes(admin, resource, err);
    if (json_object_get(next, "owner") != NULL)
        json_object_set(resource, "owner", json_object_get(next, "owner"));
    else
        json_object_del(resource, "owner");
    if (status == LK_OK && is_taken(admin, resource))
        return lk_authz_duplicate(err);
    if (status == LK_OK)
        status = lk_authz_intern(NULL, admin->req->arena, NULL, admin->authz, err);
    forget_lost_scopes(admin, resource, before);
    return status == LK_OK ? lk_authz_save(admin, err) : status;
}

/* One of the same id is changed. */
lk_status_t lk_authz_resource_create(lk_admin_t *admin, lk_error_t *err)
{
    lk_status_t status = check_body(admin, err);
    const char *id = status == LK_OK ? lk_json_str(admin->body, "_id", NULL) : NULL;
    json_t *resource = lk_authz_by_id(admin, "resources", id);
    if (status == LK_OK && lk_json_str(admin->body, "name", NULL) == NULL)
        return lk_authz_duplicate(err);
    if (status == LK_OK)
        status = resource != NULL ? replace(admin, resource, err) : lk_authz_make_resource(admin, &resource, err);
    return status == LK_OK ? lk_authz_reply_made(admin, lk_authz_show_resource(admin, resource)) : status;
}

lk_status_t lk_authz_resource_get(lk_admin_t *admin, lk_error_t *err)
{
    json_t *resource;
    lk_status_t status = lk_authz_find_one(admin, "resources", &resource, err);
    return status == LK_OK ? lk_admin_reply(admin, lk_authz_show_resource(admin, resource)) : status;
}

lk_status_t lk_authz_resource_update(lk_admin_t *admin, lk_error_t *err)
{
    json_t *resource;
    lk_status_t status = lk_authz_find_one(admin, "resources", &resource, err);
    if (status == LK_OK)
        status = check_body(admin, err);
    if (status == LK_OK && lk_json_str(admin->body, "name", NULL) == NULL)
        return lk_authz_unknown(err, "names", "");
    return status == LK_OK ? replace(admin, resource, err) : status;
}

lk_status_t lk_authz_resource_remove(lk_admin_t *admin, lk_error_t *err)
{
    json_t *resource;
    lk_status_t status = lk_authz_find_one(admin, "resources", &resource, err);
    return status == LK_OK ? lk_authz_drop(admin, "resources", admin->args[0], err) : status;
}

lk_status_t lk_authz_resource_scopes(lk_admin_t *admin, lk_error_t *err)
{
    json_t *resource;
    lk_status_t status = lk_authz_find_one(admin, "resources", &resource, NULL);
    return status == LK_OK ? lk_admin_reply(admin, show_scopes(admin, resource)) : lk_authz_reply_empty(admin, 404);
}

lk_status_t lk_authz_resource_attributes(lk_admin_t *admin, lk_error_t *err)
{
    json_t *resource, *attributes;
    if (lk_authz_find_one(admin, "resources", &resource, NULL) != LK_OK)
        return lk_authz_reply_empty(admin, 404);
    attributes = json_object_get(resource, "attributes");
    return lk_admin_reply(admin, attributes != NULL ? json_incref(attributes) : json_object());
}

static int has_resource(lk_admin_t *admin, const json_t *policy)
{
    return lk_json_lists(json_object_get(policy, "resources"), admin->args[0]);
}

lk_status_t lk_authz_resource_permissions(lk_admin_t *admin, lk_error_t *err)
{
    json_t *resource;
    if (lk_authz_find_one(admin, "resources", &resource, NULL) != LK_OK)
        return lk_authz_reply_empty(admin, 404);
    return lk_authz_reply_list(admin, "policies", has_resource, lk_authz_show_brief_policy, LK_ADMIN_ALL);
}

lk_status_t lk_authz_resource_search(lk_admin_t *admin, lk_error_t *err)
{
    return lk_authz_search(admin, "resources", lk_authz_show_resource, err);
}
