/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "admin/flows.h"
#include "admin/handlers.h"

/* Every path of the admin REST API: rows, then the mounts that they stand below. */

/* Who may look for such things, though not all that they find may be theirs to see. */
#define SEE_USERS "query-users view-users"
#define SEE_GROUPS "query-groups view-users"
#define SEE_CLIENTS "query-clients view-clients"
#define SEE_RESOURCE_SERVERS SEE_CLIENTS " view-realm" /* one of them is the realm's: admin/fine_grained.h */

/* clang-format off */
static const lk_admin_row_t clients[] = {
    {"GET", "", lk_clients_list, 0, SEE_CLIENTS},
    {"POST", "", lk_admin_create},
};

static const lk_admin_row_t client[] = {
    {"GET", "", lk_admin_get},
    {"PUT", "", lk_admin_update},
    {"DELETE", "", lk_client_remove, LK_ADMIN_NO_CACHE},
    {"GET", "/client-secret", lk_client_secret_get},
    {"POST", "/client-secret", lk_client_secret_renew},
    {"GET", "/client-secret/rotated", lk_client_rotated_secret_get},
    {"DELETE", "/client-secret/rotated", lk_client_rotated_secret_remove},
    {"POST", "/registration-access-token", lk_client_registration_token},
    {"GET", "/service-account-user", lk_client_service_account},
    {"POST", "/nodes", lk_client_node_add},
    {"DELETE", "/nodes/{node}", lk_client_node_remove, LK_ADMIN_NO_CACHE},
    {"GET", "/test-nodes-available", lk_client_reach_nodes},
    {"POST", "/push-revocation", lk_client_reach_nodes, LK_ADMIN_NO_CHANGE},
    {"GET", "/certificates/{attribute}", lk_certificate_info},
    {"POST", "/certificates/{attribute}/generate", lk_certificate_generate, LK_ADMIN_HASH | LK_ADMIN_LATE},
    {"POST", "/certificates/{attribute}/upload", lk_certificate_upload, LK_ADMIN_ANY_TYPE},
    {"POST", "/certificates/{attribute}/upload-certificate", lk_certificate_upload, LK_ADMIN_ANY_TYPE},
    {"POST", "/certificates/{attribute}/download", lk_certificate_download, LK_ADMIN_NO_CHANGE | LK_ADMIN_NO_CACHE},
    {"POST", "/certificates/{attribute}/generate-and-download", lk_certificate_make_download, LK_ADMIN_HASH | LK_ADMIN_LATE | LK_ADMIN_NO_CACHE},
    {"GET", "/installation/providers/{provider}", lk_client_installation},
    {"GET", "/management/permissions", lk_admin_not_enabled},
    {"PUT", "/management/permissions", lk_admin_not_enabled, LK_ADMIN_NO_CHANGE},
    {"GET", "/evaluate-scopes/generate-example-access-token", lk_evaluate_access_token},
    {"GET", "/evaluate-scopes/generate-example-id-token", lk_evaluate_id_token},
    {"GET", "/evaluate-scopes/generate-example-userinfo", lk_evaluate_userinfo},
    {"GET", "/evaluate-scopes/protocol-mappers", lk_evaluate_mappers},
    {"GET", "/evaluate-scopes/scope-mappings/{container}/granted", lk_evaluate_granted},
    {"GET", "/evaluate-scopes/scope-mappings/{container}/not-granted", lk_evaluate_not_granted},
};

static const lk_admin_row_t resource_server[] = {
    {"GET", "", lk_authz_server_get, LK_ADMIN_CACHE},
    {"PUT", "", lk_authz_server_put},
    {"GET", "/settings", lk_authz_settings_get, LK_ADMIN_CACHE, "manage-authorization manage-clients"},
    {"POST", "/import", lk_authz_import, LK_ADMIN_LARGE},
};

static const lk_admin_row_t authz_resources[] = {
    {"GET", "", lk_authz_resources_list},
    {"POST", "", lk_authz_resource_create, LK_ADMIN_NO_CACHE},
    {"GET", "/search", lk_authz_resource_search},
    {"GET", "/{id}", lk_authz_resource_get},
    {"PUT", "/{id}", lk_authz_resource_update},
    {"DELETE", "/{id}", lk_authz_resource_remove},
    {"GET", "/{id}/scopes", lk_authz_resource_scopes},
    {"GET", "/{id}/permissions", lk_authz_resource_permissions},
    {"GET", "/{id}/attributes", lk_authz_resource_attributes},
};

static const lk_admin_row_t authz_scopes[] = {
    {"GET", "", lk_authz_scopes_list},
    {"POST", "", lk_authz_scope_create, LK_ADMIN_NO_CACHE},
    {"GET", "/search", lk_authz_scope_search},
    {"GET", "/{id}", lk_authz_scope_get},
    {"PUT", "/{id}", lk_authz_scope_update},
    {"DELETE", "/{id}", lk_authz_scope_remove},
    {"GET", "/{id}/permissions", lk_authz_scope_permissions},
    {"GET", "/{id}/resources", lk_authz_scope_resources},
};

