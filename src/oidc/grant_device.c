/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/json.h"
#include "core/time.h"
#include "model/device.h"
#include "oidc/device.h"
#include "oidc/grant.h"

/* RFC 8628 section 3.4: the device asks until somebody has decided. */

static lk_status_t invalid(lk_error_t *err, const char *text)
{
    return lk_fail(err, LK_INVALID, "invalid_grant", "%s", text);
}

static lk_status_t check_device(const lk_client_t *client, const lk_device_t *device, int too_early, lk_error_t *err)
{
    if (device->id == NULL || device->user_id != NULL)
        return invalid(err, "Device code not valid");
    if (strcmp(device->client_id, client->id) != 0)
        return invalid(err, "unauthorized client");
    if (device->expires <= lk_now())
        return lk_fail(err, LK_INVALID, "expired_token", "Device code is expired");
    if (too_early)
        return lk_fail(err, LK_INVALID, "slow_down", "Slow down");
    if (device->status == LK_DEVICE_PENDING)
        return lk_fail(err, LK_INVALID, "authorization_pending", "The authorization request is still pending");
    if (device->status == LK_DEVICE_DENIED)
        return lk_fail(err, LK_INVALID, "access_denied", "The end user denied the authorization request");
    return LK_OK;
}

static lk_status_t load_session(lk_token_context_t *context, const lk_device_t *device, lk_error_t *err)
{
    const char *client_id = context->client->id;
    lk_status_t status =
        lk_token_load_session(context, &(lk_session_query_t){.sid = device->session_id, .client_id = client_id}, err);
    if (status != LK_OK)
        return status;
    if (context->client_session == NULL)
        return invalid(err, "Session not active");
    if (!context->user->enabled)
        return invalid(err, "User disabled");
    context->acr = lk_json_str(context->client_session->notes, "acr", NULL);
    context->auth_time = lk_json_int(context->client_session->notes, "auth_time", 0);
    status = lk_session_refresh(context->req->app->sql, context->req->arena, context->realm, context->session,
                                context->client_session, NULL, context->now, err);
    if (status != LK_OK)
        return status;
    lk_grant_touch(context);
    lk_scopes_of_token(context->req->arena, context->realm, context->client, device->scope, &context->scopes);
    return LK_OK;
}

lk_status_t lk_grant_device_code(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client, lk_reply_t *reply,
                                 lk_error_t *err)
{
    lk_token_context_t context = {.req = req, .realm = realm, .client = client, .grant = LK_GRANT_DEVICE, .now = lk_now()};
    const char *id = lk_pairs_get(&req->form, "device_code");
    lk_device_t device;
    int too_early = 0, first;
    if (!lk_device_is_enabled(client))
        return invalid(err, "Client not allowed OAuth 2.0 Device Authorization Grant");
    if (id == NULL)
        return lk_fail(err, LK_INVALID, "invalid_request", "Missing parameter: device_code");
    lk_status_t status = lk_device_poll(req->app->sql, req->arena, realm, id, &device, &too_early, err);
    if (status == LK_OK)
        status = check_device(client, &device, too_early, err);
    if (status == LK_OK)
        status = lk_grant_check_pkce(req, device.code_challenge, device.code_challenge_method, err);
    if (status == LK_OK)
        status = lk_device_redeem(req->app->sql, req->arena, realm, id, &first, err);
    if (status != LK_OK)
        return status;
    if (!first)
        return invalid(err, "Device code not valid");
    if ((status = load_session(&context, &device, err)) != LK_OK)
        return status;
    lk_token_prepare(&context);
    status = lk_grant_go_offline(req->app->sql, &context, err);
    return status != LK_OK ? status : lk_token_response(&context, 1, reply, err);
}
