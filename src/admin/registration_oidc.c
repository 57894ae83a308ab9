/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "admin/registration.h"
#include "core/encode.h"
#include "core/time.h"

/* OpenID Connect's client metadata (RFC 7591 section 2, Dynamic Client Registration 1.0) and Keycloak's ClientRepresentation. */

#define ALLOWED_METHOD "client.secret.authentication.allowed.method"

typedef enum en_form_t { TEXT, FLAG, LIST } form_t; /* LIST: an attribute with ## between */

/* Metadata that is an attribute of the client. */
static const struct {
    const char *member, *attribute;
    form_t form;
} attributes[] = {
    {"logo_uri", "logoUri", TEXT},
    {"policy_uri", "policyUri", TEXT},
    {"tos_uri", "tosUri", TEXT},
    {"request_uris", "request.uris", LIST},
    {"default_acr_values", "default.acr.values", LIST},
    {"post_logout_redirect_uris", "post.logout.redirect.uris", LIST},
    {"id_token_signed_response_alg", "id.token.signed.response.alg", TEXT},
    {"id_token_encrypted_response_alg", "id.token.encrypted.response.alg", TEXT},
    {"id_token_encrypted_response_enc", "id.token.encrypted.response.enc", TEXT},
    {"userinfo_signed_response_alg", "user.info.response.signature.alg", TEXT},
    {"userinfo_encrypted_response_alg", "user.info.encrypted.response.alg", TEXT},
    {"userinfo_encrypted_response_enc", "user.info.encrypted.response.enc", TEXT},
    {"request_object_signing_alg", "request.object.signature.alg", TEXT},
    {"request_object_encryption_alg", "request.object.encryption.alg", TEXT},
    {"request_object_encryption_enc", "request.object.encryption.enc", TEXT},
    {"authorization_signed_response_alg", "authorization.signed.response.alg", TEXT},
    {"authorization_encrypted_response_alg", "authorization.encrypted.response.alg", TEXT},
    {"authorization_encrypted_response_enc", "authorization.encrypted.response.enc", TEXT},
    {"token_endpoint_auth_signing_alg", "token.endpoint.auth.signing.alg", TEXT},
    {"tls_client_auth_subject_dn", "x509.subjectdn", TEXT},
    {"tls_client_certificate_bound_access_tokens", "tls.client.certificate.bound.access.tokens", FLAG},
    {"dpop_bound_access_tokens", "dpop.bound.access.tokens", FLAG},
    {"require_pushed_authorization_requests", "require.pushed.authorization.requests", FLAG},
    {"backchannel_logout_uri", "backchannel.logout.url", TEXT},
    {"backchannel_logout_session_required", "backchannel.logout.session.required", FLAG},
    {"backchannel_logout_revoke_offline_tokens", "backchannel.logout.revoke.offline.tokens", FLAG},
    {"frontchannel_logout_uri", "frontchannel.logout.url", TEXT},
    {"frontchannel_logout_session_required", "frontchannel.logout.session.required", FLAG},
    {"backchannel_token_delivery_mode", "ciba.backchannel.token.delivery.mode", TEXT},
    {"backchannel_client_notification_endpoint", "ciba.backchannel.client.notification.endpoint", TEXT},
    {"backchannel_authentication_request_signing_alg", "ciba.backchannel.auth.request.signing.alg", TEXT},
};
#define NUM_ATTRIBUTES (sizeof(attributes) / sizeof(attributes[0]))

/* Grants that are switched by an attribute. */
static const struct {
    const char *grant, *attribute;
} grants[] = {{"refresh_token", "use.refresh.tokens"},
              {"urn:ietf:params:oauth:grant-type:device_code", "oauth2.device.authorization.grant.enabled"},
              {"urn:openid:params:grant-type:ciba", "oidc.ciba.grant.enabled"},
              {"urn:ietf:params:oauth:grant-type:token-exchange", "standard.token.exchange.enabled"},
              {"urn:ietf:params:oauth:grant-type:jwt-bearer", "oauth2.jwt.authorization.grant.enabled"}};
#define NUM_GRANTS (sizeof(grants) / sizeof(grants[0]))

