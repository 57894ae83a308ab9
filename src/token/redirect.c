/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <string.h>
#include "core/encode.h"
#include "model/client_keys.h"
#include "token/token.h"

/* Where browsers may be sent, and which origins may read answers. */

#define MAX_URIS 200

/* Where the authority of a hierarchical URI begins; NULL where there is none ("com.example.app:/callback"). */
static const char *authority_of(const char *uri)
{
    size_t scheme = strcspn(uri, ":/?#");
    return strncmp(uri + scheme, "://", 3) == 0 ? uri + scheme + 3 : NULL;
}

/* "." and ".." between slashes, or what a server behind may take for them: "..;x". */
static int has_dot_segment(const char *path, size_t len)
{
    for (size_t i = 0; i < len; ++i) {
        if (path[i] != '/' && path[i] != '\\')
            continue;
        size_t dots = strspn(path + i + 1, "."), end = i + 1 + dots;
        if ((dots == 1 || dots == 2) && (end >= len || strchr("/\\;", path[end]) != NULL))
            return 1;
    }
    return 0;
}

/* As often as servers on the way may decode it; what is still escaped then was made to deceive. */
#define MAX_DECODINGS 5

/* The path as it stands, and as it would be after each decoding. */
static int is_path_suspicious(lk_arena_t *arena, const char *path, size_t len)
{
    for (int i = 0; i != MAX_DECODINGS; ++i) {
        if (has_dot_segment(path, len))
            return 1;
        path = memchr(path, '%', len) != NULL ? lk_percent_decode(arena, path, len, 0) : NULL;
        if (path == NULL)
            return 0;
        len = strlen(path);
    }
    return 1;
}

/* A URI with parts that a registered pattern could be tricked by is none of the client's: user info, control characters, what no
 * URI is written with (RFC 3986 section 2), dot segments (plain or escaped). Nor is one without a scheme. */
static int is_suspicious(lk_arena_t *arena, const char *uri)
{
    const char *authority = authority_of(uri);
    size_t scheme = strcspn(uri, ":/?#");
    for (const char *c = uri; *c != '\0'; ++c)
        if ((unsigned char)*c <= 0x20 || strchr("\\\"<>^`{}|\x7f", *c) != NULL ||
            (*c == '%' && !(isxdigit((unsigned char)c[1]) && isxdigit((unsigned char)c[2]))))
            return 1;
    if (scheme == 0 || uri[scheme] != ':')
        return 1;
    if (authority == NULL)
        authority = uri + scheme + 1;
    size_t authority_len = strcspn(authority, "/?#");
    if (memchr(authority, '@', authority_len) != NULL)
        return 1;
    const char *path = authority + authority_len;
    return is_path_suspicious(arena, path, strcspn(path, "?#"));
}

static int is_http(const char *uri)
{
    return strncmp(uri, "http://", 7) == 0 || strncmp(uri, "https://", 8) == 0;
}

/* A trailing * takes what follows, but leaves a host whole: https://a.test* lets neither https://a.test.evil nor https://a.test:1
 * in. A * alone is for the web only: no javascript: or data:. */
static int matches(const char *pattern, const char *uri)
{
    size_t len = strlen(pattern);
    if (len == 0 || pattern[len - 1] != '*' || strchr(pattern, '?') != NULL)
        return strcmp(pattern, uri) == 0;
    if (--len == 0)
        return is_http(uri);
    size_t without_slash = pattern[len - 1] == '/' ? len - 1 : len;
    if (strncmp(pattern, uri, len) == 0) {
        const char *authority = authority_of(pattern);
        size_t authority_len = authority != NULL ? strcspn(authority, "/?#*") : 0;
        int ends_in_host = authority_len != 0 && authority + authority_len == pattern + len;
        return !ends_in_host || strchr("/?#", uri[len]) != NULL; /* the NUL at the end counts too */
    }
    return without_slash != len && strcspn(uri, "?#") == without_slash && strncmp(pattern, uri, without_slash) == 0;
}

/* RFC 8252 section 7.3: a native client's loopback redirect may use any port. */
static const char *without_loopback_port(lk_arena_t *arena, const char *uri)
{
    static const char *const hosts[] = {"http://127.0.0.1:", "http://localhost:", "http://[::1]:"};
    for (size_t i = 0; i != 3; ++i) {
        size_t len = strlen(hosts[i]);
        if (strncmp(uri, hosts[i], len) != 0)
            continue;
        size_t digits = strspn(uri + len, "0123456789");
        return digits == 0 ? uri : lk_printf(arena, "%.*s%s", (int)len - 1, uri, uri + len + digits);
    }
    return uri;
}

