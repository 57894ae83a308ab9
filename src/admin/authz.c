/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "admin/authz.h"
#include "admin/fine_grained.h"
#include "crypto/crypto.h"
#include "model/authz_cache.h"

/* A resource server as a whole, and what its resources, scopes and policies share. */

lk_status_t lk_authz_missing(lk_error_t *err)
{
    return lk_fail(err, LK_NOT_FOUND, NULL, "HTTP 404 Not Found");
}

lk_status_t lk_authz_duplicate(lk_error_t *err)
{
    return lk_fail(err, LK_CONFLICT, "conflict", "Duplicate resource error");
}

/* What is administered, and how, is given: of the realm's own permissions only they and their policies are anybody's to change. */
static int is_fixed(const lk_admin_t *admin)
{
    return strcmp(admin->row->path, "/settings") == 0 ||
           (strcmp(admin->row->method, "GET") != 0 && admin->row->handle != lk_authz_policy_evaluate &&
            strstr(admin->mount->prefix, "/policy") == NULL && strstr(admin->mount->prefix, "/permission") == NULL);
}

lk_status_t lk_authz_load(lk_admin_t *admin, lk_error_t *err)
{
    const char *realm_id = admin->realm->id, *client_id = admin->client->id;
    if (strcmp(admin->row->method, "GET") != 0 && (admin->row->flags & LK_ADMIN_NO_CHANGE) == 0)
        return lk_authz_get(admin->sql, admin->req->arena, realm_id, client_id, &admin->authz, err);
    lk_status_t status = lk_authz_current(lk_realms_authz(admin->req->app->realms), admin->sql, admin->req->arena, realm_id,
                                          client_id, &admin->authz_server, err);
    admin->authz = status == LK_OK && admin->authz_server != NULL ? (json_t *)admin->authz_server->settings : NULL;
    return status;
}

lk_status_t lk_resolve_resource_server(lk_admin_t *admin, lk_error_t *err)
{
    lk_status_t status = lk_resolve_client(admin, err);
    if (status == LK_NOT_FOUND && lk_admin_require(admin, "query-clients view-clients", NULL) != LK_OK)
        return lk_admin_require(admin, "query-clients view-clients", err);
    if (status == LK_OK)
        status = lk_authz_load(admin, err);
    if (status == LK_OK && lk_fine_is_client(admin, admin->client) && is_fixed(admin) && lk_admin_can(admin, "manage-realm"))
        return lk_fail(err, LK_INVALID, "unknown_error", NULL);
    return status == LK_OK && admin->authz == NULL ? lk_authz_missing(err) : status;
}

lk_status_t lk_authz_save(lk_admin_t *admin, lk_error_t *err)
{
    static const char *const lists[] = {"resources", "policies", "scopes"};
    lk_rows_t rows;
    if (lk_fine_is_client(admin, admin->client))
        lk_admin_permissions_tidy(admin->authz);
    for (size_t i = 0; i != 3; ++i)
        if (json_array_size(json_object_get(admin->authz, lists[i])) > LK_AUTHZ_MAX)
            return lk_fail(err, LK_INVALID, "invalid_request", "Too many %s", lists[i]);
    return lk_admin_sql(admin, LK_Q_AUTHZ_UPDATE, &rows, err, admin->client->id, lk_json_text(admin->req->arena, admin->authz));
}

lk_status_t lk_authz_settle(lk_admin_t *admin, json_t *policies, lk_error_t *err)
{
    lk_arena_t *arena = admin->req->arena;
    lk_status_t status = lk_authz_settle_policies(admin->sql, arena, admin->realm->id, admin->authz, policies, err);
    return status == LK_OK ? lk_authz_intern(admin->sql, arena, admin->realm->id, admin->authz, err) : status;
}

lk_status_t lk_authz_reply_made(lk_admin_t *admin, json_t *value)
{
    lk_admin_reply(admin, value);
    admin->reply->status = 201;
    return LK_OK;
}

lk_status_t lk_authz_reply_empty(lk_admin_t *admin, int status)
{
    admin->reply->status = status;
    return LK_OK;
}

