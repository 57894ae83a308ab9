/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <limits.h>
#include <string.h>
#include "admin/authz.h"
#include "admin/fine_grained.h"
#include "admin/listing.h"
#include "core/time.h"
#include "crypto/crypto.h"
#include "oidc/client_policy.h"

#define CREATION_TIME "client.secret.creation.time"

/* --- the kind --- */

static json_t *show_client(lk_admin_t *admin, const json_t *rep)
{
    static const char *const children[] = {"defaultClientScopes", "optionalClientScopes"};
    json_t *shown = lk_rep_answer(&lk_client_fields, rep, 0);
    if (json_array_size(json_object_get(shown, "protocolMappers")) == 0)
        json_object_del(shown, "protocolMappers");
    if (!lk_json_bool(shown, "authorizationServicesEnabled", 0))
        json_object_del(shown, "authorizationServicesEnabled");
    if (lk_json_bool(rep, "publicClient", 0))
        json_object_del(shown, "secret");
    for (size_t i = 0; i != 2; ++i)
        json_object_set(shown, children[i], json_object_get(rep, children[i]));
    json_t *access = lk_admin_access(admin, &lk_access_to_client, lk_json_str(rep, "id", ""), NULL);
    if (lk_admin_is_fixed_client(admin->realm, lk_json_str(rep, "clientId", "")) ||
        strcmp(lk_json_str(rep, "clientId", ""), LK_ADMIN_PERMISSIONS_CLIENT) == 0)
        json_object_update_new(access, json_pack("{s:b, s:b}", "configure", 0, "manage", 0));
    json_object_set_new(shown, "access", access);
    return shown;
}

static void set_attribute(json_t *rep, const char *name, json_t *value)
{
    json_t *attributes = json_copy(json_object_get(rep, "attributes"));
    if (attributes == NULL)
        attributes = json_object();
    json_object_set_new(attributes, name, value);
    json_object_set_new(rep, "attributes", attributes);
}

static json_t *now_text(lk_arena_t *arena)
{
    return json_string(lk_printf(arena, "%lld", (long long)lk_now()));
}

static void new_secret(lk_arena_t *arena, json_t *rep)
{
    json_object_set_new(rep, "secret", json_string(lk_random_token(arena, 64)));
    set_attribute(rep, CREATION_TIME, now_text(arena));
}

/* An administrator of master has no roles and groups of the realm. */
static int is_own_user(const lk_admin_t *admin)
{
    return admin->caller.realm != NULL && strcmp(admin->caller.realm->id, admin->realm->id) == 0;
}

/* Client policies may refuse what is to be stored, or change it: before defaults are filled in. */
static lk_status_t check_policies(lk_admin_t *admin, const json_t *old, json_t *rep, lk_error_t *err)
{
    lk_policy_subject_t subject = {.stage = LK_POLICY_STORE,
                                   .req = admin->req,
                                   .realm = admin->realm,
                                   .rep = rep,
                                   .updating_user = is_own_user(admin) ? admin->caller.user : NULL,
                                   .updater = admin->updater != NULL ? admin->updater : "ByAuthenticatedUser"};
    lk_status_t status = LK_OK;
    if (old != NULL)
        status = lk_realm_client_by_uuid(admin->req->app->realms, admin->realm, lk_json_str(old, "id", ""), &subject.client, err);
    if (status == LK_OK)
        status = lk_client_policies_apply(&subject, err);
    if (status != LK_INVALID || admin->updater == NULL)
        return status;
    lk_error_t why = *err; /* whoever registers a client gets the code in place of the text, as from Keycloak */
    lk_fail_http(err, LK_DENIED, 403, "insufficient_scope", "%s", why.code);
    return lk_error_detail(err, "%s", why.text);
}

