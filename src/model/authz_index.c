/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/json.h"
#include "model/authz.h"

/* A resource server's things by what they are asked for. */

void lk_authz_known_add(const lk_authz_known_t *known, json_t *object)
{
    const char *id = lk_authz_id(object), *name = lk_json_str(object, "name", "");
    if (*id != '\0')
        json_object_set(known->ids, id, object);
    if (json_object_get(known->names, name) == NULL)
        json_object_set(known->names, name, object);
}

void lk_authz_known(lk_arena_t *arena, const json_t *settings, const char *list, lk_authz_known_t *ret_known)
{
    size_t i;
    json_t *object;
    *ret_known = (lk_authz_known_t){.ids = lk_json_own(arena, json_object()), .names = lk_json_own(arena, json_object())};
    json_array_foreach(json_object_get(settings, list), i, object)
    {
        lk_authz_known_add(ret_known, object);
    }
}

json_t *lk_authz_known_find(const lk_authz_known_t *known, const char *text)
{
    json_t *object = json_object_get(known->ids, text);
    return object != NULL ? object : json_object_get(known->names, text);
}

static void add(json_t *lists, const char *text, json_t *object)
{
    json_t *list = json_object_get(lists, text);
    if (list == NULL)
        json_object_set_new(lists, text, list = json_array());
    json_array_append(list, object);
}

static void add_each(json_t *lists, const json_t *texts, json_t *object)
{
    size_t i;
    json_t *text;
    json_array_foreach((json_t *)texts, i, text)
    {
        add(lists, json_string_value(text), object);
    }
}

static void index_resources(lk_authz_index_t *index, const json_t *settings)
{
    size_t i;
    json_t *resource;
    json_array_foreach(json_object_get(settings, "resources"), i, resource)
    {
        const char *type = lk_json_str(resource, "type", "");
        json_object_set(index->resources, lk_authz_id(resource), resource);
        add(index->resource_names, lk_json_str(resource, "name", ""), resource);
        add_each(index->scoped, json_object_get(resource, "scopes"), resource);
        if (*type != '\0')
            add(index->resource_types, type, resource);
        if (*type != '\0' && lk_json_str(resource, "owner", NULL) == NULL)
            add(index->parents, type, resource);
    }
}

/* A permission is found by the resources that it names, or by their type, or by its scopes where it names no resource. */
static void index_policies(lk_authz_index_t *index, const json_t *settings)
{
    size_t i;
    json_t *policy;
    json_array_foreach(json_object_get(settings, "policies"), i, policy)
    {
        const char *type = lk_json_config(json_object_get(policy, "config"), "defaultResourceType", "");
        json_object_set(index->policies, lk_authz_id(policy), policy);
        add_each(index->about_resources, json_object_get(policy, "resources"), policy);
        if (*type != '\0')
            add(index->about_types, type, policy);
        else if (json_array_size(json_object_get(policy, "resources")) == 0)
            add_each(index->about_scopes, json_object_get(policy, "scopes"), policy);
    }
}

static void build(lk_arena_t *arena, const json_t *settings, lk_authz_index_t *ret_index)
{
    json_t **const all[] = {&ret_index->resources,   &ret_index->policies,       &ret_index->scopes,
                            &ret_index->scope_names, &ret_index->resource_names, &ret_index->resource_types,
                            &ret_index->scoped,      &ret_index->parents,        &ret_index->about_resources,
                            &ret_index->about_types, &ret_index->about_scopes};
    size_t i;
    json_t *scope;
    for (i = 0; i != sizeof(all) / sizeof(all[0]); ++i)
        *all[i] = lk_json_own(arena, json_object());
    index_resources(ret_index, settings);
    index_policies(ret_index, settings);
    json_array_foreach(json_object_get(settings, "scopes"), i, scope)
    {
        json_object_set(ret_index->scopes, lk_authz_id(scope), scope);
        json_object_set(ret_index->scope_names, lk_json_str(scope, "name", ""), scope);
    }
}

void lk_authz_server_build(lk_arena_t *arena, const json_t *settings, lk_authz_server_t *ret_server)
{
    ret_server->settings = settings;
    build(arena, settings, &ret_server->index);
}

static void add_missing(json_t *ids, const json_t *more)
{
    size_t i;
    json_t *id;
    json_array_foreach((json_t *)more, i, id)
    {
        if (!lk_json_lists(ids, json_string_value(id)))
            json_array_append(ids, id);
    }
}

json_t *lk_authz_scopes_of(const lk_authz_t *authz, const json_t *resource)
{
    json_t *ids = lk_json_own(authz->arena, json_array()), *parent;
    size_t i;
    add_missing(ids, json_object_get(resource, "scopes"));
    if (lk_json_str(resource, "owner", NULL) == NULL)
        return ids;
    json_array_foreach(json_object_get(authz->index.parents, lk_json_str(resource, "type", "")), i, parent)
    {
        add_missing(ids, json_object_get(parent, "scopes"));
    }
    return ids;
}

int lk_authz_uri_matches(const char *pattern, const char *path)
{
    size_t len = strlen(pattern);
    if (len >= 2 && strcmp(pattern + len - 2, "/*") == 0)
        return strncmp(pattern, path, len - 2) == 0 && (path[len - 2] == '/' || path[len - 2] == '\0');
    while (*pattern != '\0' && *path != '\0') {
        if (*pattern == '{') {
            pattern += strcspn(pattern, "}") + (strchr(pattern, '}') != NULL);
            path += strcspn(path, "/");
        } else if (*pattern++ != *path++)
            return 0;
    }
    return *pattern == '\0' && *path == '\0';
}
