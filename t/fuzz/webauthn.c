/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "crypto/cbor.h"
#include "crypto/webauthn.h"
#include "fuzz.h"

/* What a browser's authenticator may have written: CBOR, authenticator data, keys and attestation objects. All that is found lies
 * within what was given, and nobody vouches for a credential who has not signed. */

static int is_within(lk_bytes_t part, lk_bytes_t whole)
{
    return part.len == 0 || (part.base >= whole.base && part.base + part.len <= whole.base + whole.len);
}

static void walk(const lk_cbor_t *item, lk_bytes_t whole, int depth)
{
    lk_cbor_t child;
    LK_FUZZ_CHECK(is_within(item->bytes, whole) && depth <= LK_CBOR_MAX_DEPTH);
    for (uint64_t i = 0; item->kind == LK_CBOR_ARRAY && i != item->number; ++i)
        for (int kind = LK_CBOR_UNSIGNED; kind <= LK_CBOR_SIMPLE; ++kind)
            if (lk_cbor_at(item, i, (lk_cbor_kind_t)kind, &child))
                walk(&child, whole, depth + 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const unsigned char hash[32] = {0};
    lk_arena_t *arena = lk_arena_create("fuzz");
    lk_bytes_t whole = {data, size};
    lk_authenticator_data_t parts;
    lk_attestation_t attestation;
    lk_error_t err;
    lk_key_t *key;
    lk_cbor_t item;
    const char *alg;
    size_t used;
    if (lk_cbor_read(whole, &item, &used) == 0) {
        LK_FUZZ_CHECK(used != 0 && used <= size);
        walk(&item, whole, 0);
    }
    if (lk_authenticator_data_read(whole, &parts, &err) == LK_OK) {
        LK_FUZZ_CHECK(is_within(parts.credential_id, whole) && is_within(parts.cose_key, whole) && is_within(parts.aaguid, whole));
        LK_FUZZ_CHECK((parts.credential_id.len != 0) == ((parts.flags & LK_WEBAUTHN_ATTESTED) != 0));
    }
    if (lk_cose_key_read(arena, whole, &key, &alg, &err) == LK_OK)
        LK_FUZZ_CHECK(lk_cose_alg(alg) != 0 && !key->has_private);
    if (lk_attestation_read(arena, whole, hash, NULL, &attestation, &err) == LK_OK)
        LK_FUZZ_CHECK(attestation.data.credential_id.len != 0 && strcmp(attestation.format, "fido-u2f") != 0);
    lk_arena_destroy(&arena);
    return 0;
}
