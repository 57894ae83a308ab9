/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>
#include "http/access.c"
#include "http/lanes.c"
#include "http/origin.c"
#include "http/reply.c"
#include "http/router.c"
#include "tap.h"

static lk_arena_t *arena;

/* No theme here: pages are bare. */
__attribute__((weak)) lk_status_t lk_theme_render(const lk_themes_t *themes, const char *theme, const char *template_name,
                                                  const json_t *model, const char *locale, lk_buffer_t *out, lk_error_t *err)
{
    return LK_OK;
}

/* --- routes --- */

static lk_status_t handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    return LK_OK;
}

#define ROW(methods, path, cors)                                                                                                   \
    {                                                                                                                              \
        methods, path, handle, LK_LANE_QUICK, LK_ERRORS_OAUTH, 0, cors                                                             \
    }
static const lk_route_t table[] = {
    ROW(LK_GET, "/", NULL),
    ROW(LK_GET, "/realms/{realm}", "GET, HEAD, OPTIONS"),
    ROW(LK_POST, "/realms/{realm}/protocol/openid-connect/token", "POST, OPTIONS"),
    ROW(LK_POST, "/realms/{realm}/protocol/openid-connect/token/introspect", NULL),
    ROW(LK_GET | LK_POST, "/realms/{realm}/protocol/openid-connect/auth", NULL),
    ROW(LK_GET, "/realms/{realm}/{rest*}", NULL),
    ROW(LK_GET, "/admin/realms/{realm}/users/{id}", NULL),
    ROW(LK_PUT, "/admin/realms/{realm}/users/{id}", NULL),
    ROW(LK_GET, "/admin/realms/{realm}/users/count", NULL),
    ROW(LK_GET, "/admin/realms/{realm}/users/{id}/groups", NULL),
};

static const struct {
    const char *method, *path;
    int row; /* -1: none */
    unsigned allowed;
    const char *params[2];
} walks[] = {
    {"GET", "/", 0, LK_GET, {NULL}},
    {"HEAD", "/", 0, LK_GET, {NULL}},
    {"GET", "", 0, LK_GET, {NULL}},
    {"GET", "/realms/acme", 1, LK_GET, {"acme"}},
    {"GET", "/realms/acme/", 1, LK_GET, {"acme"}},
    {"GET", "/realms", -1, 0, {NULL}},
    {"GET", "/realms/", -1, 0, {NULL}},
    {"GET", "/nothing", -1, 0, {NULL}},
    {"POST", "/realms/acme/protocol/openid-connect/token", 2, LK_POST, {"acme"}},
    {"POST", "/realms/acme/protocol/openid-connect/token/", 2, LK_POST, {"acme"}},
    {"GET", "/realms/acme/protocol/openid-connect/token", -1, LK_POST, {"acme"}},
    {"BREW", "/realms/acme/protocol/openid-connect/token", -1, LK_POST, {"acme"}},
    {"POST", "/realms/acme/protocol/openid-connect/token/introspect", 3, LK_POST, {"acme"}},
    {"GET", "/realms/acme/protocol/openid-connect/tokens", 5, LK_GET, {"acme", "protocol/openid-connect/tokens"}},
    {"GET", "/realms/acme/protocol", 5, LK_GET, {"acme", "protocol"}},
    {"GET", "/realms/a%2Fb/x%20y", 5, LK_GET, {"a%2Fb", "x%20y"}},
    {"GET", "/admin/realms/acme/users/count", 8, LK_GET, {"acme"}},
    {"PUT", "/admin/realms/acme/users/count", -1, LK_GET, {"acme"}},
    {"PUT", "/admin/realms/acme/users/17", 7, LK_GET | LK_PUT, {"acme", "17"}},
    {"GET", "/admin/realms/acme/users/count/groups", 9, LK_GET, {"acme", "count"}},
    {"DELETE", "/admin/realms/acme/users/17", -1, LK_GET | LK_PUT, {"acme", "17"}},
};

