/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <pthread.h>
#include <string.h>
#include "core/embedded.h"
#include "core/json.h"
#include "crypto/jws.h"
#include "login/respond.h"
#include "model/pattern.h"
#include "oidc/client_policy.h"

#define FILE_NAME "conf/client_profiles.json"

/* --- what there is to look at --- */

static const json_t *rep_of(const lk_policy_subject_t *subject)
{
    return subject->rep != NULL ? subject->rep : subject->client->rep;
}

/* A switch of a configuration: a boolean, or text. */
static int is_on(const json_t *config, const char *name)
{
    const json_t *value = json_object_get(config, name);
    return json_is_true(value) || (json_is_string(value) && strcmp(json_string_value(value), "true") == 0);
}

static const char *attribute(const lk_policy_subject_t *subject, const char *name)
{
    return lk_json_str(json_object_get(rep_of(subject), "attributes"), name, "");
}

static void set_attribute(const lk_policy_subject_t *subject, const char *name, const char *value)
{
    json_t *attributes = json_copy(json_object_get(subject->rep, "attributes"));
    if (attributes == NULL)
        attributes = json_object();
    json_object_set_new(attributes, name, json_string(value));
    json_object_set_new(subject->rep, "attributes", attributes);
}

/* --- conditions: 1 or 0 --- */

static int any_client(const lk_policy_subject_t *subject, const json_t *config)
{
    (void)subject, (void)config;
    return 1;
}

static const char *type_of(const json_t *rep)
{
    return lk_json_bool(rep, "bearerOnly", 0) ? "bearer-only" : lk_json_bool(rep, "publicClient", 0) ? "public" : "confidential";
}

static int access_type(const lk_policy_subject_t *subject, const json_t *config)
{
    return lk_json_lists(json_object_get(config, "type"), type_of(rep_of(subject)));
}

static int has_role(const lk_policy_subject_t *subject, const json_t *config)
{
    const char *id = subject->client != NULL ? subject->client->id : "";
    for (size_t i = 0; i != subject->realm->num_roles; ++i) {
        const lk_role_t *role = &subject->realm->roles[i];
        if (role->client_uuid != NULL && strcmp(role->client_uuid, id) == 0 &&
            lk_json_lists(json_object_get(config, "roles"), role->name))
            return 1;
    }
    return 0;
}

static int has_scope_of(const json_t *wanted, const lk_scope_t *const *scopes, size_t count, const char *asked)
{
    for (size_t i = 0; i != count; ++i)
        if (lk_json_lists(wanted, scopes[i]->name) && (asked == NULL || lk_has_word(asked, scopes[i]->name)))
            return 1;
    return 0;
}

/* A default scope of the client, or an optional one that the request asks for. */
static int has_scope(const lk_policy_subject_t *subject, const json_t *config)
{
    const json_t *wanted = json_object_get(config, "scopes");
    int optional = strcmp(lk_json_str(config, "type", "Default"), "Optional") == 0;
    const char *asked = subject->auth != NULL ? subject->auth->scope : lk_pairs_get(&subject->req->form, "scope");
    if (subject->client == NULL)
        return 0;
    if (!optional)
        return has_scope_of(wanted, subject->client->default_scopes, subject->client->num_default_scopes, NULL);
    return has_scope_of(wanted, subject->client->optional_scopes, subject->client->num_optional_scopes, asked != NULL ? asked : "");
}

static int has_updater(const lk_policy_subject_t *subject, const json_t *config)
{
    return subject->updater != NULL && lk_json_lists(json_object_get(config, "update-client-source"), subject->updater);
}

static int has_grant(const lk_policy_subject_t *subject, const json_t *config)
{
    const char *grant = subject->auth != NULL ? "authorization_code" : subject->grant_type;
    return grant != NULL && lk_json_lists(json_object_get(config, "grant_types"), grant);
}

