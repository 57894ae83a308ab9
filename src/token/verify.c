/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/json.h"
#include "core/time.h"
#include "crypto/jws.h"
#include "token/binding.h"

/* Times are compared exactly: these are this realm's own tokens. */

static lk_status_t deny(lk_error_t *err, const char *reason)
{
    lk_fail(err, LK_DENIED, "invalid_token", "Token verification failed");
    return err != NULL ? lk_error_detail(err, "%s", reason) : LK_DENIED;
}

static lk_status_t check_signature(const lk_realm_t *realm, const lk_jws_t *jws, lk_error_t *err)
{
    const lk_key_t *key = jws->kid != NULL ? lk_realm_key_by_kid(realm, jws->kid) : NULL;
    if (key == NULL)
        return deny(err, "the token's kid is no key of this realm");
    lk_error_t why = {0};
    if (lk_jws_verify(jws, key, &why) == LK_OK)
        return LK_OK;
    deny(err, "the signature does not verify");
    return err != NULL ? lk_error_detail(err, "%s%s", why.text, why.detail) : LK_DENIED;
}

static lk_status_t check_claims(const lk_request_t *req, const lk_realm_t *realm, const lk_verified_t *token, int allow_expired,
                                lk_error_t *err)
{
    int64_t now = lk_now();
    const char *issuer = lk_json_str(token->claims, "iss", "");
    if (strcmp(issuer, lk_realm_issuer(req, realm)) != 0)
        return deny(err, "issued by another issuer");
    if (!allow_expired && token->exp != 0 && token->exp <= now)
        return deny(err, "expired");
    if (lk_json_int(token->claims, "nbf", 0) > now)
        return deny(err, "not valid yet");
    if (token->iat < realm->not_before)
        return lk_fail(err, LK_DENIED, "invalid_token", LK_STALE_TOKEN);
    return LK_OK;
}

lk_status_t lk_token_verify(const lk_request_t *req, const lk_realm_t *realm, const char *text, int allow_expired,
                            lk_verified_t *ret_token, lk_error_t *err)
{
    lk_jws_t jws;
    lk_verified_t token;
    lk_error_t why = {0};
    if (lk_jws_parse(req->arena, text, &jws, &why) != LK_OK) {
        deny(err, LK_NOT_A_TOKEN);
        return err != NULL ? lk_error_detail(err, "%s%s", why.text, why.detail) : LK_DENIED;
    }
    lk_status_t status = check_signature(realm, &jws, err);
    if (status != LK_OK)
        return status;
    token = (lk_verified_t){.typ = lk_json_str(jws.claims, "typ", NULL),
                            .jti = lk_json_str(jws.claims, "jti", NULL),
                            .subject = lk_json_str(jws.claims, "sub", NULL),
                            .azp = lk_json_str(jws.claims, "azp", NULL),
                            .sid = lk_json_str(jws.claims, "sid", NULL),
                            .scope = lk_json_str(jws.claims, "scope", ""),
                            .iat = lk_json_int(jws.claims, "iat", 0),
                            .exp = lk_json_int(jws.claims, "exp", 0),
                            .claims = jws.claims};
    if ((status = check_claims(req, realm, &token, allow_expired, err)) == LK_OK)
        *ret_token = token;
    return status;
}

static int begins(const char *jti, const char *kind)
{
    return jti != NULL && strncmp(jti, kind, strlen(kind)) == 0;
}

static lk_status_t load_session(const lk_request_t *req, const lk_realm_t *realm, lk_bearer_t *bearer, int *ret_revoked,
                                lk_error_t *err)
{
    lk_session_found_t found;
    lk_session_query_t query = {.sid = bearer->token.sid,
                                .offline = begins(bearer->token.jti, "of") || begins(bearer->token.jti, "ft"),
                                .client_id = bearer->client->id,
                                .jti = bearer->token.jti};
    lk_status_t status = lk_session_load(req->app->sql, req->arena, realm, &query, &found, err);
    if (status != LK_OK)
        return status;
    int transient = begins(query.jti, "nt") || begins(query.jti, "ft"); /* exchanged by a client without a part in the session */
    if (found.session == NULL || (found.client_session == NULL && !transient)) {
        lk_fail(err, LK_DENIED, "invalid_token", "user_session_not_found");
        return err != NULL ? lk_error_detail(err, "the session %s has ended", query.sid) : LK_DENIED;
    }
    if (bearer->token.iat < found.session->started)
        return deny(err, "older than its session");
    bearer->session = found.session;
    bearer->client_session = found.client_session;
    bearer->user = found.user;
    *ret_revoked = found.revoked;
    return LK_OK;
}

static lk_status_t load_service_account(const lk_request_t *req, const lk_realm_t *realm, lk_bearer_t *bearer, int *ret_revoked,
                                        lk_error_t *err)
{
    const char *id = bearer->token.subject;
    lk_status_t status = LK_OK;
    bearer->user = bearer->client->service_account;
    if (id == NULL && bearer->user == NULL)
        return deny(err, "a token without subject");
    if (id != NULL && (bearer->user == NULL || strcmp(bearer->user->id, id) != 0))
        status = lk_user_by_id(req->app->sql, req->arena, realm, id, &bearer->user, err);
    if (status == LK_OK && bearer->token.jti != NULL)
        status = lk_is_used(req->app->sql, req->arena, realm, "revoked", bearer->token.jti, ret_revoked, NULL, err);
    return status;
}

