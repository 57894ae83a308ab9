/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include "admin/account.h"
#include "core/json.h"
#include "model/authz.h"

/* What users own at resource servers, with whom they share it, and what others share with them. Reading is one statement over the
 * settings of all resource servers; what is written is permission tickets, one of each scope and user. */

/* --- out --- */

static json_t *show_client(lk_admin_t *account, const char *client_uuid)
{
    const lk_client_t *client = NULL;
    if (lk_realm_client_by_uuid(account->req->app->realms, account->realm, client_uuid, &client, NULL) != LK_OK || client == NULL)
        return json_object();
    return json_pack("{s:s, s:s*, s:s*}", "clientId", client->client_id, "name", client->name, "baseUrl", client->base_url);
}

static void copy_members(json_t *to, const json_t *from, const char *const *names, size_t count)
{
    for (size_t i = 0; i != count; ++i)
        if (json_is_string(json_object_get(from, names[i])))
            json_object_set(to, names[i], json_object_get(from, names[i]));
}

static json_t *show_scope(const json_t *scope)
{
    static const char *const names[] = {"name", "displayName", "iconUri"};
    json_t *shown = json_object();
    copy_members(shown, scope, names, sizeof(names) / sizeof(names[0]));
    return shown;
}

/* Without its scopes. */
static json_t *show_resource(lk_admin_t *account, const lk_rows_t *rows, int row)
{
    static const char *const names[] = {"_id", "name", "displayName", "icon_uri"};
    const json_t *resource = lk_admin_json(account, rows, row, "resource"), *uris = json_object_get(resource, "uris");
    json_t *shown = json_object();
    copy_members(shown, resource, names, sizeof(names) / sizeof(names[0]));
    json_object_set_new(shown, "uris", json_is_array(uris) ? json_incref((json_t *)uris) : json_array());
    json_object_set_new(shown, "client", show_client(account, lk_row_str(rows, row, "client_id")));
    return shown;
}

static void add_own_scopes(lk_admin_t *account, json_t *shown, const lk_rows_t *rows, int row)
{
    json_t *scopes = json_array(), *scope;
    size_t i;
    json_array_foreach(lk_admin_json(account, rows, row, "scopes"), i, scope)
    {
        json_array_append_new(scopes, show_scope(scope));
    }
    if (json_array_size(scopes) != 0)
        json_object_set(shown, "scopes", scopes);
    json_decref(scopes);
}

/* Those that tickets from `from` up to `to` name, of the resource, or of any; a ticket without one is about the resource itself. */
static json_t *show_ticket_scopes(lk_admin_t *account, const lk_rows_t *tickets, int from, int to, const char *resource_id)
{
    json_t *scopes = json_array();
    for (int i = from; i != to; ++i) {
        const json_t *scope = lk_admin_json(account, tickets, i, "scope");
        if (json_is_object(scope) && (resource_id == NULL || strcmp(lk_row_str(tickets, i, "resource_id"), resource_id) == 0))
            json_array_append_new(scopes, show_scope(scope));
    }
    return scopes;
}

static json_t *show_person(const lk_rows_t *tickets, int row)
{
    return json_pack("{s:s, s:s*, s:s*, s:s*}", "username", lk_row_str(tickets, row, "username"), "email",
                     lk_row_str(tickets, row, "email"), "firstName", lk_row_str(tickets, row, "first_name"), "lastName",
                     lk_row_str(tickets, row, "last_name"));
}

/* Who holds tickets of a resource, with the names of their scopes. Tickets are in the order of user names. */
static json_t *show_people(lk_admin_t *account, const lk_rows_t *tickets, const char *resource_id)
{
    json_t *people = json_array(), *person = NULL;
    for (int i = 0; i != tickets->count; ++i) {
        const json_t *scope = lk_admin_json(account, tickets, i, "scope");
        const char *username = lk_row_str(tickets, i, "username");
        if (strcmp(lk_row_str(tickets, i, "resource_id"), resource_id) != 0)
            continue;
        if (person == NULL || strcmp(lk_json_str(person, "username", ""), username) != 0) {
            person = show_person(tickets, i);
            json_object_set_new(person, "scopes", json_array());
            json_array_append_new(people, person);
        }
        if (json_is_object(scope))
            json_array_append(json_object_get(person, "scopes"), json_object_get(scope, "name"));
    }
    return people;
}

