/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_CORE_EMBEDDED_H
#define LK_CORE_EMBEDDED_H

#include "core/encode.h"

/* Files compiled into the program: "conf/realm-defaults.json", "themes/base/login/login.xhtml", ... A NUL that does not count
 * follows each. */
typedef struct st_lk_embedded_t {
    const char *path;
    lk_bytes_t bytes;
} lk_embedded_t;
extern const lk_embedded_t lk_embedded[]; /* ends with path NULL */
/* NULL where there is no such file. */
const lk_bytes_t *lk_embedded_find(const char *path);

#endif
