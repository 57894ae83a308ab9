/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "model/import_internal.h"
#include "model/plan_internal.h"

#include <string.h>
#include "model/realms.h"

/* Both representations become rows, as an import makes them; what the rows differ in is written. */

/* LK_NUM_QUERIES: such rows are their own key, or never change. */
static const struct {
    enum en_lk_query_t update, remove;
} statements[LK_NUM_TABLES] = {
    [LK_TABLE_CLIENT] = {LK_Q_APPLY_CLIENT, LK_Q_UNAPPLY_CLIENT},
    [LK_TABLE_SCOPE] = {LK_Q_APPLY_CLIENT_SCOPE, LK_Q_UNAPPLY_CLIENT_SCOPE},
    [LK_TABLE_CLIENT_SCOPE] = {LK_Q_APPLY_SCOPE_OF_CLIENT, LK_Q_UNAPPLY_SCOPE_OF_CLIENT},
    [LK_TABLE_ROLE] = {LK_Q_APPLY_ROLE, LK_Q_UNAPPLY_ROLE},
    [LK_TABLE_COMPOSITE] = {LK_NUM_QUERIES, LK_Q_UNAPPLY_COMPOSITE},
    [LK_TABLE_SCOPE_MAPPING] = {LK_NUM_QUERIES, LK_Q_UNAPPLY_SCOPE_MAPPING},
    [LK_TABLE_GROUP] = {LK_Q_APPLY_GROUP, LK_Q_UNAPPLY_GROUP},
    [LK_TABLE_GROUP_ROLE] = {LK_NUM_QUERIES, LK_Q_UNAPPLY_GROUP_ROLE},
    [LK_TABLE_PROVIDER] = {LK_Q_APPLY_PROVIDER, LK_Q_UNAPPLY_PROVIDER},
    [LK_TABLE_PROVIDER_MAPPER] = {LK_Q_APPLY_PROVIDER_MAPPER, LK_Q_UNAPPLY_PROVIDER_MAPPER},
    [LK_TABLE_COMPONENT] = {LK_Q_APPLY_COMPONENT, LK_Q_UNAPPLY_COMPONENT},
    [LK_TABLE_FLOW] = {LK_Q_APPLY_FLOW, LK_Q_UNAPPLY_FLOW},
    [LK_TABLE_AUTHENTICATOR_CONFIG] = {LK_Q_APPLY_AUTHENTICATOR_CONFIG, LK_Q_UNAPPLY_AUTHENTICATOR_CONFIG},
    [LK_TABLE_REQUIRED_ACTION] = {LK_Q_APPLY_REQUIRED_ACTION, LK_Q_UNAPPLY_REQUIRED_ACTION},
    [LK_TABLE_USER] = {LK_Q_APPLY_USER, LK_NUM_QUERIES},
    [LK_TABLE_USER_ROLE] = {LK_NUM_QUERIES, LK_Q_UNAPPLY_USER_ROLE},
    [LK_TABLE_MEMBERSHIP] = {LK_NUM_QUERIES, LK_Q_UNAPPLY_MEMBERSHIP},
    [LK_TABLE_CREDENTIAL] = {LK_NUM_QUERIES, LK_NUM_QUERIES},
    [LK_TABLE_FEDERATED_IDENTITY] = {LK_Q_APPLY_FEDERATED_IDENTITY, LK_Q_UNAPPLY_FEDERATED_IDENTITY},
    [LK_TABLE_CONSENT] = {LK_NUM_QUERIES, LK_NUM_QUERIES},
};

#define MAX_PARAMS 16

typedef struct st_difference_t {
    lk_rowset_t gone, changed, added;
} difference_t;

static const char *const *row_at(const lk_rowset_t *rows, lk_import_table_t table, size_t i)
{
    return rows->tables[table].values + i * (size_t)lk_rowset_width(table);
}

static const char *key_of(lk_arena_t *arena, lk_import_table_t table, const char *const *row)
{
    const char *key = "";
    for (int i = 0; i != lk_rowset_key_width(table); ++i)
        key = lk_printf(arena, "%s%s\n", key, row[i] != NULL ? row[i] : "");
    return key;
}

static json_t *index_rows(lk_arena_t *arena, const lk_rowset_t *rows, lk_import_table_t table)
{
    json_t *index = lk_json_own(arena, json_object());
    for (size_t i = 0; i != rows->tables[table].count; ++i)
        json_object_set_new_nocheck(index, key_of(arena, table, row_at(rows, table, i)), json_integer((json_int_t)i));
    return index;
}

static int is_same_text(const char *a, const char *b)
{
    if (a == NULL || b == NULL || strcmp(a, b) == 0)
        return a == b || (a != NULL && b != NULL);
    if (*a != '{' && *a != '[')
        return 0;
    /* The same JSON in another order of members. */
    json_t *left = json_loads(a, 0, NULL), *right = json_loads(b, 0, NULL);
    int same = left != NULL && right != NULL && json_equal(left, right);
    json_decref(left);
    json_decref(right);
    return same;
}

static int is_same_row(lk_import_table_t table, const char *const *a, const char *const *b)
{
    for (int i = 0; i != lk_rowset_width(table); ++i)
        if (!is_same_text(a[i], b[i]))
            return 0;
    return 1;
}

