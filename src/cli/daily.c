/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "cli/daily.h"

#include <stdint.h>
#include <string.h>
#include <unistd.h>
#include "cli/attributes.h"
#include "cli/lookup.h"
#include "cli/table.h"

#define PAGE "500"
#define PAGE_SIZE 500

/* What can be listed, shown and deleted by its name. */
typedef struct st_kind_t {
    const char *name, *path;
    const char *(*find)(lk_cli_t *cli, const char *name); /* its id; NULL: its name is its address */
    int paged;
    lk_column_t columns[5];
    size_t num_columns;
} kind_t;

static const kind_t kinds[] = {
    {"client",
     "/clients",
     lk_find_client,
     1,
     {{"CLIENT ID", "clientId"},
      {"ENABLED", "enabled"},
      {"PUBLIC", "publicClient"},
      {"SERVICE", "serviceAccountsEnabled"},
      {"NAME", "name"}},
     5},
    {"role", "/roles", NULL, 0, {{"ROLE", "name"}, {"COMPOSITE", "composite"}, {"DESCRIPTION", "description"}}, 3},
    {"group", "/groups", lk_find_group_path, 0, {{"PATH", "path"}, {"ID", "id"}, {"SUBGROUPS", "subGroupCount"}}, 3},
    {"user",
     "/users",
     lk_find_user,
     1,
     {{"USER", "username"}, {"ENABLED", "enabled"}, {"E-MAIL", "email"}, {"FIRST", "firstName"}, {"LAST", "lastName"}},
     5},
};

static const kind_t *kind_of(const lk_cli_t *cli)
{
    size_t len = strcspn(cli->verb->name, " ");
    for (const kind_t *kind = kinds; kind != kinds + sizeof(kinds) / sizeof(kinds[0]); ++kind)
        if (strlen(kind->name) == len && strncmp(kind->name, cli->verb->name, len) == 0)
            return kind;
    return kinds;
}

int lk_daily_begin(lk_cli_t *cli, size_t least_words)
{
    int code = lk_check_show(cli);
    if (code != LK_EXIT_OK)
        return code;
    if (cli->num_words < least_words)
        return lk_cli_usage(cli, "Usage: lkadm %s %s", cli->verb->name, cli->verb->usage);
    return lk_session_open(cli) == LK_OK ? LK_EXIT_OK : lk_cli_fail(cli);
}

/* "/clients/ID" of --of-client, or "" for the realm's own roles; NULL with an error. */
static const char *role_owner(lk_cli_t *cli)
{
    const char *client = lk_cli_option(cli, LK_O_CLIENT_ROLE), *id;
    if (client == NULL)
        return "";
    id = lk_find_client(cli, client);
    return id != NULL ? lk_printf(cli->arena, "/clients/%s", id) : NULL;
}

/* Where things of this kind are: its path, below a client for a client's roles. */
static const char *collection(lk_cli_t *cli, const kind_t *kind)
{
    const char *owner = kind->find == NULL ? role_owner(cli) : "";
    return owner != NULL ? lk_printf(cli->arena, "%s%s%s", lk_url_realm(cli, "%s", ""), owner, kind->path) : NULL;
}

/* All pages, with a count on a terminal's standard error meanwhile. */
static json_t *all_pages(lk_cli_t *cli, const char *url, const char *query, int paged)
{
    json_t *all = lk_json_own(cli->arena, json_array()), *page;
    int tells = isatty(STDERR_FILENO);
    size_t got;
    do {
        const char *range = paged ? lk_printf(cli->arena, "&first=%zu&max=" PAGE, json_array_size(all)) : "";
        page = lk_call_get(cli, lk_printf(cli->arena, "%s?%s%s", url, query, range));
        if (page == NULL)
            return NULL;
        got = json_array_size(page);
        json_array_extend(all, page);
        if (tells && paged && got == PAGE_SIZE)
            fprintf(stderr, "\r%zu ...", json_array_size(all));
    } while (paged && got == PAGE_SIZE);
    if (tells && json_array_size(all) > PAGE_SIZE)
        fputs("\r\033[K", stderr);
    return all;
}

