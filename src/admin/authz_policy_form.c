/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "admin/authz.h"

/* Policies and permissions: one kind of thing in two forms. PolicyRepresentation has a map "config" of texts; the form of a type
 * (/policy/role) has members instead. The table says which. */

typedef enum en_form_t { FORM_TEXT, FORM_BOOL, FORM_MAP, FORM_TEXTS, FORM_ENTRIES } form_t;

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
/* clang-format on */
#define NUM_MEMBERS (sizeof(members) / sizeof(members[0]))

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

/* Groups that are gone are not shown. */
static json_t *show_groups(const lk_admin_t *admin, const json_t *entries)
{
    json_t *list = json_array(), *entry;
    size_t i;
    json_array_foreach((json_t *)entries, i, entry)
    {
        if (lk_realm_group_by_id(admin->realm, lk_json_str(entry, "id", "")) != NULL)
            json_array_append(list, entry);
    }
    return list;
}

static json_t *show_member(lk_arena_t *arena, const json_t *config, size_t i)
{
    if (members[i].form == FORM_BOOL)
        return json_boolean(lk_json_config_bool(config, members[i].config, 0));
    if (members[i].form == FORM_TEXT)
        return json_incref(json_object_get(config, members[i].config));
    return json_incref(lk_authz_list(arena, config, members[i].config));
}

/* Lists that nobody gave are empty where a policy is asked for. */
static int is_shown(const json_t *config, size_t i)
{
    return json_object_get(config, members[i].config) != NULL || members[i].form >= FORM_TEXTS || members[i].fallback != NULL;
}

json_t *lk_authz_show_typed(lk_admin_t *admin, const json_t *policy)
{
    const json_t *config = json_object_get(policy, "config");
    json_t *shown = show_head(policy);
    for (size_t i = 0; i != NUM_MEMBERS; ++i)
        if (strcmp(members[i].type, lk_json_str(policy, "type", "")) == 0 && is_shown(config, i))
            json_object_set_new(shown, members[i].member, show_member(admin->req->arena, config, i));
    if (json_object_get(shown, "groups") != NULL)
        json_object_set_new(shown, "groups", show_groups(admin, json_object_get(shown, "groups")));
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

static const char *text_of(lk_arena_t *arena, const json_t *given)
{
    return json_is_string(given) ? json_string_value(given) : lk_json_text(arena, given);
}

static const char *read_member(lk_arena_t *arena, size_t i, const json_t *given)
{
    if (given == NULL || json_is_null(given))
        return members[i].fallback;
    if (members[i].form == FORM_BOOL)
        return json_is_true(given) || (json_is_string(given) && strcmp(json_string_value(given), "true") == 0) ? "true" : "false";
    if (members[i].form == FORM_TEXT)
        return text_of(arena, given);
    json_t *list = members[i].form == FORM_TEXTS ? json_deep_copy(given) : read_entries(given, members[i].flag);
    return lk_json_text(arena, lk_json_own(arena, list));
}

/* Members that all types have. */
static const struct {
    const char *name;
    form_t form;
} common[] = {{"id", FORM_TEXT},
              {"name", FORM_TEXT},
              {"description", FORM_TEXT},
              {"type", FORM_TEXT},
              {"logic", FORM_TEXT},
              {"owner", FORM_TEXT},
              {"resourceType", FORM_TEXT},
              {"decisionStrategy", FORM_TEXT},
              {"config", FORM_MAP},
              {"policies", FORM_TEXTS},
              {"resources", FORM_TEXTS},
              {"scopes", FORM_TEXTS},
              {"resourcesData", FORM_ENTRIES},
              {"scopesData", FORM_ENTRIES}};

static int is_text(const json_t *given)
{
    return !json_is_object(given) && !json_is_array(given);
}

static int is_map(const json_t *given)
{
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)given, name, value)
    {
        if (!is_text(value))
            return 0;
    }
    return json_is_object(given);
}

static int has_form(const json_t *given, form_t form)
{
    size_t i;
    json_t *entry;
    if (json_is_null(given))
        return 1;
    if (form <= FORM_BOOL)
        return is_text(given);
    if (form == FORM_MAP)
        return is_map(given);
    json_array_foreach((json_t *)given, i, entry)
    {
        if (form == FORM_TEXTS ? !is_text(entry) : !json_is_object(entry))
            return 0;
    }
    return json_is_array(given);
}

static int takes(const char *type, const char *name, const json_t *given)
{
    for (size_t i = 0; i != sizeof(common) / sizeof(common[0]); ++i)
        if (strcmp(common[i].name, name) == 0)
            return has_form(given, common[i].form);
    for (size_t i = 0; i != NUM_MEMBERS; ++i)
        if (strcmp(members[i].type, type) == 0 && strcmp(members[i].member, name) == 0)
            return has_form(given, members[i].form);
    return 0;
}

