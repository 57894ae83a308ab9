/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "core/json.h"
#include "model/authz.h"
#include "model/pattern.h"

/* What a resource server's policies say: a pure function of its settings, who asks, and the time. */

void lk_authz_init(lk_authz_t *authz, lk_arena_t *arena, const lk_authz_server_t *server, const lk_authz_subject_t *subject)
{
    *authz = (lk_authz_t){.arena = arena,
                          .settings = server->settings,
                          .index = server->index,
                          .subject = *subject,
                          .decisions = lk_json_own(arena, json_object())};
}

const char *lk_authz_id(const json_t *object)
{
    return lk_json_str(object, "_id", lk_json_str(object, "id", ""));
}

json_t *lk_authz_find(const json_t *settings, const char *list, const char *text)
{
    json_t *object, *named = NULL;
    size_t i;
    json_array_foreach(json_object_get(settings, list), i, object)
    {
        if (strcmp(lk_authz_id(object), text) == 0)
            return object;
        if (named == NULL && strcmp(lk_json_str(object, "name", ""), text) == 0)
            named = object;
    }
    return named;
}

/* --- what policies are about --- */

static int is_among(const lk_authz_t *authz, const lk_role_set_t *roles, const char *id)
{
    const lk_role_t *role = lk_realm_role_by_id(authz->subject.realm, id);
    return role != NULL && roles != NULL && lk_role_set_has(roles, role);
}

static int has_role(const lk_authz_t *authz, const char *id)
{
    return is_among(authz, authz->subject.roles, id);
}

static int has_role_of_user(const lk_authz_t *authz, const char *id)
{
    const lk_authz_subject_t *subject = &authz->subject;
    return is_among(authz, subject->user_roles != NULL ? subject->user_roles : subject->roles, id);
}

static int has_client_scope(const lk_authz_t *authz, const char *id)
{
    const lk_scope_t *scope = lk_realm_scope_by_id(authz->subject.realm, id);
    return scope != NULL && authz->subject.scope != NULL && lk_has_word(authz->subject.scope, scope->name);
}

/* One is enough, but each that is required must be there. */
static int permits_any(const lk_authz_t *authz, const json_t *entries, int (*has)(const lk_authz_t *, const char *))
{
    size_t i;
    json_t *entry;
    int permits = 0;
    json_array_foreach(entries, i, entry)
    {
        int is_there = has(authz, lk_json_str(entry, "id", ""));
        if (!is_there && lk_json_bool(entry, "required", 0))
            return 0;
        permits |= is_there;
    }
    return permits;
}

static int permits_role(lk_authz_t *authz, const json_t *config)
{
    int fetched = strcmp(lk_json_config(config, "fetchRoles", ""), "true") == 0;
    return permits_any(authz, lk_authz_list(authz->arena, config, "roles"), fetched ? has_role_of_user : has_role);
}

static int permits_client_scope(lk_authz_t *authz, const json_t *config)
{
    return permits_any(authz, lk_authz_list(authz->arena, config, "clientScopes"), has_client_scope);
}

static int permits_user(lk_authz_t *authz, const json_t *config)
{
    const lk_user_t *user = authz->subject.user;
    return user != NULL && lk_json_lists(lk_authz_list(authz->arena, config, "users"), user->id);
}

static int permits_client(lk_authz_t *authz, const json_t *config)
{
    return authz->subject.client != NULL && lk_json_lists(lk_authz_list(authz->arena, config, "clients"), authz->subject.client);
}

/* Whether a group's path is the one wanted, or stands below it. */
static int is_in_group(const char *path, const lk_group_t *wanted, int with_children)
{
    size_t len = strlen(wanted->path);
    return strcmp(path, wanted->path) == 0 || (with_children && strncmp(path, wanted->path, len) == 0 && path[len] == '/');
}

static int is_member(const lk_authz_t *authz, const char *claim, const lk_group_t *wanted, int with_children)
{
    const lk_user_t *user = authz->subject.user;
    const json_t *paths = *claim != '\0' ? json_object_get(authz->subject.claims, claim) : NULL;
    size_t i;
    json_t *path;
    json_array_foreach((json_t *)paths, i, path)
    {
        const char *text = json_string_value(path);
        if (text != NULL && is_in_group(*text == '/' ? text : lk_printf(authz->arena, "/%s", text), wanted, with_children))
            return 1;
    }
    for (i = 0; paths == NULL && user != NULL && i != user->num_groups; ++i)
        if (is_in_group(user->groups[i]->path, wanted, with_children))
            return 1;
    return 0;
}

