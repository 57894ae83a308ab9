/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <pthread.h>
#include <sys/stat.h>
#include "tap.h"
#include "database.h"
#include "crypto/password.h"
#include "model/import.h"
#include "model/json_scan.h"

static database_t db;
static lk_arena_t *arena;

static json_t *read_json(const char *name)
{
    json_error_t reason;
    json_t *value = json_load_file(lk_printf(arena, LK_TEST_DATA "/%s", name), 0, &reason);
    if (value == NULL)
        printf("# %s: %s\n", name, reason.text);
    return lk_json_own(arena, value);
}

static const char *write_file(const char *name, const char *text)
{
    const char *path = lk_printf(arena, "%s/%s", db.folder, name);
    FILE *file = fopen(path, "w");
    fputs(text, file);
    fclose(file);
    return path;
}

/* Imports the JSON text; the error is left in *err. */
static lk_status_t import_text(const char *text, const lk_import_options_t *options, lk_import_result_t *ret_result,
                               lk_error_t *err)
{
    json_t *value = lk_json_own(arena, json_loads(text, 0, NULL));
    *err = (lk_error_t){0};
    return lk_import_realm(&db.app, arena, value, options, ret_result, err);
}

static long count(const char *table, const char *realm)
{
    return database_int(
        &db, lk_printf(arena, "SELECT count(*) FROM %s WHERE realm_id = (SELECT id FROM realm WHERE name = '%s')", table, realm));
}

/* --- scanning --- */

static const char *expanded(const char *text)
{
    lk_span_t result = lk_scan_expand(arena, (lk_span_t){text, text + strlen(text)});
    return lk_strndup(arena, result.base, (size_t)(result.end - result.base));
}

static void test_placeholders(void)
{
    static const struct {
        const char *text, *expected;
    } cases[] = {
        {"\"${LK_A}\"", "\"val\""},
        {"\"x${LK_A}y$\"", "\"xvaly$\""},
        {"\"${LK_NO}\"", "\"${LK_NO}\""},
        {"\"${LK_NO:def}${LK_NO:}\"", "\"def\""},
        {"\"${LK_NO,LK_A:def}\"", "\"val\""},
        {"\"$${LK_A}\"", "\"$${LK_A}\""},
        {"\"${LK_A\"", "\"${LK_A\""},
        {"\"${}${:x}\"", "\"${}${:x}\""},
        {"\"${LK_NO:http://x/${LK_A}/y}\"", "\"http://x/val/y\""},
        {"\"${LK_EMPTY:def}\"", "\"\""},
        {"\"${role_offline-access}\"", "\"${role_offline-access}\""},
        {"\"${LK_QUOTE}\"", "\"a\\\"b\""},
        {"{\"a\": ${LK_NO:true}, \"b\\\"${LK_A}\": 1}", "{\"a\": true, \"b\\\"val\": 1}"},
    };
    setenv("LK_A", "val", 1);
    setenv("LK_EMPTY", "", 1);
    setenv("LK_QUOTE", "a\"b", 1);
    unsetenv("LK_NO");
    for (size_t i = 0; i != sizeof(cases) / sizeof(cases[0]); ++i)
        is_str(expanded(cases[i].text), cases[i].expected, lk_printf(arena, "placeholders of %s", cases[i].text));
}

static void test_members(void)
{
    const char *text = " {\"a\": [1, {\"users\": 2}], \"users\" : [{\"x\": \"]\\\"}\"}] , \"b\": null}";
    lk_span_t value;
    is_int(lk_scan_member((lk_span_t){text, text + strlen(text)}, "users", &value), 1, "a member is found");
    is_str(lk_strndup(arena, value.base, (size_t)(value.end - value.base)), "[{\"x\": \"]\\\"}\"}]", "with its value alone");
    is_int(lk_scan_member((lk_span_t){text, text + strlen(text)}, "c", &value), 0, "another is not");
    for (size_t len = 2; len < strlen(text); ++len)
        if (lk_scan_member((lk_span_t){text, text + len}, "c", &value) != -1) {
            ok(0, "cut off at %zu", len);
            return;
        }
    ok(1, "a text that is cut off is no object");
}

