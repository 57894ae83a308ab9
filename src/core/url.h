/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_CORE_URL_H
#define LK_CORE_URL_H

#include <stddef.h>

/* Parts of absolute web addresses, found in place (RFC 3986 section 3). */

/* Length of "scheme://host:port", with which `url` begins; 0 where it is not absolute. */
size_t lk_url_origin(const char *url);
/* The host alone, an IPv6 address with its brackets; NULL where there is none. */
const char *lk_url_host(const char *url, size_t *ret_len);

#endif