static void test_router(void)
{
    lk_router_t *router = lk_router_create(table, sizeof(table) / sizeof(table[0]));
    lk_match_t match;
    for (size_t i = 0; i < sizeof(walks) / sizeof(walks[0]); ++i) {
        lk_router_match(router, lk_method_parse(walks[i].method, strlen(walks[i].method)), walks[i].path, strlen(walks[i].path),
                        &match);
        const lk_route_t *expected = walks[i].row == -1 ? NULL : table + walks[i].row;
        int same = match.route == expected && match.allowed == walks[i].allowed;
        for (size_t j = 0; expected != NULL && j < 2; ++j) {
            const char *param = walks[i].params[j];
            same = same && (param == NULL) == (j >= match.num_params);
            same = same && (param == NULL ||
                            (match.params[j].len == strlen(param) && memcmp(match.params[j].base, param, strlen(param)) == 0));
        }
        ok(same, "%s %s", walks[i].method, walks[i].path);
    }
    lk_router_match(router, LK_OPTIONS, "/realms/acme", 12, &match);
    is_str(match.cors, "GET, HEAD, OPTIONS", "a path has the methods of its preflight answer");
    char deep[256];
    memset(deep, 'a', sizeof(deep));
    for (size_t i = 0; i < sizeof(deep); i += 2)
        deep[i] = '/';
    lk_router_match(router, LK_GET, deep, sizeof(deep), &match);
    ok(match.allowed == 0, "a path of too many segments is none");
    is_str(lk_methods_text(arena, LK_GET | LK_POST | LK_OPTIONS), "GET, HEAD, OPTIONS, POST", "methods as text");
    lk_router_free(&router);
    ok(router == NULL, "the router is freed");
}

/* --- origin: the rows of the measurement on Keycloak behind a gateway --- */

typedef struct st_origin_case_t {
    const char *host, *proto, *fhost, *port, *prefix, *forwarded, *expected;
} origin_case_t;

static const origin_case_t xforwarded[] = {
    {"127.0.0.1:18280", NULL, NULL, NULL, NULL, NULL, "http://127.0.0.1:18280/auth"},
    {"foo.example", NULL, NULL, NULL, NULL, NULL, "http://foo.example/auth"},
    {"sso", "https", NULL, NULL, NULL, NULL, "https://sso/auth"},
    {"127.0.0.1:18280", "https", NULL, NULL, NULL, NULL, "https://127.0.0.1/auth"},
    {"127.0.0.1:18280", "http", NULL, NULL, NULL, NULL, "http://127.0.0.1/auth"},
    {"127.0.0.1:18280", NULL, NULL, "8443", NULL, NULL, "http://127.0.0.1:8443/auth"},
    {"127.0.0.1:18280", NULL, "a.example", NULL, NULL, NULL, "http://a.example/auth"},
    {"127.0.0.1:18280", NULL, "a.example:99", NULL, NULL, NULL, "http://a.example:99/auth"},
    {"127.0.0.1:18280", "https", "a", "443", NULL, NULL, "https://a/auth"},
    {"127.0.0.1:18280", "https", "a", "8443", NULL, NULL, "https://a:8443/auth"},
    {"127.0.0.1:18280", "https, http", "a, b", NULL, NULL, NULL, "https://a/auth"},
    {"127.0.0.1:18280", NULL, "a.example", NULL, "/foo", NULL, "http://a.example/foo/auth"},
    {"127.0.0.1:18280", NULL, "a.example", NULL, "/foo/", NULL, "http://a.example/foo/auth"},
    {"127.0.0.1:18280", NULL, "a.example", NULL, "//evil", NULL, "http://a.example/auth"},
    {"127.0.0.1:18280", NULL, NULL, NULL, NULL, "host=b.example;proto=https", "http://127.0.0.1:18280/auth"},
    {"127.0.0.1:18280", NULL, NULL, "abc", NULL, NULL, "http://127.0.0.1:18280/auth"},
    {"127.0.0.1:18280", NULL, NULL, "70000", NULL, NULL, "http://127.0.0.1:18280/auth"},
    {"127.0.0.1:18280", "gopher", "bad host!", NULL, NULL, NULL, "http://127.0.0.1:18280/auth"},
    {"127.0.0.1:18280", NULL, "a/b", NULL, NULL, NULL, "http://127.0.0.1:18280/auth"},
    {"127.0.0.1:18280", NULL, "user@a", NULL, NULL, NULL, "http://127.0.0.1:18280/auth"},
    {"127.0.0.1:18280", NULL, "[2001:db8::1]:444", NULL, NULL, NULL, "http://[2001:db8::1]:444/auth"},
    {"127.0.0.1:18280", NULL, "[oops]", NULL, NULL, NULL, "http://127.0.0.1:18280/auth"},
};

