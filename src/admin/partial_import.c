/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "admin/fine_grained.h"
#include "admin/handlers.h"
#include "core/time.h"
#include "crypto/crypto.h"
#include "model/user_write.h"

/* POST partialImport: parts of a realm's file into a realm that is there, all or nothing. What exists already is an error, is left,
 * or is replaced, as ifResourceExists says. */

typedef enum en_existing_t { FAIL, SKIP, OVERWRITE } existing_t;
enum { ADDED, OVERWRITTEN, SKIPPED };

typedef struct st_work_t {
    lk_admin_t *admin;
    existing_t existing;
    json_t *results, *groups; /* groups: path -> id of those made here */
    long long counts[3];      /* by what was done */
} work_t;

/* One element: `owner` is the clientId of a client's role. */
typedef struct st_item_t {
    json_t *rep;
    const char *name, *owner, *owner_id;
} item_t;

typedef struct st_part_t {
    const char *type;   /* in the results */
    const char *path;   /* in the events */
    const char *name;   /* the member that names it */
    const char *exists; /* with %s for the name, and %s for the owner */
    int tells_twice;    /* one that is replaced is told as added too, as Keycloak does for roles */
    lk_status_t (*find)(work_t *work, const item_t *item, const char **ret_id, lk_error_t *err);
    lk_status_t (*make)(work_t *work, const item_t *item, const char **ret_id, lk_error_t *err);
    lk_status_t (*drop)(work_t *work, const item_t *item, const char *id, lk_error_t *err);
    int (*passes_over)(const lk_admin_t *admin, const char *name); /* NULL: nothing */
    const char *own_id;                                            /* the member with its id in its event; NULL: none */
    void (*told)(json_t *rep); /* what the event's representation has beside what was given; NULL: nothing */
} part_t;

/* The handlers' context with an element as its body. */
static lk_admin_t with_body(const work_t *work, json_t *body)
{
    lk_admin_t one = *work->admin;
    one.body = body;
    return one;
}

static lk_status_t first_id(lk_status_t status, const lk_rows_t *rows, const char **ret_id)
{
    if (status == LK_OK)
        *ret_id = rows->count != 0 ? lk_row_str(rows, 0, "id") : NULL;
    return status;
}

/* --- kinds --- */

static lk_status_t find_kind(work_t *work, const lk_kind_t *kind, const char *name, const char **ret_id, lk_error_t *err)
{
    lk_error_t why = {0};
    json_t *rep;
    lk_status_t status = lk_kind_find_named(work->admin, kind, name, &rep, &why);
    *ret_id = status == LK_OK ? lk_json_str(rep, kind->id, NULL) : NULL;
    if (status == LK_OK || status == LK_NOT_FOUND)
        return LK_OK;
    if (err != NULL)
        *err = why;
    return status;
}

static lk_status_t make_kind(work_t *work, const lk_kind_t *kind, const item_t *item, const json_t *columns, const char **ret_id,
                             lk_error_t *err)
{
    lk_admin_t one = with_body(work, item->rep);
    lk_status_t status = lk_admin_check(&one, kind->fields, err);
    return status == LK_OK ? lk_kind_create(&one, kind, item->rep, columns, ret_id, err) : status;
}

static lk_status_t find_client(work_t *work, const item_t *item, const char **ret_id, lk_error_t *err)
{
    return find_kind(work, &lk_kind_client, item->name, ret_id, err);
}

static lk_status_t make_client(work_t *work, const item_t *item, const char **ret_id, lk_error_t *err)
{
    return make_kind(work, &lk_kind_client, item, NULL, ret_id, err);
}

static lk_status_t drop_client(work_t *work, const item_t *item, const char *id, lk_error_t *err)
{
    (void)item;
    return lk_kind_remove(work->admin, &lk_kind_client, id, err);
}

static lk_status_t find_provider(work_t *work, const item_t *item, const char **ret_id, lk_error_t *err)
{
    return find_kind(work, &lk_kind_identity_provider, item->name, ret_id, err);
}

static lk_status_t make_provider(work_t *work, const item_t *item, const char **ret_id, lk_error_t *err)
{
    return make_kind(work, &lk_kind_identity_provider, item, NULL, ret_id, err);
}

static lk_status_t drop_provider(work_t *work, const item_t *item, const char *id, lk_error_t *err)
{
    (void)item;
    return lk_kind_remove(work->admin, &lk_kind_identity_provider, id, err);
}

