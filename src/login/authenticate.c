/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/json.h"
#include "core/time.h"
#include "login/events.h"
#include "login/flow.h"
#include "login/page.h"
#include "token/acr.h"

/* The browser flow, and the one for forgotten passwords: a walk is begun, gone on with, and ended by the session that exists, by
 * somebody who signed in, or by a page.
 */

/* --- the end of a walk --- */

/* As Keycloak: a step without the user or the credential that it needs is a bad request, as is a client policy's flow that is none
 * for browsers; any other end a refusal. */
static int failure_status(const lk_walk_t *walk)
{
    static const char *const bad[] = {"invalidUserMessage", "credentialSetupRequired"};
    if (walk->failure_status != 0)
        return walk->failure_status;
    for (size_t i = 0; walk->failure != NULL && i != sizeof(bad) / sizeof(bad[0]); ++i)
        if (strcmp(walk->failure, bad[i]) == 0)
            return 400;
    return walk->failure == NULL && walk->login->auth.flow != NULL ? 400 : 401;
}

/* The page that a flow ends with where nobody gets on; or, where no page may be shown, an error to the client. */
static lk_status_t answer_failed(lk_walk_t *walk, lk_error_t *err)
{
    if (walk->passive)
        return lk_login_redirect_error(walk->req, walk->realm, walk->client, &walk->login->auth, "login_required", NULL,
                                       walk->reply, err);
    json_t *model = lk_page_model(walk->req, walk->realm, walk->client, walk->login);
    lk_page_message(model, "error", walk->failure != NULL ? walk->failure : "invalidUserMessage", NULL);
    lk_page_show(walk->req, walk->realm, failure_status(walk), "error", model, walk->reply);
    lk_page_headers(walk->realm, LK_PAGE_NO_STORE, walk->reply);
    return LK_OK;
}

/* An essential level that the flow did not reach, or a flow that let somebody pass without saying who they are. */
static int falls_short(lk_walk_t *walk)
{
    const lk_auth_request_t *auth = &walk->login->auth;
    lk_acr_wish_t wish = lk_acr_wish(walk->req->arena, walk->client, auth->acr_values, auth->claims);
    int64_t level = LK_LEVEL_NONE;
    if (walk->user == NULL) {
        walk->failure = "invalidUserMessage";
        return 1;
    }
    if (!walk->user->enabled) {
        walk->failure = "accountDisabledMessage";
        return 1;
    }
    if (wish.required.count == 0 || walk->login->level == LK_LEVEL_NONE ||
        lk_acr_requested(walk->req->arena, walk->realm, walk->client, &wish, &level) != 0 || walk->login->level >= level)
        return 0;
    walk->failure = "acrNotFulfilled";
    walk->failure_status = 400;
    return 1;
}

static lk_status_t finish(lk_walk_t *walk, lk_flow_outcome_t outcome, unsigned how, lk_error_t *err)
{
    lk_login_t *login = walk->login;
    if (walk->needs_person || !(outcome == LK_FLOW_DONE || outcome == LK_FLOW_ANSWERED) ||
        (outcome == LK_FLOW_DONE && falls_short(walk)))
        return answer_failed(walk, err);
    if (outcome == LK_FLOW_ANSWERED) {
        if (!(how & LK_LOGIN_RESUMED))
            lk_login_set_restart_cookie(walk->req, walk->realm, login, walk->reply);
        return LK_OK;
    }
    if (walk->by_session)
        return lk_login_continue_session(walk->req, walk->realm, walk->client, login, walk->user, walk->session, how, walk->reply,
                                         err);
    login->user_id = walk->user->id;
    login->by_cookie = 0;
    login->auth_time = lk_now();
    return lk_login_continue(walk->req, walk->realm, walk->client, login, walk->user, walk->reply, err);
}

/* --- its beginning --- */

