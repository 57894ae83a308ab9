/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "admin/flows.h"
#include "admin/handlers.h"

#define MAX_AGE "max_auth_age"

/* Required actions of users: which are on, in which order. */

/* What an update leaves out is off, and 0. */
static lk_status_t prepare(lk_admin_t *admin, const json_t *old, json_t *rep, lk_error_t *err)
{
    lk_rep_fill(&lk_required_action_fields, rep);
    return LK_OK;
}

const lk_kind_t lk_kind_required_action = {.fields = &lk_required_action_fields,
                                           .id = "alias",
                                           .name = "alias",
                                           .missing = "Failed to find required action",
                                           .replaces = 1,
                                           .by_name = 1,
                                           .select = LK_Q_REQUIRED_ACTION_SELECT,
                                           .insert = LK_Q_REQUIRED_ACTION_INSERT,
                                           .update = LK_Q_REQUIRED_ACTION_UPDATE,
                                           .remove = LK_Q_REQUIRED_ACTION_DELETE,
                                           .prepare = prepare};

/* Some texts of Keycloak end with a full stop. */
static lk_status_t find(lk_admin_t *admin, json_t **ret_action, lk_error_t *err)
{
    lk_status_t status = lk_kind_find_named(admin, &lk_kind_required_action, admin->args[0], ret_action, err);
    return status == LK_NOT_FOUND ? lk_fail(err, LK_NOT_FOUND, NULL, "Failed to find required action.") : status;
}

lk_status_t lk_required_action_remove(lk_admin_t *admin, lk_error_t *err)
{
    json_t *action;
    lk_status_t status = find(admin, &action, err);
    return status == LK_OK ? lk_kind_remove(admin, &lk_kind_required_action, admin->args[0], err) : status;
}

static json_t *with_priority(lk_admin_t *admin, const json_t *action, json_int_t priority)
{
    json_t *copy = lk_json_own(admin->req->arena, json_copy((json_t *)action));
    json_object_set_new(copy, "priority", json_integer(priority));
    return copy;
}

/* Changes priorities with the neighbour. */
static lk_status_t change_places(lk_admin_t *admin, int down, lk_error_t *err)
{
    json_t *all, *entry;
    size_t i, index = 0;
    lk_status_t status = find(admin, &entry, err);
    if (status == LK_OK)
        status = lk_kind_all(admin, &lk_kind_required_action, NULL, &all, err);
    if (status != LK_OK)
        return status;
    json_array_foreach(all, i, entry)
    {
        if (strcmp(lk_json_str(entry, "alias", ""), admin->args[0]) == 0)
            index = i;
    }
    json_t *self = json_array_get(all, index), *other = json_array_get(all, down ? index + 1 : index - 1);
    if (other == NULL)
        return LK_OK;
    json_int_t mine = lk_json_int(self, "priority", 0), theirs = lk_json_int(other, "priority", 0);
    status = lk_kind_write(admin, &lk_kind_required_action, with_priority(admin, self, theirs), err);
    return status == LK_OK ? lk_kind_write(admin, &lk_kind_required_action, with_priority(admin, other, mine), err) : status;
}

lk_status_t lk_required_action_raise(lk_admin_t *admin, lk_error_t *err)
{
    return change_places(admin, 0, err);
}

lk_status_t lk_required_action_lower(lk_admin_t *admin, lk_error_t *err)
{
    return change_places(admin, 1, err);
}

/* --- what the server knows and the realm has not --- */

lk_status_t lk_required_actions_unregistered(lk_admin_t *admin, lk_error_t *err)
{
    json_t *all, *entry, *list, *registered = lk_json_own(admin->req->arena, json_object());
    size_t i;
    lk_status_t status = lk_kind_all(admin, &lk_kind_required_action, NULL, &all, err);
    if (status != LK_OK)
        return status;
    json_array_foreach(all, i, entry)
    {
        json_object_set_new(registered, lk_json_str(entry, "providerId", ""), json_true());
    }
    list = json_array();
    all = lk_providers(admin, "required-actions");
    json_array_foreach(all, i, entry)
    {
        const char *id = lk_json_str(entry, "id", "");
        if (json_object_get(registered, id) == NULL)
            json_array_append_new(list, json_pack("{s:s, s:O}", "providerId", id, "name", json_object_get(entry, "displayName")));
    }
    return lk_admin_reply(admin, list);
}

