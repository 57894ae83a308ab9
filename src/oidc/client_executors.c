/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/json.h"
#include "crypto/certificate.h"
#include "crypto/jws.h"
#include "login/respond.h"
#include "model/pattern.h"
#include "oidc/client_policy_parts.h"

/* What executors of client policies forbid or set; those about request objects and the like are in client_executors_fapi.c. */

static void set_attribute(const lk_policy_subject_t *subject, const char *name, const char *value)
{
    json_t *attributes = json_copy(json_object_get(subject->rep, "attributes"));
    if (attributes == NULL)
        attributes = json_object();
    json_object_set_new(attributes, name, json_string(value));
    json_object_set_new(subject->rep, "attributes", attributes);
}

static lk_status_t bad_client(lk_error_t *err, const char *text)
{
    return lk_fail(err, LK_INVALID, "invalid_client_metadata", "%s", text);
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
               : lk_policy_bad_request(err, "Configured client authentication method not allowed for client");
}

/* Who signs the certificates of clients that prove themselves by one: that, where the client says nothing. */
static lk_status_t store_authority(const lk_policy_subject_t *subject, const json_t *config, lk_error_t *err)
{
    static const char name[] = "x509.casubjectdn";
    const char *given = lk_policy_attribute(subject, name), *wanted = lk_json_str(config, "ca-subject-dn", "");
    if (strcmp(lk_json_str(subject->rep, "clientAuthenticatorType", ""), "client-x509") != 0 || *wanted == '\0')
        return LK_OK;
    if (*given == '\0')
        set_attribute(subject, name, wanted);
    else if (lk_json_config_bool(config, "enforced", 0) && !lk_certificate_name_is(subject->req->arena, given, wanted))
        return lk_policy_bad_request(err, lk_printf(subject->req->arena, "Certificate Authority subject DN must be %s", wanted));
    return LK_OK;
}

static lk_status_t store_pkce(const lk_policy_subject_t *subject, const json_t *config, lk_error_t *err)
{
    if (lk_json_config_bool(config, "auto-configure", 0))
        set_attribute(subject, "pkce.code.challenge.method", "S256");
    return strcmp(lk_policy_attribute(subject, "pkce.code.challenge.method"), "S256") == 0
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
        return lk_policy_bad_request(err, auth->code_challenge_method == NULL ? "Missing parameter: code_challenge_method"
                                                                              : "Missing parameter: code_challenge");
    return strcmp(auth->code_challenge_method, "S256") == 0
               ? LK_OK
               : lk_policy_bad_request(err, "Invalid parameter: invalid code_challenge_method");
}

static lk_status_t use_session(const lk_policy_subject_t *subject, const json_t *config, lk_error_t *err)
{
    (void)config;
    if (lk_has_word(subject->auth->scope, "openid"))
        return subject->auth->nonce != NULL ? LK_OK : lk_policy_bad_request(err, "Missing parameter: nonce");
    return subject->auth->state != NULL ? LK_OK : lk_policy_bad_request(err, "Missing parameter: state");
}

static lk_status_t store_consent(const lk_policy_subject_t *subject, const json_t *config, lk_error_t *err)
{
    if (lk_json_config_bool(config, "auto-configure", 0))
        json_object_set_new(subject->rep, "consentRequired", json_true());
    return lk_json_bool(subject->rep, "consentRequired", 0)
               ? LK_OK
               : lk_fail(err, LK_INVALID, "invalid_registration", "Client is required to enable consentRequired");
}

static lk_status_t store_scope(const lk_policy_subject_t *subject, const json_t *config, lk_error_t *err)
{
    if (lk_json_config_bool(config, "auto-configure", 0))
        json_object_set_new(subject->rep, "fullScopeAllowed", json_false());
    return lk_json_bool(subject->rep, "fullScopeAllowed", 1)
               ? lk_fail(err, LK_INVALID, "invalid_registration", "Not permitted to enable fullScopeAllowed")
               : LK_OK;
}

static lk_status_t store_implicit(const lk_policy_subject_t *subject, const json_t *config, lk_error_t *err)
{
    if (lk_json_config_bool(config, "auto-configure", 0))
        json_object_set_new(subject->rep, "implicitFlowEnabled", json_false());
    return lk_json_bool(subject->rep, "implicitFlowEnabled", 0) ? bad_client(err, "Invalid client metadata: implicit flow enabled")
                                                                : LK_OK;
}

