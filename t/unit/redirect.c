/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "token/token.h"
#include "tap.h"

/* Answers of Keycloak 26.7.4 to the same registrations. */
static const struct {
    const char *registered, *uri;
    int allowed;
} cases[] = {
    {"https://a.example*", "https://a.example/x", 1},
    {"https://a.example*", "https://a.example", 1},
    {"https://a.example*", "https://a.example?x", 1},
    {"https://a.example*", "https://a.example#x", 1},
    {"https://a.example*", "https://a.example.evil.com/", 0},
    {"https://a.example*", "https://a.example-x/", 0},
    {"https://a.example*", "https://a.example:8443/x", 0},
    {"https://a.example*", "https://a.example@evil.com/", 0},
    {"https://a.example*", "https://a.example:x@evil.com/", 0},
    {"https://a.example*", "https://A.example/x", 0},
    {"https://a.example:84*", "https://a.example:84/x", 1},
    {"https://a.example:84*", "https://a.example:8443/x", 0},
    {"https://b.example/app/*", "https://b.example/app", 1},
    {"https://b.example/app/*", "https://b.example/app?x", 1},
    {"https://b.example/app/*", "https://b.example/app#f", 1},
    {"https://b.example/app/*", "https://b.example/app/x#f", 1},
    {"https://b.example/app/*", "https://b.example/app/../x", 0},
    {"https://b.example/app/*", "https://b.example/app/\\..", 0},
    {"https://b.example/app/*", "https://b.example/app/%2e%2e/x", 0},
    {"https://b.example/app/*", "https://b.example/app/..%2fx", 0},
    {"https://b.example/app/*", "https://b.example/app%2f..%2fx", 0},
    {"https://b.example/app/*", "https://b.example/app/..%5cx", 0},
    {"https://b.example/app/*", "https://b.example/app/%252e%252e/x", 0},
    {"https://b.example/app/*", "https://b.example/app/..;/x", 0},
    {"https://b.example/app/*", "https://b.example/app/a..;/x", 1},
    {"https://b.example/app/*", "https://b.example/app/.../%2f/%25%C3%A9", 1},
    {"https://b.example/app/*", "https://b.example/app/x?a=%2e%2e/", 1},
    {"https://b.example/app/*", "https://b.example/app/%zz", 0},
    {"https://b.example/app/*", "https://b.example/app/?x=%", 0},
    {"https://b.example/app/*", "https://b.example/app/\"><script>", 0},
    {"https://*", "https://x.y/z", 1},
    {"http*", "https://x.y/z", 1},
    {"*", "https://x.y/z", 1},
    {"*", "javascript:alert(1)", 0},
    {"*", "javascript://%0aalert(1)", 0},
    {"*", "data:text/html,x", 0},
    {"*", "myapp:/x", 0},
    {"myapp:*", "myapp:x", 1},
    {"myapp:*", "myapp://x/y", 1},
    {"myapp:*", "myappx", 0},
    {"myapp://*", "myapp://host/y", 1},
    {"myapp://*", "myapp:/y", 0},
    {"https://a.example?x=*", "https://a.example?x=1", 0},
    {"https://a.example?x=*", "https://a.example?x=*", 1},
    {"https://*.example.com/*", "https://x.example.com/y", 0},
    {"https://a.example/X", "https://a.example/X", 1},
    {"https://a.example/X", "https://a.example/X/", 0},
    {"https://a.example/X", "https://a.example/x", 0},
    {"https://a.example/X", "https://A.EXAMPLE/X", 0},
    {"https://a.example/X", "https://a.example:443/X", 0},
    {"http://127.0.0.1/*", "http://127.0.0.1:99/x", 1},
    {"http://127.0.0.1/*", "http://127.0.0.1:99", 1},
    {"http://127.0.0.1/*", "http://127.0.0.1:99@evil/", 0},
    {"/x*", "https://sso.example/xy", 1},
    {"/x*", "https://sso.example/auth/xy", 0},
};

int main(void)
{
    lk_arena_t *arena = lk_arena_create("test");
    lk_request_t req = {.arena = arena, .base_url = "https://sso.example/auth", .base_path = "/auth"};
    lk_client_t client = {0};

    for (size_t i = 0; i != sizeof(cases) / sizeof(cases[0]); ++i) {
        client.redirect_uris = (lk_strings_t){&cases[i].registered, 1};
        ok((lk_redirect_uri_check(arena, &req, &client, cases[i].uri) != NULL) == cases[i].allowed, "%s %s %s", cases[i].registered,
           cases[i].allowed ? "lets in" : "keeps out", cases[i].uri);
    }
    ok(lk_redirect_uri_check(arena, &req, &client, NULL) == NULL && lk_redirect_uri_check(arena, &req, &client, "") == NULL,
       "nothing");
    lk_arena_destroy(&arena);
    return tap_done();
}