/* --- whole files --- */

static void test_bootstrap(void)
{
    lk_error_t err = {0};
    ok(lk_bootstrap_master(&db.app, "Admin", "secret", "boot", "boot-secret", &err) == LK_OK, "master is made %s", err.text);
    ok(lk_bootstrap_master(&db.app, "other", "secret", NULL, NULL, &err) == LK_OK, "and stays as it is the next time %s", err.text);
    is_int(count("user_entity", "master"), 2, "an administrator and a service account");
    is_str(
        database_text(
            &db,
            "SELECT string_agg(r.name, ' ' ORDER BY r.name) FROM user_role ur JOIN role r ON r.realm_id = ur.realm_id AND r.id = "
            "ur.role_id JOIN user_entity u ON u.realm_id = ur.realm_id AND u.id = ur.user_id WHERE u.username = 'admin'"),
        "admin default-roles-master", "the administrator's roles");
    is_int(database_int(&db, "SELECT count(*) FROM role_composite c JOIN role r ON r.realm_id = c.realm_id AND r.id = c.role_id "
                             "JOIN realm m ON m.id = "
                             "r.realm_id WHERE m.name = 'master' AND r.name = 'admin'"),
           22, "the role admin has create-realm and the roles of master-realm");
    is_int(database_int(&db, "SELECT count(*) FROM client WHERE client_id = 'realm-management'"), 0,
           "master has no realm-management");
}

static void test_name_alone(void)
{
    lk_import_result_t result;
    lk_error_t err;
    ok(import_text("{\"realm\": \"Small\", \"enabled\": true}", &(lk_import_options_t){0}, &result, &err) == LK_OK,
       "a name is enough %s", err.text);
    static const struct {
        const char *table;
        int rows;
    } tables[] = {
        {"client", 6},
        {"client_scope", 15},
        {"client_scope_of_client", 66},
        {"role", 34},
        {"role_composite", 31},
        {"scope_mapping", 3},
        {"component", 14},
        {"authentication_flow", 21},
        {"authenticator_config", 4},
        {"required_action", 14},
        {"user_entity", 0},
    };
    for (size_t i = 0; i != sizeof(tables) / sizeof(tables[0]); ++i)
        is_int(count(tables[i].table, "Small"), tables[i].rows, tables[i].table);
    is_str(database_text(&db, "SELECT rep->'defaultRole'->>'name' FROM realm WHERE name = 'Small'"), "default-roles-small",
           "the default role");
    is_int(database_int(&db, "SELECT count(*) FROM role r JOIN client c ON c.realm_id = r.realm_id AND c.id = r.client_id WHERE "
                             "c.client_id = 'Small-realm'"),
           21, "master has its client with the roles");
    ok(import_text(lk_printf(arena, "{\"realm\": \"Smaller\", \"id\": \"%s\"}",
                             database_text(&db, "SELECT id FROM realm WHERE name = 'Small'")),
                   &(lk_import_options_t){0}, &result, &err) == LK_CONFLICT,
       "another realm cannot have its id: %s", err.text);
    ok(import_text("{\"realm\": \"Small\"}", &(lk_import_options_t){0}, &result, &err) == LK_OK && result.skipped,
       "a second time it is skipped");
    ok(import_text("{\"realm\": \"Small\"}", &(lk_import_options_t){.fail_if_exists = 1}, &result, &err) == LK_CONFLICT,
       "or refused");
    is_str(err.text, "Realm Small already exists", "in Keycloak's words");
}

static void check_keys(const lk_realm_t *realm, const json_t *export)
{
    size_t i;
    json_t *component;
    json_array_foreach(json_object_get(json_object_get(export, "components"), "org.keycloak.keys.KeyProvider"), i, component)
    {
        const json_t *config = json_object_get(component, "config");
        const char *kid = lk_json_config(config, "kid", NULL), *private_key = lk_json_config(config, "privateKey", NULL);
        lk_key_t *key;
        if (private_key != NULL && lk_key_from_private(arena, private_key, NULL, "RS256", "sig", &key, NULL) == LK_OK)
            kid = key->kid;
        ok(kid != NULL && lk_realm_key_by_kid(realm, kid) != NULL, "%s has kept its kid", lk_json_str(component, "name", "?"));
    }
}

