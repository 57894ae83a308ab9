/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memmem */
#endif
#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "http/origin.h"

#define MAX_HOST 255
#define MAX_NETWORKS 256

/* An address as IPv6 (IPv4 is mapped), with the number of leading bits that count. */
typedef struct st_network_t {
    struct in6_addr address;
    unsigned bits;
} network_t;

/* Scheme, host and port; port 0 is the scheme's own. */
typedef struct st_place_t {
    const char *scheme, *host;
    int port;
} place_t;

struct st_lk_origin_rules_t {
    lk_proxy_headers_t proxy_headers;
    int limits_proxies; /* only `networks` may say */
    network_t networks[MAX_NETWORKS];
    size_t num_networks;
    const char *base_path;              /* of the listener */
    const char *fixed_url, *fixed_path; /* hostname is a whole URL, or NULL */
    int fixed_https;
    int own_is_dynamic;
    const char *fixed_host; /* hostname is a name alone, or NULL */
};

/* --- addresses --- */

static int parse_address(const char *text, struct in6_addr *ret_address, int *ret_is_v4)
{
    struct in_addr v4;
    if (inet_pton(AF_INET, text, &v4) == 1) {
        memset(ret_address, 0, 10);
        memset(ret_address->s6_addr + 10, 0xff, 2);
        memcpy(ret_address->s6_addr + 12, &v4, 4);
        *ret_is_v4 = 1;
        return 0;
    }
    *ret_is_v4 = 0;
    return inet_pton(AF_INET6, text, ret_address) == 1 ? 0 : -1;
}

static int parse_network(lk_arena_t *arena, const char *text, size_t len, network_t *ret_network)
{
    char *copy = lk_strndup(arena, text, len), *slash = strchr(copy, '/');
    int is_v4;
    if (slash != NULL)
        *slash = '\0';
    if (parse_address(copy, &ret_network->address, &is_v4) != 0)
        return -1;
    long most = is_v4 ? 32 : 128, bits = most;
    if (slash != NULL) {
        char *end;
        bits = strtol(slash + 1, &end, 10);
        if (end == slash + 1 || *end != '\0' || bits < 0 || bits > most)
            return -1;
    }
    ret_network->bits = (unsigned)(is_v4 ? bits + 96 : bits);
    return 0;
}

static int lies_in(const struct in6_addr *address, const network_t *network)
{
    unsigned whole = network->bits / 8, rest = network->bits % 8;
    if (memcmp(address->s6_addr, network->address.s6_addr, whole) != 0)
        return 0;
    return rest == 0 || ((address->s6_addr[whole] ^ network->address.s6_addr[whole]) >> (8 - rest)) == 0;
}

int lk_origin_trusts(const lk_origin_rules_t *rules, const char *ip)
{
    struct in6_addr address;
    int is_v4;
    if (parse_address(ip, &address, &is_v4) != 0)
        return 0;
    for (size_t i = 0; i < rules->num_networks; ++i)
        if (lies_in(&address, rules->networks + i))
            return 1;
    return 0;
}

/* --- parts of URLs --- */

static int is_host_char(char c)
{
    return isalnum((unsigned char)c) || c == '-' || c == '.' || c == '_';
}

/* The length of a host at the beginning of `text`, 0 where there is none: a name, an IPv4 address or an IPv6 address in brackets.
 */
static size_t host_length(lk_arena_t *arena, const char *text, size_t len)
{
    size_t at = 0;
    if (len != 0 && text[0] == '[') {
        const char *end = memchr(text, ']', len);
        struct in6_addr address;
        if (end == NULL || inet_pton(AF_INET6, lk_strndup(arena, text + 1, (size_t)(end - text) - 1), &address) != 1)
            return 0;
        return (size_t)(end - text) + 1;
    }
    while (at < len && is_host_char(text[at]))
        ++at;
    return at <= MAX_HOST ? at : 0;
}

/* A decimal port; -1 where it is none. */
static int parse_port(const char *text, size_t len)
{
    int port = 0;
    if (len == 0 || len > 5)
        return -1;
    for (size_t i = 0; i < len; ++i) {
        if (text[i] < '0' || text[i] > '9')
            return -1;
        port = port * 10 + (text[i] - '0');
    }
    return port >= 1 && port <= 65535 ? port : -1;
}

