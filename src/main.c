/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "config.h"
#include <errno.h>
#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <time.h>
#include <unistd.h>
#include <curl/curl.h>
#include "config/settings.h"
#include "core/log.h"
#include "core/time.h"
#include "http/server.h"
#include "model/housekeeping.h"
#include "model/import.h"
#include "model/realms.h"
#include "theme/theme.h"
#include "token/token.h"

/* The subcommands, and what holds the rooms together: settings to store, realms, themes and server. */

#define LOG "latchkey.main"
#define HOUSEKEEPING_INTERVAL 300 /* seconds */

enum { EXIT_OK = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

typedef enum en_stage_t { STAGE_STARTING, STAGE_SERVING, STAGE_STOPPING } stage_t;

/* Lifetime: process. */
static struct {
    lk_arena_t *arena;
    int argc; /* of the subcommand's own arguments */
    char **argv;
    lk_settings_t settings;
    lk_app_t app;
    lk_themes_t *themes;
    lk_embedded_pg_t *embedded;
    lk_server_t *server;
    sigset_t signals;
    sem_t end; /* posted by the thread that waits for signals */
    _Atomic stage_t stage;
} process;

extern char **environ;

static void on_notice(lk_log_level_t level, const char *category, const char *text)
{
    lk_log(level, category, NULL, "%s", text);
}

static int fail(const char *what, const lk_error_t *err)
{
    int has_detail = *err->detail != '\0';
    lk_log(LK_LOG_ERROR, LOG, NULL, "%s: %s%s%s%s", what, err->text, has_detail ? " (" : "", err->detail, has_detail ? ")" : "");
    return EXIT_FAILED;
}

/* --- settings ------------------------------------------------------------------------------------------------------ */

static void init_log(const lk_settings_t *settings)
{
    lk_log_init(lk_settings_log_level(settings), strcmp(settings->log_console_output, "json") == 0 ? LK_LOG_JSON : LK_LOG_DEFAULT);
}

static int load_settings(int dev_mode)
{
    lk_error_t err = {0};
    if (lk_settings_load(process.arena, dev_mode, process.argc, process.argv, environ, &process.settings, &err) != LK_OK) {
        fprintf(stderr, "latchkey: %s\n", err.text);
        return EXIT_USAGE;
    }
    init_log(&process.settings);
    return EXIT_OK;
}

static void log_without_meaning(void)
{
    lk_buffer_t names;
    lk_buffer_init(&names, process.arena, 65536);
    for (const char *const *name = process.settings.without_meaning; *name != NULL; ++name)
        lk_buffer_printf(&names, " %s", *name);
    if (names.len != 0)
        lk_log(LK_LOG_INFO, LOG, NULL, "Options of Keycloak that have no meaning here were accepted:%s", names.base);
}

/* --- database ------------------------------------------------------------------------------------------------------ */

static int has_own_database(const lk_settings_t *s)
{
    return s->db_url != NULL || s->db_url_host != NULL || (s->db != NULL && strcmp(s->db, "postgres") == 0);
}

static lk_status_t find_database(char **ret_conninfo, lk_error_t *err)
{
    const char *embedded;
    if (!process.settings.dev_mode || has_own_database(&process.settings))
        return lk_settings_conninfo(process.arena, &process.settings, ret_conninfo, err);
    lk_status_t status = lk_embedded_pg_start(process.settings.data_dir, on_notice, &process.embedded, &embedded, err);
    if (status == LK_OK)
        *ret_conninfo = lk_strdup(process.arena, embedded);
    return status;
}

/* No connection is made yet. */
static lk_status_t open_store(lk_error_t *err)
{
    const lk_settings_t *s = &process.settings;
    char *conninfo;
    lk_status_t status = find_database(&conninfo, err);
    if (status != LK_OK)
        return status;
    lk_store_options_t options = {.conninfo = conninfo,
                                  .pool_min = s->db_pool_min_size,
                                  .pool_max = s->db_pool_max_size,
                                  .connect_timeout_ms = (int)s->db_connect_timeout,
                                  .acquire_timeout_ms = 5000,
                                  .statement_timeout_ms = 30000,
                                  .max_lifetime_s = (int)(s->db_pool_max_lifetime / 1000),
                                  .notice = on_notice};
    status = lk_store_open(&options, &process.app.store, err);
    explicit_bzero(conninfo, strlen(conninfo));
    if (status != LK_OK)
        return status;
    process.app.sql = lk_store_sql(process.app.store);
    process.app.notice = on_notice;
    process.app.version = PACKAGE_VERSION;
    process.app.started_ms = lk_now_ms();
    return LK_OK;
}

static lk_status_t bootstrap(lk_error_t *err)
{
    const lk_settings_t *s = &process.settings;
    const char *user = s->bootstrap_admin_username != NULL ? s->bootstrap_admin_username : "temp-admin";
    const char *client = s->bootstrap_admin_client_id != NULL ? s->bootstrap_admin_client_id : "temp-admin";
    return lk_bootstrap_master(&process.app, s->bootstrap_admin_password != NULL ? user : NULL, s->bootstrap_admin_password,
                               s->bootstrap_admin_client_secret != NULL ? client : NULL, s->bootstrap_admin_client_secret, err);
}

/* Waits for the database as long as one connection may take, then brings it up to date: what start and import have in common. */
static int open_model(void)
{
    lk_error_t err = {0};
    lk_store_t *store = process.app.store;
    if (lk_store_wait(store, (int)process.settings.db_connect_timeout, &err) != LK_OK || lk_store_migrate(store, &err) != LK_OK)
        return fail("The database cannot be used", &err);
    if (lk_realms_create(store, on_notice, &process.app.realms, &err) != LK_OK)
        return fail("The realms cannot be read", &err);
    lk_realms_set_plans_free(process.app.realms, lk_plans_free);
    if (bootstrap(&err) != LK_OK)
        return fail("The master realm cannot be made", &err);
    return EXIT_OK;
}

/* The server must have ended: its handlers use all of this. */
static void close_all(void)
{
    if (process.app.store != NULL)
        lk_store_close(&process.app.store); /* its listener calls into the realms */
    lk_realms_free(&process.app.realms);
    lk_themes_free(&process.themes);
    lk_embedded_pg_stop(&process.embedded);
    lk_arena_destroy(&process.arena);
}

/* --- server -------------------------------------------------------------------------------------------------------- */

static int database_is_up(void *context)
{
    lk_error_t err;
    (void)context;
    return lk_store_ping(process.app.store, &err) == LK_OK;
}

static lk_client_auth_t client_auth(const char *text)
{
    return strcmp(text, "required") == 0  ? LK_CLIENT_AUTH_REQUIRED
           : strcmp(text, "request") == 0 ? LK_CLIENT_AUTH_REQUEST
                                          : LK_CLIENT_AUTH_NONE;
}

static lk_proxy_headers_t proxy_headers(const char *text)
{
    return text == NULL ? LK_PROXY_NONE : strcmp(text, "forwarded") == 0 ? LK_PROXY_FORWARDED : LK_PROXY_XFORWARDED;
}

static const lk_health_check_t checks[] = {{"Database connections async health check", database_is_up, NULL}};

static void set_management(lk_server_options_t *options, const lk_settings_t *s)
{
    int has_any = (s->health_enabled && s->http_management_health_enabled) || s->metrics_enabled;
    options->management = (lk_listen_options_t){s->http_management_host, has_any ? s->http_management_port : -1};
    options->management_tls = s->https_certificate_file != NULL && strcmp(s->http_management_scheme, "inherited") == 0;
    options->management_relative_path = s->http_management_relative_path;
    options->health_enabled = s->health_enabled;
    options->metrics_enabled = s->metrics_enabled;
    options->health_on_main = !s->http_management_health_enabled;
    options->health_checks = checks;
    options->num_health_checks = sizeof(checks) / sizeof(checks[0]);
}

static lk_server_options_t server_options(const lk_settings_t *s)
{
    lk_server_options_t options = LK_SERVER_DEFAULTS;
    options.http = (lk_listen_options_t){s->http_host, s->http_enabled ? s->http_port : -1};
    options.https = (lk_listen_options_t){s->http_host, s->https_certificate_file != NULL ? s->https_port : -1};
    options.tls = (lk_tls_options_t){.certificate_file = s->https_certificate_file,
                                     .key_file = s->https_certificate_key_file,
                                     .client_auth = client_auth(s->https_client_auth),
                                     .trust_file = s->https_trust_store_file,
                                     .protocols = s->https_protocols,
                                     .ciphers = s->https_cipher_suites};
    options.relative_path = s->http_relative_path;
    options.hostname = s->hostname;
    options.hostname_backchannel_dynamic = s->hostname_backchannel_dynamic;
    options.proxy_headers = proxy_headers(s->proxy_headers);
    options.proxy_trusted_addresses = s->proxy_trusted_addresses;
    set_management(&options, s);
    options.quick_threads = s->http_pool_max_threads;
    if (s->http_max_queued_requests != 0)
        options.max_queued = s->http_max_queued_requests;
    options.access_log = s->http_access_log_enabled;
    options.access_log_pattern = s->http_access_log_pattern;
    options.access_log_exclude = s->http_access_log_exclude;
    options.shutdown_delay = (int)s->shutdown_delay;
    options.shutdown_timeout = (int)s->shutdown_timeout;
    options.themes = process.themes;
    return options;
}

/* What start refuses to guess. */
static const char *missing_setting(const lk_settings_t *s)
{
    if (!s->dev_mode && !has_own_database(s))
        return "no database: give --db=postgres with --db-url=jdbc:postgresql://host/database, --db-username and --db-password; "
               "start-dev runs one of its own";
    if (s->hostname == NULL && s->hostname_strict)
        return "no hostname: give --hostname=https://..., or --hostname-strict=false to take it from each request";
    if (!s->http_enabled && s->https_certificate_file == NULL)
        return "no listener: give --https-certificate-file and --https-certificate-key-file, or --http-enabled=true behind a "
               "proxy that ends TLS";
    if ((s->https_certificate_file == NULL) != (s->https_certificate_key_file == NULL))
        return "--https-certificate-file and --https-certificate-key-file go together";
    return NULL;
}

static lk_status_t import_at_start(lk_error_t *err)
{
    const lk_settings_t *s = &process.settings;
    const char *dir = s->import_dir != NULL ? s->import_dir : lk_printf(process.arena, "%s/import", s->data_dir);
    if (access(dir, F_OK) != 0) {
        lk_log(LK_LOG_WARN, LOG, NULL, "--import-realm: there is no folder %s", dir);
        return LK_OK;
    }
    return lk_import_path(&process.app, dir, &(lk_import_options_t){0}, err);
}

/* --- signals ------------------------------------------------------------------------------------------------------- */

static lk_status_t reload_certificate(lk_error_t *err)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&lock);
    lk_status_t status = lk_server_reload(process.server, err);
    pthread_mutex_unlock(&lock);
    return status;
}

