/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_CORE_PACK_H
#define LK_CORE_PACK_H

#include <stddef.h>
#include <jansson.h>

/* A struct as a JSON object with short names and back, by a table of its members: what travels sealed or is put away for a moment.
 * Members that are NULL or 0 are left out. */
typedef enum en_lk_pack_kind_t {
    LK_PACK_TEXT,   /* const char * */
    LK_PACK_NUMBER, /* int64_t; always written */
    LK_PACK_FLAG,   /* int */
    LK_PACK_JSON    /* json_t * */
} lk_pack_kind_t;

typedef struct st_lk_pack_t {
    const char *key;
    lk_pack_kind_t kind;
    size_t offset;
    unsigned groups; /* bits: which halves of the struct it belongs to */
} lk_pack_t;

/* Members of any of the groups. New reference. */
json_t *lk_pack(const lk_pack_t *table, size_t count, unsigned groups, const void *object);
/* Reads them back; what is missing becomes NULL or 0. Text and JSON are borrowed from `value`. */
void lk_unpack(const lk_pack_t *table, size_t count, unsigned groups, void *object, const json_t *value);

#endif
