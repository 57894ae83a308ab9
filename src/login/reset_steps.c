/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/json.h"
#include "core/time.h"
#include "login/authenticators.h"
#include "login/finish.h"
#include "login/links.h"
#include "login/otp.h"
#include "login/page.h"
#include "model/event.h"

/* The steps of the flow for forgotten passwords: who it is, the mail, and what is set up at its end. Nobody learns whether there is
 * such a user: one who is not there goes on, and gets no mail. */

/* 1 where a link out of a mail has proved whom it is about. */
static int is_proved(const lk_walk_t *walk)
{
    const lk_login_t *login = walk->login;
    return walk->user != NULL && login->link_alias == NULL && login->link_user != NULL &&
           strcmp(login->link_user, walk->user->id) == 0;
}

/* --- reset-credentials-choose-user --- */

static lk_status_t ask_user(lk_walk_t *walk, const char *refusal, lk_flow_outcome_t *ret_outcome, lk_error_t *err)
{
    json_t *model = lk_walk_model(walk);
    if (refusal != NULL)
        lk_page_field_message(model, "username", refusal, NULL);
    return lk_walk_show(walk, "login-reset-password", model, ret_outcome, err);
}

lk_status_t lk_reset_user_show(lk_walk_t *walk, lk_flow_outcome_t *ret_outcome, lk_error_t *err)
{
    *ret_outcome = LK_FLOW_DONE;
    return is_proved(walk) ? LK_OK : ask_user(walk, NULL, ret_outcome, err);
}

lk_status_t lk_reset_user_submit(lk_walk_t *walk, lk_flow_outcome_t *ret_outcome, lk_error_t *err)
{
    const lk_request_t *req = walk->req;
    const char *username = lk_pairs_get(&req->form, "username");
    const lk_user_t *user;
    lk_event_type(req, LK_EVENT_SEND_RESET_PASSWORD);
    lk_event_detail(req, "username", username);
    if (username == NULL || username[strspn(username, " \t")] == '\0') {
        lk_event_error(req, "username_missing");
        return ask_user(walk, "missingUsernameMessage", ret_outcome, err);
    }
    lk_status_t status = lk_user_by_login(req->app->sql, req->arena, walk->realm, username, &user, err);
    if (status != LK_OK)
        return status;
    lk_walk_reset(walk->login); /* nothing that somebody else has done counts for this one */
    walk->user = NULL;
    walk->login->expected_user = NULL;
    lk_event_user(req, user != NULL ? user->id : NULL);
    if (user != NULL && user->enabled) {
        lk_walk_set_user(walk, user);
        lk_event_type(req, LK_EVENT_LOGIN);
    } else {
        lk_event_detail(req, "email", user != NULL ? user->email : NULL);
        lk_event_error(req, user == NULL ? "user_not_found" : "user_disabled");
    }
    *ret_outcome = LK_FLOW_DONE;
    return LK_OK;
}

/* --- reset-credential-email --- */

static void send(lk_walk_t *walk)
{
    const lk_request_t *req = walk->req;
    lk_link_t link = {.type = LK_LINK_RESET_PASSWORD,
                      .client_id = walk->client->client_id,
                      .expires = lk_now() + lk_link_lifespan(walk->realm, LK_LINK_RESET_PASSWORD),
                      .login = lk_json_own(req->arena, lk_login_pack(walk->login)),
                      .is_of_login = 1};
    lk_error_t why = {0};
    lk_event_type(req, LK_EVENT_SEND_RESET_PASSWORD);
    lk_event_user(req, walk->user->id);
    lk_event_detail(req, "email", walk->user->email);
    if (walk->user->email == NULL)
        lk_event_error(req, "invalid_email");
    else if (lk_link_send(req, walk->realm, walk->user, &link, 0, &why) != LK_OK)
        lk_event_error(req, "email_send_failed");
    else
        lk_event_success(req);
}

