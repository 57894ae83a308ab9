/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "broker/broker.h"
#include "broker/first_login.h"
#include "core/json.h"
#include "login/flow.h"
#include "login/page.h"

/* postBrokerLoginFlowAlias: a flow of the realm that whoever comes from the provider walks through before they are in; a second
 * factor, most often. What it has come to is put away with the login. */

lk_status_t lk_broker_post_login(const lk_broker_step_t *step, const char *user_id, lk_reply_t *reply, lk_error_t *err)
{
    lk_login_t *login = step->login;
    login->progress = login->completed = login->levels = login->setup = NULL;
    login->current = NULL;
    step->brokered->user_id = user_id;
    lk_event_drop(step->req);
    lk_status_t status = lk_brokered_put(step->req, step->realm, login, step->brokered, err);
    if (status == LK_OK)
        lk_reply_redirect(reply, 302, lk_login_resume_url(step->req, step->realm, login, "post-broker-login"));
    return status;
}

static lk_status_t refuse(const lk_walk_t *walk, const char *alias, lk_reply_t *reply)
{
    const char *key = walk->failure != NULL ? walk->failure : "accessDenied";
    lk_event_type(walk->req, LK_EVENT_IDENTITY_PROVIDER_POST_LOGIN);
    lk_status_t status =
        lk_broker_refuse(walk->req, walk->realm, alias, walk->failure_status != 0 ? walk->failure_status : 401, key, NULL, reply);
    lk_page_headers(walk->realm, LK_PAGE_NO_STORE, reply);
    return status;
}

/* Walks on; *ret_done where the flow lets them in, else the reply is made. */
static lk_status_t walk_on(const lk_first_login_t *first, int *ret_done, lk_error_t *err)
{
    const lk_broker_step_t *step = &first->step;
    const lk_request_t *req = step->req;
    const char *flow = step->upstream->provider->post_login_flow, *id = step->brokered->user_id;
    lk_flow_outcome_t outcome = LK_FLOW_FAILED;
    lk_walk_t walk = {.req = req,
                      .realm = step->realm,
                      .client = step->client,
                      .login = step->login,
                      .action = "post-broker-login",
                      .reply = first->reply};
    *ret_done = 0;
    if (id == NULL || flow == NULL)
        return lk_broker_refuse(req, step->realm, step->brokered->alias, 400, "invalidRequestMessage", NULL, first->reply);
    lk_status_t status = lk_user_by_id(req->app->sql, req->arena, step->realm, id, &walk.user, err);
    if (status != LK_OK)
        return status;
    if (walk.user == NULL || !walk.user->enabled)
        return lk_broker_refuse(req, step->realm, step->brokered->alias, 400, "accountDisabledMessage", NULL, first->reply);
    status =
        strcmp(req->method, "POST") == 0 ? lk_flow_submit(&walk, flow, &outcome, err) : lk_flow_run(&walk, flow, &outcome, err);
    *ret_done = outcome == LK_FLOW_DONE || outcome == LK_FLOW_SETUP;
    if (status == LK_OK && !*ret_done && outcome != LK_FLOW_ANSWERED)
        return refuse(&walk, step->brokered->alias, first->reply);
    return status == LK_OK ? lk_brokered_put(req, step->realm, step->login, step->brokered, err) : status;
}

static lk_status_t handle(const lk_request_t *req, lk_first_login_t *first, lk_upstream_t *upstream, int *ret_done, lk_error_t *err)
{
    int answered;
    *ret_done = 0;
    lk_status_t status = lk_first_login_load(req, first, upstream, &answered, err);
    return status == LK_OK && !answered ? walk_on(first, ret_done, err) : status;
}

lk_status_t lk_broker_post_login_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    lk_first_login_t first = {.reply = reply};
    lk_upstream_t upstream;
    int done;
    lk_status_t status = handle(req, &first, &upstream, &done, err);
    if (status != LK_OK || !done)
        return status;
    const lk_broker_step_t *step = &first.step;
    lk_reply_redirect(reply, 302, lk_login_broker_url(req, req->base_url, step->realm, step->login, "after-post-broker-login"));
    lk_page_headers(step->realm, LK_PAGE_NO_STORE, reply);
    return LK_OK;
}

/* The flow is walked through again: nobody gets here by knowing the address. */
lk_status_t lk_broker_after_post_login_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    lk_first_login_t first = {.reply = reply};
    lk_upstream_t upstream;
    int done;
    lk_status_t status = handle(req, &first, &upstream, &done, err);
    if (status != LK_OK || !done)
        return status;
    status = lk_broker_go_on(&first.step, first.step.brokered->user_id, 0, reply, err);
    if (status == LK_OK)
        lk_reply_set_header(reply, "cache-control", "no-cache");
    return status;
}
