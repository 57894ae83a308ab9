/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "broker/first_login.h"

#include <string.h>
#include "broker/broker.h"
#include "core/json.h"
#include "login/page.h"
#include "login/steps.h"

/* Walks through the flow for first logins. Nothing of the walk is remembered but what the person has said: each request begins at
 * the first execution again, and those that are satisfied say so. */

#define MAX_DEPTH 8
#define DEFAULT_FLOW "first broker login"

static lk_status_t deny(const lk_first_login_t *first, const json_t *config, lk_outcome_t *ret_outcome, lk_error_t *err)
{
    (void)config;
    (void)err;
    *ret_outcome = LK_STEP_ANSWERED;
    return lk_broker_refuse(first->step.req, first->step.realm, first->step.brokered->alias, 400, "accessDenied", NULL,
                            first->reply);
}

/* The executions that are known, one row each. */
static const lk_first_step_t steps[] = {
    {"idp-review-profile", lk_review_run, lk_review_submit},
    {"idp-create-user-if-unique", lk_unique_run, NULL},
    {"idp-detect-existing-broker-user", lk_detect_run, NULL},
    {"idp-auto-link", lk_auto_link_run, NULL},
    {"idp-confirm-link", lk_confirm_run, lk_confirm_submit},
    {"idp-email-verification", lk_link_mail_run, NULL},
    {"idp-username-password-form", lk_password_run, lk_password_submit},
    {"auth-otp-form", lk_link_otp_run, lk_link_otp_submit},
    {"deny-access-authenticator", deny, NULL},
};
#define NUM_STEPS (sizeof(steps) / sizeof(steps[0]))

static const lk_first_step_t *find_step(const char *authenticator)
{
    for (size_t i = 0; authenticator != NULL && i != NUM_STEPS; ++i)
        if (strcmp(steps[i].authenticator, authenticator) == 0)
            return &steps[i];
    return NULL;
}

static const lk_flow_t *find_flow(const lk_realm_t *realm, const char *alias)
{
    for (size_t i = 0; alias != NULL && i != realm->num_flows; ++i)
        if (strcmp(realm->flows[i].alias, alias) == 0)
            return &realm->flows[i];
    return NULL;
}

static int requires(const json_t *execution, const char *requirement)
{
    return strcmp(lk_json_str(execution, "requirement", "DISABLED"), requirement) == 0;
}

static lk_status_t run_flow(const lk_first_login_t *first, const char *alias, int is_condition, int depth,
                            lk_outcome_t *ret_outcome, lk_error_t *err);

/* In a conditional flow the conditions are taken as fulfilled, and each step finds out for itself whether it applies to the user.
 */
static lk_status_t run_execution(const lk_first_login_t *first, const json_t *execution, int depth, lk_outcome_t *ret_outcome,
                                 lk_error_t *err)
{
    const lk_realm_t *realm = first->step.realm;
    const char *flow = lk_json_str(execution, "flowAlias", NULL), *name = lk_json_str(execution, "authenticator", NULL);
    const char *config = lk_json_str(execution, "authenticatorConfig", NULL);
    const lk_first_step_t *step = find_step(name);
    if (flow != NULL)
        return run_flow(first, flow, requires(execution, "CONDITIONAL"), depth + 1, ret_outcome, err);
    *ret_outcome = LK_STEP_ATTEMPTED;
    if (step == NULL)
        return LK_OK;
    return step->run(first, config != NULL ? json_object_get(realm->authenticator_configs, config) : NULL, ret_outcome, err);
}

/* Where something is required, all of that must be done, in order; else the first alternative that applies will do. A conditional
 * flow is done too where none of its steps applies. */
static lk_status_t run_flow(const lk_first_login_t *first, const char *alias, int is_conditional, int depth,
                            lk_outcome_t *ret_outcome, lk_error_t *err)
{
    const lk_flow_t *flow = find_flow(first->step.realm, alias);
    const json_t *executions = flow != NULL && depth != MAX_DEPTH ? flow->executions : NULL;
    int needs_all = 0;
    size_t i;
    json_t *execution;
    json_array_foreach(executions, i, execution)
    {
        needs_all |= !is_conditional && (requires(execution, "REQUIRED") || requires(execution, "CONDITIONAL"));
    }
    json_array_foreach(executions, i, execution)
    {
        lk_outcome_t outcome = LK_STEP_ATTEMPTED;
        if (requires(execution, "DISABLED") || (needs_all && requires(execution, "ALTERNATIVE")))
            continue;
        lk_status_t status = run_execution(first, execution, depth, &outcome, err);
        *ret_outcome = outcome;
        if (status != LK_OK || outcome == LK_STEP_ANSWERED || (needs_all ? outcome == LK_STEP_ATTEMPTED : outcome == LK_STEP_DONE))
            return status;
    }
    *ret_outcome = needs_all || is_conditional ? LK_STEP_DONE : LK_STEP_ATTEMPTED;
    return LK_OK;
}

/* Nothing of the flow applies: what was found to exist already is what stands in the way. */
static lk_status_t answer_failed(const lk_first_login_t *first)
{
    const lk_brokered_t *brokered = first->step.brokered;
    lk_error_t reason = {0};
    if (brokered->existing_user != NULL)
        lk_error_detail(&reason, "a user with that %s exists, and the flow links nobody", brokered->existing_by);
    else
        lk_error_detail(&reason, "no execution of the flow for first logins applies");
    lk_broker_note(first->step.req, first->step.realm, brokered->alias, "first login", &reason);
    json_t *model = lk_page_model(first->step.req, first->step.realm, first->step.client, NULL);
    lk_page_message_two(model, "error", brokered->existing_user != NULL ? "federatedIdentityExistsMessage" : "invalidUserMessage",
                        brokered->existing_by, brokered->existing_value);
    lk_page_show(first->step.req, first->step.realm, 409, "error", model, first->reply);
    return LK_OK;
}

