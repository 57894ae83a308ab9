/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "store/pool.h"

/* Statements and their rows; transactions. */

#define MAX_ATTEMPTS 3 /* to have a batch carried out */

/* --- running --- */

static void release_result(void *result)
{
    PQclear(result);
}

static void give_rows(lk_arena_t *arena, PGresult *const *results, int count, lk_rows_t *ret_rows)
{
    for (int i = 0; i != count; ++i) {
        lk_defer(arena, release_result, results[i]);
        ret_rows[i] = (lk_rows_t){results[i], PQntuples(results[i]), (int)strtol(PQcmdTuples(results[i]), NULL, 10)};
    }
}

static lk_status_t uncertain(lk_error_t *err)
{
    if (err != NULL)
        err->kind = LK_WRITE_UNCERTAIN;
    return LK_WRITE_UNCERTAIN;
}

/* What is undone, and what may be done twice, is done again on new connections, which wait for a database that restarts: those that
 * are made while it goes down are lost too. *conn is NULL where there is none (on the way in: none is borrowed yet). */
static lk_status_t run(lk_store_t *store, lk_conn_t **conn, const lk_batch_t *batch, PGresult **results, lk_error_t *err)
{
    lk_status_t status;
    int maybe_done = 0;
    for (int attempt = 1;; ++attempt) {
        lk_outcome_t outcome;
        lk_patience_t patience = batch->is_hasty ? LK_HASTY : attempt == 1 ? LK_PATIENT : LK_ANEW;
        status = *conn == NULL ? lk_pool_acquire(store, patience, conn, err) : LK_OK;
        if (status != LK_OK)
            break;
        if ((status = lk_exec(store, *conn, batch, results, &outcome, err)) != LK_UNAVAILABLE)
            return status;
        if ((*conn)->broken)
            lk_store_notice(store, LK_LOG_WARN, "A database connection was lost: %s", err != NULL ? err->detail : "");
        maybe_done |= outcome == LK_OPEN || outcome == LK_OPEN_REPEATABLE;
        if (outcome == LK_REFUSED || outcome == LK_OPEN || attempt == MAX_ATTEMPTS || (batch->is_inside && batch->begin == NULL))
            break;
        lk_pool_release(store, *conn);
        *conn = NULL;
    }
    return maybe_done ? uncertain(err) : status;
}

static lk_status_t run_in_transaction(lk_sql_t *tx, lk_batch_t *batch, PGresult **results, lk_error_t *err)
{
    if (tx->failed || tx->committed)
        return lk_fail(err, LK_INTERNAL, NULL, "The transaction has %s before", tx->failed ? "failed" : "ended");
    batch->begin = tx->begin;
    batch->commits = tx->is_last;
    batch->is_inside = 1;
    lk_status_t status = run(tx->store, &tx->conn, batch, results, err);
    tx->failed = status != LK_OK;
    tx->committed = status == LK_OK && tx->is_last;
    if (status == LK_OK)
        tx->begin = NULL;
    return status;
}

lk_status_t lk_sql_run_all(lk_sql_t *sql, lk_arena_t *arena, const lk_statement_t *statements, int count, lk_rows_t *ret_rows,
                           lk_error_t *err)
{
    PGresult *results[LK_MAX_STATEMENTS];
    lk_batch_t batch = {.statements = statements, .count = count, .is_hasty = sql->is_hasty};
    lk_conn_t *conn = NULL;
    lk_status_t status;
    if (count > LK_MAX_STATEMENTS)
        return lk_fail(err, LK_INTERNAL, NULL, "Too many statements");
    if (sql->is_tx) {
        status = run_in_transaction(sql, &batch, results, err);
    } else {
        status = run(sql->store, &conn, &batch, results, err);
        if (conn != NULL)
            lk_pool_release(sql->store, conn);
    }
    if (status == LK_OK)
        give_rows(arena, results, count, ret_rows);
    return status;
}

lk_status_t lk_sql_run(lk_sql_t *sql, lk_arena_t *arena, enum en_lk_query_t query, const char *const *params, int num_params,
                       lk_rows_t *ret_rows, lk_error_t *err)
{
    return lk_sql_run_all(sql, arena, &(lk_statement_t){query, params, num_params}, 1, ret_rows, err);
}

/* --- rows --- */

static int column_number(const lk_rows_t *rows, const char *column)
{
    int number = PQfnumber(rows->result, column);
    if (number < 0) {
        fprintf(stderr, "latchkey: a statement has no column %s\n", column);
        abort();
    }
    return number;
}

const char *lk_row_str(const lk_rows_t *rows, int row, const char *column)
{
    int number = column_number(rows, column);
    return PQgetisnull(rows->result, row, number) ? NULL : PQgetvalue(rows->result, row, number);
}

int64_t lk_row_int(const lk_rows_t *rows, int row, const char *column, int64_t fallback)
{
    const char *text = lk_row_str(rows, row, column);
    return text == NULL ? fallback : strtoll(text, NULL, 10);
}

int lk_row_bool(const lk_rows_t *rows, int row, const char *column)
{
    const char *text = lk_row_str(rows, row, column);
    return text != NULL && *text == 't';
}

/* --- transactions --- */

lk_status_t lk_tx_begin(lk_store_t *store, lk_isolation_t isolation, lk_sql_t **ret_tx, lk_error_t *err)
{
    static const char *const begins[] = {[LK_READ_COMMITTED] = "BEGIN",
                                         [LK_REPEATABLE_READ_ONLY] = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
                                         [LK_SERIALIZABLE] = "BEGIN ISOLATION LEVEL SERIALIZABLE"};
    lk_sql_t *tx = calloc(1, sizeof(*tx));
    if (tx == NULL)
        return lk_fail(err, LK_INTERNAL, NULL, "Out of memory");
    *tx = (lk_sql_t){.store = store, .is_tx = 1, .begin = begins[isolation]};
    *ret_tx = tx;
    return LK_OK;
}

lk_status_t lk_tx_open(lk_sql_t *tx, lk_error_t *err)
{
    return tx->begin != NULL ? run_in_transaction(tx, &(lk_batch_t){0}, NULL, err) : LK_OK;
}

void lk_tx_last(lk_sql_t *tx)
{
    tx->is_last = 1;
}

static void end(lk_sql_t **tx)
{
    if ((*tx)->conn != NULL)
        lk_pool_release((*tx)->store, (*tx)->conn);
    free(*tx);
    *tx = NULL;
}

lk_status_t lk_tx_commit(lk_sql_t **tx, lk_error_t *err)
{
    lk_sql_t *self = *tx;
    lk_status_t status = LK_OK;
    if (self->failed) {
        lk_tx_rollback(tx);
        return lk_fail(err, LK_INTERNAL, NULL, "The transaction has failed before");
    }
    if (self->begin == NULL && !self->committed) {
        self->is_last = 1;
        status = run_in_transaction(self, &(lk_batch_t){0}, NULL, err);
    }
    end(tx);
    return status;
}

int lk_tx_is_lost(const lk_sql_t *tx)
{
    return tx->conn != NULL && tx->conn->broken && !tx->conn->hung;
}

void lk_tx_rollback(lk_sql_t **tx)
{
    lk_sql_t *self = *tx;
    if (self == NULL)
        return;
    if (self->conn != NULL && !self->conn->broken && PQtransactionStatus(self->conn->pg) != PQTRANS_IDLE &&
        lk_exec_text(self->conn->pg, "ROLLBACK", self->store->options.statement_timeout_ms, NULL, NULL) != LK_OK)
        self->conn->broken = 1;
    end(tx);
}
