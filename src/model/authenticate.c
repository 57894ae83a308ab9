/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/counters.h"
#include "core/json.h"
#include "core/time.h"
#include "crypto/crypto.h"
#include "model/password_policy.h"
#include "model/user_row.h"

/* Passwords: checking them with the brute-force rules, and setting new ones. No database connection is held while hashing. */

#define MAX_PASSWORD 4096 /* bytes; longer ones match nothing */

/* hashAlgorithm and hashIterations of the policy. */
static lk_hashing_t hashing_of(lk_arena_t *arena, const lk_realm_t *realm)
{
    return lk_password_policy_hashing(arena, realm->password_policy);
}

/* --- a login's check --- */

typedef struct st_attempt_t {
    lk_app_t *app;
    lk_arena_t *arena;
    const lk_realm_t *realm;
    const char *password, *ip;
    lk_hashing_t hashing;
    lk_rows_t rows; /* of user_for_login */
    const lk_user_t *user;
    lk_login_check_t check;
} attempt_t;

static int is_locked_for_good(const lk_user_t *user)
{
    const char *reason = lk_json_config(user->attributes, "disabledReason", NULL);
    return !user->enabled && reason != NULL && strcmp(reason, "permanentLockout") == 0;
}

static int is_locked(const attempt_t *attempt)
{
    if (!attempt->realm->brute_force_protected)
        return 0;
    return lk_row_int(&attempt->rows, 0, "locked_until", 0) > lk_now() || is_locked_for_good(attempt->user);
}

static lk_status_t store_failure(lk_sql_t *tx, attempt_t *attempt, lk_error_t *err)
{
    lk_arena_t *arena = attempt->arena;
    const char *realm_id = attempt->realm->id, *user_id = attempt->user->id;
    lk_rows_t rows;
    lk_status_t status = lk_query(tx, arena, LK_Q_LOGIN_FAILURE_LOCK, &rows, err, realm_id, user_id);
    if (status != LK_OK)
        return status;
    lk_failures_t failures = {.failures = lk_row_int(&rows, 0, "failures", 0),
                              .temporary_lockouts = lk_row_int(&rows, 0, "temporary_lockouts", 0),
                              .not_before = lk_row_int(&rows, 0, "not_before", 0),
                              .last_failure = lk_row_int(&rows, 0, "last_failure", 0)};
    int locks_for_good = lk_failures_count(attempt->realm, &failures, lk_now_ms());
    status = lk_query(
        tx, arena, LK_Q_LOGIN_FAILURE_STORE, &rows, err, realm_id, user_id, lk_printf(arena, "%lld", (long long)failures.failures),
        lk_printf(arena, "%lld", (long long)failures.temporary_lockouts), lk_printf(arena, "%lld", (long long)failures.not_before),
        lk_printf(arena, "%lld", (long long)failures.last_failure), attempt->ip);
    if (status == LK_OK && locks_for_good)
        status = lk_query(tx, arena, LK_Q_USER_LOCK_OUT, &rows, err, realm_id, user_id);
    attempt->check.lockout = locks_for_good                   ? LK_LOCKOUT_FOR_GOOD
                             : failures.not_before > lk_now() ? LK_LOCKOUT_FOR_A_WHILE
                                                              : LK_LOCKOUT_NONE;
    attempt->check.failures = failures.failures;
    attempt->check.locked_until = failures.not_before;
    return status;
}

static lk_status_t count_failure(attempt_t *attempt, lk_error_t *err)
{
    lk_sql_t *tx = NULL;
    if (!attempt->realm->brute_force_protected)
        return LK_OK;
    lk_status_t status = lk_tx_begin(attempt->app->store, LK_READ_COMMITTED, &tx, err);
    if (status == LK_OK)
        status = store_failure(tx, attempt, err);
    if (status == LK_OK)
        status = lk_tx_commit(&tx, err);
    lk_tx_rollback(&tx);
    return status;
}

/* The password was right: the failures are forgotten, unless guesses that ran beside this one have locked the user meanwhile. */
static lk_status_t clear_failures(attempt_t *attempt, int *ret_locked, lk_error_t *err)
{
    lk_rows_t rows;
    if (!attempt->realm->brute_force_protected)
        return LK_OK;
    lk_status_t status = lk_query(attempt->app->sql, attempt->arena, LK_Q_LOGIN_SUCCESS, &rows, err, attempt->realm->id,
                                  attempt->user->id, lk_printf(attempt->arena, "%lld", (long long)lk_now()));
    if (status == LK_OK)
        *ret_locked = lk_row_bool(&rows, 0, "locked");
    return status;
}

static lk_status_t rehash(attempt_t *attempt, const lk_password_t *stored, lk_error_t *err)
{
    lk_password_t fresh;
    lk_rows_t rows;
    lk_status_t status = lk_password_hash(attempt->arena, attempt->password, &attempt->hashing, &fresh, err);
    if (status != LK_OK)
        return status;
    return lk_query(attempt->app->sql, attempt->arena, LK_Q_PASSWORD_REHASH, &rows, err, attempt->realm->id, attempt->user->id,
                    lk_row_str(&attempt->rows, 0, "credential_id"), fresh.secret_data, fresh.credential_data, stored->secret_data);
}

