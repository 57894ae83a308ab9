/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/json.h"
#include "core/time.h"
#include "crypto/crypto.h"
#include "model/authz.h"
#include "store/store.h"

/* A resource server's settings: between realm files, which name what is referred to, and the store, which knows it by its id. */

/* The members of a policy's configuration that are lists, as the texts of arrays: the list's name, and the member of its entries
 * that refers to something, NULL where entries are texts. */
typedef struct st_list_t {
    const char *type, *name, *member;
    int passes_over; /* what is not there, as Keycloak does; all else must be */
} list_t;
static const list_t config_lists[] = {{"user", "users", NULL, 0},
                                      {"client", "clients", NULL, 0},
                                      {"role", "roles", "id", 1},
                                      {"client-scope", "clientScopes", "id", 0},
                                      {"group", "groups", "id", 1}};
#define NUM_CONFIG_LISTS (sizeof(config_lists) / sizeof(config_lists[0]))

/* A policy's members of ids, how realm files call them in its configuration, and the list that they are of. */
static const struct {
    const char *member, *config, *list;
} links[] = {{"resources", "resources", "resources"}, {"scopes", "scopes", "scopes"}, {"policies", "applyPolicies", "policies"}};
#define NUM_LINKS (sizeof(links) / sizeof(links[0]))
enum { SCOPES = 1 }; /* row of it */

static void know_all(lk_arena_t *arena, const json_t *settings, lk_authz_known_t known[NUM_LINKS])
{
    for (size_t row = 0; row != NUM_LINKS; ++row)
        lk_authz_known(arena, settings, links[row].list, &known[row]);
}

json_t *lk_authz_new(void)
{
    return json_pack("{s:b, s:s, s:[], s:[], s:[], s:s}", "allowRemoteResourceManagement", 1, "policyEnforcementMode", "ENFORCING",
                     "resources", "policies", "scopes", "decisionStrategy", "UNANIMOUS");
}

json_t *lk_authz_list(lk_arena_t *arena, const json_t *config, const char *name)
{
    const char *text = lk_json_str(config, name, NULL);
    json_t *list = NULL;
    if (text != NULL && lk_json_parse(arena, text, strlen(text), &list, NULL) == LK_OK && json_is_array(list))
        return list;
    return lk_json_own(arena, json_array());
}

static void set_list(lk_arena_t *arena, json_t *config, const char *name, const json_t *list)
{
    json_object_set_new(config, name, json_string(lk_json_text(arena, list)));
}

/* --- references to the realm's things --- */

/* What an entry of a list refers to, by id or by name; realm files have groups' paths in a member of their own. */
static const char *text_of(const list_t *row, const json_t *entry)
{
    if (row->member == NULL)
        return json_string_value(entry);
    return lk_json_str(entry, row->member, lk_json_str(entry, "path", NULL));
}

static void collect(lk_arena_t *arena, const json_t *settings, json_t *asked)
{
    size_t i, j;
    json_t *policy, *entry;
    json_array_foreach(json_object_get(settings, "policies"), i, policy)
    {
        for (size_t row = 0; row != NUM_CONFIG_LISTS; ++row) {
            json_array_foreach(lk_authz_list(arena, json_object_get(policy, "config"), config_lists[row].name), j, entry)
            {
                const char *text = text_of(&config_lists[row], entry);
                if (text != NULL)
                    json_array_append_new(asked, json_pack("{s:s, s:s}", "kind", config_lists[row].name, "text", text));
            }
        }
    }
    json_array_foreach(json_object_get(settings, "resources"), i, entry)
    {
        const json_t *owner = json_object_get(entry, "owner");
        if (json_is_string(owner))
            json_array_append_new(asked, json_pack("{s:s, s:O}", "kind", "users", "text", owner));
    }
}

