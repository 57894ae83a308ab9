/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_CORE_JSON_PLAIN_H
#define LK_CORE_JSON_PLAIN_H

#include <jansson.h>

/* What is written plainly, as nearly all is that a request reads: text without escapes, whole numbers, no great depth. It gives
 * what jansson gives, in half the time. NULL for anything else, and for what is wrong: jansson reads that, and says what is wrong.
 * New reference. */
json_t *lk_json_plain(const char *text, size_t len);

#endif