/* SIGHUP: certificate, key and log level are read again; nothing else changes while the process lives. */
static void reload(void)
{
    lk_error_t err = {0};
    lk_settings_t settings;
    lk_arena_t *arena = lk_arena_create("settings read again");
    if (reload_certificate(&err) != LK_OK)
        fail("The certificate was not read again", &err);
    if (lk_settings_load(arena, process.settings.dev_mode, process.argc, process.argv, environ, &settings, &err) == LK_OK)
        init_log(&settings);
    else
        fail("The log level was not read again", &err);
    lk_log(LK_LOG_INFO, LOG, NULL, "Read certificate and log level again");
    lk_arena_destroy(&arena);
}

static void *watch_signals(void *unused)
{
    int number;
    (void)unused;
    for (;;) {
        sigwait(&process.signals, &number);
        stage_t stage = atomic_load(&process.stage);
        if (number == SIGHUP && stage == STAGE_SERVING)
            reload();
        if (number == SIGHUP)
            continue;
        if (stage !=
            STAGE_SERVING) { /* nothing is served yet, or somebody is in a hurry; the embedded Postgres follows by itself */
            lk_log(LK_LOG_INFO, LOG, NULL, "Stopped at once");
            _exit(stage == STAGE_STARTING ? EXIT_OK : EXIT_FAILED);
        }
        atomic_store(&process.stage, STAGE_STOPPING);
        sem_post(&process.end);
    }
    return NULL;
}

