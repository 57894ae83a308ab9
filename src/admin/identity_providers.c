/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <fnmatch.h>
#include <string.h>
#include <strings.h>
#include "admin/handlers.h"
#include "crypto/crypto.h"
#include "model/federated.h"

/* Identity providers and their mappers; users' links to them. */

#define MASK "**********"

/* --- what may be written --- */

static const struct {
    const char *key, *label;
} urls[] = {{"authorizationUrl", "authorization_url"},
            {"tokenUrl", "token_url"},
            {"userInfoUrl", "userinfo_url"},
            {"jwksUrl", "jwks_url"},
            {"logoutUrl", "logout_url"},
            {"tokenIntrospectionUrl", "tokenIntrospection_url"}};

static int is_other_scheme(const char *url)
{
    const char *end = strstr(url, "://");
    return end != NULL && strncmp(url, "http://", 7) != 0 && strncmp(url, "https://", 8) != 0;
}

/* sslRequired goes for the addresses of providers too. */
static int is_too_open(lk_arena_t *arena, const lk_realm_t *realm, const char *url)
{
    const char *host = url + 7, *end;
    if (strncmp(url, "http://", 7) != 0 || strcasecmp(realm->ssl_required, "none") == 0)
        return 0;
    end = *host == '[' ? strchr(++host, ']') : host + strcspn(host, ":/?#");
    host = lk_strndup(arena, host, end != NULL ? (size_t)(end - host) : strlen(host));
    return strcasecmp(realm->ssl_required, "all") == 0 || !(strcasecmp(host, "localhost") == 0 || lk_address_is_local(host));
}

static lk_status_t check_urls(lk_admin_t *admin, const json_t *config, lk_error_t *err)
{
    for (size_t i = 0; i != sizeof(urls) / sizeof(urls[0]); ++i) {
        const char *url = lk_json_str(config, urls[i].key, ""), *text = NULL;
        if (*url != '\0' && strstr(url, "://") == NULL)
            text = "The url [%s] is malformed";
        else if (is_other_scheme(url))
            text = "Invalid protocol/scheme for url [%s]";
        else if (is_too_open(admin->req->arena, admin->realm, url))
            text = "The url [%s] requires secure connections";
        if (text != NULL)
            return lk_admin_message(err, LK_INVALID, lk_printf(admin->req->arena, text, urls[i].label));
    }
    return LK_OK;
}

/* Signatures need a key, or an address of keys; where there is an issuer, what is missing is discovered there. */
static const char *check_keys(const char *type, const json_t *config)
{
    int by_url = lk_json_config_bool(config, "useJwksUrl", 0);
    if (!lk_json_config_bool(config, "validateSignature", 0) || (strcmp(type, "oidc") != 0 && strcmp(type, "keycloak-oidc") != 0))
        return NULL;
    if (!by_url && *lk_json_config(config, "publicKeySignatureVerifier", "") == '\0')
        return "The 'Validating public key' is required when 'Validate signatures' enabled and 'Use JWKS URL' disabled";
    if (by_url && *lk_json_config(config, "jwksUrl", "") == '\0' && *lk_json_config(config, "issuer", "") == '\0')
        return "JWKS URL is required when 'Validate signatures' enabled and 'Use JWKS URL' enabled";
    return NULL;
}

static lk_status_t check_config(lk_admin_t *admin, const char *type, const json_t *config, lk_error_t *err)
{
    const char *method = lk_json_config(config, "pkceMethod", ""), *text = check_keys(type, config);
    if (strcmp(type, "saml") == 0)
        return LK_OK;
    if (lk_json_config_bool(config, "pkceEnabled", 0) && *method != '\0' && strcmp(method, "S256") != 0 &&
        strcmp(method, "plain") != 0)
        text = lk_printf(admin->req->arena, "PKCE Method not supported: %s", method);
    lk_status_t status = check_urls(admin, config, err);
    if (status == LK_OK && text == NULL && strcmp(type, "oauth2") == 0 && *lk_json_config(config, "userInfoUrl", "") == '\0')
        text = "User Info URL not provided";
    return status == LK_OK && text != NULL ? lk_admin_message(err, LK_INVALID, text) : status;
}

