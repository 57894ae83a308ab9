/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "config.h"
#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "command/command.h"
#include "core/time.h"
#include "http/mailer.h"
#include "http/server.h"
#include "http/user_events.h"
#include "model/event.h"
#include "model/housekeeping.h"
#include "theme/theme.h"

/* start and start-dev: settings to store, realms, themes and server, and the chores while they serve. */

#define KEY_FILES_INTERVAL 2      /* seconds */
#define HOUSEKEEPING_INTERVAL 300 /* seconds */

typedef enum en_stage_t { STAGE_STARTING, STAGE_SERVING, STAGE_STOPPING } stage_t;

/* Lifetime: process. */
static struct {
    lk_themes_t *themes;
    lk_server_t *server;
    sigset_t signals;
    sem_t end; /* posted by the thread that waits for signals */
    _Atomic stage_t stage;
} serving;

extern char **environ;

static void log_without_meaning(void)
{
    lk_buffer_t names;
    lk_buffer_init(&names, lk_process.arena, 65536);
    for (const char *const *name = lk_process.settings.without_meaning; *name != NULL; ++name)
        lk_buffer_printf(&names, " %s", *name);
    if (names.len != 0)
        lk_log(LK_LOG_INFO, LK_LOG_MAIN, NULL, "Options of Keycloak that have no meaning here were accepted:%s", names.base);
}

static lk_status_t database_is_up(void *context, lk_error_t *err)
{
    return lk_store_ping(lk_process.app.store, err);
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
    options->metrics_histograms = s->http_metrics_histograms_enabled;
    options->metrics_slos = s->http_metrics_slos;
    options->health_on_main = !s->http_management_health_enabled;
    options->health_checks = checks;
    options->num_health_checks = sizeof(checks) / sizeof(checks[0]);
}

static lk_spans_options_t spans_options(const lk_settings_t *s)
{
    static const char parent[] = "parentbased_";
    int follows = strncmp(s->tracing_sampler_type, parent, sizeof(parent) - 1) == 0;
    const char *type = s->tracing_sampler_type + (follows ? sizeof(parent) - 1 : 0);
    return (lk_spans_options_t){.endpoint = s->tracing_enabled ? s->tracing_endpoint : NULL,
                                .service_name = s->tracing_service_name,
                                .resource_attributes = s->tracing_resource_attributes,
                                .sampler = strcmp(type, "always_on") == 0    ? LK_SAMPLE_ALL
                                           : strcmp(type, "always_off") == 0 ? LK_SAMPLE_NONE
                                                                             : LK_SAMPLE_RATIO,
                                .follows_parent = follows,
                                .ratio = strtod(s->tracing_sampler_ratio, NULL),
                                .notice = lk_process.app.notice};
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
    options.certificate_provider = s->certificate_provider;
    options.certificate_header = s->certificate_header;
    set_management(&options, s);
    options.quick_threads = s->http_pool_max_threads;
    if (s->http_max_queued_requests != 0)
        options.max_queued = s->http_max_queued_requests;
    options.access_log = s->http_access_log_enabled;
    options.access_log_pattern = s->http_access_log_pattern;
    options.access_log_exclude = s->http_access_log_exclude;
    options.shutdown_delay = (int)s->shutdown_delay;
    options.shutdown_timeout = (int)s->shutdown_timeout;
    options.spans = spans_options(s);
    options.themes = serving.themes;
    return options;
}

static int is_ratio(const char *text)
{
    char *end;
    double ratio = strtod(text, &end);
    return end != text && *end == '\0' && ratio >= 0 && ratio <= 1;
}

/* What start refuses to guess. */
static const char *missing_setting(const lk_settings_t *s)
{
    if (!s->dev_mode && !lk_process_has_own_database(s))
        return "no database: give --db=postgres with --db-url=jdbc:postgresql://host/database, --db-username and --db-password; "
               "start-dev runs one of its own";
    if (s->hostname == NULL && s->hostname_strict)
        return "no hostname: give --hostname=https://..., or --hostname-strict=false to take it from each request";
    if (!s->http_enabled && s->https_certificate_file == NULL)
        return "no listener: give --https-certificate-file and --https-certificate-key-file, or --http-enabled=true behind a "
               "proxy that ends TLS";
    if ((s->https_certificate_file == NULL) != (s->https_certificate_key_file == NULL))
        return "--https-certificate-file and --https-certificate-key-file go together";
    if (!is_ratio(s->tracing_sampler_ratio))
        return "--tracing-sampler-ratio must be a number from 0 to 1";
    return NULL;
}

