/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/time.h"
#include "model/federated.h"
#include "oidc/client_policy.h"
#include "oidc/oidc.h"

/* Token revocation (RFC 7009). */

/* Seconds in which a browser may still sign out of a session that ends here: mod_auth_openidc revokes its tokens first, and then
 * sends the browser with an ID token. */
#define SIGN_OUT_SPAN 600

static lk_status_t revoke_access(const lk_request_t *req, const lk_realm_t *realm, const lk_verified_t *token, lk_error_t *err)
{
    int first;
    return token->jti == NULL
               ? LK_OK
               : lk_use_once(req->app->sql, req->arena, realm, "revoked", token->jti, token->exp, NULL, &first, NULL, err);
}

/* The client's part of the session ends, and with the last part the session. */
static lk_status_t revoke_refresh(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client,
                                  const lk_verified_t *token, lk_error_t *err)
{
    lk_rows_t rows;
    int offline = strcmp(token->typ, "Offline") == 0;
    lk_status_t status = lk_session_detach(req->app->sql, req->arena, realm, token->sid, offline, client->id, err);
    if (status == LK_OK)
        status = lk_query(req->app->sql, req->arena, LK_Q_LOGOUT_CLIENTS_OF_SESSION, &rows, err, realm->id, token->sid,
                          offline ? "true" : "false");
    if (status == LK_OK && rows.count == 0 && !offline)
        status = lk_broker_session_put_away(req->app->sql, req->arena, realm, token->sid, lk_now() + SIGN_OUT_SPAN, err);
    if (status == LK_OK && rows.count == 0)
        status = lk_session_remove(req->app->sql, req->arena, realm, token->sid, offline, NULL, err);
    return status;
}

static void tell(const lk_request_t *req, const lk_client_t *client, const lk_verified_t *token)
{
    int is_access = strcmp(token->typ, "Bearer") == 0;
    lk_event_user(req, token->subject);
    lk_event_detail(req, is_access ? "token_id" : "refresh_token_id", token->jti);
    if (!is_access) {
        lk_event_session(req, token->sid);
        lk_event_detail(req, "refresh_token_type", token->typ);
        lk_event_detail(req, "revoked_client", client->client_id);
    }
    lk_event_success(req);
}

lk_status_t lk_revoke_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    const lk_realm_t *realm;
    const lk_client_t *client;
    lk_verified_t token;
    lk_status_t status = lk_request_realm(req, &realm, err);
    if (status == LK_OK)
        lk_event_begin(req, realm, LK_EVENT_REVOKE_GRANT);
    if (status != LK_OK || (status = lk_client_authenticate_page(req, realm, reply, &client, err)) != LK_OK ||
        (status = lk_client_policies_at(LK_POLICY_REVOKE, req, realm, client, err)) != LK_OK)
        return status;
    const char *text = lk_pairs_get(&req->form, "token");
    if (text == NULL)
        return lk_fail(err, LK_INVALID, "invalid_request", "Token not provided");
    lk_error_t why = {.detail = "not an access or refresh token"};
    if (lk_token_verify(req, realm, text, 0, &token, &why) != LK_OK || token.typ == NULL || strcmp(token.typ, "ID") == 0) {
        lk_fail_http(err, LK_INVALID, 200, "invalid_token", "Invalid token");
        return lk_error_detail(err, "%s", why.detail);
    }
    if (token.azp == NULL || strcmp(token.azp, client->client_id) != 0)
        return lk_fail(err, LK_INVALID, "invalid_request", "Unmatching clients");
    if (strcmp(token.typ, "Bearer") == 0)
        status = revoke_access(req, realm, &token, err);
    else if (token.sid != NULL)
        status = revoke_refresh(req, realm, client, &token, err);
    if (status == LK_OK)
        tell(req, client, &token);
    reply->status = 200;
    return status;
}
