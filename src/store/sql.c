/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "store/pool.h"

/* Statements, transactions, COPY. */

#define MAX_PARAMS 64

/* --- errors --- */

/* By SQLSTATE, or by its class where two letters stand; the first that fits. `lost`: the connection is of no use any more. */
static const struct {
    const char *state;
    lk_status_t kind;
    int lost;
} states[] = {{"23505", LK_CONFLICT, 0},    {"23", LK_INVALID, 0},        {"22", LK_INVALID, 0},      {"40", LK_CONFLICT, 0},
              {"25006", LK_UNAVAILABLE, 1}, {"57014", LK_UNAVAILABLE, 0}, {"57P", LK_UNAVAILABLE, 1}, {"08", LK_UNAVAILABLE, 1},
              {"53", LK_UNAVAILABLE, 0},    {"55P03", LK_UNAVAILABLE, 0}, {"58", LK_UNAVAILABLE, 0}};

static const char *kind_text(lk_status_t kind)
{
    return kind == LK_CONFLICT      ? "Duplicate resource error"
           : kind == LK_INVALID     ? "Invalid value"
           : kind == LK_UNAVAILABLE ? "The database is not available"
                                    : "Internal server error";
}

lk_status_t lk_result_error(PGconn *pg, const PGresult *result, lk_error_t *err)
{
    const char *state = result != NULL ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
    const char *constraint = result != NULL ? PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME) : NULL;
    lk_status_t kind = LK_INTERNAL;
    if (state == NULL || PQstatus(pg) != CONNECTION_OK)
        kind = LK_UNAVAILABLE;
    for (size_t i = 0; state != NULL && i != sizeof(states) / sizeof(states[0]); ++i)
        if (strncmp(states[i].state, state, strlen(states[i].state)) == 0) {
            kind = states[i].kind;
            break;
        }
    lk_fail(err, kind, kind == LK_UNAVAILABLE ? "temporarily_unavailable" : NULL, "%s", kind_text(kind));
    if (err != NULL)
        lk_error_detail(err, "%s %s %.300s", state != NULL ? state : "connection", constraint != NULL ? constraint : "",
                        result != NULL && state != NULL ? PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY) : PQerrorMessage(pg));
    /* Which row broke the constraint: "Key (realm_id, username)=(..., ...) already exists." */
    const char *row = constraint != NULL ? PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL) : NULL;
    if (row != NULL)
        lk_error_detail(err, "%.200s", row);
    return kind;
}

int lk_result_drops(const PGresult *result)
{
    const char *state = result != NULL ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
    for (size_t i = 0; state != NULL && i != sizeof(states) / sizeof(states[0]); ++i)
        if (strncmp(states[i].state, state, strlen(states[i].state)) == 0)
            return states[i].lost;
    return 0;
}

/* --- running --- */

static int is_read(const char *text)
{
    return strncmp(text, "SELECT", 6) == 0 && strstr(text, "FOR UPDATE") == NULL && strstr(text, "pg_notify") == NULL;
}

static PGresult *prepare(lk_conn_t *conn, enum en_lk_query_t query)
{
    PGresult *result;
    if (conn->prepared[query])
        return NULL;
    result = PQprepare(conn->pg, lk_query_texts[query].name, lk_query_texts[query].text, 0, NULL);
    if (PQresultStatus(result) == PGRES_COMMAND_OK) {
        conn->prepared[query] = 1;
        PQclear(result);
        return NULL;
    }
    return result;
}

static void release_result(void *result)
{
    PQclear(result);
}

static int is_success(const PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);
    return status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK;
}

