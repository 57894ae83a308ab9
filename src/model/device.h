/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_MODEL_DEVICE_H
#define LK_MODEL_DEVICE_H

#include "model/realms.h"

/* Device authorizations (RFC 8628): made by a device, decided by a person in a browser, fetched by the device once. And backchannel
 * authentication (OpenID Connect CIBA): made by a client for a user, decided through the authentication channel, fetched likewise.
 */

typedef enum en_lk_device_status_t { LK_DEVICE_PENDING, LK_DEVICE_GRANTED, LK_DEVICE_DENIED } lk_device_status_t;

typedef struct st_lk_device_t {
    const char *id;                                                          /* device_code */
    const char *user_code;                                                   /* "ABCD-EFGH"; CIBA: the channel's name for it */
    const char *client_id;                                                   /* client.id */
    const char *scope, *code_challenge, *code_challenge_method, *session_id; /* NULL where absent */
    const char *user_id;                                                     /* CIBA: who is asked; NULL: a device's */
    const char *notification;                                                /* CIBA: token for the client's endpoint, or NULL */
    int64_t expires, polling_interval;                                       /* seconds */
    lk_device_status_t status;
} lk_device_t;

/* Makes id and user_code, and stores the rest. */
lk_status_t lk_device_create(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, lk_device_t *device, lk_error_t *err);
/* A pending one, by what a person typed: any case, with or without dash. ret_device->id is NULL where there is none. */
lk_status_t lk_device_find(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *user_code,
                           lk_device_t *ret_device, lk_error_t *err);
/* session_id NULL: denied. Nothing happens where it is no longer pending. */
lk_status_t lk_device_decide(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *id, const char *session_id,
                             lk_error_t *err);
/* CIBA: makes id and user_code, and stores the rest; user_id is set. */
lk_status_t lk_backchannel_create(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, lk_device_t *device, lk_error_t *err);
/* CIBA: the channel says how it ended. ret_device->id is NULL where nothing waits under that name. */
lk_status_t lk_backchannel_decide(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *user_code, int granted,
                                  lk_device_t *ret_device, lk_error_t *err);
/* How it stands; ret_device->id is NULL where there is none. *ret_too_early: the last poll was less than an interval ago. */
lk_status_t lk_device_poll(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *id, lk_device_t *ret_device,
                           int *ret_too_early, lk_error_t *err);
/* *ret_first is 1 for the one caller that may have the tokens. */
lk_status_t lk_device_redeem(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *id, int *ret_first,
                             lk_error_t *err);

#endif
