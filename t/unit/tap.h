/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_T_TAP_H
#define LK_T_TAP_H

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Test Anything Protocol: ok(condition, "what is true"), is_str, is_int; end main with `return tap_done();`. */
static int tap_count, tap_failed;

static inline int tap_ok(int condition, const char *file, int line, const char *format, ...)
{
    va_list args;
    printf("%sok %d - ", condition ? "" : "not ", ++tap_count);
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    printf("\n");
    if (!condition) {
        ++tap_failed;
        printf("# failed at %s:%d\n", file, line);
    }
    fflush(stdout);
    return condition;
}
#define ok(condition, ...) tap_ok((condition) ? 1 : 0, __FILE__, __LINE__, __VA_ARGS__)

static inline void tap_is_str(const char *got, const char *expected, const char *file, int line, const char *name)
{
    int same = got == NULL || expected == NULL ? got == expected : strcmp(got, expected) == 0;
    if (!tap_ok(same, file, line, "%s", name))
        printf("# got:      %s\n# expected: %s\n", got == NULL ? "(null)" : got, expected == NULL ? "(null)" : expected);
}
#define is_str(got, expected, name) tap_is_str((got), (expected), __FILE__, __LINE__, (name))

static inline void tap_is_int(long long got, long long expected, const char *file, int line, const char *name)
{
    if (!tap_ok(got == expected, file, line, "%s", name))
        printf("# got: %lld, expected: %lld\n", got, expected);
}
#define is_int(got, expected, name) tap_is_int((long long)(got), (long long)(expected), __FILE__, __LINE__, (name))

static inline int tap_done(void)
{
    printf("1..%d\n", tap_count);
    return tap_failed != 0;
}

#endif
