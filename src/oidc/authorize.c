/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "core/json.h"
#include "login/login.h"
#include "login/page.h"
#include "login/respond.h"
#include "crypto/jws.h"
#include "oidc/oidc.h"

/* The authorization endpoint (RFC 6749 3.1, OpenID Connect Core 3.1.2): reads the parameters, from the request and from a request
 * object, checks them in Keycloak's order and hands over to login/. Until the redirect URI is known to be the client's, errors are
 * pages. */

typedef struct st_check_t {
    const lk_request_t *req;
    const lk_realm_t *realm;
    const lk_client_t *client;
    lk_auth_request_t auth;
    json_t *object;         /* claims of a request object, or NULL */
    const char *page_error; /* message key of an error page */
    const char *page_argument;
    int page_status;
    const char *error, *description; /* of an error redirect */
} check_t;

static const char *parameter(const check_t *check, const char *name)
{
    const char *value = check->object != NULL ? lk_json_str(check->object, name, NULL) : NULL;
    return value != NULL ? value : lk_request_param(check->req, name);
}

/* How often a parameter was given: in the URL and the form together. */
static size_t parameter_count(const lk_request_t *req, const char *name)
{
    return lk_pairs_count(&req->query, name) + lk_pairs_count(&req->form, name);
}

static int refuse_page(check_t *check, const char *key, const char *argument)
{
    check->page_error = key;
    check->page_argument = argument;
    check->page_status = 400;
    return -1;
}

static int refuse(check_t *check, const char *error, const char *description)
{
    check->error = error;
    check->description = description;
    return -1;
}

/* --- checks that end in a page
 * ----------------------------------------------------------------------------------------------------------- */

static lk_status_t find_client(check_t *check, lk_error_t *err)
{
    const char *client_id = lk_request_param(check->req, "client_id");
    if (client_id == NULL || *client_id == '\0' || parameter_count(check->req, "client_id") > 1) {
        refuse_page(check, "invalidRequestMessage", NULL);
        return LK_OK;
    }
    lk_status_t status = lk_realm_client(check->req->app->realms, check->realm, client_id, &check->client, err);
    if (status != LK_OK)
        return status;
    if (check->client == NULL) {
        refuse_page(check, "clientNotFoundMessage", NULL);
    } else if (!check->client->enabled) {
        refuse_page(check, "clientDisabledMessage", NULL);
    } else if (check->client->bearer_only) {
        refuse_page(check, "bearerOnlyMessage", NULL);
        check->page_status = 403;
    }
    return LK_OK;
}

/* A request object by value (OpenID Connect Core 6.1). Unsigned ones are taken where the client does not ask for a signature;
 * signed ones with the client's secret. By reference they come with pushed authorization requests. */
static int read_request_object(check_t *check)
{
    const char *request = lk_request_param(check->req, "request");
    lk_jws_t jws;
    if (request == NULL)
        return lk_request_param(check->req, "request_uri") == NULL ? 0 : refuse_page(check, "invalidRequestMessage", NULL);
    if (lk_jws_parse(check->req->arena, request, &jws, NULL) != LK_OK)
        return refuse_page(check, "invalidRequestMessage", NULL);
    const char *wanted = lk_client_attribute(check->client, "request.object.signature.alg", "any");
    int any = strcmp(wanted, "any") == 0;
    if (!any && (jws.alg == NULL || strcmp(jws.alg, wanted) != 0))
        return refuse_page(check, "invalidRequestMessage", NULL);
    if (jws.alg != NULL && strcmp(jws.alg, "none") == 0 ? jws.signature.len != 0
                                                        : !lk_client_secret_verifies(check->req, check->client, &jws))
        return refuse_page(check, "invalidRequestMessage", NULL);
    const char *client_id = lk_json_str(jws.claims, "client_id", NULL);
    if (client_id != NULL && strcmp(client_id, check->client->client_id) != 0)
        return refuse_page(check, "invalidRequestMessage", NULL);
    check->object = jws.claims;
    return 0;
}

