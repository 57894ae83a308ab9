/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "login/flow.h"

#include <string.h>
#include "core/json.h"
#include "core/time.h"
#include "login/organization.h"
#include "login/page.h"
#include "model/credential.h"

#define MARK_LENGTH 8 /* of an execution's id: what travels in the browser is short */

enum { DONE = 'd', SETUP = 's', ATTEMPTED = 'a', SKIPPED = 'k', MET = 'y', UNMET = 'n' };

/* --- executions --- */

const json_t *lk_flow_executions(const lk_realm_t *realm, const char *alias)
{
    const lk_flow_t *flow = alias != NULL ? lk_realm_flow(realm, alias) : NULL;
    return flow != NULL ? flow->executions : NULL;
}

static const json_t *below(const lk_walk_t *walk, const json_t *execution)
{
    return lk_flow_executions(walk->realm, lk_json_str(execution, "flowAlias", NULL));
}

int lk_execution_requires(const json_t *execution, const char *requirement)
{
    return strcmp(lk_json_str(execution, "requirement", "DISABLED"), requirement) == 0;
}

int lk_execution_is_flow(const json_t *execution)
{
    return lk_json_str(execution, "flowAlias", NULL) != NULL;
}

const lk_authenticator_t *lk_execution_type(const json_t *execution)
{
    return lk_execution_is_flow(execution) ? NULL : lk_authenticator_find(lk_json_str(execution, "authenticator", NULL));
}

int lk_execution_is_condition(const json_t *execution)
{
    const lk_authenticator_t *type = lk_execution_type(execution);
    return type != NULL && (type->flags & LK_STEP_CONDITION);
}

const json_t *lk_walk_config_of(const lk_walk_t *walk, const json_t *execution)
{
    const char *alias = lk_json_str(execution, "authenticatorConfig", NULL);
    return alias != NULL ? json_object_get(walk->realm->authenticator_configs, alias) : NULL;
}

static const char *mark_key(const lk_walk_t *walk, const json_t *execution)
{
    return lk_printf(walk->req->arena, "%.*s", MARK_LENGTH, lk_json_str(execution, "id", ""));
}

char lk_walk_mark(const lk_walk_t *walk, const json_t *execution)
{
    return *lk_json_str(walk->login->progress, mark_key(walk, execution), "");
}

static void set_mark(lk_walk_t *walk, const json_t *execution, char mark)
{
    if (walk->login->progress == NULL)
        walk->login->progress = lk_json_own(walk->req->arena, json_object());
    json_object_set_new(walk->login->progress, mark_key(walk, execution), json_stringn(&mark, 1));
}

/* When each authenticator was done: what the claim amr is made of. */
static void note_done(lk_walk_t *walk, const json_t *execution)
{
    if (lk_execution_is_flow(execution) || lk_walk_config_of(walk, execution) == NULL || lk_execution_is_condition(execution))
        return;
    if (walk->login->completed == NULL)
        walk->login->completed = lk_json_own(walk->req->arena, json_object());
    json_object_set_new(walk->login->completed, lk_json_str(execution, "id", ""), json_integer(lk_now()));
}

static const json_t *find_below(const lk_walk_t *walk, const json_t *executions, const char *member, const char *value, int depth)
{
    const json_t *found = NULL, *execution;
    size_t i;
    json_array_foreach((json_t *)executions, i, execution)
    {
        if (strcmp(lk_json_str(execution, member, ""), value) == 0)
            return execution;
        if (lk_execution_is_flow(execution) && depth != LK_FLOW_MAX_DEPTH)
            found = find_below(walk, below(walk, execution), member, value, depth + 1);
        if (found != NULL)
            return found;
    }
    return NULL;
}

const json_t *lk_walk_find(const lk_walk_t *walk, const char *member, const char *value)
{
    return find_below(walk, walk->top, member, value, 0);
}

