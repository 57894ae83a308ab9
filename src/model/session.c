/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/json.h"
#include "core/time.h"
#include "model/session.h"
#include "model/user_row.h"

static const char *number(lk_arena_t *arena, int64_t value)
{
    return lk_printf(arena, "%lld", (long long)value);
}

static const char *boolean(int value)
{
    return value ? "true" : "false";
}

static const char *notes_text(lk_arena_t *arena, const json_t *notes)
{
    return notes == NULL ? "{}" : lk_json_text(arena, notes);
}

/* --- when it ends
 * ------------------------------------------------------------------------------------------------------------------------------------
 */

/* The earlier of two ends; 0 is never. */
static int64_t earlier(int64_t a, int64_t b)
{
    return a == 0 ? b : b == 0 ? a : a < b ? a : b;
}

static int64_t after(int64_t begin, int64_t span)
{
    return span <= 0 ? 0 : begin + span;
}

/* The longer span for remembered sessions, where it is set. */
static int64_t span_for(const lk_session_t *session, int64_t plain, int64_t remembered)
{
    return session->remember_me && remembered > 0 ? remembered : plain;
}

int64_t lk_session_expires(const lk_realm_t *realm, const lk_session_t *session)
{
    if (session->offline)
        return earlier(after(session->last_access, realm->offline_session_idle),
                       realm->offline_session_max_enabled ? after(session->started, realm->offline_session_max) : 0);
    return earlier(after(session->last_access, span_for(session, realm->sso_session_idle, realm->sso_session_idle_remember_me)),
                   after(session->started, span_for(session, realm->sso_session_max, realm->sso_session_max_remember_me)));
}

int64_t lk_client_session_expires(const lk_realm_t *realm, const lk_client_t *client, const lk_session_t *session,
                                  const lk_client_session_t *cs)
{
    int64_t idle = session->offline ? realm->client_offline_session_idle : realm->client_session_idle;
    int64_t max = session->offline ? realm->client_offline_session_max : realm->client_session_max;
    idle = lk_client_attribute_int(client, session->offline ? "client.offline.session.idle.timeout" : "client.session.idle.timeout",
                                   idle);
    max = lk_client_attribute_int(client, session->offline ? "client.offline.session.max.lifespan" : "client.session.max.lifespan",
                                  max);
    int64_t end = earlier(after(cs->last_refresh, idle), after(cs->started, max));
    return earlier(end, lk_session_expires(realm, session));
}

/* --- writing
 * ----------------------------------------------------------------------------------------------------------------------------------------------
 */

lk_status_t lk_session_create(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const lk_session_t *session,
                              const lk_client_session_t *client_session, lk_error_t *err)
{
    lk_rows_t rows;
    return lk_query(sql, arena, LK_Q_SESSION_CREATE, &rows, err, realm->id, session->id, boolean(session->offline),
                    session->user_id, number(arena, session->started), boolean(session->remember_me), session->ip_address,
                    session->auth_method, session->broker_alias, session->broker_session_id, notes_text(arena, session->notes),
                    client_session->client_id, client_session->redirect_uri, client_session->scope,
                    notes_text(arena, client_session->notes));
}

lk_status_t lk_session_attach(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const lk_session_t *session,
                              const lk_client_session_t *client_session, lk_error_t *err)
{
    lk_rows_t rows;
    return lk_query(sql, arena, LK_Q_SESSION_ATTACH, &rows, err, realm->id, session->id, boolean(session->offline),
                    number(arena, lk_now()), notes_text(arena, session->notes), client_session->client_id,
                    client_session->redirect_uri, client_session->scope, notes_text(arena, client_session->notes));
}

lk_status_t lk_session_remove(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *sid, int offline,
                              int *ret_existed, lk_error_t *err)
{
    lk_rows_t rows;
    lk_status_t status = lk_query(sql, arena, LK_Q_SESSION_REMOVE, &rows, err, realm->id, sid, boolean(offline));
    if (status == LK_OK && ret_existed != NULL)
        *ret_existed = rows.affected != 0;
    return status;
}

lk_status_t lk_session_detach(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *sid, int offline,
                              const char *client_uuid, lk_error_t *err)
{
    lk_rows_t rows;
    return lk_query(sql, arena, LK_Q_SESSION_DETACH, &rows, err, realm->id, sid, boolean(offline), client_uuid);
}

lk_status_t lk_session_refresh(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const lk_session_t *session,
                               const char *client_uuid, const char *refresh_id, int64_t refresh_issued, int64_t max_reuse,
                               lk_error_t *err)
{
    lk_rows_t rows;
    lk_status_t status;
    if (refresh_id == NULL)
        return lk_query(sql, arena, LK_Q_SESSION_TOUCH, &rows, err, realm->id, session->id, boolean(session->offline), client_uuid,
                        number(arena, lk_now()));
    status = lk_query(sql, arena, LK_Q_SESSION_ROTATE, &rows, err, realm->id, session->id, boolean(session->offline), client_uuid,
                      number(arena, lk_now()), refresh_id, number(arena, refresh_issued), number(arena, max_reuse));
    if (status == LK_OK && rows.affected == 0)
        return lk_fail(err, LK_CONFLICT, "invalid_grant", "Stale token");
    return status;
}

