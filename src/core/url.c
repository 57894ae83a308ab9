/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "core/url.h"

#include <string.h>

/* Of the authority: browsers take a backslash for a slash. */
#define ENDS "/?#\\"

size_t lk_url_origin(const char *url)
{
    const char *authority = strstr(url, "://");
    return authority == NULL ? 0 : (size_t)(authority + 3 - url) + strcspn(authority + 3, ENDS);
}

const char *lk_url_host(const char *url, size_t *ret_len)
{
    const char *authority = strstr(url, "://");
    if (authority == NULL)
        return NULL;
    const char *host = authority + 3, *end = url + lk_url_origin(url), *user;
    while ((user = memchr(host, '@', (size_t)(end - host))) != NULL)
        host = user + 1;
    *ret_len = *host == '[' ? strcspn(host, "]" ENDS) : strcspn(host, ":" ENDS);
    *ret_len += host[*ret_len] == ']';
    return *ret_len != 0 ? host : NULL;
}
