/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/json.h"
#include "core/time.h"
#include "login/events.h"
#include "login/otp.h"
#include "login/page.h"
#include "login/steps.h"

/* User name and password. */

#define EXECUTION "auth-username-password-form"
#define MAX_USERNAME 255

static json_t *provider_links(const lk_request_t *req, const lk_realm_t *realm, const lk_login_t *login)
{
    json_t *providers = json_array();
    for (size_t i = 0; i != realm->num_identity_providers; ++i) {
        const lk_identity_provider_t *provider = &realm->identity_providers[i];
        if (!provider->enabled || provider->hide_on_login || provider->link_only)
            continue;
        const char *url = lk_login_provider_url(req, req->base_path, realm, login, provider->alias);
        json_array_append_new(
            providers,
            json_pack("{s:s, s:s, s:s, s:s}", "alias", provider->alias, "displayName",
                      provider->display_name != NULL && *provider->display_name != '\0' ? provider->display_name : provider->alias,
                      "providerId", provider->provider_id, "loginUrl", url));
    }
    return providers;
}

static const char *first_username(const lk_request_t *req, const lk_login_t *login)
{
    const char *given = lk_pairs_get(&req->form, "username");
    if (given == NULL)
        given = login->auth.login_hint;
    return given != NULL ? given : lk_login_remembered_username(req);
}

void lk_login_show_form(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client, const lk_login_t *login,
                        json_t *model, lk_reply_t *reply)
{
    const char *username = login->expected_user != NULL ? NULL : first_username(req, login);
    (void)client;
    if (login->expected_user != NULL)
        json_object_set_new(model, "usernameHidden", json_true());
    json_t *url = json_object_get(model, "url");
    json_object_set_new(
        url, "loginAction",
        json_string(lk_login_action_url(req, realm, login, "authenticate", lk_login_execution_id(req->arena, realm, EXECUTION))));
    json_object_set_new(model, "login",
                        json_pack("{s:s, s:b}", "username", username != NULL ? username : "", "rememberMe",
                                  login->remember_me || lk_login_remembered_username(req) != NULL));
    json_object_set_new(model, "social", json_pack("{s:o}", "providers", provider_links(req, realm, login)));
    lk_page_show(req, realm, 200, "login", model, reply);
    lk_page_headers(realm, LK_PAGE_NO_STORE, reply);
}

/* Who is to sign in again, by name; the form shows it and has no field for it. */
static lk_status_t load_expected(const lk_request_t *req, const lk_step_t *step, const lk_user_t **ret_user, lk_error_t *err)
{
    *ret_user = NULL;
    if (step->login->expected_user == NULL)
        return LK_OK;
    return lk_user_by_id(req->app->sql, req->arena, step->realm, step->login->expected_user, ret_user, err);
}

static json_t *form_model(const lk_request_t *req, const lk_step_t *step, const lk_user_t *expected)
{
    json_t *model = lk_page_model(req, step->realm, step->client, step->login);
    if (expected != NULL)
        json_object_set_new(model, "auth", json_pack("{s:s, s:b}", "attemptedUsername", expected->username, "showUsername", 1));
    return model;
}

static lk_status_t refuse(const lk_request_t *req, const lk_step_t *step, const lk_user_t *expected, const lk_user_t *user,
                          lk_login_result_t result, lk_reply_t *reply)
{
    const char *username = expected != NULL ? expected->username : lk_pairs_get(&req->form, "username");
    lk_login_event_refused(req, result, username, user);
    json_t *model = form_model(req, step, expected);
    if (result == LK_LOGIN_DISABLED)
        lk_page_message(model, "error", "accountDisabledMessage", NULL);
    else
        lk_page_field_message(model, expected != NULL ? "password" : "username", "invalidUserMessage", NULL);
    lk_login_show_form(req, step->realm, step->client, step->login, model, reply);
    return LK_OK;
}

/* The page of the second factor. */
static lk_status_t ask_otp(const lk_request_t *req, const lk_step_t *step, int refused, lk_reply_t *reply)
{
    json_t *model = lk_page_model(req, step->realm, step->client, step->login);
    if (refused) {
        lk_event_user(req, step->login->password_user);
        lk_event_error(req, "invalid_user_credentials");
        lk_page_field_message(model, "otp", "invalidTotpMessage", NULL);
    }
    json_object_set_new(json_object_get(model, "url"), "loginAction",
                        json_string(lk_login_action_url(req, step->realm, step->login, "authenticate",
                                                        lk_login_execution_id(req->arena, step->realm, "auth-otp-form"))));
    lk_page_show(req, step->realm, 200, "login-otp", model, reply);
    lk_page_headers(step->realm, LK_PAGE_NO_STORE, reply);
    return LK_OK;
}

