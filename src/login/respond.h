/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_LOGIN_RESPOND_H
#define LK_LOGIN_RESPOND_H

#include "login/state.h"

/* What a response_type asks for (OAuth 2.0 Multiple Response Types). */
typedef struct st_lk_response_type_t {
    int code, token, id_token, none;
} lk_response_type_t;
/* 0, or -1 where a word is unknown or the combination makes no sense. */
int lk_response_type_parse(const char *text, lk_response_type_t *ret_type);
/* implicit or hybrid: tokens leave the authorization endpoint */
int lk_response_type_is_front_channel(const lk_response_type_t *type);
/* 1 for "query", "fragment", "form_post", "jwt", "query.jwt", ... */
int lk_response_mode_is_known(const char *mode);

/* The authorization response for a session (RFC 6749 4.1.2, OpenID Connect Core 3.2, 3.3): code and tokens as asked for, in the
 * response mode asked for, with state, session_state and iss (RFC 9207). */
lk_status_t lk_login_respond(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client,
                             const lk_auth_request_t *auth, const lk_user_t *user, const lk_session_t *session,
                             const lk_client_session_t *client_session, const char *acr, int64_t auth_time, lk_reply_t *reply,
                             lk_error_t *err);

#endif
