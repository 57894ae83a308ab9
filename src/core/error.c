/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include "core/error.h"

static const struct {
    const char *name;
    int http_status;
} kinds[] = {[LK_OK] = {"ok", 200},
             [LK_INVALID] = {"invalid", 400},
             [LK_DENIED] = {"denied", 401},
             [LK_NOT_FOUND] = {"not-found", 404},
             [LK_CONFLICT] = {"conflict", 409},
             [LK_UNAVAILABLE] = {"unavailable", 503},
             [LK_WRITE_UNCERTAIN] = {"write-uncertain", 503},
             [LK_INTERNAL] = {"internal", 500},
             [LK_ELSEWHERE] = {"elsewhere", 503}};

lk_status_t lk_error_set(lk_error_t *err, const char *file, int line, const char *function, lk_status_t kind, int http_status,
                         const char *code, const char *format, ...)
{
    if (err == NULL)
        return kind;
    memset(err, 0, sizeof(*err));
    err->kind = kind;
    err->http_status = http_status;
    err->file = file;
    err->line = line;
    err->function = function;
    if (code != NULL)
        snprintf(err->code, sizeof(err->code), "%s", code);
    if (format != NULL) {
        va_list args;
        va_start(args, format);
        vsnprintf(err->text, sizeof(err->text), format, args);
        va_end(args);
    }
    return kind;
}

lk_status_t lk_error_detail(lk_error_t *err, const char *format, ...)
{
    if (err == NULL)
        return LK_INTERNAL;
    size_t len = strlen(err->detail);
    if (len != 0 && len + 3 < sizeof(err->detail))
        len += (size_t)snprintf(err->detail + len, sizeof(err->detail) - len, "; ");
    va_list args;
    va_start(args, format);
    vsnprintf(err->detail + len, sizeof(err->detail) - len, format, args);
    va_end(args);
    return err->kind;
}

int lk_error_http_status(const lk_error_t *err)
{
    return err->http_status != 0 ? err->http_status : kinds[err->kind].http_status;
}

const char *lk_status_name(lk_status_t kind)
{
    return kinds[kind].name;
}
