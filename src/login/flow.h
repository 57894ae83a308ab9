/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_LOGIN_FLOW_H
#define LK_LOGIN_FLOW_H

#include "login/steps.h"

/* A realm's authentication flow, walked: executions in their order, each an authenticator of the table in authenticators.c or a
 * flow of its own; required, alternative, conditional or disabled. A walk that must wait for the person ends with an answer; what
 * was done so far is remembered in lk_login_t.progress, and the next request walks on from the top, past what is done. */

typedef enum en_lk_flow_outcome_t {
    LK_FLOW_ATTEMPTED, /* it does not apply, or could not be done: what else there is decides */
    LK_FLOW_DONE,
    LK_FLOW_SETUP,    /* good for now: a required action sets it up later */
    LK_FLOW_ANSWERED, /* the reply is a page or a redirect */
    LK_FLOW_FAILED    /* nobody gets on here */
} lk_flow_outcome_t;

typedef struct st_lk_walk_t {
    const lk_request_t *req;
    const lk_realm_t *realm;
    const lk_client_t *client;
    lk_login_t *login;
    const char *action;          /* of its pages: login-actions/<action>; NULL: "authenticate" */
    const lk_user_t *user;       /* whom it is about (lk_login_t.expected_user); NULL while nobody knows */
    const lk_session_t *session; /* of the browser's cookie, found by auth-cookie in this walk */
    const json_t *top;           /* executions of the whole flow */
    const json_t *execution, *config;
    const char *notice, *notice_type, *notice_argument; /* a message for the first page that is shown; NULL: none */
    const char *failure;                                /* why it failed: a message key of the theme; NULL: nothing in particular */
    int failure_status;                                 /* of that page; 0: 401 */
    const char *credentials;                            /* types that the user has, " otp password "; NULL: not looked up yet */
    unsigned passive : 1;                               /* prompt=none: no page may be shown */
    unsigned needs_person : 1;                          /* and one would have been */
    unsigned by_session : 1;                            /* the cookie's session was enough */
    unsigned asks_name : 1;                             /* the page shows what leads to organizations (login/organization.h) */
    const lk_organization_t *organization;              /* whose providers it shows; NULL: nobody's */
    const struct st_lk_broker_step_t *brokering;        /* the first login by a provider that it is; NULL: none */
    lk_reply_t *reply;
} lk_walk_t;

enum {
    LK_STEP_NEEDS_USER = 1,    /* somebody must be known already */
    LK_STEP_QUIET = 2,         /* shows no page of its own */
    LK_STEP_CONDITION = 4,     /* in a conditional flow: whether it is walked */
    LK_STEP_BROKERED = 8,      /* of first logins by a provider alone */
    LK_STEP_OWN_SETUP = 16,    /* decides by itself what becomes of users without the credential */
    LK_STEP_ONCE = 32,         /* what was posted decides: it is not shown again where it leads nowhere */
    LK_STEP_ORGANIZATION = 64, /* there where the realm has organizations */
    LK_STEP_RESET = 128,       /* of the flow for forgotten passwords alone */
    LK_STEP_SETS_UP = 256      /* whoever lacks the credential may set one up at the login's end */
};
typedef struct st_lk_authenticator_t {
    const char *id; /* Keycloak's */
    unsigned flags;
    const char *credential; /* type (model/credential.h) that the user must have, or NULL */
    /* A condition's outcome is LK_FLOW_DONE where it is met, else LK_FLOW_ATTEMPTED. */
    lk_status_t (*authenticate)(lk_walk_t *walk, lk_flow_outcome_t *ret_outcome, lk_error_t *err);
    /* what the page posted; NULL where there is no page */
    lk_status_t (*action)(lk_walk_t *walk, lk_flow_outcome_t *ret_outcome, lk_error_t *err);
    /* the flow that it stands in is done; may be NULL */
    void (*flow_done)(lk_walk_t *walk);
} lk_authenticator_t;
const lk_authenticator_t *lk_authenticator_find(const char *id);