static lk_status_t prepare(lk_admin_t *admin, const json_t *old, json_t *rep, lk_error_t *err)
{
    lk_arena_t *arena = admin->req->arena;
    if (strcmp(lk_json_str(rep, "clientId", ""), LK_ADMIN_PERMISSIONS_CLIENT) == 0 ||
        strcmp(lk_json_str(old, "clientId", ""), LK_ADMIN_PERMISSIONS_CLIENT) == 0)
        return lk_fail(err, LK_INVALID, "invalid_input", "Not supported for this client.");
    lk_status_t status = lk_mappers_check(admin, &lk_kind_client, rep, err);
    if (status == LK_OK)
        status = check_policies(admin, old, rep, err);
    if (status != LK_OK)
        return status;
    if (old != NULL && json_object_get(old, "authorizationSettings") != NULL) /* changed at an address of their own */
        json_object_set(rep, "authorizationSettings", json_object_get(old, "authorizationSettings"));
    if (json_object_get(rep, "clientId") == NULL)
        json_object_set(rep, "clientId", json_object_get(rep, "id"));
    if (old == NULL && strlen(lk_json_str(rep, "id", "")) > 36)
        return lk_fail(err, LK_INVALID, "invalid_input", "Client ID must not exceed 36 characters");
    if (old == NULL && strcmp(lk_json_str(admin->body, "protocol", ""), "openid-connect") == 0)
        lk_client_rep_complete_oidc(arena, rep);
    if (json_array_size(json_object_get(rep, "webOrigins")) == 0 && json_object_get(admin->body, "redirectUris") != NULL &&
        !json_is_array(json_object_get(admin->body, "webOrigins")))
        json_object_set_new(rep, "webOrigins", lk_client_origins(json_object_get(rep, "redirectUris")));
    if (old == NULL)
        lk_client_rep_complete(arena, rep);
    else if (lk_json_bool(rep, "publicClient", 0))
        json_object_del(rep, "secret");
    else if (lk_json_str(rep, "secret", NULL) == NULL)
        new_secret(arena, rep);
    lk_mappers_complete(arena, json_object_get(rep, "protocolMappers"), old == NULL);
    return lk_client_check(admin, rep, err);
}

static const char *account_name(lk_arena_t *arena, const json_t *rep)
{
    return lk_utf8_lower(arena, lk_printf(arena, "service-account-%s", lk_json_str(rep, "clientId", "")));
}

/* A client with a service account has a user for it, with the realm's default role, and the scope of that name. */
static lk_status_t add_service_account(lk_admin_t *admin, const json_t *rep, lk_error_t *err)
{
    lk_arena_t *arena = admin->req->arena;
    const lk_role_t *role = admin->realm->default_role;
    const char *id = lk_json_str(rep, "id", ""), *user_id = lk_random_uuid(arena);
    lk_rows_t rows;
    lk_status_t status = lk_admin_sql(admin, LK_Q_SERVICE_ACCOUNT_INSERT, &rows, err, user_id, account_name(arena, rep),
                                      lk_printf(arena, "%lld", (long long)lk_now_ms()), id);
    if (status == LK_OK && rows.affected != 0 && role != NULL)
        status = lk_admin_sql(admin, LK_Q_SERVICE_ACCOUNT_ROLE, &rows, err, user_id, role->id);
    if (status == LK_OK)
        status = lk_admin_sql(admin, LK_Q_CLIENT_SCOPE_ASSIGN, &rows, err, id, "service_account", "true");
    return status;
}

static lk_status_t change_service_account(lk_admin_t *admin, const json_t *old, const json_t *rep, lk_error_t *err)
{
    lk_rows_t rows;
    const char *id = lk_json_str(rep, "id", "");
    int had = lk_json_bool(old, "serviceAccountsEnabled", 0), has = lk_json_bool(rep, "serviceAccountsEnabled", 0);
    /* Also where it has one and is told to: an imported client gets its scope by that. */
    if (has && (!had || json_is_true(json_object_get(admin->body, "serviceAccountsEnabled"))))
        return add_service_account(admin, rep, err);
    if (had && !has)
        return lk_admin_sql(admin, LK_Q_SERVICE_ACCOUNT_DELETE, &rows, err, id);
    if (has && strcmp(lk_json_str(old, "clientId", ""), lk_json_str(rep, "clientId", "")) != 0)
        return lk_admin_sql(admin, LK_Q_SERVICE_ACCOUNT_RENAME, &rows, err, id, account_name(admin->req->arena, rep));
    return LK_OK;
}

