/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include <curl/curl.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include "core/log.h"
#include "core/time.h"
#include "http/routes.h"
#include "http/server.h"
#include "theme/theme.h"
#include "tap.h"

/* The edge as a whole, with handlers of its own: a real server on loopback, spoken to over bare sockets and libcurl. */

static lk_server_t *server;
static int port;

/* No theme here: pages are bare. */
__attribute__((weak)) lk_status_t lk_theme_render(const lk_themes_t *themes, const char *theme, const char *template_name,
                                                  const json_t *model, const char *locale, lk_buffer_t *out, lk_error_t *err)
{
    return LK_OK;
}

/* --- handlers --- */

static lk_status_t handle_hello(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    lk_reply_text(reply, 200, "text/plain",
                  lk_printf(req->arena, "hello %s from %s at %s%s", req->params[0] != NULL ? req->params[0] : "", req->client_ip,
                            req->base_url, req->path));
    return LK_OK;
}

static lk_status_t handle_echo(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    const char *a = lk_request_param(req, "a"), *cookie = lk_request_header(req, "cookie");
    lk_reply_text(reply, 200, "text/plain",
                  lk_printf(req->arena, "%s body=%zu a=%s malformed=%d cookie=%s", req->method, req->body.len, a != NULL ? a : "-",
                            req->malformed_form, cookie != NULL ? cookie : "-"));
    return LK_OK;
}

static lk_status_t handle_slow(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    usleep(400 * 1000);
    return handle_hello(req, reply, err);
}

static lk_status_t handle_big(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    lk_reply_text(reply, 200, "text/plain", "");
    for (int i = 0; i < 50000; ++i)
        lk_buffer_puts(&reply->body,
                       "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef....");
    return LK_OK;
}

static lk_status_t handle_none(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    reply->status = 204;
    lk_reply_cookie(reply, &(lk_cookie_t){.name = "A", .value = "1", .path = "/", .max_age = -1});
    lk_reply_cookie(reply, &(lk_cookie_t){.name = "B", .value = "2", .path = "/", .max_age = -1});
    return LK_OK;
}

static lk_status_t handle_fail(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    return lk_fail(err, LK_UNAVAILABLE, "temporarily_unavailable", "Later");
}

static atomic_int parts_made;

/* Parts of 100 kB, as many as the path says; "fail" ends with the third. */
static lk_status_t make_part(lk_reply_t *reply, lk_error_t *err)
{
    long *left = reply->rest;
    for (int i = 0; i != 1000; ++i)
        lk_buffer_printf(&reply->body, "%099ld\n", *left);
    reply->more = --*left != 0 ? make_part : NULL;
    ++parts_made;
    return *left == LONG_MAX - 3 ? lk_fail(err, LK_UNAVAILABLE, NULL, "Gone") : LK_OK;
}

static lk_status_t handle_parts(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    long *left = LK_NEW(req->arena, long);
    *left = strcmp(req->params[0], "fail") == 0 ? LONG_MAX : strtol(req->params[0], NULL, 10);
    lk_reply_text(reply, 200, "text/plain", "");
    reply->rest = left;
    parts_made = 0;
    return make_part(reply, err);
}

static const lk_route_t routes[] = {
    {LK_GET, "/parts/{number}", handle_parts, LK_LANE_QUICK, LK_ERRORS_ADMIN, 0, NULL},
    {LK_GET, "/hello/{name}", handle_hello, LK_LANE_QUICK, LK_ERRORS_ADMIN, 0, NULL},
    {LK_GET, "/keys/{name}", handle_hello, LK_LANE_QUICK, LK_ERRORS_ADMIN, LK_ROUTE_AWAITED, NULL},
    {LK_GET, "/loop", handle_hello, LK_LANE_LOOP, LK_ERRORS_ADMIN, 0, "GET"},
    {LK_GET | LK_POST, "/echo", handle_echo, LK_LANE_GRANT, LK_ERRORS_OAUTH, 0, NULL},
    {LK_POST, "/large", handle_echo, LK_LANE_QUICK, LK_ERRORS_ADMIN, LK_ROUTE_LARGE_BODY, NULL},
    {LK_GET, "/slow", handle_slow, LK_LANE_OUTBOUND, LK_ERRORS_ADMIN, 0, NULL},
    {LK_GET, "/big", handle_big, LK_LANE_QUICK, LK_ERRORS_ADMIN, 0, NULL},
    {LK_GET, "/none", handle_none, LK_LANE_QUICK, LK_ERRORS_ADMIN, 0, NULL},
    {LK_GET, "/fail", handle_fail, LK_LANE_HASH, LK_ERRORS_OAUTH, 0, NULL},
};