static lk_status_t check_flow(lk_admin_t *admin, const json_t *rep, const char *member, lk_error_t *err)
{
    const char *alias = lk_json_str(rep, member, "");
    for (size_t i = 0; *alias != '\0' && i != admin->realm->num_flows; ++i)
        if (strcmp(admin->realm->flows[i].alias, alias) == 0)
            return LK_OK;
    return *alias == '\0' ? LK_OK
                          : lk_admin_message(err, LK_INVALID, lk_printf(admin->req->arena, "%s: no flow %s", member, alias));
}

static lk_status_t check_alias(lk_admin_t *admin, const json_t *old, const json_t *rep, lk_error_t *err)
{
    const char *alias = lk_json_str(rep, "alias", NULL);
    if (old != NULL)
        return strcmp(lk_json_str(old, "alias", ""), alias != NULL ? alias : "") == 0
                   ? LK_OK
                   : lk_admin_message(err, LK_INVALID, "Identity Provider alias cannot be changed");
    if (alias == NULL || *alias == '\0')
        return lk_admin_message(
            err, LK_INVALID, lk_json_str(rep, "providerId", NULL) != NULL ? "path is null" : "Invalid identity provider id [null]");
    size_t len = strcspn(alias, " :/?#[]@!$&'()*+,;=\\");
    if (alias[len] == ' ')
        return lk_fail_http(err, LK_INVALID, 400, "Empty Space not allowed.", NULL);
    return alias[len] == '\0'
               ? LK_OK
               : lk_fail_http(err, LK_INVALID, 400, lk_printf(admin->req->arena, "Character '%c' not allowed.", alias[len]), NULL);
}

/* What Keycloak writes itself: where an older setting went, and the only issuer that Google has; what is empty is nothing. */
static void complete_config(json_t *rep, json_t *config)
{
    const char *name;
    json_t *value;
    void *next;
    if (strcmp(lk_json_str(rep, "providerId", ""), "google") == 0 && json_is_object(config))
        json_object_set_new(config, "issuer", json_string("https://accounts.google.com"));
    if (lk_json_config_bool(config, "hideOnLoginPage", 0) && json_object_get(rep, "hideOnLogin") == NULL)
        json_object_set_new(rep, "hideOnLogin", json_true());
    json_object_del(config, "hideOnLoginPage");
    json_object_foreach_safe(config, next, name, value)
    {
        if (json_is_string(value) && json_string_length(value) == 0)
            json_object_del(config, name);
    }
    static const char *const flows[] = {"firstBrokerLoginFlowAlias", "postBrokerLoginFlowAlias"};
    for (size_t i = 0; i != 2; ++i)
        if (*lk_json_str(rep, flows[i], "") == '\0')
            json_object_del(rep, flows[i]);
}

/* What an update leaves alone: the type; and organizations say themselves which providers are theirs. */
static void keep(json_t *rep, const json_t *old)
{
    static const char *const kept[] = {"providerId", "organizationId"};
    for (size_t i = 0; i != 2; ++i) {
        json_object_del(rep, kept[i]);
        if (json_object_get(old, kept[i]) != NULL)
            json_object_set(rep, kept[i], json_object_get(old, kept[i]));
    }
}

/* A secret that comes back as it was shown is the one that is stored. */
static lk_status_t prepare(lk_admin_t *admin, const json_t *old, json_t *rep, lk_error_t *err)
{
    json_t *config = json_object_get(rep, "config");
    const char *secret = lk_json_str(config, "clientSecret", NULL), *type = lk_json_str(admin->body, "providerId", NULL);
    lk_status_t status = check_alias(admin, old, rep, err);
    if (status == LK_OK && !lk_idp_is_type(type))
        status = lk_admin_message(err, LK_INVALID,
                                  lk_printf(admin->req->arena, "Invalid identity provider id [%s]", type != NULL ? type : "null"));
    if (status == LK_OK)
        status = check_config(admin, type, config, err);
    if (status == LK_OK)
        status = check_flow(admin, rep, "firstBrokerLoginFlowAlias", err);
    if (status == LK_OK)
        status = check_flow(admin, rep, "postBrokerLoginFlowAlias", err);
    if (status != LK_OK)
        return status;
    lk_rep_fill(&lk_identity_provider_fields, rep);
    if (old != NULL)
        keep(rep, old);
    if (old != NULL && lk_secret_equal(MASK, secret))
        json_object_set(config, "clientSecret", json_object_get(json_object_get(old, "config"), "clientSecret"));
    complete_config(rep, config);
    json_object_del(rep, "types");
    return LK_OK;
}

