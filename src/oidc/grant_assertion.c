/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/json.h"
#include "core/time.h"
#include "model/federated.h"
#include "oidc/client_policy.h"
#include "oidc/grant.h"
#include "oidc/issuer.h"

/* The JWT authorization grant (RFC 7523 section 2.1): an identity provider vouches for a user whom it knows, and the client gets
 * that user's tokens, without a session and without a refresh token. */

#define SPAN 300 /* seconds; jwtAuthorizationGrantMaxAllowedAssertionExpiration */

#define invalid(err, ...) lk_fail((err), LK_INVALID, "invalid_grant", __VA_ARGS__)

/* Aliases, separated by ##. */
static int may_use(const lk_client_t *client, const char *alias)
{
    const char *at = lk_client_attribute(client, "oauth2.jwt.authorization.grant.idp", "");
    for (const char *end; at != NULL; at = end != NULL ? end + 2 : NULL) {
        end = strstr(at, "##");
        size_t len = end != NULL ? (size_t)(end - at) : strlen(at);
        if (strlen(alias) == len && memcmp(alias, at, len) == 0)
            return 1;
    }
    return 0;
}

static lk_status_t read_assertion(const lk_token_context_t *context, lk_assertion_t *ret_assertion, lk_issuer_t *ret_issuer,
                                  lk_error_t *err)
{
    const lk_request_t *req = context->req;
    const char *text = lk_pairs_get(&req->form, "assertion");
    lk_error_t why = {0};
    if (!lk_client_attribute_bool(context->client, "oauth2.jwt.authorization.grant.enabled", 0))
        return invalid(err, "JWT Authorization Grant is not supported for the requested client");
    if (context->client->public_client)
        return invalid(err, "Public client not allowed to use authorization grant");
    if (text == NULL)
        return invalid(err, "Missing parameter:assertion"); /* so spelt */
    if (lk_assertion_read(req->arena, text, ret_assertion, &why) != LK_OK) {
        invalid(err, "The provided assertion is not a valid JWT");
        return lk_error_detail(err, "%s", why.detail);
    }
    if (ret_assertion->issuer == NULL)
        return invalid(err, "Missing claim: iss");
    if (ret_assertion->subject == NULL)
        return invalid(err, "Missing claim: sub");
    if (lk_issuer_find(req->arena, context->realm, ret_assertion->issuer, "jwtAuthorizationGrantEnabled", ret_issuer, &why) !=
        LK_OK)
        return invalid(err, "%s", why.text);
    return may_use(context->client, ret_issuer->provider->alias) ? LK_OK
                                                                 : invalid(err, "Identity Provider is not allowed for the client");
}

static lk_status_t check_signature(const lk_request_t *req, const lk_issuer_t *issuer, const lk_assertion_t *assertion,
                                   lk_error_t *err)
{
    const lk_alg_t *alg = lk_alg_find(assertion->jws.alg);
    const char *wanted = lk_json_config(issuer->provider->config, "jwtAuthorizationGrantAssertionSignatureAlg", "");
    lk_error_t why = {0};
    if (alg == NULL || lk_alg_is_hmac(alg) || (*wanted != '\0' && strcmp(wanted, lk_alg_name(alg)) != 0))
        return invalid(err, "Invalid signature algorithm");
    lk_status_t status = lk_issuer_verify(req, issuer, assertion, &why);
    if (status == LK_ELSEWHERE || status == LK_UNAVAILABLE) {
        *err = why;
        return status;
    }
    if (status == LK_OK)
        return LK_OK;
    invalid(err, "Invalid signature");
    return lk_error_detail(err, "%s %s", why.text, why.detail);
}

static lk_status_t check_claims(const lk_token_context_t *context, const lk_issuer_t *issuer, const lk_assertion_t *assertion,
                                lk_error_t *err)
{
    const json_t *config = issuer->provider->config;
    const char *audiences[] = {lk_realm_issuer(context->req, context->realm), NULL};
    lk_assertion_rules_t rules = {.span = lk_json_config_int(config, "jwtAuthorizationGrantMaxAllowedAssertionExpiration", SPAN),
                                  .skew = lk_json_config_int(config, "jwtAuthorizationGrantAllowedClockSkew", 0),
                                  .reusable = lk_json_config_bool(config, "jwtAuthorizationGrantAssertionReuseAllowed", 0)};
    lk_error_t why = {0};
    audiences[1] = lk_printf(context->req->arena, "%s/protocol/openid-connect/token", audiences[0]);
    lk_status_t status = lk_assertion_check_times(assertion, &rules, &why);
    if (status == LK_OK)
        status = lk_assertion_check_audience(assertion, audiences, 2, &why);
    if (status == LK_OK)
        status = lk_assertion_use(context->req, context->realm, assertion, issuer->provider->alias, &rules, &why);
    if (status == LK_DENIED)
        return invalid(err, "%s", why.text);
    if (status != LK_OK)
        *err = why;
    return status;
}

static lk_status_t find_user(lk_token_context_t *context, const lk_issuer_t *issuer, const lk_assertion_t *assertion,
                             lk_error_t *err)
{
    const lk_request_t *req = context->req;
    lk_federated_t link;
    lk_status_t status = lk_federated_user(req->app->sql, req->arena, context->realm, issuer->provider->alias, assertion->subject,
                                           &context->user, &link, err);
    if (status != LK_OK)
        return status;
    if (context->user == NULL)
        return invalid(err, "User not found");
    if (!context->user->enabled)
        return invalid(err, "User is not enabled");
    if (context->user->required_actions.count != 0)
        return invalid(err, "Account is not fully set up");
    return LK_OK;
}

lk_status_t lk_grant_assertion(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client, lk_reply_t *reply,
                               lk_error_t *err)
{
    lk_token_context_t context = {
        .req = req, .realm = realm, .client = client, .grant = LK_GRANT_ASSERTION, .acr = "1", .now = lk_now()};
    lk_policy_effects_t effects = {0};
    lk_assertion_t assertion;
    lk_issuer_t issuer;
    lk_status_t status = read_assertion(&context, &assertion, &issuer, err);
    if (status == LK_OK)
        status = check_signature(req, &issuer, &assertion, err);
    if (status == LK_OK)
        status = lk_scopes_of_request(req, realm, client, lk_pairs_get(&req->form, "scope"), &context.scopes, err);
    if (status == LK_OK)
        status = check_claims(&context, &issuer, &assertion, err);
    if (status == LK_OK)
        status = find_user(&context, &issuer, &assertion, err);
    if (status == LK_OK)
        status = lk_client_policies_of_assertion(&context, assertion.jws.claims, issuer.provider->alias, &effects, err);
    if (status == LK_OK)
        status = lk_grant_check_consent(&context, "Missing consents for the client", err);
    if (status != LK_OK)
        return status;
    lk_scopes_limit(req->arena, &context.scopes, effects.scopes);
    if (lk_json_config_bool(issuer.provider->config, "jwtAuthorizationGrantLimitAccessTokenExp", 0))
        context.not_after = assertion.exp;
    lk_token_prepare(&context);
    return lk_token_response(&context, 0, reply, err);
}