static int used_below(const lk_walk_t *walk, const json_t *executions, const char *credential, int depth)
{
    const json_t *execution;
    size_t i;
    json_array_foreach((json_t *)executions, i, execution)
    {
        const lk_authenticator_t *type = lk_execution_type(execution);
        if (type != NULL && type->credential != NULL && strcmp(type->credential, credential) == 0 &&
            lk_walk_mark(walk, execution) == DONE)
            return 1;
        if (lk_execution_is_flow(execution) && depth != LK_FLOW_MAX_DEPTH &&
            used_below(walk, below(walk, execution), credential, depth + 1))
            return 1;
    }
    return 0;
}

/* A passkey that answered a page of user name and password stands in for what the page asks for. */
int lk_walk_used_credential(const lk_walk_t *walk, const char *type)
{
    if (walk->login->by_passkey && strcmp(type, "webauthn-passwordless") == 0)
        return 1;
    if (walk->login->by_passkey && strcmp(type, "password") == 0)
        return 0;
    return used_below(walk, walk->top, type, 0);
}

/* --- conditional flows --- */

/* A condition is asked once in a login. */
static lk_status_t meets(lk_walk_t *walk, const json_t *condition, int *ret_met, lk_error_t *err)
{
    char mark = lk_walk_mark(walk, condition);
    lk_flow_outcome_t outcome = LK_FLOW_ATTEMPTED;
    lk_status_t status = LK_OK;
    const lk_authenticator_t *type = lk_execution_type(condition);
    if (mark == 0) {
        walk->execution = condition;
        walk->config = lk_walk_config_of(walk, condition);
        if (walk->user != NULL || !(type->flags & LK_STEP_NEEDS_USER))
            status = type->authenticate(walk, &outcome, err);
        mark = outcome == LK_FLOW_DONE ? MET : UNMET;
        if (status == LK_OK)
            set_mark(walk, condition, mark);
    }
    *ret_met = mark == MET;
    return status;
}

/* All conditions must be met; where there is none the flow is left out. */
static lk_status_t applies(lk_walk_t *walk, const json_t *executions, int *ret_applies, lk_error_t *err)
{
    const json_t *execution;
    size_t i;
    int found = 0, met = 1;
    json_array_foreach((json_t *)executions, i, execution)
    {
        if (!lk_execution_is_condition(execution) || lk_execution_requires(execution, "DISABLED"))
            continue;
        lk_status_t status = meets(walk, execution, &met, err);
        found = 1;
        if (status != LK_OK)
            return status;
        if (!met)
            break;
    }
    *ret_applies = found && met;
    return LK_OK;
}

static void tell_conditions(lk_walk_t *walk, const json_t *executions)
{
    const json_t *execution;
    size_t i;
    json_array_foreach((json_t *)executions, i, execution)
    {
        const lk_authenticator_t *type = lk_execution_type(execution);
        if (type == NULL || type->flow_done == NULL || lk_execution_requires(execution, "DISABLED"))
            continue;
        walk->execution = execution;
        walk->config = lk_walk_config_of(walk, execution);
        type->flow_done(walk);
    }
}

/* --- one execution --- */

void lk_walk_set_up(lk_walk_t *walk, const char *action)
{
    if (walk->login->setup == NULL)
        walk->login->setup = lk_json_own(walk->req->arena, json_array());
    if (!lk_json_lists(walk->login->setup, action))
        json_array_append_new(walk->login->setup, json_string(action));
}

lk_status_t lk_walk_check_setup(lk_walk_t *walk, const json_t *execution, lk_flow_outcome_t *ret_outcome, lk_error_t *err)
{
    const lk_authenticator_t *type = lk_execution_type(execution);
    int has = 1;
    lk_status_t status = type->credential != NULL && (type->flags & (LK_STEP_NEEDS_USER | LK_STEP_OWN_SETUP))
                             ? lk_walk_has_credential(walk, type->credential, &has, err)
                             : LK_OK;
    *ret_outcome = LK_FLOW_DONE;
    if (status != LK_OK || has)
        return status;
    *ret_outcome = LK_FLOW_FAILED;
    walk->failure = "credentialSetupRequired";
    if ((type->flags & LK_STEP_SETS_UP) != 0 && lk_execution_requires(execution, "REQUIRED")) {
        lk_walk_set_up(walk, lk_credential_type(type->credential)->action);
        *ret_outcome = LK_FLOW_SETUP;
    }
    return LK_OK;
}

