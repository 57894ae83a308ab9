/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "core/url.h"
#include "model/realm.h"

#include <string.h>
#include "core/time.h"
#include "crypto/crypto.h"

#define FIELD(...) LK_FIELD(lk_client_t, __VA_ARGS__)

/* ClientRepresentation, in Keycloak's order; defaults are those of a client made from a clientId alone. */
static const lk_field_t fields[] = {
    FIELD("id", STRING, LK_FIELD_BRIEF | LK_FIELD_FIXED | LK_FIELD_COLUMN, NULL, id),
    FIELD("clientId", STRING, LK_FIELD_BRIEF | LK_FIELD_COLUMN, NULL, client_id),
    FIELD("name", STRING, LK_FIELD_BRIEF, NULL, name),
    FIELD("description", STRING, LK_FIELD_BRIEF, NULL, description),
    LK_FIELD_FREE("type", STRING, 0, NULL),
    FIELD("rootUrl", STRING, 0, NULL, root_url),
    FIELD("adminUrl", STRING, 0, NULL, admin_url),
    FIELD("baseUrl", STRING, 0, NULL, base_url),
    LK_FIELD_FREE("surrogateAuthRequired", BOOL, 0, "false"),
    FIELD("enabled", BOOL, LK_FIELD_BRIEF, "true", enabled),
    FIELD("alwaysDisplayInConsole", BOOL, 0, "false", always_display_in_console),
    FIELD("clientAuthenticatorType", STRING, 0, "\"client-secret\"", client_authenticator_type),
    FIELD("secret", STRING, LK_FIELD_SECRET, NULL, secret),
    LK_FIELD_FREE("registrationAccessToken", STRING, LK_FIELD_CHILD | LK_FIELD_SECRET, NULL),
    LK_FIELD_FREE("defaultRoles", STRINGS, LK_FIELD_CHILD, NULL),
    FIELD("redirectUris", STRINGS, 0, "[]", redirect_uris),
    FIELD("webOrigins", STRINGS, 0, "[]", web_origins),
    FIELD("notBefore", INT, 0, "0", not_before),
    FIELD("bearerOnly", BOOL, 0, "false", bearer_only),
    FIELD("consentRequired", BOOL, 0, "false", consent_required),
    FIELD("standardFlowEnabled", BOOL, 0, "true", standard_flow_enabled),
    FIELD("implicitFlowEnabled", BOOL, 0, "false", implicit_flow_enabled),
    FIELD("directAccessGrantsEnabled", BOOL, 0, "false", direct_access_grants_enabled),
    FIELD("serviceAccountsEnabled", BOOL, 0, "false", service_accounts_enabled),
    LK_FIELD_FREE("authorizationServicesEnabled", BOOL, 0, NULL),
    LK_FIELD_FREE("directGrantsOnly", BOOL, LK_FIELD_CHILD, NULL),
    FIELD("publicClient", BOOL, 0, "false", public_client),
    FIELD("frontchannelLogout", BOOL, 0, "false", frontchannel_logout),
    FIELD("protocol", STRING, LK_FIELD_BRIEF, "\"openid-connect\"", protocol),
    FIELD("attributes", MAP, LK_FIELD_MERGE, "{}", attributes),
    LK_FIELD_FREE("authenticationFlowBindingOverrides", MAP, LK_FIELD_MERGE, "{}"),
    FIELD("fullScopeAllowed", BOOL, 0, "true", full_scope_allowed),
    LK_FIELD_FREE("nodeReRegistrationTimeout", INT, 0, "-1"),
    LK_FIELD_FREE("registeredNodes", OBJECT, 0, NULL),
    LK_FIELD_OF("protocolMappers", ARRAY, 0, NULL, lk_mapper_fields),
    LK_FIELD_FREE("clientTemplate", STRING, LK_FIELD_CHILD, NULL),
    LK_FIELD_FREE("useTemplateConfig", BOOL, LK_FIELD_CHILD, NULL),
    LK_FIELD_FREE("useTemplateScope", BOOL, LK_FIELD_CHILD, NULL),
    LK_FIELD_FREE("useTemplateMappers", BOOL, LK_FIELD_CHILD, NULL),
    LK_FIELD_FREE("defaultClientScopes", STRINGS, LK_FIELD_CHILD, NULL),
    LK_FIELD_FREE("optionalClientScopes", STRINGS, LK_FIELD_CHILD, NULL),
    LK_FIELD_FREE("authorizationSettings", OBJECT, LK_FIELD_EXPORT, NULL),
    LK_FIELD_FREE("access", OBJECT, LK_FIELD_READ_ONLY, NULL),
    LK_FIELD_FREE("origin", STRING, LK_FIELD_READ_ONLY, NULL),
};

const lk_representation_t lk_client_fields = LK_REPRESENTATION("ClientRepresentation", fields);

