/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_LOGIN_LOGIN_H
#define LK_LOGIN_LOGIN_H

#include <stdint.h>
#include "core/reply.h"
#include "token/token.h"

/* The steps between the authorization request and the code. What is known of a login in progress is in the browser alone: sealed in
 * the form's action (session_code) and, for recovery and between steps, in the KC_RESTART cookie; both are bound to the
 * AUTH_SESSION_ID cookie. */

#define LK_MAX_AGE_ABSENT INT64_MIN

/* Kind of a pushed request's id among used values, and for how many seconds it may be good at most. */
#define LK_USED_PUSHED "par"
#define LK_MAX_PUSHED_LIFESPAN 3600

/* An authorization request that has passed its checks (oidc/authorize.c). Text may be NULL where the parameter was absent. */
typedef struct st_lk_auth_request_t {
    const char *client_id, *redirect_uri, *response_type, *response_mode, *scope, *state, *nonce;
    const char *code_challenge, *code_challenge_method, *prompt, *login_hint, *acr_values, *claims, *ui_locales, *kc_idp_hint,
        *kc_action;               /* "UPDATE_PASSWORD", "idp_link:alias": what the client wants done */
    const char *kc_action_status; /* how that ended: "success", "cancelled", "error"; NULL while it is still to be done */
    const char *device_id;        /* device_code that this login is for (RFC 8628): there is no redirect URI; else NULL */
    const char *dpop_jkt;         /* the code is good with that DPoP key alone, or NULL */
    const char *pushed_id;        /* of a pushed request (RFC 9126), which is good for one code; else NULL */
    const char *flow;             /* alias of the one that a client policy has chosen, or NULL */
    int64_t flow_level;           /* of assurance that this one is good for, whatever its conditions say */
    int64_t max_age;              /* seconds; LK_MAX_AGE_ABSENT where it was not given */
    int redirect_uri_was_given;
} lk_auth_request_t;

/* Goes on with a checked request: SSO cookie, prompt, max_age, then the code's redirect, a required action or the login page. */
lk_status_t lk_login_start(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client,
                           const lk_auth_request_t *auth, lk_reply_t *reply, lk_error_t *err);
/* The same, beginning at the registration page. */
lk_status_t lk_registration_start(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client,
                                  const lk_auth_request_t *auth, lk_reply_t *reply, lk_error_t *err);
/* The same for who has been invited: `token` out of the mail. */
lk_status_t lk_invitation_start(const lk_request_t *req, const char *token, lk_reply_t *reply, lk_error_t *err);
/* Redirect (or form_post page, or JARM) to the client with an error; `description` may be NULL. */
lk_status_t lk_login_redirect_error(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client,
                                    const lk_auth_request_t *auth, const char *error, const char *description, lk_reply_t *reply,
                                    lk_error_t *err);
/* A page that ends the walk: "We are sorry..." with a message of the bundle. `key` as in the theme's messages. */
void lk_login_error_page(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client, int status, const char *key,
                         lk_reply_t *reply);
/* The session of the browser's KEYCLOAK_IDENTITY cookie, checked in the database; NULLs where there is none. */
lk_status_t lk_login_cookie_session(const lk_request_t *req, const lk_realm_t *realm, const lk_session_t **ret_session,
                                    const lk_user_t **ret_user, lk_error_t *err);
/* Deletes KEYCLOAK_IDENTITY and KEYCLOAK_SESSION. */
void lk_login_clear_cookies(const lk_request_t *req, const lk_realm_t *realm, lk_reply_t *reply);

/* AUTH_SESSION_ID of a logout, as Keycloak sets it. */
void lk_login_set_logout_cookie(const lk_request_t *req, const lk_realm_t *realm, const char *tab, lk_reply_t *reply);

/* Handlers under /realms/{realm}/login-actions/. */
lk_status_t lk_login_authenticate_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err);
lk_status_t lk_login_required_action_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err);
lk_status_t lk_login_consent_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err);
lk_status_t lk_login_registration_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err);
lk_status_t lk_login_reset_credentials_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err);
lk_status_t lk_login_restart_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err);
lk_status_t lk_login_action_token_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err);

#endif