int lk_verb_list(lk_cli_t *cli)
{
    const kind_t *kind = kind_of(cli);
    const char *url;
    lk_buffer_t query;
    json_t *list;
    int code = lk_daily_begin(cli, 0);
    if (code != LK_EXIT_OK)
        return code;
    lk_buffer_init(&query, cli->arena, 4096);
    lk_buffer_puts(&query, "briefRepresentation=true");
    if (cli->num_words != 0) {
        lk_buffer_puts(&query, strcmp(kind->name, "client") == 0 ? "&search=true&clientId=" : "&search=");
        lk_buffer_percent(&query, cli->words[0]);
    }
    if ((url = collection(cli, kind)) == NULL || (list = all_pages(cli, url, query.base, kind->paged)) == NULL)
        return lk_cli_fail(cli);
    return lk_show_list(cli, list, kind->columns, kind->num_columns);
}

/* The address of the thing that the first word names. */
static const char *url_of_word(lk_cli_t *cli)
{
    const kind_t *kind = kind_of(cli);
    const char *url = collection(cli, kind), *id = kind->find != NULL ? kind->find(cli, cli->words[0]) : cli->words[0];
    lk_buffer_t whole;
    if (url == NULL || id == NULL)
        return NULL;
    lk_buffer_init(&whole, cli->arena, 64 * 1024);
    lk_buffer_printf(&whole, "%s/", url);
    lk_buffer_percent(&whole, id);
    return whole.base;
}

int lk_verb_show(lk_cli_t *cli)
{
    int code = lk_daily_begin(cli, 1);
    const char *url;
    json_t *object;
    if (code != LK_EXIT_OK)
        return code;
    if ((url = url_of_word(cli)) == NULL || (object = lk_call_get(cli, url)) == NULL)
        return lk_cli_fail(cli);
    return lk_show_object(cli, object);
}

int lk_verb_remove(lk_cli_t *cli)
{
    int code = lk_daily_begin(cli, 1);
    const char *url;
    if (code != LK_EXIT_OK)
        return code;
    if ((url = url_of_word(cli)) == NULL || lk_call_send(cli, "DELETE", url, NULL, NULL) != LK_OK)
        return lk_cli_fail(cli);
    return LK_EXIT_OK;
}

/* Sends the new thing and shows what the server made of it. */
static int add_and_show(lk_cli_t *cli, const char *url, json_t *object)
{
    const char *id = NULL;
    json_t *made;
    if (lk_call_send(cli, "POST", url, object, &id) != LK_OK ||
        (made = lk_call_get(cli, lk_printf(cli->arena, "%s/%s", url, id != NULL ? id : ""))) == NULL)
        return lk_cli_fail(cli);
    return lk_show_object(cli, made);
}

static void set_text(json_t *object, const char *name, const char *value)
{
    if (value != NULL)
        json_object_set_new(object, name, json_string(value));
}

/* The values of an option as a JSON list. */
static json_t *values_of(lk_cli_t *cli, lk_option_id_t id)
{
    json_t *list = json_array();
    const char *value;
    for (size_t at = 0; (value = lk_cli_each(cli, id, &at)) != NULL;)
        json_array_append_new(list, json_string(value));
    return list;
}

static lk_status_t apply_sets(lk_cli_t *cli, json_t *object)
{
    const char *set;
    for (size_t at = 0; (set = lk_cli_each(cli, LK_O_SET, &at)) != NULL;)
        if (lk_attribute_set(cli->arena, object, set, &cli->err) != LK_OK)
            return cli->err.kind;
    return LK_OK;
}