/* NULL where a client policy has chosen one that does not stand for itself: nobody gets through. */
static const char *flow_of(const lk_walk_t *walk)
{
    const char *chosen = walk->login->auth.flow;
    if (walk->login->is_reset)
        return walk->realm->reset_credentials_flow;
    if (chosen == NULL)
        return lk_flow_of_client(walk->realm, walk->client, "browser", walk->realm->browser_flow);
    const lk_flow_t *flow = lk_realm_flow(walk->realm, chosen);
    return flow != NULL && lk_json_bool(flow->rep, "topLevel", 0) ? chosen : NULL;
}

static lk_status_t begin(lk_walk_t *walk, lk_error_t *err)
{
    if (walk->login->is_reset)
        walk->action = "reset-credentials";
    if (walk->login->expected_user == NULL)
        return LK_OK;
    return lk_user_by_id(walk->req->app->sql, walk->req->arena, walk->realm, walk->login->expected_user, &walk->user, err);
}

static lk_status_t walk_on(lk_walk_t *walk, unsigned how, lk_error_t *err)
{
    lk_flow_outcome_t outcome = LK_FLOW_FAILED;
    lk_status_t status = begin(walk, err);
    if (status == LK_OK)
        status = lk_flow_run(walk, flow_of(walk), &outcome, err);
    return status == LK_OK ? finish(walk, outcome, how, err) : status;
}

lk_status_t lk_login_walk(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client, lk_login_t *login,
                          unsigned how, lk_reply_t *reply, lk_error_t *err)
{
    lk_walk_t walk = {
        .req = req, .realm = realm, .client = client, .login = login, .passive = (how & LK_LOGIN_PASSIVE) != 0, .reply = reply};
    return walk_on(&walk, how, err);
}

lk_status_t lk_login_walk_again(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client, lk_login_t *login,
                                const char *type, const char *key, const char *argument, lk_reply_t *reply, lk_error_t *err)
{
    lk_walk_t walk = {.req = req,
                      .realm = realm,
                      .client = client,
                      .login = login,
                      .notice = key,
                      .notice_type = type,
                      .notice_argument = argument,
                      .reply = reply};
    return walk_on(&walk, LK_LOGIN_RESUMED, err);
}

lk_status_t lk_login_walk_step(const lk_request_t *req, const lk_step_t *step, lk_reply_t *reply, lk_error_t *err)
{
    lk_flow_outcome_t outcome = LK_FLOW_FAILED;
    if (strcmp(req->method, "POST") != 0)
        return lk_login_walk(req, step->realm, step->client, step->login, LK_LOGIN_RESUMED, reply, err);
    lk_walk_t walk = {.req = req, .realm = step->realm, .client = step->client, .login = step->login, .reply = reply};
    lk_status_t status = begin(&walk, err);
    if (status == LK_OK)
        status = lk_flow_submit(&walk, flow_of(&walk), &outcome, err);
    return status == LK_OK ? finish(&walk, outcome, LK_LOGIN_RESUMED, err) : status;
}

lk_status_t lk_login_authenticate_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    lk_step_t step;
    int answered;
    lk_status_t status = lk_step_begin(req, &step, &answered, reply, err);
    if (status != LK_OK || answered)
        return status;
    lk_event_detail(req, "auth_type", "code");
    return lk_login_walk_step(req, &step, reply, err);
}

/* "Restart login", or "not you?" on the page of somebody who is known already. */
lk_status_t lk_login_restart_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    lk_step_t step;
    int answered;
    lk_status_t status = lk_step_begin(req, &step, &answered, reply, err);
    if (status != LK_OK || answered)
        return status;
    step.login->sid = NULL;
    lk_login_forget(step.login);
    lk_login_set_restart_cookie(req, step.realm, step.login, reply);
    lk_reply_redirect(reply, 302, lk_login_action_url(req, step.realm, step.login, "authenticate", NULL));
    lk_page_headers(step.realm, LK_PAGE_NO_STORE, reply);
    return LK_OK;
}
