/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include "crypto/argon2.h"
#include "crypto/crypto.h"
#include "crypto/jws.h"
#include "crypto/password.h"

/* What the crypto room costs beside the bare library calls: `make t/bench/crypto && t/bench/crypto [seconds]`. */

#define BATCH 4 /* calls between two looks at the clock */
#define TURNS 10

typedef struct st_case_t {
    lk_key_t *key;
    lk_hashing_t hashing;
    lk_password_t password;
    char payload[1400]; /* an access token's size */
    char *token;
    EVP_PKEY_CTX *bare;
} case_t;

static double seconds = 1;

typedef void (*call_t)(lk_arena_t *arena, case_t *c);

/* Of this process alone: a busy machine should not show. */
static double cpu_time(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double rate_for(call_t call, case_t *c, double duration)
{
    double begin = cpu_time(), passed;
    long calls = 0;

    do {
        lk_arena_t *arena = lk_arena_create("bench");
        for (int i = 0; i != BATCH; ++i)
            call(arena, c);
        calls += BATCH;
        lk_arena_destroy(&arena);
        passed = cpu_time() - begin;
    } while (passed < duration);
    return (double)calls / passed;
}

/* Calls per second of processor time, both measured in turns; `bare` may be NULL. */
static double rate(call_t ours, call_t bare, case_t *c, double *ret_bare)
{
    double sum = 0, bare_sum = 0;

    for (int i = 0; i != TURNS; ++i) {
        sum += rate_for(ours, c, seconds / TURNS);
        bare_sum += bare != NULL ? rate_for(bare, c, seconds / TURNS) : 0;
    }
    if (ret_bare != NULL)
        *ret_bare = bare_sum / TURNS;
    return sum / TURNS;
}

static void sign_ours(lk_arena_t *arena, case_t *c)
{
    char *token;

    lk_jws_sign(arena, c->key, c->key->alg, "JWT", c->payload, sizeof(c->payload), &token, NULL);
}

/* The signature of a ready digest with a ready context, as `openssl speed` does. */
static void sign_bare(lk_arena_t *arena, case_t *c)
{
    static const unsigned char digest[32];
    unsigned char signature[1024];
    size_t len = sizeof(signature);

    EVP_PKEY_sign(c->bare, signature, &len, digest, sizeof(digest));
}

static void verify_ours(lk_arena_t *arena, case_t *c)
{
    lk_jws_t jws;

    lk_jws_parse(arena, c->token, &jws, NULL);
    lk_jws_verify(&jws, c->key, NULL);
}

static void verify_foreign(lk_arena_t *arena, case_t *c)
{
    lk_jws_t jws;

    lk_jws_parse(arena, c->token, &jws, NULL);
    lk_jws_verify_foreign(arena, &jws, c->key, NULL);
}

static void hash_ours(lk_arena_t *arena, case_t *c)
{
    int match, stale;

    lk_password_verify(arena, "wonderland1", &c->password, &c->hashing, &match, &stale, NULL);
}

static void hash_libargon2(lk_arena_t *arena, case_t *c)
{
    static const lk_argon2_t params = {"id", "1.3", 7168, 5, 1};
    unsigned char hash[32];

    lk_argon2_raw(&params, "wonderland1", (lk_bytes_t){(const unsigned char *)"sixteen bytes of", 16}, hash, sizeof(hash));
}

static void seal(lk_arena_t *arena, case_t *c)
{
    lk_bytes_t secret = {(const unsigned char *)c->payload, 64}, opened;

    lk_unseal(arena, secret, "bench", lk_seal(arena, secret, "bench", c->payload, 300), &opened, NULL);
}

static lk_key_t *make_key(lk_arena_t *arena, const char *alg)
{
    const char *private_key, *other;
    lk_key_t *key = NULL;

    if (alg[0] == 'H')
        return lk_key_from_secret(arena, "0b36b3c8-7a7c-4f4e-9b42-8f8bb3f6e4a1", (lk_bytes_t){(const unsigned char *)alg, 5}, alg,
                                  "sig");
    if (alg[0] == 'E')
        lk_key_generate_curve(arena, alg[1] == 'S' ? "P-256" : "Ed25519", &private_key, &other, NULL);
    else
        lk_key_generate_rsa(arena, 2048, "bench", &private_key, &other, NULL);
    lk_key_from_private(arena, private_key, NULL, alg, "sig", &key, NULL);
    return key;
}

static void bench_alg(lk_arena_t *arena, const char *alg)
{
    case_t c = {.key = make_key(arena, alg)};
    double bare, ours, foreign;

    memset(c.payload, 'a', sizeof(c.payload));
    memcpy(c.payload, "{\"a\":\"", 6);
    memcpy(c.payload + sizeof(c.payload) - 2, "\"}", 2);
    if (c.key->pkey != NULL && strcmp(alg, "EdDSA") != 0) {
        c.bare = EVP_PKEY_CTX_new(c.key->pkey, NULL);
        EVP_PKEY_sign_init(c.bare);
        EVP_PKEY_CTX_set_signature_md(c.bare, EVP_sha256());
    }
    ours = rate(sign_ours, c.bare != NULL ? sign_bare : NULL, &c, &bare);
    EVP_PKEY_CTX_free(c.bare);
    printf("%-6s sign %9.0f/s  bare %9.0f/s  %5.1f %%", alg, ours, bare, bare != 0 ? ours / bare * 100 : 0);
    lk_jws_sign(arena, c.key, alg, "JWT", c.payload, sizeof(c.payload), &c.token, NULL);
    ours = rate(verify_ours, verify_foreign, &c, &foreign);
    printf("   verify %9.0f/s  as foreign %9.0f/s\n", ours, foreign);
}

int main(int argc, char **argv)
{
    static const char *const algs[] = {"RS256", "PS256", "ES256", "EdDSA", "HS256", "HS512"};
    lk_arena_t *arena = lk_arena_create("bench");
    case_t c = {.hashing = {NULL, 0}};
    double ours, bare;

    if (argc > 1)
        sscanf(argv[1], "%lf", &seconds);
    for (size_t i = 0; i != sizeof(algs) / sizeof(algs[0]); ++i)
        bench_alg(arena, algs[i]);
    lk_password_hash(arena, "wonderland1", NULL, &c.password, NULL);
    ours = rate(hash_ours, hash_libargon2, &c, &bare);
    printf("argon2 verify %6.1f/s  libargon2 %6.1f/s\n", ours, bare);
    printf("seal and unseal %9.0f/s\n", rate(seal, NULL, &c, NULL));
    lk_arena_destroy(&arena);
    return 0;
}
