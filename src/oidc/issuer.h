/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_OIDC_ISSUER_H
#define LK_OIDC_ISSUER_H

#include "oidc/assertion.h"

/* Identity providers of the realm as issuers of assertions: nobody signs in there, but their word counts. */

typedef struct st_lk_issuer_t {
    const lk_identity_provider_t *provider;
    const char *name;                                  /* iss */
    const char *client_id;                             /* this server's there, or NULL */
    const char *jwks_url, *public_key, *public_key_id; /* a NULL jwks_url: the public key */
    int is_kubernetes;                                 /* its keys are found by discovery, which may want this pod's own token */
} lk_issuer_t;

/* The enabled provider that issues as `name`, and whose config says true to `flag`. LK_NOT_FOUND. */
lk_status_t lk_issuer_find(lk_arena_t *arena, const lk_realm_t *realm, const char *name, const char *flag, lk_issuer_t *ret_issuer,
                           lk_error_t *err);
/* Signature. LK_INVALID or LK_NOT_FOUND with the reason in the detail; LK_UNAVAILABLE where the keys cannot be had; LK_ELSEWHERE
 * where they must be fetched and the lane may not wait. */
lk_status_t lk_issuer_verify(const lk_request_t *req, const lk_issuer_t *issuer, const lk_assertion_t *assertion, lk_error_t *err);

/* kubernetes.c: the same with the keys of a cluster's issuer. */
lk_status_t lk_kubernetes_verify(const lk_request_t *req, const char *issuer, const lk_jws_t *jws, lk_error_t *err);

#endif
