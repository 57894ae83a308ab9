/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "core/buffer.h"
#include "core/json.h"
#include "core/qr.h"
#include "core/reply.h"
#include "core/url.h"
#include "tap.h"

static int released;
static void on_release(void *object)
{
    released += *(int *)object;
}

static void test_arena(void)
{
    static int one = 1;
    lk_arena_t *arena = lk_arena_create("test");
    char *small = lk_alloc(arena, 10), *large = lk_alloc(arena, 100000);
    ok(small[9] == 0 && large[99999] == 0, "memory is zeroed");
    is_str(lk_printf(arena, "%d-%s", 7, "x"), "7-x", "printf");
    ok(lk_strdup(arena, NULL) == NULL, "NULL in, NULL out");
    lk_defer(arena, on_release, &one);
    lk_arena_destroy(&arena);
    ok(arena == NULL && released == 1, "destroy releases and nulls");
}

static void test_buffer(lk_arena_t *arena)
{
    lk_buffer_t b;
    lk_buffer_init(&b, arena, 1000);
    lk_buffer_json_string(&b, "a\"\\\n\x01é");
    is_str(b.base, "\"a\\\"\\\\\\n\\u0001é\"", "JSON escapes");
    lk_buffer_init(&b, arena, 1000);
    lk_buffer_html(&b, "<a href='x'>&\"");
    is_str(b.base, "&lt;a href=&#39;x&#39;&gt;&amp;&quot;", "HTML escapes");
    lk_buffer_init(&b, arena, 1000);
    lk_buffer_form(&b, "a b&c=d/é~*");
    is_str(b.base, "a+b%26c%3Dd%2F%C3%A9%7E*", "form encoding");
    lk_buffer_init(&b, arena, 1000);
    lk_buffer_percent(&b, "a b~/");
    is_str(b.base, "a%20b~%2F", "percent encoding");
    lk_buffer_init(&b, arena, 5);
    lk_buffer_puts(&b, "12345");
    ok(!b.overflow, "up to the maximum");
    lk_buffer_putc(&b, '6');
    ok(b.overflow && b.len == 5, "not past the maximum");
}

static const char *host(lk_arena_t *arena, const char *url)
{
    size_t len;
    const char *found = lk_url_host(url, &len);
    return found == NULL ? NULL : lk_strndup(arena, found, len);
}

