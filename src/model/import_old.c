/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "model/import_internal.h"

#include <stdlib.h>
#include <string.h>

/* Files of older Keycloaks: members under their former names, and what Keycloak adds when it takes a file of an older version
 * (keycloakVersion; a file without it is taken as it is). */

/* "9.0.2" is 900, "26.2.5" is 2602. */
static int version_number(const char *text)
{
    if (text == NULL)
        return 0;
    char *end;
    long major = strtol(text, &end, 10), minor = *end == '.' ? strtol(end + 1, NULL, 10) : 0;
    return major > 0 && major < 1000 && minor >= 0 && minor < 100 ? (int)(major * 100 + minor) : 0;
}

/* An application or OAuth client of Keycloak 1 as a client: its name is the clientId. */
static json_t *client_of_application(const json_t *application, int is_oauth)
{
    json_t *client = json_copy((json_t *)application), *name = json_object_get(client, "name");
    if (name != NULL)
        json_object_set(client, "clientId", name);
    json_object_del(client, "name");
    if (is_oauth) {
        json_object_set_new(client, "consentRequired", json_true());
        json_object_set_new(client, "fullScopeAllowed", json_false());
    }
    return client;
}

static void add_applications(json_t *clients, const json_t *list, int is_oauth)
{
    size_t i;
    json_t *application;
    json_array_foreach((json_t *)list, i, application)
    {
        if (json_is_object(application))
            json_array_append_new(clients, client_of_application(application, is_oauth));
    }
}

/* Gives `object` the member under its new name where only the old one is there. */
static void rename_member(json_t *object, const char *old_name, const char *new_name)
{
    json_t *value = json_object_get(object, old_name);
    if (value != NULL && json_object_get(object, new_name) == NULL)
        json_object_set(object, new_name, value);
}

void lk_import_modernise(lk_import_t *im)
{
    const json_t *applications = json_object_get(im->given, "applications"), *oauth = json_object_get(im->given, "oauthClients");
    json_t *roles = json_object_get(im->given, "roles");
    im->version = version_number(im->file_version);
    if (applications != NULL || oauth != NULL) {
        json_t *given = json_object_get(im->given, "clients");
        json_t *clients = given != NULL ? json_copy(given) : json_array();
        add_applications(clients, applications, 0);
        add_applications(clients, oauth, 1);
        json_object_set_new(im->given, "clients", clients);
    }
    rename_member(im->given, "applicationScopeMappings", "clientScopeMappings");
    if (json_object_get(roles, "application") != NULL) {
        roles = json_copy(roles);
        rename_member(roles, "application", "client");
        json_object_set_new(im->given, "roles", roles);
    }
}

void lk_import_modernise_user(json_t *user)
{
    rename_member(user, "applicationRoles", "clientRoles");
    json_t *actions = json_object_get(user, "requiredActions"), *action;
    size_t i;
    json_array_foreach(actions, i, action)
    {
        if (json_is_string(action) && strcmp(json_string_value(action), "terms_and_conditions") == 0) {
            actions = json_copy(actions);
            json_array_set_new(actions, i, json_string("TERMS_AND_CONDITIONS"));
            json_object_set_new(user, "requiredActions", actions);
        }
    }
}

int lk_import_is_older(const lk_import_t *im, int version)
{
    return im->version != 0 && im->version < version;
}

/* Client scopes that came with a version, and whether they are defaults of the realm and of the clients that are there. */
static const struct {
    const char *name;
    int since, is_default;
} younger_scopes[] = {
    {"acr", 1800, 1},
    {"basic", 2500, 1},
    {"service_account", 2600, 0},
    {"AuthnContextClassRef", 2603, 1},
};

const char *lk_import_younger_scope(const lk_import_t *im, size_t i, int *ret_is_default)
{
    static const size_t count = sizeof(younger_scopes) / sizeof(younger_scopes[0]);
    for (size_t seen = 0, at = 0; at != count; ++at) {
        if (!lk_import_is_older(im, younger_scopes[at].since) || seen++ != i)
            continue;
        *ret_is_default = younger_scopes[at].is_default;
        return younger_scopes[at].name;
    }
    return NULL;
}

/* Attributes of built-in clients that came with 26. */
void lk_import_modernise_client(const lk_import_t *im, const char *client_id, json_t *client)
{
    static const struct {
        const char *client_id, *name, *value;
    } attributes[] = {
        {"broker", "realm_client", "true"},
        {"realm-management", "realm_client", "true"},
        {"admin-cli", "client.use.lightweight.access.token.enabled", "true"},
        {"security-admin-console", "client.use.lightweight.access.token.enabled", "true"},
    };
    if (!lk_import_is_older(im, 2600))
        return;
    json_t *given = json_object_get(client, "attributes"), *complete = given != NULL ? json_copy(given) : json_object();
    for (size_t i = 0; i != sizeof(attributes) / sizeof(attributes[0]); ++i)
        if (strcmp(attributes[i].client_id, client_id) == 0 && json_object_get(complete, attributes[i].name) == NULL)
            json_object_set_new(complete, attributes[i].name, json_string(attributes[i].value));
    json_object_set_new(client, "attributes", complete);
}

int lk_import_is_younger_account_role(const lk_import_t *im, const char *name)
{
    static const struct {
        const char *name;
        int since;
    } roles[] = {
        {"view-applications", 900},
        {"view-consent", 900},
        {"manage-consent", 900},
        {"view-groups", 99900},
    };
    if (strcmp(name, "delete-account") == 0)
        return 1;
    for (size_t i = 0; i != sizeof(roles) / sizeof(roles[0]); ++i)
        if (strcmp(roles[i].name, name) == 0)
            return lk_import_is_older(im, roles[i].since);
    return 0;
}

int lk_import_is_gone_flow(const lk_import_t *im, const char *alias)
{
    return lk_import_is_older(im, 2200) && (strcmp(alias, "http challenge") == 0 || strcmp(alias, "Authentication Options") == 0);
}

int lk_import_is_younger_action(const lk_import_t *im, const char *alias)
{
    static const char *const aliases[] = {"delete_credential", "idp_link", "update_user_locale"};
    if (strcmp(alias, "delete_account") == 0)
        return 1;
    for (size_t i = 0; im->version != 0 && i != sizeof(aliases) / sizeof(aliases[0]); ++i)
        if (strcmp(aliases[i], alias) == 0)
            return 1;
    return 0;
}
