/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "model/realm.h"

/* The smaller parts of a realm. */

static const lk_field_t composites_fields[] = {
    LK_FIELD_FREE("realm", STRINGS, 0, NULL),
    LK_FIELD_FREE("client", MULTIMAP, 0, NULL),
    LK_FIELD_FREE("application", MULTIMAP, 0, NULL),
};
static const lk_representation_t composites_rep = LK_REPRESENTATION("Composites", composites_fields);

#define ROLE(...) LK_FIELD(lk_role_t, __VA_ARGS__)
static const lk_field_t role_fields[] = {
    ROLE("id", STRING, LK_FIELD_BRIEF | LK_FIELD_FIXED | LK_FIELD_COLUMN, NULL, id),
    ROLE("name", STRING, LK_FIELD_BRIEF | LK_FIELD_COLUMN, NULL, name),
    LK_FIELD_FREE("description", STRING, LK_FIELD_BRIEF, NULL),
    LK_FIELD_FREE("scopeParamRequired", BOOL, LK_FIELD_CHILD, NULL),
    LK_FIELD_FREE("composite", BOOL, LK_FIELD_BRIEF | LK_FIELD_CHILD, NULL),
    LK_FIELD_OF("composites", OBJECT, LK_FIELD_CHILD, NULL, composites_rep),
    LK_FIELD_FREE("clientRole", BOOL, LK_FIELD_BRIEF | LK_FIELD_READ_ONLY, NULL),
    LK_FIELD_FREE("containerId", STRING, LK_FIELD_BRIEF | LK_FIELD_READ_ONLY, NULL),
    LK_FIELD_FREE("attributes", MULTIMAP, 0, NULL),
};
const lk_representation_t lk_role_fields = LK_REPRESENTATION("RoleRepresentation", role_fields);

#define GROUP(...) LK_FIELD(lk_group_t, __VA_ARGS__)
static const lk_field_t group_fields[] = {
    GROUP("id", STRING, LK_FIELD_BRIEF | LK_FIELD_FIXED | LK_FIELD_COLUMN, NULL, id),
    GROUP("name", STRING, LK_FIELD_BRIEF | LK_FIELD_COLUMN, NULL, name),
    LK_FIELD_FREE("description", STRING, LK_FIELD_BRIEF, NULL),
    LK_FIELD_FREE("path", STRING, LK_FIELD_BRIEF | LK_FIELD_READ_ONLY, NULL),
    LK_FIELD_FREE("parentId", STRING, LK_FIELD_BRIEF | LK_FIELD_READ_ONLY, NULL),
    LK_FIELD_FREE("subGroupCount", LONG, LK_FIELD_BRIEF | LK_FIELD_READ_ONLY, NULL),
    LK_FIELD_OF("subGroups", ARRAY, LK_FIELD_CHILD, NULL, lk_group_fields),
    GROUP("attributes", MULTIMAP, 0, NULL, attributes),
    LK_FIELD_FREE("realmRoles", STRINGS, LK_FIELD_CHILD, NULL),
    LK_FIELD_FREE("clientRoles", MULTIMAP, LK_FIELD_CHILD, NULL),
    LK_FIELD_FREE("access", OBJECT, LK_FIELD_READ_ONLY, NULL),
};
const lk_representation_t lk_group_fields = LK_REPRESENTATION("GroupRepresentation", group_fields);

