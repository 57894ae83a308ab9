/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <time.h>
#include "core/time.h"

static int64_t read_clock(clockid_t id, int64_t per_second)
{
    struct timespec ts;
    clock_gettime(id, &ts);
    return ts.tv_sec * per_second + ts.tv_nsec / (1000000000 / per_second);
}

int64_t lk_now_ms(void)
{
    return read_clock(CLOCK_REALTIME, 1000);
}

int64_t lk_now(void)
{
    return read_clock(CLOCK_REALTIME, 1);
}

int64_t lk_ticks_us(void)
{
    return read_clock(CLOCK_MONOTONIC, 1000000);
}