/* [{"key": "a", "value": "b"}], as text or as it is: all of them. */
static int has_attributes(const lk_policy_subject_t *subject, const json_t *config)
{
    const json_t *given = json_object_get(config, "attributes");
    json_t *parsed = json_is_string(given) ? json_loads(json_string_value(given), 0, NULL) : json_incref((json_t *)given), *pair;
    size_t i;
    int result = json_array_size(parsed) != 0;
    json_array_foreach(parsed, i, pair)
    {
        if (strcmp(attribute(subject, lk_json_str(pair, "key", "")), lk_json_str(pair, "value", "")) != 0)
            result = 0;
    }
    json_decref(parsed);
    return result;
}

static int has_protocol(const lk_policy_subject_t *subject, const json_t *config)
{
    return strcmp(lk_json_str(config, "protocol", ""), lk_json_str(rep_of(subject), "protocol", "openid-connect")) == 0;
}

/* Who stores a client from one of these addresses; names of hosts say nothing of a sender without asking a resolver backwards. */
static int has_updater_host(const lk_policy_subject_t *subject, const json_t *config)
{
    return subject->rep != NULL && lk_json_lists(json_object_get(config, "trusted-hosts"), subject->req->client_ip);
}

static int has_acr(const lk_policy_subject_t *subject, const json_t *config)
{
    const char *wanted = lk_json_str(config, "acr-property", "");
    return subject->auth != NULL && subject->auth->acr_values != NULL && lk_has_word(subject->auth->acr_values, wanted);
}

static const struct {
    const char *name;
    int (*holds)(const lk_policy_subject_t *subject, const json_t *config);
} conditions[] = {
    {"any-client", any_client},
    {"client-access-type", access_type},
    {"client-roles", has_role},
    {"client-scopes", has_scope},
    {"client-updater-context", has_updater},
    {"grant-type", has_grant},
    {"client-attributes", has_attributes},
    {"client-type", has_protocol},
    {"client-updater-source-host", has_updater_host},
    {"acr-condition", has_acr},
};

/* Nobody shall believe that it works. */
static void tell_unknown(const lk_policy_subject_t *subject, const char *what, const char *name)
{
    const lk_request_t *req = subject->req;
    if (req->app->notice != NULL)
        req->app->notice(LK_LOG_WARN, "org.keycloak.services",
                         lk_printf(req->arena, "client policies of realm %s: the %s %s is not there, and has no effect (client %s)",
                                   subject->realm->name, what, name, subject->client != NULL ? subject->client->client_id : "new"));
}

/* A condition that nobody knows holds for nobody. */
static int holds(const lk_policy_subject_t *subject, const json_t *condition)
{
    const char *name = lk_json_str(condition, "condition", "");
    const json_t *config = json_object_get(condition, "configuration");
    for (size_t i = 0; i != sizeof(conditions) / sizeof(conditions[0]); ++i)
        if (strcmp(conditions[i].name, name) == 0)
            return (conditions[i].holds(subject, config) != 0) != is_on(config, "is-negative-logic");
    tell_unknown(subject, "condition", name);
    return 0;
}

/* --- executors --- */

typedef lk_status_t (*executor_t)(const lk_policy_subject_t *subject, const json_t *config, lk_error_t *err);

static lk_status_t bad_client(lk_error_t *err, const char *text)
{
    return lk_fail(err, LK_INVALID, "invalid_client_metadata", "%s", text);
}

static lk_status_t bad_request(lk_error_t *err, const char *text)
{
    return lk_fail(err, LK_INVALID, "invalid_request", "%s", text);
}

static lk_status_t store_authenticator(const lk_policy_subject_t *subject, const json_t *config, lk_error_t *err)
{
    const char *fallback = lk_json_str(config, "default-client-authenticator", ""),
               *type = lk_json_str(subject->rep, "clientAuthenticatorType", NULL);
    if (type == NULL && *fallback != '\0')
        json_object_set_new(subject->rep, "clientAuthenticatorType", json_string(fallback));
    type = lk_json_str(subject->rep, "clientAuthenticatorType", "client-secret");
    return lk_json_lists(json_object_get(config, "allowed-client-authenticators"), type)
               ? LK_OK
               : bad_client(err, "Invalid client metadata: token_endpoint_auth_method");
}

