/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/json.h"
#include "core/time.h"
#include "crypto/crypto.h"
#include "login/events.h"
#include "login/finish.h"
#include "login/links.h"
#include "login/page.h"
#include "login/respond.h"
#include "model/federated.h"
#include "token/acr.h"

/* The last steps of a login. */

#define CONSENT_EXECUTION "OAUTH_GRANT"
#define LOGIN "login" /* used values: the tabs of logins */

/* What stands between a proved user and the response: the execution to show, or NULL. */
static lk_status_t next_step(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client, lk_login_t *login,
                             const lk_user_t *user, const char **ret_execution, int *ret_is_consent, lk_error_t *err)
{
    const lk_required_action_type_t *action = lk_login_next_action(req, realm, login, user);
    int consent = 0;
    lk_status_t status = LK_OK;
    if (action == NULL && !login->consented &&
        (status = lk_consent_needed(req, realm, client, &login->auth, user, &consent, err)) != LK_OK)
        return status;
    *ret_execution = action != NULL ? action->alias : consent ? CONSENT_EXECUTION : NULL;
    *ret_is_consent = action == NULL && consent;
    return LK_OK;
}

lk_status_t lk_login_go_to_step(const lk_request_t *req, const lk_realm_t *realm, const lk_login_t *login, const char *execution,
                                lk_reply_t *reply)
{
    lk_login_set_restart_cookie(req, realm, login, reply);
    lk_reply_redirect(reply, 302, lk_login_action_url(req, realm, login, "required-action", execution));
    lk_page_headers(realm, LK_PAGE_NO_STORE, reply);
    return LK_OK;
}

static lk_client_session_t *new_client_session(const lk_request_t *req, const lk_client_t *client, const lk_login_t *login,
                                               const char *acr, int64_t auth_time)
{
    lk_client_session_t *client_session = LK_NEW(req->arena, lk_client_session_t);
    client_session->client_id = client->id;
    client_session->started = client_session->last_refresh = lk_now();
    client_session->redirect_uri = login->auth.redirect_uri;
    client_session->scope = login->auth.scope;
    client_session->notes = lk_json_own(req->arena, json_pack("{s:s, s:I}", "acr", acr, "auth_time", (json_int_t)auth_time));
    if (login->auth.claims != NULL && strlen(login->auth.claims) <= LK_MAX_CLAIMS)
        json_object_set_new(client_session->notes, LK_NOTE_CLAIMS, json_string(login->auth.claims));
    if (login->organization != NULL)
        json_object_set_new(client_session->notes, LK_NOTE_ORGANIZATION, json_string(login->organization));
    return client_session;
}

/* The claim acr: without conditions in the flow somebody who signed in has level 1, and a cookie's word is 0. The flow of a client
 * policy is good for what that says. */
static const char *acr_of(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client, const lk_login_t *login,
                          int by_cookie)
{
    lk_acr_wish_t wish = lk_acr_wish(req->arena, client, login->auth.acr_values, login->auth.claims);
    int64_t level = login->level;
    if (login->auth.flow != NULL && level < login->auth.flow_level)
        level = login->auth.flow_level;
    return lk_acr_name(req->arena, realm, client, &wish, level != LK_LEVEL_NONE ? level : by_cookie ? 0 : 1);
}

/* What later logins in this session must know: levels, and what they were reached by. */
static void note_progress(const lk_request_t *req, const lk_login_t *login, json_t *notes)
{
    if (login->levels != NULL)
        json_object_set_new(notes, LK_NOTE_LEVELS, json_string(lk_json_text(req->arena, login->levels)));
    if (login->completed != NULL)
        json_object_set_new(notes, LK_NOTE_COMPLETED, json_string(lk_json_text(req->arena, login->completed)));
}

static lk_session_t *new_session(const lk_request_t *req, const lk_login_t *login, const lk_user_t *user)
{
    lk_session_t *session = LK_NEW(req->arena, lk_session_t);
    session->id = login->sid != NULL ? login->sid : lk_random_token(req->arena, 18);
    session->user_id = user->id;
    session->started = session->last_access = lk_now();
    session->remember_me = login->remember_me;
    session->ip_address = req->client_ip;
    session->auth_method = "openid-connect";
    session->broker_alias = login->broker_alias;
    session->broker_session_id = login->broker_session_id;
    session->notes =
        lk_json_own(req->arena, json_pack("{s:s}", "AUTH_TIME", lk_printf(req->arena, "%lld", (long long)login->auth_time)));
    if (login->session_notes != NULL)
        json_object_update_missing(session->notes, login->session_notes);
    note_progress(req, login, session->notes);
    lk_session_note_device(req->arena, session->notes, lk_request_header(req, "user-agent"));
    return session;
}