/* "host" or "host:port"; *place is untouched where it is neither. */
static int parse_authority(lk_arena_t *arena, const char *text, size_t len, place_t *place)
{
    size_t host_len = host_length(arena, text, len);
    int port = 0;
    if (host_len == 0 || (host_len < len && text[host_len] != ':'))
        return -1;
    if (host_len + 1 < len && (port = parse_port(text + host_len + 1, len - host_len - 1)) == -1)
        return -1;
    place->host = lk_strndup(arena, text, host_len);
    place->port = port;
    return 0;
}

static const char *parse_scheme(const char *text, size_t len)
{
    if (len == 5 && strncasecmp(text, "https", 5) == 0)
        return "https";
    return len == 4 && strncasecmp(text, "http", 4) == 0 ? "http" : NULL;
}

/* First element of a comma-separated list, trimmed; NULL where the header is absent or the element empty. */
static const char *first_element(const lk_pairs_t *headers, const char *name, size_t *ret_len)
{
    const char *text = lk_pairs_get(headers, name);
    if (text == NULL)
        return NULL;
    text += strspn(text, " \t");
    size_t len = strcspn(text, ",");
    while (len != 0 && (text[len - 1] == ' ' || text[len - 1] == '\t'))
        --len;
    *ret_len = len;
    return len != 0 ? text : NULL;
}

/* --- what proxies say --- */

/* A numeric address out of "1.2.3.4", "1.2.3.4:80", "::1", "[::1]:80"; NULL where it is none. */
static const char *parse_node(lk_arena_t *arena, const char *text, size_t len)
{
    struct in6_addr address;
    int is_v4;
    if (len != 0 && text[0] == '[') {
        const char *end = memchr(text, ']', len);
        if (end == NULL)
            return NULL;
        len = (size_t)(end - text) - 1;
        ++text;
    } else {
        const char *colon = memchr(text, ':', len);
        if (colon != NULL && memchr(colon + 1, ':', (size_t)(text + len - colon - 1)) == NULL)
            len = (size_t)(colon - text);
    }
    char *copy = lk_strndup(arena, text, len);
    return parse_address(copy, &address, &is_v4) == 0 ? copy : NULL;
}

/* The first is the client, said Keycloak; but where the trusted proxies are known, only what they have added counts: the last
 * address that is not one of theirs. */
static const char *client_of_list(const lk_origin_rules_t *rules, lk_arena_t *arena, const char *list, const char *peer)
{
    const char *client = peer, *end = list + strlen(list);
    if (!rules->limits_proxies) {
        const char *first = parse_node(arena, list + strspn(list, " \t"), strcspn(list + strspn(list, " \t"), ", \t"));
        return first != NULL ? first : peer;
    }
    while (end > list) {
        const char *from = end;
        while (from > list && from[-1] != ',')
            --from;
        const char *text = from + strspn(from, " \t");
        const char *node = text < end ? parse_node(arena, text, strcspn(text, ", \t")) : NULL;
        if (node == NULL)
            break;
        client = node;
        if (!lk_origin_trusts(rules, node))
            break;
        end = from > list ? from - 1 : list;
    }
    return client;
}

/* A prefix becomes part of URLs, of pages and of cookies' paths: nothing in it may end any of these. */
static int is_plain_path(const char *text, size_t len)
{
    for (size_t i = 0; i < len; ++i)
        if (!isalnum((unsigned char)text[i]) && strchr("/-._~%+", text[i]) == NULL)
            return 0;
    return memmem(text, len, "//", 2) == NULL;
}

static void apply_xforwarded(lk_arena_t *arena, const lk_pairs_t *headers, place_t *place, const char **ret_prefix)
{
    size_t len;
    const char *text = first_element(headers, "x-forwarded-proto", &len), *scheme;
    if (text != NULL && (scheme = parse_scheme(text, len)) != NULL) {
        place->scheme = scheme;
        place->port = 0;
    } else if ((text = first_element(headers, "x-forwarded-ssl", &len)) != NULL && len == 2 && strncasecmp(text, "on", 2) == 0) {
        place->scheme = "https";
        place->port = 0;
    }
    if ((text = first_element(headers, "x-forwarded-host", &len)) != NULL)
        parse_authority(arena, text, len, place);
    if ((text = first_element(headers, "x-forwarded-port", &len)) != NULL) {
        int port = parse_port(text, len);
        if (port != -1)
            place->port = port;
    }
    if ((text = first_element(headers, "x-forwarded-prefix", &len)) != NULL && text[0] == '/') {
        while (len != 0 && text[len - 1] == '/')
            --len;
        if (is_plain_path(text, len))
            *ret_prefix = lk_strndup(arena, text, len);
    }
}

