/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "admin/authz.h"
#include "admin/fine_grained.h"
#include "crypto/crypto.h"

/* Policies and permissions: one kind of thing in two forms. PolicyRepresentation has a map "config" of texts; the form of a type
 * (/policy/role) has members instead. The table says which. */

typedef enum en_form_t { FORM_TEXT, FORM_BOOL, FORM_TEXTS, FORM_ENTRIES } form_t;

/* clang-format off */
static const struct {
    const char *type, *member, *config;
    form_t form;
    const char *flag; /* of FORM_ENTRIES: the switch that an entry has */
    const char *fallback; /* of what is not given; NULL: nothing */
} members[] = {
    {"user", "users", "users", FORM_TEXTS},
    {"client", "clients", "clients", FORM_TEXTS},
    {"role", "fetchRoles", "fetchRoles", FORM_BOOL},
    {"role", "roles", "roles", FORM_ENTRIES, "required"},
    {"client-scope", "clientScopes", "clientScopes", FORM_ENTRIES, "required"},
    {"group", "groupsClaim", "groupsClaim", FORM_TEXT},
    {"group", "groups", "groups", FORM_ENTRIES, "extendChildren"},
    {"time", "notBefore", "nbf", FORM_TEXT},
    {"time", "notOnOrAfter", "noa", FORM_TEXT},
    {"time", "dayMonth", "dayMonth", FORM_TEXT},
    {"time", "dayMonthEnd", "dayMonthEnd", FORM_TEXT},
    {"time", "month", "month", FORM_TEXT},
    {"time", "monthEnd", "monthEnd", FORM_TEXT},
    {"time", "year", "year", FORM_TEXT},
    {"time", "yearEnd", "yearEnd", FORM_TEXT},
    {"time", "hour", "hour", FORM_TEXT},
    {"time", "hourEnd", "hourEnd", FORM_TEXT},
    {"time", "minute", "minute", FORM_TEXT},
    {"time", "minuteEnd", "minuteEnd", FORM_TEXT},
    {"regex", "targetClaim", "targetClaim", FORM_TEXT},
    {"regex", "pattern", "pattern", FORM_TEXT},
    {"regex", "targetContextAttributes", "targetContextAttributes", FORM_BOOL, NULL, "false"},
    {"resource", "resourceType", "defaultResourceType", FORM_TEXT},
    {"scope", "resourceType", "defaultResourceType", FORM_TEXT},
};
static const struct {
    const char *type, *name, *group;
} types[] = {
    {"regex", "Regex", "Identity Based"}, {"role", "Role", "Identity Based"}, {"resource", "Resource-Based", "Permission"},
    {"scope", "Scope-Based", "Permission"}, {"client", "Client", "Identity Based"}, {"time", "Time", "Time Based"},
    {"user", "User", "Identity Based"}, {"client-scope", "Client Scope", "Identity Based"}, {"group", "Group", "Identity Based"},
    {"aggregate", "Aggregated", "Others"},
};
/* clang-format on */
#define NUM_MEMBERS (sizeof(members) / sizeof(members[0]))
#define NUM_TYPES (sizeof(types) / sizeof(types[0]))

static int is_type(const char *text)
{
    for (size_t i = 0; i != NUM_TYPES; ++i)
        if (strcmp(types[i].type, text) == 0)
            return 1;
    return 0;
}

int lk_authz_is_permission(const json_t *policy)
{
    const char *type = lk_json_str(policy, "type", "");
    return strcmp(type, "resource") == 0 || strcmp(type, "scope") == 0;
}

/* --- answers --- */

static json_t *show_head(const json_t *policy)
{
    static const char *const head[] = {"id", "name", "description", "type", "logic", "decisionStrategy"};
    json_t *shown = json_object();
    for (size_t i = 0; i != sizeof(head) / sizeof(head[0]); ++i)
        if (json_object_get(policy, head[i]) != NULL)
            json_object_set(shown, head[i], json_object_get(policy, head[i]));
    return shown;
}

