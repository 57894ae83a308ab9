/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <openssl/evp.h>
#include <openssl/x509.h>
#include "core/json.h"
#include "crypto/jws.h"
#include "tap.h"

static json_t *load(lk_arena_t *arena, const char *path)
{
    json_error_t error;
    json_t *value = json_load_file(path, 0, &error);

    if (value == NULL)
        printf("Bail out! %s: %s\n", path, error.text);
    return lk_json_own(arena, value);
}

static void is_jwk(lk_arena_t *arena, const lk_key_t *key, const json_t *expected, const char *name)
{
    json_t *jwk = lk_json_own(arena, lk_key_to_jwk(arena, key));

    is_str(lk_json_text(arena, jwk), lk_json_text(arena, expected), name);
}

/* The same base64 in lines of 64 characters, in armour. */
static const char *armour(lk_arena_t *arena, const char *label, const char *base64)
{
    lk_buffer_t pem;

    lk_buffer_init(&pem, arena, 65536);
    lk_buffer_printf(&pem, "-----BEGIN %s-----\r\n", label);
    for (; strlen(base64) > 64; base64 += 64)
        lk_buffer_printf(&pem, "%.64s\r\n", base64);
    lk_buffer_printf(&pem, "%s\n-----END %s-----\n", base64, label);
    return pem.base;
}

static void test_keycloak_rsa(lk_arena_t *arena, const json_t *rsa)
{
    const char *private_key, *certificate, *use;
    lk_key_t *key;
    lk_error_t err;
    json_t *entry;
    size_t i;

    json_array_foreach(rsa, i, entry)
    {
        private_key = lk_json_str(entry, "private", NULL);
        certificate = lk_json_str(entry, "certificate", NULL);
        use = lk_json_str(entry, "use", NULL);
        key = NULL;
        if (!ok(lk_key_from_private(arena, private_key, certificate, NULL, use, &key, &err) == LK_OK,
                "a key from an export, use %s", use))
            continue;
        is_jwk(arena, key, json_object_get(entry, "jwk"), "has the JWK that Keycloak shows for it");
        is_int(lk_key_from_private(arena, armour(arena, "RSA PRIVATE KEY", private_key), armour(arena, "CERTIFICATE", certificate),
                                   NULL, use, &key, &err),
               LK_OK, "the same in PEM with line ends");
        is_jwk(arena, key, json_object_get(entry, "jwk"), "is the same key");
        is_int(lk_key_from_public(arena, certificate, lk_json_str(json_object_get(entry, "jwk"), "alg", NULL), use, &key, &err),
               LK_OK, "its certificate alone");
        is_jwk(arena, key, json_object_get(entry, "jwk"), "gives that JWK too");
        ok(!key->has_private, "but no private key");
        is_int(lk_key_from_public(arena, key->public_key, NULL, use, &key, &err), LK_OK, "and so does the bare public key");
        is_str(key->kid, lk_json_str(json_object_get(entry, "jwk"), "kid", NULL), "with the same kid");
    }
    is_int(lk_key_from_private(arena, lk_json_str(json_array_get(rsa, 0), "private", NULL),
                               lk_json_str(json_array_get(rsa, 1), "certificate", NULL), NULL, "sig", &key, &err),
           LK_INVALID, "a certificate of another key is refused");
}

static void test_keycloak_curves(lk_arena_t *arena, const json_t *curves)
{
    lk_key_t *key;
    lk_error_t err;
    json_t *entry;
    size_t i;

    json_array_foreach(curves, i, entry)
    {
        if (!ok(lk_key_from_private(arena, lk_json_str(entry, "private", NULL), NULL, NULL, "sig", &key, &err) == LK_OK,
                "an exported %s key", lk_json_str(entry, "curve", NULL)))
            continue;
        is_str(key->curve, lk_json_str(entry, "curve", NULL), "is on its curve");
        is_str(key->public_key, lk_json_str(entry, "public", NULL), "and its public half is the exported one");
        ok(key->alg != NULL && (key->type == LK_KEY_OKP) == (strcmp(key->alg, "EdDSA") == 0), "it signs with %s", key->alg);
    }
}

static void test_jwks(lk_arena_t *arena, const json_t *jwks)
{
    lk_key_t *key;
    lk_error_t err;
    json_t *jwk;
    size_t i;

    json_array_foreach(jwks, i, jwk)
    {
        if (!ok(lk_key_from_jwk(arena, jwk, &key, &err) == LK_OK, "Keycloak's JWK of %s is read", lk_json_str(jwk, "crv", NULL)))
            continue;
        is_jwk(arena, key, jwk, "and written the same");
        is_int(lk_key_from_public(arena, key->public_key, NULL, NULL, &key, &err), LK_OK, "its public key alone");
        is_str(key->kid, lk_json_str(jwk, "kid", NULL), "has its kid");
    }
}

