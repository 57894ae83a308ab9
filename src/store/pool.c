/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "core/time.h"
#include "crypto/crypto.h"
#include "store/pool.h"

/* Between attempts to connect; the service is to be back within a second of the database. */
#define BACKOFF_MIN_US 50000
#define BACKOFF_MAX_US 200000
/* An attempt may hang on a machine that is gone, so another is made beside it, of so many at most. */
#define STAGGER_US 400000
#define MAX_PROBES 4
/* A database that went away not longer ago is restarting: whoever needs it waits. Afterwards they are refused at once. */
#define RESTART_US 5000000
#define PING_MS 1000

void lk_store_notice(const lk_store_t *store, lk_log_level_t level, const char *format, ...)
{
    char text[1024];
    va_list args;
    if (store->options.notice == NULL)
        return;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    text[strcspn(text, "\n")] = '\0';
    store->options.notice(level, "latchkey.store", text);
}

/* --- opening and closing --- */

lk_status_t lk_store_open(const lk_store_options_t *options, lk_store_t **ret_store, lk_error_t *err)
{
    lk_store_t *store = calloc(1, sizeof(*store));
    pthread_condattr_t attr;
    if (store == NULL)
        return lk_fail(err, LK_INTERNAL, NULL, "Out of memory");
    store->options = *options;
    lk_status_t status = lk_connect_prepare(store, err);
    if (status != LK_OK) {
        free(store);
        return status;
    }
    if (store->options.pool_max < 1)
        store->options.pool_max = 1;
    store->stats.max = store->options.pool_max;
    store->backoff_us = BACKOFF_MIN_US;
    store->stop_fd = -1;
    store->autocommit.store = store->hasty.store = store;
    store->hasty.is_hasty = 1;
    pthread_mutex_init(&store->mutex, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&store->freed, &attr);
    pthread_condattr_destroy(&attr);
    *ret_store = store;
    return LK_OK;
}

lk_sql_t *lk_store_sql(lk_store_t *store)
{
    return &store->autocommit;
}

lk_sql_t *lk_store_hasty(lk_store_t *store)
{
    return &store->hasty;
}

void lk_store_stats(lk_store_t *store, lk_store_stats_t *ret_stats)
{
    pthread_mutex_lock(&store->mutex);
    *ret_stats = store->stats;
    pthread_mutex_unlock(&store->mutex);
}

/* --- connections --- */

static void close_conn(lk_conn_t *conn)
{
    PQfinish(conn->pg);
    free(conn);
}

/* An idle connection has nothing to read: if it has, the server said goodbye. */
static int is_alive(lk_conn_t *conn)
{
    struct pollfd fd = {.fd = PQsocket(conn->pg), .events = POLLIN};
    if (PQstatus(conn->pg) != CONNECTION_OK)
        return 0;
    if (poll(&fd, 1, 0) == 0)
        return 1;
    return PQconsumeInput(conn->pg) && PQstatus(conn->pg) == CONNECTION_OK && !(fd.revents & (POLLERR | POLLHUP));
}

static int is_too_old(const lk_store_t *store, const lk_conn_t *conn)
{
    return store->options.max_lifetime_s > 0 && lk_ticks_us() - conn->created_us > (int64_t)store->options.max_lifetime_s * 1000000;
}

/* While the database is away one borrower at a time tries, and another where the one before takes long. */
static int may_try(const lk_store_t *store, int64_t now)
{
    return now >= store->retry_at_us &&
           (store->probes == 0 || (store->probes < MAX_PROBES && now - store->probe_begun_us >= STAGGER_US));
}

/* Called with the mutex held. */
static void note_failure(lk_store_t *store, const lk_error_t *reason)
{
    unsigned char jitter;
    lk_random(&jitter, 1);
    memcpy(store->failure, reason->detail, sizeof(store->failure));
    if (store->down_since_us == 0 && store->stats.created != 0)
        store->down_since_us = lk_ticks_us();
    store->retry_at_us = lk_ticks_us() + store->backoff_us + store->backoff_us * jitter / 1024;
    store->backoff_us = store->backoff_us * 2 > BACKOFF_MAX_US ? BACKOFF_MAX_US : store->backoff_us * 2;
}