static const lk_field_t organization_fields[] = {
    LK_FIELD_FREE("id", STRING, LK_FIELD_BRIEF | LK_FIELD_FIXED | LK_FIELD_COLUMN, NULL),
    LK_FIELD_FREE("name", STRING, LK_FIELD_BRIEF | LK_FIELD_COLUMN, NULL),
    LK_FIELD_FREE("alias", STRING, LK_FIELD_BRIEF | LK_FIELD_COLUMN, NULL),
    LK_FIELD_FREE("enabled", BOOL, LK_FIELD_BRIEF | LK_FIELD_PRIMITIVE, "true"),
    LK_FIELD_FREE("description", STRING, LK_FIELD_BRIEF, NULL),
    LK_FIELD_FREE("redirectUrl", STRING, LK_FIELD_BRIEF, NULL),
    LK_FIELD_FREE("attributes", MULTIMAP, 0, "{}"),
    LK_FIELD_FREE("domains", ARRAY, LK_FIELD_BRIEF, NULL),
    LK_FIELD_FREE("members", ARRAY, LK_FIELD_CHILD, NULL),
    LK_FIELD_FREE("identityProviders", ARRAY, LK_FIELD_CHILD, NULL),
    LK_FIELD_FREE("groups", ARRAY, LK_FIELD_CHILD, NULL),
};
const lk_representation_t lk_organization_fields = LK_REPRESENTATION("OrganizationRepresentation", organization_fields);

#define SCOPE(...) LK_FIELD(lk_scope_t, __VA_ARGS__)
static const lk_field_t scope_fields[] = {
    SCOPE("id", STRING, LK_FIELD_BRIEF | LK_FIELD_FIXED | LK_FIELD_COLUMN, NULL, id),
    SCOPE("name", STRING, LK_FIELD_BRIEF | LK_FIELD_COLUMN, NULL, name),
    SCOPE("description", STRING, LK_FIELD_BRIEF, NULL, description),
    SCOPE("protocol", STRING, LK_FIELD_BRIEF, NULL, protocol),
    SCOPE("attributes", MAP, LK_FIELD_MERGE | LK_FIELD_KEEPS_EMPTY, "{}", attributes),
    LK_FIELD_OF("protocolMappers", ARRAY, 0, NULL, lk_mapper_fields),
};
const lk_representation_t lk_scope_fields = LK_REPRESENTATION_OPEN("ClientScopeRepresentation", scope_fields);

#define MAPPER(...) LK_FIELD(lk_mapper_t, __VA_ARGS__)
static const lk_field_t mapper_fields[] = {
    MAPPER("id", STRING, LK_FIELD_BRIEF | LK_FIELD_FIXED, NULL, id),
    MAPPER("name", STRING, LK_FIELD_BRIEF, NULL, name),
    MAPPER("protocol", STRING, LK_FIELD_BRIEF, "\"openid-connect\"", protocol),
    MAPPER("protocolMapper", STRING, LK_FIELD_BRIEF, NULL, type),
    LK_FIELD_FREE("consentRequired", BOOL, LK_FIELD_READ_ONLY, "false"),
    LK_FIELD_FREE("consentText", STRING, LK_FIELD_CHILD, NULL),
    MAPPER("config", MAP, 0, "{}", config),
};
const lk_representation_t lk_mapper_fields = LK_REPRESENTATION("ProtocolMapperRepresentation", mapper_fields);

#define PROVIDER(...) LK_FIELD(lk_identity_provider_t, __VA_ARGS__)
static const lk_field_t identity_provider_fields[] = {
    PROVIDER("alias", STRING, LK_FIELD_BRIEF | LK_FIELD_COLUMN, NULL, alias),
    PROVIDER("displayName", STRING, LK_FIELD_BRIEF, NULL, display_name),
    PROVIDER("internalId", STRING, LK_FIELD_BRIEF | LK_FIELD_FIXED | LK_FIELD_COLUMN, NULL, internal_id),
    PROVIDER("providerId", STRING, LK_FIELD_BRIEF, NULL, provider_id),
    PROVIDER("enabled", BOOL, LK_FIELD_BRIEF | LK_FIELD_PRIMITIVE, "true", enabled),
    LK_FIELD_FREE("updateProfileFirstLoginMode", STRING, LK_FIELD_CHILD, NULL),
    PROVIDER("trustEmail", BOOL, 0, NULL, trust_email),
    PROVIDER("storeToken", BOOL, 0, NULL, store_token),
    PROVIDER("addReadTokenRoleOnCreate", BOOL, 0, NULL, add_read_token_role),
    PROVIDER("authenticateByDefault", BOOL, 0, NULL, authenticate_by_default),
    PROVIDER("linkOnly", BOOL, 0, NULL, link_only),
    PROVIDER("hideOnLogin", BOOL, 0, NULL, hide_on_login),
    PROVIDER("firstBrokerLoginFlowAlias", STRING, 0, NULL, first_login_flow),
    PROVIDER("postBrokerLoginFlowAlias", STRING, 0, NULL, post_login_flow),
    LK_FIELD_FREE("organizationId", STRING, 0, NULL),
    PROVIDER("config", MAP, 0, "{}", config),
    LK_FIELD_FREE("types", STRINGS, 0, NULL),
};
const lk_representation_t lk_identity_provider_fields =
    LK_REPRESENTATION("IdentityProviderRepresentation", identity_provider_fields);

