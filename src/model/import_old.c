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

/* Names, once given as attributes. */
static void take_from_attribute(json_t *user, const char *name)
{
    json_t *value = json_array_get(json_object_get(json_object_get(user, "attributes"), name), 0);
    if (value == NULL || json_object_get(user, name) != NULL)
        return;
    json_t *attributes = json_copy(json_object_get(user, "attributes"));
    json_object_set(user, name, value);
    json_object_del(attributes, name);
    json_object_set_new(user, "attributes", attributes);
}

void lk_import_modernise_user(json_t *user)
{
    rename_member(user, "applicationRoles", "clientRoles");
    take_from_attribute(user, "firstName");
    take_from_attribute(user, "lastName");
    take_from_attribute(user, "email");
    json_t *actions = json_object_get(user, "requiredActions"), *action;
    size_t i;
    json_array_foreach(actions, i, action)
    {
        if (strcmp(json_string_value(action), "terms_and_conditions") == 0) {
            actions = json_copy(actions);
            json_array_set_new(actions, i, json_string("TERMS_AND_CONDITIONS"));
            json_object_set_new(user, "requiredActions", actions);
        }
    }
}

/* Settings that older versions exported a second time, among the attributes. */
static int is_no_attribute(const char *name)
{
    return strncmp(name, "_browser_header.", 16) == 0 || lk_field_find(&lk_realm_fields, name) != NULL;
}

void lk_import_modernise_rep(json_t *rep)
{
    static const char *const shown_twice[] = {"oauth2DeviceCodeLifespan", "oauth2DevicePollingInterval"};
    json_t *given = json_object_get(rep, "attributes"), *value;
    json_t *attributes = json_object();
    const char *name;
    json_object_foreach(given, name, value)
    {
        int keep = !is_no_attribute(name);
        for (size_t i = 0; i != sizeof(shown_twice) / sizeof(shown_twice[0]); ++i)
            keep |= strcmp(name, shown_twice[i]) == 0;
        if (keep)
            json_object_set_nocheck(attributes, name, value);
    }
    json_object_set_new(rep, "attributes", attributes);
    if (json_array_size(json_object_get(rep, "supportedLocales")) == 0)
        json_object_del(rep, "supportedLocales");
    json_t *lifespan = json_object_get(rep, "accessCodeLifespanUserAction");
    if (lifespan != NULL && json_object_get(rep, "actionTokenGeneratedByUserLifespan") == NULL)
        json_object_set(rep, "actionTokenGeneratedByUserLifespan", lifespan);
}

void lk_import_modernise_provider(json_t *provider)
{
    const char *hidden = lk_json_str(json_object_get(provider, "config"), "hideOnLoginPage", NULL);
    if (hidden == NULL)
        return;
    json_t *config = json_copy(json_object_get(provider, "config"));
    json_object_del(config, "hideOnLoginPage");
    json_object_set_new(provider, "config", config);
    if (json_object_get(provider, "hideOnLogin") == NULL)
        json_object_set_new(provider, "hideOnLogin", json_boolean(strcmp(hidden, "true") == 0));
}

void lk_import_modernise_flow(const lk_import_t *im, json_t *flow)
{
    size_t i;
    json_t *executions = json_array(), *execution;
    json_array_foreach(json_object_get(flow, "authenticationExecutions"), i, execution)
    {
        if (lk_import_is_older(im, 2400) && strcmp(lk_json_str(execution, "authenticator", ""), "registration-profile-action") == 0)
            continue;
        execution = json_is_object(execution) ? json_copy(execution) : json_object();
        rename_member(execution, "autheticatorFlow", "authenticatorFlow");
        rename_member(execution, "authenticatorFlow", "autheticatorFlow");
        json_array_append_new(executions, execution);
    }
    json_object_set_new(flow, "authenticationExecutions", executions);
}

void lk_import_modernise_action(const lk_import_t *im, const char *alias, json_t *action)
{
    static const struct {
        const char *alias;
        int former, today;
    } priorities[] = {{"CONFIGURE_TOTP", 10, 54}, {"UPDATE_PASSWORD", 30, 57}};
    for (size_t i = 0; lk_import_is_older(im, 2603) && i != sizeof(priorities) / sizeof(priorities[0]); ++i)
        if (strcmp(priorities[i].alias, alias) == 0 && lk_json_int(action, "priority", 0) == priorities[i].former)
            json_object_set_new(action, "priority", json_integer(priorities[i].today));
}

const char *lk_import_open_profile(lk_import_t *im)
{
    const char *was_on = lk_json_str(json_object_get(im->given, "attributes"), "userProfileEnabled", "false");
    if (!lk_import_is_older(im, 2400) || strcmp(was_on, "true") == 0)
        return NULL;
    json_t *profile = lk_json_own(im->arena, json_copy(json_object_get(im->defaults, "userProfile")));
    json_object_set_new(profile, "unmanagedAttributePolicy", json_string("ENABLED"));
    return lk_json_text(im->arena, profile);
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

static void drop_empty_texts(json_t *client, const char *name)
{
    size_t i;
    json_t *value, *complete = json_array();
    if (json_object_get(client, name) == NULL) {
        json_decref(complete);
        return;
    }
    json_array_foreach(json_object_get(client, name), i, value)
    {
        if (json_string_length(value) != 0)
            json_array_append(complete, value);
    }
    json_object_set_new(client, name, complete);
}

/* What built-in clients got with a version. Their full scope came with lightweight tokens. */
static const struct {
    const char *client_id, *attribute, *value;
    int since;
    int full_scope;
} younger_settings[] = {
    {"broker", "realm_client", "true", 0, 0},
    {"realm-management", "realm_client", "true", 0, 0},
    {"admin-cli", "client.use.lightweight.access.token.enabled", "true", 2600, 1},
    {"security-admin-console", "client.use.lightweight.access.token.enabled", "true", 2600, 1},
};

void lk_import_modernise_client(const lk_import_t *im, const char *client_id, json_t *client)
{
    drop_empty_texts(client, "redirectUris");
    drop_empty_texts(client, "webOrigins");
    if (lk_json_bool(client, "authorizationServicesEnabled", 0))
        json_object_set_new(client, "serviceAccountsEnabled", json_true());
    else
        json_object_del(client, "authorizationServicesEnabled");
    for (size_t i = 0; i != sizeof(younger_settings) / sizeof(younger_settings[0]); ++i) {
        if (strcmp(younger_settings[i].client_id, client_id) != 0 ||
            (younger_settings[i].since != 0 && !lk_import_is_older(im, younger_settings[i].since)))
            continue;
        json_t *given = json_object_get(client, "attributes"), *complete = given != NULL ? json_copy(given) : json_object();
        if (json_object_get(complete, younger_settings[i].attribute) == NULL)
            json_object_set_new(complete, younger_settings[i].attribute, json_string(younger_settings[i].value));
        json_object_set_new(client, "attributes", complete);
        if (younger_settings[i].full_scope)
            json_object_set_new(client, "fullScopeAllowed", json_true());
    }
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
