/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include "admin/authz.h"
#include "admin/fine_grained.h"
#include "core/time.h"

/* "Evaluate" of the console: what a resource server would decide for a user, and why. */

#define DEPTH 3 /* of policies that policies are made of */

typedef struct st_evaluation_t {
    lk_admin_t *admin;
    lk_authz_t authz;
    json_t *results, *permissions;
} evaluation_t;

static json_t *names_of(const evaluation_t *evaluation, const char *list, const json_t *ids)
{
    json_t *names = json_array(), *id;
    size_t i;
    json_array_foreach((json_t *)ids, i, id)
    {
        const json_t *object = lk_authz_find(evaluation->authz.settings, list, json_string_value(id));
        if (object != NULL)
            json_array_append(names, json_object_get(object, "name"));
    }
    return names;
}

static json_t *show_scopes(const evaluation_t *evaluation, const json_t *ids)
{
    json_t *list = json_array(), *id;
    size_t i;
    json_array_foreach((json_t *)ids, i, id)
    {
        const json_t *scope = lk_authz_find(evaluation->authz.settings, "scopes", json_string_value(id));
        if (scope != NULL)
            json_array_append_new(
                list, json_pack("{s:O, s:O}", "id", json_object_get(scope, "id"), "name", json_object_get(scope, "name")));
    }
    return list;
}

static json_t *show_policy(evaluation_t *evaluation, const json_t *policy, const json_t *scopes, int depth)
{
    json_t *shown = lk_authz_show_policy(evaluation->admin, policy), *parts = json_array(), *id;
    size_t i;
    json_object_set_new(shown, "config", json_object());
    json_object_set_new(shown, "resources", names_of(evaluation, "resources", json_object_get(policy, "resources")));
    json_object_set_new(shown, "scopes", names_of(evaluation, "scopes", scopes));
    json_array_foreach(depth != 0 ? json_object_get(policy, "policies") : NULL, i, id)
    {
        const json_t *part = lk_authz_find(evaluation->authz.settings, "policies", json_string_value(id));
        if (part != NULL)
            json_array_append_new(parts, show_policy(evaluation, part, NULL, depth - 1));
    }
    return json_pack("{s:o, s:s, s:o, s:[]}", "policy", shown, "status",
                     lk_authz_permits(&evaluation->authz, policy) ? "PERMIT" : "DENY", "associatedPolicies", parts, "scopes");
}

static const char *title_of(lk_arena_t *arena, const char *name, const char *opening, const json_t *scopes)
{
    lk_buffer_t title;
    json_t *scope;
    size_t i;
    lk_buffer_init(&title, arena, 1 << 20);
    lk_buffer_puts(&title, name);
    json_array_foreach((json_t *)scopes, i, scope)
    {
        lk_buffer_puts(&title, i == 0 ? opening : ", ");
        lk_buffer_puts(&title, json_string_value(scope));
    }
    lk_buffer_puts(&title, json_array_size(scopes) != 0 ? "]" : "");
    return title.base;
}

static json_t *show_result(evaluation_t *evaluation, const lk_authz_request_t *request, const lk_authz_answer_t *answer)
{
    lk_arena_t *arena = evaluation->admin->req->arena;
    json_t *policies = json_array(), *id;
    const char *name = request->resource != NULL ? lk_json_str(request->resource, "name", "") : "Any Resource with Scopes";
    size_t i;
    json_array_foreach(answer->policies, i, id)
    {
        const json_t *policy = lk_authz_find(evaluation->authz.settings, "policies", json_string_value(id));
        int all = strcmp(lk_json_str(policy, "type", ""), "resource") == 0;
        json_array_append_new(policies,
                              show_policy(evaluation, policy, all ? request->scopes : json_object_get(policy, "scopes"), DEPTH));
    }
    const json_t *scopes = lk_json_own(arena, names_of(evaluation, "scopes", request->scopes));
    json_t *resource =
        json_pack("{s:s}", "name", title_of(arena, name, request->resource != NULL ? " with scopes [" : " [", scopes));
    if (request->resource != NULL)
        json_object_set_new(resource, "_id", json_string(lk_authz_id(request->resource)));
    return json_pack("{s:o, s:o, s:o, s:s, s:o, s:o}", "resource", resource, "scopes", show_scopes(evaluation, request->scopes),
                     "policies", policies, "status", answer->granted ? "PERMIT" : "DENY", "allowedScopes",
                     show_scopes(evaluation, answer->scopes), "deniedScopes", show_scopes(evaluation, answer->denied));
}

