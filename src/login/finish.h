/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_LOGIN_FINISH_H
#define LK_LOGIN_FINISH_H

#include "login/state.h"
#include "model/event.h"

/* What a login walks through once somebody has proved who they are (login->user_id): required actions, consent, session, response.
 * Each step is a redirect or a page; the state goes on in the browser. */
lk_status_t lk_login_continue(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client, lk_login_t *login,
                              const lk_user_t *user, lk_reply_t *reply, lk_error_t *err);
/* A redirect to the page of a required action, or (NULL) to whatever comes next. */
lk_status_t lk_login_go_to_step(const lk_request_t *req, const lk_realm_t *realm, const lk_login_t *login, const char *execution,
                                lk_reply_t *reply);
enum {
    LK_LOGIN_PASSIVE = 1, /* prompt=none: a step that is needed is an error to the client */
    LK_LOGIN_RESUMED = 2  /* after a redirect of our own: the browser has KC_RESTART already */
};
/* The same for a session that exists already (SSO cookie). `how`: LK_LOGIN_... */
lk_status_t lk_login_continue_session(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client,
                                      lk_login_t *login, const lk_user_t *user, const lk_session_t *session, unsigned how,
                                      lk_reply_t *reply, lk_error_t *err);
/* A browser has one session, whatever flow or tab it is of: where it is the user's already, the login goes on with that
 * (login->sid); where it is somebody else's, *ret_other is who that is. user_id: NULL where there is no user yet. */
lk_status_t lk_login_join_session(const lk_request_t *req, const lk_realm_t *realm, lk_login_t *login, const char *user_id,
                                  const lk_user_t **ret_other, lk_error_t *err);
/* The page for who signs in where the browser has a session of somebody else, and the open event's end. */
void lk_login_refuse_other_user(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client,
                                const lk_login_t *login, const lk_user_t *other, lk_reply_t *reply);

/* Walks the browser flow, or the one for forgotten passwords where the login is in that, or on in it. */
lk_status_t lk_login_walk(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client, lk_login_t *login,
                          unsigned how, lk_reply_t *reply, lk_error_t *err);
/* The same with what was posted to the page of one of its executions. */
struct st_lk_step_t;
lk_status_t lk_login_walk_step(const lk_request_t *req, const struct st_lk_step_t *step, lk_reply_t *reply, lk_error_t *err);
/* The same with a message above the page (type "error", "success"): another provider could not say who it is, a mail was sent. */
lk_status_t lk_login_walk_again(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client, lk_login_t *login,
                                const char *type, const char *key, const char *argument, lk_reply_t *reply, lk_error_t *err);

/* Notes of a session that later logins in it read: JSON as text. */
#define LK_NOTE_LEVELS "loa-map"
#define LK_NOTE_COMPLETED "AUTHENTICATORS_COMPLETED"

/* --- required actions: a table --- */

/* What a required action does. show and submit may fill the model's messages; submit tells by *ret_done whether the action is
 * fulfilled (then it is taken off the user). */
typedef struct st_lk_action_context_t {
    const lk_request_t *req;
    const lk_realm_t *realm;
    const lk_client_t *client;
    lk_login_t *login;
    const lk_user_t *user;
    json_t *model;     /* of the page */
    lk_reply_t *reply; /* for a submit that says LK_ACTION_ANSWERED */
} lk_action_context_t;
#define LK_ACTION_ANSWERED (-1) /* *ret_done: nothing is fulfilled, and the answer is made */
typedef struct st_lk_required_action_type_t {
    const char *alias;         /* "UPDATE_PASSWORD" */
    const char *template_name; /* of its page */
    const char *notice;        /* message key when the page is first shown, or NULL */
    /* beyond the user's list; may be NULL */
    int (*is_needed)(const lk_request_t *req, const lk_realm_t *realm, const lk_user_t *user);
    void (*show)(const lk_action_context_t *context);
    /* What it needs of the database or changes in the login, before the page's form is sealed; may be NULL. */
    lk_status_t (*load)(const lk_action_context_t *context, lk_error_t *err);
    lk_status_t (*submit)(const lk_action_context_t *context, int *ret_done, lk_error_t *err);
    lk_event_type_t event;
    int is_asked_for_only; /* by clients, with a parameter: on a user's list it means nothing */
    const char *declined;  /* what the application is told where the form says cancel; NULL where it cannot */
    /* One that only clients ask for (kc_action): whether it can be done for this user at all; may be NULL. Or
     * LK_ACTION_ANSWERED, with a page that says why not. */
    /* type of credential that, where the user has one, makes the parameter "skip_if_exists" end the action; or NULL */
    const char *skips_with;
    lk_status_t (*is_possible)(const lk_action_context_t *context, int *ret_possible, lk_error_t *err);
    /* What answers a POST in place of submit; may be NULL. */
    lk_status_t (*answer)(const lk_action_context_t *context, lk_reply_t *reply, lk_error_t *err);
} lk_required_action_type_t;
/* The first action that the user still has to do, by their own list or the login's, then the one that the client asks for, or NULL.
 * Where the client asks for what is not known here, that is noted in the login. */
const lk_required_action_type_t *lk_login_next_action(const lk_request_t *req, const lk_realm_t *realm, lk_login_t *login,
                                                      const lk_user_t *user);
/* A language that is chosen stays with the browser; and with the user once the login is through, where the realm's required action
 * update_user_locale is enabled. */
void lk_login_choose_locale(const lk_request_t *req, const lk_realm_t *realm, lk_login_t *login, lk_reply_t *reply);
lk_status_t lk_login_keep_locale(const lk_request_t *req, const lk_realm_t *realm, const lk_login_t *login, const lk_user_t *user,
                                 lk_reply_t *reply, lk_error_t *err);
int64_t lk_login_action_max_age(const lk_realm_t *realm, const lk_auth_request_t *auth);
/* "up" of "idp_link:up"; NULL where nothing is after the colon. */
const char *lk_login_action_argument(const lk_login_t *login);
/* The client's action has ended so. */
void lk_login_end_action(lk_login_t *login, const char *status);

/* --- consent --- */

/* Whether the client needs the user's consent to more scopes than were granted. */
lk_status_t lk_consent_needed(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client,
                              const lk_auth_request_t *auth, const lk_user_t *user, int *ret_needed, lk_error_t *err);

#endif
