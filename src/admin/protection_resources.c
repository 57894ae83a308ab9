/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "admin/protection.h"

/* Resources as resource servers register them (UMA 2.0 federated authorization, section 3.2). */

/* The body in the form of ResourceRepresentation: scopes may be in "resource_scopes", and names alone; whoever registers a resource
 * owns it. */
static lk_status_t read_resource(lk_admin_t *admin, lk_error_t *err)
{
    json_t *body = admin->body;
    if (!json_is_object(body))
        return lk_fail(err, LK_INVALID, "unknown_error", "Cannot parse the JSON");
    json_t *scopes = json_object_get(body, "resource_scopes");
    if (scopes != NULL)
        json_object_set(body, "scopes", scopes);
    lk_authz_take_uri(body);
    json_object_set_new(body, "owner", json_pack("{s:s}", "id", admin->id));
    lk_representation_t fields = lk_authz_resource_fields;
    fields.name = "UmaResourceRepresentation";
    return lk_admin_check(admin, &fields, err);
}

/* What was just registered says no attributes, and its scopes twice. */
lk_status_t lk_protection_resource_create(lk_admin_t *admin, lk_error_t *err)
{
    json_t *resource;
    lk_status_t status = read_resource(admin, err);
    if (status == LK_OK)
        status = lk_authz_make_resource(admin, &resource, err);
    if (status != LK_OK)
        return status;
    json_t *shown = lk_authz_show_resource(admin, resource), *scopes = json_object_get(shown, "scopes");
    json_object_set_new(shown, "resource_scopes", scopes != NULL ? json_incref(scopes) : json_array());
    json_object_del(shown, "attributes");
    return lk_authz_reply_made(admin, shown);
}

static json_t *show_listed(lk_admin_t *admin, const json_t *resource)
{
    return lk_admin_flag(admin, "deep", 0) ? lk_authz_show_resource(admin, resource) : json_string(lk_authz_id(resource));
}

lk_status_t lk_protection_resources_list(lk_admin_t *admin, lk_error_t *err)
{
    (void)err;
    return lk_authz_reply_list(admin, "resources", lk_authz_resource_is_wanted, show_listed, LK_AUTHZ_PAGE);
}

lk_status_t lk_protection_resource_get(lk_admin_t *admin, lk_error_t *err)
{
    json_t *resource, *scope;
    size_t i;
    lk_status_t status = lk_authz_find_one(admin, "resources", &resource, err);
    if (status != LK_OK)
        return status;
    json_t *shown = lk_authz_show_resource(admin, resource), *names = json_array();
    json_array_foreach(json_object_get(shown, "scopes"), i, scope)
    {
        json_array_append_new(names, json_pack("{s:O}", "name", json_object_get(scope, "name")));
    }
    json_object_set_new(shown, "owner", json_pack("{s:s}", "id", lk_protection_owner(admin, resource)));
    if (json_array_size(names) != 0)
        json_object_set(shown, "scopes", names);
    json_object_set_new(shown, "resource_scopes", names);
    return lk_admin_reply(admin, shown);
}

lk_status_t lk_protection_resource_update(lk_admin_t *admin, lk_error_t *err)
{
    json_t *resource;
    lk_status_t status = lk_authz_find_one(admin, "resources", &resource, err);
    if (status == LK_OK)
        status = read_resource(admin, err);
    return status == LK_OK ? lk_authz_resource_update(admin, err) : status;
}

lk_status_t lk_protection_resource_remove(lk_admin_t *admin, lk_error_t *err)
{
    return lk_authz_resource_remove(admin, err);
}
