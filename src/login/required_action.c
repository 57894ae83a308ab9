/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/json.h"
#include "login/actions.h"
#include "login/page.h"
#include "login/steps.h"

/* The required actions of a login, one row each; a new one is a row and a small file. */
static const lk_required_action_type_t types[] = {
    {"UPDATE_PASSWORD", "login-update-password", "updatePasswordMessage", NULL, NULL, lk_update_password_submit,
     LK_EVENT_UPDATE_PASSWORD, NULL},
    {"CONFIGURE_TOTP", "login-config-totp", "configureTotpMessage", NULL, lk_configure_totp_show, lk_configure_totp_submit,
     LK_EVENT_UPDATE_TOTP, NULL},
    {"UPDATE_PROFILE", "login-update-profile", "updateProfileMessage", NULL, lk_update_profile_show, lk_update_profile_submit,
     LK_EVENT_UPDATE_PROFILE, NULL},
    {"VERIFY_PROFILE", "login-update-profile", NULL, lk_verify_profile_is_needed, lk_verify_profile_show, lk_update_profile_submit,
     LK_EVENT_VERIFY_PROFILE, NULL},
    {"TERMS_AND_CONDITIONS", "terms", NULL, NULL, NULL, lk_terms_submit, LK_EVENT_CUSTOM_REQUIRED_ACTION,
     "termsAndConditionsDeclined"},
};
#define NUM_TYPES (sizeof(types) / sizeof(types[0]))

const lk_required_action_type_t *lk_login_action_type(const char *alias)
{
    for (size_t i = 0; alias != NULL && i != NUM_TYPES; ++i)
        if (strcmp(types[i].alias, alias) == 0)
            return &types[i];
    return NULL;
}

/* In the realm's order of priority; actions that the realm has disabled, or that nothing here can do, are passed over. */
const lk_required_action_type_t *lk_login_next_action(const lk_request_t *req, const lk_realm_t *realm, const lk_user_t *user)
{
    for (size_t i = 0; i != realm->num_required_actions; ++i) {
        const lk_required_action_t *action = &realm->required_actions[i];
        const lk_required_action_type_t *type =
            lk_login_action_type(action->provider_id != NULL ? action->provider_id : action->alias);
        if (type == NULL || !action->enabled)
            continue;
        if (lk_strings_contain(&user->required_actions, action->alias) ||
            (type->is_needed != NULL && type->is_needed(req, realm, user)))
            return type;
    }
    return NULL;
}

static lk_status_t show(const lk_request_t *req, const lk_step_t *step, const lk_required_action_type_t *type, json_t *model,
                        lk_reply_t *reply)
{
    lk_action_context_t context = {req, step->realm, step->client, step->login, step->user, model};
    json_object_set_new(json_object_get(model, "url"), "loginAction",
                        json_string(lk_login_action_url(req, step->realm, step->login, "required-action", type->alias)));
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
    for (size_t i = 0; i != step->user->required_actions.count; ++i)
        if (strcmp(step->user->required_actions.entries[i], type->alias) != 0)
            json_array_append_new(left, json_string(step->user->required_actions.entries[i]));
    return lk_user_set_required_actions(req->app->sql, req->arena, step->realm, step->user->id, left, err);
}

static lk_status_t submit(const lk_request_t *req, const lk_step_t *step, const lk_required_action_type_t *type, lk_reply_t *reply,
                          lk_error_t *err)
{
    json_t *model = lk_page_model(req, step->realm, step->client, step->login);
    lk_action_context_t context = {req, step->realm, step->client, step->login, step->user, model};
    const lk_user_t *user;
    int done = 0;
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
        return show(req, step, type, model, reply);
    }
    json_decref(model);
    lk_event_success(req);
    if (status == LK_OK)
        status = fulfil(req, step, type, err);
    if (status == LK_OK)
        status = lk_user_by_id(req->app->sql, req->arena, step->realm, step->user->id, &user, err);
    if (status == LK_OK && user == NULL)
        return lk_fail(err, LK_NOT_FOUND, NULL, "The user has been removed meanwhile");
    return status != LK_OK ? status : lk_login_continue(req, step->realm, step->client, step->login, user, reply, err);
}

lk_status_t lk_login_required_action_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    lk_step_t step;
    int answered, consent = 0;
    lk_status_t status = lk_step_begin_proved(req, &step, &answered, reply, err);
    if (status != LK_OK || answered)
        return status;
    const lk_required_action_type_t *type = lk_login_next_action(req, step.realm, step.user);
    if (type == NULL) {
        if (!step.login->consented &&
            (status = lk_consent_needed(req, step.realm, step.client, &step.login->auth, step.user, &consent, err)) != LK_OK)
            return status;
        return consent ? lk_consent_show(req, &step, reply, err)
                       : lk_login_continue(req, step.realm, step.client, step.login, step.user, reply, err);
    }
    const char *execution = lk_pairs_get(&req->query, "execution");
    if (strcmp(req->method, "POST") == 0 && execution != NULL && strcmp(execution, type->alias) == 0)
        return submit(req, &step, type, reply, err);
    json_t *model = lk_page_model(req, step.realm, step.client, step.login);
    if (type->notice != NULL)
        lk_page_message(model, "warning", type->notice, NULL);
    return show(req, &step, type, model, reply);
}
