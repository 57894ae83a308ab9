/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_OIDC_OIDC_H
#define LK_OIDC_OIDC_H

#include "core/reply.h"
#include "model/event.h"
#include "token/token.h"

/* Endpoints under /realms/{realm}: one file each, all of type lk_handler_t. */
lk_status_t lk_discovery_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err);
lk_status_t lk_uma_discovery_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err);
lk_status_t lk_realm_info_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err);
lk_status_t lk_ciba_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err);
lk_status_t lk_ciba_callback_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err);
lk_status_t lk_certs_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err);
lk_status_t lk_token_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err);
lk_status_t lk_userinfo_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err);
lk_status_t lk_introspect_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err);
lk_status_t lk_revoke_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err);
/* GET and POST: RP-initiated logout (with pages), or a client with its refresh token. */
lk_status_t lk_logout_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err);
/* The browser comes back from an identity provider, where it signed out too. */
lk_status_t lk_logout_response_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err);
lk_status_t lk_logout_confirm_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err);
lk_status_t lk_authorize_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err);
lk_status_t lk_device_authorization_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err);
lk_status_t lk_device_page_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err);
lk_status_t lk_device_status_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err);
lk_status_t lk_par_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err);
lk_status_t lk_registrations_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err);
lk_status_t lk_session_iframe_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err);
lk_status_t lk_session_iframe_init_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err);
lk_status_t lk_third_party_cookies_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err);

/* Authenticates the client of a token, introspection, revocation or logout request (RFC 6749 section 2.3): one table of methods.
 * On failure the error is Keycloak's: 401, unauthorized_client where the client is known, invalid_client where it is not. */
lk_status_t lk_client_authenticate(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t **ret_client,
                                   lk_error_t *err);

/* Lets the client's web origins read the answer. */
lk_status_t lk_client_cors(const lk_request_t *req, const lk_client_t *client, lk_reply_t *reply, lk_error_t *err);
/* Both, for endpoints that pages call: an answer that refuses the client may be read from anywhere. */
lk_status_t lk_client_authenticate_page(const lk_request_t *req, const lk_realm_t *realm, lk_reply_t *reply,
                                        const lk_client_t **ret_client, lk_error_t *err);

/* 1 where an HS256/384/512 signature (request object, client_secret_jwt) is the client's secret's. */
struct st_lk_jws_t;
int lk_client_secret_verifies(const lk_request_t *req, const lk_client_t *client, const struct st_lk_jws_t *jws);

/* The client's address in that attribute, made absolute; NULL where it has none for http or https. */
const char *lk_client_logout_url(lk_arena_t *arena, const lk_client_t *client, const char *attribute);
/* Ends a session and tells every client of it that registered a back-channel logout URL (in the background, over libcurl, bounded).
 */
lk_status_t lk_session_end(const lk_request_t *req, const lk_realm_t *realm, const char *sid, int offline, lk_error_t *err);
/* All sessions of a user but one (NULL: all): who has a new credential may sign out from other devices. */
lk_status_t lk_user_logout_others(const lk_request_t *req, const lk_realm_t *realm, const char *user_id, const char *kept_sid,
                                  lk_error_t *err);
/* All sessions of a user: the admin API's logout. */
lk_status_t lk_user_logout(const lk_request_t *req, const lk_realm_t *realm, const char *user_id, lk_error_t *err);

#endif
