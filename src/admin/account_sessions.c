/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "admin/account.h"
#include "admin/users.h"
#include "core/json.h"
#include "core/time.h"
#include "login/page.h"
#include "model/consent.h"
#include "oidc/oidc.h"

/* A user's own sessions, applications and consents. */

static lk_status_t load(lk_admin_t *account, const char *offline, lk_rows_t *ret_rows, lk_error_t *err)
{
    return lk_admin_sql(account, LK_Q_SESSIONS_SELECT, ret_rows, err, account->id, NULL, offline, "0", LK_ADMIN_ALL, "");
}

static int is_current(const lk_admin_t *account, const lk_rows_t *rows, int row)
{
    return account->caller.session != NULL && strcmp(account->caller.session->id, lk_row_str(rows, row, "id")) == 0;
}

static json_t *show_clients(lk_admin_t *account, const lk_rows_t *rows, int row)
{
    json_t *list = json_array(), *client_id;
    const char *id;
    json_t *clients = lk_admin_json(account, rows, row, "clients");
    json_object_foreach(clients, id, client_id)
    {
        const lk_client_t *client = NULL;
        if (lk_realm_client_by_uuid(account->req->app->realms, account->realm, id, &client, NULL) != LK_OK || client == NULL)
            continue;
        json_array_append_new(list,
                              json_pack("{s:s, s:s*, s:b, s:b, s:b}", "clientId", client->client_id, "clientName", client->name,
                                        "userConsentRequired", client->consent_required, "inUse", 0, "offlineAccess", 0));
    }
    return list;
}

/* When it ends at the latest, used or not. */
static int64_t longest(const lk_realm_t *realm, const lk_session_t *session)
{
    return session->started + realm->sso_session_max;
}

static json_t *show(lk_admin_t *account, const lk_rows_t *rows, int row, const lk_session_t *session)
{
    json_t *shown = json_pack("{s:s, s:s*, s:I, s:I, s:I, s:o, s:s*}", "id", session->id, "ipAddress",
                              lk_row_str(rows, row, "ip_address"), "started", (json_int_t)session->started, "lastAccess",
                              (json_int_t)session->last_access, "expires", (json_int_t)longest(account->realm, session), "clients",
                              show_clients(account, rows, row), "browser", lk_session_device(session->notes).browser);
    if (is_current(account, rows, row))
        json_object_set_new(shown, "current", json_true());
    return shown;
}

typedef void (*on_session_t)(json_t *list, json_t *shown, const lk_session_t *session);

/* Answers a list that is made of all sessions that have not expired. */
static lk_status_t reply_each(lk_admin_t *account, on_session_t on_session, lk_error_t *err)
{
    lk_rows_t rows;
    lk_status_t status = load(account, "false", &rows, err);
    if (status != LK_OK)
        return status;
    json_t *list = json_array();
    for (int i = 0; i != rows.count; ++i) {
        lk_session_t session = lk_session_of_row(&rows, i, 0);
        int64_t expires = lk_session_expires(account->realm, &session);
        session.notes = lk_admin_json(account, &rows, i, "notes");
        if (expires == 0 || expires > lk_now())
            on_session(list, show(account, &rows, i, &session), &session);
    }
    return lk_admin_reply(account, list);
}

static void add_session(json_t *list, json_t *shown, const lk_session_t *session)
{
    (void)session;
    json_array_append_new(list, shown);
}

lk_status_t lk_account_sessions(lk_admin_t *account, lk_error_t *err)
{
    return reply_each(account, add_session, err);
}

static json_t *find_device(json_t *devices, const lk_user_agent_t *agent)
{
    size_t i;
    json_t *device;
    json_array_foreach(devices, i, device)
    {
        if (strcmp(lk_json_str(device, "os", ""), agent->os) == 0 &&
            strcmp(lk_json_str(device, "osVersion", ""), agent->os_version) == 0)
            return device;
    }
    return NULL;
}