static void evaluate(evaluation_t *evaluation, const json_t *resource, const json_t *scopes)
{
    lk_authz_request_t request = {.resource = resource, .scopes = scopes};
    lk_authz_answer_t answer;
    lk_authz_evaluate(&evaluation->authz, &request, &answer);
    json_array_append_new(evaluation->results, show_result(evaluation, &request, &answer));
    if (!answer.granted || resource == NULL)
        return;
    json_t *entry = json_pack("{s:s, s:O}", "rsid", lk_authz_id(resource), "rsname", json_object_get(resource, "name"));
    if (json_array_size(answer.scopes) != 0)
        json_object_set_new(entry, "scopes", names_of(evaluation, "scopes", answer.scopes));
    json_array_append_new(evaluation->permissions, entry);
}

/* One entry of "resources": a resource by its id or name, all of a type, or scopes alone. */
static lk_status_t evaluate_asked(evaluation_t *evaluation, const json_t *asked, lk_error_t *err)
{
    lk_arena_t *arena = evaluation->admin->req->arena;
    const json_t *settings = evaluation->authz.settings, *given = json_object_get(asked, "scopes");
    const char *id = lk_json_str(asked, "_id", lk_json_str(asked, "name", NULL)), *type = lk_json_str(asked, "type", NULL);
    json_t *scopes = lk_json_own(arena, json_array()), *scope, *resource;
    size_t i;
    json_array_foreach((json_t *)given, i, scope)
    {
        const json_t *found = lk_authz_find(settings, "scopes", lk_json_str(scope, "name", lk_json_str(scope, "id", "")));
        if (found != NULL)
            json_array_append_new(scopes, json_string(lk_authz_id(found)));
    }
    if (id != NULL) {
        resource = lk_authz_find(settings, "resources", id);
        if (resource == NULL)
            return lk_authz_unknown(err, "resources", id);
        evaluate(evaluation, resource, json_array_size(scopes) != 0 ? scopes : json_object_get(resource, "scopes"));
        return LK_OK;
    }
    json_array_foreach(type != NULL ? json_object_get(settings, "resources") : NULL, i, resource)
    {
        if (strcmp(lk_json_str(resource, "type", ""), type) == 0)
            evaluate(evaluation, resource, json_array_size(scopes) != 0 ? scopes : json_object_get(resource, "scopes"));
    }
    if (type == NULL && json_array_size(scopes) != 0)
        evaluate(evaluation, NULL, scopes);
    return LK_OK;
}

static const lk_field_t request_fields[] = {
    LK_FIELD_FREE("context", OBJECT, 0, NULL),      LK_FIELD_FREE("roleIds", STRINGS, 0, NULL),
    LK_FIELD_FREE("userId", STRING, 0, NULL),       LK_FIELD_FREE("clientId", STRING, 0, NULL),
    LK_FIELD_FREE("resources", ARRAY, 0, NULL),     LK_FIELD_FREE("entitlements", BOOL, 0, NULL),
    LK_FIELD_FREE("resourceType", STRING, 0, NULL),
};
static const lk_representation_t request_rep = LK_REPRESENTATION("PolicyEvaluationRequest", request_fields);

/* By id or name; without a user nothing is evaluated. */
static lk_status_t find_subject(lk_admin_t *admin, const char *id, const char *client_id, const lk_user_t **ret_user,
                                lk_error_t *err)
{
    const lk_client_t *client;
    const char *text = id != NULL ? id : "";
    lk_status_t status = lk_realm_client_by_uuid(admin->req->app->realms, admin->realm, client_id, &client, err);
    if (status == LK_OK && client == NULL)
        return lk_authz_unknown(err, "clients", client_id);
    if (status == LK_OK)
        status = lk_user_by_id(admin->sql, admin->req->arena, admin->realm, text, ret_user, err);
    if (status == LK_OK && *ret_user == NULL)
        status = lk_user_by_username(admin->sql, admin->req->arena, admin->realm, text, ret_user, err);
    return status == LK_OK && *ret_user == NULL ? lk_authz_unknown(err, "users", text) : status;
}