static const origin_case_t forwarded[] = {
    {"h:81", NULL, NULL, NULL, NULL, "for=192.0.2.60;proto=https;host=b.example", "https://b.example/auth"},
    {"h:81", NULL, NULL, NULL, NULL, "proto=https", "https://h/auth"},
    {"h:81", NULL, NULL, NULL, NULL, "Host=\"b.example:8443\"; Proto=https, host=c", "https://b.example:8443/auth"},
    {"h:81", NULL, NULL, NULL, NULL, "host=\"bad host\";proto=ftp", "http://h:81/auth"},
    {"h:81", NULL, NULL, NULL, NULL, ";;;=,host=x", "http://h:81/auth"},
    {"h:81", "https", "a", "9", NULL, NULL, "http://h:81/auth"},
};

static lk_origin_rules_t *rules_of(lk_proxy_headers_t proxy, const char *hostname, const char *trusted)
{
    lk_server_options_t options = LK_SERVER_DEFAULTS;
    lk_origin_rules_t *rules = NULL;
    lk_error_t err;
    options.relative_path = "/auth/";
    options.proxy_headers = proxy;
    options.hostname = hostname;
    options.proxy_trusted_addresses = trusted;
    return lk_origin_rules_create(arena, &options, &rules, &err) == LK_OK ? rules : NULL;
}

static lk_origin_t origin_of(const lk_origin_rules_t *rules, const lk_pair_t *pairs, size_t count, const char *host, int is_tls,
                             const char *peer)
{
    lk_pairs_t headers = {pairs, count};
    lk_origin_seen_t seen = {.is_tls = is_tls, .authority = host, .peer_ip = peer, .headers = &headers};
    lk_origin_t origin = {.base_url = "none", .client_ip = "none"};
    lk_error_t err;
    lk_origin_find(rules, arena, &seen, &origin, &err);
    return origin;
}

static const char *url_of(const lk_origin_rules_t *rules, const origin_case_t *row)
{
    const lk_pair_t all[] = {{"x-forwarded-proto", row->proto},
                             {"x-forwarded-host", row->fhost},
                             {"x-forwarded-port", row->port},
                             {"x-forwarded-prefix", row->prefix},
                             {"forwarded", row->forwarded}};
    lk_pair_t given[5];
    size_t count = 0;
    for (size_t i = 0; i < 5; ++i)
        if (all[i].value != NULL)
            given[count++] = all[i];
    return origin_of(rules, given, count, row->host, 0, "127.0.0.1").base_url;
}

static void test_origin_rows(void)
{
    const lk_origin_rules_t *x = rules_of(LK_PROXY_XFORWARDED, NULL, NULL), *f = rules_of(LK_PROXY_FORWARDED, NULL, NULL),
                            *none = rules_of(LK_PROXY_NONE, NULL, NULL);
    for (size_t i = 0; i < sizeof(xforwarded) / sizeof(xforwarded[0]); ++i)
        is_str(url_of(x, xforwarded + i), xforwarded[i].expected, lk_printf(arena, "X-Forwarded row %zu", i));
    for (size_t i = 0; i < sizeof(forwarded) / sizeof(forwarded[0]); ++i)
        is_str(url_of(f, forwarded + i), forwarded[i].expected, lk_printf(arena, "Forwarded row %zu", i));
    is_str(url_of(none, xforwarded + 9), "http://127.0.0.1:18280/auth", "nothing is believed unless told to");
    is_str(lk_origin_base_path(none), "/auth", "base path without its last slash");
    is_str(origin_of(none, NULL, 0, "a:443", 1, "::1").base_url, "https://a/auth", "the default port is left out");
    is_str(origin_of(none, NULL, 0, "bad host", 0, "::1").base_url, "none", "a broken Host is refused");
    is_str(origin_of(none, NULL, 0, NULL, 0, "::1").base_url, "none", "so is none");
}