json_t *lk_authz_show_policy(lk_admin_t *admin, const json_t *policy)
{
    (void)admin;
    json_t *shown = show_head(policy);
    json_object_set(shown, "config", json_object_get(policy, "config"));
    return shown;
}

json_t *lk_authz_show_brief_policy(lk_admin_t *admin, const json_t *policy)
{
    (void)admin;
    json_t *shown = show_head(policy);
    json_object_update_new(shown, json_pack("{s:s, s:s, s:{}}", "logic", "POSITIVE", "decisionStrategy", "UNANIMOUS", "config"));
    return shown;
}

static json_t *show_member(lk_arena_t *arena, const json_t *config, size_t i)
{
    if (json_object_get(config, members[i].config) == NULL)
        return NULL;
    if (members[i].form == FORM_BOOL)
        return json_boolean(lk_json_config_bool(config, members[i].config, 0));
    if (members[i].form == FORM_TEXT)
        return json_incref(json_object_get(config, members[i].config));
    return json_incref(lk_authz_list(arena, config, members[i].config));
}

json_t *lk_authz_show_typed(lk_admin_t *admin, const json_t *policy)
{
    json_t *shown = show_head(policy);
    for (size_t i = 0; i != NUM_MEMBERS; ++i) {
        json_t *value = strcmp(members[i].type, lk_json_str(policy, "type", "")) == 0
                            ? show_member(admin->req->arena, json_object_get(policy, "config"), i)
                            : NULL;
        if (value != NULL)
            json_object_set_new(shown, members[i].member, value);
    }
    return shown;
}

/* --- what is given --- */

/* An entry of a list: its id, and its switch. */
static json_t *read_entries(const json_t *given, const char *flag)
{
    json_t *list = json_array(), *entry;
    size_t i;
    json_array_foreach((json_t *)given, i, entry)
    {
        const char *id = lk_json_str(entry, "id", lk_json_str(entry, "path", NULL));
        if (id != NULL)
            json_array_append_new(list, json_pack("{s:s, s:b}", "id", id, flag, lk_json_bool(entry, flag, 0)));
    }
    return list;
}

static const char *read_member(lk_arena_t *arena, size_t i, const json_t *given)
{
    if (given == NULL || json_is_null(given))
        return members[i].fallback;
    if (members[i].form == FORM_BOOL)
        return json_is_true(given) || (json_is_string(given) && strcmp(json_string_value(given), "true") == 0) ? "true" : "false";
    if (members[i].form == FORM_TEXT)
        return json_is_string(given) ? json_string_value(given) : lk_json_text(arena, given);
    json_t *list = members[i].form == FORM_TEXTS ? json_deep_copy(given) : read_entries(given, members[i].flag);
    return lk_json_text(arena, lk_json_own(arena, list));
}

static int is_member_of(const char *type, const char *name)
{
    static const char *const common[] = {"id",     "name",     "description", "type",          "logic",  "decisionStrategy",
                                         "config", "policies", "resources",   "resourcesData", "scopes", "scopesData",
                                         "owner"};
    for (size_t i = 0; i != sizeof(common) / sizeof(common[0]); ++i)
        if (strcmp(common[i], name) == 0)
            return 1;
    for (size_t i = 0; i != NUM_MEMBERS; ++i)
        if (strcmp(members[i].type, type) == 0 && strcmp(members[i].member, name) == 0)
            return 1;
    return 0;
}

