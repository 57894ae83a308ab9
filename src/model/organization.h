/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_MODEL_ORGANIZATION_H
#define LK_MODEL_ORGANIZATION_H

#include "model/user.h"

/* What is asked of organizations beyond what the realm's snapshot knows of them. */

/* In an identity provider's config: the domain that it is for; LK_ANY_DOMAIN: all of its organization's. */
#define LK_ORGANIZATION_DOMAIN "kc.org.domain"
#define LK_ANY_DOMAIN "ANY"

/* In lower case; NULL where it is no e-mail address. */
const char *lk_domain_of_address(lk_arena_t *arena, const char *address);
/* The enabled organization that has the domain (NULL: none has); *ret_organization is NULL where there is none. */
lk_status_t lk_organization_of_domain(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *domain,
                                      const lk_organization_t **ret_organization, lk_error_t *err);
/* `managed`: the user is there because of the organization, and goes with it. *ret_joined (may be NULL) is 0 where they belonged to
 * it already. */
lk_status_t lk_organization_join(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *organization_id,
                                 const char *user_id, int managed, int *ret_joined, lk_error_t *err);

#endif
