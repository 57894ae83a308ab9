/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_OIDC_FRONTCHANNEL_H
#define LK_OIDC_FRONTCHANNEL_H

#include "core/reply.h"
#include "model/realm.h"

/* Ids of the session's clients that are told by the browser, while there is a session: *ret_clients is an array, or NULL where
 * there are none. */
lk_status_t lk_frontchannel_clients(const lk_request_t *req, const lk_realm_t *realm, const char *sid, json_t **ret_clients,
                                    lk_error_t *err);

typedef struct st_lk_frontchannel_t {
    const lk_realm_t *realm;
    const lk_client_t *asker; /* or NULL */
    json_t *clients;          /* of lk_frontchannel_clients */
    const char *sid;
    const char *redirect_uri; /* where the browser goes on to when all are told, or NULL */
    int is_framed;            /* by an identity provider's page: the policy allows that */
} lk_frontchannel_t;

/* The page that tells them. */
lk_status_t lk_frontchannel_show(const lk_request_t *req, const lk_frontchannel_t *logout, lk_reply_t *reply, lk_error_t *err);

#endif
