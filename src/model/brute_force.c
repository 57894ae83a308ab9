/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "model/user_row.h"

/* Keycloak's rules: settings of the realm under "Brute force detection". */

static int64_t min_of(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t wait_seconds(const lk_realm_t *realm, int64_t failures)
{
    int64_t factor = realm->failure_factor > 0 ? realm->failure_factor : 1;
    if (strcmp(realm->brute_force_strategy, "LINEAR") == 0)
        return realm->wait_increment * (1 + failures - factor);
    return realm->wait_increment * (failures / factor);
}

int lk_failures_count(const lk_realm_t *realm, lk_failures_t *failures, int64_t now_ms)
{
    int only_permanent = realm->permanent_lockout && realm->max_temporary_lockouts == 0;
    int64_t since = failures->last_failure > 0 ? now_ms - failures->last_failure : 0;
    int has_last = failures->last_failure > 0, is_quick = 0;
    if (!only_permanent && since > realm->max_delta_time * 1000)
        *failures = (lk_failures_t){0};
    failures->last_failure = now_ms;
    ++failures->failures;
    int64_t wait = only_permanent ? 0 : wait_seconds(realm, failures->failures);
    if (wait <= 0 && has_last && since < realm->quick_login_check_ms) {
        wait = realm->minimum_quick_login_wait;
        is_quick = 1;
    }
    if (wait > 0) {
        if (!only_permanent)
            wait = min_of(wait, realm->max_failure_wait);
        if (!is_quick)
            ++failures->temporary_lockouts;
        if (is_quick || !realm->permanent_lockout || failures->temporary_lockouts <= realm->max_temporary_lockouts)
            failures->not_before = now_ms / 1000 + wait;
    }
    return realm->permanent_lockout && (failures->temporary_lockouts > realm->max_temporary_lockouts ||
                                        (realm->max_temporary_lockouts == 0 && failures->failures >= realm->failure_factor));
}
