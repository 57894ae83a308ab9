/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_OIDC_CLIENT_AUTH_H
#define LK_OIDC_CLIENT_AUTH_H

#include "oidc/assertion.h"
#include "oidc/oidc.h"

/* The methods by which a client proves who it is: one row each in client_auth.c, one function each in a file client_*.c. */

#define LK_CLIENT_UNPROVEN "Invalid client or Invalid client credentials"

/* A request on its way through the methods. Each looks for the client in its own place; whom one found, the next ones know. */
typedef struct st_lk_client_auth_t {
    const lk_request_t *req;
    const lk_realm_t *realm;
    const lk_client_t *client; /* NULL: nobody knows yet */
    const char *client_id;     /* the form's, or HTTP Basic's; NULL: none */
    const char *secret;        /* likewise */
    lk_assertion_t assertion;  /* where has_assertion */
    int has_assertion;
} lk_client_auth_t;

/* LK_OK: it is auth->client. LK_DENIED: not proven; the answer where the method is the client's own. Anything else ends the walk.
 */
typedef lk_status_t (*lk_client_method_t)(lk_client_auth_t *auth, lk_error_t *err);

lk_status_t lk_client_by_secret(lk_client_auth_t *auth, lk_error_t *err);
lk_status_t lk_client_by_key(lk_client_auth_t *auth, lk_error_t *err);
lk_status_t lk_client_by_secret_key(lk_client_auth_t *auth, lk_error_t *err);
lk_status_t lk_client_by_certificate(lk_client_auth_t *auth, lk_error_t *err);
lk_status_t lk_client_by_issuer(lk_client_auth_t *auth, lk_error_t *err);

/* An answer that says what was wrong: 400 invalid_client, as Keycloak. */
#define lk_client_refuse(err, ...) lk_fail_http((err), LK_DENIED, 400, "invalid_client", __VA_ARGS__)
/* One that does not, but to the log: 401. */
lk_status_t lk_client_deny(lk_error_t *err, const char *code, const char *reason);
/* The client of that name, NULL where there is none. */
lk_status_t lk_client_auth_find(lk_client_auth_t *auth, const char *client_id, const lk_client_t **ret_client, lk_error_t *err);
/* client_assertion_type and client_assertion are there, and can be read: auth->assertion. */
lk_status_t lk_client_auth_assertion(lk_client_auth_t *auth, const char *prefix, const char *code, lk_error_t *err);
/* What all assertions have in common once the signature holds: audience, times, first use from `user`. */
lk_status_t lk_client_auth_claims(lk_client_auth_t *auth, const char *const *audiences, size_t count,
                                  const lk_assertion_rules_t *rules, const char *user, lk_error_t *err);
/* 0 for NULL and for clients that are disabled, public or bearer-only. */
int lk_client_may_prove(const lk_client_t *client);

#endif