static void test_hostname(void)
{
    static const lk_pair_t proxy[] = {
        {"x-forwarded-proto", "https"}, {"x-forwarded-host", "evil.example"}, {"x-forwarded-port", "8443"}};
    lk_origin_t origin = origin_of(rules_of(LK_PROXY_XFORWARDED, "https://sso.example/id/", NULL), proxy, 3, "h", 0, "::1");
    is_str(origin.base_url, "https://sso.example/id", "hostname as URL");
    is_str(origin.own_url, "https://sso.example/id", "for everything");
    is_str(origin.base_path, "/id", "and its path");
    ok(origin.is_https && origin.is_secure_context, "is https whatever the connection is");
    origin = origin_of(rules_of(LK_PROXY_NONE, "https://sso.example:444", NULL), NULL, 0, NULL, 0, "::1");
    is_str(origin.base_url, "https://sso.example:444", "hostname as URL with a port, and no Host header");
    origin = origin_of(rules_of(LK_PROXY_XFORWARDED, "sso.example", NULL), proxy, 3, "h", 0, "::1");
    is_str(origin.base_url, "https://sso.example:8443/auth", "hostname as name: scheme and port are the request's");
    lk_server_options_t dynamic = {
        .hostname = "https://sso.example/id", .relative_path = "/auth", .hostname_backchannel_dynamic = 1};
    lk_origin_rules_t *rules;
    ok(lk_origin_rules_create(arena, &dynamic, &rules, NULL) == LK_OK, "hostname-backchannel-dynamic");
    origin = origin_of(rules, NULL, 0, "sso.internal:8080", 0, "10.0.0.1");
    is_str(origin.base_url, "https://sso.example/id", "browsers go to the public address");
    is_str(origin.own_url, "http://sso.internal:8080/auth", "clients stay where they came");
    dynamic.hostname = "sso.example";
    ok(lk_origin_rules_create(arena, &dynamic, &rules, NULL) == LK_INVALID, "a name is not enough for that");
    ok(rules_of(LK_PROXY_NONE, "ftp://x", NULL) == NULL, "hostname of another scheme");
    ok(rules_of(LK_PROXY_NONE, "a b", NULL) == NULL, "hostname that is none");
    ok(rules_of(LK_PROXY_NONE, "https://a?b", NULL) == NULL, "hostname with a query");
    ok(origin_of(rules_of(LK_PROXY_NONE, NULL, NULL), NULL, 0, "localhost:8080", 0, "::1").is_secure_context,
       "localhost is secure");
    ok(origin_of(rules_of(LK_PROXY_NONE, NULL, NULL), NULL, 0, "127.0.0.1:8080", 0, "::1").is_secure_context,
       "127.0.0.1 is secure");
    ok(!origin_of(rules_of(LK_PROXY_NONE, NULL, NULL), NULL, 0, "sso.example", 0, "::1").is_secure_context,
       "http elsewhere is not");
}

static const char *client_of(const lk_origin_rules_t *rules, const char *list, const char *peer)
{
    const lk_pair_t pair = {"x-forwarded-for", list};
    return origin_of(rules, &pair, 1, "h", 0, peer).client_ip;
}

