/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "model/session.h"

#include <string.h>
#include "core/json.h"
#include "core/time.h"
#include "crypto/crypto.h"
#include "model/snapshot.h"
#include "model/user_row.h"

/* Keycloak's defaults where a span is 0. */
#define DEFAULT_IDLE 1800
#define DEFAULT_MAX 36000
#define DEFAULT_OFFLINE_IDLE 2592000
#define DEFAULT_OFFLINE_MAX 5184000

/* last_access need not be written more often than this, in seconds; a tenth of short idle timeouts. */
#define ACCESS_GRAIN 60

#define MAX_REUSE_GRACE 60 /* seconds */
#define REUSE_GRACE 10     /* the lock of OAuth2-Proxy's refresh (2 s), the answer's way, and a second try of one that got lost */

static int64_t positive(int64_t span, int64_t fallback)
{
    return span > 0 ? span : fallback;
}

static int64_t max_of(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* The earlier end, 0 standing for never. */
static int64_t earlier(int64_t a, int64_t b)
{
    return a == 0 || b == 0 ? a + b : a < b ? a : b;
}

/* --- ends --- */

static int64_t session_idle(const lk_realm_t *realm, const lk_session_t *session)
{
    if (session->offline)
        return positive(realm->offline_session_idle, DEFAULT_OFFLINE_IDLE);
    int64_t idle = positive(realm->sso_session_idle, DEFAULT_IDLE);
    return session->remember_me ? max_of(idle, realm->sso_session_idle_remember_me) : idle;
}

static int64_t session_max(const lk_realm_t *realm, const lk_session_t *session)
{
    if (session->offline)
        return realm->offline_session_max_enabled ? positive(realm->offline_session_max, DEFAULT_OFFLINE_MAX) : 0;
    int64_t max = positive(realm->sso_session_max, DEFAULT_MAX);
    return session->remember_me ? max_of(max, realm->sso_session_max_remember_me) : max;
}

static int64_t session_max_end(const lk_realm_t *realm, const lk_session_t *session)
{
    int64_t max = session_max(realm, session);
    return max != 0 ? session->started + max : 0;
}

int64_t lk_session_expires(const lk_realm_t *realm, const lk_session_t *session)
{
    return earlier(session->last_access + session_idle(realm, session), session_max_end(realm, session));
}

/* The client's own span goes before the realm's for clients, which goes before the session's. */
static int64_t client_span(const lk_client_t *client, const char *attribute, int64_t realm_span, int64_t session_span)
{
    int64_t own = client != NULL ? lk_client_attribute_int(client, attribute, 0) : 0;
    return positive(own, positive(realm_span, session_span));
}

int64_t lk_client_session_max_end(const lk_realm_t *realm, const lk_client_t *client, const lk_session_t *session,
                                  const lk_client_session_t *cs)
{
    int64_t span, end = session_max_end(realm, session);
    if (!session->offline) {
        span = client_span(client, "client.session.max.lifespan", realm->client_session_max, session_max(realm, session));
        return earlier(cs->started + span, end);
    }
    /* Without a maximum for offline sessions only the client's own attribute counts. */
    int64_t own = client != NULL ? lk_client_attribute_int(client, "client.offline.session.max.lifespan", 0) : 0;
    if (!realm->offline_session_max_enabled && own <= 0)
        return 0;
    span = positive(own, positive(realm->client_offline_session_max, positive(realm->offline_session_max, DEFAULT_OFFLINE_MAX)));
    return earlier(cs->started + span, end);
}

static int64_t client_idle(const lk_realm_t *realm, const lk_client_t *client, const lk_session_t *session)
{
    int64_t idle = session_idle(realm, session);
    return session->offline ? client_span(client, "client.offline.session.idle.timeout", realm->client_offline_session_idle, idle)
                            : client_span(client, "client.session.idle.timeout", realm->client_session_idle, idle);
}

int64_t lk_client_session_expires(const lk_realm_t *realm, const lk_client_t *client, const lk_session_t *session,
                                  const lk_client_session_t *cs)
{
    return earlier(cs->last_refresh + client_idle(realm, client, session), lk_client_session_max_end(realm, client, session, cs));
}

static int64_t access_grain(int64_t idle)
{
    return idle / 10 < ACCESS_GRAIN ? idle / 10 : ACCESS_GRAIN;
}

/* last_access may lag behind by the grain, so that much is granted; refresh tokens carry the exact end themselves. */
static int session_alive(const lk_realm_t *realm, const lk_session_t *session)
{
    int64_t now = lk_now(), idle = session_idle(realm, session), end = session_max_end(realm, session);
    if (session->remember_me && !realm->remember_me && !session->offline)
        return 0;
    if (session->broker_alias != NULL && lk_realm_identity_provider(realm, session->broker_alias) == NULL)
        return 0;
    return session->last_access + idle + access_grain(idle) > now && (end == 0 || end > now);
}

static int client_session_alive(const lk_realm_t *realm, const lk_client_t *client, const lk_session_t *session,
                                const lk_client_session_t *cs)
{
    int64_t now = lk_now(), idle = client_idle(realm, client, session), end = lk_client_session_max_end(realm, client, session, cs);
    return cs->last_refresh + idle + access_grain(idle) > now && (end == 0 || end > now);
}

/* --- parameters --- */

static const char *number(lk_arena_t *arena, int64_t value)
{
    return lk_printf(arena, "%lld", (long long)value);
}

static const char *boolean(int value)
{
    return value ? "true" : "false";
}

const char *lk_attempt_new(lk_arena_t *arena)
{
    return lk_random_token(arena, 9);
}

void lk_session_note_device(lk_arena_t *arena, json_t *notes, const char *user_agent)
{
    if (user_agent == NULL)
        return;
    lk_user_agent_t agent = lk_user_agent_parse(arena, user_agent);
    json_object_set_new(notes, LK_NOTE_DEVICE,
                        json_pack("{s:s, s:s, s:s, s:s, s:b}", "browser", agent.browser, "os", agent.os, "osVersion",
                                  agent.os_version, "device", agent.device, "mobile", agent.is_mobile));
}

lk_user_agent_t lk_session_device(const json_t *notes)
{
    const json_t *noted = json_object_get(notes, LK_NOTE_DEVICE);
    return (lk_user_agent_t){.browser = lk_json_str(noted, "browser", NULL),
                             .os = lk_json_str(noted, "os", "Other"),
                             .os_version = lk_json_str(noted, "osVersion", "Unknown"),
                             .device = lk_json_str(noted, "device", "Other"),
                             .is_mobile = lk_json_bool(noted, "mobile", 0)};
}

static const char *notes_text(lk_arena_t *arena, const json_t *notes)
{
    return notes != NULL ? lk_json_text(arena, notes) : "{}";
}

lk_status_t lk_session_create(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const lk_session_t *session,
                              const lk_client_session_t *cs, lk_error_t *err)
{
    static const lk_client_session_t none = {0};
    lk_rows_t rows;
    if (cs == NULL)
        cs = &none;
    return lk_query(sql, arena, LK_Q_SESSION_CREATE, &rows, err, realm->id, session->id, boolean(session->offline),
                    session->user_id, number(arena, session->started), number(arena, session->last_access),
                    boolean(session->remember_me), session->ip_address, session->auth_method, session->broker_alias,
                    session->broker_session_id, notes_text(arena, session->notes), cs->client_id, number(arena, cs->started),
                    number(arena, cs->last_refresh), cs->redirect_uri, cs->scope, notes_text(arena, cs->notes));
}

lk_status_t lk_session_attach(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const lk_session_t *session,
                              const lk_client_session_t *cs, lk_error_t *err)
{
    lk_rows_t rows;
    lk_status_t status =
        lk_query(sql, arena, LK_Q_SESSION_ATTACH, &rows, err, realm->id, session->id, boolean(session->offline),
                 number(arena, session->last_access), notes_text(arena, session->notes), cs->client_id, number(arena, cs->started),
                 number(arena, cs->last_refresh), cs->redirect_uri, cs->scope, notes_text(arena, cs->notes));
    if (status == LK_OK && rows.affected == 0)
        return lk_fail(err, LK_NOT_FOUND, NULL, "The session has ended");
    return status;
}

/* --- loading --- */

/* No row: another transaction's insert was waited for, which this statement's snapshot does not show. */
static int was_first(const lk_rows_t *rows)
{
    return rows->count != 0 && lk_row_bool(rows, 0, "first");
}

static lk_status_t parse_notes(lk_arena_t *arena, const lk_rows_t *rows, const char *column, json_t **ret_notes, lk_error_t *err)
{
    const char *text = lk_row_str(rows, 0, column);
    if (lk_json_parse(arena, text, strlen(text), ret_notes, err) == LK_OK)
        return LK_OK;
    return lk_fail(err, LK_INTERNAL, NULL, NULL);
}

static lk_status_t session_from_row(lk_arena_t *arena, const lk_rows_t *rows, lk_session_t *ret_session, lk_error_t *err)
{
    *ret_session = (lk_session_t){
        .id = lk_row_str(rows, 0, "session_id"),
        .offline = lk_row_bool(rows, 0, "offline"),
        .user_id = lk_row_str(rows, 0, "user_id"),
        .started = lk_row_int(rows, 0, "session_started", 0),
        .last_access = lk_row_int(rows, 0, "last_access", 0),
        .remember_me = lk_row_bool(rows, 0, "remember_me"),
        .ip_address = lk_row_str(rows, 0, "ip_address"),
        .auth_method = lk_row_str(rows, 0, "auth_method"),
        .broker_alias = lk_row_str(rows, 0, "broker_alias"),
        .broker_session_id = lk_row_str(rows, 0, "broker_session_id"),
    };
    return parse_notes(arena, rows, "session_notes", &ret_session->notes, err);
}

static lk_status_t client_session_from_row(lk_arena_t *arena, const lk_rows_t *rows, const lk_client_session_t **ret_client_session,
                                           lk_error_t *err)
{
    lk_client_session_t *cs = LK_NEW(arena, lk_client_session_t);
    *cs = (lk_client_session_t){
        .client_id = lk_row_str(rows, 0, "cs_client_id"),
        .started = lk_row_int(rows, 0, "cs_started", 0),
        .last_refresh = lk_row_int(rows, 0, "last_refresh", 0),
        .redirect_uri = lk_row_str(rows, 0, "redirect_uri"),
        .scope = lk_row_str(rows, 0, "scope"),
    };
    lk_status_t status = parse_notes(arena, rows, "cs_notes", &cs->notes, err);
    if (status == LK_OK)
        *ret_client_session = cs;
    return status;
}

static lk_status_t found_from_row(lk_arena_t *arena, const lk_realm_t *realm, const lk_session_query_t *query,
                                  const lk_rows_t *rows, lk_session_found_t *ret_found, lk_error_t *err)
{
    const lk_client_t *client = query->client_id != NULL ? lk_client_cached(realm, query->client_id) : NULL;
    lk_session_t *session = LK_NEW(arena, lk_session_t);
    lk_session_found_t found = {.session = session};
    lk_status_t status = LK_OK;
    *ret_found = (lk_session_found_t){0};
    if (rows->count == 0 || (status = session_from_row(arena, rows, session, err)) != LK_OK || !session_alive(realm, session))
        return status;
    found.revoked = lk_row_bool(rows, 0, "revoked");
    if (lk_row_str(rows, 0, "cs_client_id") != NULL)
        status = client_session_from_row(arena, rows, &found.client_session, err);
    if (found.client_session != NULL && !client_session_alive(realm, client, session, found.client_session))
        found.client_session = NULL;
    if (status == LK_OK)
        status = lk_user_from_row(arena, realm, rows, 0, &found.user, err);
    if (status == LK_OK)
        *ret_found = found;
    return status;
}

#define LOAD(realm, query)                                                                                                         \
    LK_STATEMENT((realm)->num_organizations != 0 ? LK_Q_SESSION_LOAD : LK_Q_SESSION_LOAD_PLAIN, (realm)->id, (query)->sid,         \
                 boolean((query)->offline), (query)->client_id, (query)->jti)

lk_status_t lk_session_load(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const lk_session_query_t *query,
                            lk_session_found_t *ret_found, lk_error_t *err)
{
    lk_rows_t rows;
    lk_status_t status = lk_sql_run_all(sql, arena, &LOAD(realm, query), 1, &rows, err);
    return status == LK_OK ? found_from_row(arena, realm, query, &rows, ret_found, err) : status;
}

lk_status_t lk_session_redeem(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const lk_session_query_t *query,
                              const char *kind, const char *id, int64_t expires, int *ret_first, lk_session_found_t *ret_found,
                              lk_error_t *err)
{
    const lk_statement_t statements[] = {
        LK_STATEMENT(LK_Q_USE_ONCE, realm->id, kind, id, number(arena, expires), query->sid, lk_attempt_new(arena)),
        LOAD(realm, query)};
    lk_rows_t rows[2];
    lk_status_t status = lk_sql_run_all(sql, arena, statements, 2, rows, err);
    if (status != LK_OK)
        return status;
    *ret_first = was_first(&rows[0]);
    return found_from_row(arena, realm, query, &rows[1], ret_found, err);
}

/* --- ending --- */

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

/* --- refreshing --- */

/* A token that was used too often, or an old one: someone else may have it, so the client's part of the session ends. */
static lk_status_t refuse_token(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const lk_session_t *session,
                                const char *client_id, const lk_rotation_t *rotation, lk_error_t *err)
{
    lk_rows_t rows;
    lk_status_t status = lk_query(sql, arena, LK_Q_SESSION_REFRESH_REFUSED, &rows, err, realm->id, session->id,
                                  boolean(session->offline), client_id, rotation->chain, rotation->jti);
    if (status != LK_OK)
        return status;
    if (rows.count == 0)
        return lk_fail(err, LK_CONFLICT, "invalid_grant", "Session doesn't have required client");
    int is_newest = lk_row_bool(&rows, 0, "is_newest");
    status = lk_session_detach(sql, arena, realm, session->id, session->offline, client_id, err);
    if (status != LK_OK)
        return status;
    return lk_fail(err, LK_CONFLICT, "invalid_grant", is_newest ? "Maximum allowed refresh token reuse exceeded" : "Stale token");
}

/* For how many seconds the newest token may be redeemed again, as long as none of its answers was, for clients that refresh twice
 * at once or lose an answer. A realm that allows reuse has said by itself how often; there only what it says of this counts. */
static int64_t reuse_grace(const lk_realm_t *realm)
{
    int64_t grace = lk_json_config_int(realm->attributes, "latchkey.refreshTokenGraceSeconds",
                                       realm->refresh_token_max_reuse == 0 ? REUSE_GRACE : 0);
    return grace < 0 ? 0 : grace > MAX_REUSE_GRACE ? MAX_REUSE_GRACE : grace;
}

lk_status_t lk_session_refresh(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const lk_session_t *session,
                               const lk_client_session_t *cs, const lk_rotation_t *rotation, int64_t now, lk_error_t *err)
{
    lk_rows_t rows;
    lk_status_t status;
    const lk_client_t *client = lk_client_cached(realm, cs->client_id);
    const char *offline = boolean(session->offline), *now_text = number(arena, now);
    if (rotation != NULL) {
        status = lk_query(sql, arena, LK_Q_SESSION_REFRESH_ROTATE, &rows, err, realm->id, session->id, offline, cs->client_id,
                          now_text, rotation->chain, rotation->jti, number(arena, rotation->iat),
                          number(arena, realm->refresh_token_max_reuse), lk_attempt_new(arena), number(arena, reuse_grace(realm)));
        return status == LK_OK && rows.affected == 0 ? refuse_token(sql, arena, realm, session, cs->client_id, rotation, err)
                                                     : status;
    }
    if (now - session->last_access < access_grain(session_idle(realm, session)) &&
        now - cs->last_refresh < access_grain(client_idle(realm, client, session)))
        return LK_OK;
    status = lk_query(sql, arena, LK_Q_SESSION_REFRESH, &rows, err, realm->id, session->id, offline, cs->client_id, now_text);
    if (status == LK_OK && rows.affected == 0)
        return lk_fail(err, LK_CONFLICT, "invalid_grant", "Session doesn't have required client");
    return status;
}

/* --- values that are used once --- */

lk_status_t lk_is_used(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *kind, const char *id, int *ret_used,
                       const char **ret_session_id, lk_error_t *err)
{
    lk_rows_t rows;
    lk_status_t status = lk_query(sql, arena, LK_Q_IS_USED, &rows, err, realm->id, kind, id);
    if (status != LK_OK)
        return status;
    *ret_used = rows.count != 0;
    if (ret_session_id != NULL)
        *ret_session_id = rows.count != 0 ? lk_row_str(&rows, 0, "session_id") : NULL;
    return LK_OK;
}

static lk_status_t use_up(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const lk_use_t *use, lk_rows_t *ret_rows,
                          lk_error_t *err)
{
    return lk_query(sql, arena, LK_Q_USE_ONCE, ret_rows, err, realm->id, use->kind, use->id, number(arena, use->expires),
                    use->session_id, use->attempt);
}

lk_status_t lk_use_by(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const lk_use_t *use, int *ret_first,
                      lk_error_t *err)
{
    lk_rows_t rows;
    lk_status_t status = use_up(sql, arena, realm, use, &rows, err);
    if (status == LK_OK)
        *ret_first = was_first(&rows);
    return status;
}

lk_status_t lk_use_once(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *kind, const char *id,
                        int64_t expires, const char *session_id, int *ret_first, const char **ret_session_id, lk_error_t *err)
{
    lk_rows_t rows;
    int used;
    const lk_use_t use = {.kind = kind, .id = id, .session_id = session_id, .attempt = lk_attempt_new(arena), .expires = expires};
    lk_status_t status = use_up(sql, arena, realm, &use, &rows, err);
    if (status != LK_OK)
        return status;
    *ret_first = was_first(&rows);
    if (ret_session_id != NULL && *ret_first)
        *ret_session_id = NULL;
    else if (ret_session_id != NULL && rows.count != 0)
        *ret_session_id = lk_row_str(&rows, 0, "session_id");
    else if (ret_session_id != NULL)
        return lk_is_used(sql, arena, realm, kind, id, &used, ret_session_id, err);
    return LK_OK;
}