static lk_status_t use_authenticator(const lk_policy_subject_t *subject, const json_t *config, lk_error_t *err)
{
    const char *type = subject->client->client_authenticator_type;
    return lk_json_lists(json_object_get(config, "allowed-client-authenticators"), type != NULL ? type : "client-secret")
               ? LK_OK
               : bad_request(err, "Configured client authentication method not allowed for client");
}

static lk_status_t store_pkce(const lk_policy_subject_t *subject, const json_t *config, lk_error_t *err)
{
    if (is_on(config, "auto-configure"))
        set_attribute(subject, "pkce.code.challenge.method", "S256");
    return strcmp(attribute(subject, "pkce.code.challenge.method"), "S256") == 0
               ? LK_OK
               : bad_client(err, "Invalid client metadata: code_challenge_method");
}

static lk_status_t use_pkce(const lk_policy_subject_t *subject, const json_t *config, lk_error_t *err)
{
    const lk_auth_request_t *auth = subject->auth;
    (void)config;
    if (strstr(auth->response_type, "code") == NULL)
        return LK_OK;
    if (auth->code_challenge == NULL || auth->code_challenge_method == NULL)
        return bad_request(err, auth->code_challenge_method == NULL ? "Missing parameter: code_challenge_method"
                                                                    : "Missing parameter: code_challenge");
    return strcmp(auth->code_challenge_method, "S256") == 0 ? LK_OK
                                                            : bad_request(err, "Invalid parameter: invalid code_challenge_method");
}

static lk_status_t use_session(const lk_policy_subject_t *subject, const json_t *config, lk_error_t *err)
{
    (void)config;
    if (lk_has_word(subject->auth->scope, "openid"))
        return subject->auth->nonce != NULL ? LK_OK : bad_request(err, "Missing parameter: nonce");
    return subject->auth->state != NULL ? LK_OK : bad_request(err, "Missing parameter: state");
}

static lk_status_t store_consent(const lk_policy_subject_t *subject, const json_t *config, lk_error_t *err)
{
    if (is_on(config, "auto-configure"))
        json_object_set_new(subject->rep, "consentRequired", json_true());
    return lk_json_bool(subject->rep, "consentRequired", 0)
               ? LK_OK
               : lk_fail(err, LK_INVALID, "invalid_registration", "Client is required to enable consentRequired");
}

static lk_status_t store_scope(const lk_policy_subject_t *subject, const json_t *config, lk_error_t *err)
{
    if (is_on(config, "auto-configure"))
        json_object_set_new(subject->rep, "fullScopeAllowed", json_false());
    return lk_json_bool(subject->rep, "fullScopeAllowed", 1)
               ? lk_fail(err, LK_INVALID, "invalid_registration", "Not permitted to enable fullScopeAllowed")
               : LK_OK;
}

static lk_status_t store_implicit(const lk_policy_subject_t *subject, const json_t *config, lk_error_t *err)
{
    if (is_on(config, "auto-configure"))
        json_object_set_new(subject->rep, "implicitFlowEnabled", json_false());
    return lk_json_bool(subject->rep, "implicitFlowEnabled", 0) ? bad_client(err, "Invalid client metadata: implicit flow enabled")
                                                                : LK_OK;
}

static lk_status_t use_implicit(const lk_policy_subject_t *subject, const json_t *config, lk_error_t *err)
{
    lk_response_type_t type;
    (void)config;
    if (lk_response_type_parse(subject->auth->response_type, &type) == 0 && lk_response_type_is_front_channel(&type))
        return bad_request(err, "Implicit/Hybrid flow is prohibited.");
    return LK_OK;
}