static void check_passwords(void)
{
    static const struct {
        const char *user, *password;
    } users[] = {{"alice", "wonderland1"}, {"bob", "canwefixit1"}, {"carol", "caroloff12"}, {"dave", "changeme1"}};
    for (size_t i = 0; i != sizeof(users) / sizeof(users[0]); ++i) {
        const char *from = "FROM credential c JOIN user_entity u ON u.realm_id = c.realm_id AND u.id = c.user_id WHERE u.username";
        lk_password_t stored = {database_text(&db, lk_printf(arena, "SELECT credential_data %s = '%s'", from, users[i].user)),
                                database_text(&db, lk_printf(arena, "SELECT secret_data %s = '%s'", from, users[i].user))};
        int match = 0, stale = 0;
        lk_password_verify(arena, users[i].password, &stored, &(lk_hashing_t){0}, &match, &stale, NULL);
        ok(match, "%s has kept the password", users[i].user);
    }
}

static void check_users(const json_t *export)
{
    size_t i;
    json_t *user;
    int same = 1;
    json_array_foreach(json_object_get(export, "users"), i, user)
    {
        same &= strcmp(database_text(&db, lk_printf(arena, "SELECT id FROM user_entity WHERE username = '%s' AND realm_id = '%s'",
                                                    lk_json_str(user, "username", ""), lk_json_str(export, "id", ""))),
                       lk_json_str(user, "id", "")) == 0;
    }
    ok(same, "users have kept their ids");
    is_str(database_text(&db, "SELECT identity_provider || ' ' || external_username FROM federated_identity"),
           "aad dave@acme.example.test", "dave has kept his link");
    is_int(database_int(&db, "SELECT count(*) FROM user_entity u JOIN client c ON c.realm_id = u.realm_id AND c.id = "
                             "u.service_account_client_id JOIN "
                             "realm r ON r.id = u.realm_id WHERE r.name = 'acme'"),
           3, "service accounts belong to their clients");
}

static void test_acme(void)
{
    json_t *export = read_json("acme-export.json");
    lk_import_result_t result;
    lk_error_t err = {0};
    const lk_realm_t *realm;
    ok(lk_import_realm(&db.app, arena, export, &(lk_import_options_t){0}, &result, &err) == LK_OK, "acme is imported %s %s",
       err.text, err.detail);
    is_str(database_text(&db, "SELECT id FROM realm WHERE name = 'acme'"), lk_json_str(export, "id", NULL),
           "the realm has kept its id");
    is_int(count("client", "acme"), (long)json_array_size(json_object_get(export, "clients")), "all clients");
    is_int(count("client_scope", "acme"), (long)json_array_size(json_object_get(export, "clientScopes")), "all client scopes");
    is_int(count("authentication_flow", "acme"), (long)json_array_size(json_object_get(export, "authenticationFlows")),
           "all flows");
    is_int(count("user_entity", "acme"), (long)json_array_size(json_object_get(export, "users")), "all users");
    is_int(count("identity_provider_mapper", "acme"), (long)json_array_size(json_object_get(export, "identityProviderMappers")),
           "all mappers");
    check_users(export);
    check_passwords();
    if (ok(lk_realms_get(db.app.realms, arena, "acme", &realm, &err) == LK_OK, "a snapshot of it can be read %s", err.text)) {
        check_keys(realm, export);
        is_str(realm->default_role != NULL ? realm->default_role->name : NULL, "default-roles-acme", "with its default role");
    }
}