#define PROVIDER_MAPPER(...) LK_FIELD(lk_provider_mapper_t, __VA_ARGS__)
static const lk_field_t identity_provider_mapper_fields[] = {
    LK_FIELD_FREE("id", STRING, LK_FIELD_BRIEF | LK_FIELD_FIXED | LK_FIELD_COLUMN, NULL),
    PROVIDER_MAPPER("name", STRING, LK_FIELD_BRIEF, NULL, name),
    LK_FIELD_FREE("identityProviderAlias", STRING, LK_FIELD_BRIEF | LK_FIELD_COLUMN, NULL),
    PROVIDER_MAPPER("identityProviderMapper", STRING, LK_FIELD_BRIEF, NULL, type),
    PROVIDER_MAPPER("config", MAP, 0, "{}", config),
};
const lk_representation_t lk_identity_provider_mapper_fields =
    LK_REPRESENTATION("IdentityProviderMapperRepresentation", identity_provider_mapper_fields);

/* ComponentRepresentation (admin API: providerType, parentId) and ComponentExportRepresentation (exports: subComponents) in one. */
static const lk_field_t component_fields[] = {
    LK_FIELD_FREE("id", STRING, LK_FIELD_FIXED | LK_FIELD_COLUMN, NULL),
    LK_FIELD_FREE("name", STRING, 0, NULL),
    LK_FIELD_FREE("providerId", STRING, LK_FIELD_COLUMN, NULL),
    LK_FIELD_FREE("providerType", STRING, LK_FIELD_COLUMN, NULL),
    LK_FIELD_FREE("parentId", STRING, LK_FIELD_COLUMN, NULL),
    LK_FIELD_FREE("subType", STRING, 0, NULL),
    LK_FIELD_FREE("subComponents", OBJECT, LK_FIELD_CHILD, NULL),
    LK_FIELD_FREE("config", MULTIMAP, 0, "{}"),
};
const lk_representation_t lk_component_fields = LK_REPRESENTATION("ComponentRepresentation", component_fields);

#define FLOW(...) LK_FIELD(lk_flow_t, __VA_ARGS__)
static const lk_field_t flow_fields[] = {
    FLOW("id", STRING, LK_FIELD_FIXED | LK_FIELD_COLUMN, NULL, id),
    FLOW("alias", STRING, LK_FIELD_COLUMN, NULL, alias),
    LK_FIELD_FREE("description", STRING, 0, NULL),
    LK_FIELD_FREE("providerId", STRING, 0, "\"basic-flow\""),
    LK_FIELD_FREE("topLevel", BOOL, 0, "false"),
    LK_FIELD_FREE("builtIn", BOOL, 0, "false"),
    FLOW("authenticationExecutions", ARRAY, 0, "[]", executions),
};
const lk_representation_t lk_flow_fields = LK_REPRESENTATION("AuthenticationFlowRepresentation", flow_fields);

/* What a flow's executions are to the admin API; the flow keeps them in its exported form. */
static const lk_field_t execution_fields[] = {
    LK_FIELD_FREE("id", STRING, 0, NULL),
    LK_FIELD_FREE("authenticator", STRING, 0, NULL),
    LK_FIELD_FREE("authenticatorConfig", STRING, 0, NULL),
    LK_FIELD_FREE("authenticatorFlow", BOOL, 0, "false"),
    LK_FIELD_FREE("autheticatorFlow", BOOL, 0, NULL),
    LK_FIELD_FREE("requirement", STRING, 0, NULL),
    LK_FIELD_FREE("priority", INT, 0, "0"),
    LK_FIELD_FREE("flowId", STRING, 0, NULL),
    LK_FIELD_FREE("parentFlow", STRING, 0, NULL),
};
const lk_representation_t lk_execution_fields = LK_REPRESENTATION("AuthenticationExecutionRepresentation", execution_fields);

