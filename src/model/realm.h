/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_MODEL_REALM_H
#define LK_MODEL_REALM_H

#include <stdint.h>
#include "core/request.h"
#include "crypto/keys.h"
#include "model/fields.h"

/* A realm's snapshot: immutable, reference-counted, built from one consistent read, replaced whole when its version changes. Roles,
 * groups and client scopes are in it; clients hang off it, loaded at first use. Users and sessions are never cached. */

typedef struct st_lk_role_t {
    const char *id, *name;
    const char *client_uuid;                    /* client.id, or NULL for a realm role */
    const char *client_id;                      /* that client's clientId, or NULL */
    const struct st_lk_role_t *const *children; /* direct composites */
    size_t num_children;
    unsigned index; /* 0 ... realm->num_roles - 1: the bit in an lk_role_set_t */
    const json_t *rep;
} lk_role_t;

typedef struct st_lk_group_t {
    const char *id, *name, *path; /* "/staff/leads"; a slash in a name stays as it is, as in Keycloak's default */
    const struct st_lk_group_t *parent;
    const lk_role_t *const *roles;
    size_t num_roles;
    int is_default;
    const json_t *attributes; /* {"name": [values]} */
    const json_t *rep;
} lk_group_t;

typedef struct st_lk_mapper_t {
    const char *id, *name, *protocol, *type; /* type: "oidc-usermodel-attribute-mapper" */
    const json_t *config;                    /* {"claim.name": "x", ...} */
} lk_mapper_t;

/* What may stand behind a scope's name and a colon (is.parameterized.scope): "group:a". */
typedef enum en_lk_parameter_t {
    LK_PARAMETER_NONE, /* nothing */
    LK_PARAMETER_STRING,
    LK_PARAMETER_INTEGER,
    LK_PARAMETER_BOOLEAN,
    LK_PARAMETER_CUSTOM, /* by parameterized.scope.regexp */
    LK_PARAMETER_USERNAME,
    LK_PARAMETER_DELEGATION
} lk_parameter_t;

typedef struct st_lk_scope_t { /* a client scope */
    const char *id, *name, *description, *protocol;
    const json_t *attributes;
    int include_in_token_scope;    /* include.in.token.scope, default true */
    int display_on_consent_screen; /* display.on.consent.screen, default true */
    const char *consent_screen_text;
    const lk_mapper_t *mappers;
    size_t num_mappers;
    const lk_role_t *const *roles; /* scope mappings */
    size_t num_roles;
    const char *realm_default; /* "default", "optional", NULL */
    lk_parameter_t parameter;
    const char *parameter_pattern; /* of LK_PARAMETER_CUSTOM */
    int parameter_repeats;         /* may be asked for with several: its claims are lists */
} lk_scope_t;

typedef enum en_lk_key_status_t { LK_KEY_ACTIVE, LK_KEY_PASSIVE, LK_KEY_DISABLED } lk_key_status_t;
typedef struct st_lk_realm_key_t {
    const lk_key_t *key;
    const char *component_id, *provider_id;
    int64_t priority;
    lk_key_status_t status; /* passive: published and verifies, signs nothing */
} lk_realm_key_t;

/* The public part of a key whose provider has it no more: published, and verifies. */
typedef struct st_lk_retired_key_t {
    const lk_key_t *key;
    json_t *jwk;
} lk_retired_key_t;

typedef struct st_lk_provider_mapper_t {
    const char *name, *type; /* type: "oidc-role-idp-mapper" */
    const json_t *config;
} lk_provider_mapper_t;

typedef struct st_lk_organization_t {
    const char *id, *alias, *name;
    const char *redirect_url; /* where invited members go, or NULL */
    int enabled;
} lk_organization_t;

typedef struct st_lk_identity_provider_t {
    const char *alias, *display_name, *provider_id, *internal_id;
    const lk_organization_t *organization; /* whose it is, or NULL */
    int enabled, hide_on_login, link_only, trust_email, store_token, add_read_token_role, authenticate_by_default;
    const char *first_login_flow, *post_login_flow; /* aliases, or NULL */
    const json_t *rep, *config;
    const lk_provider_mapper_t *mappers;
    size_t num_mappers;
} lk_identity_provider_t;