/* --- a client --- */

static char answer[8 * 1024 * 1024];

static int dial(int to)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)to), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    struct timeval limit = {10, 0};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
        return fd;
    close(fd);
    return -1;
}

static void say(int fd, const char *text)
{
    size_t len = strlen(text);
    while (len != 0) {
        ssize_t sent = send(fd, text, len, MSG_NOSIGNAL);
        if (sent <= 0)
            return;
        text += sent;
        len -= (size_t)sent;
    }
}

/* Everything until the server closes, or `stop` has come. */
static const char *hear(int fd, const char *stop)
{
    size_t len = 0;
    ssize_t got;
    answer[0] = '\0';
    while (len + 1 < sizeof(answer) && (got = recv(fd, answer + len, sizeof(answer) - len - 1, 0)) > 0) {
        len += (size_t)got;
        answer[len] = '\0';
        if (stop != NULL && strstr(answer, stop) != NULL)
            break;
    }
    return answer;
}

/* One connection, some requests, all answers. */
static const char *talk(const char *text)
{
    int fd = dial(port);
    say(fd, text);
    hear(fd, NULL);
    close(fd);
    return answer;
}

static const char *get(const char *path)
{
    static char request[4096];
    snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: h:81\r\nConnection: close\r\n\r\n", path);
    return talk(request);
}

static int begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

static int has(const char *text)
{
    return strstr(answer, text) != NULL;
}

/* ok(), which shows the answer where it is not as expected. */
#define answered(condition, ...)                                                                                                   \
    do {                                                                                                                           \
        if (!ok((condition), __VA_ARGS__))                                                                                         \
            printf("# answer: %.600s\n", answer);                                                                                  \
    } while (0)

/* --- HTTP/1 --- */

