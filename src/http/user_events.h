/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_HTTP_USER_EVENTS_H
#define LK_HTTP_USER_EVENTS_H

#include "core/buffer.h"
#include "core/request.h"

struct st_lk_server_t;

/* Which events are counted and by what (--event-metrics-user-*), and how they are logged. */
typedef struct st_lk_user_events_options_t {
    int counted;                             /* keycloak_user_events_total */
    const char *events;                      /* "login,logout": lower-case names without _error; NULL: all */
    const char *tags;                        /* "realm,idp,clientId"; NULL: realm */
    const char *success_level, *error_level; /* of the log: "debug", "warn" */
} lk_user_events_options_t;

/* Once, before the first request. */
void lk_user_events_init(const lk_user_events_options_t *options);
/* A handler is through: what it has to tell is logged, counted and put into the store's queue. */
void lk_user_events_tell(struct st_lk_server_t *server, const lk_request_t *req, lk_status_t status, const lk_error_t *err);
void lk_user_events_write_metrics(lk_buffer_t *text, struct st_lk_server_t *server);

#endif
