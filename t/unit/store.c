/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>
#include <arpa/inet.h>
#include <sys/socket.h>
#include "core/time.h"
#include "database.h"
#include "store/pool.h"
#include "tap.h"

/* The store against a Postgres of its own: what is done, undone and open, and what becomes of connections. */

#define REALM "realm-1"

static database_t db;

/* A store of its own on the same database, so that each test knows its connections. */
static lk_store_t *open_store(int pool_max)
{
    lk_store_options_t options = {.conninfo = db.conninfo,
                                  .pool_max = pool_max,
                                  .connect_timeout_ms = 2000,
                                  .acquire_timeout_ms = 600,
                                  .statement_timeout_ms = 1500};
    lk_store_t *store = NULL;
    lk_error_t err = {0};
    if (lk_store_open(&options, &store, &err) != LK_OK)
        printf("# %s\n", err.text);
    return store;
}

static void pause_ms(long ms)
{
    nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL);
}

static int created(lk_store_t *store)
{
    lk_store_stats_t stats;
    lk_store_stats(store, &stats);
    return (int)stats.created;
}

static lk_status_t use(lk_sql_t *sql, lk_arena_t *arena, const char *realm, const char *id, lk_error_t *err)
{
    lk_rows_t rows;
    return lk_query(sql, arena, LK_Q_USE_ONCE, &rows, err, realm, "test", id, "4102444800", "s", "attempt");
}

static int used(const char *id)
{
    char query[200];
    snprintf(query, sizeof(query), "SELECT count(*) FROM used_value WHERE kind = 'test' AND id = '%s'", id);
    return (int)database_int(&db, query);
}

static lk_status_t read_one(lk_sql_t *sql, lk_arena_t *arena, lk_error_t *err)
{
    lk_rows_t rows;
    return lk_query(sql, arena, LK_Q_IS_USED, &rows, err, REALM, "test", "nothing");
}

static long version(void)
{
    return database_int(&db, "SELECT version FROM realm WHERE id = '" REALM "'");
}

/* --- statements and transactions --- */

static void test_statements(lk_arena_t *arena)
{
    lk_store_t *store = open_store(2);
    lk_sql_t *sql = lk_store_sql(store);
    lk_error_t err = {0};
    lk_rows_t rows;

    is_int(use(sql, arena, REALM, "a", &err), LK_OK, "a statement runs");
    lk_query(sql, arena, LK_Q_USE_ONCE, &rows, &err, REALM, "test", "a", "4102444800", "s", "attempt");
    ok(rows.count == 1 && lk_row_bool(&rows, 0, "first"), "one attempt that is repeated finds itself the first");
    lk_query(sql, arena, LK_Q_USE_ONCE, &rows, &err, REALM, "test", "a", "4102444800", "t", "another");
    ok(rows.count == 1 && !lk_row_bool(&rows, 0, "first"), "another one does not");
    is_int(use(sql, arena, "no such realm", "a", &err), LK_NOT_FOUND, "what a foreign key names is not there");
    is_int(lk_query(sql, arena, LK_Q_USE_ONCE, &rows, &err, REALM, "test", "b", "no number", "s", "x"), LK_INVALID,
           "so is a value of the wrong type");
    is_int(lk_query(sql, arena, LK_Q_USE_ONCE, &rows, &err, REALM), LK_INTERNAL, "too few parameters are a bug");
    is_int(lk_query(sql, arena, LK_Q_IS_USED, &rows, &err, REALM, "test", "a"), LK_OK, "and the connection is good afterwards");
    ok(rows.count == 1 && strcmp(lk_row_str(&rows, 0, "session_id"), "s") == 0, "with what was written");
    is_int(created(store), 1, "one connection did it all");
    lk_store_close(&store);
    ok(store == NULL, "closing clears the pointer");
}

