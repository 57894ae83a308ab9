/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "core/buffer.h"
#include "core/json.h"
#include "core/qr.h"
#include "core/reply.h"
#include "core/url.h"
#include "core/user_agent.h"
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
    ok(lk_json_parse(arena, "1\0x", 3, &value, &err) == LK_INVALID, "nothing follows a NUL");
    is_int(lk_json_time(lk_json_own(arena, json_real(-1e300))), -1000000000000000, "a time beyond all bounds");
    ok(lk_json_parse(arena, "{", 1, &value, &err) == LK_INVALID && strstr(err.text, "line 1") != NULL, "broken JSON says where");
    char deep[2100];
    memset(deep, '[', sizeof(deep));
    ok(lk_json_parse(arena, deep, sizeof(deep), &value, &err) == LK_INVALID && strstr(err.text, "levels") != NULL, "too deep");
    memset(deep + LK_JSON_MAX_KEPT_DEPTH, ']', LK_JSON_MAX_KEPT_DEPTH);
    is_int(lk_json_parse_kept(arena, deep, (size_t)2 * LK_JSON_MAX_KEPT_DEPTH, &value, &err), LK_OK, "as deep as it may be kept");
    deep[LK_JSON_MAX_KEPT_DEPTH] = '[';
    memset(deep + LK_JSON_MAX_KEPT_DEPTH + 1, ']', LK_JSON_MAX_KEPT_DEPTH + 1);
    is_int(lk_json_parse(arena, deep, (size_t)2 * LK_JSON_MAX_KEPT_DEPTH + 2, &value, &err), LK_OK, "one more is read");
    is_int(lk_json_parse_kept(arena, deep, (size_t)2 * LK_JSON_MAX_KEPT_DEPTH + 2, &value, &err), LK_INVALID, "and not kept");
    static const char brackets[] = "[\"[[[\\\"[[\", {\"a\": -1e18}]", *const large[] = {"[1e19]", "{\"a\":[[-1.5E300]]}",
                                                                                        "9223372036854775808.0"};
    is_int(lk_json_parse_kept(arena, brackets, strlen(brackets), &value, &err), LK_OK, "brackets in text, and a number");
    for (size_t i = 0; i != sizeof(large) / sizeof(large[0]); ++i)
        is_int(lk_json_parse_kept(arena, large[i], strlen(large[i]), &value, &err), LK_INVALID, large[i]);
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

