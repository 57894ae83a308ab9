/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/json.h"
#include "core/time.h"
#include "model/event.h"

#define ROW(name, saved, error_saved) {#name, saved, error_saved},
static const struct {
    const char *name;
    int saved, error_saved;
} types[] = {LK_EVENT_TYPES(ROW)};

#define TEXT "*"

/* What an error that no code named is called: by the text for the client, or else by the OAuth code. */
static const struct {
    const char *text, *code; /* NULL: any */
    const char *error;       /* NULL: an answer, not a failure: no event */
    const char *reason;      /* NULL: none; TEXT: the text */
} errors[] = {
    {"Missing parameter: code", NULL, "invalid_code", TEXT},
    {"Missing parameter: device_code", NULL, "invalid_oauth2_device_code", TEXT},
    {"Code not valid", NULL, "invalid_code", NULL},
    {"Code is expired", NULL, "expired_code", NULL},
    {"Device code not valid", NULL, "invalid_oauth2_device_code", NULL},
    {"Device code is expired", NULL, "expired_oauth2_device_code", NULL},
    {"Incorrect redirect_uri", NULL, "invalid_redirect_uri", TEXT},
    {"Auth error: Found different client_id in clientSession", NULL, "invalid_client", TEXT},
    {"PKCE code verifier not specified", NULL, "code_verifier_missing", TEXT},
    {"PKCE verification failed: Code mismatch", NULL, "pkce_verification_failed", "Code mismatch"},
    {"PKCE verification failed: Invalid code verifier", NULL, "invalid_code_verifier", "Invalid code verifier"},
    {"Missing parameter: username", NULL, "user_not_found", NULL},
    {"No refresh token", NULL, NULL, NULL},
    {NULL, "authorization_pending", NULL, NULL},
    {NULL, "slow_down", NULL, NULL},
    {"User disabled", NULL, "user_disabled", NULL},
    {"User not found", NULL, "user_not_found", NULL},
    {"Account disabled", NULL, "user_disabled", NULL},
    {"Account is not fully set up", NULL, "resolve_required_actions", TEXT},
    {"Client not allowed for direct access grants", NULL, "not_allowed", NULL},
    {"Client requires user consent", NULL, "consent_denied", TEXT},
    {"Invalid user credentials", NULL, "invalid_user_credentials", NULL},
    {"Client not enabled to retrieve service account", NULL, "invalid_client", TEXT},
    {"Public client not allowed to retrieve service account", NULL, "invalid_client", TEXT},
    {"Unsupported grant_type", NULL, "invalid_request", TEXT},
    {"Invalid token", NULL, "invalid_token", NULL},
    {"Invalid client or Invalid client credentials", "invalid_client", "client_not_found", NULL},
    {"Invalid client or Invalid client credentials", "unauthorized_client", "invalid_client_credentials", NULL},
    {NULL, "invalid_grant", "invalid_token", TEXT},
    {NULL, "invalid_scope", "invalid_request", TEXT},
};

/* NULL where events are nobody's business: a handler under test. */
static lk_event_t *open_event(const lk_request_t *req)
{
    return req->events != NULL ? req->events->open : NULL;
}

void lk_event_begin(const lk_request_t *req, const lk_realm_t *realm, lk_event_type_t type)
{
    if (req->events == NULL)
        return;
    lk_event_t *event = LK_NEW(req->arena, lk_event_t);
    event->type = type;
    event->realm = realm;
    req->events->open = event;
}

void lk_event_follow(const lk_request_t *req, lk_event_type_t type)
{
    const lk_event_t *before = req->events == NULL ? NULL : req->events->open != NULL ? req->events->open : req->events->last;
    if (before == NULL)
        return;
    lk_event_begin(req, before->realm, type);
    *req->events->open = *before;
    req->events->open->type = type;
    req->events->open->next = NULL;
    req->events->open->error = NULL;
}

