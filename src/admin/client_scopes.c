/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "admin/fine_grained.h"
#include "model/parameter.h"

/* Client scopes, which of them new clients get, and which a client has. */

static int is_name(const char *name)
{
    return *name != '\0' &&
           name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:/+*~!$'()@%&=,;")] == '\0';
}

static lk_status_t prepare(lk_admin_t *admin, const json_t *old, json_t *rep, lk_error_t *err)
{
    const char *name = lk_json_str(rep, "name", ""), *protocol = lk_json_str(rep, "protocol", "");
    if (!is_name(name))
        return lk_admin_message(err, LK_INVALID, lk_printf(admin->req->arena, "Unexpected name \"%s\" for ClientScope", name));
    if (old == NULL && strcmp(protocol, "openid-connect") != 0 && strcmp(protocol, "saml") != 0)
        return lk_admin_message(err, LK_INVALID, "Unexpected protocol");
    const char *complaint = lk_parameter_complaint(admin->req->arena, json_object_get(rep, "attributes"));
    if (complaint != NULL)
        return lk_admin_message(err, LK_INVALID, complaint);
    lk_status_t status = lk_mappers_check(admin, &lk_kind_client_scope, rep, err);
    if (status != LK_OK)
        return status;
    lk_mappers_complete(admin->req->arena, json_object_get(rep, "protocolMappers"), old == NULL);
    return LK_OK;
}

static json_t *show(lk_admin_t *admin, const json_t *rep)
{
    json_t *shown = lk_rep_answer(&lk_scope_fields, rep, 0);
    if (json_object_get(shown, "attributes") == NULL)
        json_object_set_new(shown, "attributes", json_object());
    if (json_array_size(json_object_get(shown, "protocolMappers")) == 0)
        json_object_del(shown, "protocolMappers");
    return shown;
}

const lk_kind_t lk_kind_client_scope = {.fields = &lk_scope_fields,
                                        .id = "id",
                                        .name = "name",
                                        .missing = "Could not find client scope",
                                        .exists = "Client Scope %s already exists",
                                        .taken = "Client Scope %s already exists",
                                        .select = LK_Q_SCOPE_SELECT,
                                        .insert = LK_Q_SCOPE_INSERT,
                                        .update = LK_Q_SCOPE_UPDATE,
                                        .remove = LK_Q_SCOPE_DELETE,
                                        .prepare = prepare,
                                        .show = show};

/* Client scopes are for those to see who see all clients. */
static int sees_scopes(const lk_admin_t *admin)
{
    return lk_admin_can(admin, "view-clients") || lk_fine_allows(admin, LK_FINE(LK_GUARDED_CLIENTS, "view"), NULL, NULL);
}

lk_status_t lk_client_scopes_list(lk_admin_t *admin, lk_error_t *err)
{
    return sees_scopes(admin) ? lk_admin_list(admin, err) : lk_admin_reply(admin, json_array());
}

/* An update leaves the protocol mappers alone: they have addresses of their own. */
lk_status_t lk_client_scope_update(lk_admin_t *admin, lk_error_t *err)
{
    if (json_is_object(admin->body) && json_object_get(admin->body, "name") == NULL)
        return lk_admin_message(err, LK_INVALID, "Unexpected name \"null\" for ClientScope");
    json_object_del(admin->body, "protocolMappers");
    return lk_admin_update(admin, err);
}

/* --- the realm's: kind of the mount is "default" or "optional" --- */

static json_t *show_briefly(const lk_scope_t *scope, int with_protocol)
{
    return json_pack("{s:s, s:s, s:s*}", "id", scope->id, "name", scope->name, "protocol", with_protocol ? scope->protocol : NULL);
}

lk_status_t lk_realm_scopes_list(lk_admin_t *admin, lk_error_t *err)
{
    const char *kind = admin->mount->kind;
    json_t *list = json_array();
    for (size_t i = 0; i != admin->realm->num_scopes; ++i) {
        const lk_scope_t *scope = &admin->realm->scopes[i];
        if (scope->realm_default != NULL && strcmp(scope->realm_default, kind) == 0)
            json_array_append_new(list, show_briefly(scope, 1));
    }
    return lk_admin_reply(admin, list);
}

static lk_status_t named_scope(lk_admin_t *admin, const lk_scope_t **ret_scope, lk_error_t *err)
{
    *ret_scope = lk_realm_scope_by_id(admin->realm, admin->args[0]);
    return *ret_scope != NULL ? LK_OK : lk_fail(err, LK_NOT_FOUND, NULL, "Client scope not found");
}

/* Scopes with a parameter cannot be: nobody would have said with which. */
static int is_default(const lk_admin_t *admin)
{
    return strcmp(admin->mount->kind, "default") == 0;
}

lk_status_t lk_realm_scope_add(lk_admin_t *admin, lk_error_t *err)
{
    const lk_scope_t *scope;
    lk_rows_t rows;
    lk_status_t status = named_scope(admin, &scope, err);
    if (status != LK_OK)
        return status;
    if (scope->realm_default != NULL)
        return lk_fail(err, LK_CONFLICT, "conflict", "Duplicate resource error");
    if (is_default(admin) && scope->parameter != LK_PARAMETER_NONE)
        return lk_admin_message(err, LK_INVALID, "Can't assign a Parameterized Scope as a Default Scope");
    return lk_admin_sql(admin, LK_Q_SCOPE_SET_REALM_DEFAULT, &rows, err, scope->id, admin->mount->kind);
}

lk_status_t lk_realm_scope_remove(lk_admin_t *admin, lk_error_t *err)
{
    const lk_scope_t *scope;
    lk_rows_t rows;
    lk_status_t status = named_scope(admin, &scope, err);
    return status == LK_OK ? lk_admin_sql(admin, LK_Q_SCOPE_SET_REALM_DEFAULT, &rows, err, scope->id, NULL) : status;
}

/* --- a client's: the same --- */

lk_status_t lk_scopes_of_client_list(lk_admin_t *admin, lk_error_t *err)
{
    const lk_scope_t *const *scopes = is_default(admin) ? admin->client->default_scopes : admin->client->optional_scopes;
    size_t count = is_default(admin) ? admin->client->num_default_scopes : admin->client->num_optional_scopes;
    json_t *list = json_array();
    for (size_t i = 0; i != count && sees_scopes(admin); ++i)
        if (strcmp(scopes[i]->protocol, admin->client->protocol) == 0)
            json_array_append_new(list, show_briefly(scopes[i], 0));
    return lk_admin_reply(admin, list);
}

lk_status_t lk_scope_of_client_add(lk_admin_t *admin, lk_error_t *err)
{
    const lk_scope_t *scope;
    lk_rows_t rows;
    lk_status_t status = named_scope(admin, &scope, err);
    if (status != LK_OK)
        return status;
    if (is_default(admin) && scope->parameter != LK_PARAMETER_NONE)
        return lk_fail(err, LK_INVALID, "invalid_request", "Can't assign a Parameterized Scope to a Client as a Default Scope");
    return lk_admin_sql(admin, LK_Q_CLIENT_SCOPE_ASSIGN, &rows, err, admin->id, scope->id, is_default(admin) ? "true" : "false");
}

lk_status_t lk_scope_of_client_remove(lk_admin_t *admin, lk_error_t *err)
{
    const lk_scope_t *scope;
    lk_rows_t rows;
    lk_status_t status = named_scope(admin, &scope, err);
    return status == LK_OK ? lk_admin_sql(admin, LK_Q_CLIENT_SCOPE_UNASSIGN, &rows, err, admin->id, scope->id) : status;
}