static lk_status_t find_mapper(work_t *work, const item_t *item, const char **ret_id, lk_error_t *err)
{
    lk_admin_t one = with_body(work, item->rep);
    json_t *all, *other;
    size_t i;
    one.narrow = lk_json_str(item->rep, "identityProviderAlias", "");
    *ret_id = NULL;
    lk_status_t status = lk_kind_all(&one, &lk_kind_provider_mapper, one.narrow, &all, err);
    json_array_foreach(status == LK_OK ? all : NULL, i, other)
    {
        if (strcmp(lk_json_str(other, "name", ""), item->name) == 0)
            *ret_id = lk_json_str(other, "id", NULL);
    }
    return status;
}

static lk_status_t make_mapper(work_t *work, const item_t *item, const char **ret_id, lk_error_t *err)
{
    const char *alias = lk_json_str(item->rep, "identityProviderAlias", "");
    lk_admin_t one = with_body(work, item->rep);
    json_t *provider;
    lk_status_t status = lk_admin_check(&one, lk_kind_provider_mapper.fields, err);
    if (status == LK_OK)
        status = lk_kind_find_named(&one, &lk_kind_identity_provider, alias, &provider, err);
    one.narrow = alias;
    return status == LK_OK ? lk_kind_create(&one, &lk_kind_provider_mapper, item->rep, NULL, ret_id, err) : status;
}

static lk_status_t drop_mapper(work_t *work, const item_t *item, const char *id, lk_error_t *err)
{
    (void)item;
    return lk_kind_remove(work->admin, &lk_kind_provider_mapper, id, err);
}

/* --- roles --- */

static lk_status_t find_role(work_t *work, const item_t *item, const char **ret_id, lk_error_t *err)
{
    lk_rows_t rows;
    return first_id(lk_admin_sql(work->admin, LK_Q_PARTIAL_ROLE, &rows, err, item->name, item->owner_id), &rows, ret_id);
}

/* Without what it is composed of, which may be made or replaced by the same import: see compose. */
static lk_status_t make_role(work_t *work, const item_t *item, const char **ret_id, lk_error_t *err)
{
    lk_arena_t *arena = work->admin->req->arena;
    json_t *columns = lk_json_own(arena, json_pack("{s:s?}", "containerId", item->owner_id));
    item_t plain = *item;
    plain.rep = lk_json_own(arena, json_copy(item->rep));
    json_object_del(plain.rep, "composites");
    return make_kind(work, &lk_kind_role, &plain, columns, ret_id, err);
}

static lk_status_t drop_role(work_t *work, const item_t *item, const char *id, lk_error_t *err)
{
    lk_rows_t rows;
    (void)item;
    return lk_admin_sql(work->admin, LK_Q_PARTIAL_ROLE_DELETE, &rows, err, id);
}

/* Ids, as a JSON array, of the roles that an object names. */
static lk_status_t role_ids(work_t *work, const json_t *realm_roles, const json_t *client_roles, const char **ret_ids,
                            lk_error_t *err)
{
    lk_arena_t *arena = work->admin->req->arena;
    lk_rows_t rows;
    lk_status_t status = lk_admin_sql(work->admin, LK_Q_PARTIAL_ROLE_IDS, &rows, err,
                                      json_is_array(realm_roles) ? lk_json_text(arena, realm_roles) : "[]",
                                      json_is_object(client_roles) ? lk_json_text(arena, client_roles) : "{}");
    if (status == LK_OK)
        *ret_ids = lk_row_str(&rows, 0, "ids");
    return status;
}

static lk_status_t grant(work_t *work, const lk_role_holder_t *holder, const char *id, const json_t *rep, lk_error_t *err)
{
    const char *ids = NULL;
    lk_rows_t rows;
    lk_status_t status = role_ids(work, json_object_get(rep, "realmRoles"), json_object_get(rep, "clientRoles"), &ids, err);
    return status == LK_OK && strcmp(ids, "[]") != 0 ? lk_admin_sql(work->admin, holder->add, &rows, err, id, ids) : status;
}

/* Once all roles are there. */
static lk_status_t compose(work_t *work, const json_t *roles, const char *owner_id, lk_error_t *err)
{
    lk_status_t status = LK_OK;
    size_t i;
    json_t *rep;
    json_array_foreach((json_t *)roles, i, rep)
    {
        const json_t *parts = json_object_get(rep, "composites");
        const char *id = NULL, *ids = NULL;
        item_t item = {rep, lk_json_str(rep, "name", ""), NULL, owner_id};
        lk_rows_t rows;
        if (status != LK_OK || parts == NULL)
            continue;
        status = find_role(work, &item, &id, err);
        if (status == LK_OK && id != NULL)
            status = role_ids(work, json_object_get(parts, "realm"), json_object_get(parts, "client"), &ids, err);
        if (status == LK_OK && id != NULL)
            status = lk_admin_sql(work->admin, LK_Q_PARTIAL_COMPOSITES, &rows, err, id, ids);
    }
    return status;
}

