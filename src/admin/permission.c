/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "admin/admin.h"

#define MASTER "master"
#define MANAGEMENT "realm-management" /* the client that holds a realm's admin roles; in master it is called <realm>-realm */

static int is_master(const lk_realm_t *realm)
{
    return strcmp(realm->name, MASTER) == 0;
}

static int has_role(const lk_admin_caller_t *caller, const char *client, const char *name)
{
    const lk_role_t *role = lk_realm_role(caller->realm, client, name);
    return role != NULL && lk_role_set_has(&caller->roles, role);
}

/* Managing something is seeing it too. */
static int has_or_manages(lk_arena_t *arena, const lk_admin_caller_t *caller, const char *client, const char *name)
{
    return has_role(caller, client, name) ||
           (strncmp(name, "view-", 5) == 0 && has_role(caller, client, lk_printf(arena, "manage-%s", name + 5)));
}

int lk_admin_caller_can(lk_arena_t *arena, const lk_admin_caller_t *caller, const lk_realm_t *realm, const char *roles)
{
    const char *client = is_master(caller->realm) ? lk_printf(arena, "%s-realm", realm->name) : MANAGEMENT;
    if (!is_master(caller->realm) && strcmp(caller->realm->name, realm->name) != 0)
        return 0;
    for (const char *at = roles + strspn(roles, " "); *at != '\0'; at += strspn(at, " ")) {
        size_t len = strcspn(at, " ");
        if (has_or_manages(arena, caller, client, lk_strndup(arena, at, len)))
            return 1;
        at += len;
    }
    return 0;
}

int lk_admin_can(const lk_admin_t *admin, const char *roles)
{
    return lk_admin_caller_can(admin->req->arena, &admin->caller, admin->realm, roles);
}

lk_status_t lk_admin_require(const lk_admin_t *admin, const char *roles, lk_error_t *err)
{
    return lk_admin_can(admin, roles) ? LK_OK : lk_fail_http(err, LK_DENIED, 403, NULL, "HTTP 403 Forbidden");
}

int lk_admin_may_create_realms(const lk_admin_t *admin)
{
    return is_master(admin->caller.realm) &&
           (has_role(&admin->caller, NULL, "admin") || has_role(&admin->caller, NULL, "create-realm"));
}