static lk_status_t check_body(lk_admin_t *admin, const char *type, lk_error_t *err)
{
    static const char *const choices[][4] = {{"logic", "POSITIVE", "NEGATIVE", "POSITIVE"},
                                             {"decisionStrategy", "AFFIRMATIVE", "UNANIMOUS", "CONSENSUS"}};
    const char *name;
    json_t *value;
    if (!json_is_object(admin->body))
        return lk_fail(err, LK_INVALID, "unknown_error", "Cannot parse the JSON");
    for (size_t i = 0; i != 2; ++i) {
        const char *text = lk_json_str(admin->body, choices[i][0], choices[i][1]);
        if (strcmp(text, choices[i][1]) != 0 && strcmp(text, choices[i][2]) != 0 && strcmp(text, choices[i][3]) != 0)
            return lk_fail(err, LK_INVALID, "unknown_error", "Cannot parse the JSON");
    }
    json_object_foreach(admin->body, name, value)
    {
        if (!is_member_of(type, name))
            return lk_fail(err, LK_INVALID, "unknown_error", "Cannot parse the JSON");
    }
    return LK_OK;
}

/* The members of `policy` that hold ids, from what the body names; those that it leaves out stay. */
static lk_status_t read_links(lk_admin_t *admin, json_t *policy, lk_error_t *err)
{
    static const struct {
        const char *member, *list, *what;
    } links[] = {{"resources", "resources", "Resource"}, {"scopes", "scopes", "Scope"}, {"policies", "policies", "Policy"}};
    for (size_t i = 0; i != 3; ++i) {
        json_t *given = json_object_get(admin->body, links[i].member), *name, *ids = json_array();
        size_t j;
        json_array_foreach(given, j, name)
        {
            const char *text = json_is_string(name) ? json_string_value(name) : "";
            const json_t *object = lk_authz_find(admin->authz, links[i].list, text);
            if (object == NULL) {
                json_decref(ids);
                return lk_fail_http(err, LK_INVALID, 500, "unknown_error", "%s with id or name [%s] does not exist", links[i].what,
                                    text);
            }
            json_array_append_new(ids, json_string(lk_authz_id(object)));
        }
        if (given == NULL && json_object_get(policy, links[i].member) != NULL)
            json_decref(ids);
        else
            json_object_set_new(policy, links[i].member, ids);
    }
    return LK_OK;
}

/* Lays the body over the policy: of the form of a type, or PolicyRepresentation (typed 0). */
static lk_status_t read_body(lk_admin_t *admin, json_t *policy, int typed, lk_error_t *err)
{
    lk_arena_t *arena = admin->req->arena;
    const char *type = lk_json_str(policy, "type", "");
    json_t *config = json_object(), *given = json_object_get(admin->body, "config");
    static const char *const texts[][2] = {
        {"name", NULL}, {"description", NULL}, {"logic", "POSITIVE"}, {"decisionStrategy", "UNANIMOUS"}};
    for (size_t i = 0; i != 4; ++i) {
        const char *text = lk_json_str(admin->body, texts[i][0], texts[i][1]);
        if (text != NULL)
            json_object_set_new(policy, texts[i][0], json_string(text));
        else
            json_object_del(policy, texts[i][0]);
    }
    for (size_t i = 0; typed && i != NUM_MEMBERS; ++i) {
        const char *text =
            strcmp(members[i].type, type) == 0 ? read_member(arena, i, json_object_get(admin->body, members[i].member)) : NULL;
        if (text != NULL)
            json_object_set_new(config, members[i].config, json_string(text));
    }
    if (!typed && json_is_object(given))
        json_object_update(config, given);
    json_object_set_new(policy, "config", config);
    return read_links(admin, policy, err);
}

/* Users must be there: Keycloak stops at one that is not. Other things that are gone are passed over. */
static lk_status_t check_users(lk_admin_t *admin, const json_t *policy, lk_error_t *err)
{
    size_t i;
    json_t *id;
    if (strcmp(lk_json_str(policy, "type", ""), "user") != 0)
        return LK_OK;
    json_array_foreach(lk_authz_list(admin->req->arena, json_object_get(policy, "config"), "users"), i, id)
    {
        const lk_user_t *user = NULL;
        lk_status_t status = lk_user_by_id(admin->sql, admin->req->arena, admin->realm, json_string_value(id), &user, err);
        if (status != LK_OK)
            return status;
        if (user == NULL)
            return lk_fail_http(err, LK_INVALID, 500, "unknown_error", "For more on this error consult the server log.");
    }
    return LK_OK;
}

