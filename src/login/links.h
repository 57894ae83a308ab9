/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_LOGIN_LINKS_H
#define LK_LOGIN_LINKS_H

#include "login/state.h"
#include "model/letter.h"
#include "model/organization.h"

/* The links in mails (Keycloak's action tokens): sealed, good for a time, and redeemed once when what they are for is done. A link
 * that a login has sent goes on with that login in the browser where it began; elsewhere it does what it is for, and ends with a
 * page. */

#define LK_INVITED_CLIENT "account" /* the client that invited people sign in to */
#define LK_USED_LINK "action"       /* kind of their ids among used values */

typedef enum en_lk_link_type_t {
    LK_LINK_RESET_PASSWORD,
    LK_LINK_VERIFY_EMAIL,
    LK_LINK_EXECUTE_ACTIONS,
    LK_LINK_UPDATE_EMAIL,      /* makes new_email the user's */
    LK_LINK_IDENTITY_PROVIDER, /* confirms that a provider's account is the user's */
    LK_LINK_JOIN,              /* an invitation to an organization, for a user; its id is the invitation's */
    LK_LINK_REGISTER,          /* the same for somebody who is none yet: there is no user_id */
    LK_NUM_LINKS
} lk_link_type_t;

typedef struct st_lk_link_t {
    lk_link_type_t type;
    const char *id;              /* made where it is NULL, when the address is */
    const char *user_id, *email; /* email: the user's own, "" where there is none */
    const char *new_email;       /* that shall be theirs, and where the letter goes; or NULL */
    int ends_sessions;           /* of the user, when it is */
    const char *client_id;       /* NULL: the account client */
    const char *redirect_uri;    /* where the last page leads, or NULL */
    const char *actions;         /* required actions, separated by blanks; or NULL */
    const char *alias;           /* of the identity provider, or NULL */
    const char *organization;    /* its name, or NULL */
    int64_t expires;             /* seconds */
    json_t *login;               /* that sent it (lk_login_pack), or NULL */
    int is_of_login;             /* it was sent by a login, whichever goes on now */
} lk_link_t;

/* How long a link of that type is good: the realm's attribute for it, or actionTokenGeneratedByUserLifespan. Seconds. */
int64_t lk_link_lifespan(const lk_realm_t *realm, lk_link_type_t type);
/* The letter with the link, for a user who has an address; `wait`: until the mail server has it, else by the mail lane. */
lk_status_t lk_link_send(const lk_request_t *req, const lk_realm_t *realm, const lk_user_t *user, lk_link_t *link, int wait,
                         lk_error_t *err);
/* "Link your account with <provider>": what brokering sends to prove that the account is the user's. When the link is opened in the
 * login's own browser, the login goes on with link_alias set to the provider and link_user to the user. */
lk_status_t lk_link_send_identity_provider(const lk_request_t *req, const lk_realm_t *realm, const lk_user_t *user,
                                           const lk_login_t *login, const char *alias, const char *display_name, lk_error_t *err);
/* The letter with an invitation to an organization; user NULL: for somebody new. Waits until the mail server has it. */
lk_status_t lk_link_send_invitation(const lk_request_t *req, const lk_realm_t *realm, const lk_user_t *user,
                                    const lk_invitation_t *invitation, lk_error_t *err);

/* Whether a login was begun by a link that is used up now; marks it. */
lk_status_t lk_link_redeem(lk_sql_t *sql, const lk_request_t *req, const lk_realm_t *realm, const lk_login_t *login, int *ret_first,
                           lk_error_t *err);
/* The page at the end of what a link was for. */
void lk_link_show_end(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client, const lk_login_t *login,
                      lk_reply_t *reply);

#endif
