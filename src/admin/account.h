/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_ADMIN_ACCOUNT_H
#define LK_ADMIN_ACCOUNT_H

#include "admin/handlers.h"

/* The account REST API (/realms/{realm}/account): what users see and change of themselves. Its handlers are those of the admin REST
 * API in shape, with the user who asks as admin->user, and admin->caller.session as the session of their token. A row's role is any
 * of the roles of the client "account" that are enough; NULL: any user; `also`: the switch of the realm that has to be on. */
extern const lk_admin_row_t lk_account_rows[];
extern const size_t lk_num_account_rows;
/* The handler of all of them; req->row is the lk_admin_row_t. */
lk_status_t lk_account_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err);

/* A text that may be "${key}": a message, in the language of who asks. In the arena. */
const char *lk_account_text(lk_admin_t *account, const char *text);

lk_status_t lk_account_profile_get(lk_admin_t *account, lk_error_t *err);
lk_status_t lk_account_profile_set(lk_admin_t *account, lk_error_t *err);
lk_status_t lk_account_credentials(lk_admin_t *account, lk_error_t *err);
lk_status_t lk_account_groups(lk_admin_t *account, lk_error_t *err);
lk_status_t lk_account_credential_remove(lk_admin_t *account, lk_error_t *err);
lk_status_t lk_account_credential_label(lk_admin_t *account, lk_error_t *err);
lk_status_t lk_account_sessions(lk_admin_t *account, lk_error_t *err);
lk_status_t lk_account_devices(lk_admin_t *account, lk_error_t *err);
lk_status_t lk_account_sessions_end(lk_admin_t *account, lk_error_t *err);
lk_status_t lk_account_session_end(lk_admin_t *account, lk_error_t *err);
lk_status_t lk_account_applications(lk_admin_t *account, lk_error_t *err);
lk_status_t lk_account_consent_get(lk_admin_t *account, lk_error_t *err);
lk_status_t lk_account_consent_set(lk_admin_t *account, lk_error_t *err);
lk_status_t lk_account_consent_remove(lk_admin_t *account, lk_error_t *err);
lk_status_t lk_account_locales(lk_admin_t *account, lk_error_t *err);
lk_status_t lk_account_links(lk_admin_t *account, lk_error_t *err);
lk_status_t lk_account_link_begin(lk_admin_t *account, lk_error_t *err);
lk_status_t lk_account_link_remove(lk_admin_t *account, lk_error_t *err);
lk_status_t lk_account_organizations(lk_admin_t *account, lk_error_t *err);
lk_status_t lk_account_resources(lk_admin_t *account, lk_error_t *err);
lk_status_t lk_account_shared_with_me(lk_admin_t *account, lk_error_t *err);
lk_status_t lk_account_shared_with_others(lk_admin_t *account, lk_error_t *err);
lk_status_t lk_account_pending_requests(lk_admin_t *account, lk_error_t *err);
lk_status_t lk_account_resource_get(lk_admin_t *account, lk_error_t *err);
lk_status_t lk_account_resource_user(lk_admin_t *account, lk_error_t *err);
lk_status_t lk_account_permissions(lk_admin_t *account, lk_error_t *err);
lk_status_t lk_account_permissions_set(lk_admin_t *account, lk_error_t *err);
lk_status_t lk_account_permission_requests(lk_admin_t *account, lk_error_t *err);

#endif
