/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "core/json.h"
#include "crypto/argon2.h"
#include "crypto/password.h"
#include "tap.h"

static const lk_hashing_t quick = {"pbkdf2-sha256", 10};

static void test_keycloak(lk_arena_t *arena)
{
    json_error_t error;
    json_t *all = lk_json_own(arena, json_load_file(LK_TEST_DATA "/keycloak-passwords.json", 0, &error)), *entry;
    const char *password;
    lk_password_t stored;
    lk_error_t err;
    int match, stale;
    size_t i;

    is_int(json_array_size(all), 8, "Keycloak's hashes are here");
    json_array_foreach(all, i, entry)
    {
        password = lk_json_str(entry, "password", NULL);
        stored = (lk_password_t){lk_json_str(entry, "credentialData", NULL), lk_json_str(entry, "secretData", NULL)};
        match = stale = -1;
        is_int(lk_password_verify(arena, password, &stored, NULL, &match, &stale, &err), LK_OK, stored.credential_data);
        is_int(match, 1, "the password matches");
        is_int(stale, i >= 4, "and is stale where the realm had other settings");
        lk_password_verify(arena, lk_printf(arena, "%s ", password), &stored, NULL, &match, &stale, &err);
        is_int(match, 0, "another does not");
    }
}

static void test_round(lk_arena_t *arena, const char *algorithm, int iterations, const char *credential_data)
{
    lk_hashing_t hashing = {algorithm, iterations}, more = {algorithm, iterations + 1};
    lk_password_t made, again;
    lk_error_t err;
    int match = -1, stale = -1;

    is_int(lk_password_hash(arena, "pässwörd", &hashing, &made, &err), LK_OK, credential_data);
    is_str(made.credential_data, credential_data, "is described so");
    is_int(lk_password_verify(arena, "pässwörd", &made, &hashing, &match, &stale, &err), LK_OK, "what was made is read");
    ok(match == 1 && stale == 0, "matches, and is what the policy wants");
    lk_password_verify(arena, "password", &made, &more, &match, &stale, &err);
    ok(match == 0 && stale == 1, "another password does not, another policy makes it stale");
    lk_password_hash(arena, "pässwörd", &hashing, &again, &err);
    ok(strcmp(made.secret_data, again.secret_data) != 0, "every hash has its own salt");
}

static void test_bad(lk_arena_t *arena)
{
    static const char good[] = "{\"value\":\"tjBU8JlK3ZrX3pKgPQqJGz4nQsf9cf7VDCj2XMs48eY=\",\"salt\":\"ksWmJssQKBaFT+R+6NaHBw==\"}";
    static const struct {
        const char *credential_data, *secret_data;
    } bad[] = {{NULL, good},
               {"", good},
               {"[]", good},
               {"{}", good},
               {"{\"algorithm\":\"md5\",\"hashIterations\":1}", good},
               {"{\"algorithm\":\"pbkdf2\",\"hashIterations\":0}", good},
               {"{\"algorithm\":\"pbkdf2\",\"hashIterations\":2000000000}", good},
               {"{\"algorithm\":\"argon2\",\"hashIterations\":1,\"additionalParameters\":{\"memory\":[\"2000000\"]}}", good},
               {"{\"algorithm\":\"argon2\",\"hashIterations\":1,\"additionalParameters\":{\"memory\":[\"1\"]}}", good},
               {"{\"algorithm\":\"argon2\",\"hashIterations\":1,\"additionalParameters\":{\"type\":[\"x\"]}}", good},
               {"{\"algorithm\":\"argon2\",\"hashIterations\":1,\"additionalParameters\":{\"version\":[\"9\"]}}", good},
               {"{\"algorithm\":\"pbkdf2\",\"hashIterations\":1}", "{}"},
               {"{\"algorithm\":\"pbkdf2\",\"hashIterations\":1}", "{\"value\":\"\",\"salt\":\"\"}"},
               {"{\"algorithm\":\"pbkdf2\",\"hashIterations\":1}", "{\"value\":\"!\",\"salt\":\"\"}"}};
    lk_password_t stored;
    lk_error_t err;
    int match = -1, stale = -1;

    for (size_t i = 0; i != sizeof(bad) / sizeof(bad[0]); ++i) {
        stored = (lk_password_t){bad[i].credential_data, bad[i].secret_data};
        ok(lk_password_verify(arena, "x", &stored, &quick, &match, &stale, &err) == LK_INTERNAL && match == -1, "unreadable: %s %s",
           bad[i].credential_data != NULL ? bad[i].credential_data : "NULL", bad[i].secret_data);
    }
}