static int is_registered(lk_arena_t *arena, const lk_request_t *req, const lk_client_t *client, const lk_strings_t *registered,
                         const char *uri)
{
    const char *portless = without_loopback_port(arena, uri);
    for (size_t i = 0; i != registered->count; ++i) {
        const char *pattern = lk_client_url(arena, req, client, registered->entries[i]);
        if (matches(pattern, uri) || (portless != uri && matches(pattern, portless)))
            return 1;
    }
    return 0;
}

const char *lk_redirect_uri_check(lk_arena_t *arena, const lk_request_t *req, const lk_client_t *client, const char *uri)
{
    if (uri == NULL || is_suspicious(arena, uri))
        return NULL;
    return is_registered(arena, req, client, &client->redirect_uris, uri) ? uri : NULL;
}

const char *lk_redirect_uri_only(lk_arena_t *arena, const lk_request_t *req, const lk_client_t *client)
{
    if (client->redirect_uris.count != 1)
        return NULL;
    const char *uri = lk_client_url(arena, req, client, client->redirect_uris.entries[0]), *open_end = strstr(uri, "/*");
    return open_end != NULL ? lk_strndup(arena, uri, (size_t)(open_end - uri)) : uri;
}

lk_strings_t lk_uris_of_attribute(lk_arena_t *arena, const char *text)
{
    const char **entries = LK_NEW_ARRAY(arena, const char *, MAX_URIS);
    size_t count = 0;
    while (text != NULL && *text != '\0' && count != MAX_URIS) {
        const char *end = strstr(text, "##");
        entries[count++] = end != NULL ? lk_strndup(arena, text, (size_t)(end - text)) : text;
        text = end != NULL ? end + 2 : NULL;
    }
    return (lk_strings_t){entries, count};
}

const char *lk_post_logout_uri_check(lk_arena_t *arena, const lk_request_t *req, const lk_client_t *client, const char *uri)
{
    const char *attribute = lk_client_attribute(client, "post.logout.redirect.uris", "+");
    if (is_suspicious(arena, uri) || strcmp(attribute, "-") == 0)
        return NULL;
    lk_strings_t registered = lk_uris_of_attribute(arena, attribute);
    for (size_t i = 0; i != registered.count; ++i)
        if (strcmp(registered.entries[i], "+") == 0 && is_registered(arena, req, client, &client->redirect_uris, uri))
            return uri;
    return is_registered(arena, req, client, &registered, uri) ? uri : NULL;
}

const char *lk_request_uri_check(lk_arena_t *arena, const lk_request_t *req, const lk_client_t *client, const char *uri)
{
    lk_strings_t registered = lk_uris_of_attribute(arena, lk_client_attribute(client, "request.uris", ""));
    return !is_suspicious(arena, uri) && is_http(uri) && is_registered(arena, req, client, &registered, uri) ? uri : NULL;
}

/* "https://host:port" of a web address; NULL for anything else. */
static const char *origin_of(lk_arena_t *arena, const char *uri)
{
    size_t scheme = strncmp(uri, "https://", 8) == 0 ? 8 : strncmp(uri, "http://", 7) == 0 ? 7 : 0;
    return scheme == 0 ? NULL : lk_strndup(arena, uri, scheme + strcspn(uri + scheme, "/?#*"));
}

lk_strings_t lk_client_web_origins(lk_arena_t *arena, const lk_request_t *req, const lk_client_t *client)
{
    const char **origins = LK_NEW_ARRAY(arena, const char *, client->web_origins.count + client->redirect_uris.count + 1);
    lk_strings_t found = {origins, 0};
    for (size_t i = 0; i != client->web_origins.count; ++i) {
        const char *origin = client->web_origins.entries[i];
        if (strcmp(origin, "+") != 0) {
            if (!lk_strings_contain(&found, origin))
                origins[found.count++] = origin;
            continue;
        }
        for (size_t j = 0; j != client->redirect_uris.count; ++j) {
            origin = origin_of(arena, lk_client_url(arena, req, client, client->redirect_uris.entries[j]));
            if (origin != NULL && !lk_strings_contain(&found, origin) &&
                found.count < client->web_origins.count + client->redirect_uris.count)
                origins[found.count++] = origin;
        }
    }
    return found;
}
