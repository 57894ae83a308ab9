/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "core/json.h"
#include "login/respond.h"
#include "oidc/auth_request.h"
#include "oidc/client_policy.h"
#include "oidc/oidc.h"
#include "token/acr.h"

int lk_auth_refuse_page(lk_auth_check_t *check, const char *key, const char *argument, const char *reason)
{
    check->page_reason = reason;
    check->page_error = key;
    check->page_argument = argument;
    check->page_status = 400;
    return -1;
}

static int refuse(lk_auth_check_t *check, const char *error, const char *description)
{
    check->error = error;
    check->description = description;
    return -1;
}

/* max_age: a whole number, negative ones meaning "always". */
static int read_max_age(lk_auth_check_t *check)
{
    const char *text = lk_pairs_get(&check->parameters, "max_age");
    char *end;
    check->auth.max_age = LK_MAX_AGE_ABSENT;
    if (text == NULL)
        return 0;
    errno = 0;
    long value = strtol(text, &end, 10);
    if (*text == '\0' || *end != '\0' || errno != 0 || isspace((unsigned char)*text))
        return lk_auth_refuse_page(check, "invalidRequestMessage", NULL, "Invalid parameter: max_age");
    check->auth.max_age = value;
    return 0;
}

/* Essential acr values that nobody knows here (OpenID Connect Core 5.5.1.1). */
static int check_claims(lk_auth_check_t *check)
{
    lk_acr_wish_t wish = lk_acr_wish(check->req->arena, check->client, check->auth.acr_values, check->auth.claims);
    int64_t level;
    return lk_acr_requested(check->req->arena, check->realm, check->client, &wish, &level) == 0
               ? 0
               : lk_auth_refuse_page(check, "invalidParameterMessage", "claims", "Invalid parameter: claims");
}

static int read_parameters(lk_auth_check_t *check)
{
    const struct {
        const char *name;
        const char **field;
    } fields[] = {{"redirect_uri", &check->auth.redirect_uri},
                  {"response_type", &check->auth.response_type},
                  {"response_mode", &check->auth.response_mode},
                  {"scope", &check->auth.scope},
                  {"state", &check->auth.state},
                  {"nonce", &check->auth.nonce},
                  {"code_challenge", &check->auth.code_challenge},
                  {"code_challenge_method", &check->auth.code_challenge_method},
                  {"dpop_jkt", &check->auth.dpop_jkt},
                  {"prompt", &check->auth.prompt},
                  {"login_hint", &check->auth.login_hint},
                  {"acr_values", &check->auth.acr_values},
                  {"claims", &check->auth.claims},
                  {"ui_locales", &check->auth.ui_locales},
                  {"kc_idp_hint", &check->auth.kc_idp_hint},
                  {"kc_action", &check->auth.kc_action}};
    for (size_t i = 0; i != sizeof(fields) / sizeof(fields[0]); ++i)
        *fields[i].field = lk_pairs_get(&check->parameters, fields[i].name);
    check->auth.client_id = check->client->client_id;
    check->auth.redirect_uri_was_given = check->auth.redirect_uri != NULL;
    if (check->auth.redirect_uri == NULL && !lk_has_word(check->auth.scope, "openid")) /* RFC 6749 section 3.1.2.3 */
        check->auth.redirect_uri = lk_redirect_uri_only(check->req->arena, check->req, check->client);
    else
        check->auth.redirect_uri = lk_redirect_uri_check(check->req->arena, check->req, check->client, check->auth.redirect_uri);
    if (check->auth.redirect_uri == NULL)
        return lk_auth_refuse_page(check, "invalidParameterMessage", "redirect_uri", NULL);
    return read_max_age(check);
}

static int check_pushed(lk_auth_check_t *check)
{
    int required = lk_client_attribute_bool(check->client, "require.pushed.authorization.requests", 0);
    return !required || check->pushing || check->auth.pushed_id != NULL
               ? 0
               : refuse(check, "invalid_request", "Pushed Authorization Request is only allowed.");
}

static const char *flow_disabled(const lk_auth_check_t *check, const char *flow)
{
    return lk_printf(
        check->req->arena,
        "Client is not allowed to initiate browser login with given response_type. %s flow is disabled for the client.", flow);
}

static int check_response_type(lk_auth_check_t *check)
{
    lk_response_type_t type;
    if (check->auth.response_type == NULL)
        return refuse(check, "invalid_request", "Missing parameter: response_type");
    if (lk_response_type_parse(check->auth.response_type, &type) != 0)
        return refuse(check, "unsupported_response_type", NULL);
    return 0;
}

static int check_flow(lk_auth_check_t *check)
{
    lk_response_type_t type;
    lk_response_type_parse(check->auth.response_type, &type);
    if ((type.code || type.none) && !check->client->standard_flow_enabled)
        return refuse(check, "unauthorized_client", flow_disabled(check, "Standard"));
    if (lk_response_type_is_front_channel(&type) && !check->client->implicit_flow_enabled)
        return refuse(check, "unauthorized_client", flow_disabled(check, "Implicit"));
    return 0;
}

