/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_BROKER_FIRST_LOGIN_H
#define LK_BROKER_FIRST_LOGIN_H

#include "broker/state.h"
#include "login/authenticators.h"

/* The first login by an identity provider is a walk through a flow (login/flow.h), "first broker login" most often. Its executions
 * that are of this room find in lk_walk_t.brokering how far it has come; the table in login/authenticators.c names them. */

/* Walks through a flow of a brokered login: *ret_done where it lets the user in, else the reply is made. */
typedef lk_status_t (*lk_broker_through_t)(const lk_broker_step_t *step, int *ret_done, lk_reply_t *reply, lk_error_t *err);
/* What comes behind the flow. */
typedef lk_status_t (*lk_broker_beyond_t)(const lk_broker_step_t *step, lk_reply_t *reply, lk_error_t *err);
/* Loads what is put away of the login of this tab, and takes it through the flow and beyond. */
lk_status_t lk_broker_walk_handle(const lk_request_t *req, lk_broker_through_t through, lk_broker_beyond_t beyond,
                                  lk_reply_t *reply, lk_error_t *err);
/* What all walks of a brokered login have. */
lk_walk_t lk_broker_walk(const lk_broker_step_t *step, const char *action, lk_reply_t *reply);
/* Walks on, with what was posted or without, and puts away where it has come to. */
lk_status_t lk_broker_walk_on(const lk_broker_step_t *step, lk_walk_t *walk, const char *flow, lk_flow_outcome_t *ret_outcome,
                              lk_error_t *err);

/* Puts the login away and sends the browser to login-actions/<action>, where a flow begins. */
lk_status_t lk_broker_walk_begin(const lk_broker_step_t *step, const char *action, lk_reply_t *reply, lk_error_t *err);
/* On to broker/<address>, behind the flow. */
void lk_broker_walk_ended(const lk_broker_step_t *step, const char *address, lk_reply_t *reply);

/* review.c */
LK_AUTHENTICATE(lk_idp_review_show);
LK_AUTHENTICATE(lk_idp_review_submit);
/* The user that somebody would be. */
lk_user_t *lk_broker_user_to_be(const lk_broker_step_t *step);
/* organization.c */
LK_AUTHENTICATE(lk_idp_add_member);
/* What the flow has decided: the user becomes a member of the provider's organization; somebody new its own. */
lk_status_t lk_broker_join(const lk_broker_step_t *step, lk_sql_t *sql, const char *user_id, int is_new, lk_error_t *err);
/* Whether the address is of the domain that the provider is for. */
lk_status_t lk_broker_domain_fits(const lk_broker_step_t *step, const char *email, int *ret_fits, lk_error_t *err);
/* link.c */
LK_AUTHENTICATE(lk_idp_unique);
LK_AUTHENTICATE(lk_idp_detect);
LK_AUTHENTICATE(lk_idp_auto_link);
LK_AUTHENTICATE(lk_idp_confirm_show);
LK_AUTHENTICATE(lk_idp_confirm_submit);
LK_AUTHENTICATE(lk_idp_password_show);
LK_AUTHENTICATE(lk_idp_password_submit);
LK_AUTHENTICATE(lk_idp_mail);

#endif
