/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_CORE_FETCH_H
#define LK_CORE_FETCH_H

#include "core/encode.h"
#include "core/error.h"

/* One HTTP call to another server, by libcurl, with the thread's traceparent. Blocks its caller: the outbound lane. Connections are
 * kept and used again. No redirects are followed, certificates are checked, and both time and size are bounded. */
typedef struct st_lk_fetch_t {
    const char *url;         /* http or https */
    const char *form;        /* a body of application/x-www-form-urlencoded: the call is a POST; NULL: a GET */
    const char *json;        /* a body of application/json: a POST too */
    const lk_bytes_t *bytes; /* a body of content_type: a POST too */
    const char *content_type;
    const char *authorization; /* the header's value, or NULL */
    const char *accept;        /* NULL: application/json */
    const char *method;        /* NULL: GET, or POST with a body */
    const char *const *lines;  /* further headers, "name: value", up to a NULL; or NULL */
    int unchecked;             /* the server's certificate is not looked at: for a person who asked for that */
    long timeout_ms;           /* of the whole call; 0: LK_FETCH_TIMEOUT_MS */
    size_t max_bytes;          /* of the answer's body; 0: LK_FETCH_MAX_BYTES */
} lk_fetch_t;
#define LK_FETCH_TIMEOUT_MS 15000
#define LK_FETCH_CONNECT_MS 5000
#define LK_FETCH_MAX_BYTES (1024 * 1024)

typedef struct st_lk_fetched_t {
    long status;
    const char *content_type; /* lower case, without parameters; "" where there is none */
    lk_bytes_t body;          /* followed by a NUL that does not count */
    const char *head;         /* status line and headers, as they came */
    long server_skew;         /* seconds that the other's clock is ahead, by its Date; 0 where it says none */
} lk_fetched_t;

/* Before the first call, once: certificates to trust in place of the system's (PEM, lives as long as the process), or NULL. */
void lk_fetch_init(const char *roots);
/* What it was given. */
const char *lk_fetch_roots(void);
/* Makes another handle of libcurl (a CURL *) trust the same certificates. */
void lk_fetch_trust(void *curl);
/* Any answer is LK_OK, whatever its status. LK_UNAVAILABLE where there is none, or where it is larger than max_bytes; the detail
 * says why. */
lk_status_t lk_fetch(lk_arena_t *arena, const lk_fetch_t *fetch, lk_fetched_t *ret_fetched, lk_error_t *err);

#endif