static void test_plain(void)
{
    lk_import_result_t result;
    lk_error_t err = {0};
    ok(lk_import_realm(&db.app, arena, read_json("plain-export.json"), &(lk_import_options_t){0}, &result, &err) == LK_OK,
       "plain is imported %s", err.text);
    /* What Keycloak wrote for a realm made from a name is what is made here from a name. */
    static const char *const tables[] = {"client",    "client_scope",        "client_scope_of_client",
                                         "role",      "role_composite",      "scope_mapping",
                                         "component", "authentication_flow", "required_action"};
    for (size_t i = 0; i != sizeof(tables) / sizeof(tables[0]); ++i)
        is_int(count(tables[i], "plain"), count(tables[i], "Small"), tables[i]);
    is_str(database_text(&db, "SELECT (SELECT rep - 'defaultRole' FROM realm WHERE name = 'plain') = (SELECT rep - 'defaultRole' "
                              "FROM realm WHERE name = 'Small')"),
           "t", "the settings are the same");
}

static void test_built_in_mappers(void)
{
    is_str(database_text(&db,
                         "SELECT c.rep->'protocolMappers'->0->>'protocolMapper' FROM client c JOIN realm r ON r.id = c.realm_id "
                         "WHERE r.name = 'Small' AND c.client_id = 'account-console'"),
           "oidc-audience-resolve-mapper", "built-in clients have their mappers");
    const char *query = "SELECT m->'config'->>'userinfo.token.claim' FROM client_scope s JOIN realm r ON r.id = s.realm_id, "
                        "jsonb_array_elements(s.rep->'protocolMappers') m WHERE s.name = 'acr' AND r.name = ";
    is_str(database_text(&db, lk_printf(arena, "%s'Small'", query)), "", "built-in mappers are as Keycloak makes them");
    is_str(database_text(&db, lk_printf(arena, "%s'plain'", query)), "true",
           "those of a file have claims of the ID token in userinfo");
}

/* --- details --- */

static void test_users_in_plain_text(void)
{
    lk_import_result_t result;
    lk_error_t err;
    ok(import_text(
           "{\"realm\":\"text\",\"enabled\":\"true\",\"passwordPolicy\":\"hashAlgorithm(pbkdf2-sha256) and hashIterations(3)\","
           "\"clients\":[{\"clientId\":\"app\",\"secret\":\"s\",\"serviceAccountsEnabled\":true,\"redirectUris\":[\"https://a.test/"
           "x\",\"/y\"]},"
           "{\"clientId\":\"spa\",\"publicClient\":true}],"
           "\"groups\":[{\"name\":\"a/b\",\"realmRoles\":[\"made\"],\"subGroups\":[{\"name\":\"c\"}]}],\"defaultGroups\":[\"/a~/"
           "b\"],"
           "\"users\":[{\"username\":\"Ann\",\"email\":\"ANN@x.test\",\"enabled\":true,\"credentials\":[{\"type\":\"password\","
           "\"value\":\"pw\"}],"
           "\"groups\":[\"/a~/b/c\"],\"realmRoles\":[\"new one\",\"new "
           "one\"],\"clientRoles\":{\"spa\":[\"other\"]},\"colour\":\"red\"}]}",
           &(lk_import_options_t){0}, &result, &err) == LK_OK,
       "a realm written by hand %s %s", err.text, err.detail);
    is_str(database_text(
               &db, "SELECT u.username || ' ' || u.email || ' ' || (u.rep->>'colour') FROM user_entity u WHERE u.username = 'ann'"),
           "ann ann@x.test red", "names are in lower case, unknown members are kept");
    is_str(database_text(&db, "SELECT credential_data FROM credential c JOIN realm r ON r.id = c.realm_id WHERE r.name = 'text'"),
           "{\"hashIterations\":3,\"algorithm\":\"pbkdf2-sha256\",\"additionalParameters\":{}}",
           "the realm's policy hashes the password");
    is_int(database_int(&db, "SELECT count(*) FROM role WHERE name IN ('new one', 'other', 'made')"), 3,
           "roles that are only named are made");
    is_str(database_text(&db, "SELECT rep->>'webOrigins' FROM client WHERE client_id = 'app'"), "[\"https://a.test\"]",
           "origins come from redirect URIs");
    is_str(
        database_text(
            &db,
            "SELECT u.username FROM user_entity u JOIN client c ON c.id = u.service_account_client_id WHERE c.client_id = 'app'"),
        "service-account-app", "a service account gets its user");
    is_int(database_int(&db, "SELECT count(*) FROM client_scope_of_client s JOIN client c ON c.id = s.client_id JOIN client_scope "
                             "cs ON cs.id = s.scope_id "
                             "WHERE c.client_id = 'app' AND cs.name = 'service_account'"),
           1, "and its scope");
    is_int(database_int(
               &db, "SELECT count(*) FROM client c JOIN realm r ON r.id = c.realm_id WHERE r.name = 'text' AND c.rep ? 'secret'"),
           1, "built-in clients have no secret");
}

