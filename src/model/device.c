/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <string.h>
#include "core/time.h"
#include "crypto/crypto.h"
#include "model/device.h"

#define CODE_LENGTH 8
#define MAX_TRIES 5 /* that a user code is taken already is next to impossible */

static const char *number(lk_arena_t *arena, int64_t value)
{
    return lk_printf(arena, "%lld", (long long)value);
}

/* Capitals: easy to type, and a code is worth 26^8 guesses. */
static char *make_user_code(lk_arena_t *arena)
{
    unsigned char random[CODE_LENGTH * 2];
    char *code = lk_alloc(arena, CODE_LENGTH + 1);
    lk_random(random, sizeof(random));
    for (size_t i = 0; i != CODE_LENGTH; ++i)
        code[i] = (char)('A' + (random[2 * i] << 8 | random[2 * i + 1]) % 26);
    code[CODE_LENGTH] = '\0';
    return code;
}

lk_status_t lk_device_create(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, lk_device_t *device, lk_error_t *err)
{
    lk_rows_t rows = {0};
    lk_status_t status = LK_OK;
    device->id = lk_random_token(arena, 32);
    for (int tries = 0; status == LK_OK && rows.affected == 0 && tries != MAX_TRIES; ++tries) {
        const char *code = make_user_code(arena);
        device->user_code = lk_printf(arena, "%.4s-%s", code, code + 4);
        status = lk_query(sql, arena, LK_Q_DEVICE_CODE_INSERT, &rows, err, realm->id, device->id, code, device->client_id,
                          device->scope, device->code_challenge, device->code_challenge_method, number(arena, device->expires),
                          number(arena, device->polling_interval), NULL, NULL);
    }
    return status == LK_OK && rows.affected == 0 ? lk_fail(err, LK_INTERNAL, "server_error", "No user code is free") : status;
}

static char *plain_code(lk_arena_t *arena, const char *text)
{
    char *plain = lk_strdup(arena, text), *to = plain;
    for (const char *from = text; *from != '\0'; ++from)
        if (*from != '-' && !isspace((unsigned char)*from))
            *to++ = (char)toupper((unsigned char)*from);
    *to = '\0';
    return plain;
}

lk_status_t lk_device_find(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *user_code,
                           lk_device_t *ret_device, lk_error_t *err)
{
    lk_rows_t rows;
    lk_status_t status = lk_query(sql, arena, LK_Q_DEVICE_CODE_BY_USER_CODE, &rows, err, realm->id, plain_code(arena, user_code),
                                  number(arena, lk_now()));
    if (status != LK_OK)
        return status;
    *ret_device = (lk_device_t){.id = NULL};
    if (rows.count != 0)
        *ret_device = (lk_device_t){.id = lk_row_str(&rows, 0, "id"),
                                    .client_id = lk_row_str(&rows, 0, "client_id"),
                                    .scope = lk_row_str(&rows, 0, "scope")};
    return LK_OK;
}

lk_status_t lk_device_decide(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *id, const char *session_id,
                             lk_error_t *err)
{
    lk_rows_t rows;
    return lk_query(sql, arena, LK_Q_DEVICE_CODE_DECIDE, &rows, err, realm->id, id, session_id != NULL ? "granted" : "denied",
                    session_id, number(arena, lk_now()));
}

lk_status_t lk_backchannel_create(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, lk_device_t *device, lk_error_t *err)
{
    lk_rows_t rows;
    device->id = lk_random_token(arena, 32);
    device->user_code = lk_random_uuid(arena);
    return lk_query(sql, arena, LK_Q_DEVICE_CODE_INSERT, &rows, err, realm->id, device->id, device->user_code, device->client_id,
                    device->scope, NULL, NULL, number(arena, device->expires), number(arena, device->polling_interval),
                    device->user_id, device->notification);
}

lk_status_t lk_backchannel_decide(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *user_code, int granted,
                                  lk_device_t *ret_device, lk_error_t *err)
{
    lk_rows_t rows;
    lk_status_t status = lk_query(sql, arena, LK_Q_BACKCHANNEL_DECIDE, &rows, err, realm->id, user_code,
                                  granted ? "granted" : "denied", number(arena, lk_now()));
    if (status != LK_OK)
        return status;
    *ret_device = (lk_device_t){.id = NULL};
    if (rows.count != 0)
        *ret_device = (lk_device_t){.id = lk_row_str(&rows, 0, "id"),
                                    .client_id = lk_row_str(&rows, 0, "client_id"),
                                    .notification = lk_row_str(&rows, 0, "notification")};
    return LK_OK;
}

static lk_device_status_t status_of(const char *text)
{
    return strcmp(text, "granted") == 0 ? LK_DEVICE_GRANTED : strcmp(text, "denied") == 0 ? LK_DEVICE_DENIED : LK_DEVICE_PENDING;
}

lk_status_t lk_device_poll(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *id, lk_device_t *ret_device,
                           int *ret_too_early, lk_error_t *err)
{
    lk_rows_t rows;
    lk_status_t status = lk_query(sql, arena, LK_Q_DEVICE_CODE_POLL, &rows, err, realm->id, id, number(arena, lk_now()));
    if (status != LK_OK)
        return status;
    *ret_device = (lk_device_t){.id = NULL};
    if (rows.count == 0)
        return LK_OK;
    *ret_device = (lk_device_t){.id = id,
                                .client_id = lk_row_str(&rows, 0, "client_id"),
                                .scope = lk_row_str(&rows, 0, "scope"),
                                .code_challenge = lk_row_str(&rows, 0, "code_challenge"),
                                .code_challenge_method = lk_row_str(&rows, 0, "code_challenge_method"),
                                .session_id = lk_row_str(&rows, 0, "session_id"),
                                .user_id = lk_row_str(&rows, 0, "user_id"),
                                .expires = lk_row_int(&rows, 0, "expires", 0),
                                .status = status_of(lk_row_str(&rows, 0, "status"))};
    *ret_too_early = lk_row_bool(&rows, 0, "too_early");
    return LK_OK;
}

lk_status_t lk_device_redeem(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *id, int *ret_first,
                             lk_error_t *err)
{
    lk_rows_t rows;
    lk_status_t status = lk_query(sql, arena, LK_Q_DEVICE_CODE_REDEEM, &rows, err, realm->id, id);
    if (status == LK_OK)
        *ret_first = rows.affected != 0;
    return status;
}
