/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "core/fetch.h"

#include <ctype.h>
#include <curl/curl.h>
#include <pthread.h>
#include <string.h>
#include <strings.h>
#include "core/buffer.h"
#include "core/counters.h"
#include "core/time.h"
#include "core/trace.h"
#include "core/url.h"

/* Idle handles, the one that was used last on top: its connections are the warm ones. */
#define MAX_IDLE 32
static struct {
    pthread_mutex_t lock;
    CURL *idle[MAX_IDLE];
    size_t count;
    const char *roots; /* PEM; set once, before there are threads */
} pool = {.lock = PTHREAD_MUTEX_INITIALIZER};

void lk_fetch_init(const char *roots)
{
    pool.roots = roots;
}

const char *lk_fetch_roots(void)
{
    return pool.roots;
}

static CURL *borrow(void)
{
    CURL *curl = NULL;
    pthread_mutex_lock(&pool.lock);
    if (pool.count != 0)
        curl = pool.idle[--pool.count];
    pthread_mutex_unlock(&pool.lock);
    if (curl == NULL)
        return curl_easy_init();
    curl_easy_reset(curl); /* keeps connections, sessions of TLS and names */
    return curl;
}

static void give_back(CURL *curl)
{
    pthread_mutex_lock(&pool.lock);
    if (pool.count != MAX_IDLE) {
        pool.idle[pool.count++] = curl;
        curl = NULL;
    }
    pthread_mutex_unlock(&pool.lock);
    if (curl != NULL)
        curl_easy_cleanup(curl);
}

static size_t take_body(char *bytes, size_t size, size_t count, void *context)
{
    lk_buffer_t *body = context;
    lk_buffer_append(body, bytes, size * count);
    return body->overflow ? 0 : size * count;
}

typedef struct st_head_t {
    lk_buffer_t text;
    long skew;
} head_t;
#define MAX_HEAD (256 * 1024)

static size_t take_header(char *line, size_t size, size_t count, void *context)
{
    static const char name[] = "date:";
    head_t *head = context;
    size_t len = size * count;
    char date[64] = "";
    lk_buffer_append(&head->text, line, len);
    if (len > sizeof(name) && len < sizeof(date) && strncasecmp(line, name, sizeof(name) - 1) == 0) {
        memcpy(date, line + sizeof(name) - 1, len - (sizeof(name) - 1));
        time_t then = curl_getdate(date, NULL);
        if (then > 0)
            head->skew = (long)((int64_t)then - lk_now());
    }
    return len;
}

static struct curl_slist *headers_of(lk_arena_t *arena, const lk_fetch_t *fetch)
{
    struct curl_slist *headers = curl_slist_append(NULL, "Expect:"); /* no "100-continue" */
    headers =
        curl_slist_append(headers, lk_printf(arena, "Accept: %s", fetch->accept != NULL ? fetch->accept : "application/json"));
    const char *parent = lk_trace_parent(arena);
    if (fetch->json != NULL)
        headers = curl_slist_append(headers, "Content-Type: application/json");
    if (fetch->content_type != NULL)
        headers = curl_slist_append(headers, lk_printf(arena, "Content-Type: %s", fetch->content_type));
    if (parent != NULL)
        headers = curl_slist_append(headers, lk_printf(arena, "traceparent: %s", parent));
    if (fetch->authorization != NULL)
        headers = curl_slist_append(headers, lk_printf(arena, "Authorization: %s", fetch->authorization));
    for (const char *const *line = fetch->lines; line != NULL && *line != NULL; ++line)
        headers = curl_slist_append(headers, *line);
    return headers;
}

void lk_fetch_trust(void *curl)
{
    if (pool.roots == NULL)
        return;
    struct curl_blob blob = {(void *)(uintptr_t)pool.roots, strlen(pool.roots), CURL_BLOB_NOCOPY};
    curl_easy_setopt((CURL *)curl, CURLOPT_CAINFO_BLOB, &blob);
}