#define NO_METHOD "none"
/* token_endpoint_auth_method; of those with one type, the first is what is shown. */
static const struct {
    const char *method, *type;
} methods[] = {{"client_secret_basic", "client-secret"},   {"client_secret_post", "client-secret"},
               {"client_secret_jwt", "client-secret-jwt"}, {"private_key_jwt", "client-jwt"},
               {"tls_client_auth", "client-x509"},         {NO_METHOD, NO_METHOD}}; /* a public client's */
#define NUM_METHODS (sizeof(methods) / sizeof(methods[0]))

/* Members beside those; nothing else is taken. */
static const char *const others[] = {
    "redirect_uris",
    "token_endpoint_auth_method",
    "grant_types",
    "response_types",
    "client_id",
    "client_secret",
    "client_name",
    "client_uri",
    "scope",
    "contacts",
    "jwks_uri",
    "jwks",
    "sector_identifier_uri",
    "subject_type",
    "application_type",
    "software_id",
    "software_version",
    "software_statement",
    "registration_client_uri",
    "registration_access_token",
    "client_id_issued_at",
    "client_secret_expires_at",
    "default_max_age",
    "require_auth_time",
    "initiate_login_uri",
    "introspection_signed_response_alg",
    "introspection_encrypted_response_alg",
    "introspection_encrypted_response_enc",
};

static const char *const response_types[] = {"code",           "none",          "token",      "id_token",
                                             "id_token token", "code id_token", "code token", "code id_token token"};

static lk_status_t invalid(lk_error_t *err)
{
    return lk_fail(err, LK_INVALID, "invalid_client_metadata", "Client metadata invalid");
}

static int is_known(const char *name)
{
    for (size_t i = 0; i != NUM_ATTRIBUTES; ++i)
        if (strcmp(attributes[i].member, name) == 0)
            return 1;
    for (size_t i = 0; i != sizeof(others) / sizeof(others[0]); ++i)
        if (strcmp(others[i], name) == 0)
            return 1;
    return 0;
}

static lk_status_t check_members(lk_admin_t *admin, const json_t *metadata, lk_error_t *err)
{
    static const lk_representation_t rep = {"OIDCClientRepresentation", NULL, 0};
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)metadata, name, value)
    {
        if (!is_known(name)) {
            lk_admin_t one = *admin;
            one.body = lk_json_own(admin->req->arena, json_pack("{s:O}", name, value));
            return lk_admin_check(&one, &rep, err);
        }
    }
    return LK_OK;
}

/* --- to what is stored --- */

static int has_keys(const json_t *metadata)
{
    return lk_json_str(metadata, "jwks_uri", NULL) != NULL ||
           json_array_size(json_object_get(json_object_get(metadata, "jwks"), "keys")) != 0;
}

static lk_status_t read_method(const json_t *metadata, json_t *rep, json_t *set, lk_error_t *err)
{
    const char *method = lk_json_str(metadata, "token_endpoint_auth_method", methods[0].method);
    size_t i = 0;
    while (i != NUM_METHODS && strcmp(methods[i].method, method) != 0)
        ++i;
    if (i == NUM_METHODS || (strcmp(method, "private_key_jwt") == 0 && !has_keys(metadata)))
        return invalid(err);
    json_object_set_new(rep, "publicClient", json_boolean(strcmp(method, NO_METHOD) == 0));
    json_object_set_new(rep, "clientAuthenticatorType", json_string(methods[i].type));
    if (strcmp(methods[i].type, "client-secret") == 0 && json_object_get(metadata, "token_endpoint_auth_method") != NULL)
        json_object_set_new(set, ALLOWED_METHOD, json_string(method));
    return LK_OK;
}