/* Walks the flow. */
lk_status_t lk_flow_run(lk_walk_t *walk, const char *alias, lk_flow_outcome_t *ret_outcome, lk_error_t *err);
/* Hands what was posted to the execution whose page was shown last, and walks on. */
lk_status_t lk_flow_submit(lk_walk_t *walk, const char *alias, lk_flow_outcome_t *ret_outcome, lk_error_t *err);
/* 1 where the flow, or one in it, has that authenticator and does not disable it. */
int lk_flow_has(const lk_realm_t *realm, const char *alias, const char *authenticator);
/* The flow that a client has of its own for "browser" or "direct_grant", else the realm's. */
const char *lk_flow_of_client(const lk_realm_t *realm, const lk_client_t *client, const char *kind, const char *realms);
/* Whom the walk is about from now on. */
void lk_walk_set_user(lk_walk_t *walk, const lk_user_t *user);
/* To the beginning: what was done counts no more. */
void lk_walk_reset(lk_login_t *login);
/* Whether the user has a credential of that type ("password", "otp", "recovery-authn-codes", ...). */
lk_status_t lk_walk_has_credential(lk_walk_t *walk, const char *type, int *ret_has, lk_error_t *err);
/* 1 where an authenticator of the user's that proves this type of credential is done. */
int lk_walk_used_credential(const lk_walk_t *walk, const char *type);
/* The mark of an execution in this walk: 'd' done, 's' to be set up, 'a' attempted, 'k' skipped, 'y' and 'n' a condition's; 0: none
 */
char lk_walk_mark(const lk_walk_t *walk, const json_t *execution);
/* The configuration of an execution; NULL: it has none. */
const json_t *lk_walk_config_of(const lk_walk_t *walk, const json_t *execution);
/* --- executions --- */
const json_t *lk_flow_executions(const lk_realm_t *realm, const char *alias);
int lk_execution_requires(const json_t *execution, const char *requirement);
int lk_execution_is_flow(const json_t *execution);
int lk_execution_is_condition(const json_t *execution);
/* Its row, or NULL. */
const lk_authenticator_t *lk_execution_type(const json_t *execution);
/* 1 where something beside conditions is required or conditional: then all of that counts, and alternatives do not. */
int lk_executions_have_required(const json_t *executions);
#define LK_FLOW_MAX_DEPTH 8
/* The execution with that member, anywhere below; NULL where there is none. */
const json_t *lk_walk_find(const lk_walk_t *walk, const char *member, const char *value);
/* Hands that execution to its authenticator, as if its turn had come. */
lk_status_t lk_walk_run_step(lk_walk_t *walk, const json_t *execution, lk_flow_outcome_t *ret_outcome, lk_error_t *err);

/* A required action that the login asks for at its end, once. */
void lk_walk_set_up(lk_walk_t *walk, const char *action);
/* What becomes of a step whose user has not its credential: set up later where it is required, else no way for them. LK_FLOW_DONE
 * where they have it. */
lk_status_t lk_walk_check_setup(lk_walk_t *walk, const json_t *execution, lk_flow_outcome_t *ret_outcome, lk_error_t *err);

/* --- other ways --- */
/* Of those that could be shown now, the one whose credential the user prefers. */
lk_status_t lk_walk_preferred(lk_walk_t *walk, const json_t **execution, lk_error_t *err);
/* The page "select-authenticator". */
lk_status_t lk_walk_show_ways(lk_walk_t *walk, lk_flow_outcome_t *ret_outcome, lk_error_t *err);
/* What was chosen there. */
lk_status_t lk_walk_choose(lk_walk_t *walk, const char *chosen, lk_flow_outcome_t *ret_outcome, lk_error_t *err);

/* Whether a conditional flow's other executions could all be done by this user ("user configured"). */
lk_status_t lk_walk_configured(lk_walk_t *walk, const json_t *condition, int *ret_configured, lk_error_t *err);
/* The page of the execution that runs: model, form address, "not you?". New reference. */
json_t *lk_walk_model(lk_walk_t *walk);
lk_status_t lk_walk_show(lk_walk_t *walk, const char *template_name, json_t *model, lk_flow_outcome_t *ret_outcome,
                         lk_error_t *err);

#endif