static int permits_group(lk_authz_t *authz, const json_t *config)
{
    size_t i;
    json_t *entry;
    json_array_foreach(lk_authz_list(authz->arena, config, "groups"), i, entry)
    {
        const lk_group_t *group = lk_realm_group_by_id(authz->subject.realm, lk_json_str(entry, "id", ""));
        if (group != NULL &&
            is_member(authz, lk_json_config(config, "groupsClaim", ""), group, lk_json_bool(entry, "extendChildren", 0)))
            return 1;
    }
    return 0;
}

/* "yyyy-MM-dd hh:mm:ss" in the server's time zone, as seconds; -1 for what is none. */
static int64_t read_date(const char *text)
{
    struct tm tm = {.tm_isdst = -1};
    const char *end = strptime(text, "%Y-%m-%d %H:%M:%S", &tm);
    return end != NULL && *end == '\0' ? (int64_t)mktime(&tm) : -1;
}

/* Whether the value is the one configured, or between it and that of "<name>End". */
static int is_in_range(lk_arena_t *arena, const json_t *config, const char *name, long value)
{
    const char *from = lk_json_config(config, name, NULL), *to = lk_json_config(config, lk_printf(arena, "%sEnd", name), NULL);
    if (from == NULL || *from == '\0')
        return 1;
    if (to == NULL || *to == '\0')
        return value == strtol(from, NULL, 10);
    return value >= strtol(from, NULL, 10) && value <= strtol(to, NULL, 10);
}

static int permits_time(lk_authz_t *authz, const json_t *config)
{
    const char *from = lk_json_config(config, "nbf", NULL), *to = lk_json_config(config, "noa", NULL);
    time_t now = (time_t)authz->subject.now;
    struct tm tm;
    localtime_r(&now, &tm);
    if ((from != NULL && authz->subject.now < read_date(from)) || (to != NULL && authz->subject.now > read_date(to)))
        return 0;
    const struct {
        const char *name;
        long value;
    } parts[] = {{"dayMonth", tm.tm_mday},
                 {"month", tm.tm_mon + 1},
                 {"year", tm.tm_year + 1900},
                 {"hour", tm.tm_hour},
                 {"minute", tm.tm_min}};
    for (size_t i = 0; i != sizeof(parts) / sizeof(parts[0]); ++i)
        if (!is_in_range(authz->arena, config, parts[i].name, parts[i].value))
            return 0;
    return 1;
}

/* The first value of a claim, which may stand within others: "address.country". */
static const char *claim_text(lk_arena_t *arena, const json_t *claims, const char *path)
{
    const json_t *value = json_object_get(claims, path);
    const char *dot = strchr(path, '.');
    if (value == NULL && dot != NULL)
        return claim_text(arena, json_object_get(claims, lk_strndup(arena, path, (size_t)(dot - path))), dot + 1);
    if (json_is_array(value))
        value = json_array_get(value, 0);
    if (value == NULL || json_is_null(value))
        return NULL;
    return json_is_string(value) ? json_string_value(value) : lk_json_text(arena, value);
}

static int permits_regex(lk_authz_t *authz, const json_t *config)
{
    int of_context = strcmp(lk_json_config(config, "targetContextAttributes", ""), "true") == 0;
    const json_t *claims = of_context ? authz->subject.context : authz->subject.claims;
    const char *value = claim_text(authz->arena, claims, lk_json_config(config, "targetClaim", ""));
    return value != NULL && lk_pattern_match(authz->arena, lk_json_config(config, "pattern", ""), value) == LK_PATTERN_MATCH;
}

static const struct {
    const char *type;
    int (*permits)(lk_authz_t *authz, const json_t *config);
} types[] = {{"role", permits_role},
             {"user", permits_user},
             {"client", permits_client},
             {"group", permits_group},
             {"client-scope", permits_client_scope},
             {"time", permits_time},
             {"regex", permits_regex}};

/* --- decisions --- */

static int combine(const char *strategy, size_t permits, size_t denials)
{
    if (strcmp(strategy, "AFFIRMATIVE") == 0)
        return permits != 0;
    return strcmp(strategy, "CONSENSUS") == 0 ? permits > denials : denials == 0 && permits != 0;
}

/* Permissions and aggregated policies: what those say that they are made of. */
static int permits_together(lk_authz_t *authz, const json_t *policy)
{
    size_t i, permits = 0, denials = 0;
    json_t *id;
    json_array_foreach(json_object_get(policy, "policies"), i, id)
    {
        const json_t *part = json_object_get(authz->index.policies, json_string_value(id));
        if (part != NULL && lk_authz_permits(authz, part))
            ++permits;
        else
            ++denials;
    }
    return combine(lk_json_str(policy, "decisionStrategy", "UNANIMOUS"), permits, denials);
}

