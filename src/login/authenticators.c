/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "login/authenticators.h"

#include <string.h>
#include "broker/first_login.h"
#include "core/json.h"
#include "login/organization.h"

/* The authenticators that flows may name, one row each; a new one is a row and a small function. */

/* What the realm's flows name and nothing here does: Kerberos, CAPTCHAs. It never applies. */
static lk_status_t skip(lk_walk_t *walk, lk_flow_outcome_t *ret_outcome, lk_error_t *err)
{
    (void)walk, (void)err;
    *ret_outcome = LK_FLOW_ATTEMPTED;
    return LK_OK;
}

static lk_status_t allow(lk_walk_t *walk, lk_flow_outcome_t *ret_outcome, lk_error_t *err)
{
    (void)walk, (void)err;
    *ret_outcome = LK_FLOW_DONE;
    return LK_OK;
}

static lk_status_t deny(lk_walk_t *walk, lk_flow_outcome_t *ret_outcome, lk_error_t *err)
{
    const char *message = lk_json_config(walk->config, "denyErrorMessage", NULL);
    (void)err;
    walk->failure = message != NULL && *message != '\0' ? message : "accessDenied";
    *ret_outcome = LK_FLOW_FAILED;
    return LK_OK;
}

#define USER LK_STEP_NEEDS_USER
#define QUIET LK_STEP_QUIET
#define BROKERED LK_STEP_BROKERED
#define RESET LK_STEP_RESET
#define SETS_UP LK_STEP_SETS_UP
#define ORGANIZATION LK_STEP_ORGANIZATION
#define CONDITION (LK_STEP_CONDITION | LK_STEP_QUIET)

static const lk_authenticator_t types[] = {
    /* id, flags, credential, authenticate, action, flow_done */
    {"auth-cookie", QUIET, NULL, lk_cookie_authenticate, NULL, NULL},
    {"identity-provider-redirector", QUIET, NULL, lk_redirector_authenticate, NULL, NULL},
    {"auth-spnego", QUIET, NULL, skip, NULL, NULL},
    {"organization", QUIET | ORGANIZATION | LK_STEP_ONCE, NULL, lk_organization_show, lk_organization_submit, NULL},
    {"auth-username-password-form", 0, LK_PASSWORD_CREDENTIAL, lk_form_username_password_show, lk_form_username_password_submit,
     NULL},
    {"auth-username-form", 0, NULL, lk_form_username_show, lk_form_username_submit, NULL},
    {"auth-password-form", USER, LK_PASSWORD_CREDENTIAL, lk_form_password_show, lk_form_password_submit, NULL},
    {"auth-otp-form", USER | SETS_UP, LK_OTP_CREDENTIAL, lk_form_otp_show, lk_form_otp_submit, NULL},
    {"auth-conditional-otp-form", USER | SETS_UP | LK_STEP_OWN_SETUP, LK_OTP_CREDENTIAL, lk_conditional_otp_show,
     lk_form_otp_submit, NULL},
    {"auth-recovery-authn-code-form", USER | SETS_UP, LK_RECOVERY_CODES, lk_recovery_code_show, lk_recovery_code_submit, NULL},
    {"webauthn-authenticator", USER | SETS_UP, LK_WEBAUTHN_CREDENTIAL, lk_webauthn_show, lk_webauthn_submit, NULL},
    {"webauthn-authenticator-passwordless", SETS_UP | LK_STEP_OWN_SETUP, LK_PASSKEY_CREDENTIAL, lk_passkey_show, lk_passkey_submit,
     NULL},
    {"user-session-limits", QUIET | USER, NULL, lk_session_limits, NULL, NULL},
    {"allow-access-authenticator", QUIET, NULL, allow, NULL, NULL},
    {"deny-access-authenticator", QUIET, NULL, deny, NULL, NULL},
    /* of direct grants */
    {"direct-grant-validate-username", QUIET, NULL, lk_direct_username, NULL, NULL},
    {"direct-grant-validate-password", QUIET | USER, NULL, lk_direct_password, NULL, NULL},
    {"direct-grant-validate-otp", QUIET | USER, LK_OTP_CREDENTIAL, lk_direct_otp, NULL, NULL},
    /* of first logins by an identity provider */
    {"idp-review-profile", BROKERED, NULL, lk_idp_review_show, lk_idp_review_submit, NULL},
    {"idp-create-user-if-unique", BROKERED | QUIET, NULL, lk_idp_unique, NULL, NULL},
    {"idp-detect-existing-broker-user", BROKERED | QUIET, NULL, lk_idp_detect, NULL, NULL},
    {"idp-auto-link", BROKERED | QUIET, NULL, lk_idp_auto_link, NULL, NULL},
    {"idp-confirm-link", BROKERED, NULL, lk_idp_confirm_show, lk_idp_confirm_submit, NULL},
    {"idp-email-verification", BROKERED, NULL, lk_idp_mail, NULL, NULL},
    {"idp-username-password-form", BROKERED, NULL, lk_idp_password_show, lk_idp_password_submit, NULL},
    {"idp-add-organization-member", BROKERED | QUIET | ORGANIZATION, NULL, lk_idp_add_member, NULL, NULL},
    /* of forgotten passwords */
    {"reset-credentials-choose-user", RESET, NULL, lk_reset_user_show, lk_reset_user_submit, NULL},
    {"reset-credential-email", RESET, NULL, lk_reset_mail, NULL, NULL},
    {"reset-password", RESET | QUIET | USER, NULL, lk_reset_password, NULL, NULL},
    {"reset-otp", RESET | USER, LK_OTP_CREDENTIAL, lk_reset_otp_show, lk_reset_otp_submit, NULL},
    /* conditions */
    {"conditional-user-configured", CONDITION, NULL, lk_condition_configured, NULL, NULL},
    {"conditional-user-role", CONDITION | USER, NULL, lk_condition_role, NULL, NULL},
    {"conditional-user-attribute", CONDITION | USER, NULL, lk_condition_attribute, NULL, NULL},
    {"conditional-credential", CONDITION, NULL, lk_condition_credential, NULL, NULL},
    {"conditional-sub-flow-executed", CONDITION, NULL, lk_condition_subflow, NULL, NULL},
    {"conditional-client-scope", CONDITION, NULL, lk_condition_scope, NULL, NULL},
    {LK_LEVEL_CONDITION, CONDITION, NULL, lk_condition_level, NULL, lk_condition_level_reached},
};
#define NUM_TYPES (sizeof(types) / sizeof(types[0]))

const lk_authenticator_t *lk_authenticator_find(const char *id)
{
    for (size_t i = 0; id != NULL && i != NUM_TYPES; ++i)
        if (strcmp(types[i].id, id) == 0)
            return &types[i];
    return NULL;
}
