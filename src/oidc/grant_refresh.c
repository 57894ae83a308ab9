/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/encode.h"
#include "core/json.h"
#include "core/time.h"
#include "oidc/grant.h"
#include "token/binding.h"

/* RFC 6749 section 6, with rotation where the realm revokes refresh tokens. */

static lk_status_t invalid(lk_error_t *err, const char *text)
{
    return lk_fail(err, LK_INVALID, "invalid_grant", "%s", text);
}

static lk_status_t read_token(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client, lk_verified_t *ret_token,
                              lk_error_t *err)
{
    const char *text = lk_pairs_get(&req->form, "refresh_token");
    lk_error_t why = {0};
    if (text == NULL)
        return lk_fail(err, LK_INVALID, "invalid_request", "No refresh token");
    if (lk_token_verify(req, realm, text, 0, ret_token, &why) != LK_OK) {
        invalid(err, strcmp(why.text, LK_STALE_TOKEN) == 0 ? LK_STALE_TOKEN : "Invalid refresh token");
        return lk_error_detail(err, "%s", why.detail);
    }
    if (ret_token->typ == NULL || (strcmp(ret_token->typ, "Refresh") != 0 && strcmp(ret_token->typ, "Offline") != 0) ||
        ret_token->sid == NULL || ret_token->jti == NULL) {
        invalid(err, "Invalid refresh token");
        return lk_error_detail(err, "not a refresh token");
    }
    if (ret_token->azp == NULL || strcmp(ret_token->azp, client->client_id) != 0)
        return invalid(err, "Invalid refresh token. Token client and authorized client don't match");
    return lk_binding_match(req, ret_token, "invalid_grant", err);
}

static lk_status_t check_session(const lk_token_context_t *context, const lk_verified_t *token, lk_error_t *err)
{
    int offline = strcmp(token->typ, "Offline") == 0;
    if (context->session == NULL || (offline && context->client_session == NULL))
        return invalid(err, offline ? "Offline user session not found" : "Session not active");
    if (context->client_session == NULL)
        return invalid(err, "Session doesn't have required client");
    if (context->user == NULL)
        return invalid(err, "Unknown user");
    if (!context->user->enabled)
        return invalid(err, "User disabled");
    if (token->iat < context->user->not_before || token->iat < context->client->not_before)
        return invalid(err, LK_STALE_TOKEN);
    return LK_OK;
}

/* The words of `granted` that were asked for again; what was never granted is passed over, as Keycloak does. */
static const char *narrow(lk_arena_t *arena, const char *granted, const char *asked)
{
    lk_buffer_t words;
    if (asked == NULL || granted == NULL)
        return granted;
    lk_buffer_init(&words, arena, 65536);
    for (size_t len = 0; lk_word_next(&granted, &len);)
        if (lk_has_word(asked, lk_strndup(arena, granted, len)))
            lk_buffer_printf(&words, "%s%.*s", words.len != 0 ? " " : "", (int)len, granted);
    return words.base;
}

void lk_grant_touch(lk_token_context_t *context)
{
    lk_client_session_t *refreshed = LK_NEW(context->req->arena, lk_client_session_t);
    lk_session_t *touched = LK_NEW(context->req->arena, lk_session_t);
    *refreshed = *context->client_session;
    *touched = *context->session;
    refreshed->last_refresh = touched->last_access = context->now;
    context->client_session = refreshed;
    context->session = touched;
}

lk_status_t lk_grant_refresh_token(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client, lk_reply_t *reply,
                                   lk_error_t *err)
{
    lk_token_context_t context = {.req = req, .realm = realm, .client = client, .grant = LK_GRANT_REFRESH, .now = lk_now()};
    lk_verified_t token;
    lk_status_t status = read_token(req, realm, client, &token, err);
    if (status != LK_OK)
        return status;
    lk_event_session(req, token.sid);
    lk_event_detail(req, "refresh_token_id", token.jti);
    lk_event_detail(req, "refresh_token_type", token.typ);
    lk_event_detail(req, "refresh_token_sub", token.subject);
    const char *asked = lk_pairs_get(&req->form, "scope");
    if (asked != NULL && (status = lk_scopes_of_request(req, realm, client, asked, &context.scopes, err)) != LK_OK)
        return status;
    lk_rotation_t rotation = {lk_json_str(token.claims, "reuse_id", ""), token.jti, token.iat};
    context.reuse_id = lk_json_str(token.claims, "reuse_id", NULL);
    status = lk_token_load_session(
        &context, &(lk_session_query_t){.sid = token.sid, .offline = strcmp(token.typ, "Offline") == 0, .client_id = client->id},
        err);
    if (status == LK_OK)
        status = check_session(&context, &token, err);
    if (status == LK_OK)
        status = lk_session_refresh(req->app->sql, req->arena, realm, context.session, context.client_session,
                                    realm->revoke_refresh_token ? &rotation : NULL, context.now, err);
    if (status == LK_CONFLICT)
        return invalid(err, *err->text != '\0' ? lk_strdup(req->arena, err->text) : LK_STALE_TOKEN);
    if (status != LK_OK)
        return status;
    lk_scopes_of_token(req->arena, realm, client, narrow(req->arena, token.scope, asked), &context.scopes);
    context.nonce = lk_json_str(token.claims, "nonce", NULL);
    if ((context.authorization = json_object_get(token.claims, "authorization")) != NULL)
        context.scopes.full_scope = token.scope; /* a resource server's */
    context.acr = lk_json_str(context.client_session->notes, "acr", NULL);
    context.auth_time = lk_json_int(context.client_session->notes, "auth_time", 0);
    lk_grant_touch(&context);
    lk_event_detail(req, "age_of_refresh_token", lk_printf(req->arena, "%lld", (long long)(context.now - token.iat)));
    lk_token_prepare(&context);
    return lk_token_response(&context, 1, reply, err);
}
