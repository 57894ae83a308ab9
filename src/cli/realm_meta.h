/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_CLI_REALM_META_H
#define LK_CLI_REALM_META_H

#include "cli/request.h"

/* What a realm says of itself to everybody. NULL with an error. */
json_t *lk_realm_discovery(lk_cli_t *cli);
json_t *lk_realm_keys(lk_cli_t *cli, const json_t *discovery);

#endif
