/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/encode.h"
#include "core/json.h"
#include "oidc/uma.h"

/* From what a request for permissions names to what is evaluated. The rules are Keycloak's: what cannot be found is an error as
 * long as nothing else was found, and what is found but denied is left out. */

/* --- the form --- */

static void ask_for(lk_uma_t *uma, const char *resource, const char *scopes)
{
    json_t *asked = json_object(), *names = json_array();
    if (resource != NULL && *resource != '\0')
        json_object_set_new(asked, "rsid", json_string(resource));
    for (size_t len; *scopes != '\0'; scopes += len + (scopes[len] == ',')) {
        len = strcspn(scopes, ",");
        if (len != 0)
            json_array_append_new(names, json_stringn(scopes, len));
    }
    json_object_set_new(asked, "scopes", names);
    json_array_append_new(uma->asked, asked);
}

/* How well one of a resource's URIs takes a path: the length of the pattern; 0: not at all. */
static size_t fits(const json_t *resource, const char *path, int by_pattern)
{
    size_t i, best = 0;
    json_t *uri;
    json_array_foreach(json_object_get(resource, "uris"), i, uri)
    {
        const char *pattern = json_string_value(uri);
        if (strcmp(pattern, path) == 0)
            return SIZE_MAX;
        if (by_pattern && lk_authz_uri_matches(pattern, path) && strlen(pattern) > best)
            best = strlen(pattern);
    }
    return best;
}

/* All resources of a URI; by pattern, the one that fits best where none is exactly that. */
static lk_status_t ask_by_uri(lk_uma_t *uma, const char *path, const char *scopes, int by_pattern, lk_error_t *err)
{
    const json_t *closest = NULL;
    size_t i, best = 0;
    json_t *resource;
    json_array_foreach(json_object_get(uma->authz.settings, "resources"), i, resource)
    {
        size_t fit = fits(resource, path, by_pattern);
        if (fit == SIZE_MAX)
            ask_for(uma, lk_authz_id(resource), scopes);
        if (fit > best) {
            best = fit;
            closest = resource;
        }
    }
    if (closest == NULL)
        return lk_fail(err, LK_INVALID, "invalid_resource", "Resource with uri [%s] does not exist.", path);
    if (best != SIZE_MAX)
        ask_for(uma, lk_authz_id(closest), scopes);
    return LK_OK;
}

lk_status_t lk_uma_read_permissions(lk_uma_t *uma, lk_error_t *err)
{
    const lk_pairs_t *form = &uma->req->form;
    const char *format = lk_pairs_get(form, "permission_resource_format"),
               *matching = lk_pairs_get(form, "permission_resource_matching_uri");
    int by_uri = format != NULL && strcmp(format, "uri") == 0;
    int is_known = format == NULL || by_uri || strcmp(format, "id") == 0; /* permissions of another format are passed over */
    lk_status_t status = LK_OK;
    if (lk_pairs_count(form, "permission") > LK_UMA_MAX_ASKED)
        return lk_fail(err, LK_INVALID, "invalid_request", "More than %d permissions", LK_UMA_MAX_ASKED);
    for (size_t i = 0; status == LK_OK && is_known && i != form->count; ++i) {
        const char *value = form->entries[i].value;
        if (strcmp(form->entries[i].name, "permission") != 0)
            continue;
        size_t len = strcspn(value, "#");
        const char *resource = lk_strndup(uma->req->arena, value, len), *scopes = value[len] == '#' ? value + len + 1 : "";
        scopes = lk_strndup(uma->req->arena, scopes, strcspn(scopes, "#"));
        if (by_uri && *resource != '\0')
            status = ask_by_uri(uma, resource, scopes, matching != NULL && strcmp(matching, "true") == 0, err);
        else
            ask_for(uma, resource, scopes);
    }
    return status;
}

/* --- what is evaluated --- */

static json_t *entry_of(lk_uma_t *uma, const char *id, json_t *resource)
{
    json_t *entry = json_object_get(uma->entries, id);
    if (entry != NULL || uma->left <= 0)
        return entry;
    --uma->left;
    json_object_set_new(uma->entries, id, entry = json_pack("{s:[]}", "scopes"));
    if (resource != NULL)
        json_object_set(entry, "resource", resource);
    return entry;
}

static void add_scope(json_t *entry, const char *id)
{
    json_t *scopes = json_object_get(entry, "scopes");
    if (!lk_json_lists(scopes, id))
        json_array_append_new(scopes, json_string(id));
}