static void test_batches(lk_arena_t *arena)
{
    lk_store_t *store = open_store(2);
    lk_sql_t *sql = lk_store_sql(store);
    lk_error_t err = {0};
    lk_rows_t rows[3];
    const lk_statement_t good[] = {LK_STATEMENT(LK_Q_USE_ONCE, REALM, "test", "c1", "4102444800", "one", "x"),
                                   LK_STATEMENT(LK_Q_USE_ONCE, REALM, "test", "c2", "4102444800", "two", "x"),
                                   LK_STATEMENT(LK_Q_IS_USED, REALM, "test", "c2")};
    const lk_statement_t bad[] = {LK_STATEMENT(LK_Q_USE_ONCE, REALM, "test", "d1", "4102444800", "one", "x"),
                                  LK_STATEMENT(LK_Q_USE_ONCE, "no such realm", "test", "d2", "4102444800", "two", "x"),
                                  LK_STATEMENT(LK_Q_IS_USED, REALM, "test", "d1")};

    is_int(lk_sql_run_all(sql, arena, good, 3, rows, &err), LK_OK, "several statements in one go");
    is_str(rows[2].count == 1 ? lk_row_str(&rows[2], 0, "session_id") : NULL, "two", "each has its rows, and sees those before it");
    is_int(lk_sql_run_all(sql, arena, good, 3, rows, &err), LK_OK, "again, all prepared");
    is_int(lk_sql_run_all(sql, arena, bad, 3, rows, &err), LK_NOT_FOUND, "one that fails");
    is_int(used("d1"), 0, "undoes those before it");
    is_int(created(store), 1, "and leaves the connection");
    lk_store_close(&store);
}

static void test_transactions(lk_arena_t *arena)
{
    lk_store_t *store = open_store(1);
    lk_sql_t *tx = NULL;
    lk_error_t err = {0};

    lk_tx_begin(store, LK_READ_COMMITTED, &tx, &err);
    use(tx, arena, REALM, "e1", &err);
    is_int(used("e1"), 0, "a transaction shows nothing before its end");
    ok(use(lk_store_sql(store), arena, REALM, "e2", &err) == LK_UNAVAILABLE && strstr(err.text, "busy") != NULL,
       "one beside it waits for a connection, and gives up where there is no other");
    is_int(lk_tx_commit(&tx, &err), LK_OK, "it commits");
    ok(tx == NULL && used("e1") == 1, "and all is there");

    lk_tx_begin(store, LK_READ_COMMITTED, &tx, &err);
    use(tx, arena, REALM, "e3", &err);
    lk_tx_rollback(&tx);
    is_int(used("e3"), 0, "rolled back");

    lk_tx_begin(store, LK_READ_COMMITTED, &tx, &err);
    is_int(use(tx, arena, "no such realm", "e4", &err), LK_NOT_FOUND, "a statement that fails");
    is_int(use(tx, arena, REALM, "e4", &err), LK_INTERNAL, "ends its transaction");
    is_int(lk_tx_commit(&tx, &err), LK_INTERNAL, "which cannot be committed");
    is_int(used("e4"), 0, "and nothing is there");

    lk_tx_begin(store, LK_READ_COMMITTED, &tx, &err);
    use(tx, arena, REALM, "e5", &err);
    lk_tx_last(tx);
    is_int(use(tx, arena, REALM, "e6", &err), LK_OK, "the last statement");
    is_int(used("e5") + used("e6"), 2, "has committed");
    is_int(use(tx, arena, REALM, "e7", &err), LK_INTERNAL, "there is none behind it");
    lk_tx_rollback(&tx);
    is_int(used("e5") + used("e6"), 2, "and nothing takes it back");

    lk_tx_begin(store, LK_REPEATABLE_READ_ONLY, &tx, &err);
    is_int(use(tx, arena, REALM, "e8", &err), LK_UNAVAILABLE, "a read-only transaction refuses to write");
    lk_tx_rollback(&tx);
    lk_tx_begin(store, LK_SERIALIZABLE, &tx, &err);
    is_int(lk_tx_commit(&tx, &err), LK_OK, "an empty transaction");
    lk_store_close(&store);
}

/* --- kinds of errors --- */

