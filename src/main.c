/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <curl/curl.h>
#include "config/settings.h"
#include "core/log.h"
#include "core/time.h"
#include "http/server.h"
#include "model/import.h"
#include "model/realms.h"
#include "theme/theme.h"

/* The subcommands, and what holds the rooms together: settings to store, realms, themes and server. */

#define VERSION "0.1.0"
#define DATABASE_WAIT_MS 60000
#define LOG "latchkey.main"

enum { EXIT_OK = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

typedef struct st_process_t {
    lk_arena_t *arena;
    lk_settings_t settings;
    lk_app_t app;
    lk_themes_t *themes;
    lk_embedded_pg_t *embedded;
    lk_server_t *server;
} process_t;

static process_t process;
extern char **environ;

static void on_notice(lk_log_level_t level, const char *category, const char *text)
{
    lk_log(level, category, NULL, "%s", text);
}

static int fail(const char *what, const lk_error_t *err)
{
    lk_log(LK_LOG_ERROR, LOG, NULL, "%s: %s%s%s%s", what, err->text, *err->detail != '\0' ? " (" : "", err->detail,
           *err->detail != '\0' ? ")" : "");
    return EXIT_FAILED;
}

/* --- settings
 * ------------------------------------------------------------------------------------------------------------------------- */

static void init_log(const lk_settings_t *settings)
{
    lk_log_level_t level = LK_LOG_INFO;
    /* "info,org.keycloak:debug": the root's level is the entry without a category */
    for (const char *at = settings->log_level; at != NULL && *at != '\0'; at += strcspn(at, ","), at += *at == ',') {
        size_t len = strcspn(at, ",");
        char word[16] = "";
        if (memchr(at, ':', len) == NULL && len < sizeof(word))
            lk_log_level_parse(memcpy(word, at, len), &level);
    }
    lk_log_init(level, strcmp(settings->log_console_output, "json") == 0 ? LK_LOG_JSON : LK_LOG_DEFAULT);
}

static int load_settings(int dev_mode, int argc, char **argv)
{
    lk_error_t err = {0};
    if (lk_settings_load(process.arena, dev_mode, argc, argv, environ, &process.settings, &err) != LK_OK) {
        fprintf(stderr, "latchkey: %s\n", err.text);
        return EXIT_USAGE;
    }
    init_log(&process.settings);
    lk_buffer_t names;
    lk_buffer_init(&names, process.arena, 65536);
    for (const char *const *name = process.settings.without_meaning; *name != NULL; ++name)
        lk_buffer_printf(&names, " --%s", *name);
    if (names.len != 0)
        lk_log(LK_LOG_INFO, LOG, NULL, "Options of Keycloak that have no meaning here were accepted:%s", names.base);
    return EXIT_OK;
}

/* --- database
 * --------------------------------------------------------------------------------------------------------------------------- */

static int has_database_options(const lk_settings_t *settings)
{
    return settings->db_url != NULL || settings->db_url_host != NULL;
}

static lk_status_t find_database(char **ret_conninfo, lk_error_t *err)
{
    const char *embedded;
    if (!process.settings.dev_mode || has_database_options(&process.settings))
        return lk_settings_conninfo(process.arena, &process.settings, ret_conninfo, err);
    lk_status_t status = lk_embedded_pg_start(process.settings.data_dir, on_notice, &process.embedded, &embedded, err);
    if (status == LK_OK)
        *ret_conninfo = lk_strdup(process.arena, embedded);
    return status;
}

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
    if (status == LK_OK)
        status = lk_store_wait(process.app.store, DATABASE_WAIT_MS, err);
    if (status == LK_OK)
        status = lk_store_migrate(process.app.store, err);
    return status;
}

