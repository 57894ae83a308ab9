/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "crypto/cbor.h"
#include "crypto/crypto.h"
#include "crypto/webauthn.h"
#include "tap.h"

/* CBOR as authenticators may write it, and what it is made of: authenticator data, keys, attestation. Whole ceremonies are in
 * t/api/webauthn.t and t/browser/passkeys.t. */

static lk_arena_t *arena;

static lk_bytes_t from_hex(const char *hex)
{
    size_t len = strlen(hex) / 2;
    unsigned char *bytes = lk_alloc(arena, len + 1);
    for (size_t i = 0; i != len; ++i) {
        unsigned value = 0;
        sscanf(hex + 2 * i, "%2x", &value);
        bytes[i] = (unsigned char)value;
    }
    return (lk_bytes_t){bytes, len};
}

/* --- CBOR --- */

static const struct {
    const char *hex, *what;
    int kind; /* -1: refused */
    uint64_t number;
} items[] = {
    {"00", "0", LK_CBOR_UNSIGNED, 0},
    {"17", "23", LK_CBOR_UNSIGNED, 23},
    {"1818", "24", LK_CBOR_UNSIGNED, 24},
    {"1bffffffffffffffff", "2^64-1", LK_CBOR_UNSIGNED, UINT64_MAX},
    {"390100", "-257", LK_CBOR_NEGATIVE, 256},
    {"43010203", "three bytes", LK_CBOR_BYTES, 3},
    {"63666d74", "a text", LK_CBOR_TEXT, 3},
    {"820102", "an array", LK_CBOR_ARRAY, 2},
    {"a2010261610a", "a map with keys of both kinds", LK_CBOR_MAP, 2},
    {"f5", "true", LK_CBOR_SIMPLE, 21},
    {"8181818100", "four arrays, one in the other", LK_CBOR_ARRAY, 1},
    {"", "nothing", -1, 0},
    {"1817", "23 in two bytes", -1, 0},
    {"1900ff", "255 in three bytes", -1, 0},
    {"1b00000000ffffffff", "2^32-1 in nine bytes", -1, 0},
    {"1c", "a reserved length", -1, 0},
    {"5f4101ff", "bytes of indefinite length", -1, 0},
    {"9f01ff", "an array of indefinite length", -1, 0},
    {"bf0101ff", "a map of indefinite length", -1, 0},
    {"4401", "bytes that end too soon", -1, 0},
    {"5bffffffffffffffff00", "bytes longer than memory", -1, 0},
    {"9bffffffffffffffff00", "an array longer than memory", -1, 0},
    {"62c328", "a text that is not UTF-8", -1, 0},
    {"c001", "a tag", -1, 0},
    {"f93c00", "a float", -1, 0},
    {"f820", "a simple value that has no meaning", -1, 0},
    {"a201020103", "a map with a key twice", -1, 0},
    {"a1410101", "a map with bytes as the key", -1, 0},
    {"a101", "a map without the value", -1, 0},
    {"818181818100", "five arrays, one in the other", -1, 0},
};

static void cbor(void)
{
    lk_cbor_t item, value;
    size_t used;
    int64_t number;
    for (size_t i = 0; i != sizeof(items) / sizeof(items[0]); ++i) {
        lk_bytes_t bytes = from_hex(items[i].hex);
        int read = lk_cbor_read(bytes, &item, &used) == 0;
        ok(items[i].kind < 0 ? !read
                             : read && (int)item.kind == items[i].kind && item.number == items[i].number && used == bytes.len,
           "CBOR: %s", items[i].what);
    }
    lk_cbor_read(from_hex("a4010263666d74646e6f6e65200363783563814101"), &item, &used);
    ok(lk_cbor_get_integer(&item, NULL, 1, &number) && number == 2, "a map's integer by its number");
    ok(lk_cbor_get_integer(&item, NULL, -1, &number) && number == 3, "by a negative one");
    ok(lk_cbor_get(&item, "fmt", LK_CBOR_TEXT, &value) && memcmp(value.bytes.base, "none", 4) == 0, "a text by its name");
    ok(!lk_cbor_get(&item, "fmt", LK_CBOR_BYTES, &value) && !lk_cbor_get(&item, "fm", LK_CBOR_TEXT, &value),
       "of that kind and name alone");
    ok(lk_cbor_get(&item, "x5c", LK_CBOR_ARRAY, &value) && lk_cbor_at(&value, 0, LK_CBOR_BYTES, &item) && item.bytes.base[0] == 1 &&
           !lk_cbor_at(&value, 1, LK_CBOR_BYTES, &item),
       "an array's items");
}

/* --- what is made of it --- */

