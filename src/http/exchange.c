/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/log.h"
#include "core/time.h"
#include "http/edge.h"
#include "http/user_events.h"

#define LOG_CATEGORY "latchkey.http"

/* A request's way: on_req copies it (loop), a lane runs the handler, the answer comes back as a message (loop). The client may
 * leave at any point: then h2o disposes the request, on_dispose tells, and whoever has the exchange last frees it. */

/* Requests of one loop that wait for the server's start, and for how long: less than the 5 s after which Envoy and istiod give up.
 */
#define MAX_WAITING 256
#define MAX_WAIT_US (4500 * 1000)

/* In h2o's pool for the request: its end is how we learn of the request's. */
typedef struct st_tie_t {
    lk_exchange_t *exchange;
} tie_t;

static void free_exchange(lk_exchange_t *exchange)
{
    lk_arena_t *arena = exchange->request.arena;
    lk_arena_destroy(&arena);
}

static void stop_waiting(lk_exchange_t *exchange)
{
    h2o_linklist_unlink(&exchange->wait);
    --exchange->loop->num_waiting;
}

static void add_span(const lk_exchange_t *exchange, int64_t ended_us)
{
    lk_spans_t *spans = exchange->loop->server->spans;
    int64_t now_us = lk_now_ms() * 1000;
    if (spans == NULL || !exchange->trace.is_sampled)
        return;
    lk_span_t span = {.trace = exchange->trace,
                      .method = lk_method_name(exchange->method),
                      .route = exchange->route->path,
                      .status = exchange->reply.status,
                      .begun_us = now_us - (ended_us - exchange->started_us),
                      .ended_us = now_us};
    snprintf(span.client_ip, sizeof(span.client_ip), "%s", exchange->request.client_ip);
    lk_spans_add(spans, &span);
}

/* The answer has been sent, or will never be whole. */
static void tell_sent(const lk_exchange_t *exchange)
{
    int64_t now = lk_ticks_us();
    lk_metrics_count(&exchange->loop->metrics, exchange->route, exchange->method, exchange->reply.status,
                     now - exchange->started_us);
    lk_access_log(exchange, exchange->sent);
    add_span(exchange, now);
}

/* Whose client left before the last part is told of here. */
static void end_exchange(lk_exchange_t *exchange)
{
    if (exchange->is_sending)
        tell_sent(exchange);
    free_exchange(exchange);
}

static void on_dispose(void *_tie)
{
    lk_exchange_t *exchange = ((tie_t *)_tie)->exchange;
    if (h2o_linklist_is_linked(&exchange->wait))
        stop_waiting(exchange);
    --exchange->conn->requests;
    atomic_fetch_sub_explicit(&exchange->loop->metrics.running, 1, memory_order_relaxed);
    exchange->h2o = NULL;
    exchange->conn = NULL;
    if (!exchange->is_running) {
        end_exchange(exchange);
        return;
    }
    atomic_store(&exchange->is_gone, 1);
}

/* --- the worker's part --- */

/* One line for each request that failed, and for each whose token is not what it should be though the answer is no error
 * (introspection): what the client was told and what only the log may know; never what it sent. */
static void log_failure(const lk_exchange_t *exchange)
{
    const lk_error_t *err = &exchange->err;
    lk_log_level_t level = err->kind == LK_INTERNAL                                         ? LK_LOG_ERROR
                           : err->kind == LK_UNAVAILABLE || err->kind == LK_WRITE_UNCERTAIN ? LK_LOG_WARN
                           : err->kind == LK_NOT_FOUND || exchange->reply.status < 400      ? LK_LOG_DEBUG
                                                                                            : LK_LOG_INFO;
    if (!lk_log_enabled(level))
        return;
    lk_log(level, LOG_CATEGORY, exchange->request.trace_id, "%s %s: %d %s%s%s%s%s%s%s (%s:%d), client %s", exchange->request.method,
           exchange->raw_path, exchange->reply.status, lk_status_name(err->kind), err->code[0] != '\0' ? " " : "", err->code,
           err->text[0] != '\0' ? " - " : "", err->text, err->detail[0] != '\0' ? " - " : "", err->detail,
           err->file != NULL ? err->file : "?", err->line, exchange->request.client_ip);
}

