/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_TOKEN_ACR_H
#define LK_TOKEN_ACR_H

#include "model/realm.h"

/* Levels of assurance and their names: OpenID Connect's acr. A level is a number; the attribute acr.loa.map of the client, or else
 * of the realm, gives names: {"silver": 2}. A number may always stand for itself. */

#define LK_LEVEL_NONE (-1)

/* What an authorization request wants. */
typedef struct st_lk_acr_wish_t {
    lk_strings_t required; /* essential in the parameter claims (OpenID Connect Core 5.5.1.1) */
    lk_strings_t wanted;   /* acr_values, the parameter claims, or the client's default.acr.values */
} lk_acr_wish_t;
/* `acr_values` and `claims` are the parameters' text, or NULL. */
lk_acr_wish_t lk_acr_wish(lk_arena_t *arena, const lk_client_t *client, const char *acr_values, const char *claims);
/* The lowest level that grants the wish and the client's minimum.acr.value; LK_LEVEL_NONE: any will do. -1 is returned where an
 * essential value is not known here, else 0. */
int lk_acr_requested(lk_arena_t *arena, const lk_realm_t *realm, const lk_client_t *client, const lk_acr_wish_t *wish,
                     int64_t *ret_level);
/* The claim acr of somebody who has reached that level: of the values that were asked for, else of all names, the highest that is
 * not above it; else the number. `wish` may be NULL. */
const char *lk_acr_name(lk_arena_t *arena, const lk_realm_t *realm, const lk_client_t *client, const lk_acr_wish_t *wish,
                        int64_t level);

#endif