int lk_authz_matches_name(lk_admin_t *admin, const json_t *object)
{
    const char *wanted = lk_pairs_get(&admin->req->query, "name");
    return wanted == NULL || *wanted == '\0' || strcasestr(lk_json_str(object, "name", ""), wanted) != NULL;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(lk_json_str(*(json_t *const *)a, "name", ""), lk_json_str(*(json_t *const *)b, "name", ""));
}

lk_status_t lk_authz_reply_list(lk_admin_t *admin, const char *list, lk_authz_matches_t matches, lk_authz_show_t show,
                                const char *max)
{
    const json_t *all = json_object_get(admin->authz, list);
    json_t **found = LK_NEW_ARRAY(admin->req->arena, json_t *, json_array_size(all) + 1), *object;
    size_t count = 0, i;
    int are_policies = strcmp(list, "policies") == 0;
    json_array_foreach((json_t *)all, i, object)
    {
        if (are_policies && json_object_get(object, "owner") != NULL && lk_pairs_get(&admin->req->query, "owner") == NULL)
            continue; /* a user's, who was not asked for */
        if (matches(admin, object))
            found[count++] = object;
    }
    qsort(found, count, sizeof(*found), compare_names);
    json_t *shown = json_array();
    for (i = 0; i != count; ++i)
        json_array_append_new(shown, show(admin, found[i]));
    return lk_admin_reply(admin, lk_admin_page(admin, shown, max));
}

json_t *lk_authz_by_id(const lk_admin_t *admin, const char *list, const char *id)
{
    json_t *object = id != NULL ? lk_authz_find(admin->authz, list, id) : NULL;
    return object != NULL && strcmp(lk_authz_id(object), id) == 0 ? object : NULL;
}

lk_status_t lk_authz_find_one(lk_admin_t *admin, const char *list, json_t **ret_object, lk_error_t *err)
{
    *ret_object = lk_authz_by_id(admin, list, admin->args[0]);
    return *ret_object != NULL ? LK_OK : lk_authz_missing(err);
}

lk_status_t lk_authz_drop(lk_admin_t *admin, const char *list, const char *id, lk_error_t *err)
{
    lk_rows_t rows;
    lk_authz_remove(admin->authz, list, id);
    lk_status_t status = lk_authz_save(admin, err);
    return status == LK_OK ? lk_admin_sql(admin, LK_Q_TICKET_FORGET, &rows, err, admin->client->id, id) : status;
}

lk_status_t lk_authz_search(lk_admin_t *admin, const char *list, lk_authz_show_t show, lk_error_t *err)
{
    const char *name = lk_pairs_get(&admin->req->query, "name");
    if (name == NULL)
        return lk_authz_reply_empty(admin, 400);
    const json_t *found = lk_json_find(json_object_get(admin->authz, list), "name", name);
    return found != NULL ? lk_admin_reply(admin, show(admin, found)) : lk_authz_reply_empty(admin, 204);
}

/* --- the whole --- */

lk_status_t lk_authz_server_get(lk_admin_t *admin, lk_error_t *err)
{
    static const char *const switches[] = {"allowRemoteResourceManagement", "policyEnforcementMode", "decisionStrategy"};
    json_t *shown = json_pack("{s:s, s:s, s:s, s:[], s:[], s:[]}", "id", admin->client->id, "clientId", admin->client->id, "name",
                              admin->client->client_id, "resources", "policies", "scopes");
    for (size_t i = 0; i != 3; ++i)
        json_object_set(shown, switches[i], json_object_get(admin->authz, switches[i]));
    if (lk_fine_is_client(admin, admin->client) && admin->realm->admin_permissions_enabled)
        json_object_set_new(shown, "authorizationSchema", lk_admin_permissions_schema());
    return lk_admin_reply(admin, shown);
}

static int is_one_of(const char *text, const char *const *known, size_t count)
{
    for (size_t i = 0; i != count; ++i)
        if (strcmp(text, known[i]) == 0)
            return 1;
    return 0;
}

