/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include "core/json.h"
#include "core/time.h"
#include "login/actions.h"
#include "login/authenticators.h"
#include "model/credential.h"
#include "token/acr.h"

/* Levels of assurance: which one a request asks for, which a session has reached, and the condition of flows between the two. */

#define DEFAULT_MAX_AGE 36000 /* seconds: Keycloak's */

static int64_t level_of(const json_t *config)
{
    return lk_json_config_int(config, "loa-condition-level", LK_LEVEL_NONE);
}

static int is_level_condition(const json_t *execution)
{
    return strcmp(lk_json_str(execution, "authenticator", ""), LK_LEVEL_CONDITION) == 0;
}

/* --- what is asked for --- */

/* The level of each type of credential that the executions ask for: that of the innermost flow with a condition, and of several
 * the last. `level` is what the flow around them has. */
static void read_levels(const lk_walk_t *walk, const json_t *executions, int64_t level, int depth, json_t *levels)
{
    const json_t *execution;
    size_t i;
    json_array_foreach((json_t *)executions, i, execution)
    {
        const lk_authenticator_t *type = lk_execution_type(execution);
        if (lk_execution_requires(execution, "DISABLED"))
            continue;
        if (is_level_condition(execution))
            level = level_of(lk_walk_config_of(walk, execution));
        if (type != NULL && type->credential != NULL && level != LK_LEVEL_NONE)
            json_object_set_new(levels, type->credential, json_integer(level));
        if (lk_execution_is_flow(execution) && depth != LK_FLOW_MAX_DEPTH)
            read_levels(walk, lk_flow_executions(walk->realm, lk_json_str(execution, "flowAlias", NULL)), level, depth + 1, levels);
    }
}

/* Of the credential that kc_action=delete_credential:<id> names, its type; NULL: there is none. */
static lk_status_t type_of_credential(const lk_walk_t *walk, const char *id, const char **ret_type, lk_error_t *err)
{
    lk_credential_t owned = {NULL};
    lk_status_t status = lk_credential_find(walk->req->app->sql, walk->req->arena, walk->realm, walk->user->id, id, &owned, err);
    *ret_type = owned.id != NULL ? owned.type : lk_credential_type_named(walk->req->arena, id);
    return status;
}

/* The type of credential that the client's kc_action sets up or deletes; NULL: it is about none. */
static lk_status_t type_of_action(const lk_walk_t *walk, const char **ret_type, lk_error_t *err)
{
    const char *action = walk->login->auth.kc_action;
    const char *alias = lk_strndup(walk->req->arena, action, strcspn(action, ":"));
    const lk_credential_type_t *added = lk_credential_type_added(alias);
    *ret_type = added != NULL ? added->name : NULL;
    return strcmp(alias, LK_DELETE_CREDENTIAL) == 0 ? type_of_credential(walk, lk_login_action_argument(walk->login), ret_type, err)
                                                    : LK_OK;
}

/* The highest of these levels, up to `most`, for which the user has a credential; LK_LEVEL_NONE where there is none. */
static lk_status_t highest_provable(lk_walk_t *walk, json_t *levels, int64_t most, int64_t *ret_level, lk_error_t *err)
{
    const char *type;
    json_t *value;
    lk_status_t status = LK_OK;
    *ret_level = LK_LEVEL_NONE;
    json_object_foreach(levels, type, value)
    {
        int has = 0;
        int64_t level = json_integer_value(value);
        if (status == LK_OK && level <= most && level > *ret_level)
            status = lk_walk_has_credential(walk, type, &has, err);
        if (has)
            *ret_level = level;
    }
    return status;
}

/* Whoever adds to their credentials or takes one away has to prove what they have: the level of such a credential, or the
 * highest below it for which they have any. */
static lk_status_t level_of_action(lk_walk_t *walk, int64_t *ret_level, lk_error_t *err)
{
    const char *type;
    json_t *levels = lk_json_own(walk->req->arena, json_object());
    *ret_level = LK_LEVEL_NONE;
    if (walk->login->auth.kc_action == NULL || walk->user == NULL)
        return LK_OK;
    read_levels(walk, walk->top, LK_LEVEL_NONE, 0, levels);
    if (json_object_size(levels) == 0)
        return LK_OK;
    lk_status_t status = type_of_action(walk, &type, err);
    return status == LK_OK && type != NULL
               ? highest_provable(walk, levels, lk_json_int(levels, type, LK_LEVEL_NONE), ret_level, err)
               : status;
}

lk_status_t lk_walk_requested_level(lk_walk_t *walk, int64_t *ret_level, lk_error_t *err)
{
    const lk_auth_request_t *auth = &walk->login->auth;
    lk_acr_wish_t wish = lk_acr_wish(walk->req->arena, walk->client, auth->acr_values, auth->claims);
    int64_t wished = LK_LEVEL_NONE;
    lk_status_t status = level_of_action(walk, ret_level, err);
    lk_acr_requested(walk->req->arena, walk->realm, walk->client, &wish, &wished);
    if (wished > *ret_level)
        *ret_level = wished;
    return status;
}

/* --- what was reached --- */

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

static int64_t max_age_of(const json_t *config)
{
    return lk_json_config_int(config, "loa-max-age", DEFAULT_MAX_AGE);
}

lk_status_t lk_condition_level(lk_walk_t *walk, lk_flow_outcome_t *ret_outcome, lk_error_t *err)
{
    lk_login_t *login = walk->login;
    int64_t level = level_of(walk->config), requested;
    if (login->level == LK_LEVEL_NONE)
        return lk_condition_met(1, ret_outcome);
    lk_status_t status = lk_walk_requested_level(walk, &requested, err);
    if (status != LK_OK || requested < level)
        return status == LK_OK ? lk_condition_met(0, ret_outcome) : status;
    int reached = was_reached(walk, level, max_age_of(walk->config));
    if (reached && login->level < level)
        login->level = level;
    return lk_condition_met(!reached, ret_outcome);
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
        const json_t *config = lk_walk_config_of(walk, execution);
        if (is_level_condition(execution) && level_of(config) == level)
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
