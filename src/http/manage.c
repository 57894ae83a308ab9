/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <sys/resource.h>
#include <dirent.h>
#include "core/counters.h"
#include "core/time.h"
#include "http/edge.h"
#include "http/user_events.h"
#include "model/app.h"
#include "model/realms.h"

/* --- health: the form of SmallRye Health, as Keycloak gives it --- */

static lk_server_t *server_of(const lk_request_t *req)
{
    return lk_exchange_of(req)->loop->server;
}

static void add_check(lk_buffer_t *checks, const char *name, int is_up, const char *reason, int *all_up)
{
    lk_buffer_puts(checks, checks->len != 0 ? ",\n        {\n            \"name\": " : "        {\n            \"name\": ");
    lk_buffer_json_string(checks, name);
    lk_buffer_printf(checks, ",\n            \"status\": \"%s\"", is_up ? "UP" : "DOWN");
    if (!is_up && *reason != '\0') {
        lk_buffer_puts(checks, ",\n            \"data\": {\n                \"reason\": ");
        lk_buffer_json_string(checks, reason);
        lk_buffer_puts(checks, "\n            }");
    }
    lk_buffer_puts(checks, "\n        }");
    *all_up = *all_up && is_up;
}

static void reply_health(lk_reply_t *reply, const lk_buffer_t *checks, int is_up)
{
    lk_reply_text(reply, is_up ? 200 : 503, "application/json; charset=UTF-8", "");
    lk_buffer_printf(&reply->body, "{\n    \"status\": \"%s\",\n    \"checks\": [\n%s%s    ]\n}", is_up ? "UP" : "DOWN",
                     checks->base, checks->len != 0 ? "\n" : "");
    lk_reply_header(reply, "cache-control", "no-store");
}

static lk_status_t handle_ready(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    lk_server_t *server = server_of(req);
    lk_buffer_t checks;
    int is_up = 1;
    (void)err;
    lk_buffer_init(&checks, req->arena, 65536);
    lk_buffer_puts(&checks, "");
    add_check(&checks, "Graceful Shutdown", !atomic_load(&server->is_stopping), "it was told to end", &is_up);
    add_check(&checks, "Keycloak Initialized", atomic_load(&server->is_ready), "it is starting: migrations, realms, imports",
              &is_up);
    for (size_t i = 0; i < server->options.num_health_checks; ++i) {
        const lk_health_check_t *check = server->options.health_checks + i;
        lk_error_t reason = {0};
        lk_status_t status = check->up(check->context, &reason);
        add_check(&checks, check->name, status == LK_OK, reason.detail, &is_up);
    }
    reply_health(reply, &checks, is_up);
    return LK_OK;
}

/* The process answers: that is all there is to say. */
static lk_status_t handle_live(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    lk_buffer_t none;
    (void)err;
    lk_buffer_init(&none, req->arena, 16);
    lk_buffer_puts(&none, "");
    reply_health(reply, &none, 1);
    return LK_OK;
}

static lk_status_t handle_started(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    lk_buffer_t none;
    (void)err;
    lk_buffer_init(&none, req->arena, 16);
    lk_buffer_puts(&none, "");
    reply_health(reply, &none, atomic_load(&server_of(req)->is_ready));
    return LK_OK;
}

/* --- metrics --- */

static void write_lane_family(lk_buffer_t *text, const char *name, const char *type, const char *help, lk_lane_t *const *lanes,
                              double (*value)(const lk_lane_stats_t *))
{
    lk_buffer_printf(text, "# HELP latchkey_lane_%s %s\n# TYPE latchkey_lane_%s %s\n", name, help, name, type);
    for (size_t i = 0; i < LK_NUM_LANES; ++i) {
        lk_lane_stats_t stats;
        lk_lane_stats(lanes[i], &stats);
        lk_buffer_printf(text, "latchkey_lane_%s{lane=\"%s\"} %.15g\n", name, lk_lane_name(lanes[i]), value(&stats));
    }
}

#define LANE_VALUE(field)                                                                                                          \
    static double lane_##field(const lk_lane_stats_t *stats)                                                                       \
    {                                                                                                                              \
        return (double)stats->field;                                                                                               \
    }
LANE_VALUE(queued)
LANE_VALUE(busy)
LANE_VALUE(threads)
LANE_VALUE(max_threads)
LANE_VALUE(done)
LANE_VALUE(rejected)

