/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "../../src/crypto/jwe_alg.c"
#include <openssl/err.h>
#include "tap.h"

/* The key of RFC 7516 appendix A.1, as PKCS #1. */
static const char rfc_key[] =
    "MIIEowIBAAKCAQEAoahUIoWw0K0usKNuOR6H4wkf4oBUXHTxRvgb48E+BVvxkeDNjbC4he8rUWcJoZmds2h7M70imEVhRU5djINXtqllXI4DFq"
    "cI1DgjT9LewND8MW2Krf3Spsk/ZkoFnilakGygTwpZ3uesH+PFABNIUYpOiN15dsQRkgr0vEhxN92i2asbOenSZeyaxziK72UwxrrKoExv6kc5"
    "twXTq4h+QChLOln0/mtUZwfsRaMStPs6mS6XrgxnxbWhojf663tuEQueGC+FCMfra36C9knDFGzKsNa7LZK2djYgyD3JR/MB/4NUJW/TqOQtwH"
    "YbxevoJArm+L5StowjzGy+/bq6GwIDAQABAoIBAQCQt20iPoZsOSz8CkJJNhC16Vw222UqI7I/Mytcd4j7KTUXv6SkPFjj5Zjk1ZXkqe1oR5dL"
    "WPzYTfvnHGFYwdfK+Nh5w9P1+nBH8z2BXyf0euHZqdOlMP3cO3rbKlbfIOwnMGdOeti7WLBZGAEqsRhjjqoBkisDbEDCebZfu4ZHWGCGSoOnRW"
    "qPeRtILPVfJ8Kzr8t6EHC3EcjKHxGKnLjSnbiag4BuDFXDevFP++W3dRV7hY7cmQk7OWlR/4pNUjY+2Cb50BHFMS0T6J37g4mvSH4r5UWzdVKd"
    "1VMjOdLF/KuPwgsvowb9S/xgC7tUgtIHeU5bTzn7ioTcPOCtOODJAoGBANa+dl5OOnPi7HweT+ONqe2rXT1K8UEsuJrYv7WSNzIH9hLhVW1KAw"
    "b2kUPklsZG5JqBMy+yV66EgY0qyt2CEIGHTIMgBD0z417/4SNv9Xk0j1WX8y9JX3zZ9NyF6lheTAxbqFGBNIc29r4a5Tf6yq23wyMFG06444In"
    "kW8AugpdAoGBAMC29+ce4ZkFmbFiZgf75XvO4oYGdfUvJQRETiyLGRuGsmVXvR4vYA1QjgZlA3Wg2FU0jcf/BcsNWGGvVxqxpw3sNNCdvHEVKH"
    "gQf4yiNaJmtDq79U/WlyFsSsHeIL8RSJjlq90ES/ShAUc5NkWrVAZ5g2SUyAH8E7NIOvFGR77XAoGAZK+YwE7diUh0qR1tR7w8WHtolDx3MZ/O"
    "TowiFvgfeQ3SiresXjm9gZ5KLhMXvo+uz+KUJWDxS5pFQ/M0evdo1dKiRTjVw/x4NyqyXPM5nULPkcpU827rnpZzAJKpdhWAgqrXGKAECQH0Xt"
    "4taznjnd/zVpAmZZq60WPMBMfKcuECgYAOrSB+AnUN0UZeIu9ARme4oQ3RRSawkHGSPJ1zePhlh0GIxEDLzrHS8cKPLBwyVhiDjKgLhhlr2E1V"
    "yyOoDcV6IvX2uTyDpCfb1O3RyPyqrIWnP280MFR8ICIlV4RI6MkNk9gd0djy/Vv6j5nZfm28vH5MJ6R/ujHJ4oNSopaOKwKBgFSDKTGGz3+O3U"
    "9cP8w1F3z4prEnoJzDgNc02l+2hpP/Lq2OkfPmVtRcVOwJVgMi1sm6qurdelRXe4UHdMun5VCuEpTsnQetYMGpzrFxjgDr/NnB6tBN3i+B67WZ"
    "FLir5z6zJ7FFBZX1Hcm1c8co8/SRf18mmNeGq3S0o3+C/xTW";
static const char rfc_token[] = "eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ."
                                "OKOawDo13gRp2ojaHV7LFpZcgV7T6DVZKTyKOMTYUmKoTCVJRgckCL9kiMT03JGeipsEdY3mx_etLbbWS"
                                "rFr05kLzcSr4qKAq7YN7e9jwQRb23nfa6c9d-StnImGyFDbSv04uVuxIp5Zms1gNxKKK2Da14B8S4rzVRltdYwam_"
                                "lDp5XnZAYpQdb76FdIKLaVmqgfwX7XWRxv2322i"
                                "-vDxRfqNzo_tETKzpVLzfiwQyeyPGLBIO56YJ7eObdv0je81860ppamavo35UgoRdbYaBcoh9QcfylQr66oc6vFWXRcZ_"
                                "ZT2LawVCWTIy3brGPi6UklfCpIMfIjf7iGd"
                                "XKHzg.48V1_ALb6US04U3b.5eym8TW_c8SuK0ltJ3rpYIzOeDQz7TALvtu6UG9oMo4vpzs9tX_"
                                "EFShS8iB7j6jiSdiwkIr3ajwQzaBtQD_A.XFBoMYUZodetZdvTiFvS"
                                "kQ";