static void compare_table(lk_arena_t *arena, lk_import_table_t table, const lk_rowset_t *before, const lk_rowset_t *after,
                          difference_t *ret)
{
    int width = lk_rowset_width(table);
    json_t *old = index_rows(arena, before, table), *new = index_rows(arena, after, table);
    for (size_t i = 0; i != before->tables[table].count; ++i) {
        const char *const *row = row_at(before, table, i);
        if (json_object_get(new, key_of(arena, table, row)) == NULL)
            lk_rowset_add(&ret->gone, table, row, width);
    }
    for (size_t i = 0; i != after->tables[table].count; ++i) {
        const char *const *row = row_at(after, table, i);
        const json_t *at = json_object_get(old, key_of(arena, table, row));
        if (at == NULL)
            lk_rowset_add(&ret->added, table, row, width);
        else if (!is_same_row(table, row, row_at(before, table, (size_t)json_integer_value(at))))
            lk_rowset_add(&ret->changed, table, row, width);
    }
}

/* Runs `query` for each row of the table, with the realm and `width` values. */
static lk_status_t run_for_rows(lk_plan_t *plan, lk_sql_t *tx, enum en_lk_query_t query, const lk_rowset_t *rows,
                                lk_import_table_t table, int width, lk_error_t *err)
{
    const char *params[MAX_PARAMS] = {plan->realm_id};
    lk_rows_t ignored;
    lk_status_t status = LK_OK;
    for (size_t i = 0; query != LK_NUM_QUERIES && status == LK_OK && i != rows->tables[table].count; ++i) {
        lk_error_t reason = {0};
        memcpy(params + 1, row_at(rows, table, i), (size_t)width * sizeof(*params));
        status = lk_sql_run(tx, plan->arena, query, params, width + 1, &ignored, &reason);
        if (status == LK_CONFLICT)
            return lk_fail(err, LK_CONFLICT, "duplicate", "a name would occur twice: %s", reason.detail);
        if (status != LK_OK && err != NULL)
            *err = reason;
    }
    return status;
}

/* First what goes, children before what they belong to; then what is renamed; then what is new. */
static lk_status_t write_difference(lk_plan_t *plan, lk_sql_t *tx, difference_t *difference, lk_error_t *err)
{
    lk_status_t status = LK_OK;
    for (int table = LK_NUM_TABLES; table-- != 0 && status == LK_OK;)
        status = run_for_rows(plan, tx, statements[table].remove, &difference->gone, (lk_import_table_t)table,
                              lk_rowset_key_width((lk_import_table_t)table), err);
    for (int table = 0; table != LK_NUM_TABLES && status == LK_OK; ++table)
        status = run_for_rows(plan, tx, statements[table].update, &difference->changed, (lk_import_table_t)table,
                              lk_rowset_width((lk_import_table_t)table), err);
    return status == LK_OK ? lk_rowset_write(&difference->added, tx, plan->realm_id, err) : status;
}

static lk_status_t collect(lk_plan_t *plan, const json_t *realm, lk_array_source_t *users, lk_import_t *ret_import, lk_error_t *err)
{
    lk_array_source_init(users, json_object_get(realm, "users"));
    *ret_import = (lk_import_t){.arena = plan->arena, .users = &users->super, .is_master = strcmp(plan->realm_name, "master") == 0};
    return lk_import_collect(ret_import, realm, err);
}

/* Users of service accounts come and go with the client's setting. */
static lk_status_t write_service_accounts(lk_plan_t *plan, lk_sql_t *tx, lk_import_t *before, lk_import_t *after, lk_error_t *err)
{
    const char *client_id;
    json_t *client_uuid;
    lk_rows_t ignored;
    lk_status_t status = LK_OK;
    json_object_foreach(before->service_accounts, client_id, client_uuid)
    {
        if (status == LK_OK && json_object_get(after->service_accounts, client_id) == NULL)
            status = lk_query(tx, plan->arena, LK_Q_SERVICE_ACCOUNT_DELETE, &ignored, err, plan->realm_id,
                              json_string_value(client_uuid));
        json_object_del(after->service_accounts, client_id);
    }
    lk_import_service_accounts(after);
    return status;
}

lk_status_t lk_plan_write(lk_plan_t *plan, lk_sql_t *tx, lk_error_t *err)
{
    lk_import_t before, after;
    lk_array_source_t users_before, users_after;
    difference_t difference;
    lk_rows_t ignored;
    lk_status_t status = collect(plan, plan->current, &users_before, &before, err);
    if (status == LK_OK)
        status = collect(plan, plan->wanted, &users_after, &after, err);
    if (status == LK_OK)
        status = write_service_accounts(plan, tx, &before, &after, err);
    if (status != LK_OK)
        return status;
    lk_rowset_init(&difference.gone, plan->arena);
    lk_rowset_init(&difference.changed, plan->arena);
    lk_rowset_init(&difference.added, plan->arena);
    for (int table = 0; table != LK_NUM_TABLES; ++table)
        compare_table(plan->arena, (lk_import_table_t)table, &before.rows, &after.rows, &difference);
    if (!json_equal(before.rep, after.rep))
        status = lk_query(tx, plan->arena, LK_Q_APPLY_REALM, &ignored, err, plan->realm_id, lk_json_text(plan->arena, after.rep));
    if (status == LK_OK)
        status = write_difference(plan, tx, &difference, err);
    if (status == LK_OK)
        status = lk_plan_write_organizations(plan, tx, after.organization_groups, err);
    return status == LK_OK ? lk_import_check_emails(&after, tx, err) : status;
}