lk_status_t lk_walk_run_step(lk_walk_t *walk, const json_t *execution, lk_flow_outcome_t *ret_outcome, lk_error_t *err)
{
    const lk_authenticator_t *type = lk_execution_type(execution);
    *ret_outcome = LK_FLOW_FAILED;
    if (type == NULL) { /* an authenticator that is not there lets nobody in where it is required */
        walk->failure = NULL;
        return LK_OK;
    }
    if (((type->flags & LK_STEP_BROKERED) && walk->brokering == NULL) ||
        ((type->flags & LK_STEP_RESET) && !walk->login->is_reset)) {
        walk->failure = "unexpectedErrorHandlingRequestMessage";
        return LK_OK;
    }
    if ((type->flags & LK_STEP_NEEDS_USER) && walk->user == NULL) {
        walk->failure = "invalidUserMessage";
        return LK_OK;
    }
    lk_status_t status = LK_OK;
    *ret_outcome = LK_FLOW_DONE;
    if (!(type->flags & LK_STEP_OWN_SETUP))
        status = lk_walk_check_setup(walk, execution, ret_outcome, err);
    if (status != LK_OK || *ret_outcome != LK_FLOW_DONE)
        return status;
    if (walk->passive && !(type->flags & LK_STEP_QUIET)) {
        walk->needs_person = 1;
        *ret_outcome = LK_FLOW_ANSWERED;
        return LK_OK;
    }
    walk->execution = execution;
    walk->config = lk_walk_config_of(walk, execution);
    return type->authenticate(walk, ret_outcome, err);
}

static lk_status_t run_flow(lk_walk_t *walk, const json_t *executions, int depth, lk_flow_outcome_t *ret_outcome, lk_error_t *err);

static lk_status_t run_subflow(lk_walk_t *walk, const json_t *execution, int depth, lk_flow_outcome_t *ret_outcome, lk_error_t *err)
{
    const json_t *executions = below(walk, execution);
    if (depth == LK_FLOW_MAX_DEPTH) {
        *ret_outcome = LK_FLOW_FAILED;
        return LK_OK;
    }
    return run_flow(walk, executions, depth + 1, ret_outcome, err);
}

/* Keeps what came of it. What is required and does not apply is a failure. */
static lk_status_t run_execution(lk_walk_t *walk, const json_t *execution, int depth, lk_flow_outcome_t *ret_outcome,
                                 lk_error_t *err)
{
    static const char marks[] = {[LK_FLOW_ATTEMPTED] = ATTEMPTED, [LK_FLOW_DONE] = DONE, [LK_FLOW_SETUP] = SETUP};
    lk_status_t status = lk_execution_is_flow(execution) ? run_subflow(walk, execution, depth, ret_outcome, err)
                                                         : lk_walk_run_step(walk, execution, ret_outcome, err);
    if (status != LK_OK || *ret_outcome == LK_FLOW_ANSWERED)
        return status;
    if (*ret_outcome == LK_FLOW_ATTEMPTED && lk_execution_requires(execution, "REQUIRED"))
        *ret_outcome = LK_FLOW_FAILED;
    set_mark(walk, execution, *ret_outcome == LK_FLOW_FAILED ? ATTEMPTED : marks[*ret_outcome]);
    if (*ret_outcome == LK_FLOW_DONE)
        note_done(walk, execution);
    return LK_OK;
}

static int is_good(char mark)
{
    return mark == DONE || mark == SETUP;
}

/* Required and conditional executions: all of them, in order. A conditional flow that does not apply is as if it were not there:
 * where nothing else is, the flow has done nothing. */
