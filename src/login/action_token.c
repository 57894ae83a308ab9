/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/encode.h"
#include "core/json.h"
#include "core/time.h"
#include "login/events.h"
#include "login/finish.h"
#include "login/invitation.h"
#include "login/links.h"
#include "login/link_pages.h"
#include "login/page.h"
#include "oidc/oidc.h"
#include "model/event.h"
#include "model/profile.h"
#include "model/session.h"
#include "model/user_write.h"

/* Opening a link out of a mail. */

#define ACCOUNT_CLIENT "account"

typedef struct st_opened_t {
    const lk_request_t *req;
    const lk_realm_t *realm;
    const lk_client_t *client;
    const lk_user_t *user;
    lk_link_t link;
    lk_login_t *login; /* that goes on; NULL where this is another browser than the one that began it */
    lk_reply_t *reply;
} opened_t;

static lk_status_t refuse(opened_t *opened, const char *key, const char *event_error)
{
    lk_event_error(opened->req, event_error);
    lk_login_clear_restart_cookie(opened->req, opened->realm, opened->reply);
    lk_login_error_page(opened->req, opened->realm, NULL, 400, key, opened->reply);
    lk_page_headers(opened->realm, LK_PAGE_NO_STORE, opened->reply);
    return LK_OK;
}

/* A login that does what the link is for, and ends with a page. */
static lk_login_t *begin(opened_t *opened)
{
    const lk_request_t *req = opened->req;
    const char *base = opened->client->base_url != NULL ? opened->client->base_url : "";
    int new_root;
    lk_auth_request_t auth = {.client_id = opened->client->client_id,
                              .redirect_uri = opened->link.redirect_uri != NULL ? opened->link.redirect_uri
                                              : strstr(base, "://") != NULL     ? base
                                                                            : lk_printf(req->arena, "%s%s", req->base_url, base),
                              .redirect_uri_was_given = opened->link.redirect_uri != NULL,
                              .response_type = "code",
                              .scope = "openid",
                              .max_age = LK_MAX_AGE_ABSENT};
    lk_login_t *login = lk_login_new(req, opened->realm, opened->client, &auth, &new_root);
    login->by_link = login->consented = 1;
    lk_login_set_root_cookies(req, opened->realm, login, opened->reply);
    return login;
}

static json_t *actions_of(lk_arena_t *arena, const char *words)
{
    json_t *actions = lk_json_own(arena, json_array());
    for (size_t len = 0; lk_word_next(&words, &len);)
        json_array_append_new(actions, json_stringn(words, len));
    return actions;
}

/* The login is the user's now. It ends by redeeming the link. */
static void take_over(opened_t *opened, const char *actions)
{
    opened->login->user_id = opened->user->id;
    opened->login->auth_time = lk_now();
    opened->login->by_cookie = 0;
    opened->login->link_id = opened->link.id;
    opened->login->link_expires = opened->link.expires;
    opened->login->setup = actions_of(opened->req->arena, actions);
}

static lk_status_t ask_first(opened_t *opened)
{
    lk_login_t *login = begin(opened);
    opened->link.login = lk_json_own(opened->req->arena, lk_login_pack(login));
    lk_link_show_question(opened->req, opened->realm, opened->client, &opened->link, opened->reply);
    lk_event_drop(opened->req);
    return LK_OK;
}

static lk_status_t mark_verified(opened_t *opened, lk_error_t *err)
{
    lk_rows_t rows;
    const lk_request_t *req = opened->req;
    lk_status_t status = lk_query(req->app->sql, req->arena, LK_Q_USER_EMAIL_VERIFIED, &rows, err, opened->realm->id,
                                  opened->user->id, opened->link.email);
    if (status == LK_OK)
        status = lk_user_by_id(req->app->sql, req->arena, opened->realm, opened->user->id, &opened->user, err);
    return status == LK_OK && opened->user == NULL ? lk_fail(err, LK_NOT_FOUND, NULL, "The user has been removed meanwhile")
                                                   : status;
}