static lk_status_t store_password_grant(const lk_policy_subject_t *subject, const json_t *config, lk_error_t *err)
{
    if (is_on(config, "auto-configure"))
        json_object_set_new(subject->rep, "directAccessGrantsEnabled", json_false());
    return lk_json_bool(subject->rep, "directAccessGrantsEnabled", 0)
               ? bad_client(err, "Invalid client metadata: resource owner password credentials grant enabled")
               : LK_OK;
}

static lk_status_t use_password_grant(const lk_policy_subject_t *subject, const json_t *config, lk_error_t *err)
{
    (void)config;
    return strcmp(subject->grant_type, "password") == 0
               ? lk_fail(err, LK_INVALID, "invalid_grant", "resource owner password credentials grant is prohibited.")
               : LK_OK;
}

static lk_status_t store_holder_of_key(const lk_policy_subject_t *subject, const json_t *config, lk_error_t *err)
{
    static const char name[] = "tls.client.certificate.bound.access.tokens";
    if (is_on(config, "auto-configure"))
        set_attribute(subject, name, "true");
    return strcmp(attribute(subject, name), "true") == 0 ? LK_OK
                                                         : bad_client(err, "Invalid client metadata: MTLS token in disabled");
}

static lk_status_t use_holder_of_key(const lk_policy_subject_t *subject, const json_t *config, lk_error_t *err)
{
    (void)config;
    return subject->req->certificate.base != NULL ? LK_OK
                                                  : bad_request(err, "Client Certification missing for MTLS HoK Token Binding");
}

static lk_status_t use_confidential(const lk_policy_subject_t *subject, const json_t *config, lk_error_t *err)
{
    const char *type = type_of(rep_of(subject));
    (void)config;
    return strcmp(type, "confidential") == 0 ? LK_OK
                                             : lk_fail(err, LK_INVALID, "invalid_client", "invalid client access type: %s", type);
}

static lk_status_t store_dpop(const lk_policy_subject_t *subject, const json_t *config, lk_error_t *err)
{
    static const char name[] = "dpop.bound.access.tokens";
    if (is_on(config, "auto-configure"))
        set_attribute(subject, name, "true");
    return strcmp(attribute(subject, name), "true") == 0 ? LK_OK
                                                         : bad_client(err, "Invalid client metadata: DPoP token is disabled");
}

static lk_status_t use_dpop(const lk_policy_subject_t *subject, const json_t *config, lk_error_t *err)
{
    return !is_on(config, "enforce-authorization-code-binding-to-dpop") || subject->auth->dpop_jkt != NULL
               ? LK_OK
               : bad_request(err, "Missing parameter: dpop_jkt");
}

/* --- algorithms --- */

static int is_strong(const char *alg)
{
    static const char *const algs[] = {"PS256", "PS384", "PS512", "ES256", "ES384", "ES512"};
    for (size_t i = 0; i != sizeof(algs) / sizeof(algs[0]); ++i)
        if (strcmp(algs[i], alg) == 0)
            return 1;
    return 0;
}

/* Sets what is not set, and refuses what is weak. */
static lk_status_t store_algs(const lk_policy_subject_t *subject, const json_t *config, const char *const *names, size_t count,
                              lk_error_t *err)
{
    for (size_t i = 0; i != count; ++i) {
        const char *alg = attribute(subject, names[i]);
        if (*alg == '\0')
            set_attribute(subject, names[i], lk_json_str(config, "default-algorithm", "PS256"));
        else if (!is_strong(alg))
            return bad_request(err, "not allowed signature algorithm.");
    }
    return LK_OK;
}

static lk_status_t store_signatures(const lk_policy_subject_t *subject, const json_t *config, lk_error_t *err)
{
    static const char *const names[] = {"access.token.signed.response.alg", "id.token.signed.response.alg",
                                        "request.object.signature.alg", "token.endpoint.auth.signing.alg",
                                        "user.info.response.signature.alg"};
    return store_algs(subject, config, names, sizeof(names) / sizeof(names[0]), err);
}

