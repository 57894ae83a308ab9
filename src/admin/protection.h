/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_ADMIN_PROTECTION_H
#define LK_ADMIN_PROTECTION_H

#include "admin/authz.h"

/* The protection API of authorization services (/realms/{realm}/authz/protection; UMA 2.0 federated authorization): what resource
 * servers register, the permission tickets that they hand out, and what users share. Its handlers are those of the admin REST API
 * in shape: admin->client is the resource server, admin->authz its settings, admin->user who asks, and admin->id what they own
 * things as. A row's role is what users of the resource server need of its roles; `also`: that its resources may be managed from
 * outside. */
extern const lk_admin_row_t lk_protection_rows[];
extern const size_t lk_num_protection_rows;
/* The handler of all of them; req->row is the lk_admin_row_t. */
lk_status_t lk_protection_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err);

/* Whether the caller is the resource server itself, not a user of it. */
int lk_protection_is_server(const lk_admin_t *admin);
/* The owner of a resource: a user's id, or the resource server's client.id. */
const char *lk_protection_owner(const lk_admin_t *admin, const json_t *resource);
/* A resource by its id, or by a name of what the caller or the resource server owns; NULL where there is none. */
json_t *lk_protection_find(const lk_admin_t *admin, const char *text);

lk_status_t lk_protection_resource_create(lk_admin_t *admin, lk_error_t *err);
lk_status_t lk_protection_resources_list(lk_admin_t *admin, lk_error_t *err);
lk_status_t lk_protection_resource_get(lk_admin_t *admin, lk_error_t *err);
lk_status_t lk_protection_resource_update(lk_admin_t *admin, lk_error_t *err);
lk_status_t lk_protection_resource_remove(lk_admin_t *admin, lk_error_t *err);
lk_status_t lk_protection_ticket_make(lk_admin_t *admin, lk_error_t *err);
lk_status_t lk_protection_tickets_list(lk_admin_t *admin, lk_error_t *err);
lk_status_t lk_protection_tickets_count(lk_admin_t *admin, lk_error_t *err);
lk_status_t lk_protection_ticket_create(lk_admin_t *admin, lk_error_t *err);
lk_status_t lk_protection_ticket_get(lk_admin_t *admin, lk_error_t *err);
lk_status_t lk_protection_ticket_update(lk_admin_t *admin, lk_error_t *err);
lk_status_t lk_protection_ticket_remove(lk_admin_t *admin, lk_error_t *err);
lk_status_t lk_protection_policies_list(lk_admin_t *admin, lk_error_t *err);
lk_status_t lk_protection_policy_create(lk_admin_t *admin, lk_error_t *err);
lk_status_t lk_protection_policy_get(lk_admin_t *admin, lk_error_t *err);
lk_status_t lk_protection_policy_update(lk_admin_t *admin, lk_error_t *err);
lk_status_t lk_protection_policy_remove(lk_admin_t *admin, lk_error_t *err);

#endif