/* A pushed request is good for one code: *ret_first is 0 where it had its code before. */
static lk_status_t use_pushed(const lk_request_t *req, const lk_realm_t *realm, const lk_login_t *login, lk_sql_t *sql,
                              const char *attempt, int *ret_first, lk_error_t *err)
{
    const lk_use_t use = {
        .kind = LK_USED_PUSHED, .id = login->auth.pushed_id, .attempt = attempt, .expires = lk_now() + LK_MAX_PUSHED_LIFESPAN};
    *ret_first = 1;
    return use.id == NULL ? LK_OK : lk_use_by(sql, req->arena, realm, &use, ret_first, err);
}

static lk_status_t answer_used(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client, const lk_login_t *login,
                               lk_reply_t *reply, lk_error_t *err)
{
    return lk_login_redirect_error(req, realm, client, &login->auth, "temporarily_unavailable", "authentication_expired", reply,
                                   err);
}

/* What is stored when a login ends, under an attempt's name. */
typedef struct st_ending_t {
    const lk_realm_t *realm;
    const lk_login_t *login;
    const lk_session_t *session;
    const lk_client_session_t *client_session;
    const char *attempt;
} ending_t;

static lk_status_t store_in(lk_sql_t *tx, const lk_request_t *req, const ending_t *ending, int *ret_first, lk_error_t *err)
{
    const lk_realm_t *realm = ending->realm;
    const lk_login_t *login = ending->login;
    const lk_session_t *session = ending->session;
    int is_brokered = login->broker_alias != NULL;
    const lk_use_t use = {.kind = LOGIN,
                          .id = login->tab,
                          .session_id = session->id,
                          .attempt = ending->attempt,
                          .expires = login->started + realm->access_code_lifespan_login + realm->access_code_lifespan_user_action};
    lk_status_t status = lk_use_by(tx, req->arena, realm, &use, ret_first, err);
    if (status == LK_OK && *ret_first)
        status = use_pushed(req, realm, login, tx, ending->attempt, ret_first, err);
    if (status != LK_OK || !*ret_first)
        return status;
    if (!is_brokered)
        lk_tx_last(tx);
    status = login->sid == NULL ? lk_session_create(tx, req->arena, realm, session, ending->client_session, err)
                                : lk_session_attach(tx, req->arena, realm, session, ending->client_session, err);
    if (status != LK_OK || !is_brokered)
        return status;
    lk_tx_last(tx);
    return lk_broker_login_done(tx, req->arena, realm, login->tab, session->id, err);
}

/* The session and the mark that this login is used up, together or not at all. *ret_first is 0 where the form was sent before;
 * *ret_is_lost says that the connection broke. */
static lk_status_t store_together(const lk_request_t *req, const ending_t *ending, int *ret_first, int *ret_is_lost,
                                  lk_error_t *err)
{
    lk_sql_t *tx = NULL;
    lk_status_t status = lk_tx_begin(req->app->store, LK_READ_COMMITTED, &tx, err);
    if (status == LK_OK)
        status = store_in(tx, req, ending, ret_first, err);
    if (status == LK_OK)
        status = lk_tx_commit(&tx, err);
    *ret_is_lost = tx != NULL && lk_tx_is_lost(tx);
    lk_tx_rollback(&tx);
    return status;
}

/* Where the connection broke it is stored again by the same attempt, whatever became of the first: the mark of one that was
 * committed, or is just being, is its own. */
static lk_status_t store_session(const lk_request_t *req, const ending_t *ending, int *ret_first, lk_error_t *err)
{
    int is_lost;
    lk_status_t status = store_together(req, ending, ret_first, &is_lost, err);
    return status != LK_OK && is_lost ? store_together(req, ending, ret_first, &is_lost, err) : status;
}

/* --- the browser's one session --- */

lk_status_t lk_login_join_session(const lk_request_t *req, const lk_realm_t *realm, lk_login_t *login, const char *user_id,
                                  const lk_user_t **ret_other, lk_error_t *err)
{
    const lk_session_t *session = NULL;
    const lk_user_t *user;
    *ret_other = NULL;
    lk_status_t status = lk_login_cookie_session(req, realm, &session, &user, err);
    if (status != LK_OK || session == NULL)
        return status;
    if (user_id != NULL && strcmp(user->id, user_id) == 0)
        login->sid = session->id;
    else
        *ret_other = user;
    return LK_OK;
}

void lk_login_refuse_other_user(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client,
                                const lk_login_t *login, const lk_user_t *other, lk_reply_t *reply)
{
    json_t *model = lk_page_model(req, realm, client, login);
    lk_page_message(model, "error", "differentUserAuthenticated", other->username);
    lk_page_show(req, realm, 400, "error", model, reply);
    lk_page_headers(realm, LK_PAGE_NO_STORE, reply);
    lk_login_event_other_user(req, client, login, other);
}

/* --- the end --- */