static void test_http1(void)
{
    answered(begins(get("/auth/hello/a%20b"), "HTTP/1.1 200 OK") && has("hello a b from 127.0.0.1 at http://h:81/auth/hello/a b"),
             "GET");
    answered(has("x-robots-tag: none") && !has("server:") && !has("Server:"), "with its headers, and no Server");
    answered(begins(get("/auth/loop"), "HTTP/1.1 200 OK"), "a handler on the loop");
    answered(begins(talk("HEAD /auth/hello/x HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"), "HTTP/1.1 200 OK") &&
                 has("Content-Length: 47") && !has("hello"),
             "HEAD");
    answered(begins(get("/auth/none"), "HTTP/1.1 204 No Content") && !has("Content-Length") && !has("chunked") &&
                 has("set-cookie: A=1") && has("set-cookie: B=2"),
             "204 has no body and two cookies");
    talk("GET /auth/none HTTP/1.1\r\nHost: h\r\n\r\nGET /auth/none HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    ok(strstr(strstr(answer, "204") + 3, "HTTP/1.1 204") != NULL, "204 keeps the connection");
    answered(begins(get("/auth/fail"), "HTTP/1.1 503") && has("retry-after: 1") &&
                 has("{\"error\":\"temporarily_unavailable\",\"error_description\":\"Later\"}"),
             "a handler's failure");
    answered(
        begins(talk("POST /auth/echo HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded; "
                    "charset=utf-8\r\nContent-Length: 20\r\n\r\ngrant_type=x&a=b+%41"),
               "HTTP/1.1 200 OK") &&
            has("POST body=20 a=b A malformed=0"),
        "a form");
    answered(begins(talk("POST /auth/echo HTTP/1.1\r\nHost: h\r\nConnection: close\r\nTransfer-Encoding: "
                         "chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"),
                    "HTTP/1.1 200 OK") &&
                 has("body=5"),
             "chunks");
    talk("GET /auth/hello/1 HTTP/1.1\r\nHost: h\r\n\r\nGET /auth/loop HTTP/1.1\r\nHost: h\r\n\r\nGET /auth/hello/3 "
         "HTTP/1.1\r\nHost: "
         "h\r\nConnection: close\r\n\r\n");
    const char *first = strstr(answer, "hello 1"), *third = strstr(answer, "hello 3");
    ok(first != NULL && third != NULL && first < third, "pipelined requests are answered in their order");
    answered(begins(talk("GET /auth/hello/x HTTP/1.0\r\n\r\n"), "HTTP/1.1 400"), "no Host, no answer");
    ok(strlen(get("/auth/big")) > 5000000, "a large answer");
}

static void test_parts(void)
{
    answered(begins(get("/auth/parts/1"), "HTTP/1.1 200") && has("Content-Length: 100000\r\n"),
             "an answer of one part has a length");
    answered(strlen(get("/auth/parts/20")) > 2000000 && has("chunked") && strcmp(answer + strlen(answer) - 5, "0\r\n\r\n") == 0,
             "one of many comes in chunks, to its end");
    answered(strlen(get("/auth/parts/fail")) > 200000 && strcmp(answer + strlen(answer) - 5, "0\r\n\r\n") != 0 && parts_made == 3,
             "one that fails on its way is cut");
    answered(begins(talk("HEAD /auth/parts/9 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"), "HTTP/1.1 200") && parts_made == 1,
             "no more than a head is made for HEAD");
    int fd = dial(port);
    say(fd, "GET /auth/parts/100000 HTTP/1.1\r\nHost: h\r\n\r\n");
    int made = 0;
    for (int i = 0; i != 40 && (made == 0 || made != parts_made); ++i) { /* until the buffers of both ends are full */
        made = parts_made;
        usleep(250000);
    }
    ok(made == parts_made && made < 200, "who does not read is not written for: %d parts", made);
    close(fd);
    answered(begins(get("/auth/parts/2"), "HTTP/1.1 200"), "and may go");
}

static void test_paths(void)
{
    answered(begins(get("/"), "HTTP/1.1 302 Found\r\n") && has("location: /auth\r\n") && has("Redirecting to /auth."), "/");
    answered(begins(get("/auth"), "HTTP/1.1 303 See Other\r\n") && has("location: http://h:81/auth/\r\n"), "/auth");
    answered(begins(get("/nothing"), "HTTP/1.1 404 Not Found\r\n") && has("<h1>Resource not found</h1>"), "outside");
    answered(begins(get("/authx"), "HTTP/1.1 404 Not Found\r\n") && has("<h1>Resource not found</h1>"), "beside");
    answered(begins(get("/auth/nothing"), "HTTP/1.1 404 Not Found\r\n") &&
                 has("{\"error\":\"Unable to find matching target resource method\"}") && !has("x-robots-tag"),
             "unknown");
    answered(
        begins(talk("DELETE /auth/loop HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"), "HTTP/1.1 405 Method Not Allowed\r\n") &&
            has("{\"error\":\"HTTP 405 Method Not Allowed\"}") && has("allow: GET, HEAD, OPTIONS"),
        "wrong method");
    answered(begins(talk("OPTIONS /auth/loop HTTP/1.1\r\nHost: h\r\nOrigin: http://a\r\nConnection: close\r\n\r\n"),
                    "HTTP/1.1 200 OK\r\n") &&
                 has("access-control-allow-origin: http://a\r\n") && has("access-control-allow-methods: GET\r\n") &&
                 has("Content-Length: 0"),
             "preflight");
    answered(begins(talk("OPTIONS /auth/echo HTTP/1.1\r\nHost: h\r\nOrigin: http://a\r\nConnection: close\r\n\r\n"),
                    "HTTP/1.1 200 OK\r\n") &&
                 has("allow: GET, HEAD, OPTIONS, POST\r\n") && !has("access-control"),
             "OPTIONS elsewhere");
    static const char *const odd[] = {"/auth//loop",  "/auth/./loop",           "/auth/x/../loop",
                                      "/auth/l%6fop", "/auth/%2e%2e/auth/loop", "/auth/.."};
    for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); ++i)
        answered(begins(get(odd[i]), "HTTP/1.1 400 Bad Request\r\n") && has("missingNormalization"), "%s", odd[i]);
    answered(begins(get("/auth/hello/a;b=c"), "HTTP/1.1 400 Bad Request\r\n") && has("invalid character ';'"), "a semicolon");
    answered(begins(get("/auth/hello/%zz"), "HTTP/1.1 400 Bad Request\r\n"), "a broken escape");
    answered(begins(get("/auth/hello/x?y=%"), "HTTP/1.1 400 Bad Request\r\n"), "a broken escape in the query");
    answered(begins(get("/auth/hello/a%2Fb"), "HTTP/1.1 200 OK\r\n") && has("hello a/b from"),
             "an encoded slash stays in its segment");
    answered(begins(get("/auth/hello/a%00b"), "HTTP/1.1 404 Not Found\r\n"), "a NUL");
    answered(begins(get("/auth/hello/a%ffb"), "HTTP/1.1 200 OK\r\n"), "what is no UTF-8");
}