static const lk_field_t execution_info_fields[] = {
    LK_FIELD_FREE("id", STRING, 0, NULL),          LK_FIELD_FREE("requirement", STRING, 0, NULL),
    LK_FIELD_FREE("displayName", STRING, 0, NULL), LK_FIELD_FREE("alias", STRING, 0, NULL),
    LK_FIELD_FREE("description", STRING, 0, NULL), LK_FIELD_FREE("requirementChoices", STRINGS, 0, NULL),
    LK_FIELD_FREE("configurable", BOOL, 0, NULL),  LK_FIELD_FREE("authenticationFlow", BOOL, 0, NULL),
    LK_FIELD_FREE("providerId", STRING, 0, NULL),  LK_FIELD_FREE("authenticationConfig", STRING, 0, NULL),
    LK_FIELD_FREE("flowId", STRING, 0, NULL),      LK_FIELD_FREE("level", INT, 0, NULL),
    LK_FIELD_FREE("index", INT, 0, NULL),          LK_FIELD_FREE("priority", INT, 0, NULL),
};
const lk_representation_t lk_execution_info_fields =
    LK_REPRESENTATION("AuthenticationExecutionInfoRepresentation", execution_info_fields);

static const lk_field_t authenticator_config_fields[] = {
    LK_FIELD_FREE("id", STRING, LK_FIELD_FIXED | LK_FIELD_COLUMN, NULL),
    LK_FIELD_FREE("alias", STRING, LK_FIELD_COLUMN, NULL),
    LK_FIELD_FREE("config", MAP, 0, "{}"),
};
const lk_representation_t lk_authenticator_config_fields =
    LK_REPRESENTATION("AuthenticatorConfigRepresentation", authenticator_config_fields);

#define ACTION(...) LK_FIELD(lk_required_action_t, __VA_ARGS__)
static const lk_field_t required_action_fields[] = {
    ACTION("alias", STRING, LK_FIELD_FIXED | LK_FIELD_COLUMN, NULL, alias),
    ACTION("name", STRING, 0, NULL, name),
    ACTION("providerId", STRING, LK_FIELD_FIXED, NULL, provider_id),
    ACTION("enabled", BOOL, LK_FIELD_PRIMITIVE, "false", enabled),
    ACTION("defaultAction", BOOL, LK_FIELD_PRIMITIVE, "false", default_action),
    ACTION("priority", INT, LK_FIELD_PRIMITIVE, "0", priority),
    ACTION("config", MAP, 0, "{}", config),
};
const lk_representation_t lk_required_action_fields =
    LK_REPRESENTATION("RequiredActionProviderRepresentation", required_action_fields);

/* Authorization services: what a client that is a resource server has. */
static const lk_field_t authz_server_fields[] = {
    LK_FIELD_FREE("id", STRING, LK_FIELD_READ_ONLY, NULL),
    LK_FIELD_FREE("clientId", STRING, LK_FIELD_READ_ONLY, NULL),
    LK_FIELD_FREE("name", STRING, LK_FIELD_READ_ONLY, NULL),
    LK_FIELD_FREE("allowRemoteResourceManagement", BOOL, 0, "true"),
    LK_FIELD_FREE("policyEnforcementMode", STRING, 0, "\"ENFORCING\""),
    LK_FIELD_FREE("resources", ARRAY, 0, NULL),
    LK_FIELD_FREE("policies", ARRAY, 0, NULL),
    LK_FIELD_FREE("scopes", ARRAY, 0, NULL),
    LK_FIELD_FREE("decisionStrategy", STRING, 0, "\"UNANIMOUS\""),
    LK_FIELD_FREE("authorizationSchema", OBJECT, LK_FIELD_READ_ONLY, NULL),
};
const lk_representation_t lk_authz_server_fields = LK_REPRESENTATION("ResourceServerRepresentation", authz_server_fields);

