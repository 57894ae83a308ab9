/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <pthread.h>
#include "tap.h"
#include "database.h"
#include "core/buffer.h"
#include "core/json.h"
#include "core/time.h"
#include "crypto/crypto.h"
#include "model/authz_cache.h"
#include "model/consent.h"
#include "model/housekeeping.h"
#include "model/import.h"
#include "model/profile.h"
#include "model/realm_keys.h"
#include "model/session.h"
#include "model/user_row.h"

/* Snapshots, users and sessions of a realm that Keycloak exported, in a database of the test's own. */

static database_t db;
static lk_arena_t *arena;
static lk_error_t err;

static const lk_realm_t *get_realm(const char *name)
{
    const lk_realm_t *realm = NULL;
    lk_status_t status = lk_realms_get(db.app.realms, arena, name, &realm, &err);
    if (status != LK_OK && status != LK_NOT_FOUND)
        printf("# %s: %s (%s)\n", name, err.text, err.detail);
    return realm;
}

static const lk_client_t *get_client(const lk_realm_t *realm, const char *client_id)
{
    const lk_client_t *client = NULL;
    if (lk_realm_client(db.app.realms, realm, client_id, &client, &err) != LK_OK)
        printf("# %s: %s (%s)\n", client_id, err.text, err.detail);
    return client;
}

static void run_sql(const char *statement)
{
    PGresult *result = PQexec(db.conn, statement);
    if (PQresultStatus(result) != PGRES_COMMAND_OK && PQresultStatus(result) != PGRES_TUPLES_OK)
        printf("# %s: %s", statement, PQerrorMessage(db.conn));
    PQclear(result);
}

/* --- snapshot --- */

static void test_snapshot(void)
{
    const lk_realm_t *realm = get_realm("acme");
    is_str(realm->display_name, "Acme", "a setting out of the representation");
    is_int(realm->access_token_lifespan, 600, "a span");
    is_int(realm->sso_session_max, 36000, "a default span");
    is_str(realm->default_role->name, "default-roles-acme", "the default role");
    ok(lk_realm_role(realm, NULL, "boss")->num_children == 3, "boss is composed of three");
    ok(lk_realm_role(realm, "echo", "view") != NULL && lk_realm_role(realm, NULL, "view") == NULL, "client roles are apart");
    is_str(lk_realm_role_by_id(realm, realm->default_role->id)->name, "default-roles-acme", "role by id");
    const lk_group_t *leads = lk_realm_group_by_path(realm, "/staff/leads");
    ok(leads != NULL && strcmp(leads->parent->name, "staff") == 0, "group by path, with its parent");
    ok(lk_realm_group_by_id(realm, leads->id) == leads, "group by id");
    const lk_scope_t *profile = lk_realm_scope(realm, "profile");
    ok(profile != NULL && profile->num_mappers != 0 && profile->include_in_token_scope, "client scope with mappers");
    ok(!lk_realm_scope(realm, "basic")->include_in_token_scope, "a scope that is not in the token's");
    ok(lk_realm_scope(realm, "no-such") == NULL, "no such scope");
    is_int(realm->num_identity_providers, 2, "identity providers");
    is_str(lk_realm_identity_provider(realm, "aad")->display_name, "Acme (Entra ID)", "identity provider by alias");
    ok(realm->num_required_actions != 0 && realm->num_flows != 0, "required actions and flows");
    ok(realm->seal_secret.len == 32, "the AES key seals");
    ok(lk_realm_signing_key(realm, "RS256") != NULL && lk_realm_signing_key(realm, "HS512") != NULL, "signing keys");
    const lk_key_t *key = lk_realm_signing_key(realm, "RS256");
    ok(lk_realm_key_by_kid(realm, key->kid) == key && lk_realm_key_by_kid(realm, "none") == NULL, "key by kid");
    ok(get_realm("no-such-realm") == NULL && get_realm("no-such-realm") == NULL, "an unknown realm is none");
    const lk_realm_t *same = NULL;
    lk_realms_get_by_id(db.app.realms, arena, realm->id, &same, &err);
    ok(same == realm, "realm by id is the same snapshot");
    is_int(lk_realms_get_by_id(db.app.realms, arena, "none", &same, &err), LK_NOT_FOUND, "no realm of that id");
}

static void test_clients(void)
{
    const lk_realm_t *realm = get_realm("acme");
    const lk_client_t *client = get_client(realm, "echo"), *same = NULL;
    is_str(client->secret, "echo-secret", "client's secret");
    ok(client->service_accounts_enabled && client->service_account != NULL, "service account");
    ok(client->num_default_scopes != 0 && client->num_optional_scopes != 0, "client's scopes");
    ok(client->num_mappers != 0, "client's mappers");
    ok(get_client(realm, "echo") == client, "the client is loaded once");
    lk_realm_client_by_uuid(db.app.realms, realm, client->id, &same, &err);
    ok(same == client, "client by uuid");
    ok(get_client(realm, "no-such-client") == NULL && get_client(realm, "no-such-client") == NULL, "no such client");
    const lk_client_t *reports = get_client(realm, "reports");
    ok(!reports->full_scope_allowed && reports->num_scope_roles == 2, "scope mappings of a client");
}

