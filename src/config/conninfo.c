/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include <libpq-fe.h>
#include "config/settings.h"
#include "core/buffer.h"
#include "core/encode.h"

/* From Keycloak's database options to libpq's key='value' list. */

#define JDBC_PREFIX "jdbc:postgresql:"

/* JDBC's property names and libpq's; a NULL key is left out: it has no counterpart. */
static const struct {
    const char *property, *key;
} properties[] = {{"sslmode", "sslmode"},
                  {"sslrootcert", "sslrootcert"},
                  {"sslcert", "sslcert"},
                  {"sslkey", "sslkey"},
                  {"sslpassword", "sslpassword"},
                  {"user", "user"},
                  {"password", "password"},
                  {"ApplicationName", "application_name"},
                  {"options", "options"},
                  {"connectTimeout", "connect_timeout"},
                  {"channelBinding", "channel_binding"},
                  {"tcpKeepAlive", NULL},
                  {"reWriteBatchedInserts", NULL},
                  {"prepareThreshold", NULL},
                  {"loginTimeout", NULL},
                  {"socketTimeout", NULL},
                  {"authenticationPluginClassName", NULL}}; /* Azure's: lk_settings_wants_entra_password */

/* targetServerType's values and target_session_attrs'. */
static const struct {
    const char *type, *attrs;
} server_types[] = {{"any", "any"},
                    {"primary", "read-write"},
                    {"master", "read-write"},
                    {"secondary", "standby"},
                    {"preferSecondary", "prefer-standby"},
                    {"slave", "standby"}};

static void add(lk_buffer_t *conninfo, const char *key, const char *value)
{
    if (value == NULL || *value == '\0')
        return;
    lk_buffer_printf(conninfo, "%s%s='", conninfo->len != 0 ? " " : "", key);
    for (; *value != '\0'; ++value) {
        if (*value == '\'' || *value == '\\')
            lk_buffer_putc(conninfo, '\\');
        lk_buffer_putc(conninfo, *value);
    }
    lk_buffer_putc(conninfo, '\'');
}

static lk_status_t add_property(lk_arena_t *arena, lk_buffer_t *conninfo, const char *name, const char *value, lk_error_t *err)
{
    if (strcmp(name, "currentSchema") == 0) {
        add(conninfo, "options", lk_printf(arena, "-csearch_path=%s", value));
        return LK_OK;
    }
    if (strcmp(name, "ssl") == 0) {
        add(conninfo, "sslmode", strcmp(value, "true") == 0 ? "verify-full" : "prefer");
        return LK_OK;
    }
    for (size_t i = 0; strcmp(name, "targetServerType") == 0 && i != sizeof(server_types) / sizeof(server_types[0]); ++i)
        if (strcmp(value, server_types[i].type) == 0) {
            add(conninfo, "target_session_attrs", server_types[i].attrs);
            return LK_OK;
        }
    for (size_t i = 0; i != sizeof(properties) / sizeof(properties[0]); ++i)
        if (strcmp(name, properties[i].property) == 0) {
            if (properties[i].key != NULL)
                add(conninfo, properties[i].key, value);
            return LK_OK;
        }
    return lk_fail(err, LK_INVALID, NULL, "db-url: unknown property '%s=%s'", name,
                   strcmp(name, "password") == 0 ? "(hidden)" : value);
}

static lk_status_t add_properties(lk_arena_t *arena, lk_buffer_t *conninfo, const char *text, lk_error_t *err)
{
    lk_status_t status = LK_OK;
    while (text != NULL && status == LK_OK && *(text += strspn(text, "?&;")) != '\0') {
        size_t len = strcspn(text, "&;");
        const char *pair = lk_strndup(arena, text, len), *equals = strchr(pair, '=');
        if (equals != NULL) {
            const char *value = lk_percent_decode(arena, equals + 1, strlen(equals + 1), 0);
            status = add_property(arena, conninfo, lk_strndup(arena, pair, (size_t)(equals - pair)),
                                  value != NULL ? value : equals + 1, err);
        }
        text += len;
    }
    return status;
}

