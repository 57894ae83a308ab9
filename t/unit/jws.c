/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <jwt.h>
#include <openssl/err.h>
#include <pthread.h>
#include <stdlib.h>
#include "core/json.h"
#include "crypto/crypto.h"
#include "crypto/jws.h"
#include "tap.h"

static const char payload[] = "{\"sub\":\"alice\",\"exp\":4102444800}";
static const char secret_text[] = "a secret of at least sixty-four bytes, as HS512 likes to have it......";

/* A key pair for the algorithm: the signing half and what a stranger would have of it. */
typedef struct st_pair_t {
    lk_key_t *own, *foreign;
} pair_t;

static pair_t make_pair(lk_arena_t *arena, const char *alg)
{
    static const struct {
        const char *alg, *curve;
    } curves[] = {{"ES256", "P-256"}, {"ES384", "P-384"}, {"ES512", "P-521"}, {"EdDSA", "Ed25519"}};
    const char *private_key = NULL, *other = NULL;
    json_t *jwk;
    pair_t pair = {NULL, NULL};
    lk_error_t err;

    if (strncmp(alg, "HS", 2) == 0) {
        pair.own = lk_key_from_secret(arena, "a-kid", (lk_bytes_t){(const unsigned char *)secret_text, sizeof(secret_text) - 1},
                                      alg, "sig");
        pair.foreign = pair.own;
        return pair;
    }
    for (size_t i = 0; i != sizeof(curves) / sizeof(curves[0]); ++i)
        if (strcmp(curves[i].alg, alg) == 0)
            lk_key_generate_curve(arena, curves[i].curve, &private_key, &other, &err);
    if (private_key == NULL)
        lk_key_generate_rsa(arena, 2048, "test", &private_key, &other, &err);
    lk_key_from_private(arena, private_key, NULL, alg, "sig", &pair.own, &err);
    jwk = lk_json_own(arena, lk_key_to_jwk(arena, pair.own));
    json_object_del(jwk, "alg"); /* as many providers leave it out */
    lk_key_from_jwk(arena, jwk, &pair.foreign, &err);
    return pair;
}

static void test_round(lk_arena_t *arena, const char *alg)
{
    pair_t pair = make_pair(arena, alg), other = make_pair(arena, alg);
    char *token = NULL, *broken;
    lk_jws_t jws;
    lk_error_t err;

    if (strncmp(alg, "HS", 2) == 0)
        other.own = lk_key_from_secret(arena, "a-kid", (lk_bytes_t){(const unsigned char *)"another", 7}, alg, "sig");
    is_int(lk_jws_sign(arena, pair.own, alg, "JWT", payload, sizeof(payload) - 1, &token, &err), LK_OK, alg);
    is_int(lk_jws_parse(arena, token, &jws, &err), LK_OK, "is taken apart");
    is_str(lk_json_text(arena, jws.header), lk_printf(arena, "{\"alg\":\"%s\",\"typ\":\"JWT\",\"kid\":\"%s\"}", alg, pair.own->kid),
           "header");
    is_str(lk_json_text(arena, jws.claims), payload, "claims");
    ok(strcmp(jws.alg, alg) == 0 && strcmp(jws.typ, "JWT") == 0 && strcmp(jws.kid, pair.own->kid) == 0, "its header's members");
    is_int(lk_jws_verify(&jws, pair.own, &err), LK_OK, "verifies with the key");
    is_int(lk_jws_verify(&jws, pair.own, &err), LK_OK, "and again");
    is_int(lk_jws_verify(&jws, pair.foreign, &err), LK_OK, "and with its public JWK");
    is_int(lk_jws_verify_foreign(arena, &jws, pair.foreign, &err), LK_OK, "as a foreign token too");
    ok(lk_jws_verify(&jws, other.own, &err) == LK_INVALID && lk_jws_verify_foreign(arena, &jws, other.own, &err) == LK_INVALID,
       "not with another key");
    broken = lk_strdup(arena, token);
    broken[strlen(broken) - 10] ^= 1;
    ok(lk_jws_parse(arena, broken, &jws, &err) != LK_OK || (lk_jws_verify(&jws, pair.own, &err) == LK_INVALID &&
                                                            lk_jws_verify_foreign(arena, &jws, pair.foreign, &err) == LK_INVALID),
       "not with a changed signature");
    token[strlen(token) - 8] = '\0';
    ok(lk_jws_parse(arena, token, &jws, &err) == LK_OK && lk_jws_verify(&jws, pair.own, &err) == LK_INVALID &&
           lk_jws_verify_foreign(arena, &jws, pair.foreign, &err) == LK_INVALID,
       "not with a cut one");
}

