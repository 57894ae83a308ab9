/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "broker/first_login.h"
#include "core/json.h"
#include "login/finish.h"
#include "login/otp.h"
#include "login/page.h"

/* First logins: is this somebody new, or a user who is here already and has to prove it? */

/* --- who is here already --- */

/* By e-mail address first, then by name. */
static lk_status_t find_existing(const lk_first_login_t *first, const lk_user_t **ret_user, const char **ret_by, lk_error_t *err)
{
    const lk_broker_step_t *step = &first->step;
    const lk_request_t *req = step->req;
    const char *email = step->brokered->email, *name = lk_broker_username(step);
    lk_status_t status = LK_OK;
    *ret_user = NULL;
    *ret_by = "email";
    if (email != NULL && *email != '\0' && !step->realm->duplicate_emails_allowed)
        status = lk_user_by_email(req->app->sql, req->arena, step->realm, email, ret_user, err);
    if (status != LK_OK || *ret_user != NULL || name == NULL)
        return status;
    *ret_by = "username";
    return lk_user_by_username(req->app->sql, req->arena, step->realm, name, ret_user, err);
}

/* Notes who it is; what was confirmed of somebody else counts no more. */
static void note_existing(const lk_first_login_t *first, const lk_user_t *user, const char *by)
{
    lk_brokered_t *brokered = first->step.brokered;
    if (brokered->existing_user == NULL || strcmp(brokered->existing_user, user->id) != 0)
        brokered->confirmed = brokered->proved = brokered->otp_proved = 0;
    brokered->existing_user = user->id;
    brokered->existing_by = by;
    brokered->existing_value = strcmp(by, "email") == 0 ? user->email : user->username;
}

static lk_status_t load_existing(const lk_first_login_t *first, const lk_user_t **ret_user, lk_error_t *err)
{
    const lk_broker_step_t *step = &first->step;
    *ret_user = NULL;
    if (step->brokered->existing_user == NULL)
        return LK_OK;
    return lk_user_by_id(step->req->app->sql, step->req->arena, step->realm, step->brokered->existing_user, ret_user, err);
}

lk_status_t lk_unique_run(const lk_first_login_t *first, const json_t *config, lk_outcome_t *ret_outcome, lk_error_t *err)
{
    lk_brokered_t *brokered = first->step.brokered;
    const lk_user_t *user;
    const char *by;
    lk_status_t status = find_existing(first, &user, &by, err);
    if (status != LK_OK)
        return status;
    *ret_outcome = LK_STEP_ATTEMPTED;
    if (user != NULL) {
        note_existing(first, user, by);
        return LK_OK;
    }
    brokered->existing_user = NULL;
    if (lk_broker_username(&first->step) == NULL) /* nothing to call them by */
        return LK_OK;
    brokered->must_set_password = lk_json_config_bool(config, "require.password.update.after.registration", 0);
    *ret_outcome = LK_STEP_DONE;
    return LK_OK;
}

/* For flows that link and never create. */
lk_status_t lk_detect_run(const lk_first_login_t *first, const json_t *config, lk_outcome_t *ret_outcome, lk_error_t *err)
{
    const lk_user_t *user;
    const char *by;
    (void)config;
    lk_status_t status = find_existing(first, &user, &by, err);
    if (status != LK_OK)
        return status;
    if (user == NULL) {
        *ret_outcome = LK_STEP_ANSWERED;
        return lk_broker_refuse(first->step.req, first->step.realm, first->step.brokered->alias, 401,
                                "federatedIdentityUnavailableMessage", NULL, first->reply);
    }
    note_existing(first, user, by);
    *ret_outcome = LK_STEP_DONE;
    return LK_OK;
}

/* Without asking: only where somebody vouches for the address that was found. */
lk_status_t lk_auto_link_run(const lk_first_login_t *first, const json_t *config, lk_outcome_t *ret_outcome, lk_error_t *err)
{
    lk_brokered_t *brokered = first->step.brokered;
    lk_error_t reason = {0};
    (void)config;
    (void)err;
    *ret_outcome = LK_STEP_ATTEMPTED;
    if (brokered->existing_user == NULL)
        return LK_OK;
    if (brokered->email_unverified || brokered->email_unproved || brokered->email_changed) {
        lk_error_detail(&reason, "the provider does not vouch for the e-mail address, so nobody is linked by it");
        lk_broker_note(first->step.req, first->step.realm, brokered->alias, "automatic linking", &reason);
        return LK_OK;
    }
    brokered->linked_user = brokered->existing_user;
    *ret_outcome = LK_STEP_DONE;
    return LK_OK;
}

/* --- "Account already exists" --- */

lk_status_t lk_confirm_run(const lk_first_login_t *first, const json_t *config, lk_outcome_t *ret_outcome, lk_error_t *err)
{
    const lk_broker_step_t *step = &first->step;
    const lk_brokered_t *brokered = step->brokered;
    (void)config;
    (void)err;
    *ret_outcome = brokered->existing_user == NULL ? LK_STEP_ATTEMPTED : LK_STEP_DONE;
    if (brokered->existing_user == NULL || brokered->confirmed)
        return LK_OK;
    json_t *model = lk_page_model(step->req, step->realm, step->client, step->login);
    lk_page_message_two(model, "error", "federatedIdentityConfirmLinkMessage", brokered->existing_by, brokered->existing_value);
    lk_first_login_page(first, "idp-confirm-link", "login-idp-link-confirm", model);
    *ret_outcome = LK_STEP_ANSWERED;
    return LK_OK;
}

