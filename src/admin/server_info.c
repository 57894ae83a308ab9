/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>
#include "admin/handlers.h"
#include "core/time.h"
#include "login/page.h"
#include "model/event.h"
#include "token/mapper.h"

/* What consoles and tools ask of the server before they ask of a realm: serverinfo and whoami. */

#define COMPATIBLE "26.7.4" /* the Keycloak whose interfaces these are: tools compare it */
#define CONSOLE "security-admin-console"
#define MEGABYTE (1024 * 1024)

/* A part of the file with a reference for the answer. */
static json_t *part(lk_admin_t *admin, const char *name)
{
    return json_incref(lk_catalogue(admin, LK_SERVER_INFO, name));
}

/* --- system --- */

static const char *uptime_text(lk_arena_t *arena, int64_t seconds)
{
    return lk_printf(arena, "%lld days, %lld hours, %lld minutes, %lld seconds", (long long)(seconds / 86400),
                     (long long)(seconds / 3600 % 24), (long long)(seconds / 60 % 60), (long long)(seconds % 60));
}

static json_t *system_info(const lk_admin_t *admin)
{
    struct utsname host;
    struct tm now_tm;
    char now_text[40], dir[1] = "";
    time_t now = (time_t)lk_now();
    int64_t up = lk_now_ms() - admin->req->app->started_ms;
    uname(&host);
    gmtime_r(&now, &now_tm);
    strftime(now_text, sizeof(now_text), "%a %b %d %H:%M:%S UTC %Y", &now_tm);
    return json_pack("{s:s, s:s, s:s, s:I, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "version", COMPATIBLE, "serverTime", now_text,
                     "uptime", uptime_text(admin->req->arena, up / 1000), "uptimeMillis", (json_int_t)up, "osName", host.sysname,
                     "osArchitecture", host.machine, "osVersion", host.release, "fileEncoding", "UTF-8", "userName", "latchkey",
                     "userDir", dir, "userTimezone", "UTC", "userLocale", "en");
}

/* Of the process, as the kernel counts it; the limit is the machine's memory. */
static json_t *memory_info(void)
{
    long long total = (long long)sysconf(_SC_PHYS_PAGES) * sysconf(_SC_PAGESIZE), used = 0, pages = 0;
    char text[3][32];
    FILE *file = fopen("/proc/self/statm", "re");
    if (file != NULL) {
        if (fscanf(file, "%*s %lld", &pages) == 1)
            used = pages * sysconf(_SC_PAGESIZE);
        fclose(file);
    }
    snprintf(text[0], sizeof(text[0]), "%lld MB", total / MEGABYTE);
    snprintf(text[1], sizeof(text[1]), "%lld MB", used / MEGABYTE);
    snprintf(text[2], sizeof(text[2]), "%lld MB", (total - used) / MEGABYTE);
    return json_pack("{s:I, s:s, s:I, s:s, s:I, s:I, s:s}", "total", (json_int_t)total, "totalFormated", text[0], "used",
                     (json_int_t)used, "usedFormated", text[1], "free", (json_int_t)(total - used), "freePercentage",
                     (json_int_t)(total != 0 ? (total - used) * 100 / total : 0), "freeFormated", text[2]);
}

static json_t *profile_info(lk_admin_t *admin)
{
    size_t i;
    json_t *feature, *disabled = json_array(), *preview = json_array(), *experimental = json_array(),
                     *features = lk_catalogue(admin, LK_SERVER_INFO, "features");
    json_array_foreach(features, i, feature)
    {
        const char *type = lk_json_str(feature, "type", "");
        if (!lk_json_bool(feature, "enabled", 0))
            json_array_append(disabled, json_object_get(feature, "name"));
        if (strcmp(type, "PREVIEW") == 0)
            json_array_append(preview, json_object_get(feature, "name"));
        if (strcmp(type, "EXPERIMENTAL") == 0)
            json_array_append(experimental, json_object_get(feature, "name"));
    }
    return json_pack("{s:s, s:o, s:o, s:o}", "name", "default", "disabledFeatures", disabled, "previewFeatures", preview,
                     "experimentalFeatures", experimental);
}

