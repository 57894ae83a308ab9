/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "admin/fine_grained.h"
#include "core/encode.h"
#include "core/json.h"

#define MASTER "master"
#define MANAGEMENT "realm-management" /* the client that holds a realm's admin roles; in master it is called <realm>-realm */

static int is_master(const lk_realm_t *realm)
{
    return strcmp(realm->name, MASTER) == 0;
}

/* The client of a realm's admin roles, as callers of master have them, or those of the realm itself. */
static const char *management_client(lk_arena_t *arena, const lk_realm_t *realm, int in_master)
{
    return in_master ? lk_printf(arena, "%s-realm", realm->name) : MANAGEMENT;
}

int lk_admin_is_fixed_client(const lk_realm_t *realm, const char *client_id)
{
    size_t len = strlen(client_id);
    return is_master(realm) ? len >= 6 && strcmp(client_id + len - 6, "-realm") == 0 : strcmp(client_id, MANAGEMENT) == 0;
}

static int has_role(const lk_admin_caller_t *caller, const char *client, const char *name)
{
    const lk_role_t *role = lk_realm_role(caller->realm, client, name);
    return role != NULL && lk_role_set_has(&caller->roles, role);
}

/* Managing something is seeing it too. */
static int has_or_manages(lk_arena_t *arena, const lk_admin_caller_t *caller, const char *client, const char *name)
{
    return has_role(caller, client, name + (*name == '=')) ||
           (strncmp(name, "view-", 5) == 0 && has_role(caller, client, lk_printf(arena, "manage-%s", name + 5)));
}

int lk_admin_caller_can(lk_arena_t *arena, const lk_admin_caller_t *caller, const lk_realm_t *realm, const char *roles)
{
    if (caller->realm == NULL) /* who registers a client without being an administrator */
        return 0;
    const char *client = management_client(arena, realm, is_master(caller->realm));
    if (!is_master(caller->realm) && strcmp(caller->realm->name, realm->name) != 0)
        return 0;
    if (strcmp(roles, LK_ADMIN_ANYBODY) == 0)
        return 1;
    for (size_t len = 0; lk_word_next(&roles, &len);)
        if (has_or_manages(arena, caller, client, lk_strndup(arena, roles, len)))
            return 1;
    return 0;
}

int lk_admin_can(const lk_admin_t *admin, const char *roles)
{
    return lk_admin_caller_can(admin->req->arena, &admin->caller, admin->realm, roles);
}

lk_status_t lk_admin_require(const lk_admin_t *admin, const char *roles, lk_error_t *err)
{
    if (lk_admin_can(admin, roles))
        return LK_OK;
    const lk_error_t *failure = lk_fine_failure(admin);
    if (failure != NULL && err != NULL)
        *err = *failure;
    return failure != NULL ? failure->kind : lk_fail_http(err, LK_DENIED, 403, NULL, "HTTP 403 Forbidden");
}

/* clang-format off */
const lk_access_t lk_access_to_user = {LK_GUARDED_USERS, {
    {"manageGroupMembership", "manage-users", "manage-group-membership"},
    {"resetPassword", "manage-users", "reset-password", "manage"},
    {"view", "view-users", "view"},
    {"mapRoles", "manage-users", "map-roles"},
    {"impersonate", "impersonation", "impersonate"},
    {"manage", "manage-users", "manage"},
}};
const lk_access_t lk_access_to_group = {LK_GUARDED_GROUPS, {
    {"view", "view-users", "view"},
    {"viewMembers", "view-users", "view-members"},
    {"manageMembers", "manage-users", "manage-members"},
    {"manage", "manage-users", "manage"},
    {"manageMembership", "manage-users", "manage-membership"},
}};
const lk_access_t lk_access_to_client = {LK_GUARDED_CLIENTS, {
    {"view", "view-clients", "view"},
    {"configure", "manage-clients", "manage"},
    {"manage", "manage-clients", "manage"},
}};
/* clang-format on */

json_t *lk_admin_access(const lk_admin_t *admin, const lk_access_t *access, const char *id, const lk_user_t *user)
{
    json_t *shown = json_object();
    for (size_t i = 0; access->rows[i].member != NULL; ++i) {
        const lk_fine_scope_t scope = {access->type, access->rows[i].scope, access->rows[i].fallback};
        int may = lk_admin_can(admin, access->rows[i].roles) || lk_fine_allows(admin, &scope, id, user);
        json_object_set_new(shown, access->rows[i].member, json_boolean(may));
    }
    return shown;
}

/* --- roles as what is administered --- */

const char *lk_role_area(const lk_role_t *role)
{
    return role != NULL && role->client_uuid != NULL ? "clients" : "realm";
}

static int can_in_area(const lk_admin_t *admin, const char *action, const lk_role_t *role)
{
    return lk_admin_can(admin, lk_printf(admin->req->arena, "%s-%s", action, lk_role_area(role)));
}