typedef struct st_lk_required_action_t {
    const char *alias, *name, *provider_id;
    int enabled, default_action;
    int64_t priority;
    const json_t *config;
} lk_required_action_t;

typedef struct st_lk_flow_t {
    const char *id, *alias;
    const json_t *executions; /* authenticationExecutions, in order of priority */
    const json_t *rep;
} lk_flow_t;

/* Fields whose comment is empty have RealmRepresentation's meaning; spans are in seconds. Filled through the table in
 * model/realm_fields.c. */
typedef struct st_lk_realm_t {
    const char *id, *name;
    int64_t version;
    const json_t *rep; /* everything, as stored */
    const char *display_name, *display_name_html;
    int enabled;
    const char *ssl_required; /* "external", "all", "none" */
    int registration_allowed, registration_email_as_username, remember_me, verify_email, login_with_email_allowed,
        duplicate_emails_allowed;
    int reset_password_allowed, edit_username_allowed;
    int64_t not_before;
    const char *default_signature_algorithm;
    int revoke_refresh_token;
    int64_t refresh_token_max_reuse;
    int64_t access_token_lifespan, access_token_lifespan_implicit;
    int64_t sso_session_idle, sso_session_max, sso_session_idle_remember_me, sso_session_max_remember_me;
    int64_t client_session_idle, client_session_max;
    int64_t offline_session_idle, offline_session_max, client_offline_session_idle, client_offline_session_max;
    int offline_session_max_enabled;
    int64_t access_code_lifespan, access_code_lifespan_user_action, access_code_lifespan_login;
    int64_t action_token_by_user_lifespan, action_token_by_admin_lifespan;
    int64_t device_code_lifespan, device_polling_interval;
    int brute_force_protected, permanent_lockout;
    const char *brute_force_strategy;
    int64_t max_temporary_lockouts, max_failure_wait, minimum_quick_login_wait, wait_increment, quick_login_check_ms,
        max_delta_time, failure_factor;
    const char *password_policy; /* "length(8) and digits(1)" */
    const char *otp_policy_type, *otp_policy_algorithm;
    int64_t otp_policy_digits, otp_policy_period, otp_policy_look_ahead, otp_policy_initial_counter;
    int otp_policy_code_reusable;
    int internationalization_enabled;
    lk_strings_t supported_locales;
    const char *default_locale, *login_theme, *email_theme;
    const json_t *browser_security_headers, *smtp_server, *attributes, *localization_texts;
    const char *browser_flow, *direct_grant_flow, *registration_flow, *reset_credentials_flow, *first_broker_login_flow;
    int admin_permissions_enabled; /* model/admin_permissions.h */
    int organizations_enabled;
    const lk_organization_t *organizations;
    size_t num_organizations;
    int events_enabled, admin_events_enabled, admin_events_details_enabled;
    lk_strings_t events_listeners, enabled_event_types;

    const lk_role_t *roles; /* by index */
    size_t num_roles;
    const lk_role_t *default_role; /* default-roles-<realm> */
    const lk_group_t *groups;
    size_t num_groups;
    const lk_scope_t *scopes;
    size_t num_scopes;
    const lk_realm_key_t *keys; /* highest priority first */
    size_t num_keys;
    const lk_retired_key_t *retired_keys; /* model/retired_key.h; none of them has the kid of one of `keys` */
    size_t num_retired_keys;
    const lk_identity_provider_t *identity_providers;
    size_t num_identity_providers;
    const lk_required_action_t *required_actions; /* by priority */
    size_t num_required_actions;
    const lk_flow_t *flows;
    size_t num_flows;
    const json_t *authenticator_configs; /* {"alias": {"name": "value"}} */
    const json_t
        *user_profile;     /* kc.user.profile.config of the declarative-user-profile component, parsed; NULL: Keycloak's default */
    lk_bytes_t jwks;       /* the public keys (RFC 7517), those too that sign no more; JSON */
    const char *jwks_etag; /* quoted */
    const char *scopes_supported, *acr_values_supported; /* of discovery: lists, JSON */
    lk_bytes_t seal_secret;                              /* of the active AES key: what lk_seal takes */
    struct st_lk_client_cache_t *clients;                /* filled lazily, guarded inside */
} lk_realm_t;

