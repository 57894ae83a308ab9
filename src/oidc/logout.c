/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "broker/broker.h"
#include "core/json.h"
#include "core/time.h"
#include "crypto/crypto.h"
#include "login/page.h"
#include "oidc/frontchannel.h"
#include "oidc/oidc.h"

/* RP-initiated logout (OpenID Connect RP-Initiated Logout 1.0), and Keycloak's older POST of a refresh token by the client itself.
 */

#define SEAL_LOGOUT "logout-confirm"
#define SEAL_RETURN "logout-return"
#define CONFIRM_SPAN 1800
#define FALLBACK_CLIENT "account" /* Keycloak's owner of a logout that names no client */

typedef struct st_logout_t {
    const lk_realm_t *realm;
    const lk_client_t *client; /* who asks, or NULL */
    lk_verified_t hint;        /* of id_token_hint; hint.sid NULL where there is none */
    const char *redirect_uri;  /* checked, or NULL */
    const char *state;
    json_t *called; /* ids of the clients that the browser tells when the session of `called_sid` has ended, or NULL */
    const char *called_sid;
} logout_t;

static const char *param(const lk_request_t *req, const char *name)
{
    const char *value = lk_request_param(req, name);
    return value != NULL && *value != '\0' ? value : NULL;
}

static lk_status_t error_page(const lk_request_t *req, const lk_realm_t *realm, const char *key, const char *argument,
                              lk_reply_t *reply)
{
    int bad_hint = argument != NULL && strcmp(argument, "id_token_hint") == 0;
    if (bad_hint)
        lk_event_detail(req, "reason", "Invalid IDToken");
    else
        lk_event_detail(req, "redirect_uri", param(req, "post_logout_redirect_uri"));
    lk_event_error(req, bad_hint ? "invalid_token" : strcmp(key, "logoutFailed") == 0 ? "logout_failed" : "invalid_redirect_uri");
    json_t *model = lk_page_model(req, realm, NULL, NULL);
    lk_page_message(model, "error", key, argument);
    lk_page_show(req, realm, 400, "error", model, reply);
    return LK_OK;
}

/* --- reading the request --- */

/* *ret_refusal is the message key of a refusal, with *ret_argument. */
static lk_status_t read_client(const lk_request_t *req, logout_t *logout, const char **ret_refusal, const char **ret_argument,
                               lk_error_t *err)
{
    const char *hint = param(req, "id_token_hint"), *client_id = param(req, "client_id");
    if (hint != NULL && (lk_token_verify(req, logout->realm, hint, 1, &logout->hint, NULL) != LK_OK || logout->hint.typ == NULL ||
                         strcmp(logout->hint.typ, "ID") != 0 || logout->hint.azp == NULL ||
                         (client_id != NULL && strcmp(client_id, logout->hint.azp) != 0))) {
        *ret_refusal = "invalidParameterMessage";
        *ret_argument = "id_token_hint";
        return LK_OK;
    }
    if (client_id == NULL)
        client_id = logout->hint.azp;
    if (client_id == NULL)
        return LK_OK;
    lk_status_t status = lk_realm_client(req->app->realms, logout->realm, client_id, &logout->client, err);
    if (status == LK_OK && logout->client == NULL) {
        *ret_refusal = "invalidParameterMessage";
        *ret_argument = "client_id";
    }
    return status;
}

static void read_redirect(const lk_request_t *req, logout_t *logout, const char **ret_refusal, const char **ret_argument)
{
    const char *uri = param(req, "post_logout_redirect_uri");
    logout->state = param(req, "state");
    if (uri == NULL)
        return;
    if (logout->client == NULL) {
        *ret_refusal = "missingParametersMessage";
        *ret_argument = "id_token_hint";
        return;
    }
    if ((logout->redirect_uri = lk_post_logout_uri_check(req->arena, req, logout->client, uri)) == NULL)
        *ret_refusal = "invalidRedirectUriMessage";
}

/* --- ends --- */

static const char *with_state(lk_arena_t *arena, const char *uri, const char *state)
{
    lk_buffer_t location;
    if (state == NULL)
        return uri;
    lk_buffer_init(&location, arena, 65536);
    lk_buffer_printf(&location, "%s%cstate=", uri, strchr(uri, '?') == NULL ? '?' : '&');
    lk_buffer_form(&location, state);
    return location.base;
}

static lk_status_t finish(const lk_request_t *req, const logout_t *logout, lk_reply_t *reply, lk_error_t *err)
{
    const char *back = logout->redirect_uri != NULL ? with_state(req->arena, logout->redirect_uri, logout->state) : NULL;
    if (logout->called != NULL)
        return lk_frontchannel_show(req,
                                    &(lk_frontchannel_t){.realm = logout->realm,
                                                         .asker = logout->client,
                                                         .clients = logout->called,
                                                         .sid = logout->called_sid,
                                                         .redirect_uri = back},
                                    reply, err);
    if (back != NULL) {
        lk_reply_redirect(reply, 302, back);
        return LK_OK;
    }
    json_t *model = lk_page_model(req, logout->realm, logout->client, NULL);
    lk_page_message(model, "success", "successLogout", NULL);
    lk_page_show(req, logout->realm, 200, "info", model, reply);
    return LK_OK;
}