static lk_status_t read_flows(const json_t *metadata, json_t *rep, json_t *set, lk_error_t *err)
{
    const json_t *types = json_object_get(metadata, "response_types"), *given = json_object_get(metadata, "grant_types");
    int has_types = json_array_size(types) != 0, has_grants = json_is_array(given), code = !has_types, implicit = 0;
    size_t i, known;
    json_t *type;
    json_array_foreach(types, i, type)
    {
        const char *text = json_is_string(type) ? json_string_value(type) : "";
        for (known = 0; known != sizeof(response_types) / sizeof(response_types[0]); ++known)
            if (strcmp(response_types[known], text) == 0)
                break;
        if (known == sizeof(response_types) / sizeof(response_types[0]))
            return invalid(err);
        code |= known < 2 || strstr(text, "code") != NULL;
        implicit |= known >= 2;
    }
    json_object_set_new(rep, "standardFlowEnabled",
                        json_boolean(code && (!has_grants || lk_json_lists(given, "authorization_code"))));
    json_object_set_new(rep, "implicitFlowEnabled", json_boolean(implicit));
    if (!has_grants)
        return LK_OK;
    json_object_set_new(rep, "directAccessGrantsEnabled", json_boolean(lk_json_lists(given, "password")));
    json_object_set_new(rep, "serviceAccountsEnabled", json_boolean(lk_json_lists(given, "client_credentials")));
    for (i = 0; i != NUM_GRANTS; ++i)
        json_object_set_new(set, grants[i].attribute, json_string(lk_json_lists(given, grants[i].grant) ? "true" : "false"));
    return LK_OK;
}

/* The texts of a list, with something between them. */
static const char *join(lk_arena_t *arena, const json_t *list, const char *between)
{
    lk_buffer_t text;
    size_t i;
    json_t *entry;
    lk_buffer_init(&text, arena, 65536);
    lk_buffer_puts(&text, "");
    json_array_foreach(list, i, entry)
    {
        if (json_is_string(entry))
            lk_buffer_printf(&text, "%s%s", text.len != 0 ? between : "", json_string_value(entry));
    }
    return text.base;
}

static lk_status_t read_attributes(lk_arena_t *arena, const json_t *metadata, json_t *set, lk_error_t *err)
{
    for (size_t i = 0; i != NUM_ATTRIBUTES; ++i) {
        const json_t *value = json_object_get(metadata, attributes[i].member);
        if (value == NULL || json_is_null(value))
            continue;
        if ((attributes[i].form == LIST && !json_is_array(value)) || (attributes[i].form == FLAG && !json_is_boolean(value)) ||
            (attributes[i].form == TEXT && !json_is_string(value)))
            return invalid(err);
        const char *text = attributes[i].form == LIST   ? join(arena, value, "##")
                           : attributes[i].form == FLAG ? (json_is_true(value) ? "true" : "false")
                                                        : json_string_value(value);
        json_object_set_new(set, attributes[i].attribute, json_string(text));
    }
    if (lk_json_str(metadata, "tls_client_auth_subject_dn", NULL) != NULL)
        json_object_set_new(set, "x509.allow.regex.pattern.comparison", json_string("false"));
    return LK_OK;
}

/* One of the two (OpenID Connect Dynamic Client Registration section 2). */
static lk_status_t read_keys(lk_arena_t *arena, const json_t *metadata, json_t *set, lk_error_t *err)
{
    const char *uri = lk_json_str(metadata, "jwks_uri", NULL);
    const json_t *jwks = json_object_get(metadata, "jwks");
    if (uri != NULL && json_is_object(jwks))
        return invalid(err);
    if (uri != NULL) {
        json_object_set_new(set, "use.jwks.url", json_string("true"));
        json_object_set_new(set, "jwks.url", json_string(uri));
    } else if (json_is_object(jwks)) {
        json_object_set_new(set, "use.jwks.string", json_string("true"));
        json_object_set_new(set, "jwks.string", json_string(lk_json_text(arena, jwks)));
    }
    return LK_OK;
}

static void read_scope(const char *scope, json_t *rep)
{
    json_t *list = json_array();
    for (size_t len = 0; lk_word_next(&scope, &len);)
        json_array_append_new(list, json_stringn(scope, len));
    json_object_set_new(rep, "optionalClientScopes", list);
}

