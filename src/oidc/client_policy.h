/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_OIDC_CLIENT_POLICY_H
#define LK_OIDC_CLIENT_POLICY_H

#include "login/login.h"

/* Client policies (RealmRepresentation.clientPolicies and clientProfiles): conditions say which clients and requests a policy is
 * for, the executors of its profiles what must hold. Both are tables of small functions. */

/* When policies are asked. */
typedef enum {
    LK_POLICY_STORE,     /* a client is about to be stored */
    LK_POLICY_ENTER,     /* somebody comes to the authorization endpoint: what is wrong is told on a page */
    LK_POLICY_AUTHORIZE, /* the same, once the request is known to be right */
    LK_POLICY_PUSH,
    LK_POLICY_TOKEN,
    LK_POLICY_ASSERTION, /* a token request brings a JWT of another, which has been found right */
    LK_POLICY_BACKCHANNEL,
    LK_POLICY_INTROSPECT,
    LK_POLICY_REVOKE,
    LK_POLICY_RENEW, /* a client changed itself, and would get a new registration access token */
    LK_POLICY_NUM_STAGES
} lk_policy_stage_t;

/* What executors want of an answer, or of what follows. */
typedef struct st_lk_policy_effects_t {
    int is_lightweight;       /* access tokens that say little */
    int no_new_refresh_token; /* the refreshed one stays the one */
    int keep_registration_token;
    const char *flow;   /* alias of the one that signs in, in place of the client's; or NULL */
    int64_t flow_level; /* of assurance, that it is good for at least */
    const char *scopes; /* words: of what names a token's scope, no more than these are granted; NULL: all */
} lk_policy_effects_t;

typedef struct st_lk_policy_subject_t {
    lk_policy_stage_t stage;
    const lk_request_t *req;
    const lk_realm_t *realm;
    const lk_client_t *client;              /* NULL for one that is to be made */
    json_t *rep;                            /* of one that is to be stored: executors may change it; NULL otherwise */
    const char *updater;                    /* who stores it: "ByAuthenticatedUser", "ByAnonymous", ... */
    const lk_user_t *updating_user;         /* of this realm, or NULL */
    const lk_auth_request_t *auth;          /* an authorization request, or NULL */
    const struct st_lk_auth_check_t *check; /* how it came, or a backchannel request; or NULL */
    const char *grant_type;                 /* a token request's, or NULL */
    const json_t *claims;                   /* of the JWT that a grant takes, or NULL */
    const char *provider;                   /* the identity provider that signed it, or NULL */
    lk_policy_effects_t *effects;           /* may be NULL */
} lk_policy_subject_t;

/* LK_INVALID with the code and text that Keycloak gives where something forbids it. */
lk_status_t lk_client_policies_apply(const lk_policy_subject_t *subject, lk_error_t *err);
/* For an authorization request, at whichever of its stages, or a backchannel request; effects may be NULL. LK_ELSEWHERE where
 * another server has to be asked first. */
lk_status_t lk_client_policies_of_request(lk_policy_stage_t stage, const struct st_lk_auth_check_t *check,
                                          lk_policy_effects_t *effects, lk_error_t *err);
/* For a JWT that a grant takes: an identity provider's (its alias) or a token of the realm's own (NULL). */
lk_status_t lk_client_policies_of_assertion(const lk_token_context_t *context, const json_t *claims, const char *provider,
                                            lk_policy_effects_t *effects, lk_error_t *err);
/* For an authenticated client at an endpoint where nothing but the request itself is of interest. */
lk_status_t lk_client_policies_at(lk_policy_stage_t stage, const lk_request_t *req, const lk_realm_t *realm,
                                  const lk_client_t *client, lk_error_t *err);
/* The profiles that every realm has: {"profiles": [...]}; to be read. */
const json_t *lk_global_client_profiles(void);

#endif