/* Before any other thread: all inherit the mask. */
static int begin_signals(void)
{
    pthread_t thread;
    sigemptyset(&process.signals);
    sigaddset(&process.signals, SIGTERM);
    sigaddset(&process.signals, SIGINT);
    sigaddset(&process.signals, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &process.signals, NULL);
    signal(SIGPIPE, SIG_IGN);
    sem_init(&process.end, 0, 0);
    if (pthread_create(&thread, NULL, watch_signals, NULL) != 0)
        return EXIT_FAILED;
    pthread_detach(thread);
    return EXIT_OK;
}

/* --- chores -------------------------------------------------------------------------------------------------------- */

static void keep_house(void)
{
    lk_error_t err = {0};
    lk_housekeeping_t done;
    if (lk_housekeeping_run(&process.app, &done, &err) != LK_OK)
        lk_log(LK_LOG_WARN, LOG, NULL, "Expired sessions were not deleted: %s (%s)", err.text, err.detail);
    else if (done.sessions + done.used_values + done.failures != 0)
        lk_log(LK_LOG_DEBUG, LOG, NULL, "Deleted %lld expired sessions, %lld used values, %lld login failures",
               (long long)done.sessions, (long long)done.used_values, (long long)done.failures);
}

/* Tools renew certificates in place. */
static void renew_certificate(void)
{
    lk_error_t err = {0};
    if (reload_certificate(&err) != LK_OK)
        fail("The certificate was not read again", &err);
}

