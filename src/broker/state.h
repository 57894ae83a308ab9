/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_BROKER_STATE_H
#define LK_BROKER_STATE_H

#include "broker/brokered.h"
#include "login/state.h"
#include "model/federated.h"

/* What goes to the provider and comes back as its `state`: the login in progress, sealed, so that nothing is stored for who never
 * returns. It opens in the browser that it began in alone. */
typedef struct st_lk_broker_state_t {
    lk_login_t *login;
    const char *id; /* good once */
    const char *alias, *nonce, *verifier;
    const char *linking_user; /* the signed-in user who links an account, or NULL */
} lk_broker_state_t;

/* What goes along. `is_short`, for providers that take no long ones: its id alone, and the rest is put away. */
lk_status_t lk_broker_state_seal(const lk_request_t *req, const lk_realm_t *realm, const lk_broker_state_t *state, int is_short,
                                 const char **ret_text, lk_error_t *err);
/* LK_INVALID where it was changed, is of another provider or browser, or is too old. */
lk_status_t lk_broker_state_open(const lk_request_t *req, const lk_realm_t *realm, const char *alias, const char *text,
                                 lk_broker_state_t *ret_state, lk_error_t *err);

/* --- the steps of a brokered login, one file each --- */

/* What each of them works with. */
typedef struct st_lk_broker_step_t {
    const lk_request_t *req;
    const lk_realm_t *realm;
    const lk_client_t *client;
    lk_login_t *login;
    const lk_upstream_t *upstream;
    lk_brokered_t *brokered;
} lk_broker_step_t;

/* Sends the browser to the provider (start.c). */
lk_status_t lk_broker_start(const lk_request_t *req, const lk_realm_t *realm, const lk_upstream_t *upstream, lk_login_t *login,
                            const char *linking_user, lk_reply_t *reply, lk_error_t *err);
/* Somebody has come back and is known: their user, or the first login (finish.c). `linking_user`: as in the state. */
lk_status_t lk_broker_arrived(const lk_broker_step_t *step, const char *linking_user, lk_reply_t *reply, lk_error_t *err);
/* On with the login of somebody who is known. */
lk_status_t lk_broker_go_on(const lk_broker_step_t *step, const char *user_id, int is_first, lk_reply_t *reply, lk_error_t *err);
/* The same, by the provider's flow after logins first (post_login.c). */
lk_status_t lk_broker_post_login(const lk_broker_step_t *step, const char *user_id, lk_reply_t *reply, lk_error_t *err);
/* The first login has been walked through: makes the user or links the one that was there, and goes on. */
lk_status_t lk_broker_finish_first_login(const lk_broker_step_t *step, lk_reply_t *reply, lk_error_t *err);
/* Who links an account at that provider in this login, or NULL (link_account.c). */
const char *lk_broker_linking_user(const lk_login_t *login, const char *alias);
/* The same as lk_broker_arrived for a user who links an account: `known` is who has it already, or NULL (link_account.c). */
lk_status_t lk_broker_link_arrived(const lk_broker_step_t *step, const char *user_id, const lk_user_t *known, lk_reply_t *reply,
                                   lk_error_t *err);
/* It ended otherwise: "cancelled", "error". */
lk_status_t lk_broker_link_end(const lk_broker_step_t *step, const char *user_id, const char *how, lk_reply_t *reply,
                               lk_error_t *err);
/* The link that would be stored. */
lk_federated_t lk_broker_link_of(const lk_broker_step_t *step);
/* What a new user would be called, in lower case; NULL where nothing is known. */
const char *lk_broker_username(const lk_broker_step_t *step);
/* Events (events.c): the first login's page or end; that a user was made or linked to `existing`; the login
 * that is about to succeed; a link that its user asked for. */
void lk_broker_event_first(const lk_broker_step_t *step);
void lk_broker_event_stored(const lk_broker_step_t *step, const char *user_id, const lk_user_t *existing);
void lk_broker_event_login(const lk_broker_step_t *step, int is_first);
void lk_broker_event_linked(const lk_broker_step_t *step, const lk_user_t *user);
/* A line in the log about a login that did not work. */
void lk_broker_note(const lk_request_t *req, const lk_realm_t *realm, const char *alias, const char *what,
                    const lk_error_t *reason);
/* The page that says that it did not work; *err says to the log why. Always LK_OK. */
lk_status_t lk_broker_refuse(const lk_request_t *req, const lk_realm_t *realm, const char *alias, int status, const char *key,
                             const lk_error_t *reason, lk_reply_t *reply);
/* "Upstream", or the alias where it has no name. */
const char *lk_broker_display_name(const lk_identity_provider_t *provider);

#endif
