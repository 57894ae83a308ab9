/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_LOGIN_ACTIONS_H
#define LK_LOGIN_ACTIONS_H

#include "login/finish.h"
#include "login/steps.h"

/* The functions that the table of required actions (required_action.c) names, and what registration shares with them. */

lk_status_t lk_update_password_submit(const lk_action_context_t *context, int *ret_done, lk_error_t *err);
void lk_update_profile_show(const lk_action_context_t *context);
lk_status_t lk_update_profile_submit(const lk_action_context_t *context, int *ret_done, lk_error_t *err);
int lk_verify_profile_is_needed(const lk_request_t *req, const lk_realm_t *realm, const lk_user_t *user);
void lk_verify_profile_show(const lk_action_context_t *context);
void lk_configure_totp_show(const lk_action_context_t *context);
lk_status_t lk_configure_totp_submit(const lk_action_context_t *context, int *ret_done, lk_error_t *err);
lk_status_t lk_recovery_codes_load(const lk_action_context_t *context, lk_error_t *err);
lk_status_t lk_recovery_codes_submit(const lk_action_context_t *context, int *ret_done, lk_error_t *err);
lk_status_t lk_webauthn_register_load(const lk_action_context_t *context, lk_error_t *err);
lk_status_t lk_webauthn_register_submit(const lk_action_context_t *context, int *ret_done, lk_error_t *err);
lk_status_t lk_passkey_register_load(const lk_action_context_t *context, lk_error_t *err);
lk_status_t lk_passkey_register_submit(const lk_action_context_t *context, int *ret_done, lk_error_t *err);
int lk_verify_email_is_needed(const lk_request_t *req, const lk_realm_t *realm, const lk_user_t *user);
void lk_verify_email_show(const lk_action_context_t *context);
lk_status_t lk_verify_email_submit(const lk_action_context_t *context, int *ret_done, lk_error_t *err);
/* Whether another mail of that kind may go to the user; one in so many seconds. */
lk_status_t lk_mail_cooldown(const lk_action_context_t *context, const char *kind, int64_t seconds, int *ret_may, lk_error_t *err);
int lk_update_email_is_needed(const lk_request_t *req, const lk_realm_t *realm, const lk_user_t *user);
lk_status_t lk_update_email_load(const lk_action_context_t *context, lk_error_t *err);
void lk_update_email_show(const lk_action_context_t *context);
lk_status_t lk_update_email_submit(const lk_action_context_t *context, int *ret_done, lk_error_t *err);
lk_status_t lk_delete_account_is_possible(const lk_action_context_t *context, int *ret_possible, lk_error_t *err);
lk_status_t lk_delete_account_submit(const lk_action_context_t *context, int *ret_done, lk_error_t *err);
#define LK_DELETE_CREDENTIAL "delete_credential"
/* "otp" of "otp-id": how Keycloak's account API names what a user federation holds; NULL for another id. */
const char *lk_credential_type_named(lk_arena_t *arena, const char *id);
lk_status_t lk_delete_credential_is_possible(const lk_action_context_t *context, int *ret_possible, lk_error_t *err);
lk_status_t lk_delete_credential_load(const lk_action_context_t *context, lk_error_t *err);
lk_status_t lk_delete_credential_submit(const lk_action_context_t *context, int *ret_done, lk_error_t *err);
lk_status_t lk_terms_submit(const lk_action_context_t *context, int *ret_done, lk_error_t *err);

/* Checks a new password and its repetition: field messages in the model where they will not do; 1 where they will. */
int lk_new_password_check(json_t *model, const char *password, const char *confirmation, const char *password_field);

/* The consent page. */
lk_status_t lk_consent_show(const lk_request_t *req, const lk_step_t *step, lk_reply_t *reply, lk_error_t *err);

#endif
