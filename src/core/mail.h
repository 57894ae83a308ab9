/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_CORE_MAIL_H
#define LK_CORE_MAIL_H

#include "core/arena.h"
#include "core/error.h"

/* One mail by SMTP, by libcurl. Blocks its caller; time is bounded. */
typedef struct st_lk_mail_t {
    const char *host, *port;     /* port NULL: what the kind of connection has */
    int ssl, starttls;           /* TLS from the beginning; or asked for, and insisted upon */
    const char *user, *password; /* NULL: no sign-in */
    /* XOAUTH2: where a token is had by client credentials; NULL: the password */
    const char *token_url, *token_scope, *token_client_id, *token_client_secret;
    long timeout_ms;                                                         /* 0: LK_MAIL_TIMEOUT_MS */
    const char *from, *from_name, *reply_to, *reply_to_name, *envelope_from; /* all but `from` may be NULL */
    const char *to, *subject, *text, *html;
} lk_mail_t;
#define LK_MAIL_TIMEOUT_MS 10000

/* LK_INVALID where an address is none; LK_UNAVAILABLE where the server cannot be reached or does not take it: the detail says why.
 */
lk_status_t lk_mail_send(lk_arena_t *arena, const lk_mail_t *mail, lk_error_t *err);

#endif