static lk_status_t store_ciba_signature(const lk_policy_subject_t *subject, const json_t *config, lk_error_t *err)
{
    static const char *const names[] = {"ciba.backchannel.auth.request.signing.alg"};
    return store_algs(subject, config, names, 1, err);
}

static lk_status_t use_assertion_alg(const lk_policy_subject_t *subject, const json_t *config, lk_error_t *err)
{
    const lk_request_t *req = subject->req;
    const char *assertion = lk_pairs_get(&req->form, "client_assertion");
    lk_jws_t jws;
    if (assertion == NULL)
        return is_on(config, "require-client-assertion") ? bad_request(err, "client assertion is required.") : LK_OK;
    if (lk_jws_parse(req->arena, assertion, &jws, err) != LK_OK || jws.alg == NULL || !is_strong(jws.alg))
        return bad_request(err, "not allowed signature algorithm.");
    return LK_OK;
}

static lk_status_t store_logout(const lk_policy_subject_t *subject, const json_t *config, lk_error_t *err)
{
    if (is_on(config, "allow-front-channel-logout"))
        return LK_OK;
    return lk_json_bool(subject->rep, "frontchannelLogout", 0) || *attribute(subject, "frontchannel.logout.url") != '\0'
               ? lk_fail(err, LK_INVALID, "invalid_registration", "Front-channel logout is not allowed for this client")
               : LK_OK;
}

static lk_status_t use_response_type(const lk_policy_subject_t *subject, const json_t *config, lk_error_t *err)
{
    const char *type = subject->auth->response_type;
    lk_response_type_t parts;
    if (lk_response_type_parse(type, &parts) != 0)
        return LK_OK;
    if (parts.code && parts.id_token && (!parts.token || is_on(config, "allow-token-response-type")))
        return LK_OK;
    const char *mode = subject->auth->response_mode;
    if (parts.code && !parts.token && !parts.id_token && mode != NULL && strstr(mode, "jwt") != NULL)
        return LK_OK;
    return bad_request(err, "invalid response_type");
}

static int is_secure(const char *uri)
{
    return *uri == '\0' || strncmp(uri, "https://", 8) == 0;
}

static lk_status_t store_uris(const lk_policy_subject_t *subject, const json_t *config, lk_error_t *err)
{
    static const char *const members[] = {"rootUrl", "baseUrl", "adminUrl"};
    size_t i;
    json_t *uri;
    (void)config;
    for (i = 0; i != sizeof(members) / sizeof(members[0]); ++i)
        if (!is_secure(lk_json_str(subject->rep, members[i], "")))
            return lk_fail(err, LK_INVALID, "invalid_client_metadata", "Invalid %s", members[i]);
    json_array_foreach(json_object_get(subject->rep, "redirectUris"), i, uri)
    {
        const char *text = json_is_string(uri) ? json_string_value(uri) : "";
        if (!is_secure(text) || strchr(text, '*') != NULL)
            return bad_client(err, "Invalid redirectUris");
    }
    return LK_OK;
}

static lk_status_t use_uris(const lk_policy_subject_t *subject, const json_t *config, lk_error_t *err)
{
    (void)config;
    return is_secure(subject->auth->redirect_uri != NULL ? subject->auth->redirect_uri : "")
               ? LK_OK
               : bad_request(err, "Invalid redirect_uri");
}

/* --- addresses by pattern --- */

/* Where a client's addresses are: a member, or an attribute with several of them between "##". */
static const struct {
    const char *field, *attribute;
} address_fields[] = {
    {"rootUrl", NULL},
    {"adminUrl", NULL},
    {"baseUrl", NULL},
    {"redirectUris", NULL},
    {"webOrigins", NULL},
    {"jwksUri", "jwks.url"},
    {"requestUris", "request.uris"},
    {"backchannelLogoutUrl", "backchannel.logout.url"},
    {"postLogoutRedirectUris", "post.logout.redirect.uris"},
    {"cibaClientNotificationEndpoint", "ciba.backchannel.client.notification.endpoint"},
    {"logoUri", "logoUri"},
    {"policyUri", "policyUri"},
    {"tosUri", "tosUri"},
};

