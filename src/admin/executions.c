/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "admin/flows.h"
#include "admin/handlers.h"
#include "crypto/crypto.h"

/* Executions: the steps of a flow, in its representation in order of priority, each with an id. */

/* An execution in a copy of its flow. */
typedef struct st_execution_t {
    const lk_flow_t *flow;
    json_t *rep, *list, *self; /* of the flow; its executions; this one */
    size_t index;
} execution_t;

static void open_flow(lk_admin_t *admin, const lk_flow_t *flow, execution_t *ret_execution)
{
    *ret_execution = (execution_t){.flow = flow, .rep = lk_flow_rep(admin, flow)};
    ret_execution->list = json_object_get(ret_execution->rep, "authenticationExecutions");
}

static lk_status_t find(lk_admin_t *admin, const char *id, execution_t *ret_execution, lk_error_t *err)
{
    for (size_t i = 0; i != admin->realm->num_flows; ++i) {
        size_t j;
        json_t *execution;
        json_array_foreach((json_t *)admin->realm->flows[i].executions, j, execution)
        {
            if (strcmp(lk_json_str(execution, "id", ""), id) != 0)
                continue;
            open_flow(admin, &admin->realm->flows[i], ret_execution);
            ret_execution->index = j;
            ret_execution->self = json_array_get(ret_execution->list, j);
            return LK_OK;
        }
    }
    return lk_fail(err, LK_NOT_FOUND, NULL, "Illegal execution");
}

static lk_status_t store(lk_admin_t *admin, const execution_t *execution, lk_error_t *err)
{
    return lk_kind_write(admin, &lk_kind_flow, execution->rep, err);
}

static long long priority_of(const json_t *execution)
{
    return lk_json_int(execution, "priority", 0);
}

/* Takes over the reference. */
static void insert(json_t *list, json_t *execution)
{
    size_t at = json_array_size(list);
    while (at != 0 && priority_of(json_array_get(list, at - 1)) > priority_of(execution))
        --at;
    json_array_insert_new(list, at, execution);
}

/* --- reading --- */

/* What an execution is called, may be, and can be set to: from its provider, or from the flow that it is. */
static void describe(lk_admin_t *admin, const json_t *execution, const lk_flow_t *flow, json_t *info)
{
    const char *provider_id = lk_json_str(execution, "authenticator", NULL);
    const json_t *provider = lk_execution_provider(admin, provider_id);
    const char *description = flow != NULL ? lk_json_str(flow->rep, "description", NULL) : NULL;
    int is_form = flow != NULL && provider_id != NULL;
    if (description != NULL)
        json_object_set_new(info, "description", json_string(description));
    if (flow != NULL) {
        json_object_set_new(info, "displayName", json_string(flow->alias));
        json_object_set_new(info, "requirementChoices",
                            is_form ? json_pack("[s, s]", "REQUIRED", "DISABLED")
                                    : json_pack("[s, s, s, s]", "REQUIRED", "ALTERNATIVE", "DISABLED", "CONDITIONAL"));
        json_object_set_new(info, "authenticationFlow", json_true());
        json_object_set_new(info, "flowId", json_string(flow->id));
    } else {
        json_object_set_new(info, "displayName", json_string(lk_json_str(provider, "displayName", provider_id)));
        json_object_set_new(info, "requirementChoices", json_deep_copy(json_object_get(provider, "requirements")));
    }
    json_object_set_new(info, "configurable", json_boolean(flow == NULL && lk_json_bool(provider, "configurable", 0)));
    if (provider_id != NULL)
        json_object_set_new(info, "providerId", json_string(provider_id));
}