/* Who is asked about: the user, with roles besides those they have. */
static lk_status_t read_subject(lk_admin_t *admin, lk_authz_subject_t *subject, lk_role_set_t *roles, lk_error_t *err)
{
    const char *id = lk_json_str(admin->body, "userId", NULL), *client = lk_json_str(admin->body, "clientId", admin->client->id);
    size_t i;
    json_t *name;
    *subject = (lk_authz_subject_t){.realm = admin->realm, .roles = roles, .client = client, .now = lk_now()};
    lk_role_set_init(roles, admin->req->arena, admin->realm);
    lk_status_t status = find_subject(admin, id, client, &subject->user, err);
    if (status != LK_OK)
        return status;
    lk_user_roles(admin->req->arena, admin->realm, subject->user, roles);
    json_array_foreach(json_object_get(admin->body, "roleIds"), i, name)
    {
        const char *text = json_is_string(name) ? json_string_value(name) : "";
        const lk_role_t *role = lk_realm_role_by_id(admin->realm, text);
        if (role == NULL)
            role = lk_realm_role(admin->realm, NULL, text);
        if (role != NULL)
            lk_role_set_add(roles, role);
    }
    json_t *claims =
        lk_json_own(admin->req->arena, json_copy(json_object_get(json_object_get(admin->body, "context"), "attributes")));
    if (claims != NULL && subject->user != NULL)
        json_object_update_new(claims, json_pack("{s:s, s:s, s:s?}", "sub", subject->user->id, "preferred_username",
                                                 subject->user->username, "email", subject->user->email));
    subject->claims = claims;
    return LK_OK;
}

/* --- fine-grained permissions: what an administrator might do with one thing, or with all of a type --- */

typedef struct st_thing_t {
    lk_guarded_t type;
    const char *id; /* NULL: all of the type */
    const lk_user_t *user;
    const json_t *resource; /* NULL: no permission names it */
} thing_t;

static int names_group_of(const evaluation_t *evaluation, const json_t *policy, const lk_user_t *user)
{
    const json_t *ids = json_object_get(policy, "resources"),
                 *names = lk_json_own(evaluation->authz.arena, names_of(evaluation, "resources", ids));
    for (size_t i = 0; i != user->num_groups; ++i)
        for (const lk_group_t *group = user->groups[i]; group != NULL; group = group->parent)
            if (lk_json_lists(names, group->id))
                return 1;
    return user->num_groups != 0 && lk_json_lists(names, lk_guarded_name(LK_GUARDED_GROUPS));
}

/* Whether a permission is about it; what is said of groups is about their members. */
static int is_about(const evaluation_t *evaluation, const json_t *policy, const thing_t *thing)
{
    int type = lk_guarded_by_name(lk_json_config(json_object_get(policy, "config"), "defaultResourceType", ""));
    const json_t *ids = json_object_get(policy, "resources"), *of_type;
    if (!lk_admin_permissions_is_one(policy))
        return 0;
    if (type == LK_GUARDED_GROUPS && thing->user != NULL)
        return names_group_of(evaluation, policy, thing->user);
    of_type = lk_authz_find(evaluation->authz.settings, "resources", lk_guarded_name(thing->type));
    return type == (int)thing->type && (json_array_size(ids) == 0 || lk_json_lists(ids, lk_authz_id(of_type)) ||
                                        (thing->resource != NULL && lk_json_lists(ids, lk_authz_id(thing->resource))));
}

static int by_policy_name(const void *a, const void *b)
{
    const json_t *first = *(const json_t *const *)a, *second = *(const json_t *const *)b;
    return strcmp(lk_json_str(first, "name", ""), lk_json_str(second, "name", ""));
}

