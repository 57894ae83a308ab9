/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "broker/first_login.h"

#include <string.h>
#include "broker/broker.h"
#include "core/json.h"
#include "login/page.h"
#include "login/steps.h"

/* Walks through the flow for first logins, and what every flow of a brokered login needs for that. */

#define DEFAULT_FLOW "first broker login"

/* --- walks of brokered logins --- */

/* Who has opened the link in the mail comes with a login that says so. */
static void take_link(const lk_broker_step_t *step)
{
    lk_login_t *given = NULL, *login = step->login;
    if (lk_pairs_get(&step->req->query, "session_code") == NULL ||
        lk_login_open(step->req, step->realm, &given) != LK_LOGIN_OPENED || strcmp(given->tab, login->tab) != 0 ||
        given->link_alias == NULL)
        return;
    login->link_alias = given->link_alias;
    login->link_user = given->link_user;
    login->link_id = given->link_id;
    login->link_expires = given->link_expires;
}

/* *ret_answered as in lk_step_begin. */
static lk_status_t load_step(const lk_request_t *req, lk_broker_step_t *step, lk_upstream_t *upstream, int *ret_answered,
                             lk_reply_t *reply, lk_error_t *err)
{
    const char *tab = lk_pairs_get(&req->query, "tab_id");
    lk_error_t reason = {0};
    *step = (lk_broker_step_t){.req = req, .upstream = upstream};
    *ret_answered = 1;
    lk_status_t status = lk_request_realm(req, &step->realm, err);
    if (status == LK_OK && tab != NULL)
        status = lk_brokered_get(req, step->realm, tab, &step->login, &step->brokered, err);
    if (status != LK_OK)
        return status;
    if (step->login == NULL)
        return lk_broker_refuse(req, step->realm, "a provider", 400, "cookieNotFoundMessage", NULL, reply);
    status = lk_realm_client(req->app->realms, step->realm, step->login->auth.client_id, &step->client, err);
    if (status != LK_OK)
        return status;
    const lk_identity_provider_t *provider = lk_realm_identity_provider(step->realm, step->brokered->alias);
    if (step->client == NULL || !step->client->enabled || provider == NULL ||
        lk_upstream_settings(req->arena, provider, upstream, &reason) != LK_OK)
        return lk_broker_refuse(req, step->realm, step->brokered->alias, 400, "invalidRequestMessage", &reason, reply);
    take_link(step);
    *ret_answered = 0;
    return LK_OK;
}

lk_status_t lk_broker_walk_handle(const lk_request_t *req, lk_broker_through_t through, lk_broker_beyond_t beyond,
                                  lk_reply_t *reply, lk_error_t *err)
{
    lk_broker_step_t step;
    lk_upstream_t upstream;
    int answered, done = 0;
    lk_status_t status = load_step(req, &step, &upstream, &answered, reply, err);
    if (status == LK_OK && !answered)
        status = through(&step, &done, reply, err);
    return status == LK_OK && done ? beyond(&step, reply, err) : status;
}

lk_walk_t lk_broker_walk(const lk_broker_step_t *step, const char *action, lk_reply_t *reply)
{
    return (lk_walk_t){
        .req = step->req, .realm = step->realm, .client = step->client, .login = step->login, .action = action, .reply = reply};
}

lk_status_t lk_broker_walk_on(const lk_broker_step_t *step, lk_walk_t *walk, const char *flow, lk_flow_outcome_t *ret_outcome,
                              lk_error_t *err)
{
    lk_status_t status = strcmp(step->req->method, "POST") == 0 ? lk_flow_submit(walk, flow, ret_outcome, err)
                                                                : lk_flow_run(walk, flow, ret_outcome, err);
    return status == LK_OK ? lk_brokered_put(step->req, step->realm, step->login, step->brokered, err) : status;
}

lk_status_t lk_broker_walk_begin(const lk_broker_step_t *step, const char *action, lk_reply_t *reply, lk_error_t *err)
{
    lk_walk_reset(step->login);
    lk_event_drop(step->req);
    lk_status_t status = lk_brokered_put(step->req, step->realm, step->login, step->brokered, err);
    if (status == LK_OK)
        lk_reply_redirect(reply, 302, lk_login_resume_url(step->req, step->realm, step->login, action));
    return status;
}