static void test_clients(void)
{
    const lk_origin_rules_t *any = rules_of(LK_PROXY_XFORWARDED, NULL, NULL);
    const lk_origin_rules_t *some = rules_of(LK_PROXY_XFORWARDED, NULL, "10.0.0.0/8, 2001:db8::/33,192.0.2.7");
    const lk_pair_t pair = {"forwarded", "for=\"[2001:db8::7]:80\""};
    is_str(client_of(any, "203.0.113.9, 10.0.0.1", "127.0.0.1"), "203.0.113.9", "the first, where any proxy is trusted");
    is_str(client_of(any, "203.0.113.9:81", "127.0.0.1"), "203.0.113.9", "without its port");
    is_str(client_of(any, "[2001:db8::1]:81", "127.0.0.1"), "2001:db8::1", "nor brackets");
    is_str(client_of(any, "unknown", "127.0.0.1"), "127.0.0.1", "what is no address is not believed");
    is_str(client_of(some, "1.1.1.1, 203.0.113.9, 10.0.0.1", "10.9.9.9"), "203.0.113.9", "the last that is no trusted proxy's");
    is_str(client_of(some, "10.1.1.1, 10.0.0.1", "10.9.9.9"), "10.1.1.1", "the first where all are");
    is_str(client_of(some, "1.1.1.1, x, 10.0.0.1", "10.9.9.9"), "10.0.0.1", "nothing beyond rubbish");
    is_str(client_of(some, "1.1.1.1", "11.9.9.9"), "11.9.9.9", "a peer that is no proxy is the client");
    is_str(origin_of(rules_of(LK_PROXY_FORWARDED, NULL, NULL), &pair, 1, "h", 0, "::1").client_ip, "2001:db8::7", "Forwarded: for");
    ok(lk_origin_trusts(some, "10.255.0.1") && !lk_origin_trusts(some, "11.0.0.0"), "10.0.0.0/8");
    ok(lk_origin_trusts(some, "::ffff:10.1.2.3"), "IPv4 over IPv6");
    ok(lk_origin_trusts(some, "2001:db8:7fff::1") && !lk_origin_trusts(some, "2001:db8:8000::1"), "2001:db8::/33");
    ok(lk_origin_trusts(some, "192.0.2.7") && !lk_origin_trusts(some, "192.0.2.8"), "a single address");
    ok(!lk_origin_trusts(some, "") && !lk_origin_trusts(some, "x"), "what is no address");
    ok(rules_of(LK_PROXY_XFORWARDED, NULL, "10.0.0.0/33") == NULL, "a network of too many bits");
    ok(rules_of(LK_PROXY_XFORWARDED, NULL, "example.org") == NULL, "a name is no network");
}

/* --- lanes --- */

typedef struct st_task_t {
    lk_lane_job_t job;
    int number;
} task_t;

static atomic_int done, gate, order_broken, last;

static void run_task(lk_lane_job_t *job)
{
    task_t *task = (task_t *)job;
    while (!atomic_load(&gate))
        usleep(1000);
    if (atomic_exchange(&last, task->number) > task->number)
        atomic_store(&order_broken, 1);
    atomic_fetch_add(&done, 1);
}

static void reset_tasks(int open)
{
    atomic_store(&done, 0);
    atomic_store(&last, -1);
    atomic_store(&order_broken, 0);
    atomic_store(&gate, open);
}

static void wait_busy(lk_lane_t *lane, size_t busy)
{
    lk_lane_stats_t stats;
    do {
        usleep(1000);
        lk_lane_stats(lane, &stats);
    } while (stats.busy != busy);
}