/* A resource with those of the wanted scopes that it has; all of them where none is wanted. */
static void add_resource(lk_uma_t *uma, json_t *resource, const json_t *wanted)
{
    const json_t *has = lk_authz_scopes_of(&uma->authz, resource);
    size_t i, common = 0;
    json_t *id, *entry;
    json_array_foreach((json_t *)wanted, i, id)
    {
        common += (size_t)lk_json_lists(has, json_string_value(id));
    }
    if (json_array_size(wanted) != 0 && common == 0)
        return;
    if ((entry = entry_of(uma, lk_authz_id(resource), resource)) == NULL)
        return;
    json_array_foreach((json_t *)has, i, id)
    {
        if (json_array_size(wanted) == 0 || lk_json_lists(wanted, json_string_value(id)))
            add_scope(entry, json_string_value(id));
    }
}

static int is_owned_by(const json_t *resource, const char *owner)
{
    return strcmp(lk_json_str(resource, "owner", ""), owner) == 0;
}

static int is_shared(const lk_uma_t *uma, const char *resource_id)
{
    size_t i;
    json_t *entry;
    json_array_foreach((json_t *)uma->authz.subject.shared, i, entry)
    {
        if (strcmp(json_string_value(json_array_get(entry, 0)), resource_id) == 0)
            return 1;
    }
    return 0;
}

/* Of that name: one's own, those that others share, and the resource server's. */
static void add_named(lk_uma_t *uma, json_t *asked, const char *name, const json_t *wanted)
{
    size_t i;
    json_t *resource;
    json_array_foreach(json_object_get(uma->authz.index.resource_names, name), i, resource)
    {
        int is_own = is_owned_by(resource, uma->asker_id) || is_owned_by(resource, "");
        if (!is_own && !is_shared(uma, lk_authz_id(resource)))
            continue;
        add_resource(uma, resource, wanted);
        if (is_own)
            json_object_set_new(asked, "rsid", json_string(lk_authz_id(resource)));
    }
}

typedef int (*counts_t)(const lk_uma_t *uma, const json_t *resource);

static int of_server(const lk_uma_t *uma, const json_t *resource)
{
    (void)uma;
    return is_owned_by(resource, "");
}

static int of_anybody(const lk_uma_t *uma, const json_t *resource)
{
    (void)uma;
    (void)resource;
    return 1;
}

static int of_users(const lk_uma_t *uma, const json_t *resource)
{
    return !of_server(uma, resource);
}

static int of_asker(const lk_uma_t *uma, const json_t *resource)
{
    return is_owned_by(resource, uma->asker_id);
}

static const struct {
    const char *prefix;
    counts_t counts;
} kinds[] = {{"resource-type:", of_server},
             {"resource-type-any:", of_anybody},
             {"resource-type-instance:", of_users},
             {"resource-type-owner:", of_asker}};

/* 1 where the text asks for a type. */
static int add_of_type(lk_uma_t *uma, const char *text, const json_t *wanted)
{
    for (size_t row = 0; row != sizeof(kinds) / sizeof(kinds[0]); ++row) {
        size_t len = strlen(kinds[row].prefix), i;
        json_t *resource;
        if (strncmp(text, kinds[row].prefix, len) != 0)
            continue;
        json_array_foreach(json_object_get(uma->authz.index.resource_types, text + len), i, resource)
        {
            if (kinds[row].counts(uma, resource))
                add_resource(uma, resource, wanted);
        }
        return 1;
    }
    return 0;
}

static lk_status_t add_asked_resource(lk_uma_t *uma, json_t *asked, const json_t *wanted, lk_error_t *err)
{
    const char *text = lk_strdup(uma->req->arena, lk_json_str(asked, "rsid", ""));
    json_t *resource = json_object_get(uma->authz.index.resources, text);
    if (resource != NULL)
        add_resource(uma, resource, wanted);
    if (resource != NULL || add_of_type(uma, text, wanted))
        return LK_OK;
    add_named(uma, asked, text, wanted);
    if (json_object_size(uma->entries) == 0 && uma->left > 0)
        return lk_fail(err, LK_INVALID, "invalid_resource", "Resource with id [%s] does not exist.", text);
    return LK_OK;
}

/* Scopes alone: the resources that have one of them; where there are none, the scopes themselves. */
static void add_scopes(lk_uma_t *uma, const json_t *wanted)
{
    size_t i, j, found = 0;
    json_t *id, *resource, *entry;
    json_array_foreach((json_t *)wanted, i, id)
    {
        const json_t *resources = json_object_get(uma->authz.index.scoped, json_string_value(id));
        found += json_array_size(resources);
        json_array_foreach((json_t *)resources, j, resource)
        {
            add_resource(uma, resource, wanted);
        }
    }
    json_array_foreach(found == 0 ? (json_t *)wanted : NULL, i, id)
    {
        if ((entry = entry_of(uma, json_string_value(id), NULL)) != NULL)
            add_scope(entry, json_string_value(id));
    }
}

