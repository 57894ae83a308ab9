/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/json.h"
#include "login/authenticators.h"
#include "model/pattern.h"

/* Conditions of conditional flows. */

lk_status_t lk_condition_met(int is_met, lk_flow_outcome_t *ret_outcome)
{
    *ret_outcome = is_met ? LK_FLOW_DONE : LK_FLOW_ATTEMPTED;
    return LK_OK;
}

lk_status_t lk_condition_configured(lk_walk_t *walk, lk_flow_outcome_t *ret_outcome, lk_error_t *err)
{
    int configured = 0;
    lk_status_t status = lk_walk_configured(walk, walk->execution, &configured, err);
    lk_condition_met(configured, ret_outcome);
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
        return lk_condition_met(negate, ret_outcome);
    lk_user_roles(walk->req->arena, walk->realm, walk->user, &roles);
    return lk_condition_met(lk_role_set_has(&roles, role) != negate, ret_outcome);
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
    return lk_condition_met(found != negate, ret_outcome);
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
    return lk_condition_met(used == lk_json_config_bool(walk->config, "included", 0), ret_outcome);
}

lk_status_t lk_condition_subflow(lk_walk_t *walk, lk_flow_outcome_t *ret_outcome, lk_error_t *err)
{
    const json_t *execution = lk_walk_find(walk, "flowAlias", lk_json_config(walk->config, "flow_to_check", ""));
    int executed = execution != NULL && lk_walk_mark(walk, execution) == 'd';
    (void)err;
    return lk_condition_met(executed == (strcmp(lk_json_config(walk->config, "check_result", "executed"), "executed") == 0),
                            ret_outcome);
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
    return lk_condition_met(client_has_scope(walk, lk_json_config(walk->config, "client_scope", "")) !=
                                lk_json_config_bool(walk->config, "negate", 0),
                            ret_outcome);
}
