/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <pthread.h>
#include "tap.h"
#include "database.h"
#include "core/json.h"
#include "core/time.h"
#include "crypto/crypto.h"
#include "model/import.h"
#include "model/housekeeping.h"
#include "model/key_rotation.h"
#include "model/realm_keys.h"
#include "model/retired_key.h"
#include "model/snapshot.h"

/* A realm whose keys sign for an hour, are published five minutes ahead, and kept for two hours: the clock is the test's. */

#define BEGIN 1800000000
#define PERIOD 3600
#define AHEAD 300
#define KEEP 7200

static database_t db;
static lk_arena_t *arena;
static lk_error_t err;

static const lk_realm_t *get_realm(void)
{
    const lk_realm_t *realm = NULL;
    if (lk_realms_get(db.app.realms, arena, "acme", &realm, &err) != LK_OK)
        printf("# %s (%s)\n", err.text, err.detail);
    return realm;
}

static void run(int64_t now, int expected, const char *what)
{
    int changed = -1;
    if (lk_key_rotation_run(&db.app, arena, get_realm()->id, now, &changed, &err) != LK_OK)
        printf("# %s (%s)\n", err.text, err.detail);
    is_int(changed, expected, what);
}

static const char *signer(const char *alg)
{
    const lk_key_t *key = lk_realm_signing_key(get_realm(), alg);
    return key != NULL ? key->kid : "none";
}

static size_t count_published(const char *alg)
{
    json_t *set, *key;
    const lk_realm_t *realm = get_realm();
    size_t i, count = 0;
    lk_json_parse(arena, (const char *)realm->jwks.base, realm->jwks.len, &set, NULL);
    json_array_foreach(json_object_get(set, "keys"), i, key)
    {
        count += strcmp(lk_json_str(key, "alg", ""), alg) == 0;
    }
    return count;
}

static void test_walk(void)
{
    const char *first = signer("RS256"), *refresh = signer("HS512"), *second;
    const char *etag = get_realm()->jwks_etag;
    run(BEGIN, 1, "a key of unknown age gets a successor at once");
    is_str(signer("RS256"), first, "which does not sign yet");
    is_int((int)count_published("RS256"), 2, "but is published");
    ok(strcmp(get_realm()->jwks_etag, etag) != 0, "under another ETag");
    run(BEGIN + AHEAD - 1, 0, "until it is time, nothing happens");
    run(BEGIN + AHEAD, 1, "then it takes over");
    second = signer("RS256");
    ok(strcmp(second, first) != 0, "and signs");
    ok(lk_realm_key_by_kid(get_realm(), first) != NULL, "what the old one signed still verifies");
    is_int((int)count_published("RS256"), 2, "since it is still published");
    run(BEGIN + PERIOD - 1, 0, "it signs for its period");
    run(BEGIN + PERIOD, 1, "and the next one is made");
    is_int((int)count_published("RS256"), 3, "all three are published");
    run(BEGIN + PERIOD + AHEAD, 1, "which takes over in turn");
    ok(strcmp(signer("RS256"), second) != 0, "and signs");
    run(BEGIN + AHEAD + KEEP - 1, 1, "meanwhile the fourth is made");
    ok(lk_realm_key_by_kid(get_realm(), first) != NULL, "and the first is kept to its last second");
    run(BEGIN + AHEAD + KEEP, 1, "then it goes");
    ok(lk_realm_key_by_kid(get_realm(), first) == NULL, "and is published no more");
    ok(lk_realm_key_by_kid(get_realm(), second) != NULL, "the second is not");
    is_str(signer("HS512"), refresh, "secrets stay as they are");
}

static void *replica(void *changed)
{
    lk_arena_t *own = lk_arena_create("replica");
    lk_error_t why;
    lk_key_rotation_run(&db.app, own, "ecc289af-254b-4c36-b113-a2b42037e5ed", BEGIN + 10 * PERIOD, changed, &why);
    lk_arena_destroy(&own);
    return NULL;
}

