/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_ADMIN_ADMIN_H
#define LK_ADMIN_ADMIN_H

#include "core/reply.h"
#include "model/import.h"
#include "token/token.h"

/* The beginning of Keycloak's admin REST API: what its life of a realm, a client and a user needs. Every handler begins with
 * lk_admin_begin. */

typedef struct st_lk_admin_t {
    const lk_request_t *req;
    const lk_realm_t *realm; /* that is administered; NULL for /admin/realms itself */
    json_t *body;            /* NULL where there is none */
} lk_admin_t;

/* Who asks, may they (a role of the realm's management client, "manage-users"; view-* is implied by manage-*), for which realm (of
 * the route), with which body. 401, 403, 404 "Realm not found.", 400 for a body that is no JSON. `role` NULL: any administrator of
 * master. */
lk_status_t lk_admin_begin(const lk_request_t *req, const char *role, lk_admin_t *ret_admin, lk_error_t *err);
/* 201 with the Location of the new thing below the request's path. */
void lk_admin_created(const lk_admin_t *admin, const char *id, lk_reply_t *reply);
void lk_admin_answer(const lk_admin_t *admin, json_t *value, lk_reply_t *reply);
/* first and max of a list; the second is a large number where it is not given. */
const char *lk_admin_first(const lk_request_t *req);
const char *lk_admin_max(const lk_request_t *req, const char *fallback);
/* {"errorMessage": text} */
lk_status_t lk_admin_message(lk_error_t *err, lk_status_t kind, const char *text);
/* Checks a body against a table, as Jackson would; refuses unknown members in Keycloak's words. */
lk_status_t lk_admin_check(const lk_admin_t *admin, const lk_representation_t *rep, lk_error_t *err);

lk_status_t lk_admin_realms_get(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err);
lk_status_t lk_admin_realms_post(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err);
lk_status_t lk_admin_realm_get(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err);
lk_status_t lk_admin_realm_put(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err);
lk_status_t lk_admin_realm_delete(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err);

lk_status_t lk_admin_clients_get(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err);
lk_status_t lk_admin_clients_post(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err);
lk_status_t lk_admin_client_get(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err);
lk_status_t lk_admin_client_put(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err);
lk_status_t lk_admin_client_delete(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err);
lk_status_t lk_admin_client_mappers_post(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err);
lk_status_t lk_admin_client_scope_put(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err);
lk_status_t lk_admin_client_scope_delete(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err);

lk_status_t lk_admin_users_get(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err);
lk_status_t lk_admin_users_count(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err);
lk_status_t lk_admin_user_get(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err);
lk_status_t lk_admin_user_put(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err);
lk_status_t lk_admin_user_logout(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err);
lk_status_t lk_admin_profile_get(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err);
lk_status_t lk_admin_profile_put(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err);

lk_status_t lk_admin_role_get(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err);
lk_status_t lk_admin_groups_get(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err);
lk_status_t lk_admin_group_put(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err);
lk_status_t lk_admin_scopes_get(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err);
lk_status_t lk_admin_scopes_post(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err);
lk_status_t lk_admin_client_scope_mappings_post(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err);
lk_status_t lk_admin_scope_scope_mappings_post(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err);

#endif
