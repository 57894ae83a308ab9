/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "model/realm.h"

#include <stdlib.h>
#include <string.h>

#define FIELD(...) LK_FIELD(lk_realm_t, __VA_ARGS__)

/* RealmRepresentation, in the order of Keycloak's exports; defaults are those of a realm made from a name alone. Members of old
 * versions that are taken but mean nothing any more are among them. */
static const lk_field_t fields[] = {
    FIELD("id", STRING, LK_FIELD_BRIEF | LK_FIELD_FIXED | LK_FIELD_COLUMN, NULL, id),
    FIELD("realm", STRING, LK_FIELD_BRIEF | LK_FIELD_COLUMN, NULL, name),
    FIELD("displayName", STRING, LK_FIELD_BRIEF, NULL, display_name),
    FIELD("displayNameHtml", STRING, 0, NULL, display_name_html),
    FIELD("notBefore", INT, 0, "0", not_before),
    FIELD("defaultSignatureAlgorithm", STRING, 0, "\"RS256\"", default_signature_algorithm),
    FIELD("revokeRefreshToken", BOOL, 0, "false", revoke_refresh_token),
    FIELD("refreshTokenMaxReuse", INT, 0, "0", refresh_token_max_reuse),
    FIELD("accessTokenLifespan", INT, 0, "300", access_token_lifespan),
    FIELD("accessTokenLifespanForImplicitFlow", INT, 0, "900", access_token_lifespan_implicit),
    FIELD("ssoSessionIdleTimeout", INT, 0, "1800", sso_session_idle),
    FIELD("ssoSessionMaxLifespan", INT, 0, "36000", sso_session_max),
    FIELD("ssoSessionIdleTimeoutRememberMe", INT, 0, "0", sso_session_idle_remember_me),
    FIELD("ssoSessionMaxLifespanRememberMe", INT, 0, "0", sso_session_max_remember_me),
    FIELD("offlineSessionIdleTimeout", INT, 0, "2592000", offline_session_idle),
    FIELD("offlineSessionMaxLifespanEnabled", BOOL, 0, "false", offline_session_max_enabled),
    FIELD("offlineSessionMaxLifespan", INT, 0, "5184000", offline_session_max),
    FIELD("clientSessionIdleTimeout", INT, 0, "0", client_session_idle),
    FIELD("clientSessionMaxLifespan", INT, 0, "0", client_session_max),
    FIELD("clientOfflineSessionIdleTimeout", INT, 0, "0", client_offline_session_idle),
    FIELD("clientOfflineSessionMaxLifespan", INT, 0, "0", client_offline_session_max),
    FIELD("accessCodeLifespan", INT, 0, "60", access_code_lifespan),
    FIELD("accessCodeLifespanUserAction", INT, 0, "300", access_code_lifespan_user_action),
    FIELD("accessCodeLifespanLogin", INT, 0, "1800", access_code_lifespan_login),
    FIELD("actionTokenGeneratedByAdminLifespan", INT, 0, "43200", action_token_by_admin_lifespan),
    FIELD("actionTokenGeneratedByUserLifespan", INT, 0, "300", action_token_by_user_lifespan),
    FIELD("oauth2DeviceCodeLifespan", INT, 0, "600", device_code_lifespan),
    FIELD("oauth2DevicePollingInterval", INT, 0, "5", device_polling_interval),
    FIELD("enabled", BOOL, LK_FIELD_BRIEF, "false", enabled),
    FIELD("sslRequired", STRING, 0, "\"external\"", ssl_required),
    LK_FIELD_FREE("passwordCredentialGrantAllowed", BOOL, LK_FIELD_READ_ONLY, NULL),
    FIELD("registrationAllowed", BOOL, 0, "false", registration_allowed),
    FIELD("registrationEmailAsUsername", BOOL, 0, "false", registration_email_as_username),
    FIELD("rememberMe", BOOL, 0, "false", remember_me),
    FIELD("verifyEmail", BOOL, 0, "false", verify_email),
    FIELD("loginWithEmailAllowed", BOOL, 0, "true", login_with_email_allowed),
    FIELD("duplicateEmailsAllowed", BOOL, 0, "false", duplicate_emails_allowed),
    FIELD("resetPasswordAllowed", BOOL, 0, "false", reset_password_allowed),
    FIELD("editUsernameAllowed", BOOL, 0, "false", edit_username_allowed),
    FIELD("bruteForceProtected", BOOL, 0, "false", brute_force_protected),
    FIELD("permanentLockout", BOOL, 0, "false", permanent_lockout),
    FIELD("maxTemporaryLockouts", INT, 0, "0", max_temporary_lockouts),
    FIELD("bruteForceStrategy", STRING, 0, "\"MULTIPLE\"", brute_force_strategy),
    FIELD("maxFailureWaitSeconds", INT, 0, "900", max_failure_wait),
    FIELD("minimumQuickLoginWaitSeconds", INT, 0, "60", minimum_quick_login_wait),
    FIELD("waitIncrementSeconds", INT, 0, "60", wait_increment),
    FIELD("quickLoginCheckMilliSeconds", LONG, 0, "1000", quick_login_check_ms),
    FIELD("maxDeltaTimeSeconds", INT, 0, "43200", max_delta_time),
    FIELD("failureFactor", INT, 0, "30", failure_factor),
    LK_FIELD_FREE("maxSecondaryAuthFailures", INT, 0, "0"),
    LK_FIELD_FREE("privateKey", STRING, LK_FIELD_CHILD | LK_FIELD_SECRET, NULL),
    LK_FIELD_FREE("publicKey", STRING, LK_FIELD_CHILD, NULL),
    LK_FIELD_FREE("certificate", STRING, LK_FIELD_CHILD, NULL),
    LK_FIELD_FREE("codeSecret", STRING, LK_FIELD_CHILD | LK_FIELD_SECRET, NULL),
    LK_FIELD_FREE("roles", OBJECT, LK_FIELD_CHILD, NULL),
    LK_FIELD_FREE("groups", ARRAY, LK_FIELD_CHILD, NULL),
    LK_FIELD_FREE("defaultRoles", STRINGS, LK_FIELD_CHILD, NULL),
    LK_FIELD_FREE("defaultRole", OBJECT, LK_FIELD_FIXED, NULL),
    LK_FIELD_FREE("adminPermissionsClient", OBJECT, LK_FIELD_FIXED, NULL),
    LK_FIELD_FREE("defaultGroups", STRINGS, LK_FIELD_CHILD, NULL),
    LK_FIELD_FREE("requiredCredentials", STRINGS, 0, "[\"password\"]"),
    FIELD("passwordPolicy", STRING, 0, NULL, password_policy),
    FIELD("otpPolicyType", STRING, 0, "\"totp\"", otp_policy_type),
    FIELD("otpPolicyAlgorithm", STRING, 0, "\"HmacSHA1\"", otp_policy_algorithm),
    FIELD("otpPolicyInitialCounter", INT, 0, "0", otp_policy_initial_counter),
    FIELD("otpPolicyDigits", INT, 0, "6", otp_policy_digits),
    FIELD("otpPolicyLookAheadWindow", INT, 0, "1", otp_policy_look_ahead),
    FIELD("otpPolicyPeriod", INT, 0, "30", otp_policy_period),
    FIELD("otpPolicyCodeReusable", BOOL, 0, "false", otp_policy_code_reusable),
    LK_FIELD_FREE("otpSupportedApplications", STRINGS, 0, NULL),
    FIELD("localizationTexts", OBJECT, LK_FIELD_EXPORT, "{}", localization_texts),
    LK_FIELD_FREE("webAuthnPolicyRpEntityName", STRING, 0, "\"keycloak\""),
    LK_FIELD_FREE("webAuthnPolicySignatureAlgorithms", STRINGS, 0, "[\"ES256\",\"RS256\"]"),
    LK_FIELD_FREE("webAuthnPolicyRpId", STRING, 0, "\"\""),
    LK_FIELD_FREE("webAuthnPolicyAttestationConveyancePreference", STRING, 0, "\"not specified\""),
    LK_FIELD_FREE("webAuthnPolicyAuthenticatorAttachment", STRING, 0, "\"not specified\""),
    LK_FIELD_FREE("webAuthnPolicyRequireResidentKey", STRING, 0, "\"not specified\""),
    LK_FIELD_FREE("webAuthnPolicyResidentKey", STRING, 0, "\"not specified\""),
    LK_FIELD_FREE("webAuthnPolicyUserVerificationRequirement", STRING, 0, "\"not specified\""),
    LK_FIELD_FREE("webAuthnPolicyCreateTimeout", INT, 0, "0"),
    LK_FIELD_FREE("webAuthnPolicyAvoidSameAuthenticatorRegister", BOOL, 0, "false"),
    LK_FIELD_FREE("webAuthnPolicyAcceptableAaguids", STRINGS, 0, "[]"),
    LK_FIELD_FREE("webAuthnPolicyExtraOrigins", STRINGS, 0, "[]"),
    LK_FIELD_FREE("webAuthnPolicyPasswordlessRpEntityName", STRING, 0, "\"keycloak\""),
    LK_FIELD_FREE("webAuthnPolicyPasswordlessSignatureAlgorithms", STRINGS, 0, "[\"ES256\",\"RS256\"]"),
    LK_FIELD_FREE("webAuthnPolicyPasswordlessRpId", STRING, 0, "\"\""),
    LK_FIELD_FREE("webAuthnPolicyPasswordlessAttestationConveyancePreference", STRING, 0, "\"not specified\""),
    LK_FIELD_FREE("webAuthnPolicyPasswordlessAuthenticatorAttachment", STRING, 0, "\"not specified\""),
    LK_FIELD_FREE("webAuthnPolicyPasswordlessRequireResidentKey", STRING, 0, "\"not specified\""),
    LK_FIELD_FREE("webAuthnPolicyPasswordlessResidentKey", STRING, 0, "\"required\""),
    LK_FIELD_FREE("webAuthnPolicyPasswordlessUserVerificationRequirement", STRING, 0, "\"required\""),
    LK_FIELD_FREE("webAuthnPolicyPasswordlessCreateTimeout", INT, 0, "0"),
    LK_FIELD_FREE("webAuthnPolicyPasswordlessAvoidSameAuthenticatorRegister", BOOL, 0, "false"),
    LK_FIELD_FREE("webAuthnPolicyPasswordlessAcceptableAaguids", STRINGS, 0, "[]"),
    LK_FIELD_FREE("webAuthnPolicyPasswordlessExtraOrigins", STRINGS, 0, "[]"),
    LK_FIELD_FREE("webAuthnPolicyPasswordlessPasskeysEnabled", BOOL, 0, NULL),
    LK_FIELD_FREE("webAuthnPolicyPasswordlessMediation", STRING, 0, NULL),
    LK_FIELD_FREE("clientProfiles", OBJECT, 0, "{\"profiles\":[]}"),
    LK_FIELD_FREE("clientPolicies", OBJECT, 0, "{\"policies\":[]}"),
    LK_FIELD_FREE("users", ARRAY, LK_FIELD_CHILD, NULL),
    LK_FIELD_FREE("federatedUsers", ARRAY, LK_FIELD_CHILD, NULL),
    LK_FIELD_FREE("scopeMappings", ARRAY, LK_FIELD_CHILD, NULL),
    LK_FIELD_FREE("clientScopeMappings", OBJECT, LK_FIELD_CHILD, NULL),
    LK_FIELD_FREE("clients", ARRAY, LK_FIELD_CHILD, NULL),
    LK_FIELD_FREE("clientScopes", ARRAY, LK_FIELD_CHILD, NULL),
    LK_FIELD_FREE("defaultDefaultClientScopes", STRINGS, LK_FIELD_CHILD, NULL),
    LK_FIELD_FREE("defaultOptionalClientScopes", STRINGS, LK_FIELD_CHILD, NULL),
    FIELD("browserSecurityHeaders", MAP, 0,
          "{\"contentSecurityPolicyReportOnly\":\"\",\"xContentTypeOptions\":\"nosniff\",\"referrerPolicy\":\"no-referrer\","
          "\"xRobotsTag\":\"none\",\"xFrameOptions\":\"SAMEORIGIN\",\"contentSecurityPolicy\":\"frame-src 'self'; frame-ancestors "
          "'self'; object-src 'none';\",\"strictTransportSecurity\":\"max-age=31536000; includeSubDomains\"}",
          browser_security_headers),
    FIELD("smtpServer", MAP, 0, "{}", smtp_server),
    LK_FIELD_FREE("userFederationProviders", ARRAY, LK_FIELD_CHILD, NULL),
    LK_FIELD_FREE("userFederationMappers", ARRAY, LK_FIELD_CHILD, NULL),
    FIELD("loginTheme", STRING, 0, NULL, login_theme),
    LK_FIELD_FREE("accountTheme", STRING, 0, NULL),
    LK_FIELD_FREE("adminTheme", STRING, 0, NULL),
    FIELD("emailTheme", STRING, 0, NULL, email_theme),
    FIELD("eventsEnabled", BOOL, 0, "false", events_enabled),
    LK_FIELD_FREE("eventsExpiration", LONG, 0, NULL),
    FIELD("eventsListeners", STRINGS, 0, "[\"jboss-logging\"]", events_listeners),
    FIELD("enabledEventTypes", STRINGS, 0, "[]", enabled_event_types),
    FIELD("adminEventsEnabled", BOOL, 0, "false", admin_events_enabled),
    FIELD("adminEventsDetailsEnabled", BOOL, 0, "false", admin_events_details_enabled),
    LK_FIELD_FREE("identityProviders", ARRAY, LK_FIELD_CHILD, NULL),
    LK_FIELD_FREE("identityProviderMappers", ARRAY, LK_FIELD_CHILD, NULL),
    LK_FIELD_FREE("protocolMappers", ARRAY, LK_FIELD_CHILD, NULL),
    LK_FIELD_FREE("components", OBJECT, LK_FIELD_CHILD, NULL),
    FIELD("internationalizationEnabled", BOOL, 0, "false", internationalization_enabled),
    FIELD("supportedLocales", STRINGS, 0, NULL, supported_locales),
    FIELD("defaultLocale", STRING, 0, NULL, default_locale),
    LK_FIELD_FREE("authenticationFlows", ARRAY, LK_FIELD_CHILD, NULL),
    LK_FIELD_FREE("authenticatorConfig", ARRAY, LK_FIELD_CHILD, NULL),
    LK_FIELD_FREE("requiredActions", ARRAY, LK_FIELD_CHILD, NULL),
    FIELD("browserFlow", STRING, 0, "\"browser\"", browser_flow),
    FIELD("registrationFlow", STRING, 0, "\"registration\"", registration_flow),
    FIELD("directGrantFlow", STRING, 0, "\"direct grant\"", direct_grant_flow),
    FIELD("resetCredentialsFlow", STRING, 0, "\"reset credentials\"", reset_credentials_flow),
    LK_FIELD_FREE("clientAuthenticationFlow", STRING, 0, "\"clients\""),
    LK_FIELD_FREE("dockerAuthenticationFlow", STRING, 0, "\"docker auth\""),
    FIELD("firstBrokerLoginFlow", STRING, 0, "\"first broker login\"", first_broker_login_flow),
    FIELD("attributes", MAP, 0, NULL, attributes),
    LK_FIELD_FREE("keycloakVersion", STRING, LK_FIELD_READ_ONLY, NULL),
    LK_FIELD_FREE("userManagedAccessAllowed", BOOL, 0, "false"),
    FIELD("organizationsEnabled", BOOL, 0, "false", organizations_enabled),
    LK_FIELD_FREE("organizations", ARRAY, LK_FIELD_CHILD, NULL),
    LK_FIELD_FREE("verifiableCredentialsEnabled", BOOL, 0, "false"),
    FIELD("adminPermissionsEnabled", BOOL, 0, "false", admin_permissions_enabled),
    LK_FIELD_FREE("social", BOOL, 0, NULL),
    LK_FIELD_FREE("updateProfileOnInitialSocialLogin", BOOL, 0, NULL),
    LK_FIELD_FREE("socialProviders", MAP, 0, NULL),
    LK_FIELD_FREE("applicationScopeMappings", OBJECT, LK_FIELD_CHILD, NULL),
    LK_FIELD_FREE("applications", ARRAY, LK_FIELD_CHILD, NULL),
    LK_FIELD_FREE("oauthClients", ARRAY, LK_FIELD_CHILD, NULL),
    LK_FIELD_FREE("clientTemplates", ARRAY, LK_FIELD_CHILD, NULL),
    LK_FIELD_FREE("scimApiEnabled", BOOL, 0, "false"),
};

