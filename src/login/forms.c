/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/json.h"
#include "login/authenticators.h"
#include "login/events.h"
#include "login/forms.h"
#include "login/organization.h"
#include "login/otp.h"
#include "login/page.h"

/* The pages where somebody says who they are and proves it. */

/* --- pages --- */

static json_t *provider_links(const lk_walk_t *walk)
{
    const lk_request_t *req = walk->req;
    json_t *providers = json_array();
    lk_login_code_t code = {0};
    const lk_identity_provider_t **ordered = lk_realm_providers_in_order(req->arena, walk->realm);
    for (size_t i = 0; i != walk->realm->num_identity_providers; ++i) {
        const lk_identity_provider_t *provider = ordered[i];
        if (!provider->enabled || provider->hide_on_login || provider->link_only || !lk_organization_shows(walk, provider))
            continue;
        if (code.session_code == NULL)
            code = lk_login_code(req->arena, walk->realm, walk->login);
        const char *url = lk_login_provider_url(req, req->base_path, walk->realm, walk->login, &code, provider->alias);
        json_array_append_new(
            providers,
            json_pack("{s:s, s:s, s:s, s:s}", "alias", provider->alias, "displayName",
                      provider->display_name != NULL && *provider->display_name != '\0' ? provider->display_name : provider->alias,
                      "providerId", provider->provider_id, "loginUrl", url));
    }
    return providers;
}

static const char *first_username(const lk_walk_t *walk)
{
    const char *given = lk_pairs_get(&walk->req->form, "username");
    if (given == NULL)
        given = walk->login->auth.login_hint;
    if (given == NULL)
        given = lk_login_remembered_username(walk->req);
    return given != NULL ? given : "";
}

/* Whoever is known already, by the session's cookie or an earlier page, is shown and has no field. */
json_t *lk_form_model(lk_walk_t *walk)
{
    lk_passkey_challenge(walk);
    json_t *model = lk_walk_model(walk);
    int is_named = walk->user != NULL || walk->login->attempted != NULL;
    if (walk->login->organization != NULL)
        json_object_set_new(model, "switchOrganization", json_true());
    if (is_named)
        json_object_set_new(model, "usernameHidden", json_true());
    if (walk->user != NULL)
        json_object_del(json_object_get(model, "url"), "registrationUrl");
    json_object_set_new(model, "login",
                        json_pack("{s:s, s:s, s:b}", "username", is_named ? "" : first_username(walk), "autocomplete", "username",
                                  "rememberMe", walk->login->remember_me || lk_login_remembered_username(walk->req) != NULL));
    json_object_set_new(model, "social", json_pack("{s:o}", "providers", provider_links(walk)));
    return model;
}

lk_status_t lk_form_show(lk_walk_t *walk, const char *template_name, json_t *model, lk_flow_outcome_t *ret_outcome, lk_error_t *err)
{
    lk_status_t status = lk_passkey_offer(walk, model, err);
    if (status == LK_OK)
        return lk_walk_show(walk, template_name, model, ret_outcome, err);
    json_decref(model);
    return status;
}

lk_status_t lk_form_refuse(lk_walk_t *walk, const char *template_name, const char *field, const char *key,
                           lk_flow_outcome_t *ret_outcome, lk_error_t *err)
{
    json_t *model = lk_form_model(walk);
    if (field == NULL)
        lk_page_message(model, "error", key, NULL);
    else
        lk_page_field_message(model, field, key, NULL);
    return lk_form_show(walk, template_name, model, ret_outcome, err);
}

lk_status_t lk_form_take_passkey(lk_walk_t *walk, const char *template_name, lk_flow_outcome_t *ret_outcome, lk_error_t *err)
{
    const char *refusal;
    lk_status_t status = lk_passkey_check(walk, &refusal, err);
    if (status == LK_OK && refusal != NULL)
        return lk_form_refuse(walk, template_name, NULL, refusal, ret_outcome, err);
    *ret_outcome = LK_FLOW_DONE;
    return status;
}

/* --- user name and password --- */

void lk_form_take_remember_me(lk_walk_t *walk)
{
    walk->login->remember_me = walk->realm->remember_me && lk_pairs_get(&walk->req->form, "rememberMe") != NULL;
}

/* *ret_refusal is the key of what to say, NULL where the password is right. Somebody disabled is told so with the right one. */
static lk_status_t check_password(lk_walk_t *walk, const char *username, lk_login_check_t *ret_check, lk_error_t *err)
{
    const char *password = lk_pairs_get(&walk->req->form, "password");
    *ret_check = (lk_login_check_t){.result = LK_LOGIN_UNKNOWN_USER};
    if (username == NULL || *username == '\0' || strlen(username) > LK_MAX_USERNAME || password == NULL)
        return LK_OK;
    return lk_user_authenticate(walk->req->app, walk->req->arena, walk->realm, username, password, walk->req->client_ip, ret_check,
                                err);
}

lk_status_t lk_form_username_password_show(lk_walk_t *walk, lk_flow_outcome_t *ret_outcome, lk_error_t *err)
{
    return lk_form_show(walk, "login", lk_form_model(walk), ret_outcome, err);
}

lk_status_t lk_form_username_password_submit(lk_walk_t *walk, lk_flow_outcome_t *ret_outcome, lk_error_t *err)
{
    lk_login_check_t check;
    const char *username = walk->user != NULL ? walk->user->username : lk_pairs_get(&walk->req->form, "username");
    if (lk_passkey_is_posted(walk))
        return lk_form_take_passkey(walk, "login", ret_outcome, err);
    if (username == NULL)
        username = walk->login->attempted;
    lk_form_take_remember_me(walk);
    lk_status_t status = check_password(walk, username, &check, err);
    if (status != LK_OK)
        return status;
    if (check.result != LK_LOGIN_OK)
        lk_login_event_refused(walk->req, username, &check);
    if (check.result == LK_LOGIN_DISABLED)
        return lk_form_refuse(walk, "login", NULL, "accountDisabledMessage", ret_outcome, err);
    if (check.result != LK_LOGIN_OK)
        return lk_form_refuse(walk, "login", walk->user != NULL || walk->login->attempted != NULL ? "password" : "username",
                              "invalidUserMessage", ret_outcome, err);
    lk_walk_set_user(walk, check.user);
    *ret_outcome = LK_FLOW_DONE;
    return LK_OK;
}