static void test_role_sets(void)
{
    const lk_realm_t *realm = get_realm("acme");
    lk_role_set_t set, other;
    lk_role_set_init(&set, arena, realm);
    lk_role_set_init(&other, arena, realm);
    lk_role_set_add(&set, lk_realm_role(realm, NULL, "boss"));
    ok(lk_role_set_has(&set, lk_realm_role(realm, NULL, "reader")) && lk_role_set_has(&set, lk_realm_role(realm, NULL, "writer")) &&
           lk_role_set_has(&set, lk_realm_role(realm, "echo", "view")),
       "composites are expanded");
    lk_role_set_add(&other, lk_realm_role(realm, NULL, "reader"));
    lk_role_set_intersect(&set, &other);
    ok(lk_role_set_has(&set, lk_realm_role(realm, NULL, "reader")) && !lk_role_set_has(&set, lk_realm_role(realm, NULL, "boss")),
       "intersection");
    lk_role_t ring[2] = {{.index = 0, .num_children = 1}, {.index = 1, .num_children = 1}};
    const lk_role_t *forward = &ring[1], *back = &ring[0];
    ring[0].children = &forward;
    ring[1].children = &back;
    lk_role_set_t rings = {LK_NEW_ARRAY(arena, uint64_t, 1), 1};
    lk_role_set_add(&rings, &ring[0]);
    ok(lk_role_set_has(&rings, &ring[1]), "a ring of composites ends");
}

/* --- changes --- */

static void rename_realm(const char *id, const char *from, const char *to)
{
    lk_sql_t *tx = NULL;
    run_sql(lk_printf(arena, "UPDATE realm SET name = '%s' WHERE name = '%s'", to, from));
    lk_tx_begin(db.app.store, LK_READ_COMMITTED, &tx, &err);
    is_int(lk_realm_commit(db.app.realms, arena, &tx, id, &err), LK_OK, "touch and commit");
}

static int waits_for_version(const char *name, int64_t version)
{
    int64_t until = lk_now_ms() + 5000;
    while (lk_now_ms() < until) {
        if (get_realm(name)->version == version)
            return 1;
        usleep(20000);
    }
    return 0;
}

static void test_changes(void)
{
    const lk_realm_t *before = get_realm("acme");
    ok(get_realm("acme") == before, "the snapshot stays while nothing changes");
    lk_realms_invalidate(db.app.realms, before->id);
    ok(get_realm("acme") == before, "and after an invalidation without a change");
    rename_realm(before->id, "acme", "acme2");
    ok(get_realm("acme") == NULL && get_realm("acme2") != NULL, "a realm is found by its new name alone");
    is_str(before->name, "acme", "an old snapshot stays as it is");
    rename_realm(before->id, "acme2", "acme");
    ok(get_realm("acme2") == NULL && get_realm("acme") != NULL, "and back");
    int64_t version = get_realm("acme")->version;
    run_sql("UPDATE realm SET version = version + 1, rep = rep || '{\"displayName\": \"Changed\"}' WHERE name = 'acme'");
    run_sql(lk_printf(arena, "NOTIFY latchkey, '%s'", before->id));
    ok(waits_for_version("acme", version + 1), "another replica's change is seen");
    is_str(get_realm("acme")->display_name, "Changed", "with its content");
}

static void *get_many(void *context)
{
    int *failed = context;
    for (int i = 0; i != 200; ++i) {
        lk_arena_t *own = lk_arena_create("thread");
        const lk_realm_t *realm;
        const lk_client_t *client;
        lk_error_t reason;
        if (lk_realms_get(db.app.realms, own, "acme", &realm, &reason) != LK_OK ||
            lk_realm_client(db.app.realms, realm, i % 2 ? "echo" : "reports", &client, &reason) != LK_OK || client == NULL)
            ++*failed;
        else if (i % 50 == 0)
            lk_realms_invalidate(db.app.realms, NULL);
        lk_arena_destroy(&own);
    }
    return NULL;
}

static void test_threads(void)
{
    pthread_t threads[4];
    int failed[4] = {0};
    for (int i = 0; i != 4; ++i)
        pthread_create(&threads[i], NULL, get_many, &failed[i]);
    run_sql("UPDATE realm SET version = version + 1 WHERE name = 'acme'");
    for (int i = 0; i != 4; ++i)
        pthread_join(threads[i], NULL);
    is_int(failed[0] + failed[1] + failed[2] + failed[3], 0, "four threads get realm and clients while both change");
}

static void test_keys(void)
{
    static const char *const algs[] = {"ES256", "PS256", "EdDSA", "HS384"};
    const lk_realm_t *realm = get_realm("acme");
    for (size_t i = 0; i != sizeof(algs) / sizeof(algs[0]); ++i) {
        const lk_key_t *key = NULL, *again = NULL;
        ok(lk_realm_signing_key(realm, algs[i]) == NULL, "no key for %s yet", algs[i]);
        is_int(lk_realm_ensure_key(db.app.realms, arena, realm, algs[i], &realm, &key, &err), LK_OK, "one is made");
        is_str(key->alg, algs[i], "for that algorithm");
        is_int(lk_realm_ensure_key(db.app.realms, arena, get_realm("acme"), algs[i], NULL, &again, &err), LK_OK, "and found");
        is_str(again->kid, key->kid, "again");
    }
    is_str(database_text(&db, "SELECT rep->'config'->'priority'->>0 FROM component WHERE rep->>'name' = 'fallback-ES256'"), "-100",
           "it is stored like Keycloak's");
}