/* What is found: "kind\ntext" -> [id, name]. */
static lk_status_t find_all(lk_sql_t *sql, lk_arena_t *arena, const char *realm_id, const json_t *settings, json_t **ret_found,
                            lk_error_t *err)
{
    json_t *asked = lk_json_own(arena, json_array()), *found = lk_json_own(arena, json_object());
    lk_rows_t rows;
    *ret_found = found;
    collect(arena, settings, asked);
    if (sql == NULL || json_array_size(asked) == 0)
        return LK_OK;
    lk_status_t status = lk_query(sql, arena, LK_Q_AUTHZ_REFERENCES, &rows, err, realm_id, lk_json_text(arena, asked));
    for (int i = 0; status == LK_OK && i != rows.count; ++i)
        json_object_set_new(found, lk_printf(arena, "%s\n%s", lk_row_str(&rows, i, "kind"), lk_row_str(&rows, i, "text")),
                            json_pack("[s, s]", lk_row_str(&rows, i, "id"), lk_row_str(&rows, i, "name")));
    return status;
}

enum { TO_ID, TO_NAME };

static const char *translated(lk_arena_t *arena, const json_t *found, const char *kind, const char *text, int way)
{
    const json_t *pair = json_object_get(found, lk_printf(arena, "%s\n%s", kind, text));
    const char *other = json_string_value(json_array_get(pair, (size_t)way));
    return other != NULL ? other : text;
}

/* Lists of a policy's configuration; of groups, realm files have the path. What is gone has no place in a realm file. */
static void translate_config(lk_arena_t *arena, const json_t *found, json_t *policy, int way)
{
    json_t *config = json_object_get(policy, "config");
    for (size_t row = 0; row != NUM_CONFIG_LISTS; ++row) {
        const list_t *of = &config_lists[row];
        json_t *entry, *list = lk_json_own(arena, json_array());
        size_t i;
        if (json_object_get(config, of->name) == NULL)
            continue;
        json_array_foreach(lk_authz_list(arena, config, of->name), i, entry)
        {
            const char *text = text_of(of, entry), *other = text != NULL ? translated(arena, found, of->name, text, way) : NULL;
            if (other == NULL)
                continue;
            if (of->member == NULL) {
                json_array_append_new(list, json_string(other));
                continue;
            }
            json_t *changed = json_object();
            json_object_set_new(changed, way == TO_NAME && strcmp(of->name, "groups") == 0 ? "path" : of->member,
                                json_string(other));
            json_object_update_missing(changed, entry);
            if (way == TO_ID || strcmp(of->name, "groups") == 0)
                json_object_del(changed, way == TO_ID ? "path" : "id");
            json_array_append_new(list, changed);
        }
        set_list(arena, config, of->name, list);
    }
}

/* --- in --- */

static void intern_ids(lk_arena_t *arena, json_t *settings)
{
    static const char *const lists[][2] = {{"resources", "_id"}, {"policies", "id"}, {"scopes", "id"}};
    for (size_t row = 0; row != 3; ++row) {
        json_t *object;
        size_t i;
        if (!json_is_array(json_object_get(settings, lists[row][0])))
            json_object_set_new(settings, lists[row][0], json_array());
        json_array_foreach(json_object_get(settings, lists[row][0]), i, object)
        {
            if (lk_json_str(object, lists[row][1], NULL) == NULL)
                json_object_set_new(object, lists[row][1], json_string(lk_random_uuid(arena)));
        }
    }
}

/* The id of what a name, or {"name"}, stands for; a scope that is not there is made. */
static const char *intern_scope(lk_arena_t *arena, json_t *settings, const lk_authz_known_t *known, const json_t *given)
{
    const char *text = json_is_string(given) ? json_string_value(given) : lk_json_str(given, "name", lk_json_str(given, "id", ""));
    json_t *scope = lk_authz_known_find(known, text);
    if (scope != NULL)
        return lk_authz_id(scope);
    scope = json_pack("{s:s, s:s}", "id", lk_random_uuid(arena), "name", text);
    lk_authz_known_add(known, scope);
    json_array_append_new(json_object_get(settings, "scopes"), scope);
    return lk_authz_id(scope);
}

