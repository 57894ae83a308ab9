/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_MODEL_KEY_FILE_H
#define LK_MODEL_KEY_FILE_H

#include <sys/stat.h>
#include "core/arena.h"
#include "core/error.h"

/* Keys of realms that lie in files: `privateKeyFile` of the key providers rsa and rsa-enc, a path below the realm's own folder in
 * the folder that the operator opened for that (option keys-dir). What leads out of it is refused, so that an administrator of a
 * realm reaches neither other files nor another realm's keys. */

/* A file as it was when it was read; a list that hangs off a snapshot. */
typedef struct st_lk_key_file_t {
    struct st_lk_key_file_t *next;
    const char *path; /* where it is looked for again */
    struct stat was;  /* all zero: there was none that could be read */
} lk_key_file_t;

typedef struct st_lk_key_file_text_t {
    const char *key;         /* PEM */
    const char *certificate; /* PEM, or NULL where there is none in the file */
} lk_key_file_text_t;

/* Where the file is looked for. `keys_dir` NULL: none is allowed. LK_INVALID with a text for the administrator. */
lk_status_t lk_key_file_path(lk_arena_t *arena, const char *keys_dir, const char *realm_name, const char *name,
                             const char **ret_path, lk_error_t *err);
/* Reads it, in the arena, which wipes it. LK_INVALID says what is wrong, and nothing of what is in it. */
lk_status_t lk_key_file_read(lk_arena_t *arena, const char *keys_dir, const char *realm_name, const char *path,
                             lk_key_file_text_t *ret_text, struct stat *ret_stat, lk_error_t *err);
/* 1 where another file is there now than was read. */
int lk_key_file_changed(const lk_key_file_t *file);

#endif
