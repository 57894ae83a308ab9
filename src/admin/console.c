/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include "admin/fine_grained.h"
#include "admin/flows.h"
#include "admin/handlers.h"
#include "model/snapshot.h"

/* What Keycloak's administration console asks beside the admin REST API, below ui-ext: roles of anything that has some, in one
 * list. */

#define PAGE 10
#define HIDDEN "saml ecp" /* a flow that the console does not show */

/* --- who has roles --- */

static lk_status_t find_user(lk_admin_t *admin, lk_error_t *err)
{
    lk_status_t status = lk_user_by_id(admin->sql, admin->req->arena, admin->realm, admin->id, &admin->user, err);
    return status == LK_OK && admin->user == NULL ? lk_fail(err, LK_NOT_FOUND, NULL, "User not found") : status;
}

static lk_status_t find_group(lk_admin_t *admin, lk_error_t *err)
{
    admin->group = lk_realm_group_by_id(admin->realm, admin->id);
    return admin->group != NULL ? LK_OK : lk_fail(err, LK_NOT_FOUND, NULL, "Could not find group");
}

static lk_status_t find_client(lk_admin_t *admin, lk_error_t *err)
{
    return lk_admin_find_client(admin, admin->id, "Could not find client", &admin->client, err);
}

static lk_status_t find_scope(lk_admin_t *admin, lk_error_t *err)
{
    admin->scope = lk_realm_scope_by_id(admin->realm, admin->id);
    return admin->scope != NULL ? LK_OK : lk_fail(err, LK_NOT_FOUND, NULL, "Could not find client scope");
}

/* None, where there is no such role: whatever a role is composed of is asked for with it. */
static lk_status_t find_role(lk_admin_t *admin, lk_error_t *err)
{
    admin->role = lk_realm_role_by_id(admin->realm, admin->id);
    return LK_OK;
}

static const struct holder_t {
    const char *name, *area;
    lk_status_t (*find)(lk_admin_t *admin, lk_error_t *err);
    const lk_role_holder_t *roles; /* NULL: a role's composites */
    enum en_lk_role_use_t use;
    lk_guarded_t type;
    int is_of_all;              /* permissions of all of the type are asked, not of the one */
    const char *sees, *changes; /* scopes; NULL: for roles alone */
} holders[] = {
    {"users", "users", find_user, &lk_roles_of_user, LK_ROLE_FOR_HOLDER, LK_GUARDED_USERS, 0, "view", "map-roles"},
    {"groups", "users", find_group, &lk_roles_of_group, LK_ROLE_FOR_HOLDER, LK_GUARDED_GROUPS, 0, "view", "manage"},
    {"clients", "clients", find_client, &lk_roles_of_client, LK_ROLE_FOR_SCOPE, LK_GUARDED_CLIENTS, 0, "view", "manage"},
    {"clientScopes", "clients", find_scope, &lk_roles_of_scope, LK_ROLE_FOR_SCOPE, LK_GUARDED_CLIENTS, 1, "view", "manage"},
    {"roles", "realm", find_role, NULL, LK_ROLE_FOR_ROLE, LK_GUARDED_ROLES, 0, NULL, NULL},
};
#define NUM_HOLDERS (sizeof(holders) / sizeof(holders[0]))

static int allows(const lk_admin_t *admin, const struct holder_t *holder, const char *scope)
{
    const lk_fine_scope_t asked = {holder->type, scope, NULL};
    return scope != NULL && lk_fine_allows(admin, &asked, holder->is_of_all ? NULL : admin->id, admin->user);
}

