/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_CRYPTO_CBOR_H
#define LK_CRYPTO_CBOR_H

#include <stdint.h>
#include "core/encode.h"

/* CBOR (RFC 8949) as authenticators write it (CTAP2's canonical form): definite lengths in their shortest form, no tags, no floats,
 * maps whose keys are integers or texts and differ. Anything else is refused. Nothing is copied. */

#define LK_CBOR_MAX_DEPTH 4
#define LK_CBOR_MAX_ITEMS 64 /* of one array or map */

typedef enum en_lk_cbor_kind_t {
    LK_CBOR_UNSIGNED,
    LK_CBOR_NEGATIVE,
    LK_CBOR_BYTES,
    LK_CBOR_TEXT,
    LK_CBOR_ARRAY,
    LK_CBOR_MAP,
    LK_CBOR_SIMPLE = 7 /* false, true, null */
} lk_cbor_kind_t;

typedef struct st_lk_cbor_t {
    lk_cbor_kind_t kind;
    uint64_t number;  /* the number; -1 minus it where negative; items of an array, pairs of a map; 20 false, 21 true, 22 null */
    lk_bytes_t bytes; /* of bytes and text; the encoded items of an array or map */
} lk_cbor_t;

/* Reads one item, all of it, from the beginning; *ret_used bytes. 0, or -1. */
int lk_cbor_read(lk_bytes_t input, lk_cbor_t *ret_item, size_t *ret_used);
/* The value of a key in a map that lk_cbor_read has read. 1 where it is there and of that kind. */
int lk_cbor_get(const lk_cbor_t *map, const char *key, lk_cbor_kind_t kind, lk_cbor_t *ret_value);
int lk_cbor_get_number(const lk_cbor_t *map, int64_t key, lk_cbor_kind_t kind, lk_cbor_t *ret_value);
/* The same for integers of either sign; 0 where there is none, or it is beyond 32 bits. */
int lk_cbor_get_integer(const lk_cbor_t *map, const char *key, int64_t number_key, int64_t *ret_value);
/* The item of that index of an array; 1 where there is one of that kind. */
int lk_cbor_at(const lk_cbor_t *array, uint64_t index, lk_cbor_kind_t kind, lk_cbor_t *ret_value);

#endif
