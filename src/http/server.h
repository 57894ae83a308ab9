/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_HTTP_SERVER_H
#define LK_HTTP_SERVER_H

#include <stddef.h>
#include "core/buffer.h"
#include "core/error.h"
#include "core/reply.h"
#include "http/spans.h"

struct st_lk_app_t;
struct st_lk_route_t;
struct st_lk_themes_t;

/* The edge: listeners, event loops, lanes. Started and stopped by command/serve.c. */
typedef struct st_lk_server_t lk_server_t;

typedef enum en_lk_proxy_headers_t { LK_PROXY_NONE, LK_PROXY_FORWARDED, LK_PROXY_XFORWARDED } lk_proxy_headers_t;
typedef enum en_lk_client_auth_t { LK_CLIENT_AUTH_NONE, LK_CLIENT_AUTH_REQUEST, LK_CLIENT_AUTH_REQUIRED } lk_client_auth_t;

/* TLS of one listener; files are PEM. */
typedef struct st_lk_tls_options_t {
    const char *certificate_file; /* chain; NULL: no TLS */
    const char *key_file;
    lk_client_auth_t client_auth;
    const char *trust_file; /* authorities of client certificates, or NULL */
    const char *protocols;  /* "TLSv1.3,TLSv1.2", or NULL for that */
    const char *ciphers;    /* OpenSSL's list for TLS 1.2 and names for TLS 1.3 alike, or NULL */
} lk_tls_options_t;

typedef struct st_lk_listen_options_t {
    const char *host; /* NULL or "": all addresses, IPv4 and IPv6 */
    int port;         /* 0: any free one, lk_server_http_port() tells; -1: none */
} lk_listen_options_t;

/* One line of /health/ready. `up` returns LK_OK, or why not (the detail is shown); it runs on a worker and may block for a second.
 */
typedef struct st_lk_health_check_t {
    const char *name;
    lk_status_t (*up)(void *context, lk_error_t *err);
    void *context;
} lk_health_check_t;

/* Fill with LK_SERVER_DEFAULTS, then change. Strings and tables must live as long as the server. Durations are milliseconds. */
typedef struct st_lk_server_options_t {
    lk_listen_options_t http, https;
    lk_tls_options_t tls;
    const char *relative_path; /* "/" or "/auth" */

    const char *hostname;             /* "https://sso.example/auth", "sso.example", or NULL: from the request */
    int hostname_backchannel_dynamic; /* with a URL as hostname: what clients call stays where they came */
    lk_proxy_headers_t proxy_headers;
    const char *certificate_provider, *certificate_header; /* certificate.h; the header NULL: the provider's own */
    const char *proxy_trusted_addresses; /* "10.0.0.0/8,192.0.2.1", or NULL: any peer is trusted once proxy_headers says so */

    lk_listen_options_t management;
    int management_tls;                   /* the management port speaks TLS too, with `tls` */
    const char *management_relative_path; /* NULL: relative_path */
    int health_enabled, metrics_enabled;
    int metrics_histograms; /* of requests, with the bounds of metrics_slos (milliseconds, NULL: our own); otherwise a summary */
    const char *metrics_slos;
    int health_on_main; /* /health on the main port instead of the management port */
    const lk_health_check_t *health_checks;
    size_t num_health_checks;

    int loops;                                                         /* event loop threads; 0: one per core */
    int quick_threads, hash_threads, outbound_threads, broker_threads; /* at most; 0: chosen by the number of cores */
    int max_queued;                                                    /* per lane */

    int max_connections;
    size_t max_header_bytes; /* request line and headers together */
    int max_headers;
    size_t max_body;       /* of most routes */
    size_t max_large_body; /* of those that say so */
    int header_timeout;    /* from the first byte of a request to its last header and small body */
    int body_timeout;      /* to the end of its body */
    int idle_timeout;      /* of a kept-alive connection */

    int access_log;
    const char *access_log_pattern; /* "common", "combined", "long" */
    const char *access_log_exclude; /* regular expression on the path, or NULL */

    lk_spans_options_t spans;

    int shutdown_delay;   /* readiness is down, but all is still served */
    int shutdown_timeout; /* for what is in flight */

    const struct st_lk_themes_t *themes; /* renders reply->page; NULL: a bare page */

    const struct st_lk_route_t *routes; /* NULL: lk_routes */
    size_t num_routes;
} lk_server_options_t;

#define LK_SERVER_DEFAULTS                                                                                                         \
    {                                                                                                                              \
        .http = {.port = 8080}, .https = {.port = -1}, .relative_path = "/", .management = {.port = -1}, .max_queued = 1024,       \
        .max_connections = 10000, .max_header_bytes = 64 * 1024, .max_headers = 100, .max_body = 1024 * 1024,                      \
        .max_large_body = 64 * 1024 * 1024, .header_timeout = 15000, .body_timeout = 60000, .idle_timeout = 75000,                 \
        .access_log_pattern = "common", .shutdown_delay = 1000, .shutdown_timeout = 10000,                                         \
    }

/* Listens and serves; returns once every listener is open. Signals must be blocked before: its threads inherit the mask. `app` is
 * handed to the handlers. */
lk_status_t lk_server_start(const lk_server_options_t *options, struct st_lk_app_t *app, lk_server_t **ret_server, lk_error_t *err);
/* Gracefully: readiness goes down, shutdown_delay passes, listeners close, requests in flight finish or shutdown_timeout passes.
 * Blocks. Returns 0, with all threads ended, everything freed and *server NULL; or -1 where handlers still run: then nothing that
 * they use may be freed, and the process ends with _exit. */
int lk_server_stop(lk_server_t **server);
/* Reads certificate and key again; the old ones stay in use where they do not load. */
lk_status_t lk_server_reload(lk_server_t *server, lk_error_t *err);
/* Until told that the process is ready, /health/ready and /health/started say DOWN, and the main port answers 503. */
void lk_server_set_ready(lk_server_t *server, int ready);
/* The ports in use, -1 where there is none. */
int lk_server_http_port(const lk_server_t *server);
int lk_server_https_port(const lk_server_t *server);
int lk_server_management_port(const lk_server_t *server);

#endif
