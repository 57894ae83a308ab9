/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "admin/handlers.h"
#include "model/event.h"

/* Events of users and of administrators, and what a realm keeps of them. */

#define FLUSH_MS 2000 /* what has just happened is to be seen at once */
#define DEFAULT_MAX "100"
#define DAY_MS 86400000LL

/* --- what is asked for --- */

static lk_status_t read_time(const lk_admin_t *admin, const char *name, int end_of_day, int64_t fallback, const char **ret_text,
                             lk_error_t *err)
{
    const char *text = lk_pairs_get(&admin->req->query, name), *rest = NULL;
    struct tm day = {0};
    int64_t value = fallback;
    if (text != NULL && *text != '\0' && strspn(text, "0123456789") == strlen(text) && strlen(text) < 18) {
        value = strtoll(text, NULL, 10);
    } else if (text != NULL) {
        rest = strptime(text, "%Y-%m-%d", &day);
        if (rest == NULL || *rest != '\0')
            return lk_fail(err, LK_INVALID, NULL, "Invalid value for '%s', expected format is yyyy-MM-dd or an Epoch timestamp",
                           name);
        value = (int64_t)timegm(&day) * 1000 + (end_of_day ? DAY_MS - 1 : 0);
    }
    *ret_text = lk_printf(admin->req->arena, "%lld", (long long)value);
    return LK_OK;
}

/* Time and page, which both lists have. */
typedef struct st_span_t {
    const char *from, *to, *ascending, *first, *max;
} span_t;

static lk_status_t read_span(const lk_admin_t *admin, span_t *ret_span, lk_error_t *err)
{
    const char *direction = lk_pairs_get(&admin->req->query, "direction");
    lk_status_t status = read_time(admin, "dateFrom", 0, 0, &ret_span->from, err);
    if (status == LK_OK)
        status = read_time(admin, "dateTo", 1, INT64_MAX, &ret_span->to, err);
    if (status == LK_OK && direction != NULL && strcmp(direction, "asc") != 0 && strcmp(direction, "desc") != 0)
        return lk_fail(err, LK_INVALID, NULL, "Invalid value for sortDirection, expected value is asc or desc");
    ret_span->ascending = direction != NULL && strcmp(direction, "asc") == 0 ? "true" : "false";
    ret_span->first = lk_admin_first(admin->req);
    ret_span->max = lk_admin_max(admin->req, DEFAULT_MAX);
    return status;
}

/* All values of a parameter as a JSON array, or NULL. */
static const char *values(const lk_admin_t *admin, const char *name)
{
    json_t *list = lk_json_own(admin->req->arena, json_array());
    for (size_t i = 0; i != admin->req->query.count; ++i)
        if (strcmp(admin->req->query.entries[i].name, name) == 0)
            json_array_append_new(list, json_string(admin->req->query.entries[i].value));
    return json_array_size(list) != 0 ? lk_json_text(admin->req->arena, list) : NULL;
}

static const char *value(const lk_admin_t *admin, const char *name)
{
    const char *text = lk_pairs_get(&admin->req->query, name);
    return text != NULL && *text != '\0' ? text : NULL;
}

/* "users/" and a star for anything: as a pattern of SQL. */
static const char *path_pattern(const lk_admin_t *admin)
{
    const char *path = value(admin, "resourcePath");
    lk_buffer_t pattern;
    if (path == NULL)
        return NULL;
    lk_buffer_init(&pattern, admin->req->arena, 8192);
    for (; *path != '\0'; ++path) {
        if (*path == '%' || *path == '_' || *path == '\\')
            lk_buffer_putc(&pattern, '\\');
        lk_buffer_putc(&pattern, *path == '*' ? '%' : *path);
    }
    return pattern.base;
}

static lk_status_t reply_rows(lk_admin_t *admin, const lk_rows_t *rows)
{
    json_t *list = json_array();
    for (int i = 0; i != rows->count; ++i)
        json_array_append(list, lk_admin_json(admin, rows, i, "rep"));
    return lk_admin_reply(admin, list);
}

/* --- handlers --- */

lk_status_t lk_events_list(lk_admin_t *admin, lk_error_t *err)
{
    span_t span;
    lk_rows_t rows;
    for (size_t i = 0; i != admin->req->query.count; ++i)
        if (strcmp(admin->req->query.entries[i].name, "type") == 0 && !lk_event_name_is_known(admin->req->query.entries[i].value))
            return lk_fail(err, LK_INVALID, NULL, "Unknown event type");
    lk_status_t status = read_span(admin, &span, err);
    if (status == LK_OK && admin->req->app->events != NULL)
        lk_event_store_flush(admin->req->app->events, FLUSH_MS);
    if (status == LK_OK)
        status =
            lk_admin_sql(admin, LK_Q_EVENTS_SELECT, &rows, err, values(admin, "type"), value(admin, "client"), value(admin, "user"),
                         value(admin, "ipAddress"), span.from, span.to, span.ascending, span.first, span.max);
    return status == LK_OK ? reply_rows(admin, &rows) : status;
}