static void answer(lk_exchange_t *exchange)
{
    lk_trace_enter(&exchange->trace);
    exchange->status = lk_request_decode(exchange, &exchange->err);
    if (exchange->status == LK_OK)
        exchange->status = exchange->route->handle(&exchange->request, &exchange->reply, &exchange->err);
}

static void finish(lk_exchange_t *exchange)
{
    lk_user_events_tell(exchange->loop->server, &exchange->request, exchange->status, &exchange->err);
    lk_reply_finish(exchange->route, &exchange->loop->server->options, &exchange->request, exchange->status, &exchange->err,
                    &exchange->reply);
    if (exchange->err.kind != LK_OK &&
        (exchange->status != LK_OK || exchange->reply.status >= 400 || exchange->err.kind == LK_DENIED))
        log_failure(exchange);
    lk_trace_enter(NULL);
}

static void begin_events(lk_exchange_t *exchange)
{
    exchange->events = (lk_events_t){.tail = &exchange->events.ended};
    exchange->request.events = &exchange->events;
}

/* What needs a call to another server begins anew in the outbound lane. Returns 1 where it does. */
static int moves(lk_exchange_t *exchange)
{
    lk_lane_t *lane = exchange->loop->server->lanes[LK_LANE_OUTBOUND];
    if (exchange->status != LK_ELSEWHERE || exchange->request.may_wait)
        return 0;
    exchange->request.may_wait = 1;
    exchange->err = (lk_error_t){0};
    begin_events(exchange);
    lk_reply_init(&exchange->reply, exchange->request.arena);
    if (lk_lane_push(lane, &exchange->job) == 0)
        return 1;
    exchange->status = lk_fail(&exchange->err, LK_UNAVAILABLE, "temporarily_unavailable", "The server is busy");
    lk_error_detail(&exchange->err, "lane %s is full", lk_lane_name(lane));
    return 0;
}

static void on_lane(lk_lane_job_t *job)
{
    lk_exchange_t *exchange = H2O_STRUCT_FROM_MEMBER(lk_exchange_t, job, job);
    if (!atomic_load(&exchange->is_gone)) {
        answer(exchange);
        if (moves(exchange))
            return;
        finish(exchange);
    }
    h2o_multithread_send_message(&exchange->loop->answers, &exchange->message);
}

static void on_lane_more(lk_lane_job_t *job)
{
    lk_exchange_t *exchange = H2O_STRUCT_FROM_MEMBER(lk_exchange_t, job, job);
    if (!atomic_load(&exchange->is_gone)) {
        lk_reply_t *reply = &exchange->reply;
        lk_trace_enter(&exchange->trace);
        reply->body.len = 0;
        exchange->status = reply->more(reply, &exchange->err);
        if (reply->body.overflow && exchange->status == LK_OK)
            exchange->status = lk_fail(&exchange->err, LK_INTERNAL, NULL, "A part of the answer is too large");
        lk_trace_enter(NULL);
    }
    h2o_multithread_send_message(&exchange->loop->answers, &exchange->message);
}

/* --- the loop's part --- */

static void send_headers(lk_exchange_t *exchange, h2o_req_t *req)
{
    const lk_reply_t *reply = &exchange->reply;
    if (reply->content_type != NULL)
        h2o_add_header(&req->pool, &req->res.headers, H2O_TOKEN_CONTENT_TYPE, NULL, reply->content_type,
                       strlen(reply->content_type));
    for (size_t i = 0; i < reply->num_headers; ++i)
        h2o_add_header_by_str(&req->pool, &req->res.headers, reply->headers[i].name, strlen(reply->headers[i].name), 1, NULL,
                              reply->headers[i].value, strlen(reply->headers[i].value));
}