/* --- users --- */

static const lk_user_t *get_user(const lk_realm_t *realm, const char *login)
{
    const lk_user_t *user = NULL;
    if (lk_user_by_login(db.app.sql, arena, realm, login, &user, &err) != LK_OK)
        printf("# %s: %s (%s)\n", login, err.text, err.detail);
    return user;
}

static void test_users(void)
{
    const lk_realm_t *realm = get_realm("acme");
    const lk_user_t *alice = get_user(realm, "ALICE"), *same = NULL;
    is_str(alice->email, "alice@example.test", "a user by name in any case");
    ok(get_user(realm, "Alice@Example.test") != NULL, "by e-mail");
    ok(get_user(realm, "nobody") == NULL, "an unknown user is none");
    lk_user_by_id(db.app.sql, arena, realm, alice->id, &same, &err);
    is_str(same->username, "alice", "by id");
    is_str(lk_user_full_name(arena, alice), "Alice Liddell", "full name");
    ok(json_is_array(json_object_get(alice->attributes, "department")), "attributes");
    lk_role_set_t roles;
    lk_user_roles(arena, realm, alice, &roles);
    ok(lk_role_set_has(&roles, lk_realm_role(realm, NULL, "boss")) &&
           lk_role_set_has(&roles, lk_realm_role(realm, NULL, "writer")) &&
           lk_role_set_has(&roles, lk_realm_role(realm, "account", "view-profile")),
       "roles of groups, their parents and composites");
    ok(lk_strings_contain(&get_user(realm, "dave")->required_actions, "UPDATE_PASSWORD"), "required actions");
    lk_user_add_required_action(db.app.sql, arena, realm, alice->id, "VERIFY_EMAIL", &err);
    lk_user_add_required_action(db.app.sql, arena, realm, alice->id, "VERIFY_EMAIL", &err);
    is_int(get_user(realm, "alice")->required_actions.count, 1, "an action is added once");
    lk_user_remove_required_action(db.app.sql, arena, realm, alice->id, "VERIFY_EMAIL", &err);
    is_int(get_user(realm, "alice")->required_actions.count, 0, "and taken away");
}

static int login(const lk_realm_t *realm, const char *name, const char *password)
{
    lk_login_check_t check;
    lk_status_t status = lk_user_authenticate(&db.app, arena, realm, name, password, "192.0.2.1", &check, &err);
    if (status != LK_OK)
        printf("# %s: %s (%s)\n", name, err.text, err.detail);
    return status == LK_OK ? (int)check.result : -1;
}

static void test_passwords(void)
{
    const lk_realm_t *realm = get_realm("acme");
    is_int(login(realm, "alice", "wonderland1"), LK_LOGIN_OK, "the right password");
    is_int(login(realm, "alice@example.test", "wonderland1"), LK_LOGIN_OK, "with the e-mail address");
    is_int(login(realm, "alice", "wrong"), LK_LOGIN_WRONG_PASSWORD, "a wrong one");
    is_int(database_int(&db, "SELECT failures FROM login_failure"), 1, "is counted");
    run_sql("UPDATE login_failure SET not_before = 0");
    is_int(login(realm, "alice", "wonderland1"), LK_LOGIN_OK, "the right one again");
    is_int(database_int(&db, "SELECT count(*) FROM login_failure"), 0, "clears the failures");
    is_int(login(realm, "nobody", "x"), LK_LOGIN_UNKNOWN_USER, "an unknown user");
    is_int(login(realm, "service-account-echo", "x"), LK_LOGIN_WRONG_PASSWORD, "a service account has no password");
    is_int(login(realm, "carol", "caroloff12"), LK_LOGIN_DISABLED, "a disabled user with the right password");
    is_int(login(realm, "carol", "wrong"), LK_LOGIN_WRONG_PASSWORD, "a disabled user with a wrong one");
    for (int i = 0; i != 5; ++i)
        run_sql("UPDATE login_failure SET not_before = 0, last_failure = last_failure - 5000"), login(realm, "bob", "wrong");
    is_int(login(realm, "bob", "canwefixit1"), LK_LOGIN_LOCKED, "too many wrong ones lock the user");
    run_sql("DELETE FROM login_failure");
    is_int(login(realm, "bob", "canwefixit1"), LK_LOGIN_OK, "until the lock ends");
}

static const char *set_password(const lk_realm_t *realm, const char *name, const char *password, int temporary)
{
    err = (lk_error_t){0};
    return lk_user_set_password(db.app.sql, arena, realm, get_user(realm, name), password, temporary, &err) == LK_OK ? NULL
                                                                                                                     : err.code;
}

