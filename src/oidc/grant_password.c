/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/json.h"
#include "core/time.h"
#include "crypto/crypto.h"
#include "login/events.h"
#include "login/otp.h"
#include "oidc/grant.h"

/* RFC 6749 section 4.3: a user's name and password by the client's hand. */

static const char *const refusals[] = {[LK_LOGIN_UNKNOWN_USER] = "Invalid user credentials",
                                       [LK_LOGIN_WRONG_PASSWORD] = "Invalid user credentials",
                                       [LK_LOGIN_DISABLED] = "Account disabled",
                                       [LK_LOGIN_LOCKED] = "Invalid user credentials"};

/* Whoever has set up one-time passwords gives one here too, as "totp" or "otp". */
static lk_status_t check_second_factor(const lk_request_t *req, const lk_realm_t *realm, const lk_user_t *user, lk_error_t *err)
{
    const char *code = lk_pairs_get(&req->form, "totp");
    int needed, good = 0;
    lk_status_t status = lk_otp_needed(req, realm, user, &needed, err);
    if (status != LK_OK || !needed)
        return status;
    if (code == NULL)
        code = lk_pairs_get(&req->form, "otp");
    if (code != NULL && (status = lk_otp_check(req, realm, user->id, code, &good, err)) != LK_OK)
        return status;
    return good ? LK_OK : lk_fail(err, LK_INVALID, "invalid_grant", "Invalid user credentials");
}

static lk_status_t authenticate(const lk_request_t *req, const lk_realm_t *realm, const lk_user_t **ret_user, lk_error_t *err)
{
    const char *username = lk_pairs_get(&req->form, "username"), *password = lk_pairs_get(&req->form, "password");
    lk_login_result_t result;
    lk_event_detail(req, "auth_method", "openid-connect");
    lk_event_detail(req, "username", username);
    if (username == NULL)
        return lk_fail_http(err, LK_DENIED, 401, "invalid_request", "Missing parameter: username");
    if (password == NULL)
        return lk_fail(err, LK_INVALID, "invalid_grant", "Invalid user credentials");
    lk_status_t status =
        lk_user_authenticate(req->app, req->arena, realm, username, password, req->client_ip, &result, ret_user, err);
    if (status != LK_OK)
        return status;
    if (result != LK_LOGIN_OK) {
        lk_login_event_refused(req, result, username, *ret_user);
        return lk_fail(err, LK_INVALID, "invalid_grant", "%s", refusals[result]);
    }
    if ((*ret_user)->required_actions.count != 0)
        return lk_fail(err, LK_INVALID, "invalid_grant", "Account is not fully set up");
    return check_second_factor(req, realm, *ret_user, err);
}

lk_status_t lk_grant_password(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client, lk_reply_t *reply,
                              lk_error_t *err)
{
    lk_token_context_t context = {.req = req, .realm = realm, .client = client, .grant = LK_GRANT_PASSWORD, .acr = "1"};
    const char *scope = lk_pairs_get(&req->form, "scope");
    if (!client->direct_access_grants_enabled)
        return lk_fail(err, LK_INVALID, "unauthorized_client", "Client not allowed for direct access grants");
    if (client->consent_required)
        return lk_fail_http(err, LK_DENIED, 400, "invalid_client", "Client requires user consent");
    lk_status_t status = lk_scopes_resolve(req->arena, realm, client, scope, &context.scopes, err);
    if (status == LK_OK)
        status = authenticate(req, realm, &context.user, err);
    if (status != LK_OK)
        return status;
    context.now = lk_now();
    lk_token_prepare(&context);
    lk_session_t session = {.id = lk_random_token(req->arena, 18),
                            .offline = context.scopes.offline,
                            .user_id = context.user->id,
                            .started = context.now,
                            .last_access = context.now,
                            .ip_address = req->client_ip,
                            .auth_method = "openid-connect",
                            .notes = lk_json_own(req->arena, json_object())};
    lk_client_session_t client_session = {.client_id = client->id,
                                          .started = context.now,
                                          .last_refresh = context.now,
                                          .scope = scope,
                                          .notes = lk_json_own(req->arena, json_pack("{s:s}", "acr", "1"))};
    if ((status = lk_session_create(req->app->sql, req->arena, realm, &session, &client_session, err)) != LK_OK)
        return status;
    context.session = &session;
    context.client_session = &client_session;
    return lk_token_response(&context, 1, reply, err);
}
