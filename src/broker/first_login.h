/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_BROKER_FIRST_LOGIN_H
#define LK_BROKER_FIRST_LOGIN_H

#include "broker/state.h"

/* The first login by an identity provider: the executions of its flow ("first broker login"), each of which looks at how far the
 * login has come, and at what was posted. */

typedef enum en_lk_outcome_t {
    LK_STEP_DONE,      /* goes on */
    LK_STEP_ATTEMPTED, /* does not apply: an alternative may */
    LK_STEP_ANSWERED   /* the reply is made: a page, or an error */
} lk_outcome_t;

typedef struct st_lk_first_login_t {
    lk_broker_step_t step;
    lk_reply_t *reply;
} lk_first_login_t;

typedef struct st_lk_first_step_t {
    const char *authenticator;
    lk_status_t (*run)(const lk_first_login_t *first, const json_t *config, lk_outcome_t *ret_outcome, lk_error_t *err);
    /* What was posted to its page: changes step.brokered, or shows the page again. NULL: it has none. */
    lk_status_t (*submit)(const lk_first_login_t *first, lk_outcome_t *ret_outcome, lk_error_t *err);
} lk_first_step_t;

/* A page of that execution, with the address of its form. */
void lk_first_login_page(const lk_first_login_t *first, const char *authenticator, const char *template_name, json_t *model);

/* What is put away of the login of this tab. *ret_answered as in lk_step_begin. */
lk_status_t lk_first_login_load(const lk_request_t *req, lk_first_login_t *first, lk_upstream_t *upstream, int *ret_answered,
                                lk_error_t *err);

/* link_mail.c */
lk_status_t lk_link_mail_run(const lk_first_login_t *first, const json_t *config, lk_outcome_t *ret_outcome, lk_error_t *err);
/* review.c */
lk_status_t lk_review_run(const lk_first_login_t *first, const json_t *config, lk_outcome_t *ret_outcome, lk_error_t *err);
lk_status_t lk_review_submit(const lk_first_login_t *first, lk_outcome_t *ret_outcome, lk_error_t *err);
/* Shows its page whatever is set. */
void lk_review_show(const lk_first_login_t *first);
/* link.c */
lk_status_t lk_unique_run(const lk_first_login_t *first, const json_t *config, lk_outcome_t *ret_outcome, lk_error_t *err);
lk_status_t lk_detect_run(const lk_first_login_t *first, const json_t *config, lk_outcome_t *ret_outcome, lk_error_t *err);
lk_status_t lk_auto_link_run(const lk_first_login_t *first, const json_t *config, lk_outcome_t *ret_outcome, lk_error_t *err);
lk_status_t lk_confirm_run(const lk_first_login_t *first, const json_t *config, lk_outcome_t *ret_outcome, lk_error_t *err);
lk_status_t lk_confirm_submit(const lk_first_login_t *first, lk_outcome_t *ret_outcome, lk_error_t *err);
lk_status_t lk_password_run(const lk_first_login_t *first, const json_t *config, lk_outcome_t *ret_outcome, lk_error_t *err);
lk_status_t lk_password_submit(const lk_first_login_t *first, lk_outcome_t *ret_outcome, lk_error_t *err);
lk_status_t lk_link_otp_run(const lk_first_login_t *first, const json_t *config, lk_outcome_t *ret_outcome, lk_error_t *err);
lk_status_t lk_link_otp_submit(const lk_first_login_t *first, lk_outcome_t *ret_outcome, lk_error_t *err);

#endif
