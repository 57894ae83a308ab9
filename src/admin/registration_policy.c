/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <netdb.h>
#include <string.h>
#include "admin/registration.h"
#include "core/cors.h"
#include "core/url.h"

/* The policies of client registration: components of the realm, one row and one function a kind. */

#define MAX_ORIGINS 64 /* of the policies registration-web-origins */

typedef struct st_policy_t {
    lk_registration_t *registration;
    const json_t *config;
    json_t *rep; /* what is to be stored; NULL where nothing is */
    lk_error_t *err;
} policy_t;

/* A reason to refuse, or NULL. */
typedef const char *(*check_t)(const policy_t *policy);

static const char *setting(const policy_t *policy, const char *name, const char *fallback)
{
    const char *value = json_string_value(json_array_get(json_object_get(policy->config, name), 0));
    return value != NULL ? value : fallback;
}

static int is_on(const policy_t *policy, const char *name)
{
    return strcmp(setting(policy, name, "true"), "true") == 0;
}

/* --- trusted hosts --- */

/* Whether a host name of the list has this address. */
static int resolves_to(const char *host, const char *ip)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found, *at;
    char text[INET6_ADDRSTRLEN];
    int result = 0;
    if (getaddrinfo(host, NULL, &hints, &found) != 0)
        return 0;
    for (at = found; at != NULL && !result; at = at->ai_next)
        if (getnameinfo(at->ai_addr, at->ai_addrlen, text, sizeof(text), NULL, 0, NI_NUMERICHOST) == 0)
            result = strcmp(text, ip) == 0;
    freeaddrinfo(found);
    return result;
}

/* "*.example.org" stands for all hosts of a domain: it says nothing of an address without asking the resolver backwards, which is
 * not to be believed, so that it counts for URIs alone. */
static int is_trusted_sender(const json_t *hosts, const char *ip)
{
    size_t i;
    json_t *host;
    json_array_foreach(hosts, i, host)
    {
        const char *text = json_string_value(host);
        if (text != NULL && *text != '\0' && *text != '*' && (strcmp(text, ip) == 0 || resolves_to(text, ip)))
            return 1;
    }
    return 0;
}

static int is_trusted_host(const json_t *hosts, const char *name, size_t len)
{
    size_t i;
    json_t *host;
    json_array_foreach(hosts, i, host)
    {
        const char *text = json_string_value(host);
        size_t size = text != NULL ? strlen(text) : 0;
        if (size == len && strncasecmp(text, name, len) == 0)
            return 1;
        if (size > 2 && strncmp(text, "*.", 2) == 0 && len > size - 1 &&
            strncasecmp(name + len - (size - 1), text + 1, size - 1) == 0)
            return 1;
    }
    return 0;
}

static int is_trusted_uri(const json_t *hosts, const char *uri)
{
    size_t len;
    const char *host = lk_url_host(uri, &len);
    return host != NULL && is_trusted_host(hosts, host, len);
}

static const char *check_uris(const policy_t *policy, const json_t *hosts)
{
    static const char *const members[] = {"rootUrl", "baseUrl", "adminUrl"};
    size_t i;
    json_t *uri;
    for (i = 0; i != sizeof(members) / sizeof(members[0]); ++i) {
        const char *text = lk_json_str(policy->rep, members[i], NULL);
        if (text != NULL && *text != '\0' && !is_trusted_uri(hosts, text))
            return "URI doesn't match any trusted host or trusted domain";
    }
    json_array_foreach(json_object_get(policy->rep, "redirectUris"), i, uri)
    {
        const char *text = json_string_value(uri), *root = lk_json_str(policy->rep, "rootUrl", "");
        if (text != NULL && !(*text == '/' && *root != '\0') && !is_trusted_uri(hosts, text))
            return "URI doesn't match any trusted host or trusted domain";
    }
    return NULL;
}

static const char *check_hosts(const policy_t *policy)
{
    const json_t *hosts = json_object_get(policy->config, "trusted-hosts");
    if (is_on(policy, "host-sending-registration-request-must-match") &&
        !is_trusted_sender(hosts, policy->registration->admin.req->client_ip))
        return "Host not trusted.";
    return policy->rep != NULL && is_on(policy, "client-uris-must-match") ? check_uris(policy, hosts) : NULL;
}

/* --- the others --- */

static const char *check_number(const policy_t *policy)
{
    lk_admin_t *admin = &policy->registration->admin;
    const char *max = setting(policy, "max-clients", "200");
    lk_rows_t rows;
    if (policy->registration->act != LK_REGISTER)
        return NULL;
    if (lk_query(admin->sql, admin->req->arena, LK_Q_CLIENT_COUNT, &rows, policy->err, admin->realm->id) != LK_OK)
        return "The clients cannot be counted";
    return lk_row_int(&rows, 0, "count", 0) < strtol(max, NULL, 10)
               ? NULL
               : lk_printf(admin->req->arena, "It's allowed to have max %s clients per realm", max);
}