/* The scopes' ids; names that there are not are passed over, but not all of them. */
static lk_status_t find_scopes(const lk_uma_t *uma, const json_t *names, json_t **ret_ids, lk_error_t *err)
{
    lk_arena_t *arena = uma->req->arena;
    json_t *ids = lk_json_own(arena, json_array()), *name;
    lk_buffer_t list;
    size_t i;
    lk_buffer_init(&list, arena, 65536);
    json_array_foreach((json_t *)names, i, name)
    {
        const json_t *scope = json_object_get(uma->authz.index.scope_names, json_string_value(name));
        if (scope != NULL && !lk_json_lists(ids, lk_authz_id(scope)))
            json_array_append_new(ids, json_string(lk_authz_id(scope)));
        lk_buffer_printf(&list, "%s%s", i == 0 ? "" : ", ", json_string_value(name));
    }
    *ret_ids = ids;
    return json_array_size(names) != 0 && json_array_size(ids) == 0
               ? lk_fail(err, LK_INVALID, "invalid_scope", "One of the given scopes [%s] is invalid", list.base)
               : LK_OK;
}

/* The form's "scope" goes with each permission. */
static void add_form_scopes(const lk_uma_t *uma, json_t *names)
{
    const char *words = lk_pairs_get(&uma->req->form, "scope");
    for (size_t len = 0; lk_word_next(&words, &len);) {
        const char *name = lk_strndup(uma->req->arena, words, len);
        if (!lk_json_lists(names, name))
            json_array_append_new(names, json_string(name));
    }
}

static lk_status_t add_asked(lk_uma_t *uma, lk_error_t *err)
{
    size_t i;
    json_t *asked, *wanted;
    lk_status_t status = LK_OK;
    json_array_foreach(uma->asked, i, asked)
    {
        if (status != LK_OK || uma->left <= 0)
            break;
        json_t *names = lk_json_own(uma->req->arena, json_copy(json_object_get(asked, "scopes")));
        add_form_scopes(uma, names);
        status = find_scopes(uma, names, &wanted, err);
        if (status == LK_OK && json_object_get(asked, "rsid") != NULL)
            status = add_asked_resource(uma, asked, wanted, err);
        else if (status == LK_OK)
            add_scopes(uma, wanted);
    }
    return status;
}

/* What the token that is to be extended permitted, which is asked for again. */
static void add_had(lk_uma_t *uma)
{
    size_t i, j;
    json_t *permission, *name, *entry;
    json_array_foreach((json_t *)uma->had, i, permission)
    {
        json_t *resource = json_object_get(uma->authz.index.resources, lk_json_str(permission, "rsid", ""));
        if (resource == NULL || (entry = entry_of(uma, lk_authz_id(resource), resource)) == NULL)
            continue;
        json_array_foreach(json_object_get(permission, "scopes"), j, name)
        {
            const char *text = json_string_value(name);
            const json_t *scope = text != NULL ? json_object_get(uma->authz.index.scope_names, text) : NULL;
            if (scope != NULL)
                add_scope(entry, lk_authz_id(scope));
        }
    }
}

/* The resource server's resources, one's own, and what others share. */
static void add_all(lk_uma_t *uma)
{
    const json_t *all = json_object_get(uma->authz.settings, "resources");
    const char *owners[] = {"", uma->asker_id};
    size_t i;
    json_t *resource, *entry;
    for (size_t row = 0; row != 2; ++row) {
        json_array_foreach((json_t *)all, i, resource)
        {
            if (is_owned_by(resource, owners[row]))
                add_resource(uma, resource, json_object_get(resource, "scopes"));
        }
    }
    json_array_foreach((json_t *)uma->authz.subject.shared, i, entry)
    {
        const char *scope = json_string_value(json_array_get(entry, 1));
        resource = json_object_get(uma->authz.index.resources, json_string_value(json_array_get(entry, 0)));
        json_t *asked = resource != NULL ? entry_of(uma, lk_authz_id(resource), resource) : NULL;
        if (asked != NULL && scope != NULL)
            add_scope(asked, scope);
    }
}

/* --- what comes of it --- */

