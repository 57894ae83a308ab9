/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_LOGIN_LINK_PAGES_H
#define LK_LOGIN_LINK_PAGES_H

#include "login/links.h"

/* What opening a link needs of the files that make them. */

/* 0 where it is none of this realm's. */
int lk_link_open(const lk_request_t *req, const lk_realm_t *realm, const char *key, lk_link_t *ret_link);
void lk_link_show_verified(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client, lk_reply_t *reply);
/* What the link is for is over: the message says so. */
void lk_link_show_over(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client, const char *key,
                       lk_reply_t *reply);
/* The page "info" with that header and what is in it for {0}, or NULL; takes over the model. */
void lk_link_show_info(const lk_request_t *req, const lk_realm_t *realm, json_t *model, const char *header, const char *argument,
                       lk_reply_t *reply);
/* Asks before anything is done, with the link's own address to go on. */
void lk_link_show_question(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client, lk_link_t *link,
                           lk_reply_t *reply);

#endif
