/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_LOGIN_STATE_H
#define LK_LOGIN_STATE_H

#include "login/login.h"

/* A login in progress. It travels sealed: as session_code in the form's action and, for recovery, in the KC_RESTART cookie. The
 * server stores nothing until the login succeeds. */
typedef struct st_lk_login_t {
    lk_auth_request_t auth;
    const char *client_uuid;
    const char *root;              /* the browser's, from its AUTH_SESSION_ID cookie: a login opens in that browser alone */
    const char *tab;               /* this login's own id; redeemed once */
    int64_t started;               /* seconds */
    const char *user_id;           /* who has proved who they are, or NULL */
    int64_t auth_time;             /* when they did */
    const char *expected_user;     /* whom it is about, who has proved nothing yet: named by a form or by the session's cookie */
    const char *attempted;         /* the name that somebody gave who is not known here, or NULL */
    const char *organization;      /* alias of the one that was chosen for the scope "organization", or NULL */
    const char *locale;            /* that was chosen by a page's link, or NULL */
    json_t *progress;              /* executions of the flow that are done (login/flow.h), or NULL */
    json_t *completed;             /* {execution id: seconds} of authenticators that are done, or NULL */
    json_t *levels;                /* {level of assurance: seconds when it was reached}, the session's included; or NULL */
    json_t *setup;                 /* required actions that stand in for a factor that was not set up; or NULL */
    int64_t level;                 /* of assurance that this login has reached; LK_LEVEL_NONE */
    const char *current;           /* id of the execution whose page is shown, or NULL */
    const char *challenge;         /* that the page shown last gave to the browser's authenticator, or NULL */
    const char *sid;               /* the session that is gone on with after signing in again, or NULL */
    const char *broker_alias;      /* the identity provider that said who it is, or NULL */
    const char *broker_session_id; /* what that one calls its session, or NULL */
    json_t *session_notes;         /* notes that mappers have made for the session, or NULL */
    const char *invitation;        /* id of the one by which somebody registers, or NULL */
    const char *link_id;           /* of the link out of a mail that it goes on by, or NULL */
    const char *link_alias;        /* the identity provider that a link has confirmed, or NULL */
    const char *link_user;         /* and for which user */
    int64_t link_expires;          /* seconds */
    int is_reset;                  /* in the flow for forgotten passwords (login/reset_credentials.c), not the browser's */
    int by_link;                   /* it does what the link is for, and ends with a page: there is no session */
    int forced;                    /* the session's word does not count: prompt=login, max_age */
    int by_cookie;                 /* user_id was proved by the session's cookie, not by signing in */
    int by_passkey;                /* a page of user name or password was answered by a passkey */
    int remember_me;
    int consented;
    int registration; /* reached through the registration endpoint: no KC_RESTART was set */
    int finished;     /* only in KC_RESTART: nothing to recover any more */
} lk_login_t;

/* A new login in this browser's running root, or in a new one. *ret_new_root tells which. */
lk_login_t *lk_login_new(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client, const lk_auth_request_t *auth,
                         int *ret_new_root);
/* Forgets who it was and how far they got: the login begins again. */
void lk_login_forget(lk_login_t *login);
/* What its addresses carry of a login; a page with many of them makes it once. session_code: everything but what client_data says,
 * bound to that by its hash, sealed. client_data: base64url of {"ru","rt","rm","st"}. */
typedef struct st_lk_login_code_t {
    const char *session_code, *client_data;
} lk_login_code_t;
lk_login_code_t lk_login_code(lk_arena_t *arena, const lk_realm_t *realm, const lk_login_t *login);

/* The whole of it as one object, and back (NULL where it is none): what the broker sends along and puts away. New reference. */
json_t *lk_login_pack(const lk_login_t *login);
lk_login_t *lk_login_unpack(lk_arena_t *arena, const json_t *packed);
/* 1 where this is the browser that the login began in, and the time for it has not passed. */
int lk_login_is_of_browser(const lk_request_t *req, const lk_realm_t *realm, const lk_login_t *login);

