/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_MODEL_RETIRED_KEY_H
#define LK_MODEL_RETIRED_KEY_H

#include "model/realms.h"

/* Keys for signatures that an administrator took away, by deleting their provider or giving it another key. Their public parts stay
 * published, and verify, until no token that they signed can live any more. They never sign: the private parts are gone. */

/* The key of that component; NULL where it has none. */
const lk_realm_key_t *lk_realm_key_of(const lk_realm_t *realm, const char *component_id);
/* Keeps the public part of `entry`, unless it is disabled, encrypts, or is a secret. `tx` holds the realm's lock; `now` in
 * seconds. */
lk_status_t lk_retired_key_keep(lk_sql_t *tx, lk_arena_t *arena, const char *realm_id, const lk_realm_key_t *entry, int64_t now,
                                lk_error_t *err);
/* At once, whatever lives: all that were the component's, and the key `kid` (may be NULL). *ret_count: how many. */
lk_status_t lk_retired_key_forget(lk_sql_t *tx, lk_arena_t *arena, const char *realm_id, const char *component_id, const char *kid,
                                  int *ret_count, lk_error_t *err);

#endif