static void test_malformed(void)
{
    static const char *const bad[] = {"\r\n\r\n\r\nGET\r\n\r\n",
                                      "GET /auth/loop\r\n\r\n",
                                      "GET /auth/loop HTTP/9.9\r\n\r\n",
                                      "GET /auth/loop HTTP/1.1\r\nHost: bad host\r\nConnection: close\r\n\r\n",
                                      "GET /auth/hello/x HTTP/1.1\r\nHost: a/b\r\nConnection: close\r\n\r\n",
                                      "GET /auth/hello/x HTTP/1.1\r\nHost : h\r\n\r\n",
                                      "GET * HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
                                      "CONNECT h:80 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
                                      "POST /auth/echo HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n",
                                      "POST /auth/echo HTTP/1.1\r\nHost: h\r\nContent-Length: 5x\r\n\r\nabcde",
                                      "POST /auth/echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n",
                                      "POST /auth/echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: magic\r\n\r\nabc",
                                      "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); ++i) {
        int fd = dial(port);
        say(fd, bad[i]);
        shutdown(fd, SHUT_WR);
        hear(fd, NULL);
        close(fd);
        ok(answer[0] == '\0' || begins(answer, "HTTP/1.1 4") || begins(answer, "HTTP/1.1 5"), "malformed %zu", i);
        if (begins(answer, "HTTP/1.1 5") || begins(answer, "HTTP/1.1 2"))
            printf("# %s\n", answer);
    }
    answered(begins(get("/auth/loop"), "HTTP/1.1 200"), "the server still answers");
}

static void send_large(const char *path, size_t size, int chunked)
{
    char head[512], block[65536];
    int fd = dial(port);
    memset(block, 'x', sizeof(block));
    if (chunked)
        snprintf(head, sizeof(head), "POST %s HTTP/1.1\r\nHost: h\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n",
                 path);
    else
        snprintf(head, sizeof(head), "POST %s HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: %zu\r\n\r\n", path, size);
    say(fd, head);
    for (size_t sent = 0; sent < size; sent += sizeof(block)) {
        size_t len = size - sent < sizeof(block) ? size - sent : sizeof(block);
        char mark[32];
        if (chunked) {
            snprintf(mark, sizeof(mark), "%zx\r\n", len);
            say(fd, mark);
        }
        if (send(fd, block, len, MSG_NOSIGNAL) <= 0)
            break;
        if (chunked)
            say(fd, "\r\n");
    }
    if (chunked)
        say(fd, "0\r\n\r\n");
    hear(fd, NULL);
    close(fd);
}

static void test_limits(void)
{
    send_large("/auth/echo", 1024 * 1024, 0);
    answered(begins(answer, "HTTP/1.1 200") && has("body=1048576"), "a body at the limit");
    send_large("/auth/echo", 1024 * 1024 + 1, 0);
    answered(begins(answer, "HTTP/1.1 413") && has("{\"error\":\"HTTP 413 Request Entity Too Large\"}"), "a body beyond");
    send_large("/auth/echo", 1024 * 1024 + 1, 1);
    answered(begins(answer, "HTTP/1.1 413"), "in chunks, too");
    send_large("/auth/large", 3 * 1024 * 1024, 0);
    answered(begins(answer, "HTTP/1.1 200") && has("body=3145728"), "a large body where it may be");
    send_large("/auth/large", 5 * 1024 * 1024, 0);
    answered(begins(answer, "HTTP/1.1 413") || answer[0] == '\0', "not beyond that limit");
    char *request = malloc(200000);
    size_t len = (size_t)snprintf(request, 200000, "GET /auth/loop HTTP/1.1\r\nHost: h\r\nConnection: close\r\nX: ");
    memset(request + len, 'x', 70000);
    snprintf(request + len + 70000, 200000 - len - 70000, "\r\n\r\n");
    answered(begins(talk(request), "HTTP/1.1 431"), "headers beyond the limit");
    len = (size_t)snprintf(request, 200000, "GET /auth/loop HTTP/1.1\r\nHost: h\r\nConnection: close\r\n");
    for (int i = 0; i < 60; ++i)
        len += (size_t)snprintf(request + len, 200000 - len, "X-%d: y\r\n", i);
    snprintf(request + len, 200000 - len, "\r\n");
    answered(begins(talk(request), "HTTP/1.1 431"), "too many headers");
    memset(request, 'y', 199999);
    memcpy(request, "GET /auth/hello/", 16);
    memcpy(request + 150000, " HTTP/1.1\r\nHost: h\r\n\r\n", 23);
    answered(begins(talk(request), "HTTP/1.1 4"), "a path beyond the limit");
    free(request);
}

