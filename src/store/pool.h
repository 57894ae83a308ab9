/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_STORE_POOL_H
#define LK_STORE_POOL_H

#include <pthread.h>
#include <libpq-fe.h>
#include "store/queries.h"
#include "store/store.h"

/* Inside the room: connections and the handles that run statements on them. */

typedef struct st_lk_conn_t {
    PGconn *pg;
    int64_t created_us;
    struct st_lk_conn_t *next; /* in the pool's free list */
    int broken;                /* closed instead of kept */
    unsigned char prepared[LK_NUM_QUERIES + 1];
} lk_conn_t;

struct st_lk_sql_t {
    lk_store_t *store;
    lk_conn_t *conn;   /* of a transaction; NULL: each statement borrows one */
    const char *begin; /* text of BEGIN, until it was sent with the first statement */
    int failed;        /* the transaction can only be rolled back */
};

struct st_lk_store_t {
    lk_store_options_t options;
    char *conninfo;
    pthread_mutex_t mutex;
    pthread_cond_t freed;
    lk_conn_t *free;
    lk_store_stats_t stats;
    int64_t retry_at_us, backoff_us; /* no connection attempt before: the database was away */
    lk_sql_t autocommit;
    pthread_t listener;
    int listening, stop_fd;
    lk_change_t on_change;
    void *change_context;
};

lk_status_t lk_pool_acquire(lk_store_t *store, lk_conn_t **ret_conn, lk_error_t *err);
/* A broken connection is closed instead of kept. */
void lk_pool_release(lk_store_t *store, lk_conn_t *conn);
void lk_pool_close_free(lk_store_t *store);
PGconn *lk_pool_connect(const lk_store_t *store, lk_error_t *err);
/* Turns a result, or a dead connection (result NULL), into an error. */
lk_status_t lk_result_error(PGconn *pg, const PGresult *result, lk_error_t *err);
/* 1 where the connection is of no use after such an error (read-only after a failover, shut down, ...). */
int lk_result_drops(const PGresult *result);
void lk_store_notice(const lk_store_t *store, lk_log_level_t level, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
