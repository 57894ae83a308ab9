/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/json.h"
#include "core/time.h"
#include "model/pattern.h"
#include "oidc/assertion.h"
#include "oidc/auth_request.h"
#include "oidc/client_policy_parts.h"
#include "oidc/oidc.h"

/* The executors of FAPI's profiles about what is sent inside of JWTs, or beforehand: request objects, pushed requests, assertions
 * of clients, backchannel requests; and about JWTs of others. */

#define DEFAULT_PERIOD 3600 /* seconds that an object may be good for */
#define SKEW 15             /* seconds, as in Keycloak */
#define NO_OBJECT "Missing parameter: 'request' or 'request_uri'"

static const char *sent(const lk_policy_subject_t *subject, const char *name)
{
    return lk_pairs_get(&subject->check->sent, name);
}

static int has_claim(const json_t *claims, const char *name)
{
    const json_t *value = json_object_get(claims, name);
    return value != NULL && !json_is_null(value);
}

/* The realm itself, and not one of its endpoints. */
static int is_for_realm(const lk_policy_subject_t *subject, const json_t *audience)
{
    const char *issuer = lk_realm_issuer(subject->req, subject->realm);
    return json_is_string(audience) ? strcmp(json_string_value(audience), issuer) == 0 : lk_json_lists(audience, issuer);
}

static int64_t seconds(const json_t *claims, const char *name)
{
    return (int64_t)json_number_value(json_object_get(claims, name));
}

/* NULL where it is good now, and not for too long: what Keycloak says otherwise. `skew` in seconds. */
static const char *period_fault(const json_t *claims, const json_t *config, int with_nbf, int64_t skew, const char *too_long)
{
    int64_t now = lk_now(), period = lk_json_config_int(config, "available-period", DEFAULT_PERIOD);
    if (seconds(claims, "exp") < now)
        return "Request Expired";
    if (!with_nbf)
        return NULL;
    if (seconds(claims, "nbf") > now + skew)
        return "Request not yet being processed";
    return seconds(claims, "exp") - seconds(claims, "nbf") > period ? too_long : NULL;
}

/* --- request objects of authorization requests --- */

static int is_same(const lk_arena_t *arena, const json_t *value, const char *text)
{
    if (json_is_string(value))
        return strcmp(json_string_value(value), text) == 0;
    return value != NULL && strcmp(lk_json_text((lk_arena_t *)arena, value), text) == 0;
}

/* What stands beside it as well says the same; an object that was pushed has nothing beside it. Parameters that no standard knows
 * may be anything. */
static int is_matched(const lk_policy_subject_t *subject)
{
    static const char *const known[] = {"client_id", "response_type", "response_mode", "redirect_uri",   "state",
                                        "scope",     "login_hint",    "prompt",        "nonce",          "max_age",
                                        "claims",    "acr_values",    "ui_locales",    "code_challenge", "code_challenge_method",
                                        "dpop_jkt",  "display"};
    for (size_t i = 0; subject->auth->pushed_id == NULL && i != sizeof(known) / sizeof(known[0]); ++i) {
        const char *text = sent(subject, known[i]);
        if (text != NULL && !is_same(subject->req->arena, json_object_get(subject->check->object, known[i]), text))
            return 0;
    }
    return 1;
}

static lk_status_t bad_object(const lk_policy_subject_t *subject, lk_error_t *err, const char *text)
{
    return lk_fail(err, LK_INVALID, sent(subject, "request_uri") != NULL ? "invalid_request_uri" : "invalid_request_object", "%s",
                   text);
}

static lk_status_t missing_claim(const lk_policy_subject_t *subject, lk_error_t *err, const char *name)
{
    return bad_object(subject, err, lk_printf(subject->req->arena, "Missing parameter in the 'request' object: %s", name));
}

static lk_status_t check_object(const lk_policy_subject_t *subject, const json_t *config, lk_error_t *err)
{
    const json_t *claims = subject->check->object;
    int with_nbf = lk_json_config_bool(config, "verify-nbf", 1);
    if (!has_claim(claims, "exp"))
        return missing_claim(subject, err, "exp");
    if (seconds(claims, "exp") >= lk_now() && with_nbf && !has_claim(claims, "nbf"))
        return missing_claim(subject, err, "nbf");
    const char *fault = period_fault(claims, config, with_nbf, SKEW, "Request's available period is long");
    if (fault != NULL)
        return bad_object(subject, err, fault);
    if (!has_claim(claims, "aud"))
        return missing_claim(subject, err, "aud");
    return is_for_realm(subject, json_object_get(claims, "aud"))
               ? LK_OK
               : bad_object(subject, err, "Invalid parameter in the 'request' object: aud");
}

lk_status_t lk_policy_use_object(const lk_policy_subject_t *subject, const json_t *config, lk_error_t *err)
{
    const lk_auth_check_t *check = subject->check;
    if (sent(subject, "request") == NULL && sent(subject, "request_uri") == NULL)
        return lk_policy_bad_request(err, NO_OBJECT);
    if (check->object == NULL)
        return lk_policy_bad_request(err, "Invalid parameter: : 'request' or 'request_uri'");
    if (check->auth.scope == NULL)
        return lk_policy_bad_request(err, "Parameter 'scope' missing in the request parameters or in 'request' object");
    lk_status_t status = check_object(subject, config, err);
    if (status != LK_OK)
        return status;
    if (!is_matched(subject))
        return lk_policy_bad_request(err, "Invalid parameter. Parameters in 'request' object not matching with request parameters");
    return !lk_json_config_bool(config, "encryption-required", 0) || check->object_is_encrypted
               ? LK_OK
               : lk_fail(err, LK_INVALID, "invalid_request_object", "Request object not encrypted");
}

