/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_ADMIN_HANDLERS_H
#define LK_ADMIN_HANDLERS_H

#include "admin/resource.h"

/* What the rows of routes.c call, by file. */
#define LK_HANDLER(name) lk_status_t name(lk_admin_t *admin, lk_error_t *err)

/* authz.c, authz_resources.c, authz_policies.c */
LK_HANDLER(lk_authz_server_get);
LK_HANDLER(lk_authz_server_put);
LK_HANDLER(lk_authz_settings_get);
LK_HANDLER(lk_authz_import);
LK_HANDLER(lk_authz_scopes_list);
LK_HANDLER(lk_authz_scope_create);
LK_HANDLER(lk_authz_scope_get);
LK_HANDLER(lk_authz_scope_update);
LK_HANDLER(lk_authz_scope_remove);
LK_HANDLER(lk_authz_scope_permissions);
LK_HANDLER(lk_authz_scope_resources);
LK_HANDLER(lk_authz_scope_search);
LK_HANDLER(lk_authz_policy_search);
LK_HANDLER(lk_authz_resources_list);
LK_HANDLER(lk_authz_resource_create);
LK_HANDLER(lk_authz_resource_get);
LK_HANDLER(lk_authz_resource_update);
LK_HANDLER(lk_authz_resource_remove);
LK_HANDLER(lk_authz_resource_scopes);
LK_HANDLER(lk_authz_resource_attributes);
LK_HANDLER(lk_authz_resource_permissions);
LK_HANDLER(lk_authz_resource_search);
LK_HANDLER(lk_authz_policy_evaluate);
LK_HANDLER(lk_authz_providers);
LK_HANDLER(lk_authz_policies_list);
LK_HANDLER(lk_authz_policy_get);
LK_HANDLER(lk_authz_policy_create);
LK_HANDLER(lk_authz_policy_create_typed);
LK_HANDLER(lk_authz_policy_update);
LK_HANDLER(lk_authz_policy_remove);
LK_HANDLER(lk_authz_typed_get);
LK_HANDLER(lk_authz_typed_search);
LK_HANDLER(lk_authz_typed_providers);
LK_HANDLER(lk_authz_typed_update);
LK_HANDLER(lk_authz_typed_remove);
LK_HANDLER(lk_authz_policy_scopes);
LK_HANDLER(lk_authz_policy_resources);
LK_HANDLER(lk_authz_policy_associated);
LK_HANDLER(lk_authz_policy_dependents);
/* realms.c */
LK_HANDLER(lk_realm_get);
LK_HANDLER(lk_realm_update);
LK_HANDLER(lk_realm_remove);
/* partial_import.c, realm_actions.c */
LK_HANDLER(lk_partial_import);
LK_HANDLER(lk_partial_export);
LK_HANDLER(lk_describe_client);
LK_HANDLER(lk_registration_policy_types);
LK_HANDLER(lk_push_revocation);
LK_HANDLER(lk_cache_clear);
LK_HANDLER(lk_ui_realm_names);
LK_HANDLER(lk_ui_info);
LK_HANDLER(lk_ui_listeners);
/* events.c */
LK_HANDLER(lk_events_list);
LK_HANDLER(lk_events_clear);
LK_HANDLER(lk_admin_events_list);
LK_HANDLER(lk_admin_events_clear);
LK_HANDLER(lk_events_config_get);
LK_HANDLER(lk_events_config_put);

/* registration.c */
LK_HANDLER(lk_client_registration_token);
LK_HANDLER(lk_initial_access_list);
LK_HANDLER(lk_initial_access_create);
LK_HANDLER(lk_initial_access_remove);

/* organizations.c */
LK_HANDLER(lk_organizations_list);
LK_HANDLER(lk_organizations_count);
LK_HANDLER(lk_organization_get);
LK_HANDLER(lk_organization_update);
LK_HANDLER(lk_organization_remove);
LK_HANDLER(lk_organizations_of_user);
LK_HANDLER(lk_member_organizations);
LK_HANDLER(lk_members_list);
LK_HANDLER(lk_members_count);
LK_HANDLER(lk_member_get);
LK_HANDLER(lk_member_add);
LK_HANDLER(lk_member_remove);
/* invitations.c */
LK_HANDLER(lk_member_invite);
LK_HANDLER(lk_member_invite_user);
LK_HANDLER(lk_invitations_list);
LK_HANDLER(lk_invitation_get);
LK_HANDLER(lk_invitation_withdraw);
LK_HANDLER(lk_invitation_resend);
/* organization_groups.c */
LK_HANDLER(lk_organization_groups_list);
LK_HANDLER(lk_organization_groups_create);
LK_HANDLER(lk_organization_group_get);
LK_HANDLER(lk_organization_group_by_path);
LK_HANDLER(lk_organization_group_update);
LK_HANDLER(lk_organization_group_remove);
LK_HANDLER(lk_organization_group_children);
LK_HANDLER(lk_organization_group_add_child);
LK_HANDLER(lk_organization_group_members);
LK_HANDLER(lk_organization_group_member_add);
LK_HANDLER(lk_organization_group_member_remove);
LK_HANDLER(lk_member_groups);
/* organizations.c */
LK_HANDLER(lk_organization_providers_list);
LK_HANDLER(lk_organization_provider_get);
LK_HANDLER(lk_organization_provider_add);
LK_HANDLER(lk_organization_provider_remove);

