/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_OIDC_CLIENT_POLICY_H
#define LK_OIDC_CLIENT_POLICY_H

#include "login/login.h"

/* Client policies (RealmRepresentation.clientPolicies and clientProfiles): conditions say which clients and requests a policy is
 * for, the executors of its profiles what must hold. Both are tables of small functions. */

typedef struct st_lk_policy_subject_t {
    const lk_request_t *req;
    const lk_realm_t *realm;
    const lk_client_t *client;     /* NULL for one that is to be made */
    json_t *rep;                   /* of one that is to be stored: executors may change it; NULL otherwise */
    const char *updater;           /* who stores it: "ByAuthenticatedUser", "ByAnonymous", ... */
    const lk_auth_request_t *auth; /* an authorization request, or NULL */
    const char *grant_type;        /* a token request's, or NULL */
    int *ret_lightweight;          /* of a token request: its access tokens are to say little */
} lk_policy_subject_t;

/* LK_INVALID with the code and text that Keycloak gives where something forbids it. */
lk_status_t lk_client_policies_apply(const lk_policy_subject_t *subject, lk_error_t *err);
/* The profiles that every realm has: {"profiles": [...]}; to be read. */
const json_t *lk_global_client_profiles(void);

#endif