static int fits_a_pattern(lk_arena_t *arena, const json_t *patterns, const char *text)
{
    size_t i;
    json_t *pattern;
    json_array_foreach((json_t *)patterns, i, pattern)
    {
        if (json_is_string(pattern) && lk_pattern_match(arena, json_string_value(pattern), text) == LK_PATTERN_MATCH)
            return 1;
    }
    return 0;
}

/* An attribute with several addresses. */
static int all_parts_fit(lk_arena_t *arena, const json_t *patterns, const char *text)
{
    for (const char *end; *text != '\0'; text = *end != '\0' ? end + 2 : end) {
        end = strstr(text, "##");
        end = end != NULL ? end : text + strlen(text);
        if (end != text && !fits_a_pattern(arena, patterns, lk_strndup(arena, text, (size_t)(end - text))))
            return 0;
    }
    return 1;
}

static int field_fits(const lk_policy_subject_t *subject, const json_t *patterns, size_t field)
{
    lk_arena_t *arena = subject->req->arena;
    const json_t *member = json_object_get(subject->rep, address_fields[field].field);
    size_t i;
    json_t *entry;
    if (address_fields[field].attribute != NULL)
        return all_parts_fit(arena, patterns, attribute(subject, address_fields[field].attribute));
    if (json_is_string(member) && *json_string_value(member) != '\0')
        return fits_a_pattern(arena, patterns, json_string_value(member));
    json_array_foreach((json_t *)member, i, entry)
    {
        if (json_is_string(entry) && !fits_a_pattern(arena, patterns, json_string_value(entry)))
            return 0;
    }
    return 1;
}

/* Fields that the configuration names, or all. */
static lk_status_t store_patterns(const lk_policy_subject_t *subject, const json_t *config, lk_error_t *err)
{
    const json_t *patterns = json_object_get(config, "allowed-patterns"), *fields = json_object_get(config, "client-uri-fields");
    for (size_t i = 0; i != sizeof(address_fields) / sizeof(address_fields[0]); ++i)
        if ((json_array_size(fields) == 0 || lk_json_lists(fields, address_fields[i].field)) && !field_fits(subject, patterns, i))
            return lk_fail(err, LK_INVALID, "invalid_client_metadata", "Invalid %s", address_fields[i].field);
    return LK_OK;
}

static lk_status_t reject(const lk_policy_subject_t *subject, const json_t *config, lk_error_t *err)
{
    (void)subject, (void)config;
    return bad_request(err, "Request not allowed");
}

static lk_status_t use_lightweight(const lk_policy_subject_t *subject, const json_t *config, lk_error_t *err)
{
    (void)config, (void)err;
    if (subject->ret_lightweight != NULL)
        *subject->ret_lightweight = 1;
    return LK_OK;
}