lk_status_t lk_events_clear(lk_admin_t *admin, lk_error_t *err)
{
    lk_rows_t rows;
    if (admin->req->app->events != NULL)
        lk_event_store_flush(admin->req->app->events, FLUSH_MS);
    return lk_query(admin->sql, admin->req->arena, LK_Q_EVENTS_CLEAR, &rows, err, admin->realm->id);
}

lk_status_t lk_admin_events_list(lk_admin_t *admin, lk_error_t *err)
{
    span_t span;
    lk_rows_t rows;
    lk_status_t status = read_span(admin, &span, err);
    if (status == LK_OK)
        status = lk_admin_sql(admin, LK_Q_ADMIN_EVENTS_SELECT, &rows, err, values(admin, "operationTypes"),
                              values(admin, "resourceTypes"), path_pattern(admin), value(admin, "authRealm"),
                              value(admin, "authClient"), value(admin, "authUser"), value(admin, "authIpAddress"), span.from,
                              span.to, span.ascending, span.first, span.max);
    return status == LK_OK ? reply_rows(admin, &rows) : status;
}

lk_status_t lk_admin_events_clear(lk_admin_t *admin, lk_error_t *err)
{
    lk_rows_t rows;
    return lk_query(admin->sql, admin->req->arena, LK_Q_ADMIN_EVENTS_CLEAR, &rows, err, admin->realm->id);
}

/* --- configuration --- */

/* RealmEventsConfigRepresentation: members of the realm's own. The first two are what they were by default where a change does not
 * name them; the others stay. */
static const lk_field_t config_fields[] = {
    LK_FIELD_FREE("eventsEnabled", BOOL, 0, "false"),      LK_FIELD_FREE("eventsExpiration", LONG, 0, NULL),
    LK_FIELD_FREE("eventsListeners", STRINGS, 0, NULL),    LK_FIELD_FREE("enabledEventTypes", STRINGS, 0, NULL),
    LK_FIELD_FREE("adminEventsEnabled", BOOL, 0, "false"), LK_FIELD_FREE("adminEventsDetailsEnabled", BOOL, 0, NULL),
};
#define NUM_CONFIG_FIELDS (sizeof(config_fields) / sizeof(config_fields[0]))
static const lk_representation_t config_rep = LK_REPRESENTATION("RealmEventsConfigRepresentation", config_fields);

static const char *const listeners[] = {"jboss-logging"};

lk_status_t lk_events_config_get(lk_admin_t *admin, lk_error_t *err)
{
    json_t *config = json_object();
    for (size_t i = 0; i != NUM_CONFIG_FIELDS; ++i) {
        json_t *member = json_object_get(admin->realm->rep, config_fields[i].name);
        if (member != NULL && !json_is_null(member))
            json_object_set(config, config_fields[i].name, member);
    }
    if (json_array_size(json_object_get(config, "enabledEventTypes")) == 0)
        json_object_set_new(config, "enabledEventTypes", lk_event_names(1));
    return lk_admin_reply(admin, config);
}

static lk_status_t check_listeners(const json_t *names, lk_error_t *err)
{
    size_t i, known;
    json_t *name;
    json_array_foreach(names, i, name)
    {
        for (known = 0; known != sizeof(listeners) / sizeof(listeners[0]); ++known)
            if (json_is_string(name) && strcmp(json_string_value(name), listeners[known]) == 0)
                break;
        if (known == sizeof(listeners) / sizeof(listeners[0]))
            return lk_fail(err, LK_INVALID, NULL, "Unknown event listener");
    }
    return LK_OK;
}

lk_status_t lk_events_config_put(lk_admin_t *admin, lk_error_t *err)
{
    lk_rows_t rows;
    lk_status_t status = lk_admin_check(admin, &config_rep, err);
    if (status == LK_OK)
        status = check_listeners(json_object_get(admin->body, "eventsListeners"), err);
    if (status != LK_OK)
        return status;
    json_t *rep = lk_json_own(admin->req->arena, json_deep_copy(admin->realm->rep));
    for (size_t i = 0; i != NUM_CONFIG_FIELDS; ++i) {
        json_t *member = json_object_get(admin->body, config_fields[i].name);
        if (member != NULL && !json_is_null(member))
            json_object_set(rep, config_fields[i].name, member);
        else if (i == 0)
            json_object_set_new(rep, config_fields[i].name, json_false());
        else if (i == 1)
            json_object_del(rep, config_fields[i].name);
    }
    return lk_admin_sql(admin, LK_Q_ADMIN_REALM_UPDATE, &rows, err, lk_json_text(admin->req->arena, rep));
}
