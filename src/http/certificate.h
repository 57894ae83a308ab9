/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_HTTP_CERTIFICATE_H
#define LK_HTTP_CERTIFICATE_H

#include "core/request.h"

/* The client's certificate where a proxy ends TLS: Keycloak's providers spi-x509cert-lookup. */

typedef struct st_lk_certificate_lookup_t {
    const char *provider, *header; /* the header where none is configured, in lower case */
    int (*read)(lk_arena_t *arena, const char *text, lk_bytes_t *ret_der);
} lk_certificate_lookup_t;

/* NULL for "default": the TLS listener's own. */
const lk_certificate_lookup_t *lk_certificate_lookup(const char *provider);
/* Nothing (base NULL) where the header is missing, repeated, or holds none. The caller knows that the peer is a trusted proxy. */
lk_bytes_t lk_certificate_from_header(const lk_request_t *req, const lk_certificate_lookup_t *lookup, const char *header);

#endif