/* What an owner says of their resource: a list of each kind that is not empty is a policy of its own. They may themselves. */
static int permits_of_owner(lk_authz_t *authz, const json_t *policy)
{
    static const struct {
        const char *list;
        int (*permits)(lk_authz_t *authz, const json_t *config);
    } parts[] = {{"roles", permits_role}, {"groups", permits_group}, {"clients", permits_client}, {"users", permits_user}};
    const json_t *config = json_object_get(policy, "config");
    const lk_user_t *user = authz->subject.user;
    size_t permits = 0, denials = 0;
    if (user != NULL && strcmp(lk_json_str(policy, "owner", ""), user->id) == 0)
        return 1;
    for (size_t i = 0; i != sizeof(parts) / sizeof(parts[0]); ++i)
        if (json_array_size(lk_authz_list(authz->arena, config, parts[i].list)) != 0)
            *(parts[i].permits(authz, config) ? &permits : &denials) += 1;
    int together = combine(lk_json_str(policy, "decisionStrategy", "UNANIMOUS"), permits, denials);
    return together != (strcmp(lk_json_str(policy, "logic", "POSITIVE"), "NEGATIVE") == 0);
}

int lk_authz_permits(lk_authz_t *authz, const json_t *policy)
{
    const char *id = lk_authz_id(policy), *type = lk_json_str(policy, "type", "");
    const json_t *known = json_object_get(authz->decisions, id);
    int permits = 0, is_negative = strcmp(lk_json_str(policy, "logic", "POSITIVE"), "NEGATIVE") == 0;
    if (known != NULL)
        return json_is_true(known);
    json_object_set_new(authz->decisions, id, json_false()); /* until it is known: a policy made of itself permits nothing */
    if (strcmp(type, LK_AUTHZ_OF_OWNER) == 0) {
        permits = permits_of_owner(authz, policy);
        json_object_set_new(authz->decisions, id, json_boolean(permits));
        return permits;
    }
    if (strcmp(type, "aggregate") == 0 || strcmp(type, "resource") == 0 || strcmp(type, "scope") == 0)
        permits = permits_together(authz, policy);
    else {
        size_t i = 0;
        while (i != sizeof(types) / sizeof(types[0]) && strcmp(types[i].type, type) != 0)
            ++i;
        if (i == sizeof(types) / sizeof(types[0]))
            return 0; /* a type that is not there denies, whatever its logic */
        permits = types[i].permits(authz, json_object_get(policy, "config"));
    }
    json_object_set_new(authz->decisions, id, json_boolean(permits != is_negative));
    return permits != is_negative;
}

/* --- permissions --- */

static int lists_one_of(const json_t *array, const json_t *wanted)
{
    size_t i;
    json_t *entry;
    json_array_foreach((json_t *)wanted, i, entry)
    {
        if (lk_json_lists(array, json_string_value(entry)))
            return 1;
    }
    return 0;
}

static int is_of_type(const json_t *policy, const char *type)
{
    return strcmp(lk_json_str(policy, "type", ""), type) == 0;
}

/* Whether a permission that the index gave for a request is about it. */
static int is_about(const json_t *policy, const lk_authz_request_t *request)
{
    if (is_of_type(policy, "resource"))
        return request->resource != NULL;
    const json_t *scopes = json_object_get(policy, "scopes");
    int is_met = lists_one_of(scopes, request->scopes);
    if (is_of_type(policy, LK_AUTHZ_OF_OWNER))
        return request->resource != NULL && lk_json_bool(request->resource, "ownerManagedAccess", 0) &&
               (is_met || json_array_size(scopes) + json_array_size(request->scopes) == 0);
    return is_of_type(policy, "scope") && is_met;
}

/* Adds the request's scopes that the permission is about. */
static void add_scopes(json_t *set, const json_t *policy, const lk_authz_request_t *request)
{
    int all = is_of_type(policy, "resource");
    size_t i;
    json_t *id;
    json_array_foreach((json_t *)request->scopes, i, id)
    {
        if (all || lk_json_lists(json_object_get(policy, "scopes"), json_string_value(id)))
            json_object_set_new(set, json_string_value(id), json_true());
    }
}

typedef struct st_tally_t {
    const lk_authz_request_t *request;
    json_t *asked;                     /* ids of permissions */
    json_t *seen;                      /* the same as a set */
    json_t *granted, *denied, *shared; /* scope's id -> true; shared: by the owner, whatever else is denied */
    size_t permits, denials, shares;
} tally_t;

