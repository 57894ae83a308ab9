/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_LOGIN_ORGANIZATION_H
#define LK_LOGIN_ORGANIZATION_H

#include "login/authenticators.h"

/* Signing in where the realm has organizations: the name first, then what the organization says. */

/* Whether pages of this walk show that provider: of the organization that the scope names those alone; on the page that asks for
 * the name, nobody's, or those of the organization that the name has led to. */
int lk_organization_shows(const lk_walk_t *walk, const lk_identity_provider_t *provider);
/* Whether the scope asks for organizations, so that a session alone does not answer which. */
int lk_organization_is_asked(const lk_walk_t *walk);
/* Back to where one is chosen. */
void lk_organization_switch(lk_walk_t *walk);

LK_AUTHENTICATE(lk_organization_show);
LK_AUTHENTICATE(lk_organization_submit);

#endif