/* One parameter of the first element of Forwarded (RFC 7239 section 4), unquoted. */
static const char *forwarded_param(lk_arena_t *arena, const char *text, const char *name)
{
    size_t name_len = strlen(name);
    while (*text != '\0' && *text != ',') {
        text += strspn(text, " \t;");
        int ours = strncasecmp(text, name, name_len) == 0 && text[name_len] == '=';
        text += strcspn(text, "=;,");
        if (*text != '=')
            continue;
        ++text;
        size_t quoted = *text == '"', len = strcspn(text += quoted, quoted ? "\"" : ";, \t");
        if (ours)
            return lk_strndup(arena, text, len);
        text += len + (quoted && text[len] == '"');
        text += strcspn(text, ";,");
    }
    return NULL;
}

static const char *apply_forwarded(lk_arena_t *arena, const lk_pairs_t *headers, place_t *place, const char *peer)
{
    const char *header = lk_pairs_get(headers, "forwarded"), *text, *scheme, *client;
    if (header == NULL)
        return peer;
    if ((text = forwarded_param(arena, header, "proto")) != NULL && (scheme = parse_scheme(text, strlen(text))) != NULL) {
        place->scheme = scheme;
        place->port = 0;
    }
    if ((text = forwarded_param(arena, header, "host")) != NULL)
        parse_authority(arena, text, strlen(text), place);
    text = forwarded_param(arena, header, "for");
    return text != NULL && (client = parse_node(arena, text, strlen(text))) != NULL ? client : peer;
}

/* --- together --- */

/* Potentially trustworthy, as browsers see it: Secure cookies are taken from loopback over plain HTTP, too. */
static int is_loopback_host(const char *host)
{
    size_t len = strlen(host);
    struct in_addr v4;
    if (strcasecmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0 ||
        (len > 10 && strcasecmp(host + len - 10, ".localhost") == 0))
        return 1;
    return inet_pton(AF_INET, host, &v4) == 1 && (ntohl(v4.s_addr) >> 24) == 127;
}

static int is_default_port(const place_t *place)
{
    return place->port == 0 || place->port == (strcmp(place->scheme, "https") == 0 ? 443 : 80);
}

static const char *place_url(lk_arena_t *arena, const place_t *place, const char *path)
{
    return is_default_port(place) ? lk_printf(arena, "%s://%s%s", place->scheme, place->host, path)
                                  : lk_printf(arena, "%s://%s:%d%s", place->scheme, place->host, place->port, path);
}

lk_status_t lk_origin_find(const lk_origin_rules_t *rules, lk_arena_t *arena, const lk_origin_seen_t *seen, lk_origin_t *ret_origin,
                           lk_error_t *err)
{
    place_t place = {.scheme = seen->is_tls ? "https" : "http"};
    const char *prefix = "", *client = seen->peer_ip, *list;
    int has_host = seen->authority != NULL && parse_authority(arena, seen->authority, strlen(seen->authority), &place) == 0;
    if (rules->proxy_headers != LK_PROXY_NONE && (!rules->limits_proxies || lk_origin_trusts(rules, seen->peer_ip))) {
        if (rules->proxy_headers == LK_PROXY_FORWARDED) {
            client = apply_forwarded(arena, seen->headers, &place, client);
        } else {
            apply_xforwarded(arena, seen->headers, &place, &prefix);
            if ((list = lk_pairs_get(seen->headers, "x-forwarded-for")) != NULL)
                client = client_of_list(rules, arena, list, client);
        }
    }
    const char *path = *prefix != '\0' ? lk_printf(arena, "%s%s", prefix, rules->base_path) : rules->base_path;
    ret_origin->client_ip = client;
    if (rules->fixed_url != NULL) {
        ret_origin->base_url = rules->fixed_url;
        ret_origin->own_url = rules->own_is_dynamic && place.host != NULL ? place_url(arena, &place, path) : rules->fixed_url;
        ret_origin->base_path = rules->fixed_path;
        ret_origin->is_https = rules->fixed_https;
        ret_origin->is_secure_context = rules->fixed_https || is_loopback_host(rules->fixed_host);
        return LK_OK;
    }
    if (rules->fixed_host != NULL)
        place.host = rules->fixed_host;
    if (place.host == NULL)
        return lk_fail(err, LK_INVALID, NULL,
                       has_host || seen->authority == NULL ? "Host header missing" : "Host header not valid");
    ret_origin->base_path = path;
    ret_origin->base_url = ret_origin->own_url = place_url(arena, &place, path);
    ret_origin->is_https = strcmp(place.scheme, "https") == 0;
    ret_origin->is_secure_context = ret_origin->is_https || is_loopback_host(place.host);
    return LK_OK;
}