/* ClientRepresentation's meaning; filled through the table in model/client_fields.c. */
typedef struct st_lk_client_t {
    const char *id, *client_id, *name, *description, *secret, *protocol;
    const char *root_url, *base_url, *admin_url;
    int enabled, public_client, bearer_only, consent_required, standard_flow_enabled, implicit_flow_enabled,
        direct_access_grants_enabled;
    int service_accounts_enabled, full_scope_allowed, frontchannel_logout, always_display_in_console;
    const char *client_authenticator_type; /* "client-secret", "client-jwt", ... */
    int64_t not_before;
    lk_strings_t redirect_uris, web_origins;
    const json_t *attributes; /* {"pkce.code.challenge.method": "S256", ...} */
    const json_t *rep;
    const lk_mapper_t *mappers;
    size_t num_mappers;
    const lk_scope_t *const *default_scopes;
    size_t num_default_scopes;
    const lk_scope_t *const *optional_scopes;
    size_t num_optional_scopes;
    const lk_role_t *const *scope_roles; /* scope mappings of the client itself, where fullScopeAllowed is false */
    size_t num_scope_roles;
    const struct st_lk_user_t *service_account; /* NULL where there is none; a write to this user is a change of configuration */
    void *plans;                                /* token/: compiled mapper plans per scope set; guarded inside */
} lk_client_t;

/* --- lookups in a snapshot --- */
const lk_role_t *lk_realm_role(const lk_realm_t *realm, const char *client_id_or_null, const char *name);
const lk_role_t *lk_realm_role_by_id(const lk_realm_t *realm, const char *id);
const lk_group_t *lk_realm_group_by_id(const lk_realm_t *realm, const char *id);
const lk_group_t *lk_realm_group_by_path(const lk_realm_t *realm, const char *path);
const lk_flow_t *lk_realm_flow(const lk_realm_t *realm, const char *alias);
const lk_scope_t *lk_realm_scope(const lk_realm_t *realm, const char *name);
const lk_scope_t *lk_realm_scope_by_id(const lk_realm_t *realm, const char *id);
const lk_identity_provider_t *lk_realm_identity_provider(const lk_realm_t *realm, const char *alias);
/* By id, and by alias; NULL where there is none. */
const lk_organization_t *lk_realm_organization_by_id(const lk_realm_t *realm, const char *id);
const lk_organization_t *lk_realm_organization(const lk_realm_t *realm, const char *alias);
/* All of them as people see them: by guiOrder, those without one last. */
const lk_identity_provider_t **lk_realm_providers_in_order(lk_arena_t *arena, const lk_realm_t *realm);
/* The active key of highest priority for an algorithm and use; NULL where there is none. */
const lk_key_t *lk_realm_signing_key(const lk_realm_t *realm, const char *alg);
/* An enabled key (active or passive), or a retired one, by kid; NULL where there is none. */
const lk_key_t *lk_realm_key_by_kid(const lk_realm_t *realm, const char *kid);
/* realm->attributes / client->attributes as text, number, boolean. */
const char *lk_client_attribute(const lk_client_t *client, const char *name, const char *fallback);
int64_t lk_client_attribute_int(const lk_client_t *client, const char *name, int64_t fallback);
int lk_client_attribute_bool(const lk_client_t *client, const char *name, int fallback);

/* A set of the realm's roles, one bit each, in an arena. */
typedef struct st_lk_role_set_t {
    uint64_t *bits;
    size_t words;
} lk_role_set_t;
void lk_role_set_init(lk_role_set_t *set, lk_arena_t *arena, const lk_realm_t *realm);
/* Adds the role and all roles that it is composed of. */
void lk_role_set_add(lk_role_set_t *set, const lk_role_t *role);
/* Adds these roles alone, without what they are composed of. */
void lk_role_set_direct(lk_role_set_t *set, const lk_role_t *const *roles, size_t count);
int lk_role_set_has(const lk_role_set_t *set, const lk_role_t *role);
void lk_role_set_intersect(lk_role_set_t *set, const lk_role_set_t *other);

#endif