lk_status_t lk_required_action_register(lk_admin_t *admin, lk_error_t *err)
{
    json_t *all;
    const char *provider = lk_json_str(admin->body, "providerId", NULL), *id;
    lk_status_t status = lk_admin_check_map(admin, err);
    if (status == LK_OK)
        status = lk_kind_all(admin, &lk_kind_required_action, NULL, &all, err);
    if (status == LK_OK && lk_provider_find(lk_providers(admin, "required-actions"), provider) == NULL)
        status = lk_fail(err, LK_INVALID, NULL, "Required Action Provider with given providerId not found");
    if (status != LK_OK)
        return status;
    json_int_t last = lk_json_int(json_array_get(all, json_array_size(all) - 1), "priority", 0);
    json_t *action = lk_json_own(admin->req->arena, json_pack("{s:s, s:s, s:s, s:b, s:b, s:I, s:{}}", "alias", provider, "name",
                                                              lk_json_str(admin->body, "name", provider), "providerId", provider,
                                                              "enabled", 1, "defaultAction", 0, "priority", last + 1, "config"));
    status = lk_kind_create(admin, &lk_kind_required_action, action, NULL, &id, err);
    return status == LK_CONFLICT
               ? lk_fail(err, LK_CONFLICT, "conflict", "A Required Action Provider with given alias already exists.")
               : status;
}

/* --- its configuration --- */

static lk_status_t find_configurable(lk_admin_t *admin, json_t **ret_action, lk_error_t *err)
{
    const json_t *provider = lk_provider_find(lk_providers(admin, "required-actions"), admin->args[0]);
    if (json_object_get(provider, "properties") == NULL)
        return lk_fail(err, LK_INVALID, NULL, "RequiredAction is not configurable");
    return lk_kind_find_named(admin, &lk_kind_required_action, admin->args[0], ret_action, err);
}

lk_status_t lk_required_action_config_get(lk_admin_t *admin, lk_error_t *err)
{
    json_t *action, *config;
    lk_status_t status = find_configurable(admin, &action, err);
    if (status != LK_OK)
        return status;
    config = json_object_get(action, "config");
    return lk_admin_reply(admin, json_pack("{s:o}", "config", config != NULL ? json_deep_copy(config) : json_object()));
}

static lk_status_t set_config(lk_admin_t *admin, json_t *config, lk_error_t *err)
{
    json_t *action;
    lk_status_t status = find_configurable(admin, &action, err);
    if (status != LK_OK)
        return status;
    json_t *changed = lk_json_own(admin->req->arena, json_copy(action));
    json_object_set_new(changed, "config", config != NULL ? json_incref(config) : json_object());
    return lk_kind_write(admin, &lk_kind_required_action, changed, err);
}

static const lk_field_t config_fields[] = {LK_FIELD_FREE("config", MAP, 0, NULL)};
static const lk_representation_t config_rep = LK_REPRESENTATION("RequiredActionConfigRepresentation", config_fields);

/* Keycloak checks the one that all actions have. */
static lk_status_t check_max_age(const json_t *config, lk_error_t *err)
{
    const char *text = lk_json_str(config, MAX_AGE, NULL), *fault = NULL;
    char *end;
    errno = 0;
    long long seconds = text != NULL ? strtoll(text, &end, 10) : 0;
    if (text == NULL || *text == '\0')
        return LK_OK;
    if (errno != 0 || *end != '\0')
        fault = "error-invalid-value";
    else if (seconds < 0)
        fault = "error-number-out-of-range-too-small";
    return fault == NULL ? LK_OK : lk_fail(err, LK_INVALID, "errorMessage", "%s", fault);
}

lk_status_t lk_required_action_config_set(lk_admin_t *admin, lk_error_t *err)
{
    lk_status_t status = lk_admin_check(admin, &config_rep, err);
    json_t *config = status == LK_OK ? json_object_get(admin->body, "config") : NULL;
    if (status == LK_OK)
        status = check_max_age(config, err);
    return status == LK_OK ? set_config(admin, json_is_object(config) ? config : NULL, err) : status;
}

lk_status_t lk_required_action_config_remove(lk_admin_t *admin, lk_error_t *err)
{
    return set_config(admin, NULL, err);
}
