/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_LOGIN_STEPS_H
#define LK_LOGIN_STEPS_H

#include "login/finish.h"

/* What each handler under login-actions/ begins with. */
#define LK_RESET_PATH "/login-actions/reset-credentials"

typedef struct st_lk_step_t {
    const lk_realm_t *realm;
    const lk_client_t *client;
    lk_login_t *login;
    const lk_user_t *user; /* who has proved who they are; NULL before */
    lk_login_open_t opened;
} lk_step_t;

/* Finds realm, login, client and user. Returns LK_OK with *ret_answered set where the request is already answered: an error page,
 * or a redirect to the login's first page where only KC_RESTART knew it. */
lk_status_t lk_step_begin(const lk_request_t *req, lk_step_t *ret_step, int *ret_answered, lk_reply_t *reply, lk_error_t *err);
/* The same for a step that needs a proved user. */
lk_status_t lk_step_begin_proved(const lk_request_t *req, lk_step_t *ret_step, int *ret_answered, lk_reply_t *reply,
                                 lk_error_t *err);

#endif