/* Called with the mutex held; opens one more connection without it. */
static lk_status_t open_conn(lk_store_t *store, lk_conn_t **ret_conn, lk_error_t *err)
{
    lk_error_t reason = {0};
    int64_t now = lk_ticks_us();
    int is_probe = store->retry_at_us != 0, is_extra = store->probes != 0;
    if (!may_try(store, now)) {
        lk_fail(err, LK_UNAVAILABLE, "temporarily_unavailable", "The database is not available");
        return err != NULL ? lk_error_detail(err, "%s", store->failure) : LK_UNAVAILABLE;
    }
    if (is_probe)
        store->probe_begun_us = now;
    if (is_extra)
        atomic_fetch_add(&store->first_host, 1);
    store->probes += is_probe;
    ++store->stats.open;
    pthread_mutex_unlock(&store->mutex);
    lk_conn_t *conn = calloc(1, sizeof(*conn));
    PGconn *pg = conn == NULL ? NULL : lk_connect(store, is_extra, &reason);
    pthread_mutex_lock(&store->mutex);
    store->probes -= is_probe;
    pthread_cond_broadcast(&store->freed);
    if (pg == NULL) {
        free(conn);
        if (err != NULL)
            *err = reason;
        --store->stats.open;
        note_failure(store, &reason);
        return LK_UNAVAILABLE;
    }
    store->retry_at_us = store->down_since_us = 0;
    store->backoff_us = BACKOFF_MIN_US;
    conn->pg = pg;
    conn->created_us = lk_ticks_us();
    ++store->stats.created;
    ++store->stats.busy;
    *ret_conn = conn;
    return LK_OK;
}

static int is_idle_too_long(const lk_store_t *store, const lk_conn_t *conn)
{
    return store->options.idle_s > 0 && lk_ticks_us() - conn->freed_us > (int64_t)store->options.idle_s * 1000000;
}

static lk_conn_t *take_free(lk_store_t *store)
{
    lk_conn_t *conn;
    while ((conn = store->free) != NULL) {
        store->free = conn->next;
        if (is_alive(conn) && !is_too_old(store, conn)) {
            ++store->stats.busy;
            return conn;
        }
        --store->stats.open;
        ++store->stats.lost;
        close_conn(conn);
    }
    return NULL;
}

/* Called with the mutex held: takes out of the free list what is dead, too old, or idle for too long above the minimum. */
static lk_conn_t *take_superfluous(lk_store_t *store)
{
    lk_conn_t *superfluous = NULL, *conn;
    for (lk_conn_t **at = &store->free; (conn = *at) != NULL;) {
        int is_spare = store->stats.open > store->options.pool_min && is_idle_too_long(store, conn);
        if (is_alive(conn) && !is_too_old(store, conn) && !is_spare) {
            at = &conn->next;
            continue;
        }
        *at = conn->next;
        conn->next = superfluous;
        superfluous = conn;
        --store->stats.open;
    }
    return superfluous;
}

/* Called with the mutex held. */
static void close_free(lk_store_t *store)
{
    while (store->free != NULL) {
        lk_conn_t *conn = store->free;
        store->free = conn->next;
        --store->stats.open;
        close_conn(conn);
    }
}

/* Called with the mutex held. */
static lk_status_t take_or_open(lk_store_t *store, lk_conn_t **ret_conn, lk_error_t *err)
{
    if ((*ret_conn = take_free(store)) != NULL)
        return LK_OK;
    if (store->stats.open >= store->options.pool_max)
        return lk_fail(err, LK_UNAVAILABLE, "temporarily_unavailable", "All database connections are busy");
    return open_conn(store, ret_conn, err);
}

static int64_t next_try(const lk_store_t *store, int64_t until_us)
{
    int64_t at_us = store->probes == 0            ? store->retry_at_us
                    : store->probes == MAX_PROBES ? until_us
                                                  : store->probe_begun_us + STAGGER_US;
    return at_us < until_us ? at_us : until_us;
}

static void wait_for_free(lk_store_t *store, int64_t until_us)
{
    struct timespec until = {until_us / 1000000, until_us % 1000000 * 1000};
    ++store->stats.waiting;
    pthread_cond_timedwait(&store->freed, &store->mutex, &until);
    --store->stats.waiting;
}