/* --- lists --- */

static int wants_brief(const lk_admin_t *admin)
{
    const char *brief = lk_pairs_get(&admin->req->query, "briefRepresentation");
    return *admin->row->path == '\0' && brief != NULL && strcasecmp(brief, "true") == 0;
}

static json_t *show(lk_admin_t *admin, const json_t *rep)
{
    if (wants_brief(admin)) {
        json_t *brief = lk_rep_answer(&lk_identity_provider_fields, rep, LK_ANSWER_BRIEF);
        json_object_set_new(brief, "config", json_object());
        return brief;
    }
    json_t *shown = lk_rep_answer(&lk_identity_provider_fields, rep, 0), *config = json_copy(json_object_get(rep, "config"));
    if (json_object_get(config, "clientSecret") != NULL && strncmp(lk_json_str(config, "clientSecret", ""), "${vault.", 8) != 0)
        json_object_set_new(config, "clientSecret", json_string(MASK));
    json_object_set_new(shown, "config", config != NULL ? config : json_object());
    json_object_set_new(shown, "types", lk_idp_uses(lk_json_str(rep, "providerId", "")));
    return shown;
}

int lk_idp_is_searched(lk_arena_t *arena, const char *text, const char *search)
{
    size_t len = strlen(search);
    if (len >= 2 && search[0] == '"' && search[len - 1] == '"')
        return strcasecmp(text, lk_strndup(arena, search + 1, len - 2)) == 0;
    const char *pattern = len != 0 && search[len - 1] == '*' ? search : lk_printf(arena, "%s*", search);
    return fnmatch(lk_utf8_lower(arena, pattern), lk_utf8_lower(arena, text), FNM_NOESCAPE) == 0;
}

static int matches(lk_admin_t *admin, const json_t *rep)
{
    const char *search = lk_pairs_get(&admin->req->query, "search"), *use = lk_pairs_get(&admin->req->query, "type");
    if (search != NULL && !lk_idp_is_searched(admin->req->arena, lk_json_str(rep, "alias", ""), search))
        return 0;
    return use == NULL || lk_idp_has_use(lk_json_str(rep, "providerId", ""), use);
}

const lk_kind_t lk_kind_identity_provider = {.fields = &lk_identity_provider_fields,
                                             .id = "internalId",
                                             .name = "alias",
                                             .missing = "HTTP 404 Not Found",
                                             .exists = "Identity Provider %s already exists",
                                             .replaces = 1,
                                             .by_name = 1,
                                             .select = LK_Q_PROVIDER_SELECT,
                                             .insert = LK_Q_PROVIDER_INSERT,
                                             .update = LK_Q_PROVIDER_UPDATE,
                                             .remove = LK_Q_PROVIDER_DELETE,
                                             .prepare = prepare,
                                             .matches = matches,
                                             .show = show};

/* --- mappers: below a provider --- */

/* Another one of that name at the same provider. */
static lk_status_t has_twin(lk_admin_t *admin, const json_t *rep, int *ret_has, lk_error_t *err)
{
    json_t *all, *other;
    size_t i;
    lk_status_t status = lk_kind_all(admin, &lk_kind_provider_mapper, admin->narrow, &all, err);
    *ret_has = 0;
    json_array_foreach(status == LK_OK ? all : NULL, i, other)
    {
        *ret_has |= strcmp(lk_json_str(other, "name", ""), lk_json_str(rep, "name", "")) == 0 &&
                    strcmp(lk_json_str(other, "id", ""), lk_json_str(rep, "id", "")) != 0;
    }
    return status;
}

