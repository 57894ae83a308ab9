/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/json.h"
#include "core/time.h"
#include "login/finish.h"
#include "login/links.h"
#include "login/page.h"
#include "login/steps.h"
#include "model/event.h"

/* "Forgot password?": asks for the user name, and sends a link. Nobody learns whether there is such a user. */

static lk_status_t show(const lk_request_t *req, const lk_realm_t *realm, const lk_login_t *login, json_t *model, lk_reply_t *reply)
{
    json_object_set_new(
        json_object_get(model, "url"), "loginAction",
        json_string(lk_login_action_url(req, realm, login, "reset-credentials",
                                        lk_login_execution_id(req->arena, realm, "reset-credentials-choose-user"))));
    lk_page_show(req, realm, 200, "login-reset-password", model, reply);
    lk_page_headers(realm, LK_PAGE_NO_STORE, reply);
    return LK_OK;
}

/* A link from outside, without a login: begins one for the client that it names. */
static lk_status_t begin_from_link(const lk_request_t *req, const lk_realm_t *realm, const char *client_id, lk_reply_t *reply,
                                   lk_error_t *err)
{
    const lk_client_t *client;
    int new_root;
    lk_status_t status = lk_realm_client(req->app->realms, realm, client_id, &client, err);
    if (status != LK_OK)
        return status;
    if (client == NULL || !client->enabled) {
        lk_login_error_page(req, realm, NULL, 400, client == NULL ? "clientNotFoundMessage" : "clientDisabledMessage", reply);
        return LK_OK;
    }
    const char *base = client->base_url != NULL && *client->base_url != '\0' ? client->base_url : req->base_url;
    lk_auth_request_t auth = {.client_id = client->client_id,
                              .redirect_uri =
                                  strstr(base, "://") != NULL ? base : lk_printf(req->arena, "%s%s", req->base_url, base),
                              .response_type = "code",
                              .scope = "openid",
                              .max_age = LK_MAX_AGE_ABSENT};
    lk_login_t *login = lk_login_new(req, realm, client, &auth, &new_root);
    lk_login_set_root_cookies(req, realm, login, reply);
    return show(req, realm, login, lk_page_model(req, realm, client, login), reply);
}

static lk_status_t send(const lk_request_t *req, const lk_step_t *step, const char *username, lk_error_t *err)
{
    const lk_user_t *user;
    lk_link_t link = {.type = LK_LINK_RESET_PASSWORD,
                      .client_id = step->client->client_id,
                      .expires = lk_now() + lk_link_lifespan(step->realm, LK_LINK_RESET_PASSWORD),
                      .login = lk_json_own(req->arena, lk_login_pack(step->login)),
                      .is_of_login = 1};
    lk_error_t why = {0};
    lk_status_t status = lk_user_by_login(req->app->sql, req->arena, step->realm, username, &user, err);
    if (status != LK_OK)
        return status;
    lk_event_user(req, user != NULL ? user->id : NULL);
    lk_event_detail(req, "email", user != NULL ? user->email : NULL);
    if (user == NULL)
        lk_event_error(req, "user_not_found");
    else if (!user->enabled)
        lk_event_error(req, "user_disabled");
    else if (user->email == NULL)
        lk_event_error(req, "invalid_email");
    else if (lk_link_send(req, step->realm, user, &link, 0, &why) != LK_OK)
        lk_event_error(req, "email_send_failed");
    else
        lk_event_success(req);
    return LK_OK;
}

static lk_status_t submit(const lk_request_t *req, const lk_step_t *step, lk_reply_t *reply, lk_error_t *err)
{
    const char *username = lk_pairs_get(&req->form, "username");
    json_t *model = lk_page_model(req, step->realm, step->client, step->login);
    lk_event_type(req, LK_EVENT_SEND_RESET_PASSWORD);
    lk_event_detail(req, "username", username);
    if (username == NULL || username[strspn(username, " \t")] == '\0') {
        lk_event_error(req, "username_missing");
        lk_page_field_message(model, "username", "missingUsernameMessage", NULL);
        return show(req, step->realm, step->login, model, reply);
    }
    json_decref(model);
    lk_status_t status = send(req, step, username, err);
    lk_login_forget(step->login);
    return status == LK_OK
               ? lk_login_walk_again(req, step->realm, step->client, step->login, "success", "emailSentMessage", NULL, reply, err)
               : status;
}

lk_status_t lk_login_reset_credentials_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    const char *client_id = lk_pairs_get(&req->query, "client_id");
    const lk_realm_t *realm;
    lk_step_t step;
    int answered;
    lk_status_t status = lk_request_realm(req, &realm, err);
    if (status != LK_OK)
        return status;
    if (!realm->reset_password_allowed) {
        lk_login_error_page(req, realm, NULL, 400, "resetCredentialNotAllowedMessage", reply);
        return LK_OK;
    }
    if (strcmp(req->method, "GET") == 0 && lk_pairs_get(&req->query, "tab_id") == NULL && client_id != NULL)
        return begin_from_link(req, realm, client_id, reply, err);
    if ((status = lk_step_begin(req, &step, &answered, reply, err)) != LK_OK || answered)
        return status;
    if (strcmp(req->method, "POST") == 0)
        return submit(req, &step, reply, err);
    return show(req, step.realm, step.login, lk_page_model(req, step.realm, step.client, step.login), reply);
}