/* Pairwise subjects come from a mapper. */
static void read_subject_type(const json_t *metadata, json_t *rep)
{
    if (strcmp(lk_json_str(metadata, "subject_type", "public"), "pairwise") != 0)
        return;
    json_object_set_new(rep, "protocolMappers",
                        json_pack("[{s:s, s:s, s:s, s:{s:s}}]", "name", "pairwise subject identifier", "protocol", "openid-connect",
                                  "protocolMapper", "oidc-sha256-pairwise-sub-mapper", "config", "sectorIdentifierUri",
                                  lk_json_str(metadata, "sector_identifier_uri", "")));
}

lk_status_t lk_oidc_metadata_read(lk_admin_t *admin, const json_t *metadata, json_t **ret_rep, lk_error_t *err)
{
    static const char *const copied[][2] = {
        {"client_id", "clientId"}, {"client_name", "name"}, {"client_uri", "baseUrl"}, {"redirect_uris", "redirectUris"}};
    lk_arena_t *arena = admin->req->arena;
    json_t *rep = lk_json_own(arena, json_pack("{s:s}", "protocol", "openid-connect")), *set = json_object();
    json_object_set_new(rep, "attributes", set);
    lk_status_t status = check_members(admin, metadata, err);
    for (size_t i = 0; i != sizeof(copied) / sizeof(copied[0]); ++i)
        if (json_object_get(metadata, copied[i][0]) != NULL)
            json_object_set(rep, copied[i][1], json_object_get(metadata, copied[i][0]));
    if (status == LK_OK)
        status = read_method(metadata, rep, set, err);
    if (status == LK_OK)
        status = read_flows(metadata, rep, set, err);
    if (status == LK_OK)
        status = read_attributes(arena, metadata, set, err);
    if (status == LK_OK)
        status = read_keys(arena, metadata, set, err);
    if (status != LK_OK)
        return status;
    read_subject_type(metadata, rep);
    if (lk_json_str(metadata, "scope", NULL) != NULL)
        read_scope(lk_json_str(metadata, "scope", ""), rep);
    if (lk_json_str(metadata, "frontchannel_logout_uri", NULL) != NULL)
        json_object_set_new(rep, "frontchannelLogout", json_true());
    *ret_rep = rep;
    return LK_OK;
}

/* --- and back --- */

static json_t *split(const char *text)
{
    json_t *list = json_array();
    while (text != NULL && *text != '\0') {
        const char *end = strstr(text, "##");
        size_t len = end != NULL ? (size_t)(end - text) : strlen(text);
        json_array_append_new(list, json_stringn(text, len));
        text = end != NULL ? end + 2 : NULL;
    }
    return list;
}

static void show_attributes(const json_t *rep, json_t *shown)
{
    const json_t *set = json_object_get(rep, "attributes");
    for (size_t i = 0; i != NUM_ATTRIBUTES; ++i) {
        const char *text = lk_json_str(set, attributes[i].attribute, NULL);
        if (attributes[i].form == FLAG && (text != NULL || strstr(attributes[i].member, "revoke") == NULL))
            json_object_set_new(shown, attributes[i].member, json_boolean(text != NULL && strcmp(text, "true") == 0));
        else if (attributes[i].form == TEXT && text != NULL)
            json_object_set_new(shown, attributes[i].member, json_string(text));
        else if (attributes[i].form == LIST && text != NULL)
            json_object_set_new(shown, attributes[i].member, split(text));
    }
    if (json_object_get(shown, "request_uris") == NULL)
        json_object_set_new(shown, "request_uris", json_array());
    /* None of its own, or "+": those of the login. */
    const char *logout = lk_json_str(set, "post.logout.redirect.uris", "+");
    if (strcmp(logout, "+") == 0)
        json_object_set(shown, "post_logout_redirect_uris", json_object_get(rep, "redirectUris"));
    if (lk_json_str(set, "jwks.url", NULL) != NULL)
        json_object_set_new(shown, "jwks_uri", json_string(lk_json_str(set, "jwks.url", "")));
}

static void append(json_t *list, int on, const char *const *names)
{
    for (; on && *names != NULL; ++names)
        json_array_append_new(list, json_string(*names));
}