/* Makes the settings' switches those of `given`; one that it does not have is as in a new resource server. */
static lk_status_t set_switches(json_t *settings, const json_t *given, lk_error_t *err)
{
    static const char *const modes[] = {"ENFORCING", "PERMISSIVE", "DISABLED"}, *const strategies[] = {"UNANIMOUS", "AFFIRMATIVE",
                                                                                                       "CONSENSUS"};
    if (!is_one_of(lk_json_str(given, "policyEnforcementMode", modes[0]), modes, 3) ||
        !is_one_of(lk_json_str(given, "decisionStrategy", strategies[0]), strategies, 3))
        return lk_fail(err, LK_INVALID, "unknown_error", "Cannot parse the JSON");
    json_t *switches = json_copy((json_t *)given);
    json_object_del(switches, "resources");
    json_object_del(switches, "policies");
    json_object_del(switches, "scopes");
    json_object_update_missing_new(switches, json_pack("{s:b, s:s, s:s}", "allowRemoteResourceManagement", 1,
                                                       "policyEnforcementMode", modes[0], "decisionStrategy", strategies[0]));
    lk_rep_patch(&lk_authz_server_fields, settings, switches);
    json_decref(switches);
    return LK_OK;
}

lk_status_t lk_authz_server_put(lk_admin_t *admin, lk_error_t *err)
{
    lk_status_t status = lk_admin_check(admin, &lk_authz_server_fields, err);
    if (status == LK_OK)
        status = set_switches(admin->authz, admin->body, err);
    if (status == LK_OK && lk_json_str(admin->body, "decisionStrategy", NULL) == NULL)
        return lk_authz_duplicate(err);
    return status == LK_OK ? lk_authz_save(admin, err) : status;
}

lk_status_t lk_authz_settings_get(lk_admin_t *admin, lk_error_t *err)
{
    json_t *shown;
    lk_status_t status = lk_authz_extern(admin->sql, admin->req->arena, admin->realm->id, admin->authz, 0, &shown, err);
    return status == LK_OK ? lk_admin_reply(admin, json_incref(shown)) : status;
}

/* Those of the same name take the given members, others are new. */
static void merge_list(lk_arena_t *arena, json_t *settings, const char *list, const json_t *given)
{
    lk_authz_known_t known;
    json_t *object;
    size_t i;
    lk_authz_known(arena, settings, list, &known);
    json_array_foreach((json_t *)given, i, object)
    {
        json_t *old = lk_authz_known_find(&known, lk_json_str(object, "name", ""));
        if (old == NULL) {
            lk_authz_known_add(&known, object);
            json_array_append(json_object_get(settings, list), object);
            continue;
        }
        json_t *id = json_incref(json_object_get(old, strcmp(list, "resources") == 0 ? "_id" : "id"));
        json_object_update(old, object);
        json_object_set_new(old, strcmp(list, "resources") == 0 ? "_id" : "id", id);
    }
}

/* What has no name, or policies without a type, Keycloak's database refuses; owners and types must be there. */
static lk_status_t check_parts(lk_admin_t *admin, const char *list, lk_error_t *err)
{
    int are_policies = strcmp(list, "policies") == 0;
    size_t i;
    json_t *object;
    json_array_foreach(json_object_get(admin->body, list), i, object)
    {
        const char *type = lk_json_str(object, "type", NULL), *owner;
        if (lk_json_str(object, "name", NULL) == NULL || (are_policies && type == NULL))
            return lk_authz_duplicate(err);
        if (are_policies && !lk_authz_is_type(type))
            return lk_authz_unknown(err, "types", type);
        lk_status_t status = strcmp(list, "resources") == 0 ? lk_authz_read_owner(admin, object, &owner, err) : LK_OK;
        if (status != LK_OK)
            return status;
    }
    return LK_OK;
}

lk_status_t lk_authz_import(lk_admin_t *admin, lk_error_t *err)
{
    static const char *const lists[] = {"scopes", "resources", "policies"};
    json_t *policies = json_object_get(admin->body, "policies");
    lk_status_t status = lk_admin_check(admin, &lk_authz_server_fields, err);
    if (status == LK_OK)
        status = set_switches(admin->authz, admin->body, err);
    for (size_t i = 0; status == LK_OK && i != 3; ++i) {
        merge_list(admin->req->arena, admin->authz, lists[i], json_object_get(admin->body, lists[i]));
        status = check_parts(admin, lists[i], err);
    }
    if (status == LK_OK)
        status = lk_authz_settle(admin, policies != NULL ? policies : lk_json_own(admin->req->arena, json_array()), err);
    return status == LK_OK ? lk_authz_save(admin, err) : status;
}

