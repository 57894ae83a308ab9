/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include "core/json.h"
#include "crypto/argon2.h"
#include "crypto/crypto.h"
#include "crypto/password.h"

#define SALT_LEN 16
#define MIN_HASH 16 /* less is no hash of Keycloak's, and an empty one would equal anything */
#define MAX_HASH 512
#define MAX_ITERATIONS 10000000
#define MAX_MEMORY (1024 * 1024) /* KiB */
#define MAX_PARALLELISM 64

/* Keycloak's providers with their defaults; its PBKDF2 sizes are those of 26. */
typedef struct st_scheme_t {
    const char *name;
    const EVP_MD *(*digest)(void); /* NULL: Argon2 */
    int iterations;
    size_t hash_len;
} scheme_t;

static const scheme_t schemes[] = {{"argon2", NULL, 5, 32},
                                   {"pbkdf2-sha512", EVP_sha512, 210000, 64},
                                   {"pbkdf2-sha256", EVP_sha256, 600000, 32},
                                   {"pbkdf2", EVP_sha1, 1300000, 64}};

static const lk_argon2_t default_argon2 = {.type = "id", .version = "1.3", .memory = 7168, .parallelism = 1};

/* A stored credential, read. */
typedef struct st_stored_t {
    const scheme_t *scheme;
    int iterations;
    lk_argon2_t argon2;
    lk_bytes_t salt, hash;
} stored_t;

static const scheme_t *find_scheme(const char *name)
{
    for (size_t i = 0; i != sizeof(schemes) / sizeof(schemes[0]); ++i)
        if (strcmp(schemes[i].name, name) == 0)
            return schemes + i;
    return NULL;
}

/* What new hashes are made with; an unknown algorithm in the policy falls back to the default, as in Keycloak. */
static const scheme_t *policy_scheme(const lk_hashing_t *hashing, int *ret_iterations)
{
    const scheme_t *scheme = hashing != NULL && hashing->algorithm != NULL ? find_scheme(hashing->algorithm) : NULL;

    if (scheme == NULL)
        scheme = schemes;
    *ret_iterations = hashing != NULL && hashing->iterations > 0 ? hashing->iterations : scheme->iterations;
    return scheme;
}

static int compute(const stored_t *how, const char *password, unsigned char *ret_hash, size_t hash_len)
{
    lk_argon2_t params = how->argon2;
    int ok;

    if (how->scheme->digest == NULL) {
        params.iterations = (unsigned)how->iterations;
        return lk_argon2(&params, password, how->salt, ret_hash, hash_len);
    }
    ok = PKCS5_PBKDF2_HMAC(password, (int)strlen(password), how->salt.base, (int)how->salt.len, how->iterations,
                           how->scheme->digest(), (int)hash_len, ret_hash) == 1;
    ERR_clear_error();
    return ok;
}

lk_status_t lk_password_hash(lk_arena_t *arena, const char *password, const lk_hashing_t *hashing, lk_password_t *ret_password,
                             lk_error_t *err)
{
    unsigned char salt[SALT_LEN], hash[MAX_HASH];
    stored_t how = {.argon2 = default_argon2, .salt = {salt, sizeof(salt)}};
    const char *additional = "";
    size_t len;

    how.scheme = policy_scheme(hashing, &how.iterations);
    len = how.scheme->hash_len;
    lk_random(salt, sizeof(salt));
    if (how.iterations > MAX_ITERATIONS || !compute(&how, password, hash, len))
        return lk_fail(err, LK_INTERNAL, NULL, "Password cannot be hashed");
    if (how.scheme->digest == NULL)
        additional = lk_printf(
            arena, "\"hashLength\":[\"%zu\"],\"memory\":[\"%u\"],\"type\":[\"%s\"],\"version\":[\"%s\"],\"parallelism\":[\"%u\"]",
            len, how.argon2.memory, how.argon2.type, how.argon2.version, how.argon2.parallelism);
    ret_password->credential_data = lk_printf(arena, "{\"hashIterations\":%d,\"algorithm\":\"%s\",\"additionalParameters\":{%s}}",
                                              how.iterations, how.scheme->name, additional);
    ret_password->secret_data = lk_printf(arena, "{\"value\":\"%s\",\"salt\":\"%s\",\"additionalParameters\":{}}",
                                          lk_base64(arena, hash, len), lk_base64(arena, salt, sizeof(salt)));
    lk_wipe(hash, sizeof(hash));
    return LK_OK;
}

static int decode_member(lk_arena_t *arena, const json_t *object, const char *name, lk_bytes_t *ret_bytes)
{
    const char *text = lk_json_str(object, name, NULL);

    return text != NULL && lk_base64_decode(arena, text, strlen(text), ret_bytes) == 0;
}

static void read_argon2(const json_t *credential, lk_argon2_t *ret_params)
{
    const json_t *additional = json_object_get(credential, "additionalParameters");
    long long memory = lk_json_config_int(additional, "memory", default_argon2.memory);
    long long parallelism = lk_json_config_int(additional, "parallelism", default_argon2.parallelism);

    ret_params->type = lk_json_config(additional, "type", default_argon2.type);
    ret_params->version = lk_json_config(additional, "version", default_argon2.version);
    ret_params->memory = memory > 0 && memory <= MAX_MEMORY ? (unsigned)memory : 0;
    ret_params->parallelism = parallelism > 0 && parallelism <= MAX_PARALLELISM ? (unsigned)parallelism : 0;
}

