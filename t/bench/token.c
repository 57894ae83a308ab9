/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include "../unit/database.h"
#include "core/json.h"
#include "core/time.h"
#include "crypto/jws.h"
#include "model/import.h"
#include "model/realm_keys.h"
#include "model/user_row.h"
#include "token/token.h"

/* What building a token costs before it is signed, per mapper, group and role: `make t/bench/token && t/bench/token [seconds]`. */

#define FEW 5
#define MANY 50
#define GROUPS 500
#define ROLES 1000
#define AIM_US 2.0    /* of a mapper */
#define AIM_ES256 8.0 /* signatures by ES256 for one by RS256 */

static database_t db;
static lk_arena_t *arena;
static double seconds = 1;

/* Of this process alone: a busy machine should not show. */
static double cpu_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

/* --- a realm with a client for each question, and a user without and one with much --- */

static json_t *mappers_of(int count)
{
    json_t *mappers = json_array();
    for (int i = 0; i != count; ++i)
        json_array_append_new(mappers,
                              json_pack("{s:s, s:s, s:s, s:{s:s, s:s, s:s, s:s, s:s}}", "name", lk_printf(arena, "m%d", i),
                                        "protocol", "openid-connect", "protocolMapper",
                                        i % 2 ? "oidc-usermodel-attribute-mapper" : "oidc-hardcoded-claim-mapper", "config",
                                        "user.attribute", "street", "claim.value", "a value", "claim.name",
                                        lk_printf(arena, "claim%d", i), "jsonType.label", "String", "access.token.claim", "true"));
    return mappers;
}

static void add_client(json_t *clients, const char *name, int mappers, int full_scope)
{
    json_array_append_new(clients, json_pack("{s:s, s:b, s:s, s:b, s:o, s:[], s:[]}", "clientId", name, "enabled", 1, "secret", "s",
                                             "fullScopeAllowed", full_scope, "protocolMappers", mappers_of(mappers),
                                             "defaultClientScopes", "optionalClientScopes"));
}

static json_t *names(const char *format, int count)
{
    json_t *list = json_array();
    for (int i = 0; i != count; ++i)
        json_array_append_new(list, json_string(lk_printf(arena, "%s%d", format, i)));
    return list;
}

static json_t *named(const char *prefix, int count)
{
    json_t *list = json_array();
    for (int i = 0; i != count; ++i)
        json_array_append_new(list, json_pack("{s:s}", "name", lk_printf(arena, "%s%d", prefix, i)));
    return list;
}

static json_t *big_mappers(void)
{
    return json_pack("[{s:s, s:s, s:s, s:{s:s, s:s}}, {s:s, s:s, s:s, s:{s:s, s:s, s:s, s:s}}]", "name", "groups", "protocol",
                     "openid-connect", "protocolMapper", "oidc-group-membership-mapper", "config", "claim.name", "groups",
                     "access.token.claim", "true", "name", "roles", "protocol", "openid-connect", "protocolMapper",
                     "oidc-usermodel-realm-role-mapper", "config", "claim.name", "realm_access.roles", "multivalued", "true",
                     "access.token.claim", "true", "jsonType.label", "String");
}

static void write_realm(const char *path)
{
    json_t *clients = json_array();
    add_client(clients, "none", 0, 0);
    add_client(clients, "few", FEW, 0);
    add_client(clients, "many", MANY, 0);
    add_client(clients, "big", 0, 1);
    json_object_set_new(json_array_get(clients, 3), "protocolMappers", big_mappers());
    json_t *realm =
        json_pack("{s:s, s:b, s:{s:o}, s:o, s:o, s:[{s:s, s:b, s:{s:[s]}}, {s:s, s:b, s:o, s:o}]}", "realm", "bench", "enabled", 1,
                  "roles", "realm", named("role", ROLES), "groups", named("group", GROUPS), "clients", clients, "users", "username",
                  "plain", "enabled", 1, "attributes", "street", "12 Long Street", "username", "rich", "enabled", 1, "realmRoles",
                  names("role", ROLES), "groups", names("/group", GROUPS));
    if (json_dump_file(realm, path, 0) != 0)
        abort();
    json_decref(realm);
}

