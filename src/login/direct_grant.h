/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_LOGIN_DIRECT_GRANT_H
#define LK_LOGIN_DIRECT_GRANT_H

#include "model/user.h"

/* Who a user is by the form of a token request (username, password, totp), along the realm's or the client's "direct grant" flow.
 */
typedef struct st_lk_direct_grant_t {
    const lk_user_t *user;
    int64_t level; /* of assurance */
} lk_direct_grant_t;
lk_status_t lk_direct_grant_authenticate(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client,
                                         lk_direct_grant_t *ret_grant, lk_error_t *err);

#endif
