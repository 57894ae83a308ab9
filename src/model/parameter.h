/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_MODEL_PARAMETER_H
#define LK_MODEL_PARAMETER_H

#include "model/realm.h"

/* Client scopes with a parameter, as Keycloak's feature parameterized-scopes knows them. */

/* Fills the scope's members of a parameter from its attributes. */
void lk_parameter_load(lk_scope_t *scope);
/* What is wrong with the attributes of a client scope that says is.parameterized.scope; NULL: nothing. In the arena. */
const char *lk_parameter_complaint(lk_arena_t *arena, const json_t *attributes);
/* 1 where the text may be the scope's parameter. */
int lk_parameter_fits(lk_arena_t *arena, const lk_scope_t *scope, const char *text);

#endif