/* The origin of an absolute http(s) URI as a new JSON string; NULL for anything else. */
static json_t *origin_of(const char *uri)
{
    if (strncmp(uri, "http://", 7) != 0 && strncmp(uri, "https://", 8) != 0)
        return NULL;
    return json_stringn(uri, lk_url_origin(uri));
}

json_t *lk_client_origins(const json_t *redirect_uris)
{
    json_t *origins = json_array(), *seen = json_object(), *uri;
    size_t i;
    json_array_foreach((json_t *)redirect_uris, i, uri)
    {
        json_t *origin = json_is_string(uri) ? origin_of(json_string_value(uri)) : NULL;
        if (origin == NULL)
            continue;
        if (json_object_get(seen, json_string_value(origin)) == NULL) {
            json_object_set_new(seen, json_string_value(origin), json_true());
            json_array_append(origins, origin);
        }
        json_decref(origin);
    }
    json_decref(seen);
    return origins;
}

static void set_if_missing(json_t *object, const char *name, json_t *value)
{
    const json_t *there = json_object_get(object, name);
    if (there == NULL || json_is_null(there))
        json_object_set_new(object, name, value);
    else
        json_decref(value);
}

/* Keycloak takes an empty attribute for none. */
static void drop_empty(json_t *attributes)
{
    const char *name;
    json_t *value;
    void *next;
    json_object_foreach_safe(attributes, next, name, value)
    {
        if (json_is_null(value) || (json_is_string(value) && json_string_length(value) == 0))
            json_object_del(attributes, name);
    }
}

void lk_client_rep_complete_oidc(lk_arena_t *arena, json_t *value)
{
    const char *root = lk_json_str(value, "rootUrl", "");
    set_if_missing(value, "attributes", json_object());
    json_t *attributes = json_object_get(value, "attributes");
    /* Keycloak makes a secret first, and only then takes the client for a public one. */
    if (json_object_get(value, "publicClient") == NULL)
        json_object_set_new(attributes, "client.secret.creation.time", json_string(lk_printf(arena, "%lld", (long long)lk_now())));
    set_if_missing(value, "publicClient", json_true());
    set_if_missing(value, "directAccessGrantsEnabled", json_true());
    if (*root != '\0' && json_array_size(json_object_get(value, "redirectUris")) == 0) {
        const char *below = lk_printf(arena, "%s%s", root, root[strlen(root) - 1] == '/' ? "*" : "/*");
        json_object_set_new(value, "redirectUris", json_pack("[s]", below));
        json_object_set_new(value, "webOrigins", lk_client_origins(json_object_get(value, "redirectUris")));
    }
    if (*root != '\0')
        set_if_missing(value, "adminUrl", json_string(root));
    if (lk_json_str(attributes, "backchannel.logout.url", NULL) != NULL)
        return;
    json_object_update_new(attributes, json_pack("{s:s, s:s}", "backchannel.logout.session.required", "true",
                                                 "backchannel.logout.revoke.offline.tokens", "false"));
}

void lk_client_rep_complete(lk_arena_t *arena, json_t *value)
{
    if (lk_json_bool(value, "directGrantsOnly", 0)) {
        set_if_missing(value, "standardFlowEnabled", json_false());
        set_if_missing(value, "directAccessGrantsEnabled", json_true());
    }
    set_if_missing(value, "fullScopeAllowed", json_boolean(!lk_json_bool(value, "consentRequired", 0)));
    if (json_is_array(json_object_get(value, "redirectUris")))
        set_if_missing(value, "webOrigins", lk_client_origins(json_object_get(value, "redirectUris")));
    lk_rep_fill(&lk_client_fields, value);
    json_t *attributes = json_copy(json_object_get(value, "attributes"));
    if (!json_is_object(attributes)) {
        json_decref(attributes);
        attributes = json_object();
    }
    drop_empty(attributes);
    drop_empty(json_object_get(value, "authenticationFlowBindingOverrides"));
    set_if_missing(attributes, "realm_client", json_string("false"));
    if (!lk_json_bool(value, "publicClient", 0) && lk_json_str(value, "secret", NULL) == NULL) {
        json_object_set_new(value, "secret", json_string(lk_random_token(arena, 64)));
        json_object_set_new(attributes, "client.secret.creation.time", json_string(lk_printf(arena, "%lld", (long long)lk_now())));
    }
    json_object_set_new(value, "attributes", attributes);
}

void lk_mapper_rep_complete(json_t *value)
{
    lk_rep_fill(&lk_mapper_fields, value);
    json_t *config = json_object_get(value, "config"), *id_token = json_object_get(config, "id.token.claim");
    if (id_token == NULL || json_object_get(config, "userinfo.token.claim") != NULL)
        return;
    config = json_copy(config);
    json_object_set(config, "userinfo.token.claim", id_token);
    json_object_set_new(value, "config", config);
}
