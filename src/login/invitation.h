/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_LOGIN_INVITATION_H
#define LK_LOGIN_INVITATION_H

#include "login/state.h"
#include "model/organization.h"

/* The invitation by its id, while it stands. *ret_invitation NULL: the reply says why it does not. */
lk_status_t lk_invitation_check(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client, const char *id,
                                const lk_invitation_t **ret_invitation, lk_reply_t *reply, lk_error_t *err);
/* Where who has accepted goes: the organization's redirectUrl, or the client's own page. */
const char *lk_invitation_destination(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client,
                                      const lk_invitation_t *invitation);
/* registration.c. The page; invitation NULL: nobody has invited. */
lk_status_t lk_registration_show(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client,
                                 const lk_login_t *login, const lk_invitation_t *invitation, lk_reply_t *reply);

#endif