/* Keycloak reads these bodies late, and answers 500 where it cannot. */
lk_status_t lk_authz_check_policy(const lk_admin_t *admin, const char *type, lk_error_t *err)
{
    static const char *const choices[][4] = {{"logic", "POSITIVE", "NEGATIVE", "POSITIVE"},
                                             {"decisionStrategy", "AFFIRMATIVE", "UNANIMOUS", "CONSENSUS"}};
    const char *name;
    json_t *value;
    int is_read = json_is_object(admin->body);
    for (size_t i = 0; i != 2; ++i) {
        const char *text = lk_json_str(admin->body, choices[i][0], choices[i][1]);
        is_read &= strcmp(text, choices[i][1]) == 0 || strcmp(text, choices[i][2]) == 0 || strcmp(text, choices[i][3]) == 0;
    }
    json_object_foreach(admin->body, name, value)
    {
        is_read &= takes(type, name, value);
    }
    return is_read ? LK_OK : lk_fail_http(err, LK_INVALID, 500, "unknown_error", "Cannot parse the JSON");
}

/* The members of `policy` that hold ids, from what the body names; those that it leaves out stay. */
static lk_status_t read_links(lk_admin_t *admin, json_t *policy, lk_error_t *err)
{
    static const char *const lists[] = {"resources", "scopes", "policies"};
    for (size_t i = 0; i != 3; ++i) {
        json_t *given = json_object_get(admin->body, lists[i]), *name, *ids = json_array();
        size_t j;
        json_array_foreach(given, j, name)
        {
            const char *text = json_is_string(name) ? json_string_value(name) : "";
            const json_t *object = lk_authz_find(admin->authz, lists[i], text);
            if (object == NULL) {
                json_decref(ids);
                return lk_authz_unknown(err, lists[i], text);
            }
            json_array_append_new(ids, json_string(lk_authz_id(object)));
        }
        if (given == NULL && json_object_get(policy, lists[i]) != NULL)
            json_decref(ids);
        else
            json_object_set_new(policy, lists[i], ids);
    }
    return LK_OK;
}

static void read_head(lk_admin_t *admin, json_t *policy)
{
    static const char *const texts[][2] = {
        {"name", NULL}, {"description", NULL}, {"logic", "POSITIVE"}, {"decisionStrategy", "UNANIMOUS"}};
    for (size_t i = 0; i != 4; ++i) {
        const json_t *given = json_object_get(admin->body, texts[i][0]);
        const char *text = given == NULL || json_is_null(given) ? texts[i][1] : text_of(admin->req->arena, given);
        if (text != NULL)
            json_object_set_new(policy, texts[i][0], json_string(text));
        else
            json_object_del(policy, texts[i][0]);
    }
}

lk_status_t lk_authz_read_policy(lk_admin_t *admin, json_t *policy, int typed, lk_error_t *err)
{
    const char *type = lk_json_str(policy, "type", "");
    json_t *config = json_object(), *given = json_object_get(admin->body, "config");
    read_head(admin, policy);
    for (size_t i = 0; typed && i != NUM_MEMBERS; ++i) {
        const char *text = strcmp(members[i].type, type) == 0
                               ? read_member(admin->req->arena, i, json_object_get(admin->body, members[i].member))
                               : NULL;
        if (text != NULL)
            json_object_set_new(config, members[i].config, json_string(text));
    }
    if (!typed && json_is_object(given))
        json_object_update(config, given);
    json_object_set_new(policy, "config", config);
    return read_links(admin, policy, err);
}

json_t *lk_authz_show_made(lk_admin_t *admin, const json_t *policy, int typed)
{
    static const char *const links[] = {"policies", "resources", "scopes"};
    const json_t *config = json_object_get(policy, "config");
    json_t *shown = typed ? show_head(policy) : lk_authz_show_policy(admin, policy);
    for (size_t i = 0; typed && i != NUM_MEMBERS; ++i)
        if (strcmp(members[i].type, lk_json_str(policy, "type", "")) == 0 && json_object_get(config, members[i].config) != NULL)
            json_object_set_new(shown, members[i].member, show_member(admin->req->arena, config, i));
    for (size_t i = 0; i != 3; ++i)
        if (json_object_get(admin->body, links[i]) != NULL)
            json_object_set_new(shown, links[i], json_deep_copy(json_object_get(policy, links[i])));
    return json_deep_copy(lk_json_own(admin->req->arena, shown));
}