/* How old the password may be; marks the user, whose next step is a new password. */
static lk_status_t expire_password(attempt_t *attempt, lk_error_t *err)
{
    int64_t days = lk_password_policy_number(attempt->realm->password_policy, "forceExpiredPasswordChange", -1);
    int64_t created = lk_row_int(&attempt->rows, 0, "created_date", 0);
    if (days <= 0 || lk_now_ms() - created < days * 86400000 ||
        lk_strings_contain(&attempt->user->required_actions, "UPDATE_PASSWORD"))
        return LK_OK;
    lk_status_t status =
        lk_user_add_required_action(attempt->app->sql, attempt->arena, attempt->realm, attempt->user->id, "UPDATE_PASSWORD", err);
    return status == LK_OK
               ? lk_user_by_id(attempt->app->sql, attempt->arena, attempt->realm, attempt->user->id, &attempt->user, err)
               : status;
}

static lk_status_t after_match(attempt_t *attempt, const lk_password_t *stored, int stale, lk_login_result_t *ret_result,
                               lk_error_t *err)
{
    int locked = 0;
    if (!attempt->user->enabled) {
        *ret_result = LK_LOGIN_DISABLED;
        return LK_OK;
    }
    lk_status_t status = clear_failures(attempt, &locked, err);
    if (status == LK_OK && locked) {
        *ret_result = LK_LOGIN_LOCKED;
        return LK_OK;
    }
    if (status == LK_OK && stale)
        status = rehash(attempt, stored, err);
    if (status == LK_OK)
        status = expire_password(attempt, err);
    if (status == LK_OK)
        *ret_result = LK_LOGIN_OK;
    return status;
}

static lk_counters_t validations = {"keycloak_credentials_password_hashing_validations_total", "Password validations", NULL, NULL};

static void count_validation(attempt_t *attempt, const lk_password_t *stored, int match)
{
    const char *algorithm, *strength = lk_password_strength(attempt->arena, stored, &algorithm);
    lk_buffer_t labels;
    if (strength == NULL)
        return;
    lk_buffer_init(&labels, attempt->arena, 4096);
    lk_labels_put(&labels, "algorithm", algorithm);
    lk_labels_put(&labels, "hashing_strength", strength);
    lk_labels_put(&labels, "outcome", match ? "valid" : "invalid");
    lk_labels_put(&labels, "realm", attempt->realm->name);
    lk_counters_add(&validations, labels.base, 1);
}

static lk_status_t check_password(attempt_t *attempt, lk_login_result_t *ret_result, lk_error_t *err)
{
    lk_password_t stored = {lk_row_str(&attempt->rows, 0, "credential_data"), lk_row_str(&attempt->rows, 0, "secret_data")};
    int match = 0, stale = 0;
    lk_status_t status = LK_OK;
    if (stored.secret_data == NULL || attempt->user->service_account_client_id != NULL || strlen(attempt->password) > MAX_PASSWORD)
        lk_password_waste(attempt->arena, attempt->password, &attempt->hashing);
    else
        status = lk_password_verify(attempt->arena, attempt->password, &stored, &attempt->hashing, &match, &stale, err);
    if (status == LK_OK)
        count_validation(attempt, &stored, match);
    if (status == LK_OK && match)
        return after_match(attempt, &stored, stale, ret_result, err);
    if (status == LK_OK)
        status = count_failure(attempt, err);
    if (status == LK_OK)
        *ret_result = LK_LOGIN_WRONG_PASSWORD;
    return status;
}

lk_status_t lk_user_authenticate(lk_app_t *app, lk_arena_t *arena, const lk_realm_t *realm, const char *login, const char *password,
                                 const char *ip, lk_login_check_t *ret_check, lk_error_t *err)
{
    attempt_t attempt = {
        .app = app, .arena = arena, .realm = realm, .password = password, .ip = ip, .hashing = hashing_of(arena, realm)};
    const char *lower = lk_utf8_lower(arena, login);
    lk_login_result_t result = LK_LOGIN_UNKNOWN_USER;
    lk_status_t status =
        lk_query(app->sql, arena, LK_Q_USER_FOR_LOGIN, &attempt.rows, err, realm->id, lower, lk_user_login_email(realm, lower));
    if (status == LK_OK && attempt.rows.count != 0)
        status = lk_user_from_row(arena, realm, &attempt.rows, 0, &attempt.user, err);
    if (status != LK_OK)
        return status;
    if (attempt.user == NULL || is_locked(&attempt)) {
        lk_password_waste(arena, password, &attempt.hashing);
        result = attempt.user == NULL ? LK_LOGIN_UNKNOWN_USER : LK_LOGIN_LOCKED;
    } else {
        status = check_password(&attempt, &result, err);
    }
    if (status == LK_OK) {
        attempt.check.result = result;
        attempt.check.user = attempt.user;
        *ret_check = attempt.check;
    }
    return status;
}