static void test_lanes(void)
{
    static task_t tasks[5000];
    lk_lane_stats_t stats;
    lk_lane_t *lane = lk_lane_create("test", 1, 3);
    for (int i = 0; i < 5000; ++i)
        tasks[i] = (task_t){{NULL, run_task}, i};
    reset_tasks(0);
    lk_lane_stats(lane, &stats);
    is_int(stats.threads, 0, "no thread before there is work");
    is_int(lk_lane_push(lane, &tasks[0].job), 0, "the first job starts one");
    wait_busy(lane, 1);
    for (int i = 1; i <= 3; ++i)
        is_int(lk_lane_push(lane, &tasks[i].job), 0, "a job waits");
    is_int(lk_lane_push(lane, &tasks[4].job), -1, "one too many is refused");
    lk_lane_stats(lane, &stats);
    ok(stats.threads == 1 && stats.busy == 1 && stats.queued == 3 && stats.rejected == 1, "the figures say so");
    atomic_store(&gate, 1);
    lk_lane_close(&lane);
    ok(lane == NULL && atomic_load(&done) == 4 && !atomic_load(&order_broken), "closing runs what waits, in its order");

    reset_tasks(0);
    lane = lk_lane_create("test", 4, 10000);
    for (int i = 0; i < 5000; ++i)
        lk_lane_push(lane, &tasks[i].job);
    wait_busy(lane, 4);
    lk_lane_stats(lane, &stats);
    ok(stats.threads == 4 && stats.queued == 4996, "no more threads than allowed");
    atomic_store(&gate, 1);
    lk_lane_close(&lane);
    is_int(atomic_load(&done), 5000, "all jobs are run once");
}

/* --- answers --- */

static lk_reply_t reply;

static const char *header_of(const char *name)
{
    for (size_t i = 0; i < reply.num_headers; ++i)
        if (strcmp(reply.headers[i].name, name) == 0)
            return reply.headers[i].value;
    return NULL;
}

static const char *finish(lk_error_format_t format, unsigned flags, lk_status_t status, lk_error_t *err, const char *request_type)
{
    lk_server_options_t options = LK_SERVER_DEFAULTS;
    lk_route_t route = {LK_GET, "/", handle, LK_LANE_QUICK, format, flags, NULL};
    lk_pair_t type = {"content-type", request_type};
    lk_request_t req = {.arena = arena, .base_path = "", .headers = {&type, request_type != NULL}};
    lk_reply_finish(&route, &options, &req, status, err, &reply);
    return reply.body.base != NULL ? reply.body.base : "";
}

static const char *fail_with(lk_error_format_t format, lk_status_t kind, int http, const char *code, const char *text)
{
    lk_error_t err = {0};
    lk_reply_init(&reply, arena);
    lk_reply_header(&reply, "set-cookie", "a=b");
    lk_reply_header(&reply, "access-control-allow-origin", "http://a");
    text != NULL ? lk_fail_http(&err, kind, http, code, "%s", text) : lk_fail_http(&err, kind, http, code, NULL);
    return finish(format, 0, kind, &err, NULL);
}

static void test_errors(void)
{
    is_str(fail_with(LK_ERRORS_OAUTH, LK_INVALID, 0, "invalid_grant", "Code not valid"),
           "{\"error\":\"invalid_grant\",\"error_description\":\"Code not valid\"}", "OAuth error");
    ok(reply.status == 400 && header_of("set-cookie") == NULL, "cookies of a handler that failed are not set");
    is_str(header_of("access-control-allow-origin"), "http://a", "but scripts may read the error");
    is_str(header_of("x-frame-options"), "SAMEORIGIN", "JSON is not framed");
    ok(header_of("content-security-policy") == NULL && strcmp(header_of("x-robots-tag"), "none") == 0, "and needs no policy");
    is_str(fail_with(LK_ERRORS_OAUTH, LK_DENIED, 0, "invalid_client", NULL), "{\"error\":\"invalid_client\"}", "no description");
    is_int(reply.status, 401, "denied is 401");
    is_str(fail_with(LK_ERRORS_OAUTH, LK_NOT_FOUND, 0, NULL, "Realm does not exist"), "{\"error\":\"Realm does not exist\"}",
           "no code");
    is_str(fail_with(LK_ERRORS_ADMIN, LK_NOT_FOUND, 0, NULL, NULL), "{\"error\":\"HTTP 404 Not Found\"}", "nothing at all");
    is_str(fail_with(LK_ERRORS_ADMIN, LK_DENIED, 403, NULL, NULL), "{\"error\":\"HTTP 403 Forbidden\"}", "forbidden");
    is_str(fail_with(LK_ERRORS_ADMIN, LK_CONFLICT, 0, NULL, "User exists"), "{\"errorMessage\":\"User exists\"}", "admin conflict");
    is_str(fail_with(LK_ERRORS_ADMIN, LK_INVALID, 0, "errorMessage", "Bad \"x\""), "{\"errorMessage\":\"Bad \\\"x\\\"\"}",
           "errorMessage");
    is_str(fail_with(LK_ERRORS_ADMIN, LK_INTERNAL, 0, NULL, NULL),
           "{\"error\":\"unknown_error\",\"error_description\":\"For more on this error consult the server log.\"}", "a bug");
    fail_with(LK_ERRORS_OAUTH, LK_UNAVAILABLE, 0, NULL, NULL);
    ok(reply.status == 503 && strcmp(header_of("retry-after"), "1") == 0, "unavailable says when to come again");
    is_str(fail_with(LK_ERRORS_PAGE, LK_NOT_FOUND, 0, NULL, "Realm does not exist"), "{\"error\":\"Realm does not exist\"}",
           "no page for it");
    ok(strstr(fail_with(LK_ERRORS_PAGE, LK_INVALID, 0, NULL, "x"), "<h1>Bad Request</h1>") != NULL, "a page");
    ok(strcmp(reply.content_type, "text/html; charset=utf-8") == 0 && header_of("content-security-policy") != NULL,
       "with its policy");
    is_str(fail_with(LK_ERRORS_PLAIN, LK_INVALID, 0, NULL, "so"), "so", "plain");
}

