/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "core/time.h"
#include "oidc/grant.h"

lk_status_t lk_grant_service_account(lk_token_context_t *context, lk_error_t *err)
{
    const lk_request_t *req = context->req;
    const lk_client_t *client = context->client;
    if (client->public_client)
        return lk_fail_http(err, LK_DENIED, 401, "unauthorized_client", "Public client not allowed to retrieve service account");
    if (!client->service_accounts_enabled)
        return lk_fail_http(err, LK_DENIED, 401, "unauthorized_client", "Client not enabled to retrieve service account");
    if ((context->user = client->service_account) != NULL) {
        lk_event_user(req, context->user->id);
        lk_event_detail(req, "username", context->user->username);
    }
    lk_status_t status =
        lk_scopes_of_request(req, context->realm, client, lk_pairs_get(&req->form, "scope"), &context->scopes, err);
    if (status != LK_OK)
        return status;
    if (context->user == NULL)
        return lk_fail_http(err, LK_DENIED, 401, "unauthorized_client",
                            "The client's service account user is missing: switch its service account off and on");
    if (!context->user->enabled)
        return lk_fail_http(err, LK_DENIED, 401, "unauthorized_client", "The client's service account user is disabled");
    return LK_OK;
}

/* RFC 6749 section 4.4: the client for itself, as its service account. No session, no refresh token. */
lk_status_t lk_grant_client_credentials(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client,
                                        lk_reply_t *reply, lk_error_t *err)
{
    lk_token_context_t context = {
        .req = req, .realm = realm, .client = client, .grant = LK_GRANT_CLIENT_CREDENTIALS, .now = lk_now()};
    lk_status_t status = lk_grant_service_account(&context, err);
    if (status != LK_OK)
        return status;
    if (lk_client_attribute_bool(client, "client_credentials.use_refresh_token", 0)) /* then there is a session to refresh */
        return lk_grant_new_session(&context, lk_pairs_get(&req->form, "scope"), reply, err);
    lk_token_prepare(&context);
    return lk_token_response(&context, 0, reply, err);
}