static const struct {
    const char *name, *type, *help;
    double (*value)(const lk_lane_stats_t *);
} lane_families[] = {{"queue_length", "gauge", "Requests that wait for a worker", lane_queued},
                     {"busy", "gauge", "Workers that run a request", lane_busy},
                     {"threads", "gauge", "Workers that were started", lane_threads},
                     {"threads_max", "gauge", "Workers that may be started", lane_max_threads},
                     {"requests_total", "counter", "Requests that workers have run", lane_done},
                     {"rejected_total", "counter", "Requests that were answered 503 because the queue was full", lane_rejected}};

/* Sum of a counter over the loops; `offset` is that of an _Atomic uint64_t or int64_t in lk_metrics_t. */
static double sum_loops(const lk_server_t *server, size_t offset)
{
    double sum = 0;
    for (size_t i = 0; i < server->num_loops; ++i)
        sum += (double)atomic_load_explicit((_Atomic int64_t *)((char *)&server->loops[i].metrics + offset), memory_order_relaxed);
    return sum;
}

static const struct {
    const char *name, *type, *help;
    size_t offset;
} loop_families[] = {
    {"latchkey_http_connections", "gauge", "Open connections", offsetof(lk_metrics_t, connections)},
    {"latchkey_http_connections_accepted_total", "counter", "Connections accepted", offsetof(lk_metrics_t, accepted)},
    {"latchkey_http_connections_refused_total", "counter", "Connections closed at once: too many", offsetof(lk_metrics_t, refused)},
    {"latchkey_http_connections_cut_total", "counter", "Connections cut: too slow or too large a request",
     offsetof(lk_metrics_t, cut)},
    {"http_server_active_requests", "gauge", "Requests in flight", offsetof(lk_metrics_t, running)}};

static double resident_bytes(void)
{
    long pages = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    if (file != NULL) {
        if (fscanf(file, "%*s %ld", &pages) != 1)
            pages = 0;
        fclose(file);
    }
    return (double)pages * (double)sysconf(_SC_PAGESIZE);
}

static double open_files(void)
{
    double count = 0;
    DIR *dir = opendir("/proc/self/fd");
    if (dir == NULL)
        return 0;
    while (readdir(dir) != NULL)
        ++count;
    closedir(dir);
    return count - 3; /* ".", ".." and the folder itself */
}