static void test_broken(void)
{
    static const struct {
        const char *json, *code, *text;
    } cases[] = {
        {"{\"enabled\":true}", "name", "Realm name cannot be empty"},
        {"{\"realm\":\"a/b\"}", "character", "Character '/' not allowed."},
        {"{\"realm\":\"bad\",\"accessTokenLifespan\":{}}", "malformed", "$.accessTokenLifespan: expected a number of 32 bits"},
        {"{\"realm\":\"bad\",\"clients\":[{\"clientId\":\"a\"},{\"clientId\":\"a\"}]}", "duplicate",
         "$.clients[1]: clientId \"a\" occurs twice"},
        {"{\"realm\":\"bad\",\"clients\":[{\"clientId\":\"a\",\"protocolMappers\":[3]}]}", "malformed",
         "$.clients[0].protocolMappers[0]: expected an object (ProtocolMapperRepresentation)"},
        {"{\"realm\":\"bad\",\"users\":[{\"username\":\"a\"},{\"username\":\"b\",\"groups\":[\"/x\"]}]}", "unknown",
         "$.users[1].groups[0]: there is no group \"/x\""},
        {"{\"realm\":\"bad\",\"users\":[{\"username\":\"a\",\"clientRoles\":{\"x\":[\"y\"]}}]}", "unknown",
         "$.users[0].clientRoles: there is no client \"x\""},
        {"{\"realm\":\"bad\",\"users\":[null]}", "malformed", "$.users[0]: expected an object (UserRepresentation)"},
        {"{\"realm\":\"bad\",\"roles\":{\"realm\":[{\"name\":\"a\",\"composites\":{\"realm\":[\"b\"]}}]}}", "unknown",
         "$.roles.realm[0].composites.realm[0]: there is no role \"b\""},
        {"{\"realm\":\"bad\",\"roles\":{\"client\":{\"x\":[{\"name\":\"a\"}]}}}", "unknown",
         "$.roles.client.x[0]: there is no client \"x\""},
        {"{\"realm\":\"bad\",\"identityProviders\":[{\"alias\":\"a\",\"providerId\":\"nothing\"}]}", "unknown",
         "$.identityProviders[0].providerId: there is no kind of identity provider \"nothing\""},
        {"{\"realm\":\"bad\",\"components\":{\"org.keycloak.keys.KeyProvider\":[{\"providerId\":\"x\"}]}}", "unknown",
         "$.components[\"org.keycloak.keys.KeyProvider\"][0].providerId: there is no key provider \"x\""},
        {"{\"realm\":\"bad\",\"passwordPolicy\":\"length(4)\",\"users\":[{\"username\":\"a\",\"credentials\":[{\"value\":\"abc\"}]}"
         "]}",
         "policy", "$.users[0].credentials[0]: the password does not meet the policy: Invalid password: minimum length 4."},
        {"{\"realm\":\"bad\",\"users\":[{\"username\":\"a\",\"email\":\"x@y\"},{\"username\":\"b\",\"email\":\"X@y\"}]}",
         "duplicate", "$.users: \"a\" and \"b\" have the same email"},
    };
    for (size_t i = 0; i != sizeof(cases) / sizeof(cases[0]); ++i) {
        lk_import_result_t result;
        lk_error_t err;
        ok(import_text(cases[i].json, &(lk_import_options_t){0}, &result, &err) != LK_OK, "%s is refused", cases[i].json);
        is_str(err.code, cases[i].code, "kind");
        is_str(err.text, cases[i].text, "reason");
    }
    lk_import_result_t result;
    lk_error_t err;
    ok(import_text("{\"realm\":\"bad\",\"users\":[{\"username\":\"a\"},{\"username\":\"A\"}]}", &(lk_import_options_t){0}, &result,
                   &err) == LK_CONFLICT,
       "a user name that occurs twice is refused");
    ok(strncmp(err.text, "$.users: ", 9) == 0 && strstr(err.text, "(realm_id, username)") != NULL, "%s", err.text);
    ok(import_text("{\"realm\":\"bad\",\"colour\":1}", &(lk_import_options_t){.refuse_unknown = 1}, &result, &err) == LK_INVALID,
       "the admin API refuses unknown members");
    is_int(database_int(&db, "SELECT count(*) FROM realm WHERE name = 'bad'"), 0, "nothing of them is left");
    is_int(database_int(&db, "SELECT count(*) FROM client WHERE client_id = 'bad-realm'"), 0, "not in master either");
}