static lk_status_t prepare_mapper(lk_admin_t *admin, const json_t *old, json_t *rep, lk_error_t *err)
{
    int is_twin = 0;
    json_object_set_new(rep, "identityProviderAlias", json_string(admin->narrow));
    lk_rep_fill(&lk_identity_provider_mapper_fields, rep);
    if (lk_json_str(rep, "name", NULL) == NULL || lk_json_str(rep, "identityProviderMapper", NULL) == NULL)
        return lk_fail(err, LK_CONFLICT, "conflict", "Duplicate resource error");
    lk_status_t status = old == NULL ? has_twin(admin, rep, &is_twin, err) : LK_OK;
    if (status != LK_OK || !is_twin)
        return status;
    return lk_admin_message(err, LK_INVALID,
                            lk_printf(admin->req->arena, "Failed to add mapper '%s' to identity provider [%s].",
                                      lk_json_str(rep, "name", ""),
                                      lk_realm_identity_provider(admin->realm, admin->narrow)->provider_id));
}

const lk_kind_t lk_kind_provider_mapper = {.fields = &lk_identity_provider_mapper_fields,
                                           .id = "id",
                                           .name = "name",
                                           .missing = "Model not found",
                                           .exists = "Mapper %s already exists",
                                           .replaces = 1,
                                           .select = LK_Q_PROVIDER_MAPPER_SELECT,
                                           .insert = LK_Q_PROVIDER_MAPPER_INSERT,
                                           .update = LK_Q_PROVIDER_MAPPER_UPDATE,
                                           .remove = LK_Q_PROVIDER_MAPPER_DELETE,
                                           .prepare = prepare_mapper};

lk_status_t lk_resolve_provider(lk_admin_t *admin, lk_error_t *err)
{
    admin->id = admin->narrow = admin->req->params[1];
    return lk_realm_identity_provider(admin->realm, admin->id) != NULL ? LK_OK
                                                                       : lk_fail(err, LK_NOT_FOUND, NULL, "HTTP 404 Not Found");
}

/* --- a user's links --- */

json_t *lk_federated_show(const lk_federated_t *links, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i != count; ++i)
        json_array_append_new(list, json_pack("{s:s, s:s, s:s*}", "identityProvider", links[i].alias, "userId", links[i].user_id,
                                              "userName", links[i].username));
    return list;
}

lk_status_t lk_user_links_list(lk_admin_t *admin, lk_error_t *err)
{
    lk_federated_t *links;
    size_t count;
    lk_status_t status = lk_federated_links(admin->sql, admin->req->arena, admin->realm, admin->id, NULL, &links, &count, err);
    return status == LK_OK ? lk_admin_reply(admin, lk_federated_show(links, count)) : status;
}

static const lk_field_t link_fields[] = {LK_FIELD_FREE("identityProvider", STRING, 0, NULL),
                                         LK_FIELD_FREE("userId", STRING, 0, NULL), LK_FIELD_FREE("userName", STRING, 0, NULL),
                                         LK_FIELD_FREE("token", STRING, 0, NULL)};
static const lk_representation_t link_rep = LK_REPRESENTATION("FederatedIdentityRepresentation", link_fields);

lk_status_t lk_user_link_add(lk_admin_t *admin, lk_error_t *err)
{
    if (lk_realm_identity_provider(admin->realm, admin->args[0]) == NULL)
        return lk_fail(err, LK_NOT_FOUND, NULL, "Identity provider not found");
    lk_status_t status = lk_admin_check(admin, &link_rep, err);
    if (status != LK_OK)
        return status;
    lk_federated_t link = {.alias = admin->args[0],
                           .user_id = lk_json_str(admin->body, "userId", NULL),
                           .username = lk_json_str(admin->body, "userName", NULL)};
    if (link.user_id == NULL)
        return lk_admin_message(err, LK_INVALID, "Missing userId");
    status = lk_federated_add(admin->sql, admin->req->arena, admin->realm, admin->id, &link, err);
    return status == LK_CONFLICT ? lk_admin_message(err, LK_CONFLICT, "User is already linked with provider") : status;
}

lk_status_t lk_user_link_remove(lk_admin_t *admin, lk_error_t *err)
{
    lk_federated_t *links;
    size_t count;
    lk_status_t status =
        lk_federated_links(admin->sql, admin->req->arena, admin->realm, admin->id, admin->args[0], &links, &count, err);
    if (status == LK_OK && count == 0)
        return lk_fail(err, LK_NOT_FOUND, NULL, "Link not found");
    return status == LK_OK ? lk_federated_remove(admin->sql, admin->req->arena, admin->realm, admin->id, admin->args[0], err)
                           : status;
}