lk_status_t lk_pool_acquire(lk_store_t *store, lk_patience_t patience, lk_conn_t **ret_conn, lk_error_t *err)
{
    int64_t until_us = lk_ticks_us() + (patience == LK_HASTY ? PING_MS : store->options.acquire_timeout_ms) * INT64_C(1000);
    lk_status_t status;
    pthread_mutex_lock(&store->mutex);
    if (patience == LK_ANEW)
        close_free(store);
    for (;;) {
        status = take_or_open(store, ret_conn, err);
        int64_t now = lk_ticks_us();
        int all_busy = status != LK_OK && store->stats.open >= store->options.pool_max;
        int restarting = patience != LK_HASTY && store->down_since_us != 0 && now - store->down_since_us < RESTART_US;
        if (status == LK_OK || now >= until_us || !(all_busy || restarting)) {
            store->stats.timeouts += all_busy;
            break;
        }
        wait_for_free(store, all_busy ? until_us : next_try(store, until_us));
    }
    store->stats.acquired += status == LK_OK;
    pthread_mutex_unlock(&store->mutex);
    return status;
}

void lk_pool_release(lk_store_t *store, lk_conn_t *conn)
{
    int keep = !conn->broken && PQstatus(conn->pg) == CONNECTION_OK && PQtransactionStatus(conn->pg) == PQTRANS_IDLE;
    pthread_mutex_lock(&store->mutex);
    --store->stats.busy;
    if (keep) {
        conn->freed_us = lk_ticks_us();
        conn->next = store->free;
        store->free = conn;
    } else {
        --store->stats.open;
        ++store->stats.lost;
    }
    pthread_cond_signal(&store->freed);
    pthread_mutex_unlock(&store->mutex);
    if (!keep)
        close_conn(conn);
}

void lk_pool_tend(lk_store_t *store)
{
    lk_conn_t *conn;
    pthread_mutex_lock(&store->mutex);
    lk_conn_t *superfluous = take_superfluous(store);
    int missing = store->options.pool_min - store->stats.open;
    pthread_mutex_unlock(&store->mutex);
    while ((conn = superfluous) != NULL) {
        superfluous = conn->next;
        close_conn(conn);
    }
    for (; missing > 0; --missing) {
        pthread_mutex_lock(&store->mutex);
        lk_status_t status = open_conn(store, &conn, NULL);
        pthread_mutex_unlock(&store->mutex);
        if (status != LK_OK)
            return;
        lk_pool_release(store, conn);
    }
}

void lk_store_close(lk_store_t **store_at)
{
    lk_store_t *store = *store_at;
    *store_at = NULL;
    if (store == NULL)
        return;
    if (store->listening) {
        ssize_t n = write(store->stop_fd, "x", 1);
        (void)n;
        pthread_join(store->listener, NULL);
        close(store->stop_fd);
    }
    close_free(store);
    pthread_cond_destroy(&store->freed);
    pthread_mutex_destroy(&store->mutex);
    lk_arena_destroy(&store->arena);
    free(store);
}

/* --- at start --- */

lk_status_t lk_store_wait(lk_store_t *store, int timeout_ms, lk_error_t *err)
{
    int64_t begun = lk_ticks_us(), said = 0;
    for (;;) {
        lk_conn_t *conn;
        lk_status_t status = lk_pool_acquire(store, LK_HASTY, &conn, err);
        if (status == LK_OK) {
            lk_pool_release(store, conn);
            return LK_OK;
        }
        int64_t now = lk_ticks_us();
        if (now - begun > (int64_t)timeout_ms * 1000)
            return status;
        if (err != NULL && *err->detail != '\0' && (said == 0 || now - said > 5000000)) {
            said = now;
            lk_store_notice(store, LK_LOG_WARN, "Waiting for the database: %s", err->detail);
        }
        nanosleep(&(struct timespec){0, 50000000}, NULL);
    }
}

lk_status_t lk_store_ping(lk_store_t *store, lk_error_t *err)
{
    lk_conn_t *conn;
    lk_status_t status = lk_pool_acquire(store, LK_HASTY, &conn, err);
    if (status != LK_OK)
        return status;
    status = lk_exec_text(conn->pg, "SELECT 1", PING_MS, NULL, err);
    conn->broken |= status != LK_OK;
    lk_pool_release(store, conn);
    return status;
}