/* --- lists --- */

/* What a list is of: all that is owned, or what tickets are about. */
typedef struct st_selection_t {
    const char *owner;        /* NULL: anybody */
    const lk_rows_t *tickets; /* NULL: no matter */
    const char *name;         /* that is looked for; NULL: any */
    void (*complete)(lk_admin_t *account, json_t *shown, const lk_rows_t *rows, int row, const lk_rows_t *tickets);
} selection_t;

/* There are pages where both first and max are given, as in Keycloak. */
typedef struct st_page_t {
    int is_asked;
    long first, max;
} page_t;

/* RFC 8288: where the pages before and after are. */
static void add_links(lk_admin_t *account, page_t page, int found)
{
    long first = page.first, max = page.max;
    lk_arena_t *arena = account->req->arena;
    const char *url = lk_admin_url(account->req), *next = "", *previous = "";
    if (!page.is_asked)
        return;
    if (found > max)
        next = lk_printf(arena, "<%s?first=%ld&max=%ld>; rel=\"next\"", url, first + max, max);
    if (found != 0 && first > 0)
        previous = lk_printf(arena, "<%s?first=%ld&max=%ld>; rel=\"prev\"", url, first > max ? first - max : 0, max);
    if (*next != '\0' || *previous != '\0')
        lk_reply_set_header(account->reply, "link",
                            lk_printf(arena, "%s%s%s", next, *next != '\0' && *previous != '\0' ? ", " : "", previous));
}

static const char *ids_of(lk_admin_t *account, const lk_rows_t *tickets)
{
    json_t *ids = lk_json_own(account->req->arena, json_array());
    for (int i = 0; tickets != NULL && i != tickets->count; ++i)
        json_array_append_new(ids, json_string(lk_row_str(tickets, i, "resource_id")));
    return tickets != NULL ? lk_json_text(account->req->arena, ids) : NULL;
}

static int has_text(const lk_pairs_t *query, const char *name)
{
    const char *text = lk_pairs_get(query, name);
    return text != NULL && *text != '\0';
}

static page_t read_page(const lk_request_t *req)
{
    if (!has_text(&req->query, "first") || !has_text(&req->query, "max"))
        return (page_t){0, 0, strtol(LK_ADMIN_ALL, NULL, 10)};
    return (page_t){1, strtol(lk_admin_first(req), NULL, 10), strtol(lk_admin_max(req, LK_ADMIN_ALL), NULL, 10)};
}

static lk_status_t load_resources(lk_admin_t *account, const selection_t *selection, page_t page, lk_rows_t *ret_rows,
                                  lk_error_t *err)
{
    lk_arena_t *arena = account->req->arena;
    return lk_admin_sql(account, LK_Q_ACCOUNT_RESOURCES, ret_rows, err, selection->owner, ids_of(account, selection->tickets),
                        selection->name, lk_printf(arena, "%ld", page.first), lk_printf(arena, "%ld", page.max + 1));
}

static lk_status_t reply_list(lk_admin_t *account, const selection_t *selection, lk_error_t *err)
{
    page_t page = read_page(account->req);
    lk_rows_t rows;
    lk_status_t status = load_resources(account, selection, page, &rows, err);
    if (status != LK_OK)
        return status;
    json_t *list = json_array();
    for (int i = 0; i != rows.count && i < page.max; ++i) {
        json_t *shown = show_resource(account, &rows, i);
        selection->complete(account, shown, &rows, i, selection->tickets);
        json_array_append_new(list, shown);
    }
    add_links(account, page, rows.count);
    return lk_admin_reply(account, list);
}

static void complete_own(lk_admin_t *account, json_t *shown, const lk_rows_t *rows, int row, const lk_rows_t *tickets)
{
    (void)tickets;
    add_own_scopes(account, shown, rows, row);
}

static void complete_shared(lk_admin_t *account, json_t *shown, const lk_rows_t *rows, int row, const lk_rows_t *tickets)
{
    (void)rows;
    (void)row;
    json_object_set_new(shown, "scopes", show_ticket_scopes(account, tickets, 0, tickets->count, lk_json_str(shown, "_id", "")));
}

