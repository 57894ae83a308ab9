/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_T_FUZZ_H
#define LK_T_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include "core/arena.h"

/* A target: takes any bytes, returns 0. Links with driver.c (replay and mutate the corpus) or libFuzzer. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What must always hold; a breach is found as a crash. */
#define LK_FUZZ_CHECK(condition)                                                                                                   \
    do {                                                                                                                           \
        if (!(condition)) {                                                                                                        \
            fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition);                                         \
            abort();                                                                                                               \
        }                                                                                                                          \
    } while (0)

/* The bytes as a C string; exactly as long as they are, so that reading past them is seen. */
static inline char *lk_fuzz_text(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);

    if (text == NULL)
        abort();
    for (size_t i = 0; i != size; ++i)
        text[i] = (char)data[i];
    text[size] = '\0';
    return text;
}

#endif