/* --- options --- */

static lk_status_t parse_networks(lk_arena_t *arena, const char *text, lk_origin_rules_t *rules, lk_error_t *err)
{
    rules->limits_proxies = 1;
    while (*text != '\0') {
        text += strspn(text, ", \t");
        size_t len = strcspn(text, ", \t");
        if (len == 0)
            break;
        if (rules->num_networks == MAX_NETWORKS || parse_network(arena, text, len, rules->networks + rules->num_networks) != 0)
            return lk_fail(err, LK_INVALID, NULL,
                           "proxy-trusted-addresses: \"%.*s\" is neither an address nor a network in CIDR notation", (int)len,
                           text);
        ++rules->num_networks;
        text += len;
    }
    return LK_OK;
}

static lk_status_t parse_hostname(lk_arena_t *arena, const char *text, lk_origin_rules_t *rules, lk_error_t *err)
{
    const char *colon = strstr(text, "://"), *scheme = colon != NULL ? parse_scheme(text, (size_t)(colon - text)) : NULL;
    place_t place = {0};
    if (colon == NULL) {
        if (host_length(arena, text, strlen(text)) != strlen(text))
            return lk_fail(err, LK_INVALID, NULL, "hostname: \"%s\" is neither a host name nor a URL", text);
        rules->fixed_host = lk_strdup(arena, text);
        return LK_OK;
    }
    const char *from = colon + 3, *path = from + strcspn(from, "/");
    size_t path_len = strlen(path);
    if (scheme == NULL || parse_authority(arena, from, (size_t)(path - from), &place) != 0 || strpbrk(path, "?# \"<>") != NULL)
        return lk_fail(err, LK_INVALID, NULL, "hostname: \"%s\" is not a URL of scheme http or https without query", text);
    while (path_len != 0 && path[path_len - 1] == '/')
        --path_len;
    place.scheme = scheme;
    rules->fixed_https = strcmp(scheme, "https") == 0;
    rules->fixed_path = lk_strndup(arena, path, path_len);
    rules->fixed_url = place_url(arena, &place, rules->fixed_path);
    rules->fixed_host = place.host;
    return LK_OK;
}

lk_status_t lk_origin_rules_create(lk_arena_t *arena, const lk_server_options_t *options, lk_origin_rules_t **ret_rules,
                                   lk_error_t *err)
{
    lk_origin_rules_t *rules = LK_NEW(arena, lk_origin_rules_t);
    lk_status_t status = LK_OK;
    const char *path = options->relative_path != NULL ? options->relative_path : "/";
    size_t len = strlen(path);
    while (len != 0 && path[len - 1] == '/')
        --len;
    rules->base_path = lk_printf(arena, "%s%.*s", len != 0 && path[0] != '/' ? "/" : "", (int)len, path);
    rules->proxy_headers = options->proxy_headers;
    if (options->proxy_trusted_addresses != NULL && *options->proxy_trusted_addresses != '\0')
        status = parse_networks(arena, options->proxy_trusted_addresses, rules, err);
    if (status == LK_OK && options->hostname != NULL && *options->hostname != '\0')
        status = parse_hostname(arena, options->hostname, rules, err);
    rules->own_is_dynamic = options->hostname_backchannel_dynamic;
    if (status == LK_OK && rules->own_is_dynamic && rules->fixed_url == NULL)
        status = lk_fail(err, LK_INVALID, NULL, "hostname-backchannel-dynamic needs a hostname that is a URL");
    if (status == LK_OK)
        *ret_rules = rules;
    return status;
}

const char *lk_origin_base_path(const lk_origin_rules_t *rules)
{
    return rules->base_path;
}