static lk_status_t go_on(opened_t *opened, lk_error_t *err)
{
    lk_event_success(opened->req);
    return lk_login_continue(opened->req, opened->realm, opened->client, opened->login, opened->user, opened->reply, err);
}

/* In a browser with a session of somebody else nothing comes of it, and the link stays good. */
static lk_status_t refuse_beside(opened_t *opened, const lk_user_t *other)
{
    const lk_request_t *req = opened->req;
    lk_login_event_begin(req, opened->realm, opened->client, opened->login, LK_EVENT_RESET_PASSWORD);
    lk_event_user(req, opened->user->id);
    lk_event_detail(req, "username", opened->user->username);
    lk_login_refuse_other_user(req, opened->realm, opened->client, opened->login, other, opened->reply);
    return LK_OK;
}

/* The flow goes on behind its mail: whoever has the link is who it says. */
static lk_status_t open_reset_password(opened_t *opened, lk_error_t *err)
{
    const lk_user_t *other;
    if (opened->login == NULL)
        opened->login = begin(opened);
    lk_login_t *login = opened->login;
    lk_status_t status = lk_login_join_session(opened->req, opened->realm, login, opened->user->id, &other, err);
    if (status != LK_OK || other != NULL)
        return status != LK_OK ? status : refuse_beside(opened, other);
    login->is_reset = 1;
    login->link_user = login->expected_user = opened->user->id;
    login->link_alias = login->user_id = NULL;
    login->link_id = opened->link.id;
    login->link_expires = opened->link.expires;
    lk_event_success(opened->req);
    return lk_login_walk(opened->req, opened->realm, opened->client, login, LK_LOGIN_RESUMED, opened->reply, err);
}

static lk_status_t open_verify_email(opened_t *opened, lk_error_t *err)
{
    lk_event_type(opened->req, LK_EVENT_VERIFY_EMAIL);
    lk_event_detail(opened->req, "email", opened->link.email);
    if (opened->login == NULL)
        return ask_first(opened);
    lk_status_t status = mark_verified(opened, err);
    if (status != LK_OK)
        return status;
    take_over(opened, NULL);
    lk_event_success(opened->req);
    if (!opened->login->by_link || !opened->link.is_of_login)
        return lk_login_go_to_step(opened->req, opened->realm, opened->login, NULL, opened->reply);
    int first;
    if ((status = lk_link_redeem(opened->req->app->sql, opened->req, opened->realm, opened->login, &first, err)) == LK_OK)
        lk_link_show_verified(opened->req, opened->realm, opened->client, opened->reply);
    return status;
}

static lk_status_t open_execute_actions(opened_t *opened, lk_error_t *err)
{
    if (opened->login == NULL)
        return ask_first(opened);
    lk_status_t status = mark_verified(opened, err);
    take_over(opened, opened->link.actions);
    return status == LK_OK ? go_on(opened, err) : status;
}

/* Brokering's own login goes on, and knows now whose account it is. */
static lk_status_t open_identity_provider(opened_t *opened, lk_error_t *err)
{
    if (opened->login == NULL || opened->login->by_link)
        return refuse(opened, "expiredActionTokenNoSessionMessage", "expired_code");
    lk_status_t status = mark_verified(opened, err);
    if (status != LK_OK)
        return status;
    opened->login->link_alias = opened->link.alias;
    opened->login->link_user = opened->user->id;
    opened->login->link_id = opened->link.id;
    opened->login->link_expires = opened->link.expires;
    lk_login_set_restart_cookie(opened->req, opened->realm, opened->login, opened->reply);
    lk_reply_redirect(opened->reply, 302,
                      lk_login_action_url(opened->req, opened->realm, opened->login, "first-broker-login", NULL));
    lk_page_headers(opened->realm, LK_PAGE_NO_STORE, opened->reply);
    lk_event_success(opened->req);
    return LK_OK;
}

