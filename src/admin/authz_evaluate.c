/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "admin/authz.h"
#include "core/time.h"

/* "Evaluate" of the console: what a resource server would decide for a user, and why. */

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

static json_t *show_result(evaluation_t *evaluation, const lk_authz_request_t *request, const lk_authz_answer_t *answer)
{
    lk_arena_t *arena = evaluation->admin->req->arena;
    json_t *policies = json_array(), *id;
    const char *name = request->resource != NULL ? lk_json_str(request->resource, "name", "") : "Any Resource with Scopes";
    size_t i, depth = 3;
    json_array_foreach(answer->policies, i, id)
    {
        const json_t *policy = lk_authz_find(evaluation->authz.settings, "policies", json_string_value(id));
        int all = strcmp(lk_json_str(policy, "type", ""), "resource") == 0;
        json_array_append_new(
            policies, show_policy(evaluation, policy, all ? request->scopes : json_object_get(policy, "scopes"), (int)depth));
    }
    json_t *scopes = lk_json_own(arena, names_of(evaluation, "scopes", request->scopes));
    lk_buffer_t title;
    lk_buffer_init(&title, arena, 1 << 20);
    lk_buffer_puts(&title, name);
    json_array_foreach(scopes, i, id)
    {
        lk_buffer_puts(&title, i == 0 ? (request->resource != NULL ? " with scopes [" : " [") : ", ");
        lk_buffer_puts(&title, json_string_value(id));
    }
    lk_buffer_puts(&title, json_array_size(scopes) != 0 ? "]" : "");
    json_t *resource = json_pack("{s:s}", "name", title.base);
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

lk_status_t lk_authz_policy_evaluate(lk_admin_t *admin, lk_error_t *err)
{
    lk_arena_t *arena = admin->req->arena;
    evaluation_t evaluation = {
        .admin = admin, .results = lk_json_own(arena, json_array()), .permissions = lk_json_own(arena, json_array())};
    lk_authz_subject_t subject;
    lk_role_set_t roles;
    json_t *asked, *resources = json_object_get(admin->body, "resources");
    size_t i;
    int permits = 0;
    lk_status_t status = lk_admin_check(admin, &request_rep, err);
    if (status == LK_OK)
        status = read_subject(admin, &subject, &roles, err);
    if (status != LK_OK)
        return status;
    lk_authz_init(&evaluation.authz, arena, admin->authz, &subject);
    json_array_foreach(resources, i, asked)
    {
        if (status == LK_OK)
            status = evaluate_asked(&evaluation, asked, err);
    }
    json_array_foreach(json_array_size(resources) == 0 ? json_object_get(admin->authz, "resources") : NULL, i, asked)
    {
        evaluate(&evaluation, asked, json_object_get(asked, "scopes"));
    }
    json_array_foreach(evaluation.results, i, asked)
    {
        permits |= strcmp(lk_json_str(asked, "status", ""), "PERMIT") == 0;
    }
    if (status != LK_OK)
        return status;
    json_t *rpt = json_pack("{s:s?, s:s, s:{s:O}}", "sub", subject.user != NULL ? subject.user->id : NULL, "aud",
                            admin->client->client_id, "authorization", "permissions", evaluation.permissions);
    return lk_admin_reply(admin, json_pack("{s:O, s:b, s:s, s:o}", "results", evaluation.results, "entitlements",
                                           lk_json_bool(admin->body, "entitlements", 0), "status", permits ? "PERMIT" : "DENY",
                                           "rpt", rpt));
}
