/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "admin/protection.h"
#include "core/time.h"

/* Two things of one name: permission tickets that a resource server hands to a client that it turned away, which are values
 * (UMA 2.0 federated authorization, section 4), and what users ask owners for, which is stored. */

/* --- values --- */

/* One entry of the body: {"resource_id", "resource_scopes", "claims"}. */
static lk_status_t read_scopes(const lk_admin_t *admin, const json_t *resource, const json_t *given, json_t *names, lk_error_t *err)
{
    size_t i;
    json_t *entry;
    json_array_foreach((json_t *)given, i, entry)
    {
        const char *text = json_is_string(entry) ? json_string_value(entry) : "";
        const json_t *scope = lk_authz_find(admin->authz, "scopes", text);
        if (scope == NULL || (resource != NULL && !lk_json_lists(json_object_get(resource, "scopes"), lk_authz_id(scope))))
            return lk_fail(err, LK_INVALID, "invalid_scope", "Scope [%s] is invalid", text);
        json_array_append(names, json_object_get(scope, "name"));
    }
    return LK_OK;
}

static lk_status_t read_permission(const lk_admin_t *admin, const json_t *given, json_t *permissions, lk_error_t *err)
{
    const char *id = lk_json_str(given, "resource_id", NULL);
    const json_t *scopes = json_object_get(given, "resource_scopes"), *resource = NULL;
    json_t *permission = json_object(), *names = json_array();
    json_array_append_new(permissions, permission);
    if (id == NULL && json_array_size(scopes) == 0) {
        json_decref(names);
        return lk_fail(err, LK_INVALID, "invalid_resource_id", "Resource id or name not provided.");
    }
    if (id != NULL && (resource = lk_protection_find(admin, id)) == NULL) {
        json_decref(names);
        return lk_fail(err, LK_INVALID, "invalid_resource_id", "Resource set with id [%s] does not exists in this server.", id);
    }
    if (resource != NULL)
        json_object_set_new(permission, "rsid", json_string(lk_authz_id(resource)));
    lk_status_t status = read_scopes(admin, resource, scopes, names, err);
    if (json_array_size(names) != 0)
        json_object_set(permission, "scopes", names);
    json_decref(names);
    return status;
}

lk_status_t lk_protection_ticket_make(lk_admin_t *admin, lk_error_t *err)
{
    lk_arena_t *arena = admin->req->arena;
    const lk_token_context_t context = {
        .req = admin->req, .realm = admin->realm, .client = admin->client, .user = admin->user, .now = lk_now()};
    json_t *permissions = lk_json_own(arena, json_array()), *claims = lk_json_own(arena, json_object()), *given;
    char *ticket;
    size_t i;
    lk_status_t status = LK_OK;
    if (!json_is_array(admin->body))
        return lk_fail(err, LK_INVALID, "unknown_error", "Cannot parse the JSON");
    if (json_array_size(admin->body) == 0)
        return lk_fail(err, LK_INVALID, "invalid_permission_request", "Invalid permission request.");
    json_array_foreach(admin->body, i, given)
    {
        if (!json_is_object(given))
            return lk_fail(err, LK_INVALID, "unknown_error", "Cannot parse the JSON");
        if (status == LK_OK)
            status = read_permission(admin, given, permissions, err);
        json_object_update(claims, json_object_get(given, "claims"));
    }
    if (status == LK_OK)
        status = lk_ticket_make(&context, permissions, claims, &ticket, err);
    return status == LK_OK ? lk_authz_reply_made(admin, json_pack("{s:s}", "ticket", ticket)) : status;
}

/* --- what is stored --- */

static json_t *show(const lk_admin_t *admin, const lk_rows_t *rows, int row, int with_names)
{
    const char *resource_id = lk_row_str(rows, row, "resource_id"), *scope_id = lk_row_str(rows, row, "scope_id");
    json_t *shown = json_pack("{s:s, s:s, s:s, s:s, s:b}", "id", lk_row_str(rows, row, "id"), "owner",
                              lk_row_str(rows, row, "owner"), "resource", resource_id, "requester",
                              lk_row_str(rows, row, "requester"), "granted", strcmp(lk_row_str(rows, row, "granted"), "true") == 0);
    if (scope_id != NULL)
        json_object_set_new(shown, "scope", json_string(scope_id));
    if (!with_names)
        return shown;
    const json_t *resource = lk_authz_find(admin->authz, "resources", resource_id),
                 *scope = scope_id != NULL ? lk_authz_find(admin->authz, "scopes", scope_id) : NULL;
    const char *owner = lk_row_str(rows, row, "owner_name");
    json_object_set_new(shown, "requesterName", json_string(lk_row_str(rows, row, "requester_name")));
    json_object_set_new(shown, "ownerName", json_string(owner != NULL ? owner : admin->client->client_id));
    if (resource != NULL)
        json_object_set(shown, "resourceName", json_object_get(resource, "name"));
    if (scope != NULL)
        json_object_set(shown, "scopeName", json_object_get(scope, "name"));
    return shown;
}