static void intern_resource(lk_arena_t *arena, json_t *settings, const lk_authz_known_t *known, json_t *resource)
{
    json_t *ids = json_array(), *given, *scopes = json_object_get(resource, "scopes"), *owner = json_object_get(resource, "owner");
    size_t i;
    json_array_foreach(scopes, i, given)
    {
        json_array_append_new(ids, json_string(intern_scope(arena, settings, known, given)));
    }
    json_object_set_new(resource, "scopes", ids);
    if (json_is_object(owner)) {
        const char *text = lk_json_str(owner, "id", lk_json_str(owner, "name", NULL));
        json_object_set_new(resource, "owner", text != NULL ? json_string(text) : json_null());
    }
    if (json_is_null(json_object_get(resource, "owner")))
        json_object_del(resource, "owner");
    if (json_is_string(json_object_get(resource, "uri")) && json_object_get(resource, "uris") == NULL)
        json_object_set_new(resource, "uris", json_pack("[O]", json_object_get(resource, "uri"))); /* files of old versions */
    json_object_del(resource, "uri");
}

/* What every resource, and every policy, has. */
static void complete(json_t *object, json_t *defaults)
{
    json_object_update_missing(object, defaults);
    json_decref(defaults);
}

static void intern_policy(lk_arena_t *arena, const lk_authz_known_t *known, json_t *policy)
{
    json_t *config = json_object_get(policy, "config");
    if (config == NULL)
        json_object_set_new(policy, "config", config = json_object());
    for (size_t row = 0; row != NUM_LINKS; ++row) {
        json_t *name, *ids = json_array(), *given = json_object_get(policy, links[row].member);
        size_t i;
        if (json_object_get(config, links[row].config) != NULL)
            given = lk_authz_list(arena, config, links[row].config);
        json_array_foreach(given, i, name)
        {
            const json_t *object = json_is_string(name) ? lk_authz_known_find(&known[row], json_string_value(name)) : NULL;
            if (object != NULL)
                json_array_append_new(ids, json_string(lk_authz_id(object)));
        }
        json_object_del(config, links[row].config);
        json_object_set_new(policy, links[row].member, ids);
    }
}

lk_status_t lk_authz_intern(lk_sql_t *sql, lk_arena_t *arena, const char *realm_id, json_t *settings, lk_error_t *err)
{
    json_t *object, *found;
    lk_authz_known_t known[NUM_LINKS];
    size_t i;
    lk_status_t status = find_all(sql, arena, realm_id, settings, &found, err);
    if (status != LK_OK)
        return status;
    json_object_del(settings, "authorizationSchema"); /* is shown alone: model/admin_permissions.h knows it */
    intern_ids(arena, settings);
    know_all(arena, settings, known);
    json_array_foreach(json_object_get(settings, "resources"), i, object)
    {
        intern_resource(arena, settings, &known[SCOPES], object);
        complete(object, json_pack("{s:b, s:{}, s:[]}", "ownerManagedAccess", 0, "attributes", "uris"));
        const char *owner = lk_json_str(object, "owner", NULL);
        if (owner != NULL)
            json_object_set_new(object, "owner", json_string(translated(arena, found, "users", owner, TO_ID)));
    }
    json_array_foreach(json_object_get(settings, "policies"), i, object)
    {
        complete(object, json_pack("{s:s, s:s}", "logic", "POSITIVE", "decisionStrategy", "UNANIMOUS"));
        intern_policy(arena, known, object);
        translate_config(arena, found, object, TO_ID);
    }
    return LK_OK;
}

/* --- out --- */

static void extern_resource(lk_arena_t *arena, const lk_authz_known_t *known, const json_t *found, json_t *resource)
{
    json_t *scopes = json_array(), *id;
    const char *owner = lk_json_str(resource, "owner", NULL);
    size_t i;
    json_array_foreach(json_object_get(resource, "scopes"), i, id)
    {
        const json_t *scope = lk_authz_known_find(known, json_string_value(id));
        if (scope != NULL)
            json_array_append_new(scopes, json_pack("{s:O}", "name", json_object_get(scope, "name")));
    }
    json_object_set_new(resource, "scopes", scopes);
    if (json_array_size(scopes) == 0)
        json_object_del(resource, "scopes");
    if (owner != NULL)
        json_object_set_new(resource, "owner", json_pack("{s:s}", "name", translated(arena, found, "users", owner, TO_NAME)));
}

