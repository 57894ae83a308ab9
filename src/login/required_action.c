/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "broker/broker.h"
#include "core/json.h"
#include "login/actions.h"
#include "login/page.h"
#include "login/steps.h"
#include "model/password_policy.h"
#include "model/profile.h"
#include "oidc/oidc.h"

#define DELETE_ACCOUNT "delete_account"
#define UPDATE_PASSWORD "UPDATE_PASSWORD"
#define MAX_AUTH_AGE 300

/* The required actions of a login, one row each; a new one is a row and a small file. */
static const lk_required_action_type_t types[] = {
    {.alias = UPDATE_PASSWORD,
     .template_name = "login-update-password",
     .notice = "updatePasswordMessage",
     .submit = lk_update_password_submit,
     .event = LK_EVENT_UPDATE_PASSWORD},
    {.alias = "CONFIGURE_TOTP",
     .template_name = "login-config-totp",
     .notice = "configureTotpMessage",
     .show = lk_configure_totp_show,
     .submit = lk_configure_totp_submit,
     .event = LK_EVENT_UPDATE_TOTP},
    {.alias = "CONFIGURE_RECOVERY_AUTHN_CODES",
     .template_name = "login-recovery-authn-code-config",
     .notice = "configureBackupCodesMessage",
     .load = lk_recovery_codes_load,
     .submit = lk_recovery_codes_submit,
     .event = LK_EVENT_UPDATE_CREDENTIAL},
    {.alias = "webauthn-register",
     .template_name = "webauthn-register",
     .skips_with = "webauthn",
     .load = lk_webauthn_register_load,
     .submit = lk_webauthn_register_submit,
     .event = LK_EVENT_UPDATE_CREDENTIAL},
    {.alias = "webauthn-register-passwordless",
     .template_name = "webauthn-register",
     .skips_with = "webauthn-passwordless",
     .load = lk_passkey_register_load,
     .submit = lk_passkey_register_submit,
     .event = LK_EVENT_UPDATE_CREDENTIAL},
    {.alias = "UPDATE_PROFILE",
     .template_name = "login-update-profile",
     .notice = "updateProfileMessage",
     .show = lk_update_profile_show,
     .submit = lk_update_profile_submit,
     .event = LK_EVENT_UPDATE_PROFILE},
    {.alias = "VERIFY_PROFILE",
     .template_name = "login-update-profile",
     .is_needed = lk_verify_profile_is_needed,
     .show = lk_verify_profile_show,
     .submit = lk_update_profile_submit,
     .event = LK_EVENT_VERIFY_PROFILE},
    {.alias = "VERIFY_EMAIL",
     .template_name = "login-verify-email",
     .notice = "verifyEmailMessage",
     .is_needed = lk_verify_email_is_needed,
     .show = lk_verify_email_show,
     .submit = lk_verify_email_submit,
     .event = LK_EVENT_VERIFY_EMAIL},
    {.alias = LK_UPDATE_EMAIL,
     .template_name = "update-email",
     .notice = "updateEmailMessage",
     .is_needed = lk_update_email_is_needed,
     .show = lk_update_email_show,
     .load = lk_update_email_load,
     .submit = lk_update_email_submit,
     .event = LK_EVENT_UPDATE_EMAIL},
    {.alias = "TERMS_AND_CONDITIONS",
     .template_name = "terms",
     .submit = lk_terms_submit,
     .event = LK_EVENT_CUSTOM_REQUIRED_ACTION,
     .declined = "termsAndConditionsDeclined"},
    {.alias = "idp_link",
     .template_name = "link-idp-action",
     .is_possible = lk_broker_can_link,
     .show = lk_broker_link_show,
     .answer = lk_broker_link_answer},
    {.alias = DELETE_ACCOUNT,
     .template_name = "delete-account-confirm",
     .is_possible = lk_delete_account_is_possible,
     .submit = lk_delete_account_submit,
     .event = LK_EVENT_DELETE_ACCOUNT},
    {.alias = LK_DELETE_CREDENTIAL,
     .template_name = "delete-credential",
     .is_asked_for_only = 1,
     .is_possible = lk_delete_credential_is_possible,
     .load = lk_delete_credential_load,
     .submit = lk_delete_credential_submit,
     .event = LK_EVENT_REMOVE_CREDENTIAL},
};
#define NUM_TYPES (sizeof(types) / sizeof(types[0]))