/* 1 where the process is to end, 0 after so many seconds. */
static int waits_for_end(int seconds)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += seconds;
    int result;
    do
        result = sem_clockwait(&process.end, CLOCK_MONOTONIC, &until);
    while (result != 0 && errno == EINTR);
    return result == 0;
}

/* Until the end is asked for. */
static void do_chores(void)
{
    const struct {
        int interval; /* seconds; 0: never */
        void (*run)(void);
    } chores[] = {{HOUSEKEEPING_INTERVAL, keep_house},
                  {(int)(process.settings.https_certificates_reload_period / 1000), renew_certificate}};
    enum { NUM_CHORES = sizeof(chores) / sizeof(chores[0]) };
    int64_t now = lk_ticks_us() / 1000000, due[NUM_CHORES];
    for (size_t i = 0; i != NUM_CHORES; ++i)
        due[i] = chores[i].interval != 0 ? now + chores[i].interval : INT64_MAX;
    for (;;) {
        size_t next = 0;
        for (size_t i = 1; i != NUM_CHORES; ++i)
            next = due[i] < due[next] ? i : next;
        now = lk_ticks_us() / 1000000;
        if (due[next] > now && waits_for_end((int)(due[next] - now)))
            return;
        chores[next].run();
        due[next] = lk_ticks_us() / 1000000 + chores[next].interval;
    }
}

/* --- start --------------------------------------------------------------------------------------------------------- */

static void log_started(int64_t begun)
{
    static const struct {
        const char *name;
        int (*port)(const lk_server_t *server);
    } listeners[] = {{"http", lk_server_http_port}, {"https", lk_server_https_port}, {"management", lk_server_management_port}};
    lk_buffer_t text;
    lk_buffer_init(&text, process.arena, 256);
    for (size_t i = 0; i != sizeof(listeners) / sizeof(listeners[0]); ++i)
        if (listeners[i].port(process.server) != -1)
            lk_buffer_printf(&text, "%s%s port %d", text.len != 0 ? ", " : "", listeners[i].name,
                             listeners[i].port(process.server));
    lk_log(LK_LOG_INFO, LOG, NULL, "Latchkey " PACKAGE_VERSION " started in %.3fs. Listening on %s, path %s",
           (double)(lk_ticks_us() - begun) / 1e6, text.base, process.settings.http_relative_path);
}

/* The server comes first, answering 503, so that health can be asked while the database is waited for. */
static int begin(int64_t begun)
{
    lk_error_t err = {0};
    if (lk_themes_load(process.settings.theme_dir, &process.themes, &err) != LK_OK)
        return fail("The themes cannot be read", &err);
    process.app.theme_version = lk_themes_version(process.themes);
    if (open_store(&err) != LK_OK)
        return fail("The database cannot be used", &err);
    lk_server_options_t options = server_options(&process.settings);
    if (lk_server_start(&options, &process.app, &process.server, &err) != LK_OK)
        return fail("The server cannot start", &err);
    int code = open_model();
    if (code != EXIT_OK)
        return code;
    if (process.settings.import_realm && import_at_start(&err) != LK_OK)
        return fail("A realm was not imported", &err);
    lk_server_set_ready(process.server, 1);
    atomic_store(&process.stage, STAGE_SERVING);
    malloc_trim(0); /* an import leaves much behind */
    log_started(begun);
    return EXIT_OK;
}