/* By a role, or by a permission: whoever has none of these is not told that there is no such thing. */
static lk_status_t find(lk_admin_t *admin, const char *action, const struct holder_t **ret_holder, lk_error_t *err)
{
    size_t i = 0;
    while (i != NUM_HOLDERS && strcmp(holders[i].name, admin->args[0]) != 0)
        ++i;
    if (i == NUM_HOLDERS)
        return lk_fail(err, LK_NOT_FOUND, NULL, "HTTP 404 Not Found");
    const struct holder_t *holder = *ret_holder = &holders[i];
    lk_status_t status = lk_admin_require(admin, lk_printf(admin->req->arena, "%s-%s", action, holder->area), err);
    admin->id = admin->args[1];
    if (status == LK_OK)
        return holder->find(admin, err);
    if (holder->find(admin, NULL) != LK_OK)
        return status;
    if (strcmp(action, "view") == 0)
        return allows(admin, holder, holder->sees) ? LK_OK : status;
    int is_internal = admin->client != NULL && lk_client_is_internal(admin, admin->client->client_id);
    return !is_internal && allows(admin, holder, holder->changes) ? LK_OK : status;
}

/* What is held directly. */
static lk_status_t read_direct(lk_admin_t *admin, const struct holder_t *holder, const lk_role_t *const **ret_roles,
                               size_t *ret_count, lk_error_t *err)
{
    lk_rows_t rows;
    *ret_count = holder->roles == NULL && admin->role != NULL ? admin->role->num_children : 0;
    *ret_roles = *ret_count != 0 ? admin->role->children : NULL;
    if (holder->roles == NULL)
        return LK_OK;
    lk_status_t status = lk_admin_sql(admin, holder->roles->roles, &rows, err, admin->id);
    if (status == LK_OK && rows.count != 0)
        *ret_roles = lk_roles_resolve(admin->req->arena, admin->realm, lk_row_str(&rows, 0, "role_ids"), ret_count);
    return status;
}

/* --- lists --- */

static json_t *show_client_role(const lk_role_t *role)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:s*}", "id", role->id, "role", role->name, "client", role->client_id, "clientId",
                     role->client_uuid, "description", lk_json_str(role->rep, "description", NULL));
}

static json_t *show_any_role(const lk_role_t *role)
{
    return json_pack("{s:s, s:s, s:b, s:s*, s:s*, s:s*}", "id", role->id, "name", role->name, "clientRole",
                     role->client_uuid != NULL, "client", role->client_id, "clientId", role->client_uuid, "description",
                     lk_json_str(role->rep, "description", NULL));
}

static int by_client(const void *a, const void *b)
{
    const lk_role_t *first = *(const lk_role_t *const *)a, *second = *(const lk_role_t *const *)b;
    int order = strcmp(first->client_id != NULL ? first->client_id : "", second->client_id != NULL ? second->client_id : "");
    return order != 0 ? order : strcmp(first->name, second->name);
}

/* Those of the set, by client and name. */
static const lk_role_t **sorted(const lk_admin_t *admin, const lk_role_set_t *set, int clients_only, size_t *ret_count)
{
    const lk_role_t **roles = LK_NEW_ARRAY(admin->req->arena, const lk_role_t *, admin->realm->num_roles + 1);
    *ret_count = 0;
    for (size_t i = 0; i != admin->realm->num_roles; ++i)
        if (lk_role_set_has(set, &admin->realm->roles[i]) && (!clients_only || admin->realm->roles[i].client_uuid != NULL))
            roles[(*ret_count)++] = &admin->realm->roles[i];
    qsort(roles, *ret_count, sizeof(roles[0]), by_client);
    return roles;
}

static int is_asked(const lk_role_t *role, const char *search)
{
    return search == NULL || *search == '\0' || strcasestr(role->name, search) != NULL ||
           strcasestr(role->client_id, search) != NULL;
}

/* A user takes a permission of its own to be given roles. */
static int gives(const lk_admin_t *admin, const struct holder_t *holder, const lk_role_t *role)
{
    int may_change = admin->user == NULL || lk_admin_can(admin, "manage-users") || allows(admin, holder, holder->changes);
    return may_change && lk_admin_gives_role(admin, role, holder->use);
}

/* Roles of clients that the caller could give: all but those that are held, and a client's own for its scope. Of what a role could
 * be composed of anybody may ask. */
