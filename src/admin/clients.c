/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "admin/admin.h"
#include "core/json.h"
#include "core/time.h"
#include "crypto/crypto.h"
#include "token/mapper.h"

#define MANY "2147483647"

/* --- answers --- */

static void set_json(lk_arena_t *arena, json_t *object, const char *name, const char *text)
{
    json_t *value = NULL;
    if (text != NULL && lk_json_parse(arena, text, strlen(text), &value, NULL) == LK_OK)
        json_object_set(object, name, value);
    else
        json_object_set_new(object, name, json_array());
}

static json_t *client_answer(lk_arena_t *arena, const lk_rows_t *rows, int row)
{
    json_t *rep, *mappers;
    const char *text = lk_row_str(rows, row, "rep");
    if (lk_json_parse(arena, text, strlen(text), &rep, NULL) != LK_OK)
        return json_object();
    lk_rep_fill(&lk_client_fields, rep);
    json_object_set_new(rep, "id", json_string(lk_row_str(rows, row, "id")));
    json_object_set_new(rep, "clientId", json_string(lk_row_str(rows, row, "client_id")));
    json_t *answer = lk_rep_answer(&lk_client_fields, rep, 0);
    if ((mappers = json_object_get(rep, "protocolMappers")) != NULL && json_array_size(mappers) != 0)
        json_object_set(answer, "protocolMappers", mappers);
    set_json(arena, answer, "defaultClientScopes", lk_row_str(rows, row, "default_scopes"));
    set_json(arena, answer, "optionalClientScopes", lk_row_str(rows, row, "optional_scopes"));
    json_object_set_new(answer, "access", json_pack("{s:b, s:b, s:b}", "view", 1, "configure", 1, "manage", 1));
    return answer;
}

static lk_status_t find_clients(const lk_admin_t *admin, const char *id, const char *client_id, const char *search,
                                lk_rows_t *ret_rows, lk_error_t *err)
{
    const lk_request_t *req = admin->req;
    return lk_query(req->app->sql, req->arena, LK_Q_ADMIN_CLIENTS, ret_rows, err, admin->realm->id, id, client_id, search,
                    lk_admin_first(req), lk_admin_max(req, MANY));
}

lk_status_t lk_admin_clients_get(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    lk_admin_t admin;
    lk_rows_t rows;
    const char *client_id = lk_pairs_get(&req->query, "clientId"), *search = lk_pairs_get(&req->query, "search");
    int is_search = search != NULL && strcmp(search, "true") == 0;
    lk_status_t status = lk_admin_begin(req, "view-clients", &admin, err);
    if (status == LK_OK)
        status = find_clients(&admin, NULL, is_search ? NULL : client_id, is_search ? client_id : NULL, &rows, err);
    if (status != LK_OK)
        return status;
    json_t *list = json_array();
    for (int i = 0; i != rows.count; ++i)
        json_array_append_new(list, client_answer(req->arena, &rows, i));
    lk_admin_answer(&admin, list, reply);
    return LK_OK;
}

lk_status_t lk_admin_client_get(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    lk_admin_t admin;
    lk_rows_t rows;
    lk_status_t status = lk_admin_begin(req, "view-clients", &admin, err);
    if (status == LK_OK)
        status = find_clients(&admin, req->params[1], NULL, NULL, &rows, err);
    if (status == LK_OK && rows.count == 0)
        return lk_fail(err, LK_NOT_FOUND, NULL, "Could not find client");
    if (status == LK_OK)
        lk_admin_answer(&admin, client_answer(req->arena, &rows, 0), reply);
    return status;
}

/* --- writing --- */

static lk_status_t check_redirect_uris(const lk_admin_t *admin, lk_error_t *err)
{
    size_t i;
    json_t *uri;
    json_array_foreach(json_object_get(admin->body, "redirectUris"), i, uri)
    {
        const char *text = json_is_string(uri) ? json_string_value(uri) : "";
        if (strncmp(text, "javascript:", 11) == 0 || strncmp(text, "data:", 5) == 0)
            return lk_fail(err, LK_INVALID, "invalid_input", "A redirect URI uses an illegal scheme");
    }
    return LK_OK;
}

/* A client with a service account has a user for it, with the realm's default role. */
static lk_status_t ensure_service_account(const lk_admin_t *admin, lk_sql_t *tx, const char *id, const char *client_id,
                                          const json_t *rep, lk_error_t *err)
{
    lk_arena_t *arena = admin->req->arena;
    lk_rows_t rows;
    const char *user_id = lk_random_uuid(arena);
    if (!lk_json_bool(rep, "serviceAccountsEnabled", 0) || json_object_get(admin->body, "serviceAccountsEnabled") == NULL)
        return LK_OK;
    lk_status_t status = lk_query(tx, arena, LK_Q_ADMIN_SERVICE_ACCOUNT, &rows, err, admin->realm->id, user_id,
                                  lk_utf8_lower(arena, lk_printf(arena, "service-account-%s", client_id)),
                                  lk_printf(arena, "%lld", (long long)lk_now_ms()), id);
    if (status == LK_OK && rows.affected != 0 && admin->realm->default_role != NULL)
        status = lk_query(tx, arena, LK_Q_ADMIN_SERVICE_ACCOUNT_ROLE, &rows, err, admin->realm->id, user_id,
                          admin->realm->default_role->id);
    if (status == LK_OK)
        status = lk_query(tx, arena, LK_Q_ADMIN_CLIENT_SCOPE_ASSIGN, &rows, err, admin->realm->id, id, "service_account", "true");
    return status;
}

