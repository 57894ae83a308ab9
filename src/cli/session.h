/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_CLI_SESSION_H
#define LK_CLI_SESSION_H

#include "cli/cli.h"

/* Where requests go and with which token; and the config file, which is kcadm's: {serverUrl, realm, truststore, trustpass,
 * endpoints: {SERVER: {REALM: {clientId, token, refreshToken, ...}}}}. Readable and writable by its owner alone. */
typedef struct st_lk_session_t {
    const char *file;   /* NULL with --no-config */
    json_t *config;     /* the file's content, or an empty object */
    const char *server; /* without a slash at its end */
    const char *realm;  /* that was signed in to */
    const char *target; /* that is worked on */
    const char *root;   /* of the admin REST API */
    const char *token;  /* NULL until lk_session_open */
    int unchecked;
} lk_session_t;

/* Reads the options and the config file, signs in where the options say so, refreshes a token that has expired. */
lk_status_t lk_session_open(lk_cli_t *cli);
/* The config file alone, and the truststore. */
lk_status_t lk_session_load(lk_cli_t *cli);
/* A secret: from the environment's variable, or typed (no echo). NULL with an error. */
const char *lk_secret_ask(lk_cli_t *cli, const char *variable, const char *prompt);

#endif