static void test_states(void)
{
    static const struct {
        const char *state;
        lk_status_t kind;
        lk_aftermath_t aftermath;
    } cases[] = {{"23505", LK_CONFLICT, LK_CONN_KEEPS},     {"23503", LK_NOT_FOUND, LK_CONN_KEEPS},
                 {"22P02", LK_INVALID, LK_CONN_KEEPS},      {"40001", LK_CONFLICT, LK_CONN_KEEPS},
                 {"40P01", LK_CONFLICT, LK_CONN_KEEPS},     {"25006", LK_UNAVAILABLE, LK_CONN_LOST},
                 {"57P01", LK_UNAVAILABLE, LK_CONN_LOST},   {"57P03", LK_UNAVAILABLE, LK_CONN_LOST},
                 {"57014", LK_UNAVAILABLE, LK_CONN_KEEPS},  {"08006", LK_UNAVAILABLE, LK_CONN_CUT},
                 {"53100", LK_UNAVAILABLE, LK_CONN_KEEPS},  {"53300", LK_UNAVAILABLE, LK_CONN_KEEPS},
                 {"55P03", LK_UNAVAILABLE, LK_CONN_KEEPS},  {"26000", LK_UNAVAILABLE, LK_CONN_SHARED},
                 {"42P05", LK_UNAVAILABLE, LK_CONN_SHARED}, {"42601", LK_INTERNAL, LK_CONN_KEEPS}};
    for (size_t i = 0; i != sizeof(cases) / sizeof(cases[0]); ++i) {
        char query[200];
        lk_error_t err = {0};
        snprintf(query, sizeof(query), "DO $$ BEGIN RAISE EXCEPTION 'made' USING ERRCODE = '%s'; END $$", cases[i].state);
        PGresult *result = PQexec(db.conn, query);
        ok(lk_result_error(db.conn, result, &err) == cases[i].kind && lk_result_aftermath(result) == cases[i].aftermath &&
               strncmp(err.detail, cases[i].state, 5) == 0,
           "SQLSTATE %s", cases[i].state);
        PQclear(result);
    }
}

static void set_read_only(const char *value)
{
    char command[120];
    snprintf(command, sizeof(command), "ALTER SYSTEM SET default_transaction_read_only = %s", value);
    PQclear(PQexec(db.conn, "SET default_transaction_read_only = off"));
    PQclear(PQexec(db.conn, command));
    PQclear(PQexec(db.conn, "SELECT pg_reload_conf()"));
    pause_ms(300);
}

static void test_read_only(lk_arena_t *arena)
{
    lk_store_t *store = open_store(1);
    lk_sql_t *sql = lk_store_sql(store);
    lk_error_t err = {0};

    use(sql, arena, REALM, "f1", &err);
    set_read_only("on");
    is_int(use(sql, arena, REALM, "f2", &err), LK_UNAVAILABLE, "a server that is no primary any more");
    int tried = created(store);
    ok(tried > 1 && tried < 5, "the connection was given up, and others tried");
    set_read_only("off");
    is_int(use(sql, arena, REALM, "f2", &err), LK_OK, "the next one finds it a primary again");
    is_int(created(store), tried + 1, "on a connection of its own");
    lk_store_close(&store);
}

/* --- the pool --- */

/* A statement about the realm, which waits where another transaction has locked it. */
typedef struct st_waiter_t {
    lk_store_t *store;
    pthread_t thread;
    lk_status_t status;
    lk_error_t err;
    enum en_lk_query_t query;
} waiter_t;

static void *run_waiter(void *context)
{
    waiter_t *waiter = context;
    lk_arena_t *arena = lk_arena_create("waiter");
    const char *const params[] = {REALM, "{}"};
    lk_rows_t rows;
    waiter->status = lk_sql_run(lk_store_sql(waiter->store), arena, waiter->query, params,
                                waiter->query == LK_Q_ADMIN_REALM_UPDATE ? 2 : 1, &rows, &waiter->err);
    lk_arena_destroy(&arena);
    return NULL;
}

/* Until so many statements of other sessions wait for a lock. */
static void await_blocked(int count)
{
    for (int i = 0; i != 200; ++i) {
        if (database_int(&db, "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'") >= count)
            return;
        pause_ms(10);
    }
    printf("# nobody waits for a lock\n");
}

static void start_waiter(waiter_t *waiter, lk_store_t *store, enum en_lk_query_t query)
{
    *waiter = (waiter_t){.store = store, .query = query};
    pthread_create(&waiter->thread, NULL, run_waiter, waiter);
}

/* On a connection of its own: within a transaction pg_stat_activity does not change. */
static PGconn *locker;

static void lock_realm(void)
{
    locker = PQconnectdb(db.conninfo);
    PQclear(PQexec(locker, "BEGIN"));
    PQclear(PQexec(locker, "LOCK TABLE realm IN ACCESS EXCLUSIVE MODE"));
}

static void unlock_realm(void)
{
    PQfinish(locker);
}

#define BLOCKED "FROM pg_stat_activity WHERE wait_event_type = 'Lock'"