/* The permissions about it, by name. */
static json_t *show_permissions(evaluation_t *evaluation, const thing_t *thing)
{
    json_t *shown = json_array(), *policies = json_object_get(evaluation->authz.settings, "policies"), *policy;
    const json_t **about = LK_NEW_ARRAY(evaluation->authz.arena, const json_t *, json_array_size(policies) + 1);
    size_t count = 0, i;
    json_array_foreach(policies, i, policy)
    {
        if (is_about(evaluation, policy, thing))
            about[count++] = policy;
    }
    qsort(about, count, sizeof(about[0]), by_policy_name);
    for (i = 0; i != count; ++i) {
        json_t *entry = show_policy(evaluation, about[i], json_object_get(about[i], "scopes"), DEPTH);
        json_object_set_new(entry, "scopes", names_of(evaluation, "scopes", json_object_get(about[i], "scopes")));
        json_object_set_new(entry, "resourceType",
                            json_string(lk_json_config(json_object_get(about[i], "config"), "defaultResourceType", "")));
        json_array_append_new(shown, entry);
    }
    return shown;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static json_t *sorted_names(lk_arena_t *arena, const json_t *names)
{
    const char **sorted = LK_NEW_ARRAY(arena, const char *, json_array_size(names) + 1);
    json_t *shown = json_array();
    size_t count = json_array_size(names);
    for (size_t i = 0; i != count; ++i)
        sorted[i] = json_string_value(json_array_get(names, i));
    qsort(sorted, count, sizeof(sorted[0]), by_name);
    for (size_t i = 0; i != count; ++i)
        json_array_append_new(shown, json_string(sorted[i]));
    return lk_json_own(arena, shown);
}

static json_t *show_named_scopes(const evaluation_t *evaluation, const json_t *names, int with_ids)
{
    json_t *list = json_array(), *name;
    size_t i;
    json_array_foreach((json_t *)names, i, name)
    {
        const json_t *scope = with_ids ? lk_authz_find(evaluation->authz.settings, "scopes", json_string_value(name)) : NULL;
        json_array_append_new(list, json_pack("{s:O*, s:O}", "id", json_object_get(scope, "id"), "name", name));
    }
    return list;
}

/* Nothing where no permission is about it. Where anything is allowed, the rest is shown beside it; where nothing is, all that was
 * asked for is what was denied. */
static void show_thing(evaluation_t *evaluation, const thing_t *thing, const json_t *allowed, const json_t *left)
{
    lk_arena_t *arena = evaluation->authz.arena;
    lk_admin_t *admin = evaluation->admin;
    int any = json_array_size(allowed) != 0;
    const json_t *scopes = sorted_names(arena, any ? allowed : left);
    const char *name = thing->id != NULL ? lk_authz_display_name(admin, thing->id) : lk_guarded_name(thing->type);
    json_t *policies = show_permissions(evaluation, thing);
    json_t *resource = json_pack("{s:s, s:s*}", "name", title_of(arena, name, " with scopes [", scopes), "_id",
                                 thing->resource != NULL ? lk_authz_id(thing->resource) : NULL);
    json_t *shown =
        json_pack("{s:o, s:o, s:o, s:s, s:o, s:o}", "resource", resource, "scopes", show_named_scopes(evaluation, scopes, 1),
                  "policies", policies, "status", any ? "PERMIT" : "DENY", "allowedScopes",
                  show_named_scopes(evaluation, allowed, 1), "deniedScopes", show_named_scopes(evaluation, left, !any));
    if (json_array_size(policies) != 0)
        json_array_append(evaluation->results, shown);
    json_decref(shown);
}

/* Whether the entry asks for a scope; all, where it names none. */
static int is_wanted(const json_t *asked, const char *scope)
{
    const json_t *given = json_object_get(asked, "scopes");
    return json_array_size(given) == 0 || lk_json_find(given, "name", scope) != NULL;
}

static lk_status_t evaluate_thing(evaluation_t *evaluation, lk_admin_t *as_subject, lk_guarded_t type, const json_t *asked,
                                  lk_error_t *err)
{
    lk_admin_t *admin = evaluation->admin;
    lk_arena_t *arena = evaluation->authz.arena;
    json_t *allowed = lk_json_own(arena, json_array()), *left = lk_json_own(arena, json_array());
    const char *text = lk_json_str(asked, "_id", lk_json_str(asked, "name", "")), *scope;
    const json_t *known = lk_authz_find(evaluation->authz.settings, "resources", text);
    thing_t thing = {.type = type};
    lk_status_t status = lk_authz_find_thing(admin, type, lk_json_str(known, "name", text), &thing.id, err);
    if (status == LK_OK && thing.id != NULL && type == LK_GUARDED_USERS)
        status = lk_user_by_id(admin->sql, arena, admin->realm, thing.id, &thing.user, err);
    if (status != LK_OK)
        return status;
    thing.resource = thing.id != NULL ? lk_authz_find(evaluation->authz.settings, "resources", thing.id) : known;
    for (size_t i = 0; (scope = lk_guarded_scope(type, i)) != NULL; ++i)
        if (is_wanted(asked, scope))
            json_array_append_new(lk_fine_allows(as_subject, LK_FINE(type, scope), thing.id, thing.user) ? allowed : left,
                                  json_string(scope));
    show_thing(evaluation, &thing, allowed, left);
    return LK_OK;
}

static lk_status_t evaluate_permissions(evaluation_t *evaluation, lk_error_t *err)
{
    lk_admin_t *admin = evaluation->admin, as_subject;
    const json_t *resources = json_object_get(admin->body, "resources");
    int type = lk_guarded_by_name(lk_json_str(admin->body, "resourceType", ""));
    json_t *asked;
    size_t i;
    lk_status_t status = LK_OK;
    if (type < 0 || json_array_size(resources) == 0 || evaluation->authz.subject.user == NULL)
        return lk_fail(err, LK_INVALID, "invalid_request", "Error while evaluating permissions.");
    lk_fine_of(admin, &evaluation->authz, &as_subject);
    json_array_foreach((json_t *)resources, i, asked)
    {
        if (status == LK_OK)
            status = evaluate_thing(evaluation, &as_subject, (lk_guarded_t)type, asked, err);
    }
    return status;
}

/* --- any resource server --- */

static lk_status_t evaluate_resources(evaluation_t *evaluation, lk_error_t *err)
{
    lk_admin_t *admin = evaluation->admin;
    json_t *asked, *resources = json_object_get(admin->body, "resources");
    size_t i;
    lk_status_t status = LK_OK;
    json_array_foreach(resources, i, asked)
    {
        if (status == LK_OK)
            status = evaluate_asked(evaluation, asked, err);
    }
    json_array_foreach(json_array_size(resources) == 0 ? json_object_get(admin->authz, "resources") : NULL, i, asked)
    {
        evaluate(evaluation, asked, json_object_get(asked, "scopes"));
    }
    return status;
}

static int permits_any(const evaluation_t *evaluation)
{
    json_t *result;
    size_t i;
    int permits = 0;
    json_array_foreach(evaluation->results, i, result)
    {
        permits |= strcmp(lk_json_str(result, "status", ""), "PERMIT") == 0;
    }
    return permits;
}

lk_status_t lk_authz_policy_evaluate(lk_admin_t *admin, lk_error_t *err)
{
    lk_arena_t *arena = admin->req->arena;
    evaluation_t evaluation = {
        .admin = admin, .results = lk_json_own(arena, json_array()), .permissions = lk_json_own(arena, json_array())};
    lk_authz_subject_t subject;
    lk_role_set_t roles;
    int is_fine = lk_fine_is_client(admin, admin->client);
    lk_status_t status = lk_admin_check(admin, &request_rep, err);
    if (status == LK_OK)
        status = read_subject(admin, &subject, &roles, err);
    if (status != LK_OK)
        return status;
    lk_authz_init(&evaluation.authz, arena, admin->authz_server, &subject);
    status = is_fine ? evaluate_permissions(&evaluation, err) : evaluate_resources(&evaluation, err);
    if (status != LK_OK)
        return status;
    json_t *shown = json_pack("{s:O, s:b, s:s}", "results", evaluation.results, "entitlements", 0, "status",
                              permits_any(&evaluation) ? "PERMIT" : "DENY");
    if (!is_fine)
        json_object_set_new(shown, "rpt",
                            json_pack("{s:s?, s:s, s:{s:O}}", "sub", subject.user != NULL ? subject.user->id : NULL, "aud",
                                      admin->client->client_id, "authorization", "permissions", evaluation.permissions));
    return lk_admin_reply(admin, shown);
}
