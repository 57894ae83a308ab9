/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_T_DATABASE_H
#define LK_T_DATABASE_H

#include <ftw.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "model/realms.h"

/* A Postgres of the test's own in a new folder, migrated, with an app on it. */
typedef struct st_database_t {
    char folder[64];
    lk_embedded_pg_t *pg;
    const char *conninfo;
    PGconn *conn; /* for what a test wants to see */
    lk_app_t app;
} database_t;

static inline int database_remove_entry(const char *path, const struct stat *info, int type, struct FTW *ftw)
{
    return remove(path);
}

/* 0, or -1 with the reason printed as a TAP comment. */
static inline int database_open(database_t *db)
{
    lk_error_t err = {0};
    memset(db, 0, sizeof(*db));
    snprintf(db->folder, sizeof(db->folder), "/tmp/latchkey-test-XXXXXX");
    /* Postgres runs as another user where the test is root. */
    lk_status_t status = mkdtemp(db->folder) != NULL && chmod(db->folder, 0755) == 0 ? LK_OK : LK_INTERNAL;
    if (status == LK_OK)
        status = lk_embedded_pg_start(db->folder, NULL, &db->pg, &db->conninfo, &err);
    if (status == LK_OK) {
        lk_store_options_t options = {.conninfo = db->conninfo,
                                      .pool_max = 4,
                                      .connect_timeout_ms = 5000,
                                      .acquire_timeout_ms = 5000,
                                      .statement_timeout_ms = 60000};
        status = lk_store_open(&options, &db->app.store, &err);
    }
    if (status == LK_OK)
        status = lk_store_wait(db->app.store, 10000, &err);
    if (status == LK_OK)
        status = lk_store_migrate(db->app.store, &err);
    if (status == LK_OK)
        status = lk_realms_create(db->app.store, NULL, &db->app.realms, &err);
    if (status != LK_OK) {
        printf("# no database: %s (%s)\n", err.text, err.detail);
        return -1;
    }
    db->app.sql = lk_store_sql(db->app.store);
    db->conn = PQconnectdb(db->conninfo);
    return 0;
}

static inline void database_close(database_t *db)
{
    PQfinish(db->conn);
    lk_store_close(&db->app.store); /* ends the listener, which calls into the realms */
    lk_realms_free(&db->app.realms);
    lk_embedded_pg_stop(&db->pg);
    nftw(db->folder, database_remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

/* The first value of a query; "" for NULL or no row. Four results are kept at a time. */
static inline const char *database_text(database_t *db, const char *query)
{
    static char results[4][4096];
    static int next;
    char *result = results[next++ % 4];
    PGresult *rows = PQexec(db->conn, query);
    snprintf(result, sizeof(results[0]), "%s",
             PQresultStatus(rows) == PGRES_TUPLES_OK && PQntuples(rows) != 0 ? PQgetvalue(rows, 0, 0) : "");
    if (PQresultStatus(rows) != PGRES_TUPLES_OK)
        printf("# %s: %s", query, PQerrorMessage(db->conn));
    PQclear(rows);
    return result;
}

static inline long database_int(database_t *db, const char *query)
{
    return strtol(database_text(db, query), NULL, 10);
}

#endif