/* Roles that a client is made with (defaultRoles); an old member that still makes them. */
static lk_status_t add_roles(lk_admin_t *admin, const json_t *rep, lk_error_t *err)
{
    size_t i;
    json_t *name;
    lk_status_t status = LK_OK;
    json_t *container = lk_json_own(admin->req->arena, json_pack("{s:O}", "containerId", json_object_get(rep, "id")));
    json_array_foreach(json_object_get(rep, "defaultRoles"), i, name)
    {
        const char *id;
        json_t *role = lk_json_own(admin->req->arena, json_pack("{s:O}", "name", name));
        if (status == LK_OK)
            status = lk_kind_create(admin, &lk_kind_role, role, container, &id, err);
    }
    return status;
}

static lk_status_t written(lk_admin_t *admin, const json_t *old, const json_t *rep, lk_error_t *err)
{
    lk_arena_t *arena = admin->req->arena;
    lk_rows_t rows;
    lk_status_t status = LK_OK;
    const json_t *defaults = json_object_get(rep, "defaultClientScopes"), *optionals = json_object_get(rep, "optionalClientScopes");
    if (old == NULL)
        status = lk_admin_sql(
            admin, LK_Q_CLIENT_SCOPES_FIRST, &rows, err, lk_json_str(rep, "id", ""), lk_json_str(rep, "protocol", "openid-connect"),
            defaults != NULL ? lk_json_text(arena, defaults) : NULL, optionals != NULL ? lk_json_text(arena, optionals) : NULL);
    if (old == NULL && status == LK_OK)
        status = add_roles(admin, rep, err);
    if (status == LK_OK)
        status = change_service_account(admin, old, rep, err);
    return status == LK_OK ? lk_authz_enable(admin, old, rep, err) : status;
}

const lk_kind_t lk_kind_client = {.fields = &lk_client_fields,
                                  .id = "id",
                                  .name = "clientId",
                                  .missing = "Could not find client",
                                  .exists = "Client %s already exists",
                                  .select = LK_Q_CLIENT_SELECT,
                                  .insert = LK_Q_CLIENT_INSERT,
                                  .update = LK_Q_CLIENT_UPDATE,
                                  .remove = LK_Q_CLIENT_DELETE,
                                  .prepare = prepare,
                                  .written = written,
                                  .show = show_client};

/* --- lists --- */

typedef struct st_filter_t {
    const char *exact, *part; /* of the clientId, or NULL */
} filter_t;

static lk_status_t read_clients(lk_admin_t *admin, const lk_listing_t *listing, const lk_page_t *page, lk_rows_t *ret_rows,
                                lk_error_t *err)
{
    const filter_t *filter = listing->filter;
    return lk_admin_sql(admin, LK_Q_CLIENT_LIST, ret_rows, err, filter->exact, filter->part, page->after, page->first, page->max);
}

static int sees_client(const lk_admin_t *admin, const json_t *rep)
{
    return lk_admin_can(admin, "view-clients") ||
           lk_fine_allows(admin, LK_FINE(LK_GUARDED_CLIENTS, "view"), lk_json_str(rep, "id", ""), NULL);
}

static json_t *show_row(lk_admin_t *admin, const lk_listing_t *listing, const lk_rows_t *rows, int row)
{
    const json_t *rep = lk_admin_json(admin, rows, row, "rep");
    (void)listing;
    return sees_client(admin, rep) ? show_client(admin, rep) : NULL;
}

