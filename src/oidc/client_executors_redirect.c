/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "core/encode.h"
#include "core/json.h"
#include "core/url.h"
#include "model/client_keys.h"
#include "oidc/auth_request.h"
#include "oidc/client_policy_parts.h"

/* The executor secure-redirect-uris-enforcer: which addresses clients may be sent back to (RFC 6749 section 3.1.2, RFC 8252
 * section 7). Every kind of address has its own fault, and its own rules. */

typedef enum en_kind_t { INVALID, NORMAL, LOOPBACK_4, LOOPBACK_6, PRIVATE_USE } kind_t;

static const char *const faults[] = {
    [INVALID] = "Invalid Redirect Uri: invalid uri",
    [NORMAL] = "Invalid Redirect Uri: invalid uri",
    [LOOPBACK_4] = "Invalid Redirect Uri: invalid loopback address",
    [LOOPBACK_6] = "Invalid Redirect Uri: invalid loopback address",
    [PRIVATE_USE] = "Invalid Redirect Uri: invalid private use scheme",
};

typedef struct st_address_t {
    const char *uri, *host; /* the latter NULL where there is none, or where it is none that Java knows ("*") */
    size_t scheme_len;
    int has_port;
    int is_sent; /* with a request; not one that a client has */
} address_t;

/* What Java's URI takes: characters of RFC 3986, others beyond ASCII, escapes with two digits; something behind the scheme. */
static int is_uri(const address_t *address)
{
    const char *uri = address->uri;
    if (address->scheme_len == 0 || uri[address->scheme_len] != ':' || uri[address->scheme_len + 1] == '\0' ||
        !isalpha((unsigned char)*uri))
        return 0;
    for (size_t i = 0; i != address->scheme_len; ++i)
        if (!isalnum((unsigned char)uri[i]) && strchr("+-.", uri[i]) == NULL)
            return 0;
    for (const unsigned char *c = (const unsigned char *)uri; *c != '\0'; ++c)
        if (*c <= 0x20 || strchr("\"<>\\^`{|}\x7f", *c) != NULL || (*c == '%' && !(isxdigit(c[1]) && isxdigit(c[2]))))
            return 0;
    return 1;
}

static void read_host(lk_arena_t *arena, address_t *address)
{
    size_t len;
    const char *host = lk_url_host(address->uri, &len);
    if (host == NULL || strncmp(address->uri + address->scheme_len, "://", 3) != 0)
        return;
    size_t port_len = host[len] == ':' ? strspn(host + len + 1, "0123456789") + 1 : 0;
    if (host + len + port_len != address->uri + lk_url_origin(address->uri))
        return;
    for (size_t i = 0; i != len && *host != '['; ++i)
        if (!isalnum((unsigned char)host[i]) && strchr("-._", host[i]) == NULL)
            return;
    address->host = lk_strndup(arena, host, len);
    address->has_port = port_len > 1;
}

static address_t read_address(lk_arena_t *arena, const char *uri, int is_sent)
{
    address_t address = {.uri = uri, .scheme_len = strcspn(uri, ":/?#"), .is_sent = is_sent};
    read_host(arena, &address);
    return address;
}

/* 127.0.0.0/8, also as one number; `localhost`. Other names are not looked up. */
static int is_loopback_4(const char *host)
{
    struct in_addr v4;
    size_t len = strlen(host);
    if (strcasecmp(host, "localhost") == 0)
        return 1;
    if (len <= 10 && strspn(host, "0123456789") == len)
        return strtoull(host, NULL, 10) >> 24 == 127;
    return inet_pton(AF_INET, host, &v4) == 1 && ntohl(v4.s_addr) >> 24 == 127;
}

/* One that stands for an IPv4 address is that (RFC 4291 section 2.5.5.2). */
static kind_t kind_of_6(lk_arena_t *arena, const char *host)
{
    struct in6_addr v6;
    size_t len = strlen(host);
    if (len < 2 || inet_pton(AF_INET6, lk_strndup(arena, host + 1, len - 2), &v6) != 1)
        return NORMAL;
    if (IN6_IS_ADDR_V4MAPPED(&v6))
        return v6.s6_addr[12] == 127 ? LOOPBACK_4 : NORMAL;
    return IN6_IS_ADDR_LOOPBACK(&v6) ? LOOPBACK_6 : NORMAL;
}

static int has_scheme(const address_t *address, const char *scheme)
{
    return strlen(scheme) == address->scheme_len && strncmp(address->uri, scheme, address->scheme_len) == 0;
}

static kind_t kind_of(lk_arena_t *arena, const address_t *address)
{
    const char *host = address->host;
    if (!is_uri(address))
        return INVALID;
    kind_t kind = host == NULL ? NORMAL : *host == '[' ? kind_of_6(arena, host) : is_loopback_4(host) ? LOOPBACK_4 : NORMAL;
    return kind == NORMAL && !has_scheme(address, "http") && !has_scheme(address, "https") ? PRIVATE_USE : kind;
}

static int is_on(const json_t *config, const char *name)
{
    return lk_json_config_bool(config, name, 0);
}