/* --- scopes --- */

json_t *lk_authz_show_scope(lk_admin_t *admin, const json_t *scope)
{
    (void)admin;
    return lk_rep_answer(&lk_authz_scope_fields, scope, 0);
}

static int is_wanted_scope(lk_admin_t *admin, const json_t *scope)
{
    const char *id = lk_pairs_get(&admin->req->query, "scopeId");
    return (id == NULL || *id == '\0' || strcmp(id, lk_authz_id(scope)) == 0) && lk_authz_matches_name(admin, scope);
}

lk_status_t lk_authz_scopes_list(lk_admin_t *admin, lk_error_t *err)
{
    return lk_authz_reply_list(admin, "scopes", is_wanted_scope, lk_authz_show_scope, LK_AUTHZ_PAGE);
}

static lk_status_t write_scope(lk_admin_t *admin, json_t *scope, lk_error_t *err)
{
    size_t i;
    json_t *other, *name = json_object_get(admin->body, "name");
    if (name == NULL || json_is_null(name))
        return lk_authz_duplicate(err);
    lk_rep_patch(&lk_authz_scope_fields, scope, admin->body);
    json_array_foreach(json_object_get(admin->authz, "scopes"), i, other)
    {
        if (other != scope && strcmp(lk_json_str(other, "name", ""), lk_json_str(scope, "name", "")) == 0)
            return lk_authz_duplicate(err);
    }
    return lk_authz_save(admin, err);
}

/* One of the same id, or else name, is changed. */
lk_status_t lk_authz_scope_create(lk_admin_t *admin, lk_error_t *err)
{
    lk_arena_t *arena = admin->req->arena;
    lk_status_t status = lk_admin_check(admin, &lk_authz_scope_fields, err);
    if (status != LK_OK)
        return status;
    json_t *scopes = json_object_get(admin->authz, "scopes");
    const char *id = lk_json_str(admin->body, "id", NULL);
    const char *name = lk_json_str(admin->body, "name", NULL);
    json_t *scope = id != NULL     ? lk_authz_by_id(admin, "scopes", id)
                    : name != NULL ? lk_authz_find(admin->authz, "scopes", name)
                                   : NULL;
    if (scope == NULL) {
        scope = lk_json_own(arena, json_pack("{s:s}", "id", id != NULL ? id : lk_random_uuid(arena)));
        json_array_append(scopes, scope);
    }
    status = write_scope(admin, scope, err);
    return status == LK_OK ? lk_authz_reply_made(admin, lk_authz_show_scope(admin, scope)) : status;
}

lk_status_t lk_authz_scope_get(lk_admin_t *admin, lk_error_t *err)
{
    json_t *scope;
    lk_status_t status = lk_authz_find_one(admin, "scopes", &scope, NULL);
    return status == LK_OK ? lk_admin_reply(admin, lk_authz_show_scope(admin, scope)) : lk_authz_reply_empty(admin, 404);
}

lk_status_t lk_authz_scope_update(lk_admin_t *admin, lk_error_t *err)
{
    json_t *scope;
    lk_status_t status = lk_admin_check(admin, &lk_authz_scope_fields, err);
    if (status == LK_OK && lk_authz_find_one(admin, "scopes", &scope, NULL) != LK_OK)
        return lk_authz_reply_empty(admin, 404);
    return status == LK_OK ? write_scope(admin, scope, err) : status;
}

lk_status_t lk_authz_scope_remove(lk_admin_t *admin, lk_error_t *err)
{
    json_t *resource, *scope;
    size_t i;
    if (lk_authz_find_one(admin, "scopes", &scope, NULL) != LK_OK)
        return lk_authz_reply_empty(admin, 404);
    json_array_foreach(json_object_get(admin->authz, "resources"), i, resource)
    {
        if (lk_json_lists(json_object_get(resource, "scopes"), admin->args[0]))
            return lk_admin_message(err, LK_INVALID, "Scopes can not be removed while associated with resources.");
    }
    return lk_authz_drop(admin, "scopes", admin->args[0], err);
}

