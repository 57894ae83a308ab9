/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "broker/broker.h"
#include "broker/first_login.h"
#include "login/page.h"

/* postBrokerLoginFlowAlias: a flow of the realm that whoever comes from the provider walks through before they are in; a second
 * factor, most often. What it has come to is put away with the login. */

lk_status_t lk_broker_post_login(const lk_broker_step_t *step, const char *user_id, lk_reply_t *reply, lk_error_t *err)
{
    step->brokered->user_id = user_id;
    return lk_broker_walk_begin(step, "post-broker-login", reply, err);
}

static lk_status_t refuse(const lk_walk_t *walk, const char *alias)
{
    const char *key = walk->failure != NULL ? walk->failure : "accessDenied";
    int code = walk->failure_status != 0 ? walk->failure_status : 401;
    lk_event_type(walk->req, LK_EVENT_IDENTITY_PROVIDER_POST_LOGIN);
    lk_status_t status = lk_broker_refuse(walk->req, walk->realm, alias, code, key, NULL, walk->reply);
    lk_page_headers(walk->realm, LK_PAGE_NO_STORE, walk->reply);
    return status;
}

static lk_status_t walk_through(const lk_broker_step_t *step, int *ret_done, lk_reply_t *reply, lk_error_t *err)
{
    const lk_request_t *req = step->req;
    const char *flow = step->upstream->provider->post_login_flow, *id = step->brokered->user_id;
    lk_flow_outcome_t outcome = LK_FLOW_FAILED;
    lk_walk_t walk = lk_broker_walk(step, "post-broker-login", reply);
    if (id == NULL || flow == NULL)
        return lk_broker_refuse(req, step->realm, step->brokered->alias, 400, "invalidRequestMessage", NULL, reply);
    lk_status_t status = lk_user_by_id(req->app->sql, req->arena, step->realm, id, &walk.user, err);
    if (status != LK_OK)
        return status;
    if (walk.user == NULL || !walk.user->enabled)
        return lk_broker_refuse(req, step->realm, step->brokered->alias, 400, "accountDisabledMessage", NULL, reply);
    status = lk_broker_walk_on(step, &walk, flow, &outcome, err);
    *ret_done = outcome == LK_FLOW_DONE || outcome == LK_FLOW_SETUP;
    return status == LK_OK && !*ret_done && outcome != LK_FLOW_ANSWERED ? refuse(&walk, step->brokered->alias) : status;
}

static lk_status_t leave(const lk_broker_step_t *step, lk_reply_t *reply, lk_error_t *err)
{
    (void)err;
    lk_broker_walk_ended(step, "after-post-broker-login", reply);
    return LK_OK;
}

lk_status_t lk_broker_post_login_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    return lk_broker_walk_handle(req, walk_through, leave, reply, err);
}

static lk_status_t go_on(const lk_broker_step_t *step, lk_reply_t *reply, lk_error_t *err)
{
    lk_status_t status = lk_broker_go_on(step, step->brokered->user_id, 0, reply, err);
    if (status == LK_OK)
        lk_reply_set_header(reply, "cache-control", "no-cache");
    return status;
}

/* The flow is walked through again: nobody gets here by knowing the address. */
lk_status_t lk_broker_after_post_login_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    return lk_broker_walk_handle(req, walk_through, go_on, reply, err);
}
