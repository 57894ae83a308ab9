/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include "crypto/certificate.h"
#include "fuzz.h"
#include "http/certificate.h"

/* A proxy's header with the client's certificate, in each proxy's way of writing; the certificate's names; names to compare with.
 */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const providers[] = {"nginx", "haproxy", "envoy", "traefik", "rfc9440"};
    lk_arena_t *arena = lk_arena_create("fuzz");
    char *text = lk_fuzz_text(data, size);
    lk_pair_t pair = {"header", text};
    lk_request_t req = {.arena = arena, .headers = {&pair, 1}};
    for (size_t i = 0; i != sizeof(providers) / sizeof(providers[0]); ++i) {
        lk_bytes_t der = lk_certificate_from_header(&req, lk_certificate_lookup(providers[i]), "header");
        if (der.base == NULL)
            continue;
        char *name = lk_certificate_name(arena, der, LK_CERTIFICATE_SUBJECT);
        LK_FUZZ_CHECK(name != NULL && strlen(lk_certificate_thumbprint(arena, der)) == 43);
        lk_certificate_is_named(arena, der, LK_CERTIFICATE_ISSUER, text);
    }
    lk_arena_destroy(&arena);
    free(text);
    return 0;
}