static json_t *show(const lk_uma_t *uma, const json_t *resource, const json_t *scopes)
{
    json_t *permission = json_object(), *names = json_array(), *id;
    size_t i;
    if (resource != NULL)
        json_object_set_new(permission, "rsid", json_string(lk_authz_id(resource)));
    if (resource != NULL && uma->with_names)
        json_object_set(permission, "rsname", json_object_get(resource, "name"));
    json_array_foreach((json_t *)scopes, i, id)
    {
        const json_t *scope = json_object_get(uma->authz.index.scopes, json_string_value(id));
        if (scope != NULL)
            json_array_append(names, json_object_get(scope, "name"));
    }
    if (json_array_size(names) != 0)
        json_object_set(permission, "scopes", names);
    json_decref(names);
    if (json_object_size(uma->claims) != 0)
        json_object_set(permission, "claims", (json_t *)uma->claims);
    return permission;
}

lk_status_t lk_uma_evaluate(lk_uma_t *uma, lk_error_t *err)
{
    const char *id;
    json_t *entry;
    lk_status_t status = LK_OK;
    uma->entries = lk_json_own(uma->req->arena, json_object());
    uma->granted = lk_json_own(uma->req->arena, json_array());
    if (json_array_size(uma->asked) == 0 && !uma->is_extension)
        add_all(uma);
    else
        status = add_asked(uma, err);
    if (status != LK_OK)
        return status;
    add_had(uma);
    json_object_foreach(uma->entries, id, entry)
    {
        lk_authz_request_t request = {.resource = json_object_get(entry, "resource"), .scopes = json_object_get(entry, "scopes")};
        lk_authz_answer_t answer;
        lk_authz_evaluate(&uma->authz, &request, &answer);
        if (answer.granted)
            json_array_append_new(uma->granted, show(uma, request.resource, answer.scopes));
    }
    return LK_OK;
}

/* --- what is left to be asked the owners for --- */

/* The names of an asked permission's scopes that were not granted; NULL where nothing is left. */
static json_t *names_left(const lk_uma_t *uma, const json_t *asked)
{
    const char *id = lk_json_str(asked, "rsid", "");
    json_t *left = lk_json_own(uma->req->arena, json_array()), *permission, *name;
    size_t i, j;
    int is_granted = 0;
    json_array_extend(left, json_object_get(asked, "scopes"));
    json_array_foreach(uma->granted, i, permission)
    {
        if (strcmp(lk_json_str(permission, "rsid", ""), id) != 0)
            continue;
        is_granted = 1;
        json_array_foreach(json_object_get(permission, "scopes"), j, name)
        {
            for (size_t k = json_array_size(left); k-- != 0;)
                if (json_equal(json_array_get(left, k), name))
                    json_array_remove(left, k);
        }
    }
    return is_granted && json_array_size(left) == 0 ? NULL : left;
}

static lk_status_t request_one(const lk_uma_t *uma, const json_t *resource, const char *scope_id, lk_error_t *err)
{
    const char *made;
    return lk_permission_ticket_insert(uma->req->app->sql, uma->req->arena, uma->realm->id,
                                       &(lk_permission_ticket_t){.client_id = uma->server->id,
                                                                 .resource_id = lk_authz_id(resource),
                                                                 .scope_id = scope_id,
                                                                 .owner = lk_json_str(resource, "owner", ""),
                                                                 .requester = uma->asker.user->id},
                                       &made, err);
}

static lk_status_t request_of(const lk_uma_t *uma, const json_t *resource, const json_t *names, lk_error_t *err)
{
    const json_t *scopes = json_object_get(resource, "scopes");
    size_t i;
    json_t *id;
    lk_status_t status = LK_OK;
    if (json_array_size(scopes) == 0)
        return request_one(uma, resource, NULL, err);
    json_array_foreach((json_t *)scopes, i, id)
    {
        const json_t *scope = json_object_get(uma->authz.index.scopes, json_string_value(id));
        int is_asked = json_array_size(names) == 0 || lk_json_lists(names, lk_json_str(scope, "name", ""));
        if (status == LK_OK && is_asked)
            status = request_one(uma, resource, json_string_value(id), err);
    }
    return status;
}

lk_status_t lk_uma_submit(const lk_uma_t *uma, lk_error_t *err)
{
    size_t i;
    json_t *asked;
    lk_status_t status = LK_OK;
    json_array_foreach(uma->asked, i, asked)
    {
        const json_t *resource = json_object_get(uma->authz.index.resources, lk_json_str(asked, "rsid", ""));
        const json_t *names = names_left(uma, asked);
        if (status != LK_OK || names == NULL || resource == NULL || !lk_json_bool(resource, "ownerManagedAccess", 0) ||
            is_owned_by(resource, "") || is_owned_by(resource, uma->asker_id))
            continue;
        status = request_of(uma, resource, names, err);
    }
    return status;
}