/* Permissions are policies, and all policies are found below either address. */
static const lk_admin_row_t authz_policies[] = {
    {"GET", "", lk_authz_policies_list},
    {"POST", "", lk_authz_policy_create, LK_ADMIN_NO_CACHE},
    {"GET", "/providers", lk_authz_providers},
    {"GET", "/search", lk_authz_policy_search},
    {"POST", "/evaluate", lk_authz_policy_evaluate, LK_ADMIN_NO_CHANGE | LK_ADMIN_NO_CACHE, "view-authorization view-clients"},
    {"GET", "/{id}", lk_authz_policy_get},
    {"PUT", "/{id}", lk_authz_policy_update, LK_ADMIN_NO_CACHE},
    {"DELETE", "/{id}", lk_authz_policy_remove},
    {"POST", "/{type}", lk_authz_policy_create_typed, LK_ADMIN_NO_CACHE},
    {"GET", "/{id}/scopes", lk_authz_policy_scopes},
    {"GET", "/{id}/resources", lk_authz_policy_resources},
    {"GET", "/{id}/associatedPolicies", lk_authz_policy_associated},
    {"GET", "/{id}/dependentPolicies", lk_authz_policy_dependents},
    {"GET", "/{type}/search", lk_authz_typed_search},
    {"GET", "/{type}/providers", lk_authz_typed_providers},
    {"GET", "/{type}/{id}", lk_authz_typed_get},
    {"PUT", "/{type}/{id}", lk_authz_typed_update, LK_ADMIN_NO_CACHE},
    {"DELETE", "/{type}/{id}", lk_authz_typed_remove},
    {"GET", "/{type}/{id}/scopes", lk_authz_policy_scopes},
    {"GET", "/{type}/{id}/resources", lk_authz_policy_resources},
    {"GET", "/{type}/{id}/associatedPolicies", lk_authz_policy_associated},
    {"GET", "/{type}/{id}/dependentPolicies", lk_authz_policy_dependents},
};

static const lk_admin_row_t client_scopes[] = {
    {"GET", "", lk_client_scopes_list, LK_ADMIN_WHOLE, SEE_CLIENTS},
    {"POST", "", lk_admin_create, LK_ADMIN_NO_CACHE},
    {"GET", "/{id}", lk_admin_get},
    {"PUT", "/{id}", lk_client_scope_update},
    {"DELETE", "/{id}", lk_admin_remove, LK_ADMIN_NO_CACHE},
};

static const lk_admin_row_t realm_scopes[] = {
    {"GET", "", lk_realm_scopes_list},
    {"PUT", "/{id}", lk_realm_scope_add, LK_ADMIN_NO_CACHE},
    {"DELETE", "/{id}", lk_realm_scope_remove, LK_ADMIN_NO_CACHE},
};

static const lk_admin_row_t scopes_of_client[] = {
    {"GET", "", lk_scopes_of_client_list},
    {"PUT", "/{id}", lk_scope_of_client_add, LK_ADMIN_NO_CACHE},
    {"DELETE", "/{id}", lk_scope_of_client_remove, LK_ADMIN_NO_CACHE},
};

static const lk_admin_row_t mappers[] = {
    {"GET", "/models", lk_mappers_list},
    {"POST", "/models", lk_mapper_create, LK_ADMIN_NO_CACHE},
    {"GET", "/models/{id}", lk_mapper_get},
    {"PUT", "/models/{id}", lk_mapper_update, LK_ADMIN_NO_CACHE},
    {"DELETE", "/models/{id}", lk_mapper_remove, LK_ADMIN_NO_CACHE},
    {"POST", "/add-models", lk_mappers_create, LK_ADMIN_NO_CACHE},
    {"GET", "/protocol/{protocol}", lk_mappers_of_protocol},
};

static const lk_admin_row_t client_roles[] = {
    {"GET", "", lk_roles_list},
    {"POST", "", lk_roles_create},
};

static const lk_admin_row_t realm_roles[] = {
    {"GET", "", lk_roles_list, 0, "view-realm manage-identity-providers"},
    {"POST", "", lk_roles_create},
};

static const lk_admin_row_t role[] = {
    {"GET", "", lk_role_get},
    {"PUT", "", lk_role_update},
    {"DELETE", "", lk_role_remove, LK_ADMIN_NO_CACHE},
    {"GET", "/composites", lk_role_composites},
    {"POST", "/composites", lk_role_composites_add},
    {"DELETE", "/composites", lk_role_composites_remove},
    {"GET", "/composites/realm", lk_role_composites_of_realm},
    {"GET", "/composites/clients/{client}", lk_role_composites_of_client},
    {"GET", "/management/permissions", lk_admin_not_enabled},
    {"PUT", "/management/permissions", lk_admin_not_enabled, LK_ADMIN_NO_CHANGE},
};

static const lk_admin_row_t who_has_role[] = {
    {"GET", "/users", lk_role_users, 0, NULL, SEE_USERS},
    {"GET", "/groups", lk_role_groups, 0, NULL, SEE_GROUPS},
};

static const lk_admin_row_t role_mappings[] = {
    {"GET", "", lk_role_mappings_all},
    {"GET", "/realm", lk_role_mappings_held},
    {"POST", "/realm", lk_role_mappings_add},
    {"DELETE", "/realm", lk_role_mappings_remove},
    {"GET", "/realm/available", lk_role_mappings_available, LK_ADMIN_WHOLE},
    {"GET", "/realm/composite", lk_role_mappings_effective},
    {"GET", "/clients/{client}", lk_role_mappings_held, 0},
    {"POST", "/clients/{client}", lk_role_mappings_add},
    {"DELETE", "/clients/{client}", lk_role_mappings_remove},
    {"GET", "/clients/{client}/available", lk_role_mappings_available, LK_ADMIN_WHOLE},
    {"GET", "/clients/{client}/composite", lk_role_mappings_effective, 0},
};