static void complete_given(lk_admin_t *account, json_t *shown, const lk_rows_t *rows, int row, const lk_rows_t *tickets)
{
    (void)rows;
    (void)row;
    json_object_set_new(shown, "permissions", show_people(account, tickets, lk_json_str(shown, "_id", "")));
}

lk_status_t lk_account_resources(lk_admin_t *account, lk_error_t *err)
{
    const selection_t selection = {account->id, NULL, lk_pairs_get(&account->req->query, "name"), complete_own};
    return reply_list(account, &selection, err);
}

static int row_of(lk_admin_t *account, const lk_rows_t *rows, const char *id)
{
    for (int i = 0; i != rows->count; ++i)
        if (strcmp(lk_json_str(lk_admin_json(account, rows, i, "resource"), "_id", ""), id) == 0)
            return i;
    return -1;
}

static lk_status_t reply_shared(lk_admin_t *account, const char *owner, const char *requester, const char *granted,
                                const selection_t *like, lk_error_t *err)
{
    lk_rows_t tickets;
    selection_t selection = *like;
    lk_status_t status = lk_admin_sql(account, LK_Q_ACCOUNT_TICKETS, &tickets, err, NULL, owner, requester, granted);
    selection.tickets = &tickets;
    return status == LK_OK ? reply_list(account, &selection, err) : status;
}

lk_status_t lk_account_shared_with_me(lk_admin_t *account, lk_error_t *err)
{
    const selection_t selection = {.name = lk_pairs_get(&account->req->query, "name"), .complete = complete_shared};
    return reply_shared(account, NULL, account->id, "true", &selection, err);
}

/* One entry for each scope that was asked for, as in Keycloak. */
lk_status_t lk_account_pending_requests(lk_admin_t *account, lk_error_t *err)
{
    page_t page = read_page(account->req);
    lk_rows_t tickets, rows;
    lk_status_t status = lk_admin_sql(account, LK_Q_ACCOUNT_TICKETS, &tickets, err, NULL, NULL, account->id, "false");
    const selection_t selection = {.tickets = &tickets};
    if (status == LK_OK)
        status = load_resources(account, &selection, (page_t){0, 0, strtol(LK_ADMIN_ALL, NULL, 10)}, &rows, err);
    if (status != LK_OK)
        return status;
    json_t *list = json_array();
    for (long i = page.first; i < tickets.count && i - page.first < page.max; ++i) {
        int row = row_of(account, &rows, lk_row_str(&tickets, (int)i, "resource_id"));
        if (row < 0)
            continue;
        json_t *shown = show_resource(account, &rows, row);
        json_object_set_new(shown, "scopes", show_ticket_scopes(account, &tickets, (int)i, (int)i + 1, NULL));
        json_array_append_new(list, shown);
    }
    add_links(account, page, page.first < tickets.count ? tickets.count - (int)page.first : 0);
    return lk_admin_reply(account, list);
}

lk_status_t lk_account_shared_with_others(lk_admin_t *account, lk_error_t *err)
{
    const selection_t selection = {.complete = complete_given};
    return reply_shared(account, account->id, NULL, "true", &selection, err);
}

/* --- one --- */

/* The resource that the path names, which is the user's own. */
static lk_status_t find_own(lk_admin_t *account, lk_rows_t *ret_rows, lk_error_t *err)
{
    json_t *ids = lk_json_own(account->req->arena, json_pack("[s]", account->args[0]));
    lk_status_t status =
        lk_admin_sql(account, LK_Q_ACCOUNT_RESOURCES, ret_rows, err, NULL, lk_json_text(account->req->arena, ids), NULL, "0", "1");
    if (status != LK_OK)
        return status;
    if (ret_rows->count == 0)
        return lk_fail(err, LK_NOT_FOUND, NULL, "resource_not_found");
    return strcmp(lk_json_str(lk_admin_json(account, ret_rows, 0, "resource"), "owner", ""), account->id) == 0
               ? LK_OK
               : lk_fail(err, LK_INVALID, NULL, "invalid_resource");
}

