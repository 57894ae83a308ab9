/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <ctype.h>
#include <string.h>
#include <strings.h>
#include "http/certificate.h"
#include "http/edge.h"

/* --- on the loop: copy what is h2o's --- */

static const char *copy_iovec(lk_arena_t *arena, h2o_iovec_t text)
{
    return lk_strndup(arena, text.base, text.len);
}

/* Followed by a NUL that does not count. */
static lk_bytes_t copy_body(lk_arena_t *arena, h2o_iovec_t entity)
{
    unsigned char *copy = lk_alloc(arena, entity.len + 1);
    if (entity.len != 0)
        memcpy(copy, entity.base, entity.len);
    return (lk_bytes_t){copy, entity.len};
}

/* Numeric, an IPv4 address that came over IPv6 as IPv4. */
static const char *peer_address(lk_arena_t *arena, h2o_conn_t *conn)
{
    struct sockaddr_storage peer;
    char text[INET6_ADDRSTRLEN] = "0.0.0.0";
    if (conn->callbacks->get_peername(conn, (struct sockaddr *)&peer) == 0)
        return "0.0.0.0";
    const struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&peer;
    if (peer.ss_family == AF_INET)
        inet_ntop(AF_INET, &((struct sockaddr_in *)&peer)->sin_addr, text, sizeof(text));
    else if (peer.ss_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr))
        inet_ntop(AF_INET, v6->sin6_addr.s6_addr + 12, text, sizeof(text));
    else if (peer.ss_family == AF_INET6)
        inet_ntop(AF_INET6, &v6->sin6_addr, text, sizeof(text));
    return lk_strdup(arena, text);
}

/* HTTP/2 may cut Cookie into several fields (RFC 9113 section 8.2.3): they become one again. */
static int join_cookie(lk_arena_t *arena, lk_pair_t *pairs, size_t count, const char *value)
{
    for (size_t i = 0; i < count; ++i)
        if (strcmp(pairs[i].name, "cookie") == 0) {
            pairs[i].value = lk_printf(arena, "%s; %s", pairs[i].value, value);
            return 1;
        }
    return 0;
}

static lk_pairs_t copy_headers(lk_arena_t *arena, h2o_req_t *req)
{
    lk_pair_t *pairs = LK_NEW_ARRAY(arena, lk_pair_t, req->headers.size + 1);
    size_t count = 0;
    for (size_t i = 0; i < req->headers.size; ++i) {
        const h2o_header_t *header = req->headers.entries + i;
        const char *name = copy_iovec(arena, *header->name), *value = copy_iovec(arena, header->value);
        if (strcmp(name, "cookie") == 0 && join_cookie(arena, pairs, count, value))
            continue;
        pairs[count++] = (lk_pair_t){name, value};
    }
    if (req->input.authority.len != 0 && req->input.authority.base[0] != '?')
        pairs[count++] = (lk_pair_t){"host", copy_iovec(arena, req->input.authority)};
    return (lk_pairs_t){pairs, count};
}

static size_t header_bytes(const h2o_req_t *req)
{
    size_t bytes = req->input.method.len + req->input.path.len;
    for (size_t i = 0; i < req->headers.size; ++i)
        bytes += req->headers.entries[i].name->len + req->headers.entries[i].value.len + 4;
    return bytes;
}

static void begin_trace(lk_exchange_t *exchange)
{
    lk_trace_t *trace = &exchange->trace;
    lk_trace_begin(trace, lk_request_header(&exchange->request, "traceparent"), exchange->loop->random);
    trace->is_sampled = lk_spans_sample(exchange->loop->server->spans, trace);
    exchange->request.trace_id = trace->trace_id;
}

static int has_form_type(const lk_request_t *req)
{
    static const char form[] = "application/x-www-form-urlencoded";
    const char *type = lk_request_header(req, "content-type");
    return type != NULL && strncasecmp(type, form, sizeof(form) - 1) == 0 && strchr("; \t", type[sizeof(form) - 1]) != NULL;
}

static const lk_route_t *find_route(lk_exchange_t *exchange);