static json_t *crypto_info(void)
{
    return json_pack("{s:s, s:[s], s:[s, s, s], s:[s, s, s, s, s, s, s, s, s, s]}", "cryptoProvider", "OpenSSL",
                     "supportedKeystoreTypes", "PKCS12", "clientSignatureSymmetricAlgorithms", "HS256", "HS384", "HS512",
                     "clientSignatureAsymmetricAlgorithms", "ES256", "ES384", "ES512", "EdDSA", "PS256", "PS384", "PS512", "RS256",
                     "RS384", "RS512");
}

/* --- what there is --- */

/* The types of the file that this server's table has. */
static json_t *mapper_types(lk_admin_t *admin)
{
    json_t *list = json_array(), *type,
           *types = json_object_get(lk_catalogue(admin, LK_SERVER_INFO, "protocolMapperTypes"), "openid-connect");
    size_t i;
    json_array_foreach(types, i, type)
    {
        json_t *shown = json_copy(type);
        json_object_set_new(shown, "helpText", json_string(""));
        json_object_set_new(shown, "properties", lk_provider_properties(type));
        if (lk_mapper_type_is_known(lk_json_str(type, "id", "")))
            json_array_append(list, shown);
        json_decref(shown);
    }
    return json_pack("{s:o}", "openid-connect", list);
}

static json_t *component_types(lk_admin_t *admin)
{
    json_t *types = json_object(), *list, *type, *all = lk_catalogue(admin, LK_SERVER_INFO, "componentTypes");
    const char *name;
    size_t i;
    json_object_foreach(all, name, list)
    {
        json_t *shown = json_array();
        json_array_foreach(list, i, type)
        {
            json_t *one = json_pack("{s:O, s:s, s:o, s:{}}", "id", json_object_get(type, "id"), "helpText", "", "properties",
                                    lk_provider_properties(type), "metadata");
            json_array_append_new(shown, one);
        }
        json_object_set_new(types, name, shown);
    }
    return types;
}

static json_t *provider_set(const json_t *list)
{
    json_t *set = json_object(), *entry;
    size_t i;
    json_array_foreach((json_t *)list, i, entry)
    {
        json_object_set_new(set, lk_json_str(entry, "id", ""), json_pack("{s:i}", "order", 0));
    }
    return json_pack("{s:b, s:o}", "internal", 0, "providers", set);
}

static json_t *provider_sets(lk_admin_t *admin)
{
    static const struct {
        const char *spi, *kind;
    } from_flows[] = {{"authenticator", "authenticator-providers"},
                      {"client-authenticator", "client-authenticator-providers"},
                      {"form-action", "form-action-providers"},
                      {"form-authenticator", "form-providers"},
                      {"required-action", "required-actions"}},
      from_types[] = {{"keys", "org.keycloak.keys.KeyProvider"},
                      {"client-registration-policy", LK_REGISTRATION_POLICIES},
                      {"client-policy-condition", LK_CLIENT_POLICY_CONDITIONS},
                      {"client-policy-executor", LK_CLIENT_POLICY_EXECUTORS}};
    json_t *sets = json_object(), *types = lk_catalogue(admin, LK_SERVER_INFO, "componentTypes");
    for (size_t i = 0; i != sizeof(from_flows) / sizeof(from_flows[0]); ++i)
        json_object_set_new(sets, from_flows[i].spi, provider_set(lk_providers(admin, from_flows[i].kind)));
    for (size_t i = 0; i != sizeof(from_types) / sizeof(from_types[0]); ++i)
        json_object_set_new(sets, from_types[i].spi, provider_set(json_object_get(types, from_types[i].kind)));
    json_object_set_new(sets, "password-policy", provider_set(lk_catalogue(admin, LK_SERVER_INFO, "passwordPolicies")));
    json_object_set_new(
        sets, "protocol-mapper",
        provider_set(json_object_get(lk_catalogue(admin, LK_SERVER_INFO, "protocolMapperTypes"), "openid-connect")));
    json_object_set_new(sets, "login-protocol",
                        json_pack("{s:b, s:{s:{s:i}}}", "internal", 0, "providers", "openid-connect", "order", 0));
    json_object_set_new(sets, "eventsListener",
                        json_pack("{s:b, s:{s:{s:i}}}", "internal", 0, "providers", "jboss-logging", "order", 0));
    return sets;
}