static lk_status_t import_at_start(lk_error_t *err)
{
    const lk_settings_t *s = &lk_process.settings;
    const char *dir = s->import_dir != NULL ? s->import_dir : lk_printf(lk_process.arena, "%s/import", s->data_dir);
    if (access(dir, F_OK) != 0) {
        lk_log(LK_LOG_WARN, LK_LOG_MAIN, NULL, "--import-realm: there is no folder %s", dir);
        return LK_OK;
    }
    return lk_import_path(&lk_process.app, dir, &(lk_import_options_t){0}, err);
}

static lk_status_t reload_certificate(lk_error_t *err)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&lock);
    lk_status_t status = lk_server_reload(serving.server, err);
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
        lk_process_fail("The certificate was not read again", &err);
    if (lk_settings_load(arena, lk_process.settings.dev_mode, lk_process.argc, lk_process.argv, environ, &settings, &err) == LK_OK)
        lk_process_init_log(&settings);
    else
        lk_process_fail("The log level was not read again", &err);
    lk_log(LK_LOG_INFO, LK_LOG_MAIN, NULL, "Read certificate and log level again");
    lk_arena_destroy(&arena);
}

static void *watch_signals(void *unused)
{
    int number;
    (void)unused;
    for (;;) {
        sigwait(&serving.signals, &number);
        stage_t stage = atomic_load(&serving.stage);
        if (number == SIGHUP && stage == STAGE_SERVING)
            reload();
        if (number == SIGHUP)
            continue;
        /* Nothing is served yet, or somebody is in a hurry; the embedded Postgres follows by itself. */
        if (stage != STAGE_SERVING) {
            lk_log(LK_LOG_INFO, LK_LOG_MAIN, NULL, "Stopped at once");
            _exit(stage == STAGE_STARTING ? LK_EXIT_OK : LK_EXIT_FAILED);
        }
        atomic_store(&serving.stage, STAGE_STOPPING);
        sem_post(&serving.end);
    }
    return NULL;
}

/* Before any other thread: all inherit the mask. */
static int begin_signals(void)
{
    pthread_t thread;
    sigemptyset(&serving.signals);
    sigaddset(&serving.signals, SIGTERM);
    sigaddset(&serving.signals, SIGINT);
    sigaddset(&serving.signals, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &serving.signals, NULL);
    signal(SIGPIPE, SIG_IGN);
    sem_init(&serving.end, 0, 0);
    if (pthread_create(&thread, NULL, watch_signals, NULL) != 0)
        return LK_EXIT_FAILED;
    pthread_detach(thread);
    return LK_EXIT_OK;
}

static void keep_house(void)
{
    lk_error_t err = {0};
    lk_housekeeping_t done;
    if (lk_housekeeping_run(&lk_process.app, &done, &err) != LK_OK)
        lk_log(LK_LOG_WARN, LK_LOG_MAIN, NULL, "Expired sessions were not deleted: %s (%s)", err.text, err.detail);
    else if (done.sessions + done.used_values + done.failures != 0)
        lk_log(LK_LOG_DEBUG, LK_LOG_MAIN, NULL, "Deleted %lld expired sessions, %lld used values, %lld login failures",
               (long long)done.sessions, (long long)done.used_values, (long long)done.failures);
}

static void check_key_files(void)
{
    lk_realms_check_key_files(lk_process.app.realms);
}

/* Tools renew certificates in place. */
static void renew_certificate(void)
{
    lk_error_t err = {0};
    if (reload_certificate(&err) != LK_OK)
        lk_process_fail("The certificate was not read again", &err);
}

/* 1 where the process is to end, 0 after so many seconds. */
static int waits_for_end(int seconds)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += seconds;
    int result;
    do
        result = sem_clockwait(&serving.end, CLOCK_MONOTONIC, &until);
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
                  {lk_process.settings.keys_dir != NULL ? KEY_FILES_INTERVAL : 0, check_key_files},
                  {(int)(lk_process.settings.https_certificates_reload_period / 1000), renew_certificate}};
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

