/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/json.h"
#include "core/time.h"
#include "model/user.h"

/* A user name and a password: who is it, is it right, and who has guessed too often. */

static const char *number(lk_arena_t *arena, int64_t value)
{
    return lk_printf(arena, "%lld", (long long)value);
}

/* --- brute force
 * ----------------------------------------------------------------------------------------------------------------------------------
 */

typedef struct st_failures_t {
    int known;
    int64_t failures, lockouts, not_before, last_failure;
} failures_t;

static lk_status_t load_failures(lk_app_t *app, lk_arena_t *arena, const lk_realm_t *realm, const lk_user_t *user,
                                 failures_t *ret_failures, lk_error_t *err)
{
    lk_rows_t rows;
    *ret_failures = (failures_t){0};
    if (!realm->brute_force_protected)
        return LK_OK;
    lk_status_t status = lk_query(app->sql, arena, LK_Q_LOGIN_FAILURE_GET, &rows, err, realm->id, user->id);
    if (status == LK_OK && rows.count != 0)
        *ret_failures = (failures_t){1, lk_row_int(&rows, 0, "failures", 0), lk_row_int(&rows, 0, "temporary_lockouts", 0),
                                     lk_row_int(&rows, 0, "not_before", 0), lk_row_int(&rows, 0, "last_failure", 0)};
    return status;
}

/* Seconds to wait after so many failures: multiples of the increment, or growing by one increment with each (LINEAR). */
static int64_t wait_seconds(const lk_realm_t *realm, int64_t failures, int64_t since_last_ms)
{
    int64_t wait = 0;
    int linear = realm->brute_force_strategy != NULL && strcmp(realm->brute_force_strategy, "LINEAR") == 0;
    if (realm->failure_factor > 0 && failures >= realm->failure_factor)
        wait = realm->wait_increment * (linear ? 1 + failures - realm->failure_factor : failures / realm->failure_factor);
    if (wait == 0 && since_last_ms < realm->quick_login_check_ms)
        wait = realm->minimum_quick_login_wait;
    return wait > realm->max_failure_wait ? realm->max_failure_wait : wait;
}

static int is_permanent(const lk_realm_t *realm, int64_t failures, int64_t lockouts)
{
    return realm->permanent_lockout && failures >= realm->failure_factor && lockouts >= realm->max_temporary_lockouts;
}

static lk_status_t count_failure(lk_app_t *app, lk_arena_t *arena, const lk_realm_t *realm, const lk_user_t *user, const char *ip,
                                 const failures_t *before, lk_error_t *err)
{
    lk_rows_t rows;
    int64_t now = lk_now_ms();
    if (!realm->brute_force_protected)
        return LK_OK;
    lk_status_t status = lk_query(app->sql, arena, LK_Q_LOGIN_FAILURE_COUNT, &rows, err, realm->id, user->id, number(arena, now),
                                  number(arena, realm->max_delta_time * 1000), ip);
    if (status != LK_OK)
        return status;
    int64_t failures = lk_row_int(&rows, 0, "failures", 1), lockouts = lk_row_int(&rows, 0, "temporary_lockouts", 0);
    if (is_permanent(realm, failures, lockouts))
        return lk_query(app->sql, arena, LK_Q_USER_DISABLE, &rows, err, realm->id, user->id);
    int64_t wait = wait_seconds(realm, failures, before->known ? now - before->last_failure : INT64_MAX);
    if (wait == 0)
        return LK_OK;
    return lk_query(app->sql, arena, LK_Q_LOGIN_FAILURE_LOCK, &rows, err, realm->id, user->id, number(arena, now / 1000 + wait),
                    failures >= realm->failure_factor ? "1" : "0");
}

/* --- passwords
 * --------------------------------------------------------------------------------------------------------------------------------------
 */

static lk_status_t rehash(lk_app_t *app, lk_arena_t *arena, const lk_realm_t *realm, const lk_user_t *user,
                          const char *credential_id, const char *password, const lk_hashing_t *hashing, lk_error_t *err)
{
    lk_rows_t rows;
    lk_password_t made;
    lk_status_t status = lk_password_hash(arena, password, hashing, &made, err);
    return status != LK_OK ? status
                           : lk_query(app->sql, arena, LK_Q_USER_PASSWORD_REHASH, &rows, err, realm->id, user->id, credential_id,
                                      made.credential_data, made.secret_data);
}

static lk_status_t verify(lk_app_t *app, lk_arena_t *arena, const lk_realm_t *realm, const lk_user_t *user, const char *password,
                          int *ret_match, lk_error_t *err)
{
    lk_rows_t rows;
    int stale = 0;
    lk_hashing_t hashing = lk_realm_hashing(arena, realm);
    *ret_match = 0;
    lk_status_t status = lk_query(app->sql, arena, LK_Q_USER_PASSWORD, &rows, err, realm->id, user->id);
    if (status != LK_OK)
        return status;
    if (rows.count == 0) {
        lk_password_waste(arena, password, &hashing);
        return LK_OK;
    }
    lk_password_t stored = {lk_row_str(&rows, 0, "credential_data"), lk_row_str(&rows, 0, "secret_data")};
    status = lk_password_verify(arena, password, &stored, &hashing, ret_match, &stale, err);
    if (status == LK_OK && *ret_match && stale)
        status = rehash(app, arena, realm, user, lk_row_str(&rows, 0, "id"), password, &hashing, err);
    return status;
}

static lk_status_t clear_failures(lk_app_t *app, lk_arena_t *arena, const lk_realm_t *realm, const lk_user_t *user,
                                  const failures_t *failures, lk_error_t *err)
{
    lk_rows_t rows;
    return failures->known ? lk_query(app->sql, arena, LK_Q_LOGIN_FAILURE_CLEAR, &rows, err, realm->id, user->id) : LK_OK;
}

lk_status_t lk_user_authenticate(lk_app_t *app, lk_arena_t *arena, const lk_realm_t *realm, const char *login, const char *password,
                                 const char *ip, lk_login_result_t *ret_result, const lk_user_t **ret_user, lk_error_t *err)
{
    failures_t failures;
    int match;
    lk_status_t status = lk_user_by_login(app->sql, arena, realm, login, ret_user, err);
    if (status != LK_OK)
        return status;
    const lk_user_t *user = *ret_user;
    lk_hashing_t hashing = lk_realm_hashing(arena, realm);
    if (user == NULL || user->service_account_client_id != NULL) {
        lk_password_waste(arena, password, &hashing);
        *ret_result = LK_LOGIN_UNKNOWN_USER;
        return LK_OK;
    }
    if ((status = load_failures(app, arena, realm, user, &failures, err)) != LK_OK)
        return status;
    if (failures.not_before > lk_now()) {
        lk_password_waste(arena, password, &hashing);
        *ret_result = LK_LOGIN_LOCKED;
        return LK_OK;
    }
    if ((status = verify(app, arena, realm, user, password, &match, err)) != LK_OK)
        return status;
    if (!match) {
        *ret_result = LK_LOGIN_WRONG_PASSWORD;
        return count_failure(app, arena, realm, user, ip, &failures, err);
    }
    *ret_result = user->enabled ? LK_LOGIN_OK : LK_LOGIN_DISABLED;
    return user->enabled ? clear_failures(app, arena, realm, user, &failures, err) : LK_OK;
}