static const lk_admin_row_t things[] = {
    {"GET", "", lk_admin_list},
    {"POST", "", lk_admin_create},
    {"GET", "/{id}", lk_admin_get},
    {"PUT", "/{id}", lk_admin_update, LK_ADMIN_NO_CACHE},
    {"DELETE", "/{id}", lk_admin_remove, LK_ADMIN_NO_CACHE},
};

static const lk_admin_row_t providers_at_large[] = {
    {"GET", "/providers/{id}", lk_idp_type_get},
    {"POST", "/import-config", lk_idp_import_config, LK_ADMIN_NO_CHANGE | LK_ADMIN_OUTBOUND | LK_ADMIN_ANY_TYPE},
    {"GET", "/instances/{alias}/management/permissions", lk_admin_not_enabled},
    {"PUT", "/instances/{alias}/management/permissions", lk_admin_not_enabled, LK_ADMIN_NO_CHANGE},
};

static const lk_admin_row_t provider[] = {
    {"GET", "/mapper-types", lk_idp_mapper_types},
    {"GET", "/export", lk_idp_export},
    {"GET", "/reload-keys", lk_idp_reload_keys, LK_ADMIN_OUTBOUND},
};

static const lk_admin_row_t users[] = {
    {"GET", "", lk_users_list, 0, SEE_USERS},
    {"POST", "", lk_user_add, LK_ADMIN_USERS | LK_ADMIN_LATE | LK_ADMIN_HASH},
    {"GET", "/count", lk_users_count, LK_ADMIN_WHOLE, SEE_USERS},
    {"GET", "/profile", lk_profile_get, LK_ADMIN_CACHE, SEE_USERS " view-realm"},
    {"PUT", "/profile", lk_profile_put, 0, "manage-realm"},
    {"GET", "/profile/metadata", lk_profile_metadata_get, LK_ADMIN_CACHE, SEE_USERS " view-realm"},
};

static const lk_admin_row_t user[] = {
    {"GET", "", lk_user_get},
    {"PUT", "", lk_user_change, LK_ADMIN_USERS | LK_ADMIN_LATE | LK_ADMIN_HASH},
    {"DELETE", "", lk_user_remove, LK_ADMIN_USERS | LK_ADMIN_NO_CACHE},
    {"GET", "/unmanagedAttributes", lk_user_unmanaged_attributes},
    {"GET", "/credentials", lk_credentials_list},
    {"DELETE", "/credentials/{id}", lk_credential_remove, LK_ADMIN_USERS | LK_ADMIN_NO_CACHE},
    {"PUT", "/credentials/{id}/userLabel", lk_credential_label, LK_ADMIN_USERS | LK_ADMIN_ANY_TYPE},
    {"POST", "/credentials/{id}/moveToFirst", lk_credential_move_first, LK_ADMIN_USERS},
    {"POST", "/credentials/{id}/moveAfter/{after}", lk_credential_move_after, LK_ADMIN_USERS},
    {"PUT", "/reset-password", lk_user_reset_password, LK_ADMIN_USERS | LK_ADMIN_LATE | LK_ADMIN_HASH},
    {"PUT", "/disable-credential-types", lk_user_disable_credentials, LK_ADMIN_NO_CHANGE},
    {"GET", "/configured-user-storage-credential-types", lk_user_storage_credentials},
    {"GET", "/groups", lk_user_groups},
    {"GET", "/groups/count", lk_user_groups_count, LK_ADMIN_WHOLE},
    {"PUT", "/groups/{group}", lk_user_group_add, LK_ADMIN_USERS | LK_ADMIN_NO_CACHE},
    {"DELETE", "/groups/{group}", lk_user_group_remove, LK_ADMIN_USERS | LK_ADMIN_NO_CACHE},
    {"GET", "/sessions", lk_user_sessions, LK_ADMIN_WHOLE},
    {"GET", "/offline-sessions/{client}", lk_user_offline_sessions},
    {"GET", "/consents", lk_user_consents},
    {"DELETE", "/consents/{client}", lk_user_consent_remove, LK_ADMIN_USERS | LK_ADMIN_NO_CACHE},
    {"PUT", "/send-verify-email", lk_user_send_verify_email, LK_ADMIN_NO_CHANGE | LK_ADMIN_OUTBOUND},
    {"PUT", "/execute-actions-email", lk_user_send_actions, LK_ADMIN_NO_CHANGE | LK_ADMIN_OUTBOUND},
    {"PUT", "/reset-password-email", lk_user_send_reset_password, LK_ADMIN_NO_CHANGE | LK_ADMIN_OUTBOUND},
    {"POST", "/logout", lk_user_end_sessions, LK_ADMIN_NO_CHANGE | LK_ADMIN_OUTBOUND},
    {"POST", "/impersonation", lk_user_impersonate, LK_ADMIN_NO_CHANGE | LK_ADMIN_NO_CACHE | LK_ADMIN_OUTBOUND, "impersonation"},
};

