/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <string.h>
#include <strings.h>
#include "core/counters.h"
#include "core/log.h"
#include "http/edge.h"
#include "http/user_events.h"
#include "model/app.h"

#define CATEGORY "org.keycloak.events"
#define LISTENER "jboss-logging" /* what a realm's eventsListeners call the log */
#define MAX_LINE 8192

static lk_counters_t counted = {"keycloak_user_events_total", "Keycloak user events", NULL, NULL};

static struct {
    lk_user_events_options_t options;
    lk_log_level_t success_level, error_level;
} state = {.success_level = LK_LOG_DEBUG, .error_level = LK_LOG_WARN};

void lk_user_events_init(const lk_user_events_options_t *options)
{
    state.options = *options;
    if (options->success_level != NULL)
        lk_log_level_parse(options->success_level, &state.success_level);
    if (options->error_level != NULL)
        lk_log_level_parse(options->error_level, &state.error_level);
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
        lk_labels_put(&labels, "client_id", event->client_id);
    lk_labels_put(&labels, "error", event->error);
    lk_labels_put(&labels, "event", name);
    if (lists(tags, "idp"))
        lk_labels_put(&labels, "idp", detail(event, "identity_provider"));
    if (lists(tags, "realm"))
        lk_labels_put(&labels, "realm", event->realm->name);
    return labels.overflow ? NULL : labels.base;
}

void lk_user_events_tell(lk_server_t *server, const lk_request_t *req, lk_status_t status, const lk_error_t *err)
{
    const lk_event_t *event = lk_events_end(req, status, err);
    for (; event != NULL; event = event->next) {
        put_in_log(req, event);
        const char *labels = state.options.counted ? labels_of(req->arena, event) : NULL;
        if (labels != NULL)
            lk_counters_add(&counted, labels, 1);
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
}