int lk_admin_sees_role(const lk_admin_t *admin, const lk_role_t *role)
{
    return can_in_area(admin, "view", role) ||
           (role->client_uuid != NULL && lk_fine_allows(admin, LK_FINE(LK_GUARDED_CLIENTS, "view"), role->client_uuid, NULL));
}

/* The names of administrators' roles, wherever they are. */
static int is_admin_role(const char *name)
{
    static const char *const names[] = {"admin",
                                        "create-realm",
                                        "realm-admin",
                                        "create-client",
                                        "impersonation",
                                        "query-users",
                                        "query-clients",
                                        "query-groups",
                                        "query-realms",
                                        "query-organizations",
                                        "view-realm",
                                        "view-users",
                                        "view-clients",
                                        "view-events",
                                        "manage-realm",
                                        "view-authorization",
                                        "view-organizations",
                                        "manage-users",
                                        "manage-clients",
                                        "manage-events",
                                        "manage-identity-providers",
                                        "manage-authorization",
                                        "manage-organizations",
                                        "view-identity-providers"};
    for (size_t i = 0; i != sizeof(names) / sizeof(names[0]); ++i)
        if (strcmp(names[i], name) == 0)
            return 1;
    return 0;
}

static int is_of_management(const lk_admin_t *admin, const lk_role_t *role)
{
    const char *management = management_client(admin->req->arena, admin->realm, is_master(admin->realm));
    return role->client_id != NULL && strcmp(role->client_id, management) == 0;
}

/* Of master. */
static int is_admin_of_all(const lk_admin_t *admin)
{
    return is_master(admin->caller.realm) && has_role(&admin->caller, NULL, "admin");
}

/* Where permissions are enabled, the roles of the realm's administrators are given by who has all of them as realm-admin. */
static int is_reserved(const lk_admin_t *admin, const lk_role_t *role)
{
    return admin->realm->admin_permissions_enabled && is_of_management(admin, role) && !lk_admin_can(admin, "realm-admin") &&
           !is_admin_of_all(admin);
}

/* Whether the caller could do themselves what the role lets its holder do. */
static int can_act_by(const lk_admin_t *admin, const lk_role_t *role)
{
    if (!is_admin_role(role->name) ||
        (strcmp(admin->caller.realm->id, admin->realm->id) == 0 && has_role(&admin->caller, role->client_id, role->name)))
        return 1;
    if (is_of_management(admin, role)) {
        if (strcmp(role->name, "realm-admin") == 0)
            return is_admin_of_all(admin);
        return strncmp(role->name, "query-", 6) == 0 ||
               lk_admin_can(admin, strcmp(role->name, "create-client") == 0 ? "manage-clients" : role->name);
    }
    return !is_master(admin->realm) || (role->client_id != NULL && !lk_admin_is_fixed_client(admin->realm, role->client_id));
}

/* A permission gives away no role of the realm's administrators. */
static int can_be_given(const lk_admin_t *admin, const lk_role_t *role)
{
    return !is_of_management(admin, role) && can_act_by(admin, role);
}

/* Nor one that is composed of such roles. */
static int can_all_be_given(const lk_admin_t *admin, const lk_role_t *role)
{
    lk_role_set_t parts;
    lk_role_set_init(&parts, admin->req->arena, admin->realm);
    lk_role_set_add(&parts, role);
    for (size_t i = 0; i != admin->realm->num_roles; ++i)
        if (lk_role_set_has(&parts, &admin->realm->roles[i]) && !can_be_given(admin, &admin->realm->roles[i]))
            return 0;
    return 1;
}

int lk_admin_gives_role(const lk_admin_t *admin, const lk_role_t *role, enum en_lk_role_use_t use)
{
    int disposes = use == LK_ROLE_FOR_HOLDER ? lk_admin_can(admin, "manage-users") : can_in_area(admin, "manage", role);
    if (use != LK_ROLE_FOR_SCOPE && is_reserved(admin, role))
        return 0;
    if (!disposes)
        return lk_fine_gives_role(admin, role, use) && (use == LK_ROLE_FOR_SCOPE || can_all_be_given(admin, role));
    return use == LK_ROLE_FOR_SCOPE || can_act_by(admin, role);
}

lk_status_t lk_admin_require_roles(const lk_admin_t *admin, const json_t *ids, enum en_lk_role_use_t use, lk_error_t *err)
{
    size_t i;
    json_t *id;
    json_array_foreach(ids, i, id)
    {
        const lk_role_t *role = lk_realm_role_by_id(admin->realm, json_string_value(id));
        if (role != NULL && !lk_admin_gives_role(admin, role, use))
            return lk_fail_http(err, LK_DENIED, 403, NULL, "HTTP 403 Forbidden");
    }
    return LK_OK;
}

int lk_admin_may_create_realms(const lk_admin_t *admin)
{
    return is_master(admin->caller.realm) &&
           (has_role(&admin->caller, NULL, "admin") || has_role(&admin->caller, NULL, "create-realm"));
}
