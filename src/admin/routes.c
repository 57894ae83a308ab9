/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "admin/handlers.h"

/* Every path of the admin REST API but users: rows, then the mounts that they stand below. */

/* clang-format off */
static const lk_admin_row_t clients[] = {
    {"GET", "", lk_clients_list},
    {"POST", "", lk_admin_create},
    {"GET", "/{id}", lk_admin_get},
    {"PUT", "/{id}", lk_admin_update},
    {"DELETE", "/{id}", lk_client_remove, LK_ADMIN_NO_CACHE},
};

static const lk_admin_row_t client[] = {
    {"GET", "/client-secret", lk_client_secret_get},
    {"POST", "/client-secret", lk_client_secret_renew},
    {"GET", "/client-secret/rotated", lk_client_rotated_secret_get},
    {"DELETE", "/client-secret/rotated", lk_client_rotated_secret_remove},
    {"GET", "/service-account-user", lk_client_service_account},
    {"POST", "/nodes", lk_client_node_add},
    {"DELETE", "/nodes/{node}", lk_client_node_remove, LK_ADMIN_NO_CACHE},
};

static const lk_admin_row_t client_scopes[] = {
    {"GET", "", lk_admin_list},
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

static const lk_admin_row_t roles[] = {
    {"GET", "", lk_roles_list},
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
    {"GET", "/users", lk_role_users},
    {"GET", "/groups", lk_role_groups},
};

static const lk_admin_row_t role_mappings[] = {
    {"GET", "", lk_role_mappings_all},
    {"GET", "/realm", lk_role_mappings_held},
    {"POST", "/realm", lk_role_mappings_add},
    {"DELETE", "/realm", lk_role_mappings_remove},
    {"GET", "/realm/available", lk_role_mappings_available},
    {"GET", "/realm/composite", lk_role_mappings_effective},
    {"GET", "/clients/{client}", lk_role_mappings_held},
    {"POST", "/clients/{client}", lk_role_mappings_add},
    {"DELETE", "/clients/{client}", lk_role_mappings_remove},
    {"GET", "/clients/{client}/available", lk_role_mappings_available},
    {"GET", "/clients/{client}/composite", lk_role_mappings_effective},
};

static const lk_admin_row_t things[] = {
    {"GET", "", lk_admin_list},
    {"POST", "", lk_admin_create},
    {"GET", "/{id}", lk_admin_get},
    {"PUT", "/{id}", lk_admin_update},
    {"DELETE", "/{id}", lk_admin_remove},
};

static const lk_admin_row_t links[] = {
    {"GET", "", lk_user_links_list},
    {"POST", "/{provider}", lk_user_link_add, LK_ADMIN_USERS},
    {"DELETE", "/{provider}", lk_user_link_remove, LK_ADMIN_USERS},
};

static const lk_admin_row_t groups[] = {
    {"GET", "/groups", lk_groups_list},
    {"POST", "/groups", lk_groups_create},
    {"GET", "/groups/count", lk_groups_count},
    {"GET", "/group-by-path/{path*}", lk_group_by_path},
    {"GET", "/default-groups", lk_default_groups_list, 0, "view-realm"},
    {"PUT", "/default-groups/{id}", lk_default_group_add, LK_ADMIN_NO_CACHE, "manage-realm"},
    {"DELETE", "/default-groups/{id}", lk_default_group_remove, LK_ADMIN_NO_CACHE, "manage-realm"},
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

#define ROWS(rows) (rows), sizeof(rows) / sizeof((rows)[0])
#define REALM "/realms/{realm}"
#define CLIENT REALM "/clients/{client}"
#define SCOPE REALM "/client-scopes/{scope}"

const lk_admin_mount_t lk_admin_mounts[] = {
    {REALM "/clients", "clients", NULL, &lk_kind_client, ROWS(clients)},
    {CLIENT, "clients", lk_resolve_client, &lk_kind_client, ROWS(client)},
    {CLIENT "/default-client-scopes", "clients", lk_resolve_client, "default", ROWS(scopes_of_client)},
    {CLIENT "/optional-client-scopes", "clients", lk_resolve_client, "optional", ROWS(scopes_of_client)},
    {CLIENT "/protocol-mappers", "clients", lk_resolve_client, &lk_kind_client, ROWS(mappers)},
    {CLIENT "/scope-mappings", "clients", lk_resolve_client, &lk_roles_of_client, ROWS(role_mappings)},
    {CLIENT "/roles", "clients", lk_resolve_client, NULL, ROWS(roles)},
    {CLIENT "/roles/{role}", "clients", lk_resolve_client_role, NULL, ROWS(role)},
    {CLIENT "/roles/{role}", "clients", lk_resolve_client_role, NULL, ROWS(who_has_role)},

    {REALM "/client-scopes", "clients", NULL, &lk_kind_client_scope, ROWS(client_scopes)},
    {REALM "/client-templates", "clients", NULL, &lk_kind_client_scope, ROWS(client_scopes)},
    {SCOPE "/protocol-mappers", "clients", lk_resolve_scope, &lk_kind_client_scope, ROWS(mappers)},
    {REALM "/client-templates/{scope}/protocol-mappers", "clients", lk_resolve_scope, &lk_kind_client_scope, ROWS(mappers)},
    {SCOPE "/scope-mappings", "clients", lk_resolve_scope, &lk_roles_of_scope, ROWS(role_mappings)},
    {REALM "/client-templates/{scope}/scope-mappings", "clients", lk_resolve_scope, &lk_roles_of_scope, ROWS(role_mappings)},
    {REALM "/default-default-client-scopes", "clients", NULL, "default", ROWS(realm_scopes)},
    {REALM "/default-optional-client-scopes", "clients", NULL, "optional", ROWS(realm_scopes)},

    {REALM "/roles", "realm", NULL, NULL, ROWS(roles)},
    {REALM "/roles/{role}", "realm", lk_resolve_realm_role, NULL, ROWS(role)},
    {REALM "/roles/{role}", "realm", lk_resolve_realm_role, NULL, ROWS(who_has_role)},
    {REALM "/roles-by-id/{role}", "realm", lk_resolve_role_by_id, NULL, ROWS(role)},

    {REALM, "users", NULL, NULL, ROWS(groups)},
    {REALM "/groups/{group}", "users", lk_resolve_group, NULL, ROWS(group)},
    {REALM "/groups/{group}/role-mappings", "users", lk_resolve_group, &lk_roles_of_group, ROWS(role_mappings)},
    {REALM "/identity-provider/instances", "identity-providers", NULL, &lk_kind_identity_provider, ROWS(things)},
    {REALM "/identity-provider/instances/{alias}/mappers", "identity-providers", lk_resolve_provider, &lk_kind_provider_mapper, ROWS(things)},

    {REALM "/users/{user}/federated-identity", "users", lk_resolve_user, NULL, ROWS(links)},
    {REALM "/users/{user}/role-mappings", "users", lk_resolve_user, &lk_roles_of_user, ROWS(role_mappings)},
};
/* clang-format on */
const size_t lk_num_admin_mounts = sizeof(lk_admin_mounts) / sizeof(lk_admin_mounts[0]);
