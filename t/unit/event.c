/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "tap.h"
#include "database.h"
#include "core/json.h"
#include "core/multipart.h"
#include "crypto/key_pair.h"
#include "crypto/keys.h"
#include "model/event.h"
#include "model/import.h"

/* Events of a request: how they begin, follow each other and end; and the store that writes them. */

static database_t db;
static lk_arena_t *arena;
static lk_error_t err;
static lk_events_t events;
static lk_request_t req;

static const char *detail(const lk_event_t *event, const char *name)
{
    for (size_t i = 0; event != NULL && i != event->num_details; ++i)
        if (strcmp(event->details[i].name, name) == 0)
            return event->details[i].value;
    return NULL;
}

static void begin(const lk_realm_t *realm, lk_event_type_t type)
{
    events = (lk_events_t){.tail = &events.ended};
    req = (lk_request_t){.arena = arena, .app = &db.app, .events = &events};
    lk_event_begin(&req, realm, type);
}

static const lk_event_t *fail_with(const lk_realm_t *realm, const char *code, const char *text)
{
    lk_error_t why = {0};
    begin(realm, LK_EVENT_CODE_TO_TOKEN);
    lk_fail(&why, LK_INVALID, code, "%s", text);
    return lk_events_end(&req, LK_INVALID, &why);
}

static void test_ends(const lk_realm_t *realm)
{
    begin(realm, LK_EVENT_LOGIN);
    lk_event_detail(&req, "username", "alice");
    lk_event_detail(&req, "username", "bob");
    lk_event_detail(&req, "absent", NULL);
    const lk_event_t *event = lk_events_end(&req, LK_OK, NULL);
    ok(event == NULL, "what was neither a success nor an error leaves no event");
    begin(realm, LK_EVENT_LOGIN);
    lk_event_detail(&req, "username", "alice");
    lk_event_detail(&req, "username", "bob");
    lk_event_success(&req);
    lk_event_follow(&req, LK_EVENT_CODE_TO_TOKEN);
    lk_event_error(&req, "expired_code");
    event = lk_events_end(&req, LK_OK, NULL);
    is_str(lk_event_name(arena, event), "LOGIN", "the first");
    is_str(detail(event, "username"), "bob", "a detail is there once, as it was said last");
    is_str(lk_event_name(arena, event->next), "CODE_TO_TOKEN_ERROR", "the one that follows from it");
    is_str(detail(event->next, "username"), "bob", "knows what that knew");
    ok(event->next->time_ms > event->time_ms, "and is later, for lists are sorted by time alone");
    ok(event->next->next == NULL, "and that is all");
    lk_event_detail(&req, "late", "x");
    ok(detail(event->next, "late") == NULL, "what has ended changes no more");
}

static void test_errors(const lk_realm_t *realm)
{
    const lk_event_t *event = fail_with(realm, "invalid_grant", "PKCE verification failed: Code mismatch");
    is_str(event->error, "pkce_verification_failed", "an error is named by its text");
    is_str(detail(event, "reason"), "Code mismatch", "with the reason that Keycloak gives");
    event = fail_with(realm, "invalid_grant", "Code not valid");
    is_str(event->error, "invalid_code", "or with none");
    ok(detail(event, "reason") == NULL, "where the name says it all");
    ok(fail_with(realm, "authorization_pending", "The authorization request is still pending") == NULL, "an answer is no failure");
    event = fail_with(realm, "strange_error", "Something");
    is_str(event->error, "strange_error", "an error that no table knows keeps its code");
    is_str(detail(event, "reason"), "Something", "and its text is the reason");
}

static void test_profile(const lk_realm_t *realm)
{
    json_t *old =
        lk_json_own(arena, json_pack("{s:[s], s:[s], s:[s, s]}", "firstName", "A", "email", "a@x.test", "tags", "1", "2"));
    json_t *new = lk_json_own(arena, json_pack("{s:[s], s:[s], s:[s]}", "firstName", "B", "email", "a@x.test", "tags", "1"));
    begin(realm, LK_EVENT_UPDATE_PROFILE);
    lk_event_profile(&req, "ACCOUNT", old, new);
    lk_event_success(&req);
    const lk_event_t *event = lk_events_end(&req, LK_OK, NULL);
    is_str(detail(event, "previous_first_name"), "A", "a profile's change: what it was");
    is_str(detail(event, "updated_first_name"), "B", "and what it is");
    is_str(detail(event, "previous_tags"), "1, 2", "all values");
    ok(detail(event, "updated_email") == NULL, "nothing of what stays");
}

static void test_store(const lk_realm_t *realm)
{
    lk_event_stats_t stats;
    lk_event_store_t *store = lk_event_store_open(db.app.sql, NULL);
    begin(realm, LK_EVENT_LOGIN);
    lk_event_user(&req, "u1");
    lk_event_success(&req);
    const lk_event_t *event = lk_events_end(&req, LK_OK, NULL);
    for (int i = 0; i != 100; ++i)
        lk_event_store_put(store, event, "192.0.2.1");
    lk_event_store_flush(store, 5000);
    is_int(database_int(&db, "SELECT count(*) FROM event WHERE user_id = 'u1'"), 100, "a flush waits until all are written");
    lk_event_store_stats(store, &stats);
    ok(stats.written == 100 && stats.lost == 0 && stats.queued == 0, "and the numbers say so");
    lk_event_store_put(store, event, "192.0.2.1");
    lk_event_store_close(&store);
    is_int(database_int(&db, "SELECT count(*) FROM event WHERE user_id = 'u1'"), 101, "closing writes what is left");
    ok(store == NULL, "and the pointer is gone");
}

/* Keys of clients go through PKCS12 and back. */
static void test_key_pair(void)
{
    lk_key_pair_t pair, again;
    lk_bytes_t file;
    ok(lk_key_generate_rsa(arena, 2048, "app", &pair.private_key, &pair.certificate, &err) == LK_OK &&
           lk_key_pair_pack(arena, &pair, "secret", "mine", NULL, &file, &err) == LK_OK &&
           lk_key_pair_open(arena, file, "secret", "mine", &again, &err) == LK_OK,
       "a key becomes a PKCS12 file");
    ok(strcmp(pair.certificate, again.certificate) == 0 && strcmp(pair.private_key, again.private_key) == 0, "and is the same");
    is_int(lk_key_pair_open(arena, file, "wrong", "mine", &again, &err), LK_INVALID, "not with another password");
    is_int(lk_key_pair_open(arena, file, "secret", "other", &again, &err), LK_NOT_FOUND, "nor under another alias");
}

int main(void)
{
    static const char realm_file[] = "{\"realm\": \"acme\", \"enabled\": true, \"eventsEnabled\": true}";
    const lk_realm_t *realm = NULL;
    json_t *rep = json_loads(realm_file, 0, NULL);
    lk_import_options_t options = {0};
    lk_import_result_t imported;
    if (database_open(&db) != 0)
        return 1;
    arena = lk_arena_create("test");
    if (lk_import_realm(&db.app, arena, rep, &options, &imported, &err) != LK_OK ||
        lk_realms_get(db.app.realms, arena, "acme", &realm, &err) != LK_OK)
        printf("Bail out! %s (%s)\n", err.text, err.detail);
    test_ends(realm);
    test_errors(realm);
    test_profile(realm);
    test_store(realm);
    test_key_pair();
    json_decref(rep);
    lk_arena_destroy(&arena);
    database_close(&db);
    return tap_done();
}
