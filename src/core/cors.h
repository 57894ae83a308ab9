/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_CORE_CORS_H
#define LK_CORE_CORS_H

#include "core/reply.h"
#include "core/request.h"

/* Where the request has an Origin that is listed ("*" lists all), adds what lets a browser's script read the answer:
 * Access-Control-Allow-Origin with that origin and Access-Control-Allow-Credentials, and Access-Control-Expose-Headers where
 * `expose` is not NULL. 403 where there is an Origin that is neither listed nor this server's. */
lk_status_t lk_cors_require(const lk_request_t *req, lk_reply_t *reply, const char *const *origins, size_t num_origins,
                            const char *expose, lk_error_t *err);
/* The same headers for any origin: discovery, keys. */
void lk_cors_allow_all(const lk_request_t *req, lk_reply_t *reply, const char *expose);

/* 1 where the origin is that of this server itself, as the request's address says. */
int lk_cors_is_own(const lk_request_t *req, const char *origin);

#endif