lk_status_t lk_console_available(lk_admin_t *admin, lk_error_t *err)
{
    const struct holder_t *holder;
    const lk_role_t *const *direct;
    size_t count;
    lk_role_set_t held, all;
    lk_status_t status = find(admin, "view", &holder, err);
    if (status == LK_DENIED && holder->roles == NULL)
        status = holder->find(admin, err);
    if (status == LK_OK)
        status = read_direct(admin, holder, &direct, &count, err);
    if (status != LK_OK)
        return status;
    lk_role_set_init(&held, admin->req->arena, admin->realm);
    lk_role_set_direct(&held, direct, count);
    lk_role_set_init(&all, admin->req->arena, admin->realm);
    for (size_t i = 0; i != admin->realm->num_roles; ++i) {
        const lk_role_t *role = &admin->realm->roles[i];
        int is_own = admin->client != NULL && lk_role_is_of(role, admin->client->id);
        if (!lk_role_set_has(&held, role) && !is_own && gives(admin, holder, role))
            lk_role_set_direct(&all, &role, 1);
    }
    const lk_role_t **roles = sorted(admin, &all, 1, &count);
    const char *search = lk_pairs_get(&admin->req->query, "search");
    size_t skip = (size_t)lk_admin_number(admin, "first", 0), left = (size_t)lk_admin_number(admin, "max", PAGE);
    json_t *list = json_array();
    for (size_t i = 0; i != count && left != 0; ++i) {
        if (!is_asked(roles[i], search) || (skip != 0 && skip-- != 0))
            continue;
        json_array_append_new(list, show_client_role(roles[i]));
        --left;
    }
    return lk_admin_reply(admin, list);
}

/* With all that the held ones are composed of, as far as the caller sees roles. */
static lk_status_t effective(lk_admin_t *admin, int clients_only, lk_error_t *err)
{
    const struct holder_t *holder;
    const lk_role_t *const *direct;
    size_t count;
    lk_role_set_t set;
    lk_status_t status = find(admin, "view", &holder, err);
    if (status == LK_OK)
        status = read_direct(admin, holder, &direct, &count, err);
    if (status != LK_OK)
        return status;
    if (admin->user != NULL) {
        lk_user_roles(admin->req->arena, admin->realm, admin->user, &set);
    } else {
        lk_role_set_init(&set, admin->req->arena, admin->realm);
        for (size_t i = 0; holder->roles != NULL && i != count; ++i)
            lk_role_set_add(&set, direct[i]);
        if (holder->roles == NULL && clients_only) /* a role's page shows what all users have besides */
            lk_role_set_add(&set, admin->realm->default_role);
        else if (admin->role != NULL)
            lk_role_set_add(&set, admin->role);
    }
    const lk_role_t **roles = sorted(admin, &set, clients_only, &count);
    json_t *list = json_array();
    for (size_t i = 0; i != count; ++i)
        if (lk_admin_sees_role(admin, roles[i]))
            json_array_append_new(list, clients_only ? show_client_role(roles[i]) : show_any_role(roles[i]));
    return lk_admin_reply(admin, list);
}

lk_status_t lk_console_effective(lk_admin_t *admin, lk_error_t *err)
{
    return effective(admin, 1, err);
}

lk_status_t lk_console_effective_all(lk_admin_t *admin, lk_error_t *err)
{
    return effective(admin, 0, err);
}