static void test_new_passwords(void)
{
    const char *id = database_text(&db, "SELECT id FROM realm WHERE name = 'acme'");
    run_sql("UPDATE realm SET version = version + 1, rep = rep || '{\"passwordPolicy\": \"length(4) and passwordHistory(2) and "
            "hashAlgorithm(pbkdf2-sha256) and hashIterations(2)\"}' WHERE name = 'acme'");
    lk_realms_invalidate(db.app.realms, id);
    const lk_realm_t *realm = get_realm("acme");
    is_int(login(realm, "bob", "canwefixit1"), LK_LOGIN_OK, "an old hash is good");
    ok(strstr(database_text(
                  &db, "SELECT credential_data FROM credential c JOIN user_entity u ON u.id = c.user_id WHERE username = 'bob'"),
              "pbkdf2-sha256") != NULL,
       "and made anew as the policy says");
    is_str(set_password(realm, "bob", "abc", 0), "invalidPasswordMinLengthMessage", "a short one");
    is_str(set_password(realm, "bob", "canwefixit1", 0), "invalidPasswordHistoryMessage", "the same one");
    is_str(set_password(realm, "bob", "second", 0), NULL, "a new one");
    is_str(set_password(realm, "bob", "canwefixit1", 0), "invalidPasswordHistoryMessage", "the one before");
    is_str(set_password(realm, "bob", "third", 1), NULL, "another one, temporary");
    ok(lk_strings_contain(&get_user(realm, "bob")->required_actions, "UPDATE_PASSWORD"), "asks for a new one");
    is_str(set_password(realm, "bob", "canwefixit1", 0), NULL, "the one before that one");
    is_int(get_user(realm, "bob")->required_actions.count, 0, "asks for no more");
    is_int(login(realm, "bob", "canwefixit1"), LK_LOGIN_OK, "and is good");
    is_int(database_int(&db, "SELECT count(*) FROM credential c JOIN user_entity u ON u.id = c.user_id WHERE username = 'bob'"), 2,
           "the history is as long as the policy says");
}

static void test_brute_force(void)
{
    lk_realm_t realm = {.failure_factor = 3,
                        .wait_increment = 60,
                        .max_failure_wait = 100,
                        .max_delta_time = 43200,
                        .quick_login_check_ms = 1000,
                        .minimum_quick_login_wait = 30,
                        .brute_force_strategy = "MULTIPLE"};
    lk_failures_t failures = {0};
    int64_t now = 1000000000;
    lk_failures_count(&realm, &failures, now);
    is_int(failures.not_before, 0, "one failure is nothing");
    lk_failures_count(&realm, &failures, now + 500);
    is_int(failures.not_before, now / 1000 + 30, "two at once are");
    lk_failures_count(&realm, &failures, now + 5000);
    is_int(failures.not_before, now / 1000 + 5 + 60, "the third locks");
    for (int i = 0; i != 3; ++i)
        lk_failures_count(&realm, &failures, now + 10000 * (i + 1));
    is_int(failures.not_before, now / 1000 + 30 + 100, "the sixth locks for longer, up to the maximum");
    lk_failures_count(&realm, &failures, now + 43300 * 1000LL);
    is_int(failures.failures, 1, "failures of long ago are forgotten");
    realm.brute_force_strategy = "LINEAR";
    failures = (lk_failures_t){.failures = 3, .last_failure = now};
    lk_failures_count(&realm, &failures, now + 5000);
    is_int(failures.not_before, now / 1000 + 5 + 100, "linear: each failure more adds an increment");
    realm.permanent_lockout = 1;
    failures = (lk_failures_t){.failures = 1, .last_failure = now};
    is_int(lk_failures_count(&realm, &failures, now + 5000), 0, "permanent lockout: not yet");
    is_int(lk_failures_count(&realm, &failures, now + 10000), 1, "with the third");
    realm.max_temporary_lockouts = 1;
    failures = (lk_failures_t){.failures = 2, .last_failure = now};
    is_int(lk_failures_count(&realm, &failures, now + 5000), 0, "after a temporary lockout");
    is_int(lk_failures_count(&realm, &failures, now + 10000), 1, "comes the permanent one");
}

/* --- sessions --- */

static lk_session_t make_session(const lk_realm_t *realm, const lk_client_t *client, lk_client_session_t *ret_cs)
{
    int64_t now = lk_now();
    lk_session_t session = {.id = lk_random_token(arena, 18),
                            .user_id = get_user(realm, "alice")->id,
                            .started = now,
                            .last_access = now,
                            .ip_address = "192.0.2.1",
                            .notes = lk_json_own(arena, json_pack("{s:s}", "AUTH_TIME", "5"))};
    *ret_cs = (lk_client_session_t){.client_id = client->id, .started = now, .last_refresh = now, .scope = "openid"};
    is_int(lk_session_create(db.app.sql, arena, realm, &session, ret_cs, &err), LK_OK, "a session is made");
    return session;
}

static int load(const lk_realm_t *realm, const char *sid, const char *client_uuid)
{
    lk_session_found_t found;
    lk_session_load(db.app.sql, arena, realm, &(lk_session_query_t){.sid = sid, .client_id = client_uuid}, &found, &err);
    return (found.session != NULL) + (found.user != NULL) + (found.client_session != NULL);
}