typedef enum en_lk_login_open_t {
    LK_LOGIN_OPENED,
    LK_LOGIN_RESTARTED, /* the form was stale or foreign, but KC_RESTART knew the login: show its first page again */
    LK_LOGIN_EXPIRED,   /* it was a login once */
    LK_LOGIN_NONE       /* neither: "Restart login cookie not found" */
} lk_login_open_t;
/* The login that a request under login-actions/ belongs to: session_code (query or form "code"/"session_code") with client_data,
 * checked against the AUTH_SESSION_ID cookie, else KC_RESTART. */
lk_login_open_t lk_login_open(const lk_request_t *req, const lk_realm_t *realm, lk_login_t **ret_login);

/* "https://.../login-actions/<action>?session_code=&execution=&client_id=&tab_id=&client_data=". execution may be NULL; with
 * relative != 0 the path alone, and no session_code: a form that carries it in a hidden field. */
char *lk_login_action_url(const lk_request_t *req, const lk_realm_t *realm, const lk_login_t *login, const char *action,
                          const char *execution);
/* The same without execution, one of many on a page. */
char *lk_login_page_url(const lk_request_t *req, const lk_realm_t *realm, const lk_login_t *login, const lk_login_code_t *code,
                        const char *action);
/* ".../broker/<step>?session_code=&client_id=&tab_id=&client_data=" on `base`, which is base_url or base_path. */
char *lk_login_broker_url(const lk_request_t *req, const char *base, const lk_realm_t *realm, const lk_login_t *login,
                          const char *step);
char *lk_login_form_url(const lk_request_t *req, const lk_realm_t *realm, const lk_login_t *login, const char *action);
/* The absolute address without session_code: what KC_RESTART, or what is put away under the tab, is gone on with. */
char *lk_login_resume_url(const lk_request_t *req, const lk_realm_t *realm, const lk_login_t *login, const char *action);
/* Where a login goes on to that identity provider. `code`: the page's; NULL: one of its own. */
char *lk_login_provider_url(const lk_request_t *req, const char *base, const lk_realm_t *realm, const lk_login_t *login,
                            const lk_login_code_t *code, const char *alias);
/* The id that Keycloak would have given the execution: stable per realm and authenticator. */
char *lk_login_execution_id(lk_arena_t *arena, const lk_realm_t *realm, const char *authenticator);

/* --- cookies --- */

/* AUTH_SESSION_ID and KC_AUTH_SESSION_HASH of a new root. */
void lk_login_set_root_cookies(const lk_request_t *req, const lk_realm_t *realm, const lk_login_t *login, lk_reply_t *reply);
/* KC_RESTART; left out where it would be larger than browsers take. */
void lk_login_set_restart_cookie(const lk_request_t *req, const lk_realm_t *realm, const lk_login_t *login, lk_reply_t *reply);
/* Deletes KC_RESTART where the browser has it. */
void lk_login_clear_restart_cookie(const lk_request_t *req, const lk_realm_t *realm, lk_reply_t *reply);
/* KEYCLOAK_IDENTITY, KEYCLOAK_SESSION and, where asked for, KEYCLOAK_REMEMBER_ME. */
lk_status_t lk_login_set_session_cookies(const lk_request_t *req, const lk_realm_t *realm, const lk_session_t *session,
                                         const char *username, lk_reply_t *reply, lk_error_t *err);
/* The same cookie when a login succeeds without a page: what another tab may need is kept, else a finished one is left (as Keycloak
 * does). */
void lk_login_leave_restart_cookie(const lk_request_t *req, const lk_realm_t *realm, const lk_login_t *login, lk_reply_t *reply);
/* The user name that KEYCLOAK_REMEMBER_ME holds, or NULL. */
const char *lk_login_remembered_username(const lk_request_t *req);
void lk_login_set_cookie(const lk_request_t *req, const lk_realm_t *realm, const char *name, const char *value, long max_age,
                         int http_only, lk_reply_t *reply);

#endif