void lk_broker_walk_ended(const lk_broker_step_t *step, const char *address, lk_reply_t *reply)
{
    lk_reply_redirect(reply, 302, lk_login_broker_url(step->req, step->req->base_url, step->realm, step->login, address));
    lk_page_headers(step->realm, LK_PAGE_NO_STORE, reply);
}

/* --- the flow for first logins --- */

static const char *flow_of(const lk_broker_step_t *step)
{
    const char *own = step->upstream->provider->first_login_flow, *realms = step->realm->first_broker_login_flow;
    if (own != NULL && *own != '\0')
        return own;
    return realms != NULL && *realms != '\0' ? realms : DEFAULT_FLOW;
}

/* What the flow says, or else that somebody is here already, is what stands in the way. */
static lk_status_t refuse(const lk_broker_step_t *step, const lk_walk_t *walk)
{
    const lk_brokered_t *brokered = step->brokered;
    const lk_request_t *req = step->req;
    lk_error_t reason = {0};
    if (brokered->existing_user != NULL)
        lk_error_detail(&reason, "a user with that %s exists, and the flow links nobody", brokered->existing_by);
    else
        lk_error_detail(&reason, "no execution of the flow %s applies", flow_of(step));
    if (walk->failure != NULL || brokered->existing_user == NULL)
        return lk_broker_refuse(req, step->realm, brokered->alias,
                                walk->failure_status != 0 ? walk->failure_status
                                : walk->failure != NULL   ? 401
                                                          : 400,
                                walk->failure != NULL ? walk->failure : "invalidUserMessage", &reason, walk->reply);
    lk_broker_note(req, step->realm, brokered->alias, "first login", &reason);
    lk_event_error(req, "identity_provider_login_failure");
    json_t *model = lk_page_model(req, step->realm, step->client, NULL);
    lk_page_message_two(model, "error", "federatedIdentityExistsMessage", brokered->existing_by, brokered->existing_value);
    lk_page_show(req, step->realm, 409, "error", model, walk->reply);
    return LK_OK;
}

/* Whom the flow is about: who was found to be here, or who there will be. */
static lk_status_t load_user(const lk_broker_step_t *step, lk_walk_t *walk, lk_error_t *err)
{
    if (step->brokered->new_user != NULL)
        walk->user = lk_broker_user_to_be(step);
    if (step->brokered->linked_user == NULL)
        return LK_OK;
    return lk_user_by_id(step->req->app->sql, step->req->arena, step->realm, step->brokered->linked_user, &walk->user, err);
}

static lk_status_t walk_through(const lk_broker_step_t *step, int *ret_done, lk_reply_t *reply, lk_error_t *err)
{
    lk_flow_outcome_t outcome = LK_FLOW_FAILED;
    lk_broker_event_first(step);
    if (step->brokered->user_id != NULL) /* that was done already */
        return lk_broker_refuse(step->req, step->realm, step->brokered->alias, 400, "staleCodeMessage", NULL, reply);
    lk_walk_t walk = lk_broker_walk(step, "first-broker-login", reply);
    walk.brokering = step;
    lk_status_t status = load_user(step, &walk, err);
    if (status == LK_OK)
        status = lk_broker_walk_on(step, &walk, flow_of(step), &outcome, err);
    if (status != LK_OK)
        return status;
    *ret_done = (outcome == LK_FLOW_DONE || outcome == LK_FLOW_SETUP) && walk.user != NULL;
    if (!*ret_done && outcome != LK_FLOW_ANSWERED)
        status = refuse(step, &walk);
    if (!*ret_done)
        lk_page_headers(step->realm, LK_PAGE_NO_STORE, reply);
    return status;
}

static lk_status_t leave(const lk_broker_step_t *step, lk_reply_t *reply, lk_error_t *err)
{
    (void)err;
    lk_broker_walk_ended(step, "after-first-broker-login", reply);
    return LK_OK;
}

lk_status_t lk_broker_first_login_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    lk_status_t status = lk_broker_walk_handle(req, walk_through, leave, reply, err);
    if (status == LK_OK)
        lk_event_success(req); /* where nothing has ended it as an error */
    return status;
}

static lk_status_t finish(const lk_broker_step_t *step, lk_reply_t *reply, lk_error_t *err)
{
    lk_event_drop(step->req);
    return lk_broker_finish_first_login(step, reply, err);
}

/* The flow is walked through again: nobody gets here by knowing the address. */
lk_status_t lk_broker_after_first_login_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    return lk_broker_walk_handle(req, walk_through, finish, reply, err);
}
