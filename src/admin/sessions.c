/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include "admin/listing.h"
#include "admin/users.h"
#include "core/json.h"
#include "core/time.h"
#include "model/session.h"
#include "oidc/oidc.h"

/* Sessions of users and clients, and what brute-force detection has counted. */

lk_session_t lk_session_of_row(const lk_rows_t *rows, int row, int offline)
{
    return (lk_session_t){.id = lk_row_str(rows, row, "id"),
                          .offline = offline,
                          .user_id = lk_row_str(rows, row, "user_id"),
                          .started = lk_row_int(rows, row, "started", 0),
                          .last_access = lk_row_int(rows, row, "last_access", 0),
                          .remember_me = lk_row_bool(rows, row, "remember_me")};
}

/* Rows stay a while after their session has expired. */
static int has_expired(const lk_realm_t *realm, const lk_rows_t *rows, int row, int offline)
{
    lk_session_t session = lk_session_of_row(rows, row, offline);
    int64_t expires = lk_session_expires(realm, &session);
    return expires != 0 && expires <= lk_now();
}

static json_t *show(lk_admin_t *admin, const lk_rows_t *rows, int row)
{
    json_t *clients = lk_admin_json(admin, rows, row, "clients");
    json_t *shown = json_pack("{s:s, s:s, s:s, s:s*, s:I, s:I, s:b, s:b}", "id", lk_row_str(rows, row, "id"), "username",
                              lk_row_str(rows, row, "username"), "userId", lk_row_str(rows, row, "user_id"), "ipAddress",
                              lk_row_str(rows, row, "ip_address"), "start", (json_int_t)lk_row_int(rows, row, "started", 0) * 1000,
                              "lastAccess", (json_int_t)lk_row_int(rows, row, "last_access", 0) * 1000, "rememberMe",
                              lk_row_bool(rows, row, "remember_me"), "transientUser", 0);
    json_object_set_new(shown, "clients", clients != NULL ? json_incref(clients) : json_object());
    return shown;
}

typedef struct st_filter_t {
    const char *user_id, *client_id; /* NULL: any */
    int offline;
} filter_t;

static lk_status_t read_sessions(lk_admin_t *admin, const lk_listing_t *listing, const lk_page_t *page, lk_rows_t *ret_rows,
                                 lk_error_t *err)
{
    const filter_t *filter = listing->filter;
    return lk_admin_sql(admin, LK_Q_SESSIONS_SELECT, ret_rows, err, filter->user_id, filter->client_id,
                        filter->offline ? "true" : "false", page->first, page->max, page->after);
}

static json_t *show_row(lk_admin_t *admin, const lk_listing_t *listing, const lk_rows_t *rows, int row)
{
    const filter_t *filter = listing->filter;
    return has_expired(admin->realm, rows, row, filter->offline) ? NULL : show(admin, rows, row);
}

static lk_status_t list(lk_admin_t *admin, const char *user_id, const char *client_id, int offline, lk_error_t *err)
{
    filter_t *filter = LK_NEW(admin->req->arena, filter_t);
    *filter = (filter_t){user_id, client_id, offline};
    return lk_admin_reply_listing(admin,
                                  &(lk_listing_t){.read = read_sessions,
                                                  .show = show_row,
                                                  .filter = filter,
                                                  .max = strtol(lk_admin_max(admin->req, LK_ADMIN_ALL), NULL, 10)},
                                  err);
}

lk_status_t lk_user_sessions(lk_admin_t *admin, lk_error_t *err)
{
    return list(admin, admin->id, NULL, 0, err);
}

lk_status_t lk_user_offline_sessions(lk_admin_t *admin, lk_error_t *err)
{
    const lk_client_t *client;
    lk_status_t status = lk_admin_find_client(admin, admin->args[0], "Client not found", &client, err);
    return status == LK_OK ? list(admin, admin->id, client->id, 1, err) : status;
}

lk_status_t lk_client_sessions(lk_admin_t *admin, lk_error_t *err)
{
    return list(admin, NULL, admin->id, 0, err);
}