static int serve(int dev_mode)
{
    int64_t begun = lk_ticks_us();
    int code = load_settings(dev_mode);
    if (code != EXIT_OK)
        return code;
    const char *missing = missing_setting(&process.settings);
    if (missing != NULL) {
        fprintf(stderr, "latchkey: %s\n", missing);
        return EXIT_USAGE;
    }
    log_without_meaning();
    if ((code = begin_signals()) == EXIT_OK && (code = begin(begun)) == EXIT_OK) {
        do_chores();
        lk_log(LK_LOG_INFO, LOG, NULL, "Stopping: requests in flight are finished first");
    }
    atomic_store(&process.stage, STAGE_STOPPING);
    if (process.server != NULL && lk_server_stop(&process.server) != 0)
        _exit(EXIT_FAILED); /* handlers still run: nothing may be freed */
    return code;
}

/* --- subcommands --------------------------------------------------------------------------------------------------- */

static int command_start(void)
{
    return serve(0);
}

static int command_start_dev(void)
{
    return serve(1);
}

static int command_import(void)
{
    lk_error_t err = {0};
    const lk_settings_t *s = &process.settings;
    int code = load_settings(0);
    if (code != EXIT_OK)
        return code;
    if ((s->file == NULL) == (s->dir == NULL)) {
        fputs("latchkey import: give either --file=FILE or --dir=FOLDER\n", stderr);
        return EXIT_USAGE;
    }
    process.settings.dev_mode = !has_own_database(s); /* without a database: the one of start-dev */
    if (open_store(&err) != LK_OK)
        return fail("The database cannot be used", &err);
    if ((code = open_model()) != EXIT_OK)
        return code;
    lk_import_options_t options = {.override = s->override};
    if (lk_import_path(&process.app, s->file != NULL ? s->file : s->dir, &options, &err) != LK_OK)
        return fail("Nothing was imported", &err);
    return EXIT_OK;
}

static int command_show_config(void)
{
    int code = load_settings(0);
    if (code == EXIT_OK && process.settings.markdown)
        lk_options_markdown(stdout);
    else if (code == EXIT_OK)
        lk_settings_show(stdout, &process.settings);
    return code;
}

static int command_build(void)
{
    int code = load_settings(0);
    if (code == EXIT_OK)
        puts("There is nothing to build: give these options to start.");
    return code;
}

static int command_version(void)
{
    puts("Latchkey " PACKAGE_VERSION);
    return EXIT_OK;
}

static int command_help(void);

static const struct {
    const char *name, *alias;
    int (*run)(void);
    const char *help;
} commands[] = {
    {"start", NULL, command_start, "Serve, with the Postgres that is configured."},
    {"start-dev", NULL, command_start_dev, "Serve with a private Postgres in the data folder, plain HTTP and any host name."},
    {"import", NULL, command_import, "Import realms from --file or --dir, and end."},
    {"show-config", NULL, command_show_config, "Print the settings in force."},
    {"build", NULL, command_build, "Accepted for the sake of scripts: there is nothing to build."},
    {"--version", "-V", command_version, "Print the version."},
    {"--help", "-h", command_help, "Print this."},
};
#define NUM_COMMANDS (sizeof(commands) / sizeof(commands[0]))

static int command_help(void)
{
    puts("Usage: latchkey <command> [--option=value ...]\n\nCommands:");
    for (size_t i = 0; i != NUM_COMMANDS; ++i)
        printf("  %-12s %s\n", commands[i].name, commands[i].help);
    lk_options_help(stdout);
    return EXIT_OK;
}

static const char *command_name(int argc, char **argv)
{
    if (argc < 2)
        return "--help";
    for (int i = 2; i < argc; ++i)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0 || strcmp(argv[i], "--help-all") == 0)
            return "--help";
    return argv[1];
}

int main(int argc, char **argv)
{
    const char *name = command_name(argc, argv);
    umask(077);
    for (size_t i = 0; i != NUM_COMMANDS; ++i) {
        if (strcmp(commands[i].name, name) != 0 && (commands[i].alias == NULL || strcmp(commands[i].alias, name) != 0))
            continue;
        mallopt(M_ARENA_MAX, 2); /* one heap a thread would cost more memory than the locks cost time */
        curl_global_init(CURL_GLOBAL_DEFAULT);
        process.arena = lk_arena_create("process");
        process.argc = argc > 2 ? argc - 2 : 0;
        process.argv = argv + (argc > 2 ? 2 : argc);
        int code = commands[i].run();
        close_all();
        curl_global_cleanup();
        return code;
    }
    fprintf(stderr, "latchkey: unknown command '%s'. See latchkey --help.\n", name);
    return EXIT_USAGE;
}
