/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>
#include "core/time.h"
#include "http/edge.h"

/* Connections taken in one turn, so that those that are there get theirs. */
#define ACCEPT_BURST 16
/* How long a loop that stops looks away at most. Milliseconds. */
#define STOP_INTERVAL 50
/* Turns that connections get to notice their end. */
#define END_TURNS 8

/* A message to a loop from another thread. */
typedef struct st_command_t {
    h2o_multithread_message_t message;
    SSL_CTX *tls;        /* NULL: stop */
    int64_t deadline_us; /* of stopping */
} command_t;

/* --- connections --- */

static void on_close(void *_conn)
{
    lk_conn_t *conn = _conn;
    h2o_linklist_unlink(&conn->link);
    if (!conn->site->is_management)
        --conn->loop->num_conns;
    atomic_fetch_sub_explicit(&conn->loop->metrics.connections, 1, memory_order_relaxed);
    free(conn);
}

static size_t max_conns(const lk_loop_t *loop)
{
    size_t all = (size_t)loop->server->options.max_connections, loops = loop->server->num_loops;
    return (all + loops - 1) / loops;
}

static void take_connection(lk_listener_t *listener, h2o_socket_t *sock)
{
    lk_loop_t *loop = listener->loop;
    int is_management = listener->address->is_management;
    if (!is_management && loop->num_conns >= max_conns(loop)) {
        atomic_fetch_add_explicit(&loop->metrics.refused, 1, memory_order_relaxed);
        h2o_socket_close(sock);
        return;
    }
    lk_conn_t *conn = h2o_mem_alloc(sizeof(*conn));
    *conn = (lk_conn_t){.loop = loop, .sock = sock, .site = is_management ? &loop->server->management : &loop->server->main};
    h2o_linklist_insert(&loop->conns, &conn->link);
    loop->num_conns += !is_management;
    atomic_fetch_add_explicit(&loop->metrics.accepted, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&loop->metrics.connections, 1, memory_order_relaxed);
    sock->on_close.cb = on_close;
    sock->on_close.data = conn;
    lk_watch_kick(loop);
    h2o_accept(&listener->accept, sock);
}

static void on_accept(h2o_socket_t *sock, const char *err)
{
    lk_listener_t *listener = sock->data;
    h2o_socket_t *accepted;
    if (err != NULL)
        return;
    for (int i = 0; i < ACCEPT_BURST && (accepted = h2o_evloop_socket_accept(sock)) != NULL; ++i)
        take_connection(listener, accepted);
}

/* --- stopping and reloading --- */

static void close_listeners(lk_loop_t *loop)
{
    h2o_socket_t *accepted;
    for (size_t i = 0; i < loop->num_listeners; ++i) {
        lk_listener_t *listener = loop->listeners + i;
        if (listener->sock == NULL || listener->address->is_management)
            continue;
        while ((accepted = h2o_evloop_socket_accept(listener->sock)) != NULL) /* who has connected is served */
            take_connection(listener, accepted);
        h2o_socket_read_stop(listener->sock);
        h2o_socket_close(listener->sock);
        listener->sock = NULL;
    }
}

/* Kept-alive connections would stay until their idle time: no more is read from them, and h2o closes them. What the kernel has
 * already got is still read before. */
static void end_idle(lk_loop_t *loop)
{
    for (h2o_linklist_t *at = loop->conns.next; at != &loop->conns; at = at->next) {
        lk_conn_t *conn = H2O_STRUCT_FROM_MEMBER(lk_conn_t, link, at);
        if (conn->requests == 0 && !conn->site->is_management)
            shutdown(h2o_socket_get_fd(conn->sock), SHUT_RD);
    }
}

static void begin_stop(lk_loop_t *loop, int64_t deadline_us)
{
    loop->deadline_us = deadline_us;
    if (loop->stopping)
        return;
    loop->stopping = 1;
    close_listeners(loop);
    h2o_context_request_shutdown(&loop->h2o);
}

static void on_commands(h2o_multithread_receiver_t *receiver, h2o_linklist_t *messages)
{
    lk_loop_t *loop = H2O_STRUCT_FROM_MEMBER(lk_loop_t, commands, receiver);
    while (!h2o_linklist_is_empty(messages)) {
        h2o_multithread_message_t *message = H2O_STRUCT_FROM_MEMBER(h2o_multithread_message_t, link, messages->next);
        command_t *command = H2O_STRUCT_FROM_MEMBER(command_t, message, message);
        h2o_linklist_unlink(&message->link);
        for (size_t i = 0; command->tls != NULL && i < loop->num_listeners; ++i)
            if (loop->listeners[i].address->is_tls)
                loop->listeners[i].accept.ssl_ctx = command->tls;
        if (command->tls == NULL)
            begin_stop(loop, command->deadline_us);
        free(command);
    }
}

static void send_command(lk_loop_t *loop, SSL_CTX *tls, int64_t deadline_us)
{
    command_t *command = h2o_mem_alloc(sizeof(*command));
    *command = (command_t){.tls = tls, .deadline_us = deadline_us};
    h2o_multithread_send_message(&loop->commands, &command->message);
}

void lk_loop_send_tls(lk_loop_t *loop, SSL_CTX *tls)
{
    send_command(loop, tls, 0);
}