/* libjwt as a second opinion: what it signs we accept, what we sign it accepts. */
static void test_libjwt(lk_arena_t *arena)
{
    pair_t pair = make_pair(arena, "HS256");
    jwt_t *jwt;
    lk_jws_t jws;
    lk_error_t err;
    char *theirs, *ours;

    jwt_new(&jwt);
    jwt_set_alg(jwt, JWT_ALG_HS256, (const unsigned char *)secret_text, sizeof(secret_text) - 1);
    jwt_add_grants_json(jwt, payload);
    theirs = jwt_encode_str(jwt);
    jwt_free(jwt);
    ok(lk_jws_parse(arena, theirs, &jws, &err) == LK_OK && lk_jws_verify(&jws, pair.own, &err) == LK_OK,
       "libjwt's token is accepted");
    free(theirs);
    lk_jws_sign(arena, pair.own, "HS256", "JWT", payload, sizeof(payload) - 1, &ours, &err);
    ok(jwt_decode(&jwt, ours, (const unsigned char *)secret_text, sizeof(secret_text) - 1) == 0 &&
           jwt_get_alg(jwt) == JWT_ALG_HS256 && strcmp(jwt_get_grant(jwt, "sub"), "alice") == 0,
       "and libjwt accepts ours");
    jwt_free(jwt);
}

/* RFC 8725 section 2.1: the public key as HMAC secret; "none"; keys for other purposes. */
static void test_confusion(lk_arena_t *arena)
{
    pair_t rsa = make_pair(arena, "RS256"), ec = make_pair(arena, "ES256"), hmac = make_pair(arena, "HS256");
    lk_bytes_t public_text = {(const unsigned char *)rsa.own->public_key, strlen(rsa.own->public_key)};
    lk_key_t *enc = LK_NEW(arena, lk_key_t);
    char *token;
    const char *none = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbGljZSJ9.";
    lk_jws_t jws;
    lk_error_t err;

    lk_jws_sign(arena, lk_key_from_secret(arena, NULL, public_text, "HS256", "sig"), "HS256", NULL, payload, sizeof(payload) - 1,
                &token, &err);
    lk_jws_parse(arena, token, &jws, &err);
    ok(jws.kid == NULL && jws.typ == NULL, "a header without kid and typ");
    ok(lk_jws_verify(&jws, rsa.own, &err) == LK_INVALID && lk_jws_verify_foreign(arena, &jws, rsa.foreign, &err) == LK_INVALID,
       "a public key is no HMAC secret");
    ok(lk_jws_parse(arena, none, &jws, &err) == LK_OK && lk_jws_verify(&jws, rsa.own, &err) == LK_INVALID &&
           lk_jws_verify_foreign(arena, &jws, hmac.own, &err) == LK_INVALID,
       "alg none verifies with nothing");
    lk_jws_sign(arena, rsa.own, "RS512", "JWT", payload, sizeof(payload) - 1, &token, &err);
    lk_jws_parse(arena, token, &jws, &err);
    ok(lk_jws_verify(&jws, rsa.own, &err) == LK_INVALID && lk_jws_verify(&jws, rsa.foreign, &err) == LK_OK,
       "a key that names its algorithm verifies no other");
    *enc = *rsa.foreign;
    enc->use = "enc";
    ok(lk_jws_verify(&jws, enc, &err) == LK_INVALID, "a key for encryption verifies nothing");
    ok(lk_jws_sign(arena, rsa.own, "ES256", "JWT", "{}", 2, &token, &err) == LK_INTERNAL &&
           lk_jws_sign(arena, ec.own, "ES384", "JWT", "{}", 2, &token, &err) == LK_INTERNAL &&
           lk_jws_sign(arena, rsa.own, "none", "JWT", "{}", 2, &token, &err) == LK_INTERNAL &&
           lk_jws_sign(arena, rsa.foreign, "RS256", "JWT", "{}", 2, &token, &err) == LK_INTERNAL,
       "no key signs with what it is not made for");
}