/* Once, on one connection. *ret_sent tells whether the statement itself may have reached the server. */
static lk_status_t run_on(lk_conn_t *conn, lk_arena_t *arena, enum en_lk_query_t query, const char *const *params, int num_params,
                          lk_rows_t *ret_rows, int *ret_sent, lk_error_t *err)
{
    *ret_sent = 0;
    PGresult *result = prepare(conn, query);
    if (result == NULL) {
        *ret_sent = 1;
        result = PQexecPrepared(conn->pg, lk_query_texts[query].name, num_params, params, NULL, NULL, 0);
    }
    if (is_success(result)) {
        lk_defer(arena, release_result, result);
        *ret_rows = (lk_rows_t){result, PQntuples(result), (int)strtol(PQcmdTuples(result), NULL, 10)};
        return LK_OK;
    }
    lk_status_t status = lk_result_error(conn->pg, result, err);
    conn->broken |= lk_result_drops(result);
    if (PQresultErrorField(result, PG_DIAG_SQLSTATE) != NULL)
        *ret_sent = 0; /* refused: not done */
    PQclear(result);
    return status;
}

static lk_status_t run_autocommit(lk_store_t *store, lk_arena_t *arena, enum en_lk_query_t query, const char *const *params,
                                  int num_params, lk_rows_t *ret_rows, lk_error_t *err)
{
    lk_status_t status = LK_OK;
    for (int attempt = 0; attempt != 2; ++attempt) {
        lk_conn_t *conn;
        int sent, lost;
        if ((status = lk_pool_acquire(store, &conn, err)) != LK_OK)
            return status;
        status = run_on(conn, arena, query, params, num_params, ret_rows, &sent, err);
        lost = conn->broken || PQstatus(conn->pg) != CONNECTION_OK;
        lk_pool_release(store, conn);
        if (status != LK_UNAVAILABLE)
            return status;
        if (sent && !is_read(lk_query_texts[query].text)) {
            if (err != NULL)
                err->kind = LK_WRITE_UNCERTAIN;
            return LK_WRITE_UNCERTAIN;
        }
        if (lost)
            lk_store_notice(store, LK_LOG_WARN, "A database connection was lost: %s", err != NULL ? err->detail : "");
    }
    return status;
}

static lk_status_t begin_transaction(lk_sql_t *tx, lk_error_t *err)
{
    PGresult *result = PQexec(tx->conn->pg, tx->begin);
    lk_status_t status = is_success(result) ? LK_OK : lk_result_error(tx->conn->pg, result, err);
    PQclear(result);
    tx->begin = NULL;
    return status;
}

lk_status_t lk_sql_run(lk_sql_t *sql, lk_arena_t *arena, enum en_lk_query_t query, const char *const *params, int num_params,
                       lk_rows_t *ret_rows, lk_error_t *err)
{
    int sent;
    lk_status_t status = LK_OK;
    if (num_params > MAX_PARAMS)
        return lk_fail(err, LK_INTERNAL, NULL, "Too many parameters");
    if (sql->conn == NULL)
        return run_autocommit(sql->store, arena, query, params, num_params, ret_rows, err);
    if (sql->failed)
        return lk_fail(err, LK_INTERNAL, NULL, "The transaction has failed before");
    if (sql->begin != NULL)
        status = begin_transaction(sql, err);
    if (status == LK_OK)
        status = run_on(sql->conn, arena, query, params, num_params, ret_rows, &sent, err);
    sql->failed = status != LK_OK;
    return status;
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
    lk_conn_t *conn;
    lk_status_t status = lk_pool_acquire(store, &conn, err);
    if (status != LK_OK)
        return status;
    lk_sql_t *tx = calloc(1, sizeof(*tx));
    if (tx == NULL) {
        lk_pool_release(store, conn);
        return lk_fail(err, LK_INTERNAL, NULL, "Out of memory");
    }
    *tx = (lk_sql_t){.store = store, .conn = conn, .begin = begins[isolation]};
    *ret_tx = tx;
    return LK_OK;
}

static void end(lk_sql_t **tx)
{
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
    if (self->begin == NULL) {
        PGresult *result = PQexec(self->conn->pg, "COMMIT");
        if (!is_success(result)) {
            int answered = result != NULL && PQresultErrorField(result, PG_DIAG_SQLSTATE) != NULL;
            status = lk_result_error(self->conn->pg, result, err);
            if (!answered) {
                status = LK_WRITE_UNCERTAIN;
                if (err != NULL)
                    err->kind = status;
            }
        }
        PQclear(result);
    }
    end(tx);
    return status;
}

