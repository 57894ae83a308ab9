/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_OIDC_CIBA_H
#define LK_OIDC_CIBA_H

#include "model/realm.h"

/* Whether the client may ask for backchannel authentication. */
int lk_ciba_is_enabled(const lk_client_t *client);

#endif