const lk_representation_t lk_realm_fields = LK_REPRESENTATION("RealmRepresentation", fields);

/* Attributes that every realm has. */
static const struct {
    const char *name, *value;
} default_attributes[] = {
    {"cibaBackchannelTokenDeliveryMode", "poll"},
    {"cibaExpiresIn", "120"},
    {"cibaAuthRequestedUserHint", "login_hint"},
    {"cibaInterval", "5"},
    {"parRequestUriLifespan", "60"},
};

/* Settings that Keycloak keeps as attributes and shows as members too. */
static const struct {
    const char *member, *attribute;
    json_type type;
} mirrored[] = {
    {"oauth2DeviceCodeLifespan", "oauth2DeviceCodeLifespan", JSON_INTEGER},
    {"oauth2DevicePollingInterval", "oauth2DevicePollingInterval", JSON_INTEGER},
    {"otpPolicyCodeReusable", "realmReusableOtpCode", JSON_TRUE},
};

static void mirror_setting(json_t *value, json_t *attributes, const json_t *given, size_t i)
{
    const json_t *asked = json_object_get(given, mirrored[i].member);
    const char *attribute = json_string_value(json_object_get(attributes, mirrored[i].attribute));
    int from_attribute = (asked == NULL || json_is_null(asked)) && attribute != NULL;
    if (mirrored[i].type == JSON_TRUE) {
        if (from_attribute)
            json_object_set_new(value, mirrored[i].member, json_boolean(strcmp(attribute, "true") == 0));
        int on = json_is_true(json_object_get(value, mirrored[i].member));
        json_object_set_new(attributes, mirrored[i].attribute, json_string(on ? "true" : "false"));
        return;
    }
    if (from_attribute)
        json_object_set_new(value, mirrored[i].member, json_integer(strtol(attribute, NULL, 10)));
    char text[24];
    snprintf(text, sizeof(text), "%lld", (long long)json_integer_value(json_object_get(value, mirrored[i].member)));
    json_object_set_new(attributes, mirrored[i].attribute, json_string(text));
}

