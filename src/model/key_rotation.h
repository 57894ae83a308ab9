/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_MODEL_KEY_ROTATION_H
#define LK_MODEL_KEY_ROTATION_H

#include <jansson.h>
#include "model/app.h"

/* Signing keys that change by themselves, where a realm asks for it by its attributes; spans in seconds:
 *
 *   latchkey.keys.rotation.period   how long a key signs; missing or 0: nothing happens
 *   latchkey.keys.rotation.ahead    how long a new key is published before it signs; a day, at most half of the period
 *   latchkey.keys.rotation.keep     how long an old one is published after that; at least as long as a session or an access token
 *                                   lives, and no less than a day unless it says so itself
 *
 * Keys of rsa-generated, ecdsa-generated and eddsa-generated take part. A new one is like the one that signs, and passive; then it
 * becomes active and the old one passive; at last the old one goes. Which stage a key is in stands in its component's
 * configuration, so that it survives exports and restarts. */

/* One step for one realm, if any is due: under the lock of the realm's row, so that replicas never do it twice. `now` in seconds.
 * *ret_changed (may be NULL): something was done, and perhaps more is due. */
lk_status_t lk_key_rotation_run(lk_app_t *app, lk_arena_t *arena, const char *realm_id, int64_t now, int *ret_changed,
                                lk_error_t *err);
/* How long a key is published after it has signed for the last time, of a RealmRepresentation. */
int64_t lk_key_rotation_keep(const json_t *realm);

#endif
