/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_CLI_ORIGIN_H
#define LK_CLI_ORIGIN_H

#include "cli/cli.h"

/* A token that is being explained. */
typedef struct st_lk_explained_t {
    json_t *header; /* NULL for an example */
    json_t *claims;
    const char *client;    /* clientId */
    const char *client_id; /* its id */
    const char *user_id;   /* may be NULL */
    const char *scope;
    int is_example;
} lk_explained_t;

/* [{claim, value, madeBy}], a row for each claim, and for each role by what way it came. NULL with an error. */
json_t *lk_origins(lk_cli_t *cli, const lk_explained_t *token);

#endif
