/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/json.h"
#include "core/time.h"
#include "crypto/crypto.h"
#include "oidc/grant.h"
#include "token/binding.h"

/* RFC 6749 section 4.1.3, with PKCE (RFC 7636). */

static lk_status_t invalid(lk_error_t *err, const char *text)
{
    return lk_fail(err, LK_INVALID, "invalid_grant", "%s", text);
}

static int is_verifier(const char *text)
{
    size_t len = strlen(text);
    return len >= 43 && len <= 128 && strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~") == len;
}

lk_status_t lk_grant_check_pkce(const lk_request_t *req, const char *challenge, const char *method, lk_error_t *err)
{
    const char *verifier = lk_pairs_get(&req->form, "code_verifier");
    if (challenge == NULL)
        return verifier == NULL ? LK_OK : invalid(err, "PKCE code verifier specified but challenge not present in authorization");
    if (verifier == NULL)
        return invalid(err, "PKCE code verifier not specified");
    if (!is_verifier(verifier))
        return invalid(err, "PKCE verification failed: Invalid code verifier");
    int hashed = method != NULL && strcmp(method, "S256") == 0;
    const char *made = hashed ? lk_sha256_base64url(req->arena, verifier, strlen(verifier)) : verifier;
    return lk_secret_equal(challenge, made) ? LK_OK : invalid(err, "PKCE verification failed: Code mismatch");
}

static lk_status_t not_valid(lk_error_t *err, const char *why)
{
    invalid(err, "Code not valid");
    return lk_error_detail(err, "%s", why);
}

static lk_status_t check_code(const lk_request_t *req, const lk_client_t *client, const lk_code_t *code, lk_error_t *err)
{
    const char *redirect_uri = lk_pairs_get(&req->form, "redirect_uri");
    if (code->expires < lk_now())
        return not_valid(err, "expired");
    if (strcmp(code->client_uuid, client->id) != 0)
        return invalid(err, "Auth error: Found different client_id in clientSession");
    if (code->redirect_uri != NULL && (redirect_uri == NULL || strcmp(redirect_uri, code->redirect_uri) != 0)) {
        lk_event_detail(req, "reason",
                        lk_printf(req->arena,
                                  "Parameter 'redirect_uri' did not match originally saved redirect URI used in initial OIDC "
                                  "request. Saved redirectUri: %s, redirectUri parameter: %s",
                                  code->redirect_uri, redirect_uri != NULL ? redirect_uri : "null"));
        return invalid(err, "Incorrect redirect_uri");
    }
    if (code->jkt != NULL && (req->binding == NULL || req->binding->jkt == NULL))
        return lk_fail(err, LK_INVALID, "invalid_request", "DPoP Proof missing");
    if (code->jkt != NULL && !lk_secret_equal(code->jkt, req->binding->jkt))
        return lk_fail(err, LK_INVALID, "invalid_request", LK_DPOP_OTHER_KEY);
    return lk_grant_check_pkce(req, code->code_challenge, code->code_challenge_method, err);
}

/* The first use anywhere counts; a second one takes back what the first was given (RFC 6749 section 4.1.2). */
static lk_status_t use_code(lk_token_context_t *context, const lk_code_t *code, lk_error_t *err)
{
    const lk_request_t *req = context->req;
    const lk_realm_t *realm = context->realm;
    int first = 0;
    lk_session_found_t found;
    lk_session_query_t query = {.sid = code->sid, .client_id = context->client->id};
    lk_status_t status = lk_session_redeem(req->app->sql, req->arena, realm, &query, "code", code->id,
                                           code->expires + realm->sso_session_max, &first, &found, err);
    if (status != LK_OK)
        return status;
    context->session = found.session;
    context->client_session = found.client_session;
    context->user = found.user;
    if (first)
        return LK_OK;
    if ((status = lk_session_detach(req->app->sql, req->arena, realm, code->sid, 0, code->client_uuid, err)) != LK_OK)
        return status;
    return not_valid(err, "it came a second time: the tokens of the first are revoked");
}

lk_status_t lk_grant_authorization_code(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client,
                                        lk_reply_t *reply, lk_error_t *err)
{
    lk_token_context_t context = {.req = req, .realm = realm, .client = client, .grant = LK_GRANT_CODE, .now = lk_now()};
    const char *text = lk_pairs_get(&req->form, "code");
    lk_code_t code;
    if (text == NULL)
        return lk_fail(err, LK_INVALID, "invalid_request", "Missing parameter: code");
    lk_status_t status = lk_code_open(req->arena, realm, text, &code, err);
    if (status == LK_OK) {
        lk_event_session(req, code.sid);
        lk_event_detail(req, "code_id", code.sid);
        status = use_code(&context, &code, err);
    }
    if (status == LK_OK) {
        lk_event_user(req, context.user != NULL ? context.user->id : NULL);
        status = check_code(req, client, &code, err);
    }
    if (status != LK_OK)
        return status;
    if (context.session == NULL || context.client_session == NULL)
        return not_valid(err, "its session has ended");
    if (context.user == NULL)
        return invalid(err, "User not found");
    if (!context.user->enabled)
        return invalid(err, "User disabled");
    if ((status = lk_scopes_of_request(req, realm, client, code.scope, &context.scopes, err)) != LK_OK)
        return status;
    context.nonce = code.nonce;
    context.acr = code.acr;
    context.auth_time = code.auth_time;
    lk_token_prepare(&context);
    if ((status = lk_grant_go_offline(req->app->sql, &context, err)) != LK_OK)
        return status;
    return lk_token_response(&context, 1, reply, err);
}

lk_status_t lk_grant_go_offline(lk_sql_t *sql, lk_token_context_t *context, lk_error_t *err)
{
    const lk_request_t *req = context->req;
    if (!context->scopes.offline || context->session->offline)
        return LK_OK;
    lk_session_t *session = LK_NEW(req->arena, lk_session_t);
    lk_client_session_t *client_session = LK_NEW(req->arena, lk_client_session_t);
    *session = *context->session;
    *client_session = *context->client_session;
    session->offline = 1;
    session->started = session->last_access = client_session->started = client_session->last_refresh = context->now;
    context->session = session;
    context->client_session = client_session;
    return lk_session_create(sql, req->arena, context->realm, session, client_session, err);
}
