/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include "core/fetch.h"
#include "core/json.h"
#include "core/remote.h"
#include "core/trace.h"
#include "crypto/jwks.h"
#include "tap.h"

/* Calls to others, and their key sets: a server of one thread that says what `body` holds. */

static int listener, port;
static atomic_int calls;
static char asked[4096]; /* the last request */
static _Atomic(const char *) body = "{}";
static _Atomic(const char *) head =
    "HTTP/1.1 200 OK\r\nContent-Type: Application/JSON; charset=x\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n";

static void *serve(void *context)
{
    (void)context;
    for (;;) {
        int fd = accept(listener, NULL, NULL);
        if (fd == -1)
            return NULL;
        for (ssize_t n; (n = read(fd, asked, sizeof(asked) - 1)) > 0;) {
            asked[n] = '\0';
            const char *text = body;
            ++calls;
            dprintf(fd, "%sContent-Length: %zu\r\n\r\n%s", head, strlen(text), text);
        }
        close(fd);
    }
}

static const char *start(lk_arena_t *arena)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(address);
    pthread_t thread;
    listener = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(listener, (struct sockaddr *)&address, sizeof(address)) != 0 || listen(listener, 16) != 0 ||
        getsockname(listener, (struct sockaddr *)&address, &len) != 0 || pthread_create(&thread, NULL, serve, NULL) != 0)
        abort();
    port = ntohs(address.sin_port);
    return lk_printf(arena, "http://127.0.0.1:%d/keys", port);
}

static void test_fetch(lk_arena_t *arena, const char *url)
{
    lk_fetched_t got;
    lk_error_t err = {0};
    is_int(lk_fetch(arena, &(lk_fetch_t){.url = url, .authorization = "Bearer x"}, &got, &err), LK_OK, "an answer");
    is_int(got.status, 200, "its status");
    is_str((const char *)got.body.base, "{}", "its body");
    is_str(got.content_type, "application/json", "its type, without parameters, in lower case");
    ok(got.server_skew < -900000000, "the other's clock is behind");
    is_int(lk_fetch(arena, &(lk_fetch_t){.url = url, .form = "a=b", .max_bytes = 1}, &got, &err), LK_UNAVAILABLE, "too large");
    ok(strstr(err.detail, "too large") != NULL, "and the log is told so");
    is_int(lk_fetch(arena, &(lk_fetch_t){.url = "file:///etc/hostname"}, &got, &err), LK_UNAVAILABLE, "no files");
}

static void test_trace(lk_arena_t *arena, const char *url)
{
    lk_fetched_t got;
    lk_trace_t trace;
    uint64_t random[2] = {1, 2};
    const char *parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    lk_trace_begin(&trace, parent, random);
    lk_trace_enter(&trace);
    lk_fetch(arena, &(lk_fetch_t){.url = url}, &got, NULL);
    ok(strstr(asked, lk_printf(arena, "\r\ntraceparent: 00-%s-%s-01\r\n", trace.trace_id, trace.span_id)) != NULL,
       "the trace goes along with a call");
    is_str(trace.trace_id, "4bf92f3577b34da6a3ce929d0e0e4736", "the caller's trace");
    is_str(trace.parent_id, "00f067aa0ba902b7", "and span");
    lk_trace_enter(NULL);
    lk_fetch(arena, &(lk_fetch_t){.url = url}, &got, NULL);
    ok(strstr(asked, "traceparent") == NULL, "outside of a request there is none");
    static const char *const rubbish[] = {NULL,
                                          "",
                                          "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
                                          "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
                                          "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
                                          "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                                          "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01"};
    for (size_t i = 0; i != sizeof(rubbish) / sizeof(rubbish[0]); ++i) {
        lk_trace_begin(&trace, rubbish[i], random);
        ok(*trace.parent_id == '\0' && strlen(trace.trace_id) == 32 && strcmp(trace.trace_id, parent + 3) != 0,
           "a trace begins: %s", rubbish[i] != NULL ? rubbish[i] : "no header");
    }
}

typedef struct st_pair_t {
    lk_key_t *key;
    const char *set;
    lk_jws_t token;
} pair_t;

static pair_t make_pair(lk_arena_t *arena, const char *kid)
{
    pair_t pair;
    const char *private_key, *public_key;
    char *token;
    if (lk_key_generate_curve(arena, "P-256", &private_key, &public_key, NULL) != LK_OK ||
        lk_key_from_private(arena, private_key, NULL, "ES256", "sig", &pair.key, NULL) != LK_OK)
        abort();
    pair.key->kid = kid;
    json_t *jwk = lk_key_to_jwk(arena, pair.key);
    json_object_del(jwk, "alg"); /* as Entra's */
    pair.set = lk_json_text(arena, lk_json_own(arena, json_pack("{s:[{s:s}, o]}", "keys", "kty", "none of ours", jwk)));
    if (lk_jws_sign(arena, pair.key, "ES256", "JWT", "{}", 2, &token, NULL) != LK_OK ||
        lk_jws_parse(arena, token, &pair.token, NULL) != LK_OK)
        abort();
    return pair;
}

static void test_key_sets(lk_arena_t *arena, const char *url)
{
    pair_t one = make_pair(arena, "one"), two = make_pair(arena, "two"), forged = make_pair(arena, "one");
    lk_error_t err = {0};
    body = one.set;
    calls = 0;
    is_int(lk_jwks_verify(arena, url, &one.token, &err), LK_OK, "a key of the set verifies");
    is_int(lk_jwks_verify(arena, url, &one.token, &err), LK_OK, "again");
    is_int(calls, 1, "fetched once");
    is_int(lk_jwks_verify(arena, url, &forged.token, &err), LK_INVALID, "another key of that name does not");
    is_int(calls, 2, "after another look at the set");
    is_int(lk_jwks_verify(arena, url, &two.token, &err), LK_NOT_FOUND, "nor does one that is not in the set");
    ok(strstr(err.detail, "kid two") != NULL, "the log is told which");
    is_int(calls, 2, "and so soon it is not asked for a second time");
    body = two.set;
    sleep(LK_REMOTE_PAUSE_S + 1);
    is_int(lk_jwks_verify(arena, url, &two.token, &err), LK_OK, "a moment later the new key is fetched");
    is_int(lk_jwks_verify(arena, url, &one.token, &err), LK_NOT_FOUND, "the old one counts no more");
    is_int(calls, 3, "by one call, and one for the other");
    two.token.kid = NULL;
    is_int(lk_jwks_verify(arena, url, &two.token, &err), LK_OK, "without a kid each key is tried");
    body = "<html>";
    is_int(lk_jwks_verify(arena, lk_printf(arena, "%s2", url), &one.token, &err), LK_UNAVAILABLE, "no key set, no answer");
    is_int(lk_jwks_verify(arena, lk_printf(arena, "%s2", url), &one.token, &err), LK_UNAVAILABLE, "nor a moment later");
    is_int(calls, 4, "without a second call");
    is_int(lk_jwks_verify(arena, url, &two.token, &err), LK_OK, "the other set is untouched");
}

int main(void)
{
    lk_arena_t *arena = lk_arena_create("test");
    const char *url = start(arena);
    test_fetch(arena, url);
    test_trace(arena, url);
    test_key_sets(arena, url);
    lk_arena_destroy(&arena);
    return tap_done();
}
