/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "model/plan_internal.h"

#include <string.h>
#include "model/authz.h"
#include "model/export.h"
#include "model/import_internal.h"
#include "model/realms.h"

lk_planned_t *lk_plan_add(lk_plan_t *plan, lk_planned_kind_t action, const char *kind, const char *name)
{
    if (plan->num_changes == plan->max_changes) {
        size_t max = plan->max_changes != 0 ? plan->max_changes * 2 : 32;
        lk_planned_t *grown = LK_NEW_ARRAY(plan->arena, lk_planned_t, max);
        if (plan->num_changes != 0)
            memcpy(grown, plan->changes, plan->num_changes * sizeof(*grown));
        plan->changes = grown;
        plan->max_changes = max;
    }
    lk_planned_t *change = &plan->changes[plan->num_changes++];
    *change = (lk_planned_t){action, kind, lk_strdup(plan->arena, name), NULL};
    return change;
}

const char *lk_plan_realm(const lk_plan_t *plan)
{
    return plan->realm_name;
}

const lk_planned_t *lk_plan_changes(const lk_plan_t *plan, size_t *ret_count)
{
    *ret_count = plan->num_changes;
    return plan->changes;
}

/* The users of these names in the file, as they are here. */
static lk_status_t read_users(lk_plan_t *plan, lk_export_t *export, const json_t *file, lk_error_t *err)
{
    size_t i;
    json_t *user, *users, *names = lk_json_own(plan->arena, json_array());
    json_array_foreach(json_object_get(file, "users"), i, user)
    {
        json_array_append_new(names, json_string(lk_utf8_lower(plan->arena, lk_json_str(user, "username", ""))));
    }
    lk_status_t status = lk_export_users_named(export, plan->arena, names, &users, err);
    if (status == LK_OK)
        json_object_set_nocheck(plan->current, "users", users);
    return status;
}

/* What an import would add to clients as they are (a secret, for one), so that it is no difference. */
static void complete_clients(lk_plan_t *plan)
{
    size_t i;
    json_t *client;
    json_array_foreach(json_object_get(plan->current, "clients"), i, client)
    {
        lk_client_rep_complete(plan->arena, client);
    }
}

static lk_status_t compare(lk_plan_t *plan, lk_sql_t *tx, const json_t *file, lk_error_t *err)
{
    lk_export_t *export;
    lk_status_t status = lk_export_open(tx, plan->arena, plan->realm_id, LK_EXPORT_EXECUTION_IDS, &export, err);
    if (status == LK_OK)
        status = lk_export_whole(export, &plan->current, err);
    if (status == LK_OK)
        status = read_users(plan, export, file, err);
    if (status == LK_OK)
        status = lk_plan_find_members(plan, export, file, err);
    if (status != LK_OK)
        return status;
    complete_clients(plan);
    plan->wanted = lk_json_own(plan->arena, json_deep_copy(plan->current));
    return lk_plan_merge(plan, file, err);
}

/* One realm of a file, within a transaction that holds the realm's row where it is to be applied. Nothing is written. The plan
 * lives in `arena`. Errors are those of an import (import.h). */
static lk_status_t make_plan(lk_sql_t *tx, lk_arena_t *arena, const json_t *file, lk_plan_t **ret_plan, lk_error_t *err)
{
    lk_error_t reason = {0};
    lk_rows_t rows;
    if (lk_rep_check(&lk_realm_fields, file, "$", 0, &reason) != LK_OK)
        return lk_fail(err, LK_INVALID, "malformed", "%s", reason.text);
    lk_plan_t *plan = LK_NEW(arena, lk_plan_t);
    plan->arena = arena;
    plan->file = file;
    plan->realm_name = lk_json_str(file, "realm", "");
    lk_status_t status = lk_query(tx, arena, LK_Q_REALM_ID_BY_NAME, &rows, err, plan->realm_name);
    if (status != LK_OK)
        return status;
    if (rows.count == 0) {
        lk_plan_add(plan, LK_CHANGE_CREATE, "realm", plan->realm_name);
    } else {
        plan->realm_id = lk_row_str(&rows, 0, "id");
        status = compare(plan, tx, file, err);
    }
    *ret_plan = plan;
    return status;
}

/* --- a file or folder --- */

typedef struct st_job_t {
    lk_app_t *app;
    int apply;
    lk_on_plan_t on_plan;
    void *context;
} job_t;

static lk_status_t all_users(lk_arena_t *arena, lk_user_source_t *users, json_t *realm, lk_error_t *err)
{
    json_t *list = json_array(), *batch;
    lk_json_own(arena, list);
    for (;;) {
        lk_status_t status = users->next(users, arena, &batch, err);
        if (status != LK_OK)
            return status;
        if (batch == NULL)
            break;
        json_array_extend(list, batch);
    }
    if (json_array_size(list) != 0)
        json_object_set_nocheck(realm, "users", list);
    else
        json_object_del(realm, "users");
    return LK_OK;
}

/* Writers of a realm go one after the other: what is compared is what is changed. */
static lk_status_t lock(lk_sql_t *tx, lk_arena_t *arena, const json_t *realm, lk_error_t *err)
{
    lk_rows_t rows;
    lk_status_t status = lk_query(tx, arena, LK_Q_REALM_ID_BY_NAME, &rows, err, lk_json_str(realm, "realm", ""));
    if (status == LK_OK && rows.count != 0)
        status = lk_query(tx, arena, LK_Q_REALM_LOCK, &rows, err, lk_row_str(&rows, 0, "id"));
    return status;
}

static lk_status_t make_new(job_t *job, const lk_plan_t *plan, lk_user_source_t *users, lk_error_t *err)
{
    lk_import_options_t options = {.fail_if_exists = 1};
    lk_import_result_t result;
    return lk_import_run(job->app, plan->arena, plan->file, users, &options, &result, err);
}

static lk_status_t on_realm(void *context, lk_arena_t *arena, json_t *realm, lk_user_source_t *users, lk_error_t *err)
{
    job_t *job = context;
    lk_sql_t *tx = NULL;
    lk_plan_t *plan;
    lk_status_t status = all_users(arena, users, realm, err);
    if (status == LK_OK)
        status = lk_tx_begin(job->app->store, job->apply ? LK_READ_COMMITTED : LK_REPEATABLE_READ_ONLY, &tx, err);
    if (status == LK_OK && job->apply)
        status = lock(tx, arena, realm, err);
    if (status == LK_OK)
        status = make_plan(tx, arena, realm, &plan, err);
    if (status == LK_OK)
        job->on_plan(job->context, plan);
    if (status == LK_OK && job->apply && plan->num_changes != 0 && plan->realm_id != NULL) {
        status = lk_plan_write(plan, tx, err);
        if (status == LK_OK)
            status = lk_authz_intern_all(tx, arena, plan->realm_id, err);
        if (status == LK_OK)
            status = lk_realm_commit(job->app->realms, arena, &tx, plan->realm_id, err);
    }
    lk_tx_rollback(&tx);
    if (status == LK_OK && job->apply && plan->realm_id == NULL)
        status = make_new(job, plan, users, err);
    return status;
}

lk_status_t lk_plan_path(lk_app_t *app, const char *path, int apply, lk_on_plan_t on_plan, void *context, lk_error_t *err)
{
    job_t job = {app, apply, on_plan, context};
    return lk_import_each_realm(path, on_realm, &job, err);
}