static lk_status_t show_flow(lk_admin_t *admin, const lk_flow_t *flow, int level, json_t *list, lk_error_t *err)
{
    size_t i;
    json_t *execution, *config;
    lk_status_t status = LK_OK;
    json_array_foreach((json_t *)flow->executions, i, execution)
    {
        const char *alias = lk_json_str(execution, "flowAlias", NULL);
        const lk_flow_t *inner = alias != NULL ? lk_flow_by_alias(admin->realm, alias) : NULL;
        json_t *info = json_pack("{s:O, s:O}", "id", json_object_get(execution, "id"), "requirement",
                                 json_object_get(execution, "requirement"));
        json_array_append_new(list, info);
        describe(admin, execution, inner, info);
        if (status == LK_OK && (status = lk_execution_config(admin, execution, &config, err)) == LK_OK && config != NULL) {
            json_object_set(info, "alias", json_object_get(config, "alias"));
            json_object_set(info, "authenticationConfig", json_object_get(config, "id"));
        }
        json_object_set_new(info, "level", json_integer(level));
        json_object_set_new(info, "index", json_integer((json_int_t)i));
        json_object_set_new(info, "priority", json_integer(priority_of(execution)));
        if (status == LK_OK && inner != NULL && level < 32)
            status = show_flow(admin, inner, level + 1, list, err);
    }
    return status;
}

lk_status_t lk_executions_list(lk_admin_t *admin, lk_error_t *err)
{
    const lk_flow_t *flow = lk_flow_by_alias(admin->realm, admin->args[0]);
    if (flow == NULL)
        return lk_fail(err, LK_NOT_FOUND, NULL, "Flow not found");
    json_t *list = lk_json_own(admin->req->arena, json_array());
    lk_status_t status = show_flow(admin, flow, 0, list, err);
    return status == LK_OK ? lk_admin_reply(admin, json_incref(list)) : status;
}

lk_status_t lk_execution_get(lk_admin_t *admin, lk_error_t *err)
{
    execution_t execution;
    json_t *config;
    lk_status_t status = find(admin, admin->args[0], &execution, err);
    if (status == LK_OK)
        status = lk_execution_config(admin, execution.self, &config, err);
    if (status != LK_OK)
        return status;
    const char *alias = lk_json_str(execution.self, "flowAlias", NULL);
    const lk_flow_t *inner = alias != NULL ? lk_flow_by_alias(admin->realm, alias) : NULL;
    return lk_admin_reply(
        admin, json_pack("{s:s, s:s*, s:s*, s:b, s:b, s:O, s:I, s:s*, s:s}", "id", admin->args[0], "authenticator",
                         lk_json_str(execution.self, "authenticator", NULL), "authenticatorConfig", lk_json_str(config, "id", NULL),
                         "authenticatorFlow", alias != NULL, "autheticatorFlow", alias != NULL, "requirement",
                         json_object_get(execution.self, "requirement"), "priority", (json_int_t)priority_of(execution.self),
                         "flowId", inner != NULL ? inner->id : NULL, "parentFlow", execution.flow->id));
}

/* --- adding --- */

static const char *first_requirement(const json_t *provider)
{
    size_t i;
    json_t *choice;
    json_array_foreach(json_object_get(provider, "requirements"), i, choice)
    {
        if (strcmp(json_string_value(choice), "DISABLED") == 0)
            return "DISABLED";
    }
    return json_string_value(json_array_get(json_object_get(provider, "requirements"), 0));
}

static lk_status_t open_parent(lk_admin_t *admin, const lk_flow_t *flow, const char *missing, execution_t *ret_execution,
                               lk_error_t *err)
{
    if (flow == NULL)
        return lk_fail(err, LK_INVALID, NULL, "%s", missing);
    if (lk_json_bool(flow->rep, "builtIn", 0))
        return lk_fail(err, LK_INVALID, NULL, "It is illegal to add execution to a built in flow");
    open_flow(admin, flow, ret_execution);
    return LK_OK;
}

/* Adds an execution at the end, or where the body's priority puts it, and answers with its address. Takes over the reference. */
static lk_status_t add(lk_admin_t *admin, execution_t *parent, json_t *execution, lk_error_t *err)
{
    size_t count = json_array_size(parent->list);
    const char *id = lk_random_uuid(admin->req->arena);
    json_int_t last = count != 0 ? priority_of(json_array_get(parent->list, count - 1)) + 1 : 0;
    json_object_set_new(execution, "id", json_string(id));
    json_object_set_new(execution, "priority", json_integer(lk_json_int(admin->body, "priority", last)));
    json_object_set_new(execution, "userSetupAllowed", json_false());
    insert(parent->list, execution);
    admin->reply->status = 201;
    lk_reply_set_header(admin->reply, "location",
                        lk_printf(admin->req->arena, "%s/admin/realms/%s/authentication/executions/%s", admin->req->base_url,
                                  admin->realm->name, id));
    return store(admin, parent, err);
}

