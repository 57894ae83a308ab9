/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_CRYPTO_KEYSTORE_H
#define LK_CRYPTO_KEYSTORE_H

#include "core/arena.h"
#include "core/error.h"

/* Files of certificates and keys that operators mount: PEM, or PKCS12 as Java's keytool makes it. What a file is, its content
 * tells. */
typedef struct st_lk_keystore_t {
    int is_pem;               /* the file itself; otherwise the texts below were made of it */
    const char *certificates; /* PEM, one behind the other, the key's own first */
    const char *key;          /* PEM, or NULL where there is none; for a PEM file the same text */
} lk_keystore_t;

#define LK_KEYSTORE_MAX_BYTES (1024 * 1024)

/* In the arena, which wipes it. `password` may be NULL. LK_INVALID says what is wrong with which file. */
lk_status_t lk_keystore_read(lk_arena_t *arena, const char *path, const char *password, lk_keystore_t *ret_keystore,
                             lk_error_t *err);
/* The file of roots that the system trusts, or NULL where there is none. */
const char *lk_keystore_system_roots(void);

#endif
