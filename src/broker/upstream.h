/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_BROKER_UPSTREAM_H
#define LK_BROKER_UPSTREAM_H

#include "core/fetch.h"
#include "token/token.h"

/* An identity provider as this server talks to it: what its representation says over what its type brings along. */

typedef enum en_lk_sync_t { LK_SYNC_INHERIT, LK_SYNC_IMPORT, LK_SYNC_LEGACY, LK_SYNC_FORCE } lk_sync_t;

struct st_lk_upstream_t;
struct st_lk_brokered_t;

/* A row of the table of types (types.c). */
typedef struct st_lk_broker_type_t {
    const char *id; /* providerId */
    int is_oidc;    /* says who it is in an ID token; else by its own interface alone */
    int is_entra;   /* several tenants behind one address: issuer and tenant are checked together */
    /* One of each per line: name of the setting in the provider's config, its value; ends with an empty one. */
    const char *const (*settings)[2];
    const char *const (*also)[2];    /* more of them; may be NULL */
    const char *const (*sandbox)[2]; /* over them, where the setting "sandbox" is on; may be NULL */
    /* What else this type wants to know of the user, after ID token and userinfo; may be NULL. */
    lk_status_t (*complete)(const lk_request_t *req, const lk_realm_t *realm, const struct st_lk_upstream_t *upstream,
                            const char *access_token, struct st_lk_brokered_t *brokered, lk_error_t *err);
} lk_broker_type_t;
/* NULL for an unknown type. */
const lk_broker_type_t *lk_broker_type(const char *provider_id);

/* Names are those of Keycloak's config; the table is in upstream.c. Claims may be "a|b": the first that is there. */
typedef struct st_lk_upstream_t {
    const lk_identity_provider_t *provider;
    const lk_broker_type_t *type;
    const char *issuer, *authorization_url, *token_url, *userinfo_url, *jwks_url, *logout_url;
    const char *client_id, *client_secret, *client_auth, *assertion_alg, *assertion_audience, *app_key;
    const char *scope, *prompt, *pkce_method, *forward_parameters, *hosted_domain;
    const char *public_key, *public_key_id;
    const char *id_claim, *username_claim, *email_claim, *name_claim, *given_name_claim, *family_name_claim;
    const char *filter_claim, *filter_value, *tenant, *base, *api, *fetched_fields, *metadata_url, *allowed_tenants, *groups_from,
        *link_claim, *graph_url, *missing_email;
    int use_jwks_url, validate_signature, pkce, no_userinfo, no_nonce, login_hint, ui_locales, pass_max_age, access_token_is_jwt,
        filter, case_sensitive_username, offline_access;
    int sandbox, short_state, send_user_ip, x509_header;
    int backchannel_logout, logout_id_token, logout_client_id;
    int64_t allowed_skew;
    lk_sync_t sync;
} lk_upstream_t;

/* What is set. LK_NOT_FOUND for a provider that is disabled or of an unknown type. */
lk_status_t lk_upstream_settings(lk_arena_t *arena, const lk_identity_provider_t *provider, lk_upstream_t *ret_upstream,
                                 lk_error_t *err);
/* The same, ready to be talked to: where endpoints are missing, discovery at the issuer is asked, which may block. LK_UNAVAILABLE
 * where that fails. */
lk_status_t lk_upstream_load(lk_arena_t *arena, const lk_identity_provider_t *provider, lk_upstream_t *ret_upstream,
                             lk_error_t *err);
lk_sync_t lk_sync_parse(const char *text);
/* "https://sso.example/auth/realms/acme/broker/up/endpoint": what the provider must know as redirect URI. */
char *lk_upstream_redirect_uri(const lk_request_t *req, const lk_realm_t *realm, const char *alias);

/* As a value of a form or a query. */
const char *lk_upstream_encoded(lk_arena_t *arena, const char *text);

/* --- tokens that it signed (identity.c) --- */

struct st_lk_jws_t;
/* Whether it says that this provider issued it; nothing is verified. */
int lk_upstream_is_issuer(lk_arena_t *arena, const lk_upstream_t *upstream, const json_t *claims);
/* Signature, issuer, audience, times. LK_INVALID with the check that failed in the detail. */
lk_status_t lk_upstream_check_token(const lk_request_t *req, const lk_upstream_t *upstream, const struct st_lk_jws_t *jws,
                                    lk_error_t *err);

/* --- calls --- */

typedef struct st_lk_upstream_tokens_t {
    const char *text;                                    /* the answer as it came */
    json_t *answer;                                      /* the same, parsed */
    const char *access_token, *id_token, *refresh_token; /* NULL where missing */
} lk_upstream_tokens_t;
/* The token endpoint, with the client's authentication; `grant` are the other parameters. LK_INVALID with the provider's own error
 * in the detail where it refuses, LK_UNAVAILABLE where it does not answer. */
lk_status_t lk_upstream_tokens(const lk_request_t *req, const lk_realm_t *realm, const lk_upstream_t *upstream,
                               const lk_pair_t *grant, size_t num_grant, lk_upstream_tokens_t *ret_tokens, lk_error_t *err);
/* Adds what proves who this client is; exchange.c. */
lk_status_t lk_upstream_authenticate(const lk_request_t *req, const lk_realm_t *realm, const lk_upstream_t *upstream,
                                     lk_buffer_t *form, const char **ret_authorization, lk_error_t *err);
/* GET with the access token (NULL: without); a JSON object, or array. */
lk_status_t lk_upstream_get(lk_arena_t *arena, const char *url, const char *access_token, json_t **ret_value, lk_error_t *err);

#endif