static void test_pool(lk_arena_t *arena)
{
    lk_store_t *store = open_store(2);
    lk_sql_t *first = NULL, *second = NULL;
    lk_store_stats_t stats;
    lk_error_t err = {0};
    waiter_t waiter;

    is_int(created(store), 0, "opening the store connects to nothing");
    lk_tx_begin(store, LK_READ_COMMITTED, &first, &err);
    lk_tx_begin(store, LK_READ_COMMITTED, &second, &err);
    is_int(created(store), 0, "nor does a transaction without a statement");
    read_one(first, arena, &err);
    read_one(second, arena, &err);
    lk_store_stats(store, &stats);
    ok(stats.open == 2 && stats.busy == 2 && stats.max == 2, "as many connections as allowed");
    int64_t begun = lk_ticks_us();
    is_int(read_one(lk_store_sql(store), arena, &err), LK_UNAVAILABLE, "the third borrower gives up");
    ok(lk_ticks_us() - begun >= 500000, "after its time");
    start_waiter(&waiter, store, LK_Q_REALM_TOUCH);
    pause_ms(100);
    lk_store_stats(store, &stats);
    ok(stats.waiting == 1 && stats.timeouts == 1, "the next one waits");
    lk_tx_rollback(&first);
    pthread_join(waiter.thread, NULL);
    is_int(waiter.status, LK_OK, "and gets the connection that is given back");
    lk_tx_rollback(&second);
    lk_store_stats(store, &stats);
    ok(stats.open == 2 && stats.busy == 0 && stats.waiting == 0, "all are back");
    lk_store_close(&store);
}

static void *use_many(void *context)
{
    lk_store_t *store = context;
    long failures = 0;
    for (int i = 0; i != 100; ++i) {
        lk_arena_t *arena = lk_arena_create("many");
        failures += read_one(lk_store_sql(store), arena, NULL) != LK_OK;
        lk_arena_destroy(&arena);
    }
    return (void *)failures;
}

static void test_threads(void)
{
    lk_store_t *store = open_store(3);
    pthread_t threads[8];
    lk_store_stats_t stats;
    void *failures = NULL, *all = NULL;
    for (int i = 0; i != 8; ++i)
        pthread_create(&threads[i], NULL, use_many, store);
    for (int i = 0; i != 8; ++i) {
        pthread_join(threads[i], &failures);
        all = failures != NULL ? failures : all;
    }
    lk_store_stats(store, &stats);
    ok(all == NULL && stats.created <= 3 && stats.acquired == 800, "eight threads share three connections");
    lk_store_close(&store);
}

static void test_lifetime(lk_arena_t *arena)
{
    lk_store_t *store = open_store(2);
    lk_error_t err = {0};
    read_one(lk_store_sql(store), arena, &err);
    read_one(lk_store_sql(store), arena, &err);
    is_int(created(store), 1, "a connection is used again");
    store->options.max_lifetime_s = 1;
    pause_ms(1100);
    is_int(read_one(lk_store_sql(store), arena, &err), LK_OK, "one that is too old");
    is_int(created(store), 2, "is replaced");
    lk_store_close(&store);
}

/* A host that takes connections and says nothing. */
static int open_silent_host(int *ret_port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(fd, (struct sockaddr *)&address, size) != 0 || listen(fd, 8) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &size) != 0)
        printf("# no silent host\n");
    *ret_port = ntohs(address.sin_port);
    return fd;
}

static void test_gone(lk_arena_t *arena)
{
    char conninfo[400];
    int port, fd = open_silent_host(&port);
    lk_error_t err = {0};
    waiter_t waiter;
    snprintf(conninfo, sizeof(conninfo), "host='127.0.0.1,%s' port='%d,%s' dbname='%s' user='%s'", PQhost(db.conn), port,
             PQport(db.conn), PQdb(db.conn), PQuser(db.conn));
    const char *before = db.conninfo;
    db.conninfo = conninfo;
    lk_store_t *store = open_store(3);
    db.conninfo = before;
    store->retry_at_us = 1; /* the last attempt failed */
    start_waiter(&waiter, store, LK_Q_REALM_VERSION);
    pause_ms(500);
    int64_t begun = lk_ticks_us();
    is_int(read_one(lk_store_sql(store), arena, &err), LK_OK, "an attempt that hangs does not hold up the next");
    ok(lk_ticks_us() - begun < 1000000, "which begins with another host");
    pthread_join(waiter.thread, NULL);
    is_int(waiter.status, LK_OK, "and gets there in the end");
    lk_store_close(&store);
    close(fd);
}

/* --- connections that die --- */

static void test_idle_death(lk_arena_t *arena)
{
    lk_store_t *store = open_store(2);
    lk_error_t err = {0};
    read_one(lk_store_sql(store), arena, &err);
    database_text(&db, "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'latchkey'");
    pause_ms(100);
    is_int(use(lk_store_sql(store), arena, REALM, "g1", &err), LK_OK, "a connection that died while idle is not lent");
    is_int(used("g1"), 1, "the write is done once");
    lk_store_close(&store);
}