static const char rfc_plain[] = "The true sign of intelligence is not knowledge but imagination.";

/* Bob's key of RFC 7518 appendix C, as PKCS #8, and Alice's ephemeral one. */
static const char bob_key[] = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgVEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdyhRANCAATB"
                              "40nLYexwJIzoAQNMODThuI6+EWHLJa84dB94X8/ExHvJZwjvgJUrU/jSVV/nK4Qe0EWIYosdN4pZSTlQDsnJ";
static const char alice[] =
    "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0\",\"y\":\"SLW_xSffzlPWrHEVI30DHM_"
    "4egVwt3NQqeUD7nMFpps\"}";

static const char plain[] = "{\"sub\":\"alice\"}";

static lk_key_t *own_key(lk_arena_t *arena, const char *type)
{
    const char *private_key = NULL, *public_half;
    lk_key_t *key = NULL;
    if (strcmp(type, "RSA") == 0)
        lk_key_generate_rsa(arena, 2048, "test", &private_key, &public_half, NULL);
    else
        lk_key_generate_curve(arena, type, &private_key, &public_half, NULL);
    lk_key_from_private(arena, private_key, NULL, strcmp(type, "RSA") == 0 ? "RSA-OAEP" : "ECDH-ES", "enc", &key, NULL);
    return key;
}

static void test_vectors(lk_arena_t *arena)
{
    lk_key_t *key = NULL, *other = NULL;
    lk_jwe_t jwe;
    lk_bytes_t text = {NULL, 0};
    json_t *jwk;
    unsigned char derived[16];
    const lk_bytes_t apu = {(const unsigned char *)"Alice", 5}, apv = {(const unsigned char *)"Bob", 3};
    is_int(lk_key_from_private(arena, rfc_key, NULL, "RSA-OAEP", "enc", &key, NULL), LK_OK, "RFC 7516 A.1: the key");
    is_int(lk_jwe_parse(arena, rfc_token, &jwe, NULL), LK_OK, "is taken apart");
    is_int(lk_jwe_decrypt(arena, &jwe, key, &text, NULL), LK_OK, "is decrypted");
    is_str((const char *)text.base, rfc_plain, "to its text");
    lk_key_from_private(arena, bob_key, NULL, "ECDH-ES", "enc", &key, NULL);
    lk_json_parse(arena, alice, strlen(alice), &jwk, NULL);
    lk_key_from_jwk(arena, jwk, &other, NULL);
    ok(agreed_key(lk_jwe_alg_find("ECDH-ES"), "A128GCM", key->pkey, other->pkey, apu, apv, derived, sizeof(derived)),
       "RFC 7518 C: a key is agreed on");
    is_str(lk_base64url(arena, derived, sizeof(derived)), "VqqN6vgjbSBcIijNcacQGg", "the one of the RFC");
}

static void test_round(lk_arena_t *arena, const char *alg, const char *enc, const lk_key_t *key, const lk_key_t *stranger)
{
    char *token = NULL;
    lk_jwe_t jwe;
    lk_bytes_t text = {NULL, 0};
    lk_error_t err;
    int fine = lk_jwe_encrypt(arena, key, alg, enc, "JWT", plain, sizeof(plain) - 1, &token, &err) == LK_OK &&
               lk_jwe_is_one(token) && lk_jwe_parse(arena, token, &jwe, &err) == LK_OK &&
               lk_jwe_decrypt(arena, &jwe, key, &text, &err) == LK_OK;
    ok(fine && text.len == sizeof(plain) - 1 && memcmp(text.base, plain, text.len) == 0, "%s with %s goes round", alg, enc);
    ok(strcmp(jwe.alg, alg) == 0 && strcmp(jwe.enc, enc) == 0 && strcmp(jwe.cty, "JWT") == 0 && strcmp(jwe.kid, key->kid) == 0,
       "its header says what it is");
    is_int(lk_jwe_decrypt(arena, &jwe, stranger, &text, &err), LK_INVALID, "another key does not open it");
    const lk_bytes_t *parts[] = {&jwe.encrypted_key, &jwe.iv, &jwe.ciphertext, &jwe.tag};
    int refused = 1;
    for (size_t i = 0; i != 4; ++i) {
        unsigned char *byte = (unsigned char *)(uintptr_t)parts[i]->base;
        if (parts[i]->len == 0)
            continue;
        byte[parts[i]->len - 1] ^= 1;
        refused = refused && lk_jwe_decrypt(arena, &jwe, key, &text, &err) == LK_INVALID;
        byte[parts[i]->len - 1] ^= 1;
    }
    ok(refused, "no part may be changed");
    *(char *)(uintptr_t)jwe.aad ^= 1;
    is_int(lk_jwe_decrypt(arena, &jwe, key, &text, &err), LK_INVALID, "nor the header");
    is_int((int)ERR_peek_error(), 0, "no error of OpenSSL's is left behind");
}

