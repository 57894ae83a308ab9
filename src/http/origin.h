/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_HTTP_ORIGIN_H
#define LK_HTTP_ORIGIN_H

#include "core/request.h"
#include "http/server.h"

/* Under which URL the world sees this server, and who asks: from the connection, the Host header, what trusted proxies add, and the
 * options hostname, proxy-headers and proxy-trusted-addresses. */

/* The options, parsed once. */
typedef struct st_lk_origin_rules_t lk_origin_rules_t;

lk_status_t lk_origin_rules_create(lk_arena_t *arena, const lk_server_options_t *options, lk_origin_rules_t **ret_rules,
                                   lk_error_t *err);
/* "/auth", or "" where the relative path is "/". */
const char *lk_origin_base_path(const lk_origin_rules_t *rules);

/* What the connection knows. */
typedef struct st_lk_origin_seen_t {
    int is_tls;
    const char *authority; /* Host or :authority, NULL where there was none */
    const char *peer_ip;   /* numeric */
    const lk_pairs_t *headers;
} lk_origin_seen_t;

typedef struct st_lk_origin_t {
    const char *base_url, *own_url, *base_path, *client_ip;
    int is_https, is_secure_context;
} lk_origin_t;

/* Fails with LK_INVALID where the Host header is needed and is none. */
lk_status_t lk_origin_find(const lk_origin_rules_t *rules, lk_arena_t *arena, const lk_origin_seen_t *seen, lk_origin_t *ret_origin,
                           lk_error_t *err);

/* 1 where `ip` lies in one of the networks "10.0.0.0/8,2001:db8::/32,192.0.2.1". */
int lk_origin_trusts(const lk_origin_rules_t *rules, const char *ip);

#endif