int lk_verb_client_add(lk_cli_t *cli)
{
    int service = lk_cli_has(cli, LK_O_SERVICE), is_public = lk_cli_has(cli, LK_O_PUBLIC), code;
    if (service && is_public)
        return lk_cli_usage(cli, "Options --public and --service are mutually exclusive: a service has a secret");
    if ((code = lk_daily_begin(cli, 1)) != LK_EXIT_OK)
        return code;
    json_t *client = lk_json_own(cli->arena, json_pack("{s:s, s:b, s:b, s:b, s:b, s:b, s:o, s:{}}", "clientId", cli->words[0],
                                                       "enabled", 1, "publicClient", is_public, "serviceAccountsEnabled", service,
                                                       "standardFlowEnabled", !service, "directAccessGrantsEnabled", 0,
                                                       "redirectUris", values_of(cli, LK_O_REDIRECT), "attributes"));
    json_t *attributes = json_object_get(client, "attributes");
    const char *logout;
    lk_buffer_t logouts;
    lk_buffer_init(&logouts, cli->arena, 64 * 1024);
    for (size_t at = 0; (logout = lk_cli_each(cli, LK_O_LOGOUT, &at)) != NULL;)
        lk_buffer_printf(&logouts, "%s%s", logouts.len != 0 ? "##" : "", logout);
    set_text(attributes, "post.logout.redirect.uris", logouts.len != 0 ? logouts.base : NULL);
    if (is_public)
        set_text(attributes, "pkce.code.challenge.method", "S256");
    set_text(client, "name", lk_cli_option(cli, LK_O_NAME));
    set_text(client, "description", lk_cli_option(cli, LK_O_DESCRIPTION));
    if (apply_sets(cli, client) != LK_OK)
        return lk_cli_fail(cli);
    return add_and_show(cli, lk_url_realm(cli, "/clients"), client);
}

int lk_verb_client_secret(lk_cli_t *cli)
{
    int code = lk_daily_begin(cli, 1);
    const char *id, *url;
    json_t *secret;
    if (code != LK_EXIT_OK)
        return code;
    if ((id = lk_find_client(cli, cli->words[0])) == NULL)
        return lk_cli_fail(cli);
    url = lk_url_realm(cli, "/clients/%s/client-secret", id);
    if ((lk_cli_has(cli, LK_O_REGENERATE) && lk_call_send(cli, "POST", url, NULL, NULL) != LK_OK) ||
        (secret = lk_call_get(cli, url)) == NULL)
        return lk_cli_fail(cli);
    if (lk_cli_option(cli, LK_O_SHOW) != NULL && lk_shows_json(cli))
        return lk_show_object(cli, secret);
    const char *value = lk_json_str(secret, "value", NULL);
    if (value == NULL) {
        lk_fail(&cli->err, LK_NOT_FOUND, NULL, "Client %s has no secret: it is public, or proves itself otherwise", cli->words[0]);
        return lk_cli_fail(cli);
    }
    puts(value); /* alone on its line, also where nobody looks: $(lkadm client secret web) */
    return LK_EXIT_OK;
}

int lk_verb_role_add(lk_cli_t *cli)
{
    int code = lk_daily_begin(cli, 1);
    const char *url;
    if (code != LK_EXIT_OK)
        return code;
    json_t *role = lk_json_own(cli->arena, json_pack("{s:s}", "name", cli->words[0]));
    set_text(role, "description", lk_cli_option(cli, LK_O_DESCRIPTION));
    if ((url = collection(cli, kind_of(cli))) == NULL || apply_sets(cli, role) != LK_OK)
        return lk_cli_fail(cli);
    return add_and_show(cli, url, role);
}

/* A path whose parents are made where they are missing. */
int lk_verb_group_add(lk_cli_t *cli)
{
    int code = lk_daily_begin(cli, 1);
    const char *parent = NULL, *part, *id = NULL;
    if (code != LK_EXIT_OK)
        return code;
    for (part = cli->words[0] + strspn(cli->words[0], "/"); *part != '\0'; part += strcspn(part, "/"), part += strspn(part, "/")) {
        const char *end = part + strcspn(part, "/"), *path = lk_strndup(cli->arena, cli->words[0], (size_t)(end - cli->words[0]));
        id = lk_find_group_path(cli, path);
        if (id == NULL && cli->err.kind != LK_NOT_FOUND)
            return lk_cli_fail(cli);
        if (id != NULL && end[strspn(end, "/")] == '\0') {
            lk_fail(&cli->err, LK_CONFLICT, NULL, "Group %s exists", cli->words[0]);
            return lk_cli_fail(cli);
        }
        if (id == NULL) {
            json_t *group = lk_json_own(cli->arena, json_pack("{s:s%}", "name", part, (size_t)(end - part)));
            const char *url = parent == NULL ? lk_url_realm(cli, "/groups") : lk_url_realm(cli, "/groups/%s/children", parent);
            if (lk_call_send(cli, "POST", url, group, &id) != LK_OK || (id == NULL && (id = lk_find_group_path(cli, path)) == NULL))
                return lk_cli_fail(cli);
        }
        parent = id;
    }
    json_t *group = parent != NULL ? lk_call_get(cli, lk_url_realm(cli, "/groups/%s", parent)) : NULL;
    return group != NULL ? lk_show_object(cli, group) : lk_cli_usage(cli, "A group has a name");
}

