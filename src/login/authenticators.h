/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_LOGIN_AUTHENTICATORS_H
#define LK_LOGIN_AUTHENTICATORS_H

#include "login/flow.h"
#include "model/credential.h"

/* The functions that the table in authenticators.c names. */

#define LK_LEVEL_CONDITION "conditional-level-of-authentication"

#define LK_CONFIGURE_RECOVERY_CODES "CONFIGURE_RECOVERY_AUTHN_CODES"

#define LK_AUTHENTICATE(name) lk_status_t name(lk_walk_t *walk, lk_flow_outcome_t *ret_outcome, lk_error_t *err)

/* What a condition comes to. */
lk_status_t lk_condition_met(int is_met, lk_flow_outcome_t *ret_outcome);
LK_AUTHENTICATE(lk_condition_configured);
LK_AUTHENTICATE(lk_condition_role);
LK_AUTHENTICATE(lk_condition_attribute);
LK_AUTHENTICATE(lk_condition_credential);
LK_AUTHENTICATE(lk_condition_subflow);
LK_AUTHENTICATE(lk_condition_scope);
LK_AUTHENTICATE(lk_condition_level);
void lk_condition_level_reached(lk_walk_t *walk);

LK_AUTHENTICATE(lk_cookie_authenticate);
LK_AUTHENTICATE(lk_redirector_authenticate);
/* Whether the browser's session is enough for this request; it is the walk's from now on, and its user. */
lk_status_t lk_walk_take_session(lk_walk_t *walk, int *ret_enough, lk_error_t *err);

LK_AUTHENTICATE(lk_form_username_password_show);
LK_AUTHENTICATE(lk_form_username_password_submit);
LK_AUTHENTICATE(lk_form_username_show);
LK_AUTHENTICATE(lk_form_username_submit);
LK_AUTHENTICATE(lk_form_password_show);
LK_AUTHENTICATE(lk_form_password_submit);
LK_AUTHENTICATE(lk_form_otp_show);
LK_AUTHENTICATE(lk_form_otp_submit);
LK_AUTHENTICATE(lk_conditional_otp_show);
LK_AUTHENTICATE(lk_recovery_code_show);
LK_AUTHENTICATE(lk_recovery_code_submit);
LK_AUTHENTICATE(lk_webauthn_show);
LK_AUTHENTICATE(lk_webauthn_submit);
LK_AUTHENTICATE(lk_passkey_show);
LK_AUTHENTICATE(lk_passkey_submit);
LK_AUTHENTICATE(lk_session_limits);

LK_AUTHENTICATE(lk_direct_username);
LK_AUTHENTICATE(lk_direct_password);
LK_AUTHENTICATE(lk_direct_otp);

LK_AUTHENTICATE(lk_reset_user_show);
LK_AUTHENTICATE(lk_reset_user_submit);
LK_AUTHENTICATE(lk_reset_mail);
LK_AUTHENTICATE(lk_reset_password);
LK_AUTHENTICATE(lk_reset_otp_show);
LK_AUTHENTICATE(lk_reset_otp_submit);

/* Passkeys on the pages of user name and password themselves, where the realm offers them there (passkeysEnabled). */
void lk_passkey_challenge(lk_walk_t *walk); /* before the model is made: that seals the login */
/* What the page takes along: the model's "webauthn". */
lk_status_t lk_passkey_offer(lk_walk_t *walk, json_t *model, lk_error_t *err);
/* 1 where a passkey came back in the place of what the page asks for. */
int lk_passkey_is_posted(const lk_walk_t *walk);
/* *ret_refusal is the key of what to say, or NULL: then the walk has its user, who needs no password. */
lk_status_t lk_passkey_check(lk_walk_t *walk, const char **ret_refusal, lk_error_t *err);

/* "client.role" or the name of a realm role; a client's id may have dots too. NULL where there is none. */
const lk_role_t *lk_walk_role(const lk_walk_t *walk, const char *name);
/* The level that the request asks for: by its acr, and by its kc_action, where that is about a credential; LK_LEVEL_NONE: any. */
lk_status_t lk_walk_requested_level(lk_walk_t *walk, int64_t *ret_level, lk_error_t *err);
/* The highest level that the session has reached and that is not too old yet; LK_LEVEL_NONE where it has none. */
int64_t lk_walk_session_level(const lk_walk_t *walk);

#endif
