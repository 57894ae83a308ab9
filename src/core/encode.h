/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_CORE_ENCODE_H
#define LK_CORE_ENCODE_H

#include <stddef.h>
#include "core/arena.h"

/* Bytes with a length, for what may hold NUL. */
typedef struct st_lk_bytes_t {
    const unsigned char *base;
    size_t len;
} lk_bytes_t;

/* base64url without padding (RFC 4648 section 5), in the arena. */
char *lk_base64url(lk_arena_t *arena, const void *bytes, size_t len);
/* Standard base64 with padding. */
char *lk_base64(lk_arena_t *arena, const void *bytes, size_t len);
/* Both alphabets, padding optional. Returns 0, or -1 where a character is none of base64 or the length is impossible. The result is
 * followed by a NUL that does not count. */
int lk_base64_decode(lk_arena_t *arena, const char *text, size_t len, lk_bytes_t *ret_bytes);
char *lk_hex(lk_arena_t *arena, const void *bytes, size_t len);
/* Decodes %XX (and + as space where `form`). Returns NULL for a broken escape or a NUL; invalid UTF-8 becomes U+FFFD. */
char *lk_percent_decode(lk_arena_t *arena, const char *text, size_t len, int form);
/* 1 where `word` is among the words, which are separated by spaces: a scope, a prompt. `words` may be NULL. */
int lk_has_word(const char *words, const char *word);
/* Walks such words: *at goes to the next, *len is its length, and 0 to begin with. 0 behind the last; *at may be NULL. */
int lk_word_next(const char **at, size_t *len);
/* The same of "a, b,c". */
int lk_has_item(const char *items, const char *item);
/* 1 where the text is valid UTF-8. */
int lk_utf8_valid(const char *text, size_t len);
/* Characters of valid UTF-8, not bytes. */
size_t lk_utf8_length(const char *text);
/* Lower case of ASCII and of Latin-1, Greek and Cyrillic letters in UTF-8, as user names and e-mail addresses are stored. */
char *lk_utf8_lower(lk_arena_t *arena, const char *text);

#endif
