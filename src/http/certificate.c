/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "http/certificate.h"

#include <string.h>
#include <strings.h>
#include "crypto/certificate.h"

/* --- one function a way of writing: 0, or -1 where there is no certificate in it --- */

static int from_pem(lk_arena_t *arena, const char *text, lk_bytes_t *ret_der)
{
    return lk_certificate_decode(arena, text, strlen(text), ret_der);
}

static int from_encoded_pem(lk_arena_t *arena, const char *text, lk_bytes_t *ret_der)
{
    const char *decoded = lk_percent_decode(arena, text, strlen(text), 0);
    return decoded != NULL ? from_pem(arena, decoded, ret_der) : -1;
}

/* The first of a list: the client's own; its issuers follow. */
static int from_list(lk_arena_t *arena, const char *text, lk_bytes_t *ret_der)
{
    const char *decoded = lk_percent_decode(arena, text, strlen(text), 0);
    return decoded != NULL ? lk_certificate_decode(arena, decoded, strcspn(decoded, ","), ret_der) : -1;
}

/* A byte sequence of structured fields (RFC 9440 section 2.1, RFC 8941 section 3.3.5). */
static int from_byte_sequence(lk_arena_t *arena, const char *text, lk_bytes_t *ret_der)
{
    size_t len = strlen(text);
    if (len < 3 || text[0] != ':' || text[len - 1] != ':' || memchr(text + 1, ':', len - 2) != NULL)
        return -1;
    return lk_certificate_decode(arena, text + 1, len - 2, ret_der);
}

/* A value of x-forwarded-client-cert, quotes undone; *at moves behind it. */
static const char *xfcc_value(lk_arena_t *arena, const char **at)
{
    const char *text = *at;
    char *value = lk_strdup(arena, text), *to = value;
    int quoted = *text == '"';
    for (text += quoted; *text != '\0' && (quoted ? *text != '"' : strchr(";,", *text) == NULL); ++text) {
        if (quoted && *text == '\\' && text[1] != '\0')
            ++text;
        *to++ = *text;
    }
    *to = '\0';
    *at = text + (quoted && *text == '"');
    return value;
}

/* Envoy's "By=..;Cert="..";Subject="..",By=..": an element a hop. The one that says who the client is must be the only one that
 * does: else anybody could have written the others. */
static int from_xfcc(lk_arena_t *arena, const char *text, lk_bytes_t *ret_der)
{
    const char *found = NULL;
    while (*text != '\0') {
        const char *name = text += strspn(text, "; ,");
        size_t len = strcspn(text, "=;,");
        text += len;
        if (*text != '=')
            continue;
        ++text;
        const char *value = xfcc_value(arena, &text);
        if (len != 4 || strncasecmp(name, "Cert", 4) != 0)
            continue;
        if (found != NULL)
            return -1;
        found = value;
    }
    return found != NULL ? from_encoded_pem(arena, found, ret_der) : -1;
}

static const lk_certificate_lookup_t lookups[] = {{"nginx", "ssl-client-cert", from_encoded_pem},
                                                  {"haproxy", "ssl_client_cert", from_pem},
                                                  {"apache", "ssl_client_cert", from_pem},
                                                  {"envoy", "x-forwarded-client-cert", from_xfcc},
                                                  {"traefik", "x-forwarded-tls-client-cert", from_list},
                                                  {"rfc9440", "client-cert", from_byte_sequence}};

const lk_certificate_lookup_t *lk_certificate_lookup(const char *provider)
{
    for (size_t i = 0; i != sizeof(lookups) / sizeof(lookups[0]); ++i)
        if (provider != NULL && strcmp(lookups[i].provider, provider) == 0)
            return &lookups[i];
    return NULL;
}

lk_bytes_t lk_certificate_from_header(const lk_request_t *req, const lk_certificate_lookup_t *lookup, const char *header)
{
    lk_bytes_t der = {NULL, 0}, none = der;
    const char *text = lk_request_header(req, header);
    if (text == NULL || *text == '\0' || lk_pairs_count(&req->headers, header) != 1 || lookup->read(req->arena, text, &der) != 0)
        return none;
    return der;
}