static void extern_policy(lk_arena_t *arena, const lk_authz_known_t *known, json_t *policy)
{
    json_t *config = json_object_get(policy, "config");
    for (size_t row = 0; row != NUM_LINKS; ++row) {
        json_t *id, *names = lk_json_own(arena, json_array());
        size_t i;
        json_array_foreach(json_object_get(policy, links[row].member), i, id)
        {
            const json_t *object = lk_authz_known_find(&known[row], json_string_value(id));
            if (object != NULL)
                json_array_append(names, json_object_get(object, "name"));
        }
        if (json_array_size(names) != 0)
            set_list(arena, config, links[row].config, names);
        json_object_del(policy, links[row].member);
    }
}

/* What users share is theirs, and in no realm file, as in Keycloak. */
static void drop_of_owners(json_t *policies)
{
    for (size_t i = json_array_size(policies); i-- != 0;)
        if (json_object_get(json_array_get(policies, i), "owner") != NULL)
            json_array_remove(policies, i);
}

lk_status_t lk_authz_extern(lk_sql_t *sql, lk_arena_t *arena, const char *realm_id, const json_t *settings, int with_ids,
                            json_t **ret_settings, lk_error_t *err)
{
    json_t *found, *object, *shown = lk_json_own(arena, json_deep_copy(settings));
    static const char *const lists[] = {"resources", "policies", "scopes"};
    size_t i;
    lk_status_t status = lk_authz_intern(NULL, arena, NULL, shown, err); /* nothing changes where it is stored as it should be */
    if (status == LK_OK)
        status = find_all(sql, arena, realm_id, shown, &found, err);
    if (status != LK_OK)
        return status;
    drop_of_owners(json_object_get(shown, "policies"));
    settings = lk_json_own(arena, json_deep_copy(shown));
    lk_authz_known_t known[NUM_LINKS];
    know_all(arena, settings, known);
    json_array_foreach(json_object_get(shown, "resources"), i, object)
    {
        extern_resource(arena, &known[SCOPES], found, object);
    }
    json_array_foreach(json_object_get(shown, "policies"), i, object)
    {
        extern_policy(arena, known, object);
        translate_config(arena, found, object, TO_NAME);
    }
    for (size_t row = 0; !with_ids && row != 3; ++row) {
        json_array_foreach(json_object_get(shown, lists[row]), i, object)
        {
            json_object_del(object, "id");
            json_object_del(object, "_id");
        }
    }
    *ret_settings = shown;
    return LK_OK;
}

lk_status_t lk_authz_check_references(lk_sql_t *sql, lk_arena_t *arena, const char *realm_id, const json_t *settings,
                                      lk_error_t *err)
{
    json_t *found, *asked = lk_json_own(arena, json_array()), *entry;
    size_t i;
    lk_status_t status = find_all(sql, arena, realm_id, settings, &found, err);
    if (status != LK_OK)
        return status;
    collect(arena, settings, asked);
    json_array_foreach(asked, i, entry)
    {
        const char *kind = lk_json_str(entry, "kind", ""), *text = lk_json_str(entry, "text", "");
        if (json_object_get(found, lk_printf(arena, "%s\n%s", kind, text)) == NULL)
            return lk_fail(err, LK_INVALID, "invalid_request", "There is no [%s] among the %s", text, kind);
    }
    return LK_OK;
}

lk_status_t lk_authz_unknown(lk_error_t *err, const char *list, const char *text)
{
    lk_fail_http(err, LK_INVALID, 500, "unknown_error", "For more on this error consult the server log.");
    return lk_error_detail(err, "there is no [%s] among the %s", text, list);
}

static lk_status_t settle_links(lk_arena_t *arena, const lk_authz_known_t known[NUM_LINKS], const json_t *policy, lk_error_t *err)
{
    const json_t *config = json_object_get(policy, "config");
    for (size_t row = 0; row != NUM_LINKS; ++row) {
        size_t i;
        json_t *name;
        json_array_foreach(lk_authz_list(arena, config, links[row].config), i, name)
        {
            const char *text = json_is_string(name) ? json_string_value(name) : "";
            if (lk_authz_known_find(&known[row], text) == NULL)
                return lk_authz_unknown(err, links[row].list, text);
        }
    }
    return LK_OK;
}