/* Fine-grained permissions have one form, wherever they are written. */
static int is_admin_permission(const lk_admin_t *admin, const char *type)
{
    return strcmp(type, "scope") == 0 && lk_fine_is_client(admin, admin->client);
}

static lk_status_t write_policy(lk_admin_t *admin, json_t *policy, lk_error_t *err)
{
    size_t i;
    json_t *other;
    const char *name = lk_json_str(policy, "name", NULL);
    if (name == NULL)
        return lk_fail(err, LK_CONFLICT, "conflict", "Duplicate resource error");
    json_array_foreach(json_object_get(admin->authz, "policies"), i, other)
    {
        if (other != policy && strcmp(lk_json_str(other, "name", ""), name) == 0)
            return lk_fail(err, LK_CONFLICT, lk_printf(admin->req->arena, "Policy with name [%s] already exists", name),
                           "Conflicting policy");
    }
    lk_status_t status = lk_authz_intern(admin->sql, admin->req->arena, admin->realm->id, admin->authz, err);
    if (status == LK_OK)
        status = check_users(admin, policy, err);
    return status == LK_OK ? lk_authz_save(admin, err) : status;
}

static lk_status_t create(lk_admin_t *admin, const char *type, int typed, lk_error_t *err)
{
    lk_arena_t *arena = admin->req->arena;
    lk_status_t status = check_body(admin, type, err);
    if (status == LK_OK)
        status = lk_authz_check_permission(admin, type, err);
    if (status != LK_OK)
        return status;
    typed |= is_admin_permission(admin, type);
    const char *id = lk_json_str(admin->body, "id", lk_random_uuid(arena));
    json_t *policy = lk_json_own(arena, json_pack("{s:s, s:s}", "id", id, "type", type));
    status = read_body(admin, policy, typed, err);
    if (status != LK_OK)
        return status;
    json_t *shown = lk_json_own(arena, typed ? lk_authz_show_typed(admin, policy) : lk_authz_show_policy(admin, policy));
    static const char *const links[] = {"policies", "resources", "scopes"};
    json_t *echo = lk_json_own(arena, json_deep_copy(shown)); /* as it was given */
    for (size_t i = 0; i != 3; ++i)
        if (json_object_get(admin->body, links[i]) != NULL)
            json_object_set_new(echo, links[i], json_deep_copy(json_object_get(policy, links[i])));
    if (is_admin_permission(admin, type))
        lk_authz_name_type(admin, policy);
    json_array_append(json_object_get(admin->authz, "policies"), policy);
    status = write_policy(admin, policy, err);
    return status == LK_OK ? lk_authz_reply_made(admin, json_incref(echo)) : status;
}

/* --- handlers --- */

lk_status_t lk_authz_providers(lk_admin_t *admin, lk_error_t *err)
{
    json_t *list = json_array();
    for (size_t i = 0; i != NUM_TYPES; ++i)
        json_array_append_new(list,
                              json_pack("{s:s, s:s, s:s}", "type", types[i].type, "name", types[i].name, "group", types[i].group));
    return lk_admin_reply(admin, list);
}

/* Whether a policy is tied to an object that a parameter names, by id or a part of its name. */
static int is_tied(lk_admin_t *admin, const json_t *policy, const char *parameter, const char *member)
{
    const char *wanted = lk_pairs_get(&admin->req->query, parameter);
    if (wanted == NULL || *wanted == '\0')
        return 1;
    const json_t *object = lk_authz_find(admin->authz, member, wanted);
    return object != NULL && lk_json_lists(json_object_get(policy, member), lk_authz_id(object));
}