static lk_status_t run_required(lk_walk_t *walk, const json_t *executions, int depth, lk_flow_outcome_t *ret_outcome,
                                lk_error_t *err)
{
    const json_t *execution;
    size_t i;
    int is_applied = 1, any = 0;
    json_array_foreach((json_t *)executions, i, execution)
    {
        char mark = lk_walk_mark(walk, execution);
        lk_status_t status = LK_OK;
        any |= is_good(mark);
        if (lk_execution_is_condition(execution) || is_good(mark) || mark == SKIPPED ||
            !(lk_execution_requires(execution, "REQUIRED") || lk_execution_requires(execution, "CONDITIONAL")))
            continue;
        if (lk_execution_requires(execution, "CONDITIONAL") &&
            (status = applies(walk, below(walk, execution), &is_applied, err)) != LK_OK)
            return status;
        if (lk_execution_requires(execution, "CONDITIONAL") && !is_applied) {
            set_mark(walk, execution, SKIPPED);
            continue;
        }
        status = run_execution(walk, execution, depth, ret_outcome, err);
        if (status != LK_OK || !(*ret_outcome == LK_FLOW_DONE || *ret_outcome == LK_FLOW_SETUP))
            return status;
        any = 1;
    }
    *ret_outcome = any ? LK_FLOW_DONE : LK_FLOW_ATTEMPTED;
    return LK_OK;
}

/* Alternatives: the first that can be done. */
static lk_status_t run_alternatives(lk_walk_t *walk, const json_t *executions, int depth, lk_flow_outcome_t *ret_outcome,
                                    lk_error_t *err)
{
    const json_t *execution;
    size_t i;
    int failed = 0;
    json_array_foreach((json_t *)executions, i, execution)
    {
        if (lk_execution_requires(execution, "ALTERNATIVE") && is_good(lk_walk_mark(walk, execution))) {
            *ret_outcome = LK_FLOW_DONE;
            return LK_OK;
        }
    }
    json_array_foreach((json_t *)executions, i, execution)
    {
        if (!lk_execution_requires(execution, "ALTERNATIVE") || lk_execution_is_condition(execution) ||
            lk_walk_mark(walk, execution) == ATTEMPTED)
            continue;
        const json_t *next = execution;
        lk_status_t status = lk_execution_is_flow(execution) ? LK_OK : lk_walk_preferred(walk, &next, err);
        if (status == LK_OK)
            status = run_execution(walk, next, depth, ret_outcome, err);
        if (status != LK_OK || *ret_outcome == LK_FLOW_ANSWERED)
            return status;
        failed |= *ret_outcome == LK_FLOW_FAILED;
        if (*ret_outcome == LK_FLOW_DONE || *ret_outcome == LK_FLOW_SETUP) {
            *ret_outcome = LK_FLOW_DONE;
            return LK_OK;
        }
    }
    *ret_outcome = failed ? LK_FLOW_FAILED : LK_FLOW_ATTEMPTED;
    return LK_OK;
}

/* Where something is required, alternatives beside it count for nothing (Keycloak logs that, and so it is). */
int lk_executions_have_required(const json_t *executions)
{
    const json_t *execution;
    size_t i;
    json_array_foreach((json_t *)executions, i, execution)
    {
        if (!lk_execution_is_condition(execution) &&
            (lk_execution_requires(execution, "REQUIRED") || lk_execution_requires(execution, "CONDITIONAL")))
            return 1;
    }
    return 0;
}

static lk_status_t run_flow(lk_walk_t *walk, const json_t *executions, int depth, lk_flow_outcome_t *ret_outcome, lk_error_t *err)
{
    lk_status_t status = lk_executions_have_required(executions) ? run_required(walk, executions, depth, ret_outcome, err)
                                                                 : run_alternatives(walk, executions, depth, ret_outcome, err);
    if (status == LK_OK && *ret_outcome == LK_FLOW_DONE)
        tell_conditions(walk, executions);
    return status;
}

/* --- the whole walk --- */

lk_status_t lk_flow_run(lk_walk_t *walk, const char *alias, lk_flow_outcome_t *ret_outcome, lk_error_t *err)
{
    walk->top = lk_flow_executions(walk->realm, alias);
    return run_flow(walk, walk->top, 0, ret_outcome, err);
}