static void test_headers(void)
{
    lk_error_t err = {0};
    lk_reply_init(&reply, arena);
    lk_reply_redirect(&reply, 302, "http://a/");
    finish(LK_ERRORS_PAGE, 0, LK_OK, &err, NULL);
    ok(header_of("x-frame-options") == NULL && header_of("strict-transport-security") != NULL, "a redirect of a GET");
    lk_reply_init(&reply, arena);
    lk_reply_redirect(&reply, 302, "http://a/");
    finish(LK_ERRORS_PAGE, 0, LK_OK, &err, "application/x-www-form-urlencoded");
    ok(header_of("x-frame-options") != NULL && header_of("content-security-policy") != NULL, "a redirect of a form");
    lk_reply_init(&reply, arena);
    lk_reply_text(&reply, 200, "text/html;charset=utf-8", "x");
    lk_reply_header(&reply, "content-security-policy", "frame-src 'none'");
    lk_reply_header(&reply, "x-frame-options", "");
    finish(LK_ERRORS_PAGE, 0, LK_OK, &err, NULL);
    ok(header_of("x-frame-options") == NULL, "an empty header is none");
    is_str(header_of("content-security-policy"), "frame-src 'none'", "a handler's own stays");
    lk_reply_init(&reply, arena);
    lk_reply_text(&reply, 200, "application/json", "{}");
    finish(LK_ERRORS_OAUTH, LK_ROUTE_NO_STORE, LK_OK, &err, NULL);
    ok(strcmp(header_of("cache-control"), "no-store") == 0 && strcmp(header_of("pragma"), "no-cache") == 0, "no-store");
    lk_reply_init(&reply, arena);
    lk_reply_text(&reply, 200, "text/plain", "x");
    finish(LK_ERRORS_PLAIN, LK_ROUTE_NOT_RESOURCE, LK_OK, &err, NULL);
    is_int(reply.num_headers, 0, "no headers where no resource answers");
}

static void test_masks(void)
{
    is_str(lk_access_mask_query(arena, "client_id=app&code=abc&scope=a+b&id_token_hint=x.y.z&pass%77ord=z&flag"),
           "client_id=app&code=...&scope=a+b&id_token_hint=...&pass%77ord=...&flag", "secrets in a query");
    is_str(lk_access_mask_query(arena, ""), "", "no query");
    is_str(lk_access_mask_query(arena, "&&="), "&&=", "an odd query");
}

int main(void)
{
    arena = lk_arena_create("test");
    test_router();
    test_origin_rows();
    test_hostname();
    test_clients();
    test_lanes();
    test_errors();
    test_headers();
    test_masks();
    lk_arena_destroy(&arena);
    return tap_done();
}