static void test_encode(lk_arena_t *arena)
{
    static const char *const plain[] = {"", "f", "fo", "foo", "foob", "fooba", "foobar"};
    static const char *const coded[] = {"", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"};
    lk_bytes_t bytes;
    for (size_t i = 0; i != 7; ++i) {
        is_str(lk_base64(arena, plain[i], strlen(plain[i])), coded[i], "base64");
        ok(lk_base64_decode(arena, coded[i], strlen(coded[i]), &bytes) == 0 && bytes.len == strlen(plain[i]) &&
               memcmp(bytes.base, plain[i], bytes.len) == 0,
           "and back: %s", plain[i]);
    }
    is_str(lk_base64url(arena, "\xfb\xff", 2), "-_8", "base64url");
    ok(lk_base64_decode(arena, "a", 1, &bytes) == -1 && lk_base64_decode(arena, "a b=", 4, &bytes) == -1, "broken base64");
    is_str(lk_percent_decode(arena, "a+b%20c", 7, 1), "a b c", "form decoding");
    ok(lk_percent_decode(arena, "%zz", 3, 1) == NULL && lk_percent_decode(arena, "%4", 2, 1) == NULL &&
           lk_percent_decode(arena, "%00", 3, 1) == NULL,
       "broken escapes and NUL");
    is_str(lk_percent_decode(arena, "%ff", 3, 0), "\xef\xbf\xbd", "invalid UTF-8 is replaced");
    is_str(lk_utf8_lower(arena, "ÄBCÉж-Ж-ŠŁ"), "äbcéж-ж-šł", "lower case");
    ok(lk_url_origin("https://sso.test:8443/auth") == 21 && lk_url_origin("https://sso.test?a") == 16 &&
           lk_url_origin("/auth") == 0,
       "origin of an address");
    is_str(host(arena, "https://u:p@a@b.test:1/x@y"), "b.test", "host behind a user");
    is_str(host(arena, "http://[::1]:80/"), "[::1]", "IPv6 host");
    is_str(host(arena, "http://[::1/]"), "[::1", "IPv6 host that does not end");
    ok(host(arena, "http:///x") == NULL && host(arena, "/x") == NULL, "no host");
    ok(!lk_utf8_valid("\xc0\x80", 2) && !lk_utf8_valid("\xed\xa0\x80", 3) && lk_utf8_valid("é", 2), "UTF-8 validity");
}

static void test_request(lk_arena_t *arena)
{
    int malformed = 0;
    const char *text = "a=1&b=x%20y&a=2&&c&d=";
    lk_pair_t cookies[] = {{"cookie", "X=1; NAME=\"q v\" ;YNAME=2"}};
    lk_request_t req = {
        .arena = arena, .form = lk_pairs_parse_form(arena, text, strlen(text), &malformed), .headers = {cookies, 1}};
    is_int(req.form.count, 5, "pairs");
    is_str(lk_pairs_get(&req.form, "a"), "1", "first of several");
    is_int(lk_pairs_count(&req.form, "a"), 2, "count");
    is_str(lk_request_param(&req, "c"), "", "name without value");
    ok(!malformed, "well-formed");
    lk_pairs_parse_form(arena, "x=%", 3, &malformed);
    ok(malformed, "malformed");
    is_str(lk_request_cookie(&req, "NAME"), "q v", "quoted cookie");
    is_str(lk_request_cookie(&req, "YNAME"), "2", "cookie with a like name");
    ok(lk_request_cookie(&req, "AME") == NULL, "no cookie by part of a name");
}

static void test_reply(lk_arena_t *arena)
{
    lk_reply_t reply;
    lk_reply_init(&reply, arena);
    lk_reply_cookie(&reply, &(lk_cookie_t){"A", "v", "/auth/realms/x/", 60, 1, 1});
    lk_reply_cookie(&reply, &(lk_cookie_t){"A", "", "/auth/realms/x/", 0, 1, 1});
    lk_reply_cookie(&reply, &(lk_cookie_t){"A", "v", "/p", -1, 0, 0});
    is_str(reply.headers[0].value, "A=v;Version=1;Path=/auth/realms/x/;Max-Age=60;Secure;HttpOnly;SameSite=None", "cookie");
    is_str(reply.headers[1].value, "A=;Version=1;Path=/auth/realms/x/;Max-Age=0", "deletion");
    is_str(reply.headers[2].value, "A=v;Version=1;Path=/p;SameSite=Lax", "session cookie over plain http");
    lk_reply_set_header(&reply, "x", "1");
    lk_reply_set_header(&reply, "x", "2");
    is_int(reply.num_headers, 4, "replaced");
}

static void test_json(lk_arena_t *arena)
{
    lk_error_t err;
    json_t *value;
    static const char text[] = "{\"a\":[\"7\"],\"t\":\"true\",\"n\":3}";
    ok(lk_json_parse(arena, text, strlen(text), &value, &err) == LK_OK, "parse");
    is_int(lk_json_config_int(value, "a", 0), 7, "number in an array of text");
    ok(lk_json_config_bool(value, "t", 0) && lk_json_config_int(value, "n", 0) == 3, "text and numbers");
    ok(lk_json_parse(arena, "{", 1, &value, &err) == LK_INVALID && strstr(err.text, "line 1") != NULL, "broken JSON says where");
}

/* That scanners read them is seen in t/browser. */
static void test_qr(lk_arena_t *arena)
{
    char text[860];
    unsigned size = 0;
    memset(text, 'a', sizeof(text));
    text[858] = '\0';
    const char *path = lk_qr_path(arena, text, &size);
    ok(path != NULL && strncmp(path, "M4 4h7v1h-7z", 12) == 0, "a QR code begins with the corner of its finder pattern");
    is_int(size, 97 + 8, "the largest version holds 858 bytes");
    text[858] = 'a';
    text[859] = '\0';
    ok(lk_qr_path(arena, text, &size) == NULL, "and no more");
    ok(lk_qr_path(arena, "", &size) != NULL && size == 21 + 8, "the smallest holds little");
}

int main(void)
{
    lk_arena_t *arena = lk_arena_create("test");
    test_arena();
    test_buffer(arena);
    test_encode(arena);
    test_request(arena);
    test_reply(arena);
    test_json(arena);
    test_qr(arena);
    lk_arena_destroy(&arena);
    return tap_done();
}