lk_status_t lk_execution_add(lk_admin_t *admin, lk_error_t *err)
{
    execution_t parent;
    const char *id = lk_json_str(admin->body, "provider", NULL);
    const json_t *provider = lk_execution_provider(admin, id);
    lk_status_t status = lk_admin_check_map(admin, err);
    if (status == LK_OK)
        status = open_parent(admin, lk_flow_by_alias(admin->realm, admin->args[0]), "Parent flow doesn't exist", &parent, err);
    if (status == LK_OK && provider == NULL)
        status = lk_fail(err, LK_INVALID, NULL, "No authentication provider found for id: %s", id != NULL ? id : "null");
    if (status != LK_OK)
        return status;
    const char *requirement = lk_json_str(admin->body, "requirement", first_requirement(provider));
    return add(admin, &parent,
               json_pack("{s:s, s:b, s:s}", "authenticator", id, "authenticatorFlow", 0, "requirement", requirement), err);
}

lk_status_t lk_execution_add_flow(lk_admin_t *admin, lk_error_t *err)
{
    execution_t parent;
    const char *alias = lk_json_str(admin->body, "alias", ""), *type = lk_json_str(admin->body, "type", "basic-flow"), *id;
    int is_form = strcmp(type, "form-flow") == 0;
    lk_status_t status = lk_admin_check_map(admin, err);
    if (status == LK_OK)
        status = open_parent(admin, lk_flow_by_alias(admin->realm, admin->args[0]), "Parent flow doesn't exist", &parent, err);
    if (status == LK_OK && lk_flow_by_alias(admin->realm, alias) != NULL)
        status = lk_admin_message(err, LK_CONFLICT, "New flow alias name already exists");
    if (status != LK_OK)
        return status;
    json_t *flow =
        lk_json_own(admin->req->arena, json_pack("{s:s, s:s, s:s*, s:b, s:b}", "alias", alias, "providerId", type, "description",
                                                 lk_json_str(admin->body, "description", NULL), "topLevel", 0, "builtIn", 0));
    status = lk_kind_create(admin, &lk_kind_flow, flow, NULL, &id, err);
    if (status == LK_OK)
        status =
            add(admin, &parent,
                json_pack("{s:s*, s:b, s:s, s:s}", "authenticator", is_form ? lk_json_str(admin->body, "provider", NULL) : NULL,
                          "authenticatorFlow", 1, "requirement", "DISABLED", "flowAlias", alias),
                err);
    lk_reply_set_header(admin->reply, "location",
                        lk_printf(admin->req->arena, "%s/admin/realms/%s/authentication/flows/%s", admin->req->base_url,
                                  admin->realm->name, status == LK_OK ? id : ""));
    return status;
}

static int is_requirement(const char *text)
{
    static const char *const known[] = {"REQUIRED", "ALTERNATIVE", "DISABLED", "CONDITIONAL"};
    for (size_t i = 0; i != sizeof(known) / sizeof(known[0]); ++i)
        if (strcmp(known[i], text) == 0)
            return 1;
    return 0;
}

lk_status_t lk_execution_add_to_parent(lk_admin_t *admin, lk_error_t *err)
{
    execution_t parent;
    lk_status_t status = lk_admin_check(admin, &lk_execution_fields, err);
    if (status != LK_OK)
        return status;
    const char *flow_id = lk_json_str(admin->body, "flowId", NULL);
    const lk_flow_t *inner = flow_id != NULL ? lk_flow_by_id(admin->realm, flow_id) : NULL;
    status = open_parent(admin, lk_flow_by_id(admin->realm, lk_json_str(admin->body, "parentFlow", "")),
                         "execution parent flow does not exist", &parent, err);
    const char *authenticator = lk_json_str(admin->body, "authenticator", NULL);
    if (status == LK_OK && inner == NULL && lk_execution_provider(admin, authenticator) == NULL)
        status = lk_fail(err, LK_INVALID, NULL, "No authentication provider found for id: %s",
                         authenticator != NULL ? authenticator : "null");
    if (status == LK_OK && !is_requirement(lk_json_str(admin->body, "requirement", "DISABLED")))
        status = lk_fail(err, LK_INVALID, "unknown_error", "Cannot parse the JSON");
    if (status != LK_OK)
        return status;
    return add(admin, &parent,
               json_pack("{s:s*, s:b, s:s, s:s*}", "authenticator", authenticator, "authenticatorFlow", inner != NULL,
                         "requirement", lk_json_str(admin->body, "requirement", "DISABLED"), "flowAlias",
                         inner != NULL ? inner->alias : NULL),
               err);
}

