/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include <strings.h>
#include "core/cors.h"
#include "core/json.h"
#include "core/time.h"
#include "crypto/jws.h"
#include "oidc/oidc.h"

/* UserInfo (OpenID Connect Core 5.3), introspection (RFC 7662) and revocation (RFC 7009). */

/* --- userinfo
 * --------------------------------------------------------------------------------------------------------------------------------
 */

#define LIGHTWEIGHT "Lightweight access token not allowed for userinfo endpoint"

static const char *bearer_token(const lk_request_t *req)
{
    const char *header = lk_request_header(req, "authorization");
    if (header != NULL)
        return strncasecmp(header, "Bearer ", 7) == 0 ? header + 7 : NULL;
    return lk_pairs_get(&req->form, "access_token");
}

/* RFC 6750 section 3: the reason is in the header alone. */
static lk_status_t challenge(const lk_request_t *req, const lk_realm_t *realm, int status, const char *error,
                             const char *description, lk_reply_t *reply)
{
    lk_buffer_t value;
    lk_buffer_init(&value, req->arena, 1024);
    lk_buffer_printf(&value, "Bearer realm=\"%s\"", realm->name);
    if (error != NULL)
        lk_buffer_printf(&value, ", error=\"%s\", error_description=\"%s\"", error, description);
    lk_reply_text(reply, status, "text/plain; charset=utf-8", "");
    lk_reply_set_header(reply, "www-authenticate", value.base);
    lk_reply_set_header(reply, "cache-control", "no-store");
    lk_reply_set_header(reply, "pragma", "no-cache");
    return LK_OK;
}

static int has_scope(const char *scope, const char *name)
{
    size_t len = strlen(name);
    for (const char *at = scope; *(at += strspn(at, " ")) != '\0'; at += strcspn(at, " "))
        if (strcspn(at, " ") == len && memcmp(at, name, len) == 0)
            return 1;
    return 0;
}

/* Scopes of a token that was issued: what the client has lost since does not count. */
static lk_status_t token_context(const lk_request_t *req, const lk_realm_t *realm, const lk_bearer_t *bearer,
                                 lk_token_context_t *ret_context, lk_error_t *err)
{
    *ret_context = (lk_token_context_t){.req = req,
                                        .realm = realm,
                                        .client = bearer->client,
                                        .user = bearer->user,
                                        .session = bearer->session,
                                        .client_session = bearer->client_session,
                                        .grant = bearer->session == NULL ? LK_GRANT_CLIENT_CREDENTIALS : LK_GRANT_REFRESH,
                                        .acr = lk_json_str(bearer->token.claims, "acr", NULL),
                                        .auth_time = lk_json_int(bearer->token.claims, "auth_time", 0),
                                        .now = lk_now()};
    lk_status_t status = lk_scopes_resolve(req->arena, realm, bearer->client, bearer->token.scope, &ret_context->scopes, NULL);
    if (status != LK_OK)
        status = lk_scopes_resolve(req->arena, realm, bearer->client, has_scope(bearer->token.scope, "openid") ? "openid" : NULL,
                                   &ret_context->scopes, err);
    if (status == LK_OK)
        lk_token_prepare(ret_context);
    return status;
}

static lk_status_t answer_signed(const lk_token_context_t *context, json_t *claims, const char *alg, lk_reply_t *reply,
                                 lk_error_t *err)
{
    const lk_key_t *key = lk_realm_signing_key(context->realm, alg);
    lk_arena_t *arena = context->req->arena;
    char *token;
    if (key == NULL)
        return lk_fail(err, LK_INTERNAL, "server_error", "The realm has no active key for %s", alg);
    json_object_set_new(claims, "iss", json_string(lk_realm_issuer(context->req, context->realm)));
    json_object_set_new(claims, "aud", json_string(context->client->client_id));
    const char *text = lk_json_text(arena, claims);
    lk_status_t status = lk_jws_sign(arena, key, alg, "JWT", text, strlen(text), &token, err);
    if (status == LK_OK)
        lk_reply_text(reply, 200, "application/jwt", token);
    return status;
}

lk_status_t lk_userinfo_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    const lk_realm_t *realm;
    lk_bearer_t bearer;
    lk_token_context_t context;
    json_t *claims;
    lk_status_t status = lk_request_realm(req, &realm, err);
    if (status != LK_OK)
        return status;
    const char *token = bearer_token(req);
    if (token == NULL)
        return challenge(req, realm, 401, NULL, NULL, reply);
    status = lk_bearer_check(req, realm, token, &bearer, err);
    if (status == LK_DENIED)
        return challenge(req, realm, 401, "invalid_token",
                         strcmp(err->text, "user_session_not_found") == 0 ? "user_session_not_found" : "Token verification failed",
                         reply);
    if (status != LK_OK)
        return status;
    if (!has_scope(bearer.token.scope, "openid"))
        return challenge(req, realm, 403, "insufficient_scope", "Missing openid scope", reply);
    if (bearer.token.subject == NULL) /* a lightweight token without the sub mapper names nobody */
        return challenge(req, realm, 401, "invalid_token", LIGHTWEIGHT, reply);
    if ((status = token_context(req, realm, &bearer, &context, err)) != LK_OK ||
        (status = lk_token_claims(&context, LK_TOKEN_USERINFO, &claims, err)) != LK_OK)
        return status;
    const char *alg = lk_client_attribute(bearer.client, "user.info.response.signature.alg", NULL);
    if (alg != NULL && *alg != '\0' && strcmp(alg, "none") != 0)
        status = answer_signed(&context, claims, alg, reply, err);
    else
        lk_reply_json(reply, 200, json_incref(claims));
    lk_reply_set_header(reply, "cache-control", "no-store, no-cache");
    lk_client_cors(req, bearer.client, reply);
    return status;
}