static const char *stored_text(lk_arena_t *arena, const json_t *rep)
{
    json_t *stored = lk_json_own(arena, lk_rep_stored(&lk_client_fields, rep)), *mappers = json_object_get(rep, "protocolMappers");
    if (mappers != NULL)
        json_object_set(stored, "protocolMappers", mappers);
    return lk_json_text(arena, stored);
}

static lk_status_t insert_client(const lk_admin_t *admin, lk_sql_t *tx, const char *id, lk_error_t *err)
{
    lk_arena_t *arena = admin->req->arena;
    lk_rows_t rows;
    const char *client_id = lk_json_str(admin->body, "clientId", id);
    json_t *rep = lk_json_own(arena, lk_rep_strict(&lk_client_fields, admin->body));
    lk_client_rep_complete(arena, rep);
    lk_status_t status =
        lk_query(tx, arena, LK_Q_ADMIN_CLIENT_INSERT, &rows, err, admin->realm->id, id, client_id, stored_text(arena, rep));
    if (status == LK_CONFLICT)
        return lk_admin_message(err, LK_CONFLICT, lk_printf(arena, "Client %s already exists", client_id));
    if (status == LK_OK)
        status = lk_query(tx, arena, LK_Q_ADMIN_CLIENT_REALM_SCOPES, &rows, err, admin->realm->id, id);
    return status == LK_OK ? ensure_service_account(admin, tx, id, client_id, rep, err) : status;
}

lk_status_t lk_admin_clients_post(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    lk_admin_t admin;
    lk_sql_t *tx = NULL;
    lk_status_t status = lk_admin_begin(req, "manage-clients", &admin, err);
    if (status == LK_OK)
        status = lk_admin_check(&admin, &lk_client_fields, err);
    if (status == LK_OK)
        status = check_redirect_uris(&admin, err);
    if (status == LK_OK)
        status = lk_tx_begin(req->app->store, LK_READ_COMMITTED, &tx, err);
    const char *id = status == LK_OK ? lk_json_str(admin.body, "id", lk_random_uuid(req->arena)) : NULL;
    if (status == LK_OK)
        status = insert_client(&admin, tx, id, err);
    if (status == LK_OK)
        status = lk_realm_commit(req->app->realms, req->arena, &tx, admin.realm->id, err);
    lk_tx_rollback(&tx);
    if (status == LK_OK)
        lk_admin_created(&admin, id, reply);
    return status;
}

/* Reads the client's rep under a lock, lets `change` work on it, and writes it back. */
typedef lk_status_t (*change_t)(const lk_admin_t *admin, json_t *rep, void *context, lk_error_t *err);
static lk_status_t change_client(const lk_admin_t *admin, const char *id, change_t change, void *context, lk_error_t *err)
{
    lk_arena_t *arena = admin->req->arena;
    lk_rows_t rows, written;
    lk_sql_t *tx = NULL;
    json_t *rep;
    lk_status_t status = lk_tx_begin(admin->req->app->store, LK_READ_COMMITTED, &tx, err);
    if (status == LK_OK)
        status = lk_query(tx, arena, LK_Q_ADMIN_CLIENT_LOCK, &rows, err, admin->realm->id, id);
    if (status == LK_OK && rows.count == 0)
        status = lk_fail(err, LK_NOT_FOUND, NULL, "Could not find client");
    if (status == LK_OK)
        status = lk_json_parse(arena, lk_row_str(&rows, 0, "rep"), strlen(lk_row_str(&rows, 0, "rep")), &rep, err);
    if (status == LK_OK)
        status = change(admin, rep, context, err);
    const char *client_id = status == LK_OK ? lk_json_str(rep, "clientId", lk_row_str(&rows, 0, "client_id")) : NULL;
    if (status == LK_OK && (status = lk_query(tx, arena, LK_Q_ADMIN_CLIENT_UPDATE, &written, err, admin->realm->id, id, client_id,
                                              stored_text(arena, rep))) == LK_CONFLICT)
        lk_admin_message(err, LK_CONFLICT, lk_printf(arena, "Client %s already exists", client_id));
    if (status == LK_OK)
        status = ensure_service_account(admin, tx, id, client_id, rep, err);
    if (status == LK_OK)
        status = lk_realm_commit(admin->req->app->realms, arena, &tx, admin->realm->id, err);
    lk_tx_rollback(&tx);
    return status;
}