/* --- groups --- */

static lk_status_t find_group(work_t *work, const item_t *item, const char **ret_id, lk_error_t *err)
{
    lk_rows_t rows;
    return first_id(lk_admin_sql(work->admin, LK_Q_PARTIAL_GROUP, &rows, err, item->name), &rows, ret_id);
}

static lk_status_t make_group_below(work_t *work, json_t *rep, const char *parent_id, const char *parent_path, const char **ret_id,
                                    lk_error_t *err)
{
    lk_arena_t *arena = work->admin->req->arena;
    const char *name = lk_json_str(rep, "name", ""), *path = lk_printf(arena, "%s/%s", parent_path, name), *below;
    json_t *columns = lk_json_own(arena, json_pack("{s:s?}", "parentId", parent_id)), *child;
    json_t *own = lk_json_own(arena, json_copy(rep));
    size_t i;
    json_object_del(own, "subGroups");
    item_t item = {own, name, NULL, NULL};
    lk_status_t status = make_kind(work, &lk_kind_group, &item, columns, ret_id, err);
    if (status == LK_OK)
        status = grant(work, &lk_roles_of_group, *ret_id, rep, err);
    if (status == LK_OK)
        json_object_set_new(work->groups, path, json_string(*ret_id));
    json_array_foreach(json_object_get(rep, "subGroups"), i, child)
    {
        if (status == LK_OK)
            status = make_group_below(work, child, *ret_id, path, &below, err);
    }
    return status;
}

static lk_status_t make_group(work_t *work, const item_t *item, const char **ret_id, lk_error_t *err)
{
    return make_group_below(work, item->rep, NULL, "", ret_id, err);
}

static lk_status_t drop_group(work_t *work, const item_t *item, const char *id, lk_error_t *err)
{
    lk_rows_t rows;
    (void)item;
    return lk_admin_sql(work->admin, LK_Q_PARTIAL_GROUP_DELETE, &rows, err, id);
}

/* --- users --- */

static lk_status_t find_user(work_t *work, const item_t *item, const char **ret_id, lk_error_t *err)
{
    lk_arena_t *arena = work->admin->req->arena;
    const char *email = work->admin->realm->duplicate_emails_allowed ? NULL : lk_json_str(item->rep, "email", NULL);
    lk_rows_t rows;
    return first_id(lk_admin_sql(work->admin, LK_Q_PARTIAL_USER, &rows, err, lk_utf8_lower(arena, item->name),
                                 email != NULL ? lk_utf8_lower(arena, email) : NULL),
                    &rows, ret_id);
}

static lk_status_t set_password(work_t *work, const char *id, const json_t *rep, lk_error_t *err)
{
    lk_admin_t *admin = work->admin;
    lk_user_t user = {.id = id, .username = lk_json_str(rep, "username", ""), .email = lk_json_str(rep, "email", NULL)};
    lk_status_t status = LK_OK;
    size_t i;
    json_t *credential;
    json_array_foreach(json_object_get(rep, "credentials"), i, credential)
    {
        const char *value = lk_json_str(credential, "value", "");
        lk_rows_t rows;
        if (status != LK_OK)
            continue;
        if (*value != '\0')
            status = lk_user_set_password(admin->sql, admin->req->arena, admin->realm, &user, value,
                                          lk_json_bool(credential, "temporary", 0), err);
        else if (lk_json_str(credential, "secretData", NULL) != NULL)
            status = lk_admin_sql(admin, LK_Q_CREDENTIAL_INSERT, &rows, err, id, lk_random_uuid(admin->req->arena),
                                  lk_json_str(credential, "type", "password"), lk_json_str(credential, "userLabel", NULL),
                                  lk_printf(admin->req->arena, "%lld", (long long)lk_now_ms()),
                                  lk_json_str(credential, "secretData", ""), lk_json_str(credential, "credentialData", "{}"));
    }
    return status;
}

static const char *group_id(const work_t *work, const char *path)
{
    const char *made = lk_json_str(work->groups, path, NULL);
    const lk_group_t *group = made == NULL ? lk_realm_group_by_path(work->admin->realm, path) : NULL;
    return group != NULL ? group->id : made;
}

