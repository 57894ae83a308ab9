/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_LOGIN_EVENTS_H
#define LK_LOGIN_EVENTS_H

#include "login/state.h"
#include "model/event.h"

/* What logins tell (model/event.h). */

/* Opens an event about a login in progress, with what is known of it. */
void lk_login_event_begin(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client, const lk_login_t *login,
                          lk_event_type_t type);
/* The open event ends with a page that says `key`; the reason may be NULL. */
void lk_login_event_page(const lk_request_t *req, const char *key, const char *reason);
/* The open event ends with a redirect to the client: error and description, which may be NULL. */
void lk_login_event_redirect(const lk_request_t *req, const lk_auth_request_t *auth, const char *error, const char *description);
/* A user name and password that were refused, and the lockout that came of it. */
void lk_login_event_refused(const lk_request_t *req, const char *username, const lk_login_check_t *check);
/* The event that is open, or was last, is gone on with under another name; where there is none one is opened. */
void lk_login_event_resume(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client, const lk_login_t *login,
                           lk_event_type_t type);
/* The open event ends because the browser has a session of somebody else. */
void lk_login_event_other_user(const lk_request_t *req, const lk_client_t *client, const lk_login_t *login, const lk_user_t *other);
/* Somebody is in: the event that is open, or LOGIN. */
void lk_login_event_done(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client, const lk_login_t *login,
                         const lk_user_t *user, const lk_session_t *session);

#endif