static lk_status_t patch(const lk_admin_t *admin, json_t *rep, void *context, lk_error_t *err)
{
    (void)context;
    (void)err;
    lk_rep_patch(&lk_client_fields, rep, admin->body);
    const char *client_id = lk_json_str(admin->body, "clientId", NULL);
    if (client_id != NULL)
        json_object_set_new(rep, "clientId", json_string(client_id));
    return LK_OK;
}

lk_status_t lk_admin_client_put(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    lk_admin_t admin;
    lk_status_t status = lk_admin_begin(req, "manage-clients", &admin, err);
    if (status == LK_OK)
        status = lk_admin_check(&admin, &lk_client_fields, err);
    if (status == LK_OK)
        status = check_redirect_uris(&admin, err);
    if (status == LK_OK)
        status = change_client(&admin, req->params[1], patch, NULL, err);
    reply->status = 204;
    return status;
}

lk_status_t lk_admin_client_delete(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    lk_admin_t admin;
    lk_rows_t rows;
    lk_sql_t *tx = NULL;
    lk_status_t status = lk_admin_begin(req, "manage-clients", &admin, err);
    if (status == LK_OK)
        status = lk_tx_begin(req->app->store, LK_READ_COMMITTED, &tx, err);
    if (status == LK_OK)
        status = lk_query(tx, req->arena, LK_Q_ADMIN_CLIENT_DELETE, &rows, err, admin.realm->id, req->params[1]);
    if (status == LK_OK && rows.affected == 0)
        status = lk_fail(err, LK_NOT_FOUND, NULL, "Could not find client");
    if (status == LK_OK)
        status = lk_realm_commit(req->app->realms, req->arena, &tx, admin.realm->id, err);
    lk_tx_rollback(&tx);
    reply->status = 204;
    lk_reply_set_header(reply, "cache-control", "no-cache");
    return status;
}

/* --- mappers --- */

static lk_status_t add_mapper(const lk_admin_t *admin, json_t *rep, void *context, lk_error_t *err)
{
    const char *type = lk_json_str(admin->body, "protocolMapper", NULL), *name = lk_json_str(admin->body, "name", NULL);
    json_t *mappers = json_object_get(rep, "protocolMappers"), *mapper;
    size_t i;
    if (type == NULL || !lk_mapper_type_is_known(type))
        return lk_fail_http(err, LK_INVALID, 404, NULL, "ProtocolMapper provider not found");
    if (mappers == NULL)
        json_object_set_new(rep, "protocolMappers", mappers = json_array());
    json_array_foreach(mappers, i, mapper)
    {
        if (name != NULL && strcmp(lk_json_str(mapper, "name", ""), name) == 0)
            return lk_admin_message(err, LK_CONFLICT, "Protocol mapper exists with same name");
    }
    json_t *added = lk_rep_strict(&lk_mapper_fields, admin->body);
    lk_rep_fill(&lk_mapper_fields, added);
    json_object_set_new(added, "id", json_string(context));
    json_array_append_new(mappers, added);
    return LK_OK;
}

lk_status_t lk_admin_client_mappers_post(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    lk_admin_t admin;
    char *id = lk_random_uuid(req->arena);
    lk_status_t status = lk_admin_begin(req, "manage-clients", &admin, err);
    if (status == LK_OK)
        status = lk_admin_check(&admin, &lk_mapper_fields, err);
    if (status == LK_OK)
        status = change_client(&admin, req->params[1], add_mapper, id, err);
    if (status == LK_OK)
        lk_admin_created(&admin, id, reply);
    return status;
}

/* --- scopes of a client --- */

static lk_status_t change_scope(const lk_request_t *req, enum en_lk_query_t query, int num_params, lk_reply_t *reply,
                                lk_error_t *err)
{
    lk_admin_t admin;
    lk_rows_t rows;
    lk_sql_t *tx = NULL;
    lk_status_t status = lk_admin_begin(req, "manage-clients", &admin, err);
    int is_default = strstr(req->path, "/default-client-scopes/") != NULL;
    if (status == LK_OK)
        status = lk_tx_begin(req->app->store, LK_READ_COMMITTED, &tx, err);
    if (status == LK_OK)
        status = lk_sql_run(tx, req->arena, query,
                            (const char *const[]){admin.realm->id, req->params[1], req->params[2], is_default ? "true" : "false"},
                            num_params, &rows, err);
    if (status == LK_OK && rows.affected == 0)
        status = lk_fail(err, LK_NOT_FOUND, NULL, "Client scope not found");
    if (status == LK_OK)
        status = lk_realm_commit(req->app->realms, req->arena, &tx, admin.realm->id, err);
    lk_tx_rollback(&tx);
    reply->status = 204;
    return status;
}

lk_status_t lk_admin_client_scope_put(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    return change_scope(req, LK_Q_ADMIN_CLIENT_SCOPE_ASSIGN, 4, reply, err);
}

lk_status_t lk_admin_client_scope_delete(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    return change_scope(req, LK_Q_ADMIN_CLIENT_SCOPE_UNASSIGN, 3, reply, err);
}
