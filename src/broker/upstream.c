/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "broker/upstream.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include "core/json.h"
#include "core/remote.h"

#define MAX_ANSWER 262144 /* bytes of tokens, of userinfo: they are put away, sealed */

/* --- settings --- */

typedef enum en_kind_t { TEXT, FLAG, NUMBER } kind_t;
#define SETTING(name, kind, member)                                                                                                \
    {                                                                                                                              \
        (name), (kind), offsetof(lk_upstream_t, member)                                                                            \
    }
/* clang-format off */
static const struct {
    const char *name;
    kind_t kind;
    size_t offset;
} settings[] = {
    SETTING("issuer", TEXT, issuer),
    SETTING("authorizationUrl", TEXT, authorization_url),
    SETTING("tokenUrl", TEXT, token_url),
    SETTING("userInfoUrl", TEXT, userinfo_url),
    SETTING("jwksUrl", TEXT, jwks_url),
    SETTING("logoutUrl", TEXT, logout_url),
    SETTING("clientId", TEXT, client_id),
    SETTING("clientSecret", TEXT, client_secret),
    SETTING("clientAuthMethod", TEXT, client_auth),
    SETTING("clientAssertionSigningAlg", TEXT, assertion_alg),
    SETTING("clientAssertionAudience", TEXT, assertion_audience),
    SETTING("jwtX509HeadersEnabled", FLAG, x509_header),
    SETTING("key", TEXT, app_key),
    SETTING("defaultScope", TEXT, scope),
    SETTING("prompt", TEXT, prompt),
    SETTING("pkceEnabled", FLAG, pkce),
    SETTING("pkceMethod", TEXT, pkce_method),
    SETTING("forwardParameters", TEXT, forward_parameters),
    SETTING("hostedDomain", TEXT, hosted_domain),
    SETTING("offlineAccess", FLAG, offline_access),
    SETTING("useJwksUrl", FLAG, use_jwks_url),
    SETTING("validateSignature", FLAG, validate_signature),
    SETTING("publicKeySignatureVerifier", TEXT, public_key),
    SETTING("publicKeySignatureVerifierKeyId", TEXT, public_key_id),
    SETTING("disableUserInfo", FLAG, no_userinfo),
    SETTING("disableNonce", FLAG, no_nonce),
    SETTING("loginHint", FLAG, login_hint),
    SETTING("uiLocales", FLAG, ui_locales),
    SETTING("passMaxAge", FLAG, pass_max_age),
    SETTING("isAccessTokenJWT", FLAG, access_token_is_jwt),
    SETTING("caseSensitiveOriginalUsername", FLAG, case_sensitive_username),
    SETTING("allowedClockSkew", NUMBER, allowed_skew),
    SETTING("backchannelSupported", FLAG, backchannel_logout),
    SETTING("sendIdTokenOnLogout", FLAG, logout_id_token),
    SETTING("sendClientIdOnLogout", FLAG, logout_client_id),
    SETTING("filteredByClaim", FLAG, filter),
    SETTING("claimFilterName", TEXT, filter_claim),
    SETTING("claimFilterValue", TEXT, filter_value),
    SETTING("userIDClaim", TEXT, id_claim),
    SETTING("userNameClaim", TEXT, username_claim),
    SETTING("emailClaim", TEXT, email_claim),
    SETTING("fullNameClaim", TEXT, name_claim),
    SETTING("givenNameClaim", TEXT, given_name_claim),
    SETTING("familyNameClaim", TEXT, family_name_claim),
    SETTING("sandbox", FLAG, sandbox),
    SETTING("baseUrl", TEXT, base),
    SETTING("apiUrl", TEXT, api),
    SETTING("fetchedFields", TEXT, fetched_fields),
    SETTING("userIp", FLAG, send_user_ip),
    SETTING("requiresShortStateParameter", FLAG, short_state),
    SETTING("metadataDescriptorUrl", TEXT, metadata_url),
    SETTING("tenantId", TEXT, tenant),
    SETTING("allowedTenants", TEXT, allowed_tenants),
    SETTING("groupsFrom", TEXT, groups_from),
    SETTING("linkClaim", TEXT, link_claim),
    SETTING("graphUrl", TEXT, graph_url),
    SETTING("missingEmail", TEXT, missing_email),
};
/* clang-format on */
#define NUM_SETTINGS (sizeof(settings) / sizeof(settings[0]))