static void test_terminated(void)
{
    lk_store_t *store = open_store(2);
    waiter_t waiter;
    long before = version();
    lock_realm();
    start_waiter(&waiter, store, LK_Q_REALM_TOUCH);
    await_blocked(1);
    database_text(&db, "SELECT pg_terminate_backend(pid) " BLOCKED);
    pause_ms(50);
    unlock_realm();
    pthread_join(waiter.thread, NULL);
    is_int(waiter.status, LK_OK, "a write that the server broke off is done again");
    is_int(version(), before + 1, "once");
    lk_store_close(&store);
}

static void test_cancelled(void)
{
    lk_store_t *store = open_store(2);
    waiter_t waiter;
    long before = version();
    lock_realm();
    start_waiter(&waiter, store, LK_Q_REALM_TOUCH);
    pthread_join(waiter.thread, NULL);
    unlock_realm();
    pause_ms(50);
    ok(waiter.status == LK_UNAVAILABLE && strstr(waiter.err.detail, "57014") != NULL, "statement_timeout ends a statement");
    ok(version() == before && created(store) == 1, "which is not tried again");
    lk_store_close(&store);
}

/* The signal goes to the server process of the statement that waits. */
static void signal_blocked(int signal)
{
    pid_t pid = (pid_t)database_int(&db, "SELECT pid " BLOCKED " LIMIT 1");
    if (pid > 1)
        kill(pid, signal);
}

static void reconnect(void)
{
    for (int i = 0; i != 500; ++i) {
        PQreset(db.conn);
        if (PQstatus(db.conn) == CONNECTION_OK)
            return;
        pause_ms(20);
    }
}

static void test_crash(lk_arena_t *arena)
{
    static const enum en_lk_query_t queries[] = {LK_Q_ADMIN_REALM_UPDATE, LK_Q_REALM_TOUCH, LK_Q_REALM_VERSION};
    lk_store_t *store = open_store(4);
    lk_error_t err = {0};
    waiter_t waiters[3];
    long before = version();
    store->options.acquire_timeout_ms = 5000;
    lock_realm();
    for (int i = 0; i != 3; ++i)
        start_waiter(&waiters[i], store, queries[i]);
    await_blocked(3);
    signal_blocked(SIGKILL); /* the server restarts all its processes, without a word */
    for (int i = 0; i != 3; ++i)
        pthread_join(waiters[i].thread, NULL);
    is_int(waiters[0].status, LK_WRITE_UNCERTAIN, "nobody knows of a write whose server process crashed");
    is_int(waiters[1].status, LK_OK, "one that may be done twice waits for the restart and is done again");
    is_int(waiters[2].status, LK_OK, "and so does a read");
    is_int(read_one(lk_store_sql(store), arena, &err), LK_OK, "and the next one is served");
    lk_store_close(&store);
    unlock_realm();
    reconnect();
    is_int(version(), before + 1, "what was said to be done is done");
}

static void test_hung(void)
{
    lk_store_t *store = open_store(2);
    waiter_t waiter;
    lock_realm();
    start_waiter(&waiter, store, LK_Q_REALM_TOUCH);
    await_blocked(1);
    pid_t pid = (pid_t)database_int(&db, "SELECT pid " BLOCKED " LIMIT 1");
    int64_t begun = lk_ticks_us();
    kill(pid, SIGSTOP);
    pthread_join(waiter.thread, NULL);
    ok(waiter.status == LK_WRITE_UNCERTAIN && lk_ticks_us() - begun < 5000000, "a server that hangs is given up");
    kill(pid, SIGCONT);
    unlock_realm();
    lk_store_close(&store);
}

static void test_away(lk_arena_t *arena)
{
    lk_store_options_t options = {.conninfo = "host=/nowhere dbname=postgres",
                                  .pool_max = 2,
                                  .connect_timeout_ms = 2000,
                                  .acquire_timeout_ms = 5000,
                                  .statement_timeout_ms = 1000};
    lk_store_t *store;
    lk_error_t err = {0};
    lk_store_open(&options, &store, &err);
    int64_t begun = lk_ticks_us();
    is_int(read_one(lk_store_sql(store), arena, &err), LK_UNAVAILABLE, "a database that was never there");
    is_int(lk_store_ping(store, &err), LK_UNAVAILABLE, "is not ready");
    ok(lk_ticks_us() - begun < 1000000, "nobody waits for it");
    begun = lk_ticks_us();
    is_int(lk_store_wait(store, 300, &err), LK_UNAVAILABLE, "but who says so");
    ok(lk_ticks_us() - begun >= 300000 && lk_ticks_us() - begun < 3000000, "as long as told");
    lk_store_close(&store);
}

