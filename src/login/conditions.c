/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include "core/json.h"
#include "core/time.h"
#include "login/authenticators.h"
#include "model/pattern.h"
#include "token/acr.h"

/* Conditions of conditional flows. */

#define DEFAULT_MAX_AGE 36000 /* seconds: Keycloak's */

static lk_status_t met(int is_met, lk_flow_outcome_t *ret_outcome)
{
    *ret_outcome = is_met ? LK_FLOW_DONE : LK_FLOW_ATTEMPTED;
    return LK_OK;
}

lk_status_t lk_condition_configured(lk_walk_t *walk, lk_flow_outcome_t *ret_outcome, lk_error_t *err)
{
    int configured = 0;
    lk_status_t status = lk_walk_configured(walk, walk->execution, &configured, err);
    met(configured, ret_outcome);
    return status;
}

const lk_role_t *lk_walk_role(const lk_walk_t *walk, const char *name)
{
    const lk_realm_t *realm = walk->realm;
    const lk_role_t *role = lk_realm_role(realm, NULL, name);
    for (const char *dot = strchr(name, '.'); role == NULL && dot != NULL; dot = strchr(dot + 1, '.'))
        role = lk_realm_role(realm, lk_strndup(walk->req->arena, name, (size_t)(dot - name)), dot + 1);
    return role;
}

lk_status_t lk_condition_role(lk_walk_t *walk, lk_flow_outcome_t *ret_outcome, lk_error_t *err)
{
    const lk_role_t *role = lk_walk_role(walk, lk_json_config(walk->config, "condUserRole", ""));
    int negate = lk_json_config_bool(walk->config, "negate", 0);
    lk_role_set_t roles;
    (void)err;
    if (role == NULL) /* nobody has a role that there is not */
        return met(negate, ret_outcome);
    lk_user_roles(walk->req->arena, walk->realm, walk->user, &roles);
    return met(lk_role_set_has(&roles, role) != negate, ret_outcome);
}

static int any_matches(lk_arena_t *arena, const json_t *values, const char *expected, int is_regex)
{
    const json_t *value;
    size_t i;
    json_array_foreach((json_t *)values, i, value)
    {
        const char *text = json_string_value(value);
        if (text != NULL && (is_regex ? lk_pattern_match(arena, expected, text) == LK_PATTERN_MATCH : strcmp(text, expected) == 0))
            return 1;
    }
    return 0;
}

lk_status_t lk_condition_attribute(lk_walk_t *walk, lk_flow_outcome_t *ret_outcome, lk_error_t *err)
{
    const char *name = lk_json_config(walk->config, "attribute_name", ""),
               *expected = lk_json_config(walk->config, "attribute_expected_value", "");
    int is_regex = lk_json_config_bool(walk->config, "regex", 0), negate = lk_json_config_bool(walk->config, "not", 0);
    int found = any_matches(walk->req->arena, json_object_get(walk->user->attributes, name), expected, is_regex);
    (void)err;
    for (size_t i = 0; !found && lk_json_config_bool(walk->config, "include_group_attributes", 0) && i != walk->user->num_groups;
         ++i)
        for (const lk_group_t *group = walk->user->groups[i]; !found && group != NULL; group = group->parent)
            found = any_matches(walk->req->arena, json_object_get(group->attributes, name), expected, is_regex);
    return met(found != negate, ret_outcome);
}

/* "otp##webauthn": whether one of them was used in this login, or ("included" is not true) none was. */
lk_status_t lk_condition_credential(lk_walk_t *walk, lk_flow_outcome_t *ret_outcome, lk_error_t *err)
{
    const char *list = lk_json_config(walk->config, "credentials", "");
    int used = 0;
    (void)err;
    for (const char *at = list; !used && *at != '\0'; at += strspn(at, "#")) {
        size_t len = strcspn(at, "#");
        used = lk_walk_used_credential(walk, lk_strndup(walk->req->arena, at, len));
        at += len;
    }
    return met(used == lk_json_config_bool(walk->config, "included", 0), ret_outcome);
}

lk_status_t lk_condition_subflow(lk_walk_t *walk, lk_flow_outcome_t *ret_outcome, lk_error_t *err)
{
    const json_t *execution = lk_walk_find(walk, "flowAlias", lk_json_config(walk->config, "flow_to_check", ""));
    int executed = execution != NULL && lk_walk_mark(walk, execution) == 'd';
    (void)err;
    return met(executed == (strcmp(lk_json_config(walk->config, "check_result", "executed"), "executed") == 0), ret_outcome);
}