static lk_status_t run(const lk_first_login_t *first, lk_outcome_t *ret_outcome, lk_error_t *err)
{
    const char *alias = first->step.upstream->provider->first_login_flow;
    first->step.brokered->linked_user = NULL; /* whoever is linked is found anew */
    if (alias == NULL || *alias == '\0')
        alias = first->step.realm->first_broker_login_flow;
    lk_status_t status = run_flow(first, alias != NULL && *alias != '\0' ? alias : DEFAULT_FLOW, 0, 0, ret_outcome, err);
    if (status == LK_OK && *ret_outcome == LK_STEP_ATTEMPTED) {
        *ret_outcome = LK_STEP_ANSWERED;
        return answer_failed(first);
    }
    return status;
}

void lk_first_login_page(const lk_first_login_t *first, const char *authenticator, const char *template_name, json_t *model)
{
    const lk_broker_step_t *step = &first->step;
    const char *url = lk_login_action_url(step->req, step->realm, step->login, "first-broker-login",
                                          lk_login_execution_id(step->req->arena, step->realm, authenticator));
    json_object_set_new(json_object_get(model, "url"), "loginAction", json_string(url));
    lk_page_show(step->req, step->realm, 200, template_name, model, first->reply);
    lk_page_headers(step->realm, LK_PAGE_NO_STORE, first->reply);
}

/* --- handlers --- */

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

lk_status_t lk_first_login_load(const lk_request_t *req, lk_first_login_t *first, lk_upstream_t *upstream, int *ret_answered,
                                lk_error_t *err)
{
    lk_broker_step_t *step = &first->step;
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
        return lk_broker_refuse(req, step->realm, "a provider", 400, "cookieNotFoundMessage", NULL, first->reply);
    status = lk_realm_client(req->app->realms, step->realm, step->login->auth.client_id, &step->client, err);
    if (status != LK_OK)
        return status;
    const lk_identity_provider_t *provider = lk_realm_identity_provider(step->realm, step->brokered->alias);
    if (step->client == NULL || !step->client->enabled || provider == NULL ||
        lk_upstream_settings(req->arena, provider, upstream, &reason) != LK_OK)
        return lk_broker_refuse(req, step->realm, step->brokered->alias, 400, "invalidRequestMessage", &reason, first->reply);
    take_link(step);
    *ret_answered = 0;
    return LK_OK;
}

/* Hands what was posted to the execution that it names, and keeps what that made of it. */
static lk_status_t submit(const lk_request_t *req, const lk_first_login_t *first, lk_outcome_t *ret_outcome, lk_error_t *err)
{
    const char *execution = lk_pairs_get(&req->query, "execution");
    for (size_t i = 0; execution != NULL && i != NUM_STEPS; ++i)
        if (steps[i].submit != NULL &&
            strcmp(lk_login_execution_id(req->arena, first->step.realm, steps[i].authenticator), execution) == 0) {
            lk_status_t status = steps[i].submit(first, ret_outcome, err);
            return status != LK_OK || *ret_outcome == LK_STEP_ANSWERED
                       ? status
                       : lk_brokered_put(req, first->step.realm, first->step.login, first->step.brokered, err);
        }
    *ret_outcome = LK_STEP_DONE;
    return LK_OK;
}

lk_status_t lk_broker_first_login_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    lk_first_login_t first = {.reply = reply};
    lk_upstream_t upstream;
    lk_outcome_t outcome = LK_STEP_DONE;
    int answered;
    lk_status_t status = lk_first_login_load(req, &first, &upstream, &answered, err);
    if (status != LK_OK || answered)
        return status;
    lk_broker_event_first(&first.step);
    if (first.step.brokered->user_id != NULL) /* that was done already */
        return lk_broker_refuse(req, first.step.realm, first.step.brokered->alias, 400, "staleCodeMessage", NULL, reply);
    if (strcmp(req->method, "POST") == 0)
        status = submit(req, &first, &outcome, err);
    if (status == LK_OK && outcome != LK_STEP_ANSWERED)
        status = run(&first, &outcome, err);
    lk_event_success(req);                              /* where nothing has ended it as an error */
    if (status == LK_OK && outcome == LK_STEP_ANSWERED) /* with who was found to be here already */
        return lk_brokered_put(req, first.step.realm, first.step.login, first.step.brokered, err);
    if (status != LK_OK)
        return status;
    lk_reply_redirect(reply, 302,
                      lk_login_broker_url(req, req->base_url, first.step.realm, first.step.login, "after-first-broker-login"));
    lk_page_headers(first.step.realm, LK_PAGE_NO_STORE, reply);
    return LK_OK;
}

/* The flow is walked through again: nobody gets here by knowing the address. */
lk_status_t lk_broker_after_first_login_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    lk_first_login_t first = {.reply = reply};
    lk_upstream_t upstream;
    lk_outcome_t outcome;
    int answered;
    lk_status_t status = lk_first_login_load(req, &first, &upstream, &answered, err);
    if (status != LK_OK || answered)
        return status;
    if (first.step.brokered->user_id != NULL)
        return lk_broker_refuse(req, first.step.realm, first.step.brokered->alias, 400, "staleCodeMessage", NULL, reply);
    status = run(&first, &outcome, err);
    if (status != LK_OK || outcome == LK_STEP_ANSWERED)
        return status;
    return lk_broker_finish_first_login(&first.step, reply, err);
}