static int is_wanted(lk_admin_t *admin, const json_t *policy)
{
    const lk_pairs_t *query = &admin->req->query;
    const char *type = lk_pairs_get(query, "type"), *id = lk_pairs_get(query, "policyId"),
               *permission = lk_pairs_get(query, "permission");
    const char *about = lk_pairs_get(query, "resourceType");
    if (admin->mount->kind != NULL)
        permission = "true";
    if (permission != NULL && lk_authz_is_permission(policy) != (strcmp(permission, "true") == 0))
        return 0;
    if (type != NULL && *type != '\0' && strcmp(type, lk_json_str(policy, "type", "")) != 0)
        return 0;
    if (id != NULL && *id != '\0' && strcmp(id, lk_authz_id(policy)) != 0)
        return 0;
    if (about != NULL && *about != '\0' &&
        strcmp(about, lk_json_config(json_object_get(policy, "config"), "defaultResourceType", "")) != 0)
        return 0;
    return lk_authz_matches_name(admin, policy) && is_tied(admin, policy, "resource", "resources") &&
           is_tied(admin, policy, "scope", "scopes");
}

lk_status_t lk_authz_policies_list(lk_admin_t *admin, lk_error_t *err)
{
    return lk_authz_reply_list(admin, "policies", is_wanted,
                               admin->mount->kind != NULL ? lk_authz_show_typed : lk_authz_show_policy, LK_AUTHZ_PAGE);
}

static int is_of_type(lk_admin_t *admin, const json_t *policy)
{
    return strcmp(lk_json_str(policy, "type", ""), admin->args[0]) == 0 && lk_authz_matches_name(admin, policy);
}

/* One by its id, or all of a type. */
lk_status_t lk_authz_policy_get(lk_admin_t *admin, lk_error_t *err)
{
    json_t *policy;
    if (is_type(admin->args[0]))
        return lk_authz_reply_list(admin, "policies", is_of_type, lk_authz_show_typed, LK_AUTHZ_PAGE);
    lk_status_t status = lk_authz_find_one(admin, "policies", &policy, err);
    if (status != LK_OK)
        return status;
    return lk_admin_reply(admin,
                          admin->mount->kind != NULL ? lk_authz_show_typed(admin, policy) : lk_authz_show_policy(admin, policy));
}

lk_status_t lk_authz_policy_create(lk_admin_t *admin, lk_error_t *err)
{
    const char *type = lk_json_str(admin->body, "type", "");
    if (!is_type(type))
        return lk_fail_http(err, LK_INVALID, 500, "unknown_error", "For more on this error consult the server log.");
    return create(admin, type, 0, err);
}

lk_status_t lk_authz_policy_create_typed(lk_admin_t *admin, lk_error_t *err)
{
    return is_type(admin->args[0]) ? create(admin, admin->args[0], 1, err) : lk_authz_missing(err);
}

/* Answers 201, as Keycloak does. */
static lk_status_t update(lk_admin_t *admin, json_t *policy, int typed, lk_error_t *err)
{
    const char *type = lk_json_str(policy, "type", "");
    lk_status_t status = check_body(admin, type, err);
    if (status == LK_OK)
        status = lk_authz_check_permission(admin, type, err);
    typed |= is_admin_permission(admin, type);
    if (status == LK_OK)
        status = read_body(admin, policy, typed, err);
    if (status == LK_OK)
        status = write_policy(admin, policy, err);
    if (status == LK_OK)
        admin->reply->status = 201;
    return status;
}

lk_status_t lk_authz_policy_update(lk_admin_t *admin, lk_error_t *err)
{
    json_t *policy;
    lk_status_t status = lk_authz_find_one(admin, "policies", &policy, err);
    return status == LK_OK ? update(admin, policy, admin->mount->kind != NULL, err) : status;
}

lk_status_t lk_authz_policy_remove(lk_admin_t *admin, lk_error_t *err)
{
    json_t *policy;
    lk_status_t status = lk_authz_find_one(admin, "policies", &policy, err);
    return status == LK_OK ? lk_authz_drop(admin, "policies", admin->args[0], err) : status;
}