/* What each has to say when a client is stored, when somebody is sent to sign in, when tokens are asked for; NULL: nothing. */
static const struct {
    const char *name;
    executor_t store, authorize, token;
} executors[] = {
    {"secure-client-authenticator", store_authenticator, NULL, use_authenticator},
    {"pkce-enforcer", store_pkce, use_pkce, NULL},
    {"secure-session", NULL, use_session, NULL},
    {"consent-required", store_consent, NULL, NULL},
    {"full-scope-disabled", store_scope, NULL, NULL},
    {"reject-implicit-grant", store_implicit, use_implicit, NULL},
    {"reject-ropc-grant", store_password_grant, NULL, use_password_grant},
    {"holder-of-key-enforcer", store_holder_of_key, NULL, use_holder_of_key},
    {"confidential-client", NULL, use_confidential, NULL},
    {"dpop-bind-enforcer", store_dpop, use_dpop, NULL},
    {"secure-signature-algorithm", store_signatures, NULL, NULL},
    {"secure-signature-algorithm-signed-jwt", NULL, NULL, use_assertion_alg},
    {"secure-ciba-req-sig-algorithm", store_ciba_signature, NULL, NULL},
    {"secure-logout", store_logout, NULL, NULL},
    {"secure-client-uris-pattern", store_patterns, NULL, NULL},
    {"saml-avoid-redirect", NULL, NULL, NULL}, /* nothing here is a SAML client */
    {"saml-secure-client-uris", NULL, NULL, NULL},
    {"saml-signature-enforcer", NULL, NULL, NULL},
    {"secure-response-type", NULL, use_response_type, NULL},
    {"secure-client-uris", store_uris, use_uris, NULL},
    {"use-lightweight-access-token", NULL, NULL, use_lightweight},
    {"reject-request", reject, reject, reject},
};

static lk_status_t execute(const lk_policy_subject_t *subject, const json_t *executor, lk_error_t *err)
{
    const char *name = lk_json_str(executor, "executor", "");
    size_t i = 0;
    while (i != sizeof(executors) / sizeof(executors[0]) && strcmp(executors[i].name, name) != 0)
        ++i;
    if (i == sizeof(executors) / sizeof(executors[0])) {
        tell_unknown(subject, "executor", name);
        return LK_OK;
    }
    executor_t run = subject->rep != NULL    ? executors[i].store
                     : subject->auth != NULL ? executors[i].authorize
                                             : executors[i].token;
    return run != NULL ? run(subject, json_object_get(executor, "configuration"), err) : LK_OK;
}

/* --- policies --- */

static json_t *global_profiles;

static void load_global(void)
{
    const lk_bytes_t *file = lk_embedded_find(FILE_NAME);
    global_profiles = json_loadb((const char *)file->base, file->len, 0, NULL);
}

const json_t *lk_global_client_profiles(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, load_global);
    return global_profiles;
}

static const json_t *find_profile(const lk_realm_t *realm, const char *name)
{
    const json_t *found = lk_json_find(json_object_get(json_object_get(realm->rep, "clientProfiles"), "profiles"), "name", name);
    return found != NULL ? found : lk_json_find(json_object_get(lk_global_client_profiles(), "profiles"), "name", name);
}

static int is_meant(const lk_policy_subject_t *subject, const json_t *policy)
{
    const json_t *list = json_object_get(policy, "conditions");
    size_t i;
    json_t *condition;
    if (!lk_json_bool(policy, "enabled", 0) || json_array_size(list) == 0)
        return 0;
    json_array_foreach((json_t *)list, i, condition)
    {
        if (!holds(subject, condition))
            return 0;
    }
    return 1;
}

static lk_status_t apply_profile(const lk_policy_subject_t *subject, const json_t *profile, lk_error_t *err)
{
    lk_status_t status = LK_OK;
    size_t i;
    json_t *executor;
    json_array_foreach(json_object_get(profile, "executors"), i, executor)
    {
        if (status == LK_OK)
            status = execute(subject, executor, err);
    }
    return status;
}

lk_status_t lk_client_policies_apply(const lk_policy_subject_t *subject, lk_error_t *err)
{
    const json_t *policies = json_object_get(json_object_get(subject->realm->rep, "clientPolicies"), "policies");
    lk_status_t status = LK_OK;
    size_t i, j;
    json_t *policy, *name;
    json_array_foreach((json_t *)policies, i, policy)
    {
        if (status != LK_OK || !is_meant(subject, policy))
            continue;
        json_array_foreach(json_object_get(policy, "profiles"), j, name)
        {
            const json_t *profile = json_is_string(name) ? find_profile(subject->realm, json_string_value(name)) : NULL;
            if (status == LK_OK && profile != NULL)
                status = apply_profile(subject, profile, err);
        }
    }
    return status;
}
