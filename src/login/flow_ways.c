/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/json.h"
#include "login/flow.h"
#include "login/page.h"

/* What the walk's user can do: credentials, alternatives; and the pages of a walk. */

#define MAX_WAYS 16

/* --- credentials --- */

/* Whoever has shown a passkey where a password was asked for needs none. */
lk_status_t lk_walk_has_credential(lk_walk_t *walk, const char *type, int *ret_has, lk_error_t *err)
{
    const lk_request_t *req = walk->req;
    lk_rows_t rows;
    if (walk->credentials == NULL) {
        lk_status_t status =
            lk_query(req->app->sql, req->arena, LK_Q_CREDENTIAL_TYPES, &rows, err, walk->realm->id, walk->user->id);
        if (status != LK_OK)
            return status;
        walk->credentials = lk_row_str(&rows, 0, "types");
    }
    *ret_has = lk_has_word(walk->credentials, type) || (walk->login->by_passkey && strcmp(type, "password") == 0);
    return LK_OK;
}

static const json_t *executions_below(const lk_walk_t *walk, const json_t *execution)
{
    return lk_flow_executions(walk->realm, lk_json_str(execution, "flowAlias", NULL));
}

/* The flow that holds the execution; *ret_parent is the execution that stands for that flow, NULL at the top. */
static const json_t *flow_around(const lk_walk_t *walk, const json_t *executions, const json_t *wanted, int depth,
                                 const json_t **ret_parent)
{
    const json_t *execution, *found = NULL;
    size_t i;
    json_array_foreach((json_t *)executions, i, execution)
    {
        if (execution == wanted)
            return executions;
    }
    json_array_foreach((json_t *)executions, i, execution)
    {
        if (!lk_execution_is_flow(execution) || depth == LK_FLOW_MAX_DEPTH)
            continue;
        *ret_parent = execution;
        found = flow_around(walk, executions_below(walk, execution), wanted, depth + 1, ret_parent);
        if (found != NULL)
            return found;
    }
    return NULL;
}

static lk_status_t can_do(lk_walk_t *walk, const json_t *executions, int depth, int *ret_can, lk_error_t *err);

static lk_status_t can_do_one(lk_walk_t *walk, const json_t *execution, int depth, int *ret_can, lk_error_t *err)
{
    const lk_authenticator_t *type = lk_execution_type(execution);
    *ret_can = type != NULL;
    if (lk_execution_is_flow(execution))
        return depth != LK_FLOW_MAX_DEPTH ? can_do(walk, executions_below(walk, execution), depth + 1, ret_can, err) : LK_OK;
    if (type != NULL && (type->flags & LK_STEP_ORGANIZATION))
        *ret_can = walk->realm->organizations_enabled;
    else if (walk->user == NULL) /* nobody knows what they have */
        *ret_can = 0;
    else if (type != NULL && type->credential != NULL)
        return lk_walk_has_credential(walk, type->credential, ret_can, err);
    return LK_OK;
}

static lk_status_t can_do(lk_walk_t *walk, const json_t *executions, int depth, int *ret_can, lk_error_t *err)
{
    int needs_all = lk_executions_have_required(executions), can = 0;
    const json_t *execution;
    size_t i;
    *ret_can = needs_all;
    json_array_foreach((json_t *)executions, i, execution)
    {
        if (lk_execution_is_condition(execution) || lk_execution_requires(execution, "DISABLED") ||
            (needs_all && lk_execution_requires(execution, "ALTERNATIVE")))
            continue;
        lk_status_t status = can_do_one(walk, execution, depth, &can, err);
        if (status != LK_OK)
            return status;
        if (can != needs_all) { /* one that cannot be done, of all; or one that can, of the alternatives */
            *ret_can = can;
            return LK_OK;
        }
    }
    return LK_OK;
}

lk_status_t lk_walk_configured(lk_walk_t *walk, const json_t *condition, int *ret_configured, lk_error_t *err)
{
    const json_t *parent = NULL;
    return can_do(walk, flow_around(walk, walk->top, condition, 0, &parent), 0, ret_configured, err);
}

/* --- other ways --- */

/* What an alternative begins with: itself, or the first step of a flow. */
static const json_t *first_step(const lk_walk_t *walk, const json_t *execution)
{
    const json_t *executions = executions_below(walk, execution), *step;
    size_t i;
    if (!lk_execution_is_flow(execution))
        return execution;
    json_array_foreach((json_t *)executions, i, step)
    {
        if (!lk_execution_is_condition(step) && lk_execution_requires(step, "REQUIRED"))
            return lk_execution_is_flow(step) ? NULL : step;
    }
    return NULL;
}

static size_t rank_of(const lk_walk_t *walk, const json_t *step)
{
    const char *type = lk_execution_type(step)->credential, *at = walk->credentials;
    size_t len = strlen(type);
    for (; *at != '\0'; at += strcspn(at, " "), at += strspn(at, " "))
        if (strncmp(at, type, len) == 0 && (at[len] == ' ' || at[len] == '\0'))
            break;
    return (size_t)(at - walk->credentials);
}

/* What the user prefers comes first; else the flow's order. */
static void insert_by_rank(const lk_walk_t *walk, const json_t *step, const json_t **ways, size_t *count)
{
    size_t at = (*count)++;
    for (; at != 0 && rank_of(walk, ways[at - 1]) > rank_of(walk, step); --at)
        ways[at] = ways[at - 1];
    ways[at] = step;
}

