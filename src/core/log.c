/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>
#include "core/arena.h"
#include "core/buffer.h"
#include "core/log.h"
#include "core/time.h"

#define MAX_LINE 16384

static const char *const names[] = {"TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL", "OFF"};
static _Atomic int threshold = LK_LOG_INFO;
static lk_log_format_t line_format = LK_LOG_DEFAULT;

void lk_log_init(lk_log_level_t level, lk_log_format_t format)
{
    atomic_store(&threshold, (int)level);
    line_format = format;
}

int lk_log_level_parse(const char *name, lk_log_level_t *ret_level)
{
    for (int i = LK_LOG_TRACE; i <= LK_LOG_OFF; ++i)
        if (strcasecmp(names[i], name) == 0 || (i == LK_LOG_WARN && strcasecmp(name, "warning") == 0) ||
            (i == LK_LOG_TRACE && strcasecmp(name, "all") == 0)) {
            *ret_level = (lk_log_level_t)i;
            return 0;
        }
    return -1;
}

int lk_log_enabled(lk_log_level_t level)
{
    return (int)level >= atomic_load_explicit(&threshold, memory_order_relaxed);
}

static void put_time(lk_buffer_t *line, const char *format, char separator)
{
    int64_t now = lk_now_ms();
    time_t seconds = (time_t)(now / 1000);
    struct tm tm;
    char text[32];
    gmtime_r(&seconds, &tm);
    strftime(text, sizeof(text), format, &tm);
    lk_buffer_printf(line, "%s%c%03d", text, separator, (int)(now % 1000));
}

static void put_default(lk_buffer_t *line, lk_log_level_t level, const char *category, const char *trace_id, const char *text)
{
    put_time(line, "%Y-%m-%d %H:%M:%S", ',');
    lk_buffer_printf(line, " %-5s [%s] ", names[level], category);
    if (trace_id != NULL)
        lk_buffer_printf(line, "(%s) ", trace_id);
    for (; *text != '\0'; ++text) /* one event, one line: nobody writes lines of their own into the log */
        if ((unsigned char)*text < 0x20)
            lk_buffer_printf(line, "\\x%02x", (unsigned char)*text);
        else
            lk_buffer_putc(line, *text);
}

static void put_json(lk_buffer_t *line, lk_log_level_t level, const char *category, const char *trace_id, const char *text)
{
    lk_buffer_puts(line, "{\"timestamp\":\"");
    put_time(line, "%Y-%m-%dT%H:%M:%S", '.');
    lk_buffer_printf(line, "Z\",\"level\":\"%s\",\"loggerName\":", names[level]);
    lk_buffer_json_string(line, category);
    lk_buffer_puts(line, ",\"message\":");
    lk_buffer_json_string(line, text);
    if (trace_id != NULL) {
        lk_buffer_puts(line, ",\"traceId\":");
        lk_buffer_json_string(line, trace_id);
    }
    lk_buffer_putc(line, '}');
}

void lk_log(lk_log_level_t level, const char *category, const char *trace_id, const char *format, ...)
{
    if (!lk_log_enabled(level))
        return;
    lk_arena_t *arena = lk_arena_create("log line");
    lk_buffer_t line;
    va_list args;
    lk_buffer_init(&line, arena, MAX_LINE);
    va_start(args, format);
    const char *text = lk_vprintf(arena, format, args);
    va_end(args);
    (line_format == LK_LOG_JSON ? put_json : put_default)(&line, level, category, trace_id, text);
    if (line.overflow)
        lk_buffer_init(&line, arena, MAX_LINE), lk_buffer_puts(&line, "(a log line was too long)");
    lk_buffer_putc(&line, '\n');
    ssize_t written = write(STDOUT_FILENO, line.base, line.len);
    (void)written; /* nobody to tell */
    lk_arena_destroy(&arena);
}
