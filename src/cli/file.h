/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_CLI_FILE_H
#define LK_CLI_FILE_H

#include "core/encode.h"
#include "core/error.h"

/* The whole file ("-": standard input), followed by a NUL that does not count. */
lk_status_t lk_file_read(lk_arena_t *arena, const char *path, size_t max, lk_bytes_t *ret_text, lk_error_t *err);
/* Replaces the file at once by one that its owner alone can read; makes the folder where it is missing. */
lk_status_t lk_file_write_private(lk_arena_t *arena, const char *path, const char *text, lk_error_t *err);

#endif