lk_status_t lk_account_resource_get(lk_admin_t *account, lk_error_t *err)
{
    lk_rows_t rows;
    lk_status_t status = find_own(account, &rows, err);
    if (status != LK_OK)
        return status;
    json_t *shown = show_resource(account, &rows, 0);
    add_own_scopes(account, shown, &rows, 0);
    return lk_admin_reply(account, shown);
}

static lk_status_t load_tickets(lk_admin_t *account, const char *requester, const char *granted, lk_rows_t *ret_tickets,
                                lk_error_t *err)
{
    return lk_admin_sql(account, LK_Q_ACCOUNT_TICKETS, ret_tickets, err, account->args[0], account->id, requester, granted);
}

static lk_status_t reply_people(lk_admin_t *account, const char *granted, lk_error_t *err)
{
    lk_rows_t rows, tickets;
    lk_status_t status = find_own(account, &rows, err);
    if (status == LK_OK)
        status = load_tickets(account, NULL, granted, &tickets, err);
    return status == LK_OK ? lk_admin_reply(account, show_people(account, &tickets, account->args[0])) : status;
}

lk_status_t lk_account_permissions(lk_admin_t *account, lk_error_t *err)
{
    return reply_people(account, "true", err);
}

lk_status_t lk_account_permission_requests(lk_admin_t *account, lk_error_t *err)
{
    return reply_people(account, "false", err);
}

/* By user name, else by address, whatever the realm's logins go by. */
static lk_status_t find_user(lk_admin_t *account, const char *name, const lk_user_t **ret_user, lk_error_t *err)
{
    *ret_user = NULL;
    lk_status_t status = lk_user_by_username(account->sql, account->req->arena, account->realm, name, ret_user, err);
    return status == LK_OK && *ret_user == NULL
               ? lk_user_by_email(account->sql, account->req->arena, account->realm, name, ret_user, err)
               : status;
}

/* Nobody is shown whom the owner does not know from this resource: who shares or asked for it. */
lk_status_t lk_account_resource_user(lk_admin_t *account, lk_error_t *err)
{
    const char *value = lk_pairs_get(&account->req->query, "value");
    const lk_user_t *user = NULL;
    lk_rows_t rows, tickets;
    lk_status_t status = find_own(account, &rows, err);
    if (status == LK_OK && value != NULL)
        status = find_user(account, value, &user, err);
    if (status == LK_OK && user == NULL)
        account->reply->status = 204;
    if (status != LK_OK || user == NULL)
        return status;
    if ((status = load_tickets(account, user->id, NULL, &tickets, err)) != LK_OK)
        return status;
    if (tickets.count == 0 && strcmp(user->id, account->id) != 0) {
        account->reply->status = 403;
        return LK_OK;
    }
    return lk_admin_reply(account, json_pack("{s:s, s:s, s:s*, s:s*, s:s*}", "id", user->id, "username", user->username, "email",
                                             user->email, "firstName", user->first_name, "lastName", user->last_name));
}

/* --- sharing --- */

static const lk_field_t permission_fields[] = {
    LK_FIELD_FREE("id", STRING, 0, NULL),        LK_FIELD_FREE("username", STRING, 0, NULL),
    LK_FIELD_FREE("email", STRING, 0, NULL),     LK_FIELD_FREE("emailVerified", BOOL, 0, NULL),
    LK_FIELD_FREE("firstName", STRING, 0, NULL), LK_FIELD_FREE("lastName", STRING, 0, NULL),
    LK_FIELD_FREE("scopes", STRINGS, 0, NULL),   LK_FIELD_FREE("attributes", MULTIMAP, LK_FIELD_LENIENT, NULL),
};
static const lk_representation_t permission_rep = LK_REPRESENTATION("Permission", permission_fields);

/* The ids of the scopes that a permission names: [id], each once. */
static lk_status_t read_scopes(lk_admin_t *account, const json_t *permission, json_t *ids, lk_error_t *err)
{
    const json_t *names = json_object_get(permission, "scopes");
    size_t i;
    json_t *name;
    if (!json_is_array(names))
        return lk_fail(err, LK_INVALID, NULL, "invalid_permissions");
    json_array_foreach((json_t *)names, i, name)
    {
        const char *text = json_is_string(name) ? json_string_value(name) : "";
        const json_t *scope = lk_json_find(json_object_get(account->authz, "scopes"), "name", text);
        if (scope == NULL)
            return lk_fail(err, LK_INVALID, NULL, "invalid_scope");
        if (!lk_json_lists(ids, lk_authz_id(scope)))
            json_array_append(ids, json_object_get(scope, "id"));
    }
    return LK_OK;
}