/* Store, realms, the master realm: what start and import have in common. */
static int open_model(void)
{
    const lk_settings_t *s = &process.settings;
    lk_error_t err = {0};
    process.app.notice = on_notice;
    process.app.version = VERSION;
    process.app.started_ms = lk_now_ms();
    if (open_store(&err) != LK_OK)
        return fail("The database cannot be used", &err);
    process.app.sql = lk_store_sql(process.app.store);
    if (lk_realms_create(process.app.store, on_notice, &process.app.realms, &err) != LK_OK)
        return fail("The realms cannot be read", &err);
    int with_client = s->bootstrap_admin_client_secret != NULL;
    const char *user = s->bootstrap_admin_password == NULL   ? NULL
                       : s->bootstrap_admin_username != NULL ? s->bootstrap_admin_username
                                                             : "temp-admin";
    const char *client = !with_client ? NULL : s->bootstrap_admin_client_id != NULL ? s->bootstrap_admin_client_id : "temp-admin";
    if (lk_bootstrap_master(&process.app, user, s->bootstrap_admin_password, client, s->bootstrap_admin_client_secret, &err) !=
        LK_OK)
        return fail("The master realm cannot be made", &err);
    return EXIT_OK;
}

static void close_all(void)
{
    if (process.app.store != NULL)
        lk_store_close(&process.app.store);
    if (process.app.realms != NULL)
        lk_realms_free(&process.app.realms);
    lk_themes_free(&process.themes);
    if (process.embedded != NULL)
        lk_embedded_pg_stop(&process.embedded);
}

/* --- server
 * ---------------------------------------------------------------------------------------------------------------------------------
 */

static int database_is_up(void *context)
{
    lk_error_t err;
    (void)context;
    return lk_store_ping(process.app.store, &err) == LK_OK;
}