/* group join PATH USER..., group leave PATH USER... */
int lk_verb_group_member(lk_cli_t *cli)
{
    int code = lk_daily_begin(cli, 2);
    const char *group, *user;
    if (code != LK_EXIT_OK)
        return code;
    if ((group = lk_find_group_path(cli, cli->words[0])) == NULL)
        return lk_cli_fail(cli);
    for (size_t i = 1; i != cli->num_words; ++i)
        if ((user = lk_find_user(cli, cli->words[i])) == NULL ||
            lk_call_send(cli, cli->verb->method, lk_url_realm(cli, "/users/%s/groups/%s", user, group), NULL, NULL) != LK_OK)
            return lk_cli_fail(cli);
    return LK_EXIT_OK;
}

int lk_verb_user_add(lk_cli_t *cli)
{
    const char *password = lk_cli_option(cli, LK_O_NEW_PASSWORD), *id = NULL;
    int temporary = lk_cli_has(cli, LK_O_TEMPORARY), code = lk_daily_begin(cli, 1);
    json_t *made;
    if (code != LK_EXIT_OK)
        return code;
    json_t *user = lk_json_own(cli->arena, json_pack("{s:s, s:b}", "username", cli->words[0], "enabled", 1));
    set_text(user, "email", lk_cli_option(cli, LK_O_EMAIL));
    json_object_set_new(user, "emailVerified", json_boolean(lk_cli_has(cli, LK_O_EMAIL)));
    set_text(user, "firstName", lk_cli_option(cli, LK_O_FIRST));
    set_text(user, "lastName", lk_cli_option(cli, LK_O_LAST));
    if (temporary && password == NULL && (password = lk_secret_ask(cli, "KC_CLI_PASSWORD", "Enter the user's password")) == NULL)
        return lk_cli_fail(cli);
    if (password != NULL)
        json_object_set_new(user, "credentials",
                            json_pack("[{s:s, s:s, s:b}]", "type", "password", "value", password, "temporary", temporary));
    if (apply_sets(cli, user) != LK_OK || lk_call_send(cli, "POST", lk_url_realm(cli, "/users"), user, &id) != LK_OK ||
        id == NULL || (made = lk_call_get(cli, lk_url_realm(cli, "/users/%s", id))) == NULL)
        return lk_cli_fail(cli);
    return lk_show_object(cli, made);
}

/* user|group grant|revoke NAME ROLE...: roles of the realm, or of --of-client. */
int lk_verb_grant(lk_cli_t *cli)
{
    int code = lk_daily_begin(cli, 2);
    const kind_t *kind = kind_of(cli);
    json_t *roles = lk_json_own(cli->arena, json_array()), *role;
    const char *id, *owner;
    if (code != LK_EXIT_OK)
        return code;
    if ((id = kind->find(cli, cli->words[0])) == NULL || (owner = role_owner(cli)) == NULL)
        return lk_cli_fail(cli);
    const char *base = lk_printf(cli->arena, "%s%s/roles", lk_url_realm(cli, "%s", ""), owner);
    for (size_t i = 1; i != cli->num_words; ++i) {
        lk_buffer_t url;
        lk_buffer_init(&url, cli->arena, 64 * 1024);
        lk_buffer_printf(&url, "%s/", base);
        lk_buffer_percent(&url, cli->words[i]);
        if ((role = lk_call_get(cli, url.base)) == NULL) {
            if (cli->err.kind == LK_NOT_FOUND)
                lk_fail(&cli->err, LK_NOT_FOUND, NULL, "Role not found for name: %s", cli->words[i]);
            return lk_cli_fail(cli);
        }
        json_array_append(roles, role);
    }
    const char *url = lk_printf(cli->arena, "%s%s/%s/role-mappings%s", lk_url_realm(cli, "%s", ""), kind->path, id,
                                owner[0] != '\0' ? owner : "/realm");
    return lk_call_send(cli, cli->verb->method, url, roles, NULL) == LK_OK ? LK_EXIT_OK : lk_cli_fail(cli);
}
