/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_MODEL_PROFILE_VALIDATORS_H
#define LK_MODEL_PROFILE_VALIDATORS_H

#include <jansson.h>

/* The validators of user profiles, by Keycloak's names. `config` is the validator's object. */

/* Appends what is wrong with the values, none of which is empty; validators that are unknown find nothing. */
void lk_profile_run_validators(const json_t *validations, const char *attribute, const json_t *values, json_t *errors);
int lk_profile_validator_is_known(const char *validator);
/* Appends {"field", "errorMessage", "params": [attribute, ...more]}; takes over `more`, which may be NULL. */
void lk_profile_report(json_t *errors, const char *attribute, const char *key, json_t *more);
/* A whole number that may be written as text. */
long long lk_profile_number(const json_t *config, const char *name, long long fallback);

#endif
