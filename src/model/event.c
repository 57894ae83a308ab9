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

/* What an error that no code named is called: by the text for the client, or else by the OAuth code. */
static const struct {
    const char *text, *code; /* NULL: any */
    const char *error;
    int has_reason; /* the text goes along */
} errors[] = {
    {"Missing parameter: code", NULL, "invalid_code", 1},
    {"Missing parameter: device_code", NULL, "invalid_oauth2_device_code", 1},
    {"Code not valid", NULL, "invalid_code", 0},
    {"Code is expired", NULL, "expired_code", 0},
    {"Device code not valid", NULL, "invalid_oauth2_device_code", 0},
    {"Device code is expired", NULL, "expired_oauth2_device_code", 0},
    {"Incorrect redirect_uri", NULL, "invalid_redirect_uri", 1},
    {"Auth error: Found different client_id in clientSession", NULL, "invalid_client", 1},
    {"PKCE code verifier not specified", NULL, "code_verifier_missing", 1},
    {"PKCE verification failed: Code mismatch", NULL, "pkce_verification_failed", 1},
    {"PKCE verification failed: Invalid code verifier", NULL, "invalid_code_verifier", 1},
    {"User disabled", NULL, "user_disabled", 0},
    {"User not found", NULL, "user_not_found", 0},
    {"Account disabled", NULL, "user_disabled", 0},
    {"Account is not fully set up", NULL, "resolve_required_actions", 1},
    {"Client not allowed for direct access grants", NULL, "not_allowed", 0},
    {"Client requires user consent", NULL, "consent_denied", 1},
    {"Invalid user credentials", NULL, "invalid_user_credentials", 0},
    {"Client not enabled to retrieve service account", NULL, "invalid_client", 1},
    {"Public client not allowed to retrieve service account", NULL, "invalid_client", 1},
    {"Unsupported grant_type", NULL, "invalid_request", 1},
    {"Invalid token", NULL, "invalid_token", 0},
    {"Invalid client or Invalid client credentials", "invalid_client", "client_not_found", 0},
    {"Invalid client or Invalid client credentials", "unauthorized_client", "invalid_client_credentials", 0},
    {NULL, "invalid_grant", "invalid_token", 1},
    {NULL, "invalid_scope", "invalid_request", 1},
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

static void end_as(const lk_request_t *req, const lk_error_t *err)
{
    size_t i = 0, count = sizeof(errors) / sizeof(errors[0]);
    while (i != count && ((errors[i].text != NULL && strcmp(errors[i].text, err->text) != 0) ||
                          (errors[i].code != NULL && strcmp(errors[i].code, err->code) != 0)))
        ++i;
    if (*err->text != '\0' && (i == count || errors[i].has_reason))
        lk_event_detail(req, "reason", lk_strdup(req->arena, err->text));
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