static int client_has_scope(const lk_walk_t *walk, const char *name)
{
    const lk_client_t *client = walk->client;
    for (size_t i = 0; i != client->num_default_scopes; ++i)
        if (strcmp(client->default_scopes[i]->name, name) == 0)
            return 1;
    return lk_has_word(walk->login->auth.scope, name);
}

lk_status_t lk_condition_scope(lk_walk_t *walk, lk_flow_outcome_t *ret_outcome, lk_error_t *err)
{
    (void)err;
    return met(client_has_scope(walk, lk_json_config(walk->config, "client_scope", "")) !=
                   lk_json_config_bool(walk->config, "negate", 0),
               ret_outcome);
}

/* --- levels of assurance --- */

int64_t lk_walk_requested_level(const lk_walk_t *walk)
{
    const lk_auth_request_t *auth = &walk->login->auth;
    lk_acr_wish_t wish = lk_acr_wish(walk->req->arena, walk->client, auth->acr_values, auth->claims);
    int64_t level = LK_LEVEL_NONE;
    lk_acr_requested(walk->req->arena, walk->realm, walk->client, &wish, &level);
    return level;
}

static const char *level_key(const lk_walk_t *walk, int64_t level)
{
    return lk_printf(walk->req->arena, "%lld", (long long)level);
}

/* Whether the session reached that level at most so many seconds ago. */
static int was_reached(const lk_walk_t *walk, int64_t level, int64_t max_age)
{
    const json_t *when = json_object_get(walk->login->levels, level_key(walk, level));
    return !walk->login->forced && when != NULL && json_integer_value(when) + max_age > lk_now();
}

static int64_t level_of(const json_t *config)
{
    return lk_json_config_int(config, "loa-condition-level", LK_LEVEL_NONE);
}

static int64_t max_age_of(const json_t *config)
{
    return lk_json_config_int(config, "loa-max-age", DEFAULT_MAX_AGE);
}

lk_status_t lk_condition_level(lk_walk_t *walk, lk_flow_outcome_t *ret_outcome, lk_error_t *err)
{
    lk_login_t *login = walk->login;
    int64_t level = level_of(walk->config);
    (void)err;
    if (login->level == LK_LEVEL_NONE)
        return met(1, ret_outcome);
    if (lk_walk_requested_level(walk) < level)
        return met(0, ret_outcome);
    int reached = was_reached(walk, level, max_age_of(walk->config));
    if (reached && login->level < level)
        login->level = level;
    return met(!reached, ret_outcome);
}

void lk_condition_level_reached(lk_walk_t *walk)
{
    lk_login_t *login = walk->login;
    int64_t level = level_of(walk->config);
    if (level > login->level)
        login->level = level;
    if (login->levels == NULL)
        login->levels = lk_json_own(walk->req->arena, json_object());
    json_object_set_new(login->levels, level_key(walk, level), json_integer(lk_now()));
}

/* How old the level may be by the flow's own condition; -1 where it has none for it. */
static int64_t max_age_in(const lk_walk_t *walk, const json_t *executions, int64_t level, int depth)
{
    const json_t *execution;
    size_t i;
    int64_t found = -1;
    json_array_foreach((json_t *)executions, i, execution)
    {
        const char *alias = lk_json_str(execution, "authenticatorConfig", NULL);
        const json_t *config = alias != NULL ? json_object_get(walk->realm->authenticator_configs, alias) : NULL;
        if (strcmp(lk_json_str(execution, "authenticator", ""), LK_LEVEL_CONDITION) == 0 && level_of(config) == level)
            return max_age_of(config);
        if (lk_execution_is_flow(execution) && depth != LK_FLOW_MAX_DEPTH)
            found = max_age_in(walk, lk_flow_executions(walk->realm, lk_json_str(execution, "flowAlias", NULL)), level, depth + 1);
        if (found >= 0)
            return found;
    }
    return -1;
}

int64_t lk_walk_session_level(const lk_walk_t *walk)
{
    const char *name;
    const json_t *when;
    int64_t highest = json_object_size(walk->login->levels) == 0 ? LK_LEVEL_NONE : 0;
    json_object_foreach(walk->login->levels, name, when)
    {
        int64_t level = strtoll(name, NULL, 10);
        if (level > highest && was_reached(walk, level, max_age_in(walk, walk->top, level, 0)))
            highest = level;
    }
    return highest;
}
