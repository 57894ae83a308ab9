/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_CRYPTO_CERTIFICATE_H
#define LK_CRYPTO_CERTIFICATE_H

#include "core/arena.h"
#include "core/encode.h"

/* X.509 certificates of clients, as DER. Whoever took them from the wire has verified the chain: the TLS listener or a proxy. */

/* From PEM, whose line ends may have become anything on the way through a header, or from bare base64. 0, or -1 where it is none.
 */
int lk_certificate_decode(lk_arena_t *arena, const char *text, size_t len, lk_bytes_t *ret_der);
/* base64url(SHA-256): the x5t#S256 of RFC 8705 section 3.1. */
char *lk_certificate_thumbprint(lk_arena_t *arena, lk_bytes_t der);

typedef enum en_lk_certificate_name_t { LK_CERTIFICATE_SUBJECT, LK_CERTIFICATE_ISSUER } lk_certificate_name_t;
/* The name as RFC 2253 writes it, "CN=client,O=Example"; NULL where the certificate cannot be read. */
char *lk_certificate_name(lk_arena_t *arena, lk_bytes_t der, lk_certificate_name_t which);
/* 1 where two texts of RFC 2253 are the same name; letters of either case and runs of spaces are alike (RFC 5280 section 7.1). */
int lk_certificate_name_is(lk_arena_t *arena, const char *name, const char *wanted);
/* The same for a certificate's. */
int lk_certificate_is_named(lk_arena_t *arena, lk_bytes_t der, lk_certificate_name_t which, const char *wanted);

#endif