static int is_permitted_domain(lk_arena_t *arena, const json_t *config, const char *host)
{
    const json_t *domains = json_object_get(config, "allow-permitted-domains");
    return json_array_size(domains) == 0 || (host != NULL && lk_policy_fits_any(arena, domains, host));
}

/* A native app registers a loopback address without a port, and asks with the one that it listens at (RFC 8252 section 7.3). */
static int is_native(const address_t *address, kind_t kind)
{
    return address->has_port == address->is_sent && strcasecmp(address->host, "localhost") != 0 &&
           (kind == LOOPBACK_4 || strcmp(address->host, "[::1]") == 0);
}

static int is_allowed(lk_arena_t *arena, const json_t *config, const address_t *address, kind_t kind)
{
    int is_2_1 = is_on(config, "oauth-2-1-compliant"), is_strict = is_2_1 || is_on(config, "oauth-2-0-compliant");
    int is_plain = has_scheme(address, "http");
    if (strchr(address->uri, '*') != NULL && (is_strict || !is_on(config, "allow-wildcard-context-path")))
        return 0;
    if ((strchr(address->uri, '#') != NULL && is_strict) || (is_plain && !is_on(config, "allow-http-scheme")))
        return 0;
    switch (kind) {
    case INVALID:
        return 0;
    case NORMAL:
        return !(is_plain && is_2_1) && is_permitted_domain(arena, config, address->host);
    case LOOPBACK_4:
    case LOOPBACK_6:
        return is_on(config, kind == LOOPBACK_4 ? "allow-ipv4-loopback-address" : "allow-ipv6-loopback-address") &&
               (!is_2_1 || is_native(address, kind));
    case PRIVATE_USE: /* RFC 8252 section 7.1: the scheme is a domain name, turned round */
        return is_on(config, "allow-private-use-uri-scheme") && (!is_2_1 || memchr(address->uri, '.', address->scheme_len) != NULL);
    }
    return 0;
}

static lk_status_t check(lk_arena_t *arena, const json_t *config, const char *uri, int is_sent, lk_error_t *err)
{
    address_t address = read_address(arena, uri, is_sent);
    kind_t kind = kind_of(arena, &address);
    return is_allowed(arena, config, &address, kind) ? LK_OK : lk_policy_bad_request(err, faults[kind]);
}

/* --- clients --- */

static lk_status_t check_stored(const lk_policy_subject_t *subject, const json_t *config, const char *uri, lk_error_t *err)
{
    const lk_request_t *req = subject->req;
    const char *root = lk_json_str(subject->rep, "rootUrl", NULL);
    return check(req->arena, config, lk_client_url_below(req->arena, req, root, uri), 0, err);
}

/* "+" stands for the redirect URIs, "-" as the first for none. */
static lk_status_t check_after_logout(const lk_policy_subject_t *subject, const json_t *config, lk_error_t *err)
{
    const char *text = lk_policy_attribute(subject, "post.logout.redirect.uris");
    lk_strings_t uris = lk_uris_of_attribute(subject->req->arena, text);
    lk_status_t status = LK_OK;
    if (uris.count != 0 && strcmp(uris.entries[0], "-") == 0)
        return LK_OK;
    for (size_t i = 0; i != uris.count && status == LK_OK; ++i)
        if (strcmp(uris.entries[i], "+") != 0)
            status = check_stored(subject, config, uris.entries[i], err);
    return status;
}

lk_status_t lk_policy_store_redirects(const lk_policy_subject_t *subject, const json_t *config, lk_error_t *err)
{
    const json_t *uris = json_object_get(subject->rep, "redirectUris");
    lk_status_t status = LK_OK;
    size_t i;
    json_t *uri;
    if (!lk_json_bool(subject->rep, "standardFlowEnabled", 1) && !lk_json_bool(subject->rep, "implicitFlowEnabled", 0))
        return LK_OK;
    if (json_array_size(uris) == 0)
        return lk_policy_bad_request(err, faults[INVALID]);
    if (is_on(config, "allow-open-redirect"))
        return LK_OK;
    json_array_foreach((json_t *)uris, i, uri)
    {
        if (status == LK_OK && json_is_string(uri))
            status = check_stored(subject, config, json_string_value(uri), err);
    }
    return status == LK_OK ? check_after_logout(subject, config, err) : status;
}

/* --- requests --- */

/* What stands in the address. Where a pushed request or a request object brings it, it is looked at when it is known. */
lk_status_t lk_policy_enter_redirect(const lk_policy_subject_t *subject, const json_t *config, lk_error_t *err)
{
    const lk_pairs_t *sent = &subject->check->sent;
    const char *uri = lk_pairs_get(sent, "redirect_uri");
    if (uri == NULL && (lk_pairs_get(sent, "request") != NULL || lk_pairs_get(sent, "request_uri") != NULL))
        return LK_OK;
    return check(subject->req->arena, config, uri != NULL ? uri : "", 1, err);
}

lk_status_t lk_policy_use_redirect(const lk_policy_subject_t *subject, const json_t *config, lk_error_t *err)
{
    const char *uri = subject->auth->redirect_uri;
    return check(subject->req->arena, config, uri != NULL ? uri : "", 1, err);
}
