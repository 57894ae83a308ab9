/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <fnmatch.h>
#include <string.h>
#include "admin/handlers.h"
#include "core/time.h"
#include "crypto/crypto.h"

/* What administrators did: one event for each write that was done, made from its address, in the same transaction. */

#define CATEGORY "org.keycloak.events"
#define MAX_REPRESENTATION 65536
#define PATH "/admin/realms/"

enum { BY_METHOD, CREATE, UPDATE, DELETE, ACTION, NOTHING };
static const char *const operations[] = {[CREATE] = "CREATE", [UPDATE] = "UPDATE", [DELETE] = "DELETE", [ACTION] = "ACTION"};

enum { NEW_ID = 1 }; /* the path ends with the id of what was made, if the answer has one */

/* The first row that fits tells; a star stands for anything. BY_METHOD: POST is CREATE, PUT is UPDATE. ROLE: of the realm or of a
 * client, as the role is. */
static const struct {
    const char *method, *path;
    int operation;
    const char *resource;
    unsigned flags;
} rows[] = {
    /* clients and their parts */
    {"*", "clients/*/client-secret*", ACTION, "CLIENT", 0},
    {"*", "clients/*/registration-access-token", ACTION, "CLIENT", 0},
    {"*", "clients/*/push-revocation", ACTION, "CLIENT", 0},
    {"*", "clients/*/nodes", CREATE, "CLUSTER_NODE", 0},
    {"*", "clients/*/nodes/*", BY_METHOD, "CLUSTER_NODE", 0},
    {"*", "*/protocol-mappers/models*", BY_METHOD, "PROTOCOL_MAPPER", NEW_ID},
    {"*", "*/protocol-mappers/add-models", BY_METHOD, "PROTOCOL_MAPPER", 0},
    {"*", "*/scope-mappings/realm", BY_METHOD, "REALM_SCOPE_MAPPING", 0},
    {"*", "*/scope-mappings/clients/*", BY_METHOD, "CLIENT_SCOPE_MAPPING", 0},
    {"PUT", "clients/*/*-client-scopes/*", CREATE, "CLIENT_SCOPE_CLIENT_MAPPING", 0},
    {"*", "clients/*/*-client-scopes/*", BY_METHOD, "CLIENT_SCOPE_CLIENT_MAPPING", 0},
    {"*", "clients/*/authz/resource-server/resource*", BY_METHOD, "AUTHORIZATION_RESOURCE", NEW_ID},
    {"*", "clients/*/authz/resource-server/scope*", BY_METHOD, "AUTHORIZATION_SCOPE", NEW_ID},
    {"*", "clients/*/authz/resource-server/p*", BY_METHOD, "AUTHORIZATION_POLICY", NEW_ID},
    {"*", "clients/*/authz/resource-server*", BY_METHOD, "AUTHORIZATION_RESOURCE_SERVER", 0},
    {"*", "clients/*/roles*", BY_METHOD, "CLIENT_ROLE", NEW_ID},
    {"*", "clients*", BY_METHOD, "CLIENT", NEW_ID},
    {"PUT", "default-*-client-scopes/*", CREATE, "CLIENT_SCOPE", 0},
    {"*", "default-*-client-scopes/*", BY_METHOD, "CLIENT_SCOPE", 0},
    {"*", "client-scopes*", BY_METHOD, "CLIENT_SCOPE", NEW_ID},
    {"*", "client-templates*", BY_METHOD, "CLIENT_SCOPE", NEW_ID},
    {"*", "clients-initial-access*", BY_METHOD, "CLIENT_INITIAL_ACCESS_MODEL", 0},
    /* roles, groups, users */
    {"*", "*/role-mappings/realm", BY_METHOD, "REALM_ROLE_MAPPING", 0},
    {"*", "*/role-mappings/clients/*", BY_METHOD, "CLIENT_ROLE_MAPPING", 0},
    {"*", "roles*", BY_METHOD, "REALM_ROLE", NEW_ID},
    {"*", "groups/*/children", BY_METHOD, "GROUP", 0},
    {"*", "groups*", BY_METHOD, "GROUP", NEW_ID},
    {"PUT", "default-groups/*", CREATE, "GROUP", 0},
    {"*", "default-groups/*", BY_METHOD, "GROUP", 0},
    {"PUT", "users/*/groups/*", CREATE, "GROUP_MEMBERSHIP", 0},
    {"*", "users/*/groups/*", BY_METHOD, "GROUP_MEMBERSHIP", 0},
    {"PUT", "users/profile", BY_METHOD, "USER_PROFILE", 0},
    {"*", "users/*/federated-identity/*", ACTION, "USER", 0},
    {"POST", "users/*/*", ACTION, "USER", 0},
    {"PUT", "users/*/*", ACTION, "USER", 0},
    {"DELETE", "users/*/*", ACTION, "USER", 0},
    {"*", "users*", BY_METHOD, "USER", NEW_ID},
    {"*", "attack-detection/*", BY_METHOD, "USER_LOGIN_FAILURE", 0},
    {"*", "sessions/*", BY_METHOD, "USER_SESSION", 0},
    /* authentication, identity providers, components */
    {"*", "authentication/flows/*/executions/execution", CREATE, "AUTH_EXECUTION", 0},
    {"*", "authentication/flows/*/executions/flow", CREATE, "AUTH_EXECUTION_FLOW", 0},
    {"*", "authentication/flows/*/executions", BY_METHOD, "AUTH_EXECUTION", 0},
    {"*", "authentication/flows/*/copy", BY_METHOD, "AUTH_FLOW", 0},
    {"*", "authentication/flows*", BY_METHOD, "AUTH_FLOW", NEW_ID},
    {"*", "authentication/executions/*/config", BY_METHOD, "AUTHENTICATOR_CONFIG", 0},
    {"*", "authentication/executions/*-priority", UPDATE, "AUTH_EXECUTION", 0},
    {"*", "authentication/executions*", BY_METHOD, "AUTH_EXECUTION", NEW_ID},
    {"*", "authentication/config/*", BY_METHOD, "AUTHENTICATOR_CONFIG", 0},
    {"*", "authentication/required-actions/*/config", BY_METHOD, "REQUIRED_ACTION_CONFIG", 0},
    {"*", "authentication/required-actions/*-priority", UPDATE, "REQUIRED_ACTION", 0},
    {"*", "authentication/required-actions*", BY_METHOD, "REQUIRED_ACTION", 0},
    {"*", "authentication/register-required-action", BY_METHOD, "REQUIRED_ACTION", 0},
    {"*", "identity-provider/instances/*/mappers*", BY_METHOD, "IDENTITY_PROVIDER_MAPPER", NEW_ID},
    {"*", "identity-provider/instances*", BY_METHOD, "IDENTITY_PROVIDER", NEW_ID},
    {"*", "identity-provider/*", NOTHING, NULL, 0},
    {"*", "components*", BY_METHOD, "COMPONENT", NEW_ID},
    {"*", "organizations/*/members*", BY_METHOD, "ORGANIZATION_MEMBERSHIP", NEW_ID},
    {"*", "organizations*", BY_METHOD, "ORGANIZATION", NEW_ID},
    /* the realm */
    {"*", "logout-all", ACTION, "REALM", 0},
    {"*", "push-revocation", ACTION, "REALM", 0},
    {"*", "partialImport", CREATE, "REALM", 0},
    {"PUT", "", UPDATE, "REALM", 0},
};
#define NUM_ROWS (sizeof(rows) / sizeof(rows[0]))