/* Somebody who has an account becomes a member, once they have said so. */
static lk_status_t open_join(opened_t *opened, lk_error_t *err)
{
    const lk_request_t *req = opened->req;
    const lk_invitation_t *invitation;
    lk_sql_t *tx = NULL;
    lk_status_t status = lk_invitation_check(req, opened->realm, opened->client, opened->link.id, &invitation, opened->reply, err);
    int belongs = invitation != NULL && lk_user_is_member(opened->user, "id", invitation->organization_id);
    if (belongs)
        lk_link_show_over(req, opened->realm, opened->client, "expiredActionMessage", opened->reply);
    if (status == LK_OK && (invitation == NULL || belongs))
        lk_event_error(req, "expired_code");
    if (status != LK_OK || invitation == NULL || belongs)
        return status;
    if (opened->login == NULL)
        return ask_first(opened);
    status = lk_tx_begin(req->app->store, LK_READ_COMMITTED, &tx, err);
    if (status == LK_OK)
        status = lk_invitation_accept(tx, req->arena, opened->realm, invitation, opened->user->id, 0, err);
    if (status == LK_OK)
        status = lk_tx_commit(&tx, err);
    lk_tx_rollback(&tx);
    if (status != LK_OK)
        return status;
    lk_event_success(req);
    lk_reply_redirect(opened->reply, 302, lk_invitation_destination(req, opened->realm, opened->client, invitation));
    return LK_OK;
}

static lk_status_t store_new_email(opened_t *opened, json_t *values, lk_error_t *err)
{
    const lk_request_t *req = opened->req;
    lk_rows_t rows;
    int first;
    json_object_del(values, LK_EMAIL_PENDING);
    lk_status_t status = lk_user_store_values(req->app->sql, req->arena, opened->realm, opened->user->id, values, err);
    if (status == LK_OK)
        status = lk_query(req->app->sql, req->arena, LK_Q_USER_EMAIL_UPDATED, &rows, err, opened->realm->id, opened->user->id,
                          opened->link.new_email);
    if (status == LK_OK)
        status = lk_use_once(req->app->sql, req->arena, opened->realm, LK_USED_LINK, opened->link.id, opened->link.expires, NULL,
                             &first, NULL, err);
    return status == LK_OK && opened->link.ends_sessions ? lk_user_logout(req, opened->realm, opened->user->id, err) : status;
}

/* Whoever opens it, in whichever browser: the letter has reached the new address. */
static lk_status_t open_update_email(opened_t *opened, lk_error_t *err)
{
    const lk_request_t *req = opened->req;
    json_t *values = lk_profile_values(req->arena, opened->user);
    unsigned taken;
    lk_event_type(req, LK_EVENT_UPDATE_EMAIL);
    lk_event_detail(req, "previous_email", opened->link.email);
    lk_event_detail(req, "updated_email", opened->link.new_email);
    json_object_set_new(values, "email", json_pack("[s]", opened->link.new_email));
    if (opened->realm->registration_email_as_username)
        json_object_set(values, "username", json_object_get(values, "email"));
    lk_status_t status = lk_user_taken(req->app->sql, req->arena, opened->realm, values, opened->user->id, &taken, err);
    if (status == LK_OK && taken != 0)
        return refuse(opened, "emailExistsMessage", "email_in_use");
    if (status == LK_OK)
        status = store_new_email(opened, values, err);
    if (status != LK_OK)
        return status;
    lk_event_success(req);
    json_t *model = lk_page_model(req, opened->realm, opened->client, NULL);
    lk_page_message(model, "success", "emailUpdated", opened->link.new_email);
    lk_link_show_info(req, opened->realm, model, "emailUpdatedTitle", NULL, opened->reply);
    return LK_OK;
}