lk_status_t lk_clients_list(lk_admin_t *admin, lk_error_t *err)
{
    const char *client_id = lk_pairs_get(&admin->req->query, "clientId");
    lk_pairs_t attributes = lk_admin_attributes_asked(admin);
    int is_search = lk_admin_flag(admin, "search", 0);
    filter_t *filter = LK_NEW(admin->req->arena, filter_t);
    if (attributes.count != 0)
        return lk_fail(err, LK_INVALID, "invalid_request", "Attributes [%s] not allowed for search", attributes.entries[0].name);
    if (!lk_admin_can(admin, "view-clients") && admin->fine == NULL)
        return lk_admin_reply(admin, json_array());
    *filter = (filter_t){.exact = is_search ? NULL : client_id, .part = is_search ? client_id : NULL};
    return lk_admin_reply_listing(admin,
                                  &(lk_listing_t){.read = read_clients,
                                                  .show = show_row,
                                                  .filter = filter,
                                                  .max = lk_admin_number(admin, "max", LONG_MAX),
                                                  .counts_shown = !lk_admin_can(admin, "view-clients")},
                                  err);
}

int lk_client_is_internal(const lk_admin_t *admin, const char *client_id)
{
    static const char *const names[] = {"account",
                                        "account-console",
                                        "admin-cli",
                                        "broker",
                                        "realm-management",
                                        "security-admin-console",
                                        LK_ADMIN_PERMISSIONS_CLIENT};
    for (size_t i = 0; i != sizeof(names) / sizeof(names[0]); ++i)
        if (strcmp(names[i], client_id) == 0)
            return 1;
    return lk_admin_is_fixed_client(admin->realm, client_id);
}

lk_status_t lk_client_remove(lk_admin_t *admin, lk_error_t *err)
{
    const lk_client_t *client = admin->client;
    if (lk_client_is_internal(admin, client->client_id))
        return lk_fail(err, LK_INVALID, "invalid_request", "Could not delete client");
    lk_admin_tell(admin, client->id, "clientId", client->client_id);
    lk_status_t status = lk_fine_forget(admin, client->id, err);
    for (size_t i = 0; status == LK_OK && i != admin->realm->num_roles; ++i)
        if (lk_role_is_of(&admin->realm->roles[i], client->id))
            status = lk_fine_forget(admin, admin->realm->roles[i].id, err);
    return status == LK_OK ? lk_kind_remove(admin, &lk_kind_client, client->id, err) : status;
}

/* --- secret, nodes --- */

/* Changes a copy of the resolved client's representation, and stores it. */
typedef lk_status_t (*change_t)(lk_admin_t *admin, json_t *rep, lk_error_t *err);
static lk_status_t change(lk_admin_t *admin, change_t edit, json_t **ret_rep, lk_error_t *err)
{
    json_t *old;
    lk_status_t status = lk_kind_find(admin, &lk_kind_client, admin->id, &old, err);
    if (status != LK_OK)
        return status;
    *ret_rep = lk_json_own(admin->req->arena, json_deep_copy(old));
    status = edit(admin, *ret_rep, err);
    return status == LK_OK ? lk_kind_write(admin, &lk_kind_client, *ret_rep, err) : status;
}

static lk_status_t reply_secret(lk_admin_t *admin, const char *secret)
{
    return lk_admin_reply(admin, json_pack("{s:s, s:s*}", "type", "secret", "value", secret));
}

lk_status_t lk_client_secret_get(lk_admin_t *admin, lk_error_t *err)
{
    return reply_secret(admin, admin->client->secret);
}

static lk_status_t renew_secret(lk_admin_t *admin, json_t *rep, lk_error_t *err)
{
    new_secret(admin->req->arena, rep);
    return LK_OK;
}

lk_status_t lk_client_secret_renew(lk_admin_t *admin, lk_error_t *err)
{
    json_t *rep;
    lk_status_t status = change(admin, renew_secret, &rep, err);
    return status == LK_OK ? reply_secret(admin, lk_json_str(rep, "secret", NULL)) : status;
}

#define ROTATED "client.secret.rotated"

lk_status_t lk_client_rotated_secret_get(lk_admin_t *admin, lk_error_t *err)
{
    const char *secret = lk_client_attribute(admin->client, ROTATED, NULL);
    if (secret == NULL)
        return lk_fail(err, LK_NOT_FOUND, NULL, "Client does not have a rotated secret");
    return reply_secret(admin, secret);
}