/* The request's path below the realm. */
static const char *path_below(const lk_request_t *req)
{
    const char *path = strncmp(req->path, PATH, sizeof(PATH) - 1) == 0 ? req->path + sizeof(PATH) - 1 : "";
    path += strcspn(path, "/");
    path += *path == '/';
    size_t len = strlen(path);
    return len != 0 && path[len - 1] == '/' ? lk_strndup(req->arena, path, len - 1) : path; /* some clients end it with a slash */
}

static size_t find_row(const char *method, const char *path)
{
    size_t i = 0;
    while (i != NUM_ROWS && (fnmatch(rows[i].method, method, 0) != 0 || fnmatch(rows[i].path, path, 0) != 0))
        ++i;
    return i;
}

static const char *operation_of(const char *method, int operation)
{
    if (operation == BY_METHOD)
        operation = strcmp(method, "POST") == 0 ? CREATE : strcmp(method, "PUT") == 0 ? UPDATE : DELETE;
    return operations[operation];
}

/* With the last part of the Location where something was made. */
static const char *resource_path(const lk_admin_t *admin, const char *path, unsigned flags)
{
    const char *location = NULL;
    for (size_t i = 0; i != admin->reply->num_headers; ++i)
        if (strcmp(admin->reply->headers[i].name, "location") == 0)
            location = admin->reply->headers[i].value;
    const char *id = location != NULL ? strrchr(location, '/') : NULL;
    if ((flags & NEW_ID) == 0 || admin->reply->status != 201 || id == NULL)
        return path;
    const char *decoded = lk_percent_decode(admin->req->arena, id + 1, strlen(id + 1), 0);
    return lk_printf(admin->req->arena, "%s/%s", path, decoded != NULL ? decoded : id + 1);
}