static void test_override_rename_delete(void)
{
    lk_import_result_t result;
    lk_error_t err;
    const lk_realm_t *realm;
    ok(import_text("{\"realm\":\"text\",\"displayName\":\"New\"}", &(lk_import_options_t){.override = 1}, &result, &err) == LK_OK &&
           !result.skipped,
       "a realm can be replaced %s", err.text);
    is_int(count("user_entity", "text"), 0, "with everything in it");
    is_int(database_int(&db, "SELECT count(*) FROM client WHERE client_id = 'text-realm'"), 1, "master has its client once");
    lk_sql_t *tx = NULL;
    lk_tx_begin(db.app.store, LK_READ_COMMITTED, &tx, NULL);
    ok(lk_realm_rename(tx, arena, database_text(&db, "SELECT id FROM realm WHERE name = 'text'"), "text", "words", &err) == LK_OK,
       "renamed %s", err.text);
    ok(lk_tx_commit(&tx, &err) == LK_OK, "for good");
    is_str(database_text(&db, "SELECT c.rep->>'baseUrl' FROM client c JOIN realm r ON r.id = c.realm_id WHERE c.client_id = "
                              "'account' AND r.name = 'words'"),
           "/realms/words/account/", "URLs of built-in clients follow");
    is_str(database_text(&db, "SELECT rep->>'name' FROM client WHERE client_id = 'words-realm'"), "words Realm",
           "and master's client");
    lk_realms_invalidate(db.app.realms, NULL);
    ok(lk_realms_get(db.app.realms, arena, "words", &realm, &err) == LK_OK, "the new name is found %s", err.text);
    ok(lk_realm_delete(&db.app, arena, realm, &err) == LK_OK, "deleted %s", err.text);
    is_int(database_int(&db, "SELECT count(*) FROM client WHERE client_id = 'words-realm'"), 0, "master's client is gone");
    ok(lk_realms_get(db.app.realms, arena, "words", &realm, &err) == LK_NOT_FOUND, "so is the realm");
    lk_realms_get(db.app.realms, arena, "master", &realm, &err);
    ok(lk_realm_delete(&db.app, arena, realm, &err) == LK_INVALID, "master stays");
}

static void *import_meanwhile(void *context)
{
    lk_arena_t *own = lk_arena_create("meanwhile");
    json_t *realm;
    lk_error_t err = {0};
    static const char text[] = "{\"realm\":\"turn\",\"users\":[{\"username\":\"late\"}]}";
    if (lk_json_parse(own, text, strlen(text), &realm, &err) == LK_OK)
        lk_import_realm(&db.app, own, realm, &(lk_import_options_t){0}, context, &err);
    lk_arena_destroy(&own);
    return NULL;
}

static void test_turns(void)
{
    lk_import_result_t result = {0};
    pthread_t other;
    database_text(&db, "SELECT pg_advisory_lock(hashtextextended('latchkey import turn', 0))");
    ok(pthread_create(&other, NULL, import_meanwhile, &result) == 0, "another replica imports the same realm");
    while (database_int(
               &db, "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%latchkey import%' AND pid <> pg_backend_pid()") == 0)
        ;
    database_text(&db, "INSERT INTO realm (id, name, rep) VALUES ('turn-id', 'turn', '{}') RETURNING id");
    database_text(&db, "SELECT pg_advisory_unlock_all()");
    pthread_join(other, NULL);
    ok(result.skipped, "which waits, and then finds it there");
    is_int(database_int(&db, "SELECT count(*) FROM user_entity WHERE username = 'late'"), 0, "with nothing of its own");
    database_text(&db, "DELETE FROM realm WHERE id = 'turn-id' RETURNING id");
}