static int ms_until_closed(const char *begin, const char *drip)
{
    int fd = dial(port);
    int64_t from = lk_ticks_us();
    char c;
    say(fd, begin);
    struct timeval tick = {0, 100000};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tick, sizeof(tick));
    while (lk_ticks_us() - from < 8000000) {
        ssize_t got = recv(fd, &c, 1, 0);
        if (got == 0 || (got == -1 && errno != EAGAIN))
            break;
        if (drip != NULL)
            say(fd, drip);
    }
    close(fd);
    return (int)((lk_ticks_us() - from) / 1000);
}

static void test_slow(void)
{
    int ms = ms_until_closed("GET /auth/loop HTTP/1.1\r\nX: ", "y");
    ok(ms >= 800 && ms < 3000, "a slow head is cut after a second (%d ms)", ms);
    ms = ms_until_closed("POST /auth/echo HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n", "y");
    ok(ms >= 800 && ms < 4000, "a slow body, too (%d ms)", ms);
    ms = ms_until_closed("GET /auth/none HTTP/1.1\r\nHost: h\r\n\r\n", NULL);
    ok(ms >= 2500 && ms < 6000, "an idle connection after three (%d ms)", ms);
}

/* --- clients that leave --- */

static void test_leaving(void)
{
    for (int i = 0; i < 30; ++i) {
        struct linger now = {1, 0};
        int fd = dial(port);
        say(fd, i % 2 ? "GET /auth/slow HTTP/1.1\r\nHost: h\r\n\r\n" : "GET /auth/big HTTP/1.1\r\nHost: h\r\n\r\n");
        if (i % 3 == 0)
            usleep(5000);
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
        close(fd);
    }
    answered(begins(get("/auth/loop"), "HTTP/1.1 200"), "clients leave while handlers run, others are served");
    do
        usleep(100000);
    while (!begins(get("/auth/slow"), "HTTP/1.1 200"));
    ok(1, "by the same lane, when it is free again");
}

/* --- HTTP/2 and TLS --- */

typedef struct st_fetched_t {
    char body[65536];
    size_t len;
    long status, version;
    CURLcode code;
} fetched_t;

static size_t on_body(char *bytes, size_t size, size_t count, void *_fetched)
{
    fetched_t *fetched = _fetched;
    for (size_t i = 0; i < size * count && fetched->len + 1 < sizeof(fetched->body); ++i)
        fetched->body[fetched->len++] = bytes[i];
    fetched->body[fetched->len] = '\0';
    return size * count;
}

static CURL *curl_of(const char *url, long version, fetched_t *fetched)
{
    CURL *curl = curl_easy_init();
    memset(fetched, 0, sizeof(*fetched));
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, version);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, 10L);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, fetched);
    return curl;
}

static void fetch(CURL *curl, fetched_t *fetched)
{
    fetched->code = curl_easy_perform(curl);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &fetched->status);
    curl_easy_getinfo(curl, CURLINFO_HTTP_VERSION, &fetched->version);
}

static fetched_t *fetch_once(const char *scheme, int to, const char *path, long version)
{
    static fetched_t fetched;
    char url[256];
    snprintf(url, sizeof(url), "%s://127.0.0.1:%d%s", scheme, to, path);
    CURL *curl = curl_of(url, version, &fetched);
    fetch(curl, &fetched);
    curl_easy_cleanup(curl);
    return &fetched;
}

static void test_http2(void)
{
    fetched_t *fetched = fetch_once("http", port, "/auth/hello/two", CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE);
    ok(fetched->status == 200 && fetched->version == CURL_HTTP_VERSION_2 && strstr(fetched->body, "hello two") != NULL,
       "HTTP/2 with prior knowledge");
    static fetched_t posted;
    char url[128];
    snprintf(url, sizeof(url), "http://127.0.0.1:%d/auth/echo", port);
    CURL *curl = curl_of(url, CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE, &posted);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, "a=b&grant_type=password");
    struct curl_slist *headers =
        curl_slist_append(curl_slist_append(curl_slist_append(NULL, "Cookie: a=1"), "Cookie: b=2"), "Expect:");
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    fetch(curl, &posted);
    is_str(posted.body, "POST body=23 a=b malformed=0 cookie=a=1; b=2", "a form over HTTP/2, its cookies joined");
    curl_easy_cleanup(curl);
    curl_slist_free_all(headers);
    /* A stream that is reset while its handler runs. */
    static fetched_t slow;
    snprintf(url, sizeof(url), "http://127.0.0.1:%d/auth/slow", port);
    for (int i = 0; i < 5; ++i) {
        curl = curl_of(url, CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE, &slow);
        curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, 50L);
        fetch(curl, &slow);
        curl_easy_cleanup(curl);
    }
    is_int(slow.code, CURLE_OPERATION_TIMEDOUT, "clients give up");
    answered(begins(get("/auth/slow"), "HTTP/1.1 200"), "and others are served");
}