/* What is left to do after a page of ours, or of an identity provider. */
static const char *seal_rest(const lk_request_t *req, const logout_t *logout, const char *purpose, const char *sid)
{
    const char *client_id = logout->client != NULL ? logout->client->client_id : FALLBACK_CLIENT;
    return lk_seal_json(req->arena, logout->realm->seal_secret, purpose,
                        json_pack("{s:s, s:I, s:s?, s:s?, s:s?, s:O?, s:s?}", "client_id", client_id, "expires",
                                  (json_int_t)(lk_now() + CONFIRM_SPAN), "sid", sid, "redirect_uri", logout->redirect_uri, "state",
                                  logout->state, "called", logout->called, "called_sid", logout->called_sid));
}

/* The rest into *logout; NULL where it is none, or too old. */
static const json_t *open_rest(const lk_request_t *req, logout_t *logout, const char *purpose, const char *sealed)
{
    const json_t *rest = lk_unseal_json(req->arena, logout->realm->seal_secret, purpose, sealed);
    if (rest == NULL || lk_json_int(rest, "expires", 0) < lk_now())
        return NULL;
    logout->redirect_uri = lk_json_str(rest, "redirect_uri", NULL);
    logout->state = lk_json_str(rest, "state", NULL);
    logout->called_sid = lk_json_str(rest, "called_sid", NULL);
    logout->called = logout->called_sid != NULL ? json_object_get(rest, "called") : NULL;
    return rest;
}

/* Ends the session, of the cookie or of the hint, and goes to where the client wants the browser. */
static lk_status_t end_and_finish(const lk_request_t *req, logout_t *logout, const char *sid, int browser_session,
                                  lk_reply_t *reply, lk_error_t *err)
{
    lk_broker_logout_t there = {.upstream = NULL};
    lk_status_t status = sid == NULL ? LK_OK : lk_broker_logout_prepare(req, logout->realm, sid, &there, err);
    if (status == LK_OK && sid != NULL && browser_session)
        status = lk_frontchannel_clients(req, logout->realm, sid, &logout->called, err);
    if (status == LK_OK && sid != NULL)
        status = lk_session_end(req, logout->realm, sid, 0, err);
    if (status != LK_OK)
        return status;
    logout->called_sid = logout->called != NULL ? sid : NULL;
    lk_event_session(req, sid);
    lk_event_client(req, logout->client != NULL ? logout->client->client_id : NULL);
    lk_event_detail(req, "redirect_uri", logout->redirect_uri);
    if (sid != NULL)
        lk_event_success(req);
    const char *url = lk_broker_logout_url(req, logout->realm, &there, seal_rest(req, logout, SEAL_RETURN, NULL));
    if (url != NULL) {
        lk_reply_redirect(reply, 302, url);
        return LK_OK;
    }
    if (browser_session)
        lk_login_clear_cookies(req, logout->realm, reply);
    return finish(req, logout, reply, err);
}

/* "Do you want to log out?": the answer comes back with what was asked, sealed. */
static lk_status_t ask(const lk_request_t *req, const logout_t *logout, const char *sid, lk_reply_t *reply)
{
    const char *client_id = logout->client != NULL ? logout->client->client_id : FALLBACK_CLIENT,
               *tab = lk_random_token(req->arena, 8);
    lk_buffer_t action;
    lk_buffer_init(&action, req->arena, 8192);
    lk_buffer_printf(&action, "%s/realms/", req->base_path);
    lk_buffer_percent(&action, logout->realm->name);
    lk_buffer_puts(&action, "/protocol/openid-connect/logout/logout-confirm?client_id=");
    lk_buffer_form(&action, client_id);
    lk_buffer_printf(&action, "&tab_id=%s", tab);
    json_t *model = lk_page_model(req, logout->realm, logout->client, NULL);
    json_object_set_new(model, "logoutConfirm",
                        json_pack("{s:s, s:s}", "action", action.base, "code", seal_rest(req, logout, SEAL_LOGOUT, sid)));
    lk_login_set_logout_cookie(req, logout->realm, tab, reply);
    lk_page_show(req, logout->realm, 200, "logout-confirm", model, reply);
    return LK_OK;
}

/* --- GET and POST by a browser --- */

static lk_status_t browser_logout(const lk_request_t *req, logout_t *logout, lk_reply_t *reply, lk_error_t *err)
{
    const char *refusal = NULL, *argument = NULL;
    const lk_session_t *session;
    const lk_user_t *user;
    lk_status_t status = read_client(req, logout, &refusal, &argument, err);
    if (status == LK_OK && refusal == NULL)
        read_redirect(req, logout, &refusal, &argument);
    if (status == LK_OK && refusal == NULL)
        status = lk_login_cookie_session(req, logout->realm, &session, &user, err);
    if (status != LK_OK)
        return status;
    if (refusal != NULL && logout->client != NULL)
        lk_event_client(req, logout->client->client_id);
    if (refusal != NULL)
        return error_page(req, logout->realm, refusal, argument, reply);
    if (logout->hint.sid != NULL) {
        int browser_session = session != NULL && strcmp(session->id, logout->hint.sid) == 0;
        if (browser_session)
            lk_login_set_logout_cookie(req, logout->realm, lk_random_token(req->arena, 8), reply);
        return end_and_finish(req, logout, logout->hint.sid, browser_session, reply, err);
    }
    if (session == NULL && logout->redirect_uri != NULL)
        return finish(req, logout, reply, err);
    return ask(req, logout, session != NULL ? session->id : NULL, reply);
}