void lk_tx_rollback(lk_sql_t **tx)
{
    if (*tx == NULL)
        return;
    if ((*tx)->begin == NULL && PQstatus((*tx)->conn->pg) == CONNECTION_OK)
        PQclear(PQexec((*tx)->conn->pg, "ROLLBACK"));
    end(tx);
}

/* --- COPY --- */

#define COPY_PIECE 65536

struct st_lk_copy_t {
    lk_sql_t *tx;
    int num_columns;
    size_t len;
    char bytes[COPY_PIECE];
};

lk_status_t lk_copy_begin(lk_sql_t *tx, lk_arena_t *arena, const char *table, const char *columns, int num_columns,
                          lk_copy_t **ret_copy, lk_error_t *err)
{
    lk_status_t status = tx->begin != NULL ? begin_transaction(tx, err) : LK_OK;
    if (status != LK_OK)
        return status;
    PGresult *result = PQexec(tx->conn->pg, lk_printf(arena, "COPY %s (%s) FROM STDIN", table, columns));
    if (PQresultStatus(result) != PGRES_COPY_IN) {
        status = lk_result_error(tx->conn->pg, result, err);
        tx->failed = 1;
    } else {
        lk_copy_t *copy = LK_NEW(arena, lk_copy_t);
        copy->tx = tx;
        copy->num_columns = num_columns;
        *ret_copy = copy;
    }
    PQclear(result);
    return status;
}

static lk_status_t flush(lk_copy_t *copy, lk_error_t *err)
{
    if (copy->len != 0 && PQputCopyData(copy->tx->conn->pg, copy->bytes, (int)copy->len) != 1) {
        copy->tx->failed = 1;
        return lk_result_error(copy->tx->conn->pg, NULL, err);
    }
    copy->len = 0;
    return LK_OK;
}

static lk_status_t put(lk_copy_t *copy, const char *bytes, size_t len, lk_error_t *err)
{
    lk_status_t status = LK_OK;
    while (len != 0 && status == LK_OK) {
        size_t n = COPY_PIECE - copy->len < len ? COPY_PIECE - copy->len : len;
        memcpy(copy->bytes + copy->len, bytes, n);
        copy->len += n;
        bytes += n;
        len -= n;
        if (copy->len == COPY_PIECE)
            status = flush(copy, err);
    }
    return status;
}

static lk_status_t put_value(lk_copy_t *copy, const char *value, lk_error_t *err)
{
    static const char from[] = "\\\t\n\r\b\f\v", to[] = "\\tnrbfv";
    lk_status_t status = LK_OK;
    if (value == NULL)
        return put(copy, "\\N", 2, err);
    while (*value != '\0' && status == LK_OK) {
        size_t plain = strcspn(value, from);
        status = put(copy, value, plain, err);
        value += plain;
        if (*value != '\0' && status == LK_OK) {
            char escaped[2] = {'\\', to[strchr(from, *value) - from]};
            status = put(copy, escaped, 2, err);
            ++value;
        }
    }
    return status;
}

lk_status_t lk_copy_row(lk_copy_t *copy, const char *const *values, lk_error_t *err)
{
    lk_status_t status = LK_OK;
    for (int i = 0; i != copy->num_columns && status == LK_OK; ++i) {
        status = put_value(copy, values[i], err);
        if (status == LK_OK)
            status = put(copy, i + 1 == copy->num_columns ? "\n" : "\t", 1, err);
    }
    return status;
}

lk_status_t lk_copy_end(lk_copy_t **copy_at, lk_error_t *err)
{
    lk_copy_t *copy = *copy_at;
    PGconn *pg = copy->tx->conn->pg;
    *copy_at = NULL;
    lk_status_t status = flush(copy, err);
    if (status != LK_OK || PQputCopyEnd(pg, NULL) != 1) {
        copy->tx->failed = 1;
        return status != LK_OK ? status : lk_result_error(pg, NULL, err);
    }
    for (PGresult *result; (result = PQgetResult(pg)) != NULL; PQclear(result))
        if (PQresultStatus(result) != PGRES_COMMAND_OK) {
            status = lk_result_error(pg, result, err);
            copy->tx->failed = 1;
        }
    return status;
}