/* clients.c */
LK_HANDLER(lk_clients_list);
LK_HANDLER(lk_client_remove);
LK_HANDLER(lk_client_secret_get);
LK_HANDLER(lk_client_secret_renew);
LK_HANDLER(lk_client_rotated_secret_get);
LK_HANDLER(lk_client_rotated_secret_remove);
LK_HANDLER(lk_client_node_add);
LK_HANDLER(lk_client_node_remove);
LK_HANDLER(lk_client_service_account);
LK_HANDLER(lk_client_reach_nodes);
/* client_evaluate.c */
LK_HANDLER(lk_evaluate_access_token);
LK_HANDLER(lk_evaluate_id_token);
LK_HANDLER(lk_evaluate_userinfo);
LK_HANDLER(lk_evaluate_mappers);
LK_HANDLER(lk_evaluate_granted);
LK_HANDLER(lk_evaluate_not_granted);
/* client_installation.c */
LK_HANDLER(lk_workflows_list);
LK_HANDLER(lk_console_available);
LK_HANDLER(lk_console_effective);
LK_HANDLER(lk_console_effective_all);
LK_HANDLER(lk_console_composites);
LK_HANDLER(lk_console_take);
LK_HANDLER(lk_console_flows);
LK_HANDLER(lk_console_flow_users);
LK_HANDLER(lk_console_realm_put);
LK_HANDLER(lk_console_users);
LK_HANDLER(lk_console_sessions);
LK_HANDLER(lk_console_client_sessions);
LK_HANDLER(lk_client_installation);
LK_HANDLER(lk_certificate_info);
LK_HANDLER(lk_certificate_generate);
LK_HANDLER(lk_certificate_upload);
LK_HANDLER(lk_certificate_download);
LK_HANDLER(lk_certificate_make_download);
/* client_scopes.c */
LK_HANDLER(lk_client_scopes_list);
LK_HANDLER(lk_client_scope_update);
LK_HANDLER(lk_realm_scopes_list);
LK_HANDLER(lk_realm_scope_add);
LK_HANDLER(lk_realm_scope_remove);
LK_HANDLER(lk_scopes_of_client_list);
LK_HANDLER(lk_scope_of_client_add);
LK_HANDLER(lk_scope_of_client_remove);
/* protocol_mappers.c */
LK_HANDLER(lk_mappers_list);
LK_HANDLER(lk_mappers_of_protocol);
LK_HANDLER(lk_mapper_get);
LK_HANDLER(lk_mapper_create);
LK_HANDLER(lk_mappers_create);
LK_HANDLER(lk_mapper_update);
LK_HANDLER(lk_mapper_remove);
/* identity_providers.c */
LK_HANDLER(lk_user_links_list);
LK_HANDLER(lk_user_link_add);
LK_HANDLER(lk_user_link_remove);
/* provider_types.c */
LK_HANDLER(lk_idp_type_get);
LK_HANDLER(lk_idp_mapper_types);
LK_HANDLER(lk_idp_export);
LK_HANDLER(lk_idp_reload_keys);
LK_HANDLER(lk_idp_import_config);
int lk_idp_is_type(const char *type);
/* As people call it: "GitHub". In the arena. */
const char *lk_idp_type_name(lk_admin_t *admin, const char *type);
/* "x-g": begins with it; "*git*": anywhere; "\"x\"": exactly. Case does not matter. */
int lk_idp_is_searched(lk_arena_t *arena, const char *text, const char *search);
/* What it is good for, by Keycloak's names; a new reference. */
json_t *lk_idp_uses(const char *type);
int lk_idp_has_use(const char *type, const char *use);
/* roles.c */
LK_HANDLER(lk_roles_list);
LK_HANDLER(lk_roles_create);
LK_HANDLER(lk_role_get);
LK_HANDLER(lk_role_update);
LK_HANDLER(lk_role_remove);
LK_HANDLER(lk_role_composites);
LK_HANDLER(lk_role_composites_of_realm);
LK_HANDLER(lk_role_composites_of_client);
LK_HANDLER(lk_role_composites_add);
LK_HANDLER(lk_role_composites_remove);
LK_HANDLER(lk_role_users);
LK_HANDLER(lk_role_groups);
/* role_mappings.c */
LK_HANDLER(lk_role_mappings_all);
LK_HANDLER(lk_role_mappings_held);
LK_HANDLER(lk_role_mappings_available);
LK_HANDLER(lk_role_mappings_effective);
LK_HANDLER(lk_role_mappings_add);
LK_HANDLER(lk_role_mappings_remove);
/* groups.c */
LK_HANDLER(lk_groups_list);
LK_HANDLER(lk_groups_count);
LK_HANDLER(lk_groups_create);
LK_HANDLER(lk_group_get);
LK_HANDLER(lk_group_by_path);
LK_HANDLER(lk_group_update);
LK_HANDLER(lk_group_remove);
LK_HANDLER(lk_group_children);
LK_HANDLER(lk_group_add_child);
LK_HANDLER(lk_group_members);
LK_HANDLER(lk_default_groups_list);
LK_HANDLER(lk_default_group_add);
LK_HANDLER(lk_default_group_remove);
/* providers.c */
LK_HANDLER(lk_providers_list);
LK_HANDLER(lk_providers_of_clients);
LK_HANDLER(lk_provider_config_description);
LK_HANDLER(lk_required_action_config_description);
/* flows.c */
LK_HANDLER(lk_flow_remove);
LK_HANDLER(lk_flow_copy);
/* executions.c */
LK_HANDLER(lk_executions_list);
LK_HANDLER(lk_execution_get);
LK_HANDLER(lk_execution_add);
LK_HANDLER(lk_execution_add_flow);
LK_HANDLER(lk_execution_add_to_parent);
LK_HANDLER(lk_execution_update);
LK_HANDLER(lk_execution_raise);
LK_HANDLER(lk_execution_lower);
LK_HANDLER(lk_execution_remove);
LK_HANDLER(lk_execution_config_add);
LK_HANDLER(lk_execution_config_get);
LK_HANDLER(lk_authenticator_config_remove);
/* required_actions.c */
LK_HANDLER(lk_required_action_remove);
LK_HANDLER(lk_required_action_raise);
LK_HANDLER(lk_required_action_lower);
LK_HANDLER(lk_required_actions_unregistered);
LK_HANDLER(lk_required_action_register);
LK_HANDLER(lk_required_action_config_get);
LK_HANDLER(lk_required_action_config_set);
LK_HANDLER(lk_required_action_config_remove);
/* components.c */
LK_HANDLER(lk_component_remove);
LK_HANDLER(lk_component_types_below);
LK_HANDLER(lk_keys_get);
/* realm_parts.c */
LK_HANDLER(lk_locales_list);
LK_HANDLER(lk_texts_get);
LK_HANDLER(lk_text_get);
LK_HANDLER(lk_texts_put);
LK_HANDLER(lk_text_put);
LK_HANDLER(lk_texts_remove);
LK_HANDLER(lk_text_remove);
LK_HANDLER(lk_client_policies_get);
LK_HANDLER(lk_client_policies_put);
LK_HANDLER(lk_client_profiles_get);
LK_HANDLER(lk_client_profiles_put);
/* users.c, user_search.c */
LK_HANDLER(lk_users_list);
LK_HANDLER(lk_users_count);
LK_HANDLER(lk_user_add);
LK_HANDLER(lk_user_get);
LK_HANDLER(lk_user_change);
LK_HANDLER(lk_user_remove);
LK_HANDLER(lk_user_unmanaged_attributes);
/* user_profile.c */
LK_HANDLER(lk_profile_get);
LK_HANDLER(lk_profile_put);
LK_HANDLER(lk_profile_metadata_get);
/* user_credentials.c */
LK_HANDLER(lk_credentials_list);
LK_HANDLER(lk_credential_remove);
LK_HANDLER(lk_credential_label);
LK_HANDLER(lk_credential_move_first);
LK_HANDLER(lk_credential_move_after);
LK_HANDLER(lk_user_reset_password);
LK_HANDLER(lk_user_disable_credentials);
LK_HANDLER(lk_user_storage_credentials);
LK_HANDLER(lk_credential_registrators);
/* user_details.c */
LK_HANDLER(lk_user_groups);
LK_HANDLER(lk_user_groups_count);
LK_HANDLER(lk_user_group_add);
LK_HANDLER(lk_user_group_remove);
LK_HANDLER(lk_user_consents);
LK_HANDLER(lk_user_consent_remove);
LK_HANDLER(lk_user_end_sessions);
LK_HANDLER(lk_user_impersonate);
/* user_mail.c */
LK_HANDLER(lk_user_send_verify_email);
LK_HANDLER(lk_user_send_actions);
LK_HANDLER(lk_user_send_reset_password);
LK_HANDLER(lk_smtp_test);
/* sessions.c */
LK_HANDLER(lk_user_sessions);
LK_HANDLER(lk_user_offline_sessions);
LK_HANDLER(lk_client_sessions);
LK_HANDLER(lk_client_offline_sessions);
LK_HANDLER(lk_client_sessions_count);
LK_HANDLER(lk_client_offline_sessions_count);
LK_HANDLER(lk_sessions_stats);
LK_HANDLER(lk_session_delete);
LK_HANDLER(lk_sessions_end_all);
LK_HANDLER(lk_login_failures_get);
LK_HANDLER(lk_login_failures_clear);

#undef LK_HANDLER

#define LK_PAIRWISE_MAPPER "oidc-sha256-pairwise-sub-mapper"
/* pairwise.c: whether a pairwise mapper goes with the client that it is for: LK_INVALID with Keycloak's words where it does not.
 * LK_ELSEWHERE where the sector's document has to be fetched. */
lk_status_t lk_pairwise_check(const lk_request_t *req, const json_t *client, const json_t *mapper, lk_error_t *err);

#endif