/* OpenID Connect Core 6.1: it stands beside a request object too, and says the same. */
static int check_beside_object(lk_auth_check_t *check)
{
    const char *beside = lk_pairs_get(&check->sent, "response_type");
    if (check->object == NULL || check->pushing || check->auth.pushed_id != NULL || !lk_has_word(check->auth.scope, "openid"))
        return 0;
    if (beside == NULL)
        return refuse(check, "invalid_request", "Missing parameter: response_type");
    return strcmp(check->auth.response_type, beside) == 0
               ? 0
               : refuse(check, "invalid_request", "Parameter response_type does not match");
}

static int check_response_mode(lk_auth_check_t *check)
{
    lk_response_type_t type;
    const char *mode = check->auth.response_mode;
    if (mode == NULL) {
        lk_response_type_parse(check->auth.response_type, &type);
        lk_event_detail(check->req, "response_mode", lk_response_type_is_front_channel(&type) ? "fragment" : "query");
        return 0;
    }
    if (!lk_response_mode_is_known(mode)) {
        check->auth.response_mode = NULL;
        return refuse(check, "invalid_request", "Invalid parameter: response_mode");
    }
    lk_response_type_parse(check->auth.response_type, &type);
    if (lk_response_type_is_front_channel(&type) && strcmp(mode, "query") == 0)
        return refuse(check, "invalid_request", "Response_mode 'query' not allowed for implicit or hybrid flow");
    if (lk_response_type_is_front_channel(&type) && strcmp(mode, "query.jwt") == 0 &&
        !lk_client_encrypts(check->client, LK_ENCRYPT_AUTHORIZATION))
        return refuse(check, "invalid_request",
                      "Response_mode 'query.jwt' is allowed only when the authorization response token is encrypted");
    lk_event_detail(check->req, "response_mode", mode);
    return 0;
}

static int check_duplicates(lk_auth_check_t *check)
{
    for (size_t i = 0; i != check->parameters.count; ++i)
        if (lk_pairs_count(&check->parameters, check->parameters.entries[i].name) > 1)
            return refuse(check, "invalid_request", "duplicated parameter");
    return 0;
}

static int check_nonce(lk_auth_check_t *check)
{
    lk_response_type_t type;
    lk_response_type_parse(check->auth.response_type, &type);
    if (type.id_token && check->auth.nonce == NULL)
        return refuse(check, "invalid_request", "Missing parameter: nonce");
    return 0;
}

static int check_scope(lk_auth_check_t *check)
{
    lk_scopes_t scopes;
    lk_error_t err = {0};
    if (check->auth.scope != NULL && *check->auth.scope == '\0')
        return refuse(check, "invalid_scope", "Invalid scopes: ");
    if (lk_scopes_of_request(check->req, check->realm, check->client, check->auth.scope, &scopes, &err) == LK_OK)
        return 0;
    return refuse(check, "invalid_scope", lk_strdup(check->req->arena, err.text));
}

/* RFC 7636 section 4.2: 43 to 128 characters of the unreserved set. */
static int is_challenge(const char *text)
{
    size_t len = strlen(text);
    return len >= 43 && len <= 128 && strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~") == len;
}

int lk_auth_check_pkce(lk_auth_check_t *check)
{
    const char *required = lk_client_attribute(check->client, "pkce.code.challenge.method", ""),
               *method = check->auth.code_challenge_method, *challenge = check->auth.code_challenge;
    if (strstr(check->auth.response_type, "code") == NULL)
        return 0;
    if (*required != '\0' && method == NULL)
        return refuse(check, "invalid_request", "Missing parameter: code_challenge_method");
    if (*required != '\0' && strcmp(method, required) != 0)
        return refuse(check, "invalid_request", "Invalid parameter: code challenge method is not matching the configured one");
    if (method == NULL && challenge == NULL)
        return 0;
    if (method != NULL && strcmp(method, "S256") != 0 && strcmp(method, "plain") != 0)
        return refuse(check, "invalid_request", "Invalid parameter: code_challenge_method");
    if (challenge == NULL)
        return refuse(check, "invalid_request", "Missing parameter: code_challenge");
    if (!is_challenge(challenge))
        return refuse(check, "invalid_request", "Invalid parameter: code_challenge");
    if (method == NULL)
        check->auth.code_challenge_method = "plain";
    return 0;
}

static int check_policies(lk_auth_check_t *check)
{
    lk_error_t err = {0};
    lk_policy_effects_t effects = {0};
    lk_status_t status =
        lk_client_policies_of_request(check->pushing ? LK_POLICY_PUSH : LK_POLICY_AUTHORIZE, check, &effects, &err);
    check->auth.flow = effects.flow;
    check->auth.flow_level = effects.flow_level;
    check->is_elsewhere = status == LK_ELSEWHERE;
    return status == LK_OK       ? 0
           : check->is_elsewhere ? -1
                                 : refuse(check, lk_strdup(check->req->arena, err.code), lk_strdup(check->req->arena, err.text));
}

/* In Keycloak's order: the first that fails decides the answer. */
static int (*const checks[])(lk_auth_check_t *check) = {read_parameters,     check_pushed, check_claims,        check_response_type,
                                                        check_response_mode, check_flow,   check_beside_object, check_duplicates,
                                                        check_nonce,         check_scope,  lk_auth_check_pkce,  check_policies};

int lk_auth_request_check(lk_auth_check_t *check)
{
    for (size_t i = 0; i != sizeof(checks) / sizeof(checks[0]); ++i)
        if (checks[i](check) != 0)
            return -1;
    return 0;
}
