/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/encode.h"
#include "core/fetch.h"
#include "core/json.h"
#include "core/time.h"
#include "model/pattern.h"
#include "oidc/assertion.h"
#include "oidc/auth_request.h"
#include "oidc/client_policy_parts.h"
#include "oidc/oidc.h"

/* The executors of FAPI's profiles about what is sent inside of JWTs, or beforehand: request objects, pushed requests, assertions
 * of clients, backchannel requests, intents; and about JWTs of others. */

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
    return lk_json_time(json_object_get(claims, name));
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

/* --- scopes of such a JWT --- */

/* Where a HashSet of Java with `count` texts keeps this one; sets *ret_buckets. */
static uint32_t bucket_of(const char *text, size_t len, size_t count, uint32_t *ret_buckets)
{
    uint32_t hash = 0, buckets = 16;
    for (size_t i = 0; i != len; ++i)
        hash = 31 * hash + (unsigned char)text[i];
    while (count > buckets / 4 * 3)
        buckets *= 2;
    *ret_buckets = buckets;
    return (hash ^ hash >> 16) & (buckets - 1);
}

/* "a, b" out of "b a": different words as Keycloak lists them, in the order of a HashSet. */
static const char *list_words(lk_arena_t *arena, const char *words)
{
    lk_buffer_t set, list;
    size_t count = 0;
    const char *at = words;
    lk_buffer_init(&set, arena, 65536);
    lk_buffer_init(&list, arena, 65536);
    for (size_t len = 0; lk_word_next(&at, &len);)
        if (!lk_has_word(set.base, lk_strndup(arena, at, len))) {
            lk_buffer_printf(&set, "%.*s ", (int)len, at);
            ++count;
        }
    uint32_t buckets = 1;
    for (uint32_t i = 0; i != buckets; ++i) {
        at = set.base;
        for (size_t len = 0; lk_word_next(&at, &len);)
            if (bucket_of(at, len, count, &buckets) == i)
                lk_buffer_printf(&list, "%s%.*s", list.len != 0 ? ", " : "", (int)len, at);
    }
    return list.base;
}

/* What a grant gives is no more than what the JWT had. */
lk_status_t lk_policy_limit_scopes(const lk_policy_subject_t *subject, const json_t *config, lk_error_t *err)
{
    lk_arena_t *arena = subject->req->arena;
    const json_t *claim = json_object_get(subject->claims, "scope");
    const char *scopes = claim != NULL ? json_string_value(claim) : "", *asked = lk_pairs_get(&subject->req->form, "scope");
    lk_buffer_t missing;
    (void)config;
    if (scopes == NULL)
        return lk_policy_bad_request(err, "Assertion contains an invalid access token");
    lk_buffer_init(&missing, arena, 65536);
    for (size_t len = 0; lk_word_next(&asked, &len);)
        if (!lk_has_word(scopes, lk_strndup(arena, asked, len)))
            lk_buffer_printf(&missing, "%.*s ", (int)len, asked);
    if (subject->effects != NULL)
        subject->effects->scopes = scopes;
    return missing.len == 0 ? LK_OK
                            : lk_fail(err, LK_INVALID, "invalid_scope", "Scopes [%s] not present in the initial access token [%s]",
                                      list_words(arena, missing.base), list_words(arena, scopes));
}

/* --- intents --- */

#define INTENT_TIMEOUT_MS 5000
#define INTENT_MAX_BYTES 4096

/* Asks whether the intent is that client's (OpenID's FAPI Grant Management has no name for it: it is Open Banking's). */
static lk_status_t ask_of_intent(const lk_policy_subject_t *subject, const char *url, const char *intent, lk_error_t *err)
{
    static const char failed[] = "checking intent bound with client failed";
    lk_arena_t *arena = subject->req->arena;
    json_t *body = lk_json_own(arena, json_pack("{s:s, s:s}", "intent_id", intent, "client_id", subject->client->client_id)),
           *answer;
    lk_fetch_t call = {.url = url,
                       .json = body != NULL ? lk_json_text(arena, body) : "{}",
                       .timeout_ms = INTENT_TIMEOUT_MS,
                       .max_bytes = INTENT_MAX_BYTES};
    lk_fetched_t fetched;
    lk_error_t why = {0};
    if (!subject->req->may_wait)
        return lk_fail(err, LK_ELSEWHERE, "temporarily_unavailable", "An intent is being asked for");
    if (lk_fetch(arena, &call, &fetched, &why) != LK_OK) {
        lk_policy_bad_request(err, failed);
        return lk_error_detail(err, "%s", why.detail);
    }
    if (fetched.status / 100 != 2 ||
        lk_json_parse(arena, (const char *)fetched.body.base, fetched.body.len, &answer, &why) != LK_OK ||
        json_object_get(answer, "is_bound") == NULL || json_object_size(answer) != 1)
        return lk_policy_bad_request(err, failed);
    return lk_json_config_bool(answer, "is_bound", 0) ? LK_OK
                                                      : lk_policy_bad_request(err, "The intent is not bound with the client");
}

lk_status_t lk_policy_use_intent(const lk_policy_subject_t *subject, const json_t *config, lk_error_t *err)
{
    const char *url = lk_json_str(config, "intent-client-bind-check-endpoint", ""),
               *name = lk_json_str(config, "intent-name", NULL), *text = subject->auth->claims;
    json_t *claims;
    lk_error_t ignored = {0};
    if (strncmp(url, "http://", 7) != 0 && strncmp(url, "https://", 8) != 0)
        return lk_fail(err, LK_INVALID, "server_error", "invalid Intent Client Bind Check Endpoint setting");
    if (text == NULL)
        return lk_policy_bad_request(err, "no claim for an intent value in an authorization request");
    if (name == NULL)
        return lk_policy_bad_request(err, "invalid intent name setting");
    if (lk_json_parse(subject->req->arena, text, strlen(text), &claims, &ignored) != LK_OK || !json_is_object(claims))
        return lk_policy_bad_request(err, "invalid claim for an intent value");
    const json_t *intent = json_object_get(json_object_get(claims, "id_token"), name);
    if (!json_is_object(intent))
        return lk_policy_bad_request(err, "no claim for an intent value for ID token");
    if (!json_is_true(json_object_get(intent, "essential")))
        return lk_policy_bad_request(err, "not specifying a claim for an intent as essential claim");
    const char *value = lk_json_str(intent, "value", NULL);
    return value != NULL ? ask_of_intent(subject, url, value, err) : lk_policy_bad_request(err, "invalid intent value");
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
