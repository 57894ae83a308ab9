/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_CLI_VERDICT_H
#define LK_CLI_VERDICT_H

#include "cli/origin.h"

/* [{who, takes, why}]: OAuth2-Proxy (provider keycloak-oidc) and Istio's RequestAuthentication, by what each is known to check. The
 * signature itself is not verified: that its key is published is. NULL with an error. */
json_t *lk_verdicts(lk_cli_t *cli, const lk_explained_t *token);

#endif