static lk_status_t (*const types[LK_NUM_LINKS])(opened_t *opened, lk_error_t *err) = {
    [LK_LINK_RESET_PASSWORD] = open_reset_password,       [LK_LINK_VERIFY_EMAIL] = open_verify_email,
    [LK_LINK_EXECUTE_ACTIONS] = open_execute_actions,     [LK_LINK_UPDATE_EMAIL] = open_update_email,
    [LK_LINK_IDENTITY_PROVIDER] = open_identity_provider, [LK_LINK_JOIN] = open_join,
};

/* --- checks --- */

static lk_status_t load(opened_t *opened, int *ret_used, lk_error_t *err)
{
    const lk_request_t *req = opened->req;
    const char *client_id = opened->link.client_id != NULL ? opened->link.client_id : ACCOUNT_CLIENT;
    lk_status_t status = lk_user_by_id(req->app->sql, req->arena, opened->realm, opened->link.user_id, &opened->user, err);
    if (status == LK_OK)
        status = lk_realm_client(req->app->realms, opened->realm, client_id, &opened->client, err);
    if (status == LK_OK)
        status = lk_is_used(req->app->sql, req->arena, opened->realm, LK_USED_LINK, opened->link.id, ret_used, NULL, err);
    if (status == LK_OK && opened->link.login != NULL) {
        lk_login_t *login = lk_login_unpack(req->arena, opened->link.login);
        if (login != NULL && lk_login_is_of_browser(req, opened->realm, login))
            opened->login = login;
    }
    return status;
}

static int is_of_address(const opened_t *opened)
{
    const char *own = opened->user->email != NULL ? opened->user->email : "";
    return strcmp(own, opened->link.email) == 0;
}

/* Why the link does nothing any more: the message, or NULL. */
static const char *objection(const opened_t *opened, int used, const char **ret_error)
{
    const lk_user_t *user = opened->user;
    *ret_error = user == NULL ? "user_not_found" : "invalid_code";
    if (user == NULL)
        return "invalidUserMessage";
    if (!user->enabled)
        return (*ret_error = "user_disabled"), "accountDisabledMessage";
    if (!is_of_address(opened))
        return opened->link.type == LK_LINK_UPDATE_EMAIL ? "staleEmailVerificationLink" : "invalidCodeMessage";
    if (opened->client == NULL || !opened->client->enabled)
        return (*ret_error = "client_not_found"), "clientNotFoundMessage";
    if (opened->link.expires <= lk_now())
        return (*ret_error = "expired_code"), "expiredActionTokenNoSessionMessage";
    return used ? (*ret_error = "expired_code"), "expiredActionMessage" : NULL;
}

static int is_verified_already(const opened_t *opened)
{
    return opened->link.type == LK_LINK_VERIFY_EMAIL && opened->user != NULL && opened->user->enabled &&
           opened->user->email_verified && is_of_address(opened) && opened->client != NULL;
}

lk_status_t lk_login_action_token_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    opened_t opened = {.req = req, .reply = reply};
    const char *key = lk_pairs_get(&req->query, "key"), *error;
    int used = 0;
    lk_status_t status = lk_request_realm(req, &opened.realm, err);
    if (status != LK_OK)
        return status;
    lk_event_begin(req, opened.realm, LK_EVENT_EXECUTE_ACTION_TOKEN);
    if (!opened.realm->enabled)
        return refuse(&opened, "realmNotEnabledMessage", "realm_disabled");
    if (key == NULL || !lk_link_open(req, opened.realm, key, &opened.link) || opened.link.user_id == NULL)
        return refuse(&opened, "invalidCodeMessage", "invalid_code");
    if ((status = load(&opened, &used, err)) != LK_OK)
        return status;
    lk_event_client(req, opened.client != NULL ? opened.client->client_id : NULL);
    lk_event_user(req, opened.link.user_id);
    if (is_verified_already(&opened) && (used || opened.login == NULL)) {
        lk_link_show_verified(req, opened.realm, opened.client, reply);
        lk_event_drop(req);
        return LK_OK;
    }
    const char *message = objection(&opened, used, &error);
    return message != NULL ? refuse(&opened, message, error) : types[opened.link.type](&opened, err);
}