/* --- introspection
 * -------------------------------------------------------------------------------------------------------------------------------
 */

static lk_status_t introspecting_client(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t **ret_client,
                                        lk_error_t *err)
{
    lk_status_t status = lk_client_authenticate(req, realm, ret_client, err);
    if (status == LK_DENIED && strcmp(err->code, "unauthorized_client") == 0)
        return lk_fail_http(err, LK_DENIED, 401, "invalid_client", "Client authentication failed.");
    if (status == LK_OK && (*ret_client)->public_client)
        return lk_fail_http(err, LK_DENIED, 403, "invalid_request", "Client not allowed.");
    return status;
}

static lk_status_t inactive(lk_reply_t *reply)
{
    lk_reply_json(reply, 200, json_pack("{s:b}", "active", 0));
    lk_reply_set_header(reply, "cache-control", "no-cache");
    return LK_OK;
}

static lk_status_t answer_active(const lk_request_t *req, const lk_realm_t *realm, const lk_bearer_t *bearer, lk_reply_t *reply,
                                 lk_error_t *err)
{
    static const char *const copied[] = {"exp", "iat", "jti", "iss", "typ", "azp", "sid", "scope", "auth_time", "cnf"};
    lk_token_context_t context;
    json_t *claims;
    lk_status_t status = token_context(req, realm, bearer, &context, err);
    if (status != LK_OK || (status = lk_token_claims(&context, LK_TOKEN_INTROSPECTION, &claims, err)) != LK_OK)
        return status;
    for (size_t i = 0; i != sizeof(copied) / sizeof(copied[0]); ++i) {
        json_t *value = json_object_get(bearer->token.claims, copied[i]);
        if (value != NULL)
            json_object_set(claims, copied[i], value);
    }
    json_object_set_new(claims, "client_id", json_string(bearer->client->client_id));
    json_object_set_new(claims, "username", json_string(bearer->user->username));
    json_object_set_new(claims, "token_type", json_string(bearer->token.typ));
    json_object_set_new(claims, "active", json_true());
    lk_reply_json(reply, 200, json_incref(claims));
    lk_reply_set_header(reply, "cache-control", "no-cache");
    return LK_OK;
}

lk_status_t lk_introspect_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    const lk_realm_t *realm;
    const lk_client_t *client;
    lk_bearer_t bearer;
    lk_status_t status = lk_request_realm(req, &realm, err);
    if (status != LK_OK || (status = introspecting_client(req, realm, &client, err)) != LK_OK)
        return status;
    const char *token = lk_pairs_get(&req->form, "token");
    if (token == NULL)
        return lk_fail(err, LK_INVALID, "invalid_request", "Token not provided.");
    const char *hint = lk_pairs_get(&req->form, "token_type_hint");
    if (hint != NULL &&
        strcmp(hint, "refresh_token") == 0) /* refresh tokens are this server's own: nobody else is told about them */
        return inactive(reply);
    status = lk_bearer_check_any(req, realm, token, &bearer, err);
    if (status == LK_DENIED)
        return inactive(reply);
    return status != LK_OK ? status : answer_active(req, realm, &bearer, reply, err);
}

/* --- revocation
 * ------------------------------------------------------------------------------------------------------------------------------------
 */

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
    if (status == LK_OK && rows.count == 0)
        status = lk_session_remove(req->app->sql, req->arena, realm, token->sid, offline, NULL, err);
    return status;
}

lk_status_t lk_revoke_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    const lk_realm_t *realm;
    const lk_client_t *client;
    lk_verified_t token;
    lk_status_t status = lk_request_realm(req, &realm, err);
    if (status != LK_OK || (status = lk_client_authenticate(req, realm, &client, err)) != LK_OK)
        return status;
    const char *text = lk_pairs_get(&req->form, "token");
    if (text == NULL)
        return lk_fail(err, LK_INVALID, "invalid_request", "Token not provided");
    lk_client_cors(req, client, reply);
    if (lk_token_verify(req, realm, text, 0, &token, NULL) != LK_OK || token.typ == NULL || strcmp(token.typ, "ID") == 0)
        return lk_fail_http(err, LK_INVALID, 200, "invalid_token", "Invalid token");
    if (token.azp == NULL || strcmp(token.azp, client->client_id) != 0)
        return lk_fail(err, LK_INVALID, "invalid_request", "Unmatching clients");
    if (strcmp(token.typ, "Bearer") == 0)
        status = revoke_access(req, realm, &token, err);
    else if (token.sid != NULL)
        status = revoke_refresh(req, realm, client, &token, err);
    reply->status = 200;
    return status;
}
