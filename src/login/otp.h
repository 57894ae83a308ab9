/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_LOGIN_OTP_H
#define LK_LOGIN_OTP_H

#include "login/steps.h"

/* The second factor: one-time passwords by time (RFC 6238) or counter (RFC 4226), for users who have set one up. */

/* One of the few tries that a user has a minute at codes of any kind; *ret_taken is 0 where there is none left. */
lk_status_t lk_otp_take_try(const lk_request_t *req, const lk_realm_t *realm, const char *user_id, int *ret_taken, lk_error_t *err);
/* Checks a code; each is good once, and a user has a few tries a minute, on all replicas together. */
lk_status_t lk_otp_check(const lk_request_t *req, const lk_realm_t *realm, const char *user_id, const char *code, int *ret_good,
                         lk_error_t *err);
/* The user's, for the page that asks: [{"id", "userLabel", "selected"}]; `chosen` is an id, or NULL. New reference. */
lk_status_t lk_otp_list(const lk_request_t *req, const lk_realm_t *realm, const char *user_id, const char *chosen,
                        json_t **ret_list, lk_error_t *err);
/* The counter's value after the one that `code` belongs to, at most look_ahead from `counter` on; -1: it belongs to none. */
int64_t lk_otp_next_counter(const char *secret, const char *algorithm, int64_t digits, int64_t counter, int64_t look_ahead,
                            const char *code);
/* 1 where `code` is that of the secret now, or so many periods around it. `algorithm`: "HmacSHA1", "HmacSHA256", "HmacSHA512". */
int lk_otp_matches(const char *secret, const char *algorithm, int64_t digits, int64_t period, int64_t look_around,
                   const char *code);

#endif