/* What every provider has unless its type or its representation says otherwise. */
static const char *const common[][2] = {{"useJwksUrl", "true"},
                                        {"clientAuthMethod", "client_secret_post"},
                                        {"sendIdTokenOnLogout", "true"},
                                        {"tenantId", "common"},
                                        {"graphUrl", "https://graph.microsoft.com/v1.0"},
                                        {"userIDClaim", "sub"},
                                        {"userNameClaim", "preferred_username"},
                                        {"emailClaim", "email"},
                                        {"fullNameClaim", "name"},
                                        {"givenNameClaim", "given_name"},
                                        {"familyNameClaim", "family_name"},
                                        {"", ""}};

static void set(lk_upstream_t *upstream, const char *name, const char *value)
{
    for (size_t i = 0; i != NUM_SETTINGS; ++i) {
        void *at = (char *)upstream + settings[i].offset;
        if (strcmp(settings[i].name, name) != 0)
            continue;
        if (settings[i].kind == TEXT)
            *(const char **)at = value;
        else if (settings[i].kind == FLAG)
            *(int *)at = strcmp(value, "true") == 0;
        else
            *(int64_t *)at = strtoll(value, NULL, 10);
    }
}

static void set_all(lk_upstream_t *upstream, const char *const (*pairs)[2])
{
    for (; pairs != NULL && *(*pairs)[0] != '\0'; ++pairs)
        set(upstream, (*pairs)[0], (*pairs)[1]);
}

/* "https://login.example/{tenant}/token": holes are settings; "{,name}" stands for a comma and the value, or nothing. */
static const struct {
    const char *hole, *before;
    size_t offset;
    int is_parameter; /* is encoded, as no part of an address is */
} holes[] = {{"{tenant}", "", offsetof(lk_upstream_t, tenant), 0},
             {"{baseUrl}", "", offsetof(lk_upstream_t, base), 0},
             {"{apiUrl}", "", offsetof(lk_upstream_t, api), 0},
             {"{key}", "", offsetof(lk_upstream_t, app_key), 1},
             {"{,fetchedFields}", ",", offsetof(lk_upstream_t, fetched_fields), 0}};

const char *lk_upstream_encoded(lk_arena_t *arena, const char *text)
{
    lk_buffer_t buffer;
    lk_buffer_init(&buffer, arena, 65536);
    lk_buffer_form(&buffer, text);
    return buffer.base;
}

static const char *fill_holes(lk_arena_t *arena, const lk_upstream_t *upstream, const char *url)
{
    for (size_t i = 0; url != NULL && i != sizeof(holes) / sizeof(holes[0]); ++i) {
        const char *at = strstr(url, holes[i].hole), *value = *(const char *const *)((const char *)upstream + holes[i].offset);
        if (at != NULL && value != NULL && holes[i].is_parameter)
            value = lk_upstream_encoded(arena, value);
        if (at != NULL)
            url = lk_printf(arena, "%.*s%s%s%s", (int)(at - url), url, value != NULL ? holes[i].before : "",
                            value != NULL ? value : "", at + strlen(holes[i].hole));
    }
    return url;
}

/* --- discovery (OpenID Connect Discovery 1.0), for what is not set --- */

static void *read_discovery(lk_arena_t *arena, const json_t *document)
{
    return json_is_string(json_object_get(document, "token_endpoint")) ? lk_json_own(arena, json_deep_copy(document)) : NULL;
}
static lk_remote_t discovered = LK_REMOTE(read_discovery);

static lk_status_t discover(lk_arena_t *arena, lk_upstream_t *upstream, lk_error_t *err)
{
    const struct {
        const char *name;
        const char **url;
    } members[] = {{"authorization_endpoint", &upstream->authorization_url},
                   {"token_endpoint", &upstream->token_url},
                   {"userinfo_endpoint", &upstream->userinfo_url},
                   {"jwks_uri", &upstream->jwks_url},
                   {"end_session_endpoint", &upstream->logout_url}};
    const void *document = NULL;
    const char *url = upstream->metadata_url != NULL ? upstream->metadata_url
                                                     : lk_printf(arena, "%s/.well-known/openid-configuration", upstream->issuer);
    lk_status_t status = lk_remote_get(&discovered, arena, url, 0, &document, err);
    for (size_t i = 0; status == LK_OK && i != sizeof(members) / sizeof(members[0]); ++i)
        if (*members[i].url == NULL)
            *members[i].url = lk_json_str(document, members[i].name, NULL);
    return status;
}

