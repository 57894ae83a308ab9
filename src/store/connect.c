/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include "crypto/keystore.h"
#include "store/pool.h"
#include "store/tls.h"

/* One new connection: certificates, password, what is set on it. */

#define MAX_KEYWORDS 20
#define LEAST_TIMEOUT_S 2 /* of libpq */

typedef struct st_keywords_t {
    const char *keys[MAX_KEYWORDS], *values[MAX_KEYWORDS];
    int count;
} keywords_t;

static void put(keywords_t *words, const char *key, const char *value)
{
    if (value == NULL)
        return;
    words->keys[words->count] = key;
    words->values[words->count++] = value;
}

static int count_hosts(const char *list)
{
    int count = 1;
    for (const char *at = list; at != NULL && (at = strchr(at, ',')) != NULL; ++at)
        ++count;
    return count;
}

/* The list from its entry `first` on, then those before; NULL where there is nothing to rotate. */
static const char *rotate(lk_arena_t *arena, const char *list, unsigned first)
{
    const char *rest = list;
    for (unsigned i = 0; i != first && rest != NULL; ++i)
        rest = (rest = strchr(rest, ',')) != NULL ? rest + 1 : NULL;
    return rest == NULL || rest == list ? NULL : lk_printf(arena, "%s,%.*s", rest, (int)(rest - list - 1), list);
}

/* What the conninfo says of its servers. */
static void read_servers(lk_store_t *store, const PQconninfoOption *parsed)
{
    const struct {
        const char *keyword, **value;
    } lists[] = {{"host", &store->hosts}, {"hostaddr", &store->addresses}, {"port", &store->ports}};
    for (const PQconninfoOption *option = parsed; option->keyword != NULL; ++option) {
        for (size_t i = 0; i != sizeof(lists) / sizeof(lists[0]); ++i)
            if (strcmp(option->keyword, lists[i].keyword) == 0 && option->val != NULL)
                *lists[i].value = lk_strdup(store->arena, option->val);
        if (strcmp(option->keyword, "target_session_attrs") == 0 && option->val != NULL)
            store->must_be_primary = strcmp(option->val, "read-write") == 0 || strcmp(option->val, "primary") == 0;
    }
    store->num_hosts = count_hosts(store->hosts != NULL ? store->hosts : store->addresses);
}

lk_status_t lk_connect_prepare(lk_store_t *store, lk_error_t *err)
{
    lk_store_options_t *options = &store->options;
    const char **texts[] = {&options->conninfo, &options->tls.trust_store, &options->tls.trust_store_password,
                            &options->tls.key_store, &options->tls.key_store_password};
    PQconninfoOption *parsed = PQconninfoParse(options->conninfo, NULL);
    if (parsed == NULL)
        return lk_fail(err, LK_INVALID, NULL, "The database's connection string cannot be read");
    int verifies = 0, has_roots = 0;
    for (const PQconninfoOption *option = parsed; option->keyword != NULL; ++option) {
        const char *value = option->val != NULL ? option->val : "";
        verifies |= strcmp(option->keyword, "sslmode") == 0 && strncmp(value, "verify", 6) == 0;
        has_roots |= strcmp(option->keyword, "sslrootcert") == 0 && *value != '\0';
    }
    if (verifies && !has_roots && options->tls.trust_store == NULL)
        options->tls.trust_store = lk_keystore_system_roots();
    store->arena = lk_arena_create("store");
    read_servers(store, parsed);
    PQconninfoFree(parsed);
    for (size_t i = 0; i != sizeof(texts) / sizeof(texts[0]); ++i)
        *texts[i] = *texts[i] != NULL ? lk_strdup(store->arena, *texts[i]) : NULL;
    return LK_OK;
}

static void ignore_notice(void *context, const PGresult *result)
{
    (void)context;
    (void)result;
}

static lk_status_t refuse(lk_error_t *err, const char *reason)
{
    char line[480];
    lk_fail(err, LK_UNAVAILABLE, "temporarily_unavailable", "The database is not available");
    return err != NULL ? lk_error_detail(err, "%s", lk_result_line(reason, line, sizeof(line))) : LK_UNAVAILABLE;
}

