/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "login/direct_grant.h"

#include <string.h>
#include "core/json.h"
#include "login/authenticators.h"
#include "login/events.h"
#include "login/otp.h"
#include "token/acr.h"

/* The realm's "direct grant" flow: RFC 6749 section 4.3. The steps answer with OAuth errors where a page would be. */

static lk_status_t refuse(lk_error_t *err)
{
    return lk_fail(err, LK_INVALID, "invalid_grant", "Invalid user credentials");
}

lk_status_t lk_direct_username(lk_walk_t *walk, lk_flow_outcome_t *ret_outcome, lk_error_t *err)
{
    const char *username = lk_pairs_get(&walk->req->form, "username");
    const lk_user_t *user = NULL;
    if (username == NULL)
        return lk_fail_http(err, LK_DENIED, 401, "invalid_request", "Missing parameter: username");
    lk_status_t status = lk_user_by_login(walk->req->app->sql, walk->req->arena, walk->realm, username, &user, err);
    if (status != LK_OK)
        return status;
    if (user != NULL)
        lk_walk_set_user(walk, user);
    *ret_outcome = user != NULL ? LK_FLOW_DONE : LK_FLOW_FAILED;
    return LK_OK;
}

lk_status_t lk_direct_password(lk_walk_t *walk, lk_flow_outcome_t *ret_outcome, lk_error_t *err)
{
    const char *password = lk_pairs_get(&walk->req->form, "password");
    lk_login_check_t check;
    if (password == NULL) {
        lk_event_user(walk->req, walk->user->id);
        return refuse(err);
    }
    lk_status_t status = lk_user_authenticate(walk->req->app, walk->req->arena, walk->realm, walk->user->username, password,
                                              walk->req->client_ip, &check, err);
    if (status != LK_OK)
        return status;
    if (check.result != LK_LOGIN_OK)
        lk_login_event_refused(walk->req, walk->user->username, &check);
    if (check.result == LK_LOGIN_DISABLED)
        return lk_fail(err, LK_INVALID, "invalid_grant", "Account disabled");
    if (check.result != LK_LOGIN_OK || strcmp(check.user->id, walk->user->id) != 0)
        return refuse(err);
    lk_walk_set_user(walk, check.user);
    *ret_outcome = LK_FLOW_DONE;
    return LK_OK;
}

/* As "totp" or "otp". */
lk_status_t lk_direct_otp(lk_walk_t *walk, lk_flow_outcome_t *ret_outcome, lk_error_t *err)
{
    const char *code = lk_pairs_get(&walk->req->form, "totp");
    int good = 0;
    if (code == NULL)
        code = lk_pairs_get(&walk->req->form, "otp");
    lk_status_t status = code != NULL ? lk_otp_check(walk->req, walk->realm, walk->user->id, code, &good, err) : LK_OK;
    *ret_outcome = good ? LK_FLOW_DONE : LK_FLOW_FAILED;
    return status;
}

/* Whether the flow asks for a password: an unknown user must then cost what a wrong password does. */
static int asks_for_password(const lk_walk_t *walk)
{
    return lk_walk_find(walk, "authenticator", "direct-grant-validate-password") != NULL;
}

static lk_status_t refuse_unknown(lk_walk_t *walk, lk_error_t *err)
{
    lk_login_check_t check = {.result = LK_LOGIN_UNKNOWN_USER};
    const char *username = lk_pairs_get(&walk->req->form, "username"), *password = lk_pairs_get(&walk->req->form, "password");
    lk_status_t status = LK_OK;
    if (walk->user == NULL)
        lk_login_event_refused(walk->req, username, &check);
    if (walk->user == NULL && username != NULL && password != NULL && asks_for_password(walk))
        status = lk_user_authenticate(walk->req->app, walk->req->arena, walk->realm, username, password, walk->req->client_ip,
                                      &check, err);
    return status != LK_OK ? status : refuse(err);
}

lk_status_t lk_direct_grant_authenticate(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client,
                                         lk_direct_grant_t *ret_grant, lk_error_t *err)
{
    lk_login_t login = {.level = LK_LEVEL_NONE, .auth = {.scope = lk_pairs_get(&req->form, "scope")}};
    lk_walk_t walk = {.req = req, .realm = realm, .client = client, .login = &login};
    lk_flow_outcome_t outcome = LK_FLOW_FAILED;
    lk_event_detail(req, "auth_method", "openid-connect");
    lk_event_detail(req, "username", lk_pairs_get(&req->form, "username"));
    const char *flow = lk_flow_of_client(realm, client, "direct_grant", realm->direct_grant_flow);
    lk_status_t status = lk_flow_run(&walk, flow, &outcome, err);
    if (status != LK_OK)
        return status;
    if (outcome != LK_FLOW_DONE || walk.user == NULL) {
        lk_error_detail(err, "direct grant: %s", walk.failure != NULL ? walk.failure : "the flow refuses");
        return refuse_unknown(&walk, err);
    }
    if (!walk.user->enabled)
        return lk_fail(err, LK_INVALID, "invalid_grant", "Account disabled");
    *ret_grant = (lk_direct_grant_t){.user = walk.user, .level = login.level != LK_LEVEL_NONE ? login.level : 1};
    return LK_OK;
}
