/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "store/pool.h"

/* The thread that hears of changes. Each quiet second it compares the versions too: where LISTEN does not work (a pooler in
 * transaction mode) or the connection is dead and does not show it, nothing is older than that. */

#define CHANNEL "latchkey"
#define POLL_MS 600
#define PATIENCE_MS 2000
#define VERSIONS "SELECT md5(coalesce(string_agg(id || ':' || version, ',' ORDER BY id), '')) FROM realm"

typedef struct st_listener_t {
    lk_store_t *store;
    int stop_fd;
    PGconn *pg;
    char versions[40];
    unsigned tries; /* to connect; each second one is brief, for it may hang on a machine that is gone */
} listener_t;

static void tell(listener_t *listener, const char *realm_id)
{
    listener->store->on_change(listener->store->change_context, realm_id);
}

/* What is missed meanwhile is read anew. */
static void disconnect(listener_t *listener, const lk_error_t *err)
{
    lk_store_notice(listener->store, LK_LOG_WARN, "The listener lost its database connection: %s", err->detail);
    PQfinish(listener->pg);
    listener->pg = NULL;
    tell(listener, NULL);
}

static void connect_and_listen(listener_t *listener)
{
    lk_error_t err = {0};
    if ((listener->pg = lk_connect(listener->store, ++listener->tries % 2 == 0, NULL)) == NULL)
        return;
    if (lk_exec_text(listener->pg, "LISTEN " CHANNEL, PATIENCE_MS, NULL, &err) == LK_OK)
        tell(listener, NULL);
    else
        disconnect(listener, &err);
}

static void compare_versions(listener_t *listener)
{
    lk_error_t err = {0};
    PGresult *result;
    lk_pool_tend(listener->store);
    if (lk_exec_text(listener->pg, VERSIONS, PATIENCE_MS, &result, &err) != LK_OK) {
        disconnect(listener, &err);
        return;
    }
    if (strcmp(listener->versions, PQgetvalue(result, 0, 0)) != 0) {
        snprintf(listener->versions, sizeof(listener->versions), "%s", PQgetvalue(result, 0, 0));
        tell(listener, NULL);
    }
    PQclear(result);
}

static void hear(listener_t *listener)
{
    PGnotify *notify;
    if (!PQconsumeInput(listener->pg)) {
        lk_error_t err = {0};
        lk_result_error(listener->pg, NULL, &err);
        disconnect(listener, &err);
        return;
    }
    while ((notify = PQnotifies(listener->pg)) != NULL) {
        tell(listener, *notify->extra != '\0' ? notify->extra : NULL);
        PQfreemem(notify);
    }
}

static void *listen_loop(void *context)
{
    listener_t *listener = context;
    for (;;) {
        struct pollfd fds[2] = {{.fd = listener->stop_fd, .events = POLLIN}, {.fd = -1, .events = POLLIN}};
        if (listener->pg != NULL)
            fds[1].fd = PQsocket(listener->pg);
        int ready = poll(fds, 2, listener->pg == NULL ? 100 : POLL_MS);
        if (fds[0].revents != 0)
            break;
        if (listener->pg == NULL)
            connect_and_listen(listener);
        else if (ready > 0)
            hear(listener);
        else
            compare_versions(listener);
    }
    PQfinish(listener->pg);
    close(listener->stop_fd);
    free(listener);
    return NULL;
}

lk_status_t lk_store_listen(lk_store_t *store, lk_change_t on_change, void *context, lk_error_t *err)
{
    int fds[2];
    listener_t *listener = calloc(1, sizeof(*listener));
    if (listener == NULL || pipe(fds) != 0) {
        free(listener);
        return lk_fail(err, LK_INTERNAL, NULL, "Cannot make the listener's pipe");
    }
    store->on_change = on_change;
    store->change_context = context;
    listener->store = store;
    listener->stop_fd = fds[0];
    store->stop_fd = fds[1];
    if (pthread_create(&store->listener, NULL, listen_loop, listener) != 0) {
        close(fds[0]);
        close(fds[1]);
        free(listener);
        return lk_fail(err, LK_INTERNAL, NULL, "Cannot start the listener");
    }
    store->listening = 1;
    return LK_OK;
}