static void test_all(lk_arena_t *arena)
{
    const lk_key_t *rsa = own_key(arena, "RSA"), *other_rsa = own_key(arena, "RSA"), *ec = own_key(arena, "P-256"),
                   *other_ec = own_key(arena, "P-256");
    for (size_t i = 0; lk_jwe_alg_name(i) != NULL; ++i)
        for (size_t j = 0; lk_jwe_enc_name(j) != NULL; ++j) {
            int is_rsa = lk_jwe_alg_fits(lk_jwe_alg_name(i), rsa);
            test_round(arena, lk_jwe_alg_name(i), lk_jwe_enc_name(j), is_rsa ? rsa : ec, is_rsa ? other_rsa : other_ec);
        }
    test_round(arena, "ECDH-ES+A256KW", "A256GCM", own_key(arena, "P-384"), ec);
    test_round(arena, "ECDH-ES", "A256CBC-HS512", own_key(arena, "P-521"), ec);
}

/* RSA1_5: what was encrypted wrongly fails as a wrong tag does, whatever came out. */
static void test_padding(lk_arena_t *arena)
{
    const lk_key_t *key = own_key(arena, "RSA");
    unsigned char block[256] = {0, 2}, out[256];
    lk_jwe_t jwe = {.alg = "RSA1_5", .enc = "A128GCM"};
    size_t len = sizeof(out);
    lk_cek_t cek = {.len = 16};
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key->pkey, NULL);
    memset(block + 2, 7, sizeof(block) - 2);
    block[sizeof(block) - 17] = 0;
    EVP_PKEY_encrypt_init(ctx);
    EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_NO_PADDING);
    EVP_PKEY_encrypt(ctx, out, &len, block, sizeof(block));
    jwe.encrypted_key = (lk_bytes_t){out, len};
    open_pkcs1(arena, &jwe, lk_jwe_alg_find("RSA1_5"), key, &cek);
    ok(memcmp(cek.bytes, block + sizeof(block) - 16, 16) == 0, "a right block gives its key");
    static const struct {
        size_t at;
        unsigned char value;
    } wrong[] = {{1, 1}, {0, 1}, {30, 0}, {sizeof(block) - 18, 0}, {sizeof(block) - 17, 9}};
    for (size_t i = 0; i != sizeof(wrong) / sizeof(wrong[0]); ++i) {
        unsigned char kept = block[wrong[i].at];
        block[wrong[i].at] = wrong[i].value;
        EVP_PKEY_encrypt(ctx, out, &len, block, sizeof(block));
        ok(open_pkcs1(arena, &jwe, lk_jwe_alg_find("RSA1_5"), key, &cek) && memcmp(cek.bytes, block + sizeof(block) - 16, 16) != 0,
           "byte %zu being %d gives a random one", wrong[i].at, wrong[i].value);
        block[wrong[i].at] = kept;
    }
    EVP_PKEY_CTX_free(ctx);
}

static void test_bad(lk_arena_t *arena)
{
    static const char *const headers[] = {
        "{\"alg\":\"dir\",\"enc\":\"A128GCM\"}", "{\"alg\":\"RSA-OAEP\",\"enc\":\"none\"}", "{}",
        "{\"alg\":\"ECDH-ES\",\"enc\":\"A128GCM\"}",
        "{\"alg\":\"ECDH-ES\",\"enc\":\"A128GCM\",\"epk\":{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AQ\",\"y\":\"AQ\"}}"};
    static const char *const texts[] = {
        "", "....", "a.b.c", "e30.e30.e30.e30.e30.e30", "W10....", "eyJjcml0IjpbXX0....", "eyJ6aXAiOiJERUYifQ....", "e30.=.a.b.c"};
    const lk_key_t *rsa = own_key(arena, "RSA"), *ec = own_key(arena, "P-256");
    lk_jwe_t jwe;
    lk_bytes_t text;
    for (size_t i = 0; i != sizeof(texts) / sizeof(texts[0]); ++i)
        is_int(lk_jwe_parse(arena, texts[i], &jwe, NULL), LK_INVALID, texts[i]);
    for (size_t i = 0; i != sizeof(headers) / sizeof(headers[0]); ++i) {
        const char *token = lk_printf(arena, "%s.AAAA.AAAA.AAAA.AAAA", lk_base64url(arena, headers[i], strlen(headers[i])));
        ok(lk_jwe_parse(arena, token, &jwe, NULL) == LK_OK && lk_jwe_decrypt(arena, &jwe, rsa, &text, NULL) == LK_INVALID &&
               lk_jwe_decrypt(arena, &jwe, ec, &text, NULL) == LK_INVALID,
           "%s", headers[i]);
    }
}

int main(void)
{
    lk_arena_t *arena = lk_arena_create("test");
    test_vectors(arena);
    test_all(arena);
    test_padding(arena);
    test_bad(arena);
    lk_arena_destroy(&arena);
    return tap_done();
}
