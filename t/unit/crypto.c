/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include "crypto/crypto.h"
#include "tap.h"

static const lk_bytes_t secret = {(const unsigned char *)"a realm's secret", 16};

static void test_random(lk_arena_t *arena)
{
    const char *uuid = lk_random_uuid(arena), *token = lk_random_token(arena, 18);

    is_int(strlen(uuid), 36, "a UUID has 36 characters");
    ok(uuid[8] == '-' && uuid[13] == '-' && uuid[14] == '4' && uuid[18] == '-' && strchr("89ab", uuid[19]) != NULL &&
           uuid[23] == '-',
       "and is of version 4");
    is_int(strspn(uuid, "0123456789abcdef-"), 36, "in lower case");
    is_int(strlen(token), 24, "18 random bytes are 24 characters");
    ok(strcmp(token, lk_random_token(arena, 18)) != 0, "no token comes twice");
}

static void test_equal(void)
{
    ok(lk_secret_equal("correct horse", "correct horse"), "equal secrets");
    ok(!lk_secret_equal("correct horse", "correct horsf"), "another last character");
    ok(!lk_secret_equal("correct horse", "correct"), "a beginning of it");
    ok(!lk_secret_equal("correct", "correct horse"), "more than it");
    ok(!lk_secret_equal("correct", ""), "nothing given");
    ok(!lk_secret_equal("", ""), "no secret equals nothing");
    ok(!lk_secret_equal(NULL, "x") && !lk_secret_equal("x", NULL) && !lk_secret_equal(NULL, NULL), "NULL equals nothing");
    ok(lk_bytes_equal("a\0b", 3, "a\0b", 3) && !lk_bytes_equal("a\0b", 3, "a\0c", 3) && !lk_bytes_equal("ab", 2, "abc", 3),
       "bytes");
}

static void test_hash(lk_arena_t *arena)
{
    unsigned char mac[32];

    /* RFC 7636 appendix B */
    is_str(lk_sha256_base64url(arena, "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", 43),
           "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "PKCE S256");
    /* RFC 4231 test case 2 */
    lk_hmac_sha256("Jefe", 4, "what do ya want for nothing?", 28, mac);
    is_str(lk_hex(arena, mac, sizeof(mac)), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843", "HMAC-SHA-256");
    lk_hmac_sha256("", 0, "", 0, mac);
    is_str(lk_hex(arena, mac, sizeof(mac)), "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad",
           "HMAC-SHA-256 of nothing");
    /* OpenID Connect Core, the example of appendix A.3 */
    is_str(lk_half_hash(arena, "RS256", "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"), "77QmUPtjPfzWtF2AnpK9RQ",
           "at_hash of RS256");
    is_int(strlen(lk_half_hash(arena, "ES384", "x")), 32, "ES384 has a half hash of 24 bytes");
    is_int(strlen(lk_half_hash(arena, "EdDSA", "x")), 43, "EdDSA one of 32 bytes");
}

static void test_seal(lk_arena_t *arena)
{
    static const unsigned char bytes[] = "state\0with a NUL";
    static const lk_bytes_t other = {(const unsigned char *)"another's secret", 16};
    char *text = lk_seal(arena, secret, "code", bytes, sizeof(bytes)), *broken;
    lk_bytes_t opened = {NULL, 0};
    lk_error_t err;
    int refused = 0;

    is_int(lk_unseal(arena, secret, "code", text, &opened, &err), LK_OK, "a sealed value opens");
    ok(lk_bytes_equal(opened.base, opened.len, bytes, sizeof(bytes)), "with what was in it");
    ok(strcmp(text, lk_seal(arena, secret, "code", bytes, sizeof(bytes))) != 0, "sealed twice it looks different");
    is_int(lk_unseal(arena, secret, "state", text, &opened, &err), LK_INVALID, "not for another purpose");
    is_int(lk_unseal(arena, other, "code", text, &opened, &err), LK_INVALID, "not with another secret");
    for (size_t i = 0; text[i] != '\0'; ++i) {
        broken = lk_strdup(arena, text);
        broken[i] = broken[i] == 'A' ? 'B' : 'A';
        refused += lk_unseal(arena, secret, "code", broken, &opened, &err) == LK_INVALID;
        broken[i] = '\0';
        refused += lk_unseal(arena, secret, "code", broken, &opened, &err) == LK_INVALID;
    }
    ok(refused >= 2 * (int)strlen(text) - 1, "no changed or cut text opens"); /* the last character may hold unused bits */
    ok(lk_unseal(arena, secret, "code", NULL, &opened, &err) == LK_INVALID &&
           lk_unseal(arena, secret, "code", "", &opened, &err) == LK_INVALID &&
           lk_unseal(arena, secret, "code", "%%%", &opened, &err) == LK_INVALID,
       "nor what was never sealed");
    text = lk_seal(arena, secret, "code", "", 0);
    ok(lk_unseal(arena, secret, "code", text, &opened, &err) == LK_OK && opened.len == 0, "nothing can be sealed too");
}

int main(void)
{
    lk_arena_t *arena = lk_arena_create("test");

    test_random(arena);
    test_equal();
    test_hash(arena);
    test_seal(arena);
    lk_arena_destroy(&arena);
    return tap_done();
}