static void ask_each(lk_authz_t *authz, const json_t *policies, tally_t *tally)
{
    size_t i;
    json_t *policy;
    json_array_foreach((json_t *)policies, i, policy)
    {
        const char *id = lk_authz_id(policy);
        if (json_object_get(tally->seen, id) != NULL || !is_about(policy, tally->request))
            continue;
        int permits = lk_authz_permits(authz, policy), shares = permits && is_of_type(policy, LK_AUTHZ_OF_OWNER);
        add_scopes(shares ? tally->shared : permits ? tally->granted : tally->denied, policy, tally->request);
        *(shares ? &tally->shares : permits ? &tally->permits : &tally->denials) += 1;
        json_array_append_new(tally->asked, json_string(id));
        json_object_set_new(tally->seen, id, json_true());
    }
}

static void ask_about_resource(lk_authz_t *authz, const json_t *resource, tally_t *tally)
{
    const lk_authz_index_t *index = &authz->index;
    const char *type = lk_json_str(resource, "type", "");
    size_t i;
    json_t *parent;
    ask_each(authz, json_object_get(index->about_resources, lk_authz_id(resource)), tally);
    ask_each(authz, json_object_get(index->about_types, type), tally);
    json_array_foreach(lk_json_str(resource, "owner", NULL) != NULL ? json_object_get(index->parents, type) : NULL, i, parent)
    {
        ask_each(authz, json_object_get(index->about_resources, lk_authz_id(parent)), tally);
    }
}

/* What the owner granted this user by a permission ticket; a scope that the resource does not have, or no longer, is none. */
static void add_shared(const lk_authz_t *authz, tally_t *tally)
{
    size_t i;
    json_t *entry;
    if (tally->request->resource == NULL || !lk_json_bool(tally->request->resource, "ownerManagedAccess", 0))
        return;
    const json_t *own = lk_authz_scopes_of(authz, tally->request->resource);
    json_array_foreach((json_t *)authz->subject.shared, i, entry)
    {
        const char *id = json_string_value(json_array_get(entry, 0)), *scope = json_string_value(json_array_get(entry, 1));
        if (strcmp(id, lk_authz_id(tally->request->resource)) != 0)
            continue;
        if (scope != NULL && lk_json_lists(own, scope))
            json_object_set_new(tally->shared, scope, json_true());
        tally->shares += scope == NULL || lk_json_lists(tally->request->scopes, scope);
    }
}

static void ask_all(lk_authz_t *authz, tally_t *tally)
{
    size_t i;
    json_t *id;
    if (tally->request->resource != NULL)
        ask_about_resource(authz, tally->request->resource, tally);
    json_array_foreach((json_t *)tally->request->scopes, i, id)
    {
        ask_each(authz, json_object_get(authz->index.about_scopes, json_string_value(id)), tally);
    }
    add_shared(authz, tally);
}

void lk_authz_evaluate(lk_authz_t *authz, const lk_authz_request_t *request, lk_authz_answer_t *ret_answer)
{
    lk_arena_t *arena = authz->arena;
    const char *mode = lk_json_str(authz->settings, "policyEnforcementMode", "ENFORCING");
    int is_affirmative = strcmp(lk_json_str(authz->settings, "decisionStrategy", "UNANIMOUS"), "AFFIRMATIVE") == 0;
    lk_authz_answer_t answer = {.scopes = lk_json_own(arena, json_array()),
                                .denied = lk_json_own(arena, json_array()),
                                .policies = lk_json_own(arena, json_array())};
    tally_t tally = {.request = request,
                     .asked = answer.policies,
                     .seen = lk_json_own(arena, json_object()),
                     .granted = lk_json_own(arena, json_object()),
                     .denied = lk_json_own(arena, json_object()),
                     .shared = lk_json_own(arena, json_object())};
    size_t i;
    json_t *id;
    int is_off = strcmp(mode, "DISABLED") == 0;
    if (!is_off)
        ask_all(authz, &tally);
    int all = is_off || (strcmp(mode, "PERMISSIVE") == 0 && tally.permits + tally.denials + tally.shares == 0);
    json_array_foreach((json_t *)request->scopes, i, id)
    {
        const char *scope = json_string_value(id);
        int denied = json_object_get(tally.denied, scope) != NULL, shared = json_object_get(tally.shared, scope) != NULL;
        int granted = json_object_get(tally.granted, scope) != NULL && (!denied || is_affirmative);
        if (granted || shared || all)
            json_array_append(answer.scopes, id);
        else if (denied)
            json_array_append(answer.denied, id);
    }
    int whole = all || tally.shares != 0 || (tally.permits != 0 && (tally.denials == 0 || is_affirmative));
    answer.granted = json_array_size(request->scopes) != 0 ? json_array_size(answer.scopes) != 0 : whole;
    *ret_answer = answer;
}