/* Keycloak's own names are listed too: they mean the base theme here, and Terraform's provider asks for them before it takes a
 * realm's. */
static json_t *themes(void)
{
    static const struct {
        const char *type, *name;
    } known[] = {{"login", "base"},          {"login", "keycloak"}, {"login", "keycloak.v2"}, {"account", "base"},
                 {"account", "keycloak.v3"}, {"email", "base"},     {"email", "keycloak"},    {"admin", "base"},
                 {"admin", "keycloak.v2"},   {"welcome", "base"},   {"welcome", "keycloak"},  {"common", "base"},
                 {"common", "keycloak"}};
    json_t *all = json_object();
    for (size_t i = 0; i != sizeof(known) / sizeof(known[0]); ++i) {
        json_t *names = json_object_get(all, known[i].type);
        if (names == NULL)
            json_object_set_new(all, known[i].type, names = json_array());
        json_array_append_new(names, json_pack("{s:s, s:[s]}", "name", known[i].name, "locales", "en"));
    }
    return all;
}

static json_t *enums(lk_admin_t *admin)
{
    json_t *all = json_copy(lk_catalogue(admin, LK_SERVER_INFO, "enums"));
    json_object_set_new(all, "eventType", lk_event_names(0));
    return all;
}

/* Identity providers as the console's menu has them. */
static json_t *identity_providers(lk_admin_t *admin, int social)
{
    json_t *list = json_array(), *type, *types = lk_catalogue(admin, "conf/identity_providers.json", "providers");
    size_t i;
    json_array_foreach(types, i, type)
    {
        const char *id = lk_json_str(type, "id", "");
        int own = strcmp(id, "oidc") == 0 || strcmp(id, "keycloak-oidc") == 0 || strcmp(id, "oauth2") == 0;
        if (own != social)
            json_array_append_new(list, json_pack("{s:s, s:O, s:s}", "groupName", social ? "Social" : "User-defined", "name",
                                                  json_object_get(type, "displayName"), "id", id));
    }
    return list;
}

static json_t *installations(void)
{
    return json_pack("{s:[{s:s, s:s, s:b, s:s, s:s, s:s, s:s}]}", "openid-connect", "id", "keycloak-oidc-keycloak-json", "protocol",
                     "openid-connect", "downloadOnly", 0, "displayType", "Keycloak OIDC JSON", "helpText", "", "filename",
                     "keycloak.json", "mediaType", "application/json");
}

static json_t *server_info(lk_admin_t *admin)
{
    json_t *info = json_object();
    json_object_set_new(info, "systemInfo", system_info(admin));
    json_object_set_new(info, "cpuInfo", json_pack("{s:I}", "processorCount", (json_int_t)sysconf(_SC_NPROCESSORS_ONLN)));
    json_object_set_new(info, "memoryInfo", memory_info());
    json_object_set_new(info, "profileInfo", profile_info(admin));
    json_object_set_new(info, "features", part(admin, "features"));
    json_object_set_new(info, "cryptoInfo", crypto_info());
    json_object_set_new(info, "themes", themes());
    json_object_set_new(info, "socialProviders", identity_providers(admin, 1));
    json_object_set_new(info, "identityProviders", identity_providers(admin, 0));
    json_object_set_new(info, "providers", provider_sets(admin));
    json_object_set_new(info, "protocolMapperTypes", mapper_types(admin));
    json_object_set_new(info, "builtinProtocolMappers", part(admin, "builtinProtocolMappers"));
    json_object_set_new(info, "clientInstallations", installations());
    json_object_set_new(info, "componentTypes", component_types(admin));
    json_object_set_new(info, "passwordPolicies", part(admin, "passwordPolicies"));
    json_object_set_new(info, "enums", enums(admin));
    json_object_set_new(info, "parameterizedScopeTypes", json_array());
    return info;
}

