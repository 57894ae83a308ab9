/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "store/pool.h"

/* COPY FROM STDIN, text format. */

#define PIECE 65536

struct st_lk_copy_t {
    lk_sql_t *tx;
    int num_columns;
    size_t len;
    char bytes[PIECE];
};

lk_status_t lk_copy_begin(lk_sql_t *tx, lk_arena_t *arena, const char *table, const char *columns, int num_columns,
                          lk_copy_t **ret_copy, lk_error_t *err)
{
    lk_status_t status = lk_tx_open(tx, err);
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
        size_t n = PIECE - copy->len < len ? PIECE - copy->len : len;
        memcpy(copy->bytes + copy->len, bytes, n);
        copy->len += n;
        bytes += n;
        len -= n;
        if (copy->len == PIECE)
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