static void set_options(CURL *curl, const lk_fetch_t *fetch, struct curl_slist *headers)
{
    const char *text = fetch->form != NULL ? fetch->form : fetch->json;
    lk_bytes_t body = {(const unsigned char *)text, text != NULL ? strlen(text) : 0};
    if (fetch->bytes != NULL)
        body = *fetch->bytes;
    curl_easy_setopt(curl, CURLOPT_URL, fetch->url);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, ""); /* whatever curl can unpack; bounded as it comes out */
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "latchkey");
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)LK_FETCH_CONNECT_MS);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, fetch->timeout_ms != 0 ? fetch->timeout_ms : LK_FETCH_TIMEOUT_MS);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
    lk_fetch_trust(curl);
    if (body.base != NULL) {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)body.len);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, (const char *)body.base);
    }
    if (fetch->method != NULL)
        curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, fetch->method);
    if (fetch->unchecked) {
        curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L);
        curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
    }
}

/* "text/html; charset=utf-8" is "text/html". */
static const char *media_type(lk_arena_t *arena, CURL *curl)
{
    const char *given = NULL;
    if (curl_easy_getinfo(curl, CURLINFO_CONTENT_TYPE, &given) != CURLE_OK || given == NULL)
        return "";
    char *type = lk_strndup(arena, given, strcspn(given, "; \t"));
    for (char *c = type; *c != '\0'; ++c)
        *c = (char)tolower((unsigned char)*c);
    return type;
}

static lk_counters_t calls = {"latchkey_upstream_requests_total", "Calls to other servers", NULL, NULL};
static lk_counters_t seconds = {"latchkey_upstream_seconds_total", "Time spent in calls to other servers", NULL, NULL};

/* By the other's address without path: realms name few of them. */
static void count(lk_arena_t *arena, CURL *curl, const lk_fetch_t *fetch, const char *outcome)
{
    double took = 0;
    lk_buffer_t labels;
    lk_buffer_init(&labels, arena, 4096);
    lk_labels_put(&labels, "outcome", outcome);
    lk_labels_put(&labels, "server", lk_strndup(arena, fetch->url, lk_url_origin(fetch->url)));
    curl_easy_getinfo(curl, CURLINFO_TOTAL_TIME, &took);
    lk_counters_add(&calls, labels.base, 1);
    lk_counters_add(&seconds, labels.base, took);
}

lk_status_t lk_fetch(lk_arena_t *arena, const lk_fetch_t *fetch, lk_fetched_t *ret_fetched, lk_error_t *err)
{
    lk_fetched_t fetched = {.status = 0};
    lk_buffer_t body;
    head_t head = {.skew = 0};
    CURL *curl = borrow();
    struct curl_slist *headers = headers_of(arena, fetch);
    lk_status_t status = LK_OK;
    char reason[CURL_ERROR_SIZE] = "";
    if (curl == NULL || headers == NULL) {
        status = lk_fail(err, LK_INTERNAL, NULL, "libcurl cannot be started");
        goto Exit;
    }
    lk_buffer_init(&body, arena, fetch->max_bytes != 0 ? fetch->max_bytes : LK_FETCH_MAX_BYTES);
    lk_buffer_puts(&body, "");
    lk_buffer_init(&head.text, arena, MAX_HEAD);
    lk_buffer_puts(&head.text, "");
    set_options(curl, fetch, headers);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &body);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, &head);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, reason);
    CURLcode code = curl_easy_perform(curl);
    count(arena, curl, fetch, code == CURLE_OK ? "answered" : "failed");
    if (code != CURLE_OK) {
        lk_fail(err, LK_UNAVAILABLE, NULL, NULL);
        status = lk_error_detail(err, "%.*s: %s", (int)strcspn(fetch->url, "?"), fetch->url,
                                 body.overflow       ? "the answer is too large"
                                 : reason[0] != '\0' ? reason
                                                     : curl_easy_strerror(code));
        goto Exit;
    }
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &fetched.status);
    fetched.content_type = media_type(arena, curl);
    fetched.head = head.text.base;
    fetched.server_skew = head.skew;
    fetched.body = (lk_bytes_t){(const unsigned char *)body.base, body.len};
    *ret_fetched = fetched;
Exit:
    curl_slist_free_all(headers);
    if (curl != NULL) {
        curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, NULL);
        give_back(curl);
    }
    return status;
}
