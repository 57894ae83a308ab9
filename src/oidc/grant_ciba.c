/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/json.h"
#include "core/time.h"
#include "model/device.h"
#include "oidc/ciba.h"
#include "oidc/grant.h"
#include "token/acr.h"

/* OpenID Connect CIBA section 10.1: the client asks until the user has decided. */

static lk_status_t refuse(lk_error_t *err, const char *code, const char *text)
{
    return lk_fail(err, LK_INVALID, code, "%s", text);
}

static lk_status_t check_request(const lk_client_t *client, const lk_device_t *row, int too_early, lk_error_t *err)
{
    if (row->id == NULL || row->user_id == NULL)
        return refuse(err, "invalid_grant", "Invalid Auth Req ID");
    if (strcmp(row->client_id, client->id) != 0)
        return refuse(err, "invalid_grant", "unauthorized client");
    if (row->expires <= lk_now())
        return refuse(err, "expired_token", "authentication timed out");
    if (row->status == LK_DEVICE_DENIED)
        return refuse(err, "access_denied", "not authorized");
    if (too_early)
        return refuse(err, "slow_down", "too early to access");
    if (row->status == LK_DEVICE_PENDING)
        return refuse(err, "authorization_pending",
                      "The authorization request is still pending as the end-user hasn't yet been authenticated.");
    return LK_OK;
}

static lk_status_t load_user(lk_token_context_t *context, const lk_device_t *row, lk_error_t *err)
{
    const lk_request_t *req = context->req;
    lk_status_t status = lk_user_by_id(req->app->sql, req->arena, context->realm, row->user_id, &context->user, err);
    if (status != LK_OK)
        return status;
    if (context->user == NULL || !context->user->enabled)
        return refuse(err, "invalid_grant", "User disabled");
    lk_event_user(req, context->user->id);
    return LK_OK;
}

lk_status_t lk_grant_ciba(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client, lk_reply_t *reply,
                          lk_error_t *err)
{
    lk_token_context_t context = {.req = req, .realm = realm, .client = client, .grant = LK_GRANT_CIBA, .now = lk_now()};
    const char *id = lk_pairs_get(&req->form, "auth_req_id");
    lk_device_t row;
    int too_early = 0, first;
    if (!lk_ciba_is_enabled(client))
        return refuse(err, "invalid_grant", "Client not allowed OIDC CIBA Grant");
    if (id == NULL)
        return refuse(err, "invalid_request", "Missing parameter: auth_req_id");
    lk_status_t status = lk_device_poll(req->app->sql, req->arena, realm, id, &row, &too_early, err);
    if (status == LK_OK)
        status = check_request(client, &row, too_early, err);
    if (status == LK_OK)
        status = load_user(&context, &row, err);
    if (status == LK_OK)
        status = lk_device_redeem(req->app->sql, req->arena, realm, id, &first, err);
    if (status != LK_OK)
        return status;
    if (!first)
        return refuse(err, "invalid_grant", "Invalid Auth Req ID");
    lk_scopes_of_token(req->arena, realm, client, row.scope, &context.scopes);
    context.acr = lk_acr_name(req->arena, realm, client, NULL, 1);
    context.auth_time = context.now;
    return lk_grant_new_session(&context, row.scope, reply, err);
}