/* --- changing --- */

lk_status_t lk_execution_update(lk_admin_t *admin, lk_error_t *err)
{
    execution_t execution;
    if (lk_flow_by_alias(admin->realm, admin->args[0]) == NULL)
        return lk_fail(err, LK_NOT_FOUND, NULL, "flow not found");
    lk_status_t status = lk_admin_check(admin, &lk_execution_info_fields, err);
    if (status == LK_OK)
        status = find(admin, lk_json_str(admin->body, "id", ""), &execution, err);
    if (status != LK_OK)
        return status;
    const char *requirement = lk_json_str(admin->body, "requirement", lk_json_str(execution.self, "requirement", ""));
    if (!is_requirement(requirement))
        return lk_fail(err, LK_INVALID, "unknown_error", "Cannot parse the JSON");
    json_t *self = json_incref(execution.self);
    json_array_remove(execution.list, execution.index);
    json_object_set_new(self, "requirement", json_string(requirement));
    json_object_set_new(self, "priority", json_integer(lk_json_int(admin->body, "priority", priority_of(self))));
    insert(execution.list, self);
    return store(admin, &execution, err);
}

/* Changes places with a neighbour, so that priorities stay as they are. */
static lk_status_t change_places(lk_admin_t *admin, int down, lk_error_t *err)
{
    execution_t execution;
    lk_status_t status = find(admin, admin->args[0], &execution, err);
    if (status != LK_OK)
        return status;
    size_t other = down ? execution.index + 1 : execution.index - 1;
    if (other >= json_array_size(execution.list)) /* the first has none before it: SIZE_MAX */
        return LK_OK;
    json_t *neighbour = json_array_get(execution.list, other), *self = json_incref(execution.self);
    json_int_t priority = priority_of(neighbour);
    json_object_set_new(neighbour, "priority", json_integer(priority_of(self)));
    json_object_set_new(self, "priority", json_integer(priority));
    json_array_remove(execution.list, execution.index);
    json_array_insert_new(execution.list, other, self);
    return store(admin, &execution, err);
}

lk_status_t lk_execution_raise(lk_admin_t *admin, lk_error_t *err)
{
    return change_places(admin, 0, err);
}

lk_status_t lk_execution_lower(lk_admin_t *admin, lk_error_t *err)
{
    return change_places(admin, 1, err);
}

lk_status_t lk_execution_remove(lk_admin_t *admin, lk_error_t *err)
{
    execution_t execution;
    lk_status_t status = find(admin, admin->args[0], &execution, err);
    if (status == LK_OK && lk_json_bool(execution.flow->rep, "builtIn", 0))
        status = lk_fail(err, LK_INVALID, NULL, "It is illegal to remove execution from a built in flow");
    if (status != LK_OK)
        return status;
    const json_t *self = json_array_get(execution.flow->executions, execution.index);
    const char *alias = lk_json_str(self, "flowAlias", NULL);
    const lk_flow_t *inner = alias != NULL ? lk_flow_by_alias(admin->realm, alias) : NULL;
    json_array_remove(execution.list, execution.index);
    status = store(admin, &execution, err);
    if (status == LK_OK && inner != NULL)
        status = lk_flow_delete(admin, inner, err);
    return status == LK_OK ? lk_execution_drop_config(admin, self, err) : status;
}

/* --- configurations --- */

static lk_status_t prepare_config(lk_admin_t *admin, const json_t *old, json_t *rep, lk_error_t *err)
{
    json_t *config = json_copy(json_object_get(rep, "config")), *value;
    const char *name;
    void *next;
    json_object_foreach_safe(config, next, name, value)
    {
        if (json_is_null(value) || (json_is_string(value) && json_string_length(value) == 0))
            json_object_del(config, name);
    }
    json_object_set_new(rep, "config", config != NULL ? config : json_object());
    return LK_OK;
}