/* The applications that can do what the policy asks for. */
static void set_otp_applications(json_t *value)
{
    int is_totp = strcmp(lk_json_str(value, "otpPolicyType", "totp"), "totp") == 0;
    int usual_period = lk_json_int(value, "otpPolicyPeriod", 30) == 30;
    json_t *names = json_pack("[s]", "totpAppFreeOTPName");
    if (!is_totp || usual_period)
        json_array_append_new(names, json_string("totpAppGoogleName"));
    if (is_totp && usual_period && lk_json_int(value, "otpPolicyDigits", 6) == 6 &&
        strcmp(lk_json_str(value, "otpPolicyAlgorithm", "HmacSHA1"), "HmacSHA1") == 0)
        json_array_append_new(names, json_string("totpAppMicrosoftAuthenticatorName"));
    json_object_set_new(value, "otpSupportedApplications", names);
}

void lk_realm_rep_complete(json_t *value, const json_t *given)
{
    lk_rep_fill(&lk_realm_fields, value);
    json_t *attributes = json_copy(json_object_get(value, "attributes"));
    if (!json_is_object(attributes)) {
        json_decref(attributes);
        attributes = json_object();
    }
    for (size_t i = 0; i != sizeof(default_attributes) / sizeof(default_attributes[0]); ++i)
        if (!json_is_string(json_object_get(attributes, default_attributes[i].name)))
            json_object_set_new(attributes, default_attributes[i].name, json_string(default_attributes[i].value));
    for (size_t i = 0; i != sizeof(mirrored) / sizeof(mirrored[0]); ++i)
        mirror_setting(value, attributes, given, i);
    json_object_set_new(value, "attributes", attributes);
    set_otp_applications(value);
}
