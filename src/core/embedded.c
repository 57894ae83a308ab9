/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/embedded.h"

const lk_bytes_t *lk_embedded_find(const char *path)
{
    for (const lk_embedded_t *file = lk_embedded; file->path != NULL; ++file)
        if (strcmp(file->path, path) == 0)
            return &file->bytes;
    return NULL;
}