/* max_age: a whole number, negative ones meaning "always". */
static int read_max_age(check_t *check)
{
    const char *text = parameter(check, "max_age");
    char *end;
    check->auth.max_age = LK_MAX_AGE_ABSENT;
    if (text == NULL)
        return 0;
    errno = 0;
    long value = strtol(text, &end, 10);
    if (*text == '\0' || *end != '\0' || errno != 0 || isspace((unsigned char)*text))
        return refuse_page(check, "invalidRequestMessage", NULL);
    check->auth.max_age = value;
    return 0;
}

/* Essential acr values that this server cannot give (OpenID Connect Core 5.5.1.1). Text that is no JSON is ignored, as Keycloak
 * does. */
static int check_claims(check_t *check)
{
    json_t *claims, *acr, *value;
    size_t i;
    if (check->auth.claims == NULL ||
        lk_json_parse(check->req->arena, check->auth.claims, strlen(check->auth.claims), &claims, NULL) != LK_OK)
        return 0;
    acr = json_object_get(json_object_get(claims, "id_token"), "acr");
    if (!json_is_true(json_object_get(acr, "essential")))
        return 0;
    const char *map = lk_client_attribute(check->client, "acr.loa.map", lk_json_str(check->realm->attributes, "acr.loa.map", "{}"));
    json_array_foreach(json_object_get(acr, "values"), i, value)
    {
        const char *text = json_string_value(value);
        if (text != NULL &&
            (strspn(text, "0123456789") == strlen(text) || strstr(map, lk_printf(check->req->arena, "\"%s\"", text)) != NULL))
            return 0;
    }
    return refuse_page(check, "invalidParameterMessage", "claims");
}

static int read_parameters(check_t *check)
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
                  {"prompt", &check->auth.prompt},
                  {"login_hint", &check->auth.login_hint},
                  {"acr_values", &check->auth.acr_values},
                  {"claims", &check->auth.claims},
                  {"ui_locales", &check->auth.ui_locales},
                  {"kc_idp_hint", &check->auth.kc_idp_hint},
                  {"kc_action", &check->auth.kc_action}};
    if (read_request_object(check) != 0)
        return -1;
    for (size_t i = 0; i != sizeof(fields) / sizeof(fields[0]); ++i)
        *fields[i].field = parameter(check, fields[i].name);
    check->auth.client_id = check->client->client_id;
    check->auth.redirect_uri_was_given = check->auth.redirect_uri != NULL;
    check->auth.redirect_uri = lk_redirect_uri_check(check->req->arena, check->req, check->client, check->auth.redirect_uri);
    if (check->auth.redirect_uri == NULL)
        return refuse_page(check, "invalidParameterMessage", "redirect_uri");
    return read_max_age(check);
}

/* --- checks that end in an error redirect
 * --------------------------------------------------------------------------------------------------- */

static const char *flow_disabled(const check_t *check, const char *flow)
{
    return lk_printf(
        check->req->arena,
        "Client is not allowed to initiate browser login with given response_type. %s flow is disabled for the client.", flow);
}

static int check_response_type(check_t *check)
{
    lk_response_type_t type;
    if (check->auth.response_type == NULL)
        return refuse(check, "invalid_request", "Missing parameter: response_type");
    if (lk_response_type_parse(check->auth.response_type, &type) != 0)
        return refuse(check, "unsupported_response_type", NULL);
    if ((type.code || type.none) && !check->client->standard_flow_enabled)
        return refuse(check, "unauthorized_client", flow_disabled(check, "Standard"));
    if (lk_response_type_is_front_channel(&type) && !check->client->implicit_flow_enabled)
        return refuse(check, "unauthorized_client", flow_disabled(check, "Implicit"));
    return 0;
}

