/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "login/finish.h"
#include "login/page.h"
#include "login/steps.h"

/* "Forgot password?": the realm's flow for it is walked by authenticate.c; its steps are in reset_steps.c. */

/* What was done in the browser flow counts for nothing here, nor does the user who signs in again. */
static void enter(lk_login_t *login)
{
    if (login->is_reset && login->user_id == NULL)
        return;
    login->sid = NULL;
    lk_login_forget(login);
    login->is_reset = 1;
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
    enter(login);
    return lk_login_walk(req, realm, client, login, LK_LOGIN_RESUMED, reply, err);
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
    enter(step.login);
    return lk_login_walk_step(req, &step, reply, err);
}