static const lk_admin_row_t sessions[] = {
    {"GET", "/client-session-stats", lk_sessions_stats, LK_ADMIN_WHOLE, "view-realm"},
    {"DELETE", "/sessions/{session}", lk_session_delete, LK_ADMIN_NO_CHANGE | LK_ADMIN_OUTBOUND},
    {"POST", "/logout-all", lk_sessions_end_all},
    {"GET", "/attack-detection/brute-force/users/{user}", lk_login_failures_get, LK_ADMIN_WHOLE},
    {"DELETE", "/attack-detection/brute-force/users/{user}", lk_login_failures_clear, LK_ADMIN_USERS},
    {"DELETE", "/attack-detection/brute-force/users", lk_login_failures_clear, LK_ADMIN_USERS},
    {"POST", "/testSMTPConnection", lk_smtp_test, LK_ADMIN_NO_CHANGE | LK_ADMIN_OUTBOUND, "manage-realm"},
    {"GET", "/users-management-permissions", lk_admin_not_enabled},
    {"PUT", "/users-management-permissions", lk_admin_not_enabled, LK_ADMIN_NO_CHANGE},
    {"GET", "/credential-registrators", lk_credential_registrators, 0, "view-realm"},
};

static const lk_admin_row_t sessions_of_client[] = {
    {"GET", "/user-sessions", lk_client_sessions},
    {"GET", "/offline-sessions", lk_client_offline_sessions},
    {"GET", "/session-count", lk_client_sessions_count},
    {"GET", "/offline-session-count", lk_client_offline_sessions_count},
};

static const lk_admin_row_t links[] = {
    {"GET", "", lk_user_links_list},
    {"POST", "/{provider}", lk_user_link_add, LK_ADMIN_USERS},
    {"DELETE", "/{provider}", lk_user_link_remove, LK_ADMIN_USERS},
};

static const lk_admin_row_t groups[] = {
    {"GET", "/groups", lk_groups_list, 0, SEE_GROUPS},
    {"POST", "/groups", lk_groups_create},
    {"GET", "/groups/count", lk_groups_count, LK_ADMIN_WHOLE, SEE_GROUPS},
    {"GET", "/default-groups", lk_default_groups_list, LK_ADMIN_WHOLE, "view-realm"},
    {"PUT", "/default-groups/{id}", lk_default_group_add, LK_ADMIN_NO_CACHE, "manage-realm"},
    {"DELETE", "/default-groups/{id}", lk_default_group_remove, LK_ADMIN_NO_CACHE, "manage-realm"},
};

static const lk_admin_row_t group_by_path[] = {
    {"GET", "", lk_group_by_path},
};

static const lk_admin_row_t group[] = {
    {"GET", "", lk_group_get},
    {"PUT", "", lk_group_update},
    {"DELETE", "", lk_group_remove},
    {"GET", "/children", lk_group_children},
    {"POST", "/children", lk_group_add_child, LK_ADMIN_NO_CACHE},
    {"GET", "/members", lk_group_members},
    {"GET", "/management/permissions", lk_admin_not_enabled},
    {"PUT", "/management/permissions", lk_admin_not_enabled, LK_ADMIN_NO_CHANGE},
};

static const lk_admin_row_t flows[] = {
    {"GET", "", lk_admin_list, LK_ADMIN_WHOLE, "view-realm =view-clients query-clients"},
    {"POST", "", lk_admin_create, LK_ADMIN_NO_CACHE},
    {"GET", "/{id}", lk_admin_get},
    {"PUT", "/{id}", lk_admin_update, LK_ADMIN_NO_CACHE},
    {"DELETE", "/{id}", lk_flow_remove, LK_ADMIN_NO_CACHE},
    {"POST", "/{alias}/copy", lk_flow_copy, LK_ADMIN_NO_CACHE},
    {"GET", "/{alias}/executions", lk_executions_list},
    {"PUT", "/{alias}/executions", lk_execution_update, LK_ADMIN_NO_CACHE},
    {"POST", "/{alias}/executions/execution", lk_execution_add, LK_ADMIN_NO_CACHE},
    {"POST", "/{alias}/executions/flow", lk_execution_add_flow, LK_ADMIN_NO_CACHE},
};

static const lk_admin_row_t executions[] = {
    {"POST", "", lk_execution_add_to_parent, LK_ADMIN_NO_CACHE},
    {"GET", "/{id}", lk_execution_get},
    {"DELETE", "/{id}", lk_execution_remove, LK_ADMIN_NO_CACHE},
    {"POST", "/{id}/raise-priority", lk_execution_raise, LK_ADMIN_NO_CACHE},
    {"POST", "/{id}/lower-priority", lk_execution_lower, LK_ADMIN_NO_CACHE},
    {"POST", "/{id}/config", lk_execution_config_add, LK_ADMIN_NO_CACHE},
    {"GET", "/{id}/config/{config}", lk_execution_config_get},
};

static const lk_admin_row_t authenticator_configs[] = {
    {"POST", "", lk_admin_create, LK_ADMIN_NO_CACHE},
    {"GET", "/{id}", lk_admin_get},
    {"PUT", "/{id}", lk_admin_update, LK_ADMIN_NO_CACHE},
    {"DELETE", "/{id}", lk_authenticator_config_remove, LK_ADMIN_NO_CACHE},
};

