/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_STORE_POOL_H
#define LK_STORE_POOL_H

#include <pthread.h>
#include <stdatomic.h>
#include <libpq-fe.h>
#include "store/queries.h"
#include "store/store.h"

/* Inside the room: connections and the handles that run statements on them. */

typedef struct st_lk_conn_t {
    PGconn *pg;
    int64_t created_us, freed_us;
    struct st_lk_conn_t *next; /* in the pool's free list */
    int broken;                /* closed instead of kept */
    int hung;                  /* broken because nobody answered in time */
    unsigned char prepared[LK_NUM_QUERIES + 1];
} lk_conn_t;

struct st_lk_sql_t {
    lk_store_t *store;
    int is_hasty;      /* waits for no restart */
    int is_tx;         /* 0: each batch borrows a connection for itself */
    lk_conn_t *conn;   /* of a transaction */
    const char *begin; /* text of BEGIN, until it was sent with the first statement */
    int is_last;       /* COMMIT goes along with the next statement */
    int committed;
    int failed; /* the transaction can only be rolled back */
};

struct st_lk_store_t {
    lk_arena_t *arena; /* of the options' texts; wiped at the end */
    lk_store_options_t options;
    int must_be_primary; /* what the conninfo says of its servers */
    pthread_mutex_t mutex;
    pthread_cond_t freed;
    lk_conn_t *free;
    lk_store_stats_t stats;
    int64_t down_since_us;           /* 0: the last attempt to connect succeeded, or none ever did */
    char failure[512];               /* of the last attempt */
    int64_t retry_at_us, backoff_us; /* no attempt to connect before; 0: the last one succeeded */
    int probes;                      /* attempts that try whether the database is back */
    int64_t probe_begun_us;          /* the newest of them */
    int num_hosts;                   /* of the conninfo */
    const char *hosts, *addresses, *ports;
    atomic_uint first_host; /* with which the next attempt begins, modulo their number */
    atomic_int unprepared;  /* statements are sent whole: a pooler moves them between connections */
    lk_sql_t autocommit, hasty;
    pthread_t listener;
    int listening, stop_fd;
    lk_change_t on_change;
    void *change_context;
};

/* --- pool.c --- */

/* Waits its turn; and, unless LK_HASTY, until a database that went away a moment ago has restarted. LK_ANEW: a connection has just
 * been lost, so that those that are idle may be dead as well: they are closed. */
typedef enum en_lk_patience_t { LK_PATIENT, LK_HASTY, LK_ANEW } lk_patience_t;
lk_status_t lk_pool_acquire(lk_store_t *store, lk_patience_t patience, lk_conn_t **ret_conn, lk_error_t *err);
/* A broken connection is closed instead of kept. */
void lk_pool_release(lk_store_t *store, lk_conn_t *conn);
/* Each quiet second: closes what is superfluous, opens what the minimum asks for. */
void lk_pool_tend(lk_store_t *store);
void lk_store_notice(const lk_store_t *store, lk_log_level_t level, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* --- connect.c --- */

/* Copies the options' texts, and reads what the conninfo asks of its servers. */
lk_status_t lk_connect_prepare(lk_store_t *store, lk_error_t *err);
/* A new connection, ready for statements; NULL where there is none: the next attempt begins with another host then. `briefly`: no
 * host is given more than two seconds. */
PGconn *lk_connect(lk_store_t *store, int briefly, lk_error_t *err);

/* --- exec.c: what is sent together and answered together --- */

/* In this order: BEGIN, statements, COMMIT. Without BEGIN, outside of a transaction, the statements are one of their own. */
typedef struct st_lk_batch_t {
    const char *begin; /* its text, or NULL */
    const lk_statement_t *statements;
    int count;
    int commits;   /* COMMIT goes along */
    int is_inside; /* a transaction: nothing is done before its COMMIT */
    int is_hasty;
} lk_batch_t;

typedef enum en_lk_outcome_t {
    LK_REFUSED,         /* not done, and would not be if it were tried again at once */
    LK_UNDONE,          /* surely not done, or only reads */
    LK_OPEN_REPEATABLE, /* sent, but not answered: nobody knows; may be done twice */
    LK_OPEN             /* must not; or nobody answers in time */
} lk_outcome_t;
/* One round trip. On success results[i] is the caller's, of statements[i]. On failure *ret_outcome tells what became of it, and
 * the connection is marked where it is of no use any more. */
lk_status_t lk_exec(lk_store_t *store, lk_conn_t *conn, const lk_batch_t *batch, PGresult **results, lk_outcome_t *ret_outcome,
                    lk_error_t *err);
/* One command by its text, without an answer that matters; no longer than the time given. */
lk_status_t lk_exec_text(PGconn *pg, const char *text, int timeout_ms, PGresult **ret_result, lk_error_t *err);

/* --- sql.c --- */

/* Sends the BEGIN that is still to come: for what is no statement. */
lk_status_t lk_tx_open(lk_sql_t *tx, lk_error_t *err);

/* --- state.c --- */

/* Turns a result, or a dead connection (result NULL), into an error. */
/* What libpq says, in lines, as one line. */
const char *lk_result_line(const char *text, char *buffer, size_t size);
lk_status_t lk_result_error(PGconn *pg, const PGresult *result, lk_error_t *err);
/* What such an error says of the connection: it can be used further; the server has ended it; something in between has, which does
 * not know what the server did; or it is shared with others, so that statements must not be prepared. */
typedef enum en_lk_aftermath_t { LK_CONN_KEEPS, LK_CONN_LOST, LK_CONN_CUT, LK_CONN_SHARED } lk_aftermath_t;
lk_aftermath_t lk_result_aftermath(const PGresult *result);

#endif