/* A member that new clients get, and that nobody may change who is not an administrator. */
static const char *force(const policy_t *policy, const char *member, int value, const char *refusal)
{
    if (policy->rep == NULL)
        return NULL;
    if (policy->registration->act == LK_REGISTER) {
        json_object_set_new(policy->rep, member, json_boolean(value));
        return NULL;
    }
    int old = lk_json_bool(policy->registration->old, member, value);
    int now = lk_json_bool(policy->rep, member, old);
    return now != old && now != value ? refusal : NULL;
}

static const char *force_consent(const policy_t *policy)
{
    return force(policy, "consentRequired", 1, "Not permitted to update consentRequired to false");
}

static const char *force_scope(const policy_t *policy)
{
    return force(policy, "fullScopeAllowed", 0, "Not permitted to enable fullScopeAllowed");
}

static const char *force_disabled(const policy_t *policy)
{
    return force(policy, "enabled", 0, "Not permitted to enable client");
}

static const char *check_mappers(const policy_t *policy)
{
    size_t i;
    json_t *mapper;
    json_array_foreach(json_object_get(policy->rep, "protocolMappers"), i, mapper)
    {
        if (!lk_json_lists(json_object_get(policy->config, "allowed-protocol-mapper-types"),
                           lk_json_str(mapper, "protocolMapper", "")))
            return "ProtocolMapper type not allowed";
    }
    return NULL;
}

static int is_default_scope(const lk_realm_t *realm, const char *name)
{
    for (size_t i = 0; i != realm->num_scopes; ++i)
        if (strcmp(realm->scopes[i].name, name) == 0)
            return realm->scopes[i].realm_default != NULL;
    return 0;
}

static const char *check_scopes(const policy_t *policy)
{
    static const char *const members[] = {"defaultClientScopes", "optionalClientScopes"};
    const lk_realm_t *realm = policy->registration->admin.realm;
    size_t i;
    json_t *scope;
    for (size_t member = 0; member != 2; ++member)
        json_array_foreach(json_object_get(policy->rep, members[member]), i, scope)
        {
            const char *name = json_is_string(scope) ? json_string_value(scope) : "";
            if (!lk_json_lists(json_object_get(policy->config, "allowed-client-scopes"), name) &&
                !lk_json_lists(json_object_get(policy->registration->old, members[member]), name) &&
                !(is_on(policy, "allow-default-scopes") && is_default_scope(realm, name)))
                return "Not permitted to use specified clientScope";
        }
    return NULL;
}

static const struct {
    const char *provider;
    check_t check;
} kinds[] = {
    {"trusted-hosts", check_hosts},
    {"max-clients", check_number},
    {"consent-required", force_consent},
    {"scope", force_scope},
    {"client-disabled", force_disabled},
    {"allowed-protocol-mappers", check_mappers},
    {"allowed-client-templates", check_scopes},
};

static const char *ask(policy_t *policy, const char *provider)
{
    for (size_t i = 0; i != sizeof(kinds) / sizeof(kinds[0]); ++i)
        if (strcmp(kinds[i].provider, provider) == 0)
            return kinds[i].check(policy);
    return NULL;
}

lk_status_t lk_registration_check_policies(lk_registration_t *registration, json_t *rep, lk_error_t *err)
{
    lk_admin_t *admin = &registration->admin;
    lk_rows_t rows;
    if (registration->registrant == LK_REGISTRANT_BEARER && registration->act != LK_REGISTER) /* an administrator */
        return LK_OK;
    lk_status_t status = lk_admin_sql(admin, LK_Q_REGISTRATION_POLICIES, &rows, err, registration->authenticated);
    for (int i = 0; status == LK_OK && i != rows.count; ++i) {
        const json_t *component = lk_admin_json(admin, &rows, i, "rep");
        policy_t policy = {registration, json_object_get(component, "config"), rep, err};
        const char *refusal = ask(&policy, lk_json_str(component, "providerId", ""));
        if (refusal != NULL)
            status = lk_fail_http(err, LK_DENIED, 403, "insufficient_scope",
                                  "Policy '%s' rejected request to client-registration service. Details: %s",
                                  lk_json_str(component, "name", ""), refusal);
    }
    return status;
}

/* --- which pages may ask --- */

lk_status_t lk_registration_check_origin(lk_registration_t *registration, lk_error_t *err)
{
    lk_admin_t *admin = &registration->admin;
    const char *origins[MAX_ORIGINS];
    size_t count = 0, j;
    json_t *origin;
    lk_rows_t rows;
    if (lk_request_header(admin->req, "origin") == NULL)
        return LK_OK;
    lk_status_t status = lk_admin_sql(admin, LK_Q_REGISTRATION_POLICIES, &rows, err, registration->authenticated);
    for (int i = 0; status == LK_OK && i != rows.count; ++i) {
        const json_t *component = lk_admin_json(admin, &rows, i, "rep"), *config = json_object_get(component, "config");
        if (strcmp(lk_json_str(component, "providerId", ""), "registration-web-origins") != 0)
            continue;
        json_array_foreach(json_object_get(config, "web-origins"), j, origin)
        {
            if (count != MAX_ORIGINS && json_is_string(origin))
                origins[count++] = json_string_value(origin);
        }
    }
    return status == LK_OK ? lk_cors_require(admin->req, admin->reply, origins, count, NULL, err) : status;
}