/* --- new passwords --- */

/* passwordHistory(n): the current password and the n - 1 before it. */
static lk_status_t check_history(lk_arena_t *arena, const lk_realm_t *realm, const lk_rows_t *rows, const char *password,
                                 int64_t history, lk_error_t *err)
{
    lk_hashing_t hashing = hashing_of(arena, realm);
    for (int row = 0; row != rows->count && row < (history > 1 ? history : 1); ++row) {
        lk_password_t stored = {lk_row_str(rows, row, "credential_data"), lk_row_str(rows, row, "secret_data")};
        int match = 0, stale;
        lk_status_t status = lk_password_verify(arena, password, &stored, &hashing, &match, &stale, err);
        if (status != LK_OK)
            return status;
        if (match)
            return lk_fail(err, LK_INVALID, "invalidPasswordHistoryMessage",
                           "Invalid password: must not be equal to any of last %lld passwords.", (long long)history);
    }
    return LK_OK;
}

lk_status_t lk_new_password_prepare(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const lk_user_t *user,
                                    const char *password, lk_new_password_t *ret_prepared, lk_error_t *err)
{
    lk_password_subject_t subject = {user->username, user->email};
    lk_new_password_t prepared = {.history = lk_password_policy_number(realm->password_policy, "passwordHistory", -1)};
    lk_rows_t rows;
    if (strlen(password) > MAX_PASSWORD)
        return lk_fail(err, LK_INVALID, "invalidPasswordMaxLengthMessage", "Invalid password: maximum length %d.", MAX_PASSWORD);
    lk_status_t status = lk_query(sql, arena, LK_Q_USER_PASSWORDS, &rows, err, realm->id, user->id);
    if (status == LK_OK)
        status = lk_password_policy_check(arena, realm->password_policy, &subject, password, err);
    if (status == LK_OK && prepared.history >= 0)
        status = check_history(arena, realm, &rows, password, prepared.history, err);
    if (status != LK_OK)
        return status;
    if (rows.count != 0 && strcmp(lk_row_str(&rows, 0, "type"), "password") == 0)
        prepared.replaces = lk_row_str(&rows, 0, "id");
    lk_hashing_t hashing = hashing_of(arena, realm);
    status = lk_password_hash(arena, password, &hashing, &prepared.hash, err);
    if (status == LK_OK)
        *ret_prepared = prepared;
    return status;
}

static lk_status_t keep_history(lk_sql_t *sql, lk_arena_t *arena, const char *realm_id, const char *user_id,
                                const lk_new_password_t *prepared, lk_error_t *err)
{
    lk_rows_t rows;
    lk_status_t status = LK_OK;
    if (prepared->history > 1 && prepared->replaces != NULL)
        status = lk_query(sql, arena, LK_Q_PASSWORD_HISTORY_ADD, &rows, err, realm_id, user_id, prepared->replaces,
                          lk_random_uuid(arena));
    if (status == LK_OK)
        status = lk_query(sql, arena, LK_Q_PASSWORD_HISTORY_TRIM, &rows, err, realm_id, user_id,
                          lk_printf(arena, "%lld", (long long)(prepared->history > 1 ? prepared->history - 1 : 0)));
    return status;
}

lk_status_t lk_new_password_store(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const lk_user_t *user,
                                  const lk_new_password_t *prepared, int temporary, lk_error_t *err)
{
    lk_rows_t rows;
    const char *now = lk_printf(arena, "%lld", (long long)lk_now_ms());
    const char *id = prepared->replaces != NULL ? prepared->replaces : lk_random_uuid(arena);
    lk_status_t status = keep_history(sql, arena, realm->id, user->id, prepared, err);
    if (status == LK_OK)
        status = lk_query(sql, arena, prepared->replaces != NULL ? LK_Q_PASSWORD_UPDATE : LK_Q_PASSWORD_INSERT, &rows, err,
                          realm->id, user->id, id, prepared->hash.secret_data, prepared->hash.credential_data, now);
    if (status == LK_OK)
        status = temporary ? lk_user_add_required_action(sql, arena, realm, user->id, "UPDATE_PASSWORD", err)
                           : lk_user_remove_required_action(sql, arena, realm, user->id, "UPDATE_PASSWORD", err);
    return status;
}

lk_status_t lk_user_set_password(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const lk_user_t *user,
                                 const char *password, int temporary, lk_error_t *err)
{
    lk_new_password_t prepared;
    lk_status_t status = lk_new_password_prepare(sql, arena, realm, user, password, &prepared, err);
    return status == LK_OK ? lk_new_password_store(sql, arena, realm, user, &prepared, temporary, err) : status;
}