static lk_status_t check_bearer(const lk_request_t *req, const lk_realm_t *realm, const char *text, int id_token_too,
                                lk_bearer_t *ret_bearer, lk_error_t *err)
{
    lk_bearer_t bearer = {0};
    int revoked = 0;
    lk_status_t status = lk_token_verify(req, realm, text, 0, &bearer.token, err);
    if (status != LK_OK)
        return status;
    if (bearer.token.typ == NULL ||
        (strcmp(bearer.token.typ, "Bearer") != 0 && !(id_token_too && strcmp(bearer.token.typ, "ID") == 0)) ||
        bearer.token.azp == NULL)
        return deny(err, "not an access token");
    if ((status = lk_realm_client(req->app->realms, realm, bearer.token.azp, &bearer.client, err)) != LK_OK)
        return status;
    if (bearer.client == NULL || !bearer.client->enabled || bearer.token.iat < bearer.client->not_before)
        return deny(err, "its client is gone, disabled or has a later not-before time");
    status = (bearer.token.sid != NULL ? load_session : load_service_account)(req, realm, &bearer, &revoked, err);
    if (status != LK_OK)
        return status;
    if (bearer.user == NULL || !bearer.user->enabled || bearer.token.iat < bearer.user->not_before)
        return deny(err, "its user is gone, disabled or has a later not-before time");
    if (revoked)
        return deny(err, "revoked");
    *ret_bearer = bearer;
    return LK_OK;
}

lk_status_t lk_bearer_check(const lk_request_t *req, const lk_realm_t *realm, const char *token, lk_bearer_t *ret_bearer,
                            lk_error_t *err)
{
    lk_bearer_t bearer;
    lk_status_t status = check_bearer(req, realm, token, 0, &bearer, err);
    if (status == LK_OK)
        status = lk_binding_check_bearer(req, realm, &bearer, token, err);
    if (status == LK_OK)
        *ret_bearer = bearer;
    return status;
}

lk_status_t lk_bearer_check_given(const lk_request_t *req, const lk_realm_t *realm, const char *token, lk_bearer_t *ret_bearer,
                                  lk_error_t *err)
{
    return check_bearer(req, realm, token, 0, ret_bearer, err);
}

lk_status_t lk_bearer_check_any(const lk_request_t *req, const lk_realm_t *realm, const char *token, lk_bearer_t *ret_bearer,
                                lk_error_t *err)
{
    return check_bearer(req, realm, token, 1, ret_bearer, err);
}

int lk_bearer_is_for(const lk_token_context_t *context, const lk_bearer_t *bearer, const char *client_id)
{
    json_t *shown = NULL;
    if (lk_json_names(json_object_get(bearer->token.claims, "aud"), client_id))
        return 1;
    if (json_object_get(bearer->token.claims, "authorization") != NULL)
        return 0; /* permissions are for the resource server alone */
    return context->audiences != NULL &&
           lk_json_parse(context->req->arena, context->audiences, strlen(context->audiences), &shown, NULL) == LK_OK &&
           lk_json_names(shown, client_id);
}

lk_status_t lk_token_load_session(lk_token_context_t *context, const lk_session_query_t *query, lk_error_t *err)
{
    lk_session_found_t found;
    lk_status_t status = lk_session_load(context->req->app->sql, context->req->arena, context->realm, query, &found, err);
    if (status == LK_OK) {
        context->session = found.session;
        context->client_session = found.client_session;
        context->user = found.user;
    }
    return status;
}

/* A user's token without a session: of the JWT authorization grant. */
static int is_vouched_for(const lk_verified_t *token)
{
    return begins(token->jti, "trrtag");
}

/* The audiences that a token names, one or several. */
static lk_strings_t audiences_of(lk_arena_t *arena, const json_t *claims)
{
    const json_t *given = json_object_get(claims, "aud");
    const char **entries = LK_NEW_ARRAY(arena, const char *, json_array_size(given) + 1);
    size_t count = 0, i;
    json_t *entry;
    if (json_is_string(given))
        entries[count++] = json_string_value(given);
    json_array_foreach((json_t *)given, i, entry)
    {
        if (json_is_string(entry))
            entries[count++] = json_string_value(entry);
    }
    return (lk_strings_t){entries, count};
}

void lk_bearer_context(const lk_request_t *req, const lk_realm_t *realm, const lk_bearer_t *bearer, lk_token_context_t *ret_context)
{
    *ret_context = (lk_token_context_t){.req = req,
                                        .realm = realm,
                                        .client = bearer->client,
                                        .user = bearer->user,
                                        .session = bearer->session,
                                        .client_session = bearer->client_session,
                                        .grant = bearer->session != NULL          ? LK_GRANT_REFRESH
                                                 : is_vouched_for(&bearer->token) ? LK_GRANT_ASSERTION
                                                                                  : LK_GRANT_CLIENT_CREDENTIALS,
                                        .acr = lk_json_str(bearer->token.claims, "acr", NULL),
                                        .nonce = lk_json_str(bearer->token.claims, "nonce", NULL),
                                        .auth_time = lk_json_int(bearer->token.claims, "auth_time", 0),
                                        .now = lk_now()};
    if (json_object_get(bearer->token.claims, "authorization") != NULL)
        ret_context->own_audiences = audiences_of(req->arena, bearer->token.claims);
    lk_scopes_of_token(req->arena, realm, bearer->client, bearer->token.scope, &ret_context->scopes);
    lk_token_prepare(ret_context);
}
