/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "admin/handlers.h"
#include "core/fetch.h"
#include "core/multipart.h"
#include "crypto/jwks.h"

/* Types of identity providers and of their mappers (conf/identity_providers.json), and what an administrator may ask of a provider
 * besides its representation. */

#define FILE_NAME "conf/identity_providers.json"

/* --- what a type is good for --- */

enum { SIGN_IN = 1, CLIENT_ASSERTION = 2, TRUST_MATERIAL = 4, EXCHANGE = 8, JWT_GRANT = 16, SHOWN = 32 };
static const struct {
    unsigned flag;
    const char *name;
} uses[] = {{SIGN_IN, "USER_AUTHENTICATION"},
            {CLIENT_ASSERTION, "CLIENT_ASSERTION"},
            {TRUST_MATERIAL, "TRUST_MATERIAL"},
            {EXCHANGE, "EXCHANGE_EXTERNAL_TOKEN"},
            {JWT_GRANT, "JWT_AUTHORIZATION_GRANT"}};
#define NUM_USES (sizeof(uses) / sizeof(uses[0]))

/* SHOWN: representations name them, which Keycloak leaves out for social types. */
static const struct {
    const char *id;
    unsigned uses;
} types[] = {{"oidc", SIGN_IN | CLIENT_ASSERTION | TRUST_MATERIAL | EXCHANGE | JWT_GRANT | SHOWN},
             {"keycloak-oidc", SIGN_IN | CLIENT_ASSERTION | TRUST_MATERIAL | EXCHANGE | JWT_GRANT | SHOWN},
             {"oauth2", SIGN_IN | EXCHANGE | SHOWN},
             {"saml", SIGN_IN | SHOWN},
             {"microsoft", SIGN_IN},
             {"google", SIGN_IN | JWT_GRANT},
             {"github", SIGN_IN},
             {"gitlab", SIGN_IN | JWT_GRANT},
             {"linkedin-openid-connect", SIGN_IN | JWT_GRANT},
             {"facebook", SIGN_IN},
             {"bitbucket", SIGN_IN},
             {"paypal", SIGN_IN},
             {"stackoverflow", SIGN_IN},
             {"twitter", SIGN_IN},
             {"openshift-v4", SIGN_IN},
             {"kubernetes", CLIENT_ASSERTION | SHOWN},
             {"jwt-authorization-grant", JWT_GRANT | SHOWN}};

static unsigned uses_of(const char *type)
{
    for (size_t i = 0; type != NULL && i != sizeof(types) / sizeof(types[0]); ++i)
        if (strcmp(types[i].id, type) == 0)
            return types[i].uses;
    return 0;
}

int lk_idp_is_type(const char *type)
{
    return uses_of(type) != 0;
}

json_t *lk_idp_uses(const char *type)
{
    json_t *list = json_array();
    unsigned of = uses_of(type);
    for (size_t i = 0; (of & SHOWN) != 0 && i != NUM_USES; ++i)
        if ((of & uses[i].flag) != 0)
            json_array_append_new(list, json_string(uses[i].name));
    return list;
}

int lk_idp_has_use(const char *type, const char *use)
{
    for (size_t i = 0; i != NUM_USES; ++i)
        if (strcmp(uses[i].name, use) == 0)
            return (uses_of(type) & uses[i].flag) != 0;
    return strcmp(use, "ANY") == 0;
}

/* --- types --- */

lk_status_t lk_idp_type_get(lk_admin_t *admin, lk_error_t *err)
{
    const json_t *type = lk_provider_find(lk_catalogue(admin, FILE_NAME, "providers"), admin->args[0]);
    if (type == NULL)
        return lk_fail(err, LK_INVALID, NULL, "HTTP 400 Bad Request");
    return lk_admin_reply(admin, json_pack("{s:O, s:O, s:o, s:s, s:[]}", "name", json_object_get(type, "displayName"), "id",
                                           json_object_get(type, "id"), "configProperties", lk_provider_properties(type),
                                           "helpText", "", "configMetadata"));
}

const char *lk_idp_type_name(lk_admin_t *admin, const char *type)
{
    return lk_json_str(lk_provider_find(lk_catalogue(admin, FILE_NAME, "providers"), type), "displayName", type);
}

static json_t *show_mapper_type(const json_t *type)
{
    const char *name = lk_json_str(type, "name", "");
    return json_pack("{s:O, s:s, s:O, s:s, s:o}", "id", json_object_get(type, "id"), "name", name, "category",
                     json_object_get(type, "category"), "helpText", name, "properties", lk_provider_properties(type));
}

lk_status_t lk_idp_mapper_types(lk_admin_t *admin, lk_error_t *err)
{
    const char *provider = lk_realm_identity_provider(admin->realm, admin->id)->provider_id;
    json_t *all = lk_catalogue(admin, FILE_NAME, "mappers"), *shown = json_object(), *type;
    size_t i;
    (void)err;
    json_array_foreach(all, i, type)
    {
        if (lk_has_word(lk_json_str(type, "for", ""), provider))
            json_object_set_new(shown, lk_json_str(type, "id", ""), show_mapper_type(type));
    }
    return lk_admin_reply(admin, shown);
}

