/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_STORE_TLS_H
#define LK_STORE_TLS_H

#include "store/store.h"

/* Inside the room: the TLS of database connections, which libpq makes by itself. */

/* One attempt to connect, on one thread: what its TLS may, and which certificate failed. */
typedef struct st_lk_tls_watch_t {
    int allow_sha1;
    char failure[600]; /* "" where no certificate failed */
} lk_tls_watch_t;
/* Between the two calls every TLS context that this thread makes is watched. The watch must outlive them. */
void lk_tls_watch_begin(lk_tls_watch_t *watch);
void lk_tls_watch_end(void);

/* What libpq is to read for one attempt: files as they are now, those that are no PEM turned into it in memory. */
typedef struct st_lk_tls_files_t {
    int trust_fd, certificate_fd, key_fd; /* -1: none */
    char trust[48], certificate[48], key[48];
    const char *trust_path; /* NULL: libpq's own rules */
} lk_tls_files_t;
lk_status_t lk_tls_files_open(lk_arena_t *arena, const lk_store_tls_t *tls, lk_tls_files_t *ret_files, lk_error_t *err);
void lk_tls_files_close(lk_tls_files_t *files);

#endif