static lk_status_t use_implicit(const lk_policy_subject_t *subject, const json_t *config, lk_error_t *err)
{
    lk_response_type_t type;
    (void)config;
    if (lk_response_type_parse(subject->auth->response_type, &type) == 0 && lk_response_type_is_front_channel(&type))
        return lk_policy_bad_request(err, "Implicit/Hybrid flow is prohibited.");
    return LK_OK;
}

static lk_status_t store_password_grant(const lk_policy_subject_t *subject, const json_t *config, lk_error_t *err)
{
    if (lk_json_config_bool(config, "auto-configure", 0))
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
    if (lk_json_config_bool(config, "auto-configure", 0))
        set_attribute(subject, name, "true");
    return strcmp(lk_policy_attribute(subject, name), "true") == 0
               ? LK_OK
               : bad_client(err, "Invalid client metadata: MTLS token in disabled");
}

static lk_status_t use_holder_of_key(const lk_policy_subject_t *subject, const json_t *config, lk_error_t *err)
{
    (void)config;
    return subject->req->certificate.base != NULL
               ? LK_OK
               : lk_policy_bad_request(err, "Client Certification missing for MTLS HoK Token Binding");
}

static lk_status_t use_confidential(const lk_policy_subject_t *subject, const json_t *config, lk_error_t *err)
{
    const char *type = lk_policy_access_type(lk_policy_rep(subject));
    (void)config;
    return strcmp(type, "confidential") == 0 ? LK_OK
                                             : lk_fail(err, LK_INVALID, "invalid_client", "invalid client access type: %s", type);
}

static lk_status_t store_dpop(const lk_policy_subject_t *subject, const json_t *config, lk_error_t *err)
{
    static const char name[] = "dpop.bound.access.tokens";
    if (lk_json_config_bool(config, "auto-configure", 0))
        set_attribute(subject, name, "true");
    return strcmp(lk_policy_attribute(subject, name), "true") == 0
               ? LK_OK
               : bad_client(err, "Invalid client metadata: DPoP token is disabled");
}

static lk_status_t use_dpop(const lk_policy_subject_t *subject, const json_t *config, lk_error_t *err)
{
    return !lk_json_config_bool(config, "enforce-authorization-code-binding-to-dpop", 0) || subject->auth->dpop_jkt != NULL
               ? LK_OK
               : lk_policy_bad_request(err, "Missing parameter: dpop_jkt");
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
        const char *alg = lk_policy_attribute(subject, names[i]);
        if (*alg == '\0')
            set_attribute(subject, names[i], lk_json_str(config, "default-algorithm", "PS256"));
        else if (!is_strong(alg))
            return lk_policy_bad_request(err, "not allowed signature algorithm.");
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
        return lk_json_config_bool(config, "require-client-assertion", 0)
                   ? lk_policy_bad_request(err, "client assertion is required.")
                   : LK_OK;
    if (lk_jws_parse(req->arena, assertion, &jws, err) != LK_OK || jws.alg == NULL || !is_strong(jws.alg))
        return lk_policy_bad_request(err, "not allowed signature algorithm.");
    return LK_OK;
}

static lk_status_t store_logout(const lk_policy_subject_t *subject, const json_t *config, lk_error_t *err)
{
    if (lk_json_config_bool(config, "allow-front-channel-logout", 0))
        return LK_OK;
    return lk_json_bool(subject->rep, "frontchannelLogout", 0) || *lk_policy_attribute(subject, "frontchannel.logout.url") != '\0'
               ? lk_fail(err, LK_INVALID, "invalid_registration", "Front-channel logout is not allowed for this client")
               : LK_OK;
}

