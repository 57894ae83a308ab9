/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_MODEL_ORGANIZATION_H
#define LK_MODEL_ORGANIZATION_H

#include "model/user.h"

/* What is asked of organizations beyond what the realm's snapshot knows of them. */

/* In an identity provider's config: the domain that it is for; LK_ANY_DOMAIN: all of its organization's. */
#define LK_ORGANIZATION_DOMAIN "kc.org.domain"
#define LK_ANY_DOMAIN "ANY"

/* Whether the user belongs to the enabled organization with that "id" or "alias". */
int lk_user_is_member(const lk_user_t *user, const char *member, const char *value);
/* In lower case; NULL where it is no e-mail address. */
const char *lk_domain_of_address(lk_arena_t *arena, const char *address);
/* The enabled organization that has the domain (NULL: none has); *ret_organization is NULL where there is none. */
lk_status_t lk_organization_of_domain(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *domain,
                                      const lk_organization_t **ret_organization, lk_error_t *err);
/* Whether an address is of the domain that an organization's provider is for; none, and any of other providers, is. */
lk_status_t lk_organization_provider_fits(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm,
                                          const lk_identity_provider_t *provider, const char *email, int *ret_fits,
                                          lk_error_t *err);
/* A managed member keeps an address of the provider's domain, whoever changes it: reports to `errors` (model/profile_validators.h)
 * what is wrong with "email" of the values that the user is about to get. */
lk_status_t lk_organization_check_address(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *user_id,
                                          const json_t *values, json_t *errors, lk_error_t *err);
/* `managed`: the user is there because of the organization, and goes with it. *ret_joined (may be NULL) is 0 where they belonged to
 * it already. */
lk_status_t lk_organization_join(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *organization_id,
                                 const char *user_id, int managed, int *ret_joined, lk_error_t *err);

/* --- invitations --- */

typedef struct st_lk_invitation_t {
    const char *id; /* of the link, too */
    const char *organization_id, *email;
    const char *first_name, *last_name; /* or NULL */
    int64_t sent, expires;              /* seconds */
} lk_invitation_t;

/* *ret_added is 0 where that address has one that has not expired. */
lk_status_t lk_invitation_add(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const lk_invitation_t *invitation,
                              int *ret_added, lk_error_t *err);
typedef struct st_lk_invitation_search_t {
    const char *organization_id, *id, *email, *first_name, *last_name, *search; /* NULL: any */
    const char *expired;                                                        /* "true", "false", NULL: either */
    const char *first, *max;
} lk_invitation_search_t;
lk_status_t lk_invitation_search(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const lk_invitation_search_t *search,
                                 lk_invitation_t **ret_list, size_t *ret_count, lk_error_t *err);
/* One that has not expired, of an organization that is there; NULL where there is none. */
lk_status_t lk_invitation_find(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *id,
                               const lk_invitation_t **ret_invitation, lk_error_t *err);
/* *ret_removed may be NULL. */
lk_status_t lk_invitation_remove(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *id, int *ret_removed,
                                 lk_error_t *err);
/* The user joins, and the invitation is used up; LK_NOT_FOUND where it is gone. In a transaction. */
lk_status_t lk_invitation_accept(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const lk_invitation_t *invitation,
                                 const char *user_id, int managed, lk_error_t *err);

#endif