static void test_http2_parts(void)
{
    fetched_t *fetched = fetch_once("http", port, "/auth/parts/20", CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE);
    ok(fetched->code == CURLE_OK && fetched->status == 200 && parts_made == 20, "an answer in parts over HTTP/2");
    fetched = fetch_once("http", port, "/auth/parts/fail", CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE);
    ok(fetched->code != CURLE_OK, "one that fails on its way: %s", curl_easy_strerror(fetched->code));
}

static void test_http2_large(void)
{
    static fetched_t posted;
    char url[128], *large = malloc(1100001);
    snprintf(url, sizeof(url), "http://127.0.0.1:%d/auth/echo", port);
    CURL *curl = curl_of(url, CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE, &posted);
    struct curl_slist *headers = curl_slist_append(NULL, "Expect:");
    memset(large, 'x', 1100000);
    large[1100000] = '\0';
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, 1100000L);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, large);
    fetch(curl, &posted);
    ok(posted.status == 413, "a large body over HTTP/2: %ld, %s", posted.status, curl_easy_strerror(posted.code));
    free(large);
    curl_easy_cleanup(curl);
    curl_slist_free_all(headers);
}

static void write_certificate(const char *cert_file, const char *key_file, const char *name)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *cert = X509_new();
    ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
    X509_gmtime_adj(X509_getm_notBefore(cert), 0);
    X509_gmtime_adj(X509_getm_notAfter(cert), 3600);
    X509_set_pubkey(cert, key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN", MBSTRING_ASC, (const unsigned char *)name, -1, -1, 0);
    X509_set_issuer_name(cert, X509_get_subject_name(cert));
    X509_sign(cert, key, EVP_sha256());
    FILE *file = fopen(cert_file, "w");
    PEM_write_X509(file, cert);
    fclose(file);
    file = fopen(key_file, "w");
    PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL);
    fclose(file);
    X509_free(cert);
    EVP_PKEY_free(key);
}

static void peer_name(int to, char *ret_name, size_t size)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    SSL *ssl = SSL_new(ctx);
    int fd = dial(to);
    *ret_name = '\0';
    SSL_set_fd(ssl, fd);
    X509 *cert = SSL_connect(ssl) == 1 ? SSL_get1_peer_certificate(ssl) : NULL;
    if (cert != NULL)
        X509_NAME_get_text_by_NID(X509_get_subject_name(cert), NID_commonName, ret_name, (int)size);
    X509_free(cert);
    SSL_free(ssl);
    SSL_CTX_free(ctx);
    close(fd);
}