static const lk_required_action_type_t *action_type(const char *alias)
{
    for (size_t i = 0; alias != NULL && i != NUM_TYPES; ++i)
        if (strcmp(types[i].alias, alias) == 0)
            return &types[i];
    return NULL;
}

const char *lk_login_action_argument(const lk_login_t *login)
{
    const char *colon = login->auth.kc_action != NULL ? strchr(login->auth.kc_action, ':') : NULL;
    return colon != NULL && colon[1] != '\0' ? colon + 1 : NULL;
}

/* The client is told which action it was where that was one. */
void lk_login_end_action(lk_login_t *login, const char *status)
{
    login->auth.kc_action_status = status;
    if (strcmp(status, "error") == 0)
        login->auth.kc_action = NULL;
}

/* Whether the client asks for that, and it has not ended. */
static int is_named(const lk_auth_request_t *auth, const char *alias)
{
    const char *action = auth->kc_action_status == NULL ? auth->kc_action : NULL;
    return action != NULL && strncmp(action, alias, strlen(alias)) == 0 &&
           (action[strlen(alias)] == ':' || action[strlen(alias)] == '\0');
}

static int is_asked_for(const lk_login_t *login, const char *alias)
{
    return is_named(&login->auth, alias);
}

static const lk_required_action_type_t *type_of(const lk_required_action_t *action)
{
    return action->enabled ? action_type(action->provider_id != NULL ? action->provider_id : action->alias) : NULL;
}

static int64_t max_age_of(const lk_realm_t *realm, const lk_required_action_t *action)
{
    int64_t configured = lk_json_config_int(action->config, "max_auth_age", MAX_AUTH_AGE);
    if (strcmp(action->alias, DELETE_ACCOUNT) == 0)
        return 0;
    if (strcmp(action->alias, UPDATE_PASSWORD) == 0) /* the policy goes before */
        return lk_password_policy_number(realm->password_policy, "maxAuthAge", configured);
    return configured;
}

/* How old, in seconds, the login may be for what the client asks for: as the realm has set it, else five minutes; an account is
 * deleted by who has signed in for just that. LK_MAX_AGE_ABSENT where no such action is asked for. */
int64_t lk_login_action_max_age(const lk_realm_t *realm, const lk_auth_request_t *auth)
{
    for (size_t i = 0; auth->kc_action != NULL && i != realm->num_required_actions; ++i)
        if (is_named(auth, realm->required_actions[i].alias) && type_of(&realm->required_actions[i]) != NULL)
            return max_age_of(realm, &realm->required_actions[i]);
    return LK_MAX_AGE_ABSENT;
}

static size_t setup_index(const lk_login_t *login, const char *alias)
{
    size_t i = 0;
    while (i != json_array_size(login->setup) && strcmp(json_string_value(json_array_get(login->setup, i)), alias) != 0)
        ++i;
    return i;
}

/* On the user's list, or on this login's: a factor that the flow requires and that was not set up. */
static int is_owed(const lk_login_t *login, const lk_user_t *user, const lk_required_action_type_t *type, const char *alias)
{
    return !type->is_asked_for_only &&
           (lk_strings_contain(&user->required_actions, alias) || setup_index(login, alias) != json_array_size(login->setup));
}

/* In the realm's order of priority; actions that the realm has disabled, or that nothing here can do, are passed over. */
const lk_required_action_type_t *lk_login_next_action(const lk_request_t *req, const lk_realm_t *realm, lk_login_t *login,
                                                      const lk_user_t *user)
{
    const lk_required_action_type_t *asked = NULL;
    for (size_t i = 0; i != realm->num_required_actions; ++i) {
        const lk_required_action_t *action = &realm->required_actions[i];
        const lk_required_action_type_t *type = type_of(action);
        if (type == NULL)
            continue;
        if (is_owed(login, user, type, action->alias) || (type->is_needed != NULL && type->is_needed(req, realm, user)))
            return type;
        if (is_asked_for(login, action->alias))
            asked = type;
    }
    if (asked == NULL && login->auth.kc_action != NULL && login->auth.kc_action_status == NULL)
        lk_login_end_action(login, "error");
    return asked;
}

/* Whether it is there because the client asks for it, and the user may say no. */
static int is_by_client(const lk_request_t *req, const lk_step_t *step, const lk_required_action_type_t *type)
{
    return is_asked_for(step->login, type->alias) && !is_owed(step->login, step->user, type, type->alias) &&
           (type->is_needed == NULL || !type->is_needed(req, step->realm, step->user));
}