lk_status_t lk_client_offline_sessions(lk_admin_t *admin, lk_error_t *err)
{
    return list(admin, NULL, admin->id, 1, err);
}

static lk_status_t count(lk_admin_t *admin, const char *offline, lk_error_t *err)
{
    lk_rows_t rows;
    lk_status_t status = lk_admin_sql(admin, LK_Q_SESSIONS_COUNT, &rows, err, admin->id, offline);
    if (status != LK_OK)
        return status;
    return lk_admin_reply(admin, json_pack("{s:I}", "count", (json_int_t)lk_row_int(&rows, 0, "count", 0)));
}

lk_status_t lk_client_sessions_count(lk_admin_t *admin, lk_error_t *err)
{
    return count(admin, "false", err);
}

lk_status_t lk_client_offline_sessions_count(lk_admin_t *admin, lk_error_t *err)
{
    return count(admin, "true", err);
}

lk_status_t lk_sessions_stats(lk_admin_t *admin, lk_error_t *err)
{
    lk_rows_t rows;
    lk_status_t status = lk_query(admin->sql, admin->req->arena, LK_Q_SESSIONS_STATS, &rows, err, admin->realm->id);
    if (status != LK_OK)
        return status;
    json_t *stats = json_array();
    for (int i = 0; i != rows.count; ++i)
        json_array_append_new(stats, json_pack("{s:s, s:s, s:s, s:s}", "id", lk_row_str(&rows, i, "id"), "clientId",
                                               lk_row_str(&rows, i, "client_id"), "active", lk_row_str(&rows, i, "active"),
                                               "offline", lk_row_str(&rows, i, "offline")));
    return lk_admin_reply(admin, stats);
}

/* --- as the console lists them --- */

static lk_status_t console_list(lk_admin_t *admin, const char *client_id, lk_error_t *err)
{
    static const char *const types[][2] = {{"ALL", NULL}, {"REGULAR", "false"}, {"OFFLINE", "true"}};
    const lk_request_t *req = admin->req;
    const char *type = lk_pairs_get(&req->query, "type"), *max = lk_pairs_get(&req->query, "max"),
               *search = lk_pairs_get(&req->query, "search");
    size_t i = 0;
    lk_rows_t rows;
    while (type != NULL && i != 3 && strcmp(types[i][0], type) != 0)
        ++i;
    if (i == 3)
        return lk_fail(err, LK_NOT_FOUND, NULL, "HTTP 404 Not Found");
    lk_status_t status = lk_admin_sql(admin, LK_Q_SESSIONS_OF_REALM, &rows, err, client_id, types[i][1],
                                      search != NULL && *search != '\0' ? lk_utf8_lower(req->arena, search) : NULL,
                                      lk_admin_first(req), max != NULL ? lk_admin_max(req, LK_ADMIN_ALL) : "10");
    if (status != LK_OK)
        return status;
    json_t *sessions = json_array();
    for (int row = 0; row != rows.count; ++row) {
        int offline = lk_row_bool(&rows, row, "offline");
        if (has_expired(admin->realm, &rows, row, offline))
            continue;
        json_t *shown = show(admin, &rows, row);
        json_object_del(shown, "rememberMe");
        json_object_set_new(shown, "type", json_string(types[offline ? 2 : 1][0]));
        json_array_append_new(sessions, shown);
    }
    return lk_admin_reply(admin, sessions);
}

lk_status_t lk_console_sessions(lk_admin_t *admin, lk_error_t *err)
{
    return console_list(admin, NULL, err);
}

lk_status_t lk_console_client_sessions(lk_admin_t *admin, lk_error_t *err)
{
    const lk_client_t *client;
    const char *id = lk_pairs_get(&admin->req->query, "clientId");
    lk_status_t status = lk_admin_find_client(admin, id != NULL ? id : "", "Could not find client", &client, err);
    return status == LK_OK ? console_list(admin, client->id, err) : status;
}