/* Last of all, for the session may have been made while this login waited at a provider's, or at a required action. */
static lk_status_t join(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client, lk_login_t *login,
                        const lk_user_t *user, int *ret_refused, lk_reply_t *reply, lk_error_t *err)
{
    const lk_user_t *other = NULL;
    int is_brokered = login->broker_alias != NULL;
    *ret_refused = 0;
    if (login->by_link) /* which makes no session */
        return LK_OK;
    lk_status_t status = lk_login_join_session(req, realm, login, user->id, &other, err);
    if (status != LK_OK || other == NULL)
        return status;
    *ret_refused = 1;
    lk_login_event_resume(req, realm, client, login, is_brokered ? LK_EVENT_IDENTITY_PROVIDER_LOGIN : LK_EVENT_LOGIN);
    if (is_brokered)
        lk_event_user(req, user->id);
    else
        lk_event_detail(req, "username", user->username);
    lk_login_refuse_other_user(req, realm, client, login, other, reply);
    return LK_OK;
}

static lk_status_t succeed(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client, lk_login_t *login,
                           const lk_user_t *user, lk_reply_t *reply, lk_error_t *err)
{
    int first = 0, refused;
    lk_status_t status = join(req, realm, client, login, user, &refused, reply, err);
    if (status != LK_OK || refused)
        return status;
    status = lk_link_redeem(req->app->sql, req, realm, login, &first, err);
    if (status == LK_OK && !first)
        lk_login_error_page(req, realm, client, 400, "expiredActionMessage", reply);
    else if (status == LK_OK && login->by_link)
        lk_link_show_end(req, realm, client, login, reply);
    if (status != LK_OK || !first || login->by_link)
        return status;
    lk_session_t *session = new_session(req, login, user);
    const char *acr = acr_of(req, realm, client, login, login->by_cookie);
    lk_client_session_t *client_session = new_client_session(req, client, login, acr, login->auth_time);
    const ending_t ending = {realm, login, session, client_session, lk_attempt_new(req->arena)};
    status = store_session(req, &ending, &first, err);
    if (status != LK_OK)
        return status;
    if (!first)
        return answer_used(req, realm, client, login, reply, err);
    lk_login_clear_restart_cookie(req, realm, reply);
    if ((status = lk_login_set_session_cookies(req, realm, session, user->username, reply, err)) != LK_OK)
        return status;
    lk_login_event_done(req, realm, client, login, user, session);
    return lk_login_respond(req, realm, client, &login->auth, user, session, client_session, acr, login->auth_time, reply, err);
}

lk_status_t lk_login_continue(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client, lk_login_t *login,
                              const lk_user_t *user, lk_reply_t *reply, lk_error_t *err)
{
    const char *execution;
    int is_consent;
    lk_status_t status = next_step(req, realm, client, login, user, &execution, &is_consent, err);
    if (status != LK_OK)
        return status;
    if (execution != NULL)
        return lk_login_go_to_step(req, realm, login, execution, reply);
    if ((status = lk_login_keep_locale(req, realm, login, user, reply, err)) != LK_OK)
        return status;
    return succeed(req, realm, client, login, user, reply, err);
}

lk_status_t lk_login_continue_session(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client,
                                      lk_login_t *login, const lk_user_t *user, const lk_session_t *session, unsigned how,
                                      lk_reply_t *reply, lk_error_t *err)
{
    const char *execution;
    int is_consent;
    lk_status_t status = next_step(req, realm, client, login, user, &execution, &is_consent, err);
    if (status != LK_OK)
        return status;
    int64_t auth_time = lk_json_config_int(session->notes, "AUTH_TIME", session->started);
    if (execution != NULL && (how & LK_LOGIN_PASSIVE))
        return lk_login_redirect_error(req, realm, client, &login->auth, "interaction_required", NULL, reply, err);
    if (execution != NULL) {
        login->user_id = user->id;
        login->sid = session->id;
        login->auth_time = auth_time;
        login->by_cookie = 1;
        return lk_login_go_to_step(req, realm, login, execution, reply);
    }
    int first;
    if ((status = use_pushed(req, realm, login, req->app->sql, lk_attempt_new(req->arena), &first, err)) != LK_OK)
        return status;
    if (!first)
        return answer_used(req, realm, client, login, reply, err);
    const char *acr = acr_of(req, realm, client, login, 1);
    lk_client_session_t *client_session = new_client_session(req, client, login, acr, auth_time);
    if ((status = lk_login_keep_locale(req, realm, login, user, reply, err)) != LK_OK)
        return status;
    if ((status = lk_session_attach(req->app->sql, req->arena, realm, session, client_session, err)) != LK_OK)
        return status;
    if (how != 0)
        lk_login_clear_restart_cookie(req, realm, reply);
    else
        lk_login_leave_restart_cookie(req, realm, login, reply);
    if ((status = lk_login_set_session_cookies(req, realm, session, user->username, reply, err)) != LK_OK)
        return status;
    lk_login_event_done(req, realm, client, login, user, session);
    return lk_login_respond(req, realm, client, &login->auth, user, session, client_session, acr, auth_time, reply, err);
}