static lk_status_t settle_list(lk_arena_t *arena, const json_t *found, const list_t *of, json_t *config, lk_error_t *err)
{
    const char *given = lk_json_str(config, of->name, NULL);
    json_t *list = NULL, *entry;
    if (given == NULL)
        return LK_OK;
    if (lk_json_parse(arena, given, strlen(given), &list, NULL) != LK_OK || !json_is_array(list))
        return lk_fail_http(err, LK_INVALID, 500, "invalid_request", "Cannot parse the JSON");
    for (size_t i = json_array_size(list); i-- != 0;) {
        entry = json_array_get(list, i);
        const char *text = text_of(of, entry);
        if (text != NULL && json_object_get(found, lk_printf(arena, "%s\n%s", of->name, text)) != NULL)
            continue;
        if (!of->passes_over)
            return lk_authz_unknown(err, of->name, text != NULL ? text : "");
        json_array_remove(list, i);
    }
    set_list(arena, config, of->name, list);
    return LK_OK;
}

lk_status_t lk_authz_settle_policies(lk_sql_t *sql, lk_arena_t *arena, const char *realm_id, const json_t *settings,
                                     json_t *policies, lk_error_t *err)
{
    json_t *found, *policy;
    lk_authz_known_t known[NUM_LINKS];
    size_t i;
    lk_status_t status = find_all(sql, arena, realm_id, lk_json_own(arena, json_pack("{s:O}", "policies", policies)), &found, err);
    know_all(arena, settings, known);
    json_array_foreach(policies, i, policy)
    {
        if (status == LK_OK)
            status = settle_links(arena, known, policy, err);
        for (size_t row = 0; status == LK_OK && row != NUM_CONFIG_LISTS; ++row)
            if (strcmp(config_lists[row].type, lk_json_str(policy, "type", "")) == 0)
                status = settle_list(arena, found, &config_lists[row], json_object_get(policy, "config"), err);
    }
    return status;
}

/* --- what goes --- */

static void remove_object(json_t *settings, const char *list, const char *id)
{
    json_t *objects = json_object_get(settings, list);
    for (size_t i = json_array_size(objects); i-- != 0;)
        if (strcmp(lk_authz_id(json_array_get(objects, i)), id) == 0)
            json_array_remove(objects, i);
}

int lk_authz_remove_text(json_t *array, const char *text)
{
    int removed = 0;
    for (size_t i = json_array_size(array); i-- != 0;)
        if (strcmp(json_string_value(json_array_get(array, i)), text) == 0)
            removed = json_array_remove(array, i) == 0;
    return removed;
}

/* Takes what is gone out of policies' member; those that had nothing else there go as well. */
static void forget(json_t *settings, const char *member, const char *id)
{
    json_t *policies = json_object_get(settings, "policies");
    for (size_t i = json_array_size(policies); i-- != 0;) {
        json_t *policy = json_array_get(policies, i), *ids = json_object_get(policy, member);
        if (lk_authz_remove_text(ids, id) && json_array_size(ids) == 0)
            json_array_remove(policies, i);
    }
}

void lk_authz_remove(json_t *settings, const char *list, const char *id)
{
    forget(settings, list, id);
    remove_object(settings, list, id);
}

/* --- the store --- */

#define REQUEST_SPAN (365 * 86400) /* seconds */
#define MAX_OF_REQUESTER "1000"