/* The id that a filter names; itself where there is no such thing, so that nothing is found. */
static const char *wanted(const lk_admin_t *admin, const char *parameter, const char *list)
{
    const char *text = lk_pairs_get(&admin->req->query, parameter);
    const json_t *object = text != NULL ? lk_authz_find(admin->authz, list, text) : NULL;
    return object != NULL ? lk_authz_id(object) : text;
}

static lk_status_t select_tickets(lk_admin_t *admin, const char *first, const char *max, lk_rows_t *ret_rows, lk_error_t *err)
{
    const lk_pairs_t *query = &admin->req->query;
    const char *granted = lk_pairs_get(query, "granted");
    if (granted != NULL)
        granted = lk_admin_flag(admin, "granted", 0) ? "true" : "false";
    return lk_admin_sql(admin, LK_Q_TICKET_LIST, ret_rows, err, admin->client->id,
                        lk_protection_is_server(admin) ? NULL : admin->id, wanted(admin, "resourceId", "resources"),
                        wanted(admin, "scopeId", "scopes"), lk_pairs_get(query, "owner"), lk_pairs_get(query, "requester"), granted,
                        first, max);
}

lk_status_t lk_protection_tickets_list(lk_admin_t *admin, lk_error_t *err)
{
    lk_rows_t rows;
    json_t *list = json_array();
    int with_names = lk_admin_flag(admin, "returnNames", 0);
    lk_status_t status = select_tickets(admin, lk_admin_first(admin->req), lk_admin_max(admin->req, LK_AUTHZ_PAGE), &rows, err);
    for (int i = 0; status == LK_OK && i != rows.count; ++i)
        json_array_append_new(list, show(admin, &rows, i, with_names));
    if (status == LK_OK)
        return lk_admin_reply(admin, list);
    json_decref(list);
    return status;
}

lk_status_t lk_protection_tickets_count(lk_admin_t *admin, lk_error_t *err)
{
    lk_rows_t rows;
    lk_status_t status = select_tickets(admin, "0", LK_ADMIN_ALL, &rows, err);
    return status == LK_OK ? lk_admin_reply(admin, json_integer(rows.count)) : status;
}

/* There is no such address, whoever asks. */
lk_status_t lk_protection_ticket_get(lk_admin_t *admin, lk_error_t *err)
{
    (void)admin;
    return lk_authz_missing(err);
}

static lk_status_t refuse(lk_error_t *err, const char *text)
{
    return lk_fail(err, LK_INVALID, "invalid_permission", "%s", text);
}

/* The body names all that it has to. */
static lk_status_t check_ticket(const json_t *body, lk_error_t *err)
{
    if (!json_is_object(body) || lk_json_str(body, "id", NULL) != NULL)
        return refuse(err, "created permissions should not have id");
    if (lk_json_str(body, "resource", NULL) == NULL)
        return refuse(err, "created permissions should have resource");
    if (lk_json_str(body, "scope", lk_json_str(body, "scopeName", NULL)) == NULL)
        return refuse(err, "created permissions should have scope or scopeName");
    if (lk_json_str(body, "requester", lk_json_str(body, "requesterName", NULL)) == NULL)
        return refuse(err, "created permissions should have requester or requesterName");
    return LK_OK;
}

static lk_status_t not_theirs(lk_error_t *err, const char *resource_id, const char *what)
{
    return lk_fail_http(err, LK_DENIED, 403, "not_authorised", "permissions for [%s] can be %s", resource_id, what);
}

static lk_status_t find_resource(lk_admin_t *admin, json_t **ret_resource, lk_error_t *err)
{
    const char *id = lk_json_str(admin->body, "resource", "");
    json_t *resource = lk_authz_find(admin->authz, "resources", id);
    if (resource == NULL || strcmp(lk_authz_id(resource), id) != 0)
        return lk_fail(err, LK_INVALID, "invalid_resource_id", "Resource set with id [%s] does not exists in this server.", id);
    if (!lk_protection_is_server(admin) && strcmp(lk_protection_owner(admin, resource), admin->id) != 0)
        return not_theirs(err, id, "only created by the owner or by the resource server itself");
    if (!lk_json_bool(resource, "ownerManagedAccess", 0))
        return refuse(err, "permission can only be created for resources with user-managed access enabled");
    *ret_resource = resource;
    return LK_OK;
}