static const lk_admin_row_t required_actions[] = {
    {"GET", "", lk_admin_list, LK_ADMIN_WHOLE, "view-realm =view-users query-users"},
    {"GET", "/{alias}", lk_admin_get},
    {"PUT", "/{alias}", lk_admin_update},
    {"DELETE", "/{alias}", lk_required_action_remove},
    {"POST", "/{alias}/raise-priority", lk_required_action_raise, LK_ADMIN_NO_CACHE},
    {"POST", "/{alias}/lower-priority", lk_required_action_lower, LK_ADMIN_NO_CACHE},
    {"GET", "/{alias}/config", lk_required_action_config_get},
    {"PUT", "/{alias}/config", lk_required_action_config_set, LK_ADMIN_NO_CACHE},
    {"DELETE", "/{alias}/config", lk_required_action_config_remove, LK_ADMIN_NO_CACHE},
    {"GET", "/{alias}/config-description", lk_required_action_config_description},
};

static const lk_admin_row_t authentication[] = {
    {"GET", "/authenticator-providers", lk_providers_list},
    {"GET", "/client-authenticator-providers", lk_providers_list},
    {"GET", "/form-action-providers", lk_providers_list},
    {"GET", "/form-providers", lk_providers_list},
    {"GET", "/config-description/{provider}", lk_provider_config_description},
    {"GET", "/per-client-config-description", lk_providers_of_clients},
    {"GET", "/unregistered-required-actions", lk_required_actions_unregistered},
    {"POST", "/register-required-action", lk_required_action_register, LK_ADMIN_NO_CACHE},
};

static const lk_admin_row_t components[] = {
    {"GET", "", lk_admin_list, LK_ADMIN_WHOLE},
    {"POST", "", lk_admin_create, LK_ADMIN_HASH},
    {"GET", "/{id}", lk_admin_get},
    {"PUT", "/{id}", lk_admin_update, LK_ADMIN_HASH},
    {"DELETE", "/{id}", lk_component_remove},
    {"GET", "/{id}/sub-component-types", lk_component_types_below},
};

static const lk_admin_row_t keys[] = {
    {"GET", "", lk_keys_get},
};

static const lk_admin_row_t localization[] = {
    {"GET", "", lk_locales_list, LK_ADMIN_CACHE | LK_ADMIN_WHOLE, LK_ADMIN_ANY_ROLE},
    {"GET", "/{locale}", lk_texts_get, LK_ADMIN_CACHE, LK_ADMIN_ANY_ROLE},
    {"POST", "/{locale}", lk_texts_put, LK_ADMIN_ANY_TYPE},
    {"DELETE", "/{locale}", lk_texts_remove},
    {"GET", "/{locale}/{key}", lk_text_get, LK_ADMIN_CACHE, LK_ADMIN_ANY_ROLE},
    {"PUT", "/{locale}/{key}", lk_text_put, LK_ADMIN_ANY_TYPE},
    {"DELETE", "/{locale}/{key}", lk_text_remove},
};

static const lk_admin_row_t client_policies[] = {
    {"GET", "/policies", lk_client_policies_get, LK_ADMIN_WHOLE},
    {"PUT", "/policies", lk_client_policies_put},
    {"GET", "/profiles", lk_client_profiles_get, LK_ADMIN_WHOLE},
    {"PUT", "/profiles", lk_client_profiles_put},
};

static const lk_admin_row_t realm[] = {
    {"GET", "", lk_realm_get, 0, LK_ADMIN_ANY_ROLE},
    {"PUT", "", lk_realm_update, LK_ADMIN_LARGE},
    {"DELETE", "", lk_realm_remove, LK_ADMIN_NO_CHANGE},
    {"POST", "/partialImport", lk_partial_import, LK_ADMIN_LARGE | LK_ADMIN_HASH},
    {"POST", "/partial-export", lk_partial_export, LK_ADMIN_NO_CHANGE | LK_ADMIN_NO_CACHE},
    {"POST", "/client-description-converter", lk_describe_client, LK_ADMIN_NO_CHANGE | LK_ADMIN_ANY_TYPE, "manage-clients"},
    {"GET", "/client-registration-policy/providers", lk_registration_policy_types},
    {"POST", "/push-revocation", lk_push_revocation, LK_ADMIN_NO_CHANGE},
    {"POST", "/clear-realm-cache", lk_cache_clear},
    {"POST", "/clear-user-cache", lk_cache_clear},
    {"POST", "/clear-keys-cache", lk_cache_clear},
    {"POST", "/clear-crl-cache", lk_cache_clear},
    {"GET", "/client-types", lk_admin_not_enabled, 0, LK_ADMIN_ANYBODY},
    {"PUT", "/client-types", lk_admin_not_enabled, LK_ADMIN_NO_CHANGE, LK_ADMIN_ANYBODY},
    {"GET", "/workflows", lk_workflows_list},
    {"PUT", "/ui-ext", lk_console_realm_put},
    {"GET", "/ui-ext/available-roles/{kind}/{id}", lk_console_available, LK_ADMIN_CACHE, LK_ADMIN_ANY_ROLE},
    {"GET", "/ui-ext/effective-roles/{kind}/{id}", lk_console_effective, LK_ADMIN_CACHE, LK_ADMIN_ANY_ROLE},
    {"GET", "/ui-ext/effective-roles-all/{kind}/{id}", lk_console_effective_all, LK_ADMIN_CACHE, LK_ADMIN_ANY_ROLE},
    {"GET", "/ui-ext/role-mappings/roles/{id}", lk_console_composites, LK_ADMIN_CACHE},
    {"POST", "/ui-ext/role-mapping-delete/{kind}/{id}", lk_console_take, 0, LK_ADMIN_ANY_ROLE},
    {"GET", "/ui-ext/authentication-management/flows", lk_console_flows, LK_ADMIN_CACHE, "view-realm view-clients query-clients"},
    {"GET", "/ui-ext/authentication-management/{type}/{id}", lk_console_flow_users, LK_ADMIN_CACHE, "view-realm view-clients query-clients"},
    {"GET", "/ui-ext/brute-force-user", lk_console_users, LK_ADMIN_CACHE, "query-users view-users"},
    {"GET", "/ui-ext/sessions", lk_console_sessions, LK_ADMIN_CACHE},
    {"GET", "/ui-ext/sessions/client", lk_console_client_sessions, LK_ADMIN_CACHE, "view-clients"},
    {"GET", "/ui-ext/realms/names", lk_ui_realm_names, 0, LK_ADMIN_ANY_ROLE},
    {"GET", "/ui-ext/info", lk_ui_info, LK_ADMIN_CACHE, LK_ADMIN_ANY_ROLE},
    {"GET", "/ui-ext/available-event-listeners", lk_ui_listeners, 0, "view-events"},
};