static lk_status_t join_groups(work_t *work, const char *id, const json_t *rep, lk_error_t *err)
{
    lk_arena_t *arena = work->admin->req->arena;
    lk_status_t status = LK_OK;
    size_t i;
    json_t *path;
    json_array_foreach(json_object_get(rep, "groups"), i, path)
    {
        const char *text = json_is_string(path) ? json_string_value(path) : "";
        const char *group = group_id(work, *text == '/' ? text : lk_printf(arena, "/%s", text));
        lk_rows_t rows;
        if (status == LK_OK && group == NULL)
            status = lk_admin_message(err, LK_INVALID, lk_printf(arena, "Unable to find group specified by path: %s", text));
        if (status == LK_OK)
            status = lk_admin_sql(work->admin, LK_Q_USER_GROUP_ADD, &rows, err, id, group);
    }
    return status;
}

/* As an import makes them: with the roles and groups that the file names, and no others. */
static lk_status_t make_user(work_t *work, const item_t *item, const char **ret_id, lk_error_t *err)
{
    lk_arena_t *arena = work->admin->req->arena;
    lk_admin_t one = with_body(work, item->rep);
    lk_rows_t rows;
    lk_status_t status = lk_admin_check(&one, &lk_user_fields, err);
    if (status != LK_OK)
        return status;
    json_t *rep = lk_json_own(arena, lk_rep_strict(&lk_user_fields, item->rep));
    const char *id = lk_json_str(rep, "id", NULL), *email = lk_json_str(rep, "email", NULL);
    if (id == NULL)
        id = lk_random_uuid(arena);
    json_object_set_new(rep, "id", json_string(id));
    json_object_set_new(rep, "username", json_string(lk_utf8_lower(arena, item->name)));
    if (email != NULL)
        json_object_set_new(rep, "email", json_string(lk_utf8_lower(arena, email)));
    if (json_object_get(rep, "createdTimestamp") == NULL)
        json_object_set_new(rep, "createdTimestamp", json_integer(lk_now_ms()));
    json_t *stored = lk_json_own(arena, lk_rep_stored(&lk_user_fields, rep));
    status = lk_admin_sql(work->admin, LK_Q_USER_INSERT, &rows, err, lk_json_text(arena, rep), lk_json_text(arena, stored));
    if (status == LK_OK)
        status = set_password(work, id, rep, err);
    if (status == LK_OK)
        status = join_groups(work, id, rep, err);
    if (status == LK_OK)
        status = grant(work, &lk_roles_of_user, id, rep, err);
    *ret_id = id;
    return status;
}

static lk_status_t drop_user(work_t *work, const item_t *item, const char *id, lk_error_t *err)
{
    lk_rows_t rows;
    (void)item;
    lk_status_t status = lk_fine_forget(work->admin, id, err);
    return status == LK_OK ? lk_admin_sql(work->admin, LK_Q_USER_DELETE, &rows, err, id) : status;
}

/* --- what events show: what was given as Keycloak's classes hold it --- */

static void told_role(json_t *rep)
{
    if (json_object_get(rep, "composite") == NULL)
        json_object_set_new(rep, "composite", json_false());
}

static void told_provider(json_t *rep)
{
    if (json_object_get(rep, "enabled") == NULL)
        json_object_set_new(rep, "enabled", json_true());
}

static void told_group(json_t *rep)
{
    size_t i;
    json_t *child, *children = json_object_get(rep, "subGroups");
    if (!json_is_array(children))
        json_object_set_new(rep, "subGroups", json_array());
    json_array_foreach(children, i, child) told_group(child);
}

static void told_user(json_t *rep)
{
    json_object_del(rep, "credentials");
}

/* --- the walk --- */

static const part_t clients = {"CLIENT",    "clients",   "clientId",  "Client id '%s' already exists", 0,
                               find_client, make_client, drop_client, lk_client_is_internal,           "id"};
static const part_t realm_roles = {
    "REALM_ROLE", "realms",       "name",           "Realm role '%s' already exists.", 1, find_role, make_role,
    drop_role,    .own_id = "id", .told = told_role};
static const part_t client_roles = {
    "CLIENT_ROLE", "clients",      "name",           "Client role '%s' for client '%s' already exists.", 1, find_role, make_role,
    drop_role,     .own_id = "id", .told = told_role};