/* Whoever has forgotten the password need not be told why there shall be a new one. */
static const char *notice_of(const lk_login_t *login, const lk_required_action_type_t *type)
{
    int is_reset = (login->link_id != NULL || login->is_reset) && strcmp(type->alias, UPDATE_PASSWORD) == 0;
    return is_reset ? "resetPasswordMessage" : type->notice;
}

static lk_status_t show(const lk_request_t *req, const lk_step_t *step, const lk_required_action_type_t *type, json_t *model,
                        lk_reply_t *reply, lk_error_t *err)
{
    lk_action_context_t context = {req, step->realm, step->client, step->login, step->user, model, NULL};
    lk_status_t status = type->load != NULL ? type->load(&context, err) : LK_OK;
    if (status != LK_OK) {
        json_decref(model);
        return status;
    }
    json_object_set_new(json_object_get(model, "url"), "loginAction",
                        json_string(lk_login_action_url(req, step->realm, step->login, "required-action", type->alias)));
    if (is_by_client(req, step, type))
        json_object_set_new(model, "isAppInitiatedAction", json_true());
    if (type->show != NULL)
        type->show(&context);
    lk_page_show(req, step->realm, 200, type->template_name, model, reply);
    lk_page_headers(step->realm, LK_PAGE_NO_STORE, reply);
    return LK_OK;
}

/* Takes the action off the user's list. */
static lk_status_t fulfil(const lk_request_t *req, const lk_step_t *step, const lk_required_action_type_t *type, lk_error_t *err)
{
    json_t *left = lk_json_own(req->arena, json_array());
    json_array_remove(step->login->setup, setup_index(step->login, type->alias));
    for (size_t i = 0; i != step->user->required_actions.count; ++i)
        if (strcmp(step->user->required_actions.entries[i], type->alias) != 0)
            json_array_append_new(left, json_string(step->user->required_actions.entries[i]));
    return lk_user_set_required_actions(req->app->sql, req->arena, step->realm, step->user->id, left, err);
}

static lk_status_t go_on(const lk_request_t *req, const lk_step_t *step, lk_reply_t *reply, lk_error_t *err)
{
    const lk_user_t *user;
    lk_status_t status = lk_user_by_id(req->app->sql, req->arena, step->realm, step->user->id, &user, err);
    if (status == LK_OK && user == NULL)
        return lk_fail(err, LK_NOT_FOUND, NULL, "The user has been removed meanwhile");
    return status != LK_OK ? status : lk_login_continue(req, step->realm, step->client, step->login, user, reply, err);
}

static lk_status_t end_action(const lk_request_t *req, const lk_step_t *step, const char *how, lk_reply_t *reply, lk_error_t *err)
{
    lk_login_end_action(step->login, how);
    return go_on(req, step, reply, err);
}

/* "Sign out from other devices", a box on the pages of credentials. */
static lk_status_t sign_out_others(const lk_request_t *req, const lk_step_t *step, lk_error_t *err)
{
    const lk_session_t *session;
    const lk_user_t *user;
    if (lk_pairs_get(&req->form, "logout-sessions") == NULL)
        return LK_OK;
    lk_status_t status = lk_login_cookie_session(req, step->realm, &session, &user, err);
    return status == LK_OK
               ? lk_user_logout_others(req, step->realm, step->user->id, session != NULL ? session->id : step->login->sid, err)
               : status;
}

static lk_status_t submit(const lk_request_t *req, const lk_step_t *step, const lk_required_action_type_t *type, lk_reply_t *reply,
                          lk_error_t *err)
{
    json_t *model = lk_page_model(req, step->realm, step->client, step->login);
    lk_action_context_t context = {req, step->realm, step->client, step->login, step->user, model, reply};
    int done = 0, by_client = is_by_client(req, step, type);
    lk_event_type(req, type->event);
    lk_event_detail(req, "custom_required_action", type->alias);
    if (type->declined != NULL && lk_pairs_get(&req->form, "cancel") != NULL) {
        json_decref(model);
        lk_login_clear_restart_cookie(req, step->realm, reply);
        return lk_login_redirect_error(req, step->realm, step->client, &step->login->auth, "access_denied", type->declined, reply,
                                       err);
    }
    lk_status_t status = type->submit(&context, &done, err);
    if (status == LK_OK && !done) {
        lk_event_drop(req); /* what was wrong with it the action has told, where that is worth an event */
        return show(req, step, type, model, reply, err);
    }
    json_decref(model);
    if (status == LK_OK && done == LK_ACTION_ANSWERED)
        return LK_OK;
    if (status == LK_OK)
        status = sign_out_others(req, step, err);
    lk_event_success(req);
    if (status == LK_OK)
        status = fulfil(req, step, type, err);
    if (status == LK_OK && by_client)
        lk_login_end_action(step->login, "success");
    return status == LK_OK ? go_on(req, step, reply, err) : status;
}