static const lk_admin_row_t initial_access[] = {
    {"GET", "", lk_initial_access_list},
    {"POST", "", lk_initial_access_create, LK_ADMIN_USERS},
    {"DELETE", "/{id}", lk_initial_access_remove, LK_ADMIN_USERS},
};

static const lk_admin_row_t events[] = {
    {"GET", "/events", lk_events_list},
    {"DELETE", "/events", lk_events_clear, LK_ADMIN_USERS},
    {"GET", "/events/config", lk_events_config_get},
    {"PUT", "/events/config", lk_events_config_put},
    {"GET", "/admin-events", lk_admin_events_list},
    {"DELETE", "/admin-events", lk_admin_events_clear, LK_ADMIN_USERS},
};

/* Who manages the realm manages its organizations. What is about a user, or gives roles, asks for more once it is known whom or which. */
#define ORGANIZATIONS(what) what "-organizations manage-realm"
static const lk_admin_row_t organizations[] = {
    {"GET", "", lk_organizations_list, 0, ORGANIZATIONS("view")},
    {"POST", "", lk_admin_create, 0, ORGANIZATIONS("manage")},
    {"GET", "/count", lk_organizations_count, 0, ORGANIZATIONS("view")},
    {"GET", "/members/{user}/organizations", lk_organizations_of_user, 0, ORGANIZATIONS("view")},
};

static const lk_admin_row_t organization[] = {
    {"GET", "", lk_organization_get, 0, ORGANIZATIONS("view")},
    {"PUT", "", lk_organization_update, 0, ORGANIZATIONS("manage")},
    {"DELETE", "", lk_organization_remove, 0, ORGANIZATIONS("manage")},
    {"GET", "/members", lk_members_list, 0, ORGANIZATIONS("view")},
    {"POST", "/members", lk_member_add, LK_ADMIN_USERS | LK_ADMIN_ANY_TYPE, ORGANIZATIONS("manage")},
    {"POST", "/members/invite-user", lk_member_invite, LK_ADMIN_NO_CHANGE | LK_ADMIN_OUTBOUND | LK_ADMIN_ANY_TYPE,
     ORGANIZATIONS("manage")},
    {"POST", "/members/invite-existing-user", lk_member_invite_user, LK_ADMIN_NO_CHANGE | LK_ADMIN_OUTBOUND | LK_ADMIN_ANY_TYPE,
     ORGANIZATIONS("manage")},
    {"GET", "/invitations", lk_invitations_list, LK_ADMIN_CACHE, ORGANIZATIONS("manage")},
    {"GET", "/invitations/{invitation}", lk_invitation_get, 0, ORGANIZATIONS("manage")},
    {"DELETE", "/invitations/{invitation}", lk_invitation_withdraw, LK_ADMIN_USERS, ORGANIZATIONS("manage")},
    {"POST", "/invitations/{invitation}/resend", lk_invitation_resend, LK_ADMIN_NO_CHANGE | LK_ADMIN_OUTBOUND | LK_ADMIN_ANY_TYPE,
     ORGANIZATIONS("manage")},
    {"GET", "/members/count", lk_members_count, 0, ORGANIZATIONS("view")},
    {"GET", "/members/{user}", lk_member_get, 0, ORGANIZATIONS("view")},
    {"GET", "/members/{user}/groups", lk_member_groups, 0, ORGANIZATIONS("view")},
    {"DELETE", "/members/{user}", lk_member_remove, LK_ADMIN_USERS, ORGANIZATIONS("manage")},
    {"GET", "/members/{user}/organizations", lk_member_organizations, 0, ORGANIZATIONS("view")},
    {"GET", "/identity-providers", lk_organization_providers_list, LK_ADMIN_WHOLE, ORGANIZATIONS("view"), "view-identity-providers"},
    {"POST", "/identity-providers", lk_organization_provider_add, LK_ADMIN_ANY_TYPE, ORGANIZATIONS("manage"), "manage-identity-providers"},
    {"GET", "/identity-providers/{alias}", lk_organization_provider_get, 0, ORGANIZATIONS("view"), "view-identity-providers"},
    {"DELETE", "/identity-providers/{alias}", lk_organization_provider_remove, 0, ORGANIZATIONS("manage"), "manage-identity-providers"},
};