static void test_files(void)
{
    lk_error_t err = {0};
    const char *folder = lk_printf(arena, "%s/import", db.folder);
    mkdir(folder, 0700);
    setenv("LK_LIFESPAN", "77", 1);
    write_file("import/one-realm.json",
               "{\"realm\":\"one\",\"enabled\": "
               "${LK_NO:true},\"accessTokenLifespan\":\"${LK_LIFESPAN}\",\n\"users\":[{\"username\":\"u0\"}]}");
    write_file("import/one-users-0.json", "{\"realm\":\"one\",\"users\":[{\"username\":\"u1\"},{\"username\":\"${LK_NO:u2}\"}]}");
    write_file("import/one-users-1.json", "{\"realm\":\"one\",\"users\":[ ]}");
    write_file("import/one-users-10.json", "{\"realm\":\"one\",\"users\":[{\"username\":\"u3\"}]}");
    write_file("import/several.json", " [{\"realm\":\"two\"} , {\"realm\":\"three\",\"users\":[{\"username\":\"x\"}]}]");
    ok(lk_import_path(&db.app, folder, &(lk_import_options_t){0}, &err) == LK_OK, "a folder is imported %s", err.text);
    is_int(count("user_entity", "one"), 4, "with the users of other files");
    is_str(database_text(&db, "SELECT rep->>'accessTokenLifespan' || ' ' || (rep->>'enabled') FROM realm WHERE name = 'one'"),
           "77 true", "placeholders");
    is_int(count("user_entity", "three"), 1, "a file may hold several realms");
    ok(lk_import_path(&db.app, folder, &(lk_import_options_t){0}, &err) == LK_OK, "a second time changes nothing %s", err.text);
    write_file("import/one-users-10.json",
               "{\"realm\":\"one\",\"users\":[{\"username\":\"u3\"},{\"username\":\"u4\",\"groups\":[\"/no\"]}]}");
    ok(lk_import_path(&db.app, folder, &(lk_import_options_t){.override = 1}, &err) == LK_INVALID, "a broken file is refused");
    is_str(err.text, "one-realm.json: one-users-10.json: $.users[1].groups[0]: there is no group \"/no\"", "by its name");
    is_int(count("user_entity", "one"), 4, "and the realm is as it was");
    lk_status_t status = lk_import_path(&db.app, write_file("cut.json", "{\"realm\":\"cut\",\"users\":[{\"username\":\"a\"}"),
                                        &(lk_import_options_t){0}, &err);
    ok(status == LK_INVALID && strncmp(err.text, "cut.json: ", 10) == 0, "a file that is cut off: %s", err.text);
    status = lk_import_path(&db.app,
                            write_file("comma.json", "{\"realm\":\"cut\",\"users\":[{\"username\":\"a\"} {\"username\":\"b\"}]}"),
                            &(lk_import_options_t){0}, &err);
    is_str(err.text, "comma.json: $.users[0]: ',' or ']' expected behind it", "a comma is missing among the users");
    ok(lk_import_path(&db.app, "/nowhere/x.json", &(lk_import_options_t){0}, &err) == LK_NOT_FOUND, "no such file: %s", err.text);
    is_int(database_int(&db, "SELECT count(*) FROM realm WHERE name = 'cut'"), 0, "nothing of them is left");
}

int main(void)
{
    arena = lk_arena_create("test");
    test_placeholders();
    test_members();
    if (!ok(database_open(&db) == 0, "a database"))
        return tap_done();
    test_bootstrap();
    test_name_alone();
    test_acme();
    test_plain();
    test_built_in_mappers();
    test_users_in_plain_text();
    test_broken();
    test_override_rename_delete();
    test_turns();
    test_files();
    database_close(&db);
    lk_arena_destroy(&arena);
    return tap_done();
}