static void tell_cancelled(const lk_request_t *req, const lk_required_action_type_t *type)
{
    lk_event_type(req, LK_EVENT_CUSTOM_REQUIRED_ACTION);
    lk_event_detail(req, "custom_required_action", type->alias);
    lk_event_error(req, "rejected_by_user");
    lk_event_follow(req, LK_EVENT_LOGIN);
}

/* What was posted to an action's page. */
static lk_status_t answer(const lk_request_t *req, const lk_step_t *step, const lk_required_action_type_t *type, lk_reply_t *reply,
                          lk_error_t *err)
{
    lk_action_context_t context = {req, step->realm, step->client, step->login, step->user, NULL, NULL};
    if (is_by_client(req, step, type) && lk_pairs_get(&req->form, "cancel-aia") != NULL) {
        tell_cancelled(req, type);
        return end_action(req, step, "cancelled", reply, err);
    }
    return type->answer != NULL ? type->answer(&context, reply, err) : submit(req, step, type, reply, err);
}

/* kc_action=webauthn-register:skip_if_exists, of somebody who has such a key. */
static lk_status_t is_skipped(const lk_request_t *req, const lk_step_t *step, const lk_required_action_type_t *type,
                              int *ret_skipped, lk_error_t *err)
{
    lk_rows_t rows;
    const char *argument = lk_login_action_argument(step->login);
    *ret_skipped = 0;
    if (type->skips_with == NULL || argument == NULL || strcmp(argument, "skip_if_exists") != 0 || !is_by_client(req, step, type))
        return LK_OK;
    lk_status_t status =
        lk_query(req->app->sql, req->arena, LK_Q_CREDENTIALS_OF, &rows, err, step->realm->id, step->user->id, type->skips_with);
    *ret_skipped = status == LK_OK && rows.count != 0;
    return status;
}

lk_status_t lk_login_required_action_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    lk_step_t step;
    int answered, consent = 0, skipped, possible = 1;
    lk_status_t status = lk_step_begin_proved(req, &step, &answered, reply, err);
    if (status != LK_OK || answered)
        return status;
    const lk_required_action_type_t *type = lk_login_next_action(req, step.realm, step.login, step.user);
    if (type == NULL) {
        if (!step.login->consented &&
            (status = lk_consent_needed(req, step.realm, step.client, &step.login->auth, step.user, &consent, err)) != LK_OK)
            return status;
        return consent ? lk_consent_show(req, &step, reply, err)
                       : lk_login_continue(req, step.realm, step.client, step.login, step.user, reply, err);
    }
    const char *execution = lk_pairs_get(&req->query, "execution");
    lk_action_context_t context = {req, step.realm, step.client, step.login, step.user, NULL, reply};
    if (type->is_possible != NULL && (status = type->is_possible(&context, &possible, err)) != LK_OK)
        return status;
    if (possible == LK_ACTION_ANSWERED)
        return LK_OK;
    if (!possible)
        return end_action(req, &step, "error", reply, err);
    if ((status = is_skipped(req, &step, type, &skipped, err)) != LK_OK)
        return status;
    if (skipped) {
        lk_login_end_action(step.login, "success");
        step.login->auth.kc_action = NULL; /* nothing was done: only how it ended is told */
        return go_on(req, &step, reply, err);
    }
    if (strcmp(req->method, "POST") == 0 && execution != NULL && strcmp(execution, type->alias) == 0)
        return answer(req, &step, type, reply, err);
    json_t *model = lk_page_model(req, step.realm, step.client, step.login);
    if (type->notice != NULL && !is_by_client(req, &step, type))
        lk_page_message(model, "warning", notice_of(step.login, type), NULL);
    return show(req, &step, type, model, reply, err);
}