void lk_request_copy(lk_exchange_t *exchange, h2o_req_t *req)
{
    const lk_server_options_t *options = &exchange->loop->server->options;
    lk_request_t *request = &exchange->request;
    lk_arena_t *arena = request->arena;
    size_t path_len = req->query_at != SIZE_MAX ? req->query_at : req->path.len;
    exchange->is_head = h2o_memis(req->input.method.base, req->input.method.len, H2O_STRLIT("HEAD"));
    exchange->method = lk_method_parse(req->input.method.base, req->input.method.len);
    request->app = exchange->loop->server->app;
    request->method = exchange->is_head ? "GET" : copy_iovec(arena, req->input.method);
    exchange->raw_path = lk_strndup(arena, req->path.base, path_len);
    request->path = exchange->raw_path;
    request->raw_query =
        path_len < req->path.len ? lk_strndup(arena, req->path.base + path_len + 1, req->path.len - path_len - 1) : "";
    request->base_path = exchange->site->base_path;
    request->base_url = request->own_url = "";
    request->client_ip = peer_address(arena, req->conn);
    if (exchange->is_tls && options->tls.client_auth != LK_CLIENT_AUTH_NONE)
        request->certificate = lk_tls_certificate(arena, req->conn);
    exchange->seen = (lk_origin_seen_t){.is_tls = exchange->is_tls, .peer_ip = request->client_ip, .headers = &request->headers};
    if (req->headers.size > (size_t)options->max_headers || header_bytes(req) > options->max_header_bytes) {
        exchange->route = lk_builtin_route(LK_BUILTIN_LARGE_HEADERS);
        begin_trace(exchange);
        return;
    }
    request->headers = copy_headers(arena, req);
    begin_trace(exchange);
    exchange->has_form = has_form_type(request);
    exchange->seen.authority = lk_request_header(request, "host");
    exchange->route = find_route(exchange);
    size_t limit = (exchange->route->flags & LK_ROUTE_LARGE_BODY) != 0 ? options->max_large_body : options->max_body;
    if (req->entity.len > limit)
        exchange->route = lk_builtin_route(LK_BUILTIN_LARGE_BODY);
    else
        request->body = copy_body(arena, req->entity);
}

/* --- the way to a row --- */

