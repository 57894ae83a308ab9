/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/cors.h"
#include "core/json.h"
#include "oidc/oidc.h"
#include "token/binding.h"

/* UserInfo (OpenID Connect Core 5.3). */

#define NO_SESSION "user_session_not_found"
#define LIGHTWEIGHT "Lightweight access token not allowed for userinfo endpoint"

static const char *bearer_token(const lk_request_t *req)
{
    return lk_request_header(req, "authorization") != NULL ? lk_request_bearer(req) : lk_pairs_get(&req->form, "access_token");
}

/* A session that has ended is told by the error's name, and of whom it was. */
static void tell_refusal(const lk_request_t *req, const char *error, const char *description)
{
    lk_verified_t token;
    if (description == NULL || strcmp(description, NO_SESSION) != 0) {
        lk_event_detail(req, "reason", description != NULL ? description : "Missing token");
        lk_event_error(req, error != NULL ? error : "invalid_token");
        return;
    }
    const lk_realm_t *realm = NULL;
    lk_error_t ignored = {0};
    if (lk_request_realm(req, &realm, &ignored) == LK_OK &&
        lk_token_verify(req, realm, bearer_token(req), 0, &token, NULL) == LK_OK) {
        lk_event_client(req, token.azp);
        lk_event_session(req, token.sid);
    }
    lk_event_error(req, NO_SESSION);
}

/* RFC 6750 section 3: the reason is in the header alone. */
static lk_status_t challenge(const lk_request_t *req, const lk_realm_t *realm, int status, const char *error,
                             const char *description, lk_reply_t *reply)
{
    lk_buffer_t value;
    tell_refusal(req, error, description);
    lk_buffer_init(&value, req->arena, 1024);
    lk_buffer_printf(&value, "%s realm=\"%s\"", lk_dpop_is_presented(req) ? "DPoP algs=\"" LK_DPOP_ALGS "\"," : "Bearer",
                     realm->name);
    if (error != NULL)
        lk_buffer_printf(&value, ", error=\"%s\", error_description=\"%s\"", error, description);
    lk_reply_text(reply, status, "text/plain; charset=utf-8", "");
    lk_reply_set_header(reply, "www-authenticate", value.base);
    lk_reply_set_header(reply, "cache-control", "no-store");
    lk_reply_set_header(reply, "pragma", "no-cache");
    lk_cors_allow_all(req, reply, "Access-Control-Allow-Methods, WWW-Authenticate");
    return LK_OK;
}

/* A JWT where the client asks for one (OpenID Connect Core 5.3.2): signed, encrypted, or both; alg NULL: not signed. */
static lk_status_t answer_jwt(lk_token_context_t *context, const char *alg, lk_reply_t *reply, lk_error_t *err)
{
    lk_arena_t *arena = context->req->arena;
    json_t *extra = lk_json_own(
        arena, json_pack("{s:s, s:s}", "iss", lk_realm_issuer(context->req, context->realm), "aud", context->client->client_id));
    lk_buffer_t claims;
    char *token;
    lk_buffer_init(&claims, arena, LK_MAX_REPLY_BODY);
    lk_status_t status = lk_token_claims(context, LK_TOKEN_USERINFO, alg != NULL ? extra : NULL, &claims, err);
    token = claims.base;
    if (status == LK_OK && alg != NULL)
        status = lk_token_sign(context, alg, &claims, &token, err);
    if (status == LK_OK && lk_client_encrypts(context->client, LK_ENCRYPT_USERINFO))
        status = lk_encrypt_for(context->req, context->client, LK_ENCRYPT_USERINFO, alg != NULL ? "JWT" : NULL, token,
                                strlen(token), &token, err);
    if (status == LK_OK)
        lk_reply_text(reply, 200, "application/jwt", token);
    return status;
}

static int is_signed(const lk_client_t *client)
{
    const char *alg = lk_client_attribute(client, "user.info.response.signature.alg", NULL);
    return alg != NULL && *alg != '\0' && strcmp(alg, "none") != 0;
}

static lk_status_t answer(lk_token_context_t *context, lk_reply_t *reply, lk_error_t *err)
{
    const char *alg =
        is_signed(context->client) ? lk_client_attribute(context->client, "user.info.response.signature.alg", NULL) : NULL;
    if (alg != NULL || lk_client_encrypts(context->client, LK_ENCRYPT_USERINFO))
        return answer_jwt(context, alg, reply, err);
    reply->content_type = "application/json";
    return lk_token_claims(context, LK_TOKEN_USERINFO, NULL, &reply->body, err);
}

lk_status_t lk_userinfo_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    const lk_realm_t *realm;
    lk_bearer_t bearer;
    lk_token_context_t context;
    lk_status_t status = lk_request_realm(req, &realm, err);
    if (status != LK_OK)
        return status;
    lk_event_begin(req, realm, LK_EVENT_USER_INFO_REQUEST);
    lk_event_detail(req, "auth_method", "validate_access_token");
    const char *token = bearer_token(req);
    if (token == NULL)
        return challenge(req, realm, 401, NULL, NULL, reply);
    lk_dpop_offer_nonce(req, realm, reply);
    status = lk_bearer_check(req, realm, token, &bearer, err);
    if (status == LK_DENIED && strncmp(err->detail, LK_NOT_A_TOKEN, strlen(LK_NOT_A_TOKEN)) == 0) {
        lk_event_detail(req, "reason", "Failed to parse JWT");
        lk_event_error(req, "invalid_token");
    }
    if (status == LK_DENIED && strcmp(err->code, LK_DPOP_USE_NONCE) == 0)
        return challenge(req, realm, 401, LK_DPOP_USE_NONCE, err->text, reply);
    if (status == LK_DENIED)
        return challenge(req, realm, 401, "invalid_token",
                         strcmp(err->text, NO_SESSION) == 0 ? NO_SESSION : "Token verification failed", reply);
    if (status == LK_OK)
        status = lk_encryption_ready(req, bearer.client, err);
    if (status != LK_OK)
        return status;
    if (!lk_has_word(bearer.token.scope, "openid"))
        return challenge(req, realm, 403, "insufficient_scope", "Missing openid scope", reply);
    if (bearer.token.subject == NULL) /* a lightweight token without the sub mapper names nobody */
        return challenge(req, realm, 401, "invalid_token", LIGHTWEIGHT, reply);
    lk_event_client(req, bearer.client->client_id);
    lk_event_user(req, bearer.user->id);
    lk_event_session(req, bearer.token.sid);
    lk_event_detail(req, "username", bearer.user->username);
    lk_event_detail(req, "signature_required", is_signed(bearer.client) ? "true" : "false");
    lk_bearer_context(req, realm, &bearer, &context);
    if ((status = lk_client_cors(req, bearer.client, reply, err)) != LK_OK)
        return status;
    status = answer(&context, reply, err);
    if (status == LK_OK)
        lk_event_success(req);
    lk_reply_set_header(reply, "cache-control", "no-store, no-cache");
    return status;
}
