/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/json.h"
#include "core/time.h"
#include "crypto/crypto.h"
#include "login/direct_grant.h"
#include "oidc/grant.h"
#include "token/acr.h"

/* RFC 6749 section 4.3: a user's name and password by the client's hand. */

/* Whoever still has something to do in a browser gets no tokens before. */
static lk_status_t authenticate(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client,
                                lk_direct_grant_t *ret_grant, lk_error_t *err)
{
    lk_status_t status = lk_direct_grant_authenticate(req, realm, client, ret_grant, err);
    if (status == LK_OK && ret_grant->user->required_actions.count != 0)
        return lk_fail(err, LK_INVALID, "invalid_grant", "Account is not fully set up");
    return status;
}

/* What Keycloak notes of a client that acts for itself. */
static void note_client(const lk_token_context_t *context, json_t *notes)
{
    static const char *const ids[] = {"clientId", "client_id"}, *const addresses[] = {"clientHost", "clientAddress"};
    for (size_t i = 0; i != 2; ++i) {
        json_object_set_new(notes, ids[i], json_string(context->client->client_id));
        json_object_set_new(notes, addresses[i], json_string(context->req->client_ip));
    }
}

lk_status_t lk_grant_new_session(lk_token_context_t *context, const char *scope, lk_reply_t *reply, lk_error_t *err)
{
    const lk_request_t *req = context->req;
    json_t *notes = lk_json_own(req->arena, json_pack("{s:s*}", "acr", context->acr));
    lk_token_prepare(context);
    lk_session_t session = {.id = lk_random_token(req->arena, 18),
                            .offline = context->scopes.offline,
                            .user_id = context->user->id,
                            .started = context->now,
                            .last_access = context->now,
                            .ip_address = req->client_ip,
                            .auth_method = "openid-connect",
                            .notes = lk_json_own(req->arena, json_object())};
    lk_client_session_t client_session = {
        .client_id = context->client->id, .started = context->now, .last_refresh = context->now, .scope = scope, .notes = notes};
    if (context->grant == LK_GRANT_CLIENT_CREDENTIALS)
        note_client(context, session.notes);
    else
        lk_session_note_device(req->arena, session.notes, lk_request_header(req, "user-agent"));
    if (context->auth_time != 0)
        json_object_set_new(notes, "auth_time", json_integer(context->auth_time));
    lk_status_t status = lk_session_create(req->app->sql, req->arena, context->realm, &session, &client_session, err);
    if (status != LK_OK)
        return status;
    context->session = &session;
    context->client_session = &client_session;
    return lk_token_response(context, 1, reply, err);
}

lk_status_t lk_grant_password(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client, lk_reply_t *reply,
                              lk_error_t *err)
{
    lk_token_context_t context = {.req = req, .realm = realm, .client = client, .grant = LK_GRANT_PASSWORD};
    lk_direct_grant_t grant;
    const char *scope = lk_pairs_get(&req->form, "scope");
    if (!client->direct_access_grants_enabled)
        return lk_fail(err, LK_INVALID, "unauthorized_client", "Client not allowed for direct access grants");
    if (client->consent_required)
        return lk_fail_http(err, LK_DENIED, 400, "invalid_client", "Client requires user consent");
    lk_event_detail(req, "auth_method", "oauth_credentials");
    lk_status_t status = lk_scopes_of_request(req, realm, client, scope, &context.scopes, err);
    if (status == LK_OK)
        status = authenticate(req, realm, client, &grant, err);
    if (status != LK_OK)
        return status;
    context.user = grant.user;
    context.acr = lk_acr_name(req->arena, realm, client, NULL, grant.level);
    context.now = lk_now();
    return lk_grant_new_session(&context, scope, reply, err);
}
