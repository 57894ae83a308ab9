/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_CORE_TIME_H
#define LK_CORE_TIME_H

#include <stdint.h>

/* Wall clock, since 1970. Tokens use seconds, Keycloak's representations milliseconds. */
int64_t lk_now_ms(void);
int64_t lk_now(void);
/* Monotonic clock in microseconds, for durations. */
int64_t lk_ticks_us(void);

#endif
