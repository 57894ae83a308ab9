/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "admin/flows.h"

#include <string.h>
#include "admin/handlers.h"
#include "crypto/crypto.h"

/* Authentication flows. A flow names the flows inside it, and its executions their configurations, by alias. */

const lk_flow_t *lk_flow_by_alias(const lk_realm_t *realm, const char *alias)
{
    for (size_t i = 0; i != realm->num_flows; ++i)
        if (strcmp(realm->flows[i].alias, alias) == 0)
            return &realm->flows[i];
    return NULL;
}

const lk_flow_t *lk_flow_by_id(const lk_realm_t *realm, const char *id)
{
    for (size_t i = 0; i != realm->num_flows; ++i)
        if (strcmp(realm->flows[i].id, id) == 0)
            return &realm->flows[i];
    return NULL;
}

json_t *lk_flow_rep(lk_admin_t *admin, const lk_flow_t *flow)
{
    json_t *rep = lk_json_own(admin->req->arena, json_deep_copy(flow->rep));
    json_object_set_new(rep, "id", json_string(flow->id));
    json_object_set_new(rep, "alias", json_string(flow->alias));
    return rep;
}

/* --- the kind --- */

static json_t *show_execution(const json_t *execution)
{
    static const char *const own[] = {"id", "configId"};
    json_t *shown = json_copy((json_t *)execution), *is_flow = json_object_get(execution, "authenticatorFlow");
    for (size_t i = 0; i != sizeof(own) / sizeof(own[0]); ++i)
        json_object_del(shown, own[i]);
    json_object_set(shown, "autheticatorFlow", is_flow != NULL ? is_flow : json_false());
    return shown;
}

static json_t *show(lk_admin_t *admin, const json_t *rep)
{
    json_t *shown = lk_rep_answer(&lk_flow_fields, rep, 0), *executions = json_array(), *execution;
    size_t i;
    json_array_foreach(json_object_get(rep, "authenticationExecutions"), i, execution)
    {
        json_array_append_new(executions, show_execution(execution));
    }
    json_object_set_new(shown, "authenticationExecutions", executions);
    return shown;
}

/* What a list shows; Keycloak hides a flow of SAML's. */
static int is_top_level(lk_admin_t *admin, const json_t *rep)
{
    return lk_json_bool(rep, "topLevel", 0) && strcmp(lk_json_str(rep, "alias", ""), "saml ecp") != 0;
}

static lk_status_t prepare(lk_admin_t *admin, const json_t *old, json_t *rep, lk_error_t *err)
{
    const char *action = old == NULL ? "create" : "update", *alias = lk_json_str(rep, "alias", "");
    if (*alias == '\0' || (old != NULL && *lk_json_str(admin->body, "alias", "") == '\0'))
        return lk_admin_message(err, LK_CONFLICT, lk_printf(admin->req->arena, "Failed to %s flow with empty alias name", action));
    if (old == NULL && lk_json_str(rep, "providerId", NULL) == NULL)
        return lk_fail(err, LK_CONFLICT, "conflict", "Duplicate resource error");
    size_t at = old == NULL && lk_json_bool(rep, "topLevel", 0) ? strcspn(alias, LK_RESERVED_IN_NAMES) : strlen(alias);
    if (alias[at] != '\0')
        return lk_fail(err, LK_INVALID, NULL, "Character '%c' not allowed.", alias[at]);
    if (old == NULL && json_object_get(admin->body, "alias") != NULL && lk_json_str(rep, "description", NULL) == NULL) /* no copy */
        json_object_set_new(rep, "description", json_string(""));
    if (old != NULL && lk_json_str(admin->body, "description", NULL) == NULL)
        json_object_del(rep, "description");
    /* What they are made of has addresses of its own. */
    if (json_object_get(admin->body, "authenticationExecutions") != NULL) {
        const json_t *kept = json_object_get(old, "authenticationExecutions");
        json_object_set_new(rep, "authenticationExecutions", kept != NULL ? json_deep_copy(kept) : json_array());
    }
    lk_rep_fill(&lk_flow_fields, rep);
    return LK_OK;
}

lk_status_t lk_executions_rename(lk_admin_t *admin, const char *member, const char *old, const char *now, lk_error_t *err)
{
    lk_status_t status = LK_OK;
    for (size_t i = 0; status == LK_OK && i != admin->realm->num_flows; ++i) {
        json_t *rep = lk_flow_rep(admin, &admin->realm->flows[i]), *execution;
        size_t j;
        int changed = 0;
        json_array_foreach(json_object_get(rep, "authenticationExecutions"), j, execution)
        {
            if (strcmp(lk_json_str(execution, member, ""), old) != 0)
                continue;
            changed = 1;
            if (now != NULL)
                json_object_set_new(execution, member, json_string(now));
            else
                json_object_del(execution, member);
        }
        if (changed)
            status = lk_kind_write(admin, &lk_kind_flow, rep, err);
    }
    return status;
}

static lk_status_t written(lk_admin_t *admin, const json_t *old, const json_t *rep, lk_error_t *err)
{
    lk_rows_t rows;
    const char *was = lk_json_str(old, "alias", NULL), *now = lk_json_str(rep, "alias", "");
    if (was == NULL || strcmp(was, now) == 0)
        return LK_OK;
    lk_status_t status = lk_executions_rename(admin, "flowAlias", was, now, err);
    if (status == LK_OK)
        status = lk_admin_sql(admin, LK_Q_FLOW_RENAME_IN_REALM, &rows, err, was, now);
    if (status == LK_OK)
        status = lk_admin_sql(admin, LK_Q_FLOW_RENAME_IN_PROVIDERS, &rows, err, was, now);
    return status;
}