void lk_loop_send_stop(lk_loop_t *loop, int64_t deadline_us)
{
    send_command(loop, NULL, deadline_us);
}

/* --- the loop --- */

static lk_status_t open_listener(lk_loop_t *loop, const lk_address_t *address, lk_error_t *err)
{
    lk_server_t *server = loop->server;
    lk_listener_t *listener = loop->listeners + loop->num_listeners;
    int fd;
    if (lk_listen_open(address, &fd, err) != LK_OK)
        return err->kind;
    ++loop->num_listeners;
    listener->loop = loop;
    listener->address = address;
    listener->accept = (h2o_accept_ctx_t){.ctx = &loop->h2o,
                                          .hosts = address->is_management ? server->management_hosts : server->main_hosts,
                                          .ssl_ctx = address->is_tls ? server->tls : NULL};
    listener->sock = h2o_evloop_socket_create(loop->h2o.loop, fd, H2O_SOCKET_FLAG_DONT_READ);
    listener->sock->data = listener;
    h2o_socket_read_start(listener->sock, on_accept);
    return LK_OK;
}

static lk_status_t open_loop(lk_loop_t *loop, lk_error_t *err)
{
    lk_server_t *server = loop->server;
    h2o_linklist_init_anchor(&loop->conns);
    h2o_linklist_init_anchor(&loop->waiting);
    if (getrandom(loop->random, sizeof(loop->random), 0) != sizeof(loop->random))
        return lk_fail(err, LK_INTERNAL, NULL, "no random numbers");
    loop->random[0] |= 1;
    loop->random[1] |= 1;
    h2o_context_init(&loop->h2o, h2o_evloop_create(), &server->config);
    h2o_multithread_register_receiver(loop->h2o.queue, &loop->answers, lk_exchange_on_answers);
    h2o_multithread_register_receiver(loop->h2o.queue, &loop->commands, on_commands);
    lk_watch_start(loop);
    for (size_t i = 0; i < server->num_addresses; ++i)
        if (!server->addresses[i].is_management || loop->index == 0)
            if (open_listener(loop, server->addresses + i, err) != LK_OK)
                return err->kind;
    return LK_OK;
}

/* The management port goes last: probes want to see the readiness go down, not a closed port. */
static int has_ended(const lk_loop_t *loop)
{
    return loop->num_running == 0 && loop->num_conns == 0;
}

static void end_management(lk_loop_t *loop)
{
    for (h2o_linklist_t *at = loop->conns.next; at != &loop->conns; at = at->next)
        shutdown(h2o_socket_get_fd(H2O_STRUCT_FROM_MEMBER(lk_conn_t, link, at)->sock), SHUT_RDWR);
    for (int i = 0; i < END_TURNS && !h2o_linklist_is_empty(&loop->conns); ++i)
        h2o_evloop_run(loop->h2o.loop, STOP_INTERVAL);
}

static void free_h2o(lk_loop_t *loop)
{
    h2o_evloop_t *evloop = loop->h2o.loop;
    h2o_timeout_unlink(&loop->watch);
    h2o_timeout_unlink(&loop->h2o.http2._graceful_shutdown_timeout);
    h2o_timeout_dispose(evloop, &loop->watch_interval);
    h2o_multithread_unregister_receiver(loop->h2o.queue, &loop->commands);
    h2o_multithread_unregister_receiver(loop->h2o.queue, &loop->answers);
    h2o_context_dispose(&loop->h2o);
    h2o_evloop_destroy(evloop);
}

/* Connections that are still open are left to the end of the process. */
static void close_loop(lk_loop_t *loop)
{
    for (size_t i = 0; i < loop->num_listeners; ++i)
        if (loop->listeners[i].sock != NULL)
            h2o_socket_close(loop->listeners[i].sock);
    if (loop->h2o.loop != NULL && h2o_linklist_is_empty(&loop->conns))
        free_h2o(loop);
}

static void set_state(lk_loop_t *loop, lk_loop_state_t state)
{
    pthread_mutex_lock(&loop->server->mutex);
    loop->state = state;
    pthread_cond_broadcast(&loop->server->changed);
    pthread_mutex_unlock(&loop->server->mutex);
}

static void wait_for_close(lk_server_t *server)
{
    pthread_mutex_lock(&server->mutex);
    while (!server->may_close)
        pthread_cond_wait(&server->changed, &server->mutex);
    pthread_mutex_unlock(&server->mutex);
}

static void serve(lk_loop_t *loop)
{
    while (!loop->stopping)
        h2o_evloop_run(loop->h2o.loop, INT32_MAX);
    while (!has_ended(loop) && lk_ticks_us() < loop->deadline_us) {
        end_idle(loop);
        h2o_evloop_run(loop->h2o.loop, STOP_INTERVAL);
    }
    end_management(loop);
}

void *lk_loop_run(void *_loop)
{
    lk_loop_t *loop = _loop;
    char name[16];
    snprintf(name, sizeof(name), "lk-loop-%u", (unsigned)loop->index % 1000);
    prctl(PR_SET_NAME, name);
    if (open_loop(loop, &loop->err) == LK_OK) {
        set_state(loop, LK_LOOP_RUNNING);
        serve(loop);
    }
    set_state(loop, LK_LOOP_ENDED);
    wait_for_close(loop->server);
    close_loop(loop);
    return NULL;
}