/* A device is an operating system of one version, as Keycloak sees it. */
static void add_device(json_t *devices, json_t *shown, const lk_session_t *session)
{
    lk_user_agent_t agent = lk_session_device(session->notes);
    json_t *device = find_device(devices, &agent);
    if (device == NULL) {
        device = json_pack("{s:s, s:s, s:s, s:b, s:I, s:[]}", "os", agent.os, "osVersion", agent.os_version, "device", agent.device,
                           "mobile", agent.is_mobile, "lastAccess", (json_int_t)0, "sessions");
        json_array_append_new(devices, device);
    }
    if (json_integer_value(json_object_get(device, "lastAccess")) < session->last_access)
        json_object_set_new(device, "lastAccess", json_integer(session->last_access));
    if (lk_json_bool(shown, "current", 0))
        json_object_set_new(device, "current", json_true());
    json_array_append_new(json_object_get(device, "sessions"), shown);
}

lk_status_t lk_account_devices(lk_admin_t *account, lk_error_t *err)
{
    return reply_each(account, add_device, err);
}

lk_status_t lk_account_sessions_end(lk_admin_t *account, lk_error_t *err)
{
    lk_rows_t rows;
    int with_current = lk_admin_flag(account, "current", 0);
    lk_status_t status = load(account, "false", &rows, err);
    for (int i = 0; status == LK_OK && i != rows.count; ++i)
        if (with_current || !is_current(account, &rows, i))
            status = lk_session_end(account->req, account->realm, lk_row_str(&rows, i, "id"), 0, err);
    return status;
}

/* Somebody else's session is none. */
lk_status_t lk_account_session_end(lk_admin_t *account, lk_error_t *err)
{
    lk_rows_t rows;
    lk_status_t status = load(account, "false", &rows, err);
    for (int i = 0; status == LK_OK && i != rows.count; ++i)
        if (strcmp(lk_row_str(&rows, i, "id"), account->args[0]) == 0)
            status = lk_session_end(account->req, account->realm, account->args[0], 0, err);
    return status;
}

/* --- consents --- */

static json_t *show_consent(lk_admin_t *account, const lk_consent_t *consent)
{
    lk_arena_t *arena = account->req->arena;
    const lk_realm_t *realm = account->realm;
    json_t *scopes = json_array(), *id;
    size_t i;
    json_array_foreach(consent->scope_ids, i, id)
    {
        const char *name;
        const lk_scope_t *scope = lk_consent_scope(arena, realm, id, &name);
        if (scope == NULL)
            continue;
        const char *text =
            scope->consent_screen_text != NULL && *scope->consent_screen_text != '\0' ? scope->consent_screen_text : name;
        const char *shown = lk_account_text(account, text);
        json_array_append_new(scopes, json_pack("{s:s, s:s, s:s, s:s}", "id", scope->id, "name", text, "displayText", shown,
                                                "displayTest", shown)); /* Keycloak's slip, which clients may read */
    }
    return json_pack("{s:o, s:I, s:I}", "grantedScopes", scopes, "createdDate", (json_int_t)consent->created_date,
                     "lastUpdatedDate", (json_int_t)consent->last_updated_date);
}

static lk_status_t load_consents(lk_admin_t *account, const lk_consent_t **ret_consents, size_t *ret_count, lk_error_t *err)
{
    return lk_consent_list(account->sql, account->req->arena, account->realm, account->id, ret_consents, ret_count, err);
}

static const lk_consent_t *consent_to(const lk_consent_t *consents, size_t count, const char *client_uuid)
{
    for (size_t i = 0; i != count; ++i)
        if (strcmp(consents[i].client_uuid, client_uuid) == 0)
            return &consents[i];
    return NULL;
}

static lk_status_t find_client(lk_admin_t *account, const lk_client_t **ret_client, lk_error_t *err)
{
    const char *client_id = account->args[0];
    lk_status_t status = lk_realm_client(account->req->app->realms, account->realm, client_id, ret_client, err);
    if (status == LK_OK && *ret_client == NULL)
        return lk_admin_message(err, LK_NOT_FOUND, lk_printf(account->req->arena, "No client with clientId: %s found.", client_id));
    return status;
}