static void log_started(int64_t begun)
{
    static const struct {
        const char *name;
        int (*port)(const lk_server_t *server);
    } listeners[] = {{"http", lk_server_http_port}, {"https", lk_server_https_port}, {"management", lk_server_management_port}};
    lk_buffer_t text;
    lk_buffer_init(&text, lk_process.arena, 256);
    for (size_t i = 0; i != sizeof(listeners) / sizeof(listeners[0]); ++i)
        if (listeners[i].port(serving.server) != -1)
            lk_buffer_printf(&text, "%s%s port %d", text.len != 0 ? ", " : "", listeners[i].name,
                             listeners[i].port(serving.server));
    lk_log(LK_LOG_INFO, LK_LOG_MAIN, NULL, "Latchkey " PACKAGE_VERSION " started in %.3fs. Listening on %s, path %s",
           (double)(lk_ticks_us() - begun) / 1e6, text.base, lk_process.settings.http_relative_path);
}

static void begin_events(const lk_settings_t *s)
{
    lk_user_events_init(&(lk_user_events_options_t){s->metrics_enabled && s->event_metrics_user_enabled,
                                                    s->event_metrics_user_events, s->event_metrics_user_tags,
                                                    s->events_success_level, s->events_error_level});
    lk_process.app.events = lk_event_store_open(lk_process.app.sql, lk_process.app.notice);
}

static const char *theme_message(const struct st_lk_app_t *app, const char *theme, const char *locale, const json_t *model,
                                 const char *key, lk_arena_t *arena)
{
    return lk_theme_message(app->themes, theme, locale, model, key, NULL, arena);
}

/* The server comes first, answering 503, so that health can be asked while the database is waited for. */
static int begin(int64_t begun)
{
    lk_error_t err = {0};
    if (lk_themes_load(lk_process.settings.theme_dir, &serving.themes, &err) != LK_OK)
        return lk_process_fail("The themes cannot be read", &err);
    lk_process.app.token_size_warning = lk_process.settings.token_size_warning;
    lk_process.app.ciba_channel_uri = lk_process.settings.ciba_channel_uri;
    lk_process.app.theme_version = lk_themes_version(serving.themes);
    lk_process.app.themes = serving.themes;
    lk_process.app.message = theme_message;
    if (lk_process_open_store(&err) != LK_OK)
        return lk_process_fail(LK_NO_DATABASE, &err);
    lk_server_options_t options = server_options(&lk_process.settings);
    if (lk_server_start(&options, &lk_process.app, &serving.server, &err) != LK_OK)
        return lk_process_fail("The server cannot start", &err);
    int code = lk_process_open_model();
    if (code != LK_EXIT_OK)
        return code;
    begin_events(&lk_process.settings);
    lk_process.app.mailer = lk_mailer_start(serving.themes);
    if (lk_process.settings.import_realm && import_at_start(&err) != LK_OK)
        return lk_process_fail("A realm was not imported", &err);
    lk_server_set_ready(serving.server, 1);
    atomic_store(&serving.stage, STAGE_SERVING);
    malloc_trim(0); /* an import leaves much behind */
    log_started(begun);
    return LK_EXIT_OK;
}

static int serve(int dev_mode)
{
    int64_t begun = lk_ticks_us();
    int code = lk_process_load_settings(dev_mode);
    if (code != LK_EXIT_OK)
        return code;
    const char *missing = missing_setting(&lk_process.settings);
    if (missing != NULL) {
        fprintf(stderr, "latchkey: %s\n", missing);
        return LK_EXIT_USAGE;
    }
    log_without_meaning();
    if ((code = begin_signals()) == LK_EXIT_OK && (code = begin(begun)) == LK_EXIT_OK) {
        do_chores();
        lk_log(LK_LOG_INFO, LK_LOG_MAIN, NULL, "Stopping: requests in flight are finished first");
    }
    atomic_store(&serving.stage, STAGE_STOPPING);
    if (serving.server != NULL && lk_server_stop(&serving.server) != 0)
        _exit(LK_EXIT_FAILED); /* handlers still run: nothing may be freed */
    lk_event_store_close(&lk_process.app.events);
    lk_mailer_stop();
    lk_themes_free(&serving.themes);
    return code;
}

int lk_command_start(void)
{
    return serve(0);
}

int lk_command_start_dev(void)
{
    return serve(1);
}
