/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_CORE_LOG_H
#define LK_CORE_LOG_H

#include "core/error.h"

typedef enum en_lk_log_level_t {
    LK_LOG_TRACE,
    LK_LOG_DEBUG,
    LK_LOG_INFO,
    LK_LOG_WARN,
    LK_LOG_ERROR,
    LK_LOG_FATAL,
    LK_LOG_OFF
} lk_log_level_t;
typedef enum en_lk_log_format_t { LK_LOG_DEFAULT, LK_LOG_JSON } lk_log_format_t;

/* Process-wide, set once before threads start (level again at SIGHUP). Lines go to standard output, each in one write(). Only http/
 * and command/ call these: every other room returns an lk_error_t or is given a lk_notice_t to call. */
void lk_log_init(lk_log_level_t level, lk_log_format_t format);
int lk_log_level_parse(const char *name, lk_log_level_t *ret_level);
int lk_log_enabled(lk_log_level_t level);
/* `category` as in Keycloak's: "latchkey.http". `trace_id` may be NULL. */
void lk_log(lk_log_level_t level, const char *category, const char *trace_id, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* How rooms below report what happens outside any request (connection lost, reconnected, migration run). */
typedef void (*lk_notice_t)(lk_log_level_t level, const char *category, const char *text);

#endif