/* The body stays in the exchange's arena, which lives until h2o has disposed the request. */
static void send_body(lk_exchange_t *exchange, int has_no_body)
{
    h2o_iovec_t body = h2o_iovec_init(exchange->reply.body.base, has_no_body ? 0 : exchange->reply.body.len);
    exchange->is_sending = exchange->reply.more != NULL;
    exchange->sent += body.len;
    if (!exchange->is_sending)
        tell_sent(exchange);
    h2o_send(exchange->h2o, &body, body.len != 0, exchange->is_sending ? H2O_SEND_STATE_IN_PROGRESS : H2O_SEND_STATE_FINAL);
}

/* Its head has gone, so that nothing can be said but that it is not whole: HTTP/1 closes the connection, HTTP/2 the stream. */
static void cut_answer(lk_exchange_t *exchange)
{
    log_failure(exchange);
    exchange->is_sending = 0;
    tell_sent(exchange);
    h2o_send(exchange->h2o, NULL, 0, H2O_SEND_STATE_ERROR);
}

static void send_part(lk_exchange_t *exchange)
{
    if (exchange->status == LK_OK)
        send_body(exchange, 0);
    else
        cut_answer(exchange);
}

/* Returns 0 where the lane has it, -1 where it is full. */
static int push(lk_exchange_t *exchange, lk_lane_id_t which, void (*run)(lk_lane_job_t *job))
{
    exchange->job.run = run;
    if (lk_lane_push(exchange->loop->server->lanes[which], &exchange->job) != 0)
        return -1;
    exchange->is_running = 1;
    ++exchange->loop->num_running;
    return 0;
}
static lk_lane_id_t choose_lane(const lk_exchange_t *exchange)
{
    lk_lane_id_t lane = exchange->route->lane;
    if (lane != LK_LANE_GRANT)
        return lane;
    const lk_bytes_t *body = &exchange->request.body;
    return exchange->has_form && lk_request_grant_hashes((const char *)body->base, body->len) ? LK_LANE_HASH : LK_LANE_QUICK;
}

static const char *full_lane(const lk_exchange_t *exchange)
{
    return lk_printf(exchange->request.arena, "lane %s is full",
                     lk_lane_name(exchange->loop->server->lanes[choose_lane(exchange)]));
}

static void on_proceed(h2o_generator_t *generator, h2o_req_t *req)
{
    lk_exchange_t *exchange = H2O_STRUCT_FROM_MEMBER(lk_exchange_t, generator, generator);
    (void)req;
    if (push(exchange, choose_lane(exchange), on_lane_more) != 0) {
        exchange->status = lk_fail(&exchange->err, LK_UNAVAILABLE, NULL, "The answer was cut");
        lk_error_detail(&exchange->err, "%s", full_lane(exchange));
        cut_answer(exchange);
    }
}

static void send_answer(lk_exchange_t *exchange)
{
    h2o_req_t *req = exchange->h2o;
    lk_reply_t *reply = &exchange->reply;
    int has_no_body = reply->status == 204 || reply->status == 304;
    req->res.status = reply->status;
    req->res.reason = lk_reply_reason(reply->status);
    req->res.content_length = has_no_body || reply->more != NULL ? SIZE_MAX : reply->body.len;
    send_headers(exchange, req);
    if (exchange->loop->stopping)
        req->http1_is_persistent = 0;
    if (exchange->is_head)
        reply->more = NULL;
    exchange->generator.proceed = on_proceed;
    h2o_start_response(req, &exchange->generator);
    send_body(exchange, has_no_body || exchange->is_head);
}

/* Answers 503 without a handler. */
static void refuse(lk_exchange_t *exchange, const char *text, const char *detail)
{
    exchange->status = lk_fail(&exchange->err, LK_UNAVAILABLE, "temporarily_unavailable", "%s", text);
    lk_error_detail(&exchange->err, "%s", detail);
    lk_reply_finish(exchange->route, &exchange->loop->server->options, &exchange->request, exchange->status, &exchange->err,
                    &exchange->reply);
    log_failure(exchange);
    send_answer(exchange);
}

/* Nothing that handlers use is there yet: the management port alone answers. */
static int is_starting(const lk_exchange_t *exchange)
{
    const lk_server_t *server = exchange->loop->server;
    return exchange->site == &server->main && !atomic_load(&server->is_ready);
}