/* What a user has of the resource becomes what the ids say: requests among it are granted, all else goes. What was there already is
 * taken out of the ids. */
static lk_status_t settle_tickets(lk_admin_t *account, const lk_user_t *user, json_t *ids, lk_error_t *err)
{
    lk_rows_t tickets, done;
    lk_status_t status = load_tickets(account, user->id, NULL, &tickets, err);
    for (int i = 0; status == LK_OK && i != tickets.count; ++i) {
        const char *scope_id = lk_json_str(lk_admin_json(account, &tickets, i, "scope"), "id", "");
        size_t at = 0;
        while (at != json_array_size(ids) && strcmp(json_string_value(json_array_get(ids, at)), scope_id) != 0)
            ++at;
        status = lk_admin_sql(account, at != json_array_size(ids) ? LK_Q_TICKET_GRANT : LK_Q_TICKET_REMOVE, &done, err,
                              account->client->id, lk_row_str(&tickets, i, "id"));
        json_array_remove(ids, at);
    }
    return status;
}

static lk_status_t share(lk_admin_t *account, const json_t *permission, lk_error_t *err)
{
    lk_arena_t *arena = account->req->arena;
    const char *name = lk_json_str(permission, "username", NULL);
    const lk_user_t *user = NULL;
    json_t *ids = lk_json_own(arena, json_array());
    lk_status_t status = name != NULL ? find_user(account, name, &user, err) : LK_OK;
    if (status == LK_OK && user == NULL)
        return lk_fail(err, LK_NOT_FOUND, NULL, "%s", name != NULL ? name : "unknown_error");
    if (status == LK_OK)
        status = read_scopes(account, permission, ids, err);
    if (status == LK_OK)
        status = settle_tickets(account, user, ids, err);
    for (size_t i = 0; status == LK_OK && i != json_array_size(ids); ++i) {
        const lk_permission_ticket_t ticket = {account->client->id, account->args[0], json_string_value(json_array_get(ids, i)),
                                               account->id,         user->id,         1};
        const char *id;
        status = lk_permission_ticket_insert(account->sql, arena, account->realm->id, &ticket, &id, err);
        if (status == LK_OK && id == NULL)
            return lk_fail(err, LK_INVALID, NULL, "invalid_permissions");
    }
    return status;
}

/* The resource server, under the lock under which its settings change. */
static lk_status_t open_server(lk_admin_t *account, lk_error_t *err)
{
    lk_rows_t rows;
    lk_status_t status = find_own(account, &rows, err);
    if (status == LK_OK)
        status = lk_realm_client_by_uuid(account->req->app->realms, account->realm, lk_row_str(&rows, 0, "client_id"),
                                         &account->client, err);
    if (status == LK_OK && account->client == NULL)
        return lk_fail(err, LK_NOT_FOUND, NULL, "resource_not_found");
    return status == LK_OK
               ? lk_authz_get(account->sql, account->req->arena, account->realm->id, account->client->id, &account->authz, err)
               : status;
}

lk_status_t lk_account_permissions_set(lk_admin_t *account, lk_error_t *err)
{
    size_t i;
    json_t *permission;
    lk_status_t status = lk_admin_begin_write(account, err);
    if (status == LK_OK)
        status = open_server(account, err);
    if (status == LK_OK && (account->body == NULL || json_is_null(account->body) ||
                            (json_is_array(account->body) && json_array_size(account->body) == 0)))
        status = lk_fail(err, LK_INVALID, NULL, "invalid_permissions");
    if (status == LK_OK)
        status = lk_admin_check_all(account, &permission_rep, err);
    json_array_foreach(status == LK_OK ? account->body : NULL, i, permission)
    {
        if (status == LK_OK)
            status = share(account, permission, err);
    }
    if (status == LK_OK)
        status = lk_tx_commit(&account->tx, err);
    lk_tx_rollback(&account->tx);
    return status;
}