static lk_status_t succeed(const lk_request_t *req, lk_step_t *step, const lk_user_t *user, lk_reply_t *reply, lk_error_t *err)
{
    step->login->user_id = user->id;
    step->login->password_user = NULL;
    step->login->by_cookie = 0;
    step->login->auth_time = lk_now();
    return lk_login_continue(req, step->realm, step->client, step->login, user, reply, err);
}

static lk_status_t submit_otp(const lk_request_t *req, lk_step_t *step, const char *code, lk_reply_t *reply, lk_error_t *err)
{
    const lk_user_t *user = NULL;
    int good = 0;
    lk_status_t status = lk_otp_check(req, step->realm, step->login->password_user, code, &good, err);
    if (status == LK_OK && !good)
        return ask_otp(req, step, 1, reply);
    if (status == LK_OK)
        status = lk_user_by_id(req->app->sql, req->arena, step->realm, step->login->password_user, &user, err);
    if (status == LK_OK && (user == NULL || !user->enabled))
        return refuse(req, step, NULL, user, LK_LOGIN_DISABLED, reply);
    return status != LK_OK ? status : succeed(req, step, user, reply, err);
}

static lk_status_t submit(const lk_request_t *req, lk_step_t *step, const lk_user_t *expected, lk_reply_t *reply, lk_error_t *err)
{
    const char *username = expected != NULL ? expected->username : lk_pairs_get(&req->form, "username"),
               *password = lk_pairs_get(&req->form, "password");
    const lk_user_t *user = NULL;
    lk_login_result_t result = LK_LOGIN_UNKNOWN_USER;
    step->login->remember_me = step->realm->remember_me && lk_pairs_get(&req->form, "rememberMe") != NULL;
    if (username != NULL && *username != '\0' && strlen(username) <= MAX_USERNAME && password != NULL) {
        lk_status_t status =
            lk_user_authenticate(req->app, req->arena, step->realm, username, password, req->client_ip, &result, &user, err);
        if (status != LK_OK)
            return status;
    }
    if (result != LK_LOGIN_OK)
        return refuse(req, step, expected, user, result, reply);
    int needed;
    lk_status_t status = lk_otp_needed(req, step->realm, user, &needed, err);
    if (status != LK_OK)
        return status;
    if (needed) {
        step->login->password_user = user->id;
        return ask_otp(req, step, 0, reply);
    }
    return succeed(req, step, user, reply, err);
}

lk_status_t lk_login_authenticate_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    lk_step_t step;
    const lk_user_t *expected;
    int answered;
    lk_status_t status = lk_step_begin(req, &step, &answered, reply, err);
    if (status != LK_OK || answered)
        return status;
    if (step.opened == LK_LOGIN_RESTARTED && step.login->expected_user == NULL && lk_login_begins_with_redirect(&step.login->auth))
        return lk_login_resume(req, &step, reply, err);
    if ((status = load_expected(req, &step, &expected, err)) != LK_OK)
        return status;
    const char *otp = lk_pairs_get(&req->form, "otp");
    lk_event_detail(req, "auth_type", "code");
    if (strcmp(req->method, "POST") == 0 && step.login->password_user != NULL && otp != NULL)
        return submit_otp(req, &step, otp, reply, err);
    if (strcmp(req->method, "POST") == 0)
        return submit(req, &step, expected, reply, err);
    lk_login_show_form(req, step.realm, step.client, step.login, form_model(req, &step, expected), reply);
    return LK_OK;
}

/* "Restart login", or "not you?" on the page of somebody who is to sign in again. */
lk_status_t lk_login_restart_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    lk_step_t step;
    int answered;
    lk_status_t status = lk_step_begin(req, &step, &answered, reply, err);
    if (status != LK_OK || answered)
        return status;
    step.login->expected_user = step.login->sid = step.login->user_id = step.login->password_user = NULL;
    lk_login_set_restart_cookie(req, step.realm, step.login, reply);
    lk_reply_redirect(reply, 302, lk_login_action_url(req, step.realm, step.login, "authenticate", NULL));
    lk_page_headers(step.realm, LK_PAGE_NO_STORE, reply);
    return LK_OK;
}