static void test_tls(const char *cert_file, const char *key_file)
{
    int tls_port = lk_server_https_port(server);
    char name[64];
    lk_error_t err;
    fetched_t *fetched = fetch_once("https", tls_port, "/auth/hello/tls", CURL_HTTP_VERSION_2TLS);
    ok(fetched->status == 200 && fetched->version == CURL_HTTP_VERSION_2 && strstr(fetched->body, "at https://127.0.0.1:") != NULL,
       "HTTP/2 over TLS, chosen by ALPN");
    fetched = fetch_once("https", tls_port, "/auth/hello/tls", CURL_HTTP_VERSION_1_1);
    ok(fetched->status == 200 && fetched->version == CURL_HTTP_VERSION_1_1, "HTTP/1.1 over TLS");
    peer_name(tls_port, name, sizeof(name));
    is_str(name, "first", "the certificate");
    write_certificate(cert_file, key_file, "second");
    is_int(lk_server_reload(server, &err), LK_OK, "is read again");
    usleep(50000);
    peer_name(tls_port, name, sizeof(name));
    is_str(name, "second", "and the new one is used");
    FILE *file = fopen(key_file, "w");
    fclose(file);
    is_int(lk_server_reload(server, &err), LK_INVALID, "a broken one is refused");
    ok(strstr(err.text, key_file) != NULL, "with its name: %s", err.text);
    peer_name(tls_port, name, sizeof(name));
    is_str(name, "second", "and changes nothing");
    int fd = dial(tls_port);
    say(fd, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    hear(fd, NULL);
    close(fd);
    ok(!has("200 OK"), "plain HTTP on the TLS port");
}

/* --- management --- */

static int database_is_up = 1;

static lk_status_t database_up(void *context, lk_error_t *err)
{
    return __atomic_load_n(&database_is_up, __ATOMIC_SEQ_CST) ? LK_OK : lk_fail(err, LK_UNAVAILABLE, NULL, NULL);
}

static const char *manage(const char *path)
{
    char request[256];
    int fd = dial(lk_server_management_port(server));
    snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", path);
    say(fd, request);
    hear(fd, NULL);
    close(fd);
    return answer;
}

static void test_management(void)
{
    answered(begins(manage("/auth/health/ready"), "HTTP/1.1 503") && has("\"status\": \"DOWN\""), "not ready before it is said");
    answered(begins(manage("/auth/health/live"), "HTTP/1.1 200") && has("{\n    \"status\": \"UP\",\n    \"checks\": [\n    ]\n}"),
             "but live");
    answered(begins(manage("/auth/health/started"), "HTTP/1.1 503"), "not started");
    answered(begins(get("/auth/hello/x"), "HTTP/1.1 503") && has("retry-after: "), "and no handler runs");
    answered(begins(get("/auth/keys/x"), "HTTP/1.1 503") && has("retry-after: "), "what is awaited is refused only after a while");
    int waiting = dial(port), gone = dial(port);
    say(waiting, "GET /auth/keys/kept HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    say(gone, "GET /auth/keys/gone HTTP/1.1\r\nHost: h\r\n\r\n");
    usleep(100000);
    close(gone);
    usleep(100000);
    lk_server_set_ready(server, 1);
    hear(waiting, NULL);
    close(waiting);
    answered(begins(answer, "HTTP/1.1 200") && has("hello kept"), "and answered where the start comes first");
    answered(begins(manage("/auth/health/ready"), "HTTP/1.1 200") &&
                 has("        {\n            \"name\": \"Database\",\n            \"status\": \"UP\"\n        }\n    ]"),
             "ready, with the checks");
    __atomic_store_n(&database_is_up, 0, __ATOMIC_SEQ_CST);
    answered(begins(manage("/auth/health"), "HTTP/1.1 503") && has("cache-control: no-store"), "a check that fails");
    __atomic_store_n(&database_is_up, 1, __ATOMIC_SEQ_CST);
    answered(begins(manage("/auth/health/started"), "HTTP/1.1 200"), "started");
    answered(begins(manage("/auth/hello/x"), "HTTP/1.1 404"), "the management port serves nothing else");
    answered(begins(get("/auth/health"), "HTTP/1.1 404"), "nor the main port that");
}

static void test_metrics(void)
{
    answered(
        begins(manage("/auth/metrics"), "HTTP/1.1 200") &&
            has("http_server_requests_seconds_count{method=\"GET\",outcome=\"SUCCESS\",status=\"200\",uri=\"/hello/{name}\"} ") &&
            has("latchkey_lane_rejected_total{lane=\"quick\"} 0\n") && has("# TYPE process_resident_memory_bytes gauge"),
        "metrics");
}

/* --- full lanes and shutdown --- */

static void test_full_lane(void)
{
    int fds[12], busy = 0, served = 0;
    for (int i = 0; i < 12; ++i) {
        fds[i] = dial(port);
        say(fds[i], "GET /auth/slow HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    }
    for (int i = 0; i < 12; ++i) {
        hear(fds[i], NULL);
        busy += begins(answer, "HTTP/1.1 503") && has("retry-after: 1") && has("temporarily_unavailable");
        served += begins(answer, "HTTP/1.1 200");
        close(fds[i]);
    }
    ok(busy > 0 && served >= 6 && busy + served == 12, "a full lane says so at once (%d served, %d not)", served, busy);
}

static void *stop_server(void *ret_result)
{
    *(int *)ret_result = lk_server_stop(&server);
    return NULL;
}

static void test_shutdown(void)
{
    pthread_t thread;
    int result = -2, slow = dial(port), idle = dial(port);
    say(idle, "GET /auth/none HTTP/1.1\r\nHost: h\r\n\r\n");
    hear(idle, "\r\n\r\n");
    pthread_create(&thread, NULL, stop_server, &result);
    usleep(50000);
    answered(begins(manage("/auth/health/ready"), "HTTP/1.1 503") && has("Graceful Shutdown"), "readiness goes down first");
    answered(begins(get("/auth/loop"), "HTTP/1.1 200"), "while all is served");
    say(slow, "GET /auth/slow HTTP/1.1\r\nHost: h\r\n\r\n");
    int64_t from = lk_ticks_us();
    answered(begins(hear(slow, NULL), "HTTP/1.1 200") && has("Connection: close"), "what is in flight is finished");
    hear(idle, NULL);
    ok(lk_ticks_us() - from < 2000000, "idle connections are closed");
    pthread_join(thread, NULL);
    is_int(result, 0, "the server has stopped");
    ok(server == NULL && dial(port) == -1, "and nobody listens");
    close(slow);
    close(idle);
}

static void test_failures(void)
{
    lk_server_options_t options = LK_SERVER_DEFAULTS;
    lk_error_t err;
    lk_server_t *other = NULL;
    options.http = (lk_listen_options_t){"127.0.0.1", port};
    is_int(lk_server_start(&options, NULL, &other, &err), LK_UNAVAILABLE, "a port that is taken");
    ok(strstr(err.text, "cannot listen on 127.0.0.1 port") != NULL && other == NULL, "%s", err.text);
    options.http = (lk_listen_options_t){"host.invalid", 0};
    is_int(lk_server_start(&options, NULL, &other, &err), LK_INVALID, "a host that is none");
    options.http = (lk_listen_options_t){"127.0.0.1", 0};
    options.https.port = 0;
    is_int(lk_server_start(&options, NULL, &other, &err), LK_INVALID, "TLS without a certificate");
    options.tls = (lk_tls_options_t){.certificate_file = "/nothing", .key_file = "/nothing"};
    is_int(lk_server_start(&options, NULL, &other, &err), LK_INVALID, "TLS with none there");
    ok(strstr(err.text, "/nothing") != NULL, "%s", err.text);
    options.https.port = -1;
    options.hostname = "a b";
    is_int(lk_server_start(&options, NULL, &other, &err), LK_INVALID, "a broken hostname");
}

/* h2o keeps what it recycles in lists of the thread, and never frees a queue. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:h2o_mem_alloc_recycle\nleak:h2o_multithread_create_queue\n";
}

int main(void)
{
    static const lk_health_check_t check = {"Database", database_up, NULL};
    lk_server_options_t options = LK_SERVER_DEFAULTS;
    char dir[] = "/tmp/lk-edge-XXXXXX", cert[64], key[64];
    lk_error_t err = {0};
    signal(SIGPIPE, SIG_IGN);
    lk_log_init(LK_LOG_OFF, LK_LOG_DEFAULT);
    if (mkdtemp(dir) == NULL)
        return 1;
    snprintf(cert, sizeof(cert), "%s/cert.pem", dir);
    snprintf(key, sizeof(key), "%s/key.pem", dir);
    write_certificate(cert, key, "first");
    options.http = options.https = options.management = (lk_listen_options_t){"127.0.0.1", 0};
    options.tls = (lk_tls_options_t){.certificate_file = cert, .key_file = key};
    options.relative_path = "/auth";
    options.loops = 2;
    options.outbound_threads = 2;
    options.max_queued = 4;
    options.max_headers = 50;
    options.max_large_body = 4 * 1024 * 1024;
    options.header_timeout = options.body_timeout = 1000;
    options.idle_timeout = 3000;
    options.shutdown_delay = 150;
    options.shutdown_timeout = 5000;
    options.health_enabled = options.metrics_enabled = 1;
    options.health_checks = &check;
    options.num_health_checks = 1;
    options.routes = routes;
    options.num_routes = sizeof(routes) / sizeof(routes[0]);
    if (!ok(lk_server_start(&options, NULL, &server, &err) == LK_OK, "the server starts %s", err.text))
        return tap_done();
    port = lk_server_http_port(server);
    test_management();
    test_http1();
    test_parts();
    test_paths();
    test_malformed();
    test_metrics();
    test_limits();
    test_http2();
    test_http2_parts();
    test_http2_large();
    test_tls(cert, key);
    test_leaving();
    test_slow();
    test_full_lane();
    test_failures();
    test_shutdown();
    unlink(cert);
    unlink(key);
    rmdir(dir);
    return tap_done();
}