static int is_unreserved(int c)
{
    return isalnum(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The byte that "%XX" stands for, or -1. */
static int escaped_byte(const char *text)
{
    int high = hex_digit(text[1]), low = high != -1 ? hex_digit(text[2]) : -1;
    return low != -1 ? high << 4 | low : -1;
}

static int has_bad_escape(const char *text)
{
    while ((text = strchr(text, '%')) != NULL)
        if (escaped_byte(text++) == -1)
            return 1;
    return 0;
}

/* "//", "/./", "/../" and "%61" have a simpler form; who checked the path before us may have understood another one. */
static int is_normalized(const char *path)
{
    for (const char *at = path; *at != '\0'; ++at) {
        if (*at == '%' && is_unreserved(escaped_byte(at)))
            return 0;
        if (*at != '/')
            continue;
        size_t dots = strspn(at + 1, ".");
        if (at[1] == '/' || ((dots == 1 || dots == 2) && (at[1 + dots] == '/' || at[1 + dots] == '\0')))
            return 0;
    }
    return 1;
}

const lk_route_t *lk_request_check_path(const char *path, const char *query)
{
    if (path[0] != '/' || has_bad_escape(path) || has_bad_escape(query))
        return lk_builtin_route(LK_BUILTIN_BAD_REQUEST);
    if (!is_normalized(path))
        return lk_builtin_route(LK_BUILTIN_NOT_NORMALIZED);
    if (strchr(path, ';') != NULL)
        return lk_builtin_route(LK_BUILTIN_BAD_CHARACTER);
    return NULL;
}

static const lk_route_t *route_outside(const lk_site_t *site, const char *path)
{
    if (strcmp(path, "/") == 0)
        return lk_builtin_route(LK_BUILTIN_TO_BASE);
    return lk_builtin_route(strcmp(path, site->base_path) == 0 ? LK_BUILTIN_TO_SLASH : LK_BUILTIN_OUTSIDE);
}

/* What Keycloak says of a path that is no resource depends on whether one of its resources was asked for more. */
static lk_builtin_t nowhere(const char *path)
{
    return strncmp(path, "/realms/", 8) == 0 || strncmp(path, "/admin/", 7) == 0 ? LK_BUILTIN_NO_RESOURCE : LK_BUILTIN_NO_PATH;
}

static const lk_route_t *find_route(lk_exchange_t *exchange)
{
    const lk_site_t *site = exchange->site;
    const char *path = exchange->raw_path;
    const lk_route_t *broken = lk_request_check_path(path, exchange->request.raw_query);
    lk_match_t *match = &exchange->match;
    if (broken != NULL)
        return broken;
    if (strncmp(path, site->base_path, site->base_path_len) != 0 || path[site->base_path_len] != '/')
        return route_outside(site, path);
    path += site->base_path_len;
    lk_router_match(site->router, exchange->method, path, strlen(path), match);
    if (match->route != NULL)
        return match->route;
    if (match->allowed == 0)
        return lk_builtin_route(site->is_management ? LK_BUILTIN_OUTSIDE : nowhere(path));
    return lk_builtin_route(exchange->method == LK_OPTIONS ? LK_BUILTIN_OPTIONS : LK_BUILTIN_NO_METHOD);
}

/* --- grant types --- */

/* 1 where the form-encoded text up to `end` stands for `plain`. */
static int form_is(const char *text, const char *end, const char *plain)
{
    for (; text < end; ++text, ++plain) {
        int c = *text == '+' ? ' ' : (unsigned char)*text;
        if (c == '%' && end - text >= 3 && (c = escaped_byte(text)) != -1)
            text += 2;
        if (c != (unsigned char)*plain || *plain == '\0')
            return 0;
    }
    return *plain == '\0';
}

int lk_request_grant_hashes(const char *form, size_t len)
{
    const char *at = form, *end = form + len;
    while (at < end) {
        const char *stop = memchr(at, '&', (size_t)(end - at));
        if (stop == NULL)
            stop = end;
        const char *equals = memchr(at, '=', (size_t)(stop - at));
        if (equals != NULL && form_is(at, equals, "grant_type"))
            return form_is(equals + 1, stop, "password");
        at = stop + 1;
    }
    return 0;
}

/* --- on the lane: decode --- */

static lk_status_t decode_path(lk_exchange_t *exchange, lk_error_t *err)
{
    lk_request_t *request = &exchange->request;
    const char *below = exchange->raw_path + exchange->site->base_path_len;
    for (size_t i = 0; i < exchange->match.num_params; ++i)
        if ((request->params[i] =
                 lk_percent_decode(request->arena, exchange->match.params[i].base, exchange->match.params[i].len, 0)) == NULL)
            return lk_fail(err, LK_NOT_FOUND, NULL, NULL);
    request->row = exchange->route->row;
    request->path = lk_percent_decode(request->arena, below, strlen(below), 0);
    return request->path != NULL ? LK_OK : lk_fail(err, LK_NOT_FOUND, NULL, NULL);
}

static int is_builtin(const lk_exchange_t *exchange)
{
    return exchange->route != exchange->match.route;
}

/* What the edge answers itself, and health checks by HTTP/1.0, must not fail for the want of an address. */
static int needs_origin(const lk_exchange_t *exchange)
{
    return !is_builtin(exchange) && !exchange->site->is_management;
}

static const char *lower(lk_arena_t *arena, const char *text)
{
    char *copy = lk_strdup(arena, text);
    for (char *at = copy; *at != '\0'; ++at)
        *at = (char)tolower((unsigned char)*at);
    return copy;
}

/* Where a proxy ends TLS its word counts, and the connection's own certificate is the proxy's. */
static void read_certificate(lk_exchange_t *exchange)
{
    const lk_server_options_t *options = &exchange->loop->server->options;
    const lk_certificate_lookup_t *lookup = lk_certificate_lookup(options->certificate_provider);
    lk_request_t *request = &exchange->request;
    if (lookup == NULL)
        return;
    int trusted = options->proxy_trusted_addresses == NULL || *options->proxy_trusted_addresses == '\0' ||
                  lk_origin_trusts(exchange->site->rules, exchange->seen.peer_ip);
    const char *header = options->certificate_header != NULL ? lower(request->arena, options->certificate_header) : lookup->header;
    request->certificate = trusted ? lk_certificate_from_header(request, lookup, header) : (lk_bytes_t){NULL, 0};
}

lk_status_t lk_request_decode(lk_exchange_t *exchange, lk_error_t *err)
{
    lk_request_t *request = &exchange->request;
    lk_origin_t origin = {.base_url = request->base_path,
                          .own_url = request->base_path,
                          .base_path = request->base_path,
                          .client_ip = request->client_ip};
    int malformed_query = 0;
    lk_status_t status = lk_origin_find(exchange->site->rules, request->arena, &exchange->seen, &origin, err);
    request->base_url = origin.base_url;
    request->own_url = origin.own_url;
    request->base_path = origin.base_path;
    request->client_ip = origin.client_ip;
    request->is_https = origin.is_https;
    request->is_secure_context = origin.is_secure_context;
    read_certificate(exchange);
    if (is_builtin(exchange))
        return LK_OK;
    if ((status != LK_OK && needs_origin(exchange)) || (status = decode_path(exchange, err)) != LK_OK)
        return status;
    request->query = lk_pairs_parse_form(request->arena, request->raw_query, strlen(request->raw_query), &malformed_query);
    if (malformed_query)
        return lk_fail(err, LK_INVALID, NULL, NULL);
    if (exchange->has_form)
        request->form =
            lk_pairs_parse_form(request->arena, (const char *)request->body.base, request->body.len, &request->malformed_form);
    if (request->malformed_form && exchange->route->errors == LK_ERRORS_OAUTH) {
        lk_fail_http(err, LK_INVALID, 500, "unknown_error", "For more on this error consult the server log."); /* as Keycloak */
        return lk_error_detail(err, "the form's encoding is broken");
    }
    return LK_OK;
}