static int check_response_mode(check_t *check)
{
    lk_response_type_t type;
    const char *mode = check->auth.response_mode;
    if (mode == NULL)
        return 0;
    if (!lk_response_mode_is_known(mode)) {
        check->auth.response_mode = NULL;
        return refuse(check, "invalid_request", "Invalid parameter: response_mode");
    }
    lk_response_type_parse(check->auth.response_type, &type);
    if (lk_response_type_is_front_channel(&type) && strcmp(mode, "query") == 0)
        return refuse(check, "invalid_request", "Response_mode 'query' not allowed for implicit or hybrid flow");
    return 0;
}

static int check_duplicates(check_t *check)
{
    const lk_pairs_t *sources[] = {&check->req->query, &check->req->form};
    for (size_t source = 0; source != 2; ++source)
        for (size_t i = 0; i != sources[source]->count; ++i)
            if (parameter_count(check->req, sources[source]->entries[i].name) > 1)
                return refuse(check, "invalid_request", "duplicated parameter");
    return 0;
}

static int check_nonce(check_t *check)
{
    lk_response_type_t type;
    lk_response_type_parse(check->auth.response_type, &type);
    if (type.id_token && check->auth.nonce == NULL)
        return refuse(check, "invalid_request", "Missing parameter: nonce");
    return 0;
}

static int check_scope(check_t *check)
{
    lk_scopes_t scopes;
    lk_error_t err = {0};
    if (check->auth.scope != NULL && *check->auth.scope == '\0')
        return refuse(check, "invalid_scope", "Invalid scopes: ");
    if (lk_scopes_resolve(check->req->arena, check->realm, check->client, check->auth.scope, &scopes, &err) == LK_OK)
        return 0;
    return refuse(check, "invalid_scope", lk_strdup(check->req->arena, err.text));
}

/* RFC 7636 section 4.2: 43 to 128 characters of the unreserved set. */
static int is_challenge(const char *text)
{
    size_t len = strlen(text);
    return len >= 43 && len <= 128 && strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~") == len;
}

static int check_pkce(check_t *check)
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

/* In Keycloak's order: the first that fails decides the answer. */
static int (*const checks[])(check_t *check) = {read_parameters,  check_claims, check_response_type, check_response_mode,
                                                check_duplicates, check_nonce,  check_scope,         check_pkce};

static lk_status_t answer_page(const check_t *check, lk_reply_t *reply)
{
    json_t *model = lk_page_model(check->req, check->realm, check->client, NULL);
    lk_page_message(model, "error", check->page_error, check->page_argument);
    lk_page_show(check->req, check->realm, check->page_status, "error", model, reply);
    return LK_OK;
}

typedef lk_status_t (*begin_t)(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client,
                               const lk_auth_request_t *auth, lk_reply_t *reply, lk_error_t *err);

static lk_status_t handle(const lk_request_t *req, int registration, begin_t begin, lk_reply_t *reply, lk_error_t *err)
{
    check_t check = {.req = req};
    lk_status_t status = lk_request_realm(req, &check.realm, err);
    if (status != LK_OK)
        return status;
    if (!check.realm->enabled)
        refuse_page(&check, "realmNotEnabledMessage", NULL);
    else if (registration && !check.realm->registration_allowed)
        refuse_page(&check, "registrationNotAllowedMessage", NULL);
    else if ((status = find_client(&check, err)) != LK_OK)
        return status;
    for (size_t i = 0; i != sizeof(checks) / sizeof(checks[0]) && check.page_error == NULL && check.error == NULL; ++i)
        checks[i](&check);
    if (check.page_error != NULL)
        return answer_page(&check, reply);
    if (check.error != NULL)
        return lk_login_redirect_error(req, check.realm, check.client, &check.auth, check.error, check.description, reply, err);
    return begin(req, check.realm, check.client, &check.auth, reply, err);
}

lk_status_t lk_authorize_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    return handle(req, 0, lk_login_start, reply, err);
}

/* The same request, but the walk begins at the registration page. */
lk_status_t lk_registrations_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    return handle(req, 1, lk_registration_start, reply, err);
}