static lk_status_t read_stored(lk_arena_t *arena, const lk_password_t *password, stored_t *ret_stored, lk_error_t *err)
{
    json_t *credential, *secret;
    long long iterations;
    stored_t stored = {0};

    if (password->credential_data == NULL || password->secret_data == NULL ||
        lk_json_parse(arena, password->credential_data, strlen(password->credential_data), &credential, NULL) != LK_OK ||
        lk_json_parse(arena, password->secret_data, strlen(password->secret_data), &secret, NULL) != LK_OK)
        return lk_fail(err, LK_INTERNAL, NULL, "Stored password cannot be read");
    if ((stored.scheme = find_scheme(lk_json_str(credential, "algorithm", ""))) == NULL)
        return lk_fail(err, LK_INTERNAL, NULL, "Stored password names an unknown algorithm");
    iterations = lk_json_int(credential, "hashIterations", 0);
    read_argon2(credential, &stored.argon2);
    if (iterations < 1 || iterations > MAX_ITERATIONS || stored.argon2.memory == 0 || stored.argon2.parallelism == 0)
        return lk_fail(err, LK_INTERNAL, NULL, "Stored password has parameters out of bounds");
    stored.iterations = (int)iterations;
    if (!decode_member(arena, secret, "value", &stored.hash) || !decode_member(arena, secret, "salt", &stored.salt) ||
        stored.hash.len < MIN_HASH || stored.hash.len > MAX_HASH)
        return lk_fail(err, LK_INTERNAL, NULL, "Stored password has no readable hash");
    *ret_stored = stored;
    return LK_OK;
}

static int is_stale(const stored_t *stored, const lk_hashing_t *hashing)
{
    int iterations;
    const scheme_t *scheme = policy_scheme(hashing, &iterations);
    const lk_argon2_t *params = &stored->argon2;

    if (stored->scheme != scheme || stored->iterations != iterations || stored->hash.len != scheme->hash_len)
        return 1;
    return scheme->digest == NULL &&
           (strcmp(params->type, default_argon2.type) != 0 || strcmp(params->version, default_argon2.version) != 0 ||
            params->memory != default_argon2.memory || params->parallelism != default_argon2.parallelism);
}

const char *lk_password_strength(lk_arena_t *arena, const lk_password_t *password, const char **ret_algorithm)
{
    stored_t stored;
    if (read_stored(arena, password, &stored, NULL) != LK_OK)
        return NULL;
    *ret_algorithm = stored.scheme->name;
    return stored.scheme->digest != NULL
               ? lk_printf(arena, "%d", stored.iterations)
               : lk_printf(arena, "Argon2%s-%s[m=%u,t=%d,p=%u]", stored.argon2.type, stored.argon2.version, stored.argon2.memory,
                           stored.iterations, stored.argon2.parallelism);
}

lk_status_t lk_password_verify(lk_arena_t *arena, const char *password, const lk_password_t *stored, const lk_hashing_t *hashing,
                               int *ret_match, int *ret_stale, lk_error_t *err)
{
    unsigned char hash[MAX_HASH];
    stored_t read;
    lk_status_t status;

    if ((status = read_stored(arena, stored, &read, err)) != LK_OK)
        return status;
    if (!compute(&read, password, hash, read.hash.len))
        return lk_fail(err, LK_INTERNAL, NULL, "Stored password cannot be computed");
    *ret_match = lk_bytes_equal(hash, read.hash.len, read.hash.base, read.hash.len);
    *ret_stale = is_stale(&read, hashing);
    lk_wipe(hash, sizeof(hash));
    return LK_OK;
}

void lk_password_waste(lk_arena_t *arena, const char *password, const lk_hashing_t *hashing)
{
    lk_password_t ignored;

    lk_password_hash(arena, password, hashing, &ignored, NULL);
}

lk_status_t lk_password_from_legacy(lk_arena_t *arena, const json_t *credential, lk_password_t *ret_password, lk_error_t *err)
{
    const char *value = lk_json_str(credential, "hashedSaltedValue", NULL), *salt = lk_json_str(credential, "salt", NULL);
    json_t *data, *secret;

    if (value == NULL || salt == NULL)
        return lk_fail(err, LK_INVALID, NULL, "Credential has neither a value nor a hash with its salt");
    data =
        lk_json_own(arena, json_pack("{s:I, s:s, s:{}}", "hashIterations", (json_int_t)lk_json_int(credential, "hashIterations", 1),
                                     "algorithm", lk_json_str(credential, "algorithm", "pbkdf2"), "additionalParameters"));
    secret = lk_json_own(arena, json_pack("{s:s, s:s, s:{}}", "value", value, "salt", salt, "additionalParameters"));
    ret_password->credential_data = lk_json_text(arena, data);
    ret_password->secret_data = lk_json_text(arena, secret);
    return LK_OK;
}