static void test_sessions(void)
{
    const lk_realm_t *realm = get_realm("acme");
    const lk_client_t *echo = get_client(realm, "echo"), *reports = get_client(realm, "reports");
    lk_client_session_t cs;
    lk_session_t session = make_session(realm, echo, &cs);
    is_int(load(realm, session.id, echo->id), 3, "it is there, with user and client");
    is_int(load(realm, session.id, reports->id), 2, "without another client");
    is_int(load(realm, session.id, NULL), 2, "without asking for one");
    is_int(load(realm, "none", echo->id), 0, "no such session");
    lk_client_session_t second = cs;
    second.client_id = reports->id;
    is_int(lk_session_attach(db.app.sql, arena, realm, &session, &second, &err), LK_OK, "another client joins");
    is_int(load(realm, session.id, reports->id), 3, "and is there");
    run_sql(lk_printf(arena, "UPDATE client_session SET last_refresh = last_refresh - 50 WHERE client_id = '%s'", echo->id));
    is_int(lk_session_refresh(db.app.sql, arena, realm, &session, &cs, NULL, lk_now(), &err), LK_OK, "a refresh soon after");
    is_int(database_int(&db, lk_printf(arena, "SELECT last_refresh FROM client_session WHERE client_id = '%s'", echo->id)),
           cs.last_refresh - 50, "writes nothing");
    cs.last_refresh -= 100;
    is_int(lk_session_refresh(db.app.sql, arena, realm, &session, &cs, NULL, lk_now(), &err), LK_OK, "a refresh later");
    ok(database_int(&db, lk_printf(arena, "SELECT last_refresh FROM client_session WHERE client_id = '%s'", echo->id)) >=
           session.started,
       "does");
    run_sql(lk_printf(arena, "UPDATE user_session SET last_access = last_access - %lld", (long long)realm->sso_session_idle + 61));
    is_int(load(realm, session.id, echo->id), 0, "an idle session is gone");
    run_sql(lk_printf(arena, "UPDATE user_session SET last_access = last_access + %lld", (long long)realm->sso_session_idle));
    is_int(load(realm, session.id, echo->id), 3, "a used one is not");
    is_int(lk_session_detach(db.app.sql, arena, realm, session.id, 0, reports->id, &err), LK_OK, "a client leaves");
    is_int(load(realm, session.id, reports->id), 2, "alone");
    int existed = 0;
    lk_session_remove(db.app.sql, arena, realm, session.id, 0, &existed, &err);
    is_int(existed, 1, "the session ends");
    lk_session_remove(db.app.sql, arena, realm, session.id, 0, &existed, &err);
    is_int(existed, 0, "once");
    is_int(lk_session_attach(db.app.sql, arena, realm, &session, &second, &err), LK_NOT_FOUND, "nobody joins it now");
}

static void test_ends(void)
{
    lk_realm_t realm = {.sso_session_idle = 100,
                        .sso_session_max = 1000,
                        .sso_session_idle_remember_me = 500,
                        .offline_session_idle = 5000,
                        .offline_session_max = 9000};
    lk_client_t client = {.attributes = NULL};
    lk_session_t session = {.started = 10, .last_access = 20};
    lk_client_session_t cs = {.started = 15, .last_refresh = 30};
    is_int(lk_session_expires(&realm, &session), 120, "idle");
    session.last_access = 990;
    is_int(lk_session_expires(&realm, &session), 1010, "maximum");
    session = (lk_session_t){.started = 10, .last_access = 20, .remember_me = 1};
    is_int(lk_session_expires(&realm, &session), 520, "idle, remembered");
    session.remember_me = 0;
    is_int(lk_client_session_expires(&realm, &client, &session, &cs), 130, "a client's part follows its own refreshes");
    realm.client_session_idle = 50;
    is_int(lk_client_session_expires(&realm, &client, &session, &cs), 80, "the realm's span for clients");
    client.attributes = lk_json_own(arena, json_pack("{s:s}", "client.session.idle.timeout", "7"));
    is_int(lk_client_session_expires(&realm, &client, &session, &cs), 37, "the client's own");
    session.offline = 1;
    is_int(lk_client_session_expires(&realm, &client, &session, &cs), 5030, "offline");
    realm.offline_session_max_enabled = 1;
    is_int(lk_session_expires(&realm, &session), 5020, "offline, idle before the maximum");
    session.last_access = 8000;
    is_int(lk_session_expires(&realm, &session), 9010, "offline, maximum");
    realm = (lk_realm_t){0};
    session = (lk_session_t){.started = 10, .last_access = 20};
    is_int(lk_session_expires(&realm, &session), 1820, "spans of 0 are Keycloak's defaults");
}

static int redeem(const lk_realm_t *realm, const lk_session_t *session, const lk_client_session_t *cs, const char *chain,
                  const char *jti, int64_t iat)
{
    lk_rotation_t rotation = {chain, jti, iat};
    err = (lk_error_t){0};
    return lk_session_refresh(db.app.sql, arena, realm, session, cs, &rotation, lk_now(), &err) == LK_OK;
}

