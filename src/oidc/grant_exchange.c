/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/json.h"
#include "core/time.h"
#include "oidc/client_policy.h"
#include "oidc/grant.h"
#include "token/binding.h"

/* Token exchange (RFC 8693) as Keycloak's "standard" one: a confidential client trades an access token of its own realm that is
 * meant for it for one of its own, with less audience or other scopes. Nobody is impersonated. */

#define TYPE "urn:ietf:params:oauth:token-type:"
#define ENABLED "standard.token.exchange.enabled"
#define REFRESH_ENABLED "standard.token.exchange.enableRefreshRequestedTokenType"

typedef struct st_exchange_t {
    lk_token_context_t context;
    lk_bearer_t subject;
    enum { WANTS_ACCESS, WANTS_REFRESH, WANTS_ID } wanted;
} exchange_t;

static const char *const types[] = {
    [WANTS_ACCESS] = TYPE "access_token", [WANTS_REFRESH] = TYPE "refresh_token", [WANTS_ID] = TYPE "id_token"};

static lk_status_t invalid(lk_error_t *err, const char *text)
{
    return lk_fail(err, LK_INVALID, "invalid_request", "%s", text);
}

/* In Keycloak's order. */
static lk_status_t check_parameters(const lk_request_t *req, const lk_client_t *client, lk_error_t *err)
{
    static const char *const required[] = {"subject_token", "subject_token_type"};
    static const char *const unsupported[] = {"requested_subject", "requested_issuer", "subject_issuer"};
    for (size_t i = 0; i != sizeof(required) / sizeof(required[0]); ++i)
        if (lk_pairs_get(&req->form, required[i]) == NULL)
            return lk_fail(err, LK_INVALID, "invalid_request", "Parameter '%s' required for standard token exchange", required[i]);
    if (strcmp(lk_pairs_get(&req->form, "subject_token_type"), types[WANTS_ACCESS]) != 0)
        return invalid(err, "Parameter 'subject_token' supports access tokens only");
    for (size_t i = 0; i != sizeof(unsupported) / sizeof(unsupported[0]); ++i)
        if (lk_pairs_get(&req->form, unsupported[i]) != NULL)
            return lk_fail(err, LK_INVALID, "invalid_request", "Parameter '%s' is not supported for standard token exchange",
                           unsupported[i]);
    if (!lk_client_attribute_bool(client, ENABLED, 0))
        return invalid(err, "Standard token exchange is not enabled for the requested client");
    return LK_OK;
}

static lk_status_t read_wanted(const lk_request_t *req, const lk_client_t *client, exchange_t *exchange, lk_error_t *err)
{
    const char *type = lk_pairs_get(&req->form, "requested_token_type");
    int may_refresh = strcmp(lk_client_attribute(client, REFRESH_ENABLED, "NO"), "SAME_SESSION") == 0;
    exchange->wanted = WANTS_ACCESS;
    if (type == NULL)
        return LK_OK;
    for (int i = WANTS_ACCESS; i <= WANTS_ID; ++i)
        if (strcmp(type, types[i]) == 0 && (i != WANTS_REFRESH || may_refresh)) {
            exchange->wanted = i;
            return LK_OK;
        }
    return invalid(err, "requested_token_type unsupported");
}

static lk_status_t read_audiences(const lk_request_t *req, const lk_realm_t *realm, lk_strings_t *ret_audiences, lk_error_t *err)
{
    const char **audiences = LK_NEW_ARRAY(req->arena, const char *, req->form.count + 1);
    const lk_client_t *client;
    size_t count = 0;
    for (size_t i = 0; i != req->form.count; ++i) {
        const lk_pair_t *pair = &req->form.entries[i];
        if (strcmp(pair->name, "audience") != 0)
            continue;
        lk_status_t status = lk_realm_client(req->app->realms, realm, pair->value, &client, err);
        if (status != LK_OK)
            return status;
        if (client == NULL)
            return lk_fail(err, LK_INVALID, "invalid_client", "Audience not found");
        audiences[count++] = client->client_id;
    }
    *ret_audiences = (lk_strings_t){audiences, count};
    return LK_OK;
}

static int is_within_audience(const lk_verified_t *token, const char *client_id)
{
    return strcmp(token->azp, client_id) == 0 || lk_json_names(json_object_get(token->claims, "aud"), client_id);
}

static lk_status_t read_subject(const lk_request_t *req, const lk_realm_t *realm, exchange_t *exchange, lk_error_t *err)
{
    lk_error_t why = {0};
    lk_status_t status = lk_bearer_check_given(req, realm, lk_pairs_get(&req->form, "subject_token"), &exchange->subject, &why);
    if (status == LK_DENIED) {
        invalid(err, "Invalid token");
        return lk_error_detail(err, "the subject token: %s%s", why.text, why.detail);
    }
    if (status != LK_OK) {
        *err = why;
        return status;
    }
    if (exchange->context.client->public_client)
        return lk_fail(err, LK_INVALID, "invalid_client", "Public client is not allowed to exchange token");
    if (!is_within_audience(&exchange->subject.token, exchange->context.client->client_id))
        return lk_fail_http(err, LK_DENIED, 403, "access_denied", "Client is not within the token audience");
    if (json_object_get(exchange->subject.token.claims, "cnf") != NULL && exchange->subject.client != exchange->context.client)
        return invalid(err, "Sender-constrained token exchange rejected as the token was not issued for the requesting client");
    return lk_binding_match(req, &exchange->subject.token, "invalid_request", err);
}