#define HASH "49960de5880e8c687434170f6476605b8fe4aeb9a28632c7995cf3ba831d9763" /* of "localhost" */
#define AAGUID "01020304050607080102030405060708"
#define KEY                                                                                                                        \
    "a5010203262001215820003148cd601a5cb3db"                                                                                       \
    "ee3ce4ba68b8c02cfcd183554b9e6cccf8d85be7a9e121225820e7c9b7c7721448b4408bcf8ecf3af11267d8dd32cdad948f81da5bbe4214da2f"
#define ATTESTED HASH "4500000001" AAGUID "0004deadbeef" KEY

static const struct {
    const char *hex, *what;
    int good;
} data_cases[] = {
    {HASH "0100000000", "an assertion's", 1},
    {ATTESTED, "a registration's", 1},
    {HASH "c500000001" AAGUID "0004deadbeef" KEY "a16161f5", "with extensions", 1},
    {HASH "01000000", "too short", 0},
    {HASH "010000000000", "with more behind its end", 0},
    {HASH "4100000000", "without the credential that its flags name", 0},
    {HASH "4500000001" AAGUID "0000" KEY, "an empty credential id", 0},
    {HASH "4500000001" AAGUID "ffffdeadbeef" KEY, "an id that is longer than all", 0},
    {HASH "4500000001" AAGUID "0004deadbeef01", "a key that is no map", 0},
    {HASH "8100000000", "without the extensions that its flags name", 0},
};

static const struct {
    const char *hex, *what, *alg; /* alg NULL: refused */
} key_cases[] = {
    {KEY, "ES256", "ES256"},
    {"a4010103272006215820" HASH, "EdDSA", "EdDSA"},
    {"a4010303390100205820" HASH "2143010001", "RSA of 256 bits", NULL},
    {"a5010203260121582000", "broken", NULL},
    {"a50102032620012158200000000000000000000000000000000000000000000000000000000000000000225820"
     "0000000000000000000000000000000000000000000000000000000000000000",
     "a point that is not on the curve", NULL},
    {"a5010203382220012158"
     "20003148cd601a5cb3dbee3ce4ba68b8c02cfcd183554b9e6cccf8d85be7a9e121225820e7c9b7c7721448b4408bcf8ecf3af11267d8dd32cdad948f81da5"
     "bbe4214da2f",
     "ES384 with a P-256 key", NULL},
    {"a3010403262042abcd", "a symmetric key", NULL},
};

static void pieces(void)
{
    lk_authenticator_data_t data;
    lk_key_t *key;
    const char *alg;
    lk_error_t err = {0};
    for (size_t i = 0; i != sizeof(data_cases) / sizeof(data_cases[0]); ++i)
        ok((lk_authenticator_data_read(from_hex(data_cases[i].hex), &data, &err) == LK_OK) == data_cases[i].good,
           "authenticator data: %s", data_cases[i].what);
    ok(lk_authenticator_data_read(from_hex(ATTESTED), &data, &err) == LK_OK && data.counter == 1 && data.credential_id.len == 4 &&
           data.aaguid.base[15] == 8 && (data.flags & LK_WEBAUTHN_VERIFIED),
       "its parts");
    for (size_t i = 0; i != sizeof(key_cases) / sizeof(key_cases[0]); ++i) {
        int good = lk_cose_key_read(arena, from_hex(key_cases[i].hex), &key, &alg, &err) == LK_OK;
        ok(key_cases[i].alg != NULL ? good && strcmp(alg, key_cases[i].alg) == 0 : !good, "COSE key: %s", key_cases[i].what);
    }
}

static void attestation(void)
{
    static const char head[] = "a363666d74646e6f6e656761747453746d74a0686175746844617461",
                      odd[] = "a363666d7463747069"
                              "6761747453746d74a0686175746844617461";
    unsigned char hash[32] = {0};
    lk_attestation_t got;
    lk_error_t err = {0};
    const char *data = lk_printf(arena, "58%02x%s", (unsigned)(strlen(ATTESTED) / 2), ATTESTED);
    ok(lk_attestation_read(arena, from_hex(lk_printf(arena, "%s%s", head, data)), hash, NULL, &got, &err) == LK_OK &&
           strcmp(got.format, "none") == 0,
       "attestation: none");
    ok(lk_attestation_read(arena, from_hex(lk_printf(arena, "%s%s", odd, data)), hash, NULL, &got, &err) == LK_INVALID,
       "attestation: of a format that is not there");
    ok(lk_attestation_read(arena, from_hex(lk_printf(arena, "%s%s00", head, data)), hash, NULL, &got, &err) == LK_INVALID,
       "attestation: with more behind its end");
    ok(lk_attestation_read(arena, from_hex(lk_printf(arena, "%s5825%s0100000000", head, HASH)), hash, NULL, &got, &err) ==
           LK_INVALID,
       "attestation: without a credential");
}

int main(void)
{
    arena = lk_arena_create("test");
    cbor();
    pieces();
    attestation();
    lk_arena_destroy(&arena);
    return tap_done();
}