/* --- measuring --- */

static const lk_realm_t *realm;

/* Bytes of one token's claims. */
static size_t build_once(const lk_client_t *client, const lk_user_t *user)
{
    lk_arena_t *own = lk_arena_create("request");
    lk_request_t req = {.arena = own,
                        .app = &db.app,
                        .base_url = "https://sso.example.test",
                        .own_url = "https://sso.example.test",
                        .base_path = ""};
    lk_token_context_t context = {.req = &req, .realm = realm, .client = client, .user = user, .now = lk_now()};
    lk_buffer_t claims;
    lk_error_t err;
    lk_buffer_init(&claims, own, 4 * 1024 * 1024);
    if (lk_scopes_resolve(own, realm, client, NULL, &context.scopes, &err) != LK_OK)
        abort();
    lk_token_prepare(&context);
    if (lk_token_claims(&context, LK_TOKEN_ACCESS, NULL, &claims, &err) != LK_OK)
        abort();
    size_t len = claims.len;
    lk_arena_destroy(&own);
    return len;
}

static double measure(const char *client_id, const char *username, const char *what)
{
    const lk_client_t *client = NULL;
    const lk_user_t *user = NULL;
    lk_error_t err;
    if (lk_realm_client(db.app.realms, realm, client_id, &client, &err) != LK_OK || client == NULL ||
        lk_user_by_login(db.app.sql, arena, realm, username, &user, &err) != LK_OK || user == NULL)
        abort();
    size_t len = build_once(client, user); /* compiles the plan */
    double begin = cpu_us(), end = begin;
    long count = 0;
    for (; end - begin < seconds * 1e6; end = cpu_us())
        for (int i = 0; i != 16; ++i, ++count)
            build_once(client, user);
    double each = (end - begin) / (double)count;
    printf("%-38s %8.1f us %8zu bytes\n", what, each, len);
    return each;
}

/* Signatures a second by the realm's keys. */
static double sign_rate(const char *alg)
{
    static const char payload[1400] = "{\"sub\":\"x\"}";
    const lk_key_t *key = NULL;
    lk_error_t err;
    if (lk_realm_ensure_key(db.app.realms, arena, realm, alg, &realm, &key, &err) != LK_OK)
        abort();
    double begin = cpu_us(), end = begin;
    long count = 0;
    for (; end - begin < seconds * 1e6; end = cpu_us(), ++count) {
        lk_arena_t *own = lk_arena_create("signature");
        char *token;
        if (lk_jws_sign(own, key, alg, "JWT", payload, sizeof(payload), &token, &err) != LK_OK)
            abort();
        lk_arena_destroy(&own);
    }
    double rate = (double)count * 1e6 / (end - begin);
    printf("%-38s %8.0f /s\n", alg, rate);
    return rate;
}

int main(int argc, char **argv)
{
    char path[] = "/tmp/lk-bench-XXXXXX";
    lk_import_options_t options = {0};
    lk_error_t err;
    int file = mkstemp(path);
    arena = lk_arena_create("bench");
    if (argc > 1)
        seconds = strtod(argv[1], NULL);
    write_realm(path);
    close(file);
    if (database_open(&db) != 0 || lk_import_path(&db.app, path, &options, &err) != LK_OK ||
        lk_realms_get(db.app.realms, arena, "bench", &realm, &err) != LK_OK) {
        printf("%s (%s)\n", err.text, err.detail);
        unlink(path);
        return 1;
    }
    unlink(path);
    measure("none", "plain", "without mappers");
    double few = measure("few", "plain", "5 mappers"), many = measure("many", "plain", "50 mappers");
    double each = (many - few) / (MANY - FEW);
    printf("%-38s %8.2f us (aim %.0f)\n", "one mapper more", each, AIM_US);
    measure("big", "rich", "500 groups, 1000 roles");
    double rs256 = sign_rate("RS256"), es256 = sign_rate("ES256");
    printf("%-38s %8.1f (aim %.0f)\n", "ES256 to RS256", es256 / rs256, AIM_ES256);
    lk_arena_destroy(&arena);
    database_close(&db);
    return each < AIM_US && es256 >= AIM_ES256 * rs256 ? 0 : 1;
}