static void test_rotation(void)
{
    const lk_realm_t *realm = get_realm("acme"); /* refreshTokenMaxReuse is 1 */
    const lk_client_t *echo = get_client(realm, "echo");
    lk_client_session_t cs;
    lk_session_t session = make_session(realm, echo, &cs);
    int64_t now = session.started;
    ok(redeem(realm, &session, &cs, "a", "1", now - 10), "the first token");
    ok(redeem(realm, &session, &cs, "a", "1", now - 10), "once more: two refreshes at once");
    ok(redeem(realm, &session, &cs, "b", "x", now - 20), "a login of its own has tokens of its own");
    ok(redeem(realm, &session, &cs, "a", "2", now + 5), "the next token");
    ok(redeem(realm, &session, &cs, "a", "2b", now + 5), "or the other answer's");
    ok(!redeem(realm, &session, &cs, "a", "1", now - 10), "an old token is refused");
    is_str(err.text, "Stale token", "as stale");
    is_int(load(realm, session.id, echo->id), 2, "and ends the client's part");
    ok(!redeem(realm, &session, &cs, "a", "2", now + 5), "after which nothing goes");
    is_str(err.text, "Session doesn't have required client", "any more");
    session = make_session(realm, echo, &cs);
    lk_rotation_t second = {"a", "2", now - 3}; /* issued when the first was redeemed, as the request's clock said */
    is_int(lk_session_refresh(db.app.sql, arena, realm, &session, &cs, &(lk_rotation_t){"a", "1", now - 9}, now - 3, &err), LK_OK,
           "a refresh that takes over the end of a second");
    is_int(lk_session_refresh(db.app.sql, arena, realm, &session, &cs, &second, now, &err), LK_OK,
           "gives a token that is not stale");
    session = make_session(realm, echo, &cs);
    ok(redeem(realm, &session, &cs, "a", "1", now) && redeem(realm, &session, &cs, "a", "1", now), "twice is allowed");
    ok(!redeem(realm, &session, &cs, "a", "1", now), "three times is not");
    is_str(err.text, "Maximum allowed refresh token reuse exceeded", "and says so");
}

static void test_used_values(void)
{
    const lk_realm_t *realm = get_realm("acme");
    int first = -1, used = -1;
    const char *session_id = "";
    lk_use_once(db.app.sql, arena, realm, "code", "id", lk_now() + 60, "sid", &first, &session_id, &err);
    ok(first == 1 && session_id == NULL, "the first redeems");
    lk_use_once(db.app.sql, arena, realm, "code", "id", lk_now() + 60, "other", &first, &session_id, &err);
    is_int(first, 0, "the second does not");
    is_str(session_id, "sid", "and learns the first one's session");
    lk_use_once(db.app.sql, arena, realm, "action", "id", lk_now() + 60, NULL, &first, NULL, &err);
    is_int(first, 1, "kinds are apart");
    lk_is_used(db.app.sql, arena, realm, "code", "id", &used, NULL, &err);
    is_int(used, 1, "it is used");
    lk_is_used(db.app.sql, arena, realm, "code", "other", &used, NULL, &err);
    is_int(used, 0, "another is not");
}

/* --- what users fill in, grant and leave behind --- */

static const char *profile_errors(const lk_realm_t *realm, unsigned who, const char *values)
{
    json_t *errors = lk_json_own(arena, json_array()), *report;
    size_t i;
    lk_buffer_t text;
    lk_buffer_init(&text, arena, 4096);
    lk_profile_validate(arena, realm, who, lk_json_own(arena, json_loads(values, 0, NULL)), errors);
    json_array_foreach(errors, i, report) lk_buffer_printf(&text, "%s%s:%s", i != 0 ? " " : "", lk_json_str(report, "field", ""),
                                                           lk_json_str(report, "errorMessage", ""));
    return text.base != NULL ? text.base : "";
}

static void test_profile(void)
{
    const lk_realm_t *realm = get_realm("acme");
    is_str(profile_errors(realm, LK_PROFILE_ADMIN, "{\"username\": [\"abc\"]}"), "", "an administrator need not say more");
    is_str(profile_errors(realm, LK_PROFILE_USER, "{\"username\": [\"abc\"], \"firstName\": [\"A\"], \"lastName\": [\"\"]}"),
           "email:error-user-attribute-required lastName:error-user-attribute-required", "a user must");
    is_str(profile_errors(realm, LK_PROFILE_ADMIN, "{\"username\": [\"a b\"], \"firstName\": [\"a<b\"], \"email\": [\"x\"]}"),
           "username:error-username-invalid-character email:error-invalid-email firstName:error-person-name-invalid-character",
           "what is wrong");
    is_str(profile_errors(realm, LK_PROFILE_ADMIN, "{\"username\": [\"ab\"]}"), "username:error-invalid-length", "too short");
    is_str(profile_errors(realm, LK_PROFILE_ADMIN, "{\"username\": [\"p\\u0435ter\"]}"),
           "username:error-username-invalid-character", "a Cyrillic letter among Latin ones");
    is_str(profile_errors(realm, LK_PROFILE_ADMIN, "{\"username\": [\"\\u00e4\\u00f6\\u00fc\"]}"), "",
           "Latin letters beyond ASCII");
    is_str(profile_errors(realm, LK_PROFILE_ADMIN, "{\"username\": [\"abc\"], \"email\": [\"a@b.c\", \"d@b.c\"]}"),
           "email:error-invalid-multivalued-size", "two of what there is one");
    lk_realm_t custom = {
        .user_profile = lk_json_own(
            arena,
            json_loads("{\"attributes\": [{\"name\": \"n\", \"validations\": {\"integer\": {\"max\": 5}, \"pattern\": "
                       "{\"pattern\": \"[0-9]+\", \"error-message\": \"mine\"}}, \"permissions\": {\"edit\": [\"admin\"]}},"
                       "{\"name\": \"s\", \"validations\": {\"uri\": {\"allowedSchemes\": [\"ftp\"], \"allowFragment\": false}, "
                       "\"length\": {\"min\": 6, \"max\": 9}}, \"permissions\": {\"edit\": [\"admin\"]}}],"
                       " \"unmanagedAttributePolicy\": \"ADMIN_EDIT\"}",
                       0, NULL))};
    is_str(profile_errors(&custom, LK_PROFILE_ADMIN, "{\"n\": [\"7\"]}"), "n:error-number-out-of-range-too-big",
           "a validator with one limit");
    is_str(profile_errors(&custom, LK_PROFILE_ADMIN, "{\"s\": [\"ftp:a\"]}"), "s:error-invalid-length", "one with two");
    is_str(profile_errors(&custom, LK_PROFILE_ADMIN, "{\"s\": [\"http:a\"]}"), "s:error-invalid-uri-scheme", "other schemes");
    is_str(profile_errors(&custom, LK_PROFILE_ADMIN, "{\"s\": [\"ftp:a#b\"]}"), "s:error-invalid-uri-fragment", "a fragment");
    is_str(profile_errors(&custom, LK_PROFILE_ADMIN, "{\"n\": [\"-1\"]}"), "n:mine", "one with a message of its own");
    json_t *old = lk_json_own(arena, json_loads("{\"n\": [\"1\"], \"u\": [\"2\"]}", 0, NULL));
    json_t *given = lk_json_own(arena, json_loads("{\"n\": [\"3\"], \"u\": [\"\"]}", 0, NULL));
    is_str(lk_json_text(arena, lk_profile_accept(arena, &custom, LK_PROFILE_ADMIN, old, given)), "{\"n\":[\"3\"]}",
           "what is changed");
    is_str(lk_json_text(arena, lk_profile_accept(arena, &custom, LK_PROFILE_USER, old, given)), "{\"n\":[\"1\"],\"u\":[\"2\"]}",
           "and what may not be");
}