/* --- POST by a client with its refresh token --- */

static lk_status_t client_logout(const lk_request_t *req, const logout_t *logout, const char *refresh_token, lk_reply_t *reply,
                                 lk_error_t *err)
{
    const lk_client_t *client;
    lk_verified_t token;
    lk_status_t status = lk_client_authenticate_page(req, logout->realm, reply, &client, err);
    if (status != LK_OK)
        return status;
    lk_error_t why = {.detail = "not a refresh token"};
    if (lk_token_verify(req, logout->realm, refresh_token, 1, &token, &why) != LK_OK || token.typ == NULL || token.sid == NULL ||
        (strcmp(token.typ, "Refresh") != 0 && strcmp(token.typ, "Offline") != 0)) {
        lk_fail(err, LK_INVALID, "invalid_grant", "Invalid refresh token");
        return lk_error_detail(err, "%s", why.detail);
    }
    if (token.azp == NULL || strcmp(token.azp, client->client_id) != 0)
        return lk_fail(err, LK_INVALID, "invalid_grant", "Invalid refresh token. Token client and authorized client don't match");
    if ((status = lk_session_end(req, logout->realm, token.sid, strcmp(token.typ, "Offline") == 0, err)) != LK_OK)
        return status;
    lk_event_session(req, token.sid);
    if (lk_event_knows_user(req)) /* whose session it was: of none that is gone already */
        lk_event_success(req);
    reply->status = 204;
    return LK_OK;
}

lk_status_t lk_logout_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    logout_t logout = {.client = NULL};
    lk_status_t status = lk_request_realm(req, &logout.realm, err);
    if (status != LK_OK)
        return status;
    lk_event_begin(req, logout.realm, LK_EVENT_LOGOUT);
    const char *refresh_token = lk_pairs_get(&req->form, "refresh_token");
    if (strcmp(req->method, "POST") == 0 && refresh_token != NULL)
        status = client_logout(req, &logout, refresh_token, reply, err);
    else
        status = browser_logout(req, &logout, reply, err);
    if (status == LK_OK)
        lk_reply_set_header(reply, "cache-control", "no-cache");
    return status;
}

lk_status_t lk_logout_confirm_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    logout_t logout = {.client = NULL};
    const lk_session_t *session;
    const lk_user_t *user;
    lk_status_t status = lk_request_realm(req, &logout.realm, err);
    if (status == LK_OK)
        status = lk_login_cookie_session(req, logout.realm, &session, &user, err);
    if (status != LK_OK)
        return status;
    lk_event_begin(req, logout.realm, LK_EVENT_LOGOUT);
    const json_t *asked = open_rest(req, &logout, SEAL_LOGOUT, lk_pairs_get(&req->form, "session_code"));
    if (asked == NULL)
        return error_page(req, logout.realm, "logoutFailed", NULL, reply);
    const char *sid = lk_json_str(asked, "sid", NULL);
    if (session != NULL && sid != NULL &&
        strcmp(session->id, sid) != 0) /* the form of another session: a forgery, or long forgotten */
        return error_page(req, logout.realm, "logoutFailed", NULL, reply);
    if ((status = lk_realm_client(req->app->realms, logout.realm, lk_json_str(asked, "client_id", ""), &logout.client, err)) !=
        LK_OK)
        return status;
    status = end_and_finish(req, &logout, session != NULL ? session->id : NULL, session != NULL, reply, err);
    if (status == LK_OK)
        lk_reply_set_header(reply, "cache-control", "no-cache");
    return status;
}

lk_status_t lk_logout_response_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    logout_t logout = {.client = NULL};
    const lk_session_t *session;
    const lk_user_t *user;
    lk_status_t status = lk_request_realm(req, &logout.realm, err);
    if (status != LK_OK)
        return status;
    const json_t *rest = open_rest(req, &logout, SEAL_RETURN, lk_pairs_get(&req->query, "state"));
    if (rest == NULL)
        return error_page(req, logout.realm, "logoutFailed", NULL, reply);
    status = lk_realm_client(req->app->realms, logout.realm, lk_json_str(rest, "client_id", ""), &logout.client, err);
    if (status == LK_OK)
        status = lk_login_cookie_session(req, logout.realm, &session, &user, err);
    if (status != LK_OK)
        return status;
    if (session == NULL && lk_request_cookie(req, "KEYCLOAK_IDENTITY") != NULL) /* not one that has begun since */
        lk_login_clear_cookies(req, logout.realm, reply);
    return finish(req, &logout, reply, err);
}