/* What the real Keycloak 26.7 said in its account REST API of those who signed in with these. */
static void test_user_agent(lk_arena_t *arena)
{
    static const struct {
        const char *text, *expected; /* browser, os, its version, device, mobile */
    } cases[] = {
        {"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
         "Chrome/131.0.0|Windows|10|Other|0"},
        {"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 "
         "Edg/131.0.2903.86",
         "Edge/131.0.2903|Windows|10|Other|0"},
        {"Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:133.0) Gecko/20100101 Firefox/133.0", "Firefox/133.0|Windows|10|Other|0"},
        {"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1.1 Safari/605.1.15",
         "Safari/18.1.1|Mac OS X|10.15.7|Mac|0"},
        {"Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:133.0) Gecko/20100101 Firefox/133.0",
         "Firefox/133.0|Mac OS X|10.15|Mac|0"},
        {"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
         "Chrome/131.0.0|Linux|Unknown|Other|0"},
        {"Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0", "Firefox/133.0|Ubuntu|Unknown|Other|0"},
        {"Mozilla/5.0 (X11; Fedora; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0", "Firefox/133.0|Fedora|Unknown|Other|0"},
        {"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
         "Chrome/131.0.0|Chrome OS|14541.0.0|Other|0"},
        {"Mozilla/5.0 (iPhone; CPU iPhone OS 18_1_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1.1 "
         "Mobile/15E148 Safari/604.1",
         "Mobile Safari/18.1.1|iOS|18.1.1|iPhone|1"},
        {"Mozilla/5.0 (iPad; CPU OS 17_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.7 Mobile/15E148 "
         "Safari/604.1",
         "Mobile Safari/17.7|iOS|17.7|iPad|1"},
        {"Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/131.0.6778.73 "
         "Mobile/15E148 Safari/604.1",
         "Chrome Mobile iOS/131.0.6778|iOS|18.1|iPhone|1"},
        {"Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) FxiOS/133.0 "
         "Mobile/15E148 Safari/605.1.15",
         "Firefox iOS/133.0|iOS|18.1|iPhone|1"},
        {"Mozilla/5.0 (Linux; Android 14; SM-S921B) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.6778.81 Mobile "
         "Safari/537.36",
         "Chrome Mobile/131.0.6778|Android|14|Samsung SM-S921B|1"},
        {"Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36",
         "Chrome Mobile/131.0.0|Android|10|K|1"},
        {"Mozilla/5.0 (Linux; Android 13; Pixel 7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.6778.81 Mobile "
         "Safari/537.36",
         "Chrome Mobile/131.0.6778|Android|13|Pixel 7|1"},
        {"Mozilla/5.0 (Android 14; Mobile; rv:133.0) Gecko/133.0 Firefox/133.0",
         "Firefox Mobile/133.0|Android|14|Generic Smartphone|1"},
        {"Mozilla/5.0 (Linux; Android 14; SAMSUNG SM-S918B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/27.0 "
         "Chrome/125.0.0.0 Mobile Safari/537.36",
         "Samsung Internet/27.0|Android|14|Samsung SM-S918B|1"},
        {"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36 "
         "OPR/115.0.0.0",
         "Opera/115.0.0|Windows|10|Other|0"},
        {"Mozilla/5.0 (Linux; Android 14; SM-S921B) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36 "
         "EdgA/131.0.2903.87",
         "Edge Mobile/131.0.2903|Android|14|Samsung SM-S921B|1"},
        {"Mozilla/5.0 (iPhone; CPU iPhone OS 17_7_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 "
         "EdgiOS/131.0.2903.92 Mobile/15E148 Safari/605.1.15",
         "Edge Mobile/131.0.2903|iOS|17.7.2|iPhone|1"},
        {"Mozilla/5.0 (Windows NT 6.1; WOW64; Trident/7.0; rv:11.0) like Gecko", "IE/11.0|Windows|7|Other|0"},
        {"Mozilla/5.0 (Windows NT 6.3; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/109.0.0.0 Safari/537.36",
         "Chrome/109.0.0|Windows|8.1|Other|0"},
        {"Mozilla/5.0 (Linux; Android 12; Lenovo TB-X306F) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36",
         "Chrome/120.0.0|Android|12|Lenovo TB-X306F|0"},
        {"curl/8.5.0", "curl/8.5.0|Other|Unknown|Other|0"},
        {"python-requests/2.32.3", "Python Requests/2.32|Other|Unknown|Other|0"},
        {"Go-http-client/1.1", "Go-http-client/1.1|Other|Unknown|Other|0"},
        {"Apache-HttpClient/4.5.14 (Java/17.0.9)", "Apache-HttpClient/4.5.14|Other|Unknown|Other|0"},
        {"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "Googlebot/2.1|Other|Unknown|Spider|0"},
        {"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
         "Chrome/131.0.0|Mac OS X|10.15.7|Mac|0"},
        {"Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox/128.0|Linux|Unknown|Other|0"},
        {"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/131.0.0.0 Safari/537.36",
         "HeadlessChrome/131.0.0|Linux|Unknown|Other|0"},
        {"okhttp/4.12.0", "okhttp/4.12.0|Other|Unknown|Other|0"},
        {"PostmanRuntime/7.43.0", "PostmanRuntime/7.43.0|Other|Unknown|Other|0"},
        {"Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
         "Mobile Safari UI/WKWebView/Unknown|iOS|18.1|iPhone|1"},
        {"Mozilla/5.0 (Linux; Android 14; SM-S921B; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/131.0.0.0 Mobile "
         "Safari/537.36",
         "Chrome Mobile WebView/131.0.0|Android|14|Generic Smartphone|1"},
        {"Mozilla/5.0 (Android 14; Tablet; rv:133.0) Gecko/133.0 Firefox/133.0",
         "Firefox Mobile/133.0|Android|14|Generic Tablet|0"},
        {"strange thing", "Other/Unknown|Other|Unknown|Other|0"},
        {"Mozilla/5.0 (Linux; Android 13; Pixel 7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Mobile Safari/537.36 "
         "OPR/79.0.4195.76498",
         "Opera Mobile/79.0.4195|Android|13|Pixel 7|1"},
        {"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36 "
         "Vivaldi/7.0.3495.15",
         "Vivaldi/7.0.3495|Windows|10|Other|0"},
        {"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0.0.0 YaBrowser/24.10.0.0 "
         "Safari/537.36",
         "Yandex Browser/24.10.0|Windows|10|Other|0"},
        {"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/64.0.3282.140 Safari/537.36 "
         "Edge/18.17763",
         "Edge/18.17763|Windows|10|Other|0"},
        {"Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)", "bingbot/2.0|Other|Unknown|Spider|0"},
        {"Wget/1.21.3", "Wget/1.21.3|Other|Unknown|Other|0"},
        {"Mozilla/5.0 (Windows NT 6.2; Win64; x64; rv:115.0) Gecko/20100101 Firefox/115.0", "Firefox/115.0|Windows|8|Other|0"},
        {"Mozilla/5.0 (Windows NT 6.0; rv:52.0) Gecko/20100101 Firefox/52.0", "Firefox/52.0|Windows|Vista|Other|0"},
        {"Mozilla/5.0 (Windows NT 5.1; rv:52.0) Gecko/20100101 Firefox/52.0.1", "Firefox/52.0.1|Windows|XP|Other|0"},
        {"Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 6.1; Trident/4.0)", "IE/8.0|Windows|7|Other|0"},
        {"Mozilla/5.0 (iPod touch; CPU iPhone OS 12_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/12.1.2 "
         "Mobile/15E148 Safari/604.1",
         "Mobile Safari/12.1.2|iOS|12.5|iPod|1"},
        {"Mozilla/5.0 (Linux; Android 9; Nexus 5X Build/PQ3A.190801.002) AppleWebKit/537.36 (KHTML, like Gecko) "
         "Chrome/110.0.5481.65 Mobile Safari/537.36",
         "Chrome Mobile/110.0.5481|Android|9|Nexus 5X|1"},
        {"Mozilla/5.0 (Linux; Android 14; 23127PN0CC) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36",
         "Chrome Mobile/131.0.0|Android|14|23127PN0CC|1"},
        {"Mozilla/5.0 (Linux; Android 11; Redmi Note 9 Pro) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile "
         "Safari/537.36",
         "Chrome Mobile/131.0.0|Android|11|XiaoMi Redmi Note 9 Pro|1"},
        {"Mozilla/5.0 (Linux; Android 10; HUAWEI VOG-L29) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/88.0.4324.93 Mobile "
         "Safari/537.36",
         "Chrome Mobile/88.0.4324|Android|10|Huawei VOG-L29|1"},
        {"Mozilla/5.0 (X11; Debian; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox/128.0|Debian|Unknown|Other|0"},
        {"Mozilla/5.0 (X11; FreeBSD amd64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox/128.0|FreeBSD|Unknown|Other|0"},
        {"node", "Other/Unknown|Other|Unknown|Other|0"},
        {"axios/1.7.7", "axios/1.7.7|Other|Unknown|Other|0"},
        {"node-fetch/1.0", "Other/Unknown|Other|Unknown|Other|0"},
        {"Dart/3.5 (dart:io)", "Other/Unknown|Other|Unknown|Other|0"},
        {"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 "
         "Edg/131.0.0.0",
         "Edge/131.0.0|Mac OS X|10.15.7|Mac|0"},
        {"Mozilla/5.0 (Linux; Android 14; SM-X910) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
         "Chrome/131.0.0|Android|14|SM-X910|0"},
        {"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15",
         "Safari/17.5|Linux|Unknown|Other|0"},
        {"", "Other/Unknown|Other|Unknown|Other|0"},
    };
    for (size_t i = 0; i != sizeof(cases) / sizeof(cases[0]); ++i) {
        lk_user_agent_t agent = lk_user_agent_parse(arena, cases[i].text);
        is_str(lk_printf(arena, "%s|%s|%s|%s|%d", agent.browser, agent.os, agent.os_version, agent.device, agent.is_mobile),
               cases[i].expected, cases[i].text);
    }
    char *text = lk_alloc(arena, 10001);
    memset(text, '/', 10000);
    is_str(lk_user_agent_parse(arena, text).browser, "Other/Unknown", "a long one");
    is_str(lk_user_agent_parse(arena, NULL).os, "Other", "none");
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
    test_user_agent(arena);
    lk_arena_destroy(&arena);
    return tap_done();
}
