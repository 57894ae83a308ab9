/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "broker/first_login.h"
#include "core/json.h"
#include "crypto/crypto.h"
#include "login/finish.h"
#include "login/links.h"
#include "login/page.h"

/* First logins: is this somebody new, or a user who is here already and has to prove it? */

/* --- who is here already --- */

/* By e-mail address first, then by name. */
static lk_status_t find_existing(const lk_broker_step_t *step, const lk_user_t **ret_user, const char **ret_by, lk_error_t *err)
{
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

static void note_existing(lk_brokered_t *brokered, const lk_user_t *user, const char *by)
{
    brokered->existing_user = user->id;
    brokered->existing_by = by;
    brokered->existing_value = strcmp(by, "email") == 0 ? user->email : user->username;
}

static lk_status_t load_existing(const lk_broker_step_t *step, const lk_user_t **ret_user, lk_error_t *err)
{
    *ret_user = NULL;
    if (step->brokered->existing_user == NULL)
        return LK_OK;
    return lk_user_by_id(step->req->app->sql, step->req->arena, step->realm, step->brokered->existing_user, ret_user, err);
}

/* The account is theirs: what follows in the flow is about them. */
static void take_existing(lk_walk_t *walk, const lk_user_t *user)
{
    walk->brokering->brokered->linked_user = user->id;
    walk->user = user;
    walk->credentials = NULL;
}

/* The user is made when the flow has come to its end; what follows in the flow is about who it will be. */
lk_status_t lk_idp_unique(lk_walk_t *walk, lk_flow_outcome_t *ret_outcome, lk_error_t *err)
{
    const lk_broker_step_t *step = walk->brokering;
    lk_brokered_t *brokered = step->brokered;
    const lk_user_t *user;
    const char *by;
    lk_status_t status = find_existing(step, &user, &by, err);
    if (status != LK_OK)
        return status;
    *ret_outcome = LK_FLOW_ATTEMPTED;
    brokered->existing_user = NULL;
    if (user != NULL)
        note_existing(brokered, user, by);
    if (user != NULL || lk_broker_username(step) == NULL) /* nothing to call them by */
        return LK_OK;
    brokered->must_set_password = lk_json_config_bool(walk->config, "require.password.update.after.registration", 0);
    brokered->new_user = lk_random_uuid(step->req->arena);
    walk->user = lk_broker_user_to_be(step);
    walk->credentials = NULL;
    *ret_outcome = LK_FLOW_DONE;
    return LK_OK;
}

static void refuse_unknown(const lk_broker_step_t *step, lk_reply_t *reply)
{
    const lk_brokered_t *brokered = step->brokered;
    const char *key = "federatedIdentityUnavailableMessage";
    json_t *model = lk_page_model(step->req, step->realm, step->client, NULL);
    lk_error_t reason = {0};
    lk_error_detail(&reason, "%s is no user here, and the flow makes none", brokered->username);
    lk_broker_note(step->req, step->realm, brokered->alias, "first login", &reason);
    lk_event_error(step->req, "user_not_found");
    lk_page_message_two(model, "error", key, brokered->username, brokered->alias);
    lk_page_show(step->req, step->realm, 401, "error", model, reply);
}

/* For flows that link and never create. */
lk_status_t lk_idp_detect(lk_walk_t *walk, lk_flow_outcome_t *ret_outcome, lk_error_t *err)
{
    const lk_broker_step_t *step = walk->brokering;
    const lk_user_t *user;
    const char *by;
    lk_status_t status = find_existing(step, &user, &by, err);
    if (status != LK_OK)
        return status;
    *ret_outcome = user != NULL ? LK_FLOW_DONE : LK_FLOW_ANSWERED;
    if (user != NULL)
        note_existing(step->brokered, user, by);
    else
        refuse_unknown(step, walk->reply);
    return LK_OK;
}

/* Without asking: only where somebody vouches for the address that was found. */
lk_status_t lk_idp_auto_link(lk_walk_t *walk, lk_flow_outcome_t *ret_outcome, lk_error_t *err)
{
    const lk_broker_step_t *step = walk->brokering;
    const lk_brokered_t *brokered = step->brokered;
    const lk_user_t *user;
    lk_error_t reason = {0};
    lk_status_t status = load_existing(step, &user, err);
    *ret_outcome = LK_FLOW_ATTEMPTED;
    if (status != LK_OK || user == NULL)
        return status;
    if (brokered->email_unverified || brokered->email_unproved || brokered->email_changed) {
        lk_error_detail(&reason, "the provider does not vouch for the e-mail address, so nobody is linked by it");
        lk_broker_note(step->req, step->realm, brokered->alias, "automatic linking", &reason);
        return LK_OK;
    }
    take_existing(walk, user);
    *ret_outcome = LK_FLOW_DONE;
    return LK_OK;
}

/* --- "Account already exists" --- */

lk_status_t lk_idp_confirm_show(lk_walk_t *walk, lk_flow_outcome_t *ret_outcome, lk_error_t *err)
{
    const lk_brokered_t *brokered = walk->brokering->brokered;
    *ret_outcome = LK_FLOW_ATTEMPTED;
    if (brokered->existing_user == NULL)
        return LK_OK;
    json_t *model = lk_walk_model(walk);
    lk_page_message_two(model, "error", "federatedIdentityConfirmLinkMessage", brokered->existing_by, brokered->existing_value);
    return lk_walk_show(walk, "login-idp-link-confirm", model, ret_outcome, err);
}

/* Who looks over the profile again begins the flow again. */
lk_status_t lk_idp_confirm_submit(lk_walk_t *walk, lk_flow_outcome_t *ret_outcome, lk_error_t *err)
{
    const char *choice = lk_pairs_get(&walk->req->form, "submitAction");
    (void)err;
    *ret_outcome = choice != NULL && strcmp(choice, "linkAccount") == 0 ? LK_FLOW_DONE : LK_FLOW_ATTEMPTED;
    if (choice != NULL && strcmp(choice, "updateProfile") == 0) {
        walk->brokering->brokered->must_review = 1;
        lk_walk_reset(walk->login);
    }
    return LK_OK;
}

/* --- proving it by the password --- */

static lk_status_t show_password(lk_walk_t *walk, const lk_user_t *user, const char *refusal, lk_flow_outcome_t *ret_outcome,
                                 lk_error_t *err)
{
    json_t *model = lk_walk_model(walk);
    if (refusal != NULL)
        lk_page_field_message(model, "username", refusal, NULL);
    else
        lk_page_message(model, "info", "federatedIdentityConfirmReauthenticateMessage",
                        lk_broker_display_name(walk->brokering->upstream->provider));
    json_object_set_new(model, "login", json_pack("{s:s, s:b}", "username", user->username, "rememberMe", 0));
    json_object_set_new(model, "registrationDisabled", json_true());
    return lk_walk_show(walk, "login", model, ret_outcome, err);
}

lk_status_t lk_idp_password_show(lk_walk_t *walk, lk_flow_outcome_t *ret_outcome, lk_error_t *err)
{
    const lk_user_t *user;
    lk_status_t status = load_existing(walk->brokering, &user, err);
    *ret_outcome = LK_FLOW_ATTEMPTED;
    return status == LK_OK && user != NULL ? show_password(walk, user, NULL, ret_outcome, err) : status;
}

lk_status_t lk_idp_password_submit(lk_walk_t *walk, lk_flow_outcome_t *ret_outcome, lk_error_t *err)
{
    const lk_request_t *req = walk->req;
    const char *password = lk_pairs_get(&req->form, "password");
    const lk_user_t *user;
    lk_login_check_t check = {.result = LK_LOGIN_WRONG_PASSWORD};
    lk_status_t status = load_existing(walk->brokering, &user, err);
    *ret_outcome = LK_FLOW_ATTEMPTED;
    if (status != LK_OK || user == NULL)
        return status;
    if (password != NULL)
        status = lk_user_authenticate(req->app, req->arena, walk->realm, user->username, password, req->client_ip, &check, err);
    if (status != LK_OK)
        return status;
    if (check.result != LK_LOGIN_OK || strcmp(check.user->id, user->id) != 0)
        return show_password(walk, user, check.result == LK_LOGIN_DISABLED ? "accountDisabledMessage" : "invalidUserMessage",
                             ret_outcome, err);
    take_existing(walk, check.user);
    *ret_outcome = LK_FLOW_DONE;
    return LK_OK;
}

/* --- or by a letter --- */

static int is_confirmed(const lk_walk_t *walk)
{
    const lk_login_t *login = walk->login;
    const lk_brokered_t *brokered = walk->brokering->brokered;
    return login->link_alias != NULL && login->link_user != NULL && strcmp(login->link_alias, brokered->alias) == 0 &&
           strcmp(login->link_user, brokered->existing_user) == 0;
}

static lk_status_t show_mailed(lk_walk_t *walk, lk_flow_outcome_t *ret_outcome, lk_error_t *err)
{
    const lk_broker_step_t *step = walk->brokering;
    json_t *model = lk_walk_model(walk);
    const char *name = lk_broker_display_name(step->upstream->provider);
    lk_page_message(model, "info", "linkIdpMessage", name);
    json_object_set_new(model, "idpDisplayName", json_string(name));
    json_object_set_new(model, "brokerContext",
                        json_pack("{s:s}", "username", step->brokered->username != NULL ? step->brokered->username : ""));
    return lk_walk_show(walk, "login-idp-link-email", model, ret_outcome, err);
}

/* "Click here to send it again" has the execution in its address. */
static int asks_again(const lk_walk_t *walk)
{
    const char *execution = lk_pairs_get(&walk->req->query, "execution");
    return execution != NULL && strcmp(execution, lk_json_str(walk->execution, "id", "")) == 0;
}

/* Where the realm has no mail server, or the user no address, it does not apply. */
lk_status_t lk_idp_mail(lk_walk_t *walk, lk_flow_outcome_t *ret_outcome, lk_error_t *err)
{
    const lk_broker_step_t *step = walk->brokering;
    lk_brokered_t *brokered = step->brokered;
    const lk_user_t *user = NULL;
    lk_error_t reason = {0};
    lk_status_t status = load_existing(step, &user, err);
    *ret_outcome = LK_FLOW_ATTEMPTED;
    if (status != LK_OK || user == NULL || *lk_json_str(walk->realm->smtp_server, "host", "") == '\0')
        return status;
    if (is_confirmed(walk)) {
        take_existing(walk, user);
        *ret_outcome = LK_FLOW_DONE;
        return LK_OK;
    }
    if (user->email == NULL)
        return LK_OK;
    if ((!brokered->mailed || asks_again(walk)) &&
        lk_link_send_identity_provider(walk->req, walk->realm, user, walk->login, brokered->alias,
                                       lk_broker_display_name(step->upstream->provider), &reason) != LK_OK) {
        *ret_outcome = LK_FLOW_ANSWERED;
        return lk_broker_refuse(walk->req, walk->realm, brokered->alias, 500, "emailSendErrorMessage", &reason, walk->reply);
    }
    brokered->mailed = 1;
    return show_mailed(walk, ret_outcome, err);
}
