/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_CORE_ERROR_H
#define LK_CORE_ERROR_H

#include <stdarg.h>

/* What a function says about its outcome; 0 is success. The kind decides the HTTP status unless the error names one. */
typedef enum en_lk_status_t {
    LK_OK = 0,
    LK_INVALID,         /* the caller's input is wrong: 400 */
    LK_DENIED,          /* the caller may not: 401 or 403 */
    LK_NOT_FOUND,       /* 404 */
    LK_CONFLICT,        /* it exists already, or changed meanwhile: 409 */
    LK_UNAVAILABLE,     /* database or upstream away, or a queue is full: 503; nothing was done */
    LK_WRITE_UNCERTAIN, /* the connection died after COMMIT was sent: done or not, nobody knows: 503 */
    LK_INTERNAL,        /* a bug or a broken installation: 500 */
    LK_ELSEWHERE        /* nothing was done: a call to another server is due, for which the request moves to the outbound lane */
} lk_status_t;

/* Why something failed. `text` is safe for the client; `detail` is for the log alone; neither may hold a secret. */
typedef struct st_lk_error_t {
    lk_status_t kind;
    int http_status;  /* 0: that of the kind */
    char code[64];    /* OAuth error code ("invalid_grant"), or "" */
    char text[512];   /* OAuth error_description, Keycloak's errorMessage, or "" */
    char detail[512]; /* for the log */
    const char *file;
    int line;
    const char *function;
} lk_error_t;

/* Fills *err (err may be NULL) and returns `kind`, so that a failing path is one line: return lk_fail(err, LK_INVALID, ...);
 * `code` may be NULL; `format` may be NULL for "no description". */
#define lk_fail(err, kind, code, ...) lk_error_set((err), __FILE__, __LINE__, __func__, (kind), 0, (code), __VA_ARGS__)
/* The same with an explicit HTTP status. */
#define lk_fail_http(err, kind, status, code, ...)                                                                                 \
    lk_error_set((err), __FILE__, __LINE__, __func__, (kind), (status), (code), __VA_ARGS__)

lk_status_t lk_error_set(lk_error_t *err, const char *file, int line, const char *function, lk_status_t kind, int http_status,
                         const char *code, const char *format, ...) __attribute__((format(printf, 8, 9)));
/* Adds what only the log may know; keeps an earlier detail in front. Returns err->kind. */
lk_status_t lk_error_detail(lk_error_t *err, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The HTTP status that an error answers with. */
int lk_error_http_status(const lk_error_t *err);
const char *lk_status_name(lk_status_t kind);

#endif