lk_sync_t lk_sync_parse(const char *text)
{
    static const char *const names[] = {"INHERIT", "IMPORT", "LEGACY", "FORCE"};
    for (size_t i = 0; text != NULL && i != sizeof(names) / sizeof(names[0]); ++i)
        if (strcmp(names[i], text) == 0)
            return (lk_sync_t)i;
    return LK_SYNC_INHERIT;
}

static void fill_settings(lk_arena_t *arena, const lk_identity_provider_t *provider, lk_upstream_t *upstream)
{
    set_all(upstream, common);
    set_all(upstream, upstream->type->also);
    set_all(upstream, upstream->type->settings);
    if (lk_json_config_bool(provider->config, "sandbox", 0))
        set_all(upstream, upstream->type->sandbox);
    for (size_t i = 0; i != NUM_SETTINGS; ++i) {
        const char *value = lk_json_config(provider->config, settings[i].name, NULL);
        if (value != NULL && *value != '\0')
            set(upstream, settings[i].name, value);
    }
    const char **urls[] = {&upstream->issuer,   &upstream->authorization_url, &upstream->token_url,   &upstream->userinfo_url,
                           &upstream->jwks_url, &upstream->logout_url,        &upstream->metadata_url};
    for (size_t i = 0; i != sizeof(urls) / sizeof(urls[0]); ++i)
        *urls[i] = fill_holes(arena, upstream, *urls[i]);
    upstream->sync = lk_sync_parse(lk_json_config(provider->config, "syncMode", "LEGACY"));
    if (upstream->sync == LK_SYNC_INHERIT)
        upstream->sync = LK_SYNC_LEGACY;
}

lk_status_t lk_upstream_settings(lk_arena_t *arena, const lk_identity_provider_t *provider, lk_upstream_t *ret_upstream,
                                 lk_error_t *err)
{
    lk_upstream_t upstream = {.provider = provider, .type = lk_broker_type(provider->provider_id)};
    if (upstream.type == NULL || !provider->enabled) {
        lk_fail(err, LK_NOT_FOUND, NULL, "Identity Provider [%s] not found.", provider->alias);
        return lk_error_detail(err, upstream.type == NULL ? "type %s is not known here" : "%s is disabled",
                               upstream.type == NULL ? provider->provider_id : provider->alias);
    }
    fill_settings(arena, provider, &upstream);
    *ret_upstream = upstream;
    return LK_OK;
}

lk_status_t lk_upstream_load(lk_arena_t *arena, const lk_identity_provider_t *provider, lk_upstream_t *ret_upstream,
                             lk_error_t *err)
{
    lk_upstream_t upstream;
    lk_status_t status = lk_upstream_settings(arena, provider, &upstream, err);
    if (status == LK_OK && (upstream.token_url == NULL || upstream.authorization_url == NULL) &&
        (upstream.issuer != NULL || upstream.metadata_url != NULL))
        status = discover(arena, &upstream, err);
    if (status != LK_OK)
        return status;
    if (upstream.token_url == NULL || upstream.authorization_url == NULL || upstream.client_id == NULL) {
        lk_fail(err, LK_INVALID, NULL, NULL);
        return lk_error_detail(err, "%s has no authorizationUrl, tokenUrl or clientId", provider->alias);
    }
    *ret_upstream = upstream;
    return LK_OK;
}

char *lk_upstream_redirect_uri(const lk_request_t *req, const lk_realm_t *realm, const char *alias)
{
    lk_buffer_t url;
    lk_buffer_init(&url, req->arena, 8192);
    lk_buffer_printf(&url, "%s/realms/", req->base_url);
    lk_buffer_percent(&url, realm->name);
    lk_buffer_puts(&url, "/broker/");
    lk_buffer_percent(&url, alias);
    lk_buffer_puts(&url, "/endpoint");
    return url.base;
}

