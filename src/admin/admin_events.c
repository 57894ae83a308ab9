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

enum {
    NEW_ID = 1,   /* the path ends with the id of what was made, if the answer has one */
    KEEPS_ID = 2, /* and so does what is kept of the body */
    ANSWER = 4,   /* what is kept is the answer */
    NO_BODY = 8,  /* nothing is */
    MOVES = 16    /* a POST that made nothing has changed something */
};

/* The first row that fits tells; a star stands for anything. BY_METHOD: POST is CREATE, PUT is UPDATE. ROLE: of the realm or of a
 * client, as the role is. */
static const struct {
    const char *method, *path;
    int operation;
    const char *resource;
    unsigned flags;
} rows[] = {
    /* clients and their parts */
    {"POST", "clients/*/client-secret", ACTION, "CLIENT", ANSWER},
    {"*", "clients/*/registration-access-token", ACTION, "CLIENT", ANSWER},
    {"*", "clients/*/certificates/*", ACTION, "CLIENT", NO_BODY},
    {"*", "clients/*/push-revocation", ACTION, "CLIENT", 0},
    {"GET", "clients/*/test-nodes-available", ACTION, "CLUSTER_NODE", 0},
    {"*", "clients/*/nodes", CREATE, "CLUSTER_NODE", NO_BODY},
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
    {"*", "clients/*/roles*", BY_METHOD, "CLIENT_ROLE", NEW_ID | KEEPS_ID},
    {"*", "clients-initial-access*", BY_METHOD, "CLIENT_INITIAL_ACCESS_MODEL", NEW_ID | NO_BODY},
    {"*", "clients*", BY_METHOD, "CLIENT", NEW_ID | KEEPS_ID},
    {"PUT", "default-*-client-scopes/*", CREATE, "CLIENT_SCOPE", 0},
    {"*", "default-*-client-scopes/*", BY_METHOD, "CLIENT_SCOPE", 0},
    {"*", "client-scopes*", BY_METHOD, "CLIENT_SCOPE", NEW_ID},
    {"*", "client-templates*", BY_METHOD, "CLIENT_SCOPE", NEW_ID},
    /* roles, groups, users */
    {"*", "*/role-mappings/realm", BY_METHOD, "REALM_ROLE_MAPPING", 0},
    {"*", "*/role-mappings/clients/*", BY_METHOD, "CLIENT_ROLE_MAPPING", 0},
    {"*", "roles*", BY_METHOD, "REALM_ROLE", NEW_ID | KEEPS_ID},
    {"*", "groups/*/children", BY_METHOD, "GROUP", KEEPS_ID | MOVES},
    {"*", "groups*", BY_METHOD, "GROUP", NEW_ID | KEEPS_ID | MOVES},
    {"PUT", "default-groups/*", CREATE, "GROUP", 0},
    {"*", "default-groups/*", BY_METHOD, "GROUP", 0},
    {"PUT", "users/*/groups/*", CREATE, "GROUP_MEMBERSHIP", 0},
    {"*", "users/*/groups/*", BY_METHOD, "GROUP_MEMBERSHIP", 0},
    {"PUT", "users/profile", BY_METHOD, "USER_PROFILE", ANSWER},
    {"*", "users/*/federated-identity/*", BY_METHOD, "USER", 0},
    {"*", "users/*/credentials/*/*", NOTHING, NULL, 0},
    {"*", "users/*/disable-credential-types", NOTHING, NULL, 0},
    {"*", "users/*/impersonation", NOTHING, NULL, 0},
    {"*", "users/*/reset-password", ACTION, "USER", NO_BODY},
    {"POST", "users/*/*", ACTION, "USER", 0},
    {"PUT", "users/*/*", ACTION, "USER", 0},
    {"DELETE", "users/*/*", ACTION, "USER", 0},
    {"*", "users*", BY_METHOD, "USER", NEW_ID},
    {"*", "attack-detection/*", BY_METHOD, "USER_LOGIN_FAILURE", 0},
    {"*", "sessions/*", BY_METHOD, "USER_SESSION", 0},
    /* authentication, identity providers, components */
    {"*", "authentication/flows/*/executions/execution", CREATE, "AUTH_EXECUTION", KEEPS_ID},
    {"*", "authentication/flows/*/executions/flow", CREATE, "AUTH_EXECUTION_FLOW", 0},
    {"*", "authentication/flows/*/executions", BY_METHOD, "AUTH_EXECUTION", 0},
    {"*", "authentication/flows/*/copy", BY_METHOD, "AUTH_FLOW", KEEPS_ID},
    {"*", "authentication/flows*", BY_METHOD, "AUTH_FLOW", NEW_ID | KEEPS_ID},
    {"*", "authentication/executions/*/config", BY_METHOD, "AUTHENTICATOR_CONFIG", 0},
    {"*", "authentication/executions/*-priority", UPDATE, "AUTH_EXECUTION", 0},
    {"*", "authentication/executions*", BY_METHOD, "AUTH_EXECUTION", NEW_ID},
    {"*", "authentication/config/*", BY_METHOD, "AUTHENTICATOR_CONFIG", 0},
    {"*", "authentication/required-actions/*/config", BY_METHOD, "REQUIRED_ACTION_CONFIG", 0},
    {"*", "authentication/required-actions/*-priority", UPDATE, "REQUIRED_ACTION", 0},
    {"*", "authentication/required-actions*", BY_METHOD, "REQUIRED_ACTION", 0},
    {"*", "authentication/register-required-action", BY_METHOD, "REQUIRED_ACTION", 0},
    {"*", "identity-provider/instances/*/mappers*", BY_METHOD, "IDENTITY_PROVIDER_MAPPER", NEW_ID},
    {"*", "identity-provider/instances*", BY_METHOD, "IDENTITY_PROVIDER", NEW_ID | KEEPS_ID},
    {"*", "identity-provider/*", NOTHING, NULL, 0},
    {"*", "components*", BY_METHOD, "COMPONENT", NEW_ID},
    {"PUT", "organizations/*/groups/*/members/*", CREATE, "ORGANIZATION_GROUP_MEMBERSHIP", 0},
    {"*", "organizations/*/groups/*/members/*", BY_METHOD, "ORGANIZATION_GROUP_MEMBERSHIP", 0},
    {"*", "organizations/*/groups*", BY_METHOD, "ORGANIZATION_GROUP", KEEPS_ID | MOVES},
    {"*", "organizations/*/members/invite-*", ACTION, "ORGANIZATION_MEMBERSHIP", 0},
    {"*", "organizations/*/invitations/*/resend", ACTION, "ORGANIZATION_MEMBERSHIP", 0},
    {"*", "organizations/*/invitations/*", BY_METHOD, "ORGANIZATION_MEMBERSHIP", 0},
    {"*", "organizations/*/members*", BY_METHOD, "ORGANIZATION_MEMBERSHIP", 0},
    {"*", "organizations*", BY_METHOD, "ORGANIZATION", NEW_ID},
    /* the realm */
    {"*", "logout-all", ACTION, "REALM", ANSWER},
    {"*", "push-revocation", ACTION, "REALM", ANSWER},
    {"*", "clear-*-cache", ACTION, "REALM", 0},
    {"*", "partialImport", NOTHING, "REALM", 0}, /* which tells each item */
    {"PUT", "events/config", UPDATE, "REALM", 0},
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

/* Reads are told only where a row says GET. */
static int is_method(const char *wanted, const char *method)
{
    return strcmp(wanted, method) == 0 || (strcmp(wanted, "*") == 0 && strcmp(method, "GET") != 0);
}

static size_t find_row(const char *method, const char *path)
{
    size_t i = 0;
    while (i != NUM_ROWS && (!is_method(rows[i].method, method) || fnmatch(rows[i].path, path, 0) != 0))
        ++i;
    return i;
}

static const char *operation_of(const char *method, int operation)
{
    if (operation == BY_METHOD)
        operation = strcmp(method, "POST") == 0 ? CREATE : strcmp(method, "PUT") == 0 ? UPDATE : DELETE;
    return operations[operation];
}

/* The last part of the Location where something was made; or NULL. */
static const char *located(const lk_admin_t *admin)
{
    const char *location = NULL;
    for (size_t i = 0; i != admin->reply->num_headers; ++i)
        if (strcmp(admin->reply->headers[i].name, "location") == 0)
            location = admin->reply->headers[i].value;
    const char *id = location != NULL ? strrchr(location, '/') : NULL;
    if (admin->reply->status != 201 || id == NULL)
        return NULL;
    const char *decoded = lk_percent_decode(admin->req->arena, id + 1, strlen(id + 1), 0);
    return decoded != NULL ? decoded : id + 1;
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

/* Members that Keycloak's own classes always have, in the order of their members: a text in JSON tells it. */
static const struct {
    const char *resource;
    const lk_representation_t *fields;
    const char *defaults;
} shapes[] = {
    {"REALM_ROLE", &lk_role_fields, "{\"composite\":false}"},
    {"CLIENT_ROLE", &lk_role_fields, "{\"composite\":false}"},
    {"GROUP", &lk_group_fields, "{\"subGroups\":[]}"},
    {"ORGANIZATION_GROUP", &lk_group_fields, "{\"subGroups\":[]}"},
    {"PROTOCOL_MAPPER", &lk_mapper_fields, "{\"consentRequired\":false}"},
    {"AUTH_FLOW", NULL, "{\"description\":\"\"}"},
    {"IDENTITY_PROVIDER", NULL, "{\"enabled\":true}"},
};
#define NUM_SHAPES (sizeof(shapes) / sizeof(shapes[0]))

/* A copy in that order; members that the table does not have come last. */
static json_t *shaped(lk_arena_t *arena, const json_t *rep, const char *resource)
{
    json_t *copy = lk_json_own(arena, json_deep_copy(rep)), *defaults;
    size_t i = 0;
    while (i != NUM_SHAPES && strcmp(shapes[i].resource, resource) != 0)
        ++i;
    if (i == NUM_SHAPES || !json_is_object(copy))
        return copy;
    defaults = lk_json_own(arena, json_loads(shapes[i].defaults, 0, NULL));
    if (json_object_get(copy, "newName") == NULL) /* which asks for a copy of a flow */
        json_object_update_missing(copy, defaults);
    if (shapes[i].fields == NULL)
        return copy;
    json_t *ordered = lk_json_own(arena, json_object());
    for (size_t k = 0; k != shapes[i].fields->num_fields; ++k) {
        json_t *value = json_object_get(copy, shapes[i].fields->fields[k].name);
        if (value != NULL)
            json_object_set(ordered, shapes[i].fields->fields[k].name, value);
    }
    json_object_update_missing(ordered, copy);
    return ordered;
}

static const char *representation_text(const lk_admin_t *admin, const json_t *rep, const char *resource, const char *id)
{
    if (!admin->realm->admin_events_details_enabled || rep == NULL)
        return NULL;
    json_t *copy = shaped(admin->req->arena, rep, resource);
    if (id != NULL && json_is_object(copy)) {
        json_object_set_new(copy, strcmp(resource, "IDENTITY_PROVIDER") == 0 ? "internalId" : "id", json_string(id));
        copy = shaped(admin->req->arena, copy, resource);
    }
    json_object_del(copy, "access");
    if (strcmp(resource, "USER") == 0)
        json_object_del(copy, "credentials");
    hide_secrets(copy);
    const char *text = lk_json_text(admin->req->arena, copy);
    return text != NULL && strlen(text) <= MAX_REPRESENTATION ? text : NULL;
}

void lk_admin_tell(lk_admin_t *admin, const char *id, const char *name_member, const char *name)
{
    admin->told = lk_json_own(admin->req->arena, json_pack("{s:s, s:s*}", "id", id, name_member, name));
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

static lk_status_t store(const lk_admin_t *admin, const char *operation, const char *resource, const char *path,
                         const char *representation, lk_error_t *err)
{
    const lk_request_t *req = admin->req;
    const lk_admin_caller_t *caller = &admin->caller;
    lk_rows_t done;
    log_event(admin, operation, resource, path, NULL);
    if (!admin->realm->admin_events_enabled)
        return LK_OK;
    return lk_admin_sql(admin, LK_Q_ADMIN_EVENT_INSERT, &done, err, lk_ordered_uuid(req->arena),
                        lk_printf(req->arena, "%lld", (long long)lk_now_ms()), operation, resource, *path != '\0' ? path : NULL,
                        caller->realm->id, caller->client != NULL ? caller->client->id : NULL,
                        caller->user != NULL ? caller->user->id : NULL, req->client_ip, representation, NULL);
}

lk_status_t lk_admin_event_add(const lk_admin_t *admin, const char *operation, const char *resource, const char *path,
                               const json_t *rep, lk_error_t *err)
{
    return store(admin, operation, resource, path, representation_text(admin, rep, resource, NULL), err);
}

/* What is kept of the write: the body, or what the row or the handler say. */
static const json_t *kept(const lk_admin_t *admin, unsigned flags)
{
    json_t *answer = NULL;
    if (admin->told != NULL || (flags & NO_BODY) != 0)
        return admin->told;
    if ((flags & ANSWER) == 0)
        return admin->body;
    const lk_buffer_t *body = &admin->reply->body;
    return lk_json_parse(admin->req->arena, body->base, body->len, &answer, NULL) == LK_OK ? answer : NULL;
}

lk_status_t lk_admin_event_store(const lk_admin_t *admin, lk_error_t *err)
{
    const lk_request_t *req = admin->req;
    const char *path = path_below(req);
    size_t row = find_row(req->method, path);
    if (row == NUM_ROWS || rows[row].operation == NOTHING || admin->untold)
        return LK_OK;
    int moved = (rows[row].flags & MOVES) != 0 && strcmp(req->method, "POST") == 0 && admin->reply->status == 204;
    const char *operation = operation_of(moved ? "PUT" : req->method, rows[row].operation), *resource = rows[row].resource,
               *new_id = located(admin);
    if (admin->role != NULL && strcmp(resource, "REALM_ROLE") == 0 && admin->role->client_uuid != NULL)
        resource = "CLIENT_ROLE";
    if (strcmp(resource, "CLUSTER_NODE") == 0 && strcmp(req->method, "POST") == 0)
        path = lk_printf(req->arena, "%s/%s", path, lk_json_str(admin->body, "node", ""));
    if (new_id == NULL)
        new_id = admin->made_id;
    if (new_id != NULL && (rows[row].flags & NEW_ID) != 0)
        path = lk_printf(req->arena, "%s/%s", path, new_id);
    if ((rows[row].flags & KEEPS_ID) == 0)
        new_id = NULL;
    else if (admin->made_id != NULL)
        new_id = admin->made_id;
    return store(admin, operation, resource, path, representation_text(admin, kept(admin, rows[row].flags), resource, new_id), err);
}

void lk_admin_event_refused(const lk_admin_t *admin, const lk_error_t *err)
{
    const char *path = path_below(admin->req);
    size_t row = find_row(admin->req->method, path);
    if (row == NUM_ROWS || rows[row].operation == NOTHING || admin->realm == NULL)
        return;
    log_event(admin, operation_of(admin->req->method, rows[row].operation), rows[row].resource, path,
              *err->text != '\0' ? err->text : lk_status_name(err->kind));
}

void lk_admin_event_refused_realm(const lk_admin_t *admin, const lk_error_t *err)
{
    lk_admin_t asked = *admin;
    asked.realm = admin->caller.realm;
    log_event(&asked, "CREATE", "REALM", lk_json_str(admin->body, "realm", ""),
              *err->text != '\0' ? err->text : lk_status_name(err->kind));
}
