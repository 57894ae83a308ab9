/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "model/organization.h"

#include <string.h>

const char *lk_domain_of_address(lk_arena_t *arena, const char *address)
{
    const char *at = address != NULL ? strrchr(address, '@') : NULL;
    return at != NULL && at[1] != '\0' ? lk_utf8_lower(arena, at + 1) : NULL;
}

lk_status_t lk_organization_of_domain(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *domain,
                                      const lk_organization_t **ret_organization, lk_error_t *err)
{
    lk_rows_t rows;
    *ret_organization = NULL;
    if (domain == NULL)
        return LK_OK;
    lk_status_t status = lk_query(sql, arena, LK_Q_ORGANIZATION_OF_DOMAIN, &rows, err, realm->id, domain);
    const lk_organization_t *owner =
        status == LK_OK && rows.count != 0 ? lk_realm_organization_by_id(realm, lk_row_str(&rows, 0, "id")) : NULL;
    *ret_organization = owner != NULL && owner->enabled ? owner : NULL;
    return status;
}

lk_status_t lk_organization_join(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *organization_id,
                                 const char *user_id, int managed, int *ret_joined, lk_error_t *err)
{
    lk_rows_t rows;
    lk_status_t status = lk_query(sql, arena, LK_Q_ORGANIZATION_MEMBER_ADD, &rows, err, realm->id, organization_id, user_id,
                                  managed ? "true" : "false");
    if (status == LK_OK && ret_joined != NULL)
        *ret_joined = rows.affected != 0;
    return status;
}