static void test_legacy(lk_arena_t *arena)
{
    json_t *credential =
        lk_json_own(arena, json_pack("{s:s, s:s, s:s, s:i, s:s}", "type", "password", "hashedSaltedValue",
                                     "tjBU8JlK3ZrX3pKgPQqJGz4nQsf9cf7VDCj2XMs48eY=", "salt",
                                     "ksWmJssQKBaFT+R+6NaHBw==", "hashIterations", 2000, "algorithm", "pbkdf2-sha256"));
    lk_password_t stored;
    lk_error_t err;
    int match = -1, stale = -1;

    is_int(lk_password_from_legacy(arena, credential, &stored, &err), LK_OK, "an old credential is converted");
    lk_password_verify(arena, "pässwörd-pbkdf2-sha256", &stored, NULL, &match, &stale, &err);
    is_int(match, 1, "and verifies");
    json_object_del(credential, "salt");
    is_int(lk_password_from_legacy(arena, credential, &stored, &err), LK_INVALID, "not without its salt");
}

/* RFC 9106 section 5.3 needs a secret; these vectors were made with the reference implementation. */
static void test_argon2(lk_arena_t *arena)
{
    static const struct {
        lk_argon2_t params;
        const char *salt, *hash, *backend;
    } cases[] = {
        {{"i", "1.0", 256, 2, 1}, "somesalt", "fd4dd83d762c49bdeaf57c47bdcd0c2f1babf863fdeb490df63ede9975fccf06", "libargon2"},
        {{"i", "1.3", 256, 2, 2}, "somesalt", "4ff5ce2769a1d7f4c8a491df09d41a9fbe90e5eb02155a13e4c01e20cd4eab61", "libargon2"},
        {{"id", "1.3", 256, 2, 1}, "somesalt", "9dfeb910e80bad0311fee20f9c0e2b12c17987b4cac90c2ef54d5b3021c68bfe", "libargon2"},
        {{"id", "1.3", 256, 2, 2}, "somesalt", "6d093c501fd5999645e0ea3bf620d7b8be7fd2db59c20d9fff9539da2bf57037", "libargon2"},
    };
    unsigned char hash[32], twin[32];
    lk_bytes_t salt;
    lk_argon2_t one = {"id", "1.3", 64, 3, 1};

    for (size_t i = 0; i != sizeof(cases) / sizeof(cases[0]); ++i) {
        salt = (lk_bytes_t){(const unsigned char *)cases[i].salt, strlen(cases[i].salt)};
        ok(lk_argon2(&cases[i].params, "password", salt, hash, sizeof(hash)), "argon2%s %s", cases[i].params.type,
           cases[i].params.version);
        is_str(lk_hex(arena, hash, sizeof(hash)), cases[i].hash, "gives the known hash");
    }
    salt = (lk_bytes_t){(const unsigned char *)"sixteen bytes of", 16};
    ok(lk_argon2_raw(&one, "password", salt, hash, sizeof(hash)) && lk_argon2(&one, "password", salt, twin, sizeof(twin)) &&
           memcmp(hash, twin, sizeof(hash)) == 0,
       "%s computes what libargon2 computes", lk_argon2_backend(&one, 16, sizeof(hash)));
}

int main(void)
{
    lk_arena_t *arena = lk_arena_create("test");

    test_keycloak(arena);
    test_round(
        arena, "argon2", 1,
        "{\"hashIterations\":1,\"algorithm\":\"argon2\",\"additionalParameters\":{\"hashLength\":[\"32\"],\"memory\":[\"7168\"],"
        "\"type\":[\"id\"],\"version\":[\"1.3\"],\"parallelism\":[\"1\"]}}");
    test_round(arena, "pbkdf2", 7, "{\"hashIterations\":7,\"algorithm\":\"pbkdf2\",\"additionalParameters\":{}}");
    test_round(arena, "pbkdf2-sha256", 7, "{\"hashIterations\":7,\"algorithm\":\"pbkdf2-sha256\",\"additionalParameters\":{}}");
    test_round(arena, "pbkdf2-sha512", 7, "{\"hashIterations\":7,\"algorithm\":\"pbkdf2-sha512\",\"additionalParameters\":{}}");
    test_bad(arena);
    test_legacy(arena);
    test_argon2(arena);
    lk_password_waste(arena, "x", &quick);
    lk_arena_destroy(&arena);
    return tap_done();
}