/* --- a provider --- */

/* What a service provider of SAML shows of itself; the others have nothing to show. */
lk_status_t lk_idp_export(lk_admin_t *admin, lk_error_t *err)
{
    (void)err;
    admin->reply->status = 204;
    return LK_OK;
}

lk_status_t lk_idp_reload_keys(lk_admin_t *admin, lk_error_t *err)
{
    const lk_identity_provider_t *provider = lk_realm_identity_provider(admin->realm, admin->id);
    const char *url = lk_json_config(provider->config, "jwksUrl", "");
    int has_keys = provider->enabled && lk_json_config_bool(provider->config, "useJwksUrl", 0) && *url != '\0';
    lk_error_t reason = {0};
    if (has_keys && lk_jwks_reload(admin->req->arena, url, &reason) != LK_OK) {
        lk_admin_message(err, LK_UNAVAILABLE, "The keys cannot be read");
        return lk_error_detail(err, "%s", reason.detail);
    }
    return lk_admin_reply(admin, json_boolean(has_keys));
}

/* --- POST import-config: settings from what a provider says of itself (OpenID Connect Discovery 1.0) --- */

static const struct {
    const char *member, *setting;
} discovered[] = {{"issuer", "issuer"},
                  {"authorization_endpoint", "authorizationUrl"},
                  {"token_endpoint", "tokenUrl"},
                  {"userinfo_endpoint", "userInfoUrl"},
                  {"jwks_uri", "jwksUrl"},
                  {"end_session_endpoint", "logoutUrl"},
                  {"introspection_endpoint", "tokenIntrospectionUrl"}};

static json_t *settings_from(const json_t *document)
{
    json_t *settings = json_object();
    for (size_t i = 0; i != sizeof(discovered) / sizeof(discovered[0]); ++i) {
        const char *value = lk_json_str(document, discovered[i].member, NULL);
        if (value != NULL)
            json_object_set_new(settings, discovered[i].setting, json_string(value));
    }
    if (json_object_get(settings, "jwksUrl") != NULL) {
        json_object_set_new(settings, "validateSignature", json_string("true"));
        json_object_set_new(settings, "useJwksUrl", json_string("true"));
    }
    return settings;
}

/* What was uploaded, or (url) what answers there. */
static lk_status_t read_document(lk_admin_t *admin, const char *url, const char *file, json_t **ret_document, lk_error_t *err)
{
    lk_arena_t *arena = admin->req->arena;
    lk_fetched_t answer = {.status = 200};
    lk_error_t reason = {0};
    lk_status_t status = url != NULL ? lk_fetch(arena, &(lk_fetch_t){.url = url}, &answer, &reason) : LK_OK;
    const char *text = url != NULL ? (const char *)answer.body.base : file;
    *ret_document = NULL;
    if (status == LK_OK && answer.status != 200)
        status = lk_error_detail(&reason, "status %ld", answer.status);
    if (status == LK_OK && *reason.detail == '\0')
        status = lk_json_parse(arena, text, url != NULL ? answer.body.len : strlen(file), ret_document, &reason);
    if (json_is_object(*ret_document))
        return LK_OK;
    lk_admin_message(err, LK_INVALID,
                     url != NULL ? "The address does not answer with a provider's metadata" : "The file is no provider's metadata");
    return lk_error_detail(err, "%s: %s%s", url != NULL ? url : "file", reason.detail, reason.text);
}

/* JSON names an address; a form (multipart/form-data) brings the document itself. */
lk_status_t lk_idp_import_config(lk_admin_t *admin, lk_error_t *err)
{
    lk_arena_t *arena = admin->req->arena;
    const char *type = lk_json_str(admin->body, "providerId", NULL), *url = lk_json_str(admin->body, "fromUrl", NULL), *file = NULL;
    lk_parts_t form;
    json_t *document, *settings;
    if (admin->body == NULL &&
        lk_multipart_parse(arena, lk_request_header(admin->req, "content-type"), admin->req->body, &form) == 0) {
        type = lk_part_text(arena, &form, "providerId");
        file = lk_part_text(arena, &form, "file");
    }
    if (type == NULL || (url == NULL && file == NULL))
        return lk_fail(err, LK_INVALID, NULL, "HTTP 400 Bad Request");
    if (!lk_idp_is_type(type))
        return lk_admin_message(err, LK_INVALID, lk_printf(arena, "Invalid identity provider id [%s]", type));
    lk_status_t status = read_document(admin, url, file, &document, err);
    if (status != LK_OK)
        return status;
    settings = strcmp(type, "oidc") == 0 || strcmp(type, "keycloak-oidc") == 0 ? settings_from(document) : json_object();
    if (url != NULL)
        json_object_set_new(settings, "metadataDescriptorUrl", json_string(url));
    return lk_admin_reply(admin, settings);
}