static lk_status_t use_response_type(const lk_policy_subject_t *subject, const json_t *config, lk_error_t *err)
{
    const char *type = subject->auth->response_type;
    lk_response_type_t parts;
    if (lk_response_type_parse(type, &parts) != 0)
        return LK_OK;
    if (parts.code && parts.id_token && (!parts.token || lk_json_config_bool(config, "allow-token-response-type", 0)))
        return LK_OK;
    const char *mode = subject->auth->response_mode;
    if (parts.code && !parts.token && !parts.id_token && mode != NULL && strstr(mode, "jwt") != NULL)
        return LK_OK;
    return lk_policy_bad_request(err, "invalid response_type");
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
               : lk_policy_bad_request(err, "Invalid redirect_uri");
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

int lk_policy_fits_any(lk_arena_t *arena, const json_t *patterns, const char *text)
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
    lk_strings_t parts = lk_uris_of_attribute(arena, text);
    for (size_t i = 0; i != parts.count; ++i)
        if (*parts.entries[i] != '\0' && !lk_policy_fits_any(arena, patterns, parts.entries[i]))
            return 0;
    return 1;
}

static int field_fits(const lk_policy_subject_t *subject, const json_t *patterns, size_t field)
{
    lk_arena_t *arena = subject->req->arena;
    const json_t *member = json_object_get(subject->rep, address_fields[field].field);
    size_t i;
    json_t *entry;
    if (address_fields[field].attribute != NULL)
        return all_parts_fit(arena, patterns, lk_policy_attribute(subject, address_fields[field].attribute));
    if (json_is_string(member) && *json_string_value(member) != '\0')
        return lk_policy_fits_any(arena, patterns, json_string_value(member));
    json_array_foreach((json_t *)member, i, entry)
    {
        if (json_is_string(entry) && !lk_policy_fits_any(arena, patterns, json_string_value(entry)))
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
    return lk_policy_bad_request(err, "Request not allowed");
}

static lk_status_t use_lightweight(const lk_policy_subject_t *subject, const json_t *config, lk_error_t *err)
{
    (void)config, (void)err;
    if (subject->effects != NULL)
        subject->effects->is_lightweight = 1;
    return LK_OK;
}

static lk_status_t use_one_refresh_token(const lk_policy_subject_t *subject, const json_t *config, lk_error_t *err)
{
    (void)config, (void)err;
    if (strcmp(subject->grant_type, "refresh_token") == 0 && subject->effects != NULL)
        subject->effects->no_new_refresh_token = 1;
    return LK_OK;
}

static lk_status_t keep_registration_token(const lk_policy_subject_t *subject, const json_t *config, lk_error_t *err)
{
    (void)config, (void)err;
    if (subject->effects != NULL)
        subject->effects->keep_registration_token = 1;
    return LK_OK;
}

static lk_status_t use_flow(const lk_policy_subject_t *subject, const json_t *config, lk_error_t *err)
{
    const char *alias = lk_json_str(config, "auth-flow-alias", "");
    (void)err;
    if (*alias != '\0' && subject->effects != NULL) {
        subject->effects->flow = alias;
        subject->effects->flow_level = lk_json_config_int(config, "auth-flow-loa", 1);
    }
    return LK_OK;
}

/* What each has to say, by stage. */
static const struct {
    const char *name;
    lk_policy_executor_t on[LK_POLICY_NUM_STAGES];
} executors[] = {
    {"secure-client-authenticator",
     {[LK_POLICY_STORE] = store_authenticator,
      [LK_POLICY_TOKEN] = use_authenticator,
      [LK_POLICY_INTROSPECT] = use_authenticator,
      [LK_POLICY_REVOKE] = use_authenticator}},
    {"pkce-enforcer", {[LK_POLICY_STORE] = store_pkce, [LK_POLICY_AUTHORIZE] = use_pkce}},
    {"secure-session", {[LK_POLICY_AUTHORIZE] = use_session}},
    {"consent-required", {[LK_POLICY_STORE] = store_consent}},
    {"full-scope-disabled", {[LK_POLICY_STORE] = store_scope}},
    {"reject-implicit-grant", {[LK_POLICY_STORE] = store_implicit, [LK_POLICY_AUTHORIZE] = use_implicit}},
    {"reject-ropc-grant", {[LK_POLICY_STORE] = store_password_grant, [LK_POLICY_TOKEN] = use_password_grant}},
    {"holder-of-key-enforcer", {[LK_POLICY_STORE] = store_holder_of_key, [LK_POLICY_TOKEN] = use_holder_of_key}},
    {"confidential-client", {[LK_POLICY_AUTHORIZE] = use_confidential}},
    {"dpop-bind-enforcer", {[LK_POLICY_STORE] = store_dpop, [LK_POLICY_AUTHORIZE] = use_dpop}},
    {"secure-signature-algorithm", {[LK_POLICY_STORE] = store_signatures}},
    {"secure-signature-algorithm-signed-jwt",
     {[LK_POLICY_TOKEN] = use_assertion_alg, [LK_POLICY_INTROSPECT] = use_assertion_alg, [LK_POLICY_REVOKE] = use_assertion_alg}},
    {"secure-ciba-req-sig-algorithm", {[LK_POLICY_STORE] = store_ciba_signature}},
    {"secure-logout", {[LK_POLICY_STORE] = store_logout}},
    {"secure-client-uris-pattern", {[LK_POLICY_STORE] = store_patterns}},
    {"saml-avoid-redirect", {NULL}}, /* nothing here is a SAML client */
    {"saml-secure-client-uris", {NULL}},
    {"saml-signature-enforcer", {NULL}},
    {"secure-response-type", {[LK_POLICY_AUTHORIZE] = use_response_type}},
    {"secure-client-uris", {[LK_POLICY_STORE] = store_uris, [LK_POLICY_AUTHORIZE] = use_uris}},
    {"auth-flow-enforcer", {[LK_POLICY_AUTHORIZE] = use_flow}},
    {"intent-client-bind-checker", {[LK_POLICY_AUTHORIZE] = lk_policy_use_intent}},
    {"downscope-assertion-grant-enforcer", {[LK_POLICY_ASSERTION] = lk_policy_limit_scopes}},
    {"secure-redirect-uris-enforcer",
     {[LK_POLICY_STORE] = lk_policy_store_redirects,
      [LK_POLICY_ENTER] = lk_policy_enter_redirect,
      [LK_POLICY_AUTHORIZE] = lk_policy_use_redirect}},
    {"tls-client-auth-ca-subject-dn", {[LK_POLICY_STORE] = store_authority}},
    {"secure-request-object", {[LK_POLICY_AUTHORIZE] = lk_policy_use_object}},
    {"secure-par-content", {[LK_POLICY_ENTER] = lk_policy_enter_pushed}},
    {"secure-client-authentication-assertion",
     {[LK_POLICY_PUSH] = lk_policy_use_assertion,
      [LK_POLICY_TOKEN] = lk_policy_use_assertion,
      [LK_POLICY_INTROSPECT] = lk_policy_use_assertion,
      [LK_POLICY_REVOKE] = lk_policy_use_assertion}},
    {"registration-access-token-rotation-disabled", {[LK_POLICY_RENEW] = keep_registration_token}},
    {"jwt-claim-enforcer", {[LK_POLICY_ASSERTION] = lk_policy_check_claim}},
    {"suppress-refresh-token-rotation", {[LK_POLICY_TOKEN] = use_one_refresh_token}},
    {"secure-ciba-session", {[LK_POLICY_BACKCHANNEL] = lk_policy_use_binding_message}},
    {"secure-ciba-signed-authn-req", {[LK_POLICY_BACKCHANNEL] = lk_policy_use_signed}},
    {"use-lightweight-access-token", {[LK_POLICY_TOKEN] = use_lightweight}},
    {"reject-request",
     {[LK_POLICY_STORE] = reject,
      [LK_POLICY_AUTHORIZE] = reject,
      [LK_POLICY_PUSH] = reject,
      [LK_POLICY_TOKEN] = reject,
      [LK_POLICY_ASSERTION] = reject,
      [LK_POLICY_BACKCHANNEL] = reject,
      [LK_POLICY_INTROSPECT] = reject,
      [LK_POLICY_REVOKE] = reject}},
};

lk_status_t lk_policy_execute(const lk_policy_subject_t *subject, const json_t *executor, lk_error_t *err)
{
    const char *name = lk_json_str(executor, "executor", "");
    for (size_t i = 0; i != sizeof(executors) / sizeof(executors[0]); ++i)
        if (strcmp(executors[i].name, name) == 0) {
            lk_policy_executor_t run = executors[i].on[subject->stage];
            return run != NULL ? run(subject, json_object_get(executor, "configuration"), err) : LK_OK;
        }
    lk_policy_tell_unknown(subject, "executor", name);
    return LK_OK;
}