static lk_status_t submit(lk_walk_t *walk, const json_t *execution, lk_flow_outcome_t *ret_outcome, lk_error_t *err)
{
    const lk_authenticator_t *type = lk_execution_type(execution);
    const char *chosen = lk_pairs_get(&walk->req->form, "authenticationExecution");
    if (chosen != NULL)
        return lk_walk_choose(walk, chosen, ret_outcome, err);
    *ret_outcome = LK_FLOW_ATTEMPTED;
    if (type == NULL || type->action == NULL || ((type->flags & LK_STEP_NEEDS_USER) && walk->user == NULL))
        return LK_OK;
    walk->execution = execution;
    walk->config = lk_walk_config_of(walk, execution);
    if (lk_pairs_get(&walk->req->form, "tryAnotherWay") != NULL)
        return lk_walk_show_ways(walk, ret_outcome, err);
    if (lk_pairs_get(&walk->req->form, "switchOrganization") != NULL && walk->login->organization != NULL) {
        lk_organization_switch(walk);
        return LK_OK;
    }
    lk_status_t status = type->action(walk, ret_outcome, err);
    if (status == LK_OK && *ret_outcome == LK_FLOW_DONE) {
        set_mark(walk, execution, DONE);
        note_done(walk, execution);
    } else if (status == LK_OK && *ret_outcome == LK_FLOW_ATTEMPTED && (type->flags & LK_STEP_ONCE)) {
        set_mark(walk, execution, ATTEMPTED);
    }
    return status;
}

lk_status_t lk_flow_submit(lk_walk_t *walk, const char *alias, lk_flow_outcome_t *ret_outcome, lk_error_t *err)
{
    const char *named = lk_pairs_get(&walk->req->query, "execution"), *current = walk->login->current;
    walk->top = lk_flow_executions(walk->realm, alias);
    *ret_outcome = LK_FLOW_ATTEMPTED;
    if (named != NULL && current != NULL && strcmp(named, current) == 0) {
        const json_t *execution = lk_walk_find(walk, "id", current);
        lk_status_t status = execution != NULL ? submit(walk, execution, ret_outcome, err) : LK_OK;
        if (status != LK_OK || *ret_outcome == LK_FLOW_ANSWERED || *ret_outcome == LK_FLOW_FAILED)
            return status;
    }
    return run_flow(walk, walk->top, 0, ret_outcome, err);
}

static int has_below(const lk_realm_t *realm, const char *alias, const char *authenticator, int depth)
{
    const json_t *executions = lk_flow_executions(realm, alias), *execution;
    size_t i;
    json_array_foreach((json_t *)executions, i, execution)
    {
        if (lk_execution_requires(execution, "DISABLED"))
            continue;
        if (lk_execution_is_flow(execution) && depth != LK_FLOW_MAX_DEPTH &&
            has_below(realm, lk_json_str(execution, "flowAlias", NULL), authenticator, depth + 1))
            return 1;
        if (strcmp(lk_json_str(execution, "authenticator", ""), authenticator) == 0)
            return 1;
    }
    return 0;
}

int lk_flow_has(const lk_realm_t *realm, const char *alias, const char *authenticator)
{
    return has_below(realm, alias, authenticator, 0);
}

const char *lk_flow_of_client(const lk_realm_t *realm, const lk_client_t *client, const char *kind, const char *realms)
{
    const char *id = lk_json_str(json_object_get(client->rep, "authenticationFlowBindingOverrides"), kind, NULL);
    for (size_t i = 0; id != NULL && *id != '\0' && i != realm->num_flows; ++i)
        if (strcmp(realm->flows[i].id, id) == 0)
            return realm->flows[i].alias;
    return realms;
}

void lk_walk_set_user(lk_walk_t *walk, const lk_user_t *user)
{
    if (walk->user == NULL || strcmp(walk->user->id, user->id) != 0)
        walk->login->by_passkey = 0;
    walk->user = user;
    walk->login->expected_user = user->id;
    walk->credentials = NULL;
}

void lk_walk_reset(lk_login_t *login)
{
    login->progress = login->completed = login->levels = NULL;
    login->current = NULL;
}