static const lk_admin_row_t organization_groups[] = {
    {"GET", "", lk_organization_groups_list, 0, ORGANIZATIONS("view")},
    {"POST", "", lk_organization_groups_create, LK_ADMIN_USERS, ORGANIZATIONS("manage")},
};

static const lk_admin_row_t organization_group_by_path[] = {
    {"GET", "", lk_organization_group_by_path, 0, ORGANIZATIONS("view")},
};

static const lk_admin_row_t organization_group[] = {
    {"GET", "", lk_organization_group_get, 0, ORGANIZATIONS("view")},
    {"PUT", "", lk_organization_group_update, LK_ADMIN_USERS, ORGANIZATIONS("manage")},
    {"DELETE", "", lk_organization_group_remove, LK_ADMIN_USERS, ORGANIZATIONS("manage")},
    {"GET", "/children", lk_organization_group_children, 0, ORGANIZATIONS("view")},
    {"POST", "/children", lk_organization_group_add_child, LK_ADMIN_USERS | LK_ADMIN_NO_CACHE, ORGANIZATIONS("manage")},
    {"GET", "/members", lk_organization_group_members, 0, ORGANIZATIONS("view")},
    {"PUT", "/members/{user}", lk_organization_group_member_add, LK_ADMIN_USERS | LK_ADMIN_NO_CACHE, ORGANIZATIONS("manage")},
    {"DELETE", "/members/{user}", lk_organization_group_member_remove, LK_ADMIN_USERS | LK_ADMIN_NO_CACHE, ORGANIZATIONS("manage")},
};

static const lk_admin_row_t organization_group_roles[] = {
    {"GET", "", lk_role_mappings_all, 0, ORGANIZATIONS("view")},
    {"GET", "/realm", lk_role_mappings_held, 0, ORGANIZATIONS("view")},
    {"POST", "/realm", lk_role_mappings_add, LK_ADMIN_USERS, ORGANIZATIONS("manage")},
    {"DELETE", "/realm", lk_role_mappings_remove, LK_ADMIN_USERS, ORGANIZATIONS("manage")},
    {"GET", "/realm/available", lk_role_mappings_available, LK_ADMIN_WHOLE, ORGANIZATIONS("view")},
    {"GET", "/realm/composite", lk_role_mappings_effective, 0, ORGANIZATIONS("view")},
    {"GET", "/clients/{client}", lk_role_mappings_held, 0, ORGANIZATIONS("view")},
    {"POST", "/clients/{client}", lk_role_mappings_add, LK_ADMIN_USERS, ORGANIZATIONS("manage")},
    {"DELETE", "/clients/{client}", lk_role_mappings_remove, LK_ADMIN_USERS, ORGANIZATIONS("manage")},
    {"GET", "/clients/{client}/available", lk_role_mappings_available, LK_ADMIN_WHOLE, ORGANIZATIONS("view")},
    {"GET", "/clients/{client}/composite", lk_role_mappings_effective, 0, ORGANIZATIONS("view")},
};

#define ROWS(rows) (rows), sizeof(rows) / sizeof((rows)[0])
#define REALM "/realms/{realm}"
#define CLIENT REALM "/clients/{client}"
#define AUTHZ CLIENT "/authz/resource-server"
#define ORGANIZATION REALM "/organizations/{organization}"
#define SCOPE REALM "/client-scopes/{scope}"

