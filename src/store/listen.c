/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "core/time.h"
#include "store/pool.h"

/* The thread that hears of changes. Where LISTEN does not work (a pooler in transaction mode), the versions are compared each
 * second. */

#define CHANNEL "latchkey"
#define PROOF "latchkey-listener"
#define POLL_MS 1000
#define VERSIONS "SELECT md5(coalesce(string_agg(id || ':' || version, ',' ORDER BY id), '')) FROM realm"

typedef struct st_listener_t {
    lk_store_t *store;
    int stop_fd;
    PGconn *pg;
    int proven;
    char versions[40];
} listener_t;

static void disconnect(listener_t *listener)
{
    PQfinish(listener->pg);
    listener->pg = NULL;
    listener->proven = 0;
    listener->store->on_change(listener->store->change_context, NULL); /* what was missed meanwhile is read anew */
}

static int connect_and_listen(listener_t *listener)
{
    static const char *const commands[] = {"SET statement_timeout = 0", "LISTEN " CHANNEL, "NOTIFY " CHANNEL ", '" PROOF "'"};
    if ((listener->pg = lk_pool_connect(listener->store, NULL)) == NULL)
        return 0;
    for (size_t i = 0; i != sizeof(commands) / sizeof(commands[0]); ++i)
        PQclear(PQexec(listener->pg, commands[i]));
    if (PQstatus(listener->pg) == CONNECTION_OK) {
        listener->store->on_change(listener->store->change_context, NULL);
        return 1;
    }
    disconnect(listener);
    return 0;
}

static void hear(listener_t *listener)
{
    PGnotify *notify;
    if (!PQconsumeInput(listener->pg)) {
        lk_store_notice(listener->store, LK_LOG_WARN, "The listener lost its database connection");
        disconnect(listener);
        return;
    }
    while ((notify = PQnotifies(listener->pg)) != NULL) {
        if (strcmp(notify->extra, PROOF) == 0)
            listener->proven = 1;
        else
            listener->store->on_change(listener->store->change_context, *notify->extra != '\0' ? notify->extra : NULL);
        PQfreemem(notify);
    }
}

static void compare_versions(listener_t *listener)
{
    PGresult *result = PQexec(listener->pg, VERSIONS);
    if (PQresultStatus(result) == PGRES_TUPLES_OK && strcmp(listener->versions, PQgetvalue(result, 0, 0)) != 0) {
        strncpy(listener->versions, PQgetvalue(result, 0, 0), sizeof(listener->versions) - 1);
        listener->store->on_change(listener->store->change_context, NULL);
    }
    PQclear(result);
    if (PQstatus(listener->pg) != CONNECTION_OK)
        disconnect(listener);
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
        if (listener->pg != NULL && !listener->proven && ready == 0)
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