/* A role's parts in the shape of role mappings. */
lk_status_t lk_console_composites(lk_admin_t *admin, lk_error_t *err)
{
    const lk_role_t *role = lk_realm_role_by_id(admin->realm, admin->args[0]);
    json_t *shown = json_object(), *realm = json_array(), *clients = json_object();
    for (size_t i = 0; role != NULL && i != role->num_children; ++i) {
        const lk_role_t *part = role->children[i];
        json_t *rep = lk_role_show(admin->realm, part, 1);
        if (part->client_id == NULL) {
            json_array_append_new(realm, rep);
            continue;
        }
        json_t *client = json_object_get(clients, part->client_id);
        if (client == NULL) {
            client = json_pack("{s:s, s:s, s:[]}", "id", part->client_uuid, "client", part->client_id, "mappings");
            json_object_set_new(clients, part->client_id, client);
        }
        json_object_set_new(rep, "containerId", json_string(part->client_id));
        json_array_append_new(json_object_get(client, "mappings"), rep);
    }
    if (json_array_size(realm) != 0)
        json_object_set(shown, "realmMappings", realm);
    if (json_object_size(clients) != 0)
        json_object_set(shown, "clientMappings", clients);
    json_decref(realm);
    json_decref(clients);
    return lk_admin_reply(admin, shown);
}

/* --- taking roles away, of the realm and of clients at once --- */

static const lk_field_t request_fields[] = {
    LK_FIELD_FREE("roleId", STRING, 0, NULL),
    LK_FIELD_FREE("roleName", STRING, 0, NULL),
    LK_FIELD_FREE("clientId", STRING, 0, NULL),
};
static const lk_representation_t request_rep = LK_REPRESENTATION("RoleDeleteRequest", request_fields);

lk_status_t lk_console_take(lk_admin_t *admin, lk_error_t *err)
{
    const struct holder_t *holder;
    json_t *ids = lk_json_own(admin->req->arena, json_array()), *entry;
    size_t i;
    lk_rows_t rows;
    lk_status_t status = find(admin, "manage", &holder, err);
    if (status == LK_OK)
        status = lk_admin_check_all(admin, &request_rep, err);
    if (status != LK_OK)
        return status;
    json_array_foreach(admin->body, i, entry)
    {
        const lk_role_t *role = lk_realm_role_by_id(admin->realm, lk_json_str(entry, "roleId", ""));
        if (role != NULL)
            json_array_append_new(ids, json_string(role->id));
    }
    if ((status = lk_admin_require_roles(admin, ids, holder->use, err)) != LK_OK)
        return status;
    enum en_lk_query_t remove = holder->roles != NULL ? holder->roles->remove : LK_Q_ROLE_COMPOSITES_REMOVE;
    return lk_admin_sql(admin, remove, &rows, err, admin->id, lk_json_text(admin->req->arena, ids));
}

/* --- workflows: the console asks for them, and none can be made here --- */

lk_status_t lk_workflows_list(lk_admin_t *admin, lk_error_t *err)
{
    return lk_admin_reply(admin, json_array());
}

/* --- flows, and what uses them --- */

static const char *const bindings[] = {"browserFlow",          "registrationFlow",         "directGrantFlow",
                                       "resetCredentialsFlow", "dockerAuthenticationFlow", "clientAuthenticationFlow",
                                       "firstBrokerLoginFlow"};

static int is_bound(const lk_admin_t *admin, const char *alias)
{
    for (size_t i = 0; i != sizeof(bindings) / sizeof(bindings[0]); ++i)
        if (strcmp(lk_json_str(admin->realm->rep, bindings[i], ""), alias) == 0)
            return 1;
    return 0;
}

/* The clients whose own flow it is, or the identity providers. */
static lk_status_t users_of(lk_admin_t *admin, const json_t *flow, int providers, json_t **ret_names, lk_error_t *err)
{
    const lk_kind_t *kind = providers ? &lk_kind_identity_provider : &lk_kind_client;
    const char *id = lk_json_str(flow, "id", ""), *alias = lk_json_str(flow, "alias", ""), *name;
    json_t *all, *rep, *value, *names = lk_json_own(admin->req->arena, json_array());
    size_t i;
    lk_status_t status = lk_kind_all(admin, kind, NULL, &all, err);
    json_array_foreach(status == LK_OK ? all : NULL, i, rep)
    {
        int uses = providers && (strcmp(lk_json_str(rep, "firstBrokerLoginFlowAlias", ""), alias) == 0 ||
                                 strcmp(lk_json_str(rep, "postBrokerLoginFlowAlias", ""), alias) == 0);
        json_object_foreach(json_object_get(rep, "authenticationFlowBindingOverrides"), name, value)
        {
            uses |= json_is_string(value) && strcmp(json_string_value(value), id) == 0;
        }
        if (uses)
            json_array_append(names, json_object_get(rep, kind->name));
    }
    *ret_names = names;
    return status;
}