static lk_status_t find_requester(lk_admin_t *admin, const lk_user_t **ret_user, lk_error_t *err)
{
    const char *id = lk_json_str(admin->body, "requester", NULL), *name = lk_json_str(admin->body, "requesterName", "");
    *ret_user = NULL;
    lk_status_t status = id != NULL ? lk_user_by_id(admin->sql, admin->req->arena, admin->realm, id, ret_user, err)
                                    : lk_user_by_username(admin->sql, admin->req->arena, admin->realm, name, ret_user, err);
    return status == LK_OK && *ret_user == NULL ? refuse(err, "Requester does not exists in this server as user.") : status;
}

static lk_status_t find_scope(lk_admin_t *admin, const json_t *resource, const char **ret_id, lk_error_t *err)
{
    const char *text = lk_json_str(admin->body, "scope", lk_json_str(admin->body, "scopeName", ""));
    const json_t *scope = lk_authz_find(admin->authz, "scopes", text);
    if (scope == NULL)
        return lk_fail(err, LK_INVALID, "invalid_scope", "Scope [%s] is invalid", text);
    *ret_id = lk_authz_id(scope);
    if (!lk_json_lists(json_object_get(resource, "scopes"), *ret_id))
        return lk_fail(err, LK_INVALID, "invalid_resource_id", "Resource set with id [%s] does not have Scope [%s]",
                       lk_authz_id(resource), lk_json_str(scope, "name", ""));
    return LK_OK;
}

static lk_status_t select_one(lk_admin_t *admin, const char *id, lk_rows_t *ret_rows, lk_error_t *err)
{
    lk_status_t status = lk_admin_sql(admin, LK_Q_TICKET_SELECT, ret_rows, err, admin->client->id, id);
    return status == LK_OK && ret_rows->count == 0 ? lk_fail(err, LK_INVALID, "invalid_request", "invalid_ticket") : status;
}

lk_status_t lk_protection_ticket_create(lk_admin_t *admin, lk_error_t *err)
{
    lk_permission_ticket_t ticket = {.client_id = admin->client->id, .granted = lk_json_bool(admin->body, "granted", 0)};
    const lk_user_t *requester;
    const char *id;
    json_t *resource = NULL;
    lk_rows_t rows;
    lk_status_t status = check_ticket(admin->body, err);
    if (status == LK_OK)
        status = find_resource(admin, &resource, err);
    if (status == LK_OK)
        status = find_requester(admin, &requester, err);
    if (status == LK_OK)
        status = find_scope(admin, resource, &ticket.scope_id, err);
    if (status != LK_OK)
        return status;
    ticket.resource_id = lk_authz_id(resource);
    ticket.owner = lk_protection_owner(admin, resource);
    ticket.requester = requester->id;
    status = lk_permission_ticket_insert(admin->sql, admin->req->arena, admin->realm->id, &ticket, &id, err);
    if (status == LK_OK && id == NULL)
        return refuse(err, "Permission already exists");
    if (status == LK_OK)
        status = select_one(admin, id, &rows, err);
    if (status != LK_OK)
        return status;
    lk_admin_reply(admin, show(admin, &rows, 0, 0));
    admin->reply->status = 200;
    return LK_OK;
}

/* Granted, or refused: then it goes. */
lk_status_t lk_protection_ticket_update(lk_admin_t *admin, lk_error_t *err)
{
    int grants = lk_json_bool(admin->body, "granted", 0);
    lk_rows_t rows, done;
    lk_status_t status = select_one(admin, lk_json_str(admin->body, "id", ""), &rows, err);
    if (status != LK_OK)
        return status;
    if (!lk_protection_is_server(admin) && strcmp(lk_row_str(&rows, 0, "owner"), admin->id) != 0)
        return not_theirs(err, lk_row_str(&rows, 0, "resource_id"), "updated only by the owner or by the resource server");
    return lk_admin_sql(admin, grants ? LK_Q_TICKET_GRANT : LK_Q_TICKET_REMOVE, &done, err, admin->client->id,
                        lk_row_str(&rows, 0, "id"));
}

lk_status_t lk_protection_ticket_remove(lk_admin_t *admin, lk_error_t *err)
{
    lk_rows_t rows, done;
    lk_status_t status = select_one(admin, admin->args[0], &rows, err);
    if (status != LK_OK)
        return status;
    if (!lk_protection_is_server(admin) && strcmp(lk_row_str(&rows, 0, "owner"), admin->id) != 0 &&
        strcmp(lk_row_str(&rows, 0, "requester"), admin->id) != 0)
        return not_theirs(err, lk_row_str(&rows, 0, "resource_id"),
                          "deleted only by the owner, the requester, or by the resource server");
    return lk_admin_sql(admin, LK_Q_TICKET_REMOVE, &done, err, admin->client->id, admin->args[0]);
}
