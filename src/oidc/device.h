/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_OIDC_DEVICE_H
#define LK_OIDC_DEVICE_H

#include "model/realm.h"

/* oauth2.device.authorization.grant.enabled */
int lk_device_is_enabled(const lk_client_t *client);

#endif