/* --- poolers --- */

static void forget_statements(lk_store_t *store)
{
    lk_conn_t *conn;
    if (lk_pool_acquire(store, LK_PATIENT, &conn, NULL) != LK_OK)
        return;
    PQclear(PQexec(conn->pg, "DEALLOCATE ALL"));
    lk_pool_release(store, conn);
}

static void test_pooler(lk_arena_t *arena)
{
    lk_store_t *store = open_store(1);
    lk_error_t err = {0};
    use(lk_store_sql(store), arena, REALM, "h1", &err);
    forget_statements(store);
    is_int(use(lk_store_sql(store), arena, REALM, "h2", &err), LK_OK,
           "a statement that the server does not know any more is sent whole");
    is_int(used("h2"), 1, "and done");
    forget_statements(store);
    is_int(use(lk_store_sql(store), arena, REALM, "h3", &err), LK_OK, "as are all from then on");
    lk_store_close(&store);
}

/* --- changes --- */

static atomic_int num_all, num_mine;

static void on_change(void *context, const char *realm_id)
{
    (void)context;
    atomic_fetch_add(realm_id == NULL ? &num_all : &num_mine, 1);
}

static int await_count(atomic_int *count, int more_than)
{
    for (int i = 0; i != 300 && atomic_load(count) <= more_than; ++i)
        pause_ms(10);
    return atomic_load(count) > more_than;
}

static void test_listener(lk_arena_t *arena)
{
    lk_store_t *store = open_store(2);
    lk_error_t err = {0};
    lk_rows_t rows;
    lk_store_listen(store, on_change, NULL, &err);
    ok(await_count(&num_all, 0), "a listener that has connected says that all may have changed");
    pause_ms(1300);
    int all = atomic_load(&num_all);
    lk_query(lk_store_sql(store), arena, LK_Q_REALM_TOUCH, &rows, &err, REALM);
    ok(await_count(&num_mine, 0), "a change is heard");
    PQclear(PQexec(db.conn, "UPDATE realm SET version = version + 1"));
    ok(await_count(&num_all, all), "one that nobody told of is seen");
    pause_ms(1300);
    all = atomic_load(&num_all);
    database_text(&db, "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'latchkey'");
    ok(await_count(&num_all, all), "a lost connection says so");
    pause_ms(300);
    int mine = atomic_load(&num_mine);
    lk_query(lk_store_sql(store), arena, LK_Q_REALM_TOUCH, &rows, &err, REALM);
    ok(await_count(&num_mine, mine), "and is there again");
    lk_store_close(&store);
}

static void test_newer_schema(void)
{
    lk_error_t err = {0};
    PQclear(PQexec(db.conn, "INSERT INTO schema_migration (number, name) VALUES (9998, 'later')"));
    is_int(lk_store_migrate(db.app.store, &err), LK_OK, "a schema of the next version, which this one can work with");
    PQclear(PQexec(db.conn, "INSERT INTO schema_migration (number, name, works_with) VALUES (9999, 'much later', 9998)"));
    is_int(lk_store_migrate(db.app.store, &err), LK_INTERNAL, "one that it cannot work with");
    ok(strstr(err.text, "needs a program that knows 9998") != NULL, "says so: %s", err.text);
    PQclear(PQexec(db.conn, "DELETE FROM schema_migration WHERE number > 9000"));
}

int main(void)
{
    if (database_open(&db) != 0)
        return 1;
    lk_arena_t *arena = lk_arena_create("test");
    PQclear(PQexec(db.conn, "INSERT INTO realm (id, name, rep) VALUES ('" REALM "', 'one', '{}')"));
    test_statements(arena);
    test_batches(arena);
    test_transactions(arena);
    test_states();
    test_read_only(arena);
    test_pool(arena);
    test_threads();
    test_lifetime(arena);
    test_gone(arena);
    test_idle_death(arena);
    test_terminated();
    test_cancelled();
    test_hung();
    test_pooler(arena);
    test_listener(arena);
    test_away(arena);
    test_crash(arena);
    test_newer_schema();
    lk_arena_destroy(&arena);
    database_close(&db);
    return tap_done();
}
