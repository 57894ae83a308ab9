/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "model/housekeeping.h"

#include "core/time.h"
#include "model/key_rotation.h"
#include "model/realms.h"

#define BATCH 500
#define BATCH_TEXT "500"
#define MAX_BATCHES 100    /* of one kind in one realm and run */
#define LEASE 240          /* seconds: another replica cleans not sooner, and does where this one has died */
#define SNAPSHOT_IDLE 3600 /* seconds */
#define MARGIN 300         /* seconds that a row is kept past its end: clocks of replicas differ, last_access may lag */

static const char *number(lk_arena_t *arena, int64_t value)
{
    return lk_printf(arena, "%lld", (long long)value);
}

/* Runs a deleting statement until it finds no more. */
static lk_status_t delete_all(lk_app_t *app, enum en_lk_query_t query, const char *const *params, int num_params, int64_t *deleted,
                              lk_error_t *err)
{
    lk_status_t status = LK_OK;
    int affected = BATCH;
    for (int batch = 0; status == LK_OK && affected == BATCH && batch != MAX_BATCHES; ++batch) {
        lk_arena_t *arena = lk_arena_create("housekeeping batch");
        lk_rows_t rows = {0};
        status = lk_sql_run(app->sql, arena, query, params, num_params, &rows, err);
        affected = rows.affected;
        *deleted += affected;
        lk_arena_destroy(&arena);
    }
    return status;
}

/* The point in time before which nothing counts any more. */
static const char *bound(lk_arena_t *arena, const lk_rows_t *rows, int row, const char *column, int64_t fallback, int64_t at_least)
{
    int64_t span = lk_row_int(rows, row, column, 0);
    if (span <= 0)
        span = fallback;
    return number(arena, lk_now() - (span > at_least ? span : at_least) - MARGIN);
}

/* Where the realm says how long they are kept: eventsExpiration, and for admin events an attribute, both in seconds. */
static lk_status_t clean_events(lk_app_t *app, lk_arena_t *arena, const lk_rows_t *rows, int row, lk_housekeeping_t *done,
                                lk_error_t *err)
{
    static const struct {
        const char *column;
        enum en_lk_query_t query;
    } kinds[] = {{"events", LK_Q_HOUSEKEEPING_EVENTS}, {"admin_events", LK_Q_HOUSEKEEPING_ADMIN_EVENTS}};
    lk_status_t status = LK_OK;
    for (size_t i = 0; status == LK_OK && i != sizeof(kinds) / sizeof(kinds[0]); ++i) {
        int64_t span = lk_row_int(rows, row, kinds[i].column, 0);
        const char *params[] = {lk_row_str(rows, row, "id"), number(arena, lk_now_ms() - span * 1000), BATCH_TEXT};
        if (span > 0)
            status = delete_all(app, kinds[i].query, params, 3, &done->events, err);
    }
    return status;
}

static lk_status_t clean_realm(lk_app_t *app, lk_arena_t *arena, const lk_rows_t *rows, int row, lk_housekeeping_t *done,
                               lk_error_t *err)
{
    const char *id = lk_row_str(rows, row, "id");
    int64_t idle = lk_row_int(rows, row, "idle", 0), max_delta = lk_row_int(rows, row, "max_delta", 43200);
    const char *sessions[] = {id, bound(arena, rows, row, "idle", 1800, 0), bound(arena, rows, row, "remembered_idle", 1800, idle),
                              bound(arena, rows, row, "offline_idle", 2592000, 0), BATCH_TEXT};
    const char *failures[] = {id, number(arena, lk_now_ms() - (max_delta + MARGIN) * 1000), number(arena, lk_now()), BATCH_TEXT};
    lk_status_t status = delete_all(app, LK_Q_HOUSEKEEPING_SESSIONS, sessions, 5, &done->sessions, err);
    if (status == LK_OK)
        status = delete_all(app, LK_Q_HOUSEKEEPING_FAILURES, failures, 4, &done->failures, err);
    if (status == LK_OK)
        status = clean_events(app, arena, rows, row, done, err);
    if (status == LK_OK && lk_row_int(rows, row, "rotation", 0) > 0)
        status = lk_key_rotation_run(app, arena, id, lk_now(), &done->rotated, err);
    return status;
}

/* Rows of all realms that say when they end. */
static const enum en_lk_query_t expiring[] = {LK_Q_HOUSEKEEPING_USED_VALUES,   LK_Q_HOUSEKEEPING_DEVICE_CODES,
                                              LK_Q_HOUSEKEEPING_BROKER_LOGINS, LK_Q_HOUSEKEEPING_INITIAL_ACCESS,
                                              LK_Q_HOUSEKEEPING_RETIRED_KEYS,  LK_Q_HOUSEKEEPING_PERMISSION_TICKETS,
                                              LK_Q_HOUSEKEEPING_INVITATIONS};

lk_status_t lk_housekeeping_run(lk_app_t *app, lk_housekeeping_t *ret_done, lk_error_t *err)
{
    lk_arena_t *arena = lk_arena_create("housekeeping");
    lk_housekeeping_t done = {0};
    lk_rows_t rows = {0};
    const char *until = number(arena, lk_now() + LEASE), *now = number(arena, lk_now());
    const char *expired[] = {number(arena, lk_now() - MARGIN), BATCH_TEXT};
    lk_status_t status = lk_query(app->sql, arena, LK_Q_LEASE_TAKE, &rows, err, "housekeeping", until, now);
    if (status != LK_OK || rows.affected == 0)
        goto Exit;
    for (size_t i = 0; status == LK_OK && i != sizeof(expiring) / sizeof(expiring[0]); ++i)
        status = delete_all(app, expiring[i], expired, 2, &done.used_values, err);
    if (status == LK_OK)
        status = lk_sql_run(app->sql, arena, LK_Q_HOUSEKEEPING_REALMS, NULL, 0, &rows, err);
    for (int row = 0; status == LK_OK && row != rows.count; ++row)
        status = clean_realm(app, arena, &rows, row, &done, err);
Exit:
    lk_realms_trim(app->realms, SNAPSHOT_IDLE);
    if (ret_done != NULL)
        *ret_done = done;
    lk_arena_destroy(&arena);
    return status;
}