void lk_event_type(const lk_request_t *req, lk_event_type_t type)
{
    if (open_event(req) != NULL)
        open_event(req)->type = type;
}

void lk_event_client(const lk_request_t *req, const char *client_id)
{
    if (open_event(req) != NULL && client_id != NULL)
        open_event(req)->client_id = client_id;
}

void lk_event_user(const lk_request_t *req, const char *user_id)
{
    if (open_event(req) != NULL && user_id != NULL)
        open_event(req)->user_id = user_id;
}

void lk_event_session(const lk_request_t *req, const char *sid)
{
    if (open_event(req) != NULL && sid != NULL)
        open_event(req)->session_id = sid;
}

void lk_event_detail(const lk_request_t *req, const char *name, const char *value)
{
    lk_event_t *event = open_event(req);
    size_t i = 0;
    if (event == NULL || value == NULL)
        return;
    while (i != event->num_details && strcmp(event->details[i].name, name) != 0)
        ++i;
    if (i == LK_MAX_EVENT_DETAILS)
        return;
    event->details[i] = (lk_pair_t){name, value};
    event->num_details += i == event->num_details;
}

int lk_event_knows_user(const lk_request_t *req)
{
    return open_event(req) != NULL && open_event(req)->user_id != NULL;
}

/* All values of an attribute as one text; NULL where there is none. */
static const char *joined(lk_arena_t *arena, const json_t *values)
{
    const char *text = json_string_value(json_array_get(values, 0));
    for (size_t i = 1; i < json_array_size(values); ++i)
        text = lk_printf(arena, "%s, %s", text, json_string_value(json_array_get(values, i)));
    return text != NULL && *text != '\0' ? text : NULL;
}

void lk_event_profile(const lk_request_t *req, const char *context, const json_t *old, const json_t *values)
{
    static const char *const names[][2] = {{"firstName", "first_name"}, {"lastName", "last_name"}};
    const char *name;
    json_t *value;
    lk_event_detail(req, "context", context);
    json_object_foreach((json_t *)values, name, value)
    {
        const char *before = joined(req->arena, json_object_get(old, name)), *after = joined(req->arena, value), *shown = name;
        for (size_t i = 0; i != sizeof(names) / sizeof(names[0]); ++i)
            if (strcmp(names[i][0], name) == 0)
                shown = names[i][1];
        if ((before == NULL && after == NULL) || (before != NULL && after != NULL && strcmp(before, after) == 0))
            continue;
        lk_event_detail(req, lk_printf(req->arena, "previous_%s", shown), before);
        lk_event_detail(req, lk_printf(req->arena, "updated_%s", shown), after);
    }
}

static void end(const lk_request_t *req, const char *error)
{
    lk_event_t *event = open_event(req);
    if (event == NULL)
        return;
    event->error = error;
    event->time_ms = lk_now_ms();
    if (req->events->last != NULL && event->time_ms <= req->events->last->time_ms)
        event->time_ms = req->events->last->time_ms + 1; /* lists are sorted by time alone */
    *req->events->tail = event;
    req->events->tail = &event->next;
    req->events->last = event;
    req->events->open = NULL;
}

void lk_event_success(const lk_request_t *req)
{
    end(req, NULL);
}

void lk_event_error(const lk_request_t *req, const char *error)
{
    end(req, error);
}

void lk_event_drop(const lk_request_t *req)
{
    if (req->events != NULL)
        req->events->open = NULL;
}

static int has_detail(const lk_event_t *event, const char *name)
{
    for (size_t i = 0; i != event->num_details; ++i)
        if (strcmp(event->details[i].name, name) == 0)
            return 1;
    return 0;
}