/* Only who is known has another way: without a user nobody knows what they can do. */
static lk_status_t walk_ways(lk_walk_t *walk, const json_t *execution, const json_t **ret_ways, size_t max, size_t *ret_count,
                             lk_error_t *err)
{
    const json_t *parent = NULL, *around = flow_around(walk, walk->top, execution, 0, &parent), *other;
    size_t i, count = 0;
    lk_status_t status = LK_OK;
    if (walk->user != NULL && parent != NULL && !lk_execution_requires(execution, "ALTERNATIVE") &&
        first_step(walk, parent) == execution && lk_execution_requires(parent, "ALTERNATIVE"))
        around = flow_around(walk, walk->top, parent, 0, &parent);
    else if (!lk_execution_requires(execution, "ALTERNATIVE"))
        around = NULL;
    json_array_foreach((json_t *)around, i, other)
    {
        const json_t *step = first_step(walk, other);
        const lk_authenticator_t *type = step != NULL ? lk_execution_type(step) : NULL;
        int can = 0;
        if (walk->user == NULL || count == max || !lk_execution_requires(other, "ALTERNATIVE") || type == NULL ||
            type->credential == NULL || type->action == NULL)
            continue;
        if ((status = lk_walk_has_credential(walk, type->credential, &can, err)) != LK_OK)
            return status;
        if (can)
            insert_by_rank(walk, step, ret_ways, &count);
    }
    *ret_count = count;
    return LK_OK;
}

lk_status_t lk_walk_preferred(lk_walk_t *walk, const json_t **execution, lk_error_t *err)
{
    const json_t *ways[MAX_WAYS];
    size_t count = 0;
    lk_status_t status = walk_ways(walk, *execution, ways, MAX_WAYS, &count, err);
    if (status == LK_OK && count > 1 && lk_execution_requires(ways[0], "ALTERNATIVE"))
        *execution = ways[0];
    return status;
}

lk_status_t lk_walk_show_ways(lk_walk_t *walk, lk_flow_outcome_t *ret_outcome, lk_error_t *err)
{
    const json_t *ways[MAX_WAYS];
    size_t count = 0;
    lk_status_t status = walk_ways(walk, walk->execution, ways, MAX_WAYS, &count, err);
    if (status != LK_OK)
        return status;
    json_t *model = lk_walk_model(walk), *list = json_array();
    for (size_t i = 0; i != count; ++i) {
        const char *name = lk_execution_type(ways[i])->credential;
        json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "authExecId", lk_json_str(ways[i], "id", ""), "displayName",
                                              lk_printf(walk->req->arena, "${%s-display-name}", name), "helpText",
                                              lk_printf(walk->req->arena, "${%s-help-text}", name)));
    }
    json_object_set_new(json_object_get(model, "auth"), "authenticationSelections", list);
    *ret_outcome = LK_FLOW_ANSWERED;
    lk_page_show(walk->req, walk->realm, 200, "select-authenticator", model, walk->reply);
    lk_page_headers(walk->realm, LK_PAGE_NO_STORE, walk->reply);
    return LK_OK;
}

lk_status_t lk_walk_choose(lk_walk_t *walk, const char *chosen, lk_flow_outcome_t *ret_outcome, lk_error_t *err)
{
    const json_t *ways[MAX_WAYS], *current = lk_walk_find(walk, "id", walk->login->current);
    size_t count = 0;
    lk_status_t status = current != NULL ? walk_ways(walk, current, ways, MAX_WAYS, &count, err) : LK_OK;
    *ret_outcome = LK_FLOW_ATTEMPTED;
    for (size_t i = 0; status == LK_OK && i != count; ++i)
        if (strcmp(lk_json_str(ways[i], "id", ""), chosen) == 0)
            return lk_walk_run_step(walk, ways[i], ret_outcome, err);
    return status;
}

/* --- pages --- */

/* The login goes on at this execution: its id travels in the form's address and, sealed, in session_code. */
json_t *lk_walk_model(lk_walk_t *walk)
{
    const lk_request_t *req = walk->req;
    walk->login->current = lk_json_str(walk->execution, "id", NULL);
    json_t *model = lk_page_model(req, walk->realm, walk->client, walk->login);
    const char *name = walk->user != NULL ? walk->user->username : walk->login->attempted;
    if (name != NULL)
        json_object_set_new(model, "auth", json_pack("{s:s, s:b}", "attemptedUsername", name, "showUsername", 1));
    if (walk->notice != NULL)
        lk_page_message(model, walk->notice_type, walk->notice, walk->notice_argument);
    json_object_set_new(
        json_object_get(model, "url"), "loginAction",
        json_string(lk_login_action_url(req, walk->realm, walk->login, walk->action != NULL ? walk->action : "authenticate",
                                        walk->login->current)));
    return model;
}

lk_status_t lk_walk_show(lk_walk_t *walk, const char *template_name, json_t *model, lk_flow_outcome_t *ret_outcome, lk_error_t *err)
{
    const json_t *ways[MAX_WAYS];
    size_t count = 0;
    lk_status_t status = walk_ways(walk, walk->execution, ways, MAX_WAYS, &count, err);
    if (status != LK_OK) {
        json_decref(model);
        return status;
    }
    if (count > 1)
        json_object_set_new(json_object_get(model, "auth"), "showTryAnotherWayLink", json_true());
    *ret_outcome = LK_FLOW_ANSWERED;
    lk_page_show(walk->req, walk->realm, 200, template_name, model, walk->reply);
    lk_page_headers(walk->realm, LK_PAGE_NO_STORE, walk->reply);
    return LK_OK;
}