static const part_t providers = {"IDP",
                                 "identity-provider-settings",
                                 "alias",
                                 "Identity Provider '%s' already exists.",
                                 0,
                                 find_provider,
                                 make_provider,
                                 drop_provider,
                                 .own_id = "internalId",
                                 .told = told_provider};
static const part_t provider_mappers = {"IDP_MAPPER", "mappers",   "name",     "Identity Provider Mapper '%s' already exists.", 0,
                                        find_mapper,  make_mapper, drop_mapper};
static const part_t groups = {"GROUP",    "groups",          "name", "Group '%s' already exists.", 0, find_group, make_group,
                              drop_group, .told = told_group};
static const part_t users = {
    "USER",    "users",        "username",       "User with user name %s already exists.", 0, find_user, make_user,
    drop_user, .own_id = "id", .told = told_user};

static const struct {
    const char *action, *operation; /* NULL: no event */
} actions[] = {{"ADDED", "CREATE"}, {"OVERWRITTEN", "UPDATE"}, {"SKIPPED", NULL}};

/* Into the results, the numbers and the events. */
static lk_status_t tell(work_t *work, const part_t *part, const item_t *item, size_t done, const char *id, lk_error_t *err)
{
    const char *action = actions[done].action;
    const char *name = item->owner != NULL ? lk_printf(work->admin->req->arena, "%s-->%s", item->owner, item->name) : item->name;
    const char *shown = item->owner_id != NULL ? item->owner_id : id;
    ++work->counts[done];
    json_array_append_new(work->results, json_pack("{s:s, s:s, s:s, s:s}", "action", action, "resourceType", part->type,
                                                   "resourceName", name, "id", shown));
    if (actions[done].operation == NULL)
        return LK_OK;
    json_t *told = lk_json_own(work->admin->req->arena, json_deep_copy(item->rep));
    if (part->told != NULL)
        part->told(told);
    if (part->own_id != NULL)
        json_object_set_new(told, part->own_id, json_string(id));
    return lk_admin_event_add(work->admin, actions[done].operation, "REALM",
                              lk_printf(work->admin->req->arena, "%s/%s", part->path, shown), told, err);
}

static const char *exists_text(lk_arena_t *arena, const part_t *part, const item_t *item)
{
    lk_buffer_t text;
    const char *const values[] = {item->name, item->owner};
    size_t next = 0;
    lk_buffer_init(&text, arena, 4096);
    for (const char *at = part->exists; *at != '\0'; ++at) {
        if (*at != '%') {
            lk_buffer_putc(&text, *at);
            continue;
        }
        lk_buffer_puts(&text, values[next++]);
        ++at;
    }
    return text.base;
}

static lk_status_t take(work_t *work, const part_t *part, const item_t *item, lk_error_t *err)
{
    const char *old = NULL, *id = NULL;
    lk_status_t status = part->find(work, item, &old, err);
    if (status == LK_OK && old != NULL && work->existing == FAIL)
        return lk_admin_message(err, LK_CONFLICT, exists_text(work->admin->req->arena, part, item));
    if (status == LK_OK && old != NULL && work->existing == SKIP) {
        return tell(work, part, item, SKIPPED, old, err);
    }
    if (status == LK_OK && old != NULL)
        status = part->drop(work, item, old, err);
    if (status == LK_OK)
        status = part->make(work, item, &id, err);
    if (status != LK_OK)
        return status;
    if (old != NULL)
        status = tell(work, part, item, OVERWRITTEN, id, err);
    if (status == LK_OK && (old == NULL || part->tells_twice))
        status = tell(work, part, item, ADDED, id, err);
    return status;
}

static lk_status_t take_all(work_t *work, const part_t *part, const json_t *list, const char *owner, const char *owner_id,
                            lk_error_t *err)
{
    lk_status_t status = LK_OK;
    size_t i;
    json_t *rep;
    json_array_foreach((json_t *)list, i, rep)
    {
        item_t item = {rep, lk_json_str(rep, part->name, ""), owner, owner_id};
        if (status == LK_OK && *item.name == '\0')
            status = lk_admin_message(err, LK_INVALID, lk_printf(work->admin->req->arena, "%s without a name", part->type));
        if (status == LK_OK && (part->passes_over == NULL || !part->passes_over(work->admin, item.name)))
            status = take(work, part, &item, err);
    }
    return status;
}