static const lk_field_t authz_resource_fields[] = {
    LK_FIELD_FREE("_id", STRING, LK_FIELD_BRIEF | LK_FIELD_FIXED, NULL),
    LK_FIELD_FREE("id", STRING, LK_FIELD_READ_ONLY, NULL),
    LK_FIELD_FREE("name", STRING, LK_FIELD_BRIEF, NULL),
    LK_FIELD_FREE("type", STRING, LK_FIELD_BRIEF, NULL),
    LK_FIELD_FREE("displayName", STRING, LK_FIELD_BRIEF, NULL),
    LK_FIELD_FREE("icon_uri", STRING, LK_FIELD_BRIEF, NULL),
    LK_FIELD_FREE("iconUri", STRING, LK_FIELD_READ_ONLY, NULL),
    LK_FIELD_FREE("uri", STRING, LK_FIELD_READ_ONLY, NULL),
    LK_FIELD_FREE("uris", STRINGS, LK_FIELD_BRIEF, "[]"),
    LK_FIELD_FREE("owner", OBJECT, LK_FIELD_READ_ONLY, NULL),
    LK_FIELD_FREE("ownerManagedAccess", BOOL, LK_FIELD_BRIEF, "false"),
    LK_FIELD_FREE("attributes", MULTIMAP, LK_FIELD_LENIENT, "{}"),
    LK_FIELD_FREE("scopes", ARRAY, LK_FIELD_CHILD, NULL),
    LK_FIELD_FREE("resource_scopes", ARRAY, LK_FIELD_READ_ONLY, NULL),
    LK_FIELD_FREE("scopesUma", ARRAY, LK_FIELD_READ_ONLY, NULL),
};
const lk_representation_t lk_authz_resource_fields = LK_REPRESENTATION("ResourceRepresentation", authz_resource_fields);

static const lk_field_t authz_owner_policy_fields[] = {
    LK_FIELD_FREE("id", STRING, LK_FIELD_FIXED, NULL),
    LK_FIELD_FREE("name", STRING, 0, NULL),
    LK_FIELD_FREE("description", STRING, 0, NULL),
    LK_FIELD_FREE("type", STRING, LK_FIELD_READ_ONLY, NULL),
    LK_FIELD_FREE("logic", STRING, 0, NULL),
    LK_FIELD_FREE("decisionStrategy", STRING, 0, NULL),
    LK_FIELD_FREE("owner", STRING, LK_FIELD_READ_ONLY, NULL),
    LK_FIELD_FREE("resources", STRINGS, LK_FIELD_READ_ONLY, NULL),
    LK_FIELD_FREE("scopes", STRINGS, 0, NULL),
    LK_FIELD_FREE("roles", STRINGS, 0, NULL),
    LK_FIELD_FREE("groups", STRINGS, 0, NULL),
    LK_FIELD_FREE("clients", STRINGS, 0, NULL),
    LK_FIELD_FREE("users", STRINGS, 0, NULL),
};
const lk_representation_t lk_authz_owner_policy_fields =
    LK_REPRESENTATION("UmaPermissionRepresentation", authz_owner_policy_fields);

static const lk_field_t authz_scope_fields[] = {
    LK_FIELD_FREE("id", STRING, LK_FIELD_FIXED, NULL),
    LK_FIELD_FREE("name", STRING, 0, NULL),
    LK_FIELD_FREE("iconUri", STRING, 0, NULL),
    LK_FIELD_FREE("displayName", STRING, 0, NULL),
    LK_FIELD_FREE("policies", ARRAY, LK_FIELD_READ_ONLY, NULL),
    LK_FIELD_FREE("resources", ARRAY, LK_FIELD_READ_ONLY, NULL),
};
const lk_representation_t lk_authz_scope_fields = LK_REPRESENTATION("ScopeRepresentation", authz_scope_fields);