/* --- who asks --- */

/* Whether they administer anything at all. */
static int is_administrator(const lk_admin_caller_t *caller)
{
    const lk_realm_t *realm = caller->realm;
    for (size_t i = 0; i != realm->num_roles; ++i) {
        const char *client = realm->roles[i].client_id;
        size_t len = client != NULL ? strlen(client) : 0;
        int is_admins =
            client != NULL && (strcmp(client, "realm-management") == 0 || (len > 6 && strcmp(client + len - 6, "-realm") == 0));
        if (is_admins && lk_role_set_has(&caller->roles, &realm->roles[i]))
            return 1;
    }
    return 0;
}

lk_status_t lk_server_info_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    lk_admin_t admin;
    lk_status_t status = lk_admin_begin(req, NULL, &admin, err);
    if (status == LK_OK && !is_administrator(&admin.caller))
        return lk_fail_http(err, LK_DENIED, 403, NULL, "HTTP 403 Forbidden");
    if (status == LK_OK)
        lk_admin_answer(&admin, server_info(&admin), reply);
    return status;
}

/* Roles by realm, as the console's menus ask for them. */
static json_t *realm_access(lk_admin_t *admin)
{
    const lk_admin_caller_t *caller = &admin->caller;
    int is_master = strcmp(caller->realm->name, "master") == 0;
    const char *asked = lk_pairs_get(&admin->req->query, "currentRealm"),
               *client = is_master && asked != NULL ? lk_printf(admin->req->arena, "%s-realm", asked) : "realm-management";
    json_t *names = json_array();
    for (size_t i = 0; i != caller->realm->num_roles; ++i) {
        const lk_role_t *role = &caller->realm->roles[i];
        if (role->client_id != NULL && strcmp(role->client_id, client) == 0 && lk_role_set_has(&caller->roles, role))
            json_array_append_new(names, json_string(role->name));
    }
    json_t *access = json_object();
    if (asked != NULL && (is_master || strcmp(asked, caller->realm->name) == 0))
        json_object_set_new(access, asked, names);
    else
        json_decref(names);
    return access;
}

lk_status_t lk_whoami_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    lk_admin_t admin;
    lk_status_t status = lk_admin_begin(req, NULL, &admin, err);
    if (status == LK_OK && strcmp(admin.caller.realm->name, req->params[0]) != 0)
        return lk_fail_http(err, LK_DENIED, 401, NULL, "HTTP 401 Unauthorized");
    if (status == LK_OK && strcmp(admin.caller.client->client_id, CONSOLE) != 0)
        return lk_fail_http(err, LK_DENIED, 403, NULL, "Token issued for an application that is not the admin console: %s",
                            admin.caller.client->client_id);
    if (status != LK_OK)
        return status;
    const lk_user_t *user = admin.caller.user;
    const char *name = user->username;
    if (user->first_name != NULL && user->last_name != NULL)
        name = lk_printf(req->arena, "%s %s", user->first_name, user->last_name);
    lk_admin_answer(&admin,
                    json_pack("{s:s, s:s, s:s, s:s, s:b, s:b, s:o}", "userId", user->id, "realm", admin.caller.realm->name,
                              "displayName", name, "locale", "en", "temporary", 0, "createRealm",
                              lk_admin_may_create_realms(&admin), "realm_access", realm_access(&admin)),
                    reply);
    return LK_OK;
}

/* --- where Keycloak has its administration console --- */

lk_status_t lk_console_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    const lk_realm_t *realm;
    lk_status_t status = lk_request_realm(req, &realm, err);
    if (status != LK_OK)
        return status;
    json_t *model = lk_page_model(req, realm, NULL, NULL);
    json_object_set_new(model, "messageHeader", lk_page_text("adminConsoleTitle", NULL));
    lk_page_message(model, "info", "adminConsoleMessage", NULL);
    lk_page_show(req, realm, 200, "info", model, reply);
    lk_page_headers(realm, LK_PAGE_NO_STORE, reply);
    return LK_OK;
}