/* Members of a representation that nobody may read again. */
static void hide_secrets(json_t *value)
{
    static const char *const secrets[] = {"secret",   "clientSecret", "value",          "secretData",  "registrationAccessToken",
                                          "password", "privateKey",   "bindCredential", "keyPassword", "keystorePassword"};
    const char *name;
    size_t i;
    json_t *child;
    json_array_foreach(value, i, child)
    {
        hide_secrets(child);
    }
    for (i = 0; i != sizeof(secrets) / sizeof(secrets[0]); ++i)
        if (json_object_get(value, secrets[i]) != NULL)
            json_object_set_new(value, secrets[i], json_string("**********"));
    json_object_foreach(value, name, child)
    {
        hide_secrets(child);
    }
}

static const char *representation_of(const lk_admin_t *admin)
{
    if (!admin->realm->admin_events_details_enabled || admin->body == NULL)
        return NULL;
    json_t *copy = lk_json_own(admin->req->arena, json_deep_copy(admin->body));
    hide_secrets(copy);
    const char *text = lk_json_text(admin->req->arena, copy);
    return text != NULL && strlen(text) <= MAX_REPRESENTATION ? text : NULL;
}

static void log_event(const lk_admin_t *admin, const char *operation, const char *resource, const char *path, const char *error)
{
    const lk_app_t *app = admin->req->app;
    const lk_admin_caller_t *caller = &admin->caller;
    if (app->notice == NULL)
        return;
    app->notice(error == NULL ? LK_LOG_DEBUG : LK_LOG_WARN, CATEGORY,
                lk_printf(admin->req->arena,
                          "operationType=\"%s\", realmId=\"%s\", realmName=\"%s\", clientId=\"%s\", userId=\"%s\", "
                          "ipAddress=\"%s\", resourceType=\"%s\", resourcePath=\"%s\"%s%s%s",
                          operation, admin->realm->id, admin->realm->name, caller->client != NULL ? caller->client->id : "",
                          caller->user != NULL ? caller->user->id : "", admin->req->client_ip, resource, path,
                          error != NULL ? ", error=\"" : "", error != NULL ? error : "", error != NULL ? "\"" : ""));
}

lk_status_t lk_admin_event_store(const lk_admin_t *admin, lk_error_t *err)
{
    const lk_request_t *req = admin->req;
    const char *path = path_below(req);
    size_t row = find_row(req->method, path);
    lk_rows_t done;
    if (strcmp(req->method, "GET") == 0 || row == NUM_ROWS || rows[row].operation == NOTHING)
        return LK_OK;
    const char *operation = operation_of(req->method, rows[row].operation), *resource = rows[row].resource;
    if (admin->role != NULL && strcmp(resource, "REALM_ROLE") == 0 && admin->role->client_uuid != NULL)
        resource = "CLIENT_ROLE";
    path = resource_path(admin, path, rows[row].flags);
    log_event(admin, operation, resource, path, NULL);
    if (!admin->realm->admin_events_enabled)
        return LK_OK;
    const lk_admin_caller_t *caller = &admin->caller;
    return lk_admin_sql(admin, LK_Q_ADMIN_EVENT_INSERT, &done, err, lk_ordered_uuid(req->arena),
                        lk_printf(req->arena, "%lld", (long long)lk_now_ms()), operation, resource, *path != '\0' ? path : NULL,
                        caller->realm->id, caller->client != NULL ? caller->client->id : NULL,
                        caller->user != NULL ? caller->user->id : NULL, req->client_ip, representation_of(admin), NULL);
}

void lk_admin_event_refused(const lk_admin_t *admin, const lk_error_t *err)
{
    const char *path = path_below(admin->req);
    size_t row = find_row(admin->req->method, path);
    if (strcmp(admin->req->method, "GET") == 0 || row == NUM_ROWS || rows[row].operation == NOTHING || admin->realm == NULL)
        return;
    log_event(admin, operation_of(admin->req->method, rows[row].operation), rows[row].resource, path,
              *err->text != '\0' ? err->text : lk_status_name(err->kind));
}