/* --- ending them --- */

lk_status_t lk_session_delete(lk_admin_t *admin, lk_error_t *err)
{
    lk_rows_t rows;
    int offline = lk_admin_flag(admin, "isOffline", 0);
    lk_status_t status = lk_admin_sql(admin, LK_Q_LOGOUT_USER_OF_SESSION, &rows, err, admin->args[0], offline ? "true" : "false");
    if (status == LK_OK && rows.count == 0)
        return lk_fail(err, LK_NOT_FOUND, NULL, "Session not found");
    return status == LK_OK ? lk_session_end(admin->req, admin->realm, admin->args[0], offline, err) : status;
}

/* All online sessions of the realm. Clients are not told one by one, as in Keycloak. */
lk_status_t lk_sessions_end_all(lk_admin_t *admin, lk_error_t *err)
{
    lk_rows_t rows;
    lk_status_t status = lk_query(admin->sql, admin->req->arena, LK_Q_SESSIONS_REMOVE_ALL, &rows, err, admin->realm->id);
    /* What was issued until now is not to be used, offline tokens included. */
    json_t *rep = lk_json_own(admin->req->arena, json_deep_copy(admin->realm->rep));
    json_object_set_new(rep, "notBefore", json_integer(lk_now()));
    if (status == LK_OK)
        status = lk_admin_sql(admin, LK_Q_ADMIN_REALM_UPDATE, &rows, err, lk_json_text(admin->req->arena, rep));
    return status == LK_OK ? lk_admin_reply(admin, json_object()) : status;
}

/* --- brute-force detection --- */

static json_t *failures(const lk_rows_t *rows, int is_protected)
{
    int known = is_protected && rows->count != 0 && lk_row_str(rows, 0, "failures") != NULL;
    int64_t not_before = known ? lk_row_int(rows, 0, "not_before", 0) : 0;
    int is_locked_out = is_protected && rows->count != 0 && lk_row_bool(rows, 0, "locked_out") && !lk_row_bool(rows, 0, "enabled");
    const char *ip = known ? lk_row_str(rows, 0, "last_ip") : NULL;
    return json_pack("{s:I, s:I, s:b, s:s, s:I, s:I, s:i}", "numFailures",
                     (json_int_t)(known ? lk_row_int(rows, 0, "failures", 0) : 0), "numTemporaryLockouts",
                     (json_int_t)(known ? lk_row_int(rows, 0, "temporary_lockouts", 0) : 0), "disabled",
                     is_locked_out || not_before > lk_now(), "lastIPFailure", ip != NULL ? ip : "n/a", "lastFailure",
                     (json_int_t)(known ? lk_row_int(rows, 0, "last_failure", 0) : 0), "failedLoginNotBefore",
                     (json_int_t)not_before, "numSecondaryAuthFailures", 0);
}

lk_status_t lk_login_failures_show(lk_admin_t *admin, const char *user_id, json_t **ret_shown, lk_error_t *err)
{
    lk_rows_t rows;
    lk_status_t status = lk_admin_sql(admin, LK_Q_LOGIN_FAILURE_GET, &rows, err, user_id);
    if (status == LK_OK)
        *ret_shown = failures(&rows, admin->realm->brute_force_protected);
    return status;
}

lk_status_t lk_login_failures_get(lk_admin_t *admin, lk_error_t *err)
{
    json_t *shown;
    lk_status_t status = lk_login_failures_show(admin, admin->args[0], &shown, err);
    return status == LK_OK ? lk_admin_reply(admin, shown) : status;
}

lk_status_t lk_login_failures_clear(lk_admin_t *admin, lk_error_t *err)
{
    lk_rows_t rows;
    const char *user_id = strchr(admin->row->path, '{') != NULL ? admin->args[0] : NULL;
    lk_status_t status = lk_admin_sql(admin, LK_Q_LOGIN_FAILURE_CLEAR, &rows, err, user_id);
    admin->untold = user_id != NULL && rows.affected == 0;
    return status;
}