/* --- one after the other --- */

/* Whoever is known has said so already. */
lk_status_t lk_form_username_show(lk_walk_t *walk, lk_flow_outcome_t *ret_outcome, lk_error_t *err)
{
    *ret_outcome = LK_FLOW_DONE;
    return walk->user != NULL ? LK_OK : lk_form_show(walk, "login-username", lk_form_model(walk), ret_outcome, err);
}

lk_status_t lk_form_username_submit(lk_walk_t *walk, lk_flow_outcome_t *ret_outcome, lk_error_t *err)
{
    const char *username = lk_pairs_get(&walk->req->form, "username");
    const lk_user_t *user = NULL;
    lk_status_t status = LK_OK;
    if (lk_passkey_is_posted(walk))
        return lk_form_take_passkey(walk, "login-username", ret_outcome, err);
    lk_form_take_remember_me(walk);
    if (username != NULL && *username != '\0' && strlen(username) <= LK_MAX_USERNAME)
        status = lk_user_by_login(walk->req->app->sql, walk->req->arena, walk->realm, username, &user, err);
    if (status != LK_OK)
        return status;
    if (user == NULL || user->service_account_client_id != NULL || !user->enabled)
        lk_login_event_refused(
            walk->req, username,
            &(lk_login_check_t){.result = user != NULL && !user->enabled ? LK_LOGIN_DISABLED : LK_LOGIN_UNKNOWN_USER,
                                .user = user});
    if (user == NULL || user->service_account_client_id != NULL)
        return lk_form_refuse(walk, "login-username", "username", "invalidUsernameOrEmailMessage", ret_outcome, err);
    if (!user->enabled)
        return lk_form_refuse(walk, "login-username", NULL, "accountDisabledMessage", ret_outcome, err);
    lk_walk_set_user(walk, user);
    *ret_outcome = LK_FLOW_DONE;
    return LK_OK;
}

lk_status_t lk_form_password_show(lk_walk_t *walk, lk_flow_outcome_t *ret_outcome, lk_error_t *err)
{
    *ret_outcome = LK_FLOW_DONE;
    return walk->login->by_passkey ? LK_OK : lk_form_show(walk, "login-password", lk_form_model(walk), ret_outcome, err);
}

lk_status_t lk_form_password_submit(lk_walk_t *walk, lk_flow_outcome_t *ret_outcome, lk_error_t *err)
{
    lk_login_check_t check;
    if (lk_passkey_is_posted(walk))
        return lk_form_take_passkey(walk, "login-password", ret_outcome, err);
    lk_status_t status = check_password(walk, walk->user->username, &check, err);
    if (status != LK_OK)
        return status;
    if (check.result != LK_LOGIN_OK)
        lk_login_event_refused(walk->req, walk->user->username, &check);
    if (check.result == LK_LOGIN_DISABLED)
        return lk_form_refuse(walk, "login-password", NULL, "accountDisabledMessage", ret_outcome, err);
    if (check.result != LK_LOGIN_OK || strcmp(check.user->id, walk->user->id) != 0)
        return lk_form_refuse(walk, "login-password", "password", "invalidPasswordMessage", ret_outcome, err);
    lk_walk_set_user(walk, check.user); /* as it is now: an expired password has put an action on its list */
    *ret_outcome = LK_FLOW_DONE;
    return LK_OK;
}

/* --- one-time passwords --- */

static lk_status_t show_otp(lk_walk_t *walk, const char *refusal, lk_flow_outcome_t *ret_outcome, lk_error_t *err)
{
    json_t *model = lk_walk_model(walk), *credentials = NULL;
    const char *chosen = lk_pairs_get(&walk->req->form, "selectedCredentialId");
    lk_status_t status = lk_otp_list(walk->req, walk->realm, walk->user->id, chosen, &credentials, err);
    if (status != LK_OK) {
        json_decref(model);
        return status;
    }
    json_object_set_new(
        model, "otpLogin",
        json_pack("{s:b, s:o}", "severalCredentials", json_array_size(credentials) > 1, "userOtpCredentials", credentials));
    if (refusal != NULL) {
        lk_event_user(walk->req, walk->user->id);
        lk_event_error(walk->req, "invalid_user_credentials");
        lk_page_field_message(model, "otp", refusal, NULL);
    }
    return lk_walk_show(walk, "login-otp", model, ret_outcome, err);
}

lk_status_t lk_form_otp_show(lk_walk_t *walk, lk_flow_outcome_t *ret_outcome, lk_error_t *err)
{
    return show_otp(walk, NULL, ret_outcome, err);
}

lk_status_t lk_form_otp_submit(lk_walk_t *walk, lk_flow_outcome_t *ret_outcome, lk_error_t *err)
{
    const char *code = lk_pairs_get(&walk->req->form, "otp");
    int good = 0;
    lk_status_t status = code != NULL ? lk_otp_check(walk->req, walk->realm, walk->user->id, code, &good, err) : LK_OK;
    if (status != LK_OK)
        return status;
    if (!good)
        return show_otp(walk, "invalidTotpMessage", ret_outcome, err);
    *ret_outcome = LK_FLOW_DONE;
    return LK_OK;
}