static void on_change(void *context, const char *realm_id)
{
    lk_realms_invalidate(context, realm_id);
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

static lk_server_options_t server_options(const lk_settings_t *s)
{
    lk_server_options_t o = LK_SERVER_DEFAULTS;
    int has_tls = s->https_certificate_file != NULL;
    o.http = (lk_listen_options_t){s->http_host, s->http_enabled ? s->http_port : -1};
    o.https = (lk_listen_options_t){s->http_host, has_tls ? s->https_port : -1};
    o.tls = (lk_tls_options_t){
        s->https_certificate_file, s->https_certificate_key_file, client_auth(s->https_client_auth), s->https_trust_store_file,
        s->https_protocols,        s->https_cipher_suites};
    o.relative_path = s->http_relative_path;
    o.hostname = s->hostname;
    o.proxy_headers = proxy_headers(s->proxy_headers);
    o.proxy_trusted_addresses = s->proxy_trusted_addresses;
    o.management =
        (lk_listen_options_t){s->http_management_host, s->health_enabled || s->metrics_enabled ? s->http_management_port : -1};
    o.management_tls = has_tls && strcmp(s->http_management_scheme, "inherited") == 0;
    o.management_relative_path = s->http_management_relative_path;
    o.health_enabled = s->health_enabled;
    o.metrics_enabled = s->metrics_enabled;
    o.health_on_main = !s->http_management_health_enabled;
    o.health_checks = checks;
    o.num_health_checks = sizeof(checks) / sizeof(checks[0]);
    o.quick_threads = s->http_pool_max_threads;
    if (s->http_max_queued_requests != 0)
        o.max_queued = s->http_max_queued_requests;
    o.access_log = s->http_access_log_enabled;
    o.access_log_pattern = s->http_access_log_pattern;
    o.access_log_exclude = s->http_access_log_exclude;
    o.shutdown_delay = (int)s->shutdown_delay;
    o.shutdown_timeout = (int)s->shutdown_timeout;
    o.themes = process.themes;
    return o;
}

/* What start refuses to guess, as Keycloak does. */
static const char *missing_setting(const lk_settings_t *s)
{
    if (s->hostname == NULL && s->hostname_strict)
        return "hostname is not configured: set --hostname=https://..., or --hostname-strict=false to take it from each request";
    if (!s->http_enabled && s->https_certificate_file == NULL)
        return "no listener: set --https-certificate-file and --https-certificate-key-file, or --http-enabled=true behind a proxy "
               "that ends TLS";
    if (s->https_certificate_file != NULL && s->https_certificate_key_file == NULL)
        return "--https-certificate-file needs --https-certificate-key-file";
    return NULL;
}

static lk_status_t import_at_start(lk_error_t *err)
{
    const lk_settings_t *s = &process.settings;
    const char *dir = s->import_dir != NULL ? s->import_dir : lk_printf(process.arena, "%s/import", s->data_dir);
    lk_import_options_t options = {0};
    if (access(dir, F_OK) != 0) {
        lk_log(LK_LOG_WARN, LOG, NULL, "--import-realm: there is no folder %s", dir);
        return LK_OK;
    }
    return lk_import_path(&process.app, dir, &options, err);
}

static void wait_for_end(const sigset_t *signals)
{
    int signal_number;
    lk_error_t err;
    for (;;) {
        sigwait(signals, &signal_number);
        if (signal_number != SIGHUP)
            return;
        if (lk_server_reload(process.server, &err) != LK_OK)
            fail("The certificates were not read again", &err);
    }
}

static void *hurry_on_signal(void *signals)
{
    int signal_number;
    sigwait(signals, &signal_number);
    lk_server_hurry(process.server);
    return NULL;
}

/* 0, or -1 where handlers still run: then nothing that they use may be freed. */
static int stop_gracefully(sigset_t *signals)
{
    pthread_t thread;
    lk_log(LK_LOG_INFO, LOG, NULL, "Stopping: requests in flight are finished first");
    int watching = pthread_create(&thread, NULL, hurry_on_signal, signals) == 0;
    int result = lk_server_stop(&process.server);
    if (watching) {
        pthread_cancel(thread);
        pthread_join(thread, NULL);
    }
    return result;
}

static void block_signals(sigset_t *ret_signals)
{
    sigemptyset(ret_signals);
    sigaddset(ret_signals, SIGTERM);
    sigaddset(ret_signals, SIGINT);
    sigaddset(ret_signals, SIGHUP);
    pthread_sigmask(SIG_BLOCK, ret_signals, NULL);
    signal(SIGPIPE, SIG_IGN);
}

static int serve(int64_t begun)
{
    sigset_t signals;
    lk_error_t err = {0};
    block_signals(&signals);
    const char *missing = missing_setting(&process.settings);
    if (missing != NULL) {
        lk_log(LK_LOG_ERROR, LOG, NULL, "%s", missing);
        return EXIT_USAGE;
    }
    if (lk_themes_load(process.settings.theme_dir, &process.themes, &err) != LK_OK)
        return fail("The themes cannot be read", &err);
    process.app.theme_version = lk_themes_version(process.themes);
    int code = open_model();
    if (code != EXIT_OK)
        return code;
    if (process.settings.import_realm && import_at_start(&err) != LK_OK)
        return fail("A realm was not imported", &err);
    if (lk_store_listen(process.app.store, on_change, process.app.realms, &err) != LK_OK)
        return fail("Changes cannot be listened for", &err);
    lk_server_options_t options = server_options(&process.settings);
    if (lk_server_start(&options, &process.app, &process.server, &err) != LK_OK)
        return fail("The server cannot start", &err);
    lk_server_set_ready(process.server, 1);
    lk_log(LK_LOG_INFO, LOG, NULL, "Latchkey " VERSION " started in %.3fs. Listening on: %s%d%s%d, management %d",
           (double)(lk_ticks_us() - begun) / 1e6, "http ", lk_server_http_port(process.server), ", https ",
           lk_server_https_port(process.server), lk_server_management_port(process.server));
    malloc_trim(0);
    wait_for_end(&signals);
    if (stop_gracefully(&signals) != 0) {
        lk_log(LK_LOG_WARN, LOG, NULL, "Requests were still running at the end of the shutdown timeout");
        if (process.embedded != NULL)
            lk_embedded_pg_stop(&process.embedded);
        _exit(EXIT_OK);
    }
    return EXIT_OK;
}

/* --- subcommands
 * ---------------------------------------------------------------------------------------------------------------------------- */

static int command_start(int argc, char **argv)
{
    int64_t begun = lk_ticks_us();
    int code = load_settings(0, argc, argv);
    return code != EXIT_OK ? code : serve(begun);
}

static int command_start_dev(int argc, char **argv)
{
    int64_t begun = lk_ticks_us();
    int code = load_settings(1, argc, argv);
    return code != EXIT_OK ? code : serve(begun);
}

static int command_import(int argc, char **argv)
{
    lk_error_t err = {0};
    int code = load_settings(0, argc, argv);
    if (code != EXIT_OK)
        return code;
    const lk_settings_t *s = &process.settings;
    process.settings.dev_mode = !has_database_options(s); /* without a database: the one of start-dev */
    if ((s->file == NULL) == (s->dir == NULL)) {
        fputs("latchkey import: give either --file=FILE or --dir=FOLDER\n", stderr);
        return EXIT_USAGE;
    }
    if ((code = open_model()) != EXIT_OK)
        return code;
    lk_import_options_t options = {.override = s->override};
    if (lk_import_path(&process.app, s->file != NULL ? s->file : s->dir, &options, &err) != LK_OK)
        return fail("Nothing was imported", &err);
    return EXIT_OK;
}

static int command_show_config(int argc, char **argv)
{
    int code = load_settings(0, argc, argv);
    if (code != EXIT_OK)
        return code;
    if (process.settings.markdown)
        lk_options_markdown(stdout);
    else
        lk_settings_show(stdout, &process.settings);
    return EXIT_OK;
}

static int command_build(int argc, char **argv)
{
    int code = load_settings(0, argc, argv);
    if (code == EXIT_OK)
        puts("There is nothing to build: give the options to start.");
    return code;
}

static int command_version(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    puts("Latchkey " VERSION);
    return EXIT_OK;
}

static int command_help(int argc, char **argv);

static const struct {
    const char *name;
    int (*run)(int argc, char **argv); /* without the program and the subcommand */
    const char *help;
} commands[] = {
    {"start", command_start, "Serve, with the database that is configured."},
    {"start-dev", command_start_dev, "Serve with a private Postgres in the data folder, plain HTTP and any host name."},
    {"import", command_import, "Import realms from --file or --dir, and end."},
    {"show-config", command_show_config, "Print the settings in force."},
    {"build", command_build, "Accepted for Keycloak's sake."},
    {"--version", command_version, "Print the version."},
    {"--help", command_help, "Print this."},
};
#define NUM_COMMANDS (sizeof(commands) / sizeof(commands[0]))

static int command_help(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    puts("Usage: latchkey <command> [--option=value ...]\n\nCommands:");
    for (size_t i = 0; i != NUM_COMMANDS; ++i)
        printf("  %-12s %s\n", commands[i].name, commands[i].help);
    lk_options_help(stdout);
    return EXIT_OK;
}

static int wants_help(int argc, char **argv)
{
    for (int i = 2; i < argc; ++i)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0 || strcmp(argv[i], "--help-all") == 0)
            return 1;
    return 0;
}

int main(int argc, char **argv)
{
    const char *name = argc < 2 || wants_help(argc, argv) || strcmp(argv[1], "-h") == 0 ? "--help"
                       : strcmp(argv[1], "-V") == 0                                     ? "--version"
                                                                                        : argv[1];
    umask(077);
    mallopt(M_ARENA_MAX, 2); /* many short-lived arenas on few threads: more heaps would only hold more memory */
    for (size_t i = 0; i != NUM_COMMANDS; ++i) {
        if (strcmp(commands[i].name, name) != 0)
            continue;
        curl_global_init(CURL_GLOBAL_DEFAULT);
        process.arena = lk_arena_create("process");
        int code = commands[i].run(argc - 2, argv + 2);
        close_all();
        lk_arena_destroy(&process.arena);
        curl_global_cleanup();
        return code;
    }
    fprintf(stderr, "latchkey: unknown command '%s'. See latchkey --help.\n", name);
    return EXIT_USAGE;
}