/* The client's own token of a session that is still its own; an offline one stays what it is. */
static int continues_session(const exchange_t *exchange)
{
    const lk_bearer_t *subject = &exchange->subject;
    return subject->session == NULL ||
           (subject->client == exchange->context.client && subject->client_session != NULL && !subject->session->offline);
}

/* Another client than the one the token was issued to has perhaps no part in the session: it gets one with a refresh token only. */
static lk_status_t enter_session(exchange_t *exchange, lk_error_t *err)
{
    lk_token_context_t *context = &exchange->context;
    const lk_bearer_t *subject = &exchange->subject;
    context->user = subject->user;
    context->session = subject->session;
    if (subject->session == NULL)
        return exchange->wanted != WANTS_REFRESH
                   ? LK_OK
                   : invalid(err, "Refresh token not valid as requested_token_type because creating a new session is needed");
    if (continues_session(exchange)) {
        context->client_session = subject->client_session;
        return LK_OK;
    }
    if (subject->session->offline && exchange->wanted != WANTS_REFRESH) /* nothing new is to become offline */
        return LK_OK;
    lk_status_t status = lk_token_load_session(
        context,
        &(lk_session_query_t){.sid = subject->session->id, .offline = subject->session->offline, .client_id = context->client->id},
        err);
    if (status != LK_OK || context->client_session != NULL || exchange->wanted != WANTS_REFRESH)
        return status;
    lk_client_session_t *part = LK_NEW(context->req->arena, lk_client_session_t);
    *part = (lk_client_session_t){.client_id = context->client->id,
                                  .started = context->now,
                                  .last_refresh = context->now,
                                  .scope = context->scopes.full_scope,
                                  .notes = lk_json_own(context->req->arena, json_object())};
    context->client_session = part;
    return lk_session_attach(context->req->app->sql, context->req->arena, context->realm, context->session, part, err);
}

/* `limit`: the words that a client policy leaves, or NULL. */
static lk_status_t read_scopes(exchange_t *exchange, const char *limit, lk_error_t *err)
{
    lk_token_context_t *context = &exchange->context;
    const lk_request_t *req = context->req;
    const char *scope = lk_pairs_get(&req->form, "scope");
    if (scope == NULL && continues_session(exchange) && lk_has_word(exchange->subject.token.scope, "openid"))
        scope = "openid"; /* what else the token has beside the client's default scopes is not asked for again */
    lk_status_t status = lk_scopes_of_request(req, context->realm, context->client, scope, &context->scopes, err);
    if (status == LK_OK && context->scopes.offline && exchange->wanted == WANTS_REFRESH)
        return invalid(err, "Scope offline_access not allowed for token exchange");
    if (status == LK_OK)
        lk_scopes_limit(req->arena, &context->scopes, limit);
    return status;
}

static lk_status_t answer(exchange_t *exchange, lk_reply_t *reply, lk_error_t *err)
{
    lk_token_context_t *context = &exchange->context;
    lk_response_t response = {.token_type = lk_binding_token_type(context->req), .issued_token_type = types[exchange->wanted]};
    char *access_token, *refresh_token = NULL, *id_token = NULL;
    const char *jti;
    int asks_openid = context->scopes.openid && lk_pairs_get(&context->req->form, "scope") != NULL;
    lk_status_t status = lk_token_access(context, &access_token, &response.expires_in, err);
    if (status == LK_OK && exchange->wanted == WANTS_REFRESH)
        status = lk_token_refresh(context, &refresh_token, &jti, &response.refresh_expires_in, err);
    if (status == LK_OK && exchange->wanted == WANTS_ID)
        status = lk_token_id(context, NULL, NULL, NULL, &access_token, err);
    else if (status == LK_OK && (asks_openid || exchange->wanted == WANTS_REFRESH))
        status = context->scopes.openid ? lk_token_id(context, access_token, NULL, NULL, &id_token, err) : LK_OK;
    if (status != LK_OK)
        return status;
    if (exchange->wanted == WANTS_ID)
        response.token_type = "N_A"; /* RFC 8693 section 2.2.1: no access token */
    response.access_token = access_token;
    response.refresh_token = refresh_token;
    response.id_token = id_token;
    lk_token_answer(context, &response, reply);
    return LK_OK;
}

lk_status_t lk_grant_token_exchange(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client, lk_reply_t *reply,
                                    lk_error_t *err)
{
    exchange_t exchange = {.context = {.req = req, .realm = realm, .client = client, .grant = LK_GRANT_EXCHANGE, .now = lk_now()}};
    lk_token_context_t *context = &exchange.context;
    lk_policy_effects_t effects = {0};
    lk_event_detail(req, "auth_method", "token_exchange");
    lk_status_t status = check_parameters(req, client, err);
    if (status == LK_OK)
        status = read_wanted(req, client, &exchange, err);
    if (status == LK_OK)
        status = read_audiences(req, realm, &context->only_audiences, err);
    if (status == LK_OK)
        status = read_subject(req, realm, &exchange, err);
    if (status == LK_OK)
        status = lk_client_policies_of_assertion(context, exchange.subject.token.claims, NULL, &effects, err);
    if (status == LK_OK)
        status = read_scopes(&exchange, effects.scopes, err);
    if (status == LK_OK)
        status = enter_session(&exchange, err);
    if (status == LK_OK)
        status = lk_grant_check_consent(context, "Missing consents for Token Exchange in client", err);
    if (status != LK_OK)
        return status;
    if (exchange.subject.client_session != NULL) {
        context->acr = lk_json_str(exchange.subject.client_session->notes, "acr", NULL);
        context->auth_time = lk_json_int(exchange.subject.client_session->notes, "auth_time", 0);
    }
    lk_token_prepare(context);
    return answer(&exchange, reply, err);
}
