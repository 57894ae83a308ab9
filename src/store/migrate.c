/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include "store/pool.h"

/* Forward only, each in a transaction of its own, one process at a time. A schema may be newer than the program: replicas of the
 * version before serve on, and start again, while a newer one has migrated. */

#define LOCK "SELECT pg_advisory_lock(7238549021)"
#define UNLOCK "SELECT pg_advisory_unlock(7238549021)"
#define TABLE                                                                                                                      \
    "CREATE TABLE IF NOT EXISTS schema_migration (number int PRIMARY KEY, name text NOT NULL, applied_at timestamptz NOT NULL "    \
    "DEFAULT now()); ALTER TABLE schema_migration ADD COLUMN IF NOT EXISTS works_with int NOT NULL DEFAULT 0"

static lk_status_t exec(PGconn *pg, const char *text, lk_error_t *err)
{
    PGresult *result = PQexec(pg, text);
    ExecStatusType outcome = PQresultStatus(result);
    lk_status_t status = outcome == PGRES_COMMAND_OK || outcome == PGRES_TUPLES_OK ? LK_OK : lk_result_error(pg, result, err);
    PQclear(result);
    return status;
}

/* The newest migration of the schema, and the one that a program must know to work with it. */
static lk_status_t current_numbers(PGconn *pg, int *ret_number, int *ret_works_with, lk_error_t *err)
{
    PGresult *result = PQexec(pg, "SELECT coalesce(max(number), 0), coalesce(max(works_with), 0) FROM schema_migration");
    lk_status_t status = PQresultStatus(result) == PGRES_TUPLES_OK ? LK_OK : lk_result_error(pg, result, err);
    if (status == LK_OK) {
        *ret_number = (int)strtol(PQgetvalue(result, 0, 0), NULL, 10);
        *ret_works_with = (int)strtol(PQgetvalue(result, 0, 1), NULL, 10);
    }
    PQclear(result);
    return status;
}

static lk_status_t apply(lk_store_t *store, PGconn *pg, const lk_migration_t *migration, lk_error_t *err)
{
    lk_arena_t *arena = lk_arena_create("migration");
    lk_status_t status = exec(pg, "BEGIN", err);
    if (status == LK_OK)
        status = exec(pg, migration->text, err);
    if (status == LK_OK)
        status = exec(pg,
                      lk_printf(arena, "INSERT INTO schema_migration (number, name, works_with) VALUES (%d, '%s', %d)",
                                migration->number, migration->name, migration->works_with),
                      err);
    if (status == LK_OK)
        status = exec(pg, "COMMIT", err);
    else
        exec(pg, "ROLLBACK", NULL);
    if (status == LK_OK)
        lk_store_notice(store, LK_LOG_INFO, "Migrated the database to %04d_%s", migration->number, migration->name);
    else if (err != NULL)
        lk_error_detail(err, "in migration %04d_%s", migration->number, migration->name);
    lk_arena_destroy(&arena);
    return status;
}

lk_status_t lk_store_migrate(lk_store_t *store, lk_error_t *err)
{
    lk_conn_t *conn;
    int number = 0, works_with = 0, newest = lk_migrations[lk_num_migrations - 1].number;
    lk_status_t status = lk_pool_acquire(store, LK_PATIENT, &conn, err);
    if (status != LK_OK)
        return status;
    status = exec(conn->pg, "SET statement_timeout = 0", err);
    if (status == LK_OK)
        status = exec(conn->pg, LOCK, err);
    if (status == LK_OK)
        status = exec(conn->pg, TABLE, err);
    if (status == LK_OK)
        status = current_numbers(conn->pg, &number, &works_with, err);
    if (status == LK_OK && works_with > newest)
        status = lk_fail(
            err, LK_INTERNAL, NULL,
            "The database's schema (%04d) needs a program that knows %04d, and this one knows %04d: start the newer Latchkey",
            number, works_with, newest);
    for (int i = 0; status == LK_OK && i != lk_num_migrations; ++i)
        if (lk_migrations[i].number > number)
            status = apply(store, conn->pg, &lk_migrations[i], err);
    exec(conn->pg, UNLOCK, NULL);
    conn->broken = 1; /* with its settings */
    lk_pool_release(store, conn);
    return status;
}
