/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "admin/handlers.h"
#include "admin/registration.h"
#include "model/export.h"

/* What can be asked of a realm besides its representation. */

/* --- partial export --- */

static void mask(json_t *object, const char *member)
{
    json_t *value = json_object_get(object, member);
    if (json_is_string(value) && *json_string_value(value) != '\0' && strncmp(json_string_value(value), "${vault.", 8) != 0)
        json_object_set_new(object, member, json_string("**********"));
}

/* Nothing leaves this way that could be used to sign in or to sign. */
static void mask_secrets(json_t *realm)
{
    static const char *const settings[] = {"privateKey", "secret", "keystorePassword", "keyPassword", "bindCredential"};
    const char *type;
    size_t i;
    json_t *entry, *list;
    json_array_foreach(json_object_get(realm, "clients"), i, entry)
    {
        mask(entry, "secret");
    }
    json_array_foreach(json_object_get(realm, "identityProviders"), i, entry)
    {
        mask(json_object_get(entry, "config"), "clientSecret");
    }
    mask(json_object_get(realm, "smtpServer"), "password");
    json_object_foreach(json_object_get(realm, "components"), type, list)
    {
        json_array_foreach(list, i, entry)
        {
            for (size_t j = 0; j != sizeof(settings) / sizeof(settings[0]); ++j)
                if (json_object_get(json_object_get(entry, "config"), settings[j]) != NULL)
                    json_object_set_new(json_object_get(entry, "config"), settings[j], json_pack("[s]", "**********"));
        }
    }
}

static void remove_members(json_t *object, const char *const *names)
{
    for (; *names != NULL; ++names)
        json_object_del(object, *names);
}

/* Users that belong to clients go with them. */
static lk_status_t add_service_accounts(lk_admin_t *admin, json_t *realm, lk_error_t *err)
{
    lk_rows_t rows;
    json_t *users = json_array();
    lk_status_t status =
        lk_query(admin->req->app->sql, admin->req->arena, LK_Q_PARTIAL_SERVICE_ACCOUNTS, &rows, err, admin->realm->id);
    for (int i = 0; status == LK_OK && i != rows.count; ++i)
        json_array_append(users, lk_admin_json(admin, &rows, i, "rep"));
    json_object_set_new(realm, "users", users);
    return status;
}

lk_status_t lk_partial_export(lk_admin_t *admin, lk_error_t *err)
{
    static const char *const of_clients[] = {"clients", "clientScopeMappings", NULL},
                             *const of_groups[] = {"groups", "roles", NULL}, *const never[] = {"users", "federatedUsers", NULL};
    lk_sql_t *tx = NULL;
    json_t *realm = NULL;
    lk_status_t status = lk_tx_begin(admin->req->app->store, LK_REPEATABLE_READ_ONLY, &tx, err);
    if (status == LK_OK)
        status = lk_export_realm(tx, admin->req->arena, admin->realm->id, &realm, err);
    lk_tx_rollback(&tx);
    if (status != LK_OK)
        return status;
    int clients = lk_admin_flag(admin, "exportClients", 0), groups = lk_admin_flag(admin, "exportGroupsAndRoles", 0);
    remove_members(realm, never);
    if (!clients)
        remove_members(realm, of_clients);
    if (!groups)
        remove_members(realm, of_groups);
    else if (!clients)
        json_object_del(json_object_get(realm, "roles"), "client");
    mask_secrets(realm);
    if (clients && (status = add_service_accounts(admin, realm, err)) != LK_OK)
        return status;
    return lk_admin_reply(admin, json_incref(realm));
}

/* --- a client from its description --- */

lk_status_t lk_describe_client(lk_admin_t *admin, lk_error_t *err)
{
    const lk_request_t *req = admin->req;
    json_t *body = NULL, *rep;
    if (lk_json_parse_kept(req->arena, (const char *)req->body.base, req->body.len, &body, NULL) != LK_OK || !json_is_object(body))
        return lk_fail(err, LK_INVALID, NULL, "Unsupported format");
    lk_status_t status = LK_OK;
    lk_admin_t one = *admin;
    one.body = body;
    if (json_object_get(body, "redirect_uris") != NULL) {
        status = lk_oidc_metadata_read(&one, body, &rep, err);
        return status == LK_OK ? lk_admin_reply(admin, json_incref(rep)) : status;
    }
    if (json_object_get(body, "clientId") == NULL)
        return lk_fail(err, LK_INVALID, NULL, "Unsupported format");
    status = lk_admin_check(&one, &lk_client_fields, err);
    return status == LK_OK ? lk_admin_reply(admin, json_incref(body)) : status;
}

/* --- lists --- */

lk_status_t lk_registration_policy_types(lk_admin_t *admin, lk_error_t *err)
{
    json_t *list = json_array(), *type,
           *types = json_object_get(lk_catalogue(admin, LK_SERVER_INFO, "componentTypes"), LK_REGISTRATION_POLICIES);
    size_t i;
    json_array_foreach(types, i, type)
    {
        json_array_append_new(list, json_pack("{s:O, s:s, s:o}", "id", json_object_get(type, "id"), "helpText", "", "properties",
                                              lk_provider_properties(type)));
    }
    return lk_admin_reply(admin, list);
}

/* Applications that had registered themselves with an admin URL would be told; sessions here are asked for, so that there is
 * nothing to push. */
lk_status_t lk_push_revocation(lk_admin_t *admin, lk_error_t *err)
{
    return lk_admin_reply(admin, json_object());
}

/* What is cached goes by the realm's version, which every write of the realm makes the next one. */
lk_status_t lk_cache_clear(lk_admin_t *admin, lk_error_t *err)
{
    (void)admin, (void)err;
    return LK_OK;
}

/* --- what the administration console asks beside Keycloak's API --- */

lk_status_t lk_ui_realm_names(lk_admin_t *admin, lk_error_t *err)
{
    lk_rows_t rows;
    lk_status_t status = lk_query(admin->req->app->sql, admin->req->arena, LK_Q_ADMIN_REALM_LIST, &rows, err, NULL);
    if (status != LK_OK)
        return status;
    json_t *list = json_array();
    for (int i = 0; i != rows.count; ++i) {
        const lk_realm_t *realm;
        if (lk_realms_get(admin->req->app->realms, admin->req->arena, lk_row_str(&rows, i, "name"), &realm, NULL) == LK_OK &&
            lk_admin_caller_can(admin->req->arena, &admin->caller, realm, LK_ADMIN_ANY_ROLE))
            json_array_append_new(list, json_pack("{s:s, s:s*}", "name", realm->name, "displayName", realm->display_name));
    }
    return lk_admin_reply(admin, lk_admin_page(admin, list, LK_ADMIN_ALL));
}

lk_status_t lk_ui_info(lk_admin_t *admin, lk_error_t *err)
{
    return lk_admin_reply(admin, json_pack("{s:b}", "userProfileProvidersEnabled", 0));
}

lk_status_t lk_ui_listeners(lk_admin_t *admin, lk_error_t *err)
{
    return lk_admin_reply(admin, json_pack("[{s:s}]", "id", "jboss-logging"));
}
