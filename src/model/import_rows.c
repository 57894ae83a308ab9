/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "model/import_internal.h"

#include <stdlib.h>
#include <string.h>

#define MAX_COLUMNS 16

/* Where the rows go, and the part of a realm file that they came from, for messages. The first column is always realm_id. */
static const struct {
    const char *table, *columns;
    int num_columns;
    const char *origin;
    int key_width; /* columns after realm_id that say which row it is */
} tables[LK_NUM_TABLES] = {
    [LK_TABLE_CLIENT] = {"client", "realm_id, id, client_id, rep", 4, "$.clients", 1},
    [LK_TABLE_SCOPE] = {"client_scope", "realm_id, id, name, position, realm_default, rep", 6, "$.clientScopes", 1},
    [LK_TABLE_CLIENT_SCOPE] = {"client_scope_of_client", "realm_id, client_id, scope_id, is_default", 4, "$.clients", 2},
    [LK_TABLE_ROLE] = {"role", "realm_id, id, client_id, name, rep", 5, "$.roles", 1},
    [LK_TABLE_COMPOSITE] = {"role_composite", "realm_id, role_id, child_id", 3, "$.roles", 2},
    [LK_TABLE_SCOPE_MAPPING] = {"scope_mapping", "realm_id, client_id, scope_id, role_id", 4, "$.scopeMappings", 3},
    [LK_TABLE_GROUP] = {"user_group", "realm_id, id, parent_id, name, is_default, rep", 6, "$.groups", 1},
    [LK_TABLE_GROUP_ROLE] = {"group_role", "realm_id, group_id, role_id", 3, "$.groups", 2},
    [LK_TABLE_PROVIDER] = {"identity_provider", "realm_id, id, alias, rep", 4, "$.identityProviders", 1},
    [LK_TABLE_PROVIDER_MAPPER] = {"identity_provider_mapper", "realm_id, id, alias, rep", 4, "$.identityProviderMappers", 1},
    [LK_TABLE_COMPONENT] = {"component", "realm_id, id, parent_id, provider_type, provider_id, rep", 6, "$.components", 1},
    [LK_TABLE_FLOW] = {"authentication_flow", "realm_id, id, alias, rep", 4, "$.authenticationFlows", 1},
    [LK_TABLE_AUTHENTICATOR_CONFIG] = {"authenticator_config", "realm_id, id, alias, rep", 4, "$.authenticatorConfig", 1},
    [LK_TABLE_REQUIRED_ACTION] = {"required_action", "realm_id, alias, rep", 3, "$.requiredActions", 1},
    [LK_TABLE_USER] = {"user_entity",
                       "realm_id, id, username, email, email_verified, enabled, first_name, last_name, created_timestamp, "
                       "service_account_client_id, not_before, attributes, required_actions, rep",
                       14, "$.users", 1},
    [LK_TABLE_USER_ROLE] = {"user_role", "realm_id, user_id, role_id", 3, "$.users", 2},
    [LK_TABLE_MEMBERSHIP] = {"user_group_membership", "realm_id, user_id, group_id", 3, "$.users", 2},
    [LK_TABLE_CREDENTIAL] = {"credential",
                             "realm_id, user_id, id, type, user_label, created_date, priority, secret_data, credential_data, rep",
                             10, "$.users", 2},
    [LK_TABLE_FEDERATED_IDENTITY] = {"federated_identity",
                                     "realm_id, user_id, identity_provider, external_user_id, external_username, token", 6,
                                     "$.users", 2},
    [LK_TABLE_CONSENT] = {"user_consent", "realm_id, user_id, client_id, scope_ids, created_date, last_updated_date", 6, "$.users",
                          2},
};

int lk_rowset_width(lk_import_table_t table)
{
    return tables[table].num_columns - 1;
}

int lk_rowset_key_width(lk_import_table_t table)
{
    return tables[table].key_width;
}

void lk_rowset_init(lk_rowset_t *rows, lk_arena_t *arena)
{
    memset(rows, 0, sizeof(*rows));
    rows->arena = arena;
    rows->seen = lk_json_own(arena, json_object());
}

void lk_rowset_add(lk_rowset_t *rows, lk_import_table_t table, const char *const *values, int num_values)
{
    if (num_values != tables[table].num_columns - 1)
        abort();
    size_t count = rows->tables[table].count, capacity = rows->tables[table].capacity, width = (size_t)num_values;
    if (count == capacity) {
        capacity = capacity != 0 ? capacity * 2 : 16;
        const char **grown = LK_NEW_ARRAY(rows->arena, const char *, capacity *width);
        if (count != 0)
            memcpy(grown, rows->tables[table].values, count * width * sizeof(*grown));
        rows->tables[table].values = grown;
        rows->tables[table].capacity = capacity;
    }
    memcpy(rows->tables[table].values + count * width, values, width * sizeof(*values));
    rows->tables[table].count = count + 1;
}

void lk_rowset_add_once(lk_rowset_t *rows, lk_import_table_t table, const char *const *values, int num_values)
{
    char *key = lk_printf(rows->arena, "%d", (int)table);
    for (int i = 0; i != num_values; ++i)
        key = lk_printf(rows->arena, "%s\n%s", key, values[i] != NULL ? values[i] : "");
    if (json_object_get(rows->seen, key) != NULL)
        return;
    json_object_set_new_nocheck(rows->seen, key, json_true());
    lk_rowset_add(rows, table, values, num_values);
}

static lk_status_t write_table(lk_rowset_t *rows, lk_import_table_t table, lk_sql_t *tx, const char *realm_id, lk_error_t *err)
{
    lk_copy_t *copy;
    lk_status_t status =
        lk_copy_begin(tx, rows->arena, tables[table].table, tables[table].columns, tables[table].num_columns, &copy, err);
    if (status != LK_OK)
        return status;
    size_t width = (size_t)tables[table].num_columns - 1;
    const char *values[MAX_COLUMNS] = {realm_id};
    for (size_t i = 0; i != rows->tables[table].count && status == LK_OK; ++i) {
        memcpy(values + 1, rows->tables[table].values + i * width, width * sizeof(*values));
        status = lk_copy_row(copy, values, err);
    }
    if (status != LK_OK) {
        lk_copy_end(&copy, NULL);
        return status;
    }
    return lk_copy_end(&copy, err);
}

lk_status_t lk_rowset_write(lk_rowset_t *rows, lk_sql_t *tx, const char *realm_id, lk_error_t *err)
{
    for (int table = 0; table != LK_NUM_TABLES; ++table) {
        if (rows->tables[table].count == 0)
            continue;
        lk_error_t reason = {0};
        lk_status_t status = write_table(rows, (lk_import_table_t)table, tx, realm_id, &reason);
        if (status == LK_OK) {
            rows->tables[table].count = 0;
            continue;
        }
        if (status == LK_CONFLICT || status == LK_INVALID) {
            lk_fail(err, status, status == LK_CONFLICT ? "duplicate" : "unknown", "%s: %s", tables[table].origin,
                    reason.detail[0] != '\0' ? reason.detail : reason.text);
            return status;
        }
        if (err != NULL)
            *err = reason;
        return status;
    }
    return LK_OK;
}