static void write_process(lk_buffer_t *text, const lk_server_t *server)
{
    struct rusage usage;
    struct rlimit files;
    double up = (double)(lk_ticks_us() - server->started_us) / 1e6;
    getrusage(RUSAGE_SELF, &usage);
    double cpu =
        (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) + (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
    lk_metrics_write(text, "process_uptime_seconds", "gauge", "The uptime of the server", up);
    lk_metrics_write(text, "process_start_time_seconds", "gauge", "Start time of the process since unix epoch",
                     (double)lk_now_ms() / 1e3 - up);
    lk_metrics_write(text, "process_cpu_seconds_total", "counter", "User and system time spent", cpu);
    lk_metrics_write(text, "process_cpu_usage", "gauge", "Share of all cores that was used since the start",
                     up > 0 ? cpu / up / (double)sysconf(_SC_NPROCESSORS_ONLN) : 0);
    lk_metrics_write(text, "process_resident_memory_bytes", "gauge", "Resident memory", resident_bytes());
    lk_metrics_write(text, "process_files_open_files", "gauge", "The open file descriptor count", open_files());
    if (getrlimit(RLIMIT_NOFILE, &files) == 0)
        lk_metrics_write(text, "process_files_max_files", "gauge", "The maximum file descriptor count", (double)files.rlim_cur);
    lk_metrics_write(text, "system_cpu_count", "gauge", "The number of processors available",
                     (double)sysconf(_SC_NPROCESSORS_ONLN));
}

static void write_agroal(lk_buffer_t *text, const char *name, const char *type, const char *help, double value)
{
    lk_buffer_printf(text, "# HELP agroal_%s %s\n# TYPE agroal_%s %s\nagroal_%s{datasource=\"default\"} %.15g\n", name, help, name,
                     type, name, value);
}

static void write_pool(lk_buffer_t *text, const lk_app_t *app)
{
    lk_store_stats_t stats;
    if (app == NULL || app->store == NULL)
        return;
    lk_store_stats(app->store, &stats);
    write_agroal(text, "active_count", "gauge", "Database connections in use", stats.busy);
    write_agroal(text, "available_count", "gauge", "Database connections that wait for use", stats.open - stats.busy);
    write_agroal(text, "awaiting_count", "gauge", "Threads that wait for a database connection", stats.waiting);
    write_agroal(text, "max_size", "gauge", "Database connections at most", stats.max);
    write_agroal(text, "acquire_count_total", "counter", "Times a database connection was borrowed", (double)stats.acquired);
    write_agroal(text, "creation_count_total", "counter", "Database connections created", (double)stats.created);
    write_agroal(text, "invalid_count_total", "counter", "Database connections lost", (double)stats.lost);
    lk_metrics_write(text, "latchkey_db_acquire_timeouts_total", "counter", "Times no database connection came free in time",
                     (double)stats.timeouts);
}

static void write_cache(lk_buffer_t *text, const lk_app_t *app)
{
    lk_realms_stats_t stats;
    if (app == NULL || app->realms == NULL)
        return;
    lk_realms_stats(app->realms, &stats);
    lk_metrics_write(text, "latchkey_realms_cached", "gauge", "Realms that are held in memory", (double)stats.realms);
    lk_metrics_write(text, "latchkey_realms_asked_total", "counter", "Times a request asked for a realm", (double)stats.asked);
    lk_metrics_write(text, "latchkey_realms_compared_total", "counter", "Times a realm was compared with the database's version",
                     (double)stats.compared);
    lk_metrics_write(text, "latchkey_realms_read_total", "counter", "Times a realm was read from the database", (double)stats.read);
    lk_metrics_write(text, "latchkey_realms_served_undated_total", "counter",
                     "Times a realm was served that could not be compared, the database being away", (double)stats.served_undated);
}

static void write_spans(lk_buffer_t *text, lk_server_t *server)
{
    uint64_t sent, dropped;
    if (server->spans == NULL)
        return;
    lk_spans_stats(server->spans, &sent, &dropped);
    lk_metrics_write(text, "latchkey_spans_sent_total", "counter", "Spans that the collector took", (double)sent);
    lk_metrics_write(text, "latchkey_spans_dropped_total", "counter", "Spans that it did not take, or that found the queue full",
                     (double)dropped);
}

static lk_status_t handle_metrics(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    lk_server_t *server = server_of(req);
    lk_buffer_t *text = &reply->body;
    lk_metrics_t *all[LK_MAX_LOOPS];
    (void)err;
    lk_reply_text(reply, 200, "text/plain; version=0.0.4; charset=utf-8", "");
    for (size_t i = 0; i < server->num_loops; ++i)
        all[i] = &server->loops[i].metrics;
    lk_metrics_write_requests(text, all, server->num_loops, req->arena);
    for (size_t i = 0; i < sizeof(loop_families) / sizeof(loop_families[0]); ++i)
        lk_metrics_write(text, loop_families[i].name, loop_families[i].type, loop_families[i].help,
                         sum_loops(server, loop_families[i].offset));
    for (size_t i = 0; i < sizeof(lane_families) / sizeof(lane_families[0]); ++i)
        write_lane_family(text, lane_families[i].name, lane_families[i].type, lane_families[i].help, server->lanes,
                          lane_families[i].value);
    write_process(text, server);
    write_pool(text, req->app);
    write_cache(text, req->app);
    lk_user_events_write_metrics(text, server);
    lk_counters_write(text);
    write_spans(text, server);
    return LK_OK;
}

#define ROW(path, handle, lane)                                                                                                    \
    {                                                                                                                              \
        LK_GET | LK_POST, path, handle, lane, LK_ERRORS_PLAIN, LK_ROUTE_NOT_RESOURCE, NULL                                         \
    }

const lk_route_t lk_manage_routes[] = {
    ROW("/health", handle_ready, LK_LANE_MANAGE),         ROW("/health/ready", handle_ready, LK_LANE_MANAGE),
    ROW("/health/started", handle_started, LK_LANE_LOOP), ROW("/health/{rest*}", handle_live, LK_LANE_LOOP),
    ROW("/metrics", handle_metrics, LK_LANE_MANAGE),
};
const size_t lk_num_manage_routes = sizeof(lk_manage_routes) / sizeof(lk_manage_routes[0]);
const size_t lk_num_health_routes = 4;
