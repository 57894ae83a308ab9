/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <curl/curl.h>
#include <string.h>
#include "fuzz.h"
#include "token/token.h"

/* Redirect URIs for the web: what a client's registrations let in leads to a host that is registered, as another parser of URLs
 * reads it. */

static const char *const registered[] = {"https://a.example*", "https://b.example/app/*", "https://c.example:8443/exact",
                                         "http://127.0.0.1/*", "com.example.app:/cb*",    "/relative/*"};
static const char *const hosts[] = {"a.example", "b.example", "c.example", "127.0.0.1", "sso.example"};

static void check_host(const char *uri)
{
    CURLU *url = curl_url();
    char *scheme = NULL, *host = NULL;
    int known = 0;

    if (curl_url_set(url, CURLUPART_URL, uri, CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK &&
        curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK && strncmp(scheme, "http", 4) == 0 &&
        curl_url_get(url, CURLUPART_HOST, &host, 0) == CURLUE_OK) {
        for (size_t i = 0; i != sizeof(hosts) / sizeof(hosts[0]); ++i)
            known |= strcmp(hosts[i], host) == 0;
        LK_FUZZ_CHECK(known);
    }
    curl_free(scheme);
    curl_free(host);
    curl_url_cleanup(url);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    lk_arena_t *arena = lk_arena_create("fuzz");
    char *text = lk_fuzz_text(data, size);
    lk_request_t req = {.arena = arena, .base_url = "https://sso.example/auth", .base_path = "/auth"};
    lk_client_t client = {.redirect_uris = {registered, sizeof(registered) / sizeof(registered[0])}};

    if (lk_redirect_uri_check(arena, &req, &client, text) != NULL)
        check_host(text);
    lk_arena_destroy(&arena);
    free(text);
    return 0;
}