/* Who asks for keys at its own start, beside ours, would take 503 for an answer and refuse tokens until it asks again. */
static int may_wait_for_start(const lk_exchange_t *exchange)
{
    const lk_loop_t *loop = exchange->loop;
    return exchange->route != NULL && (exchange->route->flags & LK_ROUTE_AWAITED) != 0 && !loop->stopping &&
           lk_ticks_us() - exchange->started_us < MAX_WAIT_US;
}

static void hand_over(lk_exchange_t *exchange)
{
    if (is_starting(exchange)) {
        if (may_wait_for_start(exchange) && exchange->loop->num_waiting < MAX_WAITING) {
            h2o_linklist_insert(&exchange->loop->waiting, &exchange->wait);
            ++exchange->loop->num_waiting;
        } else {
            refuse(exchange, "The server is starting", "not ready");
        }
        return;
    }
    lk_lane_id_t which = choose_lane(exchange);
    if (which == LK_LANE_LOOP) {
        answer(exchange);
        finish(exchange);
        send_answer(exchange);
        return;
    }
    exchange->request.may_wait = which == LK_LANE_OUTBOUND || which == LK_LANE_BROKER;
    if (push(exchange, which, on_lane) != 0)
        refuse(exchange, "The server is busy", full_lane(exchange));
}

static lk_exchange_t *find_due(lk_loop_t *loop)
{
    for (h2o_linklist_t *at = loop->waiting.next; at != &loop->waiting; at = at->next) {
        lk_exchange_t *exchange = H2O_STRUCT_FROM_MEMBER(lk_exchange_t, wait, at);
        if (!is_starting(exchange) || !may_wait_for_start(exchange))
            return exchange;
    }
    return NULL;
}

/* From the start each time: an answer may end other requests of its connection. */
void lk_exchange_on_tick(lk_loop_t *loop)
{
    lk_exchange_t *exchange;
    while ((exchange = find_due(loop)) != NULL) {
        stop_waiting(exchange);
        hand_over(exchange);
    }
}

void lk_exchange_on_answers(h2o_multithread_receiver_t *receiver, h2o_linklist_t *messages)
{
    (void)receiver;
    while (!h2o_linklist_is_empty(messages)) {
        h2o_multithread_message_t *message = H2O_STRUCT_FROM_MEMBER(h2o_multithread_message_t, link, messages->next);
        lk_exchange_t *exchange = H2O_STRUCT_FROM_MEMBER(lk_exchange_t, message, message);
        h2o_linklist_unlink(&message->link);
        --exchange->loop->num_running;
        exchange->is_running = 0;
        if (exchange->h2o == NULL)
            end_exchange(exchange);
        else if (exchange->is_sending)
            send_part(exchange);
        else
            send_answer(exchange);
    }
}

int lk_exchange_start(const lk_site_t *site, h2o_req_t *req)
{
    lk_arena_t *arena = lk_arena_create("request");
    lk_exchange_t *exchange = LK_NEW(arena, lk_exchange_t);
    h2o_socket_t *sock = req->conn->callbacks->get_socket(req->conn);
    exchange->started_us = lk_ticks_us();
    exchange->loop = H2O_STRUCT_FROM_MEMBER(lk_loop_t, h2o, req->conn->ctx);
    exchange->site = site;
    exchange->h2o = req;
    exchange->conn = sock->on_close.data;
    exchange->is_tls = sock->ssl != NULL;
    exchange->request.arena = arena;
    begin_events(exchange);
    lk_reply_init(&exchange->reply, arena);
    ++exchange->conn->requests;
    atomic_fetch_add_explicit(&exchange->loop->metrics.running, 1, memory_order_relaxed);
    exchange->conn->is_http2 = req->version >= 0x200;
    exchange->conn->consumed += req->entity.len;
    tie_t *tie = h2o_mem_alloc_shared(&req->pool, sizeof(*tie), on_dispose);
    tie->exchange = exchange;
    lk_request_copy(exchange, req);
    hand_over(exchange);
    return 0;
}
