/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "core/log.h"
#include "http/edge.h"
#include "http/user_events.h"
#include "model/app.h"

#define CATEGORY "org.keycloak.events"
#define LISTENER "jboss-logging" /* what a realm's eventsListeners call the log */
#define MAX_LINE 8192
#define NUM_SLOTS 4096 /* combinations of labels that are counted one by one */

/* The labels as they stand in the exposition, and how often. */
typedef struct st_slot_t {
    char *labels; /* NULL: free */
    uint64_t count;
} slot_t;

static struct {
    pthread_mutex_t mutex;
    lk_user_events_options_t options;
    lk_log_level_t success_level, error_level;
    slot_t *slots;
    uint64_t uncounted;
} state = {.mutex = PTHREAD_MUTEX_INITIALIZER, .success_level = LK_LOG_DEBUG, .error_level = LK_LOG_WARN};

void lk_user_events_init(const lk_user_events_options_t *options)
{
    state.options = *options;
    if (options->success_level != NULL)
        lk_log_level_parse(options->success_level, &state.success_level);
    if (options->error_level != NULL)
        lk_log_level_parse(options->error_level, &state.error_level);
    if (options->counted && state.slots == NULL && (state.slots = calloc(NUM_SLOTS, sizeof(*state.slots))) == NULL)
        abort();
}

static void put_in_log(const lk_request_t *req, const lk_event_t *event)
{
    lk_log_level_t level = event->error == NULL ? state.success_level : state.error_level;
    lk_buffer_t line;
    if (!lk_log_enabled(level) || !lk_strings_contain(&event->realm->events_listeners, LISTENER))
        return;
    lk_buffer_init(&line, req->arena, MAX_LINE);
    lk_event_print(event, req->client_ip, &line);
    lk_log(level, CATEGORY, req->trace_id, "%s", line.base);
}

/* --- counting ------------------------------------------------------------------------------------------------------------------
 */

/* Whether a list of names, separated by commas, has it; in any case. */
static int lists(const char *names, const char *name)
{
    size_t len = strlen(name);
    for (const char *at = names; *(at += strspn(at, ", ")) != '\0'; at += strcspn(at, ","))
        if (strcspn(at, ", ") == len && strncasecmp(at, name, len) == 0)
            return 1;
    return 0;
}

static const char *detail(const lk_event_t *event, const char *name)
{
    for (size_t i = 0; i != event->num_details; ++i)
        if (strcmp(event->details[i].name, name) == 0)
            return event->details[i].value;
    return NULL;
}

static void put_label(lk_buffer_t *labels, const char *name, const char *value)
{
    lk_buffer_printf(labels, "%s%s=\"", labels->len != 0 ? "," : "", name);
    for (const char *at = value != NULL ? value : ""; *at != '\0'; ++at) {
        if (*at == '"' || *at == '\\')
            lk_buffer_putc(labels, '\\');
        lk_buffer_putc(labels, *at == '\n' ? ' ' : *at);
    }
    lk_buffer_putc(labels, '"');
}

/* NULL where events of its kind are not counted. */
static const char *labels_of(lk_arena_t *arena, const lk_event_t *event)
{
    const char *tags = state.options.tags != NULL ? state.options.tags : "realm";
    lk_event_t plain = *event;
    plain.error = NULL;
    char *name = lk_strdup(arena, lk_event_name(arena, &plain));
    lk_buffer_t labels;
    for (char *at = name; *at != '\0'; ++at)
        *at = (char)tolower((unsigned char)*at);
    if (state.options.events != NULL && *state.options.events != '\0' && !lists(state.options.events, name))
        return NULL;
    lk_buffer_init(&labels, arena, MAX_LINE);
    if (lists(tags, "clientId"))
        put_label(&labels, "client_id", event->client_id);
    put_label(&labels, "error", event->error);
    put_label(&labels, "event", name);
    if (lists(tags, "idp"))
        put_label(&labels, "idp", detail(event, "identity_provider"));
    if (lists(tags, "realm"))
        put_label(&labels, "realm", event->realm->name);
    return labels.overflow ? NULL : labels.base;
}

static size_t hash(const char *text)
{
    size_t value = 5381;
    for (; *text != '\0'; ++text)
        value = value * 33 + (unsigned char)*text;
    return value;
}

static void count(const char *labels)
{
    pthread_mutex_lock(&state.mutex);
    slot_t *slot = NULL;
    for (size_t i = 0, at = hash(labels) % NUM_SLOTS; i != NUM_SLOTS; ++i, at = (at + 1) % NUM_SLOTS) {
        slot = &state.slots[at];
        if (slot->labels == NULL)
            slot->labels = strdup(labels);
        if (slot->labels != NULL && strcmp(slot->labels, labels) == 0)
            break;
        slot = NULL;
    }
    if (slot != NULL)
        ++slot->count;
    else
        ++state.uncounted;
    pthread_mutex_unlock(&state.mutex);
}

void lk_user_events_tell(lk_server_t *server, const lk_request_t *req, lk_status_t status, const lk_error_t *err)
{
    const lk_event_t *event = lk_events_end(req, status, err);
    for (; event != NULL; event = event->next) {
        put_in_log(req, event);
        const char *labels = state.options.counted ? labels_of(req->arena, event) : NULL;
        if (labels != NULL)
            count(labels);
        if (server->app != NULL && server->app->events != NULL && lk_event_is_stored(req->arena, event))
            lk_event_store_put(server->app->events, event, req->client_ip);
    }
}

void lk_user_events_write_metrics(lk_buffer_t *text, lk_server_t *server)
{
    lk_event_stats_t stats;
    if (server->app != NULL && server->app->events != NULL) {
        lk_event_store_stats(server->app->events, &stats);
        lk_metrics_write(text, "latchkey_events_stored_total", "counter", "Events written to the database", (double)stats.written);
        lk_metrics_write(text, "latchkey_events_lost_total", "counter", "Events that could not be kept", (double)stats.lost);
        lk_metrics_write(text, "latchkey_events_queued", "gauge", "Events that wait for the database", (double)stats.queued);
    }
    if (!state.options.counted)
        return;
    lk_buffer_puts(text, "# HELP keycloak_user_events_total Keycloak user events\n# TYPE keycloak_user_events_total counter\n");
    pthread_mutex_lock(&state.mutex);
    for (size_t i = 0; i != NUM_SLOTS; ++i)
        if (state.slots[i].labels != NULL)
            lk_buffer_printf(text, "keycloak_user_events_total{%s} %llu\n", state.slots[i].labels,
                             (unsigned long long)state.slots[i].count);
    double uncounted = (double)state.uncounted;
    pthread_mutex_unlock(&state.mutex);
    lk_metrics_write(text, "latchkey_user_events_uncounted_total", "counter", "User events beyond the labels that are kept",
                     uncounted);
}