lk_status_t lk_permission_ticket_insert(lk_sql_t *sql, lk_arena_t *arena, const char *realm_id,
                                        const lk_permission_ticket_t *ticket, const char **ret_id, lk_error_t *err)
{
    const char *id = lk_random_uuid(arena);
    const char *expires = ticket->granted ? NULL : lk_printf(arena, "%lld", (long long)lk_now() + REQUEST_SPAN);
    lk_rows_t rows;
    lk_status_t status =
        lk_query(sql, arena, LK_Q_TICKET_INSERT, &rows, err, realm_id, id, ticket->client_id, ticket->resource_id, ticket->scope_id,
                 ticket->owner, ticket->requester, ticket->granted ? "true" : "false", expires, MAX_OF_REQUESTER);
    if (status == LK_OK)
        *ret_id = rows.affected != 0 ? id : NULL;
    return status;
}

static int is_stored_resource(const json_t *resource)
{
    return lk_json_str(resource, "_id", NULL) != NULL && json_object_get(resource, "uris") != NULL &&
           (json_array_size(json_object_get(resource, "scopes")) == 0 ||
            json_is_string(json_array_get(json_object_get(resource, "scopes"), 0)));
}

static int is_stored_policy(const json_t *policy)
{
    const json_t *config = json_object_get(policy, "config");
    for (size_t row = 0; row != NUM_LINKS; ++row)
        if (json_object_get(policy, links[row].member) == NULL || json_object_get(config, links[row].config) != NULL)
            return 0;
    return lk_json_str(policy, "id", NULL) != NULL;
}

/* Whether all is in the form that is stored, which it is but for realms that an older version imported. */
static int is_stored_form(const json_t *settings)
{
    size_t i;
    json_t *object;
    json_array_foreach(json_object_get(settings, "resources"), i, object)
    {
        if (!is_stored_resource(object))
            return 0;
    }
    json_array_foreach(json_object_get(settings, "policies"), i, object)
    {
        if (!is_stored_policy(object))
            return 0;
    }
    return json_is_array(json_object_get(settings, "resources")) && json_is_array(json_object_get(settings, "policies")) &&
           json_is_array(json_object_get(settings, "scopes"));
}

lk_status_t lk_authz_read(lk_arena_t *arena, const lk_rows_t *rows, int row, json_t **ret_settings, lk_error_t *err)
{
    const char *text = lk_row_str(rows, row, "settings");
    lk_status_t status = lk_json_parse(arena, text, strlen(text), ret_settings, err);
    return status == LK_OK && !is_stored_form(*ret_settings) ? lk_authz_intern(NULL, arena, NULL, *ret_settings, err) : status;
}

lk_status_t lk_authz_get(lk_sql_t *sql, lk_arena_t *arena, const char *realm_id, const char *client_id, json_t **ret_settings,
                         lk_error_t *err)
{
    lk_rows_t rows;
    lk_status_t status = lk_query(sql, arena, LK_Q_AUTHZ_SELECT, &rows, err, realm_id, client_id);
    *ret_settings = NULL;
    return status == LK_OK && rows.count != 0 ? lk_authz_read(arena, &rows, 0, ret_settings, err) : status;
}

lk_status_t lk_authz_intern_all(lk_sql_t *sql, lk_arena_t *arena, const char *realm_id, lk_error_t *err)
{
    lk_rows_t rows, done;
    lk_status_t status = lk_query(sql, arena, LK_Q_AUTHZ_SELECT, &rows, err, realm_id, NULL);
    for (int i = 0; status == LK_OK && i != rows.count; ++i) {
        json_t *settings;
        status = lk_authz_read(arena, &rows, i, &settings, err);
        if (status == LK_OK)
            status = lk_authz_intern(sql, arena, realm_id, settings, err);
        if (status == LK_OK)
            status = lk_query(sql, arena, LK_Q_AUTHZ_UPDATE, &done, err, realm_id, lk_row_str(&rows, i, "id"),
                              lk_json_text(arena, settings));
    }
    return status;
}

lk_status_t lk_authz_export_client(lk_sql_t *sql, lk_arena_t *arena, const char *realm_id, json_t *client, lk_error_t *err)
{
    json_t *settings = json_object_get(client, "authorizationSettings"), *shown;
    if (settings == NULL)
        return LK_OK;
    lk_status_t status = lk_authz_extern(sql, arena, realm_id, settings, 0, &shown, err);
    if (status == LK_OK)
        json_object_set(client, "authorizationSettings", shown);
    return status;
}
