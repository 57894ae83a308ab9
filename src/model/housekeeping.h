/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_MODEL_HOUSEKEEPING_H
#define LK_MODEL_HOUSEKEEPING_H

#include "model/app.h"

typedef struct st_lk_housekeeping_t {
    int64_t sessions, used_values, failures, events; /* rows deleted; used_values: with brokered logins that were not finished */
    int rotated;                                     /* a signing key of a realm changed */
} lk_housekeeping_t;

/* Lets go of realms that nobody asks for, and deletes what has ended: sessions past their idle timeout or maximum, used values past
 * their expiry, login failures that nobody counts any more. In batches of a few hundred rows, each a transaction of its own that
 * skips rows others hold, so that it may run beside any load. To be called every few minutes on every replica, off the event loops:
 * whoever takes the lease does it. ret_done may be NULL. */
lk_status_t lk_housekeeping_run(lk_app_t *app, lk_housekeeping_t *ret_done, lk_error_t *err);

#endif
