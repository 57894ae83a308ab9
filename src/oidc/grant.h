/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_OIDC_GRANT_H
#define LK_OIDC_GRANT_H

#include "oidc/oidc.h"

/* A grant: one file each, one row each in token.c. The client is authenticated, the realm enabled. */
typedef lk_status_t (*lk_grant_t)(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client, lk_reply_t *reply,
                                  lk_error_t *err);

lk_status_t lk_grant_authorization_code(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client,
                                        lk_reply_t *reply, lk_error_t *err);
lk_status_t lk_grant_refresh_token(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client, lk_reply_t *reply,
                                   lk_error_t *err);
lk_status_t lk_grant_password(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client, lk_reply_t *reply,
                              lk_error_t *err);
lk_status_t lk_grant_client_credentials(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client,
                                        lk_reply_t *reply, lk_error_t *err);

lk_status_t lk_grant_token_exchange(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client, lk_reply_t *reply,
                                    lk_error_t *err);

lk_status_t lk_grant_assertion(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client, lk_reply_t *reply,
                               lk_error_t *err);

lk_status_t lk_grant_device_code(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client, lk_reply_t *reply,
                                 lk_error_t *err);

lk_status_t lk_grant_ciba(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client, lk_reply_t *reply,
                          lk_error_t *err);

lk_status_t lk_grant_permissions(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client, lk_reply_t *reply,
                                 lk_error_t *err);
/* The client of that grant: whom the bearer token was issued to, where there is one, or who proves itself. */
lk_status_t lk_grant_permissions_client(const lk_request_t *req, const lk_realm_t *realm, lk_reply_t *reply,
                                        const lk_client_t **ret_client, lk_error_t *err);

/* The context's client as its own service account: sets user and scopes. */
lk_status_t lk_grant_service_account(lk_token_context_t *context, lk_error_t *err);
/* Where no browser was: a new session of the context's user, who was authenticated now, and the tokens. */
lk_status_t lk_grant_new_session(lk_token_context_t *context, const char *scope, lk_reply_t *reply, lk_error_t *err);
/* LK_INVALID invalid_scope with these words where the client needs the user's consent and has not got it for each scope. */
lk_status_t lk_grant_check_consent(const lk_token_context_t *context, const char *words, lk_error_t *err);
/* The context's session as lk_session_refresh leaves it: used at this moment. */
void lk_grant_touch(lk_token_context_t *context);
/* The form's code_verifier against a challenge, which may be NULL (RFC 7636 section 4.6). */
lk_status_t lk_grant_check_pkce(const lk_request_t *req, const char *challenge, const char *method, lk_error_t *err);

/* Where the scopes ask for offline access: the offline session that the tokens belong to, made from the online one. Otherwise
 * nothing. */
lk_status_t lk_grant_go_offline(lk_sql_t *sql, lk_token_context_t *context, lk_error_t *err);

#endif