static void end_as(const lk_request_t *req, const lk_error_t *err)
{
    size_t i = 0, count = sizeof(errors) / sizeof(errors[0]);
    while (i != count && ((errors[i].text != NULL && strcmp(errors[i].text, err->text) != 0) ||
                          (errors[i].code != NULL && strcmp(errors[i].code, err->code) != 0)))
        ++i;
    if (i != count && errors[i].error == NULL) {
        lk_event_drop(req);
        return;
    }
    const char *reason = i == count ? TEXT : errors[i].reason;
    if (reason != NULL && strcmp(reason, TEXT) == 0)
        reason = *err->text != '\0' ? lk_strdup(req->arena, err->text) : NULL;
    if (!has_detail(open_event(req), "reason")) /* who knew better has said so */
        lk_event_detail(req, "reason", reason);
    const char *fallback = *err->code != '\0' ? lk_strdup(req->arena, err->code) : "unknown_error";
    lk_event_error(req, i != count ? errors[i].error : fallback);
}

const lk_event_t *lk_events_end(const lk_request_t *req, lk_status_t status, const lk_error_t *err)
{
    if (req->events == NULL)
        return NULL;
    if (status != LK_OK && open_event(req) != NULL)
        end_as(req, err);
    lk_event_drop(req);
    return req->events->ended;
}

/* --- names ----------------------------------------------------------------------------------------------------------------------
 */

const char *lk_event_name(lk_arena_t *arena, const lk_event_t *event)
{
    const char *name = types[event->type].name;
    return event->error == NULL ? name : lk_printf(arena, "%s_ERROR", name);
}

json_t *lk_event_names(int stored_only)
{
    json_t *names = json_array();
    for (size_t i = 0; i != LK_NUM_EVENTS; ++i) {
        if (types[i].saved || !stored_only)
            json_array_append_new(names, json_string(types[i].name));
        if (types[i].error_saved || !stored_only)
            json_array_append_new(names, json_sprintf("%s_ERROR", types[i].name));
    }
    return names;
}

/* The length of a name without "_ERROR". */
static size_t base_length(const char *name)
{
    size_t len = strlen(name);
    return len > 6 && strcmp(name + len - 6, "_ERROR") == 0 ? len - 6 : len;
}

int lk_event_name_is_known(const char *name)
{
    size_t len = base_length(name), i = 0;
    while (i != LK_NUM_EVENTS && !(strlen(types[i].name) == len && memcmp(types[i].name, name, len) == 0))
        ++i;
    return i != LK_NUM_EVENTS;
}

int lk_event_is_stored(lk_arena_t *arena, const lk_event_t *event)
{
    const lk_realm_t *realm = event->realm;
    if (!realm->events_enabled)
        return 0;
    if (realm->enabled_event_types.count != 0)
        return lk_strings_contain(&realm->enabled_event_types, lk_event_name(arena, event));
    return event->error == NULL ? types[event->type].saved : types[event->type].error_saved;
}

/* --- the log
 * ---------------------------------------------------------------------------------------------------------------------- */

static void print_pair(lk_buffer_t *out, const char *name, const char *value)
{
    lk_buffer_printf(out, "%s%s=\"", out->len != 0 ? ", " : "", name);
    for (const char *at = value != NULL ? value : "null"; *at != '\0'; ++at) {
        if (*at == '"' || *at == '\\')
            lk_buffer_putc(out, '\\');
        lk_buffer_putc(out, *at);
    }
    lk_buffer_putc(out, '"');
}

void lk_event_print(const lk_event_t *event, const char *client_ip, lk_buffer_t *out)
{
    lk_buffer_printf(out, "type=\"%s%s\"", types[event->type].name, event->error != NULL ? "_ERROR" : "");
    print_pair(out, "realmId", event->realm->id);
    print_pair(out, "realmName", event->realm->name);
    print_pair(out, "clientId", event->client_id);
    print_pair(out, "userId", event->user_id);
    if (event->session_id != NULL)
        print_pair(out, "sessionId", event->session_id);
    print_pair(out, "ipAddress", client_ip);
    if (event->error != NULL)
        print_pair(out, "error", event->error);
    for (size_t i = 0; i != event->num_details; ++i)
        print_pair(out, event->details[i].name, event->details[i].value);
}