const lk_kind_t lk_kind_flow = {.fields = &lk_flow_fields,
                                .id = "id",
                                .name = "alias",
                                .missing = "Could not find flow with id",
                                .exists = "Flow %s already exists",
                                .taken = "Flow alias name already exists",
                                .select = LK_Q_FLOW_SELECT,
                                .insert = LK_Q_FLOW_INSERT,
                                .update = LK_Q_FLOW_UPDATE,
                                .remove = LK_Q_FLOW_DELETE,
                                .prepare = prepare,
                                .written = written,
                                .matches = is_top_level,
                                .show = show};

/* --- deleting --- */

lk_status_t lk_flow_delete(lk_admin_t *admin, const lk_flow_t *flow, lk_error_t *err)
{
    size_t i;
    json_t *execution;
    lk_status_t status = lk_kind_remove(admin, &lk_kind_flow, flow->id, err);
    json_array_foreach((json_t *)flow->executions, i, execution)
    {
        const char *alias = lk_json_str(execution, "flowAlias", NULL);
        const lk_flow_t *inner = alias != NULL ? lk_flow_by_alias(admin->realm, alias) : NULL;
        if (status == LK_OK && inner != NULL)
            status = lk_flow_delete(admin, inner, err);
        if (status == LK_OK)
            status = lk_execution_drop_config(admin, execution, err);
    }
    return status;
}

static int is_bound(const lk_realm_t *realm, const lk_flow_t *flow)
{
    static const char *const bindings[] = {"browserFlow",          "registrationFlow",         "directGrantFlow",
                                           "resetCredentialsFlow", "clientAuthenticationFlow", "dockerAuthenticationFlow",
                                           "firstBrokerLoginFlow"};
    for (size_t i = 0; i != sizeof(bindings) / sizeof(bindings[0]); ++i)
        if (strcmp(lk_json_str(realm->rep, bindings[i], ""), flow->alias) == 0)
            return 1;
    return 0;
}

lk_status_t lk_flow_remove(lk_admin_t *admin, lk_error_t *err)
{
    const lk_flow_t *flow = lk_flow_by_id(admin->realm, admin->args[0]);
    if (flow == NULL)
        return lk_fail(err, LK_NOT_FOUND, NULL, "Flow not found");
    if (lk_json_bool(flow->rep, "builtIn", 0))
        return lk_fail(err, LK_INVALID, NULL, "Can't delete built in flow");
    if (is_bound(admin->realm, flow))
        return lk_fail(err, LK_INVALID, NULL, "The flow is in use");
    return lk_flow_delete(admin, flow, err);
}

/* --- copying --- */

/* What belongs to a copy is named after it. */
static const char *copied_name(lk_admin_t *admin, const char *copy, const char *name)
{
    return lk_printf(admin->req->arena, "%s %s", copy, name);
}

static lk_status_t copy_config(lk_admin_t *admin, const char *name, json_t *execution, lk_error_t *err)
{
    json_t *config;
    const char *id;
    lk_status_t status = lk_execution_config(admin, execution, &config, err);
    if (status != LK_OK || config == NULL)
        return status;
    json_t *copy = lk_json_own(admin->req->arena, json_copy(config));
    json_object_del(copy, "id");
    json_object_set_new(copy, "alias", json_string(copied_name(admin, name, lk_json_str(config, "alias", ""))));
    status = lk_kind_create(admin, &lk_kind_authenticator_config, copy, NULL, &id, err);
    if (status == LK_OK) {
        json_object_set(execution, "authenticatorConfig", json_object_get(copy, "alias"));
        json_object_set_new(execution, "configId", json_string(id));
    }
    return status;
}

/* `name` is that of the copy as a whole, `alias` that of this flow. */
static lk_status_t copy_flow(lk_admin_t *admin, const lk_flow_t *flow, const char *name, const char *alias, const char **ret_id,
                             lk_error_t *err)
{
    json_t *rep = lk_flow_rep(admin, flow), *execution;
    size_t i;
    lk_status_t status = LK_OK;
    json_array_foreach(json_object_get(rep, "authenticationExecutions"), i, execution)
    {
        const char *inner = lk_json_str(execution, "flowAlias", NULL), *id;
        const lk_flow_t *found = inner != NULL ? lk_flow_by_alias(admin->realm, inner) : NULL;
        if (status == LK_OK && found != NULL) {
            status = copy_flow(admin, found, name, copied_name(admin, name, inner), &id, err);
            json_object_set_new(execution, "flowAlias", json_string(copied_name(admin, name, inner)));
        } else if (status == LK_OK) {
            status = copy_config(admin, name, execution, err);
        }
        json_object_set_new(execution, "id", json_string(lk_random_uuid(admin->req->arena)));
    }
    json_object_del(rep, "id");
    json_object_set_new(rep, "alias", json_string(alias));
    json_object_set_new(rep, "builtIn", json_false());
    return status == LK_OK ? lk_kind_create(admin, &lk_kind_flow, rep, NULL, ret_id, err) : status;
}

lk_status_t lk_flow_copy(lk_admin_t *admin, lk_error_t *err)
{
    const lk_flow_t *flow = lk_flow_by_alias(admin->realm, admin->args[0]);
    const char *name = lk_json_str(admin->body, "newName", ""), *id;
    if (flow == NULL)
        return lk_fail(err, LK_NOT_FOUND, NULL, "Flow not found");
    lk_status_t status = lk_admin_check_map(admin, err);
    if (status != LK_OK)
        return status;
    if (lk_flow_by_alias(admin->realm, name) != NULL)
        return lk_admin_message(err, LK_CONFLICT, "New flow alias name already exists");
    status = copy_flow(admin, flow, name, name, &id, err);
    return status == LK_OK ? lk_admin_reply_created(admin, id) : status;
}