/* --- pushed requests --- */

/* Nothing stands in the address that was not pushed as well; its value counts for nothing either way. */
lk_status_t lk_policy_enter_pushed(const lk_policy_subject_t *subject, const json_t *config, lk_error_t *err)
{
    const lk_auth_check_t *check = subject->check;
    const char *uri = sent(subject, "request_uri");
    (void)config;
    if (uri == NULL || !lk_par_is_one(uri))
        return lk_policy_bad_request(err, "PAR request_uri not included.");
    if (check->auth.pushed_id == NULL)
        return lk_policy_bad_request(err, "PAR not found, not issued or used multiple times.");
    for (size_t i = 0; i != check->sent.count; ++i) {
        const char *name = check->sent.entries[i].name;
        if (strcmp(name, "request_uri") != 0 && lk_pairs_get(&check->parameters, name) == NULL)
            return lk_policy_bad_request(err, "PAR request did not include query parameter");
    }
    return LK_OK;
}

/* --- assertions of clients --- */

/* Those for the realm only. Among token requests, Keycloak looks at those with a code or a refresh token. */
lk_status_t lk_policy_use_assertion(const lk_policy_subject_t *subject, const json_t *config, lk_error_t *err)
{
    const char *text = lk_pairs_get(&subject->req->form, "client_assertion"), *grant = subject->grant_type;
    lk_assertion_t assertion;
    (void)config;
    if (text == NULL || (grant != NULL && strcmp(grant, "authorization_code") != 0 && strcmp(grant, "refresh_token") != 0))
        return LK_OK;
    return lk_assertion_read(subject->req->arena, text, &assertion, err) == LK_OK &&
                   is_for_realm(subject, json_object_get(assertion.jws.claims, "aud"))
               ? LK_OK
               : lk_policy_bad_request(err, "invalid audience in client assertion");
}

/* --- JWTs of others, which a grant takes --- */

/* NULL where the claim is neither a text nor a number. */
static const char *plain_text(lk_arena_t *arena, const json_t *value)
{
    return json_is_string(value) ? json_string_value(value) : json_is_number(value) ? lk_json_text(arena, value) : NULL;
}

lk_status_t lk_policy_check_claim(const lk_policy_subject_t *subject, const json_t *config, lk_error_t *err)
{
    lk_arena_t *arena = subject->req->arena;
    const char *name = lk_json_str(config, "claim-name", ""), *pattern = lk_json_str(config, "allowed-value", "");
    if (*name == '\0')
        return lk_policy_bad_request(err, "Invalid configuration");
    if (!has_claim(subject->claims, name))
        return lk_policy_bad_request(err, lk_printf(arena, "Required claim '%s' is missing from the token", name));
    if (*pattern == '\0')
        return LK_OK;
    const char *text = plain_text(arena, json_object_get(subject->claims, name));
    if (text == NULL)
        return lk_policy_bad_request(err, lk_printf(arena, "Value type for claim '%s' not allowed", name));
    return lk_pattern_match(arena, pattern, text) == LK_PATTERN_MATCH
               ? LK_OK
               : lk_policy_bad_request(err, lk_printf(arena, "Value for claim '%s' not allowed", name));
}

/* --- backchannel requests --- */

lk_status_t lk_policy_use_binding_message(const lk_policy_subject_t *subject, const json_t *config, lk_error_t *err)
{
    (void)config;
    return lk_pairs_get(&subject->check->parameters, "binding_message") != NULL
               ? LK_OK
               : lk_policy_bad_request(err, "Missing parameter: binding_message");
}

static lk_status_t missing_signed(const lk_policy_subject_t *subject, lk_error_t *err, const char *what, const char *name)
{
    return lk_policy_bad_request(err, lk_printf(subject->req->arena, "Missing parameter in the %s: %s", what, name));
}

lk_status_t lk_policy_use_signed(const lk_policy_subject_t *subject, const json_t *config, lk_error_t *err)
{
    static const char signed_request[] = "signed authentication request", object[] = "'request' object";
    const json_t *claims = subject->check->object;
    if (claims == NULL)
        return lk_policy_bad_request(err, NO_OBJECT);
    if (!has_claim(claims, "exp"))
        return missing_signed(subject, err, signed_request, "exp");
    if (!has_claim(claims, "nbf"))
        return missing_signed(subject, err, signed_request, "nbf");
    const char *fault = period_fault(claims, config, 1, 0, "signed authentication request's available period is long");
    if (fault != NULL)
        return lk_policy_bad_request(err, fault);
    if (!has_claim(claims, "aud"))
        return missing_signed(subject, err, object, "aud");
    if (!is_for_realm(subject, json_object_get(claims, "aud")))
        return lk_policy_bad_request(err, "Invalid parameter in the 'request' object: aud");
    if (!has_claim(claims, "iss"))
        return missing_signed(subject, err, object, "iss");
    if (strcmp(lk_json_str(claims, "iss", ""), subject->client->client_id) != 0)
        return lk_policy_bad_request(err, "Invalid parameter in the 'request' object: iss");
    if (!has_claim(claims, "iat"))
        return missing_signed(subject, err, signed_request, "iat");
    return has_claim(claims, "jti") ? LK_OK : missing_signed(subject, err, signed_request, "jti");
}