/* What lists the row's id in its member. */
static int has_scope(lk_admin_t *admin, const json_t *object)
{
    return lk_json_lists(json_object_get(object, "scopes"), admin->args[0]);
}

lk_status_t lk_authz_scope_permissions(lk_admin_t *admin, lk_error_t *err)
{
    json_t *scope;
    if (lk_authz_find_one(admin, "scopes", &scope, NULL) != LK_OK)
        return lk_authz_reply_empty(admin, 404);
    return lk_authz_reply_list(admin, "policies", has_scope, lk_authz_show_brief_policy, LK_ADMIN_ALL);
}

lk_status_t lk_authz_scope_resources(lk_admin_t *admin, lk_error_t *err)
{
    json_t *scope;
    if (lk_authz_find_one(admin, "scopes", &scope, NULL) != LK_OK)
        return lk_authz_reply_empty(admin, 404);
    return lk_authz_reply_list(admin, "resources", has_scope, lk_authz_show_brief_resource, LK_ADMIN_ALL);
}

lk_status_t lk_authz_scope_search(lk_admin_t *admin, lk_error_t *err)
{
    return lk_authz_search(admin, "scopes", lk_authz_show_scope, err);
}

lk_status_t lk_authz_policy_search(lk_admin_t *admin, lk_error_t *err)
{
    return lk_authz_search(admin, "policies", admin->mount->kind != NULL ? lk_authz_show_typed : lk_authz_show_policy, err);
}

/* --- clients become resource servers --- */

/* The role that a resource server's own account manages resources with. */
static lk_status_t add_protection(lk_admin_t *admin, const json_t *rep, lk_error_t *err)
{
    lk_arena_t *arena = admin->req->arena;
    const lk_role_t *known = lk_realm_role(admin->realm, lk_json_str(rep, "clientId", ""), "uma_protection");
    const char *id = known != NULL ? known->id : NULL;
    lk_rows_t rows;
    lk_status_t status = LK_OK;
    if (known == NULL) {
        json_t *container = lk_json_own(arena, json_pack("{s:O}", "containerId", json_object_get(rep, "id")));
        status = lk_kind_create(admin, &lk_kind_role, lk_json_own(arena, json_pack("{s:s}", "name", "uma_protection")), container,
                                &id, err);
    }
    return status == LK_OK ? lk_admin_sql(admin, LK_Q_AUTHZ_PROTECT, &rows, err, lk_json_str(rep, "id", ""), id) : status;
}

lk_status_t lk_authz_enable(lk_admin_t *admin, const json_t *old, const json_t *rep, lk_error_t *err)
{
    lk_arena_t *arena = admin->req->arena;
    const json_t *given = old == NULL ? json_object_get(rep, "authorizationSettings") : NULL;
    const char *id = lk_json_str(rep, "id", "");
    lk_rows_t rows;
    int is_new = old == NULL || json_object_get(old, "authorizationSettings") == NULL;
    if (!lk_json_bool(rep, "authorizationServicesEnabled", 0))
        return is_new ? LK_OK : lk_admin_sql(admin, LK_Q_AUTHZ_UPDATE, &rows, err, id, NULL);
    if (!is_new)
        return LK_OK;
    if (!lk_json_bool(rep, "serviceAccountsEnabled", 0))
        return lk_fail_http(err, LK_INVALID, 500, "unknown_error", "For more on this error consult the server log.");
    int is_plain = strcmp(lk_json_str(rep, "clientId", ""), LK_ADMIN_PERMISSIONS_CLIENT) != 0;
    lk_status_t status = is_plain ? add_protection(admin, rep, err) : LK_OK;
    json_t *settings = lk_json_own(arena, lk_authz_new());
    if (status == LK_OK && given != NULL) {
        json_t *copy = lk_json_own(arena, json_deep_copy(given));
        json_object_update(settings, copy);
        status = lk_authz_intern(admin->sql, arena, admin->realm->id, settings, err);
    }
    return status == LK_OK ? lk_admin_sql(admin, LK_Q_AUTHZ_UPDATE, &rows, err, id, lk_json_text(arena, settings)) : status;
}