static lk_status_t config_written(lk_admin_t *admin, const json_t *old, const json_t *rep, lk_error_t *err)
{
    const char *was = lk_json_str(old, "alias", NULL), *now = lk_json_str(rep, "alias", "");
    return was != NULL && strcmp(was, now) != 0 ? lk_executions_rename(admin, "authenticatorConfig", was, now, err) : LK_OK;
}

const lk_kind_t lk_kind_authenticator_config = {.fields = &lk_authenticator_config_fields,
                                                .id = "id",
                                                .name = "alias",
                                                .missing = "Could not find authenticator config",
                                                .select = LK_Q_AUTHENTICATOR_CONFIG_SELECT,
                                                .insert = LK_Q_AUTHENTICATOR_CONFIG_INSERT,
                                                .update = LK_Q_AUTHENTICATOR_CONFIG_UPDATE,
                                                .remove = LK_Q_AUTHENTICATOR_CONFIG_DELETE,
                                                .prepare = prepare_config,
                                                .written = config_written};

lk_status_t lk_execution_config(lk_admin_t *admin, const json_t *execution, json_t **ret_config, lk_error_t *err)
{
    const char *alias = lk_json_str(execution, "authenticatorConfig", NULL), *id = lk_json_str(execution, "configId", NULL);
    lk_status_t status;
    *ret_config = NULL;
    if (alias == NULL)
        return LK_OK;
    status = id != NULL ? lk_kind_find(admin, &lk_kind_authenticator_config, id, ret_config, err)
                        : lk_kind_find_named(admin, &lk_kind_authenticator_config, alias, ret_config, err);
    return status == LK_NOT_FOUND ? LK_OK : status;
}

lk_status_t lk_execution_drop_config(lk_admin_t *admin, const json_t *execution, lk_error_t *err)
{
    json_t *config;
    lk_status_t status = lk_execution_config(admin, execution, &config, err);
    if (status == LK_OK && config != NULL)
        status = lk_kind_remove(admin, &lk_kind_authenticator_config, lk_json_str(config, "id", ""), err);
    return status;
}

lk_status_t lk_execution_config_add(lk_admin_t *admin, lk_error_t *err)
{
    execution_t execution;
    const char *id, *alias = lk_json_str(admin->body, "alias", "");
    lk_status_t status = lk_admin_check(admin, &lk_authenticator_config_fields, err);
    if (status == LK_OK)
        status = find(admin, admin->args[0], &execution, err);
    if (status == LK_OK && *alias == '\0')
        status =
            lk_admin_message(err, LK_CONFLICT, "Failed to create authentication execution configuration with empty alias name");
    if (status == LK_OK)
        status = lk_execution_drop_config(admin, execution.self, err);
    if (status == LK_OK)
        status = lk_kind_create(admin, &lk_kind_authenticator_config, admin->body, NULL, &id, err);
    if (status != LK_OK)
        return status;
    json_object_set_new(execution.self, "authenticatorConfig", json_string(alias));
    json_object_set_new(execution.self, "configId", json_string(id));
    lk_admin_reply_created(admin, id);
    return store(admin, &execution, err);
}

lk_status_t lk_execution_config_get(lk_admin_t *admin, lk_error_t *err)
{
    json_t *config;
    lk_status_t status = lk_kind_find(admin, &lk_kind_authenticator_config, admin->args[1], &config, err);
    return status == LK_OK ? lk_admin_reply(admin, lk_kind_show(admin, &lk_kind_authenticator_config, config)) : status;
}

lk_status_t lk_authenticator_config_remove(lk_admin_t *admin, lk_error_t *err)
{
    json_t *config;
    lk_status_t status = lk_kind_find(admin, &lk_kind_authenticator_config, admin->args[0], &config, err);
    if (status == LK_OK)
        status = lk_executions_rename(admin, "authenticatorConfig", lk_json_str(config, "alias", ""), NULL, err);
    return status == LK_OK ? lk_kind_remove(admin, &lk_kind_authenticator_config, admin->args[0], err) : status;
}
