/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/json.h"
#include "core/time.h"
#include "login/links.h"
#include "login/link_pages.h"
#include "login/page.h"
#include "login/profile.h"
#include "model/profile.h"
#include "model/user_write.h"

/* UPDATE_EMAIL: another address; where addresses are to be verified, it is the user's when the link of a letter to it is opened. */

#define COOLDOWN 30 /* seconds between two letters, where the action's configuration does not say */
#define USED "update-email"

static int must_be_confirmed(const lk_realm_t *realm)
{
    const lk_required_action_t *action = lk_realm_update_email(realm);
    return realm->verify_email || (action != NULL && strcmp(lk_json_config(action->config, "verifyEmail", "false"), "true") == 0);
}

static const char *first_of(const json_t *values, const char *name)
{
    return json_string_value(json_array_get(json_object_get(values, name), 0));
}

static const char *pending_of(lk_arena_t *arena, const lk_user_t *user)
{
    return first_of(lk_profile_values(arena, user), LK_EMAIL_PENDING);
}

static lk_profile_form_t form_of(const lk_action_context_t *context)
{
    return (lk_profile_form_t){
        .req = context->req, .realm = context->realm, .user = context->user, .model = context->model, .only = "email"};
}

/* A letter is on its way, and has not been answered. */
int lk_update_email_is_needed(const lk_request_t *req, const lk_realm_t *realm, const lk_user_t *user)
{
    return must_be_confirmed(realm) && pending_of(req->arena, user) != NULL;
}

/* What is needed is on the user's list from then on, as administrators know it from Keycloak. */
lk_status_t lk_update_email_load(const lk_action_context_t *context, lk_error_t *err)
{
    const lk_request_t *req = context->req;
    const lk_strings_t *owed = &context->user->required_actions;
    if (!lk_update_email_is_needed(req, context->realm, context->user) || lk_strings_contain(owed, LK_UPDATE_EMAIL))
        return LK_OK;
    json_t *actions = lk_json_own(req->arena, json_array());
    for (size_t i = 0; i != owed->count; ++i)
        json_array_append_new(actions, json_string(owed->entries[i]));
    json_array_append_new(actions, json_string(LK_UPDATE_EMAIL));
    return lk_user_set_required_actions(req->app->sql, req->arena, context->realm, context->user->id, actions, err);
}

void lk_update_email_show(const lk_action_context_t *context)
{
    const char *pending = pending_of(context->req->arena, context->user);
    lk_profile_form_t form = form_of(context);
    if (pending != NULL && lk_pairs_get(&context->req->form, "email") == NULL)
        lk_page_message(context->model, "info", "emailVerificationPending", pending);
    lk_profile_show(&form);
}

static void refuse(const lk_action_context_t *context)
{
    lk_event_error(context->req, "email_send_failed");
    lk_login_error_page(context->req, context->realm, context->client, 500, "emailSendErrorMessage", context->reply);
    lk_page_headers(context->realm, LK_PAGE_NO_STORE, context->reply);
}

/* The address waits as an attribute until the link is opened. */
static lk_status_t send(const lk_action_context_t *context, const char *email, lk_error_t *err)
{
    const lk_request_t *req = context->req;
    json_t *values = lk_profile_values(req->arena, context->user);
    lk_link_t link = {.type = LK_LINK_UPDATE_EMAIL,
                      .client_id = context->client->client_id,
                      .new_email = email,
                      .ends_sessions = lk_pairs_get(&req->form, "logout-sessions") != NULL,
                      .expires = lk_now() + lk_link_lifespan(context->realm, LK_LINK_UPDATE_EMAIL),
                      .login = lk_json_own(req->arena, lk_login_pack(context->login)),
                      .is_of_login = 1};
    lk_event_type(req, LK_EVENT_SEND_VERIFY_EMAIL);
    lk_event_detail(req, "email", email);
    if (lk_json_config(context->realm->smtp_server, "host", NULL) == NULL ||
        lk_link_send(req, context->realm, context->user, &link, 0, err) != LK_OK) {
        refuse(context);
        return LK_OK;
    }
    json_object_set_new(values, LK_EMAIL_PENDING, json_pack("[s]", email));
    lk_status_t status = lk_user_store_values(req->app->sql, req->arena, context->realm, context->user->id, values, err);
    if (status != LK_OK)
        return status;
    lk_event_success(req);
    json_t *model = lk_page_model(req, context->realm, context->client, NULL);
    lk_page_message(model, "success", "emailUpdateConfirmationSent", email);
    lk_link_show_info(req, context->realm, model, "emailUpdateConfirmationSentTitle", NULL, context->reply);
    return LK_OK;
}

static lk_status_t store(const lk_action_context_t *context, json_t *values, const char *email, lk_error_t *err)
{
    const lk_request_t *req = context->req;
    lk_event_detail(req, "previous_email", context->user->email);
    lk_event_detail(req, "updated_email", email);
    json_object_del(values, LK_EMAIL_PENDING);
    lk_status_t status = lk_user_store_values(req->app->sql, req->arena, context->realm, context->user->id, values, err);
    return status;
}

lk_status_t lk_update_email_submit(const lk_action_context_t *context, int *ret_done, lk_error_t *err)
{
    lk_profile_form_t form = form_of(context);
    const lk_user_t *user = context->user;
    const lk_required_action_t *action = lk_realm_update_email(context->realm);
    long long pause = lk_json_config_int(action != NULL ? action->config : NULL, "emailResendCooldownSeconds", COOLDOWN);
    int may = 0;
    json_t *values;
    lk_status_t status = lk_profile_submit(&form, &values, err);
    if (status != LK_OK || values == NULL)
        return status;
    const char *email = first_of(values, "email");
    int is_same = user->email != NULL && email != NULL && strcmp(user->email, email) == 0 && user->email_verified;
    if (!must_be_confirmed(context->realm) || email == NULL || is_same) {
        *ret_done = 1;
        return store(context, values, email, err);
    }
    if ((status = lk_mail_cooldown(context, USED, pause, &may, err)) != LK_OK)
        return status;
    if (!may) {
        lk_page_message(context->model, "error", "emailVerifySendCooldown", lk_printf(context->req->arena, "%lld", pause));
        return LK_OK;
    }
    *ret_done = LK_ACTION_ANSWERED;
    return send(context, email, err);
}
