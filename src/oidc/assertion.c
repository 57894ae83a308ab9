/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "oidc/assertion.h"

#include <string.h>
#include "core/json.h"
#include "core/time.h"
#include "crypto/crypto.h"

#define USED "assertion"

#define refuse(err, ...) lk_fail((err), LK_DENIED, NULL, __VA_ARGS__)

/* A claim of the wrong type makes the whole assertion unreadable: it must not pass for one that is missing. */
static int read_text(const json_t *claims, const char *name, const char **ret_text)
{
    const json_t *value = json_object_get(claims, name);
    *ret_text = json_string_value(value);
    return value == NULL || json_is_null(value) || json_is_string(value);
}

static int read_time(const json_t *claims, const char *name, int64_t *ret_time)
{
    const json_t *value = json_object_get(claims, name);
    *ret_time = lk_json_time(value);
    return value == NULL || json_is_null(value) || (json_is_number(value) && json_number_value(value) < 1e15);
}

lk_status_t lk_assertion_read(lk_arena_t *arena, const char *text, lk_assertion_t *ret_assertion, lk_error_t *err)
{
    lk_assertion_t assertion;
    lk_status_t status = lk_jws_parse(arena, text, &assertion.jws, err);
    if (status != LK_OK)
        return status;
    if (assertion.jws.alg != NULL && strcmp(assertion.jws.alg, "none") != 0 && lk_alg_find(assertion.jws.alg) == NULL) {
        lk_fail(err, LK_INVALID, NULL, NULL);
        return lk_error_detail(err, "the assertion's algorithm is unknown");
    }
    const json_t *claims = assertion.jws.claims, *exp = json_object_get(claims, "exp");
    if (!read_text(claims, "iss", &assertion.issuer) || !read_text(claims, "sub", &assertion.subject) ||
        !read_text(claims, "jti", &assertion.jti) || !read_time(claims, "iat", &assertion.iat) ||
        !read_time(claims, "exp", &assertion.exp) || !read_time(claims, "nbf", &assertion.nbf)) {
        lk_fail(err, LK_INVALID, NULL, NULL);
        return lk_error_detail(err, "a claim of the assertion has the wrong type");
    }
    assertion.has_exp = exp != NULL && !json_is_null(exp);
    *ret_assertion = assertion;
    return LK_OK;
}

lk_status_t lk_assertion_check_audience(const lk_assertion_t *assertion, const char *const *audiences, size_t count,
                                        lk_error_t *err)
{
    const json_t *aud = json_object_get(assertion->jws.claims, "aud");
    if (json_array_size(aud) > 1)
        return refuse(err, "Multiple audiences not allowed");
    for (size_t i = 0; i != count; ++i)
        if (lk_json_names(aud, audiences[i]))
            return LK_OK;
    return refuse(err, "Invalid token audience");
}

lk_status_t lk_assertion_check_times(const lk_assertion_t *assertion, const lk_assertion_rules_t *rules, lk_error_t *err)
{
    int64_t now = lk_now(), span = rules->span;
    if (!assertion->has_exp)
        return refuse(err, "Token exp claim is required");
    if (assertion->exp <= now || assertion->nbf > now + rules->skew)
        return refuse(err, "Token is not active");
    if (assertion->iat == 0 && assertion->exp > now + span)
        return refuse(err, "Token expiration is too far in the future and iat claim not present in token");
    if (assertion->iat > now + rules->skew)
        return refuse(err, "Token was issued in the future");
    if (assertion->iat != 0 && assertion->iat + span < now)
        return refuse(err, "Token was issued too far in the past to be used now");
    return LK_OK;
}

lk_status_t lk_assertion_use(const lk_request_t *req, const lk_realm_t *realm, const lk_assertion_t *assertion, const char *user,
                             const lk_assertion_rules_t *rules, lk_error_t *err)
{
    int first;
    if (rules->reusable)
        return LK_OK;
    if (assertion->jti == NULL)
        return refuse(err, "Token jti claim is required");
    const char *id = lk_printf(req->arena, "%s %s", user, assertion->jti);
    /* Remembered for as long as the times above would let it pass again. */
    int64_t end = assertion->iat != 0 ? assertion->iat + rules->span : assertion->exp;
    lk_status_t status = lk_use_once(req->app->sql, req->arena, realm, USED, lk_sha256_base64url(req->arena, id, strlen(id)),
                                     (end < assertion->exp ? end : assertion->exp) + rules->skew, NULL, &first, NULL, err);
    if (status != LK_OK)
        return status;
    return first ? LK_OK : refuse(err, "Token reuse detected");
}