static lk_status_t take_client_roles(work_t *work, json_t *by_client, int composing, lk_error_t *err)
{
    lk_status_t status = LK_OK;
    const char *client;
    json_t *list;
    json_object_foreach(by_client, client, list)
    {
        const char *id = NULL;
        if (status == LK_OK)
            status = find_kind(work, &lk_kind_client, client, &id, err);
        if (status == LK_OK && id == NULL)
            status = lk_fail_http(err, LK_INVALID, 412, "errorMessage",
                                  "Can not import client roles for nonexistent client named %s", client);
        if (status == LK_OK)
            status = composing ? compose(work, list, id, err) : take_all(work, &client_roles, list, client, id, err);
    }
    return status;
}

static lk_status_t take_roles(work_t *work, const json_t *roles, lk_error_t *err)
{
    json_t *of_realm = json_object_get(roles, "realm"), *of_clients = json_object_get(roles, "client");
    lk_status_t status = take_all(work, &realm_roles, of_realm, NULL, NULL, err);
    if (status == LK_OK)
        status = take_client_roles(work, of_clients, 0, err);
    if (status == LK_OK)
        status = compose(work, of_realm, NULL, err);
    return status == LK_OK ? take_client_roles(work, of_clients, 1, err) : status;
}

/* Their elements are checked when they are taken. */
static const lk_field_t role_fields[] = {LK_FIELD_FREE("realm", ARRAY, 0, NULL), LK_FIELD_FREE("client", OBJECT, 0, NULL),
                                         LK_FIELD_FREE("application", OBJECT, 0, NULL)};
static const lk_representation_t roles_rep = LK_REPRESENTATION("RolesRepresentation", role_fields);
static const lk_field_t import_fields[] = {
    LK_FIELD_FREE("ifResourceExists", STRING, 0, NULL),
    LK_FIELD_FREE("policy", STRING, 0, NULL),
    LK_FIELD_FREE("users", ARRAY, 0, NULL),
    LK_FIELD_FREE("clients", ARRAY, 0, NULL),
    LK_FIELD_FREE("groups", ARRAY, 0, NULL),
    LK_FIELD_FREE("identityProviders", ARRAY, 0, NULL),
    LK_FIELD_FREE("identityProviderMappers", ARRAY, 0, NULL),
    LK_FIELD_OF("roles", OBJECT, 0, NULL, roles_rep),
};
static const lk_representation_t import_rep = LK_REPRESENTATION_OPEN("PartialImportRepresentation", import_fields);

static int read_existing(const json_t *body)
{
    static const char *const names[] = {[FAIL] = "FAIL", [SKIP] = "SKIP", [OVERWRITE] = "OVERWRITE"};
    const char *text = lk_json_str(body, "ifResourceExists", names[FAIL]);
    for (int i = FAIL; i <= OVERWRITE; ++i)
        if (strcmp(names[i], text) == 0)
            return i;
    return -1;
}

lk_status_t lk_partial_import(lk_admin_t *admin, lk_error_t *err)
{
    lk_arena_t *arena = admin->req->arena;
    lk_status_t status = lk_admin_check(admin, &import_rep, err);
    if (status != LK_OK)
        return status;
    int existing = read_existing(admin->body);
    if (existing < 0)
        return lk_fail(err, LK_INVALID, "unknown_error", "Cannot parse the JSON");
    work_t work = {.admin = admin,
                   .existing = (existing_t)existing,
                   .results = lk_json_own(arena, json_array()),
                   .groups = lk_json_own(arena, json_object())};
    status = take_all(&work, &clients, json_object_get(admin->body, "clients"), NULL, NULL, err);
    if (status == LK_OK)
        status = take_roles(&work, json_object_get(admin->body, "roles"), err);
    if (status == LK_OK)
        status = take_all(&work, &providers, json_object_get(admin->body, "identityProviders"), NULL, NULL, err);
    if (status == LK_OK)
        status = take_all(&work, &provider_mappers, json_object_get(admin->body, "identityProviderMappers"), NULL, NULL, err);
    if (status == LK_OK)
        status = take_all(&work, &groups, json_object_get(admin->body, "groups"), NULL, NULL, err);
    if (status == LK_OK)
        status = take_all(&work, &users, json_object_get(admin->body, "users"), NULL, NULL, err);
    if (status == LK_CONFLICT && *err->text == '\0')
        return lk_admin_message(err, LK_CONFLICT, "Duplicate resource error");
    if (status != LK_OK)
        return status;
    return lk_admin_reply(admin, json_pack("{s:I, s:I, s:I, s:O}", "overwritten", (json_int_t)work.counts[OVERWRITTEN], "added",
                                           (json_int_t)work.counts[ADDED], "skipped", (json_int_t)work.counts[SKIPPED], "results",
                                           work.results));
}