lk_status_t lk_account_consent_get(lk_admin_t *account, lk_error_t *err)
{
    const lk_client_t *client;
    const lk_consent_t *consents;
    size_t count = 0;
    lk_status_t status = find_client(account, &client, err);
    if (status == LK_OK)
        status = load_consents(account, &consents, &count, err);
    const lk_consent_t *consent = status == LK_OK ? consent_to(consents, count, client->id) : NULL;
    if (consent != NULL)
        return lk_admin_reply(account, show_consent(account, consent));
    account->reply->status = 204;
    return status;
}

static const lk_field_t consent_fields[] = {
    LK_FIELD_FREE("grantedScopes", ARRAY, 0, NULL),
    LK_FIELD_FREE("createdDate", INT, 0, NULL),
    LK_FIELD_FREE("lastUpdatedDate", INT, 0, NULL),
};
static const lk_field_t granted_fields[] = {
    LK_FIELD_FREE("id", STRING, 0, NULL),
    LK_FIELD_FREE("name", STRING, 0, NULL),
    LK_FIELD_FREE("displayText", STRING, 0, NULL),
    LK_FIELD_FREE("displayTest", STRING, 0, NULL),
};
static const lk_representation_t consent_rep = LK_REPRESENTATION("ConsentRepresentation", consent_fields),
                                 granted_rep = LK_REPRESENTATION("ConsentScopeRepresentation", granted_fields);

static lk_status_t check_granted(const lk_admin_t *account, lk_error_t *err)
{
    lk_admin_t list = *account;
    list.body = json_object_get(account->body, "grantedScopes");
    return lk_admin_check_all(&list, &granted_rep, err);
}

/* The ids of the body's scopes; 400 for one that the client does not have. */
static lk_status_t read_scopes(lk_admin_t *account, const lk_client_t *client, json_t *ids, lk_error_t *err)
{
    size_t i;
    json_t *given;
    json_array_foreach(json_object_get(account->body, "grantedScopes"), i, given)
    {
        const char *id = lk_json_str(given, "id", "");
        if (lk_realm_scope_by_id(account->realm, id) == NULL)
            return lk_admin_message(err, LK_INVALID,
                                    lk_printf(account->req->arena, "Scope id %.100s does not exist for client %s.", id,
                                              client->name != NULL ? client->name : client->client_id));
        json_array_append_new(ids, json_string(id));
    }
    return LK_OK;
}

lk_status_t lk_account_consent_set(lk_admin_t *account, lk_error_t *err)
{
    const lk_client_t *client;
    json_t *ids = lk_json_own(account->req->arena, json_array());
    lk_status_t status = find_client(account, &client, err);
    if (status == LK_OK && account->body == NULL)
        return lk_fail_http(err, LK_INVALID, 415, NULL, "No supported MessageBodyReader found");
    if (status == LK_OK)
        status = lk_admin_check(account, &consent_rep, err);
    if (status == LK_OK)
        status = check_granted(account, err);
    if (status == LK_OK)
        status = read_scopes(account, client, ids, err);
    if (status == LK_OK)
        status = lk_consent_store(account->sql, account->req->arena, account->realm, account->id, client->id, ids, err);
    return status == LK_OK ? lk_account_consent_get(account, err) : status;
}

lk_status_t lk_account_consent_remove(lk_admin_t *account, lk_error_t *err)
{
    const lk_client_t *client;
    lk_rows_t rows;
    int existed = 0;
    lk_status_t status = find_client(account, &client, err);
    if (status == LK_OK)
        status = lk_consent_remove(account->sql, account->req->arena, account->realm, account->id, client->id, &existed, err);
    return status == LK_OK
               ? lk_admin_sql(account, LK_Q_SESSIONS_CLIENT_REVOKE, &rows, err, account->id, client->id, existed ? "true" : "false")
               : status;
}

/* --- applications --- */

enum { IN_USE = 1, OFFLINE = 2, CONSENT = 4 };