/* "//host:port,host2:port2/database?properties", "//host/", "database" */
static lk_status_t add_jdbc(lk_arena_t *arena, lk_buffer_t *conninfo, const char *url, lk_error_t *err)
{
    lk_buffer_t hosts, ports;
    lk_buffer_init(&hosts, arena, 4096);
    lk_buffer_init(&ports, arena, 4096);
    if (strncmp(url, "//", 2) == 0) {
        url += 2;
        size_t len = strcspn(url, "/?");
        for (const char *at = url, *end = url + len; at < end;) {
            size_t one = strcspn(at, ",/?"), name = one;
            const char *colon = memrchr(at, ':', one), *bracket = memrchr(at, ']', one);
            if (colon != NULL && (bracket == NULL || bracket < colon))
                name = (size_t)(colon - at);
            int brackets = name > 1 && *at == '[' && at[name - 1] == ']';
            lk_buffer_printf(&hosts, "%s%.*s", hosts.len != 0 ? "," : "", (int)name - 2 * brackets, at + brackets);
            lk_buffer_printf(&ports, "%s%.*s", at != url ? "," : "", name == one ? 4 : (int)(one - name - 1),
                             name == one ? "5432" : at + name + 1);
            at += one + 1;
        }
        url += len;
        url += *url == '/';
    }
    size_t name_len = strcspn(url, "?");
    const char *database = lk_percent_decode(arena, url, name_len, 0);
    add(conninfo, "host", hosts.base);
    add(conninfo, "port", ports.base);
    add(conninfo, "dbname", database);
    return add_properties(arena, conninfo, url + name_len, err);
}

/* libpq's own: a URI, or key=value pairs. */
static int is_libpq(const char *url)
{
    return strncmp(url, "postgres://", 11) == 0 || strncmp(url, "postgresql://", 13) == 0 ||
           (strncmp(url, "jdbc:", 5) != 0 && strchr(url, '=') != NULL);
}

static lk_status_t add_libpq(lk_buffer_t *conninfo, const char *url, lk_error_t *err)
{
    char *problem = NULL;
    PQconninfoOption *parsed = PQconninfoParse(url, &problem);
    if (parsed == NULL) {
        lk_fail(err, LK_INVALID, NULL, "db-url is no valid libpq connection string");
        PQfreemem(problem);
        return LK_INVALID;
    }
    for (const PQconninfoOption *option = parsed; option->keyword != NULL; ++option)
        add(conninfo, option->keyword, option->val);
    PQconninfoFree(parsed);
    return LK_OK;
}

static void add_common(const lk_settings_t *settings, lk_arena_t *arena, lk_buffer_t *conninfo)
{
    add(conninfo, "user", settings->db_username);
    add(conninfo, "password", settings->db_password);
    if (settings->db_schema != NULL)
        add(conninfo, "options", lk_printf(arena, "-csearch_path=%s", settings->db_schema));
    if (settings->db_tls_mode != NULL && strcmp(settings->db_tls_mode, "verify-server") == 0)
        add(conninfo, "sslmode", "verify-full");
    add(conninfo, "fallback_application_name", "latchkey");
}

int lk_settings_wants_entra_password(const lk_settings_t *settings)
{
    static const char plugin[] = "AzurePostgresqlAuthenticationPlugin";
    return (settings->db_password_source != NULL && strcmp(settings->db_password_source, "entra") == 0) ||
           (settings->db_url != NULL && strstr(settings->db_url, plugin) != NULL) ||
           (settings->db_url_properties != NULL && strstr(settings->db_url_properties, plugin) != NULL);
}

lk_status_t lk_settings_conninfo(lk_arena_t *arena, const lk_settings_t *settings, char **ret_conninfo, lk_error_t *err)
{
    lk_buffer_t conninfo;
    const char *url = settings->db_url;
    lk_status_t status = LK_OK;
    lk_buffer_init(&conninfo, arena, 65536);
    if (url != NULL && strncmp(url, JDBC_PREFIX, sizeof(JDBC_PREFIX) - 1) == 0) {
        status = add_jdbc(arena, &conninfo, url + sizeof(JDBC_PREFIX) - 1, err);
    } else if (url != NULL && is_libpq(url)) {
        status = add_libpq(&conninfo, url, err);
    } else if (url != NULL) {
        return lk_fail(err, LK_INVALID, NULL,
                       "db-url must be jdbc:postgresql://host:port/database or a libpq URI; only Postgres is supported");
    } else {
        add(&conninfo, "host", settings->db_url_host != NULL ? settings->db_url_host : "localhost");
        add(&conninfo, "port", settings->db_url_port);
        add(&conninfo, "dbname", settings->db_url_database != NULL ? settings->db_url_database : "keycloak");
    }
    if (status == LK_OK)
        status = add_properties(arena, &conninfo, settings->db_url_properties, err);
    if (status != LK_OK)
        return status;
    add_common(settings, arena, &conninfo);
    if (conninfo.overflow)
        return lk_fail(err, LK_INVALID, NULL, "The database settings are too long");
    *ret_conninfo = conninfo.base;
    return LK_OK;
}