static void test_bad_jwks(lk_arena_t *arena)
{
    static const char *const bad[] = {
        "{}",
        "[]",
        "{\"kty\":\"RSA\"}",
        "{\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\"}",
        "{\"kty\":\"RSA\",\"n\":\"%%\",\"e\":\"AQAB\"}",
        "{\"kty\":\"RSA\",\"n\":7,\"e\":\"AQAB\"}",
        "{\"kty\":\"oct\",\"k\":\"c2VjcmV0\"}",
        "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AQ\",\"y\":\"AQ\"}",
        "{\"kty\":\"EC\",\"crv\":\"secp256k1\",\"x\":\"AQ\",\"y\":\"AQ\"}",
        "{\"kty\":\"EC\",\"crv\":\"Ed25519\",\"x\":\"AQ\",\"y\":\"AQ\"}",
        "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AQ\"}",
        "{\"kty\":\"OKP\",\"crv\":\"P-256\",\"x\":\"AQ\"}",
        "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"alg\":\"RS256\",\"x\":\"k8de1XAxlailcS4p0XgW8j5ebA8eKOYsc1UN_k_ZCIc\"}",
    };
    lk_key_t *key = NULL;
    lk_error_t err;
    json_t *jwk = NULL;

    for (size_t i = 0; i != sizeof(bad) / sizeof(bad[0]); ++i) {
        lk_json_parse(arena, bad[i], strlen(bad[i]), &jwk, NULL);
        ok(lk_key_from_jwk(arena, jwk, &key, &err) == LK_INVALID && key == NULL, "refused: %s", bad[i]);
    }
}

static void test_bad_text(lk_arena_t *arena)
{
    static const char *const bad[] = {
        "", " ", "-----BEGIN PRIVATE KEY-----", "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----", "AAAA", "ä"};
    lk_key_t *key = NULL;
    lk_error_t err;

    for (size_t i = 0; i != sizeof(bad) / sizeof(bad[0]); ++i)
        ok(lk_key_from_private(arena, bad[i], NULL, NULL, NULL, &key, &err) == LK_INVALID &&
               lk_key_from_public(arena, bad[i], NULL, NULL, &key, &err) == LK_INVALID && key == NULL,
           "no key: '%s'", bad[i]);
    ok(lk_key_from_private(arena, NULL, NULL, NULL, NULL, &key, &err) == LK_INVALID, "no key: NULL");
}

static void test_generated_rsa(lk_arena_t *arena)
{
    const char *private_key, *certificate,
        *subject = "a realm whose name is longer than the sixty-four characters of a common name";
    const unsigned char *at;
    lk_bytes_t der;
    lk_key_t *key;
    lk_error_t err;
    X509 *cert;
    int days = 0, seconds = 0;
    char name[128];

    is_int(lk_key_generate_rsa(arena, 2048, subject, &private_key, &certificate, &err), LK_OK, "an RSA key is made");
    ok(strncmp(private_key, "MIIE", 4) == 0 && strstr(private_key, "IBAAKCAQEA") != NULL, "as PKCS#1");
    is_int(lk_key_from_private(arena, private_key, certificate, "RS256", "sig", &key, &err), LK_OK, "which is read again");
    lk_base64_decode(arena, certificate, strlen(certificate), &der);
    at = der.base;
    cert = d2i_X509(NULL, &at, (long)der.len);
    ok(cert != NULL && X509_verify(cert, key->pkey) == 1 && X509_get_version(cert) == 0,
       "with a self-signed certificate of version 1");
    X509_NAME_get_text_by_NID(X509_get_subject_name(cert), NID_commonName, name, sizeof(name));
    is_str(name, subject, "in the realm's name");
    ASN1_TIME_diff(&days, &seconds, X509_get0_notBefore(cert), X509_get0_notAfter(cert));
    ok((days == 3652 || days == 3653) && seconds == 100, "for ten years and the 100 seconds before");
    X509_free(cert);
    is_int(lk_key_generate_rsa(arena, 100, subject, &private_key, &certificate, &err), LK_INVALID, "not one of 100 bits");
}

static void test_generated_curves(lk_arena_t *arena)
{
    static const char *const curves[] = {"P-256", "P-384", "P-521", "Ed25519", "Ed448"};
    const char *private_key, *public_key;
    lk_key_t *key;
    lk_error_t err;

    for (size_t i = 0; i != sizeof(curves) / sizeof(curves[0]); ++i) {
        is_int(lk_key_generate_curve(arena, curves[i], &private_key, &public_key, &err), LK_OK, curves[i]);
        is_int(lk_key_from_private(arena, private_key, NULL, NULL, "sig", &key, &err), LK_OK, "made and read again");
        is_str(key->public_key, public_key, "with its public half");
        is_str(key->curve, curves[i], "and its curve");
    }
    is_int(lk_key_generate_curve(arena, "P-224", &private_key, &public_key, &err), LK_INVALID, "P-224 is not made");
}

int main(void)
{
    lk_arena_t *arena = lk_arena_create("test");
    const json_t *data = load(arena, LK_TEST_DATA "/keycloak-keys.json");

    test_keycloak_rsa(arena, json_object_get(data, "rsa"));
    test_keycloak_curves(arena, json_object_get(data, "curves"));
    test_jwks(arena, json_object_get(data, "jwks"));
    test_bad_jwks(arena);
    test_bad_text(arena);
    test_generated_rsa(arena);
    test_generated_curves(arena);
    lk_arena_destroy(&arena);
    return tap_done();
}