/* --- calls --- */

/* RFC 6749 wants JSON; some have their answer form-encoded. NULL where it is not that. */
static json_t *read_form(lk_arena_t *arena, const lk_fetched_t *answer)
{
    int malformed = 0;
    lk_pairs_t pairs = lk_pairs_parse_form(arena, (const char *)answer->body.base, answer->body.len, &malformed);
    if (malformed || (lk_pairs_get(&pairs, "access_token") == NULL && lk_pairs_get(&pairs, "error") == NULL))
        return NULL;
    json_t *object = lk_json_own(arena, json_object());
    for (size_t i = 0; i != pairs.count; ++i)
        json_object_set_new(object, pairs.entries[i].name, json_string(pairs.entries[i].value));
    return object;
}

static lk_status_t read_json(lk_arena_t *arena, const char *url, const lk_fetched_t *answer, json_t **ret_value, lk_error_t *err)
{
    lk_error_t reason = {0};
    if (lk_json_parse(arena, (const char *)answer->body.base, answer->body.len, ret_value, &reason) == LK_OK)
        return LK_OK;
    lk_fail(err, LK_UNAVAILABLE, NULL, NULL);
    return lk_error_detail(err, "%s: status %ld, type %s, no JSON", url, answer->status, answer->content_type);
}

lk_status_t lk_upstream_get(lk_arena_t *arena, const char *url, const char *access_token, json_t **ret_value, lk_error_t *err)
{
    lk_fetched_t answer;
    lk_fetch_t fetch = {.url = url, .max_bytes = MAX_ANSWER};
    if (access_token != NULL)
        fetch.authorization = lk_printf(arena, "Bearer %s", access_token);
    lk_status_t status = lk_fetch(arena, &fetch, &answer, err);
    if (status != LK_OK)
        return status;
    if (answer.status != 200) {
        lk_fail(err, LK_UNAVAILABLE, NULL, NULL);
        return lk_error_detail(err, "%s: status %ld, %.200s", url, answer.status, (const char *)answer.body.base);
    }
    return read_json(arena, url, &answer, ret_value, err);
}

lk_status_t lk_upstream_tokens(const lk_request_t *req, const lk_realm_t *realm, const lk_upstream_t *upstream,
                               const lk_pair_t *grant, size_t num_grant, lk_upstream_tokens_t *ret_tokens, lk_error_t *err)
{
    lk_fetched_t answer;
    lk_buffer_t form;
    lk_fetch_t fetch = {.url = upstream->token_url, .max_bytes = MAX_ANSWER};
    json_t *value = NULL;
    lk_buffer_init(&form, req->arena, 262144);
    for (size_t i = 0; i != num_grant; ++i) {
        lk_buffer_printf(&form, "%s%s=", i != 0 ? "&" : "", grant[i].name);
        lk_buffer_form(&form, grant[i].value);
    }
    lk_status_t status = lk_upstream_authenticate(req, realm, upstream, &form, &fetch.authorization, err);
    fetch.form = form.base;
    if (status == LK_OK)
        status = lk_fetch(req->arena, &fetch, &answer, err);
    if (status != LK_OK)
        return status;
    const char *text = (const char *)answer.body.base;
    if ((value = read_form(req->arena, &answer)) != NULL)
        text = lk_json_text(req->arena, value);
    else if ((status = read_json(req->arena, fetch.url, &answer, &value, err)) != LK_OK)
        return status;
    lk_upstream_tokens_t tokens = {.text = text,
                                   .answer = value,
                                   .access_token = lk_json_str(value, "access_token", NULL),
                                   .id_token = lk_json_str(value, "id_token", NULL),
                                   .refresh_token = lk_json_str(value, "refresh_token", NULL)};
    if (answer.status / 100 != 2 || (tokens.access_token == NULL && tokens.id_token == NULL)) {
        lk_fail(err, LK_INVALID, NULL, NULL);
        return lk_error_detail(err, "%s: status %ld, %s: %.300s", fetch.url, answer.status, lk_json_str(value, "error", "no token"),
                               lk_json_str(value, "error_description", ""));
    }
    *ret_tokens = tokens;
    return LK_OK;
}
