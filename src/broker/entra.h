/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_BROKER_ENTRA_H
#define LK_BROKER_ENTRA_H

#include "broker/brokered.h"

/* What is peculiar to Microsoft Entra ID (Azure AD). */

/* The tenant that an issuer of Entra's names, where no token says it (tid); NULL where it names none. */
const char *lk_entra_tenant(lk_arena_t *arena, const char *issuer);
/* The issuer that a token of this tenant must have: {tenantid} replaced by its `tid`, which must be among the allowed tenants.
 * LK_DENIED otherwise, with the reason in the detail. Where the issuer is no template it is returned as it is. */
lk_status_t lk_entra_issuer(lk_arena_t *arena, const lk_upstream_t *upstream, const json_t *claims, const char **ret_issuer,
                            lk_error_t *err);
/* Groups that did not fit into the token, from Microsoft Graph; whose e-mail address may be believed. */
lk_status_t lk_entra_complete(const lk_request_t *req, const lk_realm_t *realm, const lk_upstream_t *upstream,
                              const char *access_token, lk_brokered_t *brokered, lk_error_t *err);

/* AZURE_FEDERATED_TOKEN_FILE, AZURE_CLIENT_ID and AZURE_TENANT_ID are set, and this is the client and the address that they speak
 * of. */
int lk_entra_uses_workload(const lk_upstream_t *upstream);
/* Read each time, since it is rotated. */
lk_status_t lk_entra_workload_token(lk_arena_t *arena, const char **ret_token, lk_error_t *err);

#endif
