/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_CORE_MULTIPART_H
#define LK_CORE_MULTIPART_H

#include "core/request.h"

#define LK_MAX_PARTS 16

/* A body of type multipart/form-data (RFC 7578). */
typedef struct st_lk_part_t {
    const char *name;
    lk_bytes_t content; /* of the request's body, not copied */
} lk_part_t;

typedef struct st_lk_parts_t {
    lk_part_t parts[LK_MAX_PARTS];
    size_t count;
} lk_parts_t;

/* -1 where the type is another one, the body is malformed, or there are too many parts. */
int lk_multipart_parse(lk_arena_t *arena, const char *content_type, lk_bytes_t body, lk_parts_t *ret_parts);
/* NULL where there is none of that name. */
const lk_part_t *lk_part_find(const lk_parts_t *parts, const char *name);
/* Its content as text without blanks around it; NULL where it is missing. */
const char *lk_part_text(lk_arena_t *arena, const lk_parts_t *parts, const char *name);

#endif
