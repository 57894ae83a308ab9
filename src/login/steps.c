/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "login/events.h"
#include "login/page.h"
#include "login/steps.h"

static lk_status_t answer_error(const lk_request_t *req, const lk_realm_t *realm, const char *key, int *ret_answered,
                                lk_reply_t *reply)
{
    lk_login_error_page(req, realm, NULL, 400, key, reply);
    lk_page_headers(realm, LK_PAGE_NO_STORE, reply);
    *ret_answered = 1;
    return LK_OK;
}

static void answer_first_page(const lk_request_t *req, const lk_step_t *step, int *ret_answered, lk_reply_t *reply)
{
    lk_login_set_restart_cookie(req, step->realm, step->login, reply);
    lk_reply_redirect(reply, 302, lk_login_action_url(req, step->realm, step->login, "authenticate", NULL));
    lk_page_headers(step->realm, LK_PAGE_NO_STORE, reply);
    *ret_answered = 1;
}

/* What was done for a forgotten password counts in that flow alone, until it has ended: whoever goes elsewhere begins again. */
static void leave_reset(const lk_request_t *req, lk_login_t *login)
{
    if (!login->is_reset || login->user_id != NULL || strstr(req->path, LK_RESET_PATH) != NULL)
        return;
    lk_login_forget(login);
    login->is_reset = 0;
}

lk_status_t lk_step_begin(const lk_request_t *req, lk_step_t *ret_step, int *ret_answered, lk_reply_t *reply, lk_error_t *err)
{
    lk_step_t step = {.login = NULL};
    *ret_answered = 0;
    lk_status_t status = lk_request_realm(req, &step.realm, err);
    if (status != LK_OK)
        return status;
    lk_event_begin(req, step.realm, LK_EVENT_LOGIN);
    lk_event_client(req, lk_pairs_get(&req->query, "client_id"));
    if (!step.realm->enabled)
        return answer_error(req, step.realm, "realmNotEnabledMessage", ret_answered, reply);
    step.opened = lk_login_open(req, step.realm, &step.login);
    if (step.login == NULL)
        return answer_error(req, step.realm, step.opened == LK_LOGIN_EXPIRED ? "expiredCodeMessage" : "cookieNotFoundMessage",
                            ret_answered, reply);
    leave_reset(req, step.login);
    lk_login_choose_locale(req, step.realm, step.login, reply);
    status = lk_realm_client(req->app->realms, step.realm, step.login->auth.client_id, &step.client, err);
    if (status != LK_OK)
        return status;
    lk_login_event_begin(req, step.realm, step.client, step.login, LK_EVENT_LOGIN);
    if (step.client == NULL || !step.client->enabled)
        return answer_error(req, step.realm, step.client == NULL ? "clientNotFoundMessage" : "clientDisabledMessage", ret_answered,
                            reply);
    if (step.login->user_id != NULL) {
        if ((status = lk_user_by_id(req->app->sql, req->arena, step.realm, step.login->user_id, &step.user, err)) != LK_OK)
            return status;
        lk_event_user(req, step.login->user_id);
        lk_event_detail(req, "remember_me", step.login->remember_me ? "true" : "false");
        lk_event_detail(req, "response_type", step.login->auth.response_type);
        lk_event_detail(req, "response_mode", step.login->auth.response_mode != NULL ? step.login->auth.response_mode : "query");
        lk_event_detail(req, "username", step.user != NULL ? step.user->username : NULL);
        if (step.user == NULL || !step.user->enabled)
            return answer_error(req, step.realm, "accountDisabledMessage", ret_answered, reply);
    }
    if (step.opened == LK_LOGIN_RESTARTED && strcmp(req->method, "POST") == 0)
        answer_first_page(req, &step, ret_answered, reply);
    *ret_step = step;
    return LK_OK;
}

lk_status_t lk_step_begin_proved(const lk_request_t *req, lk_step_t *ret_step, int *ret_answered, lk_reply_t *reply,
                                 lk_error_t *err)
{
    lk_status_t status = lk_step_begin(req, ret_step, ret_answered, reply, err);
    if (status == LK_OK && !*ret_answered && ret_step->user == NULL)
        answer_first_page(req, ret_step, ret_answered, reply);
    return status;
}
