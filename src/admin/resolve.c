/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "admin/handlers.h"

/* Each finds what the placeholders of a mount's prefix name, params[1] being the first after the realm's. */

lk_status_t lk_admin_find_client(lk_admin_t *admin, const char *id, const char *missing, const lk_client_t **ret_client,
                                 lk_error_t *err)
{
    lk_status_t status = lk_realm_client_by_uuid(admin->req->app->realms, admin->realm, id, ret_client, err);
    return status == LK_OK && *ret_client == NULL ? lk_fail(err, LK_NOT_FOUND, NULL, "%s", missing) : status;
}

lk_status_t lk_resolve_client(lk_admin_t *admin, lk_error_t *err)
{
    admin->id = admin->req->params[1];
    return lk_admin_find_client(admin, admin->id, "Could not find client", &admin->client, err);
}

lk_status_t lk_resolve_scope(lk_admin_t *admin, lk_error_t *err)
{
    admin->id = admin->req->params[1];
    admin->scope = lk_realm_scope_by_id(admin->realm, admin->id);
    return admin->scope != NULL ? LK_OK : lk_fail(err, LK_NOT_FOUND, NULL, "Could not find client scope");
}

lk_status_t lk_resolve_group(lk_admin_t *admin, lk_error_t *err)
{
    admin->id = admin->req->params[1];
    admin->group = lk_realm_group_by_id(admin->realm, admin->id);
    return admin->group != NULL
               ? LK_OK
               : lk_admin_refuse_organization_group(admin, admin->id,
                                                    "Cannot manage organization related group via non Organization API.",
                                                    "Could not find group by id", err);
}

lk_status_t lk_resolve_group_by_path(lk_admin_t *admin, lk_error_t *err)
{
    const char *path = admin->req->params[1];
    admin->group = lk_realm_group_by_path(admin->realm, *path == '/' ? path : lk_printf(admin->req->arena, "/%s", path));
    if (admin->group == NULL)
        return lk_fail(err, LK_NOT_FOUND, NULL, "Group path does not exist");
    admin->id = admin->group->id;
    return LK_OK;
}

lk_status_t lk_resolve_user(lk_admin_t *admin, lk_error_t *err)
{
    admin->id = admin->req->params[1];
    lk_status_t status = lk_user_by_id(admin->sql, admin->req->arena, admin->realm, admin->id, &admin->user, err);
    if (status == LK_OK && admin->user == NULL)
        return lk_fail(err, LK_NOT_FOUND, NULL, "User not found");
    return status;
}

static lk_status_t found_role(lk_admin_t *admin, const lk_role_t *role, const char *missing, lk_error_t *err)
{
    if (role == NULL)
        return lk_fail(err, LK_NOT_FOUND, NULL, "%s", missing);
    admin->role = role;
    admin->id = role->id;
    return LK_OK;
}

lk_status_t lk_resolve_realm_role(lk_admin_t *admin, lk_error_t *err)
{
    return found_role(admin, lk_realm_role(admin->realm, NULL, admin->req->params[1]), "Could not find role", err);
}

lk_status_t lk_resolve_client_role(lk_admin_t *admin, lk_error_t *err)
{
    lk_status_t status = lk_resolve_client(admin, err);
    if (status != LK_OK)
        return status;
    return found_role(admin, lk_realm_role(admin->realm, admin->client->client_id, admin->req->params[2]), "Could not find role",
                      err);
}

lk_status_t lk_resolve_role_by_id(lk_admin_t *admin, lk_error_t *err)
{
    return found_role(admin, lk_realm_role_by_id(admin->realm, admin->req->params[1]), "Could not find role with id", err);
}