static void test_emails(void)
{
    static const char *const good[] = {"a@b",          "o'x+y@b.c", "\"q q\"@b.c", "a@[1.2.3.4]",
                                       "\303\244@b.c", "a@1.2.3.4", "a@\303\244.c"};
    static const char *const bad[] = {"nope",   "a@b..c", "a b@c.d", "a.@b.c", ".a@b.c", "a..b@c.d", "a@-b.c", "a@b-.c",
                                      "a@b.c.", "a@.b.c", "a@b_c.d", "@b.c",   "a@",     "<a>@b.c",  ""};
    for (size_t i = 0; i != sizeof(good) / sizeof(good[0]); ++i)
        ok(lk_email_valid(good[i]), "e-mail address %s", good[i]);
    for (size_t i = 0; i != sizeof(bad) / sizeof(bad[0]); ++i)
        ok(!lk_email_valid(bad[i]), "no e-mail address: %s", bad[i]);
}

static void test_consents(void)
{
    const lk_realm_t *realm = get_realm("acme");
    const char *user_id = get_user(realm, "alice")->id, *client_id = get_client(realm, "echo")->id;
    json_t *ids = NULL;
    const lk_consent_t *consents;
    size_t count = 0;
    int existed;
    lk_consent_load(db.app.sql, arena, realm, user_id, client_id, &ids, &err);
    ok(ids == NULL, "no consent yet");
    lk_consent_store(db.app.sql, arena, realm, user_id, client_id, lk_json_own(arena, json_pack("[s]", "a")), &err);
    lk_consent_store(db.app.sql, arena, realm, user_id, client_id, lk_json_own(arena, json_pack("[s, s]", "a", "b")), &err);
    lk_consent_load(db.app.sql, arena, realm, user_id, client_id, &ids, &err);
    is_int(json_array_size(ids), 2, "granted scopes");
    lk_consent_list(db.app.sql, arena, realm, user_id, &consents, &count, &err);
    ok(count == 1 && strcmp(consents[0].client_id, "echo") == 0 && consents[0].created_date > 0, "list of consents");
    lk_consent_remove(db.app.sql, arena, realm, user_id, client_id, &existed, &err);
    is_int(existed, 1, "a consent is revoked");
    lk_consent_remove(db.app.sql, arena, realm, user_id, client_id, &existed, &err);
    is_int(existed, 0, "once");
}

static void test_housekeeping(void)
{
    const lk_realm_t *realm = get_realm("acme");
    const lk_client_t *echo = get_client(realm, "echo");
    lk_client_session_t cs;
    lk_housekeeping_t done;
    int first;
    run_sql("DELETE FROM user_session");
    run_sql("DELETE FROM used_value");
    make_session(realm, echo, &cs);
    run_sql("UPDATE user_session SET last_access = 0");
    run_sql("UPDATE login_failure SET last_failure = 0, not_before = 0");
    lk_session_t session = make_session(realm, echo, &cs);
    lk_use_once(db.app.sql, arena, realm, "code", "old", 5, NULL, &first, NULL, &err);
    lk_use_once(db.app.sql, arena, realm, "code", "new", lk_now() + 60, NULL, &first, NULL, &err);
    is_int(lk_housekeeping_run(&db.app, &done, &err), LK_OK, "housekeeping");
    is_int(done.sessions, 1, "the old session goes");
    is_int(load(realm, session.id, echo->id), 3, "the other stays");
    is_int(done.used_values, 1, "the old value goes");
    is_int(database_int(&db, "SELECT count(*) FROM login_failure"), 0, "failures of long ago go");
    run_sql("UPDATE user_session SET last_access = 0");
    is_int(lk_housekeeping_run(&db.app, &done, &err), LK_OK, "once more at once, as another replica would");
    is_int(done.sessions, 0, "one has just been here");
    run_sql("UPDATE lease SET until = 1");
    is_int(lk_housekeeping_run(&db.app, &done, &err), LK_OK, "and when it is time again");
    is_int(done.sessions, 1, "what has ended meanwhile goes");
    ok(get_realm("acme") == realm, "a realm in use stays");
    lk_realms_trim(db.app.realms, 0);
    ok(get_realm("acme") != realm && strcmp(realm->name, "acme") == 0, "others are read anew when they are asked for");
}