static void test_malformed(lk_arena_t *arena)
{
    static const char *const bad[] = {
        "",
        ".",
        "..",
        "a.b.c",
        "e30",
        "e30.e30",
        "e30.e30.e30.e30",
        "e30=.e30.e30",
        "W10.e30.e30",
        "e30.W10.e30",
        "e30.bnVsbA.e30",
        "e30.e30.+/",
        "e30. e30.e30",
        "eyJhbGciOiJSUzI1NiIsImNyaXQiOlsiZXhwIl19.e30.e30",
        "eyJhbGciOiJSUzI1NiJ9eyI.e30.e30",
    };
    char *huge = lk_alloc(arena, 70000);
    lk_jws_t jws;
    lk_error_t err;

    for (size_t i = 0; i != sizeof(bad) / sizeof(bad[0]); ++i)
        ok(lk_jws_parse(arena, bad[i], &jws, &err) == LK_INVALID && err.detail[0] != '\0', "no token: '%s'", bad[i]);
    memset(huge, 'A', 69999);
    ok(lk_jws_parse(arena, huge, &jws, &err) == LK_INVALID && lk_jws_parse(arena, NULL, &jws, &err) == LK_INVALID,
       "too long, or none");
    ok(lk_jws_parse(arena, "eyJhbGciOjV9.e30.", &jws, &err) == LK_OK && jws.alg == NULL, "an alg that is no string is none");
}

/* RFC 7515 appendix A.1 and A.3: HS256 and ES256 tokens of other hands, with line ends in the JSON. */
static void test_rfc(lk_arena_t *arena)
{
    static const char claims[] = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    static const char k[] = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
    json_t *jwk = lk_json_own(arena, json_pack("{s:s,s:s,s:s,s:s}", "kty", "EC", "crv", "P-256", "x",
                                               "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "y",
                                               "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"));
    lk_key_t *key = NULL;
    lk_bytes_t secret;
    lk_jws_t jws;
    lk_error_t err;

    lk_base64_decode(arena, k, strlen(k), &secret);
    lk_jws_parse(
        arena, lk_printf(arena, "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.%s.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", claims),
        &jws, &err);
    is_int(lk_jws_verify(&jws, lk_key_from_secret(arena, NULL, secret, NULL, NULL), &err), LK_OK, "RFC 7515 A.1");
    lk_jws_parse(arena,
                 lk_printf(arena,
                           "eyJhbGciOiJFUzI1NiJ9.%s.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-"
                           "Kg6NU1Q",
                           claims),
                 &jws, &err);
    lk_key_from_jwk(arena, jwk, &key, &err);
    is_int(lk_jws_verify(&jws, key, &err), LK_OK, "RFC 7515 A.3");
    is_int(lk_jws_verify_foreign(arena, &jws, key, &err), LK_OK, "by libjwt too");
}

#define THREADS 4
#define ROUNDS 50

/* Returns how many did not verify. */
static void *sign_and_verify(void *shared)
{
    lk_key_t *key = shared;
    lk_arena_t *arena = lk_arena_create("thread");
    size_t wrong = 0;
    lk_jws_t jws;
    char *token;

    for (int i = 0; i != ROUNDS; ++i)
        wrong += lk_jws_sign(arena, key, key->alg, "JWT", payload, sizeof(payload) - 1, &token, NULL) != LK_OK ||
                 lk_jws_parse(arena, token, &jws, NULL) != LK_OK || lk_jws_verify(&jws, key, NULL) != LK_OK;
    wrong += ERR_peek_error() != 0;
    lk_arena_destroy(&arena);
    return (void *)wrong;
}

static void test_threads(lk_arena_t *arena, const char *alg)
{
    pair_t pair = make_pair(arena, alg);
    pthread_t threads[THREADS];
    void *wrong, *all = NULL;

    for (int i = 0; i != THREADS; ++i)
        pthread_create(threads + i, NULL, sign_and_verify, pair.own);
    for (int i = 0; i != THREADS; ++i) {
        pthread_join(threads[i], &wrong);
        all = wrong != NULL ? wrong : all;
    }
    ok(all == NULL, "%s: threads share a key, and leave no error behind", alg);
}

int main(void)
{
    static const char *const algs[] = {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256",
                                       "ES384", "ES512", "EdDSA", "HS256", "HS384", "HS512"};
    lk_arena_t *arena = lk_arena_create("test");

    for (size_t i = 0; i != sizeof(algs) / sizeof(algs[0]); ++i)
        test_round(arena, algs[i]);
    for (size_t i = 0; i != sizeof(algs) / sizeof(algs[0]); ++i)
        test_threads(arena, algs[i]);
    test_libjwt(arena);
    test_confusion(arena);
    test_malformed(arena);
    test_rfc(arena);
    lk_arena_destroy(&arena);
    return tap_done();
}
