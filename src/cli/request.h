/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_CLI_REQUEST_H
#define LK_CLI_REQUEST_H

#include "cli/session.h"
#include "core/fetch.h"

/* Calls of the admin REST API. */
typedef struct st_lk_call_t {
    const char *method;
    const char *url;
    const lk_bytes_t *body; /* NULL: none */
    const char *const *lines;
    int plain;       /* a 404 is told in the server's words */
    int accepts_all; /* the answer is looked at whatever its status */
} lk_call_t;

/* The URL of what a person wrote: an address, "realms..." or "serverinfo..." below the root, anything else below the realm. */
const char *lk_url_of(lk_cli_t *cli, const char *uri);
/* A path below the target realm, from a format whose arguments are percent-encoded: all of them are texts. */
const char *lk_url_realm(lk_cli_t *cli, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Any status below 300 is LK_OK, unless accepts_all; otherwise the error's text is kcadm's. */
lk_status_t lk_call(lk_cli_t *cli, const lk_call_t *call, lk_fetched_t *ret_fetched);
/* GET, and its JSON. */
json_t *lk_call_get(lk_cli_t *cli, const char *url);
/* Sends JSON (NULL: no body). `ret_location`: the last part of the Location, may be NULL. */
lk_status_t lk_call_send(lk_cli_t *cli, const char *method, const char *url, const json_t *body, const char **ret_location);
/* The value of a header of an answer, or NULL. */
const char *lk_head_value(lk_arena_t *arena, const char *head, const char *name);
/* Kcadm's text of an answer that says no. Without a URL a 404 is told in the server's words. */
lk_status_t lk_answer_refused(lk_cli_t *cli, const char *url, const lk_fetched_t *fetched);

#endif