lk_status_t lk_confirm_submit(const lk_first_login_t *first, lk_outcome_t *ret_outcome, lk_error_t *err)
{
    const char *choice = lk_pairs_get(&first->step.req->form, "submitAction");
    (void)err;
    *ret_outcome = LK_STEP_DONE;
    if (choice != NULL && strcmp(choice, "linkAccount") == 0)
        first->step.brokered->confirmed = 1;
    if (choice == NULL || strcmp(choice, "updateProfile") != 0)
        return LK_OK;
    first->step.brokered->reviewed = 0;
    *ret_outcome = LK_STEP_ANSWERED;
    lk_review_show(first);
    return LK_OK;
}

/* --- proving it by the password --- */

static void show_password(const lk_first_login_t *first, const lk_user_t *user, const char *refusal)
{
    const lk_broker_step_t *step = &first->step;
    json_t *model = lk_page_model(step->req, step->realm, step->client, step->login);
    if (refusal != NULL)
        lk_page_field_message(model, "username", refusal, NULL);
    else
        lk_page_message(model, "info", "federatedIdentityConfirmReauthenticateMessage",
                        lk_broker_display_name(step->upstream->provider));
    json_object_set_new(model, "login", json_pack("{s:s, s:b}", "username", user->username, "rememberMe", 0));
    json_object_set_new(model, "registrationDisabled", json_true());
    lk_first_login_page(first, "idp-username-password-form", "login", model);
}

lk_status_t lk_password_run(const lk_first_login_t *first, const json_t *config, lk_outcome_t *ret_outcome, lk_error_t *err)
{
    lk_brokered_t *brokered = first->step.brokered;
    const lk_user_t *user;
    (void)config;
    lk_status_t status = load_existing(first, &user, err);
    *ret_outcome = LK_STEP_ATTEMPTED;
    if (status != LK_OK || user == NULL)
        return status;
    *ret_outcome = brokered->proved ? LK_STEP_DONE : LK_STEP_ANSWERED;
    if (brokered->proved)
        brokered->linked_user = brokered->existing_user;
    else
        show_password(first, user, NULL);
    return LK_OK;
}

lk_status_t lk_password_submit(const lk_first_login_t *first, lk_outcome_t *ret_outcome, lk_error_t *err)
{
    const lk_broker_step_t *step = &first->step;
    const char *password = lk_pairs_get(&step->req->form, "password");
    const lk_user_t *user, *proved;
    lk_login_result_t result = LK_LOGIN_WRONG_PASSWORD;
    lk_status_t status = load_existing(first, &user, err);
    *ret_outcome = LK_STEP_DONE;
    if (status != LK_OK || user == NULL || !step->brokered->confirmed)
        return status;
    if (password != NULL)
        status = lk_user_authenticate(step->req->app, step->req->arena, step->realm, user->username, password, step->req->client_ip,
                                      &result, &proved, err);
    if (status != LK_OK)
        return status;
    if (result == LK_LOGIN_OK && strcmp(proved->id, user->id) == 0) {
        step->brokered->proved = 1;
        return LK_OK;
    }
    *ret_outcome = LK_STEP_ANSWERED;
    show_password(first, user, result == LK_LOGIN_DISABLED ? "accountDisabledMessage" : "invalidUserMessage");
    return LK_OK;
}

/* --- and by the second factor, for who has one --- */

static void show_otp(const lk_first_login_t *first, int refused)
{
    const lk_broker_step_t *step = &first->step;
    json_t *model = lk_page_model(step->req, step->realm, step->client, step->login);
    if (refused)
        lk_page_field_message(model, "otp", "invalidTotpMessage", NULL);
    lk_first_login_page(first, "auth-otp-form", "login-otp", model);
}

lk_status_t lk_link_otp_run(const lk_first_login_t *first, const json_t *config, lk_outcome_t *ret_outcome, lk_error_t *err)
{
    const lk_broker_step_t *step = &first->step;
    const lk_user_t *user;
    int needed = 0;
    (void)config;
    lk_status_t status = load_existing(first, &user, err);
    if (status == LK_OK && user != NULL)
        status = lk_otp_needed(step->req, step->realm, user, &needed, err);
    *ret_outcome = step->brokered->otp_proved ? LK_STEP_DONE : LK_STEP_ATTEMPTED;
    if (status == LK_OK && needed && !step->brokered->otp_proved) {
        *ret_outcome = LK_STEP_ANSWERED;
        show_otp(first, 0);
    }
    return status;
}

lk_status_t lk_link_otp_submit(const lk_first_login_t *first, lk_outcome_t *ret_outcome, lk_error_t *err)
{
    const lk_broker_step_t *step = &first->step;
    const char *code = lk_pairs_get(&step->req->form, "otp");
    int good = 0;
    lk_status_t status = LK_OK;
    *ret_outcome = LK_STEP_DONE;
    if (!step->brokered->proved || step->brokered->existing_user == NULL)
        return LK_OK;
    if (code != NULL)
        status = lk_otp_check(step->req, step->realm, step->brokered->existing_user, code, &good, err);
    if (status == LK_OK && !good) {
        *ret_outcome = LK_STEP_ANSWERED;
        show_otp(first, 1);
    }
    step->brokered->otp_proved = good;
    return status;
}
