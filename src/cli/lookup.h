/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_CLI_LOOKUP_H
#define LK_CLI_LOOKUP_H

#include "cli/request.h"

/* Ids by names; NULL with an error in kcadm's words. */
const char *lk_find_user(lk_cli_t *cli, const char *name);
const char *lk_find_client(lk_cli_t *cli, const char *client_id);
const char *lk_find_group(lk_cli_t *cli, const char *name);
const char *lk_find_group_path(lk_cli_t *cli, const char *path);
lk_status_t lk_set_password(lk_cli_t *cli, const char *user_id, const char *password, int temporary);

#endif
