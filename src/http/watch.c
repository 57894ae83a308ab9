/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include <sys/socket.h>
#include "core/time.h"
#include "http/edge.h"

/* h2o reads a whole request before it asks anybody, with one limit of size for all and one of time. This walk over the connections,
 * a few times a second while there are any, does the rest: slow heads, bodies too large for their route, too much in memory at
 * once. */
#define WATCH_INTERVAL 250
/* Unfinished requests of one loop may hold this many large bodies. */
#define MAX_LARGE_BODIES 2
/* Bodies of the usual size that one HTTP/2 connection may have begun, for each request that is unfinished. */
#define MAX_HTTP2_BODIES 2

/* What the walk learns: bytes of unfinished requests, and who has the most. */
typedef struct st_survey_t {
    lk_loop_t *loop;
    int64_t now_us;     /* of our clock */
    struct timeval now; /* of h2o's */
    size_t bytes, most;
    lk_conn_t *largest;
} survey_t;

/* h2o closes a connection whose peer has gone; its own close is out of reach. */
static void cut_off(lk_conn_t *conn)
{
    if (conn->is_cut)
        return;
    conn->is_cut = 1;
    atomic_fetch_add_explicit(&conn->loop->metrics.cut, 1, memory_order_relaxed);
    shutdown(h2o_socket_get_fd(conn->sock), SHUT_RDWR);
}

static size_t body_limit(const lk_conn_t *conn, unsigned method, const char *path, size_t len)
{
    const lk_server_options_t *options = &conn->loop->server->options;
    const lk_site_t *site = conn->site;
    const char *query = memchr(path, '?', len);
    lk_match_t match;
    if (query != NULL)
        len = (size_t)(query - path);
    if (len <= site->base_path_len || memcmp(path, site->base_path, site->base_path_len) != 0)
        return options->max_body;
    lk_router_match(site->router, method, path + site->base_path_len, len - site->base_path_len, &match);
    return match.route != NULL && (match.route->flags & LK_ROUTE_LARGE_BODY) != 0 ? options->max_large_body : options->max_body;
}

/* HTTP/1: the head stays in the input while the body is read. */
static size_t http1_limit(const lk_conn_t *conn)
{
    const h2o_buffer_t *input = conn->sock->input;
    const char *space = memchr(input->bytes, ' ', input->size < 16 ? input->size : 16);
    if (space == NULL)
        return conn->loop->server->options.max_body;
    const char *path = space + 1, *end = memchr(path, ' ', input->size - (size_t)(path - input->bytes));
    if (end == NULL)
        return conn->loop->server->options.max_body;
    return body_limit(conn, lk_method_parse(input->bytes, (size_t)(space - input->bytes)), path, (size_t)(end - path));
}

static void count_bytes(survey_t *survey, lk_conn_t *conn, size_t bytes)
{
    survey->bytes += bytes;
    if (bytes > survey->most) {
        survey->most = bytes;
        survey->largest = conn;
    }
}

/* HTTP/2: a request that nobody has asked us about yet has no path configuration. Its body is out of sight. */
static int survey_http2(h2o_req_t *req, void *_survey)
{
    survey_t *survey = _survey;
    lk_conn_t *conn = req->conn->callbacks->get_socket(req->conn)->on_close.data;
    const lk_server_options_t *options = &survey->loop->server->options;
    if (req->pathconf != NULL || req->input.path.base == NULL)
        return 0;
    int64_t reading_ms = (survey->now.tv_sec - req->timestamps.request_begin_at.tv_sec) * (int64_t)1000;
    unsigned method = lk_method_parse(req->input.method.base, req->input.method.len);
    size_t limit = body_limit(conn, method, req->input.path.base, req->input.path.len);
    if (req->timestamps.request_begin_at.tv_sec != 0 && reading_ms > options->body_timeout)
        cut_off(conn);
    conn->unfinished_limit += limit > options->max_body ? limit : MAX_HTTP2_BODIES * options->max_body;
    return 0;
}

/* So what counts is what has come over the connection and was no part of a finished request. */
static void survey_http2_conn(survey_t *survey, lk_conn_t *conn)
{
    if (conn->unfinished_limit == 0 || conn->consumed > conn->sock->bytes_read) {
        conn->consumed = conn->sock->bytes_read;
        return;
    }
    size_t bytes = conn->sock->bytes_read - conn->consumed;
    if (bytes > conn->unfinished_limit)
        cut_off(conn);
    else
        count_bytes(survey, conn, bytes);
}

static void survey_conn(survey_t *survey, lk_conn_t *conn)
{
    const lk_server_options_t *options = &conn->loop->server->options;
    size_t bytes = conn->sock->input != NULL ? conn->sock->input->size : 0;
    int is_reading = bytes != 0 && conn->requests == 0;
    if (conn->is_cut)
        return;
    if (conn->is_http2)
        survey_http2_conn(survey, conn);
    if (!is_reading) {
        conn->reading_us = 0;
        return;
    }
    if (conn->reading_us == 0)
        conn->reading_us = survey->now_us;
    int64_t reading_ms = (survey->now_us - conn->reading_us) / 1000;
    size_t limit = options->max_body + options->max_header_bytes;
    if (bytes > limit)
        limit = http1_limit(conn) + options->max_header_bytes + 65536; /* chunk headers */
    if (bytes > limit || reading_ms > (bytes > options->max_header_bytes ? options->body_timeout : options->header_timeout))
        cut_off(conn);
    else
        count_bytes(survey, conn, bytes);
}

static void on_watch(h2o_timeout_entry_t *entry)
{
    lk_loop_t *loop = H2O_STRUCT_FROM_MEMBER(lk_loop_t, watch, entry);
    survey_t survey = {.loop = loop, .now_us = lk_ticks_us()};
    survey.now = *h2o_get_timestamp(&loop->h2o, NULL, NULL);
    for (h2o_linklist_t *at = loop->conns.next; at != &loop->conns; at = at->next)
        H2O_STRUCT_FROM_MEMBER(lk_conn_t, link, at)->unfinished_limit = 0;
    loop->server->config.http2.callbacks.foreach_request(&loop->h2o, survey_http2, &survey);
    for (h2o_linklist_t *at = loop->conns.next; at != &loop->conns; at = at->next)
        survey_conn(&survey, H2O_STRUCT_FROM_MEMBER(lk_conn_t, link, at));
    if (survey.largest != NULL && survey.bytes > MAX_LARGE_BODIES * loop->server->options.max_large_body)
        cut_off(survey.largest);
    lk_exchange_on_tick(loop);
    lk_watch_kick(loop);
}

void lk_watch_start(lk_loop_t *loop)
{
    h2o_timeout_init(loop->h2o.loop, &loop->watch_interval, WATCH_INTERVAL);
    loop->watch.cb = on_watch;
}

void lk_watch_kick(lk_loop_t *loop)
{
    if (!h2o_linklist_is_empty(&loop->conns) && !h2o_timeout_is_linked(&loop->watch))
        h2o_timeout_link(loop->h2o.loop, &loop->watch_interval, &loop->watch);
}