/* --- settings of resource servers in memory --- */

static void set_strategy(const char *client_id, const char *strategy)
{
    run_sql(
        lk_printf(arena,
                  "UPDATE client SET rep = rep || '{\"authorizationSettings\": {\"decisionStrategy\": \"%s\", \"resources\": [], "
                  "\"policies\": [], \"scopes\": []}}' WHERE client_id = '%s'",
                  strategy, client_id));
}

static const lk_authz_server_t *current(lk_authz_cache_t *cache, lk_sql_t *sql, const char *client_id)
{
    const lk_realm_t *realm = get_realm("acme");
    const lk_authz_server_t *server = NULL;
    if (lk_authz_current(cache, sql, arena, realm->id, get_client(realm, client_id)->id, &server, &err) != LK_OK)
        printf("# %s: %s (%s)\n", client_id, err.text, err.detail);
    return server;
}

static const char *strategy_of(const lk_authz_server_t *server)
{
    return server != NULL ? lk_json_str(server->settings, "decisionStrategy", "") : "none";
}

static lk_authz_cache_stats_t stats_of(lk_authz_cache_t *cache)
{
    lk_authz_cache_stats_t stats;
    lk_authz_cache_stats(cache, &stats);
    return stats;
}

static void test_authz_cache(void)
{
    lk_authz_cache_t *cache = lk_authz_cache_create(LK_AUTHZ_CACHE_SIZE), *small = lk_authz_cache_create(150),
                     *none = lk_authz_cache_create(10);
    lk_sql_t *sql = db.app.sql, *tx = NULL;
    ok(current(cache, sql, "spa") == NULL, "no resource server");
    set_strategy("spa", "UNANIMOUS");
    const lk_authz_server_t *first = current(cache, sql, "spa");
    is_str(strategy_of(first), "UNANIMOUS", "settings");
    ok(current(cache, sql, "spa") == first && stats_of(cache).read == 1, "they are read once");
    set_strategy("spa", "AFFIRMATIVE");
    is_str(strategy_of(current(cache, sql, "spa")), "AFFIRMATIVE", "what another connection changed is seen at once");
    is_str(strategy_of(first), "UNANIMOUS", "who asked before goes on with what it had");
    is_int((long long)stats_of(cache).count, 1, "and it is kept once");
    ok(lk_tx_begin(db.app.store, LK_READ_COMMITTED, &tx, &err) == LK_OK, "a transaction");
    lk_rows_t rows;
    const lk_realm_t *realm = get_realm("acme");
    lk_query(tx, arena, LK_Q_AUTHZ_UPDATE, &rows, &err, realm->id, get_client(realm, "spa")->id,
             "{\"decisionStrategy\": \"CONSENSUS\", \"resources\": [], \"policies\": [], \"scopes\": []}");
    is_str(strategy_of(current(cache, tx, "spa")), "CONSENSUS", "that sees its own change");
    lk_tx_rollback(&tx);
    is_str(strategy_of(current(cache, sql, "spa")), "AFFIRMATIVE", "which is nobody's when it is rolled back");
    set_strategy("echo", "UNANIMOUS");
    ok(current(small, sql, "spa") != NULL && current(small, sql, "echo") != NULL && stats_of(small).count == 1,
       "there is room for one: the last");
    ok(current(small, sql, "echo") != NULL && stats_of(small).read == 2, "which is not read again");
    ok(current(none, sql, "spa") != NULL && stats_of(none).count == 0 && stats_of(none).size == 0, "what is too large is not kept");
    lk_authz_cache_trim(cache, -1);
    ok(stats_of(cache).count == 0 && stats_of(cache).size == 0, "and all goes in the end");
    lk_authz_cache_free(&cache);
    lk_authz_cache_free(&small);
    lk_authz_cache_free(&none);
    is_str(strategy_of(first), "UNANIMOUS", "but for what somebody has");
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
    test_snapshot();
    test_clients();
    test_role_sets();
    test_changes();
    test_threads();
    test_keys();
    test_users();
    test_passwords();
    test_new_passwords();
    test_brute_force();
    test_sessions();
    test_ends();
    test_rotation();
    test_used_values();
    test_profile();
    test_emails();
    test_consents();
    test_housekeeping();
    test_authz_cache();
    lk_arena_destroy(&arena);
    database_close(&db);
    return tap_done();
}
