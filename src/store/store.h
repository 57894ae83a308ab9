/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_STORE_STORE_H
#define LK_STORE_STORE_H

#include <stdint.h>
#include "core/arena.h"
#include "core/encode.h"
#include "core/error.h"
#include "core/log.h"
#include "store/queries.gen.h" /* enum en_lk_query_t { LK_Q_..., LK_NUM_QUERIES }: made from sql/queries */

/* Postgres: a bounded pool of connections on which every statement of sql/queries is prepared at first use, transactions, COPY,
 * migrations and change notification. Everything blocks its caller, a lane's worker; nothing here is called on an event loop. */
typedef struct st_lk_store_t lk_store_t;

/* Certificates of the database's connections. The files are read again for each new connection; the texts are copied. */
typedef struct st_lk_store_tls_t {
    const char *trust_store, *trust_store_password; /* roots: PEM or PKCS12; NULL: what the conninfo says */
    const char *key_store, *key_store_password;     /* our own certificate and its key, likewise */
    int allow_sha1; /* lets SHA-1 signatures through in the server's chain, and in nothing else of this process */
} lk_store_tls_t;

/* The password for one new connection, in the arena: what expires is asked for each time. */
typedef lk_status_t (*lk_store_password_t)(void *context, lk_arena_t *arena, const char **ret_password, lk_error_t *err);

typedef struct st_lk_store_options_t {
    const char *conninfo; /* libpq key=value or URI; copied, wiped at the end */
    lk_store_tls_t tls;
    lk_store_password_t password; /* NULL: the conninfo's */
    void *password_context;
    int pool_min, pool_max; /* connections: kept open where nobody needs them, and at most; the listener has one more */
    int connect_timeout_ms; /* of one attempt */
    int acquire_timeout_ms; /* waiting for a free connection, then LK_UNAVAILABLE */
    int statement_timeout_ms;
    int max_lifetime_s; /* 0: for ever */
    int idle_s;         /* an idle connection above pool_min is closed after this time; 0: never */
    lk_notice_t notice; /* connection lost, reconnected, migration run; may be NULL */
} lk_store_options_t;

/* Opens no connection yet. */
lk_status_t lk_store_open(const lk_store_options_t *options, lk_store_t **ret_store, lk_error_t *err);
/* Waits until the database answers, or `timeout_ms` has passed (LK_UNAVAILABLE): at start. Says so through notice while it waits.
 */
lk_status_t lk_store_wait(lk_store_t *store, int timeout_ms, lk_error_t *err);
/* Brings the schema to this version under an advisory lock. A schema that is newer is fine unless one of
 * its migrations says otherwise: that is an error. */
lk_status_t lk_store_migrate(lk_store_t *store, lk_error_t *err);
void lk_store_close(lk_store_t **store);
/* Round trip on a pooled connection, at most a second: for readiness. */
lk_status_t lk_store_ping(lk_store_t *store, lk_error_t *err);

typedef struct st_lk_store_stats_t {
    int max, open, busy, waiting;
    int64_t acquired, created, lost, timeouts;
} lk_store_stats_t;
void lk_store_stats(lk_store_t *store, lk_store_stats_t *ret_stats);

/* --- statements --- */

/* Where a statement runs: on any pooled connection (lk_store_sql), or in one transaction (lk_tx_begin). */
typedef struct st_lk_sql_t lk_sql_t;
/* Each statement on its own: borrows a connection for its time alone. Where the connection is dead, a read is repeated once on a
 * fresh one, a write only where it has surely not been done. The handle lives as long as the store and may be shared by threads. */
lk_sql_t *lk_store_sql(lk_store_t *store);
/* The same for who has something else to go on with: it does not wait for a database that restarts. */
lk_sql_t *lk_store_hasty(lk_store_t *store);

/* A result; lives in the arena. All values are text, NULL is SQL's NULL. */
typedef struct st_lk_rows_t {
    struct pg_result *result;
    int count;    /* rows returned */
    int affected; /* rows inserted, updated or deleted */
} lk_rows_t;

/* Runs a statement of sql/queries with its parameters as text (NULL: SQL NULL); their number must be the statement's ($1 ... $n).
 * Errors: LK_CONFLICT for a unique violation (detail: the constraint), LK_INVALID for a broken foreign key or value,
 * LK_UNAVAILABLE, LK_WRITE_UNCERTAIN, LK_INTERNAL. */