/* All find at the same time that a key is due. */
static void test_replicas(void)
{
    pthread_t threads[4];
    int changed[4] = {0};
    lk_error_t why;
    while (lk_key_rotation_run(&db.app, arena, get_realm()->id, BEGIN + 5 * PERIOD, &changed[0], &why) == LK_OK && changed[0])
        ;
    size_t before = count_published("RS256");
    for (size_t i = 0; i != 4; ++i)
        pthread_create(&threads[i], NULL, replica, &changed[i]);
    for (size_t i = 0; i != 4; ++i)
        pthread_join(threads[i], NULL);
    ok(count_published("RS256") <= before + 1, "of four replicas one makes a key");
}

/* Deleted by an administrator: here by the model's own calls. */
static void test_retired(void)
{
    const lk_realm_t *realm = get_realm();
    const char *kid = signer("RS256");
    const lk_realm_key_t *entry = realm->keys;
    const size_t before = count_published("RS256");
    while (strcmp(entry->key->kid, kid) != 0)
        ++entry;
    int64_t now = lk_now();
    ok(lk_retired_key_keep(lk_realms_sql(db.app.realms), arena, realm->id, entry, now, &err) == LK_OK, "a key is kept");
    const char *expires = database_text(&db, "SELECT expires::text FROM retired_key");
    is_int((int)(strtoll(expires, NULL, 10) - now), KEEP, "for as long as the realm keeps keys");
    is_str(
        database_text(&db, "SELECT string_agg(k, ' ') FROM retired_key, jsonb_object_keys(jwk) k WHERE k IN ('d', 'p', 'q', 'k')"),
        "", "without its private part");
    database_text(&db, "UPDATE client SET rep = jsonb_set(rep, '{attributes,access.token.lifespan}', '\"100000\"') WHERE client_id "
                       "= 'echo' RETURNING id");
    ok(lk_retired_key_keep(lk_realms_sql(db.app.realms), arena, realm->id, entry, now, &err) == LK_OK, "again");
    expires = database_text(&db, "SELECT expires::text FROM retired_key");
    is_int((int)(strtoll(expires, NULL, 10) - now), 100000, "and no less than a client's tokens live");
    database_text(&db, lk_printf(arena,
                                 "WITH gone AS (DELETE FROM component WHERE id = '%s') "
                                 "UPDATE realm SET version = version + 1 WHERE name = 'acme' RETURNING id",
                                 entry->component_id));
    lk_realms_invalidate(db.app.realms, realm->id);
    ok(lk_realm_key_by_kid(get_realm(), kid) != NULL, "its component is gone, and it verifies");
    ok(strcmp(signer("RS256"), kid) != 0, "but signs no more");
    is_int((int)count_published("RS256"), (int)before, "and is published");
    lk_housekeeping_run(&db.app, NULL, &err);
    ok(lk_realm_key_by_kid(get_realm(), kid) != NULL, "housekeeping leaves it until its time is over");
    database_text(&db, "UPDATE retired_key SET expires = 1000 RETURNING kid");
    database_text(&db, "DELETE FROM lease RETURNING name");
    const char *version = database_text(&db, "SELECT version::text FROM realm WHERE name = 'acme'");
    lk_housekeeping_run(&db.app, NULL, &err);
    ok(strcmp(database_text(&db, "SELECT version::text FROM realm WHERE name = 'acme'"), version) != 0, "replicas are told");
    lk_realms_invalidate(db.app.realms, realm->id);
    ok(lk_realm_key_by_kid(get_realm(), kid) == NULL, "then it goes");
    is_int((int)count_published("RS256"), (int)before - 1, "from the key set too");
}

int main(void)
{
    arena = lk_arena_create("test");
    lk_import_options_t options = {0};
    if (database_open(&db) != 0 ||
        !ok(lk_import_path(&db.app, LK_TEST_DATA "/acme-export.json", &options, &err) == LK_OK, "import")) {
        printf("# %s (%s)\n", err.text, err.detail);
        return 1;
    }
    run(BEGIN, 0, "nothing happens where no realm asks for it");
    database_text(&db, "UPDATE realm SET version = version + 1, rep = jsonb_set(rep, '{attributes}', rep->'attributes' || "
                       "'{\"latchkey.keys.rotation.period\": \"3600\", \"latchkey.keys.rotation.ahead\": \"300\", "
                       "\"latchkey.keys.rotation.keep\": \"7200\"}') WHERE name = 'acme' RETURNING id");
    test_walk();
    test_replicas();
    test_retired();
    lk_arena_destroy(&arena);
    database_close(&db);
    return tap_done();
}
