/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "model/organization.h"

#include <string.h>
#include <strings.h>
#include "core/json.h"
#include "core/time.h"
#include "model/profile_validators.h"

int lk_user_is_member(const lk_user_t *user, const char *member, const char *value)
{
    json_t *organization;
    size_t i;
    json_array_foreach((json_t *)user->organizations, i, organization)
    {
        if (strcmp(lk_json_str(organization, member, ""), value) == 0)
            return 1;
    }
    return 0;
}

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

lk_status_t lk_organization_provider_fits(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm,
                                          const lk_identity_provider_t *provider, const char *email, int *ret_fits, lk_error_t *err)
{
    const lk_organization_t *owner = NULL;
    const char *wanted = lk_json_config(provider->config, LK_ORGANIZATION_DOMAIN, ""), *domain = lk_domain_of_address(arena, email);
    *ret_fits = 1;
    if (provider->organization == NULL || *wanted == '\0' || email == NULL || *email == '\0')
        return LK_OK;
    if (strcmp(wanted, LK_ANY_DOMAIN) != 0) {
        *ret_fits = domain != NULL && strcasecmp(domain, wanted) == 0;
        return LK_OK;
    }
    lk_status_t status = lk_organization_of_domain(sql, arena, realm, domain, &owner, err);
    *ret_fits = owner == provider->organization;
    return status;
}

lk_status_t lk_organization_check_address(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *user_id,
                                          const json_t *values, json_t *errors, lk_error_t *err)
{
    const char *email = json_string_value(json_array_get(json_object_get(values, "email"), 0));
    lk_rows_t rows = {0};
    int fits = 1;
    lk_status_t status = LK_OK;
    if (realm->organizations_enabled)
        status = lk_query(sql, arena, LK_Q_ORGANIZATION_HOME_PROVIDERS, &rows, err, realm->id, user_id);
    if (status == LK_OK && rows.count != 0 && (email == NULL || *email == '\0')) {
        lk_profile_report(errors, "email", "Email not set", NULL);
        return LK_OK;
    }
    for (int i = 0; status == LK_OK && fits && i != rows.count; ++i) {
        const lk_identity_provider_t *provider = lk_realm_identity_provider(realm, lk_row_str(&rows, i, "alias"));
        if (provider != NULL)
            status = lk_organization_provider_fits(sql, arena, realm, provider, email, &fits, err);
    }
    if (status == LK_OK && !fits)
        lk_profile_report(errors, "email", "Email domain does not match any domain from the organization", NULL);
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

/* --- invitations --- */

static const char *number(lk_arena_t *arena, int64_t value)
{
    return lk_printf(arena, "%lld", (long long)value);
}

lk_status_t lk_invitation_add(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const lk_invitation_t *invitation,
                              int *ret_added, lk_error_t *err)
{
    lk_rows_t rows;
    lk_status_t status = lk_query(sql, arena, LK_Q_INVITATION_ADD, &rows, err, realm->id, invitation->id,
                                  invitation->organization_id, invitation->email, invitation->first_name, invitation->last_name,
                                  number(arena, invitation->sent), number(arena, invitation->expires));
    *ret_added = status == LK_OK && rows.affected != 0;
    return status;
}

lk_status_t lk_invitation_search(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const lk_invitation_search_t *search,
                                 lk_invitation_t **ret_list, size_t *ret_count, lk_error_t *err)
{
    lk_rows_t rows;
    lk_status_t status = lk_query(sql, arena, LK_Q_INVITATION_SEARCH, &rows, err, realm->id, search->organization_id, search->id,
                                  search->email, search->first_name, search->last_name, search->search, search->expired,
                                  number(arena, lk_now()), search->first, search->max);
    if (status != LK_OK)
        return status;
    lk_invitation_t *list = LK_NEW_ARRAY(arena, lk_invitation_t, (size_t)rows.count + 1);
    for (int i = 0; i != rows.count; ++i)
        list[i] = (lk_invitation_t){.id = lk_row_str(&rows, i, "id"),
                                    .organization_id = lk_row_str(&rows, i, "organization_id"),
                                    .email = lk_row_str(&rows, i, "email"),
                                    .first_name = lk_row_str(&rows, i, "first_name"),
                                    .last_name = lk_row_str(&rows, i, "last_name"),
                                    .sent = lk_row_int(&rows, i, "sent", 0),
                                    .expires = lk_row_int(&rows, i, "expires", 0)};
    *ret_list = list;
    *ret_count = (size_t)rows.count;
    return LK_OK;
}

lk_status_t lk_invitation_find(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *id,
                               const lk_invitation_t **ret_invitation, lk_error_t *err)
{
    const lk_invitation_search_t search = {.id = id, .expired = "false", .first = "0", .max = "1"};
    lk_invitation_t *list;
    size_t count = 0;
    lk_status_t status = lk_invitation_search(sql, arena, realm, &search, &list, &count, err);
    *ret_invitation = status == LK_OK && count != 0 && realm->organizations_enabled &&
                              lk_realm_organization_by_id(realm, list[0].organization_id) != NULL
                          ? &list[0]
                          : NULL;
    return status;
}

lk_status_t lk_invitation_remove(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *id, int *ret_removed,
                                 lk_error_t *err)
{
    lk_rows_t rows;
    lk_status_t status = lk_query(sql, arena, LK_Q_INVITATION_REMOVE, &rows, err, realm->id, id);
    if (status == LK_OK && ret_removed != NULL)
        *ret_removed = rows.affected != 0;
    return status;
}

lk_status_t lk_invitation_accept(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const lk_invitation_t *invitation,
                                 const char *user_id, int managed, lk_error_t *err)
{
    int removed = 0;
    lk_status_t status = lk_invitation_remove(sql, arena, realm, invitation->id, &removed, err);
    if (status == LK_OK && !removed)
        return lk_fail(err, LK_NOT_FOUND, NULL, "The invitation is used up or withdrawn");
    if (status == LK_OK)
        status = lk_organization_join(sql, arena, realm, invitation->organization_id, user_id, managed, NULL, err);
    return status;
}