static lk_status_t drop_rotated(lk_admin_t *admin, json_t *rep, lk_error_t *err)
{
    static const char *const names[] = {ROTATED, "client.secret.rotated.creation.time", "client.secret.rotated.expiration.time"};
    json_t *attributes = json_object_get(rep, "attributes");
    for (size_t i = 0; i != sizeof(names) / sizeof(names[0]); ++i)
        json_object_del(attributes, names[i]);
    return LK_OK;
}

lk_status_t lk_client_rotated_secret_remove(lk_admin_t *admin, lk_error_t *err)
{
    json_t *rep;
    return change(admin, drop_rotated, &rep, err);
}

static lk_status_t add_node(lk_admin_t *admin, json_t *rep, lk_error_t *err)
{
    static const lk_field_t fields[] = {LK_FIELD_FREE("node", STRING, 0, NULL)};
    static const lk_representation_t node_rep = LK_REPRESENTATION_OPEN("Map", fields);
    lk_status_t status = lk_admin_check(admin, &node_rep, err);
    const char *node = status == LK_OK ? lk_json_str(admin->body, "node", NULL) : NULL;
    json_t *nodes = json_object_get(rep, "registeredNodes");
    if (status != LK_OK)
        return status;
    if (node == NULL)
        return lk_fail(err, LK_INVALID, NULL, "Node not found in params");
    if (nodes == NULL)
        json_object_set_new(rep, "registeredNodes", nodes = json_object());
    json_object_set_new(nodes, node, json_integer(lk_now()));
    return LK_OK;
}

lk_status_t lk_client_node_add(lk_admin_t *admin, lk_error_t *err)
{
    json_t *rep;
    return change(admin, add_node, &rep, err);
}

static lk_status_t drop_node(lk_admin_t *admin, json_t *rep, lk_error_t *err)
{
    if (json_object_del(json_object_get(rep, "registeredNodes"), admin->args[0]) != 0)
        return lk_fail(err, LK_NOT_FOUND, NULL, "Client does not have node ");
    return LK_OK;
}

lk_status_t lk_client_node_remove(lk_admin_t *admin, lk_error_t *err)
{
    json_t *rep;
    return change(admin, drop_node, &rep, err);
}

lk_status_t lk_client_set_attributes(lk_admin_t *admin, const json_t *values, lk_error_t *err)
{
    json_t *old, *value;
    const char *name;
    lk_status_t status = lk_kind_find(admin, &lk_kind_client, admin->id, &old, err);
    if (status != LK_OK)
        return status;
    json_t *rep = lk_json_own(admin->req->arena, json_deep_copy(old)), *attributes = json_object_get(rep, "attributes");
    if (attributes == NULL)
        json_object_set_new(rep, "attributes", attributes = json_object());
    json_object_foreach((json_t *)values, name, value)
    {
        if (json_is_null(value))
            json_object_del(attributes, name);
        else
            json_object_set(attributes, name, value);
    }
    return lk_kind_write(admin, &lk_kind_client, rep, err);
}

lk_status_t lk_client_service_account(lk_admin_t *admin, lk_error_t *err)
{
    if (admin->client->service_account == NULL)
        return lk_fail(err, LK_INVALID, NULL, "Service account not enabled for the client '%s'", admin->client->client_id);
    return lk_admin_reply_user(admin, admin->client->service_account->id, err);
}

/* Adapters that listened at their admin URL are no more: nobody is asked, and nobody fails. */
lk_status_t lk_client_reach_nodes(lk_admin_t *admin, lk_error_t *err)
{
    if (strcmp(admin->req->method, "POST") == 0 && lk_admin_is_fixed_client(admin->realm, admin->client->client_id))
        return lk_fail_http(err, LK_DENIED, 403, NULL, "HTTP 403 Forbidden");
    return lk_admin_reply(admin, json_object());
}