/* What stands before dbname, which is a whole connection string, can be changed by it; what stands behind it wins. */
static PGconn *connect(const lk_store_t *store, lk_arena_t *arena, int briefly, const lk_tls_files_t *files, const char *password)
{
    int seconds = briefly ? 0 : (store->options.connect_timeout_ms + 999) / 1000;
    unsigned first = atomic_load(&store->first_host) % (unsigned)store->num_hosts;
    keywords_t words = {.count = 0};
    put(&words, "keepalives_idle", "5");
    put(&words, "keepalives_interval", "2");
    put(&words, "keepalives_count", "3");
    put(&words, "tcp_user_timeout", "8000");
    put(&words, "dbname", store->options.conninfo);
    put(&words, "host", rotate(arena, store->hosts, first));
    put(&words, "hostaddr", rotate(arena, store->addresses, first));
    put(&words, "port", rotate(arena, store->ports, first));
    put(&words, "connect_timeout", lk_printf(arena, "%d", seconds < LEAST_TIMEOUT_S ? LEAST_TIMEOUT_S : seconds));
    put(&words, "fallback_application_name", "latchkey");
    put(&words, "client_encoding", "UTF8");
    put(&words, "password", password);
    put(&words, "sslrootcert", files->trust_path);
    put(&words, "sslcert", files->certificate_fd >= 0 ? files->certificate : NULL);
    put(&words, "sslkey", files->key_fd >= 0 ? files->key : NULL);
    /* A pooler in between may say in_hot_standby of another server: `finish` asks the server itself. */
    put(&words, "target_session_attrs", store->must_be_primary && store->num_hosts == 1 ? "any" : NULL);
    return PQconnectdbParams(words.keys, words.values, 1);
}

/* Sets what every connection has, and asks a server that must be a primary whether it is one. */
static lk_status_t finish(const lk_store_t *store, PGconn *pg, lk_error_t *err)
{
    char text[160];
    PGresult *result = NULL;
    snprintf(text, sizeof(text),
             "SELECT set_config('statement_timeout', '%d', false), current_setting('transaction_read_only'), set_config('jit', "
             "'off', false)",
             store->options.statement_timeout_ms);
    PQsetNoticeReceiver(pg, ignore_notice, NULL);
    lk_status_t status = lk_exec_text(pg, text, store->options.connect_timeout_ms, &result, err);
    if (status == LK_OK && store->must_be_primary && strcmp(PQgetvalue(result, 0, 1), "on") == 0)
        status = refuse(err, "the server is read-only: a standby, or one that is being failed over");
    PQclear(result);
    return status;
}

static PGconn *try_to_connect(const lk_store_t *store, lk_arena_t *arena, int briefly, lk_error_t *err)
{
    const char *password = NULL;
    lk_tls_files_t files;
    lk_tls_watch_t watch = {.allow_sha1 = store->options.tls.allow_sha1};
    if (lk_tls_files_open(arena, &store->options.tls, &files, err) != LK_OK) {
        refuse(err, err != NULL ? lk_strdup(arena, err->text) : "");
        return NULL;
    }
    if (store->options.password != NULL &&
        store->options.password(store->options.password_context, arena, &password, err) != LK_OK) {
        lk_tls_files_close(&files);
        return NULL;
    }
    lk_tls_watch_begin(&watch);
    PGconn *pg = connect(store, arena, briefly, &files, password);
    lk_tls_watch_end();
    lk_tls_files_close(&files);
    if (pg == NULL || PQstatus(pg) != CONNECTION_OK)
        refuse(err, lk_printf(arena, "%s%s%.400s", watch.failure, watch.failure[0] != '\0' ? "; " : "",
                              pg == NULL ? "out of memory" : PQerrorMessage(pg)));
    else if (finish(store, pg, err) == LK_OK)
        return pg;
    PQfinish(pg);
    return NULL;
}

PGconn *lk_connect(lk_store_t *store, int briefly, lk_error_t *err)
{
    lk_arena_t *arena = lk_arena_create("connect");
    PGconn *pg = try_to_connect(store, arena, briefly, err);
    lk_arena_destroy(&arena);
    if (pg == NULL)
        atomic_fetch_add(&store->first_host, 1);
    return pg;
}