/* Marks the clients of sessions: {clientId: bits}. */
static lk_status_t mark_sessions(lk_admin_t *account, const char *offline, int bit, json_t *marks, lk_error_t *err)
{
    lk_rows_t rows;
    lk_status_t status = load(account, offline, &rows, err);
    for (int i = 0; status == LK_OK && i != rows.count; ++i) {
        const char *id;
        json_t *client_id;
        json_t *clients = lk_admin_json(account, &rows, i, "clients");
        json_object_foreach(clients, id, client_id)
        {
            const char *name = json_string_value(client_id);
            json_object_set_new(marks, name, json_integer(json_integer_value(json_object_get(marks, name)) | bit));
        }
    }
    return status;
}

static json_t *show_application(lk_admin_t *account, const lk_client_t *client, int marks, const lk_consent_t *consent)
{
    static const char *const links[] = {"logoUri", "policyUri", "tosUri"};
    const char *description = lk_json_str(client->rep, "description", NULL);
    json_t *shown =
        json_pack("{s:s, s:s*, s:s*, s:b, s:b, s:b, s:s*, s:s*}", "clientId", client->client_id, "clientName", client->name,
                  "description", description, "userConsentRequired", client->consent_required, "inUse", (marks & IN_USE) != 0,
                  "offlineAccess", (marks & OFFLINE) != 0, "rootUrl", client->root_url, "baseUrl", client->base_url);
    for (size_t i = 0; i != sizeof(links) / sizeof(links[0]); ++i) {
        const char *link = lk_client_attribute(client, links[i], NULL);
        if (link != NULL && *link != '\0')
            json_object_set_new(shown, links[i], json_string(link));
    }
    if (client->base_url != NULL && *client->base_url != '\0')
        json_object_set_new(shown, "effectiveUrl", json_string(lk_page_client_address(account->req, client)));
    if (consent != NULL)
        json_object_set_new(shown, "consent", show_consent(account, consent));
    return shown;
}

/* Clients that are shown to everybody: {clientId: 0}. */
static lk_status_t mark_shown(lk_admin_t *account, json_t *marks, lk_error_t *err)
{
    lk_rows_t rows;
    lk_status_t status = lk_admin_sql(account, LK_Q_ACCOUNT_CLIENTS, &rows, err, "true");
    for (int i = 0; status == LK_OK && i != rows.count; ++i)
        json_object_set_new(marks, lk_row_str(&rows, i, "client_id"), json_integer(0));
    return status;
}

static int is_named(const lk_client_t *client, const char *name)
{
    return name == NULL || *name == '\0' || (client->name != NULL && strcasestr(client->name, name) != NULL);
}

lk_status_t lk_account_applications(lk_admin_t *account, lk_error_t *err)
{
    const char *name = lk_pairs_get(&account->req->query, "name"), *client_id;
    const lk_consent_t *consents;
    size_t count = 0;
    json_t *marks = lk_json_own(account->req->arena, json_object()), *mark;
    lk_status_t status = mark_shown(account, marks, err);
    if (status == LK_OK)
        status = mark_sessions(account, "false", IN_USE, marks, err);
    if (status == LK_OK)
        status = mark_sessions(account, "true", OFFLINE, marks, err);
    if (status == LK_OK)
        status = load_consents(account, &consents, &count, err);
    if (status != LK_OK)
        return status;
    for (size_t i = 0; i != count; ++i)
        if (json_object_get(marks, consents[i].client_id) == NULL)
            json_object_set_new(marks, consents[i].client_id, json_integer(CONSENT));
    json_t *list = json_array();
    json_object_foreach(marks, client_id, mark)
    {
        const lk_client_t *client = NULL;
        if (lk_realm_client(account->req->app->realms, account->realm, client_id, &client, err) == LK_OK && client != NULL &&
            is_named(client, name))
            json_array_append_new(
                list, show_application(account, client, (int)json_integer_value(mark), consent_to(consents, count, client->id)));
    }
    return lk_admin_reply(account, list);
}