lk_status_t lk_sql_run(lk_sql_t *sql, lk_arena_t *arena, enum en_lk_query_t query, const char *const *params, int num_params,
                       lk_rows_t *ret_rows, lk_error_t *err);
/* lk_query(sql, arena, LK_Q_USER_BY_ID, &rows, err, realm_id, user_id): at least one parameter; every statement names its realm. */
#define lk_query(sql, arena, query, ret_rows, err, ...)                                                                            \
    lk_sql_run((sql), (arena), (query), (const char *const[]){__VA_ARGS__},                                                        \
               (int)(sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *)), (ret_rows), (err))

/* Several statements in one round trip, results in the order of the statements. Outside of a transaction they are one: all are
 * done, or none. */
#define LK_MAX_STATEMENTS 16
typedef struct st_lk_statement_t {
    enum en_lk_query_t query;
    const char *const *params;
    int num_params;
} lk_statement_t;
#define LK_STATEMENT(query, ...)                                                                                                   \
    ((lk_statement_t){(query), (const char *const[]){__VA_ARGS__},                                                                 \
                      (int)(sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))})
lk_status_t lk_sql_run_all(lk_sql_t *sql, lk_arena_t *arena, const lk_statement_t *statements, int count, lk_rows_t *ret_rows,
                           lk_error_t *err);

/* Value by column name; NULL for SQL NULL. Asking for a column that the statement does not have aborts: a bug. */
const char *lk_row_str(const lk_rows_t *rows, int row, const char *column);
int64_t lk_row_int(const lk_rows_t *rows, int row, const char *column, int64_t fallback);
int lk_row_bool(const lk_rows_t *rows, int row, const char *column);

/* --- transactions --- */

typedef enum en_lk_isolation_t { LK_READ_COMMITTED, LK_REPEATABLE_READ_ONLY, LK_SERIALIZABLE } lk_isolation_t;
/* Borrows a connection from the first statement, with which BEGIN is sent, until commit or rollback. One thread. */
lk_status_t lk_tx_begin(lk_store_t *store, lk_isolation_t isolation, lk_sql_t **ret_tx, lk_error_t *err);
/* Both give the connection back and set *tx to NULL, whatever happens. LK_WRITE_UNCERTAIN where the connection died after COMMIT.
 */
lk_status_t lk_tx_commit(lk_sql_t **tx, lk_error_t *err);
/* The next statement is the last one: COMMIT goes along with it, in the same round trip, and its failure is that statement's.
 * lk_tx_commit must still be called. */
void lk_tx_last(lk_sql_t *tx);
/* After a failure: the connection broke, so that all of the transaction may be done again, where it may be done twice. Not where
 * the server hangs: it would hang again. */
int lk_tx_is_lost(const lk_sql_t *tx);
void lk_tx_rollback(lk_sql_t **tx); /* NULL inside is fine: the usual last line of a function */

/* COPY table (columns) FROM STDIN within a transaction, text format made here. */
typedef struct st_lk_copy_t lk_copy_t;
lk_status_t lk_copy_begin(lk_sql_t *tx, lk_arena_t *arena, const char *table, const char *columns, int num_columns,
                          lk_copy_t **ret_copy, lk_error_t *err);
lk_status_t lk_copy_row(lk_copy_t *copy, const char *const *values, lk_error_t *err);
lk_status_t lk_copy_end(lk_copy_t **copy, lk_error_t *err);

/* --- change notification --- */

/* Called on the listener's thread: the realm's version has changed (realm_id), or everything may have (NULL: connection was lost,
 * or LISTEN does not work here and a second has passed). */
typedef void (*lk_change_t)(void *context, const char *realm_id);
/* Starts the thread that LISTENs on channel "latchkey" (payload: realm id). */
lk_status_t lk_store_listen(lk_store_t *store, lk_change_t on_change, void *context, lk_error_t *err);

/* --- the embedded server of start-dev --- */

typedef struct st_lk_embedded_pg_t lk_embedded_pg_t;
/* initdb in `data_dir`/postgres where it is empty, then a private server on a Unix socket there. Found under the distribution's
 * path; runs as an unprivileged user when this process is root; a server left over by a killed Latchkey is taken over, that of one
 * that runs is used and left to it.
 * *ret_conninfo lives as long as the server. */
lk_status_t lk_embedded_pg_start(const char *data_dir, lk_notice_t notice, lk_embedded_pg_t **ret_pg, const char **ret_conninfo,
                                 lk_error_t *err);
void lk_embedded_pg_stop(lk_embedded_pg_t **pg);

#endif