/* The walk goes on when the link is opened. Here the browser is back at the beginning. */
lk_status_t lk_reset_mail(lk_walk_t *walk, lk_flow_outcome_t *ret_outcome, lk_error_t *err)
{
    lk_login_t *login = walk->login;
    if (is_proved(walk)) {
        if (strcmp(lk_json_config(walk->config, "force-login", ""), "true") == 0)
            login->by_link = login->consented = 1;
        *ret_outcome = LK_FLOW_DONE;
        return LK_OK;
    }
    if (walk->user != NULL)
        send(walk);
    lk_login_forget(login);
    login->is_reset = 0;
    *ret_outcome = LK_FLOW_ANSWERED;
    return lk_login_walk_again(walk->req, walk->realm, walk->client, login, "success", "emailSentMessage", NULL, walk->reply, err);
}

/* --- reset-password --- */

lk_status_t lk_reset_password(lk_walk_t *walk, lk_flow_outcome_t *ret_outcome, lk_error_t *err)
{
    (void)err;
    if (lk_execution_requires(walk->execution, "REQUIRED"))
        lk_walk_set_up(walk, "UPDATE_PASSWORD");
    *ret_outcome = LK_FLOW_DONE;
    return LK_OK;
}

/* --- reset-otp --- */

/* Removes the device with that id, or all of them; a new one is set up at the login's end. *ret_removed: how many. */
static lk_status_t remove_devices(lk_walk_t *walk, const char *id, size_t *ret_removed, lk_error_t *err)
{
    json_t *devices = NULL, *device;
    size_t i;
    lk_rows_t rows;
    *ret_removed = 0;
    lk_status_t status = lk_otp_list(walk->req, walk->realm, walk->user->id, NULL, &devices, err);
    lk_json_own(walk->req->arena, devices);
    json_array_foreach(devices, i, device)
    {
        const char *found = lk_json_str(device, "id", "");
        if (status != LK_OK || (id != NULL && strcmp(found, id) != 0))
            continue;
        status = lk_query(walk->req->app->sql, walk->req->arena, LK_Q_CREDENTIAL_DELETE, &rows, err, walk->realm->id,
                          walk->user->id, found);
        ++*ret_removed;
    }
    walk->credentials = NULL;
    return status;
}

static lk_status_t ask_device(lk_walk_t *walk, lk_flow_outcome_t *ret_outcome, lk_error_t *err)
{
    json_t *devices;
    lk_status_t status =
        lk_otp_list(walk->req, walk->realm, walk->user->id, lk_pairs_get(&walk->req->form, "selectedCredentialId"), &devices, err);
    if (status != LK_OK)
        return status;
    json_t *model = lk_walk_model(walk);
    json_object_set_new(model, "configuredOtpCredentials", json_pack("{s:o}", "userOtpCredentials", devices));
    return lk_walk_show(walk, "login-reset-otp", model, ret_outcome, err);
}

lk_status_t lk_reset_otp_show(lk_walk_t *walk, lk_flow_outcome_t *ret_outcome, lk_error_t *err)
{
    const char *what = lk_json_config(walk->config, "action_on_otp_reset_flag", "");
    size_t removed;
    lk_status_t status = LK_OK;
    if (strcmp(what, "Remove one") == 0)
        return ask_device(walk, ret_outcome, err);
    if (strcmp(what, "Remove all") == 0)
        status = remove_devices(walk, NULL, &removed, err);
    lk_walk_set_up(walk, "CONFIGURE_TOTP");
    *ret_outcome = LK_FLOW_DONE;
    return status;
}

lk_status_t lk_reset_otp_submit(lk_walk_t *walk, lk_flow_outcome_t *ret_outcome, lk_error_t *err)
{
    const char *chosen = lk_pairs_get(&walk->req->form, "selectedCredentialId");
    size_t removed = 0;
    lk_status_t status = chosen != NULL ? remove_devices(walk, chosen, &removed, err) : LK_OK;
    if (status != LK_OK)
        return status;
    if (removed == 0) /* nothing chosen, or nothing of the user's */
        return ask_device(walk, ret_outcome, err);
    lk_walk_set_up(walk, "CONFIGURE_TOTP");
    *ret_outcome = LK_FLOW_DONE;
    return LK_OK;
}