static lk_status_t show_flow(lk_admin_t *admin, const json_t *flow, json_t **ret_shown, lk_error_t *err)
{
    const char *alias = lk_json_str(flow, "alias", "");
    json_t *names = NULL;
    lk_status_t status = LK_OK;
    json_t *shown = json_pack("{s:s, s:s, s:b, s:s}", "id", lk_json_str(flow, "id", ""), "alias", alias, "builtIn",
                              lk_json_bool(flow, "builtIn", 0), "description", lk_json_str(flow, "description", ""));
    if (is_bound(admin, alias))
        json_object_set_new(shown, "usedBy", json_pack("{s:s, s:[s]}", "type", "DEFAULT", "values", alias));
    for (int providers = 0; status == LK_OK && providers <= 1 && json_object_get(shown, "usedBy") == NULL; ++providers) {
        status = users_of(admin, flow, providers, &names, err);
        if (status == LK_OK && json_array_size(names) != 0)
            json_object_set_new(
                shown, "usedBy",
                json_pack("{s:s, s:O}", "type", providers ? "SPECIFIC_PROVIDERS" : "SPECIFIC_CLIENTS", "values", names));
    }
    *ret_shown = shown;
    return status;
}

lk_status_t lk_console_flows(lk_admin_t *admin, lk_error_t *err)
{
    json_t *all, *flow, *shown, *list = lk_json_own(admin->req->arena, json_array());
    size_t i;
    lk_status_t status = lk_kind_all(admin, &lk_kind_flow, NULL, &all, err);
    json_array_foreach(status == LK_OK ? all : NULL, i, flow)
    {
        if (status != LK_OK || !lk_json_bool(flow, "topLevel", 0) || strcmp(lk_json_str(flow, "alias", ""), HIDDEN) == 0)
            continue;
        status = show_flow(admin, flow, &shown, err);
        json_array_append_new(list, shown);
    }
    return status == LK_OK ? lk_admin_reply(admin, json_incref(list)) : status;
}

lk_status_t lk_console_flow_users(lk_admin_t *admin, lk_error_t *err)
{
    json_t *flow, *names;
    int providers = strcmp(admin->args[0], "idp") == 0;
    if (!providers && strcmp(admin->args[0], "clients") != 0)
        return lk_fail(err, LK_INVALID, NULL, "Invalid type");
    lk_status_t status = lk_kind_find(admin, &lk_kind_flow, admin->args[1], &flow, err);
    if (status == LK_OK)
        status = users_of(admin, flow, providers, &names, err);
    return status == LK_OK ? lk_admin_reply(admin, lk_admin_page(admin, json_incref(names), LK_ADMIN_ALL)) : status;
}

/* --- the page of realm settings: the realm and its users' profile in one write --- */

lk_status_t lk_console_realm_put(lk_admin_t *admin, lk_error_t *err)
{
    json_t *profile = json_object_get(admin->body, "upConfig"), *both = admin->body;
    lk_status_t status = json_is_object(both) ? LK_OK : lk_fail(err, LK_INVALID, "unknown_error", "Cannot parse the JSON");
    if (status == LK_OK && json_is_object(profile)) {
        admin->body = profile;
        status = lk_profile_put(admin, err);
        lk_buffer_init(&admin->reply->body, admin->req->arena, LK_MAX_REPLY_BODY);
        admin->reply->content_type = NULL;
        admin->reply->status = 204;
        admin->untold = 0;
    }
    if (status != LK_OK)
        return status;
    admin->body = lk_json_own(admin->req->arena, json_deep_copy(both));
    json_object_del(admin->body, "upConfig");
    return lk_realm_update(admin, err);
}