const lk_admin_mount_t lk_admin_mounts[] = {
    {REALM "/clients", "clients", NULL, &lk_kind_client, ROWS(clients)},
    {CLIENT, "clients", lk_resolve_client, &lk_kind_client, ROWS(client), SEE_CLIENTS},
    {CLIENT "/default-client-scopes", "clients", lk_resolve_client, "default", ROWS(scopes_of_client), SEE_CLIENTS},
    {CLIENT "/optional-client-scopes", "clients", lk_resolve_client, "optional", ROWS(scopes_of_client), SEE_CLIENTS},
    {CLIENT "/protocol-mappers", "clients", lk_resolve_client, &lk_kind_client, ROWS(mappers), SEE_CLIENTS},
    {CLIENT "/scope-mappings", "clients", lk_resolve_client, &lk_roles_of_client, ROWS(role_mappings), SEE_CLIENTS},
    {CLIENT "/roles", "clients", lk_resolve_client, NULL, ROWS(client_roles), SEE_CLIENTS},
    {CLIENT "/roles/{role}", "clients", lk_resolve_client_role, NULL, ROWS(role), SEE_CLIENTS},
    {CLIENT "/roles/{role}", "clients", lk_resolve_client_role, NULL, ROWS(who_has_role), SEE_CLIENTS},

    {AUTHZ, "authorization clients", lk_resolve_resource_server, NULL, ROWS(resource_server), SEE_RESOURCE_SERVERS},
    {AUTHZ "/resource", "authorization clients", lk_resolve_resource_server, NULL, ROWS(authz_resources), SEE_RESOURCE_SERVERS},
    {AUTHZ "/scope", "authorization clients", lk_resolve_resource_server, NULL, ROWS(authz_scopes), SEE_RESOURCE_SERVERS},
    {AUTHZ "/policy", "authorization clients", lk_resolve_resource_server, NULL, ROWS(authz_policies), SEE_RESOURCE_SERVERS},
    {AUTHZ "/permission", "authorization clients", lk_resolve_resource_server, "permission", ROWS(authz_policies), SEE_RESOURCE_SERVERS},

    {REALM "/client-scopes", "clients", NULL, &lk_kind_client_scope, ROWS(client_scopes)},
    {REALM "/client-templates", "clients", NULL, &lk_kind_client_scope, ROWS(client_scopes)},
    {SCOPE "/protocol-mappers", "clients", lk_resolve_scope, &lk_kind_client_scope, ROWS(mappers)},
    {REALM "/client-templates/{scope}/protocol-mappers", "clients", lk_resolve_scope, &lk_kind_client_scope, ROWS(mappers)},
    {SCOPE "/scope-mappings", "clients", lk_resolve_scope, &lk_roles_of_scope, ROWS(role_mappings)},
    {REALM "/client-templates/{scope}/scope-mappings", "clients", lk_resolve_scope, &lk_roles_of_scope, ROWS(role_mappings)},
    {REALM "/default-default-client-scopes", "clients", NULL, "default", ROWS(realm_scopes)},
    {REALM "/default-optional-client-scopes", "clients", NULL, "optional", ROWS(realm_scopes)},

    {REALM "/roles", "realm", NULL, NULL, ROWS(realm_roles)},
    {REALM "/roles/{role}", "realm", lk_resolve_realm_role, NULL, ROWS(role)},
    {REALM "/roles/{role}", "realm", lk_resolve_realm_role, NULL, ROWS(who_has_role)},
    {REALM "/roles-by-id/{role}", NULL, lk_resolve_role_by_id, NULL, ROWS(role), LK_ADMIN_ANYBODY},

    {REALM, "users", NULL, NULL, ROWS(groups)},
    {REALM "/group-by-path/{path*}", "users", lk_resolve_group_by_path, NULL, ROWS(group_by_path), LK_ADMIN_ANYBODY},
    {REALM "/groups/{group}", "users", lk_resolve_group, NULL, ROWS(group), LK_ADMIN_ANYBODY},
    {REALM "/groups/{group}/role-mappings", "users", lk_resolve_group, &lk_roles_of_group, ROWS(role_mappings), LK_ADMIN_ANYBODY},
    {REALM "/identity-provider/instances", "identity-providers", NULL, &lk_kind_identity_provider, ROWS(things)},
    {REALM "/identity-provider", "identity-providers", NULL, NULL, ROWS(providers_at_large)},
    {REALM "/identity-provider/instances/{alias}", "identity-providers", lk_resolve_provider, NULL, ROWS(provider)},
    {REALM "/identity-provider/instances/{alias}/mappers", "identity-providers", lk_resolve_provider, &lk_kind_provider_mapper, ROWS(things)},

    {REALM "/organizations", "organizations", lk_resolve_organizations, &lk_kind_organization, ROWS(organizations)},
    {REALM "/organizations/{organization}", "organizations", lk_resolve_organization, NULL, ROWS(organization)},
    {ORGANIZATION "/groups", "organizations", lk_resolve_organization_groups, NULL, ROWS(organization_groups)},
    {ORGANIZATION "/groups/group-by-path/{path*}", "organizations", lk_resolve_organization_group_by_path, NULL, ROWS(organization_group_by_path)},
    {ORGANIZATION "/groups/{group}", "organizations", lk_resolve_organization_group, NULL, ROWS(organization_group)},
    {ORGANIZATION "/groups/{group}/role-mappings", "organizations", lk_resolve_organization_group, &lk_roles_of_organization_group, ROWS(organization_group_roles)},

    {REALM "/users", "users", NULL, &lk_kind_user, ROWS(users)},
    {REALM "/users/{user}", "users", lk_resolve_user, &lk_kind_user, ROWS(user), SEE_USERS},
    {REALM, "users", NULL, NULL, ROWS(sessions)},
    {CLIENT, "clients", lk_resolve_client, NULL, ROWS(sessions_of_client), SEE_CLIENTS},
    {REALM "/users/{user}/federated-identity", "users", lk_resolve_user, NULL, ROWS(links), SEE_USERS},
    {REALM "/components", "realm", NULL, &lk_kind_component, ROWS(components)},
    {REALM "/keys", "realm", NULL, NULL, ROWS(keys)},

    {REALM, "realm", NULL, NULL, ROWS(realm)},
    {REALM "/clients-initial-access", "clients", NULL, NULL, ROWS(initial_access)},
    {REALM, "events", NULL, NULL, ROWS(events)},
    {REALM "/localization", "realm", NULL, NULL, ROWS(localization)},
    {REALM "/client-policies", "realm", NULL, NULL, ROWS(client_policies)},

    {REALM "/authentication", "realm", NULL, NULL, ROWS(authentication)},
    {REALM "/authentication/flows", "realm", NULL, &lk_kind_flow, ROWS(flows)},
    {REALM "/authentication/executions", "realm", NULL, NULL, ROWS(executions)},
    {REALM "/authentication/config", "realm", NULL, &lk_kind_authenticator_config, ROWS(authenticator_configs)},
    {REALM "/authentication/required-actions", "realm", NULL, &lk_kind_required_action, ROWS(required_actions)},

    {REALM "/users/{user}/role-mappings", "users", lk_resolve_user, &lk_roles_of_user, ROWS(role_mappings), SEE_USERS},
};
/* clang-format on */
const size_t lk_num_admin_mounts = sizeof(lk_admin_mounts) / sizeof(lk_admin_mounts[0]);