/* --- reading
 * ----------------------------------------------------------------------------------------------------------------------------------------------
 */

static lk_status_t read_notes(lk_arena_t *arena, const char *text, json_t **ret_notes, lk_error_t *err)
{
    return lk_json_parse(arena, text, strlen(text), ret_notes, err);
}

static lk_status_t read_session(lk_arena_t *arena, const lk_rows_t *rows, lk_session_t *ret_session, lk_error_t *err)
{
    *ret_session = (lk_session_t){.id = lk_row_str(rows, 0, "id"),
                                  .offline = lk_row_bool(rows, 0, "offline"),
                                  .user_id = lk_row_str(rows, 0, "session_user_id"),
                                  .started = lk_row_int(rows, 0, "started", 0),
                                  .last_access = lk_row_int(rows, 0, "last_access", 0),
                                  .remember_me = lk_row_bool(rows, 0, "remember_me"),
                                  .ip_address = lk_row_str(rows, 0, "ip_address"),
                                  .auth_method = lk_row_str(rows, 0, "auth_method"),
                                  .broker_alias = lk_row_str(rows, 0, "broker_alias"),
                                  .broker_session_id = lk_row_str(rows, 0, "broker_session_id")};
    return read_notes(arena, lk_row_str(rows, 0, "notes"), &ret_session->notes, err);
}

static lk_status_t read_client_session(lk_arena_t *arena, const lk_rows_t *rows, lk_client_session_t *ret_client_session,
                                       lk_error_t *err)
{
    *ret_client_session = (lk_client_session_t){.client_id = lk_row_str(rows, 0, "client_uuid"),
                                                .started = lk_row_int(rows, 0, "client_started", 0),
                                                .last_refresh = lk_row_int(rows, 0, "last_refresh", 0),
                                                .redirect_uri = lk_row_str(rows, 0, "redirect_uri"),
                                                .scope = lk_row_str(rows, 0, "scope"),
                                                .refresh_id = lk_row_str(rows, 0, "refresh_id"),
                                                .refresh_count = lk_row_int(rows, 0, "refresh_count", 0),
                                                .refresh_issued = lk_row_int(rows, 0, "refresh_issued", 0)};
    return read_notes(arena, lk_row_str(rows, 0, "client_notes"), &ret_client_session->notes, err);
}

lk_status_t lk_session_load(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *sid, int offline,
                            const char *client_uuid, const lk_session_t **ret_session,
                            const lk_client_session_t **ret_client_session, const lk_user_t **ret_user, lk_error_t *err)
{
    lk_rows_t rows;
    lk_session_t *session = LK_NEW(arena, lk_session_t);
    lk_client_session_t *client_session = LK_NEW(arena, lk_client_session_t);
    *ret_session = NULL;
    if (ret_client_session != NULL)
        *ret_client_session = NULL;
    if (ret_user != NULL)
        *ret_user = NULL;
    lk_status_t status = lk_query(sql, arena, LK_Q_SESSION_LOAD, &rows, err, realm->id, sid, boolean(offline), client_uuid);
    if (status != LK_OK || rows.count == 0 || (status = read_session(arena, &rows, session, err)) != LK_OK)
        return status;
    int64_t end = lk_session_expires(realm, session);
    if (end != 0 && end <= lk_now())
        return LK_OK;
    *ret_session = session;
    if (ret_user != NULL && (status = lk_user_from_row(arena, realm, &rows, 0, ret_user, err)) != LK_OK)
        return status;
    if (ret_client_session == NULL || lk_row_str(&rows, 0, "client_uuid") == NULL)
        return LK_OK;
    if ((status = read_client_session(arena, &rows, client_session, err)) == LK_OK)
        *ret_client_session = client_session;
    return status;
}

/* --- once
 * ----------------------------------------------------------------------------------------------------------------------------------------------------
 */

lk_status_t lk_use_once(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *kind, const char *id,
                        int64_t expires, const char *session_id, int *ret_first, const char **ret_session_id, lk_error_t *err)
{
    lk_rows_t rows;
    lk_status_t status = lk_query(sql, arena, LK_Q_USE_ONCE, &rows, err, realm->id, kind, id, number(arena, expires), session_id);
    if (status != LK_OK)
        return status;
    *ret_first = rows.affected != 0;
    if (*ret_first || ret_session_id == NULL)
        return LK_OK;
    if ((status = lk_query(sql, arena, LK_Q_USED_VALUE, &rows, err, realm->id, kind, id)) == LK_OK)
        *ret_session_id = rows.count != 0 ? lk_row_str(&rows, 0, "session_id") : NULL;
    return status;
}

lk_status_t lk_is_used(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *kind, const char *id, int *ret_used,
                       lk_error_t *err)
{
    lk_rows_t rows;
    lk_status_t status = lk_query(sql, arena, LK_Q_USED_VALUE, &rows, err, realm->id, kind, id);
    if (status == LK_OK)
        *ret_used = rows.count != 0;
    return status;
}