/* The row's second placeholder, of the type that the first one names. */
static lk_status_t find_typed(lk_admin_t *admin, json_t **ret_policy, lk_error_t *err)
{
    json_t *policy = is_type(admin->args[0]) ? lk_authz_find(admin->authz, "policies", admin->args[1]) : NULL;
    if (policy == NULL || strcmp(lk_authz_id(policy), admin->args[1]) != 0)
        return lk_authz_missing(err);
    *ret_policy = policy;
    return LK_OK;
}

lk_status_t lk_authz_typed_get(lk_admin_t *admin, lk_error_t *err)
{
    json_t *policy;
    const char *name = lk_pairs_get(&admin->req->query, "name");
    if (is_type(admin->args[0]) && strcmp(admin->args[1], "search") == 0 && name != NULL) {
        const json_t *found = lk_json_find(json_object_get(admin->authz, "policies"), "name", name);
        return found != NULL && strcmp(lk_json_str(found, "type", ""), admin->args[0]) == 0
                   ? lk_admin_reply(admin, lk_authz_show_typed(admin, found))
                   : lk_authz_reply_nothing(admin);
    }
    lk_status_t status = find_typed(admin, &policy, err);
    return status == LK_OK ? lk_admin_reply(admin, lk_authz_show_typed(admin, policy)) : status;
}

lk_status_t lk_authz_typed_update(lk_admin_t *admin, lk_error_t *err)
{
    json_t *policy;
    lk_status_t status = find_typed(admin, &policy, err);
    return status == LK_OK ? update(admin, policy, 1, err) : status;
}

lk_status_t lk_authz_typed_remove(lk_admin_t *admin, lk_error_t *err)
{
    json_t *policy;
    lk_status_t status = find_typed(admin, &policy, err);
    return status == LK_OK ? lk_authz_drop(admin, "policies", admin->args[1], err) : status;
}

/* --- what a policy is tied to --- */

static lk_status_t reply_linked(lk_admin_t *admin, const char *member, lk_authz_show_t show, lk_error_t *err)
{
    json_t *policy, *id, *list = json_array();
    size_t i;
    int is_typed = strncmp(admin->row->path, "/{type}", 7) == 0;
    lk_status_t status = is_typed ? find_typed(admin, &policy, err) : lk_authz_find_one(admin, "policies", &policy, err);
    json_array_foreach(status == LK_OK ? json_object_get(policy, member) : NULL, i, id)
    {
        const json_t *object = lk_authz_find(admin->authz, member, json_string_value(id));
        if (object != NULL)
            json_array_append_new(list, show(admin, object));
    }
    if (status == LK_OK)
        return lk_admin_reply(admin, list);
    json_decref(list);
    return status;
}

lk_status_t lk_authz_policy_scopes(lk_admin_t *admin, lk_error_t *err)
{
    return reply_linked(admin, "scopes", lk_authz_show_scope, err);
}

lk_status_t lk_authz_policy_resources(lk_admin_t *admin, lk_error_t *err)
{
    return reply_linked(admin, "resources", lk_authz_show_brief_resource, err);
}

lk_status_t lk_authz_policy_associated(lk_admin_t *admin, lk_error_t *err)
{
    return reply_linked(admin, "policies", lk_authz_show_brief_policy, err);
}

static int depends(lk_admin_t *admin, const json_t *policy)
{
    return lk_json_lists(json_object_get(policy, "policies"), admin->args[0]);
}

lk_status_t lk_authz_policy_dependents(lk_admin_t *admin, lk_error_t *err)
{
    json_t *policy;
    lk_status_t status = lk_authz_find_one(admin, "policies", &policy, err);
    return status == LK_OK ? lk_authz_reply_list(admin, "policies", depends, lk_authz_show_brief_policy, LK_ADMIN_ALL) : status;
}
