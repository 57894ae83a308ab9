/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_BROKER_BROKER_H
#define LK_BROKER_BROKER_H

#include "login/finish.h"

/* Latchkey as a client of another provider. What other rooms need of it. */

/* 1 where a request with prompt=none may be passed on to that provider. */
int lk_broker_passes_prompt_none(const lk_identity_provider_t *provider);

/* Signing out at the provider that a session came from. Prepared before the session ends; upstream NULL: there is nothing to do. */
typedef struct st_lk_broker_logout_t {
    const struct st_lk_upstream_t *upstream;
    const char *id_token; /* that it gave, or NULL */
} lk_broker_logout_t;
lk_status_t lk_broker_logout_prepare(const lk_request_t *req, const lk_realm_t *realm, const char *sid,
                                     lk_broker_logout_t *ret_logout, lk_error_t *err);
/* Where the browser goes for it, to come back to .../endpoint/logout_response with that state; NULL where it need not. */
const char *lk_broker_logout_url(const lk_request_t *req, const lk_realm_t *realm, const lk_broker_logout_t *logout,
                                 const char *state);
/* Calls the provider by itself, where that is set. */
void lk_broker_logout_call(const lk_request_t *req, const lk_realm_t *realm, const lk_broker_logout_t *logout, const char *sid);

/* A provider's logout token: POST .../protocol/openid-connect/logout/backchannel-logout */
lk_status_t lk_broker_backchannel_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err);
/* A provider's frame: GET /realms/{realm}/broker/{alias}/endpoint/frontchannel_logout */
lk_status_t lk_broker_frontchannel_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err);

/* What the required action idp_link does: a user who is signed in links an account at a provider (link_account.c). */
lk_status_t lk_broker_can_link(const lk_action_context_t *context, int *ret_possible, lk_error_t *err);
void lk_broker_link_show(const lk_action_context_t *context);
lk_status_t lk_broker_link_answer(const lk_action_context_t *context, lk_reply_t *reply, lk_error_t *err);

/* Handlers under /realms/{realm}/broker/. */
lk_status_t lk_broker_legacy_link_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err);
lk_status_t lk_broker_token_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err);
lk_status_t lk_broker_login_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err);
lk_status_t lk_broker_endpoint_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err);
lk_status_t lk_broker_after_first_login_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err);
lk_status_t lk_broker_after_post_login_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err);
/* /realms/{realm}/login-actions/first-broker-login, .../post-broker-login */
lk_status_t lk_broker_post_login_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err);
lk_status_t lk_broker_first_login_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err);

#endif