static void show_flows(const json_t *rep, json_t *shown)
{
    static const char *const code[] = {"code", "none", NULL}, *const implicit[] = {"id_token", "id_token token", NULL},
                             *const hybrid[] = {"code id_token", "code token", "code id_token token", NULL};
    static const struct {
        const char *grant, *member;
    } by_member[] = {{"authorization_code", "standardFlowEnabled"},
                     {"implicit", "implicitFlowEnabled"},
                     {"password", "directAccessGrantsEnabled"},
                     {"client_credentials", "serviceAccountsEnabled"}};
    int standard = lk_json_bool(rep, "standardFlowEnabled", 1), front = lk_json_bool(rep, "implicitFlowEnabled", 0);
    json_t *types = json_array(), *list = json_array();
    append(types, standard, code);
    append(types, front, implicit);
    append(types, standard && front, hybrid);
    for (size_t i = 0; i != sizeof(by_member) / sizeof(by_member[0]); ++i)
        if (lk_json_bool(rep, by_member[i].member, i == 0))
            json_array_append_new(list, json_string(by_member[i].grant));
    for (size_t i = 0; i != NUM_GRANTS; ++i) {
        const char *on = lk_json_str(json_object_get(rep, "attributes"), grants[i].attribute, i == 0 ? "true" : "false");
        if (strcmp(on, "true") == 0)
            json_array_append_new(list, json_string(grants[i].grant));
    }
    json_object_set_new(shown, "response_types", types);
    json_object_set_new(shown, "grant_types", list);
}

static const char *method_of(const json_t *rep)
{
    const char *type = lk_json_str(rep, "clientAuthenticatorType", "client-secret");
    if (strcmp(type, "client-secret") == 0)
        return lk_json_str(json_object_get(rep, "attributes"), ALLOWED_METHOD, methods[0].method);
    for (size_t i = 0; i != NUM_METHODS; ++i)
        if (strcmp(methods[i].type, type) == 0)
            return methods[i].method;
    return type;
}

static int is_pairwise(const json_t *rep)
{
    size_t i;
    json_t *mapper;
    json_array_foreach(json_object_get(rep, "protocolMappers"), i, mapper)
    {
        if (strcmp(lk_json_str(mapper, "protocolMapper", ""), "oidc-sha256-pairwise-sub-mapper") == 0)
            return 1;
    }
    return 0;
}

json_t *lk_oidc_metadata_show(const lk_registration_t *registration, const json_t *rep)
{
    const lk_request_t *req = registration->admin.req;
    const char *method = method_of(rep), *id = lk_json_str(rep, "clientId", "");
    json_t *shown = json_pack("{s:s, s:s, s:s, s:s}", "client_id", id, "token_endpoint_auth_method", method, "scope",
                              join(req->arena, json_object_get(rep, "optionalClientScopes"), " "), "subject_type",
                              is_pairwise(rep) ? "pairwise" : "public");
    json_object_set_new(shown, "redirect_uris", json_array());
    if (json_object_get(rep, "redirectUris") != NULL)
        json_object_set(shown, "redirect_uris", json_object_get(rep, "redirectUris"));
    show_attributes(rep, shown);
    show_flows(rep, shown);
    if (lk_json_str(rep, "name", NULL) != NULL)
        json_object_set(shown, "client_name", json_object_get(rep, "name"));
    if (lk_json_str(rep, "baseUrl", NULL) != NULL)
        json_object_set(shown, "client_uri", json_object_get(rep, "baseUrl"));
    if (strncmp(method, "client_secret", 13) == 0) {
        json_object_set_new(shown, "client_secret_expires_at", json_integer(0));
        if (lk_json_str(rep, "secret", NULL) != NULL)
            json_object_set(shown, "client_secret", json_object_get(rep, "secret"));
    }
    if (registration->act == LK_REGISTER)
        json_object_set_new(shown, "client_id_issued_at", json_integer(lk_now()));
    if (registration->access_token != NULL)
        json_object_set_new(shown, "registration_access_token", json_string(registration->access_token));
    json_object_set_new(shown, "registration_client_uri",
                        json_string(lk_printf(req->arena, "%s/realms/%s/clients-registrations/openid-connect/%s", req->base_url,
                                              registration->admin.realm->name, id)));
    return shown;
}
